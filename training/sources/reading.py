"""Raw files of a source: find them, read their columns as text, parse single cells.

Foreign data enters here and nowhere else. A fault stops the import with a message that names file, row and column.
"""

from __future__ import annotations

import ast
import csv
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv

from recommender.errors import DataError

FIRST_ROW = 1
"""Row number of the first record: data rows are counted from 1, whatever line breaks they hold."""


def require_files(src: Path, names: Sequence[str]) -> dict[str, Path]:
    """Return the path of each file of `names` in the folder `src`.

    Raises
    ------
    DataError
        If `src` is not a folder or a file is absent; every absent file is named.
    """
    if not src.is_dir():
        raise DataError(f"{src}: no such folder; expected one holding {', '.join(names)}. Check the path.")
    absent = [name for name in names if not (src / name).is_file()]
    if absent:
        raise DataError(
            f"{src}: {', '.join(absent)} not found; expected {', '.join(names)}. "
            "Point the import at the unpacked folder of this source, file names unchanged."
        )
    return {name: src / name for name in names}


def read_columns(path: Path, columns: Sequence[str]) -> dict[str, list[str]]:
    """Read the named columns of a CSV file (UTF-8, header) as text, row by row; empty cells are "".

    Raises
    ------
    DataError
        If a column is absent, the file has no rows, is not UTF-8, or a row has the wrong number of cells.
    """
    header = _header(path)
    absent = [column for column in columns if column not in header]
    if absent:
        raise DataError(
            f"{path}: no column {', '.join(repr(column) for column in absent)}; expected it beside "
            f"{', '.join(header)}. Use the file as published, or rename the column back."
        )
    try:
        table = pa_csv.read_csv(
            path,
            parse_options=pa_csv.ParseOptions(newlines_in_values=True),
            convert_options=pa_csv.ConvertOptions(
                include_columns=list(columns),
                column_types={column: pa.string() for column in columns},
                strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid as error:
        raise DataError(f"{path}: {error}; expected UTF-8 CSV. Repair or fetch the file again.") from error
    if table.num_rows == 0:
        raise DataError(f"{path}: a header and no rows; expected at least one row. Fetch the file again.")
    return {column: table.column(column).to_pylist() for column in columns}


def _header(path: Path) -> list[str]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return next(csv.reader(file), [])
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8 ({error.reason}); expected UTF-8 CSV. Fetch the file again.") from error


def require_distinct(values: Sequence[str], where: str) -> None:
    """Raise DataError naming the first value that comes a second time; `where` says which file and column."""
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise DataError(f"{where}: found {value!r} more than once; expected each once. Keep one of the rows.")
        seen.add(value)


def parse_number(text: str, where: str, *, low: float, high: float = math.inf) -> float:
    """Return `text` as a finite number within [low, high]; DataError naming `where` otherwise."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and low <= value <= high):
        end = "" if math.isinf(high) else f" to {high:g}"
        raise DataError(f"{where}: found {text!r}; expected a number from {low:g}{end or ' up'}. Correct the cell.")
    return value


def parse_names(text: str, where: str) -> list[str]:
    """Return the texts of a cell that holds a Python-style list, such as "['Excel', 'Word']".

    Only literals are read; nothing in the cell is run.
    """
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        value = None
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise DataError(f"{where}: found {text[:60]!r}; expected a list of quoted names or []. Correct the cell.")
    return [tidy(name) for name in value if tidy(name)]


def parse_time(text: str, where: str) -> str:
    """Return "2018-09-28 16:18:29" as "2018-09-28T16:18:29Z": a time without a zone is taken as UTC."""
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        raise DataError(
            f"{where}: found {text!r}; expected a time like 2018-09-28 16:18:29. Correct the cell."
        ) from None
    return iso_utc(value if value.tzinfo else value.replace(tzinfo=UTC))


def iso_utc(value: datetime) -> str:
    """Return a time with a zone as ISO 8601 in UTC, to the second, ending in Z."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def tidy(text: str) -> str:
    """Return `text` without invisible characters, every run of white space made one blank, ends trimmed."""
    return " ".join(text.replace("\u200b", "").replace("\ufeff", "").split())
