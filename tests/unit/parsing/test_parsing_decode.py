"""Bytes of saved pages, also where the charset is missing or wrong."""

from __future__ import annotations

import pytest

from toolkit.errors import BinarySourceError
from toolkit.parsing.decode import decode

RUSSIAN = (
    "<html lang='ru'><p>Вчера в городе открыли новую библиотеку, и читатели пришли её смотреть.</p>"
)
PERSIAN = "<html lang='fa'><p>این شهر قطار برقي ندارد و مردم سال هاست منتظر هستند.</p>".replace(
    "ی", "ي"
)
GERMAN = "<html><p>Das Übel größerer Häuser: „Schöne“ Gärten – für fünf Euro.</p>"
JAPANESE = (
    "<html><p>これは新しい図書館です。昨日、町で開館しました。多くの人が集まり、市長が挨拶をしました。"
    "本は二万冊あります。</p>"
)
CHINESE = "<html><p>昨天城里新开了一座图书馆，很多读者前来参观。</p>"
POLISH = (
    "<html><p>Zażółć gęślą jaźń, wczoraj otwarto nową bibliotekę i przyszło wielu czytelników.</p>"
)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8-r"),
        (PERSIAN, "cp1256"),
        (GERMAN, "cp1252"),
        (GERMAN, "utf-8"),
        (GERMAN, "utf-16"),
        (GERMAN, "utf-16-le"),
        (GERMAN, "utf-32"),
        (JAPANESE, "cp932"),
        (JAPANESE, "euc-jp"),
        (CHINESE, "gb18030"),
        (POLISH, "cp1250"),
    ],
)
@pytest.mark.parametrize("claimed", [None, "utf-8"])
def test_missing_or_wrong_charset(text: str, encoding: str, claimed: str | None) -> None:
    if encoding == "koi8-r":
        text = text.replace(" lang='ru'", "")  # the usual encoding of the language is tried first
    data = text.encode(encoding)
    assert decode(data, charset=claimed).text == text


def test_utf_8_is_read_as_such_whatever_the_page_says() -> None:
    data = f"<meta charset='iso-8859-1'>{GERMAN}".encode()
    decoded = decode(data)
    assert "größerer" in decoded.text
    assert (decoded.encoding, decoded.evidence, decoded.declared) == ("utf-8", "utf-8", "cp1252")


@pytest.mark.parametrize(
    "declaration",
    [
        "<meta charset=windows-1251>",
        '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">',
        '<?xml version="1.0" encoding="windows-1251"?>',
    ],
)
def test_declarations(declaration: str) -> None:
    decoded = decode((declaration + RUSSIAN.replace(" lang='ru'", "")).encode("cp1251"))
    assert "библиотеку" in decoded.text
    assert decoded.evidence == "declared"


def test_a_western_label_on_text_that_is_not() -> None:
    data = ("<meta charset=iso-8859-1>" + RUSSIAN).encode("cp1251")
    assert "библиотеку" in decode(data).text


def test_labels_mean_what_browsers_read() -> None:
    assert decode(b"<meta charset=iso-8859-1>\x93quoted\x94 \xe9").text.endswith("“quoted” é")
    assert decode(f"<meta charset=gb2312>{CHINESE}囍囍".encode("gb18030")).text.endswith("囍囍")


def test_utf_8_with_a_flaw_stays_utf_8() -> None:
    text = "Ungefähr größer, schöner und süßer als früher, für alle."
    cut = decode(text.encode()[:-1] + "ä".encode()[:1])
    assert cut.text.startswith("Ungefähr größer")
    foreign = decode(text.encode() + b" \x93x\x94 \xe4")
    assert foreign.text == text + " “x” ä"
    assert foreign.replaced == 3


def test_what_is_no_text_is_refused() -> None:
    for data in (
        b"%PDF-1.7 ...",
        b"\x89PNG\r\n\x1a\n....",
        b"PK\x03\x04....",
        bytes(range(32)) * 40,
    ):
        with pytest.raises(BinarySourceError) as caught:
            decode(data)
        assert caught.value.next_step


def test_unknown_and_hostile_labels() -> None:
    for label in (b"x-nonsense", b"rot13", b"hex", b"zlib", b"utf-16"):
        assert decode(b"<meta charset=" + label + b">abc").text.endswith("abc")
    assert decode(b"").text == ""
