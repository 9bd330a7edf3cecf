"""Scores for many requests at once: what arrives together is analysed together.

An analyzer's answer for a text depends on that text alone, so sharing a batch
changes nothing but the speed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import polars as pl

import toolkit
from toolkit.records import Article
from toolkit.settings import Settings

#: Texts in one analysis at most; more would make the first wait for the last.
MAX_BATCH: Final = 64


@dataclass(frozen=True, slots=True)
class Question:
    """A text, the article it is read against, and its language where the asker knows it."""

    text: str
    article: str | None = None
    language: str | None = None


class Overloaded(Exception):  # noqa: N818 - a state, answered with 503
    """More is waiting than can be answered in time."""


class Engine:
    """Answers questions with rows of the analyzers' result columns.

    Start and stop it inside a running event loop. ``limit`` is how many
    questions may wait before further ones are refused.
    """

    def __init__(self, settings: Settings, *, limit: int = 2048) -> None:
        self._settings = settings
        self._queue: asyncio.Queue[tuple[Question, asyncio.Future[dict[str, Any]]]] = asyncio.Queue(
            limit
        )
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="analysis")
        self._task: asyncio.Task[None] | None = None
        self.ready = False

    async def start(self) -> None:
        """Load the models (first answers must not wait for that) and begin to answer."""
        self._task = asyncio.create_task(self._serve())
        await self.ask(
            [Question("A first text to load the models.", "An article. It has a claim.")]
        )
        self.ready = True

    async def stop(self) -> None:
        """Answer what was accepted, then end."""
        self.ready = False
        await self._queue.join()
        if self._task is not None:
            self._task.cancel()
        self._thread.shutdown(wait=True)

    @property
    def waiting(self) -> int:
        """Questions that are not yet being answered."""
        return self._queue.qsize()

    async def ask(self, questions: Sequence[Question]) -> list[dict[str, Any]]:
        """One row of result columns for each question, in order. Raises Overloaded."""
        loop = asyncio.get_running_loop()
        futures: list[asyncio.Future[dict[str, Any]]] = []
        for question in questions:
            future: asyncio.Future[dict[str, Any]] = loop.create_future()
            try:
                self._queue.put_nowait((question, future))
            except asyncio.QueueFull:
                for other in futures:
                    other.cancel()
                raise Overloaded from None
            futures.append(future)
        return list(await asyncio.gather(*futures))

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            batch = [await self._queue.get()]
            while len(batch) < MAX_BATCH and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            try:
                live = [item for item in batch if not item[1].cancelled()]
                rows = await loop.run_in_executor(
                    self._thread, self._analyse, [question for question, _ in live]
                )
                for (_, future), row in zip(live, rows, strict=True):
                    if not future.cancelled():
                        future.set_result(row)
            except Exception as error:
                for _, future in batch:
                    if not future.done():
                        future.set_exception(error)
            finally:
                for _ in batch:
                    self._queue.task_done()

    def _analyse(self, questions: Sequence[Question]) -> list[dict[str, Any]]:
        if not questions:
            return []
        stance = any(question.article for question in questions)
        only = ["toxicity", "stance"] if stance else ["toxicity"]
        frame = pl.LazyFrame(
            {
                "text": [question.text for question in questions],
                "thesis": [_thesis(question.article) for question in questions],
                "stated_language": [question.language for question in questions],
            },
            schema={"text": pl.String, "thesis": pl.String, "stated_language": pl.String},
        )
        rows: list[dict[str, Any]] = (
            toolkit.analyze(frame, only=only, settings=self._settings).collect().to_dicts()
        )
        return rows

    # Every answer names the version; building the pipeline for each would be waste.
    @cached_property
    def versions(self) -> Mapping[str, str]:
        """Analyzer name -> version."""
        from toolkit.pipeline import Pipeline

        return Pipeline.of(["toxicity", "stance"], self._settings).versions


def _thesis(article: str | None) -> str | None:
    if not article:
        return None
    from toolkit.context import find_thesis, joined

    return joined(find_thesis(Article(article_id="context", text=article)))
