"""Python that computes a view with the engine, and the command that does the same, if there is one."""

from __future__ import annotations

from collections.abc import Callable
from shlex import quote
from typing import Any

from app.export.figure_snippets import write_figure, write_gallery
from app.export.plot_snippets import NUMPY, write_plot
from app.export.spec_snippets import Code, write_call, write_imports, write_literal, write_spec
from app.state import problems
from app.state.view_state import ViewState
from app.views import VIEWS, explore, figures
from landscape_core import RaceReplicationSpec, RaceSpec, StudySpec
from landscape_core.geometry.directions import DOMAINS
from landscape_core.geometry.grid import LINE_NAMES
from landscape_core.paper import published
from landscape_core.paper.replication_spec import ReplicationSpec
from landscape_core.study import own_problems
from landscape_core.study.spec import OF_PROBLEMS

OF_PROBLEM = ("dataset", "loss", *OF_PROBLEMS)
"""Fields of a study that say which problem it is of, and where it starts."""

OWN_FILE, OWN_TABLE = "my_problem.py:make", "my_table.csv"
"""Stand for files of somebody's own, whose names are not told."""


def write_python(state: ViewState) -> str:
    """Write the Python that computes what a view shows, with variables named after its panels, and draws it."""
    written = (VIEW_CODE.get(state.view, _task_code)(state), write_plot(state))
    imports, body = ([line for part in written for line in part[place]] for place in (0, 1))
    if own_problems.is_own(state.spec.problem):
        made = _make_own(state.spec)
        imports += [*made[0], "from landscape_core.study import own_problems"]
        body = [*made[1], f"assert own_problems.register(problem) == {write_literal(state.spec.problem)}", "", *body]
    grouped: dict[str, list[str]] = {}
    plain = []
    for line in dict.fromkeys(imports):
        if line.startswith("import "):
            plain.append(line)
        else:
            module, names = line.removeprefix("from ").split(" import ")
            grouped.setdefault(module, []).extend(names.split(", "))
    from_ = [
        f"from {module} import {', '.join(sorted(dict.fromkeys(names)))}" for module, names in sorted(grouped.items())
    ]
    parts = ["\n".join(sorted(plain)), "\n".join(from_), "\n".join(body)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _make_own(spec: StudySpec) -> Code:
    """Write how a problem of somebody's own is made: from a table, or by a file; what they are called is not told."""
    described = problems.describe(spec)
    if "target" not in described:
        return ["from my_problem import make"], [
            "problem = make()  # the function of your file; studies find the problem while you hold it"
        ]
    target, missing, loss, activation = (described[name] for name in ("target", "missing", "loss", "hidden"))
    return ["from landscape_core import read_table"], [
        f"table = read_table({write_literal(OWN_TABLE)}, {target!r}, missing={write_literal(missing)})",
        f"table = table.keep({problems.list_columns(described)!r})",
        f"problem = table.make_problem(hidden={tuple(described['units'][1:-1])!r}, activation={write_literal(activation)}, "
        f"loss={write_literal(loss)})",
    ]


def write_command(state: ViewState) -> str | None:
    """Write the command that computes the same, or return None."""
    return COMMANDS.get(state.view, _study_command)(state)


def _figure_command(state: ViewState) -> str | None:
    figure = published.find_figure(state.figure)
    if not figures.as_published(figure, state.spec.replace(seed=figure.base.seed)):
        return None
    same = {"seed": state.spec.seed, "batch_seed": state.spec.batch_seed}
    out = f"figure-{state.figure}{state.panel}.png"
    wanted = [f"batchscape figure {state.figure} --panel {state.panel}", *_options(same), f"--out {out}"]
    return " ".join(wanted)


def _tables_command(state: ViewState) -> str | None:
    kept = {name: getattr(state.spec, name) for name in ("domain", "seed", "batch_seed", "dtype")}
    if state.typical != ReplicationSpec(seeds=state.seeds, **kept):
        return None
    seeds = {"seed": state.spec.seed, "batch_seed": state.spec.batch_seed}
    return " ".join([f"batchscape tables --start-points {state.seeds}", *_options(seeds)])


def _study_command(state: ViewState) -> str | None:
    tasks = VIEWS[state.view].tasks(state)
    spec = tasks[0] if len(tasks) == 1 else None
    if not isinstance(spec, StudySpec):
        return None
    start = StudySpec(domain=spec.domain, start_point=spec.start_point)
    given = {
        name: getattr(spec, name)
        for name in StudySpec.model_fields
        if name not in OF_PROBLEM and (name == "domain" or getattr(spec, name) != getattr(start, name))
    }
    if spec.domain == StudySpec().domain:
        del given["domain"]
    made = _problem_options(spec)
    return (
        None if made is None else " ".join(["batchscape study", *_options(given, plain=True), *made, "--out study.npz"])
    )


def _problem_options(spec: StudySpec) -> list[str] | None:
    """Write the options that say which problem it is; None where the command line cannot say it."""
    usual = StudySpec()
    changed = {name for name in OF_PROBLEM if getattr(spec, name) != getattr(usual, name)}
    if changed - {"problem", "population", "hidden", "loss", "start_point", "train_steps"}:
        return None
    options = []
    if "problem" in changed:
        described = problems.describe(spec) if own_problems.is_own(spec.problem) else {}
        if "target" in described:
            table = _table_options(described)
            if table is None:
                return None
            options += table
        else:
            options += [f"--problem {OWN_FILE if described else spec.problem}"]
    if "hidden" in changed:
        options += [f"--hidden {','.join(map(str, spec.hidden))}"]
    if "loss" in changed:
        options += [f"--loss {spec.loss}"]
    if spec.start_point == "trained":
        options += [f"--train-steps {spec.train_steps}"]
    elif "start_point" in changed:
        options += [f"--start {spec.start_point}"]
    return options


def _table_options(described: dict[str, Any]) -> list[str] | None:
    """Write the options of a network for a table; None where the command line cannot say them."""
    columns, units = problems.list_columns(described), described["units"][1:-1]
    if not units or any("," in name for name in columns):
        return None
    given = {
        **{"table": OWN_TABLE, "target": described["target"], "features": ",".join(columns)},
        **{"missing": described["missing"], "hidden": ",".join(map(str, units))},
        **{"activation": described["hidden"], "loss": described["loss"]},
    }
    return [f"--{name} {quote(value)}" for name, value in given.items()]


def _race_command(state: ViewState) -> str | None:
    if state.stage == "train":
        return None
    spec: RaceSpec = state.race_replication if state.stage == "starts" else state.races[state.line]
    named = ("domain", "activation", "batch_size", "scaling", "output_activation", "seed", "batch_seed")
    given = {name: getattr(spec.base, name) for name in named}
    made = _problem_options(spec.base)
    if made is None or spec.base.dtype != StudySpec().dtype:
        return None  # which the command cannot say
    if spec.base.range != DOMAINS[spec.base.domain].half_width:
        given["range"] = spec.base.range
    lines = [f"--line {state.line}"] if state.stage == "one" else []
    if isinstance(spec, RaceReplicationSpec):
        lines = [f"--start-points {spec.start_points}", f"--races {spec.races}"]
        given.pop("seed")
    return " ".join(["batchscape race", *lines, *_options(given), *made, f"--budget {spec.budget}", "--out race.npz"])


def _options(fields: dict[str, Any], plain: bool = False) -> list[str]:
    """Write options of the command line, without default seeds."""
    usual = StudySpec()
    return [
        f"--{name.replace('_', '-')} {value:g}"
        if isinstance(value, float) and float(f"{value:g}") == value
        else f"--{name.replace('_', '-')} {value}"
        for name, value in fields.items()
        if plain or value != getattr(usual, name)
    ]


def _study_code(state: ViewState, *lines: str) -> Code:
    return write_imports(state.spec), [f"result = {write_call(state.spec)}", *lines]


def _task_code(state: ViewState) -> Code:
    """Write the code of a view without code of its own: all its results."""
    tasks = VIEWS[state.view].tasks(state)
    if not tasks:
        return [f"from landscape_core import {type(state.spec).__name__}"], [f"spec = {write_spec(state.spec)}"]
    imports = [line for task in tasks for line in write_imports(task)]
    names = ["result"] if len(tasks) == 1 else [f"result_{index + 1}" for index in range(len(tasks))]
    return imports, [f"{name} = {write_call(task)}" for name, task in zip(names, tasks, strict=True)]


def _compare(state: ViewState) -> Code:
    kind, found = ("full", "true_") if state.source == "full" else ("batch", "")
    return _study_code(
        state,
        f"loss, slope = result.{kind}_loss, result.{kind}_slope",
        f"line_loss, minima = result.line_{kind}_loss, result.{found}minima",
        f"line_slope, nngpps = result.line_{kind}_slope, result.{found}nngpps",
    )


def _explore(state: ViewState) -> Code:
    kind = "full" if state.source == "full" else "batch"
    through, at = (state.through_d1, state.through_d2), (state.at_d1, state.at_d2)
    shown = {
        "loss": f"result.{kind}_loss",
        "slope": f"result.{kind}_slope",
        "negative": "result.plane_negative",
        "below": "np.where(abs(result.mean_slope) < result.sd_slope, 1.0, np.where(result.mean_slope < 0, 0.0, 2.0))",
    }[state.field]
    arrows: list[str] = []
    names = ["StudySpec", "probe_line", "probe_point", "run"]
    if state.arrows == "shown":
        arrows = ["field = probe_gradients(spec)", "arrows, full_arrows = -field.batch, -field.full"]
        names.insert(1, "probe_gradients")
    imports = [f"from landscape_core import {', '.join(names)}"]
    return [*imports, *([NUMPY] if "np." in shown else [])], [
        f"spec = {write_spec(explore.study(state))}",
        "result = run(spec)",
        f"line = probe_line(spec, {through!r}, {state.angle!r})",
        f"point = probe_point(spec, {at!r})",
        f"loss, slope = result.{kind}_loss, result.{kind}_slope",
        f"shown = {shown}",
        f"line_loss, line_slope = line.{kind}_loss, line.{kind}_slope",
        "at_loss, at_slope = point.batch_loss, point.batch_slope",
        "descent, full_descent = -point.batch_gradient, -point.plane_gradient",
        *arrows,
    ]


def _moments(state: ViewState) -> Code:
    how = "" if state.moments == "exact" else "sampled_"
    return _study_code(
        state,
        f"loss, slope = result.{how}mean_loss, result.{how}mean_slope",
        f"sd_loss, sd_slope = result.{how}sd_loss, result.{how}sd_slope",
    )


def _counts(state: ViewState) -> Code:
    imports, body = _study_code(
        state,
        "minima, nngpps = result.plane_minima_chance, result.plane_nngpp_chance",
        "step = result.positions[1] - result.positions[0]",
        "minima_density, nngpp_density = result.line_minima_chance / step, result.line_nngpp_chance / step",
        "points, thinned = result.thinned_points, (result.thinned_minima.sum(1), result.thinned_nngpps.sum(1))",
        "balls = find_balls(result.spec)",
    )
    return [*imports, "from landscape_core import find_balls"], body


def _variance(state: ViewState) -> Code:
    imports = [
        NUMPY,
        "from landscape_core import LINES, StudySpec, axis, batch_factor, decompose_variance",
    ]
    return imports, [
        f"spec = {write_spec(state.spec)}",
        f"line = LINES[{LINE_NAMES.index(state.line)}]  # {state.line}",
        "positions = axis(spec.range, 100)",
        "share = batch_factor(spec.samples, spec.batch_size, spec.sampling)",
        "along = decompose_variance(spec, positions[:, None] * line.unit, np.full(100, line.angle))",
        "loss, slope, largest = along.loss_variance * share, along.slope_variance * share, along.largest_model",
        f"at = decompose_variance(spec, np.array([{[state.at_d1, state.at_d2]!r}]))",
    ]


def _static(state: ViewState) -> Code:
    index = LINE_NAMES.index(state.line)
    return _study_code(
        state,
        f"line = {index}  # {state.line}",
        "static_loss, static_slope = result.static_loss[:, line], result.static_slope[:, line]",
        "dynamic_loss, dynamic_slope = result.line_batch_loss[line], result.line_batch_slope[line]",
    )


def _oracle(state: ViewState) -> Code:
    what = ["loss, slope = line.loss, line.slope", "minima, nngpps = line.minima, line.nngpps"]
    if state.oracle == "quadratics":
        asked = f"line = oracle_of_quadratics({state.spec.line_points}, {state.spec.batch_seed})"
        return ["from landscape_core import oracle_of_quadratics"], [asked, *what]
    imports, body = _study_code(state, f"line = oracle(result, {write_literal(state.line)})", *what)
    return [*imports, "from landscape_core import oracle"], body


def _race(state: ViewState) -> Code:
    if state.stage == "starts":
        starts = state.race_replication.replace(methods=state.racers)
        return write_imports(starts), [f"result = {write_call(starts)}", "wins, medians = result.wins, result.medians"]
    if state.stage == "train":
        task = state.training.replace(methods=state.racers)
        return write_imports(task), [
            f"result = {write_call(task)}",
            "loss = result.loss  # of the runs in result.spec.runs",
        ]
    name, first = state.line, state.races[state.line].replace(methods=state.racers)
    if state.stage == "one":
        lines = [f"result = {write_call(first)}", f"found = trace_race(result.spec, {state.race})"]
        return [*write_imports(first), "from landscape_core import trace_race"], [
            *lines,
            "optima = result.optima",
        ]
    return [*write_imports(first), "from landscape_core import LINES"], [
        f"spec = {write_spec(first)}  # {name}",
        "results = {line.name: run_race(spec.replace(angles=(line.angle,))) for line in LINES}",
        f"distance, left_over = results[{write_literal(name)}].distance[0], results[{write_literal(name)}].left_over[0]",
    ]


def _tables(state: ViewState) -> Code:
    return write_imports(state.typical), [
        f"result = {write_call(state.typical)}",
        "counts, claims = result.rows(), result.verdicts()",
    ]


COMMANDS: dict[str, Callable[[ViewState], str | None]] = {
    "figures": _figure_command,
    "tables": _tables_command,
    "race": _race_command,
}
"""Commands of views; the others have that of their study."""

VIEW_CODE: dict[str, Callable[[ViewState], Code]] = {
    "compare": _compare,
    "explore": _explore,
    "moments": _moments,
    "counts": _counts,
    "variance": _variance,
    "static": _static,
    "oracle": _oracle,
    "race": _race,
    "figures": write_figure,
    "gallery": write_gallery,
    "tables": _tables,
}
"""Code of views; the others compute their tasks."""
