"""Stance backends by name. What a backend needs is imported when it is opened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from toolkit.errors import SettingsError
from toolkit.settings import Settings

#: FNC-1's labels, in the order of the probabilities.
LABELS: Final = ("agree", "disagree", "discuss", "unrelated")


@dataclass(frozen=True, slots=True, kw_only=True)
class StancePair:
    """What a backend judges: a text, and the line of the thesis that is nearest to it.

    ``relevance`` is the highest cosine of a sentence of the text with a line
    of the thesis, in [-1, 1]; None where the sentence vectors do not know the
    language. ``cues`` computes the numbers of
    ``toolkit.analyzers.stance.features`` for this pair, shape (features,);
    only a backend that reads them pays for them.
    """

    thesis: str
    text: str
    relevance: float | None
    cues: Callable[[], NDArray[np.float64]]


class StanceBackend(Protocol):
    """What the stance analyzer needs of a model."""

    @property
    def name(self) -> str:
        """The name by which :func:`open_backend` knows it."""
        ...

    @property
    def version(self) -> str:
        """Changes whenever any number the backend gives can change."""
        ...

    @property
    def languages(self) -> frozenset[str]:
        """The languages it was made for, as primary BCP 47 subtags."""
        ...

    def probabilities(self, pairs: Sequence[StancePair]) -> NDArray[np.float64]:
        """Probabilities of ``LABELS``, shape (pairs, 4), each row summing to 1.

        Each row depends on its own pair alone, to the last bit. A text of any
        length is read whole.
        """
        ...


def _cues() -> StanceBackend:
    from toolkit.inference.stance_cues import CuesBackend

    return CuesBackend()


def _encoder() -> StanceBackend:
    from toolkit.inference.stance_encoder import StanceEncoder

    return StanceEncoder()


#: Backends that come with the package. A further one is a function that
#: imports and opens it, and a line here.
EMBEDDED: Final[dict[str, Callable[[], StanceBackend]]] = {
    "encoder": _encoder,
    "cues": _cues,
}


def open_backend(name: str, settings: Settings) -> StanceBackend:
    """The backend of this name: an embedded one, or an NLI model of the store.

    Raises SettingsError for an unknown name, ModelError where the store's
    model is of another kind or its files are missing or damaged,
    MissingExtraError where it needs torch and transformers.
    """
    if name in EMBEDDED:
        return EMBEDDED[name]()
    from toolkit.inference.nli import opened
    from toolkit.inference.store import ModelStore

    store = ModelStore.from_settings(settings)
    if not store.has(name):
        own = [model.name for model in store.models() if model.kind == "nli"]
        raise SettingsError(
            f"there is no stance backend {name!r}",
            next_step=f"Choose from: {', '.join((*EMBEDDED, *own))}; or add an NLI model of your "
            "own: toolkit models add DIR --name NAME (docs/stance.md).",
        )
    return opened(store.get(name))
