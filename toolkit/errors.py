"""Every error the toolkit raises on purpose.

::

    ToolkitError                      something a caller can catch
    ├── InputError                    what was given cannot be read            exit 2
    │   ├── SourceNotFoundError       no such file
    │   ├── SourceIsDirectoryError    a folder where a file is needed
    │   ├── EmptySourceError          nothing in it
    │   ├── BinarySourceError         bytes that are no text
    │   ├── UnknownPageError          text, but neither an article nor comments
    │   ├── UnknownFormatError        no reader knows this dump
    │   ├── AmbiguousFormatError      more than one reader could read this dump
    │   ├── MappingError              a --map that does not fit the columns
    │   ├── DumpReadError             a dump that breaks off or is damaged as a whole
    │   ├── DecompressionLimitError   an archive that unpacks to far too much
    │   ├── TooFewLabelsError         too few labels to fit or measure anything on
    │   └── RefusedActError           an act at the desk that cannot be done, or not by this person
    ├── SettingsError                 what was asked cannot be done            exit 2
    │   ├── UnknownAnalyzerError      --only names an analyzer that is not there
    │   ├── LexiconError              a lexicon file that does not hold together
    │   ├── MissingExtraError         an optional dependency is not installed
    │   ├── CalibrationError          a calibration that is damaged, or of another model
    │   ├── ModelError                model files are missing or not what they claim to be
    │   └── OutputError               the result cannot be written there
    └── InternalError                 our fault                                exit 1
        └── AnalyzerContractError     an analyzer broke its own declaration

Each carries ``next_step``: one sentence that says what to do about it. The
command line prints both and exits with ``exit_code``; nothing is left half
written.
"""

from __future__ import annotations

from typing import ClassVar


class ToolkitError(Exception):
    """Base class. ``str(error)`` is what happened, ``next_step`` what to do."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, next_step: str = "") -> None:
        super().__init__(message)
        self.next_step = next_step

    @property
    def name(self) -> str:
        """The name shown to people, for example ``EmptySourceError``."""
        return type(self).__name__


class InputError(ToolkitError):
    """What was given cannot be read."""

    exit_code = 2


class SourceNotFoundError(InputError):
    """There is no file at the path."""


class SourceIsDirectoryError(InputError):
    """The path is a folder where one file is needed."""


class EmptySourceError(InputError):
    """The source holds nothing, or white space alone."""


class BinarySourceError(InputError):
    """The bytes are no text in any encoding we know."""


class UnknownPageError(InputError):
    """Readable text in which neither an article nor comments can be told."""


class UnknownFormatError(InputError):
    """No reader recognises the dump."""


class AmbiguousFormatError(InputError):
    """Several readers recognise the dump; the message lists them."""


class MappingError(InputError):
    """A column mapping that does not fit the columns of the dump."""


class DumpReadError(InputError):
    """The dump as a whole is damaged: it breaks off, or its container is broken."""


class DecompressionLimitError(InputError):
    """A compressed file that unpacks to far more than its size allows."""


class TooFewLabelsError(InputError):
    """Fewer labels, or fewer of a kind, than a figure could stand on."""


class RefusedActError(InputError):
    """An act at the desk that cannot be done now, or not by this person."""


class SettingsError(ToolkitError):
    """What was asked for cannot be done as it was asked."""

    exit_code = 2


class UnknownAnalyzerError(SettingsError):
    """An analyzer was named that is not registered."""


class LexiconError(SettingsError):
    """A lexicon file is invalid; the message names the file and the entry."""


class MissingExtraError(SettingsError):
    """An optional dependency is needed; ``next_step`` names the extra."""


class CalibrationError(SettingsError):
    """A calibration file is damaged, or was fitted on another version of a model."""


class ModelError(SettingsError):
    """Model files are missing, damaged, or not of the declared kind."""


class OutputError(SettingsError):
    """The result cannot be written to the place that was named."""


class InternalError(ToolkitError):
    """A fault of the toolkit itself."""


class AnalyzerContractError(InternalError):
    """An analyzer returned something other than what it declares."""
