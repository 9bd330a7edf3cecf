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
loss: the statement that it takes must score above the other. The two sides of
a debate are drawn alike, so that which statement is the popular one teaches
nothing. Word vectors stay as they are: a few hundred debates would bend them.

`scripts/export_stance.py` makes the package's files from what this leaves.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from eval_stance import right_side, weighted_score
from tokenizers import Tokenizer
from train_stance_cues import Pair, comment_pairs, is_held, read
from training import Run, averaged, encoder_of

from toolkit.analyzers.stance.features import negate
from toolkit.inference.stance_cues import LABELS

MAX_TOKENS = 128
THESIS_TOKENS = 48
BATCH = 32
#: Steps whose pairs are drawn together and dealt out by length: little of the work is padding.
POOL = 8
SEED = 20263
AGREE, DISAGREE, DISCUSS, UNRELATED = (
    LABELS.index(name) for name in ("agree", "disagree", "discuss", "unrelated")
)
SIDES = {"favor": "agree", "against": "disagree", "none": "discuss"}
RANKING = 1.0
SMOOTHING = 0.1

#: Source -> share of the rows, before and after the warm-up, and where weights come first.
PLAIN = {"perspectrum": 50, "ibm": 8, "fnc": 10, "vast": 26, "re-pair": 6}
COMMENTS = {
    "debate": 44, "re-pair": 10, "none": 7, "vast": 18, "perspectrum": 14, "ibm": 2, "fnc": 5,
}  # fmt: skip
FURTHER = {
    "debate": 10, "re-pair": 10, "none": 6, "vast": 8, "perspectrum": 28, "ibm": 2, "fnc": 36,
}  # fmt: skip
CLAIMS = {
    "debate": 6, "re-pair": 8, "none": 4, "vast": 6, "perspectrum": 48, "ibm": 4, "fnc": 24,
}  # fmt: skip
#: ``--mix``: what a run that goes on from others draws, and what is added to the seed.
MIXES = {"headlines": (FURTHER, 1), "claims": (CLAIMS, 2)}
WARM_UP = 0.4
#: Comments are mostly shorter than the debates' (40 words and more): a part of one stands for it.
PART = 0.35


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
        self.encoder = encoder_of(base)
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
    """Draws pairs by source; a pool of steps draws the same pairs in every run."""

    def __init__(
        self,
        found: dict[str, list[Pair]],
        tokenizer: Tokenizer,
        steps: int,
        *,
        mix: str | None = None,
    ) -> None:
        self.tokenizer = tokenizer
        self.turn = 0 if mix else int(WARM_UP * steps) // POOL * POOL
        self.later, further = MIXES[mix] if mix else (COMMENTS, 0)
        self.seed = SEED + further
        vocabulary = tokenizer.get_vocab()
        self.first, self.last = vocabulary["[CLS]"], vocabulary["[SEP]"]
        sides: dict[str, list[Pair]] = {}
        for pair in found["debate"]:
            sides.setdefault(pair.key, []).append(pair)
        # Debate -> the statement taken -> comments with both statements.
        debates: dict[str, dict[str, list[list[Pair]]]] = {}
        for both in sides.values():
            if len(both) == 2:
                taken = next(pair.thesis for pair in both if pair.label == "agree")
                debates.setdefault(both[0].group, {}).setdefault(taken, []).append(both)
        self.debates = [list(by_side.values()) for by_side in debates.values()]
        sizes = [sum(map(len, by_side)) for by_side in self.debates]
        self.sizes = [size**0.5 for size in sizes]
        # Labels of a source are drawn alike, so that a rare one is not drowned.
        self.by_label: dict[str, list[list[Pair]]] = {}
        for name, pairs in found.items():
            groups: dict[str, list[Pair]] = {}
            for pair in pairs:
                groups.setdefault(pair.label, []).append(pair)
            self.by_label[name] = list(groups.values())

    def batches(self, start: int, stop: int) -> Iterator[list[Example]]:
        """Batches of steps ``start`` to ``stop``."""
        for pool in range(start // POOL, (stop + POOL - 1) // POOL):
            rng = random.Random(f"{self.seed}-{pool}")
            mix = PLAIN if pool * POOL < self.turn else self.later
            # The two sides of a comment stay together; a batch is made of whole units.
            units: list[list[Example]] = []
            while sum(map(len, units)) < POOL * BATCH:
                units.append(self._unit(mix, rng))
            units.sort(key=lambda unit: len(unit[0].ids))
            dealt: list[list[Example]] = [[]]
            for unit in units:
                if len(dealt[-1]) >= BATCH and len(dealt) < POOL:
                    dealt.append([])
                dealt[-1].extend(unit)
            rng.shuffle(dealt)
            for offset, batch in enumerate(dealt):
                if start <= pool * POOL + offset < stop:
                    yield batch

    def _unit(self, mix: dict[str, int], rng: random.Random) -> list[Example]:
        name = rng.choices(list(mix), list(mix.values()))[0]
        if name == "debate":
            by_side = rng.choices(self.debates, self.sizes)[0]
            seed = rng.random()
            both = [
                self.example(pair, random.Random(seed)) for pair in rng.choice(rng.choice(by_side))
            ]
            both[0].paired = True
            return both
        pair = rng.choice(rng.choice(self.by_label[name]))
        if name in ("perspectrum", "ibm") and rng.random() < 0.15:
            pair = _negated(pair)
        return [self.example(pair, rng)]

    def example(self, pair: Pair, rng: random.Random | None = None) -> Example:
        """The pair's pieces; of a long comment one window (the first without ``rng``)."""
        thesis = self.tokenizer.encode(pair.thesis, add_special_tokens=False).ids[:THESIS_TOKENS]
        text = self.tokenizer.encode(pair.text, add_special_tokens=False).ids
        room = MAX_TOKENS - 3 - len(thesis)
        if rng is not None and pair.source in ("debate", "re-pair") and rng.random() < PART:
            room = rng.randrange(24, room)
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


def looked_at(found: dict[str, list[Pair]]) -> tuple[list[Pair], dict[str, list[Pair]]]:
    """Pairs of some training debates, claims and bodies to choose by, and the rest to train on."""
    generator = random.Random(SEED)
    names = sorted({pair.group for pair in found["debate"]})
    claims = sorted({pair.group for pair in found["perspectrum"]})
    seen = set(generator.sample(names, len(names) // 6))
    seen |= set(generator.sample(claims, len(claims) // 10))
    bodies = sorted({pair.group for pair in found["fnc"]})
    seen |= set(generator.sample(bodies, len(bodies) // 40))
    sources = ("debate", "re-pair", "none", "perspectrum", "fnc")
    look = [pair for name in sources for pair in found[name] if pair.group in seen]
    closed = {bare(pair.text) for pair in look}
    left = {
        name: [p for p in pairs if p.group not in seen and bare(p.text) not in closed]
        for name, pairs in found.items()
    }
    return look, left


def logits(model: Model, sampler: Sampler, pairs: Sequence[Pair]) -> np.ndarray:
    """``(len(pairs), labels)``, of each comment's first window."""
    model.eval()
    order = sorted(range(len(pairs)), key=lambda i: len(pairs[i].text))
    given = np.zeros((len(pairs), len(LABELS)))
    with torch.no_grad():
        for at in range(0, len(order), 64):
            chunk = order[at : at + 64]
            batch = collate([sampler.example(pairs[i]) for i in chunk])
            given[chunk] = model(*batch).float().numpy()
    model.train()
    return given


def evaluate(model: Model, sampler: Sampler, pairs: Sequence[Pair]) -> dict[str, float]:
    """Macro-F1 over agree, disagree, unrelated; how often the right side wins; claims' accuracy."""
    from sklearn.metrics import f1_score  # type: ignore[import-untyped]

    given = logits(model, sampler, pairs)
    lean = given[:, AGREE] - given[:, DISAGREE]
    claims = [i for i, pair in enumerate(pairs) if pair.source == "perspectrum"]
    comments = [i for i, pair in enumerate(pairs) if pair.source in ("debate", "re-pair")]
    three = [AGREE, DISAGREE, UNRELATED]
    truth = [LABELS.index(pairs[i].label) for i in comments]
    guess = np.array(three)[given[comments][:, three].argmax(axis=1)]
    headlines = [i for i, pair in enumerate(pairs) if pair.source == "fnc"]
    claimed = np.mean([(lean[i] > 0) == (pairs[i].label == "agree") for i in claims])
    return {
        "macro_f1": round(float(f1_score(truth, guess, labels=three, average="macro")), 4),
        "right_side": round(right_side(pairs, lean), 4),
        "claims": round(float(claimed), 4),
        "headlines": round(weighted_score([pairs[i] for i in headlines], given[headlines]), 4),
    }


def pair_loss(given: torch.Tensor, batch: Sequence[Example]) -> torch.Tensor:
    """Cross-entropy, and a ranking loss where the two sides of a comment stand side by side."""
    labels = torch.tensor([item.label for item in batch])
    loss = torch.nn.functional.cross_entropy(
        given, labels, label_smoothing=SMOOTHING, reduction="sum"
    )
    first_of = [i for i, item in enumerate(batch[:-1]) if item.paired]
    if first_of:
        lean = given[:, AGREE] - given[:, DISAGREE]
        sign = torch.tensor([1.0 if batch[i].label == AGREE else -1.0 for i in first_of])
        gap = sign * (lean[first_of] - lean[[i + 1 for i in first_of]])
        loss = loss + RANKING * torch.nn.functional.softplus(-gap).sum()
    return loss / len(batch)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument(
        "--start", type=Path, nargs="+", help="--work of other runs: their weights' mean goes on"
    )
    parser.add_argument("--mix", choices=sorted(MIXES), help="what to draw after --start")
    parser.add_argument("--steps", type=int, default=1200)
    parser.add_argument("--rate", type=float, default=8e-5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--save-every", type=int, default=100)
    parser.add_argument(
        "--bf16", action="store_true", help="faster by half on processors with avx512_bf16"
    )
    args = parser.parse_args()
    if (args.start is None) != (args.mix is None):
        parser.error("--start and --mix go together")
    torch.set_num_threads(args.threads)
    torch.manual_seed(SEED)
    args.work.mkdir(parents=True, exist_ok=True)

    found, held = load()
    print({name: len(pairs) for name, pairs in found.items()}, f"held {len(held)}", flush=True)
    # A look now and then at the held-out debates would be tuning on them.
    look, found = looked_at(found)
    tokenizer = Tokenizer.from_file(str(args.base / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.encode_special_tokens = True
    tokenizer.save(str(args.work / "tokenizer.json"))
    sampler = Sampler(found, tokenizer, args.steps, mix=args.mix)
    model = Model(args.base)
    if args.start is not None:
        model.load_state_dict(averaged(args.start))
    model.encoder.embeddings.word_embeddings.weight.requires_grad = False
    heads = [*model.mix.parameters(), *model.head.parameters()]
    groups = [
        {"params": [p for p in model.encoder.parameters() if p.requires_grad], "lr": args.rate},
        {"params": heads, "lr": args.rate * 5},
    ]
    run = Run(model, groups, steps=args.steps, work=args.work, fused=True)

    model.train()
    started, first, losses = time.time(), run.step, []
    for batch in sampler.batches(run.step, args.steps):
        run.optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=args.bf16):
            given = model(*collate(batch))
        loss = pair_loss(given.float(), batch)
        loss.backward()  # type: ignore[no-untyped-call]
        run.advance()
        losses.append(loss.item())
        if run.step % 50 == 0:
            rate = (run.step - first) * BATCH / (time.time() - started)
            print(
                f"step {run.step} loss {np.mean(losses[-50:]):.4f} {rate:.1f} pairs/s", flush=True
            )
        if run.step % args.save_every == 0:
            run.save()
        if run.step % 200 == 0 or run.step == args.steps:
            print(json.dumps({"step": run.step, **evaluate(model, sampler, look)}), flush=True)
    run.save()
    model.load_state_dict(run.average)
    print(json.dumps({"averaged": True, **evaluate(model, sampler, look)}), flush=True)


if __name__ == "__main__":
    main()
