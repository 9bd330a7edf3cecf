"""``toolkit convert`` and ``toolkit formats``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.cli.console import say
from toolkit.cli.options import Encoding, InputFormat, KeepBroken, Map, Pseudonymize, pairs

if TYPE_CHECKING:
    from toolkit.dumps import Dump


def convert(
    dump: Annotated[
        str,
        typer.Argument(metavar="DUMP", help="A dump, a folder, a quoted glob, or - for stdin."),
    ],
    output: Annotated[
        Path,
        typer.Option("-o", "--output", metavar="FILE", help="Write .parquet, .csv or .jsonl."),
    ],
    articles: Annotated[
        Path | None,
        typer.Option("--articles", metavar="FILE", help="Write the articles, too."),
    ] = None,
    input_format: InputFormat = "auto",
    mapping: Map = None,
    encoding: Encoding = None,
    pseudonymize: Pseudonymize = None,
    rejects: Annotated[
        Path | None,
        typer.Option(
            "--rejects",
            metavar="FILE",
            help="Rows that could not be read [default: OUTPUT.rejects.jsonl].",
        ),
    ] = None,
    keep_broken: KeepBroken = False,
) -> None:
    """Turn a comment dump into one table: parquet, CSV or JSON lines.

    Example: toolkit convert seeds/dumps/wordpress.xml -o comments.parquet
    """
    from toolkit.dumps import convert as write
    from toolkit.dumps import read_dump

    opened = read_dump(
        dump,
        format=input_format,
        mapping=pairs(mapping),
        pseudonymize=pseudonymize,
        rejects=rejects or output.with_name(f"{output.name}.rejects.jsonl"),
        encoding=encoding,
        keep_broken=keep_broken,
    )
    said = opened.notes
    for note in said:
        say(note)
    counts = write(opened, output, articles=articles)
    say_end(opened, said)
    if counts.rejected:
        say(f"The rejected rows are in {opened.rejects_path}")
    print(output)  # noqa: T201


def say_end(dump: Dump, said: tuple[str, ...]) -> None:
    """What a read found out, after ``said``, and its counts."""
    for note in dump.notes[len(said) :]:
        say(note)
    counts = dump.counts
    say(
        f"{counts.rows_in:,} rows in = {counts.rows_out:,} comments + "
        f"{counts.rejected:,} rejected; {counts.articles:,} articles"
    )


def formats(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
) -> None:
    """List the kinds of dump that can be read: files, fields, notes, an example.

    Example: toolkit formats
    """
    from toolkit.dumps import FORMATS

    if as_json:
        listed = [
            {
                "name": known.name,
                "title": known.title,
                "containers": known.containers,
                "fields": dict(known.fields),
                "notes": list(known.notes),
                "example": f"seeds/dumps/{known.example}",
            }
            for known in FORMATS.values()
        ]
        print(json.dumps(listed, indent=2, ensure_ascii=False))  # noqa: T201
        return
    lines: list[str] = []
    for known in FORMATS.values():
        lines += [f"{known.name}: {known.title}", f"  files: {known.containers}"]
        width = max(len(name) for name in known.fields)
        lines += [f"  {name:<{width}}  {source}" for name, source in known.fields.items()]
        lines += [f"  {note}" for note in known.notes]
        lines += [f"  example: toolkit convert seeds/dumps/{known.example} -o comments.parquet", ""]
    lines.append("Any may be in .gz, .zst, .bz2, .xz or .zip, in a folder, or on stdin (-).")
    print("\n".join(lines))  # noqa: T201
