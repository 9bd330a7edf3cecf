"""A request of the contract -> its answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from toolkit.moderation.calibration import Calibration
from toolkit.text.html_text import html_to_text
from toolkit.text.sentences import sentence_spans
from toolkit.web.engine import Engine, Question
from toolkit.web.perspective.attributes import Attribute, canonical, served
from toolkit.web.perspective.errors import PerspectiveError, unavailable, unsupported_language
from toolkit.web.perspective.receipt import receipt
from toolkit.web.perspective.requests import (
    AnalyzeRequest,
    SuggestRequest,
    TextEntry,
    Wanted,
    checked_content,
    checked_context,
    checked_text,
)
from toolkit.web.suggestions import SuggestionFile

#: Attributes in one request at most; the contract has 31.
MAX_ATTRIBUTES: Final = 100
#: Spans in one answer at most; a text of more sentences has several to a span.
MAX_SPANS: Final = 256

_Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a server answers, beyond what a request asks.

    ``drop_unsupported`` treats every request as if it set
    ``dropUnsupportedAttributes``; ``language`` is that of requests which state
    none; ``receipt_key`` makes receipts an HMAC.
    """

    drop_unsupported: bool = False
    language: str | None = None
    calibration: Calibration | None = None
    suggestions: SuggestionFile | None = None
    receipt_key: bytes | None = None


@dataclass(slots=True)
class _Asked:
    """What remains to be answered, keyed as it was asked, and what was left out."""

    wanted: dict[str, tuple[Attribute, Wanted]]
    dropped: list[str]
    unmeasured: dict[str, str]


class Scorer:
    """Answers ``analyze`` and ``suggestscore``."""

    def __init__(self, engine: Engine, options: Options) -> None:
        self._engine = engine
        self._options = options

    async def analyze(self, request: AnalyzeRequest, raw: Mapping[str, Any]) -> dict[str, Any]:
        """The body of a 200. ``raw`` is the request as decoded JSON, for the receipt.

        Raises PerspectiveError with the contract's own words, Overloaded.
        """
        given = checked_text(request.comment)
        assert request.comment is not None
        text = plain(request.comment)
        checked_content(text)
        article = request.context.article() if request.context is not None else None
        checked_context(article)
        against = plain(article).strip() if article is not None else ""
        asked = self._asked(request, has_context=bool(against))
        # Spans are places in the text as it was sent.
        spans = _spans(text) if request.spanAnnotations and given == text else [(0, len(text))]
        rows = await self._rows(request, text, spans, against, asked)
        detected = _known(rows[0]["detected"])
        self._check(request, asked, rows[0], detected)
        utf16 = _utf16_offsets(given)
        places = [(utf16[a], utf16[b]) for a, b in spans] if len(spans) > 1 else [(0, utf16[-1])]
        pieces = rows[1:] if len(spans) > 1 else rows
        scores = {}
        for key, (attribute, options) in asked.wanted.items():
            value = self._value(attribute, rows[0])
            assert value is not None
            if options.scoreThreshold is None or value >= options.scoreThreshold:
                scores[key] = self._score(attribute, value, places, pieces)
        answer: dict[str, Any] = {"attributeScores": scores} if scores else {}
        answer["languages"] = self._stated(request) or detected or ["en"]
        answer["detectedLanguages"] = detected
        if request.clientToken is not None:
            answer["clientToken"] = request.clientToken
        if asked.dropped:
            answer["droppedAttributes"] = asked.dropped
        answer["toolkit"] = self._toolkit(asked)
        answer["toolkit"]["receipt"] = receipt(raw, answer, self._options.receipt_key)
        return answer

    async def suggest(self, request: SuggestRequest) -> dict[str, Any]:
        """The body of a 200 for suggested scores; kept only where a file was asked for."""
        text = checked_text(request.comment)
        assert request.comment is not None
        if not request.attributeScores:
            raise PerspectiveError("Missing attribute_scores")
        text = plain(request.comment)
        rows = await self._engine.ask([Question(text=text, analyzers=frozenset())])
        detected = _known(rows[0]["detected"])
        kept = self._options.suggestions
        if kept is not None and not request.doNotStore:
            stated = request.languages or detected
            suggested = [
                {
                    "text": text,
                    "language": stated[0] if stated else None,
                    "attribute": canonical(name),
                    "value": scores.summaryScore.value,
                    "community_id": request.communityId,
                    "client_token": request.clientToken,
                }
                for name, scores in request.attributeScores.items()
                if scores.summaryScore is not None
            ]
            try:
                kept.append(suggested)
            except OSError as error:
                raise unavailable() from error
        answer: dict[str, Any] = {
            "detectedLanguages": detected,
            "requestedLanguages": request.languages,
        }
        if request.clientToken is not None:
            answer["clientToken"] = request.clientToken
        return answer

    def _asked(self, request: AnalyzeRequest, *, has_context: bool) -> _Asked:
        """Raises PerspectiveError for the first attribute that is not served."""
        if not request.requestedAttributes:
            raise PerspectiveError(
                "Missing requested_attributes", error_type="NO_REQUESTED_ATTRIBUTES"
            )
        if len(request.requestedAttributes) > MAX_ATTRIBUTES:
            raise PerspectiveError(f"More than {MAX_ATTRIBUTES} requested_attributes")
        there = served(self._engine.columns)
        asked = _Asked({}, [], {})
        for key, given in request.requestedAttributes.items():
            attribute = there.get(canonical(key))
            options = given or Wanted()
            problem = None
            if attribute is None:
                problem = f"Unknown requested attribute: {key}"
            elif options.scoreType not in ("PROBABILITY", "SCORE_TYPE_UNSPECIFIED"):
                problem = f"Score type {options.scoreType} is not supported for attribute {key}"
            elif attribute.needs_context and not has_context:
                problem = f"Attribute {key} needs the article in context"
            if problem is None and attribute is not None:
                asked.wanted[key] = (attribute, options)
            elif self._drops(request):
                asked.dropped.append(key)
            else:
                raise PerspectiveError(problem or key)
        return asked

    def _drops(self, request: AnalyzeRequest) -> bool:
        return request.dropUnsupportedAttributes or self._options.drop_unsupported

    async def _rows(
        self,
        request: AnalyzeRequest,
        text: str,
        spans: Sequence[_Span],
        article: str,
        asked: _Asked,
    ) -> list[dict[str, Any]]:
        """The whole text's row, then one for each span where there are several."""
        needed = frozenset(attribute.analyzer for attribute, _ in asked.wanted.values())
        against = article if "stance" in needed else None

        def question(part: str, languages: Sequence[str], *, whole: bool) -> Question:
            return Question(
                text=part,
                analyzers=needed,
                article=against,
                languages=tuple(languages),
                detect=whole,
                private=request.doNotStore,
            )

        # What the client states beats what a detector guesses from a few words.
        stated = self._stated(request)
        rows = await self._engine.ask([question(text, stated, whole=True)])
        if len(spans) > 1 and asked.wanted:
            detected = _known(rows[0]["detected"])
            known = [tag for tag in detected if tag in stated] or stated
            rows += await self._engine.ask(
                [question(text[a:b], known or detected, whole=False) for a, b in spans]
            )
        return rows

    def _stated(self, request: AnalyzeRequest) -> list[str]:
        default = self._options.language
        return request.languages or ([default] if default else [])

    def _check(
        self, request: AnalyzeRequest, asked: _Asked, row: Mapping[str, Any], detected: list[str]
    ) -> None:
        """Take out what could not be measured, or raise the contract's error for it."""
        for key, (attribute, _) in list(asked.wanted.items()):
            if attribute.value(row) is not None:
                continue
            reason = attribute.null_reason(row)
            stated = self._stated(request)
            languages = stated or detected
            if reason == "language" and languages and not self._drops(request):
                raise unsupported_language(key, languages, detected=not stated)
            del asked.wanted[key]
            if reason == "language" and languages:
                asked.dropped.append(key)
            elif attribute.ours:
                asked.unmeasured[key] = reason
            elif self._drops(request):
                asked.dropped.append(key)
                asked.unmeasured[key] = reason
            else:
                # The contract has no null; its own words for 'cannot be measured'
                # are these, and clients treat them as 'no opinion'.
                raise PerspectiveError(
                    "Unable to detect language", error_type="LANGUAGE_DETECTION_FAILED"
                )

    def _value(self, attribute: Attribute, row: Mapping[str, Any]) -> float | None:
        value = attribute.value(row)
        calibration = self._options.calibration
        if value is None or calibration is None or attribute.name not in calibration.maps:
            return value
        return calibration.maps[attribute.name](value)

    def _score(
        self,
        attribute: Attribute,
        value: float,
        places: Sequence[_Span],
        pieces: Sequence[Mapping[str, Any]],
    ) -> dict[str, Any]:
        spans = []
        for (begin, end), piece in zip(places, pieces, strict=True):
            of_piece = self._value(attribute, piece)
            if of_piece is not None:
                score = {"value": of_piece, "type": "PROBABILITY"}
                spans.append({"begin": begin, "end": end, "score": score})
        return {"spanScores": spans, "summaryScore": {"value": value, "type": "PROBABILITY"}}

    def _toolkit(self, asked: _Asked) -> dict[str, Any]:
        versions = self._engine.versions
        used = sorted({attribute.analyzer for attribute, _ in asked.wanted.values()})
        calibration = self._options.calibration
        told: dict[str, Any] = {
            "modelVersion": "; ".join(f"{name} {versions[name]}" for name in used),
            "calibrationVersion": calibration.version if calibration is not None else None,
        }
        if asked.unmeasured:
            told["unmeasured"] = asked.unmeasured
        return told


def plain(entry: TextEntry) -> str:
    """The entry's text without markup."""
    return html_to_text(entry.text) if entry.type == "HTML" else entry.text


def _known(tag: str) -> list[str]:
    return [] if tag == "und" else [tag]


def _spans(text: str) -> list[_Span]:
    """Sentences, or runs of sentences where there are more than MAX_SPANS."""
    found = sentence_spans(text) or [(0, len(text))]
    run = -(-len(found) // MAX_SPANS)
    runs = [found[first : first + run] for first in range(0, len(found), run)]
    return [(group[0][0], group[-1][1]) for group in runs]


def _utf16_offsets(text: str) -> list[int]:
    """``offsets[i]`` is code point ``i`` counted in UTF-16 code units."""
    offsets = [0]
    for letter in text:
        offsets.append(offsets[-1] + (2 if ord(letter) > 0xFFFF else 1))
    return offsets
