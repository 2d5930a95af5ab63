"""Files that are whole or not there: what a crash at any point must not break.

A file is written, flushed to the disk and renamed into place, and the folder that names it is flushed too. A sealed
document carries the SHA-256 of its own text, so that one changed byte is noticed and the file named.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from recommender.errors import ArtifactError

JSON = Any
"""A value that JSON can hold: None, bool, int, finite float, str, and lists and str-keyed dicts of these."""

SEAL = "sha256"
"""Field of a sealed document that holds the hash of the document without it."""

_CHUNK = 1 << 20


class HashingFile:
    """A file being written that knows the SHA-256 and the size of what went through it."""

    __slots__ = ("_digest", "_stream", "size")

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._digest = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        """Write bytes and take them into the hash."""
        self._digest.update(data)
        self.size += len(data)
        return self._stream.write(data)

    @property
    def sha256(self) -> str:
        """Hash of everything written so far, in hex."""
        return self._digest.hexdigest()


@contextmanager
def new_file(path: Path) -> Iterator[HashingFile]:
    """Open a file that must not exist yet; on leaving, its bytes are on the disk."""
    with path.open("xb") as stream:
        yield HashingFile(stream)
        flush_to_disk(stream)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hex, read a megabyte at a time."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def flush_to_disk(stream: IO[Any]) -> None:
    """Push what was written through every buffer to the disk."""
    stream.flush()
    os.fsync(stream.fileno())


def flush_folder(folder: Path) -> None:
    """Push the names in a folder to the disk: without it a rename may be undone by a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def replace_file(path: Path, data: bytes) -> None:
    """Give a file new contents in one step: a reader sees the old or the new, never a part.

    One writer at a time: callers hold the folder's lock. What a crash leaves behind the next writer overwrites.
    """
    draft = path.with_name(f".{path.name}.new")
    with draft.open("wb") as stream:
        stream.write(data)
        flush_to_disk(stream)
    draft.replace(path)
    flush_folder(path.parent)


def to_json(document: JSON) -> bytes:
    """Write a document as UTF-8 JSON; ValueError for NaN or infinity."""
    return (json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()


def sealed(document: Mapping[str, JSON]) -> bytes:
    """Write a document with its own hash as the last field."""
    return to_json({**document, SEAL: hashlib.sha256(to_json(dict(document))).hexdigest()})


def read_sealed(path: Path) -> dict[str, JSON]:
    """Read a sealed document without its seal.

    Raises
    ------
    ArtifactError
        If it is missing, is no JSON object, or one byte differs from what was sealed. The message names the file.
    """
    data = read_bytes(path)
    try:
        document = json.loads(data)
        seal = document.pop(SEAL)
        intact = isinstance(seal, str) and sealed(document) == data
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        intact = False
    if not intact:
        raise ArtifactError(f"{path}: damaged: its contents do not match its own hash. Restore it or fit again.")
    return dict(document)


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a file; ArtifactError, naming it, if it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ArtifactError(f"{path}: cannot be read: {error.strerror}.") from error


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder's lock, waiting for it, so that one process at a time changes what the folder names."""
    with (folder / ".lock").open("ab") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


@contextmanager
def claimed(folder: Path, *, wait: bool = True) -> Iterator[None]:
    """Mark a folder as being written by this process for as long as the process lives.

    Raises
    ------
    BlockingIOError
        If another process writes it and this one is not to wait.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield
    finally:
        os.close(handle)


def is_claimed(folder: Path) -> bool:
    """Tell whether a living process is writing a folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False
