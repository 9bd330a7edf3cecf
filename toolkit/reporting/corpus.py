"""The report on many comments: measure, choose, say, draw, set."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import polars as pl

from toolkit.errors import InputError
from toolkit.reporting.corpus_data import CorpusData, Totals, measure
from toolkit.reporting.corpus_examples import Examples, choose
from toolkit.reporting.corpus_groups import Groups, group
from toolkit.reporting.output import (
    JSON_VERSION,
    check_outputs,
    findings_and_figures,
    write_document,
)


def write_corpus_report(
    data: CorpusData,
    directory: Path,
    *,
    name: str,
    outputs: frozenset[str] = frozenset({"pdf", "png"}),
    mask_slurs: bool = True,
) -> list[Path]:
    """Write the report on a corpus; the files as ``write_article_report`` has them.

    Memory depends on the days, articles and writers there are, not on the
    number of comments. Raises InputError where there is no comment, OutputError
    where the files cannot be written.
    """
    check_outputs(outputs)
    totals = measure(data)
    if not totals.comments:
        raise InputError(
            f"{data.name} holds no comments", next_step="Name a batch that has some, or its input."
        )
    groups = group(data, totals.comments)
    examples = choose(data, groups)
    # matplotlib and typst are loaded when the large queries are done.
    from toolkit.reporting.corpus_document import build_corpus
    from toolkit.reporting.corpus_findings import find_corpus
    from toolkit.reporting.corpus_frames import corpus_drawings

    found = find_corpus(totals, groups, examples)
    drawn = corpus_drawings(data, totals, groups, examples)

    def body(banned: frozenset[str]) -> dict[str, Any]:
        return build_corpus(
            data, totals, groups, examples, found, drawn, mask_slurs=mask_slurs, banned=banned
        )

    def said() -> dict[str, Any]:
        return _said(data, totals, groups, examples) | findings_and_figures(
            found, drawn, data.manifest
        )

    return write_document(
        directory,
        name=name,
        outputs=outputs,
        main="corpus",
        drawn=drawn,
        body=body,
        said=said,
        mask_slurs=mask_slurs,
    )


def _said(data: CorpusData, totals: Totals, groups: Groups, examples: Examples) -> dict[str, Any]:
    return {
        "report": "corpus",
        "schema_version": JSON_VERSION,
        "name": data.name,
        "totals": totals_of(totals),
        "groups": {
            "articles": groups.articles,
            "threads": groups.threads,
            "writers": groups.authors,
            "without_article": groups.no_article,
            "without_writer": groups.no_author,
            "compared": groups.eligible,
            "base": asdict(groups.base),
            "top_articles": _named(groups.top_articles, examples),
            "article_sizes": groups.article_sizes.to_dicts(),
            "top_writers": groups.top_authors.to_dicts(),
            "writer_sizes": groups.author_sizes.to_dicts(),
            "divided": _named(groups.divisive, examples),
            "toxic_threads": _named(groups.toxic, examples),
            "constructive_threads": _named(groups.constructive, examples),
        },
        "quoted": [
            {
                "number": row.number,
                "role": examples.roles[row.number],
                "article_id": examples.articles.get(row.number),
                "author": row.author or row.handle,
                "created_at": row.created_at,
                "text": row.text,
                "values": dict(row.values),
            }
            for row in examples.thread.rows
        ],
        "versions": dict(data.versions),
        "notes": list(data.notes),
    }


def totals_of(totals: Totals) -> dict[str, Any]:
    """The sums of a corpus as JSON values."""
    return {
        "comments": totals.comments,
        "with_text": totals.with_text,
        "with_date": totals.dated,
        "replies": totals.replies,
        "first_at": totals.first,
        "last_at": totals.last,
        "read_for_markers": totals.read,
        "days": totals.days.to_dicts(),
        "scores": totals.scores.to_dicts(),
        "stance": totals.stance.to_dicts(),
        "markers": totals.categories.to_dicts(),
        "languages": totals.languages.to_dicts(),
        "missing": totals.reasons.to_dicts(),
    }


def _named(frame: pl.DataFrame, examples: Examples) -> list[dict[str, Any]]:
    """Rows of a list; in place of a row of the corpus the number of the comment quoted for it."""
    rows = []
    for row in frame.to_dicts():
        for key in ("row", "agree_row", "disagree_row"):
            if key in row:
                quoted = examples.at(row.pop(key))
                place = "quoted" if key == "row" else f"quoted_{key.removesuffix('_row')}"
                row[place] = None if quoted is None else quoted.number
        row["claim"] = examples.claim(row["article_id"]) or None
        rows.append(row)
    return rows
