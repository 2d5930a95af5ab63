"""Sparse rows: each operation is that of the dense matrix they stand for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from recommender.arrays import FloatArray, IntArray
from recommender.kernels import Proposed
from recommender.sparse import Places, SparseRows, largest, packed, top_rows

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


def everywhere(rows: SparseRows, n_columns: int | None = None) -> Places:
    n_columns = rows.n_columns if n_columns is None else n_columns
    return Places.of(np.arange(n_columns, dtype=np.int32), n_columns)


def summed(rows: SparseRows, which: IntArray, row_weights: FloatArray, places: Places) -> FloatArray:
    out = np.full((1, len(places)), np.nan, dtype=np.float32)
    rows.fill(out, 0, which, row_weights, places)
    return np.asarray(out[0])


def largest_of(rows: SparseRows, which: IntArray, places: Places) -> FloatArray:
    """Return the largest weights of all rows, as the last of three rows to be filled."""
    out = np.full((4, len(places)), np.nan, dtype=np.float32)
    once = np.ones(len(which), dtype=np.float32)
    rows.fill(out, 1, which, once, places, (0, len(which) // 2), (0, len(which)))
    assert np.isnan(out[0]).all(), "what is above the first row stays"
    assert out[1].tolist() == summed(rows, which, once, places).tolist()
    for row, some in ((out[2], which[: len(which) // 2]), (out[3], which)):
        there = np.zeros((1 + len(some), len(places)), dtype=np.float32)
        for one, i in zip(there[1:], some.tolist(), strict=True):
            one[:] = row_at(rows, i, places)
        assert row.tolist() == there.max(axis=0).tolist()
    return np.asarray(out[3])


def row_at(rows: SparseRows, i: int, places: Places) -> FloatArray:
    out = np.full((1, len(places)), np.nan, dtype=np.float32)
    rows.fill_row(out, 0, i, places)
    return np.asarray(out[0])


def test_weighted_sum_and_maximum_by_hand() -> None:
    assert summed(ROWS, at(0, 2, 1), weights(2, 1, 9), everywhere(ROWS)).tolist() == [2, 5, 2 * 3 + 2, 0]
    some = Places.of(at(2, 0), 4)
    assert summed(ROWS, at(0, 2), weights(2, 1), some).tolist() == [8, 2], "in the order of the columns asked about"
    for order in (at(0, 2), at(2, 0)):
        assert largest_of(ROWS, order, everywhere(ROWS)).tolist() == [1, 5, 3, 0]
        assert largest_of(ROWS, order, some).tolist() == [3, 1]


def test_more_columns_than_the_rows_have_may_be_asked_about() -> None:
    assert summed(ROWS, at(0), weights(1), everywhere(ROWS, 6)).tolist() == [1, 0, 3, 0, 0, 0]


def test_a_row_that_does_not_exist_adds_nothing() -> None:
    everything = everywhere(ROWS)
    assert summed(ROWS, at(9, -1), weights(1, 1), everything).tolist() == [0, 0, 0, 0]
    assert largest_of(ROWS, at(9, -1), everything).tolist() == [0, 0, 0, 0]
    assert [row_at(ROWS, i, everything).tolist() for i in (9, 0)] == [[0, 0, 0, 0], [1, 0, 3, 0]]
    assert row_at(ROWS, -1, everything).tolist() == [0, 0, 0, 0]
    assert proposed_by(ROWS, at(9, -1), 2) == []


def proposed_by(rows: SparseRows, which: IntArray, most: int) -> list[int]:
    proposed = Proposed(rows.n_columns)
    rows.propose(proposed, which, most)
    return list(proposed.positions().tolist())


def test_heads_and_counts_by_hand() -> None:
    assert proposed_by(ROWS, at(0, 1, 2), 1) == [1, 2]
    assert proposed_by(ROWS, at(2, 0), 9) == [0, 1, 2]
    assert ROWS.counted(at(2, 1, 0), weights(1, 5, 2)).tolist() == [2, 1, 3, 0]


def test_a_column_asked_about_twice_is_refused() -> None:
    for wrong in (at(1, 1), at(4), at(-1)):
        with pytest.raises(ValueError, match="expected each once"):
            Places.of(wrong, 4)


def test_an_array_of_another_type_is_refused() -> None:
    with pytest.raises(TypeError, match="rows"):
        largest_of(ROWS, np.array([0], dtype=np.int64), everywhere(ROWS))
    with pytest.raises(TypeError, match="row_weights"):
        summed(ROWS, at(0), np.ones(2, dtype=np.float32)[::2][:0].astype(np.float64), everywhere(ROWS))


def test_rows_that_do_not_fit_are_refused() -> None:
    out, once = np.zeros((2, 4), dtype=np.float32), weights(1)
    for first, places, spans in [
        (2, everywhere(ROWS), ()),
        (1, everywhere(ROWS), ((0, 1),)),
        (0, Places.of(at(1), 4), ()),
    ]:
        with pytest.raises(ValueError, match="found no row"):
            ROWS.fill(out, first, at(0), once, places, *spans)
    with pytest.raises(ValueError, match="one weight a row"):
        ROWS.fill(out, 0, at(0, 1), once, everywhere(ROWS))
    with pytest.raises(ValueError, match="at most two spans"):
        ROWS.fill(out, 0, at(0), once, everywhere(ROWS), (0, 1), (0, 1), (0, 1))


def test_long_rows_are_read_to_the_end() -> None:
    rng = np.random.default_rng(4)
    matrix = rng.integers(1, 9, size=(2, 1000)).astype(np.float32)
    rows = packed([rng.permutation(1000).astype(np.int32)] * 2, [matrix[0], matrix[1]], 1000)
    places = Places.of(rng.permutation(1000)[:600].astype(np.int32), 1000)
    expected = dense(rows)[:, places.columns]
    assert summed(rows, at(0, 1), weights(2, 3), places).tolist() == (2 * expected[0] + 3 * expected[1]).tolist()
    assert largest_of(rows, at(0, 1), places).tolist() == expected.max(axis=0).tolist()
    assert row_at(rows, 1, places).tolist() == expected[1].tolist()


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
    everything = everywhere(rows)
    assert largest_of(rows, which, everything).tolist() == np.maximum(matrix[which].max(axis=0), 0).tolist()
    assert [row_at(rows, int(i), everything).tolist() for i in which] == matrix[which].tolist()
    out = summed(rows, which, np.arange(4, dtype=np.float32), everything)
    assert out.tolist() == (np.arange(4) @ matrix[which].astype(np.float64)).tolist()


@given(key=st.lists(st.sampled_from([0.0, 1.0, 1.5, -1.0]), max_size=12), keep=st.integers(1, 14))
def test_largest_is_a_full_sort_with_ties_by_position(key: list[float], keep: int) -> None:
    expected = sorted(range(len(key)), key=lambda i: (-key[i], i))[:keep]
    assert largest(np.array(key, dtype=np.float32), keep).tolist() == expected
