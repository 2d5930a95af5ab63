"""Keys the service makes for itself, each once for an installation, kept in the table `secrets`."""

from __future__ import annotations

import secrets as random

from sqlalchemy import Connection, select

from store.tables import insert_into, secrets

_BYTES = 32


def kept_secret(connection: Connection, name: str) -> bytes | None:
    """Return a key made before; None if there is none of this name."""
    found = connection.execute(select(secrets.c.value).where(secrets.c.name == name)).scalar_one_or_none()
    return None if found is None else bytes(found)


def made_secret(connection: Connection, name: str) -> bytes:
    """Return the key of a name, 256 random bits, made now if there is none; of two who make it at once, one wins.

    `connection` is one for changes: both then see the key that was kept.
    """
    made = insert_into(connection, secrets).values(name=name, value=random.token_bytes(_BYTES))
    connection.execute(made.on_conflict_do_nothing(index_elements=["name"]))
    found = kept_secret(connection, name)
    if found is None:
        raise RuntimeError(f"the key {name} was kept and is not there")
    return found
