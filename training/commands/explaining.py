"""`lpr explain`: why a course is recommended to an employee or not, and what would bring it in."""

from __future__ import annotations

from typing import Any

import click

from recommender.modes import MODES
from training.commands.output import SHARE, asker_options, echo_json, echo_table, json_option
from training.progress import shown_on


@click.command()
@asker_options
@click.option("--course", "course_id", required=True, help="The course asked about.")
@click.option("--k", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many count as recommended.")
@click.option("--mode", type=click.Choice(list(MODES)), help="The mode; from the roles unless said.")
@click.option("--goal-weight", type=SHARE, help="0 what is likely, 1 what closes the gap.")
@json_option
def explain(
    course_id: str, k: int, mode: str | None, goal_weight: float | None, *, as_json: bool, **asker: Any
) -> None:
    """Say why a course is recommended to an employee of DATA, or why not.

    Prints its place, the parts of its score, what keeps it away, and the smallest single change that would bring it among
    the first: found by applying the change and ranking again.

    \b
    Example:
      lpr explain var/sample --employee E00003 --course C0012
    """
    from recommender.answers_explanation import explanation_to_json
    from recommender.explanations import explain as explained
    from training.asking import Asker, known, opened_for

    with shown_on() as progress:
        opened = opened_for(Asker(**asker), progress=progress)
    model = opened.engine.model
    course_idx = known(model.catalog.ids, course_id, kind="course")
    explanation = explained(opened.engine, opened.query, course_idx, k=k, mode=mode, goal_weight=goal_weight)
    found = opened.answered(explanation_to_json(explanation, model))
    if as_json:
        echo_json(found)
    else:
        _echo(found)


def _echo(found: dict[str, Any]) -> None:
    """Print an explanation for people."""
    place = f"number {found['rank']} of {found['of']}" if "rank" in found else "not ranked"
    verdict = "recommended" if found["in_top_k"] else f"not among the first {found['k']}"
    click.echo(f"{found['title']} ({found['course_id']}): {verdict}, {place}, mode {found['mode']}")
    for one in (*found["excluded_by"], *found["reasons"]):
        click.echo(f"  {one['text']}")
    differences = {one["part"]: one["difference"] for one in found.get("against_kth", {}).get("differences", ())}
    rows = [[name, f"{part:.3f}", _signed(differences.get(name))] for name, part in found["parts"].items()]
    against = f"behind “{found['against_kth']['title']}”" if differences else ""
    echo_table(["part", "score", against], [*rows, ["sum", f"{found['score']:.3f}", ""]])
    if "change" in found:
        click.echo(found["change"]["text"])
    elif not found["in_top_k"]:
        searched = "No single change" if found["tried_all"] else "No change found so far"
        click.echo(f"{searched} brings it in; {found['tried']} tried.")


def _signed(number: float | None) -> str:
    return "" if number is None else f"{number:+.3f}"
