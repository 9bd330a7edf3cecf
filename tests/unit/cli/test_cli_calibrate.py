from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from toolkit.cli import app
from toolkit.errors import (
    DumpReadError,
    EmptySourceError,
    MappingError,
    SettingsError,
    SourceNotFoundError,
    TooFewLabelsError,
    ToolkitError,
    UnknownFormatError,
)
from toolkit.inference.backends import open_backend
from toolkit.moderation.calibration import Calibration
from toolkit.settings import Settings
from toolkit.web.perspective.fitting import calibrate, carry_over, labels_in, read_table

RUDE = ["idiot", "liar", "moron", "stupid fool", "disgusting pig", "pathetic loser"]
CALM = ["neighbour", "baker", "good teacher", "careful reader", "friend", "councillor"]


def table(size: int = 240) -> pl.DataFrame:
    """Half of the comments are rude, and the site removes four of five of these."""
    rng = np.random.default_rng(5)
    rows = []
    for number in range(size):
        rude = number % 2 == 0
        word = (RUDE if rude else CALM)[number % 6]
        rows.append(
            {
                "comment_id": str(number),
                "article_id": str(number // 10),
                "text": f"You are a {word}, as everybody in house {number} can see.",
                "label": "rejected" if rude and rng.random() < 0.8 else "approved",
            }
        )
    return pl.DataFrame(rows)


def test_labels_give_a_calibration_that_can_be_served(tmp_path: Path) -> None:
    table().write_csv(tmp_path / "labels.csv")
    output = tmp_path / "calibration.json"
    ran = CliRunner().invoke(
        app, ["calibrate", "--labels", str(tmp_path / "labels.csv"), "-o", str(output)]
    )
    assert ran.exit_code == 0, ran.output
    made = Calibration.read(output)
    assert made.version in ran.stderr
    header, row = ran.stdout.splitlines()
    assert header.split("\t")[0] == "attribute"
    name, labels, _, before, after, *_ = row.split("\t")
    assert (name, labels) == ("TOXICITY", "240")
    assert float(after) < float(before)
    # Fitted on four of five, it says four of five of what is rude.
    rude = table()["text"][::2].to_list()
    scores = open_backend("encoder", Settings()).predict(rude)[:, 0]
    mapped = [made.maps["TOXICITY"](float(score)) for score in scores]
    assert np.mean(mapped) == pytest.approx(0.8, abs=0.1)
    again = calibrate(read_table(tmp_path / "labels.csv"), [], Settings())[0]
    assert again.version == made.version


def test_labels_are_found_in_each_form() -> None:
    wide = pl.DataFrame({"text": ["a", "b", "a"], "INSULT": [1, 0, 0], "THREAT": [0.5, None, 2]})
    found = labels_in(wide, [])
    assert set(found) == {"INSULT", "THREAT"}
    assert found["INSULT"].texts == ("a", "b")
    assert found["INSULT"].values == (0.0, 0.0)  # the last of two about "a"
    assert found["THREAT"].values == (0.5,)
    assert found["THREAT"].skipped == 2
    long = pl.DataFrame(
        {
            "text": ["a", "b", "a"],
            "attribute": ["TOXICITY", "TOXICITY", "SPAM"],
            "value": [1, 0, 1],
            "language": ["en", None, None],
        }
    )
    assert labels_in(long, ["TOXICITY@6"])["TOXICITY"].languages == ("en", None)
    decided = pl.DataFrame({"text": ["a", "b", " "], "status": ["REJECTED", "PREMOD", "APPROVED"]})
    assert labels_in(decided, [])["TOXICITY"].values == (1.0,)
    assert labels_in(decided, ["INSULT"])["INSULT"].skipped == 2
    with pytest.raises(MappingError, match="no labels for any attribute"):
        labels_in(pl.DataFrame({"text": ["a"], "other": [1]}), [])
    with pytest.raises(MappingError, match="no column 'text'"):
        labels_in(pl.DataFrame({"label": [1]}), [])


def test_old_scores_carry_over_by_text_and_by_id(tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    comments = table().with_columns(pl.Series("TOXICITY", rng.random(240)))
    made, matches, skipped = carry_over(comments, [], Settings())
    assert made.method == "quantile"
    assert matches["TOXICITY"].comments == 240
    assert skipped == {"TOXICITY": 0}
    by_id, _, left_out = carry_over(
        comments.select("comment_id", "TOXICITY"), ["TOXICITY"], Settings(), table(230)
    )
    assert left_out == {"TOXICITY": 10}
    assert by_id.maps.keys() == made.maps.keys()
    comments.write_parquet(tmp_path / "old.parquet")
    ran = CliRunner().invoke(
        app,
        ["calibrate", "--match-scores", str(tmp_path / "old.parquet"), "-o", str(tmp_path / "c")],
    )
    assert ran.exit_code == 0, ran.output
    assert "old threshold" in ran.stdout
    stored = json.loads((tmp_path / "c").read_text())["attributes"]["TOXICITY"]
    assert stored["thresholds"][9]["old"] == 0.5
    with pytest.raises(MappingError, match="no column 'text'"):
        carry_over(comments.select("comment_id", "TOXICITY"), [], Settings())
    with pytest.raises(MappingError, match="no old scores"):
        carry_over(table(), [], Settings())
    with pytest.raises(MappingError, match="no old scores for INSULT"):
        carry_over(comments, ["INSULT"], Settings())


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ([], SettingsError),
        (["--labels", "a", "--match-scores", "b"], SettingsError),
        (["--labels", "none.csv"], SourceNotFoundError),
        (["--labels", "empty.csv"], EmptySourceError),
        (["--labels", "words.txt"], UnknownFormatError),
        (["--labels", "broken.jsonl"], DumpReadError),
        (["--labels", "few.csv"], TooFewLabelsError),
        (["--labels", "few.csv", "--attribute", "SPAM"], SettingsError),
        (["--labels", "few.csv", "--attribute", "STANCE_AGREE"], SettingsError),
    ],
)
def test_what_is_wrong_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], error: type[ToolkitError]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("empty.csv").touch()
    Path("words.txt").write_text("words")
    Path("broken.jsonl").write_text('{"text": "a", "lab')
    table(20).write_csv("few.csv")
    ran = CliRunner().invoke(app, ["calibrate", *arguments, "-o", "calibration.json"])
    assert type(ran.exception) is error
    assert isinstance(ran.exception, ToolkitError)
    assert ran.exception.next_step
    assert not Path("calibration.json").exists()
