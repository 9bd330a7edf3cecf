"""Suggested scores, kept in a file where the operator asked for one: labels for a calibration."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from toolkit.errors import OutputError


class SuggestionFile:
    """JSON lines, one a suggested score, appended whole; readable by its owner alone.

    Raises OutputError where the file cannot be opened for appending.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            os.close(self._open())
        except OSError as error:
            raise OutputError(
                f"{path} cannot be appended to: {error}",
                next_step="Name a file that the server may write, or leave --suggestions out.",
            ) from error

    def append(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write the rows with the time of now. Raises OSError where nothing can be kept."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        lines = b"".join(
            orjson.dumps({"time": now, **row}, option=orjson.OPT_APPEND_NEWLINE) for row in rows
        )
        handle = self._open()
        try:
            # Several workers may append to one file.
            fcntl.flock(handle, fcntl.LOCK_EX)
            end = os.lseek(handle, 0, os.SEEK_END)
            if os.write(handle, lines) != len(lines):
                os.ftruncate(handle, end)
                raise OSError("the disk is full")
        finally:
            os.close(handle)

    def _open(self) -> int:
        return os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
