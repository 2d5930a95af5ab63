"""A real browser at the pages of a running service: Chromium as the system has it, driven by Playwright.

Every page a test opens is watched: a script error, a dialog, a refused resource or a broken security policy fails the test
that opened it.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, ViewportSize, sync_playwright

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
Scheme = Literal["light", "dark"]

DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
NARROW: ViewportSize = {"width": 320, "height": 640}
"""The narrowest a page must fit into without scrolling sideways (WCAG 2.2, 1.4.10)."""

AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def chromium() -> str | None:
    """Return the path of the system's Chromium, or None."""
    return next((found for name in CHROMIUM if (found := shutil.which(name))), None)


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Run Chromium until the end of the block. Without one, tests are skipped; in continuous integration they fail."""
    path = chromium()
    if path is None:
        said = f"no browser: none of {', '.join(CHROMIUM)} is installed (apt-get install chromium)"
        pytest.fail(said) if os.environ.get("CI") == "true" else pytest.skip(said)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Trouble:
    """What went wrong on a page while it was watched."""

    seen: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Note everything that goes wrong on a page from now on."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.seen.append(f"script: {error}"))
        page.on("requestfailed", self._failed)
        page.on("dialog", self._dialog)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.seen.append(f"console: {message.text}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # by going on to another page
            self.seen.append(f"failed: {request.url} {request.failure}")

    def _dialog(self, dialog: Any) -> None:
        self.seen.append(f"dialog: {dialog.message}")
        dialog.dismiss()


@contextmanager
def opened(
    browser: Browser,
    *,
    size: ViewportSize = DESKTOP,
    scheme: Scheme = "light",
    scripts: bool = True,
    language: str = "en",
    calm: bool = True,
    **more: Any,
) -> Iterator[Page]:
    """Give a page of a browser without a past, and check at the end that nothing went wrong on it unless `calm` is off."""
    context = browser.new_context(
        viewport=size,
        color_scheme=scheme,
        java_script_enabled=scripts,
        locale=language,
        reduced_motion="reduce",
        **more,
    )
    context.set_default_timeout(15_000)
    trouble = Trouble()
    try:
        page = context.new_page()
        trouble.watch(page)
        yield page
    finally:
        context.close()
    assert not calm or trouble.seen == [], trouble.seen


def eventually(holds: Callable[[], bool], *, seconds: float = 15) -> None:
    """Wait until something holds."""
    last = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < last, "it never held"
        time.sleep(0.1)


def settle(page: Page) -> None:
    """Wait until a page has put the best path in the place of its draft, if it had one."""
    page.locator("#path[data-best]").wait_for(state="detached")


def axe_report(page: Page, *, rules: Sequence[str] = ()) -> str:
    """Return what axe-core finds wrong with the page shown, by all rules unless some are named; "" for nothing."""
    wanted = {"type": "rule", "values": list(rules)} if rules else {"type": "tag", "values": AXE_TAGS}
    found = Axe().run(page, options={"runOnly": wanted, "resultTypes": ["violations"]})
    return "" if found.violations_count == 0 else found.generate_report()


def sideways(page: Page) -> list[str]:
    """Return the elements that reach beyond the page to either side, those in a region that scrolls apart."""
    return list(page.evaluate(_SIDEWAYS))


_SIDEWAYS = """() => {
  const root = document.documentElement, wide = root.clientWidth, found = [];
  if (root.scrollWidth > wide) found.push(`page: ${root.scrollWidth} > ${wide}`);
  const scrolls = one => one && (/auto|scroll|hidden|clip/.test(getComputedStyle(one).overflowX)
    || scrolls(one.parentElement));
  for (const one of document.querySelectorAll("body *")) {
    const box = one.getBoundingClientRect(), name = one.className.baseVal ?? one.className;
    if (!box.width || !box.height || one.closest(".visually-hidden, .skip") || scrolls(one.parentElement)) continue;
    if (box.right > wide + 1 || box.left < -1) found.push(`${one.tagName}.${name}: ${one.textContent.slice(0, 40)}`);
  }
  return found;
}"""


def focus_rings(page: Page) -> list[tuple[str, bool]]:
    """Go through a page by the Tab key, and return what each control says and whether it shows that it has the focus."""
    found: list[tuple[str, bool]] = []
    page.evaluate("document.activeElement.blur()")
    while len(found) < 500:
        page.keyboard.press("Tab")
        one = page.evaluate(_FOCUSED)
        if one is None:
            return found
        found.append((one["name"], one["visible"]))
    raise AssertionError("the focus never leaves the page")


_FOCUSED = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const style = getComputedStyle(one), box = one.getBoundingClientRect();
  const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const inside = box.right > 0 && box.bottom > 0 && box.left < innerWidth && box.top < innerHeight;
  return {name: (one.ariaLabel || one.textContent || one.name).trim(), visible: ring && inside};
}"""
