"""Course text as numbers: one encoder, used when fitting and when serving.

A course or a role is a bag of terms: the words of its title and description, and its skills, tags, provider, format,
difficulty and language as whole terms. Weights are tf–idf with the logarithmic term frequency (Manning, Raghavan and
Schütze, *Introduction to Information Retrieval*, 2008, section 6.4), scaled to unit length.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from recommender.arrays import FloatArray, IntArray, frozen
from recommender.catalog import Catalog, Roles, Skills
from recommender.sparse import SparseRows, packed

_WORD = re.compile(r"[^\W_]{2,}", re.UNICODE)
_DIFFICULTIES = ("", "beginner", "intermediate", "advanced", "expert")

TITLE_WEIGHT = 2
"""How many times a word of the title counts beside one of the description."""
MOST_TERMS = 64
"""Terms kept of one course, heaviest first: a long description costs no more than a short one at request time."""


def words(text: str) -> list[str]:
    """Return the lower-case words of a text, of two characters or more, in their order."""
    return _WORD.findall(text.lower())


def course_attributes(catalog: Catalog, skills: Skills, course_idx: int) -> list[str]:
    """Return what is known of a course besides its words, one prefixed term each, in a fixed order."""
    i = course_idx
    terms = [f"skill:{skills.ids[s]}" for s in catalog.skills.skill_idx[catalog.skills.span(i)].tolist()]
    terms += [f"tag:{tag}" for tag in catalog.tags[i]]
    fields = (("provider", catalog.providers[i]), ("format", catalog.formats[i]), ("language", catalog.languages[i]))
    terms += [f"{name}:{value}" for name, value in fields if value]
    if catalog.difficulty[i]:
        terms.append(f"difficulty:{_DIFFICULTIES[catalog.difficulty[i]]}")
    return terms


def course_terms(catalog: Catalog, skills: Skills, course_idx: int) -> Counter[str]:
    """Count the terms of one course: words of title (twice) and description, and its attributes."""
    counts: Counter[str] = Counter(words(catalog.descriptions[course_idx]))
    for word in words(catalog.titles[course_idx]):
        counts[word] += TITLE_WEIGHT
    counts.update(course_attributes(catalog, skills, course_idx))
    return counts


def role_terms(roles: Roles, skills: Skills, role_idx: int) -> Counter[str]:
    """Count the terms of one role: words of its title and description, and the skills it needs."""
    counts: Counter[str] = Counter(words(roles.descriptions[role_idx]))
    for word in words(roles.titles[role_idx]):
        counts[word] += TITLE_WEIGHT
    needed = roles.needs.skill_idx[roles.needs.span(role_idx)]
    counts.update(f"skill:{skills.ids[s]}" for s in needed.tolist())
    return counts


@dataclass(frozen=True)
class TextEncoder:
    """The vocabulary and its inverse document frequencies, learned from one catalogue.

    `terms` is sorted; `idf[j]` belongs to `terms[j]`, shape (n_terms,), float32, natural logarithm, > 0.
    """

    terms: tuple[str, ...]
    idf: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "_index", {term: j for j, term in enumerate(self.terms)})

    @classmethod
    def learn(cls, documents: Sequence[Counter[str]], *, at_least: int = 2, at_most: float = 0.5) -> TextEncoder:
        """Keep the terms of at least `at_least` documents and at most the share `at_most` of them."""
        n = max(len(documents), 1)
        found: Counter[str] = Counter(term for document in documents for term in document)
        most = max(at_most * n, at_least)
        terms = tuple(sorted(term for term, count in found.items() if at_least <= count <= most))
        idf = np.array([np.log((1 + n) / (1 + found[term])) + 1e-6 for term in terms], dtype=np.float32)
        return cls(terms, frozen(idf))

    def encode(self, document: Counter[str]) -> tuple[IntArray, FloatArray]:
        """Return the term positions (ascending) and unit-length weights of one document; empty if no term is known."""
        index: dict[str, int] = self._index  # type: ignore[attr-defined]
        known = sorted((index[term], count) for term, count in document.items() if term in index)
        if not known:
            return np.empty(0, dtype=np.int32), np.empty(0, dtype=np.float32)
        columns = np.array([j for j, _ in known], dtype=np.int32)
        weights = (1 + np.log(np.array([count for _, count in known], dtype=np.float64))) * self.idf[columns]
        if len(columns) > MOST_TERMS:
            kept = np.sort(np.lexsort((columns, -weights))[:MOST_TERMS])
            columns, weights = columns[kept], weights[kept]
        return columns, (weights / np.linalg.norm(weights)).astype(np.float32)

    def encode_all(self, documents: Iterable[Counter[str]]) -> SparseRows:
        """Encode documents as sparse rows of width n_terms, in their order."""
        rows = [self.encode(document) for document in documents]
        return packed([columns for columns, _ in rows], [weights for _, weights in rows], len(self.terms))
