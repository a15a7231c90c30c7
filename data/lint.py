"""Guideline slips that a machine can see in annotation with the labels ACTOR, ACTION, DATE and DEADLINE.

A finding is a place to look, not a verdict: the guidelines (docs/annotation-guidelines.md) decide.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from data.schema import Article, Span

LABELS = frozenset({"ACTOR", "ACTION", "DATE", "DEADLINE"})
"""The labels that the guidelines speak of."""

_WORD = re.compile(r"[^\W_]+(?:[.'’&-][^\W_]+)*")

DETERMINERS = frozenset("a an the this that these those his her its their our your my".split())
_OUTSIDE_ACTORS = DETERMINERS | frozenset(
    "some any all both each every many several few most no more two three four five six seven eight nine ten dozens"
    " hundreds thousands".split()
)
_PRONOUNS = frozenset("he she it they we i you him her them us who whom which that this these those".split())
_TIME_PREPOSITIONS = frozenset("on in at since from during for of after to between through".split())
_LIMIT_WORDS = frozenset("by before until till within no not".split())
_NO_ADVERBS = frozenset("ally apply assembly comply fly overfly rally reapply rely reply resupply supply".split())
_AUXILIARIES = frozenset("to not be been will would could should must may has have had".split())
_ATTRIBUTION = frozenset(
    "say says said saying tell tells told add adds added adding note notes noted noting state states stated stating"
    " explain explains explained conclude concluded comment commented report reported claim claimed argue argued"
    " reiterate reiterated stress stressed stressing underline underlined remind reminded specify specified"
    " answer answered quote quoted".split()
)
_STATES = frozenset(
    "hope hopes hoped believe believes believed want wants wanted plan plans planned aim aims aimed seek seeks sought"
    " try tries tried remain remains remained need needs needed face faces faced is are was were be been being has have"
    " had intend intends intended fear fears feared expect expects expected know knows knew think thinks thought"
    " war crisis tension tensions conflict relations agreement treaty resolution ceasefire truce effort efforts attempt"
    " attempts bid commitment initiative threat deal accord".split()
)
_SPEECH_ACTS = re.compile(
    r"\b(?:announc|warn|urg|demand|accus|den(?:y|ie)|condemn|welcom|pledg|vow|threaten|prais|critici[sz]|reject"
    r"|confirm|insist|admit|acknowledg|alleg|apologi[sz])(?:e|es|ed|ing|s|ies|ied|ying|y)?\b",
    re.IGNORECASE,
)
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan\.|Feb\.|Aug\.|Sept\.|Oct\.|Nov\.|Dec\.)"
)
_DAY = r"(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|yesterday|today|tomorrow|tonight)"
_TIME = re.compile(
    rf"(?<!every )(?<!every other )\b(?:{_DAY}\b|\d{{1,2}} {_MONTH}|{_MONTH} \d{{1,4}}\b"
    r"|(?<![\d,.$€£/-])(?<!Resolution )(?:19[5-9]\d|20[0-4]\d)(?!\d|,\d|/|[- ](?:troop|people))"
    r"|(?:last|next|this) (?:week|month|year|night|spring|summer|autumn|winter)\b"
    r"|(?:\d+|one|two|three|four|five|six|ten) (?:days|weeks|months|years|hours) (?:ago|later|earlier)\b"
    r"|\d{1,2}(?:[:.]\d\d)? ?(?:a\.m\.|p\.m\.|am|pm|GMT)(?!\w)|\d{4} GMT)",
)
_LIMIT_BEFORE = re.compile(
    r"\b(?:by|before|until|till|within|no later than|not later than)\s+(?:the\s+)?$", re.IGNORECASE
)

VALUE = re.compile(
    r"(?:PAST|PRESENT|FUTURE)_REF"
    r"|P(?:T?(?:\d+(?:\.\d+)?|X)[YMWDHS])+"
    r"|\d{2}|\d{3}"  # century, decade
    r"|(?:\d{4}|XXXX)"
    r"(?:-(?:Q[1-4X]|H[12]|SP|SU|FA|WI|W(?:[0-5]\d|XX)(?:-WE)?|(?:0[1-9]|1[0-2]|XX)(?:-(?:0[1-9]|[12]\d|3[01]|XX))?)"
    r"|-WXX-[1-7])?"
    r"(?:T(?:MO|MI|AF|EV|NI|DT|\d\d(?::\d\d(?::\d\d)?)?(?:Z|[+-]\d\d(?::?\d\d)?)?))?"
    r"|T(?:MO|MI|AF|EV|NI|\d\d:\d\d)"
)
"""A single TIMEX3 value as the corpus uses them."""


@dataclass(frozen=True, order=True)
class Finding:
    """A place to look at: where it is in the text (code points), what it reads, and what is odd about it."""

    start: int
    end: int
    surface: str
    remark: str


def is_value(value: str | None) -> bool:
    """Whether a value, or each end of a range joined by `/`, is in TIMEX3's form."""
    return value is not None and all(VALUE.fullmatch(part) for part in value.split("/"))


def lint(article: Article) -> list[Finding]:
    """The findings of one article, in the order of the text."""
    return sorted({*_span_findings(article), *_untagged_times(article), *_untagged_twins(article)})


def _span_findings(article: Article) -> Iterator[Finding]:
    for span in article.spans:
        surface = article.covered(span)
        for remark in (*border_remarks(article, span), *_label_remarks(article, span, surface)):
            yield Finding(span.start, span.end, f"[{surface}]({span.label})", remark)


NO_WORD, BEGINS_ODDLY, ENDS_ODDLY, INSIDE_WORD = BORDER_REMARKS = (
    "no word in the span",
    "begins with punctuation",
    "ends with punctuation",
    "begins or ends inside a word",
)


def border_remarks(article: Article, span: Span) -> Iterator[str]:
    """What is odd about a span's borders, whatever its label."""
    text, surface = article.text, article.covered(span)
    if not any(_is_wordlike(character) for character in surface):
        yield NO_WORD
    else:
        if unicodedata.category(surface[0])[0] == "P" and surface[0] not in "@'’“\"#«":
            yield BEGINS_ODDLY
        if _ends_oddly(surface):
            yield ENDS_ODDLY
    # The same rule as the encoder's: there a tag is on a whole word, and such a span cannot be learned.
    for at in (span.start, span.end):
        if 0 < at < len(text) and _is_wordlike(text[at - 1]) and _is_wordlike(text[at]):
            yield INSIDE_WORD
            break


def _is_wordlike(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character).startswith("M")


_OPENING = {'"': '"', "”": "“", "»": "«", "’": "‘", "'": "‘"}


def _ends_oddly(surface: str) -> bool:
    if surface[-1] in _OPENING:
        return _OPENING[surface[-1]] not in surface[:-1]
    if surface[-1] == ".":
        return not re.search(r"(?:\b\w|[A-Z]\w{1,4}) ?\.$|[ap]\.m\.$", surface)
    return surface[-1] in ",;:!?"


def _label_remarks(article: Article, span: Span, surface: str) -> Iterator[str]:
    words = [match.group().lower() for match in _WORD.finditer(surface)]
    first = words[0] if words else ""
    before = article.text[max(0, span.start - 25) : span.start]
    match span.label:
        case "ACTOR":
            if surface.lower() in _PRONOUNS and not surface.isupper():  # WHO and US are none
                yield "a pronoun is no ACTOR"
            elif first in _OUTSIDE_ACTORS and len(words) > 1 and surface[:1].islower():
                yield "an article, demonstrative, pronoun or number stays outside"
            if re.search(r"['’]s$|s['’]$", surface):
                yield "the closing 's stays outside"
            if re.search(r"\w(?:, | and | or )\w", surface) and not re.search(r"\b(?:of|for|to)\b", surface):
                yield "coordinated actors are separate spans (unless this is one name)"
        case "ACTION":
            if first in _AUXILIARIES:
                yield "auxiliaries, modals, negation and 'to' stay outside"
            elif surface.lower() in _ATTRIBUTION - {"told"}:
                yield "plain attribution is no ACTION"
            elif surface.lower() in _STATES:
                yield "a state, feeling or document is no ACTION"
            elif re.fullmatch(r"\w+ly", first) and first not in _NO_ADVERBS:
                yield "adverbs stay outside"
            elif len(words) > 3:
                yield "long: the verb with its particle, or the noun that names the act"
        case "DATE":
            if first in _TIME_PREPOSITIONS:
                yield "the preposition stays outside"
            elif first in _LIMIT_WORDS or _LIMIT_BEFORE.search(before):
                yield "after a limit word: a DEADLINE, unless it binds nobody"
        case "DEADLINE":
            if _LIMIT_BEFORE.search(before):
                yield "the limit word belongs to the DEADLINE"
            elif first in {"on", "in", "at", "for"} and not re.match(
                r"(?:on or before|at least|at most)\b", surface.lower()
            ):
                yield "only limit words (by, before, within, until) are inside"
    if span.label in ("DATE", "DEADLINE") and not is_value(span.value):
        yield f"value {span.value!r} is not in TIMEX3's form"


def _untagged_times(article: Article) -> Iterator[Finding]:
    for match in _TIME.finditer(article.text):
        if not any(span.start < match.end() and match.start() < span.end for span in article.spans):
            yield Finding(match.start(), match.end(), match.group(), "a time that is not tagged")


def _untagged_twins(article: Article) -> Iterator[Finding]:
    """Strings that are tagged in one place and not in another, and speech acts that are not tagged at all."""
    covered = bytearray(len(article.text))
    for span in article.spans:
        covered[span.start : span.end] = b"\x01" * (span.end - span.start)
    for surface, label in {(article.covered(span), span.label) for span in article.spans}:
        if label in ("DATE", "DEADLINE") or len(surface) < 2:
            continue
        for start in _occurrences(article.text, surface):
            end = start + len(surface)
            if not any(covered[start:end]):
                shown = context(article.text, start, end)
                yield Finding(start, end, shown, f"tagged {label} elsewhere in this article")
    for match in _SPEECH_ACTS.finditer(article.text):
        if not any(covered[match.start() : match.end()]):
            shown = context(article.text, match.start(), match.end())
            yield Finding(match.start(), match.end(), shown, "a speech act that is not tagged")


def _occurrences(text: str, surface: str) -> Iterator[int]:
    """Where a string stands as whole words. Many strings are looked for once each, so no pattern is compiled."""
    at = text.find(surface)
    while at >= 0:
        end = at + len(surface)
        if not _is_word(text[at - 1 : at]) and not _is_word(text[end : end + 1]):
            yield at
        at = text.find(surface, end)


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def context(text: str, start: int, end: int, reach: int = 25) -> str:
    """A stretch of text in »« and `reach` code points around it, on one line; the middle of a long one is left out."""
    inside = text[start:end] if end - start <= 100 else f"{text[start : start + 60]} … {text[end - 30 : end]}"
    return " ".join(f"{text[max(0, start - reach) : start]}»{inside}«{text[end : end + reach]}".split())
