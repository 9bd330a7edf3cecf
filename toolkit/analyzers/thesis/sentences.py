"""The sentences of an article that could carry its claim, and why the others cannot."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass
from typing import Final, Literal

import regex

from toolkit.analyzers.thesis.cues import (
    cues,
    ends_like_a_sentence,
    is_question,
    quoted_share,
)
from toolkit.text.normalize import fold_quotes
from toolkit.text.sentences import sentence_spans
from toolkit.text.words import count_words

#: Why a sentence is no thesis; ``claim`` is one that may be.
Role = Literal[
    "claim", "question", "interviewer", "introduction", "caption", "heading", "page", "rejected",
    "fragment", "overlong",
]  # fmt: skip

_BREAK: Final = regex.compile(r"\n+")
_PARAGRAPH: Final = regex.compile(r"\n[^\S\n]*\n\s*")
_SPEAKER: Final = regex.compile(r"^(\p{Lu}[\p{L}.'\- ]{0,38}):\s+(?=\S)")
#: A line shorter than this was ended by its writer, not by the width of the page.
_SHORT_LINE: Final = 40
#: An interviewer's turn is not longer than this.
_TURN_WORDS: Final = 80
#: An interviewer's statement is one sentence and not longer than this.
_STATEMENT_WORDS: Final = 25
#: A heading, caption or slogan has no stop at its end and is not longer than this.
_HEADING_WORDS: Final = 30
#: Without speaker labels: at most this many paragraphs before the first question,
#: and at least one question in so many paragraphs.
_INTRODUCTION_BLOCKS: Final = 4
_BLOCKS_PER_TURN: Final = 10
_MIN_WORDS: Final = 5
#: A "sentence" of more words is a list, a table or a text without stops.
_MAX_WORDS: Final = 120


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence: ``text`` is ``article.text[start:end]``; ``block`` its paragraph's index."""

    start: int
    end: int
    text: str
    block: int
    role: Role


@dataclass(slots=True)
class _Block:
    start: int
    end: int
    text: str
    role: Role = "claim"


def candidates(text: str, language: str | None = None) -> list[Candidate]:
    """Every sentence of ``text`` in order, with its role; only ``claim`` may be a thesis."""
    blocks = _blocks(text)
    _mark_page(blocks)
    _mark_interview(blocks)
    found: list[Candidate] = []
    for number, block in enumerate(blocks):
        for start, end in sentence_spans(block.text, language):
            sentence = block.text[start:end]
            found.append(
                Candidate(
                    start=block.start + start,
                    end=block.start + end,
                    text=sentence,
                    block=number,
                    role=_role(sentence, block.role),
                )
            )
    return _without_rejected(found)


def _blocks(text: str) -> list[_Block]:
    """Paragraphs; a line end makes one too, unless lines break off at the page's width."""
    breaks = _PARAGRAPH if _is_hard_wrapped(text) else _BREAK
    bounds = [match.span() for match in breaks.finditer(text)]
    starts = [0, *(end for _, end in bounds)]
    ends = [*(start for start, _ in bounds), len(text)]
    blocks = []
    for start, end in zip(starts, ends, strict=True):
        piece = text[start:end]
        if piece.strip():
            start += len(piece) - len(piece.lstrip())
            blocks.append(_Block(start, end, text[start:end]))
    return blocks


def _is_hard_wrapped(text: str) -> bool:
    broken = whole = 0
    for paragraph in _PARAGRAPH.split(text):
        for line in paragraph.split("\n")[:-1]:
            if len(line.strip()) >= _SHORT_LINE and not ends_like_a_sentence(line):
                broken += 1
            else:
                whole += 1
    return broken > whole


def _mark_page(blocks: list[_Block]) -> None:
    known = cues()
    for block in blocks:
        line = fold_quotes(block.text).strip()
        if known.captions.search(line):
            block.role = "caption"
        elif len(line) < 300 and known.boilerplate.search(line):
            block.role = "page"
        elif not ends_like_a_sentence(line) and count_words(line) <= _HEADING_WORDS:
            block.role = "heading"


def _mark_interview(blocks: list[_Block]) -> None:
    """Give the interviewer's turns and the introduction their roles; cut speaker labels off."""
    known = cues()
    speakers = _speakers(blocks)
    asker = _asker(blocks, speakers)
    transcript = sum(known.asks.match(fold_quotes(block.text)) is not None for block in blocks) > 1
    turns = 0
    first: int | None = None
    asked = False
    for number, block in enumerate(blocks):
        line = fold_quotes(block.text).strip()
        label = speakers.get(number)
        if (transcript and known.asks.match(line)) or (label is not None and label == asker):
            block.role = "interviewer"
        elif transcript and (answer := known.answers.match(fold_quotes(block.text))):
            _cut(block, answer.end())
        elif label is not None and asker is not None:
            _cut(block, block.text.index(":") + 1)
        elif _asks(line) and not asked:
            block.role = "interviewer"
        asks = block.role == "interviewer"
        if asks and not asked:
            turns += 1
            first = number if first is None else first
        asked = asks
    labelled = asker is not None or transcript
    opening = fold_quotes(" ".join(block.text for block in blocks[:first]))
    introduced = known.interview_openings.search(opening) is not None
    dense = (
        first is not None
        and first <= _INTRODUCTION_BLOCKS
        and turns >= max(2, len(blocks) / _BLOCKS_PER_TURN)
    )
    if labelled or dense:
        if not labelled:
            _mark_statements(blocks, first or 0)
        if labelled or introduced:
            for block in blocks[:first]:
                block.role = "introduction" if block.role == "claim" else block.role
        return
    for block in blocks:  # an essay that asks itself something
        block.role = "claim" if block.role == "interviewer" else block.role


def _mark_statements(blocks: list[_Block], first: int) -> None:
    """Turns that put something to the other without asking; a longer answer follows."""
    for before, block, after in zip(
        blocks[first:], blocks[first + 1 :], blocks[first + 2 :], strict=False
    ):
        words = count_words(block.text)
        if (
            before.role == block.role == after.role == "claim"
            and words <= _STATEMENT_WORDS
            and count_words(after.text) > 2 * words
            and len(sentence_spans(block.text)) == 1
            and cues().statements.search(fold_quotes(block.text))
        ):
            block.role = "interviewer"


def _asks(line: str) -> bool:
    if count_words(line) > _TURN_WORDS:
        return False
    return is_question(line) or cues().prompts.search(line) is not None


def _speakers(blocks: list[_Block]) -> dict[int, str]:
    """Block index -> name before a colon, where at least two names come up twice."""
    labels = {
        number: match.group(1)
        for number, block in enumerate(blocks)
        if (match := _SPEAKER.match(block.text))
    }
    counts = Counter(labels.values())
    regular = {name for name, count in counts.items() if count >= 2}
    if len(regular) < 2:
        return {}
    return {number: name for number, name in labels.items() if name in regular}


def _asker(blocks: list[_Block], speakers: dict[int, str]) -> str | None:
    """The speaker most of whose turns are questions."""
    shares: dict[str, list[bool]] = {}
    for number, name in speakers.items():
        shares.setdefault(name, []).append(_asks(fold_quotes(blocks[number].text).strip()))
    asking = {name: sum(turns) / len(turns) for name, turns in shares.items()}
    best = max(asking, key=lambda name: asking[name], default=None)
    return best if best is not None and asking[best] > 0.5 else None


def _cut(block: _Block, length: int) -> None:
    rest = block.text[length:]
    skipped = length + len(rest) - len(rest.lstrip())
    block.start += skipped
    block.text = block.text[skipped:]


def _role(sentence: str, block_role: Role) -> Role:
    if block_role != "claim":
        return block_role
    words = count_words(sentence)
    if words > _MAX_WORDS:
        return "overlong"
    if is_question(sentence):
        return "question"
    line = fold_quotes(sentence)
    known = cues()
    if known.captions.search(line):
        return "caption"
    if len(line) < 200 and known.boilerplate.search(line):
        return "page"
    if words < _MIN_WORDS:
        return "fragment"
    return "claim"


def _without_rejected(found: list[Candidate]) -> list[Candidate]:
    """Mark a view of others, or a quotation, that the author dismisses in the next sentence."""
    known = cues()
    marked = list(found)
    for index, (this, after) in enumerate(itertools.pairwise(found)):
        if this.role != "claim":
            continue
        line, reply = fold_quotes(this.text), fold_quotes(after.text)
        quoted = quoted_share(this.text) > 0.6
        if (known.others.search(line) and known.rebuttals.search(reply)) or (
            quoted and known.verdicts.search(reply)
        ):
            marked[index] = Candidate(
                start=this.start, end=this.end, text=this.text, block=this.block, role="rejected"
            )
    return marked
