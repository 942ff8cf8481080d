"""Line searches: line searches on the same noisy line, one race step by step, then all of them; and training with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.jobs.small_tasks import StrandedTask, TracesTask
from app.jobs.tasks import Task
from app.panels import intro, text
from app.panels.racing import many_races, one_race, start_points, training
from app.plotting.model import PanelContent
from app.state.view_state import ViewState
from app.views.view import Need, Part, Results, View
from landscape_core import StudySpec
from landscape_core.comparison.race import Score
from landscape_core.comparison.race_replication import RaceReplicationSpec
from landscape_core.comparison.race_spec import RaceSpec
from landscape_core.comparison.training import TrainingSpec
from landscape_core.geometry.grid import LINE_NAMES

SCORES: dict[str, Score] = {"distance": "distance", "loss": "left_over"}
"""By what a race is won, as links and controls name it."""

STAGES: dict[str, dict[str, str]] = {
    "one": {"line": "figure", "methods": "words"},
    "many": {"stops": "figure", "distance": "figure", "left-over": "figure", "rates": "words"},
    "starts": {"start-rates": "figure", "start-lines": "words", "start-claims": "words"},
    "train": {"training": "figure", "runs": "words"},
}
"""The panels of each stage."""

STRANDED, STRANDED_POINTS, STRANDED_EVALUATIONS = ("relu", "leaky_relu"), 50, 200
"""Section 5 compares these two; at how many start points, and after how many mini-batches they have ended or not."""

STRANDED_SEARCHES = ("gols_i", "probabilistic")
"""Line searches whose stranded runs are counted, beside those of plain descent."""


def needs(request: ViewState) -> list[Need]:
    """The training and who is stranded; races of many start points; or those of the line, and the one shown."""
    if request.stage == "train":
        return [request.training, *stranded_tasks(request).values()]
    if request.stage == "starts":
        return [request.race_replication]
    races = request.races[request.line]
    return [races, traces_task(request)] if request.stage == "one" else [races]


def wants(request: ViewState) -> list[Task]:
    """In the second stage, the races of the other lines."""
    others = [task for line, task in request.races.items() if line != request.line]
    return [*others] if request.stage == "many" else []


def traces_task(request: ViewState) -> TracesTask:
    """The race that is shown step by step."""
    return TracesTask(request.races[request.line].replace(methods=request.racers), request.race)


def stranded_tasks(request: ViewState) -> dict[str, StrandedTask]:
    """By activation, runs from many start points; the same at every seed."""
    asked = request.training.replace(
        seed=0, methods=STRANDED_SEARCHES, constant_steps=(training.STEP,), evaluations=STRANDED_EVALUATIONS
    )
    return {name: StrandedTask(asked.replace(activation=name), STRANDED_POINTS) for name in STRANDED}


def draw(request: ViewState, results: Results) -> dict[str, PanelContent]:
    """The panels of the stage, as far as the results go, with the line searches that are to be seen."""
    if request.stage == "train":
        trained = results[request.training].keep_methods(request.racers)
        stranded = {
            name: {
                run: ends for run, ends in zip(task.spec.runs, results[task], strict=True) if run in trained.spec.runs
            }
            for name, task in stranded_tasks(request).items()
            if task in results
        }
        return {"training": training.loss_curves(trained), "runs": training.run_table(trained, stranded)}
    if request.stage == "starts":
        raced = results[request.race_replication].keep_methods(request.racers)
        return {
            "start-rates": start_points.chart_rates(raced, SCORES[request.score]),
            "start-lines": start_points.tabulate_rates(raced, SCORES[request.score], LINE_NAMES),
            "start-claims": start_points.tabulate_claims(raced),
        }
    lines = {
        name: results[task].keep_methods(request.racers) for name, task in request.races.items() if task in results
    }
    if request.stage == "one":
        result = lines[request.line]
        found = results[traces_task(request)]
        return {
            "line": one_race.line(result, found, request.line, request.race),
            "methods": one_race.methods(result, found),
        }
    return {
        "stops": many_races.stops(lines),
        "distance": many_races.spread(lines, "distance"),
        "left-over": many_races.spread(lines, "left_over"),
        "rates": many_races.rates(lines, SCORES[request.score], LINE_NAMES),
    }


def about(request: ViewState) -> str:
    """Who searches, on what, and what all of them are given."""
    spec, line = request.spec, text.line_label(request.line)
    same = f"all with the same mini-batches of {intro.sampled(spec)}"
    if request.stage == "train":
        trained = f"trained from its start point (seed {spec.seed}) with each line search"
        return f"{text.network_phrase(spec)}: {trained}, {same}."
    if request.stage == "starts":
        return f"{text.network_phrase(spec)}: line searches on the lines of many start points, {same}."
    return f"{intro.plane(spec)}. Line searches along {line}, {same}."


def inert(look: Mapping[str, Any]) -> frozenset[str]:
    """What the races or the trainings of a stage do not depend on."""
    stage = str(look.get("stage"))
    others = {"train": TrainingSpec.STUDY_FIELDS, "starts": RaceReplicationSpec.STUDY_FIELDS}
    used = others.get(stage, RaceSpec.STUDY_FIELDS)
    return frozenset(StudySpec.model_fields).difference(used) | ({"line"} if stage in others else set())


VIEW = View(
    "race",
    "Line searches",
    "Apply and verify",
    8,
    {name: kind for panels in STAGES.values() for name, kind in panels.items()},  # type: ignore[misc]  # of the two
    (Part(draw, needs, wants),),
    controls=(
        "problem",
        "activation",
        "plane",
        "size",
        "line",
        "race",
        "race-bar",
    ),
    lead="Minimise the loss, or follow the sign of the slope?",
    about=about,
    inert=inert,
)
