"""A request of the contract -> its answer."""

from __future__ import annotations

from typing import Any, Final

from toolkit.text.html_text import html_to_text
from toolkit.text.language import detect
from toolkit.text.sentences import sentence_spans
from toolkit.web.engine import Engine, Question
from toolkit.web.perspective.attributes import ATTRIBUTES, Attribute, canonical
from toolkit.web.perspective.errors import PerspectiveError, unsupported_language
from toolkit.web.perspective.requests import (
    AnalyzeRequest,
    SuggestRequest,
    TextEntry,
    Wanted,
    checked_text,
)

#: Languages the embedded models are made for.
LANGUAGES: Final = frozenset({"en"})


class Scorer:
    """Answers ``analyze`` and ``suggestscore``.

    ``drop_unsupported`` treats every request as if it set
    ``dropUnsupportedAttributes``.
    """

    def __init__(self, engine: Engine, *, drop_unsupported: bool = False) -> None:
        self._engine = engine
        self._drop_unsupported = drop_unsupported

    async def analyze(self, request: AnalyzeRequest) -> dict[str, Any]:
        """The body of a 200. Raises PerspectiveError with the contract's own words."""
        raw = checked_text(request.comment)
        assert request.comment is not None
        if not request.requestedAttributes:
            raise PerspectiveError(
                "Missing requested_attributes", error_type="NO_REQUESTED_ATTRIBUTES"
            )
        text = plain(request.comment)
        article = request.context.article() if request.context is not None else None
        against = plain(article) if article is not None else None
        wanted, dropped = self._wanted(request, has_context=bool(against))
        detected = [guess.tag for guess in detect([text]) if guess.tag != "und"]
        wanted, refused = self._for_language(request, wanted, detected)
        dropped += refused
        scores = await self._scores(request, raw, text, against, wanted)
        answer: dict[str, Any] = {}
        if scores:
            answer["attributeScores"] = scores
        answer["languages"] = request.languages or detected or ["en"]
        answer["detectedLanguages"] = detected
        if request.clientToken is not None:
            answer["clientToken"] = request.clientToken
        if dropped:
            answer["droppedAttributes"] = dropped
        answer["toolkit"] = {"modelVersion": self._engine.versions["toxicity"]}
        return answer

    def suggest(self, request: SuggestRequest) -> dict[str, Any]:
        """The body of a 200 for a suggested score; the text is not kept."""
        text = checked_text(request.comment)
        if not request.attributeScores:
            raise PerspectiveError("Missing attribute_scores")
        answer: dict[str, Any] = {
            "detectedLanguages": [guess.tag for guess in detect([text]) if guess.tag != "und"],
            "requestedLanguages": request.languages,
        }
        if request.clientToken is not None:
            answer["clientToken"] = request.clientToken
        return answer

    def _wanted(
        self, request: AnalyzeRequest, *, has_context: bool
    ) -> tuple[dict[str, tuple[Attribute, Wanted]], list[str]]:
        """The attributes to answer, keyed as they were asked, and the ones left out."""
        drop = request.dropUnsupportedAttributes or self._drop_unsupported
        found: dict[str, tuple[Attribute, Wanted]] = {}
        dropped = []
        for key, options in request.requestedAttributes.items():
            attribute = ATTRIBUTES.get(canonical(key))
            options = options or Wanted()
            problem = None
            if attribute is None:
                problem = f"Unknown requested attribute: {key}"
            elif options.scoreType not in ("PROBABILITY", "SCORE_TYPE_UNSPECIFIED"):
                problem = f"Score type {options.scoreType} is not supported for attribute {key}"
            elif attribute.needs_context and not has_context:
                problem = f"Attribute {key} needs the article in context"
            if problem is None and attribute is not None:
                found[key] = (attribute, options)
            elif drop:
                dropped.append(key)
            else:
                raise PerspectiveError(problem or key)
        return found, dropped

    def _for_language(
        self,
        request: AnalyzeRequest,
        wanted: dict[str, tuple[Attribute, Wanted]],
        detected: list[str],
    ) -> tuple[dict[str, tuple[Attribute, Wanted]], list[str]]:
        asked = [tag.lower() for tag in request.languages]
        tags = asked or detected
        # A text too short to tell is taken as English, as the models are.
        if not tags or any(tag.split("-")[0] in LANGUAGES for tag in tags):
            return wanted, []
        if request.dropUnsupportedAttributes or self._drop_unsupported:
            return {}, list(wanted)
        first = next(iter(wanted), "TOXICITY")
        raise unsupported_language(first, request.languages or detected, detected=not asked)

    async def _scores(
        self,
        request: AnalyzeRequest,
        raw: str,
        text: str,
        article: str | None,
        wanted: dict[str, tuple[Attribute, Wanted]],
    ) -> dict[str, Any]:
        if not wanted:
            return {}
        spans = [(0, len(text))]
        # Spans can only be given in the text as it was sent.
        if request.spanAnnotations and raw == text:
            spans = sentence_spans(text) or spans
        parts = [text[begin:end] for begin, end in spans] if len(spans) > 1 else []
        # What the client states beats what a detector guesses from a few words.
        stated = next((tag for tag in request.languages if tag.lower() in LANGUAGES), None)
        rows = await self._engine.ask([Question(part, article, stated) for part in (text, *parts)])
        whole, pieces = rows[0], rows[1:] or rows[:1]
        utf16 = _utf16_offsets(raw if len(spans) == 1 else text)
        places = [(0, len(raw))] if len(spans) == 1 else spans
        answer = {}
        for key, (attribute, options) in wanted.items():
            value = whole[attribute.column]
            if value is None:
                # The contract has no null; its own words for 'cannot be measured'
                # are these, and clients treat them as 'no opinion'.
                raise PerspectiveError(
                    "Unable to detect language", error_type="LANGUAGE_DETECTION_FAILED"
                )
            if options.scoreThreshold is not None and value < options.scoreThreshold:
                continue
            answer[key] = {
                "spanScores": [
                    {
                        "begin": utf16[begin],
                        "end": utf16[end],
                        "score": {"value": piece[attribute.column], "type": "PROBABILITY"},
                    }
                    for (begin, end), piece in zip(places, pieces, strict=True)
                    if piece[attribute.column] is not None
                ],
                "summaryScore": {"value": value, "type": "PROBABILITY"},
            }
        return answer


def plain(entry: TextEntry) -> str:
    """The entry's text without markup; lone surrogates become U+FFFD."""
    text = entry.text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return html_to_text(text) if entry.type == "HTML" else text


def _utf16_offsets(text: str) -> list[int]:
    """``offsets[i]`` is code point ``i`` counted in UTF-16 code units."""
    offsets = [0]
    for letter in text:
        offsets.append(offsets[-1] + (2 if ord(letter) > 0xFFFF else 1))
    return offsets
