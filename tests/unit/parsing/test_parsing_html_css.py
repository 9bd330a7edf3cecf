"""Selectors find, by way of the index, what they match; nothing less."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

import toolkit.parsing.html.repetition as repetition
from toolkit.parsing.html import parse_html
from toolkit.parsing.html.css import ElementIndex, PageIndex, compile_selector
from toolkit.parsing.html.fields import glance
from toolkit.parsing.html.nodes import Item
from toolkit.parsing.html.rules import Selector, rules
from toolkit.parsing.html.tree import parse_markup
from toolkit.parsing.html.words import Context
from toolkit.parsing.thread import Draft

PAGE = """<body class="page has-list"><ul class="list top" id="list-1">
<li class="comment even"><b class="author">Ann</b></li><li class="comment odd ping"><b>Bob</b></li>
<li><span class="author">Cleo</span></li></ul><p id="list-2" class=" comment">x</p></body>"""


@pytest.mark.parametrize(
    ("css", "found"),
    [
        ("li.comment", 2),
        (".comment.odd", 1),
        (".list > li", 3),
        (".missing .author", 0),
        (".list .author", 2),
        ("li:not(.ping)", 2),
        ("li:not(.missing)", 3),
        (".list li.comment:not(.ping) .author", 1),
        ("[id^='list-']", 2),
        ("p[id^='list-']", 1),
        ("#list-1 .comment", 2),
        ("#list-2 + p", 0),
        ("[class*='omm']", 3),
        ("[class$='ping']", 1),
        ("[class^='com']", 2),
        ("[class='comment']", 0),
        ("[class~='has-list'] b", 2),
        ("[class*='list top']", 1),
    ],
)
def test_selectors(css: str, found: int) -> None:
    index = PageIndex(parse_markup(PAGE))
    assert len(list(compile_selector(css).find(index))) == found


def test_the_index_hides_no_element(seeds: Path) -> None:
    selectors = {
        simple
        for platform in rules().platforms
        for field in fields(platform)
        if isinstance(value := getattr(platform, field.name), Selector)
        for simple in value.alternatives
    }
    assert len(selectors) > 300
    for page in sorted(seeds.glob("*.html"))[::2]:
        index = PageIndex(parse_markup(page.read_text(encoding="utf-8", errors="replace")))
        part = ElementIndex(index.everything[len(index.everything) // 2 :])
        for simple in selectors:
            matching = [element for element in index.everything if simple.test(element)]
            assert list(simple.find(index)) == matching
            assert [e for e in part.elements if e in set(matching)] == list(simple.find(part))


def test_tables_in_tables_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = 0

    def counted(item: Item, context: Context) -> Draft:
        nonlocal looked
        looked += len(item.nodes)
        return glance(item, context)

    monkeypatch.setattr(repetition, "glance", counted)
    rows = "<table><tr><td>3.4.2012 <b>x</b></td></tr><tr><td>10:11</td></tr><tr><td>2012<p>a</p>"
    page = "<h1>The ferry</h1><p>It fails every winter.</p><h2>3 comments</h2>" + 45 * rows
    elements = len(list(parse_markup(page).iter()))
    parse_html(page)
    assert 0 < looked < 3 * elements
