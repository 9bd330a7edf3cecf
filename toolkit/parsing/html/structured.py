"""What a page states as data about its comments: JSON-LD after schema.org."""

from __future__ import annotations

import html as html_entities
import json
import re
from collections.abc import Iterator
from typing import Any, Final

from lxml.html import HtmlElement

from toolkit.parsing.html.text import readable
from toolkit.parsing.html.tree import parse_markup
from toolkit.parsing.html.words import exact_time
from toolkit.parsing.thread import Draft
from toolkit.text.normalize import clean, collapse

Data = dict[str, Any]

_LARGEST: Final = 4_000_000
_MOST_NODES: Final = 50_000
_TRAILING_COMMA: Final = re.compile(r",\s*([}\]])")
_COMMENT_TYPES: Final = frozenset({"Comment", "UserComments", "Answer", "Review", "UserReview"})
_COMMENT_KEYS: Final = ("comment", "comments", "suggestedAnswer", "acceptedAnswer")
_REVIEW_KEYS: Final = ("review", "reviews")
_TEXT_KEYS: Final = ("text", "commentText", "reviewBody", "articleBody", "description")
_TIME_KEYS: Final = ("dateCreated", "datePublished", "commentTime", "uploadDate")
_TAG: Final = re.compile(r"<(?:/?[a-zA-Z][^<>]*|br\s*/?)>")
_FRAGMENT: Final = re.compile(r"#(?:[A-Za-z_-]*[-_])?(\w+)$")


def json_ld(root: HtmlElement) -> list[Data]:
    """Every object in the page's JSON-LD, outer ones first; what does not parse is left out."""
    found: list[Data] = []
    for script in root.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower() or not script.text:
            continue
        text = script.text.strip().removeprefix("<!--").removesuffix("-->")
        if len(text) > _LARGEST:
            continue
        for attempt in (text, _TRAILING_COMMA.sub(r"\1", text)):
            try:
                data = json.loads(attempt, strict=False)
            except (ValueError, RecursionError):
                continue
            found.extend(_objects(data))
            break
    return found[:_MOST_NODES]


def _objects(data: object) -> Iterator[Data]:
    """Objects in document order, without recursion: a hostile page nests without end."""
    stack: list[object] = [data]
    seen = 0
    while stack and seen < _MOST_NODES:
        node = stack.pop()
        seen += 1
        if isinstance(node, list):
            stack.extend(reversed(node))
        elif isinstance(node, dict):
            yield node
            stack.extend(
                value for value in reversed(list(node.values())) if isinstance(value, dict | list)
            )


def comments_in(data: list[Data], *, reviews: bool = False) -> list[Draft]:
    """The comments among ``data`` with their threads; ``reviews`` takes reviews in their place."""
    keys = _REVIEW_KEYS if reviews else _COMMENT_KEYS
    drafts: list[Draft] = []
    taken: set[int] = set()
    for owner in data:
        if id(owner) in taken:
            continue
        for key in keys:
            stack: list[tuple[Data, Draft | None]] = [(e, None) for e in _list(owner.get(key))]
            _collect(stack, drafts, taken)
    return drafts


def _collect(
    entries: list[tuple[Data, Draft | None]], drafts: list[Draft], taken: set[int]
) -> None:
    stack: list[tuple[Data, Draft | None]] = list(reversed(entries))
    while stack:
        node, parent = stack.pop()
        if id(node) in taken:
            continue
        taken.add(id(node))
        draft = _draft(node, len(drafts))
        if draft is None:
            continue
        if parent is not None:
            draft.parent_key = parent.key
        drafts.append(draft)
        inner = [entry for key in _COMMENT_KEYS for entry in _list(node.get(key))]
        stack.extend((entry, draft) for entry in reversed(inner))


def _draft(node: Data, number: int) -> Draft | None:
    if not _types(node) & _COMMENT_TYPES:
        return None
    raw = next((node[key] for key in _TEXT_KEYS if isinstance(node.get(key), str)), None)
    text = plain_text(raw) if raw else ""
    if not text:
        return None
    author = node.get("author", node.get("creator"))
    if isinstance(author, list):
        author = author[0] if author else None
    name, handle = None, None
    if isinstance(author, str):
        name = author
    elif isinstance(author, dict):
        name = author.get("name") or author.get("alternateName")
        handle = author.get("url")
    created = next((exact_time(node[k]) for k in _TIME_KEYS if isinstance(node.get(k), str)), None)
    likes = node.get("upvoteCount")
    return Draft(
        text=text,
        key=_identifier(node) or f"ld{number + 1}",
        parent_key=_identifier(_first(node.get("parentItem"))),
        author_name=collapse(html_entities.unescape(name)) if isinstance(name, str) else None,
        author_handle=handle if isinstance(handle, str) and handle.startswith("http") else None,
        created_at=created,
        like_count=likes if isinstance(likes, int) and not isinstance(likes, bool) else None,
    )


def plain_text(raw: str) -> str:
    """Text from a JSON-LD value, which may hold markup or entities."""
    raw = raw[:_LARGEST]
    if "&" in raw:
        raw = html_entities.unescape(raw)
    return readable(parse_markup(raw)) if _TAG.search(raw) else clean(raw).strip()


def _types(node: Data) -> set[str]:
    value = node.get("@type")
    names = value if isinstance(value, list) else [value]
    return {str(name).rsplit("/", 1)[-1] for name in names if name}


def _list(value: object) -> list[Data]:
    entries = value if isinstance(value, list) else [value]
    return [entry for entry in entries if isinstance(entry, dict)]


def _first(value: object) -> Data | None:
    return next(iter(_list(value)), None)


def _identifier(node: Data | None) -> str | None:
    if node is None:
        return None
    for key in ("identifier", "@id", "url"):
        value = node.get(key)
        if isinstance(value, int):
            return str(value)
        if isinstance(value, str) and value:
            found = _FRAGMENT.search(value)
            return (found.group(1) if found else value)[:200]
    return None


def stated_count(data: list[Data]) -> int | None:
    """How many comments the page says its article has; None where it does not say."""
    for node in data:
        if _types(node) & _COMMENT_TYPES:
            continue
        for key in ("commentCount", "answerCount"):
            if (number := _number(node.get(key))) is not None:
                return number
        for statistic in _list(node.get("interactionStatistic")):
            kind = json.dumps(statistic.get("interactionType", ""))
            number = _number(statistic.get("userInteractionCount"))
            if "CommentAction" in kind and number is not None:
                return number
    return None


def _number(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if value >= 0 else None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 9:
        return int(value)
    return None


def fill_from(drafts: list[Draft], stated: list[Draft]) -> None:
    """Give ``drafts`` what only the data states: exact times, names, addresses."""
    by_text = {_start(draft): draft for draft in reversed(stated)}
    for draft in drafts:
        other = by_text.get(_start(draft))
        if other is None:
            continue
        if draft.created_at is None or (draft.created_at.tzinfo is None and other.created_at):
            draft.created_at = other.created_at or draft.created_at
        draft.author_name = draft.author_name or other.author_name
        draft.author_handle = draft.author_handle or other.author_handle
        if draft.like_count is None:
            draft.like_count = other.like_count


def _start(draft: Draft) -> str:
    return collapse(draft.text or "")[:80].casefold()


def posting_text(data: list[Data]) -> str:
    """The text of a forum's opening post or a question, where the page states it."""
    for node in data:
        if _types(node) & {"DiscussionForumPosting", "Question", "SocialMediaPosting"}:
            raw = next(
                (node[k] for k in ("text", "articleBody") if isinstance(node.get(k), str)), ""
            )
            if raw:
                return plain_text(raw)
    return ""


def is_forum(data: list[Data]) -> bool:
    """Whether the page says that it is a thread of a forum."""
    return any(_types(node) & {"DiscussionForumPosting", "QAPage"} for node in data)
