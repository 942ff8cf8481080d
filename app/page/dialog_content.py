"""Content of the dialog, as HTML that the browser fetches when it is opened.

Not as Dash components: a table of numbers has thousands of cells, and Dash knows no MathML.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from latex2mathml.converter import convert
from markupsafe import Markup

from app.export import citation, code_snippets, tables
from app.jobs import tasks
from app.jobs.tasks import Task
from app.jobs.uploads import MOST_BYTES, MOST_ROWS, Choices
from app.page.glossary import TERMS
from app.page.rail.parts import DEFAULTS
from app.panels import text
from app.plotting.minus_signs import typeset
from app.plotting.model import Gallery, PanelContent
from app.settings import MIB
from app.state import problems, tour
from app.state.exercises import EXERCISES
from app.state.permalink import exercise_link, scene_link
from app.state.view_state import ViewState
from app.templates import fill_template
from landscape_core import StudySpec, storage
from landscape_core.paper import published
from landscape_core.problems.activations import ACTIVATIONS
from landscape_core.problems.datasets import DATASETS, SCALINGS
from landscape_core.problems.losses import LOSSES

DIGITS = 6


def mathml(latex: str) -> str:
    """Convert a formula to a `<math>` element on a line of its own."""
    # browsers know script letters as characters, not as an attribute
    return convert(latex.replace(r"\mathcal L", "ℒ").replace(r"\mathcal B", "ℬ"), display="block")


def fill_glossary() -> str:
    """Write the glossary."""
    terms = sorted(TERMS, key=lambda term: term.name.lower())
    formulas = [Markup(mathml(term.formula)) if term.formula else "" for term in terms]
    return fill_template("glossary.html", terms=list(zip(terms, formulas, strict=True)))


def fill_numbers(drawn: PanelContent | Gallery) -> str:
    """Write the numbers of a panel as tables, shortened."""
    shown = []
    for whole in tables.list_tables(drawn):
        part, left_out = tables.shorten(whole)
        columns = range(len(part.columns))
        shown.append(
            {
                "caption": f"{whole.name.capitalize()}: {len(whole.rows):,} rows. {left_out}".strip(),
                "columns": part.columns,
                "rows": [[_short(cell) for cell in row] for row in part.rows],
                "numeric": {column for column in columns if all(isinstance(row[column], float) for row in part.rows)},
            }
        )
    return fill_template("numbers.html", sentence=drawn.sentence or drawn.note, tables=shown, digits=DIGITS)


def fill_export(state: ViewState, where: str, needed: Sequence[Task], results: Mapping[Task, Any]) -> str:
    """Write the content of the export dialog."""
    studies = []
    for index, task in enumerate(needed):
        if task in results:
            name = f"{storage.KINDS[type(results[task])].noun.removeprefix('a ').capitalize()} (NPZ)"
            label = name if len(needed) == 1 else f"{name}: {tasks.stem(task).removeprefix('batchscape-')}"
            studies.append((index, label, results[task].nbytes / MIB))
    return fill_template(
        "export.html",
        complete=len(results) == len(needed),
        studies=studies,
        python=code_snippets.write_python(state),
        command=code_snippets.write_command(state),
        citation=citation.write_citation(state, where, results),
    )


def fill_about(state: ViewState) -> str:
    """Write what the page is, what it computes and from what, after which paper, and how to cite that."""
    spec = state.spec
    facts = {
        **(_list_recipe(spec) if problems.is_papers(spec) else _list_facts(spec)),
        "Start point": f"{text.STARTS[spec.start_point]}, seed {spec.seed}; mini-batches: seed {spec.batch_seed}",
    }
    return fill_template(
        "about.html",
        title=published.TITLE,
        number=published.ARXIV,
        arxiv=text.ARXIV_LINK,
        facts=facts.items(),
        choices=[(text.capitalise(choice.open), choice.ours, choice.reason) for choice in published.CHOICES],
        exercises=[(one.title, exercise_link(number)) for number, one in enumerate(EXERCISES, 1)],
        others=[(one.title, scene_link(number)) for number, one in enumerate(tour.OTHERS, len(tour.SCENES) + 1)],
        selected=text.SELECTED_SEED_NOTE if spec.seed == DEFAULTS.seed and problems.is_papers(spec) else "",
        version=version("batchscape"),
        commit=citation.find_commit(),
        paper=citation.PAPER,
    )


MISSING = {"drop": "drop their rows", "mean": "become their column's mean", "refuse": "are refused"}
"""What may happen to missing values, as a sentence goes on that begins with them."""


MODEL = """import torch
from landscape_core import Problem

def make():
    torch.manual_seed(0)
    inputs, targets = torch.randn(200, 8), torch.randint(3, (200,))  # yours
    model = torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.Tanh(), torch.nn.Linear(16, 3))
    return Problem.from_module(model, torch.nn.CrossEntropyLoss(), inputs, targets)
"""
"""A file with a model of somebody's own."""


def fill_data() -> str:
    """Write the form in which a visitor brings a table."""
    usual = Choices()
    activations = {usual.activation: ACTIVATIONS[usual.activation].label}  # the first of a menu is chosen
    activations |= {name: entry.label for name, entry in ACTIVATIONS.items()}
    losses = {"": "As usual for the target"} | {name: entry.label for name, entry in LOSSES.items()}
    return fill_template(
        "data.html",
        model=MODEL,
        megabytes=MOST_BYTES // 10**6,
        most=MOST_BYTES,
        rows=f"{MOST_ROWS:,}",
        menus=[
            ("missing", "Missing values", MISSING.items()),
            ("activation", "Activation", activations.items()),
            ("loss", "Loss", losses.items()),
        ],
        layers=", ".join(map(str, usual.hidden)),
    )


def _list_recipe(spec: StudySpec) -> dict[str, str]:
    """What the paper's network is made from."""
    units, weights = text.network_size(spec)
    hidden = "the hidden layer" if len(spec.hidden) == 1 else "the hidden layers"
    layers = hidden if spec.output_activation == "linear" else "both layers" if len(spec.hidden) == 1 else "all layers"
    return {
        "Network": f"{units}, {weights:,} weights, {ACTIVATIONS[spec.activation].label} after {layers}",
        "Data": DATASETS[spec.dataset].label,
        "Scaling": SCALINGS[spec.scaling].label,
        "Loss": LOSSES[spec.loss].label,
    }


def _list_facts(spec: StudySpec) -> dict[str, str]:
    """What another problem says of itself."""
    described = problems.describe(spec)
    told = {
        name.capitalize(): "-".join(map(str, value)) if isinstance(value, list) else str(value)
        for name in ("data", "scaling", "model", "units", "hidden", "output", "loss")
        if (value := described.get(name))
    }
    return {"Problem": text.label(spec), **told, "Weights": f"{described['parameters']:,}"}


def _short(cell: tables.Cell) -> str:
    if isinstance(cell, float):
        return "–" if cell != cell else f"{cell:.{DIGITS}g}".replace("-", "−")  # noqa: PLR0124  a hole
    return typeset(str(cell))
