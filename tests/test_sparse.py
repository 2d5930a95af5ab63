"""Sparse rows: each operation is that of the dense matrix they stand for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from recommender.arrays import FloatArray, IntArray
from recommender.sparse import SparseRows, largest, packed, top_rows

ROWS = packed(
    [np.array([2, 0], dtype=np.int32), np.array([], dtype=np.int32), np.array([1, 2], dtype=np.int32)],
    [np.array([3, 1], dtype=np.float32), np.array([], dtype=np.float32), np.array([5, 2], dtype=np.float32)],
    4,
)
"""[[1, 0, 3, 0], [0, 0, 0, 0], [0, 5, 2, 0]], entries as they were given."""


def at(*rows: int) -> IntArray:
    return np.array(rows, dtype=np.int32)


def weights(*numbers: float) -> FloatArray:
    return np.array(numbers, dtype=np.float32)


def dense(rows: SparseRows) -> NDArray[np.float32]:
    full = np.zeros((len(rows), rows.n_columns), dtype=np.float32)
    for i in range(len(rows)):
        columns, values = rows.row(i)
        full[i, columns] = values
    return full


def test_rows_keep_the_order_they_are_given_in() -> None:
    columns, values = ROWS.row(0)
    assert (columns.tolist(), values.tolist()) == ([2, 0], [3, 1])
    assert len(ROWS) == 3
    assert dense(ROWS).tolist() == [[1, 0, 3, 0], [0, 0, 0, 0], [0, 5, 2, 0]]


def test_a_row_or_an_entry_that_does_not_exist_is_empty() -> None:
    assert [len(part) for part in ROWS.row(3)] == [0, 0]
    assert [ROWS.at(0, 2), ROWS.at(0, 1), ROWS.at(1, 0), ROWS.at(7, 0)] == [3, 0, 0, 0]


def test_nothing_can_be_written_to() -> None:
    for array in (ROWS.indptr, ROWS.indices, ROWS.weights):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_dot_by_hand() -> None:
    vector = weights(1, 2, 3, 4)
    assert ROWS.dot(at(0, 1, 2, 0), vector).tolist() == [1 + 9, 0, 10 + 6, 10]
    assert ROWS.dot(at(1), vector).tolist() == [0]
    assert ROWS.dot(at(), vector).tolist() == []


def test_top_rows_keeps_the_largest_above_the_floor_and_ties_by_column() -> None:
    kept = top_rows(np.array([[1, 5, 5, -2], [0, 0, 0, 0], [4, 3, 2, 1]], dtype=np.float32), keep=2)
    assert [kept.row(i)[0].tolist() for i in range(3)] == [[1, 2], [], [0, 1]]
    assert kept.row(0)[1].tolist() == [5, 5]
    floored = top_rows(np.array([[1, 5, 2]], dtype=np.float32), keep=3, above=1.5)
    assert floored.row(0)[0].tolist() == [1, 2]


tables = st.integers(1, 6).flatmap(
    lambda n_columns: st.lists(
        st.lists(st.sampled_from([-2.0, 0.0, 0.5, 1.0, 3.0]), min_size=n_columns, max_size=n_columns),
        min_size=1,
        max_size=6,
    )
)


@given(table=tables, seed=st.integers(0, 99))
def test_sparse_answers_are_the_dense_ones(table: list[list[float]], seed: int) -> None:
    matrix = np.array(table, dtype=np.float32)
    rows = top_rows(matrix, keep=matrix.shape[1], above=-10)
    assert dense(rows).tolist() == matrix.tolist()
    rng = np.random.default_rng(seed)
    which = rng.integers(0, len(matrix), size=4).astype(np.int32)
    vector = np.asarray(rng.integers(-3, 4, size=matrix.shape[1]), dtype=np.float32)
    # Small multiples of ½: every sum is exact, whatever its order.
    assert rows.dot(which, vector).tolist() == (matrix[which] @ vector).tolist()


@given(key=st.lists(st.sampled_from([0.0, 1.0, 1.5, -1.0]), max_size=12), keep=st.integers(1, 14))
def test_largest_is_a_full_sort_with_ties_by_position(key: list[float], keep: int) -> None:
    expected = sorted(range(len(key)), key=lambda i: (-key[i], i))[:keep]
    assert largest(np.array(key, dtype=np.float32), keep).tolist() == expected
