"""``toolkit desk stats|export|verify|targets|deliver``: what the desk's database holds."""

from __future__ import annotations

import json
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from toolkit.cli.console import say

if TYPE_CHECKING:
    import polars as pl
    from rich.console import Console

    from toolkit.moderation.statistics import Statistics
    from toolkit.moderation.store import Store

Database = Annotated[
    str,
    typer.Option(
        "--database",
        metavar="PATH|URL",
        envvar="TOOLKIT_DESK_DATABASE",
        show_envvar=True,
        help="A SQLite file, or postgresql://USER@HOST/NAME.",
    ),
]
DEFAULT_DATABASE = "desk.db"


def register(app: typer.Typer) -> None:
    """Add the commands to ``toolkit desk``."""
    for command in (stats, export, verify, targets, deliver):
        app.command()(command)


def stats(
    database: Database = DEFAULT_DATABASE,
    threshold: Annotated[
        float,
        typer.Option("--threshold", min=0, max=1, help="Score at which the model says yes."),
    ] = 0.5,
    as_json: Annotated[bool, typer.Option("--json", help="All figures as one object.")] = False,
) -> None:
    """Show how moderators agree, how models do against them, and how long decisions take.

    Example: toolkit desk stats --json
    """
    from toolkit.moderation.statistics import statistics

    with _opened(database) as store:
        found = statistics(store, threshold=threshold)
    if as_json:
        sys.stdout.write(json.dumps(found.to_dict(), ensure_ascii=False, allow_nan=False) + "\n")
    else:
        _show(found)


def export(
    what: Annotated[str, typer.Argument(metavar="WHAT", help="decisions or spans.")],
    output: Annotated[
        Path,
        typer.Option("-o", "--output", metavar="FILE", help=".csv, .jsonl or .parquet."),
    ],
    database: Database = DEFAULT_DATABASE,
    no_names: Annotated[
        bool, typer.Option("--no-names", help="moderator-3 instead of who decided.")
    ] = False,
    no_undone: Annotated[
        bool, typer.Option("--no-undone", help="Leave out what was taken back.")
    ] = False,
) -> None:
    """Write all decisions, or the spans that people confirmed or denied, to a file.

    Example: toolkit desk export decisions -o decisions.csv
    """
    from toolkit.moderation import export as exports

    with _opened(database) as store:
        found = exports.export(
            store,
            what,  # type: ignore[arg-type]  # checked there, with an error that has a next step
            output,
            named=not no_names,
            undone=not no_undone,
        )
    say(f"{found.path}: {found.rows:,} rows. The log has {found.events:,} events; its head is")
    say(f"  {found.head}")


def verify(
    database: Database = DEFAULT_DATABASE,
    head: Annotated[
        str | None,
        typer.Option("--head", metavar="HASH", help="A head that was noted: is it still there?"),
    ] = None,
) -> None:
    """Check the log's chain, and that decisions and statuses are what it says.

    Prints one line for each problem to stdout.

    Example: toolkit desk verify --database desk.db
    """
    from toolkit.errors import InputError
    from toolkit.moderation import events

    with _opened(database) as store:
        found = events.verify(store, head=head)
    for problem in found.problems:
        print(problem)  # noqa: T201
    if found.problems:
        count = len(found.problems)
        raise InputError(
            f"the log does not hold together: {count} problem{'' if count == 1 else 's'}",
            next_step="Keep this database as it is, and compare it with a backup.",
        )
    say(f"The log holds together: {found.events:,} events; its head is")
    say(f"  {found.head}")


def targets(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where decisions go (TOML).")],
    database: Database = DEFAULT_DATABASE,
) -> None:
    """Set where decisions are sent: webhooks and WordPress sites.

    Targets that the file does not name any more are switched off. Secrets stay
    in the environment or in files of their own.

    Example: toolkit desk targets targets.toml
    """
    from toolkit.moderation.outbox import sync_targets
    from toolkit.moderation.targets import read_targets

    entries = read_targets(file)
    with _opened(database) as store:
        sync_targets(store, entries)
    say(f"Decisions from now on go to {', '.join(entries)}.")


def deliver(
    database: Database = DEFAULT_DATABASE,
    every: Annotated[
        float | None,
        typer.Option("--every", min=1, metavar="SECONDS", help="Go on, and look this often."),
    ] = None,
    revive: Annotated[
        str | None,
        typer.Option("--revive", metavar="NAME", help="Try a target's dead deliveries again."),
    ] = None,
    show: Annotated[
        bool, typer.Option("--list", help="Show how the deliveries stand; send nothing.")
    ] = False,
) -> None:
    """Send the decisions that wait to their targets (toolkit desk targets).

    Example: toolkit desk deliver --every 10
    """
    from toolkit.moderation import outbox

    with _opened(database) as store:
        if show:
            _show_backlog(store)
            return
        if revive is not None:
            say(f"{outbox.revive(store, revive):,} deliveries to {revive} are due again.")
        # So that the outbox is given back at once, and not when the lease ends.
        signal.signal(signal.SIGTERM, _stop)
        _deliver_once(store, quiet=False)
        while every is not None:
            time.sleep(every)
            _deliver_once(store, quiet=True)


def _deliver_once(store: Store, *, quiet: bool) -> None:
    from toolkit.moderation.outbox import held, load_targets
    from toolkit.moderation.writeback import Sender
    from toolkit.moderation.writeback import deliver as send

    found = load_targets(store)
    with held(store) as box, Sender(found, clock=store.clock) as sender:
        run = send(box, sender, clock=store.clock)
    for message in run.messages:
        say(message)
    for name in run.halted:
        say(f"{name} is left alone until the next look.")
    if run.sent or not quiet:
        say(f"{run.delivered:,} delivered, {run.retry:,} to be tried again, {run.dead:,} dead.")


def _stop(*_: object) -> None:
    raise SystemExit(0)


@contextmanager
def _opened(database: str) -> Iterator[Store]:
    """Open an existing desk: a mistyped path must not make an empty one."""
    from toolkit.errors import SourceNotFoundError
    from toolkit.moderation.store import open_store

    if "://" not in database and not Path(database).is_file():
        raise SourceNotFoundError(
            f"there is no desk at {database}",
            next_step="Give --database; toolkit desk import makes a desk.",
        )
    store = open_store(database)
    try:
        yield store
    finally:
        store.close()


def _show(found: Statistics) -> None:
    import polars as pl
    from rich.console import Console

    console = Console()
    total = found.totals
    console.print(
        f"{total['decisions']:,} decisions on {total['comments']:,} comments, "
        f"{total['undone']:,} undone. Appeals: {found.appeals['stated']:,}, "
        f"{found.appeals['overturned']:,} overturned, {found.appeals['open']:,} open."
    )
    alpha = found.agreement
    console.print(
        f"Keep or remove, {alpha.units:,} comments with a blind second look: alpha "
        + _interval(alpha.value, alpha.lower, alpha.upper, alpha.null_reason)
        + f", observed {_number(alpha.observed)}."
    )
    if alpha.note:
        console.print(alpha.note)
    bounds = [pl.struct("alpha", "lower", "upper", "null_reason").alias("alpha, 95% interval")]
    _table(
        console,
        "Agreement by reason",
        found.agreement_by_reason.select("label", "units", *bounds, "observed", "specific"),
    )
    _table(
        console,
        "Agreement by pair (kappa)",
        found.agreement_by_pair.select(
            "first", "second", "units",
            pl.struct("kappa", "lower", "upper", "null_reason").alias("kappa, 95% interval"),
            "observed",
        ),
    )  # fmt: skip
    _table(
        console,
        "Agreement on spans",
        found.agreement_by_span_label.select("label", "labels", "confirmed", "units", *bounds),
    )
    shares = [
        pl.struct(name, f"{name}_lower", f"{name}_upper").alias(f"{name}, 95% interval")
        for name in ("precision", "recall", "f1")
    ]
    _table(
        console,
        f"Models against moderators at {found.threshold:g}",
        found.performance.select("attribute", "model_version", "selection", "comments", *shares),
    )
    if not found.performance["unbiased"].all():
        console.print(
            "Of the rows that are not random, recall looks better than it is: nobody looked "
            "at what the queue left out."
        )
    _table(
        console,
        "Calibration",
        found.calibration_error.select(
            "attribute", "model_version", "selection", "comments", "ece",
            pl.col("ece_if_calibrated_upper").alias("ece of a calibrated model stays under"),
            "brier",
        ),
    )  # fmt: skip
    _table(
        console,
        "Weeks whose scores differ from the first four by more than chance",
        found.score_drift.filter(pl.col("psi") > pl.col("psi_noise")).select(
            "attribute", "model_version", pl.col("week").cast(pl.String), "comments", "psi",
            "psi_noise", "ks",
        ),
    )  # fmt: skip
    _table(console, "Decisions one by one", found.moderators)


def _show_backlog(store: Store) -> None:
    import polars as pl
    from rich.console import Console

    from toolkit.moderation.outbox import backlog

    rows = [
        {
            "target": row.target if row.active else f"{row.target} (off)",
            "waiting": row.waiting,
            "since": row.oldest.isoformat(timespec="seconds") if row.oldest else None,
            "delivered": row.delivered,
            "superseded": row.superseded,
            "dead": row.dead,
        }
        for row in backlog(store)
    ]
    _table(Console(), "Deliveries", pl.DataFrame(rows))


def _table(console: Console, title: str, frame: pl.DataFrame) -> None:
    """Nothing for an empty frame. Cells are foreign text, without markup or control signs."""
    from rich.table import Table
    from rich.text import Text

    if frame.is_empty():
        return
    table = Table(title=title, title_justify="left")
    for name, dtype in frame.schema.items():
        right = dtype.is_numeric() or dtype.is_nested()
        table.add_column(name.replace("_", " "), justify="right" if right else "left")
    for row in frame.iter_rows():
        table.add_row(*(Text(_cell(value)) for value in row))
    console.print(table)


def _cell(value: Any) -> str:
    if isinstance(value, dict):
        return _interval(*value.values())
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, int):
        return f"{value:,}"
    return "–" if value is None else "".join(c if c.isprintable() else "\ufffd" for c in str(value))


def _interval(
    value: float | None, lower: float | None, upper: float | None, reason: str | None = None
) -> str:
    if value is None:
        return f"– ({reason.replace('_', ' ')})" if reason else "–"
    bounds = "" if lower is None or upper is None else f" [{lower:.2f}, {upper:.2f}]"
    return f"{value:.2f}{bounds}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"
