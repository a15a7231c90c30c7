import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.schema import Span
from model.decode import decode
from model.tags import TagSet, tags_to_spans

TAGSET = TagSet(["A", "B"])


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


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.sampled_from([0.3, 1.0, 4.0]))
def test_best_sequence_and_posteriors_against_enumeration(seed: int, count: int, sharpness: float) -> None:
    random = np.random.default_rng(seed)
    logits = random.normal(size=(count, len(TAGSET))) * sharpness
    log_probs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    breaks = random.random(count) < 0.2
    start, end = words(count)

    sequences = [tags for tags in itertools.product(range(len(TAGSET)), repeat=count) if legal(tags, breaks)]
    weights = np.exp([sum(log_probs[i, tag] for i, tag in enumerate(tags)) for tags in sequences])
    best = sequences[int(weights.argmax())]
    expected = [span for _, _, span in tags_to_spans(best, start, end, TAGSET)]
    found = decode(log_probs, start, end, breaks, TAGSET)
    assert found == expected

    for span in found:
        having = [span in [one for _, _, one in tags_to_spans(tags, start, end, TAGSET)] for tags in sequences]
        assert span.score == pytest.approx(weights[having].sum() / weights.sum(), abs=1e-9)


def test_an_inside_tag_alone_is_made_legal() -> None:
    # Greedy: O I-A I-A. Legal and best: a span from where the begin tag costs least.
    probabilities = np.array([[0.6, 0.3, 0.05, 0.025, 0.025], [0.1, 0.2, 0.6, 0.05, 0.05], [0.1, 0.1, 0.7, 0.05, 0.05]])
    start, end = words(3)
    none = np.zeros(3, dtype=bool)
    assert decode(np.log(probabilities), start, end, none, TAGSET) == [Span(0, 8, "A")]
    assert decode(np.log(probabilities), start, end, np.array([False, True, False]), TAGSET) == [Span(3, 8, "A")]


def test_a_model_that_is_sure_of_what_cannot_be() -> None:
    log_probs = np.array([[-801.0, -800.0, 0.0, -802.0, -803.0], [-800.0, -800.0, 0.0, -800.0, -800.0]])
    start, end = words(2)
    (span,) = decode(log_probs, start, end, np.zeros(2, dtype=bool), TAGSET)
    assert span == Span(0, 5, "A")
    assert span.score is not None
    assert np.isfinite(span.score)


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
