"""``toolkit parse``, ``analyze`` and ``report``."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.cli.console import say
from toolkit.cli.dumps import say_end
from toolkit.cli.options import Lexicon, Map, Only, Thesis, Toxicity, load_settings, names, pairs

if TYPE_CHECKING:
    import polars as pl

    from toolkit.dumps import Dump
    from toolkit.records import Page


class PageFormat(StrEnum):
    """How to read a page."""

    auto = "auto"
    text = "text"
    html = "html"


PageFile = Annotated[Path, typer.Argument(metavar="PAGE", help="A saved page: plain text or HTML.")]
Url = Annotated[str | None, typer.Option("--url", help="Where the page was saved from.")]


def parse(
    page: PageFile,
    format: Annotated[  # noqa: A002
        PageFormat, typer.Option("--format", help="Read as text or HTML; auto looks at it.")
    ] = PageFormat.auto,
    url: Url = None,
) -> None:
    """Take a page apart; write it as JSON to stdout.

    Example: toolkit parse seeds/wordpress-print.txt
    """
    import toolkit

    parsed = toolkit.parse(page, format=format.value, url=url)
    _warn(parsed)
    print(parsed.to_json())  # noqa: T201


def analyze(
    source: Annotated[
        Path, typer.Argument(metavar="INPUT", help="A saved page, or a comment dump.")
    ],
    only: Only = None,
    thesis: Thesis = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="Write .parquet, .csv or .jsonl (else stdout)."
        ),
    ] = None,
    evidence: Annotated[
        bool,
        typer.Option("--evidence/--no-evidence", help="Add the words that each number stands on."),
    ] = True,
    lexicon: Lexicon = None,
    toxicity: Toxicity = None,
    input_format: Annotated[
        str, typer.Option("--input-format", help="Format of a dump (toolkit formats), or page.")
    ] = "auto",
    mapping: Map = None,
) -> None:
    """Measure every comment: one row each, as JSON lines or a table.

    Example: toolkit analyze seeds/long-thread.txt --only rhetoric,stance -o rows.csv
    """
    import toolkit
    from toolkit.tables import check_table_path, write_table

    if output is not None:
        check_table_path(output)
    settings = load_settings(lexicon, toxicity)
    opened = _open(source, input_format, pairs(mapping))
    said = () if isinstance(opened, toolkit.Page) else opened.notes
    frame = toolkit.analyze(
        opened,
        only=names(only),
        thesis=thesis,
        settings=settings,
        evidence=evidence,
    )
    if output is None:
        _to_stdout(frame)
    else:
        write_table(frame, output)
    if not isinstance(opened, toolkit.Page):
        say_end(opened, said)
        if opened.counts.rejected:
            say("toolkit convert keeps the rejected rows, with the reason of each")
    if output is not None:
        say(f"Wrote {output}")


def report(
    page: PageFile,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="DIR", help="Folder for the files.")
    ] = None,
    only: Only = None,
    thesis: Thesis = None,
    url: Url = None,
    lexicon: Lexicon = None,
    toxicity: Toxicity = None,
    mask: Annotated[
        bool, typer.Option("--mask/--no-mask", help="Mask slurs in the report.")
    ] = True,
    pdf: Annotated[bool, typer.Option("--pdf", help="Only the PDF (with --png: both).")] = False,
    png: Annotated[bool, typer.Option("--png", help="Only pictures (with --pdf: both).")] = False,
) -> None:
    """Write a report on a page and its comments: a PDF and PNG pictures.

    Example: toolkit report seeds/wordpress-print.txt -o reports
    """
    import toolkit

    settings = load_settings(lexicon, toxicity)
    outputs: list[toolkit.api.Output] = []
    if pdf or not png:
        outputs.append("pdf")
    if png or not pdf:
        outputs.append("png")
    parsed = toolkit.parse(page, url=url)
    _warn(parsed)
    for path in toolkit.report(
        parsed,
        output if output is not None else settings.reports,
        name=page.stem,
        original=page,
        outputs=outputs,
        only=names(only),
        thesis=thesis,
        settings=settings,
        mask_slurs=mask,
    ):
        print(path)  # noqa: T201


def _open(source: Path, input_format: str, mapping: dict[str, str] | None) -> Page | Dump:
    """A dump where the content says so or the user does, else a page."""
    import toolkit
    from toolkit.dumps import looks_like_dump

    if input_format != "page" and (input_format != "auto" or looks_like_dump(source)):
        dump = toolkit.read_dump(source, format=input_format, mapping=mapping)
        for note in dump.notes:
            say(note)
        return dump
    page = toolkit.parse(source)
    _warn(page)
    return page


def _warn(page: Page) -> None:
    for warning in page.warnings:
        say(f"{warning.code}: {warning.message}")
    if not page.comments:
        say("No comments were found on this page.")


def _to_stdout(frame: pl.LazyFrame) -> None:
    for batch in frame.collect_batches(maintain_order=True):
        sys.stdout.write(batch.write_ndjson())
    sys.stdout.flush()
