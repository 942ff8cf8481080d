"""Stranded training against plain loops in numpy, one run and one mini-batch at a time."""

import math

import numpy as np
import pytest
import reference_lines
import reference_searches

from landscape_core import TrainingSpec, find_stranded, run_training
from landscape_core.random_streams import Purpose
from landscape_core.sampling.minibatches import Batches, shuffle_urns

EVALUATIONS, SIZE = 70, 10


class Loop:
    """Training at one start point; `used` mini-batches so far, `moved` at the last move."""

    def __init__(self, activation, seed):
        self.activation, (self.inputs, self.targets) = activation, reference_lines.iris()
        self.x = np.random.default_rng(seed).uniform(-0.3, 0.3, 83)
        batches = Batches(SIZE, 4 + 1 + seed, Purpose.TRAINING)
        self.batches = [shuffle_urns(batches, [number], 1, 150)[0, :SIZE] for number in range(EVALUATIONS)]
        self.used = self.moved = 0

    def fresh(self):
        self.used += 1
        return self.batches[self.used - 1]

    def gradients(self, rows, x=None):
        x = self.x if x is None else x
        return reference_lines.losses_and_gradients(x, self.activation, self.inputs[rows], self.targets[rows])

    def move(self, change):
        if change.any():
            self.x, self.moved = self.x + change, self.used

    def ended(self):
        return -1 if self.gradients(slice(None))[1].mean(0).any() else self.moved

    def descend(self):
        while self.used < EVALUATIONS:
            self.move(-self.gradients(self.fresh())[1].mean(0))
        return self.ended()

    def search(self):
        """GOLS-I: the accepted step is the next guess, and its gradient the next direction."""
        rows, guess = self.fresh(), 1e-8
        while self.used < EVALUATIONS:
            direction = -self.gradients(rows)[1].mean(0)
            if not direction.any():  # by chance, or for good
                rows = self.fresh()
                continue
            seen = {}

            def at(step, seen=seen, direction=direction, rows=rows):
                seen[step] = self.fresh() if seen else rows
                losses, gradients = self.gradients(seen[step], self.x + step * direction)
                return losses.mean(), (gradients @ direction).mean(), math.nan, math.nan

            left = EVALUATIONS - self.used
            reach = guess, 1 / np.linalg.norm(direction), 1.0
            *_, guess, _ = reference_searches.run("gols_i", at, reach, left + 1)
            self.move(guess * direction)
            rows = seen[guess]
        return self.ended()


@pytest.mark.parametrize("activation", ["relu", "leaky_relu"])
def test_plain_loops_end_at_the_same_places(activation):
    spec = TrainingSpec(
        activation=activation, batch_seed=4, evaluations=EVALUATIONS, methods=("gols_i",), constant_steps=(1.0,)
    )
    found = find_stranded(spec, 6, device="cpu")
    assert found[0, :4].tolist() == [Loop(activation, seed).search() for seed in range(4)]
    assert found[1].tolist() == [Loop(activation, seed).descend() for seed in range(6)]
    assert found[1, 3] == (0 if activation == "relu" else -1)  # all outputs are off at its start
    assert (found[1] > 0).any() == (activation == "relu")  # and some come to a halt later


def test_every_run_ends_as_it_does_in_a_training_of_its_own():
    """Stranded all outputs are 0, and the loss is half the square of the one target that is 1."""
    spec = TrainingSpec(activation="relu", batch_seed=4, evaluations=60)
    found = find_stranded(spec, 4, device="cpu")
    for point, ends in enumerate(found.T):
        alone = run_training(spec.replace(seed=point, batch_seed=4 + 1 + point), device="cpu")
        last = [np.flatnonzero(np.nan_to_num(moves)).max(initial=0) for moves in alone.moves]
        assert ends.tolist() == np.where(alone.loss[:, -1] == 0.5, last, -1).tolist()
    assert found[spec.runs.index("probabilistic")].max() > 0
    assert found.min() == -1


def test_a_run_alone_and_from_the_middle_of_others():
    spec = TrainingSpec(activation="relu", evaluations=40, methods=(), constant_steps=(0.1, 1.0))
    few, many = find_stranded(spec, 3, device="cpu"), find_stranded(spec, 5, device="cpu")
    np.testing.assert_array_equal(few, many[:, :3])
    alone = find_stranded(spec.replace(constant_steps=(1.0,)), 3, device="cpu")
    np.testing.assert_array_equal(alone[0], few[1])


def test_progress_reaches_the_end():
    told = []
    spec = TrainingSpec(activation="relu", evaluations=3, methods=("gols_i",), constant_steps=())
    find_stranded(spec, 2, device="cpu", progress=lambda *report: told.append(report))
    assert told[-1] == (1.0, "Training at start points")
