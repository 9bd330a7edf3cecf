"""A progress bar for long runs: rows a second, time left, what each analyzer costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import (
    Progress as Bar,
)

from toolkit.runner import Progress


@contextmanager
def bar() -> Iterator[Callable[[Progress], None]]:
    """Yields the function to call as a run goes on."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True)) as shown:
        task = shown.add_task("starting", total=None)

        def show(progress: Progress) -> None:
            rate = progress.rows / progress.wall_seconds if progress.wall_seconds else 0.0
            spent = sum(progress.seconds.values()) or 1.0
            shares = ", ".join(
                f"{name} {100 * seconds / spent:.0f}%"
                for name, seconds in sorted(progress.seconds.items(), key=lambda item: -item[1])
            )
            shown.update(
                task,
                description=f"{progress.rows:,} rows, {rate:,.0f}/s ({shares})",
                completed=progress.fraction or 0.0,
                total=None if progress.fraction is None else 1.0,
            )

        yield show
