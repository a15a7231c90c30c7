"""Columns of tokens and tags."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import formats
from data.formats import conll
from data.schema import Article, DataError, Span

IOB2 = "The\tO\nU.S.\tB-ACTOR\nenvoy\tI-ACTOR\nleft\tB-ACTION\non\tO\nMonday\tB-DATE\n.\tO\n"


def spans(article: Article) -> list[tuple[str, str]]:
    return [(article.covered(span), span.label) for span in article.spans]


def only(content: str) -> Article:
    (article,) = conll.parse(content, "a", "a.conll")
    return article


EXPECTED = [("U.S. envoy", "ACTOR"), ("left", "ACTION"), ("Monday", "DATE")]


@pytest.mark.parametrize(
    "content",
    [
        IOB2,
        IOB2.replace("B-", "I-"),  # IOB1
        IOB2.replace("B-ACTION", "S-ACTION").replace("B-DATE", "U-DATE").replace("I-ACTOR", "E-ACTOR"),  # BIOES, BILOU
        IOB2.replace("\t", " "),
        IOB2.replace("\t", "\tNN\tx\t"),  # CoNLL-2003 has more columns
        IOB2.replace("\n", "\r\n"),
        "\n\n" + IOB2 + "\n\n",
        "-DOCSTART- -X- O O\n\n" + IOB2,
    ],
)
def test_variants_say_the_same(content: str) -> None:
    article = only(content)
    assert article.text == "The U.S. envoy left on Monday ."
    assert spans(article) == EXPECTED


def test_neighbours_of_one_label_stay_apart() -> None:
    assert spans(only("US\tB-A\nUK\tB-A\nEU\tI-A\nUN\tI-B\n")) == [("US", "A"), ("UK EU", "A"), ("UN", "B")]
    assert spans(only("US\tI-A\n\nUK\tI-A\n".replace("\n\n", "\nx\tO\n"))) == [("US", "A"), ("UK", "A")]


@pytest.mark.parametrize("between", [" ", "\t"])
@pytest.mark.parametrize("token", ["10\u00a0000", "10\u3000000"])
def test_white_space_in_a_token_is_kept(between: str, token: str) -> None:
    article = only(f"The{between}O\n{token}{between}B-CARGO\ntonnes{between}O\n")
    assert [article.covered(span) for span in article.spans] == [token]


def test_documents_and_sentences() -> None:
    two = list(conll.parse(IOB2 + "\n" + IOB2, "a", "a.conll"))
    assert [article.id for article in two] == ["a-1", "a-2"]
    documents = list(conll.parse(f"-DOCSTART- O\n\n{IOB2}\n{IOB2}\n-DOCSTART- O\n\n{IOB2}", "a", "a.conll"))
    assert [len(article.text.split("\n")) for article in documents] == [2, 1]
    assert spans(documents[0]) == EXPECTED * 2
    assert list(conll.parse("\n\n", "a", "a.conll")) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("The\tO\nUS\n", r"a\.conll:2: line 'US' is not a token and a tag"),
        ("The\tO\n\nUS\tPERSON\n", r"a\.conll:3: "),
        ("-DOCSTART- O\n\nThe\tO\nUS\tB-ACTOR\n\nenvoy\tB-X\n", r"a\.conll:6: unknown label 'X' of 'envoy'"),
        ("The\tO\nUS\tB-1/2\n", r"a\.conll:2: the label '1/2' of 'US' is not a name"),
    ],
)
def test_what_is_no_column_is_refused(content: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        list(conll.parse(content, "a", "a.conll", {"ACTOR"}))


def test_files_are_known_by_name_or_by_content(tmp_path: Path) -> None:
    (tmp_path / "a.conll").write_text(IOB2)
    (tmp_path / "b.txt").write_text(IOB2)
    (tmp_path / "c.txt").write_text("The U.S. envoy left on Monday.\nHe is O\n")
    (tmp_path / "d.conll").write_text("")
    assert spans(formats.read(tmp_path / "a.conll")[0]) == EXPECTED
    assert spans(formats.read(tmp_path / "b.txt")[0]) == EXPECTED
    assert formats.read(tmp_path / "c.txt", plain=True)[0].spans == ()
    with pytest.raises(DataError, match="unknown format"):
        formats.read(tmp_path / "c.txt")
    with pytest.raises(DataError, match="is empty"):
        formats.read(tmp_path / "d.conll")
    assert [article.id for article in formats.read(tmp_path / "a.conll")] == ["a-1"]


ARTICLE = Article(
    "2022 kyiv",
    " The U.S.\u00a0envoy\r\n\nleft. \n",
    (Span(5, 9, "A"), Span(10, 15, "A"), Span(18, 22, "B"), Span(22, 23, "B")),
)


@pytest.mark.parametrize(
    ("scheme", "tags"),
    [
        ("iob2", "O B-A I-A I-A I-A B-A B-B B-B"),
        ("iob1", "O I-A I-A I-A I-A B-A I-B B-B"),
        ("iobes", "O B-A I-A I-A E-A S-A S-B S-B"),
    ],
)
def test_what_is_written(scheme: str, tags: str) -> None:
    content = conll.render(ARTICLE, scheme)
    rows = [line.split("\t") for line in content.split("\n")]
    assert [row[0] for row in rows] == ["-DOCSTART-", "", *"The U . S . envoy".split(), "", *"left .".split(), "", ""]
    assert [row[2] for row in rows if len(row) == 3] == ["O", *tags.split()]
    assert [row[1] for row in rows if len(row) == 3] == [
        "2022\\skyiv", "SpacesBefore=\\s", "SpaceAfter=No", "SpaceAfter=No", "SpaceAfter=No", "SpacesAfter=\\u00a0",
        "SpacesAfter=\\r\\n\\n", "SpaceAfter=No", "SpacesAfter=\\s\\n",
    ]  # fmt: skip
    assert only(content) == ARTICLE
    # Who takes the first and the last column reads the same spans over the same tokens.
    bare = only("".join(f"{row[0]} {row[2]}\n" if len(row) == 3 else "\n" for row in rows))
    assert [surface.replace(" ", "") for surface, _ in spans(bare)] == ["U.S.", "envoy", "left", "."]


def test_no_sentence_ends_inside_a_span() -> None:
    article = Article("a", "New\nYork\nleft", (Span(0, 8, "A"),))
    content = conll.render(article)
    assert content.split("\n\n")[1:] == [
        "New\tSpacesAfter=\\n\tB-A\nYork\tSpacesAfter=\\n\tI-A",
        "left\tSpaceAfter=No\tO",
        "",
    ]
    assert only(content) == article


def test_a_middle_column_of_others_says_nothing_of_space() -> None:
    assert only("US\tNNP\tB-A\nleft\t_\tO\n").text == "US left"
    assert only("U\tSpaceAfter=No\tB-A\nS\tPerson=3|SpacesAfter=\\n\\x\tI-A\nx\t_\tO\n").text == "US\n\\xx"
    assert [one.id for one in conll.parse("-DOCSTART- -X- O O\n\nUS O\n-DOCSTART-\t_\tO\nUS\tO\n", "a", "a")] == [
        "a-1",
        "a-2",
    ]


def test_what_columns_cannot_hold_is_said() -> None:
    with pytest.raises(DataError, match="'a' has no word"):
        conll.render(Article("a", " \n"))
    with pytest.raises(DataError, match="unknown scheme 'bmes'; schemes are iob2, iob1, iobes"):
        conll.render(ARTICLE, "bmes")


TOKENS = st.text(st.characters(exclude_categories=("Z", "C")), min_size=1, max_size=5)
TAGS = st.sampled_from(["O", "B-A", "I-A", "B-B", "I-B", "E-A", "S-B"])


@given(st.lists(st.tuples(TOKENS, TAGS), min_size=1, max_size=12))
def test_every_tag_is_in_a_span_of_its_label(rows: list[tuple[str, str]]) -> None:
    article = only("".join(f"{token}\t{tag}\n" for token, tag in rows))
    assert article.text == " ".join(token for token, _ in rows)
    at = 0
    for token, tag in rows:
        label = next((span.label for span in article.spans if span.start <= at < span.end), None)
        assert label == (None if tag == "O" else tag[2:])
        at += len(token) + 1
