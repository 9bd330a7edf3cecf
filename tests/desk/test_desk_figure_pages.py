from __future__ import annotations

import re

import pytest
from desk_rows import DeskRows
from fastapi import FastAPI
from fastapi.testclient import TestClient
from lxml import etree

from toolkit.moderation import accounts
from toolkit.moderation.store import Store
from toolkit.moderation.tables import Account
from toolkit.web.desk.app import create_desk
from toolkit.web.desk.figure_pages import DRAWN, one_group


@pytest.fixture
def desk(store: Store) -> DeskRows:
    desk = DeskRows(store)
    for number in range(12):
        comment = desk.comment(f"c{number}", toxicity=number / 12)
        act, reason = ("reject", "insult") if number > 6 else ("approve", None)
        desk.decide(comment, "ann", act, reason, selection="random")
        desk.decide(comment, "bob", act, reason, round="second")
    return desk


@pytest.fixture
def client(store: Store, desk: DeskRows) -> TestClient:
    key = desk.account("lea", "lead")
    with store.write() as session:
        begun = accounts.begin(session, store.clock(), session.get_one(Account, key))
    app = FastAPI()
    app.mount("/desk", create_desk(store, host=app))
    return TestClient(app, base_url="http://127.0.0.1", cookies={"desk_session": begun.token})


def test_the_page_shows_each_figure_with_words(client: TestClient) -> None:
    page = client.get("/desk/stats")
    assert page.status_code == 200
    images = re.findall(r'<img class="figure" src="([^"]+)" alt="([^"]{20,})"', page.text)
    names = {re.search(r"figure/(\w+)\.svg", address)[1] for address, _ in images}  # type: ignore[index]
    # Twelve comments of one week cannot have drifted, and an empty chart says nothing.
    assert names == set(DRAWN) - {"drift"}
    assert "No week after the first four" in page.text
    addresses = [address for address, _ in images]
    addresses += re.findall(r'<source [^>]*srcset="([^"]+)"', page.text)
    assert len(addresses) == 4 * len(names)
    for address in addresses[: len(names)] + addresses[-1:]:
        found = client.get(address.replace("&amp;", "&"))
        assert found.status_code == 200, address
        assert found.headers["content-type"] == "image/svg+xml"
        assert etree.fromstring(found.content).tag.endswith("svg")
    words = client.get("/desk/stats/figure/agreement.txt")
    assert words.text.startswith("No reason") or words.text.startswith("Alpha is highest")


def test_what_is_not_there_or_not_allowed(client: TestClient, store: Store) -> None:
    assert client.get("/desk/stats/figure/people.svg").status_code == 404
    assert client.get("/desk/stats/figure/people.txt").status_code == 404
    for query in ("threshold=2", "threshold=nan", "theme=pink"):
        assert client.get(f"/desk/stats/figure/weeks.svg?{query}").status_code == 400
    hostile = client.get("/desk/stats/figure/weeks.svg", params={"attribute": "<script>"})
    assert hostile.status_code == 200
    assert b"<script>" not in hostile.content
    client.cookies.clear()
    found = client.get("/desk/stats/figure/weeks.svg", follow_redirects=False)
    assert found.status_code == 303
    assert found.headers["location"].startswith("/desk/login")


def test_curves_of_two_groups_are_never_joined() -> None:
    import polars as pl

    frame = pl.DataFrame(
        {
            "attribute": ["a", "a", "a", "a", "b"],
            "model_version": ["1", "2", "2", "2", "3"],
            "selection": ["random", "queue", "random", None, "queue"],
        }
    )
    assert one_group(frame, "a").rows() == [("a", "2", "random")]
    assert one_group(frame, "b").rows() == [("b", "3", "queue")]
    assert one_group(frame, "c").is_empty()
