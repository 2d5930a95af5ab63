"""Every element of the pages in a browser: readable, reachable by keyboard, and within the page however it is seen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browsing import DESKTOP, NARROW, PHONE, Scheme, axe_report, focus_rings, opened, sideways
from playwright.sync_api import Browser, ViewportSize
from serving import serving
from specimen_pages import specimen_app

SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE, NARROW], ids=["desktop", "phone", "narrow"])


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(specimen_app()) as found:
        yield found


@SIZES
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, address: str, size: ViewportSize, scheme: Scheme) -> None:
    with opened(browser, size=size, scheme=scheme) as page:
        page.goto(address)
        assert axe_report(page) == ""


@SIZES
@pytest.mark.parametrize("title", ["plain", "hostile"])
def test_nothing_reaches_beyond_the_page(browser: Browser, address: str, size: ViewportSize, title: str) -> None:
    with opened(browser, size=size) as page:
        page.goto(f"{address}/?title={title}")
        assert sideways(page) == []
        page.evaluate("document.documentElement.dir = 'rtl'")
        assert sideways(page) == []


def test_text_twice_as_large_stays_within_the_page(browser: Browser, address: str) -> None:
    with opened(browser, size={"width": 640, "height": 800}) as page:
        page.goto(address)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate("getComputedStyle(document.querySelector('p')).fontSize") >= "28px"
        assert sideways(page) == []


def test_a_bar_grows_from_where_reading_begins(browser: Browser, address: str) -> None:
    with opened(browser) as page:
        page.goto(address)
        track, have = page.locator(".meter .track").first, page.locator(".meter .have").first
        for direction, edge in (("ltr", 0.0), ("rtl", 1.0)):
            page.evaluate(f"document.documentElement.dir = '{direction}'")
            whole, part = track.bounding_box(), have.bounding_box()
            assert whole is not None
            assert part is not None
            begin = part["x"] - whole["x"] if edge == 0 else whole["x"] + whole["width"] - part["x"] - part["width"]
            assert begin == pytest.approx(0, abs=1)
            assert part["width"] == pytest.approx(0.24 * whole["width"], rel=0.02)


def test_every_control_shows_that_it_has_the_focus(browser: Browser, address: str) -> None:
    with opened(browser) as page:
        page.goto(address)
        rings = focus_rings(page)
    assert rings[0] == ("Skip to content", True)
    assert len(rings) >= 30
    assert [name for name, visible in rings if not visible] == []


def test_what_is_pressed_is_large_enough(browser: Browser, address: str) -> None:
    """WCAG 2.2, 2.5.8: 24 by 24 CSS pixels, links within a sentence apart."""
    with opened(browser, size=NARROW) as page:
        page.goto(address)
        boxes = page.locator("button, summary, select, label.option, nav a, .button-quiet").all()
        sizes = [box for one in boxes if (box := one.bounding_box()) is not None]
        assert len(sizes) >= 25
        assert [box for box in sizes if box["width"] < 24 or box["height"] < 24] == []


def test_shapes_are_there_where_a_reader_forces_the_colours(browser: Browser, address: str) -> None:
    with opened(browser, forced_colors="active") as page:
        page.goto(address)
        fills = "one => getComputedStyle(document.querySelector(one)).fill"
        colours = {name: page.evaluate(fills, name) for name in (".meter .track", ".meter .have")}
        assert colours[".meter .track"] != colours[".meter .have"]


def test_paper_has_the_content_and_no_controls(browser: Browser, address: str) -> None:
    with opened(browser) as page:
        page.goto(address)
        page.emulate_media(media="print")
        assert page.locator("h1").is_visible()
        assert page.locator(".timeline").is_visible()
        assert not page.locator("nav a, button, select").first.is_visible()
