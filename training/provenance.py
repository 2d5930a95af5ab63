"""What took part in a fit: packages, source revision, time and memory spent."""

from __future__ import annotations

import hashlib
import platform
import resource
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = (
    "learning-path-recommender",
    "highspy",
    "lightfm-next",
    "numpy",
    "scipy",
    "scikit-learn",
    "pyarrow",
    "joblib",
    "threadpoolctl",
)
"""Packages whose version can change what a fit or an answer returns."""


def package_versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that take part; one that is not installed is absent."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def source_revision() -> str:
    """Return the commit this source is at, with `+changes` if files differ from it; "" outside a checkout."""
    here = Path(__file__).resolve().parent.parent
    if not (here / ".git").exists():
        return ""
    revision = _git(here, "rev-parse", "--verify", "HEAD")
    changed = _git(here, "status", "--porcelain", "--untracked-files=no")
    return f"{revision}+changes" if revision and changed else revision


def source_fingerprint(files: Sequence[Path]) -> str:
    """Return a hash of source files, so that results of older code are not taken for those of this one."""
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def peak_memory_megabytes() -> float:
    """Return the most memory this process held so far, in 10⁶ bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak * (1 if sys.platform == "darwin" else 1024) / 1e6, 1)


def source_files() -> list[Path]:
    """Return the files of what fits and answers, compiled loops too, and how those are compiled where that is there."""
    root = Path(__file__).resolve().parent.parent
    found = (path for name in ("recommender", "training") for path in (root / name).rglob("*.p*"))
    build = root / "setup.py"
    return [path for path in found if path.suffix in {".py", ".pyx", ".pxd"}] + [build] * build.is_file()


def program_fingerprint() -> str:
    """Return twelve hexadecimal digits that change with every line of what fits and answers."""
    return source_fingerprint(source_files())[:12]
