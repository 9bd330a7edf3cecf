"""Pages without comments that look as if they had some; each written for this test."""

from __future__ import annotations

import pytest

from toolkit.parsing import parse

INTRO = """Two years without a pier

The harbour board of Port Wennick voted on Tuesday to close the east pier for two years, and the
town has talked about nothing else since then, in the market and in both of its churches.
"""

TRAPS = {
    "interview with Q and A": """
Q: What did the engineers tell you?

A: That a third of the piles cannot carry a cart any longer. They showed us the photographs.

Q: Did you believe them at once?

A: No. I went down at low tide and put my hand into the wood up to the wrist.

Q: And now?

A: Now we wait for the money, as we always do.
""",
    "interview with names": """
Herald: What did the engineers tell you?

Quill: That a third of the piles cannot carry a cart any longer.

Herald: Did you believe them?

Quill: No. I went down at low tide and put my hand into the wood.

Herald: And now?

Quill: Now we wait for the money.
""",
    "transcript in capitals": """
MAYOR PELL:
I will not have this pier called rotten in my own council chamber.

COUNCILLOR OSK:
Then call it ripe.

MAYOR PELL:
Order. Order, please.
""",
    "numbered advice": """
1. Walk on the west side

The boards there were changed in 2015 and hold well.

2. Leave the cart at home

Wheels find every gap, and there are many gaps.

3. Bring a lamp

The board has switched off the lights to save money.

4. Go at low tide

You will see for yourself what the engineers have seen.
""",
    "numbered advice above a comment form": """
1. Walk on the west side

The boards there were changed in 2015 and hold well.

2. Leave the cart at home

Wheels find every gap, and there are many gaps.

3. Bring a lamp

The board has switched off the lights to save money.

Leave a Reply

Your email address will not be published.
""",
    "verbs of saying in the text": """
The mayor says:

"We have no choice. The pier is a danger to every child in the town."

She adds:

"I fished there with my father."

Nobody in the room wanted to answer that, and the meeting was closed soon after.
""",
    "one person quoted at length": """
Marta Quill says:

"They closed the west pier too, and it never came back. I do not believe a word of it."

Others are less sure, and the hotel on the square has not answered our letters at all.
""",
    "diary": """
10 July 2012

The boards were wet and nobody had come to work. I counted eleven boats.

11 July 2012

Rain. The foreman went to the town hall and came back without his hat.

12 July 2012

They nailed the notice to the gate at noon. Nobody read it aloud.
""",
    "letters": """
Port Wennick, 5 May 1890

My dear Inga, the pier is finished and the band has played on it for three evenings in a row.

Port Wennick, 9 May 1890

My dear Inga, the first plank has come loose already, and your uncle fell over it.

Port Wennick, 12 May 1890

My dear Inga, they have nailed it down again, and the band plays on the other side now.
""",
    "timeline with times": """
July 10, 2012, 9:00 am

The board meets behind closed doors for the first time since the flood of the year before.

July 10, 2012, 11:30 am

The engineers leave by the back stairs, and one of them is carrying a piece of wood.

July 10, 2012, 4:00 pm

The notice is nailed to the gate, and a crowd of about sixty people stands in front of it.
""",
    "tweets inside the article": """
The first reactions came within minutes of the vote, and they were not kind to the board.

Sixty years I have fished there. Sixty.

— Marta Quill (@martaquill) July 10, 2012

The band is thinking about what it will do next summer, since it has nowhere to play.

Where are we going to play now?

— Wennick Brass (@wennickbrass) July 11, 2012

The board did not answer any of them on that day or on the next one.
""",
    "related articles with dates": """
The work is to begin in autumn, if the money comes, and to end two years later.

Related articles

West pier still closed
July 2, 2012

Dredger stuck for a week
June 28, 2012

Hotel wants a marina
June 20, 2012
""",
    "cards of other articles": """
The work is to begin in autumn, if the money comes, and to end two years later.

West pier still closed after four years
by Jana Holm on July 2, 2012
The gate has been locked since the storm, and the key is said to lie in the harbour.
Continue reading

Dredger stuck for a week
by Piet Aal on June 28, 2012
Nobody was hurt, but the channel to the inner harbour was blocked for six days.
Continue reading

Hotel wants a marina
by Jana Holm on June 20, 2012
The owners have asked the board for a lease of ninety years at a price not made public.
Continue reading
""",
    "counts in the prose": """
The board had received 312 comments on its plan. Two comments on the costs were read aloud.

One response to the plan came from the hotel; the rest were from people who fish there.
""",
    "comments closed and nothing else": """
The work is to begin in autumn, if the money comes, and to end two years later.

Comments are closed.
""",
    "sidebar of recent comments": """
The work is to begin in autumn, if the money comes, and to end two years later.

Recent Comments

  * Oskar on The new library
  * Inga on West pier still closed
  * Marta Quill on Dredger stuck for a week
""",
    "sidebar of recent comments with dates": """
The work is to begin in autumn, if the money comes, and to end two years later.

Recent Comments

Oskar on The new library
July 10, 2012 at 1:26 am

Inga on West pier still closed
July 10, 2012 at 2:30 am
""",
    "schedule": """
Monday
10:00 Opening by the mayor
11:00 Brass band

Tuesday
10:00 The engineers explain
11:30 Questions from the floor

The doors are open half an hour before each part of the programme begins.
""",
    "poem": """
The pier went out to sea one night
And did not say goodbye,
The gulls sat down upon the rail
And asked each other why.

The mayor counted planks and nails
And found them all too few,
The hotel rang its silver bell
And ordered something new.
""",
    "chat quoted in an article": """
[19:02] quill: is it true
[19:02] osk: it is on the gate
[19:03] quill: then it is true

That is how most of the town learned of it, long before the Herald could print a word.
""",
    "list of people and posts": """
  * Marta Quill, chair of the anglers
  * Oskar Penn, hotel keeper
  * Inga Moor, engineer
  * Herbert Pell, mayor

All four of them sat at one table on Tuesday and did not look at each other.
""",
    "minutes with resolutions": """
1.1 The board notes the report of the engineers.

1.2 The board closes the east pier from 1 August 2012 to 31 July 2014.

2.1 The board asks the town for money.

2.2 The board thanks the engineers for their work at low tide.
""",
    "prices and figures": """
Repair: 4.2 million
New pier: 3.8 million
No pier: 0.3 million

These are the figures that the board has had on its table since the spring of 2009.
""",
    "reviews of places by one writer": """
The Anchor, Quay Street, 10 July 2012

Good soup, cold potatoes, and a view of the closed pier that one would rather not have.

The Net, Quay Street, 11 July 2012

Bad soup, warm potatoes, no view at all, and a landlord who remembers the old days.
""",
}


@pytest.mark.parametrize("trap", TRAPS.values(), ids=TRAPS)
def test_no_comments(trap: str) -> None:
    page = parse(f"{INTRO}{trap}", format="text")
    assert [(comment.author_name, comment.text) for comment in page.comments] == []
    assert page.article.title == "Two years without a pier"
    assert page.article.text.startswith("The harbour board of Port Wennick voted")


@pytest.mark.parametrize(
    "name",
    [
        "interview with Q and A", "interview with names", "transcript in capitals",
        "numbered advice", "numbered advice above a comment form", "verbs of saying in the text",
        "diary", "letters", "timeline with times", "poem", "minutes with resolutions",
        "list of people and posts", "chat quoted in an article",
    ],
)  # fmt: skip
def test_the_article_keeps_its_text(name: str) -> None:
    page = parse(f"{INTRO}{TRAPS[name]}", format="text")
    body = TRAPS[name].partition("Leave a Reply")[0]
    for line in filter(None, map(str.strip, body.split("\n"))):
        assert line in page.article.text


def test_a_count_of_nothing_is_not_invented() -> None:
    page = parse(f"{INTRO}{TRAPS['counts in the prose']}", format="text")
    assert page.stated_comment_count is None
    assert page.comments_open is None
