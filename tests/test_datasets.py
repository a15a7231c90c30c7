"""Hugging Face datasets from folders, and from a Hub that is none."""

from pathlib import Path
from typing import Any

import datasets
import pytest

from data import formats
from data.schema import Article, DataError, Span

TOKENS = {"tokens": ["US", "envoys", "left"], "ner_tags": [1, 2, 0]}
NAMES = datasets.Features(
    tokens=datasets.List(datasets.Value("string")),
    ner_tags=datasets.List(datasets.ClassLabel(names=["O", "B-A", "I-A"])),
)
SPANS = (Span(0, 9, "A"),)


def made(*rows: dict[str, Any], features: Any = None) -> datasets.Dataset:
    return datasets.Dataset.from_list(list(rows), features=features)


def test_columns_of_tokens_and_tags(tmp_path: Path) -> None:
    made(TOKENS, features=NAMES).save_to_disk(tmp_path / "classes")
    made({"id": 5, **TOKENS, "ner_tags": ["I-A", "I-A", "O"]}).save_to_disk(tmp_path / "strings")
    assert formats.read(tmp_path / "classes") == [Article("1", "US envoys left", SPANS)]
    assert formats.read(Path(f"datasets:{tmp_path / 'strings'}")) == [Article("5", "US envoys left", SPANS)]


def test_columns_of_text_and_spans(tmp_path: Path) -> None:
    row = {"id": "a", "text": "US left", "spans": [{"start": 0, "end": 2, "label": "A"}], "genre": "wire", "when": b"x"}
    made(row).save_to_disk(tmp_path / "set")
    (article,) = formats.read(tmp_path / "set")
    assert article == Article("a", "US left", (Span(0, 2, "A"),), meta={"genre": "wire"})


def test_splits(tmp_path: Path) -> None:
    splits = {"train": made({"id": "0", **TOKENS}, features=None), "validation": made({"id": "0", **TOKENS})}
    named = {name: one.cast_column("ner_tags", NAMES["ner_tags"]) for name, one in splits.items()}
    datasets.DatasetDict(named).save_to_disk(tmp_path / "set")
    assert [article.id for article in formats.read(tmp_path / "set")] == ["train-0", "validation-0"]
    assert [article.id for article in formats.read(Path(f"datasets:{tmp_path / 'set'}:validation"))] == ["0"]
    with pytest.raises(DataError, match=r"no split 'test'; found train, validation"):
        formats.read(Path(f"{tmp_path / 'set'}:test"), format="datasets")


def test_a_name_that_is_no_folder_is_asked_of_the_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def load_dataset(name: str) -> Any:
        asked.append(name)
        if name != "somebody/news":
            raise datasets.exceptions.DatasetNotFoundError(f"Dataset {name!r} doesn't exist")
        return datasets.DatasetDict({"train": made(TOKENS, features=NAMES)})

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    for name in ("datasets:somebody/news", "datasets:somebody/news:train"):
        assert formats.read(Path(name)) == [Article("train-1", "US envoys left", SPANS)]
    assert formats.read(Path("somebody/news"), format="datasets")[0].spans == SPANS
    with pytest.raises(DataError, match=r"nobody/none: cannot be loaded \(Dataset 'nobody/none' doesn't exist\)"):
        formats.read(Path("datasets:nobody/none"))
    assert asked == ["somebody/news"] * 3 + ["nobody/none"]
    with pytest.raises(DataError, match="no such file"):
        formats.read(Path("somebody/news"))
    assert len(asked) == 4


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"words": ["US"]}, "the columns are words; expected id, text and spans, or tokens and ner_tags"),
        ({"tokens": ["US"], "ner_tags": [3]}, "the numbers in ner_tags have no names"),
        ({"tokens": ["US"], "ner_tags": ["PERSON"]}, r"set, row 1: 'PERSON' of 'US' is not a tag"),
        ({"tokens": ["US", "x"], "ner_tags": ["O"]}, r"set, row 1: 2 tokens have 1 tags"),
        ({"text": "US", "spans": [{"start": 0, "end": 9, "label": "A"}]}, r"set, row 1: .*ends after the text"),
        ({"id": "b", "text": "US", "spans": [], "meta": "{broken"}, r"set, row 1: broken JSON"),
    ],
)
def test_what_cannot_be_used_names_its_row(tmp_path: Path, row: dict[str, Any], said: str) -> None:
    made(row).save_to_disk(tmp_path / "set")
    with pytest.raises(DataError, match=said):
        formats.read(tmp_path / "set")


def test_a_folder_that_is_no_data_set(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be loaded"):
        formats.read(tmp_path, format="datasets")
