"""A fitted model answers from later courses, skills and roles: edited, added, gone, and back as they were."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted_worlds import (
    ANALYST,
    COLD_DATA,
    DATA,
    DATA_NEXT,
    EVERYTHING,
    LAWYER,
    Fitted,
    course_ids,
    exact,
    skill_rows,
    with_course,
)

from recommender.arrays import NONE, Ids
from recommender.catalog import Catalog, Roles, Skills
from recommender.engine import Recommender
from recommender.explanations import explain
from recommender.model import Model
from recommender.translation import later_tables

Tables = tuple[Catalog, Skills, Roles]
Taught = list[tuple[int, int]]
WEAVING = 3
"""Position of the first skill that the academy does not have."""


@dataclass(frozen=True)
class Edits:
    """What differs from the academy as it was fitted: courses and roles by position, new ones by id."""

    titles: dict[int, str] = field(default_factory=dict)
    withdrawn: frozenset[int] = frozenset()
    hours: dict[int, float] = field(default_factory=dict)
    taught: dict[int, Taught] = field(default_factory=dict)
    added: Sequence[tuple[str, int, str, Taught]] = ()
    needs: dict[int, Taught] = field(default_factory=dict)
    roles: Sequence[tuple[str, str, Taught]] = ()
    skills: Sequence[str] = ()

    def of(self, model: Model) -> Tables:
        """Return the tables that say so."""
        return self._catalog(model), self._skills(model), self._roles(model)

    def _catalog(self, model: Model) -> Catalog:
        old = model.catalog
        found = replace(
            old,
            titles=tuple(self.titles.get(i, title) for i, title in enumerate(old.titles)),
            hours=np.array([self.hours.get(i, hours) for i, hours in enumerate(old.hours.tolist())], dtype=np.float32),
            hours_assumed=np.array([i not in self.hours and one for i, one in enumerate(old.hours_assumed.tolist())]),
            published=np.array([i not in self.withdrawn for i in range(len(old))]),
        )
        if self.taught:
            found = replace(found, skills=skill_rows(taught_by(old) | self.taught, n_rows=len(old)))
        for course_id, like, title, skills in self.added:
            found = with_course(found, course_id, like=like, title=title, skills=skills)
        return found

    def _skills(self, model: Model) -> Skills:
        old = model.skills
        return Skills(Ids((*old.ids.ids, *self.skills)), (*old.names, *self.skills), (*old.kinds, *self.skills))

    def _roles(self, model: Model) -> Roles:
        old, n = model.roles, len(model.roles)
        needs = {ANALYST: [(0, 5)], LAWYER: [(1, 5)]} | self.needs
        needs |= {n + i: skills for i, (_, _, skills) in enumerate(self.roles)}
        ids, titles = [one for one, _, _ in self.roles], [title for _, title, _ in self.roles]
        return Roles(
            ids=Ids((*old.ids.ids, *ids)),
            titles=(*old.titles, *titles),
            families=(*old.families, *[""] * len(ids)),
            descriptions=(*old.descriptions, *[""] * len(ids)),
            needs=skill_rows(needs, n_rows=n + len(ids)),
        )


def taught_by(catalog: Catalog) -> dict[int, Taught]:
    rows = catalog.skills
    pairs = list(zip(rows.skill_idx.tolist(), rows.level.tolist(), strict=True))
    return {i: pairs[rows.span(i)] for i in range(len(rows))}


def later(model: Model, edits: Edits, *, last: Model | None = None) -> Model:
    return model.with_tables(*later_tables(model, *edits.of(model)), last=last)


def bits(model: Model) -> tuple[dict[str, bytes], object]:
    arrays, documents = model.pack()
    return {name: array.tobytes() for name, array in arrays.items()}, documents


# --- new roles and skills ----------------------------------------------------------------------------------------

CRAFT = Edits(
    added=[("loom", COLD_DATA, "Weaving at the loom", [(WEAVING, 4)])],
    roles=[("modeller", "Modeller", [(0, 4)]), ("weaver", "Weaver of models", [(WEAVING, 3), (0, 2)])],
    skills=["weaving"],
)
MODELLER, WEAVER, LOOM = 2, 3, 12


def test_a_new_role_has_a_gap_and_a_path(academy_model: Fitted) -> None:
    model = later(academy_model.model, CRAFT)
    recommender, query = Recommender(model), academy_model.ask(DATA, role=LAWYER, target=MODELLER)
    gap = recommender.gap(query)
    # DATA teaches statistics to level 2, the modeller needs 4.
    assert [(one.skill_idx, one.have, one.needed) for one in gap.skills] == [(0, 2, 4)]
    path = recommender.path(query)
    assert path.steps
    assert path.steps[-1].levels[0] >= 0
    answer = recommender.recommend(query, k=EVERYTHING)
    assert answer.goal_weight > 0
    assert max(one.goal_gain for one in answer.recommendations) == pytest.approx(0.5)  # 2 of the 4 levels


def test_a_new_skill_is_taught_by_a_new_course_and_needed_by_a_new_role(academy_model: Fitted) -> None:
    model = later(academy_model.model, CRAFT)
    recommender, query = Recommender(model), academy_model.ask(role=ANALYST, target=WEAVER)
    assert {one.skill_idx for one in recommender.gap(query).skills} == {0, WEAVING}
    assert LOOM in {step.course_idx for step in recommender.path(query).steps}
    loom = next(one for one in recommender.recommend(query, k=EVERYTHING).recommendations if one.course_idx == LOOM)
    # Needed: weaving 3 and statistics 2, five levels in all; the loom closes the three of weaving.
    assert loom.goal_gain == pytest.approx(3 / 5)
    assert [(one.skill_idx, one.before, one.after) for one in loom.lifts] == [(WEAVING, 0, 4)]
    assert "closes_gap" in {reason.code for reason in loom.reasons}


def test_new_roles_are_near_and_every_answer_can_be_explained(academy_model: Fitted) -> None:
    model = later(academy_model.model, CRAFT)
    recommender = Recommender(model)
    query = replace(academy_model.ask(DATA, target=WEAVER), role_idx=MODELLER)
    assert {one.role_idx for one in recommender.near_roles(query)} == {ANALYST, LAWYER, MODELLER}
    assert np.isfinite(recommender.signals(query)[1]).all()
    assert explain(recommender, query, LOOM).course.rank >= 1


def test_courses_like_a_new_role_are_found_for_it(academy_model: Fitted) -> None:
    """By its text alone: needing nothing, it still draws what is about models, among it what nobody took."""
    about = Edits(roles=[("modeller", "Numbers and models", [])], added=[("more", DATA, "More models", [])])
    model = later(academy_model.model, about)
    content = model.scorers.content
    near = content.role_neighbours.row(MODELLER)[0].tolist()
    assert {DATA, DATA_NEXT, COLD_DATA, LOOM} <= set(near)
    assert content.unseen_role_neighbours.row(MODELLER)[0].tolist() == [COLD_DATA]
    vectors = model.vocabularies.encode_roles(model.roles, model.skills)
    assert content.role_vectors.equals(vectors)


# --- what is edited, what is gone --------------------------------------------------------------------------------


def test_an_edited_role_needs_what_it_now_needs(academy_model: Fitted) -> None:
    model = later(academy_model.model, Edits(needs={LAWYER: [(0, 3)]}))
    assert [one.skill_idx for one in Recommender(model).gap(academy_model.ask(role=LAWYER)).skills] == [0]


def test_a_role_that_is_gone_keeps_its_place_and_needs_nothing(academy_model: Fitted) -> None:
    model, (catalog, skills, roles) = (
        academy_model.model,
        Edits(roles=[("clerk", "Clerk", [(2, 1)])]).of(academy_model.model),
    )
    told = Roles(
        Ids(("clerk", "lawyer")),
        ("Clerk", "Lawyer"),
        ("", ""),
        ("", ""),
        skill_rows({0: [(2, 1)], 1: [(1, 5)]}, n_rows=2),
    )
    found = later_tables(model, catalog, skills, told)[2]
    assert found.ids.ids == ("analyst", "lawyer", "clerk")
    assert found.titles == ("Analyst", "Lawyer", "Clerk")
    assert np.diff(found.needs.indptr).tolist() == [0, 1, 1]
    assert found.needs.skill_idx.tolist() == [1, 2]
    gone = Recommender(model.with_tables(catalog, skills, found))
    assert gone.gap(academy_model.ask(target=ANALYST)).coverage is None
    assert gone.recommend(academy_model.ask(DATA, role=ANALYST)).goal_weight == 0
    assert ANALYST not in {one.role_idx for one in gone.near_roles(academy_model.ask())}
    assert roles.ids.ids[:2] == model.roles.ids.ids


def test_a_skill_takes_its_new_name_and_keeps_its_id(academy_model: Fitted) -> None:
    model = academy_model.model
    told = Skills(Ids(("welding", "statistics")), ("Joining metal", "Numbers"), ("", "technical"))
    catalog = replace(model.catalog, skills=skill_rows({0: [(1, 2)]}, n_rows=12))
    later_catalog, skills, roles = later_tables(model, catalog, told, None)
    assert skills.ids.ids == ("statistics", "contracts", "welding")
    assert skills.names == ("Numbers", "Contracts", "Joining metal")
    assert later_catalog.skills.skill_idx.tolist() == [0]
    assert roles is model.roles


def test_roles_out_of_place_are_refused(academy_model: Fitted) -> None:
    model = academy_model.model
    turned = replace(model.roles, ids=Ids(model.roles.ids.ids[::-1]))
    with pytest.raises(ValueError, match="later roles begin with those the model was fitted on"):
        model.with_tables(model.catalog, model.skills, turned)


def test_a_model_of_another_fit_is_refused(academy_model: Fitted, company_model: Fitted) -> None:
    with pytest.raises(ValueError, match="another fit"):
        academy_model.model.with_tables(*Edits().of(academy_model.model), last=company_model.model)


# --- laws --------------------------------------------------------------------------------------------------------

COURSE = st.integers(0, 11)
TITLES = st.sampled_from(["Data course 0", "Agreements and models", "Law numbers", "Zymurgy"])
TAUGHT = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 5)), max_size=3, unique_by=lambda row: row[0]).map(sorted)
EDITS = st.builds(
    Edits,
    titles=st.dictionaries(COURSE, TITLES, max_size=3),
    withdrawn=st.frozensets(COURSE, max_size=3),
    hours=st.dictionaries(COURSE, st.sampled_from([2.0, 9.5]), max_size=2),
    taught=st.dictionaries(COURSE, TAUGHT, max_size=2),
    added=st.lists(
        st.tuples(st.sampled_from("vwxyz"), COURSE, TITLES, TAUGHT), max_size=4, unique_by=lambda row: row[0]
    ),
    needs=st.dictionaries(st.integers(0, 1), TAUGHT, max_size=1),
    roles=st.lists(st.tuples(st.sampled_from("pqr"), TITLES, TAUGHT), max_size=3, unique_by=lambda row: row[0]),
    skills=st.sampled_from([("weaving",), ("sewing",), ("sewing", "weaving")]),
)


@settings(max_examples=60, deadline=None)
@given(steps=st.lists(EDITS, min_size=1, max_size=4))
def test_step_by_step_is_all_at_once(academy_model: Fitted, steps: list[Edits]) -> None:
    """Whatever was answered from before, taken along or not, even by a model long on its way: the same, bit for bit."""
    model, last = academy_model.model, None
    for edits in steps:
        last = later(model, edits, last=last)
        assert bits(last) == bits(later(model, edits))
    tables = later_tables(model, *steps[-1].of(model))
    whole = model.vocabularies.encode_courses(tables[0], tables[1], n_fitted=12)
    assert last is not None
    assert last.scorers.content.vectors.equals(whole.vectors)
    assert last.scorers.content.attributes.equals(whole.attributes)
    assert last.scorers.content.language.tolist() == whole.language.tolist()


@settings(max_examples=30, deadline=None)
@given(edits=EDITS, others=EDITS)
def test_what_is_undone_was_never_done(academy_model: Fitted, edits: Edits, others: Edits) -> None:
    model = academy_model.model
    edited = later(model, edits)
    back = model.with_tables(model.catalog, model.skills, model.roles, last=edited)
    assert bits(back) == bits(model)
    chained = edited.with_tables(*later_tables(model, *others.of(model)))
    assert bits(chained) == bits(later(model, others))


@settings(max_examples=30, deadline=None)
@given(edits=EDITS)
def test_twice_is_once(academy_model: Fitted, edits: Edits) -> None:
    model = academy_model.model
    once = later(model, edits)
    tables = later_tables(once, *edits.of(model))
    assert bits(once.with_tables(*tables)) == bits(once)
    loaded = Model.unpack(*once.pack())
    assert bits(loaded.with_tables(*tables)) == bits(once)


@settings(max_examples=20, deadline=None)
@given(edits=EDITS)
def test_roles_and_skills_of_others_change_no_answer(academy_model: Fitted, edits: Edits) -> None:
    model = academy_model.model
    more = later(model, Edits(roles=edits.roles, skills=edits.skills))
    for query in (academy_model.ask(DATA, role=ANALYST), academy_model.ask(5, target=LAWYER), academy_model.ask()):
        one, two = (Recommender(which).recommend(query, k=EVERYTHING, mode="upskill") for which in (model, more))
        assert exact(one, model) == exact(two, more)
    assert course_ids(Recommender(more).recommend(academy_model.ask(role=NONE)), more)
