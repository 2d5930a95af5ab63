"""The trade-off drawn: NDCG@10 against coverage gained per hour, one panel a group of people, one curve a protocol."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_STYLES: dict[str, dict[str, Any]] = {
    "window": {"color": "#1b4f8a", "linestyle": "-", "marker": "o", "markerfacecolor": "#1b4f8a"},
    "next": {"color": "#b4451f", "linestyle": "--", "marker": "s", "markerfacecolor": "white"},
}
"""Protocols differ by line and by mark, not by colour alone."""
_SAID = {"window": "at the cut (window)", "next": "before each completion (next)"}
TITLES = {"all": "Everyone with a gap", "upskill": "Upskilling", "reskill": "Reskilling"}
_PERCENT = 100
_NEAR = 0.1
"""Share of a curve's extent within which labels would lie on each other."""


def draw_trade_off(trade_off: Mapping[str, Any], path: Path, *, hours: float) -> Path:
    """Draw the trade-off of every group as SVG; the same figures give the same file.

    `trade_off` is `goals.trade_off` of metrics.json; `hours` how long lists were followed.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "goal trade-off", "font.size": 10}):
        figure = Figure(figsize=(5.2 * len(trade_off), 4.6), layout="constrained")
        for axes, (group, facts) in zip(
            figure.subplots(1, len(trade_off), squeeze=False)[0], trade_off.items(), strict=True
        ):
            draw_panel(axes, facts)
            axes.set_title(f"{TITLES[group]} ({facts['n_employees']:,} people)")
            axes.set_xlabel(f"coverage gained per hour, percentage points,\nfollowing the list for {hours:g} hours")
            axes.set_ylabel("NDCG@10 of what was taken next")
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(f".{os.getpid()}.tmp")
        figure.savefig(unfinished, format="svg", metadata={"Date": None})
    unfinished.replace(path)
    return path


def draw_panel(axes: Axes, facts: Mapping[str, Any]) -> None:
    """Draw the trade-off of one group: a curve a protocol, g at the points, the chosen one bold."""
    points: Sequence[Mapping[str, Any]] = facts["points"]
    for protocol, style in _STYLES.items():
        shown = [one for one in points if protocol in one and None not in (one[protocol][0], one["gained_per_hour"][0])]
        if not shown:
            continue
        x = [_PERCENT * one["gained_per_hour"][0] for one in shown]
        y = [one[protocol][0] for one in shown]
        axes.plot(x, y, label=_SAID[protocol], linewidth=1.4, markersize=5, **style)
        for one, right in zip(shown, x, strict=True):
            _interval(axes, right, one[protocol], style["color"])
        _label(axes, shown, x, y, bold=facts["chosen"], above=protocol == "window")
    axes.set_ylim(bottom=0)
    axes.margins(x=0.15)
    axes.grid(visible=True, linewidth=0.4, alpha=0.5)
    axes.legend(frameon=False, fontsize=9, title=f"bold: chosen, g = {facts['chosen']:g}", title_fontsize=9)


def _label(
    axes: Axes, shown: Sequence[Mapping[str, Any]], x: Sequence[float], y: Sequence[float], *, bold: float, above: bool
) -> None:
    """Write g at the points, the first and the last always, one too near to the label before it never."""
    wide, high = (max(values) - min(values) or 1.0 for values in (x, y))
    last = (float("-inf"), float("-inf"))
    for one, right, up in zip(shown, x, y, strict=True):
        near = abs(right - last[0]) < _NEAR * wide and abs(up - last[1]) < _NEAR * high
        weight = one["goal_weight"]
        if near and weight not in (bold, shown[-1]["goal_weight"]):
            continue
        last = (right, up)
        offset, sides = ((4, 5), ("left", "bottom")) if above else ((-4, -5), ("right", "top"))
        axes.annotate(
            f"g = {weight:g}" if weight == 0 else f"{weight:g}",
            (right, up),
            offset,
            textcoords="offset points",
            horizontalalignment=sides[0],
            verticalalignment=sides[1],
            fontsize=8,
            fontweight="bold" if weight == bold else "normal",
        )


def _interval(axes: Axes, x: float, interval: Sequence[float | None], color: str) -> None:
    _, low, high = interval
    if low is not None and high is not None:
        axes.plot([x, x], [low, high], color=color, linewidth=0.7, alpha=0.35)
