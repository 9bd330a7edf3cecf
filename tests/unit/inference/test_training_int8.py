"""The training's rounding is the export's: `scripts/training.py` against onnxruntime itself."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra [detoxify] is not installed")
onnx = pytest.importorskip("onnx", reason="the extra [detoxify] is not installed")

SCRIPTS = Path(__file__).resolve().parents[3] / "scripts"


@pytest.fixture
def training(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    return importlib.import_module("training")


@pytest.fixture
def layer() -> Any:
    torch.manual_seed(3)
    layer = torch.nn.Linear(64, 48)
    # Rows of unlike size, so that a scale for each output matters.
    layer.weight.data *= torch.logspace(-1, 0.5, 48)[:, None]
    return layer


def through_onnxruntime(layer: Any, given: np.ndarray, folder: Path) -> np.ndarray:
    """What a dynamically quantised graph of ``layer`` gives, with the export's options."""
    import onnxruntime as ort
    from onnx import TensorProto, helper, numpy_helper
    from onnxruntime.quantization import QuantType, quantize_dynamic

    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["m"]), helper.make_node("Add", ["m", "b"], ["y"])],
        "layer",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, None, 64])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, None, 48])],
        [
            numpy_helper.from_array(layer.weight.detach().numpy().T.copy(), "w"),
            numpy_helper.from_array(layer.bias.detach().numpy(), "b"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.save(model, folder / "plain.onnx")
    quantize_dynamic(
        folder / "plain.onnx",
        folder / "packed.onnx",
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["MatMul"],
        per_channel=True,
        reduce_range=True,
        extra_options={"MatMulConstBOnly": True},
    )
    session = ort.InferenceSession(folder / "packed.onnx", providers=["CPUExecutionProvider"])
    return np.asarray(session.run(None, {"x": given})[0])


def test_rounded_layers_give_what_the_export_gives(
    training: ModuleType, layer: Any, tmp_path: Path
) -> None:
    given = torch.randn(1, 40, 64) * 3 + 0.5
    wanted = through_onnxruntime(layer, given.numpy(), tmp_path)
    plain = layer(given).detach().numpy()
    training.compute_as_int8(torch.nn.Sequential(layer))
    rounded = layer(given).detach().numpy()
    assert np.abs(rounded - wanted).mean() < 0.2 * np.abs(plain - wanted).mean()


def test_gradients_pass_the_rounding(training: ModuleType, layer: Any) -> None:
    training.compute_as_int8(torch.nn.Sequential(layer))
    layer(torch.randn(2, 5, 64)).square().mean().backward()
    assert layer.weight.grad.abs().min() > 0


def test_embeddings_take_256_values_and_stay(training: ModuleType) -> None:
    torch.manual_seed(3)
    table = torch.nn.Embedding(300, 16)
    before = table.weight.detach().clone()
    training.compute_as_int8(torch.nn.Sequential(table))
    assert table.weight.unique().numel() <= 256
    assert (table.weight - before).abs().max() <= (before.max() - before.min()) / 255
    assert not table.weight.requires_grad


def test_the_packaged_weights_can_be_trained_on(training: ModuleType) -> None:
    """Every weight of the graph has its place in the model, heads left in floats included."""
    from toolkit.inference.comment_encoder import WEIGHTS

    state = training.weights_of(WEIGHTS / "model.onnx")
    assert {
        name: tuple(value.shape) for name, value in state.items() if "encoder." not in name
    } == {
        "comment.weight": (6, 768),
        "comment.bias": (6,),
        "unsaid.weight": (1, 768),
        "unsaid.bias": (1,),
        "span.weight": (1, 384),
        "span.bias": (1,),
    }
    assert not [name for name in state if name.endswith("_Transposed")]
    assert sum(value.numel() for value in state.values()) == pytest.approx(22.6e6, rel=0.02)


def test_the_version_is_of_the_weights_and_of_how_windows_count(
    training: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scores change with each of them, so results of one version can be compared."""
    import json

    from toolkit.inference.comment_encoder import WEIGHTS

    export = importlib.import_module("export_toxicity")
    facts = json.loads((WEIGHTS / "model.json").read_text("utf-8"))
    settings = (facts["window_tokens"], facts["window_discount"])
    assert settings == (export.WINDOW_TOKENS, export.WINDOW_DISCOUNT)
    assert facts["version"] == export.version(WEIGHTS / "model.onnx")
    monkeypatch.setattr(export, "WINDOW_DISCOUNT", 0.0)
    assert facts["version"] != export.version(WEIGHTS / "model.onnx")
