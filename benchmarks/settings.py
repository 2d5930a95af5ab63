"""What other settings of a fit do to the lists: NDCG@10 under two settings, on the same people, with a paired interval.

    python benchmarks/settings.py DATA        against the hybrid scorer of every window learned from nothing
    python benchmarks/settings.py DATA --base hybrid.epochs=8 --other hybrid.epochs=30 --cuts 3

DATA is a data directory (`lpr import coco SRC DATA` makes one of real data). At each cut a model is fitted on what came
before under each setting and asked about what people completed after it, with both protocols of docs/evaluation.md.
Printed are mean NDCG@10 of people with a history, and the other's as a multiple of the base's with its 95 % interval.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from recommender.company import Dataset
from recommender.engine import Recommender
from training.config import FitConfig
from training.fit import fit
from training.inference.course_skills import with_course_skills
from training.intervals import sampled_means
from training.metrics import hits_of, mean_per_employee, ndcg
from training.progress import Progress, shown_on
from training.split import PROTOCOLS, cases_of, past_of, rolling_windows
from training.tables.load import load_dataset

K = 10


def settings(words: list[str], threads: int) -> FitConfig:
    """Return the settings said as section.name=value, defaults else."""
    told: dict[str, Any] = {"threads": threads}
    for word in words:
        section, _, rest = word.partition(".")
        told.setdefault(section, {}).update(tomllib.loads(rest))
    return FitConfig.model_validate(told)


def judged(
    data: Dataset, config: FitConfig, options: argparse.Namespace, progress: Progress
) -> dict[str, list[np.ndarray]]:
    """Return NDCG@10 by person, people with a history alone, of each protocol at each cut."""
    found: dict[str, list[np.ndarray]] = {protocol: [] for protocol in PROTOCOLS}
    for window in rolling_windows(data.completions)[-options.cuts :]:
        engine = Recommender(fit(past_of(data, window.start), config, as_of=window.start, progress=progress).model)
        for protocol in PROTOCOLS:
            cases = cases_of(data, window, protocol, max_employees=options.people, seed=0)
            progress(f"{protocol}: ranking {len(cases.queries):,} questions")
            ranked = engine.rank(cases.queries, k=K)
            gains, warm = ndcg(hits_of(ranked, cases.targets), cases.n_targets, K), cases.history_length > 0
            found[protocol].append(mean_per_employee(cases.employee_idx[warm], gains[warm])[1])
    return found


def main() -> None:
    """Fit under both settings and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?", help="nothing is measured without it")
    parser.add_argument("--base", nargs="*", default=[], metavar="NAME=VALUE", help="the defaults unless said")
    parser.add_argument("--other", nargs="*", default=["hybrid.later_share=1.0"], metavar="NAME=VALUE")
    parser.add_argument("--cuts", type=int, default=1, choices=(1, 2, 3), help="of three, the latest (default 1)")
    parser.add_argument("--people", type=int, default=1500, help="asked at a cut, drawn at random (default 1,500)")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    if options.data is None:
        print("settings: no data directory was given; nothing is measured. `--help` says what it may be.")
        return
    with shown_on() as progress:
        data = load_dataset(options.data, progress=progress).dataset
        data, _ = with_course_skills(data, FitConfig().infer.course_skills, progress=progress)
        base, other = (
            judged(data, settings(words, options.threads), options, progress) for words in (options.base, options.other)
        )
    for protocol in PROTOCOLS:
        columns = np.column_stack([np.concatenate(base[protocol]), np.concatenate(other[protocol])])
        one, two = sampled_means(columns, n_resamples=2000, seed=0)
        ratio = two.over(one)
        print(
            f"{protocol}: {len(columns):,} people, NDCG@{K} {one.mean:.4f}, other {two.mean:.4f}: "
            f"{ratio.estimate:.4f} [{ratio.low:.4f}, {ratio.high:.4f}] times"
        )


if __name__ == "__main__":
    main()
