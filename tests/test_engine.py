"""Answers as a whole: what they are made of, what leaves them unchanged to the last bit, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from planted_worlds import (
    ANALYST,
    CONFIG,
    DATA,
    DATA_NEXT,
    EVERYTHING,
    LAW,
    LAWYER,
    Fitted,
    course_ids,
    exact,
    people_of,
    positions,
    skill_rows,
    with_course,
)
from tiny_company import company

from recommender import engine
from recommender.answers import answer_to_json
from recommender.arrays import DAY, NONE, Ids
from recommender.candidates import FEW, TEACHERS
from recommender.eligibility import eligible
from recommender.engine import Recommender
from recommender.errors import QueryError
from recommender.modes import MODES, Mode
from recommender.query import Limits, Query
from training.fit import fit

# --- what a score is made of -------------------------------------------------------------------------------------


def test_parts_sum_to_the_score_here_and_in_json(company_model: Fitted) -> None:
    model = company_model.model
    for query in people_of(company_model):
        answer = company_model.recommender.recommend(query, k=20)
        body = json.loads(json.dumps(answer_to_json(answer, model), allow_nan=False))
        assert len(body["recommendations"]) == len(answer.recommendations) > 0
        bases = set()
        for rank, (one, said) in enumerate(zip(answer.recommendations, body["recommendations"], strict=True), 1):
            assert list(one.parts) == [*(scorer.NAME for scorer in model.scorers), "goal", "base"]
            assert sum(one.parts.values()) == pytest.approx(one.score, abs=1e-9)
            assert sum(said["parts"].values()) == pytest.approx(said["score"], abs=1e-6)
            assert (said["rank"], said["course_id"]) == (rank, model.catalog.ids[one.course_idx])
            bases.add(one.parts["base"])
        assert len(bases) == 1, "every candidate of an answer has the same base"


def test_what_is_kept_of_a_course_is_not_handed_out_and_ends_with_its_catalogue(company_model: Fitted) -> None:
    model = company_model.model
    answer = company_model.recommender.recommend(company_model.ask())
    first = answer_to_json(answer, model)
    said = json.dumps(first)
    first["recommendations"][0].clear()
    assert json.dumps(answer_to_json(answer, model)) == said
    titles = tuple(f"New {title}" for title in model.catalog.titles)
    renamed = answer_to_json(answer, replace(model, catalog=replace(model.catalog, titles=titles)))
    assert [one["title"] for one in renamed["recommendations"]] == [
        titles[one.course_idx] for one in answer.recommendations
    ]


def test_the_goal_is_mixed_in_by_its_weight(company_model: Fitted) -> None:
    query, recommender = company_model.ask(3, 9, role=1, target=5), company_model.recommender
    plain, mixed = recommender.score(query), recommender.score(query, weights=Mode(goal_weight=0.3))
    assert plain.courses.tolist() == mixed.courses.tolist()
    goal, others = mixed.names.index("goal"), [name != "goal" for name in mixed.names]
    assert mixed.parts[others] == pytest.approx(0.7 * plain.parts[others], abs=1e-12)
    assert not plain.parts[goal].any()
    assert mixed.goal_gain.max() > 0
    gain = mixed.goal_gain.astype(np.float64)
    assert mixed.parts[goal] == pytest.approx(0.3 * company_model.model.goal_scale * gain, abs=1e-12)
    only = recommender.recommend(query, goal_weight=1, k=EVERYTHING).recommendations
    gains = [one.goal_gain for one in only]
    assert gains == sorted(gains, reverse=True)


def test_best_first_and_never_twice(company_model: Fitted) -> None:
    for query in people_of(company_model):
        answer = company_model.recommender.recommend(query, k=EVERYTHING)
        scores = [one.score for one in answer.recommendations]
        assert scores == sorted(scores, reverse=True)
        assert np.isfinite(scores).all()
        courses = [one.course_idx for one in answer.recommendations]
        assert len(set(courses)) == len(courses)


def test_only_eligible_courses_are_shown(company_model: Fitted) -> None:
    catalog = company_model.model.catalog
    for query in people_of(company_model, 40):
        limited = replace(query, limits=Limits(max_hours=8, languages=("en",), exclude=positions(1, 2, 3)))
        for asked in (query, limited):
            allowed = set(
                np.flatnonzero(eligible(catalog, asked, levels=company_model.recommender.levels(asked))).tolist()
            )
            answer = company_model.recommender.recommend(asked, k=EVERYTHING)
            assert {one.course_idx for one in answer.recommendations} <= allowed
            assert not {one.course_idx for one in answer.recommendations} & set(asked.history.tolist())


def test_a_shorter_list_is_the_head_of_a_longer_one(company_model: Fitted) -> None:
    for query in people_of(company_model, 4):
        long = exact(company_model.recommender.recommend(query, k=30), company_model.model)
        assert exact(company_model.recommender.recommend(query, k=7), company_model.model) == long[:7]


def test_the_best_teachers_of_every_missing_skill_are_candidates(company_model: Fitted) -> None:
    model, recommender = company_model.model, company_model.recommender
    rows, n_missing = model.catalog.skills, 0
    for role in range(len(model.roles)):
        query = company_model.ask(target=role)
        levels, need = recommender.levels(query), recommender.need(query)
        candidates = set(recommender.signals(query)[0].tolist())
        for skill in np.flatnonzero(levels < need.level).tolist():
            teachers = [
                (-int(rows.level[at]), float(model.catalog.hours[i]), model.catalog.ids[i], i)
                for i in range(len(model.catalog))
                for at in range(*rows.span(i).indices(len(rows.skill_idx)))
                if rows.skill_idx[at] == skill
            ]
            best = positions(*(i for *_, i in sorted(teachers)[:TEACHERS]))
            allowed = eligible(model.catalog, query, best, levels=levels)
            assert set(best[allowed].tolist()) <= candidates
            n_missing += 1
    assert n_missing > 50


def test_ranking_many_is_recommending_one_by_one(company_model: Fitted) -> None:
    asked = people_of(company_model)
    ranked = company_model.recommender.rank(asked, k=15)
    for row, query in zip(ranked, asked, strict=True):
        answer = company_model.recommender.recommend(query, k=15, goal_weight=0)
        shown = [one.course_idx for one in answer.recommendations]
        assert row.tolist() == shown + [NONE] * (15 - len(shown))
    assert company_model.recommender.rank(asked[::-1], k=15)[::-1].tolist() == ranked.tolist()


def test_a_scorer_can_be_left_out(company_model: Fitted) -> None:
    query = company_model.ask(3, 9, role=1)
    names = tuple(scorer.NAME for scorer in company_model.model.scorers)
    full, less = (company_model.recommender.score(query, without=out) for out in ((), names[:1]))
    assert not less.parts[0].any()
    assert less.parts[1:].tobytes() == full.parts[1:].tobytes()
    nothing = company_model.recommender.score(query, without=names)
    assert np.ptp(nothing.score) == 0


# --- modes and goals ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "target", "mode"),
    [(ANALYST, NONE, "upskill"), (NONE, LAWYER, "reskill"), (ANALYST, LAWYER, "reskill"), (LAWYER, LAWYER, "upskill")],
)
def test_the_mode_follows_from_the_roles(academy_model: Fitted, role: int, target: int, mode: str) -> None:
    answer = academy_model.recommender.recommend(academy_model.ask(role=role, target=target))
    assert (answer.mode, answer.goal_weight) == (mode, MODES[mode].goal_weight)


def test_few_remembered_roles_say_the_same_as_many(company_model: Fitted, monkeypatch: pytest.MonkeyPatch) -> None:
    model, n_roles = company_model.model, len(company_model.model.roles)
    asked = [Query(model.as_of, role_idx=i, target_role_idx=j) for i in range(n_roles) for j in range(n_roles)]
    many, few = (Recommender(model) for _ in range(2))
    expected = [many.mode_of(query) for query in asked]
    monkeypatch.setattr(engine, "MOST_PAIRS", 2 * n_roles)
    assert [few.mode_of(query) for query in asked] == expected
    assert (len(many._far), len(few._far) <= 2) == (n_roles, True)
    assert set(expected) == {"upskill", "reskill"}


def test_the_mode_and_the_weight_can_be_asked_for(academy_model: Fitted) -> None:
    query = academy_model.ask(role=ANALYST)
    explored = academy_model.recommender.recommend(query, mode="explore")
    assert (explored.mode, explored.goal_weight) == ("explore", MODES["explore"].goal_weight)
    weighed = academy_model.recommender.recommend(query, mode="explore", goal_weight=0.8)
    assert (weighed.mode, weighed.goal_weight) == ("explore", 0.8)


@pytest.mark.parametrize("mode", MODES)
def test_a_mode_is_weighed_as_it_is_and_new_ground_gives_way_to_a_goal_asked_for(
    academy_model: Fitted, mode: str
) -> None:
    recommender, whole = academy_model.recommender, MODES[mode]
    needed, nothing = (recommender.need(academy_model.ask(role=one)) for one in (ANALYST, NONE))
    assert whole.goal_weight + whole.explore_weight <= 1
    assert recommender.weights(mode, needed) == whole
    assert recommender.weights(mode, nothing) == replace(whole, goal_weight=0.0)
    for asked in (0.0, 0.4, 1.0):
        left = min(whole.explore_weight, 1 - asked)
        assert recommender.weights(mode, needed, asked) == replace(whole, goal_weight=asked, explore_weight=left)
        assert recommender.weights(mode, nothing, asked) == replace(whole, goal_weight=0.0)


def test_without_a_need_the_goal_weighs_nothing(academy_model: Fitted) -> None:
    answer = academy_model.recommender.recommend(academy_model.ask(DATA), goal_weight=0.9)
    assert answer.goal_weight == 0
    assert all(one.goal_gain == one.parts["goal"] == 0 for one in answer.recommendations)


# --- what is refused ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"k": 0}, "k: found 0; expected a whole number from 1"),
        ({"k": -1}, "k: found -1"),
        ({"mode": "downskill"}, "mode: found 'downskill'; expected one of upskill, reskill, explore"),
        ({"goal_weight": -0.01}, "goal_weight: found -0.01; expected a number from 0 to 1"),
        ({"goal_weight": 1.01}, "goal_weight: found 1.01"),
        ({"goal_weight": float("nan")}, "goal_weight: found nan"),
    ],
)
def test_settings_out_of_range_are_refused(academy_model: Fitted, how: dict[str, object], words: str) -> None:
    with pytest.raises(QueryError, match=words):
        academy_model.recommender.recommend(academy_model.ask(), **how)  # type: ignore[arg-type]


def test_a_question_from_before_the_model_is_refused(academy_model: Fitted) -> None:
    recommender, asked = academy_model.recommender, academy_model.ask()
    with pytest.raises(QueryError, match=r"as_of: found 2022-05-26T.*; expected no earlier than 2022-05-26T"):
        recommender.recommend(replace(asked, as_of=academy_model.as_of - 1))
    assert recommender.recommend(asked).recommendations
    assert recommender.recommend(replace(asked, as_of=academy_model.as_of + 900 * DAY)).recommendations


def test_nothing_that_fits_is_an_answer(academy_model: Fitted) -> None:
    nothing = replace(academy_model.ask(DATA), limits=Limits(only=positions()))
    assert academy_model.recommender.recommend(nothing).recommendations == ()
    everything = academy_model.ask(*range(12))
    assert academy_model.recommender.recommend(everything).recommendations == ()


def few_taken(n_courses: int = 700) -> Fitted:
    """Twelve courses that people took among hundreds that nobody took and nobody knows anything of."""
    data = company([(e, (e + i) % 12, 3 * i + e / 20) for e in range(26) for i in range(4)], n_courses=n_courses)
    return Fitted(data, fit(data, CONFIG, as_of=data.now + 1).model)


def test_whoever_completed_all_that_is_proposed_is_shown_what_remains() -> None:
    fitted = few_taken()
    answer = fitted.recommender.recommend(fitted.ask(*range(12)), k=100)
    assert len(answer.recommendations) == 100
    nearly_all = fitted.ask(*range(690))
    assert sorted(one.course_idx for one in fitted.recommender.recommend(nearly_all, k=100).recommendations) == list(
        range(690, 700)
    )
    last = replace(fitted.ask(), limits=Limits(only=positions(699)))
    assert [one.course_idx for one in fitted.recommender.recommend(last).recommendations] == [699]


def test_what_fills_up_a_short_list_is_moved_by_no_later_course() -> None:
    fitted = few_taken(n_courses=1100)
    query = fitted.ask(*range(12))
    before = exact(fitted.recommender.recommend(query, k=EVERYTHING), fitted.model)
    assert FEW < len(before) < 1100 - 12, "not every course is looked at"
    for published in (True, False):
        catalog = fitted.model.catalog
        for i in range(FEW + 5):
            catalog = with_course(catalog, f"added-{i}", like=20, published=published)
        later = fitted.model.with_catalog(catalog)
        answer = exact(Recommender(later).recommend(query, k=EVERYTHING), later)
        assert [row for row in answer if not str(row[0]).startswith("added")] == before
        assert len(answer) - len(before) == (FEW + 5) * published


def test_a_history_from_the_future_gives_numbers(academy_model: Fitted) -> None:
    query = academy_model.ask(DATA, DATA_NEXT, role=ANALYST)
    answer = academy_model.recommender.recommend(replace(query, history_at=query.history_at + 5000 * DAY))
    assert answer.recommendations
    assert np.isfinite([one.score for one in answer.recommendations]).all()


# --- ties and versions -------------------------------------------------------------------------------------------


def test_ties_are_broken_by_course_id(academy_model: Fitted) -> None:
    later = academy_model.model.catalog
    for course_id in ("twin-b", "twin-a", "a-twin"):
        later = with_course(later, course_id, like=LAW, title="Twin")
    model = academy_model.model.with_catalog(later)
    for query in (academy_model.ask(DATA, role=ANALYST), academy_model.ask(LAW), academy_model.ask()):
        answer = Recommender(model).recommend(query, k=EVERYTHING)
        twins = [one for one in answer.recommendations if "twin" in model.catalog.ids[one.course_idx]]
        assert [model.catalog.ids[one.course_idx] for one in twins] == ["a-twin", "twin-a", "twin-b"]
        assert len({one.score for one in twins}) == 1


def test_versions_of_one_course_appear_once(academy_model: Fitted) -> None:
    catalog = with_course(academy_model.model.catalog, "law-b", like=LAW, supersedes=[LAW])
    catalog = with_course(catalog, "law-a", like=LAW, supersedes=[LAW])
    model = academy_model.model.with_catalog(catalog)
    answer = Recommender(model).recommend(academy_model.ask(role=LAWYER), k=EVERYTHING)
    shown = course_ids(answer, model)
    assert "law-a" in shown, "of equal ones the first by id"
    assert not {"law-b", model.catalog.ids[LAW]} & set(shown)
    done = replace(academy_model.ask(LAW), role_idx=LAWYER)
    assert not {"law-a", "law-b"} & set(course_ids(Recommender(model).recommend(done, k=EVERYTHING), model))


def test_a_later_catalogue_keeps_the_fitted_courses_in_their_places(academy_model: Fitted) -> None:
    model = academy_model.model
    with pytest.raises(ValueError, match="begins with the courses the model was fitted on"):
        model.with_catalog(replace(model.catalog, ids=Ids(model.catalog.ids.ids[::-1])))


def test_catalogues_can_follow_each_other(academy_model: Fitted) -> None:
    """Courses added in two steps are candidates as if added in one."""
    model, query = academy_model.model, academy_model.ask(DATA, role=ANALYST)
    once = with_course(model.catalog, "first", like=DATA_NEXT)
    twice = with_course(once, "second", like=9, title="Zymurgy")
    steps, leap = model.with_catalog(once).with_catalog(twice), model.with_catalog(twice)
    stepped, leapt = (course_ids(Recommender(which).recommend(query, k=EVERYTHING), which) for which in (steps, leap))
    assert {"first", "second"} <= set(stepped)
    assert stepped == leapt
    n = len(model.catalog)
    assert steps.scorers.content.newcomers.tolist() == leap.scorers.content.newcomers.tolist() == [n, n + 1]


def test_a_withdrawn_course_is_shown_no_more(academy_model: Fitted) -> None:
    model, query = academy_model.model, academy_model.ask(DATA, role=ANALYST)
    published = model.catalog.published.copy()
    published[DATA_NEXT] = False
    later = model.with_catalog(replace(model.catalog, published=published))
    before = exact(
        academy_model.recommender.recommend(query, k=EVERYTHING), model, without=model.catalog.ids[DATA_NEXT]
    )
    assert exact(Recommender(later).recommend(query, k=EVERYTHING), later) == before


def test_need_is_read_from_the_role_aimed_for(academy_model: Fitted) -> None:
    """A lawyer-to-be is lifted in contracts, an analyst in statistics, by what each course teaches."""
    roles = replace(academy_model.model.roles, needs=skill_rows({ANALYST: [(0, 3)], LAWYER: [(1, 2)]}, n_rows=2))
    recommender = Recommender(replace(academy_model.model, roles=roles))
    answer = recommender.recommend(academy_model.ask(role=ANALYST, target=LAWYER), k=EVERYTHING)
    gains = {one.course_idx: one.goal_gain for one in answer.recommendations}
    # Needed: contracts at level 2, which every law course reaches; nobody has any.
    assert gains[LAW] == 1
    assert gains[DATA] == 0
    (lift,) = next(one.lifts for one in answer.recommendations if one.course_idx == LAW)
    assert (lift.skill_idx, lift.before, lift.after, lift.needed) == (1, 0, 2, 2)


def test_a_prepared_recommender_answers_the_same_and_has_made_what_is_made_once(company_model: Fitted) -> None:
    fresh = Recommender(company_model.model)
    asked = company_model.ask(3, 9, role=1, target=5)
    expected = fresh.recommend(asked)
    prepared = Recommender(company_model.model)
    assert "_candidates" not in vars(prepared)
    assert prepared.prepared() is prepared
    assert {"_candidates", "_needs"} <= vars(prepared).keys()
    assert prepared.recommend(asked) == expected
