"""The readers on the published files, where they are there: exact counts, and every cell as the tables ask for it.

The files are not part of the project. They are looked for in ../shared/data beside it; each test says so when they are
not there.
"""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

import pytest
from raw_folders import table

from recommender.schema import TABLES, Column, Kind
from training.sources import SOURCES

DATA = Path(__file__).parents[2] / "shared" / "data"

ROWS = {
    "mars": {
        "courses": 1167,
        "completions": 18353,
        "progress": 802,
        "employees": 9902,
        "skills": 50,
        "course_skills": 2048,
        "roles": 16,
        "role_skills": 154,
    },
    "coco": {"courses": 8196, "completions": 127869, "skills": 2844, "course_skills": 11435},
    "onet": {"roles": 1016, "skills": 387, "role_skills": 31089, "role_relations": 18460},
    "esco": {"roles": 91, "skills": 722, "role_skills": 1969, "role_crosswalk": 1680},
    "coursera": {"courses": 1000, "skills": 3392, "course_skills": 7549},
}


@pytest.fixture(scope="session")
def imports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The data directories written so far, by source: each source is imported once."""
    return {"": tmp_path_factory.mktemp("imports")}


@pytest.fixture
def out(request: pytest.FixtureRequest, imports: dict[str, Path]) -> Path:
    """The data directory of the source named by the test's parameter."""
    source = str(request.param)
    src = DATA / source
    absent = [name for name in SOURCES[source].files if not (src / name).is_file()]
    if absent:
        pytest.skip(f"real files of {source} are not at ../shared/data/{source}: {', '.join(absent)}")
    if source not in imports:
        imports[source] = imports[""] / source
        SOURCES[source].read(src, imports[source])
    return imports[source]


each_source = pytest.mark.parametrize("out", sorted(ROWS), indirect=True)


def misfit(column: Column, cell: str, ids: dict[str, set[str]]) -> bool:
    """Tell whether a cell is not what the column asks for."""
    if not cell:
        return column.required
    values = cell.split("|") if column.kind in {Kind.IDS, Kind.TEXTS} else [cell]
    if column.references in ids and column.kind in {Kind.ID, Kind.IDS}:
        return not ids[column.references] >= set(values)
    if column.kind is Kind.CHOICE:
        return cell not in column.choices
    if column.kind is Kind.TIME:
        return datetime.fromisoformat(cell).year < 2010
    if column.kind in {Kind.NUMBER, Kind.INTEGER}:
        value = float(cell)
        low = column.low is not None and value < column.low
        high = column.high is not None and value > column.high
        not_above = column.above is not None and value <= column.above
        return low or high or not_above or (column.kind is Kind.INTEGER and not cell.isdigit())
    return any(value.strip() != value or not value or value.lower() == "nan" for value in values)


@pytest.mark.parametrize("source", sorted(ROWS))
def test_row_counts_in_the_documentation(source: str) -> None:
    text = (Path(__file__).parents[1] / "docs" / "data.md").read_text(encoding="utf-8")
    section = text.split(f"### {source}\n")[1].split("\nRows: ")[1].split("\n\n")[0]
    for name, count in ROWS[source].items():
        assert f"{name} {count:,}" in section.replace("\n", " ")


@each_source
def test_row_counts(out: Path) -> None:
    assert {path.stem: len(table(out, path.stem)) for path in out.glob("*.csv")} == ROWS[out.name]


@each_source
def test_every_cell_fits_its_column(out: Path) -> None:
    tables = {name: table(out, name) for name in ROWS[out.name]}
    ids = {
        name: {row[TABLES[name].key[0]] for row in tables[name]}
        for name in tables
        if name in TABLES and TABLES[name].key
    }
    wrong = [
        (name, column.name, row[column.name])
        for name, rows in tables.items()
        if name in TABLES
        for column in TABLES[name].columns
        if rows and column.name in rows[0]
        for row in rows
        if misfit(column, row[column.name], ids)
    ]
    assert wrong[:5] == []


@each_source
def test_every_key_is_unique(out: Path) -> None:
    for name in ROWS[out.name]:
        if name in TABLES and TABLES[name].key:
            keys = [tuple(row[column] for column in TABLES[name].key) for row in table(out, name)]
            assert len(set(keys)) == len(keys), name


@pytest.mark.parametrize("out", ["mars"], indirect=True)
def test_mars_counts_agree_with_the_raw_files(out: Path) -> None:
    # Counted here from the raw rows, by another route than the reader's.
    def raw(name: str) -> list[dict[str, str]]:
        with (DATA / "mars" / name).open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    watched = {(row["user_id"], row["item_id"]) for row in raw("explicit_ratings_en.csv")}
    enough = {
        (row["user_id"], row["item_id"]) for row in raw("explicit_ratings_en.csv") if int(row["watch_percentage"]) >= 80
    }
    viewed = {(row["user_id"], row["item_id"]) for row in raw("implicit_ratings_en.csv")}
    completed = {(row["employee_id"], row["course_id"]) for row in table(out, "completions")}
    begun = {(row["employee_id"], row["course_id"]) for row in table(out, "progress")}
    assert completed == enough | (viewed - watched)
    assert begun == watched - enough
    assert (len(enough), len(viewed - watched), len(begun)) == (2853, 11329, 802)


@pytest.mark.parametrize("out", ["mars"], indirect=True)
def test_mars_year_of_publication_is_never_contradicted(out: Path) -> None:
    assert all(row["available_from"] for row in table(out, "courses"))


@pytest.mark.parametrize("out", ["coco"], indirect=True)
def test_coco_keeps_every_event(out: Path) -> None:
    completions = table(out, "completions")
    assert (completions[0]["completed_at"], completions[-1]["completed_at"]) == (
        "2013-08-21T15:36:41Z",
        "2017-11-11T23:09:25Z",
    )
    assert len({row["employee_id"] for row in completions}) == 19256


@pytest.mark.parametrize("out", ["onet"], indirect=True)
def test_onet_needs_are_of_a_size_people_can_read(out: Path) -> None:
    needs: dict[str, int] = {}
    for row in table(out, "role_skills"):
        needs[row["role_id"]] = needs.get(row["role_id"], 0) + 1
    counts = sorted(needs.values())
    assert len(counts) == 923
    assert counts[len(counts) // 2] == 32
    assert {row["role_id"] for row in table(out, "roles")} >= {"software-developers", "registered-nurses"}


@pytest.mark.parametrize("out", ["coursera"], indirect=True)
def test_coursera_titles_are_readable(out: Path) -> None:
    titles = {row["course_id"]: row["title"] for row in table(out, "courses")}
    assert titles["specializations-sscp-training"] == "(ISC)² Systems Security Certified Practitioner (SSCP)"
    assert not [title for title in titles.values() if "Ã" in title or "Â" in title]
