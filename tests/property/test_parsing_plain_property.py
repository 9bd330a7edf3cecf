"""The text parser survives whatever it is given, and keeps its promises about what it returns."""

from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.errors import InputError
from toolkit.parsing import parse
from toolkit.parsing.byline import find_when, parse_byline
from toolkit.records import Page

#: Pieces that steer the parser into its corners.
PIECES = (
    "3 thoughts on “The pier”",
    "Comments (2)",
    "No comments",
    "Comments",
    "12 Comments | Login",
    "Marta says:",
    "July 10, 2012 at 1:26 am",
    "Oskar — July 10th, 2012, 1:26 am",
    "7 days ago",
    "by Marta (123) on",
    " Monday July 23, @08:25PM",
    "391. Oskar",
    "1.",
    "  1. Marta",
    "    • Oskar",
    "Marta> Oskar•5 days ago",
    "salty 3 hours ago | parent | prev | next [–]",
    "11. Jul, 2012",
    "Reply",
    "Share ›",
    "level 2",
    "In reply to Marta",
    "Pingback: Quay",
    "[…] words […]",
    "Leave a Reply",
    "Comments are closed.",
    "Recent Comments",
    "Related",
    "[Continue reading…]",
    "> quoted",
    "@Marta yes",
    "They closed the west pier too, and it never came back.",
    "A word",
    "",
    "   ",
    "\t",
    "۳ دیدگاه",
    "علی گفت:",
    "۲۰ تیر ۱۳۹۱",
    "「題」への 3 件のフィードバック",
    "田中 より:",
    "(Score:5, Insightful)",
    "Re: pier",
    "# Heading",
    "**bold**",
    "1\\. item",
    "\u200f",
    "\u0000",
    "\ud800",
    "🙂" * 3,
    "x" * 250,
    "<p>",
    "| | |",
)


def check(page: Page, text: str) -> None:
    ids = [comment.comment_id for comment in page.comments]
    assert len(set(ids)) == len(ids)
    by_id = {comment.comment_id: comment for comment in page.comments}
    for position, comment in enumerate(page.comments):
        assert comment.position == position
        assert comment.article_id == page.article.article_id
        if comment.parent_id is None:
            assert comment.depth == 0
        else:
            assert comment.depth == by_id[comment.parent_id].depth + 1
        assert comment.text is not None or comment.source_status == "deleted"
        assert comment.author_name is None or comment.author_name.strip()
    assert page.stated_comment_count is None or page.stated_comment_count >= 0
    page.to_json().encode("utf-8")
    # No words are made up: every line of every text stands on the page.
    shown = _letters(text)
    for part in (page.article.text, *(comment.text or "" for comment in page.comments)):
        for line in part.split("\n"):
            assert _letters(line) in shown


def _letters(text: str) -> str:
    from toolkit.text.normalize import clean

    return "".join(letter for letter in clean(text) if letter.isalnum())


def parsed(text: str) -> Page | None:
    try:
        return parse(text, format="text")
    except InputError as error:
        has_next_step = bool(error.next_step)
    assert has_next_step
    return None


@settings(max_examples=120, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("\n".join))
def test_any_mixture_of_pieces(text: str) -> None:
    page = parsed(text)
    if page is not None:
        check(page, text)


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=400))
def test_any_text(text: str) -> None:
    page = parsed(text)
    if page is not None:
        check(page, text)


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    try:
        page = parse(data)
    except InputError as error:
        next_step = error.next_step
    else:
        next_step = page.to_json()
    assert next_step.encode("utf-8")


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=120))
def test_any_line(line: str) -> None:
    found = find_when(line)
    if found is not None:
        assert 0 <= found.start < found.end <= len(line)
    byline = parse_byline(line)
    if byline is not None:
        assert byline.name is not None or byline.when is not None


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_mutated_pages(data: st.DataObject) -> None:
    lines = list(PIECES) * 2
    random.Random(data.draw(st.integers(0, 10_000))).shuffle(lines)
    text = "\n".join(lines)
    start = data.draw(st.integers(0, len(text)))
    page = parsed(text[start : data.draw(st.integers(start, len(text)))])
    if page is not None:
        page.to_json().encode("utf-8")


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Marta Quill", "Oskar", "iris77", "Jean-Luc P.", "Инга", "علی"]),
            st.sampled_from(
                ["They closed it, as I said.", "Who profits from it?", "No.\n\nNever again, I say."]
            ),
            st.dates(min_value=date(1995, 1, 1), max_value=date(2099, 12, 31)),
        ),
        min_size=1,
        max_size=12,
    ),
    st.booleans(),
)
def test_what_is_printed_comes_back(rows: list, listed: bool) -> None:
    """A page made from comments yields those comments."""
    out = [
        "The pier",
        "",
        "The board voted to close the pier for two years, to the horror of all.",
        "",
    ]
    out.append(
        f"{len(rows)} thoughts on “The pier”" if len(rows) > 1 else "One thought on “The pier”"
    )
    for number, (name, text, day) in enumerate(rows, start=1):
        indent = "    " if listed else ""
        out.extend(["", f"  {number}. {name} says:" if listed else f"{name} says:"])
        out.append(f"{indent}{day.strftime('%B')} {day.day}, {day.year} at 1:26 am")
        out.append("")
        out.extend(indent + line if line else "" for line in text.split("\n"))
        out.extend(["", f"{indent}Reply"])
    out.extend(["", "Comments are closed."])
    try:
        page = parse("\n".join(out), format="text")
    except InputError as error:
        pytest.fail(str(error))
    assert [(c.author_name, c.text) for c in page.comments] == [
        (name, text) for name, text, _ in rows
    ]
    assert page.stated_comment_count == len(rows)
    assert page.comments_open is False
