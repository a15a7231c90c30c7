import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model import expressions
from model.expressions import normalise

STEPS = [
    step
    for steps in (
        expressions._SPELLING,
        expressions._UNSCANNED,
        expressions._WORDING,
        expressions._HOURS,
        expressions._COUNTS,
    )
    for step in steps
]


@pytest.mark.parametrize("step", [step for step in STEPS if step.hint], ids=lambda step: step.pattern.pattern[:40])
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_hint_stands_in_all_that_its_pattern_matches(step: expressions._Rewrite, data: st.DataObject) -> None:
    assert step.hint in data.draw(st.from_regex(step.pattern))


@pytest.mark.parametrize(
    ("words", "plain"),
    [
        ("5 P.M. (Ottawa)", "5 pm ottawa time"),
        ("“mid-week”", "the middle of the week"),
        ("the year-end", "the end of the year"),
        ("twenty-\nfirst of Septernber", "21th of september"),
        ("at the stroke of rnidnight", "at midnight"),
        ("close of business on 3rd inst.", "3rd of this month"),
        ("a hundred and twenty days", "120 days"),
        ("a fortnight’s", "2 weeks"),
        ("eight-thirty", "8:30"),
        ("seventeen eighty-nine", "1789"),
        ("two or three weeks", "3 weeks"),
    ],
)
def test_words_are_put_plainly(words: str, plain: str) -> None:
    assert normalise(words) == plain
