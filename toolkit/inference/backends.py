"""Toxicity backends by name. What a backend needs is imported when it is opened."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final, get_args

from toolkit.errors import MissingExtraError, ModelError, SettingsError
from toolkit.inference import ToxicityModel
from toolkit.settings import Settings, ToxicityBackend

#: Detoxify's published models.
DETOXIFY: Final = ("original", "unbiased", "multilingual", "original-small", "unbiased-small")

#: Every name that :func:`open_backend` knows.
BACKENDS: Final[tuple[str, ...]] = get_args(ToxicityBackend)


def open_backend(name: str, settings: Settings) -> ToxicityModel:
    """The model behind a backend's name.

    ``detoxify`` is the checkpoint that the settings name; ``detoxify-NAME`` a
    model of the store: the real Detoxify where it is installed, else its ONNX
    export; ``detoxify-NAME-int8`` the small export in any case. Raises
    SettingsError for an unknown name, ModelError where files are missing or
    damaged, MissingExtraError where Detoxify is needed and missing.
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
    if name in BACKENDS:
        return _from_store(name, settings)
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


def _from_store(name: str, settings: Settings) -> ToxicityModel:
    from toolkit.inference.store import ModelStore

    small = name.endswith("-int8")
    model = ModelStore.from_settings(settings).get(name.removesuffix("-int8"))
    checkpoint = model.checkpoint
    runs = all(find_spec(package) is not None for package in ("detoxify", "torch"))
    if checkpoint is not None and runs and not small:
        from toolkit.inference.detoxify import local

        return local(checkpoint, model.folder)
    if model.export is None:
        if checkpoint is not None and not small:
            raise MissingExtraError(
                f"{model.name} is not exported, and Detoxify is not installed",
                next_step="Install comment-toolkit[detoxify], or copy an exported model here.",
            )
        raise ModelError(
            f"{model.name} is not exported", next_step=f"Run: toolkit models export {model.name}"
        )
    from toolkit.inference.detoxify_onnx import exported

    return exported(model.export, "int8" if small else "fp32")
