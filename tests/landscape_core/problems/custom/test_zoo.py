"""Modules and losses of all kinds: numbers against the caller's own module, one sample at a time, and refusals in words."""

import copy

import numpy as np
import pytest
import torch
from zoo import BAD, GOOD, GOOD_LOSSES, X, between

from landscape_core import Problem, ProblemError
from landscape_core.statistics.sample_table import tabulate

pytestmark = pytest.mark.filterwarnings(
    "ignore:There is a performance drop:UserWarning"
)  # of vmap, where torch has no rule


@pytest.fixture(autouse=True)
def attention_as_before():
    kept = torch.backends.cuda.flash_sdp_enabled(), torch.backends.mha.get_fastpath_enabled()
    yield
    torch.backends.cuda.enable_flash_sdp(kept[0])
    torch.backends.cuda.enable_mem_efficient_sdp(kept[0])
    torch.backends.cuda.enable_cudnn_sdp(kept[0])
    torch.backends.mha.set_fastpath_enabled(kept[1])


def seeded(make):
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return make()


def losses_one_by_one(model, loss, inputs, targets, flat):
    """Losses of each sample as a batch of one, with the parameters walked in place."""
    place = 0
    with torch.no_grad():
        for tensor in model.parameters():
            if tensor.requires_grad:
                tensor.copy_(torch.as_tensor(flat[place : place + tensor.numel()]).view(tensor.shape))
                place += tensor.numel()
        assert place == len(flat)
        found = []
        for row in range(len(inputs)):
            x, t = inputs[row : row + 1], targets[row : row + 1]
            takes_model = getattr(loss, "__code__", None) is not None and loss.__code__.co_argcount == 3
            found.append(float((loss(model, x, t) if takes_model else loss(model(x), t)).mean()))
    return np.array(found)


def check_against_own_module(model, loss, inputs, targets):
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    modes = [part.training for part in model.modules()]
    problem = Problem.from_module(model, loss, inputs, targets)
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert [part.training for part in model.modules()] == modes
    assert problem.check() == ()

    twin = copy.deepcopy(getattr(model, "_orig_mod", model)).eval().double()
    twin_loss = copy.deepcopy(loss).double() if isinstance(loss, torch.nn.Module) else loss
    floating = [array.double() if array.is_floating_point() else array for array in (inputs, targets)]
    trained = [tensor for tensor in twin.parameters() if tensor.requires_grad]
    assert problem.parameters == sum(tensor.numel() for tensor in trained)
    start = torch.cat([tensor.detach().flatten() for tensor in trained]).numpy()
    np.testing.assert_array_equal(problem.start, start)
    generator = np.random.default_rng(2)
    pair = np.linalg.qr(generator.standard_normal((len(start), 2)))[0].T
    coordinates = np.array([[0.0, 0.0], [0.3, -0.2], [-0.1, 0.4]])
    table = tabulate(problem, start, pair, coordinates, samples=problem.samples)
    step = 1e-5
    for point, place in enumerate(coordinates):
        theta = start + place @ pair
        own = losses_one_by_one(twin, twin_loss, *floating, theta)
        np.testing.assert_allclose(table.loss[point], own, rtol=1e-9, atol=1e-12)
        for slopes, direction in zip(table.slopes, pair, strict=True):
            ahead, behind = (
                losses_one_by_one(twin, twin_loss, *floating, theta + h * direction) for h in (step, -step)
            )
            np.testing.assert_allclose(slopes[point], (ahead - behind) / (2 * step), rtol=1e-5, atol=1e-6)
    return problem


@pytest.mark.parametrize("name", GOOD)
def test_a_module(name):
    make, loss, inputs, targets = GOOD[name]
    check_against_own_module(seeded(make).eval(), loss, inputs, targets)


@pytest.mark.parametrize("name", GOOD_LOSSES)
def test_a_loss(name):
    loss, targets = GOOD_LOSSES[name]
    check_against_own_module(seeded(lambda: between(torch.nn.Tanh())), loss, X, targets)


@pytest.mark.parametrize("name", BAD)
def test_a_refusal(name):
    make, loss, targets, kind, words = BAD[name]
    model = seeded(make)
    with pytest.raises(ProblemError, match=words) as caught:
        Problem.from_module(model, loss, X, targets, evaluate=False)
    assert str(caught.value).startswith("this model cannot be looked at sample by sample:\n- ")
    findings = (
        Problem.from_module(model, loss, X, targets, evaluate=False, check=False).check() if kind != "error" else ()
    )
    assert not findings or findings[0].kind == kind
