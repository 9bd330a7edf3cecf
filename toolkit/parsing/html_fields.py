"""The fields of one comment, read from its element.

What a platform's selectors name is taken from there. Everything else is told
by what is the same everywhere: names in classes, microdata, ``time`` elements,
addresses that hold an id, and the order in which a comment shows its parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from toolkit.parsing.byline import find_when
from toolkit.parsing.html_rules import Platform, Role, Selector, roles_of_names
from toolkit.parsing.html_text import inline, readable
from toolkit.parsing.html_tree import NOT_PROSE, ancestors
from toolkit.parsing.thread import Draft
from toolkit.text.normalize import collapse

_LONGEST_NAME: Final = 80
_TIME_ATTRIBUTES: Final = (
    "datetime", "data-datetime", "data-time", "data-timestamp", "data-utime", "data-epoch",
    "data-date", "data-created", "data-created-at", "data-ts", "ts", "data-unixtime",
    "data-content", "content", "title",
)  # fmt: skip
_EPOCH: Final = re.compile(r"\d{9,10}(?:\.\d+)?|\d{12,13}|\d{16}")
_ISO: Final = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d)?")
_NUMBER: Final = re.compile(r"-?\d[\d.,]*")
_ID_NUMBER: Final = re.compile(r"(\d+)\D*$")
_FRAGMENT_ID: Final = re.compile(
    r"#(?:[a-z_-]*(?:comment|kommentar|reply|respon[sc]e|post|msg|cmt|c|p|r|answer)[_-]?)?"
    r"([0-9a-f]{24}|\d+)$",
    re.IGNORECASE,
)
_ID_ATTRIBUTES: Final = (
    "data-comment-id", "data-commentid", "data-comment_id", "data-id", "data-post-id", "data-pid",
    "data-message-id", "data-fullname", "thingid", "data-shortid", "data-node-id", "data-cid",
)  # fmt: skip
_PARENT_ATTRIBUTES: Final = (
    "data-parent-id", "data-parentid", "data-parent", "data-parent-comment-id", "parentid",
    "data-reply-to", "data-replyto", "data-in-reply-to",
)  # fmt: skip
_LEVEL_ATTRIBUTES: Final = ("data-depth", "depth", "data-level", "data-indent", "data-nesting")
_AUTHOR_ATTRIBUTES: Final = (
    "data-author", "data-comment-author", "data-username", "data-user-name", "data-author-name",
    "author",
)  # fmt: skip
_NO_PROFILE: Final = re.compile(r"^(?:#|javascript:|mailto:|tel:|data:)|#", re.IGNORECASE)
_HANDLE: Final = re.compile(r"(?<![\w@./])@([\w.-]{2,50})")
_NAME_NOISE: Final = re.compile(
    r"^(?:von|by|par|por|da|di|door|av|af|from|posted by|written by|geschrieben von|"
    r"verfasst von|comment by|kommentar von|commentaire de|comentario de|avatar of|avatar von|avatar|"
    r"autor|"
    r"author|auteur|name|user|username|benutzer|nutzer|permalink)\s*:?\s+",
    re.IGNORECASE,
)
_SAYS: Final = re.compile(
    r"[\s,]*\b(?:says?|said|wrote|writes|replied|commented|sagte?|schrieb|schreibt|meint(?:e)?|"
    r"kommentierte?|antwortete?|dit|a dit|a écrit|écrit|dice|ha detto|ha scritto|scrive|scrisse|"
    r"disse|escreveu|diz|dijo|escribió|schreef|zegt|zei|pisze|napisał(?:\(a\))?|пишет|сказал(?:а)?|"
    r"dedi ki|diyor ki|reageerde|skriver|sier|sa|kirjoitti|sanoo|στις|λέει|يقول|گفت)"
    r"\b[^\n]{0,40}?[:…]?\s*$|(?:说道|說|より)\s*[:：]?\s*$",
    re.IGNORECASE,
)
_EDGES: Final = " \t\n\u00a0:|•·,;–—-/\\()[]»«>›<‹#\u200b"
_LETTERS: Final = re.compile(r"[^\W_]")
_FURNITURE_TEXT: Final = re.compile(
    r"\W*(?:reply|reply to this|antworten|répondre|responder|rispondi|beantwoorden|odpowiedz|"
    r"ответить|رد|پاسخ|cevapla|yanıtla|回复|回覆|返信|svar|vastaa|permalink|permanent link|"
    r"link|direktlink|#\d*|edit|bearbeiten|quote|zitieren|citer|report|melden|signaler|"
    r"report abuse|"
    r"flag|share|teilen|like|likes?|gefällt mir|log in to reply|\(?edit\)?|delete|löschen|"
    r"parent|hide|\[[-–+]\]|reply ↓|antworten ↓|loading\.{0,3}|lädt\.{0,3}|up|down|top|"
    r"kommentar melden|(?:auf (?:diesen )?kommentar )?antworten|link zum kommentar|alerter|"
    r"your comment is awaiting moderation\.?|ihr kommentar (?:wartet|muss) .{0,40})\W*",
    re.IGNORECASE,
)
#: Texts that stand where a comment stood.
_GONE: Final = {
    "[deleted]": "deleted",
    "[removed]": "removed",
    "[removed by reddit]": "removed",
    "[gelöscht]": "deleted",
    "[entfernt]": "removed",
    "this comment has been deleted.": "deleted",
    "this comment was deleted.": "deleted",
    "this comment has been deleted": "deleted",
    "comment deleted by user": "deleted",
    "this comment has been removed by the author.": "deleted",
    "this comment has been removed by a blog administrator.": "removed",
    "dieser kommentar wurde vom autor entfernt.": "deleted",
    "dieser kommentar wurde gelöscht.": "deleted",
    "dieser kommentar wurde entfernt.": "removed",
    "comment removed by moderator": "removed",
    "this comment has been removed by a moderator.": "removed",
    "this comment was removed by a moderator because it didn't abide by our community standards. "
    "replies may also be deleted. for more detail see our faqs.": "removed",
    "this comment has been removed.": "removed",
    "[flagged]": "removed",
    "[dead]": "removed",
    "ce commentaire a été supprimé.": "removed",
    "este comentario ha sido eliminado.": "removed",
    "this message was deleted.": "deleted",
}


@dataclass(slots=True)
class Node:
    """An element of a comment, with what its names say it is."""

    element: HtmlElement
    role: Role


@dataclass(slots=True, kw_only=True)
class Context:
    """What the readers of one page share."""

    base: str | None = None
    language: str | None = None
    dayfirst: bool | None = None
    #: Filled while reading: times the page gives only as "3 days ago".
    relative_times: int = 0
    naive_times: int = 0


@dataclass(slots=True)
class Item:
    """A comment's element, and the elements within it that are other comments."""

    element: HtmlElement
    nested: AbstractSet[HtmlElement] = frozenset()
    nodes: list[Node] = field(default_factory=list)

    @classmethod
    def of(cls, element: HtmlElement, others: AbstractSet[HtmlElement]) -> Item:
        """Collect the elements that are this comment's own, in document order."""
        nested: set[HtmlElement] = set()
        nodes: list[Node] = []
        stack = list(reversed(element))
        while stack:
            child = stack.pop()
            if child in others:
                nested.add(child)
                continue
            tag = child.tag
            if not isinstance(tag, str) or (tag in NOT_PROSE and tag not in ("button", "form")):
                continue
            nodes.append(Node(child, role_of(child)))
            stack.extend(reversed(child))
        return cls(element, nested, nodes)


def role_of(element: HtmlElement) -> Role:
    """The role that tag, classes, id and microdata of ``element`` speak for."""
    get = element.get
    names = " ".join(
        filter(
            None,
            (
                get("class"),
                get("id"),
                get("itemprop"),
                get("data-role"),
                get("data-testid"),
                get("data-qa"),
                get("slot"),
                get("property"),
            ),
        )
    )
    role = roles_of_names(names) if names else Role.NONE
    tag = element.tag
    if tag == "time":
        role |= Role.TIME
    elif tag == "cite":
        role |= Role.AUTHOR
    elif tag == "button":
        role |= Role.FURNITURE
    elif tag == "a" and "author" in (get("rel") or ""):
        role |= Role.AUTHOR
    return role


def read(item: Item, context: Context, platform: Platform | None = None) -> Draft:
    """The comment in ``item``; ``text`` is '' where none was found."""
    return _Reader(item, context, platform).draft()


class _Reader:
    def __init__(self, item: Item, context: Context, platform: Platform | None) -> None:
        self.item = item
        self.context = context
        self.platform = platform
        self.own = {node.element for node in item.nodes}
        self.handle: str | None = None
        self.author_at: HtmlElement | None = None
        self.time_at: HtmlElement | None = None
        self.body: HtmlElement | None = None

    def draft(self) -> Draft:
        created = self._time()
        name = self._author()
        text = self._text(name)
        if name is None or created is None:
            name, created = self._from_header(name, created)
        if created is not None and created.tzinfo is None:
            self.context.naive_times += 1
        status = _GONE.get(collapse(text).lower())
        if name is not None and _GONE.get(name.lower()) is not None:
            name = None
        return Draft(
            text=None if status else text,
            key=self._key(),
            parent_key=self._parent_key(),
            reply_to=self._reply_to(name),
            level=self._level(),
            author_name=name,
            author_handle=self.handle,
            created_at=created,
            like_count=self._likes(),
            source_status=status or "published",
        )

    def _select(self, name: str) -> list[HtmlElement]:
        selector: Selector | None = getattr(self.platform, name) if self.platform else None
        if selector is None:
            return []
        return [e for e in selector.by_preference(self.item.element) if e in self.own]

    # --- author ---

    def _author(self) -> str | None:
        for element in self._select("author"):
            if (name := self._name_in(element)) is not None:
                self._found_author(element)
                return name
        for attribute in _AUTHOR_ATTRIBUTES:
            if name := clean_name(self.item.element.get(attribute) or ""):
                self._found_author(None)
                return name
        best: tuple[int, HtmlElement, str] | None = None
        for node in self.item.nodes:
            weight = _author_weight(node)
            if weight <= 0 or (best is not None and weight <= best[0]):
                continue
            if (name := self._name_in(node.element)) is not None:
                best = (weight, node.element, name)
        if best is None:
            return None
        self._found_author(best[1])
        return best[2]

    def _name_in(self, element: HtmlElement) -> str | None:
        def skip(inner: HtmlElement) -> bool:
            role = role_of(inner)
            return bool(role & (Role.TIME | Role.FURNITURE)) and not role & Role.AUTHOR

        text = inline(element, skip)
        if not text and element.tag == "meta":
            text = element.get("content") or ""
        return clean_name(text, self.context)

    def _found_author(self, element: HtmlElement | None) -> None:
        self.author_at = element
        links: list[HtmlElement] = self._select("profile")
        if not links and element is not None:
            links = [
                link
                for link in (element, *element.iter("a"), *few(ancestors(element), 2))
                if link.tag == "a" and (link in self.own or link is self.item.element)
            ]
        for link in links:
            href = (link.get("href") or "").strip()
            if (
                href
                and not _NO_PROFILE.search(href)
                and not _FURNITURE_TEXT.fullmatch(inline(link))
            ):
                self.handle = self._absolute(href)
                break
        if element is not None and (at := _HANDLE.search(inline(element))):
            self.handle = at.group()

    def _absolute(self, href: str) -> str | None:
        try:
            address = urljoin(self.context.base or "", href)
            return address if urlsplit(address).scheme in ("http", "https", "") else None
        except ValueError:
            return None

    # --- time ---

    def _time(self) -> datetime | None:
        candidates = self._select("time")
        candidates += [
            node.element
            for node in self.item.nodes
            if node.role & Role.TIME and node.element not in candidates
        ]
        candidates += [
            node.element
            for node in self.item.nodes
            if node.element.tag in ("abbr", "relative-time")
        ]
        relative = False
        for element in candidates:
            value, seen = when_in(element, self.context)
            relative |= seen
            if value is not None:
                self.time_at = element
                return value
            if seen and self.time_at is None:
                self.time_at = element
        for attribute in _TIME_ATTRIBUTES[:-3]:
            raw = self.item.element.get(attribute)
            if raw and (value := exact_time(raw)) is not None:
                return value
        if relative:
            self.context.relative_times += 1
        return None

    # --- text ---

    def _text(self, name: str | None) -> str:
        marks = {element for element in (self.author_at, self.time_at) if element is not None}
        holders = {above for mark in marks for above in (mark, *ancestors(mark))}
        named = self._select("text")
        chosen = [e for e in named if e not in holders or not _inside_any(e, marks)] or [
            node.element
            for node in self.item.nodes
            if node.role & Role.TEXT
            and not node.role & Role.TIME
            and node.element not in holders
            and not (node.role & (Role.AUTHOR | Role.PERSON) and _is_short(node.element))
        ]
        best, best_text = None, ""
        for element in chosen:
            if best is not None and _contains(best, element):
                continue
            text = readable(element, self._skip_in_body)
            if len(text) > len(best_text):
                best, best_text = element, text
        rest = self._rest(best)
        if best is None or (not named and len(rest) > 2 * len(best_text) + 40):
            self.body = None
            return _without_header(self._rest(None), name, self.context)
        self.body = best
        subject = self._subject(best_text)
        return f"{subject}\n\n{best_text}" if subject else best_text

    def _rest(self, body: HtmlElement | None) -> str:
        """What is left of the comment without ``body`` and without its furniture."""

        def skip(element: HtmlElement) -> bool:
            if element is body or element in self.item.nested:
                return True
            if element is self.author_at or element is self.time_at:
                return True
            role = role_of(element)
            if role & Role.REPLIES and self.item.nested:
                return _holds_any(element, self.item.nested)
            if element.tag in ("a", "span", "li", "div", "p") and _is_furniture(element):
                return True
            if role & Role.TEXT:
                return False
            if role & (Role.FURNITURE | Role.TIME | Role.AUTHOR):
                return _is_short(element)
            return bool(role & Role.HEAD) and _is_short(element)

        return readable(self.item.element, skip)

    def _skip_in_body(self, element: HtmlElement) -> bool:
        if element in self.item.nested or element is self.author_at or element is self.time_at:
            return True
        if self.platform is not None and self.platform.drop is not None:
            return self.platform.drop.matches(element)
        role = role_of(element)
        return bool(role & Role.FURNITURE) and (element.tag == "button" or _is_furniture(element))

    def _subject(self, text: str) -> str:
        for element in self._select("subject"):
            subject = inline(element)
            start = subject.rstrip("….").casefold()
            if subject and not subject.lower().startswith("re:"):
                return "" if collapse(text).casefold().startswith(start) else subject
        return ""

    # --- what only the header's wording tells ---

    def _from_header(
        self, name: str | None, created: datetime | None
    ) -> tuple[str | None, datetime | None]:
        header = self._header()
        if not header:
            return name, created
        when = find_when(header, dayfirst=self.context.dayfirst, language=self.context.language)
        if created is None and when is not None:
            created = when.value
            if when.kind == "relative":
                self.context.relative_times += 1
        if name is None:
            if when is not None:
                before, behind = header[: when.start], header[when.end :]
                name = clean_name(before, self.context) or clean_name(behind, self.context)
            elif len(header) <= _LONGEST_NAME:
                name = clean_name(header, self.context)
        return name, created

    def _header(self) -> str:
        """The first words of the comment that are not its body."""
        body = self.body

        def skip(element: HtmlElement) -> bool:
            if element is body or element in self.item.nested:
                return True
            return bool(role_of(element) & Role.FURNITURE) and _is_furniture(element)

        if body is not None:
            return collapse(readable(self.item.element, skip))[:200]
        lines = readable(self.item.element, skip).split("\n")
        first = next((line for line in lines if _LETTERS.search(line)), "")
        return first if len(first) <= 160 else ""

    # --- place in the thread ---

    def _key(self) -> str | None:
        element = self.item.element
        pattern = self.platform.ident if self.platform else None
        if pattern is not None and (found := _search(pattern, element)) is not None:
            return found
        for attribute in _ID_ATTRIBUTES:
            if value := element.get(attribute):
                return value[:120]
        if value := element.get("id"):
            number = _ID_NUMBER.search(value)
            return number.group(1) if number else value[:120]
        for node in self.item.nodes:
            for value in (node.element.get("name"), node.element.get("id")):
                if value and (found_id := _FRAGMENT_ID.search(f"#{value}")):
                    return found_id.group(1)
            href = node.element.get("href")
            if href and (found_id := _FRAGMENT_ID.search(href)):
                return found_id.group(1)
        return None

    def _parent_key(self) -> str | None:
        pattern = self.platform.parent if self.platform else None
        if pattern is not None:
            return _search(pattern, self.item.element)
        for attribute in _PARENT_ATTRIBUTES:
            value = self.item.element.get(attribute)
            if value and value not in ("0", "-1", "null", "root"):
                return value[:120]
        for link in self._select("reply_to"):
            if found := _FRAGMENT_ID.search(link.get("href") or ""):
                return found.group(1)
        return None

    def _reply_to(self, name: str | None) -> str | None:
        for element in self._select("reply_to"):
            parent = clean_name(inline(element), self.context)
            if parent and parent != name:
                return parent
        return None

    def _level(self) -> int | None:
        platform, element = self.platform, self.item.element
        if platform is not None and platform.level is not None:
            places = self._select("level_from") or [element]
            found = _search(platform.level, places[0])
            if found is not None and found.isdigit():
                return max(0, int(found[:6]) - platform.level_base)
        for attribute in _LEVEL_ATTRIBUTES:
            value = element.get(attribute) or ""
            if value.isdigit() and len(value) < 5:
                return int(value)
        return None

    def _likes(self) -> int | None:
        for element in self._select("likes"):
            shown = element.get("data-likes") or element.get("data-score") or element.get("title")
            for text in (shown, inline(element)):
                if text and (number := _NUMBER.search(text)):
                    digits = number.group().replace(".", "").replace(",", "")
                    if digits.lstrip("-").isdigit() and len(digits) < 12:
                        return int(digits)
        return None


# --- small readers -----------------------------------------------------------


def clean_name(text: str, context: Context | None = None) -> str | None:
    """``text`` as a person's name: no "by", no "says:", no date; None where none is left."""
    text = collapse(text)
    if not text or len(text) > 300:
        return None
    if context is not None and any(letter.isdigit() for letter in text):
        when = find_when(text, dayfirst=context.dayfirst, language=context.language)
        if when is not None and when.kind == "absolute":
            text = text[: when.start].strip() or text[when.end :].strip()
            text = re.sub(r"\s(?:am|on|le|il|el|op|at|em|den|um|dnia)$", "", text)
    text = _SAYS.sub("", text)
    text = _NAME_NOISE.sub("", text)
    text = text.strip(_EDGES) if not text.endswith(")") or "(" not in text else text.lstrip(_EDGES)
    if not text or len(text) > _LONGEST_NAME or not _LETTERS.search(text):
        return None
    if _FURNITURE_TEXT.fullmatch(text):
        return None
    return text


def when_in(element: HtmlElement, context: Context) -> tuple[datetime | None, bool]:
    """The time that ``element`` shows, and whether it shows a relative one."""
    for attribute in _TIME_ATTRIBUTES:
        raw = element.get(attribute)
        if not raw or len(raw) > 200:
            continue
        value = exact_time(raw)
        if value is None:
            value = find_time(raw, context)[0]
        if value is not None:
            return value, False
    text = inline(element)
    if not text or len(text) > 300:
        return None, False
    value = exact_time(text) if _ISO.match(text) else None
    return (value, False) if value is not None else find_time(text, context)


def find_time(text: str, context: Context) -> tuple[datetime | None, bool]:
    """A time printed in ``text``, and whether a relative one is printed there."""
    when = find_when(text, dayfirst=context.dayfirst, language=context.language)
    if when is None:
        return None, False
    return when.value, when.kind == "relative"


def exact_time(raw: str) -> datetime | None:
    """An ISO 8601 time or seconds since 1970, as UTC where it has a zone."""
    raw = raw.strip()
    if _EPOCH.fullmatch(raw):
        seconds = float(raw)
        while seconds > 1e11:
            seconds /= 1000
        return datetime.fromtimestamp(seconds, UTC) if seconds > 5e8 else None
    if not _ISO.match(raw):
        return None
    try:
        value = datetime.fromisoformat(raw.replace(" +", "+").replace(" Z", "Z"))
    except ValueError:
        return None
    try:
        return value.astimezone(UTC) if value.tzinfo else value
    except OverflowError:
        return None


def _author_weight(node: Node) -> int:
    role, tag = node.role, node.element.tag
    if not role & (Role.AUTHOR | Role.PERSON):
        return 0
    weight = 6 if role & Role.AUTHOR else 2
    if role & Role.FURNITURE:
        weight -= 4
    if role & Role.TEXT and not role & Role.AUTHOR:
        weight -= 2
    if role & Role.TIME:
        weight -= 2
    if tag in ("a", "b", "strong", "cite"):
        weight += 1
    if tag in ("img", "form", "time"):
        return 0
    return weight


def _search(pattern: re.Pattern[str], element: HtmlElement) -> str | None:
    found = pattern.search(" ".join(f'{key}="{value}"' for key, value in element.items()))
    return found.group(1) if found else None


def _is_short(element: HtmlElement, limit: int = 160) -> bool:
    length = 0
    for text in element.itertext():
        length += len(text.strip())
        if length > limit:
            return False
    return True


def _is_furniture(element: HtmlElement) -> bool:
    """A button by its wording: Reply, Permalink, Report."""
    return _is_short(element, 60) and bool(_FURNITURE_TEXT.fullmatch(inline(element)))


def _contains(outer: HtmlElement, inner: HtmlElement) -> bool:
    return any(above is outer for above in ancestors(inner))


def _inside_any(element: HtmlElement, marks: Iterable[HtmlElement]) -> bool:
    return any(mark is element or _contains(mark, element) for mark in marks)


def _holds_any(element: HtmlElement, others: Iterable[HtmlElement]) -> bool:
    return any(_contains(element, other) for other in others)


def few(elements: Iterable[HtmlElement], count: int) -> list[HtmlElement]:
    """The first ``count`` of ``elements``."""
    return [element for element, _ in zip(elements, range(count), strict=False)]


def _without_header(text: str, name: str | None, context: Context) -> str:
    """``text`` without a first line that only says who wrote when."""
    first, _, rest = text.partition("\n")
    if len(first) > 160 or not rest.strip():
        return text.strip()
    when = find_when(first, dayfirst=context.dayfirst, language=context.language)
    left = first if when is None else first[: when.start] + first[when.end :]
    if when is None and name is None:
        return text.strip()
    left = _SAYS.sub("", left)
    if name is not None:
        left = left.replace(name, "")
    words = [word for word in re.findall(r"[^\W\d_]+", left) if len(word) > 1]
    budget = 3 if when is not None else 0
    if len(words) <= budget and (when is not None or name is not None):
        return rest.strip()
    return text.strip()
