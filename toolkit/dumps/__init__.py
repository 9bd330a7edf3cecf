"""A comment dump -> ``LazyFrame[COMMENT_SCHEMA]``.

``source_status`` is one of:

``published``
    an ordinary, visible comment
``pending``
    waits for a moderator
``spam``, ``trash``
    what the site's own filter or moderator made of it
``deleted``
    taken away by its author
``removed``
    taken away by somebody else
``empty``
    a comment without words
``pingback``, ``trackback`` and other WordPress types
    no comment by a reader; not approved: ``pingback:pending``

``text`` is null where the source has none left, and kept where it has.
"""

from toolkit.dumps.base import Counts, Format
from toolkit.dumps.convert import convert
from toolkit.dumps.detect import FormatGuess, looks_like_dump
from toolkit.dumps.dump import Dump, detect, read_dump
from toolkit.dumps.registry import FORMATS
from toolkit.dumps.rejects import REASONS, REJECT_SCHEMA

__all__ = [
    "FORMATS",
    "REASONS",
    "REJECT_SCHEMA",
    "Counts",
    "Dump",
    "Format",
    "FormatGuess",
    "convert",
    "detect",
    "looks_like_dump",
    "read_dump",
]
