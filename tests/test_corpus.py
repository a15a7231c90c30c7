"""The corpus keeps its promises (data/corpus/README.md)."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from data import formats, splits
from data.lint import is_value
from data.schema import Article
from data.statistics import label_statistics, words

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


def test_the_next_batch_is_of_the_same_make(corpus: list[Article]) -> None:
    batch = formats.read(CORPUS.parent / "unreviewed", LABELS)
    assert not {article.id for article in batch} & {article.id for article in corpus}
    assert {article.meta["genre"] for article in batch} <= GENRES
    assert {article.meta["region"] for article in batch} <= REGIONS
    assert splits.leaks({"train": corpus, "dev": batch}) == []


def test_size(corpus: list[Article]) -> None:
    statistics = label_statistics(corpus)
    assert len(corpus) >= 150
    assert words(corpus) >= 40_000
    assert statistics["DEADLINE"].spans >= 350
    assert statistics["DATE"].spans >= 900


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


def test_the_demo_article_is_in_no_split(corpus: list[Article]) -> None:
    (kyiv,) = [article for article in corpus if "kyiv-departure" in article.id]
    assert kyiv.date == "2022-02-12"
    assert kyiv.meta["split"] == splits.HELD_OUT
    deadlines = [kyiv.covered(span) for span in kyiv.spans if span.label == "DEADLINE"]
    assert deadlines[0] == "no later than Sunday, Feb. 13"


def test_second_annotations_are_of_the_same_texts() -> None:
    first, second = (formats.read(Path("data/corpus/agreement") / name, LABELS) for name in ("first", "second"))
    assert {article.id: article.text for article in first} == {article.id: article.text for article in second}
    assert len(first) >= 15


@pytest.mark.skipif(not REALNEWS.is_file(), reason="the evaluation set is not beside this checkout")
def test_nothing_is_copied_from_the_evaluation_set(corpus: list[Article]) -> None:
    def grams(text: str) -> set[str]:
        found = re.findall(r"\w+", text.lower())
        return {" ".join(found[i : i + 9]) for i in range(len(found) - 8)}

    real = set().union(*(grams(json.loads(line)["text"]) for line in REALNEWS.read_text(encoding="utf-8").splitlines()))
    for article in corpus:
        assert not grams(article.text) & real, article.id
