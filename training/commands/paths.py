"""`lpr path`: how one employee gets to a role, and what is missing for it."""

from __future__ import annotations

from typing import Any

import click

from training.commands.output import asker_options, echo_json, echo_table, json_option, limits_options
from training.progress import shown_on

_WHY_UNMET = {
    "no_course": "no course leads there",
    "kept_away": "what leads there is kept away: lpr explain says why",
    "beyond_limits": "more is beyond the limits",
}


@click.command()
@asker_options
@limits_options
@json_option
def path(
    hours: float | None,
    budget: float | None,
    by: int | None,
    hours_per_week: float | None,
    *,
    as_json: bool,
    **asker: Any,
) -> None:
    """Show the learning path of an employee of DATA: the courses that close most of the gap within the limits.

    --json prints it in the shape of the service's answer.

    \b
    Example:
      lpr path var/sample --employee E00007 --target-role data-engineer --hours 40 --by 2026-12-31
    """
    from recommender.answers_path import path_to_json
    from recommender.path_parts import PathLimits
    from training.asking import Asker, opened_for

    with shown_on() as progress:
        opened = opened_for(Asker(**asker), progress=progress)
    found = opened.engine.path(opened.query, PathLimits(hours, budget, by, hours_per_week))
    answer = opened.answered(path_to_json(found, opened.engine.model))
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
