"""A company's figures: each is what adding up the answers to its people gives, and small groups cannot be worked out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pytest
from planted_worlds import Fitted

from recommender.arrays import NONE
from recommender.catalogue_health import NEW_DAYS, OUT_OF_REACH, catalogue_health
from recommender.eligibility import barriers
from recommender.gap import Gap
from recommender.insight import HIDDEN, HIGHEST, LOWEST, Group, Insight, about, insight_of, percent
from recommender.profile import SOURCES
from recommender.query import Query, query_of
from recommender.suppression import LEAST
from recommender.tally import MOST_OFFERS, Tally, offered


@dataclass(frozen=True)
class Person:
    """One of the company: the question about the role held, and what the engine answers to it."""

    query: Query
    gap: Gap
    family: str


@pytest.fixture(scope="module")
def people(company_model: Fitted) -> list[Person]:
    """Return everybody with a role that needs skills, asked one by one."""
    found = []
    for i in range(len(company_model.data.people)):
        query = replace(query_of(company_model.data, i, as_of=company_model.as_of), target_role_idx=NONE)
        gap = company_model.recommender.gap(query)
        if gap.skills:
            found.append(Person(query, gap, company_model.model.roles.families[query.role_idx]))
    return found


def tally_of(company: Fitted, queries: Sequence[Query]) -> Tally:
    tally = Tally(company.model, company.as_of)
    for query in queries:
        tally.add(query)
    return tally


@pytest.fixture(scope="module")
def insight(company_model: Fitted) -> Insight:
    """Return the figures of the company."""
    n = len(company_model.data.people)
    return insight_of(
        tally_of(company_model, [query_of(company_model.data, i, as_of=company_model.as_of) for i in range(n)])
    )


def is_in(group: Group) -> Callable[[Person], bool]:
    def check(person: Person) -> bool:
        return (
            group.department in (None, person.query.department)
            and group.family in (None, person.family)
            and group.role_idx in (NONE, person.query.role_idx)
        )

    return check


def test_the_figures_are_those_of_asking_about_each_person(insight: Insight, people: list[Person]) -> None:
    kinds = set()
    for g, group in enumerate(insight.groups):
        if not insight.is_shown(g):
            continue
        kinds.add(group.kind)
        inside = list(filter(is_in(group), people))
        assert insight.people[g] == len(inside)
        shares = [np.mean([SOURCES[s.source] == "assumed" for s in one.gap.skills]) for one in inside]
        assert insight.assumed[g] == pytest.approx(np.mean(shares))
        for column, skill in enumerate(insight.skills.tolist()):
            rows = [s for one in inside for s in one.gap.skills if s.skill_idx == skill]
            if np.isfinite(insight.have[g, column]):
                assert insight.have[g, column] == pytest.approx(sum(s.importance * min(s.have, s.needed) for s in rows))
                assert insight.needed[g, column] == pytest.approx(sum(s.importance * s.needed for s in rows))
            if insight.short[g, column] != HIDDEN:
                assert insight.short[g, column] == sum(s.missing > 0 for s in rows)
    assert kinds == {"everyone", "department", "family", "family_in_department", "role"}


def test_the_coverage_of_a_role_is_the_mean_of_its_holders(insight: Insight, people: list[Person]) -> None:
    """All holders of a role need the same, so the share of the sums is the mean of the shares."""
    checked = 0
    for g, group in enumerate(insight.groups):
        if group.kind == "role" and insight.is_shown(g):
            inside = list(filter(is_in(group), people))
            n_skills = len(inside[0].gap.skills)
            if np.isfinite(insight.have[g]).sum() == n_skills:
                mean = np.mean([one.gap.coverage for one in inside])
                assert insight.coverage(g) == percent(float(mean))
                checked += 1
    assert checked > 5


def test_gaps_are_the_biggest_first_and_their_courses_close_what_they_say(
    company_model: Fitted, insight: Insight, people: list[Person]
) -> None:
    group = insight.find()
    gaps = insight.gaps(group)
    missing = [
        sum(s.importance * s.missing for p in people for s in p.gap.skills if s.skill_idx == g.skill_idx) for g in gaps
    ]
    needed = [
        sum(s.importance * s.needed for p in people for s in p.gap.skills if s.skill_idx == g.skill_idx) for g in gaps
    ]
    as_shown = [need * (100 - gap.coverage) / 100 for need, gap in zip(needed, gaps, strict=True)]
    assert as_shown == pytest.approx(missing, rel=0.2)
    assert as_shown == sorted(as_shown, reverse=True)
    assert min(missing) > 0
    assert sum(gap.share for gap in gaps) <= 100 + len(gaps)
    named = [(gap, whole, course) for gap, whole in zip(gaps, missing, strict=True) for course in gap.courses]
    assert len(named) > 10
    fewest = sorted(named, key=lambda one: one[2].starters)[:4]
    for gap, whole, course in [*named[:2], *fewest]:
        lifts = lifts_by_hand(company_model, people, gap.skill_idx, course.course_idx)
        assert course.closes == round(100 * sum(lifts) / whole)
        assert course.starters == about(len(lifts))
        assert len(lifts) >= LEAST


@pytest.mark.parametrize(("end", "beside"), [(1.0, 0.96), (0.0, 0.04)])
def test_gaps_tell_no_more_of_all_or_none_than_the_shares_do(insight: Insight, end: float, beside: float) -> None:
    """A skill that everybody has is no gap, and neither is one that nearly everybody has: the list tells them not apart."""
    group = insight.find()
    column = insight.most_needed(group, 1)[0]
    told = []
    for share in (end, beside):
        have = insight.have.copy()
        have[group, column] = share * insight.needed[group, column]
        told.append(replace(insight, have=have, courses={}).gaps(group))
    assert told[0] == told[1]
    assert (int(insight.skills[column]) in [one.skill_idx for one in told[0]]) == (end == 0)


def lifts_by_hand(company: Fitted, people: list[Person], skill: int, course: int) -> list[float]:
    """Return what a course gives each person who may start it now and gains by it."""
    rows = company.model.catalog.skills
    span = rows.span(course)
    taught = dict(zip(rows.skill_idx[span].tolist(), rows.level[span].tolist(), strict=True))[skill]
    found = []
    for person in people:
        for one in person.gap.skills:
            gained = min(taught, one.needed) - one.have
            if one.skill_idx == skill and gained > 0:
                levels = company.recommender.levels(person.query)
                bars = set(barriers(company.model.catalog, person.query, course, levels=levels))
                if not bars - {"feedback", "in_progress", "required"}:
                    found.append(one.importance * gained)
    return found


def test_a_course_is_not_named_for_a_gap_fewer_than_five_could_start_it_for(company_model: Fitted) -> None:
    """Two companies of 4 and of 5 people who are alike: what 5 could start is named, what 4 could is not."""
    one = next(
        q
        for i in range(len(company_model.data.people))
        if (q := query_of(company_model.data, i, as_of=company_model.as_of)).role_idx != NONE
    )
    for n in (4, 5):
        found = insight_of(tally_of(company_model, [one] * n))
        assert found.is_shown(found.find()) == (n == LEAST)
        assert bool(found.gaps(found.find()) if n == LEAST else []) == (n == LEAST)


@pytest.mark.parametrize("seed", range(4))
def test_nothing_is_derived_about_few_people_from_any_column(company_model: Fitted, seed: int) -> None:
    """Some seventy people, so that most cells hold one or two: no sums shown leave one or two such cells alone."""
    chosen = np.random.default_rng(seed).permutation(len(company_model.data.people))[:70]
    queries = [query_of(company_model.data, int(i), as_of=company_model.as_of) for i in chosen]
    found, tally = insight_of(tally_of(company_model, queries)), tally_of(company_model, queries)
    keys = sorted(tally.cells)
    size = np.array([tally.cells[key].people for key in keys])
    families = company_model.model.roles.families
    within = np.array([[covers(group, key, families) for key in keys] for group in found.groups])
    assert_safe(within[found.people != HIDDEN], size)
    hidden = 0
    for column, skill in enumerate(found.skills.tolist()):
        needs = np.array([skill in tally.needs[role].skills for _, role in keys])
        for shown in (np.isfinite(found.have[:, column]), found.short[:, column] != HIDDEN):
            assert not shown[found.people == HIDDEN].any()
            assert_safe((within & needs)[shown], size)
            hidden += int((~shown & (within & needs).any(axis=1)).sum())
    assert hidden > 50


def covers(group: Group, key: tuple[str, int], families: Sequence[str]) -> bool:
    department, role = key
    return (
        group.department in (None, department)
        and group.family in (None, families[role])
        and group.role_idx in (NONE, role)
    )


def assert_safe(rows: np.ndarray, size: np.ndarray) -> None:
    """Check that no group shown is small, and that no one or two cells with fewer than five people can be told apart."""
    rows = rows[rows.any(axis=1)].astype(float)
    if not len(rows):
        return
    assert (rows @ size >= LEAST).all()
    *_, basis = np.linalg.svd(rows, full_matrices=False)
    whole = np.linalg.matrix_rank(rows)
    basis = basis[:whole]
    few = [one for k in (1, 2) for one in combinations(range(len(size)), k) if size[list(one)].sum() < LEAST]
    for cells in few:  # something about these alone is derived if and only if a combination of the rows is 0 elsewhere
        part = basis[:, list(cells)]
        assert np.linalg.eigvalsh(part.T @ part).max() < 1 - 1e-9, cells


def test_shares_are_whole_and_kept_from_their_ends() -> None:
    assert [percent(x) for x in (0.0, 0.031, 0.504, 0.949, 0.99, 1.0)] == [LOWEST, LOWEST, 50, 95, HIGHEST, HIGHEST]
    assert [about(n) for n in (5, 7, 8, 12, 13)] == [5, 5, 10, 10, 15]


def test_who_holds_no_role_is_counted_apart(company_model: Fitted) -> None:
    nobody = [Query(as_of=company_model.as_of, department="Sales")] * 7
    found = insight_of(tally_of(company_model, nobody))
    assert found.without_role == 7
    assert not found.is_shown(found.find())
    assert found.coverage(found.find()) is None
    assert found.gaps(found.find()) == []


def test_a_catalogue_is_held_to_what_its_roles_need(company_model: Fitted, people: list[Person]) -> None:
    model, now = company_model.model, company_model.as_of
    taken = {course for person in people for course in person.query.history.tolist()}
    found = catalogue_health(model, taken=taken, as_of=now)
    courses = offered(model, now)
    best = dict.fromkeys(range(len(model.skills.ids)), 0)
    for course in courses.tolist():
        span = model.catalog.skills.span(course)
        for skill, level in zip(
            model.catalog.skills.skill_idx[span].tolist(), model.catalog.skills.level[span].tolist(), strict=True
        ):
            best[skill] = max(best[skill], level)
    needs = [
        (role, int(model.roles.needs.skill_idx[row]), int(model.roles.needs.level[row]))
        for role in range(len(model.roles))
        for row in range(*model.roles.needs.span(role).indices(10**9)[:2])
    ]
    wanted = {skill for _, skill, level in needs if level > best[skill]}
    assert {one.skill_idx for one in found.untaught} == wanted
    for one in found.untaught:
        above = [(role, level) for role, skill, level in needs if skill == one.skill_idx and level > one.taught]
        assert (one.taught, one.roles) == (best[one.skill_idx], len(above))
        assert one.needed == max(level for _, level in above)
    assert found.offered == len(courses)
    assert all(one.reachable < OUT_OF_REACH for one in found.unreached)
    old = now - NEW_DAYS * 86_400
    for course in found.never_taken.tolist():
        assert course not in taken
        assert model.catalog.available_from[course] <= old
    everything = catalogue_health(model, taken=(), as_of=now)
    assert set(everything.never_taken.tolist()) == {
        c for c in courses.tolist() if model.catalog.available_from[c] <= old
    }
    assert len(found.never_taken) < len(everything.never_taken)


def test_only_the_courses_that_teach_most_of_a_skill_are_looked_at(company_model: Fitted) -> None:
    rows = company_model.model.catalog.skills
    tally = Tally(company_model.model, company_model.as_of)
    open_now = set(offered(company_model.model, company_model.as_of).tolist())
    owner = np.repeat(np.arange(len(rows)), np.diff(rows.indptr))
    for skill, kept in tally._offers.items():
        there = [r for r in np.flatnonzero(rows.skill_idx == skill).tolist() if int(owner[r]) in open_now]
        assert len(kept) == min(len(there), MOST_OFFERS)
        left = set(there) - set(kept)
        assert not left or min(rows.level[kept]) >= max(rows.level[sorted(left)])
