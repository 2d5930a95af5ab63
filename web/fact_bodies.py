"""The facts about a person that may be written, and what may stand in stored texts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from web.schemas import Id, Moment, Source, Strict, Verb


def _no_dots(text: str) -> str:
    if text in {".", ".."}:
        raise ValueError(f"found {text!r}, which a path cannot name; expected another id")
    return text


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("found the character U+0000; expected text without it")
    return text


StoredId = Annotated[Id, AfterValidator(_no_dots)]
"""An id as it may stand in a path."""
StoredText = Annotated[str, Field(max_length=10_000), AfterValidator(_without_nul)]
Share = Annotated[float, Field(ge=0, le=1)]


class CompletionBody(Strict):
    """A course completed, or begun where `progress` is below 0.8; without a time, just now."""

    course_id: StoredId
    completed_at: Moment | None = None
    score: Share | None = None
    progress: Share | None = None
    origin: Literal["assigned", "self"] | None = None


class FeedbackBody(Strict):
    """What the person says of a course; without a time, just now."""

    course_id: StoredId
    verb: Verb
    at: Moment | None = None


class EvidenceBody(Strict):
    """A claim that the person has a skill at a level; without a time, just now."""

    skill_id: StoredId
    level: Annotated[int, Field(ge=0, le=5)]
    source: Source = "self"
    observed_at: Moment | None = None
