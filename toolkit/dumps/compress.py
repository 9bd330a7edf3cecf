"""Compressed bytes as a plain stream, within limits.

Reads gzip, Zstandard (windows up to 2^31 bytes, as large forum archives use),
bzip2 and xz, told by their first bytes and not by a file's name. Everything is
read in small steps, so a bomb costs a bounded amount of memory and is refused by
its ratio.
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import lzma
import sys
import zlib
from collections.abc import Callable
from typing import BinaryIO, Final, Protocol, cast

from toolkit.errors import DecompressionLimitError, DumpReadError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

#: An archive may unpack to this many times its size …
MAX_RATIO: Final = 200.0
#: … and to this many bytes in any case.
FREE_BYTES: Final = 64 << 20
#: Bytes asked for at a time.
BLOCK: Final = 1 << 20

_MAGIC: Final = (
    (b"\x1f\x8b", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"PK\x03\x04", "zip"),
)
#: A Zstandard file may begin with a skippable frame; its magic has 16 forms.
_ZSTD_SKIPPABLE: Final = b"\x2a\x4d\x18"
_UNREAD: Final = (
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"Rar!", "RAR"),
    (b"\x04\x22\x4d\x18", "LZ4"),
    (b"PK\x05\x06", "an empty zip"),
)
_DAMAGE: Final = (OSError, EOFError, zlib.error, lzma.LZMAError, zstd.ZstdError, ValueError)
_DECODE_STEP: Final = "Name its encoding, or convert it to UTF-8."


class BrokenOffError(DumpReadError):
    """The stream ends early or is damaged from here on. What came before is good."""


class Stream(Protocol):
    """What the readers read from: up to ``size`` bytes, none at the end."""

    def read(self, size: int, /) -> bytes:
        """See above."""


def compression_of(head: bytes) -> str | None:
    """``gzip``, ``zstd``, ``bzip2``, ``xz``, ``zip``, or None for bytes as they are.

    Raises DumpReadError for an archive that is not read here.
    """
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if head[1:4] == _ZSTD_SKIPPABLE and 0x50 <= head[0] <= 0x5F:
        return "zstd"
    for magic, name in _UNREAD:
        if head.startswith(magic):
            raise DumpReadError(
                f"this is {name}, which is not read here",
                next_step="Unpack it, and give the file or the folder that comes out.",
            )
    return None


class _Counted:
    """A raw file that knows how much of it was read."""

    def __init__(self, raw: BinaryIO, on_read: Callable[[int], None] | None) -> None:
        self._raw = raw
        self._on_read = on_read
        self.count = 0

    def read(self, size: int = -1) -> bytes:
        data = self._raw.read(size)
        self.count += len(data)
        if self._on_read is not None:
            self._on_read(self.count)
        return data

    def seekable(self) -> bool:
        return False

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._raw.close()

    @property
    def closed(self) -> bool:
        return self._raw.closed


class Unpacked:
    """A stream of the plain bytes behind ``raw``. Close it, or use it in a ``with``.

    ``read`` returns exactly ``size`` bytes but at the end. Raises
    :class:`BrokenOffError` where the archive ends early, after all that could
    still be read was returned, and DecompressionLimitError past ``max_ratio``
    (None = no limit). ``packed`` is the size within an archive that holds ``raw``.
    ``on_read`` is told how many bytes of ``raw`` were read so far.
    """

    def __init__(
        self,
        raw: BinaryIO,
        *,
        name: str,
        head: bytes,
        max_ratio: float | None = MAX_RATIO,
        packed: int | None = None,
        on_read: Callable[[int], None] | None = None,
    ) -> None:
        self.name = name
        self._packed = packed
        self.compression = compression_of(head)
        self._counted = _Counted(raw, on_read)
        self._max_ratio = max_ratio
        self._out = 0
        self._error: DumpReadError | None = None
        source = cast("BinaryIO", self._counted)
        self._file: BinaryIO = source
        if self.compression == "gzip":
            self._file = cast("BinaryIO", gzip.GzipFile(fileobj=source))
        elif self.compression == "zstd":
            options: dict[int, int] = {zstd.DecompressionParameter.window_log_max: 31}
            self._file = cast("BinaryIO", zstd.ZstdFile(source, options=options))
        elif self.compression == "bzip2":
            self._file = cast("BinaryIO", bz2.BZ2File(source))
        elif self.compression == "xz":
            self._file = cast("BinaryIO", lzma.LZMAFile(source))  # noqa: SIM115 - closed with us

    def read(self, size: int, /) -> bytes:
        """The next ``size`` bytes; fewer at the end, none after it."""
        if self._error is not None:
            raise self._error
        parts: list[bytes] = []
        missing = size
        while missing > 0:
            try:
                data = self._step(min(missing, BLOCK))
            except _DAMAGE as error:
                self._error = BrokenOffError(
                    f"{self.name} is damaged or breaks off after {self._out:,} bytes"
                    f"{f' ({self.compression}: {error})' if self.compression else f': {error}'}",
                    next_step="Fetch it again, or keep what is whole with --keep-broken.",
                )
                if not parts:
                    raise self._error from error
                break
            if not data:
                break
            self._out += len(data)
            self._check_ratio()
            parts.append(data)
            missing -= len(data)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _step(self, size: int) -> bytes:
        if self.compression is None:
            return self._file.read(size)
        # read1, since read loses what it has when the archive breaks off behind it.
        return cast("gzip.GzipFile", self._file).read1(size)

    def _check_ratio(self) -> None:
        if self._max_ratio is None or self._out <= FREE_BYTES:
            return
        packed = self._counted.count if self._packed is None else self._packed
        if self._out > self._max_ratio * max(1, packed):
            raise DecompressionLimitError(
                f"{self.name} unpacks to more than {self._max_ratio:g} times its size "
                f"({self._out:,} bytes from {packed:,})",
                next_step="If you trust it, unpack it yourself and give the file that comes out.",
            )

    def close(self) -> None:
        """Close the file behind it, too."""
        if self._file is not cast("BinaryIO", self._counted):
            self._file.close()
        self._counted.close()

    def __enter__(self) -> Unpacked:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Transcoded:
    """A stream in another encoding, as UTF-8. Offsets behind it count UTF-8 bytes."""

    def __init__(self, stream: Stream, encoding: str, *, name: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)("surrogateescape")
        self._name = name
        self._held = b""
        self._ended = False

    def read(self, size: int, /) -> bytes:
        """The next ``size`` bytes of UTF-8. An undecodable byte stays as it is, and is
        found later as invalid UTF-8.
        """
        while len(self._held) < size and not self._ended:
            data = self._stream.read(max(size, BLOCK))
            self._ended = not data
            try:
                text = self._decoder.decode(data, final=self._ended)
            except UnicodeDecodeError as error:
                raise BrokenOffError(
                    f"{self._name} is no text in the encoding it claims: {error.reason}",
                    next_step=_DECODE_STEP,
                ) from error
            self._held += text.encode("utf-8", "surrogateescape")
        data, self._held = self._held[:size], self._held[size:]
        return data


def decoded(stream: Stream, head: bytes, encoding: str | None, *, name: str) -> Stream:
    """``stream`` as UTF-8 without a byte order mark.

    ``encoding`` None reads UTF-8, or UTF-16 and UTF-32 where a byte order mark says so.
    """
    if encoding is None:
        if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
            encoding = "utf-32"
        elif head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            encoding = "utf-16"
        elif head.startswith(codecs.BOM_UTF8):
            stream.read(len(codecs.BOM_UTF8))
            return stream
        else:
            return stream
    try:
        if codecs.lookup(encoding).name in ("utf-8", "ascii"):
            return stream
        return Transcoded(stream, encoding, name=name)
    except LookupError as error:
        raise DumpReadError(
            f"{encoding!r} is no encoding that Python knows", next_step=_DECODE_STEP
        ) from error
