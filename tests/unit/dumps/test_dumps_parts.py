"""Times, names, depth and the columns of tables, each by itself."""

from __future__ import annotations

import io
import random
import sys
import threading
import unicodedata
from collections.abc import Generator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import orjson
import polars as pl
import pytest

from toolkit.dumps import json_stream, read_dump
from toolkit.dumps import threads as threads_module
from toolkit.dumps.finish import _clean, whole_numbers
from toolkit.dumps.lines import ahead
from toolkit.dumps.mapping import recognised, resolve
from toolkit.dumps.pseudonymize import Pseudonymizer
from toolkit.dumps.threads import Threads
from toolkit.dumps.times import parse_time, to_utc
from toolkit.errors import MappingError, SettingsError
from toolkit.text.normalize import clean

WHEN = datetime(2031, 5, 3, 9, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "1935566400",
        "1935566400.0",
        "1935566400000",
        "1935566400000000",
        "1935566400000000000",
        "1.9355664e9",
        " 1935566400 ",
        "2031-05-03T09:20:00Z",
        "2031-05-03T09:20:00.000+00:00",
        "2031-05-03 11:20:00+02:00",
        "2031-05-03 11:20:00 +0200",
        "2031-05-03 09:20:00 UTC",
        "2031-05-03 05:20 EDT",
        "Sat, 03 May 2031 09:20:00 GMT",
        "Sat, 03 May 2031 11:20:00 +0200",
        "Sat May 03 09:20:00 +0000 2031",
        "May 3, 2031, 5:20 AM EDT",
    ],
)
def test_times_with_a_zone(text: str) -> None:
    times, unread, unzoned = to_utc(pl.Series([text]))
    assert (times.to_list(), unread, unzoned) == ([WHEN], 0, 0)


@pytest.mark.parametrize(
    "text",
    [
        "2031-05-03 09:20",
        "2031-05-03T09:20:00",
        "May 3, 2031 9:20 AM",
        "3 May 2031 09:20",
        "03.05.2031 09:20",
        "2031/05/03 09:20",
        "20310503092000",
    ],
)
def test_times_without_a_zone_are_utc_and_counted(text: str) -> None:
    times, unread, unzoned = to_utc(pl.Series([text, "1935566400"]))
    assert (times.to_list(), unread, unzoned) == ([WHEN, WHEN], 0, 1)


def test_days_that_could_be_two() -> None:
    assert parse_time("13/04/2031")[0] == datetime(2031, 4, 13, tzinfo=UTC)
    assert parse_time("04/13/2031 5:06 PM")[0] == datetime(2031, 4, 13, 17, 6, tzinfo=UTC)
    assert parse_time("04/04/2031")[0] == datetime(2031, 4, 4, tzinfo=UTC)
    assert parse_time("03/04/2031")[0] is None


def test_times_that_are_none() -> None:
    values = [None, "", "0", "0000-00-00 00:00:00", "yesterday", "9" * 40, "-1e300", "99999-01-01"]
    times, unread, unzoned = to_utc(pl.Series(values))
    assert times.null_count() == len(values)
    assert (unread, unzoned) == (4, 0)


def test_a_day_alone_is_no_number_of_seconds() -> None:
    assert to_utc(pl.Series(["20310503"]))[0].to_list() == [datetime(2031, 5, 3, tzinfo=UTC)]


def test_whole_numbers() -> None:
    raw = pl.Series(["3", "3.0", "-4", "x", None, "3.5", "9" * 30, "", " 7 "])
    assert whole_numbers(raw).to_list() == [3, 3, -4, None, None, None, None, None, 7]


def test_text_is_cleaned_as_the_text_room_cleans_it() -> None:
    """Whatever could be out of normal form, or in need of cleaning, is found."""
    letters = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    alone = [letter for letter in letters if unicodedata.normalize("NFC", letter) != letter]
    pairs = [
        unicodedata.normalize("NFD", letter)
        for letter in letters
        if len(unicodedata.normalize("NFD", letter)) > 1
    ]
    marks = [f"a{letter}\u0301" for letter in letters if unicodedata.combining(letter)]
    rng = random.Random(3)
    odd = [*letters[:1000], *(" \n\t\r\u00a0\u2028\u2029" * 40), *"e\u0301\u0301\u0327"]
    mixed = ["".join(rng.choices(odd, k=12)) for _ in range(5000)]
    texts = [*alone, *pairs, *marks, *mixed]
    expected = [clean(text) for text in texts]
    found = _clean(pl.Series(texts)).to_list()
    assert [text for text, a, b in zip(texts, found, expected, strict=True) if a != b] == []


def test_pseudonyms_depend_on_the_key_alone() -> None:
    first, again, other = Pseudonymizer("one"), Pseudonymizer(b"one"), Pseudonymizer("two")
    assert first.author("ann") == again.author("ann") != other.author("ann")
    assert first.author("ann") != first.author("bob")
    assert len(first.author("ann")) == 32
    assert Pseudonymizer("k" * 64).author("a") != Pseudonymizer("k" * 65).author("a")
    with pytest.raises(SettingsError):
        Pseudonymizer(b"")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("@ann hello", "@user hello"),
        ("so @ann_b-c.d, and (@bob)!", "so @user, and (@user)!"),
        ("@ann@quay.example yes", "@user yes"),
        ("ask u/ann or /u/bob-2.", "ask u/user or u/user."),
        ("write to ann@example.org", "write to ann@example.org"),
        ("at 5 @ noon", "at 5 @ noon"),
        ("@Odile Brandt, no. @Per Unknown", "@user, no. @user Unknown"),
        ("no names", "no names"),
    ],
)
def test_mentions(text: str, expected: str) -> None:
    pseudonyms = Pseudonymizer("key")
    pseudonyms.know("Odile Brandt")
    assert pseudonyms.text(text) == expected


def test_no_name_is_left_in_a_pseudonymized_dump(seeds: object) -> None:
    from pathlib import Path

    folder = Path(str(seeds)) / "dumps"
    names = ("odile", "per_lund", "Per Lund", "Brandt", "harbour_cat", "quay_walker", "boats4u")
    for path in sorted(folder.iterdir()):
        dump = read_dump(path, pseudonymize="a secret")
        comments, articles = dump.comments.collect(), dump.articles.collect()
        assert comments["author_name"].null_count() == comments.height
        assert comments["author_handle"].null_count() == comments.height
        written = comments.write_json() + articles.write_json()
        assert not [name for name in names if name.lower() in written.lower()], path.name
        plain = read_dump(path).comments.collect()
        known = plain.select(
            pl.coalesce("author_id", "author_handle", "author_name").is_not_null()
        ).to_series()
        assert comments["author_id"].is_not_null().to_list() == known.to_list()
        assert comments["depth"].to_list() == plain["depth"].to_list()
        # Threads hold together, whatever their ids are made of.
        assert comments["parent_id"].null_count() == plain["parent_id"].null_count()
        linked = comments["parent_id"].is_in(comments["comment_id"].implode())
        before = plain["parent_id"].is_in(plain["comment_id"].implode())
        assert linked.to_list() == before.to_list()


def test_rejects_name_nobody_when_names_are_to_go() -> None:
    data = b'{"id":"a","text":"x","author":"Odile"}\n{"id":"b","author":"Odile"\n'
    dump = read_dump(data, pseudonymize="key", format="jsonl")
    dump.comments.collect()
    (reject,) = dump.rejects.rows(named=True)
    assert (reject["raw_base64"], reject["raw_cut"], reject["offset"]) == ("", True, 39)
    assert "Odile" not in reject["detail"]


def test_depth_across_batches_and_far_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads_module, "REMEMBERED", 1000)
    threads = Threads()
    assert threads.place(["a", "b"], [None, "a"], []).depths == [0, 1]
    assert threads.place(["c", "d"], ["d", "b"], []).depths == [3, 2]
    for start in range(30):
        names = [f"{start}-{n}" for n in range(40)]
        assert threads.place(names, [None] * 40, []).depths == [0] * 40
        assert threads.place(["x" * start], ["c"], []).depths == [4]
    for start in range(30, 60):
        threads.place([f"{start}-{n}" for n in range(40)], [None] * 40, [])
    assert threads.place(["e"], ["c"], []).depths == [None]
    assert threads.unplaced == 1
    assert threads.repeated == 0
    assert threads._young.size + threads._old.size <= 2 * 1000 + 80
    assert threads.place(["59-1", "f", "f"], [None, "59-1", None], []).depths == [0, 1, 0]
    assert threads.repeated == 2


def test_articles_are_found_by_climbing() -> None:
    threads = Threads(climbs=True)
    threads.articles(["s", "s"])
    places = threads.place(
        ["c", "b", "a", "x", "y"], ["b", "a", "s", "w", "x"], [None] * 4 + ["own"]
    )
    assert places.depths == [2, 1, 0, None, None]
    assert places.articles == ["s", "s", "s", None, "own"]
    assert places.at_the_top == [False, False, True, False, False]
    assert threads.place(["d"], ["c"], [None]) == ([3], ["s"], [False])


def test_common_names_are_recognised() -> None:
    found = resolve(["Comment ID", "Reply-To", "USER", "Comment Text", "Date"], None, dotted=False)
    assert found == {
        "text": "Comment Text",
        "comment_id": "Comment ID",
        "parent_id": "Reply-To",
        "author_name": "USER",
        "created_at": "Date",
    }
    assert not recognised(["text"])
    assert not recognised(["name", "price"])
    with pytest.raises(MappingError, match="no column looks like"):
        resolve(["name", "price"], None, dotted=False)
    with pytest.raises(MappingError, match=r"there is no column 'a\.b'"):
        resolve(["a"], {"text": "a.b"}, dotted=False)
    assert resolve(["a"], {"text": "a.b"}, dotted=True) == {"text": "a.b"}


def test_given_depths_are_kept_and_unknown_ones_stay_unknown() -> None:
    threads = Threads()
    places = threads.place(
        ["a", "b", "c", "d", "e", "f", "g"],
        [None, None, "b", "x", "d", "b", None],
        [],
        [0, None, None, None, None, 7, -0],
    )
    assert places.depths == [0, None, None, None, None, 7, 0]
    assert threads.unplaced == 3  # c, d and e; that b is unknown is the source's word
    assert threads.place(["h", "i"], ["f", "g"], [], [None, None]).depths == [8, 1]
    assert Threads().place(["b"], [None], []).depths == [0]


def test_our_own_parquet_reads_the_same_again(tmp_path: Path, seeds: Path) -> None:
    for path in sorted((seeds / "dumps").iterdir()):
        first = read_dump(path).comments.collect()
        copy = tmp_path / "copy.parquet"
        first.write_parquet(copy)
        again = read_dump(copy, format="parquet").comments.collect()
        assert again["depth"].to_list() == first["depth"].to_list(), path.name
        assert again.equals(first), path.name
    nowhere = read_dump(b'{"comment":"no parent is named","user":"Ann"}\n').comments.collect()
    assert nowhere["depth"].to_list() == [None]
    nowhere.write_parquet(copy)
    assert read_dump(copy).comments.collect()["depth"].to_list() == [None]


@pytest.mark.parametrize(
    ("written", "read"),
    [("3", 3), ("3.0", 3), ("0", 0), ("", None), ("-2", None), ("99999999999", None), ("x", None)],
)
def test_depths_as_tables_write_them(written: str, read: int | None) -> None:
    dump = read_dump(f"id,text,user,depth\n1,hello,Ann,{written}\n".encode())
    assert dump.comments.collect()["depth"].to_list() == [read]


def test_reading_ahead_closes_what_it_read_from() -> None:
    closed: list[str] = []

    def numbers(fail_at: int | None = None) -> Generator[int, None, None]:
        try:
            for number in range(1000):
                if number == fail_at:
                    raise ValueError("broken")
                yield number
        finally:
            closed.append(threading.current_thread().name)

    with closing(ahead(numbers())) as found:
        assert next(found) == 0
    assert closed == ["toolkit-ahead"]
    with pytest.raises(ValueError, match="broken"):
        list(ahead(numbers(fail_at=5)))
    assert list(ahead(numbers())) == list(range(1000))
    assert len(closed) == 3


def test_a_long_array_lets_go_what_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "BLOCK", 1000)
    records = [{"id": number, "text": "x" * (number % 700)} for number in range(3000)]
    data = orjson.dumps(records)
    scanner = json_stream._Scanner(
        io.BytesIO(data), lambda level, _: level == 0, name="x", max_row=1 << 20, flat_from=0
    )
    found = []
    for element in scanner.run():
        found.append(orjson.loads(element.data))
        assert data[element.node.offset :].startswith(element.data)
        # A record may straddle two blocks; what lies before it is gone.
        assert len(scanner._buffer) <= 3 * 1000
    assert found == records


def test_an_article_is_found_in_the_generation_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads_module, "REMEMBERED", 4)
    threads = Threads(climbs=True)
    threads.articles(["s", "t"])
    threads.place(["a", "b"], ["s", "t"], [None, None])
    assert threads._young.size == 0  # the older generation has them all now
    assert threads.place(["c", "d"], ["a", "b"], [None, None]).articles == ["s", "t"]
    assert threads.place(["e", "e"], ["d", "nobody"], [None, None]).articles == ["t", None]
    assert threads.place(["f"], ["e"], [None]).articles == ["t"]
