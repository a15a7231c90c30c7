"""What to look at in annotated articles before a model is trained on them: docs/checks.md has every check and why.

The checks serve any label set; the guideline checks (`data.lint`) join in where the labels are Demarche's own.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import PurePath

import numpy as np

from data import splits
from data.consistency import BARE, inconsistencies
from data.lint import BORDER_REMARKS, DETERMINERS, INSIDE_WORD, LABELS, NO_WORD, border_remarks, context, lint
from data.schema import Article, Span
from data.sentences import sentence_starts
from data.statistics import LabelStatistics, label_statistics

FEW_SPANS = 50
"""A label with no more spans than this is reported, as in spaCy's `debug data` (NEW_LABEL_THRESHOLD)."""

FEW_ARTICLES, ADVISED_ARTICLES = 100, 2000
"""The least and the advised number of articles of spaCy's `debug data` (BLANK_MODEL_MIN_THRESHOLD, _THRESHOLD)."""

LONG_SPAN_WORDS, LONG_SPAN_RATIO = 10, 6
"""A span is very long with more words than both the first and this many times its label's mean."""

ODD_LENGTH_RATIO = 10
"""An article is very short or long if its words are this many times fewer or more than the median."""

EXPECTED_SPANS = 10
"""An article without a span is reported if at the others' rate it would have this many: e^-10 by chance (Poisson)."""

RARE_SHARE = 0.1
"""A determiner inside a span is reported if no more than this share of its label's determiners are inside."""

REACH = 40
"""Code points shown on either side of a place."""

ERROR, WARNING, NOTE = "error", "warning", "note"
SEVERITIES = {
    ERROR: ("Errors: mend these before you train", 20),
    WARNING: ("Warnings: the most suspicious first", 8),
    NOTE: ("To look at: most of these are right", 3),
}
"""Severity to its heading and to how many findings of one check are shown."""

CHECKS = {
    "empty article": (ERROR, "articles without a word"),
    "same id": (ERROR, "one id given to several articles"),
    "leak": (ERROR, f"texts that stand in several files (at least {splits.NEAR_DUPLICATE:.0%} the same)"),
    "twins differ": (ERROR, "the same text with different annotation"),
    "similar labels": (ERROR, "labels that differ only in case or punctuation"),
    "inside a word": (ERROR, "spans that begin or end inside a word, which no model here can learn"),
    "over an empty line": (ERROR, "spans that run over an empty line, which no model here can learn"),
    "no word": (WARNING, "spans without a letter or digit"),
    "punctuation": (WARNING, "spans that begin or end with punctuation"),
    "unbalanced": (WARNING, "spans with half of a pair of brackets or quotation marks"),
    "over a sentence end": (WARNING, "spans that run from one sentence into the next"),
    "over a line end": (WARNING, "spans that run over the end of a line"),
    "determiner": (WARNING, "spans that begin with a determiner, which others of their label leave outside"),
    "bare here": (WARNING, "strings that are nearly always annotated, bare here"),
    "other label here": (WARNING, "strings that nearly always have another label"),
    "no spans": (WARNING, "articles without a span, too long for that to be chance"),
    "duplicate": (WARNING, "articles that are nearly the same in one file"),
    "short article": (WARNING, "articles much shorter than the others"),
    "long article": (WARNING, "articles much longer than the others"),
    "no date": (WARNING, "articles without a date, where others have one"),
    "one file only": (WARNING, "labels that some files lack"),
    "few spans": (WARNING, f"labels with at most {FEW_SPANS} spans (the threshold of spaCy's debug data)"),
    "few articles": (WARNING, f"fewer than {FEW_ARTICLES} articles (the threshold of spaCy's debug data)"),
    "annotated here": (NOTE, "strings that are nearly always bare, annotated here"),
    "long span": (NOTE, "spans much longer than others of their label"),
    "same few words": (NOTE, "short texts that stand in several files"),
    "no values": (NOTE, "times without values"),
    "in every article": (NOTE, "labels that no article lacks (spaCy's debug data wants some; long articles rarely do)"),
    "not many articles": (NOTE, f"fewer than {ADVISED_ARTICLES:,} articles (what spaCy's debug data advises)"),
    "guidelines": (NOTE, "guidelines"),
}
"""Name of a check to its severity and heading, the most important first."""

_ORDER = {name: number for number, name in enumerate(CHECKS)}
_PAIRS = (("(", ")"), ("[", "]"), ("{", "}"), ("“", "”"), ("«", "»"))
_EMPTY_LINE = re.compile(r"\r?\n[ \t]*\r?\n|\r[ \t]*\r(?!\n)")
_SENTENCE_END = re.compile(r"(?:\b[a-z]{5,}|\b\d{4})[\"”’)]*\s?\.[\"”’)]*\s+$|\?[\"”’)]*\s+$")
"""What ends a sentence for certain: inside names stand the abbreviations of every title."""
_WORD_BEFORE = re.compile(r"(?<!\w)([^\W\d_]+)\s+$")
_FIRST_WORD = re.compile(r"([^\W\d_]+)\s")


@dataclass(frozen=True)
class Place:
    """Where to look: code points in the article's text, the line there (the first is 1), and the text around."""

    file: str
    article: str
    start: int
    end: int
    line: int
    context: str


@dataclass(frozen=True)
class Finding:
    """One thing to look at.

    Attributes:
        check: a key of `CHECKS`.
        subject: what it is about: a string, a label, an article's id; "" if the place says all.
        remark: what is odd about it; "" if the check's name says all.
        places: where it is.
        score: how suspicious, in [0, 1], where the check ranks its findings.
    """

    check: str
    subject: str = ""
    remark: str = ""
    places: tuple[Place, ...] = ()
    score: float | None = None

    @property
    def severity(self) -> str:
        """`error`, `warning` or `note`."""
        return CHECKS[self.check][0]


@dataclass(frozen=True)
class Counts:
    """A file's articles, words (between white space), and labels.

    Attributes:
        words_per_article: least, quartiles and most.
        without_spans, without_date: numbers of articles.
        labels: label to its statistics.
    """

    articles: int
    words: int
    words_per_article: tuple[float, ...]
    without_spans: int
    without_date: int
    labels: Mapping[str, LabelStatistics]


@dataclass(frozen=True)
class Checks:
    """Counts by file, and findings, the most important first."""

    files: Mapping[str, Counts]
    findings: tuple[Finding, ...]

    def count(self, severity: str) -> int:
        """How many findings have a severity."""
        return sum(finding.severity == severity for finding in self.findings)


@dataclass(frozen=True)
class _Entry:
    file: str
    article: Article
    words: int

    def place(self, start: int = 0, end: int = 0) -> Place:
        return place_of(self.article, start, end, self.file)

    def span(self, span: Span) -> Place:
        return self.place(span.start, span.end)


def check(articles_by_file: Mapping[str, Sequence[Article]]) -> Checks:
    """Check annotated articles; several files are taken for the splits of one data set.

    Args:
        articles_by_file: name of a file to its articles.
    """
    files = {name: _counts(articles) for name, articles in articles_by_file.items()}
    entries = [
        _Entry(name, article, len(article.text.split()))
        for name, articles in articles_by_file.items()
        for article in articles
    ]
    labels = Counter(span.label for entry in entries for span in entry.article.spans)
    # DATE alone is a label of many sets; the guidelines are meant where an act, an actor or a deadline stands as well.
    ours = labels.keys() <= LABELS and bool(labels.keys() - {"DATE"})
    findings = [
        *_lengths(entries),
        *_duplicates(entries),
        *_labels(files, entries),
        *_borders(entries, ours),
        *_inconsistencies(entries, ours),
        *(_guidelines(entries) if ours else ()),
    ]
    return Checks(files, tuple(sorted(findings, key=lambda one: (_ORDER[one.check], -(one.score or 0)))))


def place_of(article: Article, start: int = 0, end: int = 0, file: str = "") -> Place:
    """A place in an article; without offsets, its beginning."""
    text = article.text
    shown = context(text, start, end, REACH) if end else _short(text)
    return Place(file, article.id, start, end, text.count("\n", 0, start) + 1, shown)


def _counts(articles: Sequence[Article]) -> Counts:
    lengths = [len(article.text.split()) for article in articles]
    return Counts(
        articles=len(articles),
        words=sum(lengths),
        words_per_article=tuple(np.percentile(lengths, (0, 25, 50, 75, 100)).tolist()) if lengths else (),
        without_spans=sum(not article.spans for article in articles),
        without_date=sum(article.date is None for article in articles),
        labels=label_statistics(articles),
    )


def _lengths(entries: Sequence[_Entry]) -> Iterator[Finding]:
    """Articles of an odd length, without spans, or without a date."""
    if not entries:
        return
    median = float(np.median([entry.words for entry in entries]))
    rate = sum(len(entry.article.spans) for entry in entries) / max(1, sum(entry.words for entry in entries))
    dated = sum(entry.article.date is not None for entry in entries)
    for entry in entries:
        remark = f"{many(entry.words, 'word')}; the median is {median:,.0f}"
        if entry.words == 0:
            yield Finding("empty article", places=(entry.place(),))
        elif entry.words * ODD_LENGTH_RATIO < median:
            yield Finding("short article", remark=remark, places=(entry.place(),))
        elif entry.words > median * ODD_LENGTH_RATIO:
            yield Finding("long article", remark=remark, places=(entry.place(),))
        if not entry.article.spans and entry.words * rate >= EXPECTED_SPANS:
            remark = f"{entry.words:,} words, in which others have some {entry.words * rate:,.0f} spans"
            yield Finding("no spans", remark=remark, places=(entry.place(),))
        if entry.article.date is None and dated:
            yield Finding("no date", places=(entry.place(),))


def _duplicates(entries: Sequence[_Entry]) -> Iterator[Finding]:
    by_id: dict[str, list[_Entry]] = defaultdict(list)
    by_text: dict[str, list[_Entry]] = defaultdict(list)
    for entry in entries:
        by_id[entry.article.id].append(entry)
        if entry.words:
            by_text[entry.article.text].append(entry)
    for id, same in by_id.items():
        if len(same) > 1:
            yield Finding("same id", id, places=tuple(entry.place() for entry in same))
    for same in by_text.values():
        spans = [set(entry.article.spans) for entry in same]
        differing = len(set.union(*spans)) - len(set.intersection(*spans))
        if differing:
            remark = f"{differing} of {len(set.union(*spans))} spans are not in all {len(same)}"
            share = differing / len(set.union(*spans))
            yield Finding("twins differ", remark=remark, places=tuple(entry.place() for entry in same), score=share)
    if not by_text:
        return
    # Each text once: of many equal ones every pair would count.
    texts = list(by_text.values())
    close = splits.overlaps([same[0].article for same in texts])
    group_of = splits.groups_of(close)
    pairs = close.tocoo()
    shares = np.zeros(len(texts))  # by group: the largest share of any two of its texts
    apart = pairs.row != pairs.col
    np.maximum.at(shares, group_of[pairs.row[apart]], pairs.data[apart])
    groups: dict[int, list[list[_Entry]]] = defaultdict(list)
    for same, group in zip(texts, group_of.tolist(), strict=True):
        groups[group].append(same)
    for group, twins in groups.items():
        members = [entry for same in twins for entry in same]
        share = float(shares[group]) if len(twins) > 1 else 1.0
        alike = f"up to {share:.0%} of {splits.NGRAM}-word runs shared" if len(twins) > 1 else "the same text"
        short = all(entry.words < splits.NGRAM for entry in members)
        across = len({entry.file for entry in members}) > 1
        if len(members) > 1 and (across or not short):
            name = "duplicate" if not across else "same few words" if short else "leak"
            places = tuple(entry.place() for entry in members)
            yield Finding(name, remark=f"{len(members)} articles, {alike}", places=places, score=share)


def _labels(files: Mapping[str, Counts], entries: Sequence[_Entry]) -> Iterator[Finding]:
    """Labels that are rare, missing in a file, or named alike; the file with most of one, as a rule train, counts."""
    having = Counter(label for entry in entries for label in {span.label for span in entry.article.spans})
    alike: dict[str, list[str]] = defaultdict(list)
    for label in sorted(having):
        alike[re.sub(r"[_-]", "", label).casefold()].append(label)
        counts = {name: one.labels[label].spans for name, one in files.items() if label in one.labels}
        if max(counts.values()) <= FEW_SPANS:
            yield Finding("few spans", label, many(max(counts.values()), "span"))
        missing = [name for name in files if name not in counts]
        if missing:
            remark = f"in {', '.join(f'{name} ({n})' for name, n in counts.items())}; not in {', '.join(missing)}"
            yield Finding("one file only", label, remark)
        if having[label] == len(entries) > 1:
            yield Finding("in every article", label)
    for names in alike.values():
        if len(names) > 1:
            yield Finding("similar labels", ", ".join(names))
    most = max((one.articles for one in files.values()), default=0)
    if most < ADVISED_ARTICLES:
        name = "few articles" if most < FEW_ARTICLES else "not many articles"
        yield Finding(name, remark=f"{many(most, 'article')} in {'the biggest file' if len(files) > 1 else 'the file'}")


def _borders(entries: Sequence[_Entry], ours: bool) -> Iterator[Finding]:
    lengths: dict[str, list[int]] = defaultdict(list)
    inside: Counter[str] = Counter()
    outside: Counter[str] = Counter()
    for entry in entries:
        for span in entry.article.spans:
            lengths[span.label].append(len(entry.article.covered(span).split()))
            inside[span.label] += _first_is_determiner(entry.article.covered(span))
            before = _WORD_BEFORE.search(entry.article.text[max(0, span.start - 12) : span.start])
            outside[span.label] += bool(before and before[1].lower() in DETERMINERS)
    limit = {label: max(LONG_SPAN_WORDS, LONG_SPAN_RATIO * sum(n) / len(n)) for label, n in lengths.items()}
    leave_out = {label for label in lengths if inside[label] <= RARE_SHARE * (inside[label] + outside[label])}
    if ours:
        leave_out.discard("ACTOR")  # the guideline check says it
    for entry in entries:
        sentences = sentence_starts(entry.article.text) if entry.article.spans else []
        for span in entry.article.spans:
            for name in _span_checks(entry.article, span, sentences, limit[span.label], leave_out):
                yield Finding(name, span.label, places=(entry.span(span),))


def _span_checks(
    article: Article, span: Span, sentences: Sequence[int], limit: float, leave_out: set[str]
) -> Iterator[str]:
    surface = article.covered(span)
    for remark in border_remarks(article, span):
        yield {INSIDE_WORD: "inside a word", NO_WORD: "no word"}.get(remark, "punctuation")
    if any(surface.count(left) != surface.count(right) for left, right in _PAIRS) or surface.count('"') % 2:
        yield "unbalanced"
    if _EMPTY_LINE.search(surface):
        yield "over an empty line"
    elif "\n" in surface or "\r" in surface:
        yield "over a line end"
    elif any(
        _SENTENCE_END.search(article.text[max(0, at - 40) : at])
        for at in sentences[bisect_right(sentences, span.start) : bisect_right(sentences, span.end - 1)]
    ):
        yield "over a sentence end"
    if len(surface.split()) > limit:
        yield "long span"
    if span.label in leave_out and _first_is_determiner(surface):
        yield "determiner"


def _first_is_determiner(surface: str) -> bool:
    """Whether a span begins with a determiner in small letters; a capital is a name's ("The Hague") or a sentence's."""
    match = _FIRST_WORD.match(surface)
    return match is not None and match[1] in DETERMINERS


def _inconsistencies(entries: Sequence[_Entry], ours: bool) -> Iterator[Finding]:
    for one in inconsistencies([entry.article for entry in entries]):
        counts = ", ".join(
            f"{label or 'bare'} {count}" for label, count in sorted(one.counts.items(), key=lambda item: -item[1])
        )
        # A digit or two is a time here and an amount there.
        if one.usual == BARE and not any(map(str.isalpha, one.string)):
            continue
        by_check: dict[str, list[Place]] = defaultdict(list)
        for place in one.exceptions:
            if ours and {one.usual, place.label} == {"DATE", "DEADLINE"}:
                continue  # what binds somebody is a DEADLINE: the same words may be either
            name = "bare here" if place.label == BARE else "annotated here" if one.usual == BARE else "other label here"
            by_check[name].append(entries[place.article].place(place.start, place.end))
        for name, places in by_check.items():
            yield Finding(name, one.string, counts, tuple(places), one.score)


def _guidelines(entries: Sequence[_Entry]) -> Iterator[Finding]:
    times = [span for entry in entries for span in entry.article.spans if span.label in ("DATE", "DEADLINE")]
    without_values = bool(times) and all(span.value is None for span in times)
    if without_values:
        yield Finding("no values", remark=f"none of {len(times)} DATE and DEADLINE spans has a value")
    found: dict[str, list[Finding]] = defaultdict(list)
    for entry in entries:
        for one in lint(entry.article):
            if one.remark in BORDER_REMARKS or (without_values and one.remark.startswith("value ")):
                continue
            found[one.remark].append(
                Finding("guidelines", remark=one.remark, places=(entry.place(one.start, one.end),))
            )
    # The rarest remarks first: what is remarked everywhere is less often a slip.
    for same in sorted(found.values(), key=len):
        yield from same


def to_json(checks: Checks) -> str:
    """Everything, for programs."""
    content = {
        **{f"{severity}s": checks.count(severity) for severity in SEVERITIES},
        "files": {name: asdict(counts) for name, counts in checks.files.items()},
        "findings": [{"severity": one.severity, **asdict(one)} for one in checks.findings],
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def render(checks: Checks) -> str:
    """Plain text, the most important first; long lists are cut, and say so."""
    lines: list[str] = []
    names = _file_names(checks.files)
    for severity, (heading, most) in SEVERITIES.items():
        groups: dict[str, list[Finding]] = defaultdict(list)
        for finding in checks.findings:
            if finding.severity == severity:
                title = CHECKS[finding.check][1]
                groups[f"{title}: {finding.remark}" if finding.check == "guidelines" else title].append(finding)
        if groups:
            lines += [heading, "=" * len(heading), ""]
        for title, findings in groups.items():
            lines.append(f"{title}: {len(findings):,}")
            for finding in findings[:most]:
                lines += _finding_lines(finding, names)
            if len(findings) > most:
                lines.append(f"  … and {len(findings) - most:,} more")
            lines.append("")
    lines += [*_count_lines(checks.files), ""]
    errors, warnings, notes = (checks.count(severity) for severity in SEVERITIES)
    lines.append(f"{many(errors, 'error')}, {many(warnings, 'warning')}, {notes:,} more to look at")
    return "\n".join(lines) + "\n"


def _finding_lines(finding: Finding, names: Mapping[str, str]) -> Iterator[str]:
    said = ": ".join(_short(part) for part in (finding.subject, finding.remark) if part)
    if finding.check == "guidelines":
        said = ""
    places = [
        f"{names[place.file]}{_short(place.article)}, line {place.line}: {place.context}"
        for place in finding.places[:3]
    ]
    more = [f"… and {len(finding.places) - 3:,} more places"] if len(finding.places) > 3 else []
    if len(finding.places) == 1:
        yield f"  {places[0]}" + (f"  ({said})" if said else "")
    else:
        yield from (f"  {said}" for _ in range(bool(said)))
        yield from (f"    {line}" for line in (*places, *more))


def _file_names(files: Iterable[str]) -> dict[str, str]:
    """What stands before an article's id: nothing for one file, else the shortest ending that tells the files apart."""
    listed = list(files)
    ends = {file: PurePath(file).name for file in listed}
    if len(set(ends.values())) < len(listed):
        ends = {file: file for file in listed}
    return {file: f"{_short(ends[file])}: " if len(listed) > 1 else "" for file in listed}


def _count_lines(files: Mapping[str, Counts]) -> Iterator[str]:
    for name, one in files.items():
        yield (
            f"{_short(name)}: {many(one.articles, 'article')}, {many(one.words, 'word')};"
            f" {one.without_spans:,} without spans, {one.without_date:,} without a date"
        )
        if one.words_per_article:
            least, low, middle, high, most = one.words_per_article
            yield (
                f"  words an article: {least:,.0f} to {most:,.0f}, half of them {low:,.0f} to {high:,.0f},"
                f" median {middle:,.0f}"
            )
        width = max((len(label) for label in one.labels), default=0)
        for label, found in one.labels.items():
            yield (
                f"  {label:<{width}}  {found.spans:>7,} spans, {found.distinct:>6,} different,"
                f" {found.mean_words:.1f} words on average, {found.max_words} at most,"
                f" {found.words / max(1, one.words):.1%} of the words"
            )


def many(count: int, noun: str) -> str:
    """`1 word`, `1,234 words`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _short(text: str, most: int = 80) -> str:
    """Text on one line, its end left out if it is long."""
    flat = " ".join(text[: 2 * most].split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"
