"""An audit of toxicity backends as a PDF."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import polars as pl
import typst
from matplotlib.figure import Figure

from toolkit.errors import InternalError, OutputError
from toolkit.inference.audit import AuditData, BackendAudit
from toolkit.inference.audit.run import GroupAudit
from toolkit.reporting.fonts import font_set
from toolkit.reporting.style import (
    BLUE,
    FAINT,
    GREEN,
    GREY,
    INK,
    VERMILLION,
    WIDTH,
    place_axes,
    render,
)
from toolkit.reporting.writer import Writer

#: What the PDF conforms to.
STANDARDS: Final = ("ua-1", "a-2a")
#: Groups and words with fewer rows stand in the JSON alone.
MIN_ROWS: Final = 10
#: Bins of the reliability curve with fewer rows are not drawn.
MIN_BIN: Final = 5

_LOOKS: Final = ((BLUE, "o"), (VERMILLION, "D"), (GREEN, "s"), (GREY, "^"), (INK, "v"))

_SWAPS: Final = (
    "The same sentences with one group in the place of another: a verdict must not change with "
    "the group."
)
_NOTES: Final = (
    "AUC: the probability that a toxic comment scores above a civil one. Average precision: the "
    "mean precision over all thresholds, weighted by what each adds to recall.",
    "Calibration error: how far scores lie from the share that is toxic in truth, over ten bins.",
    "Subgroup AUC: the AUC among comments that name the group. BPSN: toxic comments without the "
    "group against civil ones with it; low where naming the group is taken for an offence. BNSP: "
    "civil comments without it against toxic ones with it (Borkan et al. 2019).",
    "Intervals hold with a probability of 95 percent: Wilson's for shares; for thresholds the "
    "bootstrap's, judged on the rows that each sample left out.",
)


def write_audit_report(data: AuditData, audits: Sequence[BackendAudit], path: Path) -> None:
    """Write the PDF (PDF/UA-1 and PDF/A-2a) to ``path``.

    Raises OutputError where that cannot be done.
    """
    from toolkit.tables import whole_file

    content = _set(build(data, audits), reliability(audits))
    try:
        with whole_file(path) as target:
            target.write_bytes(content)
    except OSError as error:
        raise OutputError(
            f"the audit cannot be written to {path}: {error.strerror or error}",
            next_step="Choose another file, or make its folder writable.",
        ) from error


def build(data: AuditData, audits: Sequence[BackendAudit]) -> dict[str, Any]:
    """What the template sets, as JSON values; every text is made safe to set."""
    writer = Writer(mask_slurs=False)
    names = [writer.label(one.backend, 24) for one in audits]
    toxic = int(data.truth.sum())
    about = f"{writer.label(data.name, 60)}: {len(data.texts):,} comments, {toxic:,} of them toxic."
    swaps = [
        (name, one.swaps.groups)
        for name, one in zip(names, audits, strict=True)
        if one.swaps is not None
    ]
    own = [(name, one.groups) for name, one in zip(names, audits, strict=True)]
    groups = [
        _groups(title, some, note, writer)
        for title, note, whole in (("Groups", "", own), ("Identity swaps", _SWAPS, swaps))
        for some in (whole[place : place + 2] for place in range(0, len(whole), 2))
    ]
    groups.append(_terms(names, audits, writer))
    return {
        "title": "Toxicity audit",
        "fonts": font_set().families("en"),
        "about": about,
        "overview": {"header": ["", *names], "rows": _overview(audits, writer)},
        "figure": _figure_words(audits, names),
        "functions": _functions(names, audits, writer),
        "groups": [part for part in groups if part["rows"]],
        "thresholds": _thresholds(data, names, audits),
        "notes": list(_NOTES),
    }


def reliability(audits: Sequence[BackendAudit]) -> pl.DataFrame:
    """The points of the calibration figure: backend, score, share, low, high, rows."""
    return pl.DataFrame(
        [
            {
                "backend": one.backend,
                "score": found.mean_score,
                "share": found.share_toxic,
                "low": found.interval[0],
                "high": found.interval[1],
                "rows": found.rows,
            }
            for one in audits
            for found in one.reliability
            if found.rows >= MIN_BIN and found.interval is not None
        ],
        schema={
            "backend": pl.String,
            "score": pl.Float64,
            "share": pl.Float64,
            "low": pl.Float64,
            "high": pl.Float64,
            "rows": pl.Int64,
        },
    )


def draw_reliability(frame: pl.DataFrame) -> Figure:
    """Share toxic in truth against mean score, with 95 percent intervals."""
    figure = Figure(figsize=(WIDTH, 2.9))
    axes = place_axes(figure, bottom=0.42, height=2.38, right=2.4)
    axes.plot([0, 1], [0, 1], color=FAINT, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    backends = frame["backend"].unique(maintain_order=True).to_list()
    for place, backend in enumerate(backends):
        colour, shape = _LOOKS[place % len(_LOOKS)]
        part = frame.filter(pl.col("backend") == backend)
        axes.vlines(part["score"], part["low"], part["high"], color=colour, alpha=0.45, linewidth=1)
        axes.plot(
            part["score"], part["share"], color=colour, marker=shape, markersize=4,
            linewidth=1, label=backend, zorder=3,
        )  # fmt: skip
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_xlabel("mean score")
    axes.set_ylabel("share toxic")
    axes.legend(loc="upper left", bbox_to_anchor=(1.02, 1), frameon=False)
    return figure


def _set(body: dict[str, Any], frame: pl.DataFrame) -> bytes:
    with tempfile.TemporaryDirectory(prefix="toolkit-audit-") as folder:
        root = Path(folder)
        template = files("toolkit.reporting").joinpath("audit.typ").read_text(encoding="utf-8")
        (root / "audit.typ").write_text(template, encoding="utf-8")
        (root / "data.json").write_text(json.dumps(body), encoding="utf-8")
        if body["figure"] is not None:
            drawn = render(draw_reliability, frame, title="calibration")
            (root / "calibration.svg").write_bytes(drawn)
        fonts = font_set()
        (root / "fonts").mkdir()
        for file in fonts.files:
            shutil.copyfile(file, root / "fonts" / file.name)
        try:
            made = typst.compile(
                str(root / "audit.typ"),
                root=str(root),
                font_paths=[*map(str, fonts.folders), str(root / "fonts")],
                ignore_system_fonts=True,
                format="pdf",
                pdf_standards=list(STANDARDS),
            )
        except typst.TypstError as error:
            raise InternalError(
                f"the audit could not be set: {error}", next_step="Please report this."
            ) from error
    if not isinstance(made, bytes):
        raise InternalError("typst gave back no PDF", next_step="Please report this.")
    return made


def _overview(audits: Sequence[BackendAudit], writer: Writer) -> list[list[str]]:
    rows = [
        ["version", *(writer.label(one.version, 60) for one in audits)],
        ["comments with a score", *(f"{one.scored:,} of {one.rows:,}" for one in audits)],
        ["AUC", *(_number(one.auc) for one in audits)],
        ["average precision", *(_number(one.average_precision) for one in audits)],
        ["calibration error", *(_number(one.calibration_error) for one in audits)],
        ["Brier score", *(_number(one.brier) for one in audits)],
        ["review threshold", *(_number(one.threshold) for one in audits)],
        ["precision there", *(_number(one.own.precision) for one in audits)],
        ["recall there", *(_number(one.own.recall) for one in audits)],
        ["F1 there", *(_number(one.own.f1) for one in audits)],
        ["false-positive rate there", *(_number(one.own.false_positive_rate) for one in audits)],
    ]
    if any(one.right is not None for one in audits):
        rows.append(["functional cases right", *(_number(one.right) for one in audits)])
    swaps = [one.swaps for one in audits if one.swaps is not None]
    if len(swaps) == len(audits):
        rows += [
            ["identity swaps that flip", *(f"{one.flips} of {one.sets}" for one in swaps)],
            ["mean gap of a swap", *(_number(one.mean_gap) for one in swaps)],
        ]
    return rows


def _figure_words(audits: Sequence[BackendAudit], names: Sequence[str]) -> dict[str, str] | None:
    if reliability(audits).is_empty():
        return None
    said = "; ".join(
        f"{name}: calibration error {_number(one.calibration_error)}"
        for name, one in zip(names, audits, strict=True)
    )
    return {
        "alt": f"Reliability curves, the share that is toxic against the mean score. {said}.",
        "caption": "A score of 0.7 should mean that 70 in 100 such comments are toxic: the dashed "
        f"line. Bars are 95 percent intervals; bins under {MIN_BIN} comments are left out.",
    }


def _functions(
    names: Sequence[str], audits: Sequence[BackendAudit], writer: Writer
) -> dict[str, Any] | None:
    if not audits[0].functions:
        return None
    rows = []
    for place, first in enumerate(audits[0].functions):
        label = "toxic" if first.toxic else "civil"
        shares: list[float] = [one.functions[place].share for one in audits]
        name = writer.label(first.function.replace("_", " "), 60)
        rows.append([name, label, str(first.cases), *shares])
    return {"header": ["function", "label", "cases", *names], "rows": rows}


def _groups(
    title: str,
    audits: Sequence[tuple[str, Sequence[GroupAudit]]],
    note: str,
    writer: Writer,
) -> dict[str, Any]:
    measures = ("subgroup AUC", "BPSN", "BNSP", "false positives")
    several = len(audits) > 1
    header = ["group", "toxic / all"]
    header += [f"{name}: {what}" if several else what for name, _ in audits for what in measures]
    sizes = {
        one.group: f"{one.toxic} / {one.rows}"
        for _, groups in audits
        for one in groups
        if one.rows >= MIN_ROWS
    }
    rows = []
    for group, size in sizes.items():
        row = [writer.label(group, 40), size]
        for _, groups in audits:
            one = next((found for found in groups if found.group == group), None)
            row += ["–"] * 4 if one is None else [
                _number(one.subgroup_auc), _number(one.bpsn_auc), _number(one.bnsp_auc),
                _number(one.false_positive_rate),
            ]  # fmt: skip
        rows.append(row)
    told = f"Groups of {MIN_ROWS} comments or more. False positives at the review threshold."
    return {"title": title, "note": f"{note} {told}".strip(), "header": header, "rows": rows}


def _terms(names: Sequence[str], audits: Sequence[BackendAudit], writer: Writer) -> dict[str, Any]:
    rows = []
    for term in audits[0].terms:
        if term.civil < MIN_ROWS:
            continue
        cells = []
        for one in audits:
            found = next((other for other in one.terms if other.term == term.term), None)
            cells.append(
                "–" if found is None else f"{_number(found.false_positive_rate)} "
                f"({_number(found.interval[0])} to {_number(found.interval[1])})"
            )  # fmt: skip
        rows.append([writer.label(term.term, 40), str(term.civil), *cells])
    return {
        "title": "Civil comments with words for a group",
        "note": f"The share that is flagged, with its interval; {MIN_ROWS} comments or more.",
        "header": ["words for", "civil", *names],
        "rows": rows,
    }


def _thresholds(
    data: AuditData, names: Sequence[str], audits: Sequence[BackendAudit]
) -> dict[str, Any] | None:
    rows = [
        [
            name,
            f"{found.wish.replace('_', ' ')} {found.target:g}",
            "not reached" if found.threshold is None else _number(found.threshold),
            _with(found.precision, found.precision_interval),
            _with(found.recall, found.recall_interval),
            _with(found.flagged, found.flagged_interval),
        ]
        for name, one in zip(names, audits, strict=True)
        for found in one.recommendations
    ]
    if not rows:
        return None
    note = "What to expect of the threshold on comments that it was not fitted on."
    if data.functions is not None:
        note += " The suite is no sample of anybody's comments: fit thresholds on your own."
    return {
        "header": ["backend", "wish", "threshold", "precision", "recall", "flagged"],
        "rows": rows,
        "note": note,
    }


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _with(value: float | None, interval: tuple[float, float] | None) -> str:
    if value is None or interval is None:
        return _number(value)
    return f"{value:.3f} ({interval[0]:.3f} to {interval[1]:.3f})"
