"""What all tests share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_FOR_TESTS = {"TOOLKIT_CORPORA", "TOOLKIT_UPDATE_GOLDEN"}
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def seeds() -> Path:
    """The folder of our own sample pages."""
    return ROOT / "seeds"


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of labelled corpora; the test is skipped where there is none."""
    folder = os.environ.get("TOOLKIT_CORPORA")
    if not folder:
        pytest.skip("TOOLKIT_CORPORA is not set: it names a folder of labelled corpora")
    path = Path(folder)
    assert path.is_dir(), f"TOOLKIT_CORPORA={folder} is no folder"
    return path


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own TOOLKIT_* variables must not change what the tests see."""
    for name in os.environ:
        if name.startswith("TOOLKIT_") and name not in _FOR_TESTS:
            monkeypatch.delenv(name)
