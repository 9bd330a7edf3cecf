from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from reporting_samples import persian, report_data, single, thread

from toolkit.records import Comment
from toolkit.reporting import stance_section
from toolkit.reporting.data import ReportData, read_thread
from toolkit.reporting.findings import (
    MIN_FOR_MEDIAN,
    band,
    band_of,
    find,
    is_quoted,
    key_sentence,
    leaning,
    of,
    sides_of,
)
from toolkit.reporting.writer import Writer
from toolkit.schema import EVIDENCE_DTYPE

ROOT = Path(__file__).resolve().parents[3]


def rules(data: ReportData) -> dict[str, str]:
    return {item.rule: item.text for item in find(data, read_thread(data))}


def with_column(data: ReportData, **columns: list[object]) -> ReportData:
    frame = data.comments
    series = [pl.Series(name, values).cast(frame.schema[name]) for name, values in columns.items()]
    return replace(data, comments=frame.with_columns(series))


def many(
    count: int, text: str = "I was in Vellmar in July and could not cross it."
) -> list[Comment]:
    return [
        Comment(comment_id=f"c{n}", article_id="a", text=text, author_name=f"N{n}", position=n)
        for n in range(count)
    ]


def stance(data: ReportData, labels: list[str | None], share: float = 0.8) -> ReportData:
    columns: dict[str, list[object]] = {"stance__label": list(labels)}
    for name in ("agree", "disagree", "discuss", "unrelated"):
        columns[f"stance__{name}"] = [
            None if label is None else share if label == name else (1 - share) / 3
            for label in labels
        ]
    return with_column(data, **columns)


@pytest.mark.parametrize(
    ("is_open", "stated", "said"),
    [
        (True, 0, "The page takes comments, and there are none on it."),
        (False, None, "There are no comments on this page, and it takes none."),
        (None, 0, "There are no comments on this page."),
        (None, 12, "The page states 12 comments, but holds none of them: "
                   "they may load only in a browser."),
    ],
)  # fmt: skip
def test_a_page_without_comments(is_open: bool | None, stated: int | None, said: str) -> None:
    data = report_data([], comments_open=is_open)
    data = replace(data, page=replace(data.page, stated_comment_count=stated))
    assert rules(data) == {"no-comments": said}


def test_one_comment_is_spoken_of_and_never_averaged() -> None:
    text = "This is nothing more than a gift to the owners of the new hotel, and it is wrong."
    data = stance(report_data(single(text), stated=3), ["disagree"])
    data = with_column(data, toxicity__toxicity=[0.61], readability__flesch_kincaid_grade=[8.2])
    found = rules(data)
    assert found["count"] == (
        "One comment stands under the article, by Orla Whitlow. The page itself states 3."
    )
    assert found["stance-one"] == (
        "The stance model reads it as disagreeing with the article’s claim (probability 0.80)."
    )
    assert found["stance-disagree"].startswith("The sentence that this stands on: “This is")
    assert found["toxicity-one"] == (
        "A model puts its toxicity at 0.61 on a scale from 0 to 1, at or above the mark of 0.5."
    )
    assert found["readability-few"] == (
        "The article reads at grade 9 (high school); the comment reads at grade 8 (middle school)."
    )
    assert found["rhetoric"] == "Minimizing, such as “nothing more than” (comment 1)."
    assert not [text for text in found.values() if re.search(r"median|average|%|1 of 1", text)]


def test_stance_counts_and_most_needs_a_majority_of_eight() -> None:
    data = stance(report_data(many(7)), ["agree"] * 6 + ["disagree"])
    assert rules(data)["stance"] == (
        "6 of 7 comments agree with the article’s claim, 1 disagrees, as a stance model estimates."
    )
    data = stance(report_data(many(8)), ["agree"] * 5 + ["disagree"] * 2 + ["discuss"])
    assert rules(data)["stance"].startswith(
        "Most comments (5 of 8) agree with the article’s claim, 2 disagree and 1 discusses it "
        "without taking a side, as"
    )
    data = stance(report_data(many(8)), ["agree"] * 4 + ["disagree"] * 4)
    assert not rules(data)["stance"].startswith("Most")


def test_close_calls_and_unjudged_comments_are_counted() -> None:
    data = stance(report_data(many(6)), ["agree", "agree", None, "discuss", None, "agree"], 0.4)
    said = rules(data)["stance"]
    assert "4 of 4 comments are a close call." in said
    assert said.endswith("2 could not be judged.")
    # A close call is no plain agreement.
    assert "stance-agree" not in rules(data)


def test_a_side_that_is_likeliest_but_unlikely_is_called_a_leaning() -> None:
    data = stance(
        report_data(single("It may be so, or it may not be so at all.")), ["discuss"], 0.2
    )
    data = with_column(data, stance__disagree=[0.47])
    assert rules(data)["stance-one"] == (
        "The stance model names no side: disagreement with the article’s claim is the likelier "
        "one, but its probability of 0.47 is under 0.5."
    )
    row = read_thread(data).rows[0]
    assert leaning(row) == ("disagree", pytest.approx(0.47))
    assert leaning(read_thread(stance(data, ["agree"], 0.4)).rows[0]) is None


def test_without_a_label_nothing_is_said_of_stance() -> None:
    data = stance(report_data(many(6)), [None] * 6)
    assert not [rule for rule in rules(data) if rule.startswith("stance")]


def test_toxicity_counts_at_the_mark() -> None:
    data = with_column(report_data(many(6)), toxicity__toxicity=[0.5, 0.49, 0.1, None, 0.9, 0.2])
    assert rules(data)["toxicity"] == (
        "2 of 5 comments reach the toxicity mark of 0.5 (model estimate); the highest, 0.90, "
        "is comment 5."
    )
    data = with_column(report_data(many(6)), toxicity__toxicity=[0.1, 0.49, 0.1, None, 0.3, 0.2])
    assert rules(data)["toxicity-none"] == (
        "No comment reaches the toxicity mark of 0.5; the highest is 0.49, comment 2."
    )


def test_a_median_needs_five() -> None:
    grades: list[object] = [4.0, 5.0, 6.0, 7.0, None, None]
    data = with_column(report_data(many(6)), readability__flesch_kincaid_grade=grades)
    assert rules(data)["readability-few"] == (
        "The article reads at grade 9 (high school); "
        "the 4 comments graded read at grade 4, 5, 6, 7."
    )
    data = with_column(
        report_data(many(6)), readability__flesch_kincaid_grade=[4.0, 5.0, 6.0, 7.0, 8.0, None]
    )
    assert rules(data)["readability"] == (
        "The article reads at grade 9 (high school); the median of 5 comments is 6 "
        "(middle school), easier to read."
    )
    assert MIN_FOR_MEDIAN == 5


def test_ungraded_comments_say_why() -> None:
    assert rules(report_data(persian()))["readability-article"] == (
        "The article reads at grade 9 (high school); no comment can be graded (other language)."
    )


def test_markers_in_quotations_make_no_finding() -> None:
    data = report_data(many(6, "They are clowns, all of them, and they know it well enough."))
    assert rules(data)["rhetoric"].startswith("Name calling in 6 of 6 comments, such as “clowns”")
    quoted = data.comments.with_columns(
        pl.col("evidence").list.eval(
            pl.element().struct.with_fields(note=pl.lit('lexicon sample: "clowns"; quoted'))
        )
    )
    found = rules(replace(data, comments=quoted))
    assert "No marker" in found["rhetoric-none"]


def test_constructive_devices_are_told_apart() -> None:
    data = report_data(many(6, "Perhaps the so-called study is wrong, but who can tell us that?"))
    found = rules(replace(data, families={"doubt": "constructive", "hedge": "constructive"}))
    assert found["argument"].startswith("Doubt in 6 of 6 comments, such as “so-called”")
    assert "rhetoric-none" in found


def test_nothing_is_said_of_markers_that_were_not_looked_for() -> None:
    data = report_data(many(6), only=["stance"])
    assert not [rule for rule in rules(data) if rule.startswith(("rhetoric", "argument"))]


def test_the_busiest_comment_needs_three_replies() -> None:
    comments = many(4)
    two = [replace(c, parent_id="c0" if n in (1, 2) else None) for n, c in enumerate(comments)]
    three = [replace(c, parent_id="c0" if n else None) for n, c in enumerate(comments)]
    assert "busiest" not in rules(report_data(two))
    assert rules(report_data(three))["busiest"] == "Most answered: comment 1 by N0, with 3 replies."


@pytest.mark.parametrize("count", [0, 1, 2, 5, 14, 60])
@pytest.mark.parametrize(
    "only", [None, [], ["stance"], ["toxicity"], ["readability"], ["rhetoric"]]
)
def test_findings_are_sentences_without_percentages(count: int, only: list[str] | None) -> None:
    data = report_data(thread(count), only=only)
    found = find(data, read_thread(data))
    assert found
    for item in found:
        assert item.text[0].isupper() or item.text[0].isdigit()
        assert item.text.endswith(".")
        assert "%" not in item.text
        assert "nan" not in item.text.lower().split()
        assert item.topic


def test_every_rule_is_documented() -> None:
    source = (ROOT / "toolkit" / "reporting" / "findings.py").read_text(encoding="utf-8")
    text = (ROOT / "docs" / "report.md").read_text(encoding="utf-8")
    used = set(re.findall(r'Finding\(\s*f?"([\w-]+)', source))
    used |= {"rhetoric", "argument", "stance-agree", "stance-disagree"}
    used.discard("stance-")
    for rule in used:
        assert f"`{rule}`" in text, rule
    for name in ("TOXIC", "UNCERTAIN", "MIN_FOR_MOST", "MIN_FOR_MEDIAN", "GRADE_GAP", "BUSY"):
        assert f"`{name}`" in text


def test_bands() -> None:
    assert [band(grade) for grade in (-3, 5.9, 6, 8.9, 9, 13, 17, 60)] == [
        "elementary", "elementary", "middle school", "middle school", "high school", "college",
        "graduate", "graduate",
    ]  # fmt: skip
    assert band_of("lix", 44) == "medium"
    assert of(1, 1) == "1 of 1 comment"
    assert of(1200, 3400) == "1,200 of 3,400 comments"


def test_key_sentence_and_quotation() -> None:
    row = read_thread(report_data(single("Short. This is the longer sentence of both."))).rows[0]
    sentence = key_sentence(row)
    assert sentence is not None
    assert sentence.quote == "This is the longer sentence of both."
    other = replace(sentence, label="unrelated", score=0.99)
    own = replace(sentence, label=row.label_of("stance", "label") or "", score=0.1)
    assert key_sentence(replace(row, evidence=(other, own))) == own
    item = replace(sentence, note='lexicon x: "quoted words"')
    assert not is_quoted(item)
    assert is_quoted(replace(item, note='lexicon x: "y"; quoted'))


def mixed(data: ReportData, numbers: list[int]) -> ReportData:
    """``data`` with one sentence of each side in these comments, and no other evidence."""

    def span(label: str, start: int, quote: str, score: float) -> dict[str, object]:
        return {
            "analyzer": "stance", "label": label, "start": start, "end": start + len(quote),
            "quote": quote, "score": score, "note": None,
        }  # fmt: skip

    evidence = [
        [span("agree", 0, "I was", 0.6), span("disagree", 6, "in", 0.8)] if n in numbers else []
        for n in range(1, data.comments.height + 1)
    ]
    return replace(
        data,
        comments=data.comments.with_columns(pl.Series("evidence", evidence, dtype=EVIDENCE_DTYPE)),
    )


def test_comments_that_take_both_sides_are_counted_and_shown_twice() -> None:
    data = stance(report_data(many(6)), ["agree", "disagree", "discuss", None, "agree", "agree"])
    data = mixed(data, [1, 3])
    assert rules(data)["stance-both"] == (
        "2 of 6 comments agree with the article’s claim in one sentence and disagree in another."
    )
    assert "stance-both" not in rules(mixed(data, []))
    one = mixed(stance(report_data(many(1)), ["agree"]), [1])
    assert rules(one)["stance-both"] == "It agrees in one sentence and disagrees in another."
    rows = read_thread(data)
    assert set(sides_of(rows.rows[0])) == {"agree", "disagree"}
    section = stance_section.stance(data, rows, Writer(mask_slurs=False))
    shown = [(one["comment"], one["label"], one["note"]) for one in section["pairs"]]
    assert shown == [
        (1, "agree", ""),
        (1, "disagree", "in another sentence"),
        (3, "discuss", "this sentence disagrees"),
        (3, "agree", "in another sentence"),
    ]


def test_shares_have_intervals_and_the_sides_a_polarisation() -> None:
    labels: list[str | None] = ["agree", "disagree", "disagree", "disagree", "discuss", None]
    data = stance(report_data(many(6)), labels)
    found = stance_section.stance_shares(read_thread(data))
    agree = found["shares"][0]
    assert (agree["label"], agree["comments"], agree["share"]) == ("agree", 1, 0.2)
    assert agree["low"] == pytest.approx(0.0362, abs=1e-4)
    assert agree["high"] == pytest.approx(0.6245, abs=1e-4)
    assert found["polarisation"] == pytest.approx(0.8 * 0.811278, abs=1e-6)
    section = stance_section.stance(data, read_thread(data), Writer(mask_slurs=False))
    assert section["shares"][0] == ["agree", "1", "0.20", "0.04 to 0.62"]
    assert section["polarisation"] == "0.65"
    few = stance(report_data(many(4)), ["agree"] * 4)
    assert stance_section.stance(few, read_thread(few), Writer(mask_slurs=False))["shares"] == []
    none = stance_section.stance_shares(read_thread(stance(report_data(many(2)), [None] * 2)))
    assert none["polarisation"] is None
    assert none["shares"][0]["low"] is None
