"""Infer what courses teach from their texts: names of skills and courses already tagged, weighed into a confidence.

confidence = σ(b + Σ wⱼ·fⱼ): a logistic regression on the tags there are, each tagged course asked about as if its own
tags were not known (`tagged`), so that it is learned out of sample. It says how likely the catalogue itself would list
the tag. With fewer than `FEWEST_TAGGED` tagged courses names alone speak, by the fixed weights of `NAMES_ALONE`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from training.inference.names import NameEvidence, name_evidence
from training.inference.pairs import Pairs, name_pairs, pairs
from training.inference.tagged import CourseTexts, Doubles, Positions, TaggedCourses, text_rows
from training.progress import Progress

FEWEST_TAGGED = 50
"""With fewer tagged courses the weights of sixteen features are not learned."""
LEARNED_FROM = 2000
"""Tagged courses the confidence is learned from at most, evenly drawn."""
NAMES_ALONE = np.array([-9.74, 9.33, -0.49, 7.20, -7.39, -8.54, 6.35, 3.71])
"""Intercept and weights of the first features where nothing can be learned: a logistic regression on the titles and
concepts of COCO, of names alone (`python benchmarks/tagging.py var/coco --weights`)."""
_BLOCK = 500


@dataclass(frozen=True, slots=True)
class Tags:
    """Inferred tags: parallel arrays, by course, then confidence falling, then skill.

    `course` and `skill` are positions in what was asked; `confidence` lies in (0, 1). The rest is the evidence: `share` of
    the name found in the text, `near` of the neighbours that teach the skill, and `nearest`, the nearest of them or −1.
    """

    course: Positions
    skill: Positions
    confidence: Doubles
    share: Doubles
    near: Doubles
    nearest: Positions

    def __len__(self) -> int:
        return len(self.course)

    def where(self, kept: NDArray[np.bool_]) -> Tags:
        """Return the tags marked in `kept`, shape (n,)."""
        return Tags(*(getattr(self, one.name)[kept] for one in fields(self)))

    def best(self, *, most: int, threshold: float) -> Tags:
        """Return at most `most` tags of each course, those of a confidence of at least `threshold`."""
        place = np.arange(len(self)) - np.searchsorted(self.course, self.course)
        return self.where((place < most) & (self.confidence >= threshold))


def tag_courses(
    texts: CourseTexts,
    skill_names: Sequence[str],
    *,
    taught: sp.csr_matrix | None = None,
    asked: Positions | None = None,
    progress: Progress | None = None,
) -> Tags:
    """Rank skills for courses by how likely each is taught. The same input gives the same tags, in any order of courses.

    Parameters
    ----------
    texts
        All courses: tagged ones, asked ones, and any others.
    skill_names
        One name a skill; equal confidence falls to the earlier skill.
    taught
        (n_courses, n_skills), above 0 where a course is known to teach a skill; None: nothing is known.
    asked
        Positions of the courses to tag; those nothing is known of unless said. A course is asked about as if its own tags
        were not known; they still speak for other courses.
    """
    tell = progress or _silent
    order = np.array(sorted(range(len(texts)), key=lambda i: texts.ids[i]), dtype=np.int64)
    shape = (len(texts), len(skill_names))
    known = sp.csr_matrix(shape) if taught is None else (sp.csr_matrix(taught)[order] > 0).astype(np.float64).tocsr()
    tagged = np.flatnonzero(np.diff(known.indptr))
    unknown = np.diff(known.indptr) == 0
    questions = np.flatnonzero(unknown if asked is None else np.isin(order, asked))
    if not len(questions) or not len(skill_names):
        return _tags([], [], order)
    texts = CourseTexts(*(tuple(getattr(texts, one.name)[i] for i in order) for one in fields(texts)))
    tell("names of skills in texts")
    names = name_evidence([f"{a} . {b}" for a, b in zip(texts.titles, texts.descriptions, strict=True)], skill_names)
    if len(tagged) < FEWEST_TAGGED:
        found = [name_pairs(names, part) for part in _blocks(questions)]
        return _tags(found, [_sigmoid(NAMES_ALONE[0] + one.features @ NAMES_ALONE[1:]) for one in found], order)
    tell("tagged courses")
    teacher = TaggedCourses(text_rows(texts), known, tagged)
    confidence = _Confidence(names, teacher, tagged[:: -(-len(tagged) // LEARNED_FROM)])
    found = []
    for done, part in enumerate(_blocks(questions)):
        tell("courses to tag", done * _BLOCK, len(questions))
        found.append(pairs(names, teacher, part))
    return _tags(found, [confidence.of(one.features) for one in found], order)


class _Confidence:
    """Learned once from tagged courses, then asked."""

    def __init__(self, names: NameEvidence, teacher: TaggedCourses, learned: Positions) -> None:
        parts = [(pairs(names, teacher, part), part) for part in _blocks(learned)]
        truth = np.concatenate(
            [teacher.teaches(part, one.skill, np.searchsorted(part, one.course)) for one, part in parts]
        )
        features = np.concatenate([one.features for one, _ in parts])
        self._scale = StandardScaler().fit(features)
        self._model = LogisticRegression(max_iter=1000).fit(self._scale.transform(features), truth)

    def of(self, features: Doubles) -> Doubles:
        if not len(features):
            return np.zeros(0)
        found: Doubles = self._model.predict_proba(self._scale.transform(features))[:, 1]
        return found


def _silent(step: str, done: int = 0, total: int = 0) -> None:
    del step, done, total


def _blocks(positions: Positions) -> Iterator[Positions]:
    for begin in range(0, len(positions), _BLOCK):
        yield positions[begin : begin + _BLOCK]


def _sigmoid(x: Doubles) -> Doubles:
    return np.asarray(1 / (1 + np.exp(-x)), dtype=np.float64)


def _tags(found: Sequence[Pairs], confidence: Sequence[Doubles], order: Positions) -> Tags:
    """Put the pairs of all blocks in order, with positions as they were asked."""
    none = np.zeros(0)
    sure = np.concatenate([none, *confidence])
    columns = {
        one.name: np.concatenate([none, *(getattr(part, one.name) for part in found)])
        for one in fields(Pairs)
        if one.name != "features"
    }
    course = order[columns["course"].astype(np.int64)]
    nearest = columns["nearest"].astype(np.int64)
    nearest[nearest >= 0] = order[nearest[nearest >= 0]]
    skill = columns["skill"].astype(np.int64)
    by = np.lexsort((skill, -sure, course))
    return Tags(course[by], skill[by], sure[by], columns["share"][by], columns["near"][by], nearest[by])
