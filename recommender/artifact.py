"""The saved model: the folder of one version, and nothing else in the product knows its format.

    models/<tenant>/<version>/
        manifest.json      what it is, how it was made, and the SHA-256 of every other file; sealed by its own hash
        arrays/*.npy       one array a file, read memory-mapped: processes share the pages and loading runs no code
        documents/*.json   what is not an array
        MODEL_CARD.md …    pages for people

A version is written under a hidden name, flushed to the disk and renamed: it is there whole or not at all. Which
version is live is the business of `recommender.activation`. Saying what is saved needs no NumPy and no model: both are
imported where arrays are read or written.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recommender.durable import (
    JSON,
    HashingFile,
    claimed,
    flush_folder,
    is_claimed,
    locked,
    new_file,
    read_bytes,
    sealed,
    sha256_of,
    to_json,
)
from recommender.errors import ArtifactError
from recommender.manifest import (
    ARRAYS,
    DOCUMENTS,
    MANIFEST,
    Manifest,
    Origin,
    SavedFile,
    checked_file,
    checked_name,
    manifest_document,
    origin_document,
    read_manifest_file,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recommender.model import Model

PARTIAL = ".partial-"
"""A version being written is named so, out of sight of readers."""
_HASHED_AT_ONCE = 4
"""Files hashed at a time, at most."""

Arrays = Mapping[str, "NDArray[Any]"]
Documents = Mapping[str, JSON]
Pages = Callable[[Manifest], Mapping[str, str]]
"""Texts for people, by file name (`.md`, `.html`), made from the manifest as far as it is known."""


@dataclass(frozen=True, slots=True)
class SavedVersion:
    """A version read back: its manifest, its read-only memory-mapped arrays and its documents."""

    manifest: Manifest
    arrays: Arrays
    documents: Documents


def version_folder(root: Path, tenant: str, version: str) -> Path:
    """Return where a version lies, whether or not it exists; ArtifactError if a name is unusable."""
    return root / checked_name(tenant, what="tenant") / checked_name(version, what="version")


def save(
    root: Path,
    tenant: str,
    origin: Origin,
    *,
    arrays: Arrays,
    documents: Documents,
    version: str | None = None,
    pages: Pages | None = None,
) -> Manifest:
    """Write a version, so that it is there whole or not at all. It does not become the live one.

    Parameters
    ----------
    root, tenant
        The models folder, made if absent, and whose model it is.
    origin
        How the model came to be.
    arrays, documents
        What `Model.pack` returns. An array of Python objects is refused.
    version
        Its name; without one, the time of creation and a hash of the origin, distinct even for fits of one moment.
    pages
        Makes the texts for people that lie beside it.

    Raises
    ------
    ArtifactError
        If a name is unusable, the version exists or is being written, or something cannot be saved.
    """
    company = root / checked_name(tenant, what="tenant")
    company.mkdir(parents=True, exist_ok=True)
    with _reserved(company, origin, version) as (name, draft):
        files = dict(_write_parts(draft, arrays, documents))
        manifest = Manifest(tenant, name, origin, files)
        for page, text in (pages(manifest) if pages else {}).items():
            files[checked_file(page)] = _write(draft / page, text.encode())
        _write(draft / MANIFEST, sealed(manifest_document(manifest)))
        for folder in (draft / ARRAYS, draft / DOCUMENTS, draft):
            flush_folder(folder)
        with locked(company):
            draft.rename(company / name)
            flush_folder(company)
    return manifest


def read_manifest(root: Path, tenant: str, version: str) -> Manifest:
    """Read what a version says of itself, without reading its other files.

    Raises
    ------
    ArtifactError
        If the version is missing, its manifest is damaged or another version's, or its format is unknown.
    """
    folder = version_folder(root, tenant, version)
    if not folder.is_dir():
        raise ArtifactError(f"{folder}: no such version. `lpr models list` shows what there is.")
    manifest = read_manifest_file(folder / MANIFEST)
    if (manifest.tenant, manifest.version) != (tenant, version):
        raise ArtifactError(
            f"{folder / MANIFEST}: is version {manifest.version!r} of tenant {manifest.tenant!r}; the folder was "
            "copied or renamed. Give it its own name back."
        )
    return manifest


def verify(root: Path, tenant: str, version: str) -> Manifest:
    """Hash every file of a version and return its manifest; ArtifactError names the first that is not as written.

    Files are hashed a few at a time: SHA-256 runs outside the interpreter's lock.
    """
    manifest = read_manifest(root, tenant, version)
    folder = version_folder(root, tenant, version)
    with ThreadPoolExecutor(min(_HASHED_AT_ONCE, os.cpu_count() or 1)) as threads:
        for _ in threads.map(_check, (folder / name for name in manifest.files), manifest.files.values()):
            pass
    return manifest


def _check(path: Path, expected: SavedFile) -> None:
    """Raise ArtifactError unless a file is as it was written."""
    try:
        intact = path.stat().st_size == expected.size and sha256_of(path) == expected.sha256
    except OSError as error:
        raise ArtifactError(f"{path}: cannot be read: {error.strerror}. Restore it or fit again.") from error
    if not intact:
        raise ArtifactError(f"{path}: damaged: its hash differs from the manifest's. Restore it or fit again.")


def read(root: Path, tenant: str, version: str) -> SavedVersion:
    """Read a version after checking the hash of each of its files.

    The arrays are read-only views of memory-mapped files: pages are read when touched and shared between processes.

    Raises
    ------
    ArtifactError
        As `verify`.
    """
    manifest = verify(root, tenant, version)
    folder = version_folder(root, tenant, version)
    arrays: dict[str, NDArray[Any]] = {}
    documents: dict[str, JSON] = {}
    for name in manifest.files:
        kind, _, part = name.partition("/")
        if kind == ARRAYS:
            arrays[part.removesuffix(".npy")] = _map_array(folder / name)
        elif kind == DOCUMENTS:
            documents[part.removesuffix(".json")] = json.loads(read_bytes(folder / name))
    return SavedVersion(manifest, arrays, documents)


def load_model(root: Path, tenant: str, version: str) -> tuple[Manifest, Model]:
    """Read a version and make its model, ready to answer; ArtifactError as `verify`."""
    from recommender.model import Model

    saved = read(root, tenant, version)
    try:
        return saved.manifest, Model.unpack(saved.arrays, saved.documents)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise ArtifactError(
            f"{version_folder(root, tenant, version)}: its files are whole but make no model: {error!r}. Fit again."
        ) from error


def sweep(company: Path) -> None:
    """Remove the unfinished versions in a tenant's folder whose writers are gone; the caller holds the folder's lock."""
    for left in company.glob(f"{PARTIAL}*"):
        if not is_claimed(left):
            shutil.rmtree(left)


@contextmanager
def _reserved(company: Path, origin: Origin, version: str | None) -> Iterator[tuple[str, Path]]:
    """Settle the version's name and yield it with its hidden folder; what a crashed writer left is swept first."""
    with ExitStack() as stack:
        with locked(company):
            sweep(company)
            name = _free_name(company, origin) if version is None else checked_name(version, what="version")
            draft = company / f"{PARTIAL}{name}"
            if not _is_free(company, name):
                raise ArtifactError(f"{company / name}: this version exists. Choose another name, or leave it out.")
            draft.mkdir()
            stack.callback(shutil.rmtree, draft, ignore_errors=True)
            stack.enter_context(claimed(draft))
        yield name, draft


def _is_free(company: Path, name: str) -> bool:
    return not (company / name).exists() and not (company / f"{PARTIAL}{name}").exists()


def _free_name(company: Path, origin: Origin) -> str:
    digest = hashlib.sha256(to_json(origin_document(origin))).hexdigest()
    name = f"{origin.created.astimezone(UTC):%Y%m%dT%H%M%SZ}-{digest[:8]}"
    candidate, n_tries = name, 1
    while not _is_free(company, candidate):
        n_tries += 1
        candidate = f"{name}-{n_tries}"
    return candidate


def _write_parts(draft: Path, arrays: Arrays, documents: Documents) -> Iterator[tuple[str, SavedFile]]:
    (draft / ARRAYS).mkdir()
    (draft / DOCUMENTS).mkdir()
    for name, array in arrays.items():
        relative = checked_file(f"{ARRAYS}/{name}.npy")
        if array.dtype.hasobject:
            raise ArtifactError(f"array {name}: holds Python objects; expected numbers, booleans or fixed-length text.")
        written = _write(draft / relative, partial(_put_array, array))
        yield relative, SavedFile(written.sha256, written.size, array.dtype.str, array.shape)
    for name, document in documents.items():
        relative = checked_file(f"{DOCUMENTS}/{name}.json")
        try:
            data = to_json(document)
        except (TypeError, ValueError) as error:
            raise ArtifactError(f"document {name}: cannot be written as JSON: {error}.") from error
        yield relative, _write(draft / relative, data)


def _write(path: Path, content: bytes | Callable[[HashingFile], object]) -> SavedFile:
    with new_file(path) as stream:
        if isinstance(content, bytes):
            stream.write(content)
        else:
            content(stream)
    return SavedFile(stream.sha256, stream.size)


def _put_array(array: NDArray[Any], stream: HashingFile) -> None:
    import numpy as np

    np.lib.format.write_array(stream, np.asarray(array), allow_pickle=False)


def _map_array(path: Path) -> NDArray[Any]:
    """Map an array; a plain array over the map, because `memmap`'s own bookkeeping slows every slice."""
    import numpy as np

    try:
        return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
    except (OSError, ValueError) as error:
        raise ArtifactError(f"{path}: not a readable array: {error}.") from error
