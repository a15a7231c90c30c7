"""The corpus keeps its promises (data/corpus/README.md)."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from data import formats, splits
from data.fingerprints import text_hash
from data.lint import is_value
from data.schema import Article
from data.statistics import label_statistics, words
from model.config import load
from model.soft_labels import SoftLabels

CORPUS = Path("data/corpus/articles")
REALNEWS = Path("../shared/realnews/articles.jsonl")
LABELS = {"ACTOR", "ACTION", "DATE", "DEADLINE"}
GENRES = {
    "wire report", "press statement", "readout", "UN meeting", "embassy notice", "travel advisory", "communiqué",
    "web news", "analysis", "interview", "broadcast transcript", "historical wire", "state agency", "newspaper report",
    "sanctions notice",
}  # fmt: skip
REGIONS = {
    "Europe", "Middle East", "North Africa", "Sub-Saharan Africa", "South Asia", "East Asia", "Southeast Asia",
    "Central Asia and Caucasus", "North America", "Latin America and Caribbean", "Pacific", "Global",
}  # fmt: skip


@pytest.fixture(scope="module")
def corpus() -> list[Article]:
    return formats.read(CORPUS, LABELS)


def test_size(corpus: list[Article]) -> None:
    statistics = label_statistics(corpus)
    assert len(corpus) >= 1000
    assert words(corpus) >= 280_000
    least = {"DEADLINE": 2500, "DATE": 6000, "ACTOR": 25_000, "ACTION": 23_000}
    for label, count in least.items():
        assert statistics[label].spans >= count
    assert len(splits.split(corpus)["test"]) >= 150


def test_headers(corpus: list[Article]) -> None:
    for article in corpus:
        assert (CORPUS / f"{article.id}.tagged.txt").is_file()
        assert article.date is not None
        assert "1985-01-01" <= article.date <= "2026-12-31"
        assert article.id.startswith(article.date)
        assert article.title
        assert set(article.meta) == {"genre", "region", "topic", "split"}
    assert {article.meta["genre"] for article in corpus} == GENRES
    assert {article.meta["region"] for article in corpus} == REGIONS


def test_times_have_values(corpus: list[Article]) -> None:
    for article in corpus:
        for span in article.spans:
            if span.label in ("DATE", "DEADLINE"):
                assert is_value(span.value), (article.id, article.covered(span), span.value)
            else:
                assert span.value is None


def test_spans_stay_inside_lines_and_texts_are_clean(corpus: list[Article]) -> None:
    for article in corpus:
        assert all("\n" not in article.covered(span) for span in article.spans)
        assert all(line == line.strip() for line in article.text.split("\n")), article.id


def test_no_near_duplicates(corpus: list[Article]) -> None:
    groups = Counter(splits.near_duplicate_groups(corpus).tolist())
    assert [group for group, size in groups.items() if size > 1] == []


def test_splits_share_no_region(corpus: list[Article]) -> None:
    parts = splits.split(corpus)
    assert sum(map(len, parts.values())) == len(corpus) - 1  # the article that the demo tags is in none
    train, dev, test = ({article.meta["region"] for article in parts[name]} for name in splits.SPLITS)
    assert not train & dev
    assert not train & test
    assert not dev & test
    assert splits.leaks(parts) == []


def test_topics_and_persons_of_test_and_dev_are_theirs_alone(corpus: list[Article]) -> None:
    title = re.compile(
        r"(?:Minister|Ambassador|President|Secretary|General|Colonel|Commissioner|Governor|Envoy|Mr|Mrs|Ms|Dr|Judge"
        r"|Justice|Senator"
        r"|Representative|Captain|Admiral|Major|Brigadier|Chancellor|Premier)\.? "
        r"((?:[A-ZÀ-Þ][\w'’-]+ )+[A-ZÀ-Þ][\w'’-]+)$"
    )
    where: dict[str, set[str]] = {}
    for article in corpus:
        split = article.meta["split"]
        where.setdefault(f"topic {article.meta['topic'].lower()}", set()).add(split)
        for span in article.spans:
            match = title.search(article.covered(span)) if span.label == "ACTOR" else None
            # Of "Deputy Minister Foreign Affairs" and the like only names of persons are meant.
            if match and not {"General", "Affairs", "State", "Office", "Council"} & set(match[1].split()):
                where.setdefault(match[1], set()).add(split)
    assert len(where) > 1200
    assert {name: found for name, found in where.items() if len(found - {splits.HELD_OUT}) > 1} == {}


def test_soft_labels_are_of_train_alone(corpus: list[Article]) -> None:
    path = load(Path("configs/default.yaml")).data.soft_labels
    assert path is not None
    soft_labels = SoftLabels.load(Path(path))
    train = [article for article in corpus if article.meta.get("split") == "train"]
    others = [article for article in corpus if article.meta.get("split") != "train"]
    assert not [article.id for article in others if text_hash(article) in soft_labels.by_text]
    # An article that was added or mended since has none, which does no harm while they are few.
    assert sum(soft_labels.knows(article) for article in train) > 0.9 * len(train)


def test_the_demo_article_is_in_no_split(corpus: list[Article]) -> None:
    (kyiv,) = [article for article in corpus if "kyiv-departure" in article.id]
    assert kyiv.date == "2022-02-12"
    assert kyiv.meta["split"] == splits.HELD_OUT
    deadlines = [kyiv.covered(span) for span in kyiv.spans if span.label == "DEADLINE"]
    assert deadlines[0] == "no later than Sunday, Feb. 13"


def test_second_annotations_are_of_the_same_texts() -> None:
    first, second = (formats.read(Path("data/corpus/agreement") / name, LABELS) for name in ("first", "second"))
    assert {article.id: article.text for article in first} == {article.id: article.text for article in second}
    assert len(first) >= 1000


@pytest.mark.skipif(not REALNEWS.is_file(), reason="the evaluation set is not beside this checkout")
def test_nothing_is_copied_from_the_evaluation_set(corpus: list[Article]) -> None:
    def grams(text: str) -> set[str]:
        found = re.findall(r"\w+", text.lower())
        return {" ".join(found[i : i + 9]) for i in range(len(found) - 8)}

    real = set().union(*(grams(json.loads(line)["text"]) for line in REALNEWS.read_text(encoding="utf-8").splitlines()))
    for article in corpus:
        assert not grams(article.text) & real, article.id
