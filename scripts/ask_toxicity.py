"""Write down what a trained toxicity model answers, so that it can teach another.

    TOOLKIT_CORPORA=DIR python scripts/ask_toxicity.py --base DIR --work RUN

``--work`` is a run of `train_toxicity.py` that has ended, ``--base`` the base it began
with. Answers for the texts that teachers are asked of (`toxicity_answers.py`) go to
``answers.npz`` in it; those that are there already are not asked for again, so remove
the file when the run has gone on. Needs torch and transformers, and no network.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import torch
from toxicity_answers import asked_of, lacking, write_answers
from train_toxicity import MAX_TOKENS, all_rows, frozen, make_tokenizer, scores

#: Texts between two writings of the file.
CHUNK = 8_192


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, metavar="RUN")
    parser.add_argument("--tokens", type=int, default=MAX_TOKENS)
    parser.add_argument("--bf16", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(2)
    train, _ = all_rows(Path(os.environ["TOOLKIT_CORPORA"]))
    file = args.work / "answers.npz"
    texts = lacking(file, list(dict.fromkeys(row.text for row in asked_of(train))))
    print(f"{len(texts)} texts to answer for", flush=True)
    if not texts:
        return
    model, tokenizer = frozen(args.base, [args.work]), make_tokenizer(args.base)
    for at in range(0, len(texts), CHUNK):
        chunk = texts[at : at + CHUNK]
        found = scores(model, tokenizer, chunk, bf16=args.bf16, tokens=args.tokens)
        write_answers(file, chunk, found)
        print(f"{at + len(chunk)} answered", flush=True)


if __name__ == "__main__":
    main()
