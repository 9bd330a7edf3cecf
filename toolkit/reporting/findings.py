"""Findings: sentences computed by rules, each with its threshold and its minimum count.

``docs/report.md`` lists the rules by the names used here. They count and quote
and do not judge. Shares are given as counts ('3 of 14 comments'); a median
needs ``MIN_FOR_MEDIAN`` values; stance and toxicity are called what they are,
estimates of a model.

Longer than most modules, since all rules stand in one place: whoever checks a
sentence of a report finds its rule, its threshold and its neighbours here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

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

#: A toxicity score from here on is called out.
TOXIC: Final = 0.5
#: A stance label whose probability lies below is called uncertain.
UNCERTAIN: Final = 0.5
#: Fewer values than this are listed, never summed up in a median.
MIN_FOR_MEDIAN: Final = 5
#: 'Most' needs at least this many labelled comments, and more than half of them.
MIN_FOR_MOST: Final = 8
#: Replies under one comment from which on its thread is named.
BUSY: Final = 3
#: Letters of a quote in a finding.
QUOTE: Final = 150
#: Grades between article and comments from which on they are said to differ.
GRADE_GAP: Final = 2.0

#: Upper ends (exclusive) of the named bands of the Flesch-Kincaid grade.
GRADE_BANDS: Final = (
    (6.0, "elementary"),
    (9.0, "middle school"),
    (13.0, "high school"),
    (17.0, "college"),
    (float("inf"), "graduate"),
)
#: Upper ends (exclusive) of the bands of LIX (Björnsson 1968).
LIX_BANDS: Final = (
    (30.0, "very easy"),
    (40.0, "easy"),
    (50.0, "medium"),
    (60.0, "difficult"),
    (float("inf"), "very difficult"),
)

_TOPICS: Final = {
    "count": "Comments",
    "no": "Comments",
    "stance": "Stance",
    "rhetoric": "Wording",
    "argument": "Argument",
    "toxicity": "Toxicity",
    "readability": "Reading level",
    "busiest": "Thread",
    # Of a corpus or a comparison.
    "period": "Time",
    "writers": "Writers",
    "divided": "Divided articles",
    "threads": "Threads",
    "language": "Languages",
    "missing": "Not measured",
    "difference": "Differences",
    "caution": "Caution",
}

#: Label -> verb for one comment, verb for several, what the first of them is done to.
_VERBS: Final = {
    "agree": ("agrees", "agree", " with the article’s claim"),
    "disagree": ("disagrees", "disagree", " with the article’s claim"),
    "discuss": ("discusses", "discuss", " the article’s claim without taking a side"),
    "unrelated": ("is", "are", " about something other than the article’s claim"),
}
_SHORT: Final = {"discuss": " it without taking a side", "unrelated": " about something else"}
_NOUNS: Final = {
    "agree": "agreement with the article’s claim",
    "disagree": "disagreement with the article’s claim",
}
_READ_AS: Final = {
    "agree": "agreeing with the article’s claim",
    "disagree": "disagreeing with the article’s claim",
    "discuss": "discussing the article’s claim without taking a side",
    "unrelated": "about something other than the article’s claim",
}


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of a comment, and its number."""

    text: str
    comment: int


@dataclass(frozen=True, slots=True)
class Reference:
    """A comment's number, to be set as a link."""

    comment: int


Part = str | Quote | Reference


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence or two; ``rule`` names the rule in ``docs/report.md``."""

    rule: str
    parts: tuple[Part, ...]

    @property
    def topic(self) -> str:
        """What it is about, in a word or two."""
        return _TOPICS[self.rule.partition("-")[0]]

    @property
    def text(self) -> str:
        """The sentence as plain text."""
        words = {
            Quote: lambda part: f"“{part.text}” (comment {part.comment})",
            Reference: lambda part: f"comment {part.comment}",
        }
        return "".join(words.get(type(part), str)(part) for part in self.parts)


def band(grade: float, bands: Sequence[tuple[float, str]] = GRADE_BANDS) -> str:
    """The name of the band that a grade lies in."""
    return next(name for end, name in bands if grade < end)


def band_of(metric: str, value: float) -> str:
    """The band's name for a value of the readability scale in use."""
    return band(value, GRADE_BANDS if metric == "flesch_kincaid_grade" else LIX_BANDS)


def of(count: int, total: int, noun: str = "comment") -> str:
    """'3 of 14 comments'; 'the comment' and 'neither comment' are left to the caller."""
    return f"{count:,} of {total:,} {noun}{'' if total == 1 else 's'}"


def find(data: ReportData, thread: Thread) -> list[Finding]:
    """The findings of a report, in reading order."""
    rules = (
        _count, _stance, _stance_both, _stance_voices, _rhetoric, _toxicity, _readability, _busiest,
    )  # fmt: skip
    found: list[Finding] = []
    for rule in rules:
        found.extend(rule(data, thread))
    return found


def _count(data: ReportData, thread: Thread) -> Iterable[Finding]:
    rows, stated = thread.rows, data.page.stated_comment_count
    if not rows:
        said = {
            True: "The page takes comments, and there are none on it.",
            False: "There are no comments on this page, and it takes none.",
            None: "There are no comments on this page.",
        }[data.page.comments_open]
        if stated:
            said = (
                f"The page states {stated:,} comment{'' if stated == 1 else 's'}, "
                "but holds none of them: they may load only in a browser."
            )
        yield Finding("no-comments", (said,))
        return
    authors = {row.author or row.handle for row in rows} - {None}
    unnamed = sum(1 for row in rows if not (row.author or row.handle))
    if len(rows) == 1:
        who = f", by {next(iter(authors))}" if authors else ""
        parts = f"One comment stands under the article{who}."
    else:
        people = f" by {len(authors):,} named {'person' if len(authors) == 1 else 'people'}"
        parts = f"{len(rows):,} comments{people if authors else ''}"
        if unnamed and authors:
            parts += f" and {unnamed:,} without a name"
        replies = sum(1 for row in rows if row.parent is not None)
        if replies:
            parts += f"; {of(replies, len(rows))} answer another comment"
        parts += "."
    if stated is not None and stated != len(rows):
        parts += f" The page itself states {stated:,}."
    yield Finding("count", (parts,))


def labelled(thread: Thread) -> dict[str, list[Row]]:
    """Rows by stance label, the surest first."""
    found: dict[str, list[Row]] = {name: [] for name in STANCE_LABELS}
    for row in thread.rows:
        label = row.label_of(STANCE, "label")
        if label is not None:
            found.setdefault(label, []).append(row)
    for label, rows in found.items():
        rows.sort(key=lambda row: (-(row.number_of(STANCE, label) or 0.0), row.number))
    return found


def is_uncertain(row: Row) -> bool:
    """Whether no stance label reaches ``UNCERTAIN``."""
    label = row.label_of(STANCE, "label")
    if label is None:
        return False
    probability = row.number_of(STANCE, label)
    return probability is not None and probability < UNCERTAIN


def leaning(row: Row) -> tuple[str, float] | None:
    """The side that is likelier than ``discuss`` but too unlikely to be the label; else None."""
    if row.label_of(STANCE, "label") != "discuss":
        return None
    sides = [
        (share, side)
        for side in ("agree", "disagree")
        if (share := row.number_of(STANCE, side)) is not None
    ]
    share, side = max(sides, default=(0.0, ""))
    return (side, share) if share > (row.number_of(STANCE, "discuss") or 0.0) else None


def _stance(_: ReportData, thread: Thread) -> Iterable[Finding]:
    groups = labelled(thread)
    total = sum(len(rows) for rows in groups.values())
    if not total:
        return
    if len(thread.rows) == 1:
        row = next(rows[0] for rows in groups.values() if rows)
        label = row.label_of(STANCE, "label") or ""
        share = row.number_of(STANCE, label)
        lean = leaning(row)
        if lean is not None:
            said = (
                f"The stance model names no side: {_NOUNS[lean[0]]} is the likelier one, but its "
            )
            said += f"probability of {lean[1]:.2f} is under {UNCERTAIN}."
            yield Finding("stance-one", (said,))
            return
        notes = [] if share is None else [f"probability {share:.2f}"]
        notes += ["a close call"] if is_uncertain(row) else []
        said = f"The stance model reads it as {_READ_AS.get(label, label)}"
        yield Finding("stance-one", (f"{said} ({', '.join(notes)})." if notes else f"{said}.",))
        return
    counts = [(label, len(rows)) for label, rows in groups.items() if rows]
    counts.sort(key=lambda item: -item[1])
    label, count = counts[0]
    one, several, what = _VERBS.get(label, (label, label, ""))
    if total >= MIN_FOR_MOST and count * 2 > total:
        said = f"Most comments ({count:,} of {total:,}) {several}{what}"
    else:
        said = f"{of(count, total)} {one if count == 1 else several}{what}"
    rest = [f"{n:,} {_VERBS[name][n > 1]}{_SHORT.get(name, '')}" for name, n in counts[1:]]
    if rest:
        said += ", " + ", ".join(rest[:-1]) + (" and " if rest[1:] else "") + rest[-1]
    said += ", as a stance model estimates."
    unsure = sum(is_uncertain(row) for rows in groups.values() for row in rows)
    if unsure:
        said += f" {of(unsure, total)} {'is' if unsure == 1 else 'are'} a close call."
    silent = len(thread.rows) - total
    if silent:
        said += f" {silent:,} could not be judged."
    yield Finding("stance", (said,))


def key_sentence(row: Row) -> Evidence | None:
    """The sentence that the stance label stands on most; None where none is given.

    A sentence of the comment's own label comes before one of another.
    """
    label = row.label_of(STANCE, "label")
    return max(
        row.evidence_of(STANCE),
        key=lambda item: (item.label == label, item.score or 0.0, -item.start),
        default=None,
    )


def sides_of(row: Row) -> dict[str, Evidence]:
    """The strongest sentence of each side that the comment takes in some sentence."""
    found: dict[str, Evidence] = {}
    for item in row.evidence_of(STANCE):
        if item.label in ("agree", "disagree"):
            known = found.get(item.label)
            if known is None or (item.score or 0.0) > (known.score or 0.0):
                found[item.label] = item
    return found


def _stance_both(_: ReportData, thread: Thread) -> Iterable[Finding]:
    mixed = [row for row in thread.rows if len(sides_of(row)) > 1]
    if not mixed:
        return
    if len(thread.rows) == 1:
        said = "It agrees in one sentence and disagrees in another."
    else:
        one = len(mixed) == 1
        said = of(len(mixed), len(thread.rows))
        said += f" {'agrees' if one else 'agree'} with the article’s claim in one sentence and "
        said += f"{'disagrees' if one else 'disagree'} in another."
    yield Finding("stance-both", (said,))


def _stance_voices(_: ReportData, thread: Thread) -> Iterable[Finding]:
    groups = labelled(thread)
    for label, opening in (
        ("disagree", "The plainest disagreement: "),
        ("agree", "The plainest agreement: "),
    ):
        for row in groups[label]:
            if len(thread.rows) > 1 and is_uncertain(row):
                continue
            sentence = key_sentence(row)
            if sentence is not None:
                intro = "The sentence that this stands on: " if len(thread.rows) == 1 else opening
                yield Finding(f"stance-{label}", (intro, Quote(sentence.quote, row.number), "."))
                break


def is_quoted(item: Evidence) -> bool:
    """Whether a marker stands in words that the comment only quotes."""
    return (item.note or "").rpartition("; ")[2] == "quoted"


def markers(thread: Thread) -> dict[str, list[tuple[Row, Evidence]]]:
    """Markers by category in the comments' own words, those in quoted words left out."""
    found: dict[str, list[tuple[Row, Evidence]]] = {name: [] for name in thread.categories}
    for row in thread.rows:
        for item in row.evidence_of(RHETORIC):
            if not is_quoted(item):
                found.setdefault(item.label, []).append((row, item))
    return {name: items for name, items in found.items() if items}


def _rhetoric(_: ReportData, thread: Thread) -> Iterable[Finding]:
    measured = [
        row
        for row in thread.rows
        if any(row.number_of(RHETORIC, name) is not None for name in thread.categories)
    ]
    if not measured:
        return
    found = markers(thread)
    for family, rule in (("critical", "rhetoric"), ("constructive", "argument")):
        part = {name: items for name, items in found.items() if thread.family(name) == family}
        if part:
            yield Finding(rule, tuple(_devices(part, thread, len(measured))))
        elif family == "critical":
            where = "in the comment" if len(thread.rows) == 1 else f"in {len(measured):,} comments"
            if 1 == len(measured) < len(thread.rows):
                where = "in the one comment that could be read for them"
            said = f"No marker of loaded or evasive wording that the lexicon knows stands {where}."
            yield Finding("rhetoric-none", (said,))


def _devices(
    found: Mapping[str, list[tuple[Row, Evidence]]], thread: Thread, measured: int
) -> Iterable[Part]:
    """The three categories that most comments use, each with its first example."""
    reach = {name: len({row.number for row, _ in items}) for name, items in found.items()}
    best = sorted(found, key=lambda name: (-reach[name], -len(found[name]), name))[:3]
    for place, name in enumerate(best):
        row, item = found[name][0]
        title = thread.title(name)
        word = title.lower() if place else title
        where = "" if len(thread.rows) == 1 else f" in {of(reach[name], measured)}"
        yield f"{word}{where}, such as "
        yield Quote(item.quote, row.number)
        yield "; " if place < len(best) - 1 else "."
    rest = len(found) - len(best)
    if rest:
        yield f" {rest} more {'category occurs' if rest == 1 else 'categories occur'}."


def flagged(thread: Thread) -> list[Row]:
    """Rows whose toxicity reaches ``TOXIC``, the highest first."""
    rows = [row for row in thread.rows if (row.number_of(TOXICITY, "toxicity") or 0.0) >= TOXIC]
    return sorted(rows, key=lambda row: -(row.number_of(TOXICITY, "toxicity") or 0.0))


def _toxicity(_: ReportData, thread: Thread) -> Iterable[Finding]:
    scored = [row for row in thread.rows if row.number_of(TOXICITY, "toxicity") is not None]
    if not scored:
        return
    top = max(scored, key=lambda row: row.number_of(TOXICITY, "toxicity") or 0.0)
    highest = top.number_of(TOXICITY, "toxicity") or 0.0
    over = flagged(thread)
    if len(thread.rows) == 1:
        side = "at or above" if over else "below"
        said = f"A model puts its toxicity at {highest:.2f} on a scale from 0 to 1, {side} the "
        said += f"mark of {TOXIC}."
        yield Finding("toxicity-one", (said,))
        return
    if not over:
        parts: list[Part] = [
            f"No comment reaches the toxicity mark of {TOXIC}; the highest is {highest:.2f}, ",
            Reference(top.number),
            ".",
        ]
        yield Finding("toxicity-none", tuple(parts))
        return
    verb = "reaches" if len(over) == 1 else "reach"
    parts = [f"{of(len(over), len(scored))} {verb} the toxicity mark of {TOXIC} (model estimate)"]
    spans = sorted(over[0].evidence_of(TOXICITY), key=lambda item: -(item.score or 0.0))
    if spans:
        parts += [f"; the highest, {highest:.2f}, for ", Quote(spans[0].quote, over[0].number)]
    else:
        parts += [f"; the highest, {highest:.2f}, is ", Reference(over[0].number)]
    yield Finding("toxicity", (*parts, "."))


def grade_metric(data: ReportData, thread: Thread) -> str | None:
    """The one scale for article and comments: the grade, or LIX where few have a grade."""

    def texts(metric: str) -> int:
        values = [row.number_of(READABILITY, metric) for row in thread.rows]
        return sum(value is not None for value in (*values, data.article_value(metric)))

    grades, indices = texts("flesch_kincaid_grade"), texts("lix")
    if grades and grades * 2 >= indices:
        return "flesch_kincaid_grade"
    return "lix" if indices else None


def _readability(data: ReportData, thread: Thread) -> Iterable[Finding]:
    metric = grade_metric(data, thread)
    if metric is None or not thread.rows:
        return
    bands = GRADE_BANDS if metric == "flesch_kincaid_grade" else LIX_BANDS
    unit = "grade" if metric == "flesch_kincaid_grade" else "LIX"
    article = data.article_value(metric)
    values = [v for row in thread.rows if (v := row.number_of(READABILITY, metric)) is not None]
    said = (
        f"The article reads at {unit} {article:.0f} ({band(round(article), bands)})"
        if article is not None
        else ""
    )
    if not values:
        if said:
            why = Counter(
                reason for row in thread.rows if (reason := row.reason(READABILITY)) is not None
            )
            cause = f" ({why.most_common(1)[0][0]})" if why else ""
            subject = "the comment" if len(thread.rows) == 1 else "no comment"
            verb = "cannot be graded" if len(thread.rows) == 1 else "can be graded"
            yield Finding("readability-article", (f"{said}; {subject} {verb}{cause}.",))
        return
    joint = f"{said}; " if said else ""
    if len(values) < MIN_FOR_MEDIAN:
        listed = ", ".join(f"{value:.0f}" for value in values)
        subject = "the comment" if len(thread.rows) == 1 else f"the {len(values)} comments graded"
        if len(values) == 1 and len(thread.rows) > 1:
            subject = "the one comment that could be graded"
        verb = "reads" if len(values) == 1 else "read"
        name = f" ({band(round(values[0]), bands)})" if len(values) == 1 else ""
        said = f"{joint}{subject} {verb} at {unit} {listed}{name}."
        yield Finding("readability-few", (said[0].upper() + said[1:],))
        return
    middle = median(values)
    tail = f"the median of {len(values):,} comments is {middle:.0f} ({band(round(middle), bands)})"
    if article is not None and metric == "flesch_kincaid_grade":
        gap = middle - article
        if abs(gap) >= GRADE_GAP:
            tail += ", easier to read" if gap < 0 else ", harder to read"
    said = f"{joint}{tail}."
    yield Finding("readability", (said[0].upper() + said[1:],))


def _busiest(_: ReportData, thread: Thread) -> Iterable[Finding]:
    replies = Counter(row.parent for row in thread.rows if row.parent is not None)
    if not replies:
        return
    number, count = replies.most_common(1)[0]
    if count >= BUSY:
        row = thread.rows[number - 1]
        who = f" by {row.author}" if row.author else ""
        yield Finding(
            "busiest", ("Most answered: ", Reference(number), f"{who}, with {count:,} replies.")
        )


def other_languages(thread: Thread) -> Counter[str]:
    """Comments by language tag, where one was told; ``und`` left out."""
    tags = (row.label_of(LANGUAGE, "tag") for row in thread.rows)
    return Counter(tag for tag in tags if tag and tag != "und")
