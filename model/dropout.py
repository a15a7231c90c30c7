"""Dropout whose random numbers are cheap on a processor.

torch draws 64 bits for each element from one stream, on one core: a large part of a training step where the matrix
products are fast. A byte an element does, eight of which come from one draw.
"""

from __future__ import annotations

import torch
from torch import nn

_LEVELS = 256


class ByteDropout(nn.Dropout):
    """`torch.nn.Dropout`; on a processor its probability is rounded to the next 256th and its numbers are bytes.

    They come from torch's global generator: a seed gives the same result again, and a checkpoint goes on with it.
    """

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        """Zeros in place of a share `p` of the elements, the others scaled to keep the mean; in evaluation, `input`."""
        dropped = round(self.p * _LEVELS)
        if not self.training or dropped in (0, _LEVELS) or input.device.type != "cpu":
            return super().forward(input)
        draws = torch.empty(-(-input.numel() // 8), dtype=torch.int64).random_(-(2**63), None)
        numbers = draws.view(torch.uint8)[: input.numel()].view(input.shape)
        return input * (numbers >= dropped).to(input.dtype).mul_(_LEVELS / (_LEVELS - dropped))


def use_byte_dropout(module: nn.Module) -> None:
    """Put `ByteDropout` in the place of every `torch.nn.Dropout` of a module, whose parameters stay as they are."""
    for parent in module.modules():
        for name, child in parent.named_children():
            if type(child) is nn.Dropout:
                setattr(parent, name, ByteDropout(child.p).train(child.training))
