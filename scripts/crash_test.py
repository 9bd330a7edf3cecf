"""Kill a batch at random moments, fill its disk, and compare what comes out in the end.

    python scripts/crash_test.py --kills 25

A dump is made and analysed undisturbed. Then the same run is started in a session
of its own and its whole process group killed (SIGKILL) at a random moment, resumed,
killed again, until it is done, into as many folders as the kills need. Then the
same on a disk that is too small and grows a little each time (a tmpfs: needs root).
Each result must equal the undisturbed one row by row, in order, rejects included,
and pass ``toolkit verify --reread``. Exit 1 where one does not.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from polars.testing import assert_frame_equal

from toolkit.runner import Manifest, results, verify

WORDS = (  # noqa: SIM905
    "the council never asked us so why should anybody pay for a bridge that nobody wants "
    "honestly perhaps it is nothing more than a gift you know and they will surely say sorry"
).split()


def make_dump(path: Path, rows: int, seed: int) -> Path:
    """``rows`` lines of JSON; every 97th is broken."""
    rng = random.Random(seed)
    with path.open("w", encoding="utf-8") as file:
        for number in range(rows):
            text = " ".join(rng.choices(WORDS, k=rng.randrange(60)))
            row = {"id": f"c{number}", "author": f"u{number % 91}", "text": text.capitalize()}
            file.write("{broken\n" if number % 97 == 96 else json.dumps(row) + "\n")
    return path


def command(dump: Path, out: Path, given: argparse.Namespace) -> list[str]:
    return [
        *(sys.executable, "-m", "toolkit.cli", "batch", str(dump), "-o", str(out)),
        *("--only", given.only, "--shard-rows", str(given.shard_rows)),
        *("--workers", str(given.workers), "-q", "--resume"),
    ]


def same(out: Path, calm: Path) -> None:
    """Raises AssertionError where a row or a reject differs."""
    assert_frame_equal(results(out).collect(), results(calm).collect(), check_exact=True)
    ours, theirs = (folder / "rejects.jsonl" for folder in (out, calm))
    assert ours.read_bytes() == theirs.read_bytes(), "the rejects differ"
    verdict = verify(out, sample=500, reread=True)
    assert verdict.ok, verdict.problems
    left = {path.name for path in out.iterdir()} - {path.name for path in calm.iterdir()}
    assert not left, left


def killed(dump: Path, calm: Path, folder: Path, given: argparse.Namespace) -> None:
    rng = random.Random(given.seed)
    kills = sittings = runs = 0
    at: dict[int, int] = {}
    while kills < given.kills:
        out = folder / f"killed-{runs}"
        while True:
            process = subprocess.Popen(
                command(dump, out, given), start_new_session=True, stdout=subprocess.DEVNULL
            )
            sittings += 1
            if kills < given.kills:
                wait_until(out, process, rng, given)
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                    kills += 1
                    done = len(list(out.glob("part-*")))
                    at[done] = at.get(done, 0) + 1
            if process.wait() == 0:
                break
            assert process.returncode == -signal.SIGKILL, process.returncode
        same(out, calm)
        shutil.rmtree(out)
        runs += 1
        print(f"run {runs}: equal after {kills} kills in all", flush=True)
    print(f"{kills} kills in {sittings} sittings of {runs} runs; no row lost, doubled or changed")
    print(f"shards there when killed: {dict(sorted(at.items()))}")


def wait_until(
    out: Path, process: subprocess.Popen[bytes], rng: random.Random, given: argparse.Namespace
) -> None:
    """A random moment: one in four while it starts, else some shards into this sitting."""
    if rng.random() < 0.25:
        time.sleep(rng.random() * 3)
        return
    wanted = len(list(out.glob("part-*"))) + rng.randrange(1, given.stride)
    while len(list(out.glob("part-*"))) < wanted and process.poll() is None:
        time.sleep(0.005)
    time.sleep(rng.random() * 0.2)


def full_disk(dump: Path, calm: Path, folder: Path, given: argparse.Namespace) -> None:
    if os.geteuid() != 0:
        print("disk: skipped, only root can mount a small disk")
        return
    size = sum(path.stat().st_size for path in calm.iterdir()) // 1024
    disk = folder / "disk"
    disk.mkdir()
    room = size // 6
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={room}k", "tmpfs", str(disk)], check=True)
    try:
        refusals = 0
        out = disk / "out"
        while True:
            done = subprocess.run(
                command(dump, out, given), capture_output=True, text=True, check=False
            )
            if done.returncode == 0:
                break
            assert done.returncode == 2, done.stderr
            assert done.stderr.startswith("OutputError: "), done.stderr
            assert "--resume" in done.stderr, done.stderr
            refusals += 1
            torn = [path.name for path in out.glob(".*") if path.name != ".lock"]
            assert not torn, torn
            room += size // 5
            subprocess.run(["mount", "-o", f"remount,size={room}k", str(disk)], check=True)
        same(out, calm)
        assert refusals, "the disk never filled"
        print(f"disk: full {refusals} times, each time OutputError; in the end equal")
        print(f"  {done.returncode=}, sittings {Manifest.read(out).sittings}")
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=25)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--shard-rows", type=int, default=250)
    parser.add_argument("--stride", type=int, default=16, help="shards between kills, at most")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--only", default="readability,rhetoric")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="toolkit-crash-") as name:
        folder = Path(name)
        dump = make_dump(folder / "dump.jsonl", given.rows, given.seed)
        calm = folder / "calm"
        subprocess.run(command(dump, calm, given), check=True, stdout=subprocess.DEVNULL)
        print(f"undisturbed: {results(calm).collect().shape} rows and columns", flush=True)
        killed(dump, calm, folder, given)
        full_disk(dump, calm, folder, given)


if __name__ == "__main__":
    main()
