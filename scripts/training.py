"""What the trainings share: a rate that rises and falls, averaged weights, a checkpoint, int8."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch


class Run:
    """AdamW over ``groups``; a run that was stopped goes on from ``work/checkpoint.pt``.

    The rate rises over a twentieth of ``steps`` and falls to a fiftieth.
    ``average`` holds the weights' moving average, which is what gets exported;
    ``step`` counts the steps done.
    """

    def __init__(
        self,
        model: torch.nn.Module,
        groups: list[dict[str, Any]],
        *,
        steps: int,
        work: Path,
        fused: bool = False,
    ) -> None:
        self.model = model
        self.optimizer = torch.optim.AdamW(groups, weight_decay=0.01, fused=fused)
        warm = max(1, steps // 20)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(
            self.optimizer,
            lambda s: min((s + 1) / warm, max(0.02, (steps - s) / (steps - warm))),
        )
        self.average = {k: v.detach().clone() for k, v in model.state_dict().items()}
        self.step = 0
        self._checkpoint = work / "checkpoint.pt"
        if self._checkpoint.exists():
            saved = torch.load(self._checkpoint, weights_only=True)
            model.load_state_dict(saved["model"])
            self.optimizer.load_state_dict(saved["optimizer"])
            self.schedule.load_state_dict(saved["schedule"])
            self.average, self.step = saved["average"], saved["step"]
            print(f"resumed at step {self.step}", flush=True)

    def save(self) -> None:
        """Write the checkpoint; one that is cut off leaves the one before."""
        state = {
            "model": self.model.state_dict(),
            "average": self.average,
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule.state_dict(),
            "step": self.step,
        }
        temporary = self._checkpoint.with_suffix(".tmp")
        torch.save(state, temporary)
        temporary.replace(self._checkpoint)

    def advance(self) -> None:
        """One step along the gradients there are."""
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.schedule.step()
        self.step += 1
        keep = min(0.998, (self.step + 1) / (self.step + 10))
        with torch.no_grad():
            for name, value in self.model.state_dict().items():
                if value.dtype.is_floating_point:
                    self.average[name].mul_(keep).add_(value, alpha=1 - keep)


def encoder_of(base: Path) -> Any:
    """The BERT-shaped encoder in ``base``, without a pooler."""
    from transformers import AutoModel

    return AutoModel.from_pretrained(
        # Without dropout within attention the fast kernel serves.
        base,
        add_pooling_layer=False,
        attention_probs_dropout_prob=0.0,
    )


def averaged(works: list[Path]) -> dict[str, torch.Tensor]:
    """The averaged weights in the checkpoints of ``works``; of several, their mean."""
    states = [torch.load(work / "checkpoint.pt", weights_only=True)["average"] for work in works]
    return {
        name: sum(state[name] for state in states) / len(states)
        if value.dtype.is_floating_point
        else value
        for name, value in states[0].items()
    }


def weights_of(file: Path) -> dict[str, torch.Tensor]:
    """The state dict behind an ONNX file of `export_toxicity.py`, int8 values multiplied out.

    Each matrix is off by up to half a step of its 255; a few hundred steps of
    training mend that.
    """
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(file).graph
    stored = {item.name: numpy_helper.to_array(item) for item in graph.initializer}
    found: dict[str, np.ndarray] = {}

    def full(name: str) -> np.ndarray:
        values = stored[name + "_quantized"].astype(np.float32)
        zero = stored[name + "_zero_point"].astype(np.float32)
        return (values - zero) * stored[name + "_scale"]

    for name in stored:
        # "…_Transposed": a head's matrix; its MatMul below names it.
        other = ("_quantized", "_scale", "_zero_point", "_Transposed")
        if name.startswith("model.") and not name.endswith(other):
            found[name] = stored[name]
        elif name.endswith("embeddings.weight_quantized"):
            found[name.removesuffix("_quantized")] = full(name.removesuffix("_quantized"))
    for node in graph.node:
        if node.op_type == "QAttention":
            # "Attention_3_…": query, key and value of layer 3 side by side.
            layer = f"encoder.encoder.layer.{node.name.split('_')[1]}.attention.self"
            joined, bias = full(node.input[1].removesuffix("_quantized")), stored[node.input[2]]
            parts = zip(
                ("query", "key", "value"),
                np.split(joined, 3, axis=1),
                np.split(bias, 3),
                strict=True,
            )
            for part, weight, shift in parts:
                found[f"model.{layer}.{part}.weight"] = weight.T
                found[f"model.{layer}.{part}.bias"] = shift
        elif node.op_type == "MatMulInteger":
            place = node.name.strip("/").replace("/", ".")
            layer = place.removesuffix(".MatMul_quant").removesuffix(".Gemm_MatMul_quant")
            found[layer + ".weight"] = full(node.input[1].removesuffix("_quantized")).T
        elif node.op_type == "MatMul" and node.input[1] in stored:
            # A head that was left in floats.
            layer = node.name.strip("/").replace("/", ".").removesuffix(".Gemm_MatMul")
            found[layer + ".weight"] = stored[node.input[1]].T
    return {
        name.removeprefix("model."): torch.tensor(np.ascontiguousarray(values))
        for name, values in found.items()
    }


def tokenizer_of(origin: Path) -> Path:
    """The tokenizer's file of a run's folder, or beside a ``model.onnx``."""
    return (origin.parent if origin.suffix == ".onnx" else origin) / "tokenizer.json"


def compute_as_int8(encoder: torch.nn.Module) -> None:
    """Let ``encoder`` round as its int8 export does, so that training makes up for it.

    Linear layers see 7-bit weights (a scale for each output) and 8-bit inputs (a
    scale for each text); gradients pass as if nothing were rounded. Embeddings
    take the values that the export leaves them (8 bits for a whole table) and
    stay there. As in `export_encoder.quantise`.
    """
    for layer in encoder.modules():
        if isinstance(layer, torch.nn.Embedding):
            table = layer.weight.data
            low, high = min(table.min().item(), 0.0), max(table.max().item(), 0.0)
            scale = (high - low) / 255
            zero = round(-low / scale)
            table.copy_(((table / scale).round() + zero).clamp(0, 255).sub(zero) * scale)
            layer.weight.requires_grad = False
        elif isinstance(layer, torch.nn.Linear):
            layer.forward = partial(_rounded_linear, layer)


def _rounded_linear(layer: torch.nn.Linear, given: torch.Tensor) -> torch.Tensor:
    weight = layer.weight
    step = weight.detach().abs().amax(1, keepdim=True).clamp(min=1e-8) / 64
    rounded = (weight.detach() / step).round() * step
    weight = weight + (rounded - weight).detach()
    spread = given.detach()
    high = spread.amax((1, 2), keepdim=True).clamp(min=0)
    step = ((high - spread.amin((1, 2), keepdim=True).clamp(max=0)) / 255).clamp(min=1e-8)
    given = given + ((spread / step).round() * step - spread)
    return torch.nn.functional.linear(given, weight, layer.bias)
