"""How far lists for people without a completion could get: popularity beside lists that know the future.

    python benchmarks/new_people.py                       a sample company, one window as `lpr evaluate --cuts 1`
    python benchmarks/new_people.py var/sample --cuts 3

Little more than the role tells people without a completion apart. So lists of what others choose in the same window are
hard to beat: everyone, others without a completion, holders of the same role, and the last two mixed. None of them can be
had in time, and the mixture is the best of several, chosen by the result itself. They are no bound (target role and
department are not used), but show what knowing the future is worth. The person's own choices are left out of every count.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from recommender.company import Dataset
from training.baselines.interactions import popularity_share, top_k
from training.evaluation_stage import Stage
from training.judged import may_be_shown
from training.metrics import hits_of, ndcg
from training.sample import write_sample
from training.split import Cases, Window, rolling_windows
from training.tables.load import load_dataset

DEPTH = 10
MIXTURES = (0.03, 0.1, 0.3, 1.0, 3.0)
"""Weight of what other newcomers choose beside what holders of the role choose."""
MIXED = "holders and newcomers"
_NEVER_NONE = 1e-3


def scores_of(data: Dataset, cases: Cases, popularity: np.ndarray) -> dict[str, np.ndarray]:
    """Return the scores of each list for each newcomer, (n_cases, n_courses)."""
    n, rows = len(data.catalog), data.completions
    inside = rows.targets & (rows.at >= cases.window.start) & (rows.at < cases.window.end)
    course, employee, at = rows.course_idx[inside], rows.employee_idx[inside], rows.at[inside]
    role = np.array([data.people.role_at(int(e), int(t)) for e, t in zip(employee, at, strict=True)])
    in_role = np.zeros((len(data.roles) + 1, n))
    np.add.at(in_role, (role, course), 1)  # NONE is −1: the last row holds those without a role
    own = np.zeros((len(cases), n))
    for i in range(len(cases)):
        own[i, cases.targets.row(i)] = 1
    holders = np.maximum(in_role[cases.role_idx] - own, 0)
    others = own.sum(axis=0) - own
    found = {
        "popularity of the past": np.tile(popularity, (len(cases), 1)),
        "popularity of the window": np.bincount(course, minlength=n) - own,
        "what other newcomers choose": others,
        "what holders of the role choose": holders,
    }
    log_holders, log_others = (
        np.log(_NEVER_NONE + counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)) for counts in (holders, others)
    )
    return found | {f"{MIXED}, {weight:g}": log_holders + weight * log_others for weight in MIXTURES}


def reached_in(data: Dataset, window: Window) -> dict[str, np.ndarray]:
    """Return NDCG of every list for each newcomer of a window."""
    stage = Stage.of(data, window, ("window",), eligible=may_be_shown)
    new = np.flatnonzero(stage.cases["window"].history_length == 0)
    cases = stage.cases["window"].rows(new)
    allowed = np.unpackbits(stage.allowed["window"][new], axis=1, count=len(data.catalog)).view(np.bool_)
    scores = scores_of(data, cases, popularity_share(stage.past.completions, len(data.catalog)))
    lists = {name: top_k(one.astype(np.float32), allowed, stage.id_order, DEPTH) for name, one in scores.items()}
    return {name: ndcg(hits_of(one, cases.targets), cases.n_targets, DEPTH) for name, one in lists.items()}


def main() -> None:
    """Print what each list reaches."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?", help="a data directory; a sample company unless given")
    parser.add_argument("--cuts", type=int, default=1)
    arguments = parser.parse_args()
    with TemporaryDirectory() as folder:
        if arguments.data is None:
            write_sample(Path(folder))
        data = load_dataset(arguments.data or Path(folder)).dataset
    found = [reached_in(data, window) for window in rolling_windows(data.completions, n_cuts=arguments.cuts)]
    n = sum(len(one["popularity of the past"]) for one in found)
    if not n:
        raise SystemExit("nobody without a completion completes one in these windows")
    means = {name: float(np.concatenate([one[name] for one in found]).mean()) for name in found[0]}
    past = means["popularity of the past"]
    mixed = max((name for name in means if name.startswith(MIXED)), key=lambda name: means[name])
    print(f"{n:,} people without a completion; NDCG@{DEPTH}, and times popularity of the past")
    for name, mean in means.items():
        if not name.startswith(MIXED) or name == mixed:
            print(f"{name:<34} {mean:.4f}  {mean / past:.2f}")


if __name__ == "__main__":
    main()
