"""A second set of sentences from templates, written apart from `toxicity_templates.py`.

Corpora teach a model that the names of groups and strong words come with
abuse, because there they mostly do. These sentences take the two apart: the
same names in neutral, kind, denying and denouncing sentences, strong words in
joy and pain, abuse without a strong word. They are training data only; the
functional suite that judges the models is written apart from them.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

Labels = dict[str, float]

# (plural, a singular)
GROUPS = [
    ("Muslims", "a Muslim"),
    ("Jews", "a Jew"),
    ("Jewish people", "a Jewish person"),
    ("Christians", "a Christian"),
    ("Catholics", "a Catholic"),
    ("Hindus", "a Hindu"),
    ("Sikhs", "a Sikh"),
    ("Buddhists", "a Buddhist"),
    ("atheists", "an atheist"),
    ("gay people", "a gay man"),
    ("gays", "a gay person"),
    ("lesbians", "a lesbian"),
    ("bisexual people", "a bisexual man"),
    ("queer people", "a queer person"),
    ("trans people", "a trans person"),
    ("trans women", "a trans woman"),
    ("women", "a woman"),
    ("men", "a man"),
    ("girls", "a girl"),
    ("feminists", "a feminist"),
    ("mothers", "a mother"),
    ("Black people", "a Black man"),
    ("black women", "a black woman"),
    ("white people", "a white woman"),
    ("Asians", "an Asian man"),
    ("Latinos", "a Latino"),
    ("Mexicans", "a Mexican"),
    ("Indians", "an Indian"),
    ("Arabs", "an Arab"),
    ("Africans", "an African"),
    ("Chinese people", "a Chinese man"),
    ("Iranians", "an Iranian"),
    ("Turks", "a Turk"),
    ("Kurds", "a Kurd"),
    ("Poles", "a Pole"),
    ("Russians", "a Russian"),
    ("Americans", "an American"),
    ("Palestinians", "a Palestinian"),
    ("Israelis", "an Israeli"),
    ("Roma", "a Roma woman"),
    ("immigrants", "an immigrant"),
    ("migrants", "a migrant"),
    ("refugees", "a refugee"),
    ("foreigners", "a foreigner"),
    ("asylum seekers", "an asylum seeker"),
    ("disabled people", "a disabled person"),
    ("blind people", "a blind woman"),
    ("deaf people", "a deaf man"),
    ("autistic people", "an autistic person"),
    ("people in wheelchairs", "a wheelchair user"),
    ("old people", "an old man"),
    ("young people", "a teenager"),
    ("indigenous people", "an indigenous woman"),
]

#: Groups that nobody is born into; abuse of them is abuse, and no identity attack.
TRADES = [
    "bankers", "landlords", "cyclists", "politicians", "journalists", "referees", "plumbers",
    "vegans", "artists", "programmers", "dentists", "bloggers", "lobbyists", "drivers", "smokers",
    "moderators", "teachers", "consultants", "gamers", "hipsters", "liberals", "conservatives",
    "Republicans", "Democrats", "capitalists", "communists", "celebrities", "lawyers",
]  # fmt: skip
THINGS = [
    "printer", "bus", "update", "website", "weather", "remote", "parking meter", "headline",
    "paywall", "intersection", "film", "referendum", "form", "app", "coffee machine", "tax form",
    "tram", "budget", "roof", "laptop",
]  # fmt: skip
PERSONS = [
    "the mayor", "the author", "this columnist", "the minister", "our councillor", "the editor",
    "that guy", "the man above", "whoever wrote this", "the poster before me", "Dan", "Ms Okafor",
    "the chairman", "this reporter", "the senator", "my boss",
]  # fmt: skip
INSULTS = [
    "idiot", "moron", "fool", "imbecile", "clown", "liar", "loser", "coward", "halfwit", "crook",
    "fraud", "parasite", "hypocrite", "dimwit", "jerk", "buffoon", "simpleton", "creep", "thug",
    "scumbag", "asshole", "bastard", "dumbass", "douchebag", "piece of shit", "prick",
]  # fmt: skip
BAD = [
    "stupid", "disgusting", "filthy", "lazy", "worthless", "pathetic", "ugly", "dumb", "evil",
    "repulsive", "useless", "subhuman", "dirty", "greedy", "inferior", "vile", "sick", "retarded",
    "brainless", "vermin", "scum", "trash", "animals", "parasites", "cockroaches", "a plague",
    "a cancer", "criminals", "rapists", "thieves", "savages",
]  # fmt: skip
GOOD = [
    "kind", "wonderful", "brave", "welcome here", "as capable as anyone", "great neighbours",
    "equal before the law", "our friends", "part of this town", "hard-working", "good company",
    "an asset to the city", "human beings like you and me",
]  # fmt: skip
CITIES = [
    "Leeds", "Porto", "Tehran", "Accra", "Lyon", "Boston", "Nairobi", "Graz", "Osaka", "Cork",
    "Pune", "Lima",
]  # fmt: skip
JOBS = [
    "nurse", "bus driver", "teacher", "baker", "student", "carpenter", "lawyer", "pensioner",
    "farmer", "librarian",
]  # fmt: skip
JOY = [
    "great", "brilliant", "amazing", "awesome", "beautiful", "hilarious", "delicious",
    "fantastic", "good", "impressive",
]  # fmt: skip

CLEAN: Labels = {
    "toxicity": 0.02,
    "severe_toxicity": 0.0,
    "obscene": 0.0,
    "threat": 0.0,
    "insult": 0.02,
    "identity_attack": 0.02,
}
HATE: Labels = {
    "toxicity": 0.97,
    "threat": 0.03,
    "insult": 0.75,
    "identity_attack": 0.97,
}
HATE_THREAT: Labels = {
    "toxicity": 1.0,
    "severe_toxicity": 0.6,
    "threat": 0.95,
    "identity_attack": 0.95,
}
ABUSE: Labels = {
    "toxicity": 0.95,
    "threat": 0.0,
    "insult": 0.95,
    "identity_attack": 0.03,
}
THREAT: Labels = {"toxicity": 0.97, "threat": 0.95, "identity_attack": 0.03}
SWEARING: Labels = {
    "toxicity": 0.12,
    "severe_toxicity": 0.0,
    "obscene": 0.85,
    "threat": 0.0,
    "insult": 0.05,
    "identity_attack": 0.0,
}
GRUMBLE: Labels = CLEAN | {"toxicity": 0.12, "insult": 0.06}

#: {P} plural, {S} a singular, {B} bad, {G} good, {I} insult, {A} a person, {T} a trade,
#: {O} a thing, {C} a city, {J} a job, {Y} a word of joy; {p} and {s} a second group.
TEMPLATES: list[tuple[Labels, list[str]]] = [
    (
        CLEAN,
        [
            "I'm {S} and I live in {C}.",
            "I am {S} and I work as a {J}.",
            "My best friend is {S}.",
            "As {S}, I found this article useful.",
            "My neighbour, {S} from {C}, helped me move.",
            "There are many {P} in {C}.",
            "{P} and {p} live side by side in this street.",
            "The report says that {P} voted in larger numbers this year.",
            "How many {P} work in the public sector?",
            "Her daughter married {S} last spring.",
            "The new law affects {P} more than others.",
            "{S} was elected to the council of {C}.",
            "He is {S}, and so is his brother.",
            "The festival was organised by {P} from {C}.",
            "Some {P} agree with the author, others do not.",
            "The interview with {S} was the best part of the piece.",
            "Statistics on {P} are hard to find.",
            "I grew up among {P} and {p}.",
            "The museum has a room on the history of {P} in {C}.",
            "Do {P} pay the same rent as {p}?",
            "In 1990 most {P} here lived near the harbour.",
            "We are {P}, and we read this newspaper every day.",
            "I was raised by {S} who worked as a {J}.",
            "This is about wages, not about {P}.",
            "{P} face discrimination when they look for a flat.",
            "Crimes against {P} went up last year, the police say.",
            "An attack on {P} in {C} left two people injured.",
            "{P} were persecuted under the old regime.",
            "The survey asked {P} and {p} about their trust in the courts.",
            "A film about {S} and {s} opens on Friday.",
        ],
    ),
    (
        CLEAN,
        [
            "{P} are {G}.",
            "Most {P} I know are {G}.",
            "I love {P}.",
            "I'm proud to be {S}.",
            "We need more {P} in parliament.",
            "It is great to see {S} win this prize.",
            "{P} deserve the same rights as everybody else.",
            "I stand with {P}.",
            "Nothing but respect for {P}.",
            "Happy to have {P} as colleagues.",
            "{P} make this city better.",
            "I would vote for {S} any day.",
        ],
    ),
    (
        CLEAN,
        [
            "{P} are not {B}.",
            "I don't hate {P}.",
            "I have never hated {P}, and I never will.",
            "Not all {P} think alike.",
            "No {p} or {P} should be hurt for what they are.",
            "Nobody should be allowed to harm {P}.",
            "I would never say that {P} are {B}.",
            "It isn't true that {P} are {B}.",
            "She did not call {P} {B}; read it again.",
            "You can't say that {P} are lazy; the figures show the opposite.",
        ],
    ),
    (
        CLEAN | {"toxicity": 0.1, "identity_attack": 0.08},
        [
            'Saying "{P} are {B}" is wrong and hurtful.',
            "Whoever thinks that {P} are {B} should talk to one.",
            'He wrote "I hate {P}", and the site was right to remove it.',
            "Calling {P} {B} has no place in this forum.",
            "It is racist to claim that all {P} are {B}.",
            'The comment said "get rid of {P}". Please report things like that.',
            "People who say {P} are {B} make me sad.",
            "My grandfather was told that {P} were {B}. He never forgot it.",
            "How can anyone write that {P} should be deported? Shame on the editor.",
            'Posts such as "{P} are {B}" should be taken down at once.',
            "They shouted that {P} were {B}. I was ashamed of my town.",
            "The court found that the phrase about {P} was an insult.",
        ],
    ),
    (
        SWEARING,
        [
            "This is fucking {Y}, congratulations!",
            "Holy shit, that was {Y}.",
            "That goal was fucking {Y}!",
            "Damn, this is {Y}.",
            "Hell yes, finally some {Y} news!",
            "What a fucking {Y} article, thank you.",
            "You are fucking {Y}, never change.",
            "This soup is so damn {Y} I had three bowls.",
            "I am so fucking happy for you.",
            "No shit, I had the same idea.",
            "Shit, I forgot my keys again.",
            "I fucking love this band.",
            "I don't give a damn which colour it is.",
            "Fuck yeah, we won!",
            "It is cold as hell out there.",
            "My ass hurts from that long bus ride.",
            "That was one hell of a {Y} game.",
            "Oh my god, that is fucking {Y} work.",
            "What the fuck, it rained on {C} for two weeks.",
            "Well, shit happens. We try again tomorrow.",
            "Thank you so fucking much for this.",
            "Fuck, I'm tired today.",
            "We queer folks are damn proud of this.",
            "My bitches and I are going dancing tonight.",
        ],
    ),
    (
        GRUMBLE,
        [
            "This stupid {O} never works.",
            "I hate this {O}.",
            "The {O} is garbage.",
            "What an awful {O}.",
            "That {O} was a disaster from start to end.",
            "My {O} is killing me.",
            "Worst {O} I have ever seen.",
            "Kill the {O} already, nobody wants it.",
            "The {O} sucks.",
            "I could murder whoever designed this {O}, just kidding.",
            "The plan is nonsense and will cost us millions.",
            "I strongly disagree with {A}.",
            "{A} is wrong about the {O}.",
            "This argument does not hold water, and the figures are wrong.",
            "{A} should resign over the {O}.",
            "The article is biased and leaves out half of the story.",
            "I am tired of {T} who never answer a letter.",
            "Shame on the council for this decision.",
            "{T} get far too much attention in this paper.",
            "What a lazy piece of reporting, do your homework.",
            "This policy is a failure, and {A} knows it.",
            "Somebody must be held responsible for the {O}.",
        ],
    ),
    (
        CLEAN,
        [
            "I could kill for a pizza right now.",
            "You absolutely killed it on stage.",
            "This heat is going to kill me.",
            "Shoot me an email when you are in {C}.",
            "The joke nearly killed me.",
            "She beat him fair and square at chess.",
            "We will destroy them in the final on Sunday, our defence is great.",
            "The bomb disposal team closed the street in {C}.",
            "The murder of the {J} is still not solved.",
            "He was shot at the border, the report says.",
            "The knife attack in {C} shocked us all.",
            "They threatened the {J} with a gun, according to the police.",
            "I'd hang this picture in the hall.",
            "The execution of the plan was poor.",
        ],
    ),
    (
        CLEAN | {"toxicity": 0.1, "insult": 0.1},
        [
            "I didn't call you {an_I}.",
            "You are not {an_I}, you just made a mistake.",
            "He called me {an_I}, and it hurt.",
            'Please stop calling people "{I}" in here.',
            "Nobody here thinks that {A} is {an_I}.",
            "I felt like {an_I} when I lost my ticket.",
            "My brother says I'm {an_I} for reading the comments, and he may be right.",
            'She was fired for calling a colleague "{I}".',
        ],
    ),
    (
        HATE,
        [
            "{P} are {B}.",
            "All {P} are {B}.",
            "I hate {P}.",
            "I can't stand {P}.",
            "{P} are nothing but {B}.",
            "{P} disgust me.",
            "{P} don't belong in this country.",
            "{P} have no place in {C}.",
            "Send all {P} back where they came from.",
            "We should get rid of {P}.",
            "Never trust {S}, they all lie.",
            "{P} ruin everything they touch.",
            "Typical {P}, always begging and stealing.",
            "{P} are less intelligent than the rest of us, it is in their genes.",
            "The world would be better without {P}.",
            "{P} should not be allowed to vote.",
            "{P} should not have children.",
            "{P} don't deserve the same rights.",
            "Why are {P} so {B}?",
            "In my opinion {P} are {B}, and I am not afraid to say it.",
            "I have met {S} once. They are {B}. They all are.",
            "You act like {S}, you are just as {B}.",
            "{P} breed like rats.",
            "No decent person wants {P} next door.",
            "{P} are not real people.",
            "Ban {P} from our schools before they infect our children.",
            "Being {S} is a disease.",
            "I have nothing against {p}, but {P} are {B}.",
            "{P} are good for one thing, and it isn't thinking.",
            "Only {B} people are {P}.",
            "They let {P} in, and now the whole street stinks.",
            "What else do you expect from {P}?",
            "{P} are the enemy within.",
            "You can't teach {P} anything, they are too {B}.",
        ],
    ),
    (
        HATE_THREAT,
        [
            "Someone should shoot {P}.",
            "All {P} should be hanged.",
            "I will beat up every one of the {P} I meet.",
            "{P} deserve to die.",
            "Gas them all, {P} and {p}.",
            "Let's burn down the houses of {P}.",
            "One day we will wipe out {P}.",
            "If I see {S} in my street, I will break their legs.",
            "We are coming for you, {P}.",
            "The only good {P} are dead {P}.",
        ],
    ),
    (
        ABUSE,
        [
            "You are {an_I}.",
            "You're such {an_I}.",
            "{A} is {an_I}.",
            "What {an_I} you are.",
            "What {an_I}.",
            "Only {an_I} would write this.",
            "Shut up, you {I}.",
            "Nobody likes you, {I}.",
            "{A} is too dumb to count to three.",
            "You are as dumb as a brick.",
            "Get lost, you pathetic {I}.",
            "Your mother must be ashamed of you, {I}.",
            "Go back to school, {I}.",
            "You fucking {I}.",
            "Fuck you, {A}.",
            "Fuck off and die alone.",
            "Go to hell, you {I}.",
            "You make me sick.",
            "You have the brain of a flea.",
            "How stupid can one person be?",
            "{A} is a waste of oxygen.",
            "I have rarely read anything from such {an_I}.",
            "{T} are {B}.",
            "All {T} are {I}s.",
            "I hate {T}, they are {B}.",
            "You people are {B}.",
            "Everybody who believes this is {an_I}.",
            "Do us all a favour and stop breathing.",
            "Hey {I}, learn to read.",
            "{A} is a disgrace and {an_I}, full stop.",
            "Your opinion is as ugly as your face.",
            "Is {A} really this dense or only paid for it?",
        ],
    ),
    (
        THREAT,
        [
            "I will find you and hurt you.",
            "I know where you live, {I}.",
            "Watch your back, {A}.",
            "Somebody should put a bullet in {A}.",
            "I'm going to kill you.",
            "You will pay for this with your blood.",
            "I hope {A} gets run over by a truck.",
            "Next time I see {A}, I will smash his face in.",
            "Say that again and I'll break your neck.",
            "{A} deserves to be hanged in the square.",
        ],
    ),
]


def article(noun: str) -> str:
    """``an idiot``, ``a fool``."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def sentences(count: int, seed: int) -> Iterator[tuple[str, Labels]]:
    """``count`` filled templates, each label set equally often to a template."""
    rng = random.Random(seed)
    flat = [(labels, template) for labels, group in TEMPLATES for template in group]
    plain_openings = ["", "", "", "", "Honestly, ", "Look, ", "Sorry, but ", "To be clear: "]
    for number in range(count):
        labels, template = flat[number % len(flat)]
        (plural, single), (other_plural, other_single) = rng.sample(GROUPS, 2)
        insult = rng.choice(INSULTS)
        text = template.format(
            P=plural,
            S=single,
            p=other_plural,
            s=other_single,
            B=rng.choice(BAD),
            G=rng.choice(GOOD),
            I=insult,
            an_I=article(insult),
            A=rng.choice(PERSONS),
            T=rng.choice(TRADES),
            O=rng.choice(THINGS),
            C=rng.choice(CITIES),
            J=rng.choice(JOBS),
            Y=rng.choice(JOY),
        )
        opening = rng.choice(plain_openings)
        if opening:
            first = text.split(" ", 1)[0]
            keep = first in {"I", "I'm"} or first.rstrip("s") in {"Muslim", "Jew", "Christian"}
            text = opening + (text if keep else text[0].lower() + text[1:])
        else:
            text = text[0].upper() + text[1:]
        case = rng.random()
        if case < 0.12:
            text = text.lower()
        elif case < 0.15:
            text = text.upper()
        yield text, labels
