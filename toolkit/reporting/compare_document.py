"""The data that the typst templates set for a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from toolkit.reporting.compare_data import MIN_CLUSTERS, MIN_MEAN, MIN_SHARE, Compared, Sums
from toolkit.reporting.compare_findings import SIDES, signed, span
from toolkit.reporting.corpus_data import CorpusData, Totals
from toolkit.reporting.corpus_findings import MIN_FOR_PERCENT, percent, say_date
from toolkit.reporting.data import READABILITY, RHETORIC, STANCE, TECHNIQUES, TOXICITY, Thread
from toolkit.reporting.document import (
    figures_of,
    finding_parts,
    glossary_of,
    manifest_of,
    meta_of,
    replaced_by,
)
from toolkit.reporting.findings import Finding
from toolkit.reporting.fonts import font_set
from toolkit.reporting.frames import Drawing
from toolkit.reporting.writer import Json, Writer
from toolkit.schema import SEPARATOR

_NO_THREAD: Final = Thread(rows=(), analyzers={})

METHOD: Final = [
    [
        "Differences",
        "B minus A. The intervals of the main table hold together with 95 % confidence, and so do "
        "those of the second (each is widened for the number of rows, after Bonferroni). Where an "
        "interval holds 0 the report says that there is no clear difference. Shares are compared "
        f"from {MIN_SHARE} comments on either side, by Newcombe’s hybrid score interval; means "
        f"from {MIN_MEAN} values, by the normal interval of their difference.",
    ],
    [
        "Articles as the unit",
        f"Where both sides have {MIN_CLUSTERS} or more articles, the intervals take the article as "
        "what was drawn (the ratio estimator of cluster samples), since comments under one article "
        "resemble one another. Else they take each comment for itself, which makes them narrower "
        "than the truth.",
    ],
    [
        "What this says",
        "It describes the comments that were read. Why two sets differ (other topics, other "
        "writers, another moderation) cannot be told from their numbers.",
    ],
]


def build_comparison(
    sides: Sequence[CorpusData],
    totals: Sequence[Totals],
    compared: Sequence[Compared],
    found: Sequence[Finding],
    drawn: Sequence[Drawing],
    writer: Writer,
) -> dict[str, Json]:
    """All that the templates read, as JSON values."""
    first, second = sides
    title = f"{first.name} and {second.name}"
    manifest = dict(first.manifest) | {
        f"{key} of B": value
        for key, value in second.manifest.items()
        if first.manifest.get(key) != value
    }
    metrics = {n: m for n, m in first.described().items() if n in second.described()}
    has = {
        name: any(key.startswith(name + SEPARATOR) for key in metrics)
        for name in (STANCE, TOXICITY, RHETORIC, TECHNIQUES, READABILITY)
    }
    body: dict[str, Json] = {
        "meta": meta_of(title, "comparison", manifest, writer),
        "cover": {
            "title": [
                *writer.inline(writer.hide(first.name)),
                [" and ", False, []],
                *writer.inline(writer.hide(second.name)),
            ],
            "title_rtl": False,
            "long_title": len(title) > 60,
            "source": [],
            "url": None,
            "url_text": None,
            "facts": [
                [f"{total.comments:,}", f"comments in {letter}"]
                for letter, total in zip(SIDES, totals, strict=True)
            ],
            "truncated": False,
            "thesis": [],
            "findings": [
                {"topic": item.topic, "parts": finding_parts(item, _NO_THREAD, writer)}
                for item in found
            ],
            "manifest": manifest_of(manifest, writer),
            "models": has[STANCE] or has[TOXICITY],
        },
        "figures": figures_of(drawn),
        "comparison": {
            "sides": [
                _side(letter, side, total, writer)
                for letter, side, total in zip(SIDES, sides, totals, strict=True)
            ],
            "headlines": [_row(item, writer) for item in compared if item.measure.headline],
            "details": [
                _row(item, writer)
                for item in sorted(compared, key=_by_reach)
                if not item.measure.headline
                and item.difference is not None
                and (item.first.value or item.second.value)
            ],
        },
        "marks": {},
        "legend": [],
        "comments": [],
        "group": 0,
        "glossary": glossary_of(metrics, writer),
    }
    body["appendix"] = {
        "method": METHOD,
        "manifest": manifest_of(manifest, writer),
        "warnings": [
            [letter, writer.inline(note)]
            for letter, side in zip(SIDES, sides, strict=True)
            for note in side.notes
        ],
        "replaced": replaced_by(writer),
        "cjk": font_set().has_cjk,
        "masked": writer.masked,
        "thesis": [],
        "has": has,
    }
    return body


def _by_reach(item: Compared) -> tuple[bool, float]:
    size = 0.0 if item.difference is None else abs(item.difference.value)
    return (item.verdict not in ("higher", "lower"), -size)


def _side(letter: str, side: CorpusData, total: Totals, writer: Writer) -> dict[str, Json]:
    dates = ""
    if total.first is not None and total.last is not None:
        dates = f"{say_date(total.first)} to {say_date(total.last)}"
    return {
        "letter": letter,
        "name": writer.inline(writer.hide(side.name)),
        "comments": f"{total.comments:,}",
        "dates": dates or "no dates",
        "replies": f"{total.replies:,}",
        "versions": ", ".join(
            f"{name} {writer.label(version, 40)}" for name, version in side.versions.items()
        ),
    }


def _row(item: Compared, writer: Writer) -> dict[str, Json]:
    measure = item.measure
    return {
        "name": writer.label(measure.title, 80),
        "share": measure.kind == "share",
        "values": [_value(item, side) for side in (item.first, item.second)],
        "difference": signed(item),
        "interval": span(item),
        "verdict": {"higher": "higher in B", "lower": "lower in B"}.get(item.verdict, item.verdict),
        "clear": item.verdict in ("higher", "lower"),
    }


def _value(item: Compared, side: Sums) -> str:
    if side.ratio is None:
        return "–"
    if item.measure.kind == "mean":
        return f"{side.ratio:.2f}"
    if side.total < MIN_FOR_PERCENT:
        return f"{side.value:,.0f} of {side.total:,}"
    return percent(side.ratio)
