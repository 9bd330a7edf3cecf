"""Which column of a table is what: as the user says, or by common names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from toolkit.errors import MappingError

#: What a mapping may name, and common names of it, the most telling first. Names are
#: compared without case, spaces and punctuation.
NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "text": (
        "text", "commenttext", "commentbody", "commentcontent", "body", "comment", "content",
        "message", "messagetext", "reviewtext", "posttext", "tweet", "fulltext", "kommentar",
        "comentario", "commentaire", "commento",
    ),
    "comment_id": ("commentid", "id", "postid", "messageid", "tweetid", "uid", "uuid"),
    "article_id": (
        "articleid", "storyid", "threadid", "topicid", "videoid", "conversationid", "linkid",
        "submissionid", "discussionid", "pageid", "assetid", "article", "thread",
    ),
    "parent_id": (
        "parentid", "parent", "parentcommentid", "replyto", "replytoid", "inreplyto",
        "inreplytoid", "inreplytostatusid", "parentcomment",
    ),
    "author_id": ("authorid", "userid", "commenterid", "speaker", "speakerid", "channelid"),
    "author_name": (
        "authorname", "author", "name", "displayname", "userdisplayname", "commenter",
        "commentauthor", "user", "autor",
    ),
    "author_handle": ("authorhandle", "username", "handle", "screenname", "login", "nick"),
    "created_at": (
        "createdat", "created", "createdutc", "timestamp", "datetime", "date", "time",
        "publishedat", "createdate", "createddate", "commentdate", "posttime", "postedat", "datum",
    ),
    "like_count": (
        "likecount", "likes", "score", "upvotes", "recommendations", "ups", "votes", "favorites",
        "favouritescount", "points",
    ),
    "depth": ("depth",),
    "source_status": ("sourcestatus",),
    "source_format": ("sourceformat",),
    "article_url": ("articleurl", "url", "link", "permalink", "storyurl", "pageurl", "weburl"),
    "article_title": ("articletitle", "title", "headline", "storytitle", "linktitle"),
    "article_text": ("articletext", "articlebody"),
}  # fmt: skip
_LETTERS: Final = re.compile(r"[\W_]+")


def resolve(
    columns: Sequence[str], given: Mapping[str, str] | None, *, dotted: bool
) -> dict[str, str]:
    """Our column -> the table's column.

    ``given`` is taken as it is and alone; ``dotted`` allows a path into a JSON object
    (``user.name``). Without it common names are recognised.

    Raises MappingError for a field or column that is not there, and where no column
    holds the comments.
    """
    if given is not None:
        return _given(columns, given, dotted=dotted)
    found: dict[str, str] = {}
    plain = {_LETTERS.sub("", column).lower(): column for column in reversed(columns)}
    taken: set[str] = set()
    for target, names in NAMES.items():
        for name in names:
            column = plain.get(name)
            if column is not None and column not in taken:
                found[target] = column
                taken.add(column)
                break
    if "text" not in found:
        raise MappingError(
            f"no column looks like the text of a comment; there are: {_listed(columns)}",
            next_step="Say which it is: --map text=COLUMN (and author_name=, created_at=, ...).",
        )
    return found


def recognised(columns: Sequence[str]) -> bool:
    """Whether a table with these columns can be read without being told how.

    One column of comments is not enough: many tables have a "name" or a "text".
    """
    try:
        found = resolve(columns, None, dotted=False)
    except MappingError:
        return False
    return len(found) >= 2


def described(found: Mapping[str, str]) -> str:
    """For people, in the form of the option."""
    return ",".join(f"{target}={column}" for target, column in found.items())


def _given(columns: Sequence[str], given: Mapping[str, str], *, dotted: bool) -> dict[str, str]:
    for target, column in given.items():
        if target not in NAMES:
            raise MappingError(
                f"{target!r} is no field of a comment",
                next_step=f"Fields are: {', '.join(NAMES)}.",
            )
        if column not in columns and not (dotted and column.partition(".")[0] in columns):
            raise MappingError(
                f"there is no column {column!r}; there are: {_listed(columns)}",
                next_step="Name one of them.",
            )
    if "text" not in given:
        raise MappingError(
            "the mapping does not say which column holds the text",
            next_step="Add text=COLUMN to --map.",
        )
    return dict(given)


def _listed(columns: Sequence[str]) -> str:
    shown = ", ".join(columns[:30])
    return shown + (f" and {len(columns) - 30} more" if len(columns) > 30 else "")
