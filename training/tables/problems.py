"""What is wrong with tables: single problems for people, and findings, which hold many of one sort in columns.

A table of ten million rows can hold ten million bad cells, so findings keep row numbers and values in arrays and turn
into `Problem` objects only when somebody reads them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice

import numpy as np

from recommender.arrays import LongArray
from recommender.errors import DataError

SHOWN = 20
"""How many problems an error message lists before it says how many more there are."""

_LONGEST_VALUE = 80


def counted(n: int, noun: str) -> str:
    """Return a number with its noun, as in "1 row" and "2,000 rows"."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: where it is, what was found and what was expected.

    Parameters
    ----------
    table, file
        The table's name and the file or part of it that was read ("" where there is none).
    row, line
        Data row counted from 1 within `file`, and line of a CSV file; None where the problem is not in one row, or
        where cells hold line breaks so that the line is not known.
    column, value
        Name of the column ("" for the whole row) and the cell as it was written.
    found, expected
        What a person reads on either side of "expected".
    reason
        The sort of problem in a few words, the same for every problem of the sort.
    """

    table: str
    file: str
    row: int | None
    line: int | None
    column: str
    value: str
    found: str
    expected: str
    reason: str

    def __str__(self) -> str:
        where = [self.file or self.table]
        if self.row is not None:
            where.append(f"row {self.row}" + (f" (line {self.line})" if self.line is not None else ""))
        if self.column:
            where.append(f"column {self.column}")
        return f"{', '.join(where)}: found {self.found}; expected {self.expected}."

    def as_dict(self) -> dict[str, object]:
        """Return the problem for JSON; what is not known is absent."""
        pairs = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in pairs.items() if value not in (None, "")} | {"text": str(self)}


@dataclass(frozen=True, slots=True)
class Finding:
    """Problems of one sort in one column of one table, row by row.

    Parameters
    ----------
    files, part
        Names of the files of the table, and which of them each row is in, shape (n,).
    rows
        Data rows counted from 1 within the file, shape (n,); empty when the problem is the table's own, and then
        `values` holds one text.
    values
        The cells as written, length n.
    found
        Text instead of the value, for all rows.
    seen
        Row that holds the same value and stands, shape (n,); only for duplicates.
    stops
        Whether a load must not go on.
    sets_aside
        Whether the whole row is left out, not the cell alone.
    with_lines
        Whether the line of a row in its file is its number + 1.
    """

    table: str
    column: str
    reason: str
    expected: str
    values: Sequence[str]
    files: tuple[str, ...] = ("",)
    part: LongArray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    rows: LongArray = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    found: str = ""
    seen: LongArray | None = None
    stops: bool = True
    sets_aside: bool = True
    with_lines: bool = False

    def __len__(self) -> int:
        return max(len(self.rows), 1)

    def __getitem__(self, i: int) -> Problem:
        in_row = len(self.rows) > 0
        row = int(self.rows[i]) if in_row else None
        return Problem(
            table=self.table,
            file=self.files[int(self.part[i])] if in_row else self.files[0],
            row=row,
            line=row + 1 if row is not None and self.with_lines else None,
            column=self.column,
            value=self.values[i],
            found=self._found(i),
            expected=self.expected,
            reason=self.reason,
        )

    def __iter__(self) -> Iterator[Problem]:
        return (self[i] for i in range(len(self)))

    def _found(self, i: int) -> str:
        if self.found:
            return self.found
        value = self.values[i]
        shown = repr(value if len(value) <= _LONGEST_VALUE else value[: _LONGEST_VALUE - 1] + "…")
        return shown if self.seen is None else f"{shown} again (also in row {int(self.seen[i])})"


@dataclass(slots=True)
class Findings:
    """Everything found while reading and checking tables, in the order it was found."""

    found: list[Finding] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def add(self, finding: Finding) -> None:
        """Note a finding."""
        self.found.append(finding)

    def warn(self, text: str) -> None:
        """Note something a person should know that costs no row."""
        self.warnings.append(text)

    @property
    def stopping(self) -> tuple[Finding, ...]:
        """The findings that must stop a load."""
        return tuple(one for one in self.found if one.stops)

    @property
    def set_aside(self) -> tuple[Finding, ...]:
        """The findings that cost a row or a cell, not the load."""
        return tuple(one for one in self.found if not one.stops)


class TablesError(DataError):
    """The tables hold problems that would corrupt the result; `problems` has every one, `str()` the first few."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        total = sum(len(one) for one in self.findings)
        shown = [str(problem) for problem in islice(ordered(self.findings, per_finding=SHOWN), SHOWN)]
        head = f"{counted(total, 'problem')} {'stops' if total == 1 else 'stop'}"
        tail = [f"… and {total - len(shown):,} more."] if total > len(shown) else []
        super().__init__("\n".join([f"{head} the tables from being used; nothing was written.", *shown, *tail]))

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """Every problem, by table, row and column."""
        return tuple(ordered(self.findings))


def ordered(findings: Sequence[Finding], *, per_finding: int | None = None) -> Iterator[Problem]:
    """Yield problems table by table in the order the tables were read, whole-table ones first, then by row.

    `per_finding` takes only the first few of each finding: enough to see the first few of all.
    """
    tables = {finding.table: i for i, finding in reversed(list(enumerate(findings)))}
    problems = [problem for finding in findings for problem in islice(finding, per_finding)]
    problems.sort(key=lambda problem: (tables[problem.table], problem.file, problem.row or 0))
    return iter(problems)
