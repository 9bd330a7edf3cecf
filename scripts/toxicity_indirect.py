"""Sentences of our own in which abuse hides, and their harmless neighbours.

A third set beside `toxicity_templates.py` and `toxicity_sentences.py`: threats
that name no violence, scorn dressed as praise, groups attacked by insinuation,
insults that a long polite text surrounds. Each kind stands beside sentences of
the same build that mean no harm, and beside abuse that is only quoted, so that
the build alone proves nothing. Training data only; the functional suite that
judges the models is written apart from it.

``[a|b|c]`` in a pattern stands for one of its parts, drawn at random; braces
are the slots of `toxicity_sentences.py`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence

from toxicity_sentences import (
    ABUSE,
    BAD,
    CITIES,
    CLEAN,
    GROUPS,
    HATE,
    HATE_THREAT,
    INSULTS,
    JOBS,
    PERSONS,
    THINGS,
    THREAT,
    TRADES,
    Labels,
    article,
)

VEILED: Labels = THREAT | {"toxicity": 0.9, "threat": 0.9, "insult": 0.2}
SCORN: Labels = {"toxicity": 0.85, "threat": 0.0, "insult": 0.9, "identity_attack": 0.03}
INSINUATION: Labels = HATE | {"toxicity": 0.9, "insult": 0.5, "identity_attack": 0.93}
QUOTED: Labels = CLEAN | {"toxicity": 0.1, "insult": 0.08, "identity_attack": 0.05}

PATTERNS: list[tuple[Labels, list[str]]] = [
    (
        VEILED,
        [
            "[Nice|Lovely|Pretty] [house|car|shop|little family] you [have|have got] there. "
            "[Shame|Pity] if [something happened to it|it caught fire|it went up in smoke].",
            "[It would be|Would be] a [shame|pity] if [somebody|someone] [found out|learned] where "
            "your [kids|children|daughters] go to school.",
            "I know [where you park|which bus you take|where you work|what time you leave work]. "
            "[Sleep well|Take care|Drive carefully|Just saying].",
            "[People like you|Guys like you|Big mouths like yours] [tend to|have a way to|usually] "
            "[end up in a ditch|disappear|meet with an accident|get what they deserve].",
            "[Keep talking|Keep writing this stuff|Go on like this] and [see what happens|you will "
            "regret it|somebody will pay you a visit|you'll find out soon enough].",
            "[We|My friends and I] [will see|shall see] how [brave|tough|loud] you are when [we "
            "stand at your door|we meet in a dark street|nobody is around to help you].",
            "[Tick tock|Enjoy it while you can|Enjoy your last summer], {A}.",
            "{A} had better [look over his shoulder|not walk home alone|check under the car] "
            "[from now on|tonight|these days].",
            "[One of these days|Sooner or later|Very soon] [someone|somebody|we] will [shut you up "
            "for good|teach you a lesson you won't forget|make you stop smiling].",
            "[Accidents happen|Brakes fail|Houses burn], {A}. [Remember that|Think about it].",
            "I [would|'d] [think twice|be very careful] before I [opened my mouth|showed my "
            "face in {C}] again, if you [like|value] your [teeth|legs|health].",
            "[Your|That] address [is not|isn't] hard to find, [you know|my friend|{I}].",
            "In the old days {A} would have [been found in the river|swung from a lamp "
            "post|faced a firing squad], and [rightly so|I miss those days].",
            "[Don't|Do not] [worry|be afraid], we [won't do anything|only want to talk]... "
            "[yet|for now|unless you write again].",
            "There is a [rope|bullet|grave] [waiting|reserved] [for you|with your name on it].",
            "You [will|are going to] [bleed|beg|cry] for [this|what you wrote].",
            "[Hope|I hope] you have [good health insurance|a good dentist|written your will], "
            "because you [will|are going to] need it.",
        ],
    ),
    (
        CLEAN,
        [
            "[Nice|Lovely|Pretty] [house|garden|shop] you have there, [shame|pity] about the "
            "[parking|weather|traffic].",
            "It would be a [shame|pity] if the [library|theatre|old church] in {C} [closed|burned "
            "down|lost its funding].",
            "I know where you [work|live], it is [near my school|a lovely street|close to the "
            "station], isn't it? [Greetings from {C}|Say hello to Anna].",
            "Keep [talking|writing] and you will [convince everyone|win them over|be heard].",
            "Keep [smoking|driving like that] and you will regret it, says [my doctor|my mother].",
            "[We will see|Let us see] how [brave|tough] the council is when the [bill|vote|budget] "
            "comes.",
            "[Accidents happen|Pipes burst|Brakes fail], that is why [we have insurance|I have my "
            "car checked every year].",
            "{A} had better [check the figures|read the report|call a plumber] [tonight|soon].",
            "[Sooner or later|One of these days] somebody will [fix this|find a cure|win the cup].",
            "I would think twice before I [bought a flat|opened a shop] in {C} again.",
            "There is a [seat|table|parcel] waiting for you at the [{O} office|station].",
            "I hope you have good health insurance, [the treatment is expensive|skiing is risky].",
            "I was [threatened|followed home] by a stranger in {C} and [called the police|am still "
            "shaking].",
            "The police say that he [threatened|attacked] {A} with a [knife|gun|bottle].",
            "[Our team|The girls] will [crush|slaughter|destroy] {C} on [Sunday|Saturday], "
            "watch us!",
            "If the [price|rent] goes up again it will be the [death|end] of [my shop|small "
            "farms].",
        ],
    ),
    (
        SCORN,
        [
            "[Congratulations|Bravo|Well done], [you have|you've] just [written|posted] the "
            "[dumbest|most ignorant|emptiest] [comment|thing] [of the year|I have read all "
            "week].",
            "[Wow|Oh wow|Amazing], [what a genius|another Einstein|a real brain] we have here. "
            "[Did you finish school|Can you tie your own shoes|Does your nurse know you are "
            "online]?",
            "[Is|Was] there a [sale on|shortage of] [brains|common sense] [in your "
            "family|where you grew up], {A}?",
            "I'd [explain it to you|argue with you], but [I left my crayons at home|you would "
            "need a second brain cell to follow|there is nobody home up there].",
            "[Somewhere|I am sure] a [village|circus] is [missing its|looking for its] [fool|clown|"
            "idiot], {A}.",
            "[Bless your heart|Aw, sweetie], [thinking|reading] [is clearly not|was never] your "
            "[strong point|thing|sport].",
            "[Thanks|Thank you], Captain [Obvious|Genius], [we were all waiting for|what would "
            "we do without] your [wisdom|two brain cells].",
            "If [stupidity|ignorance] [were|was] [an Olympic sport|a currency], you would be "
            "[champion|a billionaire].",
            "You [bring|could bring] everyone [so much joy|such happiness] when you [leave the "
            "room|log off|stop typing].",
            "[Your parents|Your teachers] must be [so proud|thrilled], [not|they surely hide "
            "it well].",
            "[The lights are on|The wheel is turning] but [nobody is home|the hamster is "
            "dead], {A}.",
            "{A} is [about as sharp as|roughly as clever as|as deep as] [a spoon|a puddle|a wet "
            "sponge|a sack of potatoes].",
            "[Even|Any] [a parrot|my dog|a toaster] [could|would] [write|make] a better "
            "[argument|comment] than [you|{A}].",
            "[Do|Did] you [practise|rehearse] being this [dense|clueless|boring], or [is it a gift|"
            "were you born so]?",
            "I have seen [more intelligent|smarter] life [in my yoghurt|under a rock|on a damp "
            "wall].",
            "[Great|Brilliant] [thinking|logic], Sherlock. [Ask an adult next time|Back to "
            "kindergarten with you].",
            "[Some|A few] people [should not|shouldn't] [be allowed|be let] near a keyboard, and "
            "[you are|{A} is] [one of them|the proof].",
            "You are [proof|living proof] that [evolution can go backwards|brains are optional].",
            "Let me [guess|guess again]: [you eat glue|you failed maths twice|you still live with "
            "mummy].",
            "[Nobody|No one] [asked|cares], [go play outside|go bother your mother], [little man|"
            "sweetheart|grandpa].",
        ],
    ),
    (
        CLEAN,
        [
            "[Congratulations|Bravo|Well done], you have written the [clearest|best] "
            "[comment|piece] [of the year|I have read all week].",
            "[Wow|Amazing], what a [clever|brilliant] solution. Did you [study|learn] this in {C}?",
            "[Thanks|Thank you], I was waiting for [somebody|someone] to [explain|say] this.",
            "Your parents must be so proud of [you|your work|that speech].",
            "I'd explain it at length, but [I am on the train|the article does so|space is short].",
            "[Even|Any] [my dog|a child] would like this [recipe|song|garden].",
            "Great thinking, [I will try|we tried] that [tomorrow|last year].",
            "If [patience|kindness] were an Olympic sport, my [mother|{J}] would be champion.",
            "Thinking ahead was never [our council's|my] strong point, I admit.",
            "[Let me guess|I bet]: you [grew up|studied] in {C} too?",
            "You bring everyone so much joy when you [sing|visit|write].",
            "[Nobody|No one] asked [the tenants|the nurses|us], and that is the [trouble|mistake].",
            "The argument of {A} is [weak|thin|upside down], [here is why|look at table two].",
            "I find the [comment|column] [naive|one-sided|badly argued], [sorry|with respect].",
        ],
    ),
    (
        INSINUATION,
        [
            "[Funny|Strange|Odd] how [crime|the trouble|the stealing] [always starts|began] "
            "[when|right after] {P} [move in|arrive|show up].",
            "[Lock your doors|Hide your purse|Count your spoons], the {P} [are back|have moved "
            "in].",
            "[Ever wonder|Did you ever ask] why [no country|nobody] wants {P}? [There is a reason|"
            "Think about it].",
            "[Since|Ever since] {P} came, you [can't|cannot] [walk|go out] [alone|at night] in "
            "{C}.",
            "[Of course|Naturally] it was {S} again. [It always is|Who else|What a surprise].",
            "[We all know|Everybody knows] what [happens|you get] when you [let|put] {P} in "
            "charge.",
            "[A|One] {J} is fine, but [not|never] {S}. [They can't be trusted|You know what "
            "they are like].",
            "[I'd|I would] rather [sleep in the street|starve] than [share a table|work] with {S}.",
            "[They|Those {P}] [look like us|smile at you], but [they are not like us|they want to "
            "replace us|they never will be one of us].",
            "[Wherever|Everywhere] {P} go, [decay|filth|misery] follows.",
            "{P} [are taking over|own everything|pull all the strings] and [our children will pay|"
            "nobody may say it].",
            "[My|Our] grandfathers did not [fight|die] so that {P} could [run this place|live "
            "here].",
            "[I'm no racist|I have nothing against anyone], but {P} [are different, and not in "
            "a good way|simply have no manners|just don't fit here].",
            "{P} [should know|had better remember] their place, and it [isn't here|is in the "
            "kitchen|is at the back].",
            "[One|A single] {O} is worth more than [all|a hundred] {P}.",
            "[Would|Do] you [really want|let] your daughter [to date|to marry|near] {S}? [Exactly|"
            "I thought so].",
            "The [trouble|problem] with {P} is that [there are so many of them|they exist|they "
            "multiply].",
            "{P} who [come here|live here] are [all|just] [after our money|here for the "
            "handouts|too lazy to work].",
            "[Another|One more] [mosque, temple or whatever|shop for {P}], and this town is [lost|"
            "finished].",
            "It is [no accident|no wonder] that {P} [never built anything|have no friends|live "
            "in dirt].",
            "[When|Whenever] I see {S} I [cross the street|wash my hands|feel ill].",
            "{P}, who [by the way are {B}|as we know only lie], [complain|whine] about [rents|"
            "schools|the bus] [again|now].",
            "The [bus|street] was full of {P}, which [explains the smell|says it all].",
        ],
    ),
    (
        HATE,
        [
            "I [moved away from|left] {C} because {P} are {B} and [ruined|took over] the street.",
            "[My landlord|The council], who [lets flats to|houses] {P} although they are {B}, "
            "[raised the rent|ignores us].",
            "The [bus|school|clinic] would be fine if {P}, those {B} people, [stayed away|were "
            "kept out].",
            "[Since|As] {P} are {B}, I [won't|will not] [rent to|hire|sit next to] {S}.",
            "[Whoever|Anyone who] [marries|employs] {S} [knows|will learn] that they are {B}.",
            "I [like|enjoy] the market, [apart from|except for] the {P}, who [are {B}|should "
            "leave].",
            "[He|She] is {S}, so [of course he is|what else would she be but] {B}.",
            "We [had|were sold] a nice town until [they let {P} in|{P} came with their filth].",
            "[Say what you like|Call me what you want], {P} [are|will always be] {B}.",
        ],
    ),
    (
        SCORN,
        [
            "I [would|'d] [call|say] {A} is [clever|honest], but [I don't lie|I have standards].",
            "[With|Having] [friends|writers] like {A}, [who needs|nobody needs] "
            "[enemies|comedians].",
            "{A} [has|had] [a great future behind him|the charm of a wet dog|the depth of a "
            "postcard].",
            "[Explaining|Talking] to {A} is like [teaching a brick|playing chess with a pigeon].",
            "[I see|So] the [asylum|kindergarten] [has|got] internet [now|again].",
            "[Your|His] [brain|head] is [where thoughts go to die|on permanent holiday|for hats "
            "only].",
            "It must be [restful|nice], [being|living] so [free of|unburdened by] [thought|facts].",
            "[Someone|Somebody] [forgot|stopped] taking [his|their] [pills|medicine] "
            "[today|again].",
            "[What a loss|How sad] for [the circus|science] that you [chose|took up] "
            "[writing|politics].",
        ],
    ),
    (
        CLEAN,
        [
            "[Funny|Odd] how [the rain|the trouble with the bus] always starts when [I arrive|I "
            "forget my umbrella].",
            "Ever wonder why [so few|no] {P} [sit on|are in] the council? [Let us change "
            "that|Me too].",
            "Since {P} [came|opened the bakery], our street has [come alive|good bread again].",
            "We all know what happens when you put [accountants|{T}] in charge.",
            "The bus was full of {P} [going to the festival|on their way to {C}], [what a party|we "
            "sang all the way].",
            "I would rather [live|work] with {P} than [alone|in an empty house].",
            "[Our|My] grandfathers [fought|worked] [beside|with] {P}, and [I am grateful|they "
            "told us about it].",
            "{P} [come here|live here] to [work and study|raise their children], [as we did|like "
            "everyone else].",
            "Would you let your daughter marry {S}? [Of course|Mine did], and [he cooks|we "
            "love her].",
            "The problem with [the law|this plan] is that {P} [were never asked|have to wait "
            "longer].",
            "[When|Whenever] I see {S} [at the market|in the park], we [talk about "
            "football|say hello].",
            "{P}, who [pay taxes like the rest of us|came in 1970], [wait|ask] for a [bus|school].",
            "[Another|One more] [mosque|temple|church] in {C}? [Fine by me|The old one is too "
            "small].",
        ],
    ),
    (
        HATE_THREAT,
        [
            "[Somebody|The army] should [clean up|sweep through] the [quarter|streets] where "
            "{P} live, [for good|with fire].",
            "[Time|It is time] to [take out the trash|call the exterminator], and [you know|I "
            "mean] the {P}.",
            "[The next|Any] {P} who [come|walk] down my street [won't walk home|will leave in "
            "a box].",
            "{P} [will|shall] [learn to fear us|pay with their lives|not see the spring].",
        ],
    ),
    (
        QUOTED,
        [
            "[Yesterday|Last week|In {C}] [a stranger|a man on the bus|my neighbour] [called me|"
            "shouted that I was] {an_I}, and [I am still upset|nobody said a word].",
            "[The comment|The post] that said '{P} are {B}' [was deleted|got forty likes|should be "
            "reported], [thank you|sadly|please].",
            "[When|If] [somebody|someone] [tells|writes to] {S} '[go home|you don't belong "
            "here|get out]', [speak up|that is racism|it hurts all of us].",
            "My [son|daughter|colleague] gets [messages|letters] such as '[die|I will find you|you "
            "are {an_I}]' every [day|week]. [It has to stop|What can we do|The police do nothing].",
            '"[I will kill you|You should be shot|We know where you live]", [read the letter|said '
            "the man] that {A} received [on Monday|last night].",
            'He was [fined|sentenced|suspended] for [posting|shouting] "[kill|deport|gas] all '
            '{P}".',
            '[The judge|The club|The school] [ruled|found] that the words "{B}" about {P} were [an '
            "insult|hate speech].",
            "[You|The minister] [actually wrote|said on air] that {P} are {B}. [Take it "
            "back|Apologise|That is shameful].",
            "[People|Trolls] [keep calling|call] her [{an_I}|names], [only because|because] she is "
            "{S}. [Be kind|Shame on them].",
            "[The sign|The graffiti] said '{P} out'. [We painted over it|I reported it|It made my "
            "mother cry].",
            "In the film [the villain|the father] says '{P} are {B}', and [the audience "
            "gasps|that is the point of the scene].",
            "[What kind of person|Who] writes '{P} are {B}' under an article about [bees|a "
            "bakery|a school]?",
        ],
    ),
    (
        CLEAN | {"toxicity": 0.08, "insult": 0.06},
        [
            "[I am|I'm|God, I am] such {an_I}, [I forgot|I left] my [keys|wallet|own birthday] "
            "[again|on the train].",
            "[My bad|Sorry], I'm [too dumb|too slow] [for this form|to read a map], [can anyone "
            "help|please explain].",
            "[Silly|Stupid] me, I [read|posted under] the wrong article.",
            "I [hate|could kick] myself for [missing|selling] that [show|house].",
            "We [nurses|bakers|old {T}] are [all a bit crazy|a mad bunch], and [proud of it|we "
            "love it].",
            "[As|Speaking as] a [proud|loud] [queer|dyke|crip|fat bitch], I [love|loved] this "
            "[piece|series].",
            "[My|Us] [queers|crips|bitches|nerds and freaks] [are|will be] [dancing|marching] [on "
            "Saturday|at the parade], [join us|come along]!",
            "[Yes|Hi], I'm [fat|a cripple|a fag|an old hag] [and proud|and I own that word], [so "
            "what|thanks for asking].",
            "[They|Kids] called me a [fag|retard|cripple] at school; [now I am a {J}|today I laugh "
            "about it|I wrote a book about it].",
            "I was {an_I} [when I was young|at twenty], [I admit|and my wife agrees].",
        ],
    ),
    (
        ABUSE,
        [
            "You [people|lot] [wouldn't|would not] [know|recognise] a fact if it [bit|slapped] "
            "you in the [face|backside].",
            "[Crawl|Go] back [under your rock|to your cave|into the hole you came from].",
            "[Nobody|No one] will [miss|cry for] you [when you are gone|if you vanish].",
            "[Shame|A pity] your mother [had you|didn't know better|raised such {an_I}].",
            "{A} [lies|cheats] [like he breathes|every time he opens his mouth] and [smells|looks] "
            "[like it|worse].",
            "[Go|Please go] [jump off a bridge|drown yourself|play in the traffic].",
            "[The world|This site] would be [better|brighter] without [you|{A}] in it.",
            "You [are|'re] a [sad|bitter|worthless] little [man|person] with [nothing to say|no "
            "friends].",
            "[Only|Just] {an_I} [could believe|would write|falls for] [this|such rubbish].",
            "[So|Well], {an_I} like you [got|found] a keyboard [again|too].",
        ],
    ),
]

_CHOICE = re.compile(r"\[([^\[\]]*)\]")

#: Civil sentences that stand round another one.
AROUND = (
    "I have read this paper for [ten|twenty|thirty] years and [rarely|never] write in.",
    "The article makes [two|three] points about [housing|the buses|the budget] that I [share|see "
    "differently].",
    "[Last year|In spring] the council [promised|planned] to [open|repair] the [pool|bridge].",
    "The [figures|numbers] in the second [table|paragraph] come from the [ministry|city].",
    "I [work|worked] as a {J} in {C}, so I [know|have seen] a bit of this.",
    "[Perhaps|Maybe] the [editors|author] could [print|add] the [source|full letter].",
    "[Thank you|Thanks] to everyone who [answered|wrote] [above|before me].",
    "The [weather|harvest] was good and the [tickets|trains] [cheap|full].",
)


def made(
    patterns: Sequence[tuple[Labels, Sequence[str]]], count: int, seed: int
) -> Iterator[tuple[str, Labels]]:
    """``count`` sentences; every pattern equally often."""
    rng = random.Random(seed)
    flat = [(labels, pattern) for labels, group in patterns for pattern in group]
    for number in range(count):
        labels, pattern = flat[number % len(flat)]
        text = _fill(pattern, rng)
        if rng.random() < 0.35:
            before = [_fill(rng.choice(AROUND), rng) for _ in range(rng.randrange(3))]
            after = [_fill(rng.choice(AROUND), rng) for _ in range(rng.randrange(3))]
            text = " ".join([*before, text, *after])
        yield text, labels


def chosen(pattern: str, rng: random.Random) -> str:
    """``pattern`` with one part of each ``[a|b|c]``."""
    while "[" in pattern:
        pattern = _CHOICE.sub(lambda match: rng.choice(match[1].split("|")), pattern)
    return pattern


def _fill(pattern: str, rng: random.Random) -> str:
    pattern = chosen(pattern, rng)
    plural, single = rng.choice(GROUPS)
    insult = rng.choice(INSULTS)
    text = pattern.format(
        P=plural,
        S=single,
        B=rng.choice(BAD),
        I=insult,
        an_I=article(insult),
        A=rng.choice(PERSONS),
        T=rng.choice(TRADES),
        O=rng.choice(THINGS),
        C=rng.choice(CITIES),
        J=rng.choice(JOBS),
    )
    text = text[0].upper() + text[1:]
    case = rng.random()
    if case < 0.1:
        return text.lower()
    return text.upper() if case < 0.12 else text
