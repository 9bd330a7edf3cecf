"""Hostile text made fit to be set: nothing runs, nothing hides, nothing overflows.

A comment reaches the document as data and never as markup, so it cannot run
anything. What is left is what it can do to a page: letters that no font has,
marks that reorder or hide the words about them, floods of invisible or
stacked characters, words longer than a line. Each of these is made visible as
a *chip* (a small label such as ``RLO`` or ``500 invisible characters``) or may
be broken softly; the words themselves stay whole and in their order.
"""

from __future__ import annotations

import itertools
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, Literal

import regex

from toolkit.reporting.fonts import drawable, script_of

Kind = Literal["text", "chip"]

#: Marks on one letter that are drawn; the rest of a stack is counted in a chip.
MAX_MARKS: Final = 4
#: Zero-width characters in a row that are kept; a longer run is counted in a chip.
MAX_INVISIBLE: Final = 3
#: White space in a row that is kept; a longer run is counted in a chip.
MAX_SPACES: Final = 8
#: Line ends in a row that are kept; more are counted in a chip.
MAX_LINE_ENDS: Final = 3
#: A word longer than this may be broken, after every ``BREAK_EVERY`` characters.
LONG_WORD: Final = 28
BREAK_EVERY: Final = 4
#: Characters in a row without a font that are each shown as U+FFFD; more are counted in a chip.
MAX_REPLACED: Final = 3

_BREAK: Final = "\u200b"
_BIDI: Final = {
    "\u202a": "LRE",
    "\u202b": "RLE",
    "\u202c": "PDF",
    "\u202d": "LRO",
    "\u202e": "RLO",
    "\u2066": "LRI",
    "\u2067": "RLI",
    "\u2068": "FSI",
    "\u2069": "PDI",
    "\u206a": "ISS",
    "\u206b": "ASS",
    "\u206c": "IAFS",
    "\u206d": "AAFS",
    "\u206e": "NADS",
    "\u206f": "NODS",
}
_LINE_END: Final = r"(?:\r\n|[\n\r\x0b\x0c\x85\u2028\u2029])"
_INVISIBLE: Final = (
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2060-\u2064"
    r"\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
# Default-ignorable characters that shape the letters about them: never looked up in a font.
_SHAPERS: Final = frozenset(
    "\u00ad\u034f\u061c\u200b\u200c\u200d\u200e\u200f\u2060"
    + "".join(map(chr, [*range(0xFE00, 0xFE10), *range(0xE0020, 0xE0080)]))
)
_SPECIAL: Final = regex.compile(
    rf"""
    (?P<flag> \U0001F3F4[\U000E0020-\U000E007E]{{1,8}}\U000E007F )
  | (?P<lines> {_LINE_END}(?:[\ \t]*{_LINE_END})* )
  | (?P<spaces> [^\S\r\n\x0b\x0c\x85\u2028\u2029]{{{MAX_SPACES + 1},}} )
  | (?P<tab> \t )
  | (?P<bidi> (?P<mark>[\u202a-\u202e\u2066-\u206f])(?P=mark)* )
  | (?P<control> [\x00-\x08\x0e-\x1f\x7f-\x9f] )
  | (?P<invisible> {_INVISIBLE}{{{MAX_INVISIBLE + 1},}} )
  | (?P<stack> \p{{M}}{{{MAX_MARKS + 1},}} )
  | (?P<bom> \ufeff )
  | (?P<cluster> [^\p{{M}}\s]\p{{M}}+ )
    """,
    regex.VERBOSE,
)
# Latin text with common punctuation: the body font holds all of it.
_PLAIN: Final = regex.compile(
    r"[\n\x20-\x7e\u00a0-\u00ac\u00ae-\u017f\u2010-\u2027\u2030-\u203a\u20ac\u2122]*"
)
_PLAIN_FLOOD: Final = regex.compile(rf"[ \u00a0]{{{MAX_SPACES + 1},}}|\n{{{MAX_LINE_ENDS + 1},}}")
_LONG: Final = regex.compile(rf"[^\s\u200b]{{{LONG_WORD + 1},}}")
_BREAK_AFTER: Final = frozenset("/?&=-_.,;:|+#%~")
# Single characters as wide as a word.
_WIDE: Final = regex.compile(r"[\ufdfa\ufdfb\ufdfd\u2e3a\u2e3b]")
_CLUSTER: Final = regex.compile(r"\X")


@dataclass(frozen=True, slots=True)
class Span:
    """Code points ``start`` to ``end`` (exclusive) of a text, named ``mark``."""

    start: int
    end: int
    mark: str


@dataclass(frozen=True, slots=True)
class Run:
    """Text in one style; ``marks`` names the spans it lies in, outermost first."""

    text: str
    kind: Kind = "text"
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One line of the source; no runs for an empty line."""

    runs: tuple[Run, ...]
    #: Its first strong letter runs from right to left.
    rtl: bool = False


@dataclass(slots=True)
class Replacements:
    """The characters of a whole report that no font has."""

    characters: set[str] = field(default_factory=set)
    #: Characters to treat as if no font had them.
    banned: frozenset[str] = frozenset()

    def by_script(self) -> list[tuple[str, int, str]]:
        """(script, number of different characters, up to five of them), by name."""
        found: dict[str, list[str]] = {}
        for letter in sorted(self.characters):
            found.setdefault(script_of(letter), []).append(f"U+{ord(letter):04X}")
        return [(name, len(codes), ", ".join(codes[:5])) for name, codes in sorted(found.items())]


def is_rtl(text: str) -> bool:
    """Whether the first strong letter of ``text`` runs from right to left."""
    for letter in text:
        kind = unicodedata.bidirectional(letter)
        if kind == "L":
            return False
        if kind in ("R", "AL"):
            return True
    return False


def has_rtl(text: str) -> bool:
    """Whether any letter of ``text`` runs from right to left."""
    return not text.isascii() and any(
        unicodedata.bidirectional(letter) in ("R", "AL", "AN") for letter in text
    )


def display(
    text: str, spans: Iterable[Span] = (), *, replacements: Replacements | None = None
) -> tuple[Paragraph, ...]:
    """``text`` as paragraphs of runs that can be set as they are.

    Spans count code points of ``text`` and may overlap; one that cuts through
    a letter and its marks takes both. Single empty lines are kept as empty
    paragraphs. Characters without a font are noted in ``replacements``.
    """
    text = "".join("\ufffd" if "\ud800" <= letter <= "\udfff" else letter for letter in text)
    setter = _Setter(
        text, list(spans), replacements if replacements is not None else Replacements()
    )
    if _PLAIN.fullmatch(text) and not (_PLAIN_FLOOD.search(text) or setter.banned):
        position = 0
        for match in regex.finditer(r"\n", text):
            setter.text(position, match.start())
            setter.line_end()
            position = match.end()
        setter.text(position, len(text))
        return setter.finish()
    position = 0
    for match in _SPECIAL.finditer(text):
        setter.checked(position, match.start())
        setter.special(match)
        position = match.end()
    setter.checked(position, len(text))
    return setter.finish()


def plain(text: str, *, replacements: Replacements | None = None) -> str:
    """``text`` on one line, for places that hold no runs (bookmarks, running heads)."""
    lines = (
        "".join(run.text if run.kind == "text" else f"‹{run.text}›" for run in paragraph.runs)
        for paragraph in display(text, replacements=replacements)
    )
    return " ".join(line.strip() for line in lines if line.strip())


def shorten(text: str, limit: int) -> str:
    """At most ``limit`` letters on one line, cut between words where it can be, with an ellipsis.

    Letters as wide as two (Han, kana, Hangul, most emoji) count as two.
    """
    text = " ".join(text.split())
    room, end = limit, 0
    for cluster in _CLUSTER.finditer(text):
        room -= 2 if unicodedata.east_asian_width(cluster[0][0]) in "WF" else 1
        if room < 0:
            break
        end = cluster.end()
    if end == len(text):
        return text
    cut = text[:end]
    space = cut.rfind(" ")
    return (cut[:space] if space > len(cut) * 0.6 else cut).rstrip(" ,;:.–—-") + "…"


class _Setter:
    """Turns ranges of the source into runs, and runs into paragraphs."""

    def __init__(self, text: str, spans: list[Span], replacements: Replacements) -> None:
        self._source = text
        self._replacements = replacements
        self.banned = bool(replacements.banned)
        self._done: list[Paragraph] = []
        self._runs: list[Run] = []
        self._line_start = 0
        self._cuts, self._active = _segments(text, spans)
        self._breaks = _soft_breaks(text)
        lost = {
            letter for letter in set(text) if letter in replacements.banned or not _has_font(letter)
        }
        self._lost_run = (
            regex.compile("[" + "".join(map(regex.escape, lost)) + "]+") if lost else None
        )

    def text(self, start: int, end: int) -> None:
        """Set the source from ``start`` to ``end`` as it is."""
        while start < end:
            segment = bisect_left(self._cuts, start + 1) if self._cuts else 0
            stop = min(end, self._cuts[segment]) if segment < len(self._cuts) else end
            first, last = bisect_left(self._breaks, start + 1), bisect_left(self._breaks, stop + 1)
            edges = [start, *self._breaks[first:last], stop]
            pieces = [self._source[a:b] for a, b in itertools.pairwise(edges)]
            self._add(_BREAK.join(pieces), "text", start)
            start = stop

    def chip(self, label: str, at: int) -> None:
        """Set a visible label in place of what is at ``at``."""
        self._add(label, "chip", at)

    def checked(self, start: int, end: int) -> None:
        """Set a range in which a character may have no font."""
        if self._lost_run is not None:
            for match in self._lost_run.finditer(self._source, start, end):
                self.text(start, match.start())
                self._replace(match.start(), match.end())
                start = match.end()
        self.text(start, end)

    def special(self, match: regex.Match[str]) -> None:
        """Set a range that needs more than its letters."""
        start, end = match.span()
        length = end - start
        kind = match.lastgroup if match.lastgroup != "mark" else "bidi"
        if kind == "lines":
            ends = len(regex.findall(_LINE_END, match[0]))
            if ends > MAX_LINE_ENDS:
                self.line_end()
                self.chip(f"{ends:,} line breaks", start)
                self.line_end()
            else:
                for _ in range(ends):
                    self.line_end()
        elif kind == "spaces":
            self.chip(f"{length:,} spaces", start)
        elif kind == "tab":
            self._add("    ", "text", start)
        elif kind == "bidi":
            name = _BIDI[match[0][0]]
            self.chip(name if length == 1 else f"{name} × {length:,}", start)
        elif kind == "control":
            self.chip(f"U+{ord(match[0]):04X}", start)
        elif kind == "invisible":
            self.chip(f"{length:,} invisible characters", start)
        elif kind == "bom":
            self._add("\u2060", "text", start)
        elif kind == "stack":
            self.checked(start, start + MAX_MARKS)
            self.chip(f"+{length - MAX_MARKS:,} marks", start)
        elif kind == "cluster" and length > MAX_MARKS + 1:
            self._cluster(start, start + MAX_MARKS + 1)
            self.chip(f"+{length - MAX_MARKS - 1:,} marks", start)
        else:
            self._cluster(start, end)

    def _cluster(self, start: int, end: int) -> None:
        """A letter with its marks: together where one font has all, else apart."""
        cluster = self._source[start:end]
        if drawable(cluster) and not self._replacements.banned.intersection(cluster):
            self.text(start, end)
            return
        self.checked(start, start + 1)
        for position in range(start + 1, end):
            letter = self._source[position]
            if letter in _SHAPERS:
                continue
            self._replacements.characters.add(letter)
            self.chip(f"U+{ord(letter):04X}", position)

    def _replace(self, start: int, end: int) -> None:
        lost = self._source[start:end]
        self._replacements.characters.update(lost)
        if len(lost) > MAX_REPLACED:
            self.chip(f"{len(lost):,} characters, {script_of(lost[0])}", start)
        else:
            self._add("\ufffd" * len(lost), "text", start)

    def line_end(self) -> None:
        """End the paragraph."""
        line = "".join(run.text for run in self._runs if run.kind == "text")
        if line.strip() or any(run.kind == "chip" for run in self._runs):
            self._done.append(Paragraph(tuple(self._runs), is_rtl(line)))
        elif self._done:
            self._done.append(Paragraph(()))
        self._runs = []

    def finish(self) -> tuple[Paragraph, ...]:
        """All paragraphs, without empty ones at the end."""
        self.line_end()
        while self._done and not self._done[-1].runs:
            self._done.pop()
        return tuple(self._done)

    def _add(self, text: str, kind: Kind, at: int) -> None:
        if not text:
            return
        marks = self._active[bisect_left(self._cuts, at + 1)] if self._cuts else ()
        last = self._runs[-1] if self._runs else None
        if last is not None and last.kind == kind == "text" and last.marks == marks:
            self._runs[-1] = Run(last.text + text, kind, marks)
        else:
            self._runs.append(Run(text, kind, marks))


@lru_cache(maxsize=20_000)
def _has_font(letter: str) -> bool:
    return letter.isspace() or letter in _SHAPERS or letter in _BIDI or drawable(letter)


def _segments(text: str, spans: Sequence[Span]) -> tuple[list[int], list[tuple[str, ...]]]:
    """Ends of the stretches in which the same spans hold, and which those are."""
    whole = [
        (_back(text, max(span.start, 0)), _ahead(text, min(span.end, len(text))), span.mark)
        for span in spans
        if span.start < span.end and span.start < len(text)
    ]
    if not whole:
        return [], []
    cuts = sorted({0, len(text), *(edge for start, end, _ in whole for edge in (start, end))})
    opening: dict[int, list[str]] = {}
    closing: dict[int, list[str]] = {}
    for start, end, mark in sorted(whole, key=lambda item: (item[0], -item[1])):
        opening.setdefault(start, []).append(mark)
        closing.setdefault(end, []).append(mark)
    active: list[str] = []
    held: list[tuple[str, ...]] = []
    for start in cuts[:-1]:
        for mark in closing.get(start, ()):
            active.remove(mark)
        active.extend(opening.get(start, ()))
        held.append(tuple(dict.fromkeys(active)))
    return cuts[1:], [*held, ()]


def _back(text: str, position: int) -> int:
    while 0 < position < len(text) and _clings(text[position]):
        position -= 1
    return position


def _ahead(text: str, position: int) -> int:
    while position < len(text) and _clings(text[position]):
        position += 1
    return position


def _clings(letter: str) -> bool:
    return letter in _SHAPERS or unicodedata.category(letter)[0] == "M"


def _soft_breaks(text: str) -> list[int]:
    """Positions before which a line may break inside a word that is too long."""
    found: set[int] = set()
    for match in _LONG.finditer(text):
        last = match.start()
        for cluster in _CLUSTER.finditer(text, match.start(), match.end()):
            position = cluster.end()
            if position >= match.end():
                break
            if position - last >= BREAK_EVERY or text[position - 1] in _BREAK_AFTER:
                found.add(position)
                last = position
    found.update(match.end() for match in _WIDE.finditer(text) if match.end() < len(text))
    return sorted(found)
