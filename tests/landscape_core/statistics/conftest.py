"""What is tabulated."""

import pytest
import reference
import torch

from landscape_core.study.plane import build_problem
from landscape_core.study.spec import StudySpec


@pytest.fixture
def task():
    """The problem of the default study."""
    return build_problem(StudySpec(), torch.device("cpu"))


@pytest.fixture
def frame():
    """A start point and two unit directions."""
    start, first, second, _ = reference.start_numbers(4)
    return start, reference.orthonormal(first, second)
