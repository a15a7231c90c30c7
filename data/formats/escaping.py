r"""White space and separators inside one cell of a line, written as UDPipe writes them in CoNLL-U's MISC column.

A space is `\s`, a tab `\t`, line ends `\r` and `\n`, `|` is `\p` and `\` is `\\`; any other white space, which programs
may take for a cell's or a line's end, is `\uXXXX` with its code point, which is our addition.
"""

from __future__ import annotations

import re

_NAMES = {" ": "s", "\t": "t", "\r": "r", "\n": "n", "|": "p", "\\": "\\"}
_SIGNS = {name: sign for sign, name in _NAMES.items()}
_ESCAPE = re.compile(r"\\(?:([strnp\\])|u([0-9a-f]{4}))")


def escape(text: str, also: str = "") -> str:
    """The text without white space, `|` or a single backslash, and without the signs in `also`."""
    return re.sub(rf"[\s|\\{re.escape(also)}]", lambda match: "\\" + _named(match.group()), text)


def unescape(text: str) -> str:
    """The inverse of `escape`; a backslash before anything else stays as it is."""
    return _ESCAPE.sub(lambda match: _SIGNS[match[1]] if match[1] else chr(int(match[2], 16)), text)


def _named(sign: str) -> str:
    return _NAMES.get(sign) or f"u{ord(sign):04x}"
