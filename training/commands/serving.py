"""`lpr serve`: answers over HTTP, for one person at a time."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import click

from recommender import activation, artifact
from training.commands.output import db_option, models_options


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; loopback only with --demo.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes a free one.")
@click.option("--workers", type=click.IntRange(min=1), help="Processes; one a core unless said.")
@click.option("--threads", type=click.IntRange(min=1), default=2, show_default=True, help="Threads a process.")
@click.option(
    "--pin-cores/--no-pin-cores",
    default=None,
    help="Keep each process to one core (Linux). Unless said, done where processes fill all cores equally.",
)
@db_option
@click.option("--demo", is_flag=True, envvar="LPR_DEMO", help="Answer this machine without keys, and nobody else.")
@click.option("--redis", envvar="LPR_REDIS", help="redis://HOST:PORT/NUMBER: rate limits exact over processes.")
@click.option("--access-log/--no-access-log", default=True, show_default=True, help="A line a request, without paths.")
@models_options
def serve(
    host: str,
    port: int,
    workers: int | None,
    threads: int,
    db: str,
    redis: str | None,
    root: Path,
    tenant: str,
    *,
    pin_cores: bool | None,
    demo: bool,
    access_log: bool,
) -> None:
    """Serve the live model, and what the database holds, over HTTP on this machine.

    Whoever asks needs a key of `lpr keys create`. With --demo nobody does, and it listens on loopback addresses only.

    \b
    Example:
      lpr serve --models models --demo
      lpr serve --models models --db sqlite:///lpr.db --host 0.0.0.0
    """
    from training.server import (
        gunicorn_arguments,
        is_loopback_host,
        metrics_directory,
        pins_by_itself,
        usable_cores,
    )

    if demo and not is_loopback_host(host):
        raise click.UsageError(
            f"--host: found {host!r}; expected localhost or a loopback address such as 127.0.0.1. With --demo the service "
            "asks for no keys, so it must not be reachable from other machines."
        )
    _check_database(db)
    artifact.verify(root, tenant, activation.live_version(root, tenant))
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    n_workers = workers or usable_cores()
    pinned = pins_by_itself(n_workers) if pin_cores is None else pin_cores
    arguments = gunicorn_arguments(address, workers=n_workers, threads=threads)
    os.environ["LPR_WORKERS"], os.environ["LPR_REQUEST_LOG"] = str(n_workers), str(int(access_log))
    os.environ["LPR_MODELS"], os.environ["LPR_TENANT"], os.environ["LPR_DB"] = str(root.resolve()), tenant, db
    os.environ["LPR_DEMO"], os.environ["LPR_PIN_CORES"] = str(int(demo)), str(int(pinned))
    if redis:
        os.environ["LPR_REDIS"] = redis
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = metrics_directory()
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, *arguments])


def _check_database(url: str) -> None:
    """Refuse a URL that names no database, before anything starts; ConfigError says what is expected.

    The name of a file needs no more than a look: SQLAlchemy, which takes longest to import, is left to the service.
    """
    if re.fullmatch(r"sqlite:///[\w./-]+", url) is None:
        from store.database import Database

        Database(url)
