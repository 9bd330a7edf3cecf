"""Comment systems as one-file savers leave them: in inner frames and shadow trees; newer markup."""

from __future__ import annotations

from html import escape

import pytest

from toolkit.parsing.html import parse_html
from toolkit.records import Page

ARTICLE = """<main><h1>The tram to Harrow Hill</h1><div class="article-body">
<p>The council wants to build a tram to Harrow Hill, and it wants to build it before the winter.</p>
<p>Nobody has shown yet that the old bridge carries a tram, and nobody has asked the people there.</p>
<p>The plan should wait for an engineer's report, which costs less than a week of works.</p></div></main>"""
TWO = [("Finn", None, "Ask the people there."), ("Gerd", "Finn", "They said no.")]


def read(comments: str) -> Page:
    return parse_html(
        "<!DOCTYPE html><html lang='en'><head><title>The tram to Harrow Hill</title></head><body>"
        f"{ARTICLE}{comments}</body></html>",
        url="https://valley.example/tram",
    )


def frame(document: str) -> str:
    return f'<iframe title="comments" srcdoc="{escape(document)}"></iframe>'


def shadow(tree: str) -> str:
    return f'<x-comments><template shadowrootmode="open"><style>p{{}}</style>{tree}</template></x-comments>'


def rows(parsed: Page) -> list[tuple[str | None, str | None, str | None]]:
    """(author, author of the parent, text) of every comment."""
    names = {c.comment_id: c.author_name for c in parsed.comments}
    assert "engineer's report" in parsed.article.text
    for comment in parsed.comments:
        assert (comment.text or "-")[:40] not in parsed.article.text
    return [(c.author_name, names.get(c.parent_id or ""), c.text) for c in parsed.comments]


DISQUS = """<html><body><div id="layout"><ul id="post-list" class="post-list">
<li class="post" id="post-31"><div data-role="post-content" class="post-content"><div class="post-body"><header><span class="post-byline"><span class="author publisher-anchor-color"><a href="https://disqus.com/by/finn/">Finn</a></span></span><span class="post-meta"><a class="time-ago" title="Monday, March 4, 2019 5:06 PM">4 years ago</a></span></header><div class="post-message"><p>Ask the people there.</p></div></div></div>
<ul data-role="children" class="children"><li class="post" id="post-32"><div data-role="post-content" class="post-content"><div class="post-body"><header><span class="post-byline"><span class="author publisher-anchor-color"><a href="https://disqus.com/by/gerd/">Gerd</a></span></span></header><div class="post-message"><p>They said no.</p></div></div></div></li></ul></li></ul></div></body></html>"""


def ghost(key: str, name: str, text: str, replies: str = "") -> str:
    return f"""<div class="flex w-full flex-row" data-member-uuid="{key}" data-testid="comment-component"><div class="mr-2"><figure data-testid="avatar"><p>{name[0]}</p></figure></div>
<div class="grow"><div class="flex"><h4 class="font-bold" data-testid="member-name">{name}</h4><div class="text-sm"><span title="March 4, 2019 5:06 PM">Mar 4</span></div></div>
<div class="mt-0"><div data-testid="comment-content"><p>{text}</p></div></div><div class="flex gap-4"><button data-testid="like-button">3</button><button data-testid="reply-button">Reply</button></div>
<div class="mt-10">{replies}</div></div></div>"""


def facebook(name: str, text: str, utime: int, replies: str = "") -> str:
    return f"""<div class="_3-8y _5nz1 clearfix" direction="left"><div class="_ohe lfloat"><a class="img" href="https://www.facebook.com/{name}"><img alt=""></a></div><div class=""><div class="_3-8m"><span><a class=" UFICommentActorName" href="https://www.facebook.com/{name}">{name}</a></span>
<div class="_30o4"><span><span class="_5mdd"><span>{text}</span></span></span></div></div><div class="_2vq9 fsm fwn fcg"><a href="#">Like</a> · <a href="#">Reply</a> · <a class="uiLinkSubtle"><abbr class="UFISutroCommentTimestamp livetimestamp" data-utime="{utime}" title="Monday, March 4, 2019 at 5:06 PM">4y</abbr></a></div>
{f'<div class="_44ri _2pis">{replies}</div>' if replies else ""}</div></div>"""


def openweb(name: str, text: str, replies: str = "") -> str:
    return f"""<li class="components-MessageList-index__list-item"><article><div class="components-MessageLayout-index__message-view" data-spot-im-class="message-view"><div class="components-MessageLayout-index__appearance-component"><button class="src-components-Username-index__wrapper"><span class="src-components-Username-index__button" data-spot-im-class="message-username">{name}</span></button>
<time class="components-MessageDetails-index__timestamp" data-spot-im-class="message-timestamp" title="Mar 4, 2019 5:06 PM">4 March, 2019</time></div><div class="components-MessageContent-components-text__text" data-spot-im-class="message-text"><p>{text}</p></div><div class="components-MessageActions-index__messageActions"><button>Reply</button><button>Share</button></div>
{f'<ul class="components-MessageChildren-index__children-list">{replies}</ul>' if replies else ""}</div></article></li>"""


def viafoura(name: str, text: str, replies: str = "") -> str:
    return f"""<article class="vf3-comment" aria-label="Comment by {name}."><div class="vf3-comment__wrap"><div class="vf3-comment-header"><time datetime="2019-03-04T17:06:00Z">4 March</time></div><div class="vf3-comment-content"><p>{text}</p></div>
<div class="vf3-comment-actions"><button>Reply</button><button>Like</button></div></div>{f'<div class="vf3-replies">{replies}</div>' if replies else ""}</article>"""


def talk(level: int, key: str, name: str, text: str, replies: str = "") -> str:
    return f"""<div class="talk-stream-comment-wrapper talk-stream-comment-wrapper-level-{level}" id="c_{key}"><div class="Comment__comment talk-stream-comment talk-stream-comment-level-{level}"><div class="talk-stream-comment-container"><div class="talk-stream-comment-header"><div class="talk-stream-comment-header-container">
<div class="talk-stream-comment-user-name"><span class="AuthorName__name">{name}</span></div><span class="talk-stream-comment-user-byline"><span class="talk-stream-comment-published-date"><span title="2019-03-04T17:06:00.000Z">4 years ago</span></span></span></div></div>
<div class="talk-stream-comment-content"><div>{text}</div></div><div class="talk-stream-comment-footer"><button>Respect</button><button>Reply</button></div></div></div><div class="talk-stream-comment-replies-container">{replies}</div></div>"""


def substack(key: int, name: str, text: str, replies: str = "") -> str:
    return f"""<div class="comment"><div class="comment-anchor" id="comment-{key}"></div><div role="article" aria-label="Comment by {name}" class="pencraft comment-content"><div class="pencraft user-head"><a href="https://substack.com/profile/{key}-x">x</a></div>
<div class="comment-meta"><span class="profile-hover-card-target"><a href="https://substack.com/@{name.lower()}">{name}</a></span><a title="Mar 4, 2019, 5:06 PM" href="/p/tram/comment/{key}">Mar 4, 2019</a></div>
<div class="comment-body"><p><span>{text}</span></p></div><div class="comment-actions"><a>Reply</a><a>Share</a></div></div>{f'<div class="comment-list"><div class="comment-list-items">{replies}</div></div>' if replies else ""}</div>"""


def medium(name: str, text: str) -> str:
    return f"""<div class="l"><div class="nb nc l"><div class="ab q"><a href="/@{name.lower()}?source=post_page---respond--1-----"><div class="l"><img alt="{name}" class="l"></div></a><div class="nf l"><a class="ag" href="/@{name.lower()}?source=post_page---respond--1-----"><p class="be b">{name}</p></a><div class="ab"><span class="be b"><p class="be b du">Mar 4, 2019</p></span></div></div></div></div>
<div class="nh l"><pre class="ni"><div class="nj">{text}</div></pre></div><div class="ab nk"><button aria-label="clap">--</button><p class="be b"><button>Reply</button></p></div></div>"""


def utterances(name: str, text: str) -> str:
    return f"""<article class="timeline-comment" role="article"><div class="avatar-container"><img alt="@{name}"></div><div class="comment"><header class="comment-header"><span class="comment-meta"><a class="text-link" href="https://github.com/{name}"><strong>{name}</strong></a> commented <a class="text-link" href="https://github.com/v/c/issues/1"><time datetime="2019-03-04T17:06:00Z">on Mar 4, 2019</time></a></span></header><div class="markdown-body markdown-body-scrollable"><p>{text}</p></div></div></article>"""


def shreddit(key: str, name: str, text: str, depth: int, parent: str = "") -> str:
    return f"""<shreddit-comment author="{name}" thingid="t1_{key}" depth="{depth}" {f'parentid="t1_{parent}"' if parent else ""} permalink="/r/valley/comments/1/comment/{key}/"><template shadowrootmode="open"><details open><summary><slot name="commentMeta"></slot></summary><slot name="comment"></slot><button>Reply</button></details></template>
<div slot="commentMeta"><a href="/user/{name}/">{name}</a><time datetime="2019-03-04T17:06:00Z">4y ago</time></div><div id="t1_{key}-comment-rtjson-content" slot="comment"><p>{text}</p></div><shreddit-comment-action-row>"""


def close(comment: str, replies: str = "") -> str:
    return f"{comment}</shreddit-comment-action-row>{replies}</shreddit-comment>"


FIRST, SECOND = TWO[0][2], TWO[1][2]
assert FIRST is not None
assert SECOND is not None
THREADS = {
    "disqus in a frame": frame(DISQUS),
    "ghost in a frame": frame(
        '<div class="ghost-display"><section data-testid="content-box"><h2>Member discussion</h2>'
        + ghost("u1", "Finn", FIRST, ghost("u2", "Gerd", SECOND))
        + "</section></div>"
    ),
    "facebook in a frame": frame(
        '<div class="_56q9"><div class="_491z clearfix"><span>2 Comments</span></div><div class="_4k-6">'
        + facebook("Finn", FIRST, 1551719160, facebook("Gerd", SECOND, 1551719999))
        + "</div></div>"
    ),
    "openweb in a shadow": '<div data-spotim-module="conversation"><div>'
    + shadow(f"<ul>{openweb('Finn', FIRST, openweb('Gerd', SECOND))}</ul>")
    + "</div></div>",
    "viafoura": '<div class="viafoura"><vf-conversations><div class="vf3-comments">'
    + viafoura("Finn", FIRST, viafoura("Gerd", SECOND))
    + "</div></vf-conversations></div>",
    "talk": '<div id="coral_talk_stream"><div class="talk-stream">'
    + talk(0, "a1", "Finn", FIRST, talk(1, "a2", "Gerd", SECOND))
    + "</div></div>",
    "substack": "<script src='https://substackcdn.com/x.js'></script><div class='comments-page'>"
    + substack(8801, "Finn", FIRST, substack(8802, "Gerd", SECOND))
    + "</div>",
    "reddit with shadows": close(
        shreddit("k1", "Finn", FIRST, 0), close(shreddit("k2", "Gerd", SECOND, 1, "k1"))
    ),
}


@pytest.mark.parametrize("name", list(THREADS))
def test_threads(name: str) -> None:
    assert rows(read(THREADS[name])) == TWO


@pytest.mark.parametrize("name", ["ghost in a frame", "facebook in a frame", "viafoura", "talk"])
def test_times_are_there(name: str) -> None:
    first = read(THREADS[name]).comments[0]
    assert first.created_at is not None
    assert first.created_at.date().isoformat() == "2019-03-04"


def test_utterances_in_a_frame() -> None:
    parsed = read(
        frame(
            '<main class="timeline"><h1 class="timeline-header"><em>2 Comments</em></h1>'
            + utterances("finn", FIRST or "")
            + utterances("gerd", SECOND or "")
            + "</main>"
        )
    )
    assert rows(parsed) == [("finn", None, FIRST), ("gerd", None, SECOND)]


def test_medium_responses_have_no_names_in_their_markup() -> None:
    parsed = read(
        '<div role="dialog"><h2 class="be">Responses (2)</h2><div class="l">'
        + medium("Finn", FIRST or "")
        + medium("Gerd", SECOND or "")
        + "</div></div>"
    )
    assert rows(parsed) == [("Finn", None, FIRST), ("Gerd", None, SECOND)]
    dates = [c.created_at and c.created_at.date().isoformat() for c in parsed.comments]
    assert dates == ["2019-03-04", "2019-03-04"]


def test_frames_without_comments_stay_closed() -> None:
    advert = frame("<html><body><p>Buy a tram today, trams are cheap now.</p></body></html>")
    parsed = read(advert * 3)
    assert parsed.comments == ()
    assert "cheap now" not in parsed.article.text


@pytest.mark.parametrize(
    "hostile",
    [
        frame("<p>comment</p>" + frame("<p class='comment'>deeper</p>")),
        frame("comment" + "<div>" * 5_000),
        frame("comment") * 200,
        "<iframe srcdoc='comment",
        "<iframe srcdoc='&#1;comment&#xFFFF;' id='&#1;'></iframe>",
        "<template shadowrootmode=open>" * 600,
    ],
)
def test_hostile_frames(hostile: str) -> None:
    assert "engineer's report" in read(hostile).article.text
