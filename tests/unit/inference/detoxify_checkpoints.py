"""Checkpoints of Detoxify's four architectures, tiny and random, with tokenizers of their kinds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ORIGINAL = ["toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate"]
UNBIASED = [
    "toxicity", "severe_toxicity", "obscene", "identity_attack", "insult", "threat",
    "sexual_explicit",
]  # fmt: skip
TEXTS = [
    "You are an idiot!",
    "we say the tea is good .",
    "fool",
    "They are bad people here, not there.",
    "Çok güzel, naïve façade — ok?",
    "the tea " * 8,
]
_CORPUS = [
    "you are an idiot and a fool",
    "we say the tea is good",
    "they are bad people here , not there .",
    "Thank you ! The bridge opens in spring ; çok güzel naïve",
]

#: Detoxify's name of the model -> its model class and tokenizer class.
ARCHITECTURES = {
    "original": ("BertForSequenceClassification", "BertTokenizer", ORIGINAL, 6),
    "unbiased": ("RobertaForSequenceClassification", "RobertaTokenizer", UNBIASED, 16),
    "multilingual": ("XLMRobertaForSequenceClassification", "XLMRobertaTokenizer", UNBIASED, 16),
    "original-small": ("AlbertForSequenceClassification", "AlbertTokenizer", ORIGINAL, 6),
}


def make(name: str, folder: Path, *, outputs_in_config: bool = True) -> tuple[Path, Path]:
    """(checkpoint, config folder); the config knows the number of outputs or is a base model's."""
    import torch
    import transformers

    model_name, tokenizer_name, classes, outputs = ARCHITECTURES[name]
    config = folder / "config"
    config.mkdir(parents=True)
    size, padding = _tokenizer(name, config)
    kind = getattr(transformers, model_name).config_class
    numbers: dict[str, Any] = {
        "vocab_size": size, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2,
        "intermediate_size": 48, "max_position_embeddings": 44, "pad_token_id": padding,
        "type_vocab_size": 1 if "oberta" in model_name else 2,
    }  # fmt: skip
    if name == "original-small":
        numbers["embedding_size"] = 16
    settings = kind(**numbers, num_labels=outputs)
    (settings if outputs_in_config else kind(**numbers)).save_pretrained(config)
    torch.manual_seed(5)
    model = getattr(transformers, model_name)(settings)
    with torch.no_grad():  # far from 0.5, so that a mistake shows
        head = model.classifier
        getattr(head, "out_proj", head).weight.mul_(60)
    arch = {
        "num_classes": outputs, "model_type": "base", "model_name": model_name,
        "tokenizer_name": tokenizer_name,
    }  # fmt: skip
    torch.save(
        {
            "config": {"arch": {"args": arch}, "dataset": {"args": {"classes": classes}}},
            "state_dict": model.state_dict(),
        },
        folder / f"{name}.ckpt",
    )
    return folder / f"{name}.ckpt", config


def _tokenizer(name: str, config: Path) -> tuple[int, int]:
    """Write tokenizer files as the base model has them; vocabulary size and padding id."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
    from tokenizers.processors import RobertaProcessing, TemplateProcessing

    about = {"model_max_length": 512, "tokenizer_class": ARCHITECTURES[name][1]}
    if name == "original":
        words = sorted({word for line in _CORPUS for word in line.lower().split()})
        letters = [f"##{chr(letter)}" for letter in range(ord("a"), ord("z") + 1)]
        pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *words, "?", "o", *letters]
        (config / "vocab.txt").write_text("\n".join(dict.fromkeys(pieces)), encoding="utf-8")
        (config / "tokenizer_config.json").write_text(json.dumps(about | {"do_lower_case": True}))
        return len(dict.fromkeys(pieces)), 0
    if name == "unbiased":
        special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        tokenizer.train_from_iterator(_CORPUS, trainers.BpeTrainer(
            vocab_size=330, special_tokens=special, initial_alphabet=alphabet,
            show_progress=False))  # fmt: skip
        tokenizer.post_processor = RobertaProcessing(("</s>", 2), ("<s>", 0))
        tokenizer.model.save(str(config))
    else:
        albert = name == "original-small"
        special = ["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"] if albert else [
            "<s>", "<pad>", "</s>", "<unk>", "<mask>"]  # fmt: skip
        tokenizer = Tokenizer(models.Unigram())
        tokenizer.normalizer = (
            normalizers.Sequence([normalizers.NFKD(), normalizers.Lowercase()])
            if albert
            else normalizers.NFKC()
        )
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
        tokenizer.train_from_iterator(_CORPUS, trainers.UnigramTrainer(
            vocab_size=80, special_tokens=special, unk_token="<unk>",
            show_progress=False))  # fmt: skip
        first, last = ("[CLS]", "[SEP]") if albert else ("<s>", "</s>")
        ids = [(token, tokenizer.token_to_id(token)) for token in (first, last)]
        tokenizer.post_processor = TemplateProcessing(f"{first} $A {last}", special_tokens=ids)
    tokenizer.save(str(config / "tokenizer.json"))
    (config / "tokenizer_config.json").write_text(json.dumps(about))
    padding: int = tokenizer.token_to_id("<pad>")
    return tokenizer.get_vocab_size(), padding
