"""The technique encoder: spans, their names, one answer a text, damaged files."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from toolkit.analyzers.techniques import TECHNIQUES
from toolkit.errors import ModelError
from toolkit.inference.technique_encoder import (
    WEIGHTS,
    Reading,
    TechniqueEncoder,
    embedded,
    spans_of,
)

LOADED = "This monstrous, shameful betrayal by a corrupt clique of liars disgusts everyone."
PLAIN = "The council met on Tuesday and voted on the budget for the harbour."
FACTS = {"techniques": ["loaded", "doubt"], "thresholds": [0.2, 0.5]}


@pytest.fixture(scope="module")
def encoder() -> TechniqueEncoder:
    return embedded()


def test_loaded_words_are_marked_and_plain_ones_are_not(encoder: TechniqueEncoder) -> None:
    spans = encoder.technique_spans(f"{PLAIN}\n{LOADED}\n{PLAIN}")
    start, end = len(PLAIN) + 1, len(PLAIN) + 1 + len(LOADED)
    assert spans
    assert all(start <= span.start < span.end <= end for span in spans)
    assert "Loaded_Language" in {span.technique for span in spans}
    assert all(0 < span.score <= 1 for span in spans)


def test_the_analyzer_has_a_column_for_each_technique(encoder: TechniqueEncoder) -> None:
    assert encoder.techniques == tuple(TECHNIQUES)
    assert encoder.languages == {"en"}


def test_the_same_text_has_the_same_spans(encoder: TechniqueEncoder) -> None:
    long = " ".join([PLAIN] * 30 + [LOADED])
    before = encoder.technique_spans(long)
    encoder.technique_spans(LOADED)
    assert TechniqueEncoder().technique_spans(long) == before
    assert before
    assert before[-1].end > len(PLAIN) * 30


def reading(text: str, chances: dict[str, tuple[float, float, float]]) -> Reading:
    """One piece a word and a sign, with the chances of those that are named."""
    starts, ends, rows, at = [], [], [], 0
    for token in text.replace(",", " ,").replace("\n", " ").split():
        start = text.index(token, at)
        starts.append(start)
        ends.append(start + len(token))
        rows.append(chances.get(token, (0.0, 0.0, 0.0)))
        at = start + len(token)
    return Reading(np.array(starts), np.array(ends), np.array(rows, np.float32))


def quotes(text: str, chances: dict[str, tuple[float, float, float]]) -> list[tuple[str, str]]:
    found = spans_of(text, reading(text, chances), FACTS)
    return [(text[span.start : span.end], span.technique) for span in found]


def test_a_run_needs_one_sure_word_and_takes_the_likely_ones_beside_it() -> None:
    text = "what a vile rotten plan it was"
    sure, likely = (0.6, 0.5, 0.1), (0.3, 0.2, 0.1)
    assert quotes(text, {"vile": sure, "rotten": likely}) == [("vile rotten", "loaded")]
    assert quotes(text, {"vile": likely, "rotten": likely}) == []


def test_the_name_is_that_of_the_highest_mean() -> None:
    text = "can they be trusted"
    chances = {"they": (0.6, 0.5, 0.1), "be": (0.6, 0.0, 0.4), "trusted": (0.6, 0.0, 0.4)}
    assert quotes(text, chances) == [("they be trusted", "doubt")]


def test_a_span_ends_with_its_line_and_without_its_commas() -> None:
    sure = (0.9, 0.8, 0.0)
    text = "vile,\nrotten, plan"
    assert quotes(text, {"vile": sure, ",": sure, "rotten": sure}) == [
        ("vile", "loaded"),
        ("rotten", "loaded"),
    ]


@pytest.mark.parametrize(
    "text", ["", "\ud800", "a\x00b", "[SEP] [CLS] liars", "i" * 20_000, "\n" * 500, "@" * 300]
)
def test_hostile_texts_give_spans_inside_them(encoder: TechniqueEncoder, text: str) -> None:
    for span in encoder.technique_spans(text):
        assert 0 <= span.start < span.end <= len(text)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "weights"
    shutil.copytree(WEIGHTS, folder)
    with (folder / "model.onnx").open("r+b") as file:
        file.seek(1000)
        file.write(b"damage")
    with pytest.raises(ModelError, match=r"damaged: model\.onnx"):
        TechniqueEncoder(folder).technique_spans(LOADED)
