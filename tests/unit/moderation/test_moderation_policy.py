from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from toolkit.errors import SettingsError
from toolkit.moderation import Policy, Rule, recommendations
from toolkit.schema import EVIDENCE_DTYPE

SPAN = {"label": "insult", "start": 0, "end": 4, "quote": "fool", "score": 0.9, "note": None}
FRAME = pl.DataFrame(
    {
        "comment_id": ["calm", "rude", "threat", "unknown"],
        "toxicity__toxicity": [0.1, 0.9, 0.9, None],
        "toxicity__threat": [0.0, 0.1, 0.8, None],
        "evidence": [
            [],
            [{"analyzer": "toxicity", **SPAN}, {"analyzer": "rhetoric", **SPAN}],
            [],
            None,
        ],
    },
    schema_overrides={"evidence": EVIDENCE_DTYPE},
)


def test_the_first_rule_that_fits_is_named() -> None:
    frame = Policy.default().apply(FRAME.lazy()).collect()
    assert frame["recommendation__action"].to_list() == ["approve", "review", "review", "review"]
    assert frame["recommendation__rule"].to_list() == [
        "no_rule",
        "toxicity",
        "threat",
        "not_measured",
    ]
    assert frame["recommendation__score"].to_list() == [None, 0.9, 0.8, None]


def test_the_default_policy_never_rejects() -> None:
    assert {rule.action for rule in Policy.default().rules} == {"review"}


def test_a_recommendation_carries_the_words_of_its_own_analyzer() -> None:
    found = {item.comment_id: item for item in recommendations(FRAME, Policy.default())}
    assert [item.analyzer for item in found["rude"].evidence] == ["toxicity"]
    assert found["rude"].evidence[0].quote == "fool"
    assert found["calm"].evidence == ()


def test_null_is_neither_low_nor_high() -> None:
    rule = Rule(name="low", column="toxicity__toxicity", upper=0.5, action="approve")
    frame = Policy(version="1", rules=(rule,)).apply(FRAME.lazy()).collect()
    assert frame["recommendation__rule"].to_list() == ["low", "no_rule", "no_rule", "no_rule"]


def test_columns_that_are_not_there_are_left_out() -> None:
    frame = Policy.default().apply(FRAME.lazy().select("comment_id")).collect()
    assert set(frame["recommendation__action"]) == {"approve"}


GOOD = 'version = "1"\n[[rule]]\nname = "a"\ncolumn = "x__y"\naction = "reject"\nlower = 0.5\n'


def test_a_policy_file(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(GOOD)
    assert Policy.from_toml(path).rules == (
        Rule(name="a", column="x__y", action="reject", lower=0.5),
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("version = ", "cannot be read"),
        ('version = "1"\n', "no rules"),
        (GOOD.replace('version = "1"\n', ""), "no version"),
        (GOOD.replace('"reject"', '"ban"'), "'ban' is none of"),
        (GOOD.replace("lower = 0.5\n", ""), "either bounds or when_null"),
        (GOOD + "when_null = true\n", "either bounds or when_null"),
        (GOOD + "upper = 0.1\n", "lower is above upper"),
        (GOOD + 'colour = "red"\n', "unknown field colour"),
        (GOOD.replace("lower = 0.5", 'lower = "high"'), "are numbers"),
        (GOOD + GOOD.split("\n", 1)[1], "is taken"),
        (GOOD.replace('name = "a"\n', ""), "name is missing"),
        ('version = "1"\nrule = [3]\n', "no table"),
    ],
)
def test_a_bad_policy_file_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=message):
        Policy.from_toml(path)


def test_a_missing_policy_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        Policy.from_toml(tmp_path / "none.toml")
