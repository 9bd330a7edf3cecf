"""Each saved sample page gives the page record that was read over by eye.

After a change that is meant, write them anew with ``TOOLKIT_UPDATE_GOLDEN=1``
and read the difference before committing it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from toolkit.parsing import parse

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = Path(__file__).parent / "html_pages"
SEEDS = sorted((ROOT / "seeds").glob("*.html"))


@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: path.stem)
def test_saved_page(seed: Path) -> None:
    found = parse(seed).to_dict()
    golden = GOLDEN / f"{seed.stem}.json"
    if os.environ.get("TOOLKIT_UPDATE_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        text = json.dumps(found, ensure_ascii=False, indent=2)
        golden.write_text(f"{text}\n", encoding="utf-8")
    assert golden.exists(), f"write {golden.name} with TOOLKIT_UPDATE_GOLDEN=1 and read it over"
    assert found == json.loads(golden.read_text(encoding="utf-8"))


def test_every_golden_saved_page_has_its_seed() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == {seed.stem for seed in SEEDS}
