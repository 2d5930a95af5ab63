"""Recommendations for many employees: in parallel, in the order asked, written while they are made.

Each process reads the saved model itself, memory-mapped, so it is in memory once however many there are; what travels
between processes is queries and answers.
"""

from __future__ import annotations

import csv
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from joblib import Parallel, delayed

from recommender.answers import answer_to_json, answered
from recommender.arrays import NONE
from recommender.artifact import load_model, save
from recommender.company import Dataset
from recommender.durable import flush_to_disk
from recommender.engine import Recommender
from recommender.errors import ConfigError, DataError
from recommender.manifest import Manifest
from recommender.model import Model
from recommender.moments import moment_text, parse_moment
from recommender.query import Query, query_of
from recommender.translation import Translation, updated
from training.progress import Progress

CHUNK = 100
"""Employees a process is given at a time; answers do not depend on it."""

COLUMNS = ("employee_id", "rank", "course_id", "score")


@dataclass(frozen=True, slots=True)
class Ask:
    """One employee of a data set, by position, and the moment looked from in seconds."""

    employee_idx: int
    as_of: int


@dataclass(frozen=True, slots=True)
class Asks:
    """Who is asked for, in order; ids the data does not know; whether each came with its own moment."""

    asks: tuple[Ask, ...]
    unknown: tuple[str, ...]
    dated: bool


@dataclass(frozen=True, slots=True)
class Settings:
    """Which saved version answers, and how; `target_role`, `goal_weight` and `mode` None leave each person's own."""

    root: Path
    tenant: str
    version: str
    k: int = 10
    target_role: str | None = None
    goal_weight: float | None = None
    mode: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What a batch wrote; `note` says how the tables' catalogue differs from the one of the fit, "" if it does not."""

    n_employees: int
    n_rows: int
    seconds: float
    note: str = ""


class _Rows(Protocol):
    def writerow(self, row: Sequence[object], /) -> object: ...


def asks_of(data: Dataset, employees: str, *, as_of: int) -> Asks:
    """Return who is asked for: everyone for `all`, else those of a file.

    The file holds one id a line, or is CSV with the header `employee_id` or `employee_id,as_of`. A moment in the file
    wins over `as_of`.

    Raises
    ------
    DataError
        If the file cannot be read or a moment in it is none; every such line is named.
    """
    if employees == "all":
        return Asks(tuple(Ask(i, as_of) for i in range(len(data.people))), (), dated=False)
    rows, dated = _read_ids(Path(employees))
    wrong: list[str] = []
    asks: list[Ask] = []
    unknown: list[str] = []
    for line, employee_id, moment in rows:
        found = data.people.ids.find(employee_id)
        try:
            seconds = parse_moment(moment) if moment else as_of
        except ValueError as error:
            wrong.append(f"{employees}, line {line}, column as_of: {error}.")
            continue
        if found == NONE:
            unknown.append(employee_id)
        else:
            asks.append(Ask(found, seconds))
    if wrong:
        raise DataError("\n".join(wrong))
    return Asks(tuple(asks), tuple(unknown), dated=dated)


def recommend_all(
    data: Dataset,
    asked: Asks,
    settings: Settings,
    *,
    out: Path | None,
    each: Callable[[dict[str, Any]], object] | None = None,
    workers: int,
    progress: Progress,
) -> Written:
    """Recommend courses to everyone asked for, in that order, whatever the number of processes.

    The answers are from the catalogue of `data`, whatever the model was fitted on.

    Parameters
    ----------
    out
        CSV to write: one row a recommendation. It is there when it is complete, never before.
    each
        Called with each answer, in the shape of the service's.

    Raises
    ------
    ConfigError
        If the model knows no such target role.
    DataError
        If a moment lies before the model's own.
    """
    began = time.perf_counter()
    manifest, model = load_model(settings.root, settings.tenant, settings.version)
    _check(asked, manifest, model, settings)
    model, note = updated(model, data)
    parallel = Parallel(n_jobs=min(workers, max(1, len(asked.asks) // CHUNK)), return_as="generator")
    n_rows = done = 0
    with ExitStack() as stack:
        if note:
            settings = replace(settings, root=stack.enter_context(_saved(model, manifest)))
        table = stack.enter_context(_complete_file(out, dated=asked.dated))
        jobs = _jobs(data, asked.asks, settings, Translation.between(data, model, target_role=settings.target_role))
        for answers in parallel(jobs):
            for answer in answers:
                done += 1
                n_rows += _write_rows(table, answer, dated=asked.dated)
                if each is not None:
                    each(answer)
            progress("recommending", done, len(asked.asks))
    return Written(done, n_rows, time.perf_counter() - began, note)


@contextmanager
def _saved(model: Model, manifest: Manifest) -> Iterator[Path]:
    """Save a model under the name of its version where every process finds it, and yield that models folder."""
    arrays, documents = model.pack()
    with TemporaryDirectory(prefix="lpr-") as folder:
        root = Path(folder)
        save(root, manifest.tenant, manifest.origin, arrays=arrays, documents=documents, version=manifest.version)
        yield root


def _read_ids(path: Path) -> tuple[list[tuple[int, str, str]], bool]:
    """Return (line, id, moment or "") of a file of employees, and whether it has moments."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read as UTF-8 text: {error}; expected one employee id a line.") from error
    header = [name.strip() for name in lines[0].split(",")] if lines else []
    if "employee_id" not in header:
        return [(i, line.strip(), "") for i, line in enumerate(lines, start=1) if line.strip()], False
    cells = csv.DictReader(lines, fieldnames=None, skipinitialspace=True, restval="")
    rows = [(cells.line_num, (row.get("employee_id") or "").strip(), (row.get("as_of") or "").strip()) for row in cells]
    return [row for row in rows if row[1]], "as_of" in header


def _check(asked: Asks, manifest: Manifest, model: Model, settings: Settings) -> None:
    role = settings.target_role
    if role is not None and model.roles.ids.find(role) == NONE:
        raise ConfigError(f"target role {role!r}: the model of version {settings.version} knows no such role.")
    earliest = min((one.as_of for one in asked.asks), default=None)
    model_as_of = int(manifest.origin.as_of.timestamp())
    if earliest is not None and earliest < model_as_of:
        raise DataError(
            f"as-of {moment_text(earliest)}: lies before the model's own, {moment_text(model_as_of)}, so the model has "
            "learned from what came after. Ask from that moment on, or fit with an earlier --as-of."
        )


def _jobs(data: Dataset, asks: Sequence[Ask], settings: Settings, translation: Translation) -> Iterator[Any]:
    for start in range(0, len(asks), CHUNK):
        queries = [
            (data.people.ids[ask.employee_idx], translation.query(query_of(data, ask.employee_idx, as_of=ask.as_of)))
            for ask in asks[start : start + CHUNK]
        ]
        yield delayed(_answers)(queries, settings)


@lru_cache(maxsize=1)
def _opened(root: Path, tenant: str, version: str) -> tuple[Model, Recommender]:
    model = load_model(root, tenant, version)[1]
    return model, Recommender(model)


def _answers(queries: Sequence[tuple[str, Query]], settings: Settings) -> list[dict[str, Any]]:
    """Answer the queries of employees with the saved model, opened once in each process."""
    model, recommender = _opened(settings.root, settings.tenant, settings.version)
    found = []
    for employee_id, query in queries:
        answer = recommender.recommend(query, k=settings.k, mode=settings.mode, goal_weight=settings.goal_weight)
        body = answer_to_json(answer, model)
        names = {"model_version": settings.version, "employee_id": employee_id}
        found.append(answered(body, query, model_as_of=model.as_of, **names))
    return found


@contextmanager
def _complete_file(path: Path | None, *, dated: bool) -> Iterator[_Rows | None]:
    """Yield a CSV that takes its name when everything is in it, and leaves nothing behind otherwise."""
    if path is None:
        yield None
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with draft.open("w", encoding="utf-8", newline="") as stream:
            table = csv.writer(stream, lineterminator="\n")
            table.writerow([*COLUMNS, "as_of"] if dated else COLUMNS)
            yield table
            flush_to_disk(stream)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _write_rows(table: _Rows | None, answer: dict[str, Any], *, dated: bool) -> int:
    rows = [(answer["employee_id"], one["rank"], one["course_id"], one["score"]) for one in answer["recommendations"]]
    if table is not None:
        for row in rows:
            table.writerow((*row, answer["as_of"]) if dated else row)
    return len(rows)
