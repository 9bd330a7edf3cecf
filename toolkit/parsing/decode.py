"""Bytes of a saved page -> text, also where the charset is missing or wrong.

What is trusted, in this order: a byte order mark; strictly valid UTF-8 (text in
another encoding almost never is); the charset that the server or the page
names, unless the bytes speak against it; the page's language; detection.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import Final, Literal

from toolkit.errors import BinarySourceError

#: How the encoding became known.
Evidence = Literal["bom", "utf-8", "declared", "language", "detected"]

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_MAGIC: Final = (
    (b"%PDF-", "a PDF"),
    (b"\x89PNG\r\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"PK\x03\x04", "a ZIP archive or an office document"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90\x00", "a program"),
    (b"\xd0\xcf\x11\xe0", "an old office document"),
    (b"OggS", "a sound or film"),
    (b"ID3", "a sound"),
    (b"SQLite format 3\x00", "a database"),
)

# A label on the web means what browsers decode, which is a superset of what it
# says (WHATWG Encoding Standard, "names and labels").
_LABELS: Final = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "ansi": "cp1252",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "iso-8859-9": "cp1254",
    "latin5": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "windows-874": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "x-gbk": "gb18030",
    "big5": "big5hkscs",
    "x-x-big5": "big5hkscs",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "sjis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "korean": "cp949",
    "iso-8859-8-i": "iso8859-8",
    "logical": "iso8859-8",
    "x-mac-cyrillic": "mac_cyrillic",
    "macintosh": "mac_roman",
    "x-cp1250": "cp1250",
    "x-cp1251": "cp1251",
    "x-cp1252": "cp1252",
    "unicode-1-1-utf-8": "utf-8",
    "utf8": "utf-8",
    "utf8mb4": "utf-8",
}

#: What pages in a language were written in before UTF-8 (the table of default
#: encodings by locale in the HTML Standard, "determining the character encoding").
_LEGACY: Final = {
    "ar": "cp1256",
    "be": "cp1251",
    "bg": "cp1251",
    "cs": "cp1250",
    "el": "cp1253",
    "et": "cp1257",
    "fa": "cp1256",
    "he": "cp1255",
    "hr": "cp1250",
    "hu": "cp1250",
    "ja": "cp932",
    "ko": "cp949",
    "ku": "cp1254",
    "ky": "cp1251",
    "lt": "cp1257",
    "lv": "cp1257",
    "mk": "cp1251",
    "pl": "cp1250",
    "ru": "cp1251",
    "sk": "cp1250",
    "sl": "cp1250",
    "sr": "cp1251",
    "tg": "cp1251",
    "th": "cp874",
    "tr": "cp1254",
    "tt": "cp1251",
    "uk": "cp1251",
    "vi": "cp1258",
    "zh": "gb18030",
    "zh-hant": "big5hkscs",
    "zh-hk": "big5hkscs",
    "zh-tw": "big5hkscs",
}

_DETECTABLE: Final = sorted({*_LEGACY.values(), "cp1252", "koi8_r", "iso8859_2", "euc_jp"})

# What Western European prose in Windows-1252 is made of beyond ASCII. In text of
# another encoding read as Windows-1252 other letters turn up soon.
_WESTERN: Final = frozenset(
    "äöüßéèêëàâáãçñíîïóôõúùûæøåœÄÖÜÉÈÊÀÂÁÃÇÑÍÓÔÕÚÆØÅŒ’‘“”„«»–—…€•©®™°§·¡¿ªº\xa0"
)

_HEAD: Final = 4096
_META: Final = re.compile(
    rb"""<meta[^>]{0,300}?charset\s*=\s*["']?\s*([a-zA-Z0-9_:.\-]{2,40})""", re.IGNORECASE
)
_XML: Final = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([a-zA-Z0-9_:.\-]{2,40})""")
_LANG: Final = re.compile(rb"""<html[^>]{0,600}?\slang\s*=\s*["']?([a-zA-Z\-]{2,12})""", re.I)
_MARKUP: Final = re.compile(
    rb"<(?:script|style)\b.*?(?:</(?:script|style)\s*>|\Z)|<[^<>]*>", re.DOTALL | re.IGNORECASE
)
_HIGH: Final = re.compile(rb"[\x80-\xff]")
_HIGH_RUN: Final = re.compile(rb"[^\x80-\xff]{0,40}[\x80-\xff]+[^\x80-\xff\n]{0,40}")
_LETTER: Final = re.compile(rb"[A-Za-z\x80-\xff]")
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_ESCAPED: Final = re.compile("[\udc80-\udcff]+")
_ESC: Final = b"\x1b"
_SAMPLE: Final = 16_384


@dataclass(frozen=True, slots=True)
class Decoded:
    """``text`` and the Python codec ``encoding`` that gave it.

    ``replaced`` counts places where the bytes made no sense in that encoding;
    ``declared`` is the codec that the page or server named, None where none did.
    """

    text: str
    encoding: str
    evidence: Evidence
    declared: str | None = None
    replaced: int = 0


def decode(data: bytes, *, charset: str | None = None) -> Decoded:
    """The text of ``data``; ``charset`` is what a server said, if anything.

    Raises BinarySourceError where the bytes are no text in any encoding.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _forced(data[len(bom) :], encoding, "bom", None)
    _refuse_magic(data)
    if b"\x00" in data[:_HEAD]:
        wide = _utf16_without_bom(data)
        if wide is not None:
            return _forced(data, wide, "detected", None)
    _refuse_controls(data)
    declared = declared_encoding(data, charset)
    if declared is not None and declared.startswith(("utf-16", "utf_16", "utf-32", "utf_32")):
        declared = "utf-8"  # the declaration itself was readable as ASCII
    if declared is not None and declared.startswith("iso2022") and _ESC in data:
        return _forced(data, declared, "declared", declared)
    try:
        return Decoded(data.decode("utf-8"), "utf-8", "utf-8", declared)
    except UnicodeDecodeError:
        pass
    if _mostly_utf8(data):
        return _forced(data, "utf-8", "utf-8", declared)
    if declared is not None and declared != "utf-8" and not _suspicious(data, declared):
        return _forced(data, declared, "declared", declared)
    language = page_language(data)
    legacy = _LEGACY.get(language) or _LEGACY.get(language.partition("-")[0])
    if legacy is not None and _decodes(data, legacy):
        return _forced(data, legacy, "language", declared)
    return _forced(data, _detect(data), "detected", declared)


def declared_encoding(data: bytes, charset: str | None = None) -> str | None:
    """The Python codec of the charset that server or page name; None where none is known."""
    head = data[:_HEAD]
    for found in (_XML.match(head.lstrip()), _META.search(head), _META.search(data[:65_536])):
        label = found.group(1).decode("ascii") if found else None
        for name in (charset, label):
            codec = _codec(name)
            if codec is not None:
                return codec
    return None


def page_language(data: bytes) -> str:
    """``lang`` of the page's html element in lower case, '' where it has none."""
    found = _LANG.search(data[:_HEAD])
    return found.group(1).decode("ascii").lower() if found else ""


def _codec(label: str | None) -> str | None:
    if not label:
        return None
    name = label.strip().strip("\"'").lower()
    name = _LABELS.get(name, name)
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    # rot13, zlib and their like are codecs too, but not of text
    return info.name if getattr(info, "_is_text_encoding", True) else None


def _refuse_magic(data: bytes) -> None:
    for magic, what in _MAGIC:
        if data.startswith(magic):
            raise BinarySourceError(
                f"this is {what}, not a page",
                next_step="Save the page as HTML or as plain text and give that file.",
            )


def _refuse_controls(data: bytes) -> None:
    sample = data[: 4 * _HEAD]
    if len(_CONTROL.findall(sample)) > max(8, len(sample) // 20):
        raise BinarySourceError(
            "the bytes are no text in any encoding",
            next_step="Save the page as HTML or as plain text and give that file.",
        )


def _utf16_without_bom(data: bytes) -> str | None:
    head = data[:_HEAD]
    even, odd = head[::2].count(0), head[1::2].count(0)
    half = max(1, len(head) // 2)
    if odd > 0.4 * half and even < 0.05 * half:
        return "utf-16-le"
    if even > 0.4 * half and odd < 0.05 * half:
        return "utf-16-be"
    return None


def _mostly_utf8(data: bytes) -> bool:
    """UTF-8 with a flaw: cut in the middle of a letter, or a few foreign bytes."""
    text = data.decode("utf-8", "surrogateescape")
    broken = sum(len(run) for run in _ESCAPED.findall(text))
    whole = sum(1 for letter in text if letter > "\x7f") - broken
    if whole and not _ESCAPED.search(text[:-3]):
        return True
    return whole >= 2 * broken


def _suspicious(data: bytes, encoding: str) -> bool:
    """A single-byte Western or Central European label on text full of high bytes."""
    if encoding not in {"cp1252", "cp1250", "cp1254", "cp1257", "iso8859-15", "iso8859-2"}:
        return not _decodes(data, encoding)
    sample = _sample(data)
    letters = len(_LETTER.findall(sample))
    return letters > 20 and len(_HIGH.findall(sample)) > 0.35 * letters


def _sample(data: bytes) -> bytes:
    """Text between the tags, from the first places that hold high bytes."""
    text = _MARKUP.sub(b" ", data[: 64 * _SAMPLE])
    first = _HIGH.search(text)
    start = max(0, first.start() - 200) if first else 0
    return text[start : start + _SAMPLE]


def _decodes(data: bytes, encoding: str) -> bool:
    text = data.decode(encoding, "replace")
    return text.count("\ufffd") <= len(data) // 5000


def _detect(data: bytes) -> str:
    from charset_normalizer import from_bytes

    runs = _HIGH_RUN.findall(_sample(data))
    sample = b"\n".join(runs) or data[:_SAMPLE]
    sample = sample[:_SAMPLE]
    western = {letter for letter in sample.decode("cp1252", "replace") if letter > "\x7f"}
    if western <= _WESTERN:
        return "cp1252"
    best = from_bytes(sample, cp_isolation=_DETECTABLE, threshold=0.4, enable_fallback=False).best()
    return _codec(best.encoding if best else None) or "cp1252"


def _forced(data: bytes, encoding: str, evidence: Evidence, declared: str | None) -> Decoded:
    if encoding == "utf-8":
        text, replaced = _mend_utf8(data)
    else:
        text = data.decode(encoding, "replace")
        replaced = text.count("\ufffd")
    return Decoded(text, encoding, evidence, declared, replaced)


def _mend_utf8(data: bytes) -> tuple[str, int]:
    """Lone foreign bytes read as Windows-1252, since that is what they are on the web."""
    replaced = 0

    def mend(match: re.Match[str]) -> str:
        nonlocal replaced
        replaced += 1
        run = match.group().encode("utf-8", "surrogateescape")
        if len(run) > 1:
            return "\ufffd"
        return run.decode("cp1252", "replace")

    text = _ESCAPED.sub(mend, data.decode("utf-8", "surrogateescape"))
    return text, replaced
