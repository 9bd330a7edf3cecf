"""Long runs: rows a second, memory, what each analyzer costs, what the runner adds, Spark.

    python -m pytest tests/benchmarks/batch.py -m benchmark -s
    BATCH_ROWS=100000,300000,1000000 BATCH_COST=20000 BATCH_ALL=20000 BATCH_OVERHEAD=200000 \\
        BATCH_SPARK=1000000 python -m pytest tests/benchmarks/batch.py -m benchmark -s

The comments are made up, the same for the same number of them: words by Zipf's law
from the package's own lists, sentences from the examples of the lexicon between
them, lengths log-normal (median 120 letters, mean 200). Memory is the sum of the
resident sets of all processes of a run, read every 100 ms; what they share is
counted in each. Speed depends on what else the machine does: compare ratios.
"""

from __future__ import annotations

import gzip
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import orjson
import polars as pl
import pytest

from toolkit.analyzers.lexicon import load
from toolkit.context import dump_frame
from toolkit.dumps import convert, read_dump
from toolkit.pipeline import Pipeline
from toolkit.runner import Manifest, results, verify
from toolkit.settings import Settings
from toolkit.summaries import summarize
from toolkit.tables import write_table

pytestmark = pytest.mark.benchmark

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "toolkit" / "text" / "data"
ROWS = [int(rows) for rows in os.environ.get("BATCH_ROWS", "2000,6000,20000").split(",")]
COST_ROWS = int(os.environ.get("BATCH_COST", "4000"))
ALL_ROWS = int(os.environ.get("BATCH_ALL", "1000"))
OVERHEAD_ROWS = int(os.environ.get("BATCH_OVERHEAD", "10000"))
SPARK_ROWS = int(os.environ.get("BATCH_SPARK", "5000"))
FAST = "readability,rhetoric,toxicity"
#: The fast tier: toxicity by the linear model.
FAST_OPTIONS = ("--only", FAST, "--toxicity", "linear")
LIMIT_MB = 1536


def running_text(rng: random.Random, letters: int = 3_000_000) -> str:
    """Sentences of common and rare words, and now and then one with a marker in it."""
    common = (DATA / "familiar_words_en.txt").read_text(encoding="utf-8").split()
    with gzip.open(DATA / "cmudict_syllables.txt.gz", "rt", encoding="utf-8") as lines:
        rare = [word for line in lines for word in line.split()[1:] if word.isalpha()]
    rng.shuffle(common)
    words = common + rng.sample(rare, 20_000)
    weights = list(accumulate(1 / rank for rank in range(1, len(words) + 1)))
    examples = [
        text
        for category in load().categories.values()
        for text in (*(item.text for item in category.examples), *category.counter_examples)
    ]
    pieces: list[str] = []
    size = 0
    while size < letters:
        if rng.random() < 0.25:
            piece = rng.choice(examples)
        else:
            chosen = rng.choices(words, cum_weights=weights, k=rng.randrange(4, 24))
            piece = " ".join(chosen).capitalize() + rng.choice((".", ".", ".", "?", "!", "…"))
        pieces.append(piece)
        size += len(piece) + 1
    return " ".join(pieces)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("batch")


def made(folder: Path, rows: int) -> Path:
    """A dump of ``rows`` comments under articles of 200; one in 1,000 lines is broken."""
    path = folder / f"{rows}.jsonl"
    if path.exists():
        return path
    rng = random.Random(20240229)
    text = running_text(rng)
    with path.open("wb") as file:
        for number in range(rows):
            article = number // 200
            start = text.index(" ", rng.randrange(len(text) - 30_000)) + 1
            end = start + 8 + int(rng.lognormvariate(4.8, 1.0))
            record = {
                "comment_id": f"c{number}",
                "article_id": f"a{article}",
                "article_title": f"The council should not pay for bridge number {article}",
                "parent_id": f"c{number - 1}" if number % 200 and rng.random() < 0.5 else None,
                "author": f"user{rng.randrange(rows // 5 + 1)}",
                "created_at": f"2024-01-{1 + article % 28:02}T12:00:00Z",
                "text": text[start : min(end, start + 20_000)],
            }
            file.write(b"{broken\n" if number % 1000 == 999 else orjson.dumps(record) + b"\n")
    return path


@dataclass
class Run:
    """What a process and all its children took; memory in MB."""

    wall: float
    cpu: float
    peak: int
    processes: int


def measured(command: list[str], **environment: str) -> Run:
    """Run ``command`` in a session of its own and watch that session."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    process = subprocess.Popen(
        command, start_new_session=True, cwd=ROOT, env=os.environ | environment,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    peaks = [(0, 0)]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.1):
            sizes = list(resident(process.pid))
            peaks.append((sum(sizes), len(sizes)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        code = process.wait()
    finally:
        done.set()
        watcher.join()
    wall = time.perf_counter() - began
    assert code == 0, command
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    peak, processes = max(peaks)
    return Run(wall=wall, cpu=cpu, peak=peak >> 20, processes=processes)


def resident(session: int) -> Iterator[int]:
    """Resident bytes of each process of a session."""
    page = os.sysconf("SC_PAGE_SIZE")
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(") ")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session:
            yield int(fields[21]) * page


def batch(dump: Path, out: Path, *options: str) -> Run:
    shutil.rmtree(out, ignore_errors=True)
    return measured(
        [sys.executable, "-m", "toolkit.cli", "batch", str(dump), "-o", str(out), "-q", *options]
    )


def show(words: str) -> None:
    sys.stdout.write(f"  {words}\n")
    sys.stdout.flush()


def shares(out: Path) -> str:
    """Each analyzer's part of the time that all of them took, and its cost."""
    manifest = Manifest.read(out)
    spent: dict[str, float] = {}
    for shard in manifest.shards:
        for name, seconds in shard.seconds.items():
            spent[name] = spent.get(name, 0.0) + seconds
    total = sum(spent.values())
    return ", ".join(
        f"{name} {seconds / total:.0%} ({seconds / manifest.rows_out * 1e6:,.0f} s/million)"
        for name, seconds in sorted(spent.items(), key=lambda item: -item[1])
    )


def test_memory_is_flat(folder: Path) -> None:
    show(f"{FAST}; {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    peaks, costs = [], []
    for rows in ROWS:
        out = folder / "out"
        run = batch(made(folder, rows), out, *FAST_OPTIONS)
        manifest = Manifest.read(out)
        assert manifest.rows_in == rows
        assert manifest.rows_rejected == rows // 1000
        show(
            f"{rows:>9,} rows {run.wall:7.1f} s {rows / run.wall:8,.0f} rows/s "
            f"{run.cpu:7.1f} s of CPU, {run.peak:,} MB in {run.processes} processes"
        )
        show(f"          {shares(out)}")
        peaks.append(run.peak)
        costs.append(run.cpu / rows)
    assert max(peaks) < LIMIT_MB
    if min(ROWS) >= 100_000:  # Below that not every worker has met a full shard.
        # The smallest run may be a shard for each worker, with none that waits.
        assert max(peaks[1:]) < 1.1 * min(peaks[1:])
        assert max(peaks) < 1.4 * min(peaks)
        assert costs[-1] < 1.25 * costs[0], "the cost of a row must not grow with their number"
    began = time.perf_counter()
    assert verify(out, sample=200, reread=True).ok
    show(f"verify --sample 200 --reread: {time.perf_counter() - began:.1f} s")
    for by in ("article", "thread", "author", "day"):
        command = ("summarize", str(out), "--by", by, "-o", str(folder / "sum.parquet"))
        run = measured([sys.executable, "-m", "toolkit.cli", *command])
        show(f"summarize --by {by}: {run.wall:.1f} s, {run.peak:,} MB")


def test_cost_of_each_analyzer(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seconds of one processor, which other work on the machine changes little."""
    frame = dump_frame(read_dump(made(folder, COST_ROWS)), thesis=None, with_thesis=True).collect()
    monkeypatch.setattr("toolkit.pipeline.time.perf_counter", time.process_time)
    # Stance costs a hundred times what the others do: a twentieth of the rows will do.
    runs = [(FAST.split(","), frame, Settings(toxicity="linear"))]
    runs += [(["stance"], frame[::20], Settings(stance=name)) for name in ("encoder", "cues")]
    for names, rows, settings in runs:
        pipeline = Pipeline.of(names, settings)
        pipeline.run(rows.head(100))
        rows = rows.slice(100)
        halves = [pipeline.run(half)[1] for half in (rows[::2], rows[1::2])]
        for name in halves[0]:
            first, second = (half[name] / (rows.height / 2) * 1e6 for half in halves)
            if name == "language" and names == ["stance"]:
                continue
            mean = (first + second) / 2
            what = f"{name}, {settings.stance}" if name == "stance" else name
            show(f"{what:<16} {mean:9,.0f} s of CPU a million ({first:,.0f}, {second:,.0f})")


def test_all_analyzers(folder: Path) -> None:
    out = folder / "all"
    run = batch(made(folder, ALL_ROWS), out)
    show(
        f"all analyzers: {ALL_ROWS:,} rows {run.wall:.1f} s, {ALL_ROWS / run.wall:,.0f} rows/s, "
        f"{run.cpu:.1f} s of CPU, {run.peak:,} MB in {run.processes} processes"
    )
    show(f"          {shares(out)}")
    assert results(out).select(pl.col("thesis").null_count()).collect().item() == 0
    assert run.peak < LIMIT_MB


BARE = """
import sys
from pathlib import Path
import toolkit
settings = toolkit.Settings(toxicity="linear")
frame = toolkit.analyze(
    toolkit.read_dump(sys.argv[1]), only=sys.argv[3].split(","), settings=settings
)
toolkit.tables.write_table(frame, Path(sys.argv[2]))
"""


def test_overhead_of_the_runner(folder: Path) -> None:
    """One worker beside the same rows read, measured and written by one bare process."""
    dump, out, bare = made(folder, OVERHEAD_ROWS), folder / "one", folder / "bare.parquet"
    threads = {"POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}
    code = BARE.replace("import toolkit\n", "import toolkit, toolkit.tables\n")
    rounds = []
    for _ in range(2):
        plain = measured([sys.executable, "-c", code, str(dump), str(bare), FAST], **threads)
        run = batch(dump, out, *FAST_OPTIONS, "--workers", "1")
        rounds.append((run.cpu / plain.cpu, run.wall / plain.wall))
        show(
            f"overhead on {OVERHEAD_ROWS:,} rows: bare {plain.cpu:.1f} s of CPU "
            f"({plain.wall:.1f} s), runner {run.cpu:.1f} s ({run.wall:.1f} s): "
            f"{rounds[-1][0]:.3f} of the CPU, {rounds[-1][1]:.3f} of the time"
        )
    assert pl.read_parquet(bare).equals(results(out).collect())
    if OVERHEAD_ROWS >= 200_000:  # A process more to start is a second, whatever it does then.
        assert min(ratio for ratio, _ in rounds) <= 1.05


def test_spark(folder: Path) -> None:
    pytest.importorskip("pyspark", reason="Spark needs the extra [spark]")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java")
    table, out = folder / "table.parquet", folder / "spark"
    convert(read_dump(made(folder, SPARK_ROWS)), table)
    shutil.rmtree(out, ignore_errors=True)
    run = batch(
        table, out, *FAST_OPTIONS, "--engine", "spark", "--master", f"local[{os.cpu_count()}]"
    )
    rows = results(out).select(pl.len()).collect().item()
    assert rows == SPARK_ROWS - SPARK_ROWS // 1000
    show(
        f"spark: {rows:,} rows {run.wall:.1f} s, {rows / run.wall:,.0f} rows/s, "
        f"{run.peak:,} MB in {run.processes} processes, Java's {os.cpu_count()} tasks among them"
    )
    sums = summarize(results(out), "day")
    write_table(sums, folder / "sums.parquet")
    show(json.dumps(sums.select(pl.col("comments").sum()).collect().to_dicts()))
