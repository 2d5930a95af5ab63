"""What a saved version says of itself: how it was made, and what each of its files must be.

The manifest is a JSON document sealed by its own hash. Times in it are ISO 8601 in UTC.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from recommender.durable import JSON, read_sealed
from recommender.errors import ArtifactError

FORMAT_VERSION = 3
"""Raised whenever an older reader could misread what is written."""

MANIFEST = "manifest.json"
ARRAYS = "arrays"
DOCUMENTS = "documents"

_READABLE = (3,)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_FILE = re.compile(r"(arrays/\w[\w.-]{0,99}\.npy|documents/\w[\w.-]{0,99}\.json|\w[\w-]{0,99}\.(md|html))", re.ASCII)


@dataclass(frozen=True, slots=True)
class Origin:
    """How a model came to be, as its trainer tells it.

    Parameters
    ----------
    created, as_of
        When it was fitted, and the moment it looked from; both aware.
    data_fingerprint
        SHA-256 of the rows it was fitted on, in hex.
    config
        Every setting, defaults included.
    packages
        Versions of Python and of the packages that took part.
    commit
        The source revision, "" where unknown.
    seed, threads
        What makes a fit repeatable: one seed and one thread give the same arrays.
    metrics
        What was measured, and on what.
    notes
        Sentences a person should read: what was switched off and why.
    report
        What the pages for people say besides: counts of the tables, intervals, how it differs from the model before.
    """

    created: datetime
    as_of: datetime
    data_fingerprint: str = ""
    config: Mapping[str, JSON] = field(default_factory=dict)
    packages: Mapping[str, str] = field(default_factory=dict)
    commit: str = ""
    seed: int = 0
    threads: int = 1
    metrics: Mapping[str, JSON] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    report: Mapping[str, JSON] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SavedFile:
    """One file of a version: its hash in hex, its size in bytes and, of an array, its type and shape."""

    sha256: str
    size: int
    dtype: str = ""
    shape: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a version says of itself. `files` maps a path inside the version to what the file must be."""

    tenant: str
    version: str
    origin: Origin
    files: Mapping[str, SavedFile]
    format_version: int = FORMAT_VERSION


def checked_name(name: str, *, what: str) -> str:
    """Return a tenant's or version's name if it is one.

    Raises
    ------
    ArtifactError
        Unless it is 1–100 letters, digits, dots, dashes and underscores, begins with a letter or digit, and is not
        `current`: a name can never lead out of the models folder.
    """
    if _NAME.fullmatch(name) is None or name == "current":
        raise ArtifactError(
            f"{what} {name!r}: not a usable name; expected 1 to 100 letters, digits, '.', '-' or '_', beginning with a "
            "letter or a digit, and not 'current'."
        )
    return name


def checked_file(path: str) -> str:
    """Return a path inside a version if it is an array's, a document's or a page's; else ArtifactError."""
    if _FILE.fullmatch(path) is None:
        raise ArtifactError(f"file {path!r}: expected arrays/NAME.npy, documents/NAME.json, NAME.md or NAME.html.")
    return path


def origin_document(origin: Origin) -> dict[str, JSON]:
    """Return an origin as JSON values."""
    document = asdict(origin)
    return {**document, "created": _iso(origin.created), "as_of": _iso(origin.as_of), "notes": list(origin.notes)}


def manifest_document(manifest: Manifest) -> dict[str, JSON]:
    """Return a manifest as JSON values, the format version first."""
    files = {name: _file_document(saved) for name, saved in manifest.files.items()}
    named = {"format_version": manifest.format_version, "tenant": manifest.tenant, "version": manifest.version}
    return {**named, **origin_document(manifest.origin), "files": files}


def read_manifest_file(path: Path) -> Manifest:
    """Read a manifest.

    Raises
    ------
    ArtifactError
        If it is missing or damaged, or written in a format this reader does not know.
    """
    document = read_sealed(path)
    found = document.pop("format_version", None)
    if found not in _READABLE:
        raise ArtifactError(
            f"{path}: format version {found!r}; this release reads {', '.join(map(str, _READABLE))}. "
            "Use the release that wrote it, or fit again."
        )
    try:
        tenant, version, files = document.pop("tenant"), document.pop("version"), document.pop("files")
        saved = {checked_file(name): SavedFile(**{**one, "shape": tuple(one["shape"])}) for name, one in files.items()}
        return Manifest(str(tenant), str(version), _origin(document), saved, int(found))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ArtifactError(f"{path}: not a manifest: {error}. Fit again.") from error


def _origin(document: dict[str, JSON]) -> Origin:
    created, as_of = datetime.fromisoformat(document.pop("created")), datetime.fromisoformat(document.pop("as_of"))
    return Origin(created, as_of, **{**document, "notes": tuple(document["notes"])})


def _file_document(saved: SavedFile) -> dict[str, JSON]:
    return {"sha256": saved.sha256, "size": saved.size, "dtype": saved.dtype, "shape": list(saved.shape)}


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")  # keeps microseconds: they tell fits apart
