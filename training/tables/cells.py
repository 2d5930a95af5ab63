"""Cells by kind, a block at a time: text, ids, numbers, times and words become arrays, and bad cells are pointed at.

Nothing here knows tables or rows outside the block. Cells may come as CSV text or as any sensible Parquet type: ids as
whole numbers, lists for many-valued cells, dates and timestamps with or without a zone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recommender.arrays import NONE, BoolArray, Ids, IntArray, LongArray
from recommender.schema import Column, Kind
from training.tables.times import read_times

_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_TRUTH = {"true": 1, "false": 0, "1": 1, "0": 0, "yes": 1, "no": 0}
_WORDS = (Kind.ID, Kind.IDS, Kind.TEXT, Kind.TEXTS, Kind.CHOICE)
_MANY = (Kind.IDS, Kind.TEXTS)
_TYPES = pa.types


@dataclass(frozen=True, slots=True)
class Words:
    """A column of text: `words[codes[i]]` is the cell of row i, `NONE` an empty one; words in order of appearance."""

    codes: IntArray
    words: tuple[str, ...]

    def positions(self, ids: Ids) -> IntArray:
        """Return where `ids` has each row's word, shape (n,), `NONE` where it is empty or unknown."""
        return np.append(ids.find_all(self.words), np.int32(NONE))[self.codes]

    def texts(self, rows: NDArray[Any]) -> tuple[str, ...]:
        """Return the text of some rows, "" for empty cells."""
        words = (*self.words, "")
        return tuple(words[code] for code in self.codes[rows].tolist())


Data = Words | NDArray[Any]
"""A whole column: `Words`; float32 numbers (NaN empty); int64 times (`NO_TIME` empty); int8 truth (1, 0, −1 empty)."""


@dataclass(frozen=True, slots=True)
class Block:
    """One column of one block: the data, which cells are bad and how many ids had spaces around them.

    `data` is a dictionary array for text, a NumPy array otherwise; bad cells are empty in it.
    """

    data: pa.DictionaryArray | NDArray[Any]
    bad: LongArray
    n_trimmed: int = 0


def unusable(kind: pa.DataType, column: Column) -> bool:
    """Say whether a stored type can hold nothing that `column` may hold."""
    while _TYPES.is_dictionary(kind):
        kind = kind.value_type
    if _TYPES.is_null(kind):
        return False
    plain = _TYPES.is_string(kind) or _TYPES.is_large_string(kind) or kind == pa.string_view()
    match column.kind:
        case Kind.TIME:
            return not (plain or bool(_TYPES.is_timestamp(kind) or _TYPES.is_date(kind)))
        case Kind.BOOLEAN:
            return not (plain or bool(_TYPES.is_boolean(kind) or _TYPES.is_integer(kind)))
        case Kind.NUMBER | Kind.INTEGER:
            return not (plain or _is_number(kind))
        case Kind.TEXT:
            return bool(_TYPES.is_nested(kind) or _TYPES.is_binary(kind))
        case Kind.IDS | Kind.TEXTS if _TYPES.is_list(kind) or _TYPES.is_large_list(kind):
            return bool(_TYPES.is_nested(kind.value_type))
        case _:
            return not (plain or _is_number(kind))


def read_block(cells: pa.Array, column: Column, zone: ZoneInfo) -> Block:
    """Read one column of one block. Its type must have passed `unusable`."""
    match column.kind:
        case Kind.TIME:
            times, wrong = read_times(cells, zone, until=column.until)
            return Block(times, np.flatnonzero(wrong))
        case Kind.NUMBER | Kind.INTEGER:
            return _numbers(cells, column)
        case Kind.BOOLEAN:
            return _truth(cells)
        case Kind.CHOICE:
            return _choices(cells, column)
        case _:
            coded, n_trimmed = _trimmed(_coded(cells, column))
            return Block(coded, np.empty(0, dtype=np.int64), n_trimmed if column.kind is Kind.ID else 0)


def join(blocks: Sequence[Block], column: Column) -> Data:
    """Put the blocks of one column together, in order."""
    if column.kind not in _WORDS:
        return np.concatenate([block.data for block in blocks])
    chunks = [_with_int32(block.data) for block in blocks]
    whole = pa.chunked_array(chunks).unify_dictionaries()
    codes = np.concatenate([np.asarray(pc.fill_null(chunk.indices, NONE)) for chunk in whole.chunks])
    return _by_appearance(codes.astype(np.int32, copy=False), whole.chunk(0).dictionary.to_pylist())


def _by_appearance(codes: IntArray, words: list[str]) -> Words:
    """Renumber words as they first appear, so that the same cells give the same codes however a file stored them."""
    first = np.full(len(words) + 1, len(codes))
    first[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)  # of several rows the one assigned last, the first, stays
    used = np.flatnonzero(first[:-1] < len(codes))
    order = used[np.argsort(first[used])]
    if np.array_equal(order, np.arange(len(words))):
        return Words(codes, tuple(words))
    again = np.full(len(words) + 1, NONE, dtype=np.int32)
    again[order] = np.arange(len(order))
    return Words(again[codes], tuple(words[i] for i in order))


def as_written(cells: pa.Array, rows: LongArray) -> list[str]:
    """Return some cells as text, for messages."""
    return ["" if cell is None else str(cell) for cell in cells.take(pa.array(rows)).to_pylist()]


def _is_number(kind: pa.DataType) -> bool:
    return bool(_TYPES.is_integer(kind) or _TYPES.is_floating(kind) or _TYPES.is_decimal(kind))


def _coded(cells: pa.Array, column: Column) -> pa.DictionaryArray:
    kind = cells.type
    if _TYPES.is_dictionary(kind):
        return cells if _TYPES.is_string(kind.value_type) else _coded(cells.dictionary_decode(), column)
    if column.kind in _MANY and _TYPES.is_nested(kind):
        lists = ([_word(one) or "" for one in many or () if one is not None] for many in cells.to_pylist())
        cells = pa.array(["|".join(many) for many in lists], type=pa.string())
    elif _TYPES.is_floating(kind):
        cells = pa.array([None if one is None else _word(one) for one in cells.to_pylist()], type=pa.string())
    return pc.dictionary_encode(pc.cast(cells, pa.string()))


def _word(one: object) -> str | None:
    """Return a cell as an id is written: a whole number without the point a column with gaps gives it."""
    if isinstance(one, float):
        return None if one != one else str(int(one)) if one.is_integer() else str(one)
    return str(one)


def _with_int32(coded: pa.DictionaryArray) -> pa.DictionaryArray:
    return coded.cast(pa.dictionary(pa.int32(), pa.string()))


def _trimmed(coded: pa.DictionaryArray, change: Callable[[pa.Array], pa.Array] | None = None) -> tuple[Any, int]:
    """Return the cells without spaces around them, empty ones null, and how many were changed by that."""
    words = coded.dictionary
    clean = pc.utf8_trim_whitespace(words)
    spaced = np.asarray(pc.not_equal(clean, words))
    clean = change(clean) if change else clean
    clean = pc.if_else(pc.equal(clean, ""), pa.scalar(None, pa.string()), clean)
    if clean.equals(words):
        return coded, 0
    codes = np.asarray(pc.fill_null(coded.indices, NONE))
    n_spaced = int(np.append(spaced, False)[codes].sum())
    again = pc.dictionary_encode(clean)
    return pa.DictionaryArray.from_arrays(again.indices.take(coded.indices), again.dictionary), n_spaced


def _choices(cells: pa.Array, column: Column) -> Block:
    coded, _ = _trimmed(_coded(cells, column), pc.utf8_lower)
    allowed = pc.is_in(coded.dictionary, pa.array(column.choices))
    right = np.asarray(pc.fill_null(allowed.take(coded.indices), True))
    words = pc.if_else(allowed, coded.dictionary, pa.scalar(None, pa.string()))
    again = pc.dictionary_encode(words)
    return Block(
        pa.DictionaryArray.from_arrays(again.indices.take(coded.indices), again.dictionary), np.flatnonzero(~right)
    )


def _numbers(cells: pa.Array, column: Column) -> Block:
    if _TYPES.is_dictionary(cells.type):
        cells = cells.dictionary_decode()
    if not _is_number(cells.type):
        cells = pc.utf8_trim_whitespace(pc.cast(cells, pa.string()))
        cells = pc.if_else(pc.equal(cells, ""), pa.scalar(None, pa.string()), cells)
        numeric = pc.match_substring_regex(cells, _NUMBER)
        values = pc.cast(pc.if_else(numeric, cells, pa.scalar(None, pa.string())), pa.float64())
    else:
        values = pc.cast(cells, pa.float64(), safe=False)
    filled = np.asarray(pc.fill_null(values, np.nan))
    given = np.asarray(pc.is_valid(cells))
    with np.errstate(over="ignore", under="ignore"):
        kept = filled.astype(np.float32)
    # What is kept counts as well as what was written: 1e300 would be infinite, and 1e-320 nothing.
    good = np.isfinite(kept) & _in_range(filled, column) & _in_range(kept.astype(np.float64), column)
    return Block(np.where(good, kept, np.float32(np.nan)), np.flatnonzero(given & ~good))


def _in_range(values: NDArray[np.float64], column: Column) -> BoolArray:
    good = np.ones(len(values), dtype=np.bool_)
    if column.kind is Kind.INTEGER:
        good &= values == np.floor(values)
    if column.low is not None:
        good &= values >= column.low
    if column.above is not None:
        good &= values > column.above
    if column.high is not None:
        good &= values <= column.high
    return good


def _truth(cells: pa.Array) -> Block:
    coded, _ = _trimmed(_coded(pc.cast(cells, pa.string()), Column("", Kind.TEXT)), pc.utf8_lower)
    codes = np.asarray(pc.fill_null(coded.indices, NONE))
    meaning = np.array([_TRUTH.get(word, 2) if word else -1 for word in coded.dictionary.to_pylist()] + [-1])
    values = meaning[codes].astype(np.int8)
    wrong = values == 2
    return Block(np.where(wrong, np.int8(-1), values), np.flatnonzero(wrong))
