"""NLI cross-encoders of three architectures, tiny and random, with tokenizers of their kinds."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from pathlib import Path

LABELS = ("contradiction", "entailment", "neutral")
THESIS = "The old bridge should be closed to cars."
TEXTS = [
    "I agree, the old bridge must be closed.",
    "Nonsense! The town needs the bridge for cars.",
    "My soup needs vinegar.",
    "[SEP] the bridge </s> is naïve — ok?",
    "The bridge is old. " * 40 + "But cars need it!",
]
_CORPUS = [
    "the old bridge should be closed to cars .",
    "i agree , the town must close the bridge",
    "nonsense ! the town needs the bridge for cars",
    "my soup needs vinegar",
    "it is so .",
]
#: Name -> class of the model; positions that the model has beyond those of tokens.
ARCHITECTURES = {
    "bert": ("BertForSequenceClassification", 0),
    "roberta": ("RobertaForSequenceClassification", 2),
    "deberta": ("DebertaV2ForSequenceClassification", 0),
}
#: Tokens of a window.
LONGEST = 72


def make(name: str, folder: Path, labels: Sequence[str] = LABELS) -> Path:
    """A folder as ``save_pretrained`` writes it: config.json, model.safetensors, tokenizer.json."""
    import torch
    import transformers

    folder.mkdir(parents=True)
    class_name, shift = ARCHITECTURES[name]
    size, padding = _tokenizer(name, folder)
    kind = getattr(transformers, class_name)
    config = kind.config_class(
        vocab_size=size, hidden_size=32, num_hidden_layers=2, num_attention_heads=2,
        intermediate_size=48, max_position_embeddings=LONGEST + shift, pad_token_id=padding,
        initializer_range=0.2,
        type_vocab_size={"bert": 2, "roberta": 1, "deberta": 0}[name],
        id2label=dict(enumerate(labels)), label2id={label: n for n, label in enumerate(labels)},
        **({"relative_attention": True, "pos_att_type": ["p2c", "c2p"], "position_buckets": 8}
           if name == "deberta" else {}),
    )  # fmt: skip
    torch.manual_seed(7)
    model = kind(config).eval()
    with torch.no_grad():  # far from even, so that a mistake shows
        getattr(model.classifier, "out_proj", model.classifier).weight.mul_(4)
    model.save_pretrained(folder)
    return folder


def to_onnx(source: Path, folder: Path, graph: str = "model.onnx") -> Path:
    """The same model as an ONNX folder: graph, config.json and tokenizer.json."""
    import torch
    from transformers import AutoModelForSequenceClassification

    (folder / graph).parent.mkdir(parents=True)
    for file in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        (folder / file).write_bytes((source / file).read_bytes())
    model = AutoModelForSequenceClassification.from_pretrained(source, attn_implementation="eager")
    names = ["input_ids", "attention_mask"]
    if getattr(model.config, "type_vocab_size", 0) > 1:
        names.append("token_type_ids")

    class Graph(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, *tensors: torch.Tensor) -> torch.Tensor:
            return self.model(**dict(zip(names, tensors, strict=True))).logits

    ids = torch.arange(5, 12)[None]
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Graph().eval(),
            (ids, torch.ones_like(ids), torch.zeros_like(ids))[: len(names)],
            str(folder / graph),
            input_names=names,
            output_names=["logits"],
            dynamic_axes={name: {0: "batch", 1: "tokens"} for name in names},
            opset_version=17,
            dynamo=False,
        )
    return folder


def _tokenizer(name: str, folder: Path) -> tuple[int, int]:
    """Write tokenizer.json; size of the vocabulary and id of the padding."""
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

    if name == "roberta":
        special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        trainer = trainers.BpeTrainer(
            vocab_size=330, special_tokens=special, show_progress=False,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        )  # fmt: skip
        tokenizer.train_from_iterator(_CORPUS, trainer)
        tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
        kind = "RobertaTokenizer"
    else:
        special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        if name == "bert":
            tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
            tokenizer.normalizer = normalizers.BertNormalizer()
            tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
            trainer = trainers.WordPieceTrainer(
                vocab_size=150, special_tokens=special, show_progress=False
            )
        else:
            tokenizer = Tokenizer(models.Unigram())
            tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
            trainer = trainers.UnigramTrainer(
                vocab_size=90, special_tokens=special, unk_token="[UNK]", show_progress=False
            )
        tokenizer.train_from_iterator(_CORPUS, trainer)
        ids = [(token, tokenizer.token_to_id(token)) for token in ("[CLS]", "[SEP]")]
        tokenizer.post_processor = processors.TemplateProcessing(
            "[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1", ids
        )
        kind = "BertTokenizer" if name == "bert" else "DebertaV2Tokenizer"
    # As many files have it: what is set here must not matter.
    tokenizer.enable_truncation(16)
    tokenizer.enable_padding(length=64)
    tokenizer.save(str(folder / "tokenizer.json"))
    about = {"tokenizer_class": kind, "model_max_length": 1000000000000000019884624838656}
    (folder / "tokenizer_config.json").write_text(json.dumps(about))
    return tokenizer.get_vocab_size(), special.index("<pad>" if name == "roberta" else "[PAD]")
