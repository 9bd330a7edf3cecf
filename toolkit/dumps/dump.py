"""An opened dump: lazy frames over it, and what its reading found out."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

import polars as pl
from polars.io.plugins import register_io_source

from toolkit.dumps.base import Batch, Counts, Format, Options, Reading
from toolkit.dumps.compress import MAX_RATIO
from toolkit.dumps.detect import FormatGuess, guesses, open_up
from toolkit.dumps.finish import finish, finish_articles
from toolkit.dumps.formats.table import mapping_of, table_name
from toolkit.dumps.lines import ahead
from toolkit.dumps.mapping import described
from toolkit.dumps.opening import Member, Opened, Source, open_source
from toolkit.dumps.pseudonymize import Pseudonymizer
from toolkit.dumps.registry import FORMATS, TABLES, format_named
from toolkit.dumps.rejects import REJECT_SCHEMA, RejectLog
from toolkit.dumps.shape import Opening
from toolkit.errors import AmbiguousFormatError, EmptySourceError, UnknownFormatError
from toolkit.schema import ARTICLE_SCHEMA, COMMENT_SCHEMA

#: Rows of a batch where the caller says nothing.
BATCH_ROWS: Final = 50_000
#: Two guesses this close are one too many.
_TIE: Final = 0.06
_HOW: Final = "Say which it is with --input-format (toolkit formats lists them)."


@dataclass(slots=True)
class _Last:
    """The last read of the comments: what ``counts``, ``rejects`` and ``notes`` tell of."""

    counts: Counts = field(default_factory=Counts)
    rejects: RejectLog | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dump:
    """A dump that is ready to be read, as often as you like; each read starts anew.

    Nothing is held in memory but a batch. ``counts``, ``rejects`` and the later
    ``notes`` tell of the last read of the comments.
    """

    format: str
    _format: Format
    _members: tuple[tuple[Member, Opening], ...]
    _options: Options
    _guessed: tuple[str, ...]
    _opened: Opened
    _last: _Last = field(default_factory=_Last)

    @property
    def comments(self) -> pl.LazyFrame:
        """One row a comment, with the columns of ``COMMENT_SCHEMA``, in the source's order.

        ``comment_id`` is what the source says, so it repeats where the source repeats
        it (which is noted); ``position`` does not.
        """

        def source(
            with_columns: list[str] | None,
            predicate: pl.Expr | None,
            n_rows: int | None,
            _batch_size: int | None,
        ) -> Iterator[pl.DataFrame]:
            left = n_rows
            # Whoever wants a few rows gets no more read than these need.
            frames = self._read() if left is not None else ahead(self._read())
            with closing(frames):
                for frame in frames:
                    # A batch larger than asked for is the engine's to cut.
                    if left is not None:
                        frame = frame.head(left)
                        left -= frame.height
                    if predicate is not None:
                        frame = frame.filter(predicate)
                    yield frame if with_columns is None else frame.select(with_columns)
                    if left is not None and left <= 0:
                        return

        return register_io_source(source, schema=COMMENT_SCHEMA)

    @property
    def articles(self) -> pl.LazyFrame:
        """One row an article, with the columns of ``ARTICLE_SCHEMA``, in order of appearance.

        Every article that a comment names is there; the dump is read for it once more.
        """

        def source(
            with_columns: list[str] | None,
            predicate: pl.Expr | None,
            n_rows: int | None,
            _batch_size: int | None,
        ) -> Iterator[pl.DataFrame]:
            for frame in self._articles():
                part = frame if n_rows is None else frame.head(n_rows)
                part = part if predicate is None else part.filter(predicate)
                yield part if with_columns is None else part.select(with_columns)

        found = register_io_source(source, schema=ARTICLE_SCHEMA)
        others = [name for name in ARTICLE_SCHEMA.names() if name != "article_id"]
        return found.group_by("article_id", maintain_order=True).agg(
            pl.col(name).drop_nulls().first() for name in others
        )

    def batches(
        self, rows: int = BATCH_ROWS, *, start: int = 0
    ) -> Generator[pl.DataFrame, None, None]:
        """Frames of exactly ``rows`` comments; the last may be shorter.

        ``start`` is the position to begin at. The cuts depend on the dump and ``rows`` alone.
        Close it where you stop before the end: the rejects get their name then.
        """
        held: list[pl.DataFrame] = []
        height = 0
        with closing(self._read()) as frames:
            for frame in frames:
                if start:
                    frame = frame.filter(pl.col("position") >= start)
                # What is carried over is part of one frame as it was read: a part of joined
                # ones would keep all that was ever joined to it in memory.
                while height + frame.height >= rows:
                    yield pl.concat([*held, frame.head(rows - height)])
                    frame = frame.slice(rows - height)
                    held, height = [], 0
                if frame.height:
                    held.append(frame)
                    height += frame.height
        if height:
            yield pl.concat(held).rechunk()

    @property
    def counts(self) -> Counts:
        """Of the last read; all zero before it."""
        return self._last.counts

    @property
    def rejects(self) -> pl.DataFrame:
        """What the last read could not take, one row each (``REJECT_SCHEMA``)."""
        log = self._last.rejects
        if log is None or log.path is None:
            return pl.DataFrame(schema=REJECT_SCHEMA)
        return pl.read_ndjson(log.path, schema=REJECT_SCHEMA)

    @property
    def rejects_path(self) -> Path | None:
        """The file that holds them; None where there are none."""
        return None if self._last.rejects is None else self._last.rejects.path

    @property
    def notes(self) -> tuple[str, ...]:
        """What was guessed on opening and, after a read, what was noticed in it."""
        return self._guessed + self._last.remarks

    @property
    def files(self) -> tuple[tuple[str, Path], ...]:
        """What is read, in order: a name for people, and the file (a stream's is a copy)."""
        return tuple(
            dict.fromkeys(
                (member.name.removesuffix(f"/{member.entry}"), member.path)
                for member in self._opened.members
            )
        )

    @property
    def fraction(self) -> float | None:
        """How much of the files' bytes the last read has read, in [0, 1]; None if unknown."""
        total = sum(member.size for member, _ in self._members)
        if not total:
            return None
        meter = self._opened.meter
        return sum(min(meter.of(member.name), member.size) for member, _ in self._members) / total

    def _read(self) -> Generator[pl.DataFrame, None, None]:
        """All comments; keeps the books."""
        self._opened.meter.reset()
        if self._last.rejects is not None:
            self._last.rejects.discard()
        # Whoever asks for pseudonyms does not want names in another file.
        log = RejectLog(self._options.rejects, with_raw=self._options.pseudonymize is None)
        reading = Reading(options=self._options, rejects=log)
        reading.threads.climbs = self._format.climbs
        self._last.counts, self._last.remarks = reading.counts, ()
        self._last.rejects = log
        key = self._options.pseudonymize
        pseudonyms = None if key is None else Pseudonymizer(key)
        complete = False
        try:
            for batch in self._batches(reading):
                if batch.comments.height:
                    frame = finish(
                        batch,
                        reading,
                        format_name=self.format,
                        climbs=self._format.climbs,
                        pseudonyms=pseudonyms,
                    )
                    self._last.counts = reading.counts
                    yield frame
                elif self._format.climbs and batch.articles:
                    reading.threads.articles([article[0] for article in batch.articles])
            complete = True
        finally:
            log.finish()
            self._last.counts = _with_end(reading.counts, complete=complete)
            self._last.remarks = _remarks(reading)

    def _articles(self) -> Iterator[pl.DataFrame]:
        log = RejectLog(None)
        reading = Reading(options=self._options, rejects=log, articles_only=True)
        key = self._options.pseudonymize
        pseudonyms = None if key is None else Pseudonymizer(key)
        try:
            for batch in self._batches(reading):
                if batch.articles:
                    yield finish_articles(batch, pseudonyms)
        finally:
            log.finish()
            log.discard()

    def _batches(self, reading: Reading) -> Iterator[Batch]:
        for member, opening in self._members:
            yield from self._format.read(member, opening, reading)


def read_dump(
    source: Source,
    *,
    format: str = "auto",  # noqa: A002 - the word that users know
    mapping: Mapping[str, str] | None = None,
    pseudonymize: str | bytes | None = None,
    rejects: Path | None = None,
    encoding: str | None = None,
    keep_broken: bool = False,
    max_ratio: float | None = MAX_RATIO,
    max_row_bytes: int | None = None,
) -> Dump:
    """Open a dump and tell its format; nothing is read yet but its beginning.

    ``source`` is a path, a folder, a glob, a zip archive, ``-`` (standard input), bytes,
    a binary file, or a list of these; each may be compressed. ``mapping`` (our column ->
    the table's) makes it a table. ``pseudonymize`` is a secret key: authors become keyed
    ids, names and mentions go. ``rejects`` is where rows that cannot be read are kept
    (default: a temporary file). ``encoding`` is for text that is neither UTF-8 nor marked.
    ``keep_broken`` keeps what stands before damage instead of raising.

    Raises SourceNotFoundError, EmptySourceError, UnknownFormatError,
    AmbiguousFormatError, MappingError, DumpReadError, SettingsError (an empty key).
    """
    options = Options(
        mapping=mapping,
        pseudonymize=pseudonymize,
        rejects=rejects,
        encoding=encoding,
        keep_broken=keep_broken,
        max_ratio=max_ratio,
        **({} if max_row_bytes is None else {"max_row_bytes": max_row_bytes}),
    )
    if pseudonymize is not None:
        Pseudonymizer(pseudonymize)
    opened = open_source(source, max_ratio=max_ratio)
    looked = [(member, open_up(member, encoding=encoding)) for member in opened.members]
    full = [(member, opening) for member, opening in looked if opening.kind != "empty"]
    if not full:
        raise EmptySourceError(
            f"{looked[0][0].name} is empty", next_step="Name a dump that has data."
        )
    chosen, members, notes = (
        _choose(full, mapping) if format == "auto" else (format_named(format), full, list[str]())
    )
    if chosen.name in TABLES:
        found = mapping_of(members[0][1], mapping)
        if mapping is None:
            notes.append(f"columns: {described(found)}")
    notes += [f"{member.name} is empty" for member, opening in looked if opening.kind == "empty"]
    return Dump(
        format=chosen.name,
        _format=chosen,
        _members=tuple(members),
        _options=options,
        _guessed=tuple(notes),
        _opened=opened,
    )


def detect(source: str | Path | bytes | BinaryIO | Sequence[str | Path]) -> list[FormatGuess]:
    """Every format that the first file of ``source`` fits, the surest first."""
    opened = open_source(source)  # holds the copy of a stream
    return guesses(open_up(opened.members[0]))


def _choose(
    members: list[tuple[Member, Opening]], mapping: Mapping[str, str] | None
) -> tuple[Format, list[tuple[Member, Opening]], list[str]]:
    """The one format of all members, those that have it, and what to say about it."""
    if mapping is not None:
        name = table_name(members[0][1])
        if name is None:
            raise UnknownFormatError(
                f"{members[0][0].name} is no table that columns could be mapped of",
                next_step="Leave out --map, or name the format with --input-format.",
            )
        return FORMATS[name], members, []
    told = [(member, opening, _told(member, opening)) for member, opening in members]
    certain = {guess.format for _, _, guess in told if guess and guess.format not in TABLES}
    if len(certain) > 1:
        shown = "; ".join(
            f"{member.name}: {guess.format}" for member, _, guess in told[:8] if guess
        )
        raise AmbiguousFormatError(
            f"the files are of more than one format ({shown})",
            next_step="Give the files of one format at a time, or name it with --input-format.",
        )
    names = certain or {guess.format for _, _, guess in told if guess}
    if not names:
        raise _unknown(*members[0])
    if len(names) > 1:
        raise AmbiguousFormatError(
            f"the files are tables of several kinds ({', '.join(sorted(names))})",
            next_step="Give those of one kind at a time.",
        )
    name = names.pop()
    kept = [(member, opening) for member, opening, guess in told if guess and guess.format == name]
    first = next(guess for _, _, guess in told if guess and guess.format == name)
    notes = [f"format: {name} ({first.reason})"]
    notes += [
        f"{member.name} was left out: it is not of the format {name}"
        for member, _, guess in told
        if not guess or guess.format != name
    ]
    return FORMATS[name], kept, notes


def _told(member: Member, opening: Opening) -> FormatGuess | None:
    found = guesses(opening)
    if not found:
        return None
    tied = [guess for guess in found if found[0].confidence - guess.confidence < _TIE]
    if len(tied) > 1:
        shown = "; ".join(f"{guess.format} ({guess.reason})" for guess in tied)
        raise AmbiguousFormatError(
            f"{member.name} could be in {len(tied)} formats: {shown}", next_step=_HOW
        )
    return found[0]


def _unknown(member: Member, opening: Opening) -> UnknownFormatError:
    if opening.columns:
        names = ", ".join(opening.columns[:20])
        return UnknownFormatError(
            f"{member.name} holds records of no format known here; their fields are: {names}",
            next_step="Say what is what with --map text=FIELD,author_name=FIELD,...",
        )
    return UnknownFormatError(
        f"{member.name} is in no format known here",
        next_step="toolkit formats lists those that are; --input-format names one.",
    )


def _with_end(counts: Counts, *, complete: bool) -> Counts:
    return Counts(
        rows_in=counts.rows_in,
        rows_out=counts.rows_out,
        rejected=counts.rejected,
        articles=counts.articles,
        complete=complete,
    )


def _remarks(reading: Reading) -> tuple[str, ...]:
    threads = reading.threads
    reading.remark("circles of comments that answer each other, broken: {n}", threads.cycles)
    reading.remark("comments whose id was there before: {n}", threads.repeated)
    reading.remark(
        "comments that answer one not in the dump, or too far before it (no depth): {n}",
        threads.unplaced,
    )
    reasons = reading.rejects.reasons
    if reasons:
        told = ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
        reading.remark(f"rejected: {told}", reading.rejected)
    return tuple(words.replace("{n}", f"{count:,}") for words, count in reading.remarks.items())
