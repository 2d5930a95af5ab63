"""How courses become numbers: the vocabularies learned at fit, applied in the same way to every later course."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from recommender.arrays import NONE, FloatArray, IntArray, frozen
from recommender.catalog import Catalog, Roles, Skills
from recommender.scorers.base import Newcomers
from recommender.sparse import SparseRows, packed
from recommender.text import TextEncoder, course_attributes, course_terms, role_terms, words

_TOPICAL = ("skill:", "tag:", "provider:")


def embedding_terms(catalog: Catalog, skills: Skills, course_idx: int) -> list[str]:
    """Return what describes a course to the embeddings: attributes and title words, each once, sorted."""
    return sorted({*course_attributes(catalog, skills, course_idx), *words(catalog.titles[course_idx])})


def topical_attributes(catalog: Catalog, skills: Skills, course_idx: int) -> list[str]:
    """Return the skills, tags and provider of a course, each once, sorted."""
    return sorted({term for term in course_attributes(catalog, skills, course_idx) if term.startswith(_TOPICAL)})


@dataclass(frozen=True)
class Vocabularies:
    """What is known by name: `text` for tf–idf, `terms` for embeddings, `attributes` for topics, `languages`."""

    text: TextEncoder
    terms: tuple[str, ...]
    attributes: tuple[str, ...]
    languages: tuple[str, ...]

    @classmethod
    def learn(cls, catalog: Catalog, skills: Skills, *, at_least: int = 3) -> Vocabularies:
        """Keep the terms and attributes of at least `at_least` courses, all languages, and the text's vocabulary."""
        everyone = range(len(catalog))
        return cls(
            text=TextEncoder.learn([course_terms(catalog, skills, i) for i in everyone]),
            terms=_frequent((embedding_terms(catalog, skills, i) for i in everyone), at_least),
            attributes=_frequent((topical_attributes(catalog, skills, i) for i in everyone), 2),
            languages=tuple(sorted(set(catalog.languages) - {""})),
        )

    def encode_courses(self, catalog: Catalog, skills: Skills, *, n_fitted: int) -> Newcomers:
        """Encode every course of a catalogue whose first `n_fitted` the model was fitted on."""
        everyone = range(len(catalog))
        language = {name: code for code, name in enumerate(self.languages)}
        return Newcomers(
            n_fitted=n_fitted,
            vectors=self.text.encode_all(course_terms(catalog, skills, i) for i in everyone),
            terms=_shares(self.terms, (embedding_terms(catalog, skills, i) for i in everyone)),
            attributes=_shares(self.attributes, (topical_attributes(catalog, skills, i) for i in everyone)),
            language=frozen(np.array([language.get(name, NONE) for name in catalog.languages], dtype=np.int32)),
        )

    def encode_roles(self, roles: Roles, skills: Skills, *, first: int = 0) -> SparseRows:
        """Return the tf–idf rows of the roles from position `first` on, (n_roles − first, n_terms)."""
        return self.text.encode_all(role_terms(roles, skills, i) for i in range(first, len(roles)))

    def document(self) -> dict[str, Any]:
        """Return the vocabularies as JSON values, all but the array `text.idf`."""
        return {
            "text": list(self.text.terms),
            "terms": list(self.terms),
            "attributes": list(self.attributes),
            "languages": list(self.languages),
        }

    @classmethod
    def from_document(cls, document: dict[str, Any], idf: FloatArray) -> Vocabularies:
        """Make the vocabularies of what `document` returned and the idf array."""
        return cls(
            TextEncoder(tuple(document["text"]), idf),
            tuple(document["terms"]),
            tuple(document["attributes"]),
            tuple(document["languages"]),
        )


def _frequent(documents: Iterable[list[str]], at_least: int) -> tuple[str, ...]:
    counts = Counter(term for document in documents for term in document)
    return tuple(sorted(term for term, count in counts.items() if count >= at_least))


def _shares(names: tuple[str, ...], documents: Iterable[list[str]]) -> SparseRows:
    """Return rows with equal weights that sum to one at the known names of each document."""
    index = {name: j for j, name in enumerate(names)}
    columns: list[IntArray] = [
        np.array([index[term] for term in document if term in index], dtype=np.int32) for document in documents
    ]
    weights: list[FloatArray] = [np.full(len(one), 1 / max(len(one), 1), dtype=np.float32) for one in columns]
    return packed(columns, weights, len(names))
