"""Which language a text is in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LanguageGuess:
    """``tag`` is BCP 47 (``en``, ``zh``), ``und`` where unsure; ``confidence`` in [0, 1]."""

    tag: str
    confidence: float


def detect(texts: Sequence[str]) -> list[LanguageGuess]:
    """One guess a text; each depends on its text alone."""
    raise NotImplementedError
