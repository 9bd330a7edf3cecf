"""Where sentences end: own examples in the shapes that comments come in."""

from __future__ import annotations

import pytest

from toolkit.text.sentences import sentence_spans


def split(text: str, language: str | None = None) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text, language)]


# Each sentence of the text stands between bars.
CASES: list[tuple[str | None, str]] = [
    # Abbreviations, initials and titles.
    ("en", "Mr. Hale paid Mrs. Orme.| She left."),
    ("en", "I met Dr. Who there.| Prof. Kay came too."),
    ("en", "Dr. Ames agreed."),
    ("en", "J. R. R. Vane wrote it.| J.F.K. did not."),
    ("en", "She reads A. A. Milner.| So do I.| He does not."),
    ("en", "Take vitamin C. It helps.".replace("C. It", "C.| It")),
    ("en", "Gov. Brown met Sen. Lowe and Lt. Col. Baz."),
    (
        "en",
        "He lives on Main St. in the north.| St. John lives there.| We met on Main St.| It rained.",
    ),
    ("en", "They sell bolts, nuts, etc. in bulk.| They sell bolts, etc.| They sell more."),
    ("en", "Acme Inc. is late.| We sued Acme Inc.| They paid."),
    ("en", "We left at 5 p.m. yesterday.| They came at 5 p.m.| We ate."),
    ("en", "The U.S. Congress met.| I live in the U.S.| It is big."),
    ("en", "Some fruit, e.g. pears, i.e. not apples, cf. Smith."),
    ("en", "No. 5 is best.| No.| I disagree."),
    ("en", "See Fig. 3 and p. 12 of vol. 2."),
    ("en", "On Jan. 5 it snowed.| In Sept. 1990 too."),
    ("en", "She has a Ph.D. in law.| He has a Ph.D.| They met there."),
    # Numbers, addresses, files.
    ("en", "It costs 3.5 million.| Version 2.0.1 is out."),
    ("en", "It was 5.| Then it was 6."),
    ("en", "See https://example.org/a.b?c=D.E for more.| Thanks."),
    ("en", "Ask info@example.org.| They know."),
    ("en", "Visit www.Example.Com today.| Or www.foo.com.| then go"),
    ("en", "Open notes.txt in Node.js now."),
    ("en", "1. First item.| 2. Second item."),
    ("en", "That is 5%.| That is $3.| OK."),
    # Runs of stops, ellipses, no spaces, careless writing.
    ("en", "Wow!!| Really??| What?!| No way."),
    ("en", "Well... I think so.".replace("... I", "...| I")),
    ("en", "Well... maybe not… but who knows"),
    ("en", "Wait… What?".replace("… W", "…| W")),
    ("en", "I am done.|Now we go.|Bye!|Then what?|Yes"),
    ("en", "NO!|That is ALL.|Why?|你好。|Ok"),
    ("en", "i agree.| he is bad.| so do i.| he knows"),
    ("en", "really!!| no one cares.| ok"),
    ("en", "Stop . . .| Now."),
    ("en", "No stop at all here"),
    ("en", "..."),
    # Quotations and brackets.
    ("en", 'He said "I will go. Now." and left.| She stayed.'),
    ("en", 'He said "I will go."| Then he left.'),
    ("en", "“Really?” she asked.| “Yes.”| He nodded."),
    ("en", "He asked 'why?' and left.| 'Because.'| Fine."),
    ("en", "It rained (see p. 5. Then more) and stopped.| (It was cold.)| Next."),
    ("en", "Is it true?)| Yes."),
    ("en", 'An "open quotation.| Next one.| And on.'),
    ("en", "“One long quotation.| It has two sentences.”| Then mine."),
    # Emoji and emoticons go with what they follow.
    ("en", "So funny! 😂😂| Next one.| Great. :)| Bye."),
    ("en", "Thanks. 👍🏽| You too. ❤️"),
    ("en", "😀 Hello there.| Bye."),
    # Lines and paragraphs.
    ("en", "First paragraph\n\n|second paragraph"),
    ("en", "First\r\n\r\n|second\r\n \r\n|third"),
    ("en", "One\u2029|two"),
    (
        "en",
        "This line is wrapped by hand near its seventieth column so that it\nreaches on. |Next.",
    ),
    (
        "en",
        "A wrapped line that goes on in the next owing to the name of\nNorthwick Town Hall. |Next.",
    ),
    ("en", "Things I hate:\n|- one\n|- two\n|* three\n|• four"),
    ("en", "1) one thing\n|2) another"),
    ("en", "Short title\n|Body starts here.| And goes on."),
    ("en", "Dear editor,\nI disagree."),
    ("en", "> what you said.| and more\n|my answer.| yes"),
    # Other languages.
    ("de", "Das ist z. B. gut.| Am 5. Mai war Hr. Dr. Meier da.| Usw."),
    ("de", "Er kam als 3. ins Ziel.| Das war 1990.| Dann bzw. danach kam ca. 5 m weiter nichts."),
    ("fr", "M. Duval et Mme. Roy sont là.| Voilà !| Il y a p. ex. ceci."),
    ("es", "¿Qué dice el Sr. Gil?| ¡No!| EE. UU. es grande."),
    ("it", "Il sig. Neri e il dott. Bianchi ecc. sono qui.| Fine."),
    ("pt-BR", "O Sr. Lima e a Dra. Reis chegaram.| Sim."),
    ("nl", "Dhr. Bos kwam d.w.z. hij was er.| Ja."),
    ("ru", "А. С. Котов жил в г. Липки.| В 1990 г. он уехал и т. д. и т. п."),
    ("pl", "To jest np. dom przy ul. Polnej.| Tak."),
    ("el", "Τι λέτε;| Ο κ. Νίκος ξέρει.| Ναι."),
    ("en", "One; two; three."),
    ("ar", "هل هذا صحيح؟| نعم!| قال د. أحمد ذلك.| ثم ذهب"),
    ("fa", "این درست است.| آیا؟| بله! |خوب"),
    ("ur", "یہ اچھا ہے۔| کیا یہ ٹھیک ہے؟| جی"),
    ("hi", "यह है।| वह भी है॥| ठीक"),
    ("am", "ይህ ነው።| ያ ነው፧| አዎ"),
    ("hy", "Սա է։| Այն"),
    ("my", "ဟုတ်တယ်။| မဟုတ်ဘူး။"),
    ("zh", "你好。|世界！|怎么了？|他说：“好。”然后走了。|好"),
    ("ja", "すごい。|彼は「はい。そうです。」と言った。|終わり"),
    ("ko", "안녕하세요.| 정말요?| 네!"),
    (None, "Unknown, e.g. this.| Works?| Yes."),
    ("und", "Mr. Hale came.| Yes."),
    ("xx", "Unknown, e.g. this.| Works?"),
]


@pytest.mark.parametrize(("language", "marked"), CASES)
def test_splits_where_the_bars_are(language: str | None, marked: str) -> None:
    expected = [piece.strip() for piece in marked.split("|")]
    assert split(marked.replace("|", ""), language) == expected


@pytest.mark.parametrize("text", ["", " ", "\n\n", "\t \u2029 \r\n"])
def test_white_space_has_no_sentence(text: str) -> None:
    assert sentence_spans(text) == []


def test_offsets_are_code_points() -> None:
    text = "🙂🙂 Gut so. 𝔘nd weiter! "
    assert [(text[a:b], a) for a, b in sentence_spans(text, "de")] == [
        ("🙂🙂 Gut so.", 0),
        ("𝔘nd weiter!", 11),
    ]


@pytest.mark.parametrize(
    "unit",
    [
        "a. ",
        ".",
        "a",
        '"a. ',
        "(",
        "\n",
        "x.Y",
        "www.",
        "a@",
        "-",
        "> a\n",
        "no\nNo\n",
        "(a. B, ",
        "(a. B), C. ",
        '"a. B" c. D ',
    ],
)
def test_long_runs_of_anything_are_split_in_linear_time(unit: str) -> None:
    # Quadratic in any of these, ten thousand repetitions would take minutes.
    text = unit * 10_000 + ". End"
    spans = sentence_spans(text)
    assert "".join("".join(text[a:b].split()) for a, b in spans) == "".join(text.split())
