"""Reader of COCO: courses of an online marketplace with concepts and audiences, and who rated which course when.

A rating stands for a completion: it says the person had the course, not that they finished it. docs/data.md gives the
whole mapping and what the published files hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from training.sources.naming import assign_ids, title_from_slug
from training.sources.reading import (
    FIRST_ROW,
    iso_utc,
    parse_number,
    read_columns,
    require_distinct,
    tidy,
)
from training.sources.writing import Provenance, Row, taught

FILES = ("courses.csv", "events.csv")
PROVENANCE = Provenance(
    source="coco",
    title="COCO: courses and learners of an online marketplace",
    homepage="https://doi.org/10.1007/978-3-319-77712-2_133",
    licence="not stated in the files: check with the publisher before any use beyond local measurement",
    attribution="COCO data set: Dessì, Fenu, Marras, Reforgiato Recupero (2018), preprocessed for ECIR 2024.",
)

DIFFICULTY_OF_LEVEL = {
    "beginner": "beginner",
    "intermediate": "intermediate",
    "expert": "expert",
    "esperto": "expert",
    "all": "",
    "": "",
}
"""Difficulty of each level in the file, "" for unknown: `esperto` is Italian for expert, `all` names no level."""

LANGUAGE_CODE = {
    "arabic": "ar",
    "chinese": "zh",
    "english": "en",
    "french": "fr",
    "german": "de",
    "hindi": "hi",
    "italian": "it",
    "portuguese": "pt",
    "russian": "ru",
    "spanish": "es",
    "thai": "th",
    "turkish": "tr",
    "vietnamese": "vi",
}
"""ISO 639-1 code of each language the file names; any other is kept as written."""


def tables_of(files: Mapping[str, Path], notes: list[str]) -> dict[str, list[Row]]:
    """Return courses, completions, skills and course skills, row by row; note what was left out.

    Raises
    ------
    DataError
        If a column or a cell is not as published.
    """
    notes += [
        "an event is a rating, not a proven completion: it stands for one",
        "no hours, cost, provider or date of publication in the source: `available_from` is left absent",
    ]
    courses, concepts = _read_courses(files["courses.csv"], notes)
    completions = _read_events(files["events.csv"], notes)
    courses += _unlisted(courses, completions, notes)
    skill_ids = assign_ids(concept for names in concepts.values() for concept in names)
    return {
        "courses": courses,
        "completions": completions,
        "skills": [{"skill_id": skill_id, "name": name} for name, skill_id in sorted(skill_ids.items())],
        "course_skills": _course_skills(courses, concepts, skill_ids),
    }


def _read_courses(path: Path, notes: list[str]) -> tuple[list[Row], dict[str, list[str]]]:
    """Return the course rows, and the concepts of each course that has any."""
    columns = read_columns(
        path, ("course_id", "slug", "categories", "concepts", "level", "language", "target_audience_isco08")
    )
    require_distinct(columns["course_id"], f"{path}, column course_id")
    rows: list[Row] = []
    concepts: dict[str, list[str]] = {}
    unknown: set[str] = set()
    for course_id, slug, categories, found, level, language, audience in zip(*columns.values(), strict=True):
        level = level.strip().lower()
        unknown |= {level} - DIFFICULTY_OF_LEVEL.keys()
        rows.append(
            {
                "course_id": course_id,
                "title": title_from_slug(slug) or f"Course {course_id}",
                "language": LANGUAGE_CODE.get(language, language),
                "difficulty": DIFFICULTY_OF_LEVEL.get(level, ""),
                "tags": tuple(
                    [f"category:{name}" for name in _names(categories)]
                    + [f"audience:{name}" for name in _names(audience)]
                ),
            }
        )
        if names := _names(found):
            concepts[course_id] = names
    notes += _course_notes(rows, concepts, unknown)
    return rows, concepts


def _names(cell: str) -> list[str]:
    return list(dict.fromkeys(tidy(name) for name in cell.split("|") if name.strip()))


def _course_notes(rows: list[Row], concepts: dict[str, list[str]], unknown: set[str]) -> list[str]:
    vague = sum(not row["difficulty"] for row in rows)
    notes = [
        "titles are made from the address of the course: the file has no others",
        f"{vague:,} of {len(rows):,} courses have no level of their own (`all` or empty): no difficulty",
        f"{len(rows) - len(concepts):,} courses have no concept: no skills",
        "concepts were added by semantic analysis of the courses' texts: course skills carry the source `inferred`, "
        "skills no kind",
        "target audiences are tags, not `audience`: they are noisy, and an audience would hide courses from people",
    ]
    if unknown:
        notes.append(f"unknown levels left empty: {', '.join(sorted(unknown))}")
    return notes


def _course_skills(courses: list[Row], concepts: dict[str, list[str]], skill_ids: dict[str, str]) -> list[Row]:
    difficulty = {str(course["course_id"]): str(course.get("difficulty", "")) for course in courses}
    rows: list[Row] = []
    for course_id, names in concepts.items():
        found = [skill_ids[name] for name in names]
        rows += taught(course_id, found, difficulty=difficulty[course_id], source="inferred")
    return rows


def _read_events(path: Path, notes: list[str]) -> list[Row]:
    """Return the completions by time, each person, course and second once."""
    columns = read_columns(path, ("unix_time", "learner", "course"))
    seconds = [
        int(parse_number(text, f"{path}, row {number}, column unix_time", low=0, high=253_402_300_799))
        for number, text in enumerate(columns["unix_time"], start=FIRST_ROW)
    ]
    distinct = set(zip(seconds, columns["learner"], columns["course"], strict=True))
    notes.append(f"{len(seconds) - len(distinct):,} events dropped: same learner, course and second as another")
    return [
        {
            "employee_id": learner,
            "course_id": course,
            "completed_at": iso_utc(datetime.fromtimestamp(second, UTC)),
        }
        for second, learner, course in sorted(distinct)
    ]


def _unlisted(courses: Iterable[Row], completions: Iterable[Row], notes: list[str]) -> list[Row]:
    """Return a bare row for each course that only events know."""
    listed = {str(course["course_id"]) for course in courses}
    seen = {str(completion["course_id"]) for completion in completions}
    unlisted = sorted(seen - listed)
    if unlisted:
        notes.append(f"{len(unlisted):,} courses have events and no row in courses: kept, titled by their number")
    notes.append(f"{len(listed - seen):,} courses have no event")
    return [{"course_id": course_id, "title": f"Course {course_id}"} for course_id in unlisted]
