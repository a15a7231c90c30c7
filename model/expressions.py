"""From the words of a time expression to what they say, before any of it is placed on the calendar.

`parse` gives a small tree: "9 a.m. on the Tuesday after next" is a clock time of a day, and the day a weekday with a
rule for which. `model.placing` gives the tree a place on the calendar. The grammar is one of ordered patterns over
normalised text; whatever it does not know is None, never a guess.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from model.named_days import SAINTS

# --- what an expression can say -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Date:
    """Fields of a date, some of them unsaid (None).

    Attributes:
        year, month, day, weekday: as said; weekday 0 is Monday.
        which: "last", "this", "next" before a weekday or month, "week" for "Friday week", "" for none.
        other: the second number of an ambiguous 03/04: then day and month may be the other way about.
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    which: str = ""
    ambiguous: bool = False


@dataclass(frozen=True)
class In:
    """A date's fields within another time: "March of last year", "Monday of that week", "the 3rd of next month"."""

    inner: Node
    outer: Node


@dataclass(frozen=True)
class Unit:
    """A calendar unit by its place: `which` is last, this, next, that, following, previous, or "" for a bare "the"."""

    unit: str
    which: str
    count: int = 1


@dataclass(frozen=True)
class Offset:
    """`count` units before (negative) or after an anchor.

    That is the DCT, the text's last time (`anchor` "text"), or a node.
    """

    count: Fraction
    unit: str
    anchor: Node | str
    vague: bool = False


@dataclass(frozen=True)
class Part:
    """A part of a day (`MO`, …) of `day`; None is the day in question."""

    part: str
    day: Node | None


@dataclass(frozen=True)
class Clock:
    """A clock time. `zone` is Z, an offset, or the name of an IANA zone; midnight may be a day's begin or its end."""

    hour: int
    minute: int
    zone: str
    day: Node | None
    second: int | None = None
    half_known: bool = True


@dataclass(frozen=True)
class Edge:
    """early, mid, late, start, middle, end, half1 or half2 of something."""

    edge: str
    inner: Node


@dataclass(frozen=True)
class Nth:
    """The nth (or, negative, the nth last) unit of something: "the first week of May"."""

    number: int
    unit: str
    inner: Node | None
    weekday: int | None = None


@dataclass(frozen=True)
class Head:
    """The first so many units of something, or the last (negative): "the first ten days of June"."""

    count: int
    unit: str
    inner: Node


@dataclass(frozen=True)
class Range:
    """From one time to another."""

    first: Node
    second: Node


@dataclass(frozen=True)
class Stretch:
    """A duration beside the DCT, as TIMEX3 writes it."""

    value: str


@dataclass(frozen=True)
class Length:
    """A bare length of time, as in a deadline: "72 hours", "ten working days"."""

    count: Fraction
    unit: str
    working: bool = False
    notice: bool = False
    """Whether it is to pass before something: "ten days ahead", "in advance"."""
    more: bool = False
    """Whether it comes on top of another: "five days more", "a further week"."""


@dataclass(frozen=True)
class Vague:
    """PAST_REF, PRESENT_REF or FUTURE_REF."""

    value: str


@dataclass(frozen=True)
class Season:
    """A season, with a year or with `which`."""

    code: str
    year: int | None = None
    which: str = ""


@dataclass(frozen=True)
class Named:
    """A named day (`model.named_days`), with a year, or with `which`; eve is the day before."""

    name: str
    year: int | None = None
    which: str = ""
    eve: int = 0
    kept: bool = False
    """Whether the name is only a title, of a day that countries keep on dates of their own: "independence day"."""


@dataclass(frozen=True)
class FiscalYearEnd:
    """The last day of a fiscal year, or the first of the next.

    Attributes:
        whose: the country's name or people as it is said, "" where it is not.
        which: "this", "next" and the like, or "".
        begins: whether it is the day on which the next year begins.
    """

    whose: str
    which: str
    begins: bool


@dataclass(frozen=True)
class Whole:
    """A whole decade or century by its first year."""

    unit: str
    year: int


@dataclass(frozen=True)
class Then:
    """ "then", "that date": whatever time the text named last, at least as exact as `unit` if there is one."""

    unit: str = ""


@dataclass(frozen=True)
class Night:
    """The day to which "overnight" belongs: the one before a morning's news, or the coming one."""


@dataclass(frozen=True)
class Impossible:
    """Words that have the form of a date and cannot be one."""

    why: str


Node = (
    Date
    | In
    | Unit
    | Offset
    | Part
    | Clock
    | Edge
    | Nth
    | Head
    | Range
    | Stretch
    | Length
    | Vague
    | Season
    | Named
    | FiscalYearEnd
    | Whole
    | Then
    | Night
    | Impossible
)

# --- words ------------------------------------------------------------------------------------------------------------

_MONTHS = (
    "jan(?:uary)? feb(?:ruary)? mar(?:ch)? apr(?:il)? may june? july? aug(?:ust)? sept?(?:ember)? oct(?:ober)?"
    " nov(?:ember)? dec(?:ember)?"
).split()
_WEEKDAYS = (
    "mon(?:day)? tue(?:s(?:day)?)? wed(?:s|nesday)? thu(?:r(?:s(?:day)?)?)? fri(?:day)? sat(?:urday)? sun(?:day)?"
).split()
MONTH = rf"(?:{'|'.join(_MONTHS)})"
WEEKDAY = rf"(?:{'|'.join(_WEEKDAYS)})"
UNIT = r"(?:minute|hour|day|night|week|weekend|month|quarter|season|year|decade|century|centurie(?=s))"
_YEAR = r"(?:1[0-9]|20)\d\d"
_NUMBER = r"(?:\d{1,6}(?:\.\d{1,3})?|an?|1)"
_DAYNUM = r"(?:[0-3]?\d)(?:st|nd|rd|th)?"

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen"
).split()
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_ORDINALS = {
    word: number
    for number, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
        "fifteenth"
        " sixteenth seventeenth eighteenth nineteenth".split(),
        1,
    )
} | {"twentieth": 20, "thirtieth": 30, "fortieth": 40, "fiftieth": 50, "sixtieth": 60, "ninetieth": 90}

_SEASON_CODES = {"spring": "SP", "summer": "SU", "autumn": "FA", "fall": "FA", "winter": "WI"}
_SEASON = r"(?:(?:northern |southern |austral |boreal )?(?:spring|summer|autumn|fall|winter))"

_PART_WORDS = {
    "morning": "MO", "dawn": "MO", "daybreak": "MO", "sunrise": "MO", "first light": "MO", "1th light": "MO",
    "dawn prayer": "MO", "early hours": "MO",
    "early morning": "MO", "breakfast": "MO", "forenoon": "MO", "breakfast time": "MO",
    "midday": "MI", "lunchtime": "MI", "lunch": "MI",
    "afternoon": "AF", "teatime": "AF",
    "evening prayer": "EV", "evening prayers": "EV", "sunset prayer": "EV", "sunset prayers": "EV", "vespers": "EV",
    "evening angelus": "EV",
    "evening": "EV", "dusk": "EV", "sunset": "EV", "sundown": "EV", "dinner": "EV",
    "night": "NI", "nightfall": "NI", "small hours": "NI", "overnight": "NI", "nighttime": "NI", "dark": "NI",
}  # fmt: skip
_PART = rf"(?:{'|'.join(sorted(_PART_WORDS, key=len, reverse=True))})"

_EDGES = {
    "early": "early", "early in": "early", "early on": "early", "late": "late", "late in": "late", "late on": "late",
    "mid": "mid", "mid-": "mid",
    "beginning of": "start", "start of": "start", "opening of": "start", "opening days of": "start",
    "first days of": "start", "first weeks of": "start", "first months of": "start", "opening of the": "start",
    "early days of": "start",
    "early part of": "early", "beginning": "start", "start": "start", "outset of": "start", "turn of": "start",
    "opening weeks of": "start", "opening months of": "start",
    "middle of": "middle", "midpoint of": "middle", "end of": "end", "end": "end", "close of": "end",
    "closing days of": "end", "last days of": "end",
    "final days of": "end", "final weeks of": "end", "last weeks of": "end", "last months of": "end",
    "final months of": "end", "late part of": "late", "latter part of": "late", "tail end of": "end",
    "very end of": "end", "dying days of": "end",
    "second half of": "half2", "latter half of": "half2", "first half of": "half1", "first part of": "half1",
    "second part of": "half2",
    "early to mid": "early", "mid- to late": "late", "mid to late": "late", "early or mid": "early", "later in": "late",
    "earlier in": "early", "rest of": "end", "remainder of": "end", "whole of": "", "course of": "", "all of": "",
    "height of": "",
}  # fmt: skip
_EDGES |= {re.sub(r"\bfirst\b", "1th", re.sub(r"\bsecond\b", "2th", key)): edge for key, edge in _EDGES.items()}
_EDGE = re.compile(rf"({'|'.join(sorted(map(re.escape, _EDGES), key=len, reverse=True))})(?:[ -]|(?<=-))(?:the )?(.+)")

_ZONE_WORDS = {
    "gmt": "Z", "utc": "Z", "zulu": "Z", "z": "Z", "ut": "Z", "greenwich mean time": "Z", "greenwich": "Z",
    "greenwich time": "Z", "universal time": "Z",
    "cet": "+01:00", "cest": "+02:00", "bst": "+01:00", "eet": "+02:00", "eest": "+03:00", "wet": "Z", "west": "+01:00",
    "msk": "+03:00",
    "est": "-05:00", "edt": "-04:00", "mst": "-07:00", "mdt": "-06:00", "pst": "-08:00", "pdt": "-07:00",
    "cdt": "-05:00",
    "jst": "+09:00", "kst": "+09:00", "hkt": "+08:00", "sgt": "+08:00", "pkt": "+05:00", "eat": "+03:00",
    "wat": "+01:00", "cat": "+02:00", "sast": "+02:00",
    "aest": "+10:00", "aedt": "+11:00", "acst": "+09:30", "awst": "+08:00", "nzst": "+12:00", "nzdt": "+13:00",
    "trt": "+03:00", "brt": "-03:00",
    "central european time": "+01:00", "central european summer time": "+02:00", "british summer time": "+01:00",
    "eastern time": "America/New_York", "eastern": "America/New_York", "et": "America/New_York",
    "eastern standard time": "-05:00",
    "eastern daylight time": "-04:00", "pacific time": "America/Los_Angeles", "pt": "America/Los_Angeles",
    "mountain time": "America/Denver", "central time": "America/Chicago",
}  # fmt: skip
_CITIES = {
    "kyiv": "Europe/Kyiv", "kiev": "Europe/Kyiv", "beijing": "Asia/Shanghai", "washington": "America/New_York",
    "geneva": "Europe/Zurich",
    "ankara": "Europe/Istanbul", "delhi": "Asia/Kolkata", "new delhi": "Asia/Kolkata", "mumbai": "Asia/Kolkata",
    "islamabad": "Asia/Karachi",
    "abuja": "Africa/Lagos", "canberra": "Australia/Sydney", "wellington": "Pacific/Auckland",
    "pretoria": "Africa/Johannesburg",
    "the hague": "Europe/Amsterdam", "hague": "Europe/Amsterdam", "tel aviv": "Asia/Jerusalem",
    "ottawa": "America/Toronto", "brasilia": "America/Sao_Paulo",
    "hanoi": "Asia/Bangkok", "st petersburg": "Europe/Moscow", "st. petersburg": "Europe/Moscow",
    "bonn": "Europe/Berlin", "milan": "Europe/Rome", "aden": "Asia/Aden", "sanaa": "Asia/Aden",
    "new york": "America/New_York", "ny": "America/New_York",
    "paris": "Europe/Paris", "israel": "Asia/Jerusalem", "japan": "Asia/Tokyo",
    "india": "Asia/Kolkata", "indian": "Asia/Kolkata", "pakistan": "Asia/Karachi", "swiss": "Europe/Zurich",
    "german": "Europe/Berlin", "french": "Europe/Paris", "japanese": "Asia/Tokyo", "israeli": "Asia/Jerusalem",
    "turkish": "Europe/Istanbul", "abu dhabi": "Asia/Dubai", "suva": "Pacific/Fiji",
    "doha": "Asia/Qatar", "qatar": "Asia/Qatar", "jeddah": "Asia/Riyadh", "mecca": "Asia/Riyadh",
    "basra": "Asia/Baghdad", "mosul": "Asia/Baghdad", "lahore": "Asia/Karachi",
    "ramallah": "Asia/Hebron", "bern": "Europe/Zurich", "berne": "Europe/Zurich", "munich": "Europe/Berlin",
    "frankfurt": "Europe/Berlin", "hamburg": "Europe/Berlin", "barcelona": "Europe/Madrid",
    "naypyidaw": "Asia/Yangon", "brasília": "America/Sao_Paulo", "kuwait city": "Asia/Kuwait", "muscat": "Asia/Muscat",
    "nepal": "Asia/Kathmandu", "iraq": "Asia/Baghdad", "iraqi": "Asia/Baghdad", "iran": "Asia/Tehran",
    "iranian": "Asia/Tehran", "korea": "Asia/Seoul", "korean": "Asia/Seoul", "south korean": "Asia/Seoul",
    "china": "Asia/Shanghai", "chinese": "Asia/Shanghai", "taiwan": "Asia/Taipei", "egyptian": "Africa/Cairo",
    "egypt": "Africa/Cairo", "saudi": "Asia/Riyadh", "kuwaiti": "Asia/Kuwait", "pakistani": "Asia/Karachi",
    "bangladesh": "Asia/Dhaka", "sri lanka": "Asia/Colombo", "thai": "Asia/Bangkok", "thailand": "Asia/Bangkok",
    "vietnam": "Asia/Bangkok", "philippine": "Asia/Manila", "kenya": "Africa/Nairobi", "kenyan": "Africa/Nairobi",
    "south african": "Africa/Johannesburg", "nigerian": "Africa/Lagos", "ethiopian": "Africa/Addis_Ababa",
    "germany": "Europe/Berlin", "france": "Europe/Paris", "italian": "Europe/Rome", "polish": "Europe/Warsaw",
    "ukrainian": "Europe/Kyiv", "ukraine": "Europe/Kyiv", "greek": "Europe/Athens", "irish": "Europe/Dublin",
    "british": "Europe/London", "uk": "Europe/London", "belgian": "Europe/Brussels", "finnish": "Europe/Helsinki",
    "fiji": "Pacific/Fiji", "tonga": "Pacific/Tongatapu", "samoa": "Pacific/Apia", "afghan": "Asia/Kabul",
    "yemen": "Asia/Aden", "syria": "Asia/Damascus", "lebanon": "Asia/Beirut", "turkey": "Europe/Istanbul",
    "philippines": "Asia/Manila", "nigeria": "Africa/Lagos", "ethiopia": "Africa/Addis_Ababa",
    "sudan": "Africa/Khartoum", "poland": "Europe/Warsaw", "greece": "Europe/Athens", "libya": "Africa/Tripoli",
    "libyan": "Africa/Tripoli", "jordan": "Asia/Amman", "jordanian": "Asia/Amman", "cyprus": "Asia/Nicosia",
    "armenia": "Asia/Yerevan", "azerbaijan": "Asia/Baku", "venezuela": "America/Caracas",
    "venezuelan": "America/Caracas", "cuba": "America/Havana", "cuban": "America/Havana",
    "colombia": "America/Bogota", "peru": "America/Lima", "moroccan": "Africa/Casablanca",
    "afghanistan": "Asia/Kabul", "syrian": "Asia/Damascus", "lebanese": "Asia/Beirut", "yemeni": "Asia/Aden",
    "nuku'alofa": "Pacific/Tongatapu", "honiara": "Pacific/Guadalcanal", "thimphu": "Asia/Thimphu",
    "male": "Indian/Maldives", "panama": "America/Panama",
    "colombo": "Asia/Colombo", "kathmandu": "Asia/Kathmandu", "dhaka": "Asia/Dhaka",
}  # fmt: skip

_NAMED_DAYS: tuple[tuple[str, str], ...] = (
    (r"new year'?s eve|silvester|sylvester|old year'?s (?:night|day)", "new year eve"),
    (r"new year'?s(?: day)?|the new year|new year", "new year"),
    (r"(?:christmas|xmas) eve", "christmas eve"),
    (r"orthodox christmas(?: day)?", "orthodox christmas"), (r"christmas(?: day)?|xmas", "christmas"),
    (r"boxing day", "boxing day"),
    (r"orthodox good friday", "orthodox good friday"), (r"orthodox pentecost", "orthodox pentecost"),
    (r"orthodox palm sunday", "orthodox palm sunday"),
    (r"orthodox easter(?: sunday)?", "orthodox easter"), (r"easter monday", "easter monday"),
    (r"easter tuesday", "easter tuesday"),
    (r"easter(?: sunday)?", "easter"), (r"good friday", "good friday"),
    (r"palm sunday", "palm sunday"), (r"maundy thursday|holy thursday", "maundy thursday"),
    (r"ash wednesday", "ash wednesday"), (r"pentecost|whit sunday|whitsun", "pentecost"),
    (r"ascension(?: day)?|(?:the )?feast of the ascension", "ascension"),
    (r"(?:shrove|carnival) tuesday|mardi gras|(?:the )?(?:end of )?carnival", "shrove tuesday"),
    (r"(?:shrove|carnival) monday|rosenmontag", "carnival monday"), (r"holy saturday|easter saturday", "holy saturday"),
    (r"corpus christi", "corpus christi"),
    *(
        (
            rf"(?:(?:the )?(?:feast |day |feast day )of )?(?:st\.?|saint|san) {saint}(?:'?s?'?)(?: day| fair)?",
            f"st {saint}",
        )
        for saint in SAINTS
    ),
    *(
        (rf"(?:the )?{number}(?:st|nd|rd|th) sunday (?:of|in) advent", f"advent {number}")
        for number in range(1, 5)
    ),
    (r"(?:the )?(?:(?:feast |day )of )?(?:the )?(?:virgin|our lady) of guadalupe", "guadalupe"),
    (r"(?:the )?day of the sun", "day of the sun"), (r"(?:the )?day of the shining star", "shining star"),
    (r"(?:the )?(?:feast of )?(?:the )?(?:holy )?trinity(?: sunday)?", "trinity"),
    (r"midsummer(?:'s)? day|(?:st\.?|saint) john the baptist(?:'s)?(?: day)?|saint-jean-baptiste(?: day)?", "st john"),
    (r"martinmas", "st martin"), (r"victoria day", "victoria day"), (r"world environment day", "environment day"),
    (r"(?:the )?summer solstice", "summer solstice"), (r"(?:the )?winter solstice", "winter solstice"),
    (r"(?:(?:the )?feast of )?(?:(?:sts?\.?|saints) )?peter and paul(?:'s day)?", "peter and paul"),
    (r"lady day|(?:the )?(?:feast of the )?annunciation", "lady day"),
    (r"(?:the )?(?:feast of the )?immaculate conception", "immaculate conception"),
    (r"bonfire night|guy fawkes(?:' night| night| day)?", "bonfire night"), (r"king'?s day", "kings day"),
    (r"queen'?s day", "queens day"), (r"(?:the )?(?:bon|obon)", "bon"), (r"africa day", "africa day"),
    (r"vidovdan", "vidovdan"),
    (r"(?:the )?(?:mid-autumn|moon)", "mid-autumn"), (r"(?:the )?dragon boat", "dragon boat"),
    (r"double ninth", "double ninth"),
    (r"(?:the )?(?:mawlid|mouloud|milad|prophet'?s birthday)(?: al-nabi)?", "mawlid"),
    (r"(?:the )?(?:islamic|hijri|muslim) new year", "islamic new year"),
    (r"arba'?(?:een|in)(?: pilgrimage)?", "arbaeen"),
    (r"(?:the )?(?:feast of )?(?:sukkot|tabernacles)", "sukkot"), (r"shavuot|(?:the )?feast of weeks", "shavuot"),
    (r"purim", "purim"), (r"hanukkah|chanukah", "hanukkah"),
    (r"remembrance sunday", "remembrance sunday"), (r"canadian thanksgiving", "canadian thanksgiving"),
    (r"(?:the )?(?:feast of the )?assumption(?: day)?", "assumption"),
    (r"epiphany", "epiphany"), (r"all saints'? day|all saints", "all saints"),
    (r"valentine'?s day", "valentine"), (r"world aids day", "aids day"),
    (r"whit monday", "whit monday"), (r"world press freedom day", "press freedom day"), (r"earth day", "earth day"),
    (r"holocaust (?:memorial|remembrance) day", "holocaust day"),
    (r"all souls'?(?: day)?|(?:the )?day of the dead", "all souls"),
    (r"twelfth night", "twelfth night"), (r"candlemas", "candlemas"),
    (r"michaelmas", "michaelmas"),
    (r"labor day", "us labor day"), (r"labour day", "labour day"), (r"may day", "may day"),
    (r"thanksgiving(?: day)?", "thanksgiving"),
    (r"memorial day", "memorial day"), (r"veterans day", "veterans day"),
    (r"armistice day|remembrance day", "armistice day"),
    (r"liberation day", "liberation day"), (r"bastille day", "bastille day"), (r"anzac day", "anzac day"),
    (r"australia day", "australia day"), (r"waitangi day", "waitangi day"), (r"canada day", "canada day"),
    (r"victory day", "victory day"), (r"europe day", "europe day"),
    (r"martin luther king(?: jr\.?)? day", "mlk day"), (r"presidents'? day", "presidents day"),
    (r"columbus day", "columbus day"), (r"juneteenth", "juneteenth"), (r"halloween", "halloween"),
    (r"april fool'?s'?(?: day)?", "april fools"),
    (r"the fourth of july|july fourth", "us independence"),
    (r"human rights day", "human rights day"), (r"international women'?s day|women'?s day", "womens day"),
    (r"world refugee day", "refugee day"), (r"united nations day|un day", "un day"),
    (r"(?:the )?lunar new year(?:'?s day| holiday)?|chinese new year|spring festival|tet", "lunar new year"),
    (
        r"(?:the )?(?:feast of )?"
        r"(?:eid al-fitr|eid ul-fitr|eid-ul-fitr|idul fitri|hari raya puasa|lebaran|korite"
        r"|eid el-fitr|eid-el-fitr|aid el-fitr|aid al-fitr|fitr)",
        "eid al-fitr",
    ),
    (
        r"(?:the )?(?:feast of )?(?:eid al-adha|eid ul-adha|eid-ul-azha|eid ul-azha|tabaski|hari raya haji"
        r"|kurban bayrami|kurban bayram|eid el-adha|eid-el-kabir|aid el-kebir|aid al-adha|the feast of the sacrifice"
        r"|(?:the )?sacrifice)",
        "eid al-adha",
    ),
    (
        r"(?:the )?(?:start |beginning |advent |first day |1th day |1th )?(?:of )?(?:the )?"
        r"(?:holy month of |fasting month of |month of )?ramadan",
        "ramadan",
    ),
    (r"(?:the )?eid", "eid al-fitr"), (r"naadam", "naadam"),
    (r"ashura", "ashura"), (r"nowruz|navruz|nauryz|norouz|novruz|newroz", "nowruz"), (r"diwali|deepavali", "diwali"),
    (r"vesak|buddha purnima", "vesak"),
    (r"rosh hashanah|(?:the )?high holidays", "rosh hashanah"), (r"yom kippur", "yom kippur"),
    (r"passover|pesach", "passover"),
    (r"chuseok", "chuseok"), (r"(?:the )?qingming(?: festival)?|tomb-sweeping(?: day)?", "qingming"),
    (r"lao new year|pi mai", "lao new year"), (r"thingyan|songkran", "thingyan"),
)  # fmt: skip
_NAMED = re.compile(rf"(?:the )?({'|'.join(f'(?P<n{i}>{pattern})' for i, (pattern, _) in enumerate(_NAMED_DAYS))})")


def month_number(word: str) -> int:
    """1 to 12 for a month's name or abbreviation, lower case."""
    return next(i for i, pattern in enumerate(_MONTHS, 1) if re.fullmatch(pattern, word))


def weekday_number(word: str) -> int:
    """0 (Monday) to 6 for a weekday's name or abbreviation, lower case."""
    return next(i for i, pattern in enumerate(_WEEKDAYS) if re.fullmatch(pattern, word))


# --- normalisation ----------------------------------------------------------------------------------------------------


_SHORT_PARTS = {"am": "morning", "pm": "afternoon", "aft": "afternoon", "eve": "evening"}
_TYPED = {"2day": "today", "tmrw": "tomorrow", "tmw": "tomorrow", "2morrow": "tomorrow", "2nite": "tonight",
          "yday": "yesterday", "wk": "week"}  # fmt: skip
_A_DAY_AT_END = re.compile(rf"\b(?:{WEEKDAY}|{MONTH}|today|tomorrow|yesterday|(?:[0-3]?\d)(?:st|nd|rd|th)?)$")
_ROMAN = "i ii iii iv v vi vii viii ix x xi xii".split()


_QUOTED_LINE = re.compile(r"\n[>|][>| ]*")
"""How a mail begins the lines of the one that it answers."""

_QUOTE_AT_EDGE = re.compile(r"^'(?!\d\d\b)|'$")


def _clock_behind(match: re.Match[str]) -> str:
    """ "7 august 2014 1800", "17 march 0600": a time of day behind a date; but "17 march 1998" is a year."""
    if not match[1].isdigit() and not match[2].startswith("0"):
        return match[0]
    return f"{match[1]} at {match[2]}:{match[3]}"


def _join_tens(match: re.Match[str]) -> str:
    return f"{int(match[1]) + int(match[2])}{match[3] or ''}" if match[2] != "0" else match[0]


class _Rewrite(NamedTuple):
    """One step of normalisation.

    Attributes:
        hint: stands in every text that the pattern matches; most steps are passed over by looking for it alone.
        pattern: what is replaced.
        new: by what.
    """

    hint: str
    pattern: re.Pattern[str]
    new: str | Callable[[re.Match[str]], str]


def _rewrites(*steps: tuple[str, str] | tuple[str, str, str | Callable[[re.Match[str]], str]]) -> tuple[_Rewrite, ...]:
    """Steps in their order, each as hint, pattern and replacement, or as plain text and its replacement."""
    return tuple(
        _Rewrite(step[0], re.compile(step[1]), step[2])
        if len(step) == 3
        else _Rewrite(step[0], re.compile(re.escape(step[0])), step[1])
        for step in steps
    )


_SPELLING = _rewrites(
    ("\u2019", "'"), ("\u2018", "'"), ("\u2013", "-"), ("\u2014", "-"), ("\u2012", "-"), ("\u2011", "-"),
    ("\u2212", "-"),
    ("m", r"\b([ap])\.? ?m\b\.?", r"\1m"),
    ("m", r"(?<=\d)([ap])m\b", r" \1m"),
    (":", r"(?<=\d:\d\d)([ap])\b", r" \1m"),
    (".", rf"\b({MONTH}|{WEEKDAY})\.(?=\d)", r"\1 "),
    (".", rf"\b({MONTH}|{WEEKDAY})\.", r"\1"),
    ("", r"\b(\d{4})([./])(\d\d)\2(\d\d)\b", r"\1-\3-\4"),
    ("-", r"\b(\d{1,2}\.\d{1,2}\.) ?- ?(\d{1,2}\.\d{1,2}\.)(\d{4})\b", r"\1\3 to \2\3"),
    (".", r"\b([a-z])\.([a-z])\.([a-z])\.?", r"\1\2\3"),  # g.m.t.
    ("", rf"\b(\d{{1,2}})({MONTH}) ?(\d\d(?:\d\d)?)\b", r"\1 \2 \3"),  # 14oct88
    (",", r"(?<!\d),|,(?!\d{3}\b)|,(?=\s)", " "),
    (",", r"(?<=\d),(?=\d{3}\b)", ""),
    ("", rf"\b({WEEKDAY}|\d{{1,2}} {MONTH}|{MONTH} \d{{1,2}}) (am|pm|aft|eve)\b\.?$",
     lambda m: f"{m[1]} {_SHORT_PARTS[m[2]]}"),
    ("forenoon", "morning"), ("sunup", "dawn"),
    ("d", r"\b([23])d\b(?= of|$)", lambda m: m[1] + {"2": "nd", "3": "rd"}[m[1]]),
    ("", rf"\b(?:{'|'.join(_TYPED)})\b", lambda m: _TYPED[m[0]]),
    ("", r"\b(\d{1,2})[.\-/]? ?(i{1,3}|iv|vi{0,3}|ix|xi{0,2})[.\-/]? ?((?:\d\d)?\d\d)\b",
     lambda m: f"{m[1]}.{_ROMAN.index(m[2]) + 1}.{m[3]}"),
    ("m (", r"(?<= [ap]m) \(([a-z]+)\)", r" \1 time"),  # "5 p.m. (Ottawa)"
    ("", r"[\"“”()\[\]]", " "),
    (". ", r"\b(\d{1,2})\. (\d{1,2})\. (\d{4})\b", r"\1.\2.\3"),
    ("the week-end", "the weekend"),
    ("week", r"\bmid-?week\b", "the middle of the week"),
    ("end", r"\b(?:the )?(year|month|week|quarter|decade)(?:'s |-| )end\b"
     r"|\bend-of-(?:the-)?(year|month|week|quarter)\b", lambda m: f"the end of the {m[1] or m[2]}"),
)  # fmt: skip

_UNSCANNED = _rewrites(
    ("ty- ", r"(?<=ty)- (?=[a-z])", "-"),  # "twenty-", "first" on the next line
    ("- ", r"(?<=[a-z])- (?=[a-z])", ""),
    ("", r"\b[li](?=\d)|(?<=\d)l(?=\d|\b)|\bl(?=st\b)", "1"),
    ("o", r"(?<=\d)o(?=\d|th\b| |$)|(?<=\d[.:])o(?=\d)", "0"),
    ("1", r"\b1(?=a(?:st|te)\b)|(?<=[a-z])1(?=[a-z]|\b)(?<!q1)(?<!h1)", "l"),
    ("0ct", r"\b0(?=ct)", "o"),
    ("rnber", "mber"), ("rnidnight", "midnight"), ("rnorning", "morning"), ("srnall", "small"),
    ("yesterdav", "yesterday"),
    ("tbe", r"\btbe\b", "the"),
)  # fmt: skip
"""What optical character recognition commonly gets wrong in dates, put right: l for 1, rn for m, b for h, hyphens of
broken lines.
"""

_WORDING = _rewrites(
    ("", r"^(?:an?|the) (.+?) (?:deadline|limit|cut-off|cutoff|ultimatum|target)$", r"\1"),
    ("stroke of ", r"\b(?:the )?stroke of (?=\w)", ""),
    ("'s", r"(?<=[a-z])'s$", ""),
    ("to-", r"\bto-(day|morrow|night)\b", r"to\1"),
    ("'s ", rf"^((?:[a-z]+ )*?)({WEEKDAY})'s (noon|midnight)$", r"\1\3 on \2"),
    ("last evening", "yesterday evening"), ("this coming weekend", "this weekend"),
    ("calendar ", r"\b(?:calendar|current calendar) (?=year)", ""),
    ("end-of-", rf"\bend-of-(?={MONTH}\b)", "the end of "),
    ("of the current ", r"\bof the current (?=year|month)", "of this "),
    ("the month of ", rf"\bthe month of (?={MONTH}\b)", ""),
    (" is ", r"^(?:the )?(day|week|month|year) is (?:out|over|done)$", r"the end of the \1"),
    ("prox", r"\bprox\.?$", "of next month"),
    ("ult", r"\bult\.?$", "of last month"),
    ("inst", r"\binst\.?$", "of this month"),
    ("midafternoon", "mid-afternoon"), ("midmorning", "mid-morning"), ("hallowe'en", "halloween"),
    ("", r"\b(?:the )?(?:close|end) of (?:business|play|trading|the (?:working |business )?day)(?: hours)?"
     r"(?: in [a-z]+(?= (?:to|on|next|mon|tue|wed|thu|fri|sat|sun)))?(?= [a-z0-9])"
     r"(?: (?:on|of))?|\bcob\b(?: on)?", ""),
    (" of ", r"(?<=\w)\s+(?:at )?(?:the )?(?:close|end) of (?:business|play|trading)$",
     lambda m: "" if _A_DAY_AT_END.search(m.string[: m.start()]) else m[0]),
    ("at least ", rf"\bat least (?=\d|noon|midnight|{MONTH}\b|{WEEKDAY}\b|the )", ""),
    ("", r"\b(?:shortly|just|soon|a little|well|not long|some time|immediately|moments) (?:after|before|past) (?=\w)",
     ""),
    (" at ", r" at ([01]\d|2[0-3])([0-5]\d)$", r" at \1:\2"),
    (".", r"^(\d{1,2})\.(\d{1,2})\.$|^(\d{1,2})\.(\d)$", lambda m: f"{m[1] or m[3]}/{m[2] or m[4]}"),
)  # fmt: skip

_HOURS = _rewrites(
    # A number in letters is an hour, not a day: "8 November, five in the afternoon".
    (" in the ", rf"\b({'|'.join(_SMALL[1:13])})(?= in the (?:morning|afternoon|evening)\b)", r"\1 o'clock"),
)  # fmt: skip

_COUNTS = _rewrites(
    ("0 ", r"\b(\d0) (\d)(th)?\b(?! (?:hundred|thousand|am|pm))", _join_tens),
    (" hundred h", r"\b(\d{1,2}) hundred (?:hours|hrs)\b", r"\1:00"),
    (" hundred ", r"\b(\d{1,2}) hundred (?=today|tonight|tomorrow|on )", r"\1:00 "),
    (" hours", r"\bat (\d{1,2}) hours$", r"at \1:00"),
    (" hours ",
     rf"(?:^|(?<=^by )|(?<=^until )|(?<=^before ))(1[3-9]|2[0-3]) hours (?=on (?:{WEEKDAY}|the|\d)|today|tomorrow)",
     r"\1:00 "),
    (" in the ", r"^((?:by|until|till|before|to|about|around) )?(1[0-2]|[1-9]) in the (morning|afternoon|evening)\b",
     r"\1\2 o'clock in the \3"),
    (" on ", rf"^(\d{{1,2}}) (?=on {WEEKDAY}\b)", r"\1 o'clock "),
    (" quarters of an hour", r"\b(?:3|three) quarters of an hour\b", "45 minutes"),
    (" quarter of an hour", r"\b(?:a|1) quarter of an hour\b", "15 minutes"),
    (" minutes ", r"\b(\d{1,2}) hours (\d{2}) minutes (?=on |of )", r"\1:\2 "),
    ("", rf"^([01]\d|2[0-3])([0-5]\d) (?={WEEKDAY}|today|yesterday|tomorrow)", r"\1:\2 "),
    (" hundred", r"\b(1\d|20) hundred(?: and)? (\d{1,2})\b", lambda m: f"{m[1]}{int(m[2]):02d}"),
    ("2 thousand", r"\b2 thousand(?: and)? (\d{1,2})\b", lambda m: f"20{int(m[1]):02d}"),
    ("", r"\b(1[0-8]) ([6-9]\d)\b", r"\1\2"),  # "seventeen eighty-nine"; to 59 it may be a clock
    (" day of ", rf"\b(\d{{1,2}}th|1st|2nd|3rd) day of (?={MONTH}\b)", r"\1 "),
    (" at ", r" at (\d{1,2})$", r" at \1 o'clock"),
    ("", rf"\b((?:19|20)\d\d|\d{{1,2}} {MONTH}) ([01]\d|2[0-3])([0-5]\d)$", _clock_behind),
    ("", r"\b(19|20) ([1-9]\d)\b", r"\1\2"),
    (" in the ", r"\bat (\d{1,2}) in the (morning|afternoon|evening)\b", r"at \1 o'clock in the \2"),
    (" quarter ", r"\b(\d+) and (?:a|1) quarter (?=\w+s\b)", r"\1.25 "),
    (" quarter", r"\b(?:an?|1) (hour|year|month) and (?:a|1) quarter\b", r"1.25 \1s"),
    (" quarters", r"\b(?:an?|1) (hour|year|month) and (?:3|three) quarters\b", r"1.75 \1s"),
    (" hundred", r"\b(?:a|1) hundred(?: and)?(?: (\d{1,2}))?\b", lambda m: str(100 + int(m[1] or 0))),
    (" hundred", r"\b(\d) hundred\b", r"\g<1>00"),
    ("a 12", r"\ba 12\b", "12"),
    (" couple", r"\b(?:a|1) couple(?: of)? ", "2 "),
    ("fortnight", r"\b(?:a|1)? ?fortnight'?s?\b", lambda m: " 2 weeks" if m[0][0] == " " else "2 weeks"),
    ("", r"\b(\d+)(?: and (?:a|1) half| 1/2|½) ", r"\1.5 "),
    (" half", r"\b(?:an?|1) (year|month|week|day|hour|decade) and (?:a|1) half\b", r"1.5 \1s"),
    ("half ", r"\bhalf (?:a|1)n? (year|month|week|day|hour|decade)\b", r"0.5 \1s"),
    (" century", r"\bhalf (?:a|1) century\b", "5 decades"),
    ("half-year", r"\bhalf-year\b", "half"),
    (" 2 weeks ", r"\b(1th|last|final|2th) 2 weeks (?=of|in)", r"\1 14 days "),
    (" h", r"\b([01]\d|2[0-3])([0-5]\d) (to|-) ([01]\d|2[0-3])([0-5]\d)(?: hours| hrs)$", r"\1:\2 \3 \4:\5"),
    (" to ", r"\b(\d+) to (\d+) (?=(?:working |business )?(?:hour|day|week|month|year)s?$)", r"\2 "),
    (" or ", r"\b(\d+) or (\d+) (?=hour|day|week|month|year)", r"\2 "),
    ("-", r"\b(\d+)-(hour|day|week|month|year)\b", r"\1 \2"),
)  # fmt: skip


def _rewritten(text: str, steps: tuple[_Rewrite, ...]) -> str:
    for hint, pattern, new in steps:
        if hint in text:
            text = pattern.sub(new, text)
    return text


@lru_cache(maxsize=8192)
def normalise(text: str) -> str:
    """Lower case, plain quotes, hyphens and spaces, number words as figures, no commas, no dots of abbreviation."""
    text = " ".join(_QUOTED_LINE.sub("\n", text).lower().split())
    for steps in (_SPELLING, _UNSCANNED, _WORDING):
        text = _rewritten(text, steps)
    text = " ".join(text.split()).strip(" .;:!?-")
    text = _QUOTE_AT_EDGE.sub("", text)
    text = " ".join(word for one in _rewritten(text, _HOURS).split(" ") for word in _figures(one))
    return " ".join(_rewritten(text, _COUNTS).split())


def _figures(word: str) -> list[str]:
    """A number word as a figure; other words as they are."""
    head, hyphen, tail = word.partition("-")
    if word in _SMALL:
        return [str(_SMALL.index(word))]
    if word in _TENS:
        return [str(_TENS[word])]
    if word == "dozen":
        return ["12"]
    if word in _ORDINALS:
        return [f"{_ORDINALS[word]}th"]
    if not hyphen:
        return [word]
    if head in _TENS and tail in _SMALL[1:10]:
        return [str(_TENS[head] + _SMALL.index(tail))]
    if head in _TENS and tail in _ORDINALS:
        return [f"{_TENS[head] + _ORDINALS[tail]}th"]
    if head in _SMALL[1:13] and (tail in _TENS or tail in _SMALL[10:]):
        return [f"{_SMALL.index(head)}:{_TENS[tail] if tail in _TENS else _SMALL.index(tail)}"]
    if head == "mid" and tail in _ORDINALS:
        return [f"mid-{_ORDINALS[tail]}th"]
    if head in _SMALL[10:] and f"{tail[:-3]}y" in _TENS and tail.endswith("ies"):
        return [f"{_SMALL.index(head)}{_TENS[tail[:-3] + 'y']}s"]
    if head in _SMALL and tail in ("day", "week", "month", "hour", "year"):
        return [str(_SMALL.index(head)), tail]
    return [word]


# --- the grammar ------------------------------------------------------------------------------------------------------

_LEADING = re.compile(
    r"(?:(?:on|in|at|during|since|from|of|over|for|around|about|approximately|approx|roughly|nearly|almost|close to"
    r"|circa|exactly|just|only|shortly|sometime|some time|some|well|as|holy"
    r"|as early as|as late as|as recently as|as soon as|the|all|whole|entire|later|earlier|further|both|precisely|sharp"
    r"|very) )+"
)


@lru_cache(maxsize=8192)
def parse(text: str) -> Node | None:
    """What normalised words say, or None if they say nothing known. Long input is not read: no date is that long."""
    text = text.strip(" .;:-")
    if not text or len(text) > 160:
        return None
    for rule in _RULES:
        node = rule(text)
        if node is not None:
            return node
    stripped = _LEADING.sub("", text, count=1)
    if stripped != text and (node := parse(stripped)) is not None:
        return node
    if (node := _range(text)) is not None:
        return node
    trimmed = re.sub(
        r" (?:or so|or thereabouts|at the latest|latest|sharp|itself|alone|onwards?|on|now|already|inclusive|exactly"
        r"|as well|too)$",
        "",
        text,
    )
    return parse(trimmed) if trimmed != text else None


def _number(word: str) -> Fraction:
    return Fraction(1) if word in ("a", "an") else Fraction(word)


def _unit(word: str) -> str:
    word = re.sub(r"'?s?'?$", "", word) if word not in ("century",) else word
    return {"centurie": "century", "night": "day", "session": "day"}.get(word, word)


_FIXED: dict[str, Node] = {
    "holy week": In(Unit("week", ""), Named("easter")),
    "easter week": In(Unit("week", ""), Named("easter")),
    "the close of business": Offset(Fraction(0), "day", "dct"),
    "close of business": Offset(Fraction(0), "day", "dct"),
    "end of business": Offset(Fraction(0), "day", "dct"),
    "end of the day": Offset(Fraction(0), "day", "dct"),
    "close of the day": Offset(Fraction(0), "day", "dct"),
    "close of that day": Then("day"),
    "evening before": Part("EV", Offset(Fraction(-1), "day", "text")),
    "morning after": Part("MO", Offset(Fraction(1), "day", "text")),
    "following noon": Clock(12, 0, "", Offset(Fraction(1), "day", "text")),
    "next noon": Clock(12, 0, "", Offset(Fraction(1), "day", "text")),
    "these days": Vague("PRESENT_REF"),
    "this day and age": Vague("PRESENT_REF"),
    "other day": Vague("PAST_REF"),
    "other night": Vague("PAST_REF"),
    "other week": Vague("PAST_REF"),
    "years past": Vague("PAST_REF"),
    "times past": Vague("PAST_REF"),
    "near future": Vague("FUTURE_REF"),
    "not too distant future": Vague("FUTURE_REF"),
    "not-too-distant future": Vague("FUTURE_REF"),
    "immediate future": Vague("FUTURE_REF"),
    "foreseeable future": Vague("FUTURE_REF"),
    "later in the day": Then("day"),
    "later that day": Then("day"),
    "earlier in the day": Then("day"),
    "turn of the year": Edge("end", Unit("year", "this")),
    "later": Offset(Fraction(0), "day", "text", vague=True),
    "that hour": Then("clock"),
    "same hour": Then("clock"),
    "aforesaid hour": Then("clock"),
    "today": Offset(Fraction(0), "day", "dct"),
    "this day": Offset(Fraction(0), "day", "dct"),
    "this very day": Offset(Fraction(0), "day", "dct"),
    "yesterday": Offset(Fraction(-1), "day", "dct"),
    "tomorrow": Offset(Fraction(1), "day", "dct"),
    "day before yesterday": Offset(Fraction(-2), "day", "dct"),
    "day after tomorrow": Offset(Fraction(2), "day", "dct"),
    "tonight": Part("NI", Offset(Fraction(0), "day", "dct")),
    "this night": Part("NI", Offset(Fraction(0), "day", "dct")),
    "last night": Part("NI", Offset(Fraction(-1), "day", "dct")),
    "the night before last": Part("NI", Offset(Fraction(-2), "day", "dct")),
    "night before last": Part("NI", Offset(Fraction(-2), "day", "dct")),
    "this lunchtime": Part("MI", Offset(Fraction(0), "day", "dct")),
    "then": Then(),
    "that time": Then(),
    "that date": Then("day"),
    "those dates": Then(),
    "the date": Then("day"),
    "same date": Then("day"),
    "that moment": Then(),
    "that point": Then(),
    "at the time": Then(),
    "the time": Then(),
    "nowadays": Vague("PRESENT_REF"),
    "present": Vague("PRESENT_REF"),
    "this moment": Vague("PRESENT_REF"),
    "at present": Vague("PRESENT_REF"),
    "day before": Offset(Fraction(-1), "day", "text"),
    "day of the": Then("day"),
    "day earlier": Offset(Fraction(-1), "day", "text"),
    "day after": Offset(Fraction(1), "day", "text"),
    "day later": Offset(Fraction(1), "day", "text"),
    "the morrow": Offset(Fraction(1), "day", "text"),
    "morrow": Offset(Fraction(1), "day", "text"),
    "the night before": Part("NI", Offset(Fraction(-1), "day", "text")),
    "night before": Part("NI", Offset(Fraction(-1), "day", "text")),
    "night after": Part("NI", Offset(Fraction(1), "day", "text")),
    "morning before": Part("MO", Offset(Fraction(-1), "day", "text")),
    "afternoon before": Part("AF", Offset(Fraction(-1), "day", "text")),
    "day following": Offset(Fraction(1), "day", "text"),
    "noughties": Whole("decade", 2000),
    "previous night": Part("NI", Offset(Fraction(-1), "day", "text")),
    "following night": Part("NI", Offset(Fraction(1), "day", "text")),
    "next night": Part("NI", Offset(Fraction(1), "day", "text")),
    "week before": Offset(Fraction(-1), "week", "text"),
    "week after": Offset(Fraction(1), "week", "text"),
    "month before": Offset(Fraction(-1), "month", "text"),
    "month after": Offset(Fraction(1), "month", "text"),
    "year before": Offset(Fraction(-1), "year", "text"),
    "year after": Offset(Fraction(1), "year", "text"),
    "week before last": Unit("week", "last", 2),
    "month before last": Unit("month", "last", 2),
    "year before last": Unit("year", "last", 2),
    "week after next": Unit("week", "next", 2),
    "month after next": Unit("month", "next", 2),
    "year after next": Unit("year", "next", 2),
    "tomorrow week": Offset(Fraction(8), "day", "dct"),
    "a week tomorrow": Offset(Fraction(8), "day", "dct"),
    "next day or 2": Vague("FUTURE_REF"),
    "last-minute": Vague("PRESENT_REF"),
}


def _fixed(text: str) -> Node | None:
    return _FIXED.get(text) or _FIXED.get(text.removeprefix("the "))


_REF = re.compile(
    r"(?:(?:the|these|those) )?(?:(?P<past>recent|past few|last few|past couple of|past several|last several|last many"
    r"|past|last|previous few|preceding|previous|intervening|bygone|early|earlier)"
    r"|(?P<future>coming|next few|next several|next couple of|following few|coming few|ensuing|near|nearest|foreseeable"
    r"|days to come|next|weeks ahead|forthcoming|immediate|following)) "
    r"(?:hours|days|weeks|weekends|months|years|decades|times|future|past)"
)


def _reference(text: str) -> Node | None:
    if match := _REF.fullmatch(text):
        return Vague("PAST_REF" if match["past"] else "FUTURE_REF")
    if re.fullmatch(r"(?:the )?(?:hours|days|weeks|months|years|decades) (?:since(?: then)?|before)", text):
        return Vague("PAST_REF")
    if re.fullmatch(r"(?:the )?(?:hours|days|weeks|months|years) (?:to come|ahead)", text):
        return Vague("FUTURE_REF")
    if re.fullmatch(
        r"(?:a |some |several |many )?(?:few )?(?:hours|days|weeks|months|years|decades) "
        r"(?:ago|before|back|earlier|previously)",
        text,
    ):
        return Vague("PAST_REF")
    if match := re.fullmatch(
        r"(?:a |some |several |many |mere |only |just )*(?:few )?(minutes|hours|days|weeks|months|years) "
        r"(?:later|after|afterwards|on|thereafter)",
        text,
    ):
        return Offset(Fraction(0), _unit(match[1]), "text", vague=True)
    if (
        re.fullmatch(
            r"(?:in |within )?(?:a |some |several )?(?:few |the )?(?:days|weeks|months|years|hours)'?"
            r"(?: time| from now)?",
            text,
        )
        and not text[0].isdigit()
    ):
        return Vague("FUTURE_REF")
    return None


_CLOCK = (
    r"(?:(?P<noon>12 noon|high noon|noon|12 midday)|(?P<midnight>12 midnight|midnight)"
    r"|(?P<past>half|a quarter|quarter|\d{1,2} minutes?|a minute|5|10|20|25) (?P<dir>past|to|after|before) "
    r"(?P<hour3>noon|midnight|\d{1,2})(?: ?(?P<ampm3>[ap]m|o'clock))?"
    r"|(?P<hour1>[0-2]?\d)[:.h](?P<minute1>[0-5]\d)(?:[:.](?P<second1>[0-5]\d))?(?: ?h(?:rs|ours)?\b)?"
    r"(?: (?P<ampm1>[ap]m))?"
    r"|(?P<hour2>\d{1,2}) (?P<ampm2>[ap]m|o'clock(?: [ap]m)?)"
    r"|(?P<hour4>[0-2]?\d) ?h(?:rs)?(?= |$)"
    r"|(?P<four>[0-2]\d[0-5]\d)(?= ?(?:h\b|hrs|hours|gmt|utc|z\b|local|zulu|cet|cest|msk|est|edt|eat|bst|pkt|ist|jst"
    r"|aest|aedt|nzst|nzdt|sgt|hkt|[a-z]+ time)| on ))"
)
_ZONE = (
    rf"(?P<zone>(?:{'|'.join(sorted(map(re.escape, _ZONE_WORDS), key=len, reverse=True))})(?![a-z])"
    rf"(?:[ ]?[+-]\d{{1,2}}(?::?\d\d)?)?|local(?: time)?(?: in [a-z' ]+?)?|[+-]\d\d:?\d\d"
    r"|(?:[a-z'.]+ ){1,2}(?:standard |summer |local |daylight )?time|ist|cst|hrs? local(?: time)?)"
)
_CLOCK_PART = (
    r"(?: (?:in|of|at) (?:the )?(?P<part>early morning|morning|afternoon|evening|night)| (?P<part2>on the dot|sharp))?"
)
_CLOCK_FIRST = re.compile(
    rf"(?:at |shortly |just |exactly |about |around |before )*{_CLOCK}(?: (?:hours|hrs|h)\b)?{_CLOCK_PART}"
    rf"(?: ?{_ZONE})?(?:(?: on| of|,)?(?: the)? (?P<rest>.+))?"
)
_CLOCK_LAST = re.compile(
    rf"(?P<rest>.+?)(?: at| by|,| -)?(?: about| around| precisely| exactly)? {_CLOCK}"
    rf"(?: (?:hours|hrs|h)\b)?{_CLOCK_PART}(?: ?{_ZONE})?"
)


def _clock(text: str) -> Node | None:
    if match := re.fullmatch(
        rf"(.*\b(?:{WEEKDAY}|today|tomorrow|tonight|yesterday|morning|afternoon|evening|night|day)) "
        r"((?:[a-z']+ ){1,3}time|gmt|utc)",
        text,
    ):
        inner = parse(match[1])  # "noon today Moscow time"
        if isinstance(inner, Clock) and not inner.zone:
            return Clock(inner.hour, inner.minute, _zone(match[2]), inner.day, inner.second, inner.half_known)
    if match := re.fullmatch(rf"({_YEAR}-\d\d-\d\d)t(\d\d):?(\d\d)(?::\d\d)?(z|[+-]\d\d:?\d\d)?", text):
        return Clock(int(match[2]), int(match[3]), _zone(match[4]) if match[4] else "", parse(match[1]))
    if re.fullmatch(r"\d{1,2}[:.][6-9]\d", text):
        return Impossible(f"{text} is no clock time")
    for pattern in (_CLOCK_FIRST, _CLOCK_LAST):
        match = pattern.fullmatch(text)
        if match is None:
            continue
        rest = match["rest"]
        # A bare number is a clock time only with something that says so.
        if rest and re.fullmatch(rf"{_YEAR}", rest) and not match["midnight"] and not match["noon"]:
            continue
        part, day = match["part"], None
        if rest:
            found = _clock_day(rest, part)
            # A clock time of "May" is none: "10 to 12 May".
            if found is None or (match["past"] and isinstance(found[1], Date) and found[1].month and not found[1].day):
                continue
            part, day = found
        return _clock_node(match, part, day)
    return None


_DAY_PART = r"(morning|afternoon|evening|night|day)"


def _clock_day(text: str, part: str | None) -> tuple[str | None, Node | None] | None:
    """The part of the day and the day that stand beside a clock time.

    As in "the next morning", "in the evening of 3 May".
    """
    text = re.sub(rf"^(?:that|the same|same) {_DAY_PART}$", r"that \1", text)
    if match := re.fullmatch(rf"(?:the )?(next|following|previous) {_DAY_PART}", text):
        return match[2], Offset(Fraction(-1 if match[1] == "previous" else 1), "day", "text")
    if match := re.fullmatch(rf"(?:the )?{_DAY_PART} (after|before)", text):
        return match[1], Offset(Fraction(-1 if match[2] == "before" else 1), "day", "text")
    if match := re.fullmatch(r"(?:in the )?(morning|afternoon|evening|night)(?: (?:of|on))?(?: the)?(?: (.+))?", text):
        part, text = match[1], match[2] or ""
    elif (match := re.fullmatch(r"(.+?) (morning|afternoon|evening|night)", text)) and not part and match[1] != "last":
        part, text = match[2], {"this": "today", "that": "that day"}.get(match[1], match[1])
    elif text in ("last night", "tonight"):
        part, text = "night", {"last night": "yesterday"}.get(text, "today")
    if not text:
        return part, None
    day = parse(text)
    if day is None or isinstance(day, (Clock, Part, Stretch, Length, Vague)):
        return None
    return part, day


def _clock_node(match: re.Match[str], part: str | None, day: Node | None) -> Node | None:
    zone = _zone(match["zone"]) if match["zone"] else ""
    if match["noon"]:
        return Clock(12, 0, zone, day)
    if match["midnight"]:
        return Clock(24, 0, zone, day)
    second = None
    ampm = match["ampm1"] or match["ampm2"] or match["ampm3"]
    if match["past"]:
        said = match["past"]
        digits = re.match(r"\d+", said)
        minutes = 30 if said == "half" else 15 if "quarter" in said else int(digits[0]) if digits else 1
        base = {"noon": 12, "midnight": 0}.get(match["hour3"])
        hour = int(match["hour3"]) if base is None else base
        known = base is not None
        if match["dir"] in ("to", "before"):
            hour, minute = (hour - 1) % 24 if base != 0 else 23, 60 - minutes
        else:
            minute = minutes
    elif match["hour1"]:
        hour, minute = int(match["hour1"]), int(match["minute1"])
        second = int(match["second1"]) if match["second1"] else None
        known = ampm is None
    elif match["hour2"]:
        hour, minute, known = int(match["hour2"]), 0, False
    elif match["hour4"]:
        hour, minute, known = int(match["hour4"]), 0, True
    else:
        hour, minute, known = int(match["four"][:2]), int(match["four"][2:]), True
    if ampm and ampm.startswith("o'clock"):
        ampm = ampm[8:].strip() or None
    if ampm and hour <= 12:
        hour, known = hour % 12 + (12 if ampm == "pm" else 0), True
    elif part and hour <= 12:
        late = part in ("afternoon", "evening") or (part == "night" and 5 < hour < 12)
        if part == "night" and hour == 12:
            return Clock(24, minute, zone, day) if minute == 0 else Clock(0, minute, zone, day)
        hour, known = (hour % 12 + 12) if late else hour % 12 if hour == 12 and part != "afternoon" else hour, True
    if hour > 24 or (hour == 24 and minute) or minute > 59:
        return Impossible(f"{hour}:{minute:02d} is no clock time")
    return Clock(hour, minute, zone, day, second, known)


def _zone(words: str) -> str:
    words = words.strip()
    if match := re.fullmatch(r"(?:gmt|utc)? ?([+-])(\d{1,2}):?(\d\d)?", words):
        return f"{match[1]}{int(match[2]):02d}:{match[3] or '00'}"
    if words in _ZONE_WORDS:
        return _ZONE_WORDS[words]
    if match := re.fullmatch(r"local(?: time)? in (.+)", words):
        return _city(match[1])
    if match := re.fullmatch(r"(.+?)(?: standard| summer| local| daylight)? time", words):
        return _ZONE_WORDS.get(match[1], "") or _city(match[1])
    return ""


def _city(name: str) -> str:
    name = name.removeprefix("the ")
    return _CITIES.get(name) or f"?{name}"


_PART_LAST = re.compile(rf"(?P<rest>.+?) (?:at |in the |by |before )?(?P<mod>early |mid-|late )?(?P<part>{_PART})")
_PART_FIRST = re.compile(
    rf"(?P<mod>early |mid-|late )?(?:the )?(?P<mod2>early |mid-|late )?(?P<part>{_PART})(?: hours)?"
    rf"(?:(?: of| on| to|,| in)?(?: the)? (?P<rest>.+))?"
)


def _part(text: str) -> Node | None:
    if match := _PART_FIRST.fullmatch(text):
        rest = match["rest"]
        day = None
        if rest:
            day = {"that day": Then("day"), "same day": Then("day"), "day": Then("day")}.get(rest) or parse(rest)
            if isinstance(day, (Offset, Unit, In, Date, Named, Range, Then, Nth)):
                return Part(_PART_WORDS[match["part"]], day)
            return None
        return Part(_PART_WORDS[match["part"]], Night() if match["part"] == "overnight" else None)
    if text in ("am", "pm"):
        return Part(_PART_WORDS[_SHORT_PARTS[text]], None)
    if match := _PART_LAST.fullmatch(text):
        rest, part = match["rest"], _PART_WORDS[match["part"]]
        if rest in ("this", "later this", "earlier this", "this very"):
            return Part(part, Offset(Fraction(0), "day", "dct"))
        if rest in ("that", "the same", "same", "that same", "that very"):
            return Part(part, Then("day"))
        if rest in ("next", "the next", "following", "the following"):
            return Part(part, Offset(Fraction(1), "day", "text"))
        if rest in ("previous", "the previous", "preceding", "the preceding"):
            return Part(part, Offset(Fraction(-1), "day", "text"))
        if rest in ("last",):
            return Part(part, Offset(Fraction(-1), "day", "dct"))
        if rest in (
            "mid",
            "early",
            "late",
            "later in the",
            "earlier in the",
            "late in the",
            "early in the",
            "later the same",
            "later that",
        ):
            return Part(part, Then("day") if "same" in rest or "that" in rest else None)
        day = parse(rest)
        if isinstance(day, (Date, Offset, In, Named, Then, Unit, Nth)):
            return Part(part, day)
    return None


def _edge(text: str) -> Node | None:
    match = _EDGE.fullmatch(text)
    if match is None:
        return None
    edge, rest = _EDGES[match[1]], match[2]
    if match[1] in ("beginning", "start", "end") and not re.match(rf"{MONTH}|{_YEAR}", rest):
        return None
    if edge in ("half1", "half2"):
        # The halves of a year are units of their own.
        inner = parse(rest)
        if isinstance(inner, Date) and inner.month is None and inner.weekday is None:
            return Nth(1 if edge == "half1" else 2, "half", inner)
        if isinstance(inner, Unit) and inner.unit == "year":
            return Nth(1 if edge == "half1" else 2, "half", inner)
    else:
        units: dict[str, Node] = {
            "day": Then("day"),
            "week": Unit("week", ""),
            "month": Unit("month", ""),
            "half": Unit("half", ""),
            "year": Unit("year", ""),
        }
        inner = units.get(rest) or parse(rest)
    if inner is None or isinstance(inner, (Clock, Vague, Length, Stretch)):
        return None
    return Edge(edge, inner) if edge else inner


_NTH = re.compile(
    rf"(?P<n>\d+(?:st|nd|rd|th)|last|final|opening|closing|penultimate) "
    rf"(?P<unit>week|weekend|(?:working|business|trading) day|day|month|quarter|half|decade|{WEEKDAY})"
    rf"(?:(?: of| in)?(?: the)? (?P<rest>.+))?"
)


def _nth(text: str) -> Node | None:
    if match := re.fullmatch(r"(?:the )?(?P<n>\d+) (?P<unit>week|month|summer|winter|year)s that followed", text):
        return Stretch(duration(Fraction(match["n"]), match["unit"])) if match["unit"] in _DURATION_LETTERS else None
    if match := re.fullmatch(r"q([1-4])(?:[ -/]?(\d{4}))?", text):
        return Nth(int(match[1]), "quarter", Date(year=int(match[2])) if match[2] else None)
    if match := re.fullmatch(r"h([12])(?: (\d{4}))?", text):
        return Nth(int(match[1]), "half", Date(year=int(match[2])) if match[2] else None)
    if match := re.fullmatch(
        r"(?:the )?(1th|last|final|opening|closing|latter) (\d{1,3}) (day|week|month)s (?:of|in) (?:the )?(.+)", text
    ):
        inner = {"year": Unit("year", ""), "month": Unit("month", "")}.get(match[4]) or parse(match[4])
        if isinstance(inner, (Date, Unit, In, Season)):
            return Head(int(match[2]) if match[1] in ("1th", "opening") else -int(match[2]), match[3], inner)
    match = _NTH.fullmatch(text)
    if match is None:
        return None
    word = match["n"]
    number = {"last": -1, "final": -1, "closing": -1, "penultimate": -2, "opening": 1}.get(word) or int(
        re.sub(r"\D", "", word)
    )
    rest, unit = match["rest"], match["unit"]
    unit = "working day" if unit.endswith(" day") else unit
    weekday = None
    if re.fullmatch(WEEKDAY, unit):
        weekday, unit = weekday_number(unit), "day"
    if number > 366:
        return None
    if rest is None:
        if word == "last" or (unit not in ("quarter", "half") or number > 4):
            return None
        return Nth(number, unit, None)
    inner = {
        "year": Unit("year", ""),
        "month": Unit("month", ""),
        "week": Unit("week", ""),
        "quarter": Unit("quarter", ""),
        "half": Unit("half", ""),
    }.get(rest) or parse(rest)
    if isinstance(inner, (Date, Unit, Offset, In, Season, Then, Named, Nth, Edge)):
        return Nth(number, unit, inner, weekday)
    return None


_OFFSET = re.compile(
    rf"(?:(?:a|some|about|around|roughly|nearly|almost|exactly|just|barely|only|more than|over|less than|under|at least"
    rf"|at most|another|a further|a mere|fully|the|not) )*?(?P<n>{_NUMBER}) (?P<unit>{UNIT})s?'?(?:'s)?(?: ago)? ?"
    rf"(?P<how>ago|back|earlier|before|previously|prior|beforehand|later|sooner|after|afterwards?|on|thereafter|hence"
    rf"|from now|from today|from then|time|away|from tomorrow|from yesterday|to the day)(?: (?P<rest>.+))?"
)


def _offset(text: str) -> Node | None:
    match = _OFFSET.fullmatch(text)
    if match is None:
        return None
    how = "ago" if "ago" in text.split() else match["how"]
    count, unit = _number(match["n"]), _unit(match["unit"])
    rest = match["rest"]
    if how in ("ago", "back"):
        node: Node = Offset(-count, unit, "dct")
        if rest:
            rest = re.sub(r"^(?:on |in )?(?:the )?", "", rest)
            if rest in ("today", "this day"):
                return Offset(-count, "day:" + unit, "dct")
            inner = parse(rest)
            if rest in ("this week", "this month", "this year") and isinstance(inner, Unit):
                return node
            if isinstance(inner, Date) and (
                inner.weekday is not None or inner.month is not None or inner.day is not None
            ):
                return In(inner, node)
            return None
        return node
    if how in ("from now", "from today", "hence", "time", "away"):
        exact = "day:" if how == "from today" else ""
        return Offset(count, exact + unit, "dct") if rest is None else None
    if how in ("from tomorrow", "from yesterday"):
        return Offset(count, unit, parse(how[5:]) or "dct")
    if how == "to the day":
        return None
    sign = -1 if how in ("earlier", "sooner", "before", "previously", "prior", "beforehand") else 1
    if rest is None:
        if how == "on" and count != int(count):
            return None
        return Offset(sign * count, unit, "text")
    if how in ("after", "before", "later", "earlier"):
        rest = re.sub(r"^(?:on |than )", "", rest)
        if rest in ("that", "this", "it"):
            return Offset(sign * count, unit, "text")
        inner = parse(rest)
        if how in ("later", "earlier") and isinstance(inner, Date):
            return In(inner, Offset(sign * count, unit, "text"))
        if inner is not None and not isinstance(inner, (Vague, Length, Stretch)):
            return Offset(sign * count, unit, inner)
    return None


def _offset_from(text: str) -> Node | None:
    """ "a week from Friday", "three days from 1 May", "in two weeks' time", "a week on Tuesday", "a week today"."""
    if match := re.fullmatch(
        rf"(?P<n>{_NUMBER}) (?P<unit>{UNIT})s? (?:from|on|after|to the day after) (?:the )?(?P<rest>.+)", text
    ):
        inner = parse(match["rest"])
        if isinstance(inner, (Date, Offset, Named)):
            return Offset(_number(match["n"]), _unit(match["unit"]), inner)
    if match := re.fullmatch(rf"(?P<n>{_NUMBER}) (?P<unit>{UNIT})s? (today|tomorrow)", text):
        return Offset(_number(match["n"]), _unit(match["unit"]), parse(match[3]) or "dct")
    if match := re.fullmatch(rf"(?:in|within) (?P<n>{_NUMBER}) (?P<unit>{UNIT})s?'?(?:'s)? time", text):
        return Offset(_number(match["n"]), _unit(match["unit"]), "dct")
    if match := re.fullmatch(rf"in (?P<n>{_NUMBER}) (?P<unit>hour|day|week|month|year|decade)s?", text):
        return Offset(_number(match["n"]), _unit(match["unit"]), "dct")
    if match := re.fullmatch(r"(?:the )?day (after|before) (?:that|this|it)", text):
        return Offset(Fraction(1 if match[1] == "after" else -1), "day", "text")
    if match := re.fullmatch(r"(?:the )?day (after|before) (.+)", text):
        inner = parse(match[2])
        if isinstance(inner, (Date, Offset, Named, Part, Clock, Then, In, Nth)):
            return Offset(Fraction(1 if match[1] == "after" else -1), "day", inner)
    if match := re.fullmatch(r"(?:the )?eve of (.+)", text):
        inner = parse(match[1])
        if isinstance(inner, (Date, Named, Offset, Unit, Then, In)):
            return Offset(Fraction(-1), "day", inner)
    return None


_DURATION_LETTERS = {
    "minute": "PT{}M", "hour": "PT{}H", "day": "P{}D", "night": "P{}D", "week": "P{}W", "weekend": "P{}W",
    "month": "P{}M", "quarter": "P{}Q", "year": "P{}Y",
    "decade": "P{}Y", "century": "P{}Y", "season": "P{}Y",
}  # fmt: skip


def duration(count: Fraction, unit: str) -> str:
    """A length as TIMEX3 writes it: P3D, PT36H, P1.5Y; decades and centuries in years."""
    count *= {"decade": 10, "century": 100}.get(unit, 1)
    number = str(int(count)) if count == int(count) else f"{float(count):g}"
    return _DURATION_LETTERS[unit].format(number)


def _stretch(text: str) -> Node | None:
    adjective = r"(?:past|last|preceding|previous|coming|next|following|first|final|opening|ensuing|recent)"
    pattern = (
        rf"(?:(?:the|these|this|those|all|over) )*"
        rf"(?:{adjective} (?P<n>\d{{1,4}}(?:\.\d)?)|(?P<m>\d{{1,4}}) (?:past|last|coming|next)) (?P<unit>{UNIT})s?"
    )
    if match := re.fullmatch(pattern, text):
        return Stretch(duration(Fraction(match["n"] or match["m"]), _unit(match["unit"])))
    if match := re.fullmatch(
        r"(?:the )?past (minute|hour|day|week|month|quarter|year|decade|century|0\.5 years|0\.5 centurys)", text
    ):
        if match[1].startswith("0.5"):
            return Stretch("P6M" if "year" in match[1] else "P50Y")
        return Stretch(duration(Fraction(1), _unit(match[1])))
    if match := re.fullmatch(r"(?:the )?(?:last|next) (hour|minute|decade|century)", text):
        return Stretch(duration(Fraction(1), _unit(match[1])))
    if match := re.fullmatch(rf"these (?:past |last )?(\d{{1,3}}) ({UNIT})s", text):
        return Stretch(duration(Fraction(match[1]), _unit(match[2])))
    return None


_WHICH = {
    "last": "last", "this": "this", "next": "next", "coming": "next", "upcoming": "next", "that": "that",
    "same": "that", "following": "following", "previous": "previous",
    "preceding": "previous", "current": "this", "present": "this", "this coming": "next", "this past": "last",
    "past": "last", "same said": "that", "that same": "that", "this same": "that", "that very": "that", "said": "that",
    "ensuing": "following", "succeeding": "following", "prior": "previous", "present-day": "this", "running": "this",
    "very same": "that", "one": "that", "ongoing": "this", "forthcoming": "next",
}  # fmt: skip
_WHICH_WORDS = "|".join(sorted(_WHICH, key=len, reverse=True))


def _unit_reference(text: str) -> Node | None:
    if match := re.fullmatch(
        rf"(?:the )?(?P<which>{_WHICH_WORDS}) (?P<unit>day|night|week|weekend|month|quarter|half|year|decade|century"
        rf"|season|working week)(?:'s)?",
        text,
    ):
        unit = {"night": "day", "working week": "week"}.get(match["unit"], match["unit"])
        which = _WHICH[match["which"]]
        if which == "next" and text.startswith("the next ") and unit != "day":
            which = "next here"  # counted from the time before it in its sentence, if there is one
        if unit == "day":
            if which == "that":
                return Part("NI", Then("day")) if match["unit"] == "night" else Then("day")
            if which == "this":
                return Offset(Fraction(0), "day", "dct")
            return Offset(Fraction(-1 if which in ("previous", "last") else 1), "day", "text")
        return Unit(unit, which)
    if match := re.fullmatch(r"(?:the )?(week|weekend|month|quarter|year|decade|century)", text):
        return Unit(match[1], "")
    if text == "day":
        return Then("day")
    if match := re.fullmatch(r"(?:the )?(?P<which>week|month|year|weekend) (?P<how>before last|after next)", text):
        return Unit(match["which"], "last" if match["how"] == "before last" else "next", 2)
    if match := re.fullmatch(
        r"(?:the )?(?:week|weekend|month|year) (?:of|beginning|starting|commencing|ending) (.+)", text
    ):
        inner = parse(match[1])
        if isinstance(inner, (Date, Offset, In, Range)):
            return In(Unit(text.removeprefix("the ").split()[0], "of"), inner)
    if match := re.fullmatch(
        rf"(?:the )?(?:week|fortnight) (?:of|from) (\d{{1,2}}) (?:to|-) (\d{{1,2}}) ({MONTH})", text
    ):
        return parse(f"{match[1]} to {match[2]} {match[3]}")
    return None


_DATE_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:(?P<wd>{WEEKDAY})(?: the)? )?(?:the )?(?P<day>{_DAYNUM})(?: day)?(?: of)?[ -](?P<month>{MONTH})"
        rf"(?:[ -](?:of |in )?(?P<year>{_YEAR}|'\d\d|\d\d))?(?: ad)?",
        rf"(?:(?P<wd>{WEEKDAY})(?: the)? )?(?P<month>{MONTH})[ -](?:the )?(?P<day>{_DAYNUM})(?!\d)"
        rf"(?: (?:of )?(?P<year>{_YEAR}|'\d\d))?",
        rf"(?P<day>{_DAYNUM}) (?P<month>{MONTH}) (?P<year>{_YEAR}) (?P<wd>{WEEKDAY})",
        rf"(?P<day>{_DAYNUM}) (?P<month>{MONTH}) (?P<wd>{WEEKDAY})",
        rf"(?P<month>{MONTH}) (?P<day>{_DAYNUM})(?: (?P<year>{_YEAR}))? (?P<wd>{WEEKDAY})",
        rf"this (?P<day>{_DAYNUM})(?: day)?(?: of)? (?P<month>{MONTH})(?: (?P<year>{_YEAR}))?",
        rf"(?P<month>{MONTH})(?:[ -]| of | in )(?:the year )?(?P<year>{_YEAR}|'\d\d)",
        rf"(?P<year>{_YEAR}) (?P<month>{MONTH})(?: (?P<day>{_DAYNUM}))?",
        rf"(?P<month>{MONTH})",
        rf"(?:the year |year )?(?P<year>{_YEAR})",
        r"(?P<year>'\d\d)",
        rf"(?P<wd>{WEEKDAY})",
        rf"(?P<wd>{WEEKDAY})(?: the)? (?P<day>{_DAYNUM})",
        r"(?P<day>[0-3]?\d(?:st|nd|rd|th))",
        rf"(?P<year>{_YEAR})[-/](?P<month>\d\d)[-/](?P<day>\d\d)",
        rf"(?P<year>{_YEAR})(?P<month>[01]\d)(?P<day>[0-3]\d)",
    )
)
_NUMERIC = re.compile(
    rf"(?:(?P<wd>{WEEKDAY}) )?(?P<a>\d{{1,2}})(?P<sep>[/.-])(?P<b>\d{{1,2}})(?:(?P=sep)(?P<year>\d{{4}}|\d\d))?"
)


def _date(text: str) -> Node | None:
    if match := _NUMERIC.fullmatch(text):
        first, second = int(match["a"]), int(match["b"])
        if match["year"] is None and match["sep"] == "." and text.endswith("."):
            return Date(None, second, first) if 1 <= second <= 12 and 1 <= first <= 31 else None
        if match["year"] is None and (match["sep"] != "/" and not (match["sep"] == "." and match["wd"])):
            return None
        year = _full_year(match["year"]) if match["year"] else None
        weekday = weekday_number(match["wd"]) if match["wd"] else None
        if first > 31 or second > 31 or (first > 12 and second > 12) or not first or not second:
            return Impossible(f"{text} is no date")
        if first > 12:
            return Date(year, second, first, weekday)
        if second > 12:
            return Date(year, first, second, weekday)
        return Date(year, second, first, weekday, ambiguous=first != second)
    if match := re.fullmatch(rf"(0?[1-9]|1[0-2])/({_YEAR})", text):
        return Date(int(match[2]), int(match[1]))
    for pattern in _DATE_PATTERNS:
        if match := pattern.fullmatch(text):
            found = match.groupdict()
            month = found.get("month")
            day = found.get("day")
            number = int(re.sub(r"\D", "", day)) if day else None
            if number is not None and not 1 <= number <= 31:
                return Impossible(f"there is no day {number} in a month")
            if month and month.isdigit() and not 1 <= int(month) <= 12:
                return Impossible(f"there is no month {month}")
            return Date(
                _full_year(found["year"]) if found.get("year") else None,
                (int(month) if month.isdigit() else month_number(month)) if month else None,
                number,
                weekday_number(found["wd"]) if found.get("wd") else None,
            )
    if re.fullmatch(
        rf"(?:{WEEKDAY} )?(?:the )?\d{{1,2}}(?:st|nd|rd|th)? (?:of )?{MONTH}(?: {_YEAR})?"
        rf"|{MONTH} \d{{1,2}}(?:st|nd|rd|th)?(?: {_YEAR})?",
        text,
    ):
        return Impossible(f"{text} is no date")
    return None


def _full_year(word: str) -> int:
    digits = re.sub(r"\D", "", word)
    year = int(digits)
    if len(digits) == 2:
        year += 2000 if year < 30 else 1900
    return year


_DATE_WHICH = re.compile(
    rf"(?:the )?(?:(?P<which>last|this|next|this coming|this past|coming|past|that same|that very|that|same|following"
    rf"|previous|preceding|upcoming) (?P<inner>{WEEKDAY}|{MONTH})"
    rf"|(?P<inner2>{WEEKDAY}) (?P<which2>week|next|last|this|fortnight|2 weeks|coming|after next|before last|after"
    rf"|before|following|previous)"
    rf"|(?P<inner3>{MONTH}) (?P<which3>next|last|this|after|before|following))(?: (?P<rest>.+))?"
)


def _place(words: str, weekday: bool) -> str:
    """`Date.which` for the words that say it."""
    words = words.removeprefix("the ")
    if words in ("week", "fortnight", "after next", "before last"):
        return words
    if words in ("coming", "this coming", "upcoming") and weekday:
        return "coming"
    return {"2 weeks": "fortnight", "after": "following", "before": "previous"}.get(words) or _WHICH[words]


def _date_which(text: str) -> Node | None:
    match = _DATE_WHICH.fullmatch(text)
    if match is None:
        return None
    word = match["inner"] or match["inner2"] or match["inner3"]
    which = _place(match["which"] or match["which2"] or match["which3"], bool(re.fullmatch(WEEKDAY, word)))
    rest = match["rest"]
    if rest:
        if named := re.fullmatch(rf"({MONTH}) ({_DAYNUM})", rest):
            rest = f"{named[2]} {named[1]}"
        number = re.fullmatch(rf"(?:the )?({_DAYNUM})(?: (?:of )?({MONTH}))?", rest)
        if number and re.fullmatch(WEEKDAY, word):  # "last Friday 3 May"
            return Date(
                None,
                month_number(number[2]) if number[2] else None,
                int(re.sub(r"\D", "", number[1])),
                weekday_number(word),
            )
        if number and re.fullmatch(MONTH, word) and not number[2]:
            return Date(None, month_number(word), int(re.sub(r"\D", "", number[1])), which=which)
        if (which in ("last", "this", "next") and rest in ("week", "month", "year") and match["inner2"]) or (
            match["inner3"] and rest == "year"
        ):
            return In(parse(word) or Date(), Unit(rest, which))
        return None
    if re.fullmatch(WEEKDAY, word):
        return Date(weekday=weekday_number(word), which=which)
    return Date(month=month_number(word), which=which)


def _in(text: str) -> Node | None:
    """A time within a unit.

    As in "March of last year", "the 3rd of next month", "Tuesday of that week", "Monday this week", "March 3 last
    year".
    """
    if match := re.fullmatch(
        r"(?P<inner>.+?) (?:(?:of|in|on) )?(?P<outer>(?:the )?(?:last|this|next|that|that very|that same|the same"
        r"|same|following|previous"
        r"|the following|the previous|the current|the coming|coming|current) (?:week|month|year)"
        r"|(?:the )?(?:week|month|year) (?:before last|after next|before|after)|of the (?:month|year|week))",
        text,
    ):
        inner, outer = parse(match["inner"]), parse(match["outer"].removeprefix("of "))
        if isinstance(inner, (Date, Season, Named)) and isinstance(outer, (Unit, Offset)):
            return In(inner, outer)
    if match := re.fullmatch(r"(?P<inner>.+?) (?:of|in) (?P<outer>.+)", text):
        inner, outer = parse(match["inner"]), parse(match["outer"])
        if (
            isinstance(inner, Date)
            and isinstance(outer, (Date, Unit))
            and inner.weekday is not None
            and inner.day is None
        ):
            return In(inner, outer)
    if match := re.fullmatch(rf"(?P<inner>{WEEKDAY}) (?:the )?(?P<outer>(?:week|month) .+)", text):
        outer = parse(match["outer"])
        if isinstance(outer, Unit):
            return In(parse(match["inner"]) or Date(), outer)
    if match := re.fullmatch(
        rf"(?P<inner>(?:{MONTH} {_DAYNUM}|{_DAYNUM} (?:of )?{MONTH}|{MONTH})) (?P<n>.+ (?:ago|earlier|before|later))",
        text,
    ):
        outer = parse(match["n"])
        if isinstance(outer, Offset):
            return In(parse(match["inner"]) or Date(), outer)
    return None


def _season(text: str) -> Node | None:
    if match := re.fullmatch(
        rf"(?P<season>{_SEASON})(?: term| session| recess| months| period| season)?(?: of| in)?"
        rf"(?: (?P<year>{_YEAR}|'\d\d)(?P<second>[-/]\d{{2,4}})?"
        rf"| (?P<unit>(?:last|this|next|that|the following|the same|the previous) year))?",
        text,
    ):
        code = _SEASON_CODES[match["season"].split()[-1]]
        if match["unit"]:
            outer = parse(match["unit"])
            return In(Season(code), outer) if outer else None
        return Season(code, _full_year(match["year"]) if match["year"] else None)
    if match := re.fullmatch(rf"(?P<year>{_YEAR}) (?P<season>{_SEASON})", text):
        return Season(_SEASON_CODES[match["season"].split()[-1]], int(match["year"]))
    if match := re.fullmatch(rf"(?:the )?(?P<which>{_WHICH_WORDS}) (?P<season>{_SEASON})(?: months| season)?", text):
        return Season(_SEASON_CODES[match["season"].split()[-1]], which=_WHICH[match["which"]])
    return None


def _named(text: str) -> Node | None:
    which, eve = "", 0
    if match := re.fullmatch(r"(?:the )?(last|next|this|that|this coming) (.+)", text):
        which, text = _WHICH[match[1]], match[2]
    if match := re.fullmatch(r"(?:the )?(?:eve|day before) (?:of )?(.+)", text):
        eve, text = -1, match[1]
    year = None
    if match := re.fullmatch(rf"(.+?)(?: of| in)? ({_YEAR})", text):
        text, year = match[1], int(match[2])
    if match := re.fullmatch(r"(.+?)(?: holidays?| festival| break| recess)", text):
        text = match[1]
    match = _NAMED.fullmatch(text)
    if match is None and text.endswith(" eve") and (match := _NAMED.fullmatch(text.removesuffix(" eve"))):
        eve = -1
    if match is None:
        if (inner := re.fullmatch(r"(.+?) (?:of )?((?:last|this|next|that) year)", text)) and (
            found := _NAMED.fullmatch(inner[1])
        ):
            outer = parse(inner[2])
            return In(Named(_name(found)), outer) if outer else None
        return None
    return Named(_name(match), year, which, eve)


_KEPT = re.compile(
    rf"(?:(?P<eve>(?:the )?eve of) )?(?:(?P<which>(?:the )?(?:{_WHICH_WORDS})) )?(?:(?:the|its|their|our|his|her) )?"
    r"(?P<title>(?:[a-z][a-z'.&-]* ){1,4}day|feast of the throne)"
    rf"(?: holidays?| break| weekend)?(?: (?:of |in )?(?:(?P<year>{_YEAR})|(?P<unit>(?:last|this|next|that) year)))?"
)


def kept(text: str) -> Node | None:
    """A day by its title alone, which may be a public holiday somewhere: "independence day next year"."""
    match = _KEPT.fullmatch(text)
    if match is None:
        return None
    title = {"feast of the throne": "throne day"}.get(match["title"], match["title"])
    which = _WHICH[match["which"].removeprefix("the ")] if match["which"] else ""
    day = Named(title, int(match["year"]) if match["year"] else None, which, -1 if match["eve"] else 0, kept=True)
    unit = parse(match["unit"]) if match["unit"] else None
    return In(day, unit) if unit is not None else day


_FISCAL_YEAR = re.compile(
    r"(?:the )?(?:(?:end|close|last day)|(?P<start>start|beginning)) of (?P<of>(?:[a-z'-]+ ){0,4})YEAR"
    r"|(?P<whose>(?:[a-z'-]+ ){0,4})YEAR (?:(?:is|was) (?:out|over|done|up)|ends|closes|ended|closed|expires"
    r"|(?P<begins>begins|starts))".replace("YEAR", "(?:fiscal|financial|budget|budgetary) year")
)


def fiscal_year_end(text: str) -> Node | None:
    """The day on which a fiscal year ends, or the day after, on which the next begins.

    As in "the end of the fiscal year", "Japan's budget year closes".
    """
    match = _FISCAL_YEAR.fullmatch(text)
    if match is None:
        return None
    words = (match["of"] or match["whose"] or "").split()
    which = next((_WHICH[word] for word in words if word in _WHICH), "")
    whose = [word for word in words if word not in _WHICH and word not in _DETERMINERS]
    return FiscalYearEnd(" ".join(whose).removesuffix("'s"), which, bool(match["start"] or match["begins"]))


_DETERMINERS = frozenset("the this its their our his her new".split())


def _name(match: re.Match[str]) -> str:
    return next(name for index, (_, name) in enumerate(_NAMED_DAYS) if match[f"n{index}"] is not None)


def _whole(text: str) -> Node | None:
    if match := re.fullmatch(r"(?:the )?(1[0-9]\d0|2[01]\d0)'?s", text):
        return Whole("decade", int(match[1]))
    if match := re.fullmatch(r"(?:the )?'?([2-9]0)'?s", text):
        return Whole("decade", 1900 + int(match[1]) if match[1] != "20" else 2020)
    if match := re.fullmatch(
        r"(?:the )?(?:19|nineteen)[- ](twenties|thirties|forties|fifties|sixties|seventies|eighties|nineties)", text
    ):
        return _whole(match[1])
    if match := re.fullmatch(r"(?:the )?(twenties|thirties|forties|fifties|sixties|seventies|eighties|nineties)", text):
        names = "twenties thirties forties fifties sixties seventies eighties nineties".split()
        return Whole("decade", 1920 + 10 * names.index(match[1]))
    if match := re.fullmatch(r"(?:the )?(1th|last|final|opening|closing) decade (?:of|in) (?:the )?(.+ century)", text):
        century = _whole(match[2])
        late = match[1] in ("last", "final", "closing")
        return Whole("decade", century.year + (90 if late else 0)) if isinstance(century, Whole) else None
    if match := re.fullmatch(r"(?:the )?(\d{1,2})(?:st|nd|rd|th)[ -]century", text):
        number = int(match[1])
        return Whole("century", 100 * (number - 1)) if 2 <= number <= 99 else None
    if match := re.fullmatch(
        rf"(?:the )?(?:fiscal|financial|budget|tax|calendar|crop|school|academic) (?:year )?(?:of )?(?:fy)?({_YEAR})"
        rf"(?:[-/](\d{{2,4}}))?",
        text,
    ):
        return Date(year=int(match[1])) if not match[2] else parse(f"{match[1]}/{match[2]}")
    if match := re.fullmatch(rf"fy ?'?({_YEAR}|\d\d)", text):
        return Date(year=_full_year(match[1]))
    if match := re.fullmatch(
        rf"(?:the )?(?P<year>{_YEAR}) (?:fiscal|financial|budget|calendar|school|academic) year", text
    ):
        return Date(year=int(match["year"]))
    if match := re.fullmatch(
        r"(?:the )?(this|next|last|current|coming|present|previous) "
        r"(?:fiscal|financial|budget|calendar|school|academic) year",
        text,
    ):
        return Unit("year", _WHICH[match[1]])
    return None


def _range(text: str) -> Node | None:
    if match := re.fullmatch(
        r"(?:the )?(?:period |days |weeks |months |years |nights? |dates )?(?:between|from|of) (.+)", text
    ):
        text = match[1]
    if match := re.fullmatch(r"(.+?) (?:of )?((?:last|this|next|that|the same|the following|the previous) year)", text):
        both, year = _range(match[1]), parse(match[2])
        if isinstance(both, Range) and isinstance(both.first, Date) and isinstance(both.second, Date) and year:
            return Range(In(both.first, year), In(both.second, year))
    if match := re.fullmatch(
        rf"(?:the )?({_YEAR})[-/](\d{{2}}|\d{{4}})(?: (?:season|school year|academic year|fiscal year))?", text
    ):
        first, second = int(match[1]), int(match[2])
        if len(match[2]) == 2:
            second += first // 100 * 100
        return Range(Date(year=first), Date(year=second)) if first < second < first + 100 else None
    for match in re.finditer(r" ?- ?| (?:to|and|or|until|till|through|thru|into|/|&) (?:the )?| ?/ ?", text):
        left, right = text[: match.start()], text[match.end() :]
        if not left or not right:
            continue
        node = _join(left, right)
        if node is not None:
            return node
    return None


def _join(left: str, right: str) -> Node | None:
    bare = rf"(?:the )?({_DAYNUM}(?: (?:{_DAYNUM}))*)"
    second = parse(right)
    # "4 to 6 May", "the night of 8 to 9 October", "13 and 14 March 2022"; lists keep first and last
    if match := re.fullmatch(rf"(?:({WEEKDAY}) )?{bare}", left):
        if (
            isinstance(second, Date)
            and second.day is not None
            and (second.month is not None or re.search(r"[a-z]", right))
        ):
            number = int(re.sub(r"\D.*", "", match[2]))
            return Range(Date(second.year, second.month, number), second) if 1 <= number <= 31 else None
        if isinstance(second, In) and isinstance(second.inner, Date) and second.inner.day is not None:
            return Range(In(Date(day=int(re.sub(r"\D.*", "", match[2]))), second.outer), second)
        if isinstance(second, Clock) and re.fullmatch(r"\d{1,2}", left) and int(left) <= 24:
            hour = int(left) + (12 if second.hour >= 12 and int(left) < second.hour - 12 else 0)
            return Range(Clock(hour, 0, second.zone, second.day), second)
    first = parse(left)
    if isinstance(second, Clock) and re.fullmatch(r"[012]\d[0-5]\d", left):
        first = Clock(int(left[:2]), int(left[2:]), second.zone, second.day)
    if first is None:
        return None
    # "Nov. 4-5", "November 4 to 6, 2022", "3 March 2022 to 5"
    match = re.fullmatch(rf"(?:({WEEKDAY}) )?({_DAYNUM})(?: ({_YEAR}))?", right)
    if match and isinstance(first, Date) and first.day is not None and first.month is not None:
        number = int(re.sub(r"\D", "", match[2]))
        year = int(match[3]) if match[3] else first.year
        if not 1 <= number <= 31:
            return None
        return Range(Date(year, first.month, first.day, first.weekday), Date(year, first.month, number))
    if second is None:
        return None
    if (
        isinstance(first, Edge)
        and isinstance(second, Edge)
        and isinstance(first.inner, Date)
        and isinstance(second.inner, Date)
    ):
        return Range(first, second)
    if isinstance(first, Date) and isinstance(second, Date):
        if first.year is None and second.year is not None and first.month is not None:
            first = Date(
                second.year - (1 if second.month is not None and first.month > second.month else 0),
                first.month,
                first.day,
                first.weekday,
            )
        if first.year is not None and second.year is None and second.month is not None:
            second = Date(
                first.year + (1 if first.month is not None and second.month < first.month else 0),
                second.month,
                second.day,
                second.weekday,
            )
        return Range(first, second)
    if isinstance(first, Clock) and isinstance(second, Clock):
        if re.fullmatch(r"\d{1,2}[:.]\d\d", left) and " pm" in f" {right}" and first.hour + 12 <= second.hour:
            first = Clock(first.hour + 12, first.minute, first.zone, first.day)
        if first.day is None and second.day is not None:
            first = Clock(
                first.hour, first.minute, first.zone or second.zone, second.day, first.second, first.half_known
            )
        elif second.day is None and first.day is not None:
            second = Clock(
                second.hour, second.minute, second.zone or first.zone, first.day, second.second, second.half_known
            )
        if not first.half_known and second.hour >= 12 and first.hour < 12 and first.hour + 12 < second.hour:
            first = Clock(first.hour + 12, first.minute, first.zone, first.day)
        return Range(first, second)
    if isinstance(first, (Offset, Unit, Season, Whole, Part, Named, In, Edge, Nth)) or isinstance(
        second, (Offset, Unit, Season, Whole, Part, Named, In, Edge, Nth)
    ):
        if isinstance(first, (Stretch, Length, Vague, Impossible)) or isinstance(
            second, (Stretch, Length, Vague, Impossible)
        ):
            return None
        return Range(first, second)
    return None


_LENGTH = re.compile(
    rf"(?:(?:about|around|some|roughly|nearly|a little under|a little over|little more than|at most|at least|up to|only"
    rf"|just|another|a further|a mere|exactly|the|those|these|a period of|a term of|no more than|not more than"
    rf"|no fewer than|no less than|fewer than|less than|under|barely|a maximum of|a full|full|the present|the statutory"
    rf"|statutory|the legal|the usual|the customary|the remaining|the allotted|the original|a single|single"
    rf") )*(?P<n>{_NUMBER})[ -](?:(?:more|other|extra) )?"
    rf"(?:(?P<working>working|business|clear working|banking|court|calendar|clear|more|additional|full|further"
    rf"|consecutive) )?(?P<unit>minute|hour|day|night|week|month|quarter|year|decade)s?'?"
    rf"(?: or so| longer| further| grace| of grace| at most| at the latest| or less|'? notice| more)?"
    rf"(?P<notice> ahead| in advance| beforehand)?"
)


def _length(text: str) -> Node | None:
    if one := re.fullmatch(rf"(?:another|a further|an extra|an additional|(?:1|a) more) ({UNIT})(?: more)?", text):
        return Length(Fraction(1), _unit(one[1]), more=True)
    match = _LENGTH.fullmatch(text)
    if match is None:
        return None
    working = match["working"] in ("working", "business", "clear working", "banking", "court")
    more = re.search(r"\b(?:more|further|extra|additional|another|longer|grace)\b(?! than)", text) is not None
    return Length(_number(match["n"]), _unit(match["unit"]), working, match["notice"] is not None, more)


def _weekend_part(text: str) -> Node | None:
    """ "late on Thursday", "early Friday": the part of a day; the day's edge where it is said of something longer."""
    match = re.fullmatch(r"(early|late|later|earlier|mid)(?: in| on| the)*[ -](.+)", text)
    if match is None:
        return None
    if match[2] in ("day", "the day"):
        return (
            Part({"early": "MO", "late": "EV", "later": "EV", "earlier": "MO"}.get(match[1], "MI"), None)
            if match[1] != "later"
            else None
        )
    inner = parse(match[2])
    if isinstance(inner, (Date, Offset, In, Then, Season, Unit, Whole, Nth)) and match[1] in ("early", "late"):
        return Edge(match[1], inner)
    if match[1] in ("later", "earlier") and isinstance(inner, (Unit, Date, Offset, In, Then, Part)):
        return inner
    return None


def _running_out(text: str) -> Node | None:
    """ "the month is out", "the year is over", "the week ends": its end."""
    match = re.fullmatch(
        r"(.+?) (?:is|are|was|were|has been|had been) (?:out|over|up|done|through)"
        r"|(.+?) (?:ends?|ended|closes?|closed|runs? out|ran out|expires?|lapses?)",
        text,
    )
    if match is None:
        return None
    words = match[1] or match[2]
    inner = Offset(Fraction(0), "day", "dct") if words in ("day", "the day") else parse(words)
    if isinstance(inner, (Part, Length)):
        return inner
    return Edge("end", inner) if isinstance(inner, (Unit, Date, Season, In, Offset, Nth)) else None


def _twice_said(text: str) -> Node | None:
    """ "today, Sept. 15", "Thursday, today": the fuller of the two."""
    if match := re.fullmatch(r"(?:today|tomorrow|yesterday|tonight) (.+)", text):
        inner = parse(match[1])
        return inner if isinstance(inner, Date) and (inner.day is not None or inner.weekday is not None) else None
    if match := re.fullmatch(
        rf"(?:the )?[a-z' ]{{3,30}}? ((?:{MONTH} \d{{1,2}}|\d{{1,2}} {MONTH})(?: {_YEAR})?)", text
    ):
        words = text[: match.start(1)].strip()
        inner = parse(match[1])
        if isinstance(parse(words), Named) or words.endswith((" day", " festival")):
            return inner if isinstance(inner, Date) else None
    return None


def _date_time_group(text: str) -> Node | None:
    """Military date-time groups: "221030z apr 86", "311200z"."""
    match = re.fullmatch(rf"([0-3]\d)([0-2]\d)([0-5]\d)z(?: ?({MONTH}))?(?: ?(\d\d|{_YEAR}))?", text)
    if match is None:
        return None
    day, hour, minute = int(match[1]), int(match[2]), int(match[3])
    if not 1 <= day <= 31 or hour > 23:
        return Impossible(f"{text} is no date-time group")
    date = Date(_full_year(match[5]) if match[5] else None, month_number(match[4]) if match[4] else None, day)
    return Clock(hour, minute, "Z", date)


def _week_number(text: str) -> Node | None:
    match = re.fullmatch(rf"(?:calendar |iso )?week (\d{{1,2}})(?: (?:of )?({_YEAR}))?", text)
    return Nth(int(match[1]), "iso week", Date(year=int(match[2])) if match[2] else None) if match else None


def _seasons_ago(text: str) -> Node | None:
    match = re.fullmatch(r"(\d{1,3}) (spring|summer|autumn|fall|winter)s ago", text)
    return In(Season(_SEASON_CODES[match[2]]), Offset(Fraction(-int(match[1])), "year", "dct")) if match else None


def _bare_hour(text: str) -> Node | None:
    """ "two-fifteen", "0730 local", "1300": only what can be nothing else."""
    if match := re.fullmatch(r"(\d{1,2})-(\d\d)", text):
        hour, minute = int(match[1]), int(match[2])
        return Clock(hour, minute, "", None, half_known=False) if 1 <= hour <= 12 and minute < 60 else None
    return None


def _turned(text: str) -> Node | None:
    """Words that turn another expression: "last 8 September", "24-25 June next", "six weeks ago yesterday"."""
    if match := re.fullmatch(
        rf"(?P<which>last|next) (?P<day>\d{{1,2}}(?:st|nd|rd|th)? {MONTH}|{MONTH} \d{{1,2}})", text
    ):
        inner = parse(match["day"])
        return replace(inner, which=match["which"]) if isinstance(inner, Date) else None
    if text.endswith(" last") and re.search(MONTH, text):
        inner = parse(text.removesuffix(" last"))
        return replace(inner, which="last") if isinstance(inner, Date) and inner.year is None else None
    if text.endswith(" next") and re.search(MONTH, text):
        inner = parse(text.removesuffix(" next"))
        if isinstance(inner, Range) and isinstance(inner.first, Date) and isinstance(inner.second, Date):
            return Range(inner.first, replace(inner.second, which="next"))
        return replace(inner, which="next") if isinstance(inner, Date) and inner.year is None else None
    if match := re.fullmatch(rf"({MONTH}) (\d{{1,2}}) years? (?:ago|earlier)", text):
        return In(Date(month=month_number(match[1])), Offset(Fraction(-int(match[2])), "year", "dct"))
    if match := re.fullmatch(r"(.+ ago) (today|tomorrow|yesterday)", text):
        inner, day = parse(match[1]), parse(match[2])
        if isinstance(inner, Offset) and inner.anchor == "dct" and day is not None:
            return Offset(inner.count, f"day:{inner.unit.removeprefix('day:')}", day)
    if text.endswith(" to the day"):
        inner = parse(text.removesuffix(" to the day"))
        if isinstance(inner, Offset) and not inner.vague:
            return replace(inner, unit=f"day:{inner.unit.removeprefix('day:')}")
    if match := re.fullmatch(
        r"(\d{1,2}) ((?:last|this|tomorrow|yesterday) (?:night|evening|morning|afternoon)|tonight)", text
    ):
        return parse(f"{match[1]} o'clock {match[2]}")
    if re.fullmatch(r"(?:the )?(?:days|weeks|months|years)(?: and (?:weeks|months|years))? (?:ahead|to come)", text):
        return Vague("FUTURE_REF")
    if re.fullmatch(r"(?:the )?(?:hours|days|weeks|months|years)(?: and (?:weeks|months|years))? that followed", text):
        return Vague("PAST_REF")
    if match := re.fullmatch(r"(an?|\d{1,2}) years? ago (last|this|next) month", text):
        which = {"last": -1, "this": 0, "next": 1}[match[2]]
        return Offset(which - 12 * _number(match[1]), "month", "dct")
    if match := re.fullmatch(rf"(?:the )?({WEEKDAY}) (after|before) (.+)", text):
        day = parse(match[3])
        if isinstance(day, Named):  # the seven days behind or before it hold each weekday once
            near, far = (Fraction(count if match[2] == "after" else -count) for count in (1, 7))
            week = Range(Offset(min(near, far), "day", day), Offset(max(near, far), "day", day))
            return Nth(1, "day", week, weekday_number(match[1]))
    if match := re.fullmatch(rf"(?:the )?({_PART}) (after|before) (.+)", text):
        inner = parse(match[3])
        if isinstance(inner, (Named, Date)):
            count = Fraction(1 if match[2] == "after" else -1)
            return Part(_PART_WORDS[match[1]], Offset(count, "day", inner))
    return None


_RULES: tuple[Callable[[str], Node | None], ...] = (
    _fixed, _turned, _date, _reference, _whole, _stretch, _unit_reference, _date_which, _season, _named, _nth,
    _weekend_part, _edge, _part, _clock,
    _offset, _offset_from, _in, _length, _running_out, _twice_said, _bare_hour, _date_time_group,
    _week_number, _seasons_ago,
)  # fmt: skip
