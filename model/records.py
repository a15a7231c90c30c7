"""From the spans of an article to records: who did what, to whom, when, by when, with the sentence that says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from data.schema import Article, Span
from data.sentences import Sentences
from model.dates import TIMES, Resolution, resolve
from model.links import Link, Linked, link

CERTAIN, AMBIGUOUS = "certain", "ambiguous"

JOINT = "; "
"""What stands between the mentions of one kind where a record is shown in a row."""


@dataclass(frozen=True)
class Mention:
    """An actor or time of a record.

    Attributes:
        text: the words.
        start, end: code points in the article's text.
        score: of the span; None if nobody scored it.
        link: the probability that it belongs to the act.
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
    """One act of an article with all that belongs to it.

    Attributes:
        article: the id; `date` and `title` are the article's.
        action: the act itself (its `link` is 1).
        sources, targets, dates, deadlines: in the order of the text; often empty.
        sentence: the evidence, as it stands in the text from code point `start` on: the act's sentence, and the next
            where a limit of the act is told there.
    """

    article: str
    date: str | None
    title: str
    action: Mention
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
            "action": self.action.to_dict(),
            "sources": [one.to_dict() for one in self.sources],
            "targets": [one.to_dict() for one in self.targets],
            "dates": [one.to_dict() for one in self.dates],
            "deadlines": [one.to_dict() for one in self.deadlines],
            "sentence": self.sentence,
            "sentence_start": self.start,
        }


@dataclass(frozen=True)
class Limit:
    """A deadline of an article, and an act that it binds.

    Attributes:
        deadline: the limit.
        record: the act's; None for a limit that no act is linked to.
        sentence: the evidence.
    """

    deadline: Mention
    record: Record | None
    sentence: str

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
        records: one for each ACTION, in the order of the text.
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
        """Every DEADLINE with each of the acts that it binds, or alone, so that none is lost for want of an act."""
        limits = [Limit(one, record, record.sentence) for record in self.records for one in record.deadlines]
        bound = {one.deadline.start for one in limits}
        alone = [span for span in self.times if span.label == "DEADLINE" and span.start not in bound]
        if alone:  # seldom, so that a text is seldom cut into sentences once more
            sentences = Sentences(self.article.text)
            for span in alone:
                start, end = sentences.bounds(span.start, span.end)
                mention = _mention(self.article, span, 1.0, True, self.times[span])
                limits.append(Limit(mention, None, self.article.text[start:end]))
        return limits


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


def _records(article: Article, times: Mapping[Span, Resolution], acts: Sequence[Linked]) -> Iterator[Record]:
    def mentions(links: Sequence[Link]) -> tuple[Mention, ...]:
        return tuple(_mention(article, one.span, one.probability, one.certain, times.get(one.span)) for one in links)

    sentences = Sentences(article.text)
    for linked in acts:
        act = linked.action
        last = max([act.end, *(one.span.end for one in linked.links["deadline"])])
        start, end = sentences.bounds(act.start, last)
        yield Record(
            article.id,
            article.date,
            article.title,
            _mention(article, act, 1.0, True, None),
            sources=mentions(linked.links["source"]),
            targets=mentions(linked.links["target"]),
            dates=mentions(linked.links["date"]),
            deadlines=mentions(linked.links["deadline"]),
            sentence=article.text[start:end],
            start=start,
        )


def _mention(article: Article, span: Span, probability: float, certain: bool, time: Resolution | None) -> Mention:
    return Mention(article.covered(span), span.start, span.end, span.score, probability, certain, time)
