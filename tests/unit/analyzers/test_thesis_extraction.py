from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.analyzers.thesis import extract_thesis
from toolkit.records import Article, ThesisSentence
from toolkit.text.normalize import collapse

OPINION = """\
Photo: The old bridge in the morning. (Image: Tern Valley Archive)

The town of Brackwater should close its old bridge to cars. For two centuries the bridge carried
carts and cattle, and it was never built for lorries of forty tons.

Critics say that the shops on the north bank would die without parking. But the figures from the
trial last summer show the opposite. Sales on the north bank rose by nine per cent while the bridge
belonged to cyclists and walkers.

Is it really so hard to walk two hundred metres? The engineers have found cracks in three of the
seven arches, and repairing them under traffic would cost four times as much.

A bridge that is closed to cars will stand for another two centuries. The council has the report on
its table, and it ought to act on it before winter.

Subscribe to our newsletter and follow us for more news from the Tern Valley.
"""

INTERVIEW = """\
Marta Oldenkott, who has kept bees on the roofs of Port Selwyn for thirty years, spoke to the
Harbour Gazette in her kitchen.

How are the bees of the city doing this year?

They are doing better than the bees in the country. The city sprays nothing and something is always
in bloom, so my hives on the roofs gave twice the honey of those in the fields.

You have said that farmers are to blame. Is that fair?

Farmers are not to blame, the prices are. A farmer who leaves a strip of flowers loses money, and
no law makes up for it.

Tell us about your plans for next year.

I shall put twenty hives on the roof of the fish market. The city is the last refuge that bees have,
and the harbour should be proud of it.
"""


def article(text: str = "", title: str | None = None, language: str | None = "en") -> Article:
    return Article(article_id="a", title=title, text=text, language=language)


def check_offsets(source: Article, found: list[ThesisSentence]) -> None:
    texts = {"title": source.title, "text": source.text, "user": source.thesis}
    for sentence in found:
        text = texts[sentence.source]
        assert text is not None
        assert collapse(text[sentence.start : sentence.end]) == sentence.text
        assert "\n" not in sentence.text
        assert 0.0 <= sentence.score <= 1.0
        assert sentence.reason


def test_a_headline_that_says_something_comes_first() -> None:
    page = article(OPINION, "Brackwater must give its old bridge to walkers")
    found = extract_thesis(page)
    assert len(found) == 3
    assert found[0].source == "title"
    assert found[0].text == page.title
    assert found[0].score == 1.0
    assert [sentence.source for sentence in found[1:]] == ["text", "text"]
    assert "The town of Brackwater should close its old bridge to cars." in [s.text for s in found]
    check_offsets(page, found)


def test_without_a_headline_the_text_speaks() -> None:
    page = article(OPINION)
    found = extract_thesis(page)
    assert found[0].text == "The town of Brackwater should close its old bridge to cars."
    assert {sentence.source for sentence in found} == {"text"}
    assert [sentence.score for sentence in found] == sorted(
        (sentence.score for sentence in found), reverse=True
    )
    check_offsets(page, found)


@pytest.mark.parametrize("title", [None, "The bridge", "Brackwater must close its bridge"])
def test_no_question_caption_furniture_or_rejected_view(title: str | None) -> None:
    page = article(OPINION, title)
    texts = [sentence.text for sentence in extract_thesis(page, limit=20)]
    assert texts
    for forbidden in ("Photo", "Critics say", "really so hard", "newsletter"):
        assert not any(forbidden in text for text in texts), forbidden


def test_a_headline_that_names_a_topic_is_no_thesis_beside_a_text() -> None:
    found = extract_thesis(article(OPINION, "The old bridge of Brackwater"))
    assert found
    assert {sentence.source for sentence in found} == {"text"}


def test_an_interview_speaks_through_its_answers() -> None:
    page = article(INTERVIEW, "Bees fare better on the roofs of Port Selwyn than in the fields")
    found = extract_thesis(page)
    assert found[0].source == "title"
    answers = [sentence for sentence in found if sentence.source == "text"]
    assert len(answers) == 2
    assert all("answer in the interview" in sentence.reason for sentence in answers)
    everything = [sentence.text for sentence in extract_thesis(page, limit=50)]
    for forbidden in ("spoke to", "How are the bees", "farmers are to blame.", "Tell us about"):
        assert not any(forbidden in text for text in everything), forbidden
    assert any("better than the bees in the country" in text for text in everything)
    check_offsets(page, found)


def test_what_an_interviewer_puts_to_the_other_is_no_answer() -> None:
    put = "The farmers say that your bees steal their clover."
    text = INTERVIEW + (
        f"\n{put}\n\nClover that nobody visits sets no seed. The farmers need my bees more than my "
        "bees need their clover, and most of them know it.\n"
    )
    texts = [sentence.text for sentence in extract_thesis(article(text), limit=50)]
    assert put not in texts
    assert any(text.startswith("The farmers need my bees more") for text in texts)


@pytest.mark.parametrize(
    ("ask", "answer"), [("Q: ", "A: "), ("Q. ", "A. "), ("HARBOUR GAZETTE: ", "OLDENKOTT: ")]
)
def test_speaker_labels_tell_who_asks(ask: str, answer: str) -> None:
    text = (
        f"{ask}You moved your hives to the roofs of the town. Why?\n\n"
        f"{answer}The roofs are warmer than the fields and nobody sprays them.\n\n"
        f"{ask}And your neighbours like bees, I suppose?\n\n"
        f"{answer}My neighbours were afraid of the bees at first and love the honey now.\n\n"
        f"{ask}So everybody ought to keep bees in town?\n\n"
        f"{answer}Every town should open its roofs to beekeepers.\n"
    )
    page = article(text)
    found = extract_thesis(page, limit=10)
    assert len(found) == 3
    check_offsets(page, found)
    for sentence in found:
        assert sentence.text.startswith(("The roofs", "My neighbours", "Every town"))


def test_an_essay_that_asks_itself_something_is_no_interview() -> None:
    text = (
        "The ferry to Holm Island should run at night. What would it cost?\n\n"
        "Let us look at the numbers of the ferry company. A night ferry needs a crew of four.\n\n"
        "Two islanders died last winter because no ferry ran at night to bring them to a doctor.\n"
    )
    found = extract_thesis(article(text), limit=10)
    texts = [sentence.text for sentence in found]
    assert "The ferry to Holm Island should run at night." in texts
    assert not any("answer in the interview" in sentence.reason for sentence in found)
    assert not any(text.endswith("?") for text in texts)


def test_a_quotation_that_the_author_calls_wrong_is_no_thesis() -> None:
    text = (
        "“The lighthouse of Skerry Point has outlived its use and should be torn down,” the "
        "harbour master wrote last week.\n\nThat is nonsense.\n\nThe lighthouse of Skerry Point "
        "guided eleven boats home in the storm of March, when every satellite receiver failed."
    )
    texts = [sentence.text for sentence in extract_thesis(article(text), limit=10)]
    assert len(texts) == 1
    assert texts[0].startswith("The lighthouse of Skerry Point guided")


def test_a_stated_thesis_overrides_everything() -> None:
    stated = "  The bridge is unsafe.\n\n\tCars must go. "
    page = Article(article_id="a", title="Bees are fine", text=OPINION, thesis=stated)
    found = extract_thesis(page)
    assert [sentence.text for sentence in found] == ["The bridge is unsafe.", "Cars must go."]
    assert {sentence.source for sentence in found} == {"user"}
    assert {sentence.score for sentence in found} == {1.0}
    check_offsets(page, found)


def test_a_blank_stated_thesis_is_none() -> None:
    page = Article(article_id="a", title="Brackwater must close its bridge", thesis=" \n")
    assert extract_thesis(page)[0].source == "title"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        (None, []),
        ("", []),
        ("  \n ", []),
        ("Should the bridge be closed?", []),
        ("آیا باید پل را بست؟", []),
        ("The bridge must close", ["The bridge must close"]),
        ("The old bridge", ["The old bridge"]),
        ("The bridge must close for good | Tern Valley News", ["The bridge must close for good"]),
    ],
)
def test_with_a_headline_alone(title: str | None, expected: list[str]) -> None:
    page = article("", title)
    found = extract_thesis(page)
    assert [sentence.text for sentence in found] == expected
    check_offsets(page, found)


def test_a_topic_scores_less_than_a_claim() -> None:
    topic = extract_thesis(article("", "The old bridge"))[0]
    claim = extract_thesis(article("", "The old bridge must close"))[0]
    assert topic.score < claim.score
    assert "topic" in topic.reason


def test_lines_broken_at_the_width_of_a_page_are_joined() -> None:
    text = (
        "The orchard at Lower Quern has to be saved from the\n"
        "bypass, because its pear trees grow nowhere else in\n"
        "the county and took a hundred years to grow so tall.\n"
        "\n"
        "The planners admit that another route for the bypass\n"
        "would cost no more, and that nobody lives along it at\n"
        "all, which leaves no reason to fell a single tree.\n"
    )
    page = article(text)
    found = extract_thesis(page)
    assert found[0].text.startswith("The orchard at Lower Quern has to be saved from the bypass,")
    assert found[0].text.endswith("grow so tall.")
    check_offsets(page, found)


def test_a_german_page() -> None:
    text = (
        "Die Stadt Brackwasser muss ihre alte Brücke für Autos sperren. Die Brücke trägt seit "
        "zweihundert Jahren Karren und Vieh, aber keine Lastwagen.\n\n"
        "Kritiker behaupten, dass die Geschäfte ohne Autos sterben. Das ist falsch.\n\n"
        "Foto: Stadtarchiv Brackwasser\n\n"
        "Wer will schon über eine Brücke fahren, die Risse hat? Eine für Autos gesperrte Brücke "
        "bleibt der Stadt noch lange erhalten.\n\n"
        "Newsletter abonnieren und weiterlesen\n"
    )
    page = article(text, "Die alte Brücke gehört den Fußgängern", "de")
    found = extract_thesis(page, limit=10)
    texts = [sentence.text for sentence in found]
    assert texts[0] == page.title
    assert "Die Stadt Brackwasser muss ihre alte Brücke für Autos sperren." in texts[:3]
    assert not any(part in " ".join(texts) for part in ("Kritiker", "Foto", "?", "Newsletter"))
    check_offsets(page, found)


def test_a_persian_page() -> None:
    text = (
        "شهرداری باید پل قدیمی شهر را به روی خودروها ببندد. این پل دویست سال پیش ساخته شده است.\n\n"
        "منتقدان می‌گویند مغازه‌ها بدون خودرو تعطیل می‌شوند. اما آمار چیز دیگری نشان می‌دهد.\n\n"
        "آیا پیاده رفتن این قدر سخت است؟ پل قدیمی شهر ترک خورده است و تعمیر آن گران است.\n"
    )
    page = article(text, "پل قدیمی شهر باید پیاده‌راه شود", "fa")
    found = extract_thesis(page, limit=10)
    texts = [sentence.text for sentence in found]
    assert texts[0] == page.title
    assert "شهرداری باید پل قدیمی شهر را به روی خودروها ببندد." in texts[:3]
    assert not any(part in " ".join(texts) for part in ("منتقدان", "؟"))
    check_offsets(page, found)


def test_the_language_is_found_where_it_is_not_told() -> None:
    told = extract_thesis(article(OPINION, "The old bridge of Brackwater", "en"))
    for unknown in (None, "und", "en-GB"):
        assert extract_thesis(article(OPINION, "The old bridge of Brackwater", unknown)) == told


def test_text_without_stops_still_gives_something() -> None:
    found = extract_thesis(article("bridge closed today\nno cars allowed any more", language="en"))
    assert found
    assert found[0].source == "text"


def test_limit_counts_the_headline() -> None:
    page = article(OPINION, "Brackwater must give its old bridge to walkers")
    assert [len(extract_thesis(page, limit=limit)) for limit in (1, 2, 3)] == [1, 2, 3]
    with pytest.raises(ValueError, match="limit"):
        extract_thesis(page, limit=0)


def test_the_headline_repeated_in_the_text_is_not_chosen_twice() -> None:
    title = "Brackwater must give its old bridge to walkers"
    page = article(f"{title}.\n\n{title}\n\n{OPINION}", title)
    texts = [sentence.text.rstrip(".") for sentence in extract_thesis(page)]
    assert texts.count(title) == 1


def test_a_long_text_is_read_to_its_end() -> None:
    filler = "The weather over the hills of Quern stayed dry that day. "
    claim = "The lighthouse of Skerry Point must never be switched off."
    page = article(filler * 300 + claim, "Keep the lighthouse of Skerry Point switched on")
    assert claim in [sentence.text for sentence in extract_thesis(page)]


@settings(max_examples=30, deadline=None)
@given(
    text=st.text(max_size=300),
    title=st.none() | st.text(max_size=60),
    language=st.sampled_from(["en", "de", "fa", "und", None]),
)
def test_any_text_gives_an_answer_in_bounds(
    text: str, title: str | None, language: str | None
) -> None:
    page = article(text, title, language)
    found = extract_thesis(page)
    assert len(found) <= 3
    check_offsets(page, found)
    assert extract_thesis(page) == found


@pytest.mark.parametrize(
    "text",
    ["?" * 100_000 + "x", "“" * 50_000, "But it was so " * 20_000, "\n?" * 20_000, ". " * 50_000],
    ids=["questions", "quotes", "no stop", "lines", "stops"],
)
def test_hostile_text_costs_no_minutes(text: str) -> None:
    started = time.process_time()
    extract_thesis(article(text, "Is it"))
    assert time.process_time() - started < 10
