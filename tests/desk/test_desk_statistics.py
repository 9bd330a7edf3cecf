from __future__ import annotations

import json

import pytest
from desk_rows import START, DeskRows

from toolkit.errors import InputError
from toolkit.moderation.frames import arrivals, decisions, scores
from toolkit.moderation.statistics import judged_rows, second_looks, statistics
from toolkit.moderation.store import Store


@pytest.fixture
def desk(store: Store) -> DeskRows:
    return DeskRows(store)


def test_an_empty_desk_has_no_figures_and_no_faults(store: Store) -> None:
    found = statistics(store)
    assert found.totals["decisions"] == 0
    assert found.agreement.value is None
    assert found.agreement.null_reason == "no_pairs"
    assert found.performance.height == found.score_drift.height == 0
    assert json.loads(json.dumps(found.to_dict()))["appeals"]["stated"] == 0


def test_who_agrees_with_whom(desk: DeskRows, store: Store) -> None:
    looks = [
        ("reject", "insult", "reject", "insult"),
        ("reject", "insult", "reject", "threat"),
        ("approve", None, "highlight", None),
        ("reject", "spam", "approve", None),
        ("approve", None, "approve", None),
        ("escalate", None, "approve", None),
    ]
    for number, (act, reason, second, other) in enumerate(looks):
        comment = desk.comment(f"c{number}")
        desk.decide(comment, "ann", act, reason)
        desk.decide(comment, "bob", second, other, round="second")
    only = desk.comment("only")
    desk.decide(only, "ann", "reject", "insult")
    undone = desk.comment("undone")
    desk.undo(undone, desk.decide(undone, "ann", "reject", "insult"))
    desk.decide(undone, "bob", "approve", round="second")
    again = desk.comment("again")
    desk.undo(again, desk.decide(again, "ann", "reject", "insult"))
    desk.decide(again, "ann", "approve")
    desk.decide(again, "bob", "approve", round="second")
    found = statistics(store, resamples=100)
    # One reject against one approve among six; ann escalated one, which judges nothing.
    assert (found.agreement.units, found.agreement.raters) == (6, 2)
    assert found.agreement.observed == pytest.approx(5 / 6)
    pairs = found.agreement_by_pair.to_dicts()
    assert [(row["first"], row["second"], row["units"]) for row in pairs] == [("ann", "bob", 6)]
    reasons = {row["label"]: row for row in found.agreement_by_reason.iter_rows(named=True)}
    assert set(reasons) == {"insult", "spam", "threat"}
    # insult: ann twice, bob once, together once: of three givings two meet another.
    assert reasons["insult"]["specific"] == pytest.approx(2 / 3)
    assert reasons["threat"]["specific"] == 0
    assert found.totals["undone"] == 2
    assert found.totals["round_second"] == 8
    ann, bob = found.moderators.to_dicts()
    assert (ann["moderator"], ann["decisions"], ann["undone"]) == ("ann", 10, 2)
    assert ann["seconds_median"] == 5.0
    assert bob["rejected"] == pytest.approx(2 / 8)


def test_the_model_is_held_against_what_people_decided_last(desk: DeskRows, store: Store) -> None:
    first = desk.comment("first", insult=0.9, threat=0.1)
    desk.decide(first, "ann", "reject", "insult", selection="random")
    desk.decide(first, "bob", "approve", round="second", selection="random")
    turned = desk.comment("turned", insult=0.8)
    desk.decide(turned, "ann", "approve")
    desk.decide(turned, "zoe", "reject", "insult", round="escalated")
    other = desk.comment("other", insult=0.2, threat=0.7)
    desk.decide(other, "ann", "reject", "threat", selection="random")
    bulk = desk.comment("bulk", insult=0.99)
    desk.decide(bulk, "zoe", "reject", "insult", round="bulk", seconds=None)
    waiting = desk.comment("waiting", insult=0.5)
    rows = judged_rows(decisions(store), scores(store))
    insult = rows.filter(attribute="toxicity__insult").sort("comment_id")
    assert insult.select("comment_id", "score", "positive", "selection").rows() == [
        (str(first), 0.9, True, "random"),
        (str(turned), 0.8, True, "queue"),
        (str(other), 0.2, False, "random"),
    ]
    threat = rows.filter(attribute="toxicity__threat").sort("comment_id")
    assert threat["positive"].to_list() == [False, True]
    assert str(waiting) not in rows["comment_id"]
    assert arrivals(store).height == 7
    assert arrivals(store, ["toxicity__threat"])["at"].to_list() == [START, START]
    assert scores(store, []).height == 0
    found = statistics(store, threshold=0.5)
    performance = {
        (row["attribute"], row["selection"]): row for row in found.performance.iter_rows(named=True)
    }
    assert performance["toxicity__insult", "random"]["precision"] == 1.0
    assert performance["toxicity__insult", "random"]["unbiased"]
    assert not performance["toxicity__insult", "queue"]["unbiased"]
    assert json.dumps(found.to_dict(), allow_nan=False)
    with pytest.raises(InputError):
        statistics(store, threshold=2)


def test_comments_of_two_articles_with_one_id_are_two(desk: DeskRows, store: Store) -> None:
    for article in ("a1", "a2"):
        comment = desk.comment("1", article=article, insult=0.9)
        desk.decide(comment, "ann", "approve" if article == "a1" else "reject", "insult")
        desk.decide(comment, "bob", "approve", round="second")
    assert second_looks(decisions(store))["unit"].n_unique() == 2
    assert judged_rows(decisions(store), scores(store)).height == 2


def test_spans(desk: DeskRows, store: Store) -> None:
    comment = desk.comment("1", "You fool and liar.")
    for start, end, ann, bob in ((4, 8, True, True), (13, 17, True, False), (0, 3, False, False)):
        desk.span(comment, "ann", "insult", start, end, ann)
        desk.span(comment, "bob", "insult", start, end, bob)
    desk.span(comment, "ann", "threat", 0, 3, True)
    found = statistics(store, resamples=50).agreement_by_span_label.to_dicts()
    insult, threat = found
    assert (insult["label"], insult["labels"], insult["units"]) == ("toxicity__insult", 6, 3)
    assert insult["confirmed"] == pytest.approx(0.5)
    assert insult["observed"] == pytest.approx(2 / 3)
    assert (threat["units"], threat["alpha"], threat["null_reason"]) == (0, None, "no_pairs")
