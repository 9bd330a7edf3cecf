"""``toolkit calibrate``: from a site's own decisions, or from another service's scores."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from toolkit.cli.console import say
from toolkit.cli.options import Lexicon, Toxicity, load_settings

if TYPE_CHECKING:
    from toolkit.moderation.calibration import Fit, Match


def calibrate(
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", help="Where the calibration lands.")
    ],
    labels: Annotated[
        Path | None,
        typer.Option(
            "--labels",
            metavar="FILE",
            help="Your decisions: text and a column named as an attribute, or label. "
            ".csv, .jsonl (the server's suggestions too) or .parquet.",
        ),
    ] = None,
    match_scores: Annotated[
        Path | None,
        typer.Option(
            "--match-scores",
            metavar="FILE",
            help="Another service's scores: text (or comment_id) and a column of each attribute.",
        ),
    ] = None,
    comments: Annotated[
        Path | None,
        typer.Option("--comments", metavar="FILE", help="Texts by comment_id, for --match-scores."),
    ] = None,
    attribute: Annotated[
        list[str] | None,
        typer.Option("--attribute", metavar="NAME", help="Attribute to calibrate. Repeatable."),
    ] = None,
    lexicon: Lexicon = None,
    toxicity: Toxicity = None,
) -> None:
    """Fit a map from our scores to your decisions, for toolkit serve --calibration.

    Example: toolkit calibrate --labels decisions.csv -o calibration.json
    """
    from toolkit.errors import SettingsError
    from toolkit.web.perspective import fitting

    settings = load_settings(lexicon, toxicity)
    wanted = attribute or []
    if (labels is None) == (match_scores is None):
        raise SettingsError(
            "a calibration is made from labels or from old scores",
            next_step="Give either --labels FILE or --match-scores FILE.",
        )
    if labels is not None:
        made, fits, skipped = fitting.calibrate(fitting.read_table(labels), wanted, settings)
        typer.echo(_fit_table(fits), nl=False)
        for name, found in fits.items():
            if found.brier_after > found.brier_before:
                say(f"{name}: on labels it has not seen the map does worse than no map.")
    else:
        assert match_scores is not None
        texts = None if comments is None else fitting.read_table(comments)
        made, matches, skipped = fitting.carry_over(
            fitting.read_table(match_scores), wanted, settings, texts
        )
        typer.echo(_match_table(matches), nl=False)
    for name, number in skipped.items():
        if number:
            say(f"{name}: {number} rows without a text, a usable value or a score were left out.")
    made.write(output)
    say(f"{output}: calibration {made.version}")


def _fit_table(fits: dict[str, Fit]) -> str:
    lines = ["attribute\tlabels\tpositives\tbrier before\tafter\tece before\tafter\n"]
    lines += [
        f"{name}\t{found.labels}\t{found.positives:.3f}\t{found.brier_before:.4f}"
        f"\t{found.brier_after:.4f}\t{found.ece_before:.4f}\t{found.ece_after:.4f}\n"
        for name, found in fits.items()
    ]
    return "".join(lines)


def _match_table(matches: dict[str, Match]) -> str:
    lines = []
    for name, found in matches.items():
        lines.append(
            f"{name}\t{found.comments} comments\trank correlation {found.rank_correlation:.3f}\n"
            "old threshold\tshare at or above\tour score\tsame side\n"
        )
        lines += [
            f"{row.old:.2f}\t{row.share:.4f}\t{row.score:.4f}\t{row.agreement:.4f}\n"
            for row in found.thresholds
        ]
    return "".join(lines)
