"""`lpr keys`: who may ask the service, for which tenant, and what."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from recommender.moments import moment_text
from store.scopes import SCOPES
from training.commands.output import DEADLINE, db_option, echo_json, echo_table, json_option

if TYPE_CHECKING:
    from store.database import Database
    from store.keys import Key


@click.group()
def keys() -> None:
    """Create, list and revoke the keys that clients of the service ask with.

    \b
    Example:
      lpr keys create --name lms --scope read
      lpr keys list
    """


@keys.command()
@db_option
@click.option("--tenant", default="default", show_default=True, help="Whose people, catalogue and models it opens.")
@click.option("--name", default="", help="What it is for, to tell keys apart.")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(SCOPES),
    multiple=True,
    default=["read"],
    show_default=True,
    help="What it may do, once for each; admin includes all others.",
)
@click.option(
    "--rate", type=click.IntRange(1, 1_000_000_000), help="Requests a minute; the service's own limit unless said."
)
@click.option("--expires", type=DEADLINE, help="Until when it is good; a date lasts until its end.")
@json_option
def create(
    db: str, tenant: str, name: str, scopes: tuple[str, ...], rate: int | None, expires: int | None, *, as_json: bool
) -> None:
    """Make a key and print it, this once: only its hash is kept. A new tenant is made with its first key.

    \b
    Example:
      lpr keys create --tenant acme --name lms --scope read --scope write
    """
    from store import keys as stored
    from store.database import now

    at = now()
    if expires is not None and expires <= at:
        raise click.BadParameter(f"found {moment_text(expires)}; expected a moment to come.", param_hint="--expires")
    with _opened(db) as database, database.change() as connection:
        key, text = stored.create(
            connection, tenant, name=name, scopes=scopes, at=at, rate_per_minute=rate, expires_at=expires
        )
    if as_json:
        echo_json({"key": text, **_described(key)})
        return
    click.echo(text)
    click.echo(f"The key {key.key_id} of tenant {tenant}. Keep it: it will not be shown again.", err=True)


@keys.command("list")
@db_option
@click.option("--tenant", help="Only this tenant's.")
@json_option
def list_keys(db: str, tenant: str | None, *, as_json: bool) -> None:
    """List every key without its secret, in the order they were made.

    \b
    Example:
      lpr keys list --tenant acme
    """
    from store import keys as stored
    from store.database import now

    with _opened(db) as database, database.read() as connection:
        found = [_described(key) | {"state": _state(key, now())} for key in stored.list_keys(connection, tenant=tenant)]
    if as_json:
        echo_json({"keys": found})
        return
    rows = [[*list(one.values())[:3], ",".join(one["scopes"]), *list(one.values())[4:]] for one in found]
    echo_table(
        ["key", "tenant", "name", "scopes", "rate", "created", "expires", "state"], [_shown(row) for row in rows]
    )


@keys.command()
@click.argument("key_id")
@db_option
@json_option
def revoke(key_id: str, db: str, *, as_json: bool) -> None:
    """Make a key and its tokens worthless; every process of a running service refuses it within 60 seconds.

    \b
    Example:
      lpr keys revoke k3v9x2m4q8ab
    """
    from store import keys as stored
    from store.database import now

    with _opened(db) as database, database.change() as connection:
        key = stored.revoke(connection, key_id, at=now())
    if key is None:
        raise click.BadParameter(f"there is no key {key_id[:40]!r}; `lpr keys list` names them.", param_hint="KEY_ID")
    if as_json:
        echo_json(_described(key) | {"state": "revoked"})
        return
    click.echo(f"revoked {key.key_id}")


@contextmanager
def _opened(db: str) -> Iterator[Database]:
    """Give a database in its present form, and close it afterwards."""
    from store.database import Database

    database = Database(db)
    try:
        database.migrate()
        yield database
    finally:
        database.close()


def _described(key: Key) -> dict[str, Any]:
    return {
        "key_id": key.key_id,
        "tenant": key.tenant,
        "name": key.name,
        "scopes": [scope for scope in SCOPES if scope in key.scopes],
        "rate_per_minute": key.rate_per_minute,
        "created_at": moment_text(key.created_at),
        "expires_at": None if key.expires_at is None else moment_text(key.expires_at),
    }


def _state(key: Key, at: int) -> str:
    if key.revoked_at is not None:
        return "revoked"
    return "expired" if key.expires_at is not None and key.expires_at <= at else "usable"


def _shown(row: list[Any]) -> list[Any]:
    return ["" if value is None else value for value in row]
