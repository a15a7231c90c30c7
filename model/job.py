"""Tagging inputs of any size: record by record to one result, or in parts that a killed job can go on from."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from data.errors import InputError
from data.files import write_atomically
from data.schema import Article, DataError
from data.stream import Position, Record, Source
from model import forms, outputs
from model.dateline import dateline
from model.forms import PART_SIZE, Form
from model.tagger import Tagger

logger = logging.getLogger(__name__)

Watch = Callable[[Iterable[Article]], Iterable[Article]]
"""Passes articles on, and counts them for a progress bar."""

JOB_FILE = "_job.json"
"""Programs that read a folder of parts as one table pass over names that begin so."""


@dataclass(frozen=True)
class Counts:
    """What became of records: how many articles were read, how many records could not be."""

    articles: int = 0
    broken: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.articles + other.articles, self.broken + other.broken)


class ArticleReader:
    """The articles of records, dated where they can be; records that cannot be read are put aside. Goes round once.

    Args:
        records: of a `Source`.
        date: of articles that bring none.
        strict: whether a record that cannot be read is an error.
        unique: whether a record cannot be read that has another's id.
    """

    def __init__(self, records: Iterable[Record], date: str | None, *, strict: bool, unique: bool = False) -> None:
        self._records, self._date, self._strict, self._unique = records, date, strict, unique
        self._count = 0
        self._broken: list[dict[str, Any]] = []

    def __iter__(self) -> Iterator[Article]:
        """Raises `DataError` with file and line."""
        seen: set[int] = set()  # hashes, since ids would take up more than the articles under way
        for record in self._records:
            try:
                article = record.article()
                if self._unique and hash(article.id) in seen:
                    raise DataError(
                        f"the id {article.id!r} is given to two articles; ids must be unique: rename one",
                        file=record.file,
                        line=record.number,
                    )
            except DataError as error:
                if self._strict:
                    raise
                self._broken.append(
                    {"file": record.file, "number": record.number, "reason": str(error), "record": record.raw()}
                )
                continue
            if self._unique:
                seen.add(hash(article.id))
            self._count += 1
            yield replace(article, date=article.date or dateline(article.text) or self._date)

    def counts(self) -> Counts:
        """Of the records so far."""
        return Counts(self._count, len(self._broken))

    def write_broken(self, path: Path) -> None:
        """Write the records put aside, each with its reason; remove an older such file if there are none."""
        if self._broken:
            write_atomically(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in self._broken))
        else:
            path.unlink(missing_ok=True)


def side_file(path: Path) -> Path:
    """Where the records go that a result lacks since they cannot be read."""
    return path.with_name(f"{path.name}.broken.jsonl")


def check_apart(output: Path, source: Source) -> None:
    """Raise `InputError` if a result would take an input's place."""
    if any(file.path.resolve() == output.resolve() for file in source.files):
        raise InputError(f"--output {output} is the input itself; name another file")


@dataclass(frozen=True)
class Job:
    """A result in parts: files in a folder, each of which holds what came of so many records of the input.

    A part is written whole or not at all, its side file of broken records before it; so a part that is there is done.
    What it holds depends on its records alone, which is why a job that was killed and started again, on one machine or
    many, ends with the same bytes as one that was not.

    Attributes:
        source: the input.
        folder: of the parts.
        form: of each part.
        date: of articles that bring none.
        strict: whether a broken record stops the job.
        thresholds: of the tagger (`Tagger.thresholds`).
        starts: where each part's records begin.
        part_size: records in a part.
    """

    source: Source
    folder: Path
    form: Form
    date: str | None
    strict: bool
    thresholds: Mapping[str, float]
    starts: tuple[Position, ...]
    part_size: int

    @classmethod
    def begin(
        cls,
        source: Source,
        folder: Path,
        form: Form,
        *,
        run: str,
        engine: str,
        date: str | None = None,
        strict: bool = False,
        thresholds: Mapping[str, float] | None = None,
        part_size: int = PART_SIZE,
    ) -> Job:
        """A job in a folder, new or gone on with.

        Args:
            run: what tells the run from others, such as `model.int8.run_hash`.
            engine: that computes the scores; two engines do not give the same bytes.

        Raises:
            InputError: the folder holds something else, or a job with other settings, or the input is empty.
        """
        if form.name not in forms.SUFFIXES:
            raise InputError(
                f"{form.name} cannot be written in parts; name a file with --output,"
                f" or choose one of {', '.join(forms.SUFFIXES)}"
            )
        if part_size < 1:
            raise InputError(f"--part-size is {part_size}; a part holds at least 1 article")
        settings = {
            "run": run, "engine": engine, "form": asdict(form), "date": date, "part_size": part_size,
            "thresholds": dict(thresholds or {}), "columns": dict(source.columns),
            "input": [list(one) for one in source.fingerprint()],
        }  # fmt: skip
        for read in source.folders:
            if read.resolve() in (folder.resolve(), *folder.resolve().parents):
                raise InputError(f"--output {folder} lies in the input {read}, which it would change; name another")
        path = folder / JOB_FILE
        if path.is_file():
            _check_same(path, settings)
        elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise InputError(f"{folder} is there already and holds no job of predict.py; name another --output")
        starts = tuple(source.parts(part_size))
        if not starts:
            raise InputError("the input holds no article")
        write_atomically(path, json.dumps(settings, indent=2, ensure_ascii=False) + "\n")
        for half in folder.glob(".*part-*"):  # what a job that was killed was writing
            half.unlink()
        return cls(source, folder, form, date, strict, thresholds or {}, starts, part_size)

    def path(self, number: int) -> Path:
        """The file of a part."""
        return self.folder / f"part-{number:05d}{forms.SUFFIXES[self.form.name]}"

    def missing(self) -> list[int]:
        """The parts that are still to be done."""
        return [number for number in range(len(self.starts)) if not self.path(number).is_file()]

    def run_part(self, number: int, tagger: Tagger, watch: Watch | None = None) -> Counts:
        """Tag the records of a part and write it.

        Args:
            number: of the part.
            tagger: of the run and engine that the job began with, with its thresholds.
            watch: to see how it goes.

        Raises:
            DataError: a file cannot be read, or a record cannot and the job is strict.
        """
        path = self.path(number)
        reading = ArticleReader(self.source.records(self.starts[number], self.part_size), self.date, strict=self.strict)

        def pieces() -> Iterator[bytes]:
            yield from outputs.write(tagger, watch(reading) if watch else reading, self.form)
            # Before the part itself is there, which says that all of it is done.
            reading.write_broken(path.with_name(f"_{side_file(path).name}"))

        write_atomically(path, pieces())
        return reading.counts()


def _check_same(path: Path, settings: dict[str, Any]) -> None:
    """Raise `InputError` unless a job has these settings."""
    try:
        before = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError(f"{path} is broken ({error}); name another --output, or remove the folder") from None
    other = [name for name, value in settings.items() if before.get(name) != value]
    if other:
        raise InputError(
            f"{path.parent} holds a job with another {', '.join(other)}; go on with the same, name another --output,"
            " or remove the folder"
        )
