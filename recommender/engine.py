"""The recommender: the steps of an answer in a row. The service, the batch and the evaluation all call this."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender import kernels
from recommender.arrays import NONE, BoolArray, FloatArray, IntArray, Levels, LongArray
from recommender.candidates import Candidates
from recommender.errors import QueryError
from recommender.evidence import Evidence, Lift
from recommender.gap import RESKILL, UPSKILL, Gap, NearRole, far_from, gap_of, mode_towards, near_roles
from recommender.model import Model
from recommender.modes import MODES, RELEVANCE_ALONE, Mode
from recommender.moments import moment_text
from recommender.path import Planner
from recommender.path_parts import LearningPath, PathLimits, Step
from recommender.profile import Profile, levels_of, profile_of
from recommender.query import Query
from recommender.question import Places
from recommender.reasons import Reason, reasons_for, recommended
from recommender.required import Required
from recommender.schema import LEAST_HOURS_PER_WEEK
from recommender.scorers.base import Context, Standing
from recommender.skills import Need, Needs, new_ground
from recommender.steps import signals


class Recommendation(NamedTuple):
    """One ranked course.

    `parts` sum to `score`: one a scorer, `goal`, and `base`, which every candidate of the answer has. `goal_gain` is
    the share of the need of the goal role that the course closes now, in [0, 1].
    """

    rank: int
    course_idx: int
    score: float
    parts: dict[str, float]
    goal_gain: float
    lifts: tuple[Lift, ...]
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The ranked courses of one query, best first, how they were asked for, and what is required, earliest due first.

    `n_candidates` courses were scored for it.
    """

    query: Query
    mode: str
    goal_weight: float
    recommendations: tuple[Recommendation, ...]
    required: tuple[Required, ...] = ()
    n_candidates: int = 0


class Scored(NamedTuple):
    """The eligible candidates of a query, by position: `parts` (n_parts, n) of `names`, `score` (n,) their sum."""

    courses: IntArray
    names: tuple[str, ...]
    parts: NDArray[np.float64]
    score: NDArray[np.float64]
    goal_gain: NDArray[np.float32]


@dataclass(frozen=True)
class Recommender:
    """Answers queries from one model. Same model and query, same answer; ties are broken by course id."""

    model: Model

    def prepared(self) -> Recommender:
        """Return itself, having made what is made once: the first question then takes no longer than the next.

        What a server makes before it starts its processes, they share.
        """
        self.recommend(Query(as_of=self.model.as_of))
        return self

    def recommend(
        self, query: Query, *, k: int = 10, mode: str | None = None, goal_weight: float | None = None
    ) -> Answer:
        """Return the k best eligible courses with the parts of their scores and the reasons, and what is required.

        A required course is no suggestion: it is among `required` only. In the mode `compliance` it is the other way
        round: the list is the required courses in order of due time, scored but not ordered by it, and nothing else;
        limits do not touch them.

        The mode, unless asked for, is that of `mode_of`; it sets the weight of the goal, which `goal_weight` in [0, 1]
        overrides. Without a role that needs skills the weight is 0.

        Raises
        ------
        QueryError
            If the query looks from before the model's own moment, or k, the mode or the weight is none.
        """
        self._check(query, k, mode, goal_weight)
        need, required, levels = self.need(query), query.open_required, self.levels(query)
        mode = mode or self.mode_of(query, levels=levels)
        weights = self.weights(mode, need, goal_weight)
        scored, best = self._scored(query, k, weights, need, levels)
        evidence = Evidence(self.model, query, levels, need, scored.courses[best])
        found = recommendations(scored, best, evidence)
        return Answer(query, mode, weights.goal_weight, found, required, len(scored.courses))

    def ranked(
        self, query: Query, *, k: int = 10, mode: str | None = None, goal_weight: float | None = None
    ) -> tuple[IntArray, NDArray[np.float64]]:
        """Return the courses that `recommend` lists, best first, and their scores, both (m,), m ≤ k: without reasons.

        Raises
        ------
        QueryError
            As `recommend` does.
        """
        self._check(query, k, mode, goal_weight)
        need, levels = self.need(query), self.levels(query)
        weights = self.weights(mode or self.mode_of(query, levels=levels), need, goal_weight)
        scored, best = self._scored(query, k, weights, need, levels)
        return scored.courses[best], scored.score[best]

    def _scored(self, query: Query, k: int, weights: Mode, need: Need, levels: Levels) -> tuple[Scored, LongArray]:
        """Return the courses of an answer, scored, and the positions among them of those it lists, in its order."""
        if not weights.required_only:
            scored = self.score(query, weights=weights, levels=levels, need=need)
            return scored, self.best(scored, k)
        prescribed = np.array([one.course_idx for one in query.open_required], dtype=np.int32)
        scored = self.score(query, weights=weights, levels=levels, need=need, courses=prescribed)
        return scored, np.arange(min(k, len(prescribed)))

    @staticmethod
    def weights(mode: str, need: Need, goal_weight: float | None = None) -> Mode:
        """Return the weights of a mode, with the goal's own where one is asked for; without a need it has none."""
        weights = MODES[mode]
        if goal_weight is None and need.total:
            return weights
        goal = 0.0 if goal_weight is None or need.total == 0 else goal_weight
        return Mode(goal, min(weights.explore_weight, 1 - goal), weights.required_only)

    def path(self, query: Query, limits: PathLimits | None = None, *, time_limit: float | None = None) -> LearningPath:
        """Return the ordered courses that close most of the gap to the goal role within the limits.

        Every step says what it lifts and why it is there. Relevance, between courses that cover as much, is
        1/(1 + exp(−4·(relevance − ½))): 0.88 for the first candidate of the median question, 0.12 for the 100th. A person
        with fewer hours a week than `LEAST_HOURS_PER_WEEK` has none: their path has no weeks.

        `time_limit` bounds the seconds of the solver, at the price that equal questions may get unequal answers: with 0 it
        is not asked and the path is the greedy one, at once; None leaves it the safety no usual question reaches.

        Raises
        ------
        QueryError
            If the query looks from before the model's own moment, or a limit is none.
        """
        self._check_moment(query)
        limits = limits or PathLimits()
        _check_limits(query, limits)
        query = _with_hours_worth_a_plan(query)
        need, levels = self.need(query), self.levels(query)
        relevance = partial(self._relevance, query, levels)
        path = Planner(self.model.catalog, query, need, levels, limits, relevance, time_limit=time_limit).path()
        return replace(path, steps=self._with_reasons(query, need, levels, path.steps))

    def _relevance(self, query: Query, levels: Levels, courses: IntArray) -> FloatArray:
        scored = self.score(query, levels=levels, courses=courses)
        return np.asarray(1 / (1 + np.exp(-4 * (scored.score - 0.5))), dtype=np.float32)

    def _with_reasons(self, query: Query, need: Need, levels: Levels, steps: Sequence[Step]) -> tuple[Step, ...]:
        """Return steps with what each lifts from the levels before it, and why it is there."""
        courses = np.array([step.course_idx for step in steps], dtype=np.int32)
        if not len(courses):
            return ()
        weights = self.weights(self.mode_of(query, levels=levels), need)
        scored = self.score(query, weights=weights, levels=levels, need=need, courses=courses)
        found = []
        for i, step in enumerate(steps):
            evidence = Evidence(self.model, query, step.levels, need, courses[i : i + 1])
            parts = dict(zip(scored.names, scored.parts[:, i].tolist(), strict=True))
            reasons = reasons_for(evidence, step.course_idx, parts, opens=step.opens)
            found.append(replace(step, lifts=evidence.lifts[step.course_idx], reasons=reasons))
        return tuple(found)

    def rank(self, queries: Sequence[Query], *, k: int, without: tuple[str, ...] = ()) -> IntArray:
        """Return the k best courses of each query at goal weight 0, (len(queries), k), `NONE` where a list ends.

        `without` names scorers whose parts are left out.
        """
        found = np.full((len(queries), k), NONE, dtype=np.int32)
        for row, query in zip(found, queries, strict=True):
            scored = self.score(query, without=without)
            best = self.best(scored, k)
            row[: len(best)] = scored.courses[best]
        return found

    def rank_over_goals(self, query: Query, goal_weights: Sequence[float], *, k: int) -> IntArray:
        """Return the k best courses of a query at each weight of the goal, (len(goal_weights), k), scored once.

        Relevance and goal are mixed as in `recommend`; `NONE` where a list ends.
        """
        found = np.full((len(goal_weights), k), NONE, dtype=np.int32)
        scored = self.score(query)
        goal = self.model.goal_scale * scored.goal_gain.astype(np.float64)
        for row, weight in zip(found, goal_weights, strict=True):
            mixed = scored._replace(score=(1 - weight) * scored.score + weight * goal)
            best = self.best(mixed, k)
            row[: len(best)] = scored.courses[best]
        return found

    def score(
        self,
        query: Query,
        *,
        weights: Mode = RELEVANCE_ALONE,
        without: tuple[str, ...] = (),
        levels: Levels | None = None,
        need: Need | None = None,
        courses: IntArray | None = None,
    ) -> Scored:
        """Score the eligible candidates of a query, or `courses`.

        (1 − g − e)·relevance + g·goal + e·new ground, with the weights g and e of a mode; the last has a part of its
        own, `explore`, where e is above 0.
        """
        levels = self.levels(query) if levels is None else levels
        context, places = self._asked(query, levels, courses)
        blend, courses = self.model.blend, places.columns
        weighing = blend.weighing(context, without=without)
        found = signals(self.model.scorers.steps, context, places, weighing.weighed)
        gain = context.gain(need or self.need(query), places)
        share = 1 - weights.goal_weight - weights.explore_weight
        others: tuple[str, ...] = ("goal", "base")
        explored = None
        if weights.explore_weight:
            others = ("goal", "explore", "base")
            explored = (weights.explore_weight * new_ground(levels, self.model.catalog, courses)).astype(np.float64)
        parts = blend.contributions(found, context, weighing, n_more=len(others))
        of_goal = weights.goal_weight * self.model.goal_scale
        score = kernels.mixed(parts, share, gain, of_goal, explored, share * weighing.base)
        return Scored(courses, (*blend.scorers, *others), parts, score, gain)

    def signals(
        self,
        query: Query,
        *,
        levels: Levels | None = None,
        courses: IntArray | None = None,
    ) -> tuple[IntArray, NDArray[np.float32], Context]:
        """Return courses, every scorer's signals for them, (n_signals, n), and the prepared query.

        The courses are the eligible candidates unless said.
        """
        context, places = self._asked(query, self.levels(query) if levels is None else levels, courses)
        return places.columns, signals(self.model.scorers.steps, context, places), context

    def _asked(self, query: Query, levels: Levels, courses: IntArray | None) -> tuple[Context, Places]:
        """Return the prepared query, and the courses to be scored: the eligible candidates unless said."""
        catalog = self.model.catalog
        context = Context.of(query, len(catalog), Standing(levels, catalog, self._needs))
        return context, Places(self._candidates.of(context, levels) if courses is None else courses, len(catalog))

    @cached_property
    def _candidates(self) -> Candidates:
        return Candidates(self.model)

    def levels(self, query: Query) -> Levels:
        """Return the person's level of each skill, shape (n_skills,)."""
        model, n_skills = self.model, len(self.model.skills.ids)
        return levels_of(query, catalog=model.catalog, roles=model.roles, n_skills=n_skills, rules=model.evidence)

    def profile(self, query: Query) -> Profile:
        """Return the person's level of each skill and what it rests on."""
        model, n_skills = self.model, len(self.model.skills.ids)
        return profile_of(query, catalog=model.catalog, roles=model.roles, n_skills=n_skills, rules=model.evidence)

    def need(self, query: Query) -> Need:
        """Return what the target role needs, else the current one."""
        return self._needs.of(query.goal_role)

    @cached_property
    def _needs(self) -> Needs:
        return Needs(self.model.roles, n_skills=len(self.model.skills.ids))

    def mode_of(self, query: Query, *, levels: Levels | None = None) -> str:
        """Return `reskill` when the target role lies beyond the nearest quarter of all roles, else `upskill`."""
        goal, current, roles = query.goal_role, query.role_idx, self.model.roles
        far = self._far_from(current)
        if far is not None and goal != NONE:
            return RESKILL if far[goal] else UPSKILL
        return mode_towards(self.levels(query) if levels is None else levels, goal, roles=roles, current_idx=current)

    def _far_from(self, role: int) -> BoolArray | None:
        """Tell of every role whether it is far for holders of one, None where that says nothing; made once a role."""
        try:
            return self._far[role]
        except KeyError:
            if len(self._far) >= max(1, MOST_PAIRS // max(1, len(self.model.roles))):
                self._far.clear()
            found = None if role == NONE else far_from(role, self._needs.of(role).level, roles=self.model.roles)
            return self._far.setdefault(role, found)

    @cached_property
    def _far(self) -> dict[int, BoolArray | None]:
        return {}

    def gap(self, query: Query) -> Gap:
        """Return what the person lacks for the goal role, and how sure that is."""
        return gap_of(
            self.profile(query),
            query.goal_role,
            roles=self.model.roles,
            current_idx=query.role_idx,
            as_of=query.as_of,
            rules=self.model.evidence,
        )

    def near_roles(self, query: Query, *, k: int = 5) -> list[NearRole]:
        """Return the k other roles whose need the person covers best, and how far the catalogue leads to each."""
        catalog = self.model.catalog
        offered = catalog.published & (catalog.available_from <= query.as_of) & (query.as_of < catalog.available_to)
        courses = np.flatnonzero(offered).astype(np.int32)
        return near_roles(
            self.profile(query), roles=self.model.roles, catalog=catalog, courses=courses, but=query.goal_role, k=k
        )

    def _check_moment(self, query: Query) -> None:
        if query.as_of < self.model.as_of:
            raise QueryError(
                f"as_of: found {moment_text(query.as_of)}; expected no earlier than {moment_text(self.model.as_of)}, "
                "the moment the model looks from."
            )

    def _check(self, query: Query, k: int, mode: str | None, goal_weight: float | None) -> None:
        self._check_moment(query)
        if k < 1:
            raise QueryError(f"k: found {k!r}; expected a whole number from 1.")
        if mode is not None and mode not in MODES:
            raise QueryError(f"mode: found {mode!r}; expected one of {', '.join(MODES)}.")
        if goal_weight is not None and not 0 <= goal_weight <= 1:
            raise QueryError(f"goal_weight: found {goal_weight!r}; expected a number from 0 to 1.")

    def best(self, scored: Scored, k: int) -> LongArray:
        """Return the positions in `scored` of the k best, one version of a course each."""
        catalog = self.model.catalog
        return kernels.best(scored.score, scored.courses, catalog.id_rank, catalog.version_group, k)


MOST_PAIRS = 10_000_000
"""Pairs of roles of which is remembered whether one is far from the other, a byte each."""


def _check_limits(query: Query, limits: PathLimits) -> None:
    """Refuse limits that are none; a deadline that has passed leaves no time, which is an answer."""
    for name in ("hours", "budget", "hours_per_week"):
        limit = getattr(limits, name)
        if limit is not None and not (limit >= 0 and np.isfinite(limit)):
            raise QueryError(f"{name}: found {limit!r}; expected a finite number of at least 0.")
    if limits.hours_per_week and limits.hours_per_week < LEAST_HOURS_PER_WEEK:
        raise QueryError(
            f"hours_per_week: found {limits.hours_per_week!r}; expected 0 or a finite number of at least "
            f"{LEAST_HOURS_PER_WEEK:g}."
        )
    if limits.by is not None and limits.by < query.as_of:
        raise QueryError(f"by: found {moment_text(limits.by)}; expected no earlier than {moment_text(query.as_of)}.")


def _with_hours_worth_a_plan(query: Query) -> Query:
    """Return the question with 0 hours a week where the person has fewer than `LEAST_HOURS_PER_WEEK`."""
    few = query.hours_per_week is not None and query.hours_per_week < LEAST_HOURS_PER_WEEK
    return replace(query, hours_per_week=0.0) if few else query


def recommendations(
    scored: Scored, places: LongArray, evidence: Evidence, *, first_rank: int = 1
) -> tuple[Recommendation, ...]:
    """Return what is said of some scored courses, by their places in `scored`, ranked in this order from `first_rank`."""
    columns = (scored.courses, scored.score, scored.goal_gain, scored.parts)
    return recommended(Recommendation, evidence, *columns, scored.names, places.tolist(), first_rank)
