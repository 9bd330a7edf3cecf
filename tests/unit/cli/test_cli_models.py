from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from toolkit.cli import main


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["toolkit", "models", *map(str, arguments)])
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setenv("TOOLKIT_MODELS", str(tmp_path / "store"))


def test_the_life_of_a_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "nli"
    folder.mkdir()
    labels = {"0": "contradiction", "1": "entailment", "2": "[red]neutral"}
    (folder / "config.json").write_text(json.dumps({"id2label": labels}))
    (folder / "tokenizer.json").write_text("{}")
    (folder / "model.onnx").write_bytes(b"graph")
    assert run(monkeypatch, "list") == 0
    assert "to fetch" in capsys.readouterr().out
    assert not (tmp_path / "store").exists()
    assert run(monkeypatch, "add", folder, "--name", "small-nli") == 0
    assert "Added small-nli (nli)" in capsys.readouterr().err
    assert run(monkeypatch, "list") == 0
    shown = capsys.readouterr().out
    assert "small-nli" in shown
    assert "[red]neutral" in shown
    assert run(monkeypatch, "verify") == 0
    assert "small-nli is whole" in capsys.readouterr().err
    (tmp_path / "store" / "small-nli" / "model.onnx").write_bytes(b"other")
    assert run(monkeypatch, "verify", "small-nli") == 2
    shown_both = capsys.readouterr()
    assert "small-nli: model.onnx is not what it was" in shown_both.out
    assert "ModelError: damaged: small-nli" in shown_both.err
    assert run(monkeypatch, "export", "small-nli") == 2
    assert run(monkeypatch, "remove", "small-nli") == 0
    assert run(monkeypatch, "verify") == 0
    assert "no models" in capsys.readouterr().err


def test_short_names_and_unknown_ones(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "remove", "original") == 2
    assert "'detoxify-original'" in capsys.readouterr().err
    assert run(monkeypatch, "fetch", "huge") == 2
    assert "Choose from: detoxify-original" in capsys.readouterr().err
