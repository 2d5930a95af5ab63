"""How gunicorn runs the service: `lpr serve` names this module; another start can, with `-c python:web.gunicorn_settings`.

Where it listens, processes and threads are arguments of `lpr serve`; docs/operations.md says why each value is what it is.
"""

from __future__ import annotations

import gc
import os
import shutil
from pathlib import Path
from typing import Any

from gunicorn.glogging import Logger  # type: ignore[import-untyped]
from prometheus_client.multiprocess import mark_process_dead

from web.cores import post_fork, pre_fork
from web.decision_log import decision_log_of
from web.live import models_of
from web.logs import configure_logs
from web.metrics import DIRECTORY

__all__ = ("post_fork", "pre_fork")  # hooks like those below

gc.disable()  # until `when_ready`: what a start makes stays, and looking at it again and again takes a fifth of the start

OWN_DIRECTORY = "lpr-metrics-"
"""How the name of a metrics directory begins that `lpr serve` made, and that goes when the service stops."""

wsgi_app = "service:create_app()"
preload_app = True
worker_class = "web.worker.Worker"
timeout = 60
graceful_timeout = 30
keepalive = 5
limit_request_line = 8_190
limit_request_fields = 64
limit_request_field_size = 8_190
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None
control_socket_disable = True


class logger_class(Logger):  # type: ignore[misc]  # noqa: N801 - the setting's name
    """gunicorn's own messages in the service's log; its access log, which has paths in it, never."""

    def setup(self, cfg: Any) -> None:
        """Send everything to the service's log."""
        self.cfg = cfg
        configure_logs()
        self.error_log.handlers.clear()
        self.error_log.propagate = True

    def access(self, *_: object) -> None:
        """Log nothing: the service logs its requests itself."""


def when_ready(_server: Any) -> None:
    """Keep the collector of the processes to come away from what is loaded: to look at it would copy its pages.

    What could be collected now is left there: the pages it would free are shared (Python's documentation of `gc.freeze`).
    """
    gc.freeze()
    gc.enable()


def post_worker_init(worker: Any) -> None:
    """Collect, though settings read again turned that off, and follow activations before the first request."""
    gc.enable()
    models_of(worker.wsgi).follow()


def worker_exit(_server: Any, worker: Any) -> None:
    """Write what the process that stops still holds of the decision log."""
    if getattr(worker, "wsgi", None) is not None:
        decision_log_of(worker.wsgi).close()


def child_exit(_server: Any, worker: Any) -> None:
    """Take what a stopped process said of itself out of the metrics; what it counted stays."""
    if os.environ.get(DIRECTORY):
        mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server: Any) -> None:
    """Remove the metrics directory, unless it was given or another server took over."""
    folder = Path(os.environ.get(DIRECTORY, ""))
    if folder.name.startswith(OWN_DIRECTORY) and not server.reexec_pid:
        shutil.rmtree(folder, ignore_errors=True)
