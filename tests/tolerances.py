"""Named tolerances, each with its reason. Anything not listed here is compared for equality."""

TABLE = {"rtol": 1e-10, "atol": 1e-13}
"""Engine against reference in float64: the same few thousand operations in another order, 16 digits, at most 1e3 terms."""

TABLE_FLOAT32 = {"rtol": 2e-4, "atol": 2e-5}
"""Float32 table against the float64 one: 7 digits, pre-activations of up to 1e2, sums of tens of terms that cancel."""

DERIVATIVE = {"rtol": 1e-9, "atol": 1e-15}
"""A derivative written from z and y against automatic differentiation. Where 1 − y cancels (ELU beyond −30) only its
absolute error is small."""

CENTRAL_DIFFERENCE = {"rtol": 1e-6, "atol": 1e-8}
"""Central differences with a step of 1e-5: truncation 1e-10 and rounding 1e-11 relative to values near 1."""

ORTHONORMAL = 1e-12
"""Gram matrix of two unit vectors of 83 entries: some 83 roundings of 1e-16."""

BY_ANGLE = {"rtol": 1e-12, "atol": 1e-14}
"""cos, sin and one addition, against the same written otherwise."""

MOMENTS = {"rtol": 1e-11, "atol": 1e-14}
"""Two ways of computing a mean or a standard deviation of up to some hundred numbers near 1."""

BATCH_SUM = {"rtol": 1e-12, "atol": 1e-13}
"""A mini-batch mean taken as (total − rest) / B against the plain mean: one subtraction of sums of up to 150 numbers."""

STANDARD_ERRORS = 5.0
"""How many standard errors a sampled mean may be off: beyond 5 one seed in two million, and the seeds are fixed."""

CHI_SQUARE_TAIL = 1e-3
"""A fixed seed may sit in the last thousandth of a chi-square distribution; a biased shuffle sits far beyond it."""

SCALED_STATISTICS = 1e-13
"""Column means, extremes and SDs of 150 values of order 1."""

SMALL_SD = {"rtol": 1e-9, "atol": 0.0}
"""An SD of 1e-3 around a mean of 100: five of sixteen digits are lost to the mean."""

SPREAD_OF_SDS = 0.1
"""The scatter of 1,600 sampled SDs about their mean, known to 1/√3,200 = 2%, five times over."""

FIGURE_3_SD = 0.02
"""Mean ratio of 50-draw SDs to the closed form over 900 points: c₄(50) is 0.5% below 1, its standard error 0.3%, the
means not quite normal."""

SEARCHED = {"rtol": 1e-6, "atol": 1e-8}
"""Steps of a probabilistic search, without noise nearly, against a twin in extended precision."""

RACED = {"rtol": 1e-9, "atol": 1e-11}
"""Trials of searches on real lines against a twin: gradients by hand, a dense process in extended precision."""

POSTERIOR = {"rtol": 1e-7, "atol": 1e-8}
"""A Gaussian process whose prior variances are near 300 and posterior ones near 1e-3: ten of sixteen digits at best."""

PROBABILITY = 1e-9
"""Owen's function against a quadrature of the bivariate normal density."""

TRAINED = {"rtol": 1e-6, "atol": 1e-10}
"""Training against its twin: rounding of 1e-15 in a gradient grows over some dozens of steps."""
