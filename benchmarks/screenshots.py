"""Screenshots of the pages, as docs/pages.md shows them: a sample company is made, fitted, served, and visited in Chromium.

    python benchmarks/screenshots.py                      into docs/img
    python benchmarks/screenshots.py --out var/img        elsewhere
    python benchmarks/screenshots.py --employees 300      a smaller company, sooner there

Needs Chromium (`apt-get install chromium`). Each picture is a WebP of less than 150 kB; what does not fit is refused.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
sys.path.insert(0, str(ROOT / "tests"))

from browsing import DESKTOP, PHONE, Scheme, opened, running_browser, settle  # noqa: E402 - the tests' helpers are no package
from PIL import Image  # noqa: E402
from playwright.sync_api import Browser  # noqa: E402
from visited_service import Visited, visited_service  # noqa: E402

from training.__main__ import main as lpr  # noqa: E402

MAX_BYTES = 150_000
MAX_HEIGHT = 1_800
"""Pixels of a page that are shown; a longer one is cut there."""
MARGIN = 16
"""Pixels shown above and below a part of a page."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: its name, the page, and how it is looked at."""

    name: str
    path: str
    phone: bool = False
    scheme: Scheme = "light"
    language: str = "en"
    opens: str = ""
    """Selector of what is opened before, "" for nothing."""
    part: str = ""
    """Selector of the part shown, "" for the whole page."""


SHOTS = (
    Shot("path", "/me", opens=".cards details summary"),
    Shot("path-phone", "/me", phone=True),
    Shot("weeks-dark", "/me", scheme="dark", part="#path"),
    Shot("gap-german", "/me", language="de", part="#gap"),
    Shot("gap-phone-dark", "/me", phone=True, scheme="dark", part="#gap"),
    Shot("skills", "/me/skills"),
    Shot("roles", "/me/roles?q=data"),
    Shot("why-not", "/me/courses/{course}"),
    Shot("data-phone", "/me/data", phone=True),
    Shot("insight", "/insight"),
    Shot("insight-phone-dark", "/insight", phone=True, scheme="dark"),
    Shot("gaps", "/insight/gaps"),
    Shot("start", "/"),
)


def main(arguments: list[str] | None = None) -> None:
    """Make the pictures and say how large they are."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "img")
    parser.add_argument("--employees", type=int, default=800)
    parser.add_argument("--only", action="append", default=[], help="name of a picture; may be repeated")
    asked = parser.parse_args(arguments)
    asked.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for command in (
            ["sample", str(folder / "data"), "--employees", str(asked.employees)],
            ["fit", str(folder / "data"), "--models", str(folder / "models")],
        ):
            if lpr(command) != 0:
                raise SystemExit(f"lpr {' '.join(command)} failed")
        with visited_service(folder / "models", folder / "data", folder) as service, running_browser() as browser:
            for shot in SHOTS:
                if not asked.only or shot.name in asked.only:
                    save(picture(browser, service, shot), asked.out / f"{shot.name}.webp")


def picture(browser: Browser, service: Visited, shot: Shot) -> bytes:
    """Visit a page and return what it looks like, as PNG."""
    with opened(browser, size=PHONE if shot.phone else DESKTOP, scheme=shot.scheme, language=shot.language) as page:
        if shot.path.startswith("/insight"):
            service.enter_insight(page, language=shot.language)
        elif shot.path.startswith("/me"):
            service.enter(page, mover(service), language=shot.language)
        page.goto(service.address + shot.path.format(course=away(service)))
        if shot.path.startswith("/insight"):
            page.locator("table, .cards").first.wait_for(timeout=60_000)  # the figures are worked out once
        settle(page)
        page.wait_for_load_state("networkidle")
        if shot.opens:
            page.locator(shot.opens).first.click()
        width, height = page.evaluate("[document.documentElement.clientWidth, document.documentElement.scrollHeight]")
        clip = {"x": 0.0, "y": 0.0, "width": width, "height": height}
        if shot.part:
            box = page.locator(shot.part).bounding_box()
            if box is None:
                raise SystemExit(f"{shot.name}: there is no {shot.part}")
            clip |= {"y": box["y"] - MARGIN, "height": box["height"] + 2 * MARGIN}
        return page.screenshot(full_page=True, clip={**clip, "height": min(clip["height"], MAX_HEIGHT)})


@cache
def mover(service: Visited) -> str:
    """Return somebody on the way to another role, with some courses to go."""
    for one in service.get("employees", limit=200)["employees"]:
        if one.get("target_role_id", one.get("role_id")) != one.get("role_id"):
            path = service.of(one["employee_id"], "path")
            if len(path["steps"]) >= 4 and path["coverage_before"] >= 0.1:
                return str(one["employee_id"])
    return service.learner


@cache
def away(service: Visited) -> str:
    """Return a course that is not among the first offered to the one who looks."""
    offered = service.of(mover(service), "recommendations", k=30)["recommendations"]
    return str(offered[-1]["course_id"])


def save(png: bytes, path: Path) -> None:
    """Write a picture as WebP, as good as fits, and say how large it is."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    for quality in (85, 70, 55, 40):
        image.save(path, "WEBP", quality=quality, method=6)
        if (size := path.stat().st_size) < MAX_BYTES:
            print(f"{path.name}: {image.width} x {image.height}, {size:,} bytes")
            return
    path.unlink()
    raise SystemExit(f"{path.name}: more than {MAX_BYTES:,} bytes")


if __name__ == "__main__":
    main()
