"""What the service is told when it starts."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, current_app

from recommender.errors import ConfigError

MEBIBYTE = 1 << 20
DEFAULT_DATABASE = "sqlite:///lpr.db"
"""The database of a service that is told none: a file in the directory it is started in."""

_EXTENSION = "lpr_config"


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
    max_body_bytes
        Larger requests are refused with 413.
    reload_seconds
        How often each process looks whether other versions became live; 0: every request looks, and waits for them.
    request_log
        Whether each request is logged, as one line on standard output.
    clock
        Returns now in seconds since 1970-01-01 UTC: the as-of of a request that names none.
    """

    models: Path = Path("models")
    tenant: str = "default"
    database: str | None = None
    max_body_bytes: int = MEBIBYTE
    reload_seconds: float = 1.0
    request_log: bool = False
    clock: Callable[[], int] = _now

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> ServiceConfig:
        """Read LPR_MODELS, LPR_TENANT, LPR_DB, LPR_MAX_BODY_BYTES and LPR_REQUEST_LOG (0 or 1, on unless said).

        Raises
        ------
        ConfigError
            If LPR_MAX_BODY_BYTES is not a whole number above 0, or LPR_REQUEST_LOG neither 0 nor 1.
        """
        default = cls()
        limit = environment.get("LPR_MAX_BODY_BYTES", str(default.max_body_bytes))
        if not (limit.isascii() and limit.isdigit() and int(limit) > 0):
            raise ConfigError(f"LPR_MAX_BODY_BYTES: found {limit!r}; expected a whole number of bytes above 0.")
        log = environment.get("LPR_REQUEST_LOG", "1")
        if log not in {"0", "1"}:
            raise ConfigError(f"LPR_REQUEST_LOG: found {log!r}; expected 0 or 1.")
        return cls(
            models=Path(environment.get("LPR_MODELS", str(default.models))),
            tenant=environment.get("LPR_TENANT", default.tenant),
            database=environment.get("LPR_DB", DEFAULT_DATABASE),
            max_body_bytes=int(limit),
            request_log=log == "1",
        )


def configure(app: Flask, config: ServiceConfig) -> None:
    """Make settings an application's."""
    app.config["MAX_CONTENT_LENGTH"] = config.max_body_bytes
    app.config["MAX_FORM_MEMORY_SIZE"] = config.max_body_bytes
    app.extensions[_EXTENSION] = config


def settings() -> ServiceConfig:
    """Return the settings of the application that answers the current request."""
    config: ServiceConfig = current_app.extensions[_EXTENSION]
    return config
