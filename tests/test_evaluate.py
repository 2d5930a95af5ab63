"""The evaluation as a whole: on a world whose order of methods is known, with guards against fooling itself."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from planted_worlds import named_skills, skill_rows
from rich.console import Console
from tiny_company import chains, company, day

from recommender.arrays import NONE, BoolArray, FloatArray, IntArray
from recommender.company import Dataset
from recommender.errors import ConfigError
from recommender.query import Query
from training.baselines import FAMILIES
from training.baselines.interactions import id_order_of, popularity_share, top_k
from training.baselines.markov import transition_counts
from training.evaluate import EvaluationConfig, evaluate, undated
from training.evaluation_report import docs_tables, model_beats, show, write_metrics
from training.evaluation_stage import COLD_ONLY, Stage, baseline_lists, model_lists, ranked_in_chunks
from training.evaluation_summary import BEST_BASELINE, CutResult, SummaryConfig, n_chosen, summary
from training.guards import with_other_future, with_permuted_pairs, with_random_targets
from training.judged import may_be_shown
from training.metrics import hits_of, mean_per_employee, ndcg, random_ndcg
from training.split import Cases, Window, cases_of, past_of, rolling_windows
from training.tabulating import interval_in_words, markdown_table

FEW = ("random", "popularity", "decayed popularity", "item-kNN")
CONFIG = EvaluationConfig(n_cuts=2, families=FEW, threads=1)
WORLD = chains(seed=1)


def everything(data: Dataset, query: Query) -> BoolArray:
    return np.ones(len(data.catalog), dtype=np.bool_)


@dataclass(frozen=True)
class Follower:
    """Follows counted transitions from the whole history, newest counting most, then popularity."""

    course_course: FloatArray
    popularity: FloatArray
    id_order: IntArray

    @classmethod
    def fit(cls, past: Dataset, as_of: int) -> Follower:
        assert past.completions.at.max() < as_of
        counts = transition_counts(past, 2).toarray()
        share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        popularity = popularity_share(past.completions, len(past.catalog))
        return cls(share.astype(np.float32), popularity, id_order_of(past))

    def rank(self, queries: Sequence[Query], *, k: int, without: tuple[str, ...] = ()) -> IntArray:
        scores = np.tile(self.popularity * ("popularity" not in without), (len(queries), 1)).astype(np.float32)
        allowed = np.ones(scores.shape, dtype=np.bool_)
        for i, query in enumerate(queries):
            if "order" not in without:
                for age, course in enumerate(query.history[::-1]):
                    scores[i] += 10 * 0.3**age * self.course_course[course]
            if query.limits.only is not None:
                allowed[i] = np.isin(np.arange(scores.shape[1]), query.limits.only)
            allowed[i, query.history] = False
        return top_k(scores, allowed, self.id_order, k)


def run(data: Dataset, folder: Path, config: EvaluationConfig = CONFIG, **more: Any) -> dict[str, Any]:
    more = {"fit_model": Follower.fit, "model_key": "follower", "scorers": ("order", "popularity"), **more}
    return evaluate(data, eligible=everything, report_dir=folder, config=config, **more)


@pytest.fixture(scope="module")
def metrics(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return run(WORLD, tmp_path_factory.mktemp("report"))


# --- the numbers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", ["window", "next"])
def test_in_a_world_of_chains_order_beats_popularity_beats_random(metrics: dict[str, Any], protocol: str) -> None:
    warm = metrics["protocols"][protocol]["warm"]
    value = {name: one["ndcg@10"][0] for name, one in warm["models"].items()}
    assert min(value["model"], value["item-kNN"]) > 1.5 * value["popularity"] > 1.5 * value["random"]
    difference = warm["model_against"]["popularity"]["ndcg@10"]["difference"]
    assert difference[0] == pytest.approx(value["model"] - value["popularity"])
    assert difference[1] > 0
    ratio = warm["model_against"]["popularity"]["ndcg@10"]["ratio"]
    assert ratio[0] == pytest.approx(value["model"] / value["popularity"])
    assert model_beats(metrics, protocol, baseline="popularity") == (ratio[0], difference[1])


def test_random_order_scores_what_is_expected_of_it(metrics: dict[str, Any]) -> None:
    """The mean of the random baseline lies in its own interval around the closed form, over both cuts."""
    expected, people = [], []
    for window in rolling_windows(WORLD.completions, n_cuts=2):
        stage = Stage.of(WORLD, window, ["window"], eligible=everything)
        cases = stage.cases["window"]
        warm = cases.history_length > 0
        shown = (len(WORLD.catalog) - cases.history_length).astype(np.int32)
        expected.append(random_ndcg(shown, cases.n_targets, cases.n_targets, 10)[warm])
        people.append(cases.employee_idx[warm])
    _, means = mean_per_employee(np.concatenate(people), np.concatenate(expected))
    _, low, high = metrics["protocols"]["window"]["warm"]["models"]["random"]["ndcg@10"]
    assert low < means.mean() < high


def test_the_headline_is_the_mean_over_people_pooled_over_cuts(metrics: dict[str, Any]) -> None:
    gains, people = [], []
    for window in rolling_windows(WORLD.completions, n_cuts=2):
        stage = Stage.of(WORLD, window, ["next"], eligible=everything)
        cases = stage.cases["next"]
        ranked = Follower.fit(stage.past, window.start).rank(cases.queries, k=20)
        warm = cases.history_length > 0
        gains.append(ndcg(hits_of(ranked, cases.targets), cases.n_targets, 10)[warm])
        people.append(cases.employee_idx[warm])
    owner, gain = np.concatenate(people), np.concatenate(gains)
    by_hand = np.mean([gain[owner == person].mean() for person in np.unique(owner)])
    warm_facts = metrics["protocols"]["next"]["warm"]
    assert warm_facts["models"]["model"]["ndcg@10"][0] == pytest.approx(by_hand)
    assert warm_facts["n_employees"] == len(np.unique(owner))


def test_the_report_says_what_has_no_date(metrics: dict[str, Any]) -> None:
    assert undated(WORLD) == dict.fromkeys(
        ("target roles", "feedback", "claims about skills", "courses begun", "assignments", "roles"), 0
    )
    people = replace(WORLD.people, role_idx=np.zeros_like(WORLD.people.role_idx))
    people = replace(people, target_role_idx=np.where(np.arange(len(people)) < 3, 1, NONE).astype(np.int32))
    found = undated(replace(WORLD, people=people))
    assert (found["roles"], found["target roles"]) == (len(people), 3)
    tables = docs_tables({**metrics, "undated": found})
    assert "Undated, so seen by no question: 3 target roles." in tables
    assert f"the roles of {len(people):,} people" in tables
    assert "Undated" not in docs_tables(metrics)


def test_new_people_are_those_who_chose_nothing_yet() -> None:
    # Of four people asked, the first chose a course before, the second was only assigned one, the others took none;
    # the second and the third hold a role and aim for another.
    rows = [(0, 0, 10), (1, 0, 10), *((person, 1, 50 + person) for person in range(4))]
    told = company(rows, n_courses=2, assigned=[1])
    cases = cases_of(told, Window(day(20), day(60)), "window")
    assert n_chosen(told.completions, cases).tolist() == [1, 0, 0, 0]
    asked = tuple(
        replace(query, role_idx=0, target_role_idx=1 if i in (1, 2) else NONE) for i, query in enumerate(cases.queries)
    )
    stage = replace(
        Stage.of(told, Window(day(20), day(60)), ("window",), eligible=everything),
        cases={"window": replace(cases, queries=asked)},
    )
    same = np.tile(np.arange(2, dtype=np.int32), (4, 1))
    lists = {"popularity": {"window": same, "window" + COLD_ONLY: same}}
    how = SummaryConfig(ks=(10,), history_from=(1, 5), min_slice_employees=9, max_slices=1, n_resamples=1000, seed=0)
    found = summary(told, [CutResult(stage, lists)], [], how)["protocols"]["window"]["slices"]["new"]
    sizes = {name: one["n_employees"] for name, one in found.items()}
    assert sizes == {"no completion": 2, "none by choice": 3, "none by choice, role and target role known": 2}


def test_history_slices_split_everyone(metrics: dict[str, Any]) -> None:
    facts = metrics["protocols"]["next"]
    assert list(facts["slices"]["history"]) == ["0", "1–4", "5+"]
    assert sum(one["n_cases"] for one in facts["slices"]["history"].values()) == facts["all"]["n_cases"]
    assert facts["slices"]["history"]["0"]["n_cases"] == facts["all"]["n_cases"] - facts["warm"]["n_cases"]


def test_leaving_out_what_matters_costs_most(metrics: dict[str, Any]) -> None:
    ablation = metrics["protocols"]["window"]["ablation"]
    assert ablation["without order"]["ndcg@10"]["difference"][2] < 0
    lost = {name: one["ndcg@10"]["difference"][0] for name, one in ablation.items()}
    assert lost["without order"] < lost["without popularity"]
    assert metrics["protocols"]["next"]["ablation"] == {}


def test_settings_are_chosen_on_the_window_before(metrics: dict[str, Any]) -> None:
    for cut in (0, 1):
        rows = [r for r in metrics["tuning"] if (r["cut"], r["protocol"], r["family"]) == (cut, "next", "item-kNN")]
        assert len(rows) == len(next(f for f in FAMILIES if f.name == "item-kNN").grid)
        (chosen,) = [row for row in rows if row["chosen"]]
        assert chosen["ndcg@10"] == max(row["ndcg@10"] for row in rows)
    assert metrics["protocols"]["next"]["best_baseline"]["by_validation_per_cut"] == ["item-kNN", "item-kNN"]


def test_the_best_baseline_is_put_together_from_each_cut(metrics: dict[str, Any]) -> None:
    warm = metrics["protocols"]["next"]["warm"]["models"]
    for metric, interval in warm["item-kNN"].items():
        # The resampled means come from one product of matrices, which may add each column in another order.
        assert warm[BEST_BASELINE][metric] == pytest.approx(interval, rel=1e-12)


def test_new_courses_are_judged_among_themselves(tmp_path: Path) -> None:
    """Two courses are first taken late; a model that can rank them first scores a known multiple of random order."""
    rows = [(p, p % 5, 10.0 + p % 80) for p in range(100)] + [(p, 7 + p // 40, 95.0) for p in range(60)]
    told = company(rows, n_courses=10)
    metrics = run(told, tmp_path, replace(CONFIG, n_cuts=1, horizon_days=10, families=("random", "popularity")))
    cold = metrics["protocols"]["window"]["cold_courses"]
    assert cold["among cold courses"]["n_employees"] == 60
    # Five courses had no completion at the cut. Follower knows nothing of them: order of id, 5 to 9. 40 people took 7,
    # at rank 3, and 20 took 8, at rank 4: (40·0.5 + 20·0.4307)/60 = 0.4769.
    assert cold["among cold courses"]["models"]["model"]["ndcg@10"][0] == pytest.approx(0.4769, abs=1e-4)
    # Random: (1 + 0.6309 + 0.5 + 0.4307 + 0.3869)/5 = 0.5897.
    assert cold["against_random_order"]["expected"] == pytest.approx(0.5897, abs=1e-4)
    assert cold["against_random_order"]["ratio"]["model"][0] == pytest.approx(0.4769 / 0.5897, abs=1e-3)
    assert metrics["windows"][0]["n_cold_courses"] == 5
    # The ids give the same away as the model's ties; a baseline that knows nothing of them must not profit from it.
    ratio = cold["against_random_order"]["ratio"]
    assert ratio["order of id"] == ratio["model"]
    (shuffled,) = (order[order >= 5].tolist() for order in (np.random.default_rng(0).permutation(10),))
    by_hand = np.mean([1 / np.log2(shuffled.index(7 + p // 40) + 2) for p in range(60)])
    assert cold["among cold courses"]["models"]["popularity"]["ndcg@10"][0] == pytest.approx(by_hand)


def test_what_cannot_be_shown_stays_a_miss_and_is_counted(tmp_path: Path) -> None:
    def all_but_the_first(data: Dataset, query: Query) -> BoolArray:
        return np.asarray(np.arange(len(data.catalog)) != 0)

    stage = Stage.of(WORLD, rolling_windows(WORLD.completions, n_cuts=2)[0], ["next"], eligible=all_but_the_first)
    hidden = stage.cases["next"].targets.values == 0
    assert hidden.any()
    assert (stage.rankable("next") == ~hidden).all()
    metrics = evaluate(WORLD, fit_model=None, eligible=all_but_the_first, report_dir=tmp_path, config=CONFIG)
    assert metrics["windows"][0]["next"]["share_not_rankable"] == pytest.approx(hidden.mean())
    assert metrics["windows"][0]["next"]["n_targets"] == len(hidden)


def test_a_baseline_never_shows_what_is_not_allowed() -> None:
    def even_only(data: Dataset, query: Query) -> BoolArray:
        return np.asarray(np.arange(len(data.catalog)) % 2 == 0)

    stage = Stage.of(WORLD, rolling_windows(WORLD.completions, n_cuts=2)[0], ["window"], eligible=even_only)
    (popularity,) = (family for family in FAMILIES if family.name == "popularity")
    lists = baseline_lists(next(iter(popularity.fit_each(stage.past, [{}], seed=0, threads=1))), stage, k=20)
    shown = lists["window"]
    assert (shown[shown != NONE] % 2 == 0).all()
    for ranked, query in zip(shown, stage.cases["window"].queries, strict=True):
        assert not np.isin(ranked, query.history).any()
    among_cold = lists["window" + COLD_ONLY]
    assert stage.cold[among_cold[among_cold != NONE]].all()


def test_the_model_and_the_baselines_keep_to_the_same_entry_levels() -> None:
    """Course 0 asks for a level nobody has: no list shows it and it counts as a miss for all."""
    rows = skill_rows({0: [(0, 3)]}, n_rows=len(WORLD.catalog), entry={(0, 0): 2})
    rows = replace(rows, entry_level=np.full(1, 2, dtype=np.int8))
    data = replace(WORLD, catalog=replace(WORLD.catalog, skills=rows), skills=named_skills("welding"))
    stage = Stage.of(data, rolling_windows(data.completions, n_cuts=2)[0], ["next"], eligible=may_be_shown)
    assert (stage.rankable("next") == (stage.cases["next"].targets.values != 0)).all()
    (popularity,) = (family for family in FAMILIES if family.name == "popularity")
    lists = baseline_lists(next(iter(popularity.fit_each(stage.past, [{}], seed=0, threads=1))), stage, k=20)
    assert not (lists["next"] == 0).any()


# --- running it --------------------------------------------------------------------------------------------------


def test_a_rerun_takes_finished_work_from_the_report(tmp_path: Path) -> None:
    fits: list[int] = []

    def counted(past: Dataset, as_of: int) -> Follower:
        fits.append(as_of)
        return Follower.fit(past, as_of)

    first = run(WORLD, tmp_path, fit_model=counted)
    assert len(fits) == 2
    finished = {path: path.stat().st_mtime_ns for path in (tmp_path / "lists").iterdir()}
    again = run(WORLD, tmp_path, fit_model=counted)
    assert len(fits) == 2
    assert again["protocols"] == first["protocols"]
    next(path for path in finished if path.name.startswith("item-knn")).unlink()
    continued = run(WORLD, tmp_path, fit_model=counted)
    rewritten = [path for path, time in finished.items() if path.stat().st_mtime_ns != time]
    assert len(rewritten) == 1
    assert continued["protocols"] == first["protocols"]
    run(WORLD, tmp_path, fit_model=counted, model_key="another")
    assert len(fits) == 4


def test_other_rows_are_not_answered_from_the_report(tmp_path: Path) -> None:
    fits: list[int] = []

    def counted(past: Dataset, as_of: int) -> Follower:
        fits.append(as_of)
        return Follower.fit(past, as_of)

    run(WORLD, tmp_path, fit_model=counted)
    # Same people, times and therefore cuts, and the same fingerprint in name; other courses.
    run(with_permuted_pairs(WORLD, seed=1), tmp_path, fit_model=counted)
    assert len(fits) == 4
    assert fits[:2] == fits[2:]


def test_a_ranker_that_repeats_or_shows_completed_courses_is_refused() -> None:
    @dataclass
    class Fixed:
        courses: list[int]

        def rank(self, queries: Sequence[Query], *, k: int, without: tuple[str, ...] = ()) -> IntArray:
            return np.array([self.courses] * len(queries), dtype=np.int32)

    query = Query(as_of=0, history=np.array([3], dtype=np.int32), history_at=np.array([-1]))
    assert ranked_in_chunks(Fixed([1, NONE]), {"window": [query]}, k=2)["window"].tolist() == [[1, NONE]]
    for wrong, words in (([1, 1], "a course twice"), ([3, 1], "a completed course"), ([1, 2, 4], "shape")):
        with pytest.raises(ValueError, match=words):
            ranked_in_chunks(Fixed(wrong), {"window": [query]}, k=2)


def test_settings_out_of_range_are_refused() -> None:
    for wrong, words in (
        ({"ks": (5,)}, "evaluation.ks"),
        ({"n_resamples": 10}, "evaluation.n_resamples"),
        ({"families": ("nothing",)}, "evaluation.families: nothing"),
    ):
        with pytest.raises(ConfigError, match=words):
            EvaluationConfig(**wrong)


# --- guards ------------------------------------------------------------------------------------------------------


def test_rows_after_the_cut_change_no_array() -> None:
    cut = rolling_windows(WORLD.completions, n_cuts=2)[0].start
    other = with_other_future(WORLD, cut, seed=1)
    assert len(other.completions) > len(WORLD.completions)
    one, two = (Follower.fit(past_of(data, cut), cut) for data in (WORLD, other))
    assert one.course_course.tobytes() == two.course_course.tobytes()
    assert one.popularity.tobytes() == two.popularity.tobytes()
    # The same guard sees a fit that reads everything.
    leaking = [transition_counts(data, 2).toarray() for data in (WORLD, other)]
    assert leaking[0].tobytes() != leaking[1].tobytes()


def test_random_targets_score_what_random_order_scores() -> None:
    stage = Stage.of(WORLD, rolling_windows(WORLD.completions, n_cuts=1)[0], ["next"], eligible=everything)
    cases = with_random_targets(stage.cases["next"], np.ones(len(WORLD.catalog), dtype=np.bool_), seed=5)
    for i, query in enumerate(cases.queries):
        assert not np.isin(cases.targets.row(i), query.history).any()
    ranked = Follower.fit(stage.past, stage.window.start).rank(cases.queries, k=10)
    found = ndcg(hits_of(ranked, cases.targets), cases.n_targets, 10)
    shown = (len(WORLD.catalog) - cases.history_length).astype(np.int32)
    expected = random_ndcg(shown, cases.n_targets, cases.n_targets, 10)
    # Four standard errors of the mean of independent cases.
    assert found.mean() == pytest.approx(expected.mean(), abs=4 * found.std() / np.sqrt(len(found)))
    true = stage.cases["next"]
    assert ndcg(hits_of(ranked, true.targets), true.n_targets, 10).mean() > 3 * expected.mean()


def test_permuted_pairs_keep_the_margins_and_nothing_beats_popularity() -> None:
    permuted = with_permuted_pairs(WORLD, seed=6)
    for one, two in ((x.completions.course_idx, y.completions.course_idx) for x, y in ((WORLD, permuted),)):
        assert np.bincount(one[WORLD.completions.first]).tolist() == np.bincount(two).tolist()
    assert (np.diff(permuted.completions.indptr) == np.bincount(WORLD.completions.employee_idx)).all()
    assert permuted.completions.first.all()
    window = rolling_windows(WORLD.completions, n_cuts=1)[0]
    stage = Stage.of(WORLD, window, ["next"], eligible=everything)
    confused = Follower.fit(past_of(permuted, window.start), window.start)
    cases = stage.cases["next"]
    _, gain = _per_person(cases, confused.rank(cases.queries, k=10))
    _, popular = _per_person(cases, confused.rank(cases.queries, k=10, without=("order",)))
    _, learned = _per_person(cases, Follower.fit(stage.past, window.start).rank(cases.queries, k=10))
    noise = 4 * (gain - popular).std() / np.sqrt(len(gain))
    assert gain.mean() <= popular.mean() + noise
    assert learned.mean() > popular.mean() + noise


def _per_person(cases: Cases, ranked: IntArray) -> tuple[IntArray, Any]:
    return mean_per_employee(cases.employee_idx, ndcg(hits_of(ranked, cases.targets), cases.n_targets, 10))


# --- what is shown -----------------------------------------------------------------------------------------------


def test_metrics_are_written_and_shown(metrics: dict[str, Any], tmp_path: Path) -> None:
    path = write_metrics(metrics, tmp_path)
    assert json.loads(path.read_text(encoding="utf-8"))["protocols"]["window"]["warm"]["n_employees"] > 0
    out = io.StringIO()
    show(metrics, Console(file=out, width=200))
    printed = " ".join(out.getvalue().split())
    value = metrics["protocols"]["window"]["warm"]["models"]["model"]["ndcg@10"]
    assert interval_in_words(value) in printed
    assert "Best baseline by validation at each cut: item-kNN, item-kNN." in printed
    text = docs_tables(metrics)
    assert f"| model | {interval_in_words(value)} |" in text
    for heading in ("### Windows", "#### Cold courses", "#### Without each scorer", "### Settings tried", "### Time"):
        assert heading in text


def test_a_family_that_cannot_run_is_named(tmp_path: Path) -> None:
    config = replace(CONFIG, families=("popularity", "popularity in the role"))
    metrics = run(WORLD, tmp_path, config, fit_model=None)
    assert metrics["skipped"] == {"popularity in the role": "the data have no roles"}
    assert "popularity in the role: not run, the data have no roles" in docs_tables(metrics)


def test_a_table_of_markdown() -> None:
    assert markdown_table(["", "a"], [["x", "1"]]) == "|  | a |\n|---|---:|\n| x | 1 |\n"
    assert interval_in_words([None, None, None]) == "–"
    assert interval_in_words([0.5, None, None]) == "0.5000"


def test_the_model_ranks_cold_courses_through_the_limits_of_the_query() -> None:
    stage = Stage.of(WORLD, rolling_windows(WORLD.completions, n_cuts=2)[0], ["window"], eligible=everything)
    stage = replace(stage, cold=np.arange(len(WORLD.catalog)) < 9)
    shown = model_lists(Follower.fit(stage.past, stage.window.start), stage, k=10)["window" + COLD_ONLY]
    assert len(shown) > 0
    assert shown.max() < 9
