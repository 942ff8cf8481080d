"""Modules and losses of all kinds, good and bad, for `test_zoo`: each a function that makes what `from_module` takes."""

from functools import partial

import torch
from torch import nn

GENERATOR = torch.Generator().manual_seed(0)
X = torch.randn(24, 5, generator=GENERATOR)
Y = torch.randint(3, (24,), generator=GENERATOR)
T = torch.randn(24, 3, generator=GENERATOR)
IMAGES = torch.randn(24, 2, 8, 8, generator=GENERATOR)
SEQUENCES = torch.randn(24, 4, 8, generator=GENERATOR)
TOKENS = torch.randint(6, (24, 4), generator=GENERATOR)
CROSS_ENTROPY = nn.CrossEntropyLoss()


class Model(nn.Module):
    """Parts by name, and what is done with them."""

    def __init__(self, forward, **parts):
        super().__init__()
        self.run = forward
        for name, part in parts.items():
            if isinstance(part, torch.Tensor) and not isinstance(part, nn.Parameter):
                self.register_buffer(name, part)
            else:
                setattr(self, name, part)

    def forward(self, *inputs, **named):
        return self.run(self, *inputs, **named)


def between(*middle, width=8):
    return nn.Sequential(nn.Linear(5, width), *middle, nn.Linear(width, 3))


def frozen():
    model = between(nn.Tanh())
    model[0].weight.requires_grad_(False)
    return model


def tied():
    model = Model(lambda self, x: self.last(self.two(torch.tanh(self.one(x)))))
    model.one, model.two, model.last = nn.Linear(5, 5), nn.Linear(5, 5), nn.Linear(5, 3)
    model.two.weight = model.one.weight
    return model


def used_twice():
    return Model(
        lambda self, x: self.last(self.one(torch.tanh(self.one(x)))), one=nn.Linear(5, 5), last=nn.Linear(5, 3)
    )


def counting():
    def forward(self, x):
        self.calls += 1
        return self.one(x) * (1 + 0 * self.calls)

    return Model(forward, one=nn.Linear(5, 3), calls=torch.zeros(()))


def by_values(self, x):
    return self.one(x) * 2 if self.one.weight.sum() > 0 else self.one(x)


def numpy_inside(self, x):
    return self.one(torch.from_numpy(2 * x.numpy()).to(x))


class Square(torch.autograd.Function):
    """In the old style, without `setup_context`."""

    @staticmethod
    def forward(context, values):
        context.save_for_backward(values)
        return values * values

    @staticmethod
    def backward(context, gradient):
        return 2 * context.saved_tensors[0] * gradient


def parametrised(function):
    model = between(nn.Tanh())
    function(model[0])
    return model


def recurrent(kind):
    return Model(
        lambda self, x: self.last(self.rest(x)[0][:, -1]), rest=kind(8, 4, batch_first=True), last=nn.Linear(4, 3)
    )


def attention(weights):
    def forward(self, x):
        return self.last(self.mix(x, x, x, need_weights=weights)[0].mean(1))

    return Model(forward, mix=nn.MultiheadAttention(8, 2, batch_first=True), last=nn.Linear(8, 3))


def encoder():
    layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    return Model(
        lambda self, x: self.last(self.mix(x).mean(1)), mix=nn.TransformerEncoder(layer, 1), last=nn.Linear(8, 3)
    )


def embedding(**options):
    return nn.Sequential(nn.Embedding(6, 3, **options), nn.Flatten(), nn.Linear(12, 3))


def convolutional(*middle, out=32):
    return nn.Sequential(nn.Conv2d(2, 2, 3, padding=1), *middle, nn.Flatten(), nn.Linear(out, 3))


PLAIN = {
    **{
        kind.__name__: lambda kind=kind: between(kind())
        for kind in (nn.Tanh, nn.GELU, nn.SiLU, nn.Softplus, nn.ELU, nn.PReLU, nn.Sigmoid, nn.Hardswish, nn.Mish)
    },
    "ReLU in place": lambda: between(nn.ReLU(inplace=True)),
    "LayerNorm": lambda: between(nn.LayerNorm(8), nn.ReLU()),
    "RMSNorm": lambda: between(nn.RMSNorm(8)),
    "GroupNorm": lambda: between(nn.GroupNorm(2, 8), nn.Tanh()),
    "BatchNorm in eval": lambda: between(nn.BatchNorm1d(8), nn.ReLU()),
    "Dropout in eval": lambda: between(nn.Dropout(), nn.Tanh()),
    "no biases": lambda: nn.Sequential(nn.Linear(5, 4, bias=False), nn.ReLU(), nn.Linear(4, 3, bias=False)),
    "frozen": frozen,
    "tied": tied,
    "used twice": used_twice,
    "counts its calls": counting,
    "an if on values": lambda: Model(by_values, one=nn.Linear(5, 3)),
    "numpy inside": lambda: Model(numpy_inside, one=nn.Linear(5, 3)),
    "a function of the old style": lambda: Model(lambda self, x: Square.apply(self.one(x)), one=nn.Linear(5, 3)),
    "orthogonal": lambda: parametrised(partial(nn.utils.parametrizations.orthogonal, orthogonal_map="cayley")),
    "weight norm": lambda: parametrised(nn.utils.parametrizations.weight_norm),
    "spectral norm in eval": lambda: parametrised(nn.utils.parametrizations.spectral_norm),
    "compiled": lambda: torch.compile(between(nn.Tanh()), backend="eager"),
    "half precision": lambda: between(nn.Tanh()).half(),
    "bfloat16": lambda: between(nn.Tanh()).bfloat16(),
}

GOOD = {
    **{name: (make, CROSS_ENTROPY, X, Y) for name, make in PLAIN.items()},
    "max pool": (lambda: convolutional(nn.MaxPool2d(2)), CROSS_ENTROPY, IMAGES, Y),
    "mean pool": (lambda: convolutional(nn.ReLU(), nn.AvgPool2d(2)), CROSS_ENTROPY, IMAGES, Y),
    "adaptive pool": (lambda: convolutional(nn.AdaptiveAvgPool2d(1), out=2), CROSS_ENTROPY, IMAGES, Y),
    "instance norm": (lambda: convolutional(nn.InstanceNorm2d(2), out=128), CROSS_ENTROPY, IMAGES, Y),
    "batch norm 2d": (lambda: convolutional(nn.BatchNorm2d(2), out=128), CROSS_ENTROPY, IMAGES, Y),
    "upsampled": (
        lambda: convolutional(nn.ConvTranspose2d(2, 1, 2, 2), nn.Upsample(scale_factor=2), out=1024),
        CROSS_ENTROPY,
        IMAGES,
        Y,
    ),
    **{
        kind.__name__: (lambda kind=kind: recurrent(kind), CROSS_ENTROPY, SEQUENCES, Y)
        for kind in (nn.RNN, nn.LSTM, nn.GRU)
    },
    "attention with weights": (lambda: attention(True), CROSS_ENTROPY, SEQUENCES, Y),
    "attention without": (lambda: attention(False), CROSS_ENTROPY, SEQUENCES, Y),
    "transformer": (encoder, CROSS_ENTROPY, SEQUENCES, Y),
    "embedding": (embedding, CROSS_ENTROPY, TOKENS, Y),
    "embedding with padding": (lambda: embedding(padding_idx=0), CROSS_ENTROPY, TOKENS, Y),
    "embedding scaled by frequency": (lambda: embedding(scale_grad_by_freq=True), CROSS_ENTROPY, TOKENS, Y),
}
"""name → (make the model, loss, inputs, targets)"""

GOOD_LOSSES = {
    "smoothed": (nn.CrossEntropyLoss(label_smoothing=0.1), Y),
    "probabilities": (nn.CrossEntropyLoss(), torch.softmax(T, 1)),
    "function": (nn.functional.cross_entropy, Y),
    "negative log-likelihood": (lambda y, t: nn.NLLLoss()(torch.log_softmax(y, 1), t), Y),
    "binary": (nn.BCEWithLogitsLoss(), torch.sigmoid(T)),
    "binary, positives weighted": (nn.BCEWithLogitsLoss(pos_weight=torch.tensor([1.0, 2.0, 3.0])), torch.sigmoid(T)),
    "squares": (nn.MSELoss(), T),
    "Huber": (nn.HuberLoss(), T),
    "smooth L1": (nn.SmoothL1Loss(), T),
    "L1": (nn.L1Loss(), T),
    "Poisson": (nn.PoissonNLLLoss(), T.abs()),
    "Kullback-Leibler": (
        lambda y, t: nn.KLDivLoss(reduction="batchmean")(torch.log_softmax(y, 1), t),
        torch.softmax(T, 1),
    ),
    "mean of its own": (lambda y, t: ((y - t) ** 4).mean(), T),
    "rows of its own": (lambda y, t: ((y - t) ** 4).sum(1), T),
    "with the model": (
        lambda model, x, t: nn.functional.cross_entropy(model(x), t) + sum((p**2).sum() for p in model.parameters()),
        Y,
    ),
}
"""name → (loss, targets), for outputs of three columns"""

WEIGHTED = nn.CrossEntropyLoss(weight=torch.tensor([2.0, 4.0, 6.0]))


def item(self, x):
    return self.one(x) * self.factor.item()


def detached(self, x):
    return self.one(x) + self.two(x).detach()


def straight_through(self, x):
    values = self.one(x)
    return values + (values.round() - values).detach()


def noisy(self, x):
    return self.one(x) + 0.1 * torch.randn_like(x[:, :3])


def centred(self, x):
    return self.one(x - x.mean(0))


BAD = {
    "batch norm": (lambda: between(nn.BatchNorm1d(8)), CROSS_ENTROPY, Y, "coupled", r"by layer '1' \(BatchNorm1d\)"),
    "batch norm without statistics": (
        lambda: between(nn.BatchNorm1d(8, track_running_stats=False)),
        CROSS_ENTROPY,
        Y,
        "coupled",
        r"by layer '1' \(BatchNorm1d\)",
    ),
    "mean of the batch": (lambda: Model(centred, one=nn.Linear(5, 3)), CROSS_ENTROPY, Y, "coupled", "by layer 'one'"),
    "dropout": (lambda: between(nn.Tanh(), nn.Dropout()), CROSS_ENTROPY, Y, "random", r"layer '2' \(Dropout\) draws"),
    "noise": (lambda: Model(noisy, one=nn.Linear(5, 3)), CROSS_ENTROPY, Y, "random", r"the model \(Model\) draws"),
    "item": (
        lambda: Model(item, one=nn.Linear(5, 3), factor=nn.Parameter(torch.tensor(1.5))),
        CROSS_ENTROPY,
        Y,
        "slopes",
        r"for 24 of 24 samples.+\.item\(\)",
    ),
    "detach": (
        lambda: Model(detached, one=nn.Linear(5, 3), two=nn.Linear(5, 3)),
        CROSS_ENTROPY,
        Y,
        "slopes",
        "24 of 24",
    ),
    "straight-through": (lambda: Model(straight_through, one=nn.Linear(5, 3)), CROSS_ENTROPY, Y, "slopes", "24 of 24"),
    # its reflections have signs, whole numbers among its parameters, which a step away are cut to 0
    "orthogonal by reflections": (
        lambda: parametrised(nn.utils.parametrizations.orthogonal),
        CROSS_ENTROPY,
        Y,
        "slopes",
        "24 of 24",
    ),
    "spectral norm": (
        lambda: parametrised(nn.utils.parametrizations.spectral_norm),
        CROSS_ENTROPY,
        Y,
        "slopes",
        "of 24",
    ),
    "class weights": (between, WEIGHTED, Y, "not a mean", "CrossEntropyLoss of a batch .+ class weights"),
    "ignored": (
        between,
        nn.CrossEntropyLoss(ignore_index=1),
        Y,
        "not a mean",
        r"targets of 1 \(ignore_index\)",
    ),
    "sum": (between, nn.CrossEntropyLoss(reduction="sum"), Y, "not a mean", 'use reduction="mean"'),
    "root": (between, lambda y, t: ((y - t) ** 2).mean().sqrt(), T, "not a mean", "is not the mean of its"),
    "statistics": (between, lambda y, t: ((y - y.mean(0)) ** 2).mean(1), T, "coupled", "by the loss"),
    "broadcast": (lambda: nn.Linear(5, 1), nn.MSELoss(), T[:, 0], "shape", r"shape \(24, 1\) and the targets \(24,\)"),
    "not finite": (between, lambda y, t: (y * 0).log().sum(1), T, "not finite", "24 of 24 samples"),
    "wrong classes": (between, CROSS_ENTROPY, Y + 1, "error", "Target 3 is out of bounds"),
    "one loss for two": (between, lambda y, t: (y - t)[:12].sum(1), T, "shape", r"\(12,\) for 24 samples"),
}
"""name → (make the model, loss, targets, kind of finding, its words); in the mode in which they are made"""
