"""What single words of the answers are called on a page: sources, parts, formats, kinds, levels, days and amounts."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from babel.lists import format_list
from flask_babel import format_decimal, get_locale
from flask_babel import gettext as _

from recommender.schema import DIFFICULTIES
from web.pages.formats import cut
from web.pages.languages import DIRECTIONS, language

LONGEST_SHOWN = 300
"""Characters of a title or a name that a sentence shows, at most."""
SHORT = 80
"""The same, in a message that says what was changed."""
LEVELS = range(6)

_ISOLATE, _END = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
_TURNING = frozenset({"R", "AL", "AN", "LRE", "LRO", "RLE", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
_CONTROLS = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
"""Characters that turn the direction of what follows them, beyond the text they stand in."""


def shown(text: str, longest: int = LONGEST_SHOWN) -> str:
    """Return a title or a name as it may stand in a sentence: on one line, not too long, and turning nothing but itself.

    It is set apart (U+2068 … U+2069) where its direction, or that of the page, is not from left to right.
    """
    one_line = " ".join(text[: 4 * longest].split())
    if not one_line.isprintable():
        one_line = "".join(" " if unicodedata.category(one) == "Cc" else one for one in one_line)
    short = cut(one_line, longest)
    if DIRECTIONS.get(language(), "ltr") == "ltr" and (
        short.isascii() or _TURNING.isdisjoint(map(unicodedata.bidirectional, short))
    ):
        return short
    return f"{_ISOLATE}{short.translate(_CONTROLS)}{_END}"


def listed(words: Iterable[str], *, style: str = "standard") -> str:
    """Return words as a list in the page's language: "a, b, and c", or, with the style "or", "a, b, or c"."""
    return str(format_list(list(words), style=style, locale=get_locale()))  # type: ignore[arg-type]


def number(amount: float) -> str:
    """Return a number in the page's language."""
    return format_decimal(amount)


def source_name(source: str) -> str:
    """Return who says that somebody is at a level: "as your manager says"."""
    return {
        "manager": _("as your manager says"),
        "assessment": _("by an assessment"),
        "credential": _("by a credential"),
        "completion": _("by a completed course"),
        "self": _("as you say"),
        "assumed": _("assumed from your role"),
    }.get(source, source)


def part_name(part: str) -> str:
    """Return what a part of a score stands for."""
    return {
        "item_item": _("Taken together with what you completed"),
        "sequence": _("Follows what you completed"),
        "hybrid": _("Suits your history and role taken together"),
        "trend": _("In demand now"),
        "content": _("Close in subject"),
        "role": _("Usual in the role or on the way to it"),
        "goal": _("Closes your gap"),
        "explore": _("Leads to new ground"),
        "base": _("The same for every course"),
    }.get(part, part)


def format_name(name: str) -> str:
    """Return what a format is called; one that is not known by name stays as the catalogue writes it."""
    return {
        "article": _("Article"),
        "audio": _("Audio"),
        "book": _("Book"),
        "classroom": _("Classroom"),
        "coaching": _("Coaching"),
        "course": _("Course"),
        "lab": _("Lab"),
        "online": _("Online"),
        "podcast": _("Podcast"),
        "reading": _("Reading"),
        "video": _("Video"),
        "webinar": _("Webinar"),
        "workshop": _("Workshop"),
    }.get(name.casefold(), shown(name))


def language_name(code: str) -> str:
    """Return what a language of a course is called in that of the page; one that is no code stays as it is written."""
    locale = get_locale()
    known = None if locale is None else locale.languages.get(code.replace("-", "_").split("_")[0].casefold())
    return str(known) if known else shown(code)


def kind_name(kind: str) -> str:
    """Return what a kind of skills is called; "" is a kind that nobody named."""
    return {
        "technical": _("Technical skills"),
        "human": _("Human skills"),
        "domain": _("Knowledge of the field"),
    }.get(kind, _("Other skills"))


def difficulty_name(difficulty: int) -> str:
    """Return what a difficulty of the catalogue is called (1 to 4), "" where it is not known."""
    word = DIFFICULTIES[difficulty - 1] if 0 < difficulty <= len(DIFFICULTIES) else ""
    return {
        "beginner": _("Beginner"),
        "intermediate": _("Intermediate"),
        "advanced": _("Advanced"),
        "expert": _("Expert"),
    }.get(word, "")


def level_name(level: int) -> str:
    """Return what a level is called: none, aware, basic, working, advanced, expert."""
    return (_("none"), _("aware"), _("basic"), _("working"), _("advanced"), _("expert"))[level]


def verb_name(verb: str) -> str:
    """Return what somebody said of a course: "not interested"."""
    return {
        "not_interested": _("not interested"),
        "already_know": _("already known"),
        "too_easy": _("too easy"),
        "too_hard": _("too hard"),
        "later": _("later"),
    }.get(verb, verb)


def distance_name(kind: str) -> str:
    """Return how far a target role lies from the role held, in words."""
    return {
        "upskill": _("close to your role"),
        "hybrid": _("some way from your role"),
        "reskill": _("far from your role"),
    }.get(kind, kind)
