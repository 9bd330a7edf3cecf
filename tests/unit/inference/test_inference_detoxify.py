"""Detoxify over tiny checkpoints of its true architectures, built here."""

from __future__ import annotations

import itertools
import json
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from toolkit.errors import MissingExtraError, ModelError
from toolkit.inference.detoxify import DetoxifyToxicity

CLASSES = ["toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate"]
UNBIASED = [
    "toxicity", "severe_toxicity", "obscene", "identity_attack", "insult", "threat",
    "sexual_explicit",
]  # fmt: skip
WORDS = [*"you are a an the not idiot fool good bad people here there we they say tea".split()]  # noqa: SIM905
WORDS += [".", ",", "!"]
TEXTS = [
    "you are an idiot !",
    "we say the tea is good .",
    "fool",
    "they are bad people here , not there .",
]


def needs_detoxify() -> None:
    pytest.importorskip("detoxify", reason="the extra [detoxify] is not installed")
    import torch

    torch.set_num_threads(1)  # on models this small, threads only wait for each other


def tiny(
    folder: Path, *, classes: list[str] = CLASSES, outputs: int | None = None, places: int = 40
):
    """A BERT of two layers with random weights; (checkpoint, config folder)."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]
    config = folder / "config"
    config.mkdir(parents=True)
    (config / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    (config / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "BertTokenizer", "do_lower_case": True}), encoding="utf-8"
    )
    number = outputs or len(classes)
    settings = BertConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=48, max_position_embeddings=places, num_labels=number,
    )  # fmt: skip
    settings.save_pretrained(config)
    torch.manual_seed(5)
    model = BertForSequenceClassification(settings)
    with torch.no_grad():  # far from 0.5, so that a mistake shows
        model.classifier.weight.mul_(60)
    checkpoint = folder / "tiny.ckpt"
    arch = {
        "num_classes": number, "model_type": "bert-base-uncased",
        "model_name": "BertForSequenceClassification", "tokenizer_name": "BertTokenizer",
    }  # fmt: skip
    torch.save(
        {
            "config": {"arch": {"args": arch}, "dataset": {"args": {"classes": classes}}},
            "state_dict": model.state_dict(),
        },
        checkpoint,
    )
    return checkpoint, config


def detoxify_itself(checkpoint: Path, config: Path, texts: list[str]) -> dict[str, list[float]]:
    """What Detoxify's own constructor and predict() make of the same files."""
    import torch
    from detoxify import Detoxify

    loaded = torch.load(checkpoint, weights_only=True)
    loaded["config"]["arch"]["args"]["model_type"] = str(config)
    local = checkpoint.with_name("local.ckpt")
    torch.save(loaded, local)
    return Detoxify(checkpoint=str(local), huggingface_config_path=str(config)).predict(texts)


def test_scores_are_detoxifys_own(tmp_path: Path) -> None:
    needs_detoxify()
    checkpoint, config = tiny(tmp_path)
    model = DetoxifyToxicity.load(checkpoint, config)
    expected = detoxify_itself(checkpoint, config, TEXTS)
    scores = model.predict(TEXTS)
    assert model.labels == (
        "toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack",
    )  # fmt: skip
    assert scores.dtype == np.float32
    for lane, label in enumerate(model.labels):
        np.testing.assert_allclose(scores[:, lane], expected[label], atol=1e-5)
    assert np.ptp(scores) > 0.05


def test_labels_of_the_unbiased_kind_keep_their_places(tmp_path: Path) -> None:
    needs_detoxify()
    # The published checkpoint has 16 outputs, of which the first seven are labels.
    checkpoint, config = tiny(tmp_path, classes=UNBIASED, outputs=16)
    model = DetoxifyToxicity.load(checkpoint, config)
    assert model.labels[-1] == "sexual_explicit"
    expected = detoxify_itself(checkpoint, config, TEXTS)
    scores = model.predict(TEXTS)
    for lane, label in enumerate(model.labels):
        np.testing.assert_allclose(scores[:, lane], expected[label], atol=1e-5)


def test_a_batch_and_a_single_text_agree(tmp_path: Path) -> None:
    needs_detoxify()
    model = DetoxifyToxicity.load(*tiny(tmp_path))
    texts = [text for part in TEXTS for text in (part, part * 3)] * 5
    together = model.predict(texts)
    alone = np.concatenate([model.predict([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=1e-5)
    assert model.predict([]).shape == (0, 6)


def test_a_long_text_is_read_to_its_end(tmp_path: Path) -> None:
    needs_detoxify()
    model = DetoxifyToxicity.load(*tiny(tmp_path))
    opening = "we say the tea . " * 40
    windows = model._windows(opening + "idiot fool !")
    assert windows[0][0] == 0
    assert windows[-1][1] == len(opening) + len("idiot fool !")
    assert all(after[0] <= before[1] for before, after in itertools.pairwise(windows))
    text = opening + "idiot fool !"
    whole = model.predict([text])[0]
    parts = model.predict([text[start:end] for start, end in windows])
    np.testing.assert_allclose(whole, parts.max(axis=0), atol=1e-6)
    assert model.window(text) in windows
    assert model.window("tea") is None


def test_spans_are_the_toxic_sentences(tmp_path: Path) -> None:
    needs_detoxify()
    model = DetoxifyToxicity.load(*tiny(tmp_path))
    text = "You are an idiot! We say the tea is good. Fool, they are bad people."
    model.review_threshold = 0.0
    spans = model.spans(text)
    assert [text[span.start : span.end] for span in spans] == [
        "You are an idiot!", "We say the tea is good.", "Fool, they are bad people.",
    ]  # fmt: skip
    for span in spans:
        assert span.score == pytest.approx(
            model.predict([text[span.start : span.end]])[0, 0], abs=1e-3
        )
    model.review_threshold = 1.1
    assert model.spans(text) == []


class _Attack:
    """Writes a file when unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.system, (f"touch '{self.target}'",)


def test_a_pickle_is_never_executed(tmp_path: Path) -> None:
    needs_detoxify()
    import torch

    checkpoint, config = tiny(tmp_path)
    loaded = torch.load(checkpoint, weights_only=True)
    loaded["config"]["attack"] = _Attack(tmp_path / "was-here")
    torch.save(loaded, checkpoint)
    with pytest.raises(ModelError, match="without executing code"):
        DetoxifyToxicity.load(checkpoint, config)
    checkpoint.write_bytes(pickle.dumps(_Attack(tmp_path / "was-here")))
    with pytest.raises(ModelError):
        DetoxifyToxicity.load(checkpoint, config)
    assert not (tmp_path / "was-here").exists()


def test_bad_files_are_named(tmp_path: Path) -> None:
    needs_detoxify()
    import torch

    checkpoint, config = tiny(tmp_path)
    good = torch.load(checkpoint, weights_only=True)
    with pytest.raises(ModelError, match="no checkpoint at"):
        DetoxifyToxicity.load(tmp_path / "none.ckpt", config)
    with pytest.raises(ModelError, match="no config at"):
        DetoxifyToxicity.load(checkpoint, tmp_path)

    def saved(change: Any) -> Path:
        import copy

        loaded = copy.deepcopy(good)
        change(loaded)
        torch.save(loaded, tmp_path / "changed.ckpt")
        return tmp_path / "changed.ckpt"

    cases = [
        (lambda c: c.pop("state_dict"), "lacks 'state_dict'"),
        (lambda c: c["state_dict"].pop("classifier.weight"), "lacks 1 weights"),
        (
            lambda c: c["config"]["arch"]["args"].update(model_name="AutoModel"),
            "none of Detoxify's",
        ),
        (lambda c: c["config"]["arch"]["args"].update(tokenizer_name="Trainer"), "tokenizers"),
        (lambda c: c["config"]["dataset"]["args"].update(classes=["a"]), "its labels are"),
        (lambda c: c["config"]["arch"]["args"].update(num_classes=3), "outputs"),
        (
            lambda c: c["state_dict"].update({"classifier.weight": torch.zeros(6, 5)}),
            "make no model",
        ),
    ]
    for change, message in cases:
        with pytest.raises(ModelError, match=message) as caught:
            DetoxifyToxicity.load(saved(change), config)
        assert caught.value.next_step


def test_the_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("toolkit.inference.detoxify.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError) as caught:
        DetoxifyToxicity.load(tmp_path / "a.ckpt", tmp_path)
    assert "[detoxify]" in caught.value.next_step
