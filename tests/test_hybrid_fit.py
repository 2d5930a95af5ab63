"""The hybrid scorer as it is fitted: on a bounded number of rows, a later one from an earlier one, equal from equal."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import CancelledError, Future
from dataclasses import replace

import numpy as np
import pytest
from tiny_company import chains, company, day, people

from recommender.arrays import EARLIEST, NONE
from recommender.company import Dataset, Dated
from recommender.scorers.hybrid import Hybrid
from recommender.sparse import SparseRows
from recommender.vocabularies import Vocabularies
from training.config import FitConfig, HybridConfig
from training.fit import fit
from training.scorers import hybrid
from training.scorers.held_roles import roles_at, targets_at
from training.scorers.histories import histories
from training.scorers.hybrid import HybridFit, fit_hybrid, hybrid_bounds, hybrid_rows
from training.scorers.hybrid_fits import HybridFits

DATA = chains(seed=0, n_employees=80)
TINY = HybridConfig(factors=4, epochs=4, later_share=0.5)


@pytest.fixture(scope="module")
def terms() -> SparseRows:
    vocabularies = Vocabularies.learn(DATA.catalog, DATA.skills)
    return vocabularies.encode_courses(DATA.catalog, DATA.skills, n_fitted=len(DATA.catalog)).terms


def fitted(
    terms: SparseRows, config: HybridConfig = TINY, *, upto: int = 600, after: HybridFit | None = None
) -> HybridFit:
    """Fit on what the company of chains completed before a day."""
    return fit_hybrid(DATA, DATA.completions.before(day(upto)), terms, config=config, seed=0, after=after)


def equal(one: Hybrid, other: Hybrid) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in ("course_vectors", "history_vectors")
    )


# --- where a later fit starts ------------------------------------------------------------------------------------


def test_a_later_fit_starts_where_the_earlier_ended_and_leaves_it_as_it_was(terms: SparseRows) -> None:
    earlier = fitted(terms, upto=500)
    assert earlier.model is not None
    before = earlier.scorer.course_vectors.copy(), earlier.model.item_embeddings.copy()
    later = fitted(terms, after=earlier)
    assert later.n_epochs == 2, "half of four"
    assert equal(later.scorer, fitted(terms, after=earlier).scorer), "the earlier fit can be started from again"
    assert np.array_equal(before[0], earlier.scorer.course_vectors)
    assert np.array_equal(before[1], earlier.model.item_embeddings)
    fresh = fitted(terms, TINY.model_copy(update={"epochs": 2}))
    assert later.model is not None
    assert fresh.model is not None
    # Squared slopes only add up: those of the earlier fit are part of the later one's, not of one from nothing.
    assert (later.model.item_embedding_gradients >= earlier.model.item_embedding_gradients).all()
    assert not (fresh.model.item_embedding_gradients >= earlier.model.item_embedding_gradients).all()


def test_what_ships_starts_from_nothing_whatever_the_threads(terms: SparseRows) -> None:
    settings = {"hybrid": TINY.model_dump(), "blend": {"max_queries": 30, "most_windows": 2}}
    alone = fit_hybrid(DATA, DATA.completions, terms, config=TINY, seed=0).scorer
    for threads in (1, 2):
        model = fit(DATA, FitConfig.model_validate({**settings, "threads": threads}), as_of=DATA.now + 1).model
        assert equal(model.scorers.hybrid, alone)


@pytest.mark.parametrize("threads", [1, 2])
def test_fits_that_wait_for_others_keep_no_thread_from_working(terms: SparseRows, threads: int) -> None:
    moments = (300, 400, 500, 600)
    with HybridFits(FitConfig(threads=threads, hybrid=TINY), most=len(moments)) as fits:
        started: list[Future[HybridFit]] = []
        for moment in moments:
            past, after = DATA.completions.before(day(moment)), started[-1] if started else None
            started.append(fits.begin(f"day {moment}", DATA, past, terms, after=after))
        told: list[tuple[int, int]] = []
        fits.wait(started[-1], lambda step, done=0, total=0: told.append((done, total)))
    assert told[-1] == (4 + 3 * 2, 4 + 3 * 2)
    assert set(fits.seconds) == {f"day {moment}: hybrid" for moment in moments}
    chained: HybridFit | None = None
    for moment in moments:
        chained = fitted(terms, upto=moment, after=chained)
    assert chained is not None
    assert equal(started[-1].result().scorer, chained.scorer)


def test_fits_under_way_end_with_their_epoch_when_the_rest_fails(terms: SparseRows) -> None:
    endless = FitConfig(threads=1, hybrid=TINY.model_copy(update={"epochs": 10_000_000}))
    begun: list[Future[HybridFit]] = []

    def begin_and_fail() -> None:
        with HybridFits(endless, most=2) as fits:
            begun.append(fits.begin("first", DATA, DATA.completions, terms))
            begun.append(fits.begin("later", DATA, DATA.completions, terms, after=begun[0]))
            raise LookupError

    with pytest.raises(LookupError):
        begin_and_fail()
    assert all(one.cancelled() or isinstance(one.exception(), CancelledError) for one in begun)


# --- bounds ------------------------------------------------------------------------------------------------------


def test_rows_are_bounded_and_that_is_said(terms: SparseRows) -> None:
    whole, few = fitted(terms), fitted(terms, TINY.model_copy(update={"max_rows": 50}))
    assert few.n_rows == 50
    assert few.n_known == whole.n_known == whole.n_rows
    assert equal(few.scorer, fitted(terms, TINY.model_copy(update={"max_rows": 50})).scorer)
    (said,) = hybrid_bounds({"window": whole, "whole past": few}, TINY)
    assert said.startswith(f"hybrid: learned from 50 of {whole.n_known:,} completions")
    assert hybrid_bounds({"whole past": whole}, TINY) == ()


def test_a_fit_that_lasts_too_long_ends_with_its_epoch_and_that_is_said(terms: SparseRows) -> None:
    ended = fitted(terms, TINY.model_copy(update={"max_minutes": 1e-9}))
    assert ended.n_epochs == 1
    (said,) = hybrid_bounds({"whole past": ended}, TINY)
    assert said.startswith("hybrid, whole past: ended after 1 of 4 epochs")


def test_drawn_rows_are_those_of_all() -> None:
    everything = histories(DATA.completions, n_courses=len(DATA.catalog))
    drawn = np.array([0, 3, 40, 41, 200])
    some = histories(DATA.completions, n_courses=len(DATA.catalog), drawn=drawn, most=2)
    assert some.target.tolist() == everything.target[drawn].tolist()
    assert some.employee.tolist() == everything.employee[drawn].tolist()
    assert some.at.tolist() == everything.at[drawn].tolist()
    lengths = np.diff(everything.before.indptr)
    assert lengths.max() > 2
    assert np.diff(some.before.indptr).tolist() == np.minimum(lengths[drawn], 2).tolist()
    for mine, row in zip(some.before, everything.before[drawn], strict=True):
        # Stored oldest first: the last two of all.
        assert mine.indices.tolist() == row.indices[-2:].tolist()
        assert mine.data.tolist() == row.data[-2:].tolist()


def test_features_are_the_same_however_many_rows_are_put_together(
    terms: SparseRows, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = company(
        [(e, c, c + e / 9) for e in range(8) for c in range(4)],
        n_courses=len(DATA.catalog),
        role_idx=[0] * 8,
        n_roles=1,
    )
    at_once = hybrid_rows(data, data.completions, terms, config=HybridConfig(hidden_share=1), seed=0)
    monkeypatch.setattr(hybrid, "_ROWS_AT_ONCE", 5)
    in_parts = hybrid_rows(data, data.completions, terms, config=HybridConfig(hidden_share=1), seed=0)
    assert np.array_equal(at_once.people.toarray(), in_parts.people.toarray())
    # 32 completions, each once more with nothing but the role; the first of a person has no history either way.
    assert at_once.people.shape[0] == len(at_once.target) == 64
    n_history = len(DATA.catalog) + terms.n_columns
    shares = at_once.people[:, : len(DATA.catalog)].sum(axis=1).ravel().tolist()[0]
    assert shares == pytest.approx(([0] + [1] * 3) * 8 + [0] * 32, abs=1e-6)
    assert at_once.people[:, n_history].toarray().ravel().tolist() == [1] * 64


def test_people_of_whom_nothing_is_known_are_not_learned_from(terms: SparseRows) -> None:
    # Nobody has a role or a department: only a completion that others came before says anything.
    past = DATA.completions.before(day(600))
    n_first = len(np.unique(past.employee_idx))
    same_time = sum(
        int((past.at[span] == past.at[span.start]).sum()) - 1
        for span in (past.span(int(e), day(600)) for e in np.unique(past.employee_idx))
    )
    assert fitted(terms).n_known == len(past) - n_first - same_time


# --- roles held at many moments ----------------------------------------------------------------------------------


def changed_roles() -> Dataset:
    """Employee 0 never moved; 1 moved from 2 to 0 on day 10 and on to 1 on day 20; 2 moved at an unknown time."""
    data = company([(e, 0, e) for e in range(4)], n_courses=1, role_idx=[1, 1, 2, NONE], n_roles=3)

    changes = Dated.from_columns(
        np.array([1, 1, 2], dtype=np.int32),
        np.array([0, 1, 2], dtype=np.int32),
        np.array([2, 0, NONE], dtype=np.int16),
        np.zeros(3, dtype=np.int8),
        np.array([day(10), day(20), EARLIEST], dtype=np.int64),
        n_employees=4,
    )
    return replace(data, people=replace(data.people, role_changes=changes))


def everyone_at(*days: float) -> Iterator[tuple[int, int]]:
    return ((e, day(at)) for e in range(4) for at in days)


def test_roles_of_many_are_those_of_each() -> None:
    told = changed_roles().people
    pairs = [*everyone_at(5, 10, 15, 20, 25)]
    employee, at = np.array([e for e, _ in pairs], dtype=np.int32), np.array([t for _, t in pairs])
    found = roles_at(told, employee, at)
    assert found.reshape(4, 5).tolist() == [[1] * 5, [2, 0, 0, 1, 1], [2] * 5, [NONE] * 5]
    assert found.tolist() == [told.role_at(e, t) for e, t in pairs]
    nobody_moved = people(2, role_idx=[4, NONE])
    assert roles_at(nobody_moved, np.array([0, 1], dtype=np.int32), np.array([0, 0])).tolist() == [4, NONE]


def test_targets_of_many_are_those_of_each() -> None:
    since = np.array([EARLIEST, day(10), day(10), EARLIEST])
    told = replace(people(4), target_role_idx=np.array([3, 2, NONE, 1], dtype=np.int32), target_since=since)
    pairs = [*everyone_at(9, 10, 11)]
    employee, at = np.array([e for e, _ in pairs], dtype=np.int32), np.array([t for _, t in pairs])
    found = targets_at(told, employee, at, now=day(11))
    assert found.reshape(4, 3).tolist() == [[NONE, NONE, 3], [NONE, 2, 2], [NONE] * 3, [NONE, NONE, 1]]
    assert found.tolist() == [told.target_at(e, t, now=day(11)) for e, t in pairs]
