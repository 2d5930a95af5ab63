"""A data directory on disk: one file per table, with source.json and README.md that say where it came from."""

from __future__ import annotations

import csv
import hashlib
import json
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pa_parquet

from recommender.catalog import LEVEL_OF_DIFFICULTY as LEVEL_OF_DIFFICULTY_CODE
from recommender.errors import DataError
from recommender.schema import DIFFICULTIES, TABLES, Kind

FileFormat = Literal["csv", "parquet"]
Cell = str | int | float | tuple[str, ...] | None
Row = dict[str, Cell]
"""One record by column name; a tuple is a many-valued cell; None, "" and () are empty cells."""

LEVEL_OF_DIFFICULTY = dict(zip(DIFFICULTIES, LEVEL_OF_DIFFICULTY_CODE.tolist()[1:], strict=True))
"""Level a course of known difficulty brings its skills to."""

ASSUMED_ROLE_LEVEL = 3
"""Level a role needs of a skill where the source names no level: working."""

NOTICE_FILE = "source.json"
README_FILE = "README.md"
_SEPARATOR, _REPLACEMENT = "|", "/"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a source comes from: its key on the command line, its title, address, licence and attribution."""

    source: str
    title: str
    homepage: str
    licence: str
    attribution: str


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What an import wrote.

    Parameters
    ----------
    source, out
        Key of the source and the data directory written.
    tables
        Rows written, by table name, in writing order.
    notes
        What was dropped, merged, assumed or replaced, and why: one sentence each.
    missing
        Required tables this source has nothing for; a data directory with any is partial.
    """

    source: str
    out: Path
    tables: Mapping[str, int]
    notes: tuple[str, ...]
    missing: tuple[str, ...]


def taught(course_id: str, skill_ids: Iterable[str], *, difficulty: str, source: str = "declared") -> list[Row]:
    """Return the course_skills rows of one course; the level follows the difficulty, empty if that is unknown."""
    level = LEVEL_OF_DIFFICULTY.get(difficulty)
    return [
        {"course_id": course_id, "skill_id": skill_id, "level": level, "source": source}
        for skill_id in dict.fromkeys(skill_ids)
    ]


def write_data_directory(
    out: Path,
    tables: Mapping[str, Sequence[Row]],
    *,
    provenance: Provenance,
    inputs: Iterable[Path],
    notes: Sequence[str],
    file_format: FileFormat = "csv",
    progress: Callable[[str], None] | None = None,
) -> ImportSummary:
    """Write `tables` as a data directory and say what was written.

    Everything is written beside `out` first and moved in when complete. The same input gives the same bytes. Columns
    that are empty in every row, and tables without rows, are left out: absent says the same and costs nothing. Columns
    unknown to the schema are kept after the known ones. `|` inside a value of a many-valued cell becomes `/`, counted
    in the notes.

    Raises
    ------
    DataError
        If `out` holds anything that an earlier import of the same source did not write.
    """
    earlier = earlier_files(out, provenance.source)
    filled = {name: _joined(rows) for name, rows in tables.items() if rows}
    replaced = {name: count for name, (_, count) in filled.items() if count}
    notes = [*notes, *(f"{name}: {n} `|` inside a value replaced by `/`" for name, n in replaced.items())]
    missing = tuple(name for name, table in TABLES.items() if table.required and name not in filled)
    summary = ImportSummary(
        provenance.source, out, {name: len(rows) for name, (rows, _) in filled.items()}, tuple(notes), missing
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as staging:
        for name, (rows, _) in filled.items():
            _write_table(Path(staging), name, rows, file_format)
            if progress:
                progress(f"{name}: {len(rows):,} rows")
        _write_notice(Path(staging), summary, provenance, inputs)
        move_in(Path(staging), out, earlier)
    return summary


def earlier_files(out: Path, source: str) -> list[str]:
    """Return the files an earlier import of `source` wrote to `out`; none if `out` is absent or empty."""
    if not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return []
    notice = out / NOTICE_FILE
    try:
        earlier = json.loads(notice.read_text(encoding="utf-8")) if notice.is_file() else {}
    except ValueError:
        earlier = {}
    if not isinstance(earlier, dict) or earlier.get("source") != source:
        raise DataError(
            f"{out}: already holds something else; expected a new or empty folder, or an earlier import of {source}. "
            "Choose another folder."
        )
    return [NOTICE_FILE, README_FILE, *(Path(str(entry["file"])).name for entry in earlier.get("tables", {}).values())]


def _joined(rows: Sequence[Row]) -> tuple[list[Row], int]:
    """Return the rows with many-valued cells joined by `|`, and how many `|` inside values were replaced."""
    count = 0
    joined: list[Row] = []
    for row in rows:
        new = dict(row)
        for column, cell in row.items():
            if isinstance(cell, tuple):
                count += sum(value.count(_SEPARATOR) for value in cell)
                new[column] = _SEPARATOR.join(value.replace(_SEPARATOR, _REPLACEMENT) for value in cell)
        joined.append(new)
    return joined, count


def _write_table(folder: Path, name: str, rows: Sequence[Row], file_format: FileFormat) -> None:
    columns = _filled_columns(name, rows)
    if file_format == "parquet":
        arrays = [_array(name, column, rows) for column in columns]
        pa_parquet.write_table(pa.table(arrays, names=columns), folder / f"{name}.parquet")
        return
    # The standard writer quotes only where needed: the files stay readable and their differences small.
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([_text(row.get(column)) for column in columns] for row in rows)


def _filled_columns(name: str, rows: Sequence[Row]) -> list[str]:
    known = [column.name for column in TABLES[name].columns] if name in TABLES else []
    columns = dict.fromkeys([*known, *(column for row in rows for column in row)])
    return [column for column in columns if not all(_is_empty(row.get(column)) for row in rows)]


def _is_empty(cell: Cell) -> bool:
    return cell is None or cell == "" or cell == ()


def _text(cell: Cell) -> str:
    if isinstance(cell, float):
        return f"{cell:.10g}"
    return "" if cell is None else str(cell)


def _array(table: str, column: str, rows: Sequence[Row]) -> pa.Array:
    """Return one column as Arrow: numbers as numbers, everything else, times included, as the text CSV would hold."""
    cells = [None if _is_empty(row.get(column)) else row.get(column) for row in rows]
    kinds = {entry.name: entry.kind for entry in TABLES[table].columns} if table in TABLES else {}
    kind = kinds.get(column)
    if kind is Kind.NUMBER:
        return pa.array(cells, pa.float64())
    if kind is Kind.INTEGER:
        return pa.array(cells, pa.int64())
    return pa.array([None if cell is None else _text(cell) for cell in cells], pa.string())


def _write_notice(folder: Path, summary: ImportSummary, provenance: Provenance, inputs: Iterable[Path]) -> None:
    files = {path.stem: path.name for path in folder.iterdir()}
    notice = {
        **asdict(provenance),
        "tables": {name: {"file": files[name], "rows": rows} for name, rows in summary.tables.items()},
        "missing": list(summary.missing),
        "notes": list(summary.notes),
        "inputs": [
            {"file": path.name, "bytes": path.stat().st_size, "sha256": _sha256(path)} for path in sorted(inputs)
        ],
    }
    text = json.dumps(notice, indent=2, ensure_ascii=False) + "\n"
    (folder / NOTICE_FILE).write_text(text, encoding="utf-8")
    (folder / README_FILE).write_text(_readme(summary, provenance), encoding="utf-8")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _readme(summary: ImportSummary, provenance: Provenance) -> str:
    absent = [(name, table.feature) for name, table in TABLES.items() if name not in summary.tables and table.feature]
    lines = [
        f"# {provenance.title}",
        "",
        f"From {provenance.homepage}, imported with `lpr import {provenance.source}`.",
        "",
        f"Licence: {provenance.licence}",
        "",
        provenance.attribution,
        "",
        "| table | rows |",
        "|---|---|",
        *(f"| {name} | {rows} |" for name, rows in summary.tables.items()),
    ]
    if summary.missing:
        lines += ["", f"Partial: no {' and no '.join(summary.missing)}. Add them before fitting a model."]
    lines += ["", "What was dropped, merged or assumed:", "", *(f"- {note}" for note in summary.notes)]
    lines += ["", "Optional tables this source has nothing for, and what each turns off:", ""]
    lines += [f"- {name}: {feature}" for name, feature in absent]
    return "\n".join(lines) + "\n"


def move_in(staging: Path, out: Path, earlier: Sequence[str]) -> None:
    """Put the files of a folder in place of those an earlier import wrote to `out`."""
    out.mkdir(exist_ok=True)
    for name in earlier:
        (out / name).unlink(missing_ok=True)
    for path in sorted(staging.iterdir()):
        path.replace(out / path.name)
