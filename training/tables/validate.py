"""Hold the rows of every table against the rules of `recommender.schema`.

One pass finds every problem. Nothing is raised and nothing is dropped silently: what is wrong becomes a finding, and
the rows it costs are marked. Cells are read and judged by `ingest`; references between tables and cycles are
`references`; what completions mean is `completions`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from recommender.arrays import NONE, Ids, LongArray
from recommender.schema import Column, Kind, OnBad
from training.tables.completions import set_aside_future, set_aside_repeats
from training.tables.ingest import Progress, read_directory
from training.tables.problems import Finding, Findings, counted
from training.tables.references import check_cycles, check_references, known_employees, known_ids
from training.tables.rows import TableRows, repeats


@dataclass(frozen=True, slots=True)
class CheckedTables:
    """The tables of a directory, every finding about them made.

    `known` has the ids of `courses`, `skills`, `roles` and `employees`, those implied by other tables included.
    """

    tables: Mapping[str, TableRows]
    known: Mapping[str, Ids]

    @property
    def complete(self) -> bool:
        """Whether the required tables are there and every table could be read whole."""
        whole = all(rows.complete for rows in self.tables.values())
        return whole and {"courses", "completions"} <= self.tables.keys()


def check_tables(
    directory: Path, *, zone: ZoneInfo, latest: int, findings: Findings, progress: Progress
) -> CheckedTables:
    """Read the tables of a directory and add everything wrong with them to `findings`.

    Completions after `latest` seconds are in the future; dates without a time are read in `zone`.
    """
    tables = _each_by_itself(directory, zone, findings, progress)
    known = known_ids(tables)
    check_references(tables, known, findings)
    if "courses" in known:
        check_cycles(tables["courses"], known["courses"], findings)
    if "completions" in tables:
        set_aside_future(tables["completions"], latest, findings)
        set_aside_repeats(tables["completions"], findings)
    employees = {"employees": known_employees(tables)}
    if all(rows.complete for rows in tables.values()):
        check_references(tables, employees, findings)
    return CheckedTables(tables, known | employees)


def _each_by_itself(directory: Path, zone: ZoneInfo, findings: Findings, progress: Progress) -> dict[str, TableRows]:
    tables = read_directory(directory, zone, findings, progress)
    for rows in tables.values():
        blank = _leave_out_blank_rows(rows, findings)
        for column in rows.table.columns:
            if column.required and column.name in rows.columns:
                _report_empty_cells(rows, column, blank, findings)
        if rows.table.key and rows.table.name != "completions":
            _report_repeated_keys(rows, findings)
        if rows.complete and not len(rows):
            _report_no_rows(rows, findings)
    return tables


def _leave_out_blank_rows(rows: TableRows, findings: Findings) -> LongArray:
    """Leave out and return rows without a single value: blank lines, or the empty tail of a spreadsheet."""
    blank: LongArray = np.flatnonzero(rows.kept)
    for name in (*rows.table.required_columns, *rows.columns):
        if name in rows.columns:
            blank = blank[rows.empty(name, blank)]
    rows.kept[blank] = False
    if len(blank):
        findings.warn(f"{rows.table.name}: {counted(len(blank), 'blank row')} ignored")
    return blank


def _report_empty_cells(rows: TableRows, column: Column, blank: LongArray, findings: Findings) -> None:
    empty = rows.empty(column.name)
    empty[blank] = False
    if column.name in rows.bad:
        empty[rows.bad[column.name]] = False
    at = np.flatnonzero(empty)
    if len(at):
        findings.add(
            rows.finding(
                column.name,
                at,
                [""] * len(at),
                found="an empty cell",
                reason=f"{column.name} is empty",
                expected=column.expected,
                stops=rows.table.on_bad is OnBad.STOP or column.kind is Kind.ID,
            )
        )


def _report_repeated_keys(rows: TableRows, findings: Findings) -> None:
    key = rows.table.key
    if not all(name in rows.columns for name in key):
        return
    keys = [rows.words(name).codes for name in key]
    named = np.logical_and.reduce([codes != NONE for codes in keys])
    again, first = repeats(keys, np.flatnonzero(rows.judged & named))
    if len(again):
        stops = rows.table.on_bad is OnBad.STOP
        findings.add(
            rows.finding(
                ", ".join(key),
                again,
                rows.written(key, again),
                reason="duplicate id" if stops else "duplicate row",
                expected=f"each {' and '.join(key)} once",
                stops=stops,
                first=first,
            )
        )


def _report_no_rows(rows: TableRows, findings: Findings) -> None:
    file, found = rows.places.files[0], "a header and no rows"
    if any(map(len, rows.places.skipped)):
        return
    if rows.table.name == "courses":
        findings.add(Finding("courses", "", "no rows", "at least one course", ("",), (file,), found=found))
    else:
        findings.warn(f"{file}: {found}")
