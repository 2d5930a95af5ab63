"""The manager's overview in a browser: let in by a link, chosen from by keyboard, readable at any size, light and dark."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import DESKTOP, NARROW, PHONE, Scheme, axe_report, focus_rings, opened, sideways
from playwright.sync_api import Browser, Page, ViewportSize, expect
from visited_service import Visited, visited_service

PAGES = (
    "/insight",
    "/insight?by=role",
    "/insight/gaps",
    "/insight/catalogue",
    "/insight/model",
    "/insight?department=x",
)


@pytest.fixture(scope="module")
def company(sample_company: Path, fitted_models: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visited]:
    with visited_service(fitted_models, sample_company, tmp_path_factory.mktemp("visited")) as found:
        yield found


def entered(company: Visited, page: Page) -> None:
    """Let a browser in, and wait until the figures are there; the page comes back by itself until they are."""
    company.enter_insight(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("How far skills meet what roles need")


@pytest.mark.parametrize("size", [DESKTOP, NARROW], ids=["desktop", "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_reaches_beyond_the_page(
    browser: Browser, company: Visited, size: ViewportSize, scheme: Scheme
) -> None:
    with opened(
        browser, size=size, scheme=scheme, calm=False
    ) as page:  # the last of the pages is a 404, which is logged
        entered(company, page)
        for address in PAGES:
            page.goto(f"{company.address}{address}")
            assert axe_report(page) == "", address
            assert sideways(page) == [], address


def test_a_manager_narrows_the_figures_down_without_scripts(browser: Browser, company: Visited) -> None:
    with opened(browser, size=PHONE, scripts=False) as page:
        entered(company, page)
        page.get_by_role("link", name="By role").click()
        expect(page.get_by_role("heading", level=2).first).to_have_text("Coverage by role and skill")
        family = page.locator("#role_family option").nth(1).inner_text()
        page.get_by_label("Role family").select_option(family)
        page.get_by_role("button", name="Show").click()
        expect(page.get_by_label("Role family")).to_have_value(family)
        page.get_by_role("link", name="All gaps, and courses that close them").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("The biggest gaps, and courses that close them")
        expect(page.get_by_label("Role family")).to_have_value(family)
        assert page.locator("ol.cards > li").count() > 2


def test_every_control_shows_that_it_has_the_focus_and_the_table_can_be_scrolled_by_keyboard(
    browser: Browser, company: Visited
) -> None:
    with opened(browser, size=NARROW) as page:
        entered(company, page)
        found = focus_rings(page)
        assert [name for name, visible in found if not visible] == []
        names = [name for name, _ in found]
        assert "Show" in names
        region = page.get_by_role("group", name="Coverage by department and skill")
        region.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function("document.activeElement.scrollLeft > 0")


def test_an_employee_sees_none_of_it(browser: Browser, company: Visited) -> None:
    with opened(browser, calm=False) as page:
        company.enter(page, company.learner)
        answer = page.goto(f"{company.address}/insight")
        assert answer is not None
        assert answer.status == 403
