"""The files of the sample company: sound, complete and repeatable tables, a catalogue, nothing foreign harmed."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from sample_company import END, FIRST_DAY, N_COURSES, N_EMPLOYEES, TRUTH, Written, read, write

from recommender.errors import ConfigError, DataError
from recommender.schema import TABLES, Column, Kind
from training.sample import write_sample
from training.sample.subjects import plan_drafts
from training.tables.load import load_dataset


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sample")


@pytest.fixture(scope="module")
def company(out: Path) -> Written:
    return write(out)


def files_of(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


# --- the files -------------------------------------------------------------------------------------------------------


def test_equal_arguments_give_equal_bytes_and_another_seed_or_noise_does_not(tmp_path: Path) -> None:
    for name, seed, noise in (("a", 3, 0.25), ("b", 3, 0.25), ("c", 4, 0.25), ("d", 3, 0.5)):
        write_sample(tmp_path / name, n_employees=120, n_courses=90, seed=seed, noise=noise)
    first, same, other_seed, other_noise = (files_of(tmp_path / name) for name in "abcd")
    assert len(first) == len(TABLES) + len(TRUTH) + 1
    assert first == same
    assert first["completions.csv"] != other_seed["completions.csv"]
    assert first["courses.csv"] != other_seed["courses.csv"]
    assert first["completions.csv"] != other_noise["completions.csv"]
    assert first["courses.csv"] == other_noise["courses.csv"]


def test_every_table_has_the_canonical_columns_in_their_order(company: Written) -> None:
    for name, table in TABLES.items():
        assert list(company.tables[name][0]) == [column.name for column in table.columns], name


def test_counts_are_those_asked_for_and_reported(company: Written) -> None:
    assert len(company.tables["employees"]) == N_EMPLOYEES
    assert len(company.tables["courses"]) == N_COURSES
    assert company.summary.rows == {name: len(rows) for name, rows in company.tables.items()}
    assert company.summary.self_driven == len(company.self_driven)
    assert company.summary.self_driven + company.summary.assigned == len(company.tables["completions"])
    assert 58 <= len(company.tables["skills"]) <= 66
    assert {row["kind"] for row in company.tables["skills"]} == {"technical", "human", "domain"}
    assert len(company.tables["roles"]) == 25
    assert len({row["family"] for row in company.tables["roles"]}) == 6


def test_the_project_itself_finds_nothing_to_set_aside(company: Written, out: Path) -> None:
    loaded = load_dataset(out, now=int(datetime.fromisoformat(END + "T00:00:00+00:00").timestamp()))
    assert loaded.rejected == {}
    assert loaded.warnings == []
    assert loaded.rows == company.summary.rows


@pytest.mark.parametrize("name", list(TABLES))
def test_every_cell_is_of_its_kind_in_its_range_and_points_at_something(name: str, company: Written) -> None:
    ids = {
        table: {row[TABLES[table].key[0]] for row in company.tables[table]}
        for table in ("courses", "employees", "roles", "skills")
    }
    for column in TABLES[name].columns:
        for row in company.tables[name]:
            cell = row[column.name]
            assert cell or not column.required, (name, column.name, row)
            if cell:
                check_cell(column, cell, ids)
    if name != "employees":
        assert {row["employee_id"] for row in company.tables[name] if row.get("employee_id")} <= ids["employees"]


def check_cell(column: Column, cell: str, ids: dict[str, set[str]]) -> None:
    parts = cell.split("|") if column.kind in (Kind.IDS, Kind.TEXTS) else [cell]
    if column.references:
        assert set(parts) <= ids[column.references], (column.name, cell)
    if column.kind in (Kind.NUMBER, Kind.INTEGER):
        value = int(cell) if column.kind is Kind.INTEGER else float(cell)
        assert column.low is None or value >= column.low, (column.name, cell)
        assert column.high is None or value <= column.high, (column.name, cell)
        assert column.above is None or value > column.above, (column.name, cell)
    if column.kind is Kind.TIME:
        datetime.fromisoformat(cell)
    if column.kind is Kind.CHOICE:
        assert cell in column.choices, (column.name, cell)
    if column.kind is Kind.BOOLEAN:
        assert cell in ("true", "false")


def test_nothing_is_there_twice(company: Written) -> None:
    keys: dict[str, tuple[str, ...]] = {
        **{name: table.key for name, table in TABLES.items() if table.key},
        "progress": ("employee_id", "course_id"),
        "feedback": ("employee_id", "course_id"),
        "role_changes": ("employee_id", "changed_at"),
    }
    for name, key in keys.items():
        seen = Counter(tuple(row[column] for column in key) for row in company.tables[name])
        assert seen.most_common(1)[0][1] == 1, name
    titles = [row["title"] for row in company.tables["courses"]]
    assert len(set(titles)) == N_COURSES
    pairs = [(row["employee_id"], row["course_id"]) for row in company.self_driven]
    assert len(set(pairs)) == len(pairs)
    finished = {(row["employee_id"], row["course_id"]) for row in company.tables["completions"]}
    assert not finished & {(row["employee_id"], row["course_id"]) for row in company.tables["progress"]}


def test_a_foreign_directory_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("dear all")
    with pytest.raises(DataError, match=r"other files; expected an empty one or an earlier sample"):
        write_sample(tmp_path, n_employees=5, n_courses=80)
    assert files_of(tmp_path) == {"letters.txt": b"dear all"}
    with pytest.raises(DataError, match="found a file; expected a directory"):
        write_sample(tmp_path / "letters.txt", n_employees=5, n_courses=80)


def test_settings_of_something_else_do_not_make_a_sample(tmp_path: Path) -> None:
    (tmp_path / "truth").mkdir()
    (tmp_path / "truth" / "settings.json").write_text('{"generator": "another one"}')
    with pytest.raises(DataError, match="other files"):
        write_sample(tmp_path, n_employees=5, n_courses=80)


def test_an_earlier_sample_is_replaced_and_notes_beside_it_stay(tmp_path: Path) -> None:
    write_sample(tmp_path, n_employees=5, n_courses=80, seed=1)
    (tmp_path / "notes.txt").write_text("mine")
    write_sample(tmp_path, n_employees=6, n_courses=80, seed=2)
    settings = json.loads((tmp_path / "truth" / "settings.json").read_text())
    assert (settings["seed"], settings["n_employees"], settings["noise"]) == (2, 6, 0.25)
    assert len(read(tmp_path / "employees.csv")) == 6
    assert (tmp_path / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_employees": 0}, "n_employees: found 0; expected at least 1"),
        ({"n_courses": 20}, "n_courses: found 20; expected at least 73"),
        ({"n_courses": 50_000}, "n_courses: found 50000; expected at most 1"),
        ({"seed": -1}, "seed: found -1"),
        ({"noise": 1.5}, "noise: found 1.5; expected a number from 0 to 1"),
    ],
)
def test_arguments_out_of_range_are_named_and_nothing_is_written(
    arguments: dict[str, float], message: str, tmp_path: Path
) -> None:
    settings = {"n_employees": 5, "n_courses": 80, "seed": 1, "noise": 0.2, **arguments}
    with pytest.raises(ConfigError, match=message):
        write_sample(
            tmp_path / "out",
            n_employees=int(settings["n_employees"]),
            n_courses=int(settings["n_courses"]),
            seed=int(settings["seed"]),
            noise=settings["noise"],
        )
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("n", [73, 149, 150, 283, 320, 1000, 5000])
def test_any_size_of_catalogue_has_distinct_titles_and_all_skills(n: int) -> None:
    drafts = plan_drafts(n)
    assert len({draft.title for draft in drafts}) == n
    assert len({draft.subject.skill for draft in drafts if draft.required < 0}) == 62


def test_progress_is_told_in_words(tmp_path: Path) -> None:
    lines: list[str] = []
    write_sample(tmp_path, n_employees=5, n_courses=80, progress=lines.append)
    assert lines[0] == "simulating 5 employees and 80 courses"
    assert "behaviour: year 5 of 5" in lines
    assert lines[-1] == f"writing {tmp_path}"


# --- the catalogue ---------------------------------------------------------------------------------------------------


def test_the_catalogue_is_varied(company: Written) -> None:
    courses = company.tables["courses"]
    for column, least in (("provider", 8), ("format", 6), ("language", 4), ("difficulty", 4)):
        assert len({row[column] for row in courses}) >= least, column
    english = sum(row["language"] == "en" for row in courses)
    assert 0.9 * N_COURSES < english < N_COURSES
    assert all(len(row["description"]) > 30 for row in courses)
    for column in ("credential", "audience", "prerequisites", "supersedes", "available_to"):
        assert sum(bool(row[column]) for row in courses) >= 5, column
    assert sum(row["published"] == "false" for row in courses) >= 3
    taught = {row["skill_id"] for row in company.tables["course_skills"]}
    assert taught == {row["skill_id"] for row in company.tables["skills"]}


def test_prerequisites_are_easier_and_older_so_none_goes_in_a_circle(company: Written) -> None:
    courses = company.by_id("courses", "course_id")
    levels: dict[str, int] = {}
    for row in company.truth["course_skills"]:
        levels.setdefault(row["course_id"], int(row["level"]))  # the main skill comes first
    linked = [row for row in courses.values() if row["prerequisites"]]
    assert len(linked) > 20
    for row in linked:
        for before in row["prerequisites"].split("|"):
            assert levels[before] < levels[row["course_id"]]
            assert courses[before]["available_from"] <= (row["available_from"] or END)


def test_declared_entry_levels_lie_below_the_level_taught(company: Written) -> None:
    declared = [row for row in company.tables["course_skills"] if row["entry_level"]]
    assert 0.3 < len(declared) / len(company.tables["course_skills"]) < 0.7
    assert all(int(row["entry_level"]) < int(row["level"]) for row in declared)


def test_a_new_edition_takes_over_from_the_old_one(company: Written) -> None:
    courses = company.by_id("courses", "course_id")
    for new in (row for row in courses.values() if row["supersedes"]):
        old = courses[new["supersedes"]]
        assert new["title"] == f"{old['title']} ({new['available_from'][:4]} edition)"
        assert new["available_from"] < old["available_to"]


def test_some_courses_are_too_new_for_anyone_to_have_finished(company: Written) -> None:
    touched = {row["course_id"] for name in ("completions", "progress", "feedback") for row in company.tables[name]}
    new = [row for row in company.tables["courses"] if "2026-06-25" <= row["available_from"] < END]
    assert 0.03 <= len(new) / N_COURSES <= 0.05
    assert not touched & {row["course_id"] for row in new}
    assert company.summary.cold_courses >= len(new)
    appeared = sum(FIRST_DAY < row["available_from"] < "2026-06-25" for row in company.tables["courses"])
    assert 0.3 < appeared / N_COURSES < 0.6
