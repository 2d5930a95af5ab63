"""The readers: every outside source that can be turned into a data directory, by name.

Each reader takes the folder its source comes in and writes the tables of `recommender.schema`, with where they came
from, under which licence, and what was left out and why. docs/data.md describes each mapping.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from training.sources import coco, coursera, esco, mars, onet
from training.sources.writing import FileFormat, ImportSummary

__all__ = ["SOURCES", "ImportSummary", "Reader", "Source"]


class Reader(Protocol):
    """Turn the raw folder `src` into a data directory `out`; DataError if something expected is missing."""

    def __call__(
        self,
        src: Path,
        out: Path,
        *,
        file_format: FileFormat = "csv",
        progress: Callable[[str], None] | None = None,
    ) -> ImportSummary:
        """Read `src`, write `out` in `file_format`, tell `progress` of each table, return what was written."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """One source: the reader, one line about it, and the files its folder must hold."""

    read: Reader
    description: str
    files: tuple[str, ...]


SOURCES: dict[str, Source] = {
    "mars": Source(mars.read, "corporate Office e-learning: courses, watches and page views, jobs", mars.FILES),
    "coco": Source(coco.read, "online course marketplace: courses, who rated what when", coco.FILES),
    "onet": Source(onet.read, "O*NET occupations: roles and the skills they need", onet.FILES),
    "esco": Source(esco.read, "ESCO IT occupations: roles and the skills they need", esco.FILES),
    "coursera": Source(coursera.read, "Coursera catalogue: courses and the skills they teach", coursera.FILES),
}
"""Every source by the name the command line uses."""
