"""What the routes about stored things answer."""

from __future__ import annotations

from typing import Any

from pydantic import RootModel

from web.answers import Amount, Answer, Count, Instant, Level, Open, Share, absent
from web.answers_catalogue import CourseAnswer, Difficulty, RolesAnswer


class StoredThing(Open):
    """A course, role, skill, employee or assignment with its id, as it may be put again."""


class StoredPage(Open):
    """A page of what is stored, under the name of its kind; `next` is the address of the following one."""

    total: Count
    next: str = absent()


class FactsWritten(Answer):
    """The id of the fact written, or the ids of those that came as a list, in their order."""

    fact_id: str = absent()
    fact_ids: list[str] = absent()


class ManyWritten(Answer):
    """How many were put."""

    written: Count


class EmployeeData(Answer):
    """Every row held of a person, by table, as stored."""

    employee_id: str
    tables: dict[str, list[dict[str, Any]]]


class RoleSkillAsStored(Answer):
    """A skill a stored role needs."""

    skill_id: str
    level: Level
    importance: Share
    source: str = absent()


class RoleAsStored(Answer):
    """A stored role."""

    role_id: str
    title: str
    family: str = absent()
    description: str = absent()
    uri: str = absent()
    skills: list[RoleSkillAsStored] = absent()


class RolesAsStored(Answer):
    """A page of stored roles; `next` is the address of the following one, absent on the last."""

    total: Count
    roles: list[RoleAsStored]
    next: str = absent()


class CourseSkillAsStored(Answer):
    """A skill a stored course teaches, and the level needed to start."""

    skill_id: str
    level: Level = absent()
    entry_level: Level = absent()
    source: str = absent()
    confidence: Share = absent()


class CourseAsStored(Answer):
    """A stored course."""

    course_id: str
    title: str
    description: str = absent()
    provider: str = absent()
    format: str = absent()
    language: str = absent()
    difficulty: Difficulty = absent()
    hours: Amount = absent()
    cost: Amount = absent()
    url: str = absent()
    uri: str = absent()
    audience: list[str] = absent()
    credential: str = absent()
    tags: list[str] = absent()
    prerequisites: list[str] = absent()
    supersedes: list[str] = absent()
    available_from: Instant = absent()
    available_to: Instant = absent()
    published: bool
    skills: list[CourseSkillAsStored] = absent()


class RolesFound(RootModel[RolesAnswer | RolesAsStored]):
    """A page of the stored roles, or of the live model's where none are stored."""


class CourseFound(RootModel[CourseAnswer | CourseAsStored]):
    """The stored course, or the live model's where none are stored."""
