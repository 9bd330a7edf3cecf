from __future__ import annotations

import pytest

from toolkit.reporting import fonts
from toolkit.reporting.escape import (
    LONG_WORD,
    Replacements,
    Run,
    Span,
    display,
    has_rtl,
    is_rtl,
    plain,
    shorten,
)


def runs(text: str, *spans: Span) -> list[Run]:
    return [run for paragraph in display(text, spans) for run in paragraph.runs]


def test_plain_text_is_one_run_a_line() -> None:
    paragraphs = display("One.\n\nTwo.")
    assert [p.runs for p in paragraphs] == [(Run("One."),), (), (Run("Two."),)]


def test_no_text_is_no_paragraph() -> None:
    assert display("") == ()
    assert display(" \n \n") == ()


def test_spans_part_the_text_where_they_begin_and_end() -> None:
    found = runs("nothing more than a gift", Span(0, 17, "r"), Span(8, 24, "t"))
    assert found == [
        Run("nothing ", marks=("r",)),
        Run("more than", marks=("r", "t")),
        Run(" a gift", marks=("t",)),
    ]


def test_the_outer_span_comes_first() -> None:
    assert runs("abc", Span(1, 2, "inner"), Span(0, 3, "outer"))[1].marks == ("outer", "inner")


def test_spans_may_nest_repeat_and_reach_over_the_end() -> None:
    found = runs("abcdef", Span(0, 99, "a"), Span(2, 4, "a"), Span(3, 3, "b"), Span(9, 12, "c"))
    assert "".join(run.text for run in found) == "abcdef"
    assert all(run.marks == ("a",) for run in found)


def test_a_span_takes_the_marks_on_its_last_letter() -> None:
    found = runs("cafe\u0301s", Span(0, 4, "x"))
    assert found == [Run("cafe\u0301", marks=("x",)), Run("s")]


def test_a_span_goes_on_over_a_line_end() -> None:
    paragraphs = display("one\ntwo", [Span(2, 5, "x")])
    assert paragraphs[0].runs == (Run("on"), Run("e", marks=("x",)))
    assert paragraphs[1].runs == (Run("t", marks=("x",)), Run("wo"))


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("a\u202eb", "RLO"),
        ("a\u2066\u2066\u2066b", "LRI × 3"),
        ("a\x07b", "U+0007"),
        ("a" + "\u200b" * 500 + "b", "500 invisible characters"),
        ("a" + " " * 40 + "b", "40 spaces"),
        ("a" + "\n" * 40 + "b", "40 line breaks"),
        ("e" + "\u0301" * 9 + "b", "+5 marks"),
        ("a" + "\U00013000" * 5 + "b", "5 characters, Egyptian"),
    ],
)
def test_what_hides_text_becomes_a_label(text: str, label: str) -> None:
    chips = [run.text for run in runs(text) if run.kind == "chip"]
    assert chips == [label]
    assert runs(text)[-1].text.endswith("b")


@pytest.mark.parametrize(
    "text",
    ["می\u200cگوید", "a\u200bb", "👩\u200d👩\u200d👧", "\u200fשלום", "1\ufe0f\u20e3", "co\u00adop",
     "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"],
)  # fmt: skip
def test_what_shapes_text_stays(text: str) -> None:
    assert runs(text) == [Run(text)]


def test_a_character_without_a_font_is_replaced_and_noted() -> None:
    replacements = Replacements()
    [paragraph] = display("one \U00013000 two \ue000", replacements=replacements)
    assert [run.text for run in paragraph.runs] == ["one \ufffd two \ufffd"]
    assert replacements.by_script() == [
        ("Egyptian", 1, "U+13000"),
        ("Unnamed", 1, "U+E000"),
    ]


def test_banned_characters_are_replaced_like_any_other() -> None:
    replacements = Replacements(banned=frozenset("z"))
    [paragraph] = display("fizz", replacements=replacements)
    assert paragraph.runs == (Run("fi\ufffd\ufffd"),)
    assert replacements.by_script() == [("Latin", 1, "U+007A")]


def test_a_lone_surrogate_becomes_the_replacement_character() -> None:
    assert runs("a\ud83db") == [Run("a\ufffdb")]


def test_a_long_word_may_break_and_a_short_one_may_not() -> None:
    long = runs("x" * (LONG_WORD + 1))[0].text
    assert "\u200b" in long
    assert long.replace("\u200b", "") == "x" * (LONG_WORD + 1)
    assert runs("x" * LONG_WORD)[0].text == "x" * LONG_WORD


def test_a_long_word_may_break_across_marked_pieces() -> None:
    text = "y" * 60
    marked = runs(text, *(Span(n, n + 2, f"m{n}") for n in range(0, 60, 4)))
    joined = "".join(run.text for run in marked)
    assert joined.replace("\u200b", "") == text
    assert max(map(len, joined.split("\u200b"))) <= 6


def test_direction_is_that_of_the_first_strong_letter() -> None:
    assert is_rtl("«سلام» hello")
    assert not is_rtl("12 hello سلام")
    assert not is_rtl("123")
    assert [p.rtl for p in display("سلام\nhello")] == [True, False]
    assert has_rtl("hello سلام")
    assert not has_rtl("héllo")


def test_plain_is_one_line() -> None:
    assert plain("a\u202eb\n\nc") == "a‹RLO›b c"


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("short", 5, "short"),
        ("one two three", 9, "one two…"),
        ("x" * 20, 5, "xxxxx…"),
        ("漢字仮名交じり", 8, "漢字仮名…"),
        ("e\u0301" * 10, 3, "e\u0301" * 3 + "…"),
        ("ends, here and there", 8, "ends…"),
        ("  white \n space ", 20, "white space"),
    ],
)
def test_shorten(text: str, limit: int, shown: str) -> None:
    assert shorten(text, limit) == shown


def test_the_quick_way_takes_only_letters_of_the_body_font() -> None:
    """Plain text skips the look at the fonts, so the body font must hold all of it."""
    from toolkit.reporting.escape import _PLAIN

    family, font = fonts._opened()[0]
    assert family == fonts.BODY
    quick = [c for c in map(chr, range(0x10000)) if not "\ud800" <= c <= "\udfff"]
    quick = [c for c in quick if c != "\n" and _PLAIN.fullmatch(c)]
    assert len(quick) > 350
    assert [c for c in quick if not font.get_char_index(ord(c))] == []
