"""The live model beside a new one: what differs, what they share, and when a comparison would be unfair."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from planted_worlds import Fitted
from test_evaluate import CONFIG, WORLD, Follower, run
from test_goal_tradeoff import run as run_followed
from tiny_company import chains, completions

from recommender import activation, artifact
from recommender.arrays import NONE
from recommender.company import Dataset
from recommender.engine import Recommender
from recommender.errors import DataError
from recommender.manifest import Origin
from recommender.moments import moment_text
from recommender.query import query_of
from recommender.translation import Translation, updated
from training.evaluate import EvaluationConfig
from training.evaluation_extra import LIVE, SHARES, of_some_people
from training.live_version import Live, LiveModel, live_of, read_live
from training.report.facts import MOST_ASKED, K, drawn_queries, list_facts
from training.report.live import SEEN, changed_settings, compared_with_live, overlap
from training.split import rolling_windows
from training.tables.load import load_dataset

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def ranked(*rows: list[int]) -> Any:
    return np.array(rows, dtype=np.int32)


# --- what two lists share ----------------------------------------------------------------------------------------


def test_what_lists_share_by_hand() -> None:
    new = ranked([1, 2, 3], [1, 2, 3], [1, 2, NONE], [4, 5, 6])
    old = ranked([1, 2, 3], [3, 2, 1], [1, 7, 8], [7, 8, 9])
    found = overlap(new, old)
    assert found["asked"] == 4
    assert found["shared"] == pytest.approx((1 + 1 + 1 / 3 + 0) / 4), "a place that is empty in both is not shared"
    assert found["same_first"] == pytest.approx(2 / 4)
    assert found["same_list"] == pytest.approx(1 / 4)
    assert found["counts"] == [1, 1, 0, 2]
    assert overlap(ranked().reshape(0, 3), ranked().reshape(0, 3))["shared"] is None


def test_settings_that_differ_are_named_with_both_values() -> None:
    old = {"seed": 0, "hybrid": {"epochs": 8, "gone": 1}, "trust": {}}
    new = {"seed": 0, "hybrid": {"epochs": 4}, "trust": {}, "added": {"k": 2}}
    assert changed_settings(old, new) == {"hybrid.epochs": [8, 4], "hybrid.gone": [1, None], "added.k": [None, 2]}
    assert changed_settings(new, new) == {}


@pytest.fixture
def saved(company_model: Fitted, tmp_path: Path) -> Path:
    arrays, documents = company_model.model.pack()
    origin = Origin(
        NOW,
        datetime.fromtimestamp(company_model.as_of, tz=UTC),
        data_fingerprint=company_model.data.fingerprint,
        config={"seed": 0},
        report={"data": {"rows": {"courses": 9}, "completions": 60}},
        metrics={"validation": {"none": {"ships": "fusion", "judged": False, "employees": 3}}},
    )
    artifact.save(tmp_path, "default", origin, arrays=arrays, documents=documents, version="old")
    return tmp_path


def test_a_version_agrees_with_itself(company_model: Fitted, saved: Path) -> None:
    data, as_of = company_model.data, company_model.as_of
    activation.activate(saved, "default", "old", at=NOW)
    queries = drawn_queries(data, as_of=as_of, seed=0)
    lists = company_model.recommender.rank(queries, k=K)
    found = compared_with_live(
        read_live(saved, "default"),
        data,
        queries=queries,
        ranked=lists,
        as_of=as_of,
        config={"seed": 1},
        facts={"rows": {"courses": 8, "roles": 2}, "completions": 70},
    )
    assert found["version"] == "old"
    assert found["answers"]["same_list"] == 1.0
    assert found["answers"]["asked"] == len(queries) == MOST_ASKED
    assert found["settings"] == {"seed": [0, 1]}
    assert found["rows"] == {"courses": [9, 8], "roles": [None, 2], SEEN: [60, 70]}
    assert found["same_data"]
    assert found["days_between"] == 0
    assert (found["courses"]["added"], found["courses"]["gone"]) == (0, 0)
    assert found["segments"] == {"none": {"ships": "fusion", "ndcg@10": None}}


def test_a_live_model_answers_in_the_positions_of_the_tables(company_model: Fitted, saved: Path) -> None:
    """The tables lack two courses and have a new one first: the lists name the same courses at other positions."""
    folder = Path(shutil.copytree(company_model.directory, saved / "company"))
    header, *rows = (folder / "courses.csv").read_text(encoding="utf-8").splitlines()
    new = rows[3].replace(rows[3].split(",")[0], "A-new-course", 1)
    (folder / "courses.csv").write_text("\n".join([header, new, *rows[2:]]) + "\n", encoding="utf-8")
    data = load_dataset(folder).dataset
    manifest, model = artifact.load_model(saved, "default", "old")
    live = LiveModel.of(manifest, model, data)
    later, _ = updated(model, data)
    ids = data.catalog.ids.ids
    assert ids != later.catalog.ids.ids
    queries = [query_of(data, i, as_of=company_model.as_of) for i in range(0, 60, 6)]
    translation = Translation.between(data, later)
    expected = Recommender(later).rank([translation.query(one) for one in queries], k=5)
    assert [[ids[i] for i in row] for row in live.rank(queries, k=5)] == [
        [later.catalog.ids.ids[i] for i in row] for row in expected
    ]
    shown = compared_with_live(
        (manifest, model),
        data,
        queries=queries,
        ranked=live.rank(queries, k=K),
        as_of=company_model.as_of,
        config={"seed": 0},
        facts={"rows": {}, "completions": 1},
    )
    assert (shown["courses"]["added"], shown["courses"]["gone"]) == (1, 2)
    assert shown["courses"]["some_added"] == ["A-new-course"]
    assert not shown["same_data"]
    assert shown["answers"]["same_list"] == 1.0


def test_why_there_is_nothing_to_compare_with_is_said(saved: Path, company_model: Fitted) -> None:
    nothing = read_live(saved, "default")
    assert nothing == "there is no live model yet"
    common: dict[str, Any] = {"queries": (), "ranked": ranked().reshape(0, K), "as_of": 0, "config": {}, "facts": {}}
    assert compared_with_live(nothing, company_model.data, **common) == {"skipped": nothing}
    activation.activate(saved, "default", "old", at=NOW)
    array = next((saved / "default" / "old" / "arrays").iterdir())
    written = array.read_bytes()
    array.write_bytes(written[:-1] + bytes([written[-1] ^ 0xFF]))
    damaged = live_of(saved, "default")
    assert isinstance(damaged, str)
    assert "cannot be read" in damaged


def test_drawn_people_are_the_same_each_time_and_lists_are_told_without_them(company_model: Fitted) -> None:
    data, as_of = company_model.data, company_model.as_of
    one, two = (drawn_queries(data, as_of=as_of, seed=3) for _ in range(2))
    assert [query.history.tolist() for query in one] == [query.history.tolist() for query in two]
    assert all(len(query.history) for query in one), "people with a history come first"
    nobody = drawn_queries(data, as_of=int(data.completions.at.min()), seed=3)
    assert [len(query.history) for query in nobody] == [0] * MOST_ASKED
    popular = np.argsort(-np.bincount(data.completions.course_idx[data.completions.first], minlength=len(data.catalog)))
    lists = np.tile(popular[:K].astype(np.int32), (len(one), 1))
    facts = list_facts(lists, data, one, as_of=as_of)
    assert facts["coverage"] == pytest.approx(K / len(data.catalog))
    assert facts["share_of_most_popular"] == 1.0
    assert facts["popularity"] > facts["popularity_of_history"] > 0.5
    assert facts["novelty"] < facts["novelty_of_history"]


def test_lists_with_nothing_left_to_show_are_told_as_unknown(company_model: Fitted) -> None:
    data, as_of = company_model.data, company_model.as_of
    asked = drawn_queries(data, as_of=as_of, seed=3)
    facts = list_facts(np.full((len(asked), K), NONE, dtype=np.int32), data, asked, as_of=as_of)
    assert facts["coverage"] == 0
    assert [facts[name] for name in ("share_of_most_popular", "novelty", "popularity")] == [None] * 3


# --- on the same cases, in an evaluation --------------------------------------------------------------------------


class Asked:
    """Ranks as a live version would, and counts how often it was made to."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, data: Dataset) -> Follower:
        self.times += 1
        return Follower.fit(data, int(data.completions.at.max()) + 1)


def live_as_of(moment: int, ranker: Any) -> Live:
    return Live("v0", moment, "key", ranker)


def test_the_live_version_is_asked_at_the_cuts_it_looks_from_before_and_only_there(tmp_path: Path) -> None:
    first, second = rolling_windows(WORLD.completions, n_cuts=2)
    for moment, n_cuts in ((first.start, 2), (first.start + 1, 1), (second.start, 1)):
        asked = Asked()
        found = run(WORLD, tmp_path / str(n_cuts), live=live_as_of(moment, asked))["live"]
        assert len(found["cuts"]) == n_cuts
        facts = found["protocols"]["next"]["warm"]
        assert facts["n_cases"] > 0
        # The model of the test is the very same: no difference, and no doubt about it.
        assert facts["model_against"][LIVE]["ndcg@10"]["difference"] == [0.0, 0.0, 0.0]
    late = run(WORLD, tmp_path / "late", live=live_as_of(second.start + 1, Asked()))["live"]
    assert "it has seen what is asked" in late["skipped"]
    assert run(WORLD, tmp_path / "late", live="because")["live"] == {"skipped": "because"}


def test_a_weaker_live_version_is_seen_to_be_weaker_and_is_not_asked_twice(tmp_path: Path) -> None:
    class Popular(Asked):
        def __call__(self, data: Dataset) -> Follower:
            return replace(super().__call__(data), course_course=np.zeros((len(data.catalog),) * 2, dtype=np.float32))

    first, _ = rolling_windows(WORLD.completions, n_cuts=2)
    asked = Popular()
    for _ in range(2):
        found = run(WORLD, tmp_path, live=live_as_of(first.start, asked))["live"]
        warm = found["protocols"]["window"]["warm"]
        assert warm["model_against"][LIVE]["ndcg@10"]["difference"][1] > 0
    assert asked.times == 2, "once a cut; the second run takes its lists from the store"


def test_a_saved_version_answers_the_cases_of_an_evaluation(company_model: Fitted, tmp_path: Path) -> None:
    """Said to look from before the cut, which it does not: it must then come out far ahead of popularity."""
    data = company_model.data
    cut = rolling_windows(data.completions, n_cuts=1)[0].start
    arrays, documents = replace(company_model.model, as_of=cut).pack()
    artifact.save(tmp_path, "default", Origin(NOW, NOW), arrays=arrays, documents=documents, version="early")
    activation.activate(tmp_path, "default", "early", at=NOW)
    config = EvaluationConfig(n_cuts=1, families=("random", "popularity"), threads=1, max_employees=60, max_followed=0)
    live = live_of(tmp_path, "default")
    assert isinstance(live, Live)
    found = run_followed(data, tmp_path / "report", config, planners=None, live=live)["live"]
    assert (found["version"], found["as_of"]) == ("early", moment_text(cut))
    for facts in found["protocols"].values():
        warm = facts["warm"]
        assert warm["n_employees"] > 30
        assert warm["models"][LIVE]["ndcg@10"][0] > 1.3 * warm["models"]["model"]["ndcg@10"][0]
        assert warm["model_against"][LIVE]["ndcg@10"]["difference"][2] < 0


# --- the learning curve ------------------------------------------------------------------------------------------


def test_figures_rise_with_what_is_learned_from_and_a_second_run_fits_nothing(tmp_path: Path) -> None:
    small = chains(seed=1, n_employees=60)
    found = run(small, tmp_path, with_learning_curve=True)["learning_curve"]
    shares = [one["share"] for one in found["points"]]
    assert shares == [*SHARES, 1.0]
    held = [one["completions"] for one in found["points"]]
    assert held[0] == pytest.approx(0.25 * held[2], rel=0.1)
    assert held[1] == pytest.approx(0.5 * held[2], rel=0.1)
    figures = [one["ndcg@10"][0] for one in found["points"]]
    assert figures[0] < figures[2]
    assert found["whole_less_half"][0] == pytest.approx(figures[2] - figures[1])

    def never(past: Dataset, cut: int) -> Follower:
        raise AssertionError("fitted again")

    again = run(small, tmp_path, fit_model=never, with_learning_curve=True)["learning_curve"]
    assert again == found


def test_too_few_to_learn_from_is_a_point_that_says_so(tmp_path: Path) -> None:
    whole = len(WORLD.completions)

    def only_much(past: Dataset, cut: int) -> Follower:
        if len(past.completions) < whole / 4:
            raise DataError("too few")
        return Follower.fit(past, cut)

    points = run(WORLD, tmp_path, fit_model=only_much, with_learning_curve=True)["learning_curve"]["points"]
    assert points[0]["skipped"] == "too few"
    assert "ndcg@10" in points[-1]
    assert run(WORLD, tmp_path)["learning_curve"] == {"skipped": "not asked for; `--learning-curve` asks for it"}


def test_people_are_left_out_whole_and_a_smaller_share_is_part_of_a_larger() -> None:
    rows = completions([(e, c, e + c) for e in range(40) for c in range(5)])
    small, large = (of_some_people(rows, share, seed=2) for share in (0.25, 0.5))
    for some, n in ((small, 10), (large, 20)):
        _, counts = np.unique(some.employee_idx, return_counts=True)
        assert set(counts.tolist()) == {5}
        assert len(counts) in (n, n + 1)
        assert some.n_employees == rows.n_employees
    assert set(small.employee_idx.tolist()) < set(large.employee_idx.tolist())
    assert CONFIG.seed == 0
