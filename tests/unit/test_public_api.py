"""The public names are a promise: adding one is a decision, losing one a break."""

from __future__ import annotations

import inspect
import subprocess
import sys

import toolkit

NAMES = {
    "Article",
    "Comment",
    "Decision",
    "Evidence",
    "Page",
    "PageWarning",
    "Recommendation",
    "Settings",
    "ThesisSentence",
    "ToolkitError",
    "analyze",
    "compare",
    "explain",
    "parse",
    "read_dump",
    "report",
    "score",
    "stance",
}


def test_exported_names() -> None:
    assert set(toolkit.__all__) == NAMES
    for name in NAMES:
        assert getattr(toolkit, name) is not None


def test_signatures() -> None:
    def parameters(function: object) -> list[str]:
        return list(inspect.signature(function).parameters)  # type: ignore[arg-type]

    assert parameters(toolkit.parse) == ["source", "format", "url"]
    assert parameters(toolkit.read_dump)[:3] == ["source", "format", "mapping"]
    assert parameters(toolkit.analyze) == ["source", "only", "thesis", "settings", "evidence"]
    assert parameters(toolkit.explain)[:4] == ["comment", "only", "thesis", "article"]
    assert parameters(toolkit.report)[:2] == ["source", "directory"]
    assert parameters(toolkit.score) == ["texts", "settings"]
    assert parameters(toolkit.stance) == ["pairs", "settings"]


def test_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(toolkit, "no_such_name")


def test_importing_loads_nothing_heavy_and_touches_no_network() -> None:
    code = (
        "import socket, sys\n"
        "def refuse(*_, **__): raise AssertionError('network')\n"
        "socket.socket.connect = refuse\n"
        "import toolkit, toolkit.cli\n"
        "heavy = {'polars', 'matplotlib', 'onnxruntime', 'torch', 'transformers', 'textstat',"
        " 'typst', 'trafilatura', 'pydantic', 'fastapi', 'pyspark', 'numpy'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
