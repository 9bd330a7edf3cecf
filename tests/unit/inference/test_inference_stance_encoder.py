from __future__ import annotations

import json
import multiprocessing
import shutil
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from toolkit.analyzers.stance import pair_of
from toolkit.errors import ModelError
from toolkit.inference.stance_backends import LABELS, open_backend
from toolkit.inference.stance_cues import CuesBackend
from toolkit.inference.stance_encoder import WEIGHTS, StanceEncoder
from toolkit.settings import Settings

THESIS = "The town should close its old bridge to cars."
ABOUT = (
    "I completely agree. The old bridge must be closed to cars before it collapses.",
    "Nonsense. Closing the bridge would ruin every shop in the town.",
)
ELSEWHERE = "My grandmother lets her lentil soup rest overnight with a spoon of vinegar."
LONG = " ".join(f"The {word} bridge carries cars." for word in ["old", "new", "stone", "iron"] * 20)


def probabilities(texts: list[str], thesis: str = THESIS) -> np.ndarray:
    return StanceEncoder().probabilities([pair_of(thesis, text) for text in texts])


def test_the_package_ships_it_with_a_card() -> None:
    assert (WEIGHTS / "MODEL_CARD.md").is_file()
    assert (WEIGHTS / "training.log").is_file()
    assert (WEIGHTS / "model.onnx").stat().st_size < 25_000_000
    assert isinstance(open_backend("encoder", Settings()), StanceEncoder)


def test_it_tells_sides_and_what_is_unrelated() -> None:
    agree, disagree, elsewhere = probabilities([*ABOUT, ELSEWHERE])
    assert agree[0] > agree[1]
    assert disagree[1] > disagree[0]
    assert LABELS[int(elsewhere.argmax())] == "unrelated"
    assert max(agree[3], disagree[3]) < 0.5


def test_rows_sum_to_one_and_depend_on_their_own_pair_alone() -> None:
    texts = [*ABOUT, ELSEWHERE, LONG, "Why?", "[SEP] [CLS] 👍"]
    together = probabilities(texts)
    np.testing.assert_allclose(together.sum(axis=1), 1.0)
    for text, row in zip(texts, together, strict=True):
        np.testing.assert_array_equal(probabilities([text])[0], row)
    np.testing.assert_array_equal(probabilities(texts[::-1])[::-1], together)


def test_a_long_comment_is_read_whole_in_windows() -> None:
    encoder = StanceEncoder()
    assert len(encoder.logits(THESIS, ABOUT[0])) == 1
    long = encoder.logits(THESIS, LONG)
    assert len(long) > 3
    # Its last words count: another ending moves the last window alone.
    other = encoder.logits(THESIS, LONG + " " + ABOUT[1])
    assert not np.allclose(long[-1], other[-1])
    np.testing.assert_array_equal(long[0], other[0])


@pytest.mark.parametrize("text", [ABOUT[0], LONG])
def test_the_encoder_has_a_voice_in_the_side_of_short_comments_alone(text: str) -> None:
    encoder = StanceEncoder()
    facts = json.loads((WEIGHTS / "model.json").read_text())
    given = probabilities([text])[0]
    lean = (np.log(given[0]) - np.log(given[1])) * facts["temperature"]
    raw = encoder.logits(THESIS, text).mean(axis=0)
    cues = CuesBackend().probabilities([pair_of(THESIS, text)])[0]
    said = facts["cue_weight"] * (np.log(cues[0]) - np.log(cues[1]))
    own = 0.0 if text == LONG else raw[0] - raw[1]
    assert lean == pytest.approx(own + said, abs=1e-6)


def test_a_long_thesis_leaves_room_for_the_comment() -> None:
    found = StanceEncoder().logits(" ".join([THESIS] * 30), LONG)
    assert len(found) > 3
    assert np.isfinite(found).all()


def test_another_process_gives_the_same() -> None:
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        found = pool.submit(probabilities, list(ABOUT)).result()
    np.testing.assert_array_equal(found, probabilities(list(ABOUT)))


def test_damaged_weights_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "weights"
    shutil.copytree(WEIGHTS, folder)
    with (folder / "tokenizer.json").open("a") as file:
        file.write(" ")
    with pytest.raises(ModelError, match=r"tokenizer\.json"):
        StanceEncoder(folder).probabilities([pair_of(THESIS, ABOUT[0])])
    with pytest.raises(ModelError):
        StanceEncoder(tmp_path).probabilities([pair_of(THESIS, ABOUT[0])])
