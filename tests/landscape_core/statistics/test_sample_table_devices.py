"""Sample tables on other devices, and where memory runs out."""

import numpy as np
import pytest
import reference
import tolerances
import torch
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.overrides import TorchFunctionMode

from landscape_core.geometry import grid
from landscape_core.problems.problem import Linearised
from landscape_core.random_streams import Purpose
from landscape_core.sampling.minibatches import Batches, batch_means
from landscape_core.statistics import moments as statistics
from landscape_core.statistics import sample_table
from landscape_core.study.plane import build_problem
from landscape_core.study.spec import StudySpec

CPU = torch.device("cpu")


class Elsewhere(TorchFunctionMode):
    """Lets tensors without values answer `if`, and start in another place than the array that they are made of."""

    def __torch_function__(self, function, types, args=(), kwargs=None):
        if function is torch.Tensor.__bool__:
            return False
        return function(*args, **(kwargs or {}))


def test_nothing_is_left_on_the_cpu_by_mistake(frame):
    """With tensors that have shapes and devices only, any operation that mixes two devices raises."""
    away = torch.device("meta")
    coordinates = grid.plane(grid.axis(1.0, 4))
    with FakeTensorMode(), Elsewhere():
        with pytest.raises(RuntimeError, match="device"):
            torch.zeros(3, device=away) + torch.zeros(3)
        task = build_problem(StudySpec(), away)
        for loss in (task, reference.opaque(task)):
            table = sample_table.tabulate(loss, *frame, coordinates, samples=150, device=away)
            slope = table.slope(grid.unit(30.0))
            turned = table.slope(np.repeat(grid.unit(30.0)[None], 16, axis=0))
            assert {tensor.device for tensor in (*reference.columns(table), slope, turned)} == {away}
        for size in (1, 10, 140, 150):
            moments = statistics.RunningMoments()
            for means in batch_means((table.loss, slope), Batches(size, 0, Purpose.PLANE), range(3)):
                assert {mean.device for mean in means} == {away}
                moments.add(means[0])
            assert {moments.mean.device, moments.sd().device} == {away}


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device is available here")
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_cuda_agrees_with_the_cpu(frame, dtype):
    tolerance = tolerances.TABLE if dtype == "float64" else tolerances.TABLE_FLOAT32
    tables = [
        sample_table.tabulate(
            build_problem(StudySpec(dtype=dtype), torch.device(device)),
            *frame,
            reference.some_points(20.0, 50, seed=0),
            samples=150,
            dtype=getattr(torch, dtype),
            device=device,
        )
        for device in ("cpu", "cuda")
    ]
    for one, other in zip(reference.columns(tables[0]), reference.columns(tables[1]), strict=True):
        torch.testing.assert_close(one, other.cpu(), **tolerance)


@pytest.mark.parametrize(
    "problem",
    [
        torch.OutOfMemoryError("CUDA out of memory"),
        MemoryError(),
        RuntimeError("DefaultCPUAllocator: can't allocate memory"),
    ],
)
def test_where_memory_runs_out_smaller_chunks_are_evaluated(task, frame, caplog, problem):
    start, directions = frame
    coordinates = reference.some_points(20.0, 250, seed=4)
    asked = []

    class Narrow(Linearised):
        """The same loss where only 30 points fit into memory."""

        def __call__(self, theta):
            return task(theta)

        def loss_and_slopes(self, theta, along):
            asked.append(len(theta))
            if len(theta) > 30:
                raise problem
            return task.loss_and_slopes(theta, along)

    made = sample_table.tabulate(Narrow(), start, directions, coordinates, samples=150)
    plain = sample_table.tabulate(task, start, directions, coordinates, samples=150)
    assert [size for size in asked if size > 30] == asked[:2] == [100, 50]
    assert sum(size for size in asked if size <= 30) == 250
    for one, other in zip(reference.columns(made), reference.columns(plain), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-12)
    assert "chunks of 25 points" in caplog.text


def test_where_not_even_a_point_fits_it_is_said(task, frame):
    start, directions = frame
    asked = []

    def nothing(theta):
        asked.append(len(theta))
        raise torch.OutOfMemoryError("CUDA out of memory")

    with pytest.raises(torch.OutOfMemoryError):
        sample_table.tabulate(
            nothing, start, directions, reference.some_points(20.0, 250, seed=4), samples=150, slopes=False
        )
    assert asked == [100, 50, 25, 12, 6, 3, 1]


def test_other_errors_of_a_loss_are_not_tried_again(frame):
    start, directions = frame
    asked = []

    def broken(theta):
        asked.append(len(theta))
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    with pytest.raises(RuntimeError, match="shapes cannot"):
        sample_table.tabulate(
            broken, start, directions, reference.some_points(20.0, 250, seed=4), samples=150, slopes=False
        )
    assert asked == [100]
