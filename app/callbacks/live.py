"""Callbacks of the sample tables from which the browser draws mini-batches itself, while a control moves."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import numpy as np
from dash import ClientsideFunction, Dash, Input, Output, State

from app.jobs.service import Service
from app.jobs.small_tasks import TABLES_PARTS, TablesPart, TablesTask
from app.page import ids
from app.state.view_state import ViewState
from landscape_core import LandscapeError, StudySpec

SAMPLED_WITH = ("batch_size", "batch_seed", "draws", "slope_angle")
"""Fields of a study that its tables do not depend on."""

OTHER_POINTS: dict[TablesPart, str] = {"lines": "resolution", "plane": "line_points"}


def unsampled(spec: StudySpec) -> StudySpec:
    """A study of which nothing is drawn yet: the same for all mini-batches, and for all directions of the slope."""
    return spec.replace(batch_size=1, batch_seed=0, draws=0, slope_angle=0.0)


def describe(service: Service, request: object, part: TablesPart) -> dict[str, Any]:
    """Sample tables as the browser takes them.

    Args:
        service: Computes them.
        request: What the page shows.
        part: Which tables.

    Returns:
        for: the fields of the study that they were made for, and free: those of them on which they do not depend. Unless
        they are too large, or mini-batches are drawn in another way than the browser can, without replacement, also
        points, among, positions, samples, and
        tables: loss and slopes, in 32-bit floats and base64, and
        true: numbers of the points of each line at which the full batch has minima, and NN-GPPs; none of a plane.

    Raises:
        LandscapeError: The request is not one, or there are no tables.
    """
    spec = ViewState.from_dict(request).spec
    made_for = {"for": spec.model_dump(mode="json"), "free": [*SAMPLED_WITH, OTHER_POINTS[part]]}
    task = TablesTask(unsampled(spec), part)
    if not task.drawable:
        return made_for
    found = service.find([task])[task]
    return {
        **made_for,
        "points": found.points.tolist(),
        "among": found.among,
        "positions": found.positions.tolist(),
        "samples": spec.samples,
        "tables": [_encode(values) for values in (found.loss, *found.slopes)],
        "true": [[np.flatnonzero(line).tolist() for line in lines] for lines in found.true],
    }


def _encode(values: np.ndarray) -> str:
    return b64encode(values.astype("<f4").tobytes()).decode("ascii")


def register(app: Dash, service: Service) -> None:
    """Wire the tables, each kind on its own, and the seed from which playing goes on."""
    app.clientside_callback(ClientsideFunction("batchscape", "takeSeed"), Input(ids.BATCH_SEED, "value"))
    for part, name in (("lines", "takeLineTables"), ("plane", "takePlaneTables")):
        here = ClientsideFunction("batchscape", name)
        app.clientside_callback(here, Input(ids.tables(part), "data"), prevent_initial_call=True)
    for part in TABLES_PARTS:

        @app.callback(
            Output(ids.tables(part), "data"),
            Input(ids.tables_asked(part), "data"),
            State(ids.REQUEST, "data"),
            prevent_initial_call=True,
        )
        def _bring(_asked: Any, request: Any, part: TablesPart = part) -> dict[str, Any] | None:  # noqa: ANN401
            try:
                return describe(service, request, part)
            except LandscapeError:  # what the page shows says so
                return None
