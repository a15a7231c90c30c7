"""How well the links of acts are found: by the shipped trees or a run's head, from gold spans or those it predicts.

A link counts as found if it leads to the same span, or to another mention with the same words.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from data import formats, link_annotations
from data.link_annotations import KINDS, ActLinks
from data.schema import Article, Span
from model.links import Linked, link

LINKS = Path("data/links")


@dataclass
class Counts:
    """Links that the gold has, that were predicted, and that are both."""

    gold: int = 0
    predicted: int = 0
    right: int = 0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        total = self.gold + self.predicted
        return 2 * self.right / total if total else 0.0

    def row(self, name: str) -> str:
        """A row of a Markdown table."""
        precision = self.right / self.predicted if self.predicted else 0.0
        recall = self.right / self.gold if self.gold else 0.0
        return f"| {name} | {100 * precision:.1f} | {100 * recall:.1f} | {100 * self.f1:.1f} | {self.gold} |"


def main() -> None:
    """Print a table of precision, recall and F1 by kind of link."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "links", nargs="?", type=Path, default=LINKS / "test.jsonl", metavar="LINKS", help="default: %(default)s"
    )
    parser.add_argument("--articles", type=Path, default=Path("data/corpus/articles"), metavar="FOLDER")
    parser.add_argument("--run", type=Path, metavar="RUN", help="link as this run does, in place of the shipped trees")
    parser.add_argument(
        "--predicted", action="store_true", help="link the spans that the run finds, in place of the gold ones"
    )
    parser.add_argument(
        "--agreement",
        type=Path,
        metavar="OTHER",
        help="a second annotation of some of the articles, in place of the model's",
    )
    arguments = parser.parse_args()
    articles = formats.read(arguments.articles)
    gold = link_annotations.read(arguments.links, articles)
    chosen = [article for article in articles if article.id in gold]
    if arguments.agreement:
        other = link_annotations.read(arguments.agreement, articles)
        chosen = [article for article in chosen if article.id in other]
        predicted = {article.id: other[article.id] for article in chosen}
    else:
        predicted = {id: [as_annotation(one) for one in linked] for id, linked in found(chosen, arguments)}
    counts = count(chosen, gold, predicted)
    print("| link | precision | recall | F1 | gold |\n|---|---:|---:|---:|---:|")
    for kind, one in counts.items():
        print(one.row(kind))
    print(f"\n{len(chosen)} articles")


def found(articles: Sequence[Article], arguments: argparse.Namespace) -> Iterator[tuple[str, list[Linked]]]:
    """The links of articles by their ids, found as the command line says."""
    if not arguments.run:
        yield from ((article.id, link(article)) for article in articles)
        return
    from model import engines

    tagger = engines.load(arguments.run, engines.TORCH)
    yield from ((one.article.id, one.links) for one in tagger.see(articles, predict=arguments.predicted))


def as_annotation(linked: Linked) -> ActLinks:
    """A prediction in the form of an annotation."""
    return ActLinks(linked.action, {kind: tuple(one.span for one in found) for kind, found in linked.links.items()})


def count(
    articles: Sequence[Article], gold: Mapping[str, Sequence[ActLinks]], predicted: Mapping[str, Sequence[ActLinks]]
) -> dict[str, Counts]:
    """Links of each kind; an act whose span was not found loses all of its links, one that gold lacks has all wrong."""
    counts = {kind: Counts() for kind in KINDS}
    for article in articles:
        theirs = {(act.action.start, act.action.end): act for act in predicted[article.id]}
        ours = {(act.action.start, act.action.end): act for act in gold[article.id]}
        for place in theirs.keys() | ours.keys():
            for kind, one in counts.items():
                want = _words(article, ours[place].links[kind]) if place in ours else set()
                got = _words(article, theirs[place].links[kind]) if place in theirs else set()
                one.gold += len(want)
                one.predicted += len(got)
                one.right += len(want & got)
    return counts


def _words(article: Article, spans: Sequence[Span]) -> set[str]:
    return {article.covered(span).lower() for span in spans}


if __name__ == "__main__":
    main()
