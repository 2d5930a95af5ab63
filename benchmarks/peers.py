"""One person's answer, against what a user would otherwise write: LightFM, implicit's ALS and RecTools, in one process.

    make peers                                              RecTools, in .venv-peers
    python benchmarks/peers.py                              makes a company and fits everything first: some minutes
    python benchmarks/peers.py --data DIR --models DIR --version V      a model that is there, and its tables

All know the same completions and are asked for the ten best new courses of the same person, in turns; what is known of the
person (here the `Query`, there their rows) is looked up beforehand. This project's answer
is `Recommender.recommend`: six signals, the parts of each score, reasons and what is required; "the list alone" is
`Recommender.rank`, scoring without parts and reasons. The others return courses and scores:

- LightFM: `predict` over all courses, completed ones struck out, and the ten best by sorting; knowing only who
  and which, and with the skills of courses. Without matrices of features LightFM would make them anew for each question.
- implicit: `recommend` of ALS, 64 factors, from the person's fitted factors; beside it, folded in from their history, as
  people are who completed something since the fit.
- RecTools: `recommend` for one user, of the same ALS in RecTools' wrapper.

They are fitted for a few epochs: how good a model is does not change what it takes to ask. RecTools 0.19 asks pip for
NumPy below 2 on Pythons before 3.13, so `make peers` keeps it apart; it runs with NumPy 2 as it does on 3.13, and is read
from there into this process. Without .venv-peers it is left out, which is said.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from companies import company, size_of, size_options
from comparing import CLOCKS, Seconds, clock_option, in_rounds, judge, machine, show_ratio, show_times
from fitted import VERSION, Answering, fitted_model
from implicit.cpu.als import AlternatingLeastSquares
from lightfm import LightFM
from scipy.sparse import csr_matrix, hstack, identity
from threadpoolctl import threadpool_limits

ROOT = Path(__file__).resolve().parent.parent
K = 10
FACTORS = 64
OURS, LIST_ALONE = "recommend, with reasons", "the list alone"
PREDICT, WITH_FEATURES = "LightFM predict + sort", "LightFM with features"
ALS, FOLDED_IN, RECTOOLS = "implicit ALS", "implicit ALS, folded in", "RecTools ALS"
MOST_MS = 0.5
"""The most the list alone may take at the median, milliseconds."""


@dataclass(frozen=True)
class Known:
    """What everybody is fitted on: `rows` (n_people, n_courses) of ones, and a course's columns beside its own."""

    rows: csr_matrix
    course_features: csr_matrix

    @classmethod
    def of(cls, asked: Answering) -> Known:
        """Take the completions by choice, each pair once, and the skills of the courses."""
        done, n = asked.data.completions, len(asked.data.catalog)
        kept = done.targets
        pairs = (done.employee_idx[kept], done.course_idx[kept])
        shape = (len(asked.data.people), n)
        rows = csr_matrix((np.ones(int(kept.sum()), np.float32), pairs), shape=shape)
        rows.data[:] = 1
        taught = asked.data.catalog.skills
        skills = csr_matrix(
            (np.ones(len(taught.skill_idx), np.float32), taught.skill_idx, taught.indptr),
            shape=(n, len(asked.data.skills.ids)),
        )
        return cls(rows, hstack([identity(n, dtype=np.float32), skills], format="csr", dtype=np.float32))


Ask = Callable[[int], object]
"""Answers for a person by place among those asked about, beginning anew after the last."""
Asking = Callable[[Sequence[int]], Ask]
"""Makes what asks about some people, given by position; what is known of them is looked up here, not when asked."""


def lightfm_asks(known: Known, *, epochs: int) -> dict[str, Asking]:
    """Fit LightFM without and with features of courses, and return what asks each."""
    own = identity(known.rows.shape[1], dtype=np.float32, format="csr")
    features = ((PREDICT, own), (WITH_FEATURES, known.course_features))
    return {name: _lightfm_asking(known.rows, courses, epochs) for name, courses in features}


def _lightfm_asking(rows: csr_matrix, courses: csr_matrix, epochs: int) -> Asking:
    people = identity(rows.shape[0], dtype=np.float32, format="csr")
    model = LightFM(no_components=FACTORS, loss="warp", random_state=0)
    model.fit(rows, people, courses, epochs=epochs)
    everything = np.arange(rows.shape[1], dtype=np.int32)

    def asking(whom: Sequence[int]) -> Ask:
        known = [(people[person], rows[person].indices) for person in whom]

        def ask(turn: int) -> object:
            person, completed = known[turn % len(known)]
            scores = model.predict(0, everything, user_features=person, item_features=courses)
            scores[completed] = -np.inf
            best = np.argsort(-scores)[:K]
            return best, scores[best]

        return ask

    return asking


def implicit_asks(known: Known, *, iterations: int) -> dict[str, Asking]:
    """Fit ALS, and return what asks it: from fitted factors, and folded in."""
    model = AlternatingLeastSquares(factors=FACTORS, iterations=iterations, num_threads=1, random_state=0)
    model.fit(known.rows, show_progress=False)

    def asking(whom: Sequence[int], *, fold_in: bool) -> Ask:
        rows = [known.rows[person] for person in whom]
        return lambda turn: model.recommend(
            whom[turn % len(whom)], rows[turn % len(whom)], N=K, recalculate_user=fold_in
        )

    return {ALS: partial(asking, fold_in=False), FOLDED_IN: partial(asking, fold_in=True)}


def rectools_asks(known: Known, *, iterations: int) -> dict[str, Asking]:
    """Fit RecTools' wrapper of ALS, and return what asks it; nothing where RecTools is not there."""
    try:
        import pandas as pd
        from rectools import Columns
        from rectools.dataset import Dataset
        from rectools.models import ImplicitALSWrapperModel
    except ModuleNotFoundError as error:
        print(f"RecTools is left out: {error}; `make peers` installs it")
        return {}
    pairs = known.rows.tocoo()
    columns: dict[str, Any] = {Columns.User: pairs.row, Columns.Item: pairs.col, Columns.Weight: pairs.data}
    table = Dataset.construct(pd.DataFrame({**columns, Columns.Datetime: pd.Timestamp("2025-01-01")}))
    als = AlternatingLeastSquares(factors=FACTORS, iterations=iterations, num_threads=1, random_state=0)
    model = ImplicitALSWrapperModel(als).fit(table)

    def asking(whom: Sequence[int]) -> Ask:
        return lambda turn: model.recommend(users=[whom[turn % len(whom)]], dataset=table, k=K, filter_viewed=True)

    return {RECTOOLS: asking}


def our_asks(asked: Answering) -> dict[str, Asking]:
    """Return what asks this project's model: for the whole answer, and for the list alone."""

    def answers(whom: Sequence[int]) -> Ask:
        queries = asked.queries(whom)
        return lambda turn: asked.recommender.recommend(queries[turn % len(queries)], k=K)

    def lists(whom: Sequence[int]) -> Ask:
        queries = asked.queries(whom)
        return lambda turn: asked.recommender.rank([queries[turn % len(queries)]], k=K)

    return {OURS: answers, LIST_ALONE: lists}


def compared(asked: Answering, others: dict[str, Asking], options: argparse.Namespace) -> Iterator[bool]:
    """Ask about people with a history and about people without, print what it took, and yield whether limits are kept."""
    for with_history in (True, False):
        people = asked.people(options.rounds, seed=options.people_seed, with_history=with_history)
        if not people:
            print("\nnobody is without a history: not asked about")
            continue
        # Somebody without a history is no user of RecTools' model, which refuses them.
        able = {name: asking for name, asking in others.items() if with_history or name != RECTOOLS}
        asks = {name: asking(people) for name, asking in {**our_asks(asked), **able}.items()}
        words = "with a history" if with_history else "without a history"
        print(f"\n{len(people):,} people {words}, k = {K}, {options.clock} time")
        spent = in_rounds(asks, rounds=options.rounds, warm_up=10, clock=CLOCKS[options.clock])
        show_times(spent)
        yield from judged(spent)


def judged(spent: dict[str, Seconds]) -> Iterator[bool]:
    """Print every ratio against its limit."""
    for name, at_most in ((PREDICT, 1.0), (WITH_FEATURES, 1.0), (ALS, 2.0), (FOLDED_IN, 2.0), (RECTOOLS, 1.0)):
        if name in spent:
            yield show_ratio(f"{OURS} ÷ {name}", spent[OURS], spent[name], at_most=at_most)
    for name in (ALS, FOLDED_IN):  # which give no reasons either
        print(f"{LIST_ALONE} ÷ {name}: {np.median(spent[LIST_ALONE]) / np.median(spent[name]):.3g}×")
    yield judge(f"{LIST_ALONE}, median", 1e3 * float(np.median(spent[LIST_ALONE])), at_most=MOST_MS, unit=" ms")


def main() -> None:
    """Fit everybody, ask everybody, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="data directory; a company made up in the sizes below unless said")
    parser.add_argument("--models", type=Path, help="folder of saved models of --data; one is fitted unless said")
    parser.add_argument("--version", default=VERSION, help="the saved version, of the tenant default")
    parser.add_argument("--rounds", type=int, default=300, help="people asked about, of each kind; default 300")
    parser.add_argument("--people-seed", type=int, default=0, help="draws whom is asked about")
    parser.add_argument("--epochs", type=int, default=2, help="of the others' fits; default 2")
    clock_option(parser)
    size_options(parser)
    options = parser.parse_args()
    # At the end: what both environments have is taken from this one.
    sys.path += map(str, (ROOT / ".venv-peers" / "lib").glob("python*/site-packages"))
    folder = (options.data or company(size_of(options))).resolve()
    asked = Answering.of(folder, options.models or fitted_model(folder), options.version)
    known = Known.of(asked)
    n_people, n_courses = known.rows.shape
    with threadpool_limits(1):
        print(machine(("numpy", "scipy", "lightfm-next", "pm-implicit", "rectools")))
        print(f"{n_courses:,} courses, {n_people:,} people, {known.rows.nnz:,} completions by choice", flush=True)
        others = implicit_asks(known, iterations=options.epochs)
        others |= rectools_asks(known, iterations=options.epochs)
        others |= lightfm_asks(known, epochs=options.epochs)
        kept = list(compared(asked, others, options))
    print(f"\n{sum(kept)} of {len(kept)} limits met")


if __name__ == "__main__":
    main()
