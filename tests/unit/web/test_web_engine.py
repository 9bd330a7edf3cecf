from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any, cast

import polars as pl
import pytest

from toolkit.pipeline import Pipeline
from toolkit.settings import Settings
from toolkit.web.engine import MAX_BATCH, MAX_BATCH_CHARACTERS, Engine, Overloaded, Question


class Analysis:
    """Stands for a pipeline: remembers its batches, fails on ``boom``, waits when told to."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.go = threading.Event()
        self.go.set()

    def apply(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        self.go.wait(30)
        rows = frame.collect()
        texts = rows["text"].to_list()
        self.batches.append(texts)
        if "boom" in texts:
            raise ValueError("a fault in an analyzer")
        return rows.with_columns(pl.col("text").str.len_chars().alias("length")).lazy()


def question(text: str) -> Question:
    return Question(text=text, languages=("en",), detect=False)


def run(test: Callable[[Engine, Analysis], Awaitable[None]], limit: int = 2048) -> None:
    async def within() -> None:
        engine = Engine(Settings(), limit=limit)
        analysis = Analysis()
        engine._pipelines[frozenset({"toxicity"})] = cast("Pipeline", analysis)
        engine._task = asyncio.create_task(engine._serve())
        try:
            await test(engine, analysis)
        finally:
            analysis.go.set()
            await engine.stop()

    asyncio.run(within())


def test_what_arrives_together_is_analysed_together() -> None:
    async def test(engine: Engine, analysis: Analysis) -> None:
        texts = ["x" * n for n in range(1, 201)]
        answers = await asyncio.gather(*(engine.ask([question(text)]) for text in texts))
        assert [rows[0]["length"] for rows in answers] == list(range(1, 201))
        assert len(analysis.batches) < 10
        assert max(map(len, analysis.batches)) <= MAX_BATCH

    run(test)


def test_a_batch_has_a_limit_in_characters() -> None:
    async def test(engine: Engine, analysis: Analysis) -> None:
        long = "y" * (MAX_BATCH_CHARACTERS + 1)
        await engine.ask([question(text) for text in ("a", long, "b", "c" * 15_000, "d" * 6_000)])
        sizes = [[len(text) for text in batch] for batch in analysis.batches]
        assert sizes == [[1], [len(long)], [1, 15_000], [6_000]]

    run(test)


def test_a_text_that_fails_takes_no_other_with_it() -> None:
    async def test(engine: Engine, analysis: Analysis) -> None:
        asked = [engine.ask([question(text)]) for text in ("one", "boom", "three")]
        answers: list[Any] = await asyncio.gather(*asked, return_exceptions=True)
        assert answers[0][0]["length"] == 3
        assert isinstance(answers[1], ValueError)
        assert answers[2][0]["length"] == 5

    run(test)


def test_too_much_is_refused_and_what_was_let_in_is_answered() -> None:
    async def test(engine: Engine, analysis: Analysis) -> None:
        analysis.go.clear()
        first = asyncio.create_task(engine.ask([question("first")]))
        await asyncio.sleep(0.05)
        others = [asyncio.create_task(engine.ask([question("x")])) for _ in range(3)]
        await asyncio.sleep(0)
        assert engine.waiting == 3
        with pytest.raises(Overloaded):
            await engine.ask([question("one too many")])
        analysis.go.set()
        assert len(await asyncio.gather(first, *others)) == 4

    run(test, limit=3)


def test_nobody_waits_for_who_has_gone() -> None:
    async def test(engine: Engine, analysis: Analysis) -> None:
        analysis.go.clear()
        first = asyncio.create_task(engine.ask([question("first")]))
        await asyncio.sleep(0.05)
        with pytest.raises(TimeoutError):
            await engine.within(0.01, [question("impatient")])
        analysis.go.set()
        await first
        await engine.ask([question("last")])
        assert all("impatient" not in batch for batch in analysis.batches)

    run(test)


def test_a_request_of_many_sentences_does_not_stand_before_all_others() -> None:
    async def test(engine: Engine, analysis: Analysis) -> None:
        analysis.go.clear()
        many = asyncio.create_task(engine.ask([question(f"sentence {n}") for n in range(300)]))
        await asyncio.sleep(0.05)
        other = asyncio.create_task(engine.ask([question("short")]))
        await asyncio.sleep(0)
        analysis.go.set()
        await other
        assert not many.done()
        assert len(await many) == 300

    run(test)


def test_an_end_waits_for_what_was_accepted() -> None:
    async def within() -> None:
        engine = Engine(Settings())
        analysis = Analysis()
        analysis.go.clear()
        engine._pipelines[frozenset({"toxicity"})] = cast("Pipeline", analysis)
        engine._task = asyncio.create_task(engine._serve())
        asked = asyncio.create_task(engine.ask([question("a"), question("bc")]))
        await asyncio.sleep(0.05)
        ending = asyncio.create_task(engine.stop())
        await asyncio.sleep(0.05)
        assert not ending.done()
        analysis.go.set()
        await ending
        assert [row["length"] for row in await asked] == [1, 2]

    asyncio.run(within())
