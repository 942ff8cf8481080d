"""The Python that computes the paper's figures, two panels at a time or small, and draws them."""

from __future__ import annotations

from app.export.plot_snippets import NUMPY, PLOTTING
from app.export.spec_snippets import Code, write_call, write_imports, write_spec
from app.panels.shifts import START_POINTS
from app.state.view_state import ViewState
from app.views import figures, gallery
from landscape_core import StudySpec
from landscape_core.paper import published
from landscape_core.problems.activations import ACTIVATIONS

PANEL_EXPRESSIONS: dict[str, str] = {
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
        "np.where(find_dead_units({0}.spec, {0}.theta0, {0}.directions, {0}.axis).outputs, {0}.full_slope, np.nan)"
    ),
    "true-minima": "{}.true_minima",
    "true-nngpps": "{}.true_nngpps",
    "minima": "{}.minima",
    "nngpps": "{}.nngpps",
    "likely-places": "find_shifts({0}.positions, {0}.line_full_slope, {0}.line_positive)",
    "shift-survey": f"survey_shifts({{}}.spec, {START_POINTS})",
}
"""Expression of a panel that shows a result."""

STANDALONE_EXPRESSIONS: dict[str, str] = {
    "quadratics": "Quadratics().values(np.linspace(-3.0, 3.0, 100))",
    "quadratic-slopes": "Quadratics().derivatives(np.linspace(-3.0, 3.0, 100))",
    "oracle-minima": "Quadratics().sample(100, 0).values",
    "oracle-nngpps": "Quadratics().sample(100, 0).derivatives",
    "directions": "np.array([line.unit for line in LINES])",
    "saturation": "np.array([ACTIVATIONS[name].value(inputs).numpy() for name in {!r}])",
    "saturation-slopes": (
        "np.array([ACTIVATIONS[name].derivative(inputs, ACTIVATIONS[name].value(inputs)).numpy() for name in {!r}])"
    ),
}
STANDALONE_EXPRESSIONS |= {f"sparsity{end}": STANDALONE_EXPRESSIONS[f"saturation{end}"] for end in ("", "-slopes")}

IMPORTS = {
    "find_dead_units(": "from landscape_core import find_dead_units",
    "find_shifts(": "from landscape_core import find_shifts",
    "survey_shifts(": "from landscape_core import survey_shifts",
    "Quadratics(": "from landscape_core import Quadratics",
    "LINES": "from landscape_core import LINES",
    "ACTIVATIONS": "from landscape_core import ACTIVATIONS",
    "torch.": "import torch",
    "np.": NUMPY,
}
"""Imports that expressions need."""

SURFACE = ("{0}_panel.pcolormesh({1}.axis, {1}.axis, {0})",)
INPUTS = ("{0}_panel.plot(inputs, {0}.T)",)
PARABOLAS = ("{0}_panel.plot(np.linspace(-3.0, 3.0, 100), {0}.T)",)


def _mark(lines: str) -> tuple[str, ...]:
    """Write what draws lines, and marks where some of their points were found."""
    return (
        f"{{0}}_panel.plot({{1}}.positions, {{1}}.{lines}.T)",
        f"for line, found in zip({{1}}.{lines}, {{0}}):",
        '    {0}_panel.plot({1}.positions[found], line[found], "kd")',
    )


DRAWN: dict[str, tuple[str, ...]] = {
    "true-minima": _mark("line_full_loss"),
    "true-nngpps": _mark("line_full_slope"),
    "minima": _mark("line_batch_loss"),
    "nngpps": _mark("line_batch_slope"),
    "likely-places": ("{0}_panel.scatter({0}.true, {0}.likely)",),
    "shift-survey": (
        "sizes = np.concatenate([one.size for one in {0}.values()])",
        "{0}_panel.hist(sizes[np.isfinite(sizes)], 24)",
    ),
    **dict.fromkeys(("quadratics", "quadratic-slopes", "oracle-minima", "oracle-nngpps"), PARABOLAS),
    "directions": (
        '{0}_panel.quiver([0] * 4, [0] * 4, *{0}.T, angles="xy", scale_units="xy", scale=1)',
        '{0}_panel.set(xlim=(-1.2, 1.2), ylim=(-1.2, 1.2), aspect="equal")',
    ),
    **dict.fromkeys(("saturation", "saturation-slopes", "sparsity", "sparsity-slopes"), INPUTS),
}
"""What draws a panel that is no surface; 0 is its name, 1 its result."""


def write_figure(state: ViewState) -> Code:
    """Write the code of a panel of a figure and of its neighbour."""
    figure = published.find_figure(state.figure)
    base = state.spec.replace(draws=figure.base.draws)
    known: dict[StudySpec, str] = {}
    imports: list[str] = []
    body: list[str] = []
    plotted: list[str] = []
    for slot, panel in zip(figures.SLOTS, figures.pair(figure, state.panel), strict=False):
        spec = figure.spec(panel, base)
        if spec is None:
            family = panel.shows.removesuffix("-slopes")
            names = tuple(name for name in published.PAPER_ACTIVATIONS if ACTIVATIONS[name].family == family)
            expression = STANDALONE_EXPRESSIONS[panel.shows].format(names)
            if "inputs" in expression and not body:
                body.append("inputs = torch.linspace(-5, 5, 401, dtype=torch.float64)")
        else:
            if spec not in known:
                known[spec] = f"result_{len(known) + 1}" if known else "result"
                imports += write_imports(spec)
                body.append(f"{known[spec]} = {write_call(spec)}")
            expression = PANEL_EXPRESSIONS[panel.shows].format(known[spec])
        body.append(f"{slot} = {expression}  # {figure.name}({panel.letter})")
        plotted += [line.format(slot, "" if spec is None else known[spec]) for line in DRAWN.get(panel.shows, SURFACE)]
        plotted.append(f'{slot}_panel.set_title("{figure.name}({panel.letter})")')
    count = len(figures.pair(figure, state.panel))
    axes, size = (
        ("left_panel", "figsize=(5, 5)") if count == 1 else ("(left_panel, right_panel)", "1, 2, figsize=(10, 5)")
    )
    body += ["", f'_, {axes} = plt.subplots({size}, layout="constrained")', *plotted, "plt.show()"]
    whole = "\n".join(body)
    return [PLOTTING, *imports, *(line for needle, line in IMPORTS.items() if needle in whole)], body


def write_gallery(state: ViewState) -> Code:
    """Write the code of the small figures."""
    numbers = gallery.APPENDIX
    decided = {name: getattr(StudySpec(), name) for name in ("activation", "domain", "range")}  # by each figure
    return [PLOTTING, "from landscape_core import StudySpec, find_figure, run"], [
        f"base = {write_spec(state.spec.replace(draws=0, **decided))}",
        "results = {}",
        f"for number in range({numbers[0]}, {numbers[-1] + 1}):",
        "    own = find_figure(number).base",
        "    spec = base.replace(activation=own.activation, domain=own.domain, range=own.range)",
        "    results[number] = run(spec)",
        "minima = {number: int(result.minima.sum()) for number, result in results.items()}",
        "nngpps = {number: int(result.nngpps.sum()) for number, result in results.items()}",
        "",
        '_, panels = plt.subplots(3, 4, figsize=(16, 12), layout="constrained")',
        "for panel, (number, result) in zip(panels.flat, results.items()):",
        "    panel.pcolormesh(result.axis, result.axis, result.batch_loss)",
        '    panel.set_title(f"Fig. {number}: {minima[number]} minima, {nngpps[number]} NN-GPPs")',
        "plt.show()",
    ]
