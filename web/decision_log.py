"""The decision log as requests see it: a queue that a thread of each process empties into the database.

A request never waits for it. A process that is killed loses what it showed in its last second; one told to stop, nothing.
While the database is down the latest `MAX_HELD` decisions are kept, older ones are dropped and counted.
"""

from __future__ import annotations

import logging
import os
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable

from flask import Flask

from recommender.errors import StoreUnavailable
from store.decisions import PIECE, Decision, Shown, append, forget_before
from web.auth import current_tenant
from web.config import ServiceConfig
from web.current import notes, this_app
from web.database import OpenDatabase, opened_database
from web.metrics import Metrics

EVERY_SECONDS = 0.5
"""How long a decision waits at most before it is written."""
AGAIN_SECONDS = 5.0
"""How long the database is left alone after it did not answer."""
FORGET_SECONDS = 3_600.0
"""How often what is too old is deleted."""
MAX_HELD = 20_000
DAY = 86_400

_EXTENSION = "lpr_decision_log"
_log = logging.getLogger("lpr.web")


class DecisionLog:
    """What one application shows, on its way into the database."""

    def __init__(self, database: OpenDatabase | None, *, days: int, clock: Callable[[], int], metrics: Metrics) -> None:
        self._database = database
        self._days = days
        self._clock = clock
        self._metrics = metrics
        self._starting = threading.Lock()
        self._pid = 0
        self._reset()

    def _reset(self) -> None:
        self._held = deque[Decision]()
        self._holding, self._writing = threading.Lock(), threading.Lock()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self._not_before = 0.0
        self._forget_at = time.monotonic() + FORGET_SECONDS

    def add(self, kind: str, employee_id: str, model_version: str, shown: Shown) -> None:
        """Note what the current request shows.

        Parameters
        ----------
        kind
            Of the answer: "recommendations", "path" or "explanation".
        employee_id
            Whom it is shown to; "" for a person described in the request.
        shown
            Courses in the order shown, each with its score; of a path, with the coverage after it.
        """
        if self._database is None:
            return
        request_id = notes().get("request_id", "")
        made = Decision(current_tenant(), employee_id or None, self._clock(), kind, model_version, request_id, shown)
        if self._pid != os.getpid():
            self._start()
        self._hold([made])

    def flush(self) -> None:
        """Write everything held, unless the database did not answer a moment ago."""
        with self._writing:
            while self._database is not None and self._held and time.monotonic() >= self._not_before:
                self._write(self._database, self._taken())

    def forget(self) -> None:
        """Delete what is older than the days it is kept, in small pieces, so that nobody waits for long."""
        if self._database is None:
            return
        try:
            database, n = self._database.get(), PIECE
            while n == PIECE and not self._closed.is_set():
                with database.change() as connection:
                    n = forget_before(connection, self._clock() - self._days * DAY)
        except Exception as error:  # noqa: BLE001 - the thread goes on with what is to be written
            _log.warning("old decisions are not deleted yet", exc_info=error)

    def close(self) -> None:
        """Write what is held and stop the thread; what is added later starts another."""
        if self._pid != os.getpid():
            return
        self._closed.set()
        if self._thread is not None:
            self._thread.join(AGAIN_SECONDS)
        self._not_before = 0.0
        self.flush()
        if lost := len(self._held):
            self._drop(lost)
            _log.error("%d decisions are lost: the database did not answer when the process stopped", lost)
        self._pid = 0

    def look(self) -> None:
        """Do what is due."""
        self.flush()
        if time.monotonic() >= self._forget_at:
            self._forget_at = time.monotonic() + FORGET_SECONDS
            self.forget()

    def _start(self) -> None:
        """Begin anew in this process, which may have been forked from one that held something."""
        with self._starting:
            if self._pid == os.getpid():
                return
            self._reset()
            name = f"lpr-decisions-{id(self)}"
            self._thread = threading.Thread(target=_run, args=(weakref.ref(self), self._closed), name=name, daemon=True)
            self._thread.start()
            self._pid = os.getpid()

    def _hold(self, made: list[Decision], *, first: bool = False) -> None:
        with self._holding:
            if first:
                self._held.extendleft(reversed(made))
            else:
                self._held.extend(made)
            too_many = len(self._held) - MAX_HELD
            for _ in range(too_many):
                self._held.popleft()
        if too_many > 0:
            self._drop(too_many)

    def _taken(self) -> list[Decision]:
        with self._holding:
            return [self._held.popleft() for _ in range(min(PIECE, len(self._held)))]

    def _write(self, database: OpenDatabase, some: list[Decision]) -> None:
        try:
            with database.get().change() as connection:
                append(connection, some)
        except StoreUnavailable as error:
            self._hold(some, first=True)
            self._not_before = time.monotonic() + AGAIN_SECONDS
            _log.warning("decisions wait to be written: %s", error)
        except Exception as error:  # noqa: BLE001 - the thread must outlive whatever one decision holds
            self._drop(len(some))
            _log.error("decisions could not be written", exc_info=error)
        else:
            self._metrics.decisions("written", len(some))

    def _drop(self, n: int) -> None:
        self._metrics.decisions("dropped", n)


def _run(log: weakref.ref[DecisionLog], closed: threading.Event) -> None:
    """Write what is held, again and again, for as long as somebody holds the log."""
    while not closed.wait(EVERY_SECONDS):
        held = log()
        if held is None:
            return
        held.look()
        del held


def attach_decision_log(app: Flask, config: ServiceConfig, metrics: Metrics) -> None:
    """Make a decision log an application's; one without a database logs nothing."""
    app.extensions[_EXTENSION] = DecisionLog(
        opened_database(app), days=config.decision_days, clock=config.clock, metrics=metrics
    )


def decision_log_of(app: Flask) -> DecisionLog:
    """Return the decision log of an application."""
    found: DecisionLog = app.extensions[_EXTENSION]
    return found


def decision_log() -> DecisionLog:
    """Return the decision log of the application that answers the current request."""
    return decision_log_of(this_app())
