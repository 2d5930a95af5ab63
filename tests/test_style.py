"""The style sheet: small, its colours readable in light and in dark, and the same in either direction of writing."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

SHEET = Path(__file__).resolve().parent.parent / "web" / "static" / "style.css"
MAX_BYTES = 20_000

TEXT = [
    *[(ink, ground) for ink in ("ink", "soft", "accent", "bad") for ground in ("canvas", "surface", "sunken")],
    ("ink", "low"),
    ("ink", "faint"),
    ("on-accent", "accent"),
    ("ink", "accent-soft"),
    ("accent", "accent-soft"),
    ("good", "good-soft"),
    ("warn", "warn-soft"),
    ("bad", "bad-soft"),
]
"""Inks and what they stand on: at least 4.5 to 1 (WCAG 2.2, 1.4.3)."""
SHAPES = [
    *[("edge", ground) for ground in ("canvas", "surface", "sunken")],
    *[("accent", ground) for ground in ("canvas", "surface", "sunken", "accent-soft")],
]
"""Borders of controls, bars and the focus, and what is next to them: at least 3 to 1 (WCAG 2.2, 1.4.11)."""
DECORATION = {"line"}
"""Colours that mean nothing: without them nothing is lost."""

PHYSICAL = re.compile(
    r"(?:^|-)(?:left|right|top|bottom)(?:$|-)|^(?:min-|max-)?(?:width|height)$|^float$|^clear$",
)


def sheet() -> str:
    return re.sub(r"/\*.*?\*/", "", SHEET.read_text(encoding="utf-8"), flags=re.DOTALL)


def rules() -> list[tuple[str, dict[str, str]]]:
    """Return the selector and the declarations of every rule, those within conditions too."""
    found = []
    for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", sheet()):
        pairs = (one.split(":", 1) for one in body.split(";") if one.strip())
        found.append((selector.strip(), {name.strip(): value.strip() for name, value in pairs}))
    return found


def colours() -> dict[str, tuple[str, str]]:
    """Return each colour token, light and dark."""
    return {
        name: (light, dark)
        for name, light, dark in re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);", sheet())
    }


def luminance(colour: str) -> float:
    """Return the relative luminance of `#rrggbb` (WCAG 2.2, definition of relative luminance)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_what_the_standard_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)  # the well-known grey that just fails


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_and_shapes_stand_out(scheme: int) -> None:
    tokens = colours()
    ratio = {(one, other): contrast(tokens[one][scheme], tokens[other][scheme]) for one, other in TEXT + SHAPES}
    assert {pair: round(ratio[pair], 2) for pair in TEXT if ratio[pair] < 4.5} == {}
    assert {pair: round(ratio[pair], 2) for pair in SHAPES if ratio[pair] < 3} == {}


def test_every_colour_is_a_token_and_every_token_is_judged_and_used() -> None:
    tokens = set(colours())
    judged = {one for pair in TEXT + SHAPES for one in pair}
    assert tokens == judged | DECORATION
    below = sheet().split("}", 1)[1]
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch)a?\(", re.sub(r"#[a-z]\)", "", below)) == []
    defined = set(re.findall(r"^\s*--([\w-]+):", sheet(), flags=re.MULTILINE))
    assert set(re.findall(r"var\(--([\w-]+)\)", sheet())) == defined


def test_an_ink_and_a_ground_set_together_are_a_judged_pair() -> None:
    together = set()
    for _, declared in rules():
        ink = re.fullmatch(r"var\(--([\w-]+)\)", declared.get("color", ""))
        ground = re.search(r"var\(--([\w-]+)\)", declared.get("background", ""))
        if ink and ground:
            together.add((ink[1], ground[1]))
    assert len(together) >= 8
    assert together <= set(TEXT)


def test_nothing_is_left_or_right() -> None:
    wrong = [
        f"{selector}: {name}: {value}"
        for selector, declared in rules()
        for name, value in declared.items()
        if not name.startswith("--")
        and (PHYSICAL.search(name) or (name != "transition" and re.search(r"\b(?:left|right)\b", value)))
    ]
    assert wrong == []
    assert PHYSICAL.search("margin-left")
    assert PHYSICAL.search("max-width")
    assert not PHYSICAL.search("margin-inline-start")


def test_it_is_small_and_respects_what_is_asked_for() -> None:
    assert len(SHEET.read_bytes()) < MAX_BYTES
    for wish in ("prefers-reduced-motion", "forced-colors: active", "@media print", ":focus-visible"):
        assert wish in sheet()
    assert "!important" not in sheet()


def test_type_gets_smaller_from_heading_to_heading() -> None:
    sizes = {selector: declared["font-size"] for selector, declared in rules() if "font-size" in declared}
    tokens = dict(re.findall(r"--([\w-]+): ([\d.]+)rem", sheet()))
    steps = [
        float(re.sub(r"var\(--([\w-]+)\)|rem", lambda m: tokens.get(m[1], ""), sizes[one]))
        for one in ("h2", "h3", "h4")
    ]
    assert all(one > other for one, other in pairwise(steps))
