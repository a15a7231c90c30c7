"""From the spans of an article to records: who did what, to whom, when, by when, with the sentence that says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from data.schema import Article, Span
from data.sentences import Sentences
from model.dates import TIMES, Resolution, resolve
from model.links import Linked, link

CERTAIN, AMBIGUOUS = "certain", "ambiguous"

JOINT = "; "
"""What stands between the mentions of one kind where a record is shown in a row."""


@dataclass(frozen=True)
class Mention:
    """An act, actor or time of a record.

    Attributes:
        text: the words.
        start, end: code points in the article's text.
        score: of the span; None if nobody scored it.
        link: the probability that it belongs to the act; 0 for a limit of no act.
        time: of a DATE or DEADLINE, what it stands for.
    """

    text: str
    start: int
    end: int
    score: float | None
    link: float
    certain: bool
    time: Resolution | None = None

    def to_dict(self) -> dict[str, Any]:
        """A JSON object; that of a time has what `Resolution.to_dict` says of it."""
        record: dict[str, Any] = {
            "text": self.text, "start": self.start, "end": self.end, "score": self.score,
            "link": round(self.link, 3), "certainty": CERTAIN if self.certain else AMBIGUOUS,
        }  # fmt: skip
        return record | self.time.to_dict() if self.time is not None else record


@dataclass(frozen=True)
class Record:
    """One act of an article with all that belongs to it, or a limit that no act is linked to.

    Attributes:
        article: the id; `date` and `title` are the article's.
        action: the act itself (its `link` is 1); None where there is only a deadline.
        sources, targets, dates, deadlines: in the order of the text; often empty.
        sentence: the evidence, as it stands in the text from code point `start` on: the act's sentence, and the next
            where a limit of the act is told there.
    """

    article: str
    date: str | None
    title: str
    action: Mention | None
    sources: tuple[Mention, ...]
    targets: tuple[Mention, ...]
    dates: tuple[Mention, ...]
    deadlines: tuple[Mention, ...]
    sentence: str
    start: int

    def to_dict(self) -> dict[str, Any]:
        """A JSON object with the mentions whole."""
        return {
            "article": self.article,
            "date": self.date,
            "title": self.title,
            "action": self.action.to_dict() if self.action else None,
            "sources": [one.to_dict() for one in self.sources],
            "targets": [one.to_dict() for one in self.targets],
            "dates": [one.to_dict() for one in self.dates],
            "deadlines": [one.to_dict() for one in self.deadlines],
            "sentence": self.sentence,
            "sentence_start": self.start,
        }


@dataclass(frozen=True)
class Limit:
    """A deadline of an article, and the record of an act that it binds, or of none."""

    deadline: Mention
    record: Record

    @property
    def time(self) -> Resolution:
        """What the deadline stands for."""
        assert self.deadline.time is not None
        return self.deadline.time


@dataclass(frozen=True)
class Reading:
    """An article with all that was made of it.

    Attributes:
        article: its DATE and DEADLINE spans have their values where they have any.
        times: what each of those spans stands for.
        records: one for each ACTION and for each DEADLINE that no act is linked to, in the order of the text.
    """

    article: Article
    times: Mapping[Span, Resolution]
    records: tuple[Record, ...]

    def to_dict(self) -> dict[str, Any]:
        """The article's JSON object, its DATE and DEADLINE spans with what `Resolution.to_dict` says of them."""
        record = self.article.to_dict()
        for span, item in zip(self.article.spans, record["spans"], strict=True):
            if span in self.times:
                item |= self.times[span].to_dict()
        return record

    def limits(self) -> list[Limit]:
        """Every DEADLINE with each of the acts that it binds, or alone."""
        return [Limit(one, record) for record in self.records for one in record.deadlines]


def read(
    article: Article,
    order: str = "dmy",
    linked: Sequence[Linked] | None = None,
    ahead: Sequence[float] | None = None,
) -> Reading:
    """Resolve the times of an article and link its acts to their actors and times.

    Args:
        article: with ACTOR, ACTION, DATE and DEADLINE spans, gold or predicted; values that they have are replaced.
        order: of an ambiguous numeric date, see `model.dates.ORDERS`.
        linked: the links of its acts, from a run (`Tagger.see`); None finds them without one.
        ahead: which of its times lie ahead, from a run; see `model.dates.resolve`.
    """
    linked = link(article) if linked is None else linked
    found = iter(resolve(article, order, ahead))
    times = {}
    spans = []
    for span in article.spans:
        if span.label in TIMES:
            resolution = next(found)
            span = replace(span, value=resolution.value)
            times[span] = resolution
        spans.append(span)
    article = article.with_spans(spans)
    return Reading(article, times, tuple(_records(article, times, linked)))


def _records(article: Article, times: Mapping[Span, Resolution], acts: Sequence[Linked]) -> list[Record]:
    sentences = Sentences(article.text)

    def record(start: int, end: int, action: Mention | None, linked: Mapping[str, tuple[Mention, ...]]) -> Record:
        low, high = sentences.bounds(start, end)
        return Record(
            article.id,
            article.date,
            article.title,
            action,
            sources=linked.get("source", ()),
            targets=linked.get("target", ()),
            dates=linked.get("date", ()),
            deadlines=linked.get("deadline", ()),
            sentence=article.text[low:high],
            start=low,
        )

    found = []
    for one in acts:
        act = one.action
        linked = {
            kind: tuple(_mention(article, to.span, to.probability, to.certain, times.get(to.span)) for to in links)
            for kind, links in one.links.items()
        }
        end = max([act.end, *(limit.end for limit in linked["deadline"])])
        found.append(record(act.start, end, _mention(article, act, 1.0, True, None), linked))
    bound = {limit.start for one in found for limit in one.deadlines}
    for span, time in times.items():
        if span.label == "DEADLINE" and span.start not in bound:
            alone = _mention(article, span, 0.0, False, time)
            found.append(record(span.start, span.end, None, {"deadline": (alone,)}))
    return sorted(found, key=lambda one: (one.action or one.deadlines[0]).start)


def _mention(article: Article, span: Span, probability: float, certain: bool, time: Resolution | None) -> Mention:
    return Mention(article.covered(span), span.start, span.end, span.score, probability, certain, time)
