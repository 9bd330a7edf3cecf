"""Floors of the page parser on labelled pages, trafilatura beside it.

The figures come from ``scripts/eval_pages.py``. A comment's snippet that the
saved bytes hold nowhere counts for nobody.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("eval_pages", ROOT / "scripts" / "eval_pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def result(script: ModuleType, corpora: Path) -> Any:
    folder = corpora / "data" / "pages"
    if not (folder / "gold.jsonl.gz").exists():
        pytest.skip("the corpora hold no data/pages")
    return script.measure(folder, text=False)


def test_comments(result: Any) -> None:
    assert result.present >= 100
    assert result.comment_recall >= 0.97
    assert result.count_rate >= 0.95
    assert result.author_rate >= 0.99
    assert result.with_time / result.comments >= 0.94


def test_the_article_holds_no_comment(result: Any) -> None:
    # Two snippets stand in the article too: one is quoted from it, one is mislabelled.
    assert result.ours.leaked <= 2


def test_the_article_is_no_worse_than_trafilaturas(result: Any) -> None:
    assert result.ours.article >= max(194, result.theirs.article)
    assert result.ours.unwanted <= min(10, result.theirs.unwanted)
