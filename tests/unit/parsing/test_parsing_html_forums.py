"""Threads of forums and link sites: the opening post is the article."""

from __future__ import annotations

from toolkit.parsing.html import parse_html
from toolkit.records import Page

OPENING = (
    "The council wants to build a tram to Harrow Hill before the winter. Nobody has shown yet that "
    "the old bridge carries a tram. What do you think?"
)


def read(markup: str, *, title: str = "The tram to Harrow Hill", url: str | None = None) -> Page:
    return parse_html(
        f"<!DOCTYPE html><html lang='en'><head><title>{title}</title></head><body>{markup}</body></html>",
        url=url,
    )


def rows(parsed: Page) -> list[tuple[str, str | None, str | None, str | None]]:
    return [
        (c.comment_id, c.parent_id, c.author_name, c.text and c.text.replace("\n\n", "¶"))
        for c in parsed.comments
    ]


def times(parsed: Page) -> list[str | None]:
    return [c.created_at.isoformat() if c.created_at else None for c in parsed.comments]


def test_phpbb() -> None:
    def post(number: int, name: str, when: str, text: str) -> str:
        return f"""
<div id="p{number}" class="post has-profile bg2"><div class="inner">
<dl class="postprofile" id="profile{number}"><dt class="has-profile-rank no-avatar"><a href="./memberlist.php?u={number}" class="username">{name}</a></dt>
<dd class="profile-posts"><strong>Posts:</strong> 12</dd><dd class="profile-joined"><strong>Joined:</strong> Mon Jan 05, 2009 1:00 pm</dd></dl>
<div class="postbody"><div id="post_content{number}"><h3><a href="#p{number}">Re: The tram</a></h3>
<ul class="post-buttons"><li><a href="#" title="Reply with quote"><span>Quote</span></a></li></ul>
<p class="author"><a class="unread" href="#p{number}">Post</a> <span class="responsive-hide">by <strong><a href="./memberlist.php?u={number}" class="username">{name}</a></strong> » </span>{when}</p>
<div class="content">{text}</div><div id="sig{number}" class="signature">Ride on.</div></div></div></div></div>"""

    parsed = read(
        '<h2 class="topic-title"><a href="#">The tram to Harrow Hill</a></h2>'
        + post(101, "Ann", "Tue Mar 03, 2009 4:05 pm", OPENING)
        + post(
            102,
            "Bob",
            "Tue Mar 03, 2009 5:05 pm",
            "<blockquote><div><cite>Ann wrote:</cite>What do you think?</div></blockquote>I like it.<br><br>Truly.",
        )
        + post(103, "Cem", "Wed Mar 04, 2009 8:00 am", "Me too."),
        url="https://forum.example/viewtopic.php?t=1",
    )
    assert rows(parsed) == [
        ("102", None, "Bob", "> Ann wrote:\n> What do you think?¶I like it.¶Truly."),
        ("103", None, "Cem", "Me too."),
    ]
    assert parsed.article.text == OPENING
    assert parsed.article.byline == "Ann"
    assert times(parsed) == ["2009-03-03T17:05:00", "2009-03-04T08:00:00"]
    assert parsed.comments[0].author_handle == "https://forum.example/memberlist.php?u=102"


def test_vbulletin_3_and_4() -> None:
    four = read(f"""
<ol id="posts" class="posts"><li class="postbitlegacy postbitim postcontainer old" id="post_501">
<div class="posthead"><span class="postdate old"><span class="date">03-04-2010,&nbsp;<span class="time">09:12 AM</span></span></span>
<span class="nodecontrols"><a name="post501" href="#post501" class="postcounter">#1</a></span></div>
<div class="postdetails"><div class="userinfo"><a class="username offline popupctrl" href="member.php?7-Dee"><strong>Dee</strong></a><span class="usertitle">Senior Member</span></div>
<div class="postbody"><div class="postrow"><h2 class="title icon">The tram</h2><div class="content"><div id="post_message_501"><blockquote class="postcontent restore">{OPENING}</blockquote></div></div></div>
<blockquote class="signature restore">sig</blockquote></div></div></li>
<li class="postbitlegacy postbitim postcontainer old" id="post_502">
<div class="posthead"><span class="postdate old"><span class="date">03-04-2010,&nbsp;<span class="time">10:00 AM</span></span></span></div>
<div class="postdetails"><div class="userinfo"><a class="username" href="member.php?8-Eli"><strong>Eli</strong></a></div>
<div class="postbody"><div class="content"><div id="post_message_502"><blockquote class="postcontent restore">Build it.</blockquote></div></div></div></div></li></ol>""")
    assert rows(four) == [("502", None, "Eli", "Build it.")]
    assert four.article.text == OPENING
    assert times(four) == ["2010-03-04T10:00:00"]

    def post(number: int, name: str, text: str) -> str:
        return f"""<table id="post{number}" class="tborder"><tr><td class="thead"><a name="post{number}"></a> 03-04-2010, 10:0{number % 10} AM</td>
<td class="thead" align="right">#<a href="#">{number}</a></td></tr><tr><td class="alt2"><a class="bigusername" href="member.php?u={number}">{name}</a><div class="smallfont">Junior Member</div></td>
<td class="alt1" id="td_post_{number}"><div id="post_message_{number}">{text}</div></td></tr></table>"""

    three = read(
        f'<div id="posts">{post(601, "Fay", OPENING)}{post(602, "Gus", "No trams.")}</div>'
    )
    assert rows(three) == [("602", None, "Gus", "No trams.")]
    assert times(three) == ["2010-03-04T10:02:00"]


def test_xenforo_1_and_2() -> None:
    def two(number: int, name: str, text: str) -> str:
        return f"""<article class="message message--post js-post" data-author="{name}" data-content="post-{number}" id="js-post-{number}">
<span class="u-anchorTarget" id="post-{number}"></span><div class="message-inner"><div class="message-cell message-cell--user"><section class="message-user">
<h4 class="message-name"><a href="/members/{name.lower()}.{number}/" class="username" data-user-id="{number}">{name}</a></h4><h5 class="userTitle">New Member</h5></section></div>
<div class="message-cell message-cell--main"><header class="message-attribution"><ul class="message-attribution-main"><li><a href="#post-{number}"><time class="u-dt" datetime="2021-02-0{number % 10}T10:00:00+0100">Feb 1, 2021</time></a></li></ul></header>
<div class="message-content"><article class="message-body js-selectToQuote"><div class="bbWrapper">{text}</div></article></div>
<aside class="message-signature"><div class="bbWrapper">My signature</div></aside></div></div></article>"""

    parsed = read(two(11, "Hal", OPENING) + two(12, "Ivy", "Wait for the report.<br>Please."))
    assert rows(parsed) == [("12", None, "Ivy", "Wait for the report.\nPlease.")]
    assert times(parsed) == ["2021-02-02T09:00:00+00:00"]
    assert parsed.article.byline == "Hal"

    def one(number: int, name: str, text: str) -> str:
        return f"""<li id="post-{number}" class="message" data-author="{name}"><div class="messageUserInfo"><h3 class="userText"><a href="members/{number}/" class="username">{name}</a></h3></div>
<div class="messageInfo primaryContent"><div class="messageContent"><article><blockquote class="messageText ugc baseHtml">{text}</blockquote></article></div>
<div class="messageMeta"><span class="item muted"><a href="#" class="username author">{name}</a>, <a href="#"><span class="DateTime" title="Mar 5, 2014 at 2:00 PM">Mar 5, 2014</span></a></span></div></div></li>"""

    parsed = read(f'<ol class="messageList">{one(21, "Jo", OPENING)}{one(22, "Kit", "Fine.")}</ol>')
    assert rows(parsed) == [("22", None, "Kit", "Fine.")]
    assert times(parsed) == ["2014-03-05T14:00:00"]


def test_mybb_smf_fluxbb_invision_vanilla() -> None:
    mybb = read(f"""<div id="posts">
<div class="post classic" id="post_31"><div class="post_author"><div class="author_information"><strong><span class="largetext"><a href="user-1.html">Lea</a></span></strong><br><span class="smalltext">Member</span></div></div>
<div class="post_content"><div class="post_head"><span class="post_date">2013-05-06, 07:08 PM</span></div><div class="post_body scaleimages" id="pid_31">{OPENING}</div></div></div>
<div class="post classic" id="post_32"><div class="post_author"><div class="author_information"><strong><span class="largetext"><a href="user-2.html">Max</a></span></strong></div></div>
<div class="post_content"><div class="post_head"><span class="post_date">2013-05-06, 08:00 PM</span></div><div class="post_body" id="pid_32">Yes!</div></div></div></div>""")
    assert rows(mybb) == [("32", None, "Max", "Yes!")]
    assert times(mybb) == ["2013-05-06T20:00:00"]
    smf = read(f"""<div id="forumposts">
<div class="windowbg"><div class="post_wrapper"><div class="poster"><h4><a href="?u=1">Ned</a></h4><ul><li>Posts: 4</li></ul></div><div class="postarea"><div class="keyinfo"><h5 id="subject_41"><a href="#">The tram</a></h5><div class="smalltext">« <strong>on:</strong> June 07, 2014, 09:00:00 PM »</div></div><div class="post"><div class="inner" id="msg_41">{OPENING}</div></div></div><div class="moderatorbar"></div></div></div>
<div class="windowbg2"><div class="post_wrapper"><div class="poster"><h4><a href="?u=2">Ole</a></h4></div><div class="postarea"><div class="keyinfo"><div class="smalltext">« <strong>Reply #1 on:</strong> June 08, 2014, 09:00:00 PM »</div></div><div class="post"><div class="inner" id="msg_42">No!</div></div></div></div></div></div>""")
    assert [r[2:] for r in rows(smf)] == [("Ole", "No!")]
    assert times(smf) == ["2014-06-08T21:00:00"]
    flux = read(f"""<div id="brdmain">
<div id="p51" class="blockpost rowodd firstpost"><h2><span><span class="conr">#1</span> <a href="#p51">2012-01-02 03:04:05</a></span></h2><div class="box"><div class="postbody"><div class="postleft"><dl><dt><strong><a href="profile.php?id=1">Pia</a></strong></dt><dd class="usertitle"><strong>Member</strong></dd></dl></div><div class="postright"><div class="postmsg"><p>{OPENING}</p></div></div></div></div></div>
<div id="p52" class="blockpost roweven"><h2><span><span class="conr">#2</span> <a href="#p52">2012-01-03 03:04:05</a></span></h2><div class="box"><div class="postbody"><div class="postleft"><dl><dt><strong>Ron</strong></dt></dl></div><div class="postright"><div class="postmsg"><p>Perhaps.</p></div></div></div></div></div></div>""")
    assert rows(flux) == [("52", None, "Ron", "Perhaps.")]
    assert times(flux) == ["2012-01-03T03:04:05"]
    invision = read(f"""
<article id="elComment_61" class="cPost ipsBox ipsComment"><aside class="cAuthorPane"><h3 class="cAuthorPane_author"><a href="/profile/1">Sue</a></h3></aside><div class="ipsComment_content"><time datetime="2018-01-02T10:00:00Z">January 2, 2018</time><div data-role="commentContent" class="ipsType_richText"><p>{OPENING}</p></div></div></article>
<article id="elComment_62" class="cPost ipsBox ipsComment"><aside class="cAuthorPane"><h3 class="cAuthorPane_author"><a href="/profile/2">Tom</a></h3></aside><div class="ipsComment_content"><time datetime="2018-01-03T10:00:00Z">January 3, 2018</time><div data-role="commentContent" class="ipsType_richText"><p>Hear, hear.</p></div></div></article>""")
    assert rows(invision) == [("62", None, "Tom", "Hear, hear.")]
    assert times(invision) == ["2018-01-03T10:00:00+00:00"]
    vanilla = read(f"""<h1>The tram to Harrow Hill</h1><div class="Discussion"><div class="Message">{OPENING}</div></div>
<ul class="MessageList DataList Comments"><li class="Item ItemComment" id="Comment_71"><div class="Comment"><div class="Item-Header"><span class="Author"><a href="/profile/uma" class="Username">Uma</a></span>
<span class="MItem DateCreated"><a href="#" class="Permalink"><time title="May 4, 2016 10:00AM" datetime="2016-05-04T10:00:00+00:00">May 2016</time></a></span></div><div class="Item-BodyWrap"><div class="Message userContent">Sure.</div></div></div></li></ul>""")
    assert rows(vanilla) == [("71", None, "Uma", "Sure.")]


def test_discourse_as_crawled_and_as_shown() -> None:
    crawled = read(f"""<h1><a href="/t/tram/9">The tram to Harrow Hill</a></h1>
<div itemscope itemtype="http://schema.org/DiscussionForumPosting"><meta itemprop="headline" content="The tram to Harrow Hill">
<div id="post_1" class="topic-body crawler-post"><div class="crawler-post-meta"><span class="creator" itemprop="author" itemscope itemtype="http://schema.org/Person"><a href="https://talk.example/u/vic" rel="nofollow"><span itemprop="name">vic</span></a></span>
<span class="crawler-post-infos"><time datetime="2022-03-04T05:06:07Z" class="post-time">March 4, 2022</time><span itemprop="position">1</span></span></div><div class="post" itemprop="text"><p>{OPENING}</p></div></div>
<div id="post_2" itemprop="comment" itemscope itemtype="http://schema.org/Comment" class="topic-body crawler-post"><div class="crawler-post-meta"><span class="creator" itemprop="author" itemscope itemtype="http://schema.org/Person"><a href="https://talk.example/u/wim" rel="nofollow"><span itemprop="name">wim</span></a></span>
<span class="crawler-post-infos"><time itemprop="datePublished" datetime="2022-03-05T05:06:07Z" class="post-time">March 5, 2022</time><span itemprop="position">2</span></span></div><div class="post" itemprop="text"><p>Ask the engineers.</p><pre><code>load = 40 t
span = 90 m</code></pre></div></div></div>""")
    assert rows(crawled) == [("2", None, "wim", "Ask the engineers.¶load = 40 t\nspan = 90 m")]
    assert crawled.comments[0].author_handle == "https://talk.example/u/wim"
    assert crawled.article.text == OPENING
    assert times(crawled) == ["2022-03-05T05:06:07+00:00"]
    shown = read(f"""<div class="post-stream">
<div class="topic-post clearfix topic-owner"><article id="post_1" data-post-id="81" data-user-id="1"><div class="topic-meta-data"><div class="names"><span class="first username"><a href="/u/xia" data-user-card="xia">xia</a></span></div><div class="post-date"><a><span class="relative-date" data-time="1646370367000">Mar 4</span></a></div></div><div class="cooked"><p>{OPENING}</p></div></article></div>
<div class="topic-post clearfix"><article id="post_2" data-post-id="82" data-user-id="2"><div class="topic-meta-data"><div class="names"><span class="first username"><a href="/u/yao" data-user-card="yao">yao</a></span></div><div class="post-date"><a><span class="relative-date" data-time="1646456767000">Mar 5</span></a></div></div><div class="cooked"><p>Agreed.</p></div></article></div></div>""")
    assert [r[2:] for r in rows(shown)] == [("yao", "Agreed.")]
    assert times(shown) == ["2022-03-05T05:06:07+00:00"]


def test_hacker_news_levels() -> None:
    def comment(number: int, indent: int, name: str, text: str) -> str:
        return f"""<tr class="athing comtr" id="{number}"><td><table border="0"><tr><td class="ind" indent="{indent}"><img src="s.gif" height="1" width="{40 * indent}"></td>
<td valign="top" class="votelinks"><center><a id="up_{number}" href="vote?id={number}"><div class="votearrow" title="upvote"></div></a></center></td><td class="default"><div><span class="comhead">
<a href="user?id={name}" class="hnuser">{name}</a> <span class="age" title="2023-05-06T07:08:09 1683356889"><a href="item?id={number}">on May 6, 2023</a></span> <span class="navs"> | <a href="#1">parent</a> | <a href="#2">next</a> <a class="togg clicky" n="1">[–]</a></span></span></div><br>
<div class="comment"><div class="commtext c00">{text}</div><div class="reply"><p><font size="1"><u><a href="reply?id={number}">reply</a></u></font></p></div></div></td></tr></table></td></tr>"""

    parsed = read(
        """<table class="fatitem"><tr class="athing" id="900"><td class="title"><span class="titleline"><a href="https://valley.example/tram">The tram to Harrow Hill</a></span></td></tr>
<tr><td class="subtext"><span class="score">90 points</span> by <a class="hnuser" href="user?id=op">op</a> <span class="age" title="2023-05-06T06:00:00">x</span> | <a href="item?id=900">3 comments</a></td></tr></table>
<table class="comment-tree">"""
        + comment(1, 0, "ada", "Trams last <i>forty</i> years.<p>Buses do not.")
        + comment(2, 1, "bea", "Source?")
        + comment(
            3,
            0,
            "cyd",
            '<a href="https://rail.example/a/very/long/address" rel="nofollow">https://rail.example/a/ver...</a>',
        )
        + "</table>",
        title="The tram to Harrow Hill | Hacker News",
    )
    assert rows(parsed) == [
        ("1", None, "ada", "Trams last forty years.¶Buses do not."),
        ("2", "1", "bea", "Source?"),
        ("3", None, "cyd", "https://rail.example/a/very/long/address"),
    ]


def test_reddit_old_and_new() -> None:
    old = read(f"""<div id="siteTable" class="sitetable linklisting"><div class="thing link self" data-fullname="t3_9"><p class="title"><a class="title" href="#">The tram to Harrow Hill</a></p><div class="expando"><div class="usertext-body"><div class="md"><p>{OPENING}</p></div></div></div></div></div>
<div class="commentarea"><div class="sitetable nestedlisting">
<div class="thing id-t1_a comment" id="thing_t1_a" data-fullname="t1_a"><div class="entry unvoted"><p class="tagline"><a class="expand">[–]</a><a href="https://old.reddit.com/user/dan" class="author">dan</a> <span class="score dislikes" title="3">3 points</span><span class="score unvoted" title="4">4 points</span> <time title="x" datetime="2020-01-02T03:04:05+00:00" class="live-timestamp">3 years ago</time></p>
<form class="usertext"><div class="usertext-body"><div class="md"><p>Good.</p></div></div></form><ul class="flat-list buttons"><li><a class="bylink">permalink</a></li></ul></div>
<div class="child"><div class="sitetable listing"><div class="thing id-t1_b comment" id="thing_t1_b" data-fullname="t1_b"><div class="entry"><p class="tagline"><em>[deleted]</em> <time datetime="2020-01-03T03:04:05+00:00">x</time></p><form class="usertext"><div class="usertext-body"><div class="md"><p>[removed]</p></div></div></form></div><div class="child"></div></div></div></div></div>
</div></div>""")
    assert rows(old) == [("t1_a", None, "dan", "Good."), ("t1_b", "t1_a", None, None)]
    assert old.comments[1].source_status == "removed"
    assert old.comments[0].like_count == 4
    assert old.article.text == OPENING
    new = read(f"""<shreddit-post permalink="/r/t/comments/9/" author="op"><h1 slot="title">The tram to Harrow Hill</h1><div slot="text-body"><div class="md"><p>{OPENING}</p></div></div></shreddit-post>
<shreddit-comment-tree><shreddit-comment author="eva" thingid="t1_c" depth="0" score="7"><div slot="commentMeta"><a href="/user/eva/">eva</a><time datetime="2024-01-02T03:04:05.000Z">1 y ago</time></div><div id="t1_c-comment-rtjson-content" slot="comment"><p>Wait.</p></div>
<shreddit-comment author="fin" thingid="t1_d" depth="1" parentid="t1_c"><div slot="commentMeta"><time datetime="2024-01-02T04:04:05.000Z">x</time></div><div slot="comment"><p>Why?</p></div></shreddit-comment></shreddit-comment></shreddit-comment-tree>""")
    assert rows(new) == [("t1_c", None, "eva", "Wait."), ("t1_d", "t1_c", "fin", "Why?")]
    assert times(new)[0] == "2024-01-02T03:04:05+00:00"
    assert new.article.text == OPENING


def test_slashdot() -> None:
    parsed = read(f"""<article class="fhitem-story"><h2 class="story"><a href="#">The tram to Harrow Hill</a></h2><div class="body"><div class="p"><i>{OPENING}</i></div></div></article>
<div id="comments"><ul id="commentlisting">
<li id="tree_4101" class="comment"><div id="comment_4101" class="cw contain"><div id="comment_top_4101" class="commentTop"><div class="title"><h4><a name="4101" href="#4101">Bridges rust</a> <span id="comment_score_4101" class="score">(Score:4, Insightful)</span></h4></div>
<div class="details"><span class="by">by <a href="//slashdot.org/~gil">gil</a> ( 123456 ) </span> <span class="otherdetails" id="comment_otherdetails_4101">on Monday July 23, 2012 @08:25PM (<a href="#">#4101</a>)</span></div></div>
<div class="commentBody"><div id="comment_body_4101">They do.</div></div><div class="commentSub" id="comment_sub_4101"><a>Reply to This</a></div></div>
<ul id="commtree_4101" class="commtree"><li id="tree_4102" class="comment"><div id="comment_4102" class="cw"><div id="comment_top_4102" class="commentTop"><div class="title"><h4><a name="4102">Re:Bridges rust</a></h4></div><div class="details"><span class="by">by Anonymous Coward </span><span class="otherdetails">on Monday July 23, 2012 @09:00PM</span></div></div><div class="commentBody"><div id="comment_body_4102">Paint them.</div></div></div></li></ul></li></ul></div>""")
    assert rows(parsed) == [
        ("4101", None, "gil", "Bridges rust¶They do."),
        ("4102", "4101", "Anonymous Coward", "Paint them."),
    ]
    assert times(parsed) == ["2012-07-23T20:25:00", "2012-07-23T21:00:00"]


def test_lwn_and_lobsters() -> None:
    lwn = read(f"""<div class="PageHeadline"><h1>The tram to Harrow Hill</h1></div><div class="ArticleText"><p>{OPENING}</p><p>{OPENING}</p></div>
<details class="CommentBox" open><summary><h3 class="CommentTitle">Timber</h3><p class="CommentPoster">Posted Mar 3, 2022 14:05 UTC (Thu) by <b>hana</b> (subscriber, #55) [<a href="/Articles/8001/">Link</a>]</p></summary>
<a name="CommAnchor8001"></a><div class="FormattedComment"><p>The bridge is timber.</p></div><div class="CommentReplyButton"><form><input type="submit"></form></div>
<details class="CommentBox" open><summary><h3 class="CommentTitle">Timber</h3><p class="CommentPoster">Posted Mar 3, 2022 15:00 UTC (Thu) by <b>ivo</b> (guest, #56)</p></summary><a name="CommAnchor8002"></a><div class="FormattedComment"><p>Steel, since 1950.</p></div></details></details>""")
    got = rows(lwn)
    assert [(r[2], r[3]) for r in got] == [
        ("hana", "Timber¶The bridge is timber."),
        ("ivo", "Timber¶Steel, since 1950."),
    ]
    assert got[1][1] == got[0][0]
    assert times(lwn) == ["2022-03-03T14:05:00+00:00", "2022-03-03T15:00:00+00:00"]
    lobsters = read(f"""<h1>The tram to Harrow Hill</h1><div class="story_text"><p>{OPENING}</p><p>{OPENING}</p></div><ol class="comments comments1"><li class="comments_subtree"><input type="checkbox">
<div id="c_k1" class="comment" data-shortid="k1"><div class="details"><div class="byline"><a href="/u/jim">jim</a> <span title="2023-01-01 10:00:00 -0600">1 year ago</span></div><div class="comment_text"><p>Nice.</p></div></div></div>
<ol class="comments"><li class="comments_subtree"><div id="c_k2" class="comment" data-shortid="k2"><div class="details"><div class="byline"><a href="/u/kai">kai</a> <span title="2023-01-01 11:00:00 -0600">x</span></div><div class="comment_text"><p>Not nice.</p></div></div></div></li></ol></li></ol>""")
    assert rows(lobsters) == [("k1", None, "jim", "Nice."), ("k2", "k1", "kai", "Not nice.")]
    assert times(lobsters)[0] == "2023-01-01T16:00:00+00:00"


def test_stack_exchange_answers_with_their_comments() -> None:
    parsed = read(f"""<div id="question-header"><h1><a class="question-hyperlink" href="#">The tram to Harrow Hill</a></h1></div>
<div id="question" class="question"><div class="js-post-body"><p>{OPENING}</p></div><div class="post-signature owner"><div class="user-action-time">asked <span title="2015-01-01 10:00:00Z" class="relativetime">Jan 1</span></div><div class="user-details" itemprop="author"><a href="/users/1/lil">lil</a></div></div>
<ul class="comments-list js-comments-list"><li id="comment-201" class="comment js-comment" data-comment-id="201"><div class="comment-text"><div class="comment-body"><span class="comment-copy">Which bridge?</span> – <a href="/users/2/mia" class="comment-user">mia</a> <span class="comment-date"><span title="2015-01-02 10:00:00Z" class="relativetime-clean">Jan 2</span></span></div></div></li></ul></div>
<div id="answers"><div id="answer-301" class="answer js-answer" data-answerid="301" itemscope itemtype="https://schema.org/Answer"><div class="js-vote-count" data-value="6">6</div><div class="js-post-body" itemprop="text"><p>It carries 40 tons.</p></div>
<div class="post-signature"><div class="user-action-time">answered <span title="2015-01-03 10:00:00Z" class="relativetime">Jan 3</span></div><div class="user-details" itemprop="author"><a href="/users/3/ned">ned</a></div></div>
<ul class="comments-list js-comments-list"><li id="comment-202" class="comment js-comment" data-comment-id="202"><span class="comment-copy">Thirty.</span> – <a href="/users/4/ola" class="comment-user">ola</a> <span class="comment-date"><span title="2015-01-04 10:00:00Z">Jan 4</span></span></li></ul></div></div>""")
    assert rows(parsed) == [
        ("201", None, "mia", "Which bridge?"),
        ("301", None, "ned", "It carries 40 tons."),
        ("202", "301", "ola", "Thirty."),
    ]
    assert times(parsed)[1] == "2015-01-03T10:00:00+00:00"
    assert "Nobody has shown yet" in parsed.article.text
    assert "40 tons" not in parsed.article.text


def test_bbpress_headers_stand_before_their_replies() -> None:
    def reply(number: int, name: str, text: str) -> str:
        return f"""<div id="post-{number}" class="bbp-reply-header"><div class="bbp-meta"><span class="bbp-reply-post-date">March {number % 9 + 1}, 2015 at 10:00 am</span><a href="#post-{number}" class="bbp-reply-permalink">#{number}</a></div></div>
<div class="post-{number} reply type-reply"><div class="bbp-reply-author"><a href="https://f.example/users/{name}/" class="bbp-author-link"><span class="bbp-author-avatar"><img></span><span class="bbp-author-name">{name}</span></a><div class="bbp-author-role">Participant</div></div><div class="bbp-reply-content"><p>{text}</p></div></div>"""

    parsed = read(
        f'<div id="bbpress-forums">{reply(71, "paul", OPENING)}{reply(72, "rosa", "Me neither.")}</div>'
    )
    assert rows(parsed) == [("72", None, "rosa", "Me neither.")]
    assert parsed.article.text == OPENING


def test_nodebb_flarum_woltlab_discuz() -> None:
    nodebb = read(f"""<ul component="topic" class="posts"><li component="post" data-pid="1" data-username="sam" data-timestamp="1600000000000"><small><a href="/user/sam" itemprop="author" data-username="sam">sam</a> <span class="timeago" title="2020-09-13T12:26:40.000Z"></span></small><div component="post/content" class="content">{OPENING}</div></li>
<li component="post" data-pid="2" data-username="tim" data-timestamp="1600000100000"><a href="/user/tim" itemprop="author">tim</a><div component="post/content" class="content"><p>Later.</p></div><div component="post/vote-count">2</div></li></ul>""")
    assert [r[2:] for r in rows(nodebb)] == [("tim", "Later.")]
    assert times(nodebb) == ["2020-09-13T12:28:20+00:00"]
    flarum = read(f"""<div class="PostStream"><div class="PostStream-item" data-id="5"><article class="Post CommentPost"><header class="Post-header"><ul><li class="item-user"><div class="PostUser"><h3 class="PostUser-name"><a href="/u/una"><span class="username">una</span></a></h3></div></li><li><time datetime="2021-01-01T00:00:00+00:00">x</time></li></ul></header><div class="Post-body"><p>{OPENING}</p></div></article></div>
<div class="PostStream-item" data-id="6"><article class="Post CommentPost"><header class="Post-header"><div class="PostUser"><h3 class="PostUser-name"><span class="username">vera</span></h3></div><time datetime="2021-01-02T00:00:00+00:00">x</time></header><div class="Post-body"><p>Soon.</p></div></article></div></div>""")
    assert rows(flarum) == [("6", None, "vera", "Soon.")]
    woltlab = read(f"""<ul class="wbbThreadPostList"><li><article class="wbbPost message" data-post-id="7"><aside class="messageSidebar"><div class="messageAuthor"><span class="username"><a href="/user/1" class="userLink">walt</a></span></div></aside><div class="messageContent"><time datetime="2019-01-01T00:00:00+01:00" class="datetime">x</time><div class="messageText"><p>{OPENING}</p></div></div></article></li>
<li><article class="wbbPost message" data-post-id="8"><div class="messageAuthor"><span class="username">xena</span></div><div class="messageContent"><time datetime="2019-01-02T00:00:00+01:00" class="datetime">x</time><div class="messageText"><p>Gern.</p></div></div></article></li></ul>""")
    assert [r[2:] for r in rows(woltlab)] == [("xena", "Gern.")]
    discuz = read(f"""<div id="postlist"><div id="post_9"><table id="pid9" class="plhin"><tr><td class="pls"><div class="authi"><a href="space.html" class="xw1">张三</a></div></td><td class="plc"><em id="authorposton9">发表于 2012-3-4 10:20:30</em><div class="t_fsz"><table><tr><td class="t_f" id="postmessage_9">{OPENING}</td></tr></table></div></td></tr></table></div>
<div id="post_10"><table id="pid10"><tr><td class="pls"><div class="authi"><a href="space.html" class="xw1">李四</a></div></td><td class="plc"><em id="authorposton10">发表于 2012-3-5 10:20:30</em><div class="t_fsz"><table><tr><td class="t_f" id="postmessage_10">好主意。</td></tr></table></div></td></tr></table></div></div>""")
    assert [r[2:] for r in rows(discuz)] == [("李四", "好主意。")]
    assert times(discuz) == ["2012-03-05T10:20:30"]


def test_livejournal_and_dreamwidth_and_youtube() -> None:
    live = read(f"""<h1>The tram to Harrow Hill</h1><article class="b-singlepost"><p>{OPENING}</p><p>{OPENING}</p></article><div class="b-tree">
<div class="b-leaf" data-dtid="t100" data-parent="0"><span class="b-leaf-username"><span class="ljuser"><a href="https://yan.livejournal.com/"><b>yan</b></a></span></span><span class="b-leaf-createdtime">November 5 2010, 14:13:12 UTC</span><div class="b-leaf-article">Хорошо.</div></div>
<div class="b-leaf" data-dtid="t101" data-parent="100"><span class="ljuser"><b>zoe</b></span><span class="b-leaf-createdtime">November 5 2010, 15:00:00 UTC</span><div class="b-leaf-article">Плохо.</div></div></div>""")
    assert rows(live) == [("100", None, "yan", "Хорошо."), ("101", "100", "zoe", "Плохо.")]
    dream = read(f"""<h1>The tram to Harrow Hill</h1><div class="entry-content"><p>{OPENING}</p><p>{OPENING}</p></div><div id="comments">
<div class="comment-thread comment-depth-odd comment-depth-1" id="cmt200"><div class="dwexpcomment"><div id="comment-cmt200" class="comment-wrapper"><div class="comment"><div class="header"><h4 class="comment-title"></h4><span class="datetime">2011-06-07 08:09 am (UTC)</span><span class="comment-poster"><span class="ljuser"><a href="https://abe.dreamwidth.org/"><b>abe</b></a></span></span></div><div class="comment-content">Aye.</div></div></div></div></div>
<div class="comment-thread comment-depth-even comment-depth-2" id="cmt201"><div class="comment"><span class="datetime">2011-06-07 09:00 am (UTC)</span><span class="comment-poster"><b>bee</b></span><div class="comment-content">Nay.</div></div></div></div>""")
    assert [r[1:] for r in rows(dream)] == [(None, "abe", "Aye."), ("200", "bee", "Nay.")]
    tube = read("""<h1>The tram to Harrow Hill</h1><ytd-comments id="comments"><ytd-comment-thread-renderer><ytd-comment-view-model id="comment"><div id="header-author"><h3><a id="author-text" href="/@cat"><span>@cat</span></a></h3><span id="published-time-text"><a href="/watch?v=1&lc=U1">2 years ago</a></span></div><yt-attributed-string id="content-text"><span>Lovely ride!</span></yt-attributed-string><span id="vote-count-middle">1.2K</span></ytd-comment-view-model>
<div id="replies"><ytd-comment-replies-renderer><ytd-comment-view-model><a id="author-text" href="/@dog"><span>@dog</span></a><span id="published-time-text"><a>1 year ago</a></span><yt-attributed-string id="content-text"><span>It was.</span></yt-attributed-string></ytd-comment-view-model></ytd-comment-replies-renderer></div></ytd-comment-thread-renderer></ytd-comments>""")
    got = rows(tube)
    assert [(r[2], r[3]) for r in got] == [("cat", "Lovely ride!"), ("dog", "It was.")]
    assert [c.author_handle for c in tube.comments] == ["@cat", "@dog"]
    assert got[1][1] == got[0][0]
    assert tube.comments[0].like_count == 1200
