"""Reader of a Coursera catalogue: courses with provider, certificate, time band, difficulty and skill tags.

A catalogue without people: what it writes is partial until completions are added. docs/data.md gives the whole mapping
and what the published file holds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from recommender.errors import DataError
from training.sources.naming import assign_ids, is_damaged, merge_spellings, repair_mojibake, slug, title_from_slug
from training.sources.reading import FIRST_ROW, parse_names, read_columns, require_distinct, tidy
from training.sources.writing import (
    LEVEL_OF_DIFFICULTY,
    Provenance,
    Row,
    taught,
)

FILES = ("courses.csv",)
COLUMNS = (
    "course_title",
    "course_organization",
    "course_certificate_type",
    "course_time",
    "course_difficulty",
    "course_url",
    "course_skills",
)
PROVENANCE = Provenance(
    source="coursera",
    title="Coursera catalogue",
    homepage="https://www.coursera.org",
    licence="MIT for the collection as distributed; titles and descriptions belong to Coursera and its partners",
    attribution="Public course pages of Coursera, collected by others.",
)

HOURS_PER_WEEK = 4
"""Study pace that turns a time band into hours. An assumption: the file has bands only."""

WEEKS = {"weeks": 1.0, "months": 52 / 12}
"""Weeks in each unit a time band is given in."""

_STRAY = "-_\"' "
"""Signs at the ends of a skill tag that belong to the page it was cut from."""

_BAND = re.compile(r"(\d+) - (\d+) (weeks|months)")
_SHORT = re.compile(r"less than (\d+) hours?")


def tables_of(files: Mapping[str, Path], notes: list[str]) -> dict[str, list[Row]]:
    """Return courses, skills and course skills, row by row; note what was left out.

    Raises
    ------
    DataError
        If a column or a cell is not as published.
    """
    path = files["courses.csv"]
    columns = {name: [tidy(cell) for cell in cells] for name, cells in read_columns(path, COLUMNS).items()}
    courses = _courses(path, columns, notes)
    tags = _skill_tags(path, columns["course_skills"], notes)
    spelling = merge_spellings(tag for names in tags for tag in names)
    skill_ids = assign_ids(spelling.values())
    notes.append(
        f"{len(spelling) - len(skill_ids):,} spellings merged into one that differs only in case or punctuation"
    )
    return {
        "courses": courses,
        "skills": [{"skill_id": skill_id, "name": name} for name, skill_id in sorted(skill_ids.items())],
        "course_skills": [
            row
            for course, names in zip(courses, tags, strict=True)
            for row in taught(
                str(course["course_id"]),
                [skill_ids[spelling[name]] for name in names],
                difficulty=str(course["difficulty"]),
            )
        ],
    }


def hours_of_band(band: str) -> float | None:
    """Return the hours of a time band, None for a band of another form.

    "1 - 3 Months" is its middle, 2 months of 52/12 weeks at `HOURS_PER_WEEK`; "Less Than 2 Hours" is its middle, 1.
    """
    text = band.lower()
    if match := _BAND.fullmatch(text):
        middle = (int(match[1]) + int(match[2])) / 2
        return round(middle * WEEKS[match[3]] * HOURS_PER_WEEK, 1)
    if match := _SHORT.fullmatch(text):
        return int(match[1]) / 2
    return None


def _courses(path: Path, columns: dict[str, list[str]], notes: list[str]) -> list[Row]:
    rows: list[Row] = []
    retitled = repaired = 0
    for number, cells in enumerate(zip(*(columns[name] for name in COLUMNS[:6]), strict=True), start=FIRST_ROW):
        raw_title, raw_provider, certificate, band, difficulty, url = cells
        title, provider = tidy(repair_mojibake(raw_title)), tidy(repair_mojibake(raw_provider))
        repaired += (title != raw_title) + (provider != raw_provider)
        address = [part for part in urlsplit(url).path.split("/") if part]
        if not address:
            raise DataError(
                f"{path}, row {number}, column course_url: found {url!r}; expected an address. Correct the cell."
            )
        if is_damaged(title):
            title = title_from_slug(address[-1])
            retitled += 1
        rows.append(
            {
                "course_id": slug("-".join(address)),
                "title": title,
                "provider": provider,
                "format": certificate,
                "difficulty": difficulty.lower() if difficulty.lower() in LEVEL_OF_DIFFICULTY else "",
                "hours": hours_of_band(band),
                "url": url,
            }
        )
    require_distinct([str(row["course_id"]) for row in rows], f"{path}, column course_url")
    notes += _course_notes(rows, retitled=retitled, repaired=repaired)
    return rows


def _course_notes(rows: list[Row], *, retitled: int, repaired: int) -> list[str]:
    return [
        f"{repaired:,} titles and providers repaired: UTF-8 that had been read as Latin-1",
        f"{retitled:,} titles too damaged to read replaced by the words of the address",
        f"hours are the middle of a time band at {HOURS_PER_WEEK} hours a week; {_empty(rows, 'hours'):,} bands were "
        "not understood",
        f"{_empty(rows, 'difficulty'):,} courses of mixed or unknown difficulty: left empty",
        "ratings, reviews and enrolments dropped: undated totals would let a model see the future",
        "no cost, language or completions in the source",
    ]


def _empty(rows: list[Row], column: str) -> int:
    return sum(not row[column] for row in rows)


def _skill_tags(path: Path, cells: list[str], notes: list[str]) -> list[list[str]]:
    """Return the distinct readable skill tags of each course, repaired, in the order of the file."""
    found: list[list[str]] = []
    damaged = repeated = repaired = 0
    for number, cell in enumerate(cells, start=FIRST_ROW):
        raw = _rejoined(parse_names(cell, f"{path}, row {number}, column course_skills"))
        whole = [tag for tag in map(repair_mojibake, raw) if not is_damaged(tag)]
        damaged += len(raw) - len(whole)
        readable = [tidy(tag.strip(_STRAY)) for tag in whole]
        repaired += len(set(readable) - set(raw))
        distinct = [tag for tag in dict.fromkeys(readable) if tag]
        repeated += len(readable) - len(distinct)
        found.append(distinct)
    notes += [
        f"{repaired:,} distinct skill tags of a course repaired (mis-read letters, stray dashes and quotes)",
        f"{damaged:,} skill tags dropped: letters lost beyond reading",
        f"{repeated:,} skill tags dropped: repeated within a course",
        f"{sum(not tags for tags in found):,} courses have no skill tag",
    ]
    return found


def _rejoined(tags: list[str]) -> list[str]:
    """Return the tags with those that were cut at a comma inside brackets put together again."""
    whole: list[str] = []
    for tag in tags:
        if whole and whole[-1].count("(") > whole[-1].count(")") and tag.count(")") > tag.count("("):
            whole[-1] = f"{whole[-1]}, {tag}"
        else:
            whole.append(tag)
    return whole
