"""Statements as xAPI 1.0.3 (part 2) and 2.0 (IEEE 9274.1.1) have them: what is refused and what is taken.

Everything the standard allows is taken and kept. What a statement says in names, definitions and extensions is nobody's
business here, so their insides are not checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    RootModel,
    Tag,
    ValidationError,
    model_validator,
)

from recommender.moments import moment_text, parse_moment
from store.xapi import VOIDED
from web.problems import FieldError, field_errors, invalid, pointer

MAX_STATEMENTS = 1_000
MAX_BYTES = 1_000
"""Of one identifier: what is looked up must fit into an index of every database."""
FUTURE_SECONDS = 300
"""How far a platform's clock may be ahead."""

_TAGS = ("Agent", "Group", "Activity", "StatementRef", "SubStatement")
_DURATION = re.compile(
    r"P(?=.)(\d+([.,]\d+)?W|(\d+([.,]\d+)?Y)?(\d+([.,]\d+)?M)?(\d+([.,]\d+)?D)?"
    r"(T(?=\d)(\d+([.,]\d+)?H)?(\d+([.,]\d+)?M)?(\d+([.,]\d+)?S)?)?)",
    re.ASCII,
)
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+", re.ASCII)
_UUID = r"^[0-9A-Fa-f]{8}-([0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}$"
_MBOX = re.compile(r"[Mm][Aa][Ii][Ll][Tt][Oo]:[^@\s]+@[^@\s]+")


def _identifier(text: str) -> str:
    if not text.strip() or not text.isprintable() or len(text.encode()) > MAX_BYTES:
        raise ValueError(f"found {text!r:.60}; expected 1 to {MAX_BYTES} bytes of printable text")
    return text


def _iri(text: str) -> str:
    if not _IRI.fullmatch(text):
        raise ValueError(f"found {text!r:.60}; expected an IRI with its scheme, for example https://example.com/a")
    return text


def _mbox(text: str) -> str:
    if not _MBOX.fullmatch(text):
        raise ValueError("found no mail address; expected mailto: and an address")
    return text


def _duration(text: str) -> str:
    if not _DURATION.fullmatch(text):
        raise ValueError(f"found {text!r:.60}; expected an ISO 8601 duration, for example PT1H30M")
    return text


def _moment(text: object) -> object:
    parse_moment(text)
    return text


def _as_list(value: object) -> object:
    return [value] if isinstance(value, Mapping) else value


Identifier = Annotated[str, AfterValidator(_identifier)]
Iri = Annotated[Identifier, AfterValidator(_iri)]
Uuid = Annotated[str, Field(pattern=_UUID)]
Timestamp = Annotated[str, BeforeValidator(_moment), Field(max_length=64)]
Extensions = dict[str, Any]
LanguageMap = dict[str, str]
Version = Annotated[str, Field(pattern=r"^(1\.0|2\.0)(\.\d{1,4})?$")]


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False, populate_by_name=False)


class Account(_Part):
    """The name of somebody on a platform."""

    home_page: Iri = Field(alias="homePage")
    name: Identifier


class _Named(_Part):
    name: Annotated[str, Field(max_length=1_000)] | None = None
    mbox: Annotated[Identifier, AfterValidator(_mbox)] | None = None
    mbox_sha1sum: Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{40}$")] | None = None
    openid: Iri | None = None
    account: Account | None = None

    @property
    def n_identifiers(self) -> int:
        """How many identifiers there are; the standard allows one."""
        return sum(one is not None for one in (self.mbox, self.mbox_sha1sum, self.openid, self.account))


class Agent(_Named):
    """One person, by exactly one identifier."""

    object_type: Literal["Agent"] = Field("Agent", alias="objectType")

    @model_validator(mode="after")
    def _identified(self) -> Agent:
        if self.n_identifiers != 1:
            raise ValueError(
                f"found {self.n_identifiers} identifiers; expected exactly one of mbox, mbox_sha1sum, openid and account"
            )
        return self


class Group(_Named):
    """Several people, with one identifier or with members."""

    object_type: Literal["Group"] = Field(alias="objectType")
    member: Annotated[list[Agent], Field(max_length=1_000)] | None = None

    @model_validator(mode="after")
    def _identified(self) -> Group:
        if self.n_identifiers > 1 or (self.n_identifiers == 0 and not self.member):
            raise ValueError(f"found {self.n_identifiers} identifiers; expected one, or members")
        return self


def _kind(default: str) -> Discriminator:
    def kind(value: object) -> str:
        said = value.get("objectType", default) if isinstance(value, Mapping) else default
        return said if isinstance(said, str) else ""

    return Discriminator(kind)


Actor = Annotated[Annotated[Agent, Tag("Agent")] | Annotated[Group, Tag("Group")], _kind("Agent")]


class StatementVerb(_Part):
    """What was done."""

    id: Iri
    display: LanguageMap | None = None


class Activity(_Part):
    """What it was done with: by the standard an IRI; the `course_id` of a course is taken too."""

    id: Identifier
    object_type: Literal["Activity"] = Field("Activity", alias="objectType")
    definition: dict[str, Any] | None = None


class StatementRef(_Part):
    """Another statement."""

    id: Uuid
    object_type: Literal["StatementRef"] = Field(alias="objectType")


class Score(_Part):
    """How well it was done."""

    scaled: Annotated[float, Field(ge=-1, le=1)] | None = None
    raw: float | None = None
    min: float | None = None
    max: float | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Score:
        given = [one for one in (self.min, self.raw, self.max) if one is not None]
        if given != sorted(given) or (self.min is not None and self.min == self.max):
            raise ValueError("found numbers out of order; expected min below max, and raw between them")
        return self


class Result(_Part):
    """What came of it."""

    score: Score | None = None
    success: bool | None = None
    completion: bool | None = None
    response: str | None = None
    duration: Annotated[str, Field(max_length=100), AfterValidator(_duration)] | None = None
    extensions: Extensions | None = None


Activities = Annotated[list[Activity], BeforeValidator(_as_list), Field(max_length=1_000)]


class ContextActivities(_Part):
    """What it belongs to."""

    parent: Activities | None = None
    grouping: Activities | None = None
    category: Activities | None = None
    other: Activities | None = None


class ContextAgent(_Part):
    """Somebody who has to do with it (2.0)."""

    object_type: Literal["contextAgent"] = Field("contextAgent", alias="objectType")
    agent: Agent
    relevant_types: list[Iri] | None = Field(None, alias="relevantTypes")


class ContextGroup(_Part):
    """A group that has to do with it (2.0)."""

    object_type: Literal["contextGroup"] = Field("contextGroup", alias="objectType")
    group: Group
    relevant_types: list[Iri] | None = Field(None, alias="relevantTypes")


class Context(_Part):
    """Under which circumstances."""

    registration: Uuid | None = None
    instructor: Actor | None = None
    team: Group | None = None
    context_activities: ContextActivities | None = Field(None, alias="contextActivities")
    context_agents: list[ContextAgent] | None = Field(None, alias="contextAgents")
    context_groups: list[ContextGroup] | None = Field(None, alias="contextGroups")
    revision: str | None = None
    platform: str | None = None
    language: str | None = None
    statement: StatementRef | None = None
    extensions: Extensions | None = None


class Attachment(_Part):
    """A file that lies elsewhere; files within a request are not taken."""

    usage_type: Iri = Field(alias="usageType")
    display: LanguageMap
    description: LanguageMap | None = None
    content_type: str = Field(alias="contentType")
    length: int
    sha2: str
    file_url: Iri | None = Field(None, alias="fileUrl")

    @model_validator(mode="after")
    def _elsewhere(self) -> Attachment:
        if self.file_url is None:
            raise ValueError("found no fileUrl; files are not taken, expected an attachment that lies elsewhere")
        return self


class _Said(_Part):
    actor: Actor
    verb: StatementVerb
    result: Result | None = None
    context: Context | None = None
    timestamp: Timestamp | None = None
    attachments: Annotated[list[Attachment], Field(max_length=100)] | None = None


Thing = (
    Annotated[Activity, Tag("Activity")]
    | Annotated[Agent, Tag("Agent")]
    | Annotated[Group, Tag("Group")]
    | Annotated[StatementRef, Tag("StatementRef")]
)


class SubStatement(_Said):
    """A statement within a statement, about something intended or quoted; nothing follows from it."""

    object_type: Literal["SubStatement"] = Field(alias="objectType")
    object: Annotated[Thing, _kind("Activity")]


class Statement(_Said):
    """Who did what."""

    id: Uuid | None = None
    object: Annotated[Thing | Annotated[SubStatement, Tag("SubStatement")], _kind("Activity")]
    stored: Timestamp | None = None
    authority: Actor | None = None
    version: Version | None = None

    @model_validator(mode="after")
    def _voids_a_statement(self) -> Statement:
        if self.verb.id == VOIDED and not isinstance(self.object, StatementRef):
            raise ValueError("found another object; expected a StatementRef, for only statements are voided")
        return self


class Statements(RootModel[Statement | Annotated[list[Statement], Field(max_length=MAX_STATEMENTS)]]):
    """One statement or a list of them."""


class StatementIds(RootModel[list[str]]):
    """The ids of statements, in the order in which they were sent."""


class StatementList(BaseModel):
    """Statements, the newest first unless asked otherwise, and where the next ones are."""

    statements: list[dict[str, Any]]
    more: str


class StatementAnswer(RootModel[StatementList | dict[str, Any]]):
    """The statement asked for by its id, or a page of those that fit."""


class About(BaseModel):
    """The versions of xAPI that are understood."""

    version: list[str]


def checked_statements(document: object, *, now: int) -> list[dict[str, Any]]:
    """Return the statements of a JSON value, each as it was sent.

    Raises
    ------
    Problem
        400, naming every wrong field of every statement.
    """
    many = isinstance(document, list)
    batch: Sequence[Any] = document if isinstance(document, list) else [document]
    if len(batch) > MAX_STATEMENTS:
        raise invalid([FieldError("", f"found {len(batch):,} statements; expected at most {MAX_STATEMENTS:,}")])
    errors = [
        FieldError((f"/{i}" if many else "") + error.pointer, error.detail)
        for i, one in enumerate(batch)
        for error in _errors(one, now)
    ]
    if errors:
        raise invalid(errors)
    return [dict(one) for one in batch]


def checked_agent(document: object) -> dict[str, Any]:
    """Return the agent or identified group a query names; Problem 400 if it is none."""
    try:
        RootModel[Actor].model_validate(document)
    except ValidationError as error:
        raise invalid([FieldError("/agent" + one.pointer, one.detail) for one in _located(error)]) from error
    return dict(document) if isinstance(document, Mapping) else {}


def _errors(statement: object, now: int) -> list[FieldError]:
    try:
        Statement.model_validate(statement)
    except ValidationError as error:
        return _located(error)
    errors = [FieldError(at, "found null; expected a value, or no such field") for at in _nulls(statement, "")]
    said = statement.get("timestamp") if isinstance(statement, Mapping) else None
    if not errors and said is not None and parse_moment(said) > now + FUTURE_SECONDS:
        latest = moment_text(now + FUTURE_SECONDS)
        errors.append(FieldError("/timestamp", f"found {said!r:.60}; expected no later than {latest}"))
    return errors


def _located(error: ValidationError) -> list[FieldError]:
    """Return what a schema found wrong, without the kinds of objects among the parts of a pointer."""
    kinds = {pointer([kind]) for kind in _TAGS}
    found = []
    for one in field_errors(error):
        parts = [f"/{part}" for part in one.pointer.split("/")[1:]]
        found.append(FieldError("".join(part for part in parts if part not in kinds), one.detail))
    return found


def _nulls(value: object, at: str) -> Iterator[str]:
    """Yield pointers to the nulls outside of extensions: the standard has none."""
    if value is None:
        yield at
    elif isinstance(value, Mapping):
        for name, one in value.items():
            if name != "extensions":
                yield from _nulls(one, at + pointer([name]))
    elif isinstance(value, list):
        for i, one in enumerate(value):
            yield from _nulls(one, f"{at}/{i}")
