"""HTML bodies as text."""

from __future__ import annotations

import time

import pytest

from toolkit.text.html_text import html_to_text


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("plain  words\nhere", "plain words here"),
        ("<p>One <b>two</b></p><p>three</p>", "One two\n\nthree"),
        ("I agree.<p>It&#x27;s <i>so</i>.<p>Really.", "I agree.\n\nIt's so.\n\nReally."),
        ("a<br>b<br/>c<BR />d", "a\nb\nc\nd"),
        ("a<br><br>b", "a\n\nb"),
        ("<ul><li>a</li><li>b</li></ul>c", "a\nb\n\nc"),
        ("<blockquote><p>said</p></blockquote><p>no</p>", "said\n\nno"),
        ("<pre>x\n  y</pre>", "x\n  y"),
        ("1 &lt; 2 &amp;&amp; x &gt; y", "1 < 2 && x > y"),
        ("5 < 6, I <3 you, a <b", "5 < 6, I <3 you, a <b"),
        ('<a href="https://x.example/?a=1>2">the link</a>', "the link"),
        ('<img src="s.png" alt=":smile:"> <img alt=x><img>', ":smile: x"),
        ("a<script>alert('<p>')</script>b<style>p{}</style>c", "abc"),
        ("a<!-- <p>hidden</p> -->b<!-- never closed", "ab"),
        ("<svg><text>no</text></svg>yes<template>no", "yes"),
        ('<p><span class="h-card">@<span>ann</span></span> hi</p>', "@ann hi"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ('<a title="unbalanced>x</a>y', "xy"),
        ("<p> </p><div></div>", ""),
        ("", ""),
        ("e\u0301 <b>\x00\x07x</b>", "\u00e9 x"),
    ],
)
def test_html(markup: str, expected: str) -> None:
    assert html_to_text(markup) == expected


def test_line_ends_of_the_source_count_where_they_should() -> None:
    body = "One\ntwo\r\n\r\n<em>three</em>"
    assert html_to_text(body) == "One two three"
    assert html_to_text(body, keep_newlines=True) == "One\ntwo\n\nthree"


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 100_000 + "x" + "</div>" * 100_000,
        '<a "' * 50_000,
        '<a "' * 50_000 + ">",
        "<!--" * 50_000,
        "<!-- > " * 30_000,
        "<" * 200_000,
        "<svg>" * 50_000,
        "<script>" * 50_000,
        "</" * 100_000 + ">",
        "&" * 200_000,
        "<img alt=" * 20_000 + ">",
    ],
)
def test_hostile_markup_takes_linear_time(markup: str) -> None:
    began = time.process_time()
    html_to_text(markup)
    assert time.process_time() - began < 5
