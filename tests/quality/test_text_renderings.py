"""Floors of the text parser on text renderings of labelled HTML pages.

The figures come from ``scripts/eval_text_pages.py``. Pages whose comments are
loaded by script hold none of the gold snippets; shares count what is shown.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]

#: renderer -> share of shown comment snippets found in a comment, share of shown body snippets
#: found in the article, most snippets of either in the other, least pages with the right count.
FLOORS = {
    "inscriptis": (0.92, 0.99, 10, 3, 34),
    "html2text": (0.90, 0.99, 13, 3, 34),
}


@pytest.fixture(scope="module")
def script() -> ModuleType:
    path = ROOT / "scripts" / "eval_text_pages.py"
    spec = importlib.util.spec_from_file_location("eval_text_pages", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("renderer", FLOORS)
def test_floors(renderer: str, script: ModuleType, corpora: Path) -> None:
    pytest.importorskip(renderer, reason=f"{renderer} renders the pages and is not installed")
    if not (corpora / "data" / "pages" / "gold.jsonl.gz").exists():
        pytest.skip("the corpora hold no data/pages")
    render = script.renderers()[renderer]
    total: Any = script.Figures()
    for gold, markup in script.gold_pages(corpora):
        total.add(script.measure(gold, render(markup)))
    comments, body, in_article, in_comments, counts = FLOORS[renderer]
    assert total.comments_shown >= 100
    assert total.comments_found / total.comments_shown >= comments
    assert total.body_found / total.body_shown >= body
    assert total.comments_in_article <= in_article
    assert total.body_in_comments <= in_comments
    assert total.count_close >= counts
    assert total.authors / total.comments >= 0.95
