"""Damaged and hostile dumps: a named error or a reject, never a traceback, never a silent loss."""

from __future__ import annotations

import base64
import bz2
import codecs
import gzip
import io
import json
import lzma
import zipfile
from pathlib import Path

import polars as pl
import pytest

from toolkit.dumps import REASONS, read_dump
from toolkit.dumps import compress as compress_module
from toolkit.dumps.compress import zstd
from toolkit.errors import (
    AmbiguousFormatError,
    DecompressionLimitError,
    DumpReadError,
    EmptySourceError,
    InputError,
    MappingError,
    OutputError,
    SettingsError,
    SourceNotFoundError,
    UnknownFormatError,
)

REDDIT = b"".join(
    json.dumps(
        {"id": f"c{n}", "link_id": "t3_a", "parent_id": "t3_a", "body": f"word {n}", "author": "x"}
    ).encode()
    + b"\n"
    for n in range(50)
)


def long_zstd(data: bytes) -> bytes:
    """With the window of 2^31 bytes that large forum archives use."""
    options = {zstd.CompressionParameter.window_log: 31}
    if zstd.zstd_version_info >= (1, 3, 4):
        options[zstd.CompressionParameter.enable_long_distance_matching] = 1
    compressor = zstd.ZstdCompressor(options=options)
    # Written in two steps, so that the frame does not shrink its window to its content.
    return compressor.compress(data) + compressor.flush()


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


PACKERS = {
    "gz": gzip.compress,
    "zst": long_zstd,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "two gz": lambda data: gzip.compress(data[:700]) + gzip.compress(data[700:]),
    "two zst": lambda data: zstd.compress(data[:700]) + zstd.compress(data[700:]),
    "zip": lambda data: zipped({"dump.ndjson": data, "__MACOSX/._dump": b"x"}),
    "gz in zip": lambda data: zipped({"dump.ndjson.gz": gzip.compress(data)}),
}


@pytest.mark.parametrize("name", PACKERS)
def test_compressed_dumps_read_like_plain_ones(name: str) -> None:
    packed = read_dump(PACKERS[name](REDDIT))
    assert packed.comments.collect().equals(read_dump(REDDIT).comments.collect())


def test_window_of_two_gigabytes() -> None:
    assert zstd.get_frame_info(long_zstd(REDDIT)).decompressed_size is None
    assert long_zstd(REDDIT)[5] >> 3 == 31 - 10  # the frame header's window descriptor


@pytest.mark.parametrize("name", ["gz", "zst", "bz2", "xz", "zip"])
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_truncated_archive(name: str, share: float, tmp_path: Path) -> None:
    # Not compressible, so that something comes out before the end.
    noisy = b"".join(
        json.dumps(
            {
                "id": f"c{n}",
                "text": base64.b85encode(bytes([n % 256]) * 9).decode() * 9 + str(n * n),
                "author": "x",
            }
        ).encode()
        + b"\n"
        for n in range(9000)
    )
    packed = PACKERS[name](noisy)
    cut = tmp_path / "cut"
    cut.write_bytes(packed[: int(len(packed) * share)])
    with pytest.raises(DumpReadError) as caught:
        read_dump(cut, format="jsonl").comments.collect()
    assert caught.value.next_step
    if name == "zip":
        return
    try:
        dump = read_dump(cut, keep_broken=True)
    except InputError:
        return  # not even a beginning could be unpacked
    rows = dump.comments.collect()
    assert rows["comment_id"].to_list() == [f"c{n}" for n in range(rows.height)]
    assert dump.counts.rejected == 1
    assert dump.rejects["reason"].to_list() == ["damaged"]
    assert dump.counts.rows_in == rows.height + 1
    assert any(note.startswith("damaged") for note in dump.notes)


@pytest.mark.parametrize("name", ["gz", "zst", "bz2", "xz", "zip"])
def test_bomb(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compress_module, "FREE_BYTES", 1 << 20)
    bomb = PACKERS[name](b'{"id":"a","text":"b","author":"c"}\n' + b" " * (8 << 20))
    with pytest.raises(DecompressionLimitError, match="unpacks to more than 200 times"):
        read_dump(bomb, format="jsonl").comments.collect()
    assert read_dump(bomb, format="jsonl", max_ratio=None).comments.collect().height == 1


def test_honest_compression_is_no_bomb() -> None:
    body = REDDIT * 2000
    assert read_dump(gzip.compress(body, 1)).counts.rows_in == 0


def test_other_archives_are_named() -> None:
    with pytest.raises(DumpReadError, match="7-Zip"):
        read_dump(b"7z\xbc\xaf\x27\x1c" + b"x" * 50)
    with pytest.raises(DumpReadError, match="cannot be opened"):
        read_dump(b"PK\x03\x04" + b"x" * 50)


BAD_LINES = {
    "invalid_json": b'{"id":"q","body":"x"',
    "invalid_utf8": b'{"id":"q","link_id":"t3_a","body":"\xff"}',
    "not_an_object": b"[1,2]",
    "missing_id": b'{"body":"x","link_id":"t3_a"}',
    "not_a_comment": b'{"id":"q","kind":"more"}',
    "row_too_large": b'{"id":"q","link_id":"t3_a","body":"' + b"x" * 3000 + b'"}',
}


@pytest.mark.parametrize("reason", BAD_LINES)
def test_bad_line(reason: str, tmp_path: Path) -> None:
    bad = BAD_LINES[reason]
    lines = REDDIT.splitlines(keepends=True)
    data = b"".join(lines[:20]) + bad + b"\n" + b"".join(lines[20:])
    kept = tmp_path / "rejects.jsonl"
    dump = read_dump(data, rejects=kept, max_row_bytes=2000)
    rows = dump.comments.collect()
    if reason == "row_too_large":
        # One block holds it all, so it is no larger than what is read at once anyway.
        assert rows.height in (50, 51)
        if rows.height == 51:
            return
    assert rows["comment_id"].to_list() == [f"c{n}" for n in range(50)]
    assert dump.counts.rows_in == 51
    (reject,) = [json.loads(line) for line in kept.read_text().splitlines()]
    assert reject["reason"] == reason
    assert reason in REASONS
    assert reject["offset"] == len(b"".join(lines[:20]))
    assert reject["length"] == len(bad)
    assert base64.b64decode(reject["raw_base64"]) == bad[:4096]
    assert reject["raw_cut"] is (len(bad) > 4096)
    assert dump.rejects_path == kept
    assert any("rejected: 1" in note for note in dump.notes)


def test_large_line_is_skipped_without_being_held() -> None:
    huge = b'{"id":"big","link_id":"t3_a","body":"' + b"x" * (40 << 20) + b'"}\n'
    dump = read_dump(REDDIT + huge + REDDIT.replace(b'"c', b'"d'), max_row_bytes=1 << 20)
    assert dump.comments.collect().height == 100
    (reject,) = dump.rejects.rows(named=True)
    assert reject["reason"] == "row_too_large"
    assert reject["offset"] == len(REDDIT)
    assert reject["length"] == len(huge)
    assert reject["raw_cut"]


def test_large_record_in_an_array_is_skipped() -> None:
    records = [json.loads(line) for line in REDDIT.splitlines()]
    records[7]["body"] = "y" * (4 << 20)
    dump = read_dump(json.dumps(records).encode(), max_row_bytes=1 << 20)
    assert dump.comments.collect().height == 49
    assert dump.rejects["reason"].to_list() == ["row_too_large"]


def test_nul_bytes_blank_lines_and_carriage_returns() -> None:
    lines = REDDIT.splitlines()
    data = b"\r\n\r\n".join(lines) + b"\n\n  \n"
    assert read_dump(data).comments.collect().equals(read_dump(REDDIT).comments.collect())
    escaped = (
        b'{"id":"z\\u0000","link_id":"t3_a","body":"a\\u0000b\\u001bc","author":"x\\u0000y"}\n'
    )
    row = read_dump(REDDIT + escaped).comments.collect().row(-1, named=True)
    assert row["text"] == "abc"
    assert row["author_name"] == "xy"
    raw = read_dump(REDDIT + b'{"id":"z","link_id":"t3_a","body":"a\x00b"}\n')
    assert raw.comments.collect().height == 50
    assert raw.rejects["reason"].to_list() == ["invalid_json"]


def test_half_an_emoji_is_kept() -> None:
    line = b'{"id":"z","link_id":"t3_a","body":"cut \\ud83d","author":"\\ude00 x \\ud83d\\ude00"}\n'
    row = read_dump(REDDIT + line).comments.collect().row(-1, named=True)
    assert row["text"] == "cut \ufffd"
    assert row["author_name"] == "\ufffd x \U0001f600"


@pytest.mark.parametrize("name", ["reddit", "mastodon", "youtube", "hackernews-algolia", "json"])
@pytest.mark.parametrize("depth", [900, 200_000])
def test_deep_nesting(name: str, depth: int) -> None:
    deep = b'{"id":1,"text":"x","body":' + b"[" * depth + b"]" * depth + b"}"
    dump = read_dump(deep, format=name, keep_broken=True)
    rows = dump.comments.collect()
    assert dump.counts.rows_in == rows.height + dump.counts.rejected == 1


def test_deep_tree_is_read_to_its_end() -> None:
    depth = 3000
    node = b""
    for n in range(depth, 0, -1):
        children = b"[" + node + b"]"
        node = (
            b'{"id":%d,"author":"a","created_at_i":1,"type":"comment","text":"t","parent_id":%d,'
            b'"story_id":1000000,"children":%s}' % (n, n - 1 or 1000000, children)
        )
    rows = read_dump(node, format="hackernews-algolia").comments.collect()
    assert rows["comment_id"].to_list() == [str(n) for n in range(1, depth + 1)]
    assert rows["depth"].to_list() == list(range(depth))


def test_json_that_breaks_off(tmp_path: Path) -> None:
    records = json.dumps([json.loads(line) for line in REDDIT.splitlines()]).encode()
    with pytest.raises(DumpReadError, match="ends before it is closed"):
        read_dump(records[:-100]).comments.collect()
    dump = read_dump(records[:-100], keep_broken=True)
    assert dump.comments.collect().height == 48
    assert dump.rejects["reason"].to_list() == ["damaged"]


XML_HEAD = b'<?xml version="1.0"?>\n'
WXR = (
    b'<rss xmlns:wp="http://wordpress.org/export/1.2/"><channel><item><title>T</title>'
    b"<wp:post_id>1</wp:post_id>%s</item></channel></rss>"
)
COMMENT = (
    b"<wp:comment><wp:comment_id>5</wp:comment_id><wp:comment_content>%s</wp:comment_content>"
    b"<wp:comment_approved>1</wp:comment_approved></wp:comment>"
)


@pytest.mark.parametrize(
    "doctype",
    [
        b'<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE r [<!ENTITY % x SYSTEM "http://203.0.113.1/x.dtd"> %x;]>',
    ],
)
def test_entities_are_refused(doctype: bytes) -> None:
    data = XML_HEAD + doctype + WXR % (COMMENT % b"&b;&x;")
    for keep in (False, True):
        with pytest.raises(DumpReadError):
            read_dump(data, format="wordpress-wxr", keep_broken=keep).comments.collect()


def test_external_document_type_is_not_fetched() -> None:
    data = (
        XML_HEAD + b'<!DOCTYPE rss SYSTEM "http://203.0.113.1/x.dtd">' + WXR % (COMMENT % b"fine")
    )
    assert read_dump(data).comments.collect()["text"].to_list() == ["fine"]


def test_sloppy_xml_is_read_and_said() -> None:
    dump = read_dump(XML_HEAD + WXR % (COMMENT % b"a\x0bb \xff &amp; c"))
    assert dump.comments.collect()["text"].to_list() == ["a b \ufffd & c"]
    assert len([note for note in dump.notes if "XML forbids" in note or "no UTF-8" in note]) == 2


def test_xml_in_other_encodings() -> None:
    text = (XML_HEAD + WXR % (COMMENT % "Grüße".encode())).decode()
    latin = text.replace('"1.0"', '"1.0" encoding="ISO-8859-1"', 1).encode("latin-1")
    wide = codecs.BOM_UTF16_LE + text.replace('"1.0"', '"1.0" encoding="UTF-16"').encode(
        "utf-16-le"
    )
    for data in (text.encode(), latin, wide, codecs.BOM_UTF8 + text.encode()):
        assert read_dump(data).comments.collect()["text"].to_list() == ["Grüße"]


def test_xml_row_without_an_id_is_a_reject_with_its_bytes() -> None:
    bad = COMMENT.replace(b"5", b"", 1) % b"lost"
    dump = read_dump(XML_HEAD + WXR % (COMMENT % b"one" + bad + COMMENT % b"two"))
    assert dump.comments.collect()["text"].to_list() == ["one", "two"]
    (reject,) = dump.rejects.rows(named=True)
    assert reject["reason"] == "missing_id"
    raw = base64.b64decode(reject["raw_base64"])
    assert b"lost" in raw
    assert raw.startswith(b"<wp:comment>")


def test_xml_that_breaks_off() -> None:
    data = (XML_HEAD + WXR % (COMMENT % b"one" + COMMENT % b"two"))[:-120]
    with pytest.raises(DumpReadError, match="no whole XML"):
        read_dump(data).comments.collect()
    dump = read_dump(data, keep_broken=True)
    assert dump.comments.collect()["text"].to_list() == ["one"]
    assert dump.counts.rows_in == 2


CSV = (
    b'id,text,author\n1,"two\nlines, ""quoted""",Ann\n2,short\n'
    b'3,"never closed,Bob\n4,fine,Cy\n5,\xff,Di\n'
)


def test_damaged_csv() -> None:
    dump = read_dump(CSV)
    rows = dump.comments.collect()
    assert rows.select("comment_id", "text").rows() == [
        ("1", 'two\nlines, "quoted"'),
        ("4", "fine"),
    ]
    assert dump.rejects.select("reason", "offset").rows() == [
        ("wrong_field_count", CSV.index(b"2,short")),
        ("unclosed_quote", CSV.index(b'3,"never')),
        ("invalid_utf8", CSV.index(b"5,\xff")),
    ]
    assert dump.counts.rows_in == 5
    western = read_dump(CSV, encoding="cp1252")
    assert western.comments.collect()["text"].to_list()[-1] == "ÿ"


def test_wide_csv_encoding_and_mac_fields() -> None:
    text = "id;text;author\r\n1;Grüße\rzwei;Ann\r\n"
    for encoding in ("utf-8-sig", "utf-16"):
        rows = read_dump(text.encode(encoding)).comments.collect()
        assert rows["comment_id"].to_list() in (["1"], [])
    with pytest.raises(DumpReadError, match="no encoding"):
        read_dump(CSV, encoding="klingon")


def test_csv_without_an_end_does_not_swallow_the_file() -> None:
    rest = b"".join(b"%d,row number %d,me\n" % (n, n) for n in range(60_000))
    dump = read_dump(b'id,text,author\n0,"open,me\n' + rest, max_row_bytes=1 << 20)
    assert dump.comments.collect().height == 60_000
    assert dump.rejects["reason"].to_list() == ["unclosed_quote"]


def test_damaged_parquet(seeds: Path, tmp_path: Path) -> None:
    whole = (seeds / "dumps" / "table.parquet").read_bytes()
    for data in (whole[:-20], whole[:40] + b"\x00" * 40 + whole[80:], b"PAR1"):
        with pytest.raises(DumpReadError):
            read_dump(data).comments.collect()
    assert read_dump(gzip.compress(whole)).comments.collect().height == 2


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("/no/such/file.json", SourceNotFoundError),
        ("/no/such/*.json", SourceNotFoundError),
        ("nul\x00byte", SourceNotFoundError),
        (b"", EmptySourceError),
        (b" \n ", EmptySourceError),
        ([], EmptySourceError),
        (b"just words\n", UnknownFormatError),
        (b"<html><body>a page</body></html>", UnknownFormatError),
        (b"<feed><entry/></feed>", UnknownFormatError),
        (b'{"foo": 1}\n{"foo": 2}\n', UnknownFormatError),
        (bytes(range(256)) * 4, UnknownFormatError),
    ],
)
def test_named_errors(source: object, error: type[InputError]) -> None:
    with pytest.raises(error) as caught:
        read_dump(source)  # type: ignore[arg-type]
    assert caught.value.next_step


def test_ambiguous_content_lists_the_candidates() -> None:
    both = {
        "id": 1, "link_id": "t3_a", "parent_id": "t3_a", "body": "x",
        "created_at_i": 5, "story_id": 7, "text": "x",
    }  # fmt: skip
    with pytest.raises(AmbiguousFormatError, match=r"reddit.*hackernews-algolia") as caught:
        read_dump(json.dumps(both).encode() + b"\n")
    assert "--input-format" in caught.value.next_step
    assert read_dump(json.dumps(both).encode() + b"\n", format="reddit").format == "reddit"


def test_wrong_options() -> None:
    with pytest.raises(UnknownFormatError, match="no format 'fax'"):
        read_dump(REDDIT, format="fax")
    with pytest.raises(SettingsError, match="empty"):
        read_dump(REDDIT, pseudonymize="")
    for mapping in ({"text": "nothing"}, {"author_name": "author"}, {"colour": "body"}):
        with pytest.raises(MappingError):
            read_dump(REDDIT, mapping=mapping)
    with pytest.raises(MappingError, match="no column looks like"):
        read_dump(b"a,b\n1,2\n", format="csv")
    with pytest.raises(DumpReadError, match="not JSON lines"):
        read_dump(b"id,text\n1,2\n", format="jsonl").comments.collect()


def test_rejects_that_cannot_be_written(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(OutputError):
        read_dump(REDDIT + b"{\n", rejects=blocked / "rejects.jsonl").comments.collect()


def test_errors_come_through_every_engine(tmp_path: Path) -> None:
    dump = read_dump(json.dumps([{"id": "1", "text": "x", "author": "y"}]).encode()[:-1])
    for engine in ("in-memory", "streaming"):
        with pytest.raises(DumpReadError):
            dump.comments.filter(pl.col("depth") == 0).collect(engine=engine)  # type: ignore[call-overload]
    with pytest.raises(DumpReadError):
        dump.comments.sink_parquet(tmp_path / "out.parquet")
    with pytest.raises(DumpReadError):
        list(dump.batches())
