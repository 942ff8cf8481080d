"""The Python that makes a view, with the engine alone, and the command that does the same where there is one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from app.state import Request
from app.views import VIEWS, explore, figures, gallery
from landscape_core import RaceSpec, StudySpec, TrainingSpec, paper
from landscape_core.geometry import LINE_NAMES
from landscape_core.typical_spec import TypicalSpec

RUNS: dict[type, tuple[str, str]] = {
    StudySpec: ("landscape_core", "run"),
    TypicalSpec: ("landscape_core.typical", "run_typical"),
    RaceSpec: ("landscape_core", "run_race"),
    TrainingSpec: ("landscape_core", "run_training"),
}
"""Where each kind of task has its function; a description comes from where its class is defined."""

NUMPY = "import numpy as np"

OF_A_PANEL: dict[str, str] = {
    "loss": "{}.batch_loss",
    "slope": "{}.batch_slope",
    "full-loss": "{}.full_loss",
    "full-slope": "{}.full_slope",
    "mean-loss": "{}.sampled_mean_loss",
    "mean-slope": "{}.sampled_mean_slope",
    "below-loss": "{}.sampled_mean_loss",
    "below-slope": "{}.sampled_mean_slope",
    "sd-loss": "{}.sampled_sd_loss",
    "sd-slope": "{}.sampled_sd_slope",
    "units-off": (
        "np.where(units_off({0}.spec, {0}.theta0, {0}.directions, {0}.axis).outputs, {0}.full_slope, np.nan)"
    ),
    "true-minima": "{}.true_minima",
    "true-nngpps": "{}.true_nngpps",
    "minima": "{}.minima",
    "nngpps": "{}.nngpps",
}
"""What a panel of the paper's figures shows of a result."""

OF_ITSELF: dict[str, str] = {
    "quadratics": "Quadratics().values(np.linspace(-3.0, 3.0, 100))",
    "quadratic-slopes": "Quadratics().derivatives(np.linspace(-3.0, 3.0, 100))",
    "oracle-minima": "Quadratics().sample(100, 0).values",
    "oracle-nngpps": "Quadratics().sample(100, 0).derivatives",
    "directions": "np.array([line.unit for line in LINES])",
    "saturation": "np.array([entry.value(inputs).numpy() for entry in ACTIVATIONS.values() if entry.family == {!r}])",
    "saturation-slopes": (
        "np.array([entry.derivative(inputs, entry.value(inputs)).numpy() "
        "for entry in ACTIVATIONS.values() if entry.family == {!r}])"
    ),
}
OF_ITSELF |= {f"sparsity{end}": OF_ITSELF[f"saturation{end}"] for end in ("", "-slopes")}

NEEDS = {
    "units_off(": "from landscape_core.flat import units_off",
    "Quadratics(": "from landscape_core.quadratics import Quadratics",
    "LINES": "from landscape_core.geometry import LINES",
    "ACTIVATIONS": "from landscape_core.activations import ACTIVATIONS",
    "torch.": "import torch",
    "np.": NUMPY,
}
"""What an expression has to have imported."""


def made(task: Any) -> str:  # noqa: ANN401  any description
    """The expression that makes a description: only what differs from the defaults."""
    kind = type(task)

    def fields(one: Any) -> dict[str, Any]:  # noqa: ANN401
        return dict(one.fields() if hasattr(one, "fields") else one.model_dump())

    own, plain = fields(task), fields(kind())
    # a domain brings its own range
    start = {name: own[name] for name in ("domain",) if name in own and own[name] != plain[name]}
    default = fields(kind(**start))
    given = {name: value for name, value in own.items() if name in start or value != default[name]}
    return f"{kind.__name__}({', '.join(f'{name}={_literal(value)}' for name, value in given.items())})"


def _literal(value: object) -> str:
    return json.dumps(value) if isinstance(value, str) else repr(value)


def python(request: Request) -> str:
    """The Python that computes what a view shows. Names of variables are those of its panels."""
    imports, body = OF_A_VIEW.get(request.view, _tasks)(request)
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


def command(request: Request) -> str | None:
    """The command that computes the same, or None."""
    return COMMANDS.get(request.view, _study_command)(request)


def _figure_command(request: Request) -> str | None:
    figure = paper.figure(request.figure)
    if not figures.as_published(figure, request.spec.replace(seed=figure.base.seed)):
        return None
    same = {"seed": request.spec.seed, "batch_seed": request.spec.batch_seed}
    out = f"figure-{request.figure}{request.panel}.png"
    wanted = [f"batchscape figure {request.figure} --panel {request.panel}", *_options(same), f"--out {out}"]
    return " ".join(wanted)


def _tables_command(request: Request) -> str | None:
    kept = {name: getattr(request.spec, name) for name in ("domain", "seed", "batch_seed", "dtype")}
    if request.typical != TypicalSpec(seeds=request.seeds, **kept):
        return None
    seeds = {"seed": request.spec.seed, "batch_seed": request.spec.batch_seed}
    return " ".join([f"batchscape tables --seeds {request.seeds}", *_options(seeds)])


def _study_command(request: Request) -> str | None:
    tasks = VIEWS[request.view].needs(request)
    spec = tasks[0] if len(tasks) == 1 else None
    if not isinstance(spec, StudySpec):
        return None
    start = StudySpec(domain=spec.domain)
    given = {
        name: getattr(spec, name)
        for name in StudySpec.model_fields
        if name not in ("dataset", "loss") and (name == "domain" or getattr(spec, name) != getattr(start, name))
    }
    if spec.domain == StudySpec().domain:
        del given["domain"]
    return " ".join(["batchscape study", *_options(given, plain=True), "--out study.npz"])


def _race_command(request: Request) -> str | None:
    if request.stage == "train":
        return None
    spec = request.races[request.line]
    named = ("domain", "activation", "batch_size", "scaling", "output_activation", "seed", "batch_seed")
    given = {name: getattr(spec.base, name) for name in named}
    if spec.base.dtype != StudySpec().dtype:
        return None  # which the command cannot say
    if spec.base.range != StudySpec(domain=spec.base.domain).range:
        given["range"] = spec.base.range
    lines = [f"--line {request.line}"] if request.stage == "one" else []
    return " ".join(["batchscape race", *lines, *_options(given), f"--budget {spec.budget}", "--out race.npz"])


def _options(fields: dict[str, Any], plain: bool = False) -> list[str]:
    """Options of the command line; seeds that are the defaults are left out."""
    usual = StudySpec()
    return [
        f"--{name.replace('_', '-')} {value:g}"
        if isinstance(value, float) and float(f"{value:g}") == value
        else f"--{name.replace('_', '-')} {value}"
        for name, value in fields.items()
        if plain or value != getattr(usual, name)
    ]


Code = tuple[list[str], list[str]]
"""Imports, and what follows them."""


def _imports(task: Any) -> list[str]:  # noqa: ANN401
    module, function = RUNS[type(task)]
    own = module if module == "landscape_core" else type(task).__module__
    return [f"from {own} import {type(task).__name__}", f"from {module} import {function}"]


def _run(task: Any) -> str:  # noqa: ANN401
    return f"{RUNS[type(task)][1]}({made(task)})"


def _result(request: Request, *lines: str) -> Code:
    return _imports(request.spec), [f"result = {_run(request.spec)}", *lines]


def _tasks(request: Request) -> Code:
    """Of a view that has no code of its own: every result that it draws."""
    tasks = list(VIEWS[request.view].needs(request))
    if not tasks:
        return [f"from landscape_core import {type(request.spec).__name__}"], [f"spec = {made(request.spec)}"]
    imports = [line for task in tasks for line in _imports(task)]
    names = ["result"] if len(tasks) == 1 else [f"result_{index + 1}" for index in range(len(tasks))]
    return imports, [f"{name} = {_run(task)}" for name, task in zip(names, tasks, strict=True)]


def _compare(request: Request) -> Code:
    kind, found = ("full", "true_") if request.source == "full" else ("batch", "")
    return _result(
        request,
        f"loss, slope = result.{kind}_loss, result.{kind}_slope",
        f"line_loss, minima = result.line_{kind}_loss, result.{found}minima",
        f"line_slope, nngpps = result.line_{kind}_slope, result.{found}nngpps",
    )


def _explore(request: Request) -> Code:
    kind = "full" if request.source == "full" else "batch"
    through, at = (request.through_d1, request.through_d2), (request.at_d1, request.at_d2)
    shown = {
        "loss": f"result.{kind}_loss",
        "slope": f"result.{kind}_slope",
        "negative": "result.plane_negative",
        "below": "np.where(abs(result.mean_slope) < result.sd_slope, 1.0, np.where(result.mean_slope < 0, 0.0, 2.0))",
    }[request.field]
    imports = ["from landscape_core import StudySpec, run", "from landscape_core.probe import probe_line, probe_point"]
    return [*imports, *([NUMPY] if "np." in shown else [])], [
        f"spec = {made(explore.study(request))}",
        "result = run(spec)",
        f"line = probe_line(spec, {through!r}, {request.angle!r})",
        f"point = probe_point(spec, {at!r})",
        f"loss, slope = result.{kind}_loss, result.{kind}_slope",
        f"shown = {shown}",
        f"line_loss, line_slope = line.{kind}_loss, line.{kind}_slope",
        "at_loss, at_slope = point.batch_loss, point.batch_slope",
    ]


def _moments(request: Request) -> Code:
    how = "" if request.moments == "exact" else "sampled_"
    return _result(
        request,
        f"loss, slope = result.{how}mean_loss, result.{how}mean_slope",
        f"sd_loss, sd_slope = result.{how}sd_loss, result.{how}sd_slope",
    )


def _chances(request: Request) -> Code:
    return _result(
        request,
        "minima, nngpps = result.plane_minima_chance, result.plane_nngpp_chance",
        "step = result.positions[1] - result.positions[0]",
        "minima_density, nngpp_density = result.line_minima_chance / step, result.line_nngpp_chance / step",
        "points, thinned = result.thinned_points, (result.thinned_minima.sum(1), result.thinned_nngpps.sum(1))",
    )


def _variance(request: Request) -> Code:
    imports = [
        NUMPY,
        "from landscape_core import StudySpec",
        "from landscape_core.geometry import LINES, axis",
        "from landscape_core.statistics import batch_factor",
        "from landscape_core.variance import explain",
    ]
    return imports, [
        f"spec = {made(request.spec)}",
        f"line = LINES[{LINE_NAMES.index(request.line)}]  # {request.line}",
        "positions = axis(spec.range, 100)",
        "share = batch_factor(spec.samples, spec.batch_size)",
        "along = explain(spec, positions[:, None] * line.unit, np.full(100, line.angle))",
        "loss, slope, largest = along.loss_variance * share, along.slope_variance * share, along.largest_model",
        f"at = explain(spec, np.array([{[request.at_d1, request.at_d2]!r}]))",
    ]


def _static(request: Request) -> Code:
    index = LINE_NAMES.index(request.line)
    return _result(
        request,
        f"line = {index}  # {request.line}",
        "static_loss, static_slope = result.static_loss[:, line], result.static_slope[:, line]",
        "dynamic_loss, dynamic_slope = result.line_batch_loss[line], result.line_batch_slope[line]",
    )


def _oracle(request: Request) -> Code:
    what = ["loss, slope = line.loss, line.slope", "minima, nngpps = line.minima, line.nngpps"]
    if request.oracle == "quadratics":
        asked = f"line = oracle_of_quadratics({request.spec.line_points}, {request.spec.batch_seed})"
        return ["from landscape_core.oracle import oracle_of_quadratics"], [asked, *what]
    imports, body = _result(request, f"line = oracle(result, {_literal(request.line)})", *what)
    return [*imports, "from landscape_core.oracle import oracle"], body


def _race(request: Request) -> Code:
    if request.stage == "train":
        task = request.training.replace(methods=request.racers)
        return _imports(task), [f"result = {_run(task)}", "loss = result.loss  # of the runs in result.spec.runs"]
    name, first = request.line, request.races[request.line].replace(methods=request.racers)
    if request.stage == "one":
        lines = [f"result = {_run(first)}", f"found = traces(result.spec, {request.race})"]
        return [*_imports(first), "from landscape_core.race import traces"], [*lines, "optima = result.optima"]
    return [*_imports(first), "from landscape_core.geometry import LINES"], [
        f"spec = {made(first)}  # {name}",
        "results = {line.name: run_race(spec.replace(angles=(line.angle,))) for line in LINES}",
        f"distance, left_over = results[{_literal(name)}].distance[0], results[{_literal(name)}].left_over[0]",
    ]


def _figures(request: Request) -> Code:
    figure = paper.figure(request.figure)
    base = request.spec.replace(draws=figure.base.draws)
    known: dict[StudySpec, str] = {}
    imports: list[str] = []
    body: list[str] = []
    for slot, panel in zip(figures.SLOTS, figures.pair(figure, request.panel), strict=False):
        spec = figure.spec(panel, base)
        if spec is None:
            expression = OF_ITSELF[panel.shows].format(panel.shows.removesuffix("-slopes"))
            if "inputs" in expression and not body:
                body.append("inputs = torch.linspace(-5, 5, 401, dtype=torch.float64)")
        else:
            if spec not in known:
                known[spec] = f"result_{len(known) + 1}" if known else "result"
                imports += _imports(spec)
                body.append(f"{known[spec]} = {_run(spec)}")
            expression = OF_A_PANEL[panel.shows].format(known[spec])
        body.append(f"{slot} = {expression}  # {figure.name}({panel.letter})")
    whole = "\n".join(body)
    return imports + [line for needle, line in NEEDS.items() if needle in whole], body


def _gallery(request: Request) -> Code:
    numbers = gallery.APPENDIX
    decided = {name: getattr(StudySpec(), name) for name in ("activation", "domain", "range")}  # by each figure
    return ["from landscape_core import StudySpec, paper, run"], [
        f"base = {made(request.spec.replace(draws=0, **decided))}",
        "results = {}",
        f"for number in range({numbers[0]}, {numbers[-1] + 1}):",
        "    own = paper.figure(number).base",
        "    spec = base.replace(activation=own.activation, domain=own.domain, range=own.range)",
        "    results[number] = run(spec)",
        "minima = {number: int(result.minima.sum()) for number, result in results.items()}",
        "nngpps = {number: int(result.nngpps.sum()) for number, result in results.items()}",
    ]


def _tables(request: Request) -> Code:
    return _imports(request.typical), [
        f"result = {_run(request.typical)}",
        "counts, claims = result.rows(), result.verdicts()",
    ]


COMMANDS: dict[str, Callable[[Request], str | None]] = {
    "figures": _figure_command,
    "tables": _tables_command,
    "race": _race_command,
}
"""Commands of the views; the others have that of their study."""

OF_A_VIEW: dict[str, Callable[[Request], Code]] = {
    "compare": _compare,
    "explore": _explore,
    "moments": _moments,
    "chances": _chances,
    "variance": _variance,
    "static": _static,
    "oracle": _oracle,
    "race": _race,
    "figures": _figures,
    "gallery": _gallery,
    "tables": _tables,
}
"""Code of the views; one that is not named here gives the results of its tasks."""
