"""Loss landscapes as mini-batches see them: the engine. Numbers only; no web, no plotting, no printing.

from landscape_core import StudySpec, run, save
result = run(StudySpec(activation="relu", domain="local"))
save(result, "relu.npz")
"""

from landscape_core.errors import BudgetError, LandscapeError, NumericalError, SpecError
from landscape_core.race import RaceResult, run_race
from landscape_core.race_spec import RaceSpec
from landscape_core.spec import StudySpec
from landscape_core.storage import load, save
from landscape_core.study import StudyResult, run
from landscape_core.training import TrainingResult, TrainingSpec, run_training

__all__ = [
    "BudgetError",
    "LandscapeError",
    "NumericalError",
    "RaceResult",
    "RaceSpec",
    "SpecError",
    "StudyResult",
    "StudySpec",
    "TrainingResult",
    "TrainingSpec",
    "load",
    "run",
    "run_race",
    "run_training",
    "save",
]
