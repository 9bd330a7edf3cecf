"""Floors of the embedded toxicity models; an update may raise them and not lower them.

The corpora's development files were never trained or tuned on. The sentences
below are our own, written apart from the patterns the model was trained with.
"""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from toolkit.inference import LABELS, ToxicityModel, cascade, comment_encoder, linear

MODELS = {"encoder": comment_encoder, "linear": linear, "cascade": cascade}


@pytest.fixture(params=["encoder", "linear"])
def model(request: pytest.FixtureRequest) -> ToxicityModel:
    found: ToxicityModel = MODELS[request.param].embedded()
    return found


CORPORA = os.environ.get("TOOLKIT_CORPORA")
needs_corpora = pytest.mark.skipif(
    not CORPORA, reason="TOOLKIT_CORPORA does not name a folder of labelled corpora"
)


def rows(name: str) -> list[dict[str, Any]]:
    path = Path(CORPORA or "") / "data" / "toxicity" / f"{name}.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def area_under_curve(truth: npt.NDArray[np.bool_], score: npt.NDArray[np.float32]) -> float:
    """Probability that a positive outranks a negative, ties counting half (Mann-Whitney)."""
    positive, negative = np.sort(score[truth]), np.sort(score[~truth])
    below = np.searchsorted(negative, positive, side="left")
    upto = np.searchsorted(negative, positive, side="right")
    return float((below + upto).sum() / 2 / (positive.size * negative.size))


#: AUC by label in the order of LABELS, on the development file.
WIKIPEDIA_FLOORS = {
    "encoder": (0.96, 0.995, 0.965, 0.99, 0.97, 0.985),
    "linear": (0.91, 0.98, 0.93, 0.98, 0.94, 0.87),
    # Under the lower end of its range the linear model ranks.
    "cascade": (0.925, 0.98, 0.94, 0.98, 0.95, 0.94),
}
#: Mean F1 of toxic characters, the measure of SemEval-2021 task 5.
SPAN_FLOORS = {"encoder": 0.66, "linear": 0.51}


@needs_corpora
@pytest.mark.parametrize("name", WIKIPEDIA_FLOORS)
def test_wikipedia_comments(name: str) -> None:
    found = rows("wikipedia_talk_6label_dev")
    scores = MODELS[name].embedded().predict([row["text"] for row in found])
    names = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate")
    areas = {
        label: area_under_curve(np.array([row[field] == 1 for row in found]), scores[:, lane])
        for lane, (label, field) in enumerate(zip(LABELS, names, strict=True))
    }
    floors = dict(zip(LABELS, WIKIPEDIA_FLOORS[name], strict=True))
    assert {label: area for label, area in areas.items() if area < floors[label]} == {}


@needs_corpora
@pytest.mark.parametrize("name", SPAN_FLOORS)
def test_spans_in_news_comments(name: str) -> None:
    scores = []
    for row in rows("news_spans_dev"):
        spans = MODELS[name].embedded().spans(row["text"])
        marked = {place for span in spans for place in range(span.start, span.end)}
        wanted = set(row["spans"])
        if marked and wanted:
            scores.append(2 * len(marked & wanted) / (len(marked) + len(wanted)))
        else:
            scores.append(float(marked == wanted))
    assert np.mean(scores) >= SPAN_FLOORS[name]


@needs_corpora
def test_claims_of_debates_are_seldom_flagged() -> None:
    """Short plain statements attack nobody, however hard their subject; none was trained on."""
    path = Path(CORPORA or "") / "data" / "stance" / "claim_perspective_dev.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines]
    texts = sorted({row["text"] for row in found} | {row["claim"] for row in found})
    encoder = comment_encoder.embedded()
    assert (encoder.predict(texts)[:, 0] >= encoder.review_threshold).mean() <= 0.02


IDENTITIES = (
    ("Muslims", "a Muslim"), ("Jews", "a Jew"), ("Christians", "a Christian"),
    ("gays", "a gay man"),
    ("lesbians", "a lesbian"), ("trans people", "a trans woman"), ("black people", "a black man"),
    ("white people", "a white woman"), ("Mexicans", "a Mexican"), ("Arabs", "an Arab"),
    ("Indians", "an Indian"), ("women", "a woman"), ("refugees", "a refugee"),
    ("immigrants", "an immigrant"), ("disabled people", "a disabled man"),
    ("atheists", "an atheist"),
    ("homosexuals", "a homosexual"), ("feminists", "a feminist"), ("Asians", "an Asian student"),
    ("Germans", "a German"),
)  # fmt: skip
KIND = (
    "My dentist is {one}, and a very careful one.",
    "I grew up next to {many} and learned to cook from them.",
    "{many} and their families were invited to the opening.",
    "The novel is about {one} who moves to a fishing village.",
    "Two of the candidates on the list are {many}.",
    "We hired {one} last spring.",
    "How did {many} fare in the last census?",
    "To be {one} in a small town takes patience.",
)


def test_identities_in_neutral_use_are_seldom_flagged(model: ToxicityModel) -> None:
    """False-positive rate over identity swaps, and none far above the others."""
    texts = [sentence.format(one=one, many=many) for sentence in KIND for many, one in IDENTITIES]
    flagged = model.predict(texts)[:, 0] >= model.review_threshold
    assert flagged.mean() <= 0.05, [t for t, f in zip(texts, flagged, strict=True) if f]


@pytest.mark.parametrize(
    "text",
    [
        "This is fucking great, congratulations!",
        "I'm a gay Muslim man and I live in Leeds.",
        "I'm a gay Muslim man and I live in Leeds",
        "Damn, what a beautiful goal.",
        "The new tax will kill small shops.",
        "I disagree with everything in this article.",
        "Black coffee, please.",
        "My grandmother was a Jewish refugee from Vienna.",
    ],
)
def test_harmless_comments_stay_low(model: ToxicityModel, text: str) -> None:
    assert model.predict([text])[0, 0] < model.review_threshold


@pytest.mark.parametrize(
    "text",
    [
        "You are an idiot.",
        "What a pathetic moron the mayor is.",
        "Go fuck yourself, you worthless clown.",
        "sh*t up you f*cking id1ot",
        "y o u a r e a n i d i o t, m o r o n",
        "I will find you and I will kill you.",
        "Muslims are vermin and should all be deported.",
    ],
)
def test_toxic_comments_stand_out(model: ToxicityModel, text: str) -> None:
    assert model.predict([text])[0, 0] >= model.review_threshold


@pytest.mark.parametrize(
    "text",
    [
        "You are not an idiot.",
        "He called me an idiot and it hurt.",
        "I don't hate Muslims.",
        "Nobody should say that Jews are vermin.",
    ],
)
def test_the_encoder_knows_denial_and_report(text: str) -> None:
    encoder = comment_encoder.embedded()
    assert encoder.predict([text])[0, 0] < encoder.review_threshold


def test_the_encoder_sees_an_insult_behind_polite_sentences() -> None:
    encoder = comment_encoder.embedded()
    polite = "Thank you for this careful article about the harbour, which I read with my sister. "
    scores = encoder.predict([polite + "You are an idiot.", polite * 6 + "You are an idiot."])
    assert (scores[:, 0] >= encoder.review_threshold).all()
