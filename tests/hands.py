"""How somebody uses a page: with a pointer, or by keyboard alone."""

from __future__ import annotations

from typing import Protocol

from playwright.sync_api import Locator, Page

MAX_TABS = 400


class Hand(Protocol):
    """Presses, types and chooses."""

    def press(self, what: Locator) -> None:
        """Press a button, a link or what unfolds something."""

    def type(self, where: Locator, text: str) -> None:
        """Put a text into a field, in place of what was there, and leave the field."""

    def choose(self, where: Locator, value: str) -> None:
        """Choose from a list by its value, and leave the list."""


class Pointer:
    """A mouse or a finger."""

    def press(self, what: Locator) -> None:
        """Press it where it can be seen."""
        what.click()

    def type(self, where: Locator, text: str) -> None:
        """Type, and go on to the next field."""
        where.fill(text)
        where.blur()

    def choose(self, where: Locator, value: str) -> None:
        """Choose in the list that opens."""
        where.select_option(value)


class Keyboard:
    """Tab, Enter, Space and the arrows; whatever has the focus must show it."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def press(self, what: Locator) -> None:
        """Go there and press Enter."""
        self._go(what)
        self._page.keyboard.press("Enter")

    def type(self, where: Locator, text: str) -> None:
        """Go there, type over what was there, and go on."""
        self._go(where)
        self._page.keyboard.press("Control+a")
        self._page.keyboard.type(text)
        self._page.keyboard.press("Tab")

    def choose(self, where: Locator, value: str) -> None:
        """Go there, move up or down to it, and go on."""
        self._go(where)
        values = [one.get_attribute("value") for one in where.locator("option").all()]
        steps = values.index(value) - values.index(where.input_value())
        for _ in range(abs(steps)):
            self._page.keyboard.press("ArrowDown" if steps > 0 else "ArrowUp")
        assert where.input_value() == value
        self._page.keyboard.press("Tab")

    def _go(self, there: Locator) -> None:
        there.wait_for()
        for _ in range(MAX_TABS):
            if there.evaluate("one => one === document.activeElement"):
                break
            self._page.keyboard.press("Tab")
        else:
            raise AssertionError(f"no Tab leads to {there}")
        seen = there.evaluate(
            """one => {
              const style = getComputedStyle(one), box = one.getBoundingClientRect();
              return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
                && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
            }"""
        )
        assert seen, f"{there} has the focus and does not show it"
