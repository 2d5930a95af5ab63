"""`lpr sample`, `lpr import` and `lpr check`: how a data directory comes to be, and whether it can be used."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from training.commands.output import (
    DIRECTORY,
    SHARE,
    echo_json,
    echo_table,
    in_progress_option,
    json_option,
    time_zone_option,
)
from training.progress import shown_on

if TYPE_CHECKING:
    from training.sample import SampleSummary
    from training.sources.writing import FileFormat


class SourceType(click.ParamType):  # type: ignore[type-arg]  # not generic in older click
    """The name of a reader, looked up when it is needed: readers bring heavy packages."""

    name = "source"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name, or end the command with the names there are."""
        from training.sources import SOURCES

        if value not in SOURCES:
            self.fail(f"found {value!r}; expected one of {', '.join(SOURCES)}", param, ctx)
        return str(value)


@click.command()
@click.argument("out", type=DIRECTORY)
@click.option("--employees", type=click.IntRange(min=1), default=5000, show_default=True, help="How many people.")
@click.option("--courses", type=click.IntRange(min=80), default=320, show_default=True, help="How many courses.")
@click.option("--seed", type=click.IntRange(min=0), default=7, show_default=True, help="Another seed, other people.")
@click.option("--noise", type=SHARE, default=0.25, show_default=True, help="Share of choices made by chance.")
@json_option
def sample(out: Path, employees: int, courses: int, seed: int, noise: float, *, as_json: bool) -> None:
    """Write the sample company to OUT: a made-up company of believable size, for trying things.

    \b
    Example:
      lpr sample var/sample --employees 500
    """
    from training.sample import write_sample

    if (out / "completions.csv").exists():
        click.echo(f"replacing the sample company in {out}", err=True)
    with shown_on() as progress:
        summary = write_sample(out, n_employees=employees, n_courses=courses, seed=seed, noise=noise, progress=progress)
    _echo_tables(out, dict(summary.rows), _about(summary), as_json=as_json)


def _about(summary: SampleSummary) -> list[str]:
    return [
        f"{summary.self_driven:,} completions by choice, {summary.assigned:,} assigned",
        f"{summary.inactive_employees:,} employees never chose a course; "
        f"{summary.cold_courses:,} courses on offer nobody took",
    ]


@click.command("import")
@click.argument("source", type=SourceType())
@click.argument("src", type=click.Path(exists=True, path_type=Path))
@click.argument("out", type=DIRECTORY)
@click.option(
    "--format", "file_format", type=click.Choice(["csv", "parquet"]), default="csv", show_default=True, help="Of OUT."
)
@json_option
def import_source(source: str, src: Path, out: Path, file_format: FileFormat, *, as_json: bool) -> None:
    """Turn the folder SRC of a known SOURCE into a data directory OUT.

    SOURCE is mars, coco, onet, esco or coursera; docs/data.md says what each folder must hold and how it is read.

    \b
    Example:
      lpr import coco downloads/coco var/coco
    """
    from training.sources import SOURCES

    with shown_on() as progress:
        summary = SOURCES[source].read(src, out, file_format=file_format, progress=progress)
    notes = [*summary.notes, *(f"{name}: this source has none, so OUT is partial" for name in summary.missing)]
    _echo_tables(out, dict(summary.tables), notes, as_json=as_json)


@click.command()
@click.argument("data", type=DIRECTORY)
@time_zone_option
@in_progress_option
@click.option("--all", "show_all", is_flag=True, help="List every problem, not only the first of each sort.")
@json_option
def check(data: Path, time_zone: str, in_progress_below: float, *, show_all: bool, as_json: bool) -> int:
    """Say everything that is wrong with the tables in DATA, and what is possible with them.

    Writes nothing. Ends with 2 if a fit would refuse them.

    \b
    Example:
      lpr check var/sample
    """
    from training.tables.check import check_directory

    report = check_directory(data, time_zone=time_zone, in_progress_below=in_progress_below)
    if as_json:
        echo_json(report.as_dict())
    else:
        for line in report.lines(None) if show_all else report.lines():
            click.echo(line)
    return report.exit_code


def _echo_tables(out: Path, tables: dict[str, int], notes: list[str], *, as_json: bool) -> None:
    if as_json:
        echo_json({"out": str(out), "tables": tables, "notes": notes})
        return
    echo_table(["table", "rows"], [(name, f"{rows:,}") for name, rows in tables.items()])
    for note in notes:
        click.echo(f"- {note}")
    click.echo(f"written to {out}")
