"""What `lpr check` says of a data directory: everything wrong with it, and what is possible with it as it is."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from recommender.arrays import DAY, NONE
from recommender.company import Dataset
from recommender.schema import IN_PROGRESS_BELOW, TABLES
from training.tables.audit import Notice, audit
from training.tables.load import build_dataset, warnings_of
from training.tables.problems import Finding, Findings, Problem, counted, ordered
from training.tables.times import iso, zone_of
from training.tables.validate import check_tables

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing the product can do, whether these tables allow it, and why."""

    name: str
    on: bool
    why: str


@dataclass(frozen=True, slots=True)
class CheckReport:
    """Everything found about a data directory, worst first.

    Parameters
    ----------
    rows
        Rows read from each table that is there.
    stopping, set_aside
        What stops a load; what costs a row or an id.
    notices
        What is allowed and yet worth a look.
    features
        What these tables make possible; empty where they cannot be used at all.
    summary
        Counts in words, a line each.
    """

    path: Path
    rows: Mapping[str, int]
    stopping: tuple[Finding, ...]
    set_aside: tuple[Finding, ...]
    notices: tuple[Notice, ...]
    features: tuple[Feature, ...]
    summary: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """0 where the tables can be loaded, 2 where they cannot."""
        return 2 if self.stopping else 0

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Every problem that stops a load."""
        return tuple(ordered(self.stopping))

    def lines(self, limit: int | None = _SHOWN) -> Iterator[str]:
        """Yield the report as lines of text, worst first.

        `limit` is how many of one sort are listed before "… and N more"; None lists all.
        """
        if self.stopping:
            n = sum(map(len, self.stopping))
            yield f"Stops a load ({n:,}):"
            yield from _listed((str(problem) for problem in ordered(self.stopping, per_finding=limit)), n, limit)
        for reason, findings in _by_reason(self.set_aside).items():
            n = sum(map(len, findings))
            yield f"Set aside, {reason} ({n:,}):"
            yield from _listed((str(problem) for problem in ordered(findings, per_finding=limit)), n, limit)
        for notice in self.notices:
            end = ":" if notice.items else "" if notice.text.endswith("?") else "."
            yield f"{notice.severity.capitalize()}: {notice.text}{end}"
            yield from _listed(iter(notice.items), len(notice.items), limit)
        if self.features:
            yield "What these tables make possible:"
            yield from (f"  {'yes' if one.on else 'no '}  {one.name}: {one.why}" for one in self.features)
        yield "Summary:"
        yield from (f"  {line}" for line in self.summary)

    def as_dict(self) -> dict[str, object]:
        """Return the whole report for JSON, every problem in it."""
        return {
            "path": str(self.path),
            "exit_code": self.exit_code,
            "rows": dict(self.rows),
            "problems": [problem.as_dict() for problem in self.problems],
            "set_aside": [problem.as_dict() for problem in ordered(self.set_aside)],
            "notices": [asdict(notice) for notice in self.notices],
            "features": [asdict(feature) for feature in self.features],
            "summary": list(self.summary),
        }


def check_directory(
    path: Path,
    *,
    now: int | None = None,
    time_zone: str = "UTC",
    in_progress_below: float = IN_PROGRESS_BELOW,
) -> CheckReport:
    """Check the tables in a directory; nothing is raised for what is wrong with them and nothing is written.

    `now` (seconds) is the moment they were taken, by default the clock's; `time_zone` and
    `in_progress_below` as for loading.

    Raises
    ------
    ConfigError
        If there is no such time zone.
    """
    clock = now if now is not None else int(time.time())
    latest = clock if now is not None else clock + DAY
    findings = Findings()
    checked = check_tables(path, zone=zone_of(time_zone), latest=latest, findings=findings, progress=lambda _: None)
    rows = {name: len(table) for name, table in checked.tables.items()}
    counts = [f"{name}: {counted(n, 'row')}" for name, n in rows.items()]
    notices = [Notice("warning", "reading", text) for text in findings.warnings]
    features: tuple[Feature, ...] = ()
    if checked.complete and "completed_at" in checked.tables["completions"].columns:
        data = build_dataset(checked, now=now, clock=clock, in_progress_below=in_progress_below)
        notices = [Notice("warning", "reading", text) for text in warnings_of(findings, data)]
        notices += audit(data, checked.tables, clock=clock)
        notices.sort(key=lambda notice: notice.severity != "warning")
        features = what_is_possible(data, identities=rows.get("identities", 0))
        counts += summary_of(data)
    n_stopping, n_aside = (sum(map(len, some)) for some in (findings.stopping, findings.set_aside))
    totals = (
        counted(n_stopping, "problem") + " to mend first",
        f"{n_aside:,} set aside",
        counted(len(notices), "notice"),
    )
    counts.append(", ".join(totals))
    return CheckReport(path, rows, findings.stopping, findings.set_aside, tuple(notices), features, tuple(counts))


def summary_of(data: Dataset) -> list[str]:
    """Return what a data set holds, a line each."""
    done = data.completions
    sizes = {"employee": data.people.ids, "course": data.catalog.ids, "skill": data.skills.ids, "role": data.roles.ids}
    begun = int(data.people.begun.indptr[-1])
    lines = [
        ", ".join(counted(len(some), noun) for noun, some in sizes.items()),
        f"{counted(len(done), 'completion')}, {int(done.targets.sum()):,} of them first and by choice, "
        f"{int(done.assigned.sum()):,} assigned; {counted(begun, 'course')} begun",
    ]
    if len(done):
        lines.append(f"completed from {iso(int(done.at.min()))} to {iso(int(done.at.max()))}")
    return lines


def what_is_possible(data: Dataset, *, identities: int) -> tuple[Feature, ...]:
    """Return what a data set makes possible, each with the reason; `identities` is the number of known xAPI actors."""
    known = (*_from_courses_and_roles(data), *_from_people(data))
    actors = ("xAPI actors", identities, counted(identities, "actor"), "identities")
    return tuple(
        Feature(name, True, why) if count else Feature(name, False, _why_not(data, table))
        for name, count, why, table in (*known, actors)
    )


_Asked = tuple[str, int, str, str]
"""A feature, how much there is for it, that in words, and the table it comes from."""


def _from_courses_and_roles(data: Dataset) -> tuple[_Asked, ...]:
    catalog, needs = data.catalog, data.roles.needs.skill_idx
    described, with_hours = sum(map(bool, catalog.descriptions)), int((~catalog.hours_assumed).sum())
    taught = len(catalog.skills.skill_idx)
    shared = len(np.intersect1d(needs, catalog.skills.skill_idx))
    paths = f"courses teach {counted(shared, 'skill')} that roles need"
    hours = f"{counted(with_hours, 'course')} of {len(catalog):,} with hours"
    lacking = "role_skills" if "role_skills" in data.absent else "course_skills"
    return (
        ("courses found by their text", described, f"{counted(described, 'course')} described", "courses"),
        ("skill gap and coverage", len(needs), f"roles need {counted(len(needs), 'level')} of skills", "role_skills"),
        ("learning paths", shared, paths, lacking),
        ("lifts shown with a recommendation", taught, f"courses teach {counted(taught, 'level')}", "course_skills"),
        ("hours and weeks of a path", with_hours, hours, "courses"),
    )


def _from_people(data: Dataset) -> tuple[_Asked, ...]:
    people, done = data.people, data.completions
    chosen = int(done.targets.sum())
    later = max(len(np.unique(done.at[done.targets])) - 1, 0)
    in_role, rules = int((people.role_idx != NONE).sum()), len(people.assignments)
    evidence, feedback, moves, begun = (
        int(facts.indptr[-1]) for facts in (people.evidence, people.feedback, people.role_changes, people.begun)
    )
    return (
        ("next courses from what people took", chosen, f"{counted(chosen, 'completion')} by choice", "completions"),
        ("evaluation on later completions", later, f"completions at {later + 1:,} times", "completions"),
        ("popularity and lift within a role", in_role, f"{counted(in_role, 'employee')} in a role", "employees"),
        ("levels from evidence", evidence, counted(evidence, "claim"), "skill_evidence"),
        ("mandatory training", rules, counted(rules, "rule"), "assignments"),
        ("roles in the past", moves, counted(moves, "role change"), "role_changes"),
        ("courses in progress", begun, f"{counted(begun, 'course')} begun", "progress"),
        ("dismissed courses", feedback, f"{counted(feedback, 'piece')} of feedback", "feedback"),
    )


def _why_not(data: Dataset, table: str) -> str:
    if table in data.absent:
        return f"there is no table {table}" + (f" ({TABLES[table].feature})" if TABLES[table].feature else "")
    return f"the table {table} has nothing for it"


def _by_reason(findings: Sequence[Finding]) -> dict[str, list[Finding]]:
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.reason, []).append(finding)
    return groups


def _listed(texts: Iterator[str], total: int, limit: int | None) -> Iterator[str]:
    shown = 0
    for text in texts:
        if shown == limit:
            break
        yield f"  {text}"
        shown += 1
    if total > shown:
        yield f"  … and {total - shown:,} more"
