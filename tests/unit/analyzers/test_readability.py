"""When a readability number is given, why it is not, and what it stands on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from toolkit.analyzers.language import LanguageAnalyzer
from toolkit.analyzers.readability import HARD_WORDS_SHOWN, MIN_WORDS, ReadabilityAnalyzer
from toolkit.analyzers.readability.counts import count, prose
from toolkit.analyzers.readability.formulas import FORMULAS
from toolkit.pipeline import Pipeline
from toolkit.schema import NULL_REASONS, Direction

ENGLISH = {
    "flesch_reading_ease",
    "flesch_kincaid_grade",
    "gunning_fog",
    "smog_index",
    "automated_readability_index",
    "coleman_liau_index",
    "dale_chall_readability_score",
}
SCORES = {formula.metric.name for formula in FORMULAS}
PROSE = (
    "The council met on Tuesday and decided nothing at all. Nobody was surprised by that. "
    "The extraordinary negotiations will continue in the autumn, we are told."
)


def measure(text: str | None, language: str | None = "en") -> dict[str, Any]:
    frame = pl.LazyFrame(
        {"text": [text], "language__tag": [language]},
        schema={"text": pl.String, "language__tag": pl.String},
    )
    return frame.select(ReadabilityAnalyzer().expr().alias("r")).unnest("r").collect().to_dicts()[0]


def given(row: dict[str, Any]) -> set[str]:
    return {name for name in SCORES if row[name] is not None}


def test_the_metrics_are_described() -> None:
    names = [metric.name for metric in ReadabilityAnalyzer().metrics]
    assert set(names) == SCORES | {"words", "sentences", "null_reason"}
    assert len(names) == len(set(names))
    for formula in FORMULAS:
        assert formula.source
        assert formula.metric.description
        assert formula.metric.direction in (
            Direction.HIGHER_IS_EASIER,
            Direction.HIGHER_IS_HARDER,
        )


def test_the_documentation_names_every_score_with_its_source() -> None:
    page = Path(__file__).parents[3].joinpath("docs", "readability.md").read_text("utf-8")
    for formula in FORMULAS:
        (line,) = [
            line for line in page.splitlines() if line.startswith(f"| `{formula.metric.name}`")
        ]
        first_source = formula.source.split(";")[0].split(",")[0].split(" and ")[0]
        assert first_source in line
    for metric in ReadabilityAnalyzer().metrics:
        assert metric.name in page
    for reason in ("no_text", "language", "not_prose", "too_short", "too_few_sentences"):
        assert f"| `{reason}` |" in page


def test_english_prose_has_the_english_scores() -> None:
    row = measure(PROSE)
    assert given(row) == ENGLISH | {"lix", "rix"}
    assert row["null_reason"] is None
    assert (row["words"], row["sentences"]) == (26, 3)


def test_values_by_hand() -> None:
    # 20 words in 2 sentences, 24 syllables, no word over six letters.
    row = measure(
        "The cat sat on the old mat by the door. Then a dog came in and ate all of it today."
    )
    words, sentences, syllables = 21, 2, 22
    assert (row["words"], row["sentences"]) == (words, sentences)
    assert row["lix"] == words / sentences
    assert row["rix"] == 0.0
    assert row["flesch_reading_ease"] == pytest.approx(
        206.835 - 1.015 * words / sentences - 84.6 * syllables / words
    )
    assert row["flesch_kincaid_grade"] == pytest.approx(
        0.39 * words / sentences + 11.8 * syllables / words - 15.59
    )


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("de", {"flesch_reading_ease", "lix", "rix", "wiener_sachtextformel"}),
        ("es", {"flesch_reading_ease", "lix", "rix", "fernandez_huerta", "szigriszt_pazos"}),
        ("it", {"flesch_reading_ease", "lix", "rix", "gulpease_index"}),
        ("fr", {"flesch_reading_ease", "lix", "rix"}),
        ("nl", {"flesch_reading_ease", "lix", "rix"}),
        ("ru", {"flesch_reading_ease", "lix", "rix"}),
        ("ar", {"lix", "rix", "osman"}),
        ("sv", {"lix", "rix"}),
        ("und", {"lix", "rix"}),
        (None, {"lix", "rix"}),
        ("en-GB", ENGLISH | {"lix", "rix"}),
    ],
)
def test_each_language_has_its_own_scores(language: str | None, expected: set[str]) -> None:
    row = measure(PROSE, language)
    assert given(row) == expected
    assert row["null_reason"] == (None if language == "en-GB" else "language")


@pytest.mark.parametrize("text", [None, "", " \n\t "])
def test_no_text(text: str | None) -> None:
    row = measure(text)
    assert row.pop("null_reason") == "no_text"
    assert set(row.values()) == {None}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Nine words are not enough for a score here.", "too_short"),
        ("😀😀😀😀", "not_prose"),
        ("https://example.org/a https://example.org/b https://example.org/c", "not_prose"),
        (
            "Look at https://a.example/1 https://a.example/2 https://a.example/3 and also at "
            "https://a.example/4 or even https://a.example/5 if you have the time today.",
            "not_prose",
        ),
        ("12 34 56 78 90 12 34 56 78 90 12 34", "not_prose"),
        ("for (int i = 0; i < n; i++) { sum += a[i]; } return sum / n; // the mean", "not_prose"),
        ("-=-=-=-=-=-=-=- one two three four five six seven eight nine ten", "not_prose"),
        ("No. Yes. No no. Go on. Ha ha. Oh dear. Not me. Why not. Stop it.", "too_few_sentences"),
        ("十年前就答应给我们修一座新桥，到现在什么都没有发生。我们还在等。", "language"),
        ("दस साल पहले हमें नए पुल का वादा किया गया था और आज तक कुछ भी नहीं हुआ।", "language"),
    ],
)
def test_what_is_no_measurable_prose_has_no_score(text: str, reason: str) -> None:
    row = measure(text)
    assert given(row) == set()
    assert row["null_reason"] == reason
    assert reason in NULL_REASONS


def test_the_minimum_is_ten_words() -> None:
    assert given(measure("These are exactly ten words and they make one sentence.")) >= {"lix"}
    assert not given(measure("These are only nine words and make one sentence."))
    assert MIN_WORDS == 10


def test_counts_are_given_where_scores_are_not() -> None:
    row = measure("Too short for that.")
    assert (row["words"], row["sentences"], row["lix"]) == (4, 1, None)
    assert measure("十年前就答应给我们修一座新桥。", "zh")["words"] is None


def test_smog_needs_three_sentences() -> None:
    row = measure("The extraordinary negotiations will continue in the autumn, so we are told.")
    assert given(row) == (ENGLISH | {"lix", "rix"}) - {"smog_index"}
    assert row["null_reason"] == "too_few_sentences"


def test_a_single_link_or_foreign_word_does_not_hide_prose() -> None:
    assert measure(PROSE + " https://example.org/" + "x" * 300)["lix"] == measure(PROSE)["lix"]
    assert measure(PROSE + " 你好")["lix"] is not None
    assert measure(PROSE + " 😀😀😀")["lix"] is not None


def test_typography_does_not_change_a_score() -> None:
    straight = (
        "They didn't want it. They couldn't pay for it. It isn't even new, and it's not ours."
    )
    assert measure(straight.replace("'", "’")) == measure(straight)


def test_prose_leaves_mail_addresses_out() -> None:
    assert prose("Ask me@example.org now", "en") == "Ask   now"
    assert prose("Plain text, don't touch", "en") == "Plain text, don't touch"


def test_a_very_long_run_of_letters_is_survived() -> None:
    row = measure("a" * 20_000 + " " + PROSE)
    assert row["words"] == 27
    assert row["null_reason"] == "not_prose"


def test_remembered_words_do_not_change_what_comes_later(monkeypatch: pytest.MonkeyPatch) -> None:
    before = count(PROSE, "en")
    monkeypatch.setattr("toolkit.analyzers.readability.counts._TABLE_SIZE", 3)
    assert count(PROSE, "en") == before
    assert count(PROSE, "en") == before


def test_explain_shows_the_longest_sentence_and_the_hardest_words() -> None:
    pipeline = Pipeline([LanguageAnalyzer(), ReadabilityAnalyzer()])
    text = PROSE + " See https://example.org/characterization for more."
    (row,) = pipeline.apply(pl.LazyFrame({"text": [text]})).collect().to_dicts()
    evidence = pipeline.explain(row)
    assert all(text[item.start : item.end] == item.quote for item in evidence)
    (longest,) = [item for item in evidence if item.label == "longest_sentence"]
    assert longest.quote.startswith("The extraordinary negotiations")
    assert (longest.score, longest.note) == (11.0, "11 words")
    words = [item for item in evidence if item.label == "hard_word"]
    assert [(item.quote, item.score) for item in words] == [
        ("council", 2.0),
        ("decided", 3.0),
        ("extraordinary", 6.0),
        ("negotiations", 5.0),
        ("continue", 3.0),
    ]
    assert words[2].note == "6 syllables, not on the Dale-Chall list"
    assert len(words) <= HARD_WORDS_SHOWN


def test_explain_in_other_languages() -> None:
    analyzer = ReadabilityAnalyzer()
    german = (
        "Die Verantwortungslosigkeit der Stadtverwaltung ist in diesem Jahr sehr groß geworden."
    )
    for language, note in (("de", "8 syllables"), ("sv", "24 letters")):
        row = {"text": german, "language__tag": language, "readability__lix": 50.0}
        notes = {item.quote: item.note for item in analyzer.explain(row)}
        assert notes["Verantwortungslosigkeit"] is not None
        assert notes["Verantwortungslosigkeit"].split()[1] == note.split()[1]


def test_nothing_is_explained_where_nothing_was_measured() -> None:
    row = {"text": "ok", "language__tag": "en", "readability__lix": None}
    assert ReadabilityAnalyzer().explain(row) == []
    assert ReadabilityAnalyzer().explain({"text": None}) == []


def test_english_never_reaches_for_the_network(tmp_path: Path) -> None:
    # A fresh home, no NLTK data, and every way out closed.
    code = """
import socket, sys

def closed(*args, **kwargs):
    raise AssertionError("the network was asked for")

socket.socket.connect = socket.socket.connect_ex = closed
socket.create_connection = socket.getaddrinfo = socket.gethostbyname = closed

import polars as pl
from toolkit.pipeline import Pipeline

text = "The extraordinary negotiations will continue in the autumn, so we are all told."
frame = Pipeline.of(["readability"]).apply(pl.LazyFrame({"text": [text]})).collect()
assert frame["language__tag"][0] == "en"
assert frame["readability__flesch_kincaid_grade"][0] is not None
assert not {"nltk", "textstat", "requests", "urllib3"} & set(sys.modules)
"""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("NLTK")
    } | {"HOME": str(tmp_path), "NLTK_DATA": str(tmp_path / "none")}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, cwd=tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_importing_reads_no_dictionary() -> None:
    code = (
        "import sys, toolkit.analyzers.readability\n"
        "from toolkit.text.syllables import english_syllables\n"
        "assert english_syllables.cache_info().currsize == 0\n"
        "assert 'pyphen' not in sys.modules and 'py3langid' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
