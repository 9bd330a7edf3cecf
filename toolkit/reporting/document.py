"""The data that the typst templates set, and the call that sets them.

Everything a page or a comment says goes to typst as JSON that the templates
read as strings. No markup is ever built from it, so no text can inject any.
The templates run in a folder of their own, which typst cannot leave.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from statistics import median
from typing import Any, Final
from urllib.parse import urlsplit

import typst

from toolkit.errors import InternalError
from toolkit.records import Evidence
from toolkit.reporting.data import (
    LANGUAGE,
    READABILITY,
    RHETORIC,
    STANCE,
    STANCE_LABELS,
    TOXICITY,
    ReportData,
    Row,
    Thread,
)
from toolkit.reporting.escape import Replacements, Span, display, plain, shorten
from toolkit.reporting.figures import Drawing, band_of
from toolkit.reporting.findings import (
    HYLAND,
    MIN_FOR_MEDIAN,
    TOXIC,
    Finding,
    Quote,
    Reference,
    flagged,
    grade_metric,
    is_quoted,
    is_uncertain,
    key_sentence,
    labelled,
    of,
    words_for,
)
from toolkit.reporting.fonts import font_set
from toolkit.reporting.masking import mask

#: What the PDF conforms to.
STANDARDS: Final = ("ua-1", "a-2a")
#: Pixels per inch of the picture of the first page.
PAGE_DPI: Final = 144

#: Most quotes of a category, spans of a list, pairs of a label; the rest is counted.
MAX_QUOTES: Final = 6
MAX_FLAGGED: Final = 20
MAX_PAIRS: Final = 4
#: From so many comments on the bookmarks name groups of comments, not each one.
MAX_BOOKMARKS: Final = 300

Json = Any


class Writer:
    """Turns texts into what the templates set, and remembers what no font holds."""

    def __init__(self, *, mask_slurs: bool) -> None:
        self.mask_slurs = mask_slurs
        self.replacements = Replacements()
        self.masked = False

    def hide(self, text: str, evidence: Iterable[Evidence] = ()) -> str:
        """The text, slurs masked where that is asked for; the length stays."""
        if not self.mask_slurs:
            return text
        hidden = mask(text, evidence)
        self.masked = self.masked or hidden != text
        return hidden

    def paragraphs(self, text: str, spans: Iterable[Span] = ()) -> list[Json]:
        """``[{"rtl": bool, "runs": [[text, is_chip, [marks]]]}]``."""
        return [
            {
                "rtl": paragraph.rtl,
                "runs": [[run.text, run.kind == "chip", list(run.marks)] for run in paragraph.runs],
            }
            for paragraph in display(text, spans, replacements=self.replacements)
        ]

    def inline(self, text: str, spans: Iterable[Span] = ()) -> list[Json]:
        """The runs of a text on one line."""
        runs: list[Json] = []
        for paragraph in self.paragraphs(text, spans):
            if not paragraph["runs"]:
                continue
            if runs:
                runs.append([" ", False, []])
            runs += paragraph["runs"]
        return runs

    def label(self, text: str, limit: int) -> str:
        """A short plain text for a place that holds no runs."""
        return shorten(plain(self.hide(text), replacements=self.replacements), limit)


def build(
    data: ReportData,
    thread: Thread,
    found: Sequence[Finding],
    drawings: Sequence[Drawing],
    *,
    mask_slurs: bool,
) -> dict[str, Json]:
    """All that the templates read, as JSON values."""
    writer = Writer(mask_slurs=mask_slurs)
    styles = _mark_styles(thread)
    body = {
        "meta": _meta(data, writer),
        "cover": _cover(data, thread, found, writer),
        "figures": {
            drawing.name: {
                "file": f"{drawing.name}.svg",
                "alt": drawing.alt,
                "caption": drawing.caption,
            }
            for drawing in drawings
        },
        "stance": _stance(data, thread, writer),
        "rhetoric": _rhetoric(thread, writer),
        "readability": _readability(data, thread),
        "toxicity": _toxicity(thread, writer),
        "tree": _tree(thread, writer),
        "marks": styles,
        "legend": _legend(thread, styles),
        "comments": [_comment(row, thread, writer) for row in thread.rows],
        "group": 0 if len(thread.rows) <= MAX_BOOKMARKS else 100,
        "glossary": _glossary(data),
    }
    body["appendix"] = _appendix(data, thread, writer)
    return body


def _meta(data: ReportData, writer: Writer) -> dict[str, Json]:
    fonts = font_set()
    title = data.page.article.title or data.manifest.get("input") or "Comments"
    return {
        "title": writer.label(title, 200),
        "running": writer.label(title, 70),
        "fonts": fonts.families(data.page.article.language),
        "rtl_fonts": fonts.families(data.page.article.language, rtl=True),
        "cjk_fonts": {tag: fonts.families(tag) for tag in ("ja", "ko", "zh")},
        "made": _date(data.manifest.get("made")),
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
        source.append(article.published_at.strftime("%-d %B %Y"))
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
        "title": writer.inline(writer.hide(article.title or "Untitled page")),
        "long_title": len(article.title or "") > 90,
        "source": source,
        "url": _safe_url(article.url),
        "url_text": writer.label(article.url, 90) if article.url else None,
        "facts": facts,
        "truncated": article.truncated,
        "thesis": [
            {"runs": writer.inline(writer.hide(sentence.text)), "source": sentence.source}
            for sentence in data.thesis
        ],
        "findings": [_finding(item, thread, writer) for item in found],
        "manifest": _manifest(data, writer),
        "models": thread.has(STANCE) or thread.has(TOXICITY),
    }


def _period(first: datetime, last: datetime) -> list[str]:
    if first.date() == last.date():
        return [first.strftime("%-d %b %Y"), "written on"]
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


def _finding(finding: Finding, thread: Thread, writer: Writer) -> list[Json]:
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
    return _within(row, at, at + len(quote.text)) if at >= 0 else []


def _within(row: Row, start: int, end: int) -> list[Evidence]:
    """The row's toxicity spans inside a stretch of its text, counted from its start."""
    return [
        Evidence(
            analyzer=item.analyzer,
            label=item.label,
            start=item.start - start,
            end=item.end - start,
            quote=item.quote,
        )
        for item in row.evidence_of(TOXICITY)
        if start <= item.start and item.end <= end
    ]


def _manifest(data: ReportData, writer: Writer) -> list[list[str]]:
    return [
        [key, writer.label(value, 140) if "sha256" not in key else value]
        for key, value in data.manifest.items()
    ]


def _stance(data: ReportData, thread: Thread, writer: Writer) -> Json:
    if not thread.has(STANCE) or not thread.rows:
        return None
    groups = labelled(thread)
    article = [
        {"runs": writer.inline(writer.hide(sentence.text)), "source": sentence.source}
        for sentence in data.thesis
    ]
    shown: list[Json] = []
    left: list[str] = []
    for label in STANCE_LABELS:
        rows = [row for row in groups[label] if key_sentence(row) is not None]
        for row in rows[:MAX_PAIRS]:
            sentence = key_sentence(row)
            assert sentence is not None
            share = row.number_of(STANCE, label)
            text = writer.hide(sentence.quote, _within(row, sentence.start, sentence.end))
            shown.append(
                {
                    "comment": row.number,
                    "author": _author(row, writer, 40),
                    "label": label,
                    "share": None if share is None else f"{share:.2f}",
                    "close": is_uncertain(row),
                    "runs": writer.inline(shorten(text, 420)),
                    "against": _against(row, data, writer),
                }
            )
        if len(rows) > MAX_PAIRS:
            left.append(f"{len(rows) - MAX_PAIRS:,} more {label}")
    reasons = Counter(reason for row in thread.rows if (reason := row.reason(STANCE)) is not None)
    return {
        "thesis": article,
        "pairs": shown,
        "left": "; ".join(left),
        "missing": _missing(reasons, len(thread.rows)),
    }


def _against(row: Row, data: ReportData, writer: Writer) -> list[Json]:
    """The sentence of the article that the comment's sentence was set against."""
    for item in row.evidence:
        if (
            item.analyzer == STANCE
            and not row.quotes(item)
            and item.quote in data.page.article.text
        ):
            return writer.inline(shorten(writer.hide(item.quote), 420))
    if data.thesis:
        best = max(data.thesis, key=lambda sentence: sentence.score)
        return writer.inline(shorten(writer.hide(best.text), 420))
    return []


def _missing(reasons: Mapping[str, int], total: int) -> str:
    """'3 of 14 comments have no number: 2 too short, 1 other language.'"""
    if not reasons:
        return ""
    count = sum(reasons.values())
    said = ", ".join(f"{n:,} {reason}" for reason, n in Counter(reasons).most_common())
    if total == 1:
        return f"The comment has no number here: {next(iter(reasons))}."
    return f"{of(count, total)} {'has' if count == 1 else 'have'} no number here: {said}."


def _author(row: Row, writer: Writer, limit: int) -> list[Json]:
    name = row.author or row.handle or "without a name"
    return writer.inline(shorten(writer.hide(name), limit))


def _rhetoric(thread: Thread, writer: Writer) -> Json:
    if not thread.has(RHETORIC) or not thread.rows:
        return None
    described = {metric.name: metric.description for metric in thread.analyzers[RHETORIC]}
    found: dict[str, list[tuple[Row, Evidence]]] = {}
    for row in thread.rows:
        for item in row.evidence_of(RHETORIC):
            found.setdefault(item.label, []).append((row, item))
    own = {
        name: len({row.number for row, item in items if not is_quoted(item)})
        for name, items in found.items()
    }
    categories = []
    order = sorted(found, key=lambda name: (name in HYLAND, -own[name], -len(found[name]), name))
    for name in order:
        groups: dict[str, list[tuple[Row, Evidence]]] = {}
        for row, item in found[name]:
            groups.setdefault(item.quote.casefold(), []).append((row, item))
        ranked = sorted(groups.values(), key=lambda items: -len(items))
        quotes = [
            {
                "runs": writer.inline(shorten(_hidden(items[0][0], items[0][1], writer), 90)),
                "comments": list(dict.fromkeys(row.number for row, _ in items))[:8],
                "more": max(0, len({row.number for row, _ in items}) - 8),
                "quoted": all(is_quoted(item) for _, item in items),
            }
            for items in ranked[:MAX_QUOTES]
        ]
        left = len(ranked) - len(quotes)
        where = of(own[name], len(thread.rows)) if len(thread.rows) > 1 else "in the comment"
        categories.append(
            {
                "name": words_for(name),
                "mark": _mark(RHETORIC, name),
                "definition": _definition(described.get(name, "")),
                "count": where if own[name] else "only in quoted words",
                "quotes": quotes,
                "left": f"{left:,} other wording{'s' if left > 1 else ''}" if left else "",
            }
        )
    reasons = Counter(reason for row in thread.rows if (reason := row.reason(RHETORIC)) is not None)
    unused = [words_for(name) for name in thread.categories if name not in found]
    return {
        "categories": categories,
        "missing": _missing(reasons, len(thread.rows)),
        "unused": ", ".join(unused),
    }


def _definition(description: str) -> str:
    """What a category is, from its metric's description ('Markers of X: what, outside …')."""
    said = description.partition(": ")[2] or description
    said = said.removesuffix(".").removesuffix(", outside quotations")
    return f"{said}." if said else ""


def _hidden(row: Row, item: Evidence, writer: Writer) -> str:
    return writer.hide(item.quote, _within(row, item.start, item.end))


def _readability(data: ReportData, thread: Thread) -> Json:
    if not thread.has(READABILITY):
        return None
    metric = grade_metric(data, thread)
    reasons = Counter(
        reason for row in thread.rows if (reason := row.reason(READABILITY)) is not None
    )
    missing = _missing(reasons, len(thread.rows))
    if metric is None:
        return {"rows": [], "missing": missing, "median": False} if missing else None
    rows = []
    names = [
        m
        for m in thread.analyzers[READABILITY]
        if m.dtype.is_numeric() and m.name not in ("words", "sentences")
    ]
    values = {m.name: _values(thread, m.name) for m in names}
    enough = max((len(found) for found in values.values()), default=0) >= MIN_FOR_MEDIAN
    for m in names:
        found = values[m.name]
        article = data.article_value(m.name)
        if article is None and not found:
            continue
        rows.append(
            {
                "name": words_for(m.name).replace("score", "").strip(),
                "article": "–" if article is None else f"{article:.1f}",
                "comments": _summary(found, enough=enough),
                "direction": m.direction.value,
                "main": m.name == metric,
                "band": "" if m.name != metric or article is None else band_of(metric, article),
            }
        )
    return {"rows": rows, "missing": missing, "median": enough, "one": len(thread.rows) == 1}


def _values(thread: Thread, metric: str) -> list[float]:
    return [v for row in thread.rows if (v := row.number_of(READABILITY, metric)) is not None]


def _summary(values: Sequence[float], *, enough: bool) -> str:
    if not values:
        return "–"
    if len(values) < MIN_FOR_MEDIAN:
        return ("each: " if enough else "") + ", ".join(f"{value:.1f}" for value in values)
    low, high = min(values), max(values)
    return f"{median(values):.1f}  ({low:.1f} to {high:.1f}, {len(values):,} comments)"


def _toxicity(thread: Thread, writer: Writer) -> Json:
    if not thread.has(TOXICITY) or not thread.rows:
        return None
    reasons = Counter(reason for row in thread.rows if (reason := row.reason(TOXICITY)) is not None)
    spans: list[Json] = []
    over = flagged(thread)
    for row in over[:MAX_FLAGGED]:
        items = sorted(row.evidence_of(TOXICITY), key=lambda item: -(item.score or 0.0))[:3]
        labels = [
            [words_for(label), f"{score:.2f}"]
            for label in thread.toxicity_labels
            if (score := row.number_of(TOXICITY, label)) is not None
            and (score >= TOXIC or label == "toxicity")
        ]
        spans.append(
            {
                "comment": row.number,
                "author": _author(row, writer, 40),
                "labels": labels,
                "quotes": [
                    writer.inline(shorten(_hidden(row, item, writer), 120)) for item in items
                ],
            }
        )
    left = len(over) - len(spans)
    scores = []
    if len(thread.rows) < 3:
        scores = [
            {
                "comment": row.number,
                "scores": [
                    [words_for(label), f"{score:.2f}"]
                    for label in thread.toxicity_labels
                    if (score := row.number_of(TOXICITY, label)) is not None
                ],
            }
            for row in thread.rows
            if row.number_of(TOXICITY, "toxicity") is not None
        ]
    return {
        "mark": f"{TOXIC}",
        "spans": spans,
        "left": f"{left:,} more, marked in the comments below" if left else "",
        "scores": scores,
        "missing": _missing(reasons, len(thread.rows)),
        "measured": any(row.number_of(TOXICITY, "toxicity") is not None for row in thread.rows),
    }


def _tree(thread: Thread, writer: Writer) -> list[Json]:
    """The thread depth first; nothing where no comment answers another."""
    children = thread.children()
    if len(thread.rows) < 2 or len(children) < 2:
        return []
    rows: list[Json] = []
    stack = list(reversed(children.get(None, [])))
    while stack:
        row = stack.pop()
        stack.extend(reversed(children.get(row.number, [])))
        score = row.number_of(TOXICITY, "toxicity")
        rows.append(
            {
                "comment": row.number,
                "depth": row.depth,
                "author": _author(row, writer, 24),
                "label": row.label_of(STANCE, "label") or "",
                "toxicity": "" if score is None else f"{score:.2f}",
                "toxic": score is not None and score >= TOXIC,
                "excerpt": writer.label(row.text or "", 60) if row.text else "(no text)",
            }
        )
    return rows


# Marks in the text ----------------------------------------------------------

_DASHES: Final = ("solid", "dashed", "dotted", "dash-dotted")


def _mark(analyzer: str, label: str) -> str:
    return "t" if analyzer == TOXICITY else f"r-{label}"


def _mark_styles(thread: Thread) -> dict[str, Json]:
    """Line, dash and colour of each mark. Toxicity is the only one with a ground."""
    styles: dict[str, Json] = {"t": {"colour": "toxic", "dash": "solid", "thick": True}}
    strong = 0
    labels = dict.fromkeys(
        [*thread.categories, *(item.label for row in thread.rows for item in row.evidence
                               if item.analyzer == RHETORIC)]
    )  # fmt: skip
    for name in labels:
        if name in HYLAND:
            styles[_mark(RHETORIC, name)] = {"colour": "quiet", "dash": "dotted", "thick": False}
            continue
        colour = ("blue", "green", "purple")[(strong // len(_DASHES)) % 3]
        dash = _DASHES[strong % len(_DASHES)]
        styles[_mark(RHETORIC, name)] = {"colour": colour, "dash": dash, "thick": False}
        strong += 1
    return styles


def _legend(thread: Thread, styles: Mapping[str, Json]) -> list[Json]:
    """The marks that occur in this report, with their names."""
    used = dict.fromkeys(
        (item.analyzer, item.label if item.analyzer == RHETORIC else TOXICITY)
        for row in thread.rows
        for item in row.evidence
        if item.analyzer in (RHETORIC, TOXICITY) and row.quotes(item)
    )
    entries = [
        [_mark(analyzer, label), "flagged as toxic" if analyzer == TOXICITY else words_for(label)]
        for analyzer, label in used
    ]
    order = {mark: place for place, mark in enumerate(styles)}
    return sorted(entries, key=lambda entry: order.get(entry[0], len(order)))


# Every comment --------------------------------------------------------------


def _comment(row: Row, thread: Thread, writer: Writer) -> dict[str, Json]:
    spans = [
        Span(item.start, item.end, _mark(item.analyzer, item.label))
        for item in row.evidence
        if item.analyzer in (TOXICITY, RHETORIC) and row.quotes(item)
    ]
    text = writer.hide(row.text, row.evidence_of(TOXICITY)) if row.text else None
    about = [row.created_at.strftime("%-d %b %Y, %H:%M")] if row.created_at is not None else []
    if row.likes is not None:
        about.append(f"{row.likes:,} like{'' if row.likes == 1 else 's'}")
    if row.depth > 1:
        about.append(f"{row.depth:,} replies deep")
    tag = row.label_of(LANGUAGE, "tag")
    return {
        "number": row.number,
        "author": _author(row, writer, 60),
        "bookmark": writer.label(row.author or row.handle or "without a name", 40),
        "handle": writer.label(row.handle, 40) if row.handle and row.author else None,
        "about": about,
        "parent": row.parent,
        "indent": min(row.depth, 4),
        "language": tag.split("-")[0] if tag and re.fullmatch(r"[a-z]{2,3}(-.*)?", tag) else None,
        "paragraphs": None if text is None else writer.paragraphs(text, spans),
        "status": row.status.replace("_", " "),
        "numbers": _numbers(row, thread),
    }


def _numbers(row: Row, thread: Thread) -> list[Json]:
    """``[name, value, note, level]`` for the margin; level 1 is called out."""
    found: list[Json] = []
    if thread.has(STANCE):
        label = row.label_of(STANCE, "label")
        share = row.number_of(STANCE, label) if label else None
        if label is None:
            found.append(["stance", "–", row.reason(STANCE) or "not judged", 0])
        else:
            close = "close call" if is_uncertain(row) else ""
            said = label if share is None else f"{label} {share:.2f}"
            found.append(["stance", said, close, 2 if label in ("agree", "disagree") else 0])
    if thread.has(TOXICITY):
        score = row.number_of(TOXICITY, "toxicity")
        if score is None:
            found.append(["toxicity", "–", row.reason(TOXICITY) or "not scored", 0])
        else:
            others = [
                (value, words_for(name))
                for name in thread.toxicity_labels
                if name != "toxicity" and (value := row.number_of(TOXICITY, name)) is not None
            ]
            high = [f"{name} {chance:.2f}" for chance, name in others if chance >= TOXIC]
            found.append(["toxicity", f"{score:.2f}", ", ".join(high), int(score >= TOXIC)])
    if thread.has(READABILITY):
        found += _readability_numbers(row)
    if thread.has(RHETORIC):
        reason = row.reason(RHETORIC)
        counts = [
            f"{words_for(name)} {int(count)}" if count > 1 else words_for(name)
            for name in thread.categories
            if (count := row.number_of(RHETORIC, name)) and name not in HYLAND
        ]
        quiet = sum(int(row.number_of(RHETORIC, name) or 0) for name in HYLAND)
        if quiet:
            counts.append(f"{quiet} of style")
        if reason is not None:
            found.append(["markers", "–", reason, 0])
        else:
            found.append(["markers", ", ".join(counts) if counts else "none", "", 0])
    tag = row.label_of(LANGUAGE, "tag")
    if tag and tag != "en":
        confidence = row.number_of(LANGUAGE, "confidence")
        name = "unsure" if tag == "und" else tag
        note = f"{confidence:.2f}" if confidence is not None and tag != "und" else ""
        found.append(["language", name, note, 0])
    return found


def _readability_numbers(row: Row) -> list[Json]:
    words = row.number_of(READABILITY, "words")
    grade = row.number_of(READABILITY, "flesch_kincaid_grade")
    lix = row.number_of(READABILITY, "lix")
    found: list[Json] = []
    if grade is not None:
        found.append(["grade", f"{grade:.1f}", band_of("flesch_kincaid_grade", grade), 0])
    elif lix is not None:
        found.append(["LIX", f"{lix:.0f}", band_of("lix", lix), 0])
    else:
        found.append(["grade", "–", row.reason(READABILITY) or "not graded", 0])
    if words is not None:
        found.append(["words", f"{words:,.0f}", "", 0])
    return found


# Appendix -------------------------------------------------------------------


def _glossary(data: ReportData) -> list[Json]:
    rows = []
    for name, metric in data.metrics.items():
        if metric.name == "null_reason":
            continue
        low, high = metric.bounds
        if metric.dtype.is_numeric():
            ends = (
                "unbounded"
                if low is None and high is None
                else f"from {low:g}"
                if high is None
                else f"to {high:g}"
                if low is None
                else f"{low:g} to {high:g}"
            )
        else:
            ends = ""
        rows.append([name, metric.description, metric.unit.value, ends, metric.direction.value])
    return rows


def _appendix(data: ReportData, thread: Thread, writer: Writer) -> dict[str, Json]:
    replaced = [
        f"{count:,} character{'' if count == 1 else 's'} of the script {script} ({points})"
        for script, count, points in writer.replacements.by_script()
    ]
    return {
        "manifest": _manifest(data, writer),
        "warnings": [
            [writer.label(warning.code, 60), writer.inline(warning.message)]
            for warning in data.page.warnings
        ],
        "replaced": replaced,
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
        "has": {name: thread.has(name) for name in (STANCE, TOXICITY, RHETORIC, READABILITY)},
    }


# Setting --------------------------------------------------------------------


class Press:
    """The templates and the data in a folder of their own, ready to be set.

    Use as a context manager; the folder goes when it ends.
    """

    def __init__(self, body: Mapping[str, Json], svgs: Mapping[str, bytes]) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="toolkit-report-")
        root = Path(self._folder.name)
        for template in files("toolkit.reporting.templates").iterdir():
            if template.name.endswith(".typ"):
                (root / template.name).write_bytes(template.read_bytes())
        (root / "data.json").write_text(json.dumps(body), encoding="utf-8")
        for name, content in svgs.items():
            (root / f"{name}.svg").write_bytes(content)
        self._compiler = typst.Compiler(
            str(root / "article.typ"),
            root=str(root),
            font_paths=[str(folder) for folder in font_set().folders],
            ignore_system_fonts=True,
            sys_inputs={},
        )

    def __enter__(self) -> Press:
        return self

    def __exit__(self, *exception: object) -> None:
        self._folder.cleanup()

    def pdf(self) -> bytes:
        """The whole document as PDF/UA-1 and PDF/A-2a. InternalError where it cannot be set."""
        return self._set("all", format="pdf", pdf_standards=list(STANDARDS))[0]

    def first_page(self) -> bytes:
        """The first page as a PNG picture at ``PAGE_DPI`` pixels an inch."""
        return self._set("cover", format="png", ppi=float(PAGE_DPI))[0]

    def _set(self, part: str, **how: Any) -> list[bytes]:
        try:
            made = self._compiler.compile(sys_inputs={"part": part}, **how)
        except typst.TypstError as error:
            raise InternalError(
                f"the report could not be set: {error}",
                next_step="Please report this, with the page if you can share it.",
            ) from error
        if made is None:
            raise InternalError("typst gave back nothing", next_step="Please report this.")
        return [made] if isinstance(made, bytes) else list(made)
