"""The model card of a run, made from its records so that it cannot say anything else than they do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from data.lint import LABELS
from model.report import share, table

FILE = "README.md"


def model_card(run: Path) -> str:
    """A README for a run's folder, with the front matter that model hubs read.

    Args:
        run: the folder, with `run.json`, and `metrics.json` as `model.report.evaluation_json` makes it. Reports of
            `evaluate.py` in its `evaluation/` are listed.
    """
    about = _read(run / "run.json")
    metrics = _read(run / "metrics.json")
    data, train = about["data"], about["data"]["train"]
    strict = metrics["dev"]["scores"]["strict"]
    rows = table(
        ["label", "precision", "recall", "F1", "gold"],
        [
            [label, *_shares(strict[label]), strict[label]["gold"]]
            for label in sorted(strict, key=lambda label: (label == "micro", label))
        ],
    )
    versions = ", ".join(f"{name} {number}" for name, number in about["versions"].items())
    is_ours = set(about["labels"]) == LABELS
    return f"""---
language: en
library_name: transformers
pipeline_tag: token-classification
tags: [token-classification{", diplomacy, event-extraction" if is_ours else ""}]
---
# {run.name}: a Demarche tagger

Finds {_listed(about["labels"])} spans{" in diplomatic news" if is_ours else ""}.

- Backbone: {about["backbone"]}, {about["parameters"] / 1e6:.1f}M parameters.
- Trained on {train["articles"]} articles ({train["tokens"]:,} tokens, {train["spans"]:,} spans, of which \
{train["lost"]} were lost in alignment) with seed {about["seed"]}, {about["precision"]}, on {about["device"]}, \
{about["training_seconds"]:.0f} s, {about["processes"]} process(es).
{_teacher(data.get("soft_labels"))}\
- Windows of {about["window"]} tokens that share {about["overlap"]}; text of any length is read to its end.
- Versions: {versions}.

## Strict scores on {data["dev"]["articles"]} dev articles, percent

{chr(10).join(rows)}

The epoch was chosen on these articles: see `evaluation/` for scores on articles that had no part in training.

{_evaluations(run)}## Use

```python
from transformers import pipeline
tagger = pipeline("token-classification", "{run.as_posix()}", aggregation_strategy="first")
tagger("US embassy workers must leave no later than Sunday, Feb. 13.")
```

The pipeline cuts a text at the model's limit of tokens; Demarche's `predict.py` does not, decodes under the constraints
of BIO, and gives each span a probability.

## Limits

English only. Trained on the data named above: expect less on other genres. Tags say what a text says, not what is true.
"""


def is_as_made(run: Path) -> bool:
    """Whether a run's README is what `model_card` makes of the folder as it is, so that nobody has written in it."""
    if not all((run / name).is_file() for name in (FILE, "run.json", "metrics.json")):
        return False
    return (run / FILE).read_text(encoding="utf-8") == model_card(run)


def _teacher(soft_labels: dict[str, Any] | None) -> str:
    if soft_labels is None:
        return ""
    return (
        f"- Of {soft_labels['articles']} of these articles it also learnt what a larger run made of them"
        f" ({soft_labels['backbone']}, seed {soft_labels['seed']}, itself trained on annotated articles).\n"
    )


def _evaluations(run: Path) -> str:
    reports = {path.parent.name: _read(path) for path in sorted(run.glob("evaluation/*/report.json"))}
    rows = [
        [name, report["articles"], *_shares(report["scores"]["strict"]["micro"])]
        for name, report in reports.items()
        if "scores" in report  # a comparison has none of its own
    ]
    if not rows:
        return ""
    lines = ["## Strict scores of all labels in `evaluation/`, percent", ""]
    lines += table(["evaluation", "articles", "precision", "recall", "F1"], rows)
    return "\n".join([*lines, "", ""])


def _shares(score: dict[str, Any]) -> list[str]:
    return [share(score[name]["value"]) for name in ("precision", "recall", "f1")]


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
