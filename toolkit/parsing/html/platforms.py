"""Comments of the platforms that ``selectors.toml`` knows."""

from __future__ import annotations

from collections.abc import Sequence

from lxml.html import HtmlElement

from toolkit.parsing.html.css import PageIndex
from toolkit.parsing.html.items import (
    Found,
    collect,
    group_runs,
    in_main,
    unwrap,
    with_definitions,
)
from toolkit.parsing.html.rules import Platform, Rules
from toolkit.parsing.html.words import Context

#: A later platform must find so many times the comments of an earlier one to be preferred.
_CLEARLY_MORE = 1.3


def by_platform(index: PageIndex, markup: str, context: Context, rules: Rules) -> Found | None:
    """The comments of the platform that fits this page best, None where none fits.

    The order in ``selectors.toml`` is the order of trust; a platform that
    finds clearly more comments than those before it is preferred.
    """
    fitting: list[tuple[int, Platform, list[HtmlElement]]] = []
    for platform in rules.platforms:
        if not platform.may_be(index, markup):
            continue
        elements = in_main(platform.item.all(index), rules)
        if elements:
            fitting.append((len(elements), platform, elements))
    if len(fitting) > 1:
        fitting = [(_count(found, p), p, found) for _, p, found in fitting]
    while fitting:
        best = fitting[0]
        for candidate in fitting[1:]:
            if candidate[0] > _CLEARLY_MORE * best[0]:
                best = candidate
        fitting.remove(best)
        _, platform, elements = best
        if platform.run is not None:
            elements = group_runs(platform.run.all(index))
        elements = with_definitions(elements)
        found = collect(elements, context, platform=platform, source=platform.name)
        if found.drafts or found.others:
            return found
    return None


def _count(elements: Sequence[HtmlElement], platform: Platform) -> int:
    if platform.without is not None:
        left_out = platform.without.among(elements)
        elements = [e for e in elements if e not in left_out]
    return len(unwrap(elements))
