"""The arrows of the architecture, checked on what every module imports, anywhere in it, inside functions too.

A module without a rule fails: whoever adds one says here what it may know.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("recommender", "training", "web", "store")
OURS = {*PACKAGES, "service"}

# Left knows right: a module may import those of lower layers, and of its own layer only where SAME_LAYER says so.
LAYERS: dict[str, int] = {
    "service": 100,
    "training": 90,
    "web": 80,
    "store": 70,
    "recommender.answers_path": 66,
    "recommender.answers_explanation": 66,
    "recommender.answers": 65,
    "recommender.explanations": 62,
    "recommender.changes": 61,
    "recommender.engine": 60,
    "recommender.candidates": 59,
    "recommender.path": 58,
    "recommender.path_layout": 57,
    "recommender.path_parts": 56,
    "recommender.exclusions": 56,
    "recommender.reasons": 55,
    "recommender.evidence": 54,
    "recommender.activation": 51,
    "recommender.artifact": 50,
    "recommender.insight": 49,
    "recommender.catalogue_health": 48,
    "recommender.tally": 47,
    "recommender.translation": 46,
    "recommender.model": 45,
    "recommender.blend": 42,
    "recommender.vocabularies": 42,
    "recommender.scorers": 40,
    "recommender.exact": 38,
    "recommender.formulation": 37,
    "recommender.pruning": 36,
    "recommender.programme": 35,
    "recommender.path_candidates": 39,
    "recommender.eligibility": 35,
    "recommender.gap": 32,
    "recommender.skills": 30,
    "recommender.profile": 28,
    "recommender.stored_tables": 25,
    "recommender.query": 23,
    "recommender.text": 22,
    "recommender.required": 21,
    "recommender.sparse": 21,
    "recommender.curves": 19,
    "recommender.answer_kernels": 20,
    "recommender.eligibility_kernels": 18,
    "recommender.assembly": 20,
    "recommender.company": 20,
    "recommender.catalog": 19,
    "recommender.steps": 18,
    "recommender.proposals": 18,
    "recommender.question": 17,
    "recommender.kernels": 16,
    "recommender.arrays": 15,
    "recommender.cycles": 18,
    "recommender.manifest": 15,
    "recommender.durable": 11,
    "recommender.suppression": 19,
    "recommender.schema": 10,
    "recommender.moments": 10,
    "recommender.modes": 10,
    "recommender.errors": 0,
}
SAME_LAYER = {"training", "web", "store", "recommender.scorers"}
SKIPPED_ARROWS = {("training", "web"), ("training", "service"), ("store", "recommender.engine")}
"""A lower layer is not enough: the command line does not know the service, nor the database what answers."""

THIRD_PARTY: dict[str, tuple[str, ...]] = {
    "flask": ("service", "web"),
    "werkzeug": ("service", "web"),
    "sqlalchemy": ("store",),
    "alembic": ("store",),
    "authlib": ("web.oauth",),
    "babel": ("web.pages",),
    "flask_babel": ("web.pages",),
    "flask_wtf": ("web.pages",),
    "limits": ("web.limits",),
    "markupsafe": ("web.pages",),
    "lightfm": ("training",),
    "sklearn": ("training",),
    "implicit": ("training.baselines",),
    "matplotlib": ("training.goals.drawing", "training.report.charts"),
    "pyarrow": ("training",),
    "joblib": ("training",),
    "threadpoolctl": ("training",),
    "scipy": ("training",),
    "rich": ("training",),
    "click": ("training.__main__", "training.commands"),
    "pydantic": ("training", "web"),
    "spectree": ("web.document",),
    "gunicorn": ("web.gunicorn_settings", "web.worker"),
    "prometheus_client": ("web.metrics", "web.gunicorn_settings"),
    "highspy": ("recommender.exact",),
    "orjson": ("web", "store"),
    "dask": ("training.cluster",),
    "distributed": ("training.cluster",),
    "numpy": ("recommender", "training", "web", "store"),
}
"""Who may import a package of others; one that is not here may be imported by nobody."""
CYTHON_IMPORT = re.compile(r"^(?:from|c?import) ([\w.]+)", re.MULTILINE)


def modules() -> list[str]:
    files = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py*") if path.suffix in {".py", ".pyi"}]
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in sorted(files)]
    return ["service", *(name.removesuffix(".__init__") for name in names)]


def path_of(module: str) -> Path:
    plain = ROOT.joinpath(*module.split("."))
    there = (plain.with_suffix(suffix) for suffix in (".py", ".pyi"))  # a compiled module is known by its stub
    return next((path for path in there if path.is_file()), plain / "__init__.py")


def imported(module: str) -> Iterator[str]:
    """Yield the full name of everything a module imports."""
    compiled = path_of(module).with_suffix(".pyx")
    if compiled.is_file():  # Cython, which `ast` does not read
        named = CYTHON_IMPORT.findall(compiled.read_text(encoding="utf-8"))
        yield from (name for name in named if name.split(".")[0] in OURS)
    for node in ast.walk(ast.parse(path_of(module).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative import in line {node.lineno}; write the full name"
            assert node.module is not None
            yield node.module
            inner = (f"{node.module}.{alias.name}" for alias in node.names)
            yield from (name for name in inner if name.split(".")[0] in OURS and path_of(name).is_file())


def layer_of(module: str) -> str | None:
    """Return the longest rule that holds a module, or None."""
    held = (rule for rule in LAYERS if module == rule or module.startswith(f"{rule}."))
    return max(held, key=len, default=None)


def broken_arrows(module: str, targets: Iterator[str] | list[str]) -> list[str]:
    """Return what is wrong with what a module imports."""
    own = layer_of(module)
    if own is None:
        return [] if module in PACKAGES else [f"{module}: has no rule"]
    wrong = []
    for target in targets:
        top = target.split(".")[0]
        if top in sys.stdlib_module_names or target in PACKAGES:
            continue
        if top not in OURS:
            allowed = THIRD_PARTY.get(top, ())
            if not any(module == one or module.startswith(f"{one}.") for one in allowed):
                wrong.append(f"{module} imports {target}")
            continue
        rule = layer_of(target)
        downward = rule is not None and LAYERS[rule] < LAYERS[own] and (own, rule) not in SKIPPED_ARROWS
        if not downward and not (rule == own and own in SAME_LAYER):
            wrong.append(f"{module} imports {target}")
    return wrong


@pytest.mark.parametrize("module", modules())
def test_every_module_keeps_to_the_arrows(module: str) -> None:
    assert broken_arrows(module, imported(module)) == []


@pytest.mark.parametrize(
    ("module", "target"),
    [
        ("recommender.blend", "recommender.engine"),
        ("recommender.blend", "recommender.vocabularies"),
        ("recommender.model", "recommender.artifact"),
        ("recommender.engine", "training.fit"),
        ("recommender.scorers.ease", "lightfm"),
        ("recommender.company", "scipy.sparse"),
        ("recommender.engine", "flask"),
        ("training.fit", "web.schemas"),
        ("training.fit", "service"),
        ("training.fit", "flask"),
        ("web.live", "training.tables.load"),
        ("web.live", "sqlalchemy"),
        ("web.live", "unheard_of"),
        ("store.events", "recommender.engine"),
    ],
)
def test_a_forbidden_import_is_found(module: str, target: str) -> None:
    assert broken_arrows(module, [target]) == [f"{module} imports {target}"]


def test_every_rule_is_about_something() -> None:
    there = {layer_of(module) for module in modules()}
    assert set(LAYERS) <= there


def test_a_module_without_a_rule_is_found() -> None:
    assert broken_arrows("recommender.invented", []) == ["recommender.invented: has no rule"]


def test_imports_inside_functions_count(tmp_path: Path) -> None:
    assert "training.tables.load" in set(imported("training.commands.recommending"))


def test_imports_of_compiled_modules_count() -> None:
    assert {"recommender.query", "recommender.answer_kernels"} <= set(imported("recommender.evidence"))


def test_each_scorer_knows_no_other() -> None:
    folder = ROOT / "recommender" / "scorers"
    scorers = {path.stem for path in folder.glob("*.py")} - {"__init__", "base", "sparse"}
    for scorer in scorers:
        known = {name.removeprefix("recommender.scorers.") for name in imported(f"recommender.scorers.{scorer}")}
        assert not known & (scorers - {scorer}), f"{scorer} knows {known & scorers}"


def test_every_package_is_named_in_the_project_file() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    found = {".".join(path.parent.relative_to(ROOT).parts) for one in PACKAGES for path in (ROOT / one).rglob("*.py")}
    assert sorted(declared) == sorted(found)


def test_no_module_is_too_long() -> None:
    lengths = {module: len(path_of(module).read_text(encoding="utf-8").splitlines()) for module in modules()}
    assert {module: n for module, n in lengths.items() if n > 400} == {}
