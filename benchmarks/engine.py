"""The engine against what a user would write, against a peer, and against its own limit: side by side, in one run.

    python benchmarks/engine.py            # about five minutes; writes benchmarks/results/engine.json
    python benchmarks/engine.py --quick    # under a minute; the plain loop is extrapolated, nothing is written

The case is the paper's: Iris, sigmoid, 4-10-3, a plane of 100 × 100 points on ±20, float64, one thread. What is compared
takes turns, so that whatever else the machine does falls on both sides. Bars are ratios; seconds are only their parts.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
from numpy import ndarray
from rich.console import Console
from rich.table import Table
from threadpoolctl import threadpool_limits
from torch import Tensor
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from landscape_core import RaceSpec, StudyResult, StudySpec, geometry, race, run_race, statistics, study
from landscape_core.activations import ACTIVATIONS, LEAKY_SLOPE
from landscape_core.line_search.search import Search
from landscape_core.problem import HIDDEN_UNITS, problem
from landscape_core.race import RaceResult
from landscape_core.randomness import Purpose
from landscape_core.sampling import Batches, batch_means
from landscape_core.tabulate import SampleTable, tabulate

CASE = StudySpec(activation="sigmoid", domain="global", range=20.0, resolution=100, draws=50, seed=12735)
RESULTS = Path(__file__).parent / "results" / "engine.json"
CPU = torch.device("cpu")

LOOP_SEGMENTS = 10
"""Parts of the plain loop; ours takes its turn after each."""

NUMPY_CHUNKS = (20, 40, 80, 160, 320)
"""Points at a time that the numpy pass is tried with; the fastest is kept."""

AGREEMENT = 1e-12
"""Largest difference between two computations of one table, relative to the largest value in it (at least 1)."""


@dataclass
class Clock:
    """Repeated timings of one thing: wall and CPU seconds."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def run(self, work: Callable[[], Any]) -> Any:  # noqa: ANN401  whatever the work returns
        """Time one call."""
        wall, cpu = time.perf_counter(), time.process_time()
        found = work()
        self.cpu.append(time.process_time() - cpu)
        self.wall.append(time.perf_counter() - wall)
        return found

    def summary(self) -> dict[str, float | int]:
        """Medians, the fastest and the slowest."""
        return {
            "wall_s": _digits(median(self.wall)),
            "cpu_s": _digits(median(self.cpu)),
            "wall_min_s": _digits(min(self.wall)),
            "wall_max_s": _digits(max(self.wall)),
            "repeats": len(self.wall),
        }


# ---------------------------------------------------------------------------------------- 1: what a user would write


def module_order(sizes: tuple[int, ...]) -> ndarray:
    """Where each parameter of an `nn.Sequential` of `nn.Linear` sits in the engine's flat vector."""
    order: list[ndarray] = []
    start = 0
    for fan_in, fan_out in pairwise(sizes):
        layer = start + np.arange((fan_in + 1) * fan_out).reshape(fan_in + 1, fan_out)
        order += [layer[:-1].T.ravel(), layer[-1]]
        start += layer.size
    return np.concatenate(order)


def module() -> torch.nn.Sequential:
    """The paper's network as a torch user writes it."""
    return torch.nn.Sequential(
        torch.nn.Linear(4, HIDDEN_UNITS), torch.nn.Sigmoid(), torch.nn.Linear(HIDDEN_UNITS, 3), torch.nn.Sigmoid()
    ).double()


class PlainLoop:
    """One point, one mini-batch, one backward pass at a time, on the data, start point and directions of a result."""

    def __init__(self, result: StudyResult) -> None:
        order = module_order((4, HIDDEN_UNITS, 3))
        self.model = module()
        self.inputs, self.targets = torch.tensor(result.inputs), torch.tensor(result.targets)
        self.start = torch.tensor(result.theta0[order])
        self.d1, self.d2 = (torch.tensor(direction[order]) for direction in result.directions)
        self.diagonal = (self.d1 + self.d2) / np.sqrt(2)
        self.points = geometry.plane(result.axis).tolist()

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


def same_problem(loop: PlainLoop, result: StudyResult) -> float:
    """Largest difference between the loop's and the engine's full-batch values at 50 points; raises if not rounding."""
    largest = 0.0
    everything = torch.arange(len(result.inputs))
    for point in range(0, len(loop.points), len(loop.points) // 50):
        loop.move_to(point)
        engine = result.full_loss.flat[point], result.full_slope.flat[point]
        largest = max(largest, *np.abs(np.subtract(loop.evaluate(everything), engine)).tolist())
    assert largest < AGREEMENT, f"the loop and the engine compute different things: {largest}"
    return largest


def same_surfaces(found: ndarray, points: ndarray, result: StudyResult) -> dict[str, float]:
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
        numbers[f"{name}_rms_z"] = _digits(float(np.sqrt(np.mean(z**2))))
        numbers[f"{name}_max_abs_z"] = _digits(float(np.abs(z).max()))
        numbers[f"{name}_rms_z_sampled"] = _digits(float(np.sqrt(np.mean(both**2))))
        numbers[f"{name}_sd_ratio"] = _digits(float(np.mean(found[:, 2 + column][varied] / sd[varied])))
        assert abs(numbers[f"{name}_rms_z"] - 1) < tolerance, numbers
        assert abs(numbers[f"{name}_rms_z_sampled"] - 1) < tolerance, numbers
        assert abs(numbers[f"{name}_sd_ratio"] - 1) < 0.05, numbers
        assert np.abs(found[:, column] - exact)[~varied].max(initial=0.0) < 1e-8
    return numbers


# ------------------------------------------------------------------------------------------ 2 and 3: ours, three ways


def plane_table(spec: StudySpec, result: StudyResult) -> SampleTable:
    """The table of the plane alone, data and network included."""
    return tabulate(
        problem(spec, CPU), result.theta0, result.directions, geometry.plane(result.axis), samples=spec.samples
    )


def sampled_plane(spec: StudySpec, result: StudyResult) -> list[Tensor]:
    """Mean and SD over the draws on the plane, without the lines."""
    table = plane_table(spec, result)
    values = table.loss, table.slope(geometry.unit(spec.slope_angle))
    moments = [statistics.RunningMoments() for _ in values]
    for means in batch_means(values, Batches(spec.batch_size, spec.batch_seed, Purpose.PLANE), range(spec.draws)):
        for moment, mean in zip(moments, means, strict=True):
            moment.add(mean)
    return [surface for moment in moments for surface in (moment.mean, moment.sd())]


def exact_plane(spec: StudySpec, result: StudyResult) -> list[ndarray]:
    """Exact mean and SD over all mini-batches on the plane."""
    table = plane_table(spec, result)
    values = table.loss, table.slope(geometry.unit(spec.slope_angle))
    return [surface for value in values for surface in _exact_moments(value, spec.batch_size)]


def _exact_moments(value: Tensor, batch_size: int) -> tuple[ndarray, ndarray]:
    return statistics.full_batch(value), statistics.exact_sd(value, batch_size)


def against_the_loop(quick: bool, report: Report) -> StudyResult:
    """The plain loop in segments, with a turn of each of ours after every one."""
    spec = CASE
    result = study.run(spec)  # the warm-up, and the common problem
    loop = PlainLoop(result)
    report.checks["loop_full_batch_max_difference"] = same_problem(loop, result)
    torch.manual_seed(0)
    total = len(loop.points)
    stride = 50 if quick else 1
    plain, ours = Clock(), {"study": Clock(), "sampled": Clock(), "exact": Clock()}
    work = {
        "study": lambda: study.run(spec),
        "sampled": lambda: sampled_plane(spec, result),
        "exact": lambda: exact_plane(spec, result),
    }
    for warm in work.values():
        warm()
    found, points = [], []
    for segment in range(LOOP_SEGMENTS):
        part = range(segment * stride, total, LOOP_SEGMENTS * stride)
        found.append(plain.run(lambda part=part: loop.moments(part, spec.draws, spec.batch_size)))
        points.append(np.array(part))
        for name, clock in ours.items():
            again = clock.run(work[name])
        report.say(f"plain loop: {segment + 1} of {LOOP_SEGMENTS} parts, {sum(plain.wall):.0f} s")
    assert np.array_equal(again[0], result.mean_loss.ravel())
    assert np.array_equal(again[3], result.sd_slope.ravel())
    report.checks |= same_surfaces(np.concatenate(found), np.concatenate(points), result)

    evaluations = sum(map(len, points)) * spec.draws
    scale = total * spec.draws / evaluations
    report.timings["plain torch loop, 50 draws"] = {
        "wall_s": _digits(sum(plain.wall) * scale),
        "cpu_s": _digits(sum(plain.cpu) * scale),
        "evaluations_run": evaluations,
        "extrapolated": quick,
        "repeats": 1,
    }
    names = {
        "study": "ours: whole study, 50 draws",
        "sampled": "ours: plane alone, 50 draws",
        "exact": "ours: plane alone, exact mean and SD",
    }
    for key, limit in (("study", 1 / 60), ("sampled", None), ("exact", 1 / 300)):
        report.timings[names[key]] = ours[key].summary()
        report.ratio(f"{names[key]} / plain torch loop", names[key], "plain torch loop, 50 draws", limit)
    return result


# ------------------------------------------------------------------------------------------------- 4: against a peer


def against_loss_landscapes(result: StudyResult, repeats: int, report: Report) -> None:
    """Loss alone on 100 × 100 points, against `loss_landscapes.random_plane`.

    What has to be known of 3.0.6 to call it: `distance` divides, so that ‖θ‖ / (2 · half-width) asks for the half-width;
    directions are its own; with `deepcopy_model` left at its default it moves the model it is given, so the model is put
    back before every turn, outside the time.
    """
    import loss_landscapes
    import loss_landscapes.metrics

    spec = CASE
    loop = PlainLoop(result)
    start = loop.start
    model = loop.model

    def half_squared_error(outputs: Tensor, targets: Tensor) -> Tensor:
        return 0.5 * ((outputs - targets) ** 2).sum(1).mean()

    metric = loss_landscapes.metrics.Loss(half_squared_error, loop.inputs, loop.targets)
    distance = float(start.norm()) / (2 * spec.range)
    plane = geometry.plane(result.axis)
    task = problem(spec, CPU)

    def ours() -> ndarray:
        table = tabulate(task, result.theta0, result.directions, plane, samples=spec.samples, slopes=False)
        return statistics.full_batch(table.loss)

    def theirs() -> ndarray:
        return loss_landscapes.random_plane(model, metric, distance=distance, steps=spec.resolution)

    clocks = Clock(), Clock()
    for turn in range(repeats + 1):
        with torch.no_grad():
            vector_to_parameters(start.clone(), model.parameters())
        for clock, work in zip(clocks, (ours, theirs), strict=True):
            surface = (clock if turn else Clock()).run(work)  # the first turn is the warm-up
            assert surface.size == spec.resolution**2
            assert np.isfinite(surface).all()
    assert np.allclose(ours(), result.full_loss.ravel(), rtol=0, atol=AGREEMENT)
    report.timings["ours: loss alone"] = clocks[0].summary()
    report.timings["loss-landscapes: loss alone"] = clocks[1].summary()
    report.ratio(
        "ours: loss alone / loss-landscapes random_plane", "ours: loss alone", "loss-landscapes: loss alone", 1.0
    )


# --------------------------------------------------------------------------------------------- 5: against the limit

Function = Callable[[ndarray], ndarray]

NUMPY_ACTIVATIONS: dict[str, tuple[Function, Callable[[ndarray, ndarray], ndarray]]] = {
    "sigmoid": (lambda z: 1.0 / (1.0 + np.exp(-z)), lambda _, y: y * (1.0 - y)),
    "tanh": (np.tanh, lambda _, y: 1.0 - y * y),
    "softsign": (lambda z: z / (1.0 + np.abs(z)), lambda z, _: 1.0 / np.square(1.0 + np.abs(z))),
    "relu": (lambda z: np.maximum(z, 0.0), lambda z, _: (z > 0).astype(z.dtype)),
    "leaky_relu": (lambda z: np.maximum(z, LEAKY_SLOPE * z), lambda z, _: np.where(z > 0, 1.0, LEAKY_SLOPE)),
    "elu": (
        lambda z: np.where(z > 0, z, np.exp(np.minimum(z, 0.0)) - 1.0),
        lambda z, y: np.where(z > 0, 1.0, y + 1.0),
    ),
}


def numpy_table(result: StudyResult, chunk: int) -> list[ndarray]:
    """Losses and slopes along d1 and d2, written by hand for this very network: one hidden layer, half squared error.

    Forward tangents, layer by layer. The first layer is one matrix product for all points of a chunk, and its tangents
    are the same at every point.
    """
    value, derivative = NUMPY_ACTIVATIONS[result.spec.activation]
    features = np.vstack([result.inputs.T, np.ones(len(result.inputs))])
    targets = np.ascontiguousarray(result.targets.T)
    hidden, outputs, samples = HIDDEN_UNITS, len(targets), len(result.inputs)
    split = len(features) * hidden

    def unpack(flat: ndarray) -> tuple[ndarray, ndarray, ndarray]:
        first = flat[..., :split].reshape(*flat.shape[:-1], -1, hidden).swapaxes(-1, -2)
        second = flat[..., split:].reshape(*flat.shape[:-1], hidden + 1, outputs).swapaxes(-1, -2)
        return first, np.ascontiguousarray(second[..., :-1]), second[..., -1:]

    turns, turns_out, shifts = unpack(result.directions)
    moved = turns @ features
    coordinates = geometry.plane(result.axis)
    table = [np.empty((len(coordinates), samples)) for _ in range(3)]
    for begin in range(0, len(coordinates), chunk):
        part = slice(begin, begin + chunk)
        first, second, bias = unpack(result.theta0 + coordinates[part] @ result.directions)
        before = (first.reshape(-1, len(features)) @ features).reshape(-1, hidden, samples)
        values = value(before)
        slope = derivative(before, values)
        before = second @ values
        before += bias
        found = value(before)
        error = found - targets
        pull = derivative(before, found)
        pull *= error
        for column, turn, turn_out, shift in zip(table[1:], moved, turns_out, shifts, strict=True):
            tangent = second @ (slope * turn)
            tangent += turn_out @ values
            tangent += shift
            tangent *= pull
            tangent.sum(1, out=column[part])
        error *= error
        error.sum(1, out=table[0][part])
        table[0][part] *= 0.5
    return table


def against_the_limit(activation: str, repeats: int, report: Report) -> None:
    """The engine's table against the numpy pass, for one activation."""
    spec = CASE.replace(activation=activation, draws=0)
    result = study.run(spec)
    task = problem(spec, CPU)
    plane = geometry.plane(result.axis)

    def ours() -> SampleTable:
        return tabulate(task, result.theta0, result.directions, plane, samples=spec.samples)

    tried = {chunk: Clock() for chunk in NUMPY_CHUNKS}
    for _ in range(3):
        for chunk, clock in tried.items():
            clock.run(lambda chunk=chunk: numpy_table(result, chunk))
    best = min(NUMPY_CHUNKS, key=lambda chunk: min(tried[chunk].cpu))

    clocks = Clock(), Clock()
    for _ in range(repeats):
        table = clocks[0].run(ours)
        limit = clocks[1].run(lambda: numpy_table(result, best))
    largest = max(
        float(np.abs(mine.numpy() - its).max() / max(1.0, np.abs(its).max()))
        for mine, its in zip((table.loss, *table.slopes), limit, strict=True)
    )
    report.checks[f"table_{activation}_max_difference"] = _digits(largest)
    report.agree(f"table of {activation} and numpy pass", largest, AGREEMENT)
    names = f"ours: table, {activation}", f"numpy: table, {activation}"
    report.timings[names[0]] = clocks[0].summary()
    report.timings[names[1]] = {**clocks[1].summary(), "points_at_a_time": best}
    report.ratio(f"ours: table / numpy pass, {activation}", *names, 2.0)


# --------------------------------------------------------------------------------------------------------- 6: races


def against_one_at_a_time(repeats: int, report: Report) -> None:
    """500 races of all searches on four lines; and with the arithmetic of each probabilistic search done by itself."""
    spec = RaceSpec()

    def alone() -> RaceResult:
        def each(searches: Sequence[Search], told: Iterable[Sequence[float]]) -> None:
            for search, numbers in zip(searches, told, strict=True):
                search.tell(*numbers)

        with patch.object(race, "tell_all", each):
            return run_race(spec, device="cpu")

    clocks = Clock(), Clock()
    for _ in range(repeats):
        together = clocks[0].run(lambda: run_race(spec, device="cpu"))
        apart = clocks[1].run(alone)
    report.agree("races together and one at a time", float(np.abs(together.stops - apart.stops).max()), 0.0)
    names = "ours: 500 races on four lines", "the same, each search by itself"
    for name, clock in zip(names, clocks, strict=True):
        report.timings[name] = clock.summary()
    report.ratio("ours: 500 races on four lines / each search by itself", *names, 0.6)


# -------------------------------------------------------------------------------------------------------- 7: memory


def memory_probe(resolution: int) -> dict[str, int]:
    """Run one study in this process and say what it took, in bytes."""
    torch.set_num_threads(1)
    spec = CASE.replace(resolution=resolution)
    before = _resident()
    result = study.run(spec)
    peak = _peak()
    arrays = sum(array.nbytes for name in study.ARRAY_FIELDS if (array := getattr(result, name)) is not None)
    return {"before": before, "peak": peak, "arrays": arrays, "used": peak - before - arrays}


def _resident() -> int:
    import psutil

    return int(psutil.Process().memory_info().rss)


def _peak() -> int:
    """The most memory that this program has held. Linux's VmHWM, as ru_maxrss can be inherited from who started it."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def memory(report: Report) -> None:
    """A study of 400 × 400 points with 50 draws, in a fresh process."""
    clock = Clock()
    command = [sys.executable, __file__, "--memory-probe", "400"]
    done = clock.run(lambda: subprocess.run(command, capture_output=True, text=True, check=True))
    report.memory = json.loads(done.stdout)
    report.bar("memory of a study at 400 × 400, 50 draws, in GB", report.memory["used"] / 1e9, 1.5)


# -------------------------------------------------------------------------------------------------------- reporting


@dataclass
class Report:
    """What was measured."""

    console: Console
    quick: bool
    timings: dict[str, dict[str, Any]] = field(default_factory=dict)
    bars: list[dict[str, Any]] = field(default_factory=list)
    ratios: list[dict[str, Any]] = field(default_factory=list)
    checks: dict[str, float] = field(default_factory=dict)
    memory: dict[str, int] = field(default_factory=dict)

    def say(self, text: str) -> None:
        """Progress, to the reader at the terminal."""
        self.console.print(f"[dim]{text}[/dim]")

    def ratio(self, name: str, ours: str, other: str, limit: float | None) -> None:
        """Our seconds over another's; with a limit, a bar. The wall decides; CPU seconds stand beside."""
        wall, cpu = (self.timings[ours][clock] / self.timings[other][clock] for clock in ("wall_s", "cpu_s"))
        self.ratios.append({"name": name, "wall": _digits(wall), "cpu": _digits(cpu), "limit": limit})
        if limit is not None:
            self.bar(name, wall, limit)

    def agree(self, name: str, difference: float, limit: float) -> None:
        """Two computations of one thing: their difference as a bar."""
        self.bar(f"agreement: {name}", difference, limit)

    def bar(self, name: str, measured: float, limit: float) -> None:
        """A bar is met if what was measured is at most the limit."""
        self.bars.append({"name": name, "measured": _digits(measured), "limit": limit, "met": bool(measured <= limit)})

    def show(self) -> None:
        """The tables."""
        seconds = Table(title="Seconds (medians)" + (", the plain loop extrapolated" if self.quick else ""))
        for title in ("", "wall", "CPU", "fastest", "slowest", "runs"):
            seconds.add_column(title, justify="right" if title else "left")
        for name, row in self.timings.items():
            spread = (f"{row[key]:.3f}" if key in row else "" for key in ("wall_min_s", "wall_max_s"))
            seconds.add_row(name, f"{row['wall_s']:.3f}", f"{row['cpu_s']:.3f}", *spread, str(row["repeats"]))
        bars = Table(title="Bars (met: measured ≤ limit)")
        for title in ("", "measured", "limit", "met"):
            bars.add_column(title, justify="right" if title else "left")
        for row in self.bars:
            bars.add_row(row["name"], _share(row["measured"]), _share(row["limit"]), "yes" if row["met"] else "NO")
        self.console.print(seconds)
        self.console.print(bars)


def environment() -> dict[str, Any]:
    """What decides the seconds."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [line.split(":", 1)[1].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    packages = ("batchscape", "torch", "numpy", "loss-landscapes", "scikit-learn")
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "cpu": model,
        "cpus": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{name: version(name) for name in packages},
    }


def _digits(value: float) -> float:
    """Four significant digits."""
    return float(f"{value:.4g}")


def _share(value: float) -> str:
    """A ratio as a reader likes it."""
    if value < 1e-6:
        return f"{value:.1e}"
    return f"1/{1 / value:.0f}" if value < 0.1 else f"{value:.3g}"


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one fiftieth of the plain loop, fewer repeats")
    parser.add_argument("--out", type=Path, help="where to write; without --quick benchmarks/results/engine.json")
    parser.add_argument("--memory-probe", type=int, metavar="POINTS", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.memory_probe:
        print(json.dumps(memory_probe(arguments.memory_probe)))
        return

    out: Path | None = arguments.out or (None if arguments.quick else RESULTS)
    torch.set_num_threads(1)
    report = Report(Console(), arguments.quick)
    repeats = 5 if arguments.quick else 11
    before, began = os.getloadavg(), time.perf_counter()
    with threadpool_limits(limits=1):
        where = environment()
        result = against_the_loop(arguments.quick, report)
        report.say("loss alone, against loss-landscapes")
        against_loss_landscapes(result, repeats, report)
        for activation in ACTIVATIONS:
            report.say(f"the table against a numpy pass, {activation}")
            against_the_limit(activation, repeats, report)
        report.say("races")
        against_one_at_a_time(3 if arguments.quick else 5, report)
        report.say("memory")
        memory(report)
    report.show()
    record = {
        "environment": where | {"load_before": before, "load_after": os.getloadavg()},
        "seconds_in_all": _digits(time.perf_counter() - began),
        "quick": arguments.quick,
        "case": CASE.model_dump(),
        "bars": report.bars,
        "ratios": report.ratios,
        "timings": report.timings,
        "memory_bytes": report.memory,
        "checks": report.checks,
    }
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n")
        report.say(f"written: {out}")


if __name__ == "__main__":
    main()
