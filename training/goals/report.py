"""What following lists led to, as tables: for the terminal, for `tables.md`, and the drawing beside them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from training.goals.drawing import draw_trade_off
from training.goals.lists import MODEL_AS_ASKED, PATH
from training.goals.tradeoff import MOST_LOST, TRADE_OFF_HOURS
from training.tabulating import UNKNOWN, interval_in_words, markdown_table, show_table

if TYPE_CHECKING:
    from rich.console import Console

Goals = Mapping[str, Any]
DRAWING = "goal_tradeoff.svg"


def show_goals(goals: Goals, console: Console) -> None:
    """Print the headline of following lists, and the default weights of the goal that the trade-off speaks for."""
    if "skipped" in goals:
        console.print(f"role coverage after following lists: not measured, {goals['skipped']}")
        return
    show_table(_title(goals), *_coverage_rows(goals), console=console)
    for line in _remarks(goals):
        console.print(line)
    if "trade_off" in goals:
        console.print(_chosen_in_words(goals["trade_off"]))


def goal_tables(goals: Goals) -> list[str]:
    """Return every table of following lists as markdown, headings of the third level and below."""
    if "skipped" in goals:
        return [f"Role coverage after following lists: not measured, {goals['skipped']}.\n"]
    parts = [f"### {_title(goals)}\n", markdown_table(*_coverage_rows(goals)), *(f"{one}\n" for one in _remarks(goals))]
    for hours, facts in goals["hours"].items():
        parts += [f"#### Following for {hours} hours\n", markdown_table(*_details(facts))]
        for leader, against in facts["against"].items():
            parts += [f"#### The {leader} against the others after {hours} hours\n", markdown_table(*_against(against))]
    for group, facts in goals.get("trade_off", {}).items():
        sizes = f"{group}, {facts['n_employees']:,} people, {facts['n_cases']:,} cases"
        parts += [f"#### Over the weight of the goal: {sizes}\n", markdown_table(*_trade_off_rows(facts))]
    if "trade_off" in goals:
        parts += [_chosen_in_words(goals["trade_off"]) + "\n"]
    if "kinds" in goals:
        parts += ["#### Human and technical skills\n", markdown_table(*_kind_rows(goals["kinds"]))]
    return parts


def draw_goals(goals: Goals, report_dir: Path) -> Path | None:
    """Draw the trade-off into the report, where there is one; returns the file."""
    if "trade_off" not in goals:
        return None
    return draw_trade_off(goals["trade_off"], report_dir / DRAWING, hours=TRADE_OFF_HOURS)


def _title(goals: Goals) -> str:
    people = f"{goals['n_employees']:,} people with a gap, {goals['n_cases']:,} cases"
    return f"role coverage after following what is recommended: {people}"


def _coverage_rows(goals: Goals) -> tuple[list[str], list[list[str]]]:
    """One row a list, one column a number of hours; how the path, else the model, compares at those of the trade-off."""
    main = goals["hours"][f"{TRADE_OFF_HOURS:g}"]
    leader = next((name for name in (PATH, MODEL_AS_ASKED) if name in main["against"]), "")
    against = main["against"].get(leader)
    at = f"at {TRADE_OFF_HOURS:g} h"
    header = ["coverage", *(f"{hours} h" for hours in goals["hours"]), f"points per hour {at}", f"hours used {at}"]
    header += [f"{leader} ÷ this {at}"] if against else []
    rows = []
    for name, one in main["lists"].items():
        reached = [
            interval_in_words(facts["lists"][name]["after"], 3)
            if facts is main
            else _plain(facts["lists"][name]["after"][0], 3)
            for facts in goals["hours"].values()
        ]
        row = [name, *reached, _points(one["gained_per_hour"]).partition(" ")[0], _plain(one["hours"][0], 1)]
        if against:
            row.append(interval_in_words(against[name]["ratio"], 2) if name in against else "")
        rows.append(row)
    return header, rows


def _remarks(goals: Goals) -> list[str]:
    best = {f"{hours} h": facts["best_baseline"] for hours, facts in goals["hours"].items() if facts["best_baseline"]}
    lines = [f"Coverage before: {interval_in_words(goals['before'], 3)}."]
    if best:
        lines.append(
            "Best baseline, with hindsight: " + ", ".join(f"{name} at {at}" for at, name in best.items()) + "."
        )
    return lines


def _details(facts: Goals) -> tuple[list[str], list[list[str]]]:
    header = ["", "coverage after", "gained", "points per hour", "hours used"]
    rows = [
        [
            name,
            interval_in_words(one["after"]),
            interval_in_words(one["gained"]),
            _points(one["gained_per_hour"]),
            interval_in_words(one["hours"], 1),
        ]
        for name, one in facts["lists"].items()
    ]
    return header, rows


def _against(against: Goals) -> tuple[list[str], list[list[str]]]:
    header = ["", "coverage − this", "coverage ÷ this", "gained ÷ this"]
    rows = [
        [
            name,
            interval_in_words(one["difference"]),
            interval_in_words(one["ratio"], 3),
            interval_in_words(one["gained_ratio"], 2),
        ]
        for name, one in against.items()
    ]
    return header, rows


def _trade_off_rows(facts: Goals) -> tuple[list[str], list[list[str]]]:
    protocols = [name for name in ("window", "next") if name in facts["points"][0]]
    header = ["goal weight", f"points per hour, {TRADE_OFF_HOURS:g} h"]
    header += [cell for name in protocols for cell in (f"ndcg@10 {name}", f"÷ weight 0, {name}")]
    rows = []
    for point in facts["points"]:
        row = [f"{point['goal_weight']:g}", _points(point["gained_per_hour"])]
        for name in protocols:
            row += [interval_in_words(point[name]), interval_in_words(point[f"{name}_kept"], 3)]
        rows.append(row)
    return header, rows


def _chosen_in_words(trade_off: Goals) -> str:
    chosen = ", ".join(f"{group} {facts['chosen']:g}" for group, facts in trade_off.items())
    kept = ", ".join(f"{100 * (1 - lost):g} % for {group}" for group, lost in MOST_LOST.items())
    rule = f"the largest that keeps enough of NDCG@10 in both protocols ({kept})"
    return f"Weight of the goal, {rule}: {chosen}."


def _kind_rows(kinds: Goals) -> tuple[list[str], list[list[str]]]:
    rows = [["missing at the cut", interval_in_words(kinds["missing"], 3), ""]]
    for name, one in kinds["lifted"].items():
        rows.append(
            [f"lifted by {name}", interval_in_words(one["share"], 3), interval_in_words(one["less_missing"], 3)]
        )
    return ["", "share of human skills", "less the share missing"], rows


def _points(interval: Any) -> str:
    """Return an interval of shares in percentage points."""
    return interval_in_words([None if one is None else 100 * one for one in interval], 3)


def _plain(value: float | None, digits: int) -> str:
    return UNKNOWN if value is None else f"{value:.{digits}f}"
