"""A report as one HTML file that asks for nothing beside itself: no script, no request, everything escaped."""

from __future__ import annotations

import os
from collections.abc import Iterable
from html import escape
from itertools import count, groupby
from pathlib import Path

from training.progress import Progress
from training.report.blocks import Answer, Block, Chart, Listing, Points, Report, Section, Table, Verdict, Words
from training.report.charts import svg_of
from training.report.style import STYLE
from training.report.wording import clean

REPORT = "report.html"
"""Name of the page beside what it reports on."""
SIGNS: dict[Answer, str] = {"yes": "✓ yes", "no": "✗ no", "unclear": "? unclear", "not asked": "– not measured"}
CHECKED = ("question", "answer", "what it rests on")
"""Columns of "ship it?"."""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""The file forbids its own requests: whatever a title or a name holds, nothing is loaded or run."""


def page(report: Report, *, progress: Progress | None = None) -> str:
    """Return the report as HTML; the same report gives the same text."""
    return "\n".join([*_head(report), *_body(report, progress), "</div>", "</body>", "</html>", ""])


def write_page(report: Report, folder: Path, *, progress: Progress | None = None) -> Path:
    """Write the page into a folder, so that a reader sees all of it or the one before; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / REPORT
    unfinished = path.with_suffix(f".{os.getpid()}.tmp")
    unfinished.write_text(page(report, progress=progress), encoding="utf-8")
    unfinished.replace(path)
    return path


def _head(report: Report) -> Iterable[str]:
    yield "<!DOCTYPE html>"
    yield '<html lang="en">'
    yield '<head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield '<meta name="referrer" content="no-referrer">'
    yield f"<title>{_text(report.title)}</title>"
    yield f"<style>\n{STYLE}</style></head>"


def _body(report: Report, progress: Progress | None) -> Iterable[str]:
    charts, total = count(1), sum(isinstance(block, Chart) for one in report.sections for block in one.blocks)
    yield '<body><div class="page">'
    yield '<a class="skip" href="#verdict">To the verdict</a>'
    yield f"<header><h1>{_text(report.title)}</h1>"
    yield f'<p class="about">{_text(report.about)}</p></header>'
    yield "<main>"
    yield from _verdict(report.verdict)
    yield '<nav aria-label="Contents"><ul class="contents">'
    yield from (f'<li><a href="#{one.key}">{_text(one.heading)}</a></li>' for one in report.sections)
    yield "</ul></nav>"
    for section in report.sections:
        yield from _section(section, charts, total, progress)
    yield "</main>"


def _verdict(verdict: Verdict) -> Iterable[str]:
    yield '<section id="verdict" class="verdict" aria-labelledby="verdict-heading">'
    yield f'<h2 id="verdict-heading">Verdict: {_text(verdict.headline)}</h2><p>{_text(verdict.reason)}</p>'
    # Roles are said outright: on a narrow screen the cells stand below each other, which else would cost them.
    yield '<table role="table"><caption>Ship it?</caption><thead role="rowgroup"><tr role="row">'
    yield from (f'<th scope="col" role="columnheader">{one}</th>' for one in CHECKED)
    yield '</tr></thead><tbody role="rowgroup">'
    for check in verdict.checks:
        yield f'<tr role="row"><th scope="row" role="rowheader">{_text(check.question)}</th>'
        yield f'<td role="cell" class="{check.answer.replace(" ", "-")}">{SIGNS[check.answer]}</td>'
        yield f'<td role="cell">{_text(check.figures)}</td></tr>'
    yield "</tbody></table></section>"


def _section(section: Section, charts: count[int], total: int, progress: Progress | None) -> Iterable[str]:
    yield f'<section aria-labelledby="{section.key}"><h2 id="{section.key}">{_text(section.heading)}</h2>'
    for is_chart, blocks in groupby(section.blocks, key=lambda block: isinstance(block, Chart)):
        if not is_chart:
            yield from (_plain(block) for block in blocks)
            continue
        yield '<div class="charts">'
        for block in blocks:
            number = next(charts)
            if progress is not None:
                progress("drawing the report", number, total)
            if isinstance(block, Chart):
                yield _figure(block, f"chart{number}")
        yield "</div>"
    yield "</section>"


def _figure(chart: Chart, name: str) -> str:
    return (
        f"<figure><h3>{_text(chart.title)}</h3>{svg_of(chart, name=name)}<figcaption>{_text(chart.says)}</figcaption>"
        f"<details><summary>Numbers of this chart</summary>{_table(chart.table)}</details></figure>"
    )


def _plain(block: Block) -> str:
    if isinstance(block, Words):
        return f"<p>{_text(block.text)}</p>"
    if isinstance(block, Points):
        return "<ul>" + "".join(f"<li>{_text(one)}</li>" for one in block.items) + "</ul>"
    if isinstance(block, Listing):
        return f"<details><summary>{_text(block.title)}</summary><pre>{escape(block.text)}</pre></details>"
    if isinstance(block, Table):
        written = _table(block)
        return f"<details><summary>{_text(block.title)}</summary>{written}</details>" if block.folded else written
    raise TypeError(f"{type(block).__name__}: is drawn, not written")


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{_text(one)}</th>' for one in table.header)
    rows = "".join(
        f'<tr><th scope="row">{_text(row[0])}</th>' + "".join(f"<td>{_text(cell)}</td>" for cell in row[1:]) + "</tr>"
        for row in table.rows
    )
    label = escape(clean(table.title))
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{label}"><table><caption>{_text(table.title)}'
        f"</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _text(text: str) -> str:
    """Return text as it may stand in the page, where it is of the data too: no control character, no markup."""
    return escape(clean(text))
