from __future__ import annotations

import polars as pl
import pytest

from toolkit.analyzers.lexicon import Lexicon
from toolkit.analyzers.lexicon import match as lexicon_match
from toolkit.analyzers.rhetoric import FAMILIES, RhetoricAnalyzer
from toolkit.errors import LexiconError
from toolkit.schema import Unit
from toolkit.settings import Settings


@pytest.fixture(scope="module")
def analyzer() -> RhetoricAnalyzer:
    return RhetoricAnalyzer()


def measure(analyzer: RhetoricAnalyzer, *texts: str | None, language: str = "en") -> pl.DataFrame:
    frame = pl.DataFrame(
        {"text": texts, "language__tag": [language] * len(texts)},
        schema={"text": pl.String, "language__tag": pl.String},
    )
    return frame.select(analyzer.expr().alias("rhetoric")).unnest("rhetoric")


def marked(analyzer: RhetoricAnalyzer, text: str, category: str) -> list[str]:
    found = analyzer.markers(text, "en")
    return [text[m.start : m.end] for m in found if m.category == category]


@pytest.mark.parametrize(
    ("text", "category", "expected"),
    [
        ("It is nothing more than noise.", "minimizing", ["nothing more than"]),
        ("It is NOTHING\nMORE  THAN noise.", "minimizing", ["NOTHING\nMORE  THAN"]),
        ("It is “nothing more than” noise.", "minimizing", ["nothing more than"]),
        ("It is nothing more, than noise.", "minimizing", []),
        ("anothing more than", "minimizing", []),
        ("The mullahs' boat, and Mullahs’ crews.", "loaded_label", ["mullahs", "Mullahs"]),
        ("The mullah’s boat", "loaded_label", ["mullah"]),
        ("emullahs, mullahsé", "loaded_label", []),
        ("a regime-backed paper", "loaded_label", ["regime"]),
        ("her training regime", "loaded_label", []),
        ("so-called and so called", "loaded_label", ["so-called", "so called"]),
        ("I'm here; i've left; I’ll stay.", "self_mention", ["I", "i", "I"]),
        ("The US paid us.", "self_mention", ["us"]),
        ("He couldn't go.", "hedge", []),
        ("He could go.", "hedge", ["could"]),
        ("no\u200bthing more than", "minimizing", ["no\u200bthing more than"]),
        ("🙄🙄 merely 𝟓 boats", "minimizing", ["merely"]),
        ("see https://example.org/merely-merely here", "minimizing", []),
        ("see https://example.org/merely. Yes", "evidence_marker", ["https://example.org/merely"]),
        ("They never, never, never paid.", "absolutes", ["never"] * 3),
        ("They NEVER EVER pay.", "shouting", ["NEVER", "EVER"]),
        ("NEVER", "shouting", ["NEVER"]),
        ("Bad! Bad!! Bad?!", "shouting", ["!!", "?!"]),
        ('The "free" "ferry" sank.', "scare_quotes", ['"free"', '"ferry"']),
        ("Who cares about it.", "rhetorical_question", []),
        ("Who cares about it?!", "rhetorical_question", ["Who cares"]),
        ("Why? Because I say so.", "reason_marker", ["Because"]),
    ],
)
def test_spans(analyzer: RhetoricAnalyzer, text: str, category: str, expected: list[str]) -> None:
    assert marked(analyzer, text, category) == expected


def test_the_longest_of_a_category_wins_and_categories_do_not_disturb_each_other(
    analyzer: RhetoricAnalyzer,
) -> None:
    text = "It is just a matter of time before the regime falls."
    assert marked(analyzer, text, "appeal_to_fear") == ["just a matter of time"]
    text = "Absolutely nobody believes the absolutely corrupt regime."
    assert "Absolutely nobody" in marked(analyzer, text, "absolutes")
    assert "Absolutely" in marked(analyzer, text, "booster")


def test_counts_and_rates(analyzer: RhetoricAnalyzer) -> None:
    row = measure(analyzer, "The regime merely pays mullahs.").row(0, named=True)
    assert row["words"] == 5
    assert row["loaded_label"] == 2
    assert row["loaded_label_per_100_words"] == pytest.approx(40)
    assert row["minimizing"] == 1
    assert row["hedge"] == 0
    assert row["hedge_per_100_words"] == 0
    assert row["critical"] >= 3
    assert row["null_reason"] is None


def test_totals_add_up(analyzer: RhetoricAnalyzer) -> None:
    frame = measure(analyzer, "Perhaps I merely think the regime lies!!! To be fair, thanks.", "x")
    for row in frame.iter_rows(named=True):
        categories = analyzer.lexicon.categories.values()
        assert row["total"] == sum(row[category.name] for category in categories)
        for family in FAMILIES:
            members = [category.name for category in categories if category.family == family]
            assert row[family] == sum(row[name] for name in members)


def test_quotations_are_not_the_commenters_own(analyzer: RhetoricAnalyzer) -> None:
    text = '> The regime is evil.\nYou say "the regime is merely a regime" but I doubt it.'
    row = measure(analyzer, text).row(0, named=True)
    assert row["loaded_label"] == 0
    assert row["quoted"] >= 4
    assert row["words"] == 6
    evidence = analyzer.explain({"text": text, "language__tag": "en"})
    labels = [item for item in evidence if item.label == "loaded_label"]
    assert len(labels) == 3
    assert all((item.note or "").endswith("; quoted") for item in labels)
    own = [item for item in evidence if not (item.note or "").endswith("; quoted")]
    assert len(own) == row["total"]


def test_a_text_that_is_all_quotation_has_no_rate(analyzer: RhetoricAnalyzer) -> None:
    row = measure(analyzer, "> The regime is evil.").row(0, named=True)
    assert row["null_reason"] == "too_short"
    assert row["loaded_label"] is None


@pytest.mark.parametrize(
    ("text", "language", "reason"),
    [
        (None, "en", "no_text"),
        ("", "en", "no_text"),
        (" \n ", "en", "no_text"),
        ("Das Regime ist böse.", "de", "language"),
        ("режим плохой", "und", "language"),
        ("!!! ... ???", "und", "not_prose"),
        ("The regime is evil.", "und", None),
        ("The regime is evil.", "en-GB", None),
    ],
)
def test_null_reasons(
    analyzer: RhetoricAnalyzer, text: str | None, language: str, reason: str | None
) -> None:
    row = measure(analyzer, text, language=language).row(0, named=True)
    assert row["null_reason"] == reason
    values = [value for name, value in row.items() if name != "null_reason"]
    assert all((value is None) == (reason is not None) for value in values)


def test_evidence_names_its_entry_and_lexicon(analyzer: RhetoricAnalyzer) -> None:
    text = "It is merely a boat."
    item = next(
        item
        for item in analyzer.explain({"text": text, "language__tag": "en"})
        if item.label == "minimizing"
    )
    assert (item.analyzer, item.start, item.end, item.quote) == ("rhetoric", 6, 12, "merely")
    assert item.note == 'lexicon judgement: "merely"'
    assert analyzer.explain({"text": None, "language__tag": "en"}) == []


def test_metrics_are_declared_in_full(analyzer: RhetoricAnalyzer) -> None:
    names = [metric.name for metric in analyzer.metrics]
    assert len(names) == len(set(names))
    for name in analyzer.lexicon.categories:
        assert name in names
        assert f"{name}_per_100_words" in names
    for metric in analyzer.metrics:
        assert metric.description.endswith(".")
        if metric.name.endswith("_per_100_words"):
            assert metric.unit is Unit.PER_100_WORDS
    frame = measure(analyzer, "x")
    assert dict(frame.schema) == {metric.name: metric.dtype for metric in analyzer.metrics}


def test_settings_bring_lexicons() -> None:
    analyzer = RhetoricAnalyzer.from_settings(Settings())
    assert analyzer.name == "rhetoric"
    assert analyzer.reads == ("text", "language__tag")


def test_an_empty_lexicon_is_refused() -> None:
    with pytest.raises(LexiconError, match="empty"):
        RhetoricAnalyzer(Lexicon())


def test_an_empty_frame(analyzer: RhetoricAnalyzer) -> None:
    frame = measure(analyzer)
    assert frame.height == 0
    assert frame.columns == [metric.name for metric in analyzer.metrics]


def test_many_and_long_texts_are_taken_in_parts(
    analyzer: RhetoricAnalyzer, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = ["merely " * 5, "x", "", "never " * 40, "the regime", "merely"]
    expected = [measure(analyzer, text) for text in texts]
    monkeypatch.setattr(lexicon_match, "BATCH", 2)
    monkeypatch.setattr(lexicon_match, "BATCH_POINTS", 40)
    assert list(lexicon_match._batches(texts)) == [(0, 2), (2, 3), (3, 4), (4, 6)]
    assert measure(analyzer, *texts).equals(pl.concat(expected))
