"""Checked tables as plain values, for whoever stores them: a list a column, None where a cell is empty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from recommender.arrays import LongArray
from recommender.schema import Column, Kind
from store.loading import Reject
from training.tables.problems import Finding
from training.tables.rows import TableRows
from training.tables.times import NO_TIME

_PART = 2**40
"""More rows than a file has: part and row as one number."""


def columns_of(rows: TableRows) -> dict[str, list[Any]]:
    """Return the kept rows of a table, column by column; a column the table does not have is absent."""
    kept = np.flatnonzero(rows.kept)
    return {column.name: _values(rows, column, kept) for column in rows.table.columns if column.name in rows.columns}


def _values(rows: TableRows, column: Column, kept: LongArray) -> list[Any]:
    match column.kind:
        case Kind.NUMBER:
            # The shortest decimal that is the same float32: 2.6, not 2.5999999046325684.
            shortest = rows.numbers(column.name)[kept].astype(str).astype(np.float64)
            return [None if one != one else one for one in shortest.tolist()]
        case Kind.INTEGER:
            return [None if one != one else int(one) for one in rows.numbers(column.name)[kept].tolist()]
        case Kind.TIME:
            return [None if one == NO_TIME else one for one in rows.times(column.name)[kept].tolist()]
        case Kind.BOOLEAN:
            return [None if one < 0 else bool(one) for one in rows.truth(column.name)[kept].tolist()]
        case _:
            return [one or None for one in rows.words(column.name).texts(kept)]


def rejects_of(findings: tuple[Finding, ...], tables: Mapping[str, TableRows]) -> Iterator[Reject]:
    """Yield what was set aside, each with the employee its row names."""
    for finding in findings:
        people = _people(finding, tables[finding.table])
        for i, row in enumerate(finding.rows.tolist()):
            yield Reject(finding.table, row, finding.column, finding.values[i], finding.reason, people[i])


def _people(finding: Finding, rows: TableRows) -> tuple[str, ...]:
    part, row = rows.places.locate(np.arange(len(rows)))
    numbers, wanted = part * _PART + row, finding.part * _PART + finding.rows
    at = np.minimum(np.searchsorted(numbers, wanted), max(len(numbers) - 1, 0))
    if not len(numbers):
        return ("",) * len(wanted)
    found = numbers[at] == wanted  # a row that could not be cut into columns is nowhere
    names = rows.words("employee_id").texts(at)
    return tuple(name if there else "" for name, there in zip(names, found.tolist(), strict=True))
