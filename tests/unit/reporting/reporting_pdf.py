"""Reading a tagged PDF as a screen reader does: along its structure tree.

Running heads and page numbers are artifacts and are not read; text comes in
the order of the document, whatever the direction of its script.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from pypdf import PdfReader
from pypdf.generic import ArrayObject, ContentStream, DictionaryObject, IndirectObject

HEX = re.compile(rb"<([0-9A-Fa-f]*)>")


def logical_text(content: bytes) -> str:
    """The text of all structure elements in their order; a line end after each block."""
    reader = PdfReader(BytesIO(content))
    marked = {
        page.indirect_reference.idnum: marked_text(reader, page)  # type: ignore[union-attr]
        for page in reader.pages
    }
    root = reader.trailer["/Root"]["/StructTreeRoot"]
    return "".join(_walk(root, None, marked))


def elements(content: bytes) -> Iterator[DictionaryObject]:
    """Every structure element, depth first."""
    root = PdfReader(BytesIO(content)).trailer["/Root"]["/StructTreeRoot"]
    stack: list[Any] = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, IndirectObject):
            node = node.get_object()
        if isinstance(node, ArrayObject):
            stack.extend(reversed(node))
        elif isinstance(node, DictionaryObject):
            if "/S" in node:
                yield node
            if "/K" in node:
                stack.append(node["/K"])


BLOCKS = {"/P", "/H1", "/H2", "/H3", "/H4", "/LI", "/TD", "/TH", "/Div", "/Caption", "/Figure"}


def _walk(node: Any, page: int | None, marked: dict[int, dict[int, str]]) -> Iterator[str]:
    node = node.get_object() if isinstance(node, IndirectObject) else node
    if isinstance(node, int):
        if page is not None:
            yield marked[page].get(int(node), "")
    elif isinstance(node, ArrayObject):
        for child in node:
            yield from _walk(child, page, marked)
    elif isinstance(node, DictionaryObject):
        if "/Pg" in node:
            page = node.raw_get("/Pg").idnum
        if "/MCID" in node:
            yield marked[page].get(int(node["/MCID"]), "")  # type: ignore[index]
        if "/K" in node:
            yield from _walk(node.raw_get("/K"), page, marked)
        if node.get("/S") in BLOCKS:
            yield "\n"


def marked_text(reader: PdfReader, page: Any) -> dict[int, str]:
    """Text by marked-content id."""
    fonts = {
        name: _to_unicode(font.get_object())
        for name, font in (page["/Resources"].get("/Font") or {}).items()
    }
    found: dict[int, str] = {}
    stack: list[tuple[int | None, str | None, list[str]]] = []
    letters: dict[int, str] = {}
    width = 2

    def close() -> None:
        number, actual, parts = stack.pop()
        text = "".join(parts)
        if actual is not None:
            text = actual
        if number is not None:
            found[number] = found.get(number, "") + text
        elif stack:
            stack[-1][2].append(text)

    for operands, operator in ContentStream(page.get_contents(), reader).operations:
        if operator in (b"BDC", b"BMC"):
            number = actual = None
            if operator == b"BDC" and isinstance(operands[1], DictionaryObject):
                number = operands[1].get("/MCID")
                actual = operands[1].get("/ActualText")
            if operands[0] == "/ReversedChars":
                stack.append((None, None, _Reversed()))
            else:
                stack.append((number, None if actual is None else str(actual), []))
        elif operator == b"EMC":
            close()
        elif operator == b"Tf":
            letters, width = fonts[operands[0]]
        elif operator in (b"Tj", b"TJ") and stack:
            pieces = operands[0] if operator == b"TJ" else [operands[0]]
            for piece in pieces:
                if isinstance(piece, bytes | str):
                    raw = piece if isinstance(piece, bytes) else piece.original_bytes
                    codes = [int.from_bytes(raw[n : n + width]) for n in range(0, len(raw), width)]
                    stack[-1][2].extend(letters.get(code, "\ufffd") for code in codes)
    return found


class _Reversed(list[str]):
    """Glyphs written from right to left; reads as they are spoken."""

    def __iter__(self) -> Iterator[str]:
        return reversed(self)


def _to_unicode(font: DictionaryObject) -> tuple[dict[int, str], int]:
    table = font["/ToUnicode"].get_object().get_data()
    found: dict[int, str] = {}

    def text(code: bytes) -> str:
        return bytes.fromhex(code.decode()).decode("utf-16-be", "replace")

    for block in re.findall(rb"beginbfchar(.*?)endbfchar", table, re.DOTALL):
        codes = HEX.findall(block)
        for code, value in zip(codes[::2], codes[1::2], strict=True):
            found[int(code, 16)] = text(value)
    for block in re.findall(rb"beginbfrange(.*?)endbfrange", table, re.DOTALL):
        for line in re.findall(rb"<(\w+)>\s*<(\w+)>\s*(<\w+>|\[.*?\])", block, re.DOTALL):
            low, high = int(line[0], 16), int(line[1], 16)
            values = HEX.findall(line[2])
            for code in range(low, high + 1):
                if len(values) > 1:
                    found[code] = text(values[code - low])
                else:
                    start = text(values[0])
                    found[code] = start[:-1] + chr(ord(start[-1]) + code - low)
    return found, 2 if font["/Subtype"] == "/Type0" else 1
