"""The pages of a saved version, for people: `MODEL_CARD.md` in words and `report.html` with charts, of one report."""

from __future__ import annotations

from recommender.manifest import Manifest
from training.progress import Progress
from training.report.fitted import fitted_report
from training.report.markdown import markdown
from training.report.page import REPORT, page

CARD = "MODEL_CARD.md"


def model_pages(manifest: Manifest, *, progress: Progress | None = None) -> dict[str, str]:
    """Return the pages by file name, which is what `artifact.save` asks for; both say what one report says."""
    report = fitted_report(manifest)
    return {CARD: markdown(report), REPORT: page(report, progress=progress)}
