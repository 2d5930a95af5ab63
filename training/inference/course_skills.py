"""Give courses without skills the skills inferred for them: from tables to tables."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp

from recommender.arrays import FloatArray, frozen
from recommender.catalog import LEVEL_OF_DIFFICULTY, Catalog, SkillRows, Skills
from recommender.company import Dataset
from training.config import CourseSkillsConfig
from training.inference.tagged import CourseTexts, Positions, cells
from training.inference.tagging import Tags, tag_courses
from training.progress import Progress

_DIFFICULTIES = ("", "beginner", "intermediate", "advanced", "expert")


@dataclass(frozen=True, slots=True)
class InferredCourseSkills:
    """What courses teach, declared and inferred together, and the tags that were added with their evidence."""

    rows: SkillRows
    tags: Tags


def texts_of(catalog: Catalog) -> CourseTexts:
    """Return what a catalogue says of its courses in words."""
    fields = ("provider", "format", "language")
    columns = (catalog.providers, catalog.formats, catalog.languages)
    terms = []
    for i in range(len(catalog)):
        named = [f"{name}:{column[i]}" for name, column in zip(fields, columns, strict=True) if column[i]]
        difficulty = _DIFFICULTIES[catalog.difficulty[i]]
        tags = (f"tag:{tag}" for tag in catalog.tags[i])
        terms.append((*named, *([f"difficulty:{difficulty}"] if difficulty else ()), *tags))
    return CourseTexts(catalog.ids.ids, catalog.titles, catalog.descriptions, tuple(terms))


def taught_matrix(rows: SkillRows, n_skills: int) -> sp.csr_matrix:
    """Return the confidence of each tag, (n_courses, n_skills)."""
    return sp.csr_matrix((rows.confidence, rows.skill_idx, rows.indptr), shape=(len(rows), n_skills))


def infer_course_skills(
    catalog: Catalog,
    skills: Skills,
    *,
    declared: SkillRows | None = None,
    asked: Positions | None = None,
    config: CourseSkillsConfig | None = None,
    progress: Progress | None = None,
) -> InferredCourseSkills:
    """Infer skills for the courses that have none.

    Parameters
    ----------
    declared
        What is known to be taught; the catalogue's own unless said. `SkillRows.empty(n)` tags by names alone.
    asked
        Positions of courses to tag instead; of one that has skills, those it lacks are added.
    """
    known = catalog.skills if declared is None else declared
    config = config or CourseSkillsConfig()
    taught = taught_matrix(known, len(skills.ids))
    tags = tag_courses(texts_of(catalog), skills.names, taught=taught, asked=asked, progress=progress)
    new = cells(taught, tags.course, tags.skill) == 0
    tags = tags.where(new).best(most=config.most, threshold=config.threshold)
    return InferredCourseSkills(_merged(known, tags, LEVEL_OF_DIFFICULTY[catalog.difficulty]), tags)


def _merged(known: SkillRows, tags: Tags, level_of_course: np.ndarray) -> SkillRows:
    """Add inferred rows: level by the difficulty of the course, entry level two below, assumed (design, section 4)."""
    level = level_of_course[tags.course].astype(np.int8)
    confidence: FloatArray = tags.confidence.astype(np.float32)
    owner = np.concatenate([np.repeat(np.arange(len(known)), np.diff(known.indptr)), tags.course])
    skill = np.concatenate([known.skill_idx, tags.skill]).astype(np.int32)
    order = np.lexsort((skill, owner))
    columns = {
        "level": level,
        "entry_level": np.maximum(level - 2, 0).astype(np.int8),
        "entry_declared": np.zeros(len(tags), dtype=np.bool_),
        "weight": confidence,
        "inferred": np.ones(len(tags), dtype=np.bool_),
        "confidence": confidence,
    }
    return SkillRows(
        indptr=frozen(np.searchsorted(owner[order], np.arange(len(known) + 1)).astype(np.int64)),
        skill_idx=frozen(skill[order]),
        **{name: frozen(np.concatenate([getattr(known, name), more])[order]) for name, more in columns.items()},
    )


def with_course_skills(
    data: Dataset, config: CourseSkillsConfig, *, progress: Progress | None = None
) -> tuple[Dataset, tuple[str, ...]]:
    """Return the data set with skills inferred for courses that have none, and a sentence on what was inferred.

    What was inferred enters the fingerprint: lists made without it are other lists.
    """
    bare = int((np.diff(data.catalog.skills.indptr) == 0).sum())
    if config.infer == "off" or not bare or not len(data.skills.ids):
        return data, ()
    if config.infer == "absent" and bare < len(data.catalog):
        return data, ()
    inferred = infer_course_skills(data.catalog, data.skills, config=config, progress=progress)
    n_courses = len(np.unique(inferred.tags.course))
    told = (
        f"Course skills inferred from texts: {len(inferred.tags):,} for {n_courses:,} of {bare:,} courses without any, "
        f"of a confidence of {config.threshold:g} or more."
    )
    rows = inferred.rows
    digest = hashlib.sha256(data.fingerprint.encode() + rows.indptr.tobytes() + rows.skill_idx.tobytes())
    catalog = replace(data.catalog, skills=rows)
    return replace(data, catalog=catalog, fingerprint=digest.hexdigest()), (told,)
