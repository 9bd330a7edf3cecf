"""Seconds and size of an article report, after analysis.

    python -m pytest tests/benchmarks/reporting.py -m benchmark -s

Seconds are the clock's or the processor's, whichever are fewer: the clock counts
other work on the machine, the processor counts typst's threads one by one.
Imports are in the first. Comments are made, of the length of real ones (about
forty words), with stance, toxicity, markers and readability.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "reporting"))

from reporting_samples import report_data, thread

pytestmark = pytest.mark.benchmark


@pytest.mark.parametrize(("count", "seconds", "megabytes"), [(200, 3.0, 5.0), (2000, 15.0, 20.0)])
def test_report(count: int, seconds: float, megabytes: float, tmp_path: Path) -> None:
    comments = [
        replace(comment, text=f"{comment.text} {other.text}" if comment.text else None)
        for comment, other in zip(thread(count), thread(count, seed=9), strict=True)
    ]
    data = report_data(comments)
    words = sum(len((comment.text or "").split()) for comment in comments) / count
    clock, start = time.perf_counter(), time.process_time()
    from toolkit.reporting import write_article_report

    paths = write_article_report(data, tmp_path, name="report")
    spent = min(time.perf_counter() - clock, time.process_time() - start)
    size = paths[0].stat().st_size / 1e6
    said = f"{count:,} comments of {words:.0f} words: {spent:.1f} s, PDF {size:.1f} MB"
    sys.stdout.write(f"\n{said}\n")
    assert spent < seconds
    assert size < megabytes
