"""The tables of the database: the canonical ones, made from `recommender.schema`, and what the service keeps besides.

Every row belongs to a tenant. Times are whole seconds since 1970-01-01 UTC, lists are `|`-separated text, as in a data
directory, so that a table can be loaded, read back and written out again without a change.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
)
from sqlalchemy.types import TypeEngine

from recommender import schema
from recommender.schema import TABLES, Kind

DEFAULT_TENANT = "default"

metadata = MetaData(
    naming_convention={"pk": "pk_%(table_name)s", "ix": "ix_%(table_name)s_%(column_0_N_name)s"},
)

IDENTITY: dict[str, tuple[str, ...]] = {
    "courses": ("course_id",),
    "employees": ("employee_id",),
    "skills": ("skill_id",),
    "roles": ("role_id",),
    "course_skills": ("course_id", "skill_id"),
    "role_skills": ("role_id", "skill_id"),
    "identities": ("kind", "value"),
    "assignments": ("assignment_id",),
    "completions": ("employee_id", "course_id", "completed_at"),
    "progress": ("employee_id", "course_id", "at"),
    "skill_evidence": ("employee_id", "skill_id", "source", "observed_at"),
    "feedback": ("employee_id", "course_id", "at"),
    "role_changes": ("employee_id", "to_role_id", "changed_at"),
}
"""What makes a row of a canonical table the same row again, the tenant apart."""

FACTS = ("completions", "progress", "skill_evidence", "feedback", "role_changes")
"""Tables of dated facts about people: what identifies a row may be empty, so a hash of it, `fact_id`, is the key."""

CATALOGUE = ("courses", "skills", "course_skills", "roles", "role_skills")
"""Tables a change of which changes what is served to everybody."""

ORDERED = ("courses", "employees", "skills", "roles", "assignments")
"""Tables whose order in a data directory is kept, in `position`: who learns from the database learns the same."""

_TYPES: dict[Kind, type[TypeEngine[Any]]] = {
    Kind.NUMBER: Double,
    Kind.INTEGER: Integer,
    Kind.TIME: BigInteger,
    Kind.BOOLEAN: Boolean,
}


def fact_id(table: str, row: Mapping[str, Any]) -> str:
    """Return the id of a fact, 32 hexadecimal digits of the SHA-256 of what identifies it: the same again for the same."""
    natural = [row.get(name) for name in IDENTITY[table]]
    return hashlib.sha256(json.dumps([table, *natural]).encode()).hexdigest()[:32]


def _canonical(table: schema.Table) -> Table:
    """Return a canonical table with a tenant on every row."""
    key = ("fact_id",) if table.name in FACTS else IDENTITY[table.name]
    own = [Column(one, Text, nullable=False) for one in key if one in {"fact_id", "assignment_id"}]
    columns = [
        Column(one.name, _TYPES.get(one.kind, Text), nullable=not one.required and one.name not in key)
        for one in table.columns
    ]
    more: list[Any] = [Column("position", BigInteger, nullable=True)] if table.name in ORDERED else []
    if table.name == "courses":
        more += [
            Column("gone", Boolean, nullable=False, server_default="0"),
            Column("revision", BigInteger, nullable=False, server_default="0"),
            Index(None, "tenant", "uri"),
        ]
    elif table.name == "identities":
        more = [
            Column("form", Text, nullable=False),
            Column("sha1", Text, nullable=True),
            Column("sha1_as_given", Text, nullable=True),
            Index(None, "tenant", "form"),
            Index(None, "tenant", "sha1"),
            Index(None, "tenant", "sha1_as_given"),
        ]
    if key != ("employee_id",) and any(one.name == "employee_id" for one in table.columns):
        more.append(Index(None, "tenant", "employee_id"))
    return Table(
        table.name,
        metadata,
        Column("tenant", Text, nullable=False),
        *own,
        *columns,
        PrimaryKeyConstraint("tenant", *key),
        *more,
    )


canonical: dict[str, Table] = {name: _canonical(table) for name, table in TABLES.items()}
"""The canonical tables by name, in the order of `recommender.schema`."""


def key_of(table: str) -> tuple[str, ...]:
    """Return the columns that identify a row of a canonical table within its tenant."""
    return ("fact_id",) if table in FACTS else IDENTITY[table]


def insert_into(connection: Connection, table: Table) -> Any:
    """Return an insert in the dialect of a database, which knows what to do on conflict.

    No other dialect is imported: that would take a service longer to start.
    """
    dialect = import_module(f"sqlalchemy.dialects.{connection.dialect.name}")
    return dialect.insert(table)


def _text(name: str, *, key: bool = False, nullable: bool = False) -> Column[Any]:
    return Column(name, Text, nullable=nullable, primary_key=key)


def _moment(name: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, BigInteger, nullable=nullable)


tenants = Table(
    "tenants",
    metadata,
    _text("tenant", key=True),
    Column("revision", BigInteger, nullable=False, server_default="0"),
    Column("catalogue_revision", BigInteger, nullable=False, server_default="0"),
    _text("time_zone", nullable=True),
    _moment("created_at"),
)

api_keys = Table(
    "api_keys",
    metadata,
    _text("key_id", key=True),
    _text("tenant"),
    _text("name"),
    _text("scopes"),
    Column("secret_sha256", LargeBinary, nullable=False),
    Column("rate_per_minute", Integer, nullable=True),
    _moment("created_at"),
    _moment("expires_at", nullable=True),
    _moment("revoked_at", nullable=True),
    Index(None, "tenant"),
)

access_tokens = Table(
    "access_tokens",
    metadata,
    _text("token_id", key=True),
    _text("key_id"),
    _text("scopes"),
    Column("secret_sha256", LargeBinary, nullable=False),
    _moment("issued_at"),
    _moment("expires_at"),
    Index(None, "key_id"),
    Index(None, "expires_at"),
)

statements = Table(
    "statements",
    metadata,
    _text("tenant"),
    _text("statement_id"),
    _text("body"),
    _text("digest"),
    _text("status"),
    _text("verb"),
    _text("actor_kind", nullable=True),
    _text("actor_value", nullable=True),
    _text("activity", nullable=True),
    _text("target_statement_id", nullable=True),
    _text("effect"),
    Column("value", Double, nullable=True),
    _text("employee_id", nullable=True),
    _text("course_id", nullable=True),
    _text("fact_table", nullable=True),
    _text("fact_id", nullable=True),
    Column("voided", Boolean, nullable=False, server_default="0"),
    _moment("happened_at"),
    _moment("stored_at"),
    Column("sequence", BigInteger, nullable=False),
    PrimaryKeyConstraint("tenant", "statement_id"),
    Index(None, "tenant", "status"),
    Index(None, "tenant", "employee_id"),
    Index(None, "tenant", "actor_kind", "actor_value"),
    Index(None, "tenant", "activity"),
    Index(None, "tenant", "target_statement_id"),
    Index(None, "tenant", "sequence"),
    Index(None, "tenant", "fact_table", "fact_id"),
)
"""xAPI statements as received.

`status`: applied; pending: the person or the course is not known yet; stored: nothing to apply; withdrawn: what it made
was taken back by other means than a voiding statement. `effect`: completion, progress, void or none; `value` is its
score or progress. `fact_table` and `fact_id` name the fact that it made and that goes when it is voided.
"""

decisions = Table(
    "decisions",
    metadata,
    _text("decision_id", key=True),
    _text("tenant"),
    _text("employee_id", nullable=True),
    _moment("at"),
    _text("kind"),
    _text("model_version"),
    _text("request_id", nullable=True),
    _text("shown"),
    Index(None, "tenant", "employee_id"),
    Index(None, "at"),
)
"""What was shown to whom, by which model, with which scores (`shown`, JSON)."""

idempotency = Table(
    "idempotency",
    metadata,
    _text("tenant"),
    _text("key_id"),
    _text("idempotency_key"),
    _text("fingerprint"),
    Column("status", Integer, nullable=False),
    _text("body"),
    _text("headers"),
    _text("employee_id", nullable=True),
    _moment("at"),
    PrimaryKeyConstraint("tenant", "key_id", "idempotency_key"),
    Index(None, "at"),
    Index(None, "tenant", "employee_id"),
)

rejects = Table(
    "rejects",
    metadata,
    _text("reject_id", key=True),
    _text("tenant"),
    _text("table_name"),
    Column("row", BigInteger, nullable=False),
    _text("column_name"),
    _text("value"),
    _text("reason"),
    _text("employee_id", nullable=True),
    _moment("at"),
    Index(None, "tenant", "employee_id"),
)
"""What the latest load of a tenant set aside, and why."""

tombstones = Table(
    "tombstones",
    metadata,
    _text("tenant"),
    _text("digest"),
    _moment("at"),
    PrimaryKeyConstraint("tenant", "digest"),
)
"""Keyed hashes of erased people's ids and identities: nobody comes back by a late event or an old file."""

tickets = Table(
    "tickets",
    metadata,
    _text("ticket_id", key=True),
    _text("tenant"),
    _text("kind"),
    _text("employee_id", nullable=True),
    _text("key_id"),
    _text("secret_sha256"),
    _text("language"),
    _text("path"),
    _moment("created_at"),
    _moment("expires_at"),
    _moment("used_at", nullable=True),
    Index(None, "tenant", "employee_id"),
    Index(None, "key_id"),
    Index(None, "expires_at"),
)
"""Links into the pages that a key has issued, each good once: for an employee, or for the manager's overview."""

visits = Table(
    "visits",
    metadata,
    _text("visit_id", key=True),
    _text("tenant"),
    _text("kind"),
    _text("employee_id", nullable=True),
    _text("key_id"),
    _text("language"),
    _moment("created_at"),
    _moment("expires_at"),
    Index(None, "tenant", "employee_id"),
    Index(None, "key_id"),
    Index(None, "expires_at"),
)
"""Who looks at pages now. `visit_id` is the SHA-256 of what the browser's cookie holds, and `key_id` issued the link."""

secrets = Table("secrets", metadata, _text("name", key=True), Column("value", LargeBinary, nullable=False))
"""Keys the service makes for itself."""
