"""What a folder of model files is: which of them make a model, of what kind, with which labels."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final, Literal

from toolkit.errors import ModelError
from toolkit.inference.nli_labels import lanes

Kind = Literal["detoxify", "nli"]

NEXT: Final = "toolkit models list shows what is there; docs/models.md says how to get more."
_SUBTAG: Final = re.compile(r"[a-z]{2,3}")
_TOKENIZERS: Final = (
    "tokenizer.json", "vocab.txt", "vocab.json", "sentencepiece.bpe.model", "spiece.model",
    "spm.model",
)  # fmt: skip
#: Where an NLI model's graph lies, the first that is there.
_GRAPHS: Final = ("model.onnx", "onnx/model.onnx")
#: Weights that a graph keeps in a file beside it.
_BESIDE_GRAPHS: Final = (".onnx_data", ".onnx.data")
#: What `add` copies, besides checkpoints: the files of transformers' folders.
_WANTED: Final = frozenset(
    {"config.json", "model.safetensors", "tokenizer_config.json", "special_tokens_map.json",
     "added_tokens.json", "merges.txt", "README.md", "LICENSE", *_TOKENIZERS}
)  # fmt: skip


def wanted(source: Path) -> list[str]:
    """Paths of the files that make a model: known names, checkpoints, ONNX graphs."""
    found = [path for path in source.iterdir() if path.is_file()]
    onnx = source / "onnx"
    found += [path for path in onnx.iterdir() if path.is_file()] if onnx.is_dir() else []
    return sorted(
        path.relative_to(source).as_posix()
        for path in found
        if (path.parent == source and (path.name in _WANTED or path.suffix == ".ckpt"))
        or path.suffix == ".onnx"
        or path.name.endswith(_BESIDE_GRAPHS)
    )


def graph_of(files: Collection[str]) -> str | None:
    """The ONNX graph of an NLI model that runs on its tokenizer.json; None where there is none."""
    if "tokenizer.json" not in files:
        return None
    return next((path for path in _GRAPHS if path in files), None)


def kind_of(source: Path, chosen: list[str]) -> tuple[Kind, tuple[str, ...]]:
    """Kind and labels of a folder whose model files are ``chosen``.

    Raises ModelError where they make no model that is known, hold their
    weights as a pickle alone, or are an NLI model that could not be run or
    whose labels do not say who agrees and who disagrees.
    """
    checkpoints = [path for path in chosen if path.endswith(".ckpt")]
    weights = [path for path in chosen if path.endswith((".onnx", ".safetensors"))]
    problem = None
    if "config.json" not in chosen:
        problem = "it has no config.json"
    elif not any(path in chosen for path in _TOKENIZERS):
        problem = "it has no tokenizer"
    elif len(checkpoints) > 1:
        problem = f"it has {len(checkpoints)} checkpoints"
    elif not checkpoints and not weights:
        pickled = sorted(path.name for path in source.glob("*.bin"))
        problem = (
            f"its weights are a pickle ({pickled[0]}), which may run code: convert them first"
            if pickled
            else "it has no weights (.ckpt, .safetensors or .onnx)"
        )
    if problem is None and checkpoints:
        return "detoxify", detoxify_labels(source / checkpoints[0])
    if problem is None:
        labels = _config_labels(source / "config.json")
        if any("entail" in label.casefold() for label in labels):
            _check_nli(source, chosen, labels)
            return "nli", labels
        problem = f"its labels are {list(labels)}: none is about entailment"
    raise ModelError(f"{source} is no model that we know: {problem}", next_step=NEXT)


def _check_nli(source: Path, chosen: list[str], labels: tuple[str, ...]) -> None:
    try:
        lanes(labels)
    except ModelError as error:
        raise ModelError(
            f"{source} cannot tell stance: {error}", next_step=error.next_step
        ) from error
    if graph_of(chosen) is None and "model.safetensors" not in chosen:
        graphs = [path for path in chosen if path.endswith(".onnx")]
        problem = (
            "an ONNX model needs tokenizer.json"
            if any(path in graphs for path in _GRAPHS)
            else f"its graph must be called {' or '.join(_GRAPHS)}, not {', '.join(graphs)}"
        )
        raise ModelError(
            f"{source} is no NLI model that can be run: {problem}",
            next_step="docs/stance.md says which files an NLI model needs.",
        )


def _config_labels(path: Path) -> tuple[str, ...]:
    try:
        named = dict(json.loads(path.read_text(encoding="utf-8")).get("id2label") or {})
        return tuple(str(named[key]) for key in sorted(named, key=int))
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ModelError(f"{path} cannot be read: {error}", next_step=NEXT) from error


def languages_of(kind: Kind, given: Sequence[str]) -> tuple[str, ...]:
    """``given``, checked; English where an NLI model comes without any.

    Raises ModelError for what is no primary subtag, and for a model of another kind.
    """
    if kind != "nli":
        if given:
            raise ModelError(
                "languages can be stated for an NLI model alone",
                next_step="Leave them out: Detoxify's models have their own.",
            )
        return ()
    for tag in given:
        if not _SUBTAG.fullmatch(tag):
            raise ModelError(
                f"{tag!r} is no language that a model could have",
                next_step="Write it like en, de or pt, without a region.",
            )
    return tuple(dict.fromkeys(given)) or ("en",)


def detoxify_labels(checkpoint: Path) -> tuple[str, ...]:
    """The checkpoint's labels, its kind checked; nothing where torch is not installed.

    Raises ModelError where it is no checkpoint of Detoxify.
    """
    if find_spec("torch") is None:
        return ()
    from toolkit.inference.detoxify import read_checkpoint

    _, classes, _ = read_checkpoint(checkpoint)
    return tuple(classes)
