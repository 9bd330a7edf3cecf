"""The backend ``encoder``: a cross-encoder that reads thesis and comment together.

MiniLM with a stance head, int8 ONNX (``weights/stance-encoder``). It tells the
side of a sentence or two well and that of a long comment hardly, so its voice
in the balance of the two sides ends where a comment gets long. The cues of
the backend ``cues`` ("I agree", "nonsense") have a voice in it as well; whether
a comment is about the thesis is the encoder's alone to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from toolkit.inference.packed import PackedModel, open_packed
from toolkit.inference.pieces import windows
from toolkit.inference.stance_backends import LABELS, StancePair
from toolkit.inference.stance_cues import CuesBackend
from toolkit.inference.stance_cues import load as load_cues

WEIGHTS: Final = Path(__file__).parent / "weights" / "stance-encoder"
_FACTS: Final = "model.json"
_TINY: Final = 1e-9


class StanceEncoder:
    """The embedded cross-encoder. Threads may share it; files are opened at the first pair.

    The thesis is read up to ``thesis_tokens`` word pieces, the comment in
    overlapping windows of what is left of ``window_tokens``, each half a window
    after the one before. The logits of the windows are averaged. The balance of
    agree and disagree counts whole up to 50 pieces of the comment and falls to
    nothing at 100; that of the cues is added, and all is divided by a temperature.
    """

    name: Final = "encoder"

    def __init__(self, weights: Path = WEIGHTS) -> None:
        self._weights = weights
        self._cues = CuesBackend()

    @property
    def languages(self) -> frozenset[str]:
        """The languages it was trained on."""
        return frozenset(self._model.facts["languages"])

    @property
    def version(self) -> str:
        """That of the weights and of the cues."""
        return f"{self._model.version}+{self._cues.version}"

    @property
    def _model(self) -> PackedModel:
        return open_packed(self._weights, _FACTS)

    def probabilities(self, pairs: Sequence[StancePair]) -> NDArray[np.float64]:
        """``(pairs, 4)``, each row summing to 1 and depending on its own pair alone.

        Raises ModelError where the weights are missing or damaged.
        """
        facts = self._model.facts
        result = np.empty((len(pairs), len(LABELS)), np.float64)
        for index, pair in enumerate(pairs):
            said, own = self._pieces(pair.thesis, pair.text)
            raw = self._read(said, own).mean(axis=0)
            middle, lean = (raw[0] + raw[1]) / 2, raw[0] - raw[1]
            none, whole = facts["side_tokens"]
            lean *= min(1.0, max(0.0, (none - len(own)) / (none - whole)))
            cues = load_cues().probabilities(pair.cues())
            lean += facts["cue_weight"] * float(np.log(cues[0] + _TINY) - np.log(cues[1] + _TINY))
            raw[:2] = middle + lean / 2, middle - lean / 2
            powers = np.exp((raw - raw.max()) / facts["temperature"])
            result[index] = powers / powers.sum()
        return result

    def logits(self, thesis: str, text: str) -> NDArray[np.float64]:
        """``(windows, 4)`` in the order of ``LABELS``, before everything else is weighed."""
        return self._read(*self._pieces(thesis, text))

    def _read(self, said: list[int], own: list[int]) -> NDArray[np.float64]:
        model = self._model
        found = []
        for start, end in windows(len(own), model.facts["window_tokens"] - 3 - len(said)):
            ids = [model.first, *said, model.last, *own[start:end], model.last]
            segments = [0] * (len(said) + 2) + [1] * (end - start + 1)
            feed = {"input_ids": [ids], "token_type_ids": [segments]}
            arrays = {name: np.array(values, np.int64) for name, values in feed.items()}
            found.append(model.session.run(None, arrays)[0].astype(np.float64))
        return np.vstack(found)

    def _pieces(self, thesis: str, text: str) -> tuple[list[int], list[int]]:
        """Word pieces of the thesis, as far as they are read, and of the comment."""
        tokenizer, room = self._model.tokenizer, self._model.facts["thesis_tokens"]
        said = tokenizer.encode(thesis, add_special_tokens=False).ids[:room]
        return said, tokenizer.encode(text, add_special_tokens=False).ids
