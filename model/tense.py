"""Whether a time stands with acts that lie ahead or behind, by the words around it.

A logistic regression over the words of the clause, with their distance in three steps and their endings. Its weights stand in
`tense.json`, fitted on the corpus's train split by `python -m benchmarks.fit_tense`; applying them is a sum, with no library.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path

WEIGHTS = Path(__file__).with_name("tense.json")
UNDECIDED = 0.4
"""Log odds within which the words do not decide."""

_WORD = re.compile(r"[a-z]+(?:['’-][a-z]+)*", re.IGNORECASE)
_CLAUSE = re.compile(r"[;:]")
_PAST = frozenset(
    "was were had did said told took came went made gave held met left began became got saw found sent brought put kept lost won broke fell rose"
    " ran wrote spoke stood sat drew grew led flew drove shot struck hit quit fought sought caught taught bought sold built paid laid heard felt"
    " knew read beat bit blew chose dealt fed hid hung overthrew swore swept withdrew woke thought forbade sank swung threw wore tore bore shook"
    " died tied lied rang sang drank stole dug rode fled lay leapt spun split spread sprang stung sought bound wound ground clung slid bled"
    " forgot hurt shut cut spent lent bent meant slept crept stuck strode stole understood undertook underwent foresaw arose".split()
)
_AHEAD = frozenset("will shall must due scheduled slated cannot ll should may can might".split())
_LINKS = frozenset("to will be is are was were has have had would".split())
_BEFORE, _AFTER = 14, 9
_ENDINGS = ("ed", "ing", "en", "s")


def direction(before: str, after: str) -> int:
    """1 if the time lies ahead, -1 if behind, 0 if the words do not tell.

    Args:
        before, after: what stands before and after the time in its sentence.
    """
    weights = _weights()
    odds = weights[""] + sum(weights.get(feature, 0.0) for feature in set(features(before, after)))
    return 1 if odds > UNDECIDED else -1 if odds < -UNDECIDED else 0


def features(before: str, after: str) -> list[str]:
    """What is looked at: words before (b) and after (a), near (n), middling (m) or far (f), endings, pairs with a verb's link."""
    left = [match.group().lower() for match in _WORD.finditer(_CLAUSE.split(before)[-1])][-_BEFORE:]
    right = [match.group().lower() for match in _WORD.finditer(_CLAUSE.split(after)[0])][:_AFTER]
    found = ["first" if not before.strip() else "inside"]
    for distance, word in enumerate(reversed(left)):
        zone = "n" if distance < 3 else "m" if distance < 7 else "f"
        found += [f"b{zone}:{word}", f"b:{word}", *(f"b{zone}:*{ending}" for ending in _ending(word))]
    for distance, word in enumerate(right):
        zone = "n" if distance < 3 else "f"
        found += [f"a{zone}:{word}", *(f"a{zone}:*{ending}" for ending in _ending(word))]
    nearest = next((kind for word in reversed(left) if (kind := _tense(word))), "none")
    following = next((kind for word in right if (kind := _tense(word))), "none")
    found += [f"left:{nearest}", f"right:{following}", f"both:{nearest}:{following}"]
    found += [f"bb:{first} {second}" for first, second in zip(left[-6:], left[-5:], strict=False) if first in _LINKS]
    return found


@lru_cache(maxsize=65536)
def _tense(word: str) -> str:
    if word in _PAST or (word.endswith("ed") and len(word) > 4 and word not in _AHEAD):
        return "past"
    return "ahead" if word in _AHEAD else ""


@lru_cache(maxsize=65536)
def _ending(word: str) -> list[str]:
    return next(([ending] for ending in _ENDINGS if len(word) > len(ending) + 2 and word.endswith(ending)), [])


@lru_cache(maxsize=1)
def _weights() -> dict[str, float]:
    weights: dict[str, float] = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return weights
