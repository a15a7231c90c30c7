"""The date of a named day in a year: Easter, Labor Day, Eid al-Fitr, a country's Independence Day.

Fixed days stand here; Easter's are dateutil's; those of other calendars come from the `holidays` package, as the public
holidays of a country that keeps them (a moon's sighting can move a feast by a day in another country), and so do the
days that each country has its own of.
"""

from __future__ import annotations

import datetime
import re
import warnings
from collections.abc import Sequence
from functools import lru_cache

from dateutil.easter import EASTER_ORTHODOX, EASTER_WESTERN, easter

from model.countries import country_of

_FIXED = {
    "new year eve": (12, 31), "new year": (1, 1), "christmas eve": (12, 24), "christmas": (12, 25),
    "orthodox christmas": (1, 7), "boxing day": (12, 26),
    "epiphany": (1, 6), "all saints": (11, 1), "valentine": (2, 14), "st patrick": (3, 17), "candlemas": (2, 2),
    "michaelmas": (9, 29), "assumption": (8, 15),
    "lao new year": (4, 14), "thingyan": (4, 13), "may day": (5, 1),
    "veterans day": (11, 11), "armistice day": (11, 11), "bastille day": (7, 14), "anzac day": (4, 25),
    "australia day": (1, 26),
    "waitangi day": (2, 6), "canada day": (7, 1), "victory day": (5, 9), "europe day": (5, 9), "juneteenth": (6, 19),
    "halloween": (10, 31),
    "us independence": (7, 4), "human rights day": (12, 10), "womens day": (3, 8), "refugee day": (6, 20),
    "un day": (10, 24), "naadam": (7, 11), "liberation day": (8, 15), "aids day": (12, 1),
    "press freedom day": (5, 3),
    "peter and paul": (6, 29), "lady day": (3, 25),
    "immaculate conception": (12, 8), "bonfire night": (11, 5), "kings day": (4, 27), "queens day": (4, 30),
    "bon": (8, 13), "africa day": (5, 25), "vidovdan": (6, 28), "guadalupe": (12, 12), "labour day": (5, 1),
    "summer recess": (8, 1), "day of the sun": (4, 15), "shining star": (2, 16),
    "april fools": (4, 1), "environment day": (6, 5), "summer solstice": (6, 21), "winter solstice": (12, 21),
    "earth day": (4, 22), "holocaust day": (1, 27), "all souls": (11, 2), "twelfth night": (1, 5),
}  # fmt: skip
SAINTS = {
    "agatha": (2, 5), "andrew": (11, 30), "anne": (7, 26), "anthony": (6, 13), "barbara": (12, 4),
    "bartholomew": (8, 24), "blaise": (2, 3), "brigid": (2, 1), "casimir": (3, 4), "catherine": (11, 25),
    "cecilia": (11, 22), "clement": (11, 23), "david": (3, 1), "demetrius": (10, 26), "dominic": (8, 8),
    "elijah": (8, 2), "florian": (5, 4), "francis": (10, 4), "george": (4, 23), "hubert": (11, 3), "ignatius": (7, 31),
    "isidore": (5, 15), "james": (7, 25), "john": (6, 24), "jean": (6, 24), "juan": (6, 24), "joseph": (3, 19),
    "lawrence": (8, 10), "lucy": (12, 13), "luke": (10, 18), "mark": (4, 25), "martin": (11, 11), "matthew": (9, 21),
    "michael": (9, 29), "nicholas": (12, 6), "olaf": (7, 29), "olav": (7, 29), "patrick": (3, 17), "paul": (6, 29),
    "peter": (6, 29), "pedro": (6, 29), "rose": (8, 30), "sava": (1, 27), "stephen": (12, 26), "sylvester": (12, 31),
    "teresa": (10, 15), "thomas": (12, 21), "valentine": (2, 14), "vitus": (6, 28), "wenceslas": (9, 28),
}  # fmt: skip
"""Their days in the western calendar, but for Demetrius and Elijah (where they are kept as feasts, it is in the East),
Sava and Vitus (as Serbia keeps them)."""

_AFTER_EASTER = {
    "easter": 0, "easter monday": 1, "easter tuesday": 2, "good friday": -2, "palm sunday": -7, "maundy thursday": -3,
    "ash wednesday": -46, "ascension": 39, "pentecost": 49, "whit monday": 50, "shrove tuesday": -47,
    "carnival monday": -48, "holy saturday": -1, "corpus christi": 60, "trinity": 56,
}  # fmt: skip
_KEPT_IN = {
    "us labor day": ("US", "Labor Day"), "thanksgiving": ("US", "Thanksgiving"), "memorial day": ("US", "Memorial Day"),
    "mlk day": ("US", "Martin Luther King"), "presidents day": ("US", "Washington's Birthday"),
    "columbus day": ("US", "Columbus Day"), "victoria day": ("CA", "Victoria Day"),
    "eid al-fitr": ("JO", "Eid al-Fitr"), "eid al-adha": ("AE", "Eid al-Adha"), "ashura": ("BH", "Ashura"),
    "lunar new year": ("SG", "Chinese New Year"),
    "qingming": ("HK", "Tomb-Sweeping Day"), "nowruz": ("IR", "Nowruz"),
    "chuseok": ("KR", "Chuseok"), "ramadan": ("MV", "First Day of Ramadan"), "diwali": ("SG", "Diwali"),
    "vesak": ("SG", "Vesak"),
    "mid-autumn": ("KR", "Chuseok"), "dragon boat": ("HK", "Dragon Boat"), "double ninth": ("HK", "Double Ninth"),
    "mawlid": ("BN", "Prophet's Birthday"), "islamic new year": ("BN", "Islamic New Year"),
    "arbaeen": ("IR", "Arbaeen"),
    "sukkot": ("IL", "Sukkot"), "shavuot": ("IL", "Shavuot"), "purim": ("IL", "Purim"), "hanukkah": ("IL", "Hanukkah"),
    "rosh hashanah": ("IL", "Rosh Hashanah"), "yom kippur": ("IL", "Yom Kippur"), "passover": ("IL", "Pesach"),
}  # fmt: skip

_FISCAL_YEAR_ENDS = {
    (3, 20): ("IR",),
    (3, 31): ("BB", "BN", "BW", "BZ", "CA", "GB", "HK", "IN", "JM", "JP", "KW", "LS", "MM", "NA", "SG", "SZ", "ZA"),
    (6, 30): ("AU", "BD", "BT", "EG", "KE", "MU", "NZ", "PK", "RW", "SS", "TO", "TZ", "UG", "WS"),
    (7, 7): ("ET",),
    (7, 15): ("NP",),
    (9, 30): ("HT", "TH", "TT", "US"),
}
"""When fiscal years end of central governments that do not keep the calendar's: a selection, as of the 2010s."""

_SECOND = {"remembrance sunday": (11, 6), "canadian thanksgiving": (10, 0)}
"""The second of a weekday (0 is Monday) in a month."""

_FIRST_YEAR, _LAST_YEAR = 1583, 4099  # dateutil's tables of Easter


@lru_cache(maxsize=4096)
def named_day(name: str, year: int) -> datetime.date | None:
    """The day of that name in a year of the Gregorian calendar, or None if it is not known.

    Args:
        name: as `model.expressions` names it ("easter", "eid al-fitr", …).
        year: any.
    """
    if not 1 <= year <= 9999:
        return None
    if name in _FIXED:
        return datetime.date(year, *_FIXED[name])
    if name.startswith("st ") and name[3:] in SAINTS:
        return datetime.date(year, *SAINTS[name[3:]])
    if name.startswith("advent "):  # the fourth Sunday of Advent is the last before Christmas
        christmas = datetime.date(year, 12, 25)
        return christmas - datetime.timedelta(days=christmas.weekday() + 1 + 7 * (4 - int(name[7:])))
    if name in _SECOND:
        month, weekday = _SECOND[name]
        return datetime.date(year, month, 8 + (weekday - datetime.date(year, month, 8).weekday()) % 7)
    feast = name.removeprefix("orthodox ")
    if feast in _AFTER_EASTER:
        if not _FIRST_YEAR <= year <= _LAST_YEAR:
            return None
        sunday: datetime.date = easter(year, EASTER_WESTERN if feast == name else EASTER_ORTHODOX)
        return sunday + datetime.timedelta(days=_AFTER_EASTER[feast])
    if name == "nowruz" and not 1980 <= year <= 2100:
        return datetime.date(year, 3, 21)
    return min(_days_kept(name, year), default=None)


def _days_kept(name: str, year: int) -> list[datetime.date]:
    """A feast of a lunar calendar can fall twice in one year."""
    if name not in _KEPT_IN or not 1950 <= year <= 2100:
        return []
    country, words = _KEPT_IN[name]
    kept = [(day, title) for day, titles in _of_country(country, year) for title in titles]
    exact = [day for day, title in kept if title.split(" (")[0] == words]
    return exact or [day for day, title in kept if title.startswith(words)]


def kept_day(title: str, year: int, countries: Sequence[str]) -> datetime.date | None:
    """The public holiday of that title in the first of some countries that has one, or None.

    Args:
        title: in lower case, as "independence day".
        year: any; the package knows those from 1950 to 2100 at most.
        countries: ISO 3166 codes. One whose people or name the title begins with comes before them all.
    """
    if not 1950 <= year <= 2100:
        return None
    words = title.split(" ")
    for count in (3, 2, 1):  # "south sudanese independence day"
        own = country_of(re.sub(r"'s?$", "", " ".join(words[:count])))
        if own is not None and len(words) - count > 1:
            words, countries = words[count:], [own]
            break
    wanted = _spelt(" ".join(words))
    for country in countries[:_LIKELY]:
        kept = [
            (day, _spelt(one)) for day, titles in _of_country(country, year) for one in titles if "(from" not in one
        ]
        names = (wanted, "national day") if wanted == "independence day" and country in _INDEPENDENT_ON else (wanted,)
        for name in names:
            # "National Independence Day" is one too, but not where there is a plain one.
            found = [day for day, title in kept if title == name] or [
                day for day, title in kept if title.endswith(f" {name}")
            ]
            if found:
                return min(found)
    return None


_LASTING = {"ramadan": "eid al-fitr"}
"""What is named by its first day and lasts until the eve of another."""


def lasts(name: str) -> bool:
    """Whether a name is of more than the one day that `named_day` gives."""
    return name in _LASTING


def last_day(name: str, first: datetime.date) -> datetime.date | None:
    """The last day of what is named by its first; None of a name that is a single day's, and where it is not known.

    Args:
        name: as `named_day` has it.
        first: the named day.
    """
    if name not in _LASTING:
        return None
    feasts = [feast for years in (0, 1) for feast in _days_kept(_LASTING[name], first.year + years)]
    following = min((feast for feast in feasts if feast > first), default=None)
    return following - datetime.timedelta(days=1) if following is not None else None


_LIKELY = 3
"""How many countries are tried: a day that none of the likeliest keeps is rather no holiday at all."""

_INDEPENDENT_ON = ("CI", "KM", "NG")
"""Countries whose independence the package calls their National Day."""


def _spelt(title: str) -> str:
    plain = title.split("(")[0].strip().lower().replace("labour", "labor").replace("’", "'")
    return plain.removesuffix(" holiday")


def fiscal_year_end(year: int, country: str | None) -> datetime.date:
    """The last day of the fiscal year that ends in a year, in a country; where none is known, the calendar year's."""
    ends = next((end for end, those in _FISCAL_YEAR_ENDS.items() if country in those), (12, 31))
    return datetime.date(year, *ends)


@lru_cache(maxsize=2048)
def _of_country(country: str, year: int) -> list[tuple[datetime.date, list[str]]]:
    """A country's holidays of all kinds, each day with its titles."""
    import holidays  # seldom needed, and slow to import

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the years that it knows differ from country to country
        kinds = holidays.country_holidays(country).supported_categories
        every = holidays.country_holidays(country, years=year, language="en_US", observed=False, categories=kinds)
    return [(day, titles.split("; ")) for day, titles in every.items() if day.year == year]
