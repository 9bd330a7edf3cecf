"""Which of the contract's attributes the local analyzers can answer, and from which column."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """``name`` on the wire, the result column behind it, and what it measures.

    ``needs_context`` attributes compare the comment with an article that the
    request must bring.
    """

    name: str
    column: str
    description: str
    needs_context: bool = False

    @property
    def analyzer(self) -> str:
        """The analyzer whose column it is."""
        return self.column.partition("__")[0]


def _table(*attributes: Attribute) -> dict[str, Attribute]:
    return {attribute.name: attribute for attribute in attributes}


#: Everything that is served. The column must be a probability in [0, 1].
ATTRIBUTES: Final = _table(
    Attribute(
        name="TOXICITY",
        column="toxicity__toxicity",
        description="A rude, disrespectful or unreasonable comment that may make people leave.",
    ),
    Attribute(
        name="SEVERE_TOXICITY",
        column="toxicity__severe_toxicity",
        description="A very hateful, aggressive or disrespectful comment.",
    ),
    Attribute(
        name="IDENTITY_ATTACK",
        column="toxicity__identity_attack",
        description="Hate aimed at people for what they are.",
    ),
    Attribute(
        name="INSULT",
        column="toxicity__insult",
        description="An insulting comment about a person or a group.",
    ),
    Attribute(
        name="PROFANITY",
        column="toxicity__obscene",
        description="Swear words and other obscene language.",
    ),
    Attribute(
        name="OBSCENE",
        column="toxicity__obscene",
        description="Obscene or vulgar language.",
    ),
    Attribute(
        name="THREAT",
        column="toxicity__threat",
        description="An intention to hurt a person or a group.",
    ),
    Attribute(
        name="STANCE_AGREE",
        column="stance__agree",
        description="Ours: the comment agrees with the article in the request's context.",
        needs_context=True,
    ),
    Attribute(
        name="STANCE_DISAGREE",
        column="stance__disagree",
        description="Ours: the comment disagrees with the article in the request's context.",
        needs_context=True,
    ),
)

#: Served only where the Detoxify checkpoint in use measures it.
SEXUALLY_EXPLICIT: Final = Attribute(
    name="SEXUALLY_EXPLICIT",
    column="toxicity__sexual_explicit",
    description="References to sexual acts or body parts in a lewd way.",
)

# Names under which clients still ask for what is served under another.
_ALIASES: Final = {"TOXICITY_FAST": "TOXICITY"}
_VERSION: Final = re.compile(r"@\w+$")


def canonical(requested: str) -> str:
    """``TOXICITY@6`` and ``TOXICITY_EXPERIMENTAL`` -> ``TOXICITY``; others unchanged."""
    name = _VERSION.sub("", requested)
    name = _ALIASES.get(name, name)
    plain = name.removesuffix("_EXPERIMENTAL")
    return plain if plain in ATTRIBUTES else name
