"""How long a study will take: from one chunk of points that is timed, and from its draws."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np

from landscape_core.geometry.grid import LINES
from landscape_core.problems.problem import Problem
from landscape_core.study import limits
from landscape_core.study.own_problems import read_spec
from landscape_core.study.plane import recall_plane
from landscape_core.study.spec import StudySpec

SECONDS_A_VISIT = 20e-9
"""For one sample of a mini-batch that is looked up in a table."""


@dataclass(frozen=True)
class Estimate:
    """What a study takes.

    Attributes:
        seconds: Of this machine, as busy as it is now.
        nbytes: Of the sample tables, if they are all kept; a run makes large ones block after block.
    """

    seconds: float
    nbytes: int


def estimate(
    asked: StudySpec | Problem,
    *,
    device: str = "auto",
    clock: Callable[[], float] = perf_counter,
    **fields: Any,  # noqa: ANN401  of a study, validated
) -> Estimate:
    """Estimate what `run` will take, without running it. A start point that is trained is trained already.

    Args:
        asked: The study, or a problem of your own.
        device: auto, cpu, cuda (cuda:1 …) or mps.
        clock: Gives seconds.
        fields: Fields of the study, or changes to it.

    Raises:
        SpecError: A field is not allowed, or the device is not there.
        NumericalError: The start point has no usable directions.
    """
    spec = read_spec(StudySpec, asked, fields)
    plane = recall_plane(spec, device)
    points = spec.resolution**2 + len(LINES) * spec.line_points
    some = np.zeros((min(points, plane.chunk), 2))
    plane.table(some)  # the first call chooses kernels
    began = clock()
    float(plane.table(some).loss.sum())  # waits for the device
    each = (clock() - began) / len(some)
    return Estimate(
        seconds=points * each + SECONDS_A_VISIT * limits.count_visits(spec),
        nbytes=limits.count_bytes(spec, spec.resolution**2),
    )
