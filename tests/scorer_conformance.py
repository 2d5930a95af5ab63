"""What every scorer owes, whatever its signal: each check takes a subject and raises if the law is broken.

To check a further scorer, make a `Subject` of it and run every function of `CHECKS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from planted_worlds import positions

from recommender import artifact
from recommender.arrays import FloatArray, IntArray
from recommender.manifest import Origin
from recommender.query import Query
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
    """Return the signals and check the law of their shape: (n_signals, n) float32, finite."""
    found = scorer.signals(Context.of(query, n_courses), courses)
    assert found.shape == (len(scorer.SIGNALS), len(courses))
    assert found.dtype == np.float32
    assert np.isfinite(found).all()
    return found


def check_shape_law(subject: Subject) -> None:
    for query in subject.queries:
        for courses in (subject.everything, subject.everything[:1], subject.everything[:0]):
            numbers(subject.scorer, query, courses, subject.n_courses)


def check_fold_in(subject: Subject) -> None:
    """A person never seen is answered from what the question says, and it matters."""
    informed = numbers(subject.scorer, subject.informed, subject.everything, subject.n_courses)
    unknown = numbers(subject.scorer, subject.nobody, subject.everything, subject.n_courses)
    assert np.ptp(informed, axis=1).max() > 0, "says the same of every course"
    assert informed.tobytes() != unknown.tobytes(), "says the same to a person it knows something of and to nobody"


def check_empty_history(subject: Subject) -> None:
    numbers(subject.scorer, subject.nobody, subject.everything, subject.n_courses)
    assert_positions(subject.scorer.candidates(Context.of(subject.nobody, subject.n_courses)), subject.n_courses)


def check_candidates(subject: Subject) -> None:
    for query in subject.queries:
        context = Context.of(query, subject.n_courses)
        assert_positions(subject.scorer.candidates(context), subject.n_courses)


def assert_positions(courses: IntArray, n_courses: int) -> None:
    assert courses.dtype == np.int32
    assert courses.ndim == 1
    assert ((courses >= 0) & (courses < n_courses)).all()


def check_batch_equals_single(subject: Subject) -> None:
    """Many questions in a row, forwards and backwards, give what each gives alone (within 1e-6; here: exactly)."""
    first = [numbers(subject.scorer, query, subject.everything, subject.n_courses) for query in subject.queries]
    again = [numbers(subject.scorer, query, subject.everything, subject.n_courses) for query in subject.queries[::-1]]
    for one, other in zip(first, again[::-1], strict=True):
        assert one.tobytes() == other.tobytes()


def check_courses_are_scored_apart(subject: Subject) -> None:
    """The number of a course does not depend on which others are asked about, how many or in which order; bitwise."""
    rng = np.random.default_rng(1)
    for query in subject.queries:
        everything = numbers(subject.scorer, query, subject.everything, subject.n_courses)
        for size in (1, 2, 3, 5, 8, subject.n_courses):
            some = rng.permutation(subject.everything)[:size].copy()
            found = numbers(subject.scorer, query, some, subject.n_courses)
            assert found.tobytes() == everything[:, some].tobytes(), f"depends on which {size} are asked about"


def check_order_of_inputs(subject: Subject) -> None:
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
            assert one.tobytes() == two.tobytes(), "depends on the order in which the history is given"
            proposed = [
                np.sort(subject.scorer.candidates(Context.of(which, subject.n_courses))).tolist()
                for which in (straight, mixed)
            ]
            assert proposed[0] == proposed[1]


def check_save_and_load(subject: Subject, folder: Path) -> None:
    """What is saved comes back bit for bit, and answers as before."""
    before = dict(subject.scorer.pack())
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    version = artifact.save(folder, "tests", Origin(moment, moment), arrays=before, documents={}).version
    loaded = subject.unpack(artifact.read(folder, "tests", version).arrays)
    after = dict(loaded.pack())
    assert list(after) == list(before)
    for name, array in before.items():
        assert (after[name].dtype, after[name].shape) == (array.dtype, array.shape), name
        assert after[name].tobytes() == array.tobytes(), name
    assert_read_only(after)
    for query in subject.queries:
        one, two = (numbers(s, query, subject.everything, subject.n_courses) for s in (subject.scorer, loaded))
        assert one.tobytes() == two.tobytes()


def check_read_only(subject: Subject) -> None:
    assert_read_only(subject.scorer.pack())
    assert_read_only(subject.scorer.with_courses(subject.newcomers).pack())


def assert_read_only(arrays: Arrays | dict[str, NDArray[np.generic]]) -> None:
    writable = [name for name, array in arrays.items() if array.flags.writeable]
    assert not writable, f"can be written to: {writable}"


def check_later_courses(subject: Subject) -> None:
    """A course newer than the fit gets numbers, may stand in a history, and changes no number of a fitted course."""
    n_all = len(subject.newcomers.vectors)
    assert n_all > subject.n_courses
    later = subject.scorer.with_courses(subject.newcomers)
    everything = np.arange(n_all, dtype=np.int32)
    for query in subject.queries:
        before = numbers(subject.scorer, query, subject.everything, subject.n_courses)
        after = numbers(later, query, everything, n_all)
        assert after[:, : subject.n_courses].tobytes() == before.tobytes(), "a fitted course changed its number"
        proposed = set(later.candidates(Context.of(query, n_all)).tolist())
        fitted = set(subject.scorer.candidates(Context.of(query, subject.n_courses)).tolist())
        assert proposed & set(subject.everything.tolist()) == fitted, "other fitted courses are proposed"
        took_it = replace(
            query,
            history=np.append(query.history, positions(n_all - 1)),
            history_at=np.append(query.history_at, query.as_of - 3),
        )
        numbers(later, took_it, everything, n_all)
        assert_positions(later.candidates(Context.of(took_it, n_all)), n_all)


CHECKS: tuple[Callable[[Subject], None], ...] = (
    check_shape_law,
    check_fold_in,
    check_empty_history,
    check_candidates,
    check_batch_equals_single,
    check_courses_are_scored_apart,
    check_order_of_inputs,
    check_read_only,
    check_later_courses,
)
"""All but `check_save_and_load`, which needs a folder."""
