"""The pairs of an act and an actor or time that may belong to it, as numbers that tell how the two stand together.

What `model.links` decides by. For every act the actors and times nearby are candidates; the numbers say what stands
between the two, before and after them, how far apart they are and what lies in between.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from data.schema import Article
from data.sentences import sentence_starts

SENTENCES = {"ACTOR": range(-2, 1), "DATE": range(-1, 1), "DEADLINE": range(2)}
"""In which sentences an act's actors and times are looked for, counted from its own.

What binds a limit to its act is often told after it ("… to pull back. They have until Friday."), and next to never
before: of the limits annotated in train 94% stand in their act's sentence, 5.5% in the next, 0.1% in the one before.
"""

FARTHEST = 1000
"""Code points between an act and what may belong to it, at most: a list may go on for pages without an end of a
sentence. No link annotated in train or dev spans more within these sentences."""


@dataclass(frozen=True)
class Pairs:
    """The candidates for one label of an article, in the order of the acts and, for an act, of the text.

    Attributes:
        acts, others: indices into the article's spans, shape (pairs,).
        features: shape (pairs, features).
    """

    acts: np.ndarray
    others: np.ndarray
    features: np.ndarray

    @classmethod
    def join(cls, parts: Iterable[Pairs]) -> Pairs:
        """Pairs of several labels of one article, one after the other."""
        columns = zip(*((one.acts, one.others, one.features) for one in parts), strict=True)
        return cls(*(np.concatenate(column) for column in columns))


def pairs(article: Article) -> dict[str, Pairs]:
    """The pairs of an article by the label of the other span."""
    view = _View(article)
    found = {}
    for label in SENTENCES:
        places = [(act, other) for act in view.acts for other in view.candidates(act, label)]
        rows = [view.features(act, other) for act, other in places]
        found[label] = Pairs(
            np.array([act for act, _ in places], dtype=np.int64),
            np.array([other for _, other in places], dtype=np.int64),
            np.array(rows, dtype=np.float64).reshape(len(rows), FEATURES),
        )
    return found


# --- words that tell --------------------------------------------------------------------------------------------------

_BEFORE_ACT = (
    ("to",), ("the", "a", "an", "this", "that", "these", "no", "any"),
    ("was", "were", "be", "been", "being", "is", "are", "get", "got"), ("has", "have", "had"),
    ("will", "would", "must", "may", "might", "should", "shall", "can", "could", "cannot"), ("and", "or"), ("by",),
    ("of",), ("for",), ("s",), ("who", "which", "that"), ("not", "never", "also", "again"),
    ("its", "their", "his", "her", "our", "your", "my"),
    ("in", "on", "at", "after", "before", "during", "from", "with", "against", "over"),
    ("he", "she", "it", "they", "we", "i", "you"),
)  # fmt: skip
_AFTER_ACT = (
    ("by",), ("of",), ("on", "against", "at", "over", "into"), ("with",), ("to",), ("for",), ("that", "it"),
    ("and", "or"), ("the", "a", "an", "its", "his", "their", "her"), ("in", "from", "after", "before", "between"),
)  # fmt: skip
_BEFORE_OTHER = (
    ("by",), ("of",), ("on", "against", "at", "over", "upon"), ("with",), ("to",), ("for",), ("from",),
    ("between", "among"), ("and", "or"), ("in", "under"),
    ("that", "if", "as", "when", "while", "because", "but", "after", "before"),
    ("the", "a", "an"), ("its", "his", "their", "her", "our"), ("said", "told", "says"),
)  # fmt: skip
_AFTER_OTHER = (
    ("s",), ("who", "which", "that"), ("and", "or"), ("to",), ("of",), ("in", "at", "from"),
    ("was", "were", "is", "are"), ("has", "have", "had"), ("will", "would", "must", "may", "should"),
    ("said", "told", "says"),
)  # fmt: skip
_PRONOUNS = (
    ("he", "she", "him", "her", "his"), ("it", "its"), ("they", "them", "their"), ("we", "i", "our", "us", "my"),
    ("you", "your"), ("who", "which", "that"),
)  # fmt: skip
_ANY_PRONOUN = frozenset(word for group in _PRONOUNS for word in group)
_THIRD_PERSON = frozenset("he she it they we his her its their them him".split())
_BETWEEN = (
    "to", "by", "of", "and", "that", "who", "which", "for", "on", "with", "against", "said", "when", "after", "but",
    "was", "were", "had", "will", "must", "from", "in", "between",
)  # fmt: skip
_ENDINGS = ("ed", "ing", "s", "ion", "ions", "ment", "al")
_ASKING = re.compile(
    r"(?:order|ask|urge|tell|told|call|demand|request|forc|allow|let|permit|invit|instruct|advis|requir|warn|forbid"
    r"|forbade|prohibit|encourag|press|direct|compel|oblig|want|authori|enabl|help|persuad|command|appeal|threaten|stop"
    r"|prevent|bar|ban)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+")
_PASSIVE = re.compile(
    r"\b(?:was|were|be|been|being|is|are|got|get)\b(?:\W+(?:not|also|then|now|later|never|still|already|\w+ly))?\W*$",
    re.IGNORECASE,
)
_RELATIVES = frozenset("who which that whose whom".split())
_PERSON = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Sir|Minister|minister|Ambassador|ambassador|President|president|Secretary|secretary|General"
    r"|Colonel|Envoy|envoy|spokes\w+|Spokes\w+|Representative|representative"
    r"|Director|director|Chair\w*|chair\w*|Commissioner|commissioner|Governor|governor|King|Queen|Prince|judge|Judge"
    r"|Justice|official|officer|Senator|deputy|Deputy|negotiator|consul|Consul)\b|^[A-Z][\w'’-]+ [A-Z][\w'’-]+$"
)
_JOINED = re.compile(r",? (?:and |or |as well as )?(?:the |its |an? )?|, ")
_STRAIGHT_ON = frozenset(
    (",", "and", ", and", "has", "have", "had", "will", "must", "also", "to", "is to", "are to", "")
)
_NEAR = 6
"""Words before an act in which a pronoun counts as its subject."""


class _View:
    """An article's spans by their places in its sentences, and what is to be known of each act, span and pair."""

    def __init__(self, article: Article) -> None:
        self.text = article.text
        self.spans = article.spans
        self.acts = [index for index, span in enumerate(self.spans) if span.label == "ACTION"]
        self._names = [article.covered(span) for span in self.spans]
        self._named: dict[str, list[int]] = {}
        for index, name in enumerate(self._names):
            self._named.setdefault(name, []).append(index)
        starts = sentence_starts(article.text)
        self._bounds = [*starts, len(article.text)]
        self._sentence = [bisect_right(starts, span.start) - 1 for span in self.spans]
        matches = list(_WORD.finditer(self.text))
        self._words = [match.group().lower() for match in matches]
        self._word_start = [match.start() for match in matches]
        self._word_end = [match.end() for match in matches]
        # before[label][i]: how many of the first i spans have the label.
        self._before = {
            label: np.cumsum([0, *(span.label == label for span in self.spans)]).tolist()
            for label in ("ACTION", *SENTENCES)
        }
        self._members: dict[tuple[int, str], list[int]] = {}
        for index, span in enumerate(self.spans):
            self._members.setdefault((self._sentence[index], span.label), []).append(index)
        self._act_features = {act: self._of_act(act) for act in self.acts}
        self._other_features = {
            index: self._of_other(index) for index, span in enumerate(self.spans) if span.label in SENTENCES
        }

    def candidates(self, act: int, label: str) -> Iterator[int]:
        """The spans of a label that may belong to an act, in order."""
        here = self._sentence[act]
        span = self.spans[act]
        for sentence in SENTENCES[label]:
            members = self._members.get((here + sentence, label), [])
            first = bisect_left(members, span.start - FARTHEST, key=lambda other: self.spans[other].end)
            behind = bisect_right(members, span.end + FARTHEST, key=lambda other: self.spans[other].start)
            yield from members[first:behind]

    def features(self, act: int, other: int) -> list[float]:
        """What is known of an act, of a span, and of the two together."""
        return [*self._act_features[act], *self._other_features[other], *self._of_pair(act, other)]

    def _of_act(self, act: int) -> list[float]:
        span = self.spans[act]
        sentence = self._sentence[act]
        first = bisect_left(self._word_start, self._bounds[sentence])
        here = bisect_left(self._word_start, span.start)
        start = self._bounds[sentence]
        prefix = self._words[first:here]
        after = bisect_left(self._word_start, span.end)
        following = self._words[after] if after < len(self._words) else ""
        words = self._names[act].lower().split()
        acts = self._members[sentence, "ACTION"]
        earlier = acts[bisect_left(acts, act) - 1] if acts[0] != act else None
        pronoun = next((word for word in reversed(prefix[-_NEAR:]) if word in _ANY_PRONOUN), "")
        passive = _PASSIVE.search(self.text, max(start, span.start - 60), span.start)
        opened = sum(self.text.count(sign, start, span.start) for sign in '"“”')
        return [
            float(any(word in _THIRD_PERSON for word in prefix)),
            float(passive is not None),
            float(opened % 2),
            float(earlier is not None),
            float(earlier is not None and bool(_ASKING.match(self._names[earlier]))),
            float(bool(_ASKING.match(self._names[act]))),
            float(len(words)),
            float(act == self.acts[0]),
            float(len(acts)),
            *_one_hot(pronoun, _PRONOUNS),
            *_one_hot(prefix[-1] if prefix else "", _BEFORE_ACT),
            *_one_hot(following, _AFTER_ACT),
            *(float(bool(words) and words[0].endswith(ending)) for ending in _ENDINGS),
        ]

    def _of_other(self, other: int) -> list[float]:
        span = self.spans[other]
        name = self._names[other]
        sentence = self._sentence[other]
        members = self._members[sentence, span.label]
        before = bisect_left(self._word_start, span.start)
        after = bisect_left(self._word_start, span.end)
        return [
            float(members[0] == other),
            float(span.start - self._bounds[sentence] < 6),
            float(len(name.split())),
            float(self._is_joined(other - 1, other)),
            float(self._is_joined(other, other + 1)),
            float(name[:1].isupper()),
            float(name.rstrip("'’").endswith("s")),
            float(bool(_PERSON.search(name))),
            float(self.text[max(0, span.start - 1) : span.start] == "("),
            float(len(self._members.get((sentence, "ACTION"), ()))),
            *_one_hot(self._words[before - 1] if before else "", _BEFORE_OTHER),
            *_one_hot(self._words[after] if after < len(self._words) else "", _AFTER_OTHER),
        ]

    def _of_pair(self, act: int, other: int) -> list[float]:
        span, label = self.spans[other], self.spans[other].label
        is_before = other < act
        start, end = (span.end, self.spans[act].start) if is_before else (self.spans[act].end, span.start)
        gap = self.text[start:end]
        words = self._words[bisect_left(self._word_start, start) : bisect_right(self._word_end, end)]
        low, high = min(act, other), max(act, other)
        alike = self._before[label][high] - self._before[label][low + 1]
        acts = self._before["ACTION"][high] - self._before["ACTION"][low + 1]
        dates = self._before["DATE"][high] - self._before["DATE"][low + 1]
        here = self._sentence[act]
        members = self._members.get((here, label), [])
        preceding = bisect_left(members, act)
        same_sentence = self._sentence[other] == here
        distinct = set(words)
        same_name = bisect_left(self._named[self._names[other]], act)
        return [
            float(is_before),
            float(here - self._sentence[other]),
            math.log1p(len(words)),
            float(not gap.strip()),
            float(alike),
            float(acts),
            float(bisect_left(members, other)) if same_sentence else -1.0,
            float(len(members)),
            float(preceding == 0),
            float(is_before and any(word in _THIRD_PERSON for word in words)),
            float(not distinct.isdisjoint(_RELATIVES)),
            float(gap.count(",")),
            float(any(sign in gap for sign in ";:—–")),
            float(sum(gap.count(sign) for sign in '"“”')),
            float(is_before and acts > 0),
            float(same_name),
            float(same_sentence and is_before and gap.strip() in _STRAIGHT_ON),
            float(same_sentence and preceding > 0 and members[preceding - 1] == other),
            float(same_sentence and preceding < len(members) and members[preceding] == other),
            float(same_sentence and high - low > 1 and high - low - 1 == acts + dates),
            *(float(word in distinct) for word in _BETWEEN),
        ]

    def _is_joined(self, first: int, second: int) -> bool:
        """Whether two neighbouring spans have one label and stand joined by a comma or "and"."""
        if first < 0 or second >= len(self.spans) or self.spans[first].label != self.spans[second].label:
            return False
        return bool(_JOINED.fullmatch(self.text, self.spans[first].end, self.spans[second].start))


def _one_hot(word: str, groups: Sequence[Sequence[str]]) -> list[float]:
    return [float(word in group) for group in groups]


FEATURES = (
    9 + sum(map(len, (_PRONOUNS, _BEFORE_ACT, _AFTER_ACT, _ENDINGS)))
    + 10 + len(_BEFORE_OTHER) + len(_AFTER_OTHER)
    + 20 + len(_BETWEEN)
)  # fmt: skip
"""Numbers in a row of features."""
