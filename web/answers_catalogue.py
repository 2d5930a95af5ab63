"""What is answered about roles, courses, models and health, as schemas; see `web.answers`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from recommender.schema import DIFFICULTIES
from web.answers import Amount, Answer, Count, Instant, Level, NamedSkill, Share, absent, one_of

Difficulty = Annotated[str, one_of(DIFFICULTIES)]


class RoleSkill(NamedSkill):
    """A skill a role needs."""

    level: Level
    importance: Share
    inferred: bool = absent()
    confidence: Share = absent()


class CourseSkill(NamedSkill):
    """A skill a course teaches."""

    level: Level
    confidence: Share
    inferred: bool = absent()


class RoleBody(Answer):
    """A role and the skills it needs."""

    role_id: str
    title: str = absent()
    family: str = absent()
    description: str = absent()
    skills: list[RoleSkill] = absent()


class RolesAnswer(Answer):
    """A page of roles; `next` is the address of the following one, absent on the last."""

    model_version: str
    total: Count
    roles: list[RoleBody]
    next: str = absent()


class CourseAnswer(Answer):
    """A course."""

    course_id: str
    title: str = absent()
    description: str = absent()
    provider: str = absent()
    format: str = absent()
    language: str = absent()
    difficulty: Difficulty = absent()
    hours: Amount
    hours_assumed: bool
    cost: Amount = absent()
    url: str = absent()
    tags: list[str] = absent()
    audience: list[str] = absent()
    credential: str = absent()
    prerequisites: list[str] = absent()
    supersedes: list[str] = absent()
    available_from: Instant = absent()
    available_to: Instant = absent()
    published: bool
    skills: list[CourseSkill] = absent()
    model_version: str


class ModelItem(Answer):
    """A saved version; of a damaged one only its name is known."""

    version: str
    damaged: bool = absent()
    created: Instant = absent()
    as_of: Instant = absent()
    data_fingerprint: str = absent()
    metrics: dict[str, Any] = absent()


class ModelsAnswer(Answer):
    """The saved versions, newest first, and which one is live."""

    live: str = absent()
    models: list[ModelItem]


class ActivationAnswer(Answer):
    """The version that is live from now on, and how soon the other processes follow."""

    live: str
    follow_within_seconds: Amount


class LiveAnswer(Answer):
    """The process answers."""

    status: Literal["live"]


class ReadyAnswer(Answer):
    """A model can answer; `warning` says why the version made live cannot."""

    status: Literal["ready"]
    model_version: str
    model_as_of: Instant
    model_age_seconds: Count
    warning: str = absent()
