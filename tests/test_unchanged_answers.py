"""What leaves an answer as it is, to the last bit: people, hidden courses, unneeded skills, another order."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted_worlds import (
    CONFIG,
    EVERYTHING,
    Fitted,
    course_ids,
    exact,
    named_skills,
    people_of,
    positions,
    skill_rows,
    with_course,
)
from tiny_company import company

from recommender.arrays import Ids
from recommender.candidates import TEACHERS
from recommender.catalog import Catalog, Skills
from recommender.engine import Recommender
from recommender.query import Claims, Limits, query_of
from training.fit import fit
from training.tables.load import load_dataset

few = settings(max_examples=40, deadline=None)


def test_the_same_question_gets_the_same_answer(company_model: Fitted) -> None:
    for query in people_of(company_model):
        fresh = Recommender(company_model.model).recommend(query)
        assert exact(fresh, company_model.model) == exact(
            company_model.recommender.recommend(query), company_model.model
        )


def test_the_order_of_a_history_changes_nothing(company_model: Fitted) -> None:
    rng = np.random.default_rng(3)
    for query in people_of(company_model):
        order = rng.permutation(len(query.history))
        mixed = replace(query, history=query.history[order], history_at=query.history_at[order])
        one, two = (company_model.recommender.recommend(which, k=30) for which in (query, mixed))
        assert exact(one, company_model.model) == exact(two, company_model.model)


def test_one_more_person_changes_no_answer(company_model: Fitted, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(company_model.directory, tmp_path / "company"))
    employees = (folder / "employees.csv").read_text(encoding="utf-8").splitlines()
    newcomer = employees[1].split(",")
    with (folder / "employees.csv").open("a", encoding="utf-8") as file:
        file.write(",".join(["A-first-by-id", *newcomer[1:]]) + "\n")
    with (folder / "completions.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"A-first-by-id,{course},2026-01-0{i}\n" for i, course in enumerate(("C0003", "C0007"), 1))
    more = load_dataset(folder, now=company_model.data.now).dataset
    assert len(more.people) == len(company_model.data.people) + 1
    for i in range(0, len(company_model.data.people), 40):
        same = more.people.ids.find(company_model.data.people.ids[i])
        one = query_of(company_model.data, i, as_of=company_model.as_of)
        two = query_of(more, same, as_of=company_model.as_of)
        answers = [exact(company_model.recommender.recommend(query), company_model.model) for query in (one, two)]
        assert answers[0] == answers[1]


INELIGIBLE = ("unpublished", "not available yet", "meant for others", "entry level too high")


def ineligible(catalog: Catalog, like: int, why: str) -> Catalog:
    """Return the catalogue with one more course that nobody may be shown."""
    skill = [(0, 5)] if why == "entry level too high" else None
    more = with_course(catalog, "added", like=like, published=why != "unpublished", skills=skill)
    if why == "not available yet":
        begins = more.available_from.copy()
        begins[-1] = 2**61
        return replace(more, available_from=begins)
    if why == "meant for others":
        return replace(more, audience=(*more.audience[:-1], ("Nobody's department",)))
    if why == "entry level too high":
        rows = more.skills
        entry, declared = rows.entry_level.copy(), rows.entry_declared.copy()
        entry[-1], declared[-1] = 6, True
        return replace(more, skills=replace(rows, entry_level=entry, entry_declared=declared))
    return more


@few
@given(like=st.integers(0, 119), why=st.sampled_from(INELIGIBLE), which=st.integers(0, 15), weight=st.floats(0, 1))
def test_an_ineligible_course_changes_no_answer(
    company_model: Fitted, like: int, why: str, which: int, weight: float
) -> None:
    query = people_of(company_model)[which]
    later = company_model.model.with_catalog(ineligible(company_model.model.catalog, like, why))
    before = company_model.recommender.recommend(query, k=EVERYTHING, goal_weight=weight)
    after = Recommender(later).recommend(query, k=EVERYTHING, goal_weight=weight)
    assert exact(after, later) == exact(before, company_model.model)


@few
@given(
    like=st.integers(0, 119),
    skills=st.none() | st.lists(st.tuples(st.integers(0, 58), st.integers(1, 5)), max_size=6, unique_by=lambda s: s[0]),
    which=st.integers(0, 15),
    weight=st.floats(0, 1),
    k=st.sampled_from([5, EVERYTHING]),
)
def test_an_eligible_course_only_inserts_itself(
    company_model: Fitted, like: int, skills: Sequence[tuple[int, int]] | None, which: int, weight: float, k: int
) -> None:
    query = people_of(company_model)[which]
    more = with_course(company_model.model.catalog, "added", like=like, skills=skills)
    more = replace(more, audience=(*more.audience[:-1], ()), prerequisites=more.prerequisites)
    later = company_model.model.with_catalog(more)
    before = exact(company_model.recommender.recommend(query, k=k, goal_weight=weight), company_model.model)
    after = Recommender(later).recommend(query, k=k, goal_weight=weight)
    rest = exact(after, later, without="added")
    assert rest == before[: len(rest)]
    assert len(before) - len(rest) <= (k != EVERYTHING)


def test_an_added_course_is_inserted(company_model: Fitted) -> None:
    """The law above is not kept by never showing what is new."""
    later = company_model.model.with_catalog(with_course(company_model.model.catalog, "added", like=20))
    shown = [course_ids(Recommender(later).recommend(query, k=EVERYTHING), later) for query in people_of(company_model)]
    assert sum("added" in one for one in shown) > len(shown) / 2


def test_a_course_alone_scores_as_among_many(company_model: Fitted) -> None:
    for query in people_of(company_model, 6):
        whole = company_model.recommender.recommend(query, k=EVERYTHING)
        for one in whole.recommendations[:3]:
            alone = replace(query, limits=Limits(only=positions(one.course_idx)))
            answer = company_model.recommender.recommend(alone)
            among = replace(whole, recommendations=tuple(o for o in whole.recommendations if o is one))
            assert exact(answer, company_model.model) == exact(among, company_model.model)


@pytest.mark.parametrize("n_more", [1, 5, 70])
def test_a_skill_nobody_needs_changes_no_answer(company_model: Fitted, n_more: int) -> None:
    model, old = company_model.model, company_model.model.skills
    names = tuple(f"unneeded {i}" for i in range(n_more))
    skills = Skills(Ids((*old.ids.ids, *names)), (*old.names, *names), (*old.kinds, *[""] * n_more))
    wider = replace(model, skills=skills)
    for query in people_of(company_model):
        one, two = company_model.recommender.recommend(query), Recommender(wider).recommend(query)
        assert exact(one, model) == exact(two, wider)


N_TAKEN, N_TEACHERS = 130, 90


def many_teachers() -> Fitted:
    """130 courses that people took, and 90 that nobody took which all teach the one skill the role needs.

    Too many courses teach it for it to be a term of their text: only the gap proposes them.
    """
    n = N_TAKEN + N_TEACHERS
    rows = [(e, (5 * e + i) % N_TAKEN, 3 * i + e / 20) for e in range(26) for i in range(10)]
    told = company(rows, n_courses=n, role_idx=[0] * 26, n_roles=1)
    taught = skill_rows({i: [(0, 3)] for i in range(N_TAKEN, n)}, n_rows=n)
    told = replace(
        told,
        catalog=replace(told.catalog, skills=taught),
        skills=named_skills("welding"),
        roles=replace(told.roles, needs=skill_rows({0: [(0, 5)]}, n_rows=1)),
    )
    return Fitted(told, fit(told, CONFIG, as_of=told.now + 1).model)


def test_a_better_teacher_pushes_no_other_out() -> None:
    fitted = many_teachers()
    query = fitted.ask(role=0)
    query = replace(query, claims=Claims.weigh([(0, 0, "self", fitted.as_of)]))
    before = exact(fitted.recommender.recommend(query, k=EVERYTHING), fitted.model)
    teachers = [f"c{i:03}" for i in range(N_TAKEN, N_TAKEN + TEACHERS)]
    assert set(teachers) <= {str(row[0]) for row in before}
    assert len(before) < N_TAKEN + N_TEACHERS, "not every course is a candidate"
    for published in (True, False):
        more = with_course(fitted.model.catalog, "a-better-one", like=N_TAKEN + 5, published=published, skills=[(0, 5)])
        later = fitted.model.with_catalog(more)
        answer = Recommender(later).recommend(query, k=EVERYTHING)
        assert exact(answer, later, without="a-better-one") == before
        assert ("a-better-one" in course_ids(answer, later)) is published
