"""The section on stance, as JSON values: shares, and the surest sentences of each label."""

from __future__ import annotations

import re

from toolkit.intervals import division, wilson
from toolkit.records import Evidence
from toolkit.reporting.data import STANCE, STANCE_LABELS, ReportData, Thread
from toolkit.reporting.escape import shorten
from toolkit.reporting.findings import is_uncertain, key_sentence, labelled, leaning, sides_of
from toolkit.reporting.frames import MIN_MARKS
from toolkit.reporting.sections import MAX_PAIRS, MAX_SENTENCE, missing
from toolkit.reporting.writer import Json, Writer


def stance(data: ReportData, thread: Thread, writer: Writer) -> Json:
    """The surest sentences of each label beside the article's; None where stance did not run.

    Of a comment that takes both sides, the sentence of its other side follows.
    """
    if not thread.has(STANCE) or not thread.rows:
        return None
    groups = labelled(thread)
    last: list[Json] = []
    shown: list[Json] = []
    left: list[str] = []
    for label in STANCE_LABELS:
        rows = [row for row in groups[label] if key_sentence(row) is not None]
        for row in rows[:MAX_PAIRS]:
            sentence = key_sentence(row)
            assert sentence is not None
            share, lean = row.number_of(STANCE, label), leaning(row)
            note = "close call" if is_uncertain(row) else ""
            note = f"leans to {lean[0]}, {lean[1]:.2f}" if lean else note
            entries = [(sentence, label, None if lean else share, note)]
            sides = sides_of(row)
            if len(sides) > 1:
                if sentence.label != label:
                    note = ", ".join(filter(None, (note, f"this sentence {sentence.label}s")))
                    entries = [(sentence, label, None if lean else share, note)]
                entries += [
                    (other, side, other.score, "in another sentence")
                    for side, other in sides.items()
                    if side != sentence.label
                ]
            for item, named, value, said in entries:
                against = _against(item, data, writer)
                text = writer.hide(item.quote, row.flagged_within(item.start, item.end))
                shown.append(
                    {
                        "comment": row.number,
                        "author": writer.author(row, 40),
                        "label": named,
                        "share": None if value is None else f"{value:.2f}",
                        "note": said,
                        "runs": writer.inline(shorten(text, MAX_SENTENCE)),
                        "against": against,
                        "same": against == last,
                    }
                )
                last = against
        if len(rows) > MAX_PAIRS:
            left.append(f"{len(rows) - MAX_PAIRS:,} more {label}")
    return {
        "pairs": shown,
        "left": "; ".join(left),
        "missing": missing(thread, STANCE),
        **_sides(thread),
    }


def _sides(thread: Thread) -> dict[str, Json]:
    """Shares by label with their intervals, and how divided the comments are; from MIN_MARKS on."""
    found = stance_shares(thread)
    judged = sum(one["comments"] for one in found["shares"])
    if judged < MIN_MARKS:
        return {"shares": [], "polarisation": None}
    return {
        "shares": [
            [
                one["label"],
                f"{one['comments']:,}",
                f"{one['share']:.2f}",
                f"{one['low']:.2f} to {one['high']:.2f}",
            ]
            for one in found["shares"]
        ],
        "polarisation": f"{found['polarisation']:.2f}",
    }


def stance_shares(thread: Thread) -> dict[str, Json]:
    """``shares``: label, comments, share of judged ones, low and high; ``polarisation`` in [0, 1].

    The interval is Wilson's with 95 % confidence. Polarisation is the share of
    judged comments that take a side, times the Shannon entropy of the two
    sides in bits; None where no comment was judged.
    """
    counts = {label: len(rows) for label, rows in labelled(thread).items()}
    judged = sum(counts.values())
    spans = {label: wilson(counts[label], judged) for label in STANCE_LABELS}
    return {
        "shares": [
            {
                "label": label,
                "comments": counts[label],
                "share": span.value if judged else None,
                "low": span.low if judged else None,
                "high": span.high if judged else None,
            }
            for label, span in spans.items()
        ],
        "polarisation": division(judged, counts["agree"], counts["disagree"]) if judged else None,
    }


def _against(sentence: Evidence, data: ReportData, writer: Writer) -> list[Json]:
    """The article's sentence that a comment's sentence answers, else the claim's first."""
    named = re.search(r"article text (\d+)–(\d+)", sentence.note or "")
    text = data.page.article.text[int(named[1]) : int(named[2])].strip() if named else ""
    if not text and data.thesis:
        text = max(data.thesis, key=lambda claim: claim.score).text
    return writer.inline(shorten(writer.hide(text), MAX_SENTENCE))
