"""The contract every analyzer keeps, and the one way to wrap a Python function.

An analyzer is one struct-typed, row-wise polars expression with a declared
list of metrics. The same expression serves one comment and ten million, so a
number can never depend on what else was in the batch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import polars as pl

from toolkit.errors import AnalyzerContractError
from toolkit.records import Evidence
from toolkit.schema import Metric


@runtime_checkable
class Analyzer(Protocol):
    """What the pipeline needs to know of an analyzer.

    ``reads`` names columns: base columns (``text``), context (``thesis``), or
    results of another analyzer (``language__tag``), which then runs first.
    ``version`` changes whenever any number it gives can change.
    """

    @property
    def name(self) -> str:
        """One word; the prefix of the result columns."""
        ...

    @property
    def version(self) -> str:
        """Of everything that a number depends on."""
        ...

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns that the expression reads."""
        ...

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """The fields of the struct, in order."""
        ...

    def expr(self) -> pl.Expr:
        """One row-wise expression whose struct fields are ``metrics``, in order."""
        ...

    def explain(self, row: Mapping[str, Any]) -> list[Evidence]:
        """The spans behind the numbers of one row (``reads`` and own results in it)."""
        ...


def struct_dtype(metrics: Sequence[Metric]) -> pl.Struct:
    """The struct an analyzer's expression must return."""
    return pl.Struct({metric.name: metric.dtype for metric in metrics})


def batched(
    name: str,
    reads: Sequence[str],
    metrics: Sequence[Metric],
    function: Callable[[pl.DataFrame], pl.DataFrame],
) -> pl.Expr:
    """Wrap ``function`` (frame of ``reads`` -> frame of ``metrics``) as an expression.

    ``is_elementwise`` lets the streaming engine hand over one morsel at a time
    in place of the whole column. The row count is checked here because polars
    would repeat a one-row answer over the whole batch without a word.

    Raises (at collect): AnalyzerContractError where the frame that comes back
    has another height or other columns than declared.
    """
    dtype = struct_dtype(metrics)
    fields = [metric.name for metric in metrics]

    def call(series: pl.Series) -> pl.Series:
        frame = series.struct.unnest()
        result = function(frame)
        if result.height != frame.height:
            raise AnalyzerContractError(
                f"analyzer {name!r} returned {result.height} rows for {frame.height}",
                next_step="Return exactly one row for each row that was read.",
            )
        if result.columns != fields:
            raise AnalyzerContractError(
                f"analyzer {name!r} returned the columns {result.columns}, declared {fields}",
                next_step="Return the declared metrics, in their declared order.",
            )
        return result.to_struct(name).cast(dtype)

    return pl.struct(list(reads)).map_batches(call, return_dtype=dtype, is_elementwise=True)
