from __future__ import annotations

from toolkit.text.english import english_share


def test_english_share() -> None:
    assert english_share("The cat is on the roof") > 0.4
    assert english_share("Die Katze liegt oben auf dem Dach") == 0.0
    assert english_share("") == 0.0
