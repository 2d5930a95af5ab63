"""The learning path: what may be in it, how it is laid out, what is said of it, worked by hand; and laws on a company."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from planted_worlds import Fitted, positions, skill_rows
from tiny_company import catalog, day

from recommender.arrays import DAY, Ids, IntArray, Ragged
from recommender.catalog import Catalog, Roles
from recommender.eligibility import barriers
from recommender.errors import QueryError
from recommender.exact import TIME_LIMIT, solve
from recommender.path import WEEK, Planner
from recommender.path_parts import LearningPath, PathLimits
from recommender.profile import profile_of
from recommender.query import Claims, Feedback, Limits, Query, query_of
from recommender.required import Required
from recommender.skills import Need

NOW = day(100)
# The role needs skill 0 at 4 (importance 1), skill 1 at 2 (0.5) and skill 2 at 1 (1): 4 + 1 + 1 = 6.
ROLES = Roles(
    Ids(["r"]), ("Role",), ("",), ("",), skill_rows({0: [(0, 4), (1, 2), (2, 1)]}, n_rows=1, weight={(0, 1): 0.5})
)
N_SKILLS = 4
BASICS, NEXT, TOP, TALK, LAW, OTHER = range(6)


def courses(**columns: Any) -> Catalog:
    """Three courses that lead skill 0 to 2, 3 (from 2 on) and 4 (from 3 on), one for skill 1, one for 2, one for 3."""
    taught = {BASICS: [(0, 2)], NEXT: [(0, 3)], TOP: [(0, 4)], TALK: [(1, 2)], LAW: [(2, 1)], OTHER: [(3, 5)]}
    told = replace(
        catalog(6),
        titles=("Basics", "Next", "Top", "Talk", "Law", "Other"),
        hours=np.array([4, 6, 8, 2, 1, 3], dtype=np.float32),
        cost=np.array([10, 0, 50, 5, np.nan, 1], dtype=np.float32),
        skills=skill_rows(taught, n_rows=6, entry={(NEXT, 0): 2, (TOP, 0): 3}),
    )
    return replace(told, **columns)


def asked(**how: Any) -> Query:
    return Query(NOW, target_role_idx=0, **how)


def path(
    query: Query | None = None,
    limits: PathLimits | None = None,
    told: Catalog | None = None,
    *,
    time_limit: float | None = None,
    **how: Any,
) -> LearningPath:
    query, told = query or asked(**how), told or courses()

    def relevance(some: IntArray) -> Any:
        return np.full(len(some), 0.5, dtype=np.float32)

    need = Need.of(ROLES, query.goal_role, n_skills=N_SKILLS)
    levels = profile_of(query, catalog=told, roles=ROLES, n_skills=N_SKILLS).level
    return Planner(told, query, need, levels, limits or PathLimits(), relevance, time_limit=time_limit).path()


def order(found: LearningPath) -> list[int]:
    return [step.course_idx for step in found.steps]


def why(found: LearningPath) -> list[tuple[int, int, int, str]]:
    return [(one.skill_idx, one.reached, one.within_reach, one.why) for one in found.unmet]


def test_without_limits_the_whole_gap_is_closed_in_an_order_that_can_be_taken() -> None:
    found = path()
    # Easier first: Law (level 1), then Basics and Talk (2), by position; Next waits for Basics, Top for Next.
    assert order(found) == [LAW, BASICS, TALK, NEXT, TOP]
    assert (found.coverage_before, found.coverage_after) == (0, 1)
    assert [round(6 * step.coverage_after, 6) for step in found.steps] == [1, 3, 4, 5, 6]
    assert (found.hours, found.cost) == (21, 65), "an unknown cost counts nothing"
    assert found.solution is not None
    assert (found.solution.gap, found.solution.proven) == (0, True)
    assert found.unmet == ()


def test_what_gives_nothing_is_never_in_a_path() -> None:
    assert OTHER not in order(path())
    assert (
        order(path(claims=Claims.weigh([(0, 4, "self", NOW - 1), (1, 2, "self", NOW - 1), (2, 3, "self", NOW - 1)])))
        == []
    )


def test_a_budget_of_hours_goes_where_it_covers_most() -> None:
    """In 7 hours: Basics 2/6, Law 1/6, Talk 1/6 take 7; nothing behind Basics fits."""
    found = path(limits=PathLimits(hours=7))
    assert order(found) == [LAW, BASICS, TALK]
    assert found.coverage_after == pytest.approx(4 / 6)
    assert why(found) == [(0, 2, 4, "beyond_limits")]
    # In 9 hours the same as in 7; in 13 Next fits as well.
    assert path(limits=PathLimits(hours=9)).coverage_after == pytest.approx(4 / 6)
    assert order(path(limits=PathLimits(hours=13))) == [LAW, BASICS, TALK, NEXT]


def test_a_budget_of_money_is_kept_and_is_the_persons_own_unless_said() -> None:
    assert order(path(limits=PathLimits(budget=14))) == [LAW, BASICS, NEXT]
    assert order(path(budget=14.0)) == [LAW, BASICS, NEXT]
    assert order(path(limits=PathLimits(budget=15), budget=14.0)) == [LAW, BASICS, TALK, NEXT]


def test_what_no_course_teaches_is_said() -> None:
    told = courses(published=np.array([True, True, False, True, True, True]))
    assert why(path(told=told)) == [(0, 3, 3, "no_course")]
    assert why(path(told=told, limits=PathLimits(hours=0))) == [
        (0, 0, 3, "beyond_limits"),
        (1, 0, 2, "beyond_limits"),
        (2, 0, 1, "beyond_limits"),
    ]


def test_a_step_that_opens_the_way_is_in_the_path_though_it_covers_nothing() -> None:
    """Skill 3 is not needed, but Top asks for it: Other leads there."""
    rows = skill_rows({TOP: [(0, 4), (3, 1)], OTHER: [(3, 2)]}, n_rows=6, entry={(TOP, 3): 1})
    found = path(told=courses(skills=rows))
    assert order(found) == [OTHER, TOP]
    assert found.steps[0].opens == (TOP,)
    assert [step.coverage_after for step in found.steps] == [0, pytest.approx(4 / 6)]


def test_prerequisites_are_taken_first_in_any_version_that_is_offered() -> None:
    rows = skill_rows({TOP: [(0, 4)]}, n_rows=6)
    told = courses(skills=rows, prerequisites=Ragged.from_rows([[], [], [OTHER], [], [], []]))
    assert order(path(told=told)) == [OTHER, TOP]
    renewed = replace(told, supersedes=Ragged.from_rows([[], [], [], [OTHER], [], []]))
    assert order(path(told=renewed)) == [TALK, TOP], "the version that replaced it"
    done = path(asked(history=positions(TALK), history_at=np.array([day(3)])), told=renewed)
    assert order(done) == [TOP], "another version was completed"
    withdrawn = replace(told, published=np.array([True, True, True, True, True, False]))
    assert order(path(told=withdrawn)) == [], "nobody can take it any more"


def test_a_chain_of_three_thousand_prerequisites_is_no_trouble() -> None:
    n = 3_000
    told = replace(
        catalog(n),
        skills=skill_rows({n - 1: [(0, 4)]}, n_rows=n),
        prerequisites=Ragged.from_rows([[], *([i] for i in range(n - 1))]),
    )
    found = path(told=told)
    assert order(found) == list(range(n))
    assert why(found) == [(1, 0, 0, "no_course"), (2, 0, 0, "no_course")]
    assert order(path(told=told, limits=PathLimits(hours=n - 1))) == []


def test_limits_on_single_courses_feedback_and_audience_hold_in_a_path() -> None:
    assert TALK not in order(path(feedback=Feedback.of([(TALK, "not_interested", NOW - 1)])))
    assert TALK not in order(path(limits=None, told=courses(audience=((), (), (), ("Sales",), (), ()))))
    assert order(path(asked(limits=Limits(max_hours=4)))) == [LAW, BASICS, TALK]
    assert order(path(asked(limits=Limits(exclude=positions(NEXT))))) == [LAW, BASICS, TALK]


def test_weeks_follow_from_hours_a_week() -> None:
    found = path(limits=PathLimits(hours_per_week=4))
    # Law 0–1, Basics 1–5, Talk 5–7, Next 7–13, Top 13–21 hours at 4 a week.
    assert [(step.weeks.first, step.weeks.last) for step in found.steps if step.weeks] == [
        (1, 1),
        (1, 2),
        (2, 2),
        (2, 4),
        (4, 6),
    ]
    assert not found.hours_per_week_assumed
    assert path().hours_per_week_assumed
    assert [step.weeks for step in path(limits=PathLimits(hours_per_week=0)).steps] == [None] * 5


def test_a_deadline_leaves_the_hours_of_its_weeks() -> None:
    found = path(hours_per_week=1.0, limits=PathLimits(by=NOW + 7 * WEEK))
    assert (order(found), found.hours_left) == ([LAW, BASICS, TALK], 7)
    assert order(path(hours_per_week=1.0, limits=PathLimits(by=NOW + 7 * WEEK, hours_per_week=2))) == [
        LAW,
        BASICS,
        TALK,
        NEXT,
    ]
    assert order(path(limits=PathLimits(by=NOW))) == []


def required(course: int, *, due: int | None, hours: float, done: int | None = None) -> Required:
    return Required(
        course, due, hours, overdue=due is not None and due <= NOW, recurring=done is not None, completed_at=done
    )


def test_mandatory_training_reserves_its_hours_first_and_its_lifts_count() -> None:
    """Law is required: an hour of the seven, skill 2 is met by it, and it is no step."""
    query = asked(hours_per_week=1.0, required=(required(LAW, due=NOW + 2 * WEEK, hours=1),))
    found = path(query, PathLimits(by=NOW + 7 * WEEK))
    assert [one.required.course_idx for one in found.reserved] == [LAW]
    assert found.hours_left == 6
    assert order(found) == [BASICS, TALK]
    assert [step.weeks.first for step in found.steps if step.weeks] == [2, 6], "after the hour that is required"
    assert found.coverage_before == 0
    assert found.coverage_after == pytest.approx(4 / 6)
    assert path(asked(required=(required(OTHER, due=None, hours=3),)), PathLimits(hours=7)).hours == 7, (
        "own hours are own"
    )


def test_training_due_after_the_deadline_is_reserved_only_if_it_closes_some_of_the_gap() -> None:
    query = asked(hours_per_week=1.0, required=(required(OTHER, due=NOW + 9 * WEEK, hours=3),))
    found = path(query, PathLimits(by=NOW + 7 * WEEK))
    assert (found.reserved, found.hours_left) == ((), 7)
    assert OTHER not in order(found)
    useful = asked(hours_per_week=1.0, required=(required(BASICS, due=NOW + 9 * WEEK, hours=4),))
    found = path(useful, PathLimits(by=NOW + 7 * WEEK))
    assert [one.required.course_idx for one in found.reserved] == [BASICS], "what it opens would be out of reach else"
    assert (found.hours_left, order(found)) == (3, [LAW, TALK])
    assert path(useful, PathLimits(by=NOW + 3 * WEEK)).reserved == (), "it does not fit"


def test_recurring_training_that_returns_before_the_deadline_is_reserved() -> None:
    again = required(OTHER, due=NOW + 60 * DAY, hours=3, done=NOW - 300 * DAY)
    query = asked(
        hours_per_week=1.0, required=(again,), history=positions(OTHER), history_at=np.array([NOW - 300 * DAY])
    )
    assert path(query, PathLimits(by=NOW + 10 * WEEK)).hours_left == 7
    assert path(query).reserved == (), "not open yet, and no deadline beyond it"


def test_mandatory_training_that_cannot_be_done_in_time_is_said() -> None:
    query = asked(
        hours_per_week=1.0,
        required=(required(LAW, due=NOW + WEEK, hours=1), required(OTHER, due=NOW + 2 * WEEK, hours=3)),
    )
    found = path(query, PathLimits(by=NOW + 4 * WEEK))
    assert [one.late for one in found.reserved] == [False, True], "4 hours in 2 weeks of one"
    assert (found.hours_left, order(found)) == (0, [])


def test_what_was_begun_goes_on_with_what_is_left_of_it() -> None:
    begun = asked(in_progress=positions(TALK), progress=np.array([0.75], dtype=np.float32))
    step = next(step for step in path(begun).steps if step.course_idx == TALK)
    assert (step.continues, step.hours, step.cost) == (True, 0.5, 0)
    just = asked(in_progress=positions(TALK), progress=np.array([0], dtype=np.float32))
    assert next(step for step in path(just).steps if step.course_idx == TALK).cost == 0, "begun is paid"
    done = asked(claims=Claims.weigh([(1, 2, "self", NOW - 1)]), in_progress=positions(TALK), progress=begun.progress)
    assert path(done).begun == (), "not needed is not left out"
    assert path(begun, PathLimits(hours=0.4)).begun == (TALK,), "no longer fits, and is said"


def test_a_course_that_closes_before_its_turn_is_left_out() -> None:
    """At an hour a week Top would begin in week 14; it closes after 10."""
    closing = courses(available_to=np.array([2**62, 2**62, NOW + 10 * WEEK, 2**62, 2**62, 2**62]))
    found = path(limits=PathLimits(hours_per_week=1), told=closing)
    assert (order(found), found.closed) == ([LAW, BASICS, TALK, NEXT], (TOP,))
    assert order(path(limits=PathLimits(hours_per_week=4), told=closing)) == [LAW, BASICS, TALK, NEXT, TOP]


def test_the_time_of_a_path_is_that_of_all_its_searches(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first search takes three of four seconds, so the one without Top has one left."""
    given: list[float] = []

    def timed(programme: Any, *, time_limit: float) -> Any:
        given.append(time_limit)
        return replace(solve(programme), seconds=3.0)

    monkeypatch.setattr("recommender.path.solve", timed)
    closing = courses(available_to=np.array([2**62, 2**62, NOW + 10 * WEEK, 2**62, 2**62, 2**62]))
    assert path(limits=PathLimits(hours_per_week=1), told=closing, time_limit=4.0).closed == (TOP,)
    assert given == [4.0, 1.0]
    path(limits=PathLimits(hours_per_week=1), told=closing)
    assert given[2:] == [TIME_LIMIT, TIME_LIMIT]


def test_what_closes_soon_is_taken_first_rather_than_left_out() -> None:
    """Basics closes after a week: at an hour a week it must come first, else nothing behind it can be reached."""
    closing = courses(available_to=np.array([NOW + WEEK, *[2**62] * 5]))
    found = path(limits=PathLimits(hours_per_week=1), told=closing)
    assert (order(found), found.closed) == ([BASICS, LAW, TALK, NEXT, TOP], ())
    assert found.coverage_after == 1
    # Top closes after 11 weeks: with Basics and Next before it, it begins in the eleventh.
    closing = courses(available_to=np.array([2**62, 2**62, NOW + 11 * WEEK, 2**62, 2**62, 2**62]))
    assert order(path(limits=PathLimits(hours_per_week=1), told=closing)) == [BASICS, NEXT, TOP, LAW, TALK]


def test_however_many_courses_close_before_their_turn_none_is_in_the_path() -> None:
    """After three hours of mandatory training every one of thirty courses has closed."""
    n = 30
    told = replace(
        catalog(n + 1),
        skills=skill_rows({course: [(0, 4)] for course in range(n)}, n_rows=n + 1),
        available_to=np.array([*[NOW + DAY] * n, 2**62]),
    )
    found = path(asked(hours_per_week=1.0, required=(required(n, due=None, hours=3),)), told=told)
    assert (order(found), len(found.closed)) == ([], n)


def test_the_bound_knows_of_what_closed_before_its_turn() -> None:
    closing = courses(available_to=np.array([2**62, 2**62, NOW + 10 * WEEK, 2**62, 2**62, 2**62]))
    found = path(limits=PathLimits(hours_per_week=1), told=closing)
    assert found.solution is not None
    assert (found.solution.bound, found.solution.proven) == (1, False), "another order might have come in time"
    assert found.solution.gap == pytest.approx(1 / 6)


def test_an_alternative_is_one_that_has_not_closed_by_then() -> None:
    taught = {BASICS: [(0, 4)], NEXT: [(1, 2)], TALK: [(1, 2)]}
    told = courses(skills=skill_rows(taught, n_rows=6), hours=np.array([4, 3, 1, 2, 1, 1], dtype=np.float32))
    assert path(told=told, limits=PathLimits(hours_per_week=1)).steps[0].alternatives == (NEXT,)
    late = replace(told, available_to=np.array([2**62, NOW + DAY, *[2**62] * 4]))
    assert path(told=late, limits=PathLimits(hours_per_week=1)).steps[0].alternatives == (NEXT,), "the first step"
    early = replace(late, skills=skill_rows({BASICS: [(0, 1)], NEXT: [(1, 2)], TALK: [(1, 2)]}, n_rows=6))
    assert [step.alternatives for step in path(told=early, limits=PathLimits(hours_per_week=1)).steps] == [(), ()]


@pytest.mark.parametrize("amount", [7.3, 1.1, 2.2, 8.8, 0.1, 99.9])
def test_what_fits_to_the_last_digit_is_taken(amount: float) -> None:
    told = courses(skills=skill_rows({BASICS: [(0, 4)]}, n_rows=6), hours=np.full(6, amount, dtype=np.float32))
    assert order(path(told=told, limits=PathLimits(hours=amount))) == [BASICS]
    told = replace(told, cost=np.full(6, amount, dtype=np.float32))
    assert order(path(told=told, limits=PathLimits(budget=amount))) == [BASICS]
    assert order(path(told=told, limits=PathLimits(budget=amount - 0.01))) == []


def test_a_path_never_holds_two_versions_of_one_course() -> None:
    """Next and Top both replaced Basics: completing one completes the other."""
    rows = skill_rows({NEXT: [(0, 3)], TOP: [(1, 2)], LAW: [(2, 1)]}, n_rows=6)
    told = courses(skills=rows, supersedes=Ragged.from_rows([[], [BASICS], [BASICS], [], [], []]))
    assert order(path(told=told)) == [LAW, NEXT]


def test_what_a_rule_keeps_away_is_told_from_what_no_course_teaches() -> None:
    """Of what would lead further, Top is not wanted; law is taught by nobody."""
    told = courses(skills=skill_rows({BASICS: [(0, 2)], TOP: [(0, 4)], TALK: [(1, 2)]}, n_rows=6))
    found = path(told=told, feedback=Feedback.of([(TOP, "not_interested", NOW - 1)]))
    assert [(one.skill_idx, one.why, one.kept_away) for one in found.unmet] == [
        (0, "kept_away", (TOP,)),
        (2, "no_course", ()),
    ]


def test_milestones_say_when_a_needed_skill_is_reached() -> None:
    found = path(limits=PathLimits(hours_per_week=4))
    assert [(one.position, one.week, one.skills) for one in found.milestones] == [
        (1, 1, (2,)),
        (3, 2, (1,)),
        (5, 6, (0,)),
    ]
    assert found.milestones[-1].coverage == 1


def test_alternatives_close_the_same_skill_within_the_limits() -> None:
    """Two more courses for skill 1, of 3 and 30 hours, the shorter first; one that leads to 1 only is none."""
    taught = {BASICS: [(1, 2)], NEXT: [(1, 2)], TOP: [(1, 1)], TALK: [(1, 2)]}
    told = courses(skills=skill_rows(taught, n_rows=6), hours=np.array([30, 3, 1, 2, 1, 1], dtype=np.float32))
    assert [(step.course_idx, step.alternatives) for step in path(told=told).steps] == [(TALK, (NEXT, BASICS))]
    assert path(told=told, limits=PathLimits(hours=10)).steps[0].alternatives == (NEXT,)


def test_nothing_aimed_at_is_an_answer() -> None:
    found = path(Query(NOW))
    assert (found.coverage_before, found.coverage_after, found.solution, found.steps) == (None, None, None, ())


# --- on a company ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (PathLimits(hours=-1), "hours: found -1"),
        (PathLimits(budget=float("nan")), "budget: found nan"),
        (PathLimits(hours_per_week=float("inf")), "hours_per_week: found inf"),
        (PathLimits(by=1), "by: found 1970-01-01T00:00:01Z; expected no earlier than"),
    ],
)
def test_limits_that_are_none_are_refused(company_model: Fitted, limits: PathLimits, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        company_model.recommender.path(company_model.ask(target=0), limits)


def test_a_question_about_the_past_of_the_model_is_refused(company_model: Fitted) -> None:
    with pytest.raises(QueryError, match="as_of"):
        company_model.recommender.path(replace(company_model.ask(target=0), as_of=company_model.as_of - 1))


some_limits = st.builds(
    PathLimits,
    hours=st.none() | st.floats(0, 60),
    budget=st.none() | st.floats(0, 900),
    hours_per_week=st.none() | st.floats(0.5, 10),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    employee=st.integers(0, 399),
    target=st.integers(0, 24),
    limits=some_limits,
    weeks=st.none() | st.integers(0, 30),
    time_limit=st.none() | st.just(0.0),
)
def test_laws_of_every_path(
    company_model: Fitted, employee: int, target: int, limits: PathLimits, weeks: int | None, time_limit: float | None
) -> None:
    model, engine = company_model.model, company_model.recommender
    query = replace(query_of(company_model.data, employee, as_of=company_model.as_of), target_role_idx=target)
    limits = replace(limits, by=None if weeks is None else query.as_of + weeks * WEEK)
    found = engine.path(query, limits, time_limit=time_limit)
    covered = [found.coverage_before or 0.0, *(step.coverage_after for step in found.steps)]
    assert covered == sorted(covered), "coverage never falls along a path"
    assert found.coverage_after == pytest.approx(covered[-1] if found.steps else found.coverage_after)
    assert found.solution is not None
    assert (found.coverage_after or 0) + found.solution.gap <= 1 + 1e-9
    for most, used in ((limits.hours, found.hours), (found.hours_left, found.hours), (found.limits.budget, found.cost)):
        assert most is None or used <= most + 1e-4
    _check_rules(company_model, query, found, model.catalog)
    assert not {one.required.course_idx for one in found.reserved} & set(order(found))
    assert all(step.reasons for step in found.steps), "every course says why it is there"


def _check_rules(fitted: Fitted, query: Query, found: LearningPath, told: Catalog) -> None:
    """No rule is broken at any step by what was completed, required or taken before it."""
    taken: list[int] = [one.required.course_idx for one in found.reserved]
    for step in found.steps:
        history = np.concatenate([query.history, positions(*taken)]).astype(np.int32)
        then = replace(query, history=history, in_progress=positions())
        assert barriers(told, then, step.course_idx, levels=step.levels) == ()
        taken.append(step.course_idx)


def test_a_path_is_the_same_every_time(company_model: Fitted) -> None:
    query = replace(query_of(company_model.data, 3, as_of=company_model.as_of), target_role_idx=4)
    first, second = (company_model.recommender.path(query, PathLimits(hours=25)) for _ in range(2))
    assert order(first) == order(second)
    assert [step.reasons for step in first.steps] == [step.reasons for step in second.steps]


def test_a_draft_is_the_greedy_path_and_never_covers_more_than_the_best(company_model: Fitted) -> None:
    better = 0
    for employee in range(0, 400, 10):
        query = query_of(company_model.data, employee, as_of=company_model.as_of)
        query = replace(query, target_role_idx=employee % 25)
        draft = company_model.recommender.path(query, PathLimits(hours=12), time_limit=0)
        best = company_model.recommender.path(query, PathLimits(hours=12))
        assert draft.solution is not None
        assert best.solution is not None
        assert (draft.solution.solver, draft.solution.seconds) == ("greedy", 0)
        assert best.solution.solver == "exact"
        assert (draft.coverage_after or 0) <= (best.coverage_after or 0) <= draft.solution.bound + 1e-9
        better += (best.coverage_after or 0) > (draft.coverage_after or 0) + 1e-6
    assert better, "somewhere the solver finds more"


def test_more_hours_never_cover_less(company_model: Fitted) -> None:
    for employee in range(0, 400, 40):
        query = replace(
            query_of(company_model.data, employee, as_of=company_model.as_of), target_role_idx=employee % 25
        )
        covered: Sequence[float] = [
            company_model.recommender.path(query, PathLimits(hours=hours)).coverage_after or 0.0
            for hours in (0, 5, 10, 20, 40)
        ]
        assert all(b >= a - 1e-6 for a, b in pairwise(covered))
