from __future__ import annotations

from pathlib import Path

import pytest

from toolkit.cli.lexicon import check, show
from toolkit.errors import LexiconError

SOUND = '[lexicon]\nlanguage = "en"\n[category.hedge]\nphrases = ["tide permitting"]\n'


@pytest.fixture(autouse=True)
def _wide_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


def test_a_sound_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "sound.toml"
    file.write_text(SOUND)
    check(file)
    out, err = capsys.readouterr()
    assert out == ""
    assert err == f"{file} is sound.\n"


def test_warnings_alone_do_not_fail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "slow.toml"
    file.write_text(SOUND + "[[category.hedge.entry]]\npattern = '[a-z]+ish'\n")
    check(file, alone=False)
    out, err = capsys.readouterr()
    assert out.startswith(f"{file}: warning: hedge, '[a-z]+ish': the pattern is tried on every")
    assert err == f"{file} is sound, with 1 warning.\n"


def test_errors_are_listed_and_fail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "broken.toml"
    file.write_text(SOUND + "[[category.hedge.entry]]\npattern = '(?=tide)x'\n")
    with pytest.raises(LexiconError, match="has 1 error") as caught:
        check(file)
    assert caught.value.exit_code == 2
    assert "exponential time" in capsys.readouterr().out


def test_a_file_below_can_be_named(tmp_path: Path) -> None:
    below, above = tmp_path / "below.toml", tmp_path / "above.toml"
    below.write_text(SOUND)
    above.write_text(SOUND.replace('phrases = ["tide', 'disable = ["tide'))
    check(above, [below])
    with pytest.raises(LexiconError, match="no entry of it"):
        check(above)


def test_show_all_categories(capsys: pytest.CaptureFixture[str]) -> None:
    show()
    out = capsys.readouterr().out
    assert "minimizing" in out
    assert "constructive" in out


def test_show_one_category(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "sound.toml"
    file.write_text(SOUND)
    show("hedge", [file])
    out = capsys.readouterr().out
    assert "tide permitting" in out
    assert "[a|the]" not in out


def test_show_an_unknown_category() -> None:
    with pytest.raises(LexiconError, match="no category is called 'hedges'") as caught:
        show("hedges")
    assert "minimizing" in caught.value.next_step
