"""How gunicorn is started: it runs `service:create_app()` in processes that share the model's memory-mapped pages."""

from __future__ import annotations

import os
import tempfile
from ipaddress import ip_address
from pathlib import Path


def is_loopback_host(host: str) -> bool:
    """Tell whether listening on a host can be reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def usable_cores() -> int:
    """Return how many cores this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_setaffinity") else os.cpu_count() or 1


def pins_by_itself(workers: int) -> bool:
    """Tell whether processes keep to cores unless told otherwise: where they fill every core equally.

    With fewer of them, those of several services of a machine would meet on its first cores.
    """
    return hasattr(os, "sched_setaffinity") and workers % usable_cores() == 0


def gunicorn_arguments(address: str, *, workers: int, threads: int) -> list[str]:
    """Return the arguments after `python` that start the service; its settings travel in the environment.

    `web/gunicorn_settings.py` has everything that is the same wherever it listens.
    """
    arguments = ["-m", "gunicorn", "--config", "python:web.gunicorn_settings", "--bind", address]
    return [*arguments, "--workers", str(workers), "--threads", str(threads)]


def metrics_directory() -> str:
    """Make the directory in which the processes count together, in memory where there is such a file system.

    The service removes it when it stops, knowing it by its name.
    """
    memory = Path("/dev/shm")
    parent = memory if memory.is_dir() and os.access(memory, os.W_OK) else None
    return tempfile.mkdtemp(prefix="lpr-metrics-", dir=parent)
