"""Documentation that a test holds to the code."""

from __future__ import annotations

import re
from pathlib import Path

import typer

from toolkit.cli import app
from toolkit.settings import Settings

ROOT = Path(__file__).resolve().parents[2]


def test_every_setting_is_documented_with_its_default() -> None:
    text = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| `TOOLKIT_\w+` \| ([^|]+) \|", text, re.MULTILINE))
    assert set(rows) == set(Settings.model_fields)
    for name, default in rows.items():
        assert f"TOOLKIT_{name.upper()}" in text
        value = getattr(Settings(), name)
        shown = {None: "none", (): "`[]`"}.get(value, f"`{value}`")
        assert default.strip() == shown


def test_every_command_says_what_it_does_and_shows_an_example() -> None:
    group = typer.main.get_command(app)
    commands = group.commands  # type: ignore[attr-defined]
    assert commands
    for name, command in commands.items():
        for leaf in getattr(command, "commands", {name: command}).values():
            assert "Example: toolkit " in (leaf.help or ""), name


def test_links_in_the_documentation_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("seeds/**/*.md")]
    assert len(pages) > 5
    for page in pages:
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
