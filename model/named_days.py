"""The date of a named day in a year: Easter, Labor Day, Eid al-Fitr.

Fixed days stand here; Easter's are dateutil's; those of other calendars come from the `holidays` package, as the public
holidays of a country that keeps them (a moon's sighting can move a feast by a day in another country).
"""

from __future__ import annotations

import datetime
from functools import lru_cache

from dateutil.easter import EASTER_ORTHODOX, EASTER_WESTERN, easter

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
    "un day": (10, 24), "nowruz": (3, 21), "naadam": (7, 11), "liberation day": (8, 15), "aids day": (12, 1),
    "press freedom day": (5, 3),
    "st nicholas": (12, 6), "st joseph": (3, 19), "st andrew": (11, 30), "st george": (4, 23), "st david": (3, 1),
    "st stephen": (12, 26), "st john": (6, 24), "st martin": (11, 11), "peter and paul": (6, 29), "lady day": (3, 25),
    "immaculate conception": (12, 8), "bonfire night": (11, 5), "kings day": (4, 27), "queens day": (4, 30),
    "bon": (8, 13), "africa day": (5, 25), "vidovdan": (6, 28),
    "april fools": (4, 1), "environment day": (6, 5), "summer solstice": (6, 21), "winter solstice": (12, 21),
    "earth day": (4, 22), "holocaust day": (1, 27), "all souls": (11, 2), "twelfth night": (1, 5),
}  # fmt: skip
_AFTER_EASTER = {
    "easter": 0, "easter monday": 1, "easter tuesday": 2, "good friday": -2, "palm sunday": -7, "maundy thursday": -3,
    "ash wednesday": -46, "ascension": 39, "pentecost": 49, "whit monday": 50, "shrove tuesday": -47,
    "holy saturday": -1, "corpus christi": 60,
}  # fmt: skip
_KEPT_IN = {
    "us labor day": ("US", "Labor Day"), "thanksgiving": ("US", "Thanksgiving"), "memorial day": ("US", "Memorial Day"),
    "mlk day": ("US", "Martin Luther King"), "presidents day": ("US", "Washington's Birthday"),
    "columbus day": ("US", "Columbus Day"), "victoria day": ("CA", "Victoria Day"),
    "eid al-fitr": ("JO", "Eid al-Fitr"), "eid al-adha": ("AE", "Eid al-Adha"), "ashura": ("BH", "Ashura"),
    "lunar new year": ("SG", "Chinese New Year"),
    "qingming": ("HK", "Tomb-Sweeping Day"),
    "chuseok": ("KR", "Chuseok"), "ramadan": ("BN", "First Day of Ramadan"), "diwali": ("SG", "Diwali"),
    "vesak": ("SG", "Vesak"),
    "mid-autumn": ("KR", "Chuseok"), "dragon boat": ("HK", "Dragon Boat"), "double ninth": ("HK", "Double Ninth"),
    "mawlid": ("BN", "Prophet's Birthday"), "islamic new year": ("BN", "Islamic New Year"),
    "arbaeen": ("IR", "Arbaeen"),
    "sukkot": ("IL", "Sukkot"), "shavuot": ("IL", "Shavuot"), "purim": ("IL", "Purim"), "hanukkah": ("IL", "Hanukkah"),
    "rosh hashanah": ("IL", "Rosh Hashanah"), "yom kippur": ("IL", "Yom Kippur"), "passover": ("IL", "Pesach"),
}  # fmt: skip
_CATEGORIES = {"IL": ("public", "school", "optional")}
"""Which of a country's holidays are looked at; the public ones where nothing is said."""

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
    if name in _SECOND:
        month, weekday = _SECOND[name]
        return datetime.date(year, month, 8 + (weekday - datetime.date(year, month, 8).weekday()) % 7)
    feast = name.removeprefix("orthodox ")
    if feast in _AFTER_EASTER:
        if not _FIRST_YEAR <= year <= _LAST_YEAR:
            return None
        sunday: datetime.date = easter(year, EASTER_WESTERN if feast == name else EASTER_ORTHODOX)
        return sunday + datetime.timedelta(days=_AFTER_EASTER[feast])
    if name not in _KEPT_IN or not 1950 <= year <= 2100:
        return None
    country, words = _KEPT_IN[name]
    found = [day for day, title in _of_country(country, year).items() if title.startswith(words)]
    return min(found, default=None)


@lru_cache(maxsize=256)
def _of_country(country: str, year: int) -> dict[datetime.date, str]:
    import holidays  # seldom needed, and slow to import

    kept = holidays.country_holidays(
        country, years=year, language="en_US", observed=False, categories=_CATEGORIES.get(country)
    )
    return {day: title for day, title in kept.items() if day.year == year}
