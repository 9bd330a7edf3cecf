"""Reading what a user points at, with an error by name for everything that is no page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from toolkit.errors import (
    BinarySourceError,
    EmptySourceError,
    InputError,
    SourceIsDirectoryError,
    SourceNotFoundError,
)
from toolkit.parsing.decode import decode

#: How much of a page is looked at to tell its kind.
_LOOKED_AT: Final = 65_536
#: Characters that leave nothing to read.
_BLANK: Final = " \t\r\n\x00\x0b\x0c\ufeff\u200b\u00a0"
_CONTROL: Final = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")

_MARKUP: Final = re.compile(
    r"\s{0,200}(?:<\?xml[^>]{0,300}>\s{0,200})?<(?:!doctype\s+html|html[\s>]|head[\s>]|body[\s>])",
    re.IGNORECASE,
)
_TAG: Final = re.compile(
    r"</?(?:html|head|title|body|div|p|span|a|ul|ol|li|dl|dt|dd|table|tr|td|article|section|header"
    r"|footer|main|nav|aside|h[1-6]|br|hr|img|script|style|meta|link|form|input|blockquote|pre"
    r"|strong|em|b|i|time|svg|noscript|iframe)(?:\s[^<>]{0,1000})?/?>",
    re.IGNORECASE,
)


def read_bytes(path: Path) -> bytes:
    """What the file at ``path`` holds.

    Raises SourceNotFoundError, SourceIsDirectoryError, or InputError where the
    system does not let us read it.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise SourceNotFoundError(
            f"there is no file {path}",
            next_step="Check the spelling and the folder; a page is named by the path of its file.",
        ) from error
    except IsADirectoryError as error:
        raise SourceIsDirectoryError(
            f"{path} is a folder, not a page",
            next_step="Name one file in it.",
        ) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(
            f"{path} cannot be read: {reason}", next_step="Check the path and its permissions."
        ) from error


def to_text(source: str | bytes) -> str:
    """The characters of a page.

    Raises EmptySourceError where there is nothing to read and
    BinarySourceError where it is no text.
    """
    if isinstance(source, bytes):
        if not source.strip(b" \t\r\n\x00\x0b\x0c\xef\xbb\xbf"):
            raise _empty()
        source = decode(source).text
    if not source.strip(_BLANK):
        raise _empty()
    sample = source[:_LOOKED_AT]
    if len(_CONTROL.findall(sample)) > max(8, len(sample) // 20):
        raise BinarySourceError(
            "this is no text: it is full of control characters",
            next_step="Save the page as HTML or as plain text and give that file.",
        )
    return source


def looks_like_html(text: str) -> bool:
    """Whether ``text`` is markup, rather than words that mention some."""
    head = text.lstrip(_BLANK)[:_LOOKED_AT]
    if _MARKUP.match(head) or (head.startswith("<!--") and _MARKUP.search(head[:4000])):
        return True
    if head.startswith("<?xml"):
        return False  # a feed or an export
    tags = _TAG.findall(head)
    if len(tags) >= 2 and head.startswith("<"):
        return True
    # Prose about HTML quotes a tag here and there; markup is full of them.
    return len(tags) >= 6 and len(tags) * 400 >= len(head)


def _empty() -> EmptySourceError:
    return EmptySourceError("the page is empty", next_step="Save the page again, with its content.")
