"""A batch that is killed, at whatever moment, is continued by the same command and ends with the same files."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from filecmp import cmp
from pathlib import Path
from tempfile import gettempdir

import pyarrow.parquet as pa_parquet
import pytest

from recommender.durable import claimed
from training.__main__ import main
from training.batching import run
from training.batching.work import check_outputs

ROOT = Path(__file__).resolve().parent.parent
N_PEOPLE, CHUNK, PART = 60, 5, 10

KILLING = f"""
import os, signal, sys

event, ending, nth = sys.argv[1], sys.argv[2], int(sys.argv[3])
seen = 0

def kill(name, arguments):
    global seen
    if name == event and str(arguments[0]).endswith(ending):
        seen += 1
        if seen == nth:
            os.kill(os.getpid(), signal.SIGKILL)

from training.__main__ import main
from training.batching import run
run.CHUNK = run.CHUNK_WITH_PATHS = {CHUNK}
run.PART = run.PART_WITH_PATHS = {PART}
sys.addaudithook(kill)
sys.exit(main(sys.argv[4:]))
"""
"""Runs a command and kills its process just before it opens, renames or removes a certain file for the nth time."""


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process make parts as small as the killed ones make."""
    for name, size in (("CHUNK", CHUNK), ("CHUNK_WITH_PATHS", CHUNK), ("PART", PART), ("PART_WITH_PATHS", PART)):
        monkeypatch.setattr(run, name, size)


@pytest.fixture
def command(sample_company: Path, fitted_models: Path, tmp_path: Path) -> list[str]:
    """Return the command for some people, without what it writes."""
    who = tmp_path / "who.txt"
    who.write_text("".join(f"E{i:05}\n" for i in range(N_PEOPLE, 0, -1)))
    common = ["recommend", str(sample_company), "--models", str(fitted_models), "--employees", str(who)]
    return [*common, "--k", "5", "--workers", "1"]


def started(command: list[str], *, event: str = "", ending: str = "", nth: int = 0) -> subprocess.Popen[bytes]:
    arguments = [sys.executable, "-c", KILLING, event, ending, str(nth), *command]
    return subprocess.Popen(arguments, cwd=ROOT, stderr=subprocess.DEVNULL)


def children_of(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def is_alive(pid: int) -> bool:
    """Tell whether a process is there and has not ended; one that has may wait for somebody to take notice."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def n_done(out: Path) -> int:
    """Return how many parts the journal beside a file says are done."""
    journal = out.parent / f".{out.name}.parts" / "journal.jsonl"
    return journal.read_bytes().count(b"\n") - 1 if journal.exists() else 0


def test_a_run_killed_again_and_again_ends_with_the_same_file(command: list[str], tmp_path: Path) -> None:
    """Killed before a part, between a part and its line in the journal, and at every step of putting parts together."""
    whole, out = tmp_path / "whole.csv", tmp_path / "out.csv"
    assert main([*command, "--out", str(whole)]) == 0
    moments = [
        ("open", "recommendations-0000002.csv", 1, 2),  # two parts are done
        ("open", "/journal.jsonl", 2, 2),  # read once; the third part is written, but not said to be
        ("open", ".out.csv.partial", 1, 6),  # about to put the parts together
        ("open", "recommendations-0000003.csv", 1, 6),  # half way through that
        ("os.rename", ".out.csv.partial", 1, 6),  # complete under another name
        ("os.remove", "/journal.jsonl", 1, 6),  # the file is there; what it was made of, too
    ]
    for event, ending, nth, expected in moments:
        process = started([*command, "--out", str(out)], event=event, ending=ending, nth=nth)
        assert process.wait() == -signal.SIGKILL
        assert n_done(out) == expected, (event, ending)
        assert out.exists() == (event == "os.remove")
    assert cmp(out, whole, shallow=False)
    out.unlink()
    assert main([*command, "--out", str(out)]) == 0
    assert cmp(out, whole, shallow=False)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.csv", "who.txt", "whole.csv"]


def test_a_run_of_several_processes_killed_from_outside_is_continued(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def files(name: str) -> list[Path]:
        return [tmp_path / f"{name}.parquet", tmp_path / f"{name}-paths.parquet"]

    def asking(name: str, workers: int) -> list[str]:
        out, paths = map(str, files(name))
        return [*command, "--out", out, "--paths-out", paths, "--workers", str(workers)]

    process = started(asking("out", 2))
    while n_done(files("out")[0]) < 2:
        assert process.poll() is None
        time.sleep(0.005)
    workers = [pid for pid in children_of(process.pid) if b"LokyProcess" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    assert len(workers) == 2
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    until = time.monotonic() + 60
    while any(is_alive(pid) for pid in workers):
        assert time.monotonic() < until, "workers outlive the process they worked for"
        time.sleep(0.05)
    assert [*Path(gettempdir()).glob(f"lpr-shared-{process.pid}-*")] == [], "what they shared goes with them"
    there = n_done(files("out")[0])
    assert 2 <= there < N_PEOPLE // PART
    assert not any(path.exists() for path in files("out"))
    assert main(asking("out", 1)) == 0
    said = capsys.readouterr().err
    assert f"continuing: {there * PART} of {N_PEOPLE} were done" in said
    assert f"for {N_PEOPLE} employees, {there * PART} of them in an earlier run" in said
    assert main(asking("whole", 1)) == 0
    counted = capsys.readouterr().err.splitlines()[-2:]
    assert counted[0].split(" for ")[0] in said
    assert counted[1] in said
    for path, other in zip(files("out"), files("whole"), strict=True):
        table = pa_parquet.ParquetFile(path).read()
        assert table.num_rows > N_PEOPLE
        assert table.equals(pa_parquet.ParquetFile(other).read())


Stopped = Callable[..., Path]


@pytest.fixture
def stopped(command: list[str], tmp_path: Path) -> Stopped:
    """Return a function that leaves a run unfinished after three parts and returns its work folder."""

    def stop(out: Path) -> Path:
        process = started([*command, "--out", str(out)], event="open", ending="recommendations-0000003.csv", nth=1)
        assert process.wait() == -signal.SIGKILL
        assert n_done(out) == 3
        return out.parent / f".{out.name}.parts"

    return stop


def test_what_is_damaged_is_made_again(
    command: list[str], stopped: Stopped, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A part that lost its end and a line of the journal that was cut off count as not there; so does what follows."""
    whole, out = tmp_path / "whole.csv", tmp_path / "out.csv"
    assert main([*command, "--out", str(whole)]) == 0
    folder = stopped(out)
    with (folder / "journal.jsonl").open("ab") as journal:
        journal.write(b'{"part": 3, "by')
    part = folder / "recommendations-0000001.csv"
    part.write_bytes(part.read_bytes()[:-7])
    capsys.readouterr()
    assert main([*command, "--out", str(out)]) == 0
    assert f"continuing: {PART} of {N_PEOPLE} were done" in capsys.readouterr().err
    assert cmp(out, whole, shallow=False)


def test_a_run_of_something_else_is_not_continued(
    command: list[str], stopped: Stopped, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, other = tmp_path / "out.csv", tmp_path / "other.csv"
    stopped(out)
    different = [*command, "--k", "4"]
    assert main([*different, "--out", str(other)]) == 0
    capsys.readouterr()
    assert main([*different, "--out", str(out)]) == 0
    said = capsys.readouterr().err
    assert "an earlier run that did not end was of other options: beginning anew" in said
    assert "continuing" not in said
    assert cmp(out, other, shallow=False)


def test_a_run_is_begun_anew_when_told_so(
    command: list[str], stopped: Stopped, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.csv"
    folder = stopped(out)
    first = folder / "recommendations-0000000.csv"
    first.write_bytes(first.read_bytes().replace(b"E", b"F"))  # of the same size: a continued run would take it over
    capsys.readouterr()
    assert main([*command, "--out", str(out), "--restart"]) == 0
    assert "continuing" not in capsys.readouterr().err
    assert b"F00" not in out.read_bytes()


def test_one_run_at_a_time_writes_a_file(
    command: list[str], stopped: Stopped, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out.csv"
    with claimed(stopped(out)):
        assert main([*command, "--out", str(out)]) == 2
        assert "another run is writing it" in capsys.readouterr().err
    assert n_done(out) == 3


def test_one_run_at_a_time_writes_paths_either(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, paths = tmp_path / "out.csv", tmp_path / "paths.csv"
    folder = tmp_path / ".paths.csv.parts"
    folder.mkdir()
    with claimed(folder):
        assert main([*command, "--out", str(out), "--paths-out", str(paths)]) == 2
    assert f"{paths}: another run is writing it" in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == [folder.name, "who.txt"]


def test_a_look_whether_a_file_can_be_written_touches_no_draft_of_another_run(tmp_path: Path) -> None:
    draft = tmp_path / ".out.csv.partial"
    draft.write_text("half of it")
    check_outputs(tmp_path / "out.csv")
    assert draft.read_text() == "half of it"


def test_a_full_disk_is_said_and_costs_nothing_that_is_done(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No file may grow beyond a limit of this process: parts do not, the file they are put together to does."""
    whole, out = tmp_path / "whole.csv", tmp_path / "out.csv"
    assert main([*command, "--out", str(whole)]) == 0
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (whole.stat().st_size // 2, before[1]))
    try:
        assert main([*command, "--out", str(out)]) == 2
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert f"{out}: cannot be written: {os.strerror(27)}. What is done is kept in" in capsys.readouterr().err
    assert n_done(out) == N_PEOPLE // PART
    assert not out.exists()
    assert main([*command, "--out", str(out)]) == 0
    assert f"continuing: {N_PEOPLE} of {N_PEOPLE} were done" in capsys.readouterr().err
    assert cmp(out, whole, shallow=False)


@pytest.mark.parametrize(
    ("out", "paths", "said"),
    [
        ("next.txt", "paths.csv", "next.txt: found the suffix '.txt'; expected .csv or .parquet."),
        ("next.csv", "paths", "paths: found the suffix ''"),
        ("who.txt/next.csv", "paths.csv", "who.txt is no folder."),
        ("next.csv", "who.txt/deep/paths.csv", "deep is no folder."),
        ("next.csv", "next.csv", "next.csv: found twice"),
        ("folder.csv", "paths.csv", "folder.csv' is a directory"),
    ],
)
def test_what_cannot_be_written_is_said_before_the_work(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], out: str, paths: str, said: str
) -> None:
    (tmp_path / "folder.csv").mkdir()
    nowhere = [command[0], "nowhere", *command[2:]]
    assert main([*nowhere, "--out", str(tmp_path / out), "--paths-out", str(tmp_path / paths)]) == 2
    assert said in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.csv", "who.txt"]


def test_limits_of_paths_want_paths(command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command, "--out", str(tmp_path / "next.csv"), "--hours", "20"]) == 2
    assert "expected --paths-out too" in capsys.readouterr().err


def test_a_run_that_prints_answers_prints_all_of_them(
    command: list[str], stopped: Stopped, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What an earlier run found cannot be printed again, so it is found again."""
    out = tmp_path / "out.csv"
    stopped(out)
    capsys.readouterr()
    assert main([*command, "--out", str(out), "--json"]) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["employee_id"] for one in answers] == [f"E{i:05}" for i in range(N_PEOPLE, 0, -1)]
    assert out.read_bytes().count(b"\n") == 1 + 5 * N_PEOPLE
