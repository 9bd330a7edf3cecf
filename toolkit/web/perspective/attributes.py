"""Which of the contract's attributes the local analyzers can answer, and from which columns."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from toolkit.schema import column

#: ``probability``: the column is one. ``markers``: the columns are counts of
#: markers; n of them become 1 - 2**-n, so that 0.5 is one marker and each
#: further one halves the way to 1. It is no probability until a site
#: calibrates it.
Scale = Literal["probability", "markers"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """``name`` on the wire, the result columns behind it, and what it measures.

    ``needs_context`` attributes compare the comment with an article that the
    request must bring.
    """

    name: str
    columns: tuple[str, ...]
    description: str
    scale: Scale = "probability"
    needs_context: bool = False

    @property
    def analyzer(self) -> str:
        """The analyzer whose columns they are."""
        return self.columns[0].partition("__")[0]

    @property
    def ours(self) -> bool:
        """Whether a null is told as such, and not in the contract's words."""
        return self.analyzer != "toxicity"

    def value(self, row: Mapping[str, Any]) -> float | None:
        """The score of an analysed row, in [0, 1]; None where it was not measured."""
        values = [row.get(name) for name in self.columns]
        if self.scale == "probability":
            return values[0]
        known = [value for value in values if value is not None]
        return 1 - 2.0 ** -sum(known) if known else None

    def null_reason(self, row: Mapping[str, Any]) -> str:
        """Why :meth:`value` is None."""
        return row.get(column(self.analyzer, "null_reason")) or "not_measured"


def _toxicity(name: str, label: str, description: str) -> Attribute:
    return Attribute(name=name, columns=(f"toxicity__{label}",), description=description)


def _markers(name: str, *categories: str, description: str) -> Attribute:
    columns = tuple(f"rhetoric__{category}" for category in categories)
    return Attribute(name=name, columns=columns, scale="markers", description=description)


#: Everything that can be served, by its plain name: the bridging and persuasion
#: sets carry ``_EXPERIMENTAL`` on the wire, with and without which they are known.
ATTRIBUTES: Final = {
    attribute.name: attribute
    for attribute in (
        _toxicity(
            "TOXICITY",
            "toxicity",
            "A rude, disrespectful or unreasonable comment that may make people leave.",
        ),
        _toxicity(
            "SEVERE_TOXICITY",
            "severe_toxicity",
            "A very hateful, aggressive or disrespectful comment.",
        ),
        _toxicity("IDENTITY_ATTACK", "identity_attack", "Hate aimed at people for what they are."),
        _toxicity("INSULT", "insult", "An insulting comment about a person or a group."),
        _toxicity("PROFANITY", "obscene", "Swear words and other obscene language."),
        _toxicity("OBSCENE", "obscene", "Obscene or vulgar language."),
        _toxicity("THREAT", "threat", "An intention to hurt a person or a group."),
        _toxicity(
            "SEXUALLY_EXPLICIT",
            "sexual_explicit",
            "References to sexual acts or body parts in a lewd way.",
        ),
        Attribute(
            name="STANCE_AGREE",
            columns=("stance__agree",),
            description="Ours: the comment agrees with the article in the request's context.",
            needs_context=True,
        ),
        Attribute(
            name="STANCE_DISAGREE",
            columns=("stance__disagree",),
            description="Ours: the comment disagrees with the article in the request's context.",
            needs_context=True,
        ),
        _markers(
            "CURIOSITY",
            "question_genuine",
            description="Asks for information, a source or an explanation.",
        ),
        _markers(
            "NUANCE",
            "concession",
            description="Grants a point to the other side before or while holding its own.",
        ),
        _markers(
            "PERSONAL_STORY",
            "personal_story",
            description="Tells of the writer's own life or of people the writer knows.",
        ),
        _markers(
            "REASONING",
            "reason_marker",
            "evidence_marker",
            description="Gives reasons, or points to what can be checked.",
        ),
        _markers(
            "RESPECT",
            "politeness",
            description="Attends to the other's face: thanks, please, apology, softened requests.",
        ),
        _markers(
            "FEARMONGERING",
            "appeal_to_fear",
            description="Seeks support by raising alarm about what will come.",
        ),
        _markers(
            "GENERALIZATION",
            "absolutes",
            description="Leaves no exception: all, none, always, never, everyone knows.",
        ),
    )
}

# Names under which clients still ask for what is served under another.
_ALIASES: Final = {"TOXICITY_FAST": "TOXICITY"}
_VERSION: Final = re.compile(r"@\w+$")


def canonical(requested: str) -> str:
    """``TOXICITY@6`` and ``TOXICITY_EXPERIMENTAL`` -> ``TOXICITY``; others unchanged."""
    name = _VERSION.sub("", requested)
    name = _ALIASES.get(name, name)
    plain = name.removesuffix("_EXPERIMENTAL")
    return plain if plain in ATTRIBUTES else name


def served(columns: Collection[str]) -> dict[str, Attribute]:
    """Those whose columns the analyzers in use give, by plain name."""
    return {
        name: attribute
        for name, attribute in ATTRIBUTES.items()
        if any(column_name in columns for column_name in attribute.columns)
    }
