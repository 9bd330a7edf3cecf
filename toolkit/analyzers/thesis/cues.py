"""Cues of ``thesis/cues.toml``, compiled: questions, page furniture, rejected views, claims."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import regex

from toolkit.text.normalize import fold_quotes
from toolkit.text.words import word_spans

_FILE: Final = Path(__file__).with_name("cues.toml")
_ENDS: Final = regex.compile(
    r"[.!?…\u061f\u06d4\u0964\u3002\uff01\uff1f:;][\"')\]»]*(?:\[\d+\])?\s*$"
)
_SEGMENT: Final = regex.compile(r"[:;|!?–—]+(?=\s|$)|(?<=\p{Ll}{2})\.+(?=\s|$)|\s-+\s|[—|]")
_QUOTED: Final = regex.compile(r"[\"“„«][^\"“”„«»]*[\"”“»]")
#: So many characters tell how a text ends.
_TAIL: Final = 40


@dataclass(frozen=True, slots=True)
class Cues:
    """The compiled cues. Each pattern is searched in text with straight quotes."""

    question_end: regex.Pattern[str]
    asks: regex.Pattern[str]
    answers: regex.Pattern[str]
    prompts: regex.Pattern[str]
    statements: regex.Pattern[str]
    interview_openings: regex.Pattern[str]
    boilerplate: regex.Pattern[str]
    captions: regex.Pattern[str]
    others: regex.Pattern[str]
    rebuttals: regex.Pattern[str]
    verdicts: regex.Pattern[str]
    claims: regex.Pattern[str]
    leaning: regex.Pattern[str]
    words: dict[str, frozenset[str]]


@lru_cache(maxsize=1)
def cues() -> Cues:
    """Read and compile the cue file, once a process."""
    data: dict[str, Any] = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    marks = regex.escape(data["question"]["marks"])
    title = {name: frozenset(words) for name, words in data["title"].items()}
    for kind in ("strong", "weak"):
        title[f"{kind}_s"] = frozenset(_third_person(verb) for verb in title[kind])
    title["phrases"] |= {
        f"{_third_person(verb)} {preposition}"
        for verb, preposition in (phrase.split() for phrase in title["phrases"])
    }
    return Cues(
        question_end=regex.compile(rf"[{marks}][{marks}!\"')\]»”]*\s*$"),
        asks=_labels(data["interview"]["asks"]),
        answers=_labels(data["interview"]["answers"]),
        prompts=_any(data["interview"]["prompts"]),
        statements=_any(data["interview"]["statements"]),
        interview_openings=_any(data["interview"]["openings"]),
        boilerplate=_any(data["skip"]["boilerplate"]),
        captions=_any(data["skip"]["captions"]),
        others=_any(data["rejected"]["others"]),
        rebuttals=_any(data["rejected"]["rebuttals"]),
        verdicts=_any(data["rejected"]["verdicts"]),
        claims=_any(data["claim"]["cues"]),
        leaning=_any(data["claim"]["leaning"]),
        words=title,
    )


def is_question(text: str) -> bool:
    """Whether ``text`` ends as a question does, closing quotes and brackets aside."""
    return cues().question_end.search(_tail(text)) is not None


def ends_like_a_sentence(text: str) -> bool:
    """Whether ``text`` ends in a stop of any script."""
    return _ENDS.search(_tail(text)) is not None


def _tail(text: str) -> str:
    # The patterns look at the end alone; ten thousand question marks must not cost a minute.
    return fold_quotes(text.rstrip()[-_TAIL:])


def quoted_share(text: str) -> float:
    """The share of characters inside quotation marks, in [0, 1]."""
    if not text:
        return 0.0
    return sum(len(match.group()) for match in _QUOTED.finditer(text)) / len(text)


def is_claim_title(title: str) -> bool:
    """Whether an English headline says something: a subject with a finite verb, or a demand.

    Headline English leaves out the verb "be" ("Two held over fire") and sets
    nouns that look like verbs ("Terror attacks in the north"); word lists and
    neighbours decide. Questions are no claims; "Why X is Y" is one.
    """
    if is_question(title):
        return False
    folded = fold_quotes(title)
    bounds = [match.span() for match in _SEGMENT.finditer(folded)]
    starts = [0, *(end for _, end in bounds)]
    ends = [*(start for start, _ in bounds), len(folded)]
    return any(_says(folded[start:end]) for start, end in zip(starts, ends, strict=True))


def _says(segment: str) -> bool:
    words = cues().words
    spelled = [segment[start:end] for start, end in word_spans(segment)]
    if len(spelled) < 2:
        return False
    tokens = [word.lower() for word in spelled]
    first = tokens[0]
    body_of_that_name = spelled[0].isupper() and not spelled[1].isupper()  # "WHO warns"
    if first == "do" and tokens[1] == "not":
        return True
    if (first in words["question_words"] and not body_of_that_name) or first in words["inverted"]:
        return False
    if first in ("how", "why"):
        if tokens[1] in words["inverted"] or tokens[1] == "to":
            return False
    elif (
        (first in words["imperatives"] or first in words["strong"])
        and len(tokens) > 2
        and tokens[1] not in ("of", "and")
    ):
        return True
    if first in words["modals"] and "'" in first:
        return True
    return any(_is_verb(tokens, index) for index in range(1, len(tokens)))


def _is_verb(tokens: list[str], index: int) -> bool:
    words = cues().words
    token, before = tokens[index], tokens[index - 1]
    after = tokens[index + 1] if index + 1 < len(tokens) else ""
    if before in words["before_noun"]:
        return False
    if {"that", "which", "who"} & set(tokens[max(1, index - 2) : index]):
        return False  # "A kettle that only boils"
    if token in words["modals"]:
        return True
    if before.endswith(("'s", "s'")) or before.isdigit():
        return False
    if token in words["strong_s"] or token in words["irregular"]:
        return True
    noun_place = not after or (
        after in words["after_noun"] and f"{token} {after}" not in words["phrases"]
    )
    if token in words["weak_s"]:
        return not noun_place
    if token.endswith("ed") and len(token) > 4 and "-" not in token:
        return True
    if before == "to":
        future = index > 1 and tokens[index - 2] not in words["infinitive_nouns"]
        return future and (token in words["strong"] or token in words["weak"])
    plural = before in words["plural_subjects"] or regex.search("[^s]s$", before) is not None
    if plural and token in words["strong"]:
        return True
    return plural and token in words["weak"] and not noun_place


def _third_person(verb: str) -> str:
    if verb.endswith(("s", "sh", "ch", "x", "z", "o")):
        return f"{verb}es"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return f"{verb[:-1]}ies"
    return f"{verb}s"


def _any(patterns: Iterable[str]) -> regex.Pattern[str]:
    return regex.compile("|".join(f"(?:{pattern})" for pattern in patterns), regex.IGNORECASE)


def _labels(labels: Iterable[str]) -> regex.Pattern[str]:
    either = "|".join(regex.escape(label) for label in dict.fromkeys(labels))
    return regex.compile(rf"^\W{{0,3}}(?:{either})\W{{0,2}}[:.)]\W*\s", regex.IGNORECASE)
