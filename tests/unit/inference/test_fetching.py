from __future__ import annotations

import random
from pathlib import Path

import pytest
from file_server import serving

from toolkit.errors import ModelError
from toolkit.inference.fetching import ATTEMPTS, download

CONTENT = random.Random(1).randbytes(700_000)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


def test_a_file_arrives_whole(tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    with serving(a__bin=CONTENT) as server:
        download(
            server.url("a.bin"), tmp_path / "a", progress=lambda *said: seen.append(said), wait=0
        )
    assert (tmp_path / "a").read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_cut_connection_is_taken_up_where_it_broke(tmp_path: Path) -> None:
    with serving(a__bin=CONTENT) as server:
        server.cuts = [100_000, 250_000]
        download(server.url("a.bin"), tmp_path / "a", wait=0)
    assert (tmp_path / "a").read_bytes() == CONTENT
    assert [asked for _, asked, _ in server.log] == [None, "bytes=100000-", "bytes=350000-"]
    assert sum(sent for _, _, sent in server.log) == len(CONTENT)


def test_another_call_goes_on(tmp_path: Path) -> None:
    with serving(a__bin=CONTENT) as server:
        server.cuts = [300_000] + [0] * ATTEMPTS
        with pytest.raises(ModelError, match="broke off") as caught:
            download(server.url("a.bin"), tmp_path / "a", wait=0)
        assert "goes on" in caught.value.next_step
        assert (tmp_path / "a").stat().st_size == 300_000
        server.cuts = []
        download(server.url("a.bin"), tmp_path / "a", wait=0)
    assert (tmp_path / "a").read_bytes() == CONTENT
    assert server.log[-1][1:] == ("bytes=300000-", 400_000)


def test_a_file_that_changed_meanwhile_begins_anew(tmp_path: Path) -> None:
    with serving(a__bin=CONTENT) as server:
        server.cuts = [300_000] + [0] * ATTEMPTS
        with pytest.raises(ModelError):
            download(server.url("a.bin"), tmp_path / "a", wait=0)
        server.cuts, server.files["a.bin"] = [], CONTENT[::-1]
        download(server.url("a.bin"), tmp_path / "a", wait=0)
    assert (tmp_path / "a").read_bytes() == CONTENT[::-1]


def test_a_server_without_ranges_sends_all_again(tmp_path: Path) -> None:
    with serving(a__bin=CONTENT) as server:
        server.ranges, server.cuts = False, [300_000]
        download(server.url("a.bin"), tmp_path / "a", wait=0)
    assert (tmp_path / "a").read_bytes() == CONTENT


def test_the_rest_of_another_address_is_not_kept(tmp_path: Path) -> None:
    with serving(a__bin=CONTENT, b__bin=CONTENT[::-1]) as server:
        server.cuts = [300_000] + [0] * ATTEMPTS
        with pytest.raises(ModelError):
            download(server.url("a.bin"), tmp_path / "part", wait=0)
        server.cuts = []
        download(server.url("b.bin"), tmp_path / "part", wait=0)
    assert (tmp_path / "part").read_bytes() == CONTENT[::-1]


def test_a_whole_part_is_not_fetched_again(tmp_path: Path) -> None:
    with serving(a__bin=CONTENT) as server:
        server.cuts = [len(CONTENT)]
        download(server.url("a.bin"), tmp_path / "a", wait=0)
        (tmp_path / "a.state").write_text(f'{{"url": "{server.url("a.bin")}", "validator": ""}}')
        download(server.url("a.bin"), tmp_path / "a", wait=0)
    assert len(server.log) == 1
    assert (tmp_path / "a").read_bytes() == CONTENT


def test_passing_failures_are_waited_out(tmp_path: Path) -> None:
    with serving(a__bin=CONTENT) as server:
        server.failures = [503, 429]
        download(server.url("a.bin"), tmp_path / "a", wait=0)
        assert (tmp_path / "a").read_bytes() == CONTENT
        with pytest.raises(ModelError, match="404"):
            download(server.url("none"), tmp_path / "b", wait=0)
        server.failures = [503] * ATTEMPTS
        with pytest.raises(ModelError, match="503"):
            download(server.url("a.bin"), tmp_path / "c", wait=0)


def test_redirects_are_followed_where_they_are_safe(tmp_path: Path) -> None:
    with serving(a__bin=CONTENT) as server:
        server.redirects = {
            "here": server.url("a.bin"),
            "away": "http://example.org/a.bin",
            "file": "file:///etc/hostname",
        }
        server.cuts = [100_000]
        download(server.url("here"), tmp_path / "a", wait=0)
        assert (tmp_path / "a").read_bytes() == CONTENT
        assert server.log[-1][1] == "bytes=100000-"
        for name in ("away", "file"):
            with pytest.raises(ModelError, match=r"not a safe address|is not allowed"):
                download(server.url(name), tmp_path / "b", wait=0)


@pytest.mark.parametrize(
    "url", ["http://example.org/a", "ftp://example.org/a", "file:///etc/passwd"]
)
def test_only_https_is_fetched(url: str, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not a safe address"):
        download(url, tmp_path / "a")


def test_a_proxy_of_the_environment_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_PROXY")
    monkeypatch.delenv("no_proxy", raising=False)
    with serving() as server:
        # A proxy is asked for the whole address.
        server.files["http://localhost:9/a.bin"] = CONTENT
        monkeypatch.setenv("http_proxy", server.address)
        download("http://localhost:9/a.bin", tmp_path / "a", wait=0)
    assert (tmp_path / "a").read_bytes() == CONTENT


def test_no_network_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be fetched"):
        download("http://127.0.0.1:9/a", tmp_path / "a", wait=0)
