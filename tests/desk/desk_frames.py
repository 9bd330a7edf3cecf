"""Scored comments as an import brings them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl


def rows(number: int, *, article: str = "a1", first: int = 1, toxic: float = 0.0) -> pl.DataFrame:
    """Comments with scores that rise with their number."""
    numbers = range(first, first + number)
    return pl.DataFrame(
        {
            "comment_id": [f"c{n}" for n in numbers],
            "article_id": article,
            "parent_id": [None if n % 3 else f"c{n - 1}" for n in numbers],
            "author_name": [f"Author {n % 7}" for n in numbers],
            "created_at": [
                datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(seconds=n) for n in numbers
            ],
            "text": [f"Comment number {n} has its own words." for n in numbers],
            "position": list(numbers),
            "toxicity__toxicity": [max(toxic, n / (first + number)) for n in numbers],
            "toxicity__threat": [0.01 for n in numbers],
            "stance__alignment": [None if n % 5 == 0 else (n % 9 - 4) / 4 for n in numbers],
            "rhetoric__name_calling": [n % 2 for n in numbers],
            "language__tag": ["de" if n % 4 == 0 else "en" for n in numbers],
        },
        schema_overrides={"parent_id": pl.String, "stance__alignment": pl.Float64},
    )
