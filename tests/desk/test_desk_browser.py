"""The desk in the system's Chromium, on both databases."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import uvicorn
from desk_browser import PASSWORD
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from sqlalchemy import select
from xss_payloads import PAYLOADS

from toolkit.moderation import accounts
from toolkit.moderation.events import verify
from toolkit.moderation.intake import import_comments
from toolkit.moderation.store import Store
from toolkit.moderation.tables import Account, Comment, Decision, Item

CHROMIUM = next((p for p in map(shutil.which, ("chromium", "google-chrome", "chrome")) if p), None)
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="Chromium is not installed (scripts/check installs it)"
)
expect.set_options(timeout=20_000)


# Ends with the module: while it runs, its loop is the thread's, and asyncio.run() refuses.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.getuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def address(served: FastAPI) -> Iterator[str]:
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(served, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/desk"
    server.should_exit = True
    thread.join()
    listener.close()


Shift = Callable[..., Page]


@pytest.fixture
def shift(chromium: Browser, address: str, people: dict[str, Account]) -> Iterator[Shift]:
    """Sign somebody in, in a browser of their own."""
    contexts: list[BrowserContext] = []

    def begin(login: str, **options: Any) -> Page:
        context = chromium.new_context(base_url=address, **options)
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{address}/login")
        page.get_by_label("Login name").fill(login)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/desk/")
        page.address = address  # type: ignore[attr-defined]
        return page

    yield begin
    for context in contexts:
        context.close()


def item_of(page: Page) -> str | None:
    return page.locator("#card").get_attribute("data-item")


def go(page: Page, path: str) -> None:
    page.goto(page.address + path)  # type: ignore[attr-defined]


def test_two_moderators_never_get_the_same_item_and_undo(
    fill: Callable[..., None], shift: Shift, store: Store
) -> None:
    fill(12)
    ana, bo = shift("ana"), shift("bo")
    seen: dict[str, list[str | None]] = {"ana": [], "bo": []}
    for page in (ana, bo):
        go(page, "/next")
    for _ in range(4):
        for name, page in (("ana", ana), ("bo", bo)):
            seen[name].append(item_of(page))
        assert item_of(ana) != item_of(bo)
        for page in (ana, bo):
            before = item_of(page)
            page.keyboard.press("f")
            expect(page.locator("#card")).not_to_have_attribute("data-item", str(before))
    assert not set(seen["ana"]) & set(seen["bo"])
    for expected in reversed(seen["ana"]):
        ana.keyboard.press("u")
        expect(ana.locator("#card")).to_have_attribute("data-item", str(expected))
    with store.read() as session:
        standing = session.execute(select(Decision).where(Decision.undone.is_(None))).scalars()
        assert len(list(standing)) == 4
    assert verify(store).problems == ()


def test_a_shift_of_fifty_comments_by_keyboard_alone(
    fill: Callable[..., None], shift: Shift, store: Store
) -> None:
    fill(50)
    with store.write() as session:
        session.query(Item).update({"second_wanted": False, "selection": "queue"})
    page = shift("ana")
    page.keyboard.press("j")
    expect(page.locator("#card")).to_be_visible()
    for turn in range(50):
        before = item_of(page)
        if turn % 10 == 3:
            page.keyboard.press("j")  # look at the next, come back
            expect(page.locator("#card")).not_to_have_attribute("data-item", str(before))
            page.keyboard.press("k")
            expect(page.locator("#card")).to_have_attribute("data-item", str(before))
        key = "fdheff"[turn % 6]
        page.keyboard.press(key)
        if key == "d":
            expect(page.locator("#reject")).to_have_class("reject asked")
            page.keyboard.press(str(1 + turn % 9))
        if turn < 49:
            expect(page.locator("#card")).not_to_have_attribute("data-item", str(before))
    expect(page.get_by_text("Nothing waits here").first).to_be_visible()
    with store.read() as session:
        acts = list(session.execute(select(Decision.act, Decision.reason, Decision.seconds)))
    assert len(acts) == 50
    assert all((row.reason is not None) == (row.act == "reject") for row in acts)
    assert all(row.seconds is not None for row in acts)
    assert verify(store).problems == ()


def test_keys_for_help_search_zen_reveal_and_appeals(
    one: Callable[..., None], shift: Shift
) -> None:
    span = {"analyzer": "toxicity", "label": "insult", "start": 0, "end": 5,
            "quote": "Idiot", "score": 0.9, "note": None}  # fmt: skip
    one("Idiot, they said.", [span])
    page = shift("ana")
    page.keyboard.press("j")
    word = page.locator("article .blurred")
    expect(word).to_have_css("filter", "blur(5.888px)")
    page.keyboard.press("x")
    expect(word).to_have_css("filter", "none")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).not_to_be_visible()
    page.keyboard.press("z")
    expect(page.locator("header.top")).not_to_be_visible()
    page.keyboard.press("z")
    expect(page.locator("header.top")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("idiot")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 found for")).to_be_visible()
    page.keyboard.press("r")
    expect(page.get_by_role("heading", name="Appeals")).to_be_visible()


def test_bulk_with_preview_dry_run_and_undo(
    fill: Callable[..., None], shift: Shift, store: Store
) -> None:
    fill(40)
    with store.write() as session:
        session.query(Item).update({"selection": "queue"})
    lea = shift("lea")
    go(lea, "/next")
    for _ in range(2):
        before = item_of(lea)
        lea.keyboard.press("f")
        expect(lea.locator("#card")).not_to_have_attribute("data-item", str(before))
    # 20 lie in the range: two are decided, the third is open on her card.
    go(lea, "/bulk")
    lea.locator("select[name=attribute]").select_option("toxicity__toxicity")
    lea.locator("input[name=lower]").first.fill("0,5")
    lea.locator("input[name=upper]").first.fill("1")
    lea.locator("select[name=act]").select_option("reject:insult")
    lea.get_by_role("button", name="Preview").click()
    expect(lea.locator("#count")).to_have_text("17")
    expect(lea.get_by_text("differed from your team on 2 of 2")).to_be_visible()
    assert lea.locator("ul.list > li").count() == 12
    lea.locator("#do").click()
    expect(lea.get_by_text("Done: 17 comments")).to_be_visible()
    with store.read() as session:
        statuses = list(session.execute(select(Comment.status)).scalars())
    assert statuses.count("REJECTED") == 17
    lea.get_by_role("button", name="Undo").click()
    expect(lea.get_by_text("Undone: 17 decisions")).to_be_visible()
    with store.read() as session:
        statuses = list(session.execute(select(Comment.status)).scalars())
    assert statuses.count("REJECTED") == 0
    assert verify(store).problems == ()


def test_a_second_look_is_blind(fill: Callable[..., None], shift: Shift, store: Store) -> None:
    fill(1)
    with store.write() as session:
        session.query(Item).update({"second_wanted": True})
    ana, bo = shift("ana"), shift("bo")
    go(ana, "/next")
    ana.get_by_label("Note").fill("only for those who decided")
    ana.get_by_role("button", name="Hate").click()
    expect(ana.get_by_text("Nothing waits here").first).to_be_visible()
    go(bo, "/next")
    expect(bo.locator("#card")).to_be_visible()
    assert "only for those who decided" not in bo.content()
    expect(bo.locator(".status-rejected")).to_have_count(0)
    expect(bo.get_by_text("second")).to_have_count(0)
    bo.get_by_role("button", name="Hate").click()
    expect(bo.get_by_text("Nothing waits here").first).to_be_visible()


def test_an_appeal_from_link_to_written_answer(
    fill: Callable[..., None], shift: Shift, store: Store, chromium: Browser
) -> None:
    fill(1)
    with store.write() as session:
        session.query(Item).update({"second_wanted": False})
    ana, bo = shift("ana"), shift("bo")
    go(ana, "/next")
    ana.get_by_role("button", name="Spam").click()
    with store.read() as session:
        number = session.execute(select(Comment.id)).scalar_one()
    go(ana, f"/comment/{number}")
    link = ana.locator("code", has_text="/appeal/").inner_text()
    context = chromium.new_context()
    author = context.new_page()
    author.goto(link)
    author.get_by_label("tell us why").fill("It was <b>no</b> advertising.")
    author.get_by_role("button", name="Appeal").click()
    expect(author.get_by_text("It was received")).to_be_visible()
    ana.keyboard.press("r")
    ana.get_by_role("link", name="It was").click()
    expect(ana.get_by_text("a second moderator answers")).to_be_visible()
    bo.keyboard.press("r")
    bo.get_by_role("link", name="It was").click()
    bo.get_by_label("Your answer").fill("You are right, sorry.")
    bo.get_by_role("button", name="Overturn").click()
    expect(bo.get_by_text("Answered.")).to_be_visible()
    author.reload()
    expect(author.get_by_text("You are right, sorry.")).to_be_visible()
    context.close()
    with store.read() as session:
        assert session.execute(select(Comment.status)).scalar_one() == "APPROVED"
    assert verify(store).problems == ()


def test_the_acts_without_javascript(fill: Callable[..., None], shift: Shift, store: Store) -> None:
    fill(5)
    with store.write() as session:
        session.query(Item).update({"second_wanted": False, "selection": "queue"})
    page = shift("ana", java_script_enabled=False)
    page.get_by_role("link", name="Start").click()
    for button in ("Approve f", "Highlight h", "Escalate e", "Spam"):
        page.get_by_role("button", name=button).click()
    page.get_by_role("button", name="Undo my last").click()
    expect(page.get_by_text("Undone")).to_be_visible()
    page.get_by_role("button", name="Off topic").click()
    with store.read() as session:
        query = select(Decision.act).where(Decision.undone.is_(None)).order_by(Decision.id)
        acts = list(session.execute(query).scalars())
    assert acts == ["approve", "highlight", "escalate", "reject"]


def test_a_hundred_payloads_never_run(shift: Shift, store: Store) -> None:
    import polars as pl

    assert len(PAYLOADS) == len(set(PAYLOADS)) == 100
    frame = pl.DataFrame(
        {
            "comment_id": [f"c{n}" for n in range(100)],
            "article_id": PAYLOADS[0],
            "parent_id": [f"c{n - 1}" if n % 10 else None for n in range(100)],
            "author_name": PAYLOADS,
            "author_id": PAYLOADS[::-1],
            "text": PAYLOADS,
            "thesis": PAYLOADS[1],
            "language__tag": PAYLOADS,
            "toxicity__toxicity": [n / 100 for n in range(100)],
            "evidence": [
                [{"analyzer": "toxicity", "label": text, "start": 0, "end": 5, "quote": text,
                  "score": 0.9, "note": text}]
                for text in PAYLOADS
            ],
        },
        schema_overrides={"parent_id": pl.String},
    )  # fmt: skip
    import_comments(store, frame, versions={"toxicity": PAYLOADS[2]}, source=PAYLOADS[3])
    with store.write() as session:
        session.query(Item).update({"queue": "main", "selection": "queue", "second_wanted": False})
        session.query(Account).filter(Account.login == "lea").update({"name": PAYLOADS[4]})
    page = shift("lea")
    ran: list[str] = []
    page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
    refused: list[str] = []
    page.on("console", lambda m: refused.append(m.text) if "Content Security" in m.text else None)
    with store.read() as session:
        items = list(session.execute(select(Item.id).order_by(Item.id)).scalars())
    for number in items:
        go(page, f"/item/{number}")
        # What a payload would make: an element that the page itself does not have.
        made = page.evaluate(
            "document.querySelectorAll('main script, main img, main iframe, main style, "
            "main [onerror], main [onload], main [onfocus], main object, main embed').length"
        )
        assert made == 0, number
    for path in ("/", "/search?q=script", "/comment/1", "/log", "/policy", "/bulk?attribute="
                 "toxicity__toxicity&lower=0&upper=1&act=approve", "/stats", "/rules"):  # fmt: skip
        go(page, path)
    page.keyboard.press("f")
    assert ran == []
    assert refused == []


PAGES = {
    "queue": "/",
    "card": "/next",
    "thread": "/thread/a1",
    "search": "/search?q=comment",
    "record": "/comment/1",
    "bulk": "/bulk?attribute=toxicity__toxicity&lower=0.2&upper=1&act=reject:spam",
    "rules": "/rules?attribute=toxicity__toxicity&lower=0.9&upper=1&act=escalate",
    "policy": "/policy",
    "appeals": "/appeals",
    "statistics": "/stats",
    "people": "/people",
    "log": "/log?check=1",
    "help": "/help",
    "error": "/item/999",
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(
    fill: Callable[..., None], one: Callable[..., None], shift: Shift, store: Store, scheme: str
) -> None:
    from axe_playwright_python.sync_playwright import Axe

    span = {"analyzer": "toxicity", "label": "insult", "start": 0, "end": 5,
            "quote": "Idiot", "score": 0.9, "note": None}  # fmt: skip
    one("Idiot, they said.\u202e", [span])
    fill(8)
    page = shift("adam", color_scheme=scheme)
    axe = Axe()
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    go(page, "/next")
    page.get_by_role("button", name="Spam").click()
    with store.write() as session:
        token = accounts.invite(session, store.clock(), role="moderator", by=None)
    go(page, "/comment/1")
    link = page.locator("code", has_text="/appeal/").inner_text()
    appeal = link.partition("/desk")[2]
    go(page, appeal)
    page.get_by_label("tell us why").fill("It was no insult.")
    page.get_by_role("button", name="Appeal").click()
    go(page, "/appeals")
    answer = page.get_by_role("link", name="It was").get_attribute("href")
    assert answer is not None
    places = {
        **PAGES,
        "sign in": "/login",
        "invitation": f"/invitation/{token}",
        "appeal": appeal,
        "answer": answer.partition("/desk")[2],
    }
    for name, path in places.items():
        go(page, path)
        found = axe.run(page, options=options)
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"


def test_pages_fit_a_phone(fill: Callable[..., None], shift: Shift) -> None:
    fill(8)
    page = shift("adam", viewport={"width": 390, "height": 844})
    for name, path in PAGES.items():
        go(page, path)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390, f"{name} is {wide} pixels wide"


def test_the_lease_is_renewed_while_the_card_is_open(
    fill: Callable[..., None], shift: Shift, store: Store, clock: Any
) -> None:
    fill(1)
    page = shift("ana")
    page.clock.install()
    go(page, "/next")
    with store.read() as session:
        before = session.execute(select(Item.lease_until)).scalar_one()
    clock.forward(minutes=3)
    with page.expect_response("**/renew") as told:
        page.clock.run_for(121_000)
    assert told.value.status == 204
    with store.read() as session:
        assert session.execute(select(Item.lease_until)).scalar_one() > before
