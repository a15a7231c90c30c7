"""Several runs of one configuration as one: their scores averaged, and their weights. Does either pay?"""

from __future__ import annotations

import argparse
import copy
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from data import formats
from data.schema import Article
from model import engines, runs
from model.network import TorchNetwork
from model.scoring import score
from model.tagger import Tagger, WindowScores


@dataclass
class Averaged(TorchNetwork):
    """Networks that share a tokenizer and tags; a token's probabilities are the mean of theirs.

    Attributes:
        model, tokenizer: the first one's.
        members: all of them.
    """

    members: Sequence[TorchNetwork] = ()

    def run(self, windows: Sequence[list[int]], *, states: bool) -> list[WindowScores]:
        """Log probabilities of the mean; no states, which differ from member to member."""
        assert not states
        every = [[row for row, _ in member.run(windows, states=False)] for member in self.members]
        return [(np.logaddexp.reduce(rows) - np.log(len(rows)), None) for rows in zip(*every, strict=True)]


def mean_weights(networks: Sequence[TorchNetwork]) -> TorchNetwork:
    """A network whose weights are the mean of others' (a uniform soup, Wortsman et al. 2022)."""
    first = networks[0]
    weights = [network.model.state_dict() for network in networks]
    model = copy.deepcopy(first.model)
    model.load_state_dict({
        name: torch.stack([one[name].float() for one in weights]).mean(dim=0).to(tensor.dtype)
        for name, tensor in weights[0].items()
    })  # fmt: skip
    return TorchNetwork(model, first.tokenizer)


def ways(folders: Sequence[Path], taggers: Sequence[Tagger]) -> Iterator[tuple[str, Tagger]]:
    """Each run by itself, then all of them by both ways of averaging."""
    first = taggers[0]
    networks = [tagger.network for tagger in taggers if isinstance(tagger.network, TorchNetwork)]
    yield from zip((folder.name for folder in folders), taggers, strict=True)
    for name, network in (
        ("mean of the scores", Averaged(networks[0].model, networks[0].tokenizer, networks)),
        ("mean of the weights", mean_weights(networks)),
    ):
        yield name, Tagger(network, first.tagset, first.window, first.overlap, fragments=first.fragments)


def main() -> None:
    """Print strict F1 in percent of each run and of both averages, by label."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", nargs="+", type=Path, metavar="RUN", help="two runs or more of one configuration")
    parser.add_argument("--data", type=Path, metavar="FILE", help="annotated articles (default: the runs' dev)")
    arguments = parser.parse_args()
    if len(arguments.runs) < 2:
        sys.exit("error: one run has no mean; give two or more")
    taggers = [engines.load(folder, engines.TORCH) for folder in arguments.runs]
    first = taggers[0]
    for folder, tagger in zip(arguments.runs, taggers, strict=True):
        same = tagger.tagset.tags == first.tagset.tags and (tagger.window, tagger.overlap) == (
            first.window, first.overlap
        ) and tagger.network.text_tokenizer.to_str() == first.network.text_tokenizer.to_str()  # fmt: skip
        if not same:
            sys.exit(f"error: {folder} has other labels, windows or tokens than {arguments.runs[0]}")
    gold: list[Article] = formats.read(arguments.data or runs.data_file(first, arguments.runs[0], "dev"))
    labels = first.tagset.labels
    print(f"{len(gold)} articles; strict F1, percent\n\n| | {' | '.join([*labels, 'all'])} |")
    print(f"|---|{'---:|' * (len(labels) + 1)}")
    for name, tagger in ways(arguments.runs, taggers):
        strict = score(gold, list(tagger.predict(gold)), labels=labels).scores["strict"]
        print(f"| {name} | {' | '.join(f'{100 * strict[label].f1.value:.1f}' for label in [*labels, 'micro'])} |")


if __name__ == "__main__":
    main()
