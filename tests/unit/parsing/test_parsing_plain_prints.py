"""Pages reduced to text by programs: lists with bullets, bylines lost, long sections."""

from __future__ import annotations

import pytest

from toolkit.parsing import parse
from toolkit.records import Page

ARTICLE = """East pier to close

The harbour board of Port Wennick voted on Tuesday to close the east pier for two years.

Engineers say that the piles under the walkway have lost a third of their strength since 2009,
and that repairs would cost more than a new pier. Fishing families call the vote a betrayal.
"""


def read(body: str) -> Page:
    return parse(f"{ARTICLE}\n{body}", format="text")


def rows(page: Page) -> list[tuple[str | None, int, str]]:
    return [(comment.author_name, comment.depth, comment.text or "") for comment in page.comments]


def test_disqus_as_nested_lists() -> None:
    page = read(
        """
3 comments

  • Avatar
    Marta Quill•7 days ago

    They closed the west pier too.

    And the slipway.

      • 5
      • •
      • Reply
      • •
      • Share ›

      • Avatar
        Oskar> Marta Quill•6 days ago

        The slipway is open. Go and look.

          • Reply
          • Share ›

  • Avatar
    Inga•5 days ago

    Come and fish with us first.

      • Reply
      • Share ›
"""
    )
    assert rows(page) == [
        ("Marta Quill", 0, "They closed the west pier too.\n\nAnd the slipway."),
        ("Oskar", 1, "The slipway is open. Go and look."),
        ("Inga", 0, "Come and fish with us first."),
    ]


def test_slashdot_as_saved_by_a_user_page() -> None:
    page = read(
        """
Comment: Re:Just rebuild it (Score:5, Insightful) 88

by salt_and_tar (123456) on Monday July 23, @08:25PM (#40743591) Attached to: East Pier To Close

Rebuilding costs more than the whole town earns in a year.

Comment: Planks (Score:1) 12

by salt_and_tar (123456) on Monday July 23, @09:31PM (#40743600) Attached to: East Pier To Close

Buy planks, not lawyers.
"""
    )
    assert [(c.comment_id, c.author_name) for c in page.comments] == [
        ("40743591", "salt_and_tar"),
        ("40743600", "salt_and_tar"),
    ]
    assert (page.comments[0].text or "").endswith("earns in a year.")


@pytest.mark.parametrize("count", [40, 400])
def test_hundreds_of_comments(count: int) -> None:
    lines = [f"{count} Responses to “East pier to close”", "", "« Older Comments", ""]
    for number in range(1, count + 1):
        lines += [
            f"{number:>3}. Person {number} says:",
            f"    July {number % 28 + 1}, 2012 at {number % 12 + 1}:{number % 60:02d} am",
            "",
            f"    This is what person {number} had to say about the pier.",
            "",
            f"    And a second paragraph, with the number {number * 7} in it.",
            "",
            "    Reply",
        ]
    page = read("\n".join([*lines, "", "« Older Comments", "", "Leave a Reply"]))
    assert len(page.comments) == count == page.stated_comment_count
    assert all(comment.depth == 0 for comment in page.comments)
    for number, comment in enumerate(page.comments, start=1):
        assert comment.author_name == f"Person {number}"
        assert comment.text is not None
        assert comment.text.count("\n\n") == 1
        assert comment.created_at is not None


@pytest.mark.parametrize("count", [60, 300])
def test_hundreds_of_numbered_names_without_dates(count: int) -> None:
    lines = [f"{count} comments", ""]
    for number in range(1, count + 1):
        lines += [f"  {number}. Person {number}", "", f"    I said it {number} times before.", ""]
    page = read("\n".join([*lines, "Comments are closed."]))
    assert len(page.comments) == count
    assert page.comments[-1].author_name == f"Person {count}"
    assert page.comments[-1].text == f"I said it {count} times before."


def test_hundreds_of_bylines_without_a_heading() -> None:
    lines = []
    for number in range(1, 301):
        lines += [
            f"Person {number} — July {number % 28 + 1}th, 2012, {number % 12 + 1}:26 am",
            "",
            f"I have said it {number} times, and nobody listened to me.",
            "",
        ]
    page = read("\n".join(lines))
    assert len(page.comments) == 300
    assert "betrayal" in page.article.text
    assert "listened" not in page.article.text


def test_hundreds_of_slashdot_comments() -> None:
    lines = []
    for number in range(1, 251):
        lines += [
            f"Re:Planks (Score:{number % 5})",
            "",
            f"by user{number} ({number * 31}) on Monday July 23, @08:{number % 60:02d}PM"
            f" (#{90_000 + number})",
            "",
            f"Point {number}: planks float, and so does this argument.",
            "",
            "Reply to This Parent",
            "",
        ]
    page = read("\n".join(lines))
    assert [comment.author_name for comment in page.comments] == [
        f"user{number}" for number in range(1, 251)
    ]
    assert page.comments[-1].text == "Point 250: planks float, and so does this argument."
    assert page.comments[0].comment_id == "90001"


def test_items_that_have_lost_their_bylines() -> None:
    page = read(
        """
4 thoughts on “East pier to close”

  1. They closed the west pier too, and it never came back after that.

    Who profits from it, I wonder?

    1. The hotel does, as anybody can read in the minutes of the board.

  2. Good riddance to that rotten thing, and to all who sold us its planks.

  3. Come and fish with us first, and then we can talk about planks.

Leave a Reply
"""
    )
    assert [(comment.author_name, comment.depth) for comment in page.comments] == [
        (None, 0),
        (None, 1),
        (None, 0),
        (None, 0),
    ]
    assert page.comments[0].text == (
        "They closed the west pier too, and it never came back after that.\n\n"
        "Who profits from it, I wonder?"
    )


def test_points_of_a_list_inside_a_comment_are_its_text() -> None:
    page = read(
        """
2 thoughts on “East pier to close”

  1. Marta Quill says:
    July 10, 2012 at 1:26 am

    Three things:

    • the west pier
    • the slipway
    • the hotel

    Think about them.

    Reply
  2. Oskar says:
    July 10, 2012 at 8:40 am

    1. Planks rot.
    2. Lawyers do not.

    Reply

Leave a Reply
"""
    )
    assert [comment.author_name for comment in page.comments] == ["Marta Quill", "Oskar"]
    assert page.comments[0].text == (
        "Three things:\n\n• the west pier\n• the slipway\n• the hotel\n\nThink about them."
    )
    assert page.comments[1].text == "1. Planks rot.\n2. Lawyers do not."


def test_names_alone_above_comments_with_buttons_between() -> None:
    page = read(
        """
3 comments

Marta Quill

They closed the west pier too.

Reply

Oskar

Good riddance to that rotten thing.

Reply

Inga

You never fished there, did you?

Reply
"""
    )
    assert rows(page) == [
        ("Marta Quill", 0, "They closed the west pier too."),
        ("Oskar", 0, "Good riddance to that rotten thing."),
        ("Inga", 0, "You never fished there, did you?"),
    ]


def test_comments_that_nothing_tells_apart_are_warned_of() -> None:
    page = read(
        """
12 comments

They closed the west pier too and nobody asked and it is always the same with this board

Good riddance to that rotten thing is all that I have to say about it and about them

Come and fish with us first and then we can talk about what has to be closed and when
"""
    )
    assert page.comments == ()
    assert page.stated_comment_count == 12
    assert "comments_not_told_apart" in {warning.code for warning in page.warnings}


def test_threads_by_words_in_several_languages() -> None:
    page = read(
        """
3 Kommentare

Marta schrieb am 10. Juli 2012 um 13:26 Uhr:

Den westlichen haben sie auch geschlossen.

Oskar schrieb am 10. Juli 2012 um 14:00 Uhr:

Antwort auf Marta

Der war auch morsch, das weißt du genau.

Inga schrieb am 10. Juli 2012 um 15:00 Uhr:

Ihr wart beide nie dort.
"""
    )
    assert rows(page) == [
        ("Marta", 0, "Den westlichen haben sie auch geschlossen."),
        ("Oskar", 1, "Der war auch morsch, das weißt du genau."),
        ("Inga", 0, "Ihr wart beide nie dort."),
    ]


def test_markdown_is_read_like_the_page_it_came_from() -> None:
    page = parse(
        """# East pier to close

The harbour board of Port Wennick voted on Tuesday to close the east pier for two years.

## 2 thoughts on “East pier to close”

  1. **Marta Quill** says:

[July 10, 2012 at 1:26 am](#comment-1)

They closed the west pier too.

Reply

  2. **Oskar** says:

10\\. July 2012 at 8:40 am

Good riddance to it.

Reply
""",
        format="text",
    )
    assert page.article.title == "East pier to close"
    assert [comment.author_name for comment in page.comments] == ["Marta Quill", "Oskar"]
    assert page.comments[1].text == "Good riddance to it."


def test_levels_that_the_page_prints() -> None:
    page = read(
        """
3 Comments

level 1
saltytar
3 hours ago
The board has known since 2009, all of them.

Reply

level 2
planks
2 hours ago
Source? The minutes are not online.

Reply

level 1
moss
1 hour ago
Both piers are a hazard, full stop.

Reply
"""
    )
    assert [(comment.author_name, comment.depth) for comment in page.comments] == [
        ("saltytar", 0),
        ("planks", 1),
        ("moss", 0),
    ]


def test_dotted_numbers_nest() -> None:
    page = read(
        """
3 comments

1. Marta Quill — July 10, 2012, 1:26 am

They closed the west pier too.

1.1. Oskar — July 10, 2012, 2:26 am

Good riddance to it, I say.

2. Inga — July 10, 2012, 3:26 am

Come and fish with us first.
"""
    )
    assert [(comment.author_name, comment.depth) for comment in page.comments] == [
        ("Marta Quill", 0),
        ("Oskar", 1),
        ("Inga", 0),
    ]
