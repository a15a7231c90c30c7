"""The templates of HTML pages. What comes from articles is always escaped; pages load nothing from anywhere."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

HUES = {"ACTOR": 212, "ACTION": 140, "DATE": 38, "DEADLINE": 355}
"""Degrees on the colour wheel; other labels get one by their name."""


@cache
def environment() -> Environment:
    """Jinja2 with escaping always on, and an error for a name that a template misspells."""
    made = Environment(
        loader=PackageLoader("model"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["hue"] = hue
    made.filters["visible"] = visible
    return made


def hue(label: str) -> int:
    """A label's colour, the same on every page."""
    return HUES.get(label, sum(label.encode()) * 47 % 360)


# Characters that reorder what stands around them, or show nothing: a reader must see that they are there.
_INVISIBLE = {
    code: f"⟨U+{code:04X}⟩"
    for code in (
        *range(0x00, 0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F, *range(0x80, 0xA0),
        0x061C, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x2065), *range(0x2066, 0x2070), 0xFEFF,
    )
}  # fmt: skip


def visible(text: str) -> str:
    """Text whose control characters show as their names (`⟨U+202E⟩`)."""
    return text.translate(_INVISIBLE)
