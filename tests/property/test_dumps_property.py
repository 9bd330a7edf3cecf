"""Any JSON, any bytes, any table: never a traceback, and the books are always right."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from toolkit.dumps import FORMATS, read_dump
from toolkit.dumps.compress import BrokenOffError
from toolkit.dumps.json_stream import loads, mend_surrogates, scan
from toolkit.dumps.threads import Threads
from toolkit.dumps.times import to_utc
from toolkit.errors import ToolkitError
from toolkit.schema import ARTICLE_SCHEMA, COMMENT_SCHEMA
from toolkit.text.html_text import html_to_text

SOME = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])

# fmt: off
KEYS = st.sampled_from([
    "id", "name", "parent_id", "parent", "link_id", "body", "text", "title", "author", "by",
    "user", "speaker", "reply_to", "conversation_id", "created_utc", "created_at",
    "created_at_i", "timestamp", "time", "type", "score", "content", "post", "author_name",
    "rendered", "status", "snippet", "items", "topLevelComment", "replies", "comments",
    "kind", "videoId", "hits", "objectID", "children", "story_id", "post_stream", "posts",
    "post_number", "topic_id", "cooked", "storyID", "revisions", "$date", "ancestors",
    "descendants", "in_reply_to_id", "account", "thread", "record", "uri", "value", "post",
    "reply", "root", "commentID", "deleted", "dead", "selftext",
])
# fmt: on
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["1", "t1_a", "t3_a", "[deleted]", "root", "0", "2031-05-03", "<p>x</p>", ""])
)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)
RECORDS = st.dictionaries(KEYS, JSON, max_size=8)


def check(data: bytes, name: str, **options: Any) -> None:
    """Read it all in every way; the only exceptions are ours, the counts reconcile."""
    try:
        dump = read_dump(data, format=name, **options)
        comments = dump.comments.collect()
    except ToolkitError:
        return
    counts = dump.counts
    assert counts.complete
    assert counts.rows_in == counts.rows_out + counts.rejected
    assert counts.rows_out == comments.height
    assert counts.rejected == dump.rejects.height
    assert comments.schema == COMMENT_SCHEMA
    assert comments["position"].to_list() == list(range(comments.height))
    assert comments["comment_id"].null_count() == 0
    assert comments["source_status"].null_count() == 0
    assert not comments.filter(pl.col("text").str.strip_chars() == "").height
    assert not comments.filter(pl.col("depth") < 0).height
    assert dump.articles.collect().schema == ARTICLE_SCHEMA
    assert pl.concat([*dump.batches(rows=2), comments.clear()]).equals(comments)


@pytest.mark.parametrize("name", FORMATS)
@settings(SOME, max_examples=8)
@given(records=st.lists(RECORDS, min_size=1, max_size=4), shape=st.sampled_from("lnap"))
def test_any_json(name: str, records: list[dict[str, Any]], shape: str) -> None:
    if shape == "l":
        text = "\n".join(json.dumps(record) for record in records)
    elif shape == "n":
        text = json.dumps(records[0], indent=1)
    elif shape == "a":
        text = json.dumps(records)
    else:
        text = json.dumps(
            {"items": records, "comments": records, "hits": records, "posts": records}
        )
    check(text.encode(), name)
    check(text.encode(), name, keep_broken=True, pseudonymize="key")


SEEDS = {
    path.name: path
    for path in sorted((Path(__file__).resolve().parents[2] / "seeds" / "dumps").iterdir())
    if path.suffix in (".json", ".jsonl", ".ndjson")
}


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [at]
    if isinstance(value, dict):
        found += [place for key, item in value.items() for place in places(item, (*at, key))]
    elif isinstance(value, list):
        found += [place for key, item in enumerate(value) for place in places(item, (*at, key))]
    return found


@pytest.mark.parametrize("name", SEEDS)
@settings(SOME, max_examples=10)
@given(data=st.data())
def test_any_value_anywhere(name: str, data: st.DataObject) -> None:
    """A real shape with something else in one place, or with nothing there."""
    source = SEEDS[name].read_text(encoding="utf-8")
    lines = SEEDS[name].suffix != ".json" or name == "coral.json"
    document = [json.loads(line) for line in source.splitlines()] if lines else json.loads(source)
    *way, last = data.draw(st.sampled_from(places(document)[1:]))
    owner = document
    for step in way:
        owner = owner[step]
    if data.draw(st.booleans()):
        owner[last] = data.draw(JSON)
    else:
        del owner[last]
    text = "\n".join(json.dumps(item) for item in document) if lines else json.dumps(document)
    for form in ("auto", read_dump(SEEDS[name]).format):
        check(text.encode(), form, keep_broken=True)


@pytest.mark.parametrize("name", ["auto", *FORMATS])
@settings(SOME, max_examples=6)
@given(
    data=st.binary(max_size=60)
    | st.binary(max_size=30).map(lambda tail: b'{"id":"a","body":"b","link_id":"t3_x"}\n' + tail)
    | st.binary(max_size=30).map(lambda tail: b"id,text,author\n1,hello,me\n" + tail)
    | st.binary(max_size=30).map(lambda tail: b"<rss><comment>" + tail + b"</comment>")
    | st.binary(max_size=30).map(lambda tail: gzip.compress(b'{"id":1,"text":"x"}')[:-3] + tail)
    | st.binary(max_size=40).map(lambda tail: b"PAR1" + tail)
)
def test_any_bytes(name: str, data: bytes) -> None:
    check(data, name)
    check(data, name, keep_broken=True)


@SOME
@given(
    rows=st.lists(st.lists(st.text(max_size=6), min_size=3, max_size=3), max_size=6),
    junk=st.text(max_size=20),
)
def test_any_csv(rows: list[list[str]], junk: str) -> None:
    import csv

    text = io.StringIO()
    csv.writer(text).writerows([["id", "text", "author"], *rows])
    check((text.getvalue() + junk).encode("utf-8", "surrogatepass"), "csv")


@SOME
@given(records=st.lists(RECORDS, max_size=4), bad=st.binary(max_size=12))
def test_a_bad_line_changes_no_other(records: list[dict[str, Any]], bad: bytes) -> None:
    """The fast way and the careful way read the same values."""
    lines = [json.dumps(record).encode() for record in records]
    first = b'{"id":"first","text":"hello","author":"me"}'
    good = b"\n".join([first, *lines])
    broken = b"\n".join([first, *lines, b"{" + bad.replace(b"\n", b"") + b"]"])
    mapping = {"text": "text", "comment_id": "id", "author_name": "author"}
    one = read_dump(good, mapping=mapping, format="jsonl")
    two = read_dump(broken, mapping=mapping, format="jsonl")
    assert one.comments.collect().equals(two.comments.collect())
    assert two.counts.rejected == one.counts.rejected + 1


@SOME
@given(value=JSON, size=st.integers(1, 9))
def test_scanner_finds_what_json_holds(value: Any, size: int) -> None:
    class Slow(io.BytesIO):
        def read(self, _: int = -1, /) -> bytes:  # type: ignore[override]
            return super().read(size)

    records = [{"v": value, "i": index} for index in range(3)]
    data = json.dumps(records, indent=size % 3 or None).encode()
    for flat in (None, 0):
        found = list(
            scan(
                Slow(data),
                lambda level, path: level == 0 and path == (),
                name="x",
                max_row=10_000,
                flat_from=flat,
            )
        )
        assert [loads(element.data) for element in found] == [
            loads(json.dumps(record).encode()) for record in records
        ]
        for element in found:
            assert data[element.node.offset :].startswith(element.data)


@SOME
@given(data=st.binary(max_size=200) | st.text(alphabet='{}[]",:\\ ab', max_size=80).map(str.encode))
def test_scanner_survives_anything(data: bytes) -> None:
    try:
        for element in scan(io.BytesIO(data), lambda *_: True, name="x", max_row=50):
            assert element.kind in ("record", "open", "stray")
    except BrokenOffError:
        pass


@SOME
@given(st.text(max_size=30))
def test_mended_json_is_text_as_python_reads_it(text: str) -> None:
    written = json.dumps(text + "\ud83d" + text).encode()
    assert loads(mend_surrogates(written)) == text + "\ufffd" + text
    assert mend_surrogates(json.dumps(text).encode()) == json.dumps(text).encode()


@SOME
@given(
    st.lists(
        st.tuples(st.sampled_from("abcdefgh"), st.sampled_from([None, *"abcdefghxy"])), max_size=12
    ),
    st.integers(1, 12),
)
def test_depth_is_the_parents_plus_one(rows: list[tuple[str, str | None]], cut: int) -> None:
    threads = Threads()
    ids = [name for name, _ in rows]
    parents = [parent for _, parent in rows]
    whole = [
        *threads.place(ids[:cut], parents[:cut], []).depths,
        *threads.place(ids[cut:], parents[cut:], []).depths,
    ]
    assert len(whole) == len(rows)
    for depth, parent in zip(whole, parents, strict=True):
        assert depth is None or depth >= 0
        if parent is None:
            assert depth == 0
    if len(set(ids)) == len(ids) and cut >= len(ids):
        place = dict(zip(ids, whole, strict=True))
        roots = sum(place[name] == 0 for name, parent in rows if parent is not None)
        assert roots == threads.cycles
        for name, parent in rows:
            if parent in place and place[name] != 0:
                above = place[parent]
                assert place[name] == (None if above is None else above + 1)


@SOME
@given(
    st.lists(
        st.tuples(
            st.sampled_from([f"c{number}" for number in range(40)]),
            st.none() | st.sampled_from([f"c{number}" for number in range(40)]),
        ),
        max_size=60,
    ),
    st.booleans(),
    st.integers(1, 25),
)
def test_depths_at_once_are_those_one_by_one(
    rows: list[tuple[str, str | None]], once: bool, size: int
) -> None:
    # Each id once and mostly behind its parent is what the quick way is for.
    if once:
        rows = list({name: (name, parent) for name, parent in sorted(rows, key=str)}.values())
    one, many = Threads(), Threads()
    for start in range(0, len(rows), size):
        part = rows[start : start + size]
        ids, parents = [name for name, _ in part], [parent for _, parent in part]
        expected = one.place(ids, parents, []).depths
        found = many.depths(pl.Series(ids, dtype=pl.String), pl.Series(parents, dtype=pl.String))
        assert (found.to_list(), found.dtype) == (expected, pl.Int32)
    assert (one.cycles, one.unplaced, one.repeated) == (many.cycles, many.unplaced, many.repeated)


@SOME
@given(st.lists(st.none() | st.text(max_size=24) | st.floats().map(str) | st.datetimes().map(str)))
def test_times_never_fail(values: list[str | None]) -> None:
    times, unread, unzoned = to_utc(pl.Series(values, dtype=pl.String))
    assert len(times) == len(values)
    assert times.dtype == pl.Datetime("us", "UTC")
    assert 0 <= unread <= len(values)
    assert 0 <= unzoned <= len(values)


@SOME
@given(st.text(alphabet="<>/\"'=ab p!-&;br\n", max_size=80), st.booleans())
def test_html_never_fails_and_says_no_more_than_the_source(markup: str, lines: bool) -> None:
    text = html_to_text(markup, keep_newlines=lines)
    assert html_to_text("plain words") == "plain words"
    assert len(text) <= len(markup) * 2 + 2
