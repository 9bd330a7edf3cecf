"""Whatever a comment holds, the report is whole and says it.

Each case is one hostile text as comment, author and title at once. The PDF
must open, conform, keep every drawable letter in its order, and stay inside
its margins.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import unicodedata
from collections import Counter
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import polars as pl
import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from toolkit.records import Comment
from toolkit.reporting import (
    write_article_report,
    write_comparison_report,
    write_corpus_report,
)
from toolkit.reporting.data import read_thread
from toolkit.reporting.document import build
from toolkit.reporting.escape import Span, display
from toolkit.reporting.findings import find
from toolkit.reporting.press import Press

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "reporting"))

from corpus_samples import corpus, corpus_frame
from reporting_pdf import logical_text
from reporting_samples import report_data, single

ZALGO = "".join(letter + "\u0301\u0316\u0335\u0489" * 12 for letter in "zalgo comes")
FLAG = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"

needs_poppler = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="poppler's pdftotext is not here"
)

INDIC = re.compile(r"[\u0900-\u0dff\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff]").search
STACKED = regex.compile(r"\p{M}{2}").search

#: name -> text
CASES = {
    # Markup of typst: nothing of it may run.
    "typst code": '#panic("no") #{ let x = 1 } #eval("1") #sys.inputs',
    "typst read": '#read("data.json") #image("../../../etc/passwd") #include "/etc/passwd"',
    "typst import": '#import "style.typ": * #show: it => none #set page(width: 1pt)',
    "typst math": "$ integral_0^1 x dif x $ and $x$",
    "typst heading": "= A heading\n== Another\n/ Term: definition\n+ one\n- two",
    "typst label": "<comment-1> @comment-1 #link(<comment-2>)[x] #ref(<x>)",
    "typst raw": "``` #panic() ``` and `code`",
    "typst emphasis": "*bold* _italic_ ~ -- --- ... 'quotes' \"double\"",
    "typst escapes": r"\u{1F600} \# \$ \\ \n \* \ ",
    "typst comment": "// gone? /* gone? */ https://example.org//double",
    "typst brackets": "]]]] }}}} )))) [[[[ {{{{ ((((",
    "typst loop": "#while true { } #for i in range(999999999) [x]",
    "json break": '"},{"text":"x"}],"comments":null,"x":"\\',
    # Markup of other systems.
    "latex": r"\input{/etc/passwd} \write18{ls} \end{document} \def\x{\x}\x % gone?",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)> &lt;b&gt;",
    "svg": '<svg onload="x"><text>y</text></svg><!-- gone? -->',
    "postscript": "(%!PS) quit %%EOF stream endstream endobj trailer <</Root 1 0 R>>",
    "pdf string": r"/JavaScript (app.alert\(1\)) /Launch /URI (file:///etc/passwd)",
    "template": "{{ 7*7 }} ${7*7} <%= 7 %> {% raw %} %s %(x)s {0} {x!r}",
    "shell": "$(rm -rf /) `id` ; | && > /dev/null",
    "path": "../../../../etc/passwd C:\\Windows\\System32 \\\\server\\share",
    "mathtext": r"$\frac{1}{0}$ $\alpha \undefined{ $ $",
    # Direction.
    "rlo": "this \u202esdrawkcab si\u202c text",
    "unclosed rlo": "\u202e" * 3 + "never closed",
    "isolates": "\u2067abc\u2066def\u2068ghi\u2069\u2069\u2069",
    "many overrides": "a\u202eb\u202dc\u202b" * 120,
    "nested embeddings": "\u202a" * 130 + "deep" + "\u202c" * 130,
    "deprecated marks": "a\u206ab\u206bc\u206cd\u206de\u206ef\u206f",
    "marks of direction": "\u200e\u200fabc\u061cdef\u200e",
    "mixed": "שלום hello سلام 123 ۱۲۳ (متن) [טקסט] done",
    "arabic with latin": "نویسنده Pim de Graaf می‌گوید «so-called» 12%",
    # What takes no room, and what takes too much.
    "zero width flood": "in" + "\u200b" * 5000 + "visible",
    "joiner flood": "a" + "\u200d\u200c" * 2000 + "b",
    "soft hyphens": "in\u00advis\u00adi\u00adble " + "\u00ad" * 500,
    "variation flood": "x" + "\ufe0f" * 300 + "y",
    "tag flood": "x" + "".join(chr(0xE0020 + n % 95) for n in range(400)) + "y",
    "byte order marks": "\ufeffstart mid\ufeffdle end\ufeff",
    "hangul fillers": "a\u3164\u3164\u115f\u1160b" + "\u3164" * 50,
    "zalgo": ZALGO,
    "combining first": "\u0301\u0302 leads with marks",
    "combining flood": "a" + "\u0300" * 3000 + "b",
    "enclosing": "a\u20dd b\u20e0 1\ufe0f\u20e3 c\u0488",
    "long word": "x" * 10_000,
    "long wide word": "W" * 3_000,
    "long arabic word": "سمکلنبت" * 300,
    "long emoji": "😀" * 800,
    "long han": "漢字仮名" * 400,
    "long url": "https://example.org/" + "a/very-long_path?x=1&y=" * 120,
    "wide ligatures": "\ufdfd" * 60 + "\ufdfa" * 40,
    "no spaces": "a.b,c;d:e!f?" * 300,
    "spaces": "left" + " " * 3000 + "right",
    "no-break spaces": "left" + "\u00a0" * 800 + "right",
    "odd spaces": "a\u2003b\u3000c\u1680d\u202fe\u205ff\u2028g\u2029h\u0085i",
    "line flood": "top" + "\n" * 4000 + "bottom",
    "line ends": "a\r\nb\rc\x0bd\x0ce\n\r\n\rf",
    "many lines": "\n".join(f"line {n}" for n in range(400)),
    "tabs": "a\tb\t\t\tc" + "\t" * 40,
    # Characters that are none, or that no font has.
    "controls": "".join(map(chr, [*range(32), *range(0x7F, 0xA0)])) + " end",
    "null": "before\x00after",
    "surrogates": "lone \ud83d and \udc00 halves",
    "non-characters": "a\ufffeb\uffffc\ufdd0d\U0001ffffe",
    "private use": "a\ue000b\uf8ffc\U000f0000d",
    "cuneiform": "a \U00012000\U00012001\U00012002\U00012003\U00012004 b",
    "hieroglyph": "one \U00013000 two",
    "unassigned": "a\u0378b\u0379c\U0001f9ffd\u2fe0e",
    "mark without font": "x\U0001e8d0y q\u1ad6",
    "replacement": "\ufffd\ufffc\ufff9\ufffa\ufffb",
    # Scripts of the world and their hard cases.
    "emoji": f"👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇩🇪🇫🇷🇺 {FLAG} ❤️ ☺︎ 1️⃣ #️⃣",
    "indic": "क्षत्रिय श्री కృష్ణ தமிழ் বাংলা മലയാളം ਪੰਜਾਬੀ සිංහල ଓଡ଼ିଆ",
    "broken indic": "ि ् क् \u093f\u094d \u0bc6 \u200dक\u200d",
    "south east asia": "ภาษาไทยเขียนติดกัน ລາວ မြန်မာဘာသာ ភាសាខ្មែរ",
    "cjk": "中文、日本語のテキスト。한국어 텍스트 ㈱ ｆｕｌｌ　ｗｉｄｔｈ",
    "conjoining jamo": "\u1112\u1161\u11ab\u1100\u1173\u11af",
    "caucasus": "ქართული ენა հայերեն ⴰⵎⴰⵣⵉⵖ Ꮳꮃꭹ",
    "ethiopic": "አማርኛ ትግርኛ",
    "mathematics": "𝕳𝖊𝖑𝖑𝖔 𝓦𝓸𝓻𝓵𝓭 𝚖𝚘𝚗𝚘 ∑∫√∞≠≤ ⅓ ①②③ ⏳ ⌘",
    "vietnamese": "Tiếng Việt: ắ ằ ẳ ẵ ặ — ê\u0302\u0323",
    "turkish": "İstanbul'da ığdır ŞİŞLİ",
    "only white": " \n\t \u00a0 ",
    "only marks": "\u0300\u0301\u0302",
    "one letter": "a",
    "punctuation": "!!!???...,,,;;;---***###@@@%%%^^^&&&(((",
}


def pdf_of(comments: list[Comment], **rest: object) -> bytes:
    """The PDF alone, without figures or results: what hostile text can reach."""
    data = report_data(comments, only=[], thesis=False, **rest)  # type: ignore[arg-type]
    body = build(data, read_thread(data), [], [], mask_slurs=False)
    with Press(body, {}) as press:
        return press.pdf()


def letters(text: str) -> str:
    """Letters and digits alone, in compatibility form: what extraction must give back."""
    text = unicodedata.normalize("NFKC", text)
    return "".join(letter for letter in text if unicodedata.category(letter)[0] in "LN")


def said(text: str) -> str:
    """What the page shows of ``text``: chips and replacements in place."""
    return "\n".join("".join(run.text for run in p.runs) for p in display(text))


@pytest.mark.parametrize("name", CASES)
def test_hostile_text_gives_a_whole_pdf(name: str) -> None:
    text = CASES[name]
    # A table cannot hold half a character; a title that a page gave can.
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    content = pdf_of(single(whole, author_name=whole[:200]), title=text[:300])
    root = PdfReader(BytesIO(content)).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    shown, read = letters(said(text)), letters(logical_text(content))
    # Scripts that run from right to left are written in the order of the eye,
    # Indic vowels stand before their consonant, and a stack of marks repeats its
    # letter: there nothing may be lost, and order is not the page's to give.
    right_to_left = any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in shown)
    if right_to_left or INDIC(shown) or STACKED(text):
        assert not Counter(shown) - Counter(read)
    else:
        assert shown in read


@needs_poppler
@pytest.mark.parametrize(
    "name",
    ["long word", "long wide word", "long url", "long emoji", "long han", "wide ligatures",
     "no spaces", "spaces", "no-break spaces", "many overrides", "long arabic word"],
)  # fmt: skip
def test_nothing_leaves_the_margins(name: str, tmp_path: Path) -> None:
    file = tmp_path / "report.pdf"
    text = CASES[name]
    file.write_bytes(pdf_of(single(text, author_name=text[:200]), title=text[:300]))
    boxes = subprocess.run(
        ["pdftotext", "-bbox", str(file), "-"], capture_output=True, check=True
    ).stdout.decode("utf-8", "replace")
    right = [float(value) for value in re.findall(r'<word [^>]*xMax="([\d.]+)"', boxes)]
    assert right
    # A4 is 595.3 points wide; the margin is 20 mm, that is 56.7 points.
    assert max(right) < 595.3 - 56.7 + 3


@needs_poppler
def test_five_hundred_nested_replies(tmp_path: Path) -> None:
    comments = [
        Comment(
            comment_id=f"c{n}",
            article_id="a1",
            parent_id=f"c{n - 1}" if n else None,
            author_name=f"Writer {n}",
            text=f"Reply number {n}.",
            depth=n,
            position=n,
        )
        for n in range(500)
    ]
    file = tmp_path / "report.pdf"
    file.write_bytes(pdf_of(comments))
    text = subprocess.run(
        ["pdftotext", "-layout", str(file), "-"], capture_output=True, check=True
    ).stdout.decode()
    found = [int(number) for number in re.findall(r"Reply number (\d+)\.", text)]
    # Once in the tree and once in full, each time in the order of the page.
    assert found == [*range(500), *range(500)]


def test_replies_in_a_circle_and_to_nobody() -> None:
    comments = [
        Comment(comment_id="a", article_id="x", parent_id="b", text="First.", position=0),
        Comment(comment_id="b", article_id="x", parent_id="c", text="Second.", position=1),
        Comment(comment_id="c", article_id="x", parent_id="a", text="Third.", position=2),
        Comment(comment_id="d", article_id="x", parent_id="nobody", text="Fourth.", position=3),
        Comment(comment_id="e", article_id="x", parent_id="e", text="Fifth.", position=4),
        Comment(comment_id="e", article_id="x", parent_id="e", text="Doubled.", position=5),
    ]
    text = logical_text(pdf_of(comments))
    for word in ("First.", "Second.", "Third.", "Fourth.", "Fifth.", "Doubled."):
        assert text.count(word) == 2


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "file:///etc/passwd", "https://", "http://exa mple.org", "//x.org",
     "https://example.org/\x00", "data:text/html,x", "https://[::1", "h" * 5000],
)  # fmt: skip
def test_only_web_addresses_become_links(url: str) -> None:
    content = pdf_of(single("Hello."), url=url)
    assert b"/URI" not in content


def test_a_hostile_name_stays_in_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    data = report_data(single("Hello."), only=[])
    for name in ("../../escape", "/etc/passwd", "..", "", ".hidden", "a\x00b", "n" * 900, "ø/✓"):
        for path in write_article_report(data, folder, name=name, outputs=frozenset({"json"})):
            assert path.parent == folder
            assert not path.name.startswith(".")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=300),
    st.lists(st.tuples(st.integers(0, 320), st.integers(0, 320)), max_size=12),
)
def test_display_loses_no_letter_and_never_fails(text: str, edges: list[tuple[int, int]]) -> None:
    spans = [Span(min(edge), max(edge), f"m{n}") for n, edge in enumerate(edges)]
    plain = display(text)
    marked = display(text, spans)
    assert "".join(r.text for p in plain for r in p.runs) == "".join(
        r.text for p in marked for r in p.runs
    )
    for paragraph in marked:
        for run in paragraph.runs:
            assert run.text
            assert not set(run.text) & set("\n\r\u202e\u202d\x00\ufeff")
    kept = "".join(r.text for p in plain for r in p.runs if r.kind == "text")
    latin = [letter for letter in text if letter.isascii() and letter.isalnum()]
    assert [letter for letter in kept if letter.isascii() and letter.isalnum()] == latin


@settings(max_examples=12, deadline=None)
@given(st.lists(st.text(max_size=200), min_size=1, max_size=12))
def test_any_texts_can_be_set(texts: list[str]) -> None:
    comments = [
        Comment(comment_id=f"c{n}", article_id="a", text=text, author_name=text[:40], position=n)
        for n, text in enumerate(texts)
    ]
    assert pdf_of(comments, title=texts[0]).startswith(b"%PDF-")


def test_what_lexicons_and_plug_ins_say_is_text_too() -> None:
    evil = "#panic() \u202e \U00013000 \x07 $x_ " + "w" * 60
    data = report_data(single("They are clowns, and I say so to all of them, perhaps."))
    frame = data.comments.with_columns(source_status=pl.lit(evil), language__tag=pl.lit(evil))
    metrics = {
        name: replace(metric, description=f"Markers of {evil}: {evil}")
        for name, metric in data.metrics.items()
    }
    manifest = {evil: evil, **data.manifest}
    data = replace(data, comments=frame, metrics=metrics, manifest=manifest)
    thread = read_thread(data)
    body = build(data, thread, find(data, thread), [], mask_slurs=True)
    with Press(body, {}) as press:
        text = logical_text(press.pdf())
    assert "#panic()" in text
    assert "‹RLO›" in text


@pytest.mark.parametrize("part", range(4))
def test_a_corpus_of_hostile_texts_gives_a_whole_report(part: int, tmp_path: Path) -> None:
    """Every case as text, author, claim and id at once; the quoted comments are there in order."""
    texts = [text.encode("utf-8", "replace").decode() for text in CASES.values()][part::4]
    rows = 18 * len(texts)
    own = [texts[n % len(texts)] for n in range(rows)]
    frame = corpus_frame(rows, articles=4).with_columns(
        pl.Series("text", own),
        pl.Series("author_name", own),
        pl.Series("thesis", own),
        pl.Series("article_id", own),
        # One thread an article, so that each has enough comments to be listed.
        pl.Series("parent_id", [f"c{n % len(texts)}" if n >= len(texts) else None
                                for n in range(rows)]),
    )  # fmt: skip
    data = corpus(frame, name=texts[0], notes=tuple(texts), manifest={"input": texts[-1]})
    [path] = write_corpus_report(
        data, tmp_path, name=f"../{texts[0]}", outputs=frozenset({"pdf"}), mask_slurs=False
    )
    assert path.parent == tmp_path
    content = path.read_bytes()
    said = letters(logical_text(content))
    assert len(PdfReader(BytesIO(content)).pages) >= 4
    assert letters("What the scores mean here") in said
    assert letters("Every number") in said


def test_a_comparison_of_hostile_names_gives_a_whole_report(tmp_path: Path) -> None:
    texts = [text.encode("utf-8", "replace").decode() for text in CASES.values()]
    frame = corpus_frame(60)
    for name in (" ".join(text[:40] for text in texts[:30]), texts[0]):
        first = corpus(frame, name=name, notes=tuple(texts), versions={"toxicity": name})
        second = corpus(frame, name=texts[1], versions={"toxicity": texts[2]})
        [path] = write_comparison_report(
            first, second, tmp_path, name=name, outputs=frozenset({"pdf"})
        )
        assert path.parent == tmp_path
        assert letters("Every number") in letters(logical_text(path.read_bytes()))
