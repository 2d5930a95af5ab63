"""`lpr path`: how one employee gets to a role, and what is missing for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from recommender import activation
from training.commands.output import (
    AMOUNT,
    DEADLINE,
    DIRECTORY,
    HOURS_PER_WEEK,
    MOMENT,
    echo_json,
    echo_table,
    in_progress_option,
    json_option,
    just_after,
    models_options,
    time_zone_option,
)
from training.progress import shown_on

_WHY_UNMET = {
    "no_course": "no course leads there",
    "kept_away": "what leads there is kept away: lpr explain says why",
    "beyond_limits": "more is beyond the limits",
}


@click.command()
@click.argument("data", type=DIRECTORY)
@models_options
@click.option("--version", help="A saved version; the live one unless said.")
@click.option("--employee", required=True, help="Whose path.")
@click.option("--target-role", help="Role to get to, instead of the employee's own target.")
@click.option("--hours", type=AMOUNT, help="Most hours in all.")
@click.option("--budget", type=AMOUNT, help="Most cost in all; the employee's own unless said.")
@click.option("--by", type=DEADLINE, help="Deadline; a date lasts until its end.")
@click.option("--hours-per-week", type=HOURS_PER_WEEK, help="For learning; the employee's own unless said.")
@click.option("--as-of", type=MOMENT, help="Moment looked from; just after the latest row unless said.")
@time_zone_option
@in_progress_option
@json_option
def path(
    data: Path,
    root: Path,
    tenant: str,
    version: str | None,
    employee: str,
    target_role: str | None,
    hours: float | None,
    budget: float | None,
    by: int | None,
    hours_per_week: float | None,
    as_of: int | None,
    time_zone: str,
    in_progress_below: float,
    *,
    as_json: bool,
) -> None:
    """Show the learning path of an employee of DATA: the courses that close most of the gap within the limits.

    --json prints it in the shape of the service's answer.

    \b
    Example:
      lpr path var/sample --employee E00007 --target-role data-engineer --hours 40 --by 2026-12-31
    """
    from recommender.answers import about
    from recommender.answers_path import path_to_json
    from recommender.path_parts import PathLimits
    from training.asking import opened_for
    from training.tables.load import load_dataset

    version = version or activation.live_version(root, tenant)
    with shown_on() as progress:
        dataset = load_dataset(
            data, time_zone=time_zone, in_progress_below=in_progress_below, progress=progress
        ).dataset
        moment = just_after(dataset) if as_of is None else as_of
        engine, query = opened_for(dataset, employee, (root, tenant, version), target_role=target_role, as_of=moment)
    found = engine.path(query, PathLimits(hours, budget, by, hours_per_week))
    answer = about(query, model_version=version, employee_id=employee) | path_to_json(found, engine.model)
    if as_json:
        echo_json(answer)
    else:
        _show(answer)


def _show(answer: dict[str, Any]) -> None:
    """Print a path for people."""
    if "coverage_after" in answer:
        click.echo(
            f"{answer['target_role_id']}: {answer['coverage_before']:.0%} of the need is covered, "
            f"{answer['coverage_after']:.0%} after {answer['hours']:g} hours, cost {answer['cost']:g}; "
            + (
                "proven the most there is"
                if answer.get("proven")
                else f"at most {answer['optimality_gap']:.1%} more is possible"
            )
        )
    for one in answer["required"]:
        due = f" until {one['due_at']}" if "due_at" in one else ""
        click.echo(f"first, required{due}: {one['title']} ({one['hours']:g} h)")
    echo_table(
        ("", "weeks", "hours", "covered", "course", "why"),
        [
            (
                step["position"],
                f"{step['from_week']}–{step['to_week']}" if "from_week" in step else "",
                f"{step['hours']:g}",
                f"{step['coverage_after']:.0%}",
                f"{step['title']} ({step['course_id']})",
                step["reasons"][0]["text"] if step["reasons"] else "",
            )
            for step in answer["steps"]
        ],
    )
    for one in answer["unmet"]:
        why = _WHY_UNMET[one["why"]]
        click.echo(f"not met: {one['name']} at {one['reached']} of {one['needed']}; {why}")
    for note in answer["notes"]:
        click.echo(f"note: {note['text']}")
