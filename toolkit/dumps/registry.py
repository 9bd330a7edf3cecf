"""Every format, listed by hand."""

from __future__ import annotations

from typing import Final

from toolkit.dumps.base import Format
from toolkit.dumps.formats import (
    bluesky,
    convokit,
    coral,
    discourse,
    disqus,
    hackernews_algolia,
    hackernews_firebase,
    mastodon,
    nyt,
    reddit,
    socc,
    table,
    wordpress_rest,
    wordpress_wxr,
    youtube,
    ytdlp,
)
from toolkit.errors import UnknownFormatError

#: By name, in the order in which they are shown.
FORMATS: Final[dict[str, Format]] = {
    known.name: known
    for known in (
        wordpress_wxr.FORMAT,
        wordpress_rest.FORMAT,
        disqus.FORMAT,
        reddit.FORMAT,
        youtube.FORMAT,
        ytdlp.FORMAT,
        hackernews_algolia.FORMAT,
        hackernews_firebase.FORMAT,
        discourse.FORMAT,
        coral.FORMAT,
        nyt.FORMAT,
        socc.FORMAT,
        mastodon.FORMAT,
        bluesky.FORMAT,
        convokit.FORMAT,
        *table.FORMATS,
    )
}
TABLES: Final = frozenset(known.name for known in table.FORMATS)


def format_named(name: str) -> Format:
    """Raises UnknownFormatError, which lists the names."""
    try:
        return FORMATS[name]
    except KeyError:
        raise UnknownFormatError(
            f"there is no format {name!r}", next_step=f"Formats are: {', '.join(FORMATS)}."
        ) from None
