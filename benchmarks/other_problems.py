"""Studies of other problems than the paper's, each in a fresh process: seconds of CPU and peak memory.

python benchmarks/other_problems.py    # some minutes; also part of benchmarks/engine.py
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np

ROWS = 60_000
"""Samples of the synthetic table."""

Case = Callable[[], object]


def study_digits() -> None:
    """A 64-32-10 network on 1,797 digits, 50 × 50 points, 50 draws of 64."""
    from landscape_core import StudySpec, run

    run(StudySpec(problem="digits-mlp", batch_size=64, range=1.0, resolution=50))


def study_cnn() -> None:
    """A convolutional network on 500 digits, 25 × 25 points, float32."""
    from landscape_core import StudySpec, run

    run(StudySpec(problem="digits-cnn", batch_size=64, range=1.0, resolution=25, dtype="float32"))


def study_rows() -> None:
    """A 20-16-2 network on 60,000 synthetic rows, 25 × 25 points."""
    from landscape_core import MLPProblem, run

    inputs = np.random.default_rng(0).standard_normal((ROWS, 20))
    problem = MLPProblem.from_data(inputs, (inputs[:, 0] > inputs[:, 1] ** 2).astype(int), hidden=(16,))
    run(problem, batch_size=64, range=1.0, resolution=25)


CASES: dict[str, tuple[Case, float, float]] = {
    "digits, 64-32-10, 50 × 50": (study_digits, 5.0, 0.4),
    "digits, convolutional, 25 × 25, float32": (study_cnn, 30.0, 0.6),
    "60,000 rows, 20-16-2, 25 × 25": (study_rows, 60.0, 1.5),
}
"""What is run, and at most how many seconds of CPU and GB above what the process held before."""


def measure(name: str) -> dict[str, float]:
    """One case, in a process of its own."""
    done = subprocess.run([sys.executable, __file__, name], capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def probe(name: str) -> dict[str, float]:
    """One case, in this process."""
    import sklearn.datasets  # noqa: F401  imports are not measured
    import torch

    import landscape_core  # noqa: F401

    torch.set_num_threads(1)
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    CASES[name][0]()
    unit = 1 if sys.platform == "darwin" else 1024
    used = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * unit
    return {"cpu_s": round(time.process_time() - began, 2), "used_gb": round(used / 1e9, 3)}


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(probe(sys.argv[1])))
    else:
        for case in CASES:
            print(f"{case}: {measure(case)}", flush=True)
