"""Ids and names: readable ids from titles, titles from ids, one name for many spellings, damaged text repaired."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable

_SPELLED_OUT = (("c++", "c-plus-plus"), ("#", "-sharp"), ("+", "-plus"), ("&", " and "))
_LEADING_DOT = re.compile(r"(?<!\w)\.(?=\w)")
_UTF8_READ_AS_LATIN = re.compile(r"[\u00c2-\u00f4][\u0080-\u00bf]")
_LAST_LATIN_LETTER = "\u024f"


def slug(text: str) -> str:
    """Return `text` in lower-case ASCII words joined by "-": "Node.js & C#" gives "node-js-and-c-sharp".

    Signs that tell names apart are spelled out (+, #, &, the dot of ".NET"), accents dropped. Empty if nothing is left.
    """
    folded = unicodedata.normalize("NFKD", _spelled_out(text)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", folded).strip("-")


def _spelled_out(text: str) -> str:
    lowered = text.casefold()
    for sign, words in _SPELLED_OUT:
        lowered = lowered.replace(sign, words)
    return _LEADING_DOT.sub("dot-", lowered)


def assign_ids(names: Iterable[str]) -> dict[str, str]:
    """Give each distinct name an id: its slug, and for the later of equal slugs "-" and the start of its SHA-256.

    Names are taken in sorted order, so the same set always gets the same ids, whatever the order of the file.
    """
    ids: dict[str, str] = {}
    taken: set[str] = set()
    for name in sorted(set(names)):
        base, digest = slug(name), hashlib.sha256(name.encode()).hexdigest()
        candidate, length = base or f"x-{digest[:8]}", 6
        while candidate in taken:
            candidate = f"{base or 'x'}-{digest[:length]}"
            length += 2
        ids[name] = candidate
        taken.add(candidate)
    return ids


def merge_spellings(names: Iterable[str]) -> dict[str, str]:
    """Map each name to the most frequent name that differs only in case or punctuation; ties to the first in order.

    "Data-Analysis" and "data analysis" are one name; "C", "C#" and "C++" are three.
    """
    counts = Counter(names)
    groups: dict[str, list[str]] = {}
    for name in sorted(counts):
        groups.setdefault(re.sub(r"[\W_]+", " ", _spelled_out(name)).strip(), []).append(name)
    return {name: max(group, key=lambda other: counts[other]) for group in groups.values() for name in group}


def title_from_slug(text: str) -> str:
    """Return "learn-sql_fast" as "Learn Sql Fast": words at - and _, each with a capital."""
    return " ".join(word[0].upper() + word[1:] for word in re.split(r"[-_]+", text) if word)


def repair_mojibake(text: str) -> str:
    """Return text that was UTF-8 read as Latin-1 as it was meant ("Â²" becomes "²"); any other text unchanged.

    Repaired only if the whole text decodes: a text that merely contains such letters almost never does.
    """
    if not _UTF8_READ_AS_LATIN.search(text):
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def is_damaged(text: str) -> bool:
    """Tell whether a repaired text has lost too much to be read.

    True if mis-read UTF-8 is left, or bytes were replaced by "_" in a text of non-Latin letters, or the "_" outnumber
    the ASCII letters.
    """
    lost = text.count("_")
    ascii_letters = sum(letter.isascii() and letter.isalpha() for letter in text)
    foreign = any(letter.isalpha() and letter > _LAST_LATIN_LETTER for letter in text)
    return bool(_UTF8_READ_AS_LATIN.search(text)) or (lost > 0 and (foreign or lost > ascii_letters))
