"""Problems from modules: samples, names, precision, threads, and the cases of the field."""

import copy
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, IterableDataset, TensorDataset
from zoo import CROSS_ENTROPY, WEIGHTED, Model, X, Y, between

from landscape_core import PROBLEMS, MLPProblem, Problem, ProblemError
from landscape_core.problems.custom import module
from landscape_core.problems.problem import Linearised
from landscape_core.statistics.sample_table import tabulate


@pytest.fixture
def model():
    with torch.random.fork_rng():
        torch.manual_seed(3)
        return between(nn.Tanh())


def table(problem, points=5):
    generator = np.random.default_rng(0)
    pair = np.linalg.qr(generator.standard_normal((problem.parameters, 2)))[0].T
    coordinates = generator.uniform(-1, 1, (points, 2))
    found = tabulate(problem, problem.start, pair, coordinates, samples=problem.samples, dtype=problem.dtype)
    return torch.stack([found.loss, *found.slopes])


def test_it_is_the_hand_written_network(model):
    """The same network with its own tangents; weights are stored the other way round."""
    problem = Problem.from_module(model, CROSS_ENTROPY, X, Y)
    own = MLPProblem.from_data(X.double().numpy(), Y.numpy(), hidden=(8,))
    assert isinstance(problem, Linearised)
    generator = np.random.default_rng(1)

    def arrange(flat):
        place, blocks = 0, []
        for fan_in, fan_out in ((5, 8), (8, 3)):
            weight = flat[place : place + fan_in * fan_out].reshape(fan_out, fan_in)
            place += fan_in * fan_out
            blocks += [weight.T.ravel(), flat[place : place + fan_out]]
            place += fan_out
        return np.concatenate(blocks)

    theta = problem.start + generator.standard_normal((3, problem.parameters))
    directions = generator.standard_normal((2, problem.parameters))
    found = problem.loss_and_slopes(torch.tensor(theta), torch.tensor(directions))
    twin = own.loss_and_slopes(*(torch.tensor(np.stack(list(map(arrange, rows)))) for rows in (theta, directions)))
    torch.testing.assert_close(found, twin, rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(
        arrange(problem.full_gradient(theta[0])), own.full_gradient(arrange(theta[0])), rtol=1e-9, atol=1e-13
    )


def test_names_and_shapes_are_the_modules(model):
    problem = Problem.from_module(model, CROSS_ENTROPY, X, Y)
    assert problem.shapes == {"0.weight": (8, 5), "0.bias": (8,), "2.weight": (3, 8), "2.bias": (3,)}
    described = problem.describe()
    assert (described["model"], described["loss"]) == ("Sequential", "CrossEntropyLoss")
    assert (described["samples"], described["parameters"]) == (24, 75)
    assert described["remarks"] == ["the model is a copy in eval() mode; the one given is not touched"]


def test_shared_parameters_count_once_and_frozen_ones_not_at_all(model):
    tied = Model(lambda self, x: self.two(torch.tanh(self.one(x))), one=nn.Linear(5, 5), two=nn.Linear(5, 5))
    tied.two.weight = tied.one.weight
    targets = torch.zeros(24, 5)
    assert list(Problem.from_module(tied, nn.MSELoss(), X, targets).shapes) == ["one.weight", "one.bias", "two.bias"]
    model[0].requires_grad_(False)
    assert list(Problem.from_module(model, CROSS_ENTROPY, X, Y).shapes) == ["2.weight", "2.bias"]
    model.requires_grad_(False)
    with pytest.raises(ProblemError, match=r"^the model has no trainable parameter"):
        Problem.from_module(model, CROSS_ENTROPY, X, Y)


@pytest.mark.parametrize("middle", [nn.Tanh(), nn.BatchNorm1d(8)])
def test_the_callers_module_and_data_are_not_shared(middle):
    model, inputs = between(middle).eval(), X.clone()
    problem = Problem.from_module(model, CROSS_ENTROPY, inputs, Y)
    expected = table(problem)
    model.train()(X)  # moves running statistics
    inputs.zero_()
    with torch.no_grad():
        model[0].weight.add_(1.0)
    assert torch.equal(table(problem), expected)


@pytest.mark.parametrize("middle", [nn.Tanh(), nn.BatchNorm1d(8)])
def test_threads_get_the_bits_of_one(middle):
    problem = Problem.from_module(between(middle).eval(), CROSS_ENTROPY, X, Y)
    expected = table(problem, 40)
    with ThreadPoolExecutor(4) as pool:
        assert all(torch.equal(found, expected) for found in pool.map(lambda _: table(problem, 40), range(40)))


def test_threads_of_a_recurrent_network_that_runs_in_a_loop():
    lstm = Model(
        lambda self, x: self.last(self.rest(x)[0][:, -1]), rest=nn.LSTM(5, 4, batch_first=True), last=nn.Linear(4, 3)
    )
    problem = Problem.from_module(lstm, CROSS_ENTROPY, X[:, None], Y)
    assert not problem.how.vectorised
    expected = table(problem, 3)
    with ThreadPoolExecutor(3) as pool:
        assert all(torch.equal(found, expected) for found in pool.map(lambda _: table(problem, 3), range(9)))


def test_threads_of_different_problems_of_which_one_needs_forward_mode():
    words = nn.Sequential(nn.Embedding(6, 3, padding_idx=0), nn.Flatten(), nn.Linear(12, 3))
    tokens = torch.randint(6, (24, 4), generator=torch.Generator().manual_seed(0))
    problems = [
        Problem.from_module(words, CROSS_ENTROPY, tokens, Y),
        Problem.from_module(between(nn.Tanh()), CROSS_ENTROPY, X, Y),
        Problem.from_module(between(nn.BatchNorm1d(8), nn.ReLU()).eval(), CROSS_ENTROPY, X, Y),
    ]
    assert problems[0].how.mode == "forward"
    expected = [table(problem, 20) for problem in problems]
    with ThreadPoolExecutor(4) as pool:
        found = pool.map(lambda number: (number % 3, table(problems[number % 3], 20)), range(45))
        assert all(torch.equal(one, expected[which]) for which, one in found)


def test_memory_is_that_of_a_sample_however_many_there_are(model):
    few, many = (Problem.from_module(model, CROSS_ENTROPY, X.repeat(k, 1), Y.repeat(k)).memory for k in (1, 50))
    assert few == pytest.approx(many, rel=0.1)
    assert many > 8 * 8  # at least the hidden layer's values


def test_points_and_samples_at_a_time_change_rounding_alone(model, monkeypatch):
    problem = Problem.from_module(model, CROSS_ENTROPY, X, Y)
    expected = table(problem, 9)
    assert problem.points_at_a_time > 9
    monkeypatch.setitem(module.MEMORY, "cpu", problem.memory * 24 * 2.5)
    assert problem.points_at_a_time == 2
    torch.testing.assert_close(table(problem, 9), expected, rtol=1e-12, atol=1e-14)
    gradient = problem.full_gradient(problem.start)
    monkeypatch.setitem(module.MOST_MEMORY, "cpu", problem.memory * 7)
    assert problem.samples_at_a_time == 7
    np.testing.assert_allclose(problem.full_gradient(problem.start), gradient, rtol=1e-12, atol=1e-15)
    torch.testing.assert_close(table(problem, 9), expected, rtol=1e-12, atol=1e-14)


def test_precision_is_cast_and_whole_numbers_are_not():
    words = nn.Sequential(nn.Embedding(6, 3), nn.Flatten(), nn.Linear(12, 3))
    tokens = torch.randint(6, (24, 4), generator=torch.Generator().manual_seed(0))
    single, double = (
        Problem.from_module(words, CROSS_ENTROPY, tokens, Y, dtype=dtype) for dtype in (torch.float32, torch.float64)
    )
    assert single.dtype == table(single).dtype == torch.float32
    assert single.data.inputs.dtype == torch.int64
    torch.testing.assert_close(table(single).double(), table(double), rtol=1e-4, atol=1e-5)
    assert torch.equal(table(single.to(torch.float64, torch.device("cpu"))), table(double))
    assert double.to(torch.float64, torch.device("cpu")) is double


def test_data_loaders_are_read_once_and_kept():
    inputs, targets = X[:10], Y[:10]
    model = between(nn.Tanh())
    held = Problem.from_module(model, CROSS_ENTROPY, inputs[:8], targets[:8])
    shuffled = DataLoader(TensorDataset(inputs, targets), batch_size=4, shuffle=True, drop_last=True)
    before = torch.get_rng_state()
    problem = Problem.from_module(model, CROSS_ENTROPY, shuffled)
    assert torch.equal(torch.get_rng_state(), before)
    assert problem.describe()["remarks"][1:] == [
        "the data loader shuffles: its samples were read once, in the order of its data set",
        "8 of 10 samples: the data loader gives no more, as with drop_last",
    ]
    assert torch.equal(table(problem), table(held))
    assert Problem.from_module(model, shuffled, CROSS_ENTROPY).fingerprint() == problem.fingerprint()  # the other order


class Stream(IterableDataset):
    def __iter__(self):
        yield from zip(X, Y, strict=True)


def batches_of_dictionaries():
    return [{"x": X[:10], "labels": Y[:10]}, {"x": X[10:], "labels": Y[10:]}]


@pytest.mark.parametrize(
    ("loader", "named"),
    [
        (DataLoader(Stream(), batch_size=5), False),
        ([(X[:10], Y[:10]), (X[10:], Y[10:])], False),
        ([[X[:10].numpy(), Y[:10].numpy()], [X[10:].numpy(), Y[10:].numpy()]], False),
        (({"input": X[:7], "target": Y[:7]}, {"input": X[7:], "target": Y[7:]}), False),
        (batches_of_dictionaries(), True),
        (iter(batches_of_dictionaries()), True),
    ],
)
def test_iterables_of_batches(model, loader, named):
    plain = Problem.from_module(model, CROSS_ENTROPY, X, Y)
    chosen = Model(lambda self, x: self.inner(x), inner=model) if named else model
    assert torch.equal(table(Problem.from_module(chosen, CROSS_ENTROPY, loader)), table(plain))


def test_several_inputs_and_named_ones(model):
    both = Model(lambda self, a, b: self.inner(torch.cat([a, b], 1)), inner=model)
    expected = table(Problem.from_module(model, CROSS_ENTROPY, X, Y))
    for inputs in ((X[:, :2], X[:, 2:]), {"b": X[:, 2:], "a": X[:, :2]}):
        assert torch.equal(table(Problem.from_module(both, CROSS_ENTROPY, inputs, Y)), expected)


@pytest.mark.parametrize(
    ("inputs", "targets", "message"),
    [
        (X, Y[:20], "inputs and targets must be as many as one another; there are 24 inputs, 20 targets"),
        (X[:0], Y[:0], "there are no samples"),
        (3, None, "inputs must be tensors, or a data loader: an iterable of batches"),
        ([], None, "the data loader gives no batch: it is empty, or has been read to its end"),
        ([X, X], None, "a batch must be a pair of inputs and targets or a dictionary; the data loader gives a Tensor"),
        (
            [{"x": X, "goal": Y}],
            None,
            "a batch is a dictionary with 'x', 'goal'; its targets must be called one of labels",
        ),
        ([(X, Y), (X[:, :3], Y)], None, "the batches of the data loader cannot be joined, as samples differ in shape"),
        (["a", "b"], Y, "inputs must be tensors or numeric arrays; there is a ndarray"),
    ],
)
def test_samples_that_are_refused(model, inputs, targets, message):
    with pytest.raises(ProblemError) as caught:
        Problem.from_module(model, CROSS_ENTROPY, inputs, targets)
    assert str(caught.value).startswith(message)


def test_modules_that_are_refused():
    class Old(nn.Module):
        def __deepcopy__(self, memo):
            raise RuntimeError("Only Tensors created explicitly by the user")

    for part, words in (
        (nn.Sequential(nn.LazyLinear(3)), "the model has lazy layers without a shape: run one batch through it first"),
        (nn.Linear(5, 3, dtype=torch.complex64), r"the model has complex parameters \(weight, bias\)"),
        (Old(), "use torch.nn.utils.parametrizations.weight_norm"),
    ):
        with pytest.raises(ProblemError, match=words):
            Problem.from_module(part, CROSS_ENTROPY, X, Y)


@pytest.mark.filterwarnings("ignore:`torch.jit.script:DeprecationWarning")
def test_a_scripted_module_is_refused():
    with pytest.raises(ProblemError, match=r"^the model is a TorchScript module, .+: give the original module$"):
        Problem.from_module(torch.jit.script(nn.Linear(5, 3)), CROSS_ENTROPY, X, Y)


def test_a_layer_that_changes_its_weights_is_refused():
    words = nn.Sequential(nn.Embedding(6, 3, max_norm=1.0), nn.Flatten(), nn.Linear(12, 3))
    tokens = torch.randint(6, (24, 4), generator=torch.Generator().manual_seed(0))
    with pytest.raises(ProblemError, match=r"the model changes its parameters .+ as Embedding\(max_norm=…\) does$"):
        Problem.from_module(words, CROSS_ENTROPY, tokens, Y)


@dataclass
class Answer:
    """As models of some libraries give it."""

    logits: torch.Tensor
    hidden: torch.Tensor


def test_logits_are_taken_for_a_loss_of_torchs_and_all_for_ones_own(model):
    answering = Model(lambda self, x: Answer(self.inner(x), x), inner=model)
    expected = table(Problem.from_module(model, CROSS_ENTROPY, X, Y))
    assert torch.equal(table(Problem.from_module(answering, CROSS_ENTROPY, X, Y)), expected)
    own = Problem.from_module(
        answering, lambda answer, t: nn.functional.cross_entropy(answer.logits, t, reduction="none"), X, Y
    )
    assert torch.equal(table(own), expected)


def test_class_weights_normalised_over_all_samples():
    """Terms 5.6390 and 4.9593, and torch's mean of 1.0598 of both together."""
    logits = torch.tensor([[0.2, 0.3, 0.5], [0.5, 0.2, 0.3]])
    model = nn.Linear(3, 3, bias=False)
    model.weight.data = torch.eye(3)
    loss, targets = copy.deepcopy(WEIGHTED), torch.tensor([2, 1])
    with pytest.raises(ProblemError, match='or pass normalise="samples"'):
        Problem.from_module(model, loss, logits, targets)
    problem = Problem.from_module(model, loss, logits, targets, normalise="samples")
    losses = problem(torch.tensor(problem.start)[None])[0]
    np.testing.assert_allclose(losses / problem.scale, [5.6390, 4.9593], rtol=0, atol=5e-5)
    assert float(losses.mean()) == pytest.approx(1.0598, abs=5e-5)
    assert "multiplied by 0.2: their mean" in problem.describe()["remarks"][1]


def test_what_is_ignored_normalised_over_all_samples(model):
    loss = nn.CrossEntropyLoss(ignore_index=1)
    problem = Problem.from_module(model, loss, X, Y, normalise="samples")
    losses = problem(torch.tensor(problem.start)[None])[0]
    assert (losses[Y == 1] == 0).all()
    assert float(losses.mean()) == pytest.approx(loss(model.double()(X.double()), Y).item(), rel=1e-12)


def test_outputs_that_are_picked(model):
    dictionary = Model(lambda self, x: {"scores": self.inner(x)}, inner=model)
    problem = Problem.from_module(dictionary, CROSS_ENTROPY, X, Y, output=lambda found: found["scores"])
    assert torch.equal(table(problem), table(Problem.from_module(model, CROSS_ENTROPY, X, Y)))


def test_rows_are_selected_and_identities_tell_problems_apart(model):
    problem = Problem.from_module(model, CROSS_ENTROPY, X, Y)
    rows = np.array([5, 2, 11])
    assert torch.equal(table(problem.select(rows)), table(problem)[:, :, rows]) or torch.allclose(
        table(problem.select(rows)), table(problem)[:, :, rows], rtol=1e-12
    )
    same = Problem.from_module(copy.deepcopy(model), nn.CrossEntropyLoss(), X.clone(), Y.clone())
    assert same.fingerprint() == problem.fingerprint()
    moved = copy.deepcopy(model)
    moved[2].bias.data[0] += 1e-3
    frozen = copy.deepcopy(model)
    frozen[0].bias.requires_grad_(False)
    factor = [1.0]
    others = [
        Problem.from_module(moved, CROSS_ENTROPY, X, Y),
        Problem.from_module(frozen, CROSS_ENTROPY, X, Y),
        Problem.from_module(model, nn.CrossEntropyLoss(label_smoothing=0.1), X, Y),
        Problem.from_module(model, CROSS_ENTROPY, X, torch.roll(Y, 1)),
        Problem.from_module(model, CROSS_ENTROPY, X, Y, dtype=torch.float32),
        Problem.from_module(nn.Sequential(*model[:1], nn.Sigmoid(), *model[2:]), CROSS_ENTROPY, X, Y),
        problem.select(rows),
        MLPProblem.from_data(X.double().numpy(), Y.numpy(), hidden=(8,)),
    ]
    with_factor = Problem.from_module(model, lambda y, t: factor[0] * nn.functional.cross_entropy(y, t), X, Y)
    others.append(with_factor)
    prints = [one.fingerprint() for one in [problem, *others]]
    assert len(set(prints)) == len(prints)
    factor[0] = 2.0  # nothing that is written down in the problem
    assert with_factor.fingerprint() != prints[-1]


def test_a_function_of_named_parameters_or_of_one():
    x, t = np.array([0.0, 1.0, 3.0]), np.array([1.0, -1.0, 2.0])
    named = Problem.from_function(
        lambda line, x, t: 0.5 * (line["slope"] * x + line["offset"] - t) ** 2, {"slope": 2.0, "offset": -1.0}, x, t
    )
    assert named.shapes == {"slope": (), "offset": ()}
    flat = Problem.from_function(lambda p, x, t: 0.5 * (p[0] * x + p[1] - t) ** 2, [2.0, -1.0], x, t)
    assert flat.shapes == {"theta": (2,)}
    theta, direction = torch.tensor([[0.5, 2.0]], dtype=torch.float64), torch.tensor([[0.6, 0.8]], dtype=torch.float64)
    error = 0.5 * x + 2.0 - t
    for problem in (named, flat):
        assert problem.start.tolist() == [2.0, -1.0]
        losses, (slopes,) = problem.loss_and_slopes(theta, direction)
        np.testing.assert_allclose(losses[0], 0.5 * error**2, rtol=1e-14)
        np.testing.assert_allclose(slopes[0], error * (0.6 * x + 0.8), rtol=1e-13)
        assert problem.check() == ()
        assert problem.select(np.array([2, 0]))(theta).tolist() == losses[:, [2, 0]].tolist()
    with pytest.raises(ProblemError, match="give the samples too"):
        Problem.from_function(lambda p: p, [1.0])
    with pytest.raises(ProblemError, match="samples are coupled by the loss"):
        Problem.from_function(lambda p, x, t: (p * (x - x.mean()) - t) ** 2, 1.0, x, t)


def test_modules_that_act_otherwise_in_training_are_named():
    model = between(nn.BatchNorm1d(8), nn.Dropout(0.0), nn.Dropout(0.2))
    words = r"^1 \(BatchNorm1d\), 3 \(Dropout\) came in train\(\) mode and would act otherwise there; the copy"
    with pytest.warns(UserWarning, match=words):
        problem = Problem.from_module(model, CROSS_ENTROPY, X, Y)
    assert any("came in train() mode" in one for one in problem.describe()["remarks"])
    quiet = Problem.from_module(model.eval(), CROSS_ENTROPY, X, Y)  # filterwarnings would raise
    assert not any("came in train() mode" in one for one in quiet.describe()["remarks"])
    assert torch.equal(table(quiet), table(problem))


def test_a_line_says_what_a_problem_is():
    assert repr(Problem.from_module(between(nn.Tanh()), CROSS_ENTROPY, X, Y)) == (
        f"<ModuleProblem: {len(X)} samples, {sum(one.numel() for one in between(nn.Tanh()).parameters())} parameters>"
    )
    assert repr(PROBLEMS["digits-mlp"].make(torch.float64, torch.device("cpu"))) == (
        "<MLPProblem: 1,797 samples, 2,410 parameters>"
    )
