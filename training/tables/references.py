"""Hold ids that name rows of other tables against those tables, and find prerequisites and versions in circles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from recommender.arrays import BoolArray, Ids, LongArray
from recommender.assembly import neighbours, pieces
from recommender.cycles import find_cycles
from recommender.schema import EVERYONE, Column, Kind
from training.tables.cells import Words
from training.tables.problems import Findings, counted
from training.tables.rows import TableRows

_IMPLIED = {"skills": ("course_skills", "role_skills"), "roles": ("role_skills",)}
"""Tables that need not be there when others name their ids."""

_LIVED = ("completions", "progress", "skill_evidence", "role_changes", "feedback")
"""Tables whose people exist even where the table of employees does not name them."""


def known_ids(tables: Mapping[str, TableRows]) -> dict[str, Ids]:
    """Return the ids of courses, skills and roles; ids of an absent table are those others imply, sorted.

    A table that could not be read whole has no entry: what it lacks proves nothing.
    """
    known = {}
    for name in ("courses", "skills", "roles"):
        if name in tables:
            if tables[name].complete:
                known[name] = tables[name].ids()
        elif name in _IMPLIED:
            column = f"{name.removesuffix('s')}_id"
            sources = [tables[source] for source in _IMPLIED[name] if source in tables]
            known[name] = Ids(sorted(set().union(*(_used(rows, column) for rows in sources))))
    return known


def known_employees(tables: Mapping[str, TableRows]) -> Ids:
    """Return the ids of the employees' table in its order, then, sorted, of people only other kept rows name."""
    listed = tables["employees"].ids().ids if "employees" in tables else ()
    others = set().union(*(_used(tables[name], "employee_id") for name in _LIVED if name in tables))
    return Ids((*listed, *sorted(others.difference(listed))))


def check_references(tables: Mapping[str, TableRows], known: Mapping[str, Ids], findings: Findings) -> None:
    """Set aside what names an id that `known` does not have.

    A row goes where the column is required, or where without the id it would match everyone; else only the id does.
    """
    for rows in tables.values():
        for column in rows.table.columns:
            ids = known.get(column.references or "")
            if ids is not None and column.name in rows.columns:
                if not len(ids) and column.references not in tables:
                    _report_unused(rows, column, findings)
                else:
                    _report_unknown(rows, column, ids, findings)


def check_cycles(courses: TableRows, ids: Ids, findings: Findings) -> None:
    """Report every way in which prerequisites, or versions that supersede each other, lead back to their start."""
    first_rows = courses.first_rows()
    for name, expected in (
        ("prerequisites", "prerequisites that never lead back to the course"),
        ("supersedes", "versions that supersede only older ones"),
    ):
        for cycle in find_cycles([neighbours(cell, ids) for cell in courses.words(name).texts(first_rows)]):
            path = " → ".join(ids[i] for i in (*cycle, cycle[0]))
            at = first_rows[cycle[:1]]
            reason = f"{name} in a circle"
            findings.add(courses.finding(name, at, [path], found=path, reason=reason, expected=expected, stops=True))


def _used(rows: TableRows, column: str) -> set[str]:
    words = rows.words(column)
    used = np.zeros(len(words.words) + 1, dtype=np.bool_)
    used[words.codes if rows.kept.all() else words.codes[rows.kept]] = True
    return {words.words[code] for code in np.flatnonzero(used[:-1]).tolist()}


def _noun(column: Column) -> str:
    return str(column.references).removesuffix("s")


def _cells_with(words: Words, wanted: Sequence[bool], judged: BoolArray) -> LongArray:
    return np.flatnonzero(np.array([*wanted, False])[words.codes] & judged)


def _report_unused(rows: TableRows, column: Column, findings: Findings) -> None:
    words = rows.words(column.name)
    at = _cells_with(words, [word != EVERYONE or not column.wildcard for word in words.words], rows.judged)
    if len(at):
        whole_row = column.required or column.wildcard
        lost = counted(len(at), "row" if whole_row else "cell")
        name = f"{rows.table.name}.{column.name}"
        findings.warn(f"{name}: no table says which {column.references} there are; {lost} not used")
        if whole_row:
            rows.kept[at] = False


def _report_unknown(rows: TableRows, column: Column, ids: Ids, findings: Findings) -> None:
    words = rows.words(column.name)
    many = column.kind is Kind.IDS
    unknown = [[one for one in (pieces(word) if many else (word,)) if one not in ids.index] for word in words.words]
    if column.wildcard:
        unknown = [[one for one in some if one != EVERYONE] for some in unknown]
    at = _cells_with(words, [bool(some) for some in unknown], rows.judged)
    found = [(row, one) for row in at.tolist() for one in unknown[int(words.codes[row])]]
    if found:
        findings.add(
            rows.finding(
                column.name,
                np.array([row for row, _ in found], dtype=np.int64),
                [one for _, one in found],
                reason=f"unknown {_noun(column)}",
                expected=column.expected,
                stops=False,
                sets_aside=column.required or column.wildcard,
            )
        )
