"""Writing the sample company: CSV tables in the canonical columns, the truth beside them, nothing foreign harmed."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from recommender.errors import DataError
from recommender.schema import TABLES

TRUTH = "truth"
SETTINGS = "settings.json"
GENERATOR = "sample company"

Columns = Mapping[str, Sequence[Any]]
"""One sequence of cells a column, all of the same length."""


def refuse_foreign(out: Path) -> None:
    """Make sure that writing to `out` destroys nothing but an earlier sample.

    Raises
    ------
    DataError
        If `out` is a file, or holds anything without being a sample.
    """
    if out.is_file():
        raise DataError(f"{out}: found a file; expected a directory. Name another place.")
    if out.is_dir() and any(out.iterdir()) and not _is_sample(out):
        raise DataError(
            f"{out}: found a directory with other files; expected an empty one or an earlier sample company. "
            "Name another place, or empty it."
        )


def _is_sample(out: Path) -> bool:
    try:
        settings = json.loads((out / TRUTH / SETTINGS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(settings, dict) and settings.get("generator") == GENERATOR


def write_settings(out: Path, settings: Mapping[str, Any]) -> None:
    """Create the directory and write `truth/settings.json`, which also marks it as a sample company."""
    (out / TRUTH).mkdir(parents=True, exist_ok=True)
    text = json.dumps({"generator": GENERATOR, **settings}, indent=2) + "\n"
    (out / TRUTH / SETTINGS).write_text(text, encoding="utf-8")


def write_tables(out: Path, tables: Mapping[str, Columns]) -> dict[str, int]:
    """Write each table as CSV with all its canonical columns in their order; return the rows of each."""
    return {
        name: _write_csv(out / f"{name}.csv", [column.name for column in TABLES[name].columns], columns)
        for name, columns in tables.items()
    }


def write_truth(out: Path, truth: Mapping[str, Columns]) -> None:
    """Write the hidden truth, one CSV each, in a folder that readers ignore."""
    for name, columns in truth.items():
        _write_csv(out / TRUTH / f"{name}.csv", list(columns), columns)


def _write_csv(path: Path, header: Sequence[str], columns: Columns) -> int:
    n = len(next(iter(columns.values())))
    empty = [""] * n
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(zip(*(columns.get(name, empty) for name in header), strict=True))
    return n
