"""The live catalogue: a served model answers from the courses, skills and roles its tenant's database holds now."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flask import Flask

from recommender.catalog import Catalog, Roles, Skills
from recommender.engine import Recommender
from recommender.errors import StoreUnavailable
from recommender.query import Query
from recommender.translation import later_tables
from store.catalogue import catalogue_of
from store.database import CONNECT_SECONDS, Database, revision_of
from web.current import this_app
from web.database import OpenDatabase, opened_database

if TYPE_CHECKING:
    from web.live import Served

PAUSE_SECONDS = 1.0
"""How long a process whose database does not answer goes on without asking it again."""
KEPT_VERSIONS = 3
"""Versions of the model a tenant's catalogue is kept for: the live one and two asked for by name."""

_log = logging.getLogger("lpr.web")
_EXTENSION = "lpr_catalogues"

Tables = tuple[Catalog, Skills, Roles]


def answering_from(served: Served, tables: Tables | None, *, last: Served | None = None) -> Served:
    """Return a version that answers from later tables, nothing refitted; from its own where there are none.

    `served` is the version as it was loaded: what it knew and the tables do not say stays known. `last` is what answered
    with it before: what has not changed since is not encoded again.
    """
    if tables is None:
        return served
    catalog, skills, roles = tables
    later = later_tables(served.model, catalog, skills, roles if len(roles) else None)
    model = served.model.with_tables(*later, last=None if last is None else last.model)
    return replace(served, model=model, recommender=Recommender(model).prepared())


@dataclass(frozen=True, slots=True)
class _Kept:
    """A version as it was loaded, and as it answers from the catalogue of a revision."""

    loaded: Served
    revision: int
    answering: Served


class LiveCatalogue:
    """The catalogue of one tenant: read again when its revision rose, by one thread while the others wait."""

    def __init__(self, opened: OpenDatabase, tenant: str) -> None:
        self._opened = opened
        self._tenant = tenant
        self._reading = threading.Lock()
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._read: tuple[int, Tables | None] | None = None
        self._asks_again_at = 0.0

    def of(self, served: Served, *, seen: int | None = None) -> Served:
        """Return a loaded version answering from the catalogue as it is now; from the last known while nobody can tell.

        `seen` is the revision of the catalogue where that was just read: it is not asked for again unless it rose.
        """
        kept = self._of_version(served)
        if kept is not None and kept.revision == seen:
            return kept.answering
        if time.monotonic() >= self._asks_again_at:
            # Others go on meanwhile: a server that is lost may keep the one who asks waiting for seconds.
            was_lost, self._asks_again_at = self._asks_again_at > 0, self._asks_again_at and _in(CONNECT_SECONDS)
            try:
                kept = self._followed(served, kept)
            except StoreUnavailable as error:
                self._asks_again_at = _in(PAUSE_SECONDS)
                if not was_lost:
                    _log.warning("answering from the catalogue known last: %s", error)
            else:
                self._asks_again_at = 0.0
        return served if kept is None else kept.answering

    def _followed(self, served: Served, kept: _Kept | None) -> _Kept:
        database = self._opened.get()
        revision = database.revision(self._tenant).catalogue
        if kept is not None and kept.revision == revision:
            return kept
        with self._reading:
            kept = self._of_version(served)
            if kept is not None and kept.revision >= revision:
                return kept
            revision, tables = self._tables_of(database)
            kept = _Kept(
                served, revision, answering_from(served, tables, last=None if kept is None else kept.answering)
            )
            self._keep(kept)
        return kept

    def _tables_of(self, database: Database) -> tuple[int, Tables | None]:
        """Return the catalogue as it is now and its revision, read if it changed since; the caller holds the lock.

        Another version of the model answers from what was read for the one before: it is neither read nor held twice.
        """
        with database.read() as connection:
            revision = revision_of(connection, self._tenant).catalogue
            if self._read is None or self._read[0] != revision:
                self._read = (revision, catalogue_of(connection, self._tenant))
        return self._read

    def _of_version(self, served: Served) -> _Kept | None:
        kept = self._kept.get(served.manifest.version)
        return kept if kept is not None and kept.loaded is served else None

    def _keep(self, kept: _Kept) -> None:
        """Keep a version, and forget those read longest ago; the caller holds the lock."""
        version = kept.loaded.manifest.version
        self._kept[version] = kept
        self._kept.move_to_end(version)
        while len(self._kept) > KEPT_VERSIONS:
            self._kept.popitem(last=False)


class LiveCatalogues:
    """The catalogues of every tenant somebody asked for."""

    def __init__(self, opened: OpenDatabase) -> None:
        self._opened = opened
        self._tenants: dict[str, LiveCatalogue] = {}

    def of(self, tenant: str) -> LiveCatalogue:
        """Return the catalogue of a tenant."""
        found = self._tenants.get(tenant)
        return found or self._tenants.setdefault(tenant, LiveCatalogue(self._opened, tenant))


def attach_catalogues(app: Flask) -> None:
    """Make an application answer from the catalogues of its database, if it has one."""
    opened = opened_database(app)
    if opened is not None:
        app.extensions[_EXTENSION] = LiveCatalogues(opened)


def prepare_catalogue(app: Flask, served: Served, tenant: str) -> None:
    """Read a tenant's catalogue and answer one question, so that processes forked later share what either makes.

    No connection to the database is left open.
    """
    opened, catalogues = opened_database(app), app.extensions.get(_EXTENSION)
    if opened is not None and catalogues is not None:
        served = catalogues.of(tenant).of(served)
        opened.close()
    served.recommender.recommend(Query(as_of=served.model.as_of), k=1)


def live_catalogue(served: Served, tenant: str, *, seen: int | None = None) -> Served:
    """Return a loaded version as `LiveCatalogue.of` does; unchanged in a service without a database."""
    catalogues: LiveCatalogues | None = this_app().extensions.get(_EXTENSION)
    return served if catalogues is None else catalogues.of(tenant).of(served, seen=seen)


def _in(seconds: float) -> float:
    return time.monotonic() + seconds
