"""Why and why not: what is said of a course is what the answer says, and a change that is named works."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted_worlds import (
    ANALYST,
    DATA,
    DATA_COURSES,
    DATA_NEXT,
    EVERYTHING,
    LAW,
    LAW_NEXT,
    LAWYER,
    Fitted,
    people_of,
    positions,
    skill_rows,
    with_course,
)
from test_reasons import ABOUT_PEOPLE

from recommender.arrays import Ragged
from recommender.changes import claiming
from recommender.eligibility import barriers, eligible
from recommender.engine import Recommender
from recommender.errors import QueryError
from recommender.explanations import MOST_TRIED, Explanation, explain
from recommender.modes import MODES
from recommender.query import Claims, Feedback, Limits, Query
from recommender.reasons import FEWEST_PEOPLE
from recommender.required import Required

some = settings(max_examples=40, deadline=None)


def changed(fitted: Fitted, **columns: Any) -> Fitted:
    """Return the model answering from a catalogue with other columns."""
    later = fitted.model.with_catalog(replace(fitted.model.catalog, **columns))
    return replace(fitted, model=later)


def ranking(fitted: Fitted, query: Query) -> list[int]:
    return [one.course_idx for one in fitted.recommender.recommend(query, k=EVERYTHING).recommendations]


def numbers(n: int, **of: float) -> Any:
    """Return 1 for everything but what is said, by `c<position>`."""
    found = np.ones(n, dtype=np.float32)
    for name, value in of.items():
        found[int(name[1:])] = value
    return found


def change_of(found: Explanation) -> tuple[str, int, dict[str, Any], int]:
    assert found.change is not None
    assert not found.in_top_k
    return found.change.kind, found.change.size, found.change.numbers, found.change.rank


# --- what is said of a course ------------------------------------------------------------------------------------


def test_of_every_course_the_place_is_that_of_the_answer(company_model: Fitted) -> None:
    """A course kept away has the place it would have: behind those of the answer that score more."""
    recommender, catalog = company_model.recommender, company_model.model.catalog
    for query in people_of(company_model, 3):
        whole = recommender.recommend(query, k=EVERYTHING)
        by_course = {one.course_idx: one for one in whole.recommendations}
        for course in range(0, len(catalog), 9):
            found = explain(recommender, query, course, k=EVERYTHING)
            assert (found.mode, found.goal_weight) == (whole.mode, whole.goal_weight)
            if course in by_course:
                assert found.in_top_k
                assert found.course == by_course[course]
                assert (found.of, found.excluded_by) == (len(by_course), ())
                continue
            codes = list(dict.fromkeys(one.code for one in found.excluded_by))
            kept_away = barriers(catalog, query, course, levels=recommender.levels(query))
            assert codes == list(kept_away or codes)
            better = sum(one.score > found.course.score for one in whole.recommendations)
            assert found.course.rank == better + 1
            assert found.of == len(by_course) + 1
            assert sum(found.course.parts.values()) == pytest.approx(found.course.score, abs=1e-9)


def test_the_last_of_the_answer_has_what_another_has_not(company_model: Fitted) -> None:
    query = company_model.ask(3, 9, role=1, target=5)
    answer = company_model.recommender.recommend(query, k=20)
    last, course = answer.recommendations[4], answer.recommendations[15]
    found = explain(company_model.recommender, query, course.course_idx, k=5)
    assert found.course == course
    assert found.against is not None
    assert (found.against.course_idx, found.against.rank, found.against.score) == (last.course_idx, 5, last.score)
    differences = dict(found.against.differences)
    assert differences == {name: part - course.parts[name] for name, part in last.parts.items() if name != "base"}
    assert list(differences.values()) == sorted(differences.values(), reverse=True)
    assert sum(differences.values()) == pytest.approx(last.score - course.score, abs=1e-9)


def test_an_answer_that_is_not_full_has_no_last_to_compare_with(academy_model: Fitted) -> None:
    query = replace(academy_model.ask(role=ANALYST), limits=Limits(only=positions(LAW)))
    assert explain(academy_model.recommender, query, DATA, k=2).against is None


def test_only_one_version_is_shown_and_the_other_says_which(academy_model: Fitted) -> None:
    """LAW is superseded by two equal versions; the first by id is shown."""
    catalog = with_course(academy_model.model.catalog, "law-b", like=LAW, supersedes=[LAW])
    catalog = with_course(catalog, "law-a", like=LAW, supersedes=[LAW])
    model = academy_model.model.with_catalog(catalog)
    shown, hidden = catalog.ids.find("law-a"), catalog.ids.find("law-b")
    query = academy_model.ask(role=LAWYER)
    (first, second) = (explain(Recommender(model), query, one, k=EVERYTHING) for one in (shown, hidden))
    assert (first.in_top_k, second.in_top_k) == (True, False)
    assert (first.course.rank, first.of) == (second.course.rank, second.of)
    assert [(one.code, one.numbers) for one in second.excluded_by] == [("other_version", {"course_id": "law-a"})]
    old = explain(Recommender(model), query, LAW)
    assert [(one.code, one.numbers) for one in old.excluded_by] == [("superseded", {"course_ids": ["law-b", "law-a"]})]


def test_mandatory_training_is_explained_in_its_own_order(academy_model: Fitted) -> None:
    required = tuple(
        Required(course, academy_model.as_of + due, 1.0, overdue=False, recurring=False)
        for course, due in ((LAW, 5), (DATA, 9))
    )
    query = replace(academy_model.ask(role=ANALYST), required=required)
    answer = academy_model.recommender.recommend(query, mode="compliance")
    for one in answer.recommendations:
        found = explain(academy_model.recommender, query, one.course_idx, mode="compliance")
        assert (found.course, found.in_top_k, found.of) == (one, True, 2)
    late = explain(academy_model.recommender, query, DATA, mode="compliance", k=1)
    assert (late.course.rank, late.in_top_k, late.excluded_by, late.change) == (2, False, (), None)
    other = explain(academy_model.recommender, query, LAW_NEXT, mode="compliance")
    assert (other.course.rank, other.of, [one.code for one in other.excluded_by]) == (0, 2, ["not_required"])


def test_what_cannot_be_asked_is_refused(academy_model: Fitted) -> None:
    with pytest.raises(QueryError, match="k: found 0"):
        explain(academy_model.recommender, academy_model.ask(), DATA, k=0)


# --- the smallest single change ----------------------------------------------------------------------------------


def test_a_limit_is_raised_to_just_what_the_course_needs(academy_model: Fitted) -> None:
    query = academy_model.ask(role=ANALYST)
    first, n = ranking(academy_model, query)[0], len(academy_model.model.catalog)
    for limits, column in ((Limits(max_hours=2.0), "hours"), (Limits(max_cost=2.0), "cost")):
        fitted = changed(academy_model, **{column: numbers(n, **{f"c{first}": 7.3})})
        found = explain(fitted.recommender, replace(query, limits=limits), first, k=1)
        assert change_of(found) == ("limit", 1, {"limit": f"max_{column}", "from": 2.0, "to": 7.3}, 1)
        assert found.n_tried == 1


def test_a_limit_is_lowered_until_enough_others_fall_away(academy_model: Fitted) -> None:
    """The two before the third take 5 and 3 hours: for the first place the limit goes to 2, for the second to 4 or 3."""
    query = academy_model.ask(role=ANALYST)
    one, two, three = ranking(academy_model, query)[:3]
    hours = numbers(12, **{f"c{one}": 5, f"c{two}": 3, f"c{three}": 2})
    fitted = changed(academy_model, hours=hours)
    alone = explain(fitted.recommender, query, three, k=1)
    assert change_of(alone) == ("limit", 1, {"limit": "max_hours", "to": 2.0}, 1)
    assert alone.n_tried == 1, "wider limits would leave one before it: they are not ranked"
    second = explain(fitted.recommender, replace(query, limits=Limits(max_hours=8)), three, k=2)
    assert change_of(second) == ("limit", 1, {"limit": "max_hours", "from": 8, "to": 3.0}, 2)


def test_of_two_limits_the_smaller_move_is_made(academy_model: Fitted) -> None:
    """Hours 5 to 2 are three fifths, cost 100 to 90 a tenth."""
    query = academy_model.ask(role=ANALYST)
    one, two = ranking(academy_model, query)[:2]
    cost = 10 * numbers(12, **{f"c{one}": 10, f"c{two}": 9})
    fitted = changed(academy_model, hours=numbers(12, **{f"c{one}": 5, f"c{two}": 2}), cost=cost)
    found = explain(fitted.recommender, query, two, k=1)
    assert change_of(found) == ("limit", 1, {"limit": "max_cost", "to": 90.0}, 1)


@pytest.mark.parametrize("limit", ["exclude", "only", "language", "format"])
def test_what_was_ruled_out_is_let_in(academy_model: Fitted, limit: str) -> None:
    query = academy_model.ask(role=ANALYST)
    first, second = ranking(academy_model, query)[:2]
    words = tuple("book" if i == first else "video" for i in range(12))
    fitted = changed(academy_model, formats=words, languages=words)
    limits, expected = {
        "exclude": (Limits(exclude=positions(first)), {}),
        "only": (Limits(only=positions(second)), {}),
        "language": (Limits(languages=("video",)), {"from": ["video"], "to": ["video", "book"]}),
        "format": (Limits(formats=("video",)), {"from": ["video"], "to": ["video", "book"]}),
    }[limit]
    found = explain(fitted.recommender, replace(query, limits=limits), first, k=1)
    assert change_of(found) == ("limit", 1, {"limit": limit, **expected}, 1)


@pytest.mark.parametrize("verb", ["not_interested", "already_know", "later"])
def test_a_word_is_withdrawn(academy_model: Fitted, verb: str) -> None:
    query = academy_model.ask(role=ANALYST)
    first = ranking(academy_model, query)[0]
    asked = replace(query, feedback=Feedback.of([(first, verb, query.as_of - 1)]))
    found = explain(academy_model.recommender, asked, first, k=1)
    assert change_of(found) == ("feedback", 1, {"course_id": academy_model.model.catalog.ids[first], "verb": verb}, 1)


def test_the_word_on_another_course_is_withdrawn(academy_model: Fitted) -> None:
    """Who called the second course too easy is not shown the first."""
    asked = replace(academy_model.ask(), feedback=Feedback.of([(DATA_NEXT, "too_easy", academy_model.as_of - 1)]))
    found = explain(academy_model.recommender, asked, DATA, k=EVERYTHING)
    kind, size, told, _ = change_of(found)
    assert (kind, size, told) == ("feedback", 1, {"course_id": "c001", "verb": "too_easy"})


def test_a_missing_prerequisite_is_completed(academy_model: Fitted) -> None:
    rows = [[DATA] if i == DATA_NEXT else [] for i in range(12)]
    fitted = changed(academy_model, prerequisites=Ragged.from_rows(rows))
    found = explain(fitted.recommender, fitted.ask(role=ANALYST), DATA_NEXT, k=1)
    assert change_of(found) == ("complete", 1, {"course_id": "c000"}, 1)
    assert found.change is not None
    assert found.change.query.history.tolist() == [DATA]


def test_a_prerequisite_that_cannot_be_taken_itself_is_no_single_change(academy_model: Fitted) -> None:
    rows = [[DATA] if i == DATA_NEXT else [LAW] if i == DATA else [] for i in range(12)]
    fitted = changed(academy_model, prerequisites=Ragged.from_rows(rows))
    found = explain(fitted.recommender, fitted.ask(role=ANALYST), DATA_NEXT, k=1)
    assert (found.change, found.tried_all) == (None, True)


def test_the_course_that_leads_there_is_completed(academy_model: Fitted) -> None:
    """Every lawyer goes from LAW to LAW_NEXT: nothing forbids it, but somebody unknown is shown another first."""
    found = explain(academy_model.recommender, academy_model.ask(), LAW_NEXT, k=1)
    assert change_of(found) == ("complete", 1, {"course_id": "c004"}, 1)


@pytest.mark.parametrize("asked", [1, 2])
def test_a_level_is_raised_to_what_the_course_asks_for(academy_model: Fitted, asked: int) -> None:
    """DATA asks for welding, which nobody else teaches: no course can be completed for it."""
    old = academy_model.model.catalog.skills
    taught = {
        i: list(zip(old.skill_idx[old.span(i)].tolist(), old.level[old.span(i)].tolist(), strict=True))
        for i in range(12)
    }
    taught[DATA] = [*taught[DATA], (2, 5)]
    fitted = changed(academy_model, skills=skill_rows(taught, n_rows=12, entry={(DATA, 2): asked}))
    query = replace(fitted.ask(role=ANALYST), limits=Limits(only=positions(*DATA_COURSES)))
    found = explain(fitted.recommender, query, DATA, k=EVERYTHING)
    kind, size, told, _ = change_of(found)
    assert (kind, size) == ("skill_level", asked)
    assert told == {"skill_id": "welding", "name": "Welding", "from": 0, "to": asked}
    assert found.change is not None
    assert fitted.recommender.levels(found.change.query)[2] == asked


def test_a_level_is_lowered_where_what_is_known_keeps_it_down(company_model: Fitted) -> None:
    """Some change of a level must lower one: of the first people asked, one is found."""
    lowered = []
    for query in people_of(company_model):
        for course in range(0, len(company_model.model.catalog), 4):
            found = explain(company_model.recommender, query, course).change
            if found and found.kind == "skill_level" and found.numbers["to"] < found.numbers["from"]:
                lowered.append(found)
        if lowered:
            break
    assert lowered


@pytest.mark.parametrize("level", range(6))
def test_a_claimed_level_is_the_level_whatever_else_is_known(academy_model: Fitted, level: int) -> None:
    """Against a manager's word of this moment, a completion of yesterday and what the person said."""
    query = academy_model.ask(DATA, DATA_NEXT, role=ANALYST)
    said = Feedback.of([(2, "already_know", query.as_of)])
    query = replace(query, feedback=said, claims=Claims.weigh([(0, 4, "manager", query.as_of), (1, 3, "self", 5)]))
    for asked in (query, replace(query, claims=Claims())):
        levels = academy_model.recommender.levels(claiming(asked, 0, level))
        assert levels[0] == level
        assert levels[1] == academy_model.recommender.levels(asked)[1]


def test_who_completes_a_course_has_begun_it_no_more_and_meets_its_duty(academy_model: Fitted) -> None:
    """DATA_NEXT asks for DATA, which the person has begun and is required to take."""
    rows = [[DATA] if i == DATA_NEXT else [] for i in range(12)]
    fitted = changed(academy_model, prerequisites=Ragged.from_rows(rows))
    duties = tuple(Required(one, None, 1.0, overdue=False, recurring=False) for one in (DATA, LAW))
    query = replace(
        fitted.ask(role=ANALYST),
        required=duties,
        in_progress=positions(DATA, LAW),
        progress=np.array([0.5, 0.25], dtype=np.float32),
    )
    found = explain(fitted.recommender, query, DATA_NEXT, k=1)
    assert change_of(found) == ("complete", 1, {"course_id": "c000"}, 1)
    assert found.change is not None
    changed_query = found.change.query
    assert (changed_query.history.tolist(), changed_query.history_at.tolist()) == ([DATA], [fitted.as_of - 1])
    assert (changed_query.in_progress.tolist(), changed_query.progress.tolist()) == ([LAW], [0.25])
    assert [one.course_idx for one in changed_query.required] == [LAW]


NO_CHANGE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "not published": ({"published": np.arange(12) != DATA}, {}),
    "for others": ({"audience": (("Legal",), *[()] * 11)}, {}),
    "completed": ({}, {"history": positions(DATA), "history_at": np.array([1], dtype=np.int64)}),
    "begun": ({}, {"in_progress": positions(DATA), "progress": np.array([0.5], dtype=np.float32)}),
    "two prerequisites": ({"prerequisites": Ragged.from_rows([[LAW, LAW_NEXT], *[[]] * 11])}, {}),
    "two limits": (
        {"hours": numbers(12, c0=5), "cost": numbers(12, c0=5)},
        {"limits": Limits(max_hours=2, max_cost=2)},
    ),
    "a limit and a word": (
        {"hours": numbers(12, c0=5)},
        {"limits": Limits(max_hours=2), "feedback": Feedback.of([(DATA, "not_interested", 1)])},
    ),
}


@pytest.mark.parametrize("case", NO_CHANGE)
def test_no_single_change_is_an_answer(academy_model: Fitted, case: str) -> None:
    columns, facts = NO_CHANGE[case]
    fitted = changed(academy_model, **columns)
    found = explain(fitted.recommender, replace(fitted.ask(role=ANALYST), **facts), DATA, k=EVERYTHING)
    assert (found.in_top_k, found.change, found.tried_all) == (False, None, True)
    assert found.excluded_by


def test_a_recommended_course_needs_no_change(academy_model: Fitted) -> None:
    query = academy_model.ask(role=ANALYST)
    found = explain(academy_model.recommender, query, ranking(academy_model, query)[0])
    assert (found.in_top_k, found.change, found.against, found.n_tried) == (True, None, None, 0)


def test_another_level_leaves_the_mode_as_it_was(academy_model: Fitted) -> None:
    """A level can turn reskilling into upskilling; the changed question is asked in the mode of the first."""
    recommender = academy_model.recommender
    query = academy_model.ask(target=LAWYER)
    for mode in MODES:
        assert explain(recommender, query, DATA_NEXT, k=1, mode=mode).mode == mode
    found = explain(recommender, query, DATA_NEXT, k=1)
    assert found.mode == recommender.mode_of(query)


def rightly_changed(one: Query, other: Query, kind: str) -> bool:
    """Whether a query differs from another in what one kind of change is about, and nowhere else."""
    parts = {"feedback": {"feedback"}, "limit": {"limits"}, "skill_level": {"claims"}}
    parts |= {"complete": {"history", "history_at", "in_progress", "progress", "required"}}
    differ = {part.name for part in fields(Query) if repr(getattr(one, part.name)) != repr(getattr(other, part.name))}
    return bool(differ) and differ <= parts[kind]


limits = st.builds(
    Limits,
    max_hours=st.none() | st.sampled_from([0.5, 2.0, 4.0, 10.0]),
    max_cost=st.none() | st.sampled_from([0.0, 50.0, 300.0]),
    languages=st.sampled_from([(), ("en",), ("de",)]),
    exclude=st.lists(st.integers(0, 119), max_size=10).map(lambda some: positions(*sorted(set(some)))),
)
words = st.lists(
    st.tuples(
        st.integers(0, 119), st.sampled_from(["not_interested", "already_know", "too_easy", "too_hard", "later"])
    ),
    max_size=6,
)


@some
@given(
    which=st.integers(0, 15),
    course=st.integers(0, 119),
    k=st.sampled_from([1, 5, 10, 25]),
    mode=st.none() | st.sampled_from(list(MODES)),
    weight=st.none() | st.floats(0, 1),
    limits=limits,
    words=words,
)
def test_a_change_that_is_named_works_and_what_is_said_adds_up(
    company_model: Fitted,
    which: int,
    course: int,
    k: int,
    mode: str | None,
    weight: float | None,
    limits: Limits,
    words: list[tuple[int, str]],
) -> None:
    recommender, catalog = company_model.recommender, company_model.model.catalog
    asked = people_of(company_model)[which]
    said = Feedback.of((about, verb, asked.as_of - 1) for about, verb in words)
    query = replace(asked, limits=limits, feedback=said)
    found = explain(recommender, query, course, k=k, mode=mode, goal_weight=weight)
    assert sum(found.course.parts.values()) == pytest.approx(found.course.score, abs=1e-6)
    for reason in found.course.reasons:
        assert reason.code not in ABOUT_PEOPLE or reason.numbers["people"] >= FEWEST_PEOPLE
    answer = recommender.recommend(query, k=k, mode=mode, goal_weight=weight)
    listed = {one.course_idx: one for one in answer.recommendations}
    assert found.in_top_k == (course in listed)
    assert found.course == listed.get(course, found.course)
    assert found.n_tried <= MOST_TRIED
    if found.change is None:
        return
    changed = found.change.query
    assert rightly_changed(query, changed, found.change.kind)
    again = recommender.recommend(changed, k=k, mode=found.mode, goal_weight=weight)
    ranks = {one.course_idx: one.rank for one in again.recommendations}
    assert ranks[course] == found.change.rank <= k
    shown = np.array(list(ranks), dtype=np.int32)
    assert eligible(catalog, changed, shown, levels=recommender.levels(changed)).all()
