"""What is given to ``parse``: paths, bytes, text, and what is none of a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from toolkit.errors import (
    BinarySourceError,
    EmptySourceError,
    InputError,
    SourceIsDirectoryError,
    SourceNotFoundError,
    UnknownPageError,
)
from toolkit.parsing import parse
from toolkit.parsing.identity import article_id
from toolkit.parsing.source import looks_like_html

PAGE = """The pier

The board voted to close the pier for two years, to the horror of all who fish there.

One thought on “The pier”

  1. Märta (@marta)

    They closed the other one too.

Comments are closed.
"""


def test_a_path_is_read_and_text_is_the_page(tmp_path: Path) -> None:
    path = tmp_path / "page.txt"
    path.write_text(PAGE, encoding="utf-8")
    assert parse(path) == parse(PAGE) == parse(PAGE.encode())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_bytes_in_any_encoding(encoding: str) -> None:
    page = parse(PAGE.encode(encoding))
    assert page.comments[0].author_name == "Märta"
    assert page.article.title == "The pier"


@pytest.mark.parametrize("ends", ["\r\n", "\r", "\u2028"])
def test_any_line_ends(ends: str) -> None:
    assert parse(PAGE.replace("\n", ends)) == parse(PAGE)


def test_the_url_names_the_article() -> None:
    one = parse(PAGE, url="https://quay.example/pier")
    two = parse(PAGE + "\nmore", url="https://quay.example/pier")
    assert one.article.url == "https://quay.example/pier"
    assert one.article.article_id == two.article.article_id != parse(PAGE).article.article_id
    assert parse(PAGE).article.article_id == parse(PAGE).article.article_id
    assert article_id(url=None, title="a", text="b") != article_id(url=None, title="b", text="a")


def failure(source: str | bytes | Path, error: type[InputError]) -> InputError:
    with pytest.raises(error) as caught:
        parse(source)
    assert caught.value.next_step
    assert caught.value.exit_code == 2
    assert type(caught.value) is error
    return caught.value


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    assert "nothing.txt" in str(failure(tmp_path / "nothing.txt", SourceNotFoundError))


def test_a_folder(tmp_path: Path) -> None:
    assert str(tmp_path) in str(failure(tmp_path, SourceIsDirectoryError))


def test_a_path_that_the_system_refuses() -> None:
    failure(Path("nul\0byte.txt"), InputError)
    failure(Path("x" * 5000), InputError)


@pytest.mark.parametrize(
    "source", ["", " \n\t ", "\ufeff", b"", b"\xef\xbb\xbf \n", "\u00a0\u200b"]
)
def test_nothing(source: str | bytes, tmp_path: Path) -> None:
    failure(source, EmptySourceError)
    path = tmp_path / "page.txt"
    path.write_bytes(source if isinstance(source, bytes) else source.encode())
    failure(path, EmptySourceError)


@pytest.mark.parametrize(
    "source",
    [
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        b"PK\x03\x04\x14\x00\x06\x00",
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
        bytes(range(256)) * 8,
        "\x00\x01\x02\x03\x04\x05\x06\x07" * 50 + "text",
    ],
)
def test_what_is_no_text(source: str | bytes) -> None:
    failure(source, BinarySourceError)


@pytest.mark.parametrize(
    "source",
    [
        "asdf",
        "1\n2\n3\n",
        "12:30\n12:45\n",
        "---\n***\n",
        "Reply\nShare\nLike\n",
        '{"comments": [{"text": "They closed the west pier too, years ago."}]}',
        '[{"id": 1, "body": "They closed the west pier too."}]\n',
        '{"id": 1, "body": "They closed the pier."}\n{"id": 2, "body": "Good riddance to it."}\n',
        '<?xml version="1.0"?>\n<rss><channel><title>They closed the pier</title></channel></rss>',
    ],
)
def test_what_is_no_page(source: str) -> None:
    failure(source, UnknownPageError)


def test_a_page_without_comments_is_a_page() -> None:
    page = parse("The pier\n\nThe board voted to close the pier for two years.\n")
    assert page.comments == ()
    assert page.article.title == "The pier"
    assert page.article.text == "The board voted to close the pier for two years."
    assert page.warnings == ()


def test_one_sentence_is_an_article() -> None:
    page = parse("The board voted to close the pier for two years.")
    assert page.article.text or page.article.title


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<!DOCTYPE html><html><body><p>Hello there</p></body></html>", True),
        ("  <html><head></head></html>", True),
        ('<?xml version="1.0"?><!DOCTYPE html><html></html>', True),
        ("<!-- saved --><html><body>x</body></html>", True),
        ("<div><p>They closed it.</p><p>And again.</p></div>", True),
        ("Use <p> for paragraphs and <b> for bold, said the teacher to the class of ten.", False),
        ("a < b and b > c", False),
        ("<quote> was her handle for years.", False),
        (PAGE, False),
        ("", False),
    ],
)
def test_what_looks_like_html(text: str, expected: bool) -> None:
    assert looks_like_html(text) is expected


def test_the_format_can_be_forced() -> None:
    markup = "<html><body><p>The board voted to close the pier for two years.</p></body></html>"
    assert parse(markup).source_format == "html"
    assert parse(markup, format="text").source_format == "text"
    assert parse(PAGE, format="text").source_format == "text"
