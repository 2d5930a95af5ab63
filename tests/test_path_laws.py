"""Laws of every path, on catalogues drawn at random: versions, closing dates, decimals, things begun, said or required."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from planted_worlds import positions, skill_rows
from tiny_company import catalog, day

from recommender.arrays import Ids, IntArray, Ragged
from recommender.catalog import Catalog, Roles
from recommender.eligibility import barriers
from recommender.path import WEEK, Planner
from recommender.path_parts import LearningPath, PathLimits
from recommender.profile import profile_of
from recommender.query import Feedback, Query
from recommender.required import Required
from recommender.schema import FEEDBACK_VERBS
from recommender.skills import Need, coverage

NOW = day(100)
N, N_SKILLS = 5, 3
ROLES = Roles(
    Ids(["r"]), ("R",), ("",), ("",), skill_rows({0: [(0, 4), (1, 3), (2, 2)]}, n_rows=1, weight={(0, 1): 0.5})
)
NEED = Need.of(ROLES, 0, n_skills=N_SKILLS)
amounts = st.integers(1, 99).map(lambda tenths: tenths / 10)


@st.composite
def catalogs(draw: st.DrawFn) -> Catalog:
    taught = {
        course: draw(
            st.lists(st.tuples(st.integers(0, 2), st.integers(1, 5)), max_size=2, unique_by=lambda one: one[0])
        )
        for course in range(N)
    }
    pairs = [(course, skill) for course, rows in taught.items() for skill, _ in rows]
    entry = {pair: draw(st.integers(0, 3)) for pair in pairs if draw(st.booleans())}
    closes = [draw(st.sampled_from([2**62, 2**62, NOW + WEEK, NOW + 5 * WEEK])) for _ in range(N)]
    return replace(
        catalog(N),
        hours=np.array([draw(amounts) for _ in range(N)], dtype=np.float32),
        cost=np.array([draw(st.sampled_from([np.nan, 0, 3.3, 9.9, 20])) for _ in range(N)], dtype=np.float32),
        available_to=np.array(closes),
        published=np.array([draw(st.sampled_from([True, True, True, False])) for _ in range(N)]),
        prerequisites=Ragged.from_rows(
            [[draw(st.integers(0, c - 1))] if c and draw(st.booleans()) else [] for c in range(N)]
        ),
        supersedes=Ragged.from_rows(
            [[draw(st.integers(0, c - 1))] if c and draw(st.integers(0, 3)) == 0 else [] for c in range(N)]
        ),
        skills=skill_rows(taught, n_rows=N, entry=entry),
    )


@st.composite
def questions(draw: st.DrawFn) -> Query:
    course = st.integers(0, N - 1)
    done = sorted(draw(st.sets(course, max_size=2)))
    begun = sorted(draw(st.sets(course, max_size=1)) - set(done))
    due = draw(st.none() | st.sampled_from([NOW + WEEK, NOW + 30 * WEEK]))
    must = sorted(draw(st.sets(course, max_size=1)) - set(done))
    said = draw(st.lists(st.tuples(course, st.sampled_from(FEEDBACK_VERBS), st.just(NOW - 1)), max_size=1))
    return Query(
        NOW,
        positions(*done),
        np.array([day(i) for i in range(len(done))], dtype=np.int64),
        target_role_idx=0,
        in_progress=positions(*begun),
        progress=np.array([0.4] * len(begun), dtype=np.float32),
        feedback=Feedback.of(said),
        required=tuple(Required(one, due, 1.5, overdue=False, recurring=False) for one in must),
    )


some_limits = st.builds(
    PathLimits,
    hours=st.none() | amounts,
    budget=st.none() | st.sampled_from([3.3, 13.2, 30.0]),
    by=st.none() | st.sampled_from([NOW, NOW + 3 * WEEK, NOW + 9 * WEEK]),
    hours_per_week=st.sampled_from([0.5, 1.7, 4.0]),
)


def levels_of(told: Catalog, query: Query) -> np.ndarray[tuple[int], np.dtype[np.int8]]:
    return np.asarray(profile_of(query, catalog=told, roles=ROLES, n_skills=N_SKILLS).level)


def planned(told: Catalog, query: Query, limits: PathLimits) -> LearningPath:
    def relevance(some: IntArray) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
        return np.full(len(some), 0.5, dtype=np.float32)

    return Planner(told, query, NEED, levels_of(told, query), limits, relevance).path()


def after(query: Query, courses: list[int], at: int) -> Query:
    """Return the question once courses are completed, one after another, at a moment; what was begun goes on."""
    history = positions(*query.history.tolist(), *courses)
    times = np.array(
        [*query.history_at.tolist(), *(at - len(courses) + i for i in range(len(courses)))], dtype=np.int64
    )
    return replace(query, as_of=at, history=history, history_at=times, in_progress=positions())


@settings(max_examples=150, deadline=None)
@given(told=catalogs(), query=questions(), limits=some_limits)
def test_no_rule_is_broken_when_its_turn_comes_and_what_is_promised_is_reached(
    told: Catalog, query: Query, limits: PathLimits
) -> None:
    found = planned(told, query, limits)
    required = [one.required.course_idx for one in found.reserved]
    spent = sum(1.5 * (0.6 if one in query.in_progress else 1) for one in required)
    taken: list[int] = [*required]
    for step in found.steps:
        begins = NOW + int(spent / (limits.hours_per_week or 1) * WEEK)
        then = after(query, taken, begins + 10)
        broken = barriers(told, replace(then, as_of=begins), step.course_idx, levels=levels_of(told, then))
        assert set(broken) <= ({"completed"} if step.course_idx in query.due_again else set()), broken
        taken.append(step.course_idx)
        spent += step.hours
        reached = coverage(levels_of(told, after(query, taken, begins + 20)), NEED) or 0
        assert reached >= step.coverage_after - 1e-9, "completing the steps gives what the path promised"
    _check_limits(found, told)
    groups = told.version_group[[step.course_idx for step in found.steps]].tolist()
    assert len(groups) == len(set(groups)), "no two versions of one course"


def _check_limits(found: LearningPath, told: Catalog) -> None:
    assert found.solution is not None
    covered = [found.coverage_before or 0, *(step.coverage_after for step in found.steps)]
    assert covered == sorted(covered)
    assert (found.coverage_after or 0) <= found.solution.bound <= 1
    for most, used in (
        (found.limits.hours, found.hours),
        (found.hours_left, found.hours),
        (found.limits.budget, found.cost),
    ):
        assert most is None or used <= most + 1e-6


@settings(max_examples=60, deadline=None)
@given(told=catalogs(), query=questions(), limits=some_limits)
def test_no_order_whatever_covers_more_than_the_bound(told: Catalog, query: Query, limits: PathLimits) -> None:
    """Every order of every choice, each course begun only when its rules let it, within the limits, versions once."""
    told = replace(told, supersedes=Ragged.empty(N))
    query = replace(query, required=(), in_progress=positions(), progress=np.empty(0, dtype=np.float32))
    found = planned(told, query, limits)
    assert found.solution is not None
    hours = [float(str(one)) for one in told.hours]
    cost = [0.0 if np.isnan(one) else float(str(one)) for one in told.cost]
    most_hours = min([one for one in (limits.hours, found.hours_left) if one is not None], default=np.inf)
    most_cost = np.inf if limits.budget is None else limits.budget
    best = 0.0
    for length in range(1, N + 1):
        for order in permutations(range(N), length):
            if (
                sum(hours[one] for one in order) > most_hours + 1e-9
                or sum(cost[one] for one in order) > most_cost + 1e-9
            ):
                continue
            best = max(best, _walked(told, query, order, hours, limits.hours_per_week or 1))
    assert found.solution.bound >= best - 1e-9


def _walked(told: Catalog, query: Query, order: tuple[int, ...], hours: list[float], each: float) -> float:
    """Return what is covered at the end of an order, 0 if a course could not be begun in its turn."""
    taken: list[int] = []
    spent = 0.0
    for course in order:
        begins = NOW + int(spent / each * WEEK)
        then = after(query, taken, begins + 10)
        if barriers(told, replace(then, as_of=begins), course, levels=levels_of(told, then)):
            return 0.0
        taken.append(course)
        spent += hours[course]
    return coverage(levels_of(told, after(query, taken, NOW + 10**9)), NEED) or 0.0
