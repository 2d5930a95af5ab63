"""Why a course is in somebody's answer or not, and the smallest single change that would bring it in."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from recommender.arrays import IntArray
from recommender.changes import Change, Wish, changes, is_idle
from recommender.eligibility import barriers, eligible
from recommender.engine import Answer, Recommendation, Recommender, Scored, recommendations
from recommender.evidence import Evidence
from recommender.exclusions import exclusions
from recommender.model import Model
from recommender.modes import Mode
from recommender.query import Query
from recommender.reasons import Reason

MOST_RANKED = 60
"""Changed questions ranked for one explanation, at most."""
MOST_TRIED = 300
"""Changes tried for one explanation, at most; most are seen to be of no help before anything is ranked."""


@dataclass(frozen=True, slots=True)
class Against:
    """The last course of the answer beside one that is not in it: `differences` of their parts, the largest first.

    They sum to the difference of the scores; the base, which all candidates share, is left out.
    """

    course_idx: int
    rank: int
    score: float
    differences: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a course is among the first k of an answer, or why not.

    Parameters
    ----------
    query, mode, goal_weight, k
        What was asked.
    course
        The course as it would be recommended. Its `rank` is its place among the candidates and itself, one version of a
        course counted; of a course that is kept away, the place it would have. In the mode `compliance` it is the place
        among what is required, 0 if the course is not.
    of
        How many courses that ranking has.
    in_top_k
        Whether the answer has it.
    against
        The last course of the answer, where this one is not in it and the answer has k.
    excluded_by
        What keeps it away.
    change
        The smallest single change that brings it in, applied and ranked again; None if there is none.
    n_tried
        How many changes were tried.
    tried_all
        Whether those are all that can matter; if not, a change may exist though none was found.
    """

    query: Query
    mode: str
    goal_weight: float
    k: int
    course: Recommendation
    of: int
    in_top_k: bool
    against: Against | None
    excluded_by: tuple[Reason, ...] = ()
    change: Change | None = None
    n_tried: int = 0
    tried_all: bool = True


def explain(
    recommender: Recommender,
    query: Query,
    course_idx: int,
    *,
    k: int = 10,
    mode: str | None = None,
    goal_weight: float | None = None,
) -> Explanation:
    """Explain the place of one course in the answer to a query; the arguments are those of `Recommender.recommend`.

    Of a recommended course it says what the answer says. A change leaves the mode as it was, so that another level does
    not silently turn the question into another.

    Raises
    ------
    QueryError
        As `Recommender.recommend`.
    """
    answer = recommender.recommend(query, k=k, mode=mode, goal_weight=goal_weight)
    asking = _Asking(
        recommender,
        answer,
        k,
        recommender.weights(answer.mode, recommender.need(query), goal_weight),
        Evidence(recommender.model, query, recommender.levels(query), recommender.need(query), _one(course_idx)),
    )
    if asking.weights.required_only:
        return _explain_required(asking, course_idx)
    scored = asking.score(None)
    is_candidate = course_idx in scored.courses
    if not is_candidate:
        scored = _joined(scored, asking.score(_one(course_idx)))
    place = _placed(recommender, scored, course_idx)
    found = asking.explain(course_idx, scored, rank=len(place.ahead) + 1, of=place.of)
    if found.in_top_k:
        return found
    excluded = exclusions(recommender.model, query, course_idx, levels=asking.evidence.levels)
    if not excluded and not is_candidate:
        excluded = (Reason("not_proposed", "Nothing proposes it to you, so it was not ranked.", {}),)
    elif not excluded and place.version != course_idx:
        excluded = (_other_version(recommender.model, place.version),)
    barred = barriers(recommender.model.catalog, query, course_idx, levels=asking.evidence.levels)
    one = asking.evidence
    wish = Wish(recommender, query, course_idx, k, one.levels, one.need, scored, place.ahead, barred)
    change, n_tried, tried_all = _smallest(wish, asking.weights)
    return replace(found, excluded_by=excluded, change=change, n_tried=n_tried, tried_all=tried_all)


@dataclass(frozen=True, slots=True)
class _Asking:
    """A question that was answered, the weights it was answered with, and what reasons are read from."""

    recommender: Recommender
    answer: Answer
    k: int
    weights: Mode
    evidence: Evidence

    def score(self, courses: IntArray | None) -> Scored:
        one = self.evidence
        return self.recommender.score(
            one.query, weights=self.weights, levels=one.levels, need=one.need, courses=courses
        )

    def explain(self, course: int, scored: Scored, *, rank: int, of: int) -> Explanation:
        """Return what is said of a course whatever keeps it away."""
        at = np.flatnonzero(scored.courses == course)
        (one,) = recommendations(scored, at, self.evidence, first_rank=rank)
        in_top_k = any(other.course_idx == course for other in self.answer.recommendations)
        return Explanation(
            query=self.answer.query,
            mode=self.answer.mode,
            goal_weight=self.answer.goal_weight,
            k=self.k,
            course=one,
            of=of,
            in_top_k=in_top_k,
            against=None if in_top_k else _against(self.answer, one, self.k),
        )


def _explain_required(asking: _Asking, course: int) -> Explanation:
    """Explain a place among what is required: the order is that of due times, and no change is looked for."""
    required = [one.course_idx for one in asking.answer.required]
    rank = required.index(course) + 1 if course in required else 0
    found = asking.explain(course, asking.score(_one(course)), rank=rank, of=len(required))
    text = "The mode compliance lists mandatory training and nothing else; this is not mandatory for you now."
    excluded = () if rank else (Reason("not_required", text, {}),)
    return replace(found, excluded_by=excluded, against=None)


def _smallest(wish: Wish, weights: Mode) -> tuple[Change | None, int, bool]:
    """Return the first change that brings the course in, how many were tried, and whether those were all.

    Each is applied to the question. Unless a rule still keeps the course away, or the change cannot move it up, everything
    is ranked again.
    """
    recommender, course = wish.recommender, _one(wish.course)
    n_ranked = n_tried = 0
    for change in changes(wish):
        if n_tried == MOST_TRIED or n_ranked == MOST_RANKED:
            return None, n_tried, False
        n_tried += 1
        levels = recommender.levels(change.query)
        may_be_shown = eligible(recommender.model.catalog, change.query, course, levels=levels)[0]
        if not may_be_shown or is_idle(wish, change, levels):
            continue
        n_ranked += 1
        scored = recommender.score(change.query, weights=weights, levels=levels, need=wish.need)
        best = scored.courses[recommender.best(scored, wish.k)].tolist()
        if wish.course in best:
            return replace(change, rank=best.index(wish.course) + 1), n_tried, True
    return None, n_tried, True


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a course stands: the courses before it, one version each and none of its own, among how many courses.

    `version` is the version of it that stands highest: the one that is shown.
    """

    ahead: IntArray
    of: int
    version: int


def _placed(recommender: Recommender, scored: Scored, course: int) -> _Place:
    catalog = recommender.model.catalog
    best = scored.courses[recommender.best(scored, len(scored.courses))]
    same = catalog.version_group[best] == catalog.version_group[course]
    score = dict(zip(scored.courses.tolist(), scored.score.tolist(), strict=True))
    mine = (-score[course], catalog.ids[course])
    before = [one for one in best[~same].tolist() if (-score[one], catalog.ids[one]) < mine]
    return _Place(np.array(before, dtype=np.int32), len(best), int(best[same][0]))


def _other_version(model: Model, shown: int) -> Reason:
    text = f"Another version of it, “{model.catalog.titles[shown]}”, stands before it, and only one is shown."
    return Reason("other_version", text, {"course_id": model.catalog.ids[shown]})


def _against(answer: Answer, course: Recommendation, k: int) -> Against | None:
    """Compare a course with the k-th of the answer; with none if fewer are in it."""
    if len(answer.recommendations) < k:
        return None
    last = answer.recommendations[k - 1]
    differences = [(name, part - course.parts[name]) for name, part in last.parts.items() if name != "base"]
    differences.sort(key=lambda one: -one[1])
    return Against(last.course_idx, last.rank, last.score, tuple(differences))


def _joined(scored: Scored, one: Scored) -> Scored:
    return Scored(
        np.concatenate([scored.courses, one.courses]),
        scored.names,
        np.concatenate([scored.parts, one.parts], axis=1),
        np.concatenate([scored.score, one.score]),
        np.concatenate([scored.goal_gain, one.goal_gain]),
    )


def _one(course: int) -> IntArray:
    return np.array([course], dtype=np.int32)
