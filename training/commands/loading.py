"""`lpr load` and `lpr export`: tables into the service's database, and out of it again."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from recommender.manifest import checked_name
from training.commands.output import DIRECTORY, FILE, db_option, echo_json, json_option, time_zone_option
from training.progress import shown_on

if TYPE_CHECKING:
    from store.loading import Loaded


def tenant_option(command: Any) -> Any:
    """Add --tenant."""
    return click.option("--tenant", default="default", show_default=True, help="Whose tables.")(command)


@click.command()
@click.argument("data", type=DIRECTORY)
@db_option
@tenant_option
@click.option(
    "--replace", is_flag=True, help="Remove what DATA does not have: the tables become exactly those of DATA."
)
@click.option("--rejects", type=FILE, help="Where rows set aside are written too, as CSV.")
@time_zone_option
@json_option
def load(
    data: Path, db: str, tenant: str, rejects: Path | None, time_zone: str, *, replace: bool, as_json: bool
) -> None:
    """Put the tables in DATA into the service's database: all of them, or none where something would corrupt the result.

    Loading the same again changes nothing. Without --replace, rows and columns DATA does not have stay as they are.

    \b
    Example:
      lpr load var/sample --db sqlite:///lpr.db
    """
    from store import loading
    from store.database import Database, now
    from training.tables.columns import columns_of, rejects_of
    from training.tables.load import count_by_reason, load_tables, write_rejects

    checked_name(tenant, what="tenant")
    began = time.perf_counter()
    database = Database(db)
    try:
        with shown_on() as progress:
            checked, findings = load_tables(data, time_zone=time_zone, progress=progress)
            database.migrate()
            tables = {name: columns_of(rows) for name, rows in checked.tables.items()}
            set_aside = tuple(rejects_of(findings.set_aside, checked.tables))
            loaded = loading.load(
                database, tenant, tables, set_aside=set_aside, replace=replace, at=now(), progress=progress
            )
        if rejects is not None:
            write_rejects(rejects, findings.set_aside)
    finally:
        database.close()
    _report(loaded, count_by_reason(findings.set_aside), time.perf_counter() - began, as_json=as_json)


@click.command()
@click.argument("out", type=DIRECTORY)
@db_option
@tenant_option
@json_option
def export(out: Path, db: str, tenant: str, *, as_json: bool) -> None:
    """Write a tenant's tables in the service's database to OUT, a data directory of Parquet files.

    \b
    Example:
      lpr export var/export --db sqlite:///lpr.db
    """
    from store.database import Database
    from training.sources import database as source

    database = Database(db)
    try:
        with shown_on() as progress:
            written = source.export(database, tenant, out, progress=progress)
    finally:
        database.close()
    if as_json:
        echo_json({"tables": dict(written), "out": str(out)})
        return
    click.echo(f"{sum(written.values()):,} rows of {len(written)} tables written to {out}")


def _report(loaded: Loaded, rejected: dict[str, int], seconds: float, *, as_json: bool) -> None:
    if as_json:
        echo_json(
            {
                "tables": {
                    name: {"new": n.new, "changed": n.changed, "same": n.same, "removed": n.removed}
                    for name, n in loaded.tables.items()
                },
                "rejected": rejected,
                "erased_people_left_out": loaded.n_erased,
                "statements_applied": loaded.n_applied,
                "seconds": round(seconds, 2),
            }
        )
        return
    total = 0
    for name, n in loaded.tables.items():
        if n.new or n.changed or n.same or n.removed:
            removed = f", {n.removed:,} removed" if n.removed else ""
            click.echo(f"{name}: {n.new:,} new, {n.changed:,} changed, {n.same:,} the same{removed}")
            total += n.new + n.changed + n.same
    for reason, count in rejected.items():
        click.echo(f"- {count:,} set aside: {reason}")
    if loaded.n_erased:
        click.echo(f"- {loaded.n_erased:,} erased people left out")
    if loaded.n_applied:
        click.echo(f"- {loaded.n_applied:,} statements that waited were applied")
    click.echo(f"{total:,} rows in {seconds:.1f} s")
