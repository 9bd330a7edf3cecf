"""``toolkit parse``, ``analyze`` and ``report``."""

from __future__ import annotations

import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.cli.console import say
from toolkit.cli.dumps import say_end
from toolkit.cli.options import (
    Lexicon,
    Map,
    Only,
    Stance,
    Thesis,
    Toxicity,
    load_settings,
    names,
    pairs,
)

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
    stance: Stance = None,
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
    settings = load_settings(lexicon, toxicity, stance)
    opened = open_source(source, input_format, pairs(mapping))
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
    sources: Annotated[
        list[Path],
        typer.Argument(
            metavar="SOURCE...",
            help="A saved page, or a folder that toolkit batch wrote; two of them are compared.",
        ),
    ],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="DIR", help="Folder for the files.")
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(
            "--split", metavar="DATE", help="Compare what was written before with the rest."
        ),
    ] = None,
    only: Only = None,
    thesis: Thesis = None,
    url: Url = None,
    lexicon: Lexicon = None,
    toxicity: Toxicity = None,
    stance: Stance = None,
    mask: Annotated[
        bool, typer.Option("--mask/--no-mask", help="Mask slurs in the report.")
    ] = True,
    pdf: Annotated[bool, typer.Option("--pdf", help="Write the PDF.")] = False,
    png: Annotated[bool, typer.Option("--png", help="Write pictures, and words for them.")] = False,
    svg: Annotated[bool, typer.Option("--svg", help="Write the figures as drawings.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write the data behind it.")] = False,
) -> None:
    """Write a report on a page, a batch, or two of them side by side.

    Without --pdf, --png, --svg or --json: the PDF and the pictures.

    Example: toolkit report seeds/wordpress-print.txt -o reports
    """
    import toolkit

    chosen: dict[toolkit.api.Output, bool] = {"pdf": pdf, "png": png, "svg": svg, "json": as_json}
    outputs = [name for name, wanted in chosen.items() if wanted] or ["pdf", "png"]
    day = _day(split)
    _check_sources(sources, day is not None, only=only, thesis=thesis, url=url)
    settings = load_settings(lexicon, toxicity, stance)
    folder = output if output is not None else settings.reports
    if len(sources) == 2 or day is not None:
        for source in sources:
            _page(source, url)
        paths = toolkit.compare(
            sources[0],
            sources[1] if len(sources) == 2 else None,
            folder,
            split=day,
            name=_joint_name(sources, split),
            outputs=outputs,
            only=names(only),
            thesis=thesis,
            settings=settings,
            mask_slurs=mask,
        )
    else:
        [source] = sources
        paths = toolkit.report(
            _page(source, url),
            folder,
            name=source.resolve().name if source.is_dir() else source.stem,
            original=source,
            outputs=outputs,
            only=names(only),
            thesis=thesis,
            settings=settings,
            mask_slurs=mask,
        )
    for path in paths:
        print(path)  # noqa: T201


def _page(source: Path, url: str | None) -> Page | Path:
    """A page that was read, or the folder as it is."""
    import toolkit

    if source.is_dir():
        return source
    page = toolkit.parse(source, url=url)
    _warn(page)
    return page


def _day(split: str | None) -> date | None:
    from toolkit.errors import SettingsError

    if split is None:
        return None
    try:
        return date.fromisoformat(split)
    except ValueError as error:
        raise SettingsError(
            f"--split {split!r} is no date", next_step="Write it like 2024-03-01."
        ) from error


def _check_sources(sources: list[Path], split: bool, **of_pages: str | None) -> None:
    """Raise SettingsError for what does not go together, before any work is done."""
    from toolkit.errors import SettingsError

    if len(sources) > 2 or (split and len(sources) == 2):
        raise SettingsError(
            f"{len(sources)} sources cannot be compared"
            + (" when one is to be split" if split else ""),
            next_step="Name one source, or two, or one with --split.",
        )
    given = [f"--{name}" for name, value in of_pages.items() if value is not None]
    if given and all(source.is_dir() for source in sources):
        raise SettingsError(
            f"a batch is measured already and takes no {', '.join(given)}",
            next_step="Give it to toolkit batch.",
        )


def _joint_name(sources: list[Path], split: str | None) -> str:
    stems = [source.resolve().name if source.is_dir() else source.stem for source in sources]
    return "-and-".join(stems) if split is None else f"{stems[0]}-split-{split}"


def open_source(source: Path, input_format: str, mapping: dict[str, str] | None) -> Page | Dump:
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
