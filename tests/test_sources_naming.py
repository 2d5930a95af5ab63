"""Ids from names, names from ids, and the repair of damaged text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.sources.naming import assign_ids, is_damaged, merge_spellings, repair_mojibake, slug, title_from_slug


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Finance, Risk and Insurance", "finance-risk-and-insurance"),
        ("Telephony & Visio", "telephony-and-visio"),
        ("C", "c"),
        ("C#", "c-sharp"),
        ("C++", "c-plus-plus"),
        ("ASP.NET", "asp-net"),
        (".NET Core", "dot-net-core"),
        ("Gestión", "gestion"),
        ("маркетинг", ""),
    ],
)
def test_slug(text: str, expected: str) -> None:
    assert slug(text) == expected


@given(st.text())
def test_a_slug_is_its_own_slug(text: str) -> None:
    assert slug(slug(text)) == slug(text)


@given(st.lists(st.one_of(st.text(), st.sampled_from(["C", "c", "C.", "SOAP", "Soap", "маркетинг", "!"]))))
def test_ids_are_distinct_readable_and_do_not_depend_on_order(names: list[str]) -> None:
    ids = assign_ids(names)
    assert ids == assign_ids(reversed(names))
    assert ids.keys() == set(names)
    assert len(set(ids.values())) == len(ids)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", identifier) for identifier in ids.values())


def test_spellings_merge_to_the_most_frequent() -> None:
    merged = merge_spellings(["data analysis", "Data-Analysis", "Data-Analysis", "C", "C#", "CRM", "маркетинг (CRM)"])
    assert merged == {
        "data analysis": "Data-Analysis",
        "Data-Analysis": "Data-Analysis",
        "C": "C",
        "C#": "C#",
        "CRM": "CRM",
        "маркетинг (CRM)": "маркетинг (CRM)",
    }


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_text_misread_as_latin_is_repaired(text: str) -> None:
    assert repair_mojibake(text.encode().decode("latin-1")) == text


@pytest.mark.parametrize("text", ["São Paulo", "Ärger", "5 µm", "naïve café", "Âge", "ï¼_»ã_ 2²"])
def test_other_text_is_not_repaired(text: str) -> None:
    assert repair_mojibake(text) == text


@pytest.mark.parametrize(
    ("text", "damaged"),
    [
        ("SQL", False),
        ("Gestión", False),
        ("маркетинг", False),
        ("Model__iew__ontroller (MVC)", False),
        ("_а_ке_инг", True),
        ("____ ___³ã__", True),
        ("ï¼_»ã_ __¥ã", True),
        ("Â² Ã³ ï¼", True),
    ],
)
def test_damage_beyond_reading(text: str, *, damaged: bool) -> None:
    assert is_damaged(text) is damaged


def test_title_from_slug() -> None:
    assert title_from_slug("70-461_sql--for-BI-") == "70 461 Sql For BI"
    assert title_from_slug("--") == ""
