"""Floors of the rhetoric lexicon; an update may raise them and not lower them.

The articles were held out by their id: no entry was written with a look at
them. The real page is read where the corpora lie.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

import toolkit
from toolkit.analyzers.rhetoric import RhetoricAnalyzer

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "eval_rhetoric.py"

#: Technique -> least F1 on the held-out articles, lexicon alone.
FLOORS = {
    "Loaded_Language": 0.24,
    "Name_Calling,Labeling": 0.25,
    "Flag-Waving": 0.27,
    "Appeal_to_fear-prejudice": 0.08,
    "Exaggeration,Minimisation": 0.06,
    "identified": 0.255,
}
#: A marker that is none wears a reader out sooner than one that is missed.
IDENTIFIED_PRECISION = 0.38


@pytest.fixture(scope="module")
def evaluation() -> ModuleType:
    spec = importlib.util.spec_from_file_location("eval_rhetoric", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_spans_on_held_out_articles(corpora: Path, evaluation: ModuleType) -> None:
    articles = list(evaluation.articles(corpora, "heldout"))
    assert len(articles) == 36
    tallies = evaluation.evaluate(evaluation.lexicon_layer(RhetoricAnalyzer()), articles)
    for technique, floor in FLOORS.items():
        assert tallies[technique].scores()[2] >= floor, technique
    assert tallies["identified"].scores()[0] >= IDENTIFIED_PRECISION


def test_the_learned_layer_adds_to_the_lexicon(corpora: Path, evaluation: ModuleType) -> None:
    articles = list(evaluation.articles(corpora, "heldout"))
    model, lexicon = evaluation.model_layer(), evaluation.lexicon_layer(RhetoricAnalyzer())
    alone = evaluation.evaluate(model, articles)
    assert alone["Loaded_Language"].scores()[2] >= 0.335
    assert alone["Name_Calling,Labeling"].scores()[2] >= 0.30
    assert alone["Exaggeration,Minimisation"].scores()[2] >= 0.30
    assert alone["identified"].scores()[2] >= 0.40
    both = evaluation.evaluate(evaluation.both_layers(lexicon, model), articles)
    assert both["identified"].scores()[2] >= 0.375


def test_the_measure_by_hand(evaluation: ModuleType) -> None:
    tally = evaluation.Tally()
    tally.add([(0, 10), (20, 30)], [(5, 10), (40, 50)])
    precision, recall, f1 = tally.scores()
    assert precision == pytest.approx(0.25)  # half of one span, none of the other
    assert recall == pytest.approx(0.5)  # all of one span, none of the other
    assert f1 == pytest.approx(1 / 3)
    assert evaluation.Tally().scores() == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("quote", "category", "after"),
    [
        ("nothing more than", "minimizing", "Revolutionary Guard is "),
        ("regime", "loaded_label", "to keep another "),
        ("mullahs", "loaded_label", "s "),
        ("strongman", "loaded_label", "where a "),
        ("strongmen", "loaded_label", "backing other "),
        ("The irony here", "irony_marker", "two years. "),
        ("warning bells", "appeal_to_fear", "It should set off "),
        ("just as in", "analogy", "And "),
    ],
)
def test_markers_on_the_real_page(corpora: Path, quote: str, category: str, after: str) -> None:
    (page,) = (corpora / "seeds").glob("*.txt")
    text = toolkit.parse(page).comments[0].text
    assert text is not None
    found = [m for m in RhetoricAnalyzer().markers(text, "en") if m.category == category]
    spans = [(m.start, m.end) for m in found if not m.quoted]
    start = text.index(after + quote) + len(after)
    assert (start, start + len(quote)) in spans
