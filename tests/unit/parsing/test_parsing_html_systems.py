"""Comment systems that are embedded in pages, saved once they were shown."""

from __future__ import annotations

import pytest

from toolkit.parsing.html import parse_html
from toolkit.records import Page

ARTICLE = """<main><h1>The tram to Harrow Hill</h1><div class="article-body">
<p>The council wants to build a tram to Harrow Hill, and it wants to build it before the winter.</p>
<p>Nobody has shown yet that the old bridge carries a tram, and nobody has asked the people there.</p>
<p>The plan should wait for an engineer's report, which costs less than a week of works.</p></div></main>"""


def read(comments: str, *, url: str = "https://valley.example/tram") -> Page:
    return parse_html(
        "<!DOCTYPE html><html lang='en'><head><title>The tram to Harrow Hill</title></head><body>"
        f"{ARTICLE}{comments}</body></html>",
        url=url,
    )


def rows(parsed: Page) -> list[tuple[str | None, str | None, str | None]]:
    """(author, author of the parent, text) of every comment."""
    names = {c.comment_id: c.author_name for c in parsed.comments}
    assert "engineer's report" in parsed.article.text
    for comment in parsed.comments:
        assert (comment.text or "-")[:40] not in parsed.article.text
    return [
        (c.author_name, names.get(c.parent_id or ""), c.text and c.text.replace("\n\n", "¶"))
        for c in parsed.comments
    ]


def times(parsed: Page) -> list[str | None]:
    return [c.created_at.isoformat() if c.created_at else None for c in parsed.comments]


def test_disqus() -> None:
    parsed = read("""<div id="disqus_thread"><div id="layout"><nav class="nav nav-primary"><ul><li class="tab-conversation"><a><span class="comment-count">2 Comments</span></a></li></ul></nav>
<section id="conversation"><ul id="post-list" class="post-list">
<li class="post" id="post-1122"><div data-role="post-content" class="post-content"><div class="avatar"><a href="https://disqus.com/by/anna/" class="user"><img alt="Avatar"></a></div>
<div class="post-body"><header class="comment__header"><span class="post-byline"><span class="author publisher-anchor-color"><a href="https://disqus.com/by/anna/" data-action="profile" data-username="anna">Anna B.</a></span></span>
<span class="post-meta"><span class="bullet">•</span><a href="#comment-1122" class="time-ago" title="Monday, March 4, 2019 5:06 PM">4 years ago</a></span></header>
<div class="post-body-inner"><div class="post-message-container"><div class="publisher-anchor-color"><div class="post-message " dir="auto"><p>Wait for the report.</p><p>It is cheap.</p></div></div></div></div>
<footer class="comment__footer"><menu><li class="voting"><a class="vote-up"><span class="count">12</span></a></li><li class="reply"><a><span>Reply</span></a></li></menu></footer></div></div>
<ul data-role="children" class="children"><li class="post" id="post-1123"><div data-role="post-content" class="post-content"><div class="post-body"><header><span class="post-byline"><span class="author publisher-anchor-color"><a href="https://disqus.com/by/ben/">Ben</a></span>
<span><a href="#comment-1122" class="parent-link"><i class="icon-forward"></i> Anna B.</a></span></span><span class="post-meta"><a class="time-ago" title="Monday, March 4, 2019 6:00 PM">4 years ago</a></span></header>
<div class="post-message"><p>Cheap for whom?</p></div></div></div><ul data-role="children" class="children"></ul></li></ul></li></ul></section></div></div>
<script src="https://valley.disqus.com/embed.js"></script>""")
    assert rows(parsed) == [
        ("Anna B.", None, "Wait for the report.¶It is cheap."),
        ("Ben", "Anna B.", "Cheap for whom?"),
    ]
    assert parsed.comments[0].author_handle == "https://disqus.com/by/anna/"
    assert parsed.comments[0].like_count == 12
    assert parsed.stated_comment_count == 2
    assert times(parsed)[0] == "2019-03-04T17:06:00"
    assert not any(w.code == "comments_by_script" for w in parsed.warnings)


def test_disqus_of_old() -> None:
    parsed = read("""<div id="disqus_thread"><div id="dsq-content"><ul id="dsq-comments">
<li id="dsq-comment-55" class="dsq-comment"><div id="dsq-comment-header-55" class="dsq-comment-header"><cite id="dsq-cite-55"><a id="dsq-author-user-55" href="http://cy.example">Cy</a></cite></div>
<div id="dsq-comment-body-55" class="dsq-comment-body"><div id="dsq-comment-message-55" class="dsq-comment-message"><p>First!</p></div></div></li></ul></div></div>""")
    assert rows(parsed) == [("Cy", None, "First!")]


def test_coral() -> None:
    def comment(key: str, indent: int, name: str, text: str, to: str = "") -> str:
        reply = (
            f'<div class="coral coral-comment-inReplyTo">In reply to <span class="coral-comment-inReplyTo-username">{to}</span></div>'
            if to
            else ""
        )
        return f"""<div class="coral coral-indent coral-indent-{indent}"><article class="coral coral-comment coral-reacted-0" id="comment-{key}">
<div class="coral coral-comment-topBar"><button class="coral coral-username coral-comment-username"><span>{name}</span></button><time class="coral coral-timestamp coral-comment-timestamp" datetime="2021-04-0{indent + 1}T10:00:00.000Z">2 years ago</time></div>
{reply}<div class="coral coral-content coral-comment-content"><div>{text}</div></div><div class="coral coral-comment-actionBar"><button>Respect</button><button>Reply</button></div></article></div>"""

    parsed = read(
        '<div id="coral_thread"><div id="coral"><div class="coral-stream">'
        + comment("0f8fad5b-d9cb-469f-a165-70867728950e", 0, "dora", "Ask the people there.")
        + comment("0f8fad5b-d9cb-469f-a165-70867728950f", 1, "emil", "They said no.", "dora")
        + "</div></div></div>"
    )
    assert rows(parsed) == [
        ("dora", None, "Ask the people there."),
        ("emil", "dora", "They said no."),
    ]
    assert times(parsed) == ["2021-04-01T10:00:00+00:00", "2021-04-02T10:00:00+00:00"]


SYSTEMS = {
    "livefyre": """<div id="livefyre-comments"><div class="fyre-comment-stream"><article class="fyre-comment-article" data-message-id="9"><div class="fyre-comment-wrapper"><section class="fyre-comment-head"><div class="fyre-comment-user"><a class="fyre-comment-username" href="http://f.example"><span>Finn</span></a></div><time class="fyre-comment-date" datetime="2014-05-06T07:08:09Z">5ptsFeatured</time></section><section class="fyre-comment-body"><div class="fyre-comment"><p>Text of one.</p></div></section></div></article></div></div>""",
    "commento": """<div id="commento"><div id="commento-comment-card-a1" class="commento-card"><div class="commento-header"><div class="commento-name">Finn</div><div class="commento-subtitle"><div class="commento-score">3 points</div><div class="commento-timeago" title="Tue May 06 2014 07:08:09 GMT+0000">years ago</div></div></div><div><div id="b" class="commento-body"><p>Text of one.</p></div></div></div></div>""",
    "remark42": """<div class="root"><article class="comment root__thread comment_level_0" id="remark42__comment-7f"><div class="comment__info"><button class="comment__username">Finn</button><a href="#remark42__comment-7f" class="comment__time">06.05.2014 at 07:08</a></div><div class="comment__body"><div class="comment__text raw-content"><p>Text of one.</p></div><div class="comment__actions"><button>Reply</button></div></div></article></div>""",
    "isso": """<section id="isso-thread"><h4>One Comment</h4><div id="isso-root"><div class="isso-comment" id="isso-3"><div class="isso-text-wrapper"><div class="isso-comment-header"><span class="isso-author">Finn</span><a class="isso-permalink" href="#isso-3"><time title="x" datetime="2014-05-06T07:08:09.000Z">9 years ago</time></a></div><div class="isso-text"><p>Text of one.</p></div><div class="isso-comment-footer"><a class="isso-reply" href="#">Reply</a></div></div></div></div></section>""",
    "giscus": """<div class="giscus"><div class="gsc-comments"><div class="gsc-timeline"><div class="gsc-comment"><div class="gsc-comment-box"><div class="gsc-comment-header"><div class="gsc-comment-author"><a href="https://github.com/finn" class="link-overlay"><span>Finn</span></a><a href="#"><time datetime="2014-05-06T07:08:09Z">2014</time></a></div></div><div class="gsc-comment-content markdown"><p>Text of one.</p></div></div></div></div></div></div>""",
    "waline": """<div id="waline"><div class="wl-cards"><div class="wl-card-item" id="62"><div class="wl-user"><img></div><div class="wl-card"><div class="wl-head"><a class="wl-nick" href="https://finn.example">Finn</a><span class="wl-time" title="2014-05-06 07:08">2014-05-06</span></div><div class="wl-content"><p>Text of one.</p></div></div></div></div></div>""",
    "twikoo": """<div id="twikoo"><div class="tk-comments"><div class="tk-comment" id="5f"><div class="tk-main"><div class="tk-row"><div class="tk-meta"><strong class="tk-nick">Finn</strong><small class="tk-time"><time datetime="2014-05-06T07:08:09.000Z">2014</time></small></div></div><div class="tk-content"><span><p>Text of one.</p></span></div></div></div></div></div>""",
    "valine": """<div id="vcomments"><div class="vcards"><div class="vcard" id="60a"><div class="vh"><div class="vhead"><a class="vnick" href="https://finn.example">Finn</a></div><div class="vmeta"><span class="vtime">2014-05-06</span></div><div class="vcontent"><p>Text of one.</p></div></div></div></div></div>""",
    "artalk": """<div id="artalk"><div class="atk-list"><div class="atk-comment-wrap" data-comment-id="8"><div class="atk-comment"><div class="atk-main"><div class="atk-header"><span class="atk-nick">Finn</span><span class="atk-date">2014-05-06</span></div><div class="atk-body"><div class="atk-content"><p>Text of one.</p></div></div></div></div></div></div></div>""",
    "facebook plugin": """<div class="fb_iframe_widget"><div class="_4uyl"><div class="UFIComment"><div class="UFICommentContentBlock"><a class="UFICommentActorName" href="https://www.facebook.com/finn">Finn</a><div class="UFICommentBody"><span class="_5mdd">Text of one.</span></div><div class="fsm fwn fcg UFICommentActions"><a>Like</a> · <a>Reply</a> · <abbr class="livetimestamp" data-utime="1399360089">years ago</abbr></div></div></div></div></div>""",
    "facebook": """<div role="article" aria-label="Comment by Finn 9 years ago"><div><a role="link" href="https://www.facebook.com/finn"><span dir="auto">Finn</span></a><div dir="auto" style="text-align: start;">Text of one.</div></div><ul><li><a href="?comment_id=5" role="link">9 y</a></li></ul></div>""",
    "openweb": """<div data-spotim-module="conversation"><ul class="spcv_messages-list"><li class="spcv_list-item"><article class="spcv_message-stack"><div><button data-spot-im-class="message-username"><span>Finn</span></button><time data-spot-im-class="message-timestamp" title="May 6, 2014 7:08 AM">9y</time></div><div data-spot-im-class="message-text"><p>Text of one.</p></div></article></li></ul></div>""",
    "viafoura": """<div class="vf-comments"><div class="vf-comment-container"><div class="vf-comment-header"><a class="vf-comment-header__author" href="#">Finn</a><time class="vf-comment-header__date" datetime="2014-05-06T07:08:09Z">x</time></div><div class="vf-comment-html"><p>Text of one.</p></div></div></div>""",
    "intense debate": """<div id="idc-container"><div class="idc-c" id="IDComment77"><div class="idc-c-h"><a href="http://finn.example">Finn</a> <span class="idc-time">· 456 weeks ago</span></div><div class="idc-c-t"><span>Text of one.</span></div></div></div>""",
    "ghost": """<div class="gh-comments"><div data-testid="comment-component" id="6421"><div><h4 data-testid="member-name">Finn</h4><a data-testid="comment-permalink" href="#6421"><time datetime="2014-05-06T07:08:09Z">May 6</time></a></div><div><p data-testid="comment-content">Text of one.</p></div><button data-testid="like-button">1</button></div></div>""",
    "guardian": """<ul class="d-thread d-thread--comments"><li class="d-comment d-comment--top-level" id="comment-77" data-comment-id="77" data-comment-author="Finn" data-comment-timestamp="2014-05-06T07:08:09Z"><div class="d-comment__inner"><div class="d-comment__meta"><span class="d-comment__author"><a href="https://profile.example/1">Finn</a></span><time datetime="2014-05-06T07:08:09Z">6 May</time></div><div class="d-comment__body"><p>Text of one.</p></div></div></li></ul>""",
}


@pytest.mark.parametrize("name", list(SYSTEMS))
def test_other_systems(name: str) -> None:
    assert rows(read(SYSTEMS[name])) == [("Finn", None, "Text of one.")]


def test_utterances_and_github() -> None:
    parsed = parse_html("""<html lang="en"><head><title>The tram · Issue #4</title></head><body><div class="js-discussion">
<div class="timeline-comment comment" id="issue-44"><div class="timeline-comment-header"><h3><strong><a class="author" href="https://github.com/gil">gil</a></strong> <relative-time datetime="2020-01-01T10:00:00Z">Jan 1</relative-time></h3></div><div class="comment-body markdown-body"><p>The bridge is too weak for any tram at all.</p></div></div>
<div class="timeline-comment comment" id="issuecomment-45"><div class="timeline-comment-header"><a class="author" href="https://github.com/hal">hal</a> <relative-time datetime="2020-01-02T10:00:00Z">Jan 2</relative-time></div><div class="comment-body markdown-body"><p>See:</p><pre>load()
  # 40 t</pre></div></div></div></body></html>""")
    assert [(c.comment_id, c.author_name, c.text) for c in parsed.comments] == [
        ("45", "hal", "See:\n\nload()\n  # 40 t")
    ]
    assert parsed.article.text == "The bridge is too weak for any tram at all."


EMBEDS = {
    "Disqus": "<div id='disqus_thread'></div><script>var disqus_shortname='x';</script>",
    "Facebook comments": '<div class="fb-comments" data-href="https://valley.example"></div>',
    "Coral": "<div id='coral_thread'></div><script>Coral.createStreamEmbed({})</script>",
    "Hyvor Talk": "<hyvor-talk-comments website-id='1'></hyvor-talk-comments>",
    "Commento": '<div id="commento"></div><script src="https://cdn.commento.io/js/commento.js"></script>',
    "giscus": '<script src="https://giscus.app/client.js"></script>',
    "utterances": '<script src="https://utteranc.es/client.js"></script>',
    "OpenWeb (Spot.IM)": '<script src="https://launcher.spot.im/spot/sp_1"></script>',
    "Viafoura": '<script src="//cdn.viafoura.net/vf.js"></script><div class="vf-comments"></div>',
    "Livefyre": '<div id="livefyre-comments"></div>',
    "Remark42": "<script>var remark_config = {host: 'x'}</script>",
    "Isso": '<section id="isso-thread"></section>',
    "Cusdis": '<div id="cusdis_thread"></div>',
    "FastComments": '<script src="https://cdn.fastcomments.com/js/embed-v2.min.js"></script><div id="fastcomments-widget"></div>',
}


@pytest.mark.parametrize("name", list(EMBEDS))
def test_comments_loaded_by_script_are_named_with_a_way_out(name: str) -> None:
    parsed = read(f'<div class="comments-embed"><h3>Comments</h3>{EMBEDS[name]}</div>')
    assert parsed.comments == ()
    found = [w.message for w in parsed.warnings if w.code == "comments_by_script"]
    assert len(found) == 1
    assert name in found[0]
    assert "To get them:" in found[0]


def test_no_embed_no_warning() -> None:
    assert read("").warnings == ()
