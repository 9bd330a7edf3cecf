"""A progress bar for long runs: rows a second, time left, what each analyzer costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from toolkit.runner import Progress


@contextmanager
def bar() -> Iterator[Callable[[Progress], None]]:
    """Yields the function to call as a run goes on."""
    columns = (
        SpinnerColumn(),
        BarColumn(bar_width=20),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Bar(*columns, console=Console(stderr=True)) as shown:
        task = shown.add_task("starting", total=None)

        def show(progress: Progress) -> None:
            shown.update(
                task,
                description=described(progress),
                completed=progress.fraction or 0.0,
                total=None if progress.fraction is None else 1.0,
            )

        yield show


def described(progress: Progress) -> str:
    """``1,200 rows, 400/s, 0:05:10 left (rhetoric 61%, readability 39%)``."""
    words = [f"{progress.rows:,} rows", f"{progress.rows_per_second:,.0f}/s"]
    if progress.seconds_left is not None:
        minutes, seconds = divmod(round(progress.seconds_left), 60)
        hours, minutes = divmod(minutes, 60)
        words.append(f"{hours}:{minutes:02}:{seconds:02} left")
    if progress.rejected:
        words.append(f"{progress.rejected:,} rejected")
    spent = sum(progress.seconds.values())
    if not spent:
        return ", ".join(words)
    shares = ", ".join(
        f"{name} {100 * seconds / spent:.0f}%"
        for name, seconds in sorted(progress.seconds.items(), key=lambda item: -item[1])
    )
    return f"{', '.join(words)} ({shares})"
