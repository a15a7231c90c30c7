"""What results can look like: names alone, so that a command line can be read before anything else is loaded."""

from __future__ import annotations

from dataclasses import dataclass

TEXT, JSONL, HTML, CSV, PARQUET, ICS = "text", "jsonl", "html", "csv", "parquet", "ics"
LABEL_STUDIO, DOCCANO, PRODIGY = "label-studio", "doccano", "prodigy"
FORMS = (TEXT, JSONL, HTML, CSV, PARQUET, ICS, LABEL_STUDIO, DOCCANO, PRODIGY)

SUFFIXES = {JSONL: ".jsonl", CSV: ".csv", PARQUET: ".parquet"}
"""Of the forms that can be written in parts."""

PART_SIZE = 2_000
"""Articles in a part: some minutes of work for a core, which is what a kill can cost."""


@dataclass(frozen=True)
class Form:
    """What a result should look like.

    Attributes:
        name: one of `FORMS`.
        records: who did what, an act a row, where the form has both that and spans.
        date_order: of an ambiguous numeric date, see `model.dates.ORDERS`.
        to_file: whether it goes to a file, not to a terminal.
    """

    name: str
    records: bool = False
    date_order: str = "dmy"
    to_file: bool = True
