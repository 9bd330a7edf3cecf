"""Fine-tune the encoder that marks rhetorical techniques: teachers first, then their student.

    TOOLKIT_CORPORA=DIR python scripts/train_techniques.py --base DIR --work DIR
        [--start toolkit/inference/weights/comment-encoder/model.onnx] [--teachers DIR ...]

``--base`` holds all-MiniLM-L6-v2; ``--start`` begins with the comment encoder's
weights instead, which know insults. A run that was stopped goes on from the
checkpoint in ``--work``. Needs torch and transformers, and no network.

Six outputs a word piece: whether any of the five techniques is used there, and
each of them. There are 119 labelled articles to learn from, which a network of
this size knows by heart after a few passes. So a student learns from what its
``--teachers`` say (the mean of their probabilities) of text that nobody labelled,
the bodies of FNC-1 and readers' comments, beside the labelled articles. The split is
`eval_rhetoric.part_of`: every fifth article is held out, a further tenth left to
thresholds. `scripts/export_techniques.py` makes the package's files.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from eval_rhetoric import part_of
from tokenizers import Tokenizer
from train_toxicity import make_tokenizer
from training import Run, averaged, encoder_of, weights_of

from toolkit.inference.pieces import centred, windows

#: Names of the corpus.
TECHNIQUES = (
    "Loaded_Language",
    "Name_Calling,Labeling",
    "Exaggeration,Minimisation",
    "Doubt",
    "Repetition",
)
LANES = ("any", *TECHNIQUES)
MAX_TOKENS = 128
ROOM = MAX_TOKENS - 2
BATCH = 16
SEED = 20264
#: A marked piece counts double: about one in twelve is.
POSITIVE = 2.0
#: "any" is what finds a span, the others only name it.
EMPHASIS = (2.0, 1.0, 1.0, 1.0, 1.0, 1.0)
#: Pieces of unlabelled text that the teachers read, by where it comes from.
UNLABELLED = {"bodies": 400_000, "comments": 200_000}


class Model(torch.nn.Module):
    """Encoder and one linear layer over each word piece."""

    def __init__(self, base: Path) -> None:
        super().__init__()
        self.encoder = encoder_of(base)
        self.dropout = torch.nn.Dropout(0.2)
        self.head = torch.nn.Linear(self.encoder.config.hidden_size, len(LANES))

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """``(batch, tokens, lanes)`` logits."""
        hidden = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        logits: torch.Tensor = self.head(self.dropout(hidden))
        return logits


@dataclass
class Article:
    """Word pieces, their targets (pieces, lanes), and where lines begin."""

    ids: list[int]
    targets: np.ndarray
    starts: list[int]


def read(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def unlabelled(data: Path) -> dict[str, list[str]]:
    """Bodies of news articles; comments of two newspapers' readers and of news sites."""
    stance, toxicity = data / "stance", data / "toxicity"
    comments = [
        row["text"]
        for file in (
            stance / "news_comments_two_stances_train.jsonl.gz",
            stance / "topic_stance_train.jsonl.gz",
            toxicity / "news_comments_typed_train.jsonl.gz",
        )
        for row in read(file)
    ]
    return {
        "bodies": [row["text"] for row in read(stance / "headline_bodies.jsonl.gz")],
        "comments": sorted(set(comments)),
    }


def article(tokenizer: Tokenizer, text: str, spans: Sequence[dict[str, Any]] = ()) -> Article:
    encoding = tokenizer.encode(text, add_special_tokens=False)
    offsets = encoding.offsets
    targets = np.zeros((len(encoding.ids), len(LANES)), np.float32)
    for span in spans:
        if span["technique"] not in TECHNIQUES:
            continue
        lane = LANES.index(span["technique"])
        for place, (start, end) in enumerate(offsets):
            if span["start"] < end and start < span["end"]:
                targets[place, [0, lane]] = 1.0
    lines = [
        place
        for place in range(1, len(offsets))
        if "\n" in text[offsets[place - 1][1] : offsets[place][0]]
    ]
    return Article(encoding.ids, targets, [0, *lines])


def collate(
    rows: Sequence[tuple[Sequence[int], np.ndarray]], ends: tuple[int, int]
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Ids between the special pieces, mask, and targets; NaN where there is no piece."""
    width = max(len(ids) for ids, _ in rows) + 2
    ids, mask = (torch.zeros(len(rows), width, dtype=torch.long) for _ in range(2))
    targets = torch.full((len(rows), width, len(LANES)), float("nan"))
    for row, (pieces, wanted) in enumerate(rows):
        ids[row, : len(pieces) + 2] = torch.tensor([ends[0], *pieces, ends[1]])
        mask[row, : len(pieces) + 2] = 1
        targets[row, 1 : len(pieces) + 1] = torch.from_numpy(wanted)
    return ids, mask, targets


def teach(
    base: Path, works: Sequence[Path], articles: Sequence[Article], ends: tuple[int, int]
) -> None:
    """Set the targets of ``articles`` to the mean of the teachers' probabilities.

    They are put back to what they would be had marked pieces not counted double.
    """
    for item in articles:
        item.targets[:] = 0.0
    cuts = [
        (item, first, last) for item in articles for first, last in windows(len(item.ids), ROOM)
    ]
    total = {id(item): np.zeros((len(item.ids), 1), np.float32) for item in articles}
    for item, a, b in cuts:
        total[id(item)][a:b] += centred(b - a)[:, None]
    cuts.sort(key=lambda cut: cut[2] - cut[1])
    for work in works:
        model = Model(base)
        model.load_state_dict(averaged([work]))
        model.eval()
        for at in range(0, len(cuts), 32):
            chunk = cuts[at : at + 32]
            rows = [(item.ids[a:b], item.targets[a:b]) for item, a, b in chunk]
            ids, mask, _ = collate(rows, ends)
            with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
                given = torch.sigmoid(model(ids, mask).float()).numpy()
            given = given / (given + POSITIVE * (1 - given))
            for (item, a, b), row in zip(chunk, given, strict=True):
                share = centred(b - a)[:, None] / total[id(item)][a:b] / len(works)
                item.targets[a:b] += row[1 : b - a + 1] * share


def batches(
    labelled: Sequence[Article],
    taught: Sequence[Article],
    start: int,
    stop: int,
    *,
    share: float,
    hide: tuple[float, int],
    seed: int,
) -> Iterator[list[tuple[list[int], np.ndarray]]]:
    """Rows of steps ``start`` to ``stop``; step N draws the same rows in every run.

    ``share`` of them are labelled where there are others. ``hide``: the share of
    pieces that the second number takes the place of.
    """
    sizes = {id(group): [len(item.ids) for item in group] for group in (labelled, taught)}
    for step in range(start, stop):
        rng = random.Random(f"{seed}-{step}")
        rows = []
        for _ in range(BATCH):
            group = labelled if not taught or rng.random() < share else taught
            item = rng.choices(group, sizes[id(group)])[0]
            at = rng.choice(item.starts) if rng.random() < 0.6 else rng.randrange(len(item.ids))
            ids = [
                hide[1] if hide[0] and rng.random() < hide[0] else piece
                for piece in item.ids[at : at + ROOM]
            ]
            rows.append((ids, item.targets[at : at + ROOM]))
        yield rows


def _id(tokenizer: Tokenizer, piece: str) -> int:
    found = tokenizer.token_to_id(piece)
    if found is None:
        raise SystemExit(f"the tokenizer of --base has no {piece}")
    return int(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument(
        "--start", type=Path, help="the comment encoder's model.onnx, or --work of another run"
    )
    parser.add_argument("--teachers", type=Path, nargs="+", default=[], help="their --work")
    parser.add_argument(
        "--labelled", type=float, default=0.4, help="share of labelled rows beside the teachers'"
    )
    parser.add_argument(
        "--parts",
        nargs="+",
        default=["train"],
        choices=["train", "thresholds"],
        help="parts of the labelled articles to learn; a teacher may know those of the thresholds",
    )
    parser.add_argument(
        "--mask",
        type=float,
        default=0.0,
        help="share of word pieces hidden, against learning by heart",
    )
    parser.add_argument("--seed", type=int, default=SEED, help="another for each teacher")
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--rate", type=float, default=6e-5)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    args.work.mkdir(parents=True, exist_ok=True)
    data = Path(os.environ["TOOLKIT_CORPORA"]) / "data"
    tokenizer = make_tokenizer(args.base)
    tokenizer.save(str(args.work / "tokenizer.json"))
    ends = (_id(tokenizer, "[CLS]"), _id(tokenizer, "[SEP]"))

    labelled = [
        article(tokenizer, row["text"], row["spans"])
        for row in read(data / "rhetoric" / "propaganda_spans_train.jsonl.gz")
        if part_of(row["article_id"]) in args.parts
    ]
    taught: list[Article] = []
    if args.teachers:
        for kind, texts in unlabelled(data).items():
            random.Random(SEED).shuffle(texts)
            left = UNLABELLED[kind]
            while left > 0:
                taught.append(article(tokenizer, texts.pop()))
                left -= len(taught[-1].ids)
        teach(args.base, args.teachers, taught, ends)
    print(f"{len(labelled)} labelled articles, {len(taught)} texts from teachers", flush=True)

    model = Model(args.base)
    if args.start is not None and args.start.is_dir():
        model.load_state_dict(averaged([args.start]))
    elif args.start is not None:
        weights = weights_of(args.start)
        encoder = {k: v for k, v in weights.items() if k.startswith("encoder.")}
        missing = model.load_state_dict(encoder, strict=False).missing_keys
        if any(name.startswith("encoder.") for name in missing):
            raise SystemExit(f"{args.start} lacks {missing}")
    model.encoder.embeddings.word_embeddings.weight.requires_grad = False
    body = [p for p in model.encoder.parameters() if p.requires_grad]
    groups = [
        {"params": body, "lr": args.rate},
        {"params": list(model.head.parameters()), "lr": args.rate * 8},
    ]
    run = Run(model, groups, steps=args.steps, work=args.work, fused=True)
    model.train()
    emphasis, positive = torch.tensor(EMPHASIS), torch.tensor(POSITIVE)
    started, first, losses = time.time(), run.step, []
    hide = (args.mask, _id(tokenizer, "[MASK]"))
    drawn = batches(
        *(labelled, taught, run.step, args.steps), share=args.labelled, hide=hide, seed=args.seed
    )
    for rows in drawn:
        ids, mask, targets = collate(rows, ends)
        run.optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            given = model(ids, mask)
        known = ~torch.isnan(targets)
        each = torch.nn.functional.binary_cross_entropy_with_logits(
            given.float(), torch.nan_to_num(targets), reduction="none", pos_weight=positive
        )
        loss = (each * known * emphasis).sum() / known.sum()
        loss.backward()  # type: ignore[no-untyped-call]
        run.advance()
        losses.append(loss.item())
        if run.step % 50 == 0:
            rate = (run.step - first) * BATCH / (time.time() - started)
            recent = float(np.mean(losses[-50:]))
            print(f"step {run.step} loss {recent:.4f} {rate:.1f} rows/s", flush=True)
        if run.step % 100 == 0:
            run.save()
    run.save()


if __name__ == "__main__":
    main()
