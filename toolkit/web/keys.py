"""API keys: kept as hashes, each with its own rate."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from toolkit.errors import SettingsError

_LINE: Final = re.compile(r"^(?P<name>[\w.-]+)\s+(?P<hash>[0-9a-f]{64})(?:\s+(?P<rate>\d+))?$")


@dataclass(slots=True)
class Key:
    """A client. ``per_minute`` 0 means no limit; ``tokens`` is what is left to spend."""

    name: str
    per_minute: int = 0
    tokens: float = field(default=0.0)
    filled_at: float = field(default=0.0)


class KeyRing:
    """Who may ask, and how often. An empty ring lets everybody in.

    A key is a random string, so one SHA-256 without salt is enough to keep a
    leaked file from being a list of keys.
    """

    def __init__(
        self, keys: Iterable[tuple[str, Key]] = (), *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._by_hash = dict(keys)
        self._clock = clock

    @classmethod
    def read(cls, path: Path, *, clock: Callable[[], float] = time.monotonic) -> KeyRing:
        """Lines of ``NAME SHA256 [PER_MINUTE]``; empty lines and # comments are skipped.

        Raises SettingsError naming the line that is wrong.
        """
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise SettingsError(
                f"{path} cannot be read: {error}", next_step="Name a readable file of API keys."
            ) from error
        keys = []
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
            rate = int(found["rate"] or 0)
            keys.append((found["hash"], Key(found["name"], rate, float(rate), clock())))
        if not keys:
            raise SettingsError(f"{path} holds no keys", next_step="Add a line to it.")
        return cls(keys, clock=clock)

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
        now = self._clock()
        filled = key.tokens + (now - key.filled_at) * key.per_minute / 60
        key.tokens, key.filled_at = min(float(key.per_minute), filled), now
        if key.tokens < 1:
            return False
        key.tokens -= 1
        return True
