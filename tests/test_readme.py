"""What the README says: its commands run, its addresses exist."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = ["README.md", "CHANGELOG.md", *(str(path.relative_to(ROOT)) for path in sorted((ROOT / "docs").rglob("*.md")))]


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def marked_commands() -> list[str]:
    """Return the lines of the shell blocks marked as run."""
    blocks = re.findall(r"<!-- run -->\n```sh\n(.*?)```", text_of("README.md"), re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


def test_the_marked_commands_run_one_after_the_other(tmp_path: Path) -> None:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    lpr = f'lpr() {{ "{sys.executable}" -m training "$@"; }}'
    commands = marked_commands()
    assert len(commands) >= 4
    done = subprocess.run(
        ["bash", "-euc", "\n".join([lpr, *commands])],
        cwd=tmp_path,
        env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    lines = (tmp_path / "var" / "next.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "employee_id,rank,course_id,score"
    assert len(lines) > 1000


def test_it_is_short() -> None:
    assert len(text_of("README.md").splitlines()) <= 200


@pytest.mark.parametrize("page", PAGES)
def test_every_local_link_leads_somewhere(page: str) -> None:
    links = re.findall(r"\]\(([^)#][^)#]*)(#[^)]*)?\)", text_of(page))
    local = [(target, anchor) for target, anchor in links if "://" not in target]
    for target, anchor in local:
        file = (ROOT / page).parent / target
        assert file.exists(), f"{page} links to {target}"
        if anchor and file.suffix == ".md":
            titles = re.findall(r"^#+ (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            anchors = {"#" + re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
            assert anchor in anchors, f"{page} links to {target}{anchor}"


def test_every_file_named_in_the_table_exists() -> None:
    rows = re.findall(r"^\| .* \| (`.*`) \| (.*) \|$", text_of("README.md"), re.MULTILINE)
    named = [name for row in rows for cell in row for name in re.findall(r"`([^`]+)`", cell)]
    assert len(named) >= 15
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_every_make_target_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), re.MULTILINE))
    named = {name for page in PAGES for name in re.findall(r"\bmake ([a-z][a-z-]+)", " ".join(code_of(page)))}
    assert named <= targets
    assert {"run", "test"} <= named


def code_of(page: str) -> list[str]:
    """Return what stands in code, blocks and spans, on a page."""
    return re.findall(r"```sh\n.*?```|`[^`\n]+`", text_of(page), re.DOTALL)


def test_every_command_named_exists() -> None:
    import click

    from training.__main__ import lpr

    named = {name for page in PAGES for name in re.findall(r"\blpr ([a-z]+)", " ".join(code_of(page)))}
    assert named <= set(lpr.list_commands(click.Context(lpr)))
