"""The compiled loops over the courses an answer shows: each gives what the plain Python of its formula gives."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recommender import answer_kernels
from recommender.arrays import IntArray
from recommender.question import Places
from recommender.sparse import SparseRows, packed

N = 6


class Kind(NamedTuple):
    skill: int
    have: int
    taught: int
    needed: int


def ints(*values: int) -> IntArray:
    return np.array(values, dtype=np.int32)


def levels(*values: int) -> np.ndarray[tuple[int], np.dtype[np.int8]]:
    return np.array(values, dtype=np.int8)


def some_rows(seed: int) -> SparseRows:
    """Rows with small whole weights, so that many are equal; some are 0."""
    rng = np.random.default_rng(seed)
    columns = [np.sort(rng.permutation(N)[: rng.integers(0, N + 1)]).astype(np.int32) for _ in range(N)]
    return packed(columns, [rng.integers(0, 3, len(one)).astype(np.float32) for one in columns], N)


@given(seed=st.integers(0, 200), shown=st.permutations(range(N)), history=st.permutations([*range(N), -1, N]))
def test_the_strongest_row_is_the_first_with_the_largest_weight(
    seed: int, shown: list[int], history: list[int]
) -> None:
    rows, asked = some_rows(seed), Places(ints(*shown[:4]), N)
    expected = []
    for course in shown[:4]:
        weights = [(rows.at(row, course) if 0 <= row < N else 0.0, row) for row in history]
        most = max(weight for weight, _ in weights)
        expected.append((next(row for weight, row in weights if weight == most), most) if most > 0 else (-1, 0.0))
    found = answer_kernels.strongest_of(rows.indptr, rows.indices, rows.weights, ints(*history), asked)
    assert list(found) == expected


def test_long_rows_are_read_to_their_ends() -> None:
    """More hits than are kept at once, in rows of more than one block; the first of equal rows speaks."""
    n = 700
    everywhere = np.arange(n, dtype=np.int32)
    rising = everywhere.astype(np.float32)
    rows = packed([everywhere, everywhere[::-1].copy(), everywhere], [rising, np.full(n, 600, np.float32), rising], n)
    asked = Places(everywhere, n)
    found = answer_kernels.strongest_of(rows.indptr, rows.indices, rows.weights, ints(0, 1, 2), asked)
    assert list(found) == [(1, 600.0)] * 600 + [(0, float(i)) for i in range(600, n)]
    assert answer_kernels.row_of(rows.indptr, rows.indices, rows.weights, 2, asked).tolist() == rising.tolist()


@given(seed=st.integers(0, 200), row=st.integers(-1, N))
def test_the_weights_of_a_row_are_0_where_it_has_none_or_is_none(seed: int, row: int) -> None:
    rows, asked = some_rows(seed), Places(ints(4, 0, 3), N)
    found = answer_kernels.row_of(rows.indptr, rows.indices, rows.weights, row, asked)
    assert found.tolist() == [rows.at(row, course) if 0 <= row < N else 0.0 for course in (4, 0, 3)]


def test_lifts_stand_by_what_they_weigh_then_by_skill() -> None:
    # Course 0 teaches skills 3, 0, 1, 2 to level 4, 3, 2, 5; course 1 nothing; course 2 skill 1 to 1, which is had already.
    taught = (np.array([0, 4, 4, 5], dtype=np.int64), ints(3, 0, 1, 2, 1), levels(4, 3, 2, 5, 1))
    have, needed = levels(1, 1, 0, 0), levels(3, 4, 0, 2)
    importance = np.array([0.5, 1, 1, 0.5], dtype=np.float32)
    found = answer_kernels.lifts(Kind, *taught, ints(2, 0, 1), have, needed, importance)
    # Steps: skill 0 from 1 to 3, 0.5·2; skill 1 from 1 to 2, 1·1; skill 2 is not needed; skill 3 from 0 to 2, 0.5·2.
    assert found == {2: (), 0: (Kind(0, 1, 3, 3), Kind(1, 1, 2, 4), Kind(3, 0, 4, 2)), 1: ()}
    assert all(type(one) is Kind for one in found[0])
    importance[1] = 1.5
    heavier = answer_kernels.lifts(Kind, *taught, ints(0), have, needed, importance)
    assert [one.skill for one in heavier[0]] == [1, 0, 3]


def test_entry_levels_are_met_where_declared_above_0_and_reached() -> None:
    asked = (np.array([0, 5], dtype=np.int64), ints(0, 1, 2, 3, 4), levels(2, 2, 0, 3, 2))
    declared = np.array([True, False, True, True, True])
    assert answer_kernels.met(*asked, declared, ints(0), levels(3, 3, 3, 2, 2)) == {0: [(0, 2, 3), (4, 2, 2)]}
