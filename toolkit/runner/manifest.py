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
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

import polars as pl

from toolkit.errors import InputError, OutputError
from toolkit.schema import COMMENT_SCHEMA
from toolkit.tables import whole_file

MANIFEST_FILE: Final = "manifest.json"
JOURNAL_FILE: Final = "shards.jsonl"
REJECTS_FILE: Final = "rejects.jsonl"
#: Written beside what Spark wrote, whose readers skip names that begin with "_".
SPARK_FILE: Final = "_toolkit.json"
MANIFEST_VERSION: Final = 1

#: Packages whose version can change a number or a row.
_PACKAGES: Final = (
    "ahocorasick-rs",
    "detoxify",
    "google-re2",
    "lxml",
    "numpy",
    "onnxruntime",
    "orjson",
    "polars",
    "py3langid",
    "pyphen",
    "regex",
    "tokenizers",
    "torch",
    "transformers",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """One whole output file.

    ``seconds`` is per analyzer, ``wall_seconds`` all that the worker spent on it,
    ``peak_rss`` the largest resident set of that worker so far, in bytes.
    """

    number: int
    file: str
    rows: int
    bytes: int
    sha256: str
    seconds: Mapping[str, float] = field(default_factory=dict)
    wall_seconds: float = 0.0
    peak_rss: int = 0

    def is_there(self, directory: Path) -> bool:
        """Whether the file stands in ``directory`` with its full length."""
        try:
            return (directory / self.file).stat().st_size == self.bytes
        except OSError:
            return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a run did. Rows reconcile: ``rows_in == rows_out + rows_rejected``.

    ``wall_seconds`` is that of the last sitting (a run that was resumed twice has
    three ``sittings``), ``peak_rss`` that of the largest single process, in bytes.
    """

    manifest_version: int = MANIFEST_VERSION
    status: str
    #: What must be the same for a resumed run to be the same run.
    identity: Mapping[str, Any]
    shards: tuple[Shard, ...] = ()
    rows_in: int = 0
    rows_out: int = 0
    rows_rejected: int = 0
    rejects_sha256: str | None = None
    notes: tuple[str, ...] = ()
    sittings: int = 1
    started_at: str = ""
    finished_at: str = ""
    wall_seconds: float = 0.0
    peak_rss: int = 0

    def write(self, directory: Path) -> None:
        """Replace ``manifest.json`` in one step."""
        with whole_file(directory / MANIFEST_FILE) as temporary:
            temporary.write_text(
                json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n",
                encoding="utf-8",
                # A file name need not be valid UTF-8.
                errors="backslashreplace",
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
            data["notes"] = tuple(data["notes"])
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
        """Finished shards by number; a last line that was cut off is dropped for good.

        Raises InputError where a line before it is damaged.
        """
        if not self.path.exists():
            return {}
        done: dict[int, Shard] = {}
        whole = 0
        raw = self.path.read_bytes()
        for line in raw.splitlines(keepends=True):
            if not line.endswith(b"\n"):
                break
            try:
                shard = Shard(**json.loads(line))
            except (ValueError, TypeError) as error:
                raise InputError(
                    f"{self.path} is damaged: {error}",
                    next_step="Remove it to do all shards again, or choose another folder with -o.",
                ) from error
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
                next_step="Make room on the disk.",
            ) from error


def now() -> str:
    """The time in UTC, to the second, as ISO 8601."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def describe_files(files: Iterable[tuple[str, Path]]) -> list[dict[str, Any]]:
    """Name, size and SHA-256 of each (name, path), in order.

    Raises InputError for a file that is gone or cannot be read.
    """
    try:
        return [
            {"path": name, "bytes": path.stat().st_size, "sha256": sha256_of(path)}
            for name, path in files
        ]
    except OSError as error:
        raise InputError(
            f"{error.filename} cannot be read: {error.strerror or error}",
            next_step="Check the file and its permissions.",
        ) from error


def fingerprint(values: Mapping[str, Any]) -> str:
    """SHA-256 of ``values`` as JSON with sorted keys."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


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
        # The hash of the configuration differs only where what it is made of does.
        if before == after or key == "configuration_sha256":
            continue
        if key in ("inputs", "lexicon files"):
            word = "input" if key == "inputs" else "lexicon"
            was = {item["path"]: item["sha256"] for item in before or ()}
            now = {item["path"]: item["sha256"] for item in after or ()}
            found += [f"{word} {path} is new" for path in now if path not in was]
            found += [f"{word} {path} is gone" for path in was if path not in now]
            found += [f"{word} {p} has other bytes" for p in was if p in now and was[p] != now[p]]
            if was == now:
                found.append(f"the {word} files come in another order")
        elif isinstance(before, dict) and isinstance(after, dict):
            found += [f"{key}: {change}" for change in differences(before, after)]
        else:
            found.append(f"{key} was {json.dumps(before)} and is {json.dumps(after)}")
    return found


def results(directory: Path) -> pl.LazyFrame:
    """The rows of a finished batch, lazily, in the order of the source.

    Also those that ``toolkit batch --engine spark`` wrote to a local folder, in
    the order of Spark's partitions.

    Raises InputError where the folder holds no finished batch.
    """
    if not (directory / MANIFEST_FILE).exists() and (directory / SPARK_FILE).exists():
        return _spark_results(directory)
    manifest = Manifest.read(directory)
    if manifest.status != "complete":
        raise InputError(
            f"the batch in {directory} is not finished",
            next_step="Finish it with the same `toolkit batch` command and --resume.",
        )
    if not manifest.shards:
        raise InputError(f"the batch in {directory} has no rows", next_step="Look at its input.")
    missing = [shard.file for shard in manifest.shards if not shard.is_there(directory)]
    if missing:
        raise InputError(
            f"{directory / missing[0]} is missing or not whole",
            next_step="Make it again with the same `toolkit batch` command and --resume.",
        )
    return pl.scan_parquet([directory / shard.file for shard in manifest.shards], glob=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """What made the rows of a finished batch, as its folder tells it."""

    #: Analyzer -> version.
    analyzers: Mapping[str, str]
    #: Fields of ``Settings``, without where reports land.
    settings: Mapping[str, Any]
    packages: Mapping[str, str]
    #: Name -> SHA-256; the latter is None where Spark read it.
    inputs: Mapping[str, str | None]
    finished_at: str
    rejected: int | None
    notes: tuple[str, ...]


def provenance(directory: Path) -> Provenance:
    """Raises InputError where the folder holds no batch."""
    if not (directory / MANIFEST_FILE).exists() and (directory / SPARK_FILE).exists():
        try:
            told = json.loads((directory / SPARK_FILE).read_text(encoding="utf-8"))
            return Provenance(
                analyzers=dict(told["analyzers"]),
                settings=dict(told["settings"]),
                packages=dict(told["packages"]),
                inputs=dict.fromkeys(map(str, told["inputs"])),
                finished_at=str(told["finished_at"]),
                rejected=None,
                notes=(),
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{directory / SPARK_FILE} is damaged: {error}", next_step="Run the batch again."
            ) from error
    manifest = Manifest.read(directory)
    identity = manifest.identity
    return Provenance(
        analyzers=dict(identity["analyzers"]),
        settings=dict(identity["settings"]),
        packages=dict(identity["packages"]),
        inputs={item["path"]: item["sha256"] for item in identity["inputs"]},
        finished_at=manifest.finished_at,
        rejected=manifest.rows_rejected,
        notes=manifest.notes,
    )


def _spark_results(directory: Path) -> pl.LazyFrame:
    try:
        labels = json.loads((directory / SPARK_FILE).read_text(encoding="utf-8"))["labels"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{directory / SPARK_FILE} is damaged: {error}", next_step="Run the batch again."
        ) from error
    parts = sorted(directory.glob("part-*.parquet"))
    if not parts:
        raise InputError(f"the batch in {directory} has no rows", next_step="Look at its input.")
    frame = pl.scan_parquet(parts, glob=False)
    when = frame.collect_schema().get("created_at")
    if isinstance(when, pl.Datetime) and when.time_zone is None:
        # As a session with Spark's defaults writes it: without a zone, and UTC.
        frame = frame.with_columns(pl.col("created_at").dt.replace_time_zone("UTC"))
    types: dict[str, pl.DataType] = dict(COMMENT_SCHEMA)
    types |= {name: pl.Enum(values) for name, values in labels.items()}
    return frame.with_columns(
        pl.col(name).cast(types[name]) for name in frame.collect_schema() if name in types
    )
