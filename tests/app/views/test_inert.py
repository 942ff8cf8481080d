"""A control that changes nothing in what is seen is not there; one that is there changes something."""

from __future__ import annotations

import json
from typing import Any

import pytest
from drawing import draw_view
from plotly.utils import PlotlyJSONEncoder

from app.callbacks.render import content
from app.jobs.tasks import KINDS, Host
from app.page.rail.boxes import list_hidden_fields
from app.plotting.model import Gallery
from app.state.view_state import ViewState
from app.views import VIEWS
from landscape_core import SpecError, StudySpec
from landscape_core.study.run import tabulate_landscape

STUDY = StudySpec(resolution=5, line_points=7, draws=4, batch_size=10)
OTHERS: dict[str, Any] = {
    "activation": "tanh",
    "range": 5.0,
    "resolution": 6,
    "batch_size": 50,
    "seed": 3,
    "batch_seed": 5,
    "line_points": 9,
    "scaling": "raw",
    "output_activation": "linear",
    "draws": 5,
    "line": "d2",
}
"""Fields of a study or a view, and another value of each than the one that is looked at."""

LOOKS: dict[str, dict[str, Any]] = {
    "moments": {},
    "moments, exact": {"moments": "exact"},
    "variance": {},
    "static": {},
    "oracle": {"step": 3},
    "oracle, parabolas": {"oracle": "quadratics", "step": 3},
    "figures, a sketch": {"figure": 1},
    "figures, two sizes": {"figure": 2, "panel": "c"},
    "figures, lines": {"figure": 7, "panel": "e"},
}
"""The view, and how it is looked at."""

HOST = Host("cpu", 2**32, lambda *_: None, lambda spec: tabulate_landscape(spec, device="cpu"))


def pictures(request: ViewState, known: dict[Any, Any]) -> dict[str, str]:
    """What the panels show, without the words beside them."""
    view = VIEWS[request.view]
    request = request.replace(spec=view.study(request.spec))
    for task in view.tasks(request):
        if task not in known:
            known[task] = KINDS[type(task)].run(task, HOST)
    drawn = draw_view(request, known)
    assert not any(isinstance(panel, Gallery) for panel in drawn.values())
    return {name: json.dumps(content(panel, "light", False), cls=PlotlyJSONEncoder) for name, panel in drawn.items()}


@pytest.mark.parametrize("name", LOOKS)
def test_controls_that_change_nothing_are_not_there(name: str) -> None:
    known: dict[Any, Any] = {}
    request = ViewState(STUDY, name.split(",", maxsplit=1)[0], **LOOKS[name])
    hidden = list_hidden_fields(request.view, request.to_dict())
    before = pictures(request, known)
    acting = set()
    for field, value in OTHERS.items():
        spec = request.spec.replace(**{field: value}) if field in StudySpec.model_fields else request.spec
        other = request.replace(spec=spec) if spec != request.spec else request.replace(**{field: value})
        if pictures(other, known) != before:
            acting.add(field)
    assert acting == {*OTHERS} - hidden


def test_whatever_a_callback_says_of_the_look_is_borne() -> None:
    junk: tuple[object, ...] = (None, 5, [], {}, "x" * 1000)
    for view in VIEWS:
        for value in junk:
            try:
                list_hidden_fields(view, dict.fromkeys(("stage", "moments", "oracle", "figure", "panel"), value))
            except SpecError:
                assert view == "figures"
