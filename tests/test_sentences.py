"""Where sentences begin and end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.sentences import REACH, Sentences


def cut(text: str) -> list[str]:
    """The sentences, without what stands between them."""
    sentences = Sentences(text)
    ends = [*sentences.starts[1:], len(text)]
    return [
        text[slice(*sentences.bounds(start, start + 1))]
        for start, end in zip(sentences.starts, ends, strict=True)
        if start < end
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Oslo left. Rome stayed.", ["Oslo left.", "Rome stayed."]),
        ("He left on Feb. 12 at 5 p.m. EST. She stayed.", ["He left on Feb. 12 at 5 p.m. EST.", "She stayed."]),
        ("A headline\nThe text\n\n- one\n- two", ["A headline", "The text", "- one", "- two"]),
        ("they left. they stayed", ["they left.", "they stayed"]),
        # lines that a mail program broke
        (
            "The ministry has asked all of its citizens to leave\r\nby Tuesday. Those who stay\r\nmust register.\r\n",
            ["The ministry has asked all of its citizens to leave\r\nby Tuesday.", "Those who stay", "must register."],
        ),
        (
            "> The ministry has asked citizens\n> Tuesday noon is the last hour. The rest must\n>\n> Yours",
            ["> The ministry has asked citizens\n> Tuesday noon is the last hour.", "The rest must", "Yours"],
        ),
        # but no heads of lists, no signatures
        (
            "Banks and businesses in every one of the states must\na. check their accounts\nb. report",
            ["Banks and businesses in every one of the states must", "a. check their accounts", "b. report"],
        ),
        ("Hubert Walter\nspokesman", ["Hubert Walter", "spokesman"]),
        (
            "A headline of an article that is a very long one\nThe embassy closed.",
            ["A headline of an article that is a very long one", "The embassy closed."],
        ),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


def test_two_lines_that_go_on_small_say_that_the_text_is_broken_into_lines() -> None:
    text = (
        "The ministry has asked all of its citizens to leave the\ncountry at once, and those who stay to tell the\n"
        "Consulate where they are and how they may be found by\nit."
    )
    assert cut(text) == [text]


@given(st.text(alphabet="aA.>\n\r \u201d!1", max_size=60))
def test_sentences_begin_in_order_and_hold_what_they_are_asked_about(text: str) -> None:
    sentences = Sentences(text)
    assert sentences.starts == sorted(set(sentences.starts))
    assert sentences.starts[0] == 0
    for start in range(len(text)):
        low, high = sentences.bounds(start, start + 1)
        assert 0 <= low <= start < high <= len(text)
        assert high - low <= 2 * REACH + 1


@pytest.mark.parametrize("piece", [" \r", "\n", ".\n>", "> ", ". ", "a\n> "])
def test_long_runs_of_one_thing_come_to_an_end(piece: str) -> None:
    assert Sentences("." + piece * 20_000 + "x").starts[0] == 0
