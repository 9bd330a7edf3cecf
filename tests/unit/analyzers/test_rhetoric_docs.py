from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from toolkit.analyzers.lexicon import load
from toolkit.analyzers.lexicon.file import CategoryFile, EntryFile, Header, Trigger
from toolkit.analyzers.rhetoric import RhetoricAnalyzer

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "rhetoric.md").read_text(encoding="utf-8")


def test_every_category_stands_in_the_table_with_its_definition_and_source() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (\w+ \| .+) \|$", PAGE, re.MULTILINE))
    for category in load().categories.values():
        row = rows[category.name]
        assert row.startswith(f"{category.family} | {category.definition} | {category.source} | ")


def test_every_column_is_named() -> None:
    for metric in RhetoricAnalyzer().metrics:
        base = metric.name.removesuffix("_per_100_words")
        assert f"`{base}`" in PAGE or f"`rhetoric__{base}`" in PAGE


def test_every_field_of_a_lexicon_file_is_described() -> None:
    for name in EntryFile.model_fields:
        assert re.search(rf"^\|[^|]*`{name}`", PAGE, re.MULTILINE), name
    for name in (*CategoryFile.model_fields, *Header.model_fields):
        assert re.search(rf"^{name} = |category\.\w+\.{name}\]", PAGE, re.MULTILINE), name
    for trigger in get_args(Trigger):
        assert f"`{trigger}`" in PAGE, trigger


def test_the_sample_file_is_sound(tmp_path: Path) -> None:
    from toolkit.analyzers.lexicon.check import check

    (sample,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    file = tmp_path / "harbour.toml"
    file.write_text(sample, encoding="utf-8")
    assert check(file) == []
    markers = RhetoricAnalyzer(load([file])).markers("Merely muddier banks, stonewalled.", "en")
    assert {(m.category, m.entry) for m in markers} >= {
        ("local_feud", "muddy"),
        ("local_feud", "bank"),
        ("local_feud", "stonewall"),
    }
    assert all(m.entry != "merely" for m in markers)
