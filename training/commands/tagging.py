"""`lpr tag`: skills inferred for courses, written for a person to review."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recommender.errors import ConfigError, DataError
from recommender.schema import TABLES
from training.commands.output import DIRECTORY, FILE, NumberType, echo_json, echo_table, json_option
from training.config import CourseSkillsConfig
from training.progress import shown_on

if TYPE_CHECKING:
    from recommender.catalog import Catalog, Skills
    from training.inference.tagging import Tags

COLUMNS = ("course_id", "skill_id", "confidence", "source", "title", "name", "words", "nearest", "nearest_title")
_DEFAULTS = CourseSkillsConfig()


@click.command()
@click.argument("data", type=DIRECTORY)
@click.option("--out", type=FILE, help="The table written; DATA/course_skills.inferred.csv unless said.")
@click.option(
    "--threshold",
    type=NumberType(0, 1, min_open=True, max_open=True),
    default=_DEFAULTS.threshold,
    show_default=True,
    help="Least confidence of a tag.",
)
@click.option(
    "--most", type=click.IntRange(min=1), default=_DEFAULTS.most, show_default=True, help="Tags of a course at most."
)
@click.option("--all", "every", is_flag=True, help="Also what courses with skills may teach besides.")
@json_option
def tag(data: Path, out: Path | None, threshold: float, most: int, *, every: bool, as_json: bool) -> None:
    """Infer what the courses in DATA teach, and write it for review.

    Courses without skills are tagged from their titles and descriptions, the names in the table skills, and the courses
    that have skills. DATA need not hold completions. The reviewed rows can be used as, or added to, course_skills.

    \b
    Example:
      lpr tag var/sample --all --out var/tags.csv
    """
    import numpy as np

    from training.inference.course_skills import infer_course_skills
    from training.tables.load import load_catalogue

    out = data / "course_skills.inferred.csv" if out is None else out
    if _is_table_of(data, out):
        raise ConfigError(
            f"--out: {out} would be a table of {data}; expected another file, for example course_skills.inferred.csv. "
            "Review the tags first, then add them to course_skills."
        )
    config = CourseSkillsConfig(threshold=threshold, most=most)
    with shown_on() as progress:
        catalog, skills = load_catalogue(data, progress=progress)
        if not len(skills.ids):
            raise DataError(
                f"{data}: found no skills; expected the table skills (skill_id, name). List the skills of your framework "
                "there, or take those of O*NET or ESCO: lpr import onet; docs/data.md says how."
            )
        asked = np.arange(len(catalog)) if every else None
        tags = infer_course_skills(catalog, skills, asked=asked, config=config, progress=progress).tags
    _write(out, tags, catalog, skills)
    n_bare = len(catalog) if every else int((np.diff(catalog.skills.indptr) == 0).sum())
    n_tagged = len(np.unique(tags.course))
    if as_json:
        echo_json({"out": str(out), "tags": len(tags), "courses_asked": n_bare, "courses_tagged": n_tagged})
        return
    echo_table(
        ["confidence", "tags"],
        [
            (f"{low:g} to {low + 0.2:.1f}", _between(tags, low))
            for low in (0.0, 0.2, 0.4, 0.6, 0.8)
            if low + 0.2 > threshold
        ],
    )
    click.echo(f"{len(tags):,} tags for {n_tagged:,} of {n_bare:,} courses asked about, written to {out}")


def _is_table_of(data: Path, file: Path) -> bool:
    """Tell whether a file has the place of a table in a data directory, or lies in the folder of one."""
    folder, place = data.resolve(), file.resolve()
    if folder not in place.parents:
        return False
    top = place.relative_to(folder).parts[0]
    return Path(top).stem.lower() in TABLES


def _between(tags: Tags, low: float) -> str:
    return f"{int(((tags.confidence >= low) & (tags.confidence < low + 0.2)).sum()):,}"


def _write(path: Path, tags: Tags, catalog: Catalog, skills: Skills) -> None:
    """Write the tags whole or not at all: a course_skills table with columns for the reader besides."""
    from training.inference.words import stems

    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".tmp")
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        columns = (tags.course.tolist(), tags.skill.tolist(), tags.confidence.tolist(), tags.nearest.tolist())
        for course, skill, confidence, near in zip(*columns, strict=True):
            text = set(stems(f"{catalog.titles[course]} {catalog.descriptions[course]}"))
            found = [one for one in dict.fromkeys(stems(skills.names[skill])) if one in text]
            nearest = ("", "") if near < 0 else (catalog.ids[near], catalog.titles[near])
            row = (catalog.ids[course], skills.ids[skill], f"{confidence:.4f}", "inferred")
            writer.writerow([*row, catalog.titles[course], skills.names[skill], " ".join(found), *nearest])
    unfinished.replace(path)
