"""Options that several commands share, and how their values are read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from toolkit.settings import Settings

Only = Annotated[
    str | None,
    typer.Option(
        "--only",
        metavar="NAMES",
        help="Analyzers to run, with commas: readability,toxicity,rhetoric,stance "
        "(techniques only where named).",
    ),
]
Thesis = Annotated[
    str | None, typer.Option("--thesis", metavar="TEXT", help="What the article claims.")
]
Lexicon = Annotated[
    list[Path] | None,
    typer.Option("--lexicon", metavar="FILE", help="Your own lexicon (TOML). Repeatable."),
]
Toxicity = Annotated[
    str | None,
    typer.Option(
        "--toxicity",
        metavar="NAME",
        help="Backend: encoder, cascade, linear, detoxify, or detoxify-original and the like.",
    ),
]
Stance = Annotated[
    str | None,
    typer.Option(
        "--stance",
        metavar="NAME",
        help="Backend: encoder, cues, or an NLI model of your own (toolkit models add).",
    ),
]
Map = Annotated[
    str | None,
    typer.Option(
        "--map", metavar="PAIRS", help="Columns of a table: text=body,author_name=user,..."
    ),
]

InputFormat = Annotated[
    str,
    typer.Option("--input-format", metavar="NAME", help="Format of the dump (toolkit formats)."),
]
Encoding = Annotated[
    str | None,
    typer.Option("--encoding", metavar="NAME", help="Of text that is not UTF-8: cp1252, ..."),
]
Pseudonymize = Annotated[
    str | None,
    typer.Option(
        "--pseudonymize",
        metavar="KEY",
        envvar="TOOLKIT_PSEUDONYMIZE_KEY",
        show_envvar=True,
        help="Keyed ids instead of names; mentions become @user. Keep the key secret.",
    ),
]
KeepBroken = Annotated[
    bool,
    typer.Option("--keep-broken", help="Keep what stands before damage; else it is an error."),
]


def load_settings(
    lexicon: list[Path] | None, toxicity: str | None, stance: str | None = None
) -> Settings:
    """File and environment under these flags."""
    from toolkit.settings import Settings

    return Settings.load(
        lexicon=tuple(lexicon) if lexicon else None, toxicity=toxicity, stance=stance
    )


def names(only: str | None) -> list[str] | None:
    """``"a, b"`` -> ``["a", "b"]``."""
    return None if only is None else [name.strip() for name in only.split(",") if name.strip()]


def pairs(mapping: str | None) -> dict[str, str] | None:
    """``"text=body,author_name=user"`` -> a dict. Raises MappingError for anything else."""
    if mapping is None:
        return None
    from toolkit.errors import MappingError

    found: dict[str, str] = {}
    for item in mapping.split(","):
        target, equals, column = (part.strip() for part in item.partition("="))
        if not (target and equals and column) or target in found:
            raise MappingError(
                f"--map {mapping!r} is no list of field=column pairs",
                next_step="Write it like --map text=body,author_name=user, each field once.",
            )
        found[target] = column
    return found
