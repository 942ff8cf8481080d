"""A second twin of the network, in plain numpy with the chain rule by hand, for the many trials of line searches."""

import math

import numpy as np
from sklearn.datasets import load_iris


def _leaky(z):
    return np.where(z > 0, z, 0.01 * z), np.where(z > 0, 1.0, 0.01)


def _sigmoid(z):
    value = 1 / (1 + np.exp(-z))
    return value, value * (1 - value)


ACTIVATIONS = {
    "sigmoid": _sigmoid,
    "tanh": lambda z: (np.tanh(z), 1 - np.tanh(z) ** 2),
    "softsign": lambda z: (z / (1 + abs(z)), 1 / (1 + abs(z)) ** 2),
    "relu": lambda z: (np.where(z > 0, z, 0.0), np.where(z > 0, 1.0, 0.0)),
    "leaky_relu": _leaky,
    "elu": lambda z: (np.where(z > 0, z, np.exp(np.minimum(z, 0)) - 1), np.where(z > 0, 1.0, np.exp(np.minimum(z, 0)))),
}
"""Pre-activation → value and derivative; at a kink the derivative of the left side."""


def iris():
    """UCI's Iris, each feature scaled to mean 0.5 and a largest deviation of 0.475, and one-hot targets."""
    bunch = load_iris()
    inputs = bunch["data"].copy()
    inputs[[34, 37]] = [4.9, 3.1, 1.5, 0.1]
    away = inputs - inputs.mean(0)
    return 0.5 + 0.475 * away / abs(away).max(0), np.eye(3)[bunch["target"]]


def losses_and_gradients(theta, activation, inputs, targets):
    """Loss of each sample, (N,), and its gradient, (N, 83), by the chain rule through both layers."""
    act = ACTIVATIONS[activation]
    first, second = theta[:50].reshape(5, 10), theta[50:].reshape(11, 3)
    ones = np.ones((len(inputs), 1))
    enters = np.hstack([inputs, ones])
    hidden, hidden_rate = act(enters @ first)
    between = np.hstack([hidden, ones])
    output, output_rate = act(between @ second)
    error = output - targets
    at_output = error * output_rate
    at_hidden = (at_output @ second[:10].T) * hidden_rate
    parts = [
        np.einsum("ni,nj->nij", *pair).reshape(len(inputs), -1) for pair in ((enters, at_hidden), (between, at_output))
    ]
    return (error**2).sum(1) / 2, np.hstack(parts)


class Line:
    """A line through x0 along one of the paper's planes.

    Args:
        domain: global or local.
        activation: Of both layers.
        seed: Of x0 and the directions.
        angle: Of the line, in degrees from d1 towards d2.
    """

    def __init__(self, domain, activation, seed, angle):
        self.activation, self.data = activation, iris()
        draw = np.random.default_rng(seed)
        self.origin = draw.uniform(-0.3, 0.3, 83)
        one, two, three = (draw.standard_normal(83) for _ in range(3))
        if domain == "local":
            one, two = -losses_and_gradients(self.origin, activation, *self.data)[1].mean(0), three
        one = one / np.linalg.norm(one)
        two = two - (two @ one) * one
        two = two / np.linalg.norm(two)
        self.direction = math.cos(math.radians(angle)) * one + math.sin(math.radians(angle)) * two

    def evaluate(self, position, batch):
        """Loss, slope and their standard errors, of the mean over a mini-batch at a place of the line."""
        inputs, targets = (values[batch] for values in self.data)
        loss, gradient = losses_and_gradients(self.origin + position * self.direction, self.activation, inputs, targets)
        numbers = loss, gradient @ self.direction
        with np.errstate(invalid="ignore", divide="ignore"):
            errors = [
                math.sqrt(((one**2).mean() - one.mean() ** 2).clip(0) / (len(one) - 1)) if len(one) > 1 else math.nan
                for one in numbers
            ]
        return (*(float(one.mean()) for one in numbers), *errors)
