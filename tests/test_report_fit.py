"""The pages a fit saves: whole, small, the same in both, without anybody in them, and with a verdict that follows rules."""

from __future__ import annotations

import copy
import csv
import hashlib
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from reading_pages import Read, read_page

from recommender import artifact
from recommender.manifest import Manifest
from training.__main__ import main
from training.model_card import CARD, model_pages
from training.report.fitted_verdict import fitted_verdict
from training.report.page import REPORT

MEGABYTE = 1_000_000
SECTIONS = (
    "What it is for, and what not",
    "The model beside its parts and popularity",
    "By length of history and activity",
    "Calibration",
    "Popularity and novelty",
    "Beside the live model",
    "Data",
    "What to know",
    "Fairness",
    "What a fit does not measure",
    "How to go back",
    "Settings and versions",
    "Files",
)


@pytest.fixture(scope="module")
def manifest(fitted_models: Path) -> Manifest:
    return artifact.read_manifest(fitted_models, "default", "v1")


@pytest.fixture(scope="module")
def folder(fitted_models: Path) -> Path:
    return fitted_models / "default" / "v1"


@pytest.fixture(scope="module")
def html(folder: Path) -> str:
    return (folder / REPORT).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def card(folder: Path) -> str:
    return (folder / CARD).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def read(html: str) -> Read:
    return read_page(html)


def test_the_page_is_valid_and_says_first_what_to_do(read: Read, html: str) -> None:
    assert read.wrong == []
    assert read.headings[0] == (1, "Model v1")
    assert re.fullmatch("Verdict: (Ship this version|Look before you ship|Do not ship yet)", read.headings[1][1])
    assert tuple(heading for level, heading in read.headings[2:] if level == 2) == SECTIONS
    assert len(html.encode()) < 3 * MEGABYTE
    assert "script" not in read.tags
    assert [link for link in read.links if not link.startswith("#")] == []


def test_every_chart_of_it_has_words_and_numbers(read: Read) -> None:
    assert len(read.figures) == 3
    for figure in read.figures:
        assert figure.is_named
        assert figure.title
        assert figure.description == figure.caption
        assert figure.n_rows > 0


def test_the_pages_are_files_of_the_version_like_others(folder: Path, manifest: Manifest, html: str) -> None:
    for name in (CARD, REPORT):
        assert manifest.files[name].sha256 == hashlib.sha256((folder / name).read_bytes()).hexdigest()
    written = model_pages(replace(manifest, files={n: f for n, f in manifest.files.items() if n not in (CARD, REPORT)}))
    assert written[REPORT] == html, "the manifest alone makes them"


def test_card_and_page_say_the_same(read: Read, card: str) -> None:
    plain = card.replace("\\|", "|").replace("&lt;", "<")
    assert len(read.cells) > 100
    assert [cell for cell in read.cells if cell not in plain] == []
    assert [heading for level, heading in read.headings if f"{'#' * level} {heading}" not in card] == []


def test_the_card_says_what_it_must(card: str, manifest: Manifest) -> None:
    for words in (
        "It advises; a person decides.",
        "Not for:",
        "No decision on hiring, pay, promotion or dismissal may rest on it.",
        "## Fairness",
        "`lpr models rollback --tenant default`",
        f"`lpr models activate {manifest.version}`",
        manifest.origin.data_fingerprint,
        "Not compared: there is no live model yet.",
        '"max_sampled": 40',
    ):
        assert words in card
    pooled: Any = manifest.origin.report["judged"]["pooled"]
    estimate, low, high = pooled["ndcg@10"]
    assert f"{estimate:.4f} [{low:.4f}, {high:.4f}] over {pooled['employees']} people" in card


def test_nobody_is_in_it(sample_company: Path, html: str, card: str) -> None:
    """No id and no name of an employee, in the page, the card or what they are made of."""
    with (sample_company / "employees.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 250
    people = {row[column] for row in rows for column in ("employee_id", "name", "manager_id") if row.get(column)}
    assert len(people) > 250
    both = html + card
    for one in people:
        assert re.search(rf"(?<!\w){re.escape(one)}(?!\w)", both) is None, one


def test_where_it_lies_is_told(
    fitted_models: Path, folder: Path, capsys: pytest.CaptureFixture[str], models: Path
) -> None:
    assert main(["models", "show", "v1", "--models", str(fitted_models), "--report"]) == 0
    assert capsys.readouterr().out == f"{folder / REPORT}\n"
    assert main(["models", "show", "--models", str(fitted_models)]) == 0
    assert str(folder / REPORT) in capsys.readouterr().err
    (models / "default" / "v1" / REPORT).write_text("other", encoding="utf-8")
    assert main(["models", "show", "--models", str(models), "--report"]) == 2
    assert f"{REPORT}: damaged" in capsys.readouterr().err


def test_a_version_without_a_report_says_so(
    models: Path, manifest: Manifest, capsys: pytest.CaptureFixture[str]
) -> None:
    artifact.save(models, "default", manifest.origin, arrays={}, documents={}, version="bare")
    assert main(["models", "show", "bare", "--models", str(models), "--report"]) == 2
    assert "has no report" in capsys.readouterr().err


def test_a_manifest_of_before_there_was_a_report_still_makes_pages(manifest: Manifest) -> None:
    old = replace(manifest, origin=replace(manifest.origin, report={}))
    pages = model_pages(old)
    assert read_page(pages[REPORT]).wrong == []
    for words in (
        "Verdict: Look before you ship",
        "the fit that made this version did not measure it",
        "this version does not say what it was compared with",
    ):
        assert words in pages[CARD]


def test_what_the_manifest_keeps_is_small_and_the_metrics_are_as_they_were(folder: Path, manifest: Manifest) -> None:
    """GET /v1/models shows the metrics of every version: what only the report needs must not be among them."""
    assert set(manifest.origin.metrics) == {"validation", "seconds_by_stage", "fit"}
    assert set(manifest.origin.report) == {"judged", "data", "lists", "live"}
    assert (folder / "manifest.json").stat().st_size < 100_000


# --- the rules of the verdict ------------------------------------------------------------------------------------


def lead(low: float, high: float, *, of: float = 0.5) -> dict[str, Any]:
    return {"ndcg@10": [of, of - 0.1, of + 0.1], "shipped_less_this": [(low + high) / 2, low, high]}


def facts(**changes: Any) -> dict[str, Any]:
    parts = {"blend": lead(0.0, 0.0), "trend.ever": lead(0.1, 0.2), "hybrid.affinity": lead(0.1, 0.3)}
    segment = {"employees": 50, "parts": copy.deepcopy(parts)}
    return {
        "judged": {
            "pooled": {"parts": parts | changes.pop("parts", {})},
            "segments": {"long_away": segment | {"parts": segment["parts"] | changes.pop("segment", {})}},
        },
        "data": {"rows": {"completions": 1000}, "rejected": changes.pop("rejected", {})},
        "live": changes.pop("live", {"skipped": "there is no live model yet"}),
    }


LIVE: dict[str, Any] = {
    "rows": {"completions": [1000, 1000], "roles": [None, 5]},
    "courses": {"before": 100, "gone": 0},
    "days_between": 7.0,
    "as_of": "2026-01-01T00:00:00Z",
}


@pytest.mark.parametrize(
    ("changes", "headline", "about"),
    [
        ({}, "Ship this version", ""),
        ({"live": LIVE}, "Ship this version", ""),
        ({"parts": {"trend.week": lead(-0.01, 0.2)}}, "Ship this version", ""),
        ({"parts": {"trend.ever": lead(-0.3, -0.1)}}, "Do not ship yet", "most popular"),
        ({"parts": {"trend.ever": lead(-0.001, 0.1)}}, "Look before you ship", "most popular"),
        (
            {"parts": {"hybrid.affinity": {**lead(-0.2, -0.02), "ndcg@10": [0.9, 0, 1]}}},
            "Do not ship yet",
            "single signal",
        ),
        ({"parts": {"hybrid.affinity": {**lead(-0.017, 0.1), "ndcg@10": [0.9, 0, 1]}}}, "Ship this version", ""),
        (
            {"parts": {"hybrid.affinity": {**lead(-0.02, 0.1), "ndcg@10": [0.9, 0, 1]}}},
            "Look before you ship",
            "single signal",
        ),
        ({"segment": {"trend.month": lead(-0.2, -0.02)}}, "Do not ship yet", "length of history"),
        ({"segment": {"trend.month": lead(-0.2, -0.005)}}, "Ship this version", ""),
        ({"rejected": {"unknown course": 51}}, "Look before you ship", "tables whole"),
        ({"rejected": {"unknown course": 50}}, "Ship this version", ""),
        ({"live": {**LIVE, "rows": {"completions": [1000, 799]}}}, "Look before you ship", "as much data"),
        ({"live": {**LIVE, "rows": {"completions": [1000, None]}}}, "Look before you ship", "as much data"),
        ({"live": {**LIVE, "courses": {"before": 100, "gone": 21}}}, "Look before you ship", "as much data"),
        ({"live": {**LIVE, "days_between": -1.0}}, "Do not ship yet", "Newer than the live model"),
    ],
)
def test_the_verdict_follows_its_rules(changes: dict[str, Any], headline: str, about: str) -> None:
    verdict = fitted_verdict(facts(**copy.deepcopy(changes)))
    assert verdict.headline == headline
    assert about.lower() in verdict.reason.lower()


def test_nothing_measured_is_no_reason_to_ship() -> None:
    verdict = fitted_verdict({})
    assert verdict.headline == "Look before you ship"
    assert {check.answer for check in verdict.checks} == {"not asked"}
