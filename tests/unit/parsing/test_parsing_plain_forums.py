"""Comments as further systems print them; each page written for this test."""

from __future__ import annotations

import pytest

from toolkit.parsing import parse

ARTICLE = """East pier to close

The harbour board of Port Wennick voted on Tuesday to close the east pier for two years.

Engineers say that the piles under the walkway have lost a third of their strength since 2009,
and that repairs would cost more than a new pier. Fishing families call the vote a betrayal.
"""

MARTA = "They closed the west pier too, and it never came back."
OSKAR = "Good riddance to that rotten thing, and to its gulls."
INGA = "You never fished there, did you?"

#: Each page holds the three texts above by Marta Quill, Oskar and Inga.
PAGES = {
    "genesis: says without a colon": f"""
Comments

Marta Quill says

July 10, 2012 at 1:26 am

{MARTA}

Reply

Oskar says

July 10, 2012 at 8:40 am

{OSKAR}

Reply

Inga says

July 11, 2012 at 11:05 pm

{INGA}

Reply

Leave a Reply
""",
    "says on a line of its own": f"""
3 comments

Marta Quill

says:

July 10, 2012 at 1:26 am

{MARTA}

Oskar

says:

July 10, 2012 at 8:40 am

{OSKAR}

Inga

says:

July 11, 2012 at 11:05 pm

{INGA}
""",
    "livejournal": f"""
Marta Quill
2012-07-10 01:26 am (UTC)

{MARTA}

(Reply) (Thread)

Oskar
2012-07-10 08:40 am (UTC)

{OSKAR}

(Reply) (Thread)

Inga
2012-07-11 11:05 pm (UTC)

{INGA}

(Reply) (Thread)
""",
    "movable type": f"""
3 Comments

Marta Quill Author Profile Page | July 10, 2012 1:26 AM | Reply

{MARTA}

Oskar | July 10, 2012 8:40 AM | Reply

{OSKAR}

Inga | July 11, 2012 11:05 PM | Reply

{INGA}

Leave a comment
""",
    "metafilter": f"""
{MARTA}
posted by Marta Quill at 1:26 AM on July 10, 2012 [3 favorites]

{OSKAR}
posted by Oskar at 8:40 AM on July 10, 2012

{INGA}
posted by Inga at 11:05 PM on July 11, 2012 [1 favorite]

« Older West pier still closed | Newer Dredger stuck »
""",
    "scoop, as on political blogs": f"""
West pier (4+ / 0-)

{MARTA}

by Marta Quill on Tue Jul 10, 2012 at 01:26:00 AM PDT

[ Parent ]

Gulls (1+ / 2-)

{OSKAR}

by Oskar on Tue Jul 10, 2012 at 08:40:00 AM PDT

[ Parent ]

Fish (0+ / 0-)

{INGA}

by Inga on Wed Jul 11, 2012 at 11:05:00 PM PDT

[ Parent ]
""",
    "xenforo": f"""
{MARTA}

Marta Quill, Jul 10, 2012 #1

{OSKAR}

Oskar, Jul 10, 2012 #2

{INGA}

Inga, Jul 11, 2012 #3

(You must log in or sign up to reply here.)
""",
    "facebook plugin": f"""
3 Comments

Sort by Oldest

Marta Quill

{MARTA}

Like · Reply · 5 · Jul 10, 2012 1:26am

Oskar

{OSKAR}

Like · Reply · Jul 10, 2012 8:40am

Inga

{INGA}

Like · Reply · 1 · Jul 11, 2012 11:05pm

Facebook Comments Plugin
""",
    "name, then date and time with dots": f"""
Kommentare

Marta Quill
10.07.2012, 01.26 Uhr

{MARTA}
4 2 Login für Vote

Oskar
10.07.2012, 08.40 Uhr

{OSKAR}
1 0 Login für Vote

Inga
11.07.2012, 23.05 Uhr

{INGA}
0 7 Login für Vote

Kommentar hinzufügen
""",
    "avatar, name twice, number": f"""
3 Kommentare

Profilbild von Marta Quill

Marta Quill

5819

Marta Quill

10.07.2012, 01:26 Zum Antworten anmelden Zitieren #

{MARTA}

Profilbild von Oskar

Oskar

12

Oskar

10.07.2012, 08:40 Zum Antworten anmelden Zitieren #

{OSKAR}

Profilbild von Inga

Inga

640

Inga

11.07.2012, 23:05 Zum Antworten anmelden Zitieren #

{INGA}
""",
    "date above name": f"""
3 Kommentare

10. Juli 2012 01:26
Marta Quill
Marta Quill

{MARTA}

Daumen hoch0Daumen runter  Antworten

10. Juli 2012 08:40
Oskar
Oskar

{OSKAR}

Daumen hoch2Daumen runter  Antworten

11. Juli 2012 23:05
Inga
Inga

{INGA}

Daumen hoch0Daumen runter  Antworten
""",
    "name on top, date below the text": f"""
Kommentare

Kommentar schreiben

Abbrechen Senden

Marta Quill

{MARTA}

10.07.2012 01:26
Antworten

Dein Kommentar wird gespeichert...

Oskar

{OSKAR}

10.07.2012 08:40
Antworten

Dein Kommentar wird gespeichert...

Inga

{INGA}

11.07.2012 23:05
Antworten

Dein Kommentar wird gespeichert...
""",
    "list with numbers on their own": f"""
± 3 Kommentare zu „East pier to close“

  1. 1

    id Kommentar von Marta Quill
    10. Juli 2012 um 01:26

    {MARTA}

  2. 2

    id Kommentar von Oskar
    10. Juli 2012 um 08:40

    {OSKAR}

  3. 3

    id Kommentar von Inga
    11. Juli 2012 um 23:05

    {INGA}
""",
    "guest marks and votes, in German": f"""
3 Kommentare
neuste älteste beste Bewertung
Gast
Marta Quill

{MARTA}

Daumen hoch6Daumen runter
1 Monat her
Gast
Oskar

{OSKAR}

Daumen hoch5Daumen runter
1 Monat her
Gast
Inga

{INGA}

Daumen hoch1Daumen runter
1 Monat her
""",
    "french newspaper": f"""
3 commentaires

Par Marta Quill, le mardi 10 juillet 2012 à 01h26

{MARTA}

Par Oskar, le mardi 10 juillet 2012 à 08h40

{OSKAR}

Par Inga, le mercredi 11 juillet 2012 à 23h05

{INGA}
""",
    "html2text": f"""
## 3 Comments

  1. **Marta Quill** says:

July 10, 2012 at 1:26 am

{MARTA}

Reply

  2. **Oskar** says:

July 10, 2012 at 8:40 am

{OSKAR}

Reply

  3. **Inga** says:

July 11, 2012 at 11:05 pm

{INGA}

Reply

### Leave a Reply
""",
}


@pytest.mark.parametrize("name", PAGES)
def test_page(name: str) -> None:
    page = parse(f"{ARTICLE}\n{PAGES[name]}", format="text")
    found = [(comment.author_name, comment.text) for comment in page.comments]
    subjects = {"scoop, as on political blogs": ("West pier\n\n", "Gulls\n\n", "Fish\n\n")}
    one, two, three = subjects.get(name, ("", "", ""))
    assert found == [
        ("Marta Quill", f"{one}{MARTA}"),
        ("Oskar", f"{two}{OSKAR}"),
        ("Inga", f"{three}{INGA}"),
    ]
    assert "betrayal" in page.article.text
    assert "pier too" not in page.article.text
    if "guest marks" not in name:
        assert all(comment.created_at for comment in page.comments)
