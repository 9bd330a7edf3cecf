"""Who wrote a comment, and when, as its header prints it."""

from __future__ import annotations

from toolkit.parsing.when import When, find_when, infer_dayfirst, parse_when

__all__ = ["When", "find_when", "infer_dayfirst", "parse_when"]
