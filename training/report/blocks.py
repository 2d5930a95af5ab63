"""What a report is made of: sections of words, tables, charts and listings, from which page and card are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Answer = Literal["yes", "no", "unclear", "not asked"]
Row = tuple[str, ...]
Numbers = Sequence[float | None]
"""[estimate, low, high]; None for what is not defined."""


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph."""

    text: str


@dataclass(frozen=True, slots=True)
class Points:
    """Short statements, one below the other."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """Text kept as it is, line by line, under a title."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first cell of each row names the row. A `folded` one is long and opened by whoever wants it."""

    title: str
    header: Row
    rows: tuple[Row, ...]
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """One estimate with the ends of its interval; `strong` for the one the chart is about."""

    label: str
    numbers: Numbers
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Whiskers:
    """Estimates with intervals below each other, along one axis; `line` is a value to compare with."""

    axis: str
    marks: tuple[Mark, ...]
    line: float | None = None


@dataclass(frozen=True, slots=True)
class Curve:
    """Points joined by a line, each with an interval where it has one."""

    name: str
    x: tuple[float, ...]
    y: tuple[Numbers, ...]


@dataclass(frozen=True, slots=True)
class Curves:
    """Curves over one axis; `diagonal` draws y = x."""

    x_axis: str
    y_axis: str
    curves: tuple[Curve, ...]
    diagonal: bool = False
    from_zero: bool = True


@dataclass(frozen=True, slots=True)
class TradeOff:
    """One group of `goals.trade_off`, drawn as docs/evaluation.md has it."""

    facts: dict[str, Any]
    hours: float


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing with what it shows in words (`says`) and in numbers (`table`)."""

    title: str
    says: str
    drawing: Whiskers | Curves | TradeOff
    table: Table


Block = Words | Points | Listing | Table | Chart


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and what stands below it; `key` is its anchor."""

    key: str
    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """One question of "ship it?", its answer, and the figures it rests on."""

    question: str
    answer: Answer
    figures: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do, why, and the checks it rests on."""

    headline: str
    reason: str
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A whole report: what it is about, the verdict first, then the sections."""

    title: str
    about: str
    verdict: Verdict
    sections: tuple[Section, ...]
