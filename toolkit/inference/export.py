"""A Detoxify checkpoint as safetensors and ONNX: what runs without torch and without pickles.

The ONNX graph takes one text a call, without padding. int8 is dynamic and
quantises weights to 7 bits (``reduce_range``): 8-bit products overflow on
processors without VNNI.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from toolkit.errors import MissingExtraError, ModelError, OutputError
from toolkit.inference.detoxify import DetoxifyToxicity
from toolkit.inference.detoxify_onnx import FACTS, FORMAT, DetoxifyOnnx, Precision

if TYPE_CHECKING:
    from onnxruntime import InferenceSession  # type: ignore[import-untyped]

#: The exported graph may differ by so much from Detoxify's own predict(), in probability.
TOLERANCE: Final = 1e-4

#: Sentences on which an export is compared with what it was made of.
SAMPLES: Final = (
    "Thank you, this was a helpful article.",
    "You are an idiot and nobody wants to hear from you.",
    "The bridge opens in spring, if the weather holds.",
    "I will find you and you will regret it.",
    "What a load of rubbish! Did anybody check these figures?",
    "My neighbours are Muslims and they bake the best bread in town.",
    "Shut up.",
    "Ok",
    "The council met on Tuesday. It talked about parking, about the school roof, and about the "
    "noise from the harbour, and it decided nothing at all, as the mayor was ill and two of the "
    "members had left before the vote. Next week it will meet again.",
)


def export(checkpoint: Path, config: Path, target: Path) -> dict[str, Any]:
    """Write ``target``: model.safetensors, fp32.onnx, int8.onnx, tokenizer.json, export.json.

    Returns the facts of export.json; ``deviation`` holds, in probability over
    ``SAMPLES``, the largest and mean distance of fp32 from Detoxify's own
    predict(), and of int8 from fp32.

    Raises MissingExtraError without Detoxify, ModelError where the files make
    no model or the graph does not compute what the model does, OutputError
    where ``target`` cannot be written.
    """
    real = DetoxifyToxicity.load(checkpoint, config)
    try:
        import onnx  # noqa: F401 - what quantisation is made with
        from safetensors.torch import save_file
    except ImportError as error:
        raise MissingExtraError(
            f"an export needs more than is installed ({error})",
            next_step="Install the extra: pip install 'comment-toolkit[detoxify]'.",
        ) from error

    detoxify = real._detoxify
    try:
        target.mkdir(parents=True, exist_ok=True)
        state = {
            name: part.contiguous().clone() for name, part in detoxify.model.state_dict().items()
        }
        save_file(state, str(target / "model.safetensors"))
        (target / "tokenizer.json").write_text(
            detoxify.tokenizer.backend_tokenizer.to_str(), encoding="utf-8"
        )
        _to_onnx(detoxify.model, target / "fp32.onnx")
        _to_int8(target / "fp32.onnx", target / "int8.onnx")
        facts: dict[str, Any] = {
            "format": FORMAT,
            "labels": list(real.labels),
            "lanes": [detoxify.class_names.index(label) for label in real.labels],
            "languages": sorted(real.languages),
            "longest": real._longest,
            "special": real._special,
            "source": real.version,
            "sha256": {
                name: _sha256(target / name)
                for name in ("model.safetensors", "fp32.onnx", "int8.onnx", "tokenizer.json")
            },
        }
        _write(target / FACTS, facts)
        facts["deviation"] = _deviation(real, target)
        _write(target / FACTS, facts)
    except OSError as error:
        raise OutputError(
            f"the export cannot be written to {target}: {error.strerror or error}",
            next_step="Make room on the disk, or set another models folder.",
        ) from error
    return facts


def _to_onnx(model: Any, target: Path) -> None:
    import torch

    class Single(torch.nn.Module):
        """One text a call: no padding, so every token is attended to."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
            mask = torch.ones_like(input_ids)
            logits: torch.Tensor = self.model(input_ids=input_ids, attention_mask=mask)[0]
            return logits

    before = model.config._attn_implementation
    model.set_attn_implementation("eager")  # plain products, which every opset can say
    low, high = 5, min(11, int(model.config.vocab_size) - 1)
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                Single().eval(),
                (torch.arange(low, high)[None],),
                str(target),
                input_names=["input_ids"],
                output_names=["logits"],
                dynamic_axes={"input_ids": {1: "tokens"}},
                opset_version=17,
                dynamo=False,
            )
    finally:
        model.set_attn_implementation(before)


def _to_int8(source: Path, target: Path) -> None:
    import logging

    import onnxruntime
    from onnxruntime.quantization import QuantType, quantize_dynamic  # type: ignore[import-untyped]

    folded = target.with_name("folded.onnx")
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(folded)
    options.log_severity_level = 3
    session: InferenceSession = onnxruntime.InferenceSession(
        str(source), options, providers=["CPUExecutionProvider"]
    )
    del session
    root = logging.getLogger()
    level = root.level
    root.setLevel(logging.ERROR)  # it advises a preprocessing that was just done
    try:
        quantize_dynamic(
            folded,
            target,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul", "Gather"],
            per_channel=True,
            reduce_range=True,
            extra_options={"MatMulConstBOnly": True},
        )
    finally:
        root.setLevel(level)
        folded.unlink(missing_ok=True)


def _deviation(real: DetoxifyToxicity, target: Path) -> dict[str, dict[str, float]]:
    samples: Sequence[str] = SAMPLES
    expected = real.predict(samples)
    fp32, int8 = (_predicted(target, precision, samples) for precision in ("fp32", "int8"))
    found = {"fp32": np.abs(fp32 - expected), "int8": np.abs(int8 - fp32)}
    if found["fp32"].max() > TOLERANCE:
        raise ModelError(
            f"the exported graph differs from the model by {found['fp32'].max():.2g}",
            next_step="Please report this, with the versions of torch and transformers.",
        )
    return {
        name: {"largest": float(values.max()), "mean": float(values.mean())}
        for name, values in found.items()
    }


def _predicted(target: Path, precision: Precision, samples: Sequence[str]) -> Any:
    return DetoxifyOnnx.load(target, precision).predict(samples)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(path: Path, facts: dict[str, Any]) -> None:
    path.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
