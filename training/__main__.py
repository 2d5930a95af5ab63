"""The command line: `lpr …`, the same as `python -m training …`.

Exit codes: 0 done; 1 refused (a check or a gate said no); 2 bad input (a command, a setting, a table or a model that
cannot be used); 130 interrupted.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

import click

from recommender.errors import RecommenderError

BAD_INPUT = 2
INTERRUPTED = 130

_MODULES = {
    "sample": "data",
    "import": "data",
    "check": "data",
    "tag": "tagging",
    "fit": "fitting",
    "evaluate": "evaluating",
    "recommend": "recommending",
    "path": "paths",
    "explain": "explaining",
    "models": "models",
    "keys": "keys",
    "load": "loading",
    "export": "loading",
    "serve": "serving",
}
"""Where in `training.commands` each command is, which is imported when the command is asked for."""
_NAMES = {"import": "import_source"}
"""The functions of commands whose name Python keeps for itself."""


class _Commands(click.Group):
    """The commands, each imported when it is asked for: none waits for what another needs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return list(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, None if there is none of this name."""
        if cmd_name not in _MODULES:
            return None
        module = import_module(f"training.commands.{_MODULES[cmd_name]}")
        command: click.Command = getattr(module, _NAMES.get(cmd_name, cmd_name))
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="learning-path-recommender", prog_name="lpr")
def lpr() -> None:
    """Personalised next courses: from tables of completions to a served, comparable, revertible model.

    \b
    Example:
      lpr sample var/sample
      lpr fit var/sample
      lpr serve
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    try:
        found = lpr.main(args=arguments, prog_name="lpr", standalone_mode=False)
        return found if isinstance(found, int) else 0
    except click.ClickException as error:
        error.show()
        return BAD_INPUT
    except click.Abort:
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except RecommenderError as error:
        click.echo(f"error: {error}", err=True)
        return BAD_INPUT
    except ModuleNotFoundError as error:
        click.echo(f"error: {error.name} is not installed; this command needs the project's extra `train`.", err=True)
        return BAD_INPUT
    except OSError as error:
        click.echo(f"error: {error.filename or 'file'}: {error.strerror or error}", err=True)
        return BAD_INPUT


if __name__ == "__main__":
    sys.exit(main())
