"""Oracle: an urn of samples, drawn from point by point; what is found is declared when the next point proves it."""

from __future__ import annotations

from app import text
from app.panels import oracle as panels
from app.panels.oracle import Words
from app.pictures import Drawn
from app.state import Request, Task
from app.views.view import Results, View
from landscape_core import SpecError
from landscape_core.oracle import OracleLine, OraclePoint, oracle, oracle_of_quadratics, quadratics_at, samples_at

MOST_POINTS = 2_000
"""The whole line goes to the browser at once."""


def needs(request: Request) -> list[Task]:
    """The study of the controls; the four parabolas need none.

    Raises:
        SpecError: The line has too many points to be stepped through.
    """
    if request.spec.line_points > MOST_POINTS:
        allowed = f"at most {MOST_POINTS:,} here: they are drawn one by one"
        raise SpecError("line_points", request.spec.line_points, allowed)
    return [] if request.oracle == "quadratics" else [request.spec]


def the_line(request: Request, results: Results) -> OracleLine:
    """The line that a request is about."""
    if request.oracle == "quadratics":
        return oracle_of_quadratics(request.spec.line_points, request.spec.batch_seed)
    return oracle(results[request.spec], request.line)


def the_point(request: Request, index: int) -> OraclePoint:
    """Every sample at one of its points.

    Raises:
        SpecError: There is no such point.
    """
    if request.oracle == "quadratics":
        return quadratics_at(request.spec.line_points, index)
    return samples_at(request.spec, request.line, index)


def spoken(request: Request) -> Words:
    """How the line of a request is spoken of."""
    return panels.words(request.oracle, request.line)


def note(request: Request) -> str:
    """Which line it is."""
    if request.oracle == "quadratics":
        return f"{request.spec.line_points} points, one of four parabolas at each; batch seed {request.spec.batch_seed}"
    return f"{text.setting(request.spec)}, |B| = {request.spec.batch_size}"


def draw(request: Request, results: Results) -> dict[str, Drawn]:
    """The state after as many draws as the request says; on the page the browser draws it, from the whole line."""
    line, how = the_line(request, results), spoken(request)
    step, shown = min(request.step, len(line.positions)), request.reference == "shown"
    last = step - 1
    made = panels.made(line, last, step, the_point(request, last), how) if step else panels.nothing(how)
    return {
        "urn": panels.urn(line, step, how),
        "loss": panels.chart(line, "loss", request.oracle, step, shown, how, note(request)),
        "slope": panels.chart(line, "slope", request.oracle, step, shown, how, note(request)),
        "made": made,
    }


VIEW = View(
    "oracle",
    "Oracle",
    dict.fromkeys(("urn", "loss", "slope", "made"), "live"),
    sampled=False,
    draw=draw,
    needs=needs,
)
