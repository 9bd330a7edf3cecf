"""The desk's pages as a browser without JavaScript asks for them."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from desk_browser import PASSWORD, Browser
from sqlalchemy import select

from toolkit.moderation import accounts
from toolkit.moderation.events import verify
from toolkit.moderation.store import Store
from toolkit.moderation.tables import Account, Comment, Decision, Item, SpanLabel

Open = Callable[[str], Browser]


def test_nobody_gets_in_without_signing_in(anybody: Browser) -> None:
    for path in ("/", "/next", "/item/1", "/log", "/people", "/search?q=x"):
        response = anybody.get(path, follow=False)
        assert response.status_code == 303, path
        assert "/desk/login" in response.headers["location"]


def test_a_wrong_password_is_told_and_counted(anybody: Browser, people: dict[str, Account]) -> None:
    for _ in range(10):
        assert anybody.sign_in("ana", "wrong").status_code == 401
    assert anybody.sign_in("ana").status_code == 429
    assert anybody.sign_in("bo").status_code == 200


def test_an_invitation_makes_one_account(anybody: Browser, store: Store) -> None:
    with store.write() as session:
        token = accounts.invite(session, store.clock(), role="lead", by=None)
    page = anybody.get(f"/invitation/{token}").text
    [form] = re.findall(r'name="form" value="([^"]+)"', page)
    assert "<strong>lead</strong>" in page
    given = {"form": form, "login": "eva", "name": "Eva"}
    short = anybody.post(f"/invitation/{token}", password="short", **given)
    assert short.status_code == 400
    assert 'value="eva"' in short.text
    assert 'value="Eva"' in short.text
    done = anybody.post(f"/invitation/{token}", password=PASSWORD, **given)
    assert done.status_code == 200
    assert "Eva" in done.text
    assert anybody.get(f"/invitation/{token}").status_code == 404
    assert anybody.sign_in("eva").status_code == 200


def test_cookies_and_headers(anybody: Browser, people: dict[str, Account]) -> None:
    response = anybody.sign_in("ana", follow=False)
    cookie = response.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" in cookie  # the test's host is not this machine
    page = anybody.get("/")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert "<script>" not in page.text
    assert not re.search(r"\son\w+=|style=", page.text)


def test_a_form_without_its_token_is_refused(
    fill: Callable[..., None], ana: Browser, store: Store
) -> None:
    fill(1)
    ana.next()
    assert ana.post(f"/item/{ana.item}/decide", act="approve").status_code == 403
    assert ana.post(f"/item/{ana.item}/decide", csrf="x" * 43, act="approve").status_code == 403
    response = ana.post(
        f"/item/{ana.item}/decide", csrf=ana.csrf, act="approve",
        headers={"sec-fetch-site": "cross-site"},
    )  # fmt: skip
    assert response.status_code == 403
    with store.read() as session:
        assert session.execute(select(Decision)).first() is None


def test_deciding_goes_on_to_the_next_and_undo_comes_back(
    fill: Callable[..., None], ana: Browser, store: Store
) -> None:
    fill(3)
    seen = [ana.next()]
    seen.append(ana.decide("approve"))
    seen.append(ana.decide("reject:spam"))
    assert len(set(seen)) == 3
    assert ana.decide("highlight") is None
    assert "Nothing waits" in ana.page
    for expected in reversed(seen):
        assert ana.undo() == expected
    with store.read() as session:
        assert set(session.execute(select(Comment.status)).scalars()) == {"NONE"}
        assert not any(session.execute(select(Comment.highlighted)).scalars())
    assert verify(store).problems == ()


def test_a_rejection_needs_a_reason(fill: Callable[..., None], ana: Browser) -> None:
    fill(1)
    ana.next()
    for act in ("reject", "reject:", "reject:nothing", "fly"):
        assert ana.act(act).status_code == 409


def test_what_another_holds_cannot_be_decided(
    fill: Callable[..., None], ana: Browser, bo: Browser, store: Store, clock: object
) -> None:
    fill(1)
    item = ana.next()
    assert bo.next() is None
    bo.item = item
    page = bo.get(f"/item/{item}").text
    assert "Somebody else has this comment open" in page
    assert "Approve" not in page
    bo.csrf = bo.csrf or ana.csrf
    assert bo.act("approve").status_code == 409
    clock.forward(minutes=6)  # type: ignore[attr-defined]
    assert bo.next() == item
    assert ana.act("approve").status_code == 409
    assert bo.act("approve").status_code == 200


def test_a_second_look_is_blind_and_by_another(
    store: Store, fill: Callable[..., None], ana: Browser, bo: Browser, lea: Browser
) -> None:
    fill(1)
    with store.write() as session:
        session.query(Item).update({"second_wanted": True})
    ana.next()
    ana.decide("reject:hate", note="see the last line")
    assert ana.next() is None
    assert bo.next() is not None
    assert "hate" not in re.sub(r"<fieldset.*?</fieldset>", "", bo.page, flags=re.DOTALL)
    assert "rejected" not in bo.page
    assert "see the last line" not in bo.page
    bo.decide("approve")
    with store.read() as session:
        assert session.execute(select(Comment.status)).scalar_one() == "REJECTED"
    # They disagree: a lead sees both.
    assert ana.next("?queue=escalated") is None
    assert lea.next("?queue=escalated") is not None
    assert "see the last line" in lea.page
    lea.decide("approve")
    with store.read() as session:
        assert session.execute(select(Comment.status)).scalar_one() == "APPROVED"
    assert verify(store).problems == ()


def test_spans_are_confirmed_and_denied(
    store: Store, ana: Browser, one: Callable[..., None]
) -> None:
    text = "You are an idiot, and cars are loud."
    span = {"analyzer": "toxicity", "label": "insult", "start": 11, "end": 16,
            "quote": "idiot", "score": 0.9, "note": None}  # fmt: skip
    one(text, [span])
    ana.next()
    assert 'class="span-toxic blurred"' in ana.page
    for verdict in ("confirm", "deny"):
        response = ana.post(f"/item/{ana.item}/label", csrf=ana.csrf, span="0", verdict=verdict)
        assert response.status_code == 200
    missing = ana.post(f"/item/{ana.item}/label", csrf=ana.csrf, span="7", verdict="deny")
    assert missing.status_code == 404
    with store.read() as session:
        labels = session.execute(select(SpanLabel).order_by(SpanLabel.id)).scalars().all()
    assert [(label.confirmed, label.undone is None) for label in labels] == [
        (True, False),
        (False, True),
    ]


def test_filters_find_what_they_name(fill: Callable[..., None], ana: Browser) -> None:
    fill(12)
    fill(3, article="a2", first=100)
    for query, count in {
        "": 15,
        "?article=a2": 3,
        "?author=Author+3": 3,
        "?language=de": 4,
        "?marker=rhetoric__name_calling": 7,
        "?attribute=toxicity__toxicity&lower=0.5&upper=0.8": 4,
        "?status=REJECTED": 0,
        "?order=against": 12,
    }.items():
        page = ana.get("/" + query).text
        assert page.count('class="line"') == count, query


@pytest.mark.parametrize("order", ["risk", "age", "against", "for"])
def test_next_and_previous_walk_the_order(
    fill: Callable[..., None], ana: Browser, order: str
) -> None:
    fill(9)
    items = [ana.next(f"?order={order}")]
    for _ in range(5):
        items.append(ana.next(f"?order={order}&after={ana.item}"))
    assert len(set(items)) == 6
    back = [ana.next(f"?order={order}&before={ana.item}") for _ in range(5)]
    assert back == items[-2::-1]
    ana.next(f"?order={order}&before={ana.item}")
    assert ana.item == items[0]


HOSTILE = {
    "<script>alert(1)</script>": "&lt;script&gt;",
    "\u202eevil\u202c": "U+202E RIGHT-TO-LEFT OVERRIDE",
    "a\u200bb": "U+200B ZERO WIDTH SPACE",
    "{{ 7*7 }}": "{{ 7*7 }}",
    '"><img src=x onerror=alert(1)>': "&lt;img src=x",
    "\u2066\u0007": "U+2066 LEFT-TO-RIGHT ISOLATE",
    "\U000e0041tag": "U+E0041 TAG LATIN CAPITAL LETTER A",
}


def test_hostile_text_is_shown_safe(ana: Browser, one: Callable[..., None]) -> None:
    one(" ".join(HOSTILE), [], author='<b onclick="x">\u202e')
    ana.next()
    for shown in HOSTILE.values():
        assert shown in ana.page, shown
    assert "\u202e" not in ana.page
    assert "<b onclick" not in ana.page
    assert unescape(ana.page).count("<script>alert") == ana.page.count("&lt;script&gt;alert")


def test_joiners_that_a_script_needs_stay(ana: Browser, one: Callable[..., None]) -> None:
    one("می\u200cخواهم 👩\u200d🔬 क\u094d\u200dष", [])
    ana.next()
    assert "می\u200cخواهم" in ana.page
    assert "👩\u200d🔬" in ana.page
    assert "ZERO WIDTH" not in ana.page


def test_a_comment_of_both_sides_shows_both_with_what_they_answer(
    ana: Browser, one: Callable[..., None]
) -> None:
    text = "I agree with it. But the claim is wrong."

    def span(label: str, quote: str, answered: str | None) -> dict[str, object]:
        start = text.index(quote)
        note = answered and (
            f"answers the article's sentence “{answered}” (article text 0–9, similarity 0.61)"
        )
        return {"analyzer": "stance", "label": label, "start": start, "end": start + len(quote),
                "quote": quote, "score": 0.7, "note": note}  # fmt: skip

    agrees = span("agree", "I agree with it.", "Close the <b>bridge</b>.")
    one(text, [agrees, span("disagree", "But the claim is wrong.", None)])
    ana.next()
    assert "The comment takes both sides:" in ana.page
    assert "Close the &lt;b&gt;bridge&lt;/b&gt;." in ana.page
    aside = ana.page[ana.page.index("The comment takes both sides:") :]
    assert aside.index("I agree with it.") < aside.index("But the claim is wrong.")
    assert aside.count("This answers the article") == 1


def test_a_comment_of_one_side_shows_what_it_answers(
    ana: Browser, one: Callable[..., None]
) -> None:
    note = "answers the article's sentence “Close it.” (article text 0–9, similarity 0.61)"
    one("I agree.", [{"analyzer": "stance", "label": "agree", "start": 0, "end": 8,
                      "quote": "I agree.", "score": 0.7, "note": note}])  # fmt: skip
    ana.next()
    assert "The comment answers the article" in unescape(ana.page)
    assert "both sides" not in ana.page
