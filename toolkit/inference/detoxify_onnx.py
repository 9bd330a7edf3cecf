"""Detoxify without torch: an exported checkpoint on onnxruntime.

``toolkit models export`` writes the files (``export.py``). One text a call, so
nothing is padded and a text's score depends on the text alone; dynamic int8
would otherwise scale each matrix by what shares the batch.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import numpy.typing as npt

from toolkit.errors import ModelError
from toolkit.inference.detoxify_windows import WindowedDetoxify
from toolkit.inference.sessions import open_session

if TYPE_CHECKING:
    from tokenizers import Tokenizer

#: What an exported folder holds.
FACTS: Final = "export.json"
FORMAT: Final = "detoxify-onnx/1"
Precision = Literal["fp32", "int8"]

_NEXT: Final = "Run: toolkit models export NAME, on a machine with comment-toolkit[detoxify]."


class DetoxifyOnnx(WindowedDetoxify):
    """An exported Detoxify behind the contract of ``ToxicityModel``. Threads may share it."""

    def __init__(
        self, session: Any, tokenizer: Tokenizer, facts: dict[str, Any], version: str
    ) -> None:
        super().__init__(
            tuple(facts["labels"]),
            frozenset(facts["languages"]),
            version,
            longest=int(facts["longest"]),
            special=int(facts["special"]),
        )
        self._session = session  # onnxruntime.InferenceSession, which has no types
        self._tokenizer = tokenizer
        self._lanes = np.array(facts["lanes"], np.int64)

    @classmethod
    def load(cls, folder: Path, precision: Precision = "fp32") -> DetoxifyOnnx:
        """Open an export. Raises ModelError where a file is missing or damaged."""
        from tokenizers import Tokenizer

        path = folder / FACTS
        if not path.is_file():
            raise ModelError(f"there is no exported model in {folder}", next_step=_NEXT)
        try:
            facts = json.loads(path.read_text(encoding="utf-8"))
            if facts["format"] != FORMAT:
                raise ModelError(
                    f"{path} is of the format {facts['format']!r}, not {FORMAT!r}", next_step=_NEXT
                )
            session = open_session(str(folder / f"{precision}.onnx"))
            tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            tokenizer.no_padding()
            tokenizer.no_truncation()
            version = f"detoxify-{precision}-{facts['sha256'][f'{precision}.onnx'][:8]}"
            return cls(session, tokenizer, facts, version)
        except ModelError:
            raise
        except Exception as error:  # JSON, ONNX, tokenizer: a damaged file fails in many ways
            raise ModelError(
                f"the exported model in {folder} cannot be read: {error}", next_step=_NEXT
            ) from error

    def _scores(self, pieces: Sequence[str]) -> npt.NDArray[np.float32]:
        result = np.empty((len(pieces), len(self.labels)), np.float32)
        for index, piece in enumerate(pieces):
            ids = np.array([self._tokenizer.encode(piece).ids], np.int64)
            logits = self._session.run(None, {"input_ids": ids})[0][0]
            result[index] = 1 / (1 + np.exp(-logits[self._lanes].astype(np.float64)))
        return result

    def _offsets(self, text: str) -> list[tuple[int, int]]:
        offsets: list[tuple[int, int]] = self._tokenizer.encode(
            text, add_special_tokens=False
        ).offsets
        return offsets


@cache
def exported(folder: Path, precision: Precision = "fp32") -> DetoxifyOnnx:
    """The exported model of this folder, read once a process."""
    return DetoxifyOnnx.load(folder, precision)
