#!/usr/bin/env python
"""Parse damaged pages and look for crashes, hangs and memory.

    scripts/fuzz_pages.py [-n 10000] [--seed 1] [--limit 2.0] [--memory 1024]

Each page is one of ``seeds/*.html``, or of FOLDER/data/pages/html where
TOOLKIT_CORPORA names a folder of labelled corpora, and is damaged in one or
more ways: cut, tags nested, tags dropped, mis-encoded, bytes lost, parts
repeated or swapped, attributes made huge; some pages are made from nothing but
ten million bytes of tags. The run is repeatable: the same seed gives the same
pages.

Ends with 1 where a page raised anything but an InputError, took more processor
time than ``--limit`` seconds, or made the process grow beyond ``--memory`` MB;
such pages are written to ``--keep``, where that is given.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

from toolkit.errors import InputError
from toolkit.parsing.html import parse_html

ROOT = Path(__file__).resolve().parent.parent
TAGS = ("div", "b", "font", "table", "tr", "td", "ul", "li", "blockquote", "p", "a", "span", "form")
TAG = re.compile(rb"<[^<>]{0,2000}>")
MEGABYTES = 10_000_000

Mutation = Callable[[bytes, random.Random], bytes]


def cut(data: bytes, rng: random.Random) -> bytes:
    """Truncated anywhere, also within a letter or a tag."""
    return data[: rng.randrange(len(data) + 1)]


def cut_out(data: bytes, rng: random.Random) -> bytes:
    """A piece missing in the middle."""
    start = rng.randrange(len(data) + 1)
    return data[:start] + data[start + rng.randrange(1, 20_000) :]


def nest(data: bytes, rng: random.Random) -> bytes:
    """Wrapped, anywhere, in many open tags."""
    at = rng.randrange(len(data) + 1)
    tag = rng.choice(TAGS)
    opening = f'<{tag} class="comment">'.encode() * rng.choice((10, 300, 3_000))
    return data[:at] + opening + data[at:]


def drop_tags(data: bytes, rng: random.Random) -> bytes:
    """Some tags lost, so that others never close."""
    share = rng.choice((0.01, 0.1, 0.5))
    return TAG.sub(lambda m: b"" if rng.random() < share else m.group(), data)


def shuffle_tags(data: bytes, rng: random.Random) -> bytes:
    """The tags in another order."""
    tags = TAG.findall(data)
    rng.shuffle(tags)
    return TAG.sub(lambda _: tags.pop() if tags else b"", data)


def misencode(data: bytes, rng: random.Random) -> bytes:
    """In another encoding than the page says."""
    text = data.decode("utf-8", "replace")
    encoding = rng.choice(
        ("utf-16", "utf-16-le", "utf-32", "cp1252", "cp1251", "koi8-r", "gb18030")
    )
    return text.encode(encoding, "replace")


def lose_bits(data: bytes, rng: random.Random) -> bytes:
    """Bytes changed at random."""
    damaged = bytearray(data)
    for _ in range(rng.choice((3, 100, 5_000))):
        if damaged:
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
    return bytes(damaged)


def repeat(data: bytes, rng: random.Random) -> bytes:
    """A piece many times over."""
    start = rng.randrange(len(data) + 1)
    piece = data[start : start + rng.randrange(1, 3_000)]
    return data[:start] + piece * rng.choice((2, 20, 200)) + data[start:]


def swap_ids(data: bytes, rng: random.Random) -> bytes:
    """Ids and parents that answer each other, or are all the same."""
    number = str(rng.randrange(3)).encode()
    return re.sub(rb"\d{2,9}", lambda m: number if rng.random() < 0.5 else m.group(), data)


def grow(data: bytes, rng: random.Random) -> bytes:
    """An attribute or a text of a megabyte."""
    at = rng.randrange(len(data) + 1)
    filler = rng.choice((b"a", b"a ", b'"', b"<", b"&amp;", b"comment ", "\u202e\u0301".encode()))
    huge = filler * (1_000_000 // len(filler))
    return data[:at] + b'<div class="' + huge + b'" id="comment-1">' + data[at:]


def controls(data: bytes, rng: random.Random) -> bytes:
    """Control characters, byte order marks and non-characters strewn in."""
    strewn = (b"\x00", b"\x01", b"\x1b", b"\xef\xbb\xbf", b"\xef\xbf\xbf", b"\xed\xa0\x80", b"\r")
    parts = [data[i : i + 500] for i in range(0, len(data), 500)]
    return rng.choice(strewn).join(parts)


MUTATIONS: tuple[Mutation, ...] = (
    cut,
    cut_out,
    nest,
    drop_tags,
    shuffle_tags,
    misencode,
    lose_bits,
    repeat,
    swap_ids,
    grow,
    controls,
)


def monsters(rng: random.Random) -> bytes:
    """Ten million bytes of tags, of one of the kinds that parsers fear."""
    tag, other = rng.choice(TAGS), rng.choice(TAGS)
    unit = rng.choice(
        (
            f"<{tag}>",
            f"<{tag}><{other}>",
            f"<{tag}>x</{tag}>",
            f'<{tag} class="comment" id="comment-1">',
            f'<{tag} class="comment"><{other} class="author">Ann</{other}>',
            f"<{tag}><{other}>x</{tag}>",
            f"</{tag}>",
            f"<{tag} ",
            "<!--",
            "<script>",
            "<li class=comment id=comment-1><cite>A</cite> 3.4.2012 <p>x</p>",
            "<p>3.4.2012, 10:11 Ann: ",
            "&lt;",
            "Ann says:<br>",
        )
    )
    count = MEGABYTES // len(unit)
    return ("<html><body>" + unit * count).encode()


def sources() -> list[bytes]:
    files = sorted((ROOT / "seeds").glob("*.html"))
    corpora = os.environ.get("TOOLKIT_CORPORA")
    if corpora:
        files += sorted((Path(corpora) / "data" / "pages" / "html").glob("*.html"))
    return [file.read_bytes() for file in files]


def make(number: int, seed: int, pages: list[bytes]) -> tuple[str, bytes]:
    """The page with this number, and how it was made."""
    rng = random.Random(f"{seed}-{number}")
    if number % 250 == 249:
        return "monster", monsters(rng)
    data = rng.choice(pages)
    names = []
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        mutation = rng.choice(MUTATIONS)
        names.append(mutation.__name__)
        data = mutation(data, rng)[: 2 * MEGABYTES]
    return "+".join(names), data


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    options.add_argument("-n", type=int, default=10_000, help="how many pages (default 10000)")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--start", type=int, default=0, help="number of the first page")
    options.add_argument("--limit", type=float, default=2.0, help="processor seconds a page")
    options.add_argument("--memory", type=int, default=1024, help="MB the process may take")
    options.add_argument("--keep", type=Path, help="folder for the pages that failed")
    chosen = options.parse_args()
    pages = sources()
    failures = 0
    slowest = 0.0
    refused = 0
    parse_html(pages[0])
    for number in range(chosen.start, chosen.start + chosen.n):
        how, data = make(number, chosen.seed, pages)
        problem = ""
        start = time.process_time()
        try:
            parse_html(data, url="https://fuzz.example/page")
        except InputError:
            refused += 1
        except Exception as error:  # the very thing looked for
            problem = f"{type(error).__name__}: {error}"
        taken = time.process_time() - start
        slowest = max(slowest, taken)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        if taken > chosen.limit:
            problem = problem or f"{taken:.1f} s"
        if memory > chosen.memory:
            problem = problem or f"{memory} MB"
        if problem:
            failures += 1
            print(f"{number} {how} ({len(data)} bytes): {problem[:300]}", flush=True)
            if chosen.keep:
                chosen.keep.mkdir(parents=True, exist_ok=True)
                (chosen.keep / f"{number}.html").write_bytes(data)
            if memory > chosen.memory:
                break
        if (number + 1) % 1000 == 0:
            print(f"{number + 1} pages, slowest {slowest:.2f} s, {memory} MB", flush=True)
    print(
        f"{chosen.n} pages: {failures} failed, {refused} refused as no page, "
        f"slowest {slowest:.2f} s, at most {memory} MB"
    )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
