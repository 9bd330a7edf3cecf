"""Measure the text parser on text renderings of labelled HTML pages.

``TOOLKIT_CORPORA`` names a folder of labelled corpora; in it, ``data/pages/gold.jsonl.gz``
lists pages with snippets that stand in comments and in the body. Each page is rendered to text
as a browser would paste it, parsed, and the snippets are looked for with white space collapsed.

    TOOLKIT_CORPORA=DIR python scripts/eval_text_pages.py [--renderer inscriptis|html2text] [-v]
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from toolkit.errors import InputError
from toolkit.parsing.decode import decode
from toolkit.parsing.plain import parse_text
from toolkit.text.normalize import collapse


@dataclass
class Figures:
    """Sums over pages; ``shown`` counts the gold snippets that the rendering holds at all."""

    pages: int = 0
    comments_gold: int = 0
    comments_shown: int = 0
    comments_found: int = 0
    comments_in_article: int = 0
    body_gold: int = 0
    body_shown: int = 0
    body_found: int = 0
    body_in_comments: int = 0
    unwanted_gold: int = 0
    unwanted_found: int = 0
    counted: int = 0
    count_close: int = 0
    authors: int = 0
    comments: int = 0

    def add(self, other: Figures) -> None:
        """Add the sums of ``other``."""
        for field in fields(self):
            setattr(self, field.name, getattr(self, field.name) + getattr(other, field.name))

    @property
    def recall(self) -> float:
        """Comment snippets found in a comment, of those that the rendering shows."""
        return self.comments_found / max(1, self.comments_shown)


def renderers() -> dict[str, Callable[[str], str]]:
    """Ways to turn HTML into text; both packages are for tests only."""
    import html2text
    import inscriptis

    def by_html2text(markup: str) -> str:
        maker = html2text.HTML2Text(bodywidth=0)
        maker.ignore_links = maker.ignore_images = True
        return maker.handle(markup)

    return {"inscriptis": inscriptis.get_text, "html2text": by_html2text}


def gold_pages(corpora: Path) -> Iterator[tuple[dict[str, Any], str]]:
    """Each label with the markup of its page."""
    folder = corpora / "data" / "pages"
    with gzip.open(folder / "gold.jsonl.gz", "rt", encoding="utf-8") as rows:
        for row in rows:
            gold = json.loads(row)
            markup = decode((folder / gold["file"]).read_bytes()).text
            if markup.lstrip().startswith("<?xml"):
                markup = markup.partition("?>")[2]
            yield gold, markup


def measure(gold: dict[str, Any], text: str) -> Figures:
    """The figures of one rendered page."""
    figures = Figures(pages=1)
    try:
        page = parse_text(text)
        article, comments = page.article.text, page.comments
    except InputError:
        article, comments = "", ()
    shown = collapse(text)
    article = collapse(article)
    said = [collapse(comment.text or "") for comment in comments]
    figures.comments = len(comments)
    figures.authors = sum(1 for comment in comments if comment.author_name)
    for snippet in map(collapse, gold["comment_snippets"]):
        figures.comments_gold += 1
        figures.comments_shown += snippet in shown
        figures.comments_found += any(snippet in comment for comment in said)
        figures.comments_in_article += snippet in article
    for snippet in map(collapse, gold["body_snippets"]):
        figures.body_gold += 1
        figures.body_shown += snippet in shown
        figures.body_found += snippet in article
        figures.body_in_comments += any(snippet in comment for comment in said)
    for snippet in map(collapse, gold["unwanted_snippets"]):
        figures.unwanted_gold += 1
        figures.unwanted_found += snippet in article or any(snippet in one for one in said)
    elements = gold["comment_elements"]
    if elements is not None:
        figures.counted = 1
        figures.count_close = abs(len(comments) - elements) <= max(1, 0.05 * elements)
    return figures


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure the text parser on rendered pages.")
    parser.add_argument("--renderer", choices=["inscriptis", "html2text"], default="inscriptis")
    parser.add_argument("-v", "--verbose", action="store_true", help="one line a page")
    arguments = parser.parse_args()
    corpora = os.environ.get("TOOLKIT_CORPORA")
    if not corpora:
        print("TOOLKIT_CORPORA is not set; it names a folder of labelled corpora", file=sys.stderr)
        return 2
    render = renderers()[arguments.renderer]
    total = Figures()
    for gold, markup in gold_pages(Path(corpora)):
        figures = measure(gold, render(markup))
        total.add(figures)
        if arguments.verbose:
            print(
                f"{Path(gold['file']).name[:48]:48} comments {figures.comments:4}"
                f" of {gold['comment_elements'] or '?':>3}"
                f"  found {figures.comments_found}/{figures.comments_shown}/{figures.comments_gold}"
                f"  leaked {figures.comments_in_article}"
                f"  body {figures.body_found}/{figures.body_gold}"
                f"  in comments {figures.body_in_comments}"
            )
    print(f"pages                                  {total.pages}  ({arguments.renderer})")
    print(f"gold comment snippets                  {total.comments_gold}")
    print(f"  that the rendering holds             {total.comments_shown}")
    share = f"({total.recall:.3f} of shown)"
    print(f"  found in a comment                   {total.comments_found}  {share}")
    print(f"  found in the article                 {total.comments_in_article}")
    print(f"gold body snippets                     {total.body_gold}")
    print(f"  that the rendering holds             {total.body_shown}")
    print(f"  found in the article                 {total.body_found}")
    print(f"  found in a comment                   {total.body_in_comments}")
    print(f"unwanted snippets found                {total.unwanted_found} of {total.unwanted_gold}")
    print(f"pages with a count, ours within 5% / 1 {total.count_close} of {total.counted}")
    print(f"comments with an author                {total.authors} of {total.comments}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
