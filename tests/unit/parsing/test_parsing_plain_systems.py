"""Comments as the common systems print them in English, each page written for this test.

A case states, for each comment: writer, position of its parent, beginning of its text, time.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from toolkit.parsing import parse

ARTICLE = """
The harbour board of Port Wennick voted on Tuesday to close the east pier for two years.

Engineers say that the piles under the walkway have lost a third of their strength since 2009,
and that repairs would cost more than a new pier. Fishing families call the vote a betrayal.
"""


@dataclass(frozen=True)
class Case:
    name: str
    text: str
    #: (writer, position of the parent, beginning of the text, ISO time)
    comments: list[tuple[str | None, int | None, str, str | None]]
    title: str | None = "East pier to close"
    stated: int | None = None
    open: bool | None = None
    warnings: set[str] = field(default_factory=set)


def page(body: str, title: str = "East pier to close") -> str:
    return f"{title}\n{ARTICLE}\n{body}"


CASES = [
    Case(
        "wordpress list with dates and nested replies",
        page(
            """
3 thoughts on “East pier to close”

  1. Marta Quill says:
    July 10, 2012 at 1:26 am

    They closed the west pier too, and it never came back.

    Who profits?

    Reply
      1. Board Watcher says:
        July 10, 2012 at 9:02 am

        The hotel does. Read the minutes.

        Reply
  2. Oskar says:
    July 11, 2012 at 10:15 pm

    Good riddance to that rotten thing.

    Reply

Leave a Reply Cancel reply

Your email address will not be published. Required fields are marked *
"""
        ),
        [
            ("Marta Quill", None, "They closed the west pier", "2012-07-10T01:26:00"),
            ("Board Watcher", 0, "The hotel does.", "2012-07-10T09:02:00"),
            ("Oskar", None, "Good riddance", "2012-07-11T22:15:00"),
        ],
        stated=3,
        open=True,
        warnings={"times_without_zone"},
    ),
    Case(
        "wordpress print with a handle, no dates",
        page(
            """
One thought on “East pier to close

  1. Wennick Angler (@WennickAngler)

    A pier is nothing more than planks until you take it away.

    Then it is a harbour.

Comments are closed.
"""
        ),
        [("Wennick Angler", None, "A pier is nothing more than planks", None)],
        stated=1,
        open=False,
    ),
    Case(
        "name, dash and date, no heading",
        page(
            """
Marta Quill — July 10th, 2012, 1:26 am

They closed the west pier too.

Oskar — July 10th, 2012, 8:40 am

Good riddance to that rotten thing, I say.

Inga P. — July 11th, 2012, 11:05 pm

@Oskar: you never fished there.
"""
        ),
        [
            ("Marta Quill", None, "They closed", "2012-07-10T01:26:00"),
            ("Oskar", None, "Good riddance", "2012-07-10T08:40:00"),
            ("Inga P.", None, "@Oskar: you never", "2012-07-11T23:05:00"),
        ],
        warnings={"times_without_zone"},
    ),
    Case(
        "says alone, no heading",
        page(
            """
Marta Quill says:

They closed the west pier too, years ago.

Oskar says:

Good riddance to that rotten thing.

Inga says:

You never fished there, Oskar.
"""
        ),
        [
            ("Marta Quill", None, "They closed", None),
            ("Oskar", None, "Good riddance", None),
            ("Inga", None, "You never fished", None),
        ],
    ),
    Case(
        "date line above the name",
        page(
            """
2 Responses

11. Jul, 2012

Marta Quill says:

They closed the west pier too.

12. Jul, 2012

Oskar says:

Good riddance.

Leave a Reply
"""
        ),
        [
            ("Marta Quill", None, "They closed", "2012-07-11T00:00:00"),
            ("Oskar", None, "Good riddance.", "2012-07-12T00:00:00"),
        ],
        stated=2,
        open=True,
        warnings={"times_without_zone"},
    ),
    Case(
        "date and name on one line with a slash",
        page(
            """
11. Jul, 2012 / Marta Quill says:

They closed the west pier too.

12. Jul, 2012 / Oskar says:

Good riddance.
"""
        ),
        [
            ("Marta Quill", None, "They closed", "2012-07-11T00:00:00"),
            ("Oskar", None, "Good riddance.", "2012-07-12T00:00:00"),
        ],
        warnings={"times_without_zone"},
    ),
    Case(
        "slashdot",
        page(
            """
Re:Just rebuild it (Score:5, Insightful)

by salt_and_tar (123456) on Monday July 23, @08:25PM (#40743591)

Rebuilding costs more than the whole town earns in a year.

Reply to This Parent

Planks (Score:1)

by Anonymous Coward on Monday July 23, @08:31PM (#40743600)

Buy planks, not lawyers.

Reply to This

Re:Planks (Score:2)

by mole (98) * on Monday July 23, @09:02PM (#40743655)

Lawyers float better.

Reply to This Parent
"""
        ),
        [
            ("salt_and_tar", None, "Rebuilding costs more", None),
            ("Anonymous Coward", None, "Planks\n\nBuy planks", None),
            ("mole", None, "Lawyers float better.", None),
        ],
        warnings={"times_not_exact"},
    ),
    Case(
        "slashdot with a broken header line",
        page(
            """
by salt_and_tar (123456) on
 Monday July 23, @08:25PM

Rebuilding costs more than the whole town earns in a year.

by mole (98) on
 Monday July 23, @09:02PM

Lawyers float better, so they will win the case.
"""
        ),
        [
            ("salt_and_tar", None, "Rebuilding costs more", None),
            ("mole", None, "Lawyers float better", None),
        ],
        warnings={"times_not_exact"},
    ),
    Case(
        "disqus paste",
        page(
            """
4 Comments

Port Wennick Herald

Login

Recommend 2

Share

Sort by Best

Join the discussion…

Marta Quill•7 days ago

They closed the west pier too.

And the slipway.

5 • Reply • Share ›

Oskar> Marta Quill•6 days ago

The slipway is open. Go and look.

• Reply • Share ›

View 3 replies

HerbertMod•5 days ago

Keep it civil, please.

2 • Reply • Share ›

Oskar> Herbert•5 days ago

Always do.

• Reply • Share ›

Powered by Disqus
"""
        ),
        [
            ("Marta Quill", None, "They closed the west pier too.\n\nAnd the slipway.", None),
            ("Oskar", 0, "The slipway is open.", None),
            ("Herbert", None, "Keep it civil", None),
            ("Oskar", 2, "Always do.", None),
        ],
        stated=4,
        open=True,
        warnings={"times_not_exact"},
    ),
    Case(
        "disqus with moderator badge on its own",
        page(
            """
3 Comments

Herbert Mod • 5 days ago

Keep it civil, please.

2 • Reply • Share ›

Oskar > Herbert • 5 days ago

Always do.

• Reply • Share ›

Inga • 4 days ago

This comment was deleted.

• Reply • Share ›
"""
        ),
        [
            ("Herbert", None, "Keep it civil", None),
            ("Oskar", 0, "Always do.", None),
            ("Inga", None, "", None),
        ],
        stated=3,
        warnings={"times_not_exact"},
    ),
    Case(
        "hacker news",
        """East pier to close (portwennick.example)

123 points by harbourmaster 3 hours ago | hide | past | favorite | 5 comments

saltytar 3 hours ago | next [–]

The board has known since 2009.

reply

planks 2 hours ago | parent | next [–]

Source? The minutes of that year are not online.

reply

saltytar 2 hours ago | root | parent | next [–]

I scanned them.

reply

moss 1 hour ago | parent | prev [–]

Both piers are a hazard.

reply

guillemot 1 hour ago | prev [–]

Nobody asks the birds.

reply
""",
        [
            ("saltytar", None, "The board has known", None),
            ("planks", 0, "Source?", None),
            ("saltytar", 1, "I scanned them.", None),
            ("moss", 0, "Both piers", None),
            ("guillemot", None, "Nobody asks", None),
        ],
        title="East pier to close (portwennick.example)",
        stated=5,
        warnings={"times_not_exact"},
    ),
    Case(
        "old reddit",
        page(
            """
all 3 comments

[–]saltytar 12 points 3 hours ago (2 children)

The board has known since 2009.

permalink embed save report reply

    [–]planks 4 points 2 hours ago (1 child)

    Source?

    permalink embed save parent report reply

[–]moss -2 points 1 hour ago (0 children)

Both piers are a hazard.

permalink embed save report reply
"""
        ),
        [
            ("saltytar", None, "The board has known", None),
            ("planks", 0, "Source?", None),
            ("moss", None, "Both piers", None),
        ],
        stated=3,
        warnings={"times_not_exact"},
    ),
    Case(
        "new reddit",
        page(
            """
3 Comments

saltytar
•
3 hr. ago

The board has known since 2009, all of them.

Upvote
12
Downvote
Reply
Award
Share

planks
•
2 hr. ago

Source? The minutes are not online.

Upvote
4
Downvote
Reply
Award
Share

moss
•
1 hr. ago

Both piers are a hazard, full stop.

Upvote
1
Downvote
Reply
Award
Share
"""
        ),
        [
            ("saltytar", None, "The board has known", None),
            ("planks", None, "Source?", None),
            ("moss", None, "Both piers", None),
        ],
        stated=3,
        warnings={"times_not_exact"},
    ),
    Case(
        "old blogger, date below",
        page(
            """
3 comments:

Marta Quill said...

They closed the west pier too.

July 10, 2012 at 1:26 AM

Anonymous said...

Good riddance to it.

July 10, 2012 at 8:40 AM

Inga said...

Come and fish with us first.

July 11, 2012 at 11:05 PM

Post a Comment
"""
        ),
        [
            ("Marta Quill", None, "They closed", "2012-07-10T01:26:00"),
            ("Anonymous", None, "Good riddance", "2012-07-10T08:40:00"),
            ("Inga", None, "Come and fish", "2012-07-11T23:05:00"),
        ],
        stated=3,
        open=True,
        warnings={"times_without_zone"},
    ),
    Case(
        "new blogger",
        page(
            """
3 comments:

  1. Marta QuillJuly 10, 2012 at 1:26 AM

    They closed the west pier too.

    ReplyDelete
    Replies

      1. IngaJuly 10, 2012 at 2:00 AM

        And the slipway.

        Delete
        Replies
          Reply
    Reply
  2. AnonymousJuly 10, 2012 at 8:40 AM

    Good riddance to it.

    ReplyDelete
Add comment
Load more...
"""
        ),
        [
            ("Marta Quill", None, "They closed", "2012-07-10T01:26:00"),
            ("Inga", 0, "And the slipway.", "2012-07-10T02:00:00"),
            ("Anonymous", None, "Good riddance", "2012-07-10T08:40:00"),
        ],
        stated=3,
        open=True,
        warnings={"times_without_zone"},
    ),
    Case(
        "byline below the text, in a list",
        page(
            """
2 Comments »

  1. They closed the west pier too.

    And nobody asked us.

    Comment by Marta Quill — July 10, 2012 @ 1:26 am

  2. Good riddance to it.

    Comment by Oskar — July 10, 2012 @ 8:40 am

RSS feed for comments on this post. TrackBack URI

Leave a comment
"""
        ),
        [
            (
                "Marta Quill",
                None,
                "They closed the west pier too.\n\nAnd nobody",
                "2012-07-10T01:26:00",
            ),
            ("Oskar", None, "Good riddance", "2012-07-10T08:40:00"),
        ],
        stated=2,
        open=True,
        warnings={"times_without_zone"},
    ),
    Case(
        "typepad: posted by below the text",
        page(
            """
Comments

They closed the west pier too.

Posted by: Marta Quill | July 10, 2012 at 01:26 AM

Good riddance to it, and to the gulls.

Posted by: Oskar | July 10, 2012 at 08:40 AM

The comments to this entry are closed.
"""
        ),
        [
            ("Marta Quill", None, "They closed", "2012-07-10T01:26:00"),
            ("Oskar", None, "Good riddance", "2012-07-10T08:40:00"),
        ],
        open=False,
        warnings={"times_without_zone"},
    ),
    Case(
        "phpbb with a quotation",
        page(
            """
Re: East pier to close

by Marta Quill » Mon Jul 09, 2012 1:26 am

They closed the west pier too.

Re: East pier to close

by Oskar » Mon Jul 09, 2012 8:40 am

Marta Quill wrote:
They closed the west pier too.

And rightly so.

Re: East pier to close

by Inga » Tue Jul 10, 2012 11:05 pm

You never fished there.
"""
        ),
        [
            ("Marta Quill", None, "They closed", "2012-07-09T01:26:00"),
            ("Oskar", None, "Marta Quill wrote:", "2012-07-09T08:40:00"),
            ("Inga", None, "You never", "2012-07-10T23:05:00"),
        ],
        warnings={"times_without_zone"},
    ),
    Case(
        "vbulletin",
        page(
            """
07-09-2012, 01:26 AM #1

Marta Quill
Senior Member

Join Date: Jan 2010
Location: Port Wennick
Posts: 312

They closed the west pier too, in the same way.

Reply With Quote

07-09-2012, 08:40 AM #2

Oskar
Junior Member

Join Date: Feb 2012
Posts: 7

Good riddance to that rotten thing.

Reply With Quote

07-25-2012, 11:05 PM #3

Inga
Senior Member

Join Date: Jan 2009
Posts: 1,204

You never fished there, Oskar.

Reply With Quote
"""
        ),
        [
            ("Marta Quill", None, "They closed", "2012-07-09T01:26:00"),
            ("Oskar", None, "Good riddance", "2012-07-09T08:40:00"),
            ("Inga", None, "You never", "2012-07-25T23:05:00"),
        ],
        warnings={"times_without_zone"},
    ),
    Case(
        "numbers before names",
        page(
            """
392 Comments

  391. Marta Quill

    They closed the west pier too.

    Posted 10 July 2012

  392. Oskar

    Good riddance to it.

    Posted 11 July 2012
"""
        ),
        [
            ("Marta Quill", None, "They closed", "2012-07-10T00:00:00"),
            ("Oskar", None, "Good riddance", "2012-07-11T00:00:00"),
        ],
        stated=392,
        warnings={"fewer_comments_than_stated", "times_without_zone"},
    ),
    Case(
        "numbers before names, nothing else",
        page(
            """
Comments

391. Marta Quill

They closed the west pier too.

392. Oskar

Good riddance to it.

393. Marta Quill

Shame on you.

Comments are closed.
"""
        ),
        [
            ("Marta Quill", None, "They closed", None),
            ("Oskar", None, "Good riddance", None),
            ("Marta Quill", None, "Shame on you.", None),
        ],
        open=False,
    ),
    Case(
        "drupal",
        page(
            """
Comments

West pier

Submitted by Marta Quill (not verified) on Tue, 07/10/2012 - 01:26

They closed the west pier too.

  * reply

Good riddance

Submitted by Oskar (not verified) on Fri, 07/13/2012 - 08:40

And to the gulls.

  * reply

In reply to West pier by Marta Quill (not verified)

Submitted by Inga (not verified) on Sat, 07/14/2012 - 23:05

And the slipway.

  * reply
"""
        ),
        [
            ("Marta Quill", None, "West pier\n\nThey closed", "2012-07-10T01:26:00"),
            ("Oskar", None, "Good riddance\n\nAnd to the gulls.", "2012-07-13T08:40:00"),
            ("Inga", 0, "And the slipway.", "2012-07-14T23:05:00"),
        ],
        warnings={"times_without_zone"},
    ),
    Case(
        "name over date with buttons, newspaper style",
        page(
            """
3 Comments
Sort by Newest

Marta Quill
Port Wennick | 10 July 2012

They closed the west pier too.

12 Recommend
Share
Flag

Oskar
Lowe | 11 July 2012

Good riddance to it, and to the gulls.

1 Recommend
Share
Flag

Inga
Port Wennick | 12 July 2012

You never fished there.

4 Recommend
Share
Flag
"""
        ),
        [
            ("Marta Quill", None, "They closed", "2012-07-10T00:00:00"),
            ("Oskar", None, "Good riddance", "2012-07-11T00:00:00"),
            ("Inga", None, "You never", "2012-07-12T00:00:00"),
        ],
        stated=3,
        warnings={"times_without_zone"},
    ),
    Case(
        "video site",
        page(
            """
3 Comments

@martaquill
3 years ago

They closed the west pier too.

12

Reply

2 replies

@oskar77
2 years ago (edited)

Good riddance to it.

Reply

@inga
2 years ago

You never fished there.

1

Reply
"""
        ),
        [
            ("@martaquill", None, "They closed", None),
            ("@oskar77", None, "Good riddance", None),
            ("@inga", None, "You never", None),
        ],
        stated=3,
        warnings={"times_not_exact"},
    ),
    Case(
        "time zone stated",
        page(
            """
2 comments

Marta Quill on 2012-07-10T01:26:00+02:00

They closed the west pier too.

Oskar on 2012-07-10T08:40:00Z

Good riddance to it.
"""
        ),
        [
            ("Marta Quill", None, "They closed", "2012-07-09T23:26:00+00:00"),
            ("Oskar", None, "Good riddance", "2012-07-10T08:40:00+00:00"),
        ],
        stated=2,
    ),
    Case(
        "pingbacks and trackbacks are no comments",
        page(
            """
4 Responses to “East pier to close”

  1. Marta Quill says:
    July 10, 2012 at 1:26 am

    They closed the west pier too.

    Reply

  2. Pingback: Harbour news of the week | The Gull

  3. Shorelines » The pier says:
    July 11, 2012 at 3:00 am

    […] voted on Tuesday to close the east pier for two years […]

    Reply

  4. Oskar says:
    July 11, 2012 at 8:40 am

    Good riddance to it.

    Reply

Comments are closed.
"""
        ),
        [
            ("Marta Quill", None, "They closed", "2012-07-10T01:26:00"),
            ("Oskar", None, "Good riddance", "2012-07-11T08:40:00"),
        ],
        stated=4,
        open=False,
        warnings={"fewer_comments_than_stated", "pingbacks_left_out", "times_without_zone"},
    ),
    Case(
        "sidebar of recent comments before and after",
        """East pier to close

Recent Comments

  * Oskar on The new library
  * Inga on East pier to close
  * Marta Quill on Why we dredge

The harbour board of Port Wennick voted on Tuesday to close the east pier for two years, and
nobody who fishes there was heard before the vote was taken in a room without a window.

2 Responses to “East pier to close”

Marta Quill says:
July 10, 2012 at 1:26 am

They closed the west pier too.

Oskar says:
July 10, 2012 at 8:40 am

Good riddance to it.

Recent Comments

  * Oskar on The new library
  * Inga on East pier to close

Archives

  * July 2012
  * June 2012
""",
        [
            ("Marta Quill", None, "They closed", "2012-07-10T01:26:00"),
            ("Oskar", None, "Good riddance to it.", "2012-07-10T08:40:00"),
        ],
        stated=2,
        warnings={"times_without_zone"},
    ),
    Case(
        "hard-wrapped page",
        """East pier to close

The harbour board of Port Wennick voted on Tuesday to close the east
pier for two years. Engineers say that the piles under the walkway
have lost a third of their strength since 2009, and that repairs would
cost more than a new pier.

2 comments

Marta Quill says:
July 10, 2012 at 1:26 am

They closed the west pier too, and I remember the promises that were
made on that day in front of the whole town. Not one of them was kept,
and nobody was ashamed.

Who profits from it?

Oskar says:
July 10, 2012 at 8:40 am

Good riddance to it, since my brother broke his leg on that walkway
and the board did not even answer his letter about it, which he wrote
from the hospital.
""",
        [
            (
                "Marta Quill",
                None,
                "They closed the west pier too, and I remember the promises that were made on that "
                "day in front of the whole town.",
                "2012-07-10T01:26:00",
            ),
            ("Oskar", None, "Good riddance to it, since my brother", "2012-07-10T08:40:00"),
        ],
        stated=2,
        warnings={"times_without_zone"},
    ),
    Case(
        "controls of every kind are no text",
        page(
            """
2 comments

Marta Quill says:
July 10, 2012 at 1:26 am (Edit)

They closed the west pier too.

Like Liked by 25 people

Reply ↓

Permalink

Oskar says:
July 10, 2012 at 8:40 am

Your comment is awaiting moderation.

Good riddance to it.

Log in to Reply

Flag
"""
        ),
        [
            ("Marta Quill", None, "They closed the west pier too.", "2012-07-10T01:26:00"),
            ("Oskar", None, "Good riddance to it.", "2012-07-10T08:40:00"),
        ],
        stated=2,
        warnings={"times_without_zone"},
    ),
    Case(
        "comments alone, without an article",
        """Marta Quill says:
July 10, 2012 at 1:26 am

They closed the west pier too.

Oskar says:
July 10, 2012 at 8:40 am

Good riddance to it.
""",
        [
            ("Marta Quill", None, "They closed", "2012-07-10T01:26:00"),
            ("Oskar", None, "Good riddance", "2012-07-10T08:40:00"),
        ],
        title=None,
        warnings={"times_without_zone"},
    ),
    Case(
        "list of people who address each other, no heading",
        page(
            """
  • Marta Quill

    They closed the west pier too, and nobody asked.

    • Oskar

      @Marta Quill That is not how I remember it. Everybody was asked, twice.

    • Inga

      @Marta Quill And the slipway went the same way, if you remember that.

  • Herbert

    Nobody will pay for a new one. Nobody ever does.
"""
        ),
        [
            ("Marta Quill", None, "They closed", None),
            ("Oskar", 0, "@Marta Quill That", None),
            ("Inga", 0, "@Marta Quill And", None),
            ("Herbert", None, "Nobody will pay", None),
        ],
    ),
    Case(
        "one comment below a heading, nothing around it",
        page(
            """
1 reply on “East pier to close”

They closed the west pier too, and nobody was asked about that either.

Comments are closed.
"""
        ),
        [(None, None, "They closed", None)],
        stated=1,
        open=False,
    ),
    Case(
        "no comments yet",
        page(
            """
No Comments

Leave a Reply

Your email address will not be published.
"""
        ),
        [],
        stated=0,
        open=True,
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_system(case: Case) -> None:
    parsed = parse(case.text, format="text")
    found = [
        (
            comment.author_name,
            None if comment.parent_id is None else _position(parsed.comments, comment.parent_id),
            (comment.text or "")[: len(case.comments[index][2])]
            if index < len(case.comments)
            else comment.text,
            comment.created_at.isoformat() if comment.created_at else None,
        )
        for index, comment in enumerate(parsed.comments)
    ]
    assert found == case.comments
    assert parsed.article.title == case.title
    assert parsed.stated_comment_count == case.stated
    assert parsed.comments_open == case.open
    assert {warning.code for warning in parsed.warnings} == case.warnings


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_nothing_of_one_part_stands_in_another(case: Case) -> None:
    parsed = parse(case.text, format="text")
    for comment in parsed.comments:
        if comment.text:
            assert comment.text not in parsed.article.text
        assert not any(
            line.strip().lower() in {"reply", "share", "flag", "permalink", "reply ↓", "like"}
            for line in (comment.text or "").split("\n")
        )
    if ARTICLE.strip() in case.text:
        assert "betrayal" in parsed.article.text
        assert not any("betrayal" in (comment.text or "") for comment in parsed.comments)


def _position(comments: tuple, parent_id: str) -> int:
    return next(k for k, comment in enumerate(comments) if comment.comment_id == parent_id)
