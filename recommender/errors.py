"""The errors this product raises on purpose.

    RecommenderError
    ├── DataError       the tables cannot be used as they are
    ├── ConfigError     a setting is unknown or out of range
    ├── ArtifactError   a saved model is missing, damaged or of another format
    └── QueryError      a question cannot be answered as asked

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
