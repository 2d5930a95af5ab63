"""Plain columns become courses, skills and roles, and what is not known is filled in by rule."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recommender.arrays import EARLIEST, LATEST, NONE, FloatArray, Ids
from recommender.assembly import (
    CourseColumns,
    SkillColumns,
    catalog_from_columns,
    pieces,
    roles_from_columns,
    skills_from_columns,
)

NAN = np.nan


def numbers(*values: float) -> FloatArray:
    return np.array(values, dtype=np.float32)


def columns(*ids: str) -> CourseColumns:
    """Courses of which nothing but the id is known."""
    n, blank, unknown = len(ids), ("",) * len(ids), np.full(len(ids), NAN, dtype=np.float32)
    return CourseColumns(
        Ids(ids),
        *(blank,) * 13,
        hours=unknown,
        cost=unknown,
        available_from=np.full(n, EARLIEST, dtype=np.int64),
        available_to=np.full(n, LATEST, dtype=np.int64),
        published=np.full(n, -1, dtype=np.int8),
    )


def skill_columns(*rows: tuple[int, int, float]) -> SkillColumns:
    """Rows of owner, skill and level."""
    owner, skill, level = zip(*rows, strict=True)
    return SkillColumns(
        np.array(owner, dtype=np.int32),
        np.array(skill, dtype=np.int32),
        numbers(*level),
        np.zeros(len(rows), dtype=np.bool_),
    )


def test_a_course_known_by_its_id_alone_is_published_and_takes_an_hour() -> None:
    found = catalog_from_columns(columns("a"), SkillColumns.empty())
    assert (found.uris, found.difficulty.tolist(), found.published.tolist()) == (("a",), [0], [True])
    assert (found.hours.tolist(), found.hours_assumed.tolist()) == ([1.0], [True])
    assert len(found.skills) == len(found.prerequisites) == 1


def test_no_courses_at_all() -> None:
    assert len(catalog_from_columns(columns(), SkillColumns.empty())) == 0


def test_hours_not_given_are_the_median_of_those_given() -> None:
    told = replace(columns("a", "b", "c", "d"), hours=numbers(2, NAN, 9, 4))
    assert catalog_from_columns(told, SkillColumns.empty()).hours.tolist() == [2, 4, 9, 4]


def test_only_a_course_that_says_so_is_unpublished() -> None:
    told = replace(columns("a", "b", "c"), published=np.array([1, 0, -1], dtype=np.int8))
    assert catalog_from_columns(told, SkillColumns.empty()).published.tolist() == [True, False, True]


def test_cells_of_ids_become_positions_and_unknown_ids_go() -> None:
    told = replace(columns("a", "b"), prerequisites=("", "a| x |a"), supersedes=("b", ""), tags=("x| y", ""))
    found = catalog_from_columns(told, SkillColumns.empty())
    assert [found.prerequisites.row(i).tolist() for i in (0, 1)] == [[], [0]]
    assert [found.supersedes.row(i).tolist() for i in (0, 1)] == [[1], []]
    assert found.tags == (("x", "y"), ())


def test_pieces_are_each_kept_once_in_order() -> None:
    assert pieces(" b |a||b| ") == ("b", "a")


@pytest.mark.parametrize(
    ("difficulty", "level"), [("", 3), ("beginner", 2), ("intermediate", 3), ("advanced", 4), ("expert", 5)]
)
def test_a_level_not_given_follows_from_the_difficulty_and_the_entry_is_two_below(difficulty: str, level: int) -> None:
    told = replace(columns("a"), difficulties=(difficulty,))
    found = catalog_from_columns(told, skill_columns((0, 0, NAN))).skills
    assert (found.level.tolist(), found.entry_level.tolist()) == ([level], [level - 2])
    assert (found.entry_declared.tolist(), found.confidence.tolist(), found.weight.tolist()) == ([False], [1], [1])


def test_what_is_given_stands_and_the_entry_level_never_falls_below_none() -> None:
    taught = replace(skill_columns((0, 1, 1), (0, 0, 4)), entry_level=numbers(NAN, 3), confidence=numbers(NAN, 0.5))
    found = catalog_from_columns(columns("a"), taught).skills
    assert found.skill_idx.tolist() == [0, 1]
    assert found.level.tolist() == [4, 1]
    assert found.entry_level.tolist() == [3, 0]
    assert found.entry_declared.tolist() == [True, False]
    assert found.confidence.tolist() == found.weight.tolist() == [0.5, 1]


def test_rows_of_unknown_courses_or_skills_are_left_out() -> None:
    taught = skill_columns((NONE, 0, 3), (1, NONE, 3), (1, 0, 5), (0, 0, 2))
    found = catalog_from_columns(columns("a", "b"), taught).skills
    assert found.indptr.tolist() == [0, 1, 2]
    assert found.level.tolist() == [2, 5]


def test_a_role_needs_level_three_with_full_importance_unless_said() -> None:
    needs = replace(skill_columns((1, 0, NAN), (0, 1, 5)), importance=numbers(NAN, 0.25))
    found = roles_from_columns(Ids(["r", "s"]), ("Title", ""), ("f", ""), ("", ""), needs)
    assert (found.titles, found.families) == (("Title", "s"), ("f", ""))
    assert found.needs.indptr.tolist() == [0, 1, 2]
    assert found.needs.level.tolist() == [5, 3]
    assert found.needs.weight.tolist() == [0.25, 1]
    assert found.needs.confidence.tolist() == [1, 1]


def test_a_skill_without_a_name_is_named_by_its_id() -> None:
    found = skills_from_columns(Ids(["t", "u"]), ("", "Tea"), ("", "craft"))
    assert (found.names, found.kinds) == (("t", "Tea"), ("", "craft"))
