"""The requests: what each may hold, checked in one pass so that an answer names everything that is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from recommender.modes import MODES
from recommender.moments import parse_deadline, parse_moment
from recommender.schema import EVIDENCE_SOURCES, FEEDBACK_VERBS, LEAST_HOURS_PER_WEEK
from web.ids import MAX_ID, has_control

MAX_HISTORY = 10_000
MAX_IDS = 10_000
MAX_SKILLS = 2_000
MAX_K = 100
MAX_ASSIGNMENTS = 1_000
MAX_RECUR_DAYS = 36_500


def _one_of(words: Iterable[str]) -> AfterValidator:
    def known(text: str) -> str:
        if text not in words:
            raise ValueError(f"found {text!r:.60}; expected one of {', '.join(words)}")
        return text

    return AfterValidator(known)


def _none_or_enough(hours: float) -> float:
    if 0 < hours < LEAST_HOURS_PER_WEEK:
        raise ValueError(f"found {hours!r}; expected 0 or at least {LEAST_HOURS_PER_WEEK:g}")
    return hours


def _without_controls(text: str) -> str:
    if has_control(text):
        raise ValueError(f"found {text!r:.60}; expected text without control characters")
    return text


_WHEN = {"anyOf": [{"type": "string", "format": "date-time"}, {"type": "string", "format": "date"}]}

Id = Annotated[str, Field(min_length=1, max_length=MAX_ID), AfterValidator(_without_controls)]
"""An id as the tables have it."""
Word = Annotated[str, Field(max_length=256), AfterValidator(_without_controls)]
"""A short text on one line."""
Moment = Annotated[int, BeforeValidator(parse_moment), WithJsonSchema(_WHEN)]
Deadline = Annotated[int, BeforeValidator(parse_deadline), WithJsonSchema(_WHEN)]
Ids = Annotated[list[Id], Field(max_length=MAX_IDS)]
Words = Annotated[list[Word], Field(max_length=100)]
Mode = Annotated[str, _one_of(MODES), WithJsonSchema({"type": "string", "enum": list(MODES)})]
Source = Annotated[str, _one_of(EVIDENCE_SOURCES), WithJsonSchema({"type": "string", "enum": list(EVIDENCE_SOURCES)})]
Verb = Annotated[str, _one_of(FEEDBACK_VERBS), WithJsonSchema({"type": "string", "enum": list(FEEDBACK_VERBS)})]
Amount = Annotated[float, Field(ge=0)]
HoursPerWeek = Annotated[float, Field(ge=0, le=168), AfterValidator(_none_or_enough)]


def _none() -> Any:
    """Return a field that is an empty list unless given, made anew each time: pydantic would make a deep copy of one."""
    return Field(default_factory=list, json_schema_extra={"default": []})


class Strict(BaseModel):
    """What requests have in common: no conversions, nothing unknown, only finite numbers."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)

    @classmethod
    def known(cls, **values: Any) -> Self:
        """Return one with a value for every field, each known to be good: `model_construct` for a third of the time."""
        found = cls.__new__(cls)
        set_attribute = object.__setattr__  # as `model_construct` does: a model's own refuses, as it is frozen
        set_attribute(found, "__dict__", values)
        set_attribute(found, "__pydantic_fields_set__", set(values))
        set_attribute(found, "__pydantic_extra__", None)
        set_attribute(found, "__pydantic_private__", None)
        return found


class CompletionItem(Strict):
    """One completed course, and when."""

    course_id: Id
    completed_at: Moment


class AssignmentItem(Strict):
    """One course the person must complete: until when, and after how many days again."""

    course_id: Id
    due_at: Deadline | None = None
    recur_days: Annotated[int, Field(ge=1, le=MAX_RECUR_DAYS)] | None = None


class BegunItem(Strict):
    """One course begun and not finished, and the share of it that is done."""

    course_id: Id
    progress: Annotated[float, Field(ge=0, lt=1)] = 0.0


class FeedbackItem(Strict):
    """What the person said of one course."""

    course_id: Id
    verb: Verb
    at: Moment | None = None


class SkillClaim(Strict):
    """A claim that the person has a skill at a level (0–5)."""

    skill_id: Id
    level: Annotated[int, Field(ge=0, le=5)]
    source: Source = "self"
    observed_at: Moment | None = None


class Person(Strict):
    """A person described in the request; every field may be left out."""

    history: Annotated[list[CompletionItem], Field(max_length=MAX_HISTORY)] = _none()
    role_id: Id | None = None
    target_role_id: Id | None = None
    skills: Annotated[list[SkillClaim], Field(max_length=MAX_SKILLS)] = _none()
    department: Word = ""
    location: Word = ""
    language: Word = ""
    hours_per_week: HoursPerWeek | None = None
    budget: Amount | None = None
    in_progress: Annotated[list[BegunItem], Field(max_length=MAX_IDS)] = _none()
    dismissed: Ids = _none()
    feedback: Annotated[list[FeedbackItem], Field(max_length=MAX_IDS)] = _none()
    assignments: Annotated[list[AssignmentItem], Field(max_length=MAX_ASSIGNMENTS)] = _none()
    as_of: Moment | None = None


class AboutPerson(Strict):
    """Who asks, and which single courses are acceptable."""

    person: Person
    max_hours: Amount | None = None
    max_cost: Amount | None = None
    language: Words = _none()
    format: Words = _none()
    exclude: Ids = _none()
    only: Ids | None = None


NO_LISTS: dict[str, Any] = {"language": [], "format": [], "exclude": []}
"""Its lists, for a request made without validation: it costs less to say than to find out that they are empty."""


class RecommendationRequest(AboutPerson):
    """For how many courses, and with which weights."""

    k: Annotated[int, Field(ge=1, le=MAX_K)] = 10
    mode: Mode | None = None
    goal_weight: Annotated[float, Field(ge=0, le=1)] | None = None


class ExplanationRequest(RecommendationRequest):
    """The same question, and the course whose place in the answer is asked about."""

    course_id: Id


class PathRequest(AboutPerson):
    """Within which limits the path must lie, in all."""

    hours: Amount | None = None
    budget: Amount | None = None
    by: Deadline | None = None
    hours_per_week: HoursPerWeek | None = None


class GapRequest(AboutPerson):
    """How many near roles are wanted."""

    adjacent: Annotated[int, Field(ge=0, le=MAX_K)] = 5


class BatchRequest(Strict):
    """Many questions at once; as many as the service is set to take, 100 unless said."""

    requests: Annotated[list[RecommendationRequest], Field(min_length=1)]
