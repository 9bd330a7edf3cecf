"""A torch module of one text a call as a folded ONNX graph, and the folder that ships it."""

from __future__ import annotations

import hashlib
import json
import shutil
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import torch

LENGTHS = (3, 40, 128)


def to_onnx(
    module: torch.nn.Module,
    inputs: Sequence[str],
    outputs: dict[str, bool],
    target: Path,
    *,
    lengths: Sequence[int] = LENGTHS,
    atol: float = 1e-4,
) -> None:
    """Write ``target``; raise AssertionError where it computes something else.

    Every input is ``(1, tokens)`` int64: the first takes word pieces, a second
    segments (0, then 1). ``outputs``: name -> whether its axis 1 is the tokens.
    """
    module.eval()
    raw = target.with_suffix(".raw.onnx")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module,
            _example(5, len(inputs)),
            raw,
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes={
                name: {1: "tokens"}
                for name in (*inputs, *(name for name, long in outputs.items() if long))
            },
            opset_version=17,
            dynamo=False,
        )
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(target)
    ort.InferenceSession(str(raw), options, providers=["CPUExecutionProvider"])
    raw.unlink()
    session = ort.InferenceSession(str(target), providers=["CPUExecutionProvider"])
    for length in lengths:  # a trace may have frozen the length it saw
        example = _example(length, len(inputs))
        with torch.no_grad():
            expected = module(*example)
        expected = expected if isinstance(expected, tuple) else (expected,)
        feed = {name: values.numpy() for name, values in zip(inputs, example, strict=True)}
        for got, wanted in zip(session.run(None, feed), expected, strict=True):
            np.testing.assert_allclose(got, wanted.numpy(), atol=atol)


def _example(length: int, inputs: int) -> tuple[torch.Tensor, ...]:
    generator = torch.Generator().manual_seed(0)
    ids = torch.randint(1000, 30000, (1, length), generator=generator)
    segments = (torch.arange(length) >= length // 2).long().unsqueeze(0)
    return (ids, segments)[:inputs]


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_facts(folder: Path, facts: dict[str, Any]) -> None:
    """model.json, with the digests of the files beside it, which go into ``facts`` too."""
    facts["sha256"] = {name: sha256(folder / name) for name in ("model.onnx", "tokenizer.json")}
    (folder / "model.json").write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")


def ship(folder: Path, weights: Path) -> None:
    """Copy the model's three files into the package."""
    weights.mkdir(parents=True, exist_ok=True)
    for name in ("model.onnx", "tokenizer.json", "model.json"):
        shutil.copy(folder / name, weights / name)
    print(f"wrote {weights}: model.onnx {(weights / 'model.onnx').stat().st_size / 1e6:.1f} MB")
