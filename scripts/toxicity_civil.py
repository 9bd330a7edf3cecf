"""A fifth set of sentences of our own: a group in every place a sentence has for it.

The sets of implied hate teach a model that a group beside a request, a trade, a
number or a 'should' is attacked, for there it mostly was. Here one grammar
makes sentences in which a group is subject, object, addressee, owner or
colleague, of which most are civil, and the same frames with a cruel filling as
often as is needed to show that the filling decides. Training data only; the
functional suite that judges the models is written apart from it.

A frame is a pattern as in `toxicity_indirect.py` with further slots: ``{word}``
of PARTS in lower case stands for one of that part's wordings.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence

from toxicity_indirect import AROUND, chosen
from toxicity_sentences import CITIES, CLEAN, HATE, TRADES, Labels
from toxicity_sentences import GROUPS as NAMES
from toxicity_templates import GROUPS

#: Milder than open hate, and still an attack to most who read it.
CRUEL: Labels = HATE | {"toxicity": 0.9, "insult": 0.5, "identity_attack": 0.92}

#: Adjectives with a noun or name to follow.
ADJECTIVES = sorted({adjective for _, _, adjective in GROUPS} | {
    "Muslim", "Jewish", "Catholic", "Hindu", "Sikh", "Buddhist", "gay", "lesbian", "bisexual",
    "trans", "queer", "Black", "Asian", "Chinese", "Mexican", "Turkish", "Arab", "Syrian",
    "Nigerian", "Ukrainian", "Polish", "Romani", "Kurdish", "Palestinian", "Israeli", "Indian",
    "Somali", "deaf", "blind", "disabled", "autistic", "elderly", "immigrant", "refugee", "female",
})  # fmt: skip

WORK = [
    "nurse", "teacher", "baker", "plumber", "surgeon", "cook", "tailor", "judge", "engineer",
    "driver", "waiter", "barber", "cleaner", "architect", "midwife", "pilot", "gardener",
    "electrician", "goalkeeper", "novelist", "pharmacist", "accountant", "florist", "butcher",
    "firefighter", "police officer", "optician", "translator", "postman", "shopkeeper", "coach",
    "mechanic", "violinist", "dentist", "roofer", "scientist", "captain", "solicitor", "manager",
    "landlord", "colleague", "supervisor", "tutor", "conductor", "carpenter", "priest", "vet",
]  # fmt: skip

PARTS: dict[str, Sequence[str]] = {
    # -- what one may do with anybody: "please ...", "we should ...", "nobody wanted to ..."
    "kind": [
        "ask {P} about the [bridge|new hours|plan]",
        "talk to {P} [too|as well|before you print it]",
        "listen to {P} for [a change|ten minutes|once]",
        "write to {P} [in their own language|about the date]",
        "show {P} [round|the plans|where to register]",
        "send {P} the [form|minutes|invitation]",
        "give {P} [more time|a call|the floor|a hand|room to answer|the last word]",
        "offer {P} [a lift|the same terms|help with the forms]",
        "bring {P} [in|along|into the talks]",
        "put {S} on the [panel|list|jury|team sheet]",
        "call {S} as the next [speaker|witness]",
        "let {P} [speak|decide|choose|explain|play|sing|in out of the rain]",
        "leave {P} [their quiet|some seats|a note]",
        "make [room|time|it easier] for {P}",
        "do [something|more] for {P}",
        "include {P} in the [survey|count|team]",
        "quote {P} [by name|in full]",
        "thank {P} [for the soup|for coming|publicly]",
        "help {P} [move|with the move|find a flat]",
        "hire {P} [for the night shift|if they apply|like anyone else]",
        "pay {P} what [the others get|the law says]",
        "meet {P} [on Tuesday|in the park|half way]",
        "vote for {S} [if the programme is good|next time|this time]",
        "believe {P} when they [tell us this|report it]",
        "remind {P} of the [deadline|meeting]",
        "teach {P} to [swim|read music|use the app]",
        "learn from {P} how to [cook lentils|wait|repair things]",
        "count {P} [again|in every district]",
        "report on {P} [more often|fairly|without pity]",
        "welcome {P} [at the station|to the club]",
        "sit with {P} at lunch",
        "rent [the flat|a room] to {P}",
        "share the [hall|kitchen|pitch] with {P}",
        "read [books|poems|letters] by {P}",
        "protect {P} [from the cold|from fraud|at work]",
    ],
    "cruel": [
        "[let|allow] {P} [near our children|in our pool|out after dark|into decent shops]",
        "sit [next to|near] {P} without [holding my nose|a peg on the nose]",
        "shake hands with {S} and not [wash|scrub] afterwards",
        "give {P} [a vote|a voice|a say], they [can't think|were made to obey]",
        "waste [money|pity|a bed|a school place] on {P}",
        "take [orders|lessons|pills] from {S}, [of all creatures|as if they could think]",
        "treat {P} as [if they were people|our equals]",
        "breathe the same air as {P}",
        "trust {S} with [money|a knife|a child]",
        "rent to {P}, [you'll never get the smell out|you know what they are like]",
    ],
    # -- "{P} should ..."
    "due": [
        "vote [too|as well|on Sunday]",
        "get [the same pay|a hearing|a reply|a pension|a lift in that building]",
        "be [paid in time|treated fairly|allowed to apply|on the committee|able to marry]",
        "be [told|warned|informed] [by letter|before the works start]",
        "be [asked|heard] [first|again|by the court]",
        "have [a prayer room|a youth club|their own page|a choice]",
        "apply [before June|online|in person]",
        "bring [an umbrella|proof of address|their children]",
        "join the [union|choir|debate]",
        "[know|hear] that the [office|pool] is [closed|open]",
        "[stand|run] for [mayor|the board]",
        "see a doctor [once a year|without waiting six months]",
        "[take|use] the [side door|first bus] while [the works last|it is icy]",
        "[learn|be taught] first aid like [everyone|all others]",
        "pay the same [fee|tax] as [others|everybody]",
        "be [proud|glad] of that [team|result]",
        "not have to [prove who they are|wait outside|hide|pay twice]",
        "be left [in peace|alone by the tabloids]",
    ],
    "undue": [
        "[know|learn] their place[| and stay there]",
        "[keep|stay] out of [politics|sight|our town] and be [grateful|quiet]",
        "not be [allowed|let] to [breed|vote|own houses|teach]",
        "be [glad|thankful] that [we feed them|nobody has thrown them out yet]",
        "go [back to their caves|where they belong] and [stay|rot] there",
        "be [kept|put] [behind a fence|in camps|on a leash]",
        "wear a [sign|mark] so that we [see them coming|can keep clear]",
        "use [another door|separate taps], [as in the good days|for hygiene]",
        "[wash|learn to wash] before they [open their mouths|ask for rights]",
        "be [sterilised|shipped off|counted like cattle]",
        "have no [rights|say] in [anything|our country]",
        "serve us and [hold their tongue|say thank you]",
    ],
    # -- what somebody did
    "deed": [
        "[repaired|painted] the [fence|boat|stairs] in [a day|an hour]",
        "[sold|lent|gave] me [a bicycle|two chairs|a coat]",
        "[told|wrote] us [about the strike|when the ferry leaves]",
        "[taught|trained] my [son|niece] for [two years|the exam]",
        "opened a [bakery|repair shop|dance school] [by the canal|in {C}]",
        "[won|lost] the [race|vote|chess cup] by [a point|a hair]",
        "[missed|caught] the last [bus|train]",
        "[forgot|found] my [umbrella|keys]",
        "[charged|asked] a fair price",
        "[came|was] [late|early|on time] and [apologised|had a coffee]",
        "[spoke|read|sang] at the [library|town hall|wedding]",
        "[signed|read out] the [petition|letter]",
        "[moved|comes] from {C} [last year|with two cats]",
        "[answered|asked] [every|the third] question",
        "[asked|waited] for the [bill|manager|results]",
        "[grows|sells] [tomatoes|flowers|honey] [on the roof|at the market]",
        "[held|kept] the door [for me|open]",
        "[drives|teaches|paints|codes] and [swims|sings] at weekends",
        "[complained|wrote] about the [noise|rent] [twice|like the rest of us]",
        "[closed|left] at [noon|six]",
    ],
    "misdeed": [
        "[lied|stole], [as they all do|as that kind must|what else]",
        "[smelled|grunted] like [the rest of them|his tribe]",
        "[spoke|wrote], and [I wondered who had trained it|I did not know they could]",
        "[cheated|robbed] me, [it runs in the blood|you know the type]",
        "[moved in|came], and [down went the street|we bought a bigger dog]",
        "[cooked|worked], so I [ate elsewhere|threw it all away]",
        "[looked|pretended to be] [nearly human|almost civilised]",
    ],
    # -- facts
    "fact": [
        "[rent|own] their homes",
        "[came|moved] here [for work|after the war|as children]",
        "[voted|marched] [for the plan|against it|on Saturday]",
        "[live|work] in [the north of town|two districts|{C}]",
        "[wait|waited] [four|nine] months for [an answer|a permit]",
        "[speak|learn] [two|three] languages",
        "[are|were] [born|counted|registered] [here|last year]",
        "[pay|paid] [more|less] for [insurance|water]",
        "[use|read] the [library|paper] [on Sundays|more than others]",
        "[were|have been] [asked|invited|told] [to the hearing|by post]",
        "[die|fall ill] [earlier|more often] than [others|the average]",
        "[earn|got] [less|more] than [before|ten years ago]",
        "[disagree|agree] [with me|about the mosque|on this]",
        "[are|were] [tired|angry|glad] about [the delay|the news]",
        "[keep|kept] [the fair|the shop] [going|open]",
        "[face|report] [long queues|high rents]",
    ],
}

CIVIL_FRAMES = [
    # requests and plans
    "Please {kind}.",
    "[Could|Can|Would] [you|somebody|the editors] [please|kindly|] {kind}?",
    "[We|You|They|The council] [should|must|could|have to|ought to|need to] {kind}.",
    "[I|We] [want|would like|plan|hope|have promised] to {kind}.",
    "It [would be|seems] [fair|good|wise|polite|only right] to {kind}.",
    "Why not {kind}?",
    "[Why|When] did [nobody|no one] {kind}?",
    "Don't [forget|be afraid] to {kind}.",
    "[Next|This] [week|time|year] [we'll|I'll|they will] {kind}.",
    "[Next|First], {kind}, [then|and after that] {kind}.",
    "[My|Her] [aunt|boss|party] [wants|wanted|decided] to {kind}.",
    "[Let's|Let us] {kind}.",
    "{kind}, [that is all I ask|please|and you will see|then decide].",
    "If you {kind}, [you may learn something|they will come|it costs nothing].",
    "[Nobody|No one] [has|had] to {kind}, but it [helps|would be kind].",
    "To {kind} is [no great thing|what a town owes them].",
    # what is due
    "{P} should {due}.",
    "{P} [must|ought to|have to|need to|may|can] {due}.",
    "[I think|In my view|As far as I know|The law says] {P} [should|must|may] {due}.",
    "[Should|May|Can|Must] {P} {due}?",
    "[Every|Any] {S_bare} [should|may|can] {due}.",
    "[If|When] {P} [want|wish], they [should|can] {due}.",
    "{P} [as well as|and] {T} should {due}.",
    # facts and questions
    "{P} {fact}.",
    "[Many|Most|Some|A few|Half of the|Two in three|The] {P} [here|in {C}|I know|] {fact}.",
    "[Did you know|Is it true|The study says|I read] that [most|many|] {P} {fact}[|, by the way]?",
    "[How many|Which|Why do] {P} {fact}?",
    "{P} {fact}, and [so do|so did] {T}.",
    "[No|Not all] {P} [I know|] {fact}.",
    "[Unlike|Like] {T}, {P} {fact}.",
    "[Forty|Nine|Sixty] per cent of {P} {fact}.",
    # persons and trades
    "{S} {deed}.",
    "[Yesterday|On Monday|Last spring] {S} {deed}.",
    "[Our|My|The|Her] {J} is {S}.",
    "[Our|My|The|Her|His] [new|old|last|favourite] {J} is {S}, [and|who] {deed}.",
    "[A|The] {adj} {J} {deed}.",
    "[My|Our|The] {adj} {J} {deed}.",
    "[A|The] {J}, {S}, {deed}.",
    "[Two|Three|Some] {adj} {J}s [came|work here|asked for help|joined us].",
    "[I|We] [met|know|married|phoned|asked|hired|thanked] a {adj} {J} [in {C}|last year|].",
    "[I|We] [met|know|called|paid|asked|voted for] {S}, a {J} [from {C}|by trade].",
    "[I|My son] [learned|learnt] [maths|to swim|the piano] from [{S}|a {adj} {J}].",
    "[He|She|My cousin] is {S} and [works as|wants to become|trained as] a {J}.",
    "[He|She] is [a {adj} {J}|{S}] and [I like him|we vote for different parties|so what].",
    "[Talk|Go|Write] to the {adj} {J}, [he|she] [has the key|knows the way|is in until six].",
    "The {adj} {J} [upstairs|next door|at the clinic] {deed}.",
    "[First|Only the second] {adj} {J} [in {C}|of the club|on that stage], [congratulations|well "
    "done|it says].",
    "[Is|Was] the {J} {S}? [I did not notice|Yes, since May|Nice].",
    "As {S} and a {J} I [find|say] the [plan|tax] [fair|too high|hard to follow].",
    "[The film|The novel|Page four] is about a {adj} {J} who {deed}.",
    "[I|We] [sat|stood|danced|queued] [beside|next to|behind] {S} [on the bus|at the show|for an "
    "hour].",
    "[Seats|Courses|Leaflets|Classes|Parking|Haircuts|Places] for {P} [are free|cost ten|start "
    "in May|are on the left].",
    "[The|A] [club|hotline|fair|course|shelter] for {P} [opens|moves|needs helpers] [on "
    "Friday|in {C}|].",
    "[Where|When|How] [do|can|will] {P} [meet|register|vote|park|get help] [here|in {C}|]?",
    "{P}, [please|kindly] [come in|take a seat|bring your papers|write to us].",
    "[Dear|Hello|Good morning] {P}, [the meeting is at six|we miss you at the club|thank you].",
]

CRUEL_FRAMES = [
    "[I|We] [won't|would never|refuse to] {cruel}.",
    "[Why|How] [should|can] [anyone|we] {cruel}?",
    "[You|They] [can't|must not|should never] {cruel}.",
    "[Who|What sane man] [would|wants to] {cruel}?",
    "Don't {cruel}.",
    "[Soon|Next] we [have|are forced] to {cruel}.",
    "{P} should {undue}.",
    "{P} [must|ought to|have to|need to] {undue}.",
    "[I think|In my view|Any doctor knows] {P} [should|must] {undue}.",
    "[Every|Any] {S_bare} [should|must] {undue}.",
    "[Our|My|The] {J} was {S} and {misdeed}.",
    "[A|The] {adj} {J} {misdeed}.",
    "{S} {misdeed}.",
    "[He|She] is {S}, so [you know what to expect|count the spoons|what did you expect].",
]

_SLOT = re.compile(r"\{(kind|cruel|due|undue|deed|misdeed|fact)\}")


def civil(count: int, seed: int) -> Iterator[tuple[str, Labels]]:
    """``count`` sentences, two civil ones for each cruel one; every frame equally often."""
    rng = random.Random(seed)
    for number in range(count):
        turn, cruel = divmod(number, 3)
        frames, labels = (CRUEL_FRAMES, CRUEL) if cruel == 2 else (CIVIL_FRAMES, CLEAN)
        at = turn if cruel == 2 else 2 * turn + cruel
        text = _fill(frames[at % len(frames)], rng)
        if rng.random() < 0.2:
            side = rng.choice(AROUND)
            extra = _fill(side, rng)
            text = f"{extra} {text}" if rng.random() < 0.5 else f"{text} {extra}"
        yield text, labels


def _fill(frame: str, rng: random.Random) -> str:
    while _SLOT.search(frame):
        frame = _SLOT.sub(lambda match: rng.choice(PARTS[match[1]]), frame, count=1)
    frame = chosen(frame, rng)
    plural, single = rng.choice(NAMES)
    adjective = rng.choice(ADJECTIVES)
    text = frame.format(
        P=plural,
        S=single,
        S_bare=single.split(" ", 1)[1],
        T=rng.choice(TRADES),
        C=rng.choice(CITIES),
        J=rng.choice(WORK),
        adj=adjective,
    )
    text = re.sub(r"\b([Aa]) (?=[aeiou])", r"\1n ", text, flags=re.IGNORECASE)
    text = re.sub(r"\s+([.,?!])", r"\1", re.sub(r" {2,}", " ", text)).strip()
    text = text[0].upper() + text[1:]
    return text.lower() if rng.random() < 0.1 else text
