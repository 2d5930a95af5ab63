"""Evidence of tagged courses: what the courses nearest in text teach, and what words went with a skill so far.

A course is a row of tf–idf weights (scikit-learn): stems and pairs of stems of title and description, 3- to 5-grams of
letters of the title, and provider, format, language, difficulty and tags as whole terms; each group at unit length and
weighed by `GROUPS`, then the row at unit length, so that a product of rows is their similarity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import normalize

from training.inference.words import stems

GROUPS = (1.0, 1.0, 0.5)
"""Weights of words, letters and whole terms."""
NEIGHBOURS = 20
"""Tagged courses asked; each counts by the square of its similarity (chosen on COCO, ADR 0014)."""
L2 = 1.0
"""Ridge of the linear model."""
MOST_TAGGED = 3000
"""The linear model inverts a matrix of this many rows at most; with more tagged courses it learns from a part, evenly
drawn."""

Doubles = NDArray[np.float64]
Positions = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class CourseTexts:
    """What is known of courses in words; every sequence has length n. `terms` holds whole terms (provider, tags …)."""

    ids: tuple[str, ...]
    titles: tuple[str, ...]
    descriptions: tuple[str, ...]
    terms: tuple[tuple[str, ...], ...]

    def __len__(self) -> int:
        return len(self.ids)


def text_rows(texts: CourseTexts) -> sp.csr_matrix:
    """Return one row a course, (n_courses, n_features), of unit length; all 0 for a course without a word."""
    documents = [stems(f"{title} . {text}") for title, text in zip(texts.titles, texts.descriptions, strict=True)]
    groups = (
        _weights([_with_pairs(one) for one in documents], analyzer=tuple),
        _weights([title.lower() for title in texts.titles], analyzer="char_wb", ngram_range=(3, 5)),
        _weights(texts.terms, analyzer=tuple),
    )
    return normalize(sp.hstack([weight * group for weight, group in zip(GROUPS, groups, strict=True)]).tocsr())


def _with_pairs(document: tuple[str, ...]) -> tuple[str, ...]:
    return document + tuple(f"{one} {two}" for one, two in pairwise(document))


def _weights(documents: Sequence[object], **settings: object) -> sp.csr_matrix:
    try:
        return TfidfVectorizer(sublinear_tf=True, **settings).fit_transform(documents)
    except ValueError:  # not one word in all of them
        return sp.csr_matrix((len(documents), 0))


@dataclass(frozen=True, slots=True)
class TaggedEvidence:
    """What tagged courses say of each asked one.

    `near` (n_asked, n_skills): share of the nearest tagged courses that teach the skill, weighed by similarity, in [0, 1].
    `linear` (n_asked, n_skills): what the ridge regression of tags on rows says. `nearest` (n_asked, ≤ `NEIGHBOURS`):
    positions of the neighbours, nearest first, with their `similarity` in [0, 1].
    """

    near: Doubles
    linear: Doubles
    nearest: Positions
    similarity: Doubles


def cells(matrix: sp.csr_matrix, row: Positions, column: Positions) -> Doubles:
    """Return the values at (row[i], column[i]); SciPy itself refuses to be asked for none."""
    if not len(row):
        return np.zeros(0)
    return np.asarray(matrix[row, column], dtype=np.float64).ravel()


class TaggedCourses:
    """The tagged courses, ready to be asked about courses of the same catalogue.

    A course that is itself tagged is asked about as if it were not. That needs no second fit of the regression: with
    G = (K + λI)⁻¹ and weights A = G·Y, the others say y_i − A_i / G_ii of course i (Rasmussen and Williams, *Gaussian
    Processes for Machine Learning*, 2006, equation 5.12).
    """

    def __init__(self, rows: sp.csr_matrix, taught: sp.csr_matrix, tagged: Positions) -> None:
        """Fit on `tagged`, rising positions among `rows` (n_courses, n_features) and `taught` (n_courses, n_skills)."""
        self._rows, self._taught, self._tagged = rows, taught, tagged
        self.count: Doubles = np.asarray(taught[tagged].sum(axis=0)).ravel()
        self._learned = tagged[:: max(1, -(-len(tagged) // MOST_TAGGED))]
        learned = rows[self._learned]
        inverse = np.linalg.inv((learned @ learned.T).toarray() + L2 * np.eye(len(self._learned)))
        self._weights: Doubles = inverse @ taught[self._learned].toarray()
        self._diagonal = np.diag(inverse).copy()

    def ask(self, asked: Positions) -> TaggedEvidence:
        """Return what the tagged courses say of the courses at these positions."""
        similar = (self._rows[asked] @ self._rows[self._tagged].T).toarray()
        similar[asked[:, None] == self._tagged[None, :]] = -1
        best = np.argsort(-similar, axis=1, kind="stable")[:, :NEIGHBOURS]
        similarity = np.maximum(np.take_along_axis(similar, best, axis=1), 0)
        weights = similarity**2
        total = weights.sum(axis=1, keepdims=True)
        weights = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
        indptr = np.arange(len(asked) + 1) * best.shape[1]
        mixed = sp.csr_matrix((weights.ravel(), best.ravel(), indptr), shape=similar.shape)
        near = (mixed @ self._taught[self._tagged]).toarray()
        return TaggedEvidence(near, self._linear(asked), self._tagged[best], similarity)

    def teaches(self, courses: Positions, skill: Positions, row: Positions) -> Doubles:
        """Return 1.0 where the course `courses[row]` is known to teach the skill, shape of `skill`."""
        return cells(self._taught, courses[row], skill)

    def nearest_with(self, nearest: Positions, skill: Positions, row: Positions) -> Positions:
        """Return the first of the neighbours `nearest[row]` that teaches the skill, −1 where none does."""
        found = np.full(len(skill), -1, dtype=np.int64)
        for place in range(nearest.shape[1] - 1, -1, -1):
            hit = self.teaches(nearest[:, place], skill, row) > 0
            found[hit] = nearest[row[hit], place]
        return found

    def _linear(self, asked: Positions) -> Doubles:
        said: Doubles = np.asarray((self._rows[asked] @ self._rows[self._learned].T) @ self._weights)
        place = np.searchsorted(self._learned, asked).clip(max=len(self._learned) - 1)
        own = self._learned[place] == asked
        at = place[own]
        said[own] = self._taught[asked[own]].toarray() - self._weights[at] / self._diagonal[at, None]
        return said
