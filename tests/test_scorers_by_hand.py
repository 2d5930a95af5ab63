"""The numbers of the six scorers, and of the question as they read it, worked by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from planted_worlds import positions, proposed_by, signal, signals_of, skill_rows
from tiny_company import company, day

from recommender.arrays import DAY, NONE, FloatArray, frozen
from recommender.company import Dated
from recommender.query import Query
from recommender.question import Places
from recommender.scorers.base import Context, Newcomers, Standing
from recommender.scorers.content import NEIGHBOURS, Content
from recommender.scorers.hybrid import COURSE_SCALE, Hybrid
from recommender.skills import Needs
from recommender.sparse import SparseRows, packed
from training.scorers.content import fit_content
from training.scorers.counted import fit_role, fit_trend
from training.scorers.grams import RATE_SHARPNESS
from training.scorers.histories import histories, interactions
from training.scorers.item_item import fit_item_item
from training.scorers.sequence import fit_sequence

F32 = 1e-6
"""Relative error of a few float32 operations."""


def asked(*history: int, role: int = NONE, target: int = NONE) -> Query:
    """A person with a history a day apart, oldest first, asking at day 100."""
    at = np.array([day(90 + i) for i in range(len(history))], dtype=np.int64)
    return Query(day(100), positions(*history), at, role_idx=role, target_role_idx=target)


def no_text(n_courses: int) -> SparseRows:
    empty = [np.empty(0, dtype=np.int32)] * n_courses
    return packed(empty, [one.astype(np.float32) for one in empty], 1)


# --- item_item: EASE ---------------------------------------------------------------------------------------------

ABC = company([(0, 0, 0), (0, 1, 1), (1, 0, 0), (1, 1, 1), (2, 0, 0), (3, 2, 0)], n_courses=3)
"""Courses a, b, c: two people took a and b, one a alone, one c alone."""


def test_ease_by_hand() -> None:
    scorer = fit_item_item(interactions(ABC.completions, n_courses=3), no_text(3), l2=1, text_weight=0, keep=3)
    # XᵀX + I = [[4, 2, 0], [2, 3, 0], [0, 0, 2]]; P = 1/8·[[3, −2], [−2, 4]] beside 1/2; B_ij = −P_ij / P_jj.
    assert scorer.rows.at(0, 1) == pytest.approx(2 / 4, rel=F32)
    assert scorer.rows.at(1, 0) == pytest.approx(2 / 3, rel=F32)
    assert len(scorer.rows.row(2)[0]) == 0
    assert signal(scorer, asked(0), 3, "sum") == pytest.approx([0, 0.5, 0], rel=F32)
    # Completed together by 2, by 3 and 2 alone, 10 added to each: 2 / √(13·12).
    assert signal(scorer, asked(0), 3, "cosine") == pytest.approx([0, 2 / math.sqrt(156), 0], rel=F32)
    assert scorer.both.at(0, 1) == scorer.both.at(1, 0) == 2
    assert scorer.both.at(0, 2) == 0


def test_ease_sums_the_history_plainly_and_the_cosine_by_recency() -> None:
    scorer = fit_item_item(interactions(ABC.completions, n_courses=3), no_text(3), l2=1, text_weight=0, keep=3)
    # b is the latest (weight 1), a came one before (0.8); neither is in its own row.
    cosine = 2 / math.sqrt(156)
    assert signal(scorer, asked(0, 1), 3, "sum") == pytest.approx([2 / 3, 1 / 2, 0], rel=F32)
    assert signal(scorer, asked(0, 1), 3, "cosine") == pytest.approx([cosine, 0.8 * cosine, 0], rel=F32)


def test_ease_with_text_by_hand() -> None:
    # b and c have the same text, a another: FFᵀ = [[1, 0, 0], [0, 1, 1], [0, 1, 1]], weight 1.
    texts = [np.array([j], dtype=np.int32) for j in (0, 1, 1)]
    vectors = packed(texts, [np.ones(1, dtype=np.float32)] * 3, 2)
    scorer = fit_item_item(interactions(ABC.completions, n_courses=3), vectors, l2=1, text_weight=1, keep=3)
    # XᵀX + FFᵀ + I = [[5, 2, 0], [2, 4, 1], [0, 1, 3]], 43·P = [[11, −6, 2], [−6, 15, −5], [2, −5, 16]].
    expected = {(0, 1): 6 / 15, (1, 0): 6 / 11, (1, 2): 5 / 16, (2, 1): 5 / 15}
    for (i, j), weight in expected.items():
        assert scorer.rows.at(i, j) == pytest.approx(weight, rel=1e-5)
    assert scorer.rows.at(0, 2) == scorer.rows.at(2, 0) == 0, "what speaks against a course is pruned"
    assert scorer.both.at(1, 2) == 0, "text ties b and c, yet nobody completed both"


def test_rows_of_weights_are_pruned_to_the_largest() -> None:
    scorer = fit_item_item(interactions(ABC.completions, n_courses=3), no_text(3), l2=1, text_weight=0, keep=1)
    assert [len(scorer.rows.row(i)[0]) for i in range(3)] == [1, 1, 0]


def test_assigned_completions_teach_nobody_what_goes_together() -> None:
    told = company([(0, 0, 0), (0, 1, 1), (1, 0, 0), (1, 1, 1)], n_courses=2, assigned=[0, 2])
    scorer = fit_item_item(interactions(told.completions, n_courses=2), no_text(2), l2=1, text_weight=0, keep=2)
    assert len(scorer.rows.indices) == 0


# --- sequence ----------------------------------------------------------------------------------------------------

CHAIN = company([(e, c, c) for e in range(3) for c in range(2)] + [(2, 2, 2)], n_courses=3)
"""Three people take a, then b; the third goes on to c."""


def test_sequence_ridge_by_hand() -> None:
    scorer = fit_sequence(CHAIN.completions, n_courses=3, l2=1, keep=3)
    # Rows with a history: three of {a: 1} → b and one of {b: 1, a: 0.8} → c.
    # HᵀH + I on a, b = [[4.64, 0.8], [0.8, 2]], determinant 8.64; HᵀY: a → b 3, a → c 0.8, b → c 1.
    assert scorer.rows.at(0, 1) == pytest.approx(2 * 3 / 8.64, rel=1e-5)
    assert scorer.rows.at(0, 2) == pytest.approx((2 * 0.8 - 0.8 * 1) / 8.64, rel=1e-5)
    assert scorer.rows.at(1, 2) == pytest.approx((4.64 * 1 - 0.8 * 0.8) / 8.64, rel=1e-5)
    assert scorer.rows.at(1, 0) == scorer.rows.at(2, 0) == 0, "nobody goes back"
    # After a and b, b the latest: 1·W[b, c] + 0.8·W[a, c].
    assert signal(scorer, asked(0, 1), 3, "next")[2] == pytest.approx((4 + 0.8 * 0.8) / 8.64, rel=1e-5)


def test_sequence_rates_and_support_by_hand() -> None:
    scorer = fit_sequence(CHAIN.completions, n_courses=3, l2=1, keep=3)
    # a stood right before a completion three times and once a course further back, 10 are added; b stood once.
    back = 0.8**RATE_SHARPNESS
    expected = [0, 3 / (13 + back), back / (13 + back)]
    assert signal(scorer, asked(0), 3, "rate") == pytest.approx(expected, rel=1e-5)
    assert signal(scorer, asked(1, 0), 3, "last") == pytest.approx(expected, rel=1e-5), "of the latest course alone"
    assert signal(scorer, asked(1), 3, "rate") == pytest.approx([0, 0, 1 / 11], rel=F32)
    assert [scorer.followed.at(0, 1), scorer.followed.at(0, 2), scorer.followed.at(1, 0)] == [3, 1, 0]


def test_sequence_knows_where_people_went_from_the_course_before_the_latest() -> None:
    scorer = fit_sequence(CHAIN.completions, n_courses=3, l2=1, keep=3)
    # c was completed last, a before it: where people go from a, the rates worked above.
    back = 0.8**RATE_SHARPNESS
    assert signal(scorer, asked(0, 2), 3, "second") == pytest.approx([0, 3 / (13 + back), back / (13 + back)], rel=1e-5)
    assert signal(scorer, asked(0), 3, "second") == pytest.approx([0, 0, 0]), "nothing before the only one"


def test_sequence_order_by_hand() -> None:
    scorer = fit_sequence(CHAIN.completions, n_courses=3, l2=1, keep=3)
    # b came right after a three times and a never after b; c came once after b, and once two places after a.
    back = 0.8**RATE_SHARPNESS
    expected = {0: [0, math.log(4), math.log(1 + back)], 1: [-math.log(4), 0, math.log(2)]}
    for latest, row in expected.items():
        assert signal(scorer, asked(latest), 3, "order") == pytest.approx(row, rel=1e-5)
    assert signal(scorer, asked(0, 1), 3, "order") == pytest.approx(expected[1], rel=1e-5), "of the latest alone"
    both = replace(asked(0, 1), history_at=np.array([day(90), day(90)], dtype=np.int64))
    assert signal(scorer, both, 3, "order") == pytest.approx(np.mean(list(expected.values()), axis=0), rel=1e-5)


def test_a_basket_has_no_order_and_stands_in_its_middle() -> None:
    told = company([(0, 0, 0), (0, 1, 0), (0, 2, 5)], n_courses=3)
    before = histories(told.completions, n_courses=3).before.toarray()
    # None is before another; before c each is half a place from the latest: 0.8^0.5.
    assert before.tolist() == pytest.approx(np.array([[0, 0, 0], [0, 0, 0], [0.8**0.5, 0.8**0.5, 0]]), rel=F32)


def test_assigned_completions_are_history_and_never_what_comes_next() -> None:
    told = company([(0, 0, 0), (0, 1, 1), (0, 2, 2)], n_courses=3, assigned=[0, 1])
    rows = histories(told.completions, n_courses=3)
    assert rows.target.tolist() == [2]
    assert rows.before.toarray()[0].tolist() == pytest.approx([0.8, 1, 0], rel=F32)


@pytest.mark.parametrize("sizes", [(60,), (30, 40), (3, 60, 2), (49, 1, 1), (1, 120, 49)])
def test_a_basket_beyond_fifty_is_cut_alike_when_fitting_and_when_serving(sizes: tuple[int, ...]) -> None:
    n, days = sum(sizes), [basket for basket, size in enumerate(sizes) for _ in range(size)]
    courses = np.random.default_rng(1).permutation(n)
    rows = [(0, int(course), at) for course, at in zip(courses, days, strict=True)]
    before = (
        histories(company([*rows, (0, n, 99)], n_courses=n + 1).completions, n_courses=n + 1).before[n].toarray()[0]
    )
    query = Query(day(99), courses.astype(np.int32), np.array([day(at) for at in days]))
    asking = Context.of(query, n + 1)
    served = np.zeros(n + 1, dtype=np.float32)
    served[asking.recent] = asking.recency
    assert np.count_nonzero(served) == min(n, 50)
    assert before == pytest.approx(served, rel=F32)


def test_only_the_latest_fifty_count() -> None:
    told = company([(0, i, i) for i in range(61)], n_courses=61)
    rows = histories(told.completions, n_courses=61)
    last = rows.before[60].toarray()[0]
    assert np.flatnonzero(last).tolist() == list(range(10, 60))
    asking = Context.of(Query(day(70), positions(*range(60)), np.array([day(i) for i in range(60)])), 61)
    # The question reads the same history as the row it was learned from.
    assert dict(zip(asking.recent.tolist(), asking.recency.tolist(), strict=True)) == {
        int(i): pytest.approx(float(last[i]), rel=F32) for i in np.flatnonzero(last)
    }


# --- trend -------------------------------------------------------------------------------------------------------


def test_popularity_halves_with_each_half_life() -> None:
    told = company([(0, 0, 70), (1, 0, 40), (2, 1, 99)], n_courses=3, role_idx=[0, 0, 1], n_roles=2)
    trend = fit_trend(told, told.completions, as_of=day(100))
    # Course 0 at ages 30 and 60 days: ½ + ¼ by the month, 2^(−30/7) + 2^(−60/7) by the week.
    nobody, week, season = asked(), 2 ** (-30 / 7) + 2 ** (-60 / 7), 2**-0.25 + 2**-0.5
    assert signal(trend, nobody, 3, "month")[0] == pytest.approx(math.log(1.75), rel=F32)
    assert signal(trend, nobody, 3, "week")[0] == pytest.approx(math.log1p(week), rel=F32)
    assert signal(trend, nobody, 3, "season")[0] == pytest.approx(math.log1p(season), rel=F32)
    assert signal(trend, nobody, 3, "ever") == pytest.approx([math.log(3), math.log(2), 0], rel=F32)
    assert signal(trend, nobody, 3, "rise")[0] == pytest.approx(math.log1p(week) - math.log1p(season), rel=1e-5)
    assert signal(trend, nobody, 3, "unseen") == [0, 0, 1]
    # Days since the first completion: 60, 1 and, never taken, none.
    assert signal(trend, nobody, 3, "age") == pytest.approx([math.log(61), math.log(2), 0], rel=F32)


def test_popularity_in_the_role_counts_its_holders() -> None:
    told = company([(0, 0, 100), (1, 0, 100), (2, 1, 99)], n_courses=2, role_idx=[0, 1, 1], n_roles=2)
    trend = fit_trend(told, told.completions, as_of=day(220))
    # Ages 120 and 121 days, half-life 120.
    assert signal(trend, asked(role=0), 2, "in_role") == pytest.approx([math.log(1.5), 0], rel=F32)
    assert signal(trend, asked(role=1), 2, "in_role")[1] == pytest.approx(math.log1p(2 ** (-121 / 120)), rel=F32)
    assert signal(trend, asked(), 2, "in_role") == [0, 0]
    assert set(proposed_by([trend], Context.of(asked(role=0), 2)).tolist()) >= {0}


def test_the_lift_in_the_role_is_shrunk_to_the_share_of_all() -> None:
    told = company([(0, 0, 100), (1, 0, 100), (2, 1, 100), (3, 1, 100)], n_courses=2, role_idx=[0, 1, 1, 1], n_roles=2)
    trend = fit_trend(told, told.completions, as_of=day(100))
    # Half of all completions were of each course; in role 0 one of course 0, none of course 1.
    lift = [math.log1p(1 / (30 * 0.5)), 0]
    assert signal(trend, asked(role=0), 2, "role_lift") == pytest.approx(lift, rel=1e-4)
    assert signal(trend, asked(), 2, "role_lift") == [0, 0]


def test_what_people_begin_with_is_told_from_what_follows() -> None:
    rows = [(0, 0, 100), (0, 1, 101), (1, 0, 100), (1, 1, 101), (2, 2, 100), (2, 1, 101)]
    told = company(rows, n_courses=3, assigned=[4])
    trend = fit_trend(told, told.completions, as_of=day(465))
    # By choice two began with course 0 and, an assigned one before it left aside, one with course 1.
    season = [2 * 2 ** (-365 / 120), 3 * 2 ** (-364 / 120), 0]
    share = [(count + 1e-3) / (sum(season) + 3e-3) for count in season]
    expected = [math.log1p(1 / (30 * share[0])), math.log1p(2 ** (-364 / 365) / (30 * share[1])), 0]
    assert signal(trend, asked(), 3, "start") == pytest.approx(expected, rel=1e-5)
    assert trend.share.tolist() == pytest.approx(share, rel=1e-5)


def test_a_month_ends_where_the_one_before_begins() -> None:
    told = company([(0, 0, 70), (1, 0, 69), (2, 0, 40), (3, 0, 39)], n_courses=1)
    trend = fit_trend(told, told.completions, as_of=day(100))
    assert (trend.recent.tolist(), trend.before.tolist()) == ([1], [2])


def test_assigned_and_repeated_completions_are_no_trend() -> None:
    told = company([(0, 0, 90), (0, 0, 95), (1, 0, 90)], n_courses=1, assigned=[2])
    trend = fit_trend(told, told.completions, as_of=day(100))
    assert signal(trend, asked(), 1, "ever") == pytest.approx([math.log(2)], rel=F32)


# --- role --------------------------------------------------------------------------------------------------------


def test_role_lift_by_hand() -> None:
    rows = [(0, 0, 1), (1, 0, 1), (2, 1, 1), (3, 0, 1), (0, 1, 2)]
    told = company(rows, n_courses=3, role_idx=[0, 0, 1, 1], n_roles=3)
    scorer = fit_role(told, told.completions, as_of=day(9), shrinkage=2)
    # Of four people three took course 0 and two course 1; in role 0 two and one: ln(1 + n / (2·share)).
    expected = [math.log1p(2 / (2 * 0.75)), math.log1p(1 / (2 * 0.5)), 0]
    assert signal(scorer, asked(role=0), 3, "current") == pytest.approx(expected, rel=F32)
    assert signal(scorer, asked(role=0), 3, "target") == pytest.approx(expected, rel=F32), "no target: the current one"
    assert signal(scorer, asked(role=1, target=0), 3, "target") == pytest.approx(expected, rel=F32)
    assert signal(scorer, asked(role=2), 3, "current") == [0, 0, 0], "nobody holds it"
    assert [scorer.people.at(0, 0), scorer.people.at(0, 1), scorer.people.at(0, 2)] == [2, 1, 0]


@pytest.mark.parametrize(
    ("moved_after", "counts"),
    [(365, True), (366, False), (400, False)],
)
def test_a_year_before_the_move_is_on_the_way(moved_after: int, counts: bool) -> None:
    told = company([(0, 0, 0)], n_courses=1, role_idx=[1], n_roles=2)
    change = Dated.from_columns(
        positions(0),
        positions(1),
        np.array([0], dtype=np.int16),
        np.array([0], dtype=np.int8),
        np.array([day(moved_after)], dtype=np.int64),
        n_employees=1,
    )
    told = replace(told, people=replace(told.people, role_changes=change))
    scorer = fit_role(told, told.completions, as_of=day(1000), shrinkage=2)
    assert scorer.people.at(0, 0) == 1, "completed while in the role left"
    assert scorer.people.at(1, 0) == int(counts)
    early = fit_role(told, told.completions, as_of=day(moved_after), shrinkage=2)
    assert early.people.at(1, 0) == 0, "a move not before the fit is not known to it"


def test_what_a_course_closes_is_counted_for_both_roles() -> None:
    told = company([(0, 0, 0)], n_courses=2, n_roles=2)
    scorer = fit_role(told, told.completions, as_of=day(9), shrinkage=2)
    # Course 0 teaches skill 0 to 3 and course 1 skill 1 to 2; role 0 needs skill 0 at 4, role 1 skill 1 at 2.
    catalog = replace(told.catalog, skills=skill_rows({0: [(0, 3)], 1: [(1, 2)]}, n_rows=2, entry={(1, 1): 2}))
    roles = replace(told.roles, needs=skill_rows({0: [(0, 4)], 1: [(1, 2)]}, n_rows=2))
    standing = Standing(np.array([1, 1], dtype=np.int8), catalog, Needs(roles, n_skills=2))
    context = Context.of(asked(role=1, target=0), 2, standing)
    both = Places(positions(0, 1), 2)
    closes, deepens = signals_of([scorer], context, both)[[scorer.SIGNALS.index(s) for s in ("closes", "deepens")]]
    assert closes.tolist() == [0.5, 0], "the target role: from 1 to 3 of 4"
    assert deepens.tolist() == [0, 0], "the current one: course 1 asks for level 2 at the start"
    ready = Context.of(asked(role=1), 2, standing._replace(levels=np.array([0, 2], dtype=np.int8)))
    assert signals_of([scorer], ready, both)[scorer.SIGNALS.index("deepens")].tolist() == [0, 0], "known already"
    content = fit_content(
        Newcomers(2, *(rows_of({}, {}, width=1),) * 3, frozen(np.zeros(2, np.int32))),
        no_text(2),
        unseen=np.zeros(2, np.bool_),
    )
    strain = signals_of([content], context, both)[content.SIGNALS.index("strain")]
    assert strain.tolist() == [0, 1], "one level below the entry level of course 1"


def test_a_person_counts_once_for_a_role() -> None:
    told = company([(0, 0, 0), (0, 0, 5)], n_courses=1, role_idx=[0], n_roles=1)
    assert fit_role(told, told.completions, as_of=day(9), shrinkage=2).people.at(0, 0) == 1


# --- content -----------------------------------------------------------------------------------------------------


def rows_of(*rows: dict[int, float], width: int) -> SparseRows:
    return packed(
        [np.array(sorted(row), dtype=np.int32) for row in rows],
        [np.array([row[j] for j in sorted(row)], dtype=np.float32) for row in rows],
        width,
    )


def content_of_four() -> Content:
    """Four courses over two terms: x, x and y, y, nothing; a role that is all y; course 2 is unseen."""
    courses = Newcomers(
        n_fitted=4,
        vectors=rows_of({0: 1.0}, {0: 0.6, 1: 0.8}, {1: 1.0}, {}, width=2),
        terms=rows_of({}, {}, {}, {}, width=1),
        attributes=rows_of({0: 1.0}, {0: 0.5, 1: 0.5}, {1: 1.0}, {}, width=2),
        language=frozen(np.array([0, 0, 1, NONE], dtype=np.int32)),
    )
    return fit_content(courses, rows_of({1: 1.0}, width=2), unseen=np.array([False, False, True, False]))


def test_similarity_to_the_history_by_hand() -> None:
    content = content_of_four()
    # 1 is the latest; cos(0, 1) = 0.6, cos(1, 2) = 0.8, cos(0, 2) = 0; a course is not its own neighbour.
    assert signal(content, asked(0, 1), 4, "history") == pytest.approx([0.6, 0.8 * 0.6, 0.8, 0], rel=F32)
    assert signal(content, asked(0, 1), 4, "closest") == pytest.approx([0.6, 0.6, 0.8, 0], rel=F32)
    assert signal(content, asked(2, 0), 4, "closest") == pytest.approx([0, 0.8, 0, 0], rel=F32)
    assert signal(content, asked(2, 0), 4, "last") == pytest.approx([0, 0.6, 0, 0], rel=F32), "of the latest alone"
    assert signal(content, asked(target=0), 4, "role") == pytest.approx([0, 0.8, 1, 0], rel=F32)
    assert signal(content, asked(role=0), 4, "role") == pytest.approx([0, 0.8, 1, 0], rel=F32)


def test_topic_and_language_shares_by_hand() -> None:
    content = content_of_four()
    # Weights 1 and 0.8 of 1.8: attribute 0 in all the history, attribute 1 in the latest course.
    latest = 1 / 1.8
    topic = [1, (1 + latest) / 2, latest, 0]
    assert signal(content, asked(0, 1), 4, "topic") == pytest.approx([math.log(one + 0.02) for one in topic], abs=F32)
    spoken = [1, 1, 0, 0]
    assert signal(content, asked(0, 1), 4, "language") == pytest.approx(
        [math.log(one + 0.02) for one in spoken], abs=F32
    )
    assert signal(content, asked(), 4, "topic") == signal(content, asked(), 4, "language") == [0, 0, 0, 0]


def test_unseen_courses_have_a_reserved_share() -> None:
    content = content_of_four()
    assert content.unseen_neighbours.row(1)[0].tolist() == [2]
    assert content.unseen_neighbours.row(0)[0].tolist() == []
    assert content.unseen_role_neighbours.row(0)[0].tolist() == [2]
    assert 2 in proposed_by([content], Context.of(asked(1), 4)).tolist()


def test_nearer_courses_do_not_crowd_out_unseen_ones() -> None:
    n = 80
    vectors = rows_of(*[{0: 1.0}] * (n - 1), {0: 0.6, 1: 0.8}, width=2)
    blank, language = rows_of(*[{}] * n, width=1), frozen(np.zeros(n, dtype=np.int32))
    unseen = np.arange(n) == n - 1
    content = fit_content(Newcomers(n, vectors, blank, blank, language), rows_of({0: 1.0}, width=2), unseen=unseen)
    for query in (asked(0), asked(target=0)):
        proposed = proposed_by([content], Context.of(query, n)).tolist()
        assert n - 1 in proposed
        assert len(set(proposed)) < n - 10, "not everything is proposed"


def test_one_later_course_pushes_no_neighbour_out_of_the_row_of_another() -> None:
    n = NEIGHBOURS
    fitted = [{0: 0.6, 1: 0.8}] * n
    nothing = rows_of(*[{}] * n, width=1)
    roles = rows_of({1: 1.0}, width=2)
    language = frozen(np.zeros(n, dtype=np.int32))
    vectors = rows_of(*fitted, width=2)
    content = fit_content(Newcomers(n, vectors, nothing, nothing, language), roles, unseen=np.zeros(n, dtype=np.bool_))
    for n_later in (1, 2):
        everything = rows_of(*fitted, *[{0: 1.0}] * n_later, width=2)
        blank = rows_of(*[{}] * (n + n_later), width=1)
        spoken = frozen(np.zeros(n + n_later, dtype=np.int32))
        later = content.with_courses(Newcomers(n, everything, blank, blank, spoken))
        closest = signal(later, asked(n), n + n_later, "closest")
        assert closest[:n] == pytest.approx([0.6] * n, rel=F32)
        assert closest[n + 1 :] == pytest.approx([1.0] * (n_later - 1), rel=F32)


# --- hybrid ------------------------------------------------------------------------------------------------------


def small_hybrid() -> Hybrid:
    def vectors(*rows: tuple[float, float]) -> FloatArray:
        return frozen(np.array(rows, dtype=np.float32))

    return Hybrid(
        course_vectors=vectors((1, 0), (0, 1), (1, 1)),
        course_biases=frozen(np.array([0.5, 0, -1], dtype=np.float32)),
        history_vectors=vectors((2, 0), (0, 4), (0, 0)),
        role_vectors=vectors((1, 1)),
        target_vectors=vectors((0, 3)),
        departments=("Sales",),
        department_vectors=vectors((5, 0)),
        term_vectors=vectors((2, 4), (6, 8)),
        term_biases=frozen(np.array([1, 3], dtype=np.float32)),
        history_term_vectors=vectors((1, 2), (3, 4)),
    )


def test_a_person_is_the_sum_of_what_is_known() -> None:
    hybrid = small_hybrid()
    query = replace(asked(0, 1, role=0, target=0), department="Sales")
    # History, 1 the latest: (0.8·(2, 0) + 1·(0, 4)) / 1.8; role (1, 1), target (0, 3), department (5, 0).
    person = (1.6 / 1.8 + 1 + 5, 4 / 1.8 + 1 + 3)
    assert hybrid.steps[0].person(Context.of(query, 3)).tolist() == pytest.approx(person, rel=F32)
    expected = [person[0] + 0.5, person[1], sum(person) - 1]
    assert signal(hybrid, query, 3, "affinity") == pytest.approx(expected, rel=F32)
    assert signal(hybrid, asked(), 3, "affinity") == [0.5, 0, -1], "of nobody only the bias of the course speaks"
    assert hybrid.steps[0].person(Context.of(replace(asked(), department="Unknown"), 3)).tolist() == [0, 0]


def test_a_later_course_is_the_mean_of_its_terms() -> None:
    shares = rows_of({}, {}, {}, {0: 0.5, 1: 0.5}, {}, width=2)
    nothing = rows_of(*[{}] * 5, width=1)
    later = small_hybrid().with_courses(Newcomers(3, nothing, shares, nothing, positions(*[NONE] * 5)))
    assert later.course_vectors[3].tolist() == [4 * COURSE_SCALE, 6 * COURSE_SCALE]
    assert later.course_biases[3] == 2 * COURSE_SCALE
    assert later.history_vectors[3].tolist() == [2, 3]
    assert later.course_vectors[4].tolist() == [0, 0], "nothing known of it"


# --- the query as scorers read it --------------------------------------------------------------------------------


def test_context_by_hand() -> None:
    query = Query(
        as_of=day(14),
        history=positions(3, 1, 2),
        history_at=np.array([day(0), day(0), day(7)], dtype=np.int64),
    )
    context = Context.of(query, 5)
    assert context.recent.tolist() == [2, 1, 3], "newest first, a basket by position"
    # One course after each of the basket's two, and they share the places 1 and 2: 0.8^1.5.
    assert context.recency.tolist() == pytest.approx([1, 0.8**1.5, 0.8**1.5], rel=F32)
    assert context.log_length == pytest.approx(math.log(4))
    assert context.freshness == pytest.approx(math.exp(-7 / 14))
    assert Context.of(Query(as_of=day(0)), 5).freshness == 0
    later = replace(query, history_at=query.history_at + 100 * DAY)
    assert Context.of(later, 5).freshness == 1, "what is dated after the question is not in the future of decay"


@pytest.mark.parametrize(("n_history", "head"), [(0, 100), (1, 100), (8, 50), (20, 20), (50, 12)])
def test_a_longer_history_takes_fewer_from_each_course(n_history: int, head: int) -> None:
    assert Context.of(asked(*range(n_history)), 60).head == head
