"""Threads: whatever a page claims, a forest comes out."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.parsing.thread import Draft, link


def forest(*drafts: Draft) -> list[tuple[str, str | None, int]]:
    return [(c.comment_id, c.parent_id, c.depth) for c in link(drafts, "a1").comments]


def test_parents_by_key_win_over_names_and_levels() -> None:
    assert forest(
        Draft(text="x", key="7", author_name="Ann"),
        Draft(text="x", key="8", author_name="Bob"),
        Draft(text="x", key="9", parent_key="7", reply_to="Bob", level=5),
    ) == [("7", None, 0), ("8", None, 0), ("9", "7", 1)]


def test_names_lead_to_the_last_comment_of_that_person() -> None:
    assert forest(
        Draft(text="x", key="1", author_name="Ann"),
        Draft(text="x", key="2", author_name="ann "),
        Draft(text="x", key="3", reply_to="@Ann"),
    ) == [("1", None, 0), ("2", None, 0), ("3", "2", 1)]


def test_levels() -> None:
    levels = [0, 1, 2, 2, 1, 0, 2, 1]
    drafts = [Draft(text="x", key=str(i), level=level) for i, level in enumerate(levels)]
    assert [(p, d) for _, p, d in forest(*drafts)] == [
        (None, 0),
        ("0", 1),
        ("1", 2),
        ("1", 2),
        ("0", 1),
        (None, 0),
        ("5", 1),
        ("5", 1),
    ]


def test_a_page_that_begins_within_a_thread() -> None:
    drafts = [Draft(text="x", key=str(i), level=level) for i, level in enumerate([2, 2, 1, 0])]
    assert [(p, d) for _, p, d in forest(*drafts)] == [(None, 0)] * 4


def test_circles_are_cut_at_their_first_member() -> None:
    assert forest(
        Draft(text="x", key="1", parent_key="3"),
        Draft(text="x", key="2", parent_key="1"),
        Draft(text="x", key="3", parent_key="2"),
        Draft(text="x", key="4", parent_key="4"),
    ) == [("1", None, 0), ("2", "1", 1), ("3", "2", 2), ("4", None, 0)]


def test_missing_parents_are_counted() -> None:
    thread = link([Draft(text="x", key="1", parent_key="99")], "a1")
    assert thread.orphans == 1
    assert thread.comments[0].parent_id is None


def test_ids_are_made_unique() -> None:
    assert [
        i
        for i, _, _ in forest(
            Draft(text="x", key="1"),
            Draft(text="x", key="1"),
            Draft(text="x"),
            Draft(text="x", key="c3"),
        )
    ] == ["1", "1-2", "c3-2", "c3"]


def test_a_parent_may_stand_behind_its_answer() -> None:
    assert forest(Draft(text="x", key="2", parent_key="1"), Draft(text="x", key="1")) == [
        ("2", "1", 1),
        ("1", None, 0),
    ]


KEYS = st.one_of(st.none(), st.sampled_from(["1", "2", "3", "4", "c1", "c2", ""]))


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.builds(
            Draft,
            text=st.just("x"),
            key=KEYS,
            parent_key=KEYS,
            reply_to=st.one_of(st.none(), st.sampled_from(["Ann", "Bob", ""])),
            level=st.one_of(st.none(), st.integers(-3, 5000)),
            author_name=st.one_of(st.none(), st.sampled_from(["Ann", "Bob"])),
        ),
        max_size=40,
    )
)
def test_always_a_forest(drafts: list[Draft]) -> None:
    comments = link(drafts, "a1").comments
    assert len(comments) == len(drafts)
    by_id = {c.comment_id: c for c in comments}
    assert len(by_id) == len(comments)
    for position, comment in enumerate(comments):
        assert comment.position == position
        parent = by_id[comment.parent_id] if comment.parent_id else None
        assert comment.depth == (parent.depth + 1 if parent else 0)


def test_a_very_long_chain_needs_no_recursion() -> None:
    drafts = [Draft(text="x", key=str(i), parent_key=str(i - 1)) for i in range(20_000)]
    assert link(drafts, "a1").comments[-1].depth == 19_999
