"""The templates of HTML pages. What comes from articles is always escaped; pages load nothing from anywhere."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

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
    made.filters["harmless"] = harmless
    return made


def source(name: str) -> str:
    """A template's text as it is, such as a script that needs no filling in."""
    loader = environment().loader
    assert loader is not None
    return loader.get_source(environment(), name)[0]


def script_hash(script: str) -> str:
    """What a Content-Security-Policy calls an inline script that may run."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def harmless(value: Any) -> Markup:
    """JSON to stand in a `<script type="application/json">`: nothing in it can end the element or begin a comment."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)


def hue(label: str) -> int:
    """A label's colour, the same on every page."""
    return HUES.get(label, sum(label.encode()) * 47 % 360)


# Characters that reorder what stands around them, or show nothing: a reader must see that they are there.
_INVISIBLE = {
    code: f"⟨U+{code:04X}⟩"
    for code in (
        *range(0x00, 0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F, *range(0x80, 0xA0),
        0x061C, 0x200B, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2060, 0x2065), *range(0x2066, 0x2070), 0xFEFF,
        *range(0xD800, 0xE000),  # halves of surrogate pairs: JSON can bring them, UTF-8 cannot hold them
    )
}  # fmt: skip


def visible(text: str) -> str:
    """Text whose control characters show as their names (`⟨U+202E⟩`)."""
    return text.translate(_INVISIBLE)


def clip(text: str, length: int) -> str:
    """Text of at most `length` characters, with an ellipsis where there was more."""
    return text if len(text) <= length else text[: length - 1] + "…"
