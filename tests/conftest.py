"""Shared fixtures. The first lines switch on shape checks in the engine, so they come before its import."""

from jaxtyping import install_import_hook

install_import_hook("landscape_core", "beartype.beartype")

import pytest  # noqa: E402
import torch  # noqa: E402
from hypothesis import HealthCheck, settings  # noqa: E402

from landscape_core.study import limits  # noqa: E402
from landscape_core.study.spec import StudySpec  # noqa: E402

torch.set_num_threads(1)  # small kernels on busy cores are slower with more, and sums keep one order

settings.register_profile(  # a busy machine may be slow to make examples: no fault of theirs
    "reproducible",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("reproducible")


@pytest.fixture
def small() -> StudySpec:
    """A study that takes a few milliseconds: every kind of output, few points."""
    return StudySpec(resolution=5, line_points=9, draws=4)


@pytest.fixture
def few_line_draws(monkeypatch: pytest.MonkeyPatch) -> int:
    """Few draws on the lines, for tests to which their number does not matter."""
    monkeypatch.setattr(limits, "LINE_DRAWS", 20)
    return 20
