"""The problems that the page offers: the paper's, others that come with Batchscape or with installed packages, and yours.

Yours are those that this server or worker was started with. Nothing a visitor sends can name a file: a link has the name
of a study's problem, which is a digest, and is followed only where that very problem is served.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import torch

from landscape_core import Problem, StudySpec, load_problem
from landscape_core.paper.published import DOMAIN_TABLE
from landscape_core.problems.activations import ACTIVATIONS
from landscape_core.problems.builtin import PROBLEMS
from landscape_core.problems.custom.loading import MOST_SECONDS
from landscape_core.problems.datasets import DATASETS
from landscape_core.problems.registry import ProblemEntry
from landscape_core.study import own_problems, plane
from landscape_core.study.plane import recall_problem
from landscape_core.study.spec import OF_PROBLEMS, PAPER, RECIPE, TRAINING

PAPERS_LABEL = "The paper's network"

LONGEST_NAME = 40
"""Characters of a column's name where a problem is named after it."""


@dataclass(frozen=True, eq=False)
class Served:
    """A problem that is served.

    Attributes:
        entry: Its label and description, and the key of its file.
        problem: The problem, held so that studies find it.
    """

    entry: ProblemEntry
    problem: Problem


SERVED: dict[str, Served] = {}
"""By the names that studies have for them."""


def serve_file(where: str, seconds: float = MOST_SECONDS) -> str:
    """Run a file of your own and serve the problem that it makes; return the name that studies have for it.

    Args:
        where: The file and its function, as in `load_problem`.
        seconds: How long that may take, likewise.

    Raises:
        ProblemError: It makes no problem, or takes longer.
    """
    entry = load_problem(where, seconds=seconds)
    problem = entry.make(torch.float64, torch.device("cpu"))
    name = own_problems.register(problem)
    SERVED[name] = Served(entry, problem)
    return name


def describe_served() -> str:
    """Part of the name of a queue: servers and workers with other files, or other versions of them, do not share one."""
    keys = sorted(served.entry.key for served in SERVED.values())
    return f":problem {hashlib.sha256(''.join(keys).encode()).hexdigest()[:12]}" if keys else ""


def list_offered() -> dict[str, str]:
    """What a visitor can choose: names of problems, and their labels."""
    return {
        **{name: PAPERS_LABEL if name == PAPER else entry.label for name, entry in PROBLEMS.items()},
        **{name: served.entry.label for name, served in SERVED.items()},
    }


def is_papers(spec: StudySpec) -> bool:
    """Whether a study is of the paper's network, with whatever data, layers and loss."""
    return spec.problem == PAPER


def list_idle(problem: object, start_point: object) -> frozenset[str]:
    """Fields that change nothing: what a problem is made from, of one that is made already, and an untaken training."""
    made = frozenset() if problem == PAPER else frozenset(RECIPE)
    return made | (frozenset() if start_point == "trained" else frozenset(TRAINING))


def count_samples(problem: object, dataset: object) -> int:
    """N of a problem that is offered, of the paper's network with a data set; 0 for what there is not."""
    if problem == PAPER:
        return DATASETS[str(dataset)].samples if str(dataset) in DATASETS else 0
    known = PROBLEMS.get(str(problem)) or own_problems.recall(str(problem))
    return known.samples if known else 0


def as_papers(spec: StudySpec) -> StudySpec:
    """The study of the paper's own problem that is most like another."""
    usual = StudySpec()
    of_plane = () if spec.domain in DOMAIN_TABLE else ("domain", "range")
    chosen = {name: getattr(usual, name) for name in ("dataset", "loss", *OF_PROBLEMS, *of_plane)}
    recipe = {} if is_papers(spec) else {name: getattr(usual, name) for name in RECIPE}
    return spec.replace(**{**recipe, **chosen, "batch_size": min(spec.batch_size, usual.samples)})


def describe(spec: StudySpec) -> dict[str, Any]:
    """What the problem of a study is, as `Problem.describe` says it."""
    return recall_problem(spec).describe()


def hash_data(spec: StudySpec) -> str:
    """SHA-256 of inputs and targets."""
    return plane.hash_data(spec) if is_papers(spec) else recall_problem(spec).hash_data()


def name_problem(spec: StudySpec) -> str:
    """What is looked at, in one or a few words: of the paper's network its activation function, and what differs."""
    if not is_papers(spec):
        return list_offered().get(spec.problem) or name_table(describe(spec))
    usual = StudySpec()
    layers = "" if spec.hidden == usual.hidden else f" {'-'.join(map(str, spec.hidden))}"
    data = "" if spec.dataset == usual.dataset else f" on {name_data(spec)}"
    return f"{ACTIVATIONS[spec.activation].label}{layers}{data}"


def name_table(described: dict[str, Any]) -> str:
    """What the network for a visitor's table is called; `described` is what `Problem.describe` says."""
    return f"Your data, {shorten(described['target'])}" if "target" in described else "A problem of your own"


def shorten(name: object) -> str:
    """The name of a column as far as there is room for it: a file may have any."""
    words = str(name)
    return words if len(words) <= LONGEST_NAME else f"{words[: LONGEST_NAME - 1]}…"


def list_columns(described: dict[str, Any]) -> list[str]:
    """The columns of a table that a network's inputs are made from."""
    return list(dict.fromkeys(str(name).partition(" = ")[0] for name in described["features"]))


def offer(spec: StudySpec) -> dict[str, str]:
    """What a visitor can choose who looks at a study: what all are offered, and the problem of the study."""
    offered = list_offered()
    return {**offered, spec.problem: offered.get(spec.problem) or name_problem(spec)}


def name_data(spec: StudySpec) -> str:
    """The data set of the paper's network, without what there is to count in it."""
    return DATASETS[spec.dataset].label.split(" (")[0]


def name_classes(spec: StudySpec) -> tuple[str, ...]:
    """What the classes of the samples are called; all samples are of one kind where there are no classes."""
    names = DATASETS[spec.dataset].class_names if is_papers(spec) else describe(spec).get("classes")
    return tuple(map(str, names or ())) or ("all samples",)
