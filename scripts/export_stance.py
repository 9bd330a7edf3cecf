"""Make the package's stance encoder from a training run: ONNX, int8, temperature, figures.

    TOOLKIT_CORPORA=DIR python scripts/export_stance.py --base DIR --work DIR [DIR ...] [--no-write]

Takes the averaged weights of the checkpoint in ``--work``; of two, where one run
went on from the other, the mean. The temperature comes from the debates that the
training only looked at (`train_stance.looked_at`), never from the held-out ones;
`scripts/eval_stance.py` measures on those.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import torch
from eval_stance import right_side
from export_encoder import quantise
from onnx_export import sha256, ship, to_onnx, write_facts
from scipy.optimize import minimize_scalar
from train_stance import MAX_TOKENS, THESIS_TOKENS, Model, load, looked_at
from train_stance_cues import Pair
from training import averaged

from toolkit.analyzers.stance import pair_of
from toolkit.inference.stance_backends import LABELS
from toolkit.inference.stance_cues import CuesBackend
from toolkit.inference.stance_encoder import WEIGHTS, StanceEncoder

NAME = "stance-encoder"
#: Set, not fitted: in the corpus each comment stands beside both statements, so
#: "I agree" is worth nothing there. Under an article it is.
CUE_WEIGHT = 1.0
#: Pieces of a comment from which the encoder's side counts nothing, and up to which it
#: counts whole: about 80 and 40 words. All debate comments have 40 words or more, and
#: within one debate it does not tell their sides apart (see the card).
SIDE_TOKENS = (100, 50)


class Exported(torch.nn.Module):
    """One pair a call, so no padding and no mask."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, token_type_ids: torch.Tensor) -> torch.Tensor:
        """Pieces and segments (1, tokens) -> logits (1, 4)."""
        logits: torch.Tensor = self.model(input_ids, torch.ones_like(input_ids), token_type_ids)
        return logits


def fit(encoder: StanceEncoder, pairs: list[Pair]) -> float:
    """The temperature with the least cross-entropy on comments, each label alike.

    ``encoder`` has the temperature 1, so its probabilities are those to be scaled.
    """
    asked = [pair_of(pair.thesis, pair.text) for pair in pairs]
    both = np.log(encoder.probabilities(asked))
    truth = np.array([LABELS.index(pair.label) for pair in pairs])
    ours = np.array([pair.source in ("debate", "re-pair", "none") for pair in pairs])
    weight = ours / np.maximum(1, np.bincount(truth, ours, minlength=4))[truth] / 4

    def loss(temperature: float) -> float:
        given = both / temperature
        chosen = given[np.arange(len(truth)), truth] - np.log(np.exp(given).sum(axis=1))
        return float(-(weight * chosen).sum())

    temperature = float(minimize_scalar(loss, bounds=(0.2, 10), method="bounded").x)
    print(f"{ours.sum()} pairs of debates looked at; cross-entropy {loss(temperature):.4f}")
    print(f"  temperature {temperature:.3f}")
    raw = np.vstack([encoder.logits(pair.thesis, pair.text).mean(axis=0) for pair in pairs])
    cues = np.log(CuesBackend().probabilities(asked))
    claims = np.array([pair.source == "perspectrum" for pair in pairs])
    for name, given in (("encoder", raw), ("cues", cues), ("both", both)):
        lean = given[:, 0] - given[:, 1]
        right = ((lean > 0) == (truth == 0))[claims].mean()
        print(f"  right side, {name}: debates {right_side(pairs, lean):.4f}, claims {right:.4f}")
    return temperature


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--work", type=Path, nargs="+", required=True)
    parser.add_argument("--no-write", action="store_true", help="measure only")
    args = parser.parse_args()
    torch.set_num_threads(1)
    model = Model(args.base)
    model.load_state_dict(averaged(args.work))
    model.encoder.set_attn_implementation("eager")
    look, _ = looked_at(load()[0])
    look = [pair for pair in look if pair.source != "fnc"]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        shutil.copy(args.work[0] / "tokenizer.json", folder)
        to_onnx(
            Exported(model),
            ["input_ids", "token_type_ids"],
            {"logits": False},
            folder / "fp32.onnx",
            attention=(model.encoder.config.num_attention_heads, model.encoder.config.hidden_size),
        )
        quantise(folder / "fp32.onnx", folder / "model.onnx")
        facts: dict[str, Any] = {
            "name": NAME,
            "version": sha256(folder / "model.onnx")[:8],
            "labels": list(LABELS),
            "languages": ["en"],
            "window_tokens": MAX_TOKENS,
            "thesis_tokens": THESIS_TOKENS,
            "temperature": 1.0,
            "cue_weight": CUE_WEIGHT,
            "side_tokens": list(SIDE_TOKENS),
        }
        write_facts(folder, facts)
        facts["temperature"] = round(fit(StanceEncoder(folder), look), 4)
        write_facts(folder, facts)
        if not args.no_write:
            ship(folder, WEIGHTS)


if __name__ == "__main__":
    main()
