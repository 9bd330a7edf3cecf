from __future__ import annotations

import hashlib
from pathlib import Path

import httpx
import pytest

from toolkit.cli.serve import serve
from toolkit.errors import SettingsError
from toolkit.web.app import create_app
from toolkit.web.keys import KeyRing


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_keys_are_found_by_their_hash_and_have_their_own_rate(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text(f"# ours\nsite {_hash('secret')} 2\n\nnotebook {_hash('other')}\n")
    clock = Clock()
    ring = KeyRing.read(path, clock=clock)
    site, notebook = ring.find("secret"), ring.find("other")
    assert site is not None
    assert notebook is not None
    assert ring.find("wrong") is None
    assert ring.find(None) is None
    assert [ring.spend(site) for _ in range(3)] == [True, True, False]
    clock.now = 30.0  # half a minute earns one request
    assert [ring.spend(site), ring.spend(site)] == [True, False]
    assert all(ring.spend(notebook) for _ in range(1000))


def test_workers_share_a_keys_rate(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text(f"site {_hash('secret')} 3\nother {_hash('another')} 1\n")
    clock = Clock()
    clock.now = 5.0
    rings = [KeyRing.read(path, clock=clock, shared=tmp_path / "rates") for _ in range(2)]
    keys = [ring.find("secret") for ring in rings]
    spent = [rings[n % 2].spend(key) for n in range(4) if (key := keys[n % 2]) is not None]
    assert spent == [True, True, True, False]
    other = rings[0].find("another")
    assert other is not None
    assert [rings[0].spend(other), rings[1].spend(other)] == [True, False]


@pytest.mark.parametrize("text", ["site secret\n", "", "# nothing\n", "a b c d\n"])
def test_a_bad_file_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "keys"
    path.write_text(text)
    with pytest.raises(SettingsError, match="keys"):
        KeyRing.read(path)


def test_without_keys_only_this_machine_is_served() -> None:
    with pytest.raises(SettingsError, match="answer anybody"):
        serve(host="0.0.0.0")


async def _statuses(ring: KeyRing, keys: list[str | None]) -> list[tuple[int, str]]:
    app = create_app(keys=ring)
    transport = httpx.ASGITransport(app=app)
    found = []
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://toolkit") as client,
    ):
        for key in keys:
            response = await client.post(
                "/v1alpha1/comments:suggestscore",
                params={} if key is None else {"key": key},
                json={
                    "comment": {"text": "A comment."},
                    "attributeScores": {"TOXICITY": {"summaryScore": {"value": 1}}},
                },
            )
            body = response.json()
            found.append((response.status_code, body.get("error", {}).get("status", "OK")))
    return found


def test_the_door_knows_keys_and_rates(tmp_path: Path) -> None:
    import asyncio

    path = tmp_path / "keys"
    path.write_text(f"site {_hash('secret')} 1\n")
    ring = KeyRing.read(path, clock=Clock())
    assert asyncio.run(_statuses(ring, [None, "wrong", "secret", "secret"])) == [
        (403, "PERMISSION_DENIED"),
        (400, "INVALID_ARGUMENT"),
        (200, "OK"),
        (429, "RESOURCE_EXHAUSTED"),
    ]
