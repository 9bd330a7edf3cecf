"""Findings of a corpus: the same kind of sentences as an article's, by rules of their own.

``docs/report.md`` lists them. Small numbers stay counts; from
``MIN_FOR_PERCENT`` comments on a percentage stands beside the count. A thread
is called more toxic or more constructive than the corpus only where its
interval says so after the best of all threads was picked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

import polars as pl

from toolkit.reporting.corpus_data import Totals
from toolkit.reporting.corpus_examples import Examples
from toolkit.reporting.corpus_groups import MIN_JUDGED, MIN_THREAD, Groups
from toolkit.reporting.data import READABILITY, REASONS, Row, words_for
from toolkit.reporting.escape import shorten
from toolkit.reporting.findings import (
    MIN_FOR_MEDIAN,
    MIN_FOR_MOST,
    QUOTE,
    TOXIC,
    Finding,
    Part,
    Quote,
    band_of,
    key_sentence,
    of,
)
from toolkit.schema import column

#: Comments from which on a share also stands as a percentage.
MIN_FOR_PERCENT: Final = 200
#: Periods that a peak needs around it, and how far above their median it must stand.
MIN_PERIODS: Final = 8
PEAK: Final = 2.0
#: Share of comments without a number from which on this is said.
MISSING: Final = 0.1
#: Writers from which on their activity is summed up.
MIN_WRITERS: Final = 20

#: Months by number, the same in every locale.
MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


def part_of(count: int, total: int, noun: str = "comment") -> str:
    """'3 of 14 comments', with a percentage where the total is large enough for one."""
    said = of(count, total, noun)
    return f"{said} ({percent(count / total)})" if total >= MIN_FOR_PERCENT else said


def percent(share: float) -> str:
    """A share as a percentage, rounded but never rounded to none or all."""
    value = share * 100
    if 0 < value < 0.1:
        return "under 0.1 %"
    if 99.9 < value < 100:
        return "over 99.9 %"
    digits = 0 if value in (0, 100) else 1 if value < 10 or value > 90 else 0
    return f"{value:.{digits}f} %"


def say_date(day: date) -> str:
    """'3 May 2024'."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def periods(days: pl.DataFrame) -> tuple[str, pl.DataFrame]:
    """Comments by day, week, month or year, so that a figure has some forty bars at most.

    The unit's name, and ``start`` (Date), ``comments``; periods without a comment are there with 0.
    """
    dated = days.filter(pl.col("day").is_not_null())
    if dated.is_empty():
        return "day", pl.DataFrame(schema={"start": pl.Date, "comments": pl.Int64})
    first, last = dated["day"][0], dated["day"][-1]
    span = (last - first).days + 1
    unit, every = next(
        (pair for limit, pair in _UNITS if span <= limit), ("decade", "10y")
    )  # fmt: skip
    counted = (
        dated.select(pl.col("day").dt.truncate(every).alias("start"), "comments")
        .group_by("start")
        .agg(pl.col("comments").sum())
    )
    whole = pl.select(
        pl.date_range(
            pl.lit(first).dt.truncate(every), pl.lit(last).dt.truncate(every), every
        ).alias("start")
    )
    return unit, whole.join(counted, on="start", how="left").with_columns(
        pl.col("comments").fill_null(0)
    ).sort("start")  # fmt: skip


_UNITS: Final = (
    (45, ("day", "1d")),
    (320, ("week", "1w")),
    (1_400, ("month", "1mo")),
    (5_000, ("quarter", "3mo")),
    (20_000, ("year", "1y")),
)


def find_corpus(totals: Totals, groups: Groups, examples: Examples) -> list[Finding]:
    """The findings of a corpus, in reading order."""
    return [
        *_count(totals, groups),
        *_periods(totals),
        *_writers(totals, groups),
        *_stance(totals),
        *_divided(totals, groups, examples),
        *_markers(totals),
        *_toxicity(totals, groups),
        *_threads(groups, examples),
        *_readability(totals),
        *_languages(totals),
        *_missing(totals),
    ]


def _count(totals: Totals, groups: Groups) -> Iterable[Finding]:
    if not totals.comments:
        yield Finding("no-comments", ("There are no comments here.",))
        return
    said = f"{totals.comments:,} comment{'s' if totals.comments > 1 else ''}"
    if groups.authors:
        said += f" by {groups.authors:,} writer{'s' if groups.authors > 1 else ''}"
    if groups.articles:
        said += f" under {groups.articles:,} article{'s' if groups.articles > 1 else ''}"
    if totals.first is not None and totals.last is not None:
        if totals.first.date() == totals.last.date():
            said += f", all on {say_date(totals.first)}"
        else:
            said += f", from {say_date(totals.first)} to {say_date(totals.last)}"
    said += "."
    if totals.replies:
        said += f" {part_of(totals.replies, totals.comments)} answer another."
    left = [
        f"{count:,} {what}"
        for count, what in (
            (groups.no_article, "name no article"),
            (groups.no_author, "have no known writer"),
            (totals.comments - totals.dated, "have no date"),
            (totals.comments - totals.with_text, "have no text"),
        )
        if count
    ]
    if left:
        said += f" Of all, {_joined(left)}."
    yield Finding("count-corpus", (said,))


def _periods(totals: Totals) -> Iterable[Finding]:
    unit, frame = periods(totals.days)
    if frame.height < MIN_PERIODS:
        return
    middle = float(str(frame["comments"].median()))
    start, most = frame.sort("comments", "start", descending=[True, False]).row(0)
    if most < MIN_FOR_MOST or most < PEAK * middle:
        return
    when = {
        "day": say_date(start),
        "week": f"the week from {say_date(start)}",
        "month": f"{MONTHS[start.month - 1]} {start.year}",
        "quarter": f"the quarter from {MONTHS[start.month - 1]} {start.year}",
        "year": f"{start.year}",
    }.get(unit, f"the {unit} from {start.year}")
    yield Finding(
        "period",
        (
            f"Most were written {'on' if unit == 'day' else 'in'} {when}: {most:,}, where the "
            f"middle {unit} has {middle:,.0f}.",
        ),
    )


def _writers(totals: Totals, groups: Groups) -> Iterable[Finding]:
    if groups.authors < MIN_WRITERS:
        return
    once = int(groups.author_sizes["authors"][0])
    top = int(groups.top_authors["comments"].sum())
    known = totals.comments - groups.no_author
    said = f"The {groups.top_authors.height} busiest writers wrote {part_of(top, known)}"
    if once:
        said += f"; {part_of(once, groups.authors, 'writer')} wrote a single one"
    yield Finding("writers", (f"{said}.",))


def _stance(totals: Totals) -> Iterable[Finding]:
    counts = dict(totals.stance.select("label", "comments").iter_rows())
    judged = sum(counts.values())
    if not judged:
        return
    said = (
        f"Of {judged:,} comment{'s' if judged > 1 else ''} that could be judged, {{}} agree with "
        "what their article claims, {} disagree, {} discuss it without taking a side and {} are "
        "about something else, as a stance model estimates."
    ).format(
        *(
            f"{counts[name]:,}"
            + (f" ({percent(counts[name] / judged)})" if judged >= MIN_FOR_PERCENT else "")
            for name in ("agree", "disagree", "discuss", "unrelated")
        )
    )
    close = int(totals.stance["close_calls"].sum())
    if close:
        said += f" {part_of(close, judged)} {'is' if close == 1 else 'are'} a close call."
    yield Finding("stance-corpus", (said,))


def _divided(totals: Totals, groups: Groups, examples: Examples) -> Iterable[Finding]:
    if not int(totals.stance["comments"].sum()):
        return
    if groups.divisive.is_empty() or not groups.divisive["divided"][0]:
        said = f"No article has {MIN_JUDGED} judged comments with some on either side."
        yield Finding("divided-none", (said,))
        return
    found = groups.divisive.row(0, named=True)
    parts: list[Part] = [
        f"Most evenly divided, of {groups.eligible['divisive']:,} article"
        f"{'s' if groups.eligible['divisive'] > 1 else ''} with {MIN_JUDGED} or more judged "
        f"comments: {_article(found['article_id'], examples)}, where {found['agree']:,} agree and "
        f"{found['disagree']:,} disagree, of {found['judged']:,}"
    ]
    voices = [(examples.at(found[f"{side}_row"]), side) for side in ("agree", "disagree")]
    quoted = [(row, side) for row, side in voices if row is not None and row.text]
    for place, (row, side) in enumerate(quoted):
        parts.append(f": {side}, " if not place else f"; {side}, ")
        parts.append(Quote(_key_words(row), row.number))
    yield Finding("divided", (*parts, "."))


def _key_words(row: Row) -> str:
    """The sentence that the stance stands on, or how the comment begins."""
    sentence = key_sentence(row)
    return sentence.quote if sentence is not None else _beginning(row)


def _beginning(row: Row) -> str:
    text = " ".join((row.text or "").split())
    return text if len(text) <= QUOTE else text[: QUOTE + 1].rpartition(" ")[0] or text[:QUOTE]


def _article(article_id: str | None, examples: Examples) -> str:
    claim = examples.claim(article_id)
    return f"“{shorten(claim, 90)}”" if claim else f"article {shorten(article_id or '?', 60)}"


def _markers(totals: Totals) -> Iterable[Finding]:
    if not totals.read:
        return
    for family, rule in (("critical", "rhetoric-corpus"), ("constructive", "argument-corpus")):
        found = totals.categories.filter(
            pl.col("family") == family, pl.col("comments") > 0
        )  # fmt: skip
        if found.is_empty():
            if family == "critical":
                said = "No marker of loaded or evasive wording that the lexicon knows was found."
                yield Finding("rhetoric-none", (said,))
            continue
        named = [
            f"{title.lower() if place else title} in {part_of(count, totals.read)}"
            for place, (title, count) in enumerate(
                found.head(3).select("title", "comments").iter_rows()
            )
        ]
        rest = found.height - len(named)
        more = f" {rest} more {'category occurs' if rest == 1 else 'categories occur'}."
        yield Finding(rule, (f"{'; '.join(named)}.{more if rest else ''}",))


def _toxicity(totals: Totals, groups: Groups) -> Iterable[Finding]:
    base = groups.base
    if not base.scored:
        return
    verb = "reaches" if base.toxic == 1 else "reach"
    said = (
        f"{part_of(base.toxic, base.scored)} {verb} the toxicity mark of {TOXIC} (model estimate)."
    )
    if not base.toxic:
        score = totals.score("toxicity__toxicity")
        highest = f"; the highest score is {score['max']:.2f}" if score else ""
        said = f"No comment of {base.scored:,} reaches the toxicity mark of {TOXIC}{highest}."
    yield Finding("toxicity-corpus", (said,))


def _threads(groups: Groups, examples: Examples) -> Iterable[Finding]:
    for kind, frame, what, total in (
        ("toxic", groups.toxic, "reach the toxicity mark", "scored"),
        ("constructive", groups.constructive, "hold a constructive marker and no toxicity", "read"),
    ):
        base = groups.base.share(kind)
        if base is None or not getattr(groups.base, kind):
            continue
        if frame.is_empty():
            said = f"No thread has {MIN_THREAD} {total} comments, so none is called {kind}."
            yield Finding(f"threads-{kind}-none", (said,))
            continue
        found = frame.row(0, named=True)
        number = groups.eligible[kind]
        if not found["clear"]:
            said = (
                f"Of {number:,} thread{'s' if number > 1 else ''} with {MIN_THREAD} or more "
                f"{total} comments none is clearly more {kind} than the whole ({percent(base)})."
            )
            yield Finding(f"threads-{kind}-none", (said,))
            continue
        parts: list[Part] = [
            f"In the most {kind} thread, under {_article(found['article_id'], examples)}, "
            f"{of(found['count'], found['total'])} {what}, against {percent(base)} of all"
        ]
        row = examples.at(found["row"])
        if row is not None and row.text:
            parts += [", among them ", Quote(_beginning(row), row.number)]
        yield Finding(f"threads-{kind}", (*parts, "."))


def grade_column(totals: Totals) -> str | None:
    """The one readability scale: the grade, or LIX where few have a grade."""
    grade, lix = (totals.score(column(READABILITY, name)) for name in _SCALES)
    grades, indices = (0 if score is None else score["count"] for score in (grade, lix))
    if grades and grades * 2 >= indices:
        return _SCALES[0]
    return _SCALES[1] if indices else None


_SCALES: Final = ("flesch_kincaid_grade", "lix")


def _readability(totals: Totals) -> Iterable[Finding]:
    metric = grade_column(totals)
    if metric is None:
        return
    score = totals.score(column(READABILITY, metric))
    if score is None or score["count"] < MIN_FOR_MEDIAN:
        return
    unit = "grade" if metric == _SCALES[0] else "LIX"
    said = (
        f"Half of the {score['count']:,} comments that could be graded read at or under {unit} "
        f"{score['median']:.1f} ({band_of(metric, round(score['median'], 1))}), one in ten at or "
        f"above {score['p90']:.1f} ({band_of(metric, round(score['p90'], 1))})."
    )
    yield Finding("readability-corpus", (said,))


def named_languages(totals: Totals) -> pl.DataFrame:
    """The languages that were told and have a place of their own."""
    return totals.languages.filter(pl.col("tag").is_not_null() & (pl.col("tag") != "und"))


def _languages(totals: Totals) -> Iterable[Finding]:
    named = named_languages(totals)
    if named.height < 2:
        return
    told = int(totals.languages.filter(pl.col("tag").ne_missing("und"))["comments"].sum())
    tag, count = named.row(0)
    others = ", ".join(f"{name} {number:,}" for name, number in named.slice(1, 3).iter_rows())
    yield Finding(
        "language",
        (f"The language of {part_of(count, told)} is told to be {tag}; then {others}.",),
    )


def _missing(totals: Totals) -> Iterable[Finding]:
    said = []
    for analyzer in totals.reasons["analyzer"].unique(maintain_order=True):
        reasons = totals.reasons.filter(pl.col("analyzer") == analyzer).sort(
            "comments", descending=True
        )
        count = int(reasons["comments"].sum())
        if count < MISSING * totals.comments:
            continue
        reason = reasons["reason"][0]
        why = REASONS.get(reason, words_for(reason))
        said.append(f"{words_for(analyzer)} for {part_of(count, totals.comments)}, mostly “{why}”")
    if said:
        yield Finding("missing", (f"There is no {_joined(said, 'and no')}.",))


def _joined(parts: Sequence[str], word: str = "and") -> str:
    return (
        f"{', '.join(parts[:-1])} {word} {parts[-1]}" if len(parts) > 1 else "".join(parts)
    )  # fmt: skip
