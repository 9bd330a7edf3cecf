"""What every command offers, word for word. `TOOLKIT_UPDATE_GOLDEN=1` rewrites it.

Held as data and not as rendered help, whose frames change with the version of rich.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from toolkit.cli import app

FILE = Path(__file__).parent / "cli-help.txt"


def _leaves(command: Any, path: tuple[str, ...] = ("toolkit",)) -> Iterator[str]:
    lines = [" ".join(path), *(f"  {line}".rstrip() for line in (command.help or "").splitlines())]
    for parameter in command.params:
        names = ", ".join([*parameter.opts, *parameter.secondary_opts])
        needed = " (required)" if parameter.required else ""
        lines.append(f"    {names}{needed}: {getattr(parameter, 'help', None) or ''}".rstrip())
    yield "\n".join(lines) + "\n"
    for name, child in getattr(command, "commands", {}).items():
        yield from _leaves(child, (*path, name))


def test_every_command_and_option() -> None:
    shown = "\n".join(_leaves(typer.main.get_command(app)))
    if os.environ.get("TOOLKIT_UPDATE_GOLDEN"):
        FILE.write_text(shown, encoding="utf-8")
    assert shown == FILE.read_text(encoding="utf-8")
