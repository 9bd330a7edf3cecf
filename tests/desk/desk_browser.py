"""A browser without JavaScript: it follows redirects, and sends forms with what they hold."""

from __future__ import annotations

import re

import httpx
from fastapi.testclient import TestClient

PASSWORD = "four plain long words"


class Browser:
    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.page = ""
        self.csrf = ""
        self.item: int | None = None

    def get(self, path: str, *, follow: bool = True) -> httpx.Response:
        return self._keep(self.client.get("/desk" + path, follow_redirects=follow))

    def post(
        self, path: str, *, follow: bool = True, headers: dict[str, str] | None = None, **form: str
    ) -> httpx.Response:
        return self._keep(
            self.client.post("/desk" + path, data=form, headers=headers, follow_redirects=follow)
        )

    def sign_in(
        self, login: str, password: str = PASSWORD, *, follow: bool = True
    ) -> httpx.Response:
        page = self.get("/login").text
        [token] = re.findall(r'name="form" value="([^"]+)"', page)
        return self.post("/login", follow=follow, form=token, login=login, password=password)

    def next(self, query: str = "") -> int | None:
        """The item that is leased; None where nothing waits."""
        self.get("/next" + query)
        return self.item

    def act(self, act: str, note: str = "") -> httpx.Response:
        return self.post(f"/item/{self.item}/decide", csrf=self.csrf, act=act, note=note)

    def decide(self, act: str, note: str = "") -> int | None:
        response = self.act(act, note)
        assert response.status_code == 200, response.text
        return self.item

    def undo(self) -> int | None:
        assert self.post("/undo", csrf=self.csrf).status_code == 200
        return self.item

    def _keep(self, response: httpx.Response) -> httpx.Response:
        if response.status_code == 200 and "text/html" in response.headers["content-type"]:
            self.page = response.text
            found = re.search(r'data-item="(\d+)"', self.page)
            self.item = int(found[1]) if found else None
            token = re.search(r'name="csrf" value="([^"]+)"', self.page)
            self.csrf = token[1] if token else self.csrf
        return response
