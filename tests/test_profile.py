"""What a person can do, where each level comes from and how sure it is, worked by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from planted_worlds import positions, skill_rows
from tiny_company import catalog, day

from recommender.arrays import DAY, EARLIEST, NONE, Ids, Levels
from recommender.catalog import Catalog, Roles
from recommender.profile import SOURCES, EvidenceRules, Profile, levels_of, profile_of
from recommender.query import Claims, Feedback, Query

ROLES = Roles(
    Ids(["analyst", "blank"]),
    ("Analyst", "Blank"),
    ("", ""),
    ("", ""),
    skill_rows({0: [(0, 4), (1, 3), (2, 1)]}, n_rows=2),
)
N_SKILLS = 4
NOW = 50
Claim = tuple[int, int, str, int]


def courses() -> Catalog:
    """0 teaches skill 0 to 3; 1 skill 0 to 5 and 1 to 2; 2 skill 3 to 5; 3 nothing; 4 skill 1 to 3 from level 2 on."""
    taught = {0: [(0, 3)], 1: [(0, 5), (1, 2)], 2: [(3, 5)], 4: [(1, 3)]}
    return replace(catalog(5), skills=skill_rows(taught, n_rows=5, entry={(4, 1): 2}))


def asked(
    taken: Sequence[tuple[int, float]] = (),
    *,
    role: int = NONE,
    claims: Sequence[Claim] = (),
    said: Sequence[tuple[int, str, int]] = (),
) -> Query:
    """Return somebody who completed (course, day)."""
    return Query(
        day(NOW),
        positions(*(course for course, _ in taken)),
        np.array([day(at) for _, at in taken], dtype=np.int64),
        role_idx=role,
        claims=Claims.weigh(claims),
        feedback=Feedback.of(said),
    )


def profile(query: Query, rules: EvidenceRules | None = None) -> Profile:
    found = profile_of(query, catalog=courses(), roles=ROLES, n_skills=N_SKILLS, rules=rules)
    assert [array.dtype.name for array in (found.level, found.source, found.at)] == ["int8", "int8", "int64"]
    return found


def levels_alone(query: Query, rules: EvidenceRules | None = None) -> Levels:
    return levels_of(query, catalog=courses(), roles=ROLES, n_skills=N_SKILLS, rules=rules or EvidenceRules())


def levels(query: Query, rules: EvidenceRules | None = None) -> list[int]:
    found, alone = profile(query, rules).level.tolist(), levels_alone(query, rules).tolist()
    assert alone == found
    return [int(level) for level in found]


def sources(query: Query) -> list[str]:
    return ["" if code == NONE else SOURCES[code] for code in profile(query).source.tolist()]


def test_nobody_knows_nothing() -> None:
    found = profile(asked())
    assert found.level.tolist() == [0, 0, 0, 0]
    assert found.source.tolist() == [NONE] * 4
    assert found.at.tolist() == [EARLIEST] * 4
    assert found.course_idx.tolist() == [NONE] * 4


def test_a_profile_is_read_only() -> None:
    for query in (asked(), asked([(0, 3)], said=[(1, "already_know", 5)])):
        found = profile(query)
        assert not any(one.flags.writeable for one in (found.level, found.source, found.at, found.course_idx))
        assert not levels_alone(query).flags.writeable


def test_a_holder_of_a_role_has_its_levels_less_one() -> None:
    assert levels(asked(role=0)) == [3, 2, 0, 0]
    assert sources(asked(role=0)) == ["assumed", "assumed", "assumed", ""]
    assert levels(asked(role=0), EvidenceRules(assume_role=False)) == [0, 0, 0, 0]
    assert levels(asked(role=1)) == [0, 0, 0, 0]
    assert levels(replace(asked(), target_role_idx=0)) == [0, 0, 0, 0], "the target role is not assumed"


def test_a_claim_replaces_what_is_assumed_even_downwards() -> None:
    query = asked(role=0, claims=[(0, 1, "self", day(1)), (3, 4, "manager", day(1))])
    assert levels(query) == [1, 2, 0, 4]
    assert sources(query) == ["self", "assumed", "assumed", "manager"]


def test_a_completed_course_raises_to_what_it_teaches_and_says_so() -> None:
    found = profile(asked([(0, 3)]))
    assert found.level.tolist() == [3, 0, 0, 0]
    assert (SOURCES[found.source[0]], found.at[0], found.course_idx[0]) == ("completion", day(3), 0)
    assert levels(asked([(1, 3), (0, 4)])) == [5, 2, 0, 0]
    assert profile(asked([(1, 3), (0, 4)])).at[0] == day(3), "a lower course says nothing of the higher level"


@pytest.mark.parametrize("course", [-1, 5])
def test_what_is_no_course_of_the_catalogue_cannot_have_been_completed(course: int) -> None:
    with pytest.raises(ValueError, match=f"history: found {course}; expected positions below 5"):
        profile(asked([(0, 1), (course, 2)]))


def test_only_completions_later_than_the_claim_raise_it() -> None:
    """Somebody who finished a course and says a month later that little stuck is believed, until the next course."""
    claim = [(0, 1, "self", day(5))]
    assert levels(asked([(0, 4)], claims=claim)) == [1, 0, 0, 0]
    assert levels(asked([(0, 5)], claims=claim)) == [1, 0, 0, 0], "at the same moment neither is later"
    assert levels(asked([(0, 6)], claims=claim)) == [3, 0, 0, 0]
    assert levels(asked([(0, 6)], claims=[(0, 4, "self", day(5))])) == [4, 0, 0, 0]
    assert levels(asked([(0, 6)], claims=[(0, 1, "self", EARLIEST)])) == [3, 0, 0, 0], "undated counts as long ago"


def test_a_course_that_teaches_no_more_leaves_what_the_level_rests_on() -> None:
    found = profile(asked([(0, 6)], claims=[(0, 3, "manager", day(5))]))
    assert (found.level[0], SOURCES[found.source[0]], found.at[0], found.course_idx[0]) == (3, "manager", day(5), NONE)
    assumed = asked([(0, 6)], role=0)
    assert (levels(assumed)[0], sources(assumed)[0]) == (3, "assumed")


def test_a_course_whose_declared_entry_level_was_not_met_raises_nothing() -> None:
    assert levels(asked([(4, 3)])) == [0, 0, 0, 0]
    assert levels(asked([(1, 2), (4, 3)])) == [5, 3, 0, 0], "an earlier course met it"
    assert levels(asked([(4, 2), (1, 3)])) == [5, 2, 0, 0], "a later one does not"
    assert levels(asked([(1, 3), (4, 3)])) == [5, 2, 0, 0], "courses of one moment are not before one another"
    assert levels(asked([(4, 3)], role=0)) == [3, 3, 0, 0]
    assert levels(asked([(4, 3)], claims=[(1, 2, "self", day(1))])) == [0, 3, 0, 0]


def test_the_latest_course_that_taught_a_level_stands_for_it() -> None:
    again = replace(courses(), skills=skill_rows({0: [(0, 3)], 1: [(0, 3)]}, n_rows=5))
    for taken in ([(0, 3), (1, 7)], [(1, 7), (0, 3)]):
        found = profile_of(asked(taken), catalog=again, roles=ROLES, n_skills=N_SKILLS)
        assert (found.at[0], found.course_idx[0]) == (day(7), 1)


def test_what_is_called_known_or_too_easy_is_the_persons_own_claim() -> None:
    for verb in ("already_know", "too_easy"):
        query = asked(said=[(1, verb, day(9))])
        assert levels(query) == [5, 2, 0, 0]
        assert sources(query) == ["self", "self", "", ""]
        assert profile(query).at[0] == day(9)
    for verb in ("not_interested", "too_hard", "later"):
        assert levels(asked(said=[(1, verb, day(9))])) == [0, 0, 0, 0]
    assert levels(asked(said=[(1, "already_know", day(9))], claims=[(0, 2, "manager", day(1))])) == [2, 2, 0, 0]


def test_a_word_on_a_course_never_lowers_a_level() -> None:
    """What is claimed, completed or assumed above what the course teaches stays."""
    word = [(0, "too_easy", day(9))]
    assert levels(asked(said=word, claims=[(0, 4, "self", day(1))])) == [4, 0, 0, 0]
    assert levels(asked([(1, 3)], said=word)) == [5, 2, 0, 0]
    assert levels(asked(role=0, said=[(0, "already_know", day(9))])) == [3, 2, 0, 0]
    # And a course completed before the word still counts, one that needs it as well.
    assert levels(asked([(1, 3)], said=[(0, "already_know", day(9))])) == [5, 2, 0, 0]
    assert levels(asked([(4, 3)], said=[(1, "already_know", day(9))])) == [5, 3, 0, 0]


def test_confidence_by_hand() -> None:
    """trust·2^(−age/half-life): a manager's word of two years ago 0.95/2, one's own of half a year 0.5/√2."""
    rules = EvidenceRules(half_life_days={"manager": 730.0, "self": 365.0})
    query = asked(
        role=0, claims=[(0, 3, "manager", day(NOW) - 730 * DAY), (3, 2, "self", day(NOW) - round(182.5 * DAY))]
    )
    found = profile(query).confidence(query.as_of, rules)
    assert found.tolist() == pytest.approx([0.475, 0.25, 0.25, 0.5 / 2**0.5], rel=1e-6)
    undated = asked(claims=[(0, 3, "manager", EARLIEST)])
    assert profile(undated).confidence(undated.as_of, rules).tolist() == pytest.approx([0.475, 0, 0, 0])
    assert profile(query).level.tolist() == [3, 2, 0, 2], "levels do not fade"


@pytest.mark.parametrize(
    ("claims", "level"),
    [
        ([(0, 1, "manager", 1), (0, 5, "self", 9)], 1),
        ([(0, 2, "assessment", 1), (0, 3, "credential", 9)], 2),
        ([(0, 2, "credential", 1), (0, 3, "completion", 9)], 2),
        ([(0, 2, "completion", 1), (0, 3, "self", 9)], 2),
        ([(0, 2, "self", 1), (0, 1, "self", 9)], 1),
        ([(0, 2, "self", 9), (0, 4, "self", 9)], 4),
    ],
    ids=["manager first", "assessment", "credential", "completion", "newest of one source", "higher of equals"],
)
def test_of_several_claims_the_most_trusted_newest_counts(claims: list[Claim], level: int) -> None:
    for told in (claims, claims[::-1]):
        weighed = Claims.weigh(told)
        assert (weighed.skill_idx.tolist(), weighed.level.tolist()) == ([0], [level])


def test_the_latest_word_on_a_course_counts() -> None:
    for said in ([(3, "later", 5), (3, "too_hard", 9), (1, "later", 2)], [(1, "later", 2), (3, "too_hard", 9)]):
        assert list(Feedback.of(said).rows()) == [(1, "later", 2), (3, "too_hard", 9)]
    assert list(Feedback.of([(1, "later", 2), (3, "too_hard", 9)]).without(3).rows()) == [(1, "later", 2)]


taken_courses = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 12)), max_size=6, unique_by=lambda one: one[0])


@given(taken=taken_courses, claims=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5), st.integers(0, 12))))
def test_the_order_a_history_is_written_in_changes_nothing(
    taken: list[tuple[int, int]], claims: list[tuple[int, int, int]]
) -> None:
    said = [(skill, level, "self", day(at)) for skill, level, at in claims]
    found, other = profile(asked(taken, claims=said)), profile(asked(taken[::-1], claims=said[::-1]))
    for name in ("level", "source", "at", "course_idx"):
        assert getattr(found, name).tolist() == getattr(other, name).tolist()


@given(taken=taken_courses, more=st.integers(0, 4))
def test_one_more_completion_never_lowers_a_level(taken: list[tuple[int, int]], more: int) -> None:
    before = profile(asked(taken)).level
    after = profile(asked([*taken, (more, 13)])).level
    assert (after >= before).all()
