"""The record of a run: what went in, what did the work, what came out.

``manifest.json`` is written when a run begins and again when it ends;
``shards.jsonl`` gets one line as each shard is whole, so that a run that is
killed knows what it had finished.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import polars as pl

from toolkit.errors import InputError, OutputError
from toolkit.tables import whole_file

MANIFEST_FILE: Final = "manifest.json"
JOURNAL_FILE: Final = "shards.jsonl"
REJECTS_FILE: Final = "rejects.jsonl"
MANIFEST_VERSION: Final = 1

#: Packages whose version can change a number.
_PACKAGES: Final = ("numpy", "onnxruntime", "polars", "textstat", "tokenizers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """One whole output file. ``seconds`` is per analyzer, ``peak_rss`` in bytes."""

    number: int
    file: str
    rows: int
    sha256: str
    seconds: Mapping[str, float] = field(default_factory=dict)
    peak_rss: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a run did. Rows reconcile: ``rows_in == rows_out + rows_rejected``."""

    manifest_version: int = MANIFEST_VERSION
    status: str
    #: What must be the same for a resumed run to be the same run.
    identity: Mapping[str, Any]
    shards: tuple[Shard, ...] = ()
    rows_in: int = 0
    rows_out: int = 0
    rows_rejected: int = 0
    wall_seconds: float = 0.0
    peak_rss: int = 0

    def write(self, directory: Path) -> None:
        """Replace ``manifest.json`` in one step."""
        with whole_file(directory / MANIFEST_FILE) as temporary:
            temporary.write_text(
                json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
            )

    @classmethod
    def read(cls, directory: Path) -> Manifest:
        """Raises InputError where the folder holds no manifest that we wrote."""
        path = directory / MANIFEST_FILE
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            if data["manifest_version"] != MANIFEST_VERSION:
                raise InputError(
                    f"{path} has the version {data['manifest_version']}, not {MANIFEST_VERSION}",
                    next_step="Read it with the toolkit version that it names.",
                )
            data["shards"] = tuple(Shard(**shard) for shard in data["shards"])
            return cls(**data)
        except OSError as error:
            raise InputError(
                f"{directory} holds no {MANIFEST_FILE}",
                next_step="Name the folder that `toolkit batch -o` wrote.",
            ) from error
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{path} is damaged: {error}", next_step="Run the batch again into a new folder."
            ) from error


class Journal:
    """The finished shards of a run, appended and synced one by one."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / JOURNAL_FILE

    def read(self) -> dict[int, Shard]:
        """Finished shards by number; a last line that was cut off is dropped for good."""
        if not self.path.exists():
            return {}
        done: dict[int, Shard] = {}
        whole = 0
        raw = self.path.read_bytes()
        for line in raw.splitlines(keepends=True):
            if not line.endswith(b"\n"):
                break
            shard = Shard(**json.loads(line))
            done[shard.number] = shard
            whole += len(line)
        if whole < len(raw):
            os.truncate(self.path, whole)
        return done

    def append(self, shard: Shard) -> None:
        """Raises OutputError where the disk takes no more."""
        line = (json.dumps(asdict(shard)) + "\n").encode()
        try:
            with self.path.open("ab") as file:
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise OutputError(
                f"{self.path} cannot be written: {error.strerror or error}",
                next_step="Make room on the disk, then run the same command with --resume.",
            ) from error


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def describe_inputs(paths: Iterable[Path]) -> list[dict[str, Any]]:
    """Name, size and SHA-256 of each file, in order; a folder stands for its files."""
    return [
        {"path": str(file), "bytes": file.stat().st_size, "sha256": sha256_of(file)}
        for path in paths
        for file in (
            sorted(item for item in path.rglob("*") if item.is_file()) if path.is_dir() else [path]
        )
    ]


def environment() -> dict[str, str]:
    """Versions of what can change a number."""
    found = {"python": platform.python_version(), "machine": platform.machine()}
    for package in ("comment-toolkit", *_PACKAGES):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """What changed between two identities, one sentence each."""
    found = []
    for key in sorted(set(old) | set(new)):
        before, after = old.get(key), new.get(key)
        if before == after:
            continue
        if key == "inputs":
            was = {item["path"]: item["sha256"] for item in before or ()}
            now = {item["path"]: item["sha256"] for item in after or ()}
            found += [f"input {path} is new" for path in now if path not in was]
            found += [f"input {path} is gone" for path in was if path not in now]
            found += [f"input {p} has other bytes" for p in was if p in now and was[p] != now[p]]
            if was == now:
                found.append("the inputs come in another order")
        else:
            found.append(f"{key} was {json.dumps(before)} and is {json.dumps(after)}")
    return found


def results(directory: Path) -> pl.LazyFrame:
    """The rows of a finished batch, lazily, in the order of the source.

    Raises InputError where the folder holds no finished batch.
    """
    manifest = Manifest.read(directory)
    if manifest.status != "complete":
        raise InputError(
            f"the batch in {directory} is not finished",
            next_step="Finish it with the same `toolkit batch` command and --resume.",
        )
    if not manifest.shards:
        raise InputError(f"the batch in {directory} has no rows", next_step="Look at its input.")
    return pl.scan_parquet([directory / shard.file for shard in manifest.shards])
