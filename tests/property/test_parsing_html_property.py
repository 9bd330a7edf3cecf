"""Whatever the markup: no crash, a forest of comments, and no comment in the article."""

from __future__ import annotations

import contextlib
import importlib.util
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from toolkit.errors import InputError
from toolkit.parsing.html import parse_html
from toolkit.parsing.html.text import readable
from toolkit.parsing.html.tree import flatten, parse_markup
from toolkit.records import Page

ROOT = Path(__file__).resolve().parents[2]


def check(page: Page) -> None:
    ids = [comment.comment_id for comment in page.comments]
    assert len(set(ids)) == len(ids)
    depths = {comment.comment_id: comment.depth for comment in page.comments}
    for position, comment in enumerate(page.comments):
        assert comment.position == position
        assert comment.article_id == page.article.article_id
        assert comment.depth == (depths[comment.parent_id] + 1 if comment.parent_id else 0)
        assert comment.text is None or comment.text.strip()
    page.to_json().encode("utf-8")


@pytest.fixture(scope="module")
def fuzz() -> ModuleType:
    spec = importlib.util.spec_from_file_location("fuzz_pages", ROOT / "scripts" / "fuzz_pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("batch", range(4))
def test_damaged_pages(fuzz: ModuleType, batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TOOLKIT_CORPORA", raising=False)
    pages = fuzz.sources()
    for number in range(batch * 30, batch * 30 + 30):
        how, data = fuzz.make(number, 7, pages)
        start = time.process_time()
        with contextlib.suppress(InputError):
            check(parse_html(data))
        assert time.process_time() - start < 10, how


@pytest.mark.parametrize(
    "unit",
    [
        "<div>",
        "<b><div>",
        "<table><tr><td>",
        "<li class=comment>",
        "<blockquote>x",
        "</p>",
        "<a ",
        "<!--",
    ],
)
def test_megabytes_of_tags(unit: str) -> None:
    start = time.process_time()
    with contextlib.suppress(InputError):
        check(parse_html("<html><body>" + unit * (2_000_000 // len(unit))))
    assert time.process_time() - start < 10


TAGS = st.sampled_from(
    [
        "div",
        "p",
        "b",
        "a",
        "ul",
        "li",
        "ol",
        "blockquote",
        "table",
        "tr",
        "td",
        "pre",
        "br",
        "cite",
        "time",
        "form",
        "h2",
        "article",
        "span",
        "script",
    ]
)
NAMES = st.sampled_from(
    [
        "",
        "comment",
        "comment-body",
        "author",
        "date",
        "comment-list",
        "children",
        "reply",
        "depth-2",
    ]
)


@st.composite
def markup(draw: st.DrawFn) -> str:
    parts: list[str] = []
    for _ in range(draw(st.integers(0, 25))):
        tag, name = draw(TAGS), draw(NAMES)
        kind = draw(st.integers(0, 3))
        if kind == 0:
            number = draw(st.integers(0, 4))
            parts.append(
                f'<{tag} class="{name}" id="comment-{number}" data-parent-id="{number + 1}">'
            )
        elif kind == 1:
            parts.append(f"</{tag}>")
        elif kind == 2:
            parts.append(draw(st.text(max_size=20)))
        else:
            parts.append(
                draw(
                    st.sampled_from(
                        ["Ann says:", "3.4.2012, 10:11", "#1 von Bo", "<br>", "&#1;", "&amp;"]
                    )
                )
            )
    return "".join(parts)


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(markup())
def test_any_markup(text: str) -> None:
    with contextlib.suppress(InputError):
        check(parse_html(f"<body>{text}"))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    with contextlib.suppress(InputError):
        check(parse_html(data))


@settings(max_examples=60, deadline=None)
@given(markup())
def test_flattening_keeps_the_words(text: str) -> None:
    whole = "".join(readable(parse_markup(text)).split())
    flat = "".join(readable(parse_markup(flatten(text, limit=50))).split())
    assert flat == whole
