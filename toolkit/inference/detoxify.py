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
import json
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from toolkit.errors import MissingExtraError, ModelError
from toolkit.inference.detoxify_windows import KNOWN, LANGUAGES, RENAMED, WindowedDetoxify

if TYPE_CHECKING:
    from detoxify import Detoxify  # type: ignore[import-untyped]

_TOKENIZERS: Final = frozenset(
    f"{kind}Tokenizer{fast}"
    for kind in ("Bert", "Roberta", "Albert", "XLMRoberta")
    for fast in ("", "Fast")
)
#: What a tokenizer may consist of.
TOKENIZER_FILES: Final = frozenset(
    {
        "added_tokens.json",
        "merges.txt",
        "sentencepiece.bpe.model",
        "special_tokens_map.json",
        "spiece.model",
        "tokenizer.json",
        "tokenizer_config.json",
        "vocab.json",
        "vocab.txt",
    }
)

#: Texts in one call of Detoxify's predict.
BATCH: Final = 32
_NEXT: Final = "See docs/toxicity.md for the files that the detoxify backend needs."


class DetoxifyToxicity(WindowedDetoxify):
    """Detoxify behind the contract of ``ToxicityModel``.

    Rows agree to about 1e-6 whatever the batch is: Detoxify pads the texts of
    a batch to one length, and floating-point sums then differ in the last bits.
    """

    def __init__(
        self, detoxify: Detoxify, languages: frozenset[str], version: str, longest: int
    ) -> None:
        """``longest`` is the number of tokens, special ones included, that the model can read."""
        super().__init__(
            tuple(label for label in KNOWN if label in detoxify.class_names),
            languages,
            version,
            longest=longest,
            special=detoxify.tokenizer.num_special_tokens_to_add(),
        )
        self._detoxify = detoxify

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
        architecture, classes, state = read_checkpoint(checkpoint)
        try:
            with warnings.catch_warnings(), _with_outputs(config, architecture) as folder, quiet():
                warnings.simplefilter("ignore")
                model, tokenizer = get_model_and_tokenizer(
                    **architecture | {"model_type": str(folder)},
                    state_dict=state,
                    huggingface_config_path=str(folder),
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
            real, LANGUAGES[architecture["model_name"]], f"detoxify-{digest(state)}", longest
        )

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


@contextmanager
def quiet() -> Iterator[None]:
    """Without the bars that transformers draws, on a terminal or not, while it loads."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]


@contextmanager
def _with_outputs(config: Path, architecture: Mapping[str, Any]) -> Iterator[Path]:
    """``config``, or a copy of it that says how many outputs the checkpoint has.

    The config of a base model knows nothing of the labels, and Detoxify passes
    the number on only where it downloads the config itself.
    """
    said = json.loads((config / "config.json").read_text(encoding="utf-8"))
    number = int(architecture["num_classes"])
    if number in (said.get("num_labels"), len(said.get("id2label") or ())):
        yield config
        return
    said = {key: value for key, value in said.items() if key not in ("id2label", "label2id")}
    with tempfile.TemporaryDirectory(prefix="toolkit-detoxify-") as scratch:
        folder = Path(scratch)
        for file in config.iterdir():
            if file.name in TOKENIZER_FILES:
                shutil.copyfile(file, folder / file.name)
        (folder / "config.json").write_text(
            json.dumps(said | {"num_labels": number}), encoding="utf-8"
        )
        yield folder


def read_checkpoint(checkpoint: Path) -> tuple[dict[str, Any], list[str], dict[str, Any]]:
    """Architecture, label names and weights of a checkpoint, each checked; torch is needed.

    Nothing in the file is executed. Raises ModelError where it is no Detoxify checkpoint.
    """
    import torch

    try:
        loaded = torch.load(checkpoint, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises what its reader of zip files and pickles raises
        raise ModelError(
            f"{checkpoint} cannot be read without executing code from it: "
            f"{str(error).partition('.')[0]}",
            next_step="Use a checkpoint that holds plain tensors, numbers and strings alone.",
        ) from error
    return parts(loaded, checkpoint)


def parts(loaded: Any, checkpoint: Path) -> tuple[dict[str, Any], list[str], dict[str, Any]]:
    """Architecture, label names and weights of a checkpoint, each checked."""
    try:
        architecture = dict(loaded["config"]["arch"]["args"])
        classes = [str(name) for name in loaded["config"]["dataset"]["args"]["classes"]]
        state = dict(loaded["state_dict"])
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"{checkpoint} is no Detoxify checkpoint: it lacks {error}", next_step=_NEXT
        ) from error
    names = [RENAMED.get(name, name) for name in classes]
    needed = {"model_type", "model_name", "tokenizer_name", "num_classes"}
    problem = None
    if set(architecture) != needed:
        problem = f"its architecture has {sorted(architecture)}"
    elif architecture["model_name"] not in LANGUAGES:
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


def digest(state: Mapping[str, Any]) -> str:
    """Eight hexadecimal digits of the SHA-256 over names and weights."""
    summed = hashlib.sha256()
    for name in sorted(state):
        summed.update(name.encode())
        summed.update(state[name].detach().contiguous().numpy().tobytes())
    return summed.hexdigest()[:8]
