"""`lpr models`: what is saved, which version is live, and how to go back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from recommender import activation, artifact
from recommender.errors import ArtifactError
from recommender.manifest import Manifest, manifest_document
from training.commands.output import DIRECTORY, echo_json, echo_table, json_option, models_options, time_zone_option
from training.model_card import CARD
from training.report.page import REPORT


@click.group()
def models() -> None:
    """Show saved models and choose the live one.

    \b
    Example:
      lpr models list
      lpr models rollback
    """


@models.command("list")
@models_options
@json_option
def list_models(root: Path, tenant: str, *, as_json: bool) -> None:
    """List the saved versions, newest first.

    \b
    Example:
      lpr models list --models models --json
    """
    current = activation.read_current(root, tenant)
    live = current.live if current else None
    found = sorted((_line(root, tenant, one) for one in activation.versions(root, tenant)), reverse=True)
    if as_json:
        keys = ("created", "version", "as_of", "megabytes", "state")
        echo_json({"live": live, "models": [dict(zip(keys, one, strict=True)) for one in found]})
        return
    marked = [("*" if one[1] == live else "", one[1], one[0], one[2], one[3], one[4]) for one in found]
    echo_table(["live", "version", "created", "as of", "MB", "state"], marked)


def _line(root: Path, tenant: str, version: str) -> tuple[str, str, str, float, str]:
    """Return when it was created, its name, its as-of, its megabytes and whether its manifest can be read."""
    try:
        manifest = artifact.read_manifest(root, tenant, version)
    except ArtifactError:
        return ("", version, "", 0.0, "damaged")
    document = manifest_document(manifest)
    return (str(document["created"])[:19], version, str(document["as_of"])[:19], _megabytes(manifest), "saved")


def _megabytes(manifest: Manifest) -> float:
    return round(sum(one.size for one in manifest.files.values()) / 1e6, 2)


@models.command()
@click.argument("version", required=False)
@click.option("--report", is_flag=True, help="Print the path of its report, a page to open in a browser.")
@models_options
@json_option
def show(version: str | None, root: Path, tenant: str, *, report: bool, as_json: bool) -> None:
    """Check every file of a version (default: the live one) and show its card, or where its report lies.

    \b
    Example:
      lpr models show 20260301T093000Z-1a2b3c4d
      lpr models show --report
    """
    version = version or activation.live_version(root, tenant)
    manifest = artifact.verify(root, tenant, version)
    folder = artifact.version_folder(root, tenant, version)
    if as_json:
        echo_json(manifest_document(manifest))
    elif report:
        _echo_report(manifest, folder / REPORT)
    elif CARD in manifest.files:
        click.echo((folder / CARD).read_text(encoding="utf-8"))
        click.echo(f"report: {folder / REPORT}" if REPORT in manifest.files else "it has no report", err=True)
    else:
        click.echo(f"{version}: has no card")


def _echo_report(manifest: Manifest, path: Path) -> None:
    """Print where a report lies; ArtifactError if the version was saved without one."""
    if REPORT not in manifest.files:
        raise ArtifactError(f"{manifest.version}: has no report; expected one. Fit again, or `lpr models refresh`.")
    click.echo(str(path))


@models.command()
@click.argument("version")
@models_options
@json_option
def activate(version: str, root: Path, tenant: str, *, as_json: bool) -> None:
    """Make VERSION the live one, after checking each of its files.

    \b
    Example:
      lpr models activate 20260301T093000Z-1a2b3c4d
    """
    _report(activation.activate(root, tenant, version, at=datetime.now(UTC)), as_json=as_json)


@models.command()
@click.argument("data", type=DIRECTORY)
@click.option("--from", "version", help="The version taken further; the live one unless said.")
@click.option("--no-activate", is_flag=True, help="Save it and leave the live model as it is.")
@models_options
@time_zone_option
@json_option
def refresh(
    data: Path, version: str | None, root: Path, tenant: str, time_zone: str, *, no_activate: bool, as_json: bool
) -> None:
    """Make a version that answers from the courses in DATA without a new fit.

    Courses added, withdrawn or edited since the fit are as DATA says; what was learned stays. Where nothing differs,
    nothing is saved. A running service follows within a second.

    \b
    Example:
      lpr models refresh var/sample --models models
    """
    from recommender.translation import updated
    from training.model_card import model_pages
    from training.tables.load import load_dataset

    version = version or activation.live_version(root, tenant)
    manifest, model = artifact.load_model(root, tenant, version)
    later, note = updated(model, load_dataset(data, time_zone=time_zone).dataset)
    if note:
        origin = replace(manifest.origin, created=datetime.now(UTC), notes=(*manifest.origin.notes, note))
        arrays, documents = later.pack()
        version = artifact.save(root, tenant, origin, arrays=arrays, documents=documents, pages=model_pages).version
        if not no_activate:
            activation.activate(root, tenant, version, at=datetime.now(UTC))
    if as_json:
        echo_json({"version": version, "saved": bool(note), "note": note})
        return
    click.echo(f"{note} Saved as {version}." if note else f"{version}: has these courses as they are; nothing to save")


@models.command()
@models_options
@json_option
def rollback(root: Path, tenant: str, *, as_json: bool) -> None:
    """Make the version that was live before live again.

    \b
    Example:
      lpr models rollback --models models
    """
    _report(activation.rollback(root, tenant, at=datetime.now(UTC)), as_json=as_json)


@models.command()
@click.option("--keep", type=click.IntRange(min=0), default=5, show_default=True, help="How many to keep.")
@models_options
@json_option
def prune(keep: int, root: Path, tenant: str, *, as_json: bool) -> None:
    """Delete all but the newest versions; never the live one nor the one a rollback returns to.

    \b
    Example:
      lpr models prune --keep 3
    """
    removed = activation.prune(root, tenant, keep=keep)
    if as_json:
        echo_json({"removed": list(removed)})
        return
    click.echo(f"removed {len(removed)}" + (f": {', '.join(removed)}" if removed else ""))


def _report(current: activation.Current, *, as_json: bool) -> None:
    before = current.stack[-2] if len(current.stack) > 1 else None
    if as_json:
        echo_json({"live": current.live, "previous": before})
        return
    click.echo(f"live: {current.live}" + (f" (a rollback returns to {before})" if before else ""))
