"""Recommendations and paths for many employees: in parallel, in the order asked, written while they are made.

What is in memory does not grow with how many are asked for, beyond twelve bytes each: chunks of people are cut from the
tables when a worker is to have them, answers are written and forgotten part by part, and the engine gives workers no
more to do than a bounded number of parts ahead of what is written.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from recommender.arrays import NONE
from recommender.artifact import load_model, save, version_folder
from recommender.company import Dataset
from recommender.errors import ConfigError, DataError
from recommender.manifest import MANIFEST, Manifest
from recommender.model import Model
from recommender.moments import moment_text
from recommender.translation import Translation, updated
from training.batching.answering import Counts, Found, SentModel, Settings, Wanted, answers_of
from training.batching.asks import Asks
from training.batching.people import Chunks
from training.batching.work import Work, opened
from training.engines import Engine, LocalEngine
from training.progress import Progress
from training.provenance import program_fingerprint

CHUNK, CHUNK_WITH_PATHS = 250, 20
"""Employees a worker is given at a time; answers do not depend on it."""
PART, PART_WITH_PATHS = 5_000, 500
"""Employees written at a time, whole chunks: what a kill costs at most, and a row group of a Parquet file."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """The files to write, None for none, by suffix CSV or Parquet, and who is told each answer.

    `each` is called with each answer in the shape of the service's; such a run is never continued by another, which could
    not tell the answers again.
    """

    recommendations: Path | None = None
    paths: Path | None = None
    each: Callable[[dict[str, Any]], object] | None = None

    @property
    def files(self) -> dict[str, Path]:
        """The files by what is in them."""
        both = {"recommendations": self.recommendations, "paths": self.paths}
        return {name: path for name, path in both.items() if path is not None}

    def wanted(self, *, dated: bool) -> Wanted:
        """Return what workers are to make."""
        suffixes = {name: path.suffix.lower() for name, path in self.files.items()}
        return Wanted(suffixes.get("recommendations"), suffixes.get("paths"), self.each is not None, dated)


@dataclass(frozen=True, slots=True)
class Written:
    """What a batch wrote, `continued` of the people in an earlier run that was stopped; `seconds` are of this one.

    `note` says how the tables' catalogue differs from the one of the fit, "" if it does not.
    """

    counts: Counts
    seconds: float
    continued: int = 0
    note: str = ""


def recommend_all(
    data: Dataset,
    asked: Asks,
    settings: Settings,
    outputs: Outputs,
    *,
    engine: Engine,
    progress: Progress,
    restart: bool = False,
) -> Written:
    """Recommend courses, find paths or both for everyone asked for, in that order, wherever the parts are computed.

    The answers are from the catalogue of `data`, whatever the model was fitted on. A file is there when it is complete,
    never before. A run that was killed is continued by an equal one, unless `restart` says otherwise.

    Raises
    ------
    ConfigError
        If the model knows no such target role, or another process writes the same file.
    DataError
        If a moment lies before the model's own, or the disk is full; what is done is kept then.
    """
    began = time.perf_counter()
    manifest, model = load_model(settings.root, settings.tenant, settings.version)
    model, note = updated(model, data)
    _check(asked, manifest, model, settings)
    wanted = outputs.wanted(dated=asked.dated)
    with ExitStack() as stack:
        work = stack.enter_context(_opened(data, asked, settings, outputs, restart=restart, progress=progress))
        sent = None if engine.shares_files else SentModel(*model.pack())
        if note and sent is None:
            root = stack.enter_context(_saved(model, manifest, None if work is None else work.folder))
            settings = replace(settings, root=root)
        chunks, (chunk, part) = Chunks(data), _sizes(wanted)
        done = () if work is None else work.done
        translation = Translation.between(data, model, target_role=settings.target_role)
        rest = chunks.of(asked, start=part * len(done), size=chunk)
        found = _for(engine, len(asked)).map(answers_of, rest, settings, wanted, chunks.tables(), translation, sent)
        before = sum(done, Counts())
        counts, n_parts, tell = before, -(-len(asked) // part), _Told(progress, len(asked), before.employees)
        for number in range(len(done), n_parts):
            pieces, more = _gathered(islice(found, part // chunk), outputs.each, tell)
            if work is not None:
                work.keep(number, pieces, more)
            counts += more
        if work is not None:
            progress("writing")
            work.finish(outputs.files, n_parts)
    return Written(counts, time.perf_counter() - began, before.employees, note)


@contextmanager
def _opened(
    data: Dataset, asked: Asks, settings: Settings, outputs: Outputs, *, restart: bool, progress: Progress
) -> Iterator[Work | None]:
    """Open the work folder beside the first file, None where no file is wanted.

    A run that tells its answers never continues, and leaves nothing to continue.
    """
    if not outputs.files:
        yield None
        return
    wanted = outputs.wanted(dated=asked.dated)
    identity = _identity(data, asked, settings, wanted)
    with opened([*outputs.files.values()], identity, wanted.files, restart=restart or wanted.answers) as work:
        if work.dropped:
            progress(f"an earlier run that did not end was of other {', '.join(work.dropped)}: beginning anew")
        try:
            yield work
        finally:
            if wanted.answers:
                work.remove()


class _Told:
    """Says how many of all are done."""

    __slots__ = ("_done", "_progress", "_total")

    def __init__(self, progress: Progress, total: int, done: int) -> None:
        self._progress, self._total, self._done = progress, total, done
        if done:
            progress(f"continuing: {done:,} of {total:,} were done")

    def __call__(self, more: int) -> None:
        self._done += more
        self._progress("recommending", self._done, self._total)


def _gathered(
    results: Iterator[Found], each: Callable[[dict[str, Any]], object] | None, tell: Callable[[int], None]
) -> tuple[dict[str, list[bytes]], Counts]:
    """Return the pieces of each file that chunks came to, in order, and their counts; tell the answers on the way."""
    pieces: dict[str, list[bytes]] = {}
    counts = Counts()
    for found in results:
        if each is not None:
            for answer in found.answers:
                each(answer)
        for name, piece in found.pieces.items():
            pieces.setdefault(name, []).append(piece)
        counts += found.counts
        tell(found.counts.employees)
    return pieces, counts


def _sizes(wanted: Wanted) -> tuple[int, int]:
    """Return how many employees a worker is given and how many are written at a time."""
    return (CHUNK, PART) if wanted.paths is None else (CHUNK_WITH_PATHS, PART_WITH_PATHS)


def _for(engine: Engine, n_asked: int) -> Engine:
    """Return the engine; one of this machine with no more processes than so many employees are worth starting for."""
    if not isinstance(engine, LocalEngine):
        return engine
    return replace(engine, workers=min(engine.workers, max(1, n_asked // CHUNK)))


def _identity(data: Dataset, asked: Asks, settings: Settings, wanted: Wanted) -> Mapping[str, Any]:
    """Return what a batch is made of, named as people would: equal ones have equal files."""
    manifest = version_folder(settings.root, settings.tenant, settings.version) / MANIFEST
    options = {name: value for name, value in asdict(settings).items() if name not in {"root", "tenant", "version"}}
    return {
        "program": program_fingerprint(),
        "model": [settings.version, sha256(manifest.read_bytes()).hexdigest()],
        "tables": [data.fingerprint, data.now],
        "people asked for": asked.fingerprint,
        "options": options,
        "files": {name: suffix for name, (suffix, _) in wanted.files.items()},
        "sizes": _sizes(wanted),
    }


def _check(asked: Asks, manifest: Manifest, model: Model, settings: Settings) -> None:
    role = settings.target_role
    if role is not None and model.roles.ids.find(role) == NONE:
        raise ConfigError(f"target role {role!r}: the model of version {settings.version} knows no such role.")
    earliest = int(asked.as_of.min()) if len(asked) else None
    model_as_of = int(manifest.origin.as_of.timestamp())
    if earliest is not None and earliest < model_as_of:
        raise DataError(
            f"as-of {moment_text(earliest)}: lies before the model's own, {moment_text(model_as_of)}, so the model has "
            "learned from what came after. Ask from that moment on, or fit with an earlier --as-of."
        )


@contextmanager
def _saved(model: Model, manifest: Manifest, within: Path | None) -> Iterator[Path]:
    """Save a model under the name of its version where every process finds it, and yield that models folder."""
    arrays, documents = model.pack()
    with TemporaryDirectory(prefix="lpr-", dir=within) as folder:
        root = Path(folder)
        save(root, manifest.tenant, manifest.origin, arrays=arrays, documents=documents, version=manifest.version)
        yield root
