"""Which ids may be named in a write: those stored, and those the live model knows."""

from __future__ import annotations

from collections.abc import Iterable

from recommender.arrays import NONE
from recommender.errors import ArtifactError
from store import references
from store.database import Connection
from web.live import served


def known(connection: Connection, tenant: str, what: str, ids: Iterable[str]) -> set[str]:
    """Return those ids that are known; `what` is courses, skills, roles or employees.

    A tenant without a catalogue of its own is answered from the model's, so what that knows may be named too.
    """
    asked = set(ids)
    found = references.known(connection, tenant, what, asked)
    return found | _of_model(what, asked - found)


def _of_model(what: str, ids: set[str]) -> set[str]:
    if not ids or what == "employees":
        return set()
    try:
        model = served().model
    except ArtifactError:
        return set()
    there = {"courses": model.catalog.ids, "skills": model.skills.ids, "roles": model.roles.ids}[what]
    return {one for one in ids if there.find(one) != NONE}
