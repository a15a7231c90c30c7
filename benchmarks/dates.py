"""How often times get the right value: on the table of expressions, on annotated articles, beside other resolvers;
and how fast.
"""

from __future__ import annotations

import argparse
import datetime
import itertools
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from data import formats
from data.errors import InputError
from data.files import read_text
from data.formats import markup
from data.schema import Article, DataError, Span
from model import context
from model.cli import run
from model.dates import TIMES, Resolution, resolve
from model.expressions import normalise
from model.limits import split_limit

TABLE = Path("data/times")
REASONS = {"?no-date": context.NO_DATE, "?anchor": context.NO_ANCHOR, "?event": context.NO_EVENT}
EXPRESSIONS = 100_000

Resolver = Callable[[str, str, str | None], datetime.datetime | None]


@dataclass(frozen=True)
class Row:
    """A passage of the table: an article whose spans have values, and what its DEADLINE is."""

    article: Article
    relation: str
    passed: str


def main() -> None:
    """Print Markdown tables of accuracy, and the speed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--articles", type=Path, default=Path("outputs/data/test.jsonl"), metavar="FILE", help="default: %(default)s"
    )
    parser.add_argument(
        "--run", type=Path, metavar="RUN", help="also score the spans and values that a run finds in the articles"
    )
    parser.add_argument("--peers", action="store_true", help="other resolvers beside ours, on the same spans")
    parser.add_argument("--speed", action="store_true", help=f"time {EXPRESSIONS:,} expressions")
    arguments = parser.parse_args()
    halves = {half: read_table(TABLE / f"{half}.tsv") for half in ("development", "heldout")}
    print("| set | DATE | DEADLINE | relation | passed |\n|---|---:|---:|---:|---:|")
    for half, rows in halves.items():
        print(table_row(half, rows))
    articles = formats.read(arguments.articles)
    print(f"| {arguments.articles} | {' | '.join(rate(*score(articles, label)) for label in TIMES)} | | |")
    if arguments.peers:
        print_peers({"held-out table": [row.article for row in halves["heldout"]], str(arguments.articles): articles})
    if arguments.run:
        print_end_to_end(arguments.run, articles)
    if arguments.speed:
        print_speed([row.article for rows in halves.values() for row in rows])


def read_table(path: Path) -> list[Row]:
    """The rows of a table (data/times/README.md). Raises `DataError` with file and line."""
    rows = []
    for number, line in enumerate(read_text(path).splitlines(), start=1):
        cells = line.split("\t")
        if len(cells) != 4:
            raise DataError(
                f"{len(cells)} cells; expected date, passage, relation, passed", file=str(path), line=number
            )
        try:
            text, spans = markup.parse_body(cells[1])
            rows.append(Row(Article(f"{path.stem}-{number}", text, tuple(spans), cells[0] or None), cells[2], cells[3]))
        except DataError as error:
            raise DataError(error.reason, file=str(path), line=number) from None
    return rows


def is_right(span: Span, found: Resolution) -> bool:
    """Whether a resolution is the annotated value, or the annotated reason for having none."""
    wanted = span.value or ""
    if not wanted.startswith("?"):
        return found.value == wanted
    return found.value is None and found.reason == REASONS.get(wanted, found.reason)


def times_of(article: Article) -> list[Span]:
    """The spans that have values."""
    return [span for span in article.spans if span.label in TIMES]


def score(articles: Iterable[Article], label: str) -> tuple[int, int]:
    """How many gold spans of a label got the right value, and how many there are."""
    return count(((article, resolve(article)) for article in articles), label)


def count(resolved: Iterable[tuple[Article, Sequence[Resolution]]], label: str) -> tuple[int, int]:
    """How many gold spans of a label have the right one of these values, and how many there are."""
    right = total = 0
    for article, values in resolved:
        for span, found in zip(times_of(article), values, strict=True):
            if span.label == label:
                total += 1
                right += is_right(span, found)
    return right, total


def table_row(name: str, rows: Sequence[Row]) -> str:
    """Accuracy of values, and of relation and passed where the value is right."""
    articles = [row.article for row in rows]
    relation = passed = deadlines = with_passed = 0
    for row in rows:
        for span, found in zip(times_of(row.article), resolve(row.article), strict=True):
            if span.label == "DEADLINE" and is_right(span, found) and row.relation and found.value is not None:
                deadlines += 1
                relation += found.relation == row.relation
                if row.passed:
                    with_passed += 1
                    passed += found.passed == (row.passed == "yes")
    scores = " | ".join(rate(*score(articles, label)) for label in TIMES)
    return f"| {name} | {scores} | {rate(relation, deadlines)} | {rate(passed, with_passed)} |"


def rate(right: int, total: int) -> str:
    """Percent, with the counts."""
    return f"{100 * right / total:.1f} ({right} of {total})" if total else "–"


def print_end_to_end(run: Path, articles: Sequence[Article]) -> None:
    """F1 of spans with their values, from predicted spans."""
    from model import engines

    tagger = engines.load(run, engines.TORCH)
    seen = tagger.see(articles, predict=False, links=False)
    given = [(one.article, resolve(one.article, ahead=one.ahead)) for one in seen]
    print(f"\n{run}, given the spans: " + ", ".join(f"{label} {rate(*count(given, label))}" for label in TIMES))
    gold = {(one.id, span.start, span.end, span.label, span.value) for one in articles for span in times_of(one)}
    predicted = set()
    for article, _, ahead in tagger.see(articles, links=False):
        for span, found in zip(times_of(article), resolve(article, ahead=ahead), strict=True):
            predicted.add((article.id, span.start, span.end, span.label, found.value))
    print(f"\n{run}, spans and values found by itself:\n\n| label | precision | recall | F1 |\n|---|---:|---:|---:|")
    for label in (*TIMES, "both"):
        ours = {one for one in predicted if label in ("both", one[3])}
        theirs = {one for one in gold if label in ("both", one[3])}
        both = len(ours & theirs)
        numbers = both / len(ours), both / len(theirs), 2 * both / (len(ours) + len(theirs))
        print(f"| {label} | {' | '.join(f'{100 * number:.1f}' for number in numbers)} |")


# --- others -----------------------------------------------------------------------------------------------------------


def print_peers(sets: dict[str, Sequence[Article]]) -> None:
    """Others give a moment and no granularity, so they are scored only where the value is a day, month, year or clock
    time, and given the granularity for free. They see the words without limit words, and prefer past for DATE, future
    for DEADLINE.
    """
    print("\nWhere the value is a day, month, year or clock time, granularity given:\n")
    names = [*peers(), "ours"]
    print(f"| set | label | {' | '.join(names)} | times |\n|---|---|{'---:|' * (len(names) + 1)}")
    for name, articles in sets.items():
        for label in TIMES:
            right = dict.fromkeys(names, 0)
            total = 0
            for article in articles:
                for span, found in zip(times_of(article), resolve(article), strict=True):
                    form = _form(span.value or "")
                    if span.label != label or form is None:
                        continue
                    total += 1
                    right["ours"] += found.value == span.value
                    words = (
                        split_limit(article.covered(span).lower())[1] if label == "DEADLINE" else article.covered(span)
                    )
                    for peer, call in peers().items():
                        try:
                            moment = call(words, label, article.date)
                        except Exception:  # some raise on odd input; that is a miss
                            moment = None
                        right[peer] += (
                            moment is not None
                            and moment.strftime(form) == (span.value or "")[: len(moment.strftime(form))]
                        )
            print(f"| {name} | {label} | {' | '.join(f'{100 * right[one] / total:.1f}' for one in names)} | {total} |")


def _form(value: str) -> str | None:
    for pattern, form in (
        ("dddd", "%Y"),
        ("dddd-dd", "%Y-%m"),
        ("dddd-dd-dd", "%Y-%m-%d"),
        ("dddd-dd-ddTdd:dd", "%Y-%m-%dT%H:%M"),
    ):
        shape = "".join("d" if character.isdigit() else character for character in value)
        if shape == pattern:
            return form
    return None


def peers() -> dict[str, Resolver]:
    """Other resolvers: a function of words, label and the article's date to a moment or None.

    Raises:
        InputError: they are not installed.
    """
    try:
        import dateparser
        import dateutil.parser
        import parsedatetime
    except ImportError as error:
        raise InputError(f"{error}; first .venv/bin/pip install -r requirements-peers.txt") from None

    calendar = parsedatetime.Calendar()

    def base(date: str | None) -> datetime.datetime:
        return datetime.datetime.fromisoformat(date or "2000-01-01")

    def by_dateparser(words: str, label: str, date: str | None) -> datetime.datetime | None:
        settings = {"RELATIVE_BASE": base(date), "PREFER_DATES_FROM": "future" if label == "DEADLINE" else "past"}
        found: datetime.datetime | None = dateparser.parse(words, languages=["en"], settings=settings)
        return found

    def by_parsedatetime(words: str, _label: str, date: str | None) -> datetime.datetime | None:
        found, status = calendar.parseDT(words, base(date))
        return found if status else None

    def by_dateutil(words: str, _label: str, date: str | None) -> datetime.datetime | None:
        found: datetime.datetime = dateutil.parser.parse(words, default=base(date), fuzzy=True)
        return found

    return {"dateparser": by_dateparser, "parsedatetime": by_parsedatetime, "dateutil": by_dateutil}


def print_speed(articles: Sequence[Article]) -> None:
    """Time what the table's passages take, again and again up to `EXPRESSIONS` expressions; nothing of one time is left
    to the next but parsed words.
    """
    resolved = 0
    started = time.perf_counter()
    for article in itertools.cycle(articles):
        resolved += len(resolve(article))
        if resolved >= EXPRESSIONS:
            break
    seconds = time.perf_counter() - started
    distinct = len({normalise(article.covered(span)) for article in articles for span in times_of(article)})
    print(f"\n{resolved:,} expressions ({distinct:,} distinct) in {seconds:.1f} s, one process")


if __name__ == "__main__":
    run(main)
