"""From one written entry to the word forms it stands for.

``(a|b)`` is a choice, ``[a]`` may be left out, ``[a|b]`` both; a bracket is
written with a backslash where it is meant itself. English inflection follows
the regular spelling rules (Quirk et al. 1985, A Comprehensive Grammar of the
English Language, 3.5-3.10 and 5.79-5.80); irregular forms stand in the entry.
"""

from __future__ import annotations

from typing import Final

#: An entry that stands for more forms than this is better split, or a pattern.
MAX_FORMS: Final = 1000
MAX_BRACKETS: Final = 16

_VOWELS: Final = "aeiou"


def expand(template: str) -> list[str]:
    """All phrases that ``template`` stands for, white space collapsed.

    Raises ValueError for brackets that do not close, an empty choice, or more
    than MAX_FORMS phrases.
    """
    if template.count("(") + template.count("[") > MAX_BRACKETS:
        raise ValueError(f"it has more than {MAX_BRACKETS} brackets")
    forms, rest = _sequence(template, 0, "")
    if rest != len(template):
        raise ValueError(f"{template[rest]!r} closes a bracket that was not opened")
    phrases = list(dict.fromkeys(" ".join(form.split()) for form in forms))
    if "" in phrases:
        raise ValueError("it can stand for nothing at all")
    return phrases


def _sequence(template: str, at: int, closing: str) -> tuple[list[str], int]:
    """Phrases up to an unpaired ``closing`` or ``|``; gives the position of that sign."""
    forms = [""]
    while at < len(template):
        sign = template[at]
        if sign == "\\" and at + 1 < len(template):
            parts, at = [template[at + 1]], at + 2
        elif sign in "([":
            parts, at = _choice(template, at)
        elif sign in ")]" or (sign == "|" and closing):
            return forms, at
        else:
            parts, at = [sign], at + 1
        forms = [form + part for form in forms for part in parts]
        if len(forms) > MAX_FORMS:
            raise ValueError(f"it stands for more than {MAX_FORMS} phrases")
    return forms, at


def _choice(template: str, at: int) -> tuple[list[str], int]:
    closing = ")" if template[at] == "(" else "]"
    parts = [""] if closing == "]" else []
    while True:
        found, at = _sequence(template, at + 1, closing)
        parts += found
        if at >= len(template):
            raise ValueError(f"a bracket is not closed by {closing!r}")
        if template[at] == closing:
            return parts, at + 1
        if template[at] != "|":
            raise ValueError(f"{template[at]!r} closes a bracket that opened otherwise")


def inflect(phrase: str, kind: str | None) -> list[str]:
    """``phrase`` and its regular forms.

    ``noun``: the plural of the last word. ``verb``: -s, -ed and -ing of the
    first word. ``adjective``: -er and -est of the last word. None: itself.
    """
    words = phrase.split(" ")
    match kind:
        case "noun":
            last = [words[-1], _plural(words[-1])]
            return [" ".join([*words[:-1], word]) for word in last]
        case "verb":
            return [" ".join([word, *words[1:]]) for word in _verb(words[0])]
        case "adjective":
            return [" ".join([*words[:-1], word]) for word in _compared(words[-1])]
        case _:
            return [phrase]


def _plural(word: str) -> str:
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return word + "es"
    if word.endswith("y") and word[-2:-1] not in _VOWELS:
        return word[:-1] + "ies"
    return word + "s"


def _verb(word: str) -> list[str]:
    third = _plural(word) if not word.endswith("o") else word + "es"
    if word.endswith("ie"):
        return [word, third, word + "d", word[:-2] + "ying"]
    if word.endswith("ee"):
        return [word, third, word + "d", word + "ing"]
    if word.endswith("e"):
        return [word, third, word + "d", word[:-1] + "ing"]
    if word.endswith("y") and word[-2:-1] not in _VOWELS:
        return [word, third, word[:-1] + "ied", word + "ing"]
    stem = word + word[-1] if _doubles(word) else word
    return [word, third, stem + "ed", stem + "ing"]


def _compared(word: str) -> list[str]:
    if word.endswith("e"):
        return [word, word + "r", word + "st"]
    if word.endswith("y") and word[-2:-1] not in _VOWELS:
        return [word, word[:-1] + "ier", word[:-1] + "iest"]
    stem = word + word[-1] if _doubles(word) else word
    return [word, stem + "er", stem + "est"]


def _doubles(word: str) -> bool:
    """One syllable that ends in one vowel and one consonant: stop, stopped."""
    vowels = sum(letter in _VOWELS for letter in word)
    return len(word) > 2 and vowels == 1 and word[-2] in _VOWELS and word[-1] not in _VOWELS + "wxy"
