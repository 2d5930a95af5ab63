"""Bring the tables of a data directory into columns, block by block, noting every cell that is not what it should be.

What a cell may be comes from `recommender.schema`; what whole rows and tables must keep to is `training.tables.validate`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from recommender.arrays import LongArray
from recommender.schema import TABLES, Column, Kind, OnBad, Table
from training.sources.directory import (
    Part,
    Ragged,
    TableFiles,
    UnreadableError,
    count_lines,
    find_tables,
    strangers,
)
from training.tables.cells import Block, as_written, join, read_block, unusable
from training.tables.problems import Finding, Findings, counted
from training.tables.rows import Places, TableRows

Progress = Callable[[str], None]


@dataclass(slots=True)
class _Reading:
    """A table while it is being read: the blocks, and what was wrong in them by position."""

    table: Table
    columns: dict[str, Column] = field(default_factory=dict)
    blocks: dict[str, list[Block]] = field(default_factory=dict)
    bad: dict[str, list[tuple[LongArray, list[str]]]] = field(default_factory=dict)
    trimmed: dict[str, int] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ragged: list[list[Ragged]] = field(default_factory=list)
    n_rows: int = 0
    complete: bool = True


def read_directory(directory: Path, zone: ZoneInfo, findings: Findings, progress: Progress) -> dict[str, TableRows]:
    """Read the tables of a directory into columns; a table that is not there is absent from the answer.

    Dates without a time are read in `zone`. What cannot be read becomes a finding. `progress` is told of every table.
    """
    if not directory.is_dir():
        found = "a file" if directory.exists() else "no such directory"
        findings.add(_whole("", str(directory), found, "a data directory holding the tables courses and completions"))
        return {}
    files = find_tables(directory)
    for name in strangers(directory):
        close = get_close_matches(Path(name).stem, TABLES, n=1, cutoff=0.75)
        hint = f"; did you mean {close[0]}?" if close else ""
        findings.warn(f"{name} is none of the tables and was not read{hint}")
    tables = {}
    for name, table in TABLES.items():
        if name in files:
            tables[name] = _read_table(table, files[name], zone, findings)
            progress(f"{name}: {counted(len(tables[name]), 'row')}")
        elif table.required:
            found = f"no {name}.csv, {name}.parquet or folder {name}"
            findings.add(_whole(name, "", found, "the required table", reason="missing table"))
    return tables


def _whole(table: str, file: str, found: str, expected: str, *, column: str = "", reason: str = "") -> Finding:
    return Finding(table, column, reason or "unreadable table", expected, ("",), (file or table,), found=found)


def _read_table(table: Table, files: TableFiles, zone: ZoneInfo, findings: Findings) -> TableRows:
    reading = _Reading(table)
    if len(files.rivals) > 1:
        found = " and ".join(files.rivals)
        findings.add(_whole(table.name, "", found, "one of them", reason="table given twice"))
    elif not files.parts:
        findings.add(_whole(table.name, files.rivals[0], "a folder without Parquet files", "at least one"))
    if len(files.rivals) > 1 or not files.parts:
        reading.complete = False
        return _finish(reading, findings)
    usable: list[tuple[Part, frozenset[str]]] = []
    for part in files.parts:
        try:
            usable.append((part, _usable_columns(reading, part, findings)))
        except UnreadableError as error:
            reading.complete = False
            findings.add(_whole(table.name, part.name, error.found, error.expected))
    there = frozenset[str]().union(*(names for _, names in usable))
    reading.columns = {column.name: column for column in table.columns if column.name in there}
    for part, names in usable:
        _read_part(reading, part, names, zone, findings)
    return _finish(reading, findings)


def _usable_columns(reading: _Reading, part: Part, findings: Findings) -> frozenset[str]:
    """Return the columns of the schema that a part has in a type that can hold them; report the others."""
    table, types = reading.table, part.types()
    usable = set()
    for column in table.columns:
        if column.name not in types:
            if column.required:
                findings.add(_missing(table.name, part.name, column.name, list(types)))
        elif unusable(types[column.name], column):
            found = f"the Parquet type {types[column.name]}"
            reason = "unusable type"
            findings.add(_whole(table.name, part.name, found, column.expected, column=column.name, reason=reason))
        else:
            usable.add(column.name)
    if any(column.required and column.kind is Kind.ID and column.name not in usable for column in table.columns):
        reading.complete = False
    return frozenset(usable)


def _missing(table: str, file: str, name: str, there: list[str]) -> Finding:
    close = get_close_matches(name, there, n=1)
    if len(there) == 1 and (";" in there[0] or "\t" in there[0]):
        hint = f"the header {there[0]!r} has no commas"
    elif close:
        hint = f"there is {close[0]!r}"
    else:
        hint = f"there are {', '.join(there)}"
    return _whole(table, file, f"no column {name} ({hint})", f"the required column {name}", reason="missing column")


def _read_part(reading: _Reading, part: Part, usable: frozenset[str], zone: ZoneInfo, findings: Findings) -> None:
    reading.parts.append(part)
    reading.starts.append(reading.n_rows)
    reading.ragged.append([])
    try:
        for cells in part.blocks(usable, reading.ragged[-1].append):
            _add_block(reading, cells, zone)
    except UnreadableError as error:
        reading.complete = False
        findings.add(_whole(reading.table.name, part.name, error.found, error.expected))


def _add_block(reading: _Reading, cells: Mapping[str, pa.Array], zone: ZoneInfo) -> None:
    n_rows = len(next(iter(cells.values()), ()))
    for name, column in reading.columns.items():
        written = cells.get(name, pa.nulls(n_rows))
        block = read_block(written, column, zone)
        reading.blocks.setdefault(name, []).append(block)
        if len(block.bad):
            values = as_written(written, block.bad)
            reading.bad.setdefault(name, []).append((block.bad + reading.n_rows, values))
        if block.n_trimmed:
            reading.trimmed[name] = reading.trimmed.get(name, 0) + block.n_trimmed
    reading.n_rows += n_rows


def _finish(reading: _Reading, findings: Findings) -> TableRows:
    data = {}
    for name, column in reading.columns.items():
        blocks = reading.blocks.pop(name, [])
        if blocks:
            data[name] = join(blocks, column)
    rows = TableRows(reading.table, data, reading.n_rows, _places(reading), complete=reading.complete)
    for part, ragged in enumerate(reading.ragged):
        if ragged:
            findings.add(_ragged(rows, part, ragged))
    for name, bad in reading.bad.items():
        rows.bad[name] = np.concatenate([at for at, _ in bad])
        findings.add(_bad_cells(rows, reading.columns[name], [value for _, values in bad for value in values]))
    for name, n_trimmed in reading.trimmed.items():
        cells = counted(n_trimmed, "cell")
        findings.warn(f"{rows.table.name}.{name}: spaces around the id were removed in {cells}")
    return rows


def _places(reading: _Reading) -> Places:
    skipped = tuple(np.array([one.row for one in ragged], dtype=np.int64) for ragged in reading.ragged)
    one_csv = len(reading.parts) == 1 and reading.parts[0].is_csv
    n_lines = 1 + reading.n_rows + sum(map(len, skipped))
    return Places(
        tuple(part.name for part in reading.parts),
        np.array(reading.starts, dtype=np.int64),
        skipped,
        with_lines=one_csv and count_lines(reading.parts[0].path) == n_lines,
    )


def _ragged(rows: TableRows, part: int, ragged: list[Ragged]) -> Finding:
    n_columns = ragged[0].n_columns
    return Finding(
        rows.table.name,
        "",
        "wrong number of values",
        f'{n_columns} values, as many as the header has; text holding a comma or a line break needs "quotes"',
        [one.text for one in ragged],
        rows.places.files,
        np.full(len(ragged), part, dtype=np.int64),
        np.array([one.row for one in ragged], dtype=np.int64),
        stops=rows.table.on_bad is OnBad.STOP,
        with_lines=rows.places.with_lines,
    )


def _bad_cells(rows: TableRows, column: Column, values: list[str]) -> Finding:
    return rows.finding(
        column.name,
        rows.bad[column.name],
        values,
        reason=f"{column.name} is not {column.expected}",
        expected=column.expected,
        stops=rows.table.on_bad is OnBad.STOP or column.kind is Kind.TIME,
    )
