"""Rows that could not be read: where they stand, why, and their bytes.

Nothing is dropped: what is no comment and no article ends here, one JSON line each.
"""

from __future__ import annotations

import base64
import os
import tempfile
from collections import Counter
from pathlib import Path
from typing import BinaryIO, Final

import orjson
import polars as pl

from toolkit.errors import OutputError

#: Bytes of a bad row that are kept.
RAW_BYTES: Final = 4096

#: ``offset`` counts bytes from the beginning of the source, unpacked and as UTF-8;
#: ``length`` is the row's whole size in bytes, of which ``raw_base64`` holds the first.
REJECT_SCHEMA: Final = pl.Schema(
    {
        "source": pl.String(),
        "offset": pl.Int64(),
        "length": pl.Int64(),
        "reason": pl.String(),
        "detail": pl.String(),
        "raw_base64": pl.String(),
        "raw_cut": pl.Boolean(),
    }
)

#: Every reason, once, with what it means.
REASONS: Final = {
    "invalid_json": "the row is no JSON",
    "invalid_utf8": "the row holds bytes that are no UTF-8",
    "not_an_object": "the row is JSON, but no object with fields",
    "not_a_comment": "the row is neither a comment nor an article",
    "missing_id": "the comment has no id",
    "wrong_field_count": "the row has more or fewer fields than the header",
    "invalid_csv": "the row does not keep the rules of CSV",
    "unclosed_quote": "a quoted field is never closed",
    "row_too_large": "the row is larger than the limit",
    "damaged": "the source breaks off or is damaged here; what follows is lost",
}


class RejectLog:
    """Writes rejects to a temporary file; :meth:`finish` gives it its name.

    ``with_raw`` False leaves out the bytes, which may name people.
    """

    def __init__(self, path: Path | None, *, with_raw: bool = True) -> None:
        self._wanted = path
        self._with_raw = with_raw
        self._file: BinaryIO | None = None
        self._name: Path | None = None
        self.reasons: Counter[str] = Counter()

    @property
    def path(self) -> Path | None:
        """Where the rejects stand now; None where there are none."""
        return self._name

    def add(
        self, *, source: str, offset: int, reason: str, raw: bytes, length: int, detail: str
    ) -> None:
        """Keep one row. ``raw`` may be its beginning only, ``length`` is its whole size."""
        self.reasons[reason] += 1
        if not self._with_raw:
            raw = b""
        row = {
            "source": source,
            "offset": offset,
            "length": length,
            "reason": reason,
            "detail": detail[:300],
            "raw_base64": base64.b64encode(raw[:RAW_BYTES]).decode("ascii"),
            "raw_cut": length > min(len(raw), RAW_BYTES),
        }
        line = orjson.dumps(_encodable(row)) + b"\n"
        try:
            if self._file is None:
                self._open()
            assert self._file is not None
            self._file.write(line)
        except OSError as error:
            raise OutputError(
                f"the rejects cannot be written: {error.strerror or error}",
                next_step="Make room on the disk, or name another file with --rejects.",
            ) from error

    def _open(self) -> None:
        folder = None
        if self._wanted is not None:
            folder = self._wanted.parent
            folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".rejects-", suffix=".jsonl", dir=folder)
        self._file, self._name = os.fdopen(handle, "wb"), Path(name)

    def finish(self) -> None:
        """Close the file; under its own name where one was asked for."""
        try:
            if self._file is not None:
                # What is still in the buffer may meet a full disk.
                file, self._file = self._file, None
                file.close()
            if self._wanted is None:
                return
            if self._name is not None:
                self._name.replace(self._wanted)
                self._wanted.chmod(0o644)
                self._name = self._wanted
            else:
                # A file of an earlier read would be read as rejects of this one.
                self._wanted.unlink(missing_ok=True)
        except OSError as error:
            raise OutputError(
                f"the rejects cannot be written: {error.strerror or error}",
                next_step="Make room on the disk, or name another file with --rejects.",
            ) from error

    def discard(self) -> None:
        """Close and remove what has no name of its own."""
        if self._file is not None:
            self._file.close()
            self._file = None
        if self._name is not None and self._name != self._wanted:
            self._name.unlink(missing_ok=True)
            self._name = None


def _encodable(row: dict[str, object]) -> dict[str, object]:
    return {
        key: value.encode("utf-8", "backslashreplace").decode() if isinstance(value, str) else value
        for key, value in row.items()
    }
