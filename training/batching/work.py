"""The work folder of a batch: what is done so far, so that a run that was killed is continued and not begun again.

It stands beside the file to be made, as `.NAME.parts`, and holds part files and `journal.jsonl`. The first line of the
journal says what is being made and from what; each further line that a part is on the disk, whole: its files are flushed
before the line is written. A line that was cut off by a kill counts as not written. At the end the parts are put together
beside the file, flushed and renamed, so that the file appears whole or not at all, and the folder is removed.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import pyarrow as pa

from recommender.durable import claimed, flush_folder, flush_to_disk, replace_file
from recommender.errors import ConfigError, DataError
from training.batching.answering import Counts
from training.batching.formats import FORMATS, format_of

JOURNAL = "journal.jsonl"
Identity = Mapping[str, Any]
"""What a batch is made of, by name: where two are equal, so are their files."""


@dataclass(frozen=True, slots=True)
class Work:
    """An open work folder: what it makes, the parts that were there when it was opened, and why an earlier run was left.

    `dropped` names what was different in the unfinished run that was found, () where none was or it is continued.
    """

    folder: Path
    files: Mapping[str, tuple[str, pa.Schema]]
    done: tuple[Counts, ...]
    dropped: tuple[str, ...] = ()

    def part(self, name: str, number: int) -> Path:
        """Return where a part of a file stands."""
        return self.folder / f"{name}-{number:07}{self.files[name][0]}"

    def keep(self, number: int, pieces: Mapping[str, Sequence[bytes]], counts: Counts) -> None:
        """Write a part to the disk and say so in the journal."""
        sizes = {}
        for name, (suffix, _) in self.files.items():
            path = self.part(name, number)
            with _written(path, self.folder), path.open("wb") as stream:
                FORMATS[suffix].write_part(stream, pieces[name])
                flush_to_disk(stream)
            sizes[name] = path.stat().st_size
        with _written(self.folder / JOURNAL, self.folder), (self.folder / JOURNAL).open("ab") as journal:
            journal.write(_line({"part": number, "bytes": sizes, **asdict(counts)}).encode())
            flush_to_disk(journal)

    def finish(self, outputs: Mapping[str, Path], n_parts: int) -> None:
        """Put the parts together to the files, one after another, each appearing whole; then remove the folder."""
        for name, out in outputs.items():
            suffix, schema = self.files[name]
            draft = out.with_name(f".{out.name}.partial")
            with _written(out, self.folder):
                with draft.open("wb") as stream:
                    FORMATS[suffix].join((self.part(name, i) for i in range(n_parts)), stream, schema)
                    flush_to_disk(stream)
                draft.replace(out)
                flush_folder(out.parent)
        self.remove()

    def remove(self) -> None:
        """Remove the folder, the journal first: what a kill leaves of it then is no unfinished run."""
        (self.folder / JOURNAL).unlink(missing_ok=True)
        shutil.rmtree(self.folder, ignore_errors=True)


def check_outputs(*outputs: Path | None) -> None:
    """Refuse files that cannot be written, before any work is done for them.

    Raises
    ------
    ConfigError
        If a suffix is unknown, two are the same file, or a file cannot be made there.
    """
    asked = [out for out in outputs if out is not None]
    if len({out.resolve() for out in asked}) < len(asked):
        raise ConfigError(f"{asked[0]}: found twice; expected a file of its own for each result.")
    for out in asked:
        format_of(out)
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            TemporaryFile(dir=out.parent).close()
        except (FileExistsError, NotADirectoryError) as error:
            raise ConfigError(f"{out}: cannot be written: {out.parent} is no folder. Choose another place.") from error
        except OSError as error:
            raise ConfigError(f"{out}: cannot be written: {error.strerror}. Choose another place.") from error


@contextmanager
def opened(
    outputs: Sequence[Path], identity: Identity, files: Mapping[str, tuple[str, pa.Schema]], *, restart: bool = False
) -> Iterator[Work]:
    """Open the work folder beside the first of the files: continue what an equal run left there, else begin anew.

    Raises
    ------
    ConfigError
        If another process writes one of the files.
    DataError
        If it cannot be written.
    """
    with ExitStack() as stack:
        folder, *_ = [stack.enter_context(_alone(out)) for out in outputs]
        said = [] if restart else _journal(folder)
        different = tuple(_different(said[0], identity)) if said else ()
        empty = Work(folder, files, ())
        done = () if different or not said else tuple(_whole_parts(empty, said[1:]))
        with _written(folder, folder):
            _tidy(empty, [identity, *said[1 : len(done) + 1]])
        yield replace(empty, done=done, dropped=different)


@contextmanager
def _alone(out: Path) -> Iterator[Path]:
    """Yield the work folder of a file, made if it is not there, while no other process has it."""
    folder = out.with_name(f".{out.name}.parts")
    with _written(folder, folder):
        folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        try:
            stack.enter_context(claimed(folder, wait=False))
        except BlockingIOError:
            raise ConfigError(
                f"{out}: another run is writing it; expected one at a time. Wait for it, or choose another file."
            ) from None
        try:
            yield folder
        finally:
            with suppress(OSError):  # unless parts are in it, of a run that was stopped
                folder.rmdir()


def _journal(folder: Path) -> list[dict[str, Any]]:
    """Return the lines of a journal up to the first that is not whole."""
    found: list[dict[str, Any]] = []
    try:
        lines = (folder / JOURNAL).read_bytes().split(b"\n")[:-1]
    except FileNotFoundError:
        return found
    for line in lines:
        try:
            found.append(json.loads(line))
        except ValueError:
            break
    return found


def _different(said: Identity, identity: Identity) -> Iterator[str]:
    """Yield the names of what is not the same."""
    now = json.loads(json.dumps(identity))
    yield from (name for name in {**said, **now} if said.get(name) != now.get(name))


def _whole_parts(work: Work, lines: Sequence[dict[str, Any]]) -> Iterator[Counts]:
    """Yield the counts of the parts that are there as the journal says, from the first on."""
    for number, line in enumerate(lines):
        paths = {name: work.part(name, number) for name in work.files}
        if any(not path.is_file() or path.stat().st_size != line["bytes"][name] for name, path in paths.items()):
            return
        yield Counts(**{field.name: line[field.name] for field in fields(Counts)})


def _tidy(work: Work, lines: Sequence[Identity]) -> None:
    """Leave the parts the journal is to speak of and the journal with these lines, and nothing else."""
    kept = {work.part(name, number) for name in work.files for number in range(len(lines) - 1)}
    for path in work.folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path not in kept and path.name != JOURNAL:
            path.unlink()
    replace_file(work.folder / JOURNAL, "".join(_line(line) for line in lines).encode())


def _line(said: Mapping[str, Any]) -> str:
    return json.dumps(said, ensure_ascii=False) + "\n"


@contextmanager
def _written(path: Path, folder: Path) -> Iterator[None]:
    """Say of what goes wrong on the disk which file it was, and that what is done is kept."""
    try:
        yield
    except OSError as error:
        raise DataError(
            f"{path}: cannot be written: {error.strerror}. What is done is kept in {folder}: make room, or whatever "
            "is missing, and give the same command again."
        ) from error
