"""Following a list for some hours: worked by hand, and against the rules of eligibility for random catalogues."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted_worlds import positions, skill_rows
from tiny_company import catalog

from recommender.arrays import NONE, IntArray, Ragged
from recommender.catalog import Catalog, SkillRows
from recommender.eligibility import eligible
from recommender.query import Query
from recommender.skills import Need, coverage
from training.following import Curriculum, GainPerHour, Start, coverage_of, follow

PYTHON, LAW = 0, 1
ASKED = Query(as_of=0)
NOTHING = np.zeros(2, dtype=np.int8)
NEED = Need(np.array([3, 2], dtype=np.int8), np.array([1, 0.5], dtype=np.float32), 4.0)
"""Python 3 at importance 1 and law 2 at importance 0.5: 3 + 1 = 4 in all."""


def courses(n: int, hours: list[float], rows: SkillRows, *, before: dict[int, list[int]] | None = None) -> Catalog:
    wanted = Ragged.from_rows([(before or {}).get(i, []) for i in range(n)])
    return replace(catalog(n), hours=np.array(hours, dtype=np.float32), skills=rows, prerequisites=wanted)


# Course 0 teaches python 2 in 10 h; 1 python 3 in 20 h and asks for python 2; 2 law 3 in 15 h; 3 python 4 in 5 h after 2.
ROWS = skill_rows({0: [(PYTHON, 2)], 1: [(PYTHON, 3)], 2: [(LAW, 3)], 3: [(PYTHON, 4)]}, n_rows=4, entry={(1, 0): 2})
FOUR = Curriculum.of(courses(4, [10, 20, 15, 5], ROWS, before={3: [2]}))
BEGINNER = FOUR.start(ASKED, seen=NOTHING)


# --- worked by hand ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "taken", "used", "reached"),
    [
        # 1 asks for python 2 and 3 for course 2, so 0 comes first; then 1. 10 h are left, 2 takes 15.
        (40, [0, 1], 30, 3 / 4),
        # Now 2 fits as well, and nothing is left for 3.
        (45, [0, 1, 2], 45, (3 + 0.5 * 2) / 4),
        # 2 opens 3; python 4 is more than is needed.
        (50, [0, 1, 2, 3], 50, 1),
        # 0 takes 10 h, so does nothing; no other fits.
        (12, [0], 10, 2 / 4),
        (4, [], 0, 0),
    ],
)
def test_the_first_course_that_can_be_started_and_fits(
    hours: float, taken: list[int], used: float, reached: float
) -> None:
    end = follow(positions(1, 3, 0, 2, NONE), BEGINNER, hours=hours)
    assert end.courses.tolist() == taken
    assert end.hours == used
    assert coverage_of(end.levels, NEED) == pytest.approx(reached)


def test_following_changes_nothing_of_the_start() -> None:
    follow(positions(0, 2, 3), BEGINNER, hours=80)
    assert BEGINNER.seen.tolist() == [0, 0]
    assert BEGINNER.scored.tolist() == [0, 0]
    assert follow(positions(0), BEGINNER, hours=80).courses.tolist() == [0]


def test_more_hours_may_lead_to_less_along_a_list() -> None:
    """First a long course of little use: it fits 30 hours and not 29, where the useful one is taken instead."""
    rows = skill_rows({0: [(LAW, 1)], 1: [(PYTHON, 3)]}, n_rows=2)
    start = Curriculum.of(courses(2, [30, 20], rows)).start(ASKED, seen=NOTHING)
    reached = [coverage_of(follow(positions(0, 1), start, hours=hours).levels, NEED) for hours in (29, 30)]
    assert reached == pytest.approx([3 / 4, 0.5 / 4])


def test_what_was_completed_meets_a_prerequisite_and_is_not_taken_again() -> None:
    query = replace(ASKED, history=positions(2), history_at=np.array([-1]))
    end = follow(positions(2, 3), FOUR.start(query, seen=NOTHING), hours=80)
    assert end.courses.tolist() == [3]


def test_one_version_of_a_course_is_taken_and_meets_what_asks_for_another() -> None:
    # 4 supersedes 2, which is no longer offered; 3 asks for 2; 5 is another successor of 2.
    rows = skill_rows({2: [(LAW, 3)], 3: [(PYTHON, 4)], 4: [(LAW, 3)], 5: [(LAW, 3)]}, n_rows=6)
    told = courses(6, [1] * 6, rows, before={3: [2]})
    told = replace(told, supersedes=Ragged.from_rows([[], [], [], [], [2], [2]]))
    end = follow(positions(3, 2, 4, 5), Curriculum.of(told).start(ASKED, seen=NOTHING), hours=80)
    assert end.courses.tolist() == [4, 3]


def test_what_is_seen_opens_courses_and_what_is_true_is_scored() -> None:
    """The catalogue says course 0 leads to python 2, which opens 1; in truth it leads to 1, and the person has 1.5."""
    truth = skill_rows({0: [(PYTHON, 1)], 1: [(PYTHON, 2)]}, n_rows=4)
    start = Curriculum(FOUR.catalog, truth).start(ASKED, seen=NOTHING, scored=np.array([1.5, 0.25]))
    assert follow(positions(0), start, hours=80).levels.tolist() == [1.5, 0.25]
    end = follow(positions(1, 0), start, hours=80)
    assert end.courses.tolist() == [0, 1]
    assert end.levels.tolist() == [2, 0.25]
    # (min(2, 3) + 0.5·0.25) / 4
    assert coverage_of(end.levels, NEED) == pytest.approx(2.125 / 4)
    assert follow(positions(1), start, hours=80).courses.tolist() == []


def test_hours_that_are_filled_to_the_last_lose_no_course() -> None:
    """Ten courses of 0.1 h in single precision are a little more than 1 h together."""
    rows = skill_rows({}, n_rows=10)
    start = Curriculum.of(courses(10, [0.1] * 10, rows)).start(ASKED, seen=NOTHING)
    assert len(follow(np.arange(10, dtype=np.int32), start, hours=1).courses) == 10


def gain_per_hour(start: Start, need: Need = NEED) -> GainPerHour:
    return GainPerHour(start.curriculum, start_of=lambda _: start, need_of=lambda _: need)


@pytest.mark.parametrize(
    ("hours", "plan"),
    [
        # Coverage·4 per hour: 0 gives 2/10, 2 gives 0.5·2/15; 1 and 3 cannot be started. After 0, 1 gives 1/20 and
        # 2 is better; after 2, 3 gives the last level of python: 1/5. Then nothing is missing.
        (80, [0, 2, 3]),
        (29, [0, 2]),
        # 5 h are left after 0 in 15: nothing fits.
        (15, [0]),
        (3, []),
    ],
)
def test_gain_per_hour_is_looked_at_anew_after_every_course(hours: float, plan: list[int]) -> None:
    assert gain_per_hour(BEGINNER).plan(ASKED, hours).tolist() == plan


def test_gain_per_hour_counts_what_is_scored() -> None:
    """Somebody who truly has python 2.5 gains half a level in 20 h by course 1, which is not seen to be open."""
    start = FOUR.start(ASKED, seen=NOTHING, scored=np.array([2.5, 0.0]))
    # 0 gives nothing, so 1 is never opened; 2 gives 1/15, then 3 gives 0.5/5.
    assert gain_per_hour(start).plan(ASKED, 80).tolist() == [2, 3]
    # Where nothing is missing nothing is planned.
    assert gain_per_hour(FOUR.start(ASKED, seen=np.array([3, 2], dtype=np.int8))).plan(ASKED, 80).tolist() == []


# --- laws --------------------------------------------------------------------------------------------------------


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Start, Need, Query, IntArray, float]:
    """Return somebody with some levels, a need, a list in any order and hours, in a random catalogue with versions."""
    n, n_skills = draw(st.integers(1, 8)), 3
    level = st.integers(1, 5)
    taught = {i: [(s, draw(level)) for s in draw(st.sets(st.integers(0, n_skills - 1), max_size=2))] for i in range(n)}
    pairs = [(i, skill) for i, rows in taught.items() for skill, _ in rows]
    entry = {pair: draw(st.integers(0, 3)) for pair in pairs if draw(st.booleans())}
    before = {i: [j for j in range(i) if draw(st.integers(0, 4)) == 0] for i in range(n)}
    older = [[i - 1] if i and draw(st.integers(0, 5)) == 0 else [] for i in range(n)]
    told = courses(
        n, [draw(st.floats(0.5, 30)) for _ in range(n)], skill_rows(taught, n_rows=n, entry=entry), before=before
    )
    told = replace(
        told,
        supersedes=Ragged.from_rows(older),
        published=np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n))),
    )
    needed = np.array([draw(st.integers(0, 5)) for _ in range(n_skills - 1)] + [2], dtype=np.int8)
    importance = np.where(needed > 0, np.float32(draw(st.floats(0.125, 1, width=32))), np.float32(0))
    need = Need(needed, importance, float(importance.astype(np.float64) @ needed))
    done = draw(st.sets(st.integers(0, n - 1), max_size=2))
    query = replace(ASKED, history=positions(*sorted(done)), history_at=np.full(len(done), -1))
    seen = np.array([draw(st.integers(0, 4)) for _ in range(n_skills)], dtype=np.int8)
    order = np.array(draw(st.permutations(range(n))), dtype=np.int32)
    return Curriculum.of(told).start(query, seen=seen), need, query, order, draw(st.floats(0, 80))


@given(worlds())
@settings(max_examples=200, deadline=None)
def test_laws_of_following(world: tuple[Start, Need, Query, IntArray, float]) -> None:
    start, need, query, order, hours = world
    told = start.curriculum.catalog
    end = follow(order, start, hours=hours)
    assert end.hours == pytest.approx(float(told.hours[end.courses].sum()), rel=1e-5)
    assert end.hours <= hours + 1e-5
    groups = told.version_group[end.courses].tolist()
    assert len(set(groups)) == len(groups)
    levels, history = start.seen.copy(), query.history
    for course in [*end.courses.tolist(), NONE]:
        now = replace(query, history=history, history_at=np.full(len(history), -1))
        left = hours - float(told.hours[np.setdiff1d(history, query.history)].sum())
        may = eligible(told, now, order, levels=levels) & (told.hours[order] <= left + 1e-4)
        able = [one for one, can in zip(order.tolist(), may.tolist(), strict=True) if can]
        assert able[:1] == ([] if course == NONE else [course])
        reached = coverage(levels, need)
        if course != NONE:
            span = told.skills.span(course)
            skills = told.skills.skill_idx[span]
            levels[skills] = np.maximum(levels[skills], told.skills.level[span])
            history = np.append(history, course).astype(np.int32)
        assert (coverage(levels, need) or 0) >= (reached or 0)
    assert end.levels.tolist() == levels.tolist()
    assert coverage_of(end.levels, need) == pytest.approx(coverage(levels, need))


@given(worlds())
@settings(max_examples=200, deadline=None)
def test_a_plan_by_gain_per_hour_can_be_followed_and_every_course_of_it_adds_something(
    world: tuple[Start, Need, Query, IntArray, float],
) -> None:
    start, need, query, _, hours = world
    plan = gain_per_hour(start, need).plan(query, hours)
    assert follow(plan, start, hours=hours).courses.tolist() == plan.tolist()
    reached = [coverage_of(follow(plan[:n], start, hours=hours).levels, need) for n in range(len(plan) + 1)]
    assert (np.diff(reached) > 0).all()
