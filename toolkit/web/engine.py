"""Scores for many requests at once: what arrives together is analysed together.

An analyzer's answer for a text depends on that text alone, so sharing a batch
changes nothing but the speed. There is no waiting for a batch to fill: while
one is analysed, the next one gathers.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import polars as pl

from toolkit.pipeline import Pipeline
from toolkit.records import Article
from toolkit.settings import Settings
from toolkit.text.language import UNDETERMINED, detect

#: What a question can ask for; ``language`` comes along with each.
ANALYZERS: Final = ("toxicity", "rhetoric", "stance", "readability")

#: Texts, and characters, in one analysis at most: more would make the first
#: wait for the last. A text longer than that is analysed alone.
MAX_BATCH: Final = 64
MAX_BATCH_CHARACTERS: Final = 20_000

#: Questions of one request that wait at a time, so that a text of a thousand
#: sentences does not stand in front of everybody else.
SLICE: Final = 32

#: Articles whose thesis is remembered (by digest; the thesis itself is kept).
REMEMBERED: Final = 256
#: Articles that may wait to be read; a long one takes seconds.
MAX_ARTICLES: Final = 64

_SCHEMA: Final = {"text": pl.String, "thesis": pl.String, "stated_language": pl.String}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A text and what is asked of it.

    ``article`` is what it is read against. ``languages`` are those that the
    asker states (BCP 47): of several, the one that is detected counts, else the
    first. ``detect=False`` spares the detection where one is stated.
    ``private`` keeps the article's thesis out of memory.
    """

    text: str
    analyzers: frozenset[str] = frozenset({"toxicity"})
    article: str | None = None
    languages: tuple[str, ...] = ()
    detect: bool = True
    private: bool = False


class Overloaded(Exception):  # noqa: N818 - a state, answered with 503
    """More is waiting than can be answered in time."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    question: Question
    thesis: str | None
    future: asyncio.Future[dict[str, Any]]


class Engine:
    """Answers questions with rows of the analyzers' result columns.

    Each row also has ``detected``: the language that the text seems to be in,
    ``und`` where it cannot be told.

    Start and stop it inside a running event loop. ``limit`` is how many
    questions may wait before further requests are refused. ``on_batch`` is
    called with the number of texts after each analysis.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        limit: int = 2048,
        on_batch: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._settings = settings
        self._limit = limit
        self._on_batch = on_batch
        self._queue: deque[_Waiting] = deque()
        self._arrived = asyncio.Event()
        self._idle = asyncio.Event()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="analysis")
        # Articles are read apart from comments, which must not wait for them.
        self._reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="articles")
        self._articles = 0
        self._task: asyncio.Task[None] | None = None
        self._pipelines: dict[frozenset[str], Pipeline] = {}
        self._theses: OrderedDict[bytes, str | None] = OrderedDict()
        self.ready = False

    async def start(self) -> None:
        """Load the models (first answers must not wait for that) and begin to answer."""
        # Made here, so that an engine can be built outside of a loop.
        self._arrived, self._idle = asyncio.Event(), asyncio.Event()
        self._idle.set()
        self._task = asyncio.create_task(self._serve())
        text, article = "A first text to load the models.", "An article. It has a claim."
        await self.ask(
            [
                Question(text=text),
                Question(text=text, analyzers=frozenset(ANALYZERS), article=article),
            ]
        )
        self.ready = True

    async def stop(self) -> None:
        """Answer what was accepted, then end."""
        self.ready = False
        await self._idle.wait()
        if self._task is not None:
            self._task.cancel()
        self._thread.shutdown(wait=True)
        self._reader.shutdown(wait=True, cancel_futures=True)

    @property
    def waiting(self) -> int:
        """Questions that are not yet being answered."""
        return len(self._queue)

    @cached_property
    def _all(self) -> Pipeline:
        return Pipeline.of(ANALYZERS, self._settings)

    @cached_property
    def versions(self) -> Mapping[str, str]:
        """Analyzer name -> version."""
        return self._all.versions

    @cached_property
    def columns(self) -> frozenset[str]:
        """The result columns there are: they depend on the toxicity model in use."""
        return frozenset(self._all.metrics)

    async def ask(self, questions: Sequence[Question]) -> list[dict[str, Any]]:
        """One row of result columns for each question, in order.

        Raises Overloaded where too much is waiting; a request that was let in
        is answered as a whole.
        """
        if len(self._queue) >= self._limit:
            raise Overloaded
        rows: list[dict[str, Any]] = []
        theses: dict[str | None, str | None] = {None: None}
        for question in questions:
            if question.article not in theses:
                theses[question.article] = await self._thesis(question)
        for first in range(0, len(questions), SLICE):
            waiting = [
                self._put(question, theses[question.article])
                for question in questions[first : first + SLICE]
            ]
            try:
                rows += await asyncio.gather(*waiting)
            except BaseException:
                # Nobody waits for the others any more.
                for future in waiting:
                    future.cancel()
                raise
        return rows

    async def within(self, seconds: float, questions: Sequence[Question]) -> list[dict[str, Any]]:
        """:meth:`ask`, given up after ``seconds``. Raises Overloaded, TimeoutError."""
        async with asyncio.timeout(seconds):
            return await self.ask(questions)

    def _put(self, question: Question, thesis: str | None) -> asyncio.Future[dict[str, Any]]:
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._queue.append(_Waiting(question, thesis, future))
        self._idle.clear()
        self._arrived.set()
        return future

    async def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await self._arrived.wait()
            batch = self._take()
            if batch:
                try:
                    answers = await loop.run_in_executor(self._thread, self._answer, batch)
                except Exception as error:
                    answers = [error] * len(batch)
                for waiting, answer in zip(batch, answers, strict=True):
                    if waiting.future.done():
                        continue
                    if isinstance(answer, Exception):
                        waiting.future.set_exception(answer)
                    else:
                        waiting.future.set_result(answer)
                self._on_batch(len(batch))
            if not self._queue:
                self._arrived.clear()
                self._idle.set()

    def _take(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        characters = 0
        while self._queue and len(batch) < MAX_BATCH:
            if self._queue[0].future.done():  # its asker has gone
                self._queue.popleft()
                continue
            characters += len(self._queue[0].question.text)
            if batch and characters > MAX_BATCH_CHARACTERS:
                break
            batch.append(self._queue.popleft())
        return batch

    def _answer(self, batch: Sequence[_Waiting]) -> list[dict[str, Any] | Exception]:
        answers: list[dict[str, Any] | Exception] = [{}] * len(batch)
        groups: dict[frozenset[str], list[int]] = {}
        for place, waiting in enumerate(batch):
            groups.setdefault(waiting.question.analyzers, []).append(place)
        for analyzers, places in groups.items():
            asked = [batch[place] for place in places]
            for place, answer in zip(places, self._analyse_safely(analyzers, asked), strict=True):
                answers[place] = answer
        return answers

    def _analyse_safely(
        self, analyzers: frozenset[str], batch: Sequence[_Waiting]
    ) -> Iterable[dict[str, Any] | Exception]:
        """One text that an analyzer fails on must not take the others' answers with it."""
        try:
            return self._analyse(analyzers, batch)
        except Exception as error:
            if len(batch) == 1:
                return [error]
            return [answer for one in batch for answer in self._analyse_safely(analyzers, [one])]

    def _analyse(
        self, analyzers: frozenset[str], batch: Sequence[_Waiting]
    ) -> list[dict[str, Any]]:
        questions = [waiting.question for waiting in batch]
        tags = _detected(questions)
        rows: list[dict[str, Any]] = [{} for _ in questions]
        if analyzers:
            frame = pl.DataFrame(
                {
                    "text": [question.text for question in questions],
                    "thesis": [waiting.thesis for waiting in batch],
                    "stated_language": [
                        _stated(question, tag)
                        for question, tag in zip(questions, tags, strict=True)
                    ],
                },
                schema=_SCHEMA,
            )
            rows = self._pipeline(analyzers).apply(frame.lazy()).collect().to_dicts()
        for row, tag in zip(rows, tags, strict=True):
            row["detected"] = tag
        return rows

    def _pipeline(self, analyzers: frozenset[str]) -> Pipeline:
        if analyzers not in self._pipelines:
            wanted = analyzers | {"language"}
            self._pipelines[analyzers] = Pipeline(
                analyzer for analyzer in self._all.analyzers if analyzer.name in wanted
            )
        return self._pipelines[analyzers]

    async def _thesis(self, question: Question) -> str | None:
        article = question.article
        if not article or "stance" not in question.analyzers:
            return None
        digest = hashlib.sha256(article.encode()).digest()
        if digest in self._theses:
            self._theses.move_to_end(digest)
            return self._theses[digest]
        if self._articles >= MAX_ARTICLES:
            raise Overloaded
        self._articles += 1
        try:
            loop = asyncio.get_running_loop()
            thesis = await loop.run_in_executor(self._reader, _find, article)
        finally:
            self._articles -= 1
        if not question.private:
            self._theses[digest] = thesis
            if len(self._theses) > REMEMBERED:
                self._theses.popitem(last=False)
        return thesis


def _detected(questions: Sequence[Question]) -> list[str]:
    """The tag of each text, by one call of the detector for all."""
    asked = [question for question in questions if question.detect or not question.languages]
    guesses = iter(detect([question.text for question in asked]))
    return [
        next(guesses).tag if question.detect or not question.languages else UNDETERMINED
        for question in questions
    ]


def _stated(question: Question, detected: str) -> str:
    stated = [tag.lower() for tag in question.languages]
    if not stated or detected in stated:
        return detected
    return stated[0]


def _find(article: str) -> str | None:
    from toolkit.context import find_thesis, joined

    return joined(find_thesis(Article(article_id="context", text=article)))
