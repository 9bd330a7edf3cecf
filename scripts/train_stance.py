"""Fine-tune the stance cross-encoder: (thesis, comment) -> agree, disagree, discuss, unrelated.

    TOOLKIT_CORPORA=DIR python scripts/train_stance.py --base DIR --work DIR

``--base`` holds a BERT-shaped encoder (config.json, model.safetensors,
tokenizer.json). A run that was stopped goes on from the checkpoint in
``--work``. Needs torch and transformers, and no network.

The debates of `train_stance_cues.held_debates` are in no file that is read
here: topic_stance_train shares comments with them, and those rows are left out
too. A first phase learns stance where it is stated plainly (claims and
perspectives, headlines and bodies), a second one from comments. Where a
comment comes with both statements of its debate, the pair adds a ranking
loss: the statement that it takes must score above the other.

No model of it is shipped: on the held-out debates its first one did not beat
the weights of `train_stance_cues.py`, which the package holds.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from train_stance_cues import Pair, comment_pairs, is_held, read
from training import Run
from transformers import AutoModel

from toolkit.analyzers.stance.features import negate
from toolkit.inference.stance_cues import LABELS

MAX_TOKENS = 128
THESIS_TOKENS = 48
BATCH = 32
MICRO = 6
SEED = 20263
AGREE, DISAGREE, DISCUSS, UNRELATED = (
    LABELS.index(name) for name in ("agree", "disagree", "discuss", "unrelated")
)
SIDES = {"favor": "agree", "against": "disagree", "none": "discuss"}
RANKING = 1.0
SMOOTHING = 0.05

#: Source -> rows in 100, before and after the warm-up.
PLAIN = {"perspectrum": 44, "ibm": 8, "fnc": 24, "vast": 18, "re-pair": 6}
COMMENTS = {
    "debate": 46, "re-pair": 10, "none": 9, "vast": 16, "perspectrum": 11, "ibm": 2, "fnc": 6,
}  # fmt: skip
WARM_UP = 0.3


def bare(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())[:80]


def load() -> tuple[dict[str, list[Pair]], list[Pair]]:
    """Training pairs by source, and the pairs of the held-out debates."""
    pairs = comment_pairs()
    held = [pair for pair in pairs if is_held(pair.group)]
    closed = {bare(pair.text) for pair in held}
    found: dict[str, list[Pair]] = {}
    for pair in pairs:
        if not is_held(pair.group) and bare(pair.text) not in closed:
            found.setdefault(pair.source, []).append(pair)
    vast = [
        Pair(row["topic"], row["text"], SIDES[row["label"]], row["topic"], "vast")
        for row in read("topic_stance_train.jsonl.gz")
        if bare(row["text"]) not in closed
    ]
    claims = [
        Pair(row["claim"], row["text"], SIDES[row["label"]], row["claim"], "perspectrum")
        for row in read("claim_perspective_train.jsonl.gz")
    ]
    topics = [
        Pair(row["topic"], row["text"], SIDES[row["label"]], row["topic"], "ibm")
        for row in read("claim_topic_train.jsonl.gz")
    ]
    bodies = {row["body_id"]: row["text"] for row in read("headline_bodies.jsonl.gz")}
    # The bodies of eval_stance's own split by body are left out.
    headlines = [
        Pair(row["headline"], bodies[row["body_id"]], row["label"], row["body_id"], "fnc")
        for row in read("headline_body_train.jsonl.gz")
        if int(row["body_id"]) % 5 != 0
    ]
    found |= {"vast": vast, "perspectrum": claims, "ibm": topics, "fnc": headlines}
    return found, held


class Model(torch.nn.Module):
    """Encoder; a head over [CLS], the mean and the maximum of the comment's pieces."""

    def __init__(self, base: Path) -> None:
        super().__init__()
        self.encoder = AutoModel.from_pretrained(
            # Without dropout within attention the fast kernel serves.
            base,
            add_pooling_layer=False,
            attention_probs_dropout_prob=0.0,
        )
        width = self.encoder.config.hidden_size
        self.dropout = torch.nn.Dropout(0.1)
        self.mix = torch.nn.Linear(3 * width, width)
        self.head = torch.nn.Linear(width, len(LABELS))

    def forward(
        self, ids: torch.Tensor, mask: torch.Tensor, segments: torch.Tensor
    ) -> torch.Tensor:
        """``(batch, labels)`` logits."""
        hidden = self.encoder(
            input_ids=ids, attention_mask=mask, token_type_ids=segments
        ).last_hidden_state
        own = (segments * mask).unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * own).sum(1) / own.sum(1).clamp(min=1)
        top = (hidden + (1 - own) * -1e4).amax(1)
        mixed = torch.cat([hidden[:, 0], mean, top], dim=-1)
        mixed = torch.nn.functional.gelu(self.mix(self.dropout(mixed)))
        logits: torch.Tensor = self.head(self.dropout(mixed))
        return logits


@dataclass
class Example:
    """Pieces and segments of a pair; ``paired``: its other side comes next."""

    ids: list[int]
    segments: list[int]
    label: int
    paired: bool = False


class Sampler:
    """Draws pairs by source; step N draws the same pairs in every run."""

    def __init__(self, found: dict[str, list[Pair]], tokenizer: Tokenizer, steps: int) -> None:
        self.tokenizer = tokenizer
        self.turn = int(WARM_UP * steps)
        vocabulary = tokenizer.get_vocab()
        self.first, self.last = vocabulary["[CLS]"], vocabulary["[SEP]"]
        sides: dict[str, list[Pair]] = {}
        for pair in found["debate"]:
            sides.setdefault(pair.key, []).append(pair)
        self.sides = [both for both in sides.values() if len(both) == 2]
        # Labels of a source are drawn alike, so that a rare one is not drowned.
        self.by_label: dict[str, list[list[Pair]]] = {}
        for name, pairs in found.items():
            groups: dict[str, list[Pair]] = {}
            for pair in pairs:
                groups.setdefault(pair.label, []).append(pair)
            self.by_label[name] = list(groups.values())

    def batches(self, start: int, stop: int) -> Iterator[list[Example]]:
        """Batches of steps ``start`` to ``stop``."""
        for step in range(start, stop):
            rng = random.Random(f"{SEED}-{step}")
            mix = PLAIN if step < self.turn else COMMENTS
            batch: list[Example] = []
            while len(batch) < BATCH:
                name = rng.choices(list(mix), list(mix.values()))[0]
                if name == "debate":
                    both = rng.choice(self.sides)
                    seed = rng.random()
                    for index, pair in enumerate(both):
                        example = self.example(pair, random.Random(seed))
                        example.paired = index == 0
                        batch.append(example)
                    continue
                pair = rng.choice(rng.choice(self.by_label[name]))
                if name in ("perspectrum", "ibm") and rng.random() < 0.15:
                    pair = _negated(pair)
                batch.append(self.example(pair, rng))
            yield batch

    def example(self, pair: Pair, rng: random.Random | None = None) -> Example:
        """The pair's pieces; of a long comment one window (the first without ``rng``)."""
        thesis = self.tokenizer.encode(pair.thesis, add_special_tokens=False).ids[:THESIS_TOKENS]
        text = self.tokenizer.encode(pair.text, add_special_tokens=False).ids
        room = MAX_TOKENS - 3 - len(thesis)
        if len(text) > room:
            at = 0 if rng is None or rng.random() < 0.6 else rng.randrange(len(text) - room + 1)
            text = text[at : at + room]
        ids = [self.first, *thesis, self.last, *text, self.last]
        segments = [0] * (len(thesis) + 2) + [1] * (len(text) + 1)
        return Example(ids, segments, LABELS.index(pair.label))


def _negated(pair: Pair) -> Pair:
    """The claim's negation turns the side over; a claim that cannot be negated stays."""
    turned = negate(pair.thesis)
    if turned == pair.thesis:
        return pair
    label = {"agree": "disagree", "disagree": "agree"}.get(pair.label, pair.label)
    return Pair(turned, pair.text, label, pair.group, pair.source)


def collate(batch: list[Example]) -> tuple[torch.Tensor, ...]:
    width = max(len(item.ids) for item in batch)
    ids, mask, segments = (torch.zeros(len(batch), width, dtype=torch.long) for _ in range(3))
    for row, item in enumerate(batch):
        ids[row, : len(item.ids)] = torch.tensor(item.ids)
        segments[row, : len(item.ids)] = torch.tensor(item.segments)
        mask[row, : len(item.ids)] = 1
    return ids, mask, segments


def micro_batches(batch: list[Example]) -> Iterator[list[Example]]:
    """The batch in parts of like length: little of the work is padding then."""
    units: list[list[Example]] = []
    for item in batch:
        if units and units[-1][-1].paired:
            units[-1].append(item)
        else:
            units.append([item])
    units.sort(key=lambda unit: len(unit[0].ids))
    part: list[Example] = []
    for unit in units:
        part.extend(unit)
        if len(part) >= MICRO:
            yield part
            part = []
    if part:
        yield part


def evaluate(model: Model, sampler: Sampler, held: list[Pair]) -> dict[str, float]:
    """On first windows: macro-F1 over agree, disagree, unrelated; how often the right side wins."""
    from sklearn.metrics import f1_score  # type: ignore[import-untyped]

    model.eval()
    rows = [pair for pair in held if pair.label != "discuss"]
    order = sorted(range(len(rows)), key=lambda i: len(rows[i].text))
    given = np.zeros((len(rows), len(LABELS)))
    with torch.no_grad():
        for at in range(0, len(order), 64):
            chunk = order[at : at + 64]
            given[chunk] = model(*collate([sampler.example(rows[i]) for i in chunk])).numpy()
    model.train()
    three = [AGREE, DISAGREE, UNRELATED]
    truth = [LABELS.index(pair.label) for pair in rows]
    guess = np.array(three)[given[:, three].argmax(axis=1)]
    lean = given[:, AGREE] - given[:, DISAGREE]
    right: dict[str, float] = {}
    wrong: dict[str, float] = {}
    for pair, value in zip(rows, lean, strict=True):
        if pair.source == "debate":
            (right if pair.label == "agree" else wrong)[pair.key] = value
    wins = np.mean([right[key] > wrong[key] for key in right if key in wrong])
    return {
        "macro_f1": round(float(f1_score(truth, guess, labels=three, average="macro")), 4),
        "right_side": round(float(wins), 4),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=1600)
    parser.add_argument("--rate", type=float, default=8e-5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--save-every", type=int, default=100)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(SEED)
    args.work.mkdir(parents=True, exist_ok=True)

    found, held = load()
    print({name: len(pairs) for name, pairs in found.items()}, f"held {len(held)}", flush=True)
    # A look now and then at a part of the held-out debates would be tuning on them:
    # a tenth of the training debates stands in.
    names = sorted({pair.group for pair in found["debate"]})
    seen = set(random.Random(SEED).sample(names, max(1, len(names) // 10)))
    looked_at = [p for name in ("debate", "re-pair") for p in found[name] if p.group in seen]
    closed = {bare(pair.text) for pair in looked_at}
    found = {
        name: [p for p in pairs if p.group not in seen and bare(p.text) not in closed]
        for name, pairs in found.items()
    }
    tokenizer = Tokenizer.from_file(str(args.base / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.encode_special_tokens = True
    tokenizer.save(str(args.work / "tokenizer.json"))
    sampler = Sampler(found, tokenizer, args.steps)
    model = Model(args.base)
    heads = [*model.mix.parameters(), *model.head.parameters()]
    groups = [
        {"params": list(model.encoder.parameters()), "lr": args.rate},
        {"params": heads, "lr": args.rate * 5},
    ]
    run = Run(model, groups, steps=args.steps, work=args.work, fused=True)

    model.train()
    started, first, losses = time.time(), run.step, []
    for batch in sampler.batches(run.step, args.steps):
        run.optimizer.zero_grad()
        total = 0.0
        for part in micro_batches(batch):
            given = model(*collate(part))
            labels = torch.tensor([item.label for item in part])
            loss = torch.nn.functional.cross_entropy(
                given, labels, label_smoothing=SMOOTHING, reduction="sum"
            )
            # The two sides of a debate stand next to each other, in either order.
            first_of = [i for i, item in enumerate(part[:-1]) if item.paired]
            if first_of:
                lean = given[:, AGREE] - given[:, DISAGREE]
                sign = torch.tensor([1.0 if part[i].label == AGREE else -1.0 for i in first_of])
                gap = sign * (lean[first_of] - lean[[i + 1 for i in first_of]])
                loss = loss + RANKING * torch.nn.functional.softplus(-gap).sum()
            loss = loss / len(batch)
            loss.backward()  # type: ignore[no-untyped-call]
            total += loss.item()
        run.advance()
        losses.append(total)
        if run.step % 25 == 0:
            rate = (run.step - first) * BATCH / (time.time() - started)
            print(
                f"step {run.step} loss {np.mean(losses[-25:]):.4f} {rate:.1f} pairs/s", flush=True
            )
        if run.step % args.save_every == 0:
            run.save()
        if run.step % 400 == 0:
            print(json.dumps({"step": run.step, **evaluate(model, sampler, looked_at)}), flush=True)
    run.save()
    model.load_state_dict(run.average)
    print(json.dumps({"averaged": True, **evaluate(model, sampler, looked_at)}), flush=True)


if __name__ == "__main__":
    main()
