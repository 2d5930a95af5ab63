"""One table as read: its columns, where each row came from, and which rows are still good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import NONE, BoolArray, FloatArray, Ids, LongArray
from recommender.schema import Kind, OnBad, Table
from training.tables.cells import Data, Words
from training.tables.problems import Finding
from training.tables.times import NO_TIME, iso

_ODD = np.uint64(0x9E3779B97F4A7C15)
"""2^64 over the golden ratio, odd: multiplying by it spreads whole numbers over all 64 bits (Knuth, TAOCP 6.4)."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where rows were read from.

    Parameters
    ----------
    files
        Names of the parts, in reading order.
    starts
        Position of the first row of each part, shape (n_parts,).
    skipped
        For each part, the data rows, counted from 1, that could not be cut into columns; ascending.
    with_lines
        The line of a row is its number + 1: one CSV file without line breaks inside cells.
    """

    files: tuple[str, ...]
    starts: LongArray
    skipped: tuple[LongArray, ...]
    with_lines: bool

    def locate(self, at: LongArray) -> tuple[LongArray, LongArray]:
        """Return the part and the data row, counted from 1, of rows given by position."""
        part = np.searchsorted(self.starts, at, side="right") - 1
        row = at - self.starts[part] + 1
        for i, gaps in enumerate(self.skipped):
            if len(gaps):
                # The k-th gap (from 0) shifts every row that would land on it or later: rows numbered > gap − k − 1.
                before = gaps - np.arange(len(gaps))
                mine = part == i
                row[mine] += np.searchsorted(before, row[mine], side="right")
        return part, row


class TableRows:
    """The rows of one table, column by column; a column that is not there reads as empty.

    `kept` (bool, shape (n,)) starts True and turns False for rows that are left out; `bad` holds, by column, the
    positions of cells that could not be what they should and so read as empty. `complete` is False when some of
    the table could not be read, so that ids seem missing which may be there.
    """

    __slots__ = ("bad", "columns", "complete", "kept", "places", "table")

    def __init__(self, table: Table, columns: dict[str, Data], n_rows: int, places: Places, *, complete: bool) -> None:
        self.table = table
        self.columns = columns
        self.places = places
        self.complete = complete
        self.kept: BoolArray = np.ones(n_rows, dtype=np.bool_)
        self.bad: dict[str, LongArray] = {}

    def __len__(self) -> int:
        return len(self.kept)

    @property
    def judged(self) -> BoolArray:
        """Rows to hold against further rules, shape (n,): where a bad row stops a load, all, so that all is said."""
        return np.ones(len(self), dtype=np.bool_) if self.table.on_bad is OnBad.STOP else self.kept

    def words(self, name: str) -> Words:
        """Return a column of text."""
        data = self.columns.get(name)
        return data if isinstance(data, Words) else Words(np.full(len(self), NONE, dtype=np.int32), ())

    def numbers(self, name: str) -> FloatArray:
        """Return a column of numbers, NaN where empty."""
        return self._array(name, np.nan, np.float32)

    def times(self, name: str, empty: int = NO_TIME) -> LongArray:
        """Return a column of times with `empty` for empty cells."""
        times: LongArray = self._array(name, NO_TIME, np.int64)
        return times if empty == NO_TIME else np.where(times == NO_TIME, np.int64(empty), times)

    def truth(self, name: str) -> NDArray[np.int8]:
        """Return a column of 1 true, 0 false, −1 empty."""
        return self._array(name, -1, np.int8)

    def ids(self) -> Ids:
        """Return the ids of the table's first key column in order of appearance, each once, left-out rows included."""
        return Ids(self.words(self.table.key[0]).words)

    def first_rows(self) -> LongArray:
        """Return the position of the row that has each of `ids` first, shape (n_ids,)."""
        words = self.words(self.table.key[0])
        codes, rows = np.unique(words.codes, return_index=True)
        first: LongArray = rows[codes != NONE]
        return first

    def empty(self, name: str, at: NDArray[Any] | slice = slice(None)) -> BoolArray:
        """Say which of some rows, by default all, have an empty or a bad cell."""
        data = self.columns.get(name)
        if data is None:
            return np.ones(len(self), dtype=np.bool_)[at]
        cells = data.codes[at] if isinstance(data, Words) else data[at]
        kind = self.table.column(name).kind
        if kind in (Kind.NUMBER, Kind.INTEGER):
            nothing: BoolArray = np.isnan(cells)
        else:
            nothing = cells == (NO_TIME if kind is Kind.TIME else NONE)
        return nothing

    def written(self, names: Sequence[str], at: LongArray) -> list[str]:
        """Return the cells of some columns as one text a row, for messages."""
        columns = []
        for name in names:
            if isinstance(self.columns.get(name), Words):
                columns.append(self.words(name).texts(at))
            else:
                columns.append(tuple(iso(int(time)) for time in self.times(name)[at]))
        return [", ".join(cells) for cells in zip(*columns, strict=True)]

    def finding(
        self,
        column: str,
        at: LongArray,
        values: Sequence[str],
        *,
        reason: str,
        expected: str,
        stops: bool,
        sets_aside: bool = True,
        found: str = "",
        first: LongArray | None = None,
    ) -> Finding:
        """Return a finding about rows given by position, and leave them out if it sets rows aside.

        `first` gives the position of the row each value was in first.
        """
        part, row = self.places.locate(at)
        if sets_aside:
            self.kept[at] = False
        return Finding(
            self.table.name,
            column,
            reason,
            expected,
            values,
            self.places.files,
            part,
            row,
            found,
            None if first is None else self.places.locate(first)[1],
            stops,
            sets_aside,
            self.places.with_lines,
        )

    def _array(self, name: str, empty: float, kind: type[Any]) -> NDArray[Any]:
        data = self.columns.get(name)
        return data if isinstance(data, np.ndarray) else np.full(len(self), empty, dtype=kind)


def repeats(
    keys: Sequence[NDArray[Any]], at: LongArray, *, preferred: Sequence[NDArray[Any]] = ()
) -> tuple[LongArray, LongArray]:
    """Return the rows among `at` that repeat another's key, and for each the row it repeats.

    Of equal keys the row with the smallest `preferred` values stands, the first of them the most telling, then the
    earliest row. Whole numbers are compared exactly; hashes only narrow the search, so that sorting costs one pass.
    """
    mixed = np.zeros(len(at), dtype=np.uint64)
    for key in keys:
        mixed = (mixed ^ key[at].astype(np.int64).view(np.uint64)) * _ODD
        mixed ^= mixed >> np.uint64(32)
    in_order = np.sort(mixed)
    twice = np.unique(in_order[1:][in_order[1:] == in_order[:-1]])
    if not len(twice):
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    some = at[np.isin(mixed, twice)]
    some = some[np.lexsort([key[some] for key in (*reversed(preferred), *reversed(keys))])]
    same = np.logical_and.reduce([key[some[1:]] == key[some[:-1]] for key in keys])
    starts = np.flatnonzero(np.concatenate([[True], ~same]))
    first = some[starts[np.searchsorted(starts, np.arange(1, len(some)), side="right") - 1]]
    later, first = some[1:][same], first[same]
    order = np.argsort(later)
    return later[order], first[order]
