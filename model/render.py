"""Tagged articles for people: coloured text and tables for a terminal, and an HTML page."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from data.schema import Article, Span
from model.dates import Resolution
from model.pages import environment, visible
from model.records import JOINT, Limit, Mention, Reading, Record
from model.timex import begins, is_over

STYLES = {"ACTOR": "black on bright_blue", "ACTION": "black on bright_green", "DATE": "black on bright_yellow",
          "DEADLINE": "bold white on red"}  # fmt: skip
OTHER_STYLE = "black on bright_cyan"


def pieces(article: Article) -> Iterator[tuple[str, Span | None]]:
    """An article's text cut at its spans, in order; None stands beside what is outside."""
    at = 0
    for span in article.spans:
        if span.start > at:
            yield article.text[at : span.start], None
        yield article.covered(span), span
        at = span.end
    if at < len(article.text):
        yield article.text[at:], None


def terminal(reading: Reading, *, colour: bool) -> RenderableType:
    """An article with its spans coloured (or in brackets with their labels), a table of them, and its deadlines."""
    article = reading.article
    body = Text()
    for text, span in pieces(article):
        shown = visible(text)
        if span is None:
            body.append(shown)
        elif colour:
            body.append(shown, style=STYLES.get(span.label, OTHER_STYLE))
        else:
            body.append(f"[{shown}]({span.label})")
    table = Table(box=None, pad_edge=False, header_style="bold" if colour else "")
    table.add_column("label")
    table.add_column("text", overflow="fold")
    if reading.times:
        table.add_column("value", overflow="fold")
    table.add_column("score", justify="right")
    table.add_column("characters", justify="right", no_wrap=True)
    for span in article.spans:
        style = STYLES.get(span.label, OTHER_STYLE) if colour else ""
        score = "" if span.score is None else f"{span.score:.2f}"
        value = [Text(said(reading.times.get(span)))] if reading.times else []
        row: list[RenderableType] = [
            Text(span.label, style=style),
            _cell(article.covered(span)),
            *value,
            score,
            f"{span.start}-{span.end}",
        ]
        table.add_row(*row)
    counts = ", ".join(f"{count} {label}" for label, count in label_counts(article).items()) or "nothing found"
    parts: list[RenderableType] = [
        _head(article, colour),
        Text(),
        body,
        Text(),
        Text(counts, style="dim" if colour else ""),
        table,
    ]
    if limits := reading.limits():
        parts += [Text(), Text("By when", style="bold" if colour else ""), deadline_table(limits, colour=colour)]
    return Group(*parts, Text())


def _head(article: Article, colour: bool) -> Text:
    head = Text(visible(article.title or article.id), style="bold" if colour else "")
    if article.date:
        head.append(f"  {article.date}", style="dim" if colour else "")
    return head


def said(time: Resolution | None) -> str:
    """A time's value, or why it has none; of a deadline that was over, that it was."""
    if time is None:
        return ""
    return (time.value or f"– ({time.reason})") + (", passed" if time.passed else "")


def deadline_table(limits: Sequence[Limit], *, colour: bool) -> Table:
    """Who has to do what by when, soonest first, what has no last moment at the end."""
    table = Table(box=None, pad_edge=False, header_style="bold" if colour else "")
    for name in ("due", "who", "what", "whom", "words"):
        table.add_column(name, overflow="fold")
    for limit in sorted(limits, key=_soonest):
        time, record = limit.time, limit.record
        due = time.due or ""
        shown = due + (" (passed)" if time.passed else "") if due else f"– ({time.reason})"
        style = STYLES["DEADLINE"] if colour and due and not time.passed else ""
        cells = (_names(record.sources), act_of(record), _names(record.targets), limit.deadline.text)
        table.add_row(Text(shown, style=style), *map(_cell, cells))
    return table


def act_of(record: Record) -> str:
    """The words of a record's act; a dash where a limit has none."""
    return record.action.text if record.action else "–"


def _soonest(limit: Limit) -> tuple[bool, datetime.datetime]:
    over = is_over(limit.time.due) if limit.time.due else None
    return (over is None, over or datetime.datetime.max)


def _cell(words: str) -> Text:
    """Words for a cell of a table: the line ends of the text would break its rows."""
    return Text(visible(" ".join(words.split())))


def _names(mentions: Sequence[Mention]) -> str:
    return JOINT.join(one.text + ("" if one.certain else " ?") for one in mentions)


def record_tables(readings: Iterable[Reading], *, colour: bool) -> Iterator[RenderableType]:
    """The records of articles as tables; a link that is not certain has a question mark behind it."""
    for reading in readings:
        table = Table(box=None, pad_edge=False, header_style="bold" if colour else "")
        for name in ("source", "action", "target", "when", "due"):
            table.add_column(name, overflow="fold")
        for record in reading.records:
            when = JOINT.join(f"{one.text} ({said(one.time)})" for one in record.dates)
            due = JOINT.join(f"{one.text} ({said(one.time)})" for one in record.deadlines)
            cells = (_names(record.sources), act_of(record), _names(record.targets), when, due)
            table.add_row(*map(_cell, cells))
        yield Group(
            _head(reading.article, colour), table if reading.records else Text("no act or deadline found"), Text()
        )


def console(*, width: int | None = None) -> Console:
    """A console on stdout. Without a terminal it writes plain text and breaks no lines."""
    made = Console(highlight=False, soft_wrap=False)
    if not made.is_terminal:
        made = Console(highlight=False, width=width or 10_000, no_color=True)
    return made


def show(readings: Iterable[Reading], *, records: bool, to_file: bool) -> Iterator[str]:
    """Articles, or their records, as a person reads them, one after the other.

    Coloured if standard output is a terminal and the result goes there.
    """
    out = console()
    colour = out.is_terminal and not to_file and not out.no_color
    shown = record_tables(readings, colour=colour) if records else (terminal(one, colour=colour) for one in readings)
    for renderable in shown:
        with out.capture() as capture:
            out.print(renderable)
        yield capture.get()


def label_counts(article: Article) -> dict[str, int]:
    """How many spans of each label, by label."""
    return dict(sorted(Counter(span.label for span in article.spans).items()))


def html(readings: Sequence[Reading]) -> str:
    """One self-contained page with all articles, their records and their timelines."""
    template = environment().get_template("articles.html.j2")
    return template.render(
        readings=readings, pieces=pieces, counts=label_counts, said=said, names=_names, act_of=act_of, timeline=timeline
    )


@dataclass(frozen=True)
class Point:
    """A time of an article that has a place on the calendar.

    Attributes:
        when: where that place is (`model.timex.begins`; of a deadline, when it is over).
        shown: its value, or a deadline's last moment.
        span, time: the words and what they stand for.
        records: of the acts at that time.
    """

    when: datetime.datetime
    shown: str
    span: Span
    time: Resolution
    records: tuple[Record, ...]


def timeline(reading: Reading) -> list[Point]:
    """The article's times that have a place on the calendar, in its order."""
    acts: dict[int, list[Record]] = {}
    for record in reading.records:
        for one in (*record.dates, *record.deadlines) if record.action else ():
            acts.setdefault(one.start, []).append(record)
    points = []
    for span, time in reading.times.items():
        when = is_over(time.due) if time.due else begins(time.value or "")
        if when is not None:
            points.append(Point(when, time.due or time.value or "", span, time, tuple(acts.get(span.start, ()))))
    return sorted(points, key=lambda point: (point.when, point.span.start))
