"""What a check says of a data directory: what is wrong, what is unlikely to be meant, what is possible."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tables_on_disk import ONE_COMPLETION, write_tables

from training.tables.audit import reachable_levels
from training.tables.check import CheckReport, check_directory
from training.tables.load import load_dataset

NOW = int(datetime(2025, 6, 1, tzinfo=UTC).timestamp())


def check(directory: Path, **tables: str) -> CheckReport:
    return check_directory(write_tables(directory, **tables), now=NOW)


NOTICES: dict[str, tuple[dict[str, str], str, str, str, tuple[str, ...]]] = {
    "nobody took a course": ({}, "untaken_courses", "note", "1 course completed by nobody", ("c2",)),
    "a role needs a skill nobody teaches": (
        {
            "role_skills": "role_id,skill_id\nr1,s2\n",
            "course_skills": "course_id,skill_id\nc1,s1\n",
            "skills": "skill_id\ns3\ns1\ns2\n",
        },
        "untaught_skills",
        "warning",
        "2 skills taught by no course; roles need 1 of them",
        ("s2", "s3"),
    ),
    "a skill nobody needs or teaches": (
        {"course_skills": "course_id,skill_id\nc1,s1\n", "skills": "skill_id\ns1\ns2\n"},
        "untaught_skills",
        "note",
        "1 skill taught by no course; roles need 0 of them",
        ("s2",),
    ),
    "a role needs more than is taught": (
        {
            "role_skills": "role_id,skill_id,level\nr1,s1,4\nr1,s2,1\nr2,s1,3\n",
            "course_skills": "course_id,skill_id,level\nc1,s1,3\n",
        },
        "unreachable_roles",
        "warning",
        "1 role cannot be reached in full: no order of courses teaches a level that is needed",
        ("r1 (needs s1 4 of which 3, s2 1 of which 0)",),
    ),
    "employees without a role": (
        {"employees": "employee_id,role_id\ne1,\ne2,r1\n", "roles": "role_id,title\nr1,One\n"},
        "employees_without_role",
        "note",
        "1 employee without a known role",
        ("e1",),
    ),
    "employees only completions know": (
        {"employees": "employee_id,role_id\ne2,r1\n", "roles": "role_id,title\nr1,One\n"},
        "unlisted_employees",
        "note",
        "1 employee known from other tables only",
        ("e1",),
    ),
    "completions of courses that could not be taken": (
        {
            "courses": "course_id,title,published,available_from,available_to\nc1,One,no,,\nc2,Two,,2025-02-01,\n"
            "c3,Three,,,2025-01-31\nc4,Four,,2025-01-01,2025-01-31\n",
            "completions": "employee_id,course_id,completed_at\ne1,c1,2025-01-31\ne1,c2,2025-01-31\n"
            "e1,c3,2025-02-01\ne2,c3,2025-01-31\ne2,c4,2025-01-31T23:59:59\ne1,c4,2025-01-01\n",
        },
        "unavailable_completions",
        "warning",
        "3 courses completed while unpublished or outside availability, 3 times in all",
        ("c1", "c2", "c3"),
    ),
    "completions before 1970": (
        {"completions": ONE_COMPLETION + "e2,c1,1969-12-31\n"},
        "completions_before_1970",
        "warning",
        "1 employee with completions before 1970",
        ("e2",),
    ),
    "feedback from the future": (
        {"feedback": "employee_id,course_id,verb,at\ne1,c1,later,2025-06-02\ne1,c1,later,2025-05-31\n"},
        "dates_in_the_future",
        "warning",
        "1 table with dates in the future, unseen until then",
        ("feedback (1, the latest 2025-06-02T00:00:00Z)",),
    ),
    "two courses bear a title, and versions of one course may": (
        {"courses": "course_id,title,supersedes\nc1,SQL,\nc2,sql,\nc3,Git,\nc4,Git,c3\n"},
        "duplicate_titles",
        "warning",
        "1 title borne by several courses",
        ("SQL (c1, c2)",),
    ),
}


@pytest.mark.parametrize("case", NOTICES)
def test_what_is_unlikely_to_be_meant_is_noticed(case: str, tmp_path: Path) -> None:
    tables, code, severity, text, items = NOTICES[case]
    report = check(tmp_path, **tables)
    found = {notice.code: notice for notice in report.notices}[code]
    assert (found.severity, found.text, found.items) == (severity, text, items)
    assert report.exit_code == 0


def test_sound_tables_give_no_notice(tmp_path: Path) -> None:
    report = check(
        tmp_path,
        completions=ONE_COMPLETION + "e1,c2,2025-01-02\n",
        employees="employee_id,role_id\ne1,r1\n",
        roles="role_id,title\nr1,One\n",
        role_skills="role_id,skill_id,level\nr1,s1,3\n",
        course_skills="course_id,skill_id,level\nc1,s1,3\n",
        skills="skill_id\ns1\n",
    )
    assert report.notices == ()


@pytest.mark.parametrize(
    ("skills", "courses", "reached"),
    [
        # c1 opens c2, which opens c3, whatever their order in the table.
        ("c3,s1,5,4\nc2,s1,4,2\nc1,s1,2,0\n", "", 5),
        # Nothing teaches level 1 to begin with.
        ("c3,s1,5,4\nc2,s1,4,1\n", "", 0),
        # Two courses that ask for each other's level open neither.
        ("c1,s1,3,2\nc2,s1,2,1\n", "", 0),
        # An assumed entry level stops nobody.
        ("c1,s1,5,\n", "", 5),
        # A prerequisite that cannot be begun closes the course behind it.
        ("c1,s1,1,\nc1,s2,1,3\nc2,s1,4,\n", "prerequisites:c2:c1", 0),
        # A newer version of the prerequisite will do.
        ("c1,s2,1,3\nc2,s1,4,\n", "prerequisites:c2:c1 supersedes:c3:c1", 4),
        ("c1,s1,4,\n", "published:c1:no", 0),
        ("c1,s1,4,\n", "available_to:c1:2025-05-30", 0),
        ("c1,s1,4,\n", "available_from:c1:2025-07-01", 4),
    ],
)
def test_levels_are_reached_by_courses_that_open_one_another(
    skills: str, courses: str, reached: int, tmp_path: Path
) -> None:
    columns = ["published", "available_from", "available_to", "prerequisites", "supersedes"]
    cells = {tuple(cell.split(":")[:2]): cell.split(":")[2] for cell in courses.split()}
    rows = [",".join([one, one, *(cells.get((name, one), "") for name in columns)]) for one in ("c1", "c2", "c3")]
    write_tables(
        tmp_path,
        courses="\n".join([",".join(["course_id", "title", *columns]), *rows]),
        course_skills="course_id,skill_id,level,entry_level\n" + skills,
        skills="skill_id\ns1\ns2\n",
    )
    assert reachable_levels(load_dataset(tmp_path, now=NOW).dataset)[0] == reached


def test_everything_wrong_is_said_worst_first(tmp_path: Path) -> None:
    report = check(
        tmp_path,
        courses="course_id,title,prerequisites,hours\nc1,One,c2,1\nc2,Two,c1|c9,-1\n",
        completions=ONE_COMPLETION + "e1,c7,2025-01-01\ne1,c1,2025-06-02\n",
    )
    assert report.exit_code == 2
    lines = list(report.lines())
    assert lines[:9] == [
        "Stops a load (2):",
        "  courses.csv, row 1 (line 2), column prerequisites: found c1 → c2 → c1; "
        "expected prerequisites that never lead back to the course.",
        "  courses.csv, row 2 (line 3), column hours: found '-1'; expected a number above 0.",
        "Set aside, unknown course (2):",
        "  courses.csv, row 2 (line 3), column prerequisites: found 'c9'; expected an id of the table courses.",
        "  completions.csv, row 2 (line 3), column course_id: found 'c7'; expected an id of the table courses.",
        "Set aside, in the future (1):",
        "  completions.csv, row 3 (line 4), column completed_at: found '2025-06-02T00:00:00Z'; "
        "expected a time up to 2025-06-01T00:00:00Z.",
        "Warning: courses.prerequisites: 1 id set aside, unknown course.",
    ]
    assert "Note: 1 course completed by nobody:" in lines
    assert lines[-1] == "  2 problems to mend first, 3 set aside, 2 notices"
    assert not (tmp_path / "rejects.csv").exists()


def test_what_the_tables_make_possible_is_said_with_why(tmp_path: Path) -> None:
    bare = {feature.name: feature for feature in check(tmp_path).features}
    assert (bare["next courses from what people took"].on, bare["next courses from what people took"].why) == (
        True,
        "1 completion by choice",
    )
    assert not bare["evaluation on later completions"].on
    assert bare["learning paths"].why == "there is no table role_skills (what roles need: no gap and no coverage)"
    assert bare["courses found by their text"].why == "the table courses has nothing for it"
    assert sum(feature.on for feature in bare.values()) == 1
    full = {
        feature.name: feature.on
        for feature in check(
            tmp_path,
            courses="course_id,title,hours,description\nc1,One,1,About one\n",
            completions="employee_id,course_id,completed_at\ne1,c1,2025-01-01\ne2,c1,2025-01-02\ne3,c1,2025-01-03\n",
            employees="employee_id,role_id\ne1,r1\n",
            roles="role_id,title\nr1,One\n",
            role_skills="role_id,skill_id\nr1,s1\n",
            course_skills="course_id,skill_id\nc1,s1\n",
            skill_evidence="employee_id,skill_id,level\ne1,s1,2\n",
            assignments="course_id,role_id\nc1,r1\n",
            role_changes="employee_id,to_role_id,changed_at\ne1,r1,2024-01-01\n",
            progress="employee_id,course_id,progress\ne1,c1,0.2\n",
            feedback="employee_id,course_id,verb\ne1,c1,later\n",
            identities="employee_id,kind,value\ne1,mbox,mailto:e1@example.com\n",
        ).features
    }
    assert all(full.values())
    assert full.keys() == bare.keys()


def test_tables_that_cannot_be_read_are_still_checked_as_far_as_they_go(tmp_path: Path) -> None:
    (tmp_path / "completions.csv").write_text(ONE_COMPLETION + "e1,c1,soon\n", encoding="utf-8")
    report = check_directory(tmp_path, now=NOW)
    assert [problem.reason.split(" ")[0] for problem in report.problems] == ["missing", "completed_at"]
    assert report.features == ()
    assert report.set_aside == ()  # without courses no course is unknown
    assert report.exit_code == 2


def test_nothing_is_said_of_times_that_are_not_there(tmp_path: Path) -> None:
    report = check(tmp_path, completions="employee_id,course_id\ne1,c1\n")
    assert report.exit_code == 2
    said = "\n".join(report.lines())
    assert "completed_at" in said
    for nonsense in ("1970", "NaT", "unpublished"):
        assert nonsense not in said


def test_long_lists_are_cut_in_text_and_whole_in_json(tmp_path: Path) -> None:
    report = check(tmp_path, completions=ONE_COMPLETION + "".join(f"e1,x{i},2025-01-01\n" for i in range(30)))
    lines = list(report.lines(limit=5))
    at = lines.index("Set aside, unknown course (30):")
    assert [line.split("found ")[1].split(";")[0] for line in lines[at + 1 : at + 6]] == [f"'x{i}'" for i in range(5)]
    assert lines[at + 6] == "  … and 25 more"
    assert sum("found 'x" in line for line in report.lines(limit=None)) == 30
    whole = json.loads(json.dumps(report.as_dict()))
    assert [one["value"] for one in whole["set_aside"]] == [f"x{i}" for i in range(30)]
    assert whole["set_aside"][0] == {
        "table": "completions",
        "file": "completions.csv",
        "row": 2,
        "line": 3,
        "column": "course_id",
        "value": "x0",
        "found": "'x0'",
        "expected": "an id of the table courses",
        "reason": "unknown course",
        "text": "completions.csv, row 2 (line 3), column course_id: found 'x0'; expected an id of the table courses.",
    }
