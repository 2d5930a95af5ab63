"""Is the model as accurate as before? NDCG@10 of each person on what they did later, by two versions of the code.

    git worktree add /tmp/before d8b102b                    the code to hold against
    lpr import coco ../shared/data/coco var/coco
    python benchmarks/accuracy.py measure var/coco --code /tmp/before --out var/before.json
    python benchmarks/accuracy.py measure var/coco --out var/after.json
    python benchmarks/accuracy.py compare var/before.json var/after.json

`measure` fits at the cuts `lpr evaluate` would take and asks what it asks, of people with an earlier completion; `compare`
pairs the people and prints after ÷ before with the interval of 1,000 resamples of people, against a limit of 1 %. Every
fit is written down as it ends and not made again. More seeds average out the luck of single fits: `--seeds 0 1 2`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recommender.company import Dataset
    from training.split import Protocol as Question
    from training.split import Window

ROOT = Path(__file__).resolve().parent.parent
K = 10
LIMIT = 0.99
"""The least share of the accuracy before that is allowed: within 1 %."""
RESAMPLES = 1_000
PROTOCOLS: tuple[Question, ...] = ("window", "next")


def main() -> None:
    """Measure or compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    measuring = commands.add_parser("measure", help="fit at each cut and write down each person's NDCG@10")
    measuring.add_argument("data", type=Path)
    measuring.add_argument("--out", type=Path, required=True, help="JSON file; what it holds is not measured again")
    measuring.add_argument("--code", type=Path, default=ROOT, help="checkout whose code is measured; default: this one")
    measuring.add_argument("--cuts", type=int, default=3, help="moments to look from, default 3")
    measuring.add_argument("--only-cuts", type=int, nargs="*", help="positions of the cuts to measure, 0 the earliest")
    measuring.add_argument("--seeds", type=int, nargs="+", default=[0], help="of the fits, default 0")
    measuring.add_argument(
        "--max-employees", type=int, help="people asked a cut, drawn at random; everyone unless said"
    )
    measuring.add_argument("--config", type=Path, help="TOML file of settings of the fit")
    measuring.add_argument("--threads", type=int, default=1, help="default 1: equal input gives equal results")
    comparing = commands.add_parser("compare", help="after ÷ before, paired by person")
    comparing.add_argument("before", type=Path)
    comparing.add_argument("after", type=Path)
    options = parser.parse_args()
    if options.command == "measure":
        sys.path.insert(0, str(options.code.resolve()))
        measure(options)
    else:
        sys.path.insert(0, str(ROOT))
        compare(options.before, options.after)


def measure(options: argparse.Namespace) -> None:
    """Fit and ask at each cut with each seed, unless the file has it.

    What is imported is the code asked for, so that nothing of the project is imported before. It uses only names that
    were there at commit d8b102b.
    """
    from training.config import read_config
    from training.inference.course_skills import with_course_skills
    from training.split import rolling_windows
    from training.tables.load import load_dataset

    config = read_config(options.config, threads=options.threads)
    data, _ = with_course_skills(load_dataset(options.data).dataset, config.infer.course_skills)
    facts = {"data": data.fingerprint, "cuts": options.cuts, "max_employees": options.max_employees}
    kept = _kept(options.out, {"format": 1, "k": K, **facts, "code": _commit(options.code)})
    windows = rolling_windows(data.completions, n_cuts=options.cuts)
    wanted = range(len(windows)) if options.only_cuts is None else options.only_cuts
    for seed in options.seeds:
        for i in reversed(wanted):
            name = f"cut {i + 1} of {len(windows)}, seed {seed}"
            if name in kept["fits"]:
                continue
            print(f"{name}: fitting", flush=True)
            fitting = config.model_copy(update={"seed": seed})
            kept["fits"][name] = measured(data, windows[i], fitting, options.max_employees)
            _write(options.out, kept)
            found = kept["fits"][name]
            means = ", ".join(f"{one} {np.mean(found[one]['ndcg']):.5f}" for one in PROTOCOLS)
            print(
                f"{name}: {found['seconds_fit']:.0f} s to fit, {found['seconds_rank']:.0f} s to ask; {means}",
                flush=True,
            )


def measured(data: Dataset, window: Window, config: Any, max_employees: int | None) -> dict[str, Any]:
    """Return the NDCG@10 of each person with a history at one cut, by protocol: a person's mean over their questions."""
    from training.judged import JudgedModel
    from training.metrics import hits_of, mean_per_employee, ndcg
    from training.split import cases_of, past_of

    began = time.perf_counter()
    ranker = JudgedModel(config).fit(past_of(data, window.start), window.start)
    fitted = time.perf_counter()
    found: dict[str, Any] = {}
    for protocol in PROTOCOLS:
        cases = cases_of(data, window, protocol, max_employees=max_employees)
        cases = cases.rows(np.flatnonzero(cases.history_length > 0))
        gains = ndcg(hits_of(_lists(ranker, cases.queries), cases.targets), cases.n_targets, K)
        people, means = mean_per_employee(cases.employee_idx, gains)
        n_cases = np.bincount(np.searchsorted(people, cases.employee_idx), minlength=len(people))
        ids = [data.people.ids.ids[person] for person in people.tolist()]
        found[protocol] = {"employee_id": ids, "ndcg": means.tolist(), "n_cases": n_cases.tolist()}
    seconds = {"seconds_fit": fitted - began, "seconds_rank": time.perf_counter() - fitted}
    return {"from": window.start, "to": window.end, **found, **seconds}


def _lists(ranker: Any, queries: Any) -> Any:
    """Return the K best courses of each query, asked a thousand at a time, as any commit of the project can be asked."""
    return np.concatenate([ranker.rank(queries[i : i + 1000], k=K) for i in range(0, len(queries), 1000)])


def _kept(path: Path, facts: dict[str, Any]) -> dict[str, Any]:
    """Return what a file holds, which must be of the same data and code, or an empty beginning."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        return {**facts, "fits": {}}
    kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    differing = [name for name, value in facts.items() if kept.get(name) != value]
    if differing:
        there = {name: kept.get(name) for name in differing}
        raise SystemExit(
            f"{path}: found {there}; expected { ({name: facts[name] for name in differing}) }. Name another."
        )
    return kept


def _write(path: Path, kept: dict[str, Any]) -> None:
    draft = path.with_suffix(".partial")
    draft.write_text(json.dumps(kept), encoding="utf-8")
    draft.replace(path)


def _commit(code: Path) -> str:
    """Return the commit of a checkout, marked where files differ from it."""
    git = ["git", "-C", str(code), "describe", "--always", "--abbrev=12", "--exclude=*", "--dirty"]
    return subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip() or "unknown"


@dataclass(frozen=True)
class Paired:
    """One figure a person, before and after, both (n_people,)."""

    protocol: str
    n_fits: int
    before: NDArray[np.float64]
    after: NDArray[np.float64]


def compare(before: Path, after: Path) -> None:
    """Print after ÷ before of each protocol with its interval, and whether it is within the limit."""
    from training.intervals import sampled_means

    old, new = (json.loads(path.read_text(encoding="utf-8")) for path in (before, after))
    for name in ("format", "k", "data", "cuts", "max_employees"):
        if old[name] != new[name]:
            raise SystemExit(f"{name}: found {old[name]} before and {new[name]} after; expected the same.")
    print(f"before: {old['code']}, after: {new['code']}; NDCG@{K} of people with an earlier completion")
    for pair in paired(old["fits"], new["fits"]):
        table = np.column_stack([pair.before, pair.after])
        was, now = sampled_means(table, n_resamples=RESAMPLES, seed=0)
        ratio, changed = now.over(was), int((pair.before != pair.after).sum())
        print(f"{pair.protocol}: {len(table):,} people, cuts and seeds: {pair.n_fits}; figures changed: {changed:,}")
        print(f"  {was.mean:.5f} → {now.mean:.5f}, ratio {ratio.estimate:.4f} [{ratio.low:.4f}, {ratio.high:.4f}]")
        print(f"  limit at least {LIMIT:.2f}, the whole interval: {verdict(ratio.low, ratio.high)}")


def verdict(low: float, high: float) -> str:
    """Say whether an interval of the ratio keeps to the limit, breaks it, or is too wide to tell."""
    if low >= LIMIT:
        return "met"
    return "missed" if not high >= LIMIT else "open, the interval reaches below it"


def paired(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Paired]:
    """Average each person's questions over the fits that both have; a person asked at several cuts is one person."""
    common = [name for name in before if name in after]
    if not common:
        raise SystemExit("fits: none in common; expected the same cuts and seeds in both files.")
    for protocol in PROTOCOLS:
        means = [_by_person([fits[name][protocol] for name in common]) for fits in (before, after)]
        if means[0].keys() != means[1].keys():
            raise SystemExit(f"{protocol}: different people were asked; expected the same.")
        people = sorted(means[0])
        columns = (np.array([one[person] for person in people]) for one in means)
        yield Paired(protocol, len(common), *columns)


def _by_person(fits: list[dict[str, Any]]) -> dict[str, float]:
    """Return each person's mean over questions, weighing a fit's mean by the questions behind it."""
    total: dict[str, tuple[float, int]] = {}
    for fit in fits:
        for person, gain, n in zip(fit["employee_id"], fit["ndcg"], fit["n_cases"], strict=True):
            so_far, n_so_far = total.get(person, (0.0, 0))
            total[person] = so_far + gain * n, n_so_far + n
    return {person: gain / n for person, (gain, n) in total.items()}


if __name__ == "__main__":
    main()
