"""How varied annotated articles are: measures for several sets side by side, made comparable between sizes.

Counts of distinct things grow with the amount of text, so they are given for samples of one size: the expected number
of distinct kinds among K mentions drawn without replacement (rarefaction; Hurlbert, 1971).
"""

from __future__ import annotations

import argparse
import math
import re
import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from data import formats
from data.schema import Article
from data.splits import largest_overlap
from data.statistics import words as count_words

SEGMENT = 1000
"""Words in a segment over which the type/token ratio is taken."""

_MASKS = (
    (re.compile(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b"), "DAY"),
    (re.compile(r"\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\b\.?"), "MONTH"),
    (re.compile(r"\d+(?:st|nd|rd|th)?"), "N"),
)


def main() -> None:
    """Print a Markdown table with a column a set."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("sets", nargs="+", type=Path, metavar="SET", help="files or folders of annotated articles")
    paths = parser.parse_args().sets
    sets = [formats.read(path) for path in paths]
    sample = min(sum(span.label == "ACTOR" for article in one for span in article.spans) for one in sets)
    columns = [measures(one, sample) for one in sets]
    print(f"| | {' | '.join('/'.join(path.parts[-2:]) for path in paths)} |\n|---|{'---:|' * len(paths)}")
    for name in columns[0]:
        print(f"| {name} | {' | '.join(column[name] for column in columns)} |")


def measures(articles: Sequence[Article], sample: int) -> dict[str, str]:
    """The measures of one set by name; distinct kinds are counted among `sample` mentions."""
    words = [word.lower() for article in articles for word in re.findall(r"[^\W\d_]+", article.text)]
    segments = [words[at : at + SEGMENT] for at in range(0, len(words) - SEGMENT + 1, SEGMENT)]
    openings = Counter(" ".join(article.text.lower().split()[:3]) for article in articles)
    sentences = [
        len(one.split()) for article in articles for one in re.split(r"(?<=[.!?])[”\"]?\s+|\n+", article.text) if one
    ]
    found: dict[str, list[str]] = {"ACTOR": [], "ACTION": [], "DEADLINE": []}
    for article in articles:
        for span in article.spans:
            if span.label in found:
                found[span.label].append(kind(article.covered(span), span.label))
    overlap = largest_overlap({article.id: [article] for article in articles})
    types = statistics.mean(len(set(segment)) / SEGMENT for segment in segments)
    alone = sum(count == 1 for count in openings.values()) / len(articles)
    return {
        "articles": str(len(articles)),
        "words": f"{count_words(articles):,}",
        f"types per token, mean of {SEGMENT}-word segments": f"{types:.3f}",
        "articles whose first three words are theirs alone": f"{alone:.0%}",
        "words in a sentence": f"{statistics.mean(sentences):.1f} ± {statistics.stdev(sentences):.1f}",
        f"distinct actor heads among {sample} mentions": distinct(found["ACTOR"], sample),
        f"distinct triggers among {sample} mentions": distinct(found["ACTION"], sample),
        "distinct deadline wordings, dates masked": f"{len(set(found['DEADLINE']))} of {len(found['DEADLINE'])}",
        "most that two articles share of their 8-word runs": f"{overlap:.1%}",
    }


def kind(surface: str, label: str) -> str:
    """What makes two mentions alike: an actor's head noun, a trigger's words, a deadline's wording without its date."""
    text = surface.lower()
    if label == "ACTOR":
        return re.split(r" (?:of|to|for) ", text)[0].split()[-1]
    if label == "DEADLINE":
        for pattern, mask in _MASKS:
            text = pattern.sub(mask, text)
    return text


def distinct(mentions: Iterable[str], sample: int) -> str:
    """The expected number of kinds among `sample` of the mentions; "–" if there are fewer."""
    counts = Counter(mentions)
    total = counts.total()
    if total < sample:
        return "–"
    chances = (1 - math.exp(_log_choose(total - n, sample) - _log_choose(total, sample)) for n in counts.values())
    return f"{sum(chances):.0f}"


def _log_choose(n: int, k: int) -> float:
    return -math.inf if k > n else math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


if __name__ == "__main__":
    main()
