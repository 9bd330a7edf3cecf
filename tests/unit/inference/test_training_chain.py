"""The commands that train the encoder, each with what the one before left."""

from __future__ import annotations

import importlib
import math
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

SCRIPTS = Path(__file__).resolve().parents[3] / "scripts"
SOURCES = (
    "wikipedia",
    "wikipedia_nontoxic",
    "wikipedia_parts",
    "news",
    "tweets",
    "forum",
    "news_civil",
)
WORDS = ("trams", "are", "late", "never", "you", "utter", "blorp", "again")


@pytest.fixture
def chain(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, ModuleType]:
    """The scripts, over a few rows of every kind and an encoder of one layer."""
    pytest.importorskip("torch", reason="the extra [detoxify] is not installed")
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import BertConfig, BertModel

    monkeypatch.syspath_prepend(str(SCRIPTS))
    monkeypatch.setenv("TOOLKIT_CORPORA", str(tmp_path))
    names = ("train_toxicity", "ask_toxicity", "tune_toxicity")
    found = {name: importlib.import_module(name) for name in names}
    training = found["train_toxicity"]
    row = importlib.import_module("toxicity_corpora").Row

    rows = []
    for source in SOURCES:
        for number in range(12):
            rude = number % 2 == 1
            text = f"{WORDS[number % 4]} you {'utter blorp' if rude else 'are late'} {number}"
            label = math.nan if source == "wikipedia_parts" else 0.9 if rude else 0.1
            spans = list(range(4)) if source == "news" and rude else None
            rows.append(row(f"{source} {text}", [label] * 6, 1.0, source, text, spans, 1))

    def all_rows(corpora: Path) -> tuple[list[Any], list[Any]]:
        assert corpora == tmp_path
        # Fresh ones: answers of teachers are mixed into targets in place.
        train = [row(r.text, list(r.targets), 1.0, r.source, r.group, r.spans, 1) for r in rows]
        return train, train[:4]

    for module in found.values():
        monkeypatch.setattr(module, "all_rows", all_rows)
    for module in (training, found["tune_toxicity"]):
        monkeypatch.setattr(module, "MIX", dict.fromkeys(SOURCES, 1))
    monkeypatch.setattr(found["tune_toxicity"], "OTHERS", 40)
    monkeypatch.setattr(found["tune_toxicity"], "BATCH", 8)

    tokenizer = Tokenizer(
        models.WordLevel({"[UNK]": 0} | {w: i for i, w in enumerate(WORDS, 1)}, unk_token="[UNK]")
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    config = BertConfig(
        vocab_size=12, hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    for module in (training, found["ask_toxicity"], found["tune_toxicity"]):
        monkeypatch.setattr(module, "make_tokenizer", lambda base: tokenizer)
    monkeypatch.setattr(
        training, "encoder_of", lambda base: BertModel(config, add_pooling_layer=False)
    )
    return found


def run(module: ModuleType, *words: str | Path) -> None:
    arguments = [module.__name__, "--base", "base", *map(str, words)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", arguments)
        module.main()


def weights(work: Path) -> dict[str, np.ndarray]:
    import torch

    saved = torch.load(work / "checkpoint.pt", weights_only=True)["average"]
    return {name: value.numpy() for name, value in saved.items()}


def test_a_run_teaches_a_later_one_in_writing_and_its_heads_are_tuned_alone(
    chain: dict[str, ModuleType], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train, ask, tune = (chain[f"{name}_toxicity"] for name in ("train", "ask", "tune"))
    large, student, kept, heads = (
        tmp_path / name for name in ("large", "student", "kept", "tuned")
    )

    run(train, "--work", large, "--steps", "4", "--only", "wikipedia=3", "news=1")
    with pytest.raises(SystemExit, match=r"answers\.npz lacks a text"):
        run(train, "--work", student, "--steps", "4", "--teachers", large)
    run(ask, "--work", large)
    assert "60 texts to answer for" in capsys.readouterr().out
    # Nothing is left to ask, so no model is needed.
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(ask, "frozen")
        run(ask, "--work", large)
    assert capsys.readouterr().out.startswith("0 texts to answer for")

    run(train, "--work", student, "--steps", "4", "--teachers", large)
    assert "1 teachers answered for 60 comments" in capsys.readouterr().out

    # A resumed run that is done does nothing more.
    before = weights(student)
    run(train, "--work", student, "--steps", "4", "--teachers", large)
    assert all(np.array_equal(value, before[name]) for name, value in weights(student).items())

    run(
        train, "--start", student, "--keep", student, "--work", kept, "--steps", "4",
        "--rate", "1e-3", "--share", "news=9",
    )  # fmt: skip
    after = weights(kept)
    moved = {name for name in after if not np.allclose(after[name], before[name], atol=1e-6)}
    assert "span.weight" in moved
    # Its labels are a model's answers, which have no corpus's offset.
    assert "convention.weight" not in moved

    run(tune, "--start", kept, student, "--teachers", large, "--work", heads)
    mean = train.averaged([kept, student])
    tuned = weights(heads)
    moved = {name for name in mean if not np.array_equal(mean[name].numpy(), tuned[name])}
    assert {"comment.weight", "unsaid.weight"} <= moved
    assert moved <= {
        "comment.weight", "comment.bias", "unsaid.weight", "unsaid.bias", "convention.weight",
    }  # fmt: skip
    assert np.array_equal(mean["comment.weight"][1:].numpy(), tuned["comment.weight"][1:])
    assert (heads / "tokenizer.json").is_file()


def test_without_teachers_only_what_attacks_without_a_rude_word_is_learned_on(
    chain: dict[str, ModuleType], tmp_path: Path
) -> None:
    train, tune = chain["train_toxicity"], chain["tune_toxicity"]
    student, heads = tmp_path / "student", tmp_path / "tuned"
    run(train, "--work", student, "--steps", "4", "--only", "wikipedia=3", "news=1")
    run(tune, "--start", student, "--work", heads)
    before, tuned = weights(student), weights(heads)
    moved = {name for name in before if not np.allclose(before[name], tuned[name], atol=1e-6)}
    assert {"unsaid.weight", "unsaid.bias"} <= moved <= {
        "unsaid.weight", "unsaid.bias", "convention.weight",
    }  # fmt: skip
