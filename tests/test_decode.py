import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.schema import Span
from model.decode import decode
from model.tags import TagSet
from tests.conftest import tags_to_spans

TAGSET = TagSet(["A", "B"])
LABELS = st.sampled_from(TAGSET.labels)


def legal(tags: tuple[int, ...], breaks: np.ndarray) -> bool:
    """The rule itself, said another way than the decoder has it."""
    for i, tag in enumerate(tags):
        name = TAGSET.tags[tag]
        if name.startswith("I-"):
            if i == 0 or breaks[i]:
                return False
            if TAGSET.tags[tags[i - 1]] not in (f"B-{name[2:]}", f"I-{name[2:]}"):
                return False
    return True


def words(count: int) -> tuple[np.ndarray, np.ndarray]:
    start = np.arange(count) * 3
    return start, start + 2


def posterior(log_probs: np.ndarray, breaks: np.ndarray) -> dict[Span, float]:
    """The probability of every span, summed over every legal sequence."""
    count = len(log_probs)
    sequences = [tags for tags in itertools.product(range(len(TAGSET)), repeat=count) if legal(tags, breaks)]
    weights = np.exp([sum(log_probs[i, tag] for i, tag in enumerate(tags)) for tags in sequences])
    chances: dict[Span, float] = {}
    for tags, weight in zip(sequences, weights / weights.sum(), strict=True):
        for _, _, span in tags_to_spans(tags, *words(count), TAGSET):
            chances[span] = chances.get(span, 0.0) + weight
    return chances


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.sampled_from([0.3, 1.0, 4.0]), st.data())
def test_spans_and_their_probabilities_against_enumeration(
    seed: int, count: int, sharpness: float, data: st.DataObject
) -> None:
    random = np.random.default_rng(seed)
    logits = random.normal(size=(count, len(TAGSET))) * sharpness
    log_probs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    breaks = random.random(count) < 0.2
    chances = posterior(log_probs, breaks)

    found = decode(log_probs, *words(count), breaks, TAGSET)
    assert set(found) == {span for span, chance in chances.items() if chance > 0.5}
    thresholds = {label: data.draw(st.sampled_from([0.02, 0.1, 0.3, 0.7])) for label in data.draw(st.sets(LABELS))}
    lower = decode(log_probs, *words(count), breaks, TAGSET, thresholds)
    expected: list[Span] = []
    for span, chance in sorted(chances.items(), key=lambda one: -one[1] / thresholds.get(one[0].label, 0.5)):
        apart = all(span.end <= other.start or other.end <= span.start for other in expected)
        if apart and chance >= thresholds.get(span.label, 0.5):
            expected.append(span)
    assert lower == sorted(expected, key=lambda span: span.start)
    for span in (*found, *lower):
        assert span.score == pytest.approx(chances[span], abs=1e-9)


def test_what_is_likelier_than_anything_else_but_not_than_its_absence_is_left() -> None:
    log_probs = np.log(np.array([[0.32, 0.35, 1e-9, 0.33, 1e-9]]))
    none = np.zeros(1, dtype=bool)
    assert decode(log_probs, *words(1), none, TAGSET) == []
    assert decode(log_probs, *words(1), none, TAGSET, {"A": 0.34}) == [Span(0, 2, "A")]
    assert decode(log_probs, *words(1), none, TAGSET, {"A": 0.36, "B": 0.3}) == [Span(0, 2, "B")]
    assert decode(log_probs, *words(1), none, TAGSET, {"A": 0.34, "B": 0.1}) == [Span(0, 2, "B")]


def test_where_spans_overlap_the_one_furthest_above_its_threshold_is_taken() -> None:
    probabilities = np.array(
        [[0.2, 0.8, 1e-9, 1e-9, 1e-9], [0.4, 0.05, 0.55, 1e-9, 1e-9], [1.0, 1e-9, 1e-9, 1e-9, 1e-9]]
    )
    decoded = [
        decode(np.log(probabilities), *words(3), np.zeros(3, dtype=bool), TAGSET, {"A": least})
        for least in (0.5, 0.45, 0.3)
    ]
    # A span begins at the first word (0.9), but its end is open: the one word (0.404) or two (0.494).
    assert decoded == [[], [Span(0, 5, "A")], [Span(0, 5, "A")]]
    assert decode(np.log(probabilities), *words(3), np.zeros(3, dtype=bool), TAGSET, {"B": 0.1}) == []


def test_an_inside_tag_alone_is_made_legal() -> None:
    # The best tags by themselves are O I-A I-A: legal is a span from where the begin tag costs least.
    probabilities = np.array(
        [[0.5, 0.4, 0.05, 0.025, 0.025], [0.05, 0.1, 0.8, 0.03, 0.02], [0.05, 0.05, 0.8, 0.05, 0.05]]
    )
    start, end = words(3)
    none = np.zeros(3, dtype=bool)
    assert decode(np.log(probabilities), start, end, none, TAGSET) == [Span(0, 8, "A")]
    assert decode(np.log(probabilities), start, end, np.array([False, True, False]), TAGSET) == [Span(3, 8, "A")]


def test_a_model_that_is_sure_of_what_cannot_be() -> None:
    log_probs = np.array([[-801.0, -800.0, 0.0, -802.0, -803.0], [-800.0, -800.0, 0.0, -800.0, -800.0]])
    start, end = words(2)
    assert decode(log_probs, start, end, np.zeros(2, dtype=bool), TAGSET) == []
    log_probs[0, :2] = [-8.0, -7.0]
    (span,) = decode(log_probs, start, end, np.zeros(2, dtype=bool), TAGSET)
    assert span == Span(0, 5, "A")
    assert span.score == pytest.approx(1.0)


def test_nothing_is_found_in_nothing() -> None:
    empty = np.zeros(0, dtype=int)
    assert decode(np.zeros((0, 5)), empty, empty, empty.astype(bool), TAGSET) == []


def test_scores_stay_finite_over_long_and_sure_sequences() -> None:
    count = 20_000
    log_probs = np.full((count, 5), -700.0)
    log_probs[:, 0] = 0
    log_probs[::2, 1] = 0.0
    log_probs[::2, 0] = -700.0
    log_probs[7] = [-800, -800, 0, -800, -800]  # sure of what is legal only after the begin before it
    start, end = words(count)
    found = decode(log_probs, start, end, np.zeros(count, dtype=bool), TAGSET)
    assert len(found) == count / 2
    assert all(span.score is not None and 0 <= span.score <= 1 for span in found)
    assert found[3] == Span(18, 23, "A")
    assert found[3].score == pytest.approx(1.0)
