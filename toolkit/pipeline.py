"""Checks, orders and applies analyzers to a LazyFrame of comments."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import polars as pl

from toolkit import registry
from toolkit.analyzers.base import Analyzer, struct_dtype
from toolkit.errors import AnalyzerContractError, InputError
from toolkit.records import Evidence
from toolkit.schema import (
    COMMENT_SCHEMA,
    CONTEXT_SCHEMA,
    EVIDENCE_DTYPE,
    SEPARATOR,
    Metric,
    column,
)
from toolkit.settings import Settings


class Pipeline:
    """Analyzers in an order in which each finds what it reads.

    Raises AnalyzerContractError where two share a name, a metric is doubled,
    one reads what nobody writes, or they read each other in a circle.
    """

    def __init__(self, analyzers: Iterable[Analyzer]) -> None:
        self.analyzers: tuple[Analyzer, ...] = tuple(_ordered(list(analyzers)))

    @classmethod
    def of(cls, only: Iterable[str] | None = None, settings: Settings | None = None) -> Pipeline:
        """The named analyzers (default: all built-in) with what they read."""
        return cls(registry.resolve(only, settings or Settings()))

    @property
    def versions(self) -> dict[str, str]:
        """Analyzer name -> version, in running order."""
        return {analyzer.name: analyzer.version for analyzer in self.analyzers}

    @property
    def metrics(self) -> dict[str, Metric]:
        """Result column -> its description, in column order."""
        return {
            column(analyzer.name, metric.name): metric
            for analyzer in self.analyzers
            for metric in analyzer.metrics
        }

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns that must come from outside, in first-use order."""
        written = set(self.metrics)
        return tuple(
            dict.fromkeys(
                name
                for analyzer in self.analyzers
                for name in analyzer.reads
                if name not in written
            )
        )

    def apply(self, frame: pl.LazyFrame, *, evidence: bool = False) -> pl.LazyFrame:
        """Append each analyzer's columns; rows and their order stay as they are.

        Context columns that are missing are taken as null and stay out of the
        result; a missing base column raises InputError. ``evidence=True`` appends the list column
        ``evidence`` (see ``schema.EVIDENCE_DTYPE``).
        """
        frame, added = self._checked(frame)
        for analyzer in self.analyzers:
            frame = _step(frame, analyzer)
        if evidence:
            frame = frame.with_columns(self._evidence_expr(frame.collect_schema().names()))
        return frame.drop(added)

    def run(self, frame: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, float]]:
        """``apply`` on rows in memory, and the seconds that each analyzer took."""
        lazy, added = self._checked(frame.lazy())
        seconds: dict[str, float] = {}
        for analyzer in self.analyzers:
            started = time.perf_counter()
            lazy = _step(lazy, analyzer).collect().lazy()
            seconds[analyzer.name] = time.perf_counter() - started
        return lazy.drop(added).collect(), seconds

    def _checked(self, frame: pl.LazyFrame) -> tuple[pl.LazyFrame, list[str]]:
        """``frame`` with everything that is read, and the names that were added for that."""
        names = frame.collect_schema().names()
        present = set(names)
        clash = [name for name in self.metrics if name in present]
        if clash:
            raise InputError(
                f"the table already holds {', '.join(clash)}",
                next_step="Drop those columns, or choose analyzers that do not write them.",
            )
        missing = [name for name in self.reads if name not in present]
        strange = [name for name in missing if name not in CONTEXT_SCHEMA]
        if strange:
            raise InputError(
                f"the table has no column {strange[0]!r}",
                next_step=f"Rename or add it; the columns here are: {', '.join(names)}.",
            )
        nulls = [pl.lit(None, CONTEXT_SCHEMA[name]).alias(name) for name in missing]
        return frame.with_columns(nulls), missing

    def explain(self, row: Mapping[str, Any]) -> list[Evidence]:
        """The evidence of every analyzer for one analysed row, in text order."""
        found = [item for analyzer in self.analyzers for item in analyzer.explain(row)]
        return sorted(found, key=lambda item: (item.start, item.end, item.analyzer, item.label))

    def _evidence_expr(self, present: Sequence[str]) -> pl.Expr:
        # Context that no number needs may still be quoted: the article's sentences.
        read = {*self.reads, *CONTEXT_SCHEMA}
        columns = [name for name in present if name in read or name in self.metrics]

        def call(series: pl.Series) -> pl.Series:
            rows = (
                [asdict(item) for item in self.explain(row)]
                for row in series.struct.unnest().iter_rows(named=True)
            )
            return pl.Series("evidence", list(rows), dtype=EVIDENCE_DTYPE)

        expression = pl.struct(columns).map_batches(
            call, return_dtype=EVIDENCE_DTYPE, is_elementwise=True
        )
        return expression.alias("evidence")


def _step(frame: pl.LazyFrame, analyzer: Analyzer) -> pl.LazyFrame:
    return frame.with_columns(analyzer.expr().alias(analyzer.name)).unnest(
        analyzer.name, separator=SEPARATOR
    )


def _ordered(analyzers: Sequence[Analyzer]) -> list[Analyzer]:
    """Topological order, stable in the order given."""
    by_name: dict[str, Analyzer] = {}
    writer: dict[str, str] = {}
    for analyzer in analyzers:
        if analyzer.name in by_name:
            raise AnalyzerContractError(
                f"two analyzers are called {analyzer.name!r}",
                next_step="Rename one of them, or leave one out.",
            )
        if SEPARATOR in analyzer.name:
            raise AnalyzerContractError(
                f"the analyzer name {analyzer.name!r} holds {SEPARATOR!r}",
                next_step="Use one word.",
            )
        by_name[analyzer.name] = analyzer
        if len(struct_dtype(analyzer.metrics).fields) != len(analyzer.metrics):
            raise AnalyzerContractError(
                f"analyzer {analyzer.name!r} declares a metric twice",
                next_step="Give each metric its own name.",
            )
        for metric in analyzer.metrics:
            writer[column(analyzer.name, metric.name)] = analyzer.name
    known = set(COMMENT_SCHEMA) | set(CONTEXT_SCHEMA)
    needs: dict[str, set[str]] = {}
    for analyzer in analyzers:
        for name in analyzer.reads:
            if name not in writer and name not in known:
                raise AnalyzerContractError(
                    f"analyzer {analyzer.name!r} reads {name!r}, which nothing writes",
                    next_step="Add the analyzer that writes it.",
                )
        needs[analyzer.name] = {writer[name] for name in analyzer.reads if name in writer}
    ordered: list[Analyzer] = []
    done: set[str] = set()
    waiting = list(by_name)
    while waiting:
        ready = next((name for name in waiting if needs[name] <= done), None)
        if ready is None:
            raise AnalyzerContractError(
                f"analyzers read each other in a circle: {', '.join(waiting)}",
                next_step="Break the circle: one of them must read base columns only.",
            )
        waiting.remove(ready)
        done.add(ready)
        ordered.append(by_name[ready])
    return ordered
