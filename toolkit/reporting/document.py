"""The data that the typst templates set, and the call that sets them.

Everything a page or a comment says goes to typst as JSON that the templates
read as strings. No markup is ever built from it, so no text can inject any.
The templates run in a folder of their own, which typst cannot leave.
"""

from __future__ import annotations

import atexit
import json
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import regex
import typst

from toolkit.errors import InternalError
from toolkit.records import Evidence
from toolkit.reporting import comments, sections
from toolkit.reporting.data import READABILITY, RHETORIC, STANCE, TOXICITY, ReportData, Thread
from toolkit.reporting.escape import is_rtl, shorten
from toolkit.reporting.findings import Finding, Quote, Reference
from toolkit.reporting.fonts import font_set
from toolkit.reporting.frames import Drawing
from toolkit.reporting.writer import Json, Writer
from toolkit.schema import Direction

#: What the PDF conforms to.
STANDARDS: Final = ("ua-1", "a-2a")
#: Pixels per inch of the picture of the first page.
PAGE_DPI: Final = 144
#: Pixels per inch of the pictures of figures: twice a screen's 96.
FIGURE_DPI: Final = 192

#: From so many comments on the bookmarks name groups of comments, not each one.
MAX_BOOKMARKS: Final = 300


def build(
    data: ReportData,
    thread: Thread,
    found: Sequence[Finding],
    drawings: Sequence[Drawing],
    *,
    mask_slurs: bool,
    banned: frozenset[str] = frozenset(),
) -> dict[str, Json]:
    """All that the templates read, as JSON values.

    ``banned`` characters are replaced as if no font had them.
    """
    writer = Writer(mask_slurs=mask_slurs, banned=banned)
    styles = comments.mark_styles(thread)
    body = {
        "meta": _meta(data, writer),
        "cover": _cover(data, thread, found, writer),
        "figures": {
            drawing.name: {
                "file": f"{drawing.name}.svg",
                "alt": drawing.alt,
                "caption": drawing.caption,
            }
            for drawing in drawings
        },
        "stance": sections.stance(data, thread, writer),
        "rhetoric": sections.rhetoric(thread, writer),
        "readability": sections.readability(data, thread),
        "toxicity": sections.toxicity(thread, writer),
        "tree": sections.tree(thread, writer),
        "marks": styles,
        "legend": comments.legend(thread, writer, styles),
        "comments": [comments.comment(row, thread, writer) for row in thread.rows],
        "group": 0 if len(thread.rows) <= MAX_BOOKMARKS else 100,
        "glossary": _glossary(data, writer),
    }
    body["appendix"] = _appendix(data, thread, writer)
    return body


def _meta(data: ReportData, writer: Writer) -> dict[str, Json]:
    fonts = font_set()
    title = data.page.article.title or data.manifest.get("input") or "Comments"
    return {
        "title": writer.label(title, 200),
        "running": writer.label(title, 70),
        "fonts": fonts.families(data.page.article.language),
        "rtl_fonts": fonts.families(data.page.article.language, rtl=True),
        "cjk_fonts": {tag: fonts.families(tag) for tag in ("ja", "ko", "zh")},
        "made": _date(data.manifest.get("made")),
    }


def _date(made: str | None) -> list[int] | None:
    match = re.match(r"(\d{4})-(\d\d)-(\d\d)", made or "")
    return [int(part) for part in match.groups()] if match else None


def _cover(
    data: ReportData, thread: Thread, found: Sequence[Finding], writer: Writer
) -> dict[str, Json]:
    article = data.page.article
    source: list[str] = []
    if article.byline:
        source.append(writer.label(article.byline, 120))
    if article.published_at:
        source.append(f"{article.published_at.day} {article.published_at:%B %Y}")
    rows = thread.rows
    facts: list[list[str]] = [[f"{len(rows):,}", "comment" if len(rows) == 1 else "comments"]]
    if len(rows) > 1:
        authors = {row.author or row.handle for row in rows} - {None}
        if authors:
            facts.append([f"{len(authors):,}", "named writers"])
        deepest = max(row.depth for row in rows)
        if deepest:
            facts.append([f"{deepest:,}", "replies deep" if deepest > 1 else "reply deep"])
    words = sum(row.words or 0 for row in rows)
    if rows:
        facts.append([f"{words:,}", "words"])
    dates = [row.created_at for row in rows if row.created_at is not None]
    if dates:
        facts.append(_period(min(dates), max(dates)))
    is_open = data.page.comments_open
    if is_open is not None:
        facts.append(["open" if is_open else "closed", "for comments"])
    return {
        "title": writer.inline(writer.hide(article.title or "")) or [["Untitled page", False, []]],
        "title_rtl": is_rtl(article.title or ""),
        "long_title": len(article.title or "") > 90,
        "source": source,
        "url": _safe_url(article.url),
        "url_text": writer.label(article.url, 90) if article.url else None,
        "facts": facts,
        "truncated": article.truncated,
        "thesis": [
            {"runs": writer.inline(writer.hide(sentence.text)), "rtl": is_rtl(sentence.text)}
            for sentence in data.thesis
        ],
        "findings": [
            {"topic": item.topic, "parts": _finding(item, thread, writer)} for item in found
        ],
        "manifest": _manifest(data, writer),
        "models": any(
            row.label_of(STANCE, "label") is not None
            or row.number_of(TOXICITY, "toxicity") is not None
            for row in rows
        ),
    }


def _period(first: datetime, last: datetime) -> list[str]:
    if first.date() == last.date():
        return [f"{first.day} {first:%b %Y}", "written on"]
    days = (last.date() - first.date()).days
    return [f"{days:,}", "day from first to last" if days == 1 else "days from first to last"]


def _safe_url(url: str | None) -> str | None:
    """The address where a link may lead there: http or https, and nothing odd in it."""
    if not url or len(url) > 2000 or not url.isascii() or not url.isprintable() or " " in url:
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None


def _finding(finding: Finding, thread: Thread, writer: Writer) -> list[Json]:
    parts: list[Json] = []
    for part in finding.parts:
        if isinstance(part, Quote):
            quote = writer.hide(part.text, _on_quote(part, thread))
            parts.append({"quote": writer.inline(shorten(quote, 150)), "comment": part.comment})
        elif isinstance(part, Reference):
            parts.append({"comment": part.comment})
        else:
            parts.append({"text": writer.inline(writer.hide(part))})
    return parts


def _on_quote(quote: Quote, thread: Thread) -> list[Evidence]:
    row = thread.rows[quote.comment - 1]
    at = (row.text or "").find(quote.text)
    return row.flagged_within(at, at + len(quote.text)) if at >= 0 else []


def _manifest(data: ReportData, writer: Writer) -> list[list[str]]:
    return [
        [writer.label(key, 60), writer.label(value, 140)] for key, value in data.manifest.items()
    ]


def _glossary(data: ReportData, writer: Writer) -> list[Json]:
    """``[column, description, 'unit, range']`` of every number."""
    rows = []
    for name, metric in data.metrics.items():
        # A rate stands beside its count, so a row of its own would say everything twice.
        count = name.removesuffix("_per_100_words")
        if metric.name == "null_reason" or (count != name and count in data.metrics):
            continue
        about = [metric.unit.value]
        low, high = metric.bounds
        if low is not None and high is not None:
            about.append(f"{low:g} to {high:g}")
        elif low is not None or high is not None:
            about.append(f"from {low:g}" if low is not None else f"up to {high:g}")
        if metric.direction in (Direction.HIGHER_IS_EASIER, Direction.HIGHER_IS_HARDER):
            about.append(metric.direction.value)
        rows.append(
            [writer.label(name, 90), writer.label(metric.description, 900), ", ".join(about)]
        )
    return rows


def _appendix(data: ReportData, thread: Thread, writer: Writer) -> dict[str, Json]:
    replaced = [
        f"{script}: {points}" + (f" and {count - 5:,} more" if count > 5 else "")
        for script, count, points in writer.replacements.by_script()
    ]
    return {
        "manifest": _manifest(data, writer),
        "warnings": [
            [writer.label(warning.code, 60), writer.inline(warning.message)]
            for warning in data.page.warnings
        ],
        "replaced": replaced,
        "cjk": font_set().has_cjk,
        "masked": writer.masked,
        "thesis": [
            {
                "runs": writer.inline(writer.hide(sentence.text)),
                "why": writer.label(sentence.reason, 200),
                "score": f"{sentence.score:.2f}",
                "source": sentence.source,
            }
            for sentence in data.thesis
        ],
        "has": {name: thread.has(name) for name in (STANCE, TOXICITY, RHETORIC, READABILITY)},
    }


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """The fonts as typst knows them, read once a process."""
    folder = tempfile.TemporaryDirectory(prefix="toolkit-fonts-")
    atexit.register(folder.cleanup)
    for file in font_set().files:
        shutil.copyfile(file, Path(folder.name) / file.name)
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=True,
        font_paths=[*map(str, font_set().folders), folder.name],
    )


class MissingGlyphError(Exception):
    """typst found no glyph for some characters that a font was said to hold."""

    def __init__(self, characters: frozenset[str]) -> None:
        super().__init__(f"no glyph for {', '.join(f'U+{ord(c):04X}' for c in characters)}")
        self.characters = characters


def _undrawn(message: str, texts: str) -> frozenset[str]:
    """The characters that a message of typst is about, in its own notation.

    It names a letter alone where a mark on it is missing; then those marks
    are meant that stand on this letter in ``texts``.
    """
    match = re.search(r'text `"(.*)"` could not be|codepoint `"(.*)"`', message, re.DOTALL)
    if match is None:
        return frozenset()
    said = match[1] or match[2]
    escaped = regex.compile(r"\\u\{([0-9a-f]+)\}")
    letters = {chr(int(code, 16)) for code in escaped.findall(said)}
    letters |= set(escaped.sub("", said)) - set(" \\")
    marks = {letter for letter in letters if _is_mark(letter)}
    if not marks:
        marked = regex.compile(rf"[{regex.escape(''.join(letters))}]\p{{M}}+")
        marks = {mark for found in marked.findall(texts) for mark in found if _is_mark(mark)}
    return frozenset(marks or letters)


def _is_mark(letter: str) -> bool:
    return regex.match(r"\p{M}", letter) is not None


class Press:
    """The templates and the data in a folder of their own, ready to be set.

    Use as a context manager; the folder goes when it ends.
    """

    def __init__(self, body: Mapping[str, Json], svgs: Mapping[str, bytes]) -> None:
        self._body = body
        self._folder = tempfile.TemporaryDirectory(prefix="toolkit-report-")
        root = Path(self._folder.name)
        for template in files("toolkit.reporting.templates").iterdir():
            if template.name.endswith(".typ"):
                (root / template.name).write_bytes(template.read_bytes())
        (root / "data.json").write_text(json.dumps(body), encoding="utf-8")
        for name, content in svgs.items():
            (root / f"{name}.svg").write_bytes(content)
        self._figure = root / "figure.typ"
        self._compiler = typst.Compiler(
            str(root / "article.typ"),
            root=str(root),
            font_paths=_fonts(),
            ignore_system_fonts=True,
            sys_inputs={},
        )

    def __enter__(self) -> Press:
        return self

    def __exit__(self, *exception: object) -> None:
        self._folder.cleanup()

    def pdf(self) -> bytes:
        """The whole document as PDF/UA-1 and PDF/A-2a.

        Raises MissingGlyphError, or InternalError where it cannot be set at all.
        """
        return self._set({"part": "all"}, format="pdf", pdf_standards=list(STANDARDS))

    def first_page(self) -> bytes:
        """The first page as a PNG picture at ``PAGE_DPI`` pixels an inch."""
        return self._set({"part": "cover"}, format="png", ppi=float(PAGE_DPI))

    def figure(self, name: str) -> bytes:
        """One of the drawings as a PNG picture at ``FIGURE_DPI`` pixels an inch."""
        inputs = {"file": f"{name}.svg"}
        return self._set(inputs, input=str(self._figure), format="png", ppi=float(FIGURE_DPI))

    def _set(self, inputs: dict[str, str], **how: Any) -> bytes:
        try:
            made = self._compiler.compile(sys_inputs=inputs, **how)
        except typst.TypstError as error:
            lost = _undrawn(str(error), json.dumps(self._body, ensure_ascii=False))
            if lost:
                raise MissingGlyphError(lost) from error
            raise InternalError(
                f"the report could not be set: {error}",
                next_step="Please report this, with the page if you can share it.",
            ) from error
        page = made if isinstance(made, bytes) else (made or [b""])[0]
        if not page:
            raise InternalError("typst gave back nothing", next_step="Please report this.")
        return page
