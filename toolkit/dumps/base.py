"""What every format reads into, and how a format is described."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import polars as pl

from toolkit.dumps.compress import MAX_RATIO, BrokenOffError
from toolkit.dumps.opening import Member
from toolkit.dumps.rejects import RejectLog
from toolkit.dumps.shape import Opening
from toolkit.dumps.threads import Threads

#: A comment as a format finds it: strings, or null. ``depth`` only where the
#: format's own structure says it; ``source_format`` only where the dump does.
RAW_SCHEMA: Final = pl.Schema(
    {
        "comment_id": pl.String(),
        "article_id": pl.String(),
        "parent_id": pl.String(),
        "author_id": pl.String(),
        "author_name": pl.String(),
        "author_handle": pl.String(),
        "created_at": pl.String(),
        "text": pl.String(),
        "like_count": pl.String(),
        "depth": pl.String(),
        "source_status": pl.String(),
        "source_format": pl.String(),
    }
)

#: How the text of a batch is written: as it is; HTML; HTML whose line ends are
#: breaks; or with only ``&lt; &gt; &amp;`` escaped.
Markup = Literal["plain", "html", "html-lines", "escaped"]

#: Rows of one batch of a row-wise format.
BATCH_ROWS: Final = 5_000
#: A larger row is rejected.
MAX_ROW_BYTES: Final = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a caller can choose about a read."""

    mapping: Mapping[str, str] | None = None
    pseudonymize: str | bytes | None = None
    rejects: Path | None = None
    encoding: str | None = None
    keep_broken: bool = False
    max_ratio: float | None = MAX_RATIO
    max_row_bytes: int = MAX_ROW_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """``rows_in == rows_out + rejected`` always. ``articles`` were found besides.

    ``complete`` is False where the reader stopped before the end (``head``).
    """

    rows_in: int = 0
    rows_out: int = 0
    rejected: int = 0
    articles: int = 0
    complete: bool = False


@dataclass(slots=True, kw_only=True)
class Batch:
    """Some comments and articles, as they come."""

    comments: pl.DataFrame
    articles: list[tuple[str, str | None, str | None, str | None]]
    markup: Markup = "plain"
    #: Whether the source says who answers whom; else depth is unknown.
    threaded: bool = True
    #: Whether the source has depths of its own; one that it leaves out is unknown then,
    #: unless its parent's is known.
    depth_given: bool = False


class BadRow(Exception):  # noqa: N818 - it never leaves this room
    """A record that is no comment and no article. ``reason`` is one of ``REASONS``."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


@dataclass(slots=True, kw_only=True)
class Reading:
    """One pass over a dump: where its counts, rejects and thread state live."""

    options: Options
    rejects: RejectLog
    #: Only the articles are wanted; texts of comments need no care.
    articles_only: bool = False
    threads: Threads = field(default_factory=Threads)
    rows_out: int = 0
    rejected: int = 0
    articles: int = 0
    #: What to tell the user; "{n}" in the words is their count.
    remarks: Counter[str] = field(default_factory=Counter)

    def remark(self, words: str, count: int = 1) -> None:
        """Something a reader of the result should know, said once with its count."""
        if count:
            self.remarks[words] += count

    def reject(
        self,
        member: Member,
        offset: int,
        reason: str,
        raw: bytes,
        *,
        length: int | None = None,
        detail: str = "",
    ) -> None:
        """Set one row aside."""
        self.rejected += 1
        self.rejects.add(
            source=member.name,
            offset=offset,
            reason=reason,
            raw=raw,
            length=len(raw) if length is None else length,
            detail=detail,
        )

    def broken(self, member: Member, error: BrokenOffError, offset: int, raw: bytes = b"") -> None:
        """The rest of a source is lost: raise, or go on where the user says so."""
        if not self.options.keep_broken:
            raise error
        self.reject(member, offset, "damaged", raw, detail=str(error))
        self.remark("damaged, what stands before the damage was kept: {n}")

    @property
    def counts(self) -> Counts:
        """So far."""
        return Counts(
            rows_in=self.rows_out + self.rejected,
            rows_out=self.rows_out,
            rejected=self.rejected,
            articles=self.articles,
        )


class Builder:
    """Collects the rows of a row-wise format into batches."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._columns: dict[str, list[str | None]] = {name: [] for name in RAW_SCHEMA}
        self._articles: list[tuple[str, str | None, str | None, str | None]] = []

    def comment(self, **values: object) -> None:
        """One comment; what is not named is null. Numbers become their digits.

        Raises BadRow where it has no id.
        """
        if not _string(values.get("comment_id")):
            raise BadRow("missing_id")
        for name, column in self._columns.items():
            value = values.get(name)
            column.append(value if value is None or type(value) is str else _string(value))

    def article(
        self,
        article_id: object,
        *,
        url: object = None,
        title: object = None,
        text: object = None,
        counted: bool = True,
    ) -> None:
        """One article. ``counted`` False: more about one that is counted elsewhere.

        Raises BadRow where a counted one has no id.
        """
        name = _string(article_id)
        if not name:
            if counted:
                raise BadRow("missing_id")
            return
        self._reading.articles += counted
        self._articles.append((name, _string(url), _string(title), _string(text)))

    @property
    def full(self) -> bool:
        """Whether it is time to :meth:`take`."""
        return len(self._columns["comment_id"]) + len(self._articles) >= BATCH_ROWS

    def take(self, markup: Markup = "plain") -> Batch:
        """What was collected; the builder is empty then."""
        frame = pl.DataFrame(self._columns, schema=RAW_SCHEMA)
        batch = Batch(comments=frame, articles=self._articles, markup=markup)
        self._columns = {name: [] for name in RAW_SCHEMA}
        self._articles = []
        return batch


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A kind of dump: how it is told, how it is read, and what to say about it."""

    name: str
    title: str
    #: Files it comes in, in words.
    containers: str
    #: Our column -> the source's field, for people.
    fields: Mapping[str, str]
    #: What a reader has to know, one sentence each.
    notes: tuple[str, ...] = ()
    #: A sample in ``seeds/dumps``.
    example: str
    #: ``(confidence in [0, 1], why)`` or None.
    recognise: Callable[[Opening], tuple[float, str] | None]
    read: Callable[[Member, Opening, Reading], Iterator[Batch]]
    #: Comments name no article; it is that of their parents.
    climbs: bool = False


def _string(value: Any) -> str | None:
    """A JSON scalar as text: what the source would print. Null and containers are None."""
    if value is None or isinstance(value, (dict, list)):
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e18:
        return str(int(value))
    return str(value)
