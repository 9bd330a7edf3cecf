"""The cue table: complete, comparable, documented."""

from __future__ import annotations

import re
import tomllib
from importlib import resources
from pathlib import Path

import pytest

from toolkit.parsing.cues import cue_key, load_cues

ROOT = Path(__file__).resolve().parents[3]
TEXT = resources.files("toolkit.parsing").joinpath("cues.toml").read_text(encoding="utf-8")
LANGUAGES = tomllib.loads(TEXT)["languages"]


def test_all_fourteen_languages_and_english_have_every_key() -> None:
    assert set(LANGUAGES) == {
        "en", "es", "fr", "de", "it", "pt", "nl", "pl", "ru", "ar", "fa", "tr", "zh-CN", "zh-TW",
        "ja",
    }  # fmt: skip
    keys = set(LANGUAGES["en"])
    described = set(re.findall(r"^#   ([a-z_]{2,}) +[a-z\"]", TEXT, re.MULTILINE))
    assert keys - {"name"} == described
    for language, table in LANGUAGES.items():
        assert set(table) == keys, language


def test_cues_are_written_as_they_are_compared() -> None:
    for language, table in LANGUAGES.items():
        for kind, cues in table.items():
            if kind in {"name", "numbers"}:
                continue
            assert len(cues) == len(set(cues)), (language, kind)
            for cue in cues:
                assert cue == cue.lower() or language == "tr", (language, cue)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_count_heading_is_read(language: str) -> None:
    cues = load_cues()
    for cue in LANGUAGES[language]["count"]:
        line = cue.replace("{n}", "37").replace("{t}", "“Titel und Worte”")
        counted = cues.count(line)
        assert counted is not None, line
        assert counted.count == 37
        if "{t}" in cue:
            assert counted.title == "Titel und Worte", line


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_whole_line_is_known_by_its_kind(language: str) -> None:
    cues = load_cues()
    for kind in ("open", "none", "closed", "form", "after", "sidebar", "furniture", "pingback"):
        for cue in LANGUAGES[language][kind]:
            line = re.sub(r"\{\w+\}", "3", cue)
            line = line.replace("*:", ":").replace(":*", ": x").replace(" *", " *")
            if line.endswith("*") and not line.endswith(" *"):
                line = line[:-1] + " etwas"
            line = line.replace("*", "*" if line.endswith(" *") else " ")
            if not cue_key(line):
                continue
            assert kind in cues.kinds(line), (cue, line)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_button_is_filler(language: str) -> None:
    cues = load_cues()
    for kind in ("controls", "badges", "avatar"):
        for cue in LANGUAGES[language][kind]:
            line = cue.replace("{n}", "12")
            assert cues.is_controls(line) or kind in cues.kinds(line), cue


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_names_the_person(language: str) -> None:
    cues = load_cues()
    for cue in LANGUAGES[language]["reply_to"]:
        line = cue.replace("{who}", "Marta Quill").replace("{t}", "Ein Titel")
        assert cues.reply_to(line) == "Marta Quill", line


@pytest.mark.parametrize(
    ("line", "count", "title"),
    [
        ("One thought on “Iran cares", 1, "Iran cares"),
        ("One thought on “10 reasons”", 1, "10 reasons"),
        ("{ 38 comments… read them below or add one }", 38, None),
        ("1,234 Comments", 1234, None),
        ("1.977 commentaires", 1977, None),
        ("1.2k Comments", 1200, None),
        ("Comments (12):", 12, None),
        ("۱۲ دیدگاه", 12, None),
        ("٣ تعليقات", 3, None),
        ("Ein Gedanke zu „Über uns“", 1, "Über uns"),
        ("Due pensieri su “Titolo”", 2, "Titolo"),
        ("コメント（3）", 3, None),
        ("《标题》有3个想法", 3, "标题"),
        ("Заголовок: 5 комментариев", 5, "Заголовок"),
        ("No Comments", 0, None),
    ],
)
def test_counts(line: str, count: int, title: str | None) -> None:
    counted = load_cues().count(line)
    assert counted is not None
    assert (counted.count, counted.title) == (count, title)


@pytest.mark.parametrize(
    "line", ["The board received 312 comments on its plan.", "12 people came", "", "Comments", "3"]
)
def test_no_counts(line: str) -> None:
    assert load_cues().count(line) is None


def test_a_name_keeps_its_apostrophe() -> None:
    assert load_cues().reply_to("In reply to O'Neil") == "O'Neil"
    assert load_cues().reply_to("In reply to @marta") == "marta"


def test_keys_ignore_what_pages_print_differently() -> None:
    assert cue_key("Reply ↓") == cue_key("[Reply]") == "reply"
    assert cue_key("دیدگاه‌ها") == cue_key("دیدگاه\u200cها:")
    assert cue_key("كتاب") == cue_key("کتاب")
    assert cue_key("Share ›") == "share"
    assert cue_key("٣") == "3"


@pytest.mark.parametrize(
    ("parser", "page", "least"),
    [("plain", "pages-as-text.md", 9), ("html", "pages-as-html.md", 10)],
)
def test_every_warning_of_a_parser_is_documented(parser: str, page: str, least: int) -> None:
    source = (ROOT / "toolkit" / "parsing" / parser / "__init__.py").read_text(encoding="utf-8")
    codes = set(re.findall(r'warn\(\s*"([a-z_]+)"', source))
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `([a-z_]+)` \|", text, re.MULTILINE))
    assert codes == documented
    assert len(codes) >= least
