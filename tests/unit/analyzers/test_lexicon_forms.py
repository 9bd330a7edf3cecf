from __future__ import annotations

import pytest

from toolkit.analyzers.lexicon.forms import MAX_FORMS, expand, inflect


@pytest.mark.parametrize(
    ("template", "phrases"),
    [
        ("merely", ["merely"]),
        ("it (is|was) said", ["it is said", "it was said"]),
        ("no big (deal|thing)", ["no big deal", "no big thing"]),
        ("[very] much", ["much", "very much"]),
        ("[a|the] point", ["point", "a point", "the point"]),
        ("that('s| is) it", ["that's it", "that is it"]),
        ("a [b (c|d)] e", ["a e", "a b c e", "a b d e"]),
        (r"\(sic\)", ["(sic)"]),
        ("straw man[s]", ["straw man", "straw mans"]),
    ],
)
def test_expand(template: str, phrases: list[str]) -> None:
    assert expand(template) == phrases


@pytest.mark.parametrize("template", ["(a", "a)", "[a]", "(a]", "(a|)", "", "((((((((((((((((("])
def test_brackets_that_do_not_hold_are_refused(template: str) -> None:
    with pytest.raises(ValueError, match=r"bracket|nothing at all"):
        expand(template)


def test_too_many_forms_are_refused() -> None:
    with pytest.raises(ValueError, match=str(MAX_FORMS)):
        expand("(a|b|c|d|e|f|g|h|i|j) (a|b|c|d|e|f|g|h|i|j) (a|b|c|d|e|f|g|h|i|j) (a|b)")


@pytest.mark.parametrize(
    ("phrase", "kind", "forms"),
    [
        ("crony", "noun", ["crony", "cronies"]),
        ("toy box", "noun", ["toy box", "toy boxes"]),
        ("bully", "verb", ["bully", "bullies", "bullied", "bullying"]),
        ("stop it", "verb", ["stop it", "stops it", "stopped it", "stopping it"]),
        ("smear", "verb", ["smear", "smears", "smeared", "smearing"]),
        ("die", "verb", ["die", "dies", "died", "dying"]),
        ("agree", "verb", ["agree", "agrees", "agreed", "agreeing"]),
        ("big", "adjective", ["big", "bigger", "biggest"]),
        ("silly", "adjective", ["silly", "sillier", "silliest"]),
        ("plain", None, ["plain"]),
    ],
)
def test_inflect(phrase: str, kind: str | None, forms: list[str]) -> None:
    assert inflect(phrase, kind) == forms
