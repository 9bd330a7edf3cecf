"""Findings of a comparison: every clear difference, what is not clear, and cautions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from toolkit.reporting.compare_data import MIN_CLUSTERS, Compared
from toolkit.reporting.corpus_data import CorpusData, Totals
from toolkit.reporting.corpus_findings import part_of
from toolkit.reporting.findings import Finding

#: What the two sides are called.
SIDES: Final = ("A", "B")


def find_comparison(
    sides: Sequence[CorpusData], totals: Sequence[Totals], compared: Sequence[Compared]
) -> list[Finding]:
    """The findings of a comparison, in reading order."""
    counts = " and ".join(
        f"{total.comments:,} comment{'' if total.comments == 1 else 's'} in {letter}"
        for letter, total in zip(SIDES, totals, strict=True)
    )
    found = [Finding("count-comparison", (f"{counts}.",))]
    headlines = [item for item in compared if item.measure.headline]
    clear = [item for item in headlines if item.verdict in ("higher", "lower")]
    found += [Finding(f"difference-{item.measure.name}", (_difference(item),)) for item in clear]
    unclear = [item for item in headlines if item.verdict == "no clear difference"]
    if unclear:
        listed = "; ".join(thing(item) for item in unclear)
        said = f"No clear difference: {listed}. That is no proof that there is none."
        found.append(Finding("difference-none", (said,)))
    few = [item for item in headlines if item.verdict == "too few to compare"]
    if few:
        listed = "; ".join(thing(item) for item in few)
        found.append(Finding("difference-few", (f"Too few to compare: {listed}.",)))
    details = [item for item in compared if not item.measure.headline]
    sure = [item for item in details if item.verdict in ("higher", "lower")]
    if sure:
        said = f"Of {len(details)} single labels and categories, {len(sure)} differ clearly"
        found.append(Finding("difference-details", (f"{said}; the table lists them.",)))
    found += [Finding("caution", (said,)) for said in _cautions(sides, compared)]
    return found


def thing(item: Compared) -> str:
    """What was compared, as a noun."""
    measure = item.measure
    return f"comments that {measure.title}" if measure.kind == "share" else measure.title


def _difference(item: Compared) -> str:
    difference = item.difference
    assert difference is not None, "only what was compared differs"
    if item.measure.kind == "share":
        one, two = (
            part_of(round(side.value), side.total) for side in (item.first, item.second)
        )  # fmt: skip
        return (
            f"{one} in A {item.measure.title}, {two} in B: {signed(item)} ({span(item)})."
        )  # fmt: skip
    one, two = (f"{side.ratio or 0.0:.2f}" for side in (item.first, item.second))
    title = item.measure.title
    return (
        f"{title[0].upper()}{title[1:]}: {one} on average in A, {two} in B: {signed(item)} "
        f"({span(item)})."
    )


def signed(item: Compared) -> str:
    """The difference with its sign: percentage points for shares, the unit for means."""
    if item.difference is None:
        return "–"
    return _number(item.difference.value, item.measure.kind) + (
        " points" if item.measure.kind == "share" else ""
    )


def span(item: Compared) -> str:
    """The interval of the difference, in the same unit."""
    if item.difference is None:
        return "–"
    ends = (item.difference.low, item.difference.high)
    return " to ".join(_number(end, item.measure.kind) for end in ends)


def _number(value: float, kind: str) -> str:
    value = value * 100 if kind == "share" else value
    # Digits enough that an end which is not 0 does not look like 0.
    digits = 1 if kind == "share" and abs(value) >= 0.05 else 2
    return f"{value:+.{digits}f}".replace("-", "−")


def _cautions(sides: Sequence[CorpusData], compared: Sequence[Compared]) -> Iterable[str]:
    first, second = (dict(side.versions) for side in sides)
    other = [name for name in first if name in second and first[name] != second[name]]
    if other:
        listed = ", ".join(f"{name} ({first[name]} and {second[name]})" for name in other)
        yield (
            f"The two sides were measured by different versions of {listed}, so a difference may "
            "be theirs and not the comments’."
        )
    if any(item.difference is not None and not item.by_article for item in compared):
        yield (
            "The intervals take each comment for itself. Comments under one article resemble one "
            f"another, and here are too few articles (under {MIN_CLUSTERS}) to allow for that, so "
            "the true uncertainty is larger."
        )
