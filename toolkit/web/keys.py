"""API keys: kept as hashes, each with its own rate, one for all worker processes."""

from __future__ import annotations

import fcntl
import hashlib
import mmap
import os
import re
import struct
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from toolkit.errors import SettingsError

_LINE: Final = re.compile(r"^(?P<name>[\w.-]+)\s+(?P<hash>[0-9a-f]{64})(?:\s+(?P<rate>\d+))?$")
#: Tokens left, and when they were counted. A file of zeros is a full bucket.
_BUCKET: Final = struct.Struct("dd")


@dataclass(frozen=True, slots=True)
class Key:
    """A client. ``per_minute`` 0 means no limit; ``place`` is that of its bucket."""

    name: str
    per_minute: int = 0
    place: int = 0


class Buckets:
    """Tokens by place, in memory; with ``path`` in a file that other processes share."""

    def __init__(self, size: int, path: Path | None = None) -> None:
        length = max(1, size) * _BUCKET.size
        self._lock: int | None = None
        if path is None:
            self._memory = mmap.mmap(-1, length)
        else:
            self._lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            if os.fstat(self._lock).st_size < length:
                os.ftruncate(self._lock, length)
            self._memory = mmap.mmap(self._lock, length)

    def take(self, place: int, capacity: int, now: float) -> bool:
        """Take a token of a bucket that fills once a minute; False where none is left."""
        if self._lock is not None:
            fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            tokens, filled_at = _BUCKET.unpack_from(self._memory, place * _BUCKET.size)
            if filled_at == 0:
                tokens = float(capacity)
            else:
                tokens = min(float(capacity), tokens + (now - filled_at) * capacity / 60)
            there = tokens >= 1
            # The clock may stand at 0, which is the mark of an untouched bucket.
            _BUCKET.pack_into(self._memory, place * _BUCKET.size, tokens - there, now or -1e-9)
            return bool(there)
        finally:
            if self._lock is not None:
                fcntl.flock(self._lock, fcntl.LOCK_UN)


class KeyRing:
    """Who may ask, and how often. An empty ring lets everybody in.

    A key is a random string, so one SHA-256 without salt is enough to keep a
    leaked file from being a list of keys. ``shared`` is a file for the rates
    of several processes; the clock must then be the machine's.
    """

    def __init__(
        self,
        keys: Iterable[tuple[str, Key]] = (),
        *,
        clock: Callable[[], float] = time.monotonic,
        shared: Path | None = None,
    ) -> None:
        self._by_hash = dict(keys)
        self._clock = clock
        self._buckets = Buckets(
            1 + max((key.place for key in self._by_hash.values()), default=0), shared
        )

    @classmethod
    def read(
        cls,
        path: Path,
        *,
        clock: Callable[[], float] = time.monotonic,
        shared: Path | None = None,
    ) -> KeyRing:
        """Lines of ``NAME SHA256 [PER_MINUTE]``; empty lines and # comments are skipped.

        Raises SettingsError naming the line that is wrong.
        """
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(
                f"{path} cannot be read: {error}", next_step="Name a readable file of API keys."
            ) from error
        keys: list[tuple[str, Key]] = []
        for number, line in enumerate(lines, start=1):
            text = line.partition("#")[0].strip()
            if not text:
                continue
            found = _LINE.match(text)
            if found is None:
                raise SettingsError(
                    f"{path}, line {number} is no key",
                    next_step="Write NAME, the SHA-256 of the key, and optionally requests a "
                    "minute: `printf %s KEY | sha256sum` gives the hash.",
                )
            keys.append((found["hash"], Key(found["name"], int(found["rate"] or 0), len(keys))))
        if not keys:
            raise SettingsError(f"{path} holds no keys", next_step="Add a line to it.")
        return cls(keys, clock=clock, shared=shared)

    def __bool__(self) -> bool:
        return bool(self._by_hash)

    def find(self, key: str | None) -> Key | None:
        """The client of a key; None for a key that is not known."""
        if key is None:
            return None
        return self._by_hash.get(hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest())

    def spend(self, key: Key) -> bool:
        """Take one request from the key's budget; False where it is used up."""
        if not key.per_minute:
            return True
        return self._buckets.take(key.place, key.per_minute, self._clock())
