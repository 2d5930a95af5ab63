"""How results are written: as CSV or as Parquet, piece by piece, and the pieces put together to one file.

A worker encodes the rows it found, column by column; whoever takes them writes several such pieces to a part file; at the
end the part files become one file. Which rows stand in which piece changes no byte of a CSV and no row of a Parquet file.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from recommender.errors import ConfigError
from recommender.moments import moment_text

Column = Sequence[Any]

RECOMMENDATIONS = pa.schema(
    [("employee_id", pa.string()), ("rank", pa.int32()), ("course_id", pa.string()), ("score", pa.float64())]
)
PATHS = pa.schema(
    [
        ("employee_id", pa.string()),
        ("target_role_id", pa.string()),
        ("position", pa.int32()),
        ("course_id", pa.string()),
        ("hours", pa.float64()),
        ("cost", pa.float64()),
        ("from_week", pa.int32()),
        ("to_week", pa.int32()),
        ("coverage_before", pa.float64()),
        ("coverage_after", pa.float64()),
        ("optimality_gap", pa.float64()),
    ]
)
AS_OF = pa.field("as_of", pa.timestamp("ms", tz="UTC"))
"""Behind the other columns where each question came with a moment of its own; Parquet knows no whole seconds."""


class Format(Protocol):
    """How the columns of a schema become bytes, and the bytes a file."""

    suffix: str

    def encode(self, columns: Sequence[Column], schema: pa.Schema) -> bytes:
        """Return columns of equal length as a piece of a file; a moment is given in seconds, None else is an empty cell."""

    def write_part(self, stream: BinaryIO, pieces: Iterable[bytes]) -> None:
        """Write pieces, in order, as one part."""

    def join(self, parts: Iterable[Path], stream: BinaryIO, schema: pa.Schema) -> None:
        """Write the parts, in order, as one file."""


_QUOTED = '[",\r\n]'
"""What a text in a CSV may hold only between quotation marks."""


class Csv:
    """CSV in UTF-8 with a header, quoted where needed, lines ended by a line feed; an unknown value is an empty cell."""

    suffix = ".csv"

    def encode(self, columns: Sequence[Column], schema: pa.Schema) -> bytes:
        """Return lines."""
        cells = [_cells(*one) for one in zip(columns, schema.types, strict=True)]
        lines = pc.binary_join_element_wise(*cells, ",")
        if not len(lines):
            return b""
        text = pc.binary_join(pa.ListArray.from_arrays([0, len(lines)], lines), "\n")[0]
        return bytes(text.as_buffer()) + b"\n"

    def write_part(self, stream: BinaryIO, pieces: Iterable[bytes]) -> None:
        """Write lines behind one another."""
        stream.writelines(pieces)

    def join(self, parts: Iterable[Path], stream: BinaryIO, schema: pa.Schema) -> None:
        """Write the header and the lines of all parts."""
        stream.write((",".join(schema.names) + "\n").encode())
        for part in parts:
            with part.open("rb") as lines:
                shutil.copyfileobj(lines, stream, 1 << 20)


class Parquet:
    """Parquet, compressed with zstd; a part is a row group."""

    suffix = ".parquet"

    def encode(self, columns: Sequence[Column], schema: pa.Schema) -> bytes:
        """Return the rows as a stream of Arrow."""
        arrays = [_array(column, field.type) for column, field in zip(columns, schema, strict=True)]
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, schema) as stream:
            stream.write_batch(pa.record_batch(arrays, schema=schema))
        return bytes(sink.getvalue())

    def write_part(self, stream: BinaryIO, pieces: Iterable[bytes]) -> None:
        """Write the pieces as one row group of a file of its own."""
        table = pa.concat_tables([pa.ipc.open_stream(piece).read_all() for piece in pieces]).combine_chunks()
        pq.write_table(table, stream, compression="zstd", row_group_size=max(len(table), 1))

    def join(self, parts: Iterable[Path], stream: BinaryIO, schema: pa.Schema) -> None:
        """Write every part as a row group; one without rows leaves none."""
        with pq.ParquetWriter(stream, schema, compression="zstd") as whole:
            for part in parts:
                table = pq.ParquetFile(part).read()
                if len(table):
                    whole.write_table(table, row_group_size=len(table))


def _cells(column: Column, kind: pa.DataType) -> pa.Array:
    """Return the values of a column as a CSV has them: moments as answers write them, texts quoted where they need it."""
    if pa.types.is_timestamp(kind):
        return pa.array(map(moment_text, column), pa.string())
    cells = _array(column, kind).cast(pa.string()).fill_null("")
    if not pa.types.is_string(kind):
        return cells
    needs_quotes = pc.match_substring_regex(cells, _QUOTED)
    if not pc.any(needs_quotes).as_py():
        return cells
    quoted = pc.binary_join_element_wise('"', pc.replace_substring(cells, '"', '""'), '"', "")
    return pc.if_else(needs_quotes, quoted, cells)


def _array(column: Column, kind: pa.DataType) -> pa.Array:
    if pa.types.is_timestamp(kind):
        return pa.array(column, pa.timestamp("s", tz=kind.tz)).cast(kind)
    return pa.array(column, kind)


FORMATS: dict[str, Format] = {one.suffix: one for one in (Csv(), Parquet())}


def format_of(path: Path) -> Format:
    """Return the format a file's name says.

    Raises
    ------
    ConfigError
        If it ends otherwise.
    """
    found = FORMATS.get(path.suffix.lower())
    if found is None:
        raise ConfigError(f"{path}: found the suffix {path.suffix!r}; expected {' or '.join(FORMATS)}.")
    return found
