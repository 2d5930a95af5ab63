"""Small CSV data directories for the tests of loading and checking."""

from __future__ import annotations

from pathlib import Path

TWO_COURSES = "course_id,title\nc1,One\nc2,Two\n"
ONE_COMPLETION = "employee_id,course_id,completed_at\ne1,c1,2025-01-01\n"


def write_tables(directory: Path, **tables: str | bytes | None) -> Path:
    """Write CSV tables beside two sound required ones, as they are; None leaves a table out. Return the directory."""
    for name, text in ({"courses": TWO_COURSES, "completions": ONE_COMPLETION} | tables).items():
        if text is not None:
            (directory / f"{name}.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return directory
