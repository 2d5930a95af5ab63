"""Figures of a whole company for its managers: made at most every ten minutes, off the request, and kept without people.

Going through everybody takes seconds in a large company. A thread does it; who asks meanwhile gets the figures of before,
and the first to ask waits a second at most.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, replace

from flask import current_app

from recommender.arrays import NONE
from recommender.catalogue_health import CatalogueHealth, catalogue_health
from recommender.insight import Insight, insight_of
from recommender.tally import Tally
from store.database import Database, revision_of
from store.holdings import Holdings, holdings_of
from store.people import everyone
from web.asking import model_moment
from web.auth import current_tenant
from web.catalogue import live_catalogue
from web.config import settings
from web.database import store
from web.live import Served, models_of
from web.person import build_query
from web.schemas import NO_LISTS, GapRequest
from web.stored import AHEAD, described_person

KEPT_SECONDS = 600
"""How old figures get before they are made anew, if anything changed; longer where making them takes long."""
KEPT_UNCHANGED_SECONDS = 86_400
"""How old they get if nothing did."""
MOST_SHARE = 0.05
"""The part of its time a process spends on them at most, in a company so large that this means less often."""
WAIT_SECONDS = 0.8
"""How long a request waits for figures that are being made for the first time."""

_log = logging.getLogger("lpr.web")
_EXTENSION = "lpr_insight"


@dataclass(frozen=True, slots=True)
class Overview:
    """What is known of a company: the figures, the catalogue's health, how much data there is, when, by which model."""

    insight: Insight
    health: CatalogueHealth
    holdings: Holdings
    live: Served
    made_at: int
    revision: int
    seconds: float
    """How long it took."""


def make_overview(database: Database, live: Served, tenant: str, *, now: int) -> Overview:
    """Go through everybody and return the overview; StoreUnavailable if the database is lost."""
    model, began = live.model, time.perf_counter()
    moment = max(now, model_moment(live))
    tally = Tally(model, moment)
    with database.read() as connection:
        revision = revision_of(connection, tenant).all
        for person in everyone(connection, tenant):
            as_of = max(moment, person.latest(until=moment + AHEAD)) + 1
            asked = GapRequest.model_construct(**NO_LISTS, person=described_person(person, as_of=as_of))
            query, _ = build_query(
                asked, catalog=model.catalog, roles=model.roles, skills=model.skills.ids, as_of=as_of
            )
            tally.add(replace(query, target_role_idx=NONE))
        holdings = holdings_of(connection, tenant)
    health = catalogue_health(model, taken=tally.taken, as_of=moment)
    found = insight_of(tally)
    return Overview(found, health, holdings, live, now, revision, time.perf_counter() - began)


class _Making:
    """An overview under way: `error` is why it could not be made, once `done`."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.error: Exception | None = None


class Overviews:
    """The latest overview of each tenant somebody asked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, Overview] = {}
        self._making: dict[str, _Making] = {}

    def get(self, database: Database, live: Served, tenant: str, *, now: int, wait: float) -> Overview | None:
        """Return the overview of a tenant, and begin to make the next one if it is due; None while it is the first.

        Raises
        ------
        Exception
            What kept the first from being made.
        """
        kept = self._kept.get(tenant)
        if kept is not None and _holds(kept, live, database.revision(tenant).all, now):
            return kept
        making = self._begin(database, live, tenant, now)
        if kept is not None:
            return kept
        if making.done.wait(wait) and making.error is not None:
            raise making.error
        return self._kept.get(tenant)

    def _begin(self, database: Database, live: Served, tenant: str, now: int) -> _Making:
        with self._lock:
            making = self._making.get(tenant)
            if making is None or making.done.is_set():
                making = self._making[tenant] = _Making()
                arguments = (making, database, live, tenant, now)
                threading.Thread(target=self._make, args=arguments, name="lpr-insight", daemon=True).start()
            return making

    def _make(self, making: _Making, database: Database, live: Served, tenant: str, now: int) -> None:
        try:
            self._kept[tenant] = make_overview(database, live, tenant, now=now)
        except Exception as error:  # noqa: BLE001 - whoever waits is told, and the log
            _log.error("the overview could not be made: %s", error)
            making.error = error
        finally:
            making.done.set()


def _holds(kept: Overview, live: Served, revision: int, now: int) -> bool:
    age = now - kept.made_at
    if kept.live.manifest.version != live.manifest.version or age < 0:
        return False
    return age < max(KEPT_SECONDS, kept.seconds / MOST_SHARE) or (
        revision == kept.revision and age < KEPT_UNCHANGED_SECONDS
    )


def overview(*, wait: float = WAIT_SECONDS) -> Overview | None:
    """Return the overview of the tenant that asks, None while the first is being made.

    Raises
    ------
    ArtifactError
        If no model is live.
    StoreUnavailable
        If the database does not answer.
    """
    tenant = current_tenant()
    live = live_catalogue(models_of(current_app).served(tenant), tenant)
    held: Overviews = current_app.extensions.setdefault(_EXTENSION, Overviews())
    return held.get(store(), live, tenant, now=settings().clock(), wait=wait)
