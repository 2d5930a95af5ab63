"""The model being served: loaded at the start, and again when another version becomes live."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, current_app

from recommender.activation import CURRENT, live_version
from recommender.artifact import load_model
from recommender.engine import Recommender
from recommender.errors import ArtifactError
from recommender.manifest import Manifest
from recommender.model import Model

_log = logging.getLogger("lpr.web")
_EXTENSION = "lpr_live_model"


@dataclass(frozen=True, slots=True)
class Served:
    """One loaded version: what it says of itself, the model, and what answers with it."""

    manifest: Manifest
    model: Model
    recommender: Recommender


class LiveModel:
    """Holds the live version of a tenant and follows activations made by other processes.

    A request keeps the version it began with. While a new version is loading, or if it cannot be loaded, requests are
    answered by the old one.
    """

    def __init__(self, root: Path, tenant: str, *, reload_seconds: float) -> None:
        self._root = root
        self._tenant = tenant
        self._reload_seconds = reload_seconds
        self._lock = threading.Lock()
        self._served: Served | None = None
        self._seen: tuple[int, int] | None = None
        self._looked_at = float("-inf")
        self.trouble = ""
        """Why the version that is live on disk is not the one being served; "" when it is."""

    def get(self) -> Served:
        """Return the version to answer with; ArtifactError if there is none."""
        if time.monotonic() - self._looked_at >= self._reload_seconds and self._lock.acquire(
            blocking=self._served is None
        ):
            try:
                self._look()
            finally:
                self._lock.release()
        if self._served is None:
            raise ArtifactError(self.trouble)
        return self._served

    def _look(self) -> None:
        """Load the live version if the record of activations changed since it was last looked at."""
        self._looked_at = time.monotonic()
        mark = self._mark()
        if self._served is not None and mark == self._seen:
            return
        try:
            version = live_version(self._root, self._tenant)
            if self._served is None or self._served.manifest.version != version:
                manifest, model = load_model(self._root, self._tenant, version)
                self._served = Served(manifest, model, Recommender(model))
                _log.info("serving version %s", version)
        except ArtifactError as error:
            self.trouble = str(error)
            _log.error("cannot serve the live version: %s", error)
        else:
            self.trouble = ""
        self._seen = mark

    def _mark(self) -> tuple[int, int] | None:
        try:
            status = (self._root / self._tenant / CURRENT).stat()
        except OSError:
            return None
        return (status.st_mtime_ns, status.st_ino)


def attach(app: Flask, live: LiveModel) -> None:
    """Make a live model an application's."""
    app.extensions[_EXTENSION] = live


def live_model() -> LiveModel:
    """Return the live model of the application that answers the current request."""
    live: LiveModel = current_app.extensions[_EXTENSION]
    return live


def served() -> Served:
    """Return the version this request is answered with; ArtifactError if there is none."""
    return live_model().get()
