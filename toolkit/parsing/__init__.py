"""A saved page -> Page: the article, and its comments as a thread.

:func:`parse` is the door; it looks whether the page is HTML or text as one
pastes or prints it, and both readers give the same record.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from toolkit.parsing.source import looks_like_html, read_bytes, to_text
from toolkit.records import Page

__all__ = ["parse"]


def parse(
    source: str | bytes | Path,
    *,
    format: Literal["auto", "text", "html"] = "auto",  # noqa: A002  (the word users know)
    url: str | None = None,
) -> Page:
    """Take a page apart into its article and its comments.

    ``source``: a Path is read; ``str`` and ``bytes`` are the page itself.
    ``format`` says how to read it; ``auto`` looks at the content. ``url`` is
    where the page came from: it becomes the article's url and makes its id
    stable.

    Raises SourceNotFoundError, SourceIsDirectoryError, EmptySourceError,
    BinarySourceError, and UnknownPageError where the text holds neither an
    article nor a comment.
    """
    content: str | bytes = read_bytes(source) if isinstance(source, Path) else source
    text = to_text(content)
    if format == "html" or (format == "auto" and looks_like_html(text)):
        from toolkit.parsing.html import parse_html

        # Bytes, where we have them: the reader of HTML knows more about their charset.
        return parse_html(content, url=url)
    from toolkit.parsing.plain import parse_text

    return parse_text(text, url=url)
