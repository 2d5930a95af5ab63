"""Course text as numbers: words, terms and tf–idf weights worked by hand."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from planted_worlds import named_skills, skill_rows
from tiny_company import catalog

from recommender.arrays import Ids
from recommender.catalog import Catalog, Roles, Skills
from recommender.text import MOST_TERMS, TextEncoder, course_attributes, course_terms, role_terms, words
from recommender.vocabularies import Vocabularies, embedding_terms, topical_attributes

SKILLS = named_skills("sql", "law")


def described() -> Catalog:
    return replace(
        catalog(2, tags=[("data", "new"), ()]),
        titles=("SQL for Data", "Other"),
        descriptions=("Learn SQL", ""),
        providers=("Acme", ""),
        formats=("video", ""),
        languages=("en", ""),
        difficulty=np.array([2, 0], dtype=np.int8),
        skills=skill_rows({0: [(0, 3)]}, n_rows=2),
    )


def test_words_are_lower_case_and_of_two_characters_or_more() -> None:
    assert words("C++ & the R-Language, Über_alles 3D x 42") == ["the", "language", "über", "alles", "3d", "42"]


def test_terms_of_a_course_by_hand() -> None:
    attributes = ["skill:sql", "tag:data", "tag:new", "provider:Acme", "format:video", "language:en"]
    assert course_attributes(described(), SKILLS, 0) == [*attributes, "difficulty:intermediate"]
    assert course_attributes(described(), SKILLS, 1) == []
    # A word of the title counts twice, one of the description once.
    expected = {"sql": 3, "for": 2, "data": 2, "learn": 1} | dict.fromkeys([*attributes, "difficulty:intermediate"], 1)
    assert course_terms(described(), SKILLS, 0) == Counter(expected)


def test_terms_of_a_role_by_hand() -> None:
    roles = Roles(
        Ids(["r"]), ("Analyst",), ("Data",), ("An analyst counts",), skill_rows({0: [(1, 3), (0, 2)]}, n_rows=1)
    )
    counts = {"analyst": 3, "an": 1, "counts": 1, "skill:law": 1, "skill:sql": 1}
    assert role_terms(roles, SKILLS, 0) == Counter(counts)


def test_frequencies_by_hand() -> None:
    documents = [Counter(a=1, b=1), Counter(a=2, b=1), Counter(a=1, c=1), Counter(d=1)]
    encoder = TextEncoder.learn(documents, at_least=2, at_most=0.5)
    # a is in three of four, more than half; c and d in one, too few.
    assert encoder.terms == ("b",)
    assert encoder.idf.tolist() == pytest.approx([math.log(5 / 3)], rel=1e-5)
    assert TextEncoder.learn(documents, at_least=1, at_most=1).terms == ("a", "b", "c", "d")


def test_tf_idf_by_hand() -> None:
    encoder = TextEncoder(("a", "b", "c"), np.array([1, 2, 5], dtype=np.float32))
    columns, weights = encoder.encode(Counter(b=1, a=3, unknown=9))
    # (1 + ln tf)·idf: a (1 + ln 3)·1, b 1·2, scaled to length 1.
    a, b = 1 + math.log(3), 2
    assert columns.tolist() == [0, 1]
    assert weights.tolist() == pytest.approx([a / math.hypot(a, b), b / math.hypot(a, b)], rel=1e-6)
    assert [len(part) for part in encoder.encode(Counter(unknown=1))] == [0, 0]


def test_a_term_that_everyone_has_still_counts_a_little() -> None:
    encoder = TextEncoder.learn([Counter(a=1)] * 3, at_least=1, at_most=1)
    assert encoder.idf[0] > 0
    assert encoder.encode(Counter(a=1))[1].tolist() == [1]


def test_a_long_text_keeps_its_heaviest_terms() -> None:
    n = MOST_TERMS + 6
    encoder = TextEncoder(tuple(f"t{i:03}" for i in range(n)), np.arange(1, n + 1, dtype=np.float32))
    columns, weights = encoder.encode(Counter(dict.fromkeys(encoder.terms, 1)))
    assert columns.tolist() == list(range(6, n))
    assert np.linalg.norm(weights) == pytest.approx(1, rel=1e-6)


def test_vocabularies_by_hand() -> None:
    told = replace(catalog(4, tags=[("x", "x"), ("x",), ("y",), ("x",)]), titles=("Aa", "aa", "aa bb", "cc"))
    learned = Vocabularies.learn(told, Skills.empty(), at_least=3)
    assert learned.terms == ("aa", "tag:x"), "in three courses or more, counted once a course"
    assert learned.attributes == ("tag:x",), "in two courses or more"
    assert embedding_terms(told, Skills.empty(), 2) == ["aa", "bb", "tag:y"]
    assert topical_attributes(told, Skills.empty(), 0) == ["tag:x"]
    encoded = learned.encode_courses(told, Skills.empty(), n_fitted=4)
    assert [encoded.terms.row(i)[1].tolist() for i in range(4)] == [[0.5, 0.5], [0.5, 0.5], [1], [1]]
    assert encoded.language.tolist() == [-1] * 4


def test_what_is_learned_survives_its_document() -> None:
    learned = Vocabularies.learn(described(), SKILLS, at_least=1)
    again = Vocabularies.from_document(learned.document(), learned.text.idf)
    assert again.document() == learned.document()
    one, two = (which.encode_courses(described(), SKILLS, n_fitted=2) for which in (learned, again))
    assert one.vectors.weights.tobytes() == two.vectors.weights.tobytes()
    assert one.language.tolist() == two.language.tolist() == [0, -1]
