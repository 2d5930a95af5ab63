"""`lpr recommend` and `lpr serve`: answers for many people at once, and for one at a time."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click

from recommender import activation, artifact
from recommender.modes import MODES
from training.commands.output import (
    DIRECTORY,
    FILE,
    MOMENT,
    SHARE,
    db_option,
    in_progress_option,
    json_option,
    models_options,
    time_zone_option,
)
from training.progress import shown_on

SHOWN_UNKNOWN = 10
"""At most this many unknown employee ids are printed; the count is of all."""


@click.command()
@click.argument("data", type=DIRECTORY)
@models_options
@click.option("--version", help="A saved version; the live one unless said.")
@click.option("--employees", default="all", show_default=True, help="File: one id a line, or CSV employee_id,as_of.")
@click.option("--out", type=FILE, help="CSV to write: employee_id, rank, course_id, score (+ as_of).")
@click.option("--k", type=click.IntRange(1, 1000), default=10, show_default=True, help="Courses a person.")
@click.option("--target-role", help="Role everyone is asked about, instead of their own.")
@click.option("--mode", type=click.Choice(list(MODES)), help="compliance lists mandatory training alone.")
@click.option("--goal-weight", type=SHARE, help="0 what is likely, 1 what closes the gap.")
@click.option("--as-of", type=MOMENT, help="Moment looked from; just after the latest row unless said.")
@click.option("--workers", type=click.IntRange(min=1), help="Processes; one a core unless said.")
@time_zone_option
@in_progress_option
@json_option
def recommend(
    data: Path,
    root: Path,
    tenant: str,
    version: str | None,
    employees: str,
    out: Path | None,
    k: int,
    target_role: str | None,
    mode: str | None,
    goal_weight: float | None,
    as_of: int | None,
    workers: int | None,
    time_zone: str,
    in_progress_below: float,
    *,
    as_json: bool,
) -> None:
    """Recommend courses for all or some employees of DATA.

    The CSV appears when it is complete. --json prints one answer a line, in the shape of the service's.

    \b
    Example:
      lpr recommend var/sample --out var/next.csv --k 5
    """
    from training.asking import just_after
    from training.batch import Settings, asks_of, recommend_all
    from training.tables.load import load_dataset

    if out is None and not as_json:
        raise click.UsageError("expected --out FILE, --json or both: otherwise nothing is kept.")
    version = version or activation.live_version(root, tenant)
    with shown_on() as progress:
        dataset = load_dataset(
            data, time_zone=time_zone, in_progress_below=in_progress_below, progress=progress
        ).dataset
        asked = asks_of(dataset, employees, as_of=just_after(dataset) if as_of is None else as_of)
        settings = Settings(root, tenant, version, k=k, target_role=target_role, mode=mode, goal_weight=goal_weight)
        written = recommend_all(
            dataset,
            asked,
            settings,
            out=out,
            each=(lambda answer: click.echo(json.dumps(answer, ensure_ascii=False))) if as_json else None,
            workers=workers or os.cpu_count() or 1,
            progress=progress,
        )
    click.echo(
        f"{written.n_rows:,} recommendations for {written.n_employees:,} employees in {written.seconds:.1f} s", err=True
    )
    if written.note:
        click.echo(written.note, err=True)
    if asked.unknown:
        shown = ", ".join(asked.unknown[:SHOWN_UNKNOWN]) + (", …" if len(asked.unknown) > SHOWN_UNKNOWN else "")
        click.echo(f"{len(asked.unknown):,} unknown employees left out: {shown}", err=True)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; loopback only with --demo.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes a free one.")
@click.option("--workers", type=click.IntRange(min=1), help="Processes; one a core unless said.")
@click.option("--threads", type=click.IntRange(min=1), default=2, show_default=True, help="Threads a process.")
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
    from store.database import Database
    from training.server import gunicorn_arguments, is_loopback_host, metrics_directory

    if demo and not is_loopback_host(host):
        raise click.UsageError(
            f"--host: found {host!r}; expected localhost or a loopback address such as 127.0.0.1. With --demo the service "
            "asks for no keys, so it must not be reachable from other machines."
        )
    Database(db)  # refuses a URL that names no database, before anything starts
    artifact.verify(root, tenant, activation.live_version(root, tenant))
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    n_workers = workers or os.cpu_count() or 1
    arguments = gunicorn_arguments(address, workers=n_workers, threads=threads)
    os.environ["LPR_WORKERS"], os.environ["LPR_REQUEST_LOG"] = str(n_workers), str(int(access_log))
    os.environ["LPR_MODELS"], os.environ["LPR_TENANT"], os.environ["LPR_DB"] = str(root.resolve()), tenant, db
    os.environ["LPR_DEMO"] = str(int(demo))
    if redis:
        os.environ["LPR_REDIS"] = redis
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = metrics_directory()
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, *arguments])
