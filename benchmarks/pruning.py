"""What pruning costs: NDCG@10 with every entry above zero kept against fewer, on later completions of real people.

    lpr import coco ../shared/data/coco var/coco
    lpr import mars ../shared/data/mars var/mars
    python benchmarks/pruning.py var/coco var/mars            each signal alone ranks the courses; some minutes
    python benchmarks/pruning.py var/coco var/mars --model    the whole model too: one fit a cut

The scorers are fitted on what came before each cut with every entry kept; then rows are cut. Alone: all courses not
completed are ranked by one signal. Model: the blend is learned with all weights kept, then asked with rows cut and nothing
learned anew. Ratios to everything kept, with 95 % intervals, people and cuts pooled, paired (bootstrap); the limit is a
loss of 1 %. People without a history are left out: to them pruning does nothing.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from recommender.arrays import FloatArray, IntArray, frozen
from recommender.company import Dataset
from recommender.engine import Recommender
from recommender.scorers.base import Context
from recommender.scorers.item_item import ItemItem
from recommender.scorers.sequence import Sequence
from recommender.sparse import SparseRows
from recommender.vocabularies import Vocabularies
from training.baselines.interactions import id_order_of, top_k
from training.config import FitConfig
from training.fit import fit
from training.intervals import sampled_means
from training.metrics import DoubleArray, hits_of, mean_per_employee, ndcg
from training.progress import shown_on
from training.scorers.histories import interactions
from training.scorers.item_item import fit_item_item
from training.scorers.matrices import matrix_of
from training.scorers.sequence import fit_sequence
from training.split import PROTOCOLS, Cases, Window, cases_of, past_of, rolling_windows
from training.tables.load import load_dataset

K = 10
LIMIT = 0.01
ROWS_KEPT = (300, 200, 150, 100, 50)
"""Of weights; of cosines and rates a third, as in the model."""
CHUNK = 1000
Judged = dict[tuple[str, int], DoubleArray]
"""NDCG@10 by what is judged and by which share of `ROWS_KEPT` it keeps: (n_people, everything and then each of them)."""


def first_of(rows: SparseRows, keep: int) -> SparseRows:
    """Return the first `keep` entries of each row."""
    lengths = np.diff(rows.indptr)
    kept = np.arange(len(rows.indices)) - np.repeat(rows.indptr[:-1], lengths) < keep
    indptr = np.append(0, np.cumsum(np.minimum(lengths, keep))).astype(np.int64)
    return SparseRows(frozen(indptr), frozen(rows.indices[kept]), frozen(rows.weights[kept]), rows.n_columns)


def asked(cases: Cases) -> Cases:
    """Return the cases of people with a history."""
    return cases.rows(np.flatnonzero(cases.history_length))


def per_person(ranked: IntArray, cases: Cases) -> DoubleArray:
    """Return NDCG@10 of each person, the mean over their cases."""
    return mean_per_employee(cases.employee_idx, ndcg(hits_of(ranked, cases.targets), cases.n_targets, K))[1]


def alone(rows: SparseRows, cases: Cases, order: IntArray, *, plain: bool) -> IntArray:
    """Rank all courses not completed by the sum of the rows of the history, plain or by recency."""
    weights, found, n = matrix_of(rows), [], len(order)
    for begin in range(0, len(cases), CHUNK):
        queries = cases.queries[begin : begin + CHUNK]
        history, allowed = (
            sp.lil_matrix((len(queries), n), dtype=np.float32),
            np.ones((len(queries), n), dtype=np.bool_),
        )
        for row, query in enumerate(queries):
            context = Context.of(query, n)
            history.rows[row] = sorted(context.recent.tolist())
            recency = np.ones_like(context.recency) if plain else context.recency
            history.data[row] = recency[np.argsort(context.recent)].tolist()
            allowed[row, query.history] = False
        scores: FloatArray = (history.tocsr() @ weights).toarray()
        found.append(top_k(scores, allowed, order, K))
    return np.concatenate(found)


def scorers_of(data: Dataset, cut: int, config: FitConfig) -> tuple[ItemItem, Sequence]:
    """Fit the two closed-form scorers with everything kept, as exactly as the catalogue allows."""
    past, n = data.completions.before(cut), len(data.catalog)
    vectors = (
        Vocabularies.learn(data.catalog, data.skills).encode_courses(data.catalog, data.skills, n_fitted=n).vectors
    )
    with shown_on() as progress:
        one, two = config.item_item, config.sequence
        taken = interactions(past, n_courses=n)
        item_item = fit_item_item(
            taken, vectors, l2=one.l2, text_weight=one.text_weight, keep=n, keep_cosines=n, progress=progress
        )
        sequence = fit_sequence(past, n_courses=n, l2=two.l2, keep=n, keep_rates=n, progress=progress)
    return item_item, sequence


def signals_alone(item_item: ItemItem, sequence: Sequence, cases: Cases, order: IntArray) -> Judged:
    """Judge each signal alone with everything kept, then with fewer entries."""
    signals = {
        "item_item sum": (item_item.rows, True, 1),
        "item_item cosine": (item_item.cosine, False, 3),
        "sequence next": (sequence.rows, False, 1),
        "sequence rate": (sequence.rate, False, 3),
    }
    judged: Judged = {}
    for name, (rows, plain, share) in signals.items():
        kept = [len(order), *(keep // share for keep in ROWS_KEPT)]
        lists = (alone(first_of(rows, keep), cases, order, plain=plain) for keep in kept)
        judged[name, share] = np.column_stack([per_person(ranked, cases) for ranked in lists])
    return judged


def compared(name: str, share: int, values: DoubleArray) -> Iterator[str]:
    """Yield one line a number of entries kept: the ratio to everything, its interval, and what that says of the limit.

    `values` (n_people, 1 + len(ROWS_KEPT)), everything kept first.
    """
    means = sampled_means(values, n_resamples=2000, seed=0)
    yield f"  {name}: {means[0].mean:.4f} with everything ({len(values):,} people)"
    for keep, mean in zip(ROWS_KEPT, means[1:], strict=True):
        ratio = mean.over(means[0])
        within = "within" if ratio.estimate >= 1 - LIMIT else "BEYOND"
        surely = ", surely" if ratio.low >= 1 - LIMIT else ""
        line = f"{keep // share:>4}  {ratio.estimate:.4f} [{ratio.low:.4f}, {ratio.high:.4f}]"
        yield f"    {line}  {within} the limit{surely}"


def pruned(item_item: ItemItem, sequence: Sequence, keep: int) -> tuple[ItemItem, Sequence]:
    """Return the scorers with the first entries of each row alone; `keep` for weights, a third of it for the rest."""
    weights, rest = (lambda rows: first_of(rows, keep)), (lambda rows: first_of(rows, max(keep // 3, 1)))
    return (
        replace(item_item, rows=weights(item_item.rows), both=weights(item_item.both), cosine=rest(item_item.cosine)),
        replace(sequence, rows=weights(sequence.rows), rate=rest(sequence.rate), followed=rest(sequence.followed)),
    )


def whole_model(
    past: Dataset, cut: int, config: FitConfig, scorers: tuple[ItemItem, Sequence], questions: dict[str, Cases]
) -> dict[str, Judged]:
    """Judge the whole model of a cut, fitted once with all weights kept, for each kind of question."""
    n = len(past.catalog)
    sections = {name: getattr(config, name).model_copy(update={"keep": n}) for name in ("item_item", "sequence")}
    with shown_on() as progress:
        model = fit(past, config.model_copy(update=sections), as_of=cut, progress=progress).model

    def judged(keep: int, cases: Cases) -> DoubleArray:
        item_item, sequence = pruned(*scorers, keep)
        cut_model = replace(model, scorers=replace(model.scorers, item_item=item_item, sequence=sequence))
        return per_person(Recommender(cut_model).rank(cases.queries, k=K), cases)

    kept = [3 * n, *ROWS_KEPT]
    return {
        protocol: {("model", 1): np.column_stack([judged(keep, cases) for keep in kept])}
        for protocol, cases in questions.items()
    }


def judged_at(data: Dataset, window: Window, options: argparse.Namespace) -> dict[str, Judged]:
    """Judge everything asked for at one cut, for each kind of question."""
    past, order, config = past_of(data, window.start), id_order_of(data), FitConfig()
    questions: dict[str, Cases] = {
        name: asked(cases_of(data, window, name, max_employees=options.max_employees)) for name in PROTOCOLS
    }
    scorers = scorers_of(past, window.start, config)
    judged = {name: signals_alone(*scorers, cases, order) for name, cases in questions.items()}
    if options.model:
        for name, found in whole_model(past, window.start, config, scorers, questions).items():
            judged[name] |= found
    return judged


def main() -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="+", help="data directories of real completions")
    parser.add_argument("--cuts", type=int, default=3, help="moments looked from (default 3)")
    parser.add_argument("--max-employees", type=int, default=3000, help="people a cut, drawn at random (default 3,000)")
    parser.add_argument("--model", action="store_true", help="ask the whole model too: one fit a cut")
    options = parser.parse_args()
    for folder in options.data:
        data = load_dataset(folder).dataset
        cuts = [judged_at(data, window, options) for window in rolling_windows(data.completions, n_cuts=options.cuts)]
        print(f"{folder}: {len(data.catalog):,} courses, {len(data.completions):,} completions, {len(cuts)} cuts")
        for protocol in PROTOCOLS:
            print(f" {protocol}")
            for name, share in cuts[0][protocol]:
                values = np.concatenate([cut[protocol][name, share] for cut in cuts])
                print("\n".join(compared(name, share, values)), flush=True)


if __name__ == "__main__":
    main()
