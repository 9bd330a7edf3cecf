from __future__ import annotations

import time

import pytest

from toolkit.analyzers.lexicon.quotes import quoted_spans


def quoted(text: str) -> list[str]:
    return [text[start:end] for start, end in quoted_spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("> They are thieves.\nI doubt it.", ["> They are thieves."]),
        ("> one\n> two\nmine", ["> one", "> two"]),
        ("&gt; old words\nmine", ["&gt; old words"]),
        ("[quote=Ana]their words[/quote] mine", ["[quote=Ana]their words[/quote]"]),
        ("<blockquote>their words</blockquote> mine", ["<blockquote>their words</blockquote>"]),
        ("[quote]a [quote]b[/quote] c[/quote] d", ["[quote]a [quote]b[/quote] c[/quote]"]),
        ('You wrote "the tide is always late" above.', ['"the tide is always late"']),
        ("You wrote “the tide is always late” above.", ["“the tide is always late”"]),
        ("You wrote «the tide is always late» above.", ["«the tide is always late»"]),
        ("You wrote ‘the tide isn’t always late’ above.", ["‘the tide isn’t always late’"]),
        ('He said "never" and left.', ['"never"']),
        ('"Never," said the mayor.', ['"Never,"']),
        ('The "experts" were wrong.', []),
        ("The ‘experts’ were wrong.", []),
        ("The boys' boat and the girls' boat are new.", []),
        ("It is 5' by 6' or 70\" wide and 80\" long at the end.", []),
        ('He never closed "the mark here\n\nand so it is mine.', []),
        ("[quote]never closed", []),
        ("[/quote] never opened", []),
        ("a > b and c > d", []),
        ("", []),
    ],
)
def test_what_counts_as_a_quotation(text: str, expected: list[str]) -> None:
    assert quoted(text) == expected


@pytest.mark.parametrize(
    "unit", ['"', "'", "‘", "> ", "[quote]", "<q>", '"a b c d', "' b", "”“", 'said "', "'a'a "]
)
def test_hostile_text_takes_linear_time(unit: str) -> None:
    text = unit * (60_000 // len(unit))
    begin = time.perf_counter()
    quoted_spans(text)
    assert time.perf_counter() - begin < 5
