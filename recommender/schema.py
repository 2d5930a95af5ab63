"""The canonical tables: every table and column the product reads, with types, ranges and references.

One home for column names and rules. Readers of foreign data, the directory loader, the database and the request
schemas all take them from here, so that a rule is stated once. docs/data.md describes the same tables in prose; a test
compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

DIFFICULTIES = ("beginner", "intermediate", "advanced", "expert")
SKILL_KINDS = ("technical", "human", "domain")
EVIDENCE_SOURCES = ("manager", "assessment", "credential", "completion", "self")
"""Who says that somebody has a skill, the most trusted first (design, section 2)."""
FEEDBACK_VERBS = ("not_interested", "already_know", "too_easy", "too_hard", "later")
IDENTITY_KINDS = ("mbox", "account", "openid", "mbox_sha1sum")
IN_PROGRESS_BELOW = 0.8
"""A completion row whose progress is lower counts as begun, not finished, unless a load is told another share."""
LEAST_HOURS_PER_WEEK = 0.01
"""Fewer hours a week than this, but 0, plan nothing: at half a minute a week an hour takes two years. A choice."""

LEAST_NUMBER, MOST_NUMBER = 2.0**-149, (2 - 2.0**-23) * 2.0**127
"""The smallest number above 0 and the largest in single precision, in which the numbers of tables are held."""

EVERYONE = "*"
"""In assignments: every employee, every role or every department."""


class Kind(Enum):
    """How the cells of a column are read."""

    ID = "id"
    IDS = "ids"
    TEXT = "text"
    TEXTS = "texts"
    NUMBER = "number"
    INTEGER = "integer"
    TIME = "time"
    BOOLEAN = "boolean"
    CHOICE = "choice"


class OnBad(Enum):
    """What one bad row does to a load."""

    STOP = "stop"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its name, how it is read and what it may hold.

    Parameters
    ----------
    name, kind
        Header and type. `IDS` and `TEXTS` are `|`-separated.
    required
        Absent column, or an empty cell in it, is an error.
    low, high
        Inclusive range of numbers; `above` is an exclusive lower bound.
    choices
        The allowed words of a `CHOICE`.
    references
        Name of the table whose ids the cells hold, or None.
    until
        A date without a time means the end of that day, not its beginning.
    wildcard
        An empty cell, or `EVERYONE`, matches all: an unknown id sets the row aside, for without it the row would
        match everyone.
    """

    name: str
    kind: Kind = Kind.TEXT
    required: bool = False
    low: float | None = None
    high: float | None = None
    above: float | None = None
    choices: tuple[str, ...] = ()
    references: str | None = None
    until: bool = False
    wildcard: bool = False

    @property
    def expected(self) -> str:
        """What a person may write here, in words."""
        match self.kind:
            case Kind.CHOICE:
                return "one of " + ", ".join(self.choices)
            case Kind.TIME:
                return "an ISO 8601 date or time, for example 2026-03-01 or 2026-03-01T09:30:00Z"
            case Kind.BOOLEAN:
                return "true or false"
            case Kind.NUMBER | Kind.INTEGER:
                noun = "a number" if self.kind is Kind.NUMBER else "a whole number"
                return noun + self._range_in_words()
            case Kind.ID | Kind.IDS:
                return f"an id of the table {self.references}" if self.references else "an id"
            case _:
                return "text"

    def _range_in_words(self) -> str:
        if self.above is not None:
            end = f" and at most {self.high:g}" if self.high is not None else ""
            return f" above {self.above:g}{end}"
        if self.low is not None and self.high is not None:
            return f" from {self.low:g} to {self.high:g}"
        return f" of at least {self.low:g}" if self.low is not None else ""


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its columns, its key, and whether a bad row stops a load or is set aside.

    `key` names the columns that identify a row (empty: rows need no identity). `feature` says what an absent table
    turns off.
    """

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    on_bad: OnBad = OnBad.STOP
    required: bool = False
    feature: str = ""

    def column(self, name: str) -> Column:
        """Return the column called `name`; KeyError if there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def required_columns(self) -> tuple[str, ...]:
        """Names of the columns that must be there."""
        return tuple(column.name for column in self.columns if column.required)


def _id(name: str, references: str | None = None, *, required: bool = True) -> Column:
    return Column(name, Kind.ID, required, references=references)


def _level(name: str, low: int, high: int = 5, *, required: bool = False) -> Column:
    return Column(name, Kind.INTEGER, required, low=low, high=high)


def _time(name: str, *, required: bool = False, until: bool = False) -> Column:
    return Column(name, Kind.TIME, required, until=until)


def _share(name: str, *, required: bool = False) -> Column:
    return Column(name, Kind.NUMBER, required, low=0, high=1)


_COURSES = Table(
    "courses",
    (
        _id("course_id"),
        Column("title", required=True),
        Column("description"),
        Column("provider"),
        Column("format"),
        Column("language"),
        Column("difficulty", Kind.CHOICE, choices=DIFFICULTIES),
        Column("hours", Kind.NUMBER, above=0),
        Column("cost", Kind.NUMBER, low=0),
        Column("url"),
        Column("uri"),
        Column("audience", Kind.TEXTS),
        Column("credential"),
        Column("tags", Kind.TEXTS),
        Column("prerequisites", Kind.IDS, references="courses"),
        Column("supersedes", Kind.IDS, references="courses"),
        _time("available_from"),
        _time("available_to", until=True),
        Column("published", Kind.BOOLEAN),
    ),
    key=("course_id",),
    required=True,
)

_COMPLETIONS = Table(
    "completions",
    (
        _id("employee_id"),
        _id("course_id", "courses"),
        _time("completed_at", required=True),
        _share("score"),
        _share("progress"),
        Column("origin", Kind.CHOICE, choices=("assigned", "self")),
    ),
    key=("employee_id", "course_id", "completed_at"),
    on_bad=OnBad.REJECT,
    required=True,
)

_EMPLOYEES = Table(
    "employees",
    (
        _id("employee_id"),
        Column("name"),
        _id("role_id", "roles", required=False),
        _id("target_role_id", "roles", required=False),
        _time("target_since"),
        Column("department"),
        Column("location"),
        Column("language"),
        _time("hired_at"),
        _id("manager_id", required=False),
        Column("hours_per_week", Kind.NUMBER, low=0, high=168),
        Column("budget", Kind.NUMBER, low=0),
    ),
    key=("employee_id",),
    feature="roles, target roles, departments and limits of people: everyone is known by history alone",
)

_ASSIGNMENTS = Table(
    "assignments",
    (
        _id("course_id", "courses"),
        Column("employee_id", Kind.ID, references="employees", wildcard=True),
        Column("role_id", Kind.ID, references="roles", wildcard=True),
        Column("department", wildcard=True),
        _time("due_at", until=True),
        Column("due_days", Kind.INTEGER, low=0),
        Column("recur_days", Kind.INTEGER, low=1),
    ),
    feature="mandatory training: nothing is listed as required",
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        _COURSES,
        _COMPLETIONS,
        Table(
            "progress",
            (_id("employee_id"), _id("course_id", "courses"), _share("progress", required=True), _time("at")),
            on_bad=OnBad.REJECT,
            feature="courses begun and not finished: they may be offered as new",
        ),
        Table(
            "identities",
            (
                _id("employee_id"),
                Column("kind", Kind.CHOICE, True, choices=IDENTITY_KINDS),
                Column("value", required=True),
            ),
            key=("kind", "value"),
            on_bad=OnBad.REJECT,
            feature="matching of xAPI actors: events must carry employee ids",
        ),
        _EMPLOYEES,
        Table(
            "skills",
            (_id("skill_id"), Column("name"), Column("kind", Kind.CHOICE, choices=SKILL_KINDS), Column("uri")),
            key=("skill_id",),
            feature="skill names and kinds: ids are shown instead",
        ),
        Table(
            "course_skills",
            (
                _id("course_id", "courses"),
                _id("skill_id", "skills"),
                _level("level", 1),
                _level("entry_level", 0, 4),
                Column("source", Kind.CHOICE, choices=("declared", "inferred")),
                Column("confidence", Kind.NUMBER, above=0, high=1),
            ),
            key=("course_id", "skill_id"),
            on_bad=OnBad.REJECT,
            feature="declared course skills: what courses teach is inferred if it can be, else no skill gap can be closed",
        ),
        Table(
            "roles",
            (_id("role_id"), Column("title", required=True), Column("family"), Column("description"), Column("uri")),
            key=("role_id",),
            feature="roles: nobody has a role or a target role",
        ),
        Table(
            "role_skills",
            (
                _id("role_id", "roles"),
                _id("skill_id", "skills"),
                _level("level", 1),
                Column("importance", Kind.NUMBER, above=0, high=1),
                Column("source"),
            ),
            key=("role_id", "skill_id"),
            on_bad=OnBad.REJECT,
            feature="what roles need: no gap and no coverage",
        ),
        Table(
            "skill_evidence",
            (
                _id("employee_id"),
                _id("skill_id", "skills"),
                _level("level", 0, required=True),
                Column("source", Kind.CHOICE, choices=EVIDENCE_SOURCES),
                _time("observed_at"),
            ),
            on_bad=OnBad.REJECT,
            feature="claims about skills: levels come from completions and roles alone",
        ),
        _ASSIGNMENTS,
        Table(
            "role_changes",
            (
                _id("employee_id"),
                _id("from_role_id", "roles", required=False),
                _id("to_role_id", "roles"),
                _time("changed_at", required=True),
            ),
            on_bad=OnBad.REJECT,
            feature="past roles: a back-dated run sees no role before today's",
        ),
        Table(
            "feedback",
            (
                _id("employee_id"),
                _id("course_id", "courses"),
                Column("verb", Kind.CHOICE, True, choices=FEEDBACK_VERBS),
                _time("at"),
            ),
            on_bad=OnBad.REJECT,
            feature="what people said of courses: nothing is dismissed",
        ),
    )
}
"""Every table by name, in the order they are read."""
