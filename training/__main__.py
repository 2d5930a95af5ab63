"""The command line: `lpr …`, the same as `python -m training …`.

Exit codes: 0 done; 1 refused (a check or a gate said no); 2 bad input (a command, a setting, a table or a model that
cannot be used); 130 interrupted.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from recommender.errors import RecommenderError
from training.commands.data import check, import_source, sample
from training.commands.evaluating import evaluate
from training.commands.explaining import explain
from training.commands.fitting import fit
from training.commands.keys import keys
from training.commands.loading import export, load
from training.commands.models import models
from training.commands.paths import path
from training.commands.recommending import recommend
from training.commands.serving import serve
from training.commands.tagging import tag

BAD_INPUT = 2
INTERRUPTED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="learning-path-recommender", prog_name="lpr")
def lpr() -> None:
    """Personalised next courses: from tables of completions to a served, comparable, revertible model.

    \b
    Example:
      lpr sample var/sample
      lpr fit var/sample
      lpr serve
    """


for command in (
    sample,
    import_source,
    check,
    tag,
    fit,
    evaluate,
    recommend,
    path,
    explain,
    models,
    keys,
    load,
    export,
    serve,
):
    lpr.add_command(command)


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
