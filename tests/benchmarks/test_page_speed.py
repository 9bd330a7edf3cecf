"""How fast pages are taken apart, as a share of trafilatura's speed in the same process."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.benchmark
def test_pages_a_second(corpora: Path) -> None:
    spec = importlib.util.spec_from_file_location("eval_pages", ROOT / "scripts" / "eval_pages.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = script
    spec.loader.exec_module(script)
    result = script.measure(corpora / "data" / "pages", text=False)
    assert result.speed >= 0.8
