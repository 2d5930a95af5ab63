"""Compute metrics with RecTools, in an environment of its own, to check this project's against.

RecTools needs NumPy 1 on the Python versions this project supports, so it is not installed beside it: `make peers` puts
it into `.venv-peers`, and a test runs this file there.

Input (JSON on standard input): `ks`, `n_courses`, `ranked` (a list of course positions per case, best first), `targets`
(a list per case), `past` (pairs of person and course). Output: JSON, metric name@k → mean over cases.

Where definitions differ:

- NDCG: RecTools divides by the gain of k hits; with `divide_by_achievable=True` by that of min(k, targets), as here.
- Novelty: RecTools' MeanInvUserFreq is the same formula; both count a course nobody took as taken by one person.
- Popularity bias has no counterpart: RecTools reports the lists' mean popularity, here percentiles are compared.
- Coverage: RecTools counts against a catalogue handed in; normalised it is the same.
- RecTools averages over users; here cases are averaged per person first. Handed one case a person, they agree.
"""

from __future__ import annotations

import json
import sys

import pandas as pd
from rectools import Columns
from rectools.metrics import MRR, NDCG, CatalogCoverage, HitRate, MeanInvUserFreq, Recall, calc_metrics


def main() -> None:
    """Read cases, print metrics."""
    given = json.load(sys.stdin)
    ranked = pd.DataFrame(
        [(user, item, rank + 1) for user, items in enumerate(given["ranked"]) for rank, item in enumerate(items)],
        columns=[Columns.User, Columns.Item, Columns.Rank],
    )
    truth = _pairs((user, item) for user, items in enumerate(given["targets"]) for item in items)
    past = _pairs(tuple(pair) for pair in given["past"])
    metrics = {}
    for k in given["ks"]:
        metrics[f"hr@{k}"] = HitRate(k=k)
        metrics[f"ndcg@{k}"] = NDCG(k=k, divide_by_achievable=True)
        metrics[f"recall@{k}"] = Recall(k=k)
        metrics[f"mrr@{k}"] = MRR(k=k)
        metrics[f"novelty@{k}"] = MeanInvUserFreq(k=k)
        metrics[f"coverage@{k}"] = CatalogCoverage(k=k, normalize=True)
    values = calc_metrics(metrics, ranked, truth, past, catalog=range(given["n_courses"]))
    json.dump({name: float(value) for name, value in values.items()}, sys.stdout)


def _pairs(rows):
    return pd.DataFrame(list(rows), columns=[Columns.User, Columns.Item])


if __name__ == "__main__":
    main()
