"""A whole visit in a browser: choose a role, read why, dismiss, set hours, correct a skill, and take it all back.

It is made four times: at a desk and on a phone, with and without scripts, with a pointer and by keyboard alone, in both
languages.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from browsing import DESKTOP, PHONE, eventually, opened, settle
from hands import Hand, Keyboard, Pointer
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect
from visited_service import Plan, Visited


def at_a_desk(_page: Page) -> Hand:
    return Pointer()


@dataclass(frozen=True)
class Way:
    """How somebody visits."""

    language: str
    size: ViewportSize
    scripts: bool
    hand: Callable[[Page], Hand]


WAYS = {
    "desk": Way("en", DESKTOP, True, at_a_desk),
    "phone-without-scripts": Way("de", PHONE, False, at_a_desk),
    "desk-by-keyboard": Way("de", DESKTOP, True, Keyboard),
    "phone-by-keyboard-without-scripts": Way("en", PHONE, False, Keyboard),
}
WORDS = {
    "en": {
        "dismissed": "is no longer offered to you",
        "corrected": "as you say",
        "undone": "is taken back",
        "aim": "You aim at",
    },
    "de": {
        "dismissed": "wird Ihnen nicht mehr vorgeschlagen",
        "corrected": "nach eigener Angabe",
        "undone": "zurückgenommen",
        "aim": "Ihr Ziel ist jetzt",
    },
}


@dataclass
class Visit:
    """One visit: the page, the hand, and what the visitor does."""

    page: Page
    hand: Hand
    way: Way
    plan: Plan

    def said(self, what: str) -> None:
        """Check what the page says back."""
        expect(self.page.locator(".note", has_text=WORDS[self.way.language][what])).to_be_visible()

    def go(self, path: str) -> None:
        """Follow a link of the navigation."""
        self.hand.press(self.page.locator(f'header nav a[href="{path}"]'))
        expect(self.page).to_have_url(re.compile(f"{path}$"))
        expect(self.page.locator(f'header nav a[href="{path}"]')).to_have_attribute("aria-current", "page")

    def choose_a_role(self) -> None:
        self.hand.press(self.page.locator('#picker a[href="/me/roles"]'))
        self.hand.type(self.page.locator("#q"), self.plan.role_title)
        self.hand.press(self.page.locator("form[role=search] button"))
        self.hand.press(self._form("/me/target", "role_id", self.plan.role_id).locator("button"))
        self.said("aim")
        expect(self.page.locator("h1")).to_contain_text(self.plan.role_title)

    def read_why(self) -> None:
        """The first suggestion says why in words, and in numbers that add up; its title leads to where it is taken."""
        card = self.cards.first
        link = card.locator("h3 a")
        expect(link).to_have_attribute("href", re.compile("^https?://"))
        expect(link).to_have_attribute("rel", "noopener noreferrer")
        expect(card.locator("li bdi").first).to_be_visible()
        self.hand.press(card.locator("summary").first)
        amounts = [number(one) for one in card.locator("details tbody tr td:last-child").all_inner_texts()]
        total = number(card.locator("details tfoot td").inner_text())
        assert len(amounts) >= 2
        assert sum(amounts) == pytest.approx(total, abs=1e-9)

    def dismiss(self) -> str:
        """Say of the first suggestion that it is of no interest, and return its title."""
        title = self.titles()[0]
        self.hand.press(self.cards.first.locator("summary").nth(1))
        self.hand.press(self.cards.first.locator('button[value="not_interested"]'))
        self.said("dismissed")
        assert title not in self.titles()
        return title

    def set_hours(self, hours: str) -> None:
        """Say how many hours a week there are; the page answers by itself, or when asked to."""
        self.hand.type(self.page.locator("#hours_per_week"), hours)
        if not self.way.scripts:
            self.hand.press(self.page.locator("#settings button"))
        expect(self.page).to_have_url(re.compile(f"hours_per_week={re.escape(hours)}(&|$)"))

    def correct(self) -> None:
        """Say that one is at the needed level of a skill."""
        self.go("/me/skills")
        form = self._form("/me/skills", "skill_id", self.plan.skill_id).first
        self.hand.choose(form.locator("select"), str(self.plan.needed))
        self.hand.press(form.locator("button"))
        self.said("corrected")

    def take_back(self) -> None:
        """Take back what one said of the skill."""
        card = self.page.locator(".card", has=self._form("/me/skills", "skill_id", self.plan.skill_id))
        self.hand.press(card.locator('form[action="/me/skills/undo"] button'))
        self.said("undone")

    def undo(self) -> None:
        """Take back what was just done, by the message that says so."""
        self.hand.press(self.page.locator(".note.undo button"))
        self.said("undone")

    @property
    def cards(self) -> Locator:
        return self.page.locator("#next .cards > li")

    def titles(self) -> list[str]:
        return [one.strip() for one in self.page.locator("#next .cards > li h3 bdi").all_inner_texts()]

    def last_week(self) -> int:
        """Return the week in which the path ends."""
        weeks, _ = self.page.locator("#path .timeline > li .when").last.inner_text().split("·")
        return max(map(int, re.findall(r"\d+", weeks)))

    def level(self) -> int:
        """Return the level of the planned skill, as the picture of the gap has it."""
        row = self.page.locator("#gap tbody tr", has=self.page.get_by_text(self.plan.skill_name, exact=True))
        return int(re.findall(r"\d", row.locator("td").first.inner_text())[0])

    def _form(self, action: str, name: str, value: str) -> Locator:
        field = self.page.locator(f'input[name="{name}"][value="{value}"]')
        return self.page.locator(f'form[action="{action}"]', has=field)


def number(text: str) -> float:
    """Return a number as either language writes it."""
    return float(text.replace("\N{MINUS SIGN}", "-").replace("+", "").replace(",", ".").strip())


@pytest.mark.parametrize("name", WAYS)
def test_a_whole_visit(browser: Browser, visited: Visited, name: str) -> None:
    way, plan = WAYS[name], visited.plan()
    with opened(browser, size=way.size, scripts=way.scripts, has_touch=way.size == PHONE) as page:
        visit = Visit(page, way.hand(page), way, plan)
        visited.enter(page, plan.employee_id, language=way.language)
        expect(page.locator("html")).to_have_attribute("lang", way.language)
        visit.choose_a_role()
        visit.read_why()
        dismissed = visit.dismiss()
        visit.undo()
        assert visit.titles()[0] == dismissed
        assert visit.dismiss() == dismissed
        visit.set_hours("2.5")
        slow = visit.last_week()
        visit.set_hours("12")
        eventually(lambda: visit.last_week() < slow)
        before = visit.level()
        visit.correct()
        visit.go("/me")
        assert visit.level() == plan.needed > before
        visit.go("/me/skills")
        visit.take_back()
        visit.go("/me")
        assert visit.level() == before
        visit.go("/me/said")
        expect(page.locator("h2", has_text=dismissed)).to_be_visible()
        visit.hand.press(page.locator('form[action="/me/feedback/undo"] button').first)
        visit.said("undone")
        visit.go("/me")
        assert dismissed in visit.titles()


def test_a_setting_changed_after_the_visit_ended_leads_to_what_to_do(browser: Browser, visited: Visited) -> None:
    with opened(browser, calm=False) as page:
        visited.enter(page, visited.learner)
        settle(page)
        page.context.clear_cookies()
        page.locator("#hours_per_week").fill("7")
        page.keyboard.press("Tab")
        expect(page.locator("h1")).to_have_text("Please come in by your learning platform")
        expect(page).to_have_url(re.compile("hours_per_week=7"))


def test_a_setting_that_cannot_be_asked_for_says_so_to_everybody(browser: Browser, visited: Visited) -> None:
    with opened(browser, calm=False) as page:
        visited.enter(page, visited.learner)
        settle(page)
        page.context.set_offline(True)
        page.locator("#hours_per_week").fill("7")
        page.keyboard.press("Tab")
        expect(page.locator("#said")).to_have_text("That did not work; try again.")
        expect(page.locator("#said")).to_be_in_viewport()
        expect(page.locator("#said")).not_to_have_class(re.compile(r"\bvisually-hidden\b"))
        page.context.set_offline(False)
        page.locator("#hours_per_week").fill("6")
        page.keyboard.press("Tab")
        expect(page).to_have_url(re.compile("hours_per_week=6"))
        expect(page.locator("#said")).to_have_class("visually-hidden")
