"""A service that asks for keys: its database, keys of several tenants, and a database that stops."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from databases import POSTGRESQL
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text
from werkzeug.routing import Rule

from service import create_app
from store import keys
from store.database import Database
from web.config import ServiceConfig
from web.database import opened_database


@dataclass
class Guarded:
    """A service on a clock that stands still until it is set, and its database."""

    app: Flask
    url: str
    now: int

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def key(self, *scopes: str, tenant: str = "default", **more: Any) -> tuple[str, dict[str, str]]:
        """Make a key and return its id and the header to ask with."""
        with changed(self.url) as connection:
            key, whole = keys.create(connection, tenant, name="", scopes=scopes, at=self.now, **more)
        return key.key_id, {"Authorization": f"Bearer {whole}"}

    def revoke(self, key_id: str) -> None:
        with changed(self.url) as connection:
            assert keys.revoke(connection, key_id, at=self.now) is not None


@contextmanager
def changed(url: str) -> Iterator[Any]:
    database = Database(url)
    database.migrate()
    try:
        with database.change() as connection:
            yield connection
    finally:
        database.close()


@contextmanager
def guarded(models: Path, url: str, now: int, **settings: Any) -> Iterator[Guarded]:
    """Give a service that asks for keys, and close its database afterwards."""
    found = Guarded.__new__(Guarded)
    config = ServiceConfig(
        models=models, database=url, demo=False, reload_seconds=0, clock=lambda: found.now, **settings
    )
    found.now, found.url, found.app = now, url, create_app(config)
    try:
        yield found
    finally:
        close_database(found.app)


def close_database(app: Flask) -> None:
    opened = opened_database(app)
    assert opened is not None
    opened.close()


@contextmanager
def stopped(service: Guarded) -> Iterator[None]:
    """Let the database of a service answer nobody."""
    url = Database(service.url).url
    if url.get_backend_name() == "sqlite":
        file = Path(str(url.database))
        close_database(service.app)
        file.rename(file.with_suffix(".away"))
        file.mkdir()
        try:
            yield
        finally:
            file.rmdir()
            file.with_suffix(".away").rename(file)
        return
    server = create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT")
    try:
        with server.connect() as connection:
            connection.execute(text(f"ALTER DATABASE {url.database} ALLOW_CONNECTIONS false"))
            ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
            connection.execute(text(ended), {"name": url.database})
        yield
        with server.connect() as connection:
            connection.execute(text(f"ALTER DATABASE {url.database} ALLOW_CONNECTIONS true"))
    finally:
        server.dispose()


def routes(app: Flask) -> list[tuple[str, Rule]]:
    """Return every method and route of a service, those Flask adds itself apart."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]
    return [(method, rule) for rule in rules for method in sorted(set(rule.methods or ()) - {"HEAD", "OPTIONS"})]


def path_of(app: Flask, rule: Rule, ids: dict[str, str]) -> str:
    """Return the path of a route with ids in it, `x` where none is given."""
    values = {name: ids.get(name, "x") for name in rule.arguments}
    with app.test_request_context():
        built = app.url_map.bind("localhost").build(rule.endpoint, values, method=sorted(rule.methods or ())[-1])
    return str(built)
