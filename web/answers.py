"""What the routes answer, as schemas: they document answers, and tests hold real ones to them.

No answer is made from or checked against them when it is given, so none is built before the document asks for it. What
may be absent is not required and never null.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from recommender.modes import MODES
from recommender.profile import SOURCES

Instant = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
Level = Annotated[int, Field(ge=0, le=5)]
Share = Annotated[float, Field(ge=0, le=1)]
Amount = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=0)]
Place = Annotated[int, Field(ge=1)]


def one_of(words: tuple[str, ...]) -> Any:
    """Return the schema of a text that is one of some words."""
    return WithJsonSchema({"type": "string", "enum": list(words)})


Mode = Annotated[str, one_of(tuple(MODES))]
Source = Annotated[str, one_of(tuple(SOURCES))]


def absent() -> Any:
    """Return a field that may be missing; unlike one that is None, it is never null."""
    return Field(default_factory=lambda: None)


class Answer(BaseModel):
    """What answers have in common."""

    model_config = ConfigDict(frozen=True, defer_build=True)


class Open(Answer):
    """An answer with further fields that depend on its code or kind."""

    model_config = ConfigDict(frozen=True, extra="allow", defer_build=True)


class FieldProblem(Answer):
    """One wrong field or parameter."""

    pointer: Annotated[
        str, Field(description="JSON pointer (RFC 6901) into the request, or `/` and a parameter's name.")
    ]
    detail: str


class ProblemBody(Answer):
    """A problem (RFC 9457)."""

    type: str
    title: str
    status: Annotated[int, Field(ge=400, le=599)]
    detail: str
    errors: list[FieldProblem] = absent()


class ProblemAnswer(ProblemBody):
    """An error: a problem (RFC 9457), and the id of the request it answers."""

    request_id: str


class IgnoredItem(Answer):
    """Something of the request that the answer does not rest on, and why."""

    pointer: str
    id: str
    why: str


class AboutModel(Answer):
    """What every answer about a person begins and ends with."""

    model_version: str
    as_of: Instant
    employee_id: str = absent()
    model_as_of: Instant
    trend_age_days: float
    ignored: list[IgnoredItem] = absent()


class Lift(Answer):
    """A skill a course raises."""

    skill_id: str
    name: str
    from_: Annotated[Level, Field(alias="from")]
    to: Level
    needed: Level


class ReasonItem(Open):
    """A code, a sentence, and the numbers behind it, which depend on the code."""

    code: str
    text: str


class Scored(Answer):
    """The score of a course and what it is made of: the parts sum to it."""

    score: float
    parts: dict[str, float]
    goal_gain: Share
    lifts: list[Lift]
    reasons: list[ReasonItem]


class RecommendedCourse(Scored):
    """One recommended course."""

    rank: Place
    course_id: str
    title: str
    hours: Amount
    hours_assumed: bool = absent()
    cost: Amount = absent()
    provider: str = absent()
    format: str = absent()
    language: str = absent()
    url: str = absent()


class RequiredCourse(Answer):
    """One piece of mandatory training still to be done."""

    course_id: str
    title: str
    due_at: Instant = absent()
    hours: Amount
    overdue: bool
    recurring: bool


class RecommendationAnswer(AboutModel):
    """The best next courses, best first, and what is required."""

    target_role_id: str = absent()
    mode: Mode
    goal_weight: Share
    recommendations: list[RecommendedCourse]
    required: list[RequiredCourse]


class BatchItem(Answer):
    """What one request of a batch is answered: `answer`, or the `problem` it has."""

    answer: RecommendationAnswer = absent()
    problem: ProblemBody = absent()


class BatchAnswer(Answer):
    """The answers to a batch, in the order of its requests."""

    model_version: str
    answers: list[BatchItem]


class PartDifference(Answer):
    """How much more of a part the last course listed has."""

    part: str
    difference: float


class LimitingCourse(Answer):
    """A course the one asked about is compared with."""

    rank: Place
    course_id: str
    title: str
    score: float
    differences: list[PartDifference]


class ChangeItem(Open):
    """The smallest change that brings the course in; its numbers depend on its kind."""

    kind: Literal["feedback", "limit", "complete", "skill_level"]
    size: Annotated[int, Field(ge=1)]
    text: str
    rank: Place


class ExplanationAnswer(AboutModel, Scored):
    """The place of one course in the answer, what keeps it away, and what would bring it in."""

    target_role_id: str = absent()
    mode: Mode
    goal_weight: Share
    k: Place
    course_id: str
    title: str
    in_top_k: bool
    rank: Place = absent()
    of: Count
    excluded_by: list[ReasonItem]
    against_kth: LimitingCourse = absent()
    change: ChangeItem = absent()
    tried: Count
    tried_all: bool


class GapSkill(Answer):
    """One skill the role needs, and what is there of it."""

    skill_id: str
    name: str
    have: Level
    needed: Level
    importance: Share
    confidence: Share
    confirm: bool
    kind: str = absent()
    source: Source = absent()
    observed_at: Instant = absent()
    course_id: str = absent()


class RoleDistance(Answer):
    """How far the role aimed at lies from the one held."""

    kind: Literal["upskill", "hybrid", "reskill"]
    value: Share
    place: Share
    shared: list[str]


class AdjacentRole(Answer):
    """A role that is near, how much of it is covered, and how much could be."""

    role_id: str
    title: str
    coverage: Share
    reachable: Share


class GapAnswer(AboutModel):
    """What is missing for a role."""

    target_role_id: str = absent()
    coverage: Share = absent()
    missing: Amount = absent()
    skills: list[GapSkill]
    distance: RoleDistance = absent()
    adjacent_roles: list[AdjacentRole]


class PathLimitsItem(Answer):
    """The limits a path was held to; each is absent where there is none."""

    hours: Amount = absent()
    budget: Amount = absent()
    by: Instant = absent()
    hours_per_week: Amount = absent()
    hours_left: Amount = absent()


class PathStep(Answer):
    """One course of a path."""

    position: Place
    course_id: str
    title: str
    hours: Amount
    hours_assumed: bool = absent()
    cost: Amount = absent()
    continues: bool = absent()
    from_week: Place = absent()
    to_week: Place = absent()
    lifts: list[Lift]
    coverage_after: Share
    reasons: list[ReasonItem]
    alternatives: list[str]


class NamedSkill(Answer):
    """A skill and its name."""

    skill_id: str
    name: str


class Milestone(Answer):
    """Where skills reach what the role needs."""

    position: Place
    week: Place = absent()
    skills: list[NamedSkill]
    coverage: Share


class UnmetSkill(NamedSkill):
    """A skill that stays below the need, and why."""

    needed: Level
    reached: Level
    within_reach: Level
    why: Literal["no_course", "kept_away", "beyond_limits"]
    course_ids: list[str] = absent()


class ReservedCourse(RequiredCourse):
    """Mandatory training, and when the path plans it."""

    from_week: Place = absent()
    to_week: Place = absent()
    late: bool


class PathAnswer(AboutModel):
    """The ordered courses that close most of the gap within the limits."""

    target_role_id: str = absent()
    coverage_before: Share = absent()
    coverage_after: Share = absent()
    hours: Amount
    cost: Amount
    optimality_gap: Share = absent()
    bound: Share = absent()
    solver: Literal["exact", "greedy"] = absent()
    proven: bool = absent()
    stopped: Literal["nodes", "time"] = absent()
    limits: PathLimitsItem
    steps: list[PathStep]
    milestones: list[Milestone]
    unmet: list[UnmetSkill]
    required: list[ReservedCourse]
    notes: list[ReasonItem]
