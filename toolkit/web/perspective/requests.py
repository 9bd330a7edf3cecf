"""The contract's request bodies: read leniently where clients differ, refused by name elsewhere."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal, TypeVar

import orjson
from pydantic import (
    AliasChoices,
    AliasGenerator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from toolkit.web.perspective.errors import PerspectiveError

#: The contract's limits, in bytes of UTF-8.
MAX_TEXT_BYTES: Final = 20_480
MAX_CONTEXT_BYTES: Final = 2**20


def _both_spellings(name: str) -> AliasChoices:
    """Google's servers take ``clientToken`` and ``client_token`` alike."""
    return AliasChoices(name, re.sub(r"(?=[A-Z])", "_", name).lower())


class _Body(BaseModel):
    # Unknown fields are ignored: clients send ones that came and went.
    model_config = ConfigDict(
        extra="ignore",
        frozen=True,
        alias_generator=AliasGenerator(validation_alias=_both_spellings),
    )

    @model_validator(mode="before")
    @classmethod
    def _null_is_not_given(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        return {name: value for name, value in data.items() if value is not None}


def _number(value: object) -> object:
    """``{"value": 0.5}`` -> 0.5: both forms of a threshold are in use."""
    return value.get("value") if isinstance(value, dict) else value


class TextEntry(_Body):
    """A text and how it is written."""

    text: str = ""
    type: Literal["PLAIN_TEXT", "HTML", "TEXT_TYPE_UNSPECIFIED"] = "PLAIN_TEXT"


class ArticleAndParent(_Body):
    """What the comment stands under and what it answers."""

    article: TextEntry | None = None
    parentComment: TextEntry | None = None  # noqa: N815 - the contract's name


class Context(_Body):
    """Either form; entries go from the article down to the parent comment."""

    entries: list[TextEntry] = Field(default_factory=list)
    articleAndParentComment: ArticleAndParent | None = None  # noqa: N815

    def article(self) -> TextEntry | None:
        """The text the comment is scored against: the article, else the first entry."""
        if self.articleAndParentComment is not None:
            both = self.articleAndParentComment
            return both.article or both.parentComment
        return self.entries[0] if self.entries else None


class Wanted(_Body):
    """How one attribute is asked for."""

    scoreType: str = "PROBABILITY"  # noqa: N815
    scoreThreshold: Annotated[  # noqa: N815
        Annotated[float, Field(allow_inf_nan=False)] | None, BeforeValidator(_number)
    ] = None


class AnalyzeRequest(_Body):
    """``comments:analyze``."""

    comment: TextEntry | None = None
    context: Context | None = None
    requestedAttributes: dict[str, Wanted | None] = Field(default_factory=dict)  # noqa: N815
    languages: list[str] = Field(default_factory=list)
    spanAnnotations: bool = False  # noqa: N815
    doNotStore: bool = False  # noqa: N815
    dropUnsupportedAttributes: bool = False  # noqa: N815
    clientToken: str | None = None  # noqa: N815
    sessionId: str | None = None  # noqa: N815
    communityId: str | None = None  # noqa: N815


class SuggestedScore(_Body):
    """A moderator's own value; Coral sends 0 or 1 and no type."""

    value: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
    type: str = "PROBABILITY"


class SuggestedSpan(_Body):
    """A moderator's value for a part of the comment."""

    begin: int | None = None
    end: int | None = None
    score: SuggestedScore


class SuggestedScores(_Body):
    """What is suggested for one attribute."""

    summaryScore: SuggestedScore | None = None  # noqa: N815
    spanScores: list[SuggestedSpan] = Field(default_factory=list)  # noqa: N815


class SuggestRequest(_Body):
    """``comments:suggestscore``."""

    comment: TextEntry | None = None
    context: Context | None = None
    attributeScores: dict[str, SuggestedScores] = Field(default_factory=dict)  # noqa: N815
    languages: list[str] = Field(default_factory=list)
    communityId: str | None = None  # noqa: N815
    clientToken: str | None = None  # noqa: N815
    sessionId: str | None = None  # noqa: N815
    doNotStore: bool = False  # noqa: N815 - analyze's field; honoured here too


Model = TypeVar("Model", bound=BaseModel)


def read_json(body: bytes) -> Any:
    """Decode a body. Raises PerspectiveError for what is no JSON in UTF-8.

    Strict: NaN, lone surrogates and nesting without end are refused.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise PerspectiveError("Invalid JSON payload received. The body is no JSON.") from error


def read_body(model: type[Model], data: Any) -> Model:
    """Validate decoded JSON. Raises PerspectiveError naming the field that is wrong."""
    if not isinstance(data, dict):
        raise PerspectiveError("Invalid JSON payload received. The body must be an object.")
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problem = error.errors()[0]
        field = ".".join(str(part) for part in problem["loc"])
        raise PerspectiveError(f"Invalid value at '{field}': {problem['msg']}") from error


def checked_text(comment: TextEntry | None) -> str:
    """The comment's text. Raises the contract's errors for an empty or too long one."""
    text = comment.text if comment is not None else ""
    checked_content(text)
    checked_length(text)
    return text


def checked_content(text: str) -> None:
    """Raises the contract's error for a comment without content."""
    if not text.strip():
        raise PerspectiveError("Comment must be non-empty.", error_type="COMMENT_EMPTY")


def checked_context(article: TextEntry | None) -> None:
    """Raises the contract's error for an article over MAX_CONTEXT_BYTES."""
    size = len(article.text.encode()) if article is not None else 0
    if size > MAX_CONTEXT_BYTES:
        raise PerspectiveError(
            f"Context text was too many bytes. Value ({size}) exceeded limit ({MAX_CONTEXT_BYTES})."
        )


def checked_length(text: str) -> None:
    """Raises the contract's error for a comment over MAX_TEXT_BYTES."""
    size = len(text.encode())
    if size > MAX_TEXT_BYTES:
        raise PerspectiveError(
            f"Comment text was too many bytes. Value ({size}) exceeded limit ({MAX_TEXT_BYTES}).",
            error_type="COMMENT_TOO_LONG",
        )
