"""Courses, roles, skills, employees and assignments as they are written, and how they stand in the database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from recommender.moments import moment_text
from recommender.schema import LEAST_NUMBER, MOST_NUMBER, TABLES, Kind
from store.resources import Resource, Whole
from web.fact_bodies import StoredId, StoredText
from web.schemas import MAX_RECUR_DAYS, Amount, Deadline, HoursPerWeek, Moment, Strict


def is_listable(text: str) -> bool:
    """Tell whether a text can stand in a list of texts between bars and come out as it was."""
    return "|" not in text and text == text.strip()


def _no_bar(text: str) -> str:
    if not is_listable(text):
        raise ValueError(f"found {text!r:.60}; expected text without | and without spaces at its ends")
    return text


def _at_most(n: int) -> AfterValidator:
    def fits(text: str) -> str:
        if len(text.encode()) > n:
            raise ValueError(f"found {len(text.encode()):,} bytes; expected at most {n:,}: it is looked up by an index")
        return text

    return AfterValidator(fits)


Uri = Annotated[StoredText, _at_most(1_000)]
"""By which statements know a course; as long as the id of an activity may be."""
ListedId = Annotated[StoredId, AfterValidator(_no_bar)]
"""An id that may stand in a list of ids."""
ListedIds = Annotated[list[ListedId], Field(max_length=1_000)]
Word = Annotated[StoredText, Field(min_length=1, max_length=256), AfterValidator(_no_bar)]
ListedWords = Annotated[list[Word], Field(max_length=1_000)]
Level = Annotated[int, Field(ge=1, le=5)]
Positive = Annotated[float, Field(ge=LEAST_NUMBER, le=MOST_NUMBER)]
Cost = Annotated[float, Field(ge=0, le=MOST_NUMBER)]
Weight = Annotated[float, Field(ge=LEAST_NUMBER, le=1)]


class StoredCourseSkill(Strict):
    """A skill the course teaches: up to which level, and from which."""

    skill_id: StoredId
    level: Level | None = None
    entry_level: Annotated[int, Field(ge=0, le=4)] | None = None
    source: Literal["declared", "inferred"] | None = None
    confidence: Weight | None = None


class StoredCourse(Strict):
    """A course and what it teaches."""

    course_id: ListedId | None = None
    title: Annotated[StoredText, Field(min_length=1)]
    description: StoredText | None = None
    provider: StoredText | None = None
    format: StoredText | None = None
    language: StoredText | None = None
    difficulty: Literal["beginner", "intermediate", "advanced", "expert"] | None = None
    hours: Positive | None = None
    cost: Cost | None = None
    url: StoredText | None = None
    uri: Uri | None = None
    audience: ListedWords = Field(default_factory=list)
    credential: StoredText | None = None
    tags: ListedWords = Field(default_factory=list)
    prerequisites: ListedIds = Field(default_factory=list)
    supersedes: ListedIds = Field(default_factory=list)
    available_from: Moment | None = None
    available_to: Deadline | None = None
    published: bool = True
    skills: Annotated[list[StoredCourseSkill], Field(max_length=1_000)] = Field(default_factory=list)


class StoredRoleSkill(Strict):
    """A skill the role needs: at which level, and how much it matters."""

    skill_id: StoredId
    level: Level | None = None
    importance: Weight | None = None
    source: StoredText | None = None


class StoredRole(Strict):
    """A role and what it needs."""

    role_id: StoredId | None = None
    title: Annotated[StoredText, Field(min_length=1)]
    family: StoredText | None = None
    description: StoredText | None = None
    uri: StoredText | None = None
    skills: Annotated[list[StoredRoleSkill], Field(max_length=1_000)] = Field(default_factory=list)


class StoredSkill(Strict):
    """A skill."""

    skill_id: StoredId | None = None
    name: StoredText | None = None
    kind: Literal["technical", "human", "domain"] | None = None
    uri: StoredText | None = None


class StoredIdentity(Strict):
    """A name by which xAPI statements know the employee."""

    kind: Literal["mbox", "account", "openid", "mbox_sha1sum"]
    value: Annotated[StoredText, Field(min_length=1, max_length=1_000), _at_most(2_001)]


class StoredEmployee(Strict):
    """An employee and the names other systems know them by."""

    employee_id: StoredId | None = None
    name: StoredText | None = None
    role_id: StoredId | None = None
    target_role_id: StoredId | None = None
    target_since: Moment | None = None
    department: Annotated[StoredText, Field(max_length=256)] | None = None
    location: Annotated[StoredText, Field(max_length=256)] | None = None
    language: Annotated[StoredText, Field(max_length=256)] | None = None
    hired_at: Moment | None = None
    manager_id: StoredId | None = None
    hours_per_week: HoursPerWeek | None = None
    budget: Amount | None = None
    identities: Annotated[list[StoredIdentity], Field(max_length=100)] = Field(default_factory=list)


class StoredAssignment(Strict):
    """A course that an employee, a role, a department or, without any of them, everyone must complete."""

    assignment_id: StoredId | None = None
    course_id: StoredId
    employee_id: StoredId | None = None
    role_id: StoredId | None = None
    department: Annotated[StoredText, Field(max_length=256)] | None = None
    due_at: Deadline | None = None
    due_days: Annotated[int, Field(ge=0, le=MAX_RECUR_DAYS)] | None = None
    recur_days: Annotated[int, Field(ge=1, le=MAX_RECUR_DAYS)] | None = None


PARTS = {"courses": "skills", "roles": "skills", "employees": "identities"}
"""The field in which what belongs to a thing stands."""

__all__ = [
    "PARTS",
    "StoredAssignment",
    "StoredCourse",
    "StoredEmployee",
    "StoredRole",
    "StoredSkill",
    "is_listable",
    "shown",
    "stored_form",
]


def stored_form(resource: Resource, key: str, body: Strict) -> Whole:
    """Return what a body says as the rows of the database."""
    fields = body.model_dump()
    parts = fields.pop(PARTS.get(resource.table, ""), [])
    row = {name: "|".join(value) if isinstance(value, list) else value for name, value in fields.items()}
    return Whole(row | {resource.key: key}, [part | {resource.key: key} for part in parts])


def shown(resource: Resource, whole: Whole) -> dict[str, Any]:
    """Return a thing as JSON values, as it may be written again; what is unknown is absent."""
    body = {resource.key: whole.row[resource.key], **_present(resource.table, whole.row)}
    if resource.table == "courses":
        body["published"] = whole.row["published"] is not False
    if resource.part is not None and whole.parts:
        parts = [_present(resource.part, part) for part in whole.parts]
        body[PARTS[resource.table]] = [
            {name: value for name, value in part.items() if name != resource.key} for part in parts
        ]
    return body


def _present(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for column in TABLES[table].columns:
        value = row[column.name]
        if value is None or value == "":
            continue
        if column.kind is Kind.TIME:
            value = moment_text(value)
        elif column.kind in {Kind.TEXTS, Kind.IDS}:
            value = value.split("|")
        found[column.name] = value
    return found
