"""The page and the card of a report: valid, self-contained, the same in both, and safe with any text."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import Any

import pytest
from reading_pages import read_page

from training.report.blocks import (
    Answer,
    Block,
    Chart,
    Check,
    Curve,
    Curves,
    Listing,
    Mark,
    Points,
    Report,
    Section,
    Table,
    TradeOff,
    Verdict,
    Whiskers,
    Words,
)
from training.report.charts import svg_of
from training.report.fitted_verdict import decided
from training.report.markdown import markdown
from training.report.page import page
from training.report.wording import LONGEST, clean, gain, interval, is_surely_above, is_surely_below, listed, named

POINTS: list[dict[str, Any]] = [
    {
        "goal_weight": weight / 10,
        "gained_per_hour": [0.001 * weight, 0.0005 * weight, 0.0015 * weight],
        "window": [0.2 - 0.01 * weight, 0.1, 0.3],
        "next": [0.15 - 0.01 * weight, None, None],
    }
    for weight in range(11)
]
TABLE = Table("Numbers", ("", "value"), (("one", "0.5 [0.4, 0.6]"), ("two | three", "0.7")))
DRAWINGS: tuple[Whiskers | Curves | TradeOff, ...] = (
    Whiskers("value", (Mark("one", [0.5, 0.4, 0.6], strong=True), Mark("no interval", [0.7, None, None])), line=0.45),
    Whiskers("value", (Mark("not defined", [None, None, None]),)),
    Curves("said", "happened", (Curve("a", (0.1, 0.2), ([0.1, 0.0, 0.2], [0.3, None, None])),), diagonal=True),
    Curves("x", "y", tuple(Curve(name, (1.0, 2.0), ([1.0, None, None], [None, None, None])) for name in "abc")),
    TradeOff({"points": POINTS, "chosen": 0.3, "n_employees": 12}, 40.0),
)
HOSTILE = (
    "<script>alert(1)</script>\u202e evil \u2066</style></svg>--> & \"quoted\" 'x' $\\frac{a}$ \x00\x07" + "x" * 10_000
)


def a_report(*blocks: Block, verdict: Verdict | None = None) -> Report:
    verdict = verdict or Verdict("Ship it", "All is well.", (Check("Better?", "yes", "+0.1 [+0.0, +0.2]"),))
    return Report("A report", "Of nothing.", verdict, (Section("first", "First", blocks),))


def charts(title: str = "A chart", says: str = "It says so.") -> tuple[Chart, ...]:
    return tuple(Chart(f"{title} {i}", says, drawing, TABLE) for i, drawing in enumerate(DRAWINGS))


EVERYTHING = a_report(Words("Some words."), Points(("a", "b")), *charts(), Listing("Settings", "a = 1\n<b>"), TABLE)


# --- the page ----------------------------------------------------------------------------------------------------


def test_the_page_is_nested_as_it_must_be_and_its_headings_are_in_order() -> None:
    read = read_page(page(EVERYTHING))
    assert read.wrong == []
    assert read.headings[:3] == [(1, "A report"), (2, "Verdict: Ship it"), (2, "First")]


def test_the_reader_of_these_tests_finds_what_is_wrong() -> None:
    text = page(EVERYTHING)
    for broken in (
        text.replace("</table>", "", 1),
        text.replace("<h2", "<h4", 1).replace("</h2>", "</h4>", 1),
        text.replace('id="chart2-', 'id="chart1-'),
        text.replace('href="#first"', 'href="#second"'),
        text.replace("<ul><li>", "<ul><p>", 1),
    ):
        assert broken != text
        assert read_page(broken).wrong, "a broken page passed"


def test_every_chart_has_a_name_a_description_a_caption_and_its_numbers() -> None:
    figures = read_page(page(EVERYTHING)).figures
    assert len(figures) == len(DRAWINGS)
    for i, figure in enumerate(figures):
        assert figure.is_named
        assert figure.title == f"A chart {i}"
        assert figure.description == figure.caption == "It says so."
        assert figure.n_rows == len(TABLE.rows)


def test_the_page_asks_for_nothing_and_runs_nothing() -> None:
    text = page(EVERYTHING)
    read = read_page(text)
    assert read.tags & {"script", "link", "img", "iframe", "object", "embed", "form", "base"} == set()
    assert [link for link in read.links if not link.startswith("#")] == []
    assert not [name for name in read.attributes if name.startswith("on")]
    assert "@import" not in text
    assert "url(http" not in text
    assert "default-src 'none'" in text


def test_the_same_report_gives_the_same_page() -> None:
    assert page(EVERYTHING) == page(EVERYTHING)


def test_no_drawing_has_a_colour_of_its_own() -> None:
    """Every colour is one of the page's, so that the drawing turns dark with it."""
    for i, chart in enumerate(charts()):
        drawn = svg_of(chart, name=f"chart{i}")
        ET.fromstring(drawn)
        styles = drawn.split("style=")[1:]
        assert not [one for one in styles if "#" in one.split('"')[1].replace("url(#", "")]
        assert "var(--" in drawn


@pytest.mark.parametrize("where", ["title", "says", "label", "cell", "words", "about", "check"])
def test_no_text_of_the_data_breaks_or_runs(where: str) -> None:
    calm = dict.fromkeys(("title", "says", "label", "cell", "words", "about", "check"), "calm") | {where: HOSTILE}
    table = Table(calm["title"], ("", "value"), ((calm["cell"], calm["cell"]),))
    drawing = Whiskers("value", (Mark(calm["label"], [0.5, 0.4, 0.6]),))
    verdict = Verdict("Ship", calm["words"], (Check(calm["check"], "yes", calm["check"]),))
    report = a_report(Words(calm["words"]), Chart(calm["title"], calm["says"], drawing, table), table, verdict=verdict)
    report = replace(report, title=calm["title"], about=calm["about"])
    text = page(report)
    read = read_page(text)
    assert read.wrong == []
    assert "script" not in read.tags
    assert not {"\u202e", "\u2066", "\x00", "\x07"} & set(text)
    assert max(map(len, read.text.split())) <= LONGEST
    card = markdown(report)
    assert not {"\u202e", "\u2066", "\x00"} & set(card)
    assert "<script" not in card


def test_progress_is_told_of_each_drawing() -> None:
    told: list[tuple[int, int]] = []
    page(EVERYTHING, progress=lambda step, done=0, total=0: told.append((done, total)))
    assert told == [(i, len(DRAWINGS)) for i in range(1, len(DRAWINGS) + 1)]


# --- the card ----------------------------------------------------------------------------------------------------


def test_the_card_has_the_same_words_and_numbers_as_the_page() -> None:
    read, card = read_page(page(EVERYTHING)), markdown(EVERYTHING)
    plain = card.replace("\\|", "|").replace("&lt;", "<")
    assert [cell for cell in read.cells if cell not in plain] == []
    for level, heading in read.headings:
        assert f"{'#' * level} {heading}" in card
    assert "It says so." in card
    assert "```\na = 1\n<b>\n```" in card


def test_a_bar_in_a_cell_makes_no_column() -> None:
    rows = [line for line in markdown(EVERYTHING).splitlines() if "three" in line]
    assert rows
    assert all(line == "| two \\| three | 0.7 |" for line in rows)


# --- the verdict and the words -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "headline"),
    [
        (("yes", "yes"), "Ship this"),
        (("yes", "unclear"), "Look before you ship"),
        (("yes", "not asked"), "Look before you ship"),
        (("unclear", "no"), "Do not ship yet"),
    ],
)
def test_one_no_is_enough_and_one_doubt_asks_for_a_look(answers: tuple[Answer, ...], headline: str) -> None:
    checks = [Check(f"Question {i}?", answer, "") for i, answer in enumerate(answers)]
    verdict = decided(checks, good="All is well.", what="this")
    assert verdict.headline == headline
    named_there = [check.question for check in checks if check.question in verdict.reason]
    worst: Answer | None = "no" if "no" in answers else None
    assert named_there == [
        one.question for one in checks if one.answer == worst or (worst is None and one.answer != "yes")
    ]


def test_figures_in_words() -> None:
    assert interval([0.5, None, None]) == "0.5000"
    assert gain([0.5, 0.25, 0.75], 2) == "+0.50 [+0.25, +0.75]"
    assert gain([None, None, None]) == "–"
    assert (is_surely_above([1, 0.1, 2]), is_surely_above([1, 0.0, 2]), is_surely_above([1, None, None])) == (
        True,
        False,
        False,
    )
    assert (is_surely_below([-1, -2, -0.1]), is_surely_below([-1, -2, 0.0]), is_surely_below([-1, None, None])) == (
        True,
        False,
        False,
    )
    assert listed("abc", most=2) == "a, b and 1 more"
    assert clean("a\nb\u202ec") == "a bc"
    assert len(named("x" * 200)) == 80


def test_drawing_is_loaded_when_something_is_drawn() -> None:
    """`lpr --help`, serving and a batch must not wait for matplotlib."""
    modules = "sys, training.__main__, training.model_card, training.report.evaluated"
    script = f"import {modules}; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
