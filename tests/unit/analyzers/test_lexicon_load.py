from __future__ import annotations

from pathlib import Path

import pytest

from toolkit.analyzers.lexicon import BUILT_IN_FOLDER, load
from toolkit.analyzers.rhetoric import RhetoricAnalyzer
from toolkit.errors import LexiconError

NEW_CATEGORY = """
[lexicon]
language = "en"

[category.sailing_term]
family = "neutral"
definition = "Words of the harbour."
nouns = ["dinghy"]
"""


def write(folder: Path, text: str, name: str = "mine.toml") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


def categories(text: str, *files: Path) -> set[tuple[str, str]]:
    analyzer = RhetoricAnalyzer(load(files))
    return {(m.category, text[m.start : m.end]) for m in analyzer.markers(text, "en")}


def test_a_file_adds_a_category(tmp_path: Path) -> None:
    file = write(tmp_path, NEW_CATEGORY)
    assert ("sailing_term", "dinghies") in categories("Two dinghies sank.", file)
    names = [metric.name for metric in RhetoricAnalyzer(load([file])).metrics]
    assert "sailing_term_per_100_words" in names


def test_a_file_adds_to_a_category_and_disables_in_it(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        '[lexicon]\nlanguage = "en"\n[category.minimizing]\n'
        'phrases = ["a wee"]\ndisable = ["merely"]\n',
    )
    found = categories("It is merely a wee boat.", file)
    assert ("minimizing", "a wee") in found
    assert ("minimizing", "merely") not in found
    assert ("minimizing", "merely") in categories("It is merely a wee boat.")


def test_an_entry_of_the_same_id_replaces_the_built_in_one(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        '[lexicon]\nlanguage = "en"\n[[category.loaded_label.entry]]\n'
        'phrase = "strongman"\nnot_after = ["circus"]\n',
    )
    assert ("loaded_label", "strongman") in categories("A strongman rules.", file)
    assert ("loaded_label", "strongmen") not in categories("Strongmen rule.", file)
    assert ("loaded_label", "strongman") not in categories("The circus strongman left.", file)


def test_later_files_win(tmp_path: Path) -> None:
    one = write(tmp_path, NEW_CATEGORY, "one.toml")
    two = write(
        tmp_path,
        '[lexicon]\nlanguage = "en"\n[category.sailing_term]\ndisable = ["dinghy"]\n',
        "two.toml",
    )
    assert "sailing_term" not in {category for category, _ in categories("A dinghy.", one, two)}
    with pytest.raises(LexiconError, match="disables 'dinghy', which is no entry"):
        load([one, two, two])


def test_the_version_follows_the_words(tmp_path: Path) -> None:
    plain = RhetoricAnalyzer()
    other = RhetoricAnalyzer(load([write(tmp_path, NEW_CATEGORY)]))
    assert plain.version == RhetoricAnalyzer().version
    assert plain.version != other.version


def test_another_language_has_its_own_entries(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        '[lexicon]\nlanguage = "de"\n[category.hedge]\nphrases = ["vielleicht"]\n',
    )
    analyzer = RhetoricAnalyzer(load([file]))
    assert [m.category for m in analyzer.markers("Vielleicht perhaps morgen.", "de")] == ["hedge"]
    assert analyzer.markers("Vielleicht morgen.", "en") == []
    assert analyzer.markers("Vielleicht morgen.", "fr") == []


def test_entries_for_any_language(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        '[lexicon]\nlanguage = "*"\n[category.irony_marker]\nphrases = ["\\U0001F92A"]\n',
    )
    analyzer = RhetoricAnalyzer(load([file]))
    assert [m.category for m in analyzer.markers("Well \U0001f92a", "en")] == ["irony_marker"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[lexicon", "cannot be read as TOML"),
        ("", "lexicon"),
        ('[lexicon]\nlanguage = "en"\n', "category"),
        ('[lexicon]\nlanguage = "english language"\n[category.hedge]\n', "lexicon.language"),
        ('[lexicon]\nlanguage = "en"\nowner = "x"\n[category.hedge]\n', "no such field"),
        ('[lexicon]\nlanguage = "en"\n[category.hedge]\nwords = ["x"]\n', "no such field"),
        ('[lexicon]\nlanguage = "en"\n[category."a b"]\nphrases = ["x"]\n', "a b"),
        ('[lexicon]\nlanguage = "en"\n[category.hedge]\nphrases = [""]\n', "phrases.0"),
        ('[lexicon]\nlanguage = "en"\n[category.hedge]\nphrases = ["x", "x"]\n', "'x' twice"),
        ('[lexicon]\nlanguage = "en"\n[category.hedge]\nphrases = ["x (y"]\n', "'x \\(y'"),
        ('[lexicon]\nlanguage = "en"\n[category.mine]\nphrases = ["x"]\n', "no definition"),
        ('[lexicon]\nlanguage = "en"\n[[category.hedge.entry]]\nnot_after = ["x"]\n', "either"),
        (
            '[lexicon]\nlanguage = "en"\n[[category.hedge.entry]]\nphrase = "x"\nbefor = ["y"]\n',
            "entry 'x'.*no such field",
        ),
        (
            '[lexicon]\nlanguage = "en"\n[[category.hedge.entry]]\nphrase = "x"\nraw = true\n',
            "belong to a pattern",
        ),
        (
            '[lexicon]\nlanguage = "en"\n[[category.hedge.entry]]\npattern = "x"\nforms = ["y"]\n',
            "belong to a phrase",
        ),
        (
            '[lexicon]\nlanguage = "en"\n[category.hedge]\n'
            'examples = [{ text = "a b", span = "c" }]\n',
            "does not stand in the example",
        ),
    ],
)
def test_a_file_that_does_not_hold_together(tmp_path: Path, text: str, message: str) -> None:
    file = write(tmp_path, text)
    with pytest.raises(LexiconError, match=message) as caught:
        load([file])
    assert str(file) in str(caught.value)
    assert caught.value.next_step


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(LexiconError, match="no lexicon file"):
        load([tmp_path / "missing.toml"])
    with pytest.raises(LexiconError, match="cannot be read"):
        load([tmp_path])
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LexiconError, match="cannot be read"):
        load([binary])


def test_a_category_cannot_take_the_name_of_a_total(tmp_path: Path) -> None:
    text = NEW_CATEGORY.replace("sailing_term", "total")
    with pytest.raises(LexiconError, match="'total'"):
        RhetoricAnalyzer(load([write(tmp_path, text)]))


def test_the_built_in_lexicons_are_one_to_a_family_of_devices() -> None:
    assert len(list(BUILT_IN_FOLDER.glob("*.toml"))) >= 5
    assert load() is load()


GUARDED = """
[lexicon]
language = "en"

[category.harbour]
family = "neutral"
definition = "Words of the harbour."

[[category.harbour.entry]]
pattern = "bo[ao]ts?"
case = "lower"

[[category.harbour.entry]]
phrase = "Port"
case = "exact"

[[category.harbour.entry]]
phrase = "pier"
case = "not_upper"

[[category.harbour.entry]]
phrase = "quay"
case = "upper"

[[category.harbour.entry]]
phrase = "mole"
case = "title"

[[category.harbour.entry]]
phrase = "buoy"
after = ["^", "red"]
not_before = ["$", "#"]

[[category.harbour.entry]]
phrase = "tide"
sentence_has = ["low"]
sentence_lacks = ["soap"]

[[category.harbour.entry]]
phrase = "lock"
sentence_ends = "?"

[[category.harbour.entry]]
pattern = "(?:old|new) (dock) (?:yard|gate)"
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a boat, two boots, a BOAT, a Boat", ["boat", "boots"]),
        ("Port and port and PORT", ["Port"]),
        ("pier Pier PIER", ["pier", "Pier"]),
        ("quay Quay QUAY", ["QUAY"]),
        ("mole Mole", ["Mole"]),
        ("Buoy ahead. The buoy here. A red buoy here. Buoy 7. A red buoy.", ["Buoy", "buoy"]),
        ("The tide is low. The tide is high. Low tide with soap.", ["tide"]),
        ("Is it a lock? It is a lock. A lock?! A lock!?", ["lock", "lock", "lock"]),
        ("old dock yard, new dock gate, old dock, dock gate", ["dock", "dock"]),
    ],
)
def test_guards(tmp_path: Path, text: str, expected: list[str]) -> None:
    analyzer = RhetoricAnalyzer(load([write(tmp_path, GUARDED)], built_in=False))
    assert [text[m.start : m.end] for m in analyzer.markers(text, "en")] == expected


def test_guards_of_many_words_are_checked_at_each_hit(tmp_path: Path) -> None:
    """The same guard over more forms than are worth a needle each gives the same answer."""
    many = ", ".join(f'"filler{number}"' for number in range(1200))
    text = GUARDED.replace('not_before = ["$", "#"]', f'not_before = ["$", "#", {many}]')
    analyzer = RhetoricAnalyzer(load([write(tmp_path, text)], built_in=False))
    sample = "Buoy ahead. The buoy here. A red buoy here. Buoy 7. A red buoy."
    assert [sample[m.start : m.end] for m in analyzer.markers(sample, "en")] == ["Buoy", "buoy"]
