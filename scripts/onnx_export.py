"""A torch module of one text a call as a folded ONNX graph, and the folder that ships it."""

from __future__ import annotations

import hashlib
import json
import shutil
import warnings
from collections.abc import Callable, Sequence
from functools import partial
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
    example: Callable[[int], tuple[torch.Tensor, ...]] | None = None,
    attention: tuple[int, int] | None = None,
) -> None:
    """Write ``target``; raise AssertionError where it computes something else.

    Every input is ``(1, tokens)`` int64: the first takes word pieces, a second
    segments (0, then 1). ``outputs``: name -> whether its axis 1 is the tokens.
    ``example`` makes inputs of a length where they are others. With
    ``attention``, heads and width of a BERT, its attention becomes one node a
    layer; it has to be the "eager" one.
    """
    made = example or partial(pieces_and_segments, inputs=len(inputs))
    module.eval()
    raw = target.with_suffix(".raw.onnx")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module,
            made(5),
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
    if attention:
        fuse_attention(target, *attention)
    check_outputs(module, inputs, target, made, lengths, atol)


def check_outputs(
    module: torch.nn.Module,
    inputs: Sequence[str],
    target: Path,
    example: Callable[[int], tuple[torch.Tensor, ...]],
    lengths: Sequence[int],
    atol: float,
) -> None:
    """Raise AssertionError where the graph and the module differ by more than ``atol``."""
    session = ort.InferenceSession(str(target), providers=["CPUExecutionProvider"])
    for length in lengths:  # a trace may have frozen the length it saw
        given = example(length)
        with torch.no_grad():
            expected = module(*given)
        expected = expected if isinstance(expected, tuple) else (expected,)
        feed = {name: values.numpy() for name, values in zip(inputs, given, strict=True)}
        for got, wanted in zip(session.run(None, feed), expected, strict=True):
            np.testing.assert_allclose(got, wanted.numpy(), atol=atol)


def fuse_attention(graph: Path, heads: int, width: int) -> None:
    """Rewrite the graph with one Attention node a layer; raise AssertionError where there is none.

    The other fusions of this tool are left out: `toolkit.inference.sessions` says why.
    """
    from onnxruntime.transformers.fusion_options import FusionOptions
    from onnxruntime.transformers.optimizer import optimize_model

    options = FusionOptions("bert")
    options.enable_embed_layer_norm = False
    options.enable_skip_layer_norm = False
    options.enable_bias_skip_layer_norm = False
    options.enable_bias_gelu = False
    fused = optimize_model(
        str(graph),
        model_type="bert",
        num_heads=heads,
        hidden_size=width,
        optimization_options=options,
        opt_level=0,
    )
    found = fused.get_fused_operator_statistics()["Attention"]
    assert found, "no attention was found to fuse"
    fused.save_model_to_file(str(graph))


def pieces_and_segments(length: int, inputs: int) -> tuple[torch.Tensor, ...]:
    """Word pieces drawn at random, ``(1, length)``, and the segments of two halves."""
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
    size = (weights / "model.onnx").stat().st_size
    print(f"wrote {weights.name}: model.onnx {size / 1e6:.1f} MB")
