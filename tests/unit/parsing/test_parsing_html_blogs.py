"""Pages of blogs and content managers, in the markup their themes write."""

from __future__ import annotations

from toolkit.parsing.html import parse_html

ARTICLE = """
<article class="post hentry"><h1 class="entry-title">The tram to Harrow Hill</h1>
<div class="entry-content">
<p>The council wants to build a tram to Harrow Hill, and it wants to build it before the winter.</p>
<p>Nobody has shown yet that the old bridge carries a tram, and nobody has asked the people there.</p>
<p>The plan should wait for an engineer's report, which costs less than a week of works.</p>
</div></article>
"""


def page(comments: str, *, head: str = "", body: str = "") -> str:
    return (
        f"<!DOCTYPE html><html lang='en'><head><title>The tram to Harrow Hill – Valley Post</title>"
        f"{head}</head><body {body}>{ARTICLE}{comments}</body></html>"
    )


def rows(markup: str) -> list[tuple[str, str | None, str | None, str | None]]:
    """(id, parent, author, text with blank lines as ¶) of every comment."""
    parsed = parse_html(markup, url="https://valley.example/2019/06/tram/")
    assert "engineer's report" in parsed.article.text
    for comment in parsed.comments:
        assert comment.text is None or comment.text[:30] not in parsed.article.text
    return [
        (c.comment_id, c.parent_id, c.author_name, c.text and c.text.replace("\n\n", "¶"))
        for c in parsed.comments
    ]


def times(markup: str) -> list[str | None]:
    return [c.created_at.isoformat() if c.created_at else None for c in parse_html(markup).comments]


WORDPRESS = page("""
<div id="comments" class="comments-area">
<h2 class="comments-title">3 thoughts on “<span>The tram to Harrow Hill</span>”</h2>
<ol class="comment-list">
 <li id="comment-21" class="comment even thread-even depth-1 parent">
  <article id="div-comment-21" class="comment-body">
   <footer class="comment-meta">
    <div class="comment-author vcard"><img alt="" src="g.png" class="avatar avatar-32 photo">
     <b class="fn"><a href="https://ada.example/" rel="external nofollow ugc" class="url">Ada Moor</a></b>
     <span class="says">says:</span></div>
    <div class="comment-metadata"><a href="https://valley.example/2019/06/tram/#comment-21">
     <time datetime="2019-06-19T22:58:34+02:00">June 19, 2019 at 10:58 pm</time></a></div>
   </footer>
   <div class="comment-content"><p>I ride the bus each day.</p><p>A tram would <em>not</em> be faster.</p></div>
   <div class="reply"><a rel="nofollow" class="comment-reply-link" href="#comment-21">Reply</a></div>
  </article>
  <ol class="children">
   <li id="comment-22" class="comment byuser comment-author-editor bypostauthor odd alt depth-2">
    <article id="div-comment-22" class="comment-body">
     <footer class="comment-meta"><div class="comment-author vcard"><b class="fn">editor</b>
      <span class="says">says:</span></div>
      <div class="comment-metadata"><time datetime="2019-06-20T08:00:00+02:00">June 20</time></div></footer>
     <div class="comment-content"><p>Thanks, we asked the council.</p></div>
    </article>
   </li>
  </ol>
 </li>
 <li id="comment-23" class="pingback odd alt thread-odd thread-alt depth-1">
  <div class="comment-body">Pingback: <a href="https://other.example/" class="url">Trams again | Other</a></div>
 </li>
 <li id="comment-24" class="comment even thread-even depth-1">
  <article id="div-comment-24" class="comment-body">
   <footer class="comment-meta"><div class="comment-author vcard"><b class="fn">Von Braun</b></div>
   <div class="comment-metadata"><time datetime="2019-06-21T08:00:00+02:00">June 21</time></div></footer>
   <div class="comment-content"><p>See <a href="https://bridge.example/report/2018/final">https://bridge.example/rep…</a></p></div>
  </article>
 </li>
</ol>
<p class="no-comments">Comments are closed.</p>
</div>
<aside class="widget widget_recent_comments"><ul id="recentcomments">
<li class="recentcomments"><span class="comment-author-link">Bob</span> on <a href="#">Another story</a></li>
<li class="recentcomments"><span class="comment-author-link">Eve</span> on <a href="#">A third story</a></li></ul></aside>
""")


def test_wordpress_threads_without_pingbacks_and_sidebars() -> None:
    assert rows(WORDPRESS) == [
        ("21", None, "Ada Moor", "I ride the bus each day.¶A tram would not be faster."),
        ("22", "21", "editor", "Thanks, we asked the council."),
        ("24", None, "Von Braun", "See https://bridge.example/report/2018/final"),
    ]
    parsed = parse_html(WORDPRESS)
    assert parsed.comments[0].author_handle == "https://ada.example/"
    assert [c.depth for c in parsed.comments] == [0, 1, 0]
    assert parsed.stated_comment_count == 3
    assert parsed.comments_open is False
    assert times(WORDPRESS)[0] == "2019-06-19T20:58:34+00:00"
    assert "times_without_zone" not in {w.code for w in parsed.warnings}


def test_wordpress_old_theme_with_cite_and_loose_date() -> None:
    markup = page("""
<h3 id="comments">2 Responses to “The tram to Harrow Hill”</h3>
<ol class="commentlist">
<li class="alt" id="comment-7"><cite><a href='http://dora.example' rel='external nofollow'>Dora</a></cite> Says:
 <br /><small class="commentmetadata"><a href="#comment-7" title="">July 3rd, 2008 at 4:05 pm</a> </small>
 <p>First of all, who pays?</p></li>
<li id="comment-8"><cite>Emil K.</cite> Says: <br />
 <small class="commentmetadata"><a href="#comment-8" title="">July 4th, 2008 at 11:00 am</a></small>
 <p>We all do.</p></li>
</ol>
<h3 id="respond">Leave a Reply</h3>
<form action="/wp-comments-post.php" method="post" id="commentform"><textarea name="comment"></textarea></form>
""")
    assert rows(markup) == [
        ("7", None, "Dora", "First of all, who pays?"),
        ("8", None, "Emil K.", "We all do."),
    ]
    assert times(markup) == ["2008-07-03T16:05:00", "2008-07-04T11:00:00"]
    parsed = parse_html(markup)
    assert parsed.stated_comment_count == 2
    assert parsed.comments_open is True
    assert "times_without_zone" in {w.code for w in parsed.warnings}


def test_wordpress_default_walker_of_old_html4_themes() -> None:
    markup = page("""
<div id="commentsbox"><h3 id="comments">Ein Kommentar</h3><ol class="commentlist">
<li class="comment even thread-even depth-1" id="comment-143"><div id="div-comment-143" class="comment-body">
<div class="comment-author vcard"><img class="avatar"><cite class="fn">sarah</cite> <span class="says">sagt:</span></div>
<div class="comment-meta commentmetadata"><a href="https://valley.example/#comment-143">Juli 30, 2013 um 2:33 pm</a></div>
<p>Warum erst im Winter?</p>
<div class="reply"><a class="comment-reply-link" href="#">Antworten</a></div></div></li></ol></div>
""")
    assert rows(markup) == [("143", None, "sarah", "Warum erst im Winter?")]
    assert times(markup) == ["2013-07-30T14:33:00"]


def test_wordpress_theme_with_definition_list() -> None:
    markup = page("""
<div id="comments"><p><span>2</span> comments… read them below or <a href="#respond">add one</a></p>
<dl id="comment_list">
<dt class="comment even thread-even depth-1" id="comment-61"><span class="comment_author">Armin</span>
<span class="comment_time"><a href="#comment-61">June 28, 2015 at 10:25 pm</a></span></dt>
<dd class="comment even thread-even depth-1"><div class="format_text" id="comment-body-61"><p>Really, no stop at the mill?</p></div></dd>
<dt class="comment odd alt thread-odd depth-1" id="comment-62"><span class="comment_author">Flo</span>
<span class="comment_time"><a href="#comment-62">July 6, 2015 at 6:57 pm</a></span></dt>
<dd class="comment odd alt thread-odd depth-1"><div class="format_text" id="comment-body-62"><p>Count me in.</p></div></dd>
</dl></div>""")
    assert rows(markup) == [
        ("61", None, "Armin", "Really, no stop at the mill?"),
        ("62", None, "Flo", "Count me in."),
    ]


def test_wordpress_levels_from_classes_where_lists_are_not_nested() -> None:
    def item(number: int, depth: int, name: str) -> str:
        return (
            f'<div id="comment-{number}" class="comment even depth-{depth}"><div class="comment-author">'
            f'<span class="fn">{name}</span></div><div class="comment-content"><p>Text of {name}.</p></div></div>'
        )

    items = item(1, 1, "A") + item(2, 2, "B") + item(3, 3, "C") + item(4, 2, "D") + item(5, 1, "E")
    markup = page(f'<section id="comments">{items}</section>')
    assert [row[1] for row in rows(markup)] == [None, "1", "2", "1", None]


def test_wpdiscuz() -> None:
    markup = page("""
<div id="comments" class="comments-area"><div id="wpdcom" class="wpdiscuz_unauth wpd-default">
<div class="wpd-thread-list">
<div id="wpd-comm-77_0" class="comment even wpd-comment wpd_comment_level-1"><div class="wpd-comment-wrap wpd-blog-guest">
 <div class="wpd-comment-left"><div class="wpd-avatar"><img></div></div>
 <div id="comment-77" class="wpd-comment-right"><div class="wpd-comment-header">
  <div class="wpd-comment-author">Jana</div>
  <div class="wpd-comment-date" title="21. Oktober 2019 10:21"> 3 years ago </div></div>
  <div class="wpd-comment-text"><p>Bitte keine Bäume fällen.</p></div>
  <div class="wpd-comment-footer"><div class="wpd-vote"><div class="wpd-vote-result">4</div></div>
   <div class="wpd-reply-button"><span>Reply</span></div></div>
 </div></div>
 <div id="wpdiscuz_form_anchor-77_0"></div>
 <div id="wpd-comm-78_77" class="comment odd alt wpd-comment wpd-reply wpd_comment_level-2"><div class="wpd-comment-wrap">
  <div id="comment-78" class="wpd-comment-right"><div class="wpd-comment-header">
  <div class="wpd-comment-author"><a href="https://valley.example/u/rolf">Rolf</a></div>
  <div class="wpd-comment-date" title="22. Oktober 2019 9:00"> 3 years ago </div></div>
  <div class="wpd-comment-text"><p>Keiner fällt Bäume.</p></div></div></div></div>
</div></div></div></div>""")
    assert rows(markup) == [
        ("77", None, "Jana", "Bitte keine Bäume fällen."),
        ("78", "77", "Rolf", "Keiner fällt Bäume."),
    ]
    assert times(markup) == ["2019-10-21T10:21:00", "2019-10-22T09:00:00"]
    assert parse_html(markup).comments[0].like_count == 4


def test_blogger() -> None:
    markup = page("""
<div class="comments" id="comments"><h4>2 comments:</h4><div class="comments-content"><div id="comment-holder">
<div id="bc_0_2T" class="comment-thread toplevel-thread"><ol id="top-ra">
<li class="comment" id="c4265235981837780782"><div class="avatar-image-container"><img></div>
 <div class="comment-block"><div class="comment-header"><cite class="user"><a href="https://www.blogger.com/profile/11" rel="nofollow">Ruby</a></cite>
 <span class="icon user "></span><span class="datetime secondary-text"><a rel="nofollow" href="https://valley.example/t.html?showComment=1381172401460#c4265235981837780782">21:00</a></span></div>
 <p class="comment-content">Hey,<br><br>a fine idea.</p>
 <span class="comment-actions secondary-text"><a class="comment-reply" target="_self">Reply</a><span class="item-control"><a href="#">Delete</a></span></span></div>
 <div class="comment-replies"><div id="c4265235981837780782-rt" class="comment-thread inline-thread"><span class="thread-toggle"><span class="thread-count"><a target="_self">Replies</a></span></span>
  <ol class="thread-chrome thread-expanded"><div><li class="comment" id="c8091037830143968017"><div class="comment-block">
  <div class="comment-header"><cite class="user blog-author">Unknown</cite><span class="datetime secondary-text"><a href="?showComment=1381258801460#c8091037830143968017">21:00</a></span></div>
  <p class="comment-content">Thank you!</p></div></li></div></ol></div></div>
</li></ol></div></div></div></div>""")
    assert rows(markup) == [
        ("4265235981837780782", None, "Ruby", "Hey,¶a fine idea."),
        ("8091037830143968017", "4265235981837780782", "Unknown", "Thank you!"),
    ]
    assert times(markup)[0] == "2013-10-07T19:00:01.460000+00:00"


def test_blogger_older_layout() -> None:
    markup = page("""
<div class="comments" id="comments"><h4>1 comments:</h4><dl class="avatar-comment-indent" id="comments-block">
<dt class="comment-author " id="c55"><a name="c55"></a><a href="http://kim.example" rel="nofollow">Kim</a> said...</dt>
<dd class="comment-body" id="Blog1_cmt-55"><p>It will rain in, trust me.</p></dd>
<dd class="comment-footer"><span class="comment-timestamp"><a href="?showComment=1381172401460#c55" title="comment permalink">7 October 2013 at 21:00</a></span></dd>
<dt class="comment-author blog-author" id="c56">Lena said...</dt>
<dd class="comment-body"><p>Then bring boots.</p></dd>
<dd class="comment-footer"><span class="comment-timestamp"><a href="#c56">8 October 2013 at 09:00</a></span></dd>
</dl></div>""")
    assert rows(markup) == [
        ("55", None, "Kim", "It will rain in, trust me."),
        ("56", None, "Lena", "Then bring boots."),
    ]
    assert times(markup) == ["2013-10-07T19:00:01.460000+00:00", "2013-10-08T09:00:00"]


def test_drupal_7() -> None:
    markup = page("""
<div id="comments" class="comment-wrapper"><h2 class="title">Comments</h2>
<a id="comment-11"></a>
<div class="comment clearfix"><div class="submitted">Submitted by <span class="username">Mo</span> on Mon, 03/05/2012 - 11:20. <a href="/comment/11#comment-11" class="permalink" rel="bookmark">Permalink</a></div>
 <h3><a href="/comment/11#comment-11" class="permalink" rel="bookmark">Bridges</a></h3>
 <div class="content"><div class="field field-name-comment-body"><div class="field-items"><div class="field-item even"><p>The bridge is from 1911.</p></div></div></div></div>
 <ul class="links inline"><li class="comment-reply"><a href="/comment/reply/1/11">reply</a></li></ul></div>
<div class="indented"><a id="comment-12"></a>
<div class="comment clearfix"><div class="submitted">Submitted by <a href="/user/4" class="username">Nele</a> on Mon, 03/05/2012 - 12:00.</div>
 <h3><a href="/comment/12#comment-12" class="permalink">Re: Bridges</a></h3>
 <div class="content"><div class="field field-name-comment-body"><p>From 1912.</p></div></div></div>
</div></div>""")
    got = rows(markup)
    assert [row[2:] for row in got] == [
        ("Mo", "Bridges¶The bridge is from 1911."),
        ("Nele", "From 1912."),
    ]
    assert [c.depth for c in parse_html(markup).comments] == [0, 1]
    assert times(markup) == ["2012-03-05T11:20:00", "2012-03-05T12:00:00"]


def test_drupal_9() -> None:
    markup = page("""
<section id="comments" class="comments"><h2>Comments</h2>
<article data-comment-user-id="0" id="comment-301" class="comment js-comment by-anonymous">
 <footer class="comment__meta"><p class="comment__author"><span lang="" class="username">Pat</span></p>
  <p class="comment__time">Tue, 04/05/2021 - 08:15</p><p class="comment__permalink"><a href="/comment/301#comment-301">Permalink</a></p></footer>
 <div class="comment__content"><h3><a href="/comment/301">Costs</a></h3><div class="clearfix text-formatted field field--name-comment-body"><p>Costs of what, exactly?</p></div>
  <ul class="links inline"><li><a href="/c/reply">Reply</a></li></ul></div></article>
<div class="indented"><article data-comment-user-id="9" id="comment-302" class="comment js-comment">
 <footer class="comment__meta"><p class="comment__author"><a href="/user/9" class="username">Quinn</a></p>
  <p class="comment__time">Tue, 04/05/2021 - 09:00</p>
  <p class="visually-hidden">In reply to <a href="/comment/301#comment-301" class="permalink">Costs</a> by <span class="username">Pat</span></p></footer>
 <div class="comment__content"><div class="field field--name-comment-body"><p>Of the rails.</p></div></div></article></div>
</section>""")
    assert [(r[0], r[1], r[2]) for r in rows(markup)] == [
        ("301", None, "Pat"),
        ("302", "301", "Quinn"),
    ]
    assert rows(markup)[1][3] == "Of the rails."


def test_movable_type_and_typepad() -> None:
    markup = page("""
<div id="comments" class="comments"><h2 class="comments-header">2 Comments</h2><div class="comments-content">
<div class="comment" id="comment-900"><div class="inner"><div class="comment-header"><div class="asset-meta">
<span class="byline"><span class="vcard author">Rita</span></span> | <a href="#comment-900"><abbr class="published" title="2010-03-02T10:00:00-05:00">March 2, 2010 10:00 AM</abbr></a></div></div>
<div class="comment-content"><p>Trams are quiet.</p></div></div></div>
<div class="comment" id="comment-901"><div class="comment-content"><p>Not at night.</p></div>
<p class="comment-footer">Posted by: <a href="http://sam.example" rel="nofollow">Sam</a> | March 3, 2010 at 09:10 AM</p></div>
</div></div>""")
    assert rows(markup) == [
        ("900", None, "Rita", "Trams are quiet."),
        ("901", None, "Sam", "Not at night."),
    ]
    assert times(markup) == ["2010-03-02T15:00:00+00:00", "2010-03-03T09:10:00"]


def test_serendipity() -> None:
    markup = page("""
<div id="serendipity_comments" class="serendipity_comments"><h3>Kommentare</h3>
<a id="c41"></a><div id="serendipity_comment_41" class="serendipity_comment serendipity_comment_author_tina uneven">
<div class="serendipity_commentBody">Das kostet zu viel.</div>
<div class="serendipity_comment_source"><a class="comment_source_trace" href="#c41">#1</a>
<span class="comment_source_author">Tina</span> am <span class="comment_source_date">12.03.2011 14:05</span>
(<a class="comment_reply" href="#">Antwort</a>)</div></div></div>""")
    assert rows(markup) == [("41", None, "Tina", "Das kostet zu viel.")]
    assert times(markup) == ["2011-03-12T14:05:00"]


def test_contao() -> None:
    markup = page("""
<div class="ce_comments block"><h2>Kommentare</h2>
<div class="comment_default first even" id="c170"><p class="info">Kommentar von Ulla | 12.12.2012</p>
<div class="comment"><p>Schöner Plan!</p></div></div>
<div class="comment_default last odd" id="c171"><p class="info">Kommentar von Vera | 13.12.2012</p>
<div class="comment"><p>Schlechter Plan!</p></div></div>
<div class="form"><form action="#" method="post"><textarea name="comment"></textarea></form></div></div>""")
    assert rows(markup) == [
        ("170", None, "Ulla", "Schöner Plan!"),
        ("171", None, "Vera", "Schlechter Plan!"),
    ]
    assert times(markup) == ["2012-12-12T00:00:00", "2012-12-13T00:00:00"]


def test_dotclear() -> None:
    markup = page("""
<div id="comments"><h3>Commentaires</h3><dl>
<dt id="c1201" class="first odd"><a href="#c1201" class="comment-number">1.</a> Le 3 mars 2011, 09:12 par <a href="http://w.example" rel="nofollow">Walid</a></dt>
<dd class="first odd"><p>Et le bus ?</p></dd>
<dt id="c1202"><a href="#c1202" class="comment-number">2.</a> Le 3 mars 2011, 10:00 par Xavier</dt>
<dd><p>Le bus reste.</p></dd></dl></div>""")
    assert rows(markup) == [
        ("1201", None, "Walid", "Et le bus ?"),
        ("1202", None, "Xavier", "Le bus reste."),
    ]
    assert times(markup) == ["2011-03-03T09:12:00", "2011-03-03T10:00:00"]


def test_spip() -> None:
    markup = page("""
<a href="#forum" name="forum" id="forum"></a><h2>Messages</h2><ul class="forum">
<li class="forum-fil" id="comment31"><div class="forum-message"><div class="forum-chapo">
 <strong class="forum-titre"><a href="#forum31" name="forum31" id="forum31">Quel tram ?</a></strong>
 <small>5 mars 2012, <span>par <span class="vcard"><span class="fn">Yann</span></span></span></small></div>
 <div class="forum-texte"><p>On attend depuis vingt ans.</p><p class="forum-repondre-message"><a href="#">Répondre à ce message</a></p></div></div>
 <ul><li class="forum-fil" id="comment32"><div class="forum-message"><div class="forum-chapo">
 <strong class="forum-titre"><a id="forum32">Quel tram ?</a></strong><small>6 mars 2012, <span>par <span class="fn">Zoé</span></span></small></div>
 <div class="forum-texte"><p>Trente !</p></div></div></li></ul></li></ul>""")
    got = rows(markup)
    assert [(r[1], r[2]) for r in got] == [(None, "Yann"), (got[0][0], "Zoé")]
    assert got[0][3] == "Quel tram ?¶On attend depuis vingt ans."
    assert times(markup) == ["2012-03-05T00:00:00", "2012-03-06T00:00:00"]


def test_jcomments_tree() -> None:
    markup = page("""
<div id="jc"><div id="comments"><h4>Comments</h4><div class="comments-list" id="comments-list-0">
<div class="even" id="comment-item-5"><div class="rbox"><div class="comment-box">
 <a class="comment-anchor" href="#comment-5" id="comment-5">#1</a> <span class="comment-author">Abel</span>
 <span class="comment-date">2012-05-01 10:11</span>
 <div class="comment-body" id="comment-body-5">Good morning, tram.</div>
 <span class="comments-buttons"><a href="#">Quote</a></span></div></div></div>
<div class="comments-list" id="comments-list-5">
<div class="odd" id="comment-item-6"><div class="comment-box"><span class="comment-author">Bea</span> <span class="comment-date">2012-05-01 11:00</span>
 <div class="comment-body" id="comment-body-6">Good night, bus.</div></div></div></div>
</div><div id="comments-list-footer"><a class="rss" href="#">RSS feed for comments to this post</a></div></div></div>""")
    assert rows(markup) == [
        ("5", None, "Abel", "Good morning, tram."),
        ("6", "5", "Bea", "Good night, bus."),
    ]
    assert times(markup) == ["2012-05-01T10:11:00", "2012-05-01T11:00:00"]


def test_komento() -> None:
    markup = page("""
<div id="section-kmt"><h6>Comments (2)</h6><ul class="kmt-list reset-child">
<li id="kmt-1" class="kmt-item kmt-1 kmt-child-0" parentid="kmt-0" depth="0" itemscope itemtype="http://schema.org/Comment">
<div class="kmt-wrap"><div class="kmt-content"><div class="kmt-head"><span class="kmt-author" itemprop="creator" itemscope><span itemprop="name">Cleo</span></span>
<span class="kmt-time"><a href="#kmt-1">Monday, 07 May 2012</a></span></div><div class="kmt-body"><span class="commentText" itemprop="text">Is it free on Sundays?</span></div></div></div></li>
<li id="kmt-2" class="kmt-item kmt-2 kmt-child-1" parentid="kmt-1" depth="1" itemscope itemtype="http://schema.org/Comment">
<div class="kmt-wrap"><span class="kmt-author" itemprop="creator" itemscope><span itemprop="name">Dean</span></span>
<span class="kmt-time"><a href="#kmt-2">Tuesday, 08 May 2012</a></span><div class="kmt-body"><span class="commentText" itemprop="text">Never.</span></div></div></li></ul></div>""")
    assert rows(markup) == [
        ("1", None, "Cleo", "Is it free on Sundays?"),
        ("2", "1", "Dean", "Never."),
    ]


def test_k2_and_weebly_and_b2evolution() -> None:
    k2 = page("""
<div class="itemComments"><h3 class="itemCommentsCounter"><span>1</span> comment</h3><ul class="itemCommentsList">
<li class="even"><span class="commentLink"><a href="#comment9" name="comment9" id="comment9">Comment Link</a></span><img>
<span class="commentDate">Wednesday, 18 March 2015 14:17</span><span class="commentAuthorName">posted by <a href="http://eli.example">Eli</a></span>
<p>Fares please.</p></li></ul></div>""")
    assert [row[2:] for row in rows(k2)] == [("Eli", "Fares please.")]
    weebly = page("""
<div class="blogCommentSectionWrap"><div class="blogCommentWrap" id="comment-1"><div class="blogCommentHeading"><div class="blogCommentAuthor"><span class="name">Fay</span></div>
<div class="blogCommentDate">3/14/2014 05:00:12 am</div></div><div class="blogCommentText"><p>Bells, please.</p></div></div></div>""")
    assert [row[2:] for row in rows(weebly)] == [("Fay", "Bells, please.")]
    evolution = page("""
<div class="bComments"><h4>1 comment</h4><div class="bComment" id="c77"><div class="bCommentTitle">Comment from: Gus [Visitor]</div>
<div class="bCommentText">More trees.</div><div class="bCommentSmallPrint">12/31/09 @ 10:15</div></div></div>""")
    assert [row[3] for row in rows(evolution)] == ["More trees."]


def test_typo3_extension() -> None:
    markup = page("""
<div class="tx-comments-pi1"><div class="tx-comments-comments-list">
<div class="tx-comments-comment tx-comments-comment-even" id="tx-comments-comment-3"><div class="tx-comments-comment-header">
<span class="tx-comments-comment-name">Heidi</span> <span class="tx-comments-comment-date">05.06.2013 17:40</span></div>
<div class="tx-comments-comment-content">Wo ist der Fahrplan?</div></div></div></div>""")
    assert [row[2:] for row in rows(markup)] == [("Heidi", "Wo ist der Fahrplan?")]
    assert times(markup) == ["2013-06-05T17:40:00"]


def test_squarespace() -> None:
    markup = page(
        """
<div class="squarespace-comments"><div class="comments-header"><span>2 Comments</span></div><div class="comment-list">
<div id="comment-5f01a2b3c4d5e6f708192a3b" class="comment"><div class="comment-header"><span class="author">Ida</span><span class="comment-date">3 years ago</span></div>
<div class="comment-body"><p>Love the photographs of the hill.</p></div></div>
<div id="comment-5f01a2b3c4d5e6f708192a3c" class="comment"><div class="comment-header"><span class="author">Jan</span></div>
<div class="comment-body"><p>So do I.</p></div></div></div></div>""",
        head="<script src='https://static1.squarespace.com/x.js'></script>",
    )
    assert [row[2:] for row in rows(markup)] == [
        ("Ida", "Love the photographs of the hill."),
        ("Jan", "So do I."),
    ]
    parsed = parse_html(markup)
    assert parsed.comments[0].created_at is None
    assert "times_not_exact" in {w.code for w in parsed.warnings}


def test_substack() -> None:
    markup = page(
        """
<div id="comments-for-scroll"><div class="comment-list"><div class="comment-list-items">
<div class="comment"><div id="comment-8801" class="comment-anchor"></div><table class="comment-content"><tr><td class="comment-head"><img></td>
<td class="comment-rest"><div class="comment-meta"><span class="commenter-name"><span class="account-hover-wrapper"><a href="https://sub.example/profile/1-kai">Kai</a></span></span>
<span class="comment-publish-date"><a title="Mar 2, 2022, 3:04 PM" href="/p/tram/comment/8801">Mar 2, 2022</a></span></div>
<div class="comment-body"><p>I wrote to the mayor.</p></div><div class="comment-actions"><span><a>Reply</a></span></div></td></tr></table></div>
</div></div></div>""",
        head="<link href='https://substackcdn.com/x.css'>",
    )
    assert [row[2:] for row in rows(markup)] == [("Kai", "I wrote to the mayor.")]
