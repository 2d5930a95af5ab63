"""Where people truly get who follow a path, a list or the largest gain per hour: scored on skills nobody was shown.

    lpr sample var/s201 --seed 201 --noise 0.2
    python benchmarks/paths.py var/s201

Everything that orders courses sees evidence alone: claims, completions, the tables as somebody wrote them down. What is
scored is the truth of the sample company: true levels, true needs, what courses truly teach. Courses are started by what is
seen, as in the product. Baselines are fitted with the setting that was best on the last 90 days, by NDCG@10. Mandatory
training is nobody's suggestion and is left out for all.

One line is no competitor: gain per hour by somebody who knows the truth, held to the same rules of what may be started.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from recommender.activation import live_version
from recommender.arrays import DAY, IntArray
from recommender.artifact import load_model
from recommender.company import Dataset
from recommender.engine import Recommender
from recommender.modes import MODES
from recommender.path_parts import LearningPath
from recommender.query import Query, query_of
from recommender.skills import Need, goal_gain
from training.baselines import FAMILIES, Family
from training.baselines.interactions import id_order_of, top_k
from training.config import FitConfig
from training.engines import ThreadEngine
from training.evaluation_run import warm_ndcg
from training.evaluation_stage import DEPTH, Stage, baseline_lists
from training.fit import fit
from training.following import (
    Curriculum,
    DoubleArray,
    GainPerHour,
    PathPlanner,
    Start,
    coverage_of,
    follow,
    levels_seen,
)
from training.goals.lists import GAIN_PER_HOUR, MODEL_AS_ASKED, MODEL_UNGUIDED, PATH, padded
from training.goals.people import gain_per_hour, has_gap
from training.intervals import Sampled, sampled_means
from training.judged import may_be_shown
from training.sample import write_sample
from training.sample.truth import Truth, read_truth
from training.split import Window
from training.tables.load import load_dataset
from training.tabulating import interval_in_words

LEARNED = ("Markov from the last course", "item-kNN", "EASE", "LightFM", "ALS (implicit)")
"""Baselines that learn from what people took after or beside what; the others count."""
VALIDATION_DAYS = 90
ASKED_FOR_SETTINGS = 1000
"""People asked when a setting is chosen."""
RANKED_ONCE = "list ranked by gain per hour"
KNOWING = "gain per hour, knowing the truth"
BAR_BASELINE, BAR_GREEDY = 1.3, 1.05


@dataclass(frozen=True)
class People:
    """Who is asked, in the same order everywhere: questions, true needs, and where each starts from."""

    employee_idx: IntArray
    queries: tuple[Query, ...]
    needs: tuple[Need, ...]
    starts: tuple[Start, ...]

    @classmethod
    def draw(cls, data: Dataset, truth: Truth, *, as_of: int, most: int, seed: int) -> People:
        """Draw people who are seen to lack something their goal role is said to need."""
        asked = (query_of(data, i, as_of=as_of).requiring(()) for i in range(len(data.people)))
        found = [(i, query) for i, query in enumerate(asked) if has_gap(data, query)]
        keep = np.sort(np.random.default_rng(seed).permutation(len(found))[:most])
        drawn, queries = np.array([found[i][0] for i in keep], np.int32), tuple(found[i][1] for i in keep)
        curriculum, roles = Curriculum(data.catalog, truth.taught), replace(data.roles, needs=truth.needs)
        return cls(
            drawn,
            queries,
            tuple(Need.of(roles, query.goal_role, n_skills=len(data.skills.ids)) for query in queries),
            tuple(
                curriculum.start(query, seen=levels_seen(data, query), scored=truth.levels[i])
                for i, query in zip(drawn, queries, strict=True)
            ),
        )

    def before(self) -> DoubleArray:
        """Return true coverage at the start, (n,)."""
        return np.array([coverage_of(one.scored, need) for one, need in zip(self.starts, self.needs, strict=True)])

    def after(self, order: IntArray, *, hours: float) -> DoubleArray:
        """Return true coverage after following a list each, (n,)."""
        ends = [follow(row, one, hours=hours).levels for row, one in zip(order, self.starts, strict=True)]
        return np.array([coverage_of(levels, need) for levels, need in zip(ends, self.needs, strict=True)])


def model_orders(recommender: Recommender, people: People) -> dict[str, IntArray]:
    """Return the model's lists at the weight of each person's mode and without the goal."""
    shape = len(people.queries), DEPTH
    asked, unguided = np.empty(shape, np.int32), np.empty(shape, np.int32)
    for i, query in enumerate(people.queries):
        weight = MODES[recommender.mode_of(query)].goal_weight
        asked[i], unguided[i] = recommender.rank_over_goals(query, (weight, 0.0), k=DEPTH)
    return {MODEL_AS_ASKED: asked, MODEL_UNGUIDED: unguided}


def best_setting(family: Family, stage: Stage, *, seed: int, threads: int) -> int:
    """Return which setting of a family ranks best on the last days before the question."""
    if len(family.grid) == 1:
        return 0
    figures = []
    for fitted in family.fit_each(stage.past, family.grid, seed=seed, threads=threads):
        ranked = baseline_lists(fitted, stage, k=10, engine=ThreadEngine(threads))["window"]
        figures.append(warm_ndcg(stage.cases["window"], ranked))
    return int(np.nanargmax(figures))


def baseline_orders(data: Dataset, people: People, *, as_of: int, seed: int, threads: int) -> dict[str, IntArray]:
    """Return the list of every baseline, fitted on everything with its best setting."""
    window = Window(as_of - VALIDATION_DAYS * DAY, as_of)
    stage = Stage.of(data, window, ["window"], eligible=may_be_shown, max_employees=ASKED_FOR_SETTINGS, seed=seed)
    allowed = np.stack([may_be_shown(data, query) for query in people.queries])
    for row, query in zip(allowed, people.queries, strict=True):
        row[query.history] = False
    orders = {}
    for family in FAMILIES:
        began = time.perf_counter()
        setting = family.grid[best_setting(family, stage, seed=seed, threads=threads)]
        fitted = next(iter(family.fit_each(data, [setting], seed=seed, threads=threads)))
        scores = fitted.scores(people.queries, employee_idx=people.employee_idx)
        orders[family.name] = top_k(scores, allowed, id_order_of(data), DEPTH)
        print(f"{family.name}: {dict(setting)}, {time.perf_counter() - began:.1f} s", file=sys.stderr)
    return orders


def greedy_orders(data: Dataset, truth: Truth, people: People, *, hours: float) -> dict[str, IntArray]:
    """Return what gain per hour takes, by what is seen and by the truth."""
    place = {id(query): i for i, query in enumerate(people.queries)}
    knowing = GainPerHour(
        Curriculum(data.catalog, truth.taught),
        start_of=lambda query: people.starts[place[id(query)]],
        need_of=lambda query: people.needs[place[id(query)]],
    )
    plans = {GAIN_PER_HOUR: gain_per_hour(data), KNOWING: knowing}
    orders = {name: padded([plan.plan(query, hours) for query in people.queries]) for name, plan in plans.items()}
    return {RANKED_ONCE: padded([ranked_once(data, query) for query in people.queries]), **orders}


def ranked_once(data: Dataset, query: Query) -> IntArray:
    """Return what may be shown by coverage gained an hour as the levels are now, largest first, then by id."""
    courses = np.flatnonzero(may_be_shown(data, query)).astype(np.int32)
    need = Need.of(data.roles, query.goal_role, n_skills=len(data.skills.ids))
    rate = goal_gain(levels_seen(data, query), need, data.catalog, courses) / data.catalog.hours[courses]
    rank = np.argsort(id_order_of(data))[courses]
    order = courses[np.lexsort((rank, -rate))]
    return order[: int((rate > 0).sum())]


@dataclass(frozen=True)
class Paths:
    """Solved paths: the courses of each person in order, the distance to the proven optimum, and seconds."""

    order: IntArray
    gap: DoubleArray
    seconds: DoubleArray


def solved_paths(recommender: Recommender, people: People, *, hours: float) -> Paths:
    """Return the path of each person, by what is seen."""
    planner, orders, gaps, seconds = PathPlanner(recommender), [], [], []
    for query in people.queries:
        began = time.perf_counter()
        path = planner.path(query, hours)
        seconds.append(time.perf_counter() - began)
        orders.append(order_of(path))
        gaps.append(0.0 if path.solution is None else path.solution.gap)
    return Paths(padded(orders), np.array(gaps), np.array(seconds))


def order_of(path: LearningPath) -> IntArray:
    """Return the courses of a path, in their order."""
    return np.array([step.course_idx for step in path.steps], dtype=np.int32)


def compared(after: Mapping[str, DoubleArray], leader: str, other: str, draws: Sequence[Sampled]) -> str:
    """Return one list against another: ratios of coverage and of coverage gained, and how often it is strictly better."""
    place = {name: i for i, name in enumerate(["before", *after])}
    one, two, start = (draws[place[name]] for name in (leader, other, "before"))
    gained = one.less(start).over(two.less(start))
    better = float((after[leader] > after[other] + 1e-9).mean())
    worse = float((after[leader] < after[other] - 1e-9).mean())
    return (
        f"coverage {interval_in_words(one.over(two).as_list(), 3)}, gained {interval_in_words(gained.as_list(), 3)}; "
        f"better in {100 * better:.1f} %, worse in {100 * worse:.1f} % of cases"
    )


def show(after: Mapping[str, DoubleArray], before: DoubleArray, paths: Paths, *, seed: int) -> None:
    """Print coverage by list, the ratios with their bars, and how the paths were solved."""
    draws = sampled_means(np.column_stack([before, *after.values()]), n_resamples=1000, seed=seed)
    print(f"\n{'':<36}{'true coverage':<28}gained")
    print(f"{'before':<36}{interval_in_words(draws[0].interval().as_list())}")
    for name, one in zip(after, draws[1:], strict=True):
        reached, gained = one.interval().as_list(), one.minus(draws[0]).as_list()
        print(f"{name:<36}{interval_in_words(reached):<28}{interval_in_words(gained)}")
    best = max((name for name in LEARNED if name in after), key=lambda name: after[name].mean())
    print(f"\nbest learned baseline, with hindsight: {best}")
    for leader in (name for name in (PATH, GAIN_PER_HOUR, MODEL_AS_ASKED) if name in after):
        for other, bar in ((best, BAR_BASELINE), (RANKED_ONCE, BAR_GREEDY), (GAIN_PER_HOUR, None)):
            if leader != other:
                said = f"; bar {bar} on coverage" if leader == PATH and bar else ""
                print(f"{leader} ÷ {other}: {compared(after, leader, other, draws)}{said}")
    for what, values in (("optimality gap, coverage", paths.gap), ("solve time, seconds", paths.seconds)):
        median, ninety, most = np.quantile(values, [0.5, 0.9, 0.99])
        print(f"{what}: median {median:.4f}, 90 % {ninety:.4f}, 99 % {most:.4f}, max {values.max():.4f}")
    print(f"gap at most 0.01: {100 * (paths.gap <= 0.01).mean():.1f} %, 0.05: {100 * (paths.gap <= 0.05).mean():.1f} %")


def all_orders(
    data: Dataset,
    truth: Truth,
    people: People,
    recommender: Recommender,
    paths: Paths,
    asked: argparse.Namespace,
) -> dict[str, IntArray]:
    """Return every list that is followed, the paths first."""
    orders = {PATH: paths.order, **model_orders(recommender, people)}
    orders |= greedy_orders(data, truth, people, hours=asked.hours)
    as_of = people.queries[0].as_of
    orders |= baseline_orders(data, people, as_of=as_of, seed=asked.seed, threads=asked.threads)
    return orders


def recommender_of(data: Dataset, asked: argparse.Namespace, *, as_of: int) -> Recommender:
    """Return the live model of a folder, else one fitted on everything."""
    if asked.models is not None:
        return Recommender(load_model(asked.models, "default", live_version(asked.models, "default"))[1])
    return Recommender(fit(data, FitConfig(threads=asked.threads), as_of=as_of).model)


def main() -> None:
    """Print where people get."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?", help="the directory of a sample company; seed 201 unless given")
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--hours", type=float, default=40.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--models", type=Path, help="take the live model of this folder instead of fitting one")
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        if asked.data is None:
            asked.data = Path(folder)
            write_sample(asked.data, seed=201, noise=0.2)
        data = load_dataset(asked.data).dataset
        truth, as_of = read_truth(asked.data, data), data.now + 1
    people = People.draw(data, truth, as_of=as_of, most=asked.people, seed=asked.seed)
    if not people.queries:
        raise SystemExit("nobody has a goal role with a gap")
    recommender = recommender_of(data, asked, as_of=as_of)
    paths = solved_paths(recommender, people, hours=asked.hours)
    orders = all_orders(data, truth, people, recommender, paths, asked)
    before = people.before()
    print(f"{len(people.queries)} people with a gap; {int((before >= 1).sum())} of them truly without one")
    print(f"{asked.hours:g} hours, scored on hidden skills; settings of baselines from the last {VALIDATION_DAYS} days")
    show(
        {name: people.after(order, hours=asked.hours) for name, order in orders.items()}, before, paths, seed=asked.seed
    )


if __name__ == "__main__":
    main()
