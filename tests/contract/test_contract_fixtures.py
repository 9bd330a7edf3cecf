"""Requests as the clients send them, answers as they read them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

FIXTURES = sorted((Path(__file__).parent / "fixtures").glob("*.json"))


def matches(expected: Any, found: Any, place: str = "") -> list[str]:
    """Where ``found`` differs from what is expected of it; further fields are no difference."""
    if expected == "<score>":
        good = isinstance(found, float) and 0 <= found <= 1
        return [] if good else [f"{place}: {found!r} is no score"]
    if isinstance(expected, dict):
        if not isinstance(found, dict):
            return [f"{place}: {found!r} is no object"]
        return [
            problem
            for name, value in expected.items()
            for problem in matches(value, found.get(name), f"{place}.{name}")
        ]
    if isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        return [
            problem
            for number, (one, other) in enumerate(zip(expected, found, strict=True))
            for problem in matches(one, other, f"{place}[{number}]")
        ]
    return [] if expected == found else [f"{place}: {found!r} is not {expected!r}"]


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_fixture(request: pytest.FixtureRequest, path: Path) -> None:
    fixture = json.loads(path.read_text())
    address = request.getfixturevalue(fixture.get("server", "site_server"))
    sent = fixture["request"]
    response = httpx.post(
        address + sent["path"],
        params=sent["query"],
        headers=sent["headers"],
        content=json.dumps(sent["body"]),
        timeout=60,
    )
    assert response.status_code == fixture["response"]["status"], response.text
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert matches(fixture["response"]["body"], response.json()) == []


def test_a_difference_is_seen() -> None:
    assert matches({"a": [{"b": "<score>"}]}, {"a": [{"b": 0.5}], "c": 1}) == []
    assert matches({"a": ["<score>"]}, {"a": [1.5]})
    assert matches({"a": [1]}, {"a": [1, 2]})
    assert matches({"a": {"b": 1}}, {"a": 1})
