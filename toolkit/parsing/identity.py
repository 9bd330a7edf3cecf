"""Ids that stay the same when the same page is read again."""

from __future__ import annotations

import hashlib

from toolkit.text.normalize import collapse


def article_id(*, url: str | None, title: str | None, text: str) -> str:
    """``a`` and twelve hexadecimal digits: of the URL where there is one, else of title and text.

    BLAKE2b over UTF-8, 48 bits: among a million articles the chance that any
    two share an id is about 0.2 percent.
    """
    basis = url.strip() if url and url.strip() else f"{collapse(title or '')}\n{collapse(text)}"
    return "a" + hashlib.blake2b(basis.encode("utf-8", "replace"), digest_size=6).hexdigest()
