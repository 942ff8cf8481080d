"""The Python lines that draw what a view's code computes, with matplotlib; of tables, those that print it."""

from __future__ import annotations

from math import ceil

from app.state.view_state import ViewState

PLOTTING, NUMPY = "import matplotlib.pyplot as plt", "import numpy as np"
MOST_COLUMNS = 4

PLANE = "pcolormesh(result.axis, result.axis, {0})"
LINES = "plot(result.positions, {0}.T)"
ALONG = "plot(line.positions, {0})"

FIELDS: dict[str, dict[str, str]] = {
    "compare": {"loss": PLANE, "slope": PLANE, "line_loss": LINES, "line_slope": LINES},
    "explore": {
        **{"loss": PLANE, "slope": PLANE, "shown": PLANE, "descent": 'plot(*{0}.T, ".")'},
        **{"line_loss": ALONG, "line_slope": ALONG, "at_loss": "hist({0}, 24)", "at_slope": "hist({0}, 24)"},
    },
    "moments": dict.fromkeys(("loss", "slope", "sd_loss", "sd_slope"), PLANE),
    "counts": {"minima": PLANE, "nngpps": PLANE, "minima_density": LINES, "nngpp_density": LINES},
    "variance": dict.fromkeys(("loss", "slope", "largest"), "plot(positions, {0})"),
    "static": dict.fromkeys(("static_loss", "static_slope", "dynamic_loss", "dynamic_slope"), LINES),
    "oracle": {"loss": ALONG, "slope": ALONG},
}
"""View → its arrays, and how each is drawn in a field named after it."""

PAIR = '_, panels = plt.subplots(1, 2, figsize=(10, 5), layout="constrained")'
RACE: dict[str, tuple[str, ...]] = {
    "one": (
        PAIR,
        'for panel, name in zip(panels, ("loss", "slope")):',
        '    panel.plot(result.positions, getattr(result, f"line_{name}")[0], "k--", label="full batch")',
        "    for method, trace in found.items():",
        '        panel.plot(trace.positions, getattr(trace, name), "o-", label=method)',
        "    for place in optima:",
        '        panel.axvline(place, color="grey")',
        "    panel.set_title(name)",
        "panels[0].legend()",
    ),
    "many": (
        PAIR,
        'for panel, values, name in zip(panels, (distance, left_over), ("distance", "left_over")):',
        "    panel.boxplot([row[np.isfinite(row)] for row in values], showfliers=False)",
        "    panel.set_xticks(range(1, len(spec.methods) + 1), spec.methods, rotation=30)",
        "    panel.set_title(name)",
    ),
    "starts": (
        PAIR,
        'for panel, score, name in zip(panels, (0, 1), ("distance", "left_over")):',
        "    values = medians[:, score].reshape(-1, len(result.spec.methods)).T",
        "    panel.boxplot([row[np.isfinite(row)] for row in values], showfliers=False)",
        "    panel.set_xticks(range(1, len(values) + 1), result.spec.methods, rotation=30)",
        '    panel.set_title(f"median {name}")',
    ),
    "train": (
        '_, panel = plt.subplots(layout="constrained")',
        "panel.semilogy(loss.T, label=result.spec.runs)",
        'panel.set_title("loss")',
        "panel.legend()",
    ),
}
"""Stage of Line searches → what draws it."""

TABLES = (
    "",
    "for row in counts:",
    '    for name in ("true_optima", "minima", "nngpps"):',
    "        count = getattr(row, name)",
    '        print(f"{row.activation:12}{name:12} paper {count.paper:4}, ours {count.ours}")',
    'verdicts = {True: "holds", False: "does not hold", None: "undecided"}',
    "for verdict in claims:",
    '    print(f"{verdicts[verdict.own]:14}{verdict.claim.statement}")',
)
"""What prints the tables."""

EXPLORED = (
    'panels[3].annotate("", full_descent, (0, 0), arrowprops={"arrowstyle": "->"})',
    'panels[3].set_aspect("equal", "datalim")',
)
ARROWS = (
    'for one, colour in ((full_arrows, "black"), (arrows, "purple")):',
    "    length = np.hypot(*one.T)[:, None]",
    "    unit = np.divide(one, length, out=np.zeros_like(one), where=length > 0)",
    "    panels[2].quiver(*field.coordinates.T, *unit.T, color=colour)",
)


def write_plot(state: ViewState) -> tuple[list[str], list[str]]:
    """Write the imports and the lines that draw a view, unless its code draws it itself."""
    if state.view == "race":
        lines = RACE[state.stage]
        numpy = [NUMPY] if any("np." in line for line in lines) else []
        return [PLOTTING, *numpy], ["", *lines, "plt.show()"]
    if state.view == "tables":
        return [], [*TABLES]
    fields = FIELDS.get(state.view, {})
    if not fields:
        return [], []
    columns = min(len(fields), MOST_COLUMNS)
    rows = ceil(len(fields) / columns)
    arrows = state.view == "explore" and state.arrows == "shown"
    names = ", ".join(f'"{name}"' for name in fields)
    return [PLOTTING, *([NUMPY] if arrows else [])], [
        "",
        f'figure, panels = plt.subplots({rows}, {columns}, figsize=({4 * columns}, {4 * rows}), layout="constrained")',
        "panels = panels.ravel()",
        *(f"panels[{place}].{how.format(name)}" for place, (name, how) in enumerate(fields.items())),
        *(EXPLORED if state.view == "explore" else ()),
        *(ARROWS if arrows else ()),
        f"for panel, name in zip(panels, ({names})):",
        "    panel.set_title(name)",
        "plt.show()",
    ]
