"""The sections on rhetoric, readability, toxicity and the thread, as JSON values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from statistics import median
from typing import Final

from toolkit.records import Evidence
from toolkit.reporting.comments import mark
from toolkit.reporting.data import (
    READABILITY,
    RHETORIC,
    STANCE,
    TECHNIQUES,
    TOXICITY,
    ReportData,
    Row,
    Thread,
    technique_title,
    words_for,
)
from toolkit.reporting.escape import shorten
from toolkit.reporting.findings import (
    MIN_FOR_MEDIAN,
    TOXIC,
    band_of,
    flagged,
    grade_metric,
    is_quoted,
    of,
)
from toolkit.reporting.frames import MIN_MARKS
from toolkit.reporting.writer import Json, Writer

FAMILIES: Final = ("critical", "constructive", "neutral")

#: Reasons for a dash, as a sentence has them.
CLAUSES: Final = {
    "no text": "without text",
    "too few sentences": "of too few sentences",
    "not prose": "no prose",
    "other language": "in another language",
    "no thesis": "without a claim to set it against",
}

#: Measures by the names they are known by.
MEASURES: Final = {
    "flesch_reading_ease": "Flesch reading ease",
    "flesch_kincaid_grade": "Flesch-Kincaid grade",
    "gunning_fog": "Gunning fog",
    "smog_index": "SMOG",
    "automated_readability_index": "Automated readability index",
    "coleman_liau_index": "Coleman-Liau index",
    "dale_chall_readability_score": "Dale-Chall score",
    "lix": "LIX",
    "rix": "RIX",
}

#: Most quotes of a category, rows of the list of flagged words, sentences of a
#: label, likes of a comment; what is left over is counted.
MAX_QUOTES: Final = 6
MAX_FLAGGED: Final = 20
MAX_PAIRS: Final = 4
#: Letters of a sentence, of a flagged span, of a marker.
MAX_SENTENCE: Final = 420
MAX_SPAN: Final = 120
MAX_MARKER: Final = 90


def missing(thread: Thread, analyzer: str, metric: str | None = None) -> str:
    """'3 of 14 comments have no number here: 2 too short, 1 in another language.'

    With ``metric``, of the comments that have no value of it.
    """
    total = len(thread.rows)
    counts = Counter(
        reason
        for row in thread.rows
        if (reason := row.reason(analyzer)) is not None
        and (metric is None or row.number_of(analyzer, metric) is None)
    )
    if not counts:
        return ""
    clauses = {reason: CLAUSES.get(reason, reason) for reason in counts}
    if total == 1:
        return f"The comment has no number here: it is {clauses[next(iter(counts))]}."
    number = sum(counts.values())
    if number == total and len(counts) == 1:
        return f"No comment has a number here: all are {clauses[next(iter(counts))]}."
    said = ", ".join(f"{n:,} {clauses[reason]}" for reason, n in counts.most_common())
    verb = "has" if number == 1 else "have"
    return f"{of(number, total)} {verb} no number here: {said}."


def rhetoric(thread: Thread, writer: Writer) -> Json:
    """Categories with their wordings and where they stand; None where rhetoric did not run."""
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
    order = sorted(
        found,
        key=lambda name: (FAMILIES.index(thread.family(name)), -own[name], -len(found[name]), name),
    )
    categories = [
        {
            "name": writer.label(thread.title(name), 60),
            "family": thread.family(name),
            "mark": mark(RHETORIC, name),
            "definition": writer.label(_definition(described.get(name, "")), 400),
            "count": _where(own[name], thread) if own[name] else "only in quoted words",
            "only-quoted": not own[name],
            **_wordings(found[name], writer),
        }
        for name in order
    ]
    unused = [thread.title(name).lower() for name in thread.categories if name not in found]
    return {
        "categories": categories,
        "measured": any(
            row.number_of(RHETORIC, name) is not None
            for row in thread.rows
            for name in thread.categories
        ),
        "missing": missing(thread, RHETORIC),
        "unused": writer.label(", ".join(unused), 2000),
    }


def techniques(thread: Thread, writer: Writer) -> Json:
    """What the model of techniques marked, by technique; None where it did not run."""
    if not thread.has(TECHNIQUES) or not thread.rows:
        return None
    described = {metric.name: metric.description for metric in thread.analyzers[TECHNIQUES]}
    found: dict[str, list[tuple[Row, Evidence]]] = {name: [] for name in thread.techniques}
    for row in thread.rows:
        for item in row.evidence_of(TECHNIQUES):
            found.setdefault(item.label, []).append((row, item))
    categories = [
        {
            "name": writer.label(technique_title(name).capitalize(), 60),
            "mark": mark(TECHNIQUES, name),
            "definition": writer.label(_definition(described.get(name, "")), 400),
            "count": _where(len({row.number for row, _ in items}), thread),
            "only-quoted": False,
            **_wordings(sorted(items, key=lambda pair: -(pair[1].score or 0.0)), writer),
        }
        for name, items in found.items()
        if items
    ]
    unused = [technique_title(name) for name, items in found.items() if not items]
    return {
        "categories": categories,
        "missing": missing(thread, TECHNIQUES),
        "unused": writer.label(", ".join(unused), 400),
    }


def _where(comments: int, thread: Thread) -> str:
    return of(comments, len(thread.rows)) if len(thread.rows) > 1 else "in the comment"


def _wordings(items: Sequence[tuple[Row, Evidence]], writer: Writer) -> dict[str, Json]:
    """``quotes``: each wording once with its comments, the commonest first; ``left``: the rest."""
    groups: dict[str, list[tuple[Row, Evidence]]] = {}
    for row, item in items:
        groups.setdefault(item.quote.casefold(), []).append((row, item))
    ranked = sorted(groups.values(), key=lambda group: -len(group))
    left = max(0, len(ranked) - MAX_QUOTES)
    return {
        "quotes": [
            {
                "runs": writer.inline(
                    shorten(_hidden(group[0][0], group[0][1], writer), MAX_MARKER)
                ),
                "comments": list(dict.fromkeys(row.number for row, _ in group))[:8],
                "more": max(0, len({row.number for row, _ in group}) - 8),
                "quoted": all(is_quoted(item) for _, item in group),
            }
            for group in ranked[:MAX_QUOTES]
        ],
        "left": f"{left:,} other wording{'s' if left > 1 else ''}" if left else "",
    }


def _definition(description: str) -> str:
    """What a category is, from its metric's description ('Markers of X: what, outside …')."""
    said = description.partition(": ")[2] or description
    said = said.removesuffix(".").removesuffix(", outside quotations")
    return f"{said}." if said else ""


def _hidden(row: Row, item: Evidence, writer: Writer) -> str:
    return writer.hide(item.quote, row.flagged_within(item.start, item.end))


def readability(data: ReportData, thread: Thread) -> Json:
    """Measures of article and comments side by side; None where nothing was measured."""
    if not thread.has(READABILITY):
        return None
    metric = grade_metric(data, thread)
    lacking = missing(thread, READABILITY, metric)
    if metric is None:
        return {"rows": [], "missing": lacking} if lacking else None
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
                "name": MEASURES.get(m.name, words_for(m.name).capitalize()),
                "article": "–" if article is None else f"{article:.1f}".replace("-", "−"),
                "comments": _summary(found, enough=enough),
                "direction": m.direction.value,
                "main": m.name == metric,
                "band": "" if m.name != metric or article is None else band_of(metric, article),
            }
        )
    return {
        "rows": rows,
        "missing": lacking,
        "median": enough,
        "one": len(thread.rows) == 1,
        "comments": any(values.values()),
    }


def _values(thread: Thread, metric: str) -> list[float]:
    return [v for row in thread.rows if (v := row.number_of(READABILITY, metric)) is not None]


def _summary(values: Sequence[float], *, enough: bool) -> str:
    if not values:
        return "–"
    if len(values) < MIN_FOR_MEDIAN:
        listed = ", ".join(f"{value:.1f}" for value in values)
        return ("each: " if enough else "") + listed.replace("-", "−")
    low, high = min(values), max(values)
    said = f"{median(values):.1f}  ({low:.1f} to {high:.1f}, {len(values):,} comments)"
    return said.replace("-", "−")


def toxicity(thread: Thread, writer: Writer) -> Json:
    """Comments at or above the mark with their flagged words; None where it did not run."""
    if not thread.has(TOXICITY) or not thread.rows:
        return None
    spans: list[Json] = []
    over = flagged(thread)
    for row in over[:MAX_FLAGGED]:
        items = sorted(row.evidence_of(TOXICITY), key=lambda item: -(item.score or 0.0))[:3]
        high = [
            [words_for(label), f"{score:.2f}"]
            for label in thread.toxicity_labels
            if (score := row.number_of(TOXICITY, label)) is not None
            and (score >= TOXIC or label == "toxicity")
        ]
        spans.append(
            {
                "comment": row.number,
                "author": writer.author(row, 40),
                "labels": high,
                "quotes": [
                    writer.inline(shorten(_hidden(row, item, writer), MAX_SPAN)) for item in items
                ],
            }
        )
    left = len(over) - len(spans)
    labels = thread.toxicity_labels
    scores = [
        [row.number, *(_score(row.number_of(TOXICITY, label)) for label in labels)]
        for row in thread.rows
        if len(thread.rows) < MIN_MARKS and row.number_of(TOXICITY, "toxicity") is not None
    ]
    return {
        "mark": f"{TOXIC}",
        "spans": spans,
        "left": f"{left:,} more, marked in the comments below" if left else "",
        "labels": [words_for(label) for label in labels],
        "scores": scores,
        "missing": missing(thread, TOXICITY),
        "measured": any(row.number_of(TOXICITY, "toxicity") is not None for row in thread.rows),
    }


def _score(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def tree(thread: Thread, writer: Writer) -> list[Json]:
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
                "author": writer.author(row, 24),
                "label": row.label_of(STANCE, "label") or "",
                "toxicity": "" if score is None else f"{score:.2f}",
                "toxic": score is not None and score >= TOXIC,
                "excerpt": writer.label(row.text, 62 - 2 * min(row.depth, 12))
                if row.text
                else "(no text)",
            }
        )
    return rows
