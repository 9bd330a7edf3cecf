"""Every comment with its marks and its numbers, as JSON values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Final

from toolkit.reporting.data import (
    LANGUAGE,
    READABILITY,
    RHETORIC,
    STANCE,
    TECHNIQUES,
    TOXICITY,
    Row,
    Thread,
    technique_title,
    words_for,
)
from toolkit.reporting.escape import Span
from toolkit.reporting.findings import TOXIC, band_of, is_uncertain, leaning, sides_of
from toolkit.reporting.writer import Json, Writer

#: Letters up to which a comment is kept on one page.
MAX_UNBROKEN: Final = 900

_DASHES: Final = ("solid", "dashed", "dotted", "dash-dotted")

#: Analyzers whose spans are marked in the texts; those with one style for all.
_MARKED: Final = (TOXICITY, RHETORIC, TECHNIQUES)
_ONE: Final = {TOXICITY: "t", TECHNIQUES: "m"}
_SAID: Final = {TOXICITY: "flagged as toxic", TECHNIQUES: "a technique, by a model"}


def mark(analyzer: str, label: str) -> str:
    """The id of a span's style; toxicity and the model's techniques have one for all labels."""
    return _ONE.get(analyzer) or f"r-{label}"


def mark_styles(thread: Thread) -> dict[str, Json]:
    """Colour by family, dash by category in its family; toxicity has a ground as well.

    What a model marked has a ground and no line, so that nobody takes it for
    the lexicon's.
    """
    styles: dict[str, Json] = {
        "t": {"colour": "toxic", "dash": "solid", "thick": True},
        "m": {"colour": "learned", "dash": None, "thick": False},
    }
    counts: Counter[str] = Counter()
    labels = dict.fromkeys(
        item.label for row in thread.rows for item in row.evidence if item.analyzer == RHETORIC
    )
    for name in (*(n for n in thread.categories if n in labels), *labels):
        style = mark(RHETORIC, name)
        if style in styles:
            continue
        family = thread.family(name)
        dash = "dotted" if family == "neutral" else _DASHES[counts[family] % len(_DASHES)]
        styles[style] = {"colour": family, "dash": dash, "thick": False}
        counts[family] += 1
    return styles


def legend(thread: Thread, writer: Writer, styles: Mapping[str, Json]) -> list[Json]:
    """The marks that occur in this report, with their names."""
    used = dict.fromkeys(
        (item.analyzer, "" if item.analyzer in _ONE else item.label)
        for row in thread.rows
        for item in row.evidence
        if item.analyzer in _MARKED and row.quotes(item)
    )
    entries: list[Json] = [
        [
            mark(analyzer, label),
            writer.label(_SAID.get(analyzer) or thread.title(label).lower(), 60),
        ]
        for analyzer, label in used
    ]
    order = {style: place for place, style in enumerate(styles)}
    return sorted(entries, key=lambda entry: order.get(entry[0], len(order)))


def comment(row: Row, thread: Thread, writer: Writer) -> dict[str, Json]:
    """One comment: who and when, its text with marks, its numbers."""
    spans = [
        Span(item.start, item.end, mark(item.analyzer, item.label))
        for item in row.evidence
        if item.analyzer in _MARKED and row.quotes(item)
    ]
    text = writer.hide(row.text, row.evidence_of(TOXICITY)) if row.text else None
    when = row.created_at
    about = [f"{when.day} {when:%b %Y, %H:%M}"] if when is not None else []
    if row.likes is not None:
        about.append(f"{row.likes:,} like{'' if row.likes == 1 else 's'}")
    if row.depth > 1:
        about.append(f"{row.depth:,} replies deep")
    tag = row.label_of(LANGUAGE, "tag")
    return {
        "number": row.number,
        "author": writer.author(row, 60),
        "bookmark": writer.label(row.named, 40),
        "handle": writer.label(row.handle, 40) if row.handle and row.author else None,
        "about": about,
        "parent": row.parent,
        "indent": min(row.depth, 4),
        "language": tag.split("-")[0] if tag and re.fullmatch(r"[a-z]{2,3}(-.*)?", tag) else None,
        "short": text is None or (len(text) < MAX_UNBROKEN and text.count("\n") < 8),
        "paragraphs": None if text is None else writer.paragraphs(text, spans),
        "status": writer.label(row.status.replace("_", " "), 60),
        "numbers": [
            [name, writer.label(value, 400), writer.label(note, 200), level]
            for name, value, note, level in _numbers(row, thread)
        ],
    }


def _numbers(row: Row, thread: Thread) -> list[Json]:
    """``[name, value, note, level]`` for the margin; level 1 is called out."""
    found: list[Json] = []
    if row.text is None:
        return [["numbers", "–", "no text", 0]] if thread.analyzers else []
    if thread.has(STANCE):
        label = row.label_of(STANCE, "label")
        share = row.number_of(STANCE, label) if label else None
        if label is None:
            found.append(["stance", "–", row.reason(STANCE) or "not judged", 0])
        else:
            lean = leaning(row)
            close = "close call" if is_uncertain(row) else ""
            said = label if share is None else f"{label} {share:.2f}"
            if lean is not None:
                said, close = label, f"leans to {lean[0]}, {lean[1]:.2f}"
            if len(sides_of(row)) > 1:
                close = f"{close}, both sides" if close else "both sides"
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
        counts: list[str] = []
        style = 0
        for name in sorted(thread.categories, key=lambda name: thread.family(name) != "critical"):
            count = int(row.number_of(RHETORIC, name) or 0)
            if thread.family(name) == "neutral":
                style += count
            elif count:
                title = thread.title(name).lower()
                counts.append(title if count == 1 else f"{title} {count}")
        if style:
            counts.append("style" if style == 1 else f"style {style}")
        if reason is not None:
            found.append(["markers", "–", reason, 0])
        else:
            found.append(["markers", ", ".join(counts) if counts else "none", "", 0])
    if thread.has(TECHNIQUES):
        by_model = [
            technique_title(name) if spans == 1 else f"{technique_title(name)} {spans:.0f}"
            for name in thread.techniques
            if (spans := row.number_of(TECHNIQUES, name))
        ]
        unread = row.reason(TECHNIQUES)
        said = "–" if unread else ", ".join(by_model) or "none"
        found.append(["by model", said, unread or "", 0])
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
        found.append(["grade", f"{grade:.1f}", band_of("flesch_kincaid_grade", round(grade, 1)), 0])
    elif lix is not None:
        found.append(["LIX", f"{lix:.0f}", band_of("lix", round(lix)), 0])
    else:
        found.append(["grade", "–", row.reason(READABILITY) or "not graded", 0])
    if words is not None:
        found.append(["words", f"{words:,.0f}", "", 0])
    return found
