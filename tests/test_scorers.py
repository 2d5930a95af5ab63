"""The six scorers: what all owe, and worlds whose right answer is planted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from planted_worlds import (
    ANALYST,
    COLD_DATA,
    COMMON,
    DATA,
    DATA_COURSES,
    DATA_NEXT,
    LAW,
    LAW_COURSES,
    LAW_NEXT,
    LAWYER,
    Fitted,
    fitted_launches,
    positions,
    signal,
    signals_of,
    with_course,
)
from scorer_conformance import CHECKS, Subject, check_save_and_load

from recommender.question import Places
from recommender.scorers.base import Arrays, Context, Scorer
from recommender.scorers.content import Content
from recommender.scorers.hybrid import Hybrid
from recommender.scorers.item_item import ItemItem
from recommender.scorers.role import Role
from recommender.scorers.sequence import Sequence
from recommender.scorers.trend import Trend

NAMES = ("item_item", "sequence", "hybrid", "trend", "content", "role")
F32 = 1e-6
"""Relative error of a few float32 operations."""


@pytest.fixture(scope="module", params=NAMES)
def subject(request: pytest.FixtureRequest, academy_model: Fitted) -> Subject:
    return subject_of(request.param, academy_model)


def subject_of(name: str, fitted: Fitted) -> Subject:
    model, n = fitted.model, len(fitted.model.catalog)
    unpack: dict[str, Callable[[Arrays], Scorer]] = {
        "item_item": lambda arrays: ItemItem.unpack(arrays, n_courses=n),
        "sequence": lambda arrays: Sequence.unpack(arrays, n_courses=n),
        "hybrid": lambda arrays: Hybrid.unpack(arrays, departments=model.scorers.hybrid.departments),
        "trend": lambda arrays: Trend.unpack(arrays, n_courses=n),
        "content": lambda arrays: Content.unpack(arrays, n_courses=n),
        "role": lambda arrays: Role.unpack(arrays, n_courses=n),
    }
    later = with_course(model.catalog, "later-data", like=COLD_DATA)
    later = with_course(later, "later-strange", like=9, title="Zymurgy")
    return Subject(
        scorer=getattr(model.scorers, name),
        unpack=unpack[name],
        n_courses=n,
        newcomers=model.vocabularies.encode_courses(later, model.skills, n_fitted=n),
        queries=(
            fitted.ask(),
            fitted.ask(DATA),
            fitted.ask(LAW, LAW_NEXT, COMMON, role=LAWYER, department="L"),
            fitted.ask(role=ANALYST, target=LAWYER, department="D"),
            fitted.ask(*range(len(model.catalog)), target=ANALYST),
            fitted.ask(9, COLD_DATA, department="unheard of"),
        ),
        informed=fitted.ask(DATA, role=ANALYST),
    )


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_conformance(check: Callable[[Subject], Iterator[str]], subject: Subject) -> None:
    assert list(check(subject)) == []


def test_what_is_saved_comes_back_bit_for_bit(subject: Subject, tmp_path: Path) -> None:
    assert list(check_save_and_load(subject, tmp_path)) == []


def test_the_blend_knows_every_signal_in_the_order_the_scorers_give_them(academy_model: Fitted) -> None:
    given = [(scorer.NAME, name) for scorer in academy_model.model.scorers for name in scorer.SIGNALS]
    assert [(one.scorer, one.name) for one in academy_model.model.blend.transform.signals] == given


# --- worlds whose right answer is planted ------------------------------------------------------------------------


def test_sequence_ranks_what_always_follows_first(academy_model: Fitted) -> None:
    for first, then in ((DATA, DATA_NEXT), (LAW, LAW_NEXT)):
        numbers = signal(academy_model.model.scorers.sequence, academy_model.ask(first), 12, "next")
        assert int(np.argmax(numbers)) == then
        best = academy_model.recommender.recommend(academy_model.ask(first, role=first // LAW), k=1)
        assert best.recommendations[0].course_idx == then


def test_who_has_only_a_role_gets_its_courses(academy_model: Fitted) -> None:
    for role, own, foreign in ((ANALYST, DATA_COURSES, LAW_COURSES), (LAWYER, LAW_COURSES, DATA_COURSES)):
        query = academy_model.ask(role=role)
        lift = signal(academy_model.model.scorers.role, query, 12, "target")
        taken = [course for course in own if course < 10]
        assert min(lift[course] for course in taken) > max(lift[course] for course in foreign)
        best = academy_model.recommender.recommend(query, k=4, goal_weight=0).recommendations
        assert {one.course_idx for one in best} <= {*own, COMMON}


def test_a_later_course_stands_where_its_twin_stands(academy_model: Fitted) -> None:
    """A course added after the fit and one nobody took, with the same description, are the same to the features."""
    model = academy_model.model
    later = model.with_catalog(
        with_course(model.catalog, "twin", like=COLD_DATA, title=model.catalog.titles[COLD_DATA])
    )
    twin = len(model.catalog)
    for query in (academy_model.ask(DATA, DATA_NEXT, role=ANALYST), academy_model.ask(target=LAWYER)):
        context = Context.of(query, twin + 1)
        for scorer in later.scorers:
            if scorer.NAME == "item_item":
                continue  # its text weighs beside completions in one matrix: that of a later course is not in it
            numbers = signals_of([scorer], context, Places(positions(COLD_DATA, twin), twin + 1))
            # Fitted and later cosines are summed by different routines: equal to the rounding of float32.
            assert numbers[:, 0] == pytest.approx(numbers[:, 1], rel=1e-5, abs=1e-6), scorer.NAME


def test_a_course_nobody_took_is_recommended_through_its_features() -> None:
    fitted = fitted_launches()
    assert np.flatnonzero(fitted.model.scorers.trend.unseen).tolist() == [50, 51, 52, 53]
    for history, own in (((40, 42, 44), {50, 52}), ((41, 43, 45), {51, 53})):
        answer = fitted.recommender.recommend(fitted.ask(*history), k=5)
        assert own <= {one.course_idx for one in answer.recommendations}
        assert not {50, 51, 52, 53} - own & {one.course_idx for one in answer.recommendations}


def test_what_no_row_had_says_nothing(academy_model: Fitted) -> None:
    """Embeddings that were never trained keep the noise they began with; nobody aimed for a role here."""
    hybrid = academy_model.model.scorers.hybrid
    assert not hybrid.target_vectors.any()
    assert hybrid.role_vectors.any(axis=1).all()
    query = academy_model.ask(DATA)
    aiming = replace(query, target_role_idx=LAWYER)
    assert signal(hybrid, query, 12, "affinity") == signal(hybrid, aiming, 12, "affinity")


def test_hybrid_learns_who_takes_what(academy_model: Fitted) -> None:
    affinity = signal(academy_model.model.scorers.hybrid, academy_model.ask(role=ANALYST), 12, "affinity")
    assert min(affinity[course] for course in (0, 1, 2, 3)) > max(affinity[course] for course in (4, 5, 6, 7))
