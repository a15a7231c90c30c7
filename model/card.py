"""The model card of a run, made from its records so that it cannot say anything else than they do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def model_card(run_file: Path, metrics_file: Path) -> str:
    """A README for a run's folder, with the front matter that model hubs read.

    Args:
        run_file: `run.json`.
        metrics_file: `metrics.json`, as `model.report.evaluation_json` makes it.
    """
    about: dict[str, Any] = json.loads(run_file.read_text(encoding="utf-8"))
    metrics: dict[str, Any] = json.loads(metrics_file.read_text(encoding="utf-8"))
    data, train = about["data"], about["data"]["train"]
    strict = metrics["dev"]["scores"]["strict"]
    rows = ["| label | precision | recall | F1 | gold |", "|---|---:|---:|---:|---:|"]
    for label, score in sorted(strict.items(), key=lambda item: (item[0] == "micro", item[0])):
        cells = (f"{100 * score[name]['value']:.1f}" for name in ("precision", "recall", "f1"))
        rows.append(f"| {label} | {' | '.join(cells)} | {score['gold']} |")
    versions = ", ".join(f"{name} {number}" for name, number in about["versions"].items())
    return f"""---
language: en
library_name: transformers
pipeline_tag: token-classification
tags: [token-classification, diplomacy, event-extraction]
---
# {run_file.parent.name}: a Demarche tagger

Finds {_listed(about["labels"])} spans in diplomatic news.

- Backbone: {about["backbone"]}, {about["parameters"] / 1e6:.1f}M parameters.
- Trained on {train["articles"]} articles ({train["tokens"]:,} tokens, {train["spans"]:,} spans, of which \
{train["lost"]} were lost in alignment) with seed {about["seed"]}, {about["precision"]}, on {about["device"]}, \
{about["training_seconds"]:.0f} s, {about["processes"]} process(es).
- Windows of {about["window"]} tokens that share {about["overlap"]}; text of any length is read to its end.
- Versions: {versions}.

## Strict scores on {data["dev"]["articles"]} dev articles, percent

{chr(10).join(rows)}

The epoch was chosen on these articles: see `evaluation/` for scores on articles that had no part in training.

## Use

```python
from transformers import pipeline
tagger = pipeline("token-classification", "{run_file.parent.as_posix()}", aggregation_strategy="first")
tagger("US embassy workers must leave no later than Sunday, Feb. 13.")
```

The pipeline cuts a text at the model's limit of tokens; Demarche's `predict.py` does not, decodes under the constraints
of BIO, and gives each span a probability.

## Limits

English only. Trained on the data named above: expect less on other genres. Tags say what a text says, not what is true.
"""


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
