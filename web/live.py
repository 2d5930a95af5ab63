"""The models being served: one live version a tenant, followed as versions become live, and versions asked for by name.

A request is answered by one version throughout. Another one is loaded beside it, off the request, and takes its place in
one assignment; if it cannot be loaded, the old one goes on.
"""

from __future__ import annotations

import logging
import os
import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import Flask

from recommender import activation
from recommender.activation import CURRENT, live_version
from recommender.artifact import load_model, version_folder
from recommender.engine import Recommender
from recommender.errors import ArtifactError
from recommender.manifest import MANIFEST, Manifest, checked_name
from recommender.model import Model
from web.auth import current_tenant, require_scope
from web.catalogue import live_catalogue
from web.current import current_request, notes, this_app
from web.problems import Problem

PINNED = "X-Model-Version"
"""The header by which an administrator asks a version that is not live."""
_PINNED = "HTTP_" + PINNED.upper().replace("-", "_")
PINNABLE = {PINNED: "Asks a version that is not live, by its name; needs the scope `admin`."}
"""The headers of a route that `served` answers, for its operation."""
SERVED_ERRORS = (404, 409, 503)
"""The statuses of the problems `served` may raise or cause, for its operation."""
KEPT_VERSIONS = 2
"""Versions a tenant keeps in memory beside the live one, those asked for last."""
RETRY_SECONDS = 30.0
"""How often a live version that could not be loaded is tried again: its files may have been restored."""

_log = logging.getLogger("lpr.web")
_EXTENSION = "lpr_models"

Mark = tuple[int, int] | None
"""What changes when a file is replaced; None where there is none."""


@dataclass(frozen=True, slots=True)
class Served:
    """One loaded version: what it says of itself, the model, and what answers with it."""

    manifest: Manifest
    model: Model
    recommender: Recommender


Announce = Callable[[str, Served], None]
"""Is told a tenant and the version that answers it from now on."""


class LiveModel:
    """The live version of one tenant, and the few others that were asked for by name.

    Loading happens one at a time and never keeps those waiting who ask for what is loaded.
    """

    def __init__(self, root: Path, tenant: str, *, announce: Announce) -> None:
        self._root = root
        self.tenant = checked_name(tenant, what="tenant")
        self._announce = announce
        self.loading = threading.Lock()
        """Held by who loads a version."""
        self._shelf = threading.Lock()
        self._kept: OrderedDict[str, tuple[Mark, Served]] = OrderedDict()
        self._seen: Mark = None
        self._tried_at = float("-inf")
        self._live: tuple[Mark, Served] | None = None
        self.trouble = ""
        """Why the version that is live on disk is not the one being served; "" when it is."""

    @property
    def served(self) -> Served | None:
        """The version that answers, None while there is none."""
        return self._live[1] if self._live else None

    def get(self) -> Served:
        """Return the version to answer with, loading it if nobody did; ArtifactError if there is none."""
        if self._live is None and not self.trouble:
            self.follow()
        if self._live is None:
            raise ArtifactError(self.trouble)
        return self._live[1]

    def follow(self) -> None:
        """Serve what is live on disk, if the record of activations changed since it was last looked at."""
        mark = _mark(self._root / self.tenant / CURRENT)
        if self._is_settled(mark):
            return
        with self.loading:
            if not self._is_settled(mark):
                self._load_live(mark)

    def version(self, version: str) -> Served:
        """Return a version by name, live or not.

        Raises
        ------
        Problem
            404 if there is none of this name; 409, naming the file, if it is damaged.
        """
        self._check_exists(version)
        mark = _mark(version_folder(self._root, self.tenant, version) / MANIFEST)
        return self._held(version, mark) or self._pinned(version)

    def activate(self, version: str, *, at: datetime) -> Served:
        """Make a version live on disk and return what answers from now on: that, or one activated since.

        It is loaded first: one that cannot be leaves everything as it was.

        Raises
        ------
        Problem
            As `version`; 503 if the folder of models cannot be written.
        """
        self.version(version)
        try:
            activation.activate(self._root, self.tenant, version, at=at)
        except ArtifactError as error:
            raise self._conflict(error) from error
        except OSError as error:
            raise _unwritable(error) from error
        self.follow()
        return self.get()

    def rollback(self, *, at: datetime) -> Served:
        """Make the version live that was before, as `activate` does; Problem 409 if there is none."""
        try:
            before = activation.rollback_target(self._root, self.tenant)
            if before is not None:
                self.version(before)
            activation.rollback(self._root, self.tenant, at=at)
        except ArtifactError as error:
            raise self._conflict(error) from error
        except OSError as error:
            raise _unwritable(error) from error
        self.follow()
        return self.get()

    def _is_settled(self, mark: Mark) -> bool:
        waits = bool(self.trouble) and time.monotonic() - self._tried_at >= RETRY_SECONDS
        return mark == self._seen and (self._live is not None or bool(self.trouble)) and not waits

    def _load_live(self, mark: Mark) -> None:
        """Serve what is live on disk, or say why not; the caller holds the lock of loading."""
        self._tried_at = time.monotonic()
        try:
            version = live_version(self._root, self.tenant)
            found = self._load(version)
        except ArtifactError as error:
            if str(error) != self.trouble:
                _log.error("cannot serve the live version: %s", error)
            self.trouble = str(error)
        else:
            changed, self._live, self.trouble = found[1] is not self.served, found, ""
            with self._shelf:
                self._kept.pop(version, None)
            if changed:
                _log.info("serving version %s of tenant %s", version, self.tenant)
                self._announce(self.tenant, found[1])
        self._seen = mark

    def _pinned(self, version: str) -> Served:
        with self.loading:
            try:
                found = self._load(version)
            except ArtifactError as error:
                raise self._conflict(error) from error
        with self._shelf:
            if found != self._live:
                self._kept[version] = found
                self._kept.move_to_end(version)
            while len(self._kept) > KEPT_VERSIONS:
                self._kept.popitem(last=False)
        return found[1]

    def _load(self, version: str) -> tuple[Mark, Served]:
        """Return a version, from memory if it is there; the caller holds the lock of loading."""
        mark = _mark(version_folder(self._root, self.tenant, version) / MANIFEST)
        if (held := self._held(version, mark)) is not None:
            return mark, held
        manifest, model = load_model(self._root, self.tenant, version)
        return mark, Served(manifest, model, Recommender(model).prepared())

    def _held(self, version: str, mark: Mark) -> Served | None:
        """Return a version that is in memory and was not replaced on disk since."""
        live = self._live
        if live is not None and live[0] == mark and live[1].manifest.version == version:
            return live[1]
        with self._shelf:
            kept = self._kept.get(version)
            if kept is None or kept[0] != mark:
                return None
            self._kept.move_to_end(version)
            return kept[1]

    def _check_exists(self, version: str) -> None:
        try:
            there = version_folder(self._root, self.tenant, version).is_dir()
        except ArtifactError:
            there = False
        if not there:
            raise Problem(404, f"There is no saved version {version[:100]!r}.")

    def _conflict(self, error: ArtifactError) -> Problem:
        """Return the problem of a version that cannot be used, with files named from the models folder on."""
        return Problem(409, str(error).replace(f"{self._root}/", ""))


class Models:
    """The models of every tenant somebody asked for.

    A thread in each process that answers requests looks every `reload_seconds` whether other versions became live, and
    loads them; with 0 every request looks, and waits for what it finds.
    """

    def __init__(self, root: Path, *, reload_seconds: float, announce: Announce) -> None:
        self._root = root
        self._announce = announce
        self.reload_seconds = reload_seconds
        self._opening = threading.Lock()
        self._tenants: dict[str, LiveModel] = {}
        self._followed_by = 0

    def of(self, tenant: str) -> LiveModel:
        """Return the models of a tenant; ArtifactError if that is no name of one."""
        found = self._tenants.get(tenant)
        if found is None:
            with self._opening:
                found = self._tenants.setdefault(tenant, LiveModel(self._root, tenant, announce=self._tell))
        return found

    def served(self, tenant: str) -> Served:
        """Return the version that answers a tenant now; ArtifactError if there is none."""
        if self._followed_by != os.getpid():
            self.follow()
        held = self.of(tenant)
        if not self.reload_seconds:
            held.follow()
        return held.get()

    def follow(self) -> None:
        """Begin to follow activations in this process, which may have been forked from the one that loaded.

        What was loaded is announced, and looked at once more: it may have changed since.
        """
        with self._opening:
            if self._followed_by == os.getpid():
                return
            self._followed_by = os.getpid()
            held = list(self._tenants.values())
        for one in held:
            if one.served is not None:
                self._announce(one.tenant, one.served)
            one.follow()
        if self.reload_seconds:
            name = f"lpr-follow-{id(self)}"
            threading.Thread(
                target=_follow, args=(weakref.ref(self), self.reload_seconds), name=name, daemon=True
            ).start()

    def look(self) -> None:
        """Follow every tenant asked for so far."""
        for one in list(self._tenants.values()):
            one.follow()

    def _tell(self, tenant: str, found: Served) -> None:
        if self._followed_by == os.getpid():
            self._announce(tenant, found)


def _follow(models: weakref.ref[Models], seconds: float) -> None:
    """Look for activations for as long as somebody holds the models."""
    while True:
        time.sleep(seconds)
        held = models()
        if held is None:
            return
        try:
            held.look()
        except Exception as error:  # noqa: BLE001 - the thread must outlive whatever a folder of models holds
            _log.error("following activations failed", exc_info=error)
        del held


def _mark(path: Path) -> Mark:
    try:
        status = path.stat()
    except OSError:
        return None
    return (status.st_mtime_ns, status.st_ino)


def _unwritable(error: OSError) -> Problem:
    """Return the problem of a folder of models in which nothing can be recorded: a full or read-only disk, say."""
    _log.error("the record of activations cannot be written: %s", error)
    detail = f"The folder of models cannot be written ({error.strerror}); the live version is the one before."
    return Problem(503, detail, headers=[("Retry-After", "60")])


def attach(app: Flask, models: Models) -> None:
    """Make models an application's."""
    app.extensions[_EXTENSION] = models


def models_of(app: Flask) -> Models:
    """Return the models of an application."""
    found: Models = app.extensions[_EXTENSION]
    return found


def live_model() -> LiveModel:
    """Return the models of the tenant that asks."""
    return models_of(this_app()).of(current_tenant())


def served() -> Served:
    """Return the version this request is answered with, from the tenant's live catalogue; the same when asked again.

    Raises
    ------
    ArtifactError
        If no version is live.
    Problem
        Where the request names a version: 403 without the scope admin, 404 and 409 as `LiveModel.version`.
    """
    found: Served | None = notes().get("served")
    return answering(loaded()) if found is None else found


def loaded() -> Served:
    """Return the version this request asks, as it was loaded; raises as `served`."""
    asked, tenant = current_request().environ.get(_PINNED), current_tenant()
    if asked is None:
        return models_of(this_app()).served(tenant)
    require_scope("admin")
    return live_model().version(asked)


def answering(version: Served, *, seen: int | None = None) -> Served:
    """Return what answers this request, made of a loaded version; `seen` is the catalogue's revision where it is known."""
    noted = notes()
    found: Served | None = noted.get("served")
    if found is None:
        found = noted["served"] = live_catalogue(version, current_tenant(), seen=seen)
    return found
