"""What is answered about a whole company, as schemas (see `web.answers`). No figure is of fewer than five people."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from web.answers import Amount, Answer, Count, Instant, Level, NamedSkill, Place, absent

Percent = Annotated[int, Field(ge=0, le=100)]
Kept = Annotated[int, Field(ge=5, le=95, description="Whole percent; 5 means 5 or less, 95 means 95 or more.")]
FivePeople = Annotated[int, Field(ge=5)]


class GroupFigures(Answer):
    """A group: how many people, the share of their need that is there, and of their levels that is only assumed.

    `skills` are shares by skill; one that is not there is not shown, or not needed.
    """

    people: FivePeople
    coverage: Kept = absent()
    assumed: Kept
    skills: dict[str, Kept]


class DepartmentFigures(GroupFigures):
    """A department."""

    department: str


class FamilyFigures(GroupFigures):
    """The holders of roles of a family."""

    role_family: str


class RoleFigures(GroupFigures):
    """The holders of a role."""

    role_id: str
    title: str
    role_family: str = absent()


class ClosingCourse(Answer):
    """A course that closes a gap: what share of it, and about how many people could start now and gain."""

    course_id: str
    title: str
    hours: Amount
    hours_assumed: bool = absent()
    cost: Amount = absent()
    closes: Percent
    starters: Annotated[FivePeople, Field(multiple_of=5)]


class GroupGap(NamedSkill):
    """A skill a group lacks: how much is there, what part of all that is missing it is, and how many lack some of it."""

    coverage: Kept
    share: Percent
    people: FivePeople = absent()
    courses: list[ClosingCourse]


class UntaughtSkill(NamedSkill):
    """A skill that roles need at a level no course teaches."""

    needed: Level
    taught: Level
    roles: Place


class UnreachedRole(Answer):
    """A role, and the share of its need the catalogue teaches."""

    role_id: str
    title: str
    reachable: Percent


class NamedCourse(Answer):
    """A course and its title."""

    course_id: str
    title: str


class CatalogueFigures(Answer):
    """What the catalogue lacks; lists hold the first 100, totals all."""

    courses: Count
    without_hours: Count
    without_skills: Count
    inferred_only: Count
    roles: Count
    roles_without_skills: Count
    untaught_total: Count
    untaught: list[UntaughtSkill]
    never_taken_total: Count
    never_taken: list[NamedCourse]
    unreached_total: Count
    unreached: list[UnreachedRole]


class SetAside(Answer):
    """Rows of the latest load that were set aside, and why."""

    table: str
    reason: str
    rows: Place


class SegmentAccuracy(Answer):
    """NDCG@10 on completions the model had not seen, for people of one kind, and that of popularity alone beside it."""

    segment: str
    ndcg: Annotated[float, Field(ge=0, le=1)]
    popularity: Annotated[float, Field(ge=0, le=1)] = absent()


class ModelFigures(Answer):
    """The model that answers, how old what it knows is, and what the database holds."""

    version: str
    created: Instant
    as_of: Instant
    age_days: Amount
    rows: dict[str, Count]
    set_aside: list[SetAside]
    notes: list[str]
    accuracy: list[SegmentAccuracy]


class InsightAnswer(Answer):
    """How far a company, or a part of it, covers what its roles need, and what would help."""

    model_version: str
    made_at: Instant
    department: str = absent()
    role_family: str = absent()
    people: FivePeople = absent()
    coverage: Kept = absent()
    assumed: Kept = absent()
    without_role: FivePeople = absent()
    skills: list[NamedSkill]
    departments: list[DepartmentFigures]
    families: list[FamilyFigures]
    roles: list[RoleFigures]
    not_shown: Count
    gaps: list[GroupGap]
    catalogue: CatalogueFigures
    model: ModelFigures
