"""`lpr recommend`: recommendations and paths for many people at once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from recommender import activation
from recommender.modes import MODES
from training.commands.output import (
    DIRECTORY,
    FILE,
    MOMENT,
    SHARE,
    engine_options,
    in_progress_option,
    json_option,
    limits_options,
    models_options,
    time_zone_option,
)
from training.progress import shown_on

if TYPE_CHECKING:
    from training.batching.run import Written

SHOWN_UNKNOWN = 10
"""At most this many unknown employee ids are printed; the count is of all."""
LIMITS = ("hours", "budget", "by", "hours_per_week")


@click.command()
@click.argument("data", type=DIRECTORY)
@models_options
@click.option("--version", help="A saved version; the live one unless said.")
@click.option("--employees", default="all", show_default=True, help="File: one id a line, or CSV employee_id,as_of.")
@click.option("--out", type=FILE, help=".csv or .parquet to write: employee_id, rank, course_id, score (+ as_of).")
@click.option("--paths-out", type=FILE, help=".csv or .parquet to write: the learning paths, a row a step.")
@click.option("--k", type=click.IntRange(1, 1000), default=10, show_default=True, help="Courses a person.")
@click.option("--target-role", help="Role everyone is asked about, instead of their own.")
@click.option("--mode", type=click.Choice(list(MODES)), help="compliance lists mandatory training alone.")
@click.option("--goal-weight", type=SHARE, help="0 what is likely, 1 what closes the gap.")
@limits_options
@click.option("--as-of", type=MOMENT, help="Moment looked from; just after the latest row unless said.")
@engine_options
@click.option("--restart", is_flag=True, help="Begin anew, whatever an earlier run left unfinished.")
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
    paths_out: Path | None,
    as_of: int | None,
    engine: str,
    scheduler: str | None,
    workers: int | None,
    time_zone: str,
    in_progress_below: float,
    *,
    restart: bool,
    as_json: bool,
    **asked_how: Any,
) -> None:
    """Recommend courses for all or some employees of DATA, find their learning paths, or both.

    Results are written while they are made and become FILE when all are there. A run that was stopped is continued by the
    same command; one with other tables, another model or other options begins anew and says so. --json prints one answer
    a line, in the shape of the service's, and is not continued. The limits are those of the paths.

    \b
    Example:
      lpr recommend var/sample --out var/next.csv --k 5
      lpr recommend var/sample --out var/next.parquet --paths-out var/paths.parquet
    """
    from recommender.path_parts import PathLimits
    from training.asking import just_after
    from training.batching.answering import Settings
    from training.batching.asks import asks_of
    from training.batching.run import Outputs, recommend_all
    from training.batching.work import check_outputs
    from training.engines import opened_engine
    from training.tables.load import load_dataset

    if out is None and paths_out is None and not as_json:
        raise click.UsageError("expected --out FILE, --paths-out FILE or --json: otherwise nothing is kept.")
    limits = PathLimits(**{name: asked_how.pop(name) for name in LIMITS})
    if paths_out is None and limits != PathLimits():
        raise click.UsageError(
            "--hours, --budget, --by and --hours-per-week are limits of paths; expected --paths-out too."
        )
    check_outputs(out, paths_out)
    version = version or activation.live_version(root, tenant)
    outputs = Outputs(out, paths_out, _print_answer if as_json else None)
    with shown_on() as progress, opened_engine(engine, scheduler, workers) as runs_on:
        dataset = load_dataset(
            data, time_zone=time_zone, in_progress_below=in_progress_below, progress=progress
        ).dataset
        asked = asks_of(dataset, employees, as_of=just_after(dataset) if as_of is None else as_of)
        settings = Settings(root, tenant, version, limits=limits, **asked_how)
        written = recommend_all(dataset, asked, settings, outputs, engine=runs_on, progress=progress, restart=restart)
    _report(written, outputs.files, asked.unknown)


def _print_answer(answer: dict[str, Any]) -> None:
    click.echo(json.dumps(answer, ensure_ascii=False))


def _report(written: Written, files: dict[str, Path], unknown: tuple[str, ...]) -> None:
    """Say on standard error what was done."""
    counts = written.counts
    said = [f"{counts.rows:,} recommendations"] if "paths" not in files or counts.rows else []
    if "paths" in files:
        said.append(f"{counts.steps:,} steps of {counts.employees - counts.without_path:,} paths")
    since = f", {written.continued:,} of them in an earlier run" if written.continued else ""
    click.echo(f"{' and '.join(said)} for {counts.employees:,} employees{since} in {written.seconds:.1f} s", err=True)
    if counts.without_path:
        click.echo(
            f"{counts.without_path:,} employees without a path: no target role, no gap or no way to close it", err=True
        )
    if written.note:
        click.echo(written.note, err=True)
    if unknown:
        shown = ", ".join(unknown[:SHOWN_UNKNOWN]) + (", …" if len(unknown) > SHOWN_UNKNOWN else "")
        click.echo(f"{len(unknown):,} unknown employees left out: {shown}", err=True)
