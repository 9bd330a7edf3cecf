"""An element as readable text.

Paragraphs stand apart by a blank line; a line break stays one. A quotation is
marked as in mail, ``> `` before each line; code keeps its lines; list entries
get ``- `` or their number. A link is its text, or its full address where the
page printed a shortened one. A picture that stands for a word (emoji, smiley)
is that word.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from lxml.html import HtmlElement

from toolkit.parsing.html.tree import NOT_PROSE, not_prose, words
from toolkit.text.normalize import clean

_BLOCK: Final = words(
    "address article aside blockquote body center dd details dialog div dl dt fieldset figcaption "
    "figure footer form h1 h2 h3 h4 h5 h6 header hr li main menu nav ol p pre section summary "
    "table tbody tfoot thead tr ul"
)
_SPECIAL: Final = _BLOCK | words("br img td th cite")
#: Blocks with a blank line around them; the other blocks only start a line.
_APART: Final = words("p blockquote pre ul ol dl table h1 h2 h3 h4 h5 h6 figure hr")
_ELLIPSIS: Final = re.compile(r"^(?:https?://)?(?:www\.)?(\S+?)(?:…|\.\.\.)$")
_DOTS: Final = ("…", "...")
_EMOJI: Final = re.compile(r"emoji|smil(?:e|ie|ey)|emoticon", re.IGNORECASE)
_HIDDEN: Final = words(
    "screen-reader-text sr-only visually-hidden visuallyhidden element-invisible assistive-text "
    "a11y-hidden u-visually-hidden"
)

Skip = Callable[[HtmlElement], bool]


def readable(element: HtmlElement, skip: Skip | None = None) -> str:
    """The text of ``element``; ``skip`` says which descendants are left out with all in them.

    The result is normalised as everywhere (``text.normalize.clean``).
    """
    text = _Writer(skip).write(element)
    # The parser has taken out what `clean` would, but for what ASCII does not have.
    if text.isascii() and "\n\n\n" not in text:
        return text.strip("\n")
    return clean(text)


def lines_of(element: HtmlElement, skip: Skip | None = None) -> list[str]:
    """The lines of ``element`` as :func:`readable` has them, not yet normalised, none empty."""
    if len(element) == 0:
        text = " ".join((element.text or "").split())
        return [text] if text else []
    writer = _Writer(skip)
    writer.write(element)
    return [line for line in writer.lines if line and not line.isspace()]


def inline(element: HtmlElement, skip: Skip | None = None) -> str:
    """All text of ``element`` on one line."""
    if len(element) == 0:
        return " ".join((element.text or "").split())
    return " ".join(_Writer(skip).write(element).split())


@lru_cache(maxsize=8192)
def _is_hidden(classes: str) -> bool:
    return not _HIDDEN.isdisjoint(classes[:1000].lower().split())


class _Writer:
    """Walks a tree without recursion, since a hostile page nests deeper than the stack."""

    def __init__(self, skip: Skip | None) -> None:
        self.skip = skip
        self.lines: list[str] = []
        self.line: list[str] = []
        self.prefix: list[str] = []
        self.counters: list[int] = []
        self.marker = ""
        self.blank = False
        #: How deep in quotations the last line stands.
        self.quoted = 0
        self.preformatted = 0

    def write(self, root: HtmlElement) -> str:
        # On the stack: an element to enter, a text to write, or a block (in a
        # tuple) to leave.
        stack: list[HtmlElement | str | tuple[HtmlElement]] = list(reversed(root))
        if root.text:
            stack.append(root.text)
        if root.tag == "pre":
            self.preformatted = 1
        elif root.tag in ("ul", "ol"):
            self._enter(root)
        skip = self.skip
        while stack:
            item = stack.pop()
            if item.__class__ is str:
                self._text(item)
                continue
            if item.__class__ is tuple:
                self._leave(item[0])
                continue
            element: HtmlElement = item  # type: ignore[assignment]
            if element.tail:
                stack.append(element.tail)
            tag = element.tag
            if tag in NOT_PROSE or not_prose(element):
                continue
            classes = element.get("class")
            if classes and _is_hidden(classes):
                continue
            if skip is not None and skip(element):
                continue
            if tag == "a" and self._address(element):
                continue
            if tag in _SPECIAL:
                self._enter(element)
                stack.append((element,))
            if len(element):
                stack.extend(reversed(element))
            if element.text:
                stack.append(element.text)
        self._break()
        return "\n".join(self.lines)

    def _enter(self, element: HtmlElement) -> None:
        tag = element.tag
        if tag == "br":
            self._break(keep=True)
        elif tag == "img":
            self._picture(element)
        elif tag in ("td", "th"):
            if self.line:
                self.line.append(" ")
        elif tag == "cite":
            return
        else:
            self._break()
            self.blank = self.blank or tag in _APART
            if tag == "blockquote":
                self.prefix.append("> ")
            elif tag in ("ul", "ol"):
                self.counters.append(_start(element) if tag == "ol" else -1)
            elif tag == "li" and self.counters:
                number = self.counters[-1]
                self.marker = f"{number}. " if number >= 0 else "- "
                self.counters[-1] += number >= 0
            elif tag == "pre":
                self.preformatted += 1

    def _leave(self, element: HtmlElement) -> None:
        tag = element.tag
        if tag == "cite":
            if self.prefix:
                self._break()  # whose words are quoted
            return
        if tag not in _BLOCK:
            return
        self._break()
        self.blank = self.blank or tag in _APART
        if tag == "blockquote":
            self.prefix.pop()
        elif tag in ("ul", "ol"):
            self.counters.pop()
        elif tag == "li":
            self.marker = ""
        elif tag == "pre":
            self.preformatted -= 1

    def _text(self, text: str) -> None:
        if self.preformatted:
            first, *rest = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
            self.line.append(first)
            for line in rest:
                self._break(keep=True)
                self.line.append(line)
            return
        if self.line or not text.isspace():
            self.line.append(text)

    def _picture(self, element: HtmlElement) -> None:
        about = " ".join(filter(None, (element.get("class"), element.get("src"))))
        word = (element.get("alt") or "").strip()
        # "wink" names the picture; ":-)" and a pictograph are what was written.
        if word and len(word) <= 40 and not word.isalnum() and _EMOJI.search(about):
            self._text(word)

    def _address(self, element: HtmlElement) -> bool:
        """Write the address of a link whose text is a shortened form of it."""
        text = element.text
        if not text or len(element) or not text.rstrip().endswith(_DOTS):
            return False
        shown = _ELLIPSIS.match(text.strip())
        href = (element.get("href") or "").strip()
        if shown is None or shown.group(1) not in href or not href.startswith("http"):
            return False
        self._text(href)
        return True

    def _break(self, *, keep: bool = False) -> None:
        """End the line; ``keep`` ends an empty one too (two ``br`` are a blank line)."""
        text = "".join(self.line)
        self.line.clear()
        text = text.rstrip() if self.preformatted else " ".join(text.split())
        prefix = "".join(self.prefix)
        if not text.strip():
            if keep and self.preformatted:
                self.lines.append(prefix.rstrip())
            elif keep:
                self.blank = True
            return
        if self.blank and self.lines and self.lines[-1].strip(" >"):
            shared = min(len(self.prefix), self.quoted)
            self.lines.append("".join(self.prefix[:shared]).rstrip())
        self.blank = False
        self.quoted = len(self.prefix)
        self.lines.append(f"{prefix}{self.marker}{text}")
        self.marker = ""


def _start(element: HtmlElement) -> int:
    value = element.get("start") or ""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 9 else 1
