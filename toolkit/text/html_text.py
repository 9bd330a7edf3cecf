"""An HTML fragment as the text a reader sees.

A tokenizer of its own, in one pass: a tree builder takes quadratic time over
deeply nested tags (minutes for one hostile comment), and a comment body needs no
tree. Whole pages go through a real HTML parser elsewhere.
"""

from __future__ import annotations

import html
import re
from typing import Final

from toolkit.text.normalize import clean

#: Their content is never shown. Raw text runs up to its own end tag.
_RAW: Final = frozenset({"script", "style", "textarea", "title"})
_HIDDEN: Final = _RAW | {
    "template", "noscript", "head", "svg", "math", "object", "iframe", "select", "audio", "video",
}  # fmt: skip
#: Set apart by a blank line.
_PARAGRAPHS: Final = frozenset({
    "p", "blockquote", "pre", "ul", "ol", "dl", "table", "figure", "section", "article", "aside",
    "header", "footer", "hr", "details", "h1", "h2", "h3", "h4", "h5", "h6", "fieldset",
})  # fmt: skip
#: Set apart by a line break.
_LINES: Final = frozenset({
    "div", "li", "tr", "dt", "dd", "address", "figcaption", "summary", "caption", "nav", "form",
})  # fmt: skip

_MARKUP: Final = re.compile(r"[<&]")
_WHITE: Final = re.compile(r"[ \t\n\r\f]+")
_BLANKS: Final = re.compile(r"[ \t\f]+")
# Possessive repeats keep every match linear. A tag with an unbalanced quote ends
# at the next ">"; a comment that is never closed runs to the end, as in HTML.
_TAG: Final = re.compile(
    r"<!--(?:(?!-->).)*+(?:-->|\Z)"
    r"|<[!?][^>]*+>"
    r"|<(?P<end>/?)(?P<name>[a-zA-Z][^\s/>]*+)"
    r"(?P<attributes>(?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+|[^>]*+)>",
    re.DOTALL,
)
_ALT: Final = re.compile(r"\balt\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)


def html_to_text(markup: str, *, keep_newlines: bool = False) -> str:
    """The visible text of an HTML fragment, cleaned as :func:`~toolkit.text.normalize.clean` does.

    Paragraphs and headings are set apart by a blank line, list items and rows by a
    line break; ``<br>`` is a line break; an image (an emoji, as many sites draw it)
    is its ``alt`` text; scripts, styles and comments are left out. Addresses of links
    are left out, their words stay. A ``<`` that opens no tag is text.

    ``keep_newlines`` keeps the line ends of the source, as WordPress bodies need,
    where a line end stands for a break; otherwise they are white space.
    """
    if not _MARKUP.search(markup):
        return clean(markup if keep_newlines else _WHITE.sub(" ", markup)).strip()
    out = _Writer(keep_newlines)
    at, last_close = 0, markup.rfind(">")
    hidden, depth = "", 0
    while (opening := markup.find("<", at)) != -1:
        # Without a ">" ahead only a comment can still match.
        if opening > last_close and not markup.startswith("<!--", opening):
            break
        tag = _TAG.match(markup, opening)
        if tag is None:
            opening += 1
            if not hidden:
                out.text(markup[at:opening])
            at = opening
            continue
        if not hidden:
            out.text(markup[at:opening])
        at = tag.end()
        name = (tag["name"] or "").lower()
        if hidden:
            if name == hidden:
                depth += -1 if tag["end"] else 1
                hidden = hidden if depth else ""
        elif name in _RAW and not tag["end"]:
            closing = re.compile(rf"</{name}[\s/>]", re.IGNORECASE).search(markup, at)
            at = closing.start() if closing else len(markup)
        elif name in _HIDDEN and not tag["end"] and not tag["attributes"].endswith("/"):
            hidden, depth = name, 1
        else:
            out.tag(name, closing=bool(tag["end"]), attributes=tag["attributes"] or "")
    if not hidden:
        out.text(markup[at:])
    return clean(out.joined()).strip()


class _Writer:
    """Collects text and the largest break asked for between two pieces."""

    def __init__(self, keep_newlines: bool) -> None:
        self._parts: list[str] = []
        self._breaks = 0
        self._pre = 0
        self._line_start = True
        self._white = _BLANKS if keep_newlines else _WHITE

    def tag(self, name: str, *, closing: bool, attributes: str) -> None:
        if name == "br":
            self._flush()
            self._parts.append("\n")
            self._line_start = True
        elif name == "img":
            if alt := _ALT.search(attributes):
                self.text(alt[1] or alt[2] or alt[3] or "")
        elif name in ("td", "th") and not closing:
            self.text(" ")
        elif name in _PARAGRAPHS or name in _LINES:
            self._breaks = max(self._breaks, 2 if name in _PARAGRAPHS else 1)
            if name == "pre":
                self._pre = max(0, self._pre + (-1 if closing else 1))

    def text(self, text: str) -> None:
        text = html.unescape(text)
        if not self._pre:
            text = self._white.sub(" ", text)
            if self._line_start or self._breaks:
                text = text.lstrip(" ")
        if not text:
            return
        self._flush()
        self._parts.append(text)
        self._line_start = not self._pre and text.endswith((" ", "\n"))

    def _flush(self) -> None:
        if self._breaks and self._parts:
            self._parts.append("\n" * self._breaks)
        self._breaks = 0

    def joined(self) -> str:
        return "".join(self._parts)
