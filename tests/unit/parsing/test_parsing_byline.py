"""One line that says who wrote a comment, and when."""

from __future__ import annotations

import pytest

from toolkit.parsing.byline import is_name, parse_byline

#: line -> (name, handle, parent, kind of date, says)
BYLINES: dict[str, tuple[str | None, str | None, str | None, str | None, bool]] = {
    "Marta Quill says:": ("Marta Quill", None, None, None, True),
    "Marta said...": ("Marta", None, None, None, True),
    "Iris Holm (@irisholm)": ("Iris Holm", "@irisholm", None, None, False),
    "391. Marta": ("Marta", None, None, None, False),
    "12. Iris Holm (@irisholm)": ("Iris Holm", "@irisholm", None, None, False),
    "Marta — July 10th, 2012, 1:26 am": ("Marta", None, None, "absolute", False),
    "by Marta (123456) on Monday July 23, @08:25PM": ("Marta", None, None, "partial", False),
    "by Anonymous Coward on Monday July 23, @08:25PM (#40743591)": (
        "Anonymous Coward", None, None, "partial", False,
    ),
    "by Marta (123) <marta@quay.example> on Monday July 23, @08:25PM": (
        "Marta", None, None, "partial", False,
    ),
    "11. Jul, 2012 / Marta says:": ("Marta", None, None, "absolute", True),
    "11. Jul, 2012": (None, None, None, "absolute", False),
    "Marta•7 days ago": ("Marta", None, None, "relative", False),
    "Marta> Oskar•5 days ago": ("Marta", None, "Oskar", "relative", False),
    "Marta Mod > Oskar • 5 days ago": ("Marta", None, "Oskar", "relative", False),
    "MartaMod•5 days ago": ("Marta", None, None, "relative", False),
    "salty 3 hours ago | prev | next [–]": ("salty", None, None, "relative", False),
    "[–]salty[S] 12 points 3 hours ago* (last edited 2 hours ago) (4 children)": (
        "salty", None, None, "relative", False,
    ),
    "u/salty • 3 hr. ago": ("u/salty", None, None, "relative", False),
    "Marta @marta · 3d": ("Marta", "@marta", None, "relative", False),
    "@marta 3 years ago": ("@marta", "@marta", None, "relative", False),
    "Marta April 21, 2017 at 7:59 am": ("Marta", None, None, "absolute", False),
    "Marta QuillJuly 10, 2012 at 1:26 AM": ("Marta Quill", None, None, "absolute", False),
    "Unbekannt10. September 2017 um 18:12": ("Unbekannt", None, None, "absolute", False),
    "Marta Quill 11. Februar 2020 at 9:41 Antworten": (
        "Marta Quill", None, None, "absolute", False,
    ),
    "Comment by Marta Quill — 18.07, 2011 @ 11:43": ("Marta Quill", None, None, "absolute", False),
    "Kommentar von Marta — 2019-01-01 @ 00:39 | Antworten": (
        "Marta", None, None, "absolute", False,
    ),
    "Posted by: Marta Quill | July 10, 2012 at 01:26 AM": (
        "Marta Quill", None, None, "absolute", False,
    ),
    "Submitted by Marta (not verified) on Tue, 07/10/2012 - 01:26.": (
        "Marta", None, None, "absolute", False,
    ),
    "by Marta » Mon Jul 09, 2012 1:26 am": ("Marta", None, None, "absolute", False),
    "07-10-2012, 01:26 AM #12": (None, None, None, "absolute", False),
    "Muriel - Le 22/01/2020 à 12:01:03": ("Muriel", None, None, "absolute", False),
    "Par Bruno Gaudin, le mercredi 15 mai 2019 à 08h07": (
        "Bruno Gaudin", None, None, "absolute", False,
    ),
    "Georg N. am 10.4.2020": ("Georg N.", None, None, "absolute", False),
    "#1 von Marta 29.12.2010 - 22:40": ("Marta", None, None, "absolute", False),
    "10. Juli 2012 um 13:04 Uhr schrieb Marta:": ("Marta", None, None, "absolute", True),
    "On July 10, 2012 at 1:26 am Marta said:": ("Marta", None, None, "absolute", True),
    "Marta on July 10, 2012 at 1:26 am said:": ("Marta", None, None, "absolute", True),
    "At 1:26 AM, July 10, 2012, Anonymous said...": ("Anonymous", None, None, "absolute", True),
    "Marta replied to Oskar 3 days ago": ("Marta", None, "Oskar", "relative", False),
    "Marta in reply to Oskar • 3 days ago": ("Marta", None, "Oskar", "relative", False),
    "Jess Kitt, The Good In Every Day Jun 20th at 7:29 am": (
        "Jess Kitt, The Good In Every Day", None, None, "partial", False,
    ),
    "Updated: August 22, 2019": (None, None, None, "absolute", False),
    "يقول أحمد:": ("أحمد", None, None, None, True),
    "أحمد يقول:": ("أحمد", None, None, None, True),
    "علی گفت:": ("علی", None, None, None, True),
    "田中より:": ("田中", None, None, None, True),
    "小明说道：": ("小明", None, None, None, True),
    "Иван пишет:": ("Иван", None, None, None, True),
    "Mehmet dedi ki:": ("Mehmet", None, None, None, True),
}  # fmt: skip


@pytest.mark.parametrize("line", BYLINES)
def test_byline(line: str) -> None:
    byline = parse_byline(line)
    assert byline is not None
    assert (
        byline.name,
        byline.handle,
        byline.parent_name,
        None if byline.when is None else byline.when.kind,
        byline.says,
    ) == BYLINES[line]


@pytest.mark.parametrize(
    "line",
    [
        "", "   ", "Marta Quill", "The mayor says:", "He says:", "It says:", "MAYOR PELL:",
        "Q: What do you think?", "He was born on July 10, 2012.",
        "We met in Paris on 10 July 2012",
        "I wrote about that on July 10, 2012, and nobody read it.", "@marta",
        "support@quay.example",
        "— Marta Quill (@marta) July 10, 2012", "One thought on “The pier”", "Reply", "x" * 300,
        "See https://quay.example/2012/07/10/pier",
    ],
)  # fmt: skip
def test_no_byline(line: str) -> None:
    assert parse_byline(line) is None


def test_what_varies_is_not_in_the_shape() -> None:
    one = parse_byline("by Marta (123456) on Monday July 23, @08:25PM (#40743591)")
    two = parse_byline("by Anonymous Coward on Sunday July 22, @11:00AM (#40743777)")
    assert one is not None
    assert two is not None
    assert one.shape == two.shape
    assert (one.key, one.user_id) == ("40743591", "123456")
    assert (two.key, two.user_id) == ("40743777", None)


def test_words_of_hacker_news_links() -> None:
    byline = parse_byline("salty 3 hours ago | root | parent | prev | next [–]")
    assert byline is not None
    assert byline.words == {"root", "parent", "prev", "next"}


@pytest.mark.parametrize(
    "text",
    ["Marta", "marta77", "Marta Quill", "Dr. M. Quill Jr.", "O'Neil-Quill", "Георг", "田中",
     "علی رضا", "Quill, Marta", "the_real_marta", "M."],
)  # fmt: skip
def test_names(text: str) -> None:
    assert is_name(text)


@pytest.mark.parametrize(
    "text",
    ["", "...", "They closed it.", "Who profits?", "he said", "Leave a Reply", "2 Comments",
     "Recipe of",
     "https://quay.example", "this is a line of prose in lower case", "(Edit)", "Recent Comments",
     "x" * 80],
)  # fmt: skip
def test_no_names(text: str) -> None:
    assert not is_name(text)
