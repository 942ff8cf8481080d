"""Callbacks of Explore: clicks and drags on the map, and the read-out under the mouse."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
from dash import ClientsideFunction, Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from app.jobs.service import Service
from app.jobs.small_tasks import PointProbeTask
from app.page import ids
from app.panels import text
from app.panels.explore import segment
from app.plotting.minus_signs import typeset
from app.state.view_state import ViewState
from landscape_core import LandscapeError

ENDS = ("x0", "y0", "x1", "y1")
DIGITS = 4
"""Significant digits of a place that is pointed at: a screen shows no more."""


def pointed(request: ViewState, click: object) -> tuple[float, float] | None:
    """The place on the map that was clicked, or None."""
    points = click.get("points") if isinstance(click, dict) else None
    if not isinstance(points, list) or not points or not isinstance(points[0], dict):
        return None
    return _on_plane(request, points[0].get("x"), points[0].get("y"))


def moved(request: ViewState, change: object) -> dict[str, float] | None:
    """The line that a drag on the map made of the line before, or None.

    Returns:
        angle, through_d1, through_d2: of a line, the direction and the point that is nearest to the start point, or its
        middle where that lies off the plane.
    """
    if not isinstance(change, dict):
        return None
    given = {
        found[1]: value for name, value in change.items() if (found := re.fullmatch(r"shapes\[0\]\.(..)", str(name)))
    }
    if not given or not all(_finite(value) for value in given.values()):
        return None
    (x0, y0), (x1, y1) = segment((request.through_d1, request.through_d2), request.angle, request.spec.range)
    ends = {**dict(zip(ENDS, (x0, y0, x1, y1), strict=True)), **{name: given[name] for name in ENDS if name in given}}
    first, last = np.array([ends["x0"], ends["y0"]]), np.array([ends["x1"], ends["y1"]])
    length = float(np.linalg.norm(last - first))
    if not length > 1e-9 * request.spec.range:
        return None
    unit = (last - first) / length
    nearest, middle = first - (first @ unit) * unit, (first + last) / 2
    place = nearest if (np.abs(nearest) <= request.spec.range).all() else np.clip(middle, *_ends(request))
    return {
        "angle": _short(math.degrees(math.atan2(unit[1], unit[0]))),
        "through_d1": _short(float(place[0]), request.spec.range),
        "through_d2": _short(float(place[1]), request.spec.range),
    }


def read(service: Service, request: ViewState, at: tuple[float, float]) -> str:
    """What full batch and mini-batches give at a place of the plane.

    Raises:
        LandscapeError: The start point has no usable directions.
    """
    task = PointProbeTask(request.spec, at)
    found = service.find([task])[task]
    return typeset(
        f"d1 {at[0]:z.3g}, d2 {at[1]:z.3g}: loss {found.sample_loss.mean():.3g}, SD {found.sd_loss:.2g}; "
        f"slope {found.sample_slope.mean():+z.3g}, SD {found.sd_slope:.2g}; "
        f"P(slope < 0) {text.format_share(float(np.mean(found.batch_slope < 0)))}"
    )


def register(app: Dash, service: Service) -> None:
    """Wire the map."""
    chart = ids.panel("explore", "map")

    @app.callback(
        Output(ids.AT_D1, "value", allow_duplicate=True),
        Output(ids.AT_D2, "value", allow_duplicate=True),
        Input(chart, "clickData"),
        State(ids.REQUEST, "data"),
        prevent_initial_call=True,
    )
    def _pointed(click: Any, request: Any) -> tuple[float, float]:  # noqa: ANN401
        found = pointed(_request(request), click)
        if found is None:
            raise PreventUpdate
        return found

    # a map tells of every change of its size, too
    app.clientside_callback(
        ClientsideFunction("batchscape", "takeDraggedLine"),
        Output(ids.DRAGGED, "data"),
        Input(chart, "relayoutData"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(ids.ANGLE, "value", allow_duplicate=True),
        Output(ids.THROUGH_D1, "value", allow_duplicate=True),
        Output(ids.THROUGH_D2, "value", allow_duplicate=True),
        Input(ids.DRAGGED, "data"),
        State(ids.REQUEST, "data"),
        prevent_initial_call=True,
    )
    def _moved(change: Any, request: Any) -> tuple[float, ...]:  # noqa: ANN401
        found = moved(_request(request), change)
        if found is None:
            raise PreventUpdate
        return tuple(found.values())

    @app.callback(
        Output(ids.READOUT, "children"),
        Input(ids.HOVERED, "data"),
        State(ids.REQUEST, "data"),
        prevent_initial_call=True,
    )
    def _read(hovered: Any, request: Any) -> str:  # noqa: ANN401
        asked = _request(request)
        at = _on_plane(asked, *hovered) if isinstance(hovered, list) and len(hovered) == 2 else None
        if at is None or asked.view != "explore":
            raise PreventUpdate
        try:
            return read(service, asked, at)
        except LandscapeError:  # said already, where the pictures should be
            raise PreventUpdate from None


def _request(data: object) -> ViewState:
    try:
        return ViewState.from_dict(data)
    except LandscapeError:
        raise PreventUpdate from None


def _on_plane(request: ViewState, d1: object, d2: object) -> tuple[float, float] | None:
    if not (_finite(d1) and _finite(d2)):
        return None
    reach = request.spec.range
    return _short(float(d1), reach), _short(float(d2), reach)  # type: ignore[arg-type]  # both are numbers


def _short(value: float, reach: float = 360.0) -> float:
    """Within ±reach, and no longer than a screen can tell."""
    return max(-reach, min(reach, float(f"{value:.{DIGITS}g}")))


def _finite(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _ends(request: ViewState) -> tuple[float, float]:
    return -request.spec.range, request.spec.range
