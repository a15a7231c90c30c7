"""What the words around a time tell of it: whether it lies ahead or behind, and where a length of time is counted from.

Logistic regressions over the words of the clause, with their distance in three steps and their endings. The weights
stand in `tense.json`, fitted on the corpus's train split and the development table by
`python -m benchmarks.fit_tense`; applying them is a sum, with no library.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

WEIGHTS = Path(__file__).with_name("tense.json")
VERBS = Path(__file__).with_name("verbs.txt")
"""Plain forms of verbs, as they stand behind "to" in the ACTION spans of the corpus's train split."""

UNDECIDED = 0.4
"""Log odds within which the words do not decide."""

_WORD = re.compile(r"[a-z]+(?:['’-][a-z]+)*")
_CLAUSE = re.compile(r"[;:]")
_PAST = frozenset(
    "was were had did said told took came went made gave held met left began became got saw found sent brought put "
    "kept lost won broke fell rose"
    " ran wrote spoke stood sat drew grew led flew drove shot struck hit quit fought sought caught taught bought sold "
    "built paid laid heard felt"
    " knew read beat bit blew chose dealt fed hid hung overthrew swore swept withdrew woke thought forbade sank swung "
    "threw wore tore bore shook"
    " died tied lied rang sang drank stole dug rode fled lay leapt spun split spread sprang stung sought bound wound "
    "ground clung slid bled"
    " forgot hurt shut cut spent lent bent meant slept crept stuck strode stole understood undertook underwent foresaw "
    "arose".split()
)
_NO_VERB_AFTER = frozenset(
    "the a an of its their his her our your my in on at for with by from to this that these those no any some each "
    "every and other new last next"
    " first second more all both two three four five six seven ten".split()
) - {"and"}
_REPORTING = frozenset("say tell add note state report claim argue show mean have be do".split())
_AHEAD = frozenset("will shall must due scheduled slated cannot ll should may can might".split())
_OVER = re.compile(
    r"\b(?:expired|lapsed|ran out|passed|missed|elapsed|came and went|went by|went past|fell due|had run|had until"
    r"|were to|was to|did not|neither did|blown|overran|failed to|let slip|slip by|slipped|blew (?:through|past)"
    r"|ignored|flouted|let go by|should have|had been|broke|unmet)\b|\bhad (?:only )?\|"
    r"|\| (?:was|came|went|passed|slipped)\b"
)
_ANY_CASE = re.compile(
    r"^\W*should\b|\b(?:is|are) (?:\w+ ){0,2}\w+(?:ed|rd|en|pt|lt|nt)\s*$"
    r"|\b(?:if|whenever|where|wherever|once|upon|in case|in the event|unless|deemed|as a rule|normally|usually"
    r"|must then|would then|may then|shall then|then ha(?:s|ve)"
    r"|under (?:the|its|their|this|that|\w+) (?:\w+ )?(?:law|rules?|constitution|statute|code|convention|treaty|methods"
    r"|procedure|act))\b"
)
_LINKS = frozenset("to will be is are was were has have had would".split())
_ZONES_BEFORE, _ZONES_AFTER = "nnnmmmmfffffff", "nnnffffff"
"""How far off a word is, from the time on: near, middling or far. No other words are looked at."""

_ENDINGS = ("ed", "ing", "en", "s")


QUESTIONS = ("date", "deadline", "event", "earlier")
"""What is asked: does a DATE lie ahead; does a DEADLINE; is a deadline's length counted from an event without a date,
or a rule for any case; is it counted from a day before the article's."""


AHEAD = {"DATE": "date", "DEADLINE": "deadline"}
"""The question by which a label's times lie ahead or behind."""


def direction(before: str, after: str, question: str = "date", beside: float = 0.0) -> int:
    """1 if the time lies ahead, -1 if behind, 0 if the words do not tell.

    Args:
        before, after: what stands before and after the time in its sentence.
        question: "date" or "deadline".
        beside: log odds that others than the words give it.
    """
    found = odds(before, after, question) + beside
    return 1 if found > UNDECIDED else -1 if found < -UNDECIDED else 0


def odds(before: str, after: str, question: str, more: Iterable[str] = ()) -> float:
    """The log odds that the answer to one of `QUESTIONS` is yes; `more` are features beside those of the words."""
    weights = _weights()[question]
    # An exact sum: a set's order changes from process to process, and a plain sum's last digit with it.
    return math.fsum([weights[""], *filter(None, map(weights.get, {*features(before, after), *more}))])


def features(before: str, after: str) -> list[str]:
    """What is looked at: words before (b) and after (a), near (n), middling (m) or far (f), endings, pairs, tenses."""
    before, after = before.lower(), after.lower()  # patterns that look away from case take twice as long
    clause = _CLAUSE.split(before)[-1]
    left = _WORD.findall(clause)[-len(_ZONES_BEFORE) :]
    right = _WORD.findall(_CLAUSE.split(after, maxsplit=1)[0])[: len(_ZONES_AFTER)]
    found = ["first" if not before.strip() else "inside"]
    if _OVER.search(f"{before[-60:]}| {after[:50]}"):
        found.append("over")
    if _ANY_CASE.search(clause):
        found.append("any case")
    nearest = following = "none"
    for word, previous, zone in zip(reversed(left), [*left[-2::-1], ""], _ZONES_BEFORE, strict=False):
        words, kind = _of_word("b", zone, word, previous)
        found += words
        if kind:
            found.append(f"seen:{kind}")
            nearest = kind if nearest == "none" else nearest
    for word, previous, zone in zip(right, ["", *right], _ZONES_AFTER, strict=False):
        words, kind = _of_word("a", zone, word, previous)
        found += words
        following = kind if kind and following == "none" else following
    found += [f"left:{nearest}", f"right:{following}", f"both:{nearest}:{following}"]
    found += [f"bb:{first} {second}" for first, second in zip(left[-6:], left[-5:], strict=False) if first in _LINKS]
    return found


def _tense(word: str, previous: str) -> str:
    """past, ahead, present (a verb's plain form or its -s), or nothing.

    `previous` tells verbs from nouns and infinitives.
    """
    if _is_past(word):
        return "past"
    if word in _AHEAD:
        return "ahead"
    if previous in _NO_VERB_AFTER or previous in _AHEAD or _is_past(previous):
        return ""  # behind a verb in the past stands its object: "shook hands"
    verbs = _verbs()
    if word in verbs or (word.endswith("s") and (word[:-1] in verbs or word[:-2] in verbs or f"{word[:-3]}y" in verbs)):
        return "present"
    return ""


def _is_past(word: str) -> bool:
    return word in _PAST or (word.endswith("ed") and len(word) > 4 and word not in _AHEAD)


@lru_cache(maxsize=1)
def _verbs() -> frozenset[str]:
    return frozenset(VERBS.read_text(encoding="utf-8").split()) - _REPORTING


@lru_cache(maxsize=65536)
def _of_word(side: str, zone: str, word: str, previous: str) -> tuple[tuple[str, ...], str]:
    """What is looked at of one word, before ("b") or after ("a") the time, near, middling or far; and its tense."""
    found: tuple[str, ...] = (f"{side}{zone}:{word}",) if side == "a" else (f"{side}{zone}:{word}", f"{side}:{word}")
    ending = next((one for one in _ENDINGS if len(word) > len(one) + 2 and word.endswith(one)), None)
    if ending is not None:
        found = (*found, f"{side}{zone}:*{ending}")
    return found, _tense(word, previous)


@lru_cache(maxsize=1)
def _weights() -> dict[str, dict[str, float]]:
    weights: dict[str, dict[str, float]] = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return weights
