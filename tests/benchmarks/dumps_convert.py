"""Rows a second and peak memory of a conversion, beside polars' bare reader.

    python -m pytest tests/benchmarks/dumps_convert.py -m benchmark -s
    DUMP_ROWS=1000000,3000000,10000000 python -m pytest ...

Both read the same made-up Reddit dump in a process of their own, one after the
other. polars refuses windows beyond 2^27, so the file has that; the last line
reads one with a window of 2^31. Ten million rows need 1.5 GB of disk.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROWS = [int(rows) for rows in os.environ.get("DUMP_ROWS", "100000,300000").split(",")]

TIMED = """
import json, resource, sys, time
from pathlib import Path
began = time.perf_counter()
{work}
wall = time.perf_counter() - began
used = resource.getrusage(resource.RUSAGE_SELF)
cpu = used.ru_utime + used.ru_stime
print(json.dumps(dict(rows=rows, wall=wall, cpu=cpu, rss=used.ru_maxrss // 1024)))
"""
OURS = TIMED.format(
    work="from toolkit.dumps import convert, read_dump\n"
    "rows = convert(read_dump(sys.argv[1]), Path(sys.argv[2])).rows_out"
)
BARE = TIMED.format(
    work="import polars as pl\npl.scan_ndjson(sys.argv[1]).sink_parquet(sys.argv[2])\n"
    "rows = pl.scan_parquet(sys.argv[2]).select(pl.len()).collect().item()"
)


def timed(code: str, dump: Path, out: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", code, str(dump), str(out)],
        check=True,
        capture_output=True,
        text=True,
    )
    out.unlink()
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def made(rows: int, path: Path, *options: str) -> Path:
    script = ROOT / "scripts" / "make_reddit_dump.py"
    subprocess.run([sys.executable, str(script), str(rows), str(path), *options], check=True)
    return path


def show(name: str, run: dict[str, Any]) -> None:
    sys.stdout.write(
        f"  {name:<8} {run['rows']:>11,} rows {run['wall']:7.1f} s wall {run['cpu']:7.1f} s cpu "
        f"{run['rows'] / run['wall']:>10,.0f} rows/s {run['rss']:>6,} MB\n"
    )
    sys.stdout.flush()


@pytest.mark.benchmark
def test_reddit_dump(tmp_path: Path) -> None:
    peaks = []
    for rows in ROWS:
        dump = made(rows, tmp_path / "comments.ndjson.zst")
        ours = timed(OURS, dump, tmp_path / "ours.parquet")
        bare = timed(BARE, dump, tmp_path / "bare.parquet")
        dump.unlink()
        show("convert", ours)
        show("polars", bare)
        wall, cpu = bare["wall"] / ours["wall"], bare["cpu"] / ours["cpu"]
        sys.stdout.write(f"  polars / convert: {wall:.2f} wall, {cpu:.2f} cpu\n")
        assert ours["rows"] == bare["rows"] == rows
        peaks.append(ours["rss"])
        assert cpu > 0.35
    assert max(peaks) < 1.5 * min(peaks) + 100
    long = made(min(ROWS), tmp_path / "long.ndjson.zst", "--window-log", "31")
    show("2^31", timed(OURS, long, tmp_path / "ours.parquet"))
