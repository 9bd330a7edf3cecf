"""Make the package's technique encoder from a training run: ONNX, int8, thresholds, figures.

    TOOLKIT_CORPORA=DIR python scripts/export_techniques.py --base DIR --work DIR [--no-write]

Takes the averaged weights of the checkpoint in ``--work``. The thresholds come
from the articles that `eval_rhetoric.part_of` keeps for them;
`scripts/eval_rhetoric.py` measures on the held-out ones.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from eval_rhetoric import FIVE, Tally, part_of
from export_encoder import quantise
from onnx_export import sha256, ship, to_onnx, write_facts
from train_techniques import LANES, MAX_TOKENS, POSITIVE, Model, read
from training import averaged

from toolkit.inference.technique_encoder import WEIGHTS, TechniqueEncoder, spans_of
from toolkit.inference.technique_encoder import read as read_pieces
from toolkit.records import merge_spans

NAME = "technique-encoder"
#: Of thresholds that are as good as the best within this, the highest: few articles fit
#: one badly, and of two readers' errors a word marked without reason is the worse.
SLACK = 0.01
#: Whether a phrase comes again and again is not seen in a window of it: this output never
#: was the highest. Its phrases are found by "any" and named by what else they are.
NEVER_NAMED = ("Repetition",)


class Exported(torch.nn.Module):
    """One text a call, so no padding and no mask."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
        """input_ids (1, tokens) -> (1, tokens, lanes) logits."""
        logits: torch.Tensor = self.model(input_ids, torch.ones_like(input_ids))
        return logits


def fit(encoder: TechniqueEncoder, corpora: Path) -> list[float]:
    """``[low, high]`` by the partial-overlap F1 of the five techniques merged."""
    path = corpora / "data" / "rhetoric" / "propaganda_spans_train.jsonl.gz"
    articles = [row for row in read(path) if part_of(row["article_id"]) == "thresholds"]
    readings = [read_pieces(encoder._model, row["text"]) for row in articles]
    facts = dict(encoder._model.facts)
    scores: dict[tuple[float, float], tuple[float, float, float]] = {}
    for high in np.arange(0.1, 0.65, 0.05):
        for share in (0.3, 0.4, 0.5, 0.65, 0.8, 1.0):
            facts["thresholds"] = [round(float(high) * share, 4), round(float(high), 4)]
            tally = Tally()
            for row, reading in zip(articles, readings, strict=True):
                assert reading is not None
                gold = [(s["start"], s["end"]) for s in row["spans"] if s["technique"] in FIVE]
                found = [(s.start, s.end) for s in spans_of(row["text"], reading, facts)]
                tally.add(merge_spans(found), merge_spans(gold))
            scores[facts["thresholds"][1], facts["thresholds"][0]] = tally.scores()
    best = max(f1 for *_, f1 in scores.values())
    high, low = max(pair for pair, (*_, f1) in scores.items() if f1 >= best - SLACK)
    for pair in sorted(scores):
        print(f"  {pair}: {'  '.join(f'{value:.3f}' for value in scores[pair])}")
    print(f"{len(articles)} articles: best F1 {best:.3f}; thresholds {[low, high]}")
    return [low, high]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--work", type=Path, nargs="+", required=True)
    parser.add_argument("--no-write", action="store_true", help="measure only")
    args = parser.parse_args()
    corpora = Path(os.environ["TOOLKIT_CORPORA"])
    torch.set_num_threads(1)
    model = Model(args.base)
    model.load_state_dict(averaged(args.work))
    model.encoder.set_attn_implementation("eager")
    with torch.no_grad():
        # Marked pieces counted so often in training; a probability should not.
        model.head.bias -= float(np.log(POSITIVE))
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        shutil.copy(args.work[0] / "tokenizer.json", folder)
        to_onnx(
            Exported(model.eval()),
            ["input_ids"],
            {"pieces": True},
            folder / "fp32.onnx",
            attention=(
                model.encoder.config.num_attention_heads,
                model.encoder.config.hidden_size,
            ),
        )
        quantise(folder / "fp32.onnx", folder / "model.onnx")
        facts: dict[str, Any] = {
            "name": NAME,
            "version": sha256(folder / "model.onnx")[:8],
            "techniques": [name for name in LANES[1:] if name not in NEVER_NAMED],
            "languages": ["en"],
            "window_tokens": MAX_TOKENS,
            "thresholds": [0.2, 0.4],
        }
        write_facts(folder, facts)
        facts["thresholds"] = fit(TechniqueEncoder(folder), corpora)
        write_facts(folder, facts)
        if not args.no_write:
            ship(folder, WEIGHTS)


if __name__ == "__main__":
    main()
