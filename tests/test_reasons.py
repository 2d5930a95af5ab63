"""Reasons: true of the data they speak of, led by the gap, and silent about fewer than five people."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from planted_worlds import ANALYST, CONFIG, DATA, DATA_NEXT, LAW, LAW_NEXT, LAWYER, Fitted
from tiny_company import company, day

from recommender.arrays import DAY
from recommender.company import Dataset
from recommender.engine import Answer, Recommendation
from recommender.query import Query, query_of
from recommender.reasons import FEWEST_PEOPLE, MOST_REASONS, Reason
from recommender.scorers.base import LONGEST_HISTORY
from training.fit import fit

ABOUT_PEOPLE = {"taken_together", "follows", "on_the_way", "rising", "popular_now"}
CODES = ABOUT_PEOPLE | {"closes_gap", "similar", "fits_role", "suits_profile"}


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
    for _, one in everything(company_model):
        parts = [one.parts[part_of[reason.code]] for reason in one.reasons if reason.code != "closes_gap"]
        assert all(part > 0 for part in parts)
        assert parts == sorted(parts, reverse=True), "the largest part speaks first"


def test_what_closes_the_gap_leads(academy_model: Fitted) -> None:
    answer = academy_model.recommender.recommend(academy_model.ask(role=ANALYST, target=LAWYER), k=12)
    (first, *rest) = next(one.reasons for one in answer.recommendations if one.course_idx == LAW)
    assert first.code == "closes_gap"
    assert first.text == "Takes Contracts from level 0 to 2; Lawyer needs 5."
    assert first.numbers == {"skill_id": "contracts", "name": "Contracts", "from": 0, "to": 2, "needed": 5}
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
    texts = {reason.text for one in known.recommendations for reason in one.reasons if reason.code == "suits_profile"}
    assert texts == {"Suits what you completed, your role taken together."}


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
