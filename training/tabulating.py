"""How figures look: intervals in words, tables in markdown and on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

UNKNOWN = "–"


def markdown_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a markdown table, the first column left, the others right."""
    lines = ["| " + " | ".join(header) + " |", "|---|" + "---:|" * (len(header) - 1)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)]) + "\n"


def interval_in_words(interval: Sequence[float | None], digits: int = 4) -> str:
    """Return `0.0812 [0.0770, 0.0853]`, a dash for what is not defined."""
    estimate, low, high = interval
    if estimate is None:
        return UNKNOWN
    if low is None or high is None:
        return f"{estimate:.{digits}f}"
    return f"{estimate:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def show_table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]], *, console: Console) -> None:
    """Print a table, the first column left, the others right."""
    from rich.table import Table

    table = Table(title=title, title_justify="left")
    for i, name in enumerate(header):
        table.add_column(name, justify="left" if i == 0 else "right")
    for row in rows:
        table.add_row(*row)
    console.print(table)
