"""The commands that read the desk's database, run as a user runs them, on both databases."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from desk_rows import DeskRows
from sqlalchemy import text
from typer.testing import CliRunner, Result

from toolkit.cli import desk_records
from toolkit.errors import InputError, OutputError, SettingsError, SourceNotFoundError
from toolkit.moderation.store import Store

WEBHOOK = """
[[target]]
name = "hook"
kind = "webhook"
url = "http://127.0.0.1:1/in"
secret_file = "secret.txt"
"""


@pytest.fixture
def app() -> typer.Typer:
    found = typer.Typer(pretty_exceptions_enable=False)
    desk_records.register(found)
    return found


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def desk(store: Store) -> DeskRows:
    desk = DeskRows(store)
    for number in range(12):
        comment = desk.comment(f"c{number}", insult=number / 12)
        act, reason = ("reject", "insult") if number > 6 else ("approve", None)
        desk.decide(comment, "ann", act, reason, selection="random")
        act, reason = ("reject", "insult") if number > 7 else ("approve", None)
        desk.decide(comment, "bob\u202e[red]", act, reason, round="second")
    return desk


def run(app: typer.Typer, database: str, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--database", database], catch_exceptions=False)


def test_stats_for_people_and_for_programs(desk: DeskRows, app: typer.Typer, database: str) -> None:
    found = run(app, database, "stats")
    assert "24 decisions on 12 comments" in found.stdout
    assert "Agreement by reason" in found.stdout
    assert "[red]" in found.stdout  # foreign text is no markup
    assert "\u202e" not in found.stdout
    figures = json.loads(run(app, database, "stats", "--json", "--threshold", "0.6").stdout)
    assert figures["threshold"] == 0.6
    assert figures["agreement"]["units"] == 12
    assert figures["agreement"]["observed"] == pytest.approx(11 / 12)
    [insult] = figures["performance"]
    assert (insult["true_positive"], insult["unbiased"]) == (4, True)
    assert figures["precision_by_week"][0]["week"] == "2026-03-02"


def test_an_empty_desk(app: typer.Typer, store: Store, database: str) -> None:
    assert "0 decisions on 0 comments" in run(app, database, "stats").stdout
    assert "holds together: 0 events" in run(app, database, "verify").stderr


def test_export_and_verify_with_its_head(
    desk: DeskRows, app: typer.Typer, database: str, tmp_path: Path
) -> None:
    path = tmp_path / "decisions.jsonl"
    found = run(app, database, "export", "decisions", "-o", str(path), "--no-names")
    assert found.stdout == ""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 24
    assert {row["moderator"] for row in rows} == {"moderator-1", "moderator-2"}
    [head] = re.findall(r"\b[0-9a-f]{64}\b", found.stderr)
    assert head in run(app, database, "verify", "--head", head).stderr
    with pytest.raises(InputError, match=r"1 problem$"):
        run(app, database, "verify", "--head", "0" * 63 + "1")
    with pytest.raises(InputError, match="no export of 'people'"):
        run(app, database, "export", "people", "-o", str(path))
    with pytest.raises(OutputError, match="no suffix"):
        run(app, database, "export", "spans", "-o", str(tmp_path / "a.doc"))


def test_verify_finds_what_was_changed(
    desk: DeskRows, app: typer.Typer, store: Store, database: str, capsys: Any
) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE desk_decision SET act = 'approve' WHERE id = 24"))
    with pytest.raises(InputError, match=r"does not hold together: 1 problem$") as caught:
        run(app, database, "verify")
    assert "backup" in caught.value.next_step


def test_targets_and_delivery(
    desk: DeskRows, app: typer.Typer, store: Store, database: str, tmp_path: Path
) -> None:
    assert "0 delivered" in run(app, database, "deliver").stderr
    (tmp_path / "secret.txt").write_text("whsec_" + "a2tr" * 8)
    file = tmp_path / "targets.toml"
    file.write_text(WEBHOOK)
    assert "go to hook" in run(app, database, "targets", str(file)).stderr
    hook = desk.target_keys()["hook"]
    desk.decide(desk.comment("new"), "ann", "approve", targets=[hook])
    assert re.search(r"hook\s*│\s*1", run(app, database, "deliver", "--list").stdout)
    # Nobody listens there. The tests' clock is not the command's, which is later.
    found = run(app, database, "deliver")
    assert "0 delivered, 1 to be tried again, 0 dead" in found.stderr
    assert "hook is left alone" in found.stderr
    assert "ConnectError" in found.stderr
    assert (
        "0 deliveries to hook are due" in run(app, database, "deliver", "--revive", "hook").stderr
    )
    with pytest.raises(SettingsError, match="no target"):
        run(app, database, "deliver", "--revive", "gone")


def test_a_mistyped_path_makes_no_desk(app: typer.Typer, tmp_path: Path) -> None:
    path = tmp_path / "dest.db"
    for command in ("stats", "verify", "deliver"):
        with pytest.raises(SourceNotFoundError, match="no desk at"):
            run(app, str(path), command)
    assert not path.exists()
