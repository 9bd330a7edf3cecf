from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from toolkit.cli import main


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["toolkit", *map(str, arguments)])
    try:
        main()
    except SystemExit as end:
        return int(end.code or 0)
    return 0


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")


def test_the_suite_by_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "audit.json"
    assert run(monkeypatch, "audit", "--backend", "linear", "--json", out) == 0
    shown = capsys.readouterr()
    assert "insult_commenter" in shown.out
    assert "identity swaps that flip" in shown.out
    found = json.loads(out.read_text(encoding="utf-8"))
    [backend] = found["backends"]
    assert found["data"]["rows"] == backend["rows"] >= 600
    assert 0.7 < backend["auc"] <= 1
    assert len(backend["functions"]) >= 25


def test_own_data_with_a_pdf_and_thresholds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = ["body,toxic,about"]
    rows += ["you are an idiot and a liar,1,[b]men\x1b[/b]"] * 20
    rows += ["thank you for the kind words about my garden,0,<i>women</i>"] * 60
    (tmp_path / "own.csv").write_text("\n".join(rows), encoding="utf-8")
    code = run(
        monkeypatch, "audit", "--data", "own.csv", "--text", "body", "--label", "toxic",
        "--group", "about", "--backend", "linear", "--review-budget", 0.3,
        "--target-precision", 0.9, "--pdf", "out/audit.pdf",
    )  # fmt: skip
    shown = capsys.readouterr()
    assert code == 0, shown.err
    assert "[b]men" in shown.out
    assert "\x1b" not in shown.out
    assert "review budget 0.3" in shown.out
    assert "insult_commenter" not in shown.out
    assert (tmp_path / "out" / "audit.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--backend", "perspective"), "SettingsError"),
        (("--data", "none.csv"), "SourceNotFoundError"),
        (("--backend", "linear", "--target-precision", "7"), "SettingsError"),
    ],
)
def test_mistakes_are_named(
    arguments: tuple[str, ...],
    word: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(monkeypatch, "audit", *arguments) == 2
    assert word in capsys.readouterr().err
