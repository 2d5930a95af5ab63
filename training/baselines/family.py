"""What a baseline is: a family of settings, how they are fitted, and when the family cannot run."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from recommender.arrays import FloatArray, IntArray
from recommender.company import Dataset
from recommender.query import Query

Setting = Mapping[str, float]
"""One point of a grid: name of the setting → value."""


class Fitted(Protocol):
    """A baseline with one setting, fitted."""

    def scores(self, queries: Sequence[Query], *, employee_idx: IntArray) -> FloatArray:
        """Return a number for every course, (n_queries, n_courses), higher is better.

        `employee_idx` (n_queries,) says who asks. Only methods that keep a vector per person read it.
        """


class FitEach(Protocol):
    """Fit settings one after another, so that what they share is computed once."""

    def __call__(self, past: Dataset, settings: Sequence[Setting], *, seed: int, threads: int) -> Iterator[Fitted]:
        """Yield one fitted baseline a setting, in their order. `past` holds nothing at or after the cut."""


def _always(_: Dataset) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Family:
    """One baseline and the settings it is tuned over.

    Parameters
    ----------
    name, about
        Short name, and a sentence that says what it does and how it treats people without history.
    grid
        The settings tried, in the order they are fitted.
    fit_each
        How settings are fitted.
    unavailable
        Why the family cannot run on these data, "" where it can.
    """

    name: str
    about: str
    grid: tuple[Setting, ...]
    fit_each: FitEach
    unavailable: Callable[[Dataset], str] = _always

    @property
    def source(self) -> Path:
        """The file the family is written in: lists made by another version of it are not reused."""
        return Path(inspect.getfile(self.fit_each))


def words(setting: Setting) -> str:
    """Return a setting as text, `name=value` pairs in their order; "–" for none."""
    return ", ".join(f"{name}={value:g}" for name, value in setting.items()) or "–"
