"""Presets: the tasks that links and buttons lead to, which are computed in advance."""

from __future__ import annotations

from app.jobs.tasks import Task
from app.page.rail.rail import list_sizes
from app.state.view_state import ViewState
from app.views import VIEWS
from landscape_core import StudySpec
from landscape_core.geometry.directions import DOMAINS
from landscape_core.paper import published


def list_presets(dtype: str = "float64") -> list[Task]:
    """List all presets, in the order in which they are likely to be asked for.

    These are every view as it opens, Compare and Explore for each activation of the paper, domain and preset of the
    batch size, all panels of all figures, and both tables.
    """
    start = StudySpec(dtype=dtype)
    states = [ViewState(start, view.name) for view in VIEWS.values()]
    for domain in published.DOMAIN_TABLE:
        for activation in published.PAPER_ACTIVATIONS:
            plane = start.replace(activation=activation, domain=domain, range=DOMAINS[domain].half_width)
            states += [ViewState(plane.replace(batch_size=size)) for size in list_sizes(start.samples).values()]
            states += [ViewState(plane, view.name) for view in VIEWS.values() if view.sampled]
    states += [
        ViewState(figure.base.replace(dtype=dtype), "figures", figure=figure.number, panel=panel.letter)
        for figure in published.FIGURES.values()
        for panel in figure.panels
    ]
    states += [ViewState(start.replace(domain=domain, range=None), "tables") for domain in published.DOMAIN_TABLE]
    tasks = dict.fromkeys(task for state in states for task in _list_needs(state))
    return sorted(tasks, key=lambda task: not isinstance(task, StudySpec))  # the others take a minute


def _list_needs(state: ViewState) -> list[Task]:
    """The tasks of a view, as `callbacks.choice.choose` asks for them: only some views need draws."""
    view = VIEWS[state.view]
    fields = {name: value for name, value in state.to_dict().items() if name != "spec"}
    spec = view.study(state.spec)
    return view.tasks(ViewState(spec, **fields))
