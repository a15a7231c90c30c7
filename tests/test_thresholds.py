import pytest

from data.errors import InputError
from model.thresholds import thresholds

LABELS = ("ACTOR", "DEADLINE")


def test_a_number_holds_for_all_labels_and_one_of_a_label_goes_before() -> None:
    assert thresholds([], LABELS) == {}
    assert thresholds(["DEADLINE=0.2"], LABELS) == {"DEADLINE": 0.2}
    assert thresholds(["DEADLINE=0.2", "0.4"], LABELS) == {"ACTOR": 0.4, "DEADLINE": 0.2}
    assert thresholds(["1"], LABELS) == {"ACTOR": 1.0, "DEADLINE": 1.0}


@pytest.mark.parametrize("word", ["0", "-0.1", "1.1", "nan", "DEADLINE=", "DEADLINE=half", "", "0.4 DEADLINE=0.2"])
def test_what_is_no_probability(word: str) -> None:
    with pytest.raises(InputError, match=r"above 0 and at most 1|no label"):
        thresholds([word], LABELS)


def test_labels_that_the_run_has_not_and_two_words_for_one() -> None:
    with pytest.raises(InputError, match=r"--threshold DUE=0.2: the run has no label 'DUE', only ACTOR, DEADLINE"):
        thresholds(["DUE=0.2"], LABELS)
    with pytest.raises(InputError, match=r"--threshold 0.3: all labels had 0.4 already"):
        thresholds(["0.4", "0.3"], LABELS)
