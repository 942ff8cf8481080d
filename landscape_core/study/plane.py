"""The plane of a study: a problem, a start point and two directions. Every computation begins here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor

from landscape_core import devices
from landscape_core.errors import ProblemError, SpecError
from landscape_core.geometry.directions import DOMAINS, Origin, orthonormalise
from landscape_core.problems.activations import ACTIVATIONS, IDENTITY
from landscape_core.problems.builtin import PROBLEMS
from landscape_core.problems.datasets import DATASETS, SCALINGS, Inputs, Targets, hash_arrays
from landscape_core.problems.losses import LOSSES
from landscape_core.problems.mlp import FullyConnected, MLPProblem
from landscape_core.problems.penalty import Penalised
from landscape_core.problems.problem import Problem
from landscape_core.random_streams import start_draws
from landscape_core.sampling.minibatches import choose_subset
from landscape_core.statistics import mapped_table, sample_table, workload
from landscape_core.statistics.mapped_table import Mapped, Scratch
from landscape_core.statistics.sample_table import MAX_TABLE_BYTES, Compact, SampleTable, Tabulated
from landscape_core.study import own_problems
from landscape_core.study.spec import OF_PROBLEMS, PAPER, RECIPE, StudySpec
from landscape_core.study.start_point import TrainingPath, find_start

HIDDEN_UNITS = StudySpec().hidden[0]
"""The paper's network: 4-10-3 for Iris, 83 parameters."""

KEPT_PLANES = 16
"""Planes that `recall_plane` keeps."""

DECIDING = tuple(dict.fromkeys((*RECIPE, *OF_PROBLEMS, "domain", "seed", "dtype")))
"""The fields of a study that decide its plane."""


@dataclass(frozen=True, eq=False)
class Plane:
    """Where a problem is looked at: the points x0 + s (a d1 + b d2).

    Attributes:
        problem: The problem, on its device.
        start: x0.
        directions: d1 and d2, unit and perpendicular. Slopes are along them, per unit of parameter space.
        path: How the start point was trained, if it was.
        scale: s, how long in parameter space one unit of the axes is.
    """

    problem: Problem
    start: Float[ndarray, "P"]
    directions: Float[ndarray, "2 P"]
    path: TrainingPath | None = None
    scale: float = 1.0

    @property
    def chunk(self) -> int:
        """Points that are evaluated at a time."""
        return workload.chunk_points(self.problem)

    def measure(self, coordinates: Float[ndarray, "*G 2"]) -> Float[ndarray, "*G 2"]:
        """Coordinates in units of parameter space; all that lies between a plane and its parameters goes through here."""
        return coordinates * self.scale

    def table(
        self,
        coordinates: Float[ndarray, "G 2"],
        *,
        limit: int = MAX_TABLE_BYTES,
        chunk: int | None = None,
        keep: torch.dtype | None = None,
        progress: sample_table.Progress | None = None,
    ) -> SampleTable:
        """Losses and slopes of every sample at points of the plane; see `sample_table.tabulate`.

        Raises:
            BudgetError: The table would be larger than `limit` bytes.
        """
        return sample_table.tabulate(
            self.problem,
            self.start,
            self.directions,
            self.measure(coordinates),
            samples=self.problem.samples,
            dtype=self.problem.dtype,
            device=self.problem.device,
            limit=limit,
            chunk=chunk or self.chunk,
            keep=keep,
            progress=progress,
        )

    def keep_table(
        self,
        coordinates: Float[ndarray, "G 2"],
        spec: StudySpec,
        *,
        limit: int = MAX_TABLE_BYTES,
        progress: sample_table.Progress | None = None,
    ) -> Tabulated:
        """As `table`, in the precision in which a study keeps it."""
        keep, dtype = spec.kept_precision, self.problem.dtype
        table = self.table(coordinates, limit=limit, keep=keep, progress=progress)
        return table if keep == dtype else Compact(table, dtype)

    def project_path(self) -> dict[str, ndarray]:
        """The training of the start point on the plane, by the names of a result's fields; empty without one."""
        if self.path is None:
            return {}
        away = self.path.points - self.start
        shadow = away @ self.directions.T
        return {
            "path": shadow / self.scale,
            "path_steps": self.path.steps,
            "path_loss": self.path.loss,
            "path_distance": np.linalg.norm(away - shadow @ self.directions, axis=1) / self.scale,
        }

    def parameters_at(self, coordinates: Float[ndarray, "G 2"]) -> Iterator[Float[Tensor, "C P"]]:
        """The parameter vectors of points of the plane, a chunk at a time; one empty chunk if there are no points."""
        start, directions, where = (
            torch.as_tensor(array, dtype=self.problem.dtype, device=self.problem.device)
            for array in (self.start, self.directions, self.measure(coordinates))
        )
        for part in where.split(self.chunk):
            yield start + part @ directions


@dataclass(frozen=True, eq=False)
class Streamed:
    """Points whose sample table is made when a part is wanted.

    Attributes:
        plane: Their plane.
        coordinates: (a, b) of each point.
        spec: The study, which says in which precision tables are kept.
    """

    plane: Plane
    coordinates: Float[ndarray, "G 2"]
    spec: StudySpec

    def __len__(self) -> int:
        """G."""
        return len(self.coordinates)

    def part(self, points: range) -> SampleTable:
        """The table of some neighbouring points, which begin with a chunk."""
        where = self.coordinates[points.start : points.stop]
        return self.plane.keep_table(where, self.spec).part(range(len(points)))


def map_tables(
    plane: Plane,
    spec: StudySpec,
    parts: Sequence[Float[ndarray, "_ 2"]],
    scratch: Scratch,
    report: Callable[[int], None] = lambda _done: None,
) -> list[Mapped] | None:
    """The tables of some sets of points in files, made a block at a time.

    Args:
        plane: Where the points are.
        spec: The study, which says in which precision tables are kept.
        parts: (a, b) of each point, set by set.
        scratch: Where the files may be.
        report: Called with the points that are done.

    Returns:
        The tables; None if the network is not costly, or the disk has no room.
    """
    keep, problem = spec.kept_precision, plane.problem
    needed = sample_table.table_bytes(sum(map(len, parts)), problem.samples, 2, keep)
    if not (mapped_table.is_costly(problem, keep) and scratch.takes(needed)):
        return None
    size = max(1, sample_table.block_points(problem.samples) // plane.chunk) * plane.chunk
    tables: list[Mapped] = []
    for before, points in zip(np.cumsum([0, *map(len, parts)]).tolist(), parts, strict=False):

        def tabulate(where: Float[ndarray, "C 2"], begin: int, first: int = before) -> SampleTable:
            return plane.table(where, keep=keep, progress=lambda done, _: report(first + begin + done))

        table = mapped_table.write_table(tabulate, points, size, problem, keep, scratch.folder)
        if table is None:
            for one in tables:
                one.close()
            return None
        tables.append(table)
    return tables


def load_data(spec: StudySpec) -> tuple[Float[ndarray, "N I"], Float[ndarray, "N O"]]:
    """Scaled inputs (N, I) and one-hot targets (N, O) of a study, in float64."""
    inputs, targets = DATASETS[spec.dataset].load()
    return SCALINGS[spec.scaling].apply(inputs), targets


def read_data(spec: StudySpec, problem: Problem) -> tuple[Inputs | None, Targets | None]:
    """Inputs (N, I) and targets (N, O) where a row of each is a sample; None for other problems."""
    if spec.problem == PAPER and not spec.max_samples:
        return load_data(spec)
    if isinstance(problem, Penalised):
        return read_data(spec, problem.problem)
    if not isinstance(problem, MLPProblem):
        return None, None
    inputs, targets = (tensor.T.cpu().numpy().astype(np.float64) for tensor in (problem.inputs, problem.targets))
    return inputs, targets


def hash_data(spec: StudySpec) -> str:
    """SHA-256 of the scaled inputs and then the targets of a study, as little-endian float64 in C order."""
    return hash_arrays(*load_data(spec))


def build_network(spec: StudySpec) -> FullyConnected:
    """The network of a study with a recipe: features, hidden layers, classes."""
    dataset = DATASETS[spec.dataset]
    hidden = ACTIVATIONS[spec.activation]
    return FullyConnected(
        (dataset.features, *spec.hidden, dataset.classes),
        hidden=hidden,
        output=hidden if spec.output_activation == "same" else IDENTITY,
    )


def resolve_device(spec: StudySpec, device: str) -> torch.device:
    """The device behind a name, for a study: a problem of your own stays where it is unless another one is named.

    Raises:
        SpecError: The device is not there.
    """
    if own_problems.is_own(spec.problem) and device == "auto":
        return own_problems.find(spec.problem).device
    return devices.resolve(device, spec.dtype)


def build_problem(spec: StudySpec, device: torch.device) -> Problem:
    """The problem of a study, with its data on a device.

    Raises:
        SpecError: It is a problem of your own that is not in memory, or that has another precision or device.
    """
    problem: Problem
    if own_problems.is_own(spec.problem):
        problem = _recall_own(spec, device)
    elif spec.problem == PAPER:
        problem = _follow_recipe(spec, device)
    else:
        problem = PROBLEMS[spec.problem].make(getattr(torch, spec.dtype), device)
    return problem.select(choose_subset(problem.samples, spec.samples)) if spec.max_samples else problem


def recall_problem(spec: StudySpec) -> Problem:
    """As `build_problem`, on the CPU, or where a problem of your own is; the last few are kept."""
    if own_problems.is_own(spec.problem):
        return own_problems.find(spec.problem)
    return _recall_problem(StudySpec(**{name: getattr(spec, name) for name in ("problem", *RECIPE)}))


@lru_cache(maxsize=KEPT_PLANES)
def _recall_problem(spec: StudySpec) -> Problem:
    return build_problem(spec, torch.device("cpu"))


def build_mlp(spec: StudySpec, device: torch.device) -> MLPProblem:
    """As `build_problem`, for what is known of fully connected networks alone.

    Raises:
        SpecError: It is another problem.
    """
    problem = build_problem(spec, device)
    if not isinstance(problem, MLPProblem):
        raise SpecError("problem", spec.problem, "a fully connected network: this looks into its units")
    return problem


def _follow_recipe(spec: StudySpec, device: torch.device) -> MLPProblem:
    inputs, targets = (
        torch.tensor(array.T, dtype=getattr(torch, spec.dtype), device=device).contiguous() for array in load_data(spec)
    )
    return MLPProblem(build_network(spec), LOSSES[spec.loss], inputs, targets)


def _recall_own(spec: StudySpec, device: torch.device) -> Problem:
    problem = own_problems.find(spec.problem)
    if problem.samples != spec.population:
        raise SpecError("population", spec.population, f"{problem.samples}: so many samples has {spec.problem}")
    dtype = getattr(torch, spec.dtype)
    try:
        return problem if (dtype, device) == (problem.dtype, problem.device) else problem.to(dtype, device)
    except ProblemError:
        precision = str(problem.dtype).removeprefix("torch.")
        if dtype != problem.dtype:
            raise SpecError("dtype", spec.dtype, f"{precision}, as {spec.problem} has it") from None
        raise SpecError("device", str(device), f"{problem.device}, where {spec.problem} is") from None


def place_plane(spec: StudySpec, problem: Problem) -> Plane:
    """The plane of a study through the landscape of a problem that is at hand.

    Raises:
        NumericalError: The start point has no usable directions.
    """
    start, path = find_start(spec, problem)
    origin = Origin(
        start,
        start_draws(spec.seed, problem.parameters),
        problem.filters,
        lambda: -problem.full_gradient(start),
        None if path is None else path.points,
    )
    span = DOMAINS[spec.domain].directions(origin)
    return Plane(problem, start, orthonormalise(span.first, span.second), path, span.scale)


def build_plane(spec: StudySpec, device: str = "auto") -> Plane:
    """The plane of a study.

    Args:
        spec: The study; only `DECIDING` matters.
        device: auto, cpu, cuda (cuda:1 …) or mps.

    Raises:
        SpecError: The device is not there.
        NumericalError: The start point has no usable directions.
    """
    return place_plane(spec, build_problem(spec, resolve_device(spec, device)))


def recall_plane(spec: StudySpec, device: str = "auto") -> Plane:
    """As `build_plane`; the last few are kept, for small questions about the same plane."""
    return _recall(StudySpec(**{name: getattr(spec, name) for name in DECIDING}), device)


_recall = lru_cache(maxsize=KEPT_PLANES)(build_plane)
