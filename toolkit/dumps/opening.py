"""From what a user names to an ordered list of files to read.

A path, a folder, a glob, a zip archive, ``-`` for standard input, bytes, an open
binary file, or a list of these. Folders and globs are read in natural order
(``page-2`` before ``page-10``), so positions are the same on every machine.
"""

from __future__ import annotations

import glob
import os
import re
import shutil
import sys
import tempfile
import weakref
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final, cast

from toolkit.dumps.compress import (
    MAX_RATIO,
    BrokenOffError,
    Stream,
    Unpacked,
    compression_of,
    decoded,
)
from toolkit.errors import DumpReadError, EmptySourceError, SourceNotFoundError

#: What :func:`read_dump` takes.
Source = str | Path | bytes | BinaryIO | Sequence["str | Path | bytes | BinaryIO"]

#: Bytes of the opening that formats are told by.
HEAD_BYTES: Final = 256 << 10
STDIN: Final = "-"
_DIGITS: Final = re.compile(r"(\d+)")


class Meter:
    """How many bytes of each file, as it lies on the disk, were read so far."""

    def __init__(self) -> None:
        self._read: dict[str, int] = {}

    def reset(self) -> None:
        """A new pass begins."""
        self._read = {}

    def reached(self, name: str, count: int) -> None:
        """``count`` bytes from its beginning; looking at the beginning again takes none back."""
        if count > self._read.get(name, 0):
            self._read[name] = count

    def of(self, name: str) -> int:
        """Bytes that were read of the file ``name``."""
        return self._read.get(name, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One file to read. ``entry`` is its name within a zip archive.

    ``size`` is in bytes: of the file as it lies there, or of the unpacked entry.
    """

    name: str
    path: Path
    entry: str | None = None
    packed: int | None = None
    max_ratio: float | None = MAX_RATIO
    size: int = 0
    meter: Meter = field(default_factory=Meter, compare=False, repr=False)

    def open(self) -> Unpacked:
        """Its plain bytes from the beginning."""
        raw = self._raw()
        try:
            head = raw.read(8)
        except (OSError, EOFError, ValueError, zipfile.BadZipFile) as error:
            raw.close()
            raise DumpReadError(
                f"{self.name} cannot be read: {error}", next_step="Check the file."
            ) from error
        raw.close()
        return Unpacked(
            self._raw(),
            name=self.name,
            head=head,
            max_ratio=self.max_ratio,
            packed=self.packed,
            on_read=lambda count: self.meter.reached(self.name, count),
        )

    def head(self, size: int = HEAD_BYTES) -> tuple[bytes, bool]:
        """Its first plain bytes, and whether that is all of it.

        Raises BrokenOffError where not even these can be read.
        """
        with self.open() as stream:
            data = stream.read(size)
            try:
                return data, len(data) < size or not stream.read(1)
            except BrokenOffError:
                return data, True

    def _raw(self) -> BinaryIO:
        try:
            if self.entry is None:
                return self.path.open("rb")
            archive = zipfile.ZipFile(self.path)
            # The archive's own file stays open until its entry is closed.
            return cast("BinaryIO", _Entry(archive, self.entry))
        except (OSError, RuntimeError, NotImplementedError, zipfile.BadZipFile) as error:
            raise DumpReadError(
                f"{self.name} cannot be opened: {error}",
                next_step="Check the file and its permissions.",
            ) from error


class _Entry:
    """One file of a zip archive, under the archive's ratio limit like any other."""

    def __init__(self, archive: zipfile.ZipFile, entry: str) -> None:
        self._archive = archive
        self._file = archive.open(entry)

    def read(self, size: int = -1) -> bytes:
        try:
            return self._file.read(size)
        except zipfile.BadZipFile as error:
            raise OSError(str(error)) from error

    def close(self) -> None:
        self._file.close()
        self._archive.close()

    @property
    def closed(self) -> bool:
        return self._file.closed


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The files, in order. Keeps the temporary copies of streams alive."""

    members: tuple[Member, ...]
    meter: Meter = field(default_factory=Meter)
    keeper: object = None


def open_source(source: Source, *, max_ratio: float | None = MAX_RATIO) -> Opened:
    """List what there is to read.

    A stream is copied to a temporary file first (as it comes, still compressed),
    since a dump may be looked at more than once.

    Raises SourceNotFoundError, EmptySourceError (no file, or only empty ones),
    DumpReadError (a file that cannot be opened, an archive of another kind).
    """
    spool = _Spool()
    meter = Meter()
    members: list[Member] = []
    for item in _items(source):
        if isinstance(item, (str, Path)) and str(item) != STDIN:
            paths = _paths(item)
        elif isinstance(item, bytes):
            paths = [(spool.keep_bytes(item), "the bytes given")]
        else:
            stream = sys.stdin.buffer if isinstance(item, (str, Path)) else item
            name = "standard input" if stream is sys.stdin.buffer else "the stream given"
            paths = [(spool.keep_stream(stream), name)]
        for path, name in paths:
            members += _unzipped(path, name, max_ratio, meter)
    if not members:
        raise EmptySourceError("there is nothing to read", next_step="Name a dump that has data.")
    return Opened(members=tuple(members), meter=meter, keeper=spool)


def text_stream(member: Member, stream: Unpacked, encoding: str | None) -> Stream:
    """``stream`` as UTF-8, told by the member's own first bytes."""
    head, _ = member.head(4)
    return decoded(stream, head, encoding, name=member.name)


def natural_key(text: str) -> list[tuple[int, int, str]]:
    """Sorts ``page-2`` before ``page-10``, the same way on every machine."""
    return [
        (0, int(part), part) if part.isdecimal() else (1, 0, part) for part in _DIGITS.split(text)
    ]


def _items(source: Source) -> Iterable[str | Path | bytes | BinaryIO]:
    if isinstance(source, (str, Path, bytes)) or hasattr(source, "read"):
        return [cast("str | Path | bytes | BinaryIO", source)]
    return source


def _paths(item: str | Path) -> list[tuple[Path, str]]:
    text = os.fspath(item)
    if "\x00" in text:
        raise SourceNotFoundError(f"{text!r} is no path", next_step="Check the name.")
    path = Path(text)
    try:
        if path.is_dir():
            found = [file for file in path.rglob("*") if file.is_file() and _shown(file, path)]
            if not found:
                raise EmptySourceError(
                    f"the folder {path} holds no files", next_step="Name another folder."
                )
        elif path.exists():
            found = [path]
        elif glob.has_magic(text):
            found = [
                file
                for name in glob.iglob(text, recursive=True)  # noqa: PTH207 - absolute ones, too
                if (file := Path(name)).is_file()
            ]
        else:
            found = []
    except OSError as error:
        raise SourceNotFoundError(f"{text!r} cannot be read: {error.strerror}") from error
    if not found:
        raise SourceNotFoundError(
            f"there is no file {text}", next_step="Check the name and the folder you are in."
        )
    found.sort(key=lambda file: natural_key(file.as_posix()))
    return [(file, str(file)) for file in found]


def _shown(file: Path, folder: Path) -> bool:
    return not any(part.startswith(".") for part in file.relative_to(folder).parts)


def _unzipped(path: Path, name: str, max_ratio: float | None, meter: Meter) -> list[Member]:
    try:
        member = Member(
            name=name, path=path, max_ratio=max_ratio, size=path.stat().st_size, meter=meter
        )
        with path.open("rb") as file:
            head = file.read(8)
        if compression_of(head) != "zip":
            return [member]
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    except (OSError, zipfile.BadZipFile) as error:
        raise DumpReadError(
            f"{name} cannot be opened: {error}", next_step="Check the file and its permissions."
        ) from error
    if any(entry.flag_bits & 1 for entry in entries):
        raise DumpReadError(f"{name} is encrypted", next_step="Unpack it with its password first.")
    kept = [
        entry
        for entry in entries
        if not any(part.startswith((".", "__MACOSX")) for part in entry.filename.split("/"))
    ]
    return [
        Member(
            name=f"{name}/{entry.filename}",
            path=path,
            entry=entry.filename,
            packed=entry.compress_size,
            max_ratio=max_ratio,
            size=entry.file_size,
            meter=meter,
        )
        for entry in sorted(kept, key=lambda entry: natural_key(entry.filename))
    ]


class _Spool:
    """Temporary copies of streams; gone with the last reference to them."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._count = 0

    def _next(self) -> Path:
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="toolkit-dump-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        self._count += 1
        return self._folder / f"{self._count}"

    def keep_bytes(self, data: bytes) -> Path:
        path = self._next()
        path.write_bytes(data)
        return path

    def keep_stream(self, stream: BinaryIO) -> Path:
        path = self._next()
        try:
            with path.open("wb") as file:
                shutil.copyfileobj(stream, file, 1 << 20)
        except OSError as error:
            raise DumpReadError(
                f"the stream could not be copied to {path.parent}: {error.strerror or error}",
                next_step="Make room there, or set TMPDIR to a folder with room.",
            ) from error
        return path
