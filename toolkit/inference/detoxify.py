"""The real Detoxify class over a local checkpoint, offline and without pickles.

Detoxify's own loader fetches what it lacks and unpickles what it gets. Here
the checkpoint is read with ``weights_only=True``, the architecture must be one
of the five that Detoxify publishes, config and tokenizer come from a local
folder, and every weight must be there. Prediction is Detoxify's own
``predict``; what is added stands around it: batches of like length, and
windows over texts that it would cut at 512 tokens without a word.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from toolkit.errors import MissingExtraError, ModelError
from toolkit.inference import LABELS, ToxicSpan
from toolkit.text.sentences import sentence_spans

if TYPE_CHECKING:
    from detoxify import Detoxify  # type: ignore[import-untyped]

#: Model class -> the languages that Detoxify's checkpoint of it was trained on.
_LANGUAGES: Final = {
    "BertForSequenceClassification": frozenset({"en"}),
    "RobertaForSequenceClassification": frozenset({"en"}),
    "AlbertForSequenceClassification": frozenset({"en"}),
    "XLMRobertaForSequenceClassification": frozenset({"en", "fr", "es", "it", "pt", "tr", "ru"}),
}
_TOKENIZERS: Final = frozenset(
    f"{kind}Tokenizer{fast}"
    for kind in ("Bert", "Roberta", "Albert", "XLMRoberta")
    for fast in ("", "Fast")
)
#: Detoxify's own names for the Jigsaw labels.
_RENAMED: Final = {
    "toxic": "toxicity",
    "severe_toxic": "severe_toxicity",
    "identity_hate": "identity_attack",
}
#: Labels that are shown, in this order; a checkpoint may have further ones.
_KNOWN: Final = (*LABELS, "sexual_explicit")

#: Texts in one call of Detoxify's predict.
BATCH: Final = 32
#: The toxicity from which on sentences are shown. Detoxify names no threshold of its own.
REVIEW: Final = 0.5

_NEXT: Final = "See docs/toxicity.md for the files that the detoxify backend needs."


class DetoxifyToxicity:
    """Detoxify behind the contract of ``ToxicityModel``.

    Rows agree to about 1e-6 whatever the batch is: Detoxify pads the texts of
    a batch to one length, and floating-point sums then differ in the last bits.
    """

    review_threshold: float = REVIEW

    def __init__(
        self, detoxify: Detoxify, languages: frozenset[str], version: str, longest: int
    ) -> None:
        """``longest`` is the number of tokens, special ones included, that the model can read."""
        self._detoxify = detoxify
        self.languages = languages
        self.version = version
        self._longest = longest
        self.labels: tuple[str, ...] = tuple(
            label for label in _KNOWN if label in detoxify.class_names
        )

    @classmethod
    def load(cls, checkpoint: Path, config: Path) -> DetoxifyToxicity:
        """Read a checkpoint (.ckpt) and the folder with config.json and tokenizer files.

        Raises MissingExtraError where Detoxify is not installed, ModelError
        where a file is missing or is not what it should be.
        """
        try:
            if find_spec("detoxify") is None:  # asked first: importing torch takes seconds
                raise ImportError("there is no package detoxify")
            for path, kind in ((checkpoint, "checkpoint"), (config / "config.json", "config")):
                if not path.is_file():
                    raise ModelError(f"there is no {kind} at {path}", next_step=_NEXT)
            import torch
            from detoxify import Detoxify
            from detoxify.detoxify import (  # type: ignore[import-untyped]
                get_model_and_tokenizer,
            )
        except ImportError as error:
            raise MissingExtraError(
                f"the backend 'detoxify' is not installed ({error})",
                next_step="Install the extra: pip install 'comment-toolkit[detoxify]'.",
            ) from error
        try:
            loaded = torch.load(checkpoint, map_location="cpu", weights_only=True)
        except Exception as error:  # torch raises what its reader of zip files and pickles raises
            raise ModelError(
                f"{checkpoint} cannot be read without executing code from it: "
                f"{str(error).partition('.')[0]}",
                next_step="Use a checkpoint that holds plain tensors, numbers and strings alone.",
            ) from error
        architecture, classes, state = _parts(loaded, checkpoint)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                model, tokenizer = get_model_and_tokenizer(
                    **architecture | {"model_type": str(config)},
                    state_dict=state,
                    huggingface_config_path=str(config),
                )
        except Exception as error:
            raise ModelError(
                f"{checkpoint} and {config} make no model: {error}", next_step=_NEXT
            ) from error
        expected = {name for name, _ in model.named_parameters()}
        if lacking := sorted(expected - set(state)):
            raise ModelError(
                f"{checkpoint} lacks {len(lacking)} weights, {lacking[0]} first", next_step=_NEXT
            )
        for name, parameter in model.named_parameters():
            if not torch.equal(parameter, state[name].to(parameter.dtype)):
                raise ModelError(f"{checkpoint}: {name} was not taken over", next_step=_NEXT)
        real = Detoxify.__new__(Detoxify)  # past its __init__, which unpickles and downloads
        real.model, real.tokenizer, real.class_names = model.eval(), tokenizer, classes
        real.device = "cpu"
        # RoBERTa keeps the places up to its padding index for itself.
        taken = model.config.pad_token_id + 1 if "Roberta" in type(model).__name__ else 0
        longest = min(tokenizer.model_max_length, model.config.max_position_embeddings - taken)
        tokenizer.model_max_length = longest
        return cls(
            real, _LANGUAGES[architecture["model_name"]], f"detoxify-{_digest(state)}", longest
        )

    def predict(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Probabilities, shape (texts, labels); of a long text the highest window a label."""
        pieces: list[str] = []
        owner: list[int] = []
        for index, text in enumerate(texts):
            for start, end in self._windows(text):
                pieces.append(text[start:end])
                owner.append(index)
        result = np.full((len(texts), len(self.labels)), -np.inf, np.float32)
        scores = self._scores(pieces)
        np.maximum.at(result, np.array(owner, np.intp), scores)
        return result

    def spans(self, text: str) -> list[ToxicSpan]:
        """Sentences that are toxic by themselves, where the whole text is; in order.

        Detoxify names no words. The score is the sentence's toxicity, the label
        the highest of the others, or ``toxicity`` where none reaches the threshold.
        """
        if not text or self.predict([text])[0, 0] < self.review_threshold:
            return []
        sentences = sentence_spans(text, "en")
        found = []
        for (start, end), row in zip(
            sentences, self.predict([text[a:b] for a, b in sentences]), strict=True
        ):
            if row[0] < self.review_threshold:
                continue
            kinds = {
                label: float(score)
                for label, score in zip(self.labels, row, strict=True)
                if label not in ("toxicity", "severe_toxicity") and score >= self.review_threshold
            }
            label = max(kinds, key=lambda name: kinds[name]) if kinds else "toxicity"
            found.append(
                ToxicSpan(start=start, end=end, label=label, score=round(float(row[0]), 4))
            )
        return found

    def window(self, text: str) -> tuple[int, int] | None:
        """The window with the highest toxicity; None for a text of one window."""
        windows = self._windows(text)
        if len(windows) == 1:
            return None
        return windows[int(np.argmax(self._scores([text[a:b] for a, b in windows])[:, 0]))]

    def _scores(self, pieces: Sequence[str]) -> npt.NDArray[np.float32]:
        """Detoxify's predict over batches of like length."""
        result = np.empty((len(pieces), len(self.labels)), np.float32)
        order = sorted(range(len(pieces)), key=lambda index: len(pieces[index]))
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            scores = self._detoxify.predict([pieces[index] for index in batch])
            for lane, label in enumerate(self.labels):
                # A list of one text gets a number in place of a list.
                result[batch, lane] = np.atleast_1d(scores[label])
        return result

    def _windows(self, text: str) -> list[tuple[int, int]]:
        """Windows of a text that the model reads whole, each half over the one before."""
        offsets = self._offsets(text)
        room = self._longest - self._detoxify.tokenizer.num_special_tokens_to_add()
        if len(offsets) <= room:
            return [(0, len(text))]
        # A slice may have a few more tokens than it had in its text.
        width = max(room - room // 16, 1)
        starts = [*range(0, len(offsets) - width, max(width // 2, 1)), len(offsets) - width]
        windows: list[tuple[int, int]] = []
        for first in starts:
            start = 0 if first == 0 else offsets[first][0]
            end = len(text) if first == starts[-1] else offsets[first + width - 1][1]
            windows += self._fitting(text, start, end, room)
        return windows

    def _fitting(self, text: str, start: int, end: int, room: int) -> list[tuple[int, int]]:
        """The window, or its halves where its slice has too many tokens."""
        if end - start <= 1 or len(self._offsets(text[start:end])) <= room:
            return [(start, end)]
        middle = (start + end) // 2
        return [
            *self._fitting(text, start, middle, room),
            *self._fitting(text, middle, end, room),
        ]

    def _offsets(self, text: str) -> list[tuple[int, int]]:
        encoded = self._detoxify.tokenizer(
            text,
            add_special_tokens=False,
            truncation=False,
            return_offsets_mapping=True,
            verbose=False,
        )
        offsets: list[tuple[int, int]] = encoded["offset_mapping"]
        return offsets


@cache
def local(checkpoint: Path, config: Path) -> DetoxifyToxicity:
    """The model of these files, read once a process."""
    return DetoxifyToxicity.load(checkpoint, config)


def _parts(loaded: Any, checkpoint: Path) -> tuple[dict[str, Any], list[str], dict[str, Any]]:
    """Architecture, label names and weights of a checkpoint, each checked."""
    try:
        architecture = dict(loaded["config"]["arch"]["args"])
        classes = [str(name) for name in loaded["config"]["dataset"]["args"]["classes"]]
        state = dict(loaded["state_dict"])
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"{checkpoint} is no Detoxify checkpoint: it lacks {error}", next_step=_NEXT
        ) from error
    names = [_RENAMED.get(name, name) for name in classes]
    needed = {"model_type", "model_name", "tokenizer_name", "num_classes"}
    problem = None
    if set(architecture) != needed:
        problem = f"its architecture has {sorted(architecture)}"
    elif architecture["model_name"] not in _LANGUAGES:
        problem = f"{architecture['model_name']!r} is none of Detoxify's architectures"
    elif architecture["tokenizer_name"] not in _TOKENIZERS:
        problem = f"{architecture['tokenizer_name']!r} is none of Detoxify's tokenizers"
    elif "toxicity" not in names or len(set(names)) != len(names):
        problem = f"its labels are {names}"
    elif int(architecture["num_classes"]) < len(names):
        problem = f"it has {architecture['num_classes']} outputs for {len(names)} labels"
    if problem:
        raise ModelError(f"{checkpoint} is no Detoxify checkpoint: {problem}", next_step=_NEXT)
    return architecture, names, state


def _digest(state: Mapping[str, Any]) -> str:
    """Eight hexadecimal digits of the SHA-256 over names and weights."""
    digest = hashlib.sha256()
    for name in sorted(state):
        digest.update(name.encode())
        digest.update(state[name].detach().contiguous().numpy().tobytes())
    return digest.hexdigest()[:8]
