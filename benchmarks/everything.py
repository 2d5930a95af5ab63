"""Run every benchmark of speed, one after another, and say at the end which limits were met and which missed.

    make bench                                             all of them
    python benchmarks/everything.py --only peers growth    some
    python benchmarks/everything.py --list                 what would be run, and how

A script of this folder that is named nowhere here is run without options. What a script prints, how long it takes and how
much memory it holds stand together; a limit is a line that ends with `limit …: met` or `missed`. If a script fails, the
others are run all the same, and it is told at the end.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
SAMPLE, MODELS = Path("var/benchmarks/sample"), Path("var/benchmarks/sample-models")
OPTIONS: Mapping[str, Sequence[str]] = {
    "batch": ("--people", "5000", "--paths", "50"),
    "catalogue_edits": ("--models", str(MODELS), "--version", "sample"),
    "explanations": (str(SAMPLE), "--models", str(MODELS), "--n", "300"),
    "load": ("--rows", "2000000"),
    "pages": ("--quick",),
    "programme": ("--cases", "10"),
    "request_cost": ("--courses", "1000", "--employees", "10000", "--completions", "100000"),
    "scale": ("--only", "engines"),
    "serving": ("--rounds", "3"),
    "starting": ("--rounds", "3"),
}
"""So that each ends in minutes."""
SHARED = ("bare_route", "companies", "comparing", "everything", "fitted", "rectools_metrics", "services")
"""What others import or run."""
OF_QUALITY = (
    "accuracy",
    "neighbourhoods",
    "new_people",
    "paths",
    "profile_errors",
    "pruning",
    "real_roles",
    "role_distance",
    "role_needs",
    "settings",
    "tagging",
)
"""Those measure how good something is: docs/evaluation.md names their commands."""
LIMIT = re.compile(r"\blimit\b.*\b(met|missed)$")


@dataclass(frozen=True)
class Outcome:
    """How one script ended: its exit code, seconds, the most memory it held in MB, and the lines about limits."""

    name: str
    code: int
    seconds: float
    megabytes: float
    limits: tuple[str, ...]


def main() -> int:
    """Run the scripts, print what they print, and sum up; 1 if one failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", help="names of scripts, without .py")
    parser.add_argument("--but", nargs="*", default=[], help="scripts left out, as paths or names")
    parser.add_argument("--list", action="store_true", help="print the commands and run nothing")
    options = parser.parse_args()
    names = options.only or chosen(HERE.glob("*.py"), but=options.but)
    if options.list:
        print("\n".join(" ".join(("python", f"benchmarks/{name}.py", *OPTIONS.get(name, ()))) for name in names))
        return 0
    print(subprocess.run([sys.executable, HERE / "comparing.py"], capture_output=True, text=True, check=True).stdout)
    if {"catalogue_edits", "explanations"} & set(names):
        make_sample()
    return summed_up([run(name, OPTIONS.get(name, ())) for name in names])


def chosen(scripts: Iterable[Path], *, but: Sequence[str]) -> list[str]:
    """Return the names of the scripts to run, by name: neither shared, nor of quality, nor left out."""
    left_out = {*SHARED, *OF_QUALITY, *(Path(one).stem for one in but)}
    return sorted(script.stem for script in scripts if script.stem not in left_out)


def make_sample() -> None:
    """Make the sample company and the model that some scripts ask, unless they are there."""
    if not (ROOT / MODELS / "default" / "sample").is_dir():
        for words in (
            ("sample", SAMPLE, "--employees", 2000, "--courses", 300),
            ("fit", SAMPLE, "--models", MODELS, "--version", "sample"),
        ):
            if words[0] == "fit" or not (ROOT / SAMPLE).is_dir():
                command = [sys.executable, "-m", "training", *map(str, words)]
                subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def run(name: str, options: Sequence[str]) -> Outcome:
    """Run a script, print its lines as they come, and return how it ended."""
    print(f"== {' '.join((f'benchmarks/{name}.py', *options))}", flush=True)
    began, limits = time.perf_counter(), []
    command = [sys.executable, str(HERE / f"{name}.py"), *options]
    here = {**os.environ, "PYTHONPATH": str(ROOT)}  # what is measured is this checkout, whatever is installed
    with subprocess.Popen(
        command, cwd=ROOT, env=here, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as script:
        for line in script.stdout or ():
            print(line, end="", flush=True)
            if LIMIT.search(line.rstrip()):
                limits.append(line.rstrip())
        _, status, used = os.wait4(script.pid, 0)
        script.returncode = os.waitstatus_to_exitcode(status)
    unit = 2**10 if sys.platform == "darwin" else 1  # macOS counts bytes, Linux kilobytes
    outcome = Outcome(name, script.returncode, time.perf_counter() - began, used.ru_maxrss / unit / 1000, tuple(limits))
    print(f"-- {outcome.seconds:.0f} s, at most {outcome.megabytes:,.0f} MB in one process\n", flush=True)
    return outcome


def summed_up(outcomes: Sequence[Outcome]) -> int:
    """Print how long everything took, which limits were missed and what failed; return 1 if something did."""
    limits = [(one.name, line) for one in outcomes for line in one.limits]
    missed = [f"  {name}: {line}" for name, line in limits if line.endswith("missed")]
    print(f"{len(outcomes)} benchmarks in {sum(one.seconds for one in outcomes) / 60:.0f} minutes")
    print(f"{len(limits) - len(missed)} limits met, {len(missed)} missed")
    print("\n".join(missed), end="\n" if missed else "")
    failed = [f"{one.name} (exit code {one.code})" for one in outcomes if one.code]
    if failed:
        print(f"failed: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
