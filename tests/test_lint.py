import pytest

from data.lint import VALUE, lint
from tests.conftest import parse


@pytest.mark.parametrize(
    ("marked", "said"),
    [
        ("[the envoys](ACTOR) left", "article, demonstrative"),
        ("[they](ACTOR) left", "pronoun"),
        ("[ten envoys](ACTOR) left", "number"),
        ("[Israel's](ACTOR) strikes", "closing 's"),
        ("[Britain and France](ACTOR) left", "separate spans"),
        ("[police and soldiers](ACTOR) left", "separate spans"),
        ("[People’s Party](ACTOR) left", None),
        ("it [said](ACTION) so", "attribution"),
        ("was [told](ACTION) to go", None),
        ("the [crisis](ACTION)", "state, feeling"),
        ("[to leave](ACTION)", "auxiliaries"),
        ("[openly](ACTION) left", "adverbs"),
        ("left [on Monday](DATE 2022-02-14)", "preposition"),
        ("left by [Monday](DATE 2022-02-14)", "a DEADLINE, unless"),
        ("leave by [Monday](DEADLINE 2022-02-14)", "limit word belongs"),
        ("leave [by Monday](DEADLINE 2022-02-14)", None),
        ("leave [by Monday](DEADLINE)", "TIMEX3"),
        ("leave [by Monday](DEADLINE Monday)", "TIMEX3"),
        ("left on Monday", "not tagged"),
        ("in 1997 it", "not tagged"),
        ("at 1,997 or 1997 troops", None),
        ("2 ammunition trucks, Resolution 1973, S/2000/9, +1 618-2000, every Monday", None),
        ("at 2 am, in 2000", "not tagged"),
        ("[Moscow](ACTOR) left Moscow", "tagged ACTOR elsewhere"),
        ("it warned of war", "speech act"),
        ("[U.S.](ACTOR) troops", None),
        ("[Feb.](DATE 2022-02)", None),
        ("[left,](ACTION)", "ends with punctuation"),
        ("[lef](ACTION)t", "inside a word"),
    ],
)
def test_slips(marked: str, said: str | None) -> None:
    remarks = [finding.remark for finding in lint(parse(marked))]
    if said is None:
        assert remarks == []
    else:
        assert any(said in remark for remark in remarks), remarks


def test_values() -> None:
    good = "2022-02-12 2022-W06 2022-W06-WE 2022-02 2022 199 19 2022-Q1 2022-H2 2022-SU 2022-02-12TEV 2022-02-12T24:00"
    good += " 2022-02-12T09:00Z 2022-02-12T05:00+02:00 FUTURE_REF P10D PT72H P1Y2M XXXX-02-12 T09:00"
    assert [value for value in good.split() if not VALUE.fullmatch(value)] == []
    bad = "2022-2-12 2022-13 2022-02-32 Friday 20220212 2022-W6 P 2022-02-12T"
    assert [value for value in bad.split() if VALUE.fullmatch(value)] == []
