"""brat's standoff: `x.txt` holds the text as it is, `x.ann` the annotation, a line each.

    T1	DEADLINE 24 45	no later than Sunday,
    #1	AnnotatorNotes T1	value=2022-02-13 score=0.98

Offsets are code points. `T` lines are spans; a note of ours gives a span's value and score. Relations, events,
attributes and people's notes are not read, which a logged warning counts. A span whose pieces are parted by nothing
but white space is one span (so brat writes one over a line's end); in any other case pieces are an error, since spans
are flat and whole.

A set of articles is a folder. An article's id is its file's path without the suffix; slashes part folders.
"""

from __future__ import annotations

import codecs
import logging
import re
from collections import Counter
from collections.abc import Collection, Sequence
from itertools import pairwise
from pathlib import Path, PurePath

from data.files import decode, files_below, id_of, new_folder, path_of, read_bytes, read_text, write_atomically
from data.formats.escaping import escape, unescape
from data.formats.jsonl import check_labels
from data.schema import Article, DataError, Span

NAME = "brat"
SUFFIXES: tuple[str, ...] = (".ann",)
HOLDS = frozenset({"text", "id", "value", "score"})

logger = logging.getLogger(__name__)

_SPAN = re.compile(r"(T\d+)\t(\S+) (\d+ \d+(?:;\d+ \d+)*)(?:\t(.*))?")
_NOTE = re.compile(r"#\d+\tAnnotatorNotes (T\d+)\t(?=\S)(?:value=(\S+))? ?(?:score=([\d.e-]+))?")
_KINDS = {"R": "relations", "*": "equivalences", "E": "events", "A": "attributes", "M": "attributes",
          "N": "normalizations", "#": "notes"}  # fmt: skip
_LINE_END = re.compile(r"\s*[\r\n]\s*")


def looks_like(path: Path, head: str) -> bool:
    """Whether a text stands beside it, each of the first lines is one of brat's, and spans are among them."""
    text = path.with_suffix(".txt")
    if path == text or not text.is_file():
        return False
    lines = [line for line in head.split("\n")[:-1] if line.strip()][:20]
    return any(map(_SPAN.fullmatch, lines)) and all(_SPAN.fullmatch(line) or line[0] in _KINDS for line in lines)


def read(path: Path, labels: Collection[str] | None = None) -> list[Article]:
    """Read one `.ann` file with the `.txt` file beside it, or all below a folder.

    Raises:
        DataError: with file and line; also for a text that is missing or is not the one that was annotated.
    """
    unread: Counter[str] = Counter()
    if path.is_dir():
        files = [file for file in files_below(path) if file.suffix == ".ann"]
        articles = [_read(file, id_of(file.relative_to(path).with_suffix("")), labels, unread) for file in files]
    else:
        articles = [_read(path, id_of(PurePath(path.stem)), labels, unread)]
    if unread:
        counts = ", ".join(f"{count} {kind}" for kind, count in sorted(unread.items()))
        logger.warning("warning: %s: not read: %s; only spans with their values and scores are", path, counts)
    return articles


def write(articles: Sequence[Article], path: Path) -> None:
    """Write a new folder with two files an article, and an `annotation.conf` that tells brat the labels."""
    labels = sorted({span.label for article in articles for span in article.spans})
    with new_folder(path) as folder:
        for article in articles:
            place = folder / path_of(article.id)
            write_atomically(place.with_name(f"{place.name}.txt"), article.text)
            write_atomically(place.with_name(f"{place.name}.ann"), render(article))
        sections = ["[entities]", *labels, "", "[relations]", "", "[events]", "", "[attributes]"]
        write_atomically(folder / "annotation.conf", "\n".join(sections) + "\n")


def render(article: Article) -> str:
    """The content of an article's `.ann` file."""
    lines = []
    notes: list[str] = []
    for number, span in enumerate(article.spans, start=1):
        surface = article.covered(span)
        pieces = []
        start = span.start
        for gap in _LINE_END.finditer(surface):
            pieces.append(f"{start} {span.start + gap.start()}")
            start = span.start + gap.end()
        pieces.append(f"{start} {span.end}")
        shown = re.sub(r"\s", " ", _LINE_END.sub(" ", surface))
        lines.append(f"T{number}\t{span.label} {';'.join(pieces)}\t{shown}\n")
        said = [] if span.value is None else [f"value={escape(span.value)}"]
        said += [] if span.score is None else [f"score={span.score!r}"]
        if said:
            notes.append(f"#{len(notes) + 1}\tAnnotatorNotes T{number}\t{' '.join(said)}\n")
    return "".join([*lines, *notes])


def _read(file: Path, id: str, labels: Collection[str] | None, unread: Counter[str]) -> Article:
    text_file = file.with_suffix(".txt")
    if not text_file.is_file():
        raise DataError(f"the text that belongs to it is missing; put {text_file.name} beside it", file=str(file))
    text = _text(text_file)
    found: dict[str, Span] = {}
    notes: dict[str, tuple[str | None, float | None]] = {}
    # Not splitlines(): a span's text may hold U+0085 and the like.
    for number, line in enumerate(read_text(file).split("\n"), start=1):
        line = line.rstrip("\r")
        if not line.strip():
            continue
        try:
            if line[0] == "T":
                name, span = _span(line, text)
                if name in found:
                    raise DataError(f"the name {name} is given to two spans; rename one")
                found[name] = span
            elif (note := _NOTE.fullmatch(line)) is not None:
                notes[note[1]] = unescape(note[2]) if note[2] else None, float(note[3]) if note[3] else None
            elif line[0] in _KINDS:
                unread[_KINDS[line[0]]] += 1
            else:
                raise DataError(f"line {line[:60]!r} is none of brat's; spans look like 'T1<tab>LABEL 0 5<tab>text'")
        except (DataError, ValueError) as error:
            raise DataError(getattr(error, "reason", str(error)), file=str(file), line=number) from None
    spans = (Span(span.start, span.end, span.label, *notes.get(name, (None, None))) for name, span in found.items())
    try:
        article = Article(id, text, tuple(spans))
        check_labels(article, labels)
    except DataError as error:
        raise error.at(str(file)) from None
    return article


def _text(file: Path) -> str:
    # A byte order mark, which decode drops, is a character of the text: brat's offsets count it.
    content = read_bytes(file)
    mark = "\ufeff" if content.startswith(codecs.BOM_UTF8) else ""
    return mark + decode(content, str(file))


def _span(line: str, text: str) -> tuple[str, Span]:
    match = _SPAN.fullmatch(line)
    if match is None:
        raise DataError(f"line {line[:60]!r} is not a span; spans look like 'T1<tab>LABEL 0 5<tab>text'")
    name, label, said = match[1], match[2], match[4]
    pieces = [tuple(map(int, piece.split(" "))) for piece in match[3].split(";")]
    for (_, end), (start, _) in pairwise(pieces):
        if text[end:start].strip() or end > start:
            raise DataError(
                f"span {name} ({match[3]}) is in pieces with other words between; spans are whole here:"
                " annotate the pieces as spans of their own, or all from the first to the last"
            )
    span = Span(pieces[0][0], pieces[-1][1], label)
    covered = text[span.start : span.end]
    if said is not None and "".join(covered.split()) != "".join(said.split()):
        raise DataError(
            f"span {name} covers {covered[:60]!r} but says {said[:60]!r}; is the text another, or were bytes counted?"
        )
    return name, span
