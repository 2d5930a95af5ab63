"""Who is asked for, and from which moment: everyone, or those of a file."""

from __future__ import annotations

import csv
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from recommender.arrays import NONE, IntArray, LongArray, frozen
from recommender.company import Dataset
from recommender.errors import DataError
from recommender.moments import parse_moment


@dataclass(frozen=True, slots=True)
class Asks:
    """Who is asked for, in order; ids the data does not know; whether each came with its own moment.

    `employee_idx` int32 positions in the data set and `as_of` int64 seconds, both of shape (n,): twelve bytes a person.
    """

    employee_idx: IntArray
    as_of: LongArray
    unknown: tuple[str, ...] = ()
    dated: bool = False

    def __len__(self) -> int:
        return len(self.employee_idx)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of who is asked for, in which order and from which moments, in hex."""
        return sha256(self.employee_idx.tobytes() + self.as_of.tobytes() + bytes([self.dated])).hexdigest()

    def first(self, n: int) -> Asks:
        """Return the first n of them."""
        return Asks(self.employee_idx[:n], self.as_of[:n], self.unknown, self.dated)


def asks_of(data: Dataset, employees: str, *, as_of: int) -> Asks:
    """Return who is asked for: everyone for `all`, else those of a file.

    The file holds one id a line, or is CSV with the header `employee_id` or `employee_id,as_of`. A moment in the file
    wins over `as_of`.

    Raises
    ------
    DataError
        If the file cannot be read or a moment in it is none; every such line is named.
    """
    if employees == "all":
        n = len(data.people)
        return Asks(frozen(np.arange(n, dtype=np.int32)), frozen(np.full(n, as_of, dtype=np.int64)))
    try:
        with Path(employees).open(encoding="utf-8-sig", newline="") as lines:
            header = [name.strip() for name in next(csv.reader([lines.readline()]), [])]
            lines.seek(0)
            rows = _cells(lines) if "employee_id" in header else _ids(lines)
            return _found(data, rows, employees, as_of=as_of, dated="employee_id" in header and "as_of" in header)
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(
            f"{employees}: cannot be read as UTF-8 text: {error}; expected one employee id a line."
        ) from error


def _found(data: Dataset, rows: Iterator[tuple[int, str, str]], path: str, *, as_of: int, dated: bool) -> Asks:
    """Look up (line, id, moment or "") of each row."""
    positions, moments = array("i"), array("q")
    wrong: list[str] = []
    unknown: list[str] = []
    for line, employee_id, moment in rows:
        found = data.people.ids.find(employee_id)
        try:
            seconds = parse_moment(moment) if moment else as_of
        except ValueError as error:
            wrong.append(f"{path}, line {line}, column as_of: {error}.")
            continue
        if found == NONE:
            unknown.append(employee_id)
        else:
            positions.append(found)
            moments.append(seconds)
    if wrong:
        raise DataError("\n".join(wrong))
    return Asks(np.array(positions, dtype=np.int32), np.array(moments, dtype=np.int64), tuple(unknown), dated)


def _ids(lines: Iterator[str]) -> Iterator[tuple[int, str, str]]:
    for i, line in enumerate(lines, start=1):
        if one := line.strip():
            yield i, one, ""


def _cells(lines: Iterator[str]) -> Iterator[tuple[int, str, str]]:
    cells = csv.reader(lines, skipinitialspace=True)
    header = [name.strip() for name in next(cells)]
    who, when = header.index("employee_id"), header.index("as_of") if "as_of" in header else len(header)
    for row in cells:
        padded = [*(cell.strip() for cell in row), *[""] * (len(header) + 1 - len(row))]
        if padded[who]:
            yield cells.line_num, padded[who], padded[when] if when < len(header) else ""
