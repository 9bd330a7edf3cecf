"""Tables of a site's decisions, or of old scores -> a calibration of the served attributes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import polars as pl

from toolkit.errors import (
    DumpReadError,
    EmptySourceError,
    MappingError,
    SettingsError,
    SourceNotFoundError,
    UnknownFormatError,
)
from toolkit.moderation.calibration import Calibration, Fit, Match, fit, match
from toolkit.pipeline import Pipeline
from toolkit.settings import Settings
from toolkit.web.perspective.attributes import Attribute, canonical, served

#: Columns of decisions, and what their words mean. Other words say nothing.
DECISIONS: Final = ("label", "status", "decision")
_WORDS: Final = {
    "rejected": 1.0, "reject": 1.0, "removed": 1.0, "toxic": 1.0, "yes": 1.0, "true": 1.0,
    "approved": 0.0, "approve": 0.0, "kept": 0.0, "civil": 0.0, "no": 0.0, "false": 0.0,
}  # fmt: skip
#: Comments of one of these never stand in both the fitted and the measured part.
GROUPS: Final = ("article_id", "group")

_ANALYZERS: Final = ("toxicity", "rhetoric")


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """What a table says of one attribute. ``skipped`` rows had no text or no usable value."""

    texts: tuple[str, ...]
    values: tuple[float, ...]
    groups: tuple[str, ...]
    languages: tuple[str | None, ...]
    skipped: int


def read_table(path: Path) -> pl.DataFrame:
    """A .csv, .jsonl or .parquet file; all values of a CSV are text.

    Raises InputError: missing, empty, damaged, or of another kind.
    """
    if not path.exists():
        raise SourceNotFoundError(f"there is no file {path}", next_step="Look at its name.")
    kind = path.suffix.lower()
    try:
        if kind == ".csv":
            table = pl.read_csv(path, infer_schema=False)
        elif kind in (".jsonl", ".ndjson"):
            table = pl.read_ndjson(path, infer_schema_length=None)
        elif kind == ".parquet":
            table = pl.read_parquet(path)
        else:
            raise UnknownFormatError(
                f"{path} is no .csv, .jsonl or .parquet",
                next_step="Convert it; toolkit convert writes all three.",
            )
    except (pl.exceptions.PolarsError, OSError) as error:
        if path.stat().st_size == 0:
            raise EmptySourceError(f"{path} is empty", next_step="Look at its name.") from error
        raise DumpReadError(
            f"{path} cannot be read: {str(error).splitlines()[0]}", next_step="Mend the file."
        ) from error
    return table


def labels_in(table: pl.DataFrame, wanted: Sequence[str]) -> dict[str, Labels]:
    """Labels by attribute.

    A table has a column ``text`` and either columns named as attributes, or
    ``attribute`` and ``value`` (a file of suggestions), or a column of
    decisions (:data:`DECISIONS`) that ``wanted`` attributes are read from. Of
    several rows about one text the last counts.

    Raises MappingError where nothing of this is there.
    """
    _require(table, "text")
    wanted = [canonical(name) for name in wanted]
    if {"attribute", "value"} <= set(table.columns):
        names = table["attribute"].drop_nulls().unique(maintain_order=True).to_list()
        found = {
            name: _labels(table.filter(pl.col("attribute") == name), "value") for name in names
        }
        return {name: found[name] for name in (wanted or found) if name in found}
    columns = {canonical(column): column for column in table.columns}
    known = {name: columns[name] for name in columns if name in served_names()}
    decision = next((name for name in DECISIONS if name in table.columns), None)
    names = wanted or list(known) or (["TOXICITY"] if decision else [])
    chosen = {name: known.get(name, decision) for name in names}
    missing = [name for name, column in chosen.items() if column is None]
    if missing or not chosen:
        raise MappingError(
            f"the table has no labels for {', '.join(missing) or 'any attribute'}",
            next_step=f"Name a column {(missing or ['TOXICITY'])[0]}, or label; "
            f"the columns here are: {', '.join(table.columns)}.",
        )
    return {name: _labels(table, column) for name, column in chosen.items() if column is not None}


def served_names() -> frozenset[str]:
    """All attributes that a calibration can be made for: those that need a text alone."""
    from toolkit.web.perspective.attributes import ATTRIBUTES

    return frozenset(
        name for name, attribute in ATTRIBUTES.items() if attribute.analyzer in _ANALYZERS
    )


class Raw:
    """Raw scores of texts by the analyzers of the settings; each text is analysed once."""

    def __init__(self, settings: Settings) -> None:
        self._pipeline = Pipeline.of(_ANALYZERS, settings)
        self._known: dict[tuple[str, str | None], Mapping[str, Any]] = {}

    def attribute(self, name: str) -> Attribute:
        """Raises SettingsError for one that is not served."""
        found = served(self._pipeline.metrics).get(canonical(name))
        if found is None or found.analyzer not in _ANALYZERS:
            there = sorted(served_names() & set(served(self._pipeline.metrics)))
            raise SettingsError(
                f"{name} cannot be calibrated", next_step=f"Choose from: {', '.join(there)}."
            )
        return found

    def versions(self, attributes: Iterable[Attribute]) -> dict[str, str]:
        """The versions of the analyzers behind the attributes."""
        used = {attribute.analyzer for attribute in attributes}
        return {name: version for name, version in self._pipeline.versions.items() if name in used}

    def scores(
        self, attribute: Attribute, texts: Sequence[str], languages: Sequence[str | None]
    ) -> list[float | None]:
        """One score a text; None where it cannot be measured."""
        pairs = list(zip(texts, languages, strict=True))
        new = [pair for pair in dict.fromkeys(pairs) if pair not in self._known]
        if new:
            frame = pl.LazyFrame(
                {"text": [text for text, _ in new], "stated_language": [tag for _, tag in new]},
                schema={"text": pl.String, "stated_language": pl.String},
            )
            rows = self._pipeline.apply(frame).collect(engine="streaming").iter_rows(named=True)
            self._known.update(zip(new, rows, strict=True))
        return [attribute.value(self._known[pair]) for pair in pairs]


def calibrate(
    table: pl.DataFrame, attributes: Sequence[str], settings: Settings
) -> tuple[Calibration, dict[str, Fit], dict[str, int]]:
    """Fit each attribute's map. Also gives the figures, and how many rows could not be used.

    Raises TooFewLabelsError, MappingError, SettingsError.
    """
    raw = Raw(settings)
    fits: dict[str, Fit] = {}
    skipped: dict[str, int] = {}
    used = []
    for name, labels in labels_in(table, attributes).items():
        attribute = raw.attribute(name)
        scores = raw.scores(attribute, labels.texts, labels.languages)
        rows = [
            (score, value, group)
            for score, value, group in zip(scores, labels.values, labels.groups, strict=True)
            if score is not None
        ]
        fits[attribute.name] = fit(
            [row[0] for row in rows], [row[1] for row in rows], groups=[row[2] for row in rows]
        )
        skipped[attribute.name] = labels.skipped + len(scores) - len(rows)
        used.append(attribute)
    figures = {name: _figures(found) for name, found in fits.items()}
    maps = {name: found.map for name, found in fits.items()}
    made = Calibration(method="isotonic", analyzers=raw.versions(used), maps=maps, figures=figures)
    return made, fits, skipped


def carry_over(
    old: pl.DataFrame,
    attributes: Sequence[str],
    settings: Settings,
    comments: pl.DataFrame | None = None,
) -> tuple[Calibration, dict[str, Match], dict[str, int]]:
    """Map each attribute's scores onto the old ones of the same comments, by quantile.

    ``old`` has ``text``, or ``comment_id`` with ``comments`` (``comment_id``,
    ``text``) beside it, and a column of old scores for each attribute.

    Raises TooFewLabelsError, MappingError, SettingsError.
    """
    if "text" not in old.columns:
        if comments is None:
            raise MappingError(
                "the table of old scores has no column 'text'",
                next_step="Add it, or comment_id and --comments FILE.",
            )
        for table in (old, comments):
            _require(table, "comment_id")
        _require(comments, "text")
        key = pl.col("comment_id").cast(pl.String)
        texts = comments.select(key, "text").unique("comment_id", keep="last")
        old = old.with_columns(key).join(texts, on="comment_id", how="left")
    raw = Raw(settings)
    matches: dict[str, Match] = {}
    skipped: dict[str, int] = {}
    used = []
    columns = {canonical(name): name for name in old.columns}
    for wanted in attributes or [name for name in columns if name in served_names()]:
        attribute = raw.attribute(wanted)
        column = columns.get(attribute.name)
        if column is None:
            raise MappingError(
                f"the table has no old scores for {attribute.name}",
                next_step=f"Name a column {attribute.name}; "
                f"the columns here are: {', '.join(old.columns)}.",
            )
        labels = _labels(old, column)
        scores = raw.scores(attribute, labels.texts, labels.languages)
        pairs = [
            (score, value)
            for score, value in zip(scores, labels.values, strict=True)
            if score is not None
        ]
        matches[attribute.name] = match([pair[0] for pair in pairs], [pair[1] for pair in pairs])
        skipped[attribute.name] = labels.skipped + len(scores) - len(pairs)
        used.append(attribute)
    if not matches:
        raise MappingError(
            "the table has no old scores",
            next_step=f"Name a column TOXICITY; the columns here are: {', '.join(old.columns)}.",
        )
    made = Calibration(
        method="quantile",
        analyzers=raw.versions(used),
        maps={name: found.map for name, found in matches.items()},
        figures={
            name: {
                "comments": found.comments,
                "rank_correlation": found.rank_correlation,
                "thresholds": [asdict(row) for row in found.thresholds],
            }
            for name, found in matches.items()
        },
    )
    return made, matches, skipped


def _figures(found: Fit) -> dict[str, Any]:
    names = (
        "labels", "positives", "brier_before", "brier_after", "ece_before", "ece_after",
    )  # fmt: skip
    return {name: getattr(found, name) for name in names}


def _require(table: pl.DataFrame, column: str) -> None:
    if column not in table.columns:
        raise MappingError(
            f"the table has no column {column!r}",
            next_step=f"Rename or add it; the columns here are: {', '.join(table.columns)}.",
        )


def _labels(table: pl.DataFrame, column: str) -> Labels:
    group = next((name for name in GROUPS if name in table.columns), None)
    nothing = pl.lit(None, pl.String)
    rows = table.select(
        pl.col("text").cast(pl.String),
        pl.col(column).cast(pl.String).alias("value"),
        (pl.col(group).cast(pl.String) if group else nothing).alias("group"),
        (pl.col("language").cast(pl.String) if "language" in table.columns else nothing).alias(
            "language"
        ),
    )
    latest: dict[str, tuple[float, str, str | None]] = {}
    skipped = 0
    for text, given, of, language in rows.iter_rows():
        value = _value(given)
        if text is None or not text.strip() or value is None:
            skipped += 1
            continue
        latest[text] = (value, of or text, language)
    return Labels(
        texts=tuple(latest),
        values=tuple(row[0] for row in latest.values()),
        groups=tuple(row[1] for row in latest.values()),
        languages=tuple(row[2] for row in latest.values()),
        skipped=skipped,
    )


def _value(given: str | None) -> float | None:
    """A number in [0, 1], or a word for one; None for what says nothing."""
    if given is None:
        return None
    word = given.strip().lower()
    if word in _WORDS:
        return _WORDS[word]
    try:
        number = float(word)
    except ValueError:
        return None
    return number if 0 <= number <= 1 else None
