"""A run's own sense of what lies ahead: learnt from values, kept in the run, and added to what the words say."""

import dataclasses
import datetime
from pathlib import Path

import numpy as np
import pytest

from data.errors import InputError
from data.schema import Article
from model import engines, time_training
from model.dates import resolve
from model.network import TorchNetwork
from model.records import read
from model.tagger import Tagger
from model.tags import TagSet
from model.time_head import TIMES_FILE, TimeHead
from model.time_training import lies_ahead, train_times
from tests.conftest import parse

TODAY = datetime.date(2022, 2, 12)  # a Saturday


def news(number: int) -> Article:
    """An article whose times lie behind or ahead by a word that the words' own weights know nothing of."""
    ahead = number % 3 == 0
    word, day, limit = ("envoy", "2022-02-14", "2022-02-18") if ahead else ("rebels", "2022-02-07", "2022-02-11")
    return parse(
        f"[{word}](ACTOR) on [Monday](DATE {day}) {word} [by Friday](DEADLINE {limit}) {word}",
        f"a{number}", date=TODAY.isoformat(),
    )  # fmt: skip


@pytest.fixture(scope="module")
def tagger(backbone: Path) -> Tagger:
    tagset = TagSet(["ACTOR", "DATE", "DEADLINE"])
    return Tagger(TorchNetwork.build(str(backbone), tagset), tagset, 40, 8)


@pytest.fixture(scope="module")
def head(tagger: Tagger) -> TimeHead:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time_training, "STRENGTH", 1.0)
        made = train_times(tagger.vectors, [news(number) for number in range(150)])
    assert made is not None
    return made


def test_a_head_learns_what_lies_ahead_and_times_follow_it(tagger: Tagger, head: TimeHead) -> None:
    with_head = dataclasses.replace(tagger, times=head)
    others = [news(number) for number in (300, 301)]
    for one, sign in zip(with_head.see(others, predict=False, links=False), (1, -1), strict=True):
        assert one.ahead is not None
        assert [np.sign(odds) for odds in one.ahead] == [sign, sign]
        values = [found.value for found in resolve(one.article, ahead=[4 * odds for odds in one.ahead])]
        assert values == [span.value for span in one.article.spans if span.value]
        assert [time.value for time in read(one.article, ahead=[20 * sign] * 2).times.values()] == values
    assert all(one.ahead is None for one in tagger.see(others, predict=False, links=False))


def test_a_head_is_kept_in_the_run(tagger: Tagger, head: TimeHead, tmp_path: Path) -> None:
    dataclasses.replace(tagger, times=head).save(tmp_path / "run")
    again = engines.load(tmp_path / "run", device="cpu")
    (one,) = again.see([news(0)], predict=False, links=False)
    (other,) = dataclasses.replace(tagger, times=head).see([news(0)], predict=False, links=False)
    assert one.ahead == pytest.approx(other.ahead)
    for content in (b"junk", b""):
        (tmp_path / "run" / TIMES_FILE).write_bytes(content)
        with pytest.raises(InputError, match="train the run again"):
            engines.load(tmp_path / "run", device="cpu")


def test_too_few_values_make_no_head(tagger: Tagger) -> None:
    assert train_times(tagger.vectors, [news(number) for number in range(90)]) is None
    assert train_times(tagger.vectors, [news(3 * number) for number in range(150)]) is None  # nothing lies behind
    assert train_times(tagger.vectors, [dataclasses.replace(news(number), date=None) for number in range(150)]) is None


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("[Monday](DATE 2022-02-14)", True),
        ("[Monday](DATE 2022-02-07)", False),
        ("[3 March](DATE 2022-03-03)", True),
        ("[in March](DATE 2021-03)", False),
        ("[February](DATE 2022-02)", None),  # this month is neither
        ("[3 March 2023](DATE 2023-03-03)", None),  # its words say all
        ("[Saturday](DATE 2022-02-12)", None),  # today
        ("[last winter](DATE 2021-WI)", None),
        ("[winter](DATE 2021-WI)", False),
        ("[a while](DATE PAST_REF)", None),
    ],
)
def test_what_a_value_answers(marked: str, expected: bool | None) -> None:
    from model.expressions import normalise
    from model.expressions import parse as parse_words

    article = parse(marked)
    (span,) = article.spans
    assert lies_ahead(parse_words(normalise(article.covered(span))), span, TODAY) is expected
