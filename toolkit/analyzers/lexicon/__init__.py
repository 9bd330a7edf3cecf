"""Lexicons: what the categories of rhetoric mean, and the words that mark them.

A lexicon is a TOML file (``docs/rhetoric.md`` describes the format). The
built-in ones lie in ``built_in/``; a user's files are laid over them in the
order given, so a later file adds entries, replaces one with the same id, or
disables it.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from toolkit.analyzers.lexicon.file import CategoryFile, EntryFile, Example, LexiconFile
from toolkit.analyzers.lexicon.forms import expand, inflect
from toolkit.errors import LexiconError

BUILT_IN_FOLDER: Final = Path(__file__).parent / "built_in"

#: ``language`` of a lexicon whose entries hold for every language.
ANY_LANGUAGE: Final = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """Conditions on what stands about a match; empty means none.

    Phrases are as written in the file. ``case``: exact, lower, upper, title,
    not_upper, not_title, or None.
    """

    not_after: tuple[str, ...] = ()
    not_before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    sentence_has: tuple[str, ...] = ()
    sentence_lacks: tuple[str, ...] = ()
    sentence_ends: str | None = None
    case: str | None = None

    def __bool__(self) -> bool:
        return self != _NO_GUARD


_NO_GUARD: Final = Guard()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry: literal ``forms`` or a ``pattern``, with its guard.

    ``id`` is unique in its category. ``raw``: the pattern reads the text as it
    was written (quotes made straight) in place of canonical text; ``trigger``
    says which texts it is tried on.
    """

    id: str
    category: str
    lexicon: str
    language: str
    forms: tuple[str, ...] = ()
    pattern: str | None = None
    raw: bool = False
    trigger: str | None = None
    guard: Guard = _NO_GUARD
    counter: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """What a category means. ``family``: constructive, critical or neutral."""

    name: str
    title: str
    family: str
    definition: str
    source: str
    lexicon: str
    language: str
    examples: tuple[Example, ...] = ()
    counter_examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """Categories by name, and all entries, in file order."""

    categories: dict[str, Category] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()
    files: tuple[str, ...] = ()

    @property
    def languages(self) -> tuple[str, ...]:
        """BCP 47 primary tags with entries of their own, sorted; ``*`` is not among them."""
        return tuple(sorted({entry.language for entry in self.entries} - {ANY_LANGUAGE}))

    @property
    def digest(self) -> str:
        """Eight hex digits that change whenever a match could change."""
        families = sorted((name, category.family) for name, category in self.categories.items())
        text = repr((families, self.entries))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]

    def of(self, category: str) -> Iterator[Entry]:
        """The entries of one category."""
        return (entry for entry in self.entries if entry.category == category)


def load(files: Sequence[Path] = (), *, built_in: bool = True) -> Lexicon:
    """The built-in lexicons with ``files`` laid over them in order.

    Raises LexiconError, naming file and entry, for a file that cannot be read
    or does not hold together.
    """
    lexicon = _built_in() if built_in else Lexicon()
    for file in files:
        lexicon = overlay(lexicon, read(file))
    return lexicon


@lru_cache(maxsize=1)
def _built_in() -> Lexicon:
    lexicon = Lexicon()
    for file in sorted(BUILT_IN_FOLDER.glob("*.toml")):
        lexicon = overlay(lexicon, read(file))
    return lexicon


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One file, read: what it says of categories, its entries, what it disables."""

    name: str
    path: Path
    language: str
    categories: dict[str, CategoryFile]
    entries: tuple[Entry, ...]
    disabled: tuple[tuple[str, str], ...]


def read(path: Path) -> Layer:
    """Read and validate one file by itself.

    Raises LexiconError for what is no TOML, has unknown or missing fields, an
    empty entry, or an entry twice.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise LexiconError(
            f"there is no lexicon file {path}", next_step="Check the path."
        ) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LexiconError(
            f"{path} cannot be read as TOML: {error}",
            next_step="Mend the file; docs/rhetoric.md shows the format.",
        ) from error
    try:
        parsed = LexiconFile.model_validate(document)
    except ValidationError as error:
        raise _invalid(path, document, error) from error
    name = parsed.lexicon.name or path.stem
    entries: list[Entry] = []
    disabled: list[tuple[str, str]] = []
    for category, part in parsed.category.items():
        disabled += [(category, item) for item in part.disable]
        found = list(_entries(path, category, name, parsed.lexicon.language, part))
        seen: set[str] = set()
        for entry in found:
            if entry.id in seen:
                raise LexiconError(
                    f"{path}: category {category!r} has the entry {entry.id!r} twice",
                    next_step="Remove one, or give one of them an id of its own.",
                )
            seen.add(entry.id)
        entries += found
    return Layer(
        name=name,
        path=path,
        language=parsed.lexicon.language,
        categories=parsed.category,
        entries=tuple(entries),
        disabled=tuple(disabled),
    )


def overlay(lexicon: Lexicon, layer: Layer) -> Lexicon:
    """``layer`` over ``lexicon``: what it adds, replaces and disables.

    Raises LexiconError where a new category lacks its description, or an entry
    that is to be disabled is not there.
    """
    categories = dict(lexicon.categories)
    for name, part in layer.categories.items():
        known = categories.get(name)
        if known is None:
            missing = [key for key in ("definition", "family") if getattr(part, key) is None]
            if missing:
                raise LexiconError(
                    f"{layer.path}: the new category {name!r} has no {' and no '.join(missing)}",
                    next_step=f"Describe it, or use one of: {', '.join(categories) or 'none yet'}.",
                )
            categories[name] = Category(
                name=name,
                title=part.title or name.replace("_", " "),
                family=part.family or "neutral",
                definition=part.definition or "",
                source=part.source or "",
                lexicon=layer.name,
                language=layer.language,
                examples=tuple(part.examples),
                counter_examples=tuple(part.counter_examples),
            )
            continue
        categories[name] = replace(
            known,
            title=part.title or known.title,
            family=part.family or known.family,
            definition=part.definition or known.definition,
            source=part.source or known.source,
            examples=(*known.examples, *part.examples),
            counter_examples=(*known.counter_examples, *part.counter_examples),
        )
    there = {(entry.category, entry.id) for entry in lexicon.entries}
    for category, item in layer.disabled:
        if (category, item) not in there:
            raise LexiconError(
                f"{layer.path}: category {category!r} disables {item!r}, which is no entry of it",
                next_step=f"Look it up with: toolkit lexicon show {category}",
            )
    gone = set(layer.disabled) | {(entry.category, entry.id) for entry in layer.entries}
    kept = (entry for entry in lexicon.entries if (entry.category, entry.id) not in gone)
    return Lexicon(
        categories=categories,
        entries=(*kept, *layer.entries),
        files=(*lexicon.files, str(layer.path)),
    )


#: What a bare string in a list of phrases is: an entry without guards.
_UNGUARDED: Final = EntryFile(phrase=["-"])


def _entries(
    path: Path, category: str, lexicon: str, language: str, part: CategoryFile
) -> Iterator[Entry]:
    def make(written: EntryFile, phrase: str | None, forms: Iterable[str]) -> Entry:
        return Entry(
            id=written.id or phrase or written.pattern or "",
            category=category,
            lexicon=lexicon,
            language=language,
            forms=tuple(dict.fromkeys(forms)),
            pattern=written.pattern,
            raw=written.raw,
            trigger=written.trigger,
            guard=Guard(**written.guard()),
            counter=tuple(written.counter),
        )

    def literal(written: EntryFile, phrase: str, kind: str | None) -> Entry:
        try:
            forms = [
                form
                for base in (phrase, *written.forms)
                for expanded in expand(base)
                for form in (inflect(expanded, kind) if base == phrase else [expanded])
            ]
        except ValueError as error:
            raise LexiconError(
                f"{path}: category {category!r}, entry {phrase!r}: {error}",
                next_step="Mend the brackets of the entry; docs/rhetoric.md shows how.",
            ) from error
        return make(written, phrase, forms)

    for kind, phrases in (
        (None, part.phrases),
        ("noun", part.nouns),
        ("verb", part.verbs),
        ("adjective", part.adjectives),
    ):
        for phrase in phrases:
            yield literal(_UNGUARDED, phrase, kind)
    for written in part.entry:
        if written.pattern is not None:
            yield make(written, None, ())
        for phrase in written.phrase:
            yield literal(written, phrase, written.inflect)


def _invalid(path: Path, document: object, error: ValidationError) -> LexiconError:
    problem = error.errors()[0]
    where = ".".join(str(part) for part in problem["loc"])
    entry = _entry_at(document, problem["loc"])
    message = problem["msg"].removeprefix("Value error, ")
    if problem["type"] == "extra_forbidden":
        message = "there is no such field"
    return LexiconError(
        f"{path}: {where}{f' (entry {entry!r})' if entry else ''}: {message}",
        next_step="Mend the file; docs/rhetoric.md lists every field.",
    )


def _entry_at(document: object, path: tuple[int | str, ...]) -> str | None:
    """The phrase or pattern of the entry that a validation error stands in."""
    for step in path:
        try:
            document = document[step]  # type: ignore[index]
        except (TypeError, LookupError):
            break
        if isinstance(document, dict):
            for key in ("id", "phrase", "pattern"):
                if isinstance(value := document.get(key), str | list) and value:
                    return value if isinstance(value, str) else str(value[0])
    return None


__all__ = [
    "ANY_LANGUAGE",
    "BUILT_IN_FOLDER",
    "Category",
    "Entry",
    "Example",
    "Guard",
    "Layer",
    "Lexicon",
    "load",
    "overlay",
    "read",
]
