"""Comments a second: the embedded models against Detoxify's architectures, in one run.

    python -m pytest tests/benchmarks/toxicity.py -m benchmark -s

Two processes of one thread each, 200-letter comments. Detoxify's architectures
``original`` (bert-base) and ``unbiased`` (roberta-base) are built with random
weights, which take as long as trained ones, and measured through the class's
own ``predict`` in length-sorted batches of 32. In the cascade's stream 8
comments in 100 are toxic.
"""

from __future__ import annotations

import json
import random
import re
import resource
import time
import tomllib
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from toolkit.inference import LABELS, ToxicityModel

LETTERS = 200
CORPUS = Path(__file__).resolve().parents[2] / "seeds" / "corpus.toml"


def comments(number: int, toxic: float = 0.08) -> list[str]:
    """Comments of about LETTERS letters from the sentences of ``seeds/corpus.toml``.

    ``toxic`` is the share that ends in an insult.
    """
    parts = tomllib.loads(CORPUS.read_text(encoding="utf-8"))
    civil = [line for line in (*parts["openers"], *parts["closers"], *parts["replies"]) if line]
    civil += [
        line[0].upper() + line[1:] + "."
        for article in parts["article"]
        for side in ("agree", "disagree", "discuss")
        for line in article[side]
    ]
    rng = random.Random(3)
    made = []
    for _ in range(number):
        text = ""
        while len(text) < LETTERS:
            text += rng.choice(civil) + " "
        text = text[:LETTERS]
        if rng.random() < toxic:
            insult = rng.choice(parts["rude"])
            text = f"{text[: LETTERS - len(insult) - 1]} {insult}"
        made.append(text)
    return made


#: So that the random models cut a comment into about as many pieces as the published ones.
def _words() -> list[str]:
    found = re.findall(r"\w+", " ".join(comments(4000)))
    return list(dict.fromkeys(found))


def random_checkpoint(folder: Path, name: str) -> tuple[Path, Path]:
    """A checkpoint of Detoxify's architecture ``name`` with random weights, and its config."""
    import torch
    from transformers import (
        BertConfig,
        BertForSequenceClassification,
        RobertaConfig,
        RobertaForSequenceClassification,
    )

    config = folder / name
    config.mkdir()
    if name == "original":
        lower = dict.fromkeys(word.lower() for word in _words())
        pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *lower, ".", ","]
        pieces += [f"##{chr(letter)}" for letter in range(ord("a"), ord("z") + 1)]
        fillers = [f"[unused{i}]" for i in range(30_522 - len(pieces))]
        (config / "vocab.txt").write_text("\n".join(pieces + fillers), encoding="utf-8")
        kind = {"tokenizer_class": "BertTokenizer", "do_lower_case": True}
        settings: Any = BertConfig(num_labels=6)  # type: ignore[call-arg]
        model: Any = BertForSequenceClassification(settings)
        classes = ["toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate"]
        arch = ("bert-base-uncased", "BertForSequenceClassification", "BertTokenizer")
    else:
        from tokenizers.pre_tokenizers import ByteLevel

        # Merges that make each word one piece, as the published tokenizer does.
        words = [f"\u0120{word}" for word in _words()]
        merges = [(w[:end], w[end]) for w in words for end in range(1, len(w))]
        grown = [left + right for left, right in merges]
        letters = sorted(ByteLevel.alphabet())
        pieces = ["<s>", "<pad>", "</s>", "<unk>", *letters, *grown, "<mask>"]
        vocabulary = {piece: number for number, piece in enumerate(dict.fromkeys(pieces))}
        (config / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
        lines = ["#version: 0.2", *(f"{left} {right}" for left, right in dict.fromkeys(merges))]
        (config / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
        kind = {"tokenizer_class": "RobertaTokenizer"}
        settings = RobertaConfig(num_labels=16, vocab_size=50_265, max_position_embeddings=514)  # type: ignore[call-arg]
        model = RobertaForSequenceClassification(settings)
        classes = [*LABELS, "sexual_explicit", *(f"identity_{number}" for number in range(9))]
        arch = ("roberta-base", "RobertaForSequenceClassification", "RobertaTokenizer")
    (config / "tokenizer_config.json").write_text(json.dumps(kind), encoding="utf-8")
    settings.save_pretrained(config)
    names = ("model_type", "model_name", "tokenizer_name")
    args = {"num_classes": len(classes), **dict(zip(names, arch, strict=True))}
    torch.save(
        {
            "config": {"arch": {"args": args}, "dataset": {"args": {"classes": classes}}},
            "state_dict": model.state_dict(),
        },
        folder / f"{name}.ckpt",
    )
    return folder / f"{name}.ckpt", config


def embedded(name: str) -> ToxicityModel:
    from toolkit.inference import cascade, comment_encoder, linear

    found: dict[str, Any] = {"encoder": comment_encoder, "cascade": cascade, "linear": linear}
    model: ToxicityModel = found[name].embedded()
    return model


def measure(name: str, texts: Sequence[str]) -> tuple[float, float]:
    """Seconds for ``texts`` in this process, and its peak memory in MB."""
    model = embedded(name)
    model.predict(texts[:50])
    began = time.perf_counter()
    model.predict(texts[50:])
    seconds = time.perf_counter() - began
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def a_second(name: str, texts: Sequence[str]) -> tuple[float, float]:
    """Comments a second of two processes together; the memory of the larger."""
    half = len(texts) // 2
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        found = list(pool.map(measure, (name, name), (texts[:half], texts[half:])))
    return sum((half - 50) / seconds for seconds, _ in found), max(peak for _, peak in found)


@pytest.mark.benchmark
def test_the_embedded_models_against_detoxify(tmp_path: Path) -> None:
    pytest.importorskip("detoxify", reason="the extra [detoxify] is not installed")
    import torch

    from toolkit.inference.detoxify import DetoxifyToxicity

    sizes = {"encoder": 1200, "cascade": 6000, "linear": 60_000}
    ours, peaks = {}, {}
    for name, size in sizes.items():
        ours[name], peaks[name] = a_second(name, comments(size))
    torch.set_num_threads(2)
    theirs = {}
    for name in ("original", "unbiased"):
        detoxify = DetoxifyToxicity.load(*random_checkpoint(tmp_path, name))
        few = sorted(comments(128), key=len)
        detoxify.predict(few[:8])
        began = time.perf_counter()
        detoxify.predict(few)
        theirs[name] = len(few) / (time.perf_counter() - began)
    print(f"\n{LETTERS}-letter comments a second on two cores, and times Detoxify:")  # noqa: T201
    for name, speed in ours.items():
        times = ", ".join(f"{speed / other:,.0f} x {which}" for which, other in theirs.items())
        print(f"  {name:8} {speed:10,.0f}  {times}; {peaks[name]:,.0f} MB a process")  # noqa: T201
    for name, speed in theirs.items():
        print(f"  detoxify {name:9} {speed:6,.1f}")  # noqa: T201
    assert peaks["encoder"] < 400
    # Held on a processor without 8-bit dot products (VNNI).
    assert ours["encoder"] >= 10 * theirs["unbiased"]
    assert ours["cascade"] >= 1.2 * ours["encoder"]
    assert ours["linear"] >= 500 * theirs["unbiased"]
