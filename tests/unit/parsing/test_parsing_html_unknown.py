"""Systems nobody told us of: found by names, by repetition, by header lines; and what is none."""

from __future__ import annotations

import pytest

from toolkit.parsing.html import parse_html
from toolkit.records import Page

BODY = """<p>The council wants to build a tram to Harrow Hill, and it wants to build it before the winter.</p>
<p>Nobody has shown yet that the old bridge carries a tram, and nobody has asked the people there.</p>
<p>The plan should wait for an engineer's report, which costs less than a week of works.</p>"""


def read(comments: str, *, lang: str = "en", url: str | None = None, head: str = "") -> Page:
    return parse_html(
        f"<!DOCTYPE html><html lang='{lang}'><head><title>The tram to Harrow Hill</title>{head}</head>"
        f"<body><div id='page'><div class='story'><h1>The tram to Harrow Hill</h1>{BODY}</div>"
        f"{comments}</div></body></html>",
        url=url,
    )


def rows(parsed: Page) -> list[tuple[str | None, str | None, str | None, str | None]]:
    """(author, author of the parent, ISO time, text) of every comment."""
    names = {c.comment_id: c.author_name for c in parsed.comments}
    assert "engineer's report" in parsed.article.text
    for comment in parsed.comments:
        assert (comment.text or "-")[:40] not in parsed.article.text
    return [
        (
            c.author_name,
            names.get(c.parent_id or ""),
            c.created_at.isoformat() if c.created_at else None,
            c.text and c.text.replace("\n\n", "¶"),
        )
        for c in parsed.comments
    ]


def test_names_in_other_languages() -> None:
    parsed = read(
        """<div class="kommentare"><div class="rubrik">Kommentare</div>
<div class="kommentar-item"><a name="167407"></a><div class="kommentar-info"><div class="benutzer">Harz</div><div class="datum">31.10.2023, 19.18 Uhr</div></div>
<div class="kommentar-text">Es gab dieses Jahr echt Regen.</div><div class="vote">4 2 <a>Login für Vote</a></div></div></div>
<ul class="letzte"><li class="kommentar"><a href="/k1">Planung????</a></li><li class="kommentar"><a href="/k2">Ach ja</a></li></ul>""",
        lang="de",
    )
    assert rows(parsed) == [("Harz", None, "2023-10-31T19:18:00", "Es gab dieses Jahr echt Regen.")]
    parsed = read(
        """<section class="lista-comentarios"><h3>2 comentarios</h3>
<div class="comentario"><span class="autor">Inés</span> <span class="fecha">3 de marzo de 2019 a las 10:11</span><div class="texto">Que esperen.</div></div>
<div class="comentario respuesta"><span class="autor">Juan</span> <span class="fecha">4 de marzo de 2019 a las 08:00</span><div class="texto">¿A qué?</div></div></section>""",
        lang="es",
    )
    assert rows(parsed) == [
        ("Inés", None, "2019-03-03T10:11:00", "Que esperen."),
        ("Juan", None, "2019-03-04T08:00:00", "¿A qué?"),
    ]
    assert parsed.stated_comment_count == 2


def test_names_in_camel_case_with_layout_classes() -> None:
    parsed = read("""<div class="commentConWrap full-width">
<div class="commentsCon flex nowrap" id="6963"><div class="leftCon"><p class="strong commentAuthor">Unknown user</p><p class="commentDate">21. Jan 2022</p>
<p class="commentText">You are the best!</p><div class="addQuote"><textarea class="comment quoteComment"></textarea></div></div></div>
<div class="commentsCon flex nowrap" id="6962"><div class="leftCon"><p class="strong commentAuthor">Tess</p><p class="commentDate">20. Jan 2022</p>
<p class="commentText">Good idea.</p></div></div></div>""")
    assert rows(parsed) == [
        ("Unknown user", None, "2022-01-21T00:00:00", "You are the best!"),
        ("Tess", None, "2022-01-20T00:00:00", "Good idea."),
    ]
    assert [c.comment_id for c in parsed.comments] == ["6963", "6962"]


def test_brothers_without_any_name() -> None:
    parsed = read("""<h3>Comments (3)</h3><div>
<div><b>Ann</b> <i>3 March 2012, 10:11</i><p>Trams are loud.</p></div>
<div><b>Bob</b> <i>3 March 2012, 11:00</i><p>Not the new ones.</p></div>
<div><b>Cem</b> <i>4 March 2012, 09:30</i><p>I heard one <a href="https://clip.example">in a clip</a>.</p></div></div>""")
    assert rows(parsed) == [
        ("Ann", None, "2012-03-03T10:11:00", "Trams are loud."),
        ("Bob", None, "2012-03-03T11:00:00", "Not the new ones."),
        ("Cem", None, "2012-03-04T09:30:00", "I heard one in a clip."),
    ]
    assert parsed.stated_comment_count == 3


def test_reviews_with_ratings() -> None:
    parsed = read(
        """<div id="comments" class="comments"><div class="votes">
<blockquote><div class="customer_rating_block"><span class="star"></span><small>Georg N. am 10.4.2020</small></div><p class="comment">Alles bestens.</p></blockquote>
<blockquote><div class="customer_rating_block"><span class="star"></span><small>Stefanie am 19.2.2012</small></div><p class="comment">Gute Fahrt.</p></blockquote></div></div>""",
        lang="de",
    )
    assert rows(parsed) == [
        ("Georg N.", None, "2020-04-10T00:00:00", "Alles bestens."),
        ("Stefanie", None, "2012-02-19T00:00:00", "Gute Fahrt."),
    ]


def test_answers_beside_their_comment_and_by_indentation() -> None:
    beside = read("""<div class="discussion"><div class="thread">
<div class="remark" id="comment-1"><span class="user-name">Ann</span><time datetime="2020-01-01T10:00Z">x</time><div class="message">One.</div></div>
<div class="replies"><div class="remark" id="comment-2"><span class="user-name">Bob</span><time datetime="2020-01-01T11:00Z">x</time><div class="message">Two.</div></div>
<div class="remark" id="comment-3"><span class="user-name">Cem</span><time datetime="2020-01-01T12:00Z">x</time><div class="message">Three.</div></div></div></div>
<div class="thread"><div class="remark" id="comment-4"><span class="user-name">Dee</span><time datetime="2020-01-02T10:00Z">x</time><div class="message">Four.</div></div></div></div>""")
    assert [(r[0], r[1]) for r in rows(beside)] == [
        ("Ann", None),
        ("Bob", "Ann"),
        ("Cem", "Ann"),
        ("Dee", None),
    ]
    indented = read("""<div id="commentlist">
<div class="comment-box" style="margin-left:0px"><span class="author">Ann</span> <span class="date">2020-01-01 10:00</span><p>One.</p></div>
<div class="comment-box" style="margin-left: 25px"><span class="author">Bob</span> <span class="date">2020-01-01 11:00</span><p>Two.</p></div>
<div class="comment-box" style="margin-left: 50px"><span class="author">Cem</span> <span class="date">2020-01-01 12:00</span><p>Three.</p></div>
<div class="comment-box" style="margin-left: 0px"><span class="author">Dee</span> <span class="date">2020-01-01 13:00</span><p>Four.</p></div></div>""")
    assert [(r[0], r[1]) for r in rows(indented)] == [
        ("Ann", None),
        ("Bob", "Ann"),
        ("Cem", "Bob"),
        ("Dee", None),
    ]


def test_in_reply_to_in_words() -> None:
    parsed = read("""<div class="comments"><h3>2 comments</h3>
<div class="comment-entry"><span class="author">Ann</span> <span class="date">2020-01-01 10:00</span><p>One.</p></div>
<div class="comment-entry"><span class="author">Bob</span> <span class="date">2020-01-01 11:00</span><div class="ref">In reply to Ann</div><p>Two.</p></div></div>""")
    assert [(r[0], r[1]) for r in rows(parsed)] == [("Ann", None), ("Bob", "Ann")]


@pytest.mark.parametrize(
    "header",
    [
        "#{n} von <a href='?p=91'><b>{name}</b></a> <i>29.12.2010 - 22:4{n}</i>",
        "<b>{n}.</b> {name}, 29.12.2010, 22:4{n}",
        "{name} schrieb am 29.12.2010 um 22:4{n}:",
    ],
)
def test_header_lines_in_tables(header: str) -> None:
    table = "".join(
        f"<tr><td class='title'>{header.format(n=n, name=name)}</td></tr>"
        f"<tr><td>&nbsp;</td></tr><tr><td><img src='a.gif'> {text} <img src='/smileys/wink.gif' alt='wink'></td></tr>"
        for n, name, text in ((1, "Tobi", "Ich bin dabei."), (2, "Vera", "Ich nicht."))
    )
    parsed = read(f"<h4>Kommentare</h4><table>{table}</table>", lang="de")
    assert rows(parsed) == [
        ("Tobi", None, "2010-12-29T22:41:00", "Ich bin dabei."),
        ("Vera", None, "2010-12-29T22:42:00", "Ich nicht."),
    ]


def test_header_lines_as_headings_of_paragraphs() -> None:
    parsed = read("""<div><h3>Comments</h3>
<h4>Ann wrote on 3 March 2012 at 10:11</h4><p>Trams are loud.</p><p>Very loud.</p>
<h4>Bob wrote on 4 March 2012 at 10:11</h4><p>They are not.</p>
<h3>Leave a comment</h3><form><textarea></textarea></form></div>""")
    assert rows(parsed) == [
        ("Ann", None, "2012-03-03T10:11:00", "Trams are loud.¶Very loud."),
        ("Bob", None, "2012-03-04T10:11:00", "They are not."),
    ]


def test_right_to_left_page() -> None:
    parsed = read(
        """<section class="comments" dir="rtl"><h3>۲ دیدگاه دربارهٔ «تراموا»</h3>
<div class="comment-item"><span class="author">مینا راد</span> <span class="date">۱۲ تیر ۱۳۹۱، ساعت ۱۰:۱۱</span><p>پل قدیمی تحمل تراموا را ندارد.</p><a class="reply" href="#">پاسخ</a></div>
<div class="comment-item"><span class="author">کاوه</span> <span class="date">۱۳ تیر ۱۳۹۱، ساعت ۰۹:۰۰</span><p>موافقم.</p><a class="reply" href="#">پاسخ</a></div></section>""",
        lang="fa",
    )
    assert rows(parsed) == [
        ("مینا راد", None, "2012-07-02T10:11:00", "پل قدیمی تحمل تراموا را ندارد."),
        ("کاوه", None, "2012-07-03T09:00:00", "موافقم."),
    ]
    assert parsed.stated_comment_count == 2
    assert parsed.article.language == "fa"


# --- what is no comment ------------------------------------------------------

NO_COMMENTS = {
    "nothing": "",
    "recent comments of a theme": """<div id="sidebar"><div class="widget"><h3>Recent Comments</h3><ul id="recentcomments">
<li class="recentcomments"><span class="comment-author-link">Ann</span> on <a href="/a#comment-4">Buses</a></li>
<li class="recentcomments"><span class="comment-author-link">Bob</span> on <a href="/b#comment-5">Roads</a></li></ul></div></div>""",
    "teasers": """<div class="related"><h3>More stories</h3>
<div class="teaser"><h4><a href="/one">Buses are late</a></h4><span class="author">Ann Reed</span> <time datetime="2020-01-01">1 January 2020</time><p>Every second bus in town came late in March.</p></div>
<div class="teaser"><h4><a href="/two">Roads are full</a></h4><span class="author">Bob Reed</span> <time datetime="2020-01-02">2 January 2020</time><p>The ring road is full from seven to nine.</p></div>
<div class="teaser"><h4><a href="/three">Bridges rust</a></h4><span class="author">Cem Reed</span> <time datetime="2020-01-03">3 January 2020</time><p>The old bridge was painted in 1990 last.</p></div></div>""",
    "a feed of posts": """<div class="feed"><div class="feed-item"><a href="https://social.example/ann">ann</a> <time datetime="2020-01-01T10:00Z">1 Jan</time><p>Watching the council debate now.</p></div>
<div class="feed-item"><a href="https://social.example/bob">bob</a> <time datetime="2020-01-01T11:00Z">1 Jan</time><p>It goes on and on this evening.</p></div></div>""",
    "a form alone": """<div id="respond" class="comment-respond"><h3>Leave a Reply</h3><form action="/wp-comments-post.php" id="commentform">
<p class="comment-notes">Your email address will not be published.</p><p class="comment-form-comment"><textarea name="comment"></textarea></p></form></div>""",
    "pingbacks alone": """<div id="comments"><h3>2 Pingbacks</h3><ol class="commentlist">
<li class="pingback even" id="comment-4"><p>Pingback: <a href="https://x.example">On trams | X</a></p></li>
<li class="trackback odd" id="comment-5"><p>Trackback: <a href="https://y.example">More on trams</a></p></li></ol></div>""",
    "an author box": """<div class="author-box"><h4 class="author-name">Ann Reed</h4><time datetime="2020-01-01">1 January 2020</time><p>Ann Reed writes about traffic since 2008 and rides a bicycle.</p></div>""",
    "a table of results": """<table class="results"><tr><td>3 March 2012</td><td>Harrow</td><td>Two goals to one after a long match</td></tr>
<tr><td>4 March 2012</td><td>Weald</td><td>Three goals to none after a short one</td></tr></table>""",
}


@pytest.mark.parametrize("name", list(NO_COMMENTS))
def test_what_is_no_comment(name: str) -> None:
    parsed = read(NO_COMMENTS[name])
    assert parsed.comments == ()
    assert "engineer's report" in parsed.article.text
    assert "Pingback" not in parsed.article.text


def test_a_list_of_posts_is_no_thread() -> None:
    posts = "".join(
        f"<article class='post'><h2><a href='/p{n}'>Story number {n}</a></h2><span class='author'>Ann</span> "
        f"<time datetime='2020-01-0{n}'>x</time><p>The beginning of story number {n}, which goes on.</p></article>"
        for n in range(1, 8)
    )
    assert parse_html(f"<html><body><main>{posts}</main></body></html>").comments == ()
