"""What the answers say on a page: every code there is has a sentence, and in English it is that of the answer."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask import Flask
from planted_worlds import (
    ANALYST,
    DATA,
    EVERYTHING,
    LAW,
    LAWYER,
    Fitted,
    named_skills,
    people_of,
    positions,
    with_course,
)
from test_exclusions import CASES, COURSE, NOW, courses
from test_reasons import movers, speaking
from tiny_company import day as nth_day

from recommender.answers import answer_to_json
from recommender.answers_explanation import _change, explanation_to_json
from recommender.answers_path import path_to_json
from recommender.arrays import DAY
from recommender.changes import Wish, changes
from recommender.eligibility import RULES, barriers
from recommender.exclusions import exclusions
from recommender.explanations import explain
from recommender.model import Model
from recommender.path_parts import BEYOND_LIMITS, KEPT_AWAY, NO_COURSE, PathLimits
from recommender.profile import SOURCES
from recommender.query import Claims, Feedback, Limits, Query
from recommender.reasons import BASIS_WORDS, FEWEST_PEOPLE, as_dicts
from recommender.required import Required
from recommender.schema import DIFFICULTIES, FEEDBACK_VERBS, SKILL_KINDS
from web.pages import wording
from web.pages.formats import date, deadline
from web.pages.languages import speak_languages
from web.pages.wording import CODES, part_name, said, shown, source_name, verb_name
from web.pages.wording_exclusions import CHANGES, EXCLUSIONS, LIMITS, WHYS
from web.pages.wording_reasons import NOTES, REASONS

RECOMMENDER = Path(__file__).resolve().parent.parent / "recommender"
ISO = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"


@pytest.fixture(scope="module", autouse=True)
def english() -> Iterator[None]:
    app = Flask(__name__)
    speak_languages(app)
    with app.test_request_context(headers={"Accept-Language": "en"}):
        yield


# --- every code ----------------------------------------------------------------------------------------------------


def made(kind: str) -> set[str]:
    """Return the first argument of every call of `kind` in the recommender, where it is written out."""
    calls = [
        node.args[0]
        for path in sorted(RECOMMENDER.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == kind and node.args
    ]
    return {str(one.value) for one in calls if isinstance(one, ast.Constant)}


def said_in_cython() -> set[str]:
    """Return the codes of the reasons that the compiled rules give."""
    return set(re.findall(r'\bbecause\("(\w+)"', (RECOMMENDER / "reasons.pyx").read_text(encoding="utf-8")))


def dictionaries_with(key: str) -> set[str]:
    """Return the texts that stand at a key in the dictionaries written in `recommender.changes` and `exclusions`."""
    found = set[str]()
    for name in ("changes", "exclusions"):
        for node in ast.walk(ast.parse((RECOMMENDER / f"{name}.py").read_text(encoding="utf-8"))):
            pairs = zip(node.keys, node.values, strict=True) if isinstance(node, ast.Dict) else ()
            for at, value in pairs:
                if isinstance(at, ast.Constant) and at.value == key and isinstance(value, ast.Constant):
                    found.add(str(value.value))
    return found


def codes_of_notes() -> set[str]:
    """Return the first text of every tuple in the function that makes the notes of a path."""
    tree = ast.parse((RECOMMENDER / "answers_path.py").read_text(encoding="utf-8"))
    (notes,) = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "_notes")
    tuples = [node for node in ast.walk(notes) if isinstance(node, ast.Tuple) and len(node.elts) == 3]
    return {str(one.elts[0].value) for one in tuples if isinstance(one.elts[0], ast.Constant)}


def test_every_code_has_a_sentence_and_every_sentence_a_code() -> None:
    assert made("Reason") | said_in_cython() | set(RULES) == set(REASONS) | set(EXCLUSIONS)
    assert codes_of_notes() == set(NOTES)
    assert {"feedback", "complete", "skill_level", "limit"} == made("Change") | {"limit"} == set(CHANGES)
    assert dictionaries_with("limit") | {"max_hours", "max_cost", "language", "format"} == set(LIMITS)
    assert {NO_COURSE, KEPT_AWAY, BEYOND_LIMITS} == set(WHYS)
    assert len(CODES) == len(REASONS) + len(EXCLUSIONS) + len(NOTES), "no code means two things in two tables"


def test_every_word_has_a_name_of_its_own(academy_model: Fitted) -> None:
    scored = academy_model.recommender.recommend(academy_model.ask(role=ANALYST, target=LAWYER), mode="explore")
    words = {
        source_name: SOURCES,
        part_name: tuple(scored.recommendations[0].parts),
        verb_name: FEEDBACK_VERBS,
        wording.kind_name: (*SKILL_KINDS, ""),
        wording.level_name: tuple(range(6)),
        wording.difficulty_name: tuple(range(len(DIFFICULTIES) + 1)),
        wording.distance_name: ("upskill", "hybrid", "reskill"),
    }
    assert "explore" in scored.recommendations[0].parts
    for naming, keys in words.items():
        names = [naming(key) for key in keys]  # type: ignore[operator]
        assert len(set(names)) == len(names)
        assert not set(names) & {key for key in keys if isinstance(key, str) and "_" in key}
    assert set(BASIS_WORDS) == {"history", "role", "target_role", "department"}


# --- in English, what the answer says ------------------------------------------------------------------------------


ON_PURPOSE = {
    "Its language is fr; you asked for en or de.": "Its language is French; you asked for English or German.",
    "Its language is not known; you asked for en or de.": "Its language is not known; you asked for English or German.",
    "Its format is not known; you asked for video.": "Its format is not known; you asked for Video.",
    "1 of the courses have no known cost and count as free.": "1 of the courses has no known cost and counts as free.",
    "Its format is book; you asked for video.": "Its format is Book; you asked for Video.",
    "Accept the language fr too": "Accept the language French too",
    "Accept the format book too": "Accept the format Book too",
}
"""Where a page says it better: by names instead of codes, and in the singular."""
WITH_LISTS = {"new_ground", "suits_profile", "audience", "superseded", "prerequisite", "required_late"}
"""What names several things, which a page lists as its language does: "a, b, and c"."""


def as_on_a_page(text: str) -> str:
    """Return what an answer says with days instead of moments: what ends at a midnight lasts up to the day before."""
    text = re.sub(rf"(until|ended) ({ISO})", lambda found: f"{found[1]} {deadline(found[2])}", text)
    text = re.sub(
        r"(costs|most|Allow|instead of) (\d{4,})\b", lambda one: f"{one[1]} {wording.number(int(one[2]))}", text
    )
    text = re.sub(ISO, lambda found: date(found[0]), text)
    text = re.sub(r"\d{4}-\d\d-\d\d", lambda found: date(f"{found[0]}T00:00:00Z"), text)
    for api, page in ON_PURPOSE.items():
        text = text.replace(api, page)
    return text


def things_said(answer: Any) -> Iterator[Mapping[str, Any]]:
    """Yield everything with a text in an answer."""
    if isinstance(answer, dict):
        if "text" in answer:
            yield answer
        for one in answer.values():
            yield from things_said(one)
    elif isinstance(answer, list):
        for one in answer:
            yield from things_said(one)


def agree(things: Any, model: Model, *, about: str = "") -> set[Any]:
    """Check that each thing said is said alike on a page, and return the codes and kinds."""
    seen: set[Any] = set()
    for one in things_said(things):
        sentence, text = said(one, model, about=about), as_on_a_page(one["text"])
        if one.get("code") in WITH_LISTS:
            sentence, text = (re.sub(",? (and|or) |, ", " + ", each) for each in (sentence, text))
        assert sentence == text, one
        seen.add(one.get("code") or (one["kind"], one.get("limit", "")))
    return seen


def answers(fitted: Fitted, query: Query) -> Iterator[Any]:
    for mode in ("upskill", "explore"):
        yield answer_to_json(fitted.recommender.recommend(query, k=15, mode=mode), fitted.model)


def test_the_reasons_on_a_page_are_those_of_the_answer(company_model: Fitted, academy_model: Fitted) -> None:
    seen: set[str] = set()
    for fitted in (company_model, speaking(company_model, silent=("hybrid", "content"))):
        for query in people_of(fitted):
            seen |= agree(list(answers(fitted, query)), fitted.model)
    loud = speaking(academy_model)
    people = [
        loud.ask(LAW, DATA, role=ANALYST, target=LAWYER),
        replace(loud.ask(DATA), role_idx=ANALYST),
        replace(loud.ask(role=LAWYER), claims=Claims.weigh([(s, 2, "manager", loud.as_of) for s in range(3)])),
    ]
    for query in people:
        seen |= agree(list(answers(loud, query)), loud.model)
    seen |= agree(list(required_reasons(academy_model)), academy_model.model)
    moved = speaking(movers(FEWEST_PEOPLE), silent=("hybrid", "content"))
    seen |= agree(list(answers(moved, moved.ask(role=0, target=1))), moved.model)
    assert seen | {"opens_way", "opened_by"} == set(REASONS)


def required_reasons(fitted: Fitted) -> Iterator[Any]:
    """Yield what is said of mandatory training: due, overdue, due again, overdue again and without a date."""
    soon, past = fitted.as_of + 30 * DAY, fitted.as_of - 30 * DAY
    for at, again in [(soon, None), (past, None), (soon, past), (past, past - DAY), (None, None), (None, past)]:
        one = Required(DATA, at, 1.0, overdue=at == past, recurring=again is not None, completed_at=again)
        query = replace(fitted.ask(), required=(one,))
        yield answer_to_json(fitted.recommender.recommend(query, mode="compliance"), fitted.model)


def opening(fitted: Fitted) -> Fitted:
    """Return the academy with declared entry levels of its second law course, which the first one teaches."""
    rows = fitted.model.catalog.skills
    entry = np.maximum(rows.level - 1, 0).astype(np.int8)
    skills = replace(rows, entry_level=entry, entry_declared=entry > 0)
    return replace(fitted, model=fitted.model.with_catalog(replace(fitted.model.catalog, skills=skills)))


def test_what_a_course_opens_and_what_opened_it_is_said_alike(company_model: Fitted) -> None:
    fitted, seen = opening(company_model), set[str]()
    for query in people_of(fitted):
        claims = Claims.weigh(
            [(skill, 3, "self", fitted.as_of - DAY) for skill in range(0, len(fitted.model.skills.ids), 3)]
        )
        known = replace(query, claims=claims)
        seen |= agree(list(answers(fitted, known)), fitted.model)
        seen |= agree(path_to_json(fitted.recommender.path(query, PathLimits(hours=200)), fitted.model), fitted.model)
    assert {"opens_way", "opened_by"} <= seen


@pytest.mark.parametrize("case", CASES)
def test_what_keeps_a_course_away_is_said_alike(academy_model: Fitted, case: str) -> None:
    columns, facts, code, *_ = CASES[case]
    model = replace(academy_model.model, catalog=courses(**columns), skills=named_skills("sql", "python"))
    query = replace(Query(as_of=NOW, department="Sales"), **facts)
    found = exclusions(model, query, COURSE, levels=np.array([3, 1], dtype=np.int8))
    assert agree(as_dicts(found), model, about="a") == {code}


@pytest.mark.parametrize("levels", [(2, 0), (3, 0), (2, 1)])
@pytest.mark.parametrize("moment", [nth_day(90), NOW - 91 * DAY])
def test_levels_that_are_too_low_are_said_alike(academy_model: Fitted, levels: tuple[int, int], moment: int) -> None:
    model = replace(academy_model.model, catalog=courses(), skills=named_skills("sql", "python"))
    query = Query(as_of=NOW, feedback=Feedback.of([(COURSE, "too_hard", moment)]))
    found = exclusions(model, query, COURSE, levels=np.array(levels, dtype=np.int8))
    assert agree(as_dicts(found), model, about="a") == {"feedback", "entry_level"}


def test_a_course_that_is_named_from_outside_is_named(academy_model: Fitted) -> None:
    model = academy_model.model
    done = {"code": "completed", "course_id": model.catalog.ids[LAW], "completed_at": "2026-03-01T10:00:00Z"}
    title = model.catalog.titles[LAW]
    assert said(done, model) == f"You completed “{title}” on Mar 1, 2026."
    assert said(done, model, about=model.catalog.ids[LAW]) == "You completed it on Mar 1, 2026."
    assert said(done, model, about=model.catalog.ids[DATA]).startswith("You completed another version of it, “")


def explained(fitted: Fitted, query: Query, course: int, k: int = 3, **more: Any) -> set[Any]:
    """Explain a course and check what is said of it; return the codes and kinds."""
    body = explanation_to_json(explain(fitted.recommender, query, course, k=k, **more), fitted.model)
    return agree(body, fitted.model, about=body["course_id"])


def in_words(fitted: Fitted, language: str, form: str) -> Fitted:
    """Return the model with all courses in one language and of one format."""
    catalog, n = fitted.model.catalog, len(fitted.model.catalog)
    told = replace(catalog, languages=(language,) * n, formats=(form,) * n)
    return replace(fitted, model=fitted.model.with_catalog(told))


def changes_of(fitted: Fitted, query: Query, course: int, **limits: Any) -> list[dict[str, Any]]:
    """Return everything that is tried for a course, as an answer would say it."""
    query, recommender = replace(query, limits=Limits(**limits)), fitted.recommender
    levels, need = recommender.levels(query), recommender.need(query)
    scored = recommender.score(query, weights=recommender.weights("upskill", need), levels=levels, need=need)
    barred = barriers(fitted.model.catalog, query, course, levels=levels)
    wish = Wish(recommender, query, course, 3, levels, need, scored, positions(), barred)
    return [_change(replace(one, rank=2)) for one in changes(wish)]


def test_what_would_bring_a_course_in_is_said_alike(company_model: Fitted) -> None:
    seen, n = set[Any](), len(company_model.model.catalog)
    foreign, nameless = (in_words(company_model, language, form) for language, form in (("fr", "book"), ("", "")))
    held: list[dict[str, Any]] = [
        {},
        {"max_hours": 0.25},
        {"max_hours": 90.0},
        {"max_cost": 0.0},
        {"max_cost": 2_000.0},
        {"only": positions(1)},
    ]
    for query in people_of(company_model, 3)[::3]:
        for course in range(0, n, 9):
            words = replace(query, feedback=Feedback.of([(course, "too_easy", query.as_of - DAY)]))
            found = [one for limits in held for one in changes_of(company_model, query, course, **limits)]
            found += changes_of(company_model, words, course, exclude=positions(course))
            for other in (foreign, nameless):
                found += changes_of(other, query, course, languages=("en", "de"), formats=("video",))
            seen |= agree(found, company_model.model)
    assert seen == {("limit", name) for name in LIMITS} | {(kind, "") for kind in CHANGES if kind != "limit"}


def test_what_is_said_where_nothing_else_keeps_a_course_away(academy_model: Fitted) -> None:
    catalog = with_course(academy_model.model.catalog, "law-b", like=LAW, supersedes=[LAW])
    catalog = with_course(catalog, "law-a", like=LAW, supersedes=[LAW])
    versions = replace(academy_model, model=academy_model.model.with_catalog(catalog))
    hidden = catalog.ids.find("law-b")
    assert "other_version" in explained(versions, versions.ask(role=LAWYER), hidden, k=EVERYTHING)
    assert "not_required" in explained(academy_model, academy_model.ask(role=LAWYER), LAW, mode="compliance")
    sentence = said({"code": "not_proposed"}, academy_model.model)
    assert sentence in (RECOMMENDER / "explanations.py").read_text(encoding="utf-8")


def test_the_notes_of_a_path_are_said_alike(company_model: Fitted, academy_model: Fitted) -> None:
    seen: set[str] = set()

    def note(fitted: Fitted, query: Query, **limits: Any) -> None:
        path = path_to_json(fitted.recommender.path(query, PathLimits(**limits)), fitted.model)
        seen.update(agree(path["notes"], fitted.model))
        for one in path["unmet"]:
            assert said(one, fitted.model).endswith(".")

    now = academy_model.as_of
    note(academy_model, academy_model.ask())
    late = academy_model.ask(role=ANALYST).requiring(
        tuple(Required(one, now + DAY, 40.0, overdue=False, recurring=False) for one in (2, 3))
    )
    note(academy_model, late, by=now + 7 * DAY, hours_per_week=1)
    note(academy_model, academy_model.ask(role=ANALYST), by=now, hours_per_week=1)
    free = replace(academy_model.model.catalog, cost=np.full(12, np.nan, dtype=np.float32))
    unpriced = replace(academy_model, model=academy_model.model.with_catalog(free))
    note(unpriced, academy_model.ask(role=ANALYST), budget=5.0)
    path = academy_model.recommender.path(academy_model.ask(role=ANALYST))
    left = path_to_json(replace(path, begun=(DATA,), closed=(LAW,)), academy_model.model)
    seen |= agree(left["notes"], academy_model.model)
    assert seen == set(NOTES)


@pytest.mark.parametrize(
    ("item", "sentence"),
    [
        ({"why": "no_course"}, "No course on offer leads there."),
        ({"why": "kept_away"}, "What leads there is kept away from you, or closes too early."),
        (
            {"why": "kept_away", "course_ids": ["?"]},
            "What leads there is kept away from you, or closes too early: “?”.",
        ),
        ({"why": "beyond_limits", "within_reach": 4}, "Level 4 can be reached, but not within your limits."),
    ],
)
def test_what_stays_out_of_reach_says_why(academy_model: Fitted, item: dict[str, Any], sentence: str) -> None:
    assert said(item, academy_model.model) == sentence


# --- names, days and hostile texts ---------------------------------------------------------------------------------


def test_the_deadline_is_the_one_that_still_counts() -> None:
    assert deadline("2026-08-01T00:00:00Z") == "Jul 31, 2026"
    assert deadline("2026-08-01T00:00:01Z") == "Aug 1, 2026"
    assert date("2026-08-01T00:00:00Z") == "Aug 1, 2026"


def test_what_is_not_known_by_name_stays_as_it_is_written(academy_model: Fitted) -> None:
    assert wording.format_name("video") == wording.format_name("Video") == "Video"
    assert wording.format_name("escape room") == "escape room"
    assert wording.language_name("de") == "German"
    assert wording.language_name("pt-BR") == "Portuguese"
    assert wording.language_name("klingon!") == "klingon!"
    gone = {"code": "opens_way", "course_id": "gone"}
    assert said(gone, academy_model.model) == "Opens the way to “gone”."


def test_a_title_keeps_to_its_place_in_a_sentence() -> None:
    assert shown("Plain title") == "Plain title"
    assert shown("two\nlines\tand a\x07bell") == "two lines and a bell"
    assert len(shown("x" * 10_000)) == 300
    assert shown("x" * 10_000).endswith("…")
    turned = shown("safe\u202eevil\u2069 and more")
    assert turned == "\u2068safeevil and more\u2069"
    assert shown("מסלול") == "\u2068מסלול\u2069"
    assert shown("Führung für Könner") == "Führung für Könner"
