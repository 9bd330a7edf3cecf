"""Comment Toolkit reads what people wrote under an article.

The public face. Everything else is internal and may move.
"""

from toolkit.api import analyze, compare, explain, parse, read_dump, report, score, stance
from toolkit.errors import ToolkitError
from toolkit.records import (
    Article,
    Comment,
    Decision,
    Evidence,
    Page,
    PageWarning,
    Recommendation,
    ThesisSentence,
)

__version__ = "0.1.0"

__all__ = [
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
]


def __getattr__(name: str) -> object:
    # Settings brings pydantic along, a quarter of a second that `toolkit --help`
    # need not pay.
    if name == "Settings":
        from toolkit.settings import Settings

        return Settings
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
