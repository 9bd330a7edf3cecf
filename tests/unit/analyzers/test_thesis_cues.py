from __future__ import annotations

import pytest

from toolkit.analyzers.thesis.cues import (
    cues,
    ends_like_a_sentence,
    is_claim_title,
    is_question,
    quoted_share,
)


@pytest.mark.parametrize(
    "title",
    [
        "Brackwater cares more about its harbour than its hills",
        "The ferry must run at night",
        "Mayor resigns over bridge report",
        "Council to close old bridge",
        "Bridge closed after storm",
        "Two held over lighthouse fire",
        "Stop feeding the gulls",
        "Beekeepers warn of a hungry winter",
        "Gulls rule the harbour",
        "Harbour master: The lighthouse is useless",
        "Why the ferry should not be sold",
        "It's time to plant trees",
        "Storm leaves island without power",
        "Ferry talks end in deadlock",
        "WHO warns of fever on Holm Island",
        "Islanders say no to the bypass",
        "Don’t sell the orchard",
        "Why we threw away our maps",
        "The man who sold the sea is dead",
    ],
)
def test_headlines_that_say_something(title: str) -> None:
    assert is_claim_title(title)


@pytest.mark.parametrize(
    "title",
    [
        "",
        "Bees",
        "The old bridge of Brackwater",
        "Marta Oldenkott",
        "A walk through the orchards of Quern",
        "Should the ferry run at night?",
        "Is the bridge safe? | Tern Valley News",
        "Has the council lost its nerve?",
        "What happens after the storm",
        "How to keep bees on a roof",
        "The council's plans for the harbour",
        "Storm damage in the north",
        "Letters to the editor",
        "Ten questions for the harbour master",
        "Efforts to save the orchard",
        "A kettle that only boils",
        "The man who sold the sea",
    ],
)
def test_headlines_that_name_a_topic_or_ask(title: str) -> None:
    assert not is_claim_title(title)


@pytest.mark.parametrize(
    "text", ["Why?", "Really?!", "“Is it so?”", "(Who knows?)", "چرا؟", "なぜ？", "Why? [1]"]
)
def test_questions(text: str) -> None:
    expected = text != "Why? [1]"
    assert is_question(text) is expected


@pytest.mark.parametrize("text", ["Why not.", "? he asked", "Who knows", ""])
def test_what_is_no_question(text: str) -> None:
    assert not is_question(text)


@pytest.mark.parametrize("text", ["It is so.", "It is so!”", "So be it…", "شد.", "完了。", "x.[3]"])
def test_sentence_ends(text: str) -> None:
    assert ends_like_a_sentence(text)


def test_a_heading_does_not_end_like_a_sentence() -> None:
    assert not ends_like_a_sentence("The old bridge")


def test_quoted_share_counts_the_marks() -> None:
    assert quoted_share("“abcdef”") == 1.0
    assert quoted_share("") == 0.0
    assert quoted_share('He said "no" twice') == pytest.approx(4 / 18)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("captions", "Photo: Tern Valley Archive"),
        ("captions", "The bridge in May. (Foto: dpa)"),
        ("boilerplate", "Subscribe to our newsletter"),
        ("boilerplate", "Marta Oldenkott is a columnist for the Harbour Gazette."),
        ("boilerplate", "This article was first published in the Harbour Gazette."),
        ("boilerplate", "By Marta Oldenkott"),
        ("others", "Critics of the plan say that it costs too much."),
        ("others", "It is often claimed that bees sleep in winter."),
        ("others", "We are told that there is no money."),
        ("verdicts", "That is simply wrong."),
        ("rebuttals", "The figures tell otherwise."),
        ("claims", "The council must act."),
        ("leaning", "But that was then."),
        ("interview_openings", "She spoke to the Gazette in her kitchen."),
        ("prompts", "Tell us about your bees."),
    ],
)
def test_cues_are_found(kind: str, text: str) -> None:
    assert getattr(cues(), kind).search(text)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("captions", "Photographs of the bridge moved the council."),
        ("boilerplate", "The subscribers of the water company must pay more for less water."),
        ("boilerplate", "The council is a body of twelve and meets on Mondays."),
        ("others", "The critics left the theatre."),
        ("verdicts", "That is how the bridge was saved."),
        ("claims", "The bees sleep in winter."),
        ("leaning", "Brackwater slept."),
        ("prompts", "The council told us about the plan."),
    ],
)
def test_cues_do_not_reach_too_far(kind: str, text: str) -> None:
    assert not getattr(cues(), kind).search(text)
