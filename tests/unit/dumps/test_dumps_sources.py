"""Where a dump can stand, how its format is told, and what can be asked of a read."""

from __future__ import annotations

import gzip
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from toolkit.dumps import (
    FORMATS,
    REASONS,
    REJECT_SCHEMA,
    Counts,
    convert,
    detect,
    looks_like_dump,
    read_dump,
)
from toolkit.dumps.opening import natural_key
from toolkit.dumps.rejects import RAW_BYTES
from toolkit.dumps.threads import REMEMBERED
from toolkit.errors import AmbiguousFormatError, DumpReadError, EmptySourceError, OutputError
from toolkit.schema import ARTICLE_SCHEMA, COMMENT_SCHEMA


def reddit(*numbers: int) -> bytes:
    return b"".join(
        b'{"id":"c%d","link_id":"t3_a","parent_id":"t3_a","body":"word %d","author":"x"}\n' % (n, n)
        for n in numbers
    )


def ids(dump: object) -> list[str]:
    return dump.comments.collect()["comment_id"].to_list()  # type: ignore[attr-defined,no-any-return]


def test_folder_is_read_in_natural_order(tmp_path: Path) -> None:
    for n in (10, 2, 1):
        (tmp_path / f"page-{n}.json").write_bytes(reddit(n))
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "page-3.ndjson.gz").write_bytes(gzip.compress(reddit(3)))
    (tmp_path / ".hidden").write_bytes(reddit(99))
    (tmp_path / "README.txt").write_text("Pages of a forum.\n")
    (tmp_path / "empty.json").write_text("")
    dump = read_dump(tmp_path)
    assert ids(dump) == ["c1", "c2", "c10", "c3"]
    assert dump.comments.collect()["position"].to_list() == [0, 1, 2, 3]
    assert any("README.txt was left out" in note for note in dump.notes)
    assert any("empty.json is empty" in note for note in dump.notes)
    assert ids(read_dump(str(tmp_path / "page-*.json"))) == ["c1", "c2", "c10"]
    assert ids(read_dump([tmp_path / "page-10.json", str(tmp_path / "page-1.json")])) == [
        "c10",
        "c1",
    ]


def test_natural_order_is_the_same_everywhere() -> None:
    names = ["b", "a10", "a9", "a", "10", "9", "a9b", "Z"]
    assert sorted(names, key=natural_key) == ["9", "10", "Z", "a", "a9", "a9b", "a10", "b"]


def test_folder_of_two_formats_is_ambiguous(tmp_path: Path, seeds: Path) -> None:
    shutil.copy(seeds / "dumps" / "disqus.xml", tmp_path)
    shutil.copy(seeds / "dumps" / "reddit.ndjson", tmp_path)
    with pytest.raises(AmbiguousFormatError, match=r"disqus\.xml: disqus.*reddit\.ndjson: reddit"):
        read_dump(tmp_path)


def test_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(EmptySourceError):
        read_dump(tmp_path)


def test_file_name_tells_nothing(tmp_path: Path, seeds: Path) -> None:
    shutil.copy(seeds / "dumps" / "wordpress.xml", tmp_path / "comments.csv")
    assert read_dump(tmp_path / "comments.csv").format == "wordpress-wxr"
    weird = tmp_path / "[odd] name*.json"
    weird.write_bytes(reddit(1))
    assert ids(read_dump(weird)) == ["c1"]


def test_bytes_and_open_files() -> None:
    assert ids(read_dump(reddit(1, 2))) == ["c1", "c2"]
    dump = read_dump(io.BytesIO(gzip.compress(reddit(1, 2))))
    assert ids(dump) == ids(dump) == ["c1", "c2"]


def test_standard_input(tmp_path: Path) -> None:
    code = (
        "import toolkit.dumps as d; x = d.read_dump('-');"
        "print(x.comments.collect()['comment_id'].to_list(), x.articles.collect().height)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=gzip.compress(reddit(1, 2)),
        capture_output=True,
        check=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert done.stdout.decode().strip() == "['c1', 'c2'] 1"
    assert list(tmp_path.iterdir()) == []


def test_detect_says_why() -> None:
    (best, *others) = detect(reddit(1))
    assert best.format == "reddit"
    assert best.confidence > 0.9
    assert "link_id" in best.reason
    assert all(guess.confidence < 0.5 for guess in others)
    assert detect(b"<html>") == []


@pytest.mark.parametrize(
    ("name", "content", "is_dump"),
    [
        ("a.html", "<!doctype html><html><body><p>id,text</p></body></html>", False),
        ("b.xhtml", '<?xml version="1.0"?><html xmlns="x"><body/></html>', False),
        ("c.txt", "A title, a comma, a page\n\nText, more text, and words.\n", False),
        ("d.txt", "Comments (2)\n\nAnn says:\nhello\n", False),
        ("e.bin", "\x00\x01\x02", False),
        ("f.json", '{"anything": 1}', True),
        ("g.csv", "id,author,comment\n1,Ann,hello\n", True),
        ("h.csv", "city,population\nLower Quay,900\n", False),
        ("i.xml", "<disqus></disqus>", True),
        ("j.txt", "", False),
    ],
)
def test_dump_or_page(tmp_path: Path, name: str, content: str, is_dump: bool) -> None:
    path = tmp_path / name
    path.write_text(content)
    assert looks_like_dump(path) is is_dump
    assert looks_like_dump(tmp_path)
    assert not looks_like_dump(tmp_path / "missing")
    assert looks_like_dump("-")
    assert looks_like_dump(str(tmp_path / "*.json"))


@pytest.mark.parametrize("size", [250_000, 262_000, 262_100, 262_144, 262_200, 300_000])
def test_format_is_told_from_a_beginning_that_ends_anywhere(size: int) -> None:
    """Whatever the cut goes through: a string with commas and brackets, a number, a key."""
    records = [
        {"id": n, "link_id": "t3_a", "parent_id": "t3_a", "body": 'a, "b": [{c}, ' + "x" * (n % 40)}
        for n in range(size // 75)
    ]
    for data in (json.dumps(records), json.dumps(records, indent=1)):
        assert read_dump(data.encode()).format == "reddit"


def test_every_seed_page_is_a_page(seeds: Path) -> None:
    pages = [path for path in seeds.rglob("*") if path.suffix in (".txt", ".html")]
    if not pages:
        pytest.skip("there are no sample pages")
    assert not [path.name for path in pages if looks_like_dump(path)]


def test_documentation_names_every_format_reason_and_column() -> None:
    text = (Path(__file__).resolve().parents[3] / "docs" / "dumps.md").read_text(encoding="utf-8")
    for name in (*FORMATS, *REASONS, *REJECT_SCHEMA):
        assert f"`{name}`" in text
    for known in FORMATS.values():
        assert f"`{known.name}`" in text
        for column in known.fields:
            assert column in COMMENT_SCHEMA
    assert f"{REMEMBERED:,} comments" in text
    assert f"{RAW_BYTES:,} bytes" in text


def test_counts_and_state_of_a_read() -> None:
    dump = read_dump(reddit(1, 2) + b"nonsense\n" + reddit(3))
    assert dump.counts == Counts()
    assert dump.rejects.height == 0
    assert len(dump.notes) == 1
    for _ in range(2):
        assert ids(dump) == ["c1", "c2", "c3"]
        assert dump.counts == Counts(rows_in=4, rows_out=3, rejected=1, complete=True)
        assert dump.rejects.height == 1
    assert dump.comments.head(1).collect().height == 1
    assert not dump.counts.complete


def test_lazy_frame_pushes_down() -> None:
    dump = read_dump(reddit(*range(100)))
    lazy = dump.comments
    assert lazy.select("text").head(2).collect().rows() == [("word 0",), ("word 1",)]
    assert lazy.filter(pl.col("comment_id") == "c42").collect()["position"].to_list() == [42]
    assert lazy.head(10).filter(pl.col("position") > 7).collect()["position"].to_list() == [8, 9]
    assert lazy.select(pl.len()).collect(engine="streaming").item() == 100
    assert dump.articles.filter(pl.col("article_id") == "a").collect().height == 1
    joined = lazy.join(dump.articles, on="article_id", how="left").collect()
    assert joined["url"].null_count() == 0


@pytest.mark.parametrize("rows", [1, 7, 100, 1000])
def test_batches_are_exact_and_can_start_anywhere(rows: int) -> None:
    dump = read_dump(reddit(*range(100)))
    whole = dump.comments.collect()
    parts = list(dump.batches(rows))
    assert [part.height for part in parts[:-1]] == [rows] * (len(parts) - 1)
    assert pl.concat(parts).equals(whole)
    assert pl.concat(list(dump.batches(rows, start=37))).equals(whole.slice(37))
    first = next(iter(dump.batches(rows)))
    assert first.height == min(rows, 100)


def test_convert_writes_whole_files_or_none(tmp_path: Path) -> None:
    data = reddit(1, 2).replace(b"word 1", b"=SUM(A1) word").replace(b'"x"', b'"@x"')
    dump = read_dump(data)
    for suffix in (".parquet", ".csv", ".jsonl"):
        counts = convert(dump, tmp_path / f"out{suffix}", articles=tmp_path / f"art{suffix}")
        assert counts.rows_out == 2
    assert pl.read_parquet(tmp_path / "out.parquet").schema == COMMENT_SCHEMA
    assert pl.read_parquet(tmp_path / "art.parquet").schema == ARTICLE_SCHEMA
    sheet = pl.read_csv(tmp_path / "out.csv")
    assert sheet["text"].to_list() == ["'=SUM(A1) word", "word 2"]
    assert sheet["author_name"].to_list() == ["'@x", "'@x"]
    lines = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert lines[0]["text"] == "=SUM(A1) word"
    with pytest.raises(OutputError):
        convert(dump, tmp_path / "out.xls")
    with pytest.raises(DumpReadError, match="not one of 2 rows"):
        convert(read_dump(data, format="bluesky"), tmp_path / "none.parquet")
    broken = read_dump(json.dumps([{"id": "1", "text": "x", "author": "y"}]).encode()[:-1])
    with pytest.raises(DumpReadError):
        convert(broken, tmp_path / "broken.parquet")
    assert sorted(path.stem for path in tmp_path.iterdir()) == ["art"] * 3 + ["out"] * 3


def test_our_own_table_reads_back(tmp_path: Path, seeds: Path) -> None:
    original = read_dump(seeds / "dumps" / "wordpress.xml")
    convert(original, tmp_path / "out.parquet")
    convert(original, tmp_path / "out.jsonl")
    for name in ("out.parquet", "out.jsonl"):
        again = read_dump(tmp_path / name)
        assert again.comments.collect().equals(original.comments.collect())
