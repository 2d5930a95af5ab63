"""Searching titles as people type them: small and capital letters and accents alike, every word somewhere in the text."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

MAX_TYPED = 200
"""Characters of a search that are looked at."""
MAX_SEARCHED = 2_000
"""Characters of a text that are searched."""

_APART = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ð": "d", "þ": "th", "ł": "l", "đ": "d", "ı": "i"}
_LETTERS = str.maketrans(_APART)


def found_in(query: str, titles: tuple[str, ...], others: Sequence[tuple[str, ...]] = ()) -> list[int]:
    """Return the positions of the texts that have every word of a search, best first; none for an empty one.

    First those whose title begins with what was typed, then those with every word in the title, then those with every
    word in the title or the `others`; of each, in the order of the titles.
    """
    typed = folded(query[:MAX_TYPED])
    words = typed.split()
    if not words:
        return []
    in_titles, in_others = _all_folded(titles), [_all_folded(one) for one in others]
    found = []
    for i, title in enumerate(in_titles):
        if all(word in title for word in words):
            found.append((0 if title.startswith(typed) else 1, title, i))
        elif others and all(word in title or any(texts[i].find(word) >= 0 for texts in in_others) for word in words):
            found.append((2, title, i))
    return [i for _, _, i in sorted(found)]


def folded(text: str) -> str:
    """Return a text without what a search looks past: case, accents, and how often spaces stand."""
    plain = text[:MAX_SEARCHED].casefold().translate(_LETTERS)
    if not plain.isascii():
        plain = "".join(
            one for one in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(one)
        ).casefold()
    return " ".join(plain.split())


@lru_cache(maxsize=16)
def _all_folded(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(folded, texts))
