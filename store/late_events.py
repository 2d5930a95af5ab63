"""Statements that come after a person was erased: what they did is not kept, and nobody else's statement names them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection

from store.erasure import EMPLOYEE, any_erased
from store.identities import Identity, identity_of
from store.mentions import NOBODY

Json = dict[str, Any]
_IDENTIFIERS = frozenset({"mbox", "mbox_sha1sum", "openid", "account"})


def without_erased(connection: Connection, tenant: str, statements: Mapping[str, Json]) -> dict[str, Json]:
    """Return the statements but those of people who were erased, without those people in the others."""
    named = set(_agents(list(statements.values())))
    erased = _erased(connection, tenant, named)
    if not erased:
        return dict(statements)
    return {key: _redacted(one, erased) for key, one in statements.items() if identity_of(one["actor"]) not in erased}


def _erased(connection: Connection, tenant: str, named: Collection[Identity]) -> set[Identity]:
    """Return those who were erased; an account whose name is the id of an employee is that employee."""
    by_kind = defaultdict[str, dict[str, list[Identity]]](lambda: defaultdict(list))
    for kind, form in named:
        by_kind[kind][form].append((kind, form))
        if kind == "account":
            by_kind[EMPLOYEE][form.partition("|")[2]].append((kind, form))
    return {
        one
        for kind, meant in by_kind.items()
        for value in any_erased(connection, tenant, kind, meant)
        for one in meant[value]
    }


def _agents(value: Any) -> Iterator[Identity]:
    """Yield everybody whom a JSON value names as an agent."""
    if isinstance(value, Mapping):
        found = _agent(value)
        if found is not None:
            yield found
        for one in value.values():
            yield from _agents(one)
    elif isinstance(value, list):
        for one in value:
            yield from _agents(one)


def _agent(value: Mapping[str, Any]) -> Identity | None:
    """Return whom a JSON object names; None if it is no agent, as one within an extension need not be."""
    account = value.get("account")
    if isinstance(account, Mapping) and not {"homePage", "name"} <= account.keys():
        return None
    return identity_of(value) if _IDENTIFIERS & value.keys() else None


def _redacted(value: Any, erased: Collection[Identity]) -> Any:
    if isinstance(value, Mapping):
        if _agent(value) in erased:
            return NOBODY
        return {name: _redacted(one, erased) for name, one in value.items()}
    return [_redacted(one, erased) for one in value] if isinstance(value, list) else value
