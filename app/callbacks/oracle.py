"""Callbacks of Draw by draw: the line for all of its steps at once, and the samples behind one of its points."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import numpy as np
from dash import ClientsideFunction, Dash, Input, Output, State, html, set_props
from dash.development.base_component import Component

from app.jobs.service import Service
from app.jobs.tasks import Task
from app.page import ids
from app.panels import oracle as panels
from app.panels import text
from app.panels.oracle import Part, Quantity, Row
from app.plotting.model import Axes, Chart, Level, Series
from app.plotting.plotly import Theme, render
from app.plotting.plotly.charts import series_trace
from app.plotting.plotly.style import PALETTES
from app.state.view_state import ViewState
from app.views import oracle as view
from landscape_core import LandscapeError, SpecError
from landscape_core.paper.sampling_oracle import OracleLine

ROOM = 0.06
"""Above and below what a chart shows, as a share of its height."""

LEFT = 64
"""Pixels for the numbers and the title of an upright axis."""

BELOW = 44
"""Likewise of the horizontal axis."""

LARGER = 1.4
"""How much more room both take when read from afar."""

WAIT = "The line is not computed yet."


def whole_line(
    service: Service, asked: ViewState, theme: Theme, held: object, projector: bool = False
) -> dict[str, Any] | None:
    """All that the browser needs to step along a line.

    Args:
        service: Has the study, if it has been computed.
        asked: What is looked at.
        theme: Of the pictures.
        held: Key of the line that the browser has already.
        projector: Whether it is read from afar.

    Returns:
        key, which differs exactly when anything else does; about, the same but for the theme; points; classes of the
        samples, a byte each; members, a bit for each sample at each point; said, what happens at each step; counts;
        charts. None if there is nothing new, or nothing yet.

    Raises:
        LandscapeError: It cannot be drawn.
    """
    if asked.view != view.VIEW.name:
        return None
    about = f"{asked.oracle} {asked.spec.key()} {asked.line}"
    key = f"{about} {theme} {projector}"
    if key == held:
        return None
    results: dict[Task, Any] = {task: service.cached(task) for task in view.line_tasks(asked)}
    if None in results.values():
        return None
    line, spoken = view.the_line(asked, results), view.spoken(asked)
    return {
        "key": key,
        "about": about,
        "source": asked.oracle,
        "points": len(line.positions),
        "samples": line.members.shape[1],
        "size": int(line.members[0].sum()),
        "names": spoken.classes,
        "one": spoken.one,
        "of": spoken.of,
        "classes": _base64(line.classes.astype(np.uint8)),
        "members": _base64(np.packbits(line.members, axis=1, bitorder="little")),
        "said": panels.said(line, spoken),
        "counts": {quantity: _counts(line, quantity) for quantity in ("loss", "slope")},
        "charts": {
            quantity: _chart(line, quantity, asked.oracle, spoken.across, theme, about, projector)
            for quantity in ("loss", "slope")
        },
    }


def bring(service: Service, asked: ViewState, held: object, theme: Theme, projector: bool) -> None:
    """Show the line, if it is new, with the answer that is being given; its steps do not wait for that answer.

    Raises:
        LandscapeError: It cannot be drawn.
    """
    line = whole_line(service, asked, theme, held, projector)
    if line is not None:
        set_props(ids.ORACLE_DATA, {"data": line})
        set_props(ids.ORACLE_KEY, {"data": line["key"]})


def made(service: Service, asked: object, request: object) -> Component:
    """Which samples made a point of the line.

    Args:
        service: Has the study, if it has been computed.
        asked: {"point": number from 0, "step": points drawn}, or None.
        request: What the page shows.

    Raises:
        LandscapeError: Either is not what it should be, or the study is not at hand.
    """
    shown = ViewState.from_dict(request)
    spoken = view.spoken(shown)
    if asked is None:
        return html.P(panels.nothing(spoken).sentence, className="note")
    if not isinstance(asked, dict) or not {"point", "step"} <= set(asked):
        raise SpecError("asked", asked, "an object with point and step")
    for name in ("point", "step"):
        if not isinstance(asked[name], int) or isinstance(asked[name], bool):
            raise SpecError(name, asked[name], "a whole number")
    tasks = view.line_tasks(shown)
    if not 0 <= asked["point"] < shown.spec.line_points:
        raise SpecError("point", asked["point"], f"a whole number from 0 to {shown.spec.line_points - 1:,}")
    results: dict[Task, Any] = {task: service.cached(task) for task in tasks}
    if None in results.values():
        raise LandscapeError(WAIT)
    line, index = view.the_line(shown, results), asked["point"]
    point = view.the_point(shown, index, service.find(view.point_tasks(shown, index)))
    told = panels.explained(line, index, asked["step"], point, spoken)
    return html.Div(
        [
            html.P(told, className="oracle-told"),
            _table(panels.rows(line, index, point, spoken), (spoken.one, spoken.sorts[0])),
        ]
    )


def _table(rows: list[Row], names: tuple[str, str]) -> Component:
    """Samples by their losses, each with a bar, and the means among them."""
    top = max((row.loss for row in rows), default=0.0)
    lines = [
        html.Tr(
            [
                html.Th(row.name, scope="row"),
                html.Td(row.kind),
                html.Td(text.number(row.loss, ".4g"), className="number"),
                html.Td(
                    html.Div(className="bar-of", style={"width": f"{100 * row.loss / top if top > 0 else 0:.1f}%"})
                ),
                html.Td(text.number(row.slope, "+z.3g"), className="number"),
            ],
            className="" if row.kind else "mean",
        )
        for row in rows
    ]
    head = [
        *(html.Th(name, scope="col") for name in names),
        html.Th("loss here", scope="col", className="number", colSpan=2),
        html.Th("slope here", scope="col", className="number"),
    ]
    return html.Table([html.Thead(html.Tr(head)), html.Tbody(lines)], className="numbers made")


def _counts(line: OracleLine, quantity: Quantity) -> dict[str, list[Any]]:
    found, noise, true = panels.counts(line, quantity)
    return {"found": found.tolist(), "noise": [f"{one:.1f}" for one in noise], "true": true.tolist()}


def _chart(
    line: OracleLine, quantity: Quantity, source: str, across: str, theme: Theme, about: str, projector: bool
) -> dict[str, Any]:
    """The whole figure, and for each of its traces what it is and when its points are seen.

    A zoom lasts as long as the figure is about the same line.
    """
    parts = panels.parts(line, quantity, source)
    reach = float(line.positions[-1])
    what = {"network": quantity, "quadratics": "value" if quantity == "loss" else "derivative"}[source]
    levels = () if quantity == "loss" else (Level(0.0),)
    picture = Chart(across, (Axes(what, tuple(part.series for part in parts), levels),), (-reach, reach))
    figure = render(picture, theme, projector)
    for trace, part in zip(figure["data"], parts, strict=True):
        if part.role == "reference":
            trace["line"]["dash"] = "dash"
        if part.role == "found":
            trace["marker"]["size"] = 11
    cursor = series_trace(
        Series("chosen", np.array([]), np.array([]), panels.FOUND, "dot", legend=False), PALETTES[theme]
    )
    cursor |= {"hoverinfo": "skip", "marker": {**cursor["marker"], "symbol": "circle-open", "size": 16}}
    cursor["marker"]["line"] = {"width": 2.5}
    figure["data"].append(cursor)
    figure["layout"] |= {"hovermode": "closest", "hoverdistance": -1, "uirevision": about}
    larger = LARGER if projector else 1
    figure["layout"]["margin"] |= {"l": larger * LEFT, "b": larger * BELOW}  # the two charts stand above each other
    figure["layout"]["yaxis"] |= {"range": _limits(parts), "automargin": False}
    figure["layout"]["xaxis"] |= {"automargin": False}
    return {
        "figure": figure,
        "roles": [*(part.role for part in parts), "cursor"],
        "known": [*(part.known.tolist() for part in parts), []],
    }


def _limits(parts: tuple[Part, ...]) -> list[float]:
    """Ends of the upright axis that hold whatever will be seen, so that it does not move with the draws."""
    values = np.concatenate([part.series.y for part in parts if part.role != "model"])
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    room = ROOM * (high - low) or 1.0
    return [low - room, high + room]


def _base64(values: np.ndarray) -> str:
    return b64encode(np.ascontiguousarray(values).tobytes()).decode("ascii")


def register(app: Dash, service: Service) -> None:
    """Wire the oracle."""

    @app.callback(
        Output(ids.panel("oracle", "made"), "children"),
        Input(ids.ORACLE_ASKED, "data"),
        State(ids.REQUEST, "data"),
        prevent_initial_call=True,
    )
    def _made(asked: Any, request: Any) -> Component:  # noqa: ANN401
        try:
            return made(service, asked, request)
        except LandscapeError as problem:
            return html.P(str(problem), className="message")

    app.clientside_callback(
        ClientsideFunction("batchscape", "showOracle"),
        Output(ids.ORACLE_DATA, "modified_timestamp"),
        Input(ids.ORACLE_DATA, "data"),
        Input(ids.STEP, "value"),
        Input(ids.REFERENCE, "value"),
        Input(ids.ORACLE_PACE, "value"),
    )
