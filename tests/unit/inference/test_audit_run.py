"""The suite, labelled files, and what an audit says about a model made for the purpose."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from toolkit.errors import EmptySourceError, InputError, SourceNotFoundError
from toolkit.inference.audit import (
    AuditData,
    Scored,
    Wish,
    audit_backend,
    load_suite,
    read_data,
    suite_data,
    swap_data,
    to_json,
)
from toolkit.inference.audit.cases import functions, term_members
from toolkit.inference.audit.run import ANY


def scored(data: AuditData, scores: np.ndarray) -> Scored:
    reasons = tuple("language" if np.isnan(score) else None for score in scores)
    return Scored(backend="b", version="1", threshold=0.5, toxicity=scores, reasons=reasons)


def test_the_suite_is_whole() -> None:
    cases = load_suite()
    assert len(cases) >= 600
    assert len(functions()) >= 25
    assert {case.function for case in cases} == set(functions())
    assert 0.4 < np.mean([case.toxic for case in cases]) < 0.6
    texts = Counter(case.text for case in cases)
    assert texts.most_common(1)[0][1] == 1
    per_function = Counter(case.function for case in cases)
    assert min(per_function.values()) >= 6
    for case in cases:
        assert case.text == case.text.strip()
        assert functions()[case.function].endswith(".")


def test_pairs_differ_in_the_group_alone() -> None:
    for data in (suite_data(), swap_data()):
        assert data.pairs is not None
        sets: dict[str, list[int]] = {}
        for index, pair in enumerate(data.pairs):
            if pair is not None:
                sets.setdefault(pair, []).append(index)
        assert len(sets) >= 12
        for members in sets.values():
            assert len(members) >= 3
            assert len({data.truth[index] for index in members}) == 1
            groups = [data.groups[index] for index in members if data.groups[index]]
            assert len(set(groups)) == len(groups)
            words = [set(data.texts[index].split()) for index in members]
            for one in words:
                assert len(one - words[0]) <= 2


def test_disguised_cases_hold_what_they_promise() -> None:
    by_function: dict[str, list[str]] = {}
    for case in load_suite():
        by_function.setdefault(case.function, []).append(case.text)
    for text in by_function["spelling_invisible"]:
        assert any(letter in text for letter in "\u200b\u200c\u200d\u00ad\u2060\ufeff")
    for text in by_function["spelling_homoglyph"]:
        assert not text.isascii()
    assert all(text == text.upper() for text in by_function["capitals_civil"])


def test_a_perfect_model_is_perfect() -> None:
    data, swaps = suite_data(), swap_data()
    found = audit_backend(
        data,
        scored(data, data.truth.astype(float)),
        swaps=(swaps, scored(swaps, swaps.truth.astype(float))),
        wish=Wish(precision=0.9),
    )
    assert (found.auc, found.average_precision, found.calibration_error) == (1, 1, 0)
    assert found.right == 1
    assert all(one.share == 1 and one.unscored == 0 for one in found.functions)
    assert found.wrong == ()
    assert found.swaps is not None
    assert (found.swaps.flips, found.swaps.max_gap) == (0, 0)
    assert found.swaps.groups[0].group == ANY
    assert found.swaps.groups[0].bpsn_auc == 1
    assert all(one.flagged == 0 for one in found.terms)
    assert found.bias["bpsn_auc"] == pytest.approx(1)
    assert found.recommendations[0].threshold == 1


def test_a_model_that_fears_one_group_is_found_out() -> None:
    swaps = swap_data()
    scores = np.where(swaps.truth, 0.8, 0.2)
    about = np.array(["muslim" in names for names in swaps.groups])
    scores[about] = 0.9
    found = audit_backend(swaps, scored(swaps, scores), swaps=(swaps, scored(swaps, scores)))
    assert found.swaps is not None
    rates = {one.group: one.false_positive_rate for one in found.swaps.groups}
    assert rates["muslim"] == 1
    assert rates["jewish"] == 0
    areas = {one.group: one.bpsn_auc for one in found.swaps.groups}
    assert areas["muslim"] == 0
    assert areas["jewish"] == pytest.approx(1, abs=0.1)
    civil_sets = {pair for pair, toxic in zip(swaps.pairs or (), swaps.truth, strict=True)
                  if not toxic}  # fmt: skip
    named = {one["pair"] for one in found.swaps.flipped}
    assert named <= civil_sets
    assert len(named) >= 14
    assert found.bias["bpsn_auc"] is not None
    assert found.bias["bpsn_auc"] < 0.7


def test_a_case_without_a_score_is_wrong_and_counted() -> None:
    data = suite_data()
    scores = data.truth.astype(float)
    place = [index for index, name in enumerate(data.functions or ()) if name == "lewd"]
    scores[place[0]] = np.nan
    civil = next(i for i, name in enumerate(data.functions or ()) if name == "long_civil")
    scores[civil] = np.nan
    found = audit_backend(data, scored(data, scores))
    by_name = {one.function: one for one in found.functions}
    for name, index in (("lewd", place[0]), ("long_civil", civil)):
        assert by_name[name].unscored == 1
        assert by_name[name].right == by_name[name].cases - 1
        assert data.texts[index] in {one["text"] for one in found.wrong}
    assert found.unscored == {"language": 2}
    assert found.scored == found.rows - 2
    assert found.auc == 1


def test_json_holds_no_nan_and_no_text_of_a_users_file(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("text,label\nsecret words,1\nother,0\n,1\nmore,\n", encoding="utf-8")
    data = read_data(path, text="text", label="label")
    assert data.skipped == {"no text": 1, "no label": 1}
    found = audit_backend(data, scored(data, np.array([np.nan, 0.5])))
    text = json.dumps(to_json(data, [found]), allow_nan=False)
    assert "secret" not in text
    assert found.auc is None
    assert found.functions == ()
    assert found.right is None


def test_labels_of_many_kinds(tmp_path: Path) -> None:
    path = tmp_path / "own.jsonl"
    for labels, expected in [
        ([True, False], [True, False]),
        ([0.9, 0.2], [True, False]),
        ([1, 0], [True, False]),
        (["Toxic", "non-toxic"], [True, False]),
        (["0.7", "0"], [True, False]),
    ]:
        rows = [{"t": "a b", "y": label, "g": ["x", "y"]} for label in labels]
        path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
        data = read_data(path, text="t", label="y", group="g")
        assert data.truth.tolist() == expected
        assert data.groups == (frozenset({"x", "y"}),) * 2
    pl.DataFrame({"t": ["a"], "y": [1], "g": ["x; y|z"]}).write_csv(tmp_path / "own.csv")
    data = read_data(tmp_path / "own.csv", text="t", label="y", group="g")
    assert data.groups == (frozenset("xyz"),)


def test_bad_files_are_named(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    with pytest.raises(SourceNotFoundError):
        read_data(path, text="text", label="label")
    path.write_text("text,label\nwords,perhaps\n", encoding="utf-8")
    with pytest.raises(InputError, match="row 1, column 'label': 'perhaps' is no label"):
        read_data(path, text="text", label="label")
    with pytest.raises(InputError, match="no column 'body'") as caught:
        read_data(path, text="body", label="label")
    assert "text, label" in caught.value.next_step
    path.write_text("text,label\nwords,7\n", encoding="utf-8")
    with pytest.raises(InputError, match="no label"):
        read_data(path, text="text", label="label")
    path.write_text("text,label\n,\n", encoding="utf-8")
    with pytest.raises(EmptySourceError):
        read_data(path, text="text", label="label")
    path.write_bytes(b"")
    with pytest.raises(InputError):
        read_data(path, text="text", label="label")
    other = tmp_path / "own.xlsx"
    other.write_bytes(b"PK")
    with pytest.raises(InputError, match=r"neither \.csv nor"):
        read_data(other, text="text", label="label")
    (tmp_path / "own.jsonl").write_text('{"text": "a"', encoding="utf-8")
    with pytest.raises(InputError):
        read_data(tmp_path / "own.jsonl", text="text", label="label")


def test_terms_are_whole_words() -> None:
    found = term_members(["The MUSLIM choir", "muslin cloth", "black ice", "two Black  men"])
    assert found["muslim"].tolist() == [True, False, False, False]
    assert found["black"].tolist() == [False, False, False, True]
    assert found["male"].tolist() == [False, False, False, True]
