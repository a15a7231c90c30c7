import pytest
import torch
from torch import nn

from model.dropout import ByteDropout, use_byte_dropout


@pytest.mark.parametrize("share", [0.1, 0.3, 0.9])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_share_is_dropped_and_the_mean_kept(share: float, dtype: torch.dtype) -> None:
    torch.manual_seed(0)
    ones = torch.ones(301, 1001, dtype=dtype, requires_grad=True)
    found = ByteDropout(share)(ones)
    assert found.dtype == dtype
    assert found.shape == ones.shape
    assert (found == 0).float().mean().item() == pytest.approx(share, abs=0.005)
    assert found.float().mean().item() == pytest.approx(1, abs=0.02)
    found.sum().backward()
    assert ones.grad is not None
    # The gradient goes where the number went, by the same scale.
    assert torch.equal(ones.grad, found.detach())


def test_every_place_is_dropped_alike_and_alone() -> None:
    torch.manual_seed(0)
    dropped = torch.stack([ByteDropout(0.5)(torch.ones(19)) == 0 for _ in range(4000)]).double()
    assert dropped.mean(dim=0).numpy() == pytest.approx(0.5, abs=0.04)
    together = torch.corrcoef(dropped.T) - torch.eye(19)
    assert together.abs().max().item() < 0.08


def test_a_seed_gives_the_same_again() -> None:
    def drop(seed: int) -> torch.Tensor:
        torch.manual_seed(seed)
        dropped: torch.Tensor = ByteDropout(0.5)(torch.ones(100))
        return dropped

    assert torch.equal(drop(1), drop(1))
    assert not torch.equal(drop(1), drop(2))


@pytest.mark.parametrize("share", [0.0, 0.001, 1.0])
def test_none_and_all(share: float) -> None:
    assert ByteDropout(share)(torch.ones(5000)).mean().item() == pytest.approx(1 - share, abs=0.02)


def test_evaluation_drops_nothing() -> None:
    assert torch.equal(ByteDropout(0.5).eval()(torch.ones(50)), torch.ones(50))


def test_it_takes_the_place_of_torchs() -> None:
    inner = nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.25))
    whole = nn.Sequential(inner, nn.Dropout(0.5), nn.AlphaDropout(0.5)).eval()
    names = list(whole.state_dict())
    use_byte_dropout(whole)
    assert [type(module).__name__ for module in whole] == ["Sequential", "ByteDropout", "AlphaDropout"]
    assert isinstance(inner[1], ByteDropout)
    assert [one.p for one in (inner[1], whole[1]) if isinstance(one, ByteDropout)] == [0.25, 0.5]
    assert list(whole.state_dict()) == names
    assert not whole[1].training
