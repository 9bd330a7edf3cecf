"""The backend ``cues``: softmax over a few readable features, weights in a TOML file."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from toolkit.errors import ModelError
from toolkit.inference.stance_backends import LABELS, StancePair

__all__ = ["LABELS", "WEIGHTS", "CuesBackend", "StanceCueModel", "load"]

WEIGHTS: Final = Path(__file__).parent / "weights" / "stance-cues"


@dataclass(frozen=True, slots=True)
class StanceCueModel:
    """``weights`` is (features, labels), ``bias`` (labels,)."""

    version: str
    features: tuple[str, ...]
    weights: NDArray[np.float64]
    bias: NDArray[np.float64]

    def probabilities(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """``(labels,)``, summing to 1, for one row of ``features``."""
        # One row at a time: matrix products may round otherwise in a larger batch.
        raw = features @ self.weights + self.bias
        powers = np.exp(raw - raw.max())
        return np.asarray(powers / powers.sum(), dtype=np.float64)


@lru_cache(maxsize=2)
def load(folder: Path = WEIGHTS) -> StanceCueModel:
    """Read the weights, once a process. Raises ModelError where they are missing or odd."""
    path = folder / "weights.toml"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        features = tuple(str(name) for name in data["features"])
        weights = np.array([data[label]["weights"] for label in LABELS], dtype=np.float64).T
        bias = np.array([data[label]["bias"] for label in LABELS], dtype=np.float64)
        if weights.shape != (len(features), len(LABELS)) or not np.isfinite(weights).all():
            raise ValueError(f"weights of shape {weights.shape} for {len(features)} features")
        return StanceCueModel(str(data["version"]), features, weights, bias)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"the stance model {path} cannot be read: {error}", next_step="Reinstall the package."
        ) from error


class CuesBackend:
    """The weights that come with the package, behind the contract of ``StanceBackend``."""

    name: Final = "cues"
    languages: Final = frozenset({"en"})

    @property
    def version(self) -> str:
        """That of the weights."""
        return load().version

    def probabilities(self, pairs: Sequence[StancePair]) -> NDArray[np.float64]:
        """``(pairs, labels)``; each row from the pair's cues alone."""
        result = np.empty((len(pairs), len(LABELS)), np.float64)
        for index, pair in enumerate(pairs):
            result[index] = load().probabilities(pair.cues())
        return result
