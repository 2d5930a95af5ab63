"""Which courses are scored for a question: a few hundred that scorers propose and the rules allow (design, section 5.3)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from recommender.arrays import IntArray, Levels, frozen
from recommender.eligibility import eligible
from recommender.model import Model
from recommender.proposals import Heads, Proposal, proposed
from recommender.query import Query
from recommender.question import MISSING
from recommender.scorers.base import Context
from recommender.scorers.trend import HALF_LIVES_DAYS
from recommender.sparse import SparseRows

TEACHERS = 10
"""Candidates drawn for each missing skill."""
FEW = 100
"""With fewer eligible ones than this among the fitted courses, more are looked for: as many as one answer may hold."""
BLOCK = 500
"""Courses looked through at a time for more candidates."""


@dataclass(frozen=True)
class Candidates:
    """Finds candidates in one model."""

    model: Model

    def of(self, context: Context, levels: Levels) -> IntArray:
        """Return the positions of the candidates of a query, ascending, each once."""
        query = context.query
        return self._filled_up(self._eligible(proposed(self._proposals, context), query, levels), query, levels)

    def _eligible(self, courses: IntArray, query: Query, levels: Levels) -> IntArray:
        """Return which of some courses may be suggested."""
        return courses[eligible(self.model.catalog, query, courses, levels=levels)]

    def _filled_up(self, courses: IntArray, query: Query, levels: Levels) -> IntArray:
        """Add eligible courses in the order of their popularity, a block at a time, where candidates are few.

        Courses that came after the fit are candidates anyway: they are neither counted nor added, so that one more of
        them changes nothing but its own presence.
        """
        newcomers = self.model.scorers.content.newcomers
        if len(courses) >= FEW + len(newcomers):
            return courses
        n_fitted = len(courses) - int(np.isin(courses, newcomers).sum())
        order, at = self._by_popularity, 0
        if query.limits.only is not None:
            order = order[np.isin(order, query.limits.only)]
        while n_fitted < FEW and at < len(order):
            block = np.setdiff1d(order[at : at + BLOCK], courses)
            more = self._eligible(block, query, levels)
            courses, n_fitted, at = np.union1d(courses, more).astype(np.int32), n_fitted + len(more), at + BLOCK
        return courses

    @cached_property
    def _proposals(self) -> tuple[Proposal, ...]:
        """What scorers propose, and a few courses for each missing skill that lift it the most."""
        return *self.model.scorers.proposals, Heads(self._teachers, MISSING, most=TEACHERS)

    @cached_property
    def _by_popularity(self) -> IntArray:
        """The fitted courses, most completed first, then by id."""
        popularity = self.model.scorers.trend.popularity[HALF_LIVES_DAYS.index(np.inf)]
        order = np.lexsort((self.model.catalog.id_rank, -popularity))
        return order[~np.isin(order, self.model.scorers.content.newcomers)].astype(np.int32)

    @cached_property
    def _teachers(self) -> SparseRows:
        """Of each skill, the courses that teach it, the best first: highest level, then fewest hours, then id.

        Only courses the model was fitted on: later ones are candidates anyway and must not push one of these out.
        """
        catalog, rows = self.model.catalog, self.model.catalog.skills
        owner = np.repeat(np.arange(len(rows)), np.diff(rows.indptr))
        order = np.lexsort((catalog.id_rank[owner], catalog.hours[owner], -rows.level, rows.skill_idx))
        order = order[~np.isin(owner[order], self.model.scorers.content.newcomers)]
        indptr = np.searchsorted(rows.skill_idx[order], np.arange(len(self.model.skills.ids) + 1)).astype(np.int64)
        level = rows.level[order].astype(np.float32)
        return SparseRows(frozen(indptr), frozen(owner[order].astype(np.int32)), frozen(level), len(catalog))
