"""Toxicity backends by name. What a backend needs is imported when it is opened."""

from __future__ import annotations

from typing import Final

from toolkit.errors import SettingsError
from toolkit.inference import ToxicityModel
from toolkit.settings import Settings

#: Every name that :func:`open_backend` knows.
BACKENDS: Final = ("linear", "encoder", "cascade", "detoxify")


def open_backend(name: str, settings: Settings) -> ToxicityModel:
    """The model behind a backend's name.

    ``detoxify`` is the checkpoint that the settings name. Raises SettingsError
    for an unknown name, ModelError where files are missing or damaged,
    MissingExtraError where Detoxify is needed and missing.
    """
    if name == "linear":
        from toolkit.inference.linear import embedded as linear

        return linear()
    if name == "encoder":
        from toolkit.inference.comment_encoder import embedded as encoder

        return encoder()
    if name == "cascade":
        from toolkit.inference.cascade import embedded as cascade

        return cascade()
    if name == "detoxify":
        return _from_settings(settings)
    raise SettingsError(
        f"there is no toxicity backend {name!r}", next_step=f"Choose from: {', '.join(BACKENDS)}."
    )


def _from_settings(settings: Settings) -> ToxicityModel:
    if settings.detoxify_checkpoint is None or settings.detoxify_config is None:
        raise SettingsError(
            "the backend 'detoxify' needs a checkpoint and its config folder",
            next_step="Set detoxify_checkpoint and detoxify_config (docs/toxicity.md).",
        )
    from toolkit.inference.detoxify import local

    return local(settings.detoxify_checkpoint, settings.detoxify_config)
