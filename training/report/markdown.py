"""A report in words, as the model card: the same sections as the page, with the numbers of a chart instead of the chart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from training.report.blocks import Block, Chart, Listing, Points, Report, Section, Table, Words
from training.report.page import CHECKED, SIGNS
from training.report.wording import clean


def markdown(report: Report) -> str:
    """Return the report as markdown."""
    verdict = report.verdict
    checks = Table(
        "Ship it?",
        CHECKED,
        tuple((one.question, SIGNS[one.answer], one.figures) for one in verdict.checks),
    )
    parts = [f"# {_text(report.title)}", _text(report.about), f"## Verdict: {_text(verdict.headline)}"]
    parts += [_text(verdict.reason), _table(checks)]
    for section in report.sections:
        parts += _section(section)
    return "\n\n".join(part for part in parts if part) + "\n"


def _section(section: Section) -> Iterable[str]:
    yield f"## {_text(section.heading)}"
    for block in section.blocks:
        yield _block(block)


def _block(block: Block) -> str:
    if isinstance(block, Words):
        return _text(block.text)
    if isinstance(block, Points):
        return "\n".join(f"- {_text(one)}" for one in block.items)
    if isinstance(block, Listing):
        return f"{_text(block.title)}:\n\n```\n{block.text}\n```"
    if isinstance(block, Chart):
        return f"### {_text(block.title)}\n\n{_text(block.says)}\n\n{_table(block.table)}"
    return f"{_text(block.title)}:\n\n{_table(block)}"


def _table(table: Table) -> str:
    lines: list[Sequence[str]] = [table.header, ["---"] * len(table.header), *table.rows]
    rows = ("| " + " | ".join(_text(cell).replace("|", "\\|") for cell in line) + " |" for line in lines)
    return "\n".join(rows)


def _text(text: str) -> str:
    """Return text that markdown does not take for markup of a page."""
    return clean(text).replace("<", "&lt;")
