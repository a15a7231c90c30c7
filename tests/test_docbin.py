"""spaCy's DocBin: ours, and everybody's."""

import sys
from pathlib import Path

import pytest

from data import formats
from data.formats import docbin
from data.schema import Article, DataError, Span

spacy = pytest.importorskip("spacy")


def put(path: Path, *docs: object) -> Path:
    spacy.tokens.DocBin(docs=docs, store_user_data=True).to_disk(path)
    return path


def doc(text: str) -> object:
    return spacy.blank("en")(text)


def test_anybodys_entities_are_read(tmp_path: Path) -> None:
    first = spacy.blank("en")("Envoys left Kyiv.")
    first.ents = [spacy.tokens.Span(first, 0, 1, label="NORP"), spacy.tokens.Span(first, 2, 3, label="GPE")]
    first.user_data = {"id": 7, "spans": "nonsense", "meta": {"a": (1,)}, "title": None}
    second = spacy.blank("de")("Niemand kam.")
    second.spans["sc"] = [spacy.tokens.Span(second, 0, 1, label="PER")]
    second.spans["other"] = [second[0:2]]
    articles = formats.read(put(tmp_path / "set.spacy", first, second))
    assert articles[0] == Article("set-1", "Envoys left Kyiv.", (Span(0, 6, "NORP"), Span(12, 16, "GPE")))
    assert articles[1] == Article("set-2", "Niemand kam.", (Span(0, 7, "PER"),))


def test_spacy_reads_what_we_write(tmp_path: Path) -> None:
    article = Article(
        "a/1", "Prime-ministers’ talks  ended.", (Span(6, 15, "ACTOR", "v", 0.5), Span(17, 22, "ACTION")), "2022-02-12"
    )
    docbin.write([article], tmp_path / "a.spacy")
    (read,) = spacy.tokens.DocBin().from_disk(tmp_path / "a.spacy").get_docs(spacy.blank("en").vocab)
    assert read.text == article.text
    assert [(entity.start_char, entity.end_char, entity.label_) for entity in read.ents] == [
        (6, 15, "ACTOR"), (17, 22, "ACTION"),
    ]  # fmt: skip
    assert [token.text for token in read] == ["Prime", "-", "ministers", "’", "talks", " ", "ended", "."]
    assert (read.user_data["id"], read.user_data["date"]) == ("a/1", "2022-02-12")


@pytest.mark.parametrize("content", [b"", b"nothing of spaCy's", b"x\x9cbroken"])
def test_what_is_no_docbin_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.spacy").write_bytes(content)
    with pytest.raises(DataError, match=r"a\.spacy: is no DocBin that spaCy 3"):
        formats.read(tmp_path / "a.spacy")


def test_overlapping_groups_name_their_document(tmp_path: Path) -> None:
    made = spacy.blank("en")("Envoys left.")
    made.spans["sc"] = [spacy.tokens.Span(made, 0, 1, label="A"), spacy.tokens.Span(made, 0, 2, label="B")]
    with pytest.raises(DataError, match=r"a\.spacy, document 2: .*overlaps"):
        formats.read(put(tmp_path / "a.spacy", doc("Text."), made))


def test_without_spacy_the_remedy_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spacy", None)
    for call in (lambda: formats.read(tmp_path), lambda: docbin.write([], tmp_path / "b.spacy")):
        (tmp_path / "a.spacy").touch()
        with pytest.raises(DataError, match=r"pip install -r requirements-spacy\.txt"):
            call()
