"""Processes of the service that keep to one core each.

Python runs one thread of a process at a time. Where its threads run on different cores, what it works with moves from
one core's cache to the other's whenever the turn passes from thread to thread.
"""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress
from typing import Any

PINNED = "LPR_PIN_CORES"
"""1 in the environment has every process keep to a core."""
_CAN_PIN = hasattr(os, "sched_setaffinity")


def pre_fork(server: Any, worker: Any) -> None:
    """Choose the core of a process to come: one that the fewest others keep to."""
    if _CAN_PIN and os.environ.get(PINNED) == "1":
        taken = Counter(getattr(one, "core", None) for one in server.WORKERS.values())
        worker.core = min(sorted(os.sched_getaffinity(0)), key=lambda core: taken[core])


def post_fork(_server: Any, worker: Any) -> None:
    """Keep this process, and the threads it will start, to the core that was chosen, unless it was taken away since."""
    core = getattr(worker, "core", None)
    if core is not None:
        with suppress(OSError):
            os.sched_setaffinity(0, {core})
