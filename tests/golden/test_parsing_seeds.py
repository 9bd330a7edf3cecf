"""Each sample page gives the page record that was read over by eye.

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
#: Suffix of the sample pages -> where their records are.
GOLDEN = {
    ".txt": Path(__file__).parent / "pages",
    ".html": Path(__file__).parent / "html_pages",
}
SEEDS = sorted(path for path in (ROOT / "seeds").iterdir() if path.suffix in GOLDEN)


@pytest.mark.parametrize("seed", SEEDS, ids=lambda path: path.name)
def test_seed(seed: Path) -> None:
    found = parse(seed).to_dict()
    golden = GOLDEN[seed.suffix] / f"{seed.stem}.json"
    if os.environ.get("TOOLKIT_UPDATE_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        text = json.dumps(found, ensure_ascii=False, indent=2)
        golden.write_text(f"{text}\n", encoding="utf-8")
    assert golden.exists(), f"write {golden.name} with TOOLKIT_UPDATE_GOLDEN=1 and read it over"
    assert found == json.loads(golden.read_text(encoding="utf-8"))


@pytest.mark.parametrize("suffix", GOLDEN)
def test_every_golden_page_has_its_seed(suffix: str) -> None:
    stems = {path.stem for path in SEEDS if path.suffix == suffix}
    assert {path.stem for path in GOLDEN[suffix].glob("*.json")} == stems


def test_there_are_enough_shapes() -> None:
    assert sum(path.suffix == ".txt" for path in SEEDS) >= 10
