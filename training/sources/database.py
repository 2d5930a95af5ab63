"""A tenant's tables out of the service's database, as a data directory of Parquet files.

What was loaded from a directory and is exported again is the same data set, in the same order, with the same fingerprint.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pa_parquet

from recommender.errors import DataError
from recommender.schema import TABLES, Kind
from store.database import Database
from store.exporting import exported
from training.sources.writing import NOTICE_FILE, earlier_files, move_in

SOURCE = "database"
"""What `source.json` of an export says it is from."""

_BLOCK = 50_000
_TYPES: dict[Kind, pa.DataType] = {
    Kind.NUMBER: pa.float64(),
    Kind.INTEGER: pa.int64(),
    Kind.TIME: pa.timestamp("s", "UTC"),
    Kind.BOOLEAN: pa.bool_(),
}

Tell = Callable[[str], None]


def export(database: Database, tenant: str, out: Path, *, progress: Tell | None = None) -> Mapping[str, int]:
    """Write the tables of a tenant as they are at one moment, and return the rows of each that has any.

    Everything is written beside `out` and moved in when complete; a table without rows is left out unless it is required.

    Raises
    ------
    DataError
        If the tenant has no course, or `out` holds anything but an earlier export.
    StoreUnavailable
        If the database does not answer.
    """
    earlier = earlier_files(out, SOURCE)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-") as staging:
        with database.read() as connection:
            written = {}
            for name in TABLES:
                n = _write(Path(staging) / f"{name}.parquet", name, exported(connection, tenant, name))
                if n or TABLES[name].required:
                    written[name] = n
                if progress is not None and n:
                    progress(f"{name}: {n:,} rows")
        if not written["courses"]:
            raise DataError(
                f"tenant {tenant!r}: found no course in the database; expected at least one. Load it first."
            )
        files = {name: {"file": f"{name}.parquet", "rows": n} for name, n in written.items()}
        notice = json.dumps({"source": SOURCE, "tenant": tenant, "tables": files}, indent=2, ensure_ascii=False)
        (Path(staging) / NOTICE_FILE).write_text(notice + "\n", encoding="utf-8")
        move_in(Path(staging), out, earlier)
    return written


@contextmanager
def tables_of(data: Path | None, url: str | None, tenant: str, *, progress: Tell | None = None) -> Iterator[Path]:
    """Give a data directory: `data` itself, or the tenant's tables in the database, exported until the block ends.

    Raises
    ------
    DataError
        If both or neither are given; else as `export`.
    """
    if (data is None) == (url is None):
        raise DataError("the tables: expected either the directory DATA or --db URL.")
    if data is not None:
        yield data
        return
    database = Database(str(url))
    try:
        with tempfile.TemporaryDirectory(prefix="lpr-export-") as folder:
            export(database, tenant, Path(folder) / "data", progress=progress)
            yield Path(folder) / "data"
    finally:
        database.close()


def _write(path: Path, name: str, rows: Iterable[Mapping[str, Any]]) -> int:
    """Write a table block by block and return how many rows there were; without any, only a required one is written."""
    schema = pa.schema([(one.name, _TYPES.get(one.kind, pa.string())) for one in TABLES[name].columns])
    left, n = iter(rows), 0
    block = list(islice(left, _BLOCK))
    if not block and not TABLES[name].required:
        return 0
    with pa_parquet.ParquetWriter(path, schema) as file:
        while block:
            file.write_table(pa.Table.from_pylist(block, schema=schema))
            n += len(block)
            block = list(islice(left, _BLOCK))
    return n
