"""Positions of one data set become those of a model that knows other courses and roles, by id; and its courses known."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from planted_worlds import (
    ANALYST,
    DATA,
    DATA_NEXT,
    EVERYTHING,
    LAW,
    LAW_NEXT,
    Fitted,
    course_ids,
    exact,
    named_skills,
    skill_rows,
    with_course,
)

from recommender import artifact
from recommender.arrays import NONE, Ids, IntArray, Ragged
from recommender.company import Dataset
from recommender.engine import Recommender
from recommender.manifest import Origin
from recommender.query import Claims, Feedback, Limits, Query
from recommender.translation import Translation, later_tables, updated


def positions(*values: int) -> IntArray:
    return np.array(values, dtype=np.int32)


# The data has courses a b c d, the model d a c: so a→1, b→none, c→2, d→0. Roles r s, the model s: r→none, s→0.
# Skills t u v, the model v t: t→1, u→none, v→0.
COURSES, ROLES, SKILLS = positions(1, NONE, 2, 0), positions(NONE, 0), positions(1, NONE, 0)
QUERY = Query(
    as_of=100,
    history=positions(3, 1, 0),
    history_at=np.array([10, 20, 30], dtype=np.int64),
    role_idx=1,
    target_role_idx=0,
    department="sales",
    in_progress=positions(2),
    progress=np.array([0.4], dtype=np.float32),
    feedback=Feedback.of([(1, "later", 5), (2, "not_interested", 6)]),
    due_again=positions(3),
    claims=Claims.weigh([(0, 3, "self", 7), (1, 4, "self", 8), (2, 5, "manager", 9)]),
    limits=Limits(max_hours=3, exclude=positions(1, 0), only=positions(1)),
)


def test_what_the_model_knows_moves_and_the_rest_is_left_out() -> None:
    found = Translation(COURSES, ROLES, SKILLS).query(QUERY)
    assert found.history.tolist() == [0, 1]
    assert found.history_at.tolist() == [10, 30]
    assert (found.role_idx, found.target_role_idx) == (0, NONE)
    assert found.in_progress.tolist() == [2]
    assert list(found.feedback.rows()) == [(2, "not_interested", 6)]
    assert found.progress.tolist() == [np.float32(0.4)]
    assert found.due_again.tolist() == [0]
    assert found.claims.skill_idx.tolist() == [0, 1]
    assert list(found.claims.rows()) == [(0, 5, "manager", 9), (1, 3, "self", 7)]
    assert found.limits.exclude.tolist() == [1]
    assert (found.as_of, found.department, found.limits.max_hours) == (100, "sales", 3)


def test_a_question_moves_unchanged_where_everything_stands_in_its_place() -> None:
    here = Translation(positions(0, 1, 2, 3), positions(0, 1), positions(0, 1, 2))
    assert here.query(QUERY) is QUERY
    assert replace(here, target_role_idx=1).query(QUERY).target_role_idx == 1
    assert replace(here, skills=positions(1, 0, 2)).query(QUERY).claims.skill_idx.tolist() == [0, 1, 2]
    assert replace(here, skills=positions(1, 0, 2)).query(QUERY).claims.level.tolist() == [4, 3, 5]
    assert replace(here, courses=positions(0, 1, 2, NONE)).query(QUERY).history.tolist() == [1, 0]


def test_only_courses_the_model_lacks_still_means_only_those() -> None:
    only = Translation(COURSES, ROLES, SKILLS).query(QUERY).limits.only
    assert only is not None
    assert only.tolist() == []


def test_one_target_role_for_everyone_wins_over_their_own() -> None:
    assert Translation(COURSES, ROLES, SKILLS, target_role_idx=0).query(QUERY).target_role_idx == 0


def test_no_role_stays_none() -> None:
    nobody = Query(as_of=1)
    assert Translation(COURSES, ROLES, SKILLS).query(nobody).role_idx == NONE


# --- a model made to know the courses of other tables ------------------------------------------------------------

GONE, EDITED = 6, LAW_NEXT


def told_later(fitted: Fitted) -> Dataset:
    """The academy in another order: one course gone, one edited, and one added that teaches a skill the model lacks."""
    data, old = fitted.data, fitted.data.catalog
    added = with_course(old, "advanced", like=DATA_NEXT, title="Numbers in depth", skills=[(0, 5), (3, 2)])
    hours = added.hours.copy()
    hours[EDITED] = 77
    assumed = np.arange(len(hours)) != EDITED
    languages = tuple("de" if i == EDITED else one for i, one in enumerate(added.languages))
    told = replace(added, hours=hours, hours_assumed=assumed, languages=languages)
    order = [12, *(i for i in range(11, -1, -1) if i != GONE)]
    skills = named_skills("statistics", "contracts", "welding", "weaving")
    rows = told.skills
    taught = {
        new: [
            (int(rows.skill_idx[at]), int(rows.level[at])) for at in range(*rows.span(i).indices(len(rows.skill_idx)))
        ]
        for new, i in enumerate(order)
    }
    columns: dict[str, Any] = {
        field.name: tuple(getattr(told, field.name)[i] for i in order)
        for field in fields(told)
        if isinstance(getattr(told, field.name), tuple)
    }
    columns |= {
        field.name: getattr(told, field.name)[order]
        for field in fields(told)
        if isinstance(getattr(told, field.name), np.ndarray)
    }
    moved = Ragged.from_rows([[order.index(EDITED)] if i == 12 else [] for i in order])
    catalog = replace(
        told,
        ids=Ids([told.ids[i] for i in order]),
        **columns,
        prerequisites=moved,
        supersedes=Ragged.empty(len(order)),
        skills=skill_rows(taught, n_rows=len(order)),
    )
    return replace(data, catalog=catalog, skills=skills)


def test_the_courses_of_other_tables_take_the_models_places(academy_model: Fitted) -> None:
    model, data = academy_model.model, told_later(academy_model)
    (found, skills, _), old = later_tables(model, data.catalog, data.skills, data.roles), model.catalog
    assert found.ids.ids == (*old.ids.ids, "advanced")
    assert found.published.tolist() == [i != GONE for i in range(12)] + [True]
    assert found.hours.tolist() == [77 if i == EDITED else 1 for i in range(12)] + [1]
    assert found.languages[EDITED] == "de"
    assert found.titles[GONE] == old.titles[GONE], "what is gone keeps its name"
    assert [found.prerequisites.row(i).tolist() for i in (0, 12)] == [[], [EDITED]]
    for i in range(12):
        one, two = found.skills.span(i), old.skills.span(i)
        assert found.skills.skill_idx[one].tolist() == old.skills.skill_idx[two].tolist()
        assert found.skills.level[one].tolist() == old.skills.level[two].tolist()
    last = found.skills.span(12)
    assert (found.skills.skill_idx[last].tolist(), found.skills.level[last].tolist()) == ([0, 3], [5, 2])
    assert skills.ids.ids == ("statistics", "contracts", "welding", "weaving")


def test_the_tables_of_the_fit_change_nothing(academy_model: Fitted) -> None:
    model, note = updated(academy_model.model, academy_model.data)
    assert model is academy_model.model
    assert note == ""


def test_edits_alone_are_taken_over(academy_model: Fitted) -> None:
    """No course is added: hours, availability and language are still those of the tables, and numbers stay."""
    data, model = academy_model.data, academy_model.model
    begins = data.catalog.available_from.copy()
    begins[LAW_NEXT] = 2**61
    hours = data.catalog.hours * 2
    languages = tuple("de" if one == "fr" else one for one in data.catalog.languages)
    assumed = np.zeros(len(hours), dtype=np.bool_)
    told = replace(data.catalog, available_from=begins, hours=hours, hours_assumed=assumed, languages=languages)
    later, note = updated(model, replace(data, catalog=told))
    assert "0 courses added, 0 withdrawn" in note
    answer = Recommender(later).recommend(academy_model.ask(LAW), k=EVERYTHING)
    assert LAW_NEXT not in {one.course_idx for one in answer.recommendations}
    assert later.catalog.hours.tolist() == (model.catalog.hours * 2).tolist()
    # The one French course is German now, a language no course had at the fit: unknown.
    assert (model.scorers.content.language[9] == NONE, later.scorers.content.language[9] == NONE) == (False, True)
    before = exact(academy_model.recommender.recommend(academy_model.ask(LAW), k=EVERYTHING), model, without="c005")
    changed = {"c009"}  # a share of the history in its language
    assert [row for row in exact(answer, later) if row[0] not in changed] == [
        row for row in before if row[0] not in changed
    ]


def test_a_model_of_later_courses_is_saved_with_them(academy_model: Fitted, tmp_path: Path) -> None:
    later, note = updated(academy_model.model, told_later(academy_model))
    assert "1 courses added, 1 withdrawn" in note
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    arrays, documents = later.pack()
    artifact.save(tmp_path, "default", Origin(moment, moment), arrays=arrays, documents=documents, version="v1")
    loaded = artifact.load_model(tmp_path, "default", "v1")[1]
    assert loaded.scorers.content.newcomers.tolist() == [12]
    for query in (academy_model.ask(), academy_model.ask(DATA, role=ANALYST), academy_model.ask(5, 12)):
        one, two = (Recommender(model).recommend(query, k=EVERYTHING) for model in (later, loaded))
        assert exact(one, later) == exact(two, loaded)
        assert GONE not in {item.course_idx for item in one.recommendations}
    assert "advanced" in course_ids(Recommender(loaded).recommend(academy_model.ask(LAW_NEXT, role=ANALYST)), loaded)
    assert updated(loaded, told_later(academy_model)) == (loaded, "")


def test_hours_nobody_told_stay_what_the_model_took_them_for(academy_model: Fitted) -> None:
    model, data = academy_model.model, academy_model.data
    unknown = np.arange(len(data.catalog)) == 0
    known = replace(model, catalog=replace(model.catalog, hours_assumed=unknown))
    # Other courses of later tables have another median.
    told = replace(data.catalog, hours=np.full(len(data.catalog), 99, dtype=np.float32), hours_assumed=unknown)
    later, *_ = later_tables(known, told, data.skills, data.roles)
    assert later.hours[0] == model.catalog.hours[0] != 99
    assert (later.hours[1:] == 99).all()
