from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from detoxify_checkpoints import make
from file_server import Served, serving

from toolkit.errors import MissingExtraError, ModelError, OutputError, SourceNotFoundError
from toolkit.inference import backends, store
from toolkit.inference.store import MANIFEST, TRUSTED, ModelStore, catalogue, default_root
from toolkit.settings import Settings

NAME = "detoxify-original"


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def kept(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "store")


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a user has it: checkpoint, config and tokenizer side by side."""
    pytest.importorskip("detoxify", reason="the extra [detoxify] is not installed")
    folder = tmp_path_factory.mktemp("original")
    path, config = make("original", folder, outputs_in_config=False)
    for file in config.iterdir():
        file.rename(folder / file.name)
    config.rmdir()
    (folder / "holiday.jpg").write_bytes(b"no model file")
    assert path.parent == folder
    return folder


def nli(folder: Path, labels: tuple[str, ...] = ("contradiction", "entailment", "neutral")) -> Path:
    folder.mkdir(parents=True)
    named = {str(index): label for index, label in enumerate(labels)}
    (folder / "config.json").write_text(json.dumps({"id2label": named}))
    (folder / "tokenizer.json").write_text("{}")
    (folder / "onnx").mkdir()
    (folder / "onnx" / "model.onnx").write_bytes(b"graph")
    return folder


def test_an_nli_model_is_registered_with_its_kind(kept: ModelStore, tmp_path: Path) -> None:
    model = kept.add(nli(tmp_path / "My NLI"))
    assert (model.name, model.kind) == ("my-nli", "nli")
    assert model.labels == ("contradiction", "entailment", "neutral")
    assert set(model.files) == {"config.json", "tokenizer.json", "onnx/model.onnx"}
    assert [one.name for one in kept.models()] == ["my-nli"]
    assert kept.verify("my-nli") == []
    with pytest.raises(ModelError, match="already"):
        kept.add(nli(tmp_path / "again"), "my-nli")
    with pytest.raises(ModelError, match="no Detoxify checkpoint"):
        kept.export("my-nli")
    kept.remove("my-nli")
    assert kept.models() == []
    with pytest.raises(ModelError, match="no model 'my-nli'"):
        kept.remove("my-nli")


def test_folders_that_are_no_models_are_named(kept: ModelStore, tmp_path: Path) -> None:
    with pytest.raises(SourceNotFoundError):
        kept.add(tmp_path / "none")
    folder = nli(tmp_path / "nli", ("cat", "dog"))
    with pytest.raises(ModelError, match="none is about entailment"):
        kept.add(folder)
    (folder / "onnx" / "model.onnx").unlink()
    with pytest.raises(ModelError, match="no weights"):
        kept.add(folder)
    (folder / "pytorch_model.bin").write_bytes(b"pickle")
    with pytest.raises(ModelError, match="a pickle"):
        kept.add(folder)
    (folder / "config.json").write_text("[]")
    (folder / "model.safetensors").write_bytes(b"")
    with pytest.raises(ModelError, match="cannot be read"):
        kept.add(folder)
    (folder / "config.json").unlink()
    with pytest.raises(ModelError, match=r"no config\.json"):
        kept.add(folder)
    assert not any(kept.root.iterdir()) if kept.root.exists() else True


@pytest.mark.parametrize("name", ["../evil", "a/b", "", ".hidden", "UPPER", "x" * 65])
def test_names_cannot_lead_out_of_the_store(name: str, kept: ModelStore) -> None:
    for call in (kept.get, kept.remove, kept.verify):
        with pytest.raises(ModelError, match="no name for a model"):
            call(name)


def test_damage_is_found(kept: ModelStore, tmp_path: Path) -> None:
    model = kept.add(nli(tmp_path / "nli"))
    (model.folder / "onnx" / "model.onnx").write_bytes(b"grapH")
    (model.folder / "tokenizer.json").unlink()
    assert kept.verify("nli") == [
        "onnx/model.onnx is not what it was: its SHA-256 differs",
        "tokenizer.json is missing",
    ]
    said = json.loads((model.folder / MANIFEST).read_text())
    said["files"]["../../evil"] = said["files"]["config.json"]
    (model.folder / MANIFEST).write_text(json.dumps(said))
    with pytest.raises(ModelError, match="leads out"):
        kept.get("nli")
    (model.folder / MANIFEST).write_text("{")
    with pytest.raises(ModelError, match="damaged"):
        kept.get("nli")
    kept.remove("nli")


def test_a_checkpoint_is_added_exported_and_used(kept: ModelStore, checkpoint: Path) -> None:
    import torch

    torch.set_num_threads(1)
    model = kept.add(checkpoint, NAME)
    assert (model.kind, model.labels[0]) == ("detoxify", "toxicity")
    assert "holiday.jpg" not in model.files
    assert model.checkpoint is not None
    assert model.export is None
    settings = Settings(models=kept.root)
    real = backends.open_backend(NAME, settings)
    with pytest.raises(ModelError, match="not exported"):
        backends.open_backend(f"{NAME}-int8", settings)

    facts = kept.export(NAME)
    assert facts["deviation"]["fp32"]["largest"] <= 1e-4
    assert kept.get(NAME).export is not None
    assert kept.verify(NAME) == []
    assert set(kept.get(NAME).files) >= {
        "export/fp32.onnx", "export/int8.onnx", "export/model.safetensors",
        "export/tokenizer.json", "export/export.json",
    }  # fmt: skip
    small = backends.open_backend(f"{NAME}-int8", settings)
    texts = ["you are an idiot!", "we say the tea is good"]
    assert np.abs(small.predict(texts) - real.predict(texts)).max() < 0.2
    kept.export(NAME)  # again: the old one is replaced
    assert kept.verify(NAME) == []

    # An export travels without its checkpoint, to a place without torch.
    assert model.checkpoint is not None
    travelled = kept.root.parent / "usb" / NAME
    kept.get(NAME).folder.rename(travelled.parent.mkdir() or travelled)
    next(travelled.glob("*.ckpt")).unlink()
    other = ModelStore(kept.root.parent / "other")
    assert other.add(travelled).checkpoint is None
    assert other.verify(NAME) == []
    alone = backends.open_backend(NAME, Settings(models=other.root))
    np.testing.assert_allclose(alone.predict(texts), real.predict(texts), atol=1e-4)


def test_without_torch_and_export_the_extra_is_named(
    kept: ModelStore, checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.add(checkpoint, NAME)
    monkeypatch.setattr(backends, "find_spec", lambda name: None)
    with pytest.raises(MissingExtraError):
        backends.open_backend(NAME, Settings(models=kept.root))


def entry(server: Served, **pins: str) -> dict[str, Any]:
    return {
        NAME: {
            "about": "a test",
            "tokenizer": {"tokenizer_class": "BertTokenizer", "do_lower_case": True},
            "files": [
                {"path": name, "url": server.url(name)}
                | ({"sha256": pins[name]} if name in pins else {})
                for name in server.files
            ],
        }
    }


@pytest.fixture
def published(checkpoint: Path, monkeypatch: pytest.MonkeyPatch):
    with serving() as server:
        server.files = {
            name: (checkpoint / name).read_bytes()
            for name in ("original.ckpt", "config.json", "vocab.txt")
        }
        digest = hashlib.sha256(server.files["original.ckpt"]).hexdigest()
        said = entry(server, **{"original.ckpt": digest[:8]})
        monkeypatch.setattr(store, "catalogue", lambda: said)
        yield server


def test_a_fetch_goes_on_after_a_cut_and_is_verified(kept: ModelStore, published: Served) -> None:
    published.cuts = [40_000] + [0] * 5
    with pytest.raises(ModelError, match="broke off"):
        kept.fetch(NAME, wait=0)
    assert kept.models() == []
    published.cuts = []
    seen = []
    model = kept.fetch(NAME, wait=0, progress=lambda path, have, total: seen.append(path))
    assert published.log[6][1] == "bytes=40000-"
    assert {"original.ckpt", "config.json"} <= set(seen)
    pins = {path: file.pin for path, file in model.files.items()}
    assert pins == {
        "original.ckpt": "first digits", "config.json": "first use", "vocab.txt": "first use",
        "tokenizer_config.json": "made here",
    }  # fmt: skip
    assert kept.verify(NAME) == []
    assert model.labels[0] == "toxicity"
    assert not list(kept.root.glob(".fetch-*"))
    assert backends.open_backend(NAME, Settings(models=kept.root)).predict(["tea"]).shape == (1, 6)
    with pytest.raises(ModelError, match="already"):
        kept.fetch(NAME, wait=0)


def test_a_file_that_is_not_the_published_one_is_refused(
    kept: ModelStore, published: Served
) -> None:
    published.files["original.ckpt"] += b"evil"
    with pytest.raises(ModelError, match="not the published file"):
        kept.fetch(NAME, wait=0)
    assert kept.models() == []
    assert not list(kept.root.glob(".fetch-*/*.ckpt*"))


def test_what_was_trusted_once_must_stay_the_same(kept: ModelStore, published: Served) -> None:
    kept.fetch(NAME, wait=0)
    kept.remove(NAME)
    published.files["vocab.txt"] += b"\nevil"
    with pytest.raises(ModelError, match="other bytes than the first time") as caught:
        kept.fetch(NAME, wait=0)
    assert TRUSTED in caught.value.next_step
    (kept.root / TRUSTED).write_text("{")
    with pytest.raises(ModelError, match="damaged"):
        kept.fetch(NAME, wait=0)


def test_an_unknown_name_is_not_looked_for(kept: ModelStore) -> None:
    with pytest.raises(ModelError, match="no published model"):
        kept.fetch("detoxify-huge")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        ModelStore(tmp_path / "file").add(nli(tmp_path / "nli"))


def test_the_catalogue_is_sound() -> None:
    assert set(catalogue()) == {f"detoxify-{name}" for name in backends.DETOXIFY}
    for said in catalogue().values():
        checkpoint = said["files"][0]
        assert checkpoint["path"].endswith(".ckpt")
        # The publisher's file names end with the first digits of the digest.
        assert checkpoint["path"].removesuffix(".ckpt").endswith(checkpoint["sha256"][:8])
        for file in said["files"]:
            assert file["url"].startswith("https://")
            assert file["url"].endswith("/" + file["path"])
            pin = file.get("sha256", "0" * 64)
            assert len(pin) in (8, 64)
            assert set(pin) <= set("0123456789abcdef")


def test_the_default_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_root() == tmp_path / "comment-toolkit" / "models"
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    assert default_root() == Path.home() / ".local" / "share" / "comment-toolkit" / "models"
    monkeypatch.delenv("XDG_DATA_HOME")
    assert ModelStore.from_settings(Settings()).root == default_root()
    assert ModelStore.from_settings(Settings(models=tmp_path)).root == tmp_path


def test_every_setting_opens_a_backend() -> None:
    assert {f"detoxify-{name}" for name in backends.DETOXIFY} < set(backends.BACKENDS)
    assert backends.open_backend("linear", Settings()).labels[0] == "toxicity"
    for name in backends.BACKENDS:
        Settings(toxicity=name)  # type: ignore[arg-type]
    with pytest.raises(ModelError, match=r"toolkit models fetch|no model"):
        backends.open_backend("detoxify-unbiased", Settings(models=Path("/nowhere")))
