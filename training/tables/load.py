"""Load a data directory: read, check, set aside what must be, and build the in-memory data set.

The clock is read here and nowhere below; `recommender` is given times.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.csv

from recommender.arrays import DAY, Ids, LongArray
from recommender.catalog import Catalog, Skills
from recommender.company import Dataset
from recommender.schema import IN_PROGRESS_BELOW, TABLES
from training.tables.assemble import build_catalog, build_people, build_roles, build_skills
from training.tables.completions import build_completions, latest_time, read_events
from training.tables.problems import Finding, Findings, TablesError, counted
from training.tables.times import zone_of
from training.tables.validate import CheckedTables, check_tables

if TYPE_CHECKING:
    from hashlib import _Hash

_REJECTS = pa.schema({"table": "string", "row": "int64", "column": "string", "value": "string", "reason": "string"})
_NOT_HASHED = ("now", "fingerprint", "absent")


@dataclass(frozen=True, slots=True)
class LoadResult:
    """A data set and how it was come by.

    Parameters
    ----------
    rows
        Rows read from each table that is there, those set aside included.
    rejected
        How many rows, or single ids where the row was kept, were set aside, by reason; each row under its first reason.
    warnings
        What cost no row but should be known.
    seconds, completions_per_second
        How long the load took, and rows of completions through that time.
    """

    dataset: Dataset
    rows: dict[str, int]
    rejected: dict[str, int]
    warnings: list[str]
    seconds: float
    completions_per_second: float


def load_dataset(
    path: Path,
    *,
    now: int | None = None,
    rejects: Path | None = None,
    progress: Callable[[str], None] | None = None,
    time_zone: str = "UTC",
    in_progress_below: float = IN_PROGRESS_BELOW,
) -> LoadResult:
    """Load the tables in the directory `path`.

    Parameters
    ----------
    now
        The moment the tables were taken, seconds; completions after it are set aside. Default: the latest time in them
        that is not after the clock's, and completions more than a day ahead of the clock are set aside.
    rejects
        Where to write what was set aside, as CSV (table, row, column, value, reason), one line for each thing wrong.
    progress
        Told what was read and which features absent tables turn off, a line at a time.
    time_zone
        IANA name of the zone in which a date without a time begins and ends.
    in_progress_below
        Progress, in (0, 1], below which a row of completions is a course begun and not finished.

    Raises
    ------
    DataError
        As `TablesError`, holding every problem that would corrupt the result; then nothing is written.
    ConfigError
        If there is no such time zone.
    """
    started, clock = time.perf_counter(), int(time.time())
    tell = progress or _tell_nobody
    findings = Findings()
    latest = now if now is not None else clock + DAY
    checked = check_tables(path, zone=zone_of(time_zone), latest=latest, findings=findings, progress=tell)
    if findings.stopping:
        raise TablesError(findings.stopping)
    dataset = build_dataset(checked, now=now, clock=clock, in_progress_below=in_progress_below)
    dataset = replace(dataset, fingerprint=fingerprint(dataset))
    for name in dataset.absent:
        tell(f"no table {name}; off: {TABLES[name].feature}")
    if rejects is not None:
        write_rejects(rejects, findings.set_aside)
    seconds = time.perf_counter() - started
    n_completions = len(checked.tables["completions"])
    return LoadResult(
        dataset,
        {name: len(rows) for name, rows in checked.tables.items()},
        count_by_reason(findings.set_aside),
        warnings_of(findings, dataset),
        seconds,
        n_completions / seconds,
    )


def load_catalogue(
    path: Path, *, time_zone: str = "UTC", progress: Callable[[str], None] | None = None
) -> tuple[Catalog, Skills]:
    """Load the courses and the skills of a directory, which need not hold completions.

    Raises
    ------
    DataError
        As `TablesError`, holding every problem that would corrupt the result, but for absent completions.
    """
    findings = Findings()
    latest = int(time.time()) + DAY
    checked = check_tables(
        path, zone=zone_of(time_zone), latest=latest, findings=findings, progress=progress or _tell_nobody
    )
    stopping = [one for one in findings.stopping if (one.table, one.reason) != ("completions", "missing table")]
    if stopping:
        raise TablesError(stopping)
    tables, known = checked.tables, checked.known
    return build_catalog(tables, known["courses"], known["skills"]), build_skills(tables, known["skills"])


def load_tables(
    path: Path, *, time_zone: str = "UTC", progress: Callable[[str], None] | None = None
) -> tuple[CheckedTables, Findings]:
    """Read and check the tables of a directory as `load_dataset` does, and build nothing of them.

    Raises
    ------
    DataError
        As `TablesError`, holding every problem that would corrupt the result.
    """
    findings = Findings()
    latest = int(time.time()) + DAY
    checked = check_tables(
        path, zone=zone_of(time_zone), latest=latest, findings=findings, progress=progress or _tell_nobody
    )
    if findings.stopping:
        raise TablesError(findings.stopping)
    return checked, findings


def _tell_nobody(_line: str) -> None:
    pass


def build_dataset(
    checked: CheckedTables, *, now: int | None, clock: int, in_progress_below: float = IN_PROGRESS_BELOW
) -> Dataset:
    """Build the data set from the rows still kept; the tables must be complete."""
    tables, known = checked.tables, checked.known
    employees = known["employees"]
    events = read_events(tables["completions"], employees, known["courses"], in_progress_below=in_progress_below)
    people = build_people(tables, employees, known, events)
    if now is None:
        dated = (people.role_changes, people.evidence, people.feedback, people.begun)
        now = latest_time(events, dated, not_after=clock)
    return Dataset(
        catalog=build_catalog(tables, known["courses"], known["skills"]),
        skills=build_skills(tables, known["skills"]),
        roles=build_roles(tables, known["roles"], known["skills"]),
        people=people,
        completions=build_completions(events, people),
        now=clock if now is None else now,
        absent=tuple(name for name in TABLES if name not in tables),
    )


def count_by_reason(findings: Sequence[Finding]) -> dict[str, int]:
    """Return how many rows, or ids where the row was kept, were set aside, by reason; a row under its first reason."""
    counts: dict[str, int] = {}
    gone: dict[str, LongArray] = {}
    for finding in findings:
        n = len(finding)
        if finding.sets_aside:
            before = gone.setdefault(finding.table, np.empty(0, dtype=np.int64))
            key = finding.part * 2**40 + finding.rows
            new = np.setdiff1d(key, before)
            gone[finding.table] = np.concatenate([before, new])
            n = len(new)
        if n:
            counts[finding.reason] = counts.get(finding.reason, 0) + n
    return counts


def warnings_of(findings: Findings, dataset: Dataset) -> list[str]:
    """Return what a person should know of a load that went through."""
    cells = [
        f"{one.table}.{one.column}: {counted(len(one), 'id')} set aside, {one.reason}"
        for one in findings.set_aside
        if not one.sets_aside
    ]
    none = [] if len(dataset.completions) else ["not one completion is left: nothing can be learned from history"]
    return findings.warnings + cells + none


def write_rejects(path: Path, findings: Sequence[Finding]) -> None:
    """Write what was set aside as CSV, whole or not at all; a header alone says that nothing was."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".tmp")
    with pyarrow.csv.CSVWriter(unfinished, _REJECTS) as file:
        for finding in findings:
            n = len(finding)
            names = pa.array(finding.files if len(finding.files) > 1 else (finding.table,))
            columns = [
                names.take(pa.array(finding.part)),
                pa.array(finding.rows),
                pa.repeat(finding.column, n),
                pa.array(finding.values, type=pa.string()),
                pa.repeat(finding.reason, n),
            ]
            file.write_batch(pa.record_batch(columns, schema=_REJECTS))
    unfinished.replace(path)


def fingerprint(dataset: Dataset) -> str:
    """Return the SHA-256 of everything the data set holds but `now`, in hex.

    Taken from the built tables, not the files: the same rows from CSV and from Parquet agree, and so do completions in
    another order.
    """
    digest = hashlib.sha256()
    _hash_into(digest, dataset)
    return digest.hexdigest()


def _hash_into(digest: _Hash, value: object) -> None:
    """Feed a value to the digest, its shape or length first, so that different values never run into one another."""
    if isinstance(value, np.ndarray):
        digest.update(f"{value.dtype.str}{value.shape}".encode())
        digest.update(np.ascontiguousarray(value).data)
    elif isinstance(value, Ids):
        _hash_into(digest, value.ids)
    elif isinstance(value, tuple) and value and isinstance(value[0], str):
        _hash_into(digest, np.fromiter(map(len, value), dtype=np.int64, count=len(value)))
        digest.update("".join(value).encode())
    elif isinstance(value, tuple):
        digest.update(f"tuple {len(value)} ".encode())
        for one in value:
            _hash_into(digest, one)
    elif is_dataclass(value):
        for one in fields(value):
            if not (isinstance(value, Dataset) and one.name in _NOT_HASHED):
                digest.update(f"{one.name} ".encode())
                _hash_into(digest, getattr(value, one.name))
    else:
        digest.update(repr(value).encode() + b" ")
