from __future__ import annotations

from pathlib import Path

import pytest

from toolkit.errors import SettingsError
from toolkit.settings import Settings


def test_plain_settings_read_neither_file_nor_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOOLKIT_REPORTS", "elsewhere")
    (tmp_path / "toolkit.toml").write_text('reports = "in-file"\n')
    assert Settings().reports == Path("reports")


def test_flags_over_environment_over_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "toolkit.toml"
    file.write_text('reports = "from-file"\nlexicon = ["a.toml"]\n')
    assert Settings.load(file).reports == Path("from-file")
    monkeypatch.setenv("TOOLKIT_REPORTS", "from-environment")
    loaded = Settings.load(file)
    assert loaded.reports == Path("from-environment")
    assert loaded.lexicon == (Path("a.toml"),)
    assert Settings.load(file, reports=Path("from-flag"), lexicon=None) == Settings(
        reports=Path("from-flag"), lexicon=(Path("a.toml"),)
    )


def test_no_file_is_fine(tmp_path: Path) -> None:
    assert Settings.load(tmp_path / "none.toml") == Settings()


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("reports = ", "cannot be read"),
        ('no_such_setting = "x"\n', "no_such_setting"),
        ("toxicity = 3\n", "toxicity"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, text: str, word: str) -> None:
    file = tmp_path / "toolkit.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=word) as caught:
        Settings.load(file)
    assert "toolkit.toml" in str(caught.value) + caught.value.next_step


def test_a_bad_variable_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOOLKIT_LEXICON", "not json")
    with pytest.raises(SettingsError, match="lexicon"):
        Settings.load(tmp_path / "none.toml")


def test_settings_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().reports = Path("x")  # type: ignore[misc]
