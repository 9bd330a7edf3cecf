"""The embedded linear model: folding, exactness, windows, spans, damaged files."""

from __future__ import annotations

import itertools
import json
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.errors import ModelError
from toolkit.inference import LABELS, linear
from toolkit.inference.folding import LONGEST_WORD, FoldTable, fold
from toolkit.inference.linear import WEIGHTS, WINDOW, LinearToxicity, embedded

RUDE = "You are an idiot and a liar."
CIVIL = "Thank you for the article, the second table was new to me."


@pytest.fixture(scope="module")
def model() -> LinearToxicity:
    return embedded()


@pytest.fixture(scope="module")
def table(model: LinearToxicity) -> FoldTable:
    return model._table


def folded(text: str, table: FoldTable) -> str:
    return "".join(map(chr, fold([text], table).letters)).strip()


@pytest.mark.parametrize(
    ("disguised", "plain"),
    [
        ("You are an 1d10t", "you are an idiot"),
        ("a$$hole @sshole n00b", "asshole asshole noob"),
        ("b!tch but idiot!", "bitch but idiot"),
        ("i d i o t", "idiot"),
        ("i.d.i.o.t or i-d-i-o-t", "idiot or idiot"),
        ("\u0456d\u0456\u043et", "idiot"),  # Cyrillic letters
        ("\uff49\uff44\uff49\uff4f\uff54", "idiot"),  # fullwidth
        ("\U0001d422\U0001d41d\U0001d422\U0001d428\U0001d42d", "idiot"),  # mathematical bold
        ("i\u200bd\u200di\u00ado\ufefft", "idiot"),  # marks of no width
        ("i\u0336d\u0336i\u0336o\u0336t\u0336", "idiot"),  # struck through
        ("f\u00f6\u00f6l", "fool"),
        ("soooooo", "soo"),
        ("f#ol", "f*ol"),
        ("don\u2019t 'quote' `me`", "dont quote me"),
        ("@name is no word with a", "name is no word with a"),
        ("2nd of 100, 5 pm", "2nd of 100 5 pm"),
        ("I a man", "i a man"),
    ],
)
def test_disguises_come_off(disguised: str, plain: str, table: FoldTable) -> None:
    assert folded(disguised, table) == plain


def test_words_keep_their_places(table: FoldTable) -> None:
    texts = ["An d i\u200b o t, he\u2019s!", "", "\u0456d\u0456\u043et"]
    found = fold(texts, table)
    assert list(found.first_word) == [0, 3, 3, 4]
    places = list(zip(found.starts, found.ends, strict=True))
    assert [texts[0][a:b] for a, b in places[:3]] == ["An", "d i\u200b o t", "he\u2019s"]
    assert places[3] == (0, 5)


def test_a_word_without_end_is_cut_but_none_of_it_lost(table: FoldTable) -> None:
    letters = "abcdefgh" * 25
    found = fold(["x", letters, "y"], table)
    pieces = [letters[a:b] for a, b in zip(found.starts[1:-1], found.ends[1:-1], strict=True)]
    assert "".join(pieces) == letters
    assert max(map(len, pieces)) <= LONGEST_WORD
    assert list(found.first_word) == [0, 1, 1 + len(pieces), 2 + len(pieces)]


def test_nothing_reaches_over_from_the_text_before(table: FoldTable) -> None:
    assert "".join(map(chr, fold(["a b", "c d e"], table).letters)) == " a b cde "


texts_of_any_kind = st.lists(
    st.one_of(
        st.text(max_size=60),
        st.text(alphabet="ab 1!@$*.\u200b\u0456\n", max_size=60),
        st.sampled_from([RUDE, CIVIL, RUDE * 80, "x" * 300, "\ud800 lone", ""]),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(texts_of_any_kind, st.integers(20, 400))
def test_a_score_depends_on_its_text_alone(texts: list[str], chunk: int) -> None:
    model = embedded()
    alone = [model.predict([text]) for text in texts]
    together = model.predict(texts)
    assert together.shape == (len(texts), len(LABELS))
    before = linear._CHUNK
    linear._CHUNK = chunk
    try:
        cut_otherwise = model.predict(texts)
    finally:
        linear._CHUNK = before
    for row, (one, other) in enumerate(zip(alone, cut_otherwise, strict=True)):
        assert np.array_equal(one[0], together[row], equal_nan=True)
        assert np.array_equal(one[0], other, equal_nan=True)
    known = together[~np.isnan(together[:, 0])]
    assert ((known >= 0) & (known <= 1)).all()


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_spans_lie_in_the_text(text: str) -> None:
    spans = embedded().spans(text)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))


def test_a_text_without_a_word_has_no_score(model: LinearToxicity) -> None:
    scores = model.predict(["!!!", CIVIL, "", "\U0001f595"])
    assert np.isnan(scores[[0, 2, 3]]).all()
    assert not np.isnan(scores[1]).any()
    assert model.predict([]).shape == (0, len(LABELS))


def test_a_long_text_has_its_worst_window(model: LinearToxicity) -> None:
    filler = "the council met on monday to talk about the new bridge over the river " * 30
    text = f"{filler}{RUDE} {filler}"
    start, end = model.window(text) or (0, 0)
    assert RUDE[:16] in text[start:end]
    assert len(text[start:end].split()) == WINDOW
    assert model.predict([text])[0, 0] > 10 * model.predict([filler])[0, 0]
    assert model.window(RUDE) is None


def test_windows_cover_every_word() -> None:
    counts = np.array([0, 1, WINDOW, WINDOW + 1, 0, 523])
    first_word = np.concatenate(([0], np.cumsum(counts)))
    first, last, owner = linear._windows(first_word, counts)
    assert list(np.unique(owner)) == [1, 2, 3, 5]
    for text in (1, 2, 3, 5):
        own = owner == text
        seen = {word for a, b in zip(first[own], last[own], strict=True) for word in range(a, b)}
        assert seen == set(range(first_word[text], first_word[text + 1]))
        assert (last[own] - first[own]).max() <= WINDOW
        assert len(set(first[own])) == own.sum()


def test_spans_point_at_the_words(model: LinearToxicity) -> None:
    text = "Well, thank you, but " + RUDE
    quotes = [text[span.start : span.end] for span in model.spans(text)]
    assert any("idiot" in quote for quote in quotes)
    assert not any("thank" in quote for quote in quotes)
    assert model.spans(CIVIL) == []


def test_a_span_in_disguise_is_quoted_as_written(model: LinearToxicity) -> None:
    text = "You are an i\u200bd\u200bi\u200bo\u200bt."
    assert "i\u200bd\u200bi\u200bo\u200bt" in {text[s.start : s.end] for s in model.spans(text)}


def test_speed_grows_with_length_alone(model: LinearToxicity) -> None:
    """Hostile text must not cost more than its length."""

    def seconds(text: str) -> float:
        began = time.process_time()
        model.predict([text])
        model.spans(text)
        return time.process_time() - began

    for unit in ("f u c k ", "a", "1", "$$", "x\u200b", "!"):
        seconds(unit * 1000)
        assert seconds(unit * 100_000) < 3


def test_the_file_is_small_and_holds_no_pickle() -> None:
    assert WEIGHTS.stat().st_size < 3_000_000
    with np.load(WEIGHTS, allow_pickle=False) as file:
        assert json.loads(str(file["meta"]))["labels"] == list(LABELS)
    assert (WEIGHTS.parent / "MODEL_CARD.md").is_file()


@pytest.mark.parametrize(
    "damage", ["missing", "cut", "text", "array", "label", "shape", "infinite"]
)
def test_a_damaged_file_is_named(damage: str, tmp_path: Path) -> None:
    path = tmp_path / "model.npz"
    with np.load(WEIGHTS) as file:
        arrays = {name: file[name] for name in file.files}
    if damage == "cut":
        path.write_bytes(WEIGHTS.read_bytes()[:50_000])
    elif damage == "text":
        path.write_text("no model")
    elif damage != "missing":
        meta = json.loads(str(arrays["meta"]))
        if damage == "array":
            del arrays["bias"]
        elif damage == "label":
            meta["labels"][0] = "other"
        elif damage == "shape":
            meta["bits"] += 1
        else:
            arrays["scale"] = arrays["scale"] * np.inf
        arrays["meta"] = np.array(json.dumps(meta))
        np.savez(path, **arrays)
    with pytest.raises(ModelError) as caught:
        LinearToxicity.load(path)
    assert str(path) in str(caught.value)
    assert caught.value.next_step
