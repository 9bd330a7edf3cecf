"""A receipt: anyone who holds a request and its answer can check that they belong together.

The digest of a canonical text over what was asked, which versions answered,
and the scores. ``docs/perspective.md`` gives the recipe, which needs nothing of
this package. With a key it is an HMAC, which only the server's operator can
make; without one it proves that nothing was changed by accident.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any, Final

_PREFIX: Final = {False: "sha256", True: "hmac-sha256"}


def receipt(request: Mapping[str, Any], answer: Mapping[str, Any], key: bytes | None = None) -> str:
    """``sha256:HEX`` or ``hmac-sha256:HEX`` of a request and its answer, both as decoded JSON."""
    text = canonical(request, answer).encode()
    digest = hmac.digest(key, text, "sha256") if key else hashlib.sha256(text).digest()
    return f"{_PREFIX[key is not None]}:{digest.hex()}"


def canonical(request: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
    """The text that is digested: one JSON object with sorted keys and no white space.

    Scores stand in it as text with six decimals, since languages write numbers
    differently; of the comment and of its context only digests are in it.
    """
    toolkit = answer.get("toolkit", {})
    scores = answer.get("attributeScores", {})
    return json.dumps(
        {
            "calibration": toolkit.get("calibrationVersion"),
            "comment": _digest((request.get("comment") or {}).get("text", "")),
            "context": _digest(_plain(request["context"])) if request.get("context") else None,
            "languages": request.get("languages") or [],
            "model": toolkit.get("modelVersion"),
            "requested": sorted(
                request.get("requestedAttributes") or request.get("requested_attributes") or ()
            ),
            "scores": {
                name: f"{score['summaryScore']['value']:.6f}" for name, score in scores.items()
            },
        },
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )


def _plain(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
