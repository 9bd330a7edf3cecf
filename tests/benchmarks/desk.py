"""The desk with 20 moderators on loopback: the next card, and the import.

    python -m pytest tests/benchmarks/desk.py -m benchmark -s

Wall clock: run it on a machine that does nothing else. TOOLKIT_DESK_BENCHMARK
names an empty PostgreSQL database (postgresql://…) to measure instead of SQLite.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "desk_load.py"

# Read before the fixture that takes all TOOLKIT_ variables away.
DATABASE = os.environ.get("TOOLKIT_DESK_BENCHMARK")


@pytest.mark.benchmark
def test_the_next_card_of_a_hundred_thousand() -> None:
    command = [sys.executable, str(SCRIPT), "--comments", "100000", "--moderators", "20"]
    if DATABASE:
        command += ["--database", DATABASE]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    print(json.dumps(found))  # noqa: T201
    assert found["errors"] == []
    assert found["log_problems"] == []
    assert found["same_item_twice"] == 0
    assert found["import_rows_per_second"] >= 2000
    assert found["next_card_p95_ms"] < 100
