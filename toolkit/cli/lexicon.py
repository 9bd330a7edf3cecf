"""``toolkit lexicon check`` and ``toolkit lexicon show``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.cli.console import say
from toolkit.cli.options import Lexicon

if TYPE_CHECKING:
    from rich.table import Table

    from toolkit.analyzers.lexicon import Lexicon as LoadedLexicon


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A lexicon file (TOML).")],
    lexicon: Lexicon = None,
    alone: Annotated[
        bool, typer.Option("--alone", help="Without the built-in lexicons below it.")
    ] = False,
) -> None:
    """Look a lexicon file over: fields, doubled entries, patterns, guards, examples.

    Prints one line for each problem to stdout. Warnings alone end with exit code 0.

    Example: toolkit lexicon check my-words.toml
    """
    from toolkit.analyzers.lexicon.check import check as look_over
    from toolkit.errors import LexiconError

    problems = look_over(file, over=lexicon or (), built_in=not alone)
    for problem in problems:
        print(f"{file}: {problem}")  # noqa: T201
    errors = sum(problem.severity == "error" for problem in problems)
    if errors:
        raise LexiconError(
            f"{file} has {_number(errors, 'error')}",
            next_step="Mend the entries named above; docs/rhetoric.md describes the format.",
        )
    warnings = f", with {_number(len(problems), 'warning')}" if problems else ""
    say(f"{file} is sound{warnings}.")


def show(
    category: Annotated[
        str | None, typer.Argument(metavar="[CATEGORY]", help="Show the entries of this one.")
    ] = None,
    lexicon: Lexicon = None,
) -> None:
    """Show the categories with their counts, or the entries of one category.

    Example: toolkit lexicon show minimizing
    """
    from rich.console import Console

    from toolkit.analyzers.lexicon import load
    from toolkit.errors import LexiconError

    loaded = load(tuple(lexicon or ()))
    if category is not None and category not in loaded.categories:
        raise LexiconError(
            f"no category is called {category!r}",
            next_step=f"Choose from: {', '.join(loaded.categories)}.",
        )
    table = _overview(loaded) if category is None else _entries(loaded, category)
    Console().print(table)


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _overview(lexicon: LoadedLexicon) -> Table:
    from rich.table import Table

    counts = [(sum(1 for _ in lexicon.of(name)), name) for name in lexicon.categories]
    table = Table(title=f"{len(counts)} categories, {sum(count for count, _ in counts)} entries")
    for heading in ("category", "family", "lexicon"):
        table.add_column(heading)
    table.add_column("entries", justify="right")
    table.add_column("forms", justify="right")
    table.add_column("definition")
    for category in sorted(lexicon.categories.values(), key=lambda c: (c.family, c.name)):
        entries = list(lexicon.of(category.name))
        table.add_row(
            category.name,
            category.family,
            category.lexicon,
            str(len(entries)),
            str(sum(max(1, len(entry.forms)) for entry in entries)),
            category.definition,
        )
    return table


def _entries(lexicon: LoadedLexicon, name: str) -> Table:
    from rich.markup import escape
    from rich.table import Table

    category = lexicon.categories[name]
    table = Table(
        title=f"{category.title} ({category.family})",
        caption=escape(f"{category.definition} Source: {category.source}"),
    )
    for heading in ("entry", "lexicon", "language", "guard"):
        table.add_column(heading)
    for entry in lexicon.of(name):
        written = entry.id if entry.pattern in (None, entry.id) else f"{entry.id}: {entry.pattern}"
        guard = ", ".join(
            field
            for field in entry.guard.__slots__
            if getattr(entry.guard, field) not in ((), None)
        )
        table.add_row(escape(written), entry.lexicon, entry.language, guard)
    return table
