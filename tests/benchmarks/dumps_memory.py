"""Peak memory over the size of the input, for formats that are one document.

    python -m pytest tests/benchmarks/dumps_memory.py -m benchmark -s
    DUMP_MB=100,2000 python -m pytest ...

Each file is a single article with all its comments, so nothing can be let go at the
end of an article. Every read has a process of its own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

SIZES = [int(size) << 20 for size in os.environ.get("DUMP_MB", "150,450").split(",")]
WORDS = "Nobody asked the people who take the ferry every morning, rain or shine. " * 4

READ = """
import json, resource, sys
from toolkit.dumps import read_dump
dump = read_dump(sys.argv[1])
rows = sum(frame.height for frame in dump.batches())
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps([rows, peak, dump.counts.complete]))
"""


def wxr() -> Iterator[str]:
    yield (
        '<rss xmlns:wp="http://wordpress.org/export/1.2/"><channel><item><title>T</title>'
        "<wp:post_id>1</wp:post_id>"
    )
    number = 0
    while True:
        number += 1
        yield (
            f"<wp:comment><wp:comment_id>{number}</wp:comment_id><wp:comment_author>A{number % 999}"
            f"</wp:comment_author><wp:comment_content><![CDATA[<p>{WORDS}</p>]]></wp:comment_content>"
            f"<wp:comment_approved>1</wp:comment_approved><wp:comment_parent>{number // 2}"
            "</wp:comment_parent></wp:comment>\n"
        )


def array() -> Iterator[str]:
    yield "[\n"
    number = 0
    while True:
        number += 1
        record = {
            "id": number,
            "parent_id": number // 2,
            "author": f"A{number % 999}",
            "text": WORDS,
        }
        yield json.dumps(record) + ",\n"


def tree() -> Iterator[str]:
    yield '{"id":1,"type":"story","author":"a","created_at_i":1,"title":"T","story_id":1,'
    yield '"children":['
    number = 1
    while True:
        number += 2
        inner = {"id": number + 1, "author": "b", "created_at_i": 2, "text": WORDS,
                 "parent_id": number, "story_id": 1, "type": "comment", "children": []}  # fmt: skip
        outer = {**inner, "id": number, "parent_id": 1, "children": [inner]}
        yield json.dumps(outer) + ","


ENDS: dict[str, tuple[Callable[[], Iterator[str]], str]] = {
    "wxr": (wxr, "</item></channel></rss>"),
    "array": (array, '{"id":0,"text":"the last","author":"A"}]'),
    "tree": (
        tree,
        '{"id":0,"type":"comment","author":"b","text":"x","parent_id":1,"story_id":1}]}',
    ),
}


@pytest.mark.benchmark
@pytest.mark.parametrize("name", ENDS)
def test_memory_is_flat(name: str, tmp_path: Path) -> None:
    make, end = ENDS[name]
    peaks = []
    for size in SIZES:
        path = tmp_path / name
        with path.open("w", encoding="utf-8") as file:
            written = 0
            for piece in make():
                written += file.write(piece)
                if written > size:
                    break
            file.write(end)
        done = subprocess.run(
            [sys.executable, "-c", READ, str(path)], check=True, capture_output=True, text=True
        )
        rows, peak, complete = json.loads(done.stdout)
        path.unlink()
        sys.stdout.write(f"  {name:<6} {size >> 20:>6,} MB {rows:>10,} rows {peak:>6,} MB peak\n")
        assert complete
        peaks.append(peak)
    assert max(peaks) < 1.3 * min(peaks) + 60
