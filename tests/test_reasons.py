"""Reasons: true of the data they speak of, led by the gap, and silent about fewer than five people."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from planted_worlds import ANALYST, CONFIG, DATA, DATA_NEXT, LAW, LAW_NEXT, LAWYER, Fitted, with_course
from tiny_company import company, day

from recommender.arrays import DAY
from recommender.company import Dataset, Dated
from recommender.engine import Answer, Recommendation, Recommender
from recommender.evidence import Evidence
from recommender.query import Claims, Query, query_of
from recommender.question import LONGEST_HISTORY
from recommender.reasons import FEWEST_PEOPLE, MOST_REASONS, Reason, recommended
from recommender.scorers.role import Role
from training.fit import fit

ABOUT_PEOPLE = {"taken_together", "follows", "on_the_way", "moved_to_role", "rising", "popular_now"}
CODES = ABOUT_PEOPLE | {"closes_gap", "similar", "fits_role", "suits_profile", "opened_by"}


def speaking(fitted: Fitted, *, silent: tuple[str, ...] = ()) -> Fitted:
    """Return the model with every scorer but the silent ones in favour of every course, so that all give reasons."""
    blend = fitted.model.blend
    spoken = np.array([owner not in silent for owner in blend.transform.owners])
    weights = np.tile(spoken.astype(np.float64), (len(blend.weights), 1))
    loud = replace(blend, weights=weights, centre=np.full_like(blend.centre, -100))
    return replace(fitted, model=replace(fitted.model, blend=loud))


def reasons_of(answer: Answer, course: int) -> dict[str, Reason]:
    found = [one for one in answer.recommendations if one.course_idx == course]
    return {reason.code: reason for one in found for reason in one.reasons}


def everything(fitted: Fitted) -> list[tuple[Query, Recommendation]]:
    queries = [query_of(fitted.data, i, as_of=fitted.as_of) for i in range(0, len(fitted.data.people), 10)]
    return [(query, one) for query in queries for one in fitted.recommender.recommend(query, k=15).recommendations]


def follow(n_people: int) -> Fitted:
    """So many people took course 0 and then 1 in the last days; others took 2 and 3 long ago, none of them both."""
    rows = [(e, c, 290 + c) for e in range(n_people) for c in range(2)]
    rows += [(n_people + i, 2 + i % 2, 10 * i) for i in range(24)]
    data = company(rows, n_courses=5, role_idx=[0] * n_people + [1] * 24, n_roles=2)
    return Fitted(data, fit(data, CONFIG, as_of=day(300)).model)


@pytest.mark.parametrize("n_people", [FEWEST_PEOPLE - 1, FEWEST_PEOPLE])
def test_four_people_are_nobody_and_five_are_a_reason(n_people: int) -> None:
    fitted = speaking(follow(n_people), silent=("hybrid", "content"))
    answer = fitted.recommender.recommend(fitted.ask(0, role=0), k=4)
    said = reasons_of(answer, 1)
    assert ABOUT_PEOPLE & set(said) == (
        set() if n_people < 5 else {"follows", "taken_together", "on_the_way", "rising"}
    )
    if n_people == FEWEST_PEOPLE:
        assert {reason.numbers["people"] for code, reason in said.items() if code in ABOUT_PEOPLE} == {5}
        assert said["follows"].numbers["course_id"] == "c000"


@pytest.mark.parametrize("n_before", [0, FEWEST_PEOPLE - 1, FEWEST_PEOPLE])
def test_a_rise_from_fewer_than_five_people_does_not_say_how_few(n_before: int) -> None:
    rows = [(e, 0, 280.0) for e in range(9)] + [(20 + e, 0, 250.0) for e in range(n_before)]
    rows += [(40 + e, 1 + e % 4, 10.0 * e) for e in range(24)]
    data = company(rows, n_courses=5)
    fitted = speaking(Fitted(data, fit(data, CONFIG, as_of=day(300)).model), silent=("hybrid", "content"))
    said = reasons_of(fitted.recommender.recommend(fitted.ask(), k=5), 0)["rising"]
    if n_before < FEWEST_PEOPLE:
        assert said.numbers == {"people": 9}
        assert said.text == "Rising: 9 completions in 30 days, more than before."
    else:
        assert said.numbers == {"people": 9, "before": 5}
        assert said.text == "Rising: 9 completions in 30 days, 5 in the 30 days before."


def test_reasons_are_few_known_and_about_enough_people(company_model: Fitted) -> None:
    seen = set()
    for _, one in [*everything(company_model), *everything(speaking(company_model, silent=("hybrid", "content")))]:
        codes = [reason.code for reason in one.reasons]
        assert len(codes) <= MOST_REASONS
        seen |= set(codes)
        for reason in one.reasons:
            assert reason.text.endswith(".")
            if reason.code in ABOUT_PEOPLE:
                assert reason.numbers["people"] >= FEWEST_PEOPLE
                assert str(reason.numbers["people"]) in reason.text
    assert seen <= CODES
    assert {"closes_gap", "on_the_way"} <= seen


def chosen(data: Dataset) -> dict[int, dict[int, int]]:
    """When each employee first completed each course by choice, by employee and course."""
    rows = data.completions
    found: dict[int, dict[int, int]] = {}
    for i in np.flatnonzero(rows.targets).tolist():
        found.setdefault(int(rows.employee_idx[i]), {})[int(rows.course_idx[i])] = int(rows.at[i])
    return found


def first_times(data: Dataset) -> dict[int, dict[int, int]]:
    """When each employee first completed each course, assigned ones too."""
    rows = data.completions
    found: dict[int, dict[int, int]] = {}
    for i in np.flatnonzero(rows.first).tolist():
        found.setdefault(int(rows.employee_idx[i]), {})[int(rows.course_idx[i])] = int(rows.at[i])
    return found


def latest_before(done: dict[int, int], moment: int) -> list[int]:
    """The courses first completed before a moment, the latest that count; of equal times the lowest positions."""
    before = sorted((-at, course) for course, at in done.items() if at < moment)
    return [course for _, course in before[:LONGEST_HISTORY]]


def test_what_is_said_of_people_is_what_they_did(company_model: Fitted) -> None:
    data, catalog, checked = company_model.data, company_model.model.catalog, set()
    by_choice, ever = chosen(data), first_times(data)
    for query, one in everything(speaking(company_model, silent=("content",))):
        for reason in one.reasons:
            other = catalog.ids.find(str(reason.numbers.get("course_id", "")))
            people = reason.numbers.get("people")
            if reason.code == "taken_together":
                assert people == sum(other in done and one.course_idx in done for done in by_choice.values())
            elif reason.code == "follows":
                assert people == sum(
                    other in latest_before(ever[employee], done.get(one.course_idx, 0))
                    for employee, done in by_choice.items()
                )
            elif reason.code in {"rising", "popular_now"}:
                begins = company_model.as_of - 30 * DAY
                assert people == sum(done.get(one.course_idx, 0) >= begins for done in by_choice.values())
            if "course_id" in reason.numbers:
                assert other in query.history
            checked.add(reason.code)
    assert {"taken_together", "follows", "rising", "popular_now"} <= checked


def test_parts_that_speak_against_a_course_give_no_reason(company_model: Fitted) -> None:
    part_of = {"follows": "sequence", "taken_together": "item_item", "on_the_way": "role", "rising": "trend"}
    part_of |= {"popular_now": "trend", "similar": "content", "fits_role": "content", "suits_profile": "hybrid"}
    part_of |= {"moved_to_role": "role"}
    for _, one in everything(company_model):
        codes = [reason.code for reason in one.reasons]
        assert "opened_by" not in codes[:-1], "what a claim opens is said last"
        parts = [one.parts[part_of[code]] for code in codes if code in part_of]
        assert all(part > 0 for part in parts)
        assert parts == sorted(parts, reverse=True), "the largest part speaks first"


def test_what_closes_the_gap_leads(academy_model: Fitted) -> None:
    answer = academy_model.recommender.recommend(academy_model.ask(role=ANALYST, target=LAWYER), k=12)
    (first, *rest) = next(one.reasons for one in answer.recommendations if one.course_idx == LAW)
    assert first.code == "closes_gap"
    assert first.text == "Takes Contracts from level 0 to 2; Lawyer needs 5."
    lift = {"skill_id": "contracts", "name": "Contracts", "from": 0, "to": 2, "needed": 5}
    assert first.numbers == lift | {"role_id": academy_model.model.roles.ids[LAWYER]}
    assert "closes_gap" not in {reason.code for reason in rest}
    beginner = academy_model.recommender.recommend(academy_model.ask(target=LAWYER), k=12)
    assert "closes_gap" in reasons_of(beginner, LAW)
    assert "closes_gap" not in reasons_of(beginner, DATA), "statistics are not what a lawyer needs"
    assert not next(one.lifts for one in beginner.recommendations if one.course_idx == DATA)


def test_a_course_that_follows_says_what_it_follows(academy_model: Fitted) -> None:
    fitted = speaking(academy_model)
    said = reasons_of(fitted.recommender.recommend(fitted.ask(LAW, DATA), k=12), DATA_NEXT)
    assert said["follows"].numbers["course_id"] == fitted.model.catalog.ids[DATA]
    assert said["follows"].text == (
        f"Follows “Data course 0”, which you completed; {said['follows'].numbers['people']} people went on to this one."
    )


def test_nobody_is_told_that_a_course_suits_them(academy_model: Fitted) -> None:
    fitted = speaking(academy_model)
    answer = fitted.recommender.recommend(fitted.ask(), k=12)
    assert not any(reason.code == "suits_profile" for one in answer.recommendations for reason in one.reasons)
    known = fitted.recommender.recommend(replace(fitted.ask(DATA), role_idx=ANALYST), k=12)
    found = [reason for one in known.recommendations for reason in one.reasons if reason.code == "suits_profile"]
    assert {reason.text for reason in found} == {"Suits what you completed, your role taken together."}
    assert all(reason.numbers == {"basis": ["history", "role"]} for reason in found)


def test_the_latest_courses_speak_whatever_the_order_they_are_given_in(academy_model: Fitted) -> None:
    fitted = speaking(academy_model)
    query = fitted.ask(*range(2, 12), 0, 1)
    for n in range(2, 12):
        some = replace(query, history=query.history[-n:], history_at=query.history_at[-n:])
        backwards = replace(some, history=some.history[::-1].copy(), history_at=some.history_at[::-1].copy())
        one, two = (fitted.recommender.recommend(which, k=12) for which in (some, backwards))
        assert [said.reasons for said in one.recommendations] == [said.reasons for said in two.recommendations]


def test_a_course_with_much_to_be_said_for_it_says_the_most(academy_model: Fitted) -> None:
    fitted = speaking(academy_model)
    answer = fitted.recommender.recommend(fitted.ask(LAW, target=LAWYER, department="L"), k=12)
    codes = list(reasons_of(answer, LAW_NEXT))
    assert len(codes) == MOST_REASONS
    assert codes[0] == "closes_gap"


def test_what_is_said_of_a_course_is_its_column_and_its_parts_speak_the_largest_first(academy_model: Fitted) -> None:
    fitted = academy_model
    query = fitted.ask(LAW, DATA, role=ANALYST)
    levels, need = fitted.recommender.levels(query), fitted.recommender.need(query)
    courses, names = np.array([DATA_NEXT, LAW_NEXT], dtype=np.int32), ("hybrid", "goal", "sequence", "role", "content")
    # Of the second: one part above the others, two equal ones, which speak in the order of the rules, one of 0, one below.
    parts = np.array([[0.0, 0.5], [0.0, 9.0], [0.0, 0.5], [0.0, 0.0], [0.0, -1.0]])
    gain = np.array([0.25, 0.75], dtype=np.float32)
    evidence = Evidence(fitted.model, query, levels, need, courses)
    columns = (courses, parts.sum(axis=0), gain, parts, names)
    first, second = recommended(Recommendation, evidence, *columns, [1, 0], 3)
    assert (first[:5], second[:5]) == (
        (3, LAW_NEXT, 9.0, {"hybrid": 0.5, "goal": 9.0, "sequence": 0.5, "role": 0.0, "content": -1.0}, 0.75),
        (4, DATA_NEXT, 0.0, dict.fromkeys(names, 0.0), 0.25),
    )
    assert type(first) is Recommendation
    spoken = {"follows", "suits_profile", "on_the_way", "similar", "fits_role"}
    assert [one.code for one in first.reasons if one.code in spoken] == ["follows", "suits_profile"]
    assert not {one.code for one in second.reasons} & spoken
    parts[0, 1] = 0.75
    (louder,) = recommended(Recommendation, evidence, *columns, [1], 1)
    assert [one.code for one in louder.reasons if one.code in spoken] == ["suits_profile", "follows"]
    with pytest.raises(TypeError, match="parts"):
        recommended(Recommendation, evidence, courses, parts.sum(axis=0), gain, parts.T.copy().T, names, [0], 1)


# --- who moved -----------------------------------------------------------------------------------------------------


def movers(n_people: int) -> Fitted:
    """So many people took course 1 ten days before they moved from role 0 to role 1; three more long before or after.

    Six holders of role 0 who stayed took course 1 as well.
    """
    rows = [(e, 1, 200.0) for e in range(n_people)] + [(n_people, 1, 1.0), (n_people + 1, 1, 250.0)]
    rows += [(n_people + 2 + e, 1, 150.0 + e) for e in range(6)]
    n = n_people + 8
    rows += [(n + i, 2 + i % 2, 10 * i) for i in range(24)]
    moved = [*range(n_people), n_people, n_people + 1]
    at = [day(210)] * n_people + [day(390), day(240)]
    data = company(rows, n_courses=5, role_idx=[1] * (n_people + 2) + [0] * 30, n_roles=2)
    changes = Dated.from_columns(
        np.array(moved, dtype=np.int32),
        np.ones(len(moved), dtype=np.int32),
        np.zeros(len(moved), dtype=np.int16),
        np.full(len(moved), -1, dtype=np.int8),
        np.array(at, dtype=np.int64),
        n_employees=len(data.people),
    )
    data = replace(data, people=replace(data.people, role_changes=changes))
    return Fitted(data, fit(data, CONFIG, as_of=day(400)).model)


@pytest.mark.parametrize("n_people", [FEWEST_PEOPLE - 1, FEWEST_PEOPLE])
def test_people_who_moved_are_told_from_those_in_the_role(n_people: int) -> None:
    """Who moved more than a year later, and who took it after the move, are no movers."""
    fitted = speaking(movers(n_people), silent=("hybrid", "content"))
    role = fitted.model.scorers.role
    assert (role.moved.at(1, 1), role.moved.at(0, 1)) == (n_people, 0)
    assert role.people.at(1, 1) == n_people + 1, "the one who took it after the move is in the role"
    aimed = reasons_of(fitted.recommender.recommend(fitted.ask(role=0, target=1), k=4), 1)
    if n_people < FEWEST_PEOPLE:
        assert "moved_to_role" not in aimed
        assert aimed["on_the_way"].numbers == {"role_id": "r1", "people": 5}
        return
    assert aimed["moved_to_role"].numbers == {"role_id": "r1", "people": 5}
    assert aimed["moved_to_role"].text == "5 people completed it in the year before they moved into the role role 1."
    assert "on_the_way" not in aimed
    held = reasons_of(fitted.recommender.recommend(fitted.ask(role=1), k=4), 1)
    assert "moved_to_role" not in held, "nobody moves into the role they hold"
    assert Role.unpack(role.pack(), n_courses=5).moved.at(1, 1) == n_people


# --- what rests on claims, and new ground --------------------------------------------------------------------------


def test_new_ground_names_what_is_new_and_whether_one_is_ready(academy_model: Fitted) -> None:
    """A course of law takes an analyst outside; one that asks for contracts at 2 is two levels away."""
    old = academy_model.model.catalog.skills
    entry = old.entry_level.copy()
    entry[old.span(LAW_NEXT)] = 2
    model = academy_model.model.with_catalog(
        replace(academy_model.model.catalog, skills=replace(old, entry_level=entry))
    )
    answer = Recommender(model).recommend(academy_model.ask(DATA, role=ANALYST), mode="explore", k=12)
    near, far = (reasons_of(answer, one)["new_ground"] for one in (LAW, LAW_NEXT))
    assert near.text == "Leads outside what you know: Contracts; you meet what it asks for."
    assert near.numbers == {"skill_ids": ["contracts"], "short": 0}
    assert far.text == "Leads outside what you know: Contracts; 2 levels short of what it asks for."
    assert "new_ground" not in reasons_of(answer, DATA_NEXT), "statistics are known"
    both = model.with_catalog(with_course(model.catalog, "both", like=LAW, skills=[(0, 4), (1, 2), (2, 3)]))
    (said,) = (
        one.reasons
        for one in Recommender(both).recommend(academy_model.ask(role=ANALYST), mode="explore", k=13).recommendations
        if one.course_idx == len(model.catalog)
    )
    (new,) = (reason for reason in said if reason.code == "new_ground")
    assert new.numbers["skill_ids"] == ["welding", "contracts"], "what it leads farthest in first"
    plain = Recommender(model).recommend(academy_model.ask(DATA, role=ANALYST), k=12)
    assert "new_ground" not in reasons_of(plain, LAW)


def test_a_level_that_is_claimed_says_by_whom(academy_model: Fitted) -> None:
    claims = Claims.weigh([(0, 1, "manager", academy_model.as_of - DAY)])
    query = replace(academy_model.ask(target=ANALYST), claims=claims)
    (first, *_) = next(
        one.reasons
        for one in academy_model.recommender.recommend(query, k=12).recommendations
        if one.course_idx == DATA_NEXT
    )
    assert first.text == "Takes Statistics from level 1 (as your manager says) to 3; Analyst needs 5."
    assert first.numbers["source"] == "manager"
    later = replace(query, history=np.array([DATA], dtype=np.int32), history_at=np.array([academy_model.as_of - 1]))
    (raised, *_) = next(
        one.reasons
        for one in academy_model.recommender.recommend(later, k=12).recommendations
        if one.course_idx == DATA_NEXT
    )
    assert raised.text == "Takes Statistics from level 2 to 3; Analyst needs 5.", "a completion raised it since"


def test_a_claim_that_opens_a_course_is_a_reason(academy_model: Fitted) -> None:
    old = academy_model.model.catalog.skills
    entry, declared = old.entry_level.copy(), old.entry_declared.copy()
    entry[old.span(LAW)], declared[old.span(LAW)] = 1, True
    model = academy_model.model.with_catalog(
        replace(academy_model.model.catalog, skills=replace(old, entry_level=entry, entry_declared=declared))
    )
    query = academy_model.ask()
    assert not reasons_of(Recommender(model).recommend(query, k=12), LAW), "closed without the claim"
    known = replace(query, claims=Claims.weigh([(1, 2, "self", academy_model.as_of - 1)]))
    assumed = model.with_catalog(replace(model.catalog, skills=replace(old, entry_level=entry)))
    assert "opened_by" not in reasons_of(Recommender(assumed).recommend(known, k=12), LAW), "it was never closed"
    for source, words in (("self", "as you say"), ("assessment", "by an assessment")):
        asked = replace(query, claims=Claims.weigh([(1, 2, source, academy_model.as_of - 1)]))
        said = reasons_of(Recommender(model).recommend(asked, k=12), LAW)["opened_by"]
        assert said.text == f"It asks for Contracts at level 1, and you are at 2 ({words})."
        assert said.numbers == {"skill_id": "contracts", "name": "Contracts", "has": 2, "asked": 1, "source": source}
