"""The page of an evaluation: everything measured is in it, what was not says why, and the verdict follows its rules."""

from __future__ import annotations

import copy
import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from reading_pages import Read, read_page
from test_goal_tradeoff import Closer
from test_goal_tradeoff import run as evaluated

from recommender.company import Dataset
from training.config import FitConfig
from training.evaluation_extra import LIVE
from training.evaluation_summary import BEST_BASELINE
from training.live_version import Live
from training.report.evaluated import evaluated_report, made_with
from training.report.evaluated_verdict import evaluated_verdict
from training.report.facts import table_facts
from training.report.page import REPORT, page, write_page
from training.split import rolling_windows
from training.tables.load import LoadResult, load_dataset

CALIBRATION: dict[str, Any] = {
    "questions": 100,
    "calibrated": {"said": 0.1, "happened": 0.1, "ece": 0.01, "brier": 0.08, "brier_of_base_rate": 0.09, "shown": 1000},
    "raw": {"said": 0.2, "happened": 0.1, "ece": 0.1, "brier": 0.12, "brier_of_base_rate": 0.09, "shown": 1000},
    "bins": [{"shown": 100, "said": 0.1, "happened": [0.1, 0.05, 0.15]}],
    "raw_bins": [{"shown": 100, "said": 0.2, "happened": [0.1, 0.05, 0.15]}],
    "brier_gain": [0.1, 0.05, 0.15],
    "segments": {
        "long_away": {"questions": 100, "temperatures": [0.5, 0.6], "brier": 0.1, "brier_of_base_rate": 0.1, "ece": 0.0}
    },
}


class Telling(Closer):
    """A model that says how its fit went."""

    @property
    def report(self) -> dict[str, Any]:
        return {"calibration": CALIBRATION}


@pytest.fixture(scope="module")
def loaded(sample_company: Path) -> LoadResult:
    return load_dataset(sample_company)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("evaluation")


@pytest.fixture(scope="module")
def metrics(loaded: LoadResult, folder: Path) -> dict[str, Any]:
    data = loaded.dataset
    first = rolling_windows(data.completions, n_cuts=2)[0].start
    found = evaluated(
        data,
        folder,
        fit_model=Telling.fit,
        scorers=("trend",),
        live=Live("v0", first, "key", lambda past: Closer.fit(past, first)),
        with_learning_curve=True,
    )
    return found | {"tables": table_facts(loaded, data), "made_with": made_with(FitConfig()), "notes": ("A note.",)}


@pytest.fixture(scope="module")
def html(metrics: dict[str, Any]) -> str:
    return page(evaluated_report(metrics))


@pytest.fixture(scope="module")
def read(html: str) -> Read:
    return read_page(html)


def test_the_page_is_valid_small_and_has_every_section(read: Read, html: str) -> None:
    assert read.wrong == []
    assert [link for link in read.links if not link.startswith("#")] == []
    assert len(html.encode()) < 3_000_000
    assert [heading for level, heading in read.headings if level == 2][1:] == [
        "The model against baselines: window",
        "The model against baselines: next",
        "By slice",
        "Without each scorer",
        "Beside the live model",
        "Role coverage at hours",
        "The price of the goal",
        "Calibration",
        "Popularity and novelty",
        "Learning curve",
        "Data",
        "What to know",
        "Settings and versions",
    ]
    assert "Not measured" not in html
    assert "Not compared" not in html


def test_every_chart_has_words_and_numbers(read: Read) -> None:
    titles = [figure.title for figure in read.figures]
    for start in (
        "NDCG@10, window",
        "NDCG@10, next",
        "Lead by length of history",
        "Lead by new people",
        "What each scorer is worth, window",
        "Lead over the live model, next",
        "Coverage after 40 hours",
        "Coverage over hours",
        "The price of the goal: upskilling",
        "What was said and what happened",
        "Popularity bias, next",
        "NDCG@10 against the share learned from",
    ):
        assert [one for one in titles if one.startswith(start)], start
    for figure in read.figures:
        assert figure.is_named
        assert figure.description == figure.caption != ""
        assert figure.n_rows > 0, figure.title


def test_the_figures_are_those_of_the_metrics(metrics: dict[str, Any], read: Read) -> None:
    warm = metrics["protocols"]["window"]["warm"]
    for one in warm["models"].values():
        estimate, low, high = one["ndcg@10"]
        assert f"{estimate:.4f} [{low:.4f}, {high:.4f}]" in read.cells
    for point in metrics["learning_curve"]["points"]:
        assert f"{point['completions']:,}" in read.cells
    assert f"{metrics['tables']['rows']['completions']:,}" in read.cells
    assert metrics["made_with"]["packages"]["numpy"] in read.cells


def test_nobody_is_in_it(html: str, sample_company: Path) -> None:
    with (sample_company / "employees.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    people = {row[column] for row in rows for column in ("employee_id", "name") if row.get(column)}
    assert len(people) > 250
    assert [one for one in people if re.search(rf"(?<!\w){re.escape(one)}(?!\w)", html)] == []


def test_a_mean_over_fewer_than_five_people_is_not_shown(metrics: dict[str, Any]) -> None:
    few = copy.deepcopy(metrics)
    few["protocols"]["window"]["slices"]["new"]["no completion"]["n_employees"] = 4
    few["protocols"]["next"]["slices"]["history"]["5+"]["n_employees"] = 4
    few["live"]["protocols"]["next"]["history"]["5+"]["n_employees"] = 4
    for group in few["goals"]["trade_off"].values():
        group["n_employees"] = 4
    shown = read_page(page(evaluated_report(few)))
    assert shown.wrong == []
    assert not [one for one in shown.figures if one.title.startswith("The price of the goal")]
    slices = [one for facts in few["protocols"].values() for kind in facts["slices"].values() for one in kind.values()]
    n_small = sum(one["n_employees"] < 5 for one in slices)
    assert n_small >= 2
    assert f"Left out, fewer than 5 people: {n_small} slices." in shown.text
    before = read_page(page(evaluated_report(metrics)))
    assert len(before.cells) > len(shown.cells)


def test_the_calibration_of_the_last_fit_is_kept_for_a_second_run(
    metrics: dict[str, Any], loaded: LoadResult, folder: Path
) -> None:
    assert metrics["calibration"] == CALIBRATION

    def never(past: Dataset, cut: int) -> Closer:
        raise AssertionError("fitted again")

    again = evaluated(loaded.dataset, folder, fit_model=never, scorers=("trend",))
    assert again["calibration"] == CALIBRATION
    assert json.loads(json.dumps(again, allow_nan=False))["calibration"] == CALIBRATION


def test_what_was_left_out_says_why(loaded: LoadResult, tmp_path: Path) -> None:
    found = evaluated(loaded.dataset, tmp_path, fit_model=None)
    shown = read_page(page(evaluated_report(found)))
    assert shown.wrong == []
    assert "Verdict: Look before you ship" in [heading for _, heading in shown.headings]
    for words in ("Not compared: the model was left out.", "Not measured: the model was left out", "baselines alone"):
        assert words in shown.text


def test_it_is_written_beside_the_metrics_whole(metrics: dict[str, Any], tmp_path: Path) -> None:
    told: list[str] = []
    path = write_page(
        evaluated_report(metrics), tmp_path / "new", progress=lambda step, done=0, total=0: told.append(step)
    )
    assert path == tmp_path / "new" / REPORT
    assert [one.name for one in path.parent.iterdir()] == [REPORT]
    assert set(told) == {"drawing the report"}


# --- the rules of the verdict ------------------------------------------------------------------------------------


def set_lead(group: dict[str, Any], other: str, low: float, high: float) -> None:
    group["model_against"][other]["ndcg@10"]["difference"] = [(low + high) / 2, low, high]


def all_ahead(metrics: dict[str, Any]) -> dict[str, Any]:
    """Return the metrics with the model ahead everywhere."""
    found = copy.deepcopy(metrics)
    for facts in found["protocols"].values():
        set_lead(facts["warm"], facts["best_baseline"]["on_test"], 0.1, 0.2)
        for kind in ("history", "role"):
            for one in facts["slices"][kind].values():
                set_lead(one, BEST_BASELINE, 0.1, 0.2)
        for one in facts["slices"]["new"].values():
            set_lead(one, "popularity", 0.1, 0.2)
            one["n_employees"] = 30
    for facts in found["live"]["protocols"].values():
        set_lead(facts["warm"], LIVE, 0.0, 0.2)
        facts["warm"]["models"][LIVE]["ndcg@10"] = [0.5, 0.4, 0.6]
    main = found["goals"]["hours"]["40"]
    main["against"]["path"][main["best_baseline"]]["difference"] = [0.1, 0.05, 0.15]
    return found


def behind_baselines(found: dict[str, Any]) -> None:
    facts = found["protocols"]["next"]
    set_lead(facts["warm"], facts["best_baseline"]["on_test"], -0.2, -0.1)


def not_clearly_ahead(found: dict[str, Any]) -> None:
    facts = found["protocols"]["next"]
    set_lead(facts["warm"], facts["best_baseline"]["on_test"], -0.001, 0.1)


def behind_in_one_slice(found: dict[str, Any]) -> None:
    set_lead(found["protocols"]["window"]["slices"]["history"]["5+"], BEST_BASELINE, -0.2, -0.1)


def behind_in_all_slices(found: dict[str, Any]) -> None:
    for one in found["protocols"]["window"]["slices"]["history"].values():
        set_lead(one, BEST_BASELINE, -0.2, -0.1)


def behind_for_new_people(found: dict[str, Any]) -> None:
    set_lead(found["protocols"]["window"]["slices"]["new"]["none by choice"], "popularity", -0.2, -0.1)


def much_behind_live(found: dict[str, Any]) -> None:
    set_lead(found["live"]["protocols"]["window"]["warm"], LIVE, -0.1, -0.011)


def a_little_behind_live(found: dict[str, Any]) -> None:
    set_lead(found["live"]["protocols"]["window"]["warm"], LIVE, -0.01, -0.005)


def path_behind(found: dict[str, Any]) -> None:
    main = found["goals"]["hours"]["40"]
    main["against"]["path"][main["best_baseline"]]["difference"] = [-0.1, -0.15, -0.05]


@pytest.mark.parametrize(
    ("change", "headline", "about"),
    [
        (None, "Ship what is fitted so", "ahead of every baseline"),
        (behind_baselines, "Do not ship yet", "Better than the best baseline (next)?"),
        (not_clearly_ahead, "Look before you ship", "Better than the best baseline (next)?"),
        (behind_in_one_slice, "Look before you ship", "Worse in no slice (window)?"),
        (behind_in_all_slices, "Do not ship yet", "Worse in no slice (window)?"),
        (behind_for_new_people, "Do not ship yet", "Better than popularity for new people?"),
        (much_behind_live, "Do not ship yet", "No worse than the live model (window)?"),
        (a_little_behind_live, "Ship what is fitted so", ""),
        (path_behind, "Do not ship yet", "Does the path lead further to the role?"),
    ],
)
def test_the_verdict_follows_its_rules(
    metrics: dict[str, Any], change: Callable[[dict[str, Any]], None] | None, headline: str, about: str
) -> None:
    found = all_ahead(metrics)
    if change is not None:
        change(found)
    verdict = evaluated_verdict(found)
    assert verdict.headline == headline, verdict.reason
    assert about in verdict.reason
