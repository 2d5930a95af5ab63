"""What is set aside or warned of when tables are loaded, as a person reads it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tables_on_disk import ONE_COMPLETION, TWO_COURSES, write_tables

from training.tables.load import load_dataset

ASIDE: dict[str, tuple[dict[str, str | bytes | None], list[str], dict[str, int]]] = {
    "a completion of an unknown course": (
        {"completions": ONE_COMPLETION + "e1,c9,2025-01-02\n"},
        ['"completions",2,"course_id","c9","unknown course"'],
        {"unknown course": 1},
    ),
    "a completion said twice": (
        {"completions": ONE_COMPLETION + "e1,c1,2025-01-01T00:00:00Z\n"},
        [
            '"completions",2,"employee_id, course_id, completed_at","e1, c1, 2025-01-01T00:00:00Z",'
            '"duplicate completion"'
        ],
        {"duplicate completion": 1},
    ),
    "a completion in the future": (
        {"completions": ONE_COMPLETION + "e1,c1,2995-01-01\n"},
        ['"completions",2,"completed_at","2995-01-01T00:00:00Z","in the future"'],
        {"in the future": 1},
    ),
    "a completion without a time": (
        {"completions": ONE_COMPLETION + "e1,c1,\n"},
        ['"completions",2,"completed_at","","completed_at is empty"'],
        {"completed_at is empty": 1},
    ),
    "a ragged completion": (
        {"completions": ONE_COMPLETION + "e1,c1\n"},
        ['"completions",2,"","e1,c1","wrong number of values"'],
        {"wrong number of values": 1},
    ),
    "two bad cells in one row cost one row": (
        {"completions": "employee_id,course_id,completed_at,score,progress\ne1,c1,2025-01-01,80,x\n"},
        [
            '"completions",1,"score","80","score is not a number from 0 to 1"',
            '"completions",1,"progress","x","progress is not a number from 0 to 1"',
        ],
        {"score is not a number from 0 to 1": 1},
    ),
    "an unknown prerequisite costs the id, not the course": (
        {"courses": "course_id,title,prerequisites\nc1,One,c2|c9\nc2,Two,\n"},
        ['"courses",1,"prerequisites","c9","unknown course"'],
        {"unknown course": 1},
    ),
    "a skill taught and a skill needed that no table has": (
        {
            "skills": "skill_id,name\ns1,SQL\n",
            "course_skills": "course_id,skill_id,level\nc1,s1,3\nc1,s9,3\nc1,s1,4\n",
            "roles": "role_id,title\nr1,Analyst\n",
            "role_skills": "role_id,skill_id,level\nr1,s8,3\nr9,s1,2\nr1,s1,6\n",
        },
        [
            '"course_skills",3,"course_id, skill_id","c1, s1","duplicate row"',
            '"course_skills",2,"skill_id","s9","unknown skill"',
            '"role_skills",3,"level","6","level is not a whole number from 1 to 5"',
            '"role_skills",2,"role_id","r9","unknown role"',
            '"role_skills",1,"skill_id","s8","unknown skill"',
        ],
        {
            "duplicate row": 1,
            "unknown skill": 2,
            "unknown role": 1,
            "level is not a whole number from 1 to 5": 1,
        },
    ),
    "an unknown role costs the id, not the employee": (
        {"roles": "role_id,title\nr1,Analyst\n", "employees": "employee_id,role_id,target_role_id\ne1,r9,r1\n"},
        ['"employees",1,"role_id","r9","unknown role"'],
        {"unknown role": 1},
    ),
    "an assignment of an unknown role costs the row, or it would match everyone": (
        {
            "roles": "role_id,title\nr1,Analyst\n",
            "assignments": "course_id,role_id,employee_id\nc1,r9,\nc1,,e9\nc1,*,*\n",
        },
        ['"assignments",1,"role_id","r9","unknown role"', '"assignments",2,"employee_id","e9","unknown employee"'],
        {"unknown role": 1, "unknown employee": 1},
    ),
    "feedback with a verb nobody knows": (
        {"feedback": "employee_id,course_id,verb\ne1,c1,loved_it\n"},
        ['"feedback",1,"verb","loved_it","verb is not one of not_interested, already_know, too_easy, too_hard, later"'],
        {"verb is not one of not_interested, already_know, too_easy, too_hard, later": 1},
    ),
}


@pytest.mark.parametrize("case", ASIDE)
def test_what_can_be_set_aside_is_written_with_its_reason_and_counted(case: str, tmp_path: Path) -> None:
    tables, lines, counts = ASIDE[case]
    result = load_dataset(write_tables(tmp_path, **tables), rejects=tmp_path / "rejects.csv")
    written = (tmp_path / "rejects.csv").read_text(encoding="utf-8").splitlines()
    assert written[0] == '"table","row","column","value","reason"'
    assert sorted(written[1:]) == sorted(lines)
    assert result.rejected == counts


WARNED: dict[str, tuple[dict[str, str | bytes | None], list[str]]] = {
    "spaces around ids": (
        {"completions": "employee_id , course_id,completed_at\n e1,c1 ,2025-01-01\ne1 ,c2,2025-01-02\n"},
        [
            "completions.employee_id: spaces around the id were removed in 2 cells",
            "completions.course_id: spaces around the id were removed in 1 cell",
        ],
    ),
    "blank rows": ({"courses": TWO_COURSES + ",\n\n"}, ["courses: 2 blank rows ignored"]),
    "no completions": (
        {"completions": "employee_id,course_id,completed_at\n"},
        [
            "completions.csv: a header and no rows",
            "not one completion is left: nothing can be learned from history",
        ],
    ),
    "a table misspelt": (
        {"skill": "skill_id\ns1\n"},
        ["skill.csv is none of the tables and was not read; did you mean skills?"],
    ),
    "a table unlike any": ({"role_relations": "a\n1\n"}, ["role_relations.csv is none of the tables and was not read"]),
    "an id set aside": (
        {"courses": "course_id,title,prerequisites\nc1,One,c8|c9\n"},
        ["courses.prerequisites: 2 ids set aside, unknown course"],
    ),
    "roles named that no table lists": (
        {
            "employees": "employee_id,role_id\ne1,r1\ne2,r2\n",
            "role_changes": "employee_id,to_role_id,changed_at\ne1,r1,2025-01-01\n",
            "assignments": "course_id,role_id\nc1,*\nc1,r1\n",
        },
        [
            "employees.role_id: no table says which roles there are; 2 cells not used",
            "assignments.role_id: no table says which roles there are; 1 row not used",
            "role_changes.to_role_id: no table says which roles there are; 1 row not used",
        ],
    ),
    "nothing": ({}, []),
}


@pytest.mark.parametrize("case", WARNED)
def test_what_costs_no_row_is_warned_of(case: str, tmp_path: Path) -> None:
    tables, warnings = WARNED[case]
    assert load_dataset(write_tables(tmp_path, **tables)).warnings == warnings
