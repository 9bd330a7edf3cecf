"""Scores -> a recommendation that names its rule and the words behind it.

A policy is an ordered list of rules over result columns. The first rule that
fits a comment decides; where none fits, the recommendation is ``approve``. A
recommendation is never a decision: only a person makes one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal, get_args

import polars as pl

from toolkit.errors import SettingsError
from toolkit.records import Evidence, Recommendation
from toolkit.schema import SEPARATOR

Action = Literal["approve", "review", "reject"]
ACTION_DTYPE: Final = pl.Enum(get_args(Action))

#: ``recommendation__rule`` where no rule fits.
NO_RULE: Final = "no_rule"

_RULE_KEYS: Final = {"name", "column", "lower", "upper", "when_null", "action"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Fits where ``lower <= column <= upper``, or where the column is null.

    With ``when_null`` the bounds are not looked at: unknown is neither low nor high.
    """

    name: str
    column: str
    action: Action
    lower: float = float("-inf")
    upper: float = float("inf")
    when_null: bool = False

    def expr(self) -> pl.Expr:
        """Boolean, never null."""
        value = pl.col(self.column)
        if self.when_null:
            return value.is_null()
        return value.is_between(self.lower, self.upper).fill_null(False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """An ordered list of rules with a version."""

    version: str
    rules: tuple[Rule, ...]

    @classmethod
    def default(cls) -> Policy:
        """The policy that ships with the package; it recommends reviews only."""
        text = (files("toolkit.moderation") / "default_policy.toml").read_text(encoding="utf-8")
        return cls._from_table(tomllib.loads(text), "the default policy")

    @classmethod
    def from_toml(cls, path: Path) -> Policy:
        """Read a policy file. Raises SettingsError naming the rule that is wrong."""
        try:
            table = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SettingsError(
                f"{path} cannot be read as a policy: {error}", next_step="Mend the TOML file."
            ) from error
        return cls._from_table(table, str(path))

    @classmethod
    def _from_table(cls, table: Mapping[str, Any], source: str) -> Policy:
        rules: list[Rule] = []
        for number, entry in enumerate(table.get("rule", []), start=1):
            problem = _problem(entry, {rule.name for rule in rules})
            if problem:
                raise SettingsError(
                    f"{source}, rule {number}: {problem}",
                    next_step="Each rule has name, column, action and lower, upper or when_null.",
                )
            rules.append(Rule(**entry))
        if not rules or not isinstance(table.get("version"), str):
            raise SettingsError(
                f"{source} holds no rules or no version",
                next_step='Write version = "1" and at least one [[rule]].',
            )
        return cls(version=table["version"], rules=tuple(rules))

    def apply(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """Append ``recommendation__action``, ``__rule`` and ``__score``, row by row.

        ``score`` is the value of the rule's column (null where none fits).
        Rules on columns that the frame lacks are left out, so that a run with
        fewer analyzers still gets what its columns can say.
        """
        names = set(frame.collect_schema().names())
        action: pl.Expr = pl.lit("approve")
        name: pl.Expr = pl.lit(NO_RULE)
        score: pl.Expr = pl.lit(None, pl.Float64)
        # Wrapped from the last rule outwards, so that the first that fits wins.
        for rule in reversed([rule for rule in self.rules if rule.column in names]):
            fits = rule.expr()
            action = pl.when(fits).then(pl.lit(rule.action)).otherwise(action)
            name = pl.when(fits).then(pl.lit(rule.name)).otherwise(name)
            score = pl.when(fits).then(pl.col(rule.column).cast(pl.Float64)).otherwise(score)
        return frame.with_columns(
            action.cast(ACTION_DTYPE).alias("recommendation__action"),
            name.alias("recommendation__rule"),
            score.alias("recommendation__score"),
        )


def recommendations(frame: pl.DataFrame, policy: Policy) -> list[Recommendation]:
    """One record a row of an analysed frame; evidence is that of the rule's analyzer.

    ``frame`` needs ``comment_id``; where it has ``evidence``, its spans are carried along.
    """
    columns = {rule.name: rule.column for rule in policy.rules}
    found = []
    for row in policy.apply(frame.lazy()).collect().iter_rows(named=True):
        rule = row["recommendation__rule"]
        analyzer = columns.get(rule, "").partition(SEPARATOR)[0]
        found.append(
            Recommendation(
                comment_id=row["comment_id"],
                action=row["recommendation__action"],
                rule=rule,
                evidence=tuple(
                    Evidence(**item)
                    for item in row.get("evidence") or ()
                    if item["analyzer"] == analyzer
                ),
            )
        )
    return found


def _problem(entry: Any, taken: set[str]) -> str | None:
    if not isinstance(entry, dict):
        return "it is no table"
    for key in ("name", "column", "action"):
        if not isinstance(entry.get(key), str):
            return f"{key} is missing or no text"
    unknown = set(entry) - _RULE_KEYS
    if unknown:
        return f"unknown field {', '.join(sorted(unknown))}"
    if entry["action"] not in get_args(Action):
        return f"action {entry['action']!r} is none of {', '.join(get_args(Action))}"
    if entry["name"] in taken:
        return f"the name {entry['name']!r} is taken"
    bounds = [entry[key] for key in ("lower", "upper") if key in entry]
    if not all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in bounds):
        return "lower and upper are numbers"
    if bool(bounds) == bool(entry.get("when_null")):
        return "give either bounds or when_null = true"
    if entry.get("lower", float("-inf")) > entry.get("upper", float("inf")):
        return "lower is above upper"
    return None
