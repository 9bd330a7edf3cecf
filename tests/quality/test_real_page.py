"""The values that the page in the corpora must give."""

from __future__ import annotations

from pathlib import Path

import pytest

from toolkit.parsing import parse
from toolkit.records import Page


@pytest.fixture(scope="module")
def page(corpora: Path) -> Page:
    pages = sorted((corpora / "seeds").glob("000_*.txt"))
    if not pages:
        pytest.skip("the corpora hold no seeds/000_*.txt")
    return parse(pages[0])


def test_article(page: Page) -> None:
    article = page.article
    assert article.title == "Iran cares more about Baghdad than Damascus"
    first = article.text.split("\n\n")[0]
    assert first.startswith("Hayder al-Khoei, associate fellow")
    assert first.endswith("from Baghdad.")
    assert article.text.endswith("unlike the army units in the north of the country.")
    assert article.truncated is True
    assert article.language == "en"
    assert article.byline is None
    assert len(article.text.split("\n\n")) == 11


def test_no_furniture(page: Page) -> None:
    texts = [page.article.text, *(comment.text or "" for comment in page.comments)]
    for words in ("Print Friendly", "Continue reading", "One thought on", "Comments are closed"):
        assert not any(words in text for text in texts)


def test_comment(page: Page) -> None:
    assert page.stated_comment_count == 1
    assert page.comments_open is False
    [comment] = page.comments
    assert comment.author_name == "Iran Fail"
    assert comment.author_handle == "@IranFail"
    assert comment.created_at is None
    assert comment.parent_id is None
    assert (comment.depth, comment.position) == (0, 0)
    assert comment.text is not None
    paragraphs = comment.text.split("\n\n")
    assert len(paragraphs) == 3
    assert all(paragraph == paragraph.strip() for paragraph in paragraphs)
    assert paragraphs[0].startswith("The quickly deteriorating situation in Iraq")
    assert paragraphs[2].endswith("on the same side of any issue.")
    assert "is nothing more than a pre-emptive attempt" in paragraphs[1]


def test_it_is_the_same_from_text_and_bytes(page: Page, corpora: Path) -> None:
    path = next((corpora / "seeds").glob("000_*.txt"))
    assert parse(path.read_text(encoding="utf-8")) == page
    assert parse(path.read_bytes()) == page
