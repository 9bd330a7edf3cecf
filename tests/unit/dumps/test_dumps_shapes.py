"""The other shapes that the same formats come in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from toolkit.dumps import read_dump

KEY = ("comment_id", "article_id", "parent_id", "text", "depth", "source_status")


def load(seeds: Path, name: str) -> Any:
    return json.loads((seeds / "dumps" / name).read_text(encoding="utf-8"))


def rows(data: bytes | str | Path, **options: Any) -> list[tuple[Any, ...]]:
    source = data.encode() if isinstance(data, str) else data
    return read_dump(source, **options).comments.select(KEY).collect().rows()


def lines(records: list[Any]) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


RESHAPED = {
    "indented": lambda value: json.dumps(value, indent=2).encode(),
    "one line": lambda value: json.dumps(value).encode(),
    "keys sorted": lambda value: json.dumps(value, sort_keys=True).encode(),
    "documents in a row": lambda value: json.dumps(value, indent=1).encode() * 1 + b"\n",
    "a list of documents": lambda value: json.dumps([value]).encode(),
}


@pytest.mark.parametrize("shape", RESHAPED)
@pytest.mark.parametrize(
    "name",
    ["youtube.json", "yt-dlp.info.json", "discourse.json", "mastodon.json", "bluesky.json",
     "hackernews-algolia.json", "hackernews-algolia-hits.json"],
)  # fmt: skip
def test_documents(seeds: Path, name: str, shape: str) -> None:
    expected = rows(seeds / "dumps" / name)
    found = rows(RESHAPED[shape](load(seeds, name)))
    assert sorted(found, key=str) == sorted(expected, key=str)
    if shape != "keys sorted":
        assert found == expected


@pytest.mark.parametrize(
    "name", ["youtube.json", "discourse.json", "mastodon.json", "bluesky.json"]
)
def test_documents_as_lines_with_a_broken_one(seeds: Path, name: str) -> None:
    expected = rows(seeds / "dumps" / name)
    document = load(seeds, name)
    data = lines([document]) + b'{"cut": [1, \n' + lines([document])
    dump = read_dump(data)
    found = dump.comments.select(KEY).collect().rows()
    assert len(found) == 2 * len(expected)
    assert "invalid_json" in dump.rejects["reason"].to_list()
    assert dump.counts.rows_in == dump.counts.rows_out + dump.counts.rejected


@pytest.mark.parametrize("name", ["reddit.ndjson", "hackernews-firebase.ndjson", "convokit.jsonl",
                                  "coral.json", "table.jsonl"])  # fmt: skip
def test_lines_as_an_array(seeds: Path, name: str) -> None:
    path = seeds / "dumps" / name
    records = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    for data in (
        json.dumps(records).encode(),
        json.dumps(records, indent=2).encode(),
        json.dumps([records[:1], records[1:]]).encode(),
        json.dumps(records[:1]).encode() + json.dumps(records[1:]).encode(),
    ):
        assert rows(data) == rows(path)


def test_pages_of_wordpress_comments(seeds: Path) -> None:
    comments = load(seeds, "wordpress-rest.json")
    expected = rows(seeds / "dumps" / "wordpress-rest.json")
    assert rows(json.dumps(comments[:2]) + json.dumps(comments[2:])) == expected
    assert rows(lines(comments)) == expected


def test_wordpress_states() -> None:
    base = {"post": 1, "parent": 0, "author_name": "A", "content": {"rendered": "x"}}
    states = [("approved", "comment"), ("hold", ""), ("spam", "comment"), ("trash", "comment"),
              ("approved", "trackback"), ("spam", "pingback"), ("approved", "review"),
              ("odd", "comment")]  # fmt: skip
    data = json.dumps(
        [{**base, "id": n, "status": s, "type": t} for n, (s, t) in enumerate(states)]
    )
    assert [row[-1] for row in rows(data)] == [
        "published", "pending", "spam", "trash", "trackback", "pingback:spam", "review", "pending",
    ]  # fmt: skip


def test_youtube_comments_alone(seeds: Path) -> None:
    thread = load(seeds, "youtube.json")["items"][0]
    single = [thread["snippet"]["topLevelComment"], *thread["replies"]["comments"]]
    for comment in single[1:]:
        comment["snippet"].pop("videoId")
    found = rows(lines(single))
    assert [row[:3] for row in found] == [
        ("Ug1", "vid_ferry01", None),
        ("Ug1.r1", "vid_ferry01", "Ug1"),
        ("Ug1.r2", "vid_ferry01", "Ug1"),
    ]


def test_discourse_posts_alone_and_replies_to_the_first(seeds: Path) -> None:
    posts = load(seeds, "discourse.json")["post_stream"]["posts"]
    posts[1]["reply_to_post_number"] = 1
    dump = read_dump(lines(posts))
    assert dump.comments.select(KEY).collect().row(0)[2] is None
    assert dump.articles.collect().rows() == [("77", None, None, "A free ferry pays for itself.")]


def test_mastodon_with_its_status_and_with_ancestors(seeds: Path) -> None:
    context = load(seeds, "mastodon.json")
    root = {
        **context["descendants"][0],
        "id": "1100",
        "in_reply_to_id": None,
        "content": "<p>Root</p>",
    }
    dump = read_dump(json.dumps({"status": root, "context": context}).encode())
    assert dump.comments.select(KEY).collect().rows() == rows(seeds / "dumps" / "mastodon.json")
    assert dump.articles.collect()["text"].to_list() == ["Root"]
    above = {
        "ancestors": [root, context["descendants"][0]],
        "descendants": context["descendants"][1:2],
    }
    assert [row[:5] for row in rows(json.dumps(above))] == [
        ("1101", "1100", None, "@marta I take it every day.\n\nSo does my dog.", 0),
        ("1102", "1100", "1101", "money\n\nAnd who pays?\nYou?", 1),
    ]
    flat = [root, *context["descendants"]]
    assert [row[:3] for row in rows(lines(flat))] == [
        ("1101", "1100", None),
        ("1102", "1100", "1101"),
        ("1103", "1100", None),
    ]


def test_bluesky_posts_alone_and_a_thread_seen_from_below(seeds: Path) -> None:
    thread = load(seeds, "bluesky.json")["thread"]
    root, first = thread["post"], thread["replies"][0]
    expected = rows(seeds / "dumps" / "bluesky.json")[:2]
    flat = [root, first["post"], first["replies"][0]["post"]]
    assert rows(json.dumps({"posts": flat})) == expected
    assert rows(lines([{"post": post} for post in flat])) == expected
    below = {
        "thread": {
            **first["replies"][0],
            "parent": {"post": first["post"], "parent": {"post": root}},
        }
    }
    assert rows(json.dumps(below)) == expected[::-1]


def test_reddit_prefixes_names_and_half_known_rows() -> None:
    records = [
        {"name": "t1_a", "id": None, "link_id": "t3_x", "parent_id": "t3_x", "body": "one"},
        {"id": "t1_b", "link_id": "t3_x", "parent_id": "t1_a", "body": "two", "score": "7"},
        {"id": "c", "link_id": "t3_x", "parent_id": "t1_b", "body": "[ Removed by Reddit ]"},
        {"id": "d", "link_id": "t3_x", "parent_id": "t1_c", "body": {"odd": [1]}, "score": 1.0},
    ]
    assert [row[:5] for row in rows(lines(records))] == [
        ("a", "x", None, "one", 0),
        ("b", "x", "a", "two", 1),
        ("c", "x", "b", None, 2),
        ("d", "x", "c", '{"odd": [1]}', 3),
    ]


def test_flat_formats_in_other_containers(seeds: Path, tmp_path: Path) -> None:
    for name in ("reddit.ndjson", "hackernews-firebase.ndjson"):
        frame = pl.read_ndjson(seeds / "dumps" / name)
        flat = frame.select(pl.exclude("kids"))
        flat.write_parquet(tmp_path / "t.parquet")
        flat.write_csv(tmp_path / "t.csv")
        expected = rows(seeds / "dumps" / name)
        assert rows(tmp_path / "t.parquet") == expected
        found = rows(tmp_path / "t.csv", format=read_dump(seeds / "dumps" / name).format)
        assert [row[:3] for row in found][:2] == [row[:3] for row in expected][:2]


def test_nyt_and_socc_articles_stand_beside_the_comments(seeds: Path, tmp_path: Path) -> None:
    (tmp_path / "Comments.csv").write_bytes((seeds / "dumps" / "nyt.csv").read_bytes())
    (tmp_path / "Articles.csv").write_text(
        "articleID,headline,webURL,articleWordCount\n5a00ferry,The ferry,https://n.example/f,612\n"
    )
    dump = read_dump(tmp_path)
    assert dump.comments.collect().height == 3
    assert dump.articles.collect().rows() == [
        ("5a00ferry", "https://n.example/f", "The ferry", None)
    ]
    folder = tmp_path / "socc"
    folder.mkdir()
    (folder / "gnm_comments.csv").write_bytes((seeds / "dumps" / "socc.csv").read_bytes())
    (folder / "gnm_articles.csv").write_text(
        "article_id,title,article_url,author,published_date,ncomments,ntop_level_comments,article_text\n"
        "26700001,The ferry,https://g.example/f,Marta,2031-05-03 EDT,4,2,<p>One.</p><p>Two.</p>\n"
    )
    dump = read_dump(folder)
    assert dump.counts.rejected == 0
    assert dump.articles.collect().rows() == [
        ("26700001", "https://g.example/f", "The ferry", "One.\n\nTwo.")
    ]


def test_convokit_old_key_and_speaker_objects() -> None:
    records = [
        {
            "id": "a",
            "conversation-id": "a",
            "speaker": {"id": "ann"},
            "reply_to": None,
            "text": "x",
        },
        {"id": "b", "conversation-id": "a", "speaker": {"id": "bob"}, "reply_to": "a", "text": "y"},
    ]
    frame = read_dump(lines(records)).comments.collect()
    assert frame["author_id"].to_list() == ["ann", "bob"]
    assert frame["article_id"].to_list() == ["a", "a"]


def test_coral_stories_and_arrays(seeds: Path) -> None:
    story = {"id": "story-1", "tenantID": "t", "url": "https://g.example/f",
             "metadata": {"title": "The ferry"}}  # fmt: skip
    comments = [
        json.loads(line) for line in (seeds / "dumps" / "coral.json").read_text().splitlines()
    ]
    dump = read_dump(json.dumps([*comments, story]).encode())
    assert dump.comments.select(KEY).collect().rows() == rows(seeds / "dumps" / "coral.json")
    assert dump.articles.collect().rows() == [("story-1", "https://g.example/f", "The ferry", None)]


def test_item_that_names_its_id_after_its_comments(seeds: Path) -> None:
    text = (seeds / "dumps" / "wordpress.xml").read_text(encoding="utf-8")
    late = text.replace("<wp:post_id>41</wp:post_id>", "", 1).replace(
        "</item>", "<wp:post_id>41</wp:post_id></item>", 1
    )
    assert rows(late) == rows(text)


def test_tables_with_a_mapping(seeds: Path) -> None:
    mapping = {"text": "body", "author_name": "user.name", "author_handle": "user.handle",
               "comment_id": "id", "article_title": "thread", "article_id": "thread"}  # fmt: skip
    for name in ("table.jsonl", "table.json"):
        dump = read_dump(seeds / "dumps" / name, mapping=mapping)
        frame = dump.comments.collect()
        assert frame["author_name"].to_list() == ["Odile Brandt", "Per Lund"]
        assert frame["author_handle"].to_list() == ["odile_b", "per_lund"]
        assert frame["depth"].to_list() == [None, None]  # no parent was mapped
        assert dump.articles.collect().rows() == [("ferry", None, "ferry", None)]


def test_table_without_ids_names_rows_by_their_place() -> None:
    dump = read_dump(b"comment,user\nhello,Ann\nbye,Bob\n")
    assert dump.comments.collect()["comment_id"].to_list() == ["row-0", "row-1"]
    assert "columns: text=comment,author_name=user" in dump.notes


def test_repeated_ids_are_kept_and_said() -> None:
    dump = read_dump(b"id,text,parent_id\n1,a,\n1,b,\n2,c,1\n")
    assert [row[0] for row in dump.comments.select(KEY).collect().rows()] == ["1", "1", "2"]
    assert "comments whose id was there before: 1" in dump.notes


def test_circles_are_broken_and_said() -> None:
    dump = read_dump(b"id,text,parent_id\na,1,c\nb,2,a\nc,3,b\nd,4,d\ne,5,b\n")
    frame = dump.comments.collect()
    assert frame["parent_id"].to_list() == ["c", "a", "b", "d", "b"]
    assert frame["depth"].to_list() == [0, 1, 2, 0, 2]
    assert "circles of comments that answer each other, broken: 2" in dump.notes
