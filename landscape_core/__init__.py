"""Loss landscapes as mini-batches see them: the engine. Numbers only; no web, no plotting, no printing.

from landscape_core import StudySpec, run, save
result = run(StudySpec(activation="relu", domain="local"))
save(result, "relu.npz")
"""

from landscape_core.errors import BudgetError, LandscapeError, NumericalError, SpecError
from landscape_core.spec import StudySpec
from landscape_core.storage import load, save
from landscape_core.study import StudyResult, run

__all__ = [
    "BudgetError",
    "LandscapeError",
    "NumericalError",
    "SpecError",
    "StudyResult",
    "StudySpec",
    "load",
    "run",
    "save",
]
