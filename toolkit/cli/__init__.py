"""``toolkit``: thin commands over the public functions.

Data goes to stdout, words to stderr. Exit 0 done, 2 the user's input or
settings, 1 our fault.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from toolkit.cli import (
    audit,
    batch,
    calibrate,
    desk,
    desk_records,
    dumps,
    lexicon,
    models,
    pages,
    serve,
)
from toolkit.cli.console import fail
from toolkit.errors import ToolkitError

app = typer.Typer(
    name="toolkit",
    help="Read the comments under an article: readability, toxicity, rhetoric, stance.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command()(pages.parse)
app.command()(pages.analyze)
app.command()(pages.report)
app.command()(batch.batch)
app.command()(batch.summarize)
app.command()(batch.verify)
app.command()(dumps.convert)
app.command()(dumps.formats)
app.command()(audit.audit)
app.command()(calibrate.calibrate)
app.command()(serve.serve)

lexicons = typer.Typer(help="Look at lexicons and check your own.", no_args_is_help=True)
lexicons.command()(lexicon.check)
lexicons.command()(lexicon.show)
app.add_typer(lexicons, name="lexicon")

stored = typer.Typer(help="Fetch, add, check and export models.", no_args_is_help=True)
stored.command("list")(models.show)
stored.command()(models.add)
stored.command()(models.fetch)
stored.command()(models.verify)
stored.command()(models.remove)
stored.command()(models.export)
app.add_typer(stored, name="models")

desks = typer.Typer(help="Fill the moderators' desk, and read what it holds.", no_args_is_help=True)
desks.command("import")(desk.import_)
users = typer.Typer(
    help="Let people in.\n\nExample: toolkit desk user add ana --role lead", no_args_is_help=True
)
users.command("add")(desk.user_add)
users.command("invite")(desk.user_invite)
desks.add_typer(users, name="user")
desks.command()(desk_records.stats)
desks.command()(desk_records.export)
desks.command()(desk_records.verify)
desks.command()(desk_records.targets)
desks.command()(desk_records.deliver)
app.add_typer(desks, name="desk")


def _version(wanted: bool) -> None:
    if wanted:
        from toolkit import __version__

        typer.echo(f"comment-toolkit {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Read the comments under an article: readability, toxicity, rhetoric, stance."""


def main() -> None:
    """Run the command line; the only place where errors become exit codes."""
    try:
        app()
    except ToolkitError as error:
        sys.exit(fail(error))
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if os.environ.get("TOOLKIT_DEBUG"):
            raise
        print(  # noqa: T201
            f"Internal error: {type(error).__name__}: {error}\n"
            "  This is a fault of ours. Run again with TOOLKIT_DEBUG=1 and send us what it prints.",
            file=sys.stderr,
        )
        sys.exit(1)
