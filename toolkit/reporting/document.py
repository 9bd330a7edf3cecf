"""The data that the typst templates set for an article."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from toolkit.records import Evidence
from toolkit.reporting import comments, sections, stance_section
from toolkit.reporting.data import (
    READABILITY,
    RHETORIC,
    STANCE,
    TECHNIQUES,
    TOXICITY,
    ReportData,
    Thread,
)
from toolkit.reporting.escape import is_rtl, shorten
from toolkit.reporting.findings import Finding, Quote, Reference
from toolkit.reporting.fonts import font_set
from toolkit.reporting.frames import Drawing
from toolkit.reporting.writer import Json, Writer
from toolkit.schema import Direction, Metric

#: From so many comments on the bookmarks name groups of comments, not each one.
MAX_BOOKMARKS: Final = 300

#: Kind of document -> what it calls itself.
NAMES: Final = {
    "article": "Comment report",
    "corpus": "Corpus report",
    "comparison": "Comparison of comments",
}


def build(
    data: ReportData,
    thread: Thread,
    found: Sequence[Finding],
    drawings: Sequence[Drawing],
    *,
    mask_slurs: bool,
    banned: frozenset[str] = frozenset(),
) -> dict[str, Json]:
    """All that the templates read, as JSON values.

    ``banned`` characters are replaced as if no font had them.
    """
    writer = Writer(mask_slurs=mask_slurs, banned=banned)
    styles = comments.mark_styles(thread)
    body = {
        "meta": _meta(data, writer),
        "cover": _cover(data, thread, found, writer),
        "figures": figures_of(drawings),
        "stance": stance_section.stance(data, thread, writer),
        "rhetoric": sections.rhetoric(thread, writer),
        "techniques": sections.techniques(thread, writer),
        "readability": sections.readability(data, thread),
        "toxicity": sections.toxicity(thread, writer),
        "tree": sections.tree(thread, writer),
        "marks": styles,
        "legend": comments.legend(thread, writer, styles),
        "comments": [comments.comment(row, thread, writer) for row in thread.rows],
        "group": 0 if len(thread.rows) <= MAX_BOOKMARKS else 100,
        "glossary": glossary_of(data.metrics, writer),
    }
    body["appendix"] = _appendix(data, thread, writer)
    return body


def figures_of(drawings: Sequence[Drawing]) -> dict[str, Json]:
    """File, alternative text and caption by name."""
    return {
        drawing.name: {
            "file": f"{drawing.name}.svg",
            "alt": drawing.alt,
            "caption": drawing.caption,
        }
        for drawing in drawings
    }


def _meta(data: ReportData, writer: Writer) -> dict[str, Json]:
    title = data.page.article.title or data.manifest.get("input") or "Comments"
    return meta_of(title, "article", data.manifest, writer, language=data.page.article.language)


def meta_of(
    title: str,
    kind: str,
    manifest: Mapping[str, str],
    writer: Writer,
    *,
    language: str | None = None,
) -> dict[str, Json]:
    """What the look of a document needs; ``kind`` is article, corpus or comparison."""
    fonts = font_set()
    return {
        "kind": kind,
        "name": NAMES[kind],
        "title": writer.label(title, 200),
        "running": writer.label(title, 70),
        "fonts": fonts.families(language),
        "rtl_fonts": fonts.families(language, rtl=True),
        "cjk_fonts": {tag: fonts.families(tag) for tag in ("ja", "ko", "zh")},
        "made": _date(manifest.get("made")),
    }


def _date(made: str | None) -> list[int] | None:
    match = re.match(r"(\d{4})-(\d\d)-(\d\d)", made or "")
    return [int(part) for part in match.groups()] if match else None


def _cover(
    data: ReportData, thread: Thread, found: Sequence[Finding], writer: Writer
) -> dict[str, Json]:
    article = data.page.article
    source: list[str] = []
    if article.byline:
        source.append(writer.label(article.byline, 120))
    if article.published_at:
        source.append(f"{article.published_at.day} {article.published_at:%B %Y}")
    rows = thread.rows
    facts: list[list[str]] = [[f"{len(rows):,}", "comment" if len(rows) == 1 else "comments"]]
    if len(rows) > 1:
        authors = {row.author or row.handle for row in rows} - {None}
        if authors:
            facts.append([f"{len(authors):,}", "named writers"])
        deepest = max(row.depth for row in rows)
        if deepest:
            facts.append([f"{deepest:,}", "replies deep" if deepest > 1 else "reply deep"])
    words = sum(row.words or 0 for row in rows)
    if rows:
        facts.append([f"{words:,}", "words"])
    dates = [row.created_at for row in rows if row.created_at is not None]
    if dates:
        facts.append(_period(min(dates), max(dates)))
    is_open = data.page.comments_open
    if is_open is not None:
        facts.append(["open" if is_open else "closed", "for comments"])
    return {
        "title": writer.inline(writer.hide(article.title or "")) or [["Untitled page", False, []]],
        "title_rtl": is_rtl(article.title or ""),
        "long_title": len(article.title or "") > 90,
        "source": source,
        "url": _safe_url(article.url),
        "url_text": writer.label(article.url, 90) if article.url else None,
        "facts": facts,
        "truncated": article.truncated,
        "thesis": [
            {"runs": writer.inline(writer.hide(sentence.text)), "rtl": is_rtl(sentence.text)}
            for sentence in data.thesis
        ],
        "findings": [
            {"topic": item.topic, "parts": finding_parts(item, thread, writer)} for item in found
        ],
        "manifest": manifest_of(data.manifest, writer),
        "models": any(
            row.label_of(STANCE, "label") is not None
            or row.number_of(TOXICITY, "toxicity") is not None
            for row in rows
        ),
    }


def _period(first: datetime, last: datetime) -> list[str]:
    if first.date() == last.date():
        return [f"{first.day} {first:%b %Y}", "written on"]
    days = (last.date() - first.date()).days
    return [f"{days:,}", "day from first to last" if days == 1 else "days from first to last"]


def _safe_url(url: str | None) -> str | None:
    """The address where a link may lead there: http or https, and nothing odd in it."""
    if not url or len(url) > 2000 or not url.isascii() or not url.isprintable() or " " in url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None


def finding_parts(finding: Finding, thread: Thread, writer: Writer) -> list[Json]:
    """A finding as texts, quotes and references."""
    parts: list[Json] = []
    for part in finding.parts:
        if isinstance(part, Quote):
            quote = writer.hide(part.text, _on_quote(part, thread))
            parts.append({"quote": writer.inline(shorten(quote, 150)), "comment": part.comment})
        elif isinstance(part, Reference):
            parts.append({"comment": part.comment})
        else:
            parts.append({"text": writer.inline(writer.hide(part))})
    return parts


def _on_quote(quote: Quote, thread: Thread) -> list[Evidence]:
    row = thread.rows[quote.comment - 1]
    at = (row.text or "").find(quote.text)
    return row.flagged_within(at, at + len(quote.text)) if at >= 0 else []


def manifest_of(manifest: Mapping[str, str], writer: Writer) -> list[list[str]]:
    """What made the numbers, in rows."""
    return [[writer.label(key, 60), writer.label(value, 140)] for key, value in manifest.items()]


def glossary_of(metrics: Mapping[str, Metric], writer: Writer) -> list[Json]:
    """``[column, description, 'unit, range']`` of every number."""
    rows = []
    for name, metric in metrics.items():
        # A rate stands beside its count, so a row of its own would say everything twice.
        count = name.removesuffix("_per_100_words")
        if metric.name == "null_reason" or (count != name and count in metrics):
            continue
        about = [metric.unit.value]
        low, high = metric.bounds
        if low is not None and high is not None:
            about.append(f"{low:g} to {high:g}")
        elif low is not None or high is not None:
            about.append(f"from {low:g}" if low is not None else f"up to {high:g}")
        if metric.direction in (Direction.HIGHER_IS_EASIER, Direction.HIGHER_IS_HARDER):
            about.append(metric.direction.value)
        rows.append(
            [writer.label(name, 90), writer.label(metric.description, 900), ", ".join(about)]
        )
    return rows


def replaced_by(writer: Writer) -> list[str]:
    """The characters that no font holds, by script; asked for when all texts are written."""
    return [
        f"{script}: {points}" + (f" and {count - 5:,} more" if count > 5 else "")
        for script, count, points in writer.replacements.by_script()
    ]


def _appendix(data: ReportData, thread: Thread, writer: Writer) -> dict[str, Json]:
    return {
        "method": [],
        "manifest": manifest_of(data.manifest, writer),
        "warnings": [
            [writer.label(warning.code, 60), writer.inline(warning.message)]
            for warning in data.page.warnings
        ],
        "replaced": replaced_by(writer),
        "cjk": font_set().has_cjk,
        "masked": writer.masked,
        "thesis": [
            {
                "runs": writer.inline(writer.hide(sentence.text)),
                "why": writer.label(sentence.reason, 200),
                "score": f"{sentence.score:.2f}",
                "source": sentence.source,
            }
            for sentence in data.thesis
        ],
        "has": {
            name: thread.has(name) for name in (STANCE, TOXICITY, RHETORIC, TECHNIQUES, READABILITY)
        },
    }
