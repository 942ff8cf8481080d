"""What a view is: named panels, the tasks it needs, and a function that draws them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from app.pictures import Drawn, Gallery
from app.state import Request, Task, ViewName
from landscape_core.study import Surfaces

Results = Mapping[Task, Any]
"""What a view needs, computed: a study's result for a study, and so on."""


def the_study(request: Request) -> list[Task]:
    """What most views need: the study of the controls."""
    return [request.spec]


@dataclass(frozen=True)
class View:
    """One way of looking at a study.

    Attributes:
        name: Its key in links and in ids.
        label: What a reader sees.
        panels: Names of its panels and what they hold: a Plotly figure, anything else, or what the browser draws by
            itself (`app.stages`), where only the heading comes from `draw`.
        sampled: Whether it needs the sampled statistics, so that studies for it carry draws.
        draw: (request, results) → each panel, drawn; one that is left out is empty.
        needs: The tasks without which it cannot be drawn.
        glimpse: (request, surfaces of its study) → the panels that can be drawn while the rest is computed.
        movable: Panels with a line that the visitor can move.
        gradual: Whether it can be drawn from some of them already, the others missing in its results.
        picker: Whether the links to the paper's figures and tables stand above it.
    """

    name: ViewName
    label: str
    panels: Mapping[str, Literal["figure", "words", "live"]]
    sampled: bool
    draw: Callable[[Request, Results], Mapping[str, Drawn | Gallery]]
    needs: Callable[[Request], Sequence[Task]] = the_study
    glimpse: Callable[[Request, Surfaces], Mapping[str, Drawn]] | None = None
    movable: tuple[str, ...] = ()
    gradual: bool = False
    picker: bool = False
