"""The errors this product raises on purpose.

    RecommenderError
    ├── DataError       the tables cannot be used as they are
    ├── ConfigError     a setting is unknown or out of range
    ├── ArtifactError   a saved model is missing, damaged or of another format
    ├── QueryError      a question cannot be answered as asked
    └── StoreError      the database refuses what was asked of it
        ├── StoreUnavailable   it cannot be reached, or was lost on the way; ask again later
        └── ErasedPerson       somebody is to be stored who was erased

Every message says where, what was found, what was expected and what to do. An unknown person, an empty history, an
unreachable goal or nothing that fits are answers, not errors.
"""

from __future__ import annotations


class RecommenderError(Exception):
    """Base of every error the product raises on purpose."""


class DataError(RecommenderError):
    """The tables cannot be used as they are."""


class ConfigError(RecommenderError):
    """A setting is unknown or out of range."""


class ArtifactError(RecommenderError):
    """A saved model is missing, damaged or of another format."""


class QueryError(RecommenderError):
    """A question cannot be answered as asked."""


class StoreError(RecommenderError):
    """The database refuses what was asked of it."""


class StoreUnavailable(StoreError):  # noqa: N818 - a state, met again and again, not a fault of the caller
    """The database cannot be reached, or was lost before it answered; what was asked is not done."""


class ErasedPerson(StoreError):  # noqa: N818 - the name says it
    """Somebody is to be stored who was erased, and was not revived."""
