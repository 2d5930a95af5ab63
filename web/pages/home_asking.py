"""What a page asks of the model about its employee: the questions of the API, from facts that are read once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from recommender.arrays import NONE
from store.people import StoredPerson
from web.asking import Question, model_moment
from web.config import settings
from web.ids import MAX_ID, has_control
from web.live import Served
from web.pages.home_path import PathFound, path_at_once
from web.pages.settings import Asked, Offered
from web.paths import gap_answer
from web.recommendations import recommended
from web.schemas import NO_LISTS, GapRequest, PathRequest, RecommendationRequest
from web.stored import question_of_stored
from web.stored_queries import StoredPathQuery, StoredQuery

NEAR = 8
"""Roles offered beside one's own."""
MOST_LISTED = 40
"""Languages or formats offered; with more the page would be a catalogue."""


@dataclass(frozen=True, slots=True)
class PathQuestion:
    """What the path of a page is an answer to."""

    question: Question
    asked: PathRequest
    person: StoredPerson


def now_of(live: Served) -> int:
    """Return the moment a page is about: now, or the model's own should that lie ahead."""
    return max(settings().clock(), model_moment(live))


def offered_by(live: Served) -> Offered:
    """Return what may be asked of a model."""
    roles, catalog = live.model.roles.ids, live.model.catalog
    return Offered(
        has_role=lambda role: roles.find(role) != NONE and _can_be_asked(role),
        languages=distinct(catalog.languages),
        formats=distinct(catalog.formats),
        now=now_of(live),
    )


def path_question(person: StoredPerson, live: Served, asked: Asked) -> PathQuestion:
    """Return the question of the path, which that of the gap is a part of."""
    person = what_if(person, asked)
    fields: dict[str, Any] = {
        "target_role": asked.role or None,
        "hours_per_week": asked.hours_per_week,
        "budget": asked.budget,
        "by": asked.by or None,
        "language": list(asked.language) or None,
        "format": list(asked.format) or None,
    }
    query = StoredPathQuery.model_validate({name: one for name, one in fields.items() if one is not None})
    question, request = question_of_stored(person, live, query, PathRequest)
    return PathQuestion(question, request, person)


def what_if(person: StoredPerson, asked: Asked) -> StoredPerson:
    """Return the person without the limits that are asked to be absent."""
    hours = None if "hours_per_week" in asked.without else person.hours_per_week
    budget = None if "budget" in asked.without else person.budget
    return replace(person, hours_per_week=hours, budget=budget)


def gap_of(about: PathQuestion) -> dict[str, Any]:
    """Return what is missing for the role asked about, and the roles near."""
    request = GapRequest.model_construct(**NO_LISTS, person=about.asked.person, adjacent=NEAR)
    return gap_answer(about.question, request)


def courses_of(person: StoredPerson, live: Served, asked: Asked) -> dict[str, Any]:
    """Return the next courses: none alone costs more than the whole budget."""
    person = what_if(person, asked)
    budget = person.budget if asked.budget is None else asked.budget
    fields: dict[str, Any] = {
        "target_role": asked.role or None,
        "language": list(asked.language) or None,
        "format": list(asked.format) or None,
        "max_cost": budget,
        "k": asked.k,
    }
    query = StoredQuery.model_validate({name: one for name, one in fields.items() if one is not None})
    return recommended(*question_of_stored(person, live, query, RecommendationRequest))


def draft_of(person: StoredPerson, live: Served, asked: Asked) -> PathFound:
    """Return a path at once for other limits than those of the page."""
    about = path_question(person, live, asked)
    return path_at_once(about.question, about.asked, about.person)


def effective_budget(person: StoredPerson, asked: Asked) -> float | None:
    """Return the budget in effect: the one asked for, else the saved one unless it is asked to be absent."""
    return asked.budget if asked.budget is not None else what_if(person, asked).budget


def effective_hours(person: StoredPerson, asked: Asked) -> float | None:
    """Return the hours a week in effect, as `effective_budget`."""
    return asked.hours_per_week if asked.hours_per_week is not None else what_if(person, asked).hours_per_week


@lru_cache(maxsize=8)
def distinct(column: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words of a column that can be asked for, the most frequent `MOST_LISTED` of them, in order."""
    counts = Counter(word for word in column if word)
    for word in [one for one in counts if not _can_be_asked(one)]:
        del counts[word]
    return tuple(sorted(sorted(counts, key=lambda one: (-counts[one], one))[:MOST_LISTED]))


def _can_be_asked(word: str) -> bool:
    """Tell whether the API would take a word of the catalogue as a parameter."""
    return len(word) <= MAX_ID and not has_control(word)
