"""Looks a lexicon file over: what is wrong with it, and what is only doubtful."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import re2  # type: ignore[import-untyped]

from toolkit.analyzers.lexicon import (
    ANY_LANGUAGE,
    Entry,
    Guard,
    Layer,
    Lexicon,
    load,
    overlay,
    read,
)
from toolkit.analyzers.lexicon.anchor import anchors
from toolkit.analyzers.lexicon.file import CategoryFile
from toolkit.analyzers.lexicon.match import Matcher, compile_pattern
from toolkit.analyzers.lexicon.tokens import canonical_phrase, canonical_phrases

#: What RE2 leaves out because no linear-time engine can have it.
_NOT_LINEAR: Final = re.compile(r"\(\?<?[=!]|\(\?P=|\\[1-9]|\(\?>")
#: Canonical text holds no capital; escapes such as \pL are no letters.
_CAPITAL: Final = re.compile(r"\\[pP](?:\{[^}]*\}|.)|\\.|\[\[?:[^\]]*\]|\(\?P<[^>]*>|([A-Z])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something about an entry. An ``error`` keeps the entry from working as written."""

    severity: Literal["error", "warning"]
    category: str
    entry: str | None
    message: str

    def __str__(self) -> str:
        where = self.category if self.entry is None else f"{self.category}, {self.entry!r}"
        return f"{self.severity}: {where}: {self.message}"


def check(path: Path, *, over: Sequence[Path] = (), built_in: bool = True) -> list[Problem]:
    """The problems of the file at ``path`` when laid over ``over`` and the built-in lexicons.

    Raises LexiconError for a file that cannot be read at all: no TOML, unknown
    or missing fields, an entry twice.
    """
    layer = read(path)
    below = load([file for file in over if file != path], built_in=built_in)
    if str(path) in below.files:  # a built-in file is checked by itself
        below = Lexicon()
    return sorted(_problems(layer, below), key=lambda problem: problem.severity)


def _problems(layer: Layer, below: Lexicon) -> Iterator[Problem]:
    merged = overlay(below, layer)
    broken = False
    for entry in layer.entries:
        for problem in _entry_problems(entry):
            broken = broken or (problem.severity == "error" and entry.pattern is not None)
            yield problem
    yield from _doubled(layer.entries, merged)
    if broken:
        return  # a pattern that does not compile: the examples cannot be tried
    language = layer.language if layer.language != ANY_LANGUAGE else "en"
    matcher = Matcher(merged, language)
    for name, part in layer.categories.items():
        yield from _example_problems(name, part, matcher)
    for entry in layer.entries:
        yield from _counter_problems(entry, matcher)


def _entry_problems(entry: Entry) -> Iterator[Problem]:
    def problem(message: str, severity: Literal["error", "warning"] = "error") -> Problem:
        return Problem(severity=severity, category=entry.category, entry=entry.id, message=message)

    for form, found in zip(entry.forms, canonical_phrases(entry.forms), strict=True):
        if found == " ":
            yield problem(f"{form!r} holds no letter or sign that could be found")
    yield from (problem(message) for message in _guard_faults(entry.guard))
    if entry.pattern is None:
        return
    if _NOT_LINEAR.search(entry.pattern):
        yield problem(
            "look-around and back-references take exponential time; use a guard, "
            "or a group for the span"
        )
        return
    try:
        compiled = compile_pattern(entry.pattern, raw=entry.raw)
        bare = compile_pattern(entry.pattern, raw=True)
    except re2.error as error:
        reason = error.args[0] if error.args else error
        text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        yield problem(f"the pattern does not compile: {text}")
        return
    if bare.fullmatch(b"") is not None:
        yield problem("the pattern matches the empty string")
    if compiled.groups > 1:
        yield problem(
            "the pattern has more than one group: write (?:...) for those that are no span",
            "warning",
        )
    if not entry.raw and any(match.group(1) for match in _CAPITAL.finditer(entry.pattern)):
        yield problem("a capital in the pattern can never match: canonical text is lower case")
    if entry.trigger is None and (entry.raw or not anchors(entry.pattern, before=" ", after=" ")):
        yield problem(
            "the pattern is tried on every text: no literal of four letters must occur in "
            "its matches; a trigger would make it faster",
            "warning",
        )


def _guard_faults(guard: Guard) -> Iterator[str]:
    # A sentence start or end, or a number, is only known beside the match.
    signs = {"not_after": "^", "after": "^", "not_before": "$#", "before": "$#"}
    for name in ("not_after", "after", "not_before", "before", "sentence_has", "sentence_lacks"):
        for phrase in getattr(guard, name):
            if phrase in ("^", "$", "#"):
                if phrase not in signs.get(name, ""):
                    yield f"{phrase!r} has no meaning in {name}"
            elif canonical_phrase(phrase) == " ":
                yield f"{name} holds {phrase!r}, which could not be found"
    for one, other in (
        ("after", "not_after"),
        ("before", "not_before"),
        ("sentence_has", "sentence_lacks"),
    ):
        both = set(getattr(guard, one)) & set(getattr(guard, other))
        if both:
            yield f"{sorted(both)[0]!r} stands both in {one} and in {other}"


def _doubled(entries: Sequence[Entry], merged: Lexicon) -> Iterator[Problem]:
    """Forms that two entries of a category share: only one of them can ever be shown."""
    owners: dict[tuple[str, str, str], list[Entry]] = {}
    written = canonical_phrases([form for entry in merged.entries for form in entry.forms])
    forms_of: dict[tuple[str, str], list[str]] = {}
    at = 0
    for entry in merged.entries:
        forms = list(dict.fromkeys(written[at : at + len(entry.forms)]))
        at += len(entry.forms)
        forms_of[entry.category, entry.id] = forms
        for form in forms:
            owners.setdefault((entry.category, entry.language, form), []).append(entry)
    for entry in entries:
        rivals: dict[str, Entry] = {}
        shared = 0
        forms = forms_of[entry.category, entry.id]
        for form in forms:
            others = [
                other
                for other in owners[entry.category, entry.language, form]
                if other.id != entry.id and other.guard == entry.guard
            ]
            shared += bool(others)
            rivals.update((other.id, other) for other in others)
        if not rivals:
            continue
        names = ", ".join(f"{other.id!r} ({other.lexicon})" for other in rivals.values())
        everything = shared == len(forms)
        yield Problem(
            severity="error" if everything else "warning",
            category=entry.category,
            entry=entry.id,
            message=f"{'all its' if everything else f'{shared} of its'} forms are also in {names}",
        )


def _example_problems(name: str, part: CategoryFile, matcher: Matcher) -> Iterator[Problem]:
    """The examples this file brings; those below it may fail on purpose (an entry disabled)."""

    def problem(message: str) -> Problem:
        return Problem(severity="error", category=name, entry=None, message=message)

    for example in part.examples:
        start = example.text.index(example.span)
        found = _spans(example.text, name, matcher)
        if (start, start + len(example.span)) not in found:
            marked = [example.text[s:e] for s, e in found]
            yield problem(
                f"the example {example.text!r} is not marked at {example.span!r}; marked: {marked}"
            )
    for text in part.counter_examples:
        found = _spans(text, name, matcher)
        if found:
            marked = [text[s:e] for s, e in found]
            yield problem(f"the counter-example {text!r} is marked at {marked}")


def _counter_problems(entry: Entry, matcher: Matcher) -> Iterator[Problem]:
    for text in entry.counter:
        found = matcher.find([text])
        marked = [matcher.entries[index] for index in found.entry.tolist()]
        if any(other.id == entry.id and other.category == entry.category for other in marked):
            yield Problem(
                severity="error",
                category=entry.category,
                entry=entry.id,
                message=f"its counter-example {text!r} is marked by it",
            )


def _spans(text: str, category: str, matcher: Matcher) -> list[tuple[int, int]]:
    found = matcher.find([text])
    wanted = matcher.categories.index(category)
    return [
        (start, end)
        for which, start, end in zip(
            found.category.tolist(), found.start.tolist(), found.end.tolist(), strict=True
        )
        if which == wanted
    ]
