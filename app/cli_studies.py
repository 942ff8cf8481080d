"""The commands study and race: one landscape, and line searches on it."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from app.cli_options import (
    Activation,
    BatchSeed,
    BatchSize,
    Device,
    Domain,
    OutputActivation,
    Range,
    Sampling,
    Saved,
    Scaling,
    Seed,
)
from app.cli_problems import (
    CHECK_SECONDS,
    PAPER,
    CheckSeconds,
    Features,
    Hidden,
    LossName,
    MaxSamples,
    Missing,
    ProblemName,
    Start,
    TableFile,
    TableOption,
    TableOrCsv,
    Target,
    TrainSteps,
    choose_problem,
    describe_problem,
)
from app.terminal import (
    Refused,
    check_folder,
    loading,
    print_summary,
    print_tables,
    progress_bars,
    save_result,
)


def study(
    activation: Activation = "sigmoid",
    domain: Domain = "global",
    range_: Range = None,
    resolution: Annotated[int, typer.Option(help="Points along each side of the plane.")] = 100,
    line_points: Annotated[int, typer.Option(help="Points along each of the four lines.")] = 100,
    batch_size: BatchSize = 10,
    sampling: Sampling = "without-replacement",
    draws: Annotated[int, typer.Option(help="Sampled draws at each point; 0 leaves only the exact moments.")] = 50,
    slope_angle: Annotated[float, typer.Option(help="Slope direction in degrees from d1; 45: Eq. 7.")] = 45,
    seed: Seed = 12735,
    batch_seed: BatchSeed = 0,
    scaling: Scaling = "authors",
    output_activation: OutputActivation = "same",
    problem: ProblemName = PAPER,
    table: TableOrCsv = None,
    target: Target = None,
    features: Features = None,
    missing: Missing = "refuse",
    hidden: Hidden = None,
    loss: LossName = None,
    start: Start = "auto",
    train_steps: TrainSteps = None,
    max_samples: MaxSamples = 0,
    check_seconds: CheckSeconds = CHECK_SECONDS,
    dtype: Annotated[str, typer.Option(help="float64 or float32.")] = "float64",
    device: Device = "auto",
    out: Saved = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts and locations as JSON.")] = False,
) -> None:
    """Compute one study, print what was found on the lines, and save it."""
    with loading():
        from landscape_core import StudySpec, run
        from landscape_core.study.own_problems import read_spec

    own, fields = choose_problem(
        {
            "activation": activation,
            "domain": domain,
            "range": range_,
            "resolution": resolution,
            "line_points": line_points,
            "batch_size": batch_size,
            "sampling": sampling,
            "draws": draws,
            "slope_angle": slope_angle,
            "seed": seed,
            "batch_seed": batch_seed,
            "scaling": scaling,
            "output_activation": output_activation,
            "dtype": dtype,
        },
        problem,
        TableFile(table, target, features, missing),
        hidden=hidden,
        loss=loss,
        start=start,
        train_steps=train_steps,
        max_samples=max_samples,
        check_seconds=check_seconds,
    )
    spec = read_spec(StudySpec, own, fields)
    check_folder(out)
    with progress_bars() as report:
        result = run(spec, device=device, progress=report)
    save_result(result, out)
    summary = result.summary()
    if as_json:
        typer.echo(json.dumps(summary, indent=2))
    else:
        print_summary(summary, describe_problem(summary, spec.samples))


def _pick_lines(names: list[str] | None) -> dict[str, float]:
    from landscape_core.geometry.grid import LINES

    angles = {one.name: one.angle for one in LINES}
    for name in names or ():
        if name not in angles:
            raise Refused(f"line: got {name!r}; allowed: one of {', '.join(angles)}")
    return {name: angles[name] for name in dict.fromkeys(names or angles)}


def race(
    activation: Activation = "sigmoid",
    domain: Domain = "global",
    range_: Range = None,
    line: Annotated[
        list[str] | None, typer.Option(help="d1, d2, d1+d2 or d1-d2, also several times.", show_default="all four")
    ] = None,
    budget: Annotated[int, typer.Option(help="Evaluations of a search, 1 to 100.")] = 15,
    races: Annotated[
        int | None, typer.Option(help="Races on each line, 1 to 10,000.", show_default="500 or 50")
    ] = None,
    start_points: Annotated[
        int | None, typer.Option(help="Race at so many start points, seeds from 0 on, 50 races on each line.")
    ] = None,
    batch_size: BatchSize = 10,
    seed: Seed = 12735,
    batch_seed: BatchSeed = 0,
    scaling: Scaling = "authors",
    output_activation: OutputActivation = "same",
    problem: ProblemName = PAPER,
    table: TableOption = None,
    target: Target = None,
    features: Features = None,
    missing: Missing = "refuse",
    hidden: Hidden = None,
    loss: LossName = None,
    start: Start = "auto",
    train_steps: TrainSteps = None,
    max_samples: MaxSamples = 0,
    check_seconds: CheckSeconds = CHECK_SECONDS,
    device: Device = "auto",
    out: Saved = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="As CSV: where races end, then which search wins.")] = False,
) -> None:
    """Line searches on the same noisy lines with the same mini-batches: where they stop, and how often each wins."""
    if as_json and as_csv:
        raise Refused("race: got both --json and --csv; allowed: one of them")
    with loading():
        from app.panels.racing import many_races
        from app.panels.racing import start_points as starts
        from landscape_core import RaceReplicationSpec, RaceSpec, run_race, run_race_replication
        from landscape_core.study.own_problems import read_spec

    angles = _pick_lines(line)
    check_folder(out)
    own, fields = choose_problem(
        {
            "activation": activation,
            "domain": domain,
            "range": range_,
            "angles": tuple(angles.values()),
            "budget": budget,
            "batch_size": batch_size,
            "batch_seed": batch_seed,
            "scaling": scaling,
            "output_activation": output_activation,
            **({} if races is None else {"races": races}),
            **({"seed": seed} if start_points is None else {"start_points": start_points}),
        },
        problem,
        TableFile(table, target, features, missing),
        hidden=hidden,
        loss=loss,
        start=start,
        train_steps=train_steps,
        max_samples=max_samples,
        check_seconds=check_seconds,
    )
    with progress_bars() as report:
        if start_points is None:
            result: Any = run_race(read_spec(RaceSpec, own, fields), device=device, progress=report)
            shown, record = many_races.report_races(result, tuple(angles))
        else:
            replicated = read_spec(RaceReplicationSpec, own, fields)
            result = run_race_replication(replicated, device=device, progress=report)
            shown, record = starts.report_races(result, tuple(angles))
    save_result(result, out)
    print_tables(shown, record, as_json=as_json, as_csv=as_csv)
