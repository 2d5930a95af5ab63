"""What the answers say, in the language of the page: every reason, exclusion, change and note as a sentence.

An answer carries a code and the numbers behind it, and a sentence in English. A page says the same from the code and the
numbers: titles and names as the live model has them, dates, numbers and lists as the language writes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from recommender.model import Model
from web.pages.formats import date as day
from web.pages.formats import deadline as last_day
from web.pages.told import Told
from web.pages.wording_exclusions import CHANGES, EXCLUSIONS, WHYS
from web.pages.wording_reasons import NOTES, REASONS
from web.pages.words import (
    difficulty_name,
    distance_name,
    format_name,
    kind_name,
    language_name,
    level_name,
    number,
    part_name,
    shown,
    source_name,
    verb_name,
)

CODES = {**REASONS, **NOTES, **EXCLUSIONS}
"""The sentence of every code that a reason, a note of a path or an exclusion has."""


def said(reason: Mapping[str, Any], model: Model, *, about: str = "") -> str:
    """Return one thing an answer says as a sentence in the page's language.

    Parameters
    ----------
    reason
        A reason, an exclusion or a note (by its `code`), the change that would bring a course in (`kind`), or a skill that
        stays out of reach (`why`), as an answer of the API has it.
    about
        The id of the course that an exclusion keeps away; a sentence then says "it" of that course.
    """
    told = Told(reason, model, about)
    if "code" in reason:
        return CODES[reason["code"]](told)
    if "why" in reason:
        return WHYS[reason["why"]](told)
    change = CHANGES[reason["kind"]](told)
    return _("%(change)s, and it would be number %(rank)s.", change=change, rank=number(reason["rank"]))


__all__ = [
    "day",
    "difficulty_name",
    "distance_name",
    "format_name",
    "kind_name",
    "language_name",
    "last_day",
    "level_name",
    "number",
    "part_name",
    "said",
    "shown",
    "source_name",
    "verb_name",
]
