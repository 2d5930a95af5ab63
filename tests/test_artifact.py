"""The saved model: whole or not there, refused by name when damaged, live until another is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from recommender import activation, artifact
from recommender.durable import claimed, sealed
from recommender.errors import ArtifactError
from recommender.manifest import Manifest, Origin

DAY_ONE = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
ARRAYS: dict[str, NDArray[Any]] = {
    "weights": np.arange(6, dtype=np.float32).reshape(2, 3),
    "column_major": np.asfortranarray(np.arange(6, dtype=np.float64).reshape(2, 3)),
    "empty": np.empty((0, 4), dtype=np.int32),
    "flag": np.array(True),
}
DOCUMENTS = {"ids": ["a", "ü", "日本"], "settings": {"half_life_days": 30.5}}


def origin(*, days: int = 0) -> Origin:
    moment = DAY_ONE + timedelta(days=days)
    return Origin(moment, moment, config={"k": 3}, metrics={"ndcg@10": 0.1}, notes=("no roles",))


def save(root: Path, *, version: str | None = None, days: int = 0) -> str:
    def pages(manifest: Manifest) -> dict[str, str]:
        return {"MODEL_CARD.md": f"# {manifest.version}\n"}

    made = origin(days=days)
    return artifact.save(
        root, "default", made, arrays=ARRAYS, documents=DOCUMENTS, version=version, pages=pages
    ).version


def files_of(root: Path, version: str) -> list[Path]:
    return sorted(path for path in (root / "default" / version).rglob("*") if path.is_file())


def test_what_is_saved_comes_back_bit_for_bit(tmp_path: Path) -> None:
    saved = artifact.read(tmp_path, "default", save(tmp_path))
    assert saved.documents == DOCUMENTS
    assert saved.manifest.origin == origin()
    assert list(saved.arrays) == list(ARRAYS)
    for name, expected in ARRAYS.items():
        found = saved.arrays[name]
        assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
        assert found.tobytes() == expected.tobytes()
        assert found.flags.f_contiguous == expected.flags.f_contiguous


def test_arrays_are_memory_mapped_and_read_only(tmp_path: Path) -> None:
    weights = artifact.read(tmp_path, "default", save(tmp_path)).arrays["weights"]
    assert isinstance(weights.base, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        weights[0, 0] = 1


def test_version_names_tell_the_time_and_never_collide(tmp_path: Path) -> None:
    names = [save(tmp_path) for _ in range(3)]
    assert names[0].startswith("20260301T093000Z-")
    assert len(set(names)) == 3


def test_fits_at_the_same_moment_all_keep_their_model(tmp_path: Path) -> None:
    names: list[str] = []
    threads = [threading.Thread(target=lambda: names.append(save(tmp_path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(names)) == 8
    assert activation.versions(tmp_path, "default") == tuple(sorted(names))
    for name in names:
        artifact.verify(tmp_path, "default", name)


@pytest.mark.parametrize("position", range(len(ARRAYS) + len(DOCUMENTS) + 2))
def test_one_flipped_byte_anywhere_is_refused_by_the_files_name(tmp_path: Path, position: int) -> None:
    version = save(tmp_path)
    damaged = files_of(tmp_path, version)[position]
    content = damaged.read_bytes()
    for at in {0, len(content) // 2, len(content) - 1}:
        damaged.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        with pytest.raises(ArtifactError, match=damaged.name):
            artifact.read(tmp_path, "default", version)
    damaged.write_bytes(content)
    artifact.read(tmp_path, "default", version)


def test_the_damage_test_reaches_every_file(tmp_path: Path) -> None:
    assert len(files_of(tmp_path, save(tmp_path))) == len(ARRAYS) + len(DOCUMENTS) + 2


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    version = save(tmp_path)
    (tmp_path / "default" / version / "arrays" / "weights.npy").unlink()
    with pytest.raises(ArtifactError, match=r"weights\.npy: cannot be read"):
        artifact.read(tmp_path, "default", version)


@pytest.mark.parametrize("name", ["..", "../other", "a/b", "/etc", "", ".hidden", "current", "a\0b", "x" * 101, "ä"])
def test_names_cannot_leave_the_models_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(ArtifactError, match="not a usable name"):
        artifact.read(tmp_path, name, "v1")
    with pytest.raises(ArtifactError, match="not a usable name"):
        artifact.read(tmp_path, "default", name)
    with pytest.raises(ArtifactError, match="not a usable name"):
        save(tmp_path, version=name)
    with pytest.raises(ArtifactError, match="not a usable name"):
        activation.read_current(tmp_path, name)


@pytest.mark.parametrize("name", ["../../outside", "a/b", "", ".x"])
def test_array_names_cannot_leave_the_version(tmp_path: Path, name: str) -> None:
    with pytest.raises(ArtifactError, match=r"expected arrays/NAME\.npy"):
        artifact.save(tmp_path, "default", origin(), arrays={name: np.zeros(1)}, documents={})
    assert activation.versions(tmp_path, "default") == ()


def test_a_manifest_that_lists_a_file_outside_is_refused(tmp_path: Path) -> None:
    version = save(tmp_path)
    path = tmp_path / "default" / version / "manifest.json"
    document = json.loads(path.read_bytes())
    del document["sha256"]
    document["files"]["arrays/../../../secret.npy"] = document["files"]["arrays/flag.npy"]
    path.write_bytes(sealed(document))
    with pytest.raises(ArtifactError, match="secret"):
        artifact.read(tmp_path, "default", version)


def test_another_format_version_is_refused(tmp_path: Path) -> None:
    version = save(tmp_path)
    path = tmp_path / "default" / version / "manifest.json"
    document = json.loads(path.read_bytes())
    del document["sha256"]
    path.write_bytes(sealed({**document, "format_version": 999}))
    with pytest.raises(ArtifactError, match="format version 999; this release reads 3"):
        artifact.read(tmp_path, "default", version)


def test_a_renamed_version_is_refused(tmp_path: Path) -> None:
    version = save(tmp_path)
    (tmp_path / "default" / version).rename(tmp_path / "default" / "other")
    with pytest.raises(ArtifactError, match=f"is version '{version}'"):
        artifact.read(tmp_path, "default", "other")


def test_python_objects_and_nan_in_documents_are_refused_and_leave_nothing(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="array bad: holds Python objects"):
        artifact.save(tmp_path, "default", origin(), arrays={"bad": np.array([{}])}, documents={})
    with pytest.raises(ArtifactError, match="document bad: cannot be written as JSON"):
        artifact.save(tmp_path, "default", origin(), arrays={}, documents={"bad": float("nan")})
    assert [path.name for path in (tmp_path / "default").iterdir()] == [".lock"]


def test_a_version_is_never_overwritten(tmp_path: Path) -> None:
    save(tmp_path, version="v1")
    with pytest.raises(ArtifactError, match="this version exists"):
        save(tmp_path, version="v1")


def test_rollback_walks_back_one_version_at_a_time(tmp_path: Path) -> None:
    for day, version in enumerate(("v1", "v2", "v3")):
        save(tmp_path, version=version, days=day)
        activation.activate(tmp_path, "default", version, at=DAY_ONE)
    assert activation.rollback(tmp_path, "default", at=DAY_ONE).live == "v2"
    assert activation.rollback(tmp_path, "default", at=DAY_ONE).live == "v1"
    with pytest.raises(ArtifactError, match="no earlier version"):
        activation.rollback(tmp_path, "default", at=DAY_ONE)
    activation.activate(tmp_path, "default", "v3", at=DAY_ONE)
    assert activation.rollback(tmp_path, "default", at=DAY_ONE).live == "v1"
    current = activation.read_current(tmp_path, "default")
    assert current is not None
    assert [(one.action, one.version) for one in current.history] == [
        ("activate", "v1"),
        ("activate", "v2"),
        ("activate", "v3"),
        ("rollback", "v2"),
        ("rollback", "v1"),
        ("activate", "v3"),
        ("rollback", "v1"),
    ]


def test_activating_the_live_version_again_does_not_spoil_rollback(tmp_path: Path) -> None:
    for version in ("v1", "v2"):
        save(tmp_path, version=version)
        activation.activate(tmp_path, "default", version, at=DAY_ONE)
    again = activation.activate(tmp_path, "default", "v2", at=DAY_ONE)
    assert [one.version for one in again.history] == ["v1", "v2"]
    assert activation.rollback(tmp_path, "default", at=DAY_ONE).live == "v1"


def test_a_damaged_version_cannot_become_live(tmp_path: Path) -> None:
    for version in ("v1", "v2", "v3"):
        save(tmp_path, version=version)
    activation.activate(tmp_path, "default", "v1", at=DAY_ONE)
    activation.activate(tmp_path, "default", "v2", at=DAY_ONE)
    (tmp_path / "default" / "v3" / "arrays" / "weights.npy").write_bytes(b"")
    (tmp_path / "default" / "v1" / "documents" / "ids.json").write_bytes(b"[]")
    with pytest.raises(ArtifactError, match=r"weights\.npy: damaged"):
        activation.activate(tmp_path, "default", "v3", at=DAY_ONE)
    with pytest.raises(ArtifactError, match=r"ids\.json: damaged"):
        activation.rollback(tmp_path, "default", at=DAY_ONE)
    assert activation.live_version(tmp_path, "default") == "v2"


def test_a_damaged_current_file_is_refused_by_name(tmp_path: Path) -> None:
    activation.activate(tmp_path, "default", save(tmp_path), at=DAY_ONE)
    path = tmp_path / "default" / "current"
    content = path.read_bytes()
    for at in range(len(content)):
        path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        with pytest.raises(ArtifactError, match="current: damaged"):
            activation.read_current(tmp_path, "default")


def test_prune_spares_the_live_version_and_its_rollback(tmp_path: Path) -> None:
    for day in range(6):
        save(tmp_path, version=f"v{day}", days=day)
    for version in ("v0", "v1"):
        activation.activate(tmp_path, "default", version, at=DAY_ONE)
    assert activation.prune(tmp_path, "default", keep=1) == ("v4", "v3", "v2")
    assert activation.versions(tmp_path, "default") == ("v0", "v1", "v5")
    assert activation.prune(tmp_path, "default", keep=0) == ("v5",)
    assert activation.rollback(tmp_path, "default", at=DAY_ONE).live == "v0"


def test_prune_removes_what_killed_fits_left_and_no_more(tmp_path: Path) -> None:
    save(tmp_path, version="v1")
    company = tmp_path / "default"
    for name in ("killed", "being-written"):
        (company / f"{artifact.PARTIAL}{name}" / "arrays").mkdir(parents=True)
    with claimed(company / f"{artifact.PARTIAL}being-written"):
        assert activation.prune(tmp_path, "default", keep=5) == ()
        assert {path.name for path in company.iterdir()} == {".lock", "v1", f"{artifact.PARTIAL}being-written"}


def test_rollback_passes_over_a_version_that_was_deleted(tmp_path: Path) -> None:
    for day in range(3):
        save(tmp_path, version=f"v{day}", days=day)
        activation.activate(tmp_path, "default", f"v{day}", at=DAY_ONE)
    assert activation.prune(tmp_path, "default", keep=0) == ("v0",)
    assert activation.rollback(tmp_path, "default", at=DAY_ONE).live == "v1"
    with pytest.raises(ArtifactError, match="no earlier version"):
        activation.rollback(tmp_path, "default", at=DAY_ONE)


def test_no_live_version_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="Fit a model"):
        activation.live_version(tmp_path, "default")


CRASHES = """
import os, signal, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
import numpy as np
from recommender import activation, artifact
from recommender.manifest import Origin

root, n_points = Path(sys.argv[1]), int(sys.argv[2])
arrays = {"small": np.arange(3), "large": np.arange(100_000)}
calls = 0

def one_round():
    now = datetime.now(UTC)
    made = artifact.save(root, "default", Origin(now, now), arrays=arrays, documents={"d": [1]})
    activation.activate(root, "default", made.version, at=now)
    written = calls
    activation.prune(root, "default", keep=0)
    return written

def crash_at(call):
    def count(frame, event, argument):
        global calls
        calls += event == "c_call"
        if calls == call:
            os.kill(os.getpid(), signal.SIGKILL)
    child = os.fork()
    if child == 0:
        sys.setprofile(count)
        written = one_round()
        sys.setprofile(None)
        print(written, calls, flush=True)
        os._exit(0)
    return os.waitpid(child, 0)[1]

for _ in range(3):
    one_round()
crash_at(-1)
written, total = map(int, sys.stdin.readline().split())
killed = 0
for call in np.concatenate([np.linspace(1, written, n_points), np.linspace(written, total - 1, n_points)]).astype(int):
    activation.prune(root, "default", keep=1)
    before, known = activation.live_version(root, "default"), activation.versions(root, "default")
    killed += os.WIFSIGNALED(crash_at(call))
    versions = activation.versions(root, "default")
    for version in versions:
        artifact.read(root, "default", version)
    live = activation.live_version(root, "default")
    if live not in versions or (live != before and live in known):
        sys.exit(f"killed at call {call}: live was {before}, is {live}; there were {known}, are {versions}")
one_round()
kept = {".lock", "current", *activation.versions(root, "default")}
print(killed, [path.name for path in (root / "default").iterdir() if path.name not in kept])
"""


def test_a_writer_killed_at_any_moment_leaves_a_whole_live_model(tmp_path: Path) -> None:
    """A process saves, activates and prunes; it is killed before one of its calls, then before another."""
    n_points = 50
    loop = subprocess.Popen(
        [sys.executable, "-c", CRASHES, str(tmp_path), str(n_points)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
    )
    with loop:
        assert loop.stdin is not None
        assert loop.stdout is not None
        loop.stdin.write(loop.stdout.readline())
        loop.stdin.close()
        said = loop.stdout.read()
    assert loop.returncode == 0
    assert said == f"{2 * n_points} []\n"
