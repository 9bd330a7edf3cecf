"""The public functions. The command line and the server call these and nothing deeper.

Each function imports what it needs when it is called: reading a page must not
wait for a neural network, and ``toolkit --help`` for neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from toolkit.records import Article, Comment, Evidence, Page

if TYPE_CHECKING:
    import polars as pl

    from toolkit.dumps import Dump
    from toolkit.pipeline import Pipeline
    from toolkit.reporting import CorpusData
    from toolkit.settings import Settings

#: What :func:`report` can write.
Output = Literal["pdf", "png", "svg", "json"]


def parse(
    source: str | bytes | Path,
    *,
    format: Literal["auto", "text", "html"] = "auto",  # noqa: A002
    url: str | None = None,
) -> Page:
    """Take a saved page apart into its article and its comments.

    A ``Path`` is read; ``str`` and ``bytes`` are the page itself. ``url`` is
    where the page was saved from, when you know it.

    Raises an InputError (missing, empty, binary, a folder, no page in it).
    """
    from toolkit.parsing import parse as parse_page

    return parse_page(source, format=format, url=url)


def read_dump(
    source: str | Path | Sequence[str | Path],
    *,
    format: str = "auto",  # noqa: A002
    mapping: Mapping[str, str] | None = None,
) -> Dump:
    """Open a comment dump: ``.comments`` and ``.articles`` are LazyFrames, ``.rejects`` the rest.

    ``mapping`` names the columns of a generic table: ``{"text": "body"}``.
    """
    from toolkit.dumps import read_dump as read

    return read(source, format=format, mapping=mapping)


def analyze(
    source: Page | Dump | pl.LazyFrame,
    *,
    only: Iterable[str] | None = None,
    thesis: str | None = None,
    settings: Settings | None = None,
    evidence: bool = False,
) -> pl.LazyFrame:
    """Measure every comment: one row each, result columns ``{analyzer}__{metric}``.

    ``only`` names analyzers (default: all), ``thesis`` overrides what the
    article claims, ``evidence=True`` appends the spans each number stands on.
    A LazyFrame needs the column ``text``; ``thesis`` and ``article_text`` are
    used where it has them.
    """
    import polars as pl

    from toolkit.context import dump_frame, page_frame
    from toolkit.pipeline import Pipeline

    pipeline = Pipeline.of(only, settings)
    needs_thesis = "thesis" in pipeline.reads
    if isinstance(source, pl.LazyFrame):
        frame = source
        if thesis is not None:
            frame = frame.with_columns(pl.lit(thesis).alias("thesis"))
    elif isinstance(source, Page):
        frame = page_frame(source, thesis=thesis, with_thesis=needs_thesis)
    else:
        frame = dump_frame(source, thesis=thesis, with_thesis=needs_thesis)
    result = pipeline.apply(frame, evidence=evidence)
    names = result.collect_schema().names()
    # The article's text served its purpose; repeated on each row it is dead weight.
    return result.drop("article_text") if "article_text" in names else result


def explain(
    comment: Comment | str,
    *,
    only: Iterable[str] | None = None,
    thesis: str | None = None,
    article: Article | None = None,
    settings: Settings | None = None,
) -> list[Evidence]:
    """The spans behind every number of one comment, in text order."""
    from toolkit.context import page_frame
    from toolkit.pipeline import Pipeline

    if isinstance(comment, str):
        comment = Comment(comment_id="c1", article_id="a1", text=comment)
    pipeline = Pipeline.of(only, settings)
    page = Page(article=article or Article(article_id=comment.article_id), comments=(comment,))
    frame = page_frame(page, thesis=thesis, with_thesis="thesis" in pipeline.reads)
    row = pipeline.apply(frame).collect().row(0, named=True)
    return pipeline.explain(row)


def report(
    source: Page | Path,
    directory: Path,
    *,
    name: str | None = None,
    original: Path | None = None,
    outputs: Iterable[Output] = ("pdf", "png"),
    only: Iterable[str] | None = None,
    thesis: str | None = None,
    settings: Settings | None = None,
    mask_slurs: bool = True,
) -> list[Path]:
    """Write the report of a page or a batch into ``directory``; the files, the PDF first.

    A folder is the output of ``toolkit batch`` and gives a corpus report; ``original``,
    ``only`` and ``thesis`` belong to a page.
    ``name`` begins each file name (default: the source's own). ``original`` is
    the file that a Page was read from: the report names it with its SHA-256.
    ``mask_slurs`` hides all but the first letter of slurs, since a report is
    made to be sent on.
    """
    from toolkit.context import find_thesis, joined, page_frame
    from toolkit.pipeline import Pipeline
    from toolkit.reporting import ReportData, write_article_report

    if isinstance(source, Path) and source.is_dir():
        from toolkit.reporting import write_corpus_report

        return write_corpus_report(
            _corpus(source),
            directory,
            name=name or source.resolve().name,
            outputs=frozenset(outputs),
            mask_slurs=mask_slurs,
        )
    if isinstance(source, Path):
        original, source = source, parse(source)
    page = source
    chosen = None if only is None else list(only)
    pipeline = Pipeline.of(chosen, settings)
    claims = find_thesis(page.article, thesis=thesis) if "thesis" in pipeline.reads else ()
    frame = page_frame(page, thesis=joined(claims), with_thesis=False)
    comments = pipeline.apply(frame, evidence=True).drop("article_text").collect()
    data = ReportData(
        page=page,
        thesis=claims,
        comments=comments,
        article_metrics=_article_metrics(page.article, chosen, settings),
        metrics=pipeline.metrics,
        manifest=_manifest(pipeline.versions, original, page),
        families=_families(pipeline),
    )
    if name is None:
        name = original.stem if original is not None else page.article.article_id
    return write_article_report(
        data, directory, name=name, outputs=frozenset(outputs), mask_slurs=mask_slurs
    )


def compare(
    first: Page | Path,
    second: Page | Path | None,
    directory: Path,
    *,
    split: date | None = None,
    name: str | None = None,
    outputs: Iterable[Output] = ("pdf", "png"),
    only: Iterable[str] | None = None,
    thesis: str | None = None,
    settings: Settings | None = None,
    mask_slurs: bool = True,
) -> list[Path]:
    """Write the comparison of two pages, two batches, or two periods of one of them.

    ``split`` instead of ``second``: what was written before that day (UTC) beside
    what was written from it on; comments without a date are left out, which the
    report says. ``only``, ``thesis`` and ``settings`` are for pages.

    Raises InputError where a side has no comments, SettingsError where neither
    or both of ``second`` and ``split`` are given.
    """
    from toolkit.errors import SettingsError
    from toolkit.reporting import write_comparison_report

    if (second is None) is (split is None):
        raise SettingsError(
            "a comparison needs either a second source or a date to split one at",
            next_step="Name two pages or batches, or one and the date.",
        )
    chosen = None if only is None else list(only)

    def opened(source: Page | Path) -> CorpusData:
        if isinstance(source, Path) and source.is_dir():
            return _corpus(source)
        return _page_corpus(source, chosen, thesis, settings)

    one = opened(first)
    if split is not None:
        sides = _split(one, split)
    else:
        assert second is not None, "checked above"
        sides = (one, opened(second))
    return write_comparison_report(
        *sides,
        directory,
        name=name or f"{sides[0].name} and {sides[1].name}",
        outputs=frozenset(outputs),
        mask_slurs=mask_slurs,
    )


def score(texts: Sequence[str | None], *, settings: Settings | None = None) -> pl.DataFrame:
    """Toxicity of plain strings: one row each, columns ``toxicity__*``."""
    import polars as pl

    frame = pl.LazyFrame({"text": texts}, schema={"text": pl.String})
    return analyze(frame, only=["toxicity"], settings=settings).select("^toxicity__.*$").collect()


def stance(
    pairs: Sequence[tuple[str | None, str | None]], *, settings: Settings | None = None
) -> pl.DataFrame:
    """Stance of each text to its thesis: pairs of (thesis, text), columns ``stance__*``."""
    import polars as pl

    frame = pl.LazyFrame(
        {"thesis": [pair[0] for pair in pairs], "text": [pair[1] for pair in pairs]},
        schema={"thesis": pl.String, "text": pl.String},
    )
    return analyze(frame, only=["stance"], settings=settings).select("^stance__.*$").collect()


def _corpus(directory: Path) -> CorpusData:
    """The rows of a batch, with what its folder says of them."""
    from toolkit.errors import ToolkitError
    from toolkit.pipeline import Pipeline
    from toolkit.reporting import CorpusData
    from toolkit.runner import provenance, results
    from toolkit.settings import Settings

    frame = results(directory)
    made = provenance(directory)
    notes = list(made.notes)
    try:
        pipeline = Pipeline.of(tuple(made.analyzers), Settings(**made.settings))
    except (ToolkitError, ValueError) as error:
        # Numbers can be read where the model that made them is not at hand.
        pipeline = Pipeline.of(None)
        notes.append(f"The analyzers of the batch cannot be loaded here: {error}.")
    changed = {
        name: version
        for name, version in made.analyzers.items()
        if pipeline.versions.get(name) != version
    }
    notes += [
        f"The numbers of {name} were made by version {version}; what they mean is told as version "
        f"{pipeline.versions.get(name, 'unknown')} has it, and quoted comments carry no marks."
        for name, version in changed.items()
    ]
    if made.rejected:
        notes.append(f"{made.rejected:,} rows of the input could not be read and are not counted.")

    def explain(rows: pl.DataFrame) -> pl.DataFrame:
        results = [name for name in rows.columns if name in pipeline.metrics]
        return pipeline.apply(rows.lazy().drop(results), evidence=True).collect()

    name = directory.resolve().name
    return CorpusData(
        name=name,
        frame=frame,
        metrics=pipeline.metrics,
        manifest=_run_manifest(
            made.analyzers,
            {"input": name, "measured": made.finished_at}
            | {
                f"file {path.rpartition('/')[2]}": digest or "read by Spark"
                for path, digest in list(made.inputs.items())[:5]
            }
            | ({"files in all": str(len(made.inputs))} if len(made.inputs) > 5 else {}),
        ),
        versions=made.analyzers,
        families=_families(pipeline),
        notes=tuple(notes),
        explain=None if changed else explain,
    )


def _page_corpus(
    source: Page | Path, only: list[str] | None, thesis: str | None, settings: Settings | None
) -> CorpusData:
    """The comments of one page, in the form of a corpus."""
    from toolkit.context import page_frame
    from toolkit.pipeline import Pipeline
    from toolkit.reporting import CorpusData

    original = source if isinstance(source, Path) else None
    page = parse(source) if isinstance(source, Path) else source
    pipeline = Pipeline.of(only, settings)
    frame = page_frame(page, thesis=thesis, with_thesis="thesis" in pipeline.reads)
    rows = pipeline.apply(frame).drop("article_text").collect()
    name = page.article.title or (original.stem if original else page.article.article_id)
    return CorpusData(
        name=name,
        frame=rows.lazy(),
        metrics=pipeline.metrics,
        manifest=_manifest(pipeline.versions, original, page),
        versions=pipeline.versions,
        families=_families(pipeline),
        notes=tuple(warning.message for warning in page.warnings),
    )


def _split(data: CorpusData, day: date) -> tuple[CorpusData, CorpusData]:
    """What was written before ``day`` and what from it on."""
    from dataclasses import replace

    import polars as pl

    when = pl.col("created_at").dt.date()
    undated = data.frame.select(pl.col("created_at").null_count()).collect().item()
    notes = data.notes
    if undated:
        notes += (f"{undated:,} comments without a date stand on neither side.",)
    said = f"{day:%Y-%m-%d}"
    return (
        replace(
            data,
            name=f"{data.name} before {said}",
            frame=data.frame.filter(when < day),
            notes=notes,
        ),
        replace(
            data, name=f"{data.name} from {said}", frame=data.frame.filter(when >= day), notes=notes
        ),
    )


def _article_metrics(
    article: Article, only: Iterable[str] | None, settings: Settings | None
) -> dict[str, Any] | None:
    """The article's own readability, to stand beside its comments'."""
    if not article.text.strip() or (only is not None and "readability" not in set(only)):
        return None
    import polars as pl

    frame = pl.LazyFrame({"text": [article.text]})
    return analyze(frame, only=["readability"], settings=settings).collect().row(0, named=True)


def _families(pipeline: Pipeline) -> dict[str, str]:
    """Category of markers -> critical, constructive or neutral, as the lexicon says."""
    lexicons = (getattr(analyzer, "lexicon", None) for analyzer in pipeline.analyzers)
    return {
        name: category.family
        for lexicon in lexicons
        if lexicon is not None
        for name, category in lexicon.categories.items()
    }


def _manifest(versions: Mapping[str, str], path: Path | None, page: Page) -> dict[str, str]:
    """What a reader needs to make the same report of a page again."""
    import hashlib

    content = path.read_bytes() if path is not None else page.to_json().encode()
    return _run_manifest(
        versions,
        {
            "input": path.name if path is not None else page.article.article_id,
            "input sha256": hashlib.sha256(content).hexdigest(),
        },
    )


def _run_manifest(versions: Mapping[str, str], source: Mapping[str, str]) -> dict[str, str]:
    """Versions, the source, and when the report was made."""
    import platform
    from datetime import UTC, datetime
    from importlib.metadata import version

    from toolkit import __version__

    return {
        "comment-toolkit": __version__,
        **{f"analyzer {name}": number for name, number in versions.items()},
        **{f"package {name}": version(name) for name in ("polars", "matplotlib", "typst")},
        "python": platform.python_version(),
        **source,
        "made": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
    }
