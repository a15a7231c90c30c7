"""Label Studio's JSON: a list of tasks, as its JSON and JSON_MIN exports write them and its import reads them.

    [{"data": {"text": "…"}, "annotations": [{"was_cancelled": false, "result": [
        {"id": "x", "from_name": "label", "to_name": "text", "type": "labels",
         "value": {"start": 0, "end": 7, "text": "Norland", "labels": ["ACTOR"]}}]}]}]
    [{"text": "…", "id": 1, "annotation_id": 2, "label": [{"start": 0, "end": 7, "labels": ["ACTOR"]}]}]

Of several annotations the one updated last counts, cancelled (skipped) ones and drafts never. A task without one has
not been annotated and is left out, with a count in the log, unless no task of the file has any: such a file is a
pre-annotation, and its predictions are read, with their scores.

Offsets are code points of the text, also where the browser counts otherwise; old versions wrote UTF-16 units.
Where a region says its own text, that decides; so it also shows offsets into another text. Written are
`predictions` if any span has a score, `annotations` if not, for a labelling configuration with
`<Labels name="label" toName="text">` and `<Text name="text" value="$text">`; a span's value is the region's note.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

from data.files import read_text, write_atomically
from data.formats import jsonl
from data.formats.tools import details, is_predicted, list_of, restored
from data.schema import Article, DataError, Span

NAME = "label-studio"
SUFFIXES = (".json",)
HOLDS = frozenset({"text", "id", "date", "title", "meta", "value", "score"})

MODEL_VERSION = "demarche"

_ARTICLE = "article"
"""Key of `data` that holds what an article says of itself: JSON_MIN puts the task's number over `data.id`."""

_ANNOTATIONS = ("annotations", "completions")
_VALUE = "value="
_ESCAPED_LINE_END = "\\n"
_MIN_KEYS = frozenset(
    {"id", "text", "annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement"}
)

logger = logging.getLogger(__name__)


def looks_like(path: Path, head: str) -> bool:
    """Whether this is a JSON file with a list of tasks."""
    start = head.lstrip()
    keys = (*_ANNOTATIONS, "predictions", "annotation_id")
    return path.name.endswith(SUFFIXES) and start.startswith("[") and any(f'"{key}"' in start for key in keys)


def read(path: Path, labels: Collection[str] | None = None) -> list[Article]:
    """Read a file; what it holds besides annotated spans is counted in the log.

    Raises:
        DataError: with file and task.
    """
    return parse(read_text(path), path.name.partition(".")[0], str(path), labels)


def parse(content: str, id: str, name: str, labels: Collection[str] | None = None) -> list[Article]:
    """The articles in a file's content; one that has no id is `id-1` by its task's number."""
    tasks = _tasks(content, name)
    annotated = [_annotation(task) for _, task in tasks]
    is_reviewed = any(found is not None for found in annotated)
    articles: list[Article] = []
    seen: set[str] = set()
    others = 0
    for (place, task), annotation in zip(tasks, annotated, strict=True):
        found = annotation if is_reviewed else _prediction(task)
        if found is None:
            continue
        try:
            regions, left_out = _regions(found)
            article = _article(task, regions, f"{id}-{task.get('id', place)}", with_scores=not is_reviewed)
            jsonl.check_labels(article, labels)
            if article.id in seen:
                raise DataError(f"the id {article.id!r} is given to two tasks; export one project at a time")
        except DataError as error:
            raise _at_task(error, name, place, task) from None
        seen.add(article.id)
        others += left_out
        articles.append(article)
    if others:
        logger.warning("%s: %d results that are no labelled text not read", name, others)
    if len(articles) < len(tasks):
        logger.warning(
            "%s: %d of %d tasks are not annotated and were left out", name, len(tasks) - len(articles), len(tasks)
        )
    if tasks and not articles:
        raise DataError("no task is annotated or has predictions; export the tasks with their annotations", file=name)
    return articles


def predictions(path: Path) -> list[Article]:
    """The predictions that annotators corrected, as far as the export holds them, under the ids that `read` gives.

    An annotation keeps the prediction that was shown to its annotator; the tasks' own predictions stand in a JSON
    export only where it was made as a snapshot with predictions.

    Raises:
        DataError: with file and task.
    """
    name, id = str(path), path.name.partition(".")[0]
    articles = []
    for place, task in _tasks(read_text(path), name):
        shown = (_annotation(task) or {}).get("prediction")
        found = shown if isinstance(shown, dict) and "result" in shown else _prediction(task)
        if found is not None:
            try:
                articles.append(_article(task, _regions(found)[0], f"{id}-{task.get('id', place)}", with_scores=True))
            except DataError as error:
                raise _at_task(error, name, place, task) from None
    return articles


def write(articles: Sequence[Article], path: Path) -> None:
    """Write a file, whole or not at all."""
    write_atomically(path, render(articles))


def render(articles: Sequence[Article], predicted: bool | None = None) -> str:
    """The file content for articles.

    Args:
        predicted: whether nobody has seen them yet; None decides by whether any span has a score.
    """
    is_prediction = is_predicted(articles) if predicted is None else predicted
    tasks = [_task(article, is_prediction) for article in articles]
    # A task a line, so that the file can be looked at and compared.
    return "[" + ",".join("\n" + json.dumps(task, ensure_ascii=False) for task in tasks) + "\n]\n"


def _task(article: Article, is_prediction: bool) -> dict[str, Any]:
    data = {"text": article.text, _ARTICLE: details(article)}
    result = [_region(article, span) for span in article.spans]
    if not is_prediction:
        return {"data": data, "annotations": [{"result": result, "was_cancelled": False, "ground_truth": False}]}
    made: dict[str, Any] = {"model_version": MODEL_VERSION, "result": result}
    scores = [span.score for span in article.spans if span.score is not None]
    if scores:
        made["score"] = fmean(scores)
    return {"data": data, "predictions": [made]}


def _region(article: Article, span: Span) -> dict[str, Any]:
    region: dict[str, Any] = {
        "id": f"span-{span.start}-{span.end}",
        "from_name": "label",
        "to_name": "text",
        "type": "labels",
        "value": {"start": span.start, "end": span.end, "text": article.covered(span), "labels": [span.label]},
    }
    if span.score is not None:
        region["score"] = span.score
    if span.value is not None:
        region["meta"] = {"text": [_VALUE + span.value]}
    return region


def _tasks(content: str, name: str) -> list[tuple[int, dict[str, Any]]]:
    """The tasks with their places in the list, counted from 1; of several of JSON_MIN's records of one, the last."""
    try:
        tasks = jsonl.load(content)
    except DataError as error:
        raise error.at(name) from None
    if not isinstance(tasks, list) or not all(isinstance(task, dict) for task in tasks):
        raise DataError("this is no list of tasks; export as JSON or JSON_MIN", file=name)
    numbered = list(enumerate(tasks, start=1))
    if any("data" in task for task in tasks):
        return numbered
    last: dict[Any, tuple[int, dict[str, Any]]] = {}
    for place, record in numbered:
        key = str(record.get("id", f"record {place}"))
        if key not in last or _updated(record) > _updated(last[key][1]):
            last[key] = (place, record)
    return [(place, _expanded(record)) for place, record in last.values()]


def _expanded(record: dict[str, Any]) -> dict[str, Any]:
    """A record of JSON_MIN as a task: everything that holds labelled regions is its annotation, the rest its data."""
    regions = []
    data = {"text": record["text"]} if "text" in record else {}
    for key, value in record.items():
        if isinstance(value, list) and any(isinstance(item, dict) and "labels" in item for item in value):
            regions += [{"type": "labels", "value": item} for item in value]
        elif key not in _MIN_KEYS:
            data[key] = value
    annotations = [{"result": regions}] if record.get("annotation_id") is not None else []
    return {"data": data, "annotations": annotations, **{key: record[key] for key in ("id",) if key in record}}


def _annotation(task: dict[str, Any]) -> dict[str, Any] | None:
    """The annotation that counts."""
    found = [
        one
        for key in _ANNOTATIONS
        for one in _objects(task.get(key))
        if not (one.get("was_cancelled") or one.get("skipped"))
    ]
    return max(found, key=_updated, default=None)


def _updated(record: Mapping[str, Any]) -> str:
    """ISO 8601 in one zone, so that the text's order is the time's."""
    return str(record.get("updated_at") or record.get("created_at") or "")


def _prediction(task: dict[str, Any]) -> dict[str, Any] | None:
    """The task's last prediction."""
    return max(_objects(task.get("predictions")), key=_updated, default=None)


def _objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; an export may have numbers in their place, which say nothing."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _regions(found: dict[str, Any]) -> tuple[list[dict[str, Any]], int]:
    """An annotation's labelled regions of text, and how many other results there are (relations, choices)."""
    results = list_of("result", found.get("result"))
    regions = [one for one in results if one.get("type") == "labels" and isinstance(one.get("value"), dict)]
    return regions, len(results) - len(regions)


def _article(task: dict[str, Any], regions: list[dict[str, Any]], id: str, *, with_scores: bool) -> Article:
    data = task.get("data")
    if not isinstance(data, dict) or not isinstance(data.get("text"), str):
        raise DataError(
            'its data has no text under \'text\'; the configuration needs <Text name="text" value="$text"/>'
        )
    own = data.get(_ARTICLE)
    fields = dict(own) if isinstance(own, dict) else {key: value for key, value in data.items() if key != "text"}
    return restored(data["text"], _spans(regions, data["text"], with_scores), fields, id)


def _spans(regions: list[dict[str, Any]], text: str, with_scores: bool) -> list[Span]:
    """The spans of regions, whose offsets are UTF-16 units if only so all of them say the text that is there."""
    spans = [_span(region, with_scores) for region in regions]
    said = [region["value"].get("text") for region in regions]
    odd = [number for number, span in enumerate(spans) if not _same(said[number], text[span.start : span.end])]
    if not odd:
        return spans
    units = text.encode("utf-16-le")
    places = [
        tuple(len(units[: 2 * border].decode("utf-16-le", "ignore")) for border in (span.start, span.end))
        for span in spans
    ]
    if all(_same(one, text[start:end]) for one, (start, end) in zip(said, places, strict=True)):
        return [replace(span, start=start, end=end) for span, (start, end) in zip(spans, places, strict=True)]
    span = spans[odd[0]]
    raise DataError(
        f"the region [{span.start}, {span.end}) {span.label} says {said[odd[0]][:60]!r}, but the text there is"
        f" {text[span.start : span.end][:60]!r}; was the task's text changed after it was annotated?"
    )


def _span(region: dict[str, Any], with_scores: bool) -> Span:
    value = region["value"]
    start, end, labels = value.get("start"), value.get("end"), value.get("labels")
    if not isinstance(labels, list) or len(labels) != 1:
        count = len(labels) if isinstance(labels, list) else 0
        raise DataError(
            f'the region [{start}, {end}) has {count} labels; give it one in Label Studio (choice="single")'
        )
    return Span(start, end, labels[0], _note(region), region.get("score") if with_scores else None)


def _same(said: Any, text: str) -> bool:
    """Whether a region's text, if it says one, is this; the browser has its own white space, and escapes line ends."""
    if not isinstance(said, str):
        return True
    return "".join(said.replace(_ESCAPED_LINE_END, "").split()) == "".join(text.replace(_ESCAPED_LINE_END, "").split())


def _note(region: dict[str, Any]) -> str | None:
    """A span's value, from the region's note."""
    meta = region.get("meta")
    notes: Any = meta.get("text") if isinstance(meta, dict) else None
    for note in notes if isinstance(notes, list) else [notes]:
        if isinstance(note, str) and note.startswith(_VALUE) and note != _VALUE:
            return note.removeprefix(_VALUE)
    return None


def _at_task(error: DataError, name: str, place: int, task: dict[str, Any]) -> DataError:
    number = f" (id {task['id']})" if "id" in task else ""
    return DataError(f"task {place}{number}: {error.reason}", file=name)
