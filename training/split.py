"""Who is asked what, and when: rolling cuts in time and the cases of the two protocols.

A cut splits time: whatever is judged at a cut was fitted on rows strictly before it. `window` asks once a person, at
the cut; `next` asks again before each later completion (docs/evaluation.md). Leave-last-out is not offered: one
person's last course can lie before another's first, so the model would see the future.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np

from recommender.arrays import DAY, LATEST, BoolArray, IntArray, LongArray, Ragged, frozen
from recommender.company import Completions, Dataset
from recommender.errors import DataError
from recommender.query import Query, query_of

Protocol = Literal["window", "next"]
PROTOCOLS: tuple[Protocol, ...] = ("window", "next")


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A cut and the horizon behind it: `start` (the cut) inclusive, `end` exclusive, both in seconds."""

    start: int
    end: int

    @property
    def before(self) -> Window:
        """Return the window of the same length that ends at this cut: where settings are chosen for it."""
        return Window(2 * self.start - self.end, self.start)


@dataclass(frozen=True)
class Cases:
    """The questions of one protocol at one cut, and what truly followed.

    Parameters
    ----------
    protocol, window
        Which question, and the span its answers lie in.
    employee_idx
        Who is asked, shape (n,), rising; the same person may be asked more than once in `next`.
    queries
        What is known when asked; length n, nothing at or after `queries[i].as_of` in it.
    targets
        Courses that count as hits: row i holds those of case i, never empty.
    """

    protocol: Protocol
    window: Window
    employee_idx: IntArray
    queries: tuple[Query, ...]
    targets: Ragged

    def __len__(self) -> int:
        return len(self.queries)

    @cached_property
    def history_length(self) -> IntArray:
        """How many courses each person had completed when asked, shape (n,)."""
        return frozen(np.array([len(query.history) for query in self.queries], dtype=np.int32))

    @cached_property
    def role_idx(self) -> IntArray:
        """The role each person held when asked, shape (n,), `NONE` unknown."""
        return frozen(np.array([query.role_idx for query in self.queries], dtype=np.int32))

    @property
    def n_targets(self) -> IntArray:
        """How many hits are possible in each case, shape (n,)."""
        return np.diff(self.targets.indptr).astype(np.int32)

    def with_targets(self, keep: BoolArray) -> Cases:
        """Return the cases that still have a target when only the courses marked in `keep` (n_courses,) count."""
        rows = [row[keep[row]].tolist() for row in (self.targets.row(i) for i in range(len(self)))]
        left = [i for i, row in enumerate(rows) if len(row)]
        return replace(self.rows(np.array(left, dtype=np.int64)), targets=Ragged.from_rows([rows[i] for i in left]))

    def rows(self, index: LongArray) -> Cases:
        """Return the cases at the given positions, in that order."""
        return replace(
            self,
            employee_idx=frozen(self.employee_idx[index]),
            queries=tuple(self.queries[int(i)] for i in index),
            targets=Ragged.from_rows(self.targets.row(int(i)).tolist() for i in index),
        )


def rolling_windows(
    completions: Completions,
    *,
    n_cuts: int = 3,
    horizon_days: float | None = None,
    share_after: float = 0.2,
) -> tuple[Window, ...]:
    """Place consecutive windows so that the last one ends with the last completion.

    With `horizon_days` every window is that long. Without, the first cut is where `share_after` of the completions by
    choice are still to come, and the time from there on is divided evenly.

    Returns
    -------
    The windows, oldest first; `windows[i].end == windows[i + 1].start`, and the last end is one second after the
    latest completion by choice.

    Raises
    ------
    DataError
        If there is no completion by choice, or none before the validation window of the first cut.
    """
    at = np.sort(completions.at[completions.targets])
    if n_cuts < 1:
        raise ValueError(f"n_cuts: {n_cuts}; expected at least 1")
    if len(at) == 0:
        raise DataError("completions: none by choice; expected some to evaluate on. Check the column origin.")
    end = int(at[-1]) + 1
    if horizon_days is None:
        first_cut = int(at[min(len(at) - 1, int(len(at) * (1 - share_after)))])
        horizon = max(1, -(-(end - first_cut) // n_cuts))
    else:
        horizon = max(1, round(horizon_days * DAY))
    windows = tuple(Window(end - (n_cuts - i) * horizon, end - (n_cuts - i - 1) * horizon) for i in range(n_cuts))
    if int(at[0]) >= windows[0].before.start:
        raise DataError(
            f"completions: nothing lies before the first validation window with {n_cuts} cuts of "
            f"{horizon / DAY:.1f} days; expected some. Ask for fewer cuts or a shorter horizon."
        )
    return windows


def past_of(data: Dataset, cut: int) -> Dataset:
    """Return the company with the completions strictly before `cut`: all that a fit for this cut may read."""
    return data.with_completions(data.completions.before(cut))


def cases_of(
    data: Dataset, window: Window, protocol: Protocol, *, max_employees: int | None = None, seed: int = 0
) -> Cases:
    """Ask the questions of one protocol at one cut.

    `window`: one case a person with a completion by choice inside the window; asked at the cut, or on the day of hire
    if that is later, its targets are all of them. `next`: one case a completion by choice inside the window, asked at
    its own time from what came strictly before. Completions of one person at one time form a basket: each is a case of
    its own, and none of them is in the history of another. Undated facts (target roles, feedback) are not visible,
    whatever the time asked.

    Parameters
    ----------
    max_employees
        Ask only so many people, drawn at random with `seed`; None asks everyone.
    """
    completions = data.completions
    inside = completions.targets & (completions.at >= window.start) & (completions.at < window.end)
    rows = np.flatnonzero(inside)
    if max_employees is not None:
        rows = rows[
            np.isin(completions.employee_idx[rows], _drawn(completions.employee_idx[rows], max_employees, seed))
        ]
    undated_hidden = replace(data, now=LATEST)
    if protocol == "next":
        return _next_cases(undated_hidden, window, rows)
    return _window_cases(undated_hidden, window, rows)


def never_completed(completions: Completions, cut: int, n_courses: int) -> BoolArray:
    """Return which courses nobody had completed before `cut`, shape (n_courses,): the cold courses of that cut."""
    cold = np.ones(n_courses, dtype=np.bool_)
    cold[completions.course_idx[completions.at < cut]] = False
    return frozen(cold)


def _drawn(employee_idx: IntArray, n: int, seed: int) -> IntArray:
    people = np.unique(employee_idx)
    if len(people) <= n:
        return people
    return np.random.default_rng(seed).choice(people, size=n, replace=False)


def _window_cases(data: Dataset, window: Window, rows: LongArray) -> Cases:
    people, starts = np.unique(data.completions.employee_idx[rows], return_index=True)
    indptr = np.append(starts, len(rows)).astype(np.int64)
    targets = Ragged(frozen(indptr), frozen(data.completions.course_idx[rows]))
    first = np.minimum.reduceat(data.completions.at[rows], starts) if len(starts) else starts
    present = (
        data.people.present_from(int(person), window.start, latest=int(at))
        for person, at in zip(people, first, strict=True)
    )
    queries = tuple(query_of(data, int(person), as_of=at) for person, at in zip(people, present, strict=True))
    return Cases("window", window, frozen(people), queries, targets)


def _next_cases(data: Dataset, window: Window, rows: LongArray) -> Cases:
    people, at = data.completions.employee_idx[rows], data.completions.at[rows]
    queries = tuple(query_of(data, int(person), as_of=int(time)) for person, time in zip(people, at, strict=True))
    indptr = np.arange(len(rows) + 1, dtype=np.int64)
    targets = Ragged(frozen(indptr), frozen(data.completions.course_idx[rows]))
    return Cases("next", window, frozen(people), queries, targets)
