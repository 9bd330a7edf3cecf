"""What a report is made of, and the rows of its table in a form that is easy to read."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

import polars as pl

from toolkit.records import Evidence, Page, ThesisSentence
from toolkit.schema import SEPARATOR, Metric, column

#: Names of the analyzers that the report has a section for.
STANCE: Final = "stance"
TOXICITY: Final = "toxicity"
RHETORIC: Final = "rhetoric"
TECHNIQUES: Final = "techniques"
READABILITY: Final = "readability"
LANGUAGE: Final = "language"

#: FNC-1's labels in the order in which they are drawn.
STANCE_LABELS: Final = ("agree", "disagree", "discuss", "unrelated")

#: Categories of Hyland's model of metadiscourse: how a writer speaks.
HYLAND: Final = frozenset(
    {"hedge", "booster", "attitude_marker", "engagement_marker", "self_mention"}
)

#: Sums over categories; no categories of their own.
_SUMS: Final = frozenset({"total", "constructive", "critical"})
_PER_100: Final = "_per_100_words"

#: ``null_reason`` in words, to stand behind a dash.
REASONS: Final = {
    "no_text": "no text",
    "too_short": "too short",
    "too_few_sentences": "too few sentences",
    "not_prose": "not prose",
    "language": "other language",
    "no_thesis": "no thesis",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportData:
    """Everything the article report shows.

    ``comments`` holds one row a comment: the columns of ``COMMENT_SCHEMA``,
    result columns as ``metrics`` describes them, and ``evidence``
    (``schema.EVIDENCE_DTYPE``). ``article_metrics`` is the readability of the
    article's own text, keys with or without ``readability__``. ``manifest``
    says in words what made the numbers. ``families`` sorts the categories of
    rhetorical markers into critical, constructive and neutral; one that it
    does not name is critical, but for Hyland's categories, which are neutral.
    """

    page: Page
    thesis: tuple[ThesisSentence, ...]
    comments: pl.DataFrame
    article_metrics: Mapping[str, object] | None
    metrics: Mapping[str, Metric]
    manifest: Mapping[str, str]
    families: Mapping[str, str] = field(default_factory=dict)

    def article_value(self, metric: str) -> float | None:
        """A readability number of the article; None where there is none."""
        values = self.article_metrics or {}
        return _number(values.get(column(READABILITY, metric), values.get(metric)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One comment of the table, numbered from 1 in the order of the page."""

    number: int
    comment_id: str
    parent: int | None
    #: 0 at the top level, counted along ``parent``.
    depth: int
    author: str | None
    handle: str | None
    created_at: datetime | None
    text: str | None
    likes: int | None
    status: str
    values: Mapping[str, Any] = field(repr=False)
    evidence: tuple[Evidence, ...] = field(repr=False)

    def number_of(self, analyzer: str, metric: str) -> float | None:
        """A number; None where it is null or was not measured."""
        return _number(self.values.get(column(analyzer, metric)))

    def label_of(self, analyzer: str, metric: str) -> str | None:
        """A label; None where it is null or was not measured."""
        value = self.values.get(column(analyzer, metric))
        return None if value is None else str(value)

    def reason(self, analyzer: str) -> str | None:
        """Why the analyzer gives no number here, in words; None where it gives one."""
        code = self.label_of(analyzer, "null_reason")
        return None if code is None else REASONS.get(code, code.replace("_", " "))

    def evidence_of(self, analyzer: str) -> list[Evidence]:
        """The analyzer's spans in this comment's own text, in text order."""
        return [item for item in self.evidence if item.analyzer == analyzer and self.quotes(item)]

    def quotes(self, item: Evidence) -> bool:
        """Whether a span lies in this comment (and not in the article)."""
        return self.text is not None and self.text[item.start : item.end] == item.quote != ""

    def flagged_within(self, start: int, end: int) -> list[Evidence]:
        """Toxicity spans inside a stretch of the text, counted from its start."""
        return [
            replace(item, start=item.start - start, end=item.end - start)
            for item in self.evidence_of(TOXICITY)
            if start <= item.start and item.end <= end
        ]

    @property
    def named(self) -> str:
        """Who wrote it, as the report says it."""
        return self.author or self.handle or "without a name"

    @property
    def words(self) -> int | None:
        """Words as the readability analyzer counts them, else by white space."""
        counted = self.number_of(READABILITY, "words")
        if counted is not None:
            return int(counted)
        return None if self.text is None else len(self.text.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """All rows of a report, and which analyzers ran."""

    rows: tuple[Row, ...]
    #: Analyzer -> its metrics, both in column order.
    analyzers: Mapping[str, tuple[Metric, ...]]
    #: Category of markers -> critical, constructive or neutral.
    families: Mapping[str, str] = field(default_factory=dict)

    def has(self, analyzer: str) -> bool:
        """Whether the analyzer ran."""
        return analyzer in self.analyzers

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories of rhetorical markers, in the lexicon's order."""
        names = [metric.name for metric in self.analyzers.get(RHETORIC, ())]
        return tuple(name for name in names if name not in _SUMS and f"{name}{_PER_100}" in names)

    @property
    def techniques(self) -> tuple[str, ...]:
        """The techniques that a model marks, in column order."""
        return tuple(
            metric.name
            for metric in self.analyzers.get(TECHNIQUES, ())
            if metric.name != "null_reason"
        )

    def family(self, category: str) -> str:
        """``critical``, ``constructive`` or ``neutral``."""
        default = "neutral" if category in HYLAND else "critical"
        return self.families.get(category, default)

    def title(self, category: str) -> str:
        """A category's name in words, as its lexicon has it."""
        for metric in self.analyzers.get(RHETORIC, ()):
            if metric.name == category:
                said = re.match(r"Markers of ([^:]{1,60}): ", metric.description)
                return said[1] if said else words_for(category)
        return words_for(category)

    @property
    def toxicity_labels(self) -> tuple[str, ...]:
        """The toxicity scores there are, in column order."""
        return tuple(
            metric.name
            for metric in self.analyzers.get(TOXICITY, ())
            if metric.bounds == (0.0, 1.0) and metric.dtype.is_float()
        )

    def children(self) -> dict[int | None, list[Row]]:
        """Replies by the number they answer; the top level under None."""
        found: dict[int | None, list[Row]] = {}
        for row in self.rows:
            found.setdefault(row.parent, []).append(row)
        return found


def technique_title(name: str) -> str:
    """A technique's name in words; its column joins two of them."""
    return words_for(name).replace(" minimisation", " or minimisation")


def words_for(name: str) -> str:
    """A metric's name in words: ``identity_attack`` is 'identity attack'."""
    return name.replace("_", " ")


def read_thread(data: ReportData) -> Thread:
    """The rows of ``data`` in page order; a reply to nobody is top level, a circle is cut open."""
    frame = data.comments
    if "position" in frame.columns:
        frame = frame.sort("position", maintain_order=True)
    records = frame.to_dicts()
    parents = _parents(records)
    depths = _depths(parents)
    rows = tuple(
        Row(
            number=number,
            comment_id=str(record["comment_id"]),
            parent=parents[number - 1],
            depth=depths[number - 1],
            author=record.get("author_name") or None,
            handle=record.get("author_handle") or None,
            created_at=record.get("created_at"),
            text=record.get("text") or None,
            likes=record.get("like_count"),
            status=record.get("source_status") or "published",
            values={name: value for name, value in record.items() if SEPARATOR in name},
            evidence=tuple(Evidence(**item) for item in record.get("evidence") or ()),
        )
        for number, record in enumerate(records, start=1)
    )
    analyzers: dict[str, list[Metric]] = {}
    for name, metric in data.metrics.items():
        analyzers.setdefault(name.partition(SEPARATOR)[0], []).append(metric)
    return Thread(
        rows=rows,
        analyzers={name: tuple(metrics) for name, metrics in analyzers.items()},
        families=dict(data.families),
    )


def _parents(records: Sequence[Mapping[str, Any]]) -> list[int | None]:
    first: dict[str, int] = {}
    for number, record in enumerate(records, start=1):
        first.setdefault(str(record["comment_id"]), number)
    parents: list[int | None] = []
    for number, record in enumerate(records, start=1):
        named = record.get("parent_id")
        parent = first.get(str(named)) if named is not None else None
        parents.append(None if parent == number else parent)
    # Replies that answer each other in a circle would never be reached from the top.
    sound: set[int] = set()
    for number in range(1, len(parents) + 1):
        path: dict[int, None] = {}
        at: int | None = number
        while at is not None and at not in sound:
            if at in path:
                parents[next(reversed(path)) - 1] = None
                break
            path[at] = None
            at = parents[at - 1]
        sound.update(path)
    return parents


def _depths(parents: Sequence[int | None]) -> list[int]:
    depths: dict[int, int] = {}
    for number in range(1, len(parents) + 1):
        path: list[int] = []
        at: int | None = number
        while at is not None and at not in depths:
            path.append(at)
            at = parents[at - 1]
        depth = -1 if at is None else depths[at]
        for step in reversed(path):
            depth += 1
            depths[step] = depth
    return [depths[number] for number in range(1, len(parents) + 1)]


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)
