"""Loading sound tables: what each cell becomes, what is assumed where nothing is said; order changes nothing."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tables_on_disk import ONE_COMPLETION, TWO_COURSES, write_tables

from recommender.arrays import DAY, EARLIEST, LATEST, NONE
from recommender.company import Completions, Dataset
from recommender.schema import EVIDENCE_SOURCES
from training.sources import SOURCES
from training.tables.load import LoadResult, load_dataset

NEW_YEAR = int(datetime(2025, 1, 1, tzinfo=UTC).timestamp())
"""2025-01-01 00:00 UTC."""

COURSES = TWO_COURSES + "c3,Three\n"


def load(directory: Path, *, now: int | None = None, time_zone: str = "UTC", **tables: str) -> LoadResult:
    """Load CSV tables beside three courses and one completion."""
    write_tables(directory, **({"courses": COURSES} | tables))
    return load_dataset(directory, now=now, time_zone=time_zone)


def completed(data: Dataset) -> list[tuple[str, str, int, bool, bool]]:
    """Employee, course, days since new year 2025, assigned, first: each completion in the data set's order."""
    done = data.completions
    return [
        (data.people.ids[int(who)], data.catalog.ids[int(what)], (int(at) - NEW_YEAR) // DAY, bool(asked), bool(first))
        for who, what, at, asked, first in zip(
            done.employee_idx, done.course_idx, done.at, done.assigned, done.first, strict=True
        )
    ]


def test_completions_are_sorted_by_employee_time_and_course(tmp_path: Path) -> None:
    rows = ["e2,c1,2025-01-03", "e1,c2,2025-01-02", "e1,c1,2025-01-02", "e1,c1,2025-01-05", "e1,c3,2025-01-01"]
    data = load(tmp_path, completions="employee_id,course_id,completed_at\n" + "\n".join(rows)).dataset
    assert completed(data) == [
        ("e1", "c3", 0, False, True),
        ("e1", "c1", 1, False, True),
        ("e1", "c2", 1, False, True),
        ("e1", "c1", 4, False, False),  # a later repeat is kept and is not the first
        ("e2", "c1", 2, False, True),
    ]


@pytest.mark.parametrize(("below", "completed"), [(0.8, ["c2"]), (0.5, ["c1", "c2"]), (1.0, [])])
def test_how_much_of_a_course_is_a_completion_can_be_set(tmp_path: Path, below: float, completed: list[str]) -> None:
    rows = "employee_id,course_id,completed_at,progress\ne1,c1,2025-01-01,0.5\ne1,c2,2025-01-02,0.9\n"
    load(tmp_path, completions=rows)
    data = load_dataset(tmp_path, in_progress_below=below).dataset
    assert [data.catalog.ids[i] for i in data.completions.course_idx] == completed
    assert len(data.people.begun.subject) == 2 - len(completed)


def test_low_progress_is_begun_and_not_completed(tmp_path: Path) -> None:
    rows = "e1,c1,2025-01-01,0.79\ne1,c2,2025-01-02,0.8\ne1,c3,2025-01-03,\n"
    begun = "employee_id,course_id,progress,at\ne1,c2,0.25,2024-12-31\ne2,c1,1,\n"
    data = load(tmp_path, completions="employee_id,course_id,completed_at,progress\n" + rows, progress=begun).dataset
    assert [(who, what) for who, what, *_ in completed(data)] == [("e1", "c2"), ("e1", "c3")]
    assert data.people.begun.indptr.tolist() == [0, 2, 3]
    assert data.people.begun.subject.tolist() == [1, 0, 0]
    assert data.people.begun.value.tolist() == [25, 79, 100]
    assert data.people.begun.at.tolist() == [NEW_YEAR - DAY, NEW_YEAR, EARLIEST]


def test_of_rows_with_one_key_the_most_telling_stands(tmp_path: Path) -> None:
    rows = "e1,c1,2025-01-01,0.5,\ne1,c1,2025-01-01,1,self\ne1,c1,2025-01-01,1,assigned\n"
    result = load(tmp_path, completions="employee_id,course_id,completed_at,progress,origin\n" + rows)
    assert completed(result.dataset) == [("e1", "c1", 0, True, True)]
    assert result.rejected == {"duplicate completion": 2}


def test_employees_of_other_tables_follow_those_listed_in_order_of_id(tmp_path: Path) -> None:
    data = load(
        tmp_path,
        employees="employee_id\ne9\ne5\n",
        completions="employee_id,course_id,completed_at\ne7,c1,2025-01-01\ne5,c1,2025-01-01\ne8,c9,2025-01-01\n",
        feedback="employee_id,course_id,verb\ne6,c1,later\n",
        skill_evidence="employee_id,skill_id,level\ne1,s1,2\n",
        skills="skill_id\ns1\n",
    ).dataset
    assert data.people.ids.ids == ("e9", "e5", "e1", "e6", "e7")  # e8's only row was set aside


@pytest.mark.parametrize(
    ("rules", "assigned"),
    [
        ("c1,e1,,,", ["e1"]),
        ("c1,,r1,,", ["e1"]),  # e2 held r1 only until 2024-06-01
        ("c1,,r2,,", ["e2"]),
        ("c1,,,Sales,", ["e2", "e3"]),
        ("c1,,r2,Sales,", ["e2"]),  # all that is said must match
        ("c1,e3,,Legal,", []),
        ("c1,*,,,", ["e1", "e2", "e3"]),
        ("c1,,,*,", ["e1", "e2", "e3"]),
        ("c2,,,*,", []),
        ("c1,e1,,,\nc1,,,Sales,", ["e1", "e2", "e3"]),
    ],
)
def test_a_rule_marks_completions_that_do_not_say_where_they_come_from(
    rules: str, assigned: list[str], tmp_path: Path
) -> None:
    data = load(
        tmp_path,
        completions="employee_id,course_id,completed_at,origin\ne1,c1,2025-01-01,\ne2,c1,2025-01-01,\n"
        "e3,c1,2025-01-01,\ne3,c1,2025-02-01,self\ne3,c3,2025-02-01,assigned\n",
        employees="employee_id,role_id,department\ne1,r1,Legal\ne2,r1,Sales\ne3,,Sales\n",
        roles="role_id,title\nr1,Lawyer\nr2,Seller\n",
        role_changes="employee_id,from_role_id,to_role_id,changed_at\ne2,r1,r2,2024-06-01\ne2,r2,r1,2025-06-01\n",
        assignments=f"course_id,employee_id,role_id,department,due_at\n{rules}\n",
    ).dataset
    asked = [(who, what) for who, what, _, is_assigned, _ in completed(data) if is_assigned]
    assert asked == [(who, "c1") for who in assigned] + [("e3", "c3")]


def test_rules_are_kept_as_written(tmp_path: Path) -> None:
    text = "course_id,employee_id,role_id,department,due_at,due_days,recur_days\n"
    text += "c2,e1,,,2025-01-01,,\nc1,*,,Sales,,30,365\n"
    first, second = load(tmp_path, assignments=text).dataset.people.assignments
    assert (first.course_idx, first.employee_idx, first.role_idx, first.department) == (1, 0, NONE, "*")
    assert (first.due_at, first.due_days, first.recur_days) == (NEW_YEAR + DAY, None, None)
    assert (second.course_idx, second.employee_idx, second.role_idx, second.department) == (0, NONE, NONE, "Sales")
    assert (second.due_at, second.due_days, second.recur_days) == (None, 30, 365)


def test_what_the_catalogue_does_not_say_is_assumed(tmp_path: Path) -> None:
    data = load(
        tmp_path,
        courses="course_id,title,difficulty,hours,published,available_from,available_to,tags,prerequisites,supersedes\n"
        "c1,One,Expert,2,FALSE,2025-01-01,2025-01-01,a | b|a,,\nc2,Two,,8,1,,,,c1|c3,c1\nc3,Three,beginner,,,,,,,\n",
        course_skills="course_id,skill_id,level,entry_level,confidence,source\n"
        "c2,s2,,,,\nc1,s1,,,0.5,inferred\nc1,s2,4,0,,declared\nc3,s1,,,,\n",
    ).dataset
    catalog = data.catalog
    assert catalog.difficulty.tolist() == [4, 0, 1]
    assert catalog.hours.tolist() == [2, 8, 5]  # the median of 2 and 8
    assert catalog.hours_assumed.tolist() == [False, False, True]
    assert catalog.published.tolist() == [False, True, True]
    assert catalog.available_from.tolist() == [NEW_YEAR, EARLIEST, EARLIEST]
    assert catalog.available_to.tolist() == [NEW_YEAR + DAY, LATEST, LATEST]
    assert catalog.tags == (("a", "b"), (), ())
    assert catalog.uris == ("c1", "c2", "c3")
    assert [catalog.prerequisites.row(i).tolist() for i in range(3)] == [[], [0, 2], []]
    assert [catalog.supersedes.row(i).tolist() for i in range(3)] == [[], [0], []]
    # Levels by difficulty: expert 5, unknown 3, beginner 2; entry two below unless said.
    skills = catalog.skills
    assert skills.indptr.tolist() == [0, 2, 3, 4]
    assert [data.skills.ids[i] for i in skills.skill_idx.tolist()] == ["s1", "s2", "s2", "s1"]
    assert skills.level.tolist() == [5, 4, 3, 2]
    assert skills.entry_level.tolist() == [3, 0, 1, 0]
    assert skills.entry_declared.tolist() == [False, True, False, False]
    assert skills.confidence.tolist() == skills.weight.tolist() == [0.5, 1, 1, 1]
    assert skills.inferred.tolist() == [True, False, False, False]


def test_with_no_hours_at_all_a_course_takes_one(tmp_path: Path) -> None:
    assert load(tmp_path).dataset.catalog.hours.tolist() == [1, 1, 1]


def test_what_roles_need_names_roles_and_skills_no_table_lists(tmp_path: Path) -> None:
    needs = "role_id,skill_id,level,importance,source\nr2,s2,5,0.5,inferred\nr1,s1,,,\nr2,s1,1,,the works council\n"
    data = load(tmp_path, role_skills=needs, employees="employee_id,role_id,target_role_id\ne1,r2,r1\n").dataset
    assert data.roles.ids.ids == data.roles.titles == ("r1", "r2")
    assert data.skills.ids.ids == data.skills.names == ("s1", "s2")
    assert data.roles.needs.indptr.tolist() == [0, 1, 3]
    assert data.roles.needs.level.tolist() == [3, 1, 5]
    assert data.roles.needs.weight.tolist() == [1, 1, 0.5]
    assert data.roles.needs.inferred.tolist() == [False, False, True]
    assert data.roles.needs.confidence.tolist() == [1, 1, 1]
    assert (data.people.role_idx.tolist(), data.people.target_role_idx.tolist()) == ([1], [0])


def test_people_and_what_is_said_of_them(tmp_path: Path) -> None:
    data = load(
        tmp_path,
        employees="employee_id,name,department,hours_per_week,budget,hired_at\ne1,Ada,R&D,2.5,100,2020-01-01\n",
        completions="employee_id,course_id,completed_at\ne2,c1,2025-01-01\n",
        skills="skill_id,name,kind\ns1,,Technical\ns2,SQL,\n",
        skill_evidence="employee_id,skill_id,level,source,observed_at\ne1,s2,3.0,manager,2025-01-02\ne1,s1,0,,\n",
        feedback="employee_id,course_id,verb,at\ne2,c3,too_hard,2025-01-01\n",
    ).dataset
    people = data.people
    assert (people.names, people.departments) == (("Ada", ""), ("R&D", ""))
    assert people.hours_per_week[0] == 2.5
    assert np.isnan(people.hours_per_week[1])
    assert people.hired_at.tolist() == [int(datetime(2020, 1, 1, tzinfo=UTC).timestamp()), EARLIEST]
    assert data.skills.names == ("s1", "SQL")
    assert data.skills.kinds == ("technical", "")
    evidence = people.evidence
    assert (evidence.subject.tolist(), evidence.value.tolist()) == ([0, 1], [0, 3])
    assert evidence.source.tolist() == [EVIDENCE_SOURCES.index("self"), EVIDENCE_SOURCES.index("manager")]
    assert (people.feedback.indptr.tolist(), people.feedback.value.tolist()) == ([0, 0, 1], [3])


def test_absent_tables_are_named_and_what_they_turn_off_is_told(tmp_path: Path) -> None:
    (tmp_path / "courses.csv").write_text(COURSES, encoding="utf-8")
    (tmp_path / "completions.csv").write_text(ONE_COMPLETION, encoding="utf-8")
    told: list[str] = []
    data = load_dataset(tmp_path, progress=told.append).dataset
    assert "skills" in data.absent
    assert "courses" not in data.absent
    assert told[:2] == ["courses: 3 rows", "completions: 1 row"]
    inferred = "what courses teach is inferred if it can be, else no skill gap can be closed"
    assert f"no table course_skills; off: declared course skills: {inferred}" in told
    assert "no table assignments; off: mandatory training: nothing is listed as required" in told
    assert len(told) == 2 + len(data.absent) == 13


def test_now_is_the_latest_time_in_the_tables_or_what_was_said(tmp_path: Path) -> None:
    change = "employee_id,to_role_id,changed_at\ne1,r1,2025-03-01\ne1,r1,2995-01-01\n"
    roles = "role_id,title\nr1,One\n"
    assert (
        load(tmp_path, roles=roles, role_changes=change).dataset.now == NEW_YEAR + 59 * DAY
    )  # 31 days of January and 28 of February
    early = load(tmp_path, now=NEW_YEAR - 1, roles=roles, role_changes=change)
    assert early.dataset.now == NEW_YEAR - 1
    assert early.rejected == {"in the future": 1}
    assert len(early.dataset.completions) == 0


def test_dates_without_a_time_are_of_the_tenants_zone(tmp_path: Path) -> None:
    courses = "course_id,title,available_to\nc1,One,2025-01-01\n"
    data = load(tmp_path, courses=courses, time_zone="Asia/Tokyo").dataset
    assert data.completions.at.tolist() == [NEW_YEAR - 9 * 3_600]
    assert data.catalog.available_to.tolist() == [NEW_YEAR + 15 * 3_600]


def test_ids_stay_as_they_are_written(tmp_path: Path) -> None:
    data = load(
        tmp_path,
        courses="course_id,title\n007,Bond\n7,Seven\nTrue,Yes\nnan,Not\n1e3,Big\n",
        completions="employee_id,course_id,completed_at\n0012,007,2025-01-01\n",
    ).dataset
    assert data.catalog.ids.ids == ("007", "7", "True", "nan", "1e3")
    assert data.people.ids.ids == ("0012",)
    assert data.completions.course_idx.tolist() == [0]


@pytest.mark.parametrize("wrap", ["\ufeff{}", "{}\n\n"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_marks_and_line_ends_of_other_systems_change_nothing(wrap: str, newline: str, tmp_path: Path) -> None:
    courses = wrap.format('course_id,title,extra\nc1,One,x\nc2,"Two, or ""2""",y').replace("\n", newline)
    data = load(tmp_path, courses=courses).dataset
    assert data.catalog.titles == ("One", 'Two, or "2"')


def test_native_parquet_types_are_read_as_meant(tmp_path: Path) -> None:
    courses = {
        "course_id": pa.array([7, 8, 9]),
        "title": pa.array(["One", "Two", "One"]).dictionary_encode(),
        "hours": pa.array([Decimal("1.5"), None, 3], pa.decimal128(5, 1)),
        "prerequisites": pa.array([[], [7], None], pa.list_(pa.int64())),
        "tags": pa.array([["a", "b"], None, []], pa.list_(pa.string())),
        "published": pa.array([True, None, False]),
        "available_to": pa.array([20_089, None, None], pa.int32()).cast(pa.date32()),  # 2025-01-01
        "description": pa.nulls(3),
        "url": pa.array(["u", "v", ""], pa.large_string()),
    }
    completions = {
        "employee_id": pa.array(["007", "1", "1"], pa.dictionary(pa.int8(), pa.string())),
        "course_id": pa.array([9.0, 7.0, None]),
        "completed_at": pa.array([NEW_YEAR * 1000 + 999] * 3, pa.timestamp("ms", "America/New_York")),
    }
    pq.write_table(pa.table(courses), tmp_path / "courses.parquet")
    pq.write_table(pa.table(completions).slice(0, 2), tmp_path / "completions.parquet")
    data = load_dataset(tmp_path).dataset
    assert data.catalog.ids.ids == ("7", "8", "9")
    assert data.catalog.hours.tolist() == [1.5, 2.25, 3]
    assert data.catalog.prerequisites.values.tolist() == [0]
    assert data.catalog.tags == (("a", "b"), (), ())
    assert data.catalog.published.tolist() == [True, True, False]
    assert data.catalog.available_to.tolist() == [NEW_YEAR + DAY, LATEST, LATEST]
    assert data.catalog.urls == ("u", "v", "")
    assert completed(data) == [("007", "9", 0, False, True), ("1", "7", 0, False, True)]


def test_a_folder_of_parts_is_one_table(tmp_path: Path) -> None:
    (tmp_path / "courses.csv").write_text(COURSES, encoding="utf-8")
    row = {"employee_id": ["e1"], "course_id": ["c1"], "completed_at": ["2025-01-01"]}
    for folder, more in (("origin=assigned", {}), ("origin=self", {"progress": [0.5]})):
        (tmp_path / "completions" / folder).mkdir(parents=True)
        pq.write_table(
            pa.table(row | more | {"course_id": ["c2" if more else "c1"]}),
            tmp_path / "completions" / folder / "0.parquet",
        )
    (tmp_path / "completions" / "_metadata.parquet").touch()
    result = load_dataset(tmp_path)
    assert result.rows["completions"] == 2
    assert completed(result.dataset) == [("e1", "c1", 0, True, True)]
    assert result.dataset.people.begun.subject.tolist() == [1]


def assert_equal(one: object, other: object) -> None:
    """Compare two values field by field, arrays by their bytes."""
    if isinstance(one, np.ndarray):
        assert isinstance(other, np.ndarray)
        assert (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())
    elif hasattr(one, "__dataclass_fields__"):
        for field in fields(one):  # type: ignore[arg-type]
            assert_equal(getattr(one, field.name), getattr(other, field.name))
    elif hasattr(one, "ids"):
        assert one.ids == getattr(other, "ids", None)
    else:
        assert one == other


ROW = st.tuples(
    st.sampled_from(["e1", "e2", "e3"]),
    st.sampled_from(["c1", "c2", "c9"]),
    st.sampled_from(["2025-01-01", "2025-01-01T00:00:00Z", "2025-01-02", "1960-05-05", "2995-01-01"]),
    st.sampled_from(["", "0.5", "0.9", "7"]),
    st.sampled_from(["", "self", "assigned"]),
)


@settings(max_examples=40, deadline=None)
@given(rows=st.lists(ROW, max_size=12), chance=st.randoms(use_true_random=False))
def test_the_order_of_completions_and_the_format_change_nothing(
    rows: list[tuple[str, ...]],
    chance: Random,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    header = "employee_id,course_id,completed_at,progress,origin\n"
    shuffled = chance.sample(rows, len(rows))
    results = []
    for some in (rows, shuffled):
        directory = tmp_path_factory.mktemp("tables")
        text = header + "".join(",".join(row) + "\n" for row in some)
        rules = "course_id,employee_id\nc1,e1\n"
        results.append(load(directory, now=NEW_YEAR + DAY, completions=text, assignments=rules))
    as_text = pa.csv.ConvertOptions(
        column_types=dict.fromkeys(header.strip().split(","), pa.string()), strings_can_be_null=True
    )
    table = pa.csv.read_csv(directory / "completions.csv", convert_options=as_text)
    pq.write_table(table, directory / "completions.parquet")
    (directory / "completions.csv").unlink()
    results.append(load_dataset(directory, now=NEW_YEAR + DAY))
    for result in results[1:]:
        assert_equal(result.dataset, results[0].dataset)
        assert result.rejected == results[0].rejected


def test_the_fingerprint_sees_every_change(tmp_path: Path) -> None:
    prints = {
        load(tmp_path).dataset.fingerprint,
        load(tmp_path, courses=COURSES.replace("Two", "2.")).dataset.fingerprint,
        load(tmp_path, courses=COURSES.replace("One", "OneT").replace("Two", "wo")).dataset.fingerprint,
        load(tmp_path, completions=ONE_COMPLETION.replace("c1", "c2")).dataset.fingerprint,
        load(tmp_path, completions=ONE_COMPLETION.replace("01-01", "01-02")).dataset.fingerprint,
        load(tmp_path, employees="employee_id,department\ne1,Sales\n").dataset.fingerprint,
    }
    assert len(prints) == 6
    assert all(len(one) == 64 for one in prints)


def test_a_rule_naming_somebody_unknown_is_no_rule_for_everyone(tmp_path: Path) -> None:
    rules = "course_id,role_id,employee_id\nc1,r9,\nc1,,e9\nc2,*,*\n"
    data = load(tmp_path, assignments=rules, roles="role_id,title\nr1,One\n").dataset
    assert [rule.course_idx for rule in data.people.assignments] == [1]


@pytest.mark.parametrize(("source", "n_courses", "n_least"), [("mars", 1_167, 18_000), ("coco", 8_196, 127_000)])
def test_real_tables_load_without_a_loss(source: str, n_courses: int, n_least: int, tmp_path: Path) -> None:
    raw = Path(__file__).parents[2] / "shared" / "data" / source
    if not raw.is_dir():
        pytest.skip(f"the real data is not beside the project: no {raw}")
    SOURCES[source].read(raw, tmp_path)
    result = load_dataset(tmp_path)
    assert (result.rejected, result.warnings) == ({}, [])
    assert len(result.dataset.catalog) == n_courses
    assert len(result.dataset.completions) == result.rows["completions"] > n_least


def test_the_arrays_cannot_be_written(tmp_path: Path) -> None:
    done: Completions = load(tmp_path).dataset.completions
    with pytest.raises(ValueError, match="read-only"):
        done.at[0] = 0
