"""A stream as blocks of whole lines, with their place in the source."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator
from contextlib import closing
from typing import Final, NamedTuple, TypeVar

from toolkit.dumps.base import Reading
from toolkit.dumps.compress import BrokenOffError, Stream
from toolkit.dumps.opening import Member
from toolkit.dumps.rejects import RAW_BYTES

BLOCK_BYTES: Final = 8 << 20
_Item = TypeVar("_Item")
_Made = TypeVar("_Made")


class Block(NamedTuple):
    """Whole lines. ``offset`` counts from the beginning of the unpacked source."""

    data: bytes
    offset: int


class Fault(NamedTuple):
    """A line that is too large, or with ``error`` the damage that ends the source."""

    raw: bytes
    offset: int
    length: int
    error: BrokenOffError | None


def blocks(
    stream: Stream, member: Member, reading: Reading, *, size: int = BLOCK_BYTES
) -> Generator[Block, None, None]:
    """Blocks of about ``size`` bytes that end with a line; the last may lack its line end.

    A line larger than the limit is rejected without being held. Damage is handled
    as the user chose, after what stands before it was given out.
    """
    with closing(_items(stream, reading.options.max_row_bytes, size)) as found:
        for item in found:
            if isinstance(item, Block):
                yield item
            else:
                _fault(item, member, reading)


def made_ahead(
    stream: Stream, member: Member, reading: Reading, make: Callable[[Block], _Made]
) -> Generator[_Made, None, None]:
    """What ``make`` makes of each of :func:`blocks`, in a thread of its own.

    The books are kept in the caller's.
    """
    items = _items(stream, reading.options.max_row_bytes, BLOCK_BYTES)
    work = (item if isinstance(item, Fault) else make(item) for item in items)
    with closing(ahead(work)) as found:
        for item in found:
            if isinstance(item, Fault):
                _fault(item, member, reading)
            else:
                yield item


def _fault(item: Fault, member: Member, reading: Reading) -> None:
    if item.error is not None:
        reading.broken(member, item.error, item.offset, item.raw)
    else:
        reading.reject(member, item.offset, "row_too_large", item.raw, length=item.length)


def _items(stream: Stream, limit: int, size: int) -> Generator[Block | Fault, None, None]:
    held = b""
    offset = 0
    searched = 0  # bytes of ``held`` known to be without a line end
    while True:
        try:
            data = stream.read(size)
        except BrokenOffError as error:
            end = held.rfind(b"\n") + 1
            if end:
                yield Block(held[:end], offset)
            yield Fault(held[end:], offset + end, len(held) - end, error)
            return
        held = held + data if held else data
        end = held.rfind(b"\n", searched) + 1
        if end:
            yield Block(held[:end], offset)
            offset += end
            held = held[end:]
        elif len(held) > limit and data:
            fault, held = _skip_line(stream, held, offset)
            yield fault
            if fault.error is not None:
                return
            offset += fault.length
        if not data:
            if held.strip():
                yield Block(held, offset)
            return
        searched = len(held)


def _skip_line(stream: Stream, held: bytes, offset: int) -> tuple[Fault, bytes]:
    """The line that ``held`` begins as a fault, and what follows it."""
    start, length = held[:RAW_BYTES], len(held)
    try:
        while data := stream.read(BLOCK_BYTES):
            end = data.find(b"\n") + 1
            if end:
                return Fault(start, offset, length + end, None), data[end:]
            length += len(data)
    except BrokenOffError as error:
        return Fault(start, offset, length, error), b""
    return Fault(start, offset, length, None), b""


def ahead(items: Generator[_Item, None, None], depth: int = 2) -> Generator[_Item, None, None]:
    """``items``, made in a thread of their own while the caller works on those before.

    They are closed, in that thread, before this ends.
    """
    made: queue.Queue[tuple[bool, object]] = queue.Queue(maxsize=depth)
    stopped = threading.Event()

    def put(entry: tuple[bool, object]) -> bool:
        while not stopped.is_set():
            try:
                made.put(entry, timeout=0.1)
            except queue.Full:
                continue
            return True
        return False

    def work() -> None:
        try:
            with closing(items):
                for item in items:
                    if not put((True, item)):
                        return
            put((False, None))
        except BaseException as error:
            put((False, error))

    thread = threading.Thread(target=work, name="toolkit-ahead", daemon=True)
    thread.start()
    try:
        while True:
            good, item = made.get()
            if good:
                yield item  # type: ignore[misc]
            elif item is None:
                return
            else:
                raise item  # type: ignore[misc]
    finally:
        stopped.set()
        thread.join()
