"""Embeddings of courses and of people made of what is known of them: LightFM without identities of people.

Fitted by `training.scorers.hybrid` (Kula 2015, WARP loss of Weston et al. 2011). A person is the sum of the embeddings
of recent history, role, target role and department; a course that of its id, skills, tags, provider, difficulty and
title words. New people and new courses are therefore known at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

import numpy as np

from recommender.arrays import FloatArray, IntArray, frozen
from recommender.proposals import Proposal
from recommender.scorers.base import Arrays, Newcomers
from recommender.sparse import SparseRows
from recommender.steps import Affinity

COURSE_SCALE = 5.0
"""Sum of the feature weights of one course; larger learns faster (LightFM's steps do not see the scale)."""


@dataclass(frozen=True)
class Hybrid:
    """Vectors of width d.

    `course_vectors` (n, d) and `course_biases` (n,); `history_vectors` (n, d): what having completed a course adds to a
    person; `role_vectors`, `target_vectors` (n_roles, d); `department_vectors` (len(departments), d).
    `term_vectors` (n_terms, d), `term_biases` (n_terms,) and `history_term_vectors` (n_terms, d) encode courses that
    came after the fit.
    """

    course_vectors: FloatArray
    course_biases: FloatArray
    history_vectors: FloatArray
    role_vectors: FloatArray
    target_vectors: FloatArray
    departments: tuple[str, ...]
    department_vectors: FloatArray
    term_vectors: FloatArray
    term_biases: FloatArray
    history_term_vectors: FloatArray
    NAME: ClassVar[str] = "hybrid"
    SIGNALS: ClassVar[tuple[str, ...]] = ("affinity",)

    @cached_property
    def steps(self) -> tuple[Affinity]:
        """Person · course + course bias; a person is the weighted mean of the history plus role, target and department."""
        of_course = (self.course_vectors, self.course_biases)
        of_person = (self.history_vectors, self.role_vectors, self.target_vectors)
        return (Affinity(*of_course, *of_person, self.departments, self.department_vectors),)

    @property
    def proposals(self) -> tuple[Proposal, ...]:
        """None: embeddings only score what others propose, as finding their best would touch every course."""
        return ()

    def with_courses(self, newcomers: Newcomers) -> Hybrid:
        """Return the scorer with vectors for later courses, made of their terms alone."""
        shares, n = newcomers.terms, newcomers.n_fitted
        new = np.arange(n, len(newcomers.terms), dtype=np.int32)
        if len(self.course_vectors) == len(newcomers.terms) == n:
            return self
        return replace(
            self,
            course_vectors=_joined(self.course_vectors[:n], _sums(shares, new, self.term_vectors) * COURSE_SCALE),
            course_biases=_joined(
                self.course_biases[:n], _sums(shares, new, self.term_biases[:, None])[:, 0] * COURSE_SCALE
            ),
            history_vectors=_joined(self.history_vectors[:n], _sums(shares, new, self.history_term_vectors)),
        )

    def pack(self) -> Arrays:
        """Return the arrays `unpack` reads."""
        names = ("course_vectors", "course_biases", "history_vectors", "role_vectors", "target_vectors")
        more = ("department_vectors", "term_vectors", "term_biases", "history_term_vectors")
        return {name: getattr(self, name) for name in (*names, *more)}

    @classmethod
    def unpack(cls, arrays: Arrays, *, departments: tuple[str, ...]) -> Hybrid:
        """Make the scorer of what `pack` returned."""
        return cls(departments=departments, **{name: np.asarray(array) for name, array in arrays.items()})  # type: ignore[arg-type]


def _joined(fitted: FloatArray, later: FloatArray) -> FloatArray:
    return frozen(np.concatenate([fitted, later.astype(np.float32)]))


def _sums(rows: SparseRows, which: IntArray, vectors: FloatArray) -> FloatArray:
    found = np.zeros((len(which), vectors.shape[1]), dtype=np.float32)
    for k, i in enumerate(which.tolist()):
        columns, weights = rows.row(i)
        found[k] = weights @ vectors[columns]
    return found
