"""The mapping of each reader, on small hand-written folders of the same shape as the published ones."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from raw_folders import lay, rows, table

from training.sources import SOURCES
from training.sources.coursera import hours_of_band
from training.sources.onet import importance_of, level_of, technology_importance


@pytest.fixture
def imported(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """The data directory of the source named by the test's parameter."""
    source = str(request.param)
    SOURCES[source].read(lay(tmp_path / "raw", source), tmp_path / "out")
    return tmp_path / "out"


mars = pytest.mark.parametrize("imported", ["mars"], indirect=True)
coco = pytest.mark.parametrize("imported", ["coco"], indirect=True)
onet = pytest.mark.parametrize("imported", ["onet"], indirect=True)
esco = pytest.mark.parametrize("imported", ["esco"], indirect=True)
coursera = pytest.mark.parametrize("imported", ["coursera"], indirect=True)


@mars
def test_mars_completions_are_watches_from_80_percent_and_views_never_watched(imported: Path) -> None:
    # 1 × 510: two views at different times, the copy dropped. 2 × 512 and 5 × 999: viewed, never watched.
    # 1 × 512: watched to exactly 80 %. 3 × 510: 100 % counts, 12 % at the same second does not.
    # 1 × 511: viewed, but watched to 30 % only: no completion.
    assert rows(imported, "completions", "employee_id", "course_id", "completed_at", "progress") == [
        ("1", "510", "2017-03-01T10:00:00Z", ""),
        ("1", "510", "2017-04-01T10:00:00Z", ""),
        ("2", "512", "2017-05-01T08:00:00Z", ""),
        ("5", "999", "2017-06-01T08:00:00Z", ""),
        ("1", "512", "2019-02-01T09:00:00Z", "0.8"),
        ("3", "510", "2019-04-01T09:00:00Z", "1"),
    ]


@mars
def test_mars_lesser_watches_become_progress_with_the_furthest_kept(imported: Path) -> None:
    assert rows(imported, "progress", "employee_id", "course_id", "progress", "at") == [
        ("1", "511", "0.3", "2019-01-01T09:00:20Z"),
        ("2", "510", "0.79", "2019-03-01T09:00:00Z"),
    ]


@mars
def test_mars_courses_keep_what_is_known(imported: Path) -> None:
    first, second, third, unlisted = table(imported, "courses")
    assert first == {
        "course_id": "510",
        "title": "Your first table",
        "description": "Type, then save.",
        "format": "tutorial",
        "language": "en",
        "difficulty": "beginner",
        "hours": "0.1",  # 360 s / 3600
        "tags": "theme:Discover",
        "available_from": "2016-01-01",
    }
    assert (second["difficulty"], second["hours"], second["tags"]) == ("", "0.025", "")
    assert third["available_from"] == ""  # published in 2018, seen in 2017
    assert (unlisted["course_id"], unlisted["title"]) == ("999", "Item 999")


@mars
def test_mars_jobs_become_roles_in_one_language(imported: Path) -> None:
    assert rows(imported, "employees", "employee_id", "role_id") == [
        ("1", "accounting"),
        ("2", ""),
        ("3", "accounting"),
        ("4", "astronaut"),
        ("6", "general-management"),  # the same role as Manager in the courses
        ("5", ""),  # has an event, no row in users
    ]
    assert rows(imported, "roles", "role_id", "title") == [
        ("accounting", "Accounting"),
        ("astronaut", "Astronaut"),
        ("finance-risk-and-insurance", "Finance, Risk and Insurance"),
        ("general-management", "General Management"),
    ]


@mars
def test_mars_what_roles_need_comes_from_the_courses_made_for_them(imported: Path) -> None:
    # Accounting has three courses: Excel in two (levels 2 and 3, mean 2.5, up to 3), Share in one (2), Word in one (?).
    assert rows(imported, "role_skills", "role_id", "skill_id", "level", "importance", "source") == [
        ("accounting", "excel", "3", "0.6667", "derived"),
        ("accounting", "share", "2", "0.3333", "derived"),
        ("accounting", "word", "3", "0.3333", "assumed"),
        ("finance-risk-and-insurance", "excel", "3", "1", "derived"),
        ("general-management", "excel", "2", "1", "derived"),
        ("general-management", "share", "2", "1", "derived"),
    ]


@mars
def test_mars_software_and_themes_become_skills(imported: Path) -> None:
    assert rows(imported, "skills", "skill_id", "name", "kind") == [
        ("excel", "Excel", "technical"),
        ("share", "Share", "human"),
        ("word", "Word", "technical"),
    ]
    assert rows(imported, "course_skills", "course_id", "skill_id", "level", "source") == [
        ("510", "excel", "2", "declared"),
        ("510", "share", "2", "declared"),
        ("511", "word", "", "declared"),
        ("512", "excel", "3", "declared"),
    ]


def test_mars_counts_what_falls_away(tmp_path: Path) -> None:
    summary = SOURCES["mars"].read(lay(tmp_path / "raw", "mars"), tmp_path / "out")
    text = "\n".join(summary.notes)
    for expected in (
        "2 completions are watches of 80 % or more, 4 are page views of courses the person has no watch of (3 pairs",
        "1 page views dropped: the person has a watch of that course",
        "1 page views dropped: same person, course and second",
        "2 watches below 80 % dropped",  # 3 × 510 at 12 %, 2 × 510 at 40 %
        "4 of 5 people have a job (2 of them have events); 2 people have no event at all",
        "1 people have events and no row",
        "left empty for 1 courses",
        "1 courses have events and no row in items",
        "1 of 6 levels assumed (3)",
    ):
        assert expected in text
    assert summary.missing == ()


@coco
def test_coco_events_are_completions_in_utc(imported: Path) -> None:
    # 1490096996 is 17246 days, 11 h 49 min 56 s after 1970: 2017-03-21.
    assert rows(imported, "completions", "employee_id", "course_id", "completed_at") == [
        ("L2", "8", "1970-01-01T00:00:00Z"),
        ("L2", "44", "1970-01-02T00:00:00Z"),
        ("L1", "7", "2017-03-21T11:49:56Z"),
    ]


@coco
def test_coco_courses_have_titles_from_slugs_and_tags(imported: Path) -> None:
    assert rows(imported, "courses", "course_id", "title", "language", "difficulty", "tags") == [
        (
            "7",
            "Learn Sql Fast",
            "en",
            "beginner",
            "category:development|category:databases|audience:Sales workers",
        ),
        ("8", "Curso De C", "es", "expert", "category:development"),
        ("9", "Hello", "klingon", "", "category:other"),
        ("44", "Course 44", "", "", ""),
    ]


@coco
def test_coco_concepts_that_differ_in_case_stay_two_skills(imported: Path) -> None:
    soap = next(skill_id for skill_id, name in rows(imported, "skills", "skill_id", "name") if name == "Soap")
    assert re.fullmatch("soap-[0-9a-f]{6}", soap)
    assert rows(imported, "course_skills", "course_id", "skill_id", "level", "source") == [
        ("7", "sql", "2", "inferred"),
        ("7", soap, "2", "inferred"),
        ("8", "soap", "5", "inferred"),
    ]


@onet
def test_onet_needs_are_rated_relevant_and_important(imported: Path) -> None:
    # Mathematics 3.5·5/7 = 2.5 → 3, (3 − 1)/4 = 0.5. Programming 7 → 5, 5 → 1. Knowledge 4.9·5/7 = 3.5 → 4, 0.75.
    # Reading: not relevant. Speaking: 2.99 is below important. Science: suppressed. Writing: 0.5·5/7 rounds to 0.
    assert sorted(rows(imported, "role_skills", "skill_id", "level", "importance", "source")) == [
        ("c-plus-plus", "3", "1", "onet-technology"),
        ("c-sharp", "3", "0.5", "onet-technology"),
        ("mathematics", "3", "0.5", "onet-skills"),
        ("mathematics-knowledge", "4", "0.75", "onet-knowledge"),
        ("programming", "5", "1", "onet-skills"),
        ("restful-api", "3", "0.75", "onet-technology"),
    ]
    assert {row["role_id"] for row in table(imported, "role_skills")} == {"software-developers"}


@onet
def test_onet_skills_have_kinds_and_distinct_names(imported: Path) -> None:
    assert rows(imported, "skills", "skill_id", "name", "kind") == [
        ("c-plus-plus", "C++", "technical"),
        ("c-sharp", "C#", "technical"),
        ("mathematics", "Mathematics", "human"),
        ("mathematics-knowledge", "Mathematics (knowledge)", "domain"),
        ("programming", "Programming", "technical"),
        ("restful-api", "RESTful API", "technical"),
    ]


@onet
def test_onet_roles_and_relations(imported: Path) -> None:
    assert rows(imported, "roles", "role_id", "family", "onet_code", "job_zone") == [
        ("software-developers", "Computer and Mathematical", "15-1252.00", "4"),
        ("scouts", "Military Specific", "55-9999.00", ""),
    ]
    assert table(imported, "role_relations") == [
        {"from_role_id": "software-developers", "to_role_id": "scouts", "tier": "primary-short", "rank": "1"}
    ]


def test_onet_says_what_it_lacks_and_drops(tmp_path: Path) -> None:
    summary = SOURCES["onet"].read(lay(tmp_path / "raw", "onet"), tmp_path / "out")
    assert summary.missing == ("courses", "completions")
    assert "Partial: no courses and no completions." in (tmp_path / "out" / "README.md").read_text()
    text = "\n".join(summary.notes)
    for expected in (
        "Skills.csv: 2 of 7 ratings kept; dropped 1 without level or importance, 1 marked Recommend Suppress, "
        "1 marked Not Relevant, 1 below importance 0.5, 1 whose level rounds to 0",
        "3 of 4 technologies kept",
        "1 of 2 roles need nothing",
        "1 relations dropped",
    ):
        assert expected in text


@pytest.mark.parametrize(
    ("rating", "level"), [(0, 0), (0.69, 0), (0.7, 1), (2.09, 1), (2.1, 2), (3.5, 3), (4.89, 3), (4.9, 4), (7, 5)]
)
def test_onet_level_scale(rating: float, level: int) -> None:
    assert level_of(rating) == level


def test_onet_importance_scales() -> None:
    assert [importance_of(rating) for rating in (1, 2, 3, 5)] == [0, 0.25, 0.5, 1]
    assert technology_importance(hot=False, in_demand=False) == 0.25
    assert technology_importance(hot=True, in_demand=False) == 0.5
    assert technology_importance(hot=False, in_demand=True) == 0.75
    assert technology_importance(hot=True, in_demand=True) == 1


@esco
def test_esco_relations_become_needs_at_the_assumed_level(imported: Path) -> None:
    assert rows(imported, "role_skills", "role_id", "skill_id", "level", "importance") == [
        ("data-analyst", "sql", "3", "1"),
        ("web-developer", "sql", "3", "1"),
        ("web-developer", "use-c-sharp", "3", "1"),
    ]
    assert rows(imported, "skills", "skill_id", "uri", "esco_type") == [
        ("sql", "", "knowledge"),
        ("use-c-sharp", "http://e/s/1", "skill"),
    ]
    assert rows(imported, "roles", "role_id", "uri") == [
        ("data-analyst", "http://e/o/2"),
        ("web-developer", "http://e/o/1"),
    ]


@esco
def test_esco_crosswalk_is_an_extra_table(imported: Path) -> None:
    columns = ("role_id", "onet_code", "similarity", "confidence", "matching_titles")
    assert rows(imported, "role_crosswalk", *columns) == [
        ("web-developer", "15-1254.00", "0.8765", "2", "web designer|webmaster"),
        ("", "11-1011.00", "0.79", "1", ""),
        ("", "19-3099.01", "0.5", "0.5", ""),
    ]


@coursera
def test_coursera_courses_are_repaired_and_measured(imported: Path) -> None:
    # 2.5 weeks · 4 h = 10; 4.5 months · 52/12 weeks · 4 h = 78.
    columns = ("course_id", "title", "provider", "format", "difficulty", "hours")
    assert rows(imported, "courses", *columns) == [
        ("learn-isc", "(ISC)² basics", "IBM", "Course", "beginner", "10"),
        ("learn-ux-ja", "Ux Ja", "Google", "Specialization", "", "78"),
        ("specializations-isc", "Plain", "Google", "Course", "advanced", ""),
    ]


@coursera
def test_coursera_tags_become_skills_once_each(imported: Path) -> None:
    # SQL and sql are one, SQL being more frequent; "- Data-Analysis" and "Data Analysis" too, "Data Analysis" first in
    # order; the Cyrillic tag has lost letters; the tag cut at its comma is whole again.
    assert rows(imported, "course_skills", "course_id", "skill_id", "level") == [
        ("learn-isc", "sql", "2"),
        ("learn-isc", "gestion", "2"),
        ("learn-isc", "data-analysis", "2"),
        ("learn-ux-ja", "sql", ""),
        ("learn-ux-ja", "detection-ids-in-full", ""),
        ("learn-ux-ja", "read-write", ""),
    ]
    assert {row["skill_id"]: row["name"] for row in table(imported, "skills")} == {
        "data-analysis": "Data Analysis",
        "detection-ids-in-full": "Detection (IDS, in full)",
        "gestion": "Gestión",
        "read-write": "Read|Write",
        "sql": "SQL",
    }


@pytest.mark.parametrize(
    ("band", "hours"),
    [("1 - 3 Months", 34.7), ("Less Than 2 Hours", 1), ("1 - 4 weeks", 10), ("soon", None), ("", None)],
)
def test_hours_of_a_time_band(band: str, hours: float | None) -> None:
    assert hours_of_band(band) == hours
