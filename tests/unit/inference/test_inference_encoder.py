from __future__ import annotations

import json
import pickle
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from toolkit.errors import ModelError
from toolkit.inference.encoder import WEIGHTS, SentenceEncoder
from toolkit.inference.packed import open_packed

TEXTS = [
    "The council should close the old bridge to cars.",
    "Cars ought to be banned from the bridge.",
    "My grandmother's soup needs more salt.",
]


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return SentenceEncoder()


def test_rows_are_unit_vectors_in_the_order_of_the_texts(encoder: SentenceEncoder) -> None:
    vectors = encoder.embed(TEXTS)
    assert vectors.shape == (3, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    for text, vector in zip(TEXTS, vectors, strict=True):
        np.testing.assert_array_equal(encoder.embed([text])[0], vector)


def test_a_paraphrase_is_nearer_than_another_topic(encoder: SentenceEncoder) -> None:
    bridge, paraphrase, soup = encoder.embed(TEXTS)
    assert bridge @ paraphrase > 0.6
    assert bridge @ soup < 0.2


def test_a_vector_depends_on_its_text_alone() -> None:
    alone = SentenceEncoder(cache_size=0).embed([TEXTS[0]])[0]
    among = SentenceEncoder(cache_size=0).embed([*TEXTS * 3, "x " * 300, TEXTS[0]])
    np.testing.assert_array_equal(among[0], alone)
    np.testing.assert_array_equal(among[-1], alone)


def test_sentences_that_share_a_pass_keep_their_vectors_apart(encoder: SentenceEncoder) -> None:
    long = "It rains in the hills. " * 300
    texts = [*TEXTS, "", long, TEXTS[0]]
    together, alone = encoder.embed_together(texts), encoder.embed(texts)
    assert together.dtype == np.float32
    same = (together * alone).sum(axis=1)
    # Only the scale of the integers is shared; another place, or another's words, would show.
    assert same[[0, 1, 2, 4, 5]].min() > 0.95
    assert not together[3].any()
    assert (together @ alone.T)[0, 2] < 0.2
    np.testing.assert_array_equal(encoder.embed_together(TEXTS[:1]), encoder.embed(TEXTS[:1]))


def test_a_shared_pass_holds_no_more_than_a_window(encoder: SentenceEncoder) -> None:
    texts = ["The bridge is closed to cars and open to all who walk. " * 8] * 5
    passes: list[int] = []
    model = open_packed(WEIGHTS, "encoder.json")

    class Counting:
        def run(self, names: None, feeds: dict[str, np.ndarray]) -> list[np.ndarray]:
            passes.append(feeds["input_ids"].shape[1])
            return model.session.run(names, feeds)  # type: ignore[no-any-return]

    counted = replace(model, session=Counting())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("toolkit.inference.encoder.open_packed", lambda *_: counted)
        vectors = SentenceEncoder().embed_together(texts)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)
    assert len(passes) == 3
    assert max(passes) <= model.facts["window_tokens"]


def test_nothing_together_is_no_pass(encoder: SentenceEncoder) -> None:
    assert encoder.embed_together([]).shape == (0, 384)
    assert not encoder.embed_together(["", "  "]).any()


def test_the_cache_changes_no_vector_and_stays_bounded() -> None:
    small = SentenceEncoder(cache_size=2)
    plain = SentenceEncoder(cache_size=0)
    texts = [TEXTS[index] for index in (0, 1, 2, 0, 2, 1)]
    for text in texts:
        np.testing.assert_array_equal(small.embed([text]), plain.embed([text]))
    assert len(small._cache) == 2
    assert not plain._cache


def test_the_end_of_a_long_text_counts(encoder: SentenceEncoder) -> None:
    filler = "The weather report said that it would rain in the hills again. " * 60
    end = "Whales sing. " * 200
    without, with_end, whales = encoder.embed([filler, filler + end, end])
    assert with_end @ whales > without @ whales + 0.2
    assert float(np.linalg.norm(with_end)) == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize("pieces", [253, 254, 255, 508, 509])
def test_window_edges_lose_nothing(encoder: SentenceEncoder, pieces: int) -> None:
    vector = encoder.embed(["dog " * pieces])[0]
    assert np.isfinite(vector).all()
    assert vector @ encoder.embed(["dog " * 254])[0] > 0.95


@pytest.mark.parametrize("text", ["", " \n\t", "\u0000\u0007", "\u200b\u00ad"])
def test_a_text_without_pieces_points_nowhere(encoder: SentenceEncoder, text: str) -> None:
    vectors = encoder.embed([text, TEXTS[0]])
    assert not vectors[0].any()
    assert vectors[1].any()


@pytest.mark.parametrize(
    "text", ["\ud83d half an emoji", "👍👍👍", "a" * 5000, "سلام دنیا", "[CLS] [SEP] [MASK]"]
)
def test_hostile_text_gets_a_finite_vector(encoder: SentenceEncoder, text: str) -> None:
    vector = encoder.embed([text])[0]
    assert np.isfinite(vector).all()
    assert float(np.linalg.norm(vector)) == pytest.approx(1.0, abs=1e-5)


def test_names_of_special_pieces_are_plain_text(encoder: SentenceEncoder) -> None:
    marked, spelled = encoder.embed(["Shut it. [SEP] [PAD]", "Shut it. [ sep ] [ pad ]"])
    np.testing.assert_array_equal(marked, spelled)


def test_no_texts_give_no_rows(encoder: SentenceEncoder) -> None:
    assert encoder.embed([]).shape == (0, 384)


def test_it_can_be_sent_to_another_process(encoder: SentenceEncoder) -> None:
    copy = pickle.loads(pickle.dumps(encoder))
    np.testing.assert_array_equal(copy.embed(TEXTS), encoder.embed(TEXTS))


def test_the_version_names_the_weights(encoder: SentenceEncoder) -> None:
    facts = json.loads((WEIGHTS / "encoder.json").read_text(encoding="utf-8"))
    assert encoder.version == f"{facts['name']}-{facts['version']}"


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"encoder\.json") as caught:
        SentenceEncoder(tmp_path).embed(TEXTS)
    assert caught.value.next_step


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(WEIGHTS, copy)
    model = bytearray((copy / "model.onnx").read_bytes())
    model[len(model) // 2] ^= 1
    (copy / "model.onnx").write_bytes(model)
    with pytest.raises(ModelError, match=r"damaged: model\.onnx"):
        SentenceEncoder(copy).embed(TEXTS)
