"""Tagged articles for people: coloured text and tables for a terminal, and an HTML page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from data.schema import Article, Span
from model.pages import environment, visible

STYLES = {"ACTOR": "black on bright_blue", "ACTION": "black on bright_green", "DATE": "black on bright_yellow",
          "DEADLINE": "bold white on red"}  # fmt: skip
OTHER_STYLE = "black on bright_cyan"


def pieces(article: Article) -> Iterator[tuple[str, Span | None]]:
    """An article's text cut at its spans, in order; None stands beside what is outside."""
    at = 0
    for span in article.spans:
        if span.start > at:
            yield article.text[at : span.start], None
        yield article.covered(span), span
        at = span.end
    if at < len(article.text):
        yield article.text[at:], None


def terminal(article: Article, *, colour: bool) -> RenderableType:
    """An article with its spans coloured (or in brackets with their labels), and a table of them."""
    head = Text(visible(article.title or article.id), style="bold" if colour else "")
    if article.date:
        head.append(f"  {article.date}", style="dim" if colour else "")
    body = Text()
    for text, span in pieces(article):
        shown = visible(text)
        if span is None:
            body.append(shown)
        elif colour:
            body.append(shown, style=STYLES.get(span.label, OTHER_STYLE))
        else:
            body.append(f"[{shown}]({span.label})")
    table = Table(box=None, pad_edge=False, header_style="bold" if colour else "")
    table.add_column("label")
    table.add_column("text", overflow="fold")
    table.add_column("score", justify="right")
    table.add_column("characters", justify="right", no_wrap=True)
    for span in article.spans:
        style = STYLES.get(span.label, OTHER_STYLE) if colour else ""
        score = "" if span.score is None else f"{span.score:.2f}"
        characters = f"{span.start}-{span.end}"
        table.add_row(Text(span.label, style=style), Text(visible(article.covered(span))), score, characters)
    counts = ", ".join(f"{count} {label}" for label, count in label_counts(article).items()) or "nothing found"
    return Group(head, Text(), body, Text(), Text(counts, style="dim" if colour else ""), table, Text())


def console(*, width: int | None = None) -> Console:
    """A console on stdout. Without a terminal it writes plain text and breaks no lines."""
    made = Console(highlight=False, soft_wrap=False)
    if not made.is_terminal:
        made = Console(highlight=False, width=width or 10_000, no_color=True)
    return made


def label_counts(article: Article) -> dict[str, int]:
    """How many spans of each label, by label."""
    return dict(sorted(Counter(span.label for span in article.spans).items()))


def html(articles: Sequence[Article]) -> str:
    """One self-contained page with all articles."""
    template = environment().get_template("articles.html.j2")
    return template.render(articles=articles, pieces=pieces, counts=label_counts)
