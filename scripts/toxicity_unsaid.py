"""A fourth set of sentences of our own: what is meant and not said.

Hate that never says so (irony, exclusion, numbers and fear, "only asking"),
hate beside the main clause, slurs in everyday sentences, scorn dressed as
praise, insults without a rude word. Every kind stands beside harmless sentences
of the same build, and beside strong or loaded words in harmless use. Training
data only; the functional suite that judges the models is written apart from it.

Patterns as in `toxicity_indirect.py`. Long, since it is nothing but sentences.
"""

from __future__ import annotations

from toxicity_indirect import VEILED
from toxicity_sentences import ABUSE, CLEAN, HATE, Labels

#: Hate that is implied is no milder, but raters agree less about it.
IMPLIED: Labels = HATE | {"toxicity": 0.9, "insult": 0.5, "identity_attack": 0.9}
SEXIST: Labels = HATE | {"toxicity": 0.92, "insult": 0.6, "identity_attack": 0.85}
MOCKERY: Labels = {"toxicity": 0.88, "threat": 0.0, "insult": 0.9, "identity_attack": 0.03}
HARMLESS: Labels = CLEAN | {"toxicity": 0.05, "insult": 0.04}

PATTERNS: list[tuple[Labels, list[str]]] = [
    (
        IMPLIED,
        [
            "I'm sure {P} are [lovely|charming|very nice], [in their own country|a long way from "
            "here|where they came from].",
            "[Soon|In twenty years] there will be more {P} than [of us|normal people] in {C}. "
            "[Sleep well|Enjoy|Think about that].",
            "[Count|Look at] the [prams|names on the school list|doorbells] in our street and "
            "[tell me|you'll see] who is [taking over|winning].",
            "[What|Such] a [shock|surprise]: another [peaceful|cultured|hard-working] member of "
            "that [community|religion] [in court|on the news].",
            "The religion of [peace|love] [strikes|has spoken|is at it] again.",
            "[Let me guess|I bet] the [thief|driver|attacker] was [a Swede|a Quaker|called Peter]. "
            "[No|Oh wait]?",
            "[Isn't it odd|Funny] that nobody [may|dares to] say where the [robbers|gangs] come "
            "from? [We all know|You know and I know].",
            "[Ask yourself|Just ask] who owns the [banks|papers|studios]. [It isn't the Eskimos|"
            "Always the same surnames|I'm not allowed to say].",
            "[I am only|Just] asking why {P} never seem to [work|pay|queue] like the rest of us.",
            "[Statistics|Numbers] don't lie: where {P} go up, [decency|property|safety] goes down.",
            "We used to leave our doors open here. Then the {P} [came|arrived|got flats].",
            "A [one-way ticket|boat] for each {S}, and [the problem is solved|I'll pay the fare].",
            "[Give them|They should get] a [ticket home|sandwich and a boat], not a [flat|vote].",
            "Our [town|school] was [clean|safe|quiet] until [certain people|you know who] moved "
            "in.",
            "[Certain|Some] people just aren't [made|built] for [civilisation|work|books], "
            "[if you know what I mean|no names].",
            "There's a reason [those countries|their countries] are what they are: {P} live there.",
            "You can take {S} out of the [desert|jungle|slum], but you can't take the [desert|"
            "jungle|slum] out of [them|{S}].",
            "[Somebody|A certain man with a moustache] [in the thirties|once] had [the right "
            "idea|a plan] about {P}. [Pity he didn't finish|History was unfair to him].",
            "[Too bad|A pity] the [old laws|old days] are gone; {P} knew when to step off the "
            "pavement then.",
            "{P} and [honest work|soap|punctuality|the truth]: two things that never meet.",
            "Hide the [silver|bicycle|wallet], {S} [is coming to dinner|has moved in upstairs].",
            "Since when do {P} [read|write letters|understand rules]? [Somebody must have helped "
            "him|I'm amazed].",
            "He is remarkably [clean|polite|articulate|punctual] for {S}.",
            "[For|Considering she is] {S} she [speaks|dresses] [almost like a person|surprisingly "
            "well].",
            "[Next|Soon] they'll want us to [learn their language|pray their way|apologise for "
            "breathing].",
            "[We are|This is] a [Christian|civilised|white] country, [in case anybody forgot|let's "
            "keep it that way].",
            "[My|Our] [ancestors|grandparents] [built|paid for] this country. Yours [came for|"
            "turned up for] the [cheque|free flat].",
            "{P} don't [integrate|mix]; they [multiply|spread|occupy].",
            "[Wait|Just wait] until {P} are the majority. [Then you'll see what tolerance means|"
            "Then God help your daughters].",
            "[No wonder|Of course] the flat [smells|was wrecked]; {P} [lived|live] there.",
            "[Once again|As always] {P} [play|are playing] the victim. [How convenient|There's "
            "money in it].",
            "{P} [cry|complain] about [hate|history] because [tears pay|they have nothing else].",
            "[Another|One more] museum for the suffering of {P}? [When will they stop milking it|"
            "Haven't we paid enough].",
            "A {J} who is {S}? [I'd like a second opinion|I'll wait for a real one|No thanks].",
            "I [asked for|want] a real {J}, not {S}.",
            "If my {J} turned out to be {S} I would [change|wash|run].",
            "[It's|It is] not [racist|prejudice] to [cross the road|lock the car] when you see "
            "{S}; it's [experience|common sense].",
            "[Look|Just look] at them, {P} with their [rags|mumbling|noise]. [And we pay for it|"
            "In our streets].",
            "They don't [think|feel|love their children] the way we do.",
            "They [breed|arrive|come] faster than we can [count|build] them.",
            "They [never had|have no] culture [worth the name|but stealing]. They [only take|"
            "won't ever change].",
            "[You|One] can tell [them|{P}] by the [smell|nose|eyes], [believe me|always could].",
            "Their kind [always|only ever] [brings|means] trouble.",
            "[People|Folk] of that [sort|blood|origin] [can't|were never able to] [govern|rule|"
            "control] themselves.",
            "[We|The state] [wouldn't|would not] need [bigger prisons|more police] if we had "
            "fewer {P}.",
            "[Diversity|Enrichment]? [Ask the girls in the park|You mean more knives|I call it "
            "decline].",
            "[Culturally|How very] enriched we are: [another robbery|a new gang] [on|in] the "
            "square.",
            "[Why|How] is it that wherever {P} settle, [others|decent families] pack their "
            "[bags|things]?",
            "[Our|The] children [should|must] not [sit next to|learn from|share a class with] {P}.",
            "[Blood|Birth] will out: {S} remains {S}, [passport or not|whatever the papers say].",
            "A passport doesn't make {S} one of us. A [dog|rat] born in a stable isn't a horse.",
            "[The|Our] local team has more {P} than [players|natives]. I've stopped watching.",
            "{P} on every [advert|screen|poster] now. [Do we still exist|Who asked for that|"
            "You'd think we were extinct].",
            "I [don't|do not] mind {P}, as long as they [stay out of sight|do the dishes|know "
            "who's master].",
            "{P} make [good|excellent] [servants|cleaners]; [that's what they are for|let's not "
            "confuse them with ideas].",
            "[Strange|Odd], no {P} at the [tax office|job centre], but [dozens|all] at the "
            "[benefits|welfare] desk.",
            "With that [surname|accent|headscarf|beard] she'll [surely|no doubt] be [very loyal "
            "to this country|a great patriot].",
            "[I give|You have] two guesses which [people|tribe] is behind this, and you won't "
            "need the second.",
            "[Behind|At the bottom of] every [crisis|war|scandal] you'll find {P}, if you dig.",
            "[It|This] would be paradise here with [no|a lot fewer] {P}.",
            "[Imagine|Picture] this city [without|free of] {P}. [Bliss|Quiet, safe, clean].",
        ],
    ),
    (
        SEXIST,
        [
            "[Who|Why] [let her|did they let her] out of the kitchen?",
            "[Shouldn't you|Don't you have to] be [ironing|making sandwiches|at the stove], "
            "[love|sweetie|darling]?",
            "[Women|Girls] and [numbers|maps|engines]: [say no more|it never ends well].",
            "A woman [at the wheel|in the cockpit|in charge], [what could go wrong|I'll walk|"
            "count me out].",
            "[It must be|Is it] that time of the month [again|for her]?",
            "She [got|has] the job on her [back|knees|looks], [like they all do|obviously].",
            "[A|Every] woman's [place|greatest talent] is [behind her husband|in the nursery|"
            "below the pulpit].",
            "[Cute|Adorable], a girl [has an opinion|explains economics]. [Who wrote it for her|"
            "Now fetch the coffee].",
            "[Smile|Relax], sweetheart, [leave the thinking to the men|you'd look prettier|"
            "nobody listens to you anyway].",
            "If she [hadn't worn|didn't wear] that [skirt|dress], [nothing would have happened|"
            "she'd have no reason to cry].",
            "[No man|Nobody] would [look at|marry] a feminist, [that's why they are so angry|"
            "hence the shouting].",
            "[Give|Get] her a husband and [three kids|a mop] and she'll [stop protesting|calm "
            "down].",
            "[A man|A bloke] in a [dress|wig] is [still a man|no lady], [call me old-fashioned|"
            "whatever you call it].",
            "[God|Nature] made [two|Adam and Eve], not [seventy|Adam and Steve].",
            "[Keep|Lock] that [lifestyle|rainbow stuff] [away from|out of sight of] [our|my] "
            "[kids|school].",
            "[I don't care|They may do] what they do at home, but [must they breathe near us|"
            "must I look at two men holding hands while I eat].",
            "[There are|We have] [treatments|doctors|camps] for people who [love|live] like that.",
            "[Another|One more] [lesbian|gay] on TV. Can't [normal people|we] have one show left?",
            "[Real|Proper] men [don't|would never] [dance|cry|kiss] like that. [We know what he "
            "is|Draw your own conclusions].",
            "[They|These people] should [go back into|never have left] the closet.",
            "[She|The candidate] is [confused about|not sure of] which [toilet|bathroom] to use, "
            "and wants to [govern|teach] us?",
            "[Nature|Evolution] [would have|used to have] [dealt with|weeded out] people like "
            "[him|that] in [a week|the old days].",
            "Do we really need {S} in the [picture|classroom|shop window]? [It puts people off "
            "their food|Children get scared].",
            "[Why|How come] do we [waste|spend] money on ramps for people who [can't contribute|"
            "will never work]?",
            "[A|One] wheelchair less, [a parking place more|that's how I see it].",
            "[The|Those] old [fossils|ones] should [hurry up and die|make room], [they cost too "
            "much|our pensions depend on it].",
            "[Bring|Put] the special kids back [in the basement|where nobody has to see them].",
        ],
    ),
    (
        HARMLESS,
        [
            "I'm sure the [neighbours|new tenants] are lovely, I just [need quiet at night|have "
            "not met them].",
            "In twenty years there will be more [pensioners|electric cars] than [children|petrol "
            "cars] in {C}.",
            "[Count|Look at] the prams in our street: the [school|nursery] will be full again.",
            "What a surprise: another [delayed train|broken escalator|late budget].",
            "Isn't it odd that nobody [asks|says] where the [money|water|noise] comes from?",
            "Just ask who owns the [harbour|building|club]. It is [in the register|public].",
            "I am only asking why the [buses|offices] never seem to [run|open] on Mondays.",
            "Statistics don't lie: where [rents|speeds] go up, [births|safety] goes down.",
            "We used to leave our doors open here. Then [the new road|the casino] came.",
            "{P} and {T} pay the same tax as everyone. [Check the law|That is how it should be].",
            "A third of the [nurses|bus drivers|doctors] here are {P}, and [the ward runs on "
            "them|we could not do without].",
            "Our {J} is {S}, and [we have never had a better one|everyone likes him].",
            "The share of {P} in the district rose from [four|nine] to [six|twelve] percent.",
            "Asylum rules should be [stricter|clearer|faster], [I think|and courts need staff].",
            "I am against [this|the new] migration law, [left or right|and I say so as {S}].",
            "[The state|We] should spend less on [new roads|airports] and more on [language "
            "classes|schools].",
            "If the council houses four hundred people here, it must [build a school|hire "
            "doctors] too.",
            "The [imam|priest|rabbi] of {C} [spoke at|opened] the [fair|debate] and I [disagreed "
            "with him|liked it].",
            "I criticise the [church|mosque|government] of [Iran|Israel|Russia|Turkey], not the "
            "people who live there.",
            "[Religion|Faith] should be [a private matter|kept out of schools], whichever it is.",
            "She was [promoted|elected] because she [knows the files|ran a good campaign].",
            "Who let the [dog|cat] out of the kitchen?",
            "A woman at the wheel of the [biggest|new] ferry: [captain Ruiz starts on Monday|my "
            "aunt, forty years without an accident].",
            "Men and women [disagree|vote alike] on this, the poll says.",
            "My [sons|daughters] [wash|iron] their own shirts, and [so do I|why not].",
            "Two men [holding hands|with a baby] walked past and [nobody cared|my gran waved].",
            "We need more ramps; with a [pram|wheelchair] you can't get into the [bank|station].",
            "[The museum|The memorial] for the [murdered|deported] {P} of {C} [opens in May|"
            "moved me deeply].",
            "My grandparents [came|fled] here in [1956|1968|1992] with [one suitcase|nothing].",
            "[Gangs|Robberies] are a problem on the square, and more light [would help|is coming].",
            "[A passport|Citizenship] after [five|eight] years seems [fair|early] to me.",
            "Too many [adverts|trailers] on every screen now. Who asked for that?",
            "They arrive faster than we can [register|house] them, says the [mayor|agency].",
            "They don't pay enough, so the [nurses|drivers] leave. [That is all|Simple].",
            "He is remarkably [calm|fit] for a man of ninety.",
            "It would be paradise here with [fewer cars|less noise|more trees].",
            "Imagine this city [without cars|with trams]. [Quiet, safe, clean|I would love it].",
        ],
    ),
    (
        HATE,
        [
            "The [flat|shop] that {P}, [who are|being] {B}, left behind had to be [cleaned|"
            "disinfected].",
            "[Because|Given that] {P} are {B}, [the insurance costs more|we keep the gate locked].",
            "I [stopped going|no longer go] to the [pool|park] where {P}, {B} as ever, [lie "
            "about|shout].",
            "[My cousin|A friend], who [hates|can't stand] {P} [as every decent person "
            "does|like all of us], [sold his house|moved to {C}].",
            "[Although|While] {P} are {B}, the council [gives them|pays for] [flats|buses].",
            "The [teacher|doctor], knowing that {P} are {B}, [kept her distance|locked the door].",
            "[Thanks to|Blame it on] the {P}, who [ruin|steal|infect] whatever they touch, [the "
            "market closed|the library is gone].",
            "[That|The fact that] {P} are {B} [is the reason|explains] why [nobody wants to live "
            "here|rents fell].",
            "Good [weather|food], if only it [weren't|wasn't] for the {P}, [that plague|the scum].",
            "[Even if|Suppose] they [work|study], {P} stay {B}.",
            "[As long as|Until] we [let|stop letting] {P} in, the {B} lot, [nothing will change|"
            "there'll be no peace].",
            "[What|The thing] I [like|enjoy] about {C} is that there are no {P} to [spoil|dirty] "
            "it.",
            "[Unlike|In contrast to] {P}, who are {B}, [our people|we] [work|wash|read].",
            "The [coach|bus], which {P} had [filled with their stink|turned into a sty], was [late|"
            "full].",
            "She [married|hired] {S}, [a race of thieves|that sort of vermin], and [now "
            "complains|is surprised].",
            "[Apart from|Leaving aside] the {P}, who should be [put on a boat|locked up], I "
            "[agree with|liked] the article.",
            "[I|We] would [come|visit] more often, [were it not|if it was not] for all those {B} "
            "{P}.",
            "[Having|After having] {P} as neighbours I know they are {B}.",
            "{P} are {B}, [but the article is about buses|as an aside|which nobody prints].",
            "They're {B}, all of them, [and I don't mean the {T}|the {P} I mean].",
            "Don't [trust|help|feed] them. They are {B} and [always were|nothing else].",
        ],
    ),
    (
        HARMLESS,
        [
            "The flat that {P} [left behind|rented] was [spotless|cleaner than ours].",
            "Because {P} [opened a bakery|run the shop], we have bread on Sundays.",
            "I stopped going to the pool where the [chlorine|entrance fee] is too [strong|high].",
            "My cousin, who can't stand [cyclists|winter], moved to {C}.",
            "Although {P} [work hard|pay their dues], the council [forgets|ignores] them.",
            "Thanks to the {P}, who [repaired|painted] the hall, [we can dance again|it is open].",
            "The fact that {P} [are underpaid|wait longer] explains why [they strike|they leave].",
            "Unlike {P}, who [fast|celebrate] in spring, we [eat|wait].",
            "She married {S}, a {J} from {C}, and [now lives there|is happy].",
            "Apart from the [typos|headline], I liked the article about {P}.",
            "After having {P} as neighbours I know [more recipes|a little of the language].",
            "{P} are [over-represented|rare] in the [sample|survey], as an aside.",
        ],
    ),
    (
        MOCKERY,
        [
            "[I'd|I would] [ask|invite] you to [think|think again], but [why start now|one should "
            "not demand miracles].",
            "[How|Tell me, how] long did it take you to [come up with|type] that, [all week|both "
            "fingers]?",
            "[You|{A}] must have [slept through|skipped] [every|each] class there was.",
            "[You|{A}] couldn't [find|pour] [water|your way] [from a boot|out of a lift|in the "
            "sea] with [instructions|a map].",
            "[Whatever|Anything] {A} says, [the opposite|assume the reverse] is [safe|true]: it's "
            "the one talent there.",
            "{A} [thinks|reasons] with [the wrong end|the stomach|what other people sit on].",
            "[Has|Did] anyone [ever told|tell] you that [keyboards are not toys|silence suits you|"
            "you are not as interesting as you think]?",
            "{A} couldn't [run|organise] a [bath|kiosk|two-man queue].",
            "[I've|We have] [met|known] [doorknobs|houseplants|garden gnomes] with more to say "
            "than {A}.",
            "[Your|The] [argument|comment] [has|shows] the [depth|width] of a [saucer|stamp], "
            "[and so do you|like its author].",
            "[When|The day] they [handed|gave] out [brains|manners], {A} [was in the toilet|"
            "thought it was a queue for chips].",
            "{A} [would|could] [lose|come second in] a [debate|race] [with|against] [a lamp "
            "post|himself|a chair].",
            "[It|That] takes a [special|rare] [mind|kind of person] to be [wrong|this wrong] on "
            "[every|each] line. [Well done|Take a bow].",
            "[Oh|Ah] [good|splendid], [the expert|our professor] [from the sofa|of nothing] has "
            "[spoken|arrived].",
            "[Thank heavens|How lucky that] {A} is [here|with us], [we nearly had a sensible "
            "discussion|the level was getting too high].",
            "[Brilliant|Wonderful|Superb] [idea|plan], {A}. [Did a toddler help|Did you run it "
            "past the goldfish|And you tie your own shoes, too].",
            "[Please|Do] [keep|go on] [writing|posting], {A}, [my dentist needs the comic relief|"
            "we need a laugh|it makes the rest of us feel clever].",
            "[A|Such a] [big|long] [mouth|comment] for [such|so] [a small|little] [head|idea].",
            "[Nice|Cute] [try|story]. [Now|And now] let the [adults|grown-ups] talk.",
            "[Go|Run] [home|along], [little one|junior], [your soup is getting cold|it's past "
            "your bedtime].",
            "[I'm|I am] [impressed|amazed]: [so many|forty] words and not one [thought|fact] "
            "[among them|in sight]. [That takes you|A gift].",
            "[You're|You are] [not|hardly] the [sharpest|brightest] [knife|candle|pencil|bulb] "
            "[in the drawer|on the cake|in the box], [are you|I see].",
            "[Did|Do] they [let|allow] you [out|near scissors] without a [helper|minder]?",
            "[Which|What] [cereal box|lucky bag] did [your|that] [diploma|licence] come from?",
            "[With|Given] [a|your] [mind|face|voice] like that, [radio silence|a paper bag|a long "
            "walk] would be [a kindness|best].",
            "[Reading|After] your [comment|post] I [lost|feel I lost] [ten points of my own IQ|a "
            "few brain cells|all hope for the species].",
            "[Don't|Please don't] [breed|reproduce|vote|drive].",
            "[I|We] [hope|pray] you [never|don't] [teach|raise children|hold office]. [For all "
            "our sakes|Mercy].",
            "[You|{A}] [wouldn't|would not] [last|survive] a day [in a real job|without "
            "mummy|outside the basement].",
            "[Your|His] [wife|mother|dog] must be [very patient|a saint|so tired].",
            "[Somebody|Someone] [fetch|call] the [nurse|zookeeper], {A} [is out|got the tablet] "
            "again.",
            "[A|What a] [tiny|sad|hollow] [life|person] [it must be|one has to be], [to write "
            "this|posting that at four in the morning].",
            "[The|Your] [only|one] thing [longer|bigger] than your [comment|column] is [the list "
            "of things you don't understand|your ego].",
            "{A} [has|had] [two|a couple of] [moods|ideas] in life, and both were [somebody "
            "else's|wrong].",
            "[I|You'd] [see|look like] [why|the reason why] your [friends|ex] left.",
            "[Not|It isn't] your fault, [some are born without|thinking isn't for everyone].",
            "[Maybe|Perhaps] try [a colouring book|counting to ten|breathing through your nose] "
            "[next time|first].",
            "[Every|Each] [village|forum] [needs|has] one, and here it's {A}.",
            "[I|We] [wouldn't|would not] [trust|let] {A} [with|near] [a goldfish|a pair of "
            "scissors|my shopping list].",
            "[If|Were] [ignorance|self-love|hot air] [was|were] [petrol|money|music], {A} could "
            "[fuel|feed|charm] the whole country.",
            "[Hello|Good morning], [is there|anyone] [anybody in there|home behind those eyes]?",
            "[You|{A}] [peaked|stopped learning] [in kindergarten|at six], [didn't you|clearly].",
        ],
    ),
    (
        HARMLESS,
        [
            "I'd ask you to think again, because [table three|the last paragraph] says otherwise.",
            "How long did it take you to [write|build] that? [It is beautiful|I want to try].",
            "I must have slept through the part where [they changed the rule|she explains it].",
            "I couldn't find my way [out of the station|in {C}] with a map, [the signs are bad|"
            "help].",
            "Has anyone ever told you that [your columns are fun|you write well]?",
            "The council couldn't [run|fund] a [second|new] pool this year.",
            "I have known [editors|teachers] with less to say than this [student|author].",
            "The comment shows the width of the [problem|debate], thank you.",
            "When they handed out the [tickets|forms], [I was at work|my mother was ill].",
            "It takes a special kind of person to [nurse the dying|teach that class]. Well done.",
            "Our professor has [arrived|spoken], and [the hall was full|it was a good evening].",
            "Thank heavens {A} is here, [we need a plumber|nobody else has the key].",
            "Brilliant idea, {A}. [Can we try it in {C}|I would sign that|When do we start].",
            "Please keep writing, {A}, [I read you every week|it helps me].",
            "Nice story. Now let the [readers|tenants] talk.",
            "Go home, [it's past midnight and the bus is gone|take a rest, you have earned it].",
            "I'm impressed: forty words and [all|everything] said.",
            "The candle on the cake was [the brightest|crooked], and [we laughed|she loved it].",
            "Which [box|shelf] did that [form|book] come from?",
            "With a voice like that, [she should sing at the opera|radio would be best].",
            "Reading your comment I [found|changed] my mind about the [tram|rent].",
            "Please don't [drive|park] on the [grass|pavement], [children play there|it is wet].",
            "You wouldn't last a day in [that heat|the old mine], none of us would.",
            "His mother must be very [patient|proud]; [he practises the drum at six|what a lad].",
            "Someone call the [nurse|vet], [the man on the bench is unwell|a swan is hurt].",
            "I see why your friends left [for {C}|the city], [the rent is mad|it is lovely there].",
            "It isn't your fault, [the form is badly made|they changed the date].",
            "Maybe try [a different browser|the side door|after nine] next time.",
            "Every village needs a [shop|pub|bus], and here it's [closing|gone].",
            "I would not trust the [forecast|figures] either, [the sample is small|sorry].",
            "Hello, is there anybody in the [office|shop]? [I rang twice|It says open].",
        ],
    ),
    (
        ABUSE,
        [
            "[Shut|Shut up and] [it|get lost], nobody [wants|needs] [your|that] [noise|drivel].",
            "[People|Folks] like you [should|ought to] be [kept off|barred from] the [net|ballot].",
            "You [make|made] me [sick|want to vomit], {I}.",
            "[Take|Stick] your [opinion|sermon] [and shove it|where the sun doesn't shine].",
            "[Send|Show] us a [nude|photo in the bath], [honey|babe], then we'll [talk|listen].",
            "[I'd|I would] [love|like] to [bend her over|get her drunk], whatever she [says|"
            "writes].",
            "[Nice|Big] [tits|legs] for a [minister|reporter], [shame about the brain|who cares "
            "what she says].",
            "[That's|She's] what you get when a [cow|goat] learns to [type|vote].",
        ],
    ),
    (
        HARMLESS,
        [
            "The [pest|weed|rat] problem in the [cellar|park] is [disgusting|getting worse].",
            "[Cockroaches|Rats|Wasps] [in|under] the [school kitchen|stage]: [vile|revolting].",
            "The [plague|parasite] killed half of the [bees|trees|salmon].",
            "[Cancer|Malaria] is a [monster|filthy disease], and I hate it.",
            "[This|The] [stupid|useless|idiotic|damned] {O} [broke|crashed|froze] again.",
            "What a [rubbish|pathetic|dreadful|crap] [film|pitch|sandwich|season].",
            "I [hate|loathe|despise] [mondays|this font|coriander|the new timetable].",
            "The [script|plot|menu] is [garbage|trash|a disgrace], the [actors|waiters] do what "
            "they can.",
            "[Kill|Shoot|Nuke] the [process|app|lights|mould] and [restart|start again].",
            "I could [murder|kill for] a [curry|coffee|pizza] now.",
            "Our [striker|boxer|choir] [killed|destroyed|slaughtered] it [on Sunday|last night].",
            "[You|She] will be the death of me with those [jokes|puns|cakes].",
            "Over my dead body will they [close|sell] that [library|pool].",
            "I'm [dying|dead], this [parrot|sketch|headline] is too funny.",
            "[He|The comic] [bombed|died] on stage and [came back|laughed about it].",
            "My [ass|arse|back] [hurts|is sore] after [that bike ride|six hours on the bus].",
            "The [cock|rooster] crowed at [four|five], the [bitch|dog] had [six puppies|a litter].",
            "The [great tit|blue tit|booby] [nests|breeds] in [our hedge|{C}].",
            "[Dick|Fanny|Gaylord] [Turpin|Ardant|Perry] [was|is] the subject of the [talk|play].",
            "The [faggots|meatballs] with peas at the [pub|market] are [cheap|a northern dish].",
            "A [chink|nick] in the [armour|curtain], a [spade|rake] in the [shed|garden].",
            "[Retarded|Slow] potential, [flame retardant|spastic muscles]: [terms from the "
            "manual|words of my physics class].",
            "The [slave|black] [cylinder|box|hole] was [replaced|found|photographed].",
            "[A crack|The coke] in the [oven|furnace] [cost us a week|burned all night].",
            "teh [artcle|atricle] is god but ther are [to|too] many [speling|typing] erors, sory",
            "i dont no wat [hapened|hapend] to teh [bus|librery], can sombody [explane|tel me]",
            "thx 4 the [artcle|infos], [gr8|rly good] [wrk|stuf], wil [shre|pass it on]",
            "pleas fix yuor [websit|comment boks], it [crahses|hangs] evry [tiem|time] on my fone",
            "my granson showd me [this|teh] page, [verry|vrey] [intersting|nice], [tank|thank] u",
        ],
    ),
    (
        CLEAN | {"toxicity": 0.12, "insult": 0.1, "identity_attack": 0.06},
        [
            "[A|Some] [man|woman|kid] [yelled|hissed] '{I}' at [me|my mother|the driver] and [ran "
            "off|nobody helped].",
            "'[Go back where you came from|You people ruin this place]', [said|wrote] [the "
            "landlord|a customer], and I [left|cried|reported it].",
            "[They|The trolls] [wrote|sent] her 'you {I}, [die|nobody wants you]'. [She is "
            "fourteen|Why is this not deleted].",
            "The [novel|song] [uses|repeats] the word '{I}' [forty times|as a refrain].",
            "[Page nine|The transcript] [quotes|has] him: '{P} are {B}'. [He denies it|The court "
            "will decide].",
            "[In 1938|Back then] the [posters|papers] said '{P} are {B}'. [Never again|We know "
            "where that led].",
            "[Moderators|Editors], [please|can you] [delete|remove] the [post|reply] that calls "
            "[me|Ms Okafor] {an_I}.",
            "[Being|I was] called {an_I} [on my first day|by my own boss] [taught me a lot|still "
            "hurts].",
            "[Does|Is] '{I}' [count as an insult|an insult] under your [rules|guidelines]?",
            "I was told '[women can't do maths|girls don't code]' at school; [today I teach it|I "
            "run the lab].",
            "[Nobody|No one] here said that {P} are {B}; you [made that up|misread the post].",
        ],
    ),
]

#: A second set, written after the first had been learned.
PATTERNS += [
    (
        VEILED,
        [
            "[Enjoy|Make the most of] your [holiday|weekend|walk], {A}, [it may be the last|we "
            "might meet].",
            "[I'd|I would] [lock|bolt] [my|your] door [tonight|from now on] if I were {A}.",
            "[You|{A}] [will|are going to] [wish|be sorry] you [had never been born|never wrote "
            "this].",
            "[What goes around|All debts] [comes|come] [around|due]. [Yours soon|See you, {A}].",
            "[We|My brothers and I] [remember|never forget] [faces|names|number plates].",
            "[Funny|Strange] how [easily|fast] [a brake line tears|a shop catches fire|people "
            "fall down stairs].",
            "[Does|Has] your [wife|daughter|mother] still [take|take the dog through] the [park "
            "at night|last bus]? [Just asking|I worry].",
            "[Say|Kiss] [goodbye|hello] to your [kneecaps|windows|little cat].",
            "[There are|I know] people who [would do it|break fingers] for [fifty|a crate of "
            "beer], [just so you know|{I}].",
            "[Snitches|Traitors|Big mouths] [get|end with] [stitches|what is coming].",
            "[Your|Their] [time|day] [is coming|will come], [and we will be there|mark it].",
            "[I'll|I will] be [waiting|standing] [outside|by your car|at your gate] [tomorrow|"
            "when you come out].",
            "[Careful|Watch out], [even|some] [journalists|teachers|judges] have [been known to "
            "vanish|had accidents].",
            "[Next|This] time it [won't be|will not be] [only words|just a letter].",
            "[Somebody|Someone] [ought to|should] [pay|give] {A} a [visit|lesson] [with a bat|"
            "after dark|that lasts].",
            "[I|We] [found|looked up] your [street|office|gym]. [Lovely|Quiet] [place|corner].",
            "[You|{A}] [should|may want to] [hire|get] [a bodyguard|better locks].",
            "[The|A] [river|lake] is [deep|cold] [this time of year|at night], {A}.",
            "[Pray|Hope] that [we|I] never [run into you|learn where you live].",
            "[Keep|Go on] [poking|barking]. [Dogs that bark get put down|The bear is awake].",
            "[I|We] [have|'ve] got [nothing to lose|a long memory and a short fuse], [remember "
            "that|think of it when you hear steps].",
            "[Traitors|Liars like you] [used to hang|were shot] for less.",
            "[Look|Better look] [behind you|under your bed] [now and then|tonight].",
            "[When|Once] [the time|our day] comes, [your name is on the list|you'll be the "
            "first against the wall].",
        ],
    ),
    (
        HARMLESS,
        [
            "Enjoy your [holiday|weekend], {A}, [you have earned it|it may rain].",
            "I'd lock the [bike|door] tonight, [there were thefts|the storm rattles it].",
            "All debts come due, [the bank says|and the city borrowed a lot].",
            "We never forget [names|birthdays] at the [club|school].",
            "Funny how fast a [cake|ticket] is [gone|sold].",
            "Does your mother still take the dog through the park? [Mine met her|Say hi].",
            "Say goodbye to the old [tram|cinema], [it closes on Friday|what a pity].",
            "Your day will come, [keep practising|next year's prize is yours].",
            "I'll be waiting outside [with the tickets|after the show|by the fountain].",
            "Next time it won't be only [a draft|water], [promised|there will be cake].",
            "Somebody should pay {A} a visit in [hospital|the new office], [with flowers|and say "
            "thanks].",
            "We looked up your street, [the bus stops there|lovely place for a market].",
            "You may want to get better [locks|tyres|glasses], [the test says|mine broke as well].",
            "The lake is cold this time of year, {A}, [take a wetsuit|swim in June].",
            "The dogs bark all night and [the owner is never there|I can't sleep].",
            "Look behind you on the [photo|stage], [there is a rainbow|the choir waves].",
            "Your name is on the list [of winners|for the tour], {A}.",
        ],
    ),
    (
        IMPLIED,
        [
            "[Show|Name] me one [invention|poem|bridge] that {P} gave the world. [I'll wait|Take "
            "your time].",
            "[If|When] {P} are [so clever|such a gift], why [are they all here|does nobody want "
            "them back]?",
            "[Every|Each] time {S} [opens his mouth|speaks], I [check my wallet|hide the cutlery].",
            "[Would|Could] you [trust|leave] {S} with your [house keys|baby|till]? [Didn't think "
            "so|No, and nobody would].",
            "[How|Isn't it] [nice|sweet] that they let {P} [vote|drive|publish] these days.",
            "[We|They] [closed|sold] the [school|church], and [surprise|guess what], now it is [a "
            "mosque|a home for {P}]. [Wake up|Still think it's chance].",
            "[My|Our] [dog|cat] [growls|hisses] at {P}. [Animals know|Good instincts].",
            "[I|We] [asked|pray] for [rain|peace], [not for|and got] {P}.",
            "[With|Having] {P} [around|upstairs] you [learn|start] to [hold your breath|count "
            "your children].",
            "[Another|A second] [shop|doctor|mayor] for {P}. [And ours|When is it our turn]?",
            "[Fewer|The fewer] {P} [at the lake|in class|here], the [cleaner the water|better "
            "the marks|better].",
            "[Remember|I remember] when [you could hear our own language|faces looked like ours] "
            "[on|in] the [bus|market]?",
            "[Their|These] [customs|manners|habits] belong in [the stone age|a zoo|another "
            "century].",
            "{P} [smile|pray] by day. [Ask what they do by night|Don't ask what they hide].",
            "[Nobody|No nation] [throws out|drives out] {P} [a hundred times|again and again] "
            "for [nothing|fun]. [Do the maths|Think].",
            "[They|{P}] [have|own] [the media|the courts|the money] [sewn up|in their pocket], "
            "[but hush|as the wise know].",
            "[Send|Ship] the whole [tribe|clan|lot] [home|back], [with a bow on top|and fumigate].",
            "[Oh|Ah], {S} [with a job|who works]. [Take a picture|Call the museum].",
            "[I|We] [prefer|like] the [old|former] neighbours. They [washed|spoke like humans|"
            "didn't slaughter goats in the bath].",
            "[Normal|Decent|Real] [people|citizens] [queue|work|pay]; {P} [get it all|have other "
            "ways].",
            "[Just|Simply] [look at|see] the [state|filth] of [the street|the lift] since {P} "
            "[came|moved in].",
            "[It's|That is] in their [blood|genes|holy book], [they can't help it|you won't teach "
            "it out of them].",
            "[Half|Most] of [our|the] [prison|courtroom] [speaks|prays] [Arabic|Romani|"
            "foreign]. [Just saying|Coincidence, of course].",
            "[I'm|I am] [tolerant|open-minded], but [a street full of|one more family of] {P} is "
            "[where it stops|too much].",
            "[First|Yesterday] they [beg|ask for a room], [then|tomorrow] they [own|rule] the "
            "[house|town]. That's {P}.",
            "[Let|Allow] one {S} in and [ten cousins|the whole village] [follow|move in].",
            "[Women|Girls] are [not made for|too soft for] [this|command|law]. [Science|Nature] "
            "[says|decided] so.",
            "[She|Our minister] should [try|go back to] [baking|knitting|cleaning], [that she can "
            "do|there at least nothing burns].",
            "[He|That one] [walks|talks] like [one of those|a ballerina], [we know the type|keep "
            "him off the team].",
            "[There|Here] [goes|go] the [neighbourhood|school], [the first family of {P} is here|"
            "{P} have bought number nine].",
            "[Some|Those] [cultures|peoples] [were born to serve|are simply behind], [no offence|"
            "that's history].",
            "[It|That] [used to be|was once] a [nice|white|proper] [area|street].",
            "[Not|I'm not] saying [anything|a word] against {P}, [but my nose works|my eyes tell "
            "me enough].",
            "[Who|What sort of man] would [want|touch] [one of those|{S}], [honestly|I ask you]?",
            "[They|People like that] should be [grateful|glad] that we let them [breathe our "
            "air|clean our floors].",
        ],
    ),
    (
        HARMLESS,
        [
            "Name me one [bridge|poem] by {S} and I name you ten. [What a heritage|Great list].",
            "If the [lifts|trains] are so clever, why do they stop at night?",
            "How nice that they let [dogs|cyclists] on the [ferry|train] these days.",
            "They closed the school and now it is a [home for the old|theatre]. [Pity|Good use].",
            "Our dog growls at [hoovers|balloons|the postman].",
            "Another shop for [phones|candles]. When do we get a [baker|grocer]?",
            "Fewer [cars|geese] at the lake, the cleaner the water.",
            "I remember when you could hear [the sea|birds|four languages] in the market.",
            "Half of the class speaks [Arabic|Turkish|Polish] at home and [their German is good|"
            "they help each other].",
            "These forms belong in [a museum|another century].",
            "It's in our [statute|contract], [we can't change it|ask the lawyer].",
            "We liked the former [tenants|editor]; [the new ones are kind too|she wrote well].",
            "Just look at the state of the [lift|street] since [the strike|the storm].",
            "First they ask for a [deposit|form], then for another. That's [landlords|the office].",
            "It used to be a [quiet|cheap] street, [now there is a motorway|rents went up].",
            "The first family of {P} has bought number nine, [we brought bread and salt|our "
            "children play together].",
            "There goes the neighbourhood [choir|bakery], [what a loss|off to the finals].",
            "People like that [woman|nurse] should get a [medal|raise].",
            "I'm not saying anything against the [plan|mayor], but [the numbers are off|wait].",
        ],
    ),
]

#: What may be demanded, of anybody and of groups: opinion, however hard, and no abuse.
PATTERNS += [
    (
        HARMLESS,
        [
            "{P} who [live|settle|work] here [should|must|ought to] [learn the language|pay "
            "taxes|register|know the law], [like everyone|in my view|and most do].",
            "{P} [should|must] [respect|keep] the [law|rules], [as we all must|full stop].",
            "[Anyone|People|Those] who [commit|committed] crimes should [be tried|go to prison|be "
            "sent back], {P} [or not|included].",
            "{P} who [broke the law|were convicted] should be [deported|tried] [after a fair "
            "trial|as the law says].",
            "[I think|In my view] {P} should [get less aid|wait their turn|apply from abroad]. "
            "[Others may differ|Convince me].",
            "The [country|town] cannot take in more {P} [this year|without new flats].",
            "[They|The government] should never have [opened|sold|signed] [the border|the "
            "harbour|that treaty].",
            "The [mullahs|generals|bishops|oligarchs|party bosses] [must|should] go. [People "
            "want to vote|Long live the protest].",
            "The [minister|mayor|board] is a [disgrace|failure] [to the office|and should "
            "resign|after that vote].",
            "[Politicians|Ministers|{T}] never [listen|learn|call back].",
            "I would not [vote for|hire|trust] {A} [again|with this budget].",
            "{P} should [be allowed to|not] [compete|serve|pray] [in their own class|in the "
            "army|at school], that is my [opinion|vote].",
            "Does [Islam|the Church|Zionism|feminism] need [reform|criticism]? I [think so|say "
            "yes], and {P} I know [agree|argue with me].",
            "[Stop|End] [the subsidies|the boats|the strikes] [now|at last], [please|I say].",
            "The [headscarf|burqa|cross] has no place in [court|school], [I find|for me].",
            "[Our|The] borders should be [closed|open]. [Discuss|That is my position].",
            "[Most|Many] {P} [voted against|oppose] this, and they are [wrong|mistaken] in my "
            "view.",
            "It is [fair|right] to ask {P} to [wait|pay back|take a test].",
        ],
    ),
]

#: A first run took a group in a harmless request, or beside a trade, for an attack.
PATTERNS += [
    (
        HARMLESS,
        [
            "{S} [drives|repairs|paints] our [tram|roof|boat] and [sings while at it|is never "
            "late].",
            "The {J} next door is {S}; [she waters my plants|he lent me a ladder].",
            "[My|Her] new {J}, {S}, [explained everything twice|found the fault at once].",
            "[Did|Has] [anyone|the editor] [talk|spoken] to {P} before [printing|writing] this?",
            "[You|The author] could [interview|quote|invite] {P}, [they know the place|it is "
            "their story].",
            "{P} [should|ought to] [be asked|have a say|sit on the board] as well.",
            "[Before|When] the council decides, [let|it should let] {P} [speak|answer].",
            "The [columnist|editor] [forgot|left out] {P}, [a pity|as so often].",
            "[What|How] do {P} [think of|see] the [plan|new line]? [Print that|I would like to "
            "know].",
            "A {J} who is {S}? [Why not|Mine is, and the best I had|Good luck to her].",
            "{P} and {T} [sit|sat] at [one|the same] table, and [both were right|we all ate].",
            "[Thanks to|With] {P} the [choir|night shift|team] [is full again|keeps going].",
            "I asked {S} for [the way|advice] and got [a lift|tea] as well.",
            "[Our|The] street has {P}, {T} and [students|a piano teacher]; [nobody minds|the "
            "more the merrier].",
            "The [prize|medal] went to {S} [from {C}|of our school], [well deserved|bravo].",
            "{P} [read|use] this [page|library] too; [please remember|so print it in large "
            "letters].",
            "[He|She] is {S} and [a {J}|the captain], [the children adore him|ask for her].",
            "There is {S} on the [poster|jury|bench]. [I know him from school|Good choice].",
        ],
    ),
]

#: Slots for a slur ({X} one, {X}s several) out of the term list; what stands round it is plain.
SLUR_FRAMES = [
    "Some {X} [moved in next door|opened a shop here].",
    "[The|My] [landlord|new boss|bus driver] is a {X}.",
    "[Go home|Get out|Shut up], {X}.",
    "{X}s [everywhere|all over the place] [these days|in {C}].",
    "[I won't|Nobody should] [serve|hire|marry] a {X}.",
    "[What|Why] does [this|that] {X} [want|get] [here|a flat]?",
    "[Typical|Just like a] {X}.",
    "[Bloody|Those|All these] {X}s [again|get everything].",
    "A {X} [won|got] [the prize|the job], [of course|unbelievable].",
    "[Our|The] school is full of {X}s [now|and it shows].",
    "[Look|Listen] at [that|the] {X} [dance|talk|cry].",
    "[No|Keep the] {X}s [allowed in my house|out of this town].",
    "[He|She] [married|is friends with] a {X}, [poor thing|how low can you go].",
    "[Once|Always] a {X}, [always a {X}|never one of us].",
    "[Stop|Quit] acting like a {X}.",
]

#: The slur as a word that is spoken about.
SLUR_MENTIONS = [
    "The word '{X}' is a slur[, please delete that comment|. I reported it|].",
    "They called [my father|her] '{X}' at [work|school], and [nobody stepped in|it hurt].",
    "[Never|Don't] say '{X}', [my teacher told us|it is an insult].",
    "He was [fined|sacked] for [shouting|writing] '{X}' at a [player|guest].",
]
