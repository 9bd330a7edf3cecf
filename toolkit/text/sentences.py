r"""Sentences as offsets.

Own rules rather than a library, for these measured reasons: sentencex 1.0.32,
fast and good otherwise, aborts with a panic on some text (U+2029 between
letters and stops), breaks ``Dr. Who`` and ``www.Example.Com``, and breaks
``\r\n`` in two; pysbd 0.3.4 splits some 1,300 comments of 200 characters a
second and has had no release since 2021; nupunkt 0.8 knows neither ``؟`` nor
``。``. Comments are hostile text, so the splitter must take any string. This one
splits about 25,000 such comments a second on one core.

What ends a sentence:

* a paragraph break, always; a line end before a list item, after a quoted
  (``>``) line, or after a short line when the next starts with a capital;
* ``. ! ? …`` by the word before and the letter after (abbreviations,
  initials, decimals, addresses, ordinals and list numbers do not count);
* the full stops of scripts where they mean nothing else (``。！？؟۔।။។።``).

Closing quotes, brackets and emoji after the stop belong to the sentence. A
quotation of several sentences inside a sentence that goes on after it stays
whole. Not told: sentences that only an emoji or nothing at all separates, and
Thai, which has no full stop (there a paragraph is one sentence).
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

import regex

from toolkit.text.abbreviations import Abbreviations, abbreviations

# Full stops that stand for nothing else: Arabic question mark, Urdu stop,
# danda, Armenian, Ethiopic, Khmer, Burmese, CJK and full-width forms.
_PLAIN: Final = (
    "\u061f\u06d4\u0964\u0965\u0589\u1362\u1367\u17d4\u17d5\u104b"
    "\u3002\uff01\uff1f\uff61\u203c\u2047\u2048\u2049"
)
_CLOSERS: Final = r"\"'”’»›)\]}」』》〉】）〕*_"

_PARAGRAPH: Final = regex.compile(r"(?:[^\S\n\r]*(?:\r\n?|\n|\x85|\u2028)){2,}|\u2029|\x0c")
_LINE_END: Final = regex.compile(r"\r\n?|[\n\x85\u2028\x0b]")
_LIST_ITEM: Final = regex.compile(r"[^\S\n\r]*(?:[-*•·–—▪◦‣]\s|\(?\d{1,3}[.)]\s|\(?[a-z]\)\s|>)")
#: A hard-wrapped line is longer than this; a shorter one ended where its writer ended it.
_SHORT_LINE: Final = 60

_IN_ADDRESS: Final = regex.compile(
    r"://|www\.|@|\.(?:com|org|net|edu|gov|info|io|tv|uk)[/?]", regex.IGNORECASE
)
_DOMAIN_END: Final = regex.compile(r"(?:com|org|net|edu|gov|info|io|tv|co\.uk)\b", regex.IGNORECASE)
#: How far back from a stop the beginning of a web address is looked for.
_LONGEST_ADDRESS: Final = 300
_STOP: Final = regex.compile(
    rf"(?P<stop>[.!?…{_PLAIN};]+(?:[^\S\n\r][.!?]+)*)"
    rf"(?P<close>[{_CLOSERS}]*(?:\s*(?:[\p{{Extended_Pictographic}}\u200d\ufe0f\U0001f3fb-\U0001f3ff]"
    rf"|[:;=]['\-]?[()DPpOo|/\\](?!\w)|<3))*)"
)
_WORD_BEFORE: Final = regex.compile(
    r"[\p{L}\p{M}\p{N}](?:[\p{L}\p{M}\p{N}]|[.'’\-](?=[\p{L}\p{M}\p{N}]))*+\Z"
)
_NEXT_WORD: Final = regex.compile(r"[\"'“”‘’«»(\[¿¡]*([\p{L}\p{M}'’]+)")
_OPENERS: Final = "\"'“”‘’«»„([{「『《〈【（¿¡#@*_"
_DOTTED: Final = regex.compile(r"(?:\p{L}{1,2}\.)+\p{L}{1,2}")
_VOWELLESS: Final = regex.compile(r"[b-df-hj-np-tv-xz]{2,5}")
_PAIRS: Final = {
    "“": "”", "„": "“”", "«": "»", "(": ")", "[": "]",
    "「": "」", "『": "』", "（": "）", "《": "》", '"': '"',
}  # fmt: skip
_ASIDE: Final = regex.compile(r"[“„«(\[「『（《]|(?<![\p{L}\p{M}\p{N}])\"")
# Abbreviations that far more often end a sentence than stand inside one.
_AND_SO_ON: Final = frozenset(
    ["etc", "usw", "uvm", "ecc", "enz", "osv", "itd", "itp", "atd", "atď", "jne", "stb", "vb",
     "dll"]
)  # fmt: skip
#: A quotation longer than this is split like any text.
_LONGEST_ASIDE: Final = 200


def sentence_spans(text: str, language: str | None = None) -> list[tuple[int, int]]:
    """``(start, end)`` of each sentence, white space at the ends left out.

    ``language`` is a BCP 47 tag and chooses the abbreviations; None and
    ``und`` mean English. The spans are in order, do not overlap, and hold
    every character of ``text`` that is not white space. Any string is
    accepted; one without a letter is one sentence per paragraph.
    """
    known = abbreviations(language)
    greek = language is not None and language[:2].lower() == "el"
    spans: list[tuple[int, int]] = []
    start = 0
    for block_end, next_start in [*(m.span() for m in _PARAGRAPH.finditer(text)), (len(text),) * 2]:
        for line_start, line_end in _line_groups(text, start, block_end):
            _split(text, line_start, line_end, known, greek, spans)
        start = next_start
    return spans


def _line_groups(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Lines of one paragraph, joined where the writer did not end a sentence."""
    groups: list[tuple[int, int]] = []
    group_start = line_start = start
    for match in _LINE_END.finditer(text, start, end):
        cut, after = match.span()
        line = text[line_start:cut].strip()
        following = text[after : after + 80].lstrip()
        starts_anew = following[:1].isupper() or (
            following[:1] in _OPENERS and following[1:2].isupper()
        )
        if (
            _LIST_ITEM.match(text, after, end)
            or (line[:1] == ">" and following[:1] != ">")
            or (0 < len(line) < _SHORT_LINE and line[-1] not in ",;" and starts_anew)
        ):
            groups.append((group_start, cut))
            group_start = after
        line_start = after
    groups.append((group_start, end))
    return groups


def _split(
    text: str,
    start: int,
    end: int,
    known: Abbreviations,
    greek: bool,
    spans: list[tuple[int, int]],
) -> None:
    asides: list[tuple[int, int]] | None = None
    for match in _STOP.finditer(text, start, end):
        stop, after = match.start(), match.end()
        if after >= end:
            break
        if not _ends(text, start, match, end, known, greek):
            continue
        if asides is None:
            asides = _asides(text, start, end)
        # The last aside that opens before the stop; they do not overlap.
        place = bisect_left(asides, (stop, 0)) - 1
        if place >= 0 and after <= asides[place][1]:
            continue
        if _push(text, start, after, spans):
            start = after
    _push(text, start, end, spans)


def _push(text: str, start: int, end: int, spans: list[tuple[int, int]]) -> bool:
    piece = text[start:end]
    bare = piece.strip()
    if not bare:
        return False
    low = start + len(piece) - len(piece.lstrip())
    spans.append((low, low + len(bare)))
    return True


def _ends(
    text: str,
    start: int,
    match: regex.Match[str],
    end: int,
    known: Abbreviations,
    greek: bool,
) -> bool:
    """Whether the stop that ``match`` found ends a sentence that began at ``start``."""
    stop: str = match["stop"]
    position, after = match.start(), match.end()
    if ";" in stop:
        stop = stop if greek else stop.replace(";", "")
        if not stop:
            return False
    following = after
    while following < end and text[following].isspace():
        following += 1
    if following >= end:
        return True
    spaced = following > after
    nearest = text[following]
    closed = match.end("close") > match.start("close")
    if nearest in ",;:،、，；：" or (not spaced and nearest in "-/)]}"):
        return False
    if nearest in "-–—" and text[following + 1 : following + 3].strip()[:1].islower():
        return False
    if stop[-1] in _PLAIN or stop[0] in _PLAIN:
        return spaced or not closed or not nearest.isalpha()
    opener = nearest in _OPENERS
    letter = text[following + 1 : following + 2] if opener else nearest
    lower = letter.islower()
    if not spaced and not (opener and not closed and letter.isupper()):
        return _unspaced(text, start, position, following, stop, known)
    if "!" in stop or "?" in stop or (greek and ";" in stop):
        return not (closed and lower)
    if len(stop) > 1 or stop == "…":
        return not lower
    return _full_stop(text, start, position, following, closed, lower, known)


def _unspaced(
    text: str, start: int, position: int, following: int, stop: str, known: Abbreviations
) -> bool:
    """A stop with a letter right after it: ``done.Now we``, but not ``v2.0`` or ``U.S.``."""
    letter = text[following]
    if not letter.isalpha() or letter.islower() or _in_address(text, start, position):
        return False
    if "!" in stop or "?" in stop:
        return True
    word = _word_before(text, start, position)
    if len(word) < 2 or "." in word or not word[-1].isalpha():
        return False
    if letter.isupper():
        # `Node.JS`, `Ph.D`: a sentence goes on in lower case after its first letter.
        then = text[following + 1 : following + 2]
        return ((word[-1].islower() or len(word) > 2) and word.lower() not in known.bound) and (
            then.islower() or then.isspace() or then in "'’"
        )
    return len(text) > following + 1 and text[following + 1].isalpha()


def _in_address(text: str, start: int, position: int) -> bool:
    """Whether a stop without white space after it stands in a web or mail address."""
    if _DOMAIN_END.match(text, position + 1):
        return True
    before = text[max(start, position - _LONGEST_ADDRESS) : position + 1].rsplit(None, 1)
    return bool(before) and _IN_ADDRESS.search(before[-1]) is not None


def _full_stop(
    text: str,
    start: int,
    position: int,
    following: int,
    closed: bool,
    lower: bool,
    known: Abbreviations,
) -> bool:
    """A single stop with white space after it."""
    word = _word_before(text, start, position)
    if not word:
        # After a bracket, a quotation mark or a sign the stop is a stop.
        return not (closed and lower)
    if closed:
        return not lower
    digit = text[following].isdigit()
    if word.isdigit():
        if not text[start : position - len(word)].strip(" \t\n([#"):
            return False  # "1. First item"
        ordinal = known.ordinals and len(word) <= 2 and not digit
        return not lower and not (ordinal and _next_word(text, following) not in known.starters)
    low = word.lower()
    if low in known.bound:
        return False
    if low in known.numbered and digit:
        return False
    starter = _next_word(text, following) in known.starters
    if len(word) == 1 and word.isalpha():
        # An initial, or the last word: "vitamin C. It", "so do i. he".
        initial = text[following + 1 : following + 2] == "."
        return starter and not initial and (not lower or low == "i")
    if low in known.closing or _DOTTED.fullmatch(word):
        if low in _AND_SO_ON:
            return not lower
        return starter and not lower
    if lower or digit:
        return not (lower and _VOWELLESS.fullmatch(low))
    return True


def _word_before(text: str, start: int, position: int) -> str:
    token = text[max(start, position - 40) : position].rsplit(None, 1)
    found = _WORD_BEFORE.search(token[-1]) if token and text[position - 1].isalnum() else None
    return found.group() if found else ""


def _next_word(text: str, following: int) -> str:
    found = _NEXT_WORD.match(text, following)
    return found[1].lower() if found else ""


def _asides(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Quotations and brackets whose sentence goes on in lower case or with a comma."""
    found: list[tuple[int, int]] = []
    position = start
    while (match := _ASIDE.search(text, position, end)) is not None:
        position = match.start() + 1
        closing = _PAIRS[match.group()]
        limit = min(end, position + _LONGEST_ASIDE)
        close = next((i for i in range(position, limit) if text[i] in closing), None)
        if close is None:
            continue
        position = close + 1
        rest = text[position : position + 40].lstrip()
        if rest[:1].islower() or (rest and rest[0] in ",;") or _caseless(text, position):
            found.append((match.start(), position))
    return found


def _caseless(text: str, position: int) -> bool:
    """A letter without case right after the quotation: ``「はい。」と言った``."""
    letter = text[position : position + 1]
    return letter.isalpha() and not letter.isupper() and not letter.islower()
