"""The model card: what a saved version is, in one page for people, made from its manifest alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from recommender.manifest import Manifest, manifest_document

_INTENDED = """\
Ranks next courses for one employee at one moment, from what was completed, the role held and the role aimed at. It
advises; a person decides. It is not made for judging people: a score says what someone is likely to take next and what
closes a gap, not how good anybody is at a job."""

_LIMITS = """\
- It repeats what people did: what was never offered to a group was never taken by it, and is ranked low for it.
- It knows the courses and roles of its as-of; what came later is unknown to it until the next fit.
- Trend is as old as the as-of; answers state that age.
- It holds no person's id and no person's vector. The influence an erased person had on the shared weights ends with the
  next fit."""


def model_card(manifest: Manifest) -> dict[str, str]:
    """Return the page as `{"MODEL_CARD.md": text}`, which is what `artifact.save` asks for."""
    document = manifest_document(manifest)
    sections = [
        f"# Model {manifest.version}",
        _facts(document),
        "## What it is for",
        _INTENDED,
        "## What it measured",
        _measured(manifest.origin.metrics),
        "## What to know",
        "\n".join([*(f"- {note}" for note in manifest.origin.notes), _LIMITS]),
        "## Settings",
        _fenced(document["config"]),
        "## Made with",
        _table(("package", "version"), manifest.origin.packages.items()),
        "## Files",
        _files(manifest),
    ]
    return {"MODEL_CARD.md": "\n\n".join(sections) + "\n"}


def _facts(document: Mapping[str, Any]) -> str:
    shown = {
        "tenant": document["tenant"],
        "created": document["created"],
        "as of": document["as_of"],
        "data fingerprint": document["data_fingerprint"] or "unknown",
        "source revision": document["commit"] or "unknown",
        "seed": document["seed"],
        "threads": document["threads"],
        "format version": document["format_version"],
    }
    return _table(("fact", "value"), shown.items())


def _measured(metrics: Mapping[str, Any]) -> str:
    flat = dict(_flattened(metrics))
    if not flat:
        return "Nothing was measured at this fit; `lpr evaluate` does."
    return _table(("what", "value"), flat.items())


def _flattened(metrics: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, object]]:
    for name, value in metrics.items():
        if isinstance(value, Mapping):
            yield from _flattened(value, f"{prefix}{name} · ")
        else:
            yield f"{prefix}{name}", f"{value:.4g}" if isinstance(value, float) else _cell(value)


def _cell(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | tuple) else str(value)


def _files(manifest: Manifest) -> str:
    rows = [
        (name, f"{one.dtype} {'×'.join(map(str, one.shape))}".strip(), f"{one.size:,}", one.sha256[:12])
        for name, one in manifest.files.items()
    ]
    return _table(("file", "type and shape", "bytes", "SHA-256 begins"), rows)


def _fenced(document: object) -> str:
    return "```json\n" + json.dumps(document, ensure_ascii=False, indent=2) + "\n```"


def _table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [headers, ["---"] * len(headers), *([str(cell).replace("|", "\\|") for cell in row] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
