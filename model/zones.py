"""Zones of clock times as TIMEX3 writes them: `Z`, `+02:00`."""

from __future__ import annotations

import re

_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)")


def offset(minutes: int) -> str:
    """The zone that is so many minutes before UTC (behind it, if negative): `Z`, `+02:00`."""
    sign, minutes = ("-" if minutes < 0 else "+"), abs(minutes)
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}" if minutes else "Z"


def minutes_east(zone: str) -> int | None:
    """The inverse of `offset`; None for a zone by any other name."""
    match = _OFFSET.fullmatch(zone)
    if match is None:
        return 0 if zone == "Z" else None
    return int(f"{match[1]}1") * (60 * int(match[2]) + int(match[3]))
