"""Markup to readable text."""

from __future__ import annotations

import pytest

from toolkit.parsing.html.text import readable
from toolkit.parsing.html.tree import flatten, parse_markup


def text(markup: str) -> str:
    return readable(parse_markup(markup))


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>One <b>w</b>ord.</p><p>Two.</p>", "One word.\n\nTwo."),
        ("a<br>b<br><br>c", "a\nb\n\nc"),
        ("<div>a</div><div>b</div>", "a\nb"),
        ("<blockquote><p>q1</p><p>q2</p></blockquote>after", "> q1\n>\n> q2\n\nafter"),
        ("<blockquote>a<blockquote>b</blockquote></blockquote>", "> a\n>\n> > b"),
        ("<blockquote><cite>Ann wrote:</cite>hm</blockquote>", "> Ann wrote:\n> hm"),
        ("<pre>def f():\n    return 1\n\n\nx</pre>", "def f():\n    return 1\n\nx"),
        ("use <code>x = 1</code> here", "use x = 1 here"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ("<ol start=3><li>a</li><li>b</li></ol>", "3. a\n4. b"),
        ("<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>", "1 2\n3"),
        (
            "see <a href='https://x.example/long/path'>https://x.example/lo…</a>!",
            "see https://x.example/long/path!",
        ),
        ("see <a href='https://x.example/p'>this page</a>.", "see this page."),
        ("<a href='https://evil.example/'>https://x.example/lo…</a>", "https://x.example/lo…"),
        ("ha <img class='wp-smiley' alt=':-)'> <img src='/emoji/1f600.png' alt='😀'>", "ha :-) 😀"),
        ("<img src='cat.jpg' alt='A cat'>x", "x"),
        ("a<script>alert(1)</script>b<style>p{}</style><!-- c -->", "ab"),
        ("a <span class='screen-reader-text'>hidden</span>b", "a b"),
        ("<p>caf\u0065\u0301</p>", "café"),
        ("<p>a\u00a0b\u2003c</p>", "a b c"),
        ("&lt;b&gt; &amp; &eacute;", "<b> & é"),
        ("<form><textarea>type</textarea></form>x", "x"),
        ("<form class='usertext'><p>said</p></form>", "said"),
        ("", ""),
        ("only text", "only text"),
    ],
)
def test_readable(markup: str, expected: str) -> None:
    assert text(markup) == expected


def test_right_to_left_text_stays_as_it_is() -> None:
    said = "این متن فارسی است، با نیم‌فاصله."
    assert text(f"<p dir=rtl>{said}</p>") == said


def test_control_characters_and_surrogates_do_not_survive() -> None:
    assert text("<p>a\x00b\x08c\ud800d\ufffee</p>").replace("?", "") == "abcde"


@pytest.mark.parametrize("tag", ["div", "b", "font", "blockquote", "table><tr><td"])
def test_deep_nesting_loses_no_text(tag: str) -> None:
    markup = "before" + f"<{tag}>word " * 2_000 + "after"
    said = text(markup).replace(">", " ").split()
    assert said[0] == "before" or said[0] == "beforeword"
    assert said[-1] == "after"
    assert len(said) >= 2_000


def test_flatten_keeps_shallow_markup_as_it_is() -> None:
    markup = "<div><p class='a'>x</p><br><img src=y></div>"
    assert flatten(markup) == markup


def test_flatten_drops_scripts_but_not_data() -> None:
    flat = flatten("<script>x()</script><script type='application/ld+json'>{}</script>")
    assert "x()" not in flat
    assert "ld+json" in flat
