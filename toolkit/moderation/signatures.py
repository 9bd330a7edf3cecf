"""The signature of a webhook: HMAC-SHA256, as Standard Webhooks 1.0.0 writes it."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from toolkit.errors import InputError

#: Age in seconds, either way, beyond which a receiver should refuse a webhook.
REPLAY_WINDOW: Final = 300


def sign(delivery_id: str, timestamp: int, body: bytes, secrets: Sequence[bytes]) -> str:
    """``webhook-signature``: one ``v1,base64`` for each secret, with spaces between."""
    signed = f"{delivery_id}.{timestamp}.".encode() + body
    return " ".join(
        "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
        for secret in secrets
    )


def verify(
    headers: Mapping[str, str],
    body: bytes,
    secrets: Sequence[bytes],
    *,
    now: datetime,
    window: int = REPLAY_WINDOW,
) -> str:
    """The ``webhook-id`` of a webhook that is genuine and fresh, for receivers in Python.

    The receiver must still refuse an id that it has seen within the window.

    Raises InputError where a header is missing, the time is more than
    ``window`` seconds off, or no signature fits.
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    try:
        delivery_id, stamp, given = (
            lowered[f"webhook-{name}"] for name in ("id", "timestamp", "signature")
        )
        timestamp = int(stamp)
    except (KeyError, ValueError) as error:
        raise InputError(
            "the webhook lacks an id, a timestamp or a signature", next_step="Refuse it."
        ) from error
    if abs(now.timestamp() - timestamp) > window:
        raise InputError(
            "the webhook is too old, or from the future", next_step="Refuse it; check the clocks."
        )
    expected = sign(delivery_id, timestamp, body, secrets).split(" ")
    # Every pair is compared, so that the time taken tells nothing.
    fits = [hmac.compare_digest(a.encode(), b.encode()) for a in given.split(" ") for b in expected]
    if not any(fits):
        raise InputError("no signature of the webhook fits", next_step="Refuse it.")
    return delivery_id
