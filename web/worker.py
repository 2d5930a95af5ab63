"""The worker that gunicorn runs in each process: its threads, with connections spread evenly over the processes.

All processes accept from one socket. As gunicorn has it, the one that wakes first takes every connection that waits, so a
few clients that keep theirs can all meet in one process while the others rest (gunicorn's issues 2192, 2817 and 3433).
"""

from __future__ import annotations

import math
import mmap
import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

PATIENCE_SECONDS = 0.01
"""How long a process leaves a connection to one that has fewer; then it takes it nevertheless."""
_LOOK_SECONDS = 0.001
"""How often it looks meanwhile whether that still holds."""
_STALE_SECONDS = 2.0
"""For how long what a process told counts: every one that is well tells at least once a second."""
_SLOTS = 128
"""More processes than anybody starts: with more, two would tell in the same place, and be one for the others."""

_SHARED = memoryview(mmap.mmap(-1, 16 * _SLOTS)).cast("d")  # by all processes forked from the one that imports this
_HELD, _TOLD_AT = _SHARED[:_SLOTS], _SHARED[_SLOTS:]


class Worker(ThreadWorker):  # type: ignore[misc]
    """gunicorn's worker with threads, which leaves a connection to a process that has fewer, for a moment."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._slot = self.age % _SLOTS
        self._leaves_until = -math.inf

    def notify(self) -> None:
        """Tell the server that this process is well, and the other processes how many connections it has."""
        super().notify()
        _HELD[self._slot] = self.nr_conns if self.alive else math.inf
        _TOLD_AT[self._slot] = time.monotonic()

    def accept(self, listener: Any) -> None:
        """Take a connection, or leave it to a process with fewer, for a moment."""
        now = time.monotonic()
        if now > self._leaves_until + PATIENCE_SECONDS:  # nothing that waits now has been left before
            self._leaves_until = now + PATIENCE_SECONDS
        if self._is_leaving():
            self.set_accept_enabled(False)
        else:
            self._leaves_until = -math.inf
            super().accept(listener)
            _HELD[self._slot] = self.nr_conns

    def run(self) -> None:
        """Serve until told to stop, and tell the other processes that this one takes no more connections."""
        try:
            super().run()
        finally:
            _HELD[self._slot] = math.inf

    def set_accept_enabled(self, enabled: bool) -> None:  # noqa: FBT001 - as gunicorn has it
        """Begin or stop to accept connections; beginning waits while one is left to others."""
        if not (enabled and self._is_leaving()):
            super().set_accept_enabled(enabled)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Do what is due, waiting for it no longer than `timeout`, nor than until connections may be accepted again."""
        super().wait_for_and_dispatch_events(min(timeout, _LOOK_SECONDS) if self._is_leaving() else timeout)

    def _is_leaving(self) -> bool:
        return time.monotonic() < self._leaves_until and self._another_has_fewer()

    def _another_has_fewer(self) -> bool:
        since = time.monotonic() - _STALE_SECONDS
        return any(held < self.nr_conns and at > since for held, at in zip(_HELD, _TOLD_AT, strict=True))
