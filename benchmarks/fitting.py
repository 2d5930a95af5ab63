"""How long `lpr fit` takes beside LightFM's own fit on the same rows and features, and how it grows.

    python benchmarks/fitting.py                                   a tenth of the standard size, some minutes
    python benchmarks/fitting.py --full                            10,000 courses, 100,000 employees, 1,000,000 completions
    python benchmarks/fitting.py --completions 10000000 --employees 1000000 --courses 10000 --only --defaults

Both have 64 factors and 30 epochs. LightFM's time is that of `fit` alone, its matrices being ready; that of `lpr fit` is
the whole command: reading tables, every stage, the report, saving. Memory is the sum over all its processes of what each
holds, shared pages shared out (PSS), looked at twice a second. Limits: 3 times LightFM's time; 4 GB; 2.2 times the time
of half the completions. Each part runs once, in a process of its own: they take minutes.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from companies import Size, company, size_of, size_options

TENTH = Size(courses=2_000, employees=10_000, completions=100_000)
SETTINGS = {"factors": 64, "epochs": 30}
MOST_TIMES_LIGHTFM = 3.0
MOST_GIGABYTES = 4.0
MOST_GROWTH = 2.2
SECONDS_BETWEEN_LOOKS = 0.5


def lightfm_alone(folder: Path, threads: int) -> None:
    """Print the seconds of LightFM's own fit as JSON; run in a process of its own."""
    from recommender.vocabularies import Vocabularies
    from training.config import HybridConfig
    from training.scorers.hybrid import hybrid_rows, new_lightfm
    from training.tables.load import load_dataset

    data, config = load_dataset(folder).dataset, HybridConfig(**SETTINGS)
    vocabularies = Vocabularies.learn(data.catalog, data.skills)
    terms = vocabularies.encode_courses(data.catalog, data.skills, n_fitted=len(data.catalog)).terms
    rows = hybrid_rows(data, data.completions, terms, config=config, seed=0)
    taken, model = rows.taken, new_lightfm(config, seed=0)
    began, spent = time.perf_counter(), time.process_time()
    model.fit(taken, user_features=rows.people, item_features=rows.courses, epochs=config.epochs, num_threads=threads)
    seconds, cpu = time.perf_counter() - began, time.process_time() - spent
    features = rows.people.nnz / len(rows.target)
    print(json.dumps({"seconds": seconds, "cpu": cpu, "rows": len(rows.target), "features_a_row": features}))


@dataclass(frozen=True, slots=True)
class Fitted:
    """One `lpr fit`: wall and processor time in seconds, memory in 10⁹ bytes, and the seconds of each stage."""

    seconds: float
    cpu: float
    gigabytes: float
    stages: dict[str, float]


def lpr_fit(folder: Path, *, threads: int | None, defaults: bool) -> Fitted:
    """Run the command and watch it."""
    with tempfile.TemporaryDirectory() as models:
        config = Path(models) / "fit.toml"
        lines = [] if defaults else [f"{name} = {value}" for name, value in SETTINGS.items()]
        config.write_text("\n".join(["[hybrid]", *lines]), encoding="utf-8")
        command = [sys.executable, "-m", "training", "fit", str(folder), "--models", models, "--config", str(config)]
        command += ["--json", *(["--threads", str(threads)] if threads else [])]
        began, before, peak = time.perf_counter(), children_cpu(), 0.0
        with (Path(models) / "told.json").open("w+", encoding="utf-8") as told:
            process = subprocess.Popen(command, stdout=told, cwd=Path(__file__).resolve().parent.parent)
            while process.poll() is None:
                peak = max(peak, held_by(process.pid))
                time.sleep(SECONDS_BETWEEN_LOOKS)
            seconds, cpu = time.perf_counter() - began, children_cpu() - before
            if process.returncode:
                raise SystemExit(f"lpr fit: ended with {process.returncode}; expected 0.")
            told.seek(0)
            said = json.load(told)
    metrics = said["metrics"]
    for note in said["notes"]:
        if note.startswith("hybrid"):
            print(f"  {note}")
    gigabytes = max(peak, metrics["fit"]["peak_memory_megabytes"] / 1e3)
    return Fitted(seconds, cpu, gigabytes, metrics["seconds_by_stage"])


def children_cpu() -> float:
    """Return the processor time of every process that was started here and has ended, in seconds."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def held_by(pid: int) -> float:
    """Return the memory of a process and all below it in 10⁹ bytes, shared pages shared out; 0 where Linux does not say."""
    found = 0.0
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines():
            if line.startswith("Pss:"):
                found = int(line.split()[1]) * 1024 / 1e9
        children = [
            child
            for task in Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text(encoding="utf-8").split()
        ]
    except (OSError, ValueError):
        return found
    return found + sum(held_by(int(child)) for child in children)


def print_fit(size: Size, fitted: Fitted) -> None:
    """Print the time and memory of one `lpr fit`, and its stages, those of the hybrid scorer beside the others."""
    print(
        f"lpr fit, {size.courses:,} courses, {size.employees:,} employees, {size.completions:,} completions:", end=" "
    )
    print(f"{fitted.seconds:,.1f} s ({fitted.cpu:,.1f} s of processor time), {fitted.gigabytes:.2f} GB", end=" ")
    print(f"(limit {MOST_GIGABYTES:g} GB at 1,000,000 completions)")
    for name, spent in fitted.stages.items():
        print(f"  {spent:9.1f} s  {name}{'  (beside the others)' if name.endswith('hybrid') else ''}")
    others = sum(spent for name, spent in fitted.stages.items() if not name.endswith("hybrid"))
    print(f"  {others:9.1f} s  all stages but hybrid; the rest is waiting for hybrid, reading, the report and saving")


def measure(options: argparse.Namespace, size: Size) -> None:
    """Fit and print; with LightFM alone and half the completions beside it unless only the fit is asked for."""
    whole = lpr_fit(company(size), threads=options.threads, defaults=options.defaults)
    print_fit(size, whole)
    if options.only:
        return
    half = lpr_fit(
        company(replace(size, completions=size.completions // 2)), threads=options.threads, defaults=options.defaults
    )
    print(f"half the completions: {half.seconds:,.1f} s ({half.cpu:,.1f} s of processor time);", end=" ")
    growth, of_cpu = whole.seconds / half.seconds, whole.cpu / half.cpu
    print(f"twice costs {growth:.2f}x (processor time {of_cpu:.2f}x, limit {MOST_GROWTH}x)")
    for threads in options.peer_threads:
        command = [sys.executable, __file__, "--lightfm", str(company(size)), "--peer-threads", str(threads)]
        alone = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        print(f"LightFM's fit alone, threads {threads}: {alone['seconds']:,.1f} s", end=" ")
        print(f"({alone['cpu']:,.1f} s of processor time) for {alone['rows']:,} rows of", end=" ")
        print(f"{alone['features_a_row']:.1f} features; lpr fit takes {whole.seconds / alone['seconds']:.2f}x", end=" ")
        print(f"(processor time {whole.cpu / alone['cpu']:.2f}x, limit {MOST_TIMES_LIGHTFM:g}x)")


def main() -> None:
    """Measure what the options ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    size_options(parser, TENTH)
    parser.add_argument("--full", action="store_true", help="the standard size, whatever sizes are given")
    parser.add_argument("--only", action="store_true", help="lpr fit alone: no peer, no half")
    parser.add_argument("--defaults", action="store_true", help="the default settings, not 64 factors and 30 epochs")
    parser.add_argument("--threads", type=int, help="of lpr fit; as many as there are cores unless said")
    parser.add_argument("--peer-threads", type=int, nargs="+", default=[1], help="of LightFM; each is measured")
    parser.add_argument("--lightfm", type=Path, metavar="DATA", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.lightfm:
        lightfm_alone(options.lightfm, options.peer_threads[0])
        return
    measure(options, Size(seed=options.seed) if options.full else size_of(options))


if __name__ == "__main__":
    main()
