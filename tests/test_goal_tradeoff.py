"""Following what is recommended, over the weight of the goal: on figures by hand and on a small sample company."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from planted_worlds import Fitted, named_skills, positions, skill_rows
from rich.console import Console
from tiny_company import catalog, chains, day
from tiny_company import company as tiny

from recommender.arrays import NONE, FloatArray, IntArray
from recommender.catalog import Catalog
from recommender.company import Dataset
from recommender.errors import ConfigError, DataError
from recommender.gap import role_coverages
from recommender.modes import MODES
from recommender.query import Claims, Query, query_of
from recommender.skills import Need, goal_gain
from training.baselines.interactions import id_order_of, popularity_share, top_k
from training.evaluate import EvaluationConfig, evaluate
from training.evaluation_report import docs_tables, show, write_metrics
from training.evaluation_stage import DEEP
from training.following import Curriculum, GainPerHour, Planner, coverage_of, follow, levels_seen
from training.goals.drawing import draw_trade_off
from training.goals.lists import GOAL_WEIGHTS, MODEL_AS_ASKED, OVER_GOALS, PATH, followed_names, order_for, padded
from training.goals.measured import Columns, GoalConfig, kind_columns
from training.goals.people import GoalPeople, gain_per_hour, has_gap, is_reskilling, need_of
from training.goals.report import draw_goals
from training.goals.summary import coverage_at, share_by_kind
from training.goals.tradeoff import MOST_LOST, chosen_weight
from training.intervals import sampled_means
from training.judged import JudgedAtCut, may_be_shown
from training.sample.truth import read_truth
from training.split import Window, cases_of, past_of, rolling_windows
from training.tables.load import load_dataset

CONFIG = EvaluationConfig(n_cuts=2, families=("random", "popularity"), threads=1, max_employees=60, max_followed=40)
HOW = GoalConfig(hours=(20.0, 40.0), max_followed=40, n_resamples=1000, seed=0)
ASKED = 0.3


@dataclass(frozen=True)
class Closer:
    """Ranks by popularity, and by what closes the gap, mixed by the weight of the goal; its path is gain per hour."""

    past: Dataset
    popularity: FloatArray

    @classmethod
    def fit(cls, past: Dataset, as_of: int) -> Closer:
        share = popularity_share(past.completions, len(past.catalog))
        return cls(past, share / max(float(share.max()), 1e-9))

    def rank(self, queries: Sequence[Query], *, k: int, without: tuple[str, ...] = ()) -> IntArray:
        return np.concatenate([self.rank_over_goals(query, (0.0,), k=k) for query in queries])

    def rank_over_goals(self, query: Query, goal_weights: Sequence[float], *, k: int) -> IntArray:
        every = np.arange(len(self.past.catalog), dtype=np.int32)
        gain = goal_gain(levels_seen(self.past, query), need_of(self.past, query), self.past.catalog, every)
        scores = np.stack([(1 - weight) * self.popularity + weight * 10 * gain for weight in goal_weights])
        may = may_be_shown(self.past, query)
        if query.limits.only is not None:
            may &= np.isin(every, query.limits.only)
        may[query.history] = False
        return top_k(scores.astype(np.float32), np.tile(may, (len(scores), 1)), id_order_of(self.past), k)

    def goal_weight(self, query: Query) -> float:
        return ASKED

    def planners(self) -> Mapping[str, Planner]:
        return {PATH: gain_per_hour(self.past)}


@pytest.fixture(scope="module")
def company(sample_company: Path) -> Dataset:
    return load_dataset(sample_company).dataset


def run(data: Dataset, folder: Path, config: EvaluationConfig = CONFIG, **more: Any) -> dict[str, Any]:
    more = {"fit_model": Closer.fit, "model_key": "closer", "planners": (PATH,), **more}
    return evaluate(data, eligible=may_be_shown, report_dir=folder, config=config, **more)


@pytest.fixture(scope="module")
def metrics(company: Dataset, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return run(company, tmp_path_factory.mktemp("report"))


# --- who is followed ---------------------------------------------------------------------------------------------


def test_those_with_a_gap_at_the_cut_are_drawn(company: Dataset) -> None:
    window = rolling_windows(company.completions, n_cuts=2)[0]
    past = past_of(company, window.start)
    asked, later = (cases_of(company, window, name) for name in ("window", "next"))
    everyone = GoalPeople.of(past, asked, later, most=10_000, seed=0)
    open_gap = [has_gap(past, query) for query in asked.queries]
    assert everyone.rows.tolist() == np.flatnonzero(open_gap).tolist()
    assert 0 < len(everyone) < len(asked)
    few = GoalPeople.of(past, asked, later, most=7, seed=0)
    assert len(few) == 7
    assert set(few.rows.tolist()) < set(everyone.rows.tolist())
    assert few.rows.tolist() != GoalPeople.of(past, asked, later, most=7, seed=1).rows.tolist()
    assert few.next is not None
    assert set(few.next.employee_idx.tolist()) <= set(few.window.employee_idx.tolist())
    assert len(few.next) > 0
    assert all(has_gap(past, query) for query in few.next.queries)


def test_a_gap_is_a_level_that_is_needed_and_not_there(company: Dataset) -> None:
    role = 0
    span = company.roles.needs.span(role)
    query = Query(as_of=0, target_role_idx=role)
    assert has_gap(company, query)
    assert not has_gap(company, replace(query, target_role_idx=NONE))
    needs = zip(company.roles.needs.skill_idx[span].tolist(), company.roles.needs.level[span].tolist(), strict=True)
    met = [(skill, level, "manager", -1) for skill, level in needs]
    assert not has_gap(company, replace(query, claims=Claims.weigh(met)))
    skill, level, _, _ = met[-1]
    assert has_gap(company, replace(query, claims=Claims.weigh([*met[:-1], (skill, level - 1, "manager", -1)])))


def test_who_reskills_is_told_as_the_model_tells_it(company: Dataset) -> None:
    role = 0
    held = Need.of(company.roles, role, n_skills=len(company.skills.ids)).level
    near = 1 - role_coverages(held, company.roles)
    near[role] = -1
    order = np.argsort(near, kind="stable")
    asked = [(role, int(order[-1])), (role, int(order[1])), (role, role), (role, NONE)]
    found = [is_reskilling(company, Query(0, role_idx=held, target_role_idx=aim)) for held, aim in asked]
    assert found == [True, False, False, False]


# --- figures by hand ---------------------------------------------------------------------------------------------


def point(weight: float, window: float | None, later: float | None = None) -> dict[str, Any]:
    facts: dict[str, Any] = {"goal_weight": weight, "window_kept": [window, None, None]}
    return facts if later is None else {**facts, "next_kept": [later, None, None]}


def test_the_largest_weight_up_to_which_little_is_lost() -> None:
    points = [point(0, 1, 1), point(0.1, 0.99, 0.97), point(0.2, 0.96, 0.95), point(0.3, 0.97, 0.949), point(0.4, 1, 1)]
    assert chosen_weight(points) == 0.2
    assert chosen_weight(points, most_lost=0.02) == 0
    assert chosen_weight(points, most_lost=0.1) == 0.4
    assert chosen_weight([point(0, 1), point(0.1, 1.2), point(0.2, None)]) == 0.1


def test_coverage_at_hours_compares_the_path_and_the_model_with_each() -> None:
    # Two people: before 0.2 and 0.4; the model's list 0.6 in 30 h and 0.8 in 10 h, popularity's 0.4 twice in 20 h.
    columns = Columns(
        positions(3, 5),
        {
            ("before",): np.array([0.2, 0.4]),
            ("after", "model", 40.0): np.array([0.6, 0.8]),
            ("hours", "model", 40.0): np.array([30.0, 10.0]),
            ("after", "popularity", 40.0): np.array([0.4, 0.4]),
            ("hours", "popularity", 40.0): np.array([20.0, 20.0]),
        },
    )
    _, sampled = columns.sampled(np.ones(2, dtype=np.bool_), HOW)
    lists: dict[str, Any] = {OVER_GOALS: {}, "popularity": {"window" + DEEP: None}}
    followers: Any = [(None, {**lists, MODEL_AS_ASKED: {}})]
    columns_of_unguided = {key: sampled[(key[0], "model", 40.0)] for key in [("after",), ("hours",)]}
    sampled |= {(key[0], "model at goal weight 0", 40.0): one for key, one in columns_of_unguided.items()}
    facts = coverage_at(sampled, followers, 40.0)
    assert facts["best_baseline"] == "popularity"
    model = facts["lists"]["model"]
    assert model["after"][0] == pytest.approx(0.7)
    assert model["gained"][0] == pytest.approx(0.4)
    assert model["gained_per_hour"][0] == pytest.approx(0.4 / 20)
    against = facts["against"]["model"]["popularity"]
    assert against["difference"][0] == pytest.approx(0.3)
    assert against["ratio"][0] == pytest.approx(0.7 / 0.4)
    assert against["gained_ratio"][0] == pytest.approx(0.4 / 0.1)


def test_a_person_of_several_cuts_is_one_person() -> None:
    columns = Columns(positions(1, 2, 1), {("before",): np.array([0.0, 1.0, 1.0])})
    n, sampled = columns.sampled(np.ones(3, dtype=np.bool_), HOW)
    # (0 + 1)/2 for person 1 and 1 for person 2.
    assert (n, sampled["before",].mean) == (2, 0.75)


def human_world() -> tuple[Catalog, GoalPeople]:
    """Skills: law (human), python. Course 0 teaches law 2, course 1 python 4, course 2 law 3."""
    told = replace(catalog(3), skills=skill_rows({0: [(0, 2)], 1: [(1, 4)], 2: [(0, 3)]}, n_rows=3))
    needs = skill_rows({0: [(0, 3), (1, 3)]}, n_rows=1, weight={(0, 0): 0.5, (0, 1): 1.0})
    rows = [(0, 1, 5.0)]
    data = tiny(rows, n_courses=3, n_roles=1, role_idx=[0])
    data = replace(data, catalog=told, skills=named_skills("law", "python"), roles=replace(data.roles, needs=needs))
    cases = cases_of(data, Window(day(1), day(9)), "window")
    return told, GoalPeople.of(past_of(data, day(1)), cases, None, most=9, seed=0)


def test_the_share_of_human_skills_is_weighed_by_importance() -> None:
    """A holder has the levels needed less one: 2 and 2. Missing: 0.5·1 human of 0.5 + 1·1."""
    _, people = human_world()
    lists = {
        "random": {"window" + DEEP: np.array([[0, 1, 2]])},
        "popularity": {"window" + DEEP: np.array([[1, 0, NONE]])},
    }
    skills = replace(named_skills("law", "python"), kinds=("human", "technical"))
    columns = kind_columns([(people, lists)], skills)
    found = share_by_kind(columns, list(lists), HOW)
    assert found["missing"][0] == pytest.approx(0.5 / 1.5)
    # All of it is lifted by the first list; the second lifts python alone, whose level 4 counts as 3.
    assert found["lifted"]["random"]["share"][0] == pytest.approx(0.5 / 1.5)
    assert found["lifted"]["popularity"]["share"][0] == 0
    assert found["lifted"]["popularity"]["less_missing"][0] == pytest.approx(-0.5 / 1.5)
    assert columns.values["lifted", "popularity", "all"].tolist() == [1.0]


def test_sampled_means_are_taken_apart_and_put_together() -> None:
    one, two = sampled_means(np.array([[1.0, 2.0], [3.0, 2.0]]), n_resamples=1000, seed=0)
    assert one.less(two).mean == 0
    assert one.divided_by(two).draws.tolist() == (one.draws / two.draws).tolist()


def test_lists_are_named_by_what_was_run() -> None:
    plans = padded([positions(2, 1), positions(), positions(0)])
    assert plans.tolist() == [[2, 1], [NONE, NONE], [0, NONE]]
    lists: dict[str, Any] = {
        "popularity": {"window": 0, "window" + DEEP: "popular"},
        "without trend": {"window": 0},
        "gain per hour": {"within 20 hours": "short", "within 40 hours": "long"},
        OVER_GOALS: {"window as asked": "asked", "window at 0": "unguided"},
    }
    assert followed_names(lists) == ["model", "model at goal weight 0", "gain per hour", "popularity"]
    assert followed_names({**lists, PATH: {}})[0] == PATH
    got = [str(order_for(lists, name, 40)) for name in followed_names(lists)]
    assert got == ["asked", "unguided", "long", "popular"]


# --- the run -----------------------------------------------------------------------------------------------------


def test_following_leads_somewhere_and_the_goal_leads_further(metrics: dict[str, Any]) -> None:
    goals = metrics["goals"]
    assert list(goals["hours"]) == ["20", "40", "80"]
    for hours, facts in goals["hours"].items():
        assert list(facts["lists"]) == [
            PATH,
            "model",
            "model at goal weight 0",
            "gain per hour",
            "random",
            "popularity",
        ]
        for one in facts["lists"].values():
            assert one["after"][0] == pytest.approx(goals["before"][0] + one["gained"][0])
            assert one["gained"][0] >= 0
            assert one["hours"][0] <= float(hours) + 1e-5
        # The same plan under two names.
        assert facts["lists"][PATH] == facts["lists"]["gain per hour"]
        assert facts["against"][PATH]["gain per hour"]["difference"][0] == 0
        assert facts["against"]["model"]["popularity"]["ratio"][0] == pytest.approx(
            facts["lists"]["model"]["after"][0] / facts["lists"]["popularity"]["after"][0]
        )
    at_forty = goals["hours"]["40"]["lists"]
    # Closer knows nothing but popularity at weight 0.
    assert at_forty["model at goal weight 0"]["after"][0] == pytest.approx(at_forty["popularity"]["after"][0])
    assert at_forty["gain per hour"]["gained"][0] > 1.5 * at_forty["popularity"]["gained"][0]


def test_the_trade_off_begins_at_the_unguided_model_and_falls_into_groups(metrics: dict[str, Any]) -> None:
    goals = metrics["goals"]
    groups = goals["trade_off"]
    assert list(groups) == ["all", "upskill", "reskill"]
    assert groups["upskill"]["n_cases"] + groups["reskill"]["n_cases"] == groups["all"]["n_cases"] == goals["n_cases"]
    assert groups["reskill"]["n_cases"] == goals["n_cases_reskill"] > 0
    points = groups["all"]["points"]
    assert [one["goal_weight"] for one in points] == list(GOAL_WEIGHTS)
    assert points[0]["gained"] == pytest.approx(goals["hours"]["40"]["lists"]["model at goal weight 0"]["gained"])
    assert points[-1]["gained_per_hour"][0] > 1.5 * points[0]["gained_per_hour"][0]
    for protocol in ("window", "next"):
        assert points[0][f"{protocol}_kept"] == [1, 1, 1]
        kept = [one[f"{protocol}_kept"][0] for one in points]
        assert kept == pytest.approx([one[protocol][0] / points[0][protocol][0] for one in points])
    for group, one in groups.items():
        assert one["chosen"] == chosen_weight(one["points"], most_lost=MOST_LOST[group])


def test_a_rerun_takes_what_was_ranked_and_planned_from_the_report(company: Dataset, tmp_path: Path) -> None:
    fits: list[int] = []

    def counted(past: Dataset, as_of: int) -> Closer:
        fits.append(as_of)
        return Closer.fit(past, as_of)

    config = replace(CONFIG, max_employees=25)
    first = run(company, tmp_path, config, fit_model=counted)
    assert run(company, tmp_path, config, fit_model=counted)["goals"] == first["goals"]
    assert len(fits) == 2
    next(path for path in (tmp_path / "lists").iterdir() if path.name.startswith("model-over-goals")).unlink()
    assert run(company, tmp_path, config, fit_model=counted)["goals"] == first["goals"]
    assert len(fits) == 3
    run(company, tmp_path, replace(config, max_followed=5), fit_model=counted)
    assert len(fits) == 5


def test_what_is_not_followed_says_why(company: Dataset, tmp_path: Path) -> None:
    assert run(company, tmp_path, replace(CONFIG, max_followed=0))["goals"] == {"skipped": "not asked for"}
    silent = run(chains(seed=1), tmp_path, fit_model=None)
    assert silent["goals"] == {"skipped": "no role needs a skill"}
    assert "not measured, no role needs a skill" in docs_tables(silent)


def test_without_a_model_the_baselines_and_gain_per_hour_are_followed(company: Dataset, tmp_path: Path) -> None:
    goals = run(company, tmp_path, replace(CONFIG, n_cuts=1), fit_model=None)["goals"]
    assert list(goals["hours"]["20"]["lists"]) == ["gain per hour", "random", "popularity"]
    assert "trade_off" not in goals
    assert draw_goals(goals, tmp_path) is None


def test_hours_out_of_range_are_refused() -> None:
    for wrong in ({"hours": (20.0,)}, {"hours": (0.0, 40.0)}, {"max_followed": -1}):
        with pytest.raises(ConfigError, match="evaluation: hours"):
            EvaluationConfig(**wrong)


# --- what is shown -----------------------------------------------------------------------------------------------


def test_the_headline_and_the_tables_show_it(metrics: dict[str, Any], tmp_path: Path) -> None:
    write_metrics(metrics, tmp_path)
    out = io.StringIO()
    show(metrics, Console(file=out, width=220))
    text = docs_tables(metrics)
    n = f"{metrics['goals']['n_employees']:,} people with a gap"
    chosen = metrics["goals"]["trade_off"]["reskill"]["chosen"]
    for printed in (" ".join(out.getvalue().split()), text):
        assert f"role coverage after following what is recommended: {n}" in printed
        assert "Best baseline, with hindsight: " in printed
        assert f"reskill {chosen:g}." in printed
    for heading in (
        "#### Following for 80 hours",
        "#### The path against the others after 20 hours",
        "#### Over the weight of the goal: upskill",
        "#### Human and technical skills",
    ):
        assert heading in text


def test_the_drawing_is_readable_without_colour_and_the_same_each_time(metrics: dict[str, Any], tmp_path: Path) -> None:
    drawn = draw_goals(metrics["goals"], tmp_path)
    assert drawn == tmp_path / "goal_tradeoff.svg"
    words = "".join(ET.parse(drawn).getroot().itertext())
    for said in ("NDCG@10", "coverage gained per hour", "at the cut (window)", "g = 0", "Reskilling", "Upskilling"):
        assert said in words
    again = draw_trade_off(metrics["goals"]["trade_off"], tmp_path / "again.svg", hours=40)
    assert again.read_bytes() == drawn.read_bytes()
    assert "stroke-dasharray" in drawn.read_text(encoding="utf-8")


# --- the model, and the truth ------------------------------------------------------------------------------------


def test_the_model_ranks_for_every_weight_as_it_recommends(company_model: Fitted) -> None:
    judged = JudgedAtCut(company_model.recommender)
    weights, seen = (0.0, 0.3, 0.5, 1.0), 0
    for person in range(0, 400, 40):
        query = query_of(company_model.data, person, as_of=company_model.as_of)
        found = judged.rank_over_goals(query, weights, k=12)
        for row, weight in zip(found, weights, strict=True):
            answer = company_model.recommender.recommend(query, k=12, goal_weight=weight)
            assert [one.course_idx for one in answer.recommendations] == row[row != NONE].tolist()
        assert judged.goal_weight(query) == MODES[company_model.recommender.mode_of(query)].goal_weight
        assert judged.rank([query], k=12).tolist() == found[:1].tolist()
        seen += int(not (found[0] == found[-1]).all())
    assert seen > 0
    assert list(judged.planners()) == [PATH]


def test_the_truth_of_a_sample_company_is_read_in_its_positions(sample_company: Path, company: Dataset) -> None:
    truth = read_truth(sample_company, company)
    lines = (sample_company / "truth" / "skills.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert truth.levels.sum() == pytest.approx(sum(float(line.split(",")[2]) for line in lines))
    person, skill, level = lines[100].split(",")
    assert truth.levels[company.people.ids.index[person], company.skills.ids.index[skill]] == float(level)
    for rows, ids, name in (
        (truth.needs, company.roles.ids, "roles"),
        (truth.taught, company.catalog.ids, "course_skills"),
    ):
        lines = (sample_company / "truth" / f"{name}.csv").read_text(encoding="utf-8").splitlines()[1:]
        assert len(rows.skill_idx) == len(lines)
        owner, skill, level, *_ = lines[-1].split(",")
        span = rows.span(ids.index[owner])
        taught = dict(zip(rows.skill_idx[span].tolist(), rows.level[span].tolist(), strict=True))
        assert taught[company.skills.ids.index[skill]] == int(level)
    asked = Query(company.now, target_role_idx=int(np.argmax(np.diff(truth.needs.indptr))))
    start = Curriculum(company.catalog, truth.taught).start(
        asked, seen=np.zeros(truth.levels.shape[1], dtype=np.int8), scored=truth.levels[0]
    )
    need = need_of(replace(company, roles=replace(company.roles, needs=truth.needs)), asked)
    plan = GainPerHour(start.curriculum, start_of=lambda _: start, need_of=lambda _: need).plan(asked, 40)
    assert coverage_of(start.scored, need) < coverage_of(follow(plan, start, hours=40).levels, need)


def test_without_the_truth_there_is_nothing_to_read(company: Dataset, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"skills\.csv: found none"):
        read_truth(tmp_path, company)
    (tmp_path / "truth").mkdir()
    (tmp_path / "truth" / "skills.csv").write_text("employee_id,skill_id,level\nnobody,nothing,1\n", encoding="utf-8")
    with pytest.raises(DataError, match="truth: found nobody"):
        read_truth(tmp_path, company)


def test_the_figures_are_plain_json(metrics: dict[str, Any]) -> None:
    assert json.loads(json.dumps(metrics["goals"], allow_nan=False)) == metrics["goals"]
