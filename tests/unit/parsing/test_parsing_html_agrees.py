"""The same page saved as HTML and pasted as text gives the same comments, as far as text shows them."""

from __future__ import annotations

from pathlib import Path

import pytest

from toolkit.parsing.html import parse_html
from toolkit.parsing.plain import parse_text
from toolkit.records import Page
from toolkit.text.normalize import collapse

SEEDS = Path(__file__).resolve().parents[3] / "seeds"
NAMES = sorted(path.stem for path in SEEDS.glob("*.html"))
#: Where the rendered text hides who wrote, or that the first post is the article.
BLURRED = {"disqus-saved", "discourse-crawled"}


def words(text: str | None) -> str:
    """A quotation's mark is ours, not the page's."""
    return collapse((text or "").replace("> ", "").replace("\n>", "\n"))


def both(name: str) -> tuple[Page, Page]:
    inscriptis = pytest.importorskip("inscriptis")
    markup = (SEEDS / f"{name}.html").read_text(encoding="utf-8")
    return parse_html(markup), parse_text(inscriptis.get_text(markup))


@pytest.mark.parametrize("name", [name for name in NAMES if name not in BLURRED])
def test_same_comments(name: str) -> None:
    saved, pasted = both(name)
    assert [(c.author_name, words(c.text)) for c in saved.comments] == [
        (c.author_name, words(c.text)) for c in pasted.comments
    ]
    assert saved.stated_comment_count == pasted.stated_comment_count
    assert saved.comments_open == pasted.comments_open


@pytest.mark.parametrize("name", NAMES)
def test_no_comment_is_lost_either_way(name: str) -> None:
    saved, pasted = both(name)
    texts = " ".join(words(c.text) for c in pasted.comments)
    for comment in saved.comments:
        assert words(comment.text) in texts


@pytest.mark.parametrize("name", [name for name in NAMES if name not in BLURRED])
def test_same_times(name: str) -> None:
    saved, pasted = both(name)
    for one, other in zip(saved.comments, pasted.comments, strict=True):
        # Markup states seconds and the zone, text only what is printed.
        if one.created_at is not None and one.created_at.tzinfo is None:
            assert one.created_at == other.created_at
