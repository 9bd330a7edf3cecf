"""Which output of an NLI model is entailment, contradiction and neutral, by the labels' names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import regex

from toolkit.errors import ModelError

_NEXT: Final = "docs/stance.md says which NLI models can be used; the labels are config.json's."
#: ``not_entailment``, ``non-entailment``, ``no entailment``: what models of two labels have.
_NOT: Final = regex.compile(r"(?:^|[^a-z])no[nt]?[^a-z]*entail")
_KINDS: Final = {
    "entailment": regex.compile(r"entail"),
    "contradiction": regex.compile(r"contradict"),
    "neutral": regex.compile(r"neutral"),
}


def lanes(labels: Sequence[str]) -> tuple[int, int, int]:
    """The places of entailment, contradiction and neutral among ``labels``.

    Case and what stands around the word do not matter: ``ENTAILMENT``,
    ``entails`` and ``2: entailment`` are the same. Raises ModelError where
    the labels are not these three, each once.
    """
    shown = ", ".join(labels)
    folded = [label.casefold() for label in labels]
    if any(_NOT.search(label) for label in folded):
        raise ModelError(
            f"its labels are {shown}: a model that does not tell contradiction from neutral "
            "cannot say who disagrees",
            next_step="Use a model of three labels: entailment, contradiction, neutral.",
        )
    found = {
        kind: [place for place, label in enumerate(folded) if pattern.search(label)]
        for kind, pattern in _KINDS.items()
    }
    for kind, places in found.items():
        if len(places) != 1:
            number = f"{len(places)} of them are" if places else "none is"
            raise ModelError(f"its labels are {shown}: {number} about {kind}", next_step=_NEXT)
    if len(labels) != len(found):
        raise ModelError(
            f"its labels are {shown}: there are {len(labels)}, not {len(found)}", next_step=_NEXT
        )
    entailment, contradiction, neutral = (places[0] for places in found.values())
    return entailment, contradiction, neutral
