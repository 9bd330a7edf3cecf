"""Fine-tune the encoder behind toxicity: labels and spans from one MiniLM pass.

    TOOLKIT_CORPORA=DIR python scripts/train_toxicity.py --base DIR --work DIR

``--base`` holds all-MiniLM-L6-v2 (model.safetensors, config.json,
tokenizer.json). A run that was stopped goes on from the checkpoint in
``--work``. Needs torch and transformers, and no network.
`scripts/export_toxicity.py` makes the package's files from what this leaves.

The heads: the comment's six labels, of which toxicity has two readings
(docs/adr/0012-two-readings-of-toxicity.md), and toxic spans. A head learns from the rows
that carry its labels.
Sources and their share of what is drawn stand in MIX; rows of fold 0 (one in
ten, by the text they were made from) are held out for thresholds and choices,
and the corpora's ``*_dev`` files are never read here.

Longer than most scripts: whoever asks what the model saw reads how rows are
drawn, disguised and weighted in one place.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Regex, Tokenizer, normalizers
from toxicity_answers import ELSEWHERE, PARTS, asked_of, parts, read_answers
from toxicity_civil import civil
from toxicity_corpora import UNKNOWN, Row, load, slurs
from toxicity_indirect import PATTERNS as INDIRECT
from toxicity_indirect import made
from toxicity_pairs import pairs
from toxicity_plain import plain
from toxicity_sentences import Labels, sentences
from toxicity_unsaid import PATTERNS as UNSAID
from training import Run, averaged, compute_as_int8, encoder_of, weights_of

from toolkit.inference import LABELS
from toolkit.inference.audit.cases import load_suite, swap_data

MAX_TOKENS = 128
BATCH = 32
SEED = 20261

#: Each source's share of what is drawn, of the sum of all. "+" in a name: a disguised copy.
MIX = {
    "wikipedia": 170,
    "wikipedia_nontoxic": 24,
    "wikipedia_sentences": 12,
    "wikipedia_parts": 60,
    "wikipedia_identity": 6,
    "wikipedia_identity+": 1,
    "statements": 16,
    "articles": 12,
    "news": 48,
    "news+": 3,
    "news_spans_out": 2,
    "news_sentence_toxic": 2,
    "news_sentence_civil": 2,
    "news_civil": 16,
    "news_civil+": 1,
    "tweets": 20,
    "forum": 8,
    "lexicon": 5,
    "templates": 12,
    "sentences": 9,
    "indirect": 8,
    "unsaid": 11,
    "civil": 12,
    "pairs_implied": 26,
    "pairs_insult": 8,
    "pairs_threat": 4,
    "pairs_fair": 12,
    "pairs_talk": 10,
    "pairs_news": 9,
    "pairs_social": 16,
    "pairs_object": 8,
    "pairs_plain": 26,
    "pairs_remark": 20,
    "templates+": 2,
}

#: Letters of other scripts that pass for Latin ones.
TWINS = {
    "а": "a", "е": "e", "о": "o", "с": "c", "р": "p", "х": "x", "у": "y", "і": "i", "ѕ": "s",
    "ј": "j", "ԁ": "d", "һ": "h", "ο": "o", "α": "a", "ι": "i", "ν": "v", "ε": "e", "κ": "k",
    "ⅼ": "l", "ꓲ": "i",
}  # fmt: skip

#: Code points that show nothing and split a word for a machine.
INVISIBLE = r"[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"

#: Sentences of our own: they are disguised, shouted and put among civil ones now and then.
OWN = (
    "templates",
    "sentences",
    "indirect",
    "unsaid",
    "civil",
    "pairs_implied",
    "pairs_insult",
    "pairs_threat",
    "pairs_fair",
    "pairs_object",
)

#: Sources whose texts get careless spelling now and then, civil and toxic alike.
CARELESS = (
    *OWN,
    "pairs_talk",
    "pairs_news",
    "pairs_plain",
    "pairs_remark",
    "news_civil",
    "wikipedia_nontoxic",
    "wikipedia_identity",
    "statements",
    "articles",
)

LEET = {"a": "4@", "e": "3", "i": "1!", "o": "0", "s": "$5", "t": "7", "u": "*"}

#: Toxicity is what most people read, so it counts nearly as much as the others together;
#: severe_toxicity is rare and noisy.
EMPHASIS = (4.0, 0.7, 1.0, 0.8, 1.0, 1.2)
SPAN_SHARE = 1.0

#: Corpora whose raters had a scale of their own, or saw a selection that others did not: each gets
#: an offset for each label while the model learns, so that the ranking of its comments is learned
#: and its base rate is not. In use there are no offsets: scores are on the scale of the rest.
CONVENTIONS = ("news", "tweets", "forum")

#: What a text of other sources, of which no teacher spoke, counts for the head of what Wikipedia's
#: raters mark: what is civil elsewhere keeps friendly swearing out of it, what is toxic there says
#: nothing about them.
CIVIL_ELSEWHERE = 0.25


class Model(torch.nn.Module):
    """Encoder; comment heads over mean and maximum of the tokens; span head over each token.

    A comment's toxicity is that of two readings: what raters of comments mark, or
    what attacks without a rude word. Each is learned by a head of its own, and the
    odds are those of either, were the two independent.
    """

    def __init__(self, base: Path) -> None:
        super().__init__()
        self.convention = torch.nn.Embedding(1 + len(CONVENTIONS), len(LABELS), padding_idx=0)
        torch.nn.init.zeros_(self.convention.weight)
        self.encoder = encoder_of(base)
        width = self.encoder.config.hidden_size
        self.dropout = torch.nn.Dropout(0.1)
        self.comment = torch.nn.Linear(2 * width, len(LABELS))
        self.unsaid = torch.nn.Linear(2 * width, 1)
        torch.nn.init.zeros_(self.unsaid.weight)
        torch.nn.init.constant_(self.unsaid.bias, -3.0)
        self.span = torch.nn.Linear(width, 1)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """``(batch, labels)`` and ``(batch, tokens, 1)`` logits."""
        comment, unsaid, span = self.heads(ids, mask)
        return torch.cat([either(comment[:, :1], unsaid), comment[:, 1:]], dim=1), span

    def heads(
        self, ids: torch.Tensor, mask: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Labels as rated, ``(batch, labels)``; unsaid, ``(batch, 1)``; ``(batch, tokens, 1)``."""
        pooled, hidden = self.pooled(ids, mask)
        pooled = self.dropout(pooled)
        return self.comment(pooled), self.unsaid(pooled), self.span(self.dropout(hidden))

    def pooled(self, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Mean and maximum over the word pieces ``(batch, 2 x width)``, and the pieces' states."""
        hidden = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        weight = mask.unsqueeze(-1).to(hidden.dtype)
        mean = (hidden * weight).sum(1) / weight.sum(1)
        top = (hidden + (1 - weight) * -1e4).amax(1)
        return torch.cat([mean, top], dim=-1), hidden


def either(one: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """Logit of "one or the other", of two independent events: odds a + b + a b."""
    return torch.logsumexp(torch.stack([one, other, one + other]), dim=0)


def make_tokenizer(base: Path) -> Tokenizer:
    """The base's tokenizer behind a normaliser that takes the commonest disguises off."""
    tokenizer = Tokenizer.from_file(str(base / "tokenizer.json"))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.Replace(Regex(INVISIBLE), ""),
            *(normalizers.Replace(twin, plain) for twin, plain in TWINS.items()),
            normalizers.BertNormalizer(
                clean_text=True, handle_chinese_chars=True, strip_accents=True, lowercase=True
            ),
        ]
    )
    tokenizer.no_padding()
    tokenizer.no_truncation()
    tokenizer.encode_special_tokens = True
    return tokenizer


@dataclass
class Example:
    """Token ids with their targets; NaN is 'not labelled'."""

    ids: list[int]
    labels: list[float]
    toxic: list[float]
    convention: int = 0
    #: What the toxicity counts for the head of what raters mark.
    rated: float = 1.0
    #: What Wikipedia's raters would mark by the teachers, of a comment that others rated.
    marked: float = UNKNOWN


class Sampler:
    """Draws rows by the shares of ``mix``; step N draws the same rows in every run."""

    def __init__(
        self,
        rows: list[Row],
        tokenizer: Tokenizer,
        mix: dict[str, int],
        seed: int = SEED,
        tokens: int = MAX_TOKENS,
    ) -> None:
        self.seed, self.tokens = seed, tokens
        self.by_source: dict[str, list[Row]] = {}
        for row in rows:
            self.by_source.setdefault(row.source, []).append(row)
        missing = set(self.by_source) ^ set(mix)
        if missing:
            raise SystemExit(f"sources and their shares differ: {sorted(missing)}")
        self.tokenizer = tokenizer
        self.names = list(mix)
        shares = np.array([mix[name] for name in self.names], float)
        self.shares = shares / shares.sum()
        # Inside a source a row is drawn by its weight, which then is not used again.
        self.inside = {}
        for name, found in self.by_source.items():
            weight = np.array([row.weight for row in found])
            self.inside[name] = np.cumsum(weight / weight.sum())

    def batches(self, start: int, stop: int) -> Iterator[list[Example]]:
        """Batches of like length: eight at a time are drawn, sorted and dealt out."""
        for block in range(start // 8, (stop + 7) // 8):
            rng = random.Random(f"{self.seed}-{block}")
            drawn = np.random.default_rng([self.seed, block]).choice(
                len(self.names), size=8 * BATCH, p=self.shares
            )
            examples = [self._example(self._pick(self.names[n], rng), rng) for n in drawn]
            examples.sort(key=lambda item: len(item.ids))
            dealt = [examples[i : i + BATCH] for i in range(0, len(examples), BATCH)]
            rng.shuffle(dealt)
            for offset, batch in enumerate(dealt):
                if start <= block * 8 + offset < stop:
                    yield batch

    def _pick(self, name: str, rng: random.Random) -> Row:
        rows = self.by_source[name]
        at = int(np.searchsorted(self.inside[name], rng.random(), side="right"))
        return rows[min(at, len(rows) - 1)]

    def _example(self, row: Row, rng: random.Random) -> Example:
        text, spans, targets = row.text, row.spans, list(row.targets)
        if row.source in OWN:
            if rng.random() < 0.2:
                text, targets = self._embedded(text, targets, rng)
            if targets[4] > 0.5 and rng.random() < 0.2:
                text = _leet(text, rng)
            if rng.random() < 0.12:
                text = text.lower() if rng.random() < 0.7 else text.upper()
        if row.source in CARELESS and rng.random() < 0.05:
            text, spans = _careless(text, rng), None
        encoding = self.tokenizer.encode(text)
        ids, offsets = list(encoding.ids), list(encoding.offsets)
        if len(ids) > self.tokens:
            # The label is the whole comment's, and which part earned it is unknown:
            # the beginning stands for it more often than another part.
            room = self.tokens - 2
            at = 1 if rng.random() < 0.7 else rng.randrange(1, len(ids) - 1 - room)
            ids = [ids[0], *ids[at : at + room], ids[-1]]
            offsets = [offsets[0], *offsets[at : at + room], offsets[-1]]
        if spans is not None:
            inside = set(spans)
            tokens = [
                UNKNOWN if a == b else float(sum(c in inside for c in range(a, b)) * 2 >= b - a)
                for a, b in offsets
            ]
        elif targets[0] <= 0.1:
            tokens = [UNKNOWN if a == b else 0.0 for a, b in offsets]
        else:
            tokens = [UNKNOWN] * len(ids)
        corpus = row.source.removesuffix("+")
        convention = 1 + CONVENTIONS.index(corpus) if corpus in CONVENTIONS else 0
        rated = 1.0
        if not corpus.startswith("wikipedia"):
            rated = CIVIL_ELSEWHERE if targets[0] <= 0.5 and not convention else 0.0
        if not np.isnan(row.marked):
            rated = 1.0
        return Example(ids, targets, tokens, convention, rated, row.marked)

    def _embedded(
        self, text: str, targets: list[float], rng: random.Random
    ) -> tuple[str, list[float]]:
        """The sentence among civil ones: an insult is no milder behind a polite paragraph."""
        room = rng.choice((120, 240, 400))
        civil = self._pick("news_civil", rng).text[:room].rsplit(" ", 1)[0]
        where = rng.random()
        if where < 0.45:
            return f"{civil}. {text}", targets
        if where < 0.7:
            return f"{text} {civil}.", targets
        half = len(civil) // 2
        at = civil.find(" ", half) if " " in civil[half:] else half
        return f"{civil[:at]}. {text} {civil[at:].strip()}.", targets


def _careless(text: str, rng: random.Random) -> str:
    """Letters swapped, lost or doubled, spaces lost: no sign of ill will, nor of a good one."""
    words = text.split(" ")
    for index, word in enumerate(words):
        if len(word) < 4 or rng.random() < 0.7:
            continue
        at = rng.randrange(1, len(word) - 1)
        words[index] = rng.choice(
            (
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
                word[:at] + word[at + 1 :],
                word[:at] + word[at] * 2 + word[at + 1 :],
            )
        )
    joint = 0.6 if rng.random() < 0.3 else 0.05
    return "".join(
        word + ("" if rng.random() < joint or index == len(words) - 1 else " ")
        for index, word in enumerate(words)
    )


def _leet(text: str, rng: random.Random) -> str:
    words = text.split(" ")
    for index, word in enumerate(words):
        if len(word) < 4 or rng.random() < 0.5:
            continue
        if rng.random() < 0.35:
            words[index] = rng.choice([" ", ".", "-"]).join(word)
        else:
            words[index] = "".join(
                rng.choice(LEET[c]) if c in LEET and rng.random() < 0.6 else c for c in word
            )
    return " ".join(words)


def collate(batch: list[Example]) -> tuple[torch.Tensor, ...]:
    """Padded ids and mask, labels, token targets, conventions; what counts for raters, marks."""
    width = max(len(item.ids) for item in batch)
    ids = torch.zeros(len(batch), width, dtype=torch.long)
    mask = torch.zeros(len(batch), width, dtype=torch.long)
    tokens = torch.full((len(batch), width), UNKNOWN)
    for number, item in enumerate(batch):
        ids[number, : len(item.ids)] = torch.tensor(item.ids)
        mask[number, : len(item.ids)] = 1
        tokens[number, : len(item.ids)] = torch.tensor(item.toxic)
    labels = torch.tensor([item.labels for item in batch])
    convention = torch.tensor([item.convention for item in batch])
    rated = torch.tensor([item.rated for item in batch])
    marked = torch.tensor([item.marked for item in batch])
    return ids, mask, labels, tokens, convention, rated, marked


def masked_bce(logits: torch.Tensor, target: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """Mean binary cross-entropy over labelled entries (target not NaN)."""
    known = ~torch.isnan(target)
    loss = torch.nn.functional.binary_cross_entropy_with_logits(
        logits.float(), torch.nan_to_num(target), reduction="none"
    )
    weight = weight * known
    return (loss * weight).sum() / weight.sum().clamp(min=1.0)


def loss_of(
    model: Model,
    batch: list[Example],
    *,
    bf16: bool = False,
    kept: Model | None = None,
) -> torch.Tensor:
    """Of the labels, each corpus with its offset, and of the spans.

    The head of what raters mark learns toxicity from Wikipedia's comments, and from what
    teachers say that its raters would mark elsewhere; the other one learns what is missing
    to the toxicity of every text, and the first is not moved by it. With a ``kept`` model
    the labels are its answers, on one scale.
    """
    ids, mask, labels, tokens, convention, rated, marked = collate(batch)
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
        comment, unsaid, span = (found.float() for found in model.heads(ids, mask))
        if kept is not None:
            with torch.no_grad():
                labels = torch.sigmoid(kept(ids, mask)[0].float())
    loss = SPAN_SHARE * masked_bce(span[..., 0], tokens, torch.ones_like(tokens))
    emphasis = torch.tensor(EMPHASIS).expand_as(labels)
    if kept is not None:
        comment = torch.cat([either(comment[:, :1], unsaid), comment[:, 1:]], dim=1)
        return loss + masked_bce(comment, labels, emphasis)
    offsets = model.convention(convention)
    toxicity = labels[:, :1]
    whole = either(comment[:, :1].detach() + offsets[:, :1], unsaid)
    loss = loss + masked_bce(whole, toxicity, torch.ones_like(toxicity))
    taught = ~torch.isnan(marked)
    first = torch.where(taught, marked, labels[:, 0])
    labels = torch.cat([first[:, None], labels[:, 1:]], dim=1)
    # Teachers speak for Wikipedia, whose scale has no offset.
    own = torch.where(taught, 0.0, offsets[:, 0])
    comment = comment + torch.cat([own[:, None], offsets[:, 1:]], dim=1)
    emphasis = torch.cat([emphasis[:, :1] * rated[:, None], emphasis[:, 1:]], dim=1)
    return loss + masked_bce(comment, labels, emphasis)


def scores(
    model: Model,
    tokenizer: Tokenizer,
    texts: list[str],
    *,
    bf16: bool = False,
    tokens: int = MAX_TOKENS,
) -> np.ndarray:
    """``(len(texts), labels)`` probabilities from the first ``tokens`` pieces of each text."""
    model.eval()
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    found = np.zeros((len(texts), len(LABELS)))
    with torch.no_grad():
        for at in range(0, len(order), 64):
            chunk = order[at : at + 64]
            items = []
            for i in chunk:
                ids = tokenizer.encode(texts[i]).ids
                ids = ids if len(ids) <= tokens else [*ids[: tokens - 1], ids[-1]]
                items.append(Example(ids, [0.0] * len(LABELS), [0.0] * len(ids)))
            ids, mask, *_ = collate(items)
            with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
                logits = model(ids, mask)[0]
            found[chunk] = torch.sigmoid(logits.float()).numpy()
    model.train()
    return found


def evaluate(model: Model, tokenizer: Tokenizer, rows: list[Row]) -> dict[str, float]:
    """AUC of each label by source, on held-out rows."""
    from sklearn.metrics import roc_auc_score

    found = scores(model, tokenizer, [row.text for row in rows])
    table: dict[str, float] = {}
    for source in sorted({row.source for row in rows}):
        mine = [i for i, row in enumerate(rows) if row.source == source]
        for column, label in enumerate(LABELS):
            known = [i for i in mine if not np.isnan(rows[i].targets[column])]
            truth = [rows[i].targets[column] >= 0.5 for i in known]
            if 5 <= sum(truth) <= len(truth) - 5:
                auc = roc_auc_score(truth, found[known, column])
                table[f"{source}/{label}"] = round(float(auc), 4)
    return table


def _own_sentences(terms: list[str]) -> list[Row]:
    """Sentences of our own but for templates, which come with the corpora."""
    rows = [
        Row(text, _targets(labels), 1.0, source, text, None, 1)
        for source, drawn in (
            ("sentences", sentences(16_000, SEED)),
            ("indirect", made(INDIRECT, 16_000, SEED)),
            ("unsaid", made(UNSAID, 32_000, SEED)),
            ("civil", civil(24_000, SEED)),
        )
        for text, labels in drawn
    ]
    for pair in pairs(terms, 24, SEED):
        source, group = f"pairs_{pair.kind}", str(pair.pattern)
        targets, fold = _targets(pair.labels), int(not pair.held)
        rows.append(Row(pair.text, targets, 1.0, source, group, None, fold))
    return rows


def _targets(labels: Labels) -> list[float]:
    return [labels.get(name, UNKNOWN) for name in LABELS]


def _without_judges(rows: list[Row]) -> list[Row]:
    """``rows`` but for texts that are a case of the functional suite, as a short one may be."""
    cases = {case.text.casefold() for case in load_suite()}
    cases |= {text.casefold() for text in swap_data().texts}
    kept = [row for row in rows if row.text.casefold() not in cases]
    print(f"left out as cases of the suite: {len(rows) - len(kept)} rows", flush=True)
    return kept


def all_rows(corpora: Path) -> tuple[list[Row], list[Row]]:
    """Rows to learn from, with the parts that only teachers know, and rows of fold 0."""
    rows = _without_judges(load(corpora) + plain(corpora) + _own_sentences(slurs(corpora)))
    train = [row for row in rows if row.fold != 0]
    train += _without_judges(parts(train, PARTS, SEED))
    return train, [row for row in rows if row.fold == 0]


def frozen(base: Path, works: list[Path]) -> Model:
    model = Model(base)
    state = averaged(works)
    # Earlier runs had one head for both readings.
    state.setdefault("unsaid.weight", model.unsaid.weight.detach())
    state.setdefault("unsaid.bias", torch.full((1,), -30.0))
    model.load_state_dict(state)
    return model.eval().requires_grad_(False)


def begun(start: list[Path], model: Model) -> dict[str, torch.Tensor]:
    """What a run begins with: the mean of runs' folders, or the weights of one ``model.onnx``.

    What an earlier graph does not have is as in ``model``.
    """
    origin, *others = start
    if origin.suffix == ".onnx" and others:
        raise SystemExit("give one model.onnx, or the folders of runs")
    state = weights_of(origin) if origin.suffix == ".onnx" else averaged(start)
    # An earlier graph had rhetorical techniques behind the toxic spans.
    state |= {name: state[name][:1] for name in ("span.weight", "span.bias")}
    for name in ("convention.weight", "unsaid.weight", "unsaid.bias"):
        state.setdefault(name, model.state_dict()[name])
    return state


def _taught(rows: list[Row], args: argparse.Namespace) -> None:
    """Mix the teachers' mean answer into the targets of Wikipedia's comments, half and half.

    What has no target takes theirs. Of comments that other raters read they say what
    Wikipedia's would have marked.

    One rater's vote on a comment says little; a model that has read all the
    others says what most would have voted.
    """
    chosen = asked_of(rows)
    texts = [row.text for row in chosen]
    answers = np.zeros((len(texts), len(LABELS)))
    for work in args.teachers:
        answers += read_answers(work / "answers.npz", texts) / len(args.teachers)
    for row, answer in zip(chosen, answers, strict=True):
        if row.source in ELSEWHERE:
            row.marked = float(answer[0])
            continue
        row.targets = [
            float(b) if np.isnan(a) else (a + float(b)) / 2
            for a, b in zip(row.targets, answer, strict=True)
        ]
    print(f"{len(args.teachers)} teachers answered for {len(chosen)} comments", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument(
        "--start",
        nargs="+",
        type=Path,
        metavar="FROM",
        help="what to begin with: the mean of earlier runs' folders, or a shipped model.onnx",
    )
    parser.add_argument("--steps", type=int, default=4500)
    parser.add_argument("--rate", type=float, default=1e-4)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--tokens",
        type=int,
        default=MAX_TOKENS,
        help="word pieces of a comment that are read; fewer make a large base faster",
    )
    parser.add_argument("--save-every", type=int, default=200)
    parser.add_argument(
        "--bf16", action="store_true", help="faster by half on processors with avx512_bf16"
    )
    parser.add_argument(
        "--share", nargs="+", default=[], metavar="SOURCE=N", help="other shares than those of MIX"
    )
    parser.add_argument(
        "--only",
        nargs="+",
        default=[],
        metavar="SOURCE=N",
        help="these shares, and no other source",
    )
    parser.add_argument("--seed", type=int, default=SEED, help="of the rows drawn and of dropout")
    parser.add_argument(
        "--teachers",
        nargs="+",
        type=Path,
        default=[],
        metavar="WORK",
        help="earlier runs with answers (ask_toxicity.py), whose mean is half of each Wikipedia "
        "comment's target",
    )
    parser.add_argument(
        "--keep",
        nargs="+",
        type=Path,
        default=[],
        metavar="WORK",
        help="runs whose mean, as one model, gives every comment's target: the labels stay as it "
        "has them, while spans go on learning",
    )
    parser.add_argument(
        "--int8", action="store_true", help="round as the export will; for the last run before it"
    )
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    args.work.mkdir(parents=True, exist_ok=True)

    train, held = all_rows(Path(os.environ["TOOLKIT_CORPORA"]))
    held = random.Random(SEED).sample(held, min(4000, len(held)))
    print(f"{len(train)} rows to train on; {len(held)} held-out rows looked at", flush=True)

    tokenizer = make_tokenizer(args.base)
    tokenizer.save(str(args.work / "tokenizer.json"))
    mix = dict.fromkeys(MIX, 0) if args.only else dict(MIX)
    for source, share in (given.split("=") for given in (*args.share, *args.only)):
        mix[source] = int(share)
    if args.teachers:
        _taught(train, args)
    else:
        train = [row for row in train if row.source != "wikipedia_parts"]
        mix.pop("wikipedia_parts", None)
    sampler = Sampler(train, tokenizer, mix, args.seed, args.tokens)
    model = Model(args.base)
    if args.start is not None:
        model.load_state_dict(begun(args.start, model))
    if args.int8:
        compute_as_int8(model.encoder)
    heads = [
        *model.comment.parameters(),
        *model.unsaid.parameters(),
        *model.span.parameters(),
        *model.convention.parameters(),
    ]
    body = [p for p in model.encoder.parameters() if p.requires_grad]
    groups = [
        {"params": body, "lr": args.rate},
        {"params": heads, "lr": args.rate * 8},
    ]
    run = Run(model, groups, steps=args.steps, work=args.work, fused=True)

    kept = frozen(args.base, args.keep) if args.keep else None
    model.train()
    started, first, losses = time.time(), run.step, []
    for batch in sampler.batches(run.step, args.steps):
        loss = loss_of(model, batch, bf16=args.bf16, kept=kept)
        run.optimizer.zero_grad()
        loss.backward()
        run.advance()
        losses.append(loss.item())
        if run.step % 25 == 0:
            rate = (run.step - first) * BATCH / (time.time() - started)
            recent = float(np.mean(losses[-25:]))
            print(f"step {run.step} loss {recent:.4f} {rate:.1f} rows/s", flush=True)
        if run.step % args.save_every == 0:
            run.save()
        if run.step % 1500 == 0:
            print(json.dumps({"step": run.step, **evaluate(model, tokenizer, held)}), flush=True)
    run.save()
    model.load_state_dict(run.average)
    print(json.dumps({"averaged": True, **evaluate(model, tokenizer, held)}), flush=True)


if __name__ == "__main__":
    main()
