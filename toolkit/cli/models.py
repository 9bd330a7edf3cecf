"""``toolkit models``: the models that lie beside the package."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.cli.console import say
from toolkit.cli.options import names

if TYPE_CHECKING:
    from toolkit.inference.store import ModelStore, Progress

Name = Annotated[str, typer.Argument(metavar="NAME", help="A model's name.")]


def show() -> None:
    """List the models in the store, and what can be fetched.

    Example: toolkit models list
    """
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from toolkit.inference.store import catalogue

    store = _store()
    there = store.models()
    table = Table(title=escape(str(store.root)), title_justify="left")
    for heading in ("name", "kind", "size", "exported", "labels"):
        table.add_column(
            heading,
            justify="right" if heading == "size" else "left",
            no_wrap=heading == "name",
        )
    for model in there:
        size = sum(file.bytes for file in model.files.values())
        table.add_row(
            model.name,
            model.kind,
            f"{size / 1e6:,.1f} MB",
            "–" if model.kind == "nli" else "yes" if model.export else "no",
            escape(", ".join(model.labels)),
        )
    kept = {model.name for model in there}
    for name, entry in catalogue().items():
        if name not in kept:
            table.add_row(name, "detoxify", "–", "–", f"to fetch: {entry['about']}")
    Console(emoji=False).print(table)


def add(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder with the model's files.")],
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="Name in the store.")
    ] = None,
    languages: Annotated[
        str | None,
        typer.Option(
            "--languages",
            metavar="TAGS",
            help="Languages an NLI model was made for, with commas: en,de (default: en).",
        ),
    ] = None,
) -> None:
    """Copy a local model into the store: a Detoxify checkpoint, or an NLI model.

    A Detoxify checkpoint lies with config.json and its tokenizer; an NLI model is a
    transformers folder (safetensors or ONNX) with the labels entailment, contradiction
    and neutral, for --stance NAME.

    Example: toolkit models add ~/downloads/toxic-bert --name detoxify-original
    """
    model = _store().add(folder, name, languages=names(languages) or ())
    say(f"Added {model.name} ({model.kind}): {len(model.files)} files in {model.folder}")


def fetch(name: Name) -> None:
    """Fetch a published model of Detoxify: the only command that goes to the network.

    Goes on where an earlier fetch stopped. Proxies come from the environment.

    Example: toolkit models fetch detoxify-original
    """
    store = _store()
    model = store.fetch(_whole(name), progress=_progress())
    for path, file in model.files.items():
        if file.pin == "first use":
            say(f"{path}: no digest is documented; trusted as it came, SHA-256 {file.sha256}")
        elif file.pin == "first digits":
            say(f"{path}: the documented first digits fit; SHA-256 {file.sha256}")
    say(f"Fetched {model.name} to {model.folder}")


def verify(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="A model's name; none: all of them.")
    ] = None,
) -> None:
    """Compare every file of a model, or of all, with its SHA-256.

    Example: toolkit models verify detoxify-original
    """
    from toolkit.errors import ModelError

    store = _store()
    wanted = [_whole(name)] if name is not None else [model.name for model in store.models()]
    damaged = []
    for one in wanted:
        problems = store.verify(one)
        for problem in problems:
            print(f"{one}: {problem}")  # noqa: T201
        if problems:
            damaged.append(one)
        else:
            say(f"{one} is whole.")
    if damaged:
        raise ModelError(
            f"damaged: {', '.join(damaged)}",
            next_step="Remove the model (toolkit models remove NAME) and get it again.",
        )
    if not wanted:
        say("There are no models in the store.")


def remove(name: Name) -> None:
    """Delete a model from the store, and what a broken fetch of it left.

    Example: toolkit models remove detoxify-original
    """
    _store().remove(_whole(name))
    say(f"Removed {_whole(name)}")


def export(name: Name) -> None:
    """Convert a Detoxify checkpoint to safetensors and ONNX that run without torch.

    Needs comment-toolkit[detoxify] once; the exported folder runs anywhere.

    Example: toolkit models export detoxify-original
    """
    facts = _store().export(_whole(name))
    for precision, of in (("fp32", "Detoxify's own predict()"), ("int8", "fp32")):
        found = facts["deviation"][precision]
        say(f"{precision} differs from {of} by {found['largest']:.2g} at most, "
            f"{found['mean']:.2g} in the mean")  # fmt: skip
    say(f"Exported {_whole(name)}")


def _store() -> ModelStore:
    from toolkit.inference.store import ModelStore
    from toolkit.settings import Settings

    return ModelStore.from_settings(Settings.load())


def _whole(name: str) -> str:
    """``original`` is short for ``detoxify-original``, and so on."""
    from toolkit.inference.backends import DETOXIFY

    return f"detoxify-{name}" if name in DETOXIFY else name


def _progress() -> Progress | None:
    """One line a file that fills up, on a terminal only."""
    if not sys.stderr.isatty():
        return None

    def show_bytes(path: str, have: int, total: int | None) -> None:
        whole = f" of {total / 1e6:,.1f}" if total else ""
        print(f"\r{path}: {have / 1e6:,.1f}{whole} MB", end="", file=sys.stderr)  # noqa: T201
        if have == total:
            print(file=sys.stderr)  # noqa: T201

    return show_bytes
