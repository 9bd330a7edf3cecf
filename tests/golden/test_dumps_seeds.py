"""Every sample dump, row for row: fields, traps, parents, states, articles, rejects."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from toolkit.dumps import FORMATS, read_dump
from toolkit.schema import ARTICLE_SCHEMA, COMMENT_SCHEMA

GOLDEN = Path(__file__).parent / "dumps.json"
SEEDS = Path(__file__).resolve().parents[2] / "seeds" / "dumps"
NAMES = sorted(path.name for path in SEEDS.iterdir())


def read(name: str) -> dict[str, Any]:
    dump = read_dump(SEEDS / name)
    comments = dump.comments.collect()
    assert comments.schema == COMMENT_SCHEMA
    assert comments["position"].to_list() == list(range(comments.height))
    assert comments["source_format"].unique().to_list() == [dump.format]
    articles = dump.articles.collect()
    assert articles.schema == ARTICLE_SCHEMA
    shown = comments.drop("position", "source_format")
    return {
        "format": dump.format,
        "rows": [
            [value.isoformat() if hasattr(value, "isoformat") else value for value in row]
            for row in shown.rows()
        ],
        "articles": [list(row) for row in articles.rows()],
        "rejected": dump.rejects["reason"].to_list(),
        "notes": list(dump.notes),
    }


def written(values: dict[str, Any]) -> str:
    """JSON with one row a line, so that a change is seen where it is."""
    parts = []
    for name, value in values.items():
        fields = []
        for key, item in value.items():
            if key in ("rows", "articles") and item:
                lines = ",\n   ".join(json.dumps(row, ensure_ascii=False) for row in item)
                fields.append(f'  "{key}": [\n   {lines}\n  ]')
            else:
                fields.append(f'  "{key}": {json.dumps(item, ensure_ascii=False)}')
        parts.append(f' "{name}": {{\n' + ",\n".join(fields) + "\n }")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def test_golden_is_up_to_date() -> None:
    if os.environ.get("TOOLKIT_UPDATE_GOLDEN"):
        GOLDEN.write_text(written({name: read(name) for name in NAMES}), encoding="utf-8")
    assert sorted(json.loads(GOLDEN.read_text(encoding="utf-8"))) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_seed(name: str) -> None:
    assert read(name) == json.loads(GOLDEN.read_text(encoding="utf-8"))[name]


@pytest.mark.parametrize("known", FORMATS.values(), ids=FORMATS)
def test_every_format_has_its_own_sample(known: Any) -> None:
    assert known.example in NAMES
    dump = read_dump(SEEDS / known.example)
    assert dump.format == known.name
    named = read_dump(SEEDS / known.example, format=known.name)
    assert named.comments.collect().equals(dump.comments.collect())
    assert set(known.fields) <= set(COMMENT_SCHEMA)
