"""The paper's plane as a torch user would write it: a loop over points and mini-batches, a backward pass each."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from measurements import AGREEMENT, round_digits
from numpy import ndarray
from torch import Tensor
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from landscape_core import StudyResult
from landscape_core.geometry import grid
from landscape_core.study.plane import HIDDEN_UNITS


def order_as_module(sizes: tuple[int, ...]) -> ndarray:
    """Where each parameter of an `nn.Sequential` of `nn.Linear` sits in the engine's flat vector."""
    order: list[ndarray] = []
    start = 0
    for fan_in, fan_out in pairwise(sizes):
        layer = start + np.arange((fan_in + 1) * fan_out).reshape(fan_in + 1, fan_out)
        order += [layer[:-1].T.ravel(), layer[-1]]
        start += layer.size
    return np.concatenate(order)


def create_module() -> torch.nn.Sequential:
    """The paper's network as a torch user writes it."""
    return torch.nn.Sequential(
        torch.nn.Linear(4, HIDDEN_UNITS), torch.nn.Sigmoid(), torch.nn.Linear(HIDDEN_UNITS, 3), torch.nn.Sigmoid()
    ).double()


class PlainLoop:
    """One point, one mini-batch, one backward pass at a time, on the data, start point and directions of a result."""

    def __init__(self, result: StudyResult) -> None:
        order = order_as_module((4, HIDDEN_UNITS, 3))
        self.model = create_module()
        self.inputs, self.targets = torch.tensor(result.inputs), torch.tensor(result.targets)
        self.start = torch.tensor(result.theta0[order])
        self.d1, self.d2 = (torch.tensor(direction[order]) for direction in result.directions)
        self.diagonal = (self.d1 + self.d2) / np.sqrt(2)
        self.points = grid.plane(result.axis).tolist()

    def move_to(self, point: int) -> None:
        """Set the parameters to those of a point of the plane."""
        a, b = self.points[point]
        vector_to_parameters(self.start + a * self.d1 + b * self.d2, self.model.parameters())

    def evaluate(self, batch: Tensor) -> tuple[float, float]:
        """Loss and slope along the diagonal of one mini-batch."""
        error = self.model(self.inputs[batch]) - self.targets[batch]
        loss = 0.5 * (error**2).sum(1).mean()
        self.model.zero_grad()
        loss.backward()
        gradient = parameters_to_vector([parameter.grad for parameter in self.model.parameters()])
        return loss.item(), (gradient @ self.diagonal).item()

    def moments(self, points: range, draws: int, batch_size: int) -> ndarray:
        """Mean and SD of loss and slope, (points, 4). Parameters are set once a point, which is the cheaper order."""
        found = np.empty((len(points), 4))
        for row, point in enumerate(points):
            self.move_to(point)
            values = np.array(
                [self.evaluate(torch.randperm(len(self.inputs))[:batch_size]) for _ in range(draws)],
            )
            found[row] = *values.mean(0), *values.std(0, ddof=1)
        return found


def check_problem(loop: PlainLoop, result: StudyResult) -> float:
    """Largest difference between the loop's and the engine's full-batch values at 50 points; raises if not rounding."""
    largest = 0.0
    everything = torch.arange(len(result.inputs))
    for point in range(0, len(loop.points), len(loop.points) // 50):
        loop.move_to(point)
        engine = result.full_loss.flat[point], result.full_slope.flat[point]
        largest = max(largest, *np.abs(np.subtract(loop.evaluate(everything), engine)).tolist())
    assert largest < AGREEMENT, f"the loop and the engine compute different things: {largest}"
    return largest


def check_surfaces(found: ndarray, points: ndarray, result: StudyResult) -> dict[str, float]:
    """Whether the loop's surfaces differ from the engine's by no more than sampling does; raises if not.

    Of z = (mean of the loop − exact mean) / (exact SD / √draws) the mean square is 1 whatever the distribution. Where the
    exact SD is below 1e-9 (saturated units) there is nothing to standardise.
    """
    draws = result.spec.draws
    numbers: dict[str, float] = {}
    assert result.sampled_mean_loss is not None
    assert result.sampled_mean_slope is not None
    for column, (name, ours) in enumerate((("loss", result.sampled_mean_loss), ("slope", result.sampled_mean_slope))):
        exact = getattr(result, f"mean_{name}").ravel()[points]
        sd = getattr(result, f"sd_{name}").ravel()[points]
        varied = sd > 1e-9
        error = (sd / np.sqrt(draws))[varied]
        z = (found[:, column] - exact)[varied] / error
        both = (found[:, column] - ours.ravel()[points])[varied] / (error * np.sqrt(2))
        tolerance = 8 / np.sqrt(len(z))
        numbers[f"{name}_rms_z"] = round_digits(float(np.sqrt(np.mean(z**2))))
        numbers[f"{name}_max_abs_z"] = round_digits(float(np.abs(z).max()))
        numbers[f"{name}_rms_z_sampled"] = round_digits(float(np.sqrt(np.mean(both**2))))
        numbers[f"{name}_sd_ratio"] = round_digits(float(np.mean(found[:, 2 + column][varied] / sd[varied])))
        assert abs(numbers[f"{name}_rms_z"] - 1) < tolerance, numbers
        assert abs(numbers[f"{name}_rms_z_sampled"] - 1) < tolerance, numbers
        assert abs(numbers[f"{name}_sd_ratio"] - 1) < 0.05, numbers
        assert np.abs(found[:, column] - exact)[~varied].max(initial=0.0) < 1e-8
    return numbers
