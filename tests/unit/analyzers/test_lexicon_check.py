from __future__ import annotations

from pathlib import Path

import pytest

from toolkit.analyzers.lexicon import BUILT_IN_FOLDER, load
from toolkit.analyzers.lexicon.check import check
from toolkit.errors import LexiconError

HEAD = '[lexicon]\nlanguage = "en"\n'


BELOW = (
    "[category.hedge]\nfamily='neutral'\ndefinition='Hedges.'\nphrases=['perhaps', 'in my view']\n"
)


def problems(folder: Path, body: str) -> list[str]:
    below = folder / "below.toml"
    below.write_text(HEAD + BELOW, encoding="utf-8")
    file = folder / "mine.toml"
    file.write_text(HEAD + body, encoding="utf-8")
    return [str(problem) for problem in check(file, over=[below], built_in=False)]


@pytest.mark.parametrize("file", sorted(BUILT_IN_FOLDER.glob("*.toml")), ids=lambda f: f.stem)
def test_the_built_in_lexicons_have_no_problem(file: Path) -> None:
    """Every example is marked at its span, every counter-example is not, no entry is doubled."""
    assert check(file) == []


def test_every_built_in_category_is_described() -> None:
    for category in load().categories.values():
        assert category.definition.endswith("."), category.name
        assert any(digit in category.source for digit in "12"), category.name
        assert len(category.examples) >= 3, category.name
        assert len(category.counter_examples) >= 3, category.name
        assert len(list(load().of(category.name))) >= 10, category.name
    assert len(load().entries) >= 1500


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("[[category.hedge.entry]]\npattern = '(?<=a )boat'\n", "exponential"),
        ("[[category.hedge.entry]]\npattern = '(a)boat\\1'\n", "exponential"),
        ("[[category.hedge.entry]]\npattern = '(boat'\n", "does not compile"),
        ("[[category.hedge.entry]]\npattern = '(?:boat){1000000}'\n", "does not compile"),
        ("[[category.hedge.entry]]\npattern = '(?:boat)*'\n", "empty string"),
        ("[[category.hedge.entry]]\npattern = 'Boat yard'\n", "can never match"),
        ("[[category.hedge.entry]]\npattern = '(b)(o)atyard'\n", "more than one group"),
        ("[[category.hedge.entry]]\npattern = '[a-z]+'\n", "tried on every text"),
        ("[[category.hedge.entry]]\nphrase = 'boat'\nbefore = ['^']\n", "no meaning in before"),
        ("[[category.hedge.entry]]\nphrase = 'boat'\nnot_after = ['\u200b']\n", "not be found"),
        (
            "[[category.hedge.entry]]\nphrase = 'boat'\nafter = ['a']\nnot_after = ['a']\n",
            "both in after and in not_after",
        ),
        ("[category.hedge]\nphrases = ['\u200b\u200b']\n", "holds no letter"),
        ("[category.hedge]\nphrases = ['well (known|met)', 'well-known']\n", "forms are also in"),
        ("[category.hedge]\nphrases = ['in my (view|eyes)']\n", "'in my view' (below)"),
        (
            "[category.hedge]\nexamples = [{ text = 'A boat.', span = 'boat' }]\n",
            "is not marked at 'boat'",
        ),
        ("[category.hedge]\ncounter_examples = ['Perhaps a boat.']\n", "is marked at ['Perhaps']"),
        (
            "[[category.hedge.entry]]\nphrase = 'boat'\ncounter = ['A boat sank.']\n",
            "is marked by it",
        ),
    ],
)
def test_each_fault_is_named(tmp_path: Path, body: str, expected: str) -> None:
    found = problems(tmp_path, body)
    assert any(expected in problem for problem in found), found


def test_a_sound_file_has_no_problem(tmp_path: Path) -> None:
    assert (
        problems(
            tmp_path,
            "[category.hedge]\nphrases = ['if the tide allows']\n"
            "examples = [{ text = 'We sail if the tide allows.', span = 'if the tide allows' }]\n",
        )
        == []
    )


def test_an_entry_that_needs_files_below_it(tmp_path: Path) -> None:
    below = tmp_path / "below.toml"
    below.write_text(
        HEAD + "[category.harbour]\nfamily='neutral'\ndefinition='Boats.'\nphrases=['dinghy']\n"
    )
    above = tmp_path / "above.toml"
    above.write_text(HEAD + "[category.harbour]\ndisable=['dinghy']\n")
    assert check(above, over=[below]) == []
    with pytest.raises(LexiconError, match="no definition"):
        check(above)
