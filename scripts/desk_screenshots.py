"""Pictures of every page of the desk, light and dark, wide and narrow, for a person to look at.

    python scripts/desk_screenshots.py FOLDER [PAGE...]

Fills a desk of its own with the sample pages in seeds/, and needs Chromium.
"""

from __future__ import annotations

import shutil
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path

import polars as pl
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import sync_playwright

import toolkit
from toolkit.moderation import accounts, appeals
from toolkit.moderation.decisions import Choice, decide
from toolkit.moderation.intake import import_comments, refresh_quantiles
from toolkit.moderation.preferences import Preferences
from toolkit.moderation.queue import Filters, lease_next
from toolkit.moderation.store import Store, open_store
from toolkit.moderation.tables import Item
from toolkit.pipeline import Pipeline
from toolkit.settings import Settings
from toolkit.web.desk import create_desk

PASSWORD = "four plain long words"
PAGES = {
    "login": None,
    "queue": "/",
    "card": "/next",
    "zen": "/next",
    "thread": "/thread/{article}",
    "search": "/search?q=the",
    "record": "/comment/{comment}",
    "bulk": "/bulk?attribute=toxicity__toxicity&lower=0.2&upper=1&act=reject:insult",
    "rules": "/rules?attribute=toxicity__toxicity&lower=0.9&upper=1&act=escalate",
    "policy": "/policy",
    "appeals": "/appeals",
    "appeal": "/appeals/1",
    "author": "/appeal/{token}",
    "statistics": "/stats",
    "people": "/people",
    "log": "/log?check=1",
    "help": "/help",
    "error": "/item/999999",
}


def fill(store: Store) -> dict[str, str]:
    article = ""
    versions = Pipeline.of(None, Settings()).versions
    for name in ("long-thread.txt", "wordpress-nested.html", "disqus-saved.html"):
        page = toolkit.parse(Path("seeds") / name)
        frame = toolkit.analyze(page, evidence=True).collect()
        # Something for the toxic and the hidden to show.
        frame = frame.with_columns(
            pl.when(pl.int_range(pl.len()) == 2)
            .then(
                pl.lit(
                    "You are an idiot, and everybody knows it.\u202e Perhaps the square is fine."
                )
            )
            .otherwise("text")
            .alias("text")
        )
        frame = toolkit.analyze(
            frame.select(pl.exclude("^.*__.*$", "evidence")).lazy(), evidence=True
        )
        article = page.article.article_id
        articles = pl.DataFrame(
            {"article_id": [article], "title": [page.article.title], "text": [page.article.text]}
        )
        import_comments(store, frame.collect(), versions=versions, source=name, articles=articles)
    refresh_quantiles(store)
    with store.write() as session:
        people = {
            login: accounts.add_account(
                session, store.clock(), login=login, password=PASSWORD, role=role, name=name
            )
            for login, role, name in (
                ("adam", "admin", "Adam Ito"),
                ("bo", "moderator", "Bo Lind"),
                ("cleo", "moderator", "Cleo Marsh"),
            )
        }
        session.query(Item).update({"second_wanted": True, "selection": "queue"})
    comment = ""
    number = 0
    for turn in range(24):
        person = people["bo" if turn % 2 else "cleo"]
        with store.write() as session:
            item = lease_next(session, store.clock(), person, Filters(), Preferences())
            if item is None:
                continue
            reject = item.risk > 0.3 and turn % 5 != 4
            choice = Choice(act="reject", reason="insult") if reject else Choice(act="approve")
            done = decide(session, store.clock(), person, item.id, choice)
            if reject and item.kind == "first" and not number:
                number, comment = done.id, str(done.comment)
    with store.write() as session:
        session.query(Item).filter(Item.comment == int(comment), Item.kind == "second").update(
            {"waiting": False}
        )
        token = appeals.token(session, number)
        appeals.state(session, store.clock(), token, "I meant the plan, not the person.")
    return {"article": article, "comment": comment, "token": token}


def main() -> None:
    folder, wanted = Path(sys.argv[1]), sys.argv[2:]
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        store = open_store(Path(scratch) / "desk.db")
        names = fill(store)
        app = FastAPI()
        app.mount("/desk", create_desk(store))
        listener = socket.create_server(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        threading.Thread(target=server.run, args=([listener],), daemon=True).start()
        while not server.started:
            time.sleep(0.05)
        base = f"http://127.0.0.1:{listener.getsockname()[1]}/desk"
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=shutil.which("chromium"), args=["--no-sandbox"]
            )
            for scheme in ("light", "dark"):
                for width, height in ((1280, 800), (390, 844)):
                    context = browser.new_context(
                        color_scheme=scheme, viewport={"width": width, "height": height}
                    )
                    page = context.new_page()
                    page.set_default_timeout(60_000)
                    page.goto(f"{base}/login")
                    if not wanted or "login" in wanted:
                        page.screenshot(path=folder / f"login-{scheme}-{width}.png")
                    page.get_by_label("Login name").fill("adam")
                    page.get_by_label("Password").fill(PASSWORD)
                    page.get_by_role("button", name="Sign in").click()
                    page.wait_for_url("**/desk/")
                    for name, path in PAGES.items():
                        if path is None or (wanted and name not in wanted):
                            continue
                        page.goto(base + path.format(**names))
                        if name == "zen":
                            page.keyboard.press("z")
                        # A picture of the whole page scrolls nothing into view.
                        page.evaluate(
                            "document.querySelectorAll('img').forEach(i => i.loading = 'eager')"
                        )
                        page.wait_for_load_state("networkidle")
                        page.screenshot(
                            path=folder / f"{name}-{scheme}-{width}.png", full_page=True
                        )
                        if name == "zen":
                            page.keyboard.press("z")
                    context.close()
            browser.close()
        server.should_exit = True


if __name__ == "__main__":
    main()
