"""Lists on pages: a part of each at a time, with addresses of the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

SIZE = 20
"""What a page of a list holds unless said."""

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """A part of a list: what it holds, its number from 1, of how many, and how many the whole list has.

    `address` makes the address of a part of its number.
    """

    items: Sequence[Item]
    number: int
    pages: int
    total: int
    address: Callable[[int], str]


def page_of(found: Sequence[Item], asked: str, *, address: str, size: int = SIZE) -> Page[Item]:
    """Return the part of a list that a number asks for, the first if it is none, the last if there are fewer.

    `address` has `{}` where the number goes.
    """
    pages = max(1, -(-len(found) // size))
    number = min(max(int(asked), 1), pages) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 1
    start = (number - 1) * size
    return Page(found[start : start + size], number, pages, len(found), address.format)
