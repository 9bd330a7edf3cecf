"""The TOML of a lexicon file as typed models; unknown fields are refused."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    model_validator,
)

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$")]
Language = Annotated[str, StringConstraints(pattern=r"^(?:[a-z]{2,3}|\*)$")]
Case = Literal["exact", "lower", "upper", "title", "not_upper", "not_title"]
Family = Literal["constructive", "critical", "neutral"]

#: Which texts a pattern is tried on: those with three capitals in a row, a letter
#: three times in a row, two of ! and ? in a row, a double quote, a single one that
#: may open, a digit, a link, or the sign.
Trigger = Literal[
    "capitals",
    "stretched",
    "marks",
    "quotes",
    "single_quotes",
    "digits",
    "link",
    "question",
    "exclamation",
    "slash",
]

_GUARD_FIELDS: Final = (
    "not_after",
    "not_before",
    "after",
    "before",
    "sentence_has",
    "sentence_lacks",
    "sentence_ends",
    "case",
)


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Texts = Annotated[list[Text], BeforeValidator(_as_list)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Example(_Strict):
    """A sentence in which the category is marked at ``span`` (its first occurrence)."""

    text: Text
    span: Text

    @model_validator(mode="after")
    def _inside(self) -> Example:
        if self.span not in self.text:
            raise ValueError(f"the span {self.span!r} does not stand in the example")
        return self


class EntryFile(_Strict):
    """One ``[[category.NAME.entry]]``: phrases or a pattern, and guards."""

    phrase: Texts = []
    pattern: Text | None = None
    raw: bool = False
    trigger: Trigger | None = None
    id: Text | None = None
    forms: Texts = []
    inflect: Literal["noun", "verb", "adjective"] | None = None
    not_after: Texts = []
    not_before: Texts = []
    after: Texts = []
    before: Texts = []
    sentence_has: Texts = []
    sentence_lacks: Texts = []
    sentence_ends: Literal["?", "!", "."] | None = None
    case: Case | None = None
    #: Sentences in which this very entry must not match; for the file's own tests.
    counter: Texts = []

    @model_validator(mode="after")
    def _one_kind(self) -> EntryFile:
        if bool(self.phrase) == (self.pattern is not None):
            raise ValueError("an entry needs either phrase or pattern")
        if self.pattern is None and (self.raw or self.trigger):
            raise ValueError("raw and trigger belong to a pattern")
        if self.pattern is not None and (self.forms or self.inflect):
            raise ValueError("forms and inflect belong to a phrase")
        if len(self.phrase) > 1 and (self.id or self.forms):
            raise ValueError("id and forms belong to an entry of one phrase")
        return self

    def guard(self) -> dict[str, Any]:
        """The guard's fields, lists as tuples."""
        values = {name: getattr(self, name) for name in _GUARD_FIELDS}
        return {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}


class CategoryFile(_Strict):
    """One ``[category.NAME]``."""

    title: Text | None = None
    family: Family | None = None
    definition: Text | None = None
    source: Text | None = None
    examples: list[Example] = []
    counter_examples: list[Text] = []
    phrases: list[Text] = []
    nouns: list[Text] = []
    verbs: list[Text] = []
    adjectives: list[Text] = []
    entry: list[EntryFile] = []
    disable: list[Text] = []


class Header(_Strict):
    """``[lexicon]``: who the file is."""

    name: Name | None = None
    language: Language
    description: Text | None = None


class LexiconFile(_Strict):
    """The whole file."""

    lexicon: Header
    category: dict[Name, CategoryFile]
