"""Made-up report data in the shape that the pipeline gives it. Places and people are fictional."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from toolkit.records import Article, Comment, Page, PageWarning, ThesisSentence
from toolkit.reporting import ReportData
from toolkit.schema import COMMENT_SCHEMA, EVIDENCE_DTYPE, Direction, Metric, Unit, column

TOXICITY = ("toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack")
STANCE = ("agree", "disagree", "discuss", "unrelated")
CATEGORIES = {
    "minimizing": ("nothing more than", "merely", "just a"),
    "loaded_label": ("regime", "cronies", "strongman"),
    "name_calling": ("clowns", "parasites"),
    "doubt": ("so-called", "supposedly"),
    "whataboutism": ("what about",),
    "hedge": ("perhaps", "it seems"),
    "booster": ("clearly", "obviously"),
}
#: What a model might mark; this analyzer runs only where it is asked for.
TECHNIQUES = {
    "loaded_language": ("a gift to the owners", "will never listen"),
    "name_calling": ("These clowns",),
    "exaggeration_minimisation": (),
    "doubt": (),
}
TOXIC_WORDS = ("idiots", "stupid", "liars", "clowns", "parasites", "fucking")

ARTICLE = (
    "The harbour of Vellmar should stay closed to cruise ships. Last summer the quay took four "
    "thousand visitors a day, and the fishmongers lost their mooring. The council counted the "
    "nights in the guesthouses and found that hardly anybody stayed. A port that lives for one "
    "guest forgets its neighbours."
)
SENTENCES = (
    "The council has ignored the people who live on the quay for ten years.",
    "I run a guesthouse and I can tell you that the ships bring me nobody.",
    "Without the ships my daughter would have no work in the summer.",
    "This is nothing more than a gift to the owners of the new hotel.",
    "Perhaps the writer should have asked the pilots before writing this.",
    "What about the ferries, which make twice the noise?",
    "You people are idiots and have never worked a day in your lives.",
    "The so-called study counted one week in November.",
    "Clearly the mooring fees paid for the new school roof.",
    "The regime in the town hall and its cronies will never listen.",
    "My grandmother sold fish there, and nobody asked her either.",
    "Close it, and let the herring have the harbour back.",
    "I was in Vellmar in July and could not cross the street.",
    "It seems the numbers in the second paragraph do not add up.",
    "These clowns could not run a rowing boat.",
    "Thank you for writing this, it was overdue.",
)
NAMES = (
    "Orla Whitlow", "Pim de Graaf", "T. Aldous", "Marisk", "Jonas Feldhaus", "quaywatcher",
    "Sanne", "Ida Brandt", "old_salt", "Bertil", "Nadia Roux", "Wouter K.", "H. Osei",
)  # fmt: skip


def metrics(only: Sequence[str] | None = None) -> dict[str, Metric]:
    found: dict[str, Metric] = {}

    def add(analyzer: str, name: str, dtype: pl.DataType, unit: Unit, **rest: Any) -> None:
        found[column(analyzer, name)] = Metric(name=name, dtype=dtype, unit=unit, **rest)

    def reason(analyzer: str) -> None:
        add(analyzer, "null_reason", pl.String(), Unit.REASON, description="Why null.")

    add("language", "tag", pl.String(), Unit.LABEL, description="BCP 47 tag of the language.")
    add("language", "confidence", pl.Float32(), Unit.PROBABILITY, bounds=(0.0, 1.0),
        description="How sure that is.")  # fmt: skip
    for name, way in (
        ("flesch_reading_ease", Direction.HIGHER_IS_EASIER),
        ("flesch_kincaid_grade", Direction.HIGHER_IS_HARDER),
        ("gunning_fog", Direction.HIGHER_IS_HARDER),
        ("lix", Direction.HIGHER_IS_HARDER),
    ):
        add("readability", name, pl.Float64(), Unit.GRADE, direction=way,
            description="A formula over words and sentences.")  # fmt: skip
    for name in ("words", "sentences"):
        add("readability", name, pl.Int64(), Unit.COUNT, bounds=(0, None), description="Counted.")
    reason("readability")
    for name in TOXICITY:
        add("toxicity", name, pl.Float32(), Unit.PROBABILITY, bounds=(0.0, 1.0),
            direction=Direction.HIGHER_IS_MORE,
            description=f"Probability that readers call it {name}.")  # fmt: skip
    reason("toxicity")
    for name in (*CATEGORIES, "total"):
        add("rhetoric", name, pl.Int32(), Unit.COUNT, bounds=(0, None),
            description=f"Markers of {name.replace('_', ' ').capitalize()}: says a thing so that "
            "it weighs more or less, outside quotations.")  # fmt: skip
        add("rhetoric", f"{name}_per_100_words", pl.Float32(), Unit.PER_100_WORDS,
            bounds=(0, None), description="The same per 100 words.")  # fmt: skip
    reason("rhetoric")
    add("stance", "label", pl.Enum(STANCE), Unit.LABEL, description="The likeliest stance.")
    for name in STANCE:
        add("stance", name, pl.Float32(), Unit.PROBABILITY, bounds=(0.0, 1.0),
            description=f"Probability of {name}.")  # fmt: skip
    add("stance", "alignment", pl.Float32(), Unit.DIFFERENCE, bounds=(-1.0, 1.0),
        description="agree minus disagree.")  # fmt: skip
    add("stance", "relevance", pl.Float32(), Unit.SIMILARITY, bounds=(0.0, 1.0),
        description="How near the comment is to the claim.")  # fmt: skip
    reason("stance")
    if "techniques" in (only or ()):
        for name in TECHNIQUES:
            add("techniques", name, pl.Int32(), Unit.COUNT, bounds=(0, None),
                description=f"Spans marked by the model: {name.replace('_', ' ')}.")  # fmt: skip
        reason("techniques")
    if only is not None:
        found = {name: m for name, m in found.items() if name.partition("__")[0] in only}
    return found


def measure(text: str | None, rng: random.Random) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Numbers and evidence that look like the analyzers' own, by simple rules."""
    row: dict[str, Any] = dict.fromkeys((*metrics(), *metrics(["techniques"])))
    spans: list[dict[str, Any]] = []
    if not text or not text.strip():
        for analyzer in ("readability", "toxicity", "rhetoric", "stance", "techniques"):
            row[column(analyzer, "null_reason")] = "no_text"
        return row, spans
    words = len(text.split())
    sentences = [m for m in re.finditer(r"[^.!?\n]+[.!?]?", text) if m[0].strip()]
    latin = sum("a" <= letter.lower() <= "z" for letter in text) * 2 > len(text)
    row["language__tag"] = "en" if latin else "fa"
    row["language__confidence"] = 0.98
    if words < 8:
        row["readability__null_reason"] = "too_short"
    elif not latin:
        row["readability__null_reason"] = "language"
    else:
        per = words / max(1, len(sentences))
        row["readability__flesch_kincaid_grade"] = 0.39 * per + rng.uniform(1, 6)
        row["readability__flesch_reading_ease"] = 100 - 2.4 * per
        row["readability__gunning_fog"] = 0.5 * per + 4
        row["readability__lix"] = per + 25
    row["readability__words"], row["readability__sentences"] = words, len(sentences)

    def span(
        analyzer: str, label: str, start: int, end: int, score: float | None, note: str | None
    ) -> None:
        spans.append({"analyzer": analyzer, "label": label, "start": start, "end": end,
                      "quote": text[start:end], "score": score, "note": note})  # fmt: skip

    hits = [m for word in TOXIC_WORDS for m in re.finditer(rf"\b{word}\b", text, re.I)]
    score = min(0.97, 0.02 + rng.random() ** 4 * 0.3 + 0.45 * len(hits))
    for name in TOXICITY:
        factor = {"toxicity": 1.0, "insult": 0.9, "obscene": 0.5}.get(name, 0.1)
        row[column("toxicity", name)] = score * factor
    for m in hits:
        span("toxicity", "insult", *m.span(), 0.8, None)
    for name, phrases in (*CATEGORIES.items(), ("total", ())):
        found = [m for phrase in phrases for m in re.finditer(rf"\b{phrase}\b", text, re.I)]
        row[column("rhetoric", name)] = len(found)
        row[column("rhetoric", f"{name}_per_100_words")] = 100 * len(found) / words
        for m in found:
            span("rhetoric", name, *m.span(), None, f'lexicon sample: "{name}"')
    for name, phrases in TECHNIQUES.items():
        found = [m for phrase in phrases for m in re.finditer(phrase, text)]
        row[column("techniques", name)] = len(found)
        for m in found:
            span("techniques", name, *m.span(), 0.6, "marked by the model")
    row["techniques__null_reason"] = None
    weights = [rng.random() ** 2 + 0.02 for _ in STANCE]
    for name, weight in zip(STANCE, weights, strict=True):
        row[column("stance", name)] = weight / sum(weights)
    row["stance__label"] = max(STANCE, key=lambda name: row[column("stance", name)])
    row["stance__alignment"] = row["stance__agree"] - row["stance__disagree"]
    row["stance__relevance"] = 1 - row["stance__unrelated"]
    if sentences and row["stance__label"] != "unrelated":
        best = max(sentences, key=lambda m: len(m[0]))
        start = best.start() + len(best[0]) - len(best[0].lstrip())
        told = ARTICLE.index("Last summer")
        note = (
            f"answers the article's sentence “…” (article text {told}–{told + 92}, similarity 0.61)"
        )
        span("stance", row["stance__label"], start, best.end(), 0.7, rng.choice((None, note)))
    return row, spans


def report_data(
    comments: Sequence[Comment],
    *,
    only: Sequence[str] | None = None,
    seed: int = 7,
    title: str | None = "The harbour of Vellmar should stay closed to cruise ships",
    article: str = ARTICLE,
    thesis: bool = True,
    stated: int | None = None,
    comments_open: bool | None = False,
    byline: str | None = "Mara Lindqvist",
    url: str | None = "https://example.org/2031/07/harbour",
) -> ReportData:
    rng = random.Random(seed)
    measured = [measure(comment.text, rng) for comment in comments]
    wanted = metrics(only)
    base = pl.DataFrame(
        {name: [getattr(comment, name) for comment in comments] for name in COMMENT_SCHEMA},
        schema=COMMENT_SCHEMA,
    )
    results = pl.DataFrame(
        {name: [row[name] for row, _ in measured] for name in wanted},
        schema={name: metric.dtype for name, metric in wanted.items()},
        strict=False,
    )
    names = {name.partition("__")[0] for name in wanted}
    evidence = pl.DataFrame(
        {"evidence": [[s for s in spans if s["analyzer"] in names] for _, spans in measured]},
        schema={"evidence": EVIDENCE_DTYPE},
    )
    frame = pl.concat([base, results, evidence], how="horizontal")
    claims: tuple[ThesisSentence, ...] = ()
    if thesis and title:
        claims = (
            ThesisSentence(text=title, source="title", start=0, end=len(title), score=0.91,
                           reason="the title makes a claim"),
            ThesisSentence(text=article.rpartition(". ")[2], source="text", start=len(article) - 58,
                           end=len(article), score=0.72, reason="closing sentence, near the title"),
        )  # fmt: skip
    page = Page(
        article=Article(
            article_id="a1", url=url, title=title, byline=byline, language="en", text=article,
            published_at=datetime(2031, 7, 4, 9, 30, tzinfo=UTC), truncated=False,
        ),
        comments=tuple(comments),
        comments_open=comments_open,
        stated_comment_count=len(comments) if stated is None else stated,
        warnings=(PageWarning(code="time_without_zone", message="Times as printed."),),
    )  # fmt: skip
    return ReportData(
        page=page,
        thesis=claims,
        comments=frame,
        article_metrics={
            "text": article,
            "readability__flesch_kincaid_grade": 9.4,
            "readability__flesch_reading_ease": 61.2,
            "readability__gunning_fog": 11.3,
            "readability__lix": 44.0,
        },
        metrics=wanted,
        manifest={
            "comment-toolkit": "0.1.0",
            "analyzer language": "1",
            "analyzer readability": "1",
            "analyzer toxicity": "linear-1",
            "analyzer rhetoric": "1+4f2a",
            "analyzer stance": "provisional-1",
            "package polars": "2.1.0",
            "python": "3.11.7",
            "input": "harbour.txt",
            "input sha256": "9f" * 32,
            "made": "2031-07-09 10:00 UTC",
        },
    )


def thread(count: int, *, seed: int = 3) -> list[Comment]:
    """``count`` comments with replies, lengths and names that vary."""
    rng = random.Random(seed)
    start = datetime(2031, 7, 4, 10, 0, tzinfo=UTC)
    comments: list[Comment] = []
    for number in range(count):
        parent = None
        if comments and rng.random() < 0.45:
            parent = comments[max(0, number - 1 - int(rng.random() ** 2 * 6))]
        sentences = rng.sample(SENTENCES, rng.choice((1, 1, 2, 2, 3, 4, 6)))
        text = " ".join(sentences)
        if len(sentences) > 4:
            text = " ".join(sentences[:3]) + "\n\n" + " ".join(sentences[3:])
        if rng.random() < 0.06:
            text = rng.choice(("Agreed.", "+1", "lol 😀", "Source?"))
        comments.append(
            Comment(
                comment_id=f"c{number + 1}",
                article_id="a1",
                parent_id=parent.comment_id if parent else None,
                author_name=rng.choice(NAMES) if rng.random() > 0.04 else None,
                author_handle="@salt" if rng.random() < 0.1 else None,
                created_at=start + timedelta(minutes=37 * number),
                text=text if rng.random() > 0.02 else None,
                depth=parent.depth + 1 if parent else 0,
                position=number,
                like_count=rng.randrange(40) if rng.random() < 0.3 else None,
            )
        )
    return comments


def single(text: str, **rest: Any) -> list[Comment]:
    """One comment."""
    given: dict[str, Any] = {"author_name": "Orla Whitlow", **rest}
    return [Comment(comment_id="c1", article_id="a1", text=text, **given)]


def persian() -> list[Comment]:
    """A thread in Persian with a Latin name in it."""
    texts = (
        "نویسندهٔ این مقاله می‌گوید که بندر باید بسته بماند؛ ولی من مخالفم!",
        "کاملاً موافقم. سال گذشته نمی‌شد از خیابان رد شد.\n\nهزینهٔ لنگرگاه هم ۱۲۰ یورو بود.",
        "به قول Pim de Graaf «آمار این پژوهش فقط یک هفته را شمرده است» و این کافی نیست.",
        "سلام 😀 ممنون از این مطلب.",
    )
    names = ("سارا محمدی", "بهرام", "Pim de Graaf", "نادیا")
    return [
        Comment(comment_id=f"c{n}", article_id="a1", text=text, author_name=name, position=n,
                parent_id="c0" if n in (1, 2) else None, depth=1 if n in (1, 2) else 0)
        for n, (text, name) in enumerate(zip(texts, names, strict=True))
    ]  # fmt: skip
