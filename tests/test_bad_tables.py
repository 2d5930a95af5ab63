"""Every way tables can be too bad to be loaded, with the message a person reads."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tables_on_disk import TWO_COURSES, write_tables

from recommender.errors import ConfigError, DataError
from training.tables.load import load_dataset
from training.tables.problems import TablesError

TIME = "an ISO 8601 date or time, for example 2026-03-01 or 2026-03-01T09:30:00Z"
UTF8 = "CSV text saved as UTF-8"


STOPPING: dict[str, tuple[dict[str, str | bytes | None], list[str]]] = {
    "a required table is missing": (
        {"courses": None},
        ["courses: found no courses.csv, courses.parquet or folder courses; expected the required table."],
    ),
    "both required tables are missing": (
        {"courses": None, "completions": None},
        [
            "courses: found no courses.csv, courses.parquet or folder courses; expected the required table.",
            "completions: found no completions.csv, completions.parquet or folder completions; "
            "expected the required table.",
        ],
    ),
    "a required column is missing": (
        {"courses": "course_id,hours\nc1,2\n"},
        ["courses.csv: found no column title (there are course_id, hours); expected the required column title."],
    ),
    "a required column is misspelt": (
        {"courses": "course_id,titel\nc1,One\n"},
        ["courses.csv: found no column title (there is 'titel'); expected the required column title."],
    ),
    "columns are separated by semicolons": (
        {"courses": "course_id;title\nc1;One\n"},
        [
            "courses.csv: found no column course_id (the header 'course_id;title' has no commas); "
            "expected the required column course_id.",
            "courses.csv: found no column title (the header 'course_id;title' has no commas); "
            "expected the required column title.",
        ],
    ),
    "a column comes twice": (
        {"courses": "course_id,title,title\nc1,One,Uno\n"},
        ["courses.csv: found the column title twice; expected every column once."],
    ),
    "a required id is empty": (
        {"courses": "course_id,title\nc1,One\n,Two\n  ,Three\n"},
        [
            "courses.csv, row 2 (line 3), column course_id: found an empty cell; expected an id.",
            "courses.csv, row 3 (line 4), column course_id: found an empty cell; expected an id.",
        ],
    ),
    "a completion has no employee": (
        {"completions": "employee_id,course_id,completed_at\n,c1,2025-01-01\n"},
        ["completions.csv, row 1 (line 2), column employee_id: found an empty cell; expected an id."],
    ),
    "a required text is empty": (
        {"courses": "course_id,title\nc1,\n"},
        ["courses.csv, row 1 (line 2), column title: found an empty cell; expected text."],
    ),
    "an id comes twice": (
        {"courses": "course_id,title\nc1,One\nc2,Two\nc1 ,Again\n"},
        [
            "courses.csv, row 3 (line 4), column course_id: found 'c1' again (also in row 1); "
            "expected each course_id once."
        ],
    ),
    "times are no times": (
        {
            "completions": "employee_id,course_id,completed_at\ne1,c1,03/04/2025\ne1,c1,2025-02-30\n"
            "e1,c1,2025-01-01T25:00\ne1,c1,1735689600\ne1,c1,2025-01-01T10:00:00+99:00\ne1,c1,2025-13-01\ne1,c1,yesterday\n"
        },
        [
            f"completions.csv, row {row} (line {row + 1}), column completed_at: found {text!r}; expected {TIME}."
            for row, text in enumerate(
                [
                    "03/04/2025",
                    "2025-02-30",
                    "2025-01-01T25:00",
                    "1735689600",
                    "2025-01-01T10:00:00+99:00",
                    "2025-13-01",
                    "yesterday",
                ],
                start=1,
            )
        ],
    ),
    "numbers are no numbers or out of range": (
        {"courses": 'course_id,title,hours,cost\nc1,One,0,-1\nc2,Two,nan,inf\nc3,Three,"1,5",1e999\nc4,Four,two,0\n'},
        [
            "courses.csv, row 1 (line 2), column hours: found '0'; expected a number above 0.",
            "courses.csv, row 1 (line 2), column cost: found '-1'; expected a number of at least 0.",
            "courses.csv, row 2 (line 3), column hours: found 'nan'; expected a number above 0.",
            "courses.csv, row 2 (line 3), column cost: found 'inf'; expected a number of at least 0.",
            "courses.csv, row 3 (line 4), column hours: found '1,5'; expected a number above 0.",
            "courses.csv, row 3 (line 4), column cost: found '1e999'; expected a number of at least 0.",
            "courses.csv, row 4 (line 5), column hours: found 'two'; expected a number above 0.",
        ],
    ),
    "numbers are beyond single precision": (
        {"courses": "course_id,title,hours,cost\nc1,One,1e300,1e39\nc2,Two,1e-320,3.4e38\n"},
        [
            "courses.csv, row 1 (line 2), column hours: found '1e300'; expected a number above 0.",
            "courses.csv, row 1 (line 2), column cost: found '1e39'; expected a number of at least 0.",
            "courses.csv, row 2 (line 3), column hours: found '1e-320'; expected a number above 0.",
        ],
    ),
    "whole numbers are none": (
        {"assignments": "course_id,due_days,recur_days\nc1,1.5,0\n"},
        [
            "assignments.csv, row 1 (line 2), column due_days: found '1.5'; expected a whole number of at least 0.",
            "assignments.csv, row 1 (line 2), column recur_days: found '0'; expected a whole number of at least 1.",
        ],
    ),
    "a word is none of the choices, truth neither true nor false": (
        {"courses": "course_id,title,difficulty,published\nc1,One,hard,maybe\n"},
        [
            "courses.csv, row 1 (line 2), column difficulty: found 'hard'; "
            "expected one of beginner, intermediate, advanced, expert.",
            "courses.csv, row 1 (line 2), column published: found 'maybe'; expected true or false.",
        ],
    ),
    "rows are ragged": (
        {"courses": "course_id,title\nc1,One\nc2\nc3,Three,and more\nc4,Four\n"},
        [
            "courses.csv, row 2 (line 3): found 'c2'; expected 2 values, as many as the header has; "
            'text holding a comma or a line break needs "quotes".',
            "courses.csv, row 3 (line 4): found 'c3,Three,and more'; expected 2 values, as many as the header has; "
            'text holding a comma or a line break needs "quotes".',
        ],
    ),
    "rows are counted past ragged and blank ones": (
        {"courses": "course_id,title,hours\nc1,One,1\nc2\n\nc4,Four,-4\n"},
        [
            "courses.csv, row 2 (line 3): found 'c2'; expected 3 values, as many as the header has; "
            'text holding a comma or a line break needs "quotes".',
            "courses.csv, row 4 (line 5), column hours: found '-4'; expected a number above 0.",
        ],
    ),
    "no line is named where cells hold line breaks": (
        {"courses": 'course_id,title,hours\nc1,"One\ntwo",1\nc2,Two,-2\n'},
        ["courses.csv, row 2, column hours: found '-2'; expected a number above 0."],
    ),
    "prerequisites go in a circle": (
        {"courses": "course_id,title,prerequisites\nc1,One,c3\nc2,Two,c1\nc3,Three,c2\nc4,Four,c4\n"},
        [
            "courses.csv, row 1 (line 2), column prerequisites: found c1 → c3 → c2 → c1; "
            "expected prerequisites that never lead back to the course.",
            "courses.csv, row 4 (line 5), column prerequisites: found c4 → c4; "
            "expected prerequisites that never lead back to the course.",
        ],
    ),
    "versions go in a circle": (
        {"courses": "course_id,title,supersedes\nc1,One,c2\nc2,Two,c1\n"},
        [
            "courses.csv, row 1 (line 2), column supersedes: found c1 → c2 → c1; "
            "expected versions that supersede only older ones."
        ],
    ),
    "a file is empty": (
        {"courses": ""},
        ["courses.csv: found an empty file; expected a header line with the names of the columns."],
    ),
    "an optional file is empty": (
        {"skills": "\n"},
        ["skills.csv: found an empty file; expected a header line with the names of the columns."],
    ),
    "there is a header and no course": (
        {"courses": "course_id,title\n", "completions": "employee_id,course_id,completed_at"},
        ["courses.csv: found a header and no rows; expected at least one course."],
    ),
    "text is not UTF-8": (
        {"courses": "course_id,title\nc1,One\nc2,Café\n".encode("latin-1")},
        [f"courses.csv: found the byte 0xe9 in line 3, which is not UTF-8; expected {UTF8}."],
    ),
    "text is UTF-16": (
        {"courses": TWO_COURSES.encode("utf-16")},
        [f"courses.csv: found the byte 0xff in line 1, which is not UTF-8; expected {UTF8}."],
    ),
    "a quote is never closed": (
        {"courses": 'course_id,title\nc1,"One\nc2,Two\n'},
        ["courses.csv: found a quote opened in line 2 and never closed; expected its end."],
    ),
}


@pytest.mark.parametrize("case", STOPPING)
def test_what_would_corrupt_the_result_stops_the_load_and_says_all_of_it(case: str, tmp_path: Path) -> None:
    tables, messages = STOPPING[case]
    with pytest.raises(DataError) as raised:
        load_dataset(write_tables(tmp_path, **tables), rejects=tmp_path / "rejects.csv")
    assert isinstance(raised.value, TablesError)
    assert [str(problem) for problem in raised.value.problems] == messages
    assert not (tmp_path / "rejects.csv").exists()


def test_the_message_lists_twenty_problems_and_says_how_many_more(tmp_path: Path) -> None:
    rows = "".join(f"c{i},Title,-1\n" for i in range(25))
    with pytest.raises(TablesError) as raised:
        load_dataset(write_tables(tmp_path, courses="course_id,title,hours\n" + rows))
    lines = str(raised.value).splitlines()
    assert lines[0] == "25 problems stop the tables from being used; nothing was written."
    assert lines[1] == "courses.csv, row 1 (line 2), column hours: found '-1'; expected a number above 0."
    assert lines[20] == "courses.csv, row 20 (line 21), column hours: found '-1'; expected a number above 0."
    assert lines[21:] == ["… and 5 more."]
    assert len(raised.value.problems) == 25


def test_problems_of_several_tables_come_in_one_pass(tmp_path: Path) -> None:
    tables = {"courses": "course_id,title,hours\nc1,,-1\nc1,Two,1\n", "employees": "employee_id,budget\ne1,-5\ne1,1\n"}
    with pytest.raises(TablesError) as raised:
        load_dataset(write_tables(tmp_path, **tables, completions="employee_id,course_id,completed_at\ne1,c1,soon\n"))
    assert [(one.table, one.row, one.column, one.value) for one in raised.value.problems] == [
        ("courses", 1, "hours", "-1"),
        ("courses", 1, "title", ""),
        ("courses", 2, "course_id", "c1"),
        ("completions", 1, "completed_at", "soon"),
        ("employees", 1, "budget", "-5"),
        ("employees", 2, "employee_id", "e1"),
    ]


def test_an_open_quote_is_named_however_much_it_swallows(tmp_path: Path) -> None:
    rows = "".join(f"e1,c1,2025-01-01T{i // 3600:02}:{i // 60 % 60:02}:{i % 60:02}\n" for i in range(9_000))
    write_tables(
        tmp_path, completions='employee_id,course_id,completed_at\ne1,c1,2024-01-01\ne1,"c1,2024-01-02\n' + rows
    )
    with pytest.raises(DataError, match=r"completions\.csv: found a quote opened in line 3 and never closed"):
        load_dataset(tmp_path)


def test_a_lone_quote_inside_a_text_is_text(tmp_path: Path) -> None:
    courses = 'course_id,title\nc1,Cutting 5" pipes\nc2,"Two\nlines"\n'
    assert load_dataset(write_tables(tmp_path, courses=courses)).dataset.catalog.titles == (
        'Cutting 5" pipes',
        "Two\nlines",
    )


def test_a_table_given_twice_is_refused(tmp_path: Path) -> None:
    write_tables(tmp_path)
    pq.write_table(pa.table({"course_id": ["c1"], "title": ["One"]}), tmp_path / "courses.parquet")
    with pytest.raises(DataError, match=r"courses: found courses\.csv and courses\.parquet; expected one of them\."):
        load_dataset(tmp_path)


def test_a_folder_without_parts_is_refused(tmp_path: Path) -> None:
    write_tables(tmp_path, courses=None)
    (tmp_path / "courses").mkdir()
    with pytest.raises(DataError, match=r"courses/: found a folder without Parquet files; expected at least one\."):
        load_dataset(tmp_path)


@pytest.mark.parametrize(
    ("content", "found"),
    [(b"", "an empty file"), (b"course_id,title\nc1,One\n" * 9, r"no Parquet data \(Parquet magic bytes not found")],
)
def test_a_file_that_is_not_parquet_is_refused_by_name(content: bytes, found: str, tmp_path: Path) -> None:
    write_tables(tmp_path, courses=None)
    (tmp_path / "courses.parquet").write_bytes(content)
    with pytest.raises(DataError, match=rf"courses\.parquet: found {found}.*; expected a Parquet file\."):
        load_dataset(tmp_path)


def test_parquet_types_that_can_hold_no_such_thing_are_refused(tmp_path: Path) -> None:
    write_tables(tmp_path, courses=None)
    table = pa.table({"course_id": [b"c1"], "title": [["One"]], "hours": [True], "available_to": [20250101]})
    pq.write_table(table, tmp_path / "courses.parquet")
    with pytest.raises(TablesError) as raised:
        load_dataset(tmp_path)
    assert sorted(str(problem).split(";")[0] for problem in raised.value.problems) == [
        "courses.parquet, column available_to: found the Parquet type int64",
        "courses.parquet, column course_id: found the Parquet type binary",
        "courses.parquet, column hours: found the Parquet type bool",
        "courses.parquet, column title: found the Parquet type list<element: string>",
    ]


def test_a_part_is_named_with_the_row_inside_it(tmp_path: Path) -> None:
    write_tables(tmp_path, completions=None)
    for i, times in enumerate((["2025-01-01", "2025-01-02"], ["2025-01-03", "soon"])):
        part = pa.table({"employee_id": ["e1", "e2"], "course_id": ["c1", "c9"], "completed_at": times})
        (tmp_path / "completions").mkdir(exist_ok=True)
        pq.write_table(part, tmp_path / "completions" / f"part-{i}.parquet")
    with pytest.raises(
        DataError, match=rf"completions/part-1\.parquet, row 2, column completed_at: found 'soon'; expected {TIME}"
    ):
        load_dataset(tmp_path)


@pytest.mark.parametrize(("name", "found"), [("nowhere", "no such directory"), ("courses.csv", "a file")])
def test_what_is_no_directory_is_refused(name: str, found: str, tmp_path: Path) -> None:
    write_tables(tmp_path)
    with pytest.raises(DataError, match=f"{name}: found {found}; expected a data directory holding the tables"):
        load_dataset(tmp_path / name)


def test_a_time_zone_nobody_knows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"time_zone: found 'Mars/Olympus'; expected the IANA name of a time zone"):
        load_dataset(write_tables(tmp_path), time_zone="Mars/Olympus")
