"""Tags articles: texts to windows, windows through a network, scores to spans and links. One way for every engine."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeAlias

import numpy as np
from tokenizers import Tokenizer

from data.errors import InputError
from data.files import open_to_others
from data.schema import Article
from model.decode import decode, expected_spans, posteriors
from model.encode import EncodedArticle, Encoder, Window
from model.fragments import Fragments, is_fragment
from model.link_head import LinkHead, span_vectors
from model.links import Linked, link
from model.tags import TagSet
from model.time_head import TimeHead

RUN_FILE = "run.json"
"""What a run knows of itself beside transformers' own files: labels, windows, data, versions."""

CHUNK = 64
"""Articles that are tagged together, so that windows of like length can share a batch; bounds the memory."""

AHEAD = 2
"""Chunks that are on their way at once, so that one is tokenized and one decoded while the network runs another."""

WindowScores: TypeAlias = tuple[np.ndarray, np.ndarray | None]
"""A window's log probabilities of tags, shape (tokens, tags), and its states at three depths, (tokens, 3 × hidden)."""


class RunError(InputError):
    """A run that cannot be loaded, or does not fit what it is asked to do."""


class Network(Protocol):
    """What computes the scores of windows: torch (`model.network`) or ONNX Runtime (`model.int8`)."""

    @property
    def engine(self) -> str:
        """Its name for a user: torch or onnx."""

    @property
    def device(self) -> str:
        """Where it runs, such as cpu or cuda."""

    @property
    def limit(self) -> int | None:
        """Tokens that it sees at most, special tokens included; None if it sets no limit."""

    @property
    def side_by_side(self) -> int:
        """Batches that should run at the same time, each in a thread."""

    @property
    def text_tokenizer(self) -> Tokenizer:
        """What texts are cut into tokens by."""

    def tag_names(self) -> list[str]:
        """Its tags in the order of its scores."""

    def batches(self, lengths: Sequence[int]) -> list[list[int]]:
        """Which windows, by their numbers, should go through it together, given their numbers of tokens."""

    def run(self, windows: Sequence[list[int]], *, states: bool) -> list[WindowScores]:
        """The scores of a batch; states only where they are asked for. Called from several threads."""

    def save(self, folder: Path) -> None:
        """Write it into a run's folder."""


class Seen(NamedTuple):
    """An article with what a run makes of it.

    Attributes:
        article: with its spans.
        links: of its acts, in the order of the text.
        ahead: the log odds that each of its times lies ahead (`model.dates.resolve`); None if the run does not tell.
    """

    article: Article
    links: list[Linked]
    ahead: list[float] | None


@dataclass
class Tagger:
    """A network with what it takes to use it on articles.

    Attributes:
        network: gives the scores.
        tagset: the labels of this run.
        window, overlap: tokens in a window (special tokens included) and shared by neighbours.
        about: further facts that `run.json` keeps (data, seed, versions).
        links: tells which spans belong to which act; None if the run was trained without links.
        times: tells which times lie ahead; None if the run was trained without values.
        fragments: words that are no span by themselves (`model.fragments`); such spans are dropped.
        thresholds: by label, the probability from which on a span is found, where it is not the usual (`model.decode`).
        tokens_in_text: of all articles tagged so far, special tokens not included, by the tokenizer alone.
        tokens_read: those of them that went through the network in the window that owns them. Were text cut off or left
            out anywhere on the way, it would be less.

    Raises:
        RunError: the window is longer than what the network sees.
    """

    network: Network
    tagset: TagSet
    window: int
    overlap: int
    about: dict[str, Any] = field(default_factory=dict)
    links: LinkHead | None = None
    times: TimeHead | None = None
    fragments: Fragments = field(default_factory=dict)
    thresholds: Mapping[str, float] = field(default_factory=dict)
    tokens_in_text: int = field(default=0, init=False)
    tokens_read: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        limit = self.network.limit
        if limit is not None and self.window > limit:
            raise RunError(
                f"model.window is {self.window}, but the model sees at most {limit} tokens; set it to {limit}"
            )
        self.encoder = Encoder(self.network.text_tokenizer, self.window, self.overlap)

    def save(self, folder: Path) -> None:
        """Write the run: its network, what goes with it, and `run.json`."""
        folder.mkdir(parents=True, exist_ok=True)
        self.network.save(folder)
        if self.links is not None:
            self.links.save(folder)
        if self.times is not None:
            self.times.save(folder)
        open_to_others(folder)
        about = {
            **self.about,
            "labels": list(self.tagset.labels),
            "window": self.window,
            "overlap": self.overlap,
            "fragments": {label: sorted(words) for label, words in self.fragments.items()},
        }
        # Last of all: a folder that has it is complete.
        (folder / RUN_FILE).write_text(json.dumps(about, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

    def predict(self, articles: Iterable[Article]) -> Iterator[Article]:
        """The articles in their order, each with the spans found in place of those it had.

        Works on a few times `CHUNK` articles at a time, whatever their number.
        """
        for article, one, log_probs, _ in self._read(articles, states=False):
            yield self._decode(article, one, log_probs)

    def see(self, articles: Iterable[Article], *, predict: bool = True, links: bool = True) -> Iterator[Seen]:
        """Articles with all that the run makes of them.

        Args:
            articles: in their order.
            predict: whether to find their spans; else those that they have are taken.
            links: whether to link their acts, by the run's head or else by the shipped trees.
        """
        states_wanted = self.times is not None or (links and self.links is not None)
        if not predict and not states_wanted:  # then nothing asks for the network
            yield from (Seen(article, link(article) if links else [], None) for article in articles)
            return
        for article, one, log_probs, states in self._read(articles, states=states_wanted):
            seen = self._decode(article, one, log_probs) if predict else article
            vectors = None if states is None else _vectors(seen, one, states)
            linked = link(seen, self.links, vectors) if links else []
            yield Seen(seen, linked, self.times.odds(seen, vectors) if self.times and vectors is not None else None)

    def predict_with_doubt(self, articles: Iterable[Article]) -> Iterator[tuple[Article, float]]:
        """As `predict`, each article with the number of spans that the model expects there (`expected_spans`)."""
        for article, one, log_probs, _ in self._read(articles, states=False):
            yield self._decode(article, one, log_probs), expected_spans(log_probs, one.breaks)

    def believe(self, articles: Iterable[Article]) -> Iterator[tuple[Article, list[float]]]:
        """As `predict`, each article with the probability of each span that it came with.

        A span that no words carry has the probability 0.
        """
        for article, one, log_probs, _ in self._read(articles, states=False):
            first = np.searchsorted(one.word_end, [span.start for span in article.spans], side="right").tolist()
            last = np.searchsorted(one.word_start, [span.end for span in article.spans], side="left").tolist()
            begins = [self.tagset.begin(span.label) for span in article.spans]
            carried = [place for place in zip(first, last, begins, strict=True) if place[0] < place[1]]
            found = dict(zip(carried, posteriors(log_probs, one.breaks, carried), strict=True))
            chances = [found.get(place, 0.0) for place in zip(first, last, begins, strict=True)]
            yield self._decode(article, one, log_probs), chances

    def log_probs(self, articles: Iterable[Article]) -> Iterator[tuple[Article, np.ndarray]]:
        """The articles as they are, each with the log probabilities of its words' tags, shape (words, tags)."""
        for article, _, log_probs, _ in self._read(articles, states=False):
            yield article, log_probs

    def vectors(self, articles: Iterable[Article]) -> Iterator[np.ndarray]:
        """What the link head sees of the spans that articles have, each of shape (spans, 8 × hidden)."""
        for article, one, _, states in self._read(articles, states=True):
            assert states is not None
            yield _vectors(article, one, states)

    def _decode(self, article: Article, one: EncodedArticle, log_probs: np.ndarray) -> Article:
        found = decode(log_probs, one.word_start, one.word_end, one.breaks, self.tagset, self.thresholds)
        return article.with_spans([span for span in found if not is_fragment(article.text, span, self.fragments)])

    def _read(
        self, articles: Iterable[Article], *, states: bool
    ) -> Iterator[tuple[Article, EncodedArticle, np.ndarray, np.ndarray | None]]:
        """Each article as it is encoded, with its words' log probabilities of tags and, if asked for, their states.

        The network runs in threads of its own (its engines let go of Python's lock meanwhile), so that this one can
        tokenize what comes next and the caller can use what is done.
        """
        stream = iter(articles)
        pool = ThreadPoolExecutor(self.network.side_by_side)
        try:
            under_way: deque[_Chunk] = deque()
            while True:
                while len(under_way) < AHEAD and (chunk := list(islice(stream, CHUNK))):
                    under_way.append(self._start(chunk, pool, states=states))
                if not under_way:
                    return
                yield from self._finish(under_way.popleft(), states=states)
        finally:
            pool.shutdown(cancel_futures=True)

    def _start(self, articles: list[Article], pool: ThreadPoolExecutor, *, states: bool) -> _Chunk:
        """Tokenize articles and set the network to work on them."""
        encoded = self.encoder.encode([article.text for article in articles])
        windows = self.encoder.windows(encoded)
        ids = [self.encoder.input_ids(encoded[window.article], window) for window in windows]
        jobs = [
            (batch, pool.submit(self.network.run, [ids[number] for number in batch], states=states))
            for batch in self.network.batches([len(one) for one in ids])
        ]
        return _Chunk(articles, encoded, windows, jobs)

    def _finish(
        self, chunk: _Chunk, *, states: bool
    ) -> Iterator[tuple[Article, EncodedArticle, np.ndarray, np.ndarray | None]]:
        """What the network made of a chunk, put together by articles."""
        scores: list[WindowScores] = [(np.empty(0), None)] * len(chunk.windows)
        for batch, job in chunk.jobs:
            for number, one in zip(batch, job.result(), strict=True):
                scores[number] = one
        special = len(self.encoder.prefix) + len(self.encoder.suffix)
        by_article: list[list[tuple[Window, WindowScores]]] = [[] for _ in chunk.articles]
        for window, one in zip(chunk.windows, scores, strict=True):
            by_article[window.article].append((window, one))
        for article, encoded, windows in zip(chunk.articles, chunk.encoded, by_article, strict=True):
            # NaN, so that a word that no window owned could not pass for a score.
            log_probs = np.full((len(encoded.head), len(self.tagset)), np.nan, dtype=np.float32)
            kept: np.ndarray | None = None
            read = np.zeros(len(encoded.input_ids), dtype=bool)
            for window, (row, state) in windows:
                words, places = self.encoder.owned(encoded, window)
                log_probs[words] = row[places]
                if state is not None:
                    if kept is None:
                        kept = np.full((len(encoded.head), state.shape[1]), np.nan, dtype=np.float32)
                    kept[words] = state[places]
                read[window.own_start : min(window.own_end, window.start + len(row) - special)] = True
            if states and kept is None:  # an article without a word
                kept = np.zeros((0, 0), dtype=np.float32)
            self.tokens_in_text += len(encoded.input_ids)
            self.tokens_read += int(read.sum())
            yield article, encoded, log_probs, kept


@dataclass(frozen=True)
class _Chunk:
    """Articles on their way through the network.

    Attributes:
        articles, encoded: one for one.
        windows: of all of them.
        jobs: the numbers of the windows in each batch, and its scores to come.
    """

    articles: list[Article]
    encoded: list[EncodedArticle]
    windows: list[Window]
    jobs: list[tuple[list[int], Future[list[WindowScores]]]]


def _vectors(article: Article, one: EncodedArticle, states: np.ndarray) -> np.ndarray:
    """What the link head sees of an article's spans."""
    return span_vectors(states, *one.words_of(article.spans))
