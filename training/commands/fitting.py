"""`lpr fit`: from a data directory, or the database, to a saved model."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from recommender import activation, artifact
from recommender.errors import ArtifactError, ConfigError
from recommender.manifest import Manifest, Origin, checked_name
from recommender.moments import moment_of
from training.commands.output import (
    FILE,
    MOMENT,
    echo_json,
    engine_options,
    in_progress_option,
    json_option,
    models_options,
    tables_arguments,
    time_zone_option,
)
from training.model_card import model_pages
from training.progress import Progress, shown_on
from training.provenance import package_versions, peak_memory_megabytes, source_revision
from training.report.page import REPORT

if TYPE_CHECKING:
    from recommender.company import Dataset
    from training.config import FitConfig
    from training.fit import FittedModel
    from training.tables.load import LoadResult


@click.command()
@tables_arguments
@models_options
@click.option("--config", "config_path", type=FILE, help="TOML file of settings; docs/operations.md names them.")
@click.option("--as-of", type=MOMENT, help="Learn from what came before it; everything there is unless said.")
@click.option("--version", help="Its name; the time and a short hash unless said.")
@click.option("--no-activate", is_flag=True, help="Save it and leave the live model as it is.")
@click.option("--threads", type=click.IntRange(min=1), help="1 makes equal input give equal arrays.")
@engine_options
@click.option("--rejects", type=FILE, help="Where rows set aside are written; DATA/rejects.csv, if any, unless said.")
@time_zone_option
@in_progress_option
@json_option
def fit(
    data: Path | None,
    db: str | None,
    root: Path,
    tenant: str,
    config_path: Path | None,
    as_of: int | None,
    version: str | None,
    threads: int | None,
    engine: str,
    scheduler: str | None,
    workers: int | None,
    rejects: Path | None,
    time_zone: str,
    in_progress_below: float,
    *,
    no_activate: bool,
    as_json: bool,
) -> None:
    """Learn a model from the tables in DATA, or those of the tenant in a database, save it as a version and make it live.

    \b
    Example:
      lpr fit var/sample --models models --threads 1
      lpr fit --db sqlite:///lpr.db --tenant default
      lpr fit var/sample --engine dask --scheduler tcp://HOST:8786
    """
    from training.asking import just_after
    from training.config import read_config
    from training.engines import opened_engine
    from training.fit import fit as fit_model
    from training.inference.course_skills import with_course_skills
    from training.sources.database import tables_of
    from training.tables.load import load_dataset

    config = read_config(config_path, threads=threads)
    _check_free(root, tenant, version)
    _check_past(as_of)
    began, created = time.perf_counter(), datetime.now(UTC)
    rejects = data / "rejects.csv" if rejects is None and data is not None else rejects
    # Sums over employees are quick: other processes of this machine only where somebody asks for them.
    with shown_on() as progress, opened_engine(engine, scheduler, workers, processes=1) as runs_on:
        with tables_of(data, db, tenant, progress=progress) as tables:
            loaded = load_dataset(
                tables, rejects=rejects, time_zone=time_zone, in_progress_below=in_progress_below, progress=progress
            )
        moment = just_after(loaded.dataset) if as_of is None else as_of
        dataset, told = with_course_skills(loaded.dataset, config.infer.course_skills, progress=progress)
        fitted = fit_model(dataset, config, as_of=moment, progress=progress, engine=runs_on)
        report = _report_facts(loaded, dataset, fitted, config, root=root, tenant=tenant, progress=progress)
        seconds = time.perf_counter() - began
        spent = {"seconds": round(seconds, 2), "peak_memory_megabytes": peak_memory_megabytes()}
        origin = Origin(
            created=created,
            as_of=moment_of(moment),
            data_fingerprint=loaded.dataset.fingerprint,
            config=config.model_dump(mode="json"),
            packages=package_versions(),
            commit=source_revision(),
            seed=config.seed,
            threads=config.threads,
            metrics={**fitted.metrics, "fit": spent},
            notes=(*_notes(loaded, fitted), *told),
            report=report,
        )
        arrays, documents = fitted.model.pack()
        pages = partial(model_pages, progress=progress)
        saved = artifact.save(root, tenant, origin, arrays=arrays, documents=documents, version=version, pages=pages)
    if not no_activate:
        activation.activate(root, tenant, saved.version, at=datetime.now(UTC))
    report_file = artifact.version_folder(root, tenant, saved.version) / REPORT
    _report(saved, loaded, live=not no_activate, report=report_file, as_json=as_json)


def _report_facts(
    loaded: LoadResult,
    dataset: Dataset,
    fitted: FittedModel,
    config: FitConfig,
    *,
    root: Path,
    tenant: str,
    progress: Progress,
) -> dict[str, Any]:
    """Return what the report says besides the metrics: the tables, the lists, and what differs from the live model."""
    from recommender.engine import Recommender
    from training.live_version import read_live
    from training.report.facts import K, drawn_queries, list_facts, table_facts
    from training.report.live import compared_with_live

    progress("comparing with the live model")
    as_of = fitted.model.as_of
    queries = drawn_queries(dataset, as_of=as_of, seed=config.seed)
    ranked = Recommender(fitted.model).rank(queries, k=K)
    tables = table_facts(loaded, dataset, as_of=as_of)
    live = compared_with_live(
        read_live(root, tenant),
        dataset,
        queries=queries,
        ranked=ranked,
        as_of=as_of,
        config=config.model_dump(mode="json"),
        facts=tables,
    )
    lists = list_facts(ranked, dataset, queries, as_of=as_of)
    return {"judged": fitted.report, "data": tables, "lists": lists, "live": live}


def _check_free(root: Path, tenant: str, version: str | None) -> None:
    """Refuse a name before the work, not after it."""
    checked_name(tenant, what="tenant")
    if version is not None and artifact.version_folder(root, tenant, version).exists():
        raise ArtifactError(f"version {version!r}: exists. Choose another name, or leave --version out.")


def _check_past(as_of: int | None) -> None:
    """Refuse a moment that has not come: the model would answer no question asked before it."""
    if as_of is not None and as_of > datetime.now(UTC).timestamp():
        raise ConfigError(f"--as-of: found {moment_of(as_of).isoformat()}; expected a moment that has come.")


def _notes(loaded: LoadResult, fitted: FittedModel) -> tuple[str, ...]:
    """Return what a person should know of the data and the fit, a sentence each."""
    from recommender.schema import TABLES

    absent = [f"No table {name}; off: {TABLES[name].feature}." for name in loaded.dataset.absent]
    aside = [f"{n:,} rows or ids set aside: {reason}." for reason, n in loaded.rejected.items()]
    return (*absent, *aside, *loaded.warnings, *fitted.notes)


def _report(saved: Manifest, loaded: LoadResult, *, live: bool, report: Path, as_json: bool) -> None:
    if as_json:
        echo_json(
            {
                "version": saved.version,
                "live": live,
                "rows": loaded.rows,
                "rejected": loaded.rejected,
                "metrics": dict(saved.origin.metrics),
                "notes": list(saved.origin.notes),
                "report": str(report),
            }
        )
        return
    for note in saved.origin.notes:
        click.echo(f"- {note}")
    spent: dict[str, Any] = saved.origin.metrics["fit"]
    click.echo(f"fitted in {spent['seconds']:.1f} s, at most {spent['peak_memory_megabytes']:,.0f} MB of memory")
    click.echo(f"saved version {saved.version}" + ("; it is live" if live else ""))
    click.echo(f"its report: {report}")
