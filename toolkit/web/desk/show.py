"""Hostile text, made safe to look at: cut into pieces that a template escapes.

What would reorder the page, or hide letters, is shown by its name instead. A
piece of a span carries classes; the template writes them beside an escaped text.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import regex

#: Invisible, or changes the order of what stands around it: format characters,
#: controls (but for tab and line ends), separators of lines and paragraphs,
#: private use, unassigned, and fillers that look like nothing.
_HIDDEN: Final = regex.compile(
    r"[\p{Cf}\p{Co}\p{Cn}\p{Cs}\u2028\u2029\u115F\u1160\u3164\uFFA0\u00AD\u034F\u061C\u180B-\u180E"
    r"\uFE00-\uFE0D]|[\p{Cc}--\t\n\r]",
    regex.V1,
)
#: Joiners that a script or an emoji needs are left as they are.
_JOINED: Final = regex.compile(
    r"(?<=[\p{Arabic}\p{Devanagari}\p{Bengali}\p{Tamil}\p{Telugu}\p{Kannada}\p{Malayalam}"
    r"\p{Gujarati}\p{Gurmukhi}\p{Oriya}\p{Sinhala}\p{Syriac}])[\u200c\u200d]"
    r"(?=[\p{Arabic}\p{Devanagari}\p{Bengali}\p{Tamil}\p{Telugu}\p{Kannada}\p{Malayalam}"
    r"\p{Gujarati}\p{Gurmukhi}\p{Oriya}\p{Sinhala}\p{Syriac}])"
    r"|(?<=[\p{Emoji}\uFE0F\U0001F3FB-\U0001F3FF])\u200d(?=\p{Emoji})"
)
#: Labels of rhetoric that speak for a comment.
_CONSTRUCTIVE: Final = frozenset(
    {
        "concession",
        "evidence_marker",
        "reason_marker",
        "personal_story",
        "politeness",
        "question_genuine",
        "hedge",
    }
)
#: Labels that are everywhere and say little to a moderator.
_QUIET: Final = frozenset(
    {"self_mention", "engagement_marker", "attitude_marker", "booster", "quoted"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A run of text with the same spans over it. ``control`` names a hidden character."""

    text: str
    classes: str = ""
    title: str = ""
    blurred: bool = False
    control: bool = False
    #: Numbers of the spans (from 0) that begin here.
    starts: tuple[int, ...] = ()


def kind(span: Mapping[str, Any]) -> str | None:
    """``toxic``, ``critical``, ``constructive``, ``stance``; None for what is not drawn."""
    analyzer, label = span["analyzer"], span["label"]
    if analyzer == "toxicity":
        return "toxic"
    if analyzer == "stance":
        return "stance"
    if analyzer != "rhetoric" or label in _QUIET:
        return None
    return "constructive" if label in _CONSTRUCTIVE else "critical"


def drawn(evidence: Iterable[Mapping[str, Any]] | None, length: int) -> list[dict[str, Any]]:
    """The spans that are shown, in order, with ``kind``; those outside of the text are left out."""
    found = []
    for span in evidence or ():
        how = kind(span)
        # The article's own sentence is quoted on the card, not marked in the comment.
        if how is not None and 0 <= span["start"] < span["end"] <= length:
            found.append({**span, "kind": how})
    return sorted(found, key=lambda span: (span["start"], span["end"]))


def pieces(
    text: str, spans: Sequence[Mapping[str, Any]] = (), *, blur: bool = False
) -> list[Piece]:
    """``text`` cut at the edges of ``spans`` (of :func:`drawn`) and at hidden characters."""
    edges = sorted({0, len(text), *(s["start"] for s in spans), *(s["end"] for s in spans)})
    found: list[Piece] = []
    for start, end in pairwise(edges):
        over = [span for span in spans if span["start"] <= start and end <= span["end"]]
        kinds = sorted({span["kind"] for span in over})
        labels = dict.fromkeys(f"{span['kind']}: {words(span['label'])}" for span in over)
        starts = tuple(n for n, span in enumerate(spans) if span["start"] == start)
        found += _plain(
            text[start:end],
            classes=" ".join(f"span-{how}" for how in kinds),
            title="; ".join(labels),
            blurred=blur and "toxic" in kinds,
            starts=starts,
        )
    return found


def words(label: str) -> str:
    """``toxicity__threat`` -> ``threat``, ``stance__agree`` -> ``stance agree``."""
    return label.removeprefix("toxicity__").replace("__", " ").replace("_", " ")


def _plain(text: str, *, starts: tuple[int, ...], **style: Any) -> list[Piece]:
    kept = {found.start() for found in _JOINED.finditer(text)}
    found: list[Piece] = []
    last = 0
    for hidden in _HIDDEN.finditer(text):
        if hidden.start() in kept:
            continue
        if hidden.start() > last:
            found.append(Piece(text=text[last : hidden.start()], starts=starts, **style))
            starts = ()
        found.append(Piece(text=_name(hidden[0]), control=True, starts=starts, **style))
        starts = ()
        last = hidden.end()
    if last < len(text):
        found.append(Piece(text=text[last:], starts=starts, **style))
    return found


def _name(character: str) -> str:
    name = unicodedata.name(character, "")
    code = f"U+{ord(character):04X}"
    return f"{code} {name}".strip()


def one_line(text: str | None, length: int = 160) -> str:
    """The beginning of a text for a list; hidden characters become the replacement character."""
    if text is None:
        return ""
    kept = {found.start() for found in _JOINED.finditer(text[: length * 2])}
    plain = _HIDDEN.sub(
        lambda found: found[0] if found.start() in kept else "\ufffd",
        text[: length * 2],
    )
    plain = " ".join(plain.split())
    return plain if len(plain) <= length else plain[: length - 1] + "…"
