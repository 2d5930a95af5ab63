"""Hostile titles, names and ids in a browser: nothing runs, nothing breaks its place, and the pages can be used."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import DESKTOP, NARROW, axe_report, opened, settle, sideways
from flask.testing import FlaskClient
from hostile_company import ALONE, ROLE, SCRIPT, WHO, courses, hostile_client
from page_addresses import EMPLOYEE, INSIGHT, filled
from playwright.sync_api import Browser, ViewportSize, expect
from service_asking import DAY
from serving import serving
from visiting import ticket_for

from store import visits

MARKS = "\u202e\u2066"


@pytest.fixture(scope="module")
def client(
    sample_company: Path, fitted_models: Path, model_as_of: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FlaskClient]:
    folder, now = tmp_path_factory.mktemp("hostile"), model_as_of + 10 * DAY
    with hostile_client(sample_company, folder, models=fitted_models, now=now) as asking:
        yield asking


@pytest.fixture(scope="module")
def address(client: FlaskClient) -> Iterator[str]:
    with serving(client.application) as found:
        yield found


@pytest.mark.parametrize("size", [DESKTOP, NARROW], ids=["desktop", "narrow"])
def test_nothing_runs_and_nothing_leaves_its_place(
    browser: Browser, client: FlaskClient, address: str, size: ViewportSize
) -> None:
    """Scripts that ran would open dialogs; what the policy refuses and every error of the console fails the test too."""
    ids = {"role": ROLE, "course": courses()[0]["course_id"], "taken": courses()[2]["course_id"], "department": SCRIPT}
    pages = {visits.EMPLOYEE: filled(EMPLOYEE, **ids), visits.INSIGHT: filled(INSIGHT, **ids)}
    wrong: dict[str, list[str]] = {}
    with opened(browser, size=size) as page:
        for kind, paths in pages.items():
            page.goto(f"{address}/enter?ticket={ticket_for(client, kind, WHO if kind == visits.EMPLOYEE else None)}")
            for path in (one for one in paths if "no-such" not in one and "department" not in one):
                page.goto(address + path)
                settle(page)
                found = [*sideways(page), *([axe_report(page)] if size == NARROW else [])]
                if any(found):
                    wrong[path] = found
    assert wrong == {}


def test_a_suggestion_with_a_hostile_title_and_id_can_be_dismissed_and_taken_back(
    browser: Browser, client: FlaskClient, address: str
) -> None:
    with opened(browser) as page:
        page.goto(f"{address}/enter?ticket={ticket_for(client, visits.EMPLOYEE, WHO)}")
        page.goto(address + ALONE)
        card = page.locator("#next .cards > li", has=page.locator("h3", has_text="<script>alert(1)"))
        expect(card).to_have_count(1)
        card.locator("summary").last.click()
        card.locator('button[value="not_interested"]').click()
        expect(page.locator(".note.undo")).to_contain_text("<script>alert(1)")
        expect(card).to_have_count(0)
        page.locator(".note.undo button").click()
        expect(card).to_have_count(1)
