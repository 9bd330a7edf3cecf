"""What the tests of the runner share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import Any

import pytest

import toolkit.runner.local as local
import toolkit.runner.worker as worker
from toolkit.pipeline import Pipeline


class Inline(Executor):
    """Does the work here and now: what is tested is the run, not the processes."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


@pytest.fixture
def inline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs start no processes."""

    @contextmanager
    def workers(_count: int, only: Any, settings: Any) -> Iterator[Executor]:
        monkeypatch.setattr(worker, "_pipeline", Pipeline.of(only, settings))
        yield Inline()

    monkeypatch.setattr(local, "workers", workers)
