from __future__ import annotations

import re
import shutil
import subprocess
import sys
import unicodedata
from collections import Counter
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
from pypdf import PdfReader
from pypdf.generic import IndirectObject
from reporting_pdf import elements, logical_text
from reporting_samples import persian, report_data, single, thread

from toolkit.errors import InternalError
from toolkit.records import Comment
from toolkit.reporting import ReportData, escape, output, write_article_report
from toolkit.reporting.data import read_thread
from toolkit.reporting.document import build
from toolkit.reporting.press import MissingGlyphError, _undrawn


def pdf(data: ReportData, folder: Path, *, mask_slurs: bool = False) -> bytes:
    [path] = write_article_report(
        data, folder, name="r", outputs=frozenset({"pdf"}), mask_slurs=mask_slurs
    )
    return path.read_bytes()


@pytest.fixture(scope="module")
def fourteen(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return pdf(report_data(thread(14)), tmp_path_factory.mktemp("report"))


def squeezed(text: str) -> str:
    """Without white space and soft breaks, in composed form."""
    return unicodedata.normalize("NFC", re.sub(r"[\s\u200b]+", "", text))


# Accessibility and archiving ------------------------------------------------


def test_it_says_that_it_is_ua_1_and_a_2a(fourteen: bytes) -> None:
    metadata = PdfReader(BytesIO(fourteen)).trailer["/Root"]["/Metadata"].get_object().get_data()
    text = metadata.decode()
    assert re.search(r"pdfuaid:part(>|=\")1", text)
    assert re.search(r"pdfaid:part(>|=\")2", text)
    assert re.search(r"pdfaid:conformance(>|=\")A", text)
    assert "harbour of Vellmar" in text


def test_a_checker_of_pdf_ua_finds_nothing(fourteen: bytes, tmp_path: Path) -> None:
    """outloud's rules for PDF/UA-1; a process of its own, since it brings a PDF library along."""
    files = {
        "fourteen": fourteen,
        "single": pdf(report_data(single("This is nothing more than a gift.")), tmp_path),
        "none": pdf(report_data([]), tmp_path),
        "persian": pdf(report_data(persian(), title="بندر ولمار باید بسته بماند"), tmp_path),
    }
    paths = []
    for name, content in files.items():
        paths.append(tmp_path / f"{name}.pdf")
        paths[-1].write_bytes(content)
    command = [sys.executable, "-m", "outloud.cli", "--layer", "conformance", "--quiet"]
    run = subprocess.run(
        [*command, "--fail-on", "warning", *map(str, paths)], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.lower().count("pass") >= 4


def test_catalog_is_marked_titled_and_in_a_language(fourteen: bytes) -> None:
    root = PdfReader(BytesIO(fourteen)).trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert root["/OutputIntents"]
    info = PdfReader(BytesIO(fourteen)).metadata
    assert info is not None
    assert (
        info.title == "The harbour of Vellmar should stay closed to cruise ships – comment report"
    )


def test_every_font_is_embedded_with_its_letters(fourteen: bytes) -> None:
    fonts = 0
    for page in PdfReader(BytesIO(fourteen)).pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            font = font.get_object()
            fonts += 1
            assert "/ToUnicode" in font
            descriptor = font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()
            assert {"/FontFile2", "/FontFile3"} & set(descriptor)
    assert fonts


def test_structure_holds_what_a_reader_needs(fourteen: bytes) -> None:
    kinds = Counter(str(element["/S"]) for element in elements(fourteen))
    assert kinds["/Document"] == 1
    assert kinds["/H1"] >= 6
    assert kinds["/H2"] >= 14
    assert kinds["/Figure"] >= 6
    assert kinds["/Table"] >= 4
    assert kinds["/TH"] >= 8
    assert kinds["/Link"] >= 14
    # Headings go down one level at a time.
    levels = [int(str(e["/S"])[2]) for e in elements(fourteen) if re.match(r"/H\d", str(e["/S"]))]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_every_figure_has_words_in_its_place(fourteen: bytes) -> None:
    found = [e for e in elements(fourteen) if e["/S"] == "/Figure"]
    images = [e for e in found if "/Alt" in e]
    assert len(images) == 6
    assert any("Scatter of 13 comments" in e["/Alt"] for e in images)


def test_table_headers_have_a_scope(fourteen: bytes) -> None:
    headers = [e for e in elements(fourteen) if e["/S"] == "/TH"]
    for header in headers:
        attributes = header["/A"]
        entries = attributes if isinstance(attributes, list) else [attributes]
        entries = [e.get_object() if isinstance(e, IndirectObject) else e for e in entries]
        assert any(e.get("/Scope") for e in entries)


def test_everything_on_a_page_is_tagged_or_an_artifact(fourteen: bytes) -> None:
    from pypdf.generic import ContentStream

    reader = PdfReader(BytesIO(fourteen))
    for page in reader.pages:
        assert page["/Tabs"] == "/S"
        depth = 0
        for operands, operator in ContentStream(page.get_contents(), reader).operations:
            if operator in (b"BDC", b"BMC"):
                depth += 1
            elif operator == b"EMC":
                depth -= 1
            elif operator in (b"Tj", b"TJ", b"f", b"S", b"Do", b"B"):
                assert depth > 0, (operator, operands)


def test_links_lead_to_comments_and_to_the_source(fourteen: bytes) -> None:
    reader = PdfReader(BytesIO(fourteen))
    links = [
        annotation.get_object() for page in reader.pages for annotation in page.get("/Annots", [])
    ]
    addresses = [link["/A"]["/URI"] for link in links if "/URI" in link.get("/A", {})]
    assert addresses == ["https://example.org/2031/07/harbour"]
    inside = [link for link in links if "/URI" not in link.get("/A", {})]
    assert len(inside) > 14
    assert all("/Contents" in link for link in links)


def test_bookmarks_name_the_parts_and_every_comment(fourteen: bytes) -> None:
    outline = PdfReader(BytesIO(fourteen)).outline
    top = [item.title for item in outline if not isinstance(item, list)]
    assert top[1:] == [
        "The discussion at a glance", "Stance towards the article’s claim", "Rhetorical markers",
        "Readability", "Toxicity", "The thread", "Every comment", "Appendix",
    ]  # fmt: skip
    comments = outline[
        outline.index(next(i for i in outline if getattr(i, "title", "") == "Every comment")) + 1
    ]
    assert [item.title.split()[0] for item in comments] == [str(n) for n in range(1, 15)]


# Content --------------------------------------------------------------------


def test_every_comment_stands_whole_and_in_order(fourteen: bytes) -> None:
    text = squeezed(logical_text(fourteen).partition("Every comment")[2])
    position = 0
    for comment in thread(14):
        if comment.text is None:
            continue
        for line in comment.text.split("\n"):
            found = text.find(squeezed(line), position)
            assert found >= 0, line
            position = found


needs_poppler = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="poppler's pdftotext is not here"
)


def poppler(content: bytes, folder: Path) -> str:
    file = folder / "x.pdf"
    file.write_bytes(content)
    run = subprocess.run(["pdftotext", "-raw", str(file), "-"], capture_output=True, check=True)
    return run.stdout.decode("utf-8", "replace")


@needs_poppler
def test_poppler_reads_every_comment_whole_and_in_order(fourteen: bytes, tmp_path: Path) -> None:
    text = squeezed(poppler(fourteen, tmp_path).partition("Every comment")[2])
    position = 0
    for comment in thread(14):
        for sentence in re.findall(r"[^.!?]+[.!?]", comment.text or ""):
            found = text.find(squeezed(sentence), position)
            assert found >= 0, sentence
            position = found


@needs_poppler
def test_poppler_finds_persian_words(tmp_path: Path) -> None:
    text = poppler(pdf(report_data(persian()), tmp_path), tmp_path)
    # Without lam-alef, joiners and marks, which poppler turns around.
    for word in ("مقاله", "بندر", "بسته", "بماند", "گذشته", "خیابان", "پژوهش", "شمرده"):
        assert word in text


def test_persian_runs_from_right_to_left(tmp_path: Path) -> None:
    content = pdf(report_data(persian(), title="بندر ولمار باید بسته بماند"), tmp_path)
    languages = {str(e["/Lang"]) for e in elements(content) if "/Lang" in e}
    assert "fa" in languages
    text = Counter(logical_text(content))
    for comment in persian():
        assert not Counter(re.sub(r"\s", "", comment.text or "")) - text


@pytest.mark.parametrize(
    ("count", "only"),
    [
        (0, None), (1, None), (2, None), (4, None), (0, []), (3, []), (0, ["stance"]),
        (2, ["stance"]), (6, ["toxicity"]), (1, ["readability"]), (3, ["rhetoric"]),
        (0, ["techniques"]),
    ],
)  # fmt: skip
def test_any_number_of_comments_and_analyzers(
    count: int, only: list[str] | None, tmp_path: Path
) -> None:
    text = logical_text(pdf(report_data(thread(count), only=only), tmp_path))
    assert "What the comments show" in text
    assert "Appendix" in text
    heads = {None: 4, (): 0}.get(None if only is None else tuple(only), 1)
    shown = sum(
        head in text
        for head in ("Stance towards", "Rhetorical markers", "Readability\n", "Toxicity\n")
    )
    assert shown <= heads
    if count == 0:
        assert "There are no comments on this page" in text
        assert "Every comment" not in text
        assert "Toxicity\n" not in text
    if count == 1:
        assert "The comment\n" in text
    assert " nan" not in text
    assert "none," not in text


@pytest.mark.parametrize("only", [["techniques"], ["rhetoric", "techniques", "toxicity"]])
def test_what_a_model_marked_is_told_apart_from_the_lexicon(
    only: list[str], tmp_path: Path
) -> None:
    text = logical_text(pdf(report_data(thread(14), only=only), tmp_path))
    assert ("Rhetorical markers" in text) == ("rhetoric" in only)
    table = text.partition("Techniques marked by a model")[2].partition("The thread")[0]
    assert "“a gift to the owners”" in table
    assert "Name calling" in table
    assert "Not marked: exaggeration or minimisation, doubt." in table
    assert "a technique, by a model" in text
    margin = text.partition("Every comment")[2].partition("Appendix")[0]
    assert re.search(r"by model\s*(loaded language|name calling)", margin)
    assert re.search(r"by model\s*none", margin)


def test_the_ground_of_a_model_s_mark_is_no_line_of_the_lexicon() -> None:
    data = report_data(thread(14), only=["rhetoric", "techniques"])
    body = build(data, read_thread(data), (), (), mask_slurs=False)
    assert body["marks"]["m"] == {"colour": "learned", "dash": None, "thick": False}
    runs = [run for c in body["comments"] for p in c["paragraphs"] or () for run in p["runs"]]
    marked = {said: marks for said, _, marks in runs if "m" in marks}
    assert any("clowns" in said and "r-name_calling" in marks for said, marks in marked.items())
    assert marked["a gift to the owners"] == ["m"]


def test_sentences_of_comment_and_article_stand_side_by_side(tmp_path: Path) -> None:
    text = logical_text(pdf(report_data(thread(14), only=["stance"]), tmp_path))
    table = text.partition("the article’s sentence")[2].partition("The thread")[0]
    assert "Last summer the quay took four thousand visitors a day" in table
    assert "The harbour of Vellmar should stay closed to cruise ships" in table


def test_a_comment_without_text_keeps_its_place(tmp_path: Path) -> None:
    comments = thread(4)
    comments[2] = Comment(
        comment_id="c3", article_id="a1", text=None, author_name="Sanne", position=2,
        source_status="deleted",
    )  # fmt: skip
    text = logical_text(pdf(report_data(comments), tmp_path))
    assert "No text: deleted." in text
    assert "– no text" in text


def test_slurs_are_masked_unless_asked_not_to(tmp_path: Path) -> None:
    import codecs

    word = codecs.decode("shpxvat", "rot13")
    data = report_data(single(f"You {word} liars, all of you, and the whole town hall as well."))
    masked = logical_text(pdf(data, tmp_path, mask_slurs=True))
    assert word not in masked
    assert "f••••••" in masked
    assert "are masked after their first letter" in masked
    assert word in logical_text(pdf(data, tmp_path))


def test_without_thesis_title_or_address(tmp_path: Path) -> None:
    data = report_data(thread(3), title=None, thesis=False, byline=None, url=None)
    text = logical_text(pdf(data, tmp_path))
    assert "Untitled page" in text
    assert "What the article claims" not in text


def png_size(path: Path) -> tuple[int, int]:
    head = path.read_bytes()[:24]
    assert head.startswith(b"\x89PNG")
    return int.from_bytes(head[16:20]), int.from_bytes(head[20:24])


def test_the_first_page_is_a_picture(tmp_path: Path) -> None:
    paths = write_article_report(
        report_data(thread(14)), tmp_path, name="r", outputs=frozenset({"png"})
    )
    names = [path.name for path in paths]
    assert names[0] == "r-p1.png"
    assert "r-discussion.png" in names
    assert "r-discussion.txt" in names
    sizes = {path.name: png_size(path) for path in paths if path.suffix == ".png"}
    # A4 at 144 pixels an inch; figures of 174 mm at 192.
    assert sizes["r-p1.png"] == (1191, 1684)
    assert {width for name, (width, _) in sizes.items() if name != "r-p1.png"} == {1315}
    assert "Scatter of" in (tmp_path / "r-discussion.txt").read_text("utf-8")


# Letters that no font has ---------------------------------------------------


def test_lost_letters_are_named_in_the_appendix(tmp_path: Path) -> None:
    text = logical_text(pdf(report_data(single("one \U00013000 and \U00012000 two")), tmp_path))
    assert "Letters without a font" in text
    assert "Egyptian: U+13000" in text
    assert "Cuneiform: U+12000" in text
    assert "Letters without a font" not in logical_text(
        pdf(report_data(single("nothing lost")), tmp_path)
    )


def test_a_letter_that_only_typst_misses_is_replaced(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(escape, "drawable", lambda cluster: True)
    text = logical_text(pdf(report_data(single("one \U00013000 two q\u1ad6 three")), tmp_path))
    assert "one \ufffd two q" in text
    assert "Letters without a font" in text


def test_when_nothing_helps_it_fails_by_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Jammed:
        def __init__(self, body: object, svgs: object, **_: object) -> None: ...
        def __enter__(self) -> Jammed:
            return self

        def __exit__(self, *exception: object) -> None: ...
        def pdf(self) -> bytes:
            raise MissingGlyphError(frozenset("x"))

    from toolkit.reporting import press

    monkeypatch.setattr(press, "Press", Jammed)
    with pytest.raises(InternalError, match=r"U\+0078"):
        pdf(report_data(single("x")), tmp_path)
    assert not list(tmp_path.iterdir())
    assert output.MAX_TRIES > 1


@pytest.mark.parametrize(
    ("message", "letters"),
    [
        ('PDF/UA-1 error: the text `"中"` could not be displayed with font `"Noto Sans"`', "中"),
        ('the text `"q\\u{1ad6}"` could not be displayed with font `"Noto Sans"`', "\u1ad6"),
        ('the text contains the disallowed codepoint `"\\u{feff}"`', "\ufeff"),
        ('the text `"z"` could not be displayed with font `"Noto Sans"`', "\u0300\u1ad6"),
        ("unknown variable: x", ""),
    ],
)
def test_messages_of_typst_name_the_letters(message: str, letters: str) -> None:
    assert _undrawn(message, "a z\u0300\u1ad6 q\u0301") == frozenset(letters)
