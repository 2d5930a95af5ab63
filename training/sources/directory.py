"""Read a data directory: one CSV file, Parquet file or folder of Parquet parts for each table.

Tables come in blocks of columns as they were written, without any judgement of the cells, so that memory does not grow
with the text of a file. What the cells mean is the business of `training.tables.cells` and `training.tables.validate`.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from recommender.schema import TABLES, Kind, Table

_BLOCK_BYTES = 16 * 2**20
_BLOCK_ROWS = 2**19
_HEADER_BYTES = 2**20
_LONGEST_CELL = 2**31 - 1
_WORDS = pa.dictionary(pa.int32(), pa.string())
_CODED = frozenset(
    column.name for table in TABLES.values() for column in table.columns if column.kind in (Kind.ID, Kind.CHOICE)
)
"""Columns with few different values, read as codes at once."""


class UnreadableError(Exception):
    """A file cannot be read: `found` and `expected` say why, in a person's words. Never leaves the loader."""

    def __init__(self, found: str, expected: str) -> None:
        super().__init__(f"found {found}; expected {expected}")
        self.found = found
        self.expected = expected


@dataclass(frozen=True, slots=True)
class Ragged:
    """A CSV row with too few or too many values; `row` counts data rows from 1."""

    row: int
    n_values: int
    n_columns: int
    text: str


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a table.

    Parameters
    ----------
    path, name
        Where it is, and what to call it in messages (relative to the data directory).
    constants
        Columns a folder name gives, as in `origin=self/`, with their value.
    """

    path: Path
    name: str
    constants: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_csv(self) -> bool:
        """Whether the part is CSV; Parquet otherwise."""
        return self.path.suffix == ".csv"

    def types(self) -> dict[str, pa.DataType]:
        """Return the columns and how their cells are stored (text in CSV), names without spaces around them.

        Raises
        ------
        UnreadableError
            If the file is empty, damaged, not UTF-8, or names a column twice.
        """
        if self.is_csv:
            names = _csv_header(self.path)
            types = dict.fromkeys((name.strip() for name in names), pa.string())
        else:
            schema = _parquet(self.path).schema_arrow
            names = schema.names
            types = {name.strip(): schema.field(i).type for i, name in enumerate(names)}
        if len(types) < len(names):
            stripped = [name.strip() for name in names]
            twice = next(name for i, name in enumerate(stripped) if name in stripped[:i])
            raise UnreadableError(f"the column {twice or '(no name)'} twice", "every column once")
        return types | dict.fromkeys(self.constants, pa.string())

    def blocks(self, wanted: frozenset[str], on_ragged: Callable[[Ragged], None]) -> Iterator[dict[str, pa.Array]]:
        """Yield the wanted columns of the part, a block of rows at a time.

        A CSV row of the wrong length is handed to `on_ragged` and is in no block. Empty CSV cells are null.

        Raises
        ------
        UnreadableError
            If the file turns out to be damaged, at the block where it does.
        """
        stored = wanted - self.constants.keys()
        batches = _csv_batches(self.path, stored, on_ragged) if self.is_csv else _batches(self.path, stored)
        for batch in batches:
            block = {name.strip(): batch.column(i) for i, name in enumerate(batch.schema.names)}
            yield block | {
                name: pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), len(batch)), [value])
                for name, value in self.constants.items()
                if name in wanted
            }


@dataclass(frozen=True, slots=True)
class TableFiles:
    """The files one table was found in; more than one `name` in `rivals` means it is there twice."""

    parts: tuple[Part, ...]
    rivals: tuple[str, ...]


def find_tables(directory: Path) -> dict[str, TableFiles]:
    """Return the files of every known table that `directory` holds, by table name.

    A table is `NAME.csv`, `NAME.parquet`, or a folder `NAME` or `NAME.parquet` holding Parquet parts, in folders of
    their own too; parts are read in the order of their paths. Names beginning with `_` or `.` are left alone.
    """
    found: dict[str, TableFiles] = {}
    for name in TABLES:
        paths = [directory / f"{name}.csv", directory / f"{name}.parquet", directory / name]
        paths = [path for path in paths if path.exists()]
        if paths:
            rivals = tuple(path.name + ("/" if path.is_dir() else "") for path in paths)
            found[name] = TableFiles(_parts(paths[0], TABLES[name]), rivals)
    return found


def strangers(directory: Path) -> list[str]:
    """Return the names of CSV and Parquet files in `directory` that are no table, `rejects.csv` excepted."""
    return sorted(
        path.name
        for path in directory.iterdir()
        if path.suffix in (".csv", ".parquet") and path.stem not in TABLES and path.name != "rejects.csv"
    )


def count_lines(path: Path) -> int:
    """Return how many lines a text file has, the last one counted with or without a line feed at its end."""
    n_lines, last = 0, b"\n"
    with path.open("rb") as file:
        for block in iter(lambda: file.read(_BLOCK_BYTES), b""):
            n_lines += block.count(b"\n")
            last = block[-1:]
    return n_lines + (last != b"\n")


def _parts(path: Path, table: Table) -> tuple[Part, ...]:
    if path.is_file():
        return (Part(path, path.name),)
    files = [
        file
        for file in sorted(path.rglob("*.parquet"))
        if file.is_file() and not any(piece.startswith(("_", ".")) for piece in file.relative_to(path).parts)
    ]
    known = {column.name for column in table.columns}
    parts = []
    for file in files:
        pairs = (piece.split("=", 1) for piece in file.relative_to(path).parts[:-1] if "=" in piece)
        constants = {name: value for name, value in pairs if name in known}
        parts.append(Part(file, file.relative_to(path.parent).as_posix(), constants))
    return tuple(parts)


def _csv_header(path: Path) -> list[str]:
    with path.open("rb") as file:
        start = file.read(_HEADER_BYTES)
    if not start.strip():
        raise UnreadableError("an empty file", "a header line with the names of the columns")
    first = start.splitlines()[0]
    try:
        text = first.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _not_utf8(1, first[error.start]) from error
    if "\0" in text:
        raise UnreadableError("binary data", "CSV text saved as UTF-8")
    return next(csv.reader([text]), [""])


def _not_utf8(line: int, byte: int) -> UnreadableError:
    return UnreadableError(f"the byte 0x{byte:02x} in line {line}, which is not UTF-8", "CSV text saved as UTF-8")


def _csv_batches(path: Path, wanted: frozenset[str], on_ragged: Callable[[Ragged], None]) -> Iterator[pa.RecordBatch]:
    _refuse_open_quote(path)
    names = [name for name in _csv_header(path) if name.strip() in wanted]

    def set_aside(row: pyarrow.csv.InvalidRow) -> str:
        on_ragged(Ragged(row.number - 1, row.actual_columns, row.expected_columns, row.text))
        return "skip"

    try:
        yield from pyarrow.csv.open_csv(
            path,
            read_options=pyarrow.csv.ReadOptions(use_threads=False, block_size=_BLOCK_BYTES),
            parse_options=pyarrow.csv.ParseOptions(
                newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=set_aside
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                include_columns=names,
                column_types={name: _WORDS if name.strip() in _CODED else pa.string() for name in names},
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid as error:
        if _has_header_alone(path):
            return
        raise _why_not_csv(path, error) from error


def _refuse_open_quote(path: Path) -> None:
    """Refuse a file whose last row is inside a quote: that row has swallowed all rows since the quote was opened."""
    with path.open("rb") as file:
        n_quotes = sum(block.count(b'"') for block in iter(lambda: file.read(_BLOCK_BYTES), b""))
    if n_quotes % 2 == 0:
        return
    longest = csv.field_size_limit(_LONGEST_CELL)
    try:
        start = _last_row_start(path)
        with path.open(encoding="utf-8", errors="replace", newline="") as text:
            list(csv.reader(islice(text, start, None), strict=True))
    except csv.Error as error:
        if "unexpected end of data" in str(error):
            raise UnreadableError(f"a quote opened in line {start + 1} and never closed", "its end") from error
    finally:
        csv.field_size_limit(longest)


def _last_row_start(path: Path) -> int:
    start, end = 0, 0
    with path.open(encoding="utf-8", errors="replace", newline="") as text:
        rows = csv.reader(text)
        for _ in rows:
            start, end = end, rows.line_num
    return start


def _has_header_alone(path: Path) -> bool:
    with path.open("rb") as file:
        return len(file.read(_HEADER_BYTES).strip().splitlines()) == 1


def _why_not_csv(path: Path, error: pa.ArrowInvalid) -> UnreadableError:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode()
            except UnicodeDecodeError as wrong:
                return _not_utf8(number, line[wrong.start])
    return UnreadableError(f"text that is not CSV ({str(error).splitlines()[0]})", "CSV with a value for every column")


def _parquet(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except (pa.ArrowInvalid, OSError) as error:
        reason = "an empty file" if path.stat().st_size == 0 else f"no Parquet data ({str(error).splitlines()[0]})"
        raise UnreadableError(reason, "a Parquet file") from error


def _batches(path: Path, wanted: frozenset[str]) -> Iterator[pa.RecordBatch]:
    schema = _parquet(path).schema_arrow
    names = [name for name in schema.names if name.strip() in wanted]
    texts = [name for name in names if pa.types.is_string(schema.field(name).type)]
    try:
        with pq.ParquetFile(path, read_dictionary=texts) as file:
            yield from file.iter_batches(batch_size=_BLOCK_ROWS, columns=names)
    except (pa.ArrowInvalid, OSError) as error:
        raise UnreadableError(f"damaged Parquet data ({str(error).splitlines()[0]})", "a Parquet file") from error
