from __future__ import annotations

import numpy as np
import pytest

from toolkit.analyzers.stance.features import (
    FEATURES,
    cues,
    features,
    line,
    negate,
)

EAST, NORTH, WEST = (
    np.array(vector, dtype=np.float32) for vector in ([1.0, 0.0], [0.0, 1.0], [-1.0, 0.0])
)


def values(
    sentences: list[str], thesis: str = "The bridge helps the town.", *vectors: np.ndarray
) -> dict[str, float]:
    stacked = np.stack(vectors or [EAST] * len(sentences))
    row = features(sentences, stacked, [line(thesis, EAST, NORTH)])
    return dict(zip(FEATURES, row.tolist(), strict=True))


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Felons should not be allowed to vote", "Felons should be allowed to vote"),
        ("Felons should be allowed to vote", "Felons should not be allowed to vote"),
        ("We don’t need a bridge", "We do need a bridge"),
        ("Bees cannot swim", "Bees can swim"),
        ("The ferry won't run", "The ferry will run"),
        ("Gulls never sleep", "Gulls sleep"),
        ("Bees like roofs", "It is not true that Bees like roofs"),
        ("", "It is not true that "),
    ],
)
def test_negate(sentence: str, expected: str) -> None:
    assert negate(sentence) == expected


def test_similarity_features() -> None:
    found = values(["One.", "Two."], "The bridge helps.", EAST, NORTH)
    assert found["nearest"] == pytest.approx(1.0)
    assert found["whole"] == pytest.approx(np.sqrt(0.5))
    assert found["negated_gap"] == pytest.approx(1.0)
    assert found["whole_gap"] == pytest.approx(0.0, abs=1e-6)
    assert values(["One."], "The bridge helps.", WEST)["nearest"] == pytest.approx(-1.0)


def test_sentences_that_cancel_out_have_no_direction() -> None:
    assert values(["One.", "Two."], "The bridge helps.", EAST, WEST)["whole"] == 0.0


def test_the_line_nearest_to_a_sentence_is_used() -> None:
    lines = [line("Bees swim.", NORTH, NORTH), line("The bridge is not safe.", EAST, NORTH)]
    row = features(["A bridge."], EAST[None, :], lines)
    assert dict(zip(FEATURES, row, strict=True))["thesis_negated"] == 1.0


def test_shared_words_join_forms_of_a_word() -> None:
    assert values(["Bridges help."])["shared_words"] == pytest.approx(1 / 3)
    assert values(["Helpless townspeople."], "The towns help.")["shared_words"] == 0.0
    assert values(["Immigrant."], "Immigration.")["shared_words"] == 1.0


def test_cue_features() -> None:
    agrees = values(["I agree!", "It is good."])
    assert agrees["agrees"] > 0
    assert agrees["agrees_first"] == 1.0
    assert agrees["exclaims"] == 1.0
    assert agrees["disagrees"] == 0.0
    disagrees = values(["It is old.", "This is nonsense?"])
    assert disagrees["disagrees"] > 0
    assert disagrees["disagrees_first"] == 0.0
    assert disagrees["asks"] == 0.5


@pytest.mark.parametrize(
    "sentences",
    [
        ["I agree that it is old.", "But it stands."],
        ["You are right about the age, but it stands."],
        ["I agree with the first part.", "However, the rest is thin."],
    ],
)
def test_a_concession_is_no_agreement(sentences: list[str]) -> None:
    found = values(sentences)
    assert found["agrees"] == found["agrees_first"] == 0.0


def test_a_but_before_an_agreement_takes_nothing_back() -> None:
    assert values(["It is old, but I agree."])["agrees"] > 0
    assert values(["I agree.", "Walkers like it."])["agrees_first"] == 1.0


def test_negation_features() -> None:
    found = values(["The bridge does not help."])
    assert found["negation_differs"] == 1.0
    assert found["negated"] == 1.0
    both = values(["It does not help."], "The bridge never helps.")
    assert both["negation_differs"] == 0.0
    assert both["thesis_negated"] == 1.0


def test_opposite_words_and_tone() -> None:
    found = values(["It hurts the town."])
    assert found["opposites"] > 0
    assert found["tone"] < 0
    assert found["tone_agrees"] < 0
    assert values(["It is not bad."])["tone"] > 0


@pytest.mark.parametrize(
    "text",
    [
        "I couldn't agree more.",
        "I couldn’t agree more.",
        "Well said, Sir.",
        "You are absolutely right about this.",
        "Great article!",
        "Thank you for writing this.",
        "Exactly. That is it.",
        "This makes perfect sense.",
    ],
)
def test_agreement(text: str) -> None:
    from toolkit.text.normalize import fold_quotes

    assert cues().agreement.search(fold_quotes(text))
    assert not cues().disagreement.search(fold_quotes(text))


@pytest.mark.parametrize(
    "text",
    [
        "I disagree.",
        "I do not agree with you.",
        "I can’t agree with any of this.",
        "What nonsense.",
        "This is simply wrong.",
        "The author ignores the costs.",
        "Nope, not at all.",
        "It makes no sense.",
        "That isn't true.",
    ],
)
def test_disagreement(text: str) -> None:
    from toolkit.text.normalize import fold_quotes

    assert cues().disagreement.search(fold_quotes(text))
    assert not cues().agreement.search(fold_quotes(text))


@pytest.mark.parametrize("text", ["The right wing won.", "The council met.", "Turn right here."])
def test_neither(text: str) -> None:
    assert not cues().agreement.search(text)
    assert not cues().disagreement.search(text)
