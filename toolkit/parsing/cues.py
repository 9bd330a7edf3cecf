"""The words by which pages open, fill and close a comment section (``cues.toml``).

A cue is compared with a whole line by its *key*: lower case, digits 0 to 9, no
punctuation. Every cue is a table entry (a whole key, its beginning or its
ending, with ``#`` for a number), so a line costs a few look-ups however many
languages there are.

Longer than most modules: the table's entries, their compiled form and the
look-ups are one data structure, and apart none of them could be read.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from typing import Any, Final

from toolkit.parsing.date_words import fold_line

#: No cue is longer; longer lines are prose.
LONGEST_CUE: Final = 240
#: No row of buttons is longer.
_LONGEST_CONTROLS: Final = 160

# Zero-width joiners, direction marks, and the vowel signs of Arabic script,
# which some sites print and others leave out.
_UNSEEN: Final = dict.fromkeys(
    [0x00AD, 0x0640, 0x0670, *range(0x200B, 0x2010), *range(0x064B, 0x0656), *range(0x202A, 0x202F)]
)
_GAPS: Final = re.compile(r"[\W_]+")
_NUMBER: Final = re.compile(r"\d{1,3}(?: \d{3})+(?!\d)|\d+(?: \d)?k(?!\w)|\d+")
_DIGIT: Final = re.compile(r"\d")
_UNSPACED: Final = re.compile(r"[\u3040-\u9fff]")
_WORDS: Final = re.compile(r"\S+")
_LETTER_DIGIT: Final = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])")


def cue_key(text: str) -> str:
    """``text`` as cues are compared: folded, without punctuation or unseen characters."""
    return _GAPS.sub(" ", fold_line(text).translate(_UNSEEN)).strip()


@lru_cache(maxsize=1024)
def _line_key(line: str) -> str:
    """:func:`cue_key` of a line that is asked about several times in a row."""
    return cue_key(line)


@lru_cache(maxsize=16_384)
def word_key(word: str) -> str:
    """:func:`cue_key` of one word; headers repeat their words."""
    return cue_key(word)


@dataclass(frozen=True, slots=True)
class CountHeading:
    """A heading such as ``3 thoughts on “Title”``; ``title`` as printed, or None."""

    count: int
    title: str | None


@dataclass(slots=True)
class _Table:
    """Keys to kinds of cue."""

    whole: dict[str, set[str]] = field(default_factory=dict)
    beginnings: dict[str, set[str]] = field(default_factory=dict)
    endings: dict[str, set[str]] = field(default_factory=dict)
    colons: dict[str, set[str]] = field(default_factory=dict)
    starred: dict[str, set[str]] = field(default_factory=dict)
    gaps: dict[str, list[str]] = field(default_factory=dict)
    #: The first words of the patterns with a gap.
    gap_words: set[str] = field(default_factory=set)


class Cues:
    """All languages at once: a page may mix them, and few cues mean two things."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.languages: tuple[str, ...] = tuple(data["languages"])
        self.numbers: dict[str, int] = {}
        self.says: dict[str, str] = {}
        self.by: set[str] = set()
        self.labels: set[str] = set()
        self.not_names: set[str] = set()
        self._lines = _Table()
        self._reply: list[tuple[str, str, str]] = []
        tables = data["languages"].values()
        for cues in tables:
            for value, words in enumerate(cues["numbers"]):
                self.numbers.update(dict.fromkeys(map(cue_key, words.split()), value))
        for language, cues in data["languages"].items():
            for kind in _LINE_KINDS:
                for cue in cues[kind]:
                    _add(self._lines, kind, cue)
            self.says.update((cue_key(cue), language) for cue in cues["says"])
            self.by.update(filter(None, map(cue_key, cues["by"])))
            self.labels.update(map(cue_key, cues["labels"]))
            self.not_names.update(map(cue_key, cues["not_names"]))
            self._reply.extend(_around_name(cue) for cue in cues["reply_to"])
        self._reply.sort(key=lambda around: (not around[1], -len(around[0]) - len(around[2])))
        self._reply_by_word: dict[str, list[tuple[str, str, str]]] = {}
        for around in self._reply:
            self._reply_by_word.setdefault(around[0].partition(" ")[0], []).append(around)
        self._gaps = {
            kind: re.compile("|".join(patterns)) for kind, patterns in self._lines.gaps.items()
        }
        self._controls = {
            key
            for key, kinds in self._lines.whole.items()
            if kinds & {"controls", "badges", "avatar"}
        }
        self._control_words = {key.split(" ")[0] for key in self._controls}
        self._gap_words = self._lines.gap_words
        self._first_words = {
            key.partition(" ")[0] for key in (*self._lines.beginnings, *self._lines.colons)
        }
        self._last_words = {key.rpartition(" ")[2] for key in self._lines.endings}

    def kinds(self, line: str) -> frozenset[str]:
        """The kinds of cue that ``line`` as a whole is; empty for most lines."""
        if not line or len(line) > LONGEST_CUE:
            return _NOTHING
        return self._read(line.strip())[0]

    def count(self, line: str) -> CountHeading | None:
        """What a count heading states, or None where ``line`` is no such heading."""
        if not line or len(line) > LONGEST_CUE:
            return None
        return self._read(line.strip())[1]

    @lru_cache(maxsize=16_384)  # noqa: B019  (one Cues lives as long as the process)
    def _read(self, line: str) -> tuple[frozenset[str], CountHeading | None]:
        key = _line_key(line)
        if not key:
            return _NOTHING, None
        table = self._lines
        unspaced = _unspaced(key)
        found = set(table.whole.get(key, ()))
        masked, numbers = self._mask(key)
        if numbers:
            found |= table.whole.get(_joined(masked), _NOTHING) - {"count"}
        if unspaced:
            found |= table.whole.get(_joined(key), _NOTHING)
        first = key.partition(" ")[0]
        if unspaced or first in self._first_words:
            for beginning in _beginnings(key, unspaced):
                found |= table.beginnings.get(beginning, _NOTHING)
                if beginning in table.colons and _colon_behind(line, beginning):
                    found |= table.colons[beginning]
        if numbers and masked.partition(" ")[0] in self._first_words:
            for beginning in _beginnings(masked, unspaced):
                found |= table.beginnings.get(beginning, _NOTHING) - {"count"}
        if "*" in line:
            found |= table.starred.get(key, _NOTHING)
        if first in self._gap_words:
            found.update(kind for kind, pattern in self._gaps.items() if pattern.fullmatch(key))
        counted = self._count(line, key, masked, numbers, unspaced) if numbers else None
        if counted is not None:
            found.add("count")
        return (frozenset(found) if found else _NOTHING), counted

    def _count(
        self, line: str, key: str, masked: str, numbers: list[int], unspaced: bool
    ) -> CountHeading | None:
        table = self._lines
        if "count" in table.whole.get(_joined(masked), _NOTHING):
            return CountHeading(numbers[-1], None)
        if not unspaced and not (
            masked.partition(" ")[0] in self._first_words
            or masked.rpartition(" ")[2] in self._last_words
        ):
            return None
        best: tuple[int, int, str] | None = None
        for beginning in _beginnings(masked, unspaced):
            if "count" in table.beginnings.get(beginning, _NOTHING):
                taken = beginning.count("#")
                rest = _behind(key, masked, beginning)
                best = max(best or (0, 0, ""), (len(beginning), numbers[taken - 1], rest))
        for ending in _endings(masked, unspaced):
            if "count" in table.endings.get(ending, _NOTHING):
                rest = _before(key, masked, ending)
                best = max(best or (0, 0, ""), (len(ending), numbers[-ending.count("#")], rest))
        if best is None:
            return None
        return CountHeading(best[1], _printed(line, best[2]))

    def reply_to(self, line: str) -> str | None:
        """The name in ``In reply to NAME``, or None."""
        if len(line) > LONGEST_CUE:
            return None
        key = cue_key(line)
        templates = [
            *self._reply_by_word.get(key.partition(" ")[0], []),
            *self._reply_by_word.get("", []),
            *self._unspaced_reply(key),
        ]
        for beginning, middle, ending in templates:
            if not (key.startswith(beginning) and key.endswith(ending)):
                continue
            name = key[len(beginning) : len(key) - len(ending)]
            spaced = not beginning or name[:1] == " " or beginning[-1] >= "\u3040"
            if not name.strip() or not spaced or (middle and middle not in name):
                continue
            if middle:
                name = name.rpartition(middle)[2]
            printed = _printed(line, name.strip())
            return printed.lstrip("@") if printed else None
        return None

    def _unspaced_reply(self, key: str) -> list[tuple[str, str, str]]:
        """Templates whose first word runs into the name, in scripts without spaces."""
        if not _unspaced(key):
            return []
        return [around for around in self._reply if around[0] and key.startswith(around[0])]

    def split_reply(self, text: str) -> tuple[str, str] | None:
        """``(writer, person answered)`` of ``Anna in reply to Bob``; the writer may be empty."""
        if (answered := self.reply_to(text)) is not None:
            return "", answered
        words = list(_WORDS.finditer(text))
        for word in words[1:-1]:
            if word_key(word.group()) not in self._reply_by_word:
                continue
            if (answered := self.reply_to(text[word.start() :])) is not None:
                return text[: word.start()].strip(" \t,•·|-–—"), answered
        return None

    def is_controls(self, line: str) -> bool:
        """Nothing but buttons, links, badges, counts: ``5 • Reply • Share ›``."""
        return len(line) <= _LONGEST_CONTROLS and self._is_controls(line.strip())

    @lru_cache(maxsize=16_384)  # noqa: B019
    def _is_controls(self, line: str) -> bool:
        known = False
        for phrase, control in self._phrases(line):
            if control:
                known = True
            elif not phrase.isdigit():
                return False
        return known

    def strip_controls(self, line: str) -> tuple[list[str], list[str]]:
        """``(words that are no control, controls)``; a bare number is neither."""
        rest: list[str] = []
        known: list[str] = []
        for phrase, control in self._phrases(line):
            if control:
                known.append(phrase)
            elif not phrase.isdigit():
                rest.append(phrase)
        return rest, known

    def _phrases(self, line: str) -> Iterator[tuple[str, bool]]:
        """``line`` cut into the longest controls it holds, and single words."""
        words = _LETTER_DIGIT.sub(" ", _line_key(line)).split()
        masked = ["#" if word.isdigit() else word for word in words]
        index = 0
        while index < len(words):
            length = 0
            if masked[index] in self._control_words:
                for tried in range(min(7, len(words) - index), 0, -1):
                    if " ".join(masked[index : index + tried]) in self._controls:
                        length = tried
                        break
            if length:
                yield " ".join(words[index : index + length]), True
            else:
                yield words[index], False
            index += length or 1

    def _mask(self, key: str) -> tuple[str, list[int]]:
        """``key`` with ``#`` for each number, and the numbers.

        Words count as numbers where counts print them: as the first word, and,
        in a line without digits, among the last three ("T: drei Kommentare").
        """
        words = key.split()
        if not words:
            return key, []
        first = words[0] in self.numbers
        if first:
            words[0] = str(self.numbers[words[0]])
        elif _DIGIT.search(key) is None:
            for at in range(max(1, len(words) - 3), len(words)):
                if words[at] in self.numbers:
                    words[at] = str(self.numbers[words[at]])
                    break
            else:
                return key, []
        found: list[int] = []

        def replace(match: re.Match[str]) -> str:
            number = match.group()
            if number.endswith("k"):
                found.append(round(float(number[:-1].replace(" ", ".")) * 1000))
            else:
                found.append(int(number.replace(" ", "")[:18]))
            return "#"

        return _NUMBER.sub(replace, " ".join(words)), found


_NOTHING: Final[frozenset[str]] = frozenset()
_LINE_KINDS: Final = (
    "count", "open", "none", "closed", "form", "after", "sidebar", "controls", "avatar", "badges",
    "card", "deleted", "pingback", "furniture", "more",
)  # fmt: skip
_ON_BUTTONS: Final = frozenset({"controls", "badges", "avatar"})
#: How many first or last words of a line can be a cue.
_CUE_WORDS: Final = 12
#: In scripts without spaces: how many characters.
_CUE_LETTERS: Final = 24


def _add(table: _Table, kind: str, cue: str) -> None:
    body, end = cue, ""
    for suffix in ("*:", ":*", " *", "*"):
        if cue.endswith(suffix):
            body, end = cue[: -len(suffix)], suffix
            break
    for gap in ("{t}", "{who}"):
        if body.endswith(gap):
            body, end = body[: -len(gap)], "*"
    lead, gap, tail = body.rpartition("{t}")
    if gap and not end:
        table.endings.setdefault(_template_key(tail), set()).add(kind)
        return
    if "*" in body or gap or "{who}" in body:
        parts = re.split(r"\*|\{t\}|\{who\}", lead + gap + tail)
        pattern = ".{0,200}".join(re.escape(_template_key(part)) for part in parts)
        pattern = pattern.replace(r"\#", r"\d+")
        table.gaps.setdefault(kind, []).append(pattern + (".{0,200}" if end else ""))
        table.gap_words.add(_template_key(parts[0]).partition(" ")[0])
        return
    targets = {
        "": table.whole,
        "*": table.beginnings,
        "*:": table.colons,
        ":*": table.colons,
        " *": table.starred,
    }
    if key := _template_key(body):
        targets[end].setdefault(key, set()).add(kind)


def _template_key(cue: str) -> str:
    parts = [cue_key(part) for part in cue.split("{n}")]
    joined = " # ".join(parts).strip()
    return _joined(joined)


def _around_name(cue: str) -> tuple[str, str, str]:
    """What stands before a name, between a title and the name, and behind it."""
    before, _, behind = cue.partition("{who}")
    before, title, middle = before.partition("{t}")
    return cue_key(before), f" {cue_key(middle)} " if title else "", cue_key(behind)


def _beginnings(key: str, unspaced: bool) -> Iterator[str]:
    """Each run of first words, and for scripts without spaces each run of first characters."""
    end = -1
    for _ in range(_CUE_WORDS):
        end = key.find(" ", end + 1)
        if end < 0:
            yield key
            break
        yield key[:end]
    if unspaced:
        joined = key.replace(" ", "")
        yield from (joined[:length] for length in range(2, min(_CUE_LETTERS, len(joined)) + 1))


def _endings(key: str, unspaced: bool) -> Iterator[str]:
    start = len(key)
    for _ in range(_CUE_WORDS):
        start = key.rfind(" ", 0, start)
        if start < 0:
            yield key
            break
        yield key[start + 1 :]
    if unspaced:
        joined = key.replace(" ", "")
        yield from (joined[-length:] for length in range(2, min(_CUE_LETTERS, len(joined)) + 1))


def _unspaced(key: str) -> bool:
    if key.isascii():
        return False
    return _UNSPACED.search(key[:_CUE_LETTERS] + key[-_CUE_LETTERS:]) is not None


def _joined(key: str) -> str:
    return key.replace(" ", "") if _unspaced(key) else key


def _behind(key: str, masked: str, beginning: str) -> str:
    """What stands in ``key`` behind the words that ``beginning`` covers in ``masked``."""
    rest = masked[len(beginning) :] if masked.startswith(beginning) else ""
    return " ".join(key.split()[-len(rest.split()) :]) if rest.split() else ""


def _before(key: str, masked: str, ending: str) -> str:
    if masked.endswith(ending) and not _unspaced(key):
        words = masked[: -len(ending)].split()
        return " ".join(key.split()[: len(words)])
    # Without spaces: up to where the ending's letters before the number begin.
    lead = ending.split("#")[0].strip()
    return key[: key.rfind(lead)].strip() if lead else ""


def _colon_behind(line: str, beginning: str) -> bool:
    head = line[: len(beginning) + 12]
    colon = max(head.find(":"), head.find("\uff1a"))
    return colon >= 0 and cue_key(head[:colon]) == beginning


def _printed(line: str, key: str | None) -> str | None:
    """The part of ``line`` whose key is ``key``, with the marks that belong to it."""
    if not key:
        return None
    letters = [(at, letter) for at, letter in enumerate(fold_line(line)) if letter.isalnum()]
    folded = "".join(letter for _, letter in letters)
    wanted = "".join(letter for letter in key if letter.isalnum())
    at = folded.rfind(wanted) if wanted else -1
    if at < 0:
        return None
    start, end = letters[at][0], letters[at + len(wanted) - 1][0] + 1
    while start > 0 and _belongs(line[start - 1], _OPENERS):
        start -= 1
    while end < len(line) and _belongs(line[end], _CLOSERS):
        end += 1
    printed = line[start:end].strip(" \t:\uff1a")
    # "对“T”的": the title starts behind the quotation mark.
    inside = max(printed[:3].rfind(mark) for mark in "“„«「『《〈")
    return printed[inside + 1 :].strip() or None


def _belongs(letter: str, fences: str) -> bool:
    return not (letter.isalnum() or letter.isspace() or letter in fences)


_OPENERS: Final = "“„\"«‹‘'「『《〈(["
_CLOSERS: Final = "”“\"»›’'」』》〉)]"


@lru_cache(maxsize=1)
def load_cues() -> Cues:
    """The cues of the package, read once."""
    text = resources.files("toolkit.parsing").joinpath("cues.toml").read_text(encoding="utf-8")
    return Cues(tomllib.loads(text))
