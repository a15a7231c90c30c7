"""A review round: doubt, what people changed, and their articles in the training data."""

import itertools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import formats, review
from data.errors import InputError
from data.formats import doccano, jsonl, label_studio
from data.schema import Article, Span
from model import engines
from model.decode import decode, expected_spans
from model.review import doubt, most_doubtful
from model.tags import TagSet
from tests.conftest import make_articles, parse
from tests.test_scripts import call

TAGSET = TagSet(["A", "B"])


def article(id: str, *spans: Span, words: int = 10) -> Article:
    return Article(id, " ".join(["word"] * words), spans)


# Doubt.


@given(st.integers(1, 4), st.integers(0, 2**31), st.data())
def test_expected_spans_are_the_mean_over_all_legal_sequences(words: int, seed: int, data: st.DataObject) -> None:
    probabilities = np.random.default_rng(seed).dirichlet(np.ones(len(TAGSET)), size=words)
    breaks = np.array(data.draw(st.lists(st.booleans(), min_size=words, max_size=words)))
    mass = total = 0.0
    for tags in itertools.product(range(len(TAGSET)), repeat=words):
        legal = all(
            tag == 0 or tag % 2 == 1 or (i > 0 and not breaks[i] and tags[i - 1] in (tag, tag - 1))
            for i, tag in enumerate(tags)
        )
        if legal:
            probability = float(np.prod([row[tag] for row, tag in zip(probabilities, tags, strict=True)]))
            mass += probability
            total += probability * sum(tag % 2 for tag in tags)
    assert expected_spans(np.log(probabilities), breaks) == pytest.approx(total / mass)


def test_what_was_found_is_part_of_what_is_expected() -> None:
    probabilities = np.random.default_rng(0).dirichlet(np.ones(len(TAGSET)), size=30)
    starts = np.arange(30) * 2
    spans = decode(np.log(probabilities), starts, starts + 1, np.zeros(30, dtype=bool), TAGSET)
    scores = [span.score or 0.0 for span in spans]
    assert 0 < sum(scores) < expected_spans(np.log(probabilities), np.zeros(30, dtype=bool)) <= 30
    assert expected_spans(np.zeros((0, 5)), np.zeros(0, dtype=bool)) == 0


def test_doubt_counts_wrong_and_missed_spans_a_word() -> None:
    found = article("a", Span(0, 4, "A", score=0.75), Span(5, 9, "A", score=0.5))
    assert doubt(found, 1.25) == pytest.approx(0.75 / 10)  # nothing else expected: two spans, 1.25 of them right
    assert doubt(found, 2.25) == pytest.approx(1.75 / 10)
    assert doubt(article("b"), 0.5) == pytest.approx(0.05)  # nothing found is not certainty
    assert doubt(article("b", words=100), 0.5) == pytest.approx(0.005)
    assert doubt(Article("c", " "), 0.0) == 0


def test_the_most_doubtful_come_first() -> None:
    tagged = [(article("sure", Span(0, 4, "A", score=1.0)), 1.0), (article("nearly"), 0.9), (article("empty"), 0.0),
              (article("unsure", Span(0, 4, "A", score=0.6)), 1.5), (article("empty too"), 0.0)]  # fmt: skip
    assert [one.id for one in most_doubtful(tagged, 4)] == ["unsure", "nearly", "sure", "empty"]
    assert len(most_doubtful(iter(tagged), 99)) == 5
    with pytest.raises(InputError, match="at least 1"):
        most_doubtful(tagged, 0)


# Comparing.

PREDICTED = article(
    "a",
    Span(0, 4, "A", score=0.95),
    Span(5, 9, "A", score=0.55),
    Span(10, 14, "B", score=0.5),
    Span(15, 19, "B", score=0.2),
    Span(20, 24, "B"),
)
REVIEWED = article(
    "a", Span(0, 4, "A"), Span(5, 14, "A"), Span(15, 19, "A"), Span(20, 24, "B"), Span(25, 29, "B"), Span(30, 34, "C")
)


def test_each_span_has_one_fate() -> None:
    found = review.compare([PREDICTED, article("other")], [REVIEWED])
    zero = dict.fromkeys(review.FATES, 0)
    assert found.labels == {
        "A": {**zero, "kept": 1, "moved": 1},
        "B": {**zero, "kept": 1, "relabelled": 1, "removed": 1, "added": 1},
        "C": {**zero, "added": 1},
        "all": {"kept": 2, "moved": 1, "relabelled": 1, "removed": 1, "added": 2},
    }
    assert [(band.low, band.high, {k: v for k, v in band.fates.items() if v}) for band in found.bands] == [
        (None, None, {"kept": 1}),
        (0.0, 0.5, {"relabelled": 1}),
        (0.5, 0.7, {"moved": 1, "removed": 1}),
        (0.95, 1.0, {"kept": 1}),
    ]
    assert (found.articles, found.untouched) == (1, 0)
    assert review.compare([PREDICTED], [PREDICTED]).untouched == 1


def test_a_span_becomes_the_one_with_its_label_and_then_the_one_that_shares_most() -> None:
    relabelled_or_moved = review.compare(
        [article("a", Span(0, 19, "A"))], [article("a", Span(0, 14, "B"), Span(15, 19, "A"))]
    )
    assert {k: v for k, v in relabelled_or_moved.labels["all"].items() if v} == {"moved": 1, "added": 1}
    joined = review.compare(
        [article("a", Span(0, 4, "A", score=0.9), Span(5, 19, "A", score=0.3))], [article("a", Span(0, 19, "A"))]
    )
    assert [(band.low, band.fates["moved"], band.fates["removed"]) for band in joined.bands] == [
        (0.0, 1, 0),
        (0.9, 0, 1),
    ]


@st.composite
def annotations(draw: st.DrawFn) -> Article:
    cuts = sorted(draw(st.sets(st.integers(0, 30), max_size=12)))
    spans = [Span(a, b, draw(st.sampled_from(["A", "B"]))) for a, b in itertools.pairwise(cuts) if draw(st.booleans())]
    return Article("a", "x" * 30, tuple(spans))


@given(annotations(), annotations())
def test_fates_add_up(predicted: Article, reviewed: Article) -> None:
    fates = review.compare([predicted], [reviewed]).labels["all"]
    paired = fates["kept"] + fates["moved"] + fates["relabelled"]
    assert paired + fates["removed"] == len(predicted.spans)
    assert paired + fates["added"] == len(reviewed.spans)
    assert fates["kept"] == len(set(predicted.spans) & set(reviewed.spans))


def test_only_what_was_predicted_can_be_compared() -> None:
    with pytest.raises(InputError, match="no prediction of b"):
        review.compare([PREDICTED], [REVIEWED, article("b")])
    with pytest.raises(InputError, match="text of a is not the one"):
        review.compare([PREDICTED], [article("a", words=11)])


def test_render_shows_labels_and_bands() -> None:
    lines = review.render(review.compare([PREDICTED], [REVIEWED])).splitlines()
    assert lines[0] == "1 articles reviewed, 0 of them as predicted"
    assert [line.split() for line in lines if line.startswith(("all", "C", "0.50", "none"))] == [
        ["C", "0", "0", "0", "0", "1", "–"],
        ["all", "2", "1", "1", "1", "2", "40%"],
        ["none", "1", "0", "0", "0", "100%"],
        ["0.50–0.70", "0", "1", "0", "1", "0%"],
    ]


# Into the training data.


def test_reviewed_articles_only_go_into_train() -> None:
    parts = {"train": [article("t"), article("u")], "dev": [article("d")], "test": [article("x")]}
    merged = review.merge(parts, [article("s"), article("t", Span(0, 4, "A"))])
    assert [(one.id, len(one.spans)) for one in merged["train"]] == [("s", 0), ("t", 1), ("u", 0)]
    assert (merged["dev"], merged["test"]) == (parts["dev"], parts["test"])
    pinned = Article("p", "text", meta={"split": "test"})
    with pytest.raises(InputError, match=r"d \(dev\), x \(test\), p \(test\) stand or are pinned elsewhere"):
        review.merge(parts, [article("n"), article("d"), article("x"), pinned])


def test_what_nobody_reviewed_is_refused(tmp_path: Path) -> None:
    for name in ("label-studio", "prodigy", "jsonl"):
        path = tmp_path / f"{name}.{'json' if name == 'label-studio' else 'jsonl'}"
        formats.write([PREDICTED], path, name)
        with pytest.raises(InputError, match="a have scores: nobody has reviewed"):
            review.read([path])


# The whole round.


def test_predictions_do_not_change_when_doubt_is_asked_for(run: Path) -> None:
    tagger = engines.load(run)
    articles = make_articles(5)
    with_doubt = list(tagger.predict_with_doubt(articles))
    assert [one for one, _ in with_doubt] == list(tagger.predict(articles))
    for one, expected in with_doubt:
        assert expected >= sum(span.score or 0 for span in one.spans) - 1e-9


def correct(task: dict[str, Any]) -> dict[str, Any]:
    """A task as Label Studio exports it after an annotator removed its first span."""
    (shown,) = task["predictions"]
    result = [{**one, "origin": "prediction"} for one in shown["result"][1:]]
    annotation = {"result": result, "was_cancelled": False, "prediction": shown, "updated_at": "2024-05-07"}
    return {"data": task["data"], "annotations": [annotation], "predictions": [1]}


def test_a_round_with_label_studio(tmp_path: Path, run: Path) -> None:
    base = [
        parse(f"[Actor](ACTOR) {' '.join(f'w{i}x{j}' for j in range(40))} left", f"a{i}", meta={"genre": "wire"})
        for i in range(30)
    ]
    jsonl.write(base, tmp_path / "base.jsonl")
    news = make_articles(6)
    jsonl.write([one.with_spans(()) for one in news], tmp_path / "news.jsonl")

    tasks = tmp_path / "tasks.json"
    call("predict.py", run, tmp_path / "news.jsonl", "--format", "label-studio", "--uncertain", 4, "--output", tasks)
    predicted = label_studio.predictions(tasks)
    pairs = list(engines.load(run).predict_with_doubt(news))
    assert [one.id for one in predicted] == [one.id for one in most_doubtful(pairs, 4)]

    exported = [correct(task) for task in json.loads(tasks.read_text())]
    (tmp_path / "export.json").write_text(json.dumps(exported))
    out, _ = call(
        "prepare.py", tmp_path / "base.jsonl", "--reviewed", tmp_path / "export.json", "--output", tmp_path / "out"
    )
    spans = sum(len(one.spans) for one in predicted)
    assert spans > 4
    assert ["all", str(spans - 4), "0", "0", "4", "0", f"{(spans - 4) / spans:.0%}"] in [
        line.split() for line in out.splitlines()
    ]
    train = {one.id: one for one in jsonl.read(tmp_path / "out" / "train.jsonl")}
    for one in predicted:
        assert train[one.id].spans == one.spans[1:]
        assert all(span.score is None for span in train[one.id].spans)
    held_out = [*jsonl.read(tmp_path / "out" / "dev.jsonl"), *jsonl.read(tmp_path / "out" / "test.jsonl")]
    assert {one.id for one in held_out} <= {one.id for one in base}

    # What is in a held-out split may not come in by a review under another id.
    doccano.write([replace(held_out[0], id="other")], tmp_path / "leak.jsonl")
    leak = ["--reviewed", tmp_path / "leak.jsonl", "--output", tmp_path / "no"]
    _, err = call("prepare.py", tmp_path / "base.jsonl", *leak, expect=2)
    assert "share 100% of their text across splits" in err
    assert {held_out[0].id, "other"} <= set(err.split())
    assert not (tmp_path / "no").exists()


def test_a_round_with_a_tool_that_keeps_no_predictions(tmp_path: Path, run: Path) -> None:
    jsonl.write(make_articles(3), tmp_path / "news.jsonl")
    call("predict.py", run, tmp_path / "news.jsonl", "--format", "doccano", "--output", tmp_path / "tasks.jsonl")
    base = [Article(f"a{i}", " ".join(f"w{i}x{j}" for j in range(40))) for i in range(30)]
    jsonl.write(base, tmp_path / "base.jsonl")
    arguments = [
        "prepare.py",
        tmp_path / "base.jsonl",
        "--output",
        tmp_path / "out",
        "--reviewed",
        tmp_path / "tasks.jsonl",
    ]
    out, _ = call(*arguments)
    assert "hold no prediction to compare with; name what was corrected with --predicted" in out.replace("\n", " ")
    call("predict.py", run, tmp_path / "news.jsonl", "--format", "jsonl", "--uncertain", 9,
         "--output", tmp_path / "predicted.jsonl")  # fmt: skip
    out, _ = call(*arguments, "--predicted", tmp_path / "predicted.jsonl")
    assert "3 articles reviewed, 3 of them as predicted" in out
