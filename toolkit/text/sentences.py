"""Sentences as offsets."""

from __future__ import annotations


def sentence_spans(text: str, language: str | None = None) -> list[tuple[int, int]]:
    """``(start, end)`` of each sentence, white space at the ends left out."""
    raise NotImplementedError
