"""What an audit looks at: the built-in functional suite, or a labelled file."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
import regex

from toolkit.errors import EmptySourceError, InputError, SourceNotFoundError
from toolkit.inference.audit.metrics import Bools

#: Files of the suite, in the order in which they are shown.
SUITE: Final = ("hate", "identity", "abuse", "civil", "spelling")

_TOXIC: Final = frozenset({"toxic", "1", "true", "yes", "hateful", "abusive", "rejected"})
_CIVIL: Final = frozenset(
    {"civil", "0", "false", "no", "nontoxic", "nonhateful", "clean", "approved"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case of the suite; cases of one ``pair`` differ in the group that they name."""

    text: str
    toxic: bool
    function: str
    group: str | None
    pair: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditData:
    """Rows to audit on, all sequences of one length.

    ``groups`` holds the groups that each row is about (none: empty). ``functions``
    and ``pairs`` are those of the suite, else None. ``skipped`` counts rows of
    the file that could not be used, by reason.
    """

    name: str
    texts: tuple[str, ...]
    truth: Bools
    groups: tuple[frozenset[str], ...]
    functions: tuple[str, ...] | None = None
    pairs: tuple[str | None, ...] | None = None
    skipped: Mapping[str, int] = field(default_factory=dict)


@cache
def load_suite() -> tuple[Case, ...]:
    """The built-in cases, file by file and function by function."""
    return tuple(case for name in SUITE for case in _cases(name))


@cache
def functions() -> dict[str, str]:
    """Name of each function -> what it tests."""
    return {one["name"]: one["about"] for name in SUITE for one in _functions(name)}


def suite_data() -> AuditData:
    """The suite as rows of an audit."""
    return _of_cases("built-in suite", load_suite())


def swap_data() -> AuditData:
    """Sets of sentences that differ in the group they name, and the suite's own sets."""
    source = files("toolkit.inference.audit").joinpath("suite", "swaps.toml")
    loaded = tomllib.loads(source.read_text(encoding="utf-8"))
    cases = [case for case in load_suite() if case.pair is not None]
    for toxic in (False, True):
        for frame in loaded["toxic" if toxic else "civil"]:
            cases += [
                Case(
                    text=frame.format(people=filling["people"], adj=filling["adj"]),
                    toxic=toxic,
                    function="swap",
                    group=filling.get("group"),
                    pair=frame,
                )
                for filling in (*loaded["groups"], *loaded["background"])
            ]
    return _of_cases("identity swaps", cases)


def _of_cases(name: str, cases: Sequence[Case]) -> AuditData:
    return AuditData(
        name=name,
        texts=tuple(case.text for case in cases),
        truth=np.array([case.toxic for case in cases], np.bool_),
        groups=tuple(frozenset({case.group} if case.group else ()) for case in cases),
        functions=tuple(case.function for case in cases),
        pairs=tuple(case.pair for case in cases),
    )


def read_data(path: Path, *, text: str, label: str, group: str | None = None) -> AuditData:
    """A CSV or JSON-lines file (.csv, .jsonl, .ndjson; also .gz or .zst) of labelled comments.

    A label is true, false, a number (toxic from 0.5 on) or a word such as
    ``toxic`` or ``civil``. ``group`` names a column with the groups that a
    comment is about: a list, or names with ``,``, ``;`` or ``|`` between.
    Rows without a text or a label are counted in ``skipped``.

    Raises an InputError where the file, a column or a label cannot be read.
    """
    frame = _table(path)
    for column in (text, label, *([group] if group else [])):
        if column not in frame.columns:
            raise InputError(
                f"{path} has no column {column!r}",
                next_step=f"Choose from: {', '.join(frame.columns)}.",
            )
    texts: list[str] = []
    truth: list[bool] = []
    groups: list[frozenset[str]] = []
    skipped = {"no text": 0, "no label": 0}
    rows = zip(frame[text], frame[label], frame[group] if group else [None] * frame.height,
               strict=True)  # fmt: skip
    for number, (said, verdict, about) in enumerate(rows, start=1):
        if said is None or not str(said).strip():
            skipped["no text"] += 1
            continue
        toxic = _verdict(verdict, f"{path}, row {number}, column {label!r}")
        if toxic is None:
            skipped["no label"] += 1
            continue
        texts.append(str(said))
        truth.append(toxic)
        groups.append(frozenset(_names(about)))
    if not texts:
        raise EmptySourceError(
            f"{path} has no row with a text and a label", next_step="Name other columns."
        )
    return AuditData(
        name=path.name,
        texts=tuple(texts),
        truth=np.array(truth, np.bool_),
        groups=tuple(groups),
        skipped={reason: count for reason, count in skipped.items() if count},
    )


def term_members(texts: Sequence[str]) -> dict[str, Bools]:
    """Group -> which texts name it, shape (texts,), by the words of ``terms.toml``."""
    folded = [text.casefold() for text in texts]
    return {
        group: np.array([pattern.search(text) is not None for text in folded], np.bool_)
        for group, pattern in _terms().items()
    }


@cache
def _terms() -> dict[str, regex.Pattern[str]]:
    source = files("toolkit.inference.audit").joinpath("terms.toml").read_text(encoding="utf-8")
    return {
        group: regex.compile(
            r"\b(?:" + "|".join(regex.escape(word).replace(r"\ ", r"\s+") for word in words)
            + r")\b"
        )
        for group, words in tomllib.loads(source).items()
    }  # fmt: skip


def _functions(name: str) -> list[dict[str, Any]]:
    source = files("toolkit.inference.audit").joinpath("suite", f"{name}.toml")
    found: list[dict[str, Any]] = tomllib.loads(source.read_text(encoding="utf-8"))["function"]
    return found


def _cases(name: str) -> Iterator[Case]:
    for function in _functions(name):
        for entry in function["cases"]:
            case = {"text": entry} if isinstance(entry, str) else entry
            yield Case(
                text=case["text"],
                toxic=function["toxic"],
                function=function["name"],
                group=case.get("group"),
                pair=f"{function['name']}/{case['pair']}" if "pair" in case else None,
            )


def _table(path: Path) -> pl.DataFrame:
    if not path.exists():
        raise SourceNotFoundError(f"there is no file {path}", next_step="Check the path.")
    suffixes = [end.lower() for end in path.suffixes]
    kind = next((end for end in reversed(suffixes) if end not in (".gz", ".zst")), "")
    try:
        if kind == ".csv":
            return pl.read_csv(path, infer_schema_length=None)
        if kind in (".jsonl", ".ndjson"):
            return pl.scan_ndjson(path, infer_schema_length=None).collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        first = str(error).partition("\n")[0]
        raise InputError(
            f"{path} cannot be read: {first}", next_step="Save it as UTF-8 CSV or JSON lines."
        ) from error
    raise InputError(
        f"{path} is neither .csv nor .jsonl", next_step="Save it as UTF-8 CSV or JSON lines."
    )


def _verdict(value: Any, where: str) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    number = value
    if isinstance(value, str):
        word = regex.sub(r"[-_ ]", "", value.casefold())
        if not word:
            return None
        if word in _TOXIC or word in _CIVIL:
            return word in _TOXIC
        try:
            number = float(value)
        except ValueError:
            number = None
    if isinstance(number, int | float) and 0 <= number <= 1:
        return number >= 0.5
    raise InputError(
        f"{where}: {value!r} is no label",
        next_step="Labels are true or false, a number from 0 to 1, or toxic or civil.",
    )


def _names(about: Any) -> list[str]:
    if about is None:
        return []
    parts = regex.split(r"[,;|]", about) if isinstance(about, str) else list(about)
    return [str(part).strip() for part in parts if part is not None and str(part).strip()]
