"""What the routes of events answer, as schemas."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, RootModel


class StatementIds(RootModel[list[str]]):
    """The ids of statements, in the order in which they were sent."""


class StatementList(BaseModel):
    """Statements, the newest first unless asked otherwise, and where the next ones are."""

    statements: list[dict[str, Any]]
    more: str


class OneStatement(BaseModel):
    """A statement as it was sent, with the id and the times it was given."""

    model_config = ConfigDict(extra="allow")

    id: str
    actor: dict[str, Any]
    verb: dict[str, Any]
    object: dict[str, Any]


class StatementsFound(RootModel[StatementList | OneStatement]):
    """The statements that fit, or the one that was named."""


class About(BaseModel):
    """The versions of xAPI that are understood."""

    version: list[str]
