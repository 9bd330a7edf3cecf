"""Settings: ``toolkit.toml`` < ``TOOLKIT_*`` environment < flags.

A value that is passed, never a global. ``docs/settings.md`` lists every field;
a test fails where one is missing there.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)
from pydantic_settings import (
    SettingsError as PydanticSettingsError,
)

from toolkit.errors import SettingsError

#: Read from the working folder where it exists.
SETTINGS_FILE = Path("toolkit.toml")

ToxicityBackend = Literal[
    "encoder",
    "cascade",
    "linear",
    "detoxify",
    "detoxify-original",
    "detoxify-unbiased",
    "detoxify-multilingual",
    "detoxify-original-small",
    "detoxify-unbiased-small",
    "detoxify-original-int8",
    "detoxify-unbiased-int8",
    "detoxify-multilingual-int8",
    "detoxify-original-small-int8",
    "detoxify-unbiased-small-int8",
]


class Settings(BaseSettings):
    """What a user can set. Construct with :meth:`load` to read file and environment."""

    model_config = SettingsConfigDict(env_prefix="TOOLKIT_", frozen=True, extra="forbid")

    toxicity: ToxicityBackend = Field(
        default="encoder",
        description="Toxicity backend: the embedded encoder, the embedded linear model, "
        "both in a cascade, or Detoxify.",
    )
    stance: str = Field(
        default="encoder",
        description="Stance backend: encoder or cues (embedded), or an NLI model of the store "
        "by its name.",
    )
    detoxify_checkpoint: Path | None = Field(
        default=None, description="Local Detoxify checkpoint (.ckpt) for the detoxify backend."
    )
    detoxify_config: Path | None = Field(
        default=None,
        description="Local folder with config.json and the tokenizer for that checkpoint.",
    )
    lexicon: tuple[Path, ...] = Field(
        default=(), description="Lexicon files added to the built-in ones, later ones win."
    )
    models: Path | None = Field(
        default=None,
        description="Where models are kept; none: a folder in the user's data folder.",
    )
    reports: Path = Field(default=Path("reports"), description="Where reports land.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments alone: a plain ``Settings()`` is the defaults, wherever it runs."""
        return (init_settings,)

    @classmethod
    def load(cls, file: Path = SETTINGS_FILE, **flags: Any) -> Settings:
        """Merge the settings file, the environment and ``flags`` (None = not given).

        Raises SettingsError naming the field and where its value came from.
        """
        given = {name: value for name, value in flags.items() if value is not None}
        if file.exists():
            try:
                tomllib.loads(file.read_text(encoding="utf-8"))
            except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
                raise SettingsError(
                    f"{file} cannot be read: {error}", next_step="Mend the file, or remove it."
                ) from error

        class Sources(cls):  # type: ignore[valid-type, misc]
            @classmethod
            def settings_customise_sources(
                cls,
                settings_cls: type[BaseSettings],
                init_settings: PydanticBaseSettingsSource,
                env_settings: PydanticBaseSettingsSource,
                dotenv_settings: PydanticBaseSettingsSource,
                file_secret_settings: PydanticBaseSettingsSource,
            ) -> tuple[PydanticBaseSettingsSource, ...]:
                return (init_settings, env_settings, TomlConfigSettingsSource(settings_cls, file))

        try:
            return cls(**Sources(**given).model_dump())
        except (ValidationError, PydanticSettingsError) as error:
            raise SettingsError(
                f"a setting is invalid: {_first_problem(error)}",
                next_step=f"Look at the flag, the TOOLKIT_ variable, or {file}.",
            ) from error


def _first_problem(error: Exception) -> str:
    if isinstance(error, ValidationError):
        problem = error.errors()[0]
        return f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}"
    return str(error)
