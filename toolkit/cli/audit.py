"""``toolkit audit``: how good the toxicity backends are, and for whom."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.cli.console import say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.table import Table

    from toolkit.inference import ToxicityModel
    from toolkit.inference.audit import AuditData, BackendAudit, Scored
    from toolkit.inference.audit.run import GroupAudit, SwapAudit

#: Groups and words with fewer rows stand in the JSON alone.
_SHOWN_ROWS = 10


def audit(
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="FILE", help="Labelled comments: .csv or .jsonl."),
    ] = None,
    text: Annotated[str, typer.Option("--text", metavar="COL", help="Column of texts.")] = "text",
    label: Annotated[
        str,
        typer.Option("--label", metavar="COL", help="Column of labels: true, 0 to 1, toxic."),
    ] = "label",
    group: Annotated[
        str | None,
        typer.Option("--group", metavar="COL", help="Column of groups a comment is about."),
    ] = None,
    backend: Annotated[
        list[str] | None,
        typer.Option("--backend", metavar="NAME", help="Backend to audit. Repeatable."),
    ] = None,
    target_precision: Annotated[
        float | None,
        typer.Option(
            "--target-precision",
            metavar="SHARE",
            help="Threshold at which so many flags are right.",
        ),
    ] = None,
    review_budget: Annotated[
        float | None,
        typer.Option(
            "--review-budget", metavar="SHARE", help="Threshold that flags at most this share."
        ),
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", metavar="OUT", help="Write everything as JSON.")
    ] = None,
    pdf: Annotated[
        Path | None, typer.Option("--pdf", metavar="OUT", help="Write a PDF on the audit.")
    ] = None,
) -> None:
    """Audit toxicity backends on the built-in functional suite, or on your own labels.

    Prints the tables to stdout. docs/audit.md explains every number.

    Example: toolkit audit --backend linear --review-budget 0.05
    """
    from rich.console import Console

    from toolkit.inference.audit import (
        Wish,
        audit_backend,
        read_data,
        suite_data,
        swap_data,
        to_json,
    )
    from toolkit.inference.backends import open_backend
    from toolkit.settings import Settings

    settings = Settings.load()
    wish = Wish(precision=target_precision, review_budget=review_budget)
    rows = suite_data() if data is None else read_data(data, text=text, label=label, group=group)
    for reason, count in rows.skipped.items():
        say(f"{count:,} rows of {rows.name} were left out: {reason}.")
    swaps = swap_data()
    audits = []
    for name in dict.fromkeys(backend or [settings.toxicity]):
        model = open_backend(name, settings)
        swapped = (swaps, _scored(swaps, name, model))
        audits.append(audit_backend(rows, _scored(rows, name, model), swaps=swapped, wish=wish))
    console = Console(emoji=False)
    for table in _tables(rows, audits):
        console.print(table)
    if rows.functions is not None and (target_precision or review_budget):
        say("The suite is no sample of your comments: for thresholds give --data.")
    if json_file is not None:
        from toolkit.tables import whole_file

        with whole_file(json_file) as target:
            content = json.dumps(
                to_json(rows, audits), ensure_ascii=False, allow_nan=False, indent=2
            )
            target.write_text(content + "\n", encoding="utf-8")
        say(f"Wrote {json_file}")
    if pdf is not None:
        from toolkit.reporting.audit import write_audit_report

        write_audit_report(rows, audits, pdf)
        say(f"Wrote {pdf}")


def _scored(data: AuditData, backend: str, model: ToxicityModel) -> Scored:
    """Scores as the toolkit gives them: through the analyzer, with its reasons for null."""
    import numpy as np
    import polars as pl

    from toolkit.analyzers.language import LanguageAnalyzer
    from toolkit.analyzers.toxicity import ToxicityAnalyzer
    from toolkit.inference.audit import Scored
    from toolkit.pipeline import Pipeline

    pipeline = Pipeline([LanguageAnalyzer(), ToxicityAnalyzer(model)])
    frame = pipeline.apply(pl.LazyFrame({"text": data.texts}, schema={"text": pl.String})).collect()
    scores = frame["toxicity__toxicity"].to_list()
    return Scored(
        backend=backend,
        version=model.version,
        threshold=model.review_threshold,
        toxicity=np.array([math.nan if score is None else score for score in scores], np.float64),
        reasons=tuple(frame["toxicity__null_reason"].cast(pl.String).to_list()),
    )


def _tables(data: AuditData, audits: Sequence[BackendAudit]) -> list[Table]:
    found = [_overview(data, audits)]
    if data.functions is not None:
        found.append(_function_table(audits))
    if any(one.groups for one in audits):
        found.append(_group_table("By group", [(one.backend, one.groups) for one in audits]))
    swaps = [(one.backend, one.swaps.groups) for one in audits if one.swaps is not None]
    found.append(_group_table("By group, in identity swaps", swaps))
    if any(one.terms for one in audits):
        found.append(_term_table(audits))
    if any(one.recommendations for one in audits):
        found.append(_threshold_table(audits))
    return found


def _overview(data: AuditData, audits: Sequence[BackendAudit]) -> Table:
    table = _table(f"{data.name}: {len(data.texts):,} rows, {int(data.truth.sum()):,} toxic",
                   "", *(one.backend for one in audits))  # fmt: skip
    table.add_row("version", *(one.version for one in audits))
    table.add_row("rows with a score", *(f"{one.scored:,}" for one in audits))
    table.add_row("no score", *(_reasons(one) for one in audits))
    table.add_row("AUC", *(number(one.auc) for one in audits))
    table.add_row("average precision", *(number(one.average_precision) for one in audits))
    table.add_row("calibration error", *(number(one.calibration_error) for one in audits))
    table.add_row("Brier score", *(number(one.brier) for one in audits))
    table.add_row("review threshold", *(number(one.threshold) for one in audits))
    for name in ("precision", "recall", "f1", "false_positive_rate"):
        shown = "F1" if name == "f1" else name.replace("_", " ")
        table.add_row(f"  {shown} there", *(number(getattr(one.own, name)) for one in audits))
    table.add_row(
        "best F1 (at)",
        *(
            "–" if one.best_f1 is None
            else f"{number(one.best_f1.f1)} ({number(one.best_f1.threshold)})"
            for one in audits
        ),
    )  # fmt: skip
    for place, at in enumerate(audits[0].operating):
        table.add_row(
            f"F1 at {at.threshold:g}", *(number(one.operating[place].f1) for one in audits)
        )
    for name, value in audits[0].bias.items():
        if value is not None:
            shown = name.replace("_auc", "").upper().replace("SUBGROUP", "subgroup")
            table.add_row(f"{shown} AUC, power mean", *(number(one.bias[name]) for one in audits))
    if data.functions is not None:
        table.add_row("cases right", *(number(one.right) for one in audits))
    for name, told in _SWAP_ROWS.items():
        table.add_row(name, *("–" if one.swaps is None else told(one.swaps) for one in audits))
    return table


def _function_table(audits: Sequence[BackendAudit]) -> Table:
    table = _table("Cases right by function", "function", "label", "cases",
                   *(one.backend for one in audits))  # fmt: skip
    for place, first in enumerate(audits[0].functions):
        cells = []
        for one in audits:
            found = one.functions[place]
            cells.append(
                f"{found.share:.0%}" + (f" ({found.unscored} null)" * (found.unscored > 0))
            )
        table.add_row(first.function, "toxic" if first.toxic else "civil", str(first.cases), *cells)
    return table


def _group_table(title: str, audits: Sequence[tuple[str, Sequence[GroupAudit]]]) -> Table:
    title = f"{title} of {_SHOWN_ROWS} rows or more: subgroup, BPSN, BNSP AUC; false-positive rate"
    table = _table(title,
                   "group", "toxic/rows", *(backend for backend, _ in audits))  # fmt: skip
    sizes = {
        one.group: f"{one.toxic}/{one.rows}"
        for _, groups in audits
        for one in groups
        if one.rows >= _SHOWN_ROWS
    }
    for group, size in sizes.items():
        cells = []
        for _, groups in audits:
            one = next((found for found in groups if found.group == group), None)
            values = () if one is None else (
                one.subgroup_auc, one.bpsn_auc, one.bnsp_auc, one.false_positive_rate
            )  # fmt: skip
            cells.append("  ".join(map(number, values)) or "–")
        table.add_row(_plain(group), size, *cells)
    return table


def _term_table(audits: Sequence[BackendAudit]) -> Table:
    table = _table("Civil rows with words for a group: share flagged (95 % interval)",
                   "words for", "civil", *(one.backend for one in audits))  # fmt: skip
    for first in audits[0].terms:
        if first.civil < _SHOWN_ROWS:
            continue
        cells = []
        for one in audits:
            found = next((t for t in one.terms if t.term == first.term), None)
            cells.append("–" if found is None else f"{found.false_positive_rate:.0%} "
                         f"({found.interval[0]:.0%} to {found.interval[1]:.0%})")  # fmt: skip
        table.add_row(first.term, str(first.civil), *cells)
    return table


def _threshold_table(audits: Sequence[BackendAudit]) -> Table:
    table = _table("Thresholds for your wish (medians and 95 % intervals on left-out rows)",
                   "backend", "wish", "threshold", "precision", "recall", "flagged")  # fmt: skip
    for one in audits:
        for found in one.recommendations:
            table.add_row(
                one.backend,
                f"{found.wish.replace('_', ' ')} {found.target:g}",
                "not reached" if found.threshold is None
                else _with(found.threshold, found.threshold_interval),
                _with(found.precision, found.precision_interval),
                _with(found.recall, found.recall_interval),
                _with(found.flagged, found.flagged_interval),
            )  # fmt: skip
    return table


def _false_positives(swaps: SwapAudit) -> str:
    return number(swaps.groups[0].false_positive_rate if swaps.groups else None)


def _bpsn(swaps: SwapAudit) -> str:
    return number(swaps.groups[0].bpsn_auc if swaps.groups else None)


_SWAP_ROWS: dict[str, Callable[[SwapAudit], str]] = {
    "identity swaps that flip": lambda swaps: f"{swaps.flips} of {swaps.sets}",
    "  gap of a set, mean": lambda swaps: number(swaps.mean_gap),
    "  false positive rate": _false_positives,
    "  BPSN AUC": _bpsn,
}


def _table(title: str, *headings: str) -> Table:
    from rich.table import Table

    table = Table(title=_plain(title), title_justify="left")
    for place, heading in enumerate(headings):
        # A name cut short could not be looked up, so numbers give way first.
        table.add_column(
            _plain(heading),
            justify="left" if place == 0 else "right",
            no_wrap=place == 0,
            overflow="fold",
        )
    return table


def _plain(text: str) -> str:
    """Text of a file, as rich shows it and not as markup or terminal codes."""
    from rich.markup import escape

    return escape("".join(letter if letter.isprintable() else "�" for letter in text))


def _reasons(one: BackendAudit) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in one.unscored.items()) or "0"


def number(value: float | None) -> str:
    """Three decimals, or a dash for what cannot be said."""
    return "–" if value is None else f"{value:.3f}"


def _with(value: float | None, interval: tuple[float, float] | None) -> str:
    if value is None or interval is None:
        return number(value)
    return f"{value:.3f} ({interval[0]:.3f} to {interval[1]:.3f})"
