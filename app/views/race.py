"""Race: line searches on the same noisy line, one race step by step, then all of them; and training with them."""

from __future__ import annotations

from collections.abc import Sequence

from app.panels import race
from app.pictures import Drawn
from app.state import Request, Task
from app.views.view import Results, View
from landscape_core.geometry import LINE_NAMES
from landscape_core.race import Score, traces
from landscape_core.race import only as only_races
from landscape_core.training import only as only_runs

SCORES: dict[str, Score] = {"distance": "distance", "loss": "left_over"}
"""By what a race is won, as links and controls name it."""

STAGES: dict[str, dict[str, str]] = {
    "one": {"line": "figure", "methods": "words"},
    "many": {"stops": "figure", "distance": "figure", "left-over": "figure", "rates": "words"},
    "train": {"training": "figure", "runs": "words"},
}
"""The panels of each stage."""


def needs(request: Request) -> Sequence[Task]:
    """The races of the line, in the second stage those of the others too; or the training."""
    if request.stage == "train":
        return [request.training]
    tasks = list(request.races.values())
    return tasks if request.stage == "many" else tasks[:1]


def draw(request: Request, results: Results) -> dict[str, Drawn]:
    """The panels of the stage, as far as the results go, with the line searches that are to be seen."""
    if request.stage == "train":
        if request.training not in results:
            return {}
        trained = only_runs(results[request.training], request.racers)
        return {"training": race.training(trained), "runs": race.runs(trained)}
    lines = {name: only_races(results[task], request.racers) for name, task in request.races.items() if task in results}
    if request.line not in lines:
        return {}
    if request.stage == "one":
        result = lines[request.line]
        found = traces(result.spec, request.race, device=result.device)
        return {
            "line": race.line(result, found, request.line, request.race),
            "methods": race.methods(result, found),
        }
    return {
        "stops": race.stops(lines),
        "distance": race.spread(lines, "distance"),
        "left-over": race.spread(lines, "left_over"),
        "rates": race.rates(lines, SCORES[request.score], LINE_NAMES),
    }


VIEW = View(
    "race",
    "Race",
    {name: kind for panels in STAGES.values() for name, kind in panels.items()},  # type: ignore[misc]  # of the two
    sampled=False,
    draw=draw,
    needs=needs,
    gradual=True,
)
