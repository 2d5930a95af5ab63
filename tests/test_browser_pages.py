"""Every page in a browser: axe-core finds nothing, nothing reaches beyond a narrow page, in either scheme and direction."""

from __future__ import annotations

from pathlib import Path

import pytest
from browsing import DESKTOP, NARROW, axe_report, opened, settle, sideways
from page_addresses import ANYBODY, EMPLOYEE, INSIGHT, filled, forgotten
from playwright.sync_api import Browser, Page, ViewportSize
from visited_service import Visited

from service import create_app
from web.config import ServiceConfig

SIZES = pytest.mark.parametrize("size", [DESKTOP, NARROW], ids=["desktop", "narrow"])
REFUSED = {403, 404}


@pytest.fixture(scope="module")
def service(visited: Visited) -> Visited:
    """Return a running service in which somebody has said something, so that there is something to show of it."""
    visited.say_something()
    return visited


def looked_at(page: Page, service: Visited, paths: list[str]) -> dict[str, list[str]]:
    """Return what is wrong with each page, in light and in dark, from left to right and back."""
    wrong: dict[str, list[str]] = {}
    for path in paths:
        answer = page.goto(service.address + path)
        assert answer is not None
        assert answer.status < 400 or answer.status in REFUSED, f"{path}: {answer.status}"
        settle(page)
        found = [axe_report(page), *sideways(page)]
        page.emulate_media(color_scheme="dark")
        found.append(axe_report(page, rules=("color-contrast",)))
        page.emulate_media(color_scheme="light")
        page.evaluate("document.documentElement.dir = 'rtl'")
        found += sideways(page)
        if any(found):
            wrong[path] = [one for one in found if one]
    return wrong


def test_every_page_is_among_those_looked_at(tmp_path: Path) -> None:
    app = create_app(ServiceConfig(models=tmp_path, database=f"sqlite:///{tmp_path / 'lpr.db'}"))
    assert list(forgotten(app)) == []


@SIZES
def test_the_pages_of_an_employee(browser: Browser, service: Visited, size: ViewportSize) -> None:
    with opened(browser, size=size, calm=False) as page:
        service.enter(page, service.learner)
        assert looked_at(page, service, filled(EMPLOYEE, **service.ids)) == {}


@SIZES
def test_the_pages_of_people_of_whom_little_is_known(browser: Browser, service: Visited, size: ViewportSize) -> None:
    with opened(browser, size=size, calm=False) as page:
        for employee_id in service.newcomers:
            service.enter(page, employee_id)
            assert looked_at(page, service, ["/me", "/me/skills", "/me/said", "/me/roles", "/me/data"]) == {}


@SIZES
def test_the_overview_of_a_manager(browser: Browser, service: Visited, size: ViewportSize) -> None:
    with opened(browser, size=size, calm=False) as page:
        service.enter_insight(page)
        page.get_by_role("table").first.wait_for()  # the figures are worked out while the page says so
        assert looked_at(page, service, filled(INSIGHT, **service.ids)) == {}


@SIZES
def test_what_anybody_sees(browser: Browser, service: Visited, size: ViewportSize) -> None:
    with opened(browser, size=size, calm=False) as page:
        assert looked_at(page, service, list(ANYBODY)) == {}


def test_the_api_reference(browser: Browser, service: Visited) -> None:
    """It is very long, so it is looked at once."""
    with opened(browser, size=NARROW) as page:
        page.goto(f"{service.address}/docs")
        assert sideways(page) == []
        assert axe_report(page) == ""
