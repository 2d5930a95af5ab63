"""The pages in a frame of another site, as a learning platform shows them: over TLS, with a cookie of that place alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from browsing import eventually, opened
from flask import Flask
from guarded_service import Guarded, guarded
from playwright.sync_api import Browser, Page, expect
from serving import serving

from training.__main__ import main as lpr

PLATFORM, OURS = "127.0.0.1", "localhost"
"""Two hosts that no browser takes for one site."""


@pytest.fixture(scope="module")
def database(sample_company: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"sqlite:///{tmp_path_factory.mktemp('framed') / 'lpr.db'}"
    assert lpr(["load", str(sample_company), "--db", url]) == 0
    return url


@dataclass
class Platform:
    """A page of a learning platform that shows one of ours in a frame; by which link is said later."""

    app: Flask
    address: str
    link: str = ""


@contextmanager
def platform() -> Iterator[Platform]:
    app = Flask("platform")
    with serving(app, host=PLATFORM, tls=True) as address:
        found = Platform(app, address)

        @app.get("/")
        def course_page() -> str:
            head = '<!doctype html><title>Platform</title><link rel="icon" href="data:,">'
            return f'{head}<iframe src="{found.link}" width="900" height="600"></iframe>'

        yield found


def issue(service: Guarded, address: str) -> str:
    """Return the link the platform's key gets for the first employee there is."""
    _, asking = service.key("link", "read")
    client = service.client
    employee = client.get("/v1/employees?limit=1", headers=asking).get_json()["employees"][0]["employee_id"]
    answer = client.post(f"/v1/employees/{employee}/links", headers=asking, json={}, base_url=address)
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["url"])


@contextmanager
def framed(
    browser: Browser, models: Path, database: str, now: int, *, allowed: bool, calm: bool = True
) -> Iterator[tuple[Page, str]]:
    """Open the platform's page with ours in its frame; `allowed` says whether the service lets it."""
    with platform() as host:
        ancestors = (host.address,) if allowed else ()
        with (
            guarded(models, database, now, frame_ancestors=ancestors) as service,
            serving(service.app, host=OURS, tls=True) as address,
            opened(browser, ignore_https_errors=True, calm=calm) as page,
        ):
            host.link = issue(service, address)
            page.goto(host.address)
            yield page, address


def test_a_platform_that_may_shows_the_page_and_its_forms_work(
    browser: Browser, fitted_models: Path, database: str, model_as_of: int
) -> None:
    with framed(browser, fitted_models, database, model_as_of + 86_400, allowed=True) as (page, address):
        inside = page.frame_locator("iframe")
        expect(inside.locator("html")).to_have_attribute("lang", "en")
        expect(inside.get_by_role("heading", level=1)).to_be_visible()
        inside.get_by_role("button", name="Deutsch").click()
        expect(inside.locator("html")).to_have_attribute("lang", "de")
        expect(inside.get_by_role("heading", level=1)).to_be_visible()
        [cookie] = page.context.cookies()
        assert (cookie["name"], cookie["sameSite"]) == ("__Host-lpr", "None")
        assert cookie["httpOnly"]
        assert cookie["secure"]
        assert cookie.get("partitionKey")
        alone = page.context.new_page()
        alone.goto(f"{address}/me")  # not in that frame, so nobody is visiting
        assert alone.get_by_role("heading", level=1).inner_text() == "Please come in by your learning platform"


def test_another_page_may_not_show_it(browser: Browser, fitted_models: Path, database: str, model_as_of: int) -> None:
    with framed(browser, fitted_models, database, model_as_of + 86_400, allowed=False, calm=False) as (page, _):
        eventually(lambda: page.frames[1].evaluate("location.href").startswith("chrome-error:"))
