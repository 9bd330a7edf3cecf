from __future__ import annotations

import asyncio
import json
import logging
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from toolkit.errors import OutputError
from toolkit.web.app import create_app
from toolkit.web.suggestions import SuggestionFile
from toolkit.web.telemetry import JsonLines, logger, route_of

SECRET = "what nobody may read"


def answered(app: FastAPI, path: str) -> httpx.Response:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://toolkit") as client:
            return await client.get(path)

    return asyncio.run(ask())


def test_a_fault_is_the_contracts_500_and_its_message_is_not_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(app: FastAPI) -> None:
        @app.get("/broken")
        async def fail() -> None:
            raise ValueError(SECRET)

    logger.propagate = True
    with caplog.at_level(logging.INFO, "toolkit.web"):
        response = answered(create_app(desk=broken), f"/broken?key={SECRET}")
    assert response.status_code == 500
    assert response.json() == {
        "error": {"code": 500, "message": "Internal error encountered.", "status": "INTERNAL"}
    }
    lines = [JsonLines().format(record) for record in caplog.records]
    events = [json.loads(line) for line in lines]
    fault = next(event for event in events if event["event"] == "fault")
    assert fault["error"] == "ValueError"
    assert any("test_web_telemetry.py" in place for place in fault["at"])
    told = next(event for event in events if event["event"] == "answer")
    assert (told["route"], told["status"]) == ("other", 500)
    assert SECRET not in "".join(lines)
    assert "nobody" not in "".join(lines)


def test_an_exception_in_a_record_is_told_without_its_message() -> None:
    try:
        raise KeyError(SECRET)
    except KeyError as error:
        record = logging.LogRecord(
            "uvicorn",
            logging.ERROR,
            "x",
            1,
            "went wrong",
            (),
            (KeyError, error, error.__traceback__),
        )
    line = JsonLines().format(record)
    assert json.loads(line)["error"] == "KeyError"
    assert SECRET not in line


def test_addresses_become_few_names() -> None:
    assert route_of("/v1alpha1/comments:analyze") == "analyze"
    assert route_of("/desk/queue/7") == "desk"
    assert route_of(f"/{SECRET}") == "other"


def test_the_desk_finds_the_engine_and_is_open_while_the_server_runs() -> None:
    from contextlib import asynccontextmanager

    seen: list[str] = []

    @asynccontextmanager
    async def opened():  # type: ignore[no-untyped-def]
        seen.append("opened")
        yield
        seen.append("closed")

    def desk(app: FastAPI):  # type: ignore[no-untyped-def]
        assert app.state.engine is not None
        return opened()

    app = create_app(desk=desk)

    async def live() -> None:
        async with app.router.lifespan_context(app):
            assert seen == ["opened"]

    asyncio.run(live())
    assert seen == ["opened", "closed"]


def test_suggestions_are_appended_whole_or_not_at_all(tmp_path: Path) -> None:
    kept = SuggestionFile(tmp_path / "kept.jsonl")
    kept.append([{"text": "a\n“b”"}, {"text": "c"}])
    kept.append([{"text": "d"}])
    lines = [json.loads(line) for line in (tmp_path / "kept.jsonl").read_text().splitlines()]
    assert [line["text"] for line in lines] == ["a\n“b”", "c", "d"]
    with pytest.raises(OutputError, match="cannot be appended to"):
        SuggestionFile(tmp_path / "none" / "kept.jsonl")
    full = SuggestionFile(Path("/dev/full"))
    with pytest.raises(OSError):  # noqa: PT011
        full.append([{"text": "e"}])
