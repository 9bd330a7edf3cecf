"""Words that carry a full stop without ending a sentence, by language.

Written by hand from each language's usual typography. Words are in lower case
without their last stop. A language that is not here uses ``COMMON`` alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final


@dataclass(frozen=True, slots=True)
class Abbreviations:
    """Three kinds of abbreviation, and what a sentence often starts with.

    ``bound`` never ends a sentence (``Dr.``, ``z. B.``). ``numbered`` does not
    before a number (``No. 5``). ``closing`` may end one (``Inc.``, ``p.m.``):
    there the next word decides, and ``starters`` are the words that begin a
    new sentence far more often than they go on after a name. ``ordinals``
    says that a number with a stop is an ordinal (``am 5. Mai``).
    """

    bound: frozenset[str]
    numbered: frozenset[str]
    closing: frozenset[str]
    starters: frozenset[str]
    ordinals: bool


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_COMMON_BOUND: Final = "dr prof mr mrs ms vs cf e.g i.e ca approx"
_COMMON_NUMBERED: Final = "no nos nr p pp vol vols fig figs ch ver"
_COMMON_CLOSING: Final = "st etc inc ltd co corp jr sr a.m p.m u.s u.k u.n ph.d b.c a.d"

_BOUND: Final[dict[str, str]] = {
    "en": (
        "mx messrs mme gen sen sens rep reps gov govt lt col sgt cpl maj capt cmdr adm pvt rev hon "
        "pres supt insp det viz eg ie esp incl resp"
    ),
    "de": (
        "hr hrn fr frl dipl ing med phil jur bzw vgl z.b "
        "z d.h d u.a u s.o s.u o.ä i.d.r sog evtl ggf "
        "allg bes bspw insb inkl exkl zzgl max min tel str abs geb gest hl kath ev ehem lt mind "
        "vllt eigtl ungef zw m.e v.a i.e"
    ),
    "fr": "m mm mme mmes mlle mlles me mgr pr ste p.ex ex env éd éds tél apr av bd boul c.-à-d cad",
    "es": (
        "sr sra sres sras srta d dña ee "
        "dra dres profa lic ing arq gral cnel tte av avda "
        "gob pdte p.ej ej pág aprox tel dto fdo excmo ilmo rvdo sta"
    ),
    "it": (
        "sig sigg sig.ra sig.na dott dott.ssa avv ing arch "
        "geom rag on sen cav mons prof.ssa p.es es "
        "ad c.so v.le p.za tel dr.ssa egr gent spett"
    ),
    "pt": (
        "sr sra srs sras srta dra drs prof profa eng arq exmo exma ilmo il gen cel cap av p.ex ex "
        "tel aprox jd pe fr d"
    ),
    "nl": (
        "dhr mevr mw ir ing mr drs jl bijv bv "
        "b.v d.w.z dwz m.a.w o.a i.p.v i.v.m m.b.t t.a.v t.o.v "
        "z.g zgn ong resp incl excl evt"
    ),
    "sv": "bl.a bl t.ex t d.v.s dvs s.k sk f.d fd fr hr ung ev resp inkl exkl kl jfr ang",
    "da": "bl.a bl f.eks f d.v.s dvs hr fr ca s.k pga iflg inkl ekskl kl jf",
    "no": "bl.a bl f.eks f d.v.s dvs hr fr ca s.k pga iflg inkl ekskl kl jf",
    "fi": "esim ks ym mm ts n s nk tri toht hra rva joht puh klo",
    "pl": (
        "dr hab inż mgr p prof r tzw tzn np m.in ul al pl os św ok godz gen płk ks bp wg ww zob"
    ),
    "cs": "mgr ing bc judr mudr phdr doc p sv tzv tj např napr atp ul nám tř tel cca kpt gen",
    "sk": "mgr ing bc judr mudr phdr doc p sv tzv tj napr ul nám tel cca kpt gen",
    "hr": "gđa gđica g gosp dipl ing mr sv tzv tj npr ul tel god str",
    "ro": "dl dna d-na d-l dvs dra ing av prof gen col lt sf str nr bd ex aprox",
    "hu": "özv ifj id ún pl kb ill stb.-t vö ti dr.-né tel u",
    "tr": "sn av doç yrd öğr gör alb tğm yzb bkz örn vb.-ler cad sok mah apt tel hz",
    "ru": (
        "г гг г-н г-жа гр проф акад доц им ул пр просп пл пер д стр корп кв тов т.е т.к т.н т.о т "
        "см ср напр св рис табл ок прим ред изд ген полк"
    ),
    "uk": (
        "м р проф акад доц ім вул просп пл буд кв тов т.зв т.ч див пор напр св рис табл бл прим ред"
    ),
    "bg": "г г-н г-жа д-р проф акад доц инж ул бул пл кв т.е т.нар напр вж св им",
    "el": "κ κα κος κ.κ δρ καθ π.χ πχ δηλ βλ αρ λεωφ οδ τηλ",
    "ar": "د أ م ص",
    "ca": "sr sra srs dr dra av c p.ex ex pàg aprox tel",
    "id": "bpk sdr dr drs ir jl no tgl hlm yth",
}

_NUMBERED: Final[dict[str, str]] = {
    "en": (
        "jan feb mar apr jun jul aug sep sept oct nov dec sec secs art par para eq app sect op "
        "vers chap"
    ),
    "de": "jan feb apr jun jul aug sep sept okt nov dez art bd s kap abb tab ziff rn rz az",
    "fr": "n no nos art chap vol fig janv févr avr juil sept oct nov déc",
    "es": "n núm núms art arts cap cáp vol fig pág págs ene feb abr jul ago sept oct nov dic",
    "it": "n nn art artt cap pag pagg fig vol gen feb mar apr giu lug ago set ott nov dic",
    "pt": "n núm art arts cap pág págs fig vol jan fev mar abr jun jul ago set out nov dez",
    "nl": "nr blz art hfst afb jan feb mrt apr jun jul aug sept okt nov dec",
    "ru": "ст п пп гл рис табл стр с ч кн",
    "uk": "ст п пп гл рис табл стор с ч кн",
    "pl": "nr art ust pkt str s rys tab t poz",
    "cs": "č čl odst str s obr tab roč",
    "tr": "s sf md no",
    "ca": "núm art pàg cap",
}

_CLOSING: Final[dict[str, str]] = {
    "en": (
        "al est ave blvd rd mt ft hr hrs tel ext misc dept assn bros plc esq mph dist "
        "d.c l.a n.y e.u"
    ),
    "de": "usw etc u.s.w uam o.g n.chr v.chr jh jhd jhdt std mio mrd tsd uvm gmbh",
    "fr": "etc cie",
    "es": "etc cía s.a ud uds vd vds uu ee.uu aa.vv d.c a.c",
    "it": "ecc etc s.p.a s.r.l d.c a.c",
    "pt": "etc cia s.a d.c a.c ltda",
    "nl": "enz etc e.d e.v n.chr v.chr mln mld",
    "sv": "osv m.m etc mm o.s.v",
    "da": "osv m.m etc mv m.v mio mia",
    "no": "osv m.m etc mv m.v",
    "fi": "jne yms ym",
    "pl": "itd itp r w zł gr tys mln mld",
    "cs": "atd apod aj tis mil mld kč r",
    "sk": "atď apod tis mil mld",
    "hr": "itd sl dr god tis mil",
    "ro": "etc ș.a mii mil",
    "hu": "stb db ft",
    "tr": "vb vs vd şti ltd",
    "ru": "т.д т.п др пр тыс млн млрд руб коп л в вв",
    "uk": "т.д т.п ін тис млн млрд грн",
    "bg": "т.н др пр хил млн млрд лв ст",
    "el": "κλπ κ.λπ κτλ κ.ά π.μ μ.μ",
    "ca": "etc",
    "id": "dll dsb dst",
}

_STARTERS: Final[dict[str, str]] = {
    "en": (
        "the this that these those it its he she we "
        "you they there here i my his her our your their "
        "a an and but so if in on at as for from with then when while what why who how where which "
        "is are was were do does did can could will would should no not yes also however after "
        "before now people some many most all every one another maybe perhaps still just once"
    ),
    "de": (
        "der die das ein eine es er sie wir ihr ich "
        "und aber doch wenn dann da hier dort so wie was "
        "warum wer wo in im am an auf für mit nach vor nicht kein keine auch jetzt man diese dieser"
    ),
    "fr": (
        "le la les un une des ce cette ces il elle ils elles nous vous je on et mais donc or si "
        "dans en sur pour avec que qui quoi pourquoi comment quand où non oui c'est"
    ),
    "es": (
        "el la los las un una este esta esto ese eso es él ella ellos nosotros yo usted y pero si "
        "en con para por que qué quién cómo cuándo dónde no sí también"
    ),
    "it": (
        "il lo la i gli le un una questo questa è e ma se in con per che chi come quando dove non "
        "sì anche io noi voi lui lei loro"
    ),
    "pt": (
        "o a os as um uma este esta isto isso ele ela eles nós eu você e mas se em com para por "
        "que quem como quando onde não sim também"
    ),
    "nl": (
        "de het een dit dat deze die hij zij ze wij we ik u jij je en maar als dan in op voor met "
        "wat wie waarom hoe waar niet geen ook"
    ),
    "ru": "и но а в на с я мы вы он она они это эти этот что кто как где когда если не нет да все",
}

#: Languages that write ordinals as a number with a stop.
_ORDINALS: Final = _words("de da no fi cs sk hr hu et lv lb is pl tr sl sr bs eu")

#: Codes that share another language's list.
_SAME: Final = {"nb": "no", "nn": "no", "bs": "hr", "sr": "hr", "sl": "hr", "gl": "pt"}


@cache
def abbreviations(language: str | None) -> Abbreviations:
    """The lists for a BCP 47 tag; English for None and ``und``."""
    base = (language or "en").replace("_", "-").split("-")[0].lower()
    if base == "und":
        base = "en"
    key = _SAME.get(base, base)
    return Abbreviations(
        bound=_words(_COMMON_BOUND) | _words(_BOUND.get(key, "")),
        numbered=_words(_COMMON_NUMBERED) | _words(_NUMBERED.get(key, "")),
        closing=_words(_COMMON_CLOSING) | _words(_CLOSING.get(key, "")),
        starters=_words(_STARTERS.get(key, "")),
        ordinals=base in _ORDINALS,
    )
