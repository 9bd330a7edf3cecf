"""Normal forms: what text looks like before anything measures it."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Control characters have no place in prose and break PDF and terminals alike;
# tab and newline stay. C1 controls stand where a Windows encoding was misread.
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_LINE_ENDS: Final = re.compile(r"\r\n?|[\u2028\x85]")
# Tried only where a run begins: a long run in the middle of a line must not cost its square.
_TRAILING: Final = re.compile(r"(?<![ \t\u00a0])[ \t\u00a0]+$", re.MULTILINE)
_BLANK_RUN: Final = re.compile(r"\n{3,}")
_WHITE: Final = re.compile(r"\s+")


def clean(text: str) -> str:
    """NFC, unified line ends, no control characters, at most one blank line in a row.

    U+2029 (paragraph separator) becomes a blank line. Lone surrogates become
    U+FFFD, since they cannot be encoded and would fail far from their cause.
    """
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = _LINE_ENDS.sub("\n", text).replace("\u2029", "\n\n").replace("\ufeff", "")
    text = unicodedata.normalize("NFC", _CONTROLS.sub("", text))
    return _BLANK_RUN.sub("\n\n", _TRAILING.sub("", text)).strip("\n")


def collapse(text: str) -> str:
    """Every run of white space as one space, ends trimmed: for comparing."""
    return _WHITE.sub(" ", text).strip()


#: Letters that a keyboard or an editor swaps for their typographic forms. One
#: code point to one, so offsets in the folded text are offsets in the text.
_FOLD: Final = str.maketrans(
    {
        "\u2018": "'",
        "\u2019": "'",
        "\u201a": "'",
        "\u201b": "'",
        "\u02bc": "'",
        "\uff07": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u201e": '"',
        "\u201f": '"',
        "\u00ab": '"',
        "\u00bb": '"',
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
    }
)


def fold_quotes(text: str) -> str:
    """Straight quotes, plain hyphens and plain spaces; the length stays the same."""
    return text.translate(_FOLD)


def fold_case(text: str) -> str:
    """Lower case with the length kept: the one letter whose lower case is longer stays as it is.

    ``str.lower`` turns 'İ' into two code points, which would shift every offset behind it.
    """
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "İ".join(part.lower() for part in text.split("İ"))
