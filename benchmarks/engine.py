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
import resource
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from unittest.mock import patch

import numpy as np
import other_problems
import torch
from measurements import AGREEMENT, Clock, Report, describe_machine, round_digits
from numpy import ndarray
from numpy_table import tabulate_with_numpy
from plain_loop import PlainLoop, check_problem, check_surfaces
from rich.console import Console
from threadpoolctl import threadpool_limits
from torch import Tensor
from torch.nn.utils import vector_to_parameters

from landscape_core import RaceSpec, StudyResult, StudySpec, run_race
from landscape_core.comparison import race
from landscape_core.comparison.race import RaceResult
from landscape_core.geometry import grid
from landscape_core.line_search.search import Search
from landscape_core.paper.published import PAPER_ACTIVATIONS
from landscape_core.random_streams import Purpose
from landscape_core.sampling.minibatches import Batches, batch_means
from landscape_core.statistics import moments as statistics
from landscape_core.statistics.sample_table import SampleTable, tabulate
from landscape_core.study import run as study
from landscape_core.study.plane import build_problem

CASE = StudySpec(activation="sigmoid", domain="global", range=20.0, resolution=100, draws=50, seed=12735)
RESULTS = Path(__file__).parent / "results" / "engine.json"
CPU = torch.device("cpu")

LOOP_SEGMENTS = 10
"""Parts of the plain loop; ours takes its turn after each."""

NUMPY_CHUNKS = (20, 40, 80, 160, 320)
"""Points at a time that the numpy pass is tried with; the fastest is kept."""


# The plain loop.


def tabulate_plane(spec: StudySpec, result: StudyResult) -> SampleTable:
    """The table of the plane alone, data and network included."""
    return tabulate(
        build_problem(spec, CPU), result.theta0, result.directions, grid.plane(result.axis), samples=spec.samples
    )


def sample_plane(spec: StudySpec, result: StudyResult) -> list[Tensor]:
    """Mean and SD over the draws on the plane, without the lines."""
    table = tabulate_plane(spec, result)
    values = table.loss, table.slope(grid.unit(spec.slope_angle))
    moments = [statistics.RunningMoments() for _ in values]
    for means in batch_means(values, Batches(spec.batch_size, spec.batch_seed, Purpose.PLANE), range(spec.draws)):
        for moment, mean in zip(moments, means, strict=True):
            moment.add(mean)
    return [surface for moment in moments for surface in (moment.mean, moment.sd())]


def compute_exact_plane(spec: StudySpec, result: StudyResult) -> list[ndarray]:
    """Exact mean and SD over all mini-batches on the plane."""
    table = tabulate_plane(spec, result)
    values = table.loss, table.slope(grid.unit(spec.slope_angle))
    return [surface for value in values for surface in _compute_exact_moments(value, spec.batch_size)]


def _compute_exact_moments(value: Tensor, batch_size: int) -> tuple[ndarray, ndarray]:
    return statistics.full_batch(value), statistics.exact_sd(value, batch_size)


def compare_with_loop(quick: bool, report: Report) -> StudyResult:
    """The plain loop in segments, with a turn of each of ours after every one."""
    spec = CASE
    result = study.run(spec)  # the warm-up, and the common problem
    loop = PlainLoop(result)
    report.checks["loop_full_batch_max_difference"] = check_problem(loop, result)
    torch.manual_seed(0)
    total = len(loop.points)
    stride = 50 if quick else 1
    plain, ours = Clock(), {"study": Clock(), "sampled": Clock(), "exact": Clock()}
    work = {
        "study": lambda: study.run(spec),
        "sampled": lambda: sample_plane(spec, result),
        "exact": lambda: compute_exact_plane(spec, result),
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
        report.print_progress(f"plain loop: {segment + 1} of {LOOP_SEGMENTS} parts, {sum(plain.wall):.0f} s")
    assert np.array_equal(again[0], result.mean_loss.ravel())
    assert np.array_equal(again[3], result.sd_slope.ravel())
    report.checks |= check_surfaces(np.concatenate(found), np.concatenate(points), result)

    evaluations = sum(map(len, points)) * spec.draws
    scale = total * spec.draws / evaluations
    report.timings["plain torch loop, 50 draws"] = {
        "wall_s": round_digits(sum(plain.wall) * scale),
        "cpu_s": round_digits(sum(plain.cpu) * scale),
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
        report.timings[names[key]] = ours[key].summarise()
        report.add_ratio(f"{names[key]} / plain torch loop", names[key], "plain torch loop, 50 draws", limit)
    return result


# A peer.


def compare_with_loss_landscapes(result: StudyResult, repeats: int, report: Report) -> None:
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
    plane = grid.plane(result.axis)
    task = build_problem(spec, CPU)

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
    report.timings["ours: loss alone"] = clocks[0].summarise()
    report.timings["loss-landscapes: loss alone"] = clocks[1].summarise()
    report.add_ratio(
        "ours: loss alone / loss-landscapes random_plane", "ours: loss alone", "loss-landscapes: loss alone", 1.0
    )


# The limit.


def compare_with_numpy(activation: str, repeats: int, report: Report) -> None:
    """The engine's table against the numpy pass, for one activation."""
    spec = CASE.replace(activation=activation, draws=0)
    result = study.run(spec)
    task = build_problem(spec, CPU)
    plane = grid.plane(result.axis)

    def ours() -> SampleTable:
        return tabulate(task, result.theta0, result.directions, plane, samples=spec.samples)

    tried = {chunk: Clock() for chunk in NUMPY_CHUNKS}
    for _ in range(3):
        for chunk, clock in tried.items():
            clock.run(lambda chunk=chunk: tabulate_with_numpy(result, chunk))
    best = min(NUMPY_CHUNKS, key=lambda chunk: min(tried[chunk].cpu))

    clocks = Clock(), Clock()
    for _ in range(repeats):
        table = clocks[0].run(ours)
        limit = clocks[1].run(lambda: tabulate_with_numpy(result, best))
    largest = max(
        float(np.abs(mine.numpy() - its).max() / max(1.0, np.abs(its).max()))
        for mine, its in zip((table.loss, *table.slopes), limit, strict=True)
    )
    report.checks[f"table_{activation}_max_difference"] = round_digits(largest)
    report.add_agreement(f"table of {activation} and numpy pass", largest, AGREEMENT)
    names = f"ours: table, {activation}", f"numpy: table, {activation}"
    report.timings[names[0]] = clocks[0].summarise()
    report.timings[names[1]] = {**clocks[1].summarise(), "points_at_a_time": best}
    report.add_ratio(f"ours: table / numpy pass, {activation}", *names, 2.0)


# Races.


def compare_with_single_searches(repeats: int, report: Report) -> None:
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
    report.add_agreement("races together and one at a time", float(np.abs(together.stops - apart.stops).max()), 0.0)
    names = "ours: 500 races on four lines", "the same, each search by itself"
    for name, clock in zip(names, clocks, strict=True):
        report.timings[name] = clock.summarise()
    report.add_ratio("ours: 500 races on four lines / each search by itself", *names, 0.6)


# A plane in blocks.


def compare_blocks(quick: bool, report: Report) -> None:
    """Mini-batch means of a plane of 400 × 400 points in 160 blocks, and at once: a block makes its own words alone."""
    points, block, draws = 160_000, 1_000, range(3 if quick else 10)
    values = torch.from_numpy(np.random.default_rng(0).standard_normal((points, CASE.samples)))

    def means(seed: int, first: int, count: int) -> Tensor:
        batches = Batches(CASE.batch_size, seed, Purpose.PLANE)
        part = values[first : first + count]
        return torch.cat([mean for (mean,) in batch_means([part], batches, draws, first=first, points=points)])

    clocks = Clock(), Clock()
    for seed in range(3):  # urns are kept: each turn needs fresh ones
        whole = clocks[0].run(lambda seed=seed: means(seed, 0, points))
        blocks = clocks[1].run(
            lambda seed=seed: torch.cat([means(seed, first, block) for first in range(0, points, block)], dim=1)
        )
        report.add_agreement(f"a plane in blocks and at once, seed {seed}", float((whole - blocks).abs().max()), 0.0)
    names = "ours: mini-batches of 160 blocks of a plane", "ours: mini-batches of the plane at once"
    for name, clock in zip(names, reversed(clocks), strict=True):
        report.timings[name] = {**clock.summarise(), "draws": len(draws)}
    report.add_ratio("ours: mini-batches of a plane in 160 blocks / at once", *names, 1.5)


# Memory.


def probe_memory(resolution: int) -> dict[str, int]:
    """Run one study in this process and say what it took, in bytes."""
    torch.set_num_threads(1)
    spec = CASE.replace(resolution=resolution)
    before = _read_resident()
    result = study.run(spec)
    peak = _read_peak()
    return {"before": before, "peak": peak, "arrays": result.nbytes, "used": peak - before - result.nbytes}


def _read_resident() -> int:
    import psutil

    return int(psutil.Process().memory_info().rss)


def _read_peak() -> int:
    """The most memory that this program has held. Linux's VmHWM, as ru_maxrss can be inherited from who started it."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def measure_memory(report: Report) -> None:
    """A study of 400 × 400 points with 50 draws, in a fresh process."""
    clock = Clock()
    command = [sys.executable, __file__, "--memory-probe", "400"]
    done = clock.run(lambda: subprocess.run(command, capture_output=True, text=True, check=True))
    report.memory = json.loads(done.stdout)
    report.add_bar("memory of a study at 400 × 400, 50 draws, in GB", report.memory["used"] / 1e9, 1.5)


def measure_other_problems(report: Report) -> None:
    """Studies of other problems than the paper's: seconds and memory."""
    for name, (_, seconds, gigabytes) in other_problems.CASES.items():
        found = other_problems.measure(name)
        report.add_bar(f"seconds of CPU, {name}", found["cpu_s"], seconds)
        report.add_bar(f"memory in GB, {name}", found["used_gb"], gigabytes)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one fiftieth of the plain loop, fewer repeats")
    parser.add_argument("--out", type=Path, help="where to write; without --quick benchmarks/results/engine.json")
    parser.add_argument("--memory-probe", type=int, metavar="POINTS", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.memory_probe:
        print(json.dumps(probe_memory(arguments.memory_probe)))
        return

    out: Path | None = arguments.out or (None if arguments.quick else RESULTS)
    torch.set_num_threads(1)
    report = Report(Console(), arguments.quick)
    repeats = 5 if arguments.quick else 11
    began = time.perf_counter()
    with threadpool_limits(limits=1):
        machine = describe_machine("batchscape", "torch", "numpy", "loss-landscapes", "scikit-learn")
        result = compare_with_loop(arguments.quick, report)
        report.print_progress("loss alone, against loss-landscapes")
        compare_with_loss_landscapes(result, repeats, report)
        for activation in PAPER_ACTIVATIONS:
            report.print_progress(f"the table against a numpy pass, {activation}")
            compare_with_numpy(activation, repeats, report)
        report.print_progress("races")
        compare_with_single_searches(3 if arguments.quick else 5, report)
        report.print_progress("a plane in blocks")
        compare_blocks(arguments.quick, report)
        report.print_progress("memory")
        measure_memory(report)
        report.print_progress("other problems")
        measure_other_problems(report)
    report.print_tables()
    record = {
        "environment": machine | {"threads": torch.get_num_threads(), "load_after": round(os.getloadavg()[0], 1)},
        "seconds_in_all": round_digits(time.perf_counter() - began),
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
        report.print_progress(f"written: {out}")


if __name__ == "__main__":
    main()
