"""The data that the typst templates set for a corpus."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from toolkit.reporting import comments
from toolkit.reporting.corpus_data import CorpusData, Totals
from toolkit.reporting.corpus_examples import BAND_ROLE, BANDS, Examples, say_band
from toolkit.reporting.corpus_findings import named_languages, percent
from toolkit.reporting.corpus_frames import article_name
from toolkit.reporting.corpus_groups import MIN_JUDGED, MIN_THREAD, STRENGTH, Groups
from toolkit.reporting.data import (
    READABILITY,
    REASONS,
    RHETORIC,
    STANCE,
    TECHNIQUES,
    TOXICITY,
    words_for,
)
from toolkit.reporting.document import (
    figures_of,
    finding_parts,
    glossary_of,
    manifest_of,
    meta_of,
    replaced_by,
)
from toolkit.reporting.escape import is_rtl, shorten
from toolkit.reporting.findings import TOXIC, Finding
from toolkit.reporting.fonts import font_set
from toolkit.reporting.frames import Drawing
from toolkit.reporting.sections import MEASURES
from toolkit.reporting.writer import Json, Writer
from toolkit.schema import SEPARATOR, Unit

#: Letters of an article's name in a table.
NAME: Final = 110

#: Tags that are no language.
LANGUAGES: Final = {None: "others", "und": "not told"}

#: Analyzer -> what its numbers mean, for those who read them for the first time.
MEANINGS: Final = {
    "language": "The most likely language of the text, by its letters; short texts are told badly.",
    READABILITY: (
        "Formulas over the lengths of words and sentences. They say nothing of sense, and need "
        "some sentences of running text."
    ),
    TOXICITY: (
        "An estimate of how probable it is that readers call the comment rude, threatening or "
        f"hateful. Of comments near {TOXIC} readers disagree; the mark is a place to look, no "
        "verdict. Read the examples below, and a sample of your own, before you set a threshold."
    ),
    RHETORIC: "Words and phrases of a lexicon, found by rule. A marker is no fault and no merit.",
    TECHNIQUES: (
        "Phrases that a small network takes for loaded, from having read news articles. It is "
        "unsure of the technique's name, and unmeasured on comments."
    ),
    STANCE: (
        "Estimated agreement with what the article claims. Irony, quotation and replies that make "
        "sense only in their thread mislead it, so shares are surer than single labels."
    ),
}


def build_corpus(
    data: CorpusData,
    totals: Totals,
    groups: Groups,
    examples: Examples,
    found: Sequence[Finding],
    drawings: Sequence[Drawing],
    *,
    mask_slurs: bool,
    banned: frozenset[str] = frozenset(),
) -> dict[str, Json]:
    """All that the templates read, as JSON values."""
    writer = Writer(mask_slurs=mask_slurs, banned=banned)
    thread = examples.thread
    styles = comments.mark_styles(thread)
    body: dict[str, Json] = {
        "meta": meta_of(data.name, "corpus", data.manifest, writer),
        "cover": {
            "title": writer.inline(writer.hide(data.name)),
            "title_rtl": is_rtl(data.name),
            "long_title": len(data.name) > 90,
            "source": [],
            "url": None,
            "url_text": None,
            "facts": _facts(totals, groups),
            "truncated": False,
            "thesis": [],
            "findings": [
                {"topic": item.topic, "parts": finding_parts(item, thread, writer)}
                for item in found
            ],
            "manifest": manifest_of(data.manifest, writer),
            "models": bool(groups.base.scored or groups.base.judged),
        },
        "figures": figures_of(drawings),
        "corpus": {
            "articles": _bars(groups.top_articles, "article_id", examples, writer),
            "authors": _bars(groups.top_authors, "author", None, writer),
            "article_sizes": _sizes(groups.article_sizes, "articles"),
            "author_sizes": _sizes(groups.author_sizes, "authors"),
            "languages": [
                [writer.label(LANGUAGES.get(tag, tag), 40), f"{count:,}"]
                for tag, count in totals.languages.iter_rows()
            ]
            if named_languages(totals).height > 1
            else [],
            "scores": _scores(data, totals),
            "divided": [_divided(row, examples, writer) for row in groups.divisive.to_dicts()],
            "toxic": [_thread(row, examples, writer) for row in groups.toxic.to_dicts()],
            "constructive": [
                _thread(row, examples, writer) for row in groups.constructive.to_dicts()
            ],
            "judged": groups.base.judged,
            "min_thread": MIN_THREAD,
            "min_judged": MIN_JUDGED,
            "analyzers": _analyzers(data, totals, writer),
            "bands": _bands(totals, examples),
        },
        "marks": styles,
        "legend": comments.legend(thread, writer, styles),
        "comments": [
            comments.comment(row, thread, writer) | {"role": _role(row.number, examples, writer)}
            for row in thread.rows
        ],
        "group": 0,
        "glossary": glossary_of(data.described(), writer),
    }
    has = {name: any(key.startswith(name + SEPARATOR) for key in data.described())
           for name in (STANCE, TOXICITY, RHETORIC, TECHNIQUES, READABILITY)}  # fmt: skip
    body["appendix"] = {
        "method": METHOD,
        "manifest": manifest_of(data.manifest, writer),
        "warnings": [["", writer.inline(note)] for note in data.notes],
        "replaced": replaced_by(writer),
        "cjk": font_set().has_cjk,
        "masked": writer.masked,
        "thesis": [],
        "has": has,
    }
    return body


METHOD: Final = [
    [
        "Threads",
        f"A thread is a top-level comment and all that answers it. One is listed only with "
        f"{MIN_THREAD} or more measured comments. The lists are ranked by the share drawn towards "
        f"that of all comments, as if each thread had {STRENGTH:.0f} more comments of the average; "
        "so a few comments never lead. Beside each share stands its 95 % Wilson interval. A thread "
        "is called clearly above the average where the interval still lies above it when widened "
        "for the number of threads that were compared (Bonferroni).",
    ],
    [
        "Constructive",
        "A comment counts as constructive where the lexicon finds a marker of a constructive "
        "category in it (a reason, evidence, a concession, a genuine question, a story of one’s "
        f"own, courtesy) and its toxicity lies under {TOXIC}. It is a count of words and no "
        "judgement of the thought.",
    ],
    [
        "Divided articles",
        "The share of judged comments that take a side, times the Shannon entropy of the two "
        "sides in bits: 1 where all take a side and the sides are equal, 0 where all are on one. "
        f"Listed are articles with {MIN_JUDGED} or more judged comments, ranked "
        "as the threads are.",
    ],
    [
        "Quantiles",
        "Medians and deciles are read from histograms of 500 bins and are off by one bin at most; "
        "the machine-readable form of this report states the width for each.",
    ],
    [
        "What this says",
        "It describes the comments that were read. Which comments a site kept, and who writes "
        "comments at all, is not known here, so it says nothing of what readers think.",
    ],
]


def _facts(totals: Totals, groups: Groups) -> list[list[str]]:
    facts = [[f"{totals.comments:,}", "comment" if totals.comments == 1 else "comments"]]
    for count, one in (
        (groups.articles, "article"),
        (groups.threads, "thread"),
        (groups.authors, "writer"),
    ):
        if count:
            facts.append([f"{count:,}", one if count == 1 else f"{one}s"])
    if totals.first is not None and totals.last is not None:
        days = (totals.last.date() - totals.first.date()).days + 1
        facts.append([f"{days:,}", "day" if days == 1 else "days"])
    return facts


def _bars(
    frame: pl.DataFrame, key: str, examples: Examples | None, writer: Writer
) -> list[dict[str, Json]]:
    top = max(frame["comments"], default=1)
    return [
        {
            "name": writer.inline(
                shorten(writer.hide(article_name(name, examples) if examples else name), NAME)
            ),
            "count": f"{count:,}",
            "share": count / top,
        }
        for name, count in frame.select(key, "comments").iter_rows()
        if count > 1
    ]


def _sizes(frame: pl.DataFrame, noun: str) -> list[list[str]]:
    groups, comments = int(frame[noun].sum()), int(frame["comments"].sum())
    rows = []
    for low, high, count, inside in frame.iter_rows():
        if not count:
            continue
        said = f"{low}" if low == high else f"{low} or more" if high is None else f"{low} to {high}"
        rows.append(
            [said, f"{count:,}", percent(count / groups), f"{inside:,}", percent(inside / comments)]
        )
    return rows


def _scores(data: CorpusData, totals: Totals) -> list[dict[str, Json]]:
    """One row a score, in groups by analyzer."""
    metrics = data.described()
    rows = []
    for row in totals.scores.to_dicts():
        if not row["count"]:
            continue
        analyzer, _, metric = row["column"].partition(SEPARATOR)
        unit = metrics[row["column"]].unit
        digits = 2 if unit in (Unit.PROBABILITY, Unit.SIMILARITY, Unit.DIFFERENCE) else 1
        rows.append(
            {
                "analyzer": words_for(analyzer),
                "name": MEASURES.get(metric, words_for(metric)),
                "values": [f"{row['count']:,}"]
                + [
                    f"{row[key]:.{digits}f}".replace("-", "−")
                    for key in ("mean", "p10", "median", "p90")
                ],
            }
        )
    return rows


def _divided(row: dict[str, Json], examples: Examples, writer: Writer) -> dict[str, Json]:
    quotes = [examples.at(row[f"{side}_row"]) for side in ("disagree", "agree")]
    return {
        "name": _name(row["article_id"], examples, writer),
        "counts": [f"{row[key]:,}" for key in ("disagree", "neither", "agree")],
        "entropy": f"{row['entropy']:.2f}",
        "interval": f"{row['low']:.2f} to {row['high']:.2f}",
        "divided": f"{row['divided']:.2f}",
        "comments": [quote.number for quote in quotes if quote is not None],
    }


def _thread(row: dict[str, Json], examples: Examples, writer: Writer) -> dict[str, Json]:
    quote = examples.at(row["row"])
    return {
        "name": _name(row["article_id"], examples, writer),
        "id": writer.label(row["thread_id"], 24),
        "comments": f"{row['comments']:,}",
        "count": f"{row['count']:,} of {row['total']:,}",
        "interval": f"{100 * row['low']:.0f} to {100 * row['high']:.0f} %",
        "clear": row["clear"],
        "quote": None if quote is None else quote.number,
    }


def _name(article_id: str | None, examples: Examples, writer: Writer) -> list[Json]:
    return writer.inline(shorten(writer.hide(article_name(article_id, examples)), NAME))


def _role(number: int, examples: Examples, writer: Writer) -> str:
    article = article_name(examples.articles.get(number), examples)
    return f"{examples.roles[number]}  ·  under “{writer.label(article, 90)}”"


def _analyzers(data: CorpusData, totals: Totals, writer: Writer) -> list[dict[str, Json]]:
    """Version, meaning, and why numbers are missing, by analyzer."""
    named = dict.fromkeys(name.partition(SEPARATOR)[0] for name in data.described())
    rows = []
    for analyzer in named:
        reasons = totals.reasons.filter(pl.col("analyzer") == analyzer).sort(
            "comments", descending=True
        )
        missing = int(reasons["comments"].sum())
        why = ", ".join(
            f"{REASONS.get(reason, words_for(reason))} {count:,}"
            for reason, count in reasons.select("reason", "comments").iter_rows()
        )
        share = percent(missing / totals.comments) if totals.comments else "–"
        rows.append(
            {
                "name": words_for(analyzer),
                "version": writer.label(data.versions.get(analyzer, "not recorded"), 60),
                "meaning": MEANINGS.get(analyzer, "An analyzer of yours; see its own description."),
                "missing": f"{missing:,} ({share})" if missing else "none",
                "why": why,
            }
        )
    return rows


def _bands(totals: Totals, examples: Examples) -> list[list[Json]]:
    """``[band, comments, share, number of the example or none]`` of toxicity."""
    bins = totals.bins.filter(pl.col("column") == f"{TOXICITY}{SEPARATOR}toxicity")
    if bins.is_empty():
        return []
    shown: dict[str, int] = {}
    for number, role in examples.roles.items():
        for part in role.split("; "):
            if part.startswith(BAND_ROLE):
                shown[part.removeprefix(BAND_ROLE)] = number
    total = int(bins["count"].sum())
    middle = (pl.col("low") + pl.col("high")) / 2
    rows = []
    for low, high in zip(BANDS, (*BANDS[1:], 1.0), strict=True):
        inside = bins.filter((middle >= low) & ((middle < high) | (high == 1.0)))
        count, band = int(inside["count"].sum()), say_band(low, high)
        rows.append([band, f"{count:,}", percent(count / total), shown.get(band)])
    return rows
