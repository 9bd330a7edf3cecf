"""Markup -> tree, whatever the markup, and small questions to a tree.

libxml2 stops reading where tags nest deeper than 256 and drops what follows;
forums with unclosed ``<font>`` reach that. Such a page is flattened first:
tags beyond a depth are taken out, their text stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from lxml import etree
from lxml.html import HtmlElement, HTMLParser


def words(text: str) -> frozenset[str]:
    """The words of ``text`` as a set, so that long sets read as prose."""
    return frozenset(text.split())


#: Nesting kept when a page is flattened; well below libxml2's 256, since the
#: parser adds elements of its own (html, body, tbody).
MAX_DEPTH: Final = 200
#: More tags than the longest threads have.
MAX_TAGS: Final = 200_000
#: So many of a page that is next to nothing but tags, which was made to hurt.
MAX_BARE_TAGS: Final = 60_000
#: Bytes of text to a tag; a real thread has five and more.
_BARE: Final = 3
#: Tags dropped in flattening before the rest is taken as text alone.
_MAX_DROPPED: Final = 200_000

#: Frames looked into; a page with more has advertisements in most.
_MOST_FRAMES: Final = 60
_MAY_COMMENT: Final = re.compile(
    r"comment|post-message|data-spot-im|kommentar|r[eé]ponse|respuesta", re.IGNORECASE
)

_TAG: Final = re.compile(r"<(/?)([a-zA-Z][^\s/<>]*)[^<>]*>")
_ANY_TAG: Final = re.compile(r"<[^<>]{0,2000}>")
_RAW: Final = re.compile(
    r"<(script|style|svg)\b[^<>]*>.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE
)
_DATA_SCRIPT: Final = re.compile(r"ld\+json|disqus|__NEXT_DATA__", re.IGNORECASE)
_VOID: Final = words("area base br col embed hr img input link meta param source track wbr")
_CONTROLS: Final = bytes([*range(9), 0x0B, *range(0x0E, 0x20), 0x7F])

_NO_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

#: Elements whose content is never prose of the page.
NOT_PROSE: Final = words(
    "script style noscript template head title svg canvas iframe object embed video audio map "
    "select option button textarea input fieldset nav datalist meter progress"
)


def parse_markup(markup: str) -> HtmlElement:
    """The ``html`` element of ``markup``; an empty one where there is no element at all.

    Of a page with too many tags the first so many are read (:func:`most_tags`).
    """
    root = _tree(markup)
    if "shadowroot" in markup:
        _open_shadows(root)
    if "srcdoc" in markup:
        _open_frames(root)
    return root


def _tree(markup: str) -> HtmlElement:
    data = _readable_bytes(markup)
    most = most_tags(markup)
    if most is not None:
        data = b"<".join(data.split(b"<", most)[:most])
    root, complete = _parse(data, huge=False)
    if not complete:
        root, _ = _parse(flatten(data.decode("utf-8")).encode("utf-8"), huge=True)
    return root


def _open_shadows(root: HtmlElement) -> None:
    """Make what a custom element showed, and a browser saved as a template, part of the page."""
    for template in list(root.iter("template")):
        if template.get("shadowrootmode") or template.get("shadowroot"):
            template.tag = "div"


def _open_frames(root: HtmlElement) -> None:
    """Put the document of each inner frame that may hold comments in the place of the frame.

    Comment systems show themselves in a frame; who saves the whole page as one
    file gets its document in an attribute.
    """
    left = MAX_TAGS
    for frame in list(root.iter("iframe"))[:_MOST_FRAMES]:
        markup = frame.get("srcdoc") or ""
        left -= markup.count("<")
        parent = frame.getparent()
        if parent is None or left < 0 or not _MAY_COMMENT.search(markup):
            continue
        inner = _tree(markup)
        if "shadowroot" in markup:
            _open_shadows(inner)
        box = frame.makeelement("div", {"id": xml_safe(frame.get("id") or "frame")[:80]})
        box.extend([child for body in inner.iter("body") for child in body][:MAX_TAGS])
        box.tail = frame.tail
        parent.replace(frame, box)


def most_tags(markup: str) -> int | None:
    """How many tags of ``markup`` are read; None where all are."""
    tags = markup.count("<")
    if tags <= MAX_BARE_TAGS:
        return None
    sample = markup[:1_000_000]
    text = _ANY_TAG.sub("", sample)
    bare = len(text) - text.count(" ") < _BARE * sample.count("<")
    most = MAX_BARE_TAGS if bare else MAX_TAGS
    return most if tags > most else None


def _readable_bytes(markup: str) -> bytes:
    """UTF-8 without what XML cannot hold: control characters, lone surrogates, non-characters."""
    data = markup.encode("utf-8", "replace").translate(None, _CONTROLS)
    if b"\xef\xbf\xbe" in data or b"\xef\xbf\xbf" in data:
        data = data.replace(b"\xef\xbf\xbe", b"").replace(b"\xef\xbf\xbf", b"")
    return data


def _parse(data: bytes, *, huge: bool) -> tuple[HtmlElement, bool]:
    parser = HTMLParser(
        encoding="utf-8",
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
        default_doctype=False,
        huge_tree=huge,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.ParserError, etree.XMLSyntaxError, AssertionError):
        root = None
    if root is None:
        # Nothing but text, or nothing at all.
        root = etree.fromstring(b"<html><body></body></html>", parser)
        root[0].text = _ANY_TAG.sub(" ", data.decode("utf-8"))
        return root, True
    return root, not parser.error_log.filter_from_fatals()


def flatten(markup: str, limit: int = MAX_DEPTH) -> str:
    """``markup`` without the tags nested deeper than ``limit``; all text is kept.

    Scripts and styles are dropped, except data that a page carries in them.
    """
    markup = _RAW.sub(lambda m: m.group() if _DATA_SCRIPT.search(m.group()[:400]) else " ", markup)
    kept: list[str] = []
    open_tags: list[str] = []
    at = dropped = deep = 0
    for match in _TAG.finditer(markup):
        closing, name = match.group(1), match.group(2).lower()
        if name in _VOID:
            continue
        keep = True
        if not closing:
            if len(open_tags) >= limit:
                deep += 1
                keep = False
            else:
                open_tags.append(name)
        elif deep:
            deep -= 1
            keep = False
        else:
            _close(name, open_tags)
        if not keep:
            kept.append(markup[at : match.start()])
            kept.append(" ")
            at = match.end()
            dropped += 1
            if dropped > _MAX_DROPPED:
                return "".join(kept) + _ANY_TAG.sub(" ", markup[at:])
    kept.append(markup[at:])
    return "".join(kept)


#: An end tag does not reach through an open element of a higher rank (libxml2's htmlEndPriority).
_RANKS: Final = {
    "div": 150,
    "td": 160,
    "th": 160,
    "tr": 170,
    "thead": 180,
    "tbody": 180,
    "tfoot": 180,
    "table": 190,
    "head": 200,
    "body": 200,
    "html": 220,
}
_REACH: Final = 64


def _close(name: str, open_tags: list[str]) -> None:
    rank = _RANKS.get(name, 100)
    for at in range(len(open_tags) - 1, max(-1, len(open_tags) - 1 - _REACH), -1):
        if open_tags[at] == name:
            del open_tags[at:]
            return
        if _RANKS.get(open_tags[at], 100) > rank:
            return


_ASKS: Final = etree.XPath(
    "descendant::textarea | descendant::input[not(@type) or @type='text' or @type='email']"
)


def not_prose(element: HtmlElement) -> bool:
    """Whether nothing in ``element`` can be prose: scripts, buttons, forms that ask for input.

    Some systems put each comment into a form of its own; such a form is read.
    """
    tag = element.tag
    if tag == "form":
        return bool(_ASKS(element))
    return not isinstance(tag, str) or tag in NOT_PROSE


def is_short(element: HtmlElement, limit: int) -> bool:
    """Whether the text of ``element`` has at most ``limit`` code points, ends of parts stripped."""
    if not len(element):
        return len((element.text or "").strip()) <= limit
    length = 0
    for text in element.itertext():
        length += len(text.strip())
        if length > limit:
            return False
    return True


def tokens(element: HtmlElement) -> list[str]:
    """The classes of ``element`` and its id, in lower case."""
    names = (element.get("class") or "").lower().split()
    if identifier := element.get("id"):
        names.append(identifier.lower())
    return names


def ancestors(element: HtmlElement) -> Iterator[HtmlElement]:
    """Parent, grandparent, … up to the root."""
    above: Iterator[HtmlElement] = element.iterancestors()
    return above


def xml_safe(text: str) -> str:
    """``text`` without the characters that a tree may hold (``&#1;``) but not be given."""
    return _NO_XML.sub("", text)


def remove(element: HtmlElement) -> None:
    """Take ``element`` out of its tree; the text behind it stays."""
    parent = element.getparent()
    if parent is None:
        return
    tail = element.tail
    if tail and tail.isspace():
        tail = " "
    if tail:
        previous = element.getprevious()
        before = (previous.tail if previous is not None else parent.text) or ""
        if tail != " " or not before.endswith(" "):
            before += tail
        if previous is not None:
            previous.tail = xml_safe(before)
        else:
            parent.text = xml_safe(before)
        element.tail = None
    parent.remove(element)
