"""What WordPress calls a comment's state, in our words."""

from __future__ import annotations

from typing import Final

from toolkit.schema import PUBLISHED

_APPROVAL: Final = {
    "1": PUBLISHED,
    "approved": PUBLISHED,
    "approve": PUBLISHED,
    "": PUBLISHED,
    "0": "pending",
    "hold": "pending",
    "unapproved": "pending",
    "spam": "spam",
    "trash": "trash",
    "post-trashed": "trash",
}


def status_of(kind: str | None, approved: str | None) -> str:
    """``published``, ``pending``, ``spam``, ``trash``; with another type before it.

    A pingback that is not approved is ``pingback:pending``, an approved one ``pingback``.
    A state that WordPress does not define counts as ``pending``: it was not approved.
    """
    state = _APPROVAL.get((approved or "").strip().lower(), "pending")
    kind = (kind or "").strip().lower()
    if kind in ("", "comment"):
        return state
    return kind if state == PUBLISHED else f"{kind}:{state}"
