"""Requests as nobody should send them, always the same ones for a number."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

ANALYZE, SUGGEST = "/v1alpha1/comments:analyze?key=any", "/v1alpha1/comments:suggestscore?key=any"
BATCH = "/batch/commentanalyzer/v1alpha1"

Malformed = tuple[str, bytes, dict[str, str]]


def malformed(number: int, secret: str, seed: int = 7) -> Iterator[Malformed]:
    """(path, body, headers); each body holds ``secret`` where it can hold a text."""
    chance = random.Random(seed)
    makers = (
        _truncated, _wrong_type, _number, _surrogate, _bytes, _deep, _empty, _long, _attributes,
        _suggestion, _batch, _elsewhere,
    )  # fmt: skip
    for count in range(number):
        yield makers[count % len(makers)](chance, secret)


def _good(secret: str) -> dict[str, Any]:
    return {
        "comment": {"text": f"A comment with {secret} in it."},
        "requestedAttributes": {"TOXICITY": {}},
        "languages": ["en"],
        "context": {"entries": [{"text": secret}]},
    }


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _truncated(chance: random.Random, secret: str) -> Malformed:
    body = _json(_good(secret))
    return ANALYZE, body[: chance.randrange(len(body) - 1)], {}


def _wrong_type(chance: random.Random, secret: str) -> Malformed:
    body = _good(secret)
    field = chance.choice(
        ["comment", "requestedAttributes", "languages", "context", "spanAnnotations", "doNotStore",
         "clientToken", "sessionId"]
    )  # fmt: skip
    body[field] = chance.choice([7.5, f"{secret}", [[secret]], {"text": {"text": secret}}])
    if field in ("clientToken", "sessionId") and isinstance(body[field], str):
        body[field] = {"a": secret}
    if field in ("comment", "context", "requestedAttributes") and isinstance(body[field], dict):
        body[field] = [body[field]]
    return ANALYZE, _json(body), {}


def _number(chance: random.Random, secret: str) -> Malformed:
    number = chance.choice(["1e999", "NaN", "-Infinity", "1" * 5000, "0x10", "01", "1e", "--1"])
    body = (
        f'{{"comment": {{"text": "{secret}"}}, "requestedAttributes": '
        f'{{"TOXICITY": {{"scoreThreshold": {number}}}}}, "clientToken": 1}}'
    )
    return ANALYZE, body.encode(), {}


def _surrogate(chance: random.Random, secret: str) -> Malformed:
    escape = chance.choice(["\\ud800", "\\udfff", "\\udc00\\ud800"])
    text = (
        f'{{"comment": {{"text": "{secret} {escape}"}}, "requestedAttributes": {{"INSULT": {{}}}}}}'
    )
    return ANALYZE, text.encode(), {}


def _bytes(chance: random.Random, secret: str) -> Malformed:
    return ANALYZE, secret.encode() + chance.randbytes(chance.randrange(1, 3000)), {}


def _deep(chance: random.Random, secret: str) -> Malformed:
    depth = chance.choice([2_000, 50_000])
    opened = chance.choice(['{"comment":', "[", '{"context":{"entries":['])
    return ANALYZE, (opened * depth + f'"{secret}"').encode(), {}


def _empty(chance: random.Random, secret: str) -> Malformed:
    body = _good(secret)
    body["comment"] = chance.choice([None, {}, {"text": ""}, {"text": " \n\t"}, {"text": None}])
    return ANALYZE, chance.choice([b"", b"null", b"0", b'""', _json(body)]), {}


def _long(chance: random.Random, secret: str) -> Malformed:
    body = _good(secret)
    body["comment"]["text"] = f"{secret} " * chance.randrange(1000, 20_000)
    return ANALYZE, _json(body), {}


def _attributes(chance: random.Random, secret: str) -> Malformed:
    body = _good(secret)
    body["requestedAttributes"] = chance.choice(
        [
            {},
            {secret: {}},
            {"TOXICITY": {"scoreType": secret}},
            {"TOXICITY": {"scoreThreshold": {"value": secret}}},
            {"TOXICITY": {"scoreThreshold": "high"}},
            {f"TOXICITY@{n}": {} for n in range(200)},
            {"": {}},
            {"\u0000": {}},
        ]
    )
    return ANALYZE, _json(body), {}


def _suggestion(chance: random.Random, secret: str) -> Malformed:
    value = chance.choice([2, -1, secret, None, [], {"value": 1}])
    scores = {"TOXICITY": {"summaryScore": {"value": value}}}
    body = {"comment": {"text": secret}, "attributeScores": chance.choice([{}, scores, 3])}
    return SUGGEST, _json(body), {}


def _batch(chance: random.Random, secret: str) -> Malformed:
    kind = chance.choice(
        [
            "multipart/mixed",
            "multipart/mixed; boundary=",
            "text/plain",
            "multipart/mixed; boundary=b",
        ]
    )
    parts = chance.choice(
        [secret, f"--b\r\n\r\n{secret}\r\n--b--", "--b--\r\n", "--b\r\n\r\n\r\n\r\n--b--\r\n"]
    )
    return BATCH, parts.encode(), {"Content-Type": kind}


def _elsewhere(chance: random.Random, secret: str) -> Malformed:
    paths = ["/v1alpha1/comments:guess", "/v1alpha1", "/healthz", "/%00", "/..%2f..%2fetc"]
    path = chance.choice([*paths, f"/{secret}", "/v1alpha1/comments:analyze/"])
    return path, _json(_good(secret)), {}
