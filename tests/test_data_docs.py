"""docs/data.md describes the tables and sources the code has, all of them and no others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from recommender.schema import TABLES
from training.sources import SOURCES

DOCS = Path(__file__).parents[1] / "docs" / "data.md"


def documented_columns() -> dict[str, list[str]]:
    """The columns docs/data.md describes, by table: the rows of the first table under each heading ### `name`."""
    found: dict[str, list[str]] = {}
    for section in re.split(r"^### ", DOCS.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        name = section.split("\n", 1)[0].strip("` ")
        if name in TABLES:
            found[name] = re.findall(r"^\| \**`(\w+)`\** \|", section, flags=re.MULTILINE)
    return found


def test_every_table_and_column_is_documented_and_nothing_else() -> None:
    assert documented_columns() == {name: [column.name for column in table.columns] for name, table in TABLES.items()}


def test_every_required_column_is_marked_in_the_documentation() -> None:
    marked = re.findall(r"^\| \*\*`(\w+)`\*\* \|", DOCS.read_text(encoding="utf-8"), flags=re.MULTILINE)
    required = [column.name for table in TABLES.values() for column in table.columns if column.required]
    assert marked == required


@pytest.mark.parametrize("source", sorted(SOURCES))
def test_every_source_is_documented(source: str) -> None:
    text = DOCS.read_text(encoding="utf-8")
    assert f"lpr import {source} " in text
    for file in SOURCES[source].files:
        assert f"`{file}`" in text
