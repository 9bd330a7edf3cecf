"""The sentences that the toxicity models learn from: whole, labelled, and apart from the suite."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from toolkit.inference import LABELS
from toolkit.inference.audit.cases import load_suite, swap_data

SCRIPTS = Path(__file__).resolve().parents[3] / "scripts"
SEED = 5


@pytest.fixture(scope="module")
def scripts() -> Iterator[dict[str, ModuleType]]:
    import importlib

    names = ("civil", "indirect", "pairs", "sentences", "templates", "unsaid")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(SCRIPTS))
        yield {name: importlib.import_module(f"toxicity_{name}") for name in names}


@pytest.fixture(scope="module")
def drawn(scripts: dict[str, ModuleType]) -> dict[str, list[tuple[str, dict[str, float]]]]:
    return {
        "civil": list(scripts["civil"].civil(6000, SEED)),
        "indirect": list(scripts["indirect"].made(scripts["indirect"].PATTERNS, 4000, SEED)),
        "unsaid": list(scripts["indirect"].made(scripts["unsaid"].PATTERNS, 4000, SEED)),
        "sentences": list(scripts["sentences"].sentences(4000, SEED)),
        "pairs": [(pair.text, pair.labels) for pair in scripts["pairs"].pairs(["blorp"], 3, SEED)],
    }


def test_every_slot_is_filled_and_every_label_is_one(
    drawn: dict[str, list[tuple[str, dict[str, float]]]],
) -> None:
    for source, rows in drawn.items():
        assert len(rows) > 1000, source
        for text, labels in rows:
            assert text
            assert text.strip() == text, (source, text)
            assert not re.search(r"[\[\]{}|]", text), (source, text)
            assert set(labels) <= set(LABELS), (source, labels)
            assert all(0.0 <= value <= 1.0 for value in labels.values()), (source, labels)


def test_hardly_a_sentence_is_a_case_of_the_suite_or_a_swap(
    drawn: dict[str, list[tuple[str, dict[str, float]]]], scripts: dict[str, ModuleType]
) -> None:
    # The training leaves out the few short ones that two hands wrote alike.
    judged = {case.text.casefold() for case in load_suite()}
    judged |= {text.casefold() for text in swap_data().texts}
    learned = {text.casefold() for rows in drawn.values() for text, _ in rows}
    learned |= {text.casefold() for _, text, _ in scripts["templates"].examples("train")}
    assert len(judged & learned) <= 5


def test_a_group_stands_in_civil_frames_twice_as_often_as_in_cruel_ones(
    drawn: dict[str, list[tuple[str, dict[str, float]]]],
) -> None:
    toxic = sum(labels["toxicity"] > 0.5 for _, labels in drawn["civil"])
    assert toxic == len(drawn["civil"]) / 3


def test_a_pair_has_both_sides_and_stays_on_one_side_of_the_split(
    scripts: dict[str, ModuleType],
) -> None:
    sides: dict[int, set[bool]] = defaultdict(set)
    held: dict[int, set[bool]] = defaultdict(set)
    for pair in scripts["pairs"].pairs(["blorp"], 3, SEED):
        sides[pair.pattern].add(pair.labels["toxicity"] > 0.5)
        held[pair.pattern].add(pair.held)
    assert all(found == {True, False} for found in sides.values())
    assert all(len(found) == 1 for found in held.values())
    assert 0.05 < sum(True in found for found in held.values()) / len(held) < 0.15


def test_the_pairs_file_is_one_object_a_line_with_known_kinds(
    scripts: dict[str, ModuleType],
) -> None:
    lines = (SCRIPTS / "toxicity_pairs.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert {row["kind"] for row in rows} == set(scripts["pairs"].ATTACKS)
    texts = [row["attacks"] for row in rows]
    assert len(set(texts)) == len(texts)
    assert all(row["attacks"] != row["harmless"] for row in rows)
