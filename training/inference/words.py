"""Words, stems and the ways a skill can be called: what name evidence compares.

Stems are cut by a short list of English endings. In other languages most endings are not on the list, so a word stands
for itself: exact names are still found, other forms of a word by the likeness of its letters (`names`).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_WORD = re.compile(r"[^\W_]+(?:[+#]+(?!\w))?", re.UNICODE)
_PART = re.compile(r"\s*(?:,|;|/|&|\band\b|\bor\b)\s*", re.IGNORECASE)
_BRACKETS = re.compile(r"\(([^()]*)\)")
_ENDINGS = (
    *("izations", "ization", "ations", "tical", "ation", "ments", "tics", "ment", "ings", "ions", "ing", "ers", "ors"),
    *("ics", "ies", "ity", "ive", "ion", "sis", "al", "ed", "er", "or", "es", "ze", "s", "e", "y"),
)
"""Endings tried in this order; the first that leaves `_STEM` letters is cut."""
_STEM = 4


def words(text: str) -> list[str]:
    """Return the words of a text in their order, lower-case, accents removed; `c++` and `c#` are words."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return _WORD.findall("".join(sign for sign in plain if not unicodedata.combining(sign)))


_SMALL = frozenset(
    words(
        "a an and as at by for from general how in into is of on or other the to use using with your "
        "und der die das de la le les et el y en"
    )
)
"""Words that say nothing of a skill; the little words of English, German, French and Spanish."""


def stem(word: str) -> str:
    """Return a word without its ending: manage, managing and management are one."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _STEM:
            word = word[: -len(ending)]
            break
    if len(word) > _STEM and word[-1] == word[-2]:
        word = word[:-1]
    return word[:-1] if len(word) > _STEM and word[-1] in "ey" else word


def stems(text: str) -> tuple[str, ...]:
    """Return the stems of the words of a text that say something, in their order."""
    return tuple(stem(word) for word in words(text) if word not in _SMALL)


@dataclass(frozen=True, slots=True)
class Alias:
    """One way a skill can be called: its stems in their order, and whether it names the skill without the rest."""

    stems: tuple[str, ...]
    whole: bool


def aliases(name: str) -> tuple[Alias, ...]:
    """Return the ways a skill is called, the whole name first.

    The parts between "and", "or", commas and slashes, and abbreviations beside other words, name the skill by themselves:
    "Economics and Accounting" is also called Accounting, "Structured query language (SQL)" also SQL. What else stands in
    brackets is a part: "Python (Programming Language)" is not any programming language.
    """
    outside = _BRACKETS.sub(" ", name)
    found = dict.fromkeys([stems(outside), *map(stems, _PART.split(outside))], True)
    if len(words(name)) > 1:
        short = [one for one in name.replace("(", " ").replace(")", " ").split() if one.isupper() and one.isalnum()]
        found |= dict.fromkeys([stems(one) for one in short if len(one) > 1], True)
    for inner in _BRACKETS.findall(name):
        found.setdefault(stems(inner), False)
    return tuple(Alias(one, whole) for one, whole in found.items() if one)
