"""The question as it is made of a data set: what is visible at a moment, and how a history is read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from planted_worlds import positions
from tiny_company import company, day

from recommender.arrays import EARLIEST, NONE
from recommender.company import Dataset, Dated
from recommender.query import Limits, Query, query_of, recent_history
from recommender.schema import EVIDENCE_SOURCES, FEEDBACK_VERBS


def dated(*rows: tuple[int, int, int, int]) -> Dated:
    """Facts of employee 0: (subject, value, source, at)."""
    table = np.array(rows, dtype=np.int64).reshape(-1, 4)
    return Dated.from_columns(
        np.zeros(len(table), dtype=np.int32),
        table[:, 0].astype(np.int32),
        table[:, 1].astype(np.int16),
        table[:, 2].astype(np.int8),
        table[:, 3],
        n_employees=2,
    )


def told(**facts: Any) -> Dataset:
    """Employee 0 completed 2, 0 and 2 again on days 1, 3 and 5; employee 1 completed 1 on day 4. Now is day 5."""
    data = company([(0, 2, 1), (0, 0, 3), (0, 2, 5), (1, 1, 4)], n_courses=4, role_idx=[1, 0], n_roles=2, assigned=[1])
    return replace(data, people=replace(data.people, departments=("Sales", ""), locations=("Lyon", ""), **facts))


@pytest.mark.parametrize(
    ("at", "history"),
    [(day(1), []), (day(1) + 1, [2]), (day(3), [2]), (day(4), [2, 0]), (day(9), [2, 0])],
)
def test_history_is_what_was_first_completed_strictly_before(at: int, history: list[int]) -> None:
    query = query_of(told(), 0, as_of=at)
    assert query.history.tolist() == history, "assigned ones too, repeats not"
    assert query.history_at.tolist() == [day(1), day(3)][: len(history)]
    assert not query.history.flags.writeable


def test_who_somebody_is() -> None:
    query = query_of(told(), 0, as_of=day(4), limits=Limits(max_hours=3))
    assert (query.department, query.location, query.role_idx) == ("Sales", "Lyon", 1)
    assert query.role_names == ("r1", "role 1")
    assert query.limits.max_hours == 3
    nobody = Query(as_of=day(4))
    assert (nobody.role_names, nobody.goal_role) == ((), NONE)


def test_the_goal_role_is_the_target_else_the_current_one() -> None:
    assert Query(0, role_idx=1, target_role_idx=0).goal_role == 0
    assert Query(0, role_idx=1).goal_role == 1
    assert Query(0, target_role_idx=0).goal_role == 0


def test_dated_facts_are_visible_from_the_moment_after() -> None:
    verbs = {name: FEEDBACK_VERBS.index(name) for name in ("not_interested", "later")}
    data = told(
        begun=dated((3, 40, 0, day(2))),
        feedback=dated((1, verbs["not_interested"], 0, day(2)), (3, verbs["later"], 0, day(2))),
        evidence=dated((0, 3, EVIDENCE_SOURCES.index("self"), day(2))),
    )
    for at, seen in ((day(2), False), (day(2) + 1, True)):
        query = query_of(data, 0, as_of=at)
        assert query.in_progress.tolist() == [3] * seen
        assert query.feedback.saying("not_interested").tolist() == [1] * seen, "only what is not wanted is dismissed"
        assert query.claims.level.tolist() == [3] * seen
    other = query_of(data, 1, as_of=day(9))
    assert (len(other.in_progress), len(other.feedback), len(other.claims.level)) == (0, 0, 0)


def test_undated_facts_are_hidden_from_the_past() -> None:
    data = told(
        begun=dated((3, 40, 0, EARLIEST)),
        feedback=dated((1, FEEDBACK_VERBS.index("not_interested"), 0, EARLIEST)),
        evidence=dated((0, 3, 0, EARLIEST)),
    )
    data = replace(data, people=replace(data.people, target_role_idx=positions(0, NONE)))
    past, now = query_of(data, 0, as_of=day(5) - 1), query_of(data, 0, as_of=day(5) + 1)
    assert [len(past.in_progress), len(past.feedback), len(past.claims.level)] == [0, 0, 0]
    assert past.target_role_idx == NONE
    assert [len(now.in_progress), len(now.feedback), len(now.claims.level)] == [1, 1, 1]
    assert now.target_role_idx == 0


def test_recent_history_by_hand() -> None:
    query = Query(0, positions(5, 1, 4, 2), np.array([7, 7, 9, 3], dtype=np.int64))
    courses, at, after = recent_history(query, most=9)
    assert courses.tolist() == [4, 1, 5, 2]
    assert at.tolist() == [9, 7, 7, 3]
    assert after.tolist() == [0, 1.5, 1.5, 3], "a basket shares the places it fills"
    assert recent_history(query, most=2)[0].tolist() == [4, 1]
    assert [len(part) for part in recent_history(Query(0), most=5)] == [0, 0, 0]


@given(
    rows=st.lists(st.tuples(st.integers(0, 30), st.integers(0, 6)), max_size=20, unique_by=lambda row: row[0]),
    seed=st.integers(0, 99),
    most=st.integers(1, 25),
)
def test_the_order_a_history_is_written_in_does_not_matter(rows: list[tuple[int, int]], seed: int, most: int) -> None:
    table = np.array(rows, dtype=np.int64).reshape(-1, 2)
    mixed = np.random.default_rng(seed).permutation(table)
    one, two = (
        recent_history(Query(9, which[:, 0].astype(np.int32), which[:, 1]), most=most) for which in (table, mixed)
    )
    assert [part.tolist() for part in one] == [part.tolist() for part in two]
    assert (np.diff(one[1]) <= 0).all()


def test_a_history_lies_in_memory_as_it_likes() -> None:
    courses, at = np.arange(9, dtype=np.int32), np.arange(9, dtype=np.int64) * 10
    found = recent_history(Query(99, courses[::3], at[::3]), most=2)
    assert [part.tolist() for part in found] == [[6, 3], [60, 30], [0, 1]]
    odd_ones: list[Any] = [courses[:2], courses.reshape(3, 3), courses.astype(np.int64)]
    for odd in odd_ones:
        with pytest.raises(TypeError, match="history: found another type or shape"):
            recent_history(Query(99, odd, at), most=2)
