"""Positions of one data set become those of a model that knows other courses and roles, by id."""

from __future__ import annotations

import numpy as np

from recommender.arrays import NONE, IntArray
from recommender.query import Claims, Limits, Query
from training.translation import Translation


def positions(*values: int) -> IntArray:
    return np.array(values, dtype=np.int32)


# The data has courses a b c d, the model d a c: so a→1, b→none, c→2, d→0. Roles r s, the model s: r→none, s→0.
# Skills t u v, the model v t: t→1, u→none, v→0.
COURSES, ROLES, SKILLS = positions(1, NONE, 2, 0), positions(NONE, 0), positions(1, NONE, 0)
QUERY = Query(
    as_of=100,
    history=positions(3, 1, 0),
    history_at=np.array([10, 20, 30], dtype=np.int64),
    role_idx=1,
    target_role_idx=0,
    department="sales",
    in_progress=positions(2),
    dismissed=positions(1, 2),
    due_again=positions(3),
    claims=Claims(positions(0, 1, 2), np.array([3, 4, 5], dtype=np.int8)),
    limits=Limits(max_hours=3, exclude=positions(1, 0), only=positions(1)),
)


def test_what_the_model_knows_moves_and_the_rest_is_left_out() -> None:
    found = Translation(COURSES, ROLES, SKILLS).query(QUERY)
    assert found.history.tolist() == [0, 1]
    assert found.history_at.tolist() == [10, 30]
    assert (found.role_idx, found.target_role_idx) == (0, NONE)
    assert found.in_progress.tolist() == [2]
    assert found.dismissed.tolist() == [2]
    assert found.due_again.tolist() == [0]
    assert found.claims.skill_idx.tolist() == [0, 1]
    assert found.claims.level.tolist() == [5, 3]
    assert found.limits.exclude.tolist() == [1]
    assert (found.as_of, found.department, found.limits.max_hours) == (100, "sales", 3)


def test_only_courses_the_model_lacks_still_means_only_those() -> None:
    only = Translation(COURSES, ROLES, SKILLS).query(QUERY).limits.only
    assert only is not None
    assert only.tolist() == []


def test_one_target_role_for_everyone_wins_over_their_own() -> None:
    assert Translation(COURSES, ROLES, SKILLS, target_role_idx=0).query(QUERY).target_role_idx == 0


def test_no_role_stays_none() -> None:
    nobody = Query(as_of=1)
    assert Translation(COURSES, ROLES, SKILLS).query(nobody).role_idx == NONE
