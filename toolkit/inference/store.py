"""Models that lie beside the package: fetched, added, checked, exported, removed.

A model is a folder in the store with ``model.json``, which names every file
with its SHA-256, where it came from and how far its digest is known. It is
written last, and folders are moved into place whole: what is listed is complete.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal

from toolkit.errors import ModelError, OutputError, SourceNotFoundError
from toolkit.inference.model_folders import (
    NEXT,
    Kind,
    detoxify_labels,
    kind_of,
    languages_of,
    wanted,
)
from toolkit.inference.stance_backends import EMBEDDED
from toolkit.settings import Settings

MANIFEST: Final = "model.json"
FORMAT: Final = "comment-toolkit-model/1"
#: File in the store's root: address -> the digest that it gave the first time.
TRUSTED: Final = "trusted.json"

#: How far a file's digest is known: documented in full, in part, only from the first
#: fetch, from the user's own disk, or of files that were made here.
Pin = Literal["documented", "first digits", "first use", "local", "made here"]

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
#: Called with a file's name, the bytes that are there, and the bytes there will be.
Progress = Callable[[str, int, int | None], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file of a model: ``source`` is its address, or None for a local one."""

    sha256: str
    bytes: int
    source: str | None
    pin: Pin


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredModel:
    """A model in the store; ``files`` by their path in ``folder``."""

    name: str
    kind: Kind
    folder: Path
    added: str
    labels: tuple[str, ...]
    files: Mapping[str, StoredFile]
    #: Primary BCP 47 subtags that an NLI model is asked about; nothing for other kinds.
    languages: tuple[str, ...] = ()

    @property
    def checkpoint(self) -> Path | None:
        """The Detoxify checkpoint; None where there is none."""
        names = [name for name in self.files if name.endswith(".ckpt")]
        return self.folder / names[0] if names else None

    @property
    def export(self) -> Path | None:
        """The folder that runs without torch; None before an export."""
        return self.folder / "export" if "export/export.json" in self.files else None


@cache
def catalogue() -> dict[str, dict[str, Any]]:
    """Name -> description, tokenizer and files of what can be fetched."""
    source = files("toolkit.inference").joinpath("catalogue.toml").read_text(encoding="utf-8")
    return tomllib.loads(source)


def default_root() -> Path:
    """The store's place where the settings name none: in the user's data folder (XDG)."""
    data = os.environ.get("XDG_DATA_HOME")
    home = Path(data) if data and Path(data).is_absolute() else Path.home() / ".local" / "share"
    return home / "comment-toolkit" / "models"


class ModelStore:
    """The models under ``root``. Nothing is created before it is needed."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def from_settings(cls, settings: Settings) -> ModelStore:
        """The store that the settings name, or the default one."""
        return cls(settings.models or default_root())

    def models(self) -> list[StoredModel]:
        """Every model, by name; a folder without a manifest is not one."""
        found = sorted(self.root.glob(f"*/{MANIFEST}")) if self.root.is_dir() else []
        names = [path.parent.name for path in found]
        return [self.get(name) for name in names if _NAME.fullmatch(name)]

    def get(self, name: str) -> StoredModel:
        """One model. Raises ModelError where it is not there or its manifest is damaged."""
        folder = self._folder(name)
        found = _manifest(folder, name)
        if found is None:
            step = f"Run: toolkit models fetch {name}" if name in catalogue() else NEXT
            raise ModelError(f"there is no model {name!r} in {self.root}", next_step=step)
        return found

    def has(self, name: str) -> bool:
        """Whether a model of this name is there, whole or damaged."""
        return bool(_NAME.fullmatch(name)) and (self.root / name / MANIFEST).is_file()

    def add(
        self, source: Path, name: str | None = None, *, languages: Sequence[str] = ()
    ) -> StoredModel:
        """Copy a folder of model files into the store.

        A folder with one ``.ckpt``, config.json and a tokenizer is a Detoxify
        checkpoint; one with config.json, a tokenizer and model.safetensors or
        an ONNX file is registered by its labels. A folder out of another store
        is copied as it is, without what is not in it, so that an export can
        travel without its checkpoint. Weights that are a pickle alone are
        refused. ``languages`` are those that an NLI model was made for, as
        primary BCP 47 subtags (none: what another store says, else ``en``).
        Raises ModelError where the folder is none of these, and where the
        languages are no subtags or the model is no NLI model.
        """
        if not source.is_dir():
            raise SourceNotFoundError(f"there is no folder {source}", next_step="Check the path.")
        known = _manifest(source, source.resolve().name)
        if known is not None:
            chosen = [path for path in known.files if (source / path).is_file()]
            kind, labels = known.kind, known.labels
        else:
            chosen = wanted(source)
            kind, labels = kind_of(source, chosen)
        spoken = languages_of(kind, languages or (known.languages if known else ()))
        name = name or (known.name if known else _name_of(source, chosen))
        self._must_be_free(name)
        if kind == "nli" and name in EMBEDDED:
            raise ModelError(
                f"{name!r} is the name of a stance backend of the package",
                next_step="Give another one with --name.",
            )
        with self._staging(name) as folder:
            records = {}
            for path in chosen:
                target = folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source / path, target)
                records[path] = _record(target, None, "local")
                if known is not None:
                    if records[path].sha256 != known.files[path].sha256:
                        raise ModelError(
                            f"{source / path} is not what its manifest says",
                            next_step="Copy the folder again.",
                        )
                    records[path] = known.files[path]
            self._commit(folder, name, kind, labels, records, spoken)
        return self.get(name)

    def fetch(
        self, name: str, *, progress: Progress | None = None, wait: float = 1.0
    ) -> StoredModel:
        """Fetch a published model over the network: the only call that goes there.

        A fetch that broke off goes on where it stopped. Raises ModelError for
        an unknown name, a digest that does not fit, or a network that fails.
        """
        from toolkit.inference.fetching import download

        if name not in catalogue():
            raise ModelError(
                f"no published model is called {name!r}",
                next_step=f"Choose from: {', '.join(catalogue())}.",
            )
        entry = catalogue()[name]
        self._must_be_free(name)
        with self._writable():
            folder = self.root / f".fetch-{name}"
            folder.mkdir(parents=True, exist_ok=True)
            records = {}
            for one in entry["files"]:
                path, url = one["path"], one["url"]
                target = folder / path
                if not target.exists():
                    part = folder / f"{path}.part"
                    download(
                        url, part, wait=wait,
                        progress=None if progress is None
                        else lambda have, total, path=path: progress(path, have, total),  # type: ignore[misc]
                    )  # fmt: skip
                    self._judge(part, url, one.get("sha256"))
                    part.replace(target)
                records[path] = _record(target, url, self._pin(one.get("sha256")))
            about = folder / "tokenizer_config.json"
            about.write_text(json.dumps(entry["tokenizer"], indent=2) + "\n", encoding="utf-8")
            records[about.name] = _record(about, None, "made here")
            labels = detoxify_labels(folder / entry["files"][0]["path"])
            self._commit(folder, name, "detoxify", labels, records)
        return self.get(name)

    def verify(self, name: str) -> list[str]:
        """What is wrong with a model's files; nothing where every digest fits."""
        model = self.get(name)
        problems = []
        for path, record in model.files.items():
            file = model.folder / path
            if not file.is_file():
                problems.append(f"{path} is missing")
            elif sha256_of(file) != record.sha256:
                problems.append(f"{path} is not what it was: its SHA-256 differs")
        return problems

    def remove(self, name: str) -> None:
        """Delete a model and what a broken fetch left. Raises ModelError where neither is there."""
        folder, staged = self._folder(name), self.root / f".fetch-{name}"
        if not (folder / MANIFEST).is_file() and not staged.is_dir():
            raise ModelError(f"there is no model {name!r} in {self.root}", next_step=NEXT)
        with self._writable():
            for path in (folder, staged):
                if path.is_dir():
                    shutil.rmtree(path)

    def export(self, name: str) -> dict[str, Any]:
        """Convert a Detoxify checkpoint to what runs without torch; the facts of the export.

        Raises ModelError for a model of another kind, MissingExtraError without Detoxify.
        """
        model = self.get(name)
        if model.checkpoint is None:
            raise ModelError(
                f"{name} is no Detoxify checkpoint", next_step="Only those can be exported."
            )
        from toolkit.inference.export import export

        with self._writable():
            scratch = Path(tempfile.mkdtemp(prefix=".export-", dir=model.folder))
            try:
                facts = export(model.checkpoint, model.folder, scratch)
                target = model.folder / "export"
                if target.exists():
                    shutil.rmtree(target)
                scratch.chmod(0o755)
                scratch.replace(target)
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
            made = {
                f"export/{path.name}": _record(path, None, "made here")
                for path in sorted(target.iterdir())
            }
            kept = {p: r for p, r in model.files.items() if not p.startswith("export/")}
            _write_manifest(model.folder, model.kind, model.labels, kept | made, model.languages)
        return facts

    def _folder(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ModelError(
                f"{name!r} is no name for a model",
                next_step="Use small letters, digits, stops and hyphens.",
            )
        return self.root / name

    def _must_be_free(self, name: str) -> None:
        if self._folder(name).exists():
            raise ModelError(
                f"there is a model {name!r} already",
                next_step=f"Remove it first (toolkit models remove {name}), or give another name.",
            )

    @contextmanager
    def _writable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise OutputError(
                f"the store at {self.root} cannot be written: {error.strerror or error}",
                next_step="Make room, or set another folder (models in toolkit.toml).",
            ) from error

    @contextmanager
    def _staging(self, name: str) -> Iterator[Path]:
        """A hidden folder for a new model; gone after the block unless it was committed."""
        with self._writable():
            self.root.mkdir(parents=True, exist_ok=True)
            folder = Path(tempfile.mkdtemp(prefix=f".add-{name}-", dir=self.root))
            try:
                yield folder
            finally:
                shutil.rmtree(folder, ignore_errors=True)

    def _commit(
        self, folder: Path, name: str, kind: Kind, labels: tuple[str, ...],
        records: Mapping[str, StoredFile], languages: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        _write_manifest(folder, kind, labels, records, languages)
        folder.chmod(0o755)
        folder.replace(self.root / name)

    def _judge(self, part: Path, url: str, expected: str | None) -> None:
        """Raise ModelError, and drop the file, where a digest is not the pinned or first one."""
        found = sha256_of(part)
        trusted = self._trusted()
        if expected is not None and not found.startswith(expected):
            part.unlink()
            raise ModelError(
                f"{url} is not the published file: its SHA-256 is {found}, not {expected}…",
                next_step="Try again; if it stays so, something between here and there changes it.",
            )
        if trusted.get(url, found) != found:
            part.unlink()
            raise ModelError(
                f"{url} gave other bytes than the first time: {found}, not {trusted[url]}",
                next_step=f"If you trust the new ones, take the line out of {self.root / TRUSTED}.",
            )
        content = json.dumps(trusted | {url: found}, indent=2, sort_keys=True)
        (self.root / TRUSTED).write_text(content + "\n", encoding="utf-8")

    def _trusted(self) -> dict[str, str]:
        path = self.root / TRUSTED
        if not path.exists():
            return {}
        try:
            found: dict[str, str] = dict(json.loads(path.read_text(encoding="utf-8")))
        except ValueError as error:
            raise ModelError(
                f"{path} is damaged: {error}", next_step="Mend it, or remove it to begin anew."
            ) from error
        return found

    @staticmethod
    def _pin(expected: str | None) -> Pin:
        if expected is None:
            return "first use"
        return "documented" if len(expected) == 64 else "first digits"


def _manifest(folder: Path, name: str) -> StoredModel | None:
    """The model in ``folder``; None where it has no manifest."""
    path = folder / MANIFEST
    if not path.is_file():
        return None
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        if said["format"] != FORMAT:
            raise ValueError(f"format {said['format']!r}")
        parts = {path: StoredFile(**one) for path, one in said["files"].items()}
        if any(Path(part).is_absolute() or ".." in Path(part).parts for part in parts):
            raise ValueError("a path that leads out of the folder")
        return StoredModel(
            name=name,
            kind=said["kind"],
            folder=folder,
            added=said["added"],
            labels=tuple(said["labels"]),
            files=parts,
            languages=tuple(said.get("languages", ())),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(
            f"{path} is damaged: {error}",
            next_step=f"Remove the model with: toolkit models remove {name}.",
        ) from error


def sha256_of(path: Path) -> str:
    """The file's SHA-256 in hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _record(path: Path, source: str | None, pin: Pin) -> StoredFile:
    return StoredFile(sha256=sha256_of(path), bytes=path.stat().st_size, source=source, pin=pin)


def _write_manifest(
    folder: Path, kind: Kind, labels: tuple[str, ...], records: Mapping[str, StoredFile],
    languages: tuple[str, ...],
) -> None:  # fmt: skip
    said = {
        "format": FORMAT,
        "kind": kind,
        "added": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "labels": list(labels),
        "languages": list(languages),
        "files": {path: asdict(record) for path, record in records.items()},
    }
    temporary = folder / f".{MANIFEST}"
    temporary.write_text(json.dumps(said, indent=2) + "\n", encoding="utf-8")
    temporary.replace(folder / MANIFEST)


def _name_of(source: Path, chosen: list[str]) -> str:
    """A catalogue name where the checkpoint's file is a published one, else the folder's."""
    for name, entry in catalogue().items():
        if entry["files"][0]["path"] in chosen:
            return name
    return re.sub(r"[^a-z0-9._-]+", "-", source.resolve().name.lower()).strip("-._")[:64]
