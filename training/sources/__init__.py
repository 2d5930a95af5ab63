"""The readers: every outside source that can be turned into a data directory, by name.

Each reader is a module with `FILES` (what its folder must hold), `PROVENANCE` (whose it is, under which licence) and
`tables_of` (the rows of each table of `recommender.schema`, and notes of what was left out and why). docs/data.md
describes each mapping.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from training.sources import coco, coursera, esco, mars, onet
from training.sources.reading import require_files
from training.sources.writing import FileFormat, ImportSummary, Provenance, Row, write_data_directory

__all__ = ["SOURCES", "ImportSummary", "Source"]


@dataclass(frozen=True, slots=True)
class Source:
    """One source: one line about it, the files its folder must hold, whose it is, and what makes tables of the files."""

    description: str
    files: tuple[str, ...]
    provenance: Provenance
    tables_of: Callable[[Mapping[str, Path], list[str]], dict[str, list[Row]]]

    def read(
        self,
        src: Path,
        out: Path,
        *,
        file_format: FileFormat = "csv",
        progress: Callable[[str], None] | None = None,
    ) -> ImportSummary:
        """Turn the raw folder `src` into a data directory `out`, telling `progress` of each table written.

        Raises
        ------
        DataError
            If a file, a column or a cell is not as published, or `out` holds something else.
        """
        files = require_files(src, self.files)
        notes: list[str] = []
        tables = self.tables_of(files, notes)
        return write_data_directory(
            out,
            tables,
            provenance=self.provenance,
            inputs=files.values(),
            notes=notes,
            file_format=file_format,
            progress=progress,
        )


SOURCES: dict[str, Source] = {
    "mars": Source(
        "corporate Office e-learning: courses, watches and page views, jobs",
        mars.FILES,
        mars.PROVENANCE,
        mars.tables_of,
    ),
    "coco": Source(
        "online course marketplace: courses, who rated what when", coco.FILES, coco.PROVENANCE, coco.tables_of
    ),
    "onet": Source("O*NET occupations: roles and the skills they need", onet.FILES, onet.PROVENANCE, onet.tables_of),
    "esco": Source("ESCO IT occupations: roles and the skills they need", esco.FILES, esco.PROVENANCE, esco.tables_of),
    "coursera": Source(
        "Coursera catalogue: courses and the skills they teach", coursera.FILES, coursera.PROVENANCE, coursera.tables_of
    ),
}
"""Every source by the name the command line uses."""
