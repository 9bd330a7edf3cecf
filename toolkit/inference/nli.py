"""NLI cross-encoders that a user has on the disk, as stance backends.

The premise is the comment, the hypothesis the thesis. Entailment is ``agree``,
contradiction ``disagree``; what is neutral is ``discuss``, or ``unrelated``
where the comment lies farther from the thesis than ``RELATED``. An ONNX graph
needs onnxruntime and tokenizers alone; safetensors need torch and transformers.
One window a call on one thread: an answer depends on its own pair alone.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from toolkit.errors import MissingExtraError, ModelError, ToolkitError
from toolkit.inference.model_folders import graph_of
from toolkit.inference.nli_labels import lanes
from toolkit.inference.sessions import open_session
from toolkit.inference.stance_backends import LABELS, StancePair

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

    from toolkit.inference.store import StoredModel

#: Below this relevance the neutral probability counts as ``unrelated``.
RELATED: Final = 0.3
#: Most tokens of a window, whatever the model could read: NLI models are
#: trained on pairs of sentences.
LONGEST: Final = 512
#: Changes when the mapping, the windows or the rule for several windows change.
_RULES: Final = "1"

#: Architectures whose first positions, up to the padding id, hold no token.
_SHIFTED: Final = frozenset(
    {"camembert", "data2vec-text", "ibert", "longformer", "mpnet", "roberta",
     "roberta-prelayernorm", "xlm-roberta", "xlm-roberta-xl", "xmod"}
)  # fmt: skip
_INPUTS: Final = frozenset({"input_ids", "attention_mask", "token_type_ids"})
_TYPES: Final[dict[str, type[np.int32] | type[np.int64]]] = {
    "tensor(int32)": np.int32,
    "tensor(int64)": np.int64,
}
_NEXT: Final = "docs/stance.md says which files an NLI model needs."


class NliBackend(ABC):
    """An NLI model behind the contract of ``StanceBackend``. Threads may share it.

    A comment with more tokens than fit beside the thesis is read in windows,
    each a quarter of the model's length over the one before. The window in
    which a side (entailment or contradiction) is likeliest counts, with all of
    its probabilities. A line of a thesis is read up to half of the model's length.
    """

    #: Whether the model tells the premise from the hypothesis by segment ids.
    _types: bool

    def __init__(self, model: StoredModel, tokenizer: Tokenizer, config: dict[str, Any]) -> None:
        """``config`` is the model's config.json; ``tokenizer`` becomes this object's own."""
        from tokenizers import Tokenizer as Copy

        self.name = model.name
        self.languages = frozenset(model.languages)
        self._lanes = list(lanes(model.labels))
        # "[SEP]" in a comment is five characters, not the end of the text.
        tokenizer.encode_special_tokens = True
        tokenizer.no_padding()
        tokenizer.no_truncation()
        self._whole = Copy.from_str(tokenizer.to_str())
        self._whole.encode_special_tokens = True
        longest = _longest(config, model.folder)
        room = longest - tokenizer.num_special_tokens_to_add(is_pair=True)
        if room < 8:
            raise ModelError(
                f"{model.name} reads {longest} tokens at a time, too few for a pair of sentences",
                next_step=_NEXT,
            )
        self._thesis_room = room // 2
        tokenizer.enable_truncation(longest, stride=room // 4, strategy="only_first")
        self._tokenizer = tokenizer
        digest = hashlib.sha256(f"{_RULES} {RELATED} {sorted(self.languages)}".encode())
        for path, file in sorted(model.files.items()):
            digest.update(f"\n{path} {file.sha256}".encode())
        self.version = f"nli-{digest.hexdigest()[:8]}"

    def probabilities(self, pairs: Sequence[StancePair]) -> NDArray[np.float64]:
        """``(pairs, 4)``, each row summing to 1; see the class for long texts."""
        result = np.empty((len(pairs), len(LABELS)), np.float64)
        for index, pair in enumerate(pairs):
            windows = self.windows(pair.thesis, pair.text)
            agree, disagree, neutral = max(windows, key=lambda row: max(row[0], row[1]))
            near = pair.relevance is None or pair.relevance >= RELATED
            result[index] = (agree, disagree, neutral, 0) if near else (agree, disagree, 0, neutral)
        return result

    def windows(self, thesis: str, text: str) -> NDArray[np.float64]:
        """Entailment, contradiction and neutral of each window of ``text``, shape (windows, 3)."""
        first = self._tokenizer.encode(text, self._fitting(thesis))
        found = []
        for window in (first, *first.overflowing):
            logits = self._logits(window).astype(np.float64)[self._lanes]
            powers = np.exp(logits - logits.max())
            found.append(powers / powers.sum())
        return np.array(found)

    def _fitting(self, thesis: str) -> str:
        """``thesis``, or its beginning where it has more tokens than half of the room."""
        offsets = self._whole.encode(thesis, add_special_tokens=False).offsets
        if len(offsets) <= self._thesis_room:
            return thesis
        # A slice may have other tokens at its end than it had in its text.
        for count in range(self._thesis_room, 0, -1):
            part = thesis[: offsets[count - 1][1]]
            if len(self._whole.encode(part, add_special_tokens=False)) <= self._thesis_room:
                return part
        return ""

    def _inputs(self, window: Encoding) -> dict[str, list[int]]:
        types = window.type_ids if self._types else [0] * len(window)
        return {
            "input_ids": window.ids,
            "attention_mask": window.attention_mask,
            "token_type_ids": types,
        }

    @abstractmethod
    def _logits(self, window: Encoding) -> NDArray[np.float32]:
        """One number a label of the model, in the model's own order."""


class OnnxNli(NliBackend):
    """An NLI model as an ONNX graph."""

    def __init__(
        self, model: StoredModel, tokenizer: Tokenizer, config: dict[str, Any], graph: Path
    ) -> None:
        """``graph`` is the file to run."""
        super().__init__(model, tokenizer, config)
        # Configs leave out what is their class's default; only a graph with segments asks for them.
        self._types = int(config.get("type_vocab_size", 2)) > 1
        self._session = open_session(str(graph))
        self._wanted = {one.name: _TYPES.get(one.type) for one in self._session.get_inputs()}
        for name, kind in self._wanted.items():
            if name not in _INPUTS or kind is None:
                raise ModelError(
                    f"{graph} asks for the input {name!r}, which is none of a cross-encoder's",
                    next_step="Export the model for sequence classification.",
                )
        names = [one.name for one in self._session.get_outputs()]
        self._output = "logits" if "logits" in names else names[0]

    def _logits(self, window: Encoding) -> NDArray[np.float32]:
        given = self._inputs(window)
        feed = {name: np.array([given[name]], kind) for name, kind in self._wanted.items()}
        return np.asarray(self._session.run([self._output], feed)[0][0], np.float32)


class TorchNli(NliBackend):
    """An NLI model as transformers keeps it: config.json and model.safetensors."""

    def __init__(self, model: StoredModel, tokenizer: Tokenizer, config: dict[str, Any]) -> None:
        """Nothing is fetched, and no code of the folder is run."""
        from transformers import AutoModelForSequenceClassification

        from toolkit.inference.detoxify import quiet

        super().__init__(model, tokenizer, config)
        with warnings.catch_warnings(), quiet():
            warnings.simplefilter("ignore")
            loaded, told = AutoModelForSequenceClassification.from_pretrained(
                model.folder,
                local_files_only=True,
                use_safetensors=True,
                trust_remote_code=False,
                output_loading_info=True,
            )
        if lacking := sorted(told["missing_keys"]):
            # The library would fill them with random numbers.
            raise ModelError(
                f"{model.folder / 'model.safetensors'} lacks {len(lacking)} weights, "
                f"{lacking[0]} first",
                next_step="Use a model that was trained for NLI, whole.",
            )
        self._types = int(getattr(loaded.config, "type_vocab_size", 0)) > 1
        self._model = loaded.float().eval()

    def _logits(self, window: Encoding) -> NDArray[np.float32]:
        import torch

        given = self._inputs(window)
        if not self._types:
            del given["token_type_ids"]
        threads = torch.get_num_threads()
        # Sums of several threads depend on their number, which differs between processes.
        torch.set_num_threads(1)
        try:
            with torch.inference_mode():
                tensors = {name: torch.tensor([ids]) for name, ids in given.items()}
                return np.asarray(self._model(**tensors).logits[0].numpy(), np.float32)
        finally:
            torch.set_num_threads(threads)


def opened(model: StoredModel) -> NliBackend:
    """The backend of a model of the store, read once a process.

    The ONNX graph where there is one, else safetensors. Raises ModelError for
    a model of another kind and for files that are missing, damaged or do not
    fit together, MissingExtraError where torch and transformers are needed.
    """
    if model.kind != "nli":
        raise ModelError(
            f"{model.name} is of the kind {model.kind}, not an NLI model",
            next_step="toolkit models list shows the kinds.",
        )
    return _opened(_Key(model))


class _Key:
    """A model by what tells it from others: its folder and when it was added."""

    def __init__(self, model: StoredModel) -> None:
        self.model = model
        self._told = (model.folder, model.added, model.languages)

    def __hash__(self) -> int:
        return hash(self._told)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self._told == other._told


@lru_cache(maxsize=2)
def _opened(key: _Key) -> NliBackend:
    model = key.model
    graph = graph_of(model.files)
    if graph is None and not _has_torch():
        raise MissingExtraError(
            f"{model.name} has no ONNX graph, and torch and transformers are not installed",
            next_step="Install comment-toolkit[detoxify], or add the model as ONNX "
            "(docs/stance.md).",
        )
    try:
        config = dict(json.loads((model.folder / "config.json").read_text(encoding="utf-8")))
        tokenizer = _tokenizer(model.folder)
        backend = (
            TorchNli(model, tokenizer, config)
            if graph is None
            else OnnxNli(model, tokenizer, config, model.folder / graph)
        )
        # Tokenizer, graph and labels may each be sound and not belong together.
        probe = backend._logits(backend._tokenizer.encode("It is so.", "It is so."))
    except ToolkitError:
        raise
    except Exception as error:  # JSON, ONNX, tokenizer, torch: a damaged file fails in many ways
        raise ModelError(
            f"the model in {model.folder} cannot be used: {_first_line(error)}", next_step=_NEXT
        ) from error
    if probe.shape != (len(model.labels),):
        raise ModelError(
            f"{model.name} gives numbers of the shape {probe.shape} for {len(model.labels)} labels",
            next_step=_NEXT,
        )
    return backend


@cache
def _has_torch() -> bool:
    return all(find_spec(package) is not None for package in ("torch", "transformers"))


def _tokenizer(folder: Path) -> Tokenizer:
    """tokenizer.json, or what transformers makes of the other files of a tokenizer."""
    from tokenizers import Tokenizer

    path = folder / "tokenizer.json"
    if path.is_file():
        return Tokenizer.from_file(str(path))
    from transformers import AutoTokenizer

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    if not getattr(made, "is_fast", False):
        raise ModelError(
            f"the tokenizer in {folder} cannot be converted",
            next_step="Add tokenizer.json to the folder, as save_pretrained writes it.",
        )
    return Tokenizer.from_str(made.backend_tokenizer.to_str())


def _longest(config: dict[str, Any], folder: Path) -> int:
    """Tokens of a window, special ones included: the model's positions, at most ``LONGEST``."""
    bounds = [LONGEST]
    positions = config.get("max_position_embeddings")
    if isinstance(positions, int) and positions > 0:
        padding = config.get("pad_token_id")
        taken = 1 + (1 if padding is None else int(padding))
        bounds.append(positions - (taken if config.get("model_type") in _SHIFTED else 0))
    about = folder / "tokenizer_config.json"
    if about.is_file():
        stated = json.loads(about.read_text(encoding="utf-8")).get("model_max_length")
        if isinstance(stated, int) and stated > 0:
            bounds.append(stated)
    return min(bounds)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
