"""The values of times: rules of docs/values.md one by one, the table of expressions, and whatever anyone may write."""

import datetime
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.dates import is_right, read_table, times_of
from data.lint import is_value
from data.schema import Article, DataError, Span
from model import context
from model.countries import Countries
from model.dateline import dateline
from model.dates import Resolution, resolve, resolve_text
from model.named_days import fiscal_year_end, kept_day, named_day
from model.timex import Time, add_months, season, shift, unit_of
from tests.conftest import parse

SATURDAY = "2022-02-12"


def value(words: str, date: str | None = SATURDAY, label: str = "DATE", order: str = "dmy") -> str | None:
    return resolve_text(words, date, label, order).value


def times(marked: str, date: str | None = SATURDAY) -> list[Resolution]:
    return resolve(parse(marked, date=date))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        # the table of forms
        ("Saturday", "2022-02-12"), ("Feb. 12", "2022-02-12"), ("12 February 2022", "2022-02-12"),
        ("the 12th", "2022-02-12"), ("today", "2022-02-12"),
        ("yesterday", "2022-02-11"), ("the day after tomorrow", "2022-02-14"), ("this week", "2022-W06"),
        ("last week", "2022-W05"), ("two weeks ago", "2022-W04"),
        ("the week of Feb. 7", "2022-W06"), ("this weekend", "2022-W06-WE"), ("this month", "2022-02"),
        ("the first quarter of 2022", "2022-Q1"), ("the second half of 2021", "2021-H2"),
        ("the winter of 2021-22", "2021-WI"), ("the spring of 1991", "1991-SP"), ("1997", "1997"), ("the 1990s", "199"),
        ("the 19th century", "18"), ("the mid-1990s", "199"),
        ("the early hours of Friday", "2022-02-11TMO"), ("Friday evening", "2022-02-11TEV"),
        ("tonight", "2022-02-12TNI"), ("last night", "2022-02-11TNI"), ("late on Friday", "2022-02-11TEV"),
        ("9 a.m. on Friday", "2022-02-11T09:00"), ("noon on Friday", "2022-02-11T12:00"),
        ("midnight on Friday", "2022-02-11T24:00"), ("0900 GMT", "2022-02-12T09:00Z"),
        ("5 a.m. Kyiv time", "2022-02-12T05:00+02:00"), ("half past six in the evening", "2022-02-12T18:30"),
        ("17h00", "2022-02-12T17:00"), ("23.59 CET on 31 March 2021", "2021-03-31T23:59+01:00"),
        ("Nov. 4-5, 2022", "2022-11-04/2022-11-05"), ("4 to 6 May 2021", "2021-05-04/2021-05-06"),
        ("the first week of May 2022", "2022-05-01/2022-05-07"), ("2019-2021", "2019/2021"),
        ("the last two years", "P2Y"), ("the past 24 hours", "PT24H"), ("the past fortnight", "P2W"),
        ("the past decade", "P10Y"), ("recent weeks", "PAST_REF"), ("the coming days", "FUTURE_REF"),
        # the rules
        ("late March 2021", "2021-03"), ("early next year", "2023"), ("the end of 2021", "2021"),
        ("three days ago", "2022-02-09"), ("a month ago", "2022-01"), ("81 years ago", "1941"),
        ("a year ago today", "2021-02-12"), ("a year and a half ago", "2020-08"), ("a week from Monday", "2022-02-21"),
        ("Friday week", "2022-02-25"), ("next Monday", "2022-02-14"), ("last Monday", "2022-02-07"),
        ("this Friday", "2022-02-11"), ("last March", "2021-03"), ("next March", "2022-03"),
        ("March of last year", "2021-03"), ("Wednesday next week", "2022-02-16"),
        ("2022-02-13", "2022-02-13"), ("20220213", "2022-02-13"), ("the twenty-third of May 2021", "2021-05-23"),
        ("Christmas", "2021-12-25"), ("Easter 1994", "1994-04-03"), ("Bastille Day 2019", "2019-07-14"),
        ("New Year's Eve 2001", "2001-12-31"), ("Lunar New Year 2023", "2023-01-22"), ("fiscal year 2023", "2023"),
        ("the first ten days of June 2020", "2020-06-01/2020-06-10"),
    ],
)  # fmt: skip
def test_dates(words: str, expected: str) -> None:
    assert value(words) == expected


@pytest.mark.parametrize(
    ("words", "expected", "relation"),
    [
        ("by Friday", "2022-02-18", "by"), ("no later than Sunday, Feb. 13", "2022-02-13", "by"),
        ("Friday", "2022-02-18", "at"), ("by March 2007", "2007-03-31", "by"), ("by 2030", "2030-12-31", "by"),
        ("by May", "2022-05-31", "by"), ("by next week", "2022-02-20", "by"), ("by the weekend", "2022-02-13", "by"),
        ("by mid-March", "2022-03-15", "by"), ("by early March", "2022-03-10", "by"),
        ("before 1 May", "2022-04-30", "before"), ("before May", "2022-04-30", "before"),
        ("before noon on Friday", "2022-02-18T12:00", "before"), ("before the end of the month", "2022-02-28", "by"),
        ("by the end of the week", "2022-02-13", "by"), ("by close of business on Friday", "2022-02-18", "by"),
        ("until Monday", "2022-02-14", "until"), ("through June 21", "2022-06-21", "until"),
        ("until the end of May", "2022-05-31", "until"),
        ("within 72 hours", "2022-02-15", "within"), ("within ten days", "2022-02-22", "within"),
        ("48 hours", "2022-02-14", "within"), ("a week", "2022-02-19", "within"),
        ("within five working days", "2022-02-18", "within"), ("in 72 hours' time", "2022-02-15", "within"),
        ("by midnight Friday", "2022-02-18T24:00", "by"), ("by noon", "2022-02-12T12:00", "by"),
        ("by Friday morning", "2022-02-18TMO", "by"), ("by tomorrow", "2022-02-13", "by"),
        ("before the year is out", "2022-12-31", "by"),
    ],
)  # fmt: skip
def test_deadlines(words: str, expected: str, relation: str) -> None:
    found = resolve_text(words, SATURDAY, "DEADLINE")
    assert (found.value, found.relation) == (expected, relation)
    assert found.due == re.sub(r"T(?:MO|MI|AF|EV|NI)$", "", expected)


def test_the_examples_of_the_issue_of_kyiv() -> None:
    sunday, tenth = times(
        "They must [leave](ACTION) [by Sunday, Feb. 13](DEADLINE). It was [announced](ACTION) on [Feb. 10](DATE)."
    )
    assert (sunday.due, sunday.passed) == ("2022-02-13", False)
    assert tenth.value == "2022-02-10"


def test_direction_follows_the_sentence() -> None:
    assert [one.value for one in times("The envoy arrived on [Monday](DATE).")] == ["2022-02-07"]
    assert [one.value for one in times("The envoy will arrive on [Monday](DATE).")] == ["2022-02-14"]
    assert [one.value for one in times("Talks were held in [November](DATE).")] == ["2021-11"]
    assert [one.value for one in times("Talks will be held in [November](DATE).")] == ["2022-11"]


def test_times_hang_on_the_times_before_them() -> None:
    first, second, third = times(
        "On [3 March 2019](DATE) he was held; [three days later](DATE) he was free, and left [the next day](DATE)."
    )
    assert (first.value, second.value, third.value) == ("2019-03-03", "2019-03-06", "2019-03-07")
    assert times("It was over [three days later](DATE).")[0].value == "PAST_REF"
    assert times("She will answer [by then](DEADLINE).")[0].reason == context.NO_ANCHOR


def test_an_order_is_counted_from_its_day() -> None:
    assert times("On [Feb. 1](DATE) it gave them [48 hours](DEADLINE).")[1] == Resolution(
        "2022-02-03", "", "2022-02-03", "within", True
    )
    assert times("It gave them [48 hours](DEADLINE) on [Thursday](DATE).")[0].due == "2022-02-12"
    later = times("It said on [Monday](DATE) that they must leave [by Friday](DEADLINE).")[1]
    assert (later.due, later.passed) == ("2022-02-18", False)


def test_a_deadline_that_has_passed() -> None:
    assert times("The ultimatum expired on [Thursday](DEADLINE).")[0].passed is True
    assert times("They have until [Thursday](DEADLINE).")[0].passed is False


def test_an_event_without_a_date_gives_a_length_and_no_last_moment() -> None:
    (found,) = times("They must pay [within ten days](DEADLINE) of signing.")
    assert found == Resolution("P10D", context.NO_EVENT, None, "within", None)


def test_without_a_date_nothing_is_guessed() -> None:
    for words in ("Saturday", "last week", "March", "the 12th", "tomorrow", "two weeks ago", "9 a.m."):
        found = resolve_text(words, None)
        assert (found.value, found.reason) == (None, context.NO_DATE)
    assert value("12 February 2022", None) == "2022-02-12"
    assert value("the 1990s", None) == "199"
    passed = resolve_text("by 12 February 2022", None, "DEADLINE")
    assert (passed.due, passed.passed) == ("2022-02-12", None)


def test_ambiguous_numbers_follow_the_option() -> None:
    assert value("03/04/2022") == "2022-04-03"
    assert value("03/04/2022", order="mdy") == "2022-03-04"
    assert value("25/12/2021", order="mdy") == "2021-12-25"
    assert value("12/25/2021", order="dmy") == "2021-12-25"


@pytest.mark.parametrize(
    "words", ["Feb. 30", "the 32nd of May", "31 April 2022", "25:00", "45/45/2022", "29 February 2021"]
)
def test_what_cannot_be_has_a_reason(words: str) -> None:
    found = resolve_text(words, SATURDAY)
    assert found.value is None
    assert found.reason


def test_leap_days_and_the_ends_of_time() -> None:
    assert value("29 February", "2024-03-01") == "2024-02-29"
    assert value("Dec. 31", "9999-12-31") == "9999-12-31"
    assert resolve_text("tomorrow", "9999-12-31").reason == context.OUT_OF_RANGE
    assert resolve_text("3000 years ago", "0001-01-01").value is None
    assert value("last week", "2021-01-04") == "2020-W53"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GENEVA, 3 March 2022 — The talks", "2022-03-03"),
        ("Kyiv, Feb. 12, 2022\nStaff must leave", "2022-02-12"),
        ("12 February 2022\n\nThe envoy", "2022-02-12"),
        ("On 12 March 2022 he left", None),
        ("BEIRUT, March 3 — The truce", None),
        ("30 February 2022\n\nx", None),
        ("", None),
        ("KABUL, AUG 14, 2021 (NEWSWIRE) - THE EMBASSY", "2021-08-14"),
        ("WASHINGTON, D.C., July 9, 2024 /Wire/ -- The firm", "2024-07-09"),
        ("For immediate release – Dar es Salaam, 3 September 2024", "2024-09-03"),
        ("SANAA, 15 January 2024, 21:30 local time - The port", "2024-01-15"),
        ("Published 9 July 2024 06:15 BST", "2024-07-09"),
        ("Last updated: July 9, 2024 at 10:00\nStaff", "2024-07-09"),
        ("By Jane Doe | July 9, 2024", "2024-07-09"),
        ("From: A\nSent: Monday, 10 June 2024 22:14\nTo: B", "2024-06-10"),
        ("Date: Mon, 10 Jun 2024 22:14:00 +0200", "2024-06-10"),
        ("Circular no. 6, 14 January 2005", "2005-01-14"),
        ("The ban has effect until 13 April 2009. It", None),
        ("Peru was to have lifted it on 1 March 2009. It did not.", None),
        ("The accord of Oslo, 3 May 1993: a study", None),
    ],
)
def test_datelines(text: str, expected: str | None) -> None:
    assert dateline(text) == expected


@pytest.mark.parametrize(("half", "least"), [("development", 0.97), ("heldout", 0.97)])
def test_the_table_of_expressions(half: str, least: float) -> None:
    rows = read_table(Path("data/times") / f"{half}.tsv")
    outcomes = [
        is_right(span, found)
        for row in rows
        for span, found in zip(times_of(row.article), resolve(row.article), strict=True)
    ]
    assert len(outcomes) >= 250
    assert sum(outcomes) / len(outcomes) >= least


@pytest.mark.parametrize(
    ("words", "label", "expected"),
    [
        # an hour of a part of the day, before a day and behind one
        ("8 November, five in the afternoon", "DATE", "2021-11-08T17:00"),
        ("six in the evening on the 11th", "DATE", "2022-02-11T18:00"),
        ("8.30 in the morning on 5 February", "DATE", "2022-02-05T08:30"),
        ("November 5 in the afternoon", "DATE", "2021-11-05TAF"), ("11/2 in the evening", "DATE", "2022-02-11TEV"),
        ("Monday 14 in the morning", "DATE", "2022-02-14TMO"), ("2022-02-11 in the morning", "DATE", "2022-02-11TMO"),
        ("by 14 hours on Tuesday", "DEADLINE", "2022-02-15T14:00"),
        ("until midnight on Tuesday, New York time", "DEADLINE", "2022-02-15T24:00-05:00"),
        # a close of business has no clock time, wherever it stands
        ("up to Friday, close of business", "DEADLINE", "2022-02-18"),
        ("Friday the 18th, close of business", "DEADLINE", "2022-02-18"),
        # a day beside a name for it that nobody knows, but not where an hour would be lost
        ("Curaçao Day, 10 October", "DATE", "2021-10-10"),
        ("the eve of Government Week, February 10", "DATE", "2022-02-10"),
        ("Thursday, Foundation Day", "DATE", "2022-02-10"), ("5 March, Good Friday", "DATE", "2021-03-05"),
        ("the week before the Feast, 10 October", "DATE", None),
        ("by Founders' Feast, this coming Monday", "DEADLINE", "2022-02-14"),
        ("by Thursday, also at 10", "DEADLINE", None),
        ("not a day after 14 February", "DEADLINE", "2022-02-14"),
        ("14 days beforehand", "DEADLINE", "P14D"),
        ("Holy Week", "DATE", "2021-W13"), ("Easter Tuesday 2002", "DATE", "2002-04-02"),
        ("27-VII-1953", "DATE", "1953-07-27"), ("14OCT88", "DATE", "1988-10-14"), ("25.8", "DATE", "2021-08-25"),
        ("two and a half centuries ago", "DATE", "177"), ("April Fools' Day", "DATE", "2021-04-01"),
    ],
)  # fmt: skip
def test_ways_of_saying_a_time(words: str, label: str, expected: str | None) -> None:
    assert value(words, label=label) == expected


def test_a_length_without_its_unit_has_that_of_the_one_before() -> None:
    found = times("They gave Oslo [ten days](DEADLINE), then [five more](DEADLINE), then [by 45](DEADLINE).")
    assert [one.value for one in found] == ["2022-02-22", "P5D", None]
    assert found[1].due is None  # counted from what?
    found = times("They gave Oslo [ten days](DEADLINE). The court set [five](DEADLINE).")
    assert found[1].value is None
    found = times("A tenant has [15 days](DEADLINE) from notice to leave, any other occupant [ninety](DEADLINE).")
    assert [one.value for one in found] == ["P15D", "P90D"]


def test_weekdays_in_a_list_follow_one_another() -> None:
    found = times("Shells fell on [Friday](DATE) and [Monday](DATE).", "2022-02-15")
    assert [one.value for one in found] == ["2022-02-11", "2022-02-14"]
    found = times("Three died in clashes on [Thursday](DATE) and [Tuesday](DATE).", "2022-02-15")
    assert [one.value for one in found] == ["2022-02-10", "2022-02-15"]
    # Friday is the day of publication.
    found = resolve(
        parse("Rallies are called for [Wednesday](DATE), [Thursday](DATE) and [Friday](DATE).", date="2008-01-11")
    )
    assert [one.value for one in found] == ["2008-01-16", "2008-01-17", "2008-01-18"]


def test_what_ought_to_have_been_done_is_over() -> None:
    found = times("It named the police who ought to have been disbanded [by 2 August](DEADLINE).")
    assert (found[0].value, found[0].passed) == ("2021-08-02", True)
    found = times("The teams were to have talks with both sides [by 2 August](DEADLINE).")
    assert (found[0].value, found[0].passed) == ("2022-08-02", False)
    found = times("The text should be completed [by 2 August](DEADLINE).")
    assert (found[0].value, found[0].passed) == ("2022-08-02", False)


def test_the_odds_are_the_same_in_every_process() -> None:
    # The set of features has another order under another hash seed.
    code = (
        "from model.tense import odds;"
        "print([odds(f'The union will {word} out tomorrow unless talks succeed ', ' or fail', 'date')"
        " for word in ('walk', 'come', 'stay', 'sell', 'opt')])"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(printed) == 1


def test_the_table_is_well_made() -> None:
    seen = set()
    for half in ("development", "heldout"):
        for row in read_table(Path("data/times") / f"{half}.tsv"):
            assert row.article.text not in seen
            seen.add(row.article.text)
            for span in row.article.spans:
                assert span.label in ("DATE", "DEADLINE")
                assert is_value(span.value) or span.value in ("?no-date", "?anchor", "?event", "?impossible"), span


def test_a_broken_table_names_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "bad.tsv").write_text(
        "2022-02-12\tOn [Monday](DATE 2022-02-07).\t\t\n2022-02-12\tOn [Monday(DATE).\t\t\n"
    )
    with pytest.raises(DataError, match=r"bad\.tsv:2"):
        read_table(tmp_path / "bad.tsv")


WORDS = st.sampled_from(
    "the a of on by before within until to and - / , . : ' in at last next this that week month year day quarter half "
    "first second third 1st 32nd"
    " Feb. March Friday 12 03/04 2022 9999 0000 1e400 24:00 25:61 midnight noon morning night GMT Kyiv time ago later "
    "from now end early mid- late"
    " hundred thousand twenty-third fortnight weekend spring winter Easter Ramadan Christmas decade century 19th 1990s "
    "'99 then hours working"
    " W53 29 February 31 days \u0663\u0664 ½ é \u202e 00:00 T24:00 P3D by-by".split()
)


@given(
    st.one_of(
        st.text(max_size=60),
        st.lists(WORDS, min_size=1, max_size=9).map(" ".join),
        st.integers(10**380, 10**400).map("{} days ago".format),
    ),
    st.sampled_from([None, "0001-01-01", "1900-02-28", "2020-12-31", "2024-02-29", "9999-12-31"]),
    st.sampled_from(["DATE", "DEADLINE"]),
)  # fmt: skip
@settings(max_examples=600, deadline=2000)
def test_nothing_that_is_written_raises(words: str, date: str | None, label: str) -> None:
    words = words.strip()
    if not words:
        return
    text = f"They met {words} and left."
    span = Span(9, 9 + len(words), label)
    if text[span.start : span.end] != words or words != text[span.start : span.end].strip():
        return
    (found,) = resolve(Article("x", text, (span,), date))
    assert (found.value is None) <= bool(found.reason)
    assert found.value is None or is_value(found.value) or re.fullmatch(r"P.+", found.value), found.value
    if label == "DATE":
        assert (found.due, found.relation, found.passed) == (None, None, None)
    elif found.due is not None:
        datetime.date.fromisoformat(found.due[:10])


@given(
    st.dates(),
    st.sampled_from(["day", "week", "weekend", "month", "quarter", "half", "year", "season"]),
    st.integers(-40, 40),
)
def test_units_hold_their_days_and_shift_back(day: datetime.date, unit: str, count: int) -> None:
    try:
        one = unit_of(unit, day)
        moved = shift(one, count)
        back = shift(moved, -count)
        last = one.last
    except (ValueError, OverflowError):
        assert day.year < 60 or day.year > 9940
        return
    assert back == one
    assert one.start <= last
    if unit != "weekend":
        assert one.holds(day)


def test_days_that_countries_keep_at_times_of_their_own() -> None:
    assert kept_day("independence day", 2012, ["PL", "XK"]) == datetime.date(2012, 11, 11)
    assert kept_day("independence day", 2012, ["XK", "PL"]) == datetime.date(2012, 2, 17)
    assert kept_day("polish independence day", 2012, ["XK"]) == datetime.date(2012, 11, 11)
    assert kept_day("labour day", 2024, ["CA"]) == datetime.date(2024, 9, 2)
    assert kept_day("independence day", 2024, ["US"]) == datetime.date(2024, 7, 4)  # not Juneteenth's long title
    assert kept_day("independence day", 2012, []) is None
    assert kept_day("polling day", 2012, ["PL"]) is None
    assert kept_day("independence day", 1800, ["US"]) is None
    assert fiscal_year_end(2022, "JP") == datetime.date(2022, 3, 31)
    assert fiscal_year_end(2022, "US") == datetime.date(2022, 9, 30)
    assert fiscal_year_end(2022, None) == fiscal_year_end(2022, "BR") == datetime.date(2022, 12, 31)
    assert named_day("advent 1", 2022) == datetime.date(2022, 11, 27)
    assert named_day("advent 4", 2022) == datetime.date(2022, 12, 18)
    assert named_day("st nicholas", 2022) == datetime.date(2022, 12, 6)


def test_the_countries_of_a_text() -> None:
    text = "ASTANA. Kazakh and Polish envoys met. Poland will answer the South Sudanese note, not Sudan. A us-led team."
    countries = Countries(text)
    low, place = text.index("Poland"), text.index("not")
    assert countries.near(low, place, text.index("A us")) == ["SS", "PL", "SD", "KZ"]
    assert countries.first(low, place) == "PL"
    assert countries.near(0, 0, 0) == ["PL", "KZ", "SS", "SD"]
    assert countries.first(0, 0) == "PL"
    assert Countries("Nobody was named.").first(0, 5) is None
    # names that run over lines, plurals and typographic apostrophes; and what only looks like a country
    odd = "South\nSudan and the Poles met in N’Djamena, paid US$3 billion, and left Central American ports."
    assert Countries(odd).near(0, len(odd), len(odd)) == ["TD", "PL", "SS"]


@pytest.mark.parametrize(
    ("passage", "date", "value"),
    [
        ("Warsaw wants the list [before Independence Day](DEADLINE).", "2011-09-14", "2011-11-10"),
        ("Japan must ratify it [by the end of the fiscal year](DEADLINE).", "2018-05-31", "2019-03-31"),
        ("Congress must pay [before the current fiscal year ends](DEADLINE).", "2011-06-10", "2011-12-31"),
        ("The US must pay [before the current fiscal year ends](DEADLINE).", "2011-06-10", "2011-09-30"),
        ("Parliament will vote [before the summer recess](DEADLINE).", "2022-06-02", "2022-07-31"),
        ("They will answer [by the third Sunday of Advent](DEADLINE).", "1992-11-06", "1992-12-13"),
        ("The truce holds [until Independence Day](DEADLINE).", "2011-09-14", None),
        ("He wants it [before Monday's session](DEADLINE).", SATURDAY, "2022-02-13"),
        ("All must be in [by roll-call tomorrow](DEADLINE).", SATURDAY, "2022-02-13"),
        ("Lists are due [before the vote of 10 March on the bill](DEADLINE).", SATURDAY, "2022-03-09"),
        (
            "It must be ready [by the conference](DEADLINE), which opens in Oslo on [29 March](DATE).",
            SATURDAY,
            "2022-03-29",
        ),
        ("It must be ready [by the conference](DEADLINE), it said on [29 March](DATE).", SATURDAY, None),
        ("They had [48 hours](DEADLINE) from [Friday](DATE).", SATURDAY, "2022-02-13"),
        ("The [ten days](DEADLINE) that he allowed them on [3 February](DATE) are over.", SATURDAY, "2022-02-13"),
        ("It rules [within 30 days](DEADLINE) of the hearing on [3 February](DATE).", SATURDAY, "2022-03-05"),
        ("Leave [before close of business on Friday](DEADLINE).", SATURDAY, "2022-02-18"),
        ("The ferry will sail on [Friday](DATE). Be there [by 0630 hours](DEADLINE).", SATURDAY, "2022-02-18T06:30"),
        ("Nobody goes out from [11 p.m.](DATE) [until five in the morning](DEADLINE).", SATURDAY, "2022-02-13T05:00"),
        ("In a note of [Jan. 3](DATE) it wrote much and wants it read [by Monday](DEADLINE).", SATURDAY, "2022-02-14"),
        ("On [Jan. 3](DATE) it gave them [until Friday](DEADLINE).", SATURDAY, "2022-01-07"),
        ("They will have [ten days](DEADLINE) from [Monday](DATE) to appeal.", SATURDAY, "2022-02-24"),
        ("The United States wants it [before Independence Day](DEADLINE).", SATURDAY, "2022-07-03"),
        ("It must come [before the election](DEADLINE), which falls on [29 March](DATE).", SATURDAY, "2022-03-28"),
        ("It wants it [by the end of India's fiscal year](DEADLINE).", SATURDAY, "2022-03-31"),
        ("Japan wants it [before the new fiscal year begins](DEADLINE).", SATURDAY, "2022-03-31"),
        ("Nobody goes out from [9 a.m.](DATE) [until five o'clock](DEADLINE).", SATURDAY, "2022-02-12T17:00"),
        # what looks like a date, and is none
        ("They wait [before the release of 2000 prisoners](DEADLINE).", SATURDAY, None),
        ("It is due [before the signing of the second protocol](DEADLINE).", SATURDAY, None),
        ("It is due [before the talks in May Town](DEADLINE).", SATURDAY, None),
        ("It is due [by the Monday after the election](DEADLINE).", SATURDAY, None),
        ("They must be back [before the sun sets](DEADLINE).", SATURDAY, None),
        ("It holds [until the truce agreed last week ends](DEADLINE).", SATURDAY, None),
        ("It holds [until the second quarter begins](DEADLINE).", SATURDAY, None),
        ("Lists are due [by polling day](DEADLINE).", SATURDAY, None),
        ("It must come [before the election](DEADLINE), which is not before [29 March](DATE).", SATURDAY, None),
        ("It must come [before the election](DEADLINE) ([2014](DATE): 89 percent).", SATURDAY, None),
    ],
)
def test_limits_by_named_days_and_dated_events(passage: str, date: str, value: str | None) -> None:
    assert next(found for found in times(passage, date) if found.relation or value is None).value == value


def test_a_long_line_between_two_times_does_not_hang() -> None:
    # Where what a word is made of could part words too, this would not end.
    line = "-" * 20_000
    passage = f"They have [48 hours](DEADLINE).\n\n{line}\n\n[Monday](DATE) came, and it ended [by Friday](DEADLINE)."
    assert [found.value for found in times(passage)] == ["2022-02-14", "2022-02-07", "2022-02-11"]


def test_calendar_arithmetic() -> None:
    assert add_months(datetime.date(2022, 1, 31), 1) == datetime.date(2022, 2, 28)
    assert season("WI", 2021).last == datetime.date(2022, 2, 28)
    assert Time("week", datetime.date(2020, 12, 28)).value == "2020-W53"
    assert named_day("easter", 2022) == datetime.date(2022, 4, 17)
    assert named_day("orthodox easter", 2022) == datetime.date(2022, 4, 24)
    assert named_day("us labor day", 2024) == datetime.date(2024, 9, 2)
    assert named_day("nobody's day", 2024) is None
    assert named_day("easter", 200) is None
    # As printed calendars have them.
    assert named_day("orthodox good friday", 2021) == datetime.date(2021, 4, 30)
    assert named_day("orthodox pentecost", 2004) == datetime.date(2004, 5, 30)
    assert named_day("corpus christi", 2023) == datetime.date(2023, 6, 8)
    assert named_day("hanukkah", 2023) == datetime.date(2023, 12, 8)
    assert named_day("purim", 2022) == datetime.date(2022, 3, 17)
    assert named_day("mid-autumn", 2018) == datetime.date(2018, 9, 24)
    assert named_day("double ninth", 2019) == datetime.date(2019, 10, 7)


@pytest.mark.parametrize(
    ("passage", "date", "value"),
    [
        ("The results will come [by the end of the first quarter](DEADLINE).", "2023-11-08", "2024-03-31"),
        ("It was promised [by the end of the first half](DEADLINE) and never came.", "2006-07-11", "2006-06-30"),
        ("The plant must be closed [before the start of 2022](DEADLINE).", "2021-10-19", "2021-12-31"),
        ("The crossing stays open [through the end of Ramadan](DEADLINE).", "2019-05-10", "2019-06-03"),
        ("They entered on Sunday and will march [by the week's end](DEADLINE).", "2004-02-24", "2004-02-29"),
        ("Talks must open [earlier than May 1989](DEADLINE).", "1988-02-29", "1989-04-30"),
        ("He must go [before Qingming](DEADLINE).", "2021-03-18", "2021-04-03"),
        ("The payment falls due [before the turn of the year](DEADLINE).", "1992-09-10", "1992-12-31"),
        ("The court will hear a third challenge in [the new year](DATE).", "2023-09-14", "2024"),
        ("In [25 days](DATE) the states will sign.", "2011-04-18", "2011-05-13"),
        ("The planes will land at [first light](DATE).", "1994-05-07", "1994-05-08TMO"),
        ("The planes landed at [first light](DATE).", "1994-05-07", "1994-05-07TMO"),
        ("They spoke on [Saturday morning, Korea time](DATE).", "2015-08-22", "2015-08-22TMO"),
    ],
)
def test_what_leads_to_the_next_time_of_its_kind(passage: str, date: str, value: str) -> None:
    assert [one.value for one in resolve(parse(passage, date=date))] == [value]


def test_a_clock_time_gives_hours_later_and_that_hour_theirs() -> None:
    article = parse(
        "Signed at [10.45 p.m. on 10 July 1999](DATE). The guns were to be silent [24 hours later](DATE). "
        "They fired [until that hour](DEADLINE)."
    )
    assert [one.value for one in resolve(article)] == ["1999-07-10T22:45", "1999-07-11T22:45", "1999-07-11T22:45"]


def test_the_last_year_has_no_following_month_and_says_so() -> None:
    article = parse("[The following May](DATE) and [the following spring](DATE) came.", date="9999-06-15")
    assert [(one.value, one.reason) for one in resolve(article)] == [(None, context.OUT_OF_RANGE)] * 2


def test_a_clock_time_is_not_of_the_day_since_which_something_lasted() -> None:
    article = parse("Besieged since [Sunday](DATE), he will not leave, he said at [6 a.m.](DATE)", date="1991-01-02")
    assert [one.value for one in resolve(article)] == ["1990-12-30", "1991-01-02T06:00"]
    passed = parse("It ran out at [5 p.m. on Wednesday](DEADLINE). He spoke at [9 p.m.](DATE)", date="2013-07-04")
    assert [one.value for one in resolve(passed)] == ["2013-07-03T17:00", "2013-07-03T21:00"]


@pytest.mark.parametrize(
    ("passage", "date", "values"),
    [
        ("Lists were due on [1 July 1993](DATE), then on [the same day of 1995](DEADLINE).", "1994-12-14",
         ["1993-07-01", "1995-07-01"]),
        ("The plan was owed by [Independence Day last](DEADLINE), the Lebanese cabinet said.", "2020-03-07",
         ["2019-11-22"]),
        ("A request stands unless opposed [by the close of the second working day](DEADLINE).", "1994-05-18", ["P2D"]),
        ("Schools open on [5 March](DATE); posts must stand [by the tenth day after that](DEADLINE).", "2021-02-02",
         ["2021-03-05", "2021-03-15"]),
        ("The cut-off is [5 p.m. in Beirut on Friday the 20th](DEADLINE).", "2020-03-07", ["2020-03-20T17:00"]),
        ("They have [to this midnight](DEADLINE).", "2021-09-02", ["2021-09-02T24:00"]),
        ("The report is due at [the half-year](DEADLINE).", "2026-03-10", ["2026-06-30"]),
        ("They would go [as far as Easter](DEADLINE).", "1994-12-14", ["1995-04-16"]),
        ("In [January 1991](DATE), [15 January](DEADLINE) was such a limit.", "1998-02-14", ["1991-01", "1991-01-15"]),
        ("Flights are frozen [through the month of Ramadan](DEADLINE).", "2019-05-10", ["2019-06-03"]),
        ("The mandate ends on [the last day of Ramadan](DEADLINE).", "2019-05-10", ["2019-06-03"]),
        ("The office reopens on [the tenth day of Ramadan](DATE).", "2019-05-10", ["2019-05-15"]),
        # Two feasts ended a Ramadan in 2000, in January and in December.
        ("It was signed in [mid-Ramadan](DATE).", "2000-12-20", ["2000-12-11"]),
        ("They have [until the end of Ramadan](DEADLINE).", "2000-12-20", ["2000-12-26"]),
        ("It is due [by the end of the first half of Ramadan](DEADLINE).", "2019-05-01", ["2019-05-20"]),
        ("It is due [by late Ramadan](DEADLINE).", "2019-05-10", ["2019-06-03"]),
        ("Japan ought to have been heard [by the end of the fiscal year](DEADLINE).", "2022-05-01", ["2022-03-31"]),
        ("On [3 May 2021](DATE) the United States told it to report [by the end of that fiscal year](DEADLINE).",
         None, ["2021-05-03", "2021-09-30"]),
        ("It must act [before a week after parliament rises for the summer](DEADLINE).", "2022-03-01", ["P1W"]),
        ("[Within ten days of the signing](DEADLINE) Estmark is to answer, Norland [within 20](DEADLINE).",
         "2022-03-01", ["P10D", "P20D"]),
        ("It was sent [10 days in advance](DATE).", "2022-03-01", ["P10D"]),
        ("On [6 February](DATE) both were given [to this Sunday](DEADLINE) to answer.", "2019-02-13",
         ["2019-02-06", "2019-02-17"]),
        ("Each may opt out [within ten days](DEADLINE) of this notice.", "2026-03-10", ["2026-03-20"]),
        ("On [26 April](DATE) it told them to go in [a week](DEADLINE).\n\nThey packed, using two of "
         "[the seven days](DEADLINE).", "1988-04-29", ["1988-04-26", "1988-05-03", "1988-05-03"]),
        ("Rebels ignored an order to walk out [by 10 a.m. Monday](DEADLINE), were then given [three hours](DEADLINE).",
         "1990-07-30", ["1990-07-30T10:00", "1990-07-30T13:00"]),
        ("It must file [by June 1, 1990](DEADLINE) and reply [eight months after that](DEADLINE).", "1989-04-07",
         ["1990-06-01", "1991-02-01"]),
        ("Permits were renewed [to the end of Carnival](DEADLINE).", "2004-02-03", ["2004-02-24"]),
        ("The call came a day after Holm urged his countrymen to get out [within 48 hours](DEADLINE).", "2022-02-12",
         ["2022-02-13"]),
        ("Guns opened up on [Monday](DATE), two days after Oslo gave them [a week](DEADLINE) to go.", "2022-02-09",
         ["2022-02-07", "2022-02-12"]),
        ("A board, named three days after it sank on [17 March](DATE), was given [ten days](DEADLINE).", "1995-04-07",
         ["1995-03-17", "1995-03-27"]),
        ("A day after that, Oslo gave them [a week](DEADLINE) to go.", "2022-02-09", ["2022-02-16"]),
    ],
)  # fmt: skip
def test_limits_that_lean_on_other_words(passage: str, date: str | None, values: list[str]) -> None:
    assert [one.value for one in resolve(parse(passage, date=date))] == values
