"""Need, coverage, goal gain and new ground, worked by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from planted_worlds import positions, skill_rows
from tiny_company import catalog

from recommender.arrays import NONE, Ids
from recommender.catalog import Catalog, Roles
from recommender.skills import Need, coverage, goal_gain, new_ground, ready

ROLES = Roles(
    Ids(["analyst", "blank"]),
    ("Analyst", "Blank"),
    ("", ""),
    ("", ""),
    # The role needs skill 0 at 4 with importance 1, skill 1 at 3 with 0.5 and skill 2 at 1 with 1.
    skill_rows({0: [(0, 4), (1, 3), (2, 1)]}, n_rows=2, weight={(0, 1): 0.5}),
)
N_SKILLS = 4
NEED = Need.of(ROLES, 0, n_skills=N_SKILLS)


def courses() -> Catalog:
    """0 teaches skill 0 to 3; 1 skill 0 to 5 and 1 to 2; 2 skill 3 to 5; 3 nothing; 4 skill 1 to 3 from level 2 on."""
    taught = {0: [(0, 3)], 1: [(0, 5), (1, 2)], 2: [(3, 5)], 4: [(1, 3)]}
    return replace(catalog(5), skills=skill_rows(taught, n_rows=5, entry={(4, 1): 2}))


def test_need_and_coverage_by_hand() -> None:
    # 1·4 + 0.5·3 + 1·1 = 6.5 needed; of levels 3, 5, 0 it has 1·3 + 0.5·3 + 0: what is beyond the need adds nothing.
    assert NEED.total == 6.5
    assert coverage(np.array([3, 5, 0, 5], dtype=np.int8), NEED) == pytest.approx(4.5 / 6.5)
    assert coverage(np.array([5, 5, 5, 5], dtype=np.int8), NEED) == 1
    assert coverage(np.zeros(4, dtype=np.int8), NEED) == 0


@pytest.mark.parametrize("role", [NONE, 1])
def test_nothing_is_needed_without_a_role_or_its_skills(role: int) -> None:
    need = Need.of(ROLES, role, n_skills=N_SKILLS)
    assert need.total == 0
    assert coverage(np.zeros(4, dtype=np.int8), need) is None
    everything = np.arange(5, dtype=np.int32)
    assert goal_gain(np.zeros(4, dtype=np.int8), need, courses(), everything).tolist() == [0] * 5


def test_goal_gain_by_hand() -> None:
    everything = np.arange(5, dtype=np.int32)
    # At level 1 in skill 0: course 0 lifts it to 3, course 1 to the 4 needed and skill 1 to 2; 4 cannot be started.
    gain = goal_gain(np.array([1, 0, 0, 0], dtype=np.int8), NEED, courses(), everything)
    assert gain.tolist() == pytest.approx([2 / 6.5, (3 + 0.5 * 2) / 6.5, 0, 0, 0])
    # Above what courses 0 and 1 teach of skill 0, and able to start course 4: skill 1 goes from 2 to 3.
    gain = goal_gain(np.array([5, 2, 0, 0], dtype=np.int8), NEED, courses(), everything)
    assert gain.tolist() == pytest.approx([0, 0, 0, 0, 0.5 / 6.5])
    assert gain.dtype == np.float32


def test_only_declared_entry_levels_are_asked_for() -> None:
    beginner = np.zeros(4, dtype=np.int8)
    everything = np.arange(5, dtype=np.int32)
    assert ready(beginner, courses(), everything).tolist() == [True, True, True, True, False]
    rows = courses().skills
    assumed = replace(courses(), skills=replace(rows, entry_declared=np.zeros_like(rows.entry_declared)))
    assert ready(beginner, assumed, everything).all()


@given(
    have=st.lists(st.integers(0, 5), min_size=4, max_size=4),
    course=st.integers(0, 4),
)
def test_goal_gain_is_by_how_much_completing_the_course_raises_coverage(have: list[int], course: int) -> None:
    before = np.array(have, dtype=np.int8)
    gain = float(goal_gain(before, NEED, courses(), positions(course))[0])
    after = before.copy()
    if ready(before, courses(), positions(course))[0]:
        span = courses().skills.span(course)
        taught = courses().skills.skill_idx[span]
        after[taught] = np.maximum(after[taught], courses().skills.level[span])
    assert coverage(after, NEED) == pytest.approx((coverage(before, NEED) or 0) + gain, abs=1e-6)


@given(n_more=st.integers(0, 200), importance=st.lists(st.floats(0.0625, 1, width=32), min_size=60, max_size=60))
def test_skills_nobody_needs_change_no_digit(n_more: int, importance: list[float]) -> None:
    """However many others there are, and wherever they stand among those needed."""
    needed = [(skill, 1 + skill % 5) for skill in range(60)]
    spread = [(skill * 2, level) for skill, level in needed]
    have = np.arange(60, dtype=np.int8) % 4

    def answer(rows: list[tuple[int, int]], n_skills: int) -> tuple[float, float | None]:
        weight = {(0, skill): weight for (skill, _), weight in zip(rows, importance, strict=True)}
        roles = replace(ROLES, needs=skill_rows({0: rows}, n_rows=2, weight=weight))
        need, levels = Need.of(roles, 0, n_skills=n_skills), np.zeros(n_skills, dtype=np.int8)
        levels[[skill for skill, _ in rows]] = have
        return need.total, coverage(levels, need)

    expected = answer(needed, 60)
    assert answer(needed, 60 + n_more) == expected
    assert answer(spread, 120 + n_more) == expected


def test_new_ground_by_hand() -> None:
    """At level 2 in skill 0, 1 in skill 1: course 0 teaches skill 0 alone; of course 1 two of seven levels are new."""
    everything = np.arange(5, dtype=np.int32)
    levels = np.array([2, 1, 0, 0], dtype=np.int8)
    # Course 1 wants 3 of skill 0 (one short), course 2 wants 3 of skill 3 (three short), course 4 wants 2 of skill 1 (one
    # short). Each level short halves.
    taught = {0: [(0, 3)], 1: [(0, 5), (1, 2)], 2: [(3, 5)], 4: [(1, 3)]}
    told = replace(courses(), skills=skill_rows(taught, n_rows=5, entry={(1, 0): 3, (2, 3): 3, (4, 1): 2}))
    found = new_ground(levels, told, everything)
    assert found.tolist() == pytest.approx([0, 2 / 7 / 2, 1 / 8, 0, 1 / 2])
    assert found.dtype == np.float32
