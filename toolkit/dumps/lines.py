"""A stream as blocks of whole lines, with their place in the source."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import Final, NamedTuple, TypeVar

from toolkit.dumps.base import Reading
from toolkit.dumps.compress import BrokenOffError, Stream
from toolkit.dumps.opening import Member
from toolkit.dumps.rejects import RAW_BYTES

BLOCK_BYTES: Final = 8 << 20
_Item = TypeVar("_Item")


class Block(NamedTuple):
    """Whole lines. ``offset`` counts from the beginning of the unpacked source."""

    data: bytes
    offset: int


def blocks(
    stream: Stream, member: Member, reading: Reading, *, size: int = BLOCK_BYTES
) -> Iterator[Block]:
    """Blocks of about ``size`` bytes that end with a line; the last may lack its line end.

    A line larger than the limit is rejected without being held. Damage is handled
    as the user chose, after what stands before it was given out.
    """
    limit = reading.options.max_row_bytes
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
            reading.broken(member, error, offset + end, held[end:])
            return
        held = held + data if held else data
        end = held.rfind(b"\n", searched) + 1
        if end:
            yield Block(held[:end], offset)
            offset += end
            held = held[end:]
        elif len(held) > limit and data:
            after = _skip_line(stream, member, reading, held, offset)
            if after is None:
                return
            held, offset = after
        if not data:
            if held.strip():
                yield Block(held, offset)
            return
        searched = len(held)


def _skip_line(
    stream: Stream, member: Member, reading: Reading, held: bytes, offset: int
) -> tuple[bytes, int] | None:
    """Reject the line that ``held`` begins; what follows it, and where that stands.

    None where nothing follows that can be read.
    """
    start, length = held[:RAW_BYTES], len(held)
    rest = b""
    try:
        while data := stream.read(BLOCK_BYTES):
            end = data.find(b"\n")
            if end != -1:
                length += end + 1
                rest = data[end + 1 :]
                break
            length += len(data)
    except BrokenOffError as error:
        reading.broken(member, error, offset, start)
        return None
    reading.reject(member, offset, "row_too_large", start, length=length)
    return rest, offset + length


def ahead(items: Iterator[_Item], depth: int = 2) -> Iterator[_Item]:
    """``items``, made in a thread of their own: unpacking goes on while rows are parsed."""
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
            for item in items:
                if not put((True, item)):
                    return
            put((False, None))
        except BaseException as error:
            put((False, error))

    thread = threading.Thread(target=work, name="toolkit-unpack", daemon=True)
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
