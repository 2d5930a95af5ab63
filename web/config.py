"""What the service is told when it starts."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from recommender.errors import ConfigError
from web.current import this_app

MEBIBYTE = 1 << 20
DEFAULT_DATABASE = "sqlite:///lpr.db"
"""The database of a service that is told none: a file in the directory it is started in."""

_EXTENSION = "lpr_config"
_HOST = r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?"
_ORIGIN = re.compile(
    rf"(?:https://{_HOST}|https?://(?:localhost|127\.0\.0\.1|\[::1\]))(?::[0-9]{{1,5}})?", re.ASCII | re.IGNORECASE
)


def _now() -> int:
    return int(time.time())


@dataclass(frozen=True, slots=True)
class ServiceConfig:
    """The settings of one service.

    Parameters
    ----------
    models, tenant
        Where the saved models lie, and whose are served.
    database
        URL of the database; None: nothing is stored, and what is asked of stored people or courses gets 503.
    demo
        Whether who asks from this machine needs no key; nobody else is answered then. Without it everybody needs one.
    redis, rate_per_minute
        Where all processes count how often each key asks, None: each counts for itself; and how often a key may ask that
        says nothing else.
    workers
        How many processes there are.
    max_body_bytes
        Larger requests are refused with 413.
    decision_days
        How many days the decision log is kept.
    max_batch
        How many questions one batch may hold.
    reload_seconds
        How often each process looks whether other versions became live; 0: every request looks, and waits for them.
    request_log
        Whether each request is logged, as one line on standard output.
    public_url
        The origin under which browsers reach the service, for the links it issues; None: that of the request.
    frame_ancestors
        The origins whose pages may show ours in a frame; none unless said, in a demonstration its own.
    visit_hours
        How long a visit that a link began lasts.
    clock
        Returns now in seconds since 1970-01-01 UTC: the as-of of a request that names none.
    """

    models: Path = Path("models")
    tenant: str = "default"
    database: str | None = None
    demo: bool = True
    redis: str | None = None
    rate_per_minute: int = 6_000
    workers: int = 1
    max_body_bytes: int = MEBIBYTE
    decision_days: int = 180
    max_batch: int = 100
    reload_seconds: float = 0.25
    request_log: bool = False
    public_url: str | None = None
    frame_ancestors: tuple[str, ...] = ()
    visit_hours: int = 8
    clock: Callable[[], int] = _now

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> ServiceConfig:
        """Read the settings docs/operations.md names; LPR_DEMO is off and LPR_REQUEST_LOG on unless said.

        Raises
        ------
        ConfigError
            If a number is not a whole number above 0, a switch neither 0 nor 1, or an origin none.
        """
        default = cls()
        return cls(
            models=Path(environment.get("LPR_MODELS", str(default.models))),
            tenant=environment.get("LPR_TENANT", default.tenant),
            database=environment.get("LPR_DB", DEFAULT_DATABASE),
            demo=_switch(environment, "LPR_DEMO", default=False),
            redis=environment.get("LPR_REDIS") or None,
            rate_per_minute=_whole(environment, "LPR_RATE_PER_MINUTE", default.rate_per_minute, "requests"),
            workers=_whole(environment, "LPR_WORKERS", default.workers, "processes"),
            max_body_bytes=_whole(environment, "LPR_MAX_BODY_BYTES", default.max_body_bytes, "bytes"),
            max_batch=_whole(environment, "LPR_MAX_BATCH", default.max_batch, "questions"),
            decision_days=_whole(environment, "LPR_DECISION_DAYS", default.decision_days, "days"),
            request_log=_switch(environment, "LPR_REQUEST_LOG", default=True),
            public_url=_origin("LPR_PUBLIC_URL", environment["LPR_PUBLIC_URL"].removesuffix("/"))
            if environment.get("LPR_PUBLIC_URL")
            else None,
            frame_ancestors=tuple(
                _origin("LPR_FRAME_ANCESTORS", one) for one in environment.get("LPR_FRAME_ANCESTORS", "").split()
            ),
            visit_hours=_whole(environment, "LPR_VISIT_HOURS", default.visit_hours, "hours"),
        )


def _whole(environment: Mapping[str, str], name: str, default: int, unit: str) -> int:
    text = environment.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= 18 and int(text) > 0):
        raise ConfigError(f"{name}: found {text!r}; expected a whole number of {unit} above 0.")
    return int(text)


def _switch(environment: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = environment.get(name, str(int(default)))
    if text not in {"0", "1"}:
        raise ConfigError(f"{name}: found {text!r}; expected 0 or 1.")
    return text == "1"


def _origin(name: str, text: str) -> str:
    """Return an origin as browsers write it; without TLS only this machine is one."""
    if not _ORIGIN.fullmatch(text):
        raise ConfigError(f"{name}: found {text[:100]!r}; expected an origin such as https://lms.example.com.")
    return text.lower()


def configure(app: Flask, config: ServiceConfig) -> None:
    """Make settings an application's."""
    app.config["MAX_CONTENT_LENGTH"] = config.max_body_bytes
    app.config["MAX_FORM_MEMORY_SIZE"] = config.max_body_bytes
    app.extensions[_EXTENSION] = config


def settings() -> ServiceConfig:
    """Return the settings of the application that answers the current request."""
    return settings_of(this_app())


def settings_of(app: Flask) -> ServiceConfig:
    """Return the settings of an application."""
    config: ServiceConfig = app.extensions[_EXTENSION]
    return config
