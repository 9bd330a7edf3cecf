"""The page around its comments: article, metadata, counts, warnings, data that a page states."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from toolkit.errors import BinarySourceError, EmptySourceError, UnknownPageError
from toolkit.parsing.html import parse_html
from toolkit.records import Page

BODY = """<p>The council wants to build a tram to Harrow Hill, and it wants to build it before the winter.</p>
<p>Nobody has shown yet that the old bridge carries a tram, and nobody has asked the people there.</p>
<p>The plan should wait for an engineer's report, which costs less than a week of works.</p>"""


def read(comments: str = "", *, head: str = "", body: str = BODY, url: str | None = None) -> Page:
    return parse_html(
        f"<!DOCTYPE html><html lang='en-gb'><head><title>The tram to Harrow Hill | Valley Post</title>"
        f"{head}</head><body><article><h1>The tram to Harrow Hill</h1>{body}</article>{comments}</body></html>",
        url=url,
    )


def ld(data: object) -> str:
    return f"<script type='application/ld+json'>{json.dumps(data)}</script>"


def comment(text: str, name: str, when: str, **more: object) -> dict[str, object]:
    author = {"@type": "Person", "name": name, "url": f"https://u.example/{name}"}
    return {"@type": "Comment", "text": text, "author": author, "dateCreated": when, **more}


def test_metadata_from_json_ld() -> None:
    article = {
        "@type": "NewsArticle",
        "headline": "The tram to Harrow Hill",
        "author": [{"@type": "Person", "name": "Ann Reed"}, {"@type": "Person", "name": "Bo Lee"}],
        "datePublished": "2019-06-19T10:00:00+02:00",
        "commentCount": 12,
    }
    page = read(head=ld({"@context": "https://schema.org", "@graph": [article]}))
    assert page.article.title == "The tram to Harrow Hill"
    assert page.article.byline == "Ann Reed, Bo Lee"
    assert page.article.published_at == datetime(2019, 6, 19, 8, tzinfo=UTC)
    assert page.article.language == "en-GB"
    assert page.stated_comment_count == 12
    assert page.source_format == "html"


def test_metadata_from_meta_and_markup() -> None:
    page = read(
        head="<link rel='canonical' href='https://valley.example/tram'><meta name='author' content='Cy Fox'>"
        "<meta property='article:published_time' content='2019-06-19T10:00:00Z'>"
    )
    assert page.article.url == "https://valley.example/tram"
    assert page.article.article_id == read(url="https://valley.example/tram").article.article_id
    assert page.article.byline == "Cy Fox"
    assert page.article.published_at == datetime(2019, 6, 19, 10, tzinfo=UTC)
    marked = read(
        body=f"<p class='byline'>By Dee Orr</p><time class='entry-date published' datetime='2018-01-02'>x</time>{BODY}"
    )
    assert marked.article.byline == "Dee Orr"
    assert marked.article.published_at == datetime(2018, 1, 2)


def test_the_address_that_a_browser_wrote_into_the_file() -> None:
    page = parse_html(
        "<!-- saved from url=(0028)https://valley.example/tram -->\n<html><body><p>x</p></body></html>"
    )
    assert page.article.url == "https://valley.example/tram"


def test_paragraphs_stand_apart() -> None:
    paragraphs = read().article.text.split("\n\n")
    assert paragraphs[-1].endswith("less than a week of works.")
    assert len(paragraphs) >= 3


def test_comments_stated_as_data_with_threads() -> None:
    data = {
        "@type": "Article",
        "comment": [
            comment(
                "First &amp; last.",
                "Ann",
                "2020-01-01T10:00:00Z",
                **{"@id": "#comment-5"},
                comment=[
                    comment(
                        "<p>Second.</p><p>More.</p>",
                        "Bob",
                        "2020-01-01T11:00:00Z",
                        **{"@id": "#comment-6"},
                    )
                ],
            ),
            comment(
                "Third.",
                "Cem",
                "2020-01-02T10:00:00Z",
                parentItem={"@type": "Comment", "@id": "#comment-6"},
            ),
        ],
    }
    page = read(head=ld(data))
    assert [(c.author_name, c.parent_id, c.depth, c.text) for c in page.comments] == [
        ("Ann", None, 0, "First & last."),
        ("Bob", "5", 1, "Second.\n\nMore."),
        ("Cem", "6", 2, "Third."),
    ]
    assert page.comments[0].author_handle == "https://u.example/Ann"
    assert page.comments[0].created_at == datetime(2020, 1, 1, 10, tzinfo=UTC)


def test_data_completes_markup_and_does_not_double_it() -> None:
    data = {
        "@type": "Article",
        "comment": [comment("The bridge is weak, I think.", "Ann", "2020-01-01T10:00:00Z")],
    }
    page = read(
        """<div id="comments"><ol class="comment-list"><li id="comment-1" class="comment even depth-1">
<div class="comment-author"><b class="fn">Ann</b></div><div class="comment-metadata">1 January 2020</div><div class="comment-content"><p>The bridge is weak, I think.</p></div></li>
<li id="comment-2" class="comment odd depth-1"><div class="comment-author"><b class="fn">Bob</b></div><div class="comment-content"><p>It is.</p></div></li></ol></div>""",
        head=ld(data),
    )
    assert [c.author_name for c in page.comments] == ["Ann", "Bob"]
    assert page.comments[0].created_at == datetime(2020, 1, 1, 10, tzinfo=UTC)
    assert "bridge is weak" not in page.article.text


@pytest.mark.parametrize(
    "broken",
    [
        "{",
        "[]",
        "null",
        '{"@type": 5, "comment": 7}',
        '{"comment": [null, 3, {"@type": "Comment"}]}',
        "[" * 5000,
    ],
)
def test_broken_data_is_left_out(broken: str) -> None:
    page = read(head=f"<script type='application/ld+json'>{broken}</script>")
    assert page.comments == ()
    assert "engineer's report" in page.article.text


def test_data_with_a_trailing_comma() -> None:
    text = json.dumps({"@type": "Article", "comment": [comment("Yes.", "Ann", "2020-01-01")]})
    page = read(head=f"<script type='application/ld+json'>{text[:-1]},}}</script>")
    assert [c.text for c in page.comments] == ["Yes."]


COMMENT = """<li id="comment-{n}" class="comment depth-1"><b class="fn">Ann {n}</b>
<time datetime="2020-01-01T10:0{n}:00Z">x</time><div class="comment-content"><p>Comment number {n}.</p></div></li>"""


def section(around: str, count: int = 2) -> str:
    items = "".join(COMMENT.replace("{n}", str(n)) for n in range(1, count + 1))
    return f"<div id='comments'>{around.replace('ITEMS', f'<ol>{items}</ol>')}</div>"


@pytest.mark.parametrize(
    ("around", "count", "is_open"),
    [
        ("<h3>2 Comments</h3>ITEMS<p>Comments are closed.</p>", 2, False),
        (
            "<h3>2 thoughts on “The tram”</h3>ITEMS<h3>Leave a Reply</h3><form id='commentform'><textarea name='comment'></textarea></form>",
            2,
            True,
        ),
        ("<h3>One comment</h3>ITEMS", 1, None),
        ("ITEMS", None, None),
        ("<h3>Comments (57)</h3>ITEMS<p>You must be logged in to post a comment.</p>", 57, True),
    ],
)
def test_counts_and_whether_comments_are_open(
    around: str, count: int | None, is_open: bool | None
) -> None:
    page = read(section(around))
    assert len(page.comments) == 2
    assert page.stated_comment_count == count
    assert page.comments_open is is_open
    codes = {warning.code for warning in page.warnings}
    assert ("fewer_comments_than_stated" in codes) == (count == 57)
    assert "Leave a Reply" not in page.article.text
    assert "Comment number" not in page.article.text


def test_a_list_printed_twice_counts_once() -> None:
    page = read(section("ITEMS") + section("ITEMS"))
    assert [c.comment_id for c in page.comments] == ["1", "2"]


def test_parents_that_are_on_another_page() -> None:
    page = read(
        """<div class="comments"><div class="comment even" data-comment-id="9" data-parent-id="3"><span class="author">Ann</span>
<time datetime="2020-01-01T10:00Z">x</time><div class="text">An answer.</div></div></div>"""
    )
    assert page.comments[0].parent_id is None
    assert "parents_missing" in {warning.code for warning in page.warnings}


def test_bytes_in_a_charset_that_the_page_does_not_name() -> None:
    markup = "<html lang='ru'><body><p>Городской совет хочет построить трамвай до холма, и построить его до зимы.</p></body></html>"
    page = parse_html(markup.encode("cp1251"))
    assert "трамвай" in page.article.text
    assert "charset_guessed" in {warning.code for warning in page.warnings}


def test_what_is_no_page() -> None:
    for nothing in ("", "  \n", b"", b" "):
        with pytest.raises(EmptySourceError) as caught:
            parse_html(nothing)
        assert caught.value.next_step
    with pytest.raises(BinarySourceError):
        parse_html(b"\x89PNG\r\n\x1a\n" + bytes(100))


def test_the_article_is_not_changed_by_a_name_that_speaks_of_comments() -> None:
    page = parse_html(
        f"<html><body><div class='post comments-open'><h1>Tram</h1><div class='entry-content'>{BODY}</div>"
        f"{section('<h3>2 Comments</h3>ITEMS')}</div></body></html>"
    )
    assert "engineer's report" in page.article.text
    assert len(page.comments) == 2


def test_it_ends_up_as_json() -> None:
    page = json.loads(read(section("<h3>2 Comments</h3>ITEMS")).to_json())
    assert page["comments"][0]["created_at"] == "2020-01-01T10:01:00+00:00"
    assert page["stated_comment_count"] == 2


def test_an_article_that_goes_on_elsewhere() -> None:
    page = read(body=BODY + "<p>[Continue reading…]</p>")
    assert page.article.truncated
    assert page.article.text.endswith("less than a week of works.")
    assert "article_truncated" in {warning.code for warning in page.warnings}


def test_a_page_of_nothing_but_scripts() -> None:
    with pytest.raises(UnknownPageError) as caught:
        parse_html(
            "<html><head><title>App</title></head><body><div id='root'></div><script>x()</script></body></html>"
        )
    assert caught.value.next_step


def test_pingbacks_are_counted_and_left_out() -> None:
    page = read(
        section("ITEMS")
        + "<ol class='commentlist'><li class='pingback' id='comment-8'>Pingback: <a href='https://x.example'>X</a></li></ol>"
    )
    assert len(page.comments) == 2
    assert "pingbacks_left_out" in {warning.code for warning in page.warnings}
    assert "Pingback" not in page.article.text
