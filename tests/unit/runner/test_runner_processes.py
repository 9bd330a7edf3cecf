"""Runs in real processes: any number of them, killed, interrupted."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from polars.testing import assert_frame_equal
from runner_helpers import make_job, write_dump

import toolkit
from toolkit.errors import OutputError
from toolkit.runner import results, run, verify


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "toolkit.cli", "batch", *map(str, arguments)]


def wait_for(what: str, out: Path, more_than: int = 0, process: object = None) -> None:
    deadline = time.monotonic() + 120
    while len(list(out.glob(what))) <= more_than:
        if isinstance(process, subprocess.Popen) and process.poll() is not None:
            return
        assert time.monotonic() < deadline, f"no {what} came"
        time.sleep(0.01)


def test_processes_and_shard_size_change_nothing(tmp_path: Path) -> None:
    write_dump(tmp_path / "dump.jsonl", 2_500)
    run(make_job(tmp_path, "two", workers=2, shard_rows=1_000))
    run(make_job(tmp_path, "one", workers=1, shard_rows=50_000))
    two, one = results(tmp_path / "two").collect(), results(tmp_path / "one").collect()
    assert_frame_equal(two, one, check_exact=True)
    dump = toolkit.read_dump(tmp_path / "dump.jsonl")
    here = toolkit.analyze(dump, only=("readability",)).collect()
    assert_frame_equal(one, here, check_exact=True)
    assert len(list((tmp_path / "two").glob("part-*"))) == 3
    assert not os.environ.get("POLARS_MAX_THREADS")


def test_an_error_in_a_worker_keeps_its_name(tmp_path: Path) -> None:
    write_dump(tmp_path / "dump.jsonl", 30)
    job = make_job(tmp_path, only=("language",), workers=1)
    (tmp_path / "out" / "part-000000.parquet").mkdir(parents=True)
    (tmp_path / "out" / "part-000000.parquet" / "in-the-way").touch()
    # A folder where the shard should go is met by the worker alone.
    import toolkit.runner.local as local

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(local, "_begin", lambda *_, **__: (None, {}))
        with pytest.raises(OutputError, match=r"part-000000\.parquet cannot be written") as caught:
            run(job)
    assert "--resume" in caught.value.next_step


def test_killed_at_any_moment_it_resumes_to_the_same_rows(tmp_path: Path) -> None:
    dump = write_dump(tmp_path / "dump.jsonl", 3_000)
    out = tmp_path / "out"
    options = ("--only", "language", "--shard-rows", "25", "--workers", "2", "-q", "--resume")
    rng = random.Random(7)
    kills = 0
    for _ in range(2):
        done = len(list(out.glob("part-*")))
        process = subprocess.Popen(command(dump, "-o", out, *options), start_new_session=True)
        # Wait for a shard of this try, so that there is something to lose.
        wait_for("part-*", out, done, process)
        time.sleep(rng.random() * 0.1)
        kills += process.poll() is None
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert kills
    subprocess.run(command(dump, "-o", out, *options), check=True)
    expected = toolkit.analyze(toolkit.read_dump(dump), only=("language",)).collect()
    assert_frame_equal(results(out).collect(), expected, check_exact=True)
    assert verify(out, reread=True).ok


def test_ctrl_c_stops_soon_and_leaves_no_process(tmp_path: Path) -> None:
    dump = write_dump(tmp_path / "dump.jsonl", 50_000)
    out = tmp_path / "out"
    options = ("--only", "readability", "--shard-rows", "200", "--workers", "2")
    process = subprocess.Popen(
        command(dump, "-o", out, *options, "--progress", "json"),
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    wait_for("part-*", out)
    stopped = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    _, error = process.communicate(timeout=60)
    returned = time.monotonic() - stopped
    assert process.returncode == 130, error
    assert b"Traceback" not in error
    lines = error.decode().splitlines()
    assert "add --resume to go on" in lines[-1]
    steps = [json.loads(line) for line in lines if line.startswith("{")]
    assert steps[-1].keys() >= {"rows", "rows_per_second", "seconds", "fraction", "seconds_left"}
    while _group_lives(process.pid):
        assert time.monotonic() < stopped + 30, "a process of the run is still there"
        time.sleep(0.02)
    took = time.monotonic() - stopped
    # A quiet machine needs a tenth of this. Where others take turns on it, the same work
    # takes as many times longer as there are processes for each core.
    turns = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    assert returned < 2 * turns, returned
    assert took < 2 * turns + 2, took
    assert not list(out.glob(".[!l]*"))


def _group_lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
