"""The declaration of a view: named panels, and the parts in which they are drawn, each from the tasks that it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from app.jobs.small_tasks import SmallTask, SurfacesTask, TablesPart, TablesTask
from app.jobs.tasks import Task
from app.panels import intro
from app.plotting.model import Gallery, PanelContent
from app.state import problems
from app.state.view_state import ViewName, ViewState
from landscape_core import StudyResult, StudySpec
from landscape_core.sampling.minibatches import WITHOUT

Group = Literal["Learn", "Understand", "Apply and verify"]
Need = Task | SmallTask
Results = Mapping[Any, Any]
"""What a view needs, computed: task or small task → its result."""
Panels = Mapping[str, PanelContent | Gallery]


@dataclass(frozen=True)
class Part:
    """Panels of a view that are drawn together, as soon as what they need is there.

    Attributes:
        draw: (request, results) → each panel, drawn; one that is left out is empty.
        needs: The tasks without which they cannot be drawn; by default the one study that the controls describe.
        wants: Tasks that they can be drawn without; they are drawn again as each arrives.
    """

    draw: Callable[[ViewState, Results], Panels]
    needs: Callable[[ViewState], Sequence[Need]] = lambda request: [request.spec]
    wants: Callable[[ViewState], Sequence[Need]] = lambda _request: []


@dataclass(frozen=True)
class View:
    """One way of looking at a study.

    Attributes:
        name: Its key in links and in ids: that of its file.
        title: What a reader sees.
        group: What it is for; the tabs of a group stand together.
        place: Where its tab stands, from the left.
        panels: Names of its panels and what they hold: a Plotly figure, anything else, or what the browser draws by
            itself (`app.page.oracle_panels`), where only the heading is drawn here.
        parts: How they are drawn.
        controls: The boxes of controls that are seen, by their names in `app.page.rail.rail`.
        sampled: Whether it needs the sampled statistics, so that studies for it carry draws.
        movable: Panels with a line that the visitor can move.
        lead: What the sentence above the panels begins with.
        about: request → that sentence: what is seen, and of what; there is none without it.
        figures: (request, its study) → numbers beside that sentence, by their places.
        picker: Whether the links to the paper's figures and tables stand above it.
        inert: What the controls hold that choose a view's look → fields that change nothing here, so that their controls
            are not seen. What it is given may be anything.
        live: The sample tables from which the browser draws it while the size of the mini-batches moves.
    """

    name: ViewName
    title: str
    group: Group
    place: int
    panels: Mapping[str, Literal["figure", "words", "live"]]
    parts: tuple[Part, ...]
    sampled: bool = False
    controls: tuple[str, ...] = ()
    movable: tuple[str, ...] = ()
    lead: str = ""
    about: Callable[[ViewState], str] | None = None
    figures: Callable[[ViewState, StudyResult], Mapping[str, str]] | None = None
    picker: bool = False
    inert: Callable[[Mapping[str, Any]], frozenset[str]] = lambda _look: frozenset()
    live: tuple[TablesPart, ...] = ()

    def waits(self, spec: StudySpec) -> bool:
        """Whether the server draws it, once a control has been moved, and the browser cannot."""
        return not self.live or not all(TablesTask(spec, part).drawable for part in self.live)

    def idle(self, request: ViewState) -> list[str]:
        """What does nothing, as it is looked at: fields, and `play` where the server draws."""
        spec = request.spec
        idle = self.inert(vars(request)) | problems.list_idle(spec.problem, spec.start_point)
        return sorted(idle | (frozenset({"play"}) if self.waits(spec) else frozenset()))

    def introduce(self, request: ViewState, result: StudyResult | None) -> dict[str, str]:
        """Return the words above the panels by their places; those with numbers of the study if that is at hand."""
        if self.about is None:
            return {}
        words = intro.say(self.about(request), request.spec.batch_size)
        return {**words, **(self.figures(request, result) if self.figures and result else {})}

    def study(self, spec: StudySpec) -> StudySpec:
        """A study as it is looked at here, without what is not seen: another problem, draws, a way to draw mini-batches."""
        seen = spec if "problem" in self.controls else problems.as_papers(spec)
        unseen: dict[str, object] = {} if self.sampled else {"draws": 0}
        return seen.replace(**unseen, **({} if "sampling" in self.controls else {"sampling": WITHOUT}))

    def needs(self, request: ViewState) -> list[Need]:
        """All that its panels are drawn from."""
        return list(dict.fromkeys(need for part in self.parts for need in (*part.needs(request), *part.wants(request))))

    def tasks(self, request: ViewState) -> list[Task]:
        """The tasks among them, which are computed in the background."""
        return list(dict.fromkeys(task for need in self.needs(request) if (task := task_behind(need)) is not None))

    def draw(self, request: ViewState, results: Results) -> dict[str, PanelContent | Gallery]:
        """The panels that can be drawn from some results."""
        held = with_surfaces(self.needs(request), results)
        drawn: dict[str, PanelContent | Gallery] = {}
        for part in self.parts:
            if all(need in held for need in part.needs(request)):
                drawn |= part.draw(request, held)
        return drawn


def task_behind(need: Need) -> Task | None:
    """The task that has to be computed for a need; None for a small task, which is computed while the visitor waits."""
    if isinstance(need, SurfacesTask):
        return need.spec
    return None if isinstance(need, SmallTask) else need


def with_surfaces(needs: Sequence[Need], results: Results) -> dict[Any, Any]:
    """Results, and the surfaces that are part of a study among them."""
    held = {
        need: results[need.spec]
        for need in needs
        if isinstance(need, SurfacesTask) and need not in results and need.spec in results
    }
    return {**results, **held}
