"""Mean and spread of several runs' scores, as a Markdown table, from the reports that evaluate.py wrote."""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    """Print one table for each evaluation that all runs have."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="folders of runs of one configuration")
    runs = parser.parse_args().runs
    evaluated = ({path.parent.name for path in run.glob("evaluation/*/report.json")} for run in runs)
    names = sorted(set.intersection(*evaluated))
    if not names:
        sys.exit("error: the runs have no evaluation in common; run evaluate.py on each")
    about = [json.loads((run / "run.json").read_text(encoding="utf-8")) for run in runs]
    seconds = [one["training_seconds"] for one in about]
    print(
        f"{len(runs)} runs of {about[0]['backbone']} (seeds {', '.join(str(one['seed']) for one in about)}),"
        f" {about[0]['precision']} on {about[0]['device']},"
        f" {min(seconds):.0f} to {max(seconds):.0f} s of training; percent, strict, mean ± standard deviation\n"
    )
    for name in names:
        reports = [json.loads((run / "evaluation" / name / "report.json").read_text(encoding="utf-8")) for run in runs]
        print(
            "\n".join(
                [f"{name}: {reports[0]['articles']} articles, {reports[0]['words']:,} words\n", *table(reports), ""]
            )
        )


def table(reports: list[dict[str, Any]]) -> list[str]:
    """Rows of the scores that the reports have by label, all labels last."""
    rows = ["| label | precision | recall | F1 | partial F1 | gold |", "|---|---:|---:|---:|---:|---:|"]
    for label in sorted(reports[0]["scores"]["strict"], key=lambda label: (label == "micro", label)):
        strict = [report["scores"]["strict"][label] for report in reports]
        cells = [spread([one[name]["value"] for one in strict]) for name in ("precision", "recall", "f1")]
        cells.append(spread([report["scores"]["partial"][label]["f1"]["value"] for report in reports]))
        rows.append(f"| {label} | {' | '.join(cells)} | {strict[0]['gold']} |")
    return rows


def spread(values: list[float], scale: float = 100, form: str = ".1f") -> str:
    """Mean and sample standard deviation, in percent if no other scale is given; one value alone has no deviation."""
    mean = f"{scale * statistics.mean(values):{form}}"
    return f"{mean} ± {scale * statistics.stdev(values):{form}}" if len(values) > 1 else mean


if __name__ == "__main__":
    main()
