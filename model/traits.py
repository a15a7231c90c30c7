"""What a time expression says by itself: its year, its month, a day, or that it counts from the article's date."""

from __future__ import annotations

from model import expressions as say
from model.expressions import Node


def is_deictic(node: Node) -> bool:
    """Whether an expression hangs on the article's date by its own words: "tomorrow", "next week", "the week's end"."""
    if isinstance(node, (say.Part, say.Clock)):
        return node.day is not None and is_deictic(node.day)
    if isinstance(node, (say.Edge, say.In)):
        return is_deictic(node.inner) or (isinstance(node, say.In) and is_deictic(node.outer))
    if isinstance(node, say.Unit):
        return node.which != "" or node.unit in ("week", "weekend")
    if isinstance(node, say.Date) and node.weekday is not None:
        return node.which in ("this", "last")
    return isinstance(node, say.Offset) and node.anchor == "dct"


def names_a_day(node: Node) -> bool:
    """Whether an expression says by itself which day it means: a day of a month, or a weekday."""
    match node:
        case say.Date():
            return (node.day is not None and node.month is not None) or node.weekday is not None
        case say.Part() | say.Clock():
            return node.day is not None and names_a_day(node.day)
        case say.In():
            return names_a_day(node.inner)
    return False


def is_an_end(node: Node) -> bool:
    """Whether an expression is the end of something, so that what is to be done before it has its last day too."""
    if isinstance(node, say.FiscalYearEnd):
        return not node.begins
    return isinstance(node, say.Edge) and node.edge == "end"


def is_weekday(node: Node) -> bool:
    """Whether an expression gives its day by a weekday alone."""
    if isinstance(node, (say.Part, say.Clock)):
        return node.day is not None and is_weekday(node.day)
    return isinstance(node, say.Date) and node.weekday is not None and node.day is None


def says_all(node: Node) -> bool:
    """Whether an expression leaves nothing to the sense of its sentence: it has its year, or counts from today."""
    match node:
        case say.Date():
            return node.year is not None
        case say.Stretch() | say.Length() | say.Whole():
            return True
        case say.Offset():
            return node.anchor == "dct" and not node.vague
        case say.Part() | say.Clock():
            return node.day is not None and says_all(node.day)
        case say.Edge():
            return says_all(node.inner)
    return False


def has_month(node: Node) -> bool:
    """Whether an expression names its month, or is one ("this month")."""
    match node:
        case say.Date():
            return node.month is not None
        case say.Unit():
            return node.unit == "month"
        case say.Part() | say.Clock():
            return node.day is not None and has_month(node.day)
        case say.Edge():
            return has_month(node.inner)
        case say.In():
            return has_month(node.inner) or has_month(node.outer)
        case say.Range():
            return has_month(node.second)
    return False


def has_year(node: Node) -> bool:
    """Whether an expression gives its year."""
    if isinstance(node, say.Date):
        return node.year is not None
    if isinstance(node, (say.Part, say.Clock)):
        return node.day is not None and has_year(node.day)
    if isinstance(node, (say.Edge, say.Nth)):
        return node.inner is not None and has_year(node.inner)
    if isinstance(node, say.Range):
        return has_year(node.first) or has_year(node.second)
    return isinstance(node, (say.Season, say.Named)) and node.year is not None
