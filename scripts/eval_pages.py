#!/usr/bin/env python
"""Measure the page parser on labelled pages, trafilatura beside it, in one run.

    TOOLKIT_CORPORA=FOLDER scripts/eval_pages.py [--misses] [--no-text] [--limit N]

FOLDER/data/pages holds ``gold.jsonl.gz`` and the pages it names. Each line of
the gold has snippets that must stand in a comment, in the article, in neither,
and how many elements of the markup are comments (pingbacks included).

A snippet counts as found after every run of white space is made one space. A
comment's snippet that the saved bytes hold nowhere (comments that a script
loads) cannot be found by anyone; both shares are printed.
"""

from __future__ import annotations

import argparse
import gzip
import html
import json
import os
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lxml import etree
from lxml.html import HTMLParser
from trafilatura import bare_extraction

from toolkit.parsing.html import parse_html
from toolkit.text.normalize import collapse

_ARTICLE_BODIES = etree.XPath(
    "//*[@itemprop='articleBody']|"
    + "|".join(
        f"//*[contains(concat(' ', normalize-space(@class), ' '), ' {name} ')]"
        for name in ("entry-content", "post-content", "post-body", "article-body", "article_body")
    )
)
_COMMENT_NAME = re.compile(r"comment|kommentar|repl(?:y|ies)|respon[sd]|reaktion", re.IGNORECASE)


@dataclass
class Side:
    """What one extractor got right; counts of snippets, seconds of processor time."""

    name: str
    found: int = 0
    leaked: int = 0
    #: Of these, how many the page's own markup puts in its article.
    own: int = 0
    article: int = 0
    unwanted: int = 0
    seconds: float = 0.0
    misses: list[str] = field(default_factory=list)


@dataclass
class Result:
    """All that a run measured."""

    ours: Side
    theirs: Side
    pages: int = 0
    snippets: int = 0
    present: int = 0
    article_snippets: int = 0
    unwanted_snippets: int = 0
    counted_pages: int = 0
    right_counts: int = 0
    comments: int = 0
    with_author: int = 0
    with_time: int = 0
    text_found: int = 0
    text_measured: bool = False

    @property
    def comment_recall(self) -> float:
        """Share of the comment snippets in the saved bytes that stand in a comment."""
        return self.ours.found / self.present

    @property
    def leak_rate(self) -> float:
        """Share of the comment snippets that stand in the article."""
        return self.ours.leaked / self.snippets

    @property
    def count_rate(self) -> float:
        """Share of the pages with known counts where ours is within 5 percent, or 1."""
        return self.right_counts / self.counted_pages

    @property
    def author_rate(self) -> float:
        """Share of the comments on those pages that have an author."""
        return self.with_author / self.comments

    @property
    def text_recall(self) -> float:
        """As comment_recall, for the text parser on text renderings of the pages."""
        return self.text_found / self.present

    @property
    def speed(self) -> float:
        """Our pages a second as a share of trafilatura's."""
        return self.theirs.seconds / self.ours.seconds


def gold(folder: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(folder / "gold.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def measure(folder: Path, *, text: bool = True, limit: int | None = None) -> Result:
    """Run both extractors over the pages of ``folder``, in turn, page by page."""
    result = Result(Side("ours"), Side("trafilatura"))
    rows = list(gold(folder))[:limit]
    for row in rows[:3]:  # both load what they load at first use
        data = (folder / row["file"]).read_bytes()
        parse_html(data, url=row["url"])
        bare_extraction(data, url=row["url"])
    for row in rows:
        _measure_page(result, row, (folder / row["file"]).read_bytes(), text=text)
    result.pages = len(rows)
    return result


def _measure_page(result: Result, row: dict[str, Any], data: bytes, *, text: bool) -> None:
    start = time.process_time()
    document = bare_extraction(data, url=row["url"])
    middle = time.process_time()
    page = parse_html(data, url=row["url"])
    result.theirs.seconds += middle - start
    result.ours.seconds += time.process_time() - middle
    root = etree.fromstring(data, HTMLParser(encoding="utf-8"))
    everything = collapse(" ".join(root.itertext())) + collapse(
        html.unescape(data.decode("utf-8", "replace"))
    )
    comments = [collapse(comment.text or "") for comment in page.comments]
    sides = (
        (result.ours, collapse(page.article.text), comments),
        (
            result.theirs,
            collapse(document.text if document else ""),
            [collapse((document.comments if document else "") or "")],
        ),
    )
    wanted = [snippet for s in row["comment_snippets"] if (snippet := collapse(s))]
    held = [snippet for snippet in wanted if snippet in everything]
    result.snippets += len(wanted)
    result.present += len(held)
    result.article_snippets += len(row["body_snippets"])
    result.unwanted_snippets += len(row["unwanted_snippets"])
    for side, article, texts in sides:
        for snippet in wanted:
            found = any(snippet in text_ for text_ in texts)
            side.found += found
            if snippet in article:
                side.leaked += 1
                side.own += _in_own_article(root, snippet)
                side.misses.append(f"{row['file']}: leaked: {snippet[:60]}")
            if not found and snippet in held:
                side.misses.append(f"{row['file']}: comment not found: {snippet[:60]}")
        for snippet in map(collapse, row["body_snippets"]):
            side.article += snippet in article
            if snippet not in article:
                side.misses.append(f"{row['file']}: not in the article: {snippet[:60]}")
        side.unwanted += sum(
            snippet in article or any(snippet in text_ for text_ in texts)
            for snippet in map(collapse, row["unwanted_snippets"])
        )
    if row["comment_elements"] is not None:
        expected = row["comment_elements"] - _pingbacks(root)
        result.counted_pages += 1
        right = abs(len(comments) - expected) <= max(1, 0.05 * row["comment_elements"])
        result.right_counts += right
        if not right:
            result.ours.misses.append(f"{row['file']}: {len(comments)} comments for {expected}")
        result.comments += len(comments)
        result.with_author += sum(1 for c in page.comments if c.author_name)
        result.with_time += sum(1 for c in page.comments if c.created_at)
    if text:
        result.text_measured = True
        result.text_found += _found_in_text(row, data, wanted)


def _in_own_article(root: etree._Element, snippet: str) -> bool:
    """Whether the page's markup puts ``snippet`` in its article, whoever else says it.

    That is within an element that is named as an article's body, and within none that
    is named for comments: a comment that quotes, or a snippet that is no comment.
    """
    for body in _ARTICLE_BODIES(root):
        texts = (text for text in body.xpath(".//text()") if not _is_of_comments(text))
        if snippet in collapse("".join(texts)):
            return True
    return False


def _is_of_comments(text: Any) -> bool:
    parent = text.getparent()
    element = parent.getparent() if text.is_tail else parent
    return any(
        _COMMENT_NAME.search(f"{e.get('class')} {e.get('id')}")
        for e in (element, *element.iterancestors())
        if e.tag not in ("body", "html")
    )


def _pingbacks(root: etree._Element) -> int:
    marked = root.xpath(
        "//*[contains(@class, 'pingback') or contains(@class, 'trackback')]"
        "[contains(@id, 'comment-') or .//*[starts-with(@id, 'comment-')]]"
    )
    return len(marked)


def _found_in_text(row: dict[str, Any], data: bytes, wanted: list[str]) -> int:
    from inscriptis import get_text

    from toolkit.errors import ToolkitError
    from toolkit.parsing.decode import decode
    from toolkit.parsing.plain import parse_text

    rendered = get_text(decode(data).text)
    try:
        page = parse_text(rendered, url=row["url"])
    except ToolkitError:
        return 0
    texts = [collapse(comment.text or "") for comment in page.comments]
    return sum(any(snippet in text for text in texts) for snippet in wanted)


def table(result: Result) -> str:
    ours, theirs = result.ours, result.theirs
    rows = [
        ("measure", "ours", "trafilatura", "must reach"),
        (
            f"comment snippets found in a comment, of {result.present} in the saved bytes",
            f"{result.comment_recall:.3f}",
            f"{theirs.found / result.present:.3f}",
            ">= 0.93",
        ),
        (
            f"… of all {result.snippets}, also those that no saved byte holds",
            f"{ours.found / result.snippets:.3f}",
            f"{theirs.found / result.snippets:.3f}",
            "",
        ),
        (
            f"comment snippets leaked into the article, of {result.snippets}",
            f"{ours.leaked} ({result.leak_rate:.3f})",
            f"{theirs.leaked} ({theirs.leaked / result.snippets:.3f})",
            "<= 0.01",
        ),
        (
            "… those aside that the page's markup puts in its article",
            f"{ours.leaked - ours.own} ({(ours.leaked - ours.own) / result.snippets:.3f})",
            f"{theirs.leaked - theirs.own} ({(theirs.leaked - theirs.own) / result.snippets:.3f})",
            "",
        ),
        (
            f"article snippets found, of {result.article_snippets}",
            str(ours.article),
            str(theirs.article),
            f">= {theirs.article}",
        ),
        (
            f"unwanted snippets anywhere, of {result.unwanted_snippets}",
            str(ours.unwanted),
            str(theirs.unwanted),
            f"<= {theirs.unwanted}",
        ),
        (
            f"pages with the right number of comments, of {result.counted_pages}",
            f"{result.count_rate:.3f}",
            "none",
            ">= 0.90",
        ),
        (
            f"comments with an author, of {result.comments}",
            f"{result.author_rate:.3f}",
            "none",
            ">= 0.95",
        ),
        ("comments with a time", f"{result.with_time / result.comments:.3f}", "none", ""),
    ]
    if result.text_measured:
        rows.append(("text renderings: snippets found", f"{result.text_recall:.3f}", "", ">= 0.80"))
    rows += [
        (
            "pages a second (processor time)",
            f"{result.pages / ours.seconds:.1f}",
            f"{result.pages / theirs.seconds:.1f}",
            "",
        ),
        ("speed, as a share of trafilatura's", f"{result.speed:.2f}", "1.00", ">= 0.80"),
    ]
    width = max(len(row[0]) for row in rows)
    return "\n".join(
        f"{name:<{width}}  {one:>14}  {other:>14}  {goal:>10}" for name, one, other, goal in rows
    )


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    options.add_argument("--misses", action="store_true", help="list what ours did not find")
    options.add_argument("--no-text", action="store_true", help="leave text renderings out")
    options.add_argument("--limit", type=int, help="only the first N pages")
    chosen = options.parse_args()
    corpora = os.environ.get("TOOLKIT_CORPORA")
    if not corpora:
        print("set TOOLKIT_CORPORA to a folder of labelled corpora", file=sys.stderr)
        return 2
    result = measure(Path(corpora) / "data" / "pages", text=not chosen.no_text, limit=chosen.limit)
    print(table(result))
    if chosen.misses:
        print("\n".join(result.ours.misses))
    return 0


if __name__ == "__main__":
    sys.exit(main())
