"""The embedded encoder: windows, one answer a text, spans, damaged files."""

from __future__ import annotations

import json
import math
import pickle
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.errors import ModelError
from toolkit.inference import LABELS
from toolkit.inference.comment_encoder import (
    WEIGHTS,
    CommentEncoder,
    Reading,
    _likeliest,
    embedded,
)

RUDE = "You are a pathetic idiot."
CIVIL = "The bridge across the harbour was closed on Tuesday, and nobody told the bus drivers. "
TEXTS = [RUDE, CIVIL, "\U0001f44d", "", CIVIL * 12 + RUDE]


@pytest.fixture(scope="module")
def encoder() -> CommentEncoder:
    return embedded()


def test_rude_is_higher_than_civil(encoder: CommentEncoder) -> None:
    scores = encoder.predict(TEXTS)
    assert scores.shape == (5, len(LABELS))
    assert scores[0, 0] > 0.8
    assert scores[0, LABELS.index("insult")] > 0.6
    assert scores[1, 0] < 0.1
    assert np.isnan(scores[3]).all()


def test_a_score_depends_on_its_text_alone() -> None:
    fresh = CommentEncoder(cache_size=0)
    together = fresh.predict(TEXTS)
    for text, row in zip(TEXTS, together, strict=True):
        np.testing.assert_array_equal(fresh.predict([text])[0], row)
    with ThreadPoolExecutor(4) as pool:
        for rows in pool.map(fresh.predict, [TEXTS] * 4):
            np.testing.assert_array_equal(rows, together)


def test_the_cache_changes_nothing_and_is_bounded() -> None:
    small = CommentEncoder(cache_size=2)
    first = small.predict(TEXTS)
    np.testing.assert_array_equal(small.predict(TEXTS), first)
    assert len(small._cache) == 2
    copy = pickle.loads(pickle.dumps(small))
    np.testing.assert_array_equal(copy.predict(TEXTS[:2]), first[:2])


def test_an_insult_at_the_end_of_a_long_comment_counts(encoder: CommentEncoder) -> None:
    text = TEXTS[4]
    assert encoder.predict([text])[0, 0] >= encoder.review_threshold
    window = encoder.window(text)
    assert window is not None
    assert window[0] > 0
    assert RUDE[:-1] in text[slice(*window)]
    assert encoder.window(RUDE) is None
    assert encoder.window("") is None


def test_among_more_windows_each_counts_less(encoder: CommentEncoder, tmp_path: Path) -> None:
    """n windows have n chances to be high: the odds of each are divided by a power of n."""
    for file in WEIGHTS.iterdir():
        if file.name != "model.json":
            (tmp_path / file.name).symlink_to(file)
    facts = json.loads((WEIGHTS / "model.json").read_text("utf-8"))
    assert 0 < facts["window_discount"] <= 1
    (tmp_path / "model.json").write_text(json.dumps(facts | {"window_discount": 0.0}), "utf-8")
    plain = CommentEncoder(tmp_path)
    for text in (RUDE, TEXTS[4]):
        reading, full = encoder.read(text), plain.read(text)
        assert reading is not None
        assert full is not None
        lost = np.log(full.windows / (1 - full.windows)) - np.log(
            reading.windows / (1 - reading.windows)
        )
        share = facts["window_discount"]
        np.testing.assert_allclose(lost, share * math.log(len(reading.bounds)), atol=1e-3)
    assert len(encoder.read(TEXTS[4]).bounds) > 1  # type: ignore[union-attr]


def test_spans_are_whole_words_of_toxic_comments(encoder: CommentEncoder) -> None:
    spans = encoder.spans(RUDE)
    assert [RUDE[span.start : span.end] for span in spans]
    words = {word for span in spans for word in RUDE[span.start : span.end].split()}
    assert "idiot" in words
    assert {span.label for span in spans} <= {LABELS[0], *LABELS[2:]}
    assert all(0 < span.score <= 1 for span in spans)
    assert encoder.spans(CIVIL) == []
    assert encoder.spans("") == []


@given(
    chances=st.lists(st.floats(0.01, 0.99), min_size=1, max_size=8),
    sizes=st.lists(st.integers(1, 9), min_size=8, max_size=8),
)
def test_no_other_set_of_words_promises_more(chances: list[float], sizes: list[int]) -> None:
    words = ["a" * size for size in sizes[: len(chances)]]
    text = " ".join(words)
    starts = np.cumsum([0, *(len(word) + 1 for word in words)])[:-1]
    pieces = np.array(chances, np.float32)
    reading = Reading(
        np.zeros((1, 6), np.float32),
        ((0, len(text)),),
        starts.astype(np.int64),
        (starts + [len(word) for word in words]).astype(np.int64),
        pieces,
    )
    size = np.array(sizes[: len(words)], float)
    chance = pieces.astype(float)

    def promise(chosen: Sequence[int]) -> float:
        picked = list(chosen)
        return 2 * (chance * size)[picked].sum() / (size[picked].sum() + (chance * size).sum())

    spans = list(_likeliest(text, reading, 1.0, 0.0))
    marked = [
        index
        for index, start in enumerate(starts)
        if any(first <= start < last for first, last, _ in spans)
    ]
    best = max(
        promise(some)
        for count in range(1, len(words) + 1)
        for some in combinations(range(len(words)), count)
    )
    assert promise(marked) == pytest.approx(best)


def test_offsets_are_those_of_the_original_text(encoder: CommentEncoder) -> None:
    text = "\u200bYou \U0001f921 are such an \u0456d\u0456ot, really."
    for span in encoder.spans(text):
        assert 0 <= span.start < span.end <= len(text)
        assert not text[span.start].isspace()
        assert not text[span.end - 1].isspace()
    assert any("d\u0456ot" in text[span.start : span.end] for span in encoder.spans(text))


@pytest.mark.parametrize(
    "text",
    ["\ud800", "a\x00b", "[SEP] [CLS] idiot", "i" * 20_000, "\u202e\u202e", "\n" * 500, "@" * 300],
)
def test_hostile_texts_give_numbers_or_nan(encoder: CommentEncoder, text: str) -> None:
    scores = encoder.predict([text])[0]
    assert np.isnan(scores).all() or ((scores >= 0) & (scores <= 1)).all()
    for span in encoder.spans(text):
        assert 0 <= span.start < span.end <= len(text)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "weights"
    shutil.copytree(WEIGHTS, folder)
    with (folder / "model.onnx").open("r+b") as file:
        file.seek(1000)
        file.write(b"damage")
    with pytest.raises(ModelError, match=r"damaged: model\.onnx"):
        CommentEncoder(folder).predict([RUDE])
    with pytest.raises(ModelError, match="cannot be read"):
        CommentEncoder(tmp_path / "none").predict([RUDE])
