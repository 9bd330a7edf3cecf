"""What the attributes of a comment's element say of its place: id, parent, level."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from lxml.html import HtmlElement

_NUMBER_AT_END: Final = re.compile(r"(\d+)$")
_FRAGMENT: Final = re.compile(
    r"#(?:[a-z_-]*(?:comment|kommentar|reply|respon[sc]e|post|msg|cmt|c|p|r|answer)[_-]?)?"
    r"([0-9a-f]{24}|\d+)$",
    re.IGNORECASE,
)
_ID_ATTRIBUTES: Final = (
    "data-comment-id", "data-commentid", "data-comment_id", "data-post-id", "data-pid",
    "data-message-id", "data-fullname", "thingid", "data-shortid", "data-node-id", "data-cid",
    "data-id", "data-key", "comment-id",
)  # fmt: skip
_PARENT_ATTRIBUTES: Final = (
    "data-parent-id", "data-parentid", "data-parent", "data-parent-comment-id", "parentid",
    "data-reply-to", "data-replyto", "data-in-reply-to", "data-parent_id", "parent-id",
)  # fmt: skip
_LEVEL_ATTRIBUTES: Final = (
    "data-depth", "depth", "data-level", "data-indent", "data-nesting", "indent", "aria-level",
)  # fmt: skip
_NO_PARENT: Final = frozenset({"", "0", "-1", "null", "none", "root", "undefined"})
_NUMBER: Final = re.compile(r"-?\d[\d.,\u00a0\u202f]*\s?[kK]?")
_LONGEST_ID: Final = 120


def search(pattern: re.Pattern[str], element: HtmlElement) -> str | None:
    """The group of ``pattern`` in the attributes of ``element``, written as name="value"."""
    written = " ".join(f'{key}="{value}"' for key, value in element.items())
    found = pattern.search(written[:4000])
    return found.group(1) if found else None


def key_of(element: HtmlElement, own: Iterable[HtmlElement]) -> str | None:
    """The id of the comment in ``element``: its attributes, else an anchor or link within."""
    for attribute in _ID_ATTRIBUTES:
        if value := element.get(attribute):
            return value[:_LONGEST_ID]
    if value := element.get("id"):
        number = _NUMBER_AT_END.search(value)
        return number.group(1) if number else value[:_LONGEST_ID]
    for inner in own:
        for name in (inner.get("name"), inner.get("id")):
            if name and len(name) < _LONGEST_ID and (found := _FRAGMENT.search(f"#{name}")):
                return found.group(1)
        for attribute in _ID_ATTRIBUTES[:3]:
            if value := inner.get(attribute):
                return value[:_LONGEST_ID]
        if (address := fragment(inner)) is not None:
            return address
    return None


def fragment(link: HtmlElement) -> str | None:
    """The comment that ``link`` leads to, by the end of its address (``…#comment-12``)."""
    found = _FRAGMENT.search((link.get("href") or "")[-200:])
    return found.group(1) if found else None


def parent_of(element: HtmlElement) -> str | None:
    """The id of the comment answered, where an attribute states it."""
    for attribute in _PARENT_ATTRIBUTES:
        value = (element.get(attribute) or "").strip()
        if value.lower() not in _NO_PARENT:
            return value[:_LONGEST_ID]
    return None


def level_of(element: HtmlElement) -> int | None:
    """The nesting level, where an attribute states it."""
    for attribute in _LEVEL_ATTRIBUTES:
        value = element.get(attribute) or ""
        if value.isascii() and value.isdigit() and len(value) < 5:
            return int(value)
    return None


def number_in(text: str) -> int | None:
    """The first number in ``text``: ``1,204``, ``3.5k``."""
    found = _NUMBER.search(text)
    if found is None:
        return None
    shown = found.group().replace("\u00a0", "").replace("\u202f", "").strip()
    try:
        if shown[-1] in "kK":
            return round(float(shown[:-1].strip().replace(",", ".")) * 1000)
        digits = re.sub(r"[.,](?=\d{3}(?:\D|$))", "", shown).rstrip(".,")
        return round(float(digits.replace(",", "."))) if len(digits) < 12 else None
    except ValueError:
        return None
