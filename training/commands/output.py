"""What the commands share: options, and how they print for people and for programs."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from recommender.moments import parse_deadline, parse_moment
from recommender.schema import IN_PROGRESS_BELOW, LEAST_HOURS_PER_WEEK

Command = TypeVar("Command", bound=Callable[..., Any])

DIRECTORY = click.Path(file_okay=False, path_type=Path)
FILE = click.Path(dir_okay=False, path_type=Path)


class NumberType(click.FloatRange):
    """A finite number on the command line, within a range as `click.FloatRange` has it."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the number, or end the command with a usage error."""
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"found {value}; expected a finite number.", param, ctx)
        return number


class HoursPerWeekType(NumberType):
    """Hours a week: 0, or from `LEAST_HOURS_PER_WEEK` to 168."""

    def __init__(self) -> None:
        super().__init__(min=0, max=168)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the hours, or end the command with a usage error."""
        hours = super().convert(value, param, ctx)
        if 0 < hours < LEAST_HOURS_PER_WEEK:
            self.fail(f"found {value}; expected 0 or at least {LEAST_HOURS_PER_WEEK:g}.", param, ctx)
        return hours


class MomentType(click.ParamType):  # type: ignore[type-arg]  # not generic in older click
    """An ISO 8601 date or time on the command line, in seconds."""

    name = "time"
    parse = staticmethod(parse_moment)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the seconds, or end the command with a usage error."""
        if isinstance(value, int):
            return value
        try:
            return self.parse(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class DeadlineType(MomentType):
    """A date or time by which something must be done: a date lasts until its end."""

    parse = staticmethod(parse_deadline)


MOMENT = MomentType()
DEADLINE = DeadlineType()
SHARE = NumberType(0, 1)
AMOUNT = NumberType(min=0)
HOURS_PER_WEEK = HoursPerWeekType()


def models_options(command: Command) -> Command:
    """Add --models and --tenant."""
    tenant = click.option("--tenant", default="default", show_default=True, help="Whose models.")
    root = click.option(
        "--models", "root", type=DIRECTORY, default=Path("models"), show_default=True, help="Folder of saved models."
    )
    return root(tenant(command))


def db_option(command: Command) -> Command:
    """Add --db."""
    return click.option(
        "--db",
        envvar="LPR_DB",
        default="sqlite:///lpr.db",
        show_default=True,
        show_envvar=True,
        metavar="URL",
        help="The service's database: sqlite:///FILE or postgresql://USER@HOST/NAME.",
    )(command)


def tables_arguments(command: Command) -> Command:
    """Add DATA and, instead of it, --db."""
    database = click.option("--db", metavar="URL", help="Database with the tenant's tables, instead of DATA.")
    return click.argument("data", type=DIRECTORY, required=False)(database(command))


def asker_options(command: Command) -> Command:
    """Add DATA and the options that say which employee of it asks which saved version; they come as the fields of `Asker`.

    --models, --tenant, --version, --employee, --target-role, --as-of, --time-zone and --in-progress-below.
    """
    for decorate in (
        in_progress_option,
        time_zone_option,
        click.option("--as-of", type=MOMENT, help="Moment looked from; just after the latest row unless said."),
        click.option("--target-role", help="Role to get to, instead of the employee's own target."),
        click.option("--employee", "employee_id", required=True, help="Who asks."),
        click.option("--version", help="A saved version; the live one unless said."),
        models_options,
        click.argument("data", type=DIRECTORY),
    ):
        command = decorate(command)
    return command


def limits_options(command: Command) -> Command:
    """Add the limits of a path: --hours, --budget, --by and --hours-per-week."""
    for decorate in (
        click.option("--hours-per-week", type=HOURS_PER_WEEK, help="For learning; the employee's own unless said."),
        click.option("--by", type=DEADLINE, help="Deadline; a date lasts until its end."),
        click.option("--budget", type=AMOUNT, help="Most cost in all; the employee's own unless said."),
        click.option("--hours", type=AMOUNT, help="Most hours in all."),
    ):
        command = decorate(command)
    return command


def engine_options(command: Command) -> Command:
    """Add --engine, --scheduler and --workers, for `training.engines.opened_engine`."""
    for decorate in (
        click.option(
            "--workers",
            type=click.IntRange(min=1),
            help="Processes, one a core unless said (a fit: one); with dask, workers to wait for before it begins.",
        ),
        click.option("--scheduler", metavar="ADDRESS", help="Of the Dask scheduler: tcp://HOST:8786, or its file."),
        click.option(
            "--engine",
            type=click.Choice(["local", "dask"]),
            default="local",
            show_default=True,
            help="Where it runs: processes of this machine, or a Dask cluster (docs/scale.md).",
        ),
    ):
        command = decorate(command)
    return command


def time_zone_option(command: Command) -> Command:
    """Add --time-zone."""
    return click.option("--time-zone", default="UTC", show_default=True, help="Where a date begins and ends.")(command)


def in_progress_option(command: Command) -> Command:
    """Add --in-progress-below."""
    return click.option(
        "--in-progress-below",
        type=NumberType(0, 1, min_open=True),
        default=IN_PROGRESS_BELOW,
        show_default=True,
        help="Progress below which a row of completions is a course begun, not finished.",
    )(command)


def json_option(command: Command) -> Command:
    """Add --json."""
    return click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")(command)


def echo_json(document: object) -> None:
    """Print one JSON document."""
    click.echo(json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2))


def echo_table(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print aligned columns, two spaces apart."""
    lines = [list(headers), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(headers))]
    for line in lines:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
