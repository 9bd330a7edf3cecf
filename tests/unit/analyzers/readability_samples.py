"""Texts for the readability tests: own sentences, put together by a seeded draw."""

from __future__ import annotations

import random
from typing import Final

ENGLISH: Final = (
    "The council met on Tuesday and decided nothing.",
    "Nobody who has ever waited for the number seven bus believes that.",
    "Mr. Hale isn't wrong, but he isn't right either!",
    "It cost 3.5 million in 2011; it'll cost more today.",
    "Extraordinary negotiations require extraordinarily patient representatives.",
    'She said "we will see" and left the room.',
    "Why should we (the taxpayers) pay for their well-known incompetence?",
    "No.",
    "Really?! Come on...",
    "I'd say they've got what they asked for, didn't they?",
    "The municipality's accountability mechanisms are, frankly, inadequate.",
    "Cats sleep. Dogs bark. Children laugh and play all day.",
    "Read the report/summary, then decide - it's only ten pages long.",
    "My grandmother, who lived there for sixty years, wouldn't recognise the street.",
    "THIS IS WHY NOBODY TRUSTS THE NEWSPAPERS ANYMORE.",
    "Unbelievably, the administration's characterization went unchallenged.",
    "A, b, c and d: four letters, one mistake.",
    "We went to the market, bought some bread and walked home in the rain.",
    "The opposition's hypocrisy is, quite simply, mind-boggling.",
    "He don't know nothin' 'bout the rock'n'roll of the '60s.",
    "In the U.S. the rules differ e.g. for drivers under 21.",
    "naïve café owners in Zürich and İstanbul agree",
    "Honestly? I could care less. You know it, I know it.",
    "Electrification, decarbonization and deindustrialization are different things.",
    "xqzt brlgh fnord wibble",
    "50% of all statistics are made up - or is it 73%?",
)

GERMAN: Final = (
    "Die Bürgermeisterin hätte schon längst zurücktreten müssen.",
    "Seit zehn Jahren warten wir auf die Brücke, und nichts geschieht.",
    "Wer soll das bezahlen?",
    "Die Verantwortungslosigkeit der Stadtverwaltung ist bemerkenswert!",
    "Das Geld ist weg. Die Leute sind wütend und niemand weiß warum.",
    "Ich hab' es ja gleich gesagt, aber auf mich hört keiner.",
)
SPANISH: Final = (
    "La alcaldesa tendría que haber dimitido después del primer informe.",
    "Llevamos diez años esperando el puente y no ha pasado nada.",
    "¿Quién va a pagar todo esto?",
    "La irresponsabilidad de la administración municipal es extraordinaria.",
    "El dinero no está. La gente está harta y nadie sabe por qué.",
)
ITALIAN: Final = (
    "La sindaca avrebbe dovuto dimettersi subito dopo il primo rapporto.",
    "Aspettiamo il ponte da dieci anni e non è successo niente.",
    "Chi paga, alla fine?",
    "L'irresponsabilità dell'amministrazione comunale è straordinaria.",
    "I soldi non ci sono più. La gente è stanca e nessuno sa perché.",
)
FRENCH: Final = (
    "La maire aurait dû démissionner dès la parution du premier rapport.",
    "Nous attendons ce pont depuis dix ans et rien ne s'est passé.",
    "Et qui va payer tout ça ?",
    "L'irresponsabilité de l'administration municipale est extraordinaire.",
    "L'argent a disparu. Les gens sont fatigués et personne ne sait pourquoi.",
)
DUTCH: Final = (
    "De burgemeester had na het eerste rapport moeten opstappen.",
    "Wij wachten al tien jaar op de brug en er is niets gebeurd.",
    "En wie gaat dat allemaal betalen?",
    "De onverantwoordelijkheid van het gemeentebestuur is opmerkelijk!",
    "Het geld is weg. De mensen zijn boos en niemand weet waarom.",
)
RUSSIAN: Final = (
    "Мэру следовало уйти в отставку сразу после первого отчёта.",
    "Мы десять лет ждём моста, и ничего не происходит.",
    "И кто за всё это заплатит?",
    "Безответственность городской администрации удивительна.",
    "Денег больше нет. Люди устали, и никто не знает почему.",
)
ARABIC: Final = (
    "كان على رئيسة البلدية أن تستقيل بعد صدور التقرير الأول.",
    "ننتظر الجسر منذ عشر سنوات ولم يحدث أي شيء.",
    "ومن سيدفع ثمن كل هذا?",
    "المسؤولون يتبادلون الاتهامات والمواطنون يدفعون الثمن وحدهم.",
    "اختفت الأموال. الناس متعبون ولا أحد يعرف السبب.",
)

LANGUAGES: Final = {
    "en": ENGLISH,
    "de": GERMAN,
    "es": SPANISH,
    "it": ITALIAN,
    "fr": FRENCH,
    "nl": DUTCH,
    "ru": RUSSIAN,
    "ar": ARABIC,
}


def texts(language: str, number: int) -> list[str]:
    """``number`` distinct texts of one to nine sentences, the same every time."""
    draw = random.Random(f"readability {language}")
    sentences = LANGUAGES[language]
    found: dict[str, None] = {}
    while len(found) < number:
        chosen = [draw.choice(sentences) for _ in range(draw.randint(1, 9))]
        text = "".join(piece + draw.choice((" ", " ", "  ", "\n", "\n\n")) for piece in chosen)
        found[text.strip()] = None
    return list(found)
