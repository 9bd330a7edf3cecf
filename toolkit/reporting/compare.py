"""The report on two sets of comments: the same look, the differences in front."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from toolkit.errors import InputError
from toolkit.reporting.compare_data import (
    Compared,
    Sums,
    common_grade,
    compare,
    measures_of,
    sums_of,
)
from toolkit.reporting.corpus import totals_of
from toolkit.reporting.corpus_data import CorpusData, Totals, measure
from toolkit.reporting.output import (
    JSON_VERSION,
    check_outputs,
    findings_and_figures,
    write_document,
)
from toolkit.reporting.writer import Json, Writer


def write_comparison_report(
    first: CorpusData,
    second: CorpusData,
    directory: Path,
    *,
    name: str,
    outputs: frozenset[str] = frozenset({"pdf", "png"}),
    mask_slurs: bool = True,
) -> list[Path]:
    """Write the comparison of two sets of comments; the files as ``write_article_report`` has them.

    Raises InputError where a side has no comment, OutputError where the files
    cannot be written.
    """
    check_outputs(outputs)
    sides = (first, second)
    totals = (measure(first), measure(second))
    for side, counted in zip(sides, totals, strict=True):
        if not counted.comments:
            raise InputError(
                f"{side.name} holds no comments, so there is nothing to compare",
                next_step="Name two pages or batches with comments, or another date.",
            )
    grade = common_grade(*totals)
    measures = measures_of(first, second, grade)
    pairs = [
        sums_of(side, measures, counted.comments)
        for side, counted in zip(sides, totals, strict=True)
    ]
    compared = compare(measures, *pairs)
    # matplotlib and typst are loaded when the large queries are done.
    from toolkit.reporting.compare_document import build_comparison
    from toolkit.reporting.compare_findings import find_comparison
    from toolkit.reporting.compare_frames import comparison_drawings

    found = find_comparison(sides, totals, compared)
    drawn = comparison_drawings(sides, totals, compared, grade)

    def body(banned: frozenset[str]) -> dict[str, Json]:
        writer = Writer(mask_slurs=mask_slurs, banned=banned)
        return build_comparison(sides, totals, compared, found, drawn, writer)

    def said() -> dict[str, Any]:
        return _said(sides, totals, compared) | findings_and_figures(found, drawn, first.manifest)

    return write_document(
        directory,
        name=name,
        outputs=outputs,
        main="comparison",
        drawn=drawn,
        body=body,
        said=said,
        mask_slurs=mask_slurs,
    )


def _said(
    sides: Sequence[CorpusData], totals: Sequence[Totals], compared: Sequence[Compared]
) -> dict[str, Any]:
    from toolkit.reporting.compare_findings import SIDES, thing

    return {
        "report": "comparison",
        "schema_version": JSON_VERSION,
        "sides": [
            {
                "letter": letter,
                "name": side.name,
                "versions": dict(side.versions),
                "notes": list(side.notes),
                "manifest": dict(side.manifest),
                "totals": totals_of(total),
            }
            for letter, side, total in zip(SIDES, sides, totals, strict=True)
        ],
        "measures": [
            {
                "name": item.measure.name,
                "title": thing(item),
                "kind": item.measure.kind,
                "headline": item.measure.headline,
                "first": _json_sums(item.first),
                "second": _json_sums(item.second),
                "difference": None
                if item.difference is None
                else {
                    "value": item.difference.value,
                    "low": item.difference.low,
                    "high": item.difference.high,
                },
                "by_article": item.by_article,
                "verdict": item.verdict,
            }
            for item in compared
        ],
    }


def _json_sums(side: Sums) -> dict[str, Any]:
    return {
        "value": side.ratio,
        "sum": side.value,
        "total": side.total,
        "articles": side.articles,
    }
