"""Loss landscapes as mini-batches see them: the engine. Numbers only; no web, no plotting, no printing.

This is the whole public API; docs/api.md lists it by what it is for.

from landscape_core import StudySpec, run, save
result = run(StudySpec(activation="relu", domain="local"))
save(result, "relu.npz")
"""

from landscape_core.comparison.race import RaceResult, run_race, trace_race
from landscape_core.comparison.race_replication import (
    RaceReplicationResult,
    RaceReplicationSpec,
    run_race_replication,
)
from landscape_core.comparison.race_spec import RaceSpec
from landscape_core.comparison.stranded import find_stranded
from landscape_core.comparison.training import TrainingResult, TrainingSpec, run_training
from landscape_core.errors import BudgetError, LandscapeError, NumericalError, ProblemError, SpecError
from landscape_core.geometry.directions import DOMAINS
from landscape_core.geometry.grid import LINES, axis
from landscape_core.line_search import METHODS
from landscape_core.paper.ball import Ball, find_balls
from landscape_core.paper.dead_units import find_dead_units
from landscape_core.paper.likely_places import find_shifts, survey_shifts
from landscape_core.paper.published import FIGURES, find_figure
from landscape_core.paper.race_claims import judge_races
from landscape_core.paper.replication import ReplicationResult, run_replication
from landscape_core.paper.replication_spec import ReplicationSpec
from landscape_core.paper.sampling_oracle import oracle, oracle_of_quadratics
from landscape_core.paper.toy_quadratics import Quadratics
from landscape_core.paper.variance_decomposition import decompose_variance
from landscape_core.problems.activations import ACTIVATIONS
from landscape_core.problems.builtin import PROBLEMS, add_installed_problems
from landscape_core.problems.custom.finding import Finding
from landscape_core.problems.custom.loading import load_problem
from landscape_core.problems.custom.module import ModuleProblem
from landscape_core.problems.custom.table import Table, read_table
from landscape_core.problems.custom.validation import validate
from landscape_core.problems.datasets import DATASETS, SCALINGS
from landscape_core.problems.losses import LOSSES
from landscape_core.problems.mlp import MLPProblem
from landscape_core.problems.penalty import Penalised
from landscape_core.problems.problem import Problem
from landscape_core.problems.registry import ProblemEntry
from landscape_core.statistics.moments import batch_factor
from landscape_core.statistics.sample_table import SampleTable, tabulate
from landscape_core.storage import save
from landscape_core.study.estimate import Estimate, estimate
from landscape_core.study.gradient_field import GradientField, probe_gradients
from landscape_core.study.probe import LineProbe, PointProbe, probe_line, probe_point
from landscape_core.study.result import StudyResult, UncertainInterval, load
from landscape_core.study.run import run
from landscape_core.study.spec import StudySpec
from landscape_core.study.start_point import TrainingPath, train_start

__all__ = [  # noqa: RUF022  in plain order
    "ACTIVATIONS",
    "Ball",
    "BudgetError",
    "DATASETS",
    "DOMAINS",
    "Estimate",
    "FIGURES",
    "Finding",
    "GradientField",
    "LINES",
    "LOSSES",
    "LandscapeError",
    "LineProbe",
    "METHODS",
    "MLPProblem",
    "ModuleProblem",
    "NumericalError",
    "PROBLEMS",
    "Penalised",
    "PointProbe",
    "Problem",
    "ProblemEntry",
    "ProblemError",
    "Quadratics",
    "RaceReplicationResult",
    "RaceReplicationSpec",
    "RaceResult",
    "RaceSpec",
    "ReplicationResult",
    "ReplicationSpec",
    "SCALINGS",
    "SampleTable",
    "SpecError",
    "StudyResult",
    "StudySpec",
    "Table",
    "TrainingPath",
    "TrainingResult",
    "TrainingSpec",
    "UncertainInterval",
    "add_installed_problems",
    "axis",
    "batch_factor",
    "decompose_variance",
    "estimate",
    "find_balls",
    "find_dead_units",
    "find_figure",
    "find_shifts",
    "find_stranded",
    "judge_races",
    "load",
    "load_problem",
    "oracle",
    "oracle_of_quadratics",
    "probe_gradients",
    "probe_line",
    "probe_point",
    "read_table",
    "run",
    "run_race",
    "run_race_replication",
    "run_replication",
    "run_training",
    "save",
    "survey_shifts",
    "tabulate",
    "trace_race",
    "train_start",
    "validate",
]
