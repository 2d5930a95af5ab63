"""How often a key may ask: so many requests in each minute, counted from its first one.

With Redis all processes count together. Without, or while Redis does not answer, each process counts its own share: the
limit divided by the processes.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from flask import Flask, Response
from limits import RateLimitItemPerMinute
from limits.errors import ConfigurationError, StorageError
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from recommender.errors import ConfigError
from web.auth import DEMO_KEY, TOO_MANY_REQUESTS, Caller
from web.config import ServiceConfig
from web.current import notes
from web.problems import Problem

WINDOW_SECONDS = 60
REDIS_SECONDS = 0.5
"""How long Redis may take to answer; it is then left alone for a while that doubles up to `MOST_PAUSE_SECONDS`."""
MOST_PAUSE_SECONDS = 32.0
MAX_COUNTED = 10_000
"""Windows in memory above which those that ended are forgotten."""

_log = logging.getLogger("lpr.web")


class Standing(NamedTuple):
    """How a key stands in its window after a request: requests allowed and left, seconds until the next window."""

    limit: int
    left: int
    seconds: int
    is_exceeded: bool


class MemoryWindows:
    """Requests counted in this process, in windows that begin with the first request of a key."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._counted: dict[str, tuple[float, int]] = {}

    def count(self, key: str, limit: int) -> Standing:
        """Count one request of a key."""
        now = self._clock()
        with self._lock:
            ends, n = self._counted.get(key, (0.0, 0))
            if n == 0 or ends <= now:
                self._forget_ended(now)
                ends, n = now + WINDOW_SECONDS, 0
            self._counted[key] = (ends, n + 1)
        return _standing(limit, limit - n - 1, ends - now)

    def _forget_ended(self, now: float) -> None:
        if len(self._counted) >= MAX_COUNTED:
            self._counted = {key: held for key, held in self._counted.items() if held[0] > now}


class RedisWindows:
    """Requests counted in Redis, for every process that names it."""

    def __init__(self, url: str) -> None:
        # The library hands them on as they are; only its signature knows no fractions.
        seconds: Any = REDIS_SECONDS
        storage = storage_from_string(
            url, wrap_exceptions=True, socket_connect_timeout=seconds, socket_timeout=seconds, key_prefix="lpr"
        )
        self._windows = FixedWindowRateLimiter(storage)
        self._asks_again_at = 0.0
        self._pause = 1.0

    def count(self, key: str, limit: int) -> Standing | None:
        """Count one request of a key; None while Redis does not answer."""
        if time.monotonic() < self._asks_again_at:
            return None
        minute = RateLimitItemPerMinute(limit)
        try:
            is_allowed = self._windows.hit(minute, key)
            ends, left = self._windows.get_window_stats(minute, key)
        except StorageError:
            if self._pause == 1.0:
                _log.warning("Redis does not answer: each process counts its share of the requests of a key")
            self._asks_again_at = time.monotonic() + self._pause
            self._pause = min(2 * self._pause, MOST_PAUSE_SECONDS)
            return None
        self._pause = 1.0
        return _standing(limit, left if is_allowed else -1, ends - time.time())


def limit_rates(app: Flask, config: ServiceConfig) -> None:
    """Refuse with 429 who asks too often, and say in each answer to a key how often it may still ask.

    Raises
    ------
    ConfigError
        If Redis is asked for and cannot be used.
    """
    try:
        shared = RedisWindows(config.redis) if config.redis else None
    except ConfigurationError as error:
        raise ConfigError(f"LPR_REDIS: {error}; expected redis://HOST:PORT/NUMBER and the extra `redis`.") from error
    own = MemoryWindows()

    @app.before_request
    def _count() -> None:
        noted = notes()
        found: Caller | None = noted.get("caller")
        if found is None or found.key_id == DEMO_KEY:
            return
        visiting, limit = noted.get("visitor"), found.rate_per_minute or config.rate_per_minute
        key = found.key_id if visiting is None else f"visit:{visiting.visit_id}"  # the requests of one visit together
        standing = shared.count(key, limit) if shared is not None else None
        standing = standing or own.count(key, max(1, limit // config.workers))
        noted["standing"] = standing
        if standing.is_exceeded:
            raise Problem(429, f"This key may ask {standing.limit} times a minute.", kind=TOO_MANY_REQUESTS)

    @app.after_request
    def _tell(answer: Response) -> Response:
        standing: Standing | None = notes().get("standing")
        if standing is not None:
            headers = answer.headers
            headers.add("RateLimit-Limit", str(standing.limit))
            headers.add("RateLimit-Remaining", str(standing.left))
            headers.add("RateLimit-Reset", str(standing.seconds))
            if standing.is_exceeded:
                headers["Retry-After"] = str(standing.seconds)
        return answer


def _standing(limit: int, left: int, seconds: float) -> Standing:
    return Standing(limit, max(0, left), max(1, math.ceil(seconds)), left < 0)
