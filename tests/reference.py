"""An independent, slow twin of the engine: one point and one sample at a time, sharing no line with it.

Networks are `torch.nn` modules, gradients come from `backward()`, counts and moments from plain loops and enumeration. The
start-point recipe, the scalings and the layout of a parameter vector are written out again from their definitions.
"""

import itertools
import math
import statistics

import numpy as np
import torch
from sklearn.datasets import load_iris

SIZES = (4, 10, 3)
PARAMETERS = 83

MODULES = {
    "sigmoid": torch.nn.Sigmoid,
    "tanh": torch.nn.Tanh,
    "softsign": torch.nn.Softsign,
    "relu": torch.nn.ReLU,
    "leaky_relu": lambda: torch.nn.LeakyReLU(negative_slope=0.01),
    "elu": lambda: torch.nn.ELU(alpha=1.0),
    "gelu": torch.nn.GELU,
    "silu": torch.nn.SiLU,
    "softplus": lambda: torch.nn.Softplus(threshold=40.0),
    "relu6": torch.nn.ReLU6,
    "linear": torch.nn.Identity,
}


def iris():
    """UCI's Iris: scikit-learn's, with the two rows in which UCI's file differs."""
    bunch = load_iris()
    inputs, targets = [], []
    for number, (row, label) in enumerate(zip(bunch["data"], bunch["target"], strict=True)):
        inputs.append([4.9, 3.1, 1.5, 0.1] if number in {34, 37} else [float(value) for value in row])
        targets.append([1.0 if label == k else 0.0 for k in range(3)])
    return inputs, targets


def scaled(inputs, how):
    """Scale column by column, from the formulas, with exact sums."""
    columns = []
    for column in zip(*inputs, strict=True):
        count = len(column)
        mean = math.fsum(column) / count
        if how == "authors":
            reach = max(abs(value - mean) for value in column)
            columns.append([0.5 + 0.475 * (value - mean) / reach for value in column])
        elif how == "min-max":
            columns.append([(value - min(column)) / (max(column) - min(column)) for value in column])
        elif how == "standardised":
            deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in column) / count)
            columns.append([(value - mean) / deviation for value in column])
        else:
            columns.append(list(column))
    return [list(row) for row in zip(*columns, strict=True)]


def start_numbers(seed, parameters=PARAMETERS):
    """x0 uniform in ±0.3, then three standard normal vectors, from one numpy generator in this order."""
    generator = np.random.default_rng(seed)
    start = generator.uniform(-0.3, 0.3, parameters)
    return start, *(generator.standard_normal(parameters) for _ in range(3))


def orthonormal(first, second):
    """Gram-Schmidt with exact sums."""

    def unit(vector):
        length = math.sqrt(math.fsum(value * value for value in vector))
        return [value / length for value in vector]

    d1 = unit(first)
    along = math.fsum(a * b for a, b in zip(d1, second, strict=True))
    return np.array([d1, unit([b - along * a for a, b in zip(d1, second, strict=True)])])


def layers(theta):
    """The two layers of a 4-10-3 network: W1 as (5, 10) and W2 as (11, 3), row-major, last row bias."""
    values = [float(value) for value in theta]
    found, place = [], 0
    for fan_in, fan_out in itertools.pairwise(SIZES):
        weight = [[0.0] * fan_in for _ in range(fan_out)]
        for source in range(fan_in):
            for unit in range(fan_out):
                weight[unit][source] = values[place]
                place += 1
        bias = values[place : place + fan_out]
        place += fan_out
        found.append((weight, bias))
    assert place == len(values) == PARAMETERS
    return found


def module(theta, hidden, output):
    """The network as a stock torch module in float64."""
    parts = []
    for (weight, bias), activation in zip(layers(theta), (hidden, output), strict=True):
        linear = torch.nn.Linear(len(weight[0]), len(weight)).double()
        with torch.no_grad():
            linear.weight.copy_(torch.tensor(weight, dtype=torch.float64))
            linear.bias.copy_(torch.tensor(bias, dtype=torch.float64))
        parts += [linear, MODULES[activation]()]
    return torch.nn.Sequential(*parts)


def flat_gradient(network):
    """`.grad` of the modules' parameters in the layout of a parameter vector."""
    flat = []
    for linear in (network[0], network[2]):
        weight, bias = linear.weight.grad, linear.bias.grad
        flat += [float(weight[unit, source]) for source in range(weight.shape[1]) for unit in range(weight.shape[0])]
        flat += [float(value) for value in bias]
    return np.array(flat)


def losses_and_gradients(theta, hidden, output, inputs, targets):
    """½ ‖t − y‖² of every sample at one point, and its gradient by backward(): lists over the samples."""
    losses, gradients = [], []
    network = module(theta, hidden, output)
    for row, target in zip(inputs, targets, strict=True):
        network.zero_grad()
        found = network(torch.tensor(row, dtype=torch.float64))
        loss = 0.5 * ((torch.tensor(target, dtype=torch.float64) - found) ** 2).sum()
        loss.backward()
        losses.append(float(loss.detach()))
        gradients.append(flat_gradient(network))
    return losses, gradients


def full_gradient(theta, hidden, output, inputs, targets):
    """Mean of the per-sample gradients."""
    _, gradients = losses_and_gradients(theta, hidden, output, inputs, targets)
    return np.array([math.fsum(column) / len(gradients) for column in zip(*gradients, strict=True)])


def setting(domain, activation, output="same", seed=12735, scaling="authors"):
    """Start point, directions, inputs and targets of one setting of the paper."""
    inputs, targets = iris()
    inputs = scaled(inputs, scaling)
    start, first, second, local_second = start_numbers(seed)
    last = activation if output == "same" else "linear"
    if domain == "local":
        descent = [-value for value in full_gradient(start, activation, last, inputs, targets)]
        pair = orthonormal(descent, local_second)
    else:
        pair = orthonormal(first, second)
    return start, pair, inputs, targets


def table(start, pair, coordinates, hidden, output, inputs, targets):
    """Per-sample losses and slopes along both directions at each point: three lists of lists."""
    losses, along = [], ([], [])
    for a, b in coordinates:
        theta = [x + a * u + b * v for x, u, v in zip(start, *pair, strict=True)]
        values, gradients = losses_and_gradients(theta, hidden, output, inputs, targets)
        losses.append(values)
        for rows, direction in zip(along, pair, strict=True):
            rows.append([math.fsum(gradient * direction) for gradient in gradients])
    return np.array(losses), np.array(along[0]), np.array(along[1])


def some_points(half_width, count, seed):
    """Random points of a plane, its centre and a corner."""
    inside = np.random.default_rng(seed).uniform(-half_width, half_width, (count - 2, 2))
    return np.concatenate([inside, [[0.0, 0.0], [half_width, -half_width]]])


def columns(table):
    """Losses, then slopes along each direction, of a sample table."""
    return table.loss, *table.slopes


def all_batch_means(values, size):
    """The mean of every mini-batch of that size."""
    return [math.fsum(batch) / size for batch in itertools.combinations(values, size)]


def population_sd(values):
    mean = math.fsum(values) / len(values)
    return math.sqrt(math.fsum((value - mean) ** 2 for value in values) / len(values))


def urns(batch_seed, purpose, draw, points, samples, steps):
    """Fisher and Yates by hand at every point of a plane: half a 64-bit word a point and step, an odd half unused."""
    stream = np.random.Philox(np.random.SeedSequence(batch_seed, spawn_key=(purpose, draw)))
    orders = [list(range(samples)) for _ in range(points)]
    for step in range(min(steps, samples - 1)):
        raw = stream.random_raw((points + 1) // 2).tolist()
        halves = [half for word in raw for half in (word % 2**32, word // 2**32)]
        for order, word in zip(orders, halves, strict=False):
            place = step + word * (samples - step) // 2**32
            order[step], order[place] = order[place], order[step]
    return orders


def minima(curve):
    """Places of strict interior local minima."""
    return [i for i in range(1, len(curve) - 1) if curve[i - 1] > curve[i] and curve[i + 1] > curve[i]]


def nngpps(curve):
    """Places just after a change from negative to positive between neighbours."""
    return [i for i in range(1, len(curve)) if curve[i - 1] < 0.0 < curve[i]]


def median_distance(positions, found, true):
    """Over the places found on several lines: the median distance from the nearest true place of the same line."""
    distances = [
        min(abs(positions[place] - positions[other]) for other in lines_own)
        for places, lines_own in zip(found, true, strict=True)
        if lines_own
        for place in places
    ]
    return statistics.median(distances) if distances else math.nan


def thinned(curve, keep):
    """Every keep-th value, from the first."""
    return [value for place, value in enumerate(curve) if place % keep == 0]


def chance_of_minimum(before, here, after):
    """Share of all triples of draws whose middle one is strictly the smallest."""
    triples = list(itertools.product(before, here, after))
    return sum(left > middle < right for left, middle, right in triples) / len(triples)


def nearest_step(angle):
    """(rows, columns) of the one of eight neighbours whose direction makes the smallest angle."""
    steps = [(rows, columns) for rows in (-1, 0, 1) for columns in (-1, 0, 1) if rows or columns]
    turn = math.radians(angle)
    return max(steps, key=lambda step: (step[1] * math.cos(turn) + step[0] * math.sin(turn)) / math.hypot(*step))


def neighbour(row, column, step, size):
    """The point one step away, or None beyond the edge."""
    there = (row + step[0], column + step[1])
    return there if all(0 <= place < size for place in there) else None


def uncertain_interval(positions, positive, index, level, fine):
    """The ends by looking closely: the open stretch among `fine` points a segment that the sign change belongs to."""
    places = [
        (1 - part / fine) * positions[i] + part / fine * positions[i + 1]
        for i in range(len(positions) - 1)
        for part in range(fine)
    ] + [positions[-1]]
    chances = [
        (1 - part / fine) * positive[i] + part / fine * positive[i + 1]
        for i in range(len(positions) - 1)
        for part in range(fine)
    ] + [positive[-1]]
    slack = 1e-9  # a chance that stays at the level is certain, whatever the rounding between the points
    opened = [level + slack < chance < 1 - level - slack for chance in chances]
    within = [k for k in range((index - 1) * fine, index * fine + 1) if opened[k]]
    if not within:
        return positions[index], positions[index]
    low, high = within[0], within[-1]
    while low > 0 and opened[low - 1]:
        low -= 1
    while high < len(opened) - 1 and opened[high + 1]:
        high += 1
    return places[low] if low else None, places[high] if high < len(opened) - 1 else None


def errors_and_models(theta, direction, hidden, output, inputs, targets):
    """Errors t − y and the derivative of y along a direction, by backward() of each output: lists samples × outputs."""
    network = module(theta, hidden, output)
    errors, models = [], []
    for row, target in zip(inputs, targets, strict=True):
        found = network(torch.tensor(row, dtype=torch.float64))
        errors.append([wanted - float(value.detach()) for wanted, value in zip(target, found, strict=True)])
        along = []
        for value in found:
            network.zero_grad()
            value.backward(retain_graph=True)
            along.append(math.fsum(flat_gradient(network) * direction))
        models.append(along)
    return errors, models


def covariance(one, other):
    means = [math.fsum(values) / len(values) for values in (one, other)]
    return math.fsum((a - means[0]) * (b - means[1]) for a, b in zip(one, other, strict=True)) / len(one)


def opaque(function):
    """The same function of one argument, without whatever else its object can do."""

    def alone(argument):
        return function(argument)

    return alone
