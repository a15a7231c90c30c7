"""Records in the forms that other programs open: CSV, JSON lines, Parquet, and an iCalendar of deadlines (RFC 5545).

Each form is bytes, piece by piece as the records come, so that no number of records is too large for the memory; but a
calendar is one piece.
"""

from __future__ import annotations

import csv
import datetime
import hashlib
import io
import json
import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from data.schema import Article
from model.context import NO_DATE
from model.records import AMBIGUOUS, CERTAIN, JOINT, Limit, Mention, Reading, Record

if TYPE_CHECKING:
    import icalendar

logger = logging.getLogger(__name__)

COLUMNS = (
    "article", "date", "title", "source", "action", "target", "when", "when_value", "deadline", "deadline_value", "due",
    "relation", "passed", "reason", "certainty", "score", "sentence", "action_start", "action_end",
    "source_at", "target_at", "when_at", "deadline_at",
)  # fmt: skip
"""Columns of the flat forms. Where a record has several mentions of a kind they are joined by `JOINT`."""


ROWS = 10_000


def flat(record: Record) -> dict[str, str | float | int | None]:
    """A record as one row of `COLUMNS`.

    `certainty` is ambiguous if any of its links is, or a limit has no act; `score` is its least span score.
    """
    action = record.action
    mentions = [*record.sources, *record.targets, *record.dates, *record.deadlines]
    times = [one.time for one in record.deadlines if one.time is not None]
    scores = [one.score for one in (action, *mentions) if one and one.score is not None]
    return {
        "article": record.article,
        "date": record.date,
        "title": record.title,
        "source": _joined(record.sources),
        "action": action.text if action else None,
        "target": _joined(record.targets),
        "when": _joined(record.dates),
        "when_value": JOINT.join(one.time.value or "" for one in record.dates if one.time is not None),
        "deadline": _joined(record.deadlines),
        "deadline_value": JOINT.join(one.value or "" for one in times),
        "due": JOINT.join(one.due or "" for one in times),
        "relation": JOINT.join(one.relation or "" for one in times),
        "passed": JOINT.join("" if one.passed is None else "yes" if one.passed else "no" for one in times),
        "reason": JOINT.join(
            f"{one.text}: {one.time.reason}"
            for one in (*record.dates, *record.deadlines)
            if one.time is not None and one.time.reason
        ),
        "certainty": CERTAIN if all(one.certain for one in mentions) else AMBIGUOUS,
        "score": round(min(scores), 4) if scores else None,
        "sentence": record.sentence,
        "action_start": action.start if action else None,
        "action_end": action.end if action else None,
        "source_at": _places(record.sources),
        "target_at": _places(record.targets),
        "when_at": _places(record.dates),
        "deadline_at": _places(record.deadlines),
    }


def _joined(mentions: Sequence[Mention]) -> str:
    return JOINT.join(one.text for one in mentions)


def _places(mentions: Sequence[Mention]) -> str:
    """ "[0, 18)": in this form no spreadsheet takes it for a date."""
    return JOINT.join(f"[{one.start}, {one.end})" for one in mentions)


def to_csv(records: Iterable[Record]) -> Iterator[bytes]:
    """CSV as RFC 4180 has it, in UTF-8 with a byte order mark, without which spreadsheets take it for another encoding.

    A cell that a spreadsheet would run as a formula gets a quote before it.
    """
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, COLUMNS)
    writer.writeheader()
    yield stream.getvalue().encode("utf-8-sig")
    for record in records:
        stream.seek(0)
        stream.truncate()
        writer.writerow({name: _harmless(value) for name, value in flat(record).items()})
        yield stream.getvalue().encode()


def _harmless(value: object) -> object:
    return "'" + value if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def to_jsonl(found: Iterable[Record | Reading]) -> Iterator[bytes]:
    """One JSON object a record with its mentions whole, or an article with its spans (their `to_dict`)."""
    return ((json.dumps(one.to_dict(), ensure_ascii=False) + "\n").encode() for one in found)


def to_parquet(records: Iterable[Record]) -> Iterator[bytes]:
    """A Parquet file of `COLUMNS`, `ROWS` to a group."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    numbers = {"score": pa.float64(), "action_start": pa.int64(), "action_end": pa.int64()}
    schema = pa.schema([(name, numbers.get(name, pa.string())) for name in COLUMNS])
    rows = (flat(record) for record in records)
    sink = _Sink()
    with pq.ParquetWriter(pa.PythonFile(sink, mode="w"), schema) as writer:
        while group := list(islice(rows, ROWS)):
            writer.write_table(pa.Table.from_pylist(group, schema))
            yield sink.taken()
    yield sink.taken()


class _Sink:
    """A file that cannot be rewound, from which what was written can be taken."""

    closed = False

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._length = 0

    def write(self, piece: bytes) -> int:
        """Keep a piece until it is taken."""
        self._pieces.append(bytes(piece))
        self._length += len(piece)
        return len(piece)

    def tell(self) -> int:
        """Bytes written so far."""
        return self._length

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Nothing to close."""

    def taken(self) -> bytes:
        """What was written since the last time."""
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def to_ics(readings: Iterable[Reading]) -> Iterator[bytes]:
    """An iCalendar with an event for every act that a deadline with a last moment binds, and for such a deadline alone.

    All-day where the deadline is a day, timed where it is a clock time (in UTC if its zone is known, else floating).
    The same article and act give the same UID, so that a calendar that reads the file again does not hold the event
    twice. How many deadlines have no last moment, and why, is logged.
    """
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//Demarche//deadlines//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", "Deadlines")
    missing: Counter[str] = Counter()
    for reading in readings:
        for limit in reading.limits():
            if limit.time.due is not None:
                calendar.add_component(_event(reading.article, limit, limit.time.due))
        missing.update(
            time.reason for span, time in reading.times.items() if span.label == "DEADLINE" and time.due is None
        )
    if missing:
        count = missing.total()
        reasons = ", ".join(f"{number} since {reason}" for reason, number in missing.most_common())
        remedy = " (--date dates articles that bring none)" if NO_DATE in missing else ""
        are = " is" if count == 1 else "s are"
        logger.warning("warning: %d deadline%s not in the calendar: %s%s", count, are, reasons, remedy)
    yield calendar.to_ical()


def _event(article: Article, limit: Limit, due: str) -> icalendar.Event:
    from icalendar import Event

    event = Event()
    act, deadline = limit.record.action, limit.deadline
    of_act = f"{act.start}-{act.end}" if act else ""
    key = f"{article.id}\n{of_act}\n{deadline.start}-{deadline.end}"
    event.add("uid", f"{hashlib.sha256(key.encode()).hexdigest()[:32]}@demarche")
    start = moment(due)
    # RFC 5545 asks for the time of writing; the article's date keeps the file the same from run to run.
    stamp = datetime.date.fromisoformat(article.date) if article.date else as_day(start)
    event.add("dtstamp", datetime.datetime(stamp.year, stamp.month, stamp.day, tzinfo=datetime.UTC))
    event.add("dtstart", start)
    if not isinstance(start, datetime.datetime):
        event.add("dtend", start + datetime.timedelta(days=1))
        event.add("transp", "TRANSPARENT")
    event.add("summary", summary(limit))
    event.add("description", _description(article, limit, due, start))
    return event


def _description(article: Article, limit: Limit, due: str, start: datetime.date | datetime.datetime) -> str:
    source = " · ".join(part for part in (article.title, article.id, article.date) if part)
    notes = []
    if isinstance(start, datetime.datetime) and start.tzinfo is None:
        notes.append("The text does not say in which zone the hour is meant.")
    if limit.time.passed:
        notes.append("It had passed when the article was published.")
    if limit.record.action is None:
        notes.append("No act was found that it binds.")
    elif not limit.deadline.certain:
        notes.append("The link between act and deadline is uncertain.")
    evidence = f"{limit.record.sentence}\n\n{limit.deadline.text} → {due}\n{source}"
    return _plain("\n\n".join([evidence, " ".join(notes)] if notes else [evidence]))


def summary(limit: Limit) -> str:
    """ "US embassy workers: leave", with whom the act is done to behind it; "?: by Friday" where no act is known.

    Who is not certain is named only where nobody is.
    """
    act = limit.record.action
    if act is None:
        return _plain(f"?: {limit.deadline.text}")
    who, whom = (_likely(mentions) for mentions in (limit.record.sources, limit.record.targets))
    return _plain(f"{who or '?'}: {act.text}{f' ({whom})' if whom else ''}")


def _likely(mentions: Sequence[Mention]) -> str:
    return ", ".join(one.text for one in [one for one in mentions if one.certain] or mentions)


def _plain(text: str) -> str:
    """Without control characters, which iCalendar's text may not hold."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", " ", text)


def moment(due: str) -> datetime.date | datetime.datetime:
    """A due moment as a day, or as a date-time; a day's end (`T24:00`) is that day."""
    day = datetime.date.fromisoformat(due[:10])
    clock = due[11:]
    if not clock or clock.startswith("24:00"):
        return day
    made = datetime.datetime.fromisoformat(f"{due[:10]}T{clock}")
    return made.astimezone(datetime.UTC) if made.tzinfo else made


def as_day(when: datetime.date | datetime.datetime) -> datetime.date:
    """The day of a moment."""
    return when.date() if isinstance(when, datetime.datetime) else when
