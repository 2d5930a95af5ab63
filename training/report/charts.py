"""Drawings as SVG that stands in a page: by matplotlib, in the page's colours, readable on a telephone.

matplotlib is told stand-ins for colours, which become the page's custom properties afterwards, so that one drawing serves
light and dark. Nothing is told apart by colour alone: marks and lines differ too.
"""

from __future__ import annotations

import io
import re
from html import escape
from typing import TYPE_CHECKING, Any

from training.goals.drawing import draw_panel
from training.report.blocks import Chart, Curves, Mark, TradeOff, Whiskers
from training.report.wording import clean

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 3.3
"""Inches, at 96 pixels each: what fits a narrow screen without much shrinking."""
_INK, _QUIET, _PAPER = "#010101", "#020202", "#ffffff"
_FIRST, _SECOND, _THIRD = "#1b4f8a", "#b4451f", "#0f6b50"
_COLOURS = {
    _INK: "var(--ink)",
    _QUIET: "var(--quiet)",
    _PAPER: "var(--paper)",
    _FIRST: "var(--first)",
    _SECOND: "var(--second)",
    _THIRD: "var(--third)",
    "#b0b0b0": "var(--line)",
    "#000000": "var(--ink)",
}
_STYLES: tuple[dict[str, Any], ...] = (
    {"color": _FIRST, "linestyle": "-", "marker": "o", "markerfacecolor": _FIRST},
    {"color": _SECOND, "linestyle": "--", "marker": "s", "markerfacecolor": _PAPER},
    {"color": _THIRD, "linestyle": ":", "marker": "^", "markerfacecolor": _THIRD},
)
_SETTINGS: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "report",
    "text.parse_math": False,
    "font.size": 10,
    "text.color": _INK,
    "axes.edgecolor": _QUIET,
    "axes.labelcolor": _INK,
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.facecolor": "none",
    "xtick.color": _INK,
    "ytick.color": _INK,
}
_LONGEST_LABEL = 44
_AXIS, _LABELS, _LEGEND = 0.52, 0.68, 0.72
"""Inches kept for the axis below, the labels at the side and a legend above: automatic layout doubles the time."""


def svg_of(chart: Chart, *, name: str) -> str:
    """Return a chart as an SVG element; `name` tells its ids from those of other drawings of a page.

    The same chart gives the same text.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(_SETTINGS):
        height = _height(chart)
        figure = Figure(figsize=(WIDTH, height))
        _draw(figure, chart)
        left = 0.03 if isinstance(chart.drawing, Whiskers) else _LABELS / WIDTH
        above = _LEGEND if isinstance(chart.drawing, TradeOff) else 0.08
        figure.subplots_adjust(left=left, right=0.95, bottom=_AXIS / height, top=1 - above / height)
        written = io.StringIO()
        figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return _embedded(written.getvalue(), chart, name)


def _height(chart: Chart) -> float:
    drawing = chart.drawing
    return 0.75 + 0.42 * len(drawing.marks) if isinstance(drawing, Whiskers) else 3.1


def _draw(figure: Figure, chart: Chart) -> None:
    axes, drawing = figure.subplots(), chart.drawing
    if isinstance(drawing, Whiskers):
        _whiskers(axes, drawing)
    elif isinstance(drawing, Curves):
        _curves(axes, drawing)
    else:
        _trade_off(axes, drawing)


def _whiskers(axes: Axes, drawing: Whiskers) -> None:
    """Draw each estimate as a mark on its interval, its label above it: labels at the side would take half the width."""
    n = len(drawing.marks)
    for place, mark in enumerate(drawing.marks):
        _mark(axes, mark, n - 1 - place)
    if drawing.line is not None:
        axes.axvline(drawing.line, color=_QUIET, linewidth=1, linestyle=(0, (4, 3)))
    axes.set_ylim(-0.6, n - 0.1)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(drawing.axis)
    axes.margins(x=0.04)
    axes.locator_params(axis="x", nbins=5)


def _mark(axes: Axes, mark: Mark, at: float) -> None:
    estimate, low, high = mark.numbers
    label = clean(mark.label)
    label = label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1] + "…"
    axes.annotate(
        label,
        (0, at + 0.16),
        xycoords=("axes fraction", "data"),
        verticalalignment="bottom",
        fontsize=9.5,
        fontweight="bold" if mark.strong else "normal",
    )
    if estimate is None:
        axes.annotate("not defined", (0, at), xycoords=("axes fraction", "data"), color=_QUIET, fontsize=9)
        return
    colour = _FIRST if mark.strong else _SECOND
    if low is not None and high is not None:
        axes.plot([low, high], [at, at], color=colour, linewidth=2, solid_capstyle="butt")
    face = colour if mark.strong else _PAPER
    axes.plot([estimate], [at], color=colour, marker="o" if mark.strong else "D", markersize=6, markerfacecolor=face)


def _curves(axes: Axes, drawing: Curves) -> None:
    for curve, style in zip(drawing.curves, _STYLES, strict=False):
        known = [(x, y) for x, y in zip(curve.x, curve.y, strict=True) if y[0] is not None]
        heights: Any = [y[0] for _, y in known]
        axes.plot([x for x, _ in known], heights, label=clean(curve.name), linewidth=1.6, **style)
        for x, (_, low, high) in known:
            if low is not None and high is not None:
                axes.plot([x, x], [low, high], color=style["color"], linewidth=1)
    if drawing.diagonal:
        _diagonal(axes)
    if drawing.from_zero:
        axes.set_ylim(bottom=0)
        axes.set_xlim(left=0)
    axes.set_xlabel(drawing.x_axis)
    axes.set_ylabel(drawing.y_axis)
    axes.grid(visible=True, linewidth=0.4)
    axes.locator_params(nbins=5)
    if len(drawing.curves) > 1 or drawing.diagonal:
        axes.legend(frameon=False, fontsize=9)


def _diagonal(axes: Axes) -> None:
    end = max(axes.get_xlim()[1], axes.get_ylim()[1])
    axes.plot([0, end], [0, end], color=_QUIET, linewidth=1, linestyle=(0, (1, 2)), label="as said")


def _trade_off(axes: Axes, drawing: TradeOff) -> None:
    draw_panel(axes, drawing.facts)
    chosen = f"bold: chosen, g = {drawing.facts['chosen']:g}"
    axes.legend(frameon=False, fontsize=9, loc="lower left", bbox_to_anchor=(-0.1, 1), title=chosen, title_fontsize=9)
    axes.set_xlabel(f"points of coverage an hour, over {drawing.hours:g} h")
    axes.set_ylabel("NDCG@10")


def _embedded(text: str, chart: Chart, name: str) -> str:
    """Return the drawing as an element of a page: named ids, the page's colours, title and description for readers."""
    body = text[text.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', body)
    body = re.sub(r'((?:xlink:)?href="#|url\(#)', rf"\1{name}-", body)
    for stand_in, colour in _COLOURS.items():
        body = body.replace(stand_in, colour)
    size = re.search(r'viewBox="[^"]+"', body)
    opening = (
        f'<svg {size.group() if size else ""} role="img" aria-labelledby="{name}-title {name}-desc" '
        f'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
        f'<title id="{name}-title">{escape(clean(chart.title))}</title>'
        f'<desc id="{name}-desc">{escape(clean(chart.says))}</desc>'
    )
    return opening + body[body.index(">") + 1 :].strip()
