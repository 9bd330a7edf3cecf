"""Which queue a comment waits in: rules ``{when, queue}``, tried in order.

``when`` is a list of conditions that must all hold; the first rule whose
conditions hold names the queue, and where none holds it is ``main``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Final

import polars as pl

from toolkit.errors import SettingsError
from toolkit.moderation.policy import Rule

MAIN: Final = "main"
#: Where what was escalated waits for a lead.
ESCALATED: Final = "escalated"
APPEALS: Final = "appeals"
_RESERVED: Final = (ESCALATED, APPEALS)
#: Base columns that ``equals`` can ask for, besides ``recommendation__action``.
TEXT_COLUMNS: Final = (
    "article_id",
    "language__tag",
    "stance__label",
    "source_format",
    "recommendation__action",
    "recommendation__rule",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """``conditions`` are dicts as :class:`toolkit.moderation.policy.Rule` has them.

    ``{"column", "lower", "upper"}``, ``{"column", "when_null": true}``, or
    ``{"column", "equals"}`` for a column of text.
    """

    conditions: tuple[Mapping[str, Any], ...]
    queue: str

    def expr(self, columns: Sequence[str]) -> pl.Expr:
        """Boolean, never null; False where the frame lacks a column of a condition."""
        parts = [_condition(condition, columns) for condition in self.conditions]
        return reduce(lambda left, right: left & right, parts, pl.lit(True))


def checked(conditions: Sequence[Mapping[str, Any]], queue: str) -> Route:
    """A route. Raises SettingsError naming what is wrong with it."""
    name = queue.strip()
    problem = None
    if not name or len(name) > 64 or not name.isprintable():
        problem = "a queue needs a short name"
    elif name in _RESERVED:
        problem = f"the queue {name!r} is filled by the desk itself"
    elif not conditions:
        problem = "a route needs a condition"
    for condition in conditions:
        problem = problem or _problem(condition)
    if problem:
        raise SettingsError(
            problem,
            next_step="A condition is {column, lower, upper}, {column, when_null} or "
            "{column, equals}.",
        )
    return Route(conditions=tuple(conditions), queue=name)


def queue_expr(routes: Sequence[Route], columns: Sequence[str]) -> pl.Expr:
    """The queue's name for each row."""
    found: pl.Expr = pl.lit(MAIN)
    for route in reversed(routes):
        found = pl.when(route.expr(columns)).then(pl.lit(route.queue)).otherwise(found)
    return found


def _condition(condition: Mapping[str, Any], columns: Sequence[str]) -> pl.Expr:
    column = condition["column"]
    if column not in columns:
        return pl.lit(False)
    if "equals" in condition:
        return pl.col(column).cast(pl.String).eq(pl.lit(condition["equals"])).fill_null(False)
    bounds = {key: condition[key] for key in ("lower", "upper") if key in condition}
    return Rule(
        name="",
        column=column,
        action="review",
        when_null=bool(condition.get("when_null")),
        **bounds,
    ).expr()


def _problem(condition: Mapping[str, Any]) -> str | None:
    column = condition.get("column")
    if not isinstance(column, str) or not column:
        return "a condition names no column"
    kinds = [key for key in ("equals", "when_null") if condition.get(key)]
    bounds = [condition[key] for key in ("lower", "upper") if condition.get(key) is not None]
    if len(kinds) + bool(bounds) != 1:
        return f"the condition on {column} is none"
    if "equals" in kinds and column not in TEXT_COLUMNS:
        return f"{column} is no column of text"
    if bounds and column in TEXT_COLUMNS:
        return f"{column} has no bounds, it is text"
    if not all(isinstance(value, (int, float)) for value in bounds):
        return f"the bounds of {column} are no numbers"
    if condition.get("lower", float("-inf")) > condition.get("upper", float("inf")):
        return f"the lower bound of {column} is above the upper one"
    return None
