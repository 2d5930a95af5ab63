"""How often a key may ask: so many requests in each minute, counted from its first one.

With Redis all processes count together. Without, or while Redis does not answer, each process counts its own share: the
limit divided by the processes.
"""

from __future__ import annotations

import logging
import math
import time
from typing import Any

from flask import Flask, Response, g
from flask_limiter import Limit, Limiter, RateLimitExceeded
from limits.errors import ConfigurationError, StorageError

from recommender.errors import ConfigError
from web.auth import DEMO_KEY, TOO_MANY_REQUESTS, Caller
from web.config import ServiceConfig
from web.problems import Problem

REDIS_SECONDS = 0.5
"""How long Redis may take to answer; it is then left alone for a while that doubles up to half a minute."""


def limit_rates(app: Flask, config: ServiceConfig) -> None:
    """Refuse with 429 who asks too often, and say in each answer to a key how often it may still ask.

    Raises
    ------
    ConfigError
        If Redis is asked for and cannot be used.
    """

    def whole() -> str:
        return _limit(1 if config.redis else config.workers)

    def share() -> str:
        return _limit(config.workers)

    def _limit(parts: int) -> str:
        found: Caller | None = g.get("caller")
        if found is None or found.key_id == DEMO_KEY:
            return ""
        return f"{max(1, (found.rate_per_minute or config.rate_per_minute) // parts)} per minute"

    limiter = Limiter(
        _key_id,
        application_limits=[whole],
        in_memory_fallback=[Limit(share, key_function=_key_id, scope="key", shared=True)],  # type: ignore[list-item]
        strategy="fixed-window",
        storage_uri=config.redis or "memory://",
        storage_options=_redis_options() if config.redis else {"wrap_exceptions": True},
        key_prefix="lpr",
    )
    try:
        limiter.init_app(app)
    except ConfigurationError as error:
        raise ConfigError(f"LPR_REDIS: {error}; expected redis://HOST:PORT/NUMBER and the extra `redis`.") from error
    logging.getLogger("flask-limiter").setLevel(logging.WARNING)

    @app.after_request
    def _tell(answer: Response) -> Response:
        _say_what_is_left(limiter, answer)
        return answer

    @app.errorhandler(RateLimitExceeded)
    def _exceeded(error: RateLimitExceeded) -> Response:
        limit = error.limit.limit.amount if error.limit else 0
        return Problem(429, f"This key may ask {limit} times a minute.", kind=TOO_MANY_REQUESTS).response()


def _say_what_is_left(limiter: Limiter, answer: Response) -> None:
    current = limiter.current_limit
    if current is None:
        return
    try:
        reset_at, remaining = current.window
    except StorageError:
        return
    seconds = max(1, math.ceil(reset_at - time.time()))
    answer.headers["RateLimit-Limit"] = str(current.limit.amount)
    answer.headers["RateLimit-Remaining"] = str(remaining)
    answer.headers["RateLimit-Reset"] = str(seconds)
    if current.breached:
        answer.headers["Retry-After"] = str(seconds)


def _key_id() -> str:
    """Return what counts together: the requests of a key, or of one visit to the pages."""
    visiting = g.get("visitor")
    if visiting is not None:
        return f"visit:{visiting.visit_id}"
    found: Caller = g.caller
    return found.key_id


def _redis_options() -> dict[str, str | int]:
    # The library hands them on as they are; only its signature knows no fractions.
    seconds: Any = REDIS_SECONDS
    return {"wrap_exceptions": True, "socket_connect_timeout": seconds, "socket_timeout": seconds}
