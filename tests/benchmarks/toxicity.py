"""Comments a second: the embedded model against Detoxify, in one run.

    python -m pytest tests/benchmarks/toxicity.py -m benchmark -s

Detoxify's architecture ``original`` (bert-base: 12 layers, 768 wide) is built
with random weights, which take as long as trained ones, and measured through
the class's own ``predict`` in length-sorted batches of 32.
"""

from __future__ import annotations

import json
import random
import time
from pathlib import Path

import pytest

from toolkit.inference.linear import embedded

LETTERS = 200
_COMMON = """
the of and to you that it is was for on are with they this have from one had by word but not
what all were we when your can said there use each which she do how their if will up other
about out many then them these so some her would make like him into time has look two more
write go see number no way could people my than first water been call who oil its now find long
down day did get come made may part mayor council bridge article reader idiot nonsense
"""
WORDS = tuple(_COMMON.split())


def comments(number: int) -> list[str]:
    """Comments of about LETTERS letters, with stops and capitals."""
    rng = random.Random(3)
    made = []
    for _ in range(number):
        text = ""
        while len(text) < LETTERS:
            text += " ".join(rng.choices(WORDS, k=rng.randint(5, 14))).capitalize() + ". "
        made.append(text[:LETTERS])
    return made


def seconds_of(function: object, texts: list[str]) -> float:
    began = time.perf_counter()
    function(texts)  # type: ignore[operator]
    return time.perf_counter() - began


def random_bert(folder: Path) -> tuple[Path, Path]:
    """A checkpoint of bert-base with random weights, in Detoxify's layout."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    config = folder / "config"
    config.mkdir()
    fillers = [f"[unused{i}]" for i in range(30_522 - 5 - len(set(WORDS)) - 28)]
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *dict.fromkeys(WORDS), ".", ","]
    pieces += [f"##{chr(letter)}" for letter in range(ord("a"), ord("z") + 1)]
    (config / "vocab.txt").write_text("\n".join(pieces + fillers), encoding="utf-8")
    (config / "tokenizer_config.json").write_text(
        json.dumps({"tokenizer_class": "BertTokenizer", "do_lower_case": True}), encoding="utf-8"
    )
    settings = BertConfig(num_labels=6)
    settings.save_pretrained(config)
    labels = ["toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate"]
    arch = {
        "num_classes": 6, "model_type": "bert-base-uncased",
        "model_name": "BertForSequenceClassification", "tokenizer_name": "BertTokenizer",
    }  # fmt: skip
    torch.save(
        {
            "config": {"arch": {"args": arch}, "dataset": {"args": {"classes": labels}}},
            "state_dict": BertForSequenceClassification(settings).state_dict(),
        },
        folder / "bert.ckpt",
    )
    return folder / "bert.ckpt", config


@pytest.mark.benchmark
def test_the_embedded_model_against_detoxify(tmp_path: Path) -> None:
    pytest.importorskip("detoxify", reason="the extra [detoxify] is not installed")
    import torch

    from toolkit.inference.detoxify import DetoxifyToxicity

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        fast = embedded()
        many, few = comments(20_000), comments(64)
        seconds_of(fast.predict, many[:2000])
        ours = len(many) / min(seconds_of(fast.predict, many) for _ in range(3))
        detoxify = DetoxifyToxicity.load(*random_bert(tmp_path))
        seconds_of(detoxify.predict, few[:8])
        theirs = len(few) / seconds_of(detoxify.predict, few)
    finally:
        torch.set_num_threads(threads)
    print(  # noqa: T201
        f"\n{LETTERS}-letter comments, one core: embedded {ours:,.0f} a second, "
        f"Detoxify original {theirs:,.1f} a second, ratio {ours / theirs:,.0f}"
    )
    assert ours >= 10_000
    assert ours >= 500 * theirs
