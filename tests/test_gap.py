"""What is missing for a role and how far roles lie apart, worked by hand, and laws of the gap."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from planted_worlds import positions, skill_rows
from tiny_company import catalog, day

from recommender.arrays import NONE, Ids
from recommender.catalog import Roles
from recommender.gap import (
    FAR,
    NEAR,
    RESKILL,
    UPSKILL,
    Gap,
    distance_to,
    far_from,
    gap_of,
    mode_towards,
    near_roles,
    role_coverages,
)
from recommender.profile import COMPLETION, SOURCES, EvidenceRules, Profile, profile_of
from recommender.query import Claims, Query
from recommender.skills import Need

# Skills: 0 queries, 1 charts, 2 speaking, 3 law.
NEEDS = {
    0: [(0, 4), (1, 2)],  # analyst: 4 + 0.5·2 = 5
    1: [(0, 2), (2, 2)],  # adviser: 2 + 2 = 4
    2: [(3, 5)],  # lawyer: 5
    3: [(3, 1), (2, 1)],  # notary: 2
    4: [],  # nothing is known of its needs
}
NAMES = ("analyst", "adviser", "lawyer", "notary", "blank")
ROLES = Roles(Ids(NAMES), NAMES, ("",) * 5, ("",) * 5, skill_rows(NEEDS, n_rows=5, weight={(0, 1): 0.5}))
ANALYST, ADVISER, LAWYER, NOTARY, BLANK = range(5)
RULES = EvidenceRules()


def profile(*levels: int) -> Profile:
    claims = Claims.weigh((skill, level, "self", day(1)) for skill, level in enumerate(levels))
    return profile_of(Query(day(9), claims=claims), catalog=catalog(1), roles=ROLES, n_skills=4)


def gap(levels: tuple[int, ...], role: int, *, current: int = NONE) -> Gap:
    return gap_of(profile(*levels), role, roles=ROLES, current_idx=current, as_of=day(9), rules=RULES)


def test_a_gap_by_hand() -> None:
    found = gap((1, 3, 0, 0), ANALYST)
    # Three levels of skill 0 are missing at importance 1; skill 1 is above its need. Covered: 1·1 + 0.5·2 of 5.
    assert [(one.skill_idx, one.have, one.needed, one.missing) for one in found.skills] == [(0, 1, 4, 3), (1, 3, 2, 0)]
    assert found.missing == 3
    assert found.coverage == pytest.approx(2 / 5)
    assert {SOURCES[one.source] for one in found.skills} == {"self"}


def test_the_largest_weighted_gap_comes_first() -> None:
    found = gap((3, 0, 0, 0), ANALYST)  # 1·1 against 0.5·2: equal, so the more important skill first
    assert [one.skill_idx for one in found.skills] == [0, 1]
    found = gap((4, 0, 0, 0), ANALYST)
    assert [one.skill_idx for one in found.skills] == [1, 0]


def test_a_level_says_which_course_it_comes_from_and_is_to_be_confirmed_when_it_is_doubtful() -> None:
    teaching = replace(catalog(1), skills=skill_rows({0: [(0, 3)]}, n_rows=1))
    query = Query(day(9), positions(0), np.array([day(2)], dtype=np.int64))
    known = profile_of(query, catalog=teaching, roles=ROLES, n_skills=4)
    first, second = gap_of(known, ANALYST, roles=ROLES, current_idx=NONE, as_of=day(9), rules=RULES).skills
    assert (first.source, first.at, first.course_idx, first.confirm) == (COMPLETION, day(2), 0, False)
    assert (second.source, second.confidence, second.confirm) == (NONE, 0, True)
    doubting = EvidenceRules(confirm_below=0.9)
    assert gap_of(known, ANALYST, roles=ROLES, current_idx=NONE, as_of=day(9), rules=doubting).skills[0].confirm


def test_a_role_without_needs_has_no_gap_and_no_coverage() -> None:
    for role in (BLANK, NONE):
        found = gap((1, 1, 1, 1), role)
        assert (found.coverage, found.skills, found.distance, found.missing) == (None, (), None, 0)


def test_distances_by_hand() -> None:
    """From analyst (4, 2, 0, 0): adviser is covered 2 of 4, notary 0 of 2, lawyer 0 of 5."""
    near = distance_to(profile(0, 0, 1, 0).level, ADVISER, roles=ROLES, current_idx=ANALYST)
    assert near is not None
    # The other roles with needs, less the two: lawyer and notary at 1. None nearer than 0.5: place 0.
    assert (near.kind, near.value, near.place, near.shared) == ("upskill", 0.5, 0.0, (2,))
    far = distance_to(profile(0, 0, 0, 0).level, LAWYER, roles=ROLES, current_idx=ANALYST)
    assert far is not None
    # Adviser is nearer, notary as near: (1 + 1/2) of 2.
    assert (far.kind, far.value, far.place, far.shared) == ("reskill", 1.0, 0.75, ())


def test_in_between_is_called_so() -> None:
    needs = {role: [(0, 5 - min(role, 3))] for role in range(5)}  # needs 5, 4, 3, 2, 2 of one skill
    roles = replace(ROLES, needs=skill_rows(needs, n_rows=5))
    # From the last role (2): distances 0.6, 0.5, 1/3, 0. Role 2 has one of three others nearer.
    found = distance_to(profile(0, 0, 0, 0).level, 2, roles=roles, current_idx=4)
    assert found is not None
    assert found.kind == "hybrid"
    assert found.place == pytest.approx(1 / 3)


def test_without_a_role_the_distance_is_from_what_one_can_do() -> None:
    found = distance_to(profile(2, 0, 1, 0).level, ADVISER, roles=ROLES, current_idx=NONE)
    assert found is not None
    assert (found.value, found.shared) == (0.25, (0, 2))


def test_getting_better_in_ones_own_role_is_upskilling_whatever_is_missing() -> None:
    found = distance_to(profile(0, 0, 0, 0).level, LAWYER, roles=ROLES, current_idx=LAWYER)
    assert found is not None
    assert (found.kind, found.value) == ("upskill", 0)


def test_near_roles_by_hand() -> None:
    """At (2, 0, 1, 0): adviser 3/4, notary 1/2, analyst 2/5, lawyer 0; courses teach skill 3 to 3."""
    teaching = replace(catalog(2), skills=skill_rows({0: [(3, 3)], 1: [(0, 1)]}, n_rows=2))
    found = near_roles(profile(2, 0, 1, 0), roles=ROLES, catalog=teaching, courses=positions(0, 1), but=NONE, k=9)
    # Adviser and analyst can come no nearer, so they stand last.
    assert [(one.role_idx, one.coverage, one.reachable) for one in found] == [
        (NOTARY, 0.5, 1.0),
        (LAWYER, 0.0, 3 / 5),
        (ADVISER, 0.75, 0.75),
        (ANALYST, 0.4, 0.4),
    ]
    one = near_roles(profile(2, 0, 1, 0), roles=ROLES, catalog=teaching, courses=positions(0, 1), but=NOTARY, k=1)
    assert [near.role_idx for near in one] == [LAWYER]


levels = st.lists(st.integers(0, 5), min_size=4, max_size=4).map(tuple)


@given(have=levels, role=st.integers(0, 3))
def test_a_gap_is_never_below_zero_and_zero_if_and_only_if_the_goal_is_met(have: tuple[int, ...], role: int) -> None:
    found = gap(have, role)
    met = all(have[skill] >= level for skill, level in NEEDS[role])
    assert found.missing >= 0
    assert (found.missing == 0) == met
    assert found.coverage is not None
    assert 0 <= found.coverage <= 1
    assert (found.coverage == 1) == met
    assert role_coverages(np.array(have), ROLES)[role] == pytest.approx(found.coverage)


@given(have=levels, skill=st.integers(0, 3), role=st.integers(0, 3))
def test_knowing_more_never_widens_a_gap(have: tuple[int, ...], skill: int, role: int) -> None:
    more = tuple(min(level + (i == skill), 5) for i, level in enumerate(have))
    assert gap(more, role).missing <= gap(have, role).missing


@given(seed=st.integers(0, 300), n_roles=st.integers(1, 7))
def test_places_are_counted_and_the_modes_of_all_roles_are_those_of_each(seed: int, n_roles: int) -> None:
    """The place of a role is worked out one by one, as its description says, from the distances of the others."""
    rng, names = np.random.default_rng(seed), tuple(f"r{i}" for i in range(n_roles))
    needs = {i: [(skill, int(rng.integers(1, 4))) for skill in range(3) if rng.random() < 0.5] for i in range(n_roles)}
    roles = Roles(Ids(names), names, ("",) * n_roles, ("",) * n_roles, skill_rows(needs, n_rows=n_roles))
    levels = rng.integers(0, 4, size=3).astype(np.int8)
    for current in range(NONE, n_roles):
        held = dict(needs.get(current, [])) or dict(enumerate(levels.tolist()))
        distance = {
            i: 1 - sum(min(held.get(skill, 0), level) for skill, level in rows) / sum(level for _, level in rows)
            for i, rows in needs.items()
            if rows
        }
        far = None if current == NONE else far_from(current, Need.of(roles, current, n_skills=3).level, roles=roles)
        assert (far is None) == (not needs.get(current))
        for role in range(n_roles):
            found = distance_to(levels, role, roles=roles, current_idx=current)
            if far is not None:
                mode = mode_towards(levels, role, roles=roles, current_idx=current)
                assert mode == (RESKILL if far[role] else UPSKILL)
            if found is None or role == current:
                continue
            others = [value for i, value in distance.items() if i not in (role, current)]
            nearer = sum(value < distance[role] - 1e-9 for value in others)
            tied = sum(abs(value - distance[role]) < 1e-9 for value in others)
            place = (nearer + tied / 2) / len(others) if others else distance[role]
            assert (found.value, found.place) == pytest.approx((distance[role], place))
            assert found.kind == ("upskill" if place <= NEAR else "reskill" if place >= FAR else "hybrid")
