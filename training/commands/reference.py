"""The reference of every command, option and setting in docs/operations.md, made from the code itself.

python -m training.commands.reference docs/operations.md
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click
from pydantic import BaseModel


def reference(root: click.Group) -> str:
    """Return every command of `root` as markdown: what it does, its usage, its options and its example."""
    return "\n".join(_section(command, path) for path, command in leaves(root, "lpr")).rstrip("\n")


def leaves(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    """Yield every command that is not a group, with the words that call it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from leaves(command, f"{path} {name}")
        elif command is not None:
            yield f"{path} {name}", command


def settings_reference(config: type[BaseModel], *, within: str = "") -> str:
    """Return every setting of a configuration as markdown: its default, and what its section says of it."""
    lines = [" ".join((config.__doc__ or "").split())]
    sections = []
    if not all(isinstance(field.default, BaseModel) for field in config.model_fields.values()):
        lines += ["", "| setting | default |", "|---|---|"]
    for name, field in config.model_fields.items():
        if isinstance(field.default, BaseModel):
            sections.append((name, type(field.default)))
        else:
            default = "number of cores" if field.default_factory else f"`{field.default}`"
            lines.append(f"| `{name}` | {default} |")
    for name, section in sections:
        lines += ["", f"`[{within}{name}]`: {settings_reference(section, within=f'{within}{name}.')}"]
    return "\n".join(lines)


def with_reference(page: str, part: str, text: str) -> str:
    """Return a page with what stands between the marks of `part` replaced by `text`."""
    between = re.compile(rf"(<!-- {part}:.*?-->\n).*?(<!-- /{part} -->)", re.DOTALL)
    return between.sub(lambda marks: f"{marks[1]}\n{text}\n\n{marks[2]}", page)


def renewed(page: str) -> str:
    """Return the page of operations with all its references as the code has them."""
    from training.__main__ import lpr
    from training.config import FitConfig

    return with_reference(with_reference(page, "commands", reference(lpr)), "settings", settings_reference(FitConfig))


def _section(command: click.Command, path: str) -> str:
    said, _, example = (command.help or "").replace("\b", "").partition("Example:")
    context = click.Context(command, info_name=path)
    usage = " ".join([path, *command.collect_usage_pieces(context)])
    paragraphs = [" ".join(part.split()) for part in said.strip().split("\n\n")]
    options = [_row(one) for one in command.params if isinstance(one, click.Option)]
    lines = [f"### `{path}`", "", *("\n\n".join(paragraphs).split("\n")), "", "```", usage, "```", ""]
    if options:
        lines += ["| option | |", "|---|---|", *options, ""]
    examples = [f"    {line.strip()}" for line in example.strip().splitlines()]
    return "\n".join([*lines, "Example:", "", *examples, ""])


def _row(option: click.Option) -> str:
    value = "" if option.is_flag else f" {_value(option.type)}"
    default = f" Default: `{option.default}`." if option.show_default and option.default is not None else ""
    return f"| `{', '.join(option.opts)}{value}` | {option.help}{default} |"


def _value(kind: click.ParamType) -> str:  # type: ignore[type-arg]  # not generic in older click
    return "/".join(kind.choices) if isinstance(kind, click.Choice) else kind.name.removesuffix(" range").upper()


def main(path: Path) -> None:
    """Renew the reference in a page."""
    path.write_text(renewed(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
