from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from toolkit.errors import InputError
from toolkit.moderation.agreement import (
    LABELS_SCHEMA,
    PAIRS_SCHEMA,
    agreement_by_label,
    agreement_by_pair,
    cohen_kappa,
    krippendorff_alpha,
    specific_agreement,
)

# The worked examples of Krippendorff (2011): binary with two observers, nominal
# with two, and four observers with missing values.
MEG_OWEN = ["0100000010", "1110010000"]
BEN_GERRY = ["aabbdcccedda", "babbbccceddd"]
FOUR = ["123321412...", "1233224125.3", ".3332342251.", "12332441251."]


def rated(rows: Sequence[str], read: Callable[[str], Any] = str) -> pl.DataFrame:
    """One string a rater, one letter a unit, a point where there is no judgement."""
    return pl.DataFrame(
        [
            {"unit": unit, "rater": f"r{rater}", "value": None if letter == "." else read(letter)}
            for rater, row in enumerate(rows)
            for unit, letter in enumerate(row)
        ]
    )


def by_definition(frame: pl.DataFrame, level: str) -> float | None:
    """Alpha as the sum over all pairs that its definition speaks of."""
    units: dict[Any, list[float]] = defaultdict(list)
    for unit, value in frame.drop_nulls().select("unit", "value").iter_rows():
        units[unit].append(value)
    paired = [values for values in units.values() if len(values) > 1]
    pool = [value for values in paired for value in values]

    def apart(a: float, b: float) -> float:
        if level == "nominal":
            return float(a != b)
        if level == "interval":
            return (a - b) ** 2
        low, high = min(a, b), max(a, b)
        between = sum(low <= value <= high for value in pool)
        return (between - (pool.count(a) + pool.count(b)) / 2) ** 2 if a != b else 0.0

    def total(values: Sequence[float]) -> float:
        return sum(
            apart(a, b) for i, a in enumerate(values) for j, b in enumerate(values) if i != j
        )

    n = len(pool)
    expected = total(pool) / (n * (n - 1)) if n > 1 else 0
    if not expected:
        return None
    return 1 - sum(total(values) / (len(values) - 1) for values in paired) / n / expected


def test_the_published_examples() -> None:
    assert krippendorff_alpha(rated(MEG_OWEN)).value == pytest.approx(0.095, abs=5e-4)
    assert krippendorff_alpha(rated(BEN_GERRY)).value == pytest.approx(0.692, abs=5e-4)
    four = rated(FOUR, float)
    for level, value in (("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)):
        found = krippendorff_alpha(four, level=level)  # type: ignore[arg-type]
        assert found.value == pytest.approx(value, abs=6e-4)
        assert (found.units, found.judgements, found.raters) == (11, 40, 4)


ratings = st.lists(
    st.tuples(st.integers(0, 11), st.sampled_from("abcd"), st.integers(0, 4)),
    max_size=40,
    unique_by=lambda row: row[:2],
).map(
    lambda rows: pl.DataFrame(
        rows, schema={"unit": pl.Int64, "rater": pl.String, "value": pl.Int64}, orient="row"
    )
)


@settings(max_examples=30, deadline=None)
@given(ratings, st.sampled_from(["nominal", "ordinal", "interval"]))
def test_alpha_is_its_definition(frame: pl.DataFrame, level: Any) -> None:
    found = krippendorff_alpha(frame, level=level, resamples=0)
    expected = by_definition(frame, level)
    if expected is None:
        assert found.value is None
        assert found.null_reason in ("no_pairs", "no_variation")
    else:
        assert found.value == pytest.approx(expected, abs=1e-9)
        assert found.null_reason is None
    assert found.prevalence == {} or sum(found.prevalence.values()) == pytest.approx(1)


@settings(max_examples=30, deadline=None)
@given(ratings, st.randoms(use_true_random=False))
def test_neither_order_of_rows_nor_names_matter(frame: pl.DataFrame, random: Any) -> None:
    names = list("abcd")
    random.shuffle(names)
    renamed = frame.sample(fraction=1, shuffle=True, seed=1).with_columns(
        pl.col("rater").replace_strict(list("abcd"), names),
        pl.format("u{}", (pl.col("unit") * 7) % 13).alias("unit"),
    )
    before = krippendorff_alpha(frame, resamples=50)
    after = krippendorff_alpha(renamed, resamples=50)
    assert after.value == pytest.approx(before.value)
    assert (after.lower, after.upper) == (before.lower, before.upper)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=40),
    st.sampled_from(["none", "linear", "quadratic"]),
)
def test_kappa_is_scikit_learns(pairs: list[tuple[int, int]], weights: Any) -> None:
    frame = pl.DataFrame(
        [
            {"unit": unit, "rater": rater, "value": value}
            for unit, both in enumerate(pairs)
            for rater, value in zip(("zoe", "ann"), both, strict=True)
        ]
    )
    found = cohen_kappa(frame, "zoe", "ann", weights=weights, order=range(4), resamples=0)
    zoe, ann = zip(*pairs, strict=True)
    if len(set(zoe) | set(ann)) == 1:
        assert (found.value, found.null_reason) == (None, "no_variation")
        return
    expected = cohen_kappa_score(
        zoe, ann, labels=range(4), weights=None if weights == "none" else weights
    )
    assert found.value == pytest.approx(expected, abs=1e-9)
    assert found.observed == pytest.approx(np.mean([a == b for a, b in pairs]))


def test_kappa_reads_only_what_both_judged() -> None:
    frame = rated(["aab.ba", "ab.aba", "bbbbbb"])
    found = cohen_kappa(frame, "r0", "r1")
    assert found.units == 4
    assert found.value == pytest.approx(cohen_kappa_score(list("aaba"), list("abba")))
    assert cohen_kappa(frame.head(8), "r0", "r1").units == 2
    alone = cohen_kappa(rated(["aa..", "..bb"]), "r0", "r1")
    assert (alone.value, alone.null_reason, alone.observed) == (None, "no_pairs", None)


def test_an_interval_covers_what_it_should() -> None:
    # Two raters who each see the truth (one in four) with 90 in 100: the alpha
    # of the population is that of a very large sample.
    rng = np.random.default_rng(11)

    def sample(units: int) -> pl.DataFrame:
        truth = rng.random(units) < 0.25
        return pl.concat(
            pl.DataFrame(
                {
                    "unit": np.arange(units),
                    "rater": [name] * units,
                    "value": truth ^ (rng.random(units) < 0.1),
                }
            )
            for name in ("a", "b")
        )

    true = krippendorff_alpha(sample(200_000), resamples=0).value
    assert true is not None
    within = 0
    for turn in range(150):
        found = krippendorff_alpha(sample(150), resamples=400, seed=turn)
        assert found.lower is not None
        assert found.upper is not None
        assert found.value is not None
        assert found.lower <= found.value <= found.upper
        within += found.lower <= true <= found.upper
    assert 0.89 <= within / 150 <= 0.99


def test_the_same_seed_gives_the_same_interval() -> None:
    frame = rated(FOUR, float)
    for level in ("nominal", "ordinal", "interval"):
        one, two = (krippendorff_alpha(frame, level=level) for _ in range(2))
        assert one == two
    assert krippendorff_alpha(frame, seed=1).lower is not None


def test_full_agreement_has_no_interval_and_says_so() -> None:
    found = krippendorff_alpha(rated(["aabbab", "aabbab"]))
    assert (found.value, found.lower, found.upper) == (1.0, None, None)
    assert found.note is not None
    assert "cannot show" in found.note


def test_one_answer_only_is_unknown_and_not_perfect() -> None:
    found = krippendorff_alpha(rated(["aaaa", "aaaa"]))
    assert (found.value, found.null_reason, found.observed) == (None, "no_variation", 1.0)


def test_a_rare_label_is_explained() -> None:
    frame = rated(["0" * 98 + "10", "0" * 98 + "01"])
    found = krippendorff_alpha(frame)
    assert found.observed == pytest.approx(0.98)
    assert found.value is not None
    assert found.value < 0
    assert found.note is not None
    assert "chance alone agrees" in found.note
    # Nearly every resample varies, or no interval would be given.
    assert found.lower is None or found.lower <= found.value


def test_labels_one_by_one() -> None:
    frame = pl.DataFrame(
        {
            "unit": [1, 1, 2, 2, 3, 3, 4, 5],
            "rater": ["a", "b"] * 3 + ["a", "a"],
            "labels": [
                ["insult"],
                ["insult", "spam"],
                [],
                ["spam"],
                ["insult"],
                [],
                None,
                ["spam"],
            ],
        }
    )
    found = agreement_by_label(frame, labels=["threat"], resamples=100)
    assert found.schema == LABELS_SCHEMA
    assert found["label"].to_list() == ["insult", "spam", "threat"]
    assert found["units"].to_list() == [3, 3, 3]
    assert found["prevalence"].to_list() == pytest.approx([0.5, 1 / 3, 0.0])
    # insult: given 3 times, twice with a second judgement that gives it too.
    assert found["specific"].to_list() == [pytest.approx(2 / 3), 0.0, None]
    assert found["null_reason"].to_list() == [None, None, "no_variation"]


def test_specific_agreement_with_three_raters() -> None:
    frame = rated(["ya", "yn", "nn"])
    # y: unit 0 has two of three; each finds one of its two peers.
    assert specific_agreement(frame, "y") == pytest.approx(0.5)
    assert specific_agreement(frame, "missing") is None


def test_pairs() -> None:
    frame = rated(["aabb.", "aabba", "bbba.", "....b"])
    found = agreement_by_pair(frame, resamples=50)
    assert found.schema == PAIRS_SCHEMA
    assert found.select("first", "second", "units").rows() == [
        ("r0", "r1", 4),
        ("r0", "r2", 4),
        ("r1", "r2", 4),
        ("r1", "r3", 1),
    ]
    assert found["kappa"][0] == 1.0
    assert agreement_by_pair(frame.clear()).schema == PAIRS_SCHEMA


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: krippendorff_alpha(pl.DataFrame({"unit": [1]})), "lack rater, value"),
        (lambda: agreement_by_label(pl.DataFrame({"unit": [1]})), "lack labels, rater"),
        (lambda: krippendorff_alpha(pl.concat([rated(["a"])] * 2)), "judges a unit twice"),
        (lambda: krippendorff_alpha(rated(["ab", "ab"]), level="interval"), "needs numbers"),
        (lambda: krippendorff_alpha(rated(["ab"]), order=["a"]), "the order lacks b"),
        (lambda: krippendorff_alpha(rated(["ab"]), level="ratio"), "'ratio'"),  # type: ignore[arg-type]
        (lambda: cohen_kappa(rated(["a"]), "r0", "r0"), "these are one"),
        (lambda: cohen_kappa(rated(["a"]), "r0", "r1", weights="cubic"), "'cubic'"),  # type: ignore[arg-type]
        (lambda: krippendorff_alpha(rated(["1"], lambda _: float("nan"))), "not a number"),
    ],
)
def test_what_is_refused(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        call()
    assert caught.value.next_step
