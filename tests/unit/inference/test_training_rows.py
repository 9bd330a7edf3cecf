"""What the encoder's training draws: plain texts, corpora with a scale of their own, no judge."""

from __future__ import annotations

import argparse
import gzip
import importlib
import json
import math
import random
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from toolkit.inference.audit.cases import load_suite, swap_data
from toolkit.text.sentences import sentence_spans

SCRIPTS = Path(__file__).resolve().parents[3] / "scripts"


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    return SCRIPTS


@pytest.fixture
def training(scripts: Path) -> ModuleType:
    pytest.importorskip("torch", reason="the extra [detoxify] is not installed")
    return importlib.import_module("train_toxicity")


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


ARTICLE = "The council met on Monday evening. " * 3 + "A reader wrote that it was blorping late. "
TALK = "I moved the table to the end of the page. The source is a report of 1990. Is that fine?"


@pytest.fixture
def corpora(tmp_path: Path) -> Path:
    """Files of a few rows in the shapes that `plain` reads."""
    none = dict.fromkeys(
        ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate"), 0
    )
    stance, toxicity = tmp_path / "data" / "stance", tmp_path / "data" / "toxicity"
    claim = {"claim": "Trams should run at night", "text": "Night workers need a way home "}
    write(stance / "claim_perspective_train.jsonl.gz", [claim, claim])
    write(stance / "claim_topic_train.jsonl.gz", [{"topic": "Parks matter most", "text": "Yes"}])
    write(
        stance / "headline_body_train.jsonl.gz", [{"headline": "Bear walks into a bakery at dawn"}]
    )
    write(stance / "headline_bodies.jsonl.gz", [{"text": ARTICLE}])
    write(toxicity / "wikipedia_talk_nontoxic_train.jsonl.gz", [{"text": TALK}])
    write(
        toxicity / "wikipedia_talk_6label_train.jsonl.gz",
        [
            none | {"text": "You moved it again. You are a blorp of an editor.", "insult": 1},
            none | {"text": "This was measured in a file. It must never be learned from."},
        ],
    )
    write(
        toxicity / "wikipedia_talk_6label_dev.jsonl.gz",
        [{"text": "This was measured in a file. It must never be learned from."}],
    )
    write(toxicity / "news_spans_dev.jsonl.gz", [{"text": "Another text that is only measured."}])
    write(
        toxicity / "profanity_lexicon.jsonl.gz",
        [{"term": "blorping", "severity": "Strong"}, {"term": "monday", "severity": "Mild"}],
    )
    return tmp_path


def test_plain_texts_are_whole_civil_and_apart_from_what_is_measured(
    scripts: Path, corpora: Path
) -> None:
    rows = importlib.import_module("toxicity_plain").plain(corpora)
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row.source, set()).add(row.text)
        assert max(row.targets) <= 0.05
    assert found["statements"] == {
        "Trams should run at night",
        "Night workers need a way home",
        "Parks matter most",
        "Bear walks into a bakery at dawn",
    }
    assert found["articles"]
    assert not any("blorping" in text for text in found["articles"])
    # Neither the insult's comment nor the one that stands in a development file.
    assert found["wikipedia_sentences"] == {
        "I moved the table to the end of the page.",
        "The source is a report of 1990.",
        "Is that fine?",
    }


def test_passages_of_one_article_stay_on_one_side_of_the_split(
    scripts: Path, corpora: Path
) -> None:
    rows = importlib.import_module("toxicity_plain").plain(corpora)
    for source in ("articles", "wikipedia_sentences"):
        assert len({row.fold for row in rows if row.source == source}) == 1


def test_cases_of_the_suite_are_left_out_however_they_are_written(training: ModuleType) -> None:
    row = importlib.import_module("toxicity_corpora").Row
    judged = [load_suite()[0].text.upper(), swap_data().texts[0]]
    texts = [*judged, "A sentence that no suite holds, about a tram in the snow."]
    rows = [row(text, [0.0] * 6, 1.0, "forum", text) for text in texts]
    assert [kept.text for kept in training._without_judges(rows)] == texts[2:]


@pytest.fixture
def tokenizer() -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers

    words = {"[UNK]": 0, "trams": 1, "are": 2, "late": 3}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return tokenizer


@pytest.fixture
def model(training: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The training's model over an encoder of one layer with random weights."""
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=8, hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    monkeypatch.setattr(
        training, "encoder_of", lambda base: BertModel(config, add_pooling_layer=False)
    )
    return training.Model(Path())


def test_each_corpus_with_a_scale_of_its_own_is_told_apart(
    training: ModuleType, tokenizer: Any
) -> None:
    row = importlib.import_module("toxicity_corpora").Row
    mix = {"wikipedia": 1, "news": 1, "news+": 1, "tweets": 1, "forum": 1}
    rows = [row("trams are late", [0.1] * 6, 1.0, source, source, None, 1) for source in mix]
    sampler = training.Sampler(rows, tokenizer, mix)
    drawn = {example.convention for batch in sampler.batches(0, 8) for example in batch}
    assert drawn == {0, 1, 2, 3}


@pytest.mark.parametrize("rated", [1.0, 0.0], ids=["seen by both heads", "by one"])
def test_a_corpus_scale_goes_into_its_offset_and_not_into_the_scores(
    training: ModuleType, model: Any, rated: float
) -> None:
    import torch

    # The same comment, toxic to one corpus's raters and not to the others'.
    harsh, mild = (
        training.Example([1, 2, 3], [share] * 6, [math.nan] * 3, convention, counts)
        for share, convention, counts in ((0.95, 1, rated), (0.05, 0, 1.0))
    )
    optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
    for _ in range(150):
        optimizer.zero_grad()
        training.loss_of(model, [harsh, mild]).backward()
        optimizer.step()
    offsets = model.convention.weight.detach().numpy()
    assert np.all(offsets[0] == 0)
    assert np.all(offsets[1] > 2)
    labels, _ = model.eval()(torch.tensor([[1, 2, 3]]), torch.ones(1, 3, dtype=torch.long))
    assert np.all(torch.sigmoid(labels).detach().numpy() < 0.2)


def test_a_kept_model_gives_the_labels_whatever_the_corpus_says(
    training: ModuleType, model: Any
) -> None:
    import torch

    kept = training.Model(Path()).eval().requires_grad_(False)
    with torch.no_grad():
        kept.comment.bias.copy_(torch.tensor([2.0, -2.0, 0.0, 1.0, -1.0, 3.0]))
    before = {name: value.clone() for name, value in kept.state_dict().items()}
    batch = [training.Example([1, 2, 3], [0.0] * 6, [0.0] * 3, 1)]
    optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
    for _ in range(200):
        optimizer.zero_grad()
        training.loss_of(model, batch, kept=kept).backward()
        optimizer.step()
    ids, mask = torch.tensor([[1, 2, 3]]), torch.ones(1, 3, dtype=torch.long)
    with torch.no_grad():
        wanted, found = kept(ids, mask)[0], model.eval()(ids, mask)[0]
    assert torch.allclose(torch.sigmoid(wanted), torch.sigmoid(found), atol=0.1)
    assert np.all(model.convention.weight.detach().numpy() == 0)
    assert all(torch.equal(value, before[name]) for name, value in kept.state_dict().items())


def test_an_attack_that_raters_let_pass_does_not_move_what_they_mark(
    training: ModuleType, tokenizer: Any, model: Any
) -> None:
    import torch

    row = importlib.import_module("toxicity_corpora").Row
    sources = {"wikipedia": 0.9, "pairs_implied": 0.9, "pairs_talk": 0.05}
    rows = [
        row("trams are late", [share] * 6, 1.0, source, source, None, 1)
        for source, share in sources.items()
    ]
    sampler = training.Sampler(rows, tokenizer, dict.fromkeys(sources, 1))
    drawn = {
        name: sampler._example(item, sampler_rng())
        for name, item in zip(sources, rows, strict=True)
    }
    assert [example.rated for example in drawn.values()] == [1.0, 0.0, training.CIVIL_ELSEWHERE]

    before = model.comment.weight[0].detach().clone()
    optimizer = torch.optim.SGD([*model.comment.parameters(), *model.unsaid.parameters()], lr=0.3)
    for _ in range(60):
        optimizer.zero_grad()
        training.loss_of(model.eval(), [drawn["pairs_implied"]]).backward()
        optimizer.step()
    assert torch.equal(model.comment.weight[0].detach(), before)
    ids, mask = torch.tensor([drawn["pairs_implied"].ids]), torch.ones(1, 3, dtype=torch.long)
    with torch.no_grad():
        labels, (comment, unsaid, _) = model(ids, mask)[0], model.heads(ids, mask)
    assert torch.sigmoid(labels[0, 0]) > 0.8
    one, other = torch.sigmoid(comment[0, 0]), torch.sigmoid(unsaid[0, 0])
    assert torch.sigmoid(labels[0, 0]) == pytest.approx(float(1 - (1 - one) * (1 - other)), 1e-4)


def sampler_rng() -> random.Random:
    """Draws that change no text."""
    rng = random.Random(1)
    rng.random = lambda: 0.999  # type: ignore[method-assign]
    return rng


@pytest.fixture
def answering(training: ModuleType) -> ModuleType:
    return importlib.import_module("toxicity_answers")


def test_answers_of_another_base_are_read_by_text(answering: ModuleType, tmp_path: Path) -> None:
    file = tmp_path / "answers.npz"
    texts, answers = ["trams are late", "trams are never late"], np.eye(2, 6)
    assert answering.lacking(file, texts) == texts
    answering.write_answers(file, texts[:1], answers[:1])
    assert answering.lacking(file, texts) == texts[1:]
    answering.write_answers(file, texts[1:], answers[1:])
    assert np.array_equal(answering.read_answers(file, texts[::-1]), answers[::-1])
    assert b"tram" not in file.read_bytes()
    with pytest.raises(SystemExit, match=r"answers\.npz lacks a text"):
        answering.read_answers(file, ["not asked"])


def test_answers_outlive_a_writing_that_is_cut_off(
    answering: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "answers.npz"
    answering.write_answers(file, ["trams are late"], np.ones((1, 6)))

    def half(opened: Any, **arrays: Any) -> None:
        if isinstance(opened, Path):
            opened.write_bytes(b"PK")
        else:
            opened.write(b"PK")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(answering.np, "savez", half)
    with pytest.raises(OSError, match="No space left"):
        answering.write_answers(file, ["trams are never late"], np.ones((1, 6)))
    assert np.array_equal(answering.read_answers(file, ["trams are late"]), np.ones((1, 6)))


def test_teachers_make_half_of_a_target_and_speak_for_wikipedia_elsewhere(
    training: ModuleType, answering: ModuleType, tokenizer: Any, tmp_path: Path
) -> None:
    row = importlib.import_module("toxicity_corpora").Row
    rows = [
        row(f"trams {source}", [1.0, math.nan, 1.0, 1.0, 1.0, 1.0], 1.0, source, source, None, 1)
        for source in ("wikipedia", "news", "pairs_news")
    ]
    works = [tmp_path / "one", tmp_path / "two"]
    for work, value in zip(works, (0.3, 0.5), strict=True):
        work.mkdir()
        texts = [rows[0].text, rows[1].text]
        answering.write_answers(work / "answers.npz", texts, np.full((2, 6), value))
    training._taught(rows, argparse.Namespace(teachers=works))
    assert rows[0].targets == pytest.approx([0.7, 0.4, 0.7, 0.7, 0.7, 0.7])
    for other in rows[1:]:
        assert other.targets == pytest.approx([1.0, math.nan, 1.0, 1.0, 1.0, 1.0], nan_ok=True)
    marks = [item.marked for item in rows]
    assert marks == pytest.approx([math.nan, 0.4, math.nan], nan_ok=True)
    sampler = training.Sampler(rows, tokenizer, {item.source: 1 for item in rows})
    drawn = [sampler._example(item, sampler_rng()) for item in rows]
    assert [example.rated for example in drawn] == [1.0, 1.0, 0.0]
    assert [example.marked for example in drawn] == pytest.approx(marks, nan_ok=True)


def test_what_wikipedia_would_mark_is_learned_beside_what_a_corpus_says(
    training: ModuleType, model: Any
) -> None:
    import torch

    # Raters elsewhere call toxic what Wikipedia's would not mark.
    harsh = training.Example([1, 2, 3], [0.95] * 6, [math.nan] * 3, 1, 1.0, 0.1)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.03)
    for _ in range(200):
        optimizer.zero_grad()
        training.loss_of(model.eval(), [harsh]).backward()
        optimizer.step()
    ids, mask = torch.tensor([[1, 2, 3]]), torch.ones(1, 3, dtype=torch.long)
    with torch.no_grad():
        comment, unsaid, _ = model.heads(ids, mask)
        offsets = model.convention(torch.tensor([1]))
        whole = training.either((comment + offsets)[:, :1], unsaid)
    assert torch.sigmoid(comment[0, 0]).item() == pytest.approx(0.1, abs=0.05)
    assert torch.sigmoid(whole[0, 0]).item() > 0.9


def test_parts_are_sentences_of_comments_of_the_same_side_without_a_label(
    answering: ModuleType,
) -> None:
    row = importlib.import_module("toxicity_corpora").Row
    rows = [
        row(TALK, [0.0] * 6, 1.0, "wikipedia", "talk", None, 3),
        row(TALK.upper(), [0.0] * 6, 1.0, "news", "news", None, 3),
        row("Only one sentence.", [1.0] * 6, 1.0, "wikipedia", "one", None, 3),
    ]
    found = answering.parts(rows, 24, 1)
    assert 2 <= len(found) == len({part.text for part in found})
    sentences = [TALK[a:b] for a, b in sentence_spans(TALK, "en")]
    for part in found:
        assert part.text != TALK
        assert part.text.endswith((".", "?"))
        left = part.text
        for sentence in sentences:
            left = left.replace(sentence, "")
        assert left.strip() == ""
        assert (part.source, part.group, part.fold) == ("wikipedia_parts", "talk", 3)
        assert np.isnan(part.targets).all()
    # Some stand beside others of another comment.
    assert {part.text in TALK for part in found} == {True, False}
    # A teacher's answer is all there is to learn.
    asked = {part.text for part in answering.asked_of([*found, *rows])}
    assert asked == {*(part.text for part in found), *(item.text for item in rows)}
    wikipedia = {part.text for part in answering.asked_of([*found, *rows], answering.WIKIPEDIA)}
    assert asked - wikipedia == {TALK.upper()}


def test_heads_are_tuned_and_written_as_the_encoder_gives_its_vectors(
    training: ModuleType, model: Any
) -> None:
    import torch

    tuning = importlib.import_module("tune_toxicity")
    torch.manual_seed(2)
    # The first number tells what raters mark, the second what attacks without their mark.
    vectors = torch.randn(2000, 32) * torch.linspace(0.1, 3, 32) + 1.0
    mean, spread = vectors.mean(0), vectors.std(0)
    scaled = (vectors - mean) / spread
    marked, unsaid = scaled[:, 0] > 0.5, scaled[:, 1] > 0.5
    plain, none = torch.zeros(1000, dtype=torch.long), torch.full((1000,), torch.nan)
    rated = tuning.Texts(scaled[:1000], marked[:1000].float(), plain, none)
    rated.vectors[:, 1] = -1.0
    others = tuning.Texts(scaled[1000:], (marked | unsaid)[1000:].float(), plain, none)
    state = {name: value.clone() for name, value in model.state_dict().items()}
    before = {name: value.clone() for name, value in state.items()}

    heads = tuning.Heads(state, mean, spread)
    tuning.tune(heads, rated, others, epochs=1500)
    heads.write(state)

    model.load_state_dict(state)
    with torch.no_grad():
        one, other = model.comment(vectors[1000:])[:, :1], model.unsaid(vectors[1000:])
        whole = training.either(one, other)[:, 0]
    right = ((whole > 0) == (marked | unsaid)[1000:]).float().mean()
    assert right > 0.8
    # What raters mark was not moved towards the other.
    alone = unsaid[1000:] & ~marked[1000:]
    assert (one[alone, 0] < 0).float().mean() > 0.7
    moved = {name for name in state if not torch.equal(state[name], before[name])}
    assert moved <= {
        "comment.weight", "comment.bias", "unsaid.weight", "unsaid.bias", "convention.weight",
    }  # fmt: skip
    assert torch.equal(state["comment.weight"][1:], before["comment.weight"][1:])
