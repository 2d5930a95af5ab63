"""`lpr evaluate`: how good the model is on what people did later, beside the baselines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from training.commands.output import (
    DIRECTORY,
    FILE,
    NumberType,
    echo_json,
    engine_options,
    in_progress_option,
    json_option,
    tables_arguments,
    time_zone_option,
)
from training.progress import Progress, shown_on

WIDTH = 140
"""Columns of the table where there is no terminal to ask."""


@click.command()
@tables_arguments
@click.option("--tenant", default="default", show_default=True, help="Whose tables, with --db, and whose live model.")
@click.option(
    "--report", type=DIRECTORY, default=Path("var/evaluation"), show_default=True, help="Where the results are kept."
)
@click.option("--config", "config_path", type=FILE, help="TOML file of settings of the fit.")
@click.option("--cuts", type=click.IntRange(min=1), default=3, show_default=True, help="Moments to look from.")
@click.option("--horizon-days", type=NumberType(min=0, min_open=True), help="Days judged after each cut.")
@click.option("--max-employees", type=click.IntRange(min=1), help="Judge this many, drawn at random; all unless said.")
@click.option(
    "--max-followed",
    type=click.IntRange(min=0),
    default=500,
    show_default=True,
    help="People a cut, drawn at random, whose lists are followed to their role; 0 leaves it out.",
)
@click.option("--models", "root", type=DIRECTORY, help="Folder of saved models: the live one is asked the same.")
@click.option(
    "--learning-curve", is_flag=True, help="Fit the last cut on some of the people too: 25 and 50 % of the data."
)
@click.option("--baselines-only", is_flag=True, help="Leave the model out.")
@click.option("--threads", type=click.IntRange(min=1), help="1 makes equal input give equal results.")
@engine_options
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of drawing and of intervals.")
@time_zone_option
@in_progress_option
@json_option
def evaluate(
    data: Path | None,
    db: str | None,
    tenant: str,
    report: Path,
    root: Path | None,
    config_path: Path | None,
    cuts: int,
    horizon_days: float | None,
    max_employees: int | None,
    max_followed: int,
    threads: int | None,
    engine: str,
    scheduler: str | None,
    workers: int | None,
    seed: int,
    time_zone: str,
    in_progress_below: float,
    *,
    baselines_only: bool,
    learning_curve: bool,
    as_json: bool,
) -> None:
    """Fit on the past, test on the future: the model and every baseline at several cuts.

    Prints tables and writes report.html, metrics.json, tables.md and, where roles need skills, goal_tradeoff.svg into the
    report. A run that was stopped goes on where it was when started again with the same settings.

    \b
    Example:
      lpr evaluate var/sample --cuts 2 --report var/evaluation
      lpr evaluate var/sample --models models --learning-curve
      lpr evaluate var/sample --engine dask --scheduler tcp://10.0.0.1:8786
    """
    from rich.console import Console

    from training.config import read_config
    from training.engines import opened_engine
    from training.evaluate import EvaluationConfig
    from training.evaluate import evaluate as run
    from training.evaluation_report import show
    from training.inference.course_skills import with_course_skills
    from training.judged import JudgedModel, may_be_shown
    from training.live_version import live_of
    from training.report.evaluated import made_with
    from training.report.facts import table_facts
    from training.sources.database import tables_of
    from training.tables.load import load_dataset

    config = read_config(config_path, threads=threads)
    judged = JudgedModel(config)
    with shown_on() as progress, opened_engine(engine, scheduler, workers) as runs_on:
        with tables_of(data, db, tenant, progress=progress) as tables:
            loaded = load_dataset(tables, time_zone=time_zone, in_progress_below=in_progress_below, progress=progress)
        dataset, told = with_course_skills(loaded.dataset, config.infer.course_skills, progress=progress)
        metrics = run(
            dataset,
            fit_model=None if baselines_only else judged.fit,
            eligible=may_be_shown,
            report_dir=report,
            config=EvaluationConfig(
                n_cuts=cuts,
                horizon_days=horizon_days,
                max_employees=max_employees,
                max_followed=max_followed,
                seed=seed,
                threads=config.threads,
            ),
            model_key=judged.key,
            scorers=judged.scorers,
            planners=judged.planners,
            live="no folder of models was given; `--models` names one" if root is None else live_of(root, tenant),
            with_learning_curve=learning_curve,
            engine=runs_on,
            progress=progress,
        )
        metrics |= {"tables": table_facts(loaded, dataset), "made_with": made_with(config), "notes": told}
        written = _written(metrics, report, progress)
    for line in told:
        click.echo(line, err=True)
    if as_json:
        echo_json(metrics)
        return
    console = Console()
    show(metrics, console if console.is_terminal else Console(width=WIDTH))
    for line in written:
        click.echo(line)


def _written(metrics: dict[str, Any], report: Path, progress: Progress) -> tuple[str, ...]:
    """Write what was measured, as figures, tables, drawing and page; return what to say of it."""
    from training.evaluation_report import docs_tables, write_metrics
    from training.goals.report import draw_goals
    from training.report.evaluated import evaluated_report
    from training.report.page import write_page

    path = write_metrics(metrics, report)
    (report / "tables.md").write_text(docs_tables(metrics), encoding="utf-8")
    draw_goals(metrics["goals"], report)
    page = write_page(evaluated_report(metrics), report, progress=progress)
    return f"written to {path}", f"its report: {page}"
