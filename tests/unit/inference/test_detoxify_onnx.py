"""Exports against Detoxify's own predict(), for each of its architectures."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from detoxify_checkpoints import ARCHITECTURES, TEXTS, make

from toolkit.errors import ModelError
from toolkit.inference.detoxify import DetoxifyToxicity
from toolkit.inference.detoxify_onnx import DetoxifyOnnx

pytest.importorskip("detoxify", reason="the extra [detoxify] is not installed")


@pytest.fixture(scope="module", params=sorted(ARCHITECTURES))
def exported(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory):
    """(Detoxify, folder of its export, facts): the config is a base model's, without labels."""
    import torch

    from toolkit.inference.export import export

    torch.set_num_threads(1)
    folder = tmp_path_factory.mktemp(request.param)
    checkpoint, config = make(request.param, folder, outputs_in_config=False)
    facts = export(checkpoint, config, folder / "export")
    return DetoxifyToxicity.load(checkpoint, config), folder / "export", facts


def test_fp32_gives_detoxifys_own_numbers(exported) -> None:
    real, folder, facts = exported
    model = DetoxifyOnnx.load(folder, "fp32")
    expected = real._detoxify.predict(TEXTS)
    scores = model.predict(TEXTS)
    assert model.labels == real.labels
    assert model.languages == real.languages
    assert scores.shape == (len(TEXTS), len(model.labels))
    for lane, label in enumerate(model.labels):
        np.testing.assert_allclose(scores[:, lane], expected[label], atol=1e-4)
    assert np.ptp(scores) > 0.05
    assert facts["deviation"]["fp32"]["largest"] <= 1e-4


def test_int8_deviates_by_what_is_recorded(exported) -> None:
    real, folder, facts = exported
    model = DetoxifyOnnx.load(folder, "int8")
    # The heads are scaled by 60, so this is far more than a trained model shows.
    assert np.abs(model.predict(TEXTS) - real.predict(TEXTS)).max() < 0.2
    assert 0 < facts["deviation"]["int8"]["largest"] < 0.2
    assert facts["deviation"]["int8"]["mean"] <= facts["deviation"]["int8"]["largest"]
    assert model.version != DetoxifyOnnx.load(folder, "fp32").version


def test_a_text_scores_the_same_in_any_company(exported) -> None:
    _, folder, _ = exported
    for precision in ("fp32", "int8"):
        model = DetoxifyOnnx.load(folder, precision)
        together = model.predict(TEXTS)
        alone = np.concatenate([model.predict([text]) for text in TEXTS])
        assert (together == alone).all()
        assert (together == model.predict(TEXTS[::-1])[::-1]).all()


def test_long_texts_have_the_same_windows(exported) -> None:
    real, folder, _ = exported
    model = DetoxifyOnnx.load(folder)
    text = "we say the tea is good . " * 12 + "you are an idiot !"
    assert model._windows(text) == real._windows(text)
    assert len(model._windows(text)) > 2
    np.testing.assert_allclose(model.predict([text]), real.predict([text]), atol=1e-4)
    assert model.window(text) == real.window(text)


def test_damaged_exports_are_named(exported, tmp_path: Path) -> None:
    _, folder, _ = exported
    with pytest.raises(ModelError, match="no exported model"):
        DetoxifyOnnx.load(tmp_path)
    facts = json.loads((folder / "export.json").read_text())
    (tmp_path / "export.json").write_text(json.dumps(facts | {"format": "other"}))
    with pytest.raises(ModelError, match="format"):
        DetoxifyOnnx.load(tmp_path)
    (tmp_path / "export.json").write_text(json.dumps(facts))
    (tmp_path / "fp32.onnx").write_bytes(b"no graph")
    with pytest.raises(ModelError, match="cannot be read"):
        DetoxifyOnnx.load(tmp_path)


def test_nothing_of_torch_is_needed(exported) -> None:
    import subprocess

    _, folder, _ = exported
    code = (
        "import sys\n"
        "for name in ('torch', 'transformers', 'detoxify'): sys.modules[name] = None\n"
        "from pathlib import Path\n"
        "from toolkit.inference.detoxify_onnx import DetoxifyOnnx\n"
        f"print(DetoxifyOnnx.load(Path({str(folder)!r}), 'int8').predict(['you fool']).shape)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("(1, ")
