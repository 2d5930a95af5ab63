"""What every scorer owes, whatever its signal: each check takes a subject and yields how it breaks the law.

To check a further scorer, make a `Subject` of it and see that no function of `CHECKS` yields anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from planted_worlds import positions, proposed_by, signals_of

from recommender import artifact
from recommender.arrays import FloatArray, IntArray
from recommender.manifest import Origin
from recommender.query import Query
from recommender.question import Places
from recommender.scorers.base import Arrays, Context, Newcomers, Scorer


@dataclass(frozen=True)
class Subject:
    """A fitted scorer and what it is asked.

    Parameters
    ----------
    unpack
        Makes the scorer of saved arrays.
    n_courses
        Courses it was fitted on.
    newcomers
        The same courses and at least one that came later, encoded.
    queries
        Questions of many kinds; some without a history, some without a role.
    informed
        A person never seen, of whom this scorer knows something: its numbers must differ from those for nobody.
    """

    scorer: Scorer
    unpack: Callable[[Arrays], Scorer]
    n_courses: int
    newcomers: Newcomers
    queries: tuple[Query, ...]
    informed: Query

    @property
    def everything(self) -> IntArray:
        return np.arange(self.n_courses, dtype=np.int32)

    @property
    def nobody(self) -> Query:
        return Query(as_of=self.informed.as_of)


def numbers(scorer: Scorer, query: Query, courses: IntArray, n_courses: int) -> FloatArray:
    return signals_of([scorer], Context.of(query, n_courses), Places(courses, n_courses))


def misshapen(found: FloatArray, scorer: Scorer, courses: IntArray) -> Iterator[str]:
    """The law of signals: (n_signals, n) float32, finite."""
    if found.shape != (len(scorer.SIGNALS), len(courses)):
        yield f"shape {found.shape} for {len(courses)} courses"
    if found.dtype != np.float32 or not np.isfinite(found).all():
        yield f"{found.dtype}, finite: {np.isfinite(found).all()}"


def misplaced(courses: IntArray, n_courses: int) -> Iterator[str]:
    """The law of candidates: positions of courses, (n,) int32."""
    if courses.dtype != np.int32 or courses.ndim != 1:
        yield f"candidates are {courses.dtype} in {courses.ndim} dimensions"
    if not ((courses >= 0) & (courses < n_courses)).all():
        yield "proposes what is no course"


def check_shape_law(subject: Subject) -> Iterator[str]:
    for query in (*subject.queries, subject.nobody):
        for courses in (subject.everything, subject.everything[:1], subject.everything[:0]):
            found = numbers(subject.scorer, query, courses, subject.n_courses)
            yield from misshapen(found, subject.scorer, courses)


def check_fold_in(subject: Subject) -> Iterator[str]:
    """A person never seen is answered from what the question says, and it matters."""
    informed = numbers(subject.scorer, subject.informed, subject.everything, subject.n_courses)
    unknown = numbers(subject.scorer, subject.nobody, subject.everything, subject.n_courses)
    if not np.ptp(informed, axis=1).max() > 0:
        yield "says the same of every course"
    if informed.tobytes() == unknown.tobytes():
        yield "says the same to a person it knows something of and to nobody"


def check_candidates(subject: Subject) -> Iterator[str]:
    for query in (*subject.queries, subject.nobody):
        yield from misplaced(proposed_by([subject.scorer], Context.of(query, subject.n_courses)), subject.n_courses)


def check_batch_equals_single(subject: Subject) -> Iterator[str]:
    """Many questions in a row, forwards and backwards, give what each gives alone (within 1e-6; here: exactly)."""
    first = [numbers(subject.scorer, query, subject.everything, subject.n_courses) for query in subject.queries]
    again = [numbers(subject.scorer, query, subject.everything, subject.n_courses) for query in subject.queries[::-1]]
    if [one.tobytes() for one in first] != [one.tobytes() for one in again[::-1]]:
        yield "depends on what was asked before"


def check_courses_are_scored_apart(subject: Subject) -> Iterator[str]:
    """The number of a course does not depend on which others are asked about, how many or in which order; bitwise."""
    rng = np.random.default_rng(1)
    for query in subject.queries:
        everything = numbers(subject.scorer, query, subject.everything, subject.n_courses)
        for size in (1, 2, 3, 5, 8, subject.n_courses):
            some = rng.permutation(subject.everything)[:size].copy()
            found = numbers(subject.scorer, query, some, subject.n_courses)
            if found.tobytes() != everything[:, some].tobytes():
                yield f"depends on which {size} are asked about"


def check_order_of_inputs(subject: Subject) -> Iterator[str]:
    """A history written down in another order is the same history; so is a basket."""
    rng = np.random.default_rng(2)
    for query in subject.queries:
        for at in (query.history_at, np.full_like(query.history_at, query.as_of - 5)):
            straight = replace(query, history_at=at)
            order = rng.permutation(len(at))
            mixed = replace(straight, history=query.history[order], history_at=at[order])
            one, two = (
                numbers(subject.scorer, which, subject.everything, subject.n_courses) for which in (straight, mixed)
            )
            if one.tobytes() != two.tobytes():
                yield "depends on the order in which the history is given"
            proposed = [
                np.sort(proposed_by([subject.scorer], Context.of(which, subject.n_courses))).tolist()
                for which in (straight, mixed)
            ]
            if proposed[0] != proposed[1]:
                yield "proposes by the order in which the history is given"


def check_save_and_load(subject: Subject, folder: Path) -> Iterator[str]:
    """What is saved comes back bit for bit, and answers as before."""
    before = dict(subject.scorer.pack())
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    version = artifact.save(folder, "tests", Origin(moment, moment), arrays=before, documents={}).version
    loaded = subject.unpack(artifact.read(folder, "tests", version).arrays)
    after = dict(loaded.pack())
    if list(after) != list(before):
        yield f"saved {list(before)}, got {list(after)}"
        return
    for name, array in before.items():
        if (after[name].dtype, after[name].shape) != (array.dtype, array.shape):
            yield f"{name} has another form"
        if after[name].tobytes() != array.tobytes():
            yield f"{name} differs"
    yield from writable(after)
    for query in subject.queries:
        one, two = (numbers(s, query, subject.everything, subject.n_courses) for s in (subject.scorer, loaded))
        if one.tobytes() != two.tobytes():
            yield "answers otherwise"


def check_read_only(subject: Subject) -> Iterator[str]:
    yield from writable(subject.scorer.pack())
    yield from writable(subject.scorer.with_courses(subject.newcomers).pack())


def writable(arrays: Arrays | dict[str, NDArray[np.generic]]) -> Iterator[str]:
    return (f"{name} can be written to" for name, array in arrays.items() if array.flags.writeable)


def check_later_courses(subject: Subject) -> Iterator[str]:
    """A course newer than the fit gets numbers, may stand in a history, and changes no number of a fitted course."""
    n_all = len(subject.newcomers.vectors)
    if n_all <= subject.n_courses:
        yield "the subject has no newcomer"
    later = subject.scorer.with_courses(subject.newcomers)
    everything = np.arange(n_all, dtype=np.int32)
    for query in subject.queries:
        before = numbers(subject.scorer, query, subject.everything, subject.n_courses)
        after = numbers(later, query, everything, n_all)
        yield from misshapen(after, later, everything)
        if after[:, : subject.n_courses].tobytes() != before.tobytes():
            yield "a fitted course changed its number"
        proposed = set(proposed_by([later], Context.of(query, n_all)).tolist())
        fitted = set(proposed_by([subject.scorer], Context.of(query, subject.n_courses)).tolist())
        if proposed & set(subject.everything.tolist()) != fitted:
            yield "other fitted courses are proposed"
        took_it = replace(
            query,
            history=np.append(query.history, positions(n_all - 1)),
            history_at=np.append(query.history_at, query.as_of - 3),
        )
        yield from misshapen(numbers(later, took_it, everything, n_all), later, everything)
        yield from misplaced(proposed_by([later], Context.of(took_it, n_all)), n_all)


CHECKS: tuple[Callable[[Subject], Iterator[str]], ...] = (
    check_shape_law,
    check_fold_in,
    check_candidates,
    check_batch_equals_single,
    check_courses_are_scored_apart,
    check_order_of_inputs,
    check_read_only,
    check_later_courses,
)
"""All but `check_save_and_load`, which needs a folder."""
