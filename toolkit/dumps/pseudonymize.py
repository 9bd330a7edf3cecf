"""Names out, keyed pseudonyms in.

The same key gives the same pseudonym in every run and every dump, so people can
be followed through a corpus without being named; another key gives others, and
without the key a pseudonym cannot be traced back or computed from a name.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from typing import Final

from toolkit.errors import SettingsError

#: What an @mention becomes.
MENTION: Final = "@user"

# "@name", "@name@server", "u/name": but not the middle of a mail address or a path.
_MENTION: Final = re.compile(
    r"(?<![\w@./])(?:@(?=\w)\w[\w.\-]*\w?(?:@\w[\w.\-]*\w)?|/?\bu/[\w\-]+)"
)
#: A decentralised identifier, as Bluesky's post addresses carry it.
_DID: Final = re.compile(r"did:[a-z]+:[\w.:%\-]+")
#: Words of a display name that may follow an "@".
_MAX_WORDS: Final = 5
_WORDS: Final = re.compile(r"(?<!\w)@(\S+(?: \S+){0,4})")


class Pseudonymizer:
    """Keyed BLAKE2b (RFC 7693), 128 bits, in hexadecimal.

    Raises SettingsError for an empty key.
    """

    def __init__(self, key: str | bytes) -> None:
        secret = key.encode("utf-8", "surrogatepass") if isinstance(key, str) else key
        if not secret:
            raise SettingsError(
                "the key for pseudonyms is empty", next_step="Give one, and keep it secret."
            )
        # BLAKE2b takes 64 bytes; a longer key is condensed, not cut.
        self._key = secret if len(secret) <= 64 else hashlib.blake2b(secret).digest()
        self.author = lru_cache(maxsize=200_000)(self._author)
        self._names: set[str] = set()
        self._older: set[str] = set()

    def _author(self, identity: str) -> str:
        """The pseudonym of an author's id, or of the name where there is no id."""
        return hashlib.blake2b(
            identity.encode("utf-8", "surrogatepass"),
            key=self._key,
            digest_size=16,
            person=b"toolkit-author",
        ).hexdigest()

    def know(self, name: str) -> None:
        """Remember a display name, so that an @mention of it is found though it has spaces."""
        if " " not in name or len(name) > 200:
            return
        if len(self._names) >= 200_000:
            self._older, self._names = self._names, set()
        self._names.add(name.casefold())

    def text(self, text: str) -> str:
        """``text`` with every @mention as ``@user``.

        Handles are told by their form, so also those of people who wrote nothing in
        the dump; names with spaces by the authors met so far.
        """
        if "@" not in text and "u/" not in text:
            return text
        if self._names or self._older:
            text = _WORDS.sub(self._known_name, text)
        return _MENTION.sub(lambda found: MENTION if "@" in found[0] else "u/user", text)

    def _known_name(self, found: re.Match[str]) -> str:
        words = found[1].split(" ")
        for count in range(min(len(words), _MAX_WORDS), 1, -1):
            name = " ".join(words[:count])
            bare = name.rstrip(".,;:!?)\u2019'\"")
            if bare.casefold() in self._names or bare.casefold() in self._older:
                return MENTION + name[len(bare) :] + "".join(f" {word}" for word in words[count:])
        return found[0]

    def identifier(self, name: str) -> str:
        """An id or address in which no one's identifier or handle is left."""
        return _DID.sub(lambda found: self.author(found[0]), _MENTION.sub(MENTION, name))
