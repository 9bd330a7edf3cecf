"""An ONNX model as the package ships it: graph, tokenizer and facts, checked before use."""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from toolkit.errors import ModelError
from toolkit.inference.sessions import open_session

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_OPENING = threading.Lock()
_NEXT_STEP: Final = "Reinstall the package, or point to a whole copy of the model's folder."


@dataclass(frozen=True, slots=True)
class PackedModel:
    """What a folder of weights holds; ``first`` and ``last`` are the ids of [CLS] and [SEP]."""

    session: Any  # onnxruntime.InferenceSession, which has no types
    tokenizer: Tokenizer
    first: int
    last: int
    facts: dict[str, Any]

    @property
    def version(self) -> str:
        """Name and version of the weights."""
        return f"{self.facts['name']}-{self.facts['version']}"


def open_packed(folder: Path, facts: str) -> PackedModel:
    """Open the model in ``folder`` once a process; one thread, so that sums keep their order.

    ``facts`` is the name of a JSON file with ``name``, ``version`` and
    ``sha256`` (file name -> digest of model.onnx and tokenizer.json). Raises
    ModelError where a file is missing, damaged or not what its digest says.
    """
    with _OPENING:
        return _open_once(folder, facts)


@lru_cache(maxsize=8)
def _open_once(folder: Path, facts_name: str) -> PackedModel:
    from tokenizers import Tokenizer

    try:
        facts = json.loads((folder / facts_name).read_text(encoding="utf-8"))
        files = {name: (folder / name).read_bytes() for name in facts["sha256"]}
        damaged = [
            name
            for name, content in files.items()
            if hashlib.sha256(content).hexdigest() != facts["sha256"][name]
        ]
        if damaged:
            raise ModelError(
                f"the model in {folder} is damaged: {', '.join(damaged)}", next_step=_NEXT_STEP
            )
        tokenizer = Tokenizer.from_str(files["tokenizer.json"].decode("utf-8"))
        # "[SEP]" in a comment is five characters, not the end of the text.
        tokenizer.encode_special_tokens = True
        vocabulary = tokenizer.get_vocab()
        return PackedModel(
            session=open_session(files["model.onnx"]),
            tokenizer=tokenizer,
            first=vocabulary["[CLS]"],
            last=vocabulary["[SEP]"],
            facts=facts,
        )
    except ModelError:
        raise
    except Exception as error:  # JSON, ONNX, tokenizer: a damaged file fails in many ways
        raise ModelError(
            f"the model in {folder} cannot be read: {error}", next_step=_NEXT_STEP
        ) from error
