"""The reasons that a new desk begins with; a lead changes them on the policy page."""

from __future__ import annotations

from typing import Final

_FIRST: Final = (
    ("insult", "Insult", "Attacks a person instead of what they said."),
    ("hate", "Hate", "Attacks people for what they are: origin, religion, sex, disability."),
    ("threat", "Threat", "Announces or wishes for violence against somebody."),
    ("sexual", "Sexual content", "Explicit, or harasses somebody sexually."),
    ("private", "Private data", "Names, addresses or numbers that somebody did not make public."),
    ("spam", "Spam", "Advertising, link farming, the same text again and again."),
    ("off_topic", "Off topic", "Has nothing to do with the article or the comment it answers."),
    ("false", "False claim", "States as a fact what is shown to be wrong, and could do harm."),
    ("other", "Other", "Something else: say what in the note."),
)
REASONS: Final = tuple(
    {"code": code, "title": title, "description": text, "position": place, "active": True}
    for place, (code, title, text) in enumerate(_FIRST)
)
