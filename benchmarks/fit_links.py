"""Fit the trees of `model.links` on annotated links: the trees on train, the thresholds on dev."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.ensemble import GradientBoostingClassifier

from benchmarks.links import LINKS, Counts, as_annotation, count
from data import formats, link_annotations
from data.files import write_atomically
from data.link_annotations import KINDS, ActLinks
from data.schema import Article
from model import links
from model.pairs import pairs

Annotated = list[tuple[Article, list[ActLinks]]]


def main() -> None:
    """Fit, choose thresholds, write, and print the scores on dev."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=Path, default=Path("data/corpus/articles"), metavar="FOLDER")
    parser.add_argument("--train", type=Path, default=LINKS / "train.jsonl", metavar="LINKS")
    parser.add_argument("--dev", type=Path, default=LINKS / "dev.jsonl", metavar="LINKS")
    parser.add_argument("--output", type=Path, default=links.TREES, metavar="FILE")
    parser.add_argument("--trees", type=int, default=250, help="of each kind (default: %(default)s)")
    parser.add_argument("--depth", type=int, default=4, help="of a tree (default: %(default)s)")
    parser.add_argument("--rate", type=float, default=0.08, help="of learning (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--with-dev", action="store_true", help="once the thresholds are chosen, fit once more on train and dev"
    )
    arguments = parser.parse_args()
    articles = formats.read(arguments.articles)
    train, dev = (read(path, articles) for path in (arguments.train, arguments.dev))
    record = fit(train, arguments)
    best = choose(record, dev)
    if arguments.with_dev:
        whole = fit([*train, *dev], arguments)
        record = {kind: whole[kind] | {"threshold": record[kind]["threshold"]} for kind in KINDS}
    write_atomically(arguments.output, json.dumps(record, separators=(",", ":")) + "\n")
    print(f"\n| link (dev, {len(dev)} articles) | precision | recall | F1 | gold |\n|---|---:|---:|---:|---:|")
    for kind, one in best.items():
        print(one.row(f"{kind} (threshold {record[kind]['threshold']:.2f})"))


def fit(annotated: Annotated, arguments: argparse.Namespace) -> dict[str, Any]:
    """Trees for every kind of link."""
    record: dict[str, Any] = {}
    for kind in KINDS:
        rows, labels = examples(annotated, kind)
        model = GradientBoostingClassifier(
            n_estimators=arguments.trees, max_depth=arguments.depth, learning_rate=arguments.rate,
            subsample=0.7, min_samples_leaf=8, max_features=0.4, random_state=arguments.seed,
        ).fit(rows, labels)  # fmt: skip
        record[kind] = export(model, float(labels.mean()), arguments.rate)
        print(f"{kind}: {len(labels):,} pairs, {int(labels.sum()):,} links")
    return record


def read(path: Path, articles: Sequence[Article]) -> Annotated:
    """The articles that a file of links names, with their links."""
    found = link_annotations.read(path, articles)
    return [(article, found[article.id]) for article in articles if article.id in found]


def examples(annotated: Annotated, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Features and labels of all pairs that a kind of link may join."""
    rows: list[np.ndarray] = []
    labels: list[bool] = []
    for article, acts in annotated:
        linked = {act.action: act.links[kind] for act in acts}
        found = pairs(article)[KINDS[kind]]
        for act, other, row in zip(found.acts.tolist(), found.others.tolist(), found.features, strict=True):
            gold = linked.get(article.spans[act], ())
            span = article.spans[other]
            names = {article.covered(one).lower() for one in gold}
            # Another mention of the same words is neither right nor wrong.
            if span in gold or article.covered(span).lower() not in names:
                rows.append(row)
                labels.append(span in gold)
    return np.array(rows), np.array(labels)


def export(model: GradientBoostingClassifier, share: float, rate: float) -> dict[str, Any]:
    """A fitted model as `model.links.Trees` reads it."""
    trees = []
    for (estimator,) in model.estimators_:
        tree = estimator.tree_
        nodes: list[list[float]] = []
        for node in range(tree.node_count):
            if tree.children_left[node] < 0:
                nodes.append([round(float(rate * tree.value[node][0][0]), 5)])
            else:
                nodes.append([int(tree.feature[node]), round(float(tree.threshold[node]), 4),
                              int(tree.children_left[node]), int(tree.children_right[node])])  # fmt: skip
        trees.append(nodes)
    return {"bias": round(float(np.log(share / (1 - share))), 5), "threshold": 0.5, "trees": trees}


def choose(record: dict[str, Any], dev: Annotated) -> dict[str, Counts]:
    """Set for each kind the threshold with the best F1 on dev, in the order in which they are found."""
    articles = [article for article, _ in dev]
    gold = {article.id: acts for article, acts in dev}
    best: dict[str, Counts] = {}
    for kind in KINDS:
        tried = {}
        for threshold in np.arange(0.25, 0.7, 0.05):
            record[kind]["threshold"] = round(float(threshold), 2)
            links.use({name: links.Trees(record[name]) for name in KINDS})
            predicted = {article.id: [as_annotation(one) for one in links.link(article)] for article in articles}
            tried[float(threshold)] = count(articles, gold, predicted)[kind]
        threshold = max(tried, key=lambda one: tried[one].f1)
        record[kind]["threshold"], best[kind] = round(threshold, 2), tried[threshold]
    return best


if __name__ == "__main__":
    main()
