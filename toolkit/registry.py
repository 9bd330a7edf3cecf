"""The analyzers there are: the built-in ones, listed by hand, and plug-ins.

A plug-in is an entry point in the group ``toolkit.analyzers`` whose value is
a callable ``(Settings) -> Analyzer``. Nothing registers itself by being
imported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from importlib.metadata import entry_points

from toolkit.analyzers.base import Analyzer
from toolkit.errors import AnalyzerContractError, UnknownAnalyzerError
from toolkit.settings import Settings

Factory = Callable[[Settings], Analyzer]

ENTRY_POINT_GROUP = "toolkit.analyzers"


# The imports stand in the functions: a command that asks for readability alone
# must not pay for loading a neural network.
def _language(_settings: Settings) -> Analyzer:
    from toolkit.analyzers.language import LanguageAnalyzer

    return LanguageAnalyzer()


def _readability(_settings: Settings) -> Analyzer:
    from toolkit.analyzers.readability import ReadabilityAnalyzer

    return ReadabilityAnalyzer()


def _toxicity(settings: Settings) -> Analyzer:
    from toolkit.analyzers.toxicity import ToxicityAnalyzer

    return ToxicityAnalyzer.from_settings(settings)


def _rhetoric(settings: Settings) -> Analyzer:
    from toolkit.analyzers.rhetoric import RhetoricAnalyzer

    return RhetoricAnalyzer.from_settings(settings)


def _techniques(settings: Settings) -> Analyzer:
    from toolkit.analyzers.techniques import TechniquesAnalyzer

    return TechniquesAnalyzer.from_settings(settings)


def _stance(settings: Settings) -> Analyzer:
    from toolkit.analyzers.stance import StanceAnalyzer

    return StanceAnalyzer.from_settings(settings)


BUILT_IN: dict[str, Factory] = {
    "language": _language,
    "readability": _readability,
    "toxicity": _toxicity,
    "rhetoric": _rhetoric,
    "techniques": _techniques,
    "stance": _stance,
}

#: What runs when the user names nothing. The learned layer of rhetoric is asked for
#: by name: it was trained on news articles, and costs a pass of a neural network.
DEFAULT: tuple[str, ...] = tuple(name for name in BUILT_IN if name != "techniques")


def factories() -> dict[str, Factory]:
    """Every analyzer by name, built-in first. A plug-in cannot take a built-in's name."""
    found = dict(BUILT_IN)
    for point in entry_points(group=ENTRY_POINT_GROUP):
        if point.name in found:
            raise AnalyzerContractError(
                f"the plug-in {point.value!r} takes the name {point.name!r}, which is in use",
                next_step="Rename its entry point.",
            )
        found[point.name] = point.load()
    return found


def resolve(only: Iterable[str] | None, settings: Settings) -> list[Analyzer]:
    """The named analyzers (None: all built-in) and those whose results they read.

    Raises UnknownAnalyzerError, with the names there are, for one that is not there.
    """
    available = factories()
    wanted = list(dict.fromkeys(only)) if only is not None else list(DEFAULT)
    unknown = [name for name in wanted if name not in available]
    if unknown or not wanted:
        raise UnknownAnalyzerError(
            f"no analyzer is called {', '.join(map(repr, unknown))}"
            if unknown
            else "no analyzer was named",
            next_step=f"Choose from: {', '.join(available)}.",
        )
    chosen: dict[str, Analyzer] = {}
    queue = wanted
    while queue:
        name = queue.pop(0)
        if name in chosen:
            continue
        chosen[name] = available[name](settings)
        for read in chosen[name].reads:
            owner, separator, _ = read.partition("__")
            if separator and owner in available:
                queue.append(owner)
    return list(chosen.values())
