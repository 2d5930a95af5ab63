"""What every scorer is given, and what it owes.

A scorer is frozen: it was fitted before it existed. For one query it proposes candidates and gives every course asked
about one number a signal; it never sees another scorer, an employee's id or the clock.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from recommender.arrays import IntArray, Levels
from recommender.catalog import Catalog
from recommender.proposals import Proposal
from recommender.query import Query, recent_history
from recommender.question import LONGEST_HISTORY, Person
from recommender.skills import Needs
from recommender.sparse import SparseRows
from recommender.steps import Step

Arrays = Mapping[str, NDArray[np.generic]]

PLACE_DECAY = 0.8
"""Weight of a course relative to the one completed just after it."""
HEAD_BUDGET = 400
"""Candidates one scorer draws from a whole history: a longer history takes fewer from each course."""
SMALLEST_HEAD, LARGEST_HEAD = 12, 100
FRESH_DAYS = 14.0
SESSION_DAYS = 0.25
"""After these days since the latest completion a person counts as 1/e as active, or as much in one sitting."""


class Standing(NamedTuple):
    """What a person can do, beside what courses teach and roles need: `levels` (n_skills,) of the query's person."""

    levels: Levels
    catalog: Catalog
    needs: Needs


class Context(Person):
    """One query as scorers read it: `recommender.question.Person` says what is known of it."""

    __slots__ = ()
    query: Query
    standing: Standing | None

    @classmethod
    def of(cls, query: Query, n_courses: int, standing: Standing | None = None) -> Context:
        """Prepare a query for the scorers."""
        recent, at, places = recent_history(query, most=LONGEST_HISTORY)
        head = max(SMALLEST_HEAD, min(LARGEST_HEAD, HEAD_BUDGET // max(len(recent), 1)))
        return cls(query, n_courses, standing, recent, at, places, PLACE_DECAY, head)

    @property
    def log_length(self) -> float:
        """ln(1 + all completed courses)."""
        return math.log1p(len(self.query.history))

    @property
    def freshness(self) -> float:
        """exp(−days ÷ 14)."""
        return math.exp(-self.days_since / FRESH_DAYS)

    @property
    def session(self) -> float:
        """exp(−days ÷ 0.25)."""
        return math.exp(-self.days_since / SESSION_DAYS)


class Scorer(Protocol):
    """One signal about courses: its name, the numbers it gives, and how it is packed for saving."""

    NAME: ClassVar[str]
    SIGNALS: ClassVar[tuple[str, ...]]

    @property
    def steps(self) -> tuple[Step, ...]:
        """What writes the signals, in their order: the scorer's own number first; finite."""

    @property
    def proposals(self) -> tuple[Proposal, ...]:
        """What finds the courses worth scoring for a query."""

    def with_courses(self, newcomers: Newcomers) -> Scorer:
        """Return the scorer knowing courses that came after it was fitted, as far as it can know them."""

    def pack(self) -> Arrays:
        """Return the arrays `unpack` makes the same scorer of."""


@dataclass(frozen=True)
class Newcomers:
    """Courses added to the catalogue after the fit, as the fitted vocabularies see them.

    Every field has one row a course, the `n_fitted` fitted ones first: `vectors` tf–idf rows, `terms` shares of
    the features of the embeddings (rows of fitted courses may be empty), `attributes` shares of tags, skills and
    provider, `language` codes.
    """

    n_fitted: int
    vectors: SparseRows
    terms: SparseRows
    attributes: SparseRows
    language: IntArray


def rows_of(arrays: Arrays, prefix: str, n_columns: int) -> SparseRows:
    """Read sparse rows from arrays saved by `arrays_of` under the same prefix."""
    return SparseRows(
        indptr=np.asarray(arrays[f"{prefix}_indptr"], dtype=np.int64),
        indices=np.asarray(arrays[f"{prefix}_indices"], dtype=np.int32),
        weights=np.asarray(arrays[f"{prefix}_weights"], dtype=np.float32),
        n_columns=n_columns,
    )


def arrays_of(rows: SparseRows, prefix: str) -> dict[str, NDArray[np.generic]]:
    """Return the arrays of sparse rows under a prefix."""
    return {f"{prefix}_indptr": rows.indptr, f"{prefix}_indices": rows.indices, f"{prefix}_weights": rows.weights}
