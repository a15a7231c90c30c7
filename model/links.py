"""Who did it, to whom, when, by when: links from the acts of an article to its actors and times.

`docs/links.md` says what a link is. For every act the actors and times nearby are candidates; what stands between the
two, before and after them, becomes numbers, and boosted decision trees (Friedman, 2001) turn these into the probability
of a link. The trees stand in `links.json`, fitted on annotated articles by `python -m benchmarks.fit_links`; walking
them needs numpy alone.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from data.link_annotations import KINDS
from data.schema import Article, Span
from data.sentences import sentence_starts

TREES = Path(__file__).with_name("links.json")

CERTAIN = 0.8
"""The probability from which on a link is called certain."""

SENTENCES_BACK = 2
"""How many sentences before its own an act's actors are looked for in; times stand in its own or the one before."""


@dataclass(frozen=True)
class Link:
    """A link from an act to another span of its article, with the model's probability."""

    span: Span
    probability: float

    @property
    def certain(self) -> bool:
        """Whether the model is sure enough to be believed without a look."""
        return self.probability >= CERTAIN


@dataclass
class Linked:
    """An act and its links, each kind in the order of the text."""

    action: Span
    links: dict[str, list[Link]] = field(default_factory=lambda: {kind: [] for kind in KINDS})


def link(article: Article) -> list[Linked]:
    """The links of every ACTION of an article, in the order of the text."""
    view = View(article)
    trees = _trees()
    found: list[Linked] = []
    previous: Mapping[str, set[int]] = {}
    for action in view.actions:
        linked = Linked(view.spans[action])
        chosen: dict[str, set[int]] = {}
        for kind in KINDS:
            candidates = list(view.candidates(action, kind))
            rows = [view.features(action, other, previous, chosen) for other in candidates]
            scores = trees[kind].probabilities(np.array(rows, dtype=np.float64)) if rows else np.zeros(0)
            picked = {
                other: float(score)
                for other, score in zip(candidates, scores, strict=True)
                if score >= trees[kind].threshold
            }
            chosen[kind] = set(picked)
            linked.links[kind] = [Link(view.spans[other], probability) for other, probability in sorted(picked.items())]
        previous = chosen
        view.remember(chosen["source"])
        found.append(linked)
    return found


# --- what the trees see -----------------------------------------------------------------------------------------------

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
_BEFORE_ACTOR = (
    ("by",), ("of",), ("on", "against", "at", "over", "upon"), ("with",), ("to",), ("for",), ("from",),
    ("between", "among"), ("and", "or"), ("in", "under"),
    ("that", "if", "as", "when", "while", "because", "but", "after", "before"),
    ("the", "a", "an"), ("its", "his", "their", "her", "our"), ("said", "told", "says"),
)  # fmt: skip
_AFTER_ACTOR = (
    ("s",), ("who", "which", "that"), ("and", "or"), ("to",), ("of",), ("in", "at", "from"),
    ("was", "were", "is", "are"), ("has", "have", "had"), ("will", "would", "must", "may", "should"),
    ("said", "told", "says"),
)  # fmt: skip
_ENDINGS = ("ed", "ing", "s", "ion", "ions", "ment", "al")
_ASKING = re.compile(
    r"(?:order|ask|urge|tell|told|call|demand|request|forc|allow|let|permit|invit|instruct|advis|requir|warn|forbid"
    r"|forbade|prohibit|encourag|press|direct|compel|oblig|want|authori|enabl|help|persuad|command|appeal|threaten|stop"
    r"|prevent|bar|ban)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W_]+")
_PRONOUN = re.compile(r"\b(?:he|she|it|they|we|his|her|its|their|them|him)\b", re.IGNORECASE)
_PASSIVE = re.compile(
    r"\b(?:was|were|be|been|being|is|are|got|get)\b(?:\W+(?:not|also|then|now|later|never|still|already|\w+ly))?\W*$",
    re.IGNORECASE,
)
_RELATIVE = re.compile(r"\b(?:who|which|that|whose|whom)\b", re.IGNORECASE)
_PRONOUNS = (
    ("he", "she", "him", "her", "his"),
    ("it", "its"),
    ("they", "them", "their"),
    ("we", "i", "our", "us", "my"),
    ("you", "your"),
    ("who", "which", "that"),
)
_PERSON = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Sir|Minister|minister|Ambassador|ambassador|President|president|Secretary|secretary|General"
    r"|Colonel|Envoy|envoy|spokes\w+|Spokes\w+|Representative|representative"
    r"|Director|director|Chair\w*|chair\w*|Commissioner|commissioner|Governor|governor|King|Queen|Prince|judge|Judge"
    r"|Justice|official|officer|Senator|deputy|Deputy|negotiator|consul|Consul)\b|^[A-Z][\w'’-]+ [A-Z][\w'’-]+$"
)
_NEAR = 6
"""Words before an act in which a pronoun counts as its subject."""

_GAP_WORDS = (
    "to",
    "by",
    "of",
    "and",
    "that",
    "who",
    "which",
    "for",
    "on",
    "with",
    "against",
    "said",
    "when",
    "after",
    "but",
    "was",
    "were",
    "had",
    "will",
    "must",
    "from",
    "in",
    "between",
)


class View:
    """An article's spans by their places in its sentences, and the features of pairs of them."""

    def __init__(self, article: Article) -> None:
        self.text = article.text
        self.spans = list(article.spans)
        self.actions = [index for index, span in enumerate(self.spans) if span.label == "ACTION"]
        starts = sentence_starts(article.text)
        self.sentence = [int(np.searchsorted(starts, span.start, side="right")) - 1 for span in self.spans]
        self._starts = [*starts, len(article.text)]
        self.names = [article.covered(span) for span in self.spans]
        self.acted: set[int] = set()
        self.acted_names: set[str] = set()
        self._first_in: dict[tuple[int, str], int] = {}
        for index, span in enumerate(self.spans):
            self._first_in.setdefault((self.sentence[index], span.label), index)

    def candidates(self, action: int, kind: str) -> Iterator[int]:
        """The spans that an act may be linked to by a kind of link, in order."""
        label = KINDS[kind]
        back = SENTENCES_BACK if label == "ACTOR" else 1
        here = self.sentence[action]
        for other, span in enumerate(self.spans):
            if span.label == label and here - back <= self.sentence[other] <= here:
                yield other

    def remember(self, sources: set[int]) -> None:
        """Tell who did the act that was just linked, for the acts that follow."""
        self.acted = sources or self.acted
        self.acted_names |= {self.names[index] for index in sources}

    def features(
        self, action: int, other: int, previous: Mapping[str, set[int]], chosen: Mapping[str, set[int]]
    ) -> list[float]:
        """Numbers that tell how a span stands to an act.

        Args:
            action, other: indices of the two spans.
            previous: the spans linked to the act before this one, by kind.
            chosen: those linked to this act already.
        """
        act, span = self.spans[action], self.spans[other]
        before = span.start < act.start
        gap = self.text[span.end : act.start] if before else self.text[act.end : span.start]
        low, high = min(action, other), max(action, other)
        between = self.spans[low + 1 : high]
        words = [match.group().lower() for match in _WORD.finditer(gap)]
        sentence = self.sentence[action]
        start, end = self._starts[sentence], self._starts[sentence + 1]
        left, right = self.text[max(start, act.start - 60) : act.start], self.text[act.end : min(end, act.end + 60)]
        actors_left = (
            sum(1 for index in range(low + 1, action) if self.spans[index].label == span.label) if before else 0
        )
        same_sentence = [
            index
            for index in range(len(self.spans))
            if self.sentence[index] == sentence and self.spans[index].label == span.label
        ]
        act_word = act_text = self.text[act.start : act.end].lower()
        act_word = act_text.split()[0] if act_text else ""
        before_act = _last_word(left)
        earlier = [index for index in self.actions if index < action and self.sentence[index] == sentence]
        last_act = earlier[-1] if earlier else None
        asked = last_act is not None and bool(
            _ASKING.match(self.text[self.spans[last_act].start : self.spans[last_act].end])
        )
        lone = not any(self.spans[index].start < act.start for index in same_sentence)
        prefix = self.text[start : act.start]
        row: list[float] = [
            float(before),
            float(sentence - self.sentence[other]),
            math.log1p(len(words)),
            float(len(gap.strip()) == 0),
            float(sum(one.label == span.label for one in between)),
            float(sum(one.label == "ACTION" for one in between)),
            float(actors_left),
            float(self._first_in.get((self.sentence[other], span.label)) == other),
            float(same_sentence.index(other)) if other in same_sentence else -1.0,
            float(len(same_sentence)),
            float(lone),
            float(bool(_PRONOUN.search(prefix))),
            float(bool(_PRONOUN.search(gap))) if before else 0.0,
            float(bool(_PASSIVE.search(left))),
            float(bool(_RELATIVE.search(gap))),
            float(gap.count(",")),
            float(any(sign in gap for sign in ";:—–")),
            float(sum(gap.count(sign) for sign in '"“”')),
            float(sum(prefix.count(sign) for sign in '"“”') % 2),
            float(span.start - self._starts[self.sentence[other]] < 6),
            float(last_act is not None),
            float(asked),
            float(last_act is not None and last_act < other < action),
            float(asked and last_act is not None and last_act < other < action and before_act == "to"),
            float(other in previous.get("source", ())),
            float(other in previous.get("target", ())),
            float(other in previous.get("date", ())),
            float(other in previous.get("deadline", ())),
            float(len(previous.get("source", ()))),
            float(other in chosen.get("source", ())),
            float(len(chosen.get("source", ()))),
            float(len(self.text[span.start : span.end].split())),
            float(_coordinated(self.text, self.spans, other, -1)),
            float(_coordinated(self.text, self.spans, other, 1)),
            float(len(act_text.split())),
            float(action == self.actions[0]),
            float(self.text[span.start : span.start + 1].isupper()),
        ]
        name = self.text[span.start : span.end]
        near = [match.group().lower() for match in _WORD.finditer(left)][-_NEAR:]
        pronoun = next((word for word in reversed(near) if any(word in group for group in _PRONOUNS)), "")
        rank = sum(
            1
            for index in range(other + 1, action)
            if self.spans[index].label == span.label and self.sentence[index] >= self.sentence[other]
        )
        row += [
            float(name.rstrip("'’").endswith("s")),
            float(bool(_PERSON.search(name))),
            float(self.text[max(0, span.start - 1) : span.start] == "("),
            float(rank) if before else -1.0,
            float(sum(name == one for one in self.names[:action])),
            float(other in self.acted),
            float(name in self.acted_names),
            float(
                self.sentence[other] == sentence
                and span.end < act.start
                and self.text[span.end : act.start].strip()
                in (",", "and", ", and", "has", "have", "had", "will", "must", "also", "to", "is to", "are to")
            ),
            float(bool(_ASKING.match(act_text))),
            float(
                next(
                    (
                        index
                        for index in reversed(range(action))
                        if self.spans[index].label == span.label and self.sentence[index] == sentence
                    ),
                    -1,
                )
                == other
            ),
            float(
                next(
                    (index for index in range(action + 1, len(self.spans)) if self.spans[index].label == span.label), -1
                )
                == other
            ),
            float(sum(1 for index in self.actions if self.sentence[index] == sentence)),
            float(
                self.sentence[other] == sentence
                and low + 1 < high
                and all(one.label in ("ACTION", "DATE") for one in between)
            ),
        ]
        row += _one_hot(pronoun, _PRONOUNS)
        row += _one_hot(before_act, _BEFORE_ACT)
        row += _one_hot(_first_word(right), _AFTER_ACT)
        row += _one_hot(_last_word(self.text[max(0, span.start - 40) : span.start]), _BEFORE_ACTOR)
        row += _one_hot(_first_word(self.text[span.end : span.end + 30]), _AFTER_ACTOR)
        row += [float(act_word.endswith(ending)) for ending in _ENDINGS]
        row += [float(word in words) for word in _GAP_WORDS]
        return row


def _coordinated(text: str, spans: Sequence[Span], index: int, step: int) -> bool:
    """Whether the next actor in that direction is joined to this one by a comma or "and"."""
    other = index + step
    if not 0 <= other < len(spans) or spans[other].label != spans[index].label:
        return False
    first, second = (spans[other], spans[index]) if step < 0 else (spans[index], spans[other])
    return bool(re.fullmatch(r",? (?:and |or |as well as )?(?:the |its |an? )?|, ", text[first.end : second.start]))


def _last_word(text: str) -> str:
    words = _WORD.findall(text)
    return words[-1].lower() if words else ""


def _first_word(text: str) -> str:
    match = _WORD.search(text)
    return match.group().lower() if match else ""


def _one_hot(word: str, groups: Sequence[Sequence[str]]) -> list[float]:
    return [float(word in group) for group in groups]


# --- the trees --------------------------------------------------------------------------------------------------------


class Trees:
    """Boosted trees for one kind of link, walked all at once.

    Args:
        record: `bias`, `threshold`, and `trees`, each a list of nodes [feature, limit, left, right] or [value].
    """

    def __init__(self, record: Mapping[str, Any]) -> None:
        self.threshold = float(record["threshold"])
        self._bias = float(record["bias"])
        trees = record["trees"]
        shape = len(trees), max(map(len, trees))
        self._feature = np.zeros(shape, dtype=np.int64)
        self._limit = np.full(shape, np.inf)
        # A leaf leads to itself, so that every tree can be walked for as many steps as the deepest needs.
        self._left = np.tile(np.arange(shape[1]), (shape[0], 1))
        self._right = self._left.copy()
        self._value = np.zeros(shape)
        self._depth = 0
        for number, tree in enumerate(trees):
            depths = {0: 0}
            for place, node in enumerate(tree):
                if len(node) == 1:
                    self._value[number, place] = node[0]
                    continue
                self._feature[number, place], self._limit[number, place] = int(node[0]), node[1]
                for side, child in ((self._left, int(node[2])), (self._right, int(node[3]))):
                    side[number, place] = child
                    depths[child] = depths[place] + 1
            self._depth = max(self._depth, *depths.values())
        self._index = np.arange(shape[0])

    def probabilities(self, rows: np.ndarray) -> np.ndarray:
        """The probability of a link for rows of features, shape (pairs, features)."""
        node = np.zeros((len(rows), len(self._index)), dtype=np.int64)
        pairs = np.arange(len(rows))[:, None]
        for _ in range(self._depth):
            left = rows[pairs, self._feature[self._index, node]] <= self._limit[self._index, node]
            node = np.where(left, self._left[self._index, node], self._right[self._index, node])
        odds = self._bias + self._value[self._index, node].sum(axis=1)
        probabilities: np.ndarray = 1 / (1 + np.exp(-odds))
        return probabilities


_in_use: dict[str, Trees] = {}


def use(trees: Mapping[str, Trees]) -> None:
    """Link with these trees from now on, in place of those that the file holds."""
    _in_use.clear()
    _in_use.update(trees)


def _trees() -> Mapping[str, Trees]:
    if not _in_use:
        record = json.loads(TREES.read_text(encoding="utf-8"))
        use({kind: Trees(record[kind]) for kind in KINDS})
    return _in_use
