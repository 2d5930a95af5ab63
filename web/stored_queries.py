"""The query parameters of questions about stored people."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from web.schemas import MAX_K, Amount, Deadline, HoursPerWeek, Id, Ids, Mode, Strict, Words


class StoredTarget(Strict):
    """For which role, instead of the one the person aims at."""

    target_role: Id | None = None


class StoredLimits(StoredTarget):
    """Which single courses are acceptable."""

    max_hours: Amount | None = None
    max_cost: Amount | None = None
    language: Words = Field(default_factory=list)
    format: Words = Field(default_factory=list)
    exclude: Ids = Field(default_factory=list)
    only: Ids | None = None


class StoredQuery(StoredLimits):
    """For how many courses, and with which weights."""

    k: Annotated[int, Field(ge=1, le=MAX_K)] = 10
    mode: Mode | None = None
    goal_weight: Annotated[float, Field(ge=0, le=1)] | None = None


class StoredExplanationQuery(StoredQuery):
    """The question in whose answer the course has its place."""


class StoredPathQuery(StoredLimits):
    """Within which limits the path must lie, in all."""

    hours: Amount | None = None
    budget: Amount | None = None
    by: Deadline | None = None
    hours_per_week: HoursPerWeek | None = None


class StoredGapQuery(StoredTarget):
    """How many near roles are wanted."""

    adjacent: Annotated[int, Field(ge=0, le=MAX_K)] = 5
