import numpy as np
import pytest
import reference
import tolerances

from landscape_core import NumericalError
from landscape_core.geometry.directions import DOMAINS, Origin, orthonormalise
from landscape_core.random_streams import start_draws


def origin(parameters, descent=None, **known):
    """The start point of seed 0, with a gradient if one is given."""
    draws = start_draws(0, parameters)
    given = {"start": draws.start, "filters": lambda: np.full(parameters, -1), **known}
    return Origin(draws=draws, descent=descent or ask_nothing, **given)


def ask_nothing():
    raise AssertionError("this domain needs no gradient")


def test_gram_schmidt_agrees_with_exact_sums():
    draws = start_draws(7, 83)
    np.testing.assert_allclose(
        orthonormalise(draws.first, draws.second),
        reference.orthonormal(draws.first, draws.second),
        **tolerances.MOMENTS,
    )


@pytest.mark.parametrize("lean", [0.0, 0.5, 1e3])
def test_orthonormal_even_when_nearly_parallel(lean):
    draws = start_draws(3, 83)
    pair = orthonormalise(draws.first, draws.second + lean * draws.first)
    np.testing.assert_allclose(pair @ pair.T, np.eye(2), rtol=0, atol=tolerances.ORTHONORMAL)
    assert pair[0] @ draws.first == pytest.approx(np.linalg.norm(draws.first))
    assert pair[1] @ draws.second > 0


def test_parallel_directions_span_no_plane():
    first = np.array([1.0, 2.0, 3.0])
    for second in (2.5 * first, -first, np.zeros(3)):
        with pytest.raises(NumericalError) as caught:
            orthonormalise(first, second)
        assert str(caught.value) == "the two directions are parallel and span no plane: use another seed"


def test_too_little_left_after_gram_schmidt_is_refused():
    first = np.full(83, 1.0)
    second = first + 1e-7 * np.arange(83.0)
    with pytest.raises(NumericalError, match=r"^the directions are not orthonormal: Gram matrix \[\[.*\]\]$"):
        orthonormalise(first, second)


def test_global_domain_asks_for_no_gradient():
    given = origin(5)
    span = DOMAINS["global"].directions(given)
    assert span.first is given.draws.first
    assert span.second is given.draws.second
    assert span.scale == 1.0


def test_local_domain_takes_the_descent_direction_and_its_own_random_one():
    descent = np.arange(5.0)
    given = origin(5, lambda: descent)
    span = DOMAINS["local"].directions(given)
    assert span.first is descent
    assert span.second is given.draws.local_second
    assert span.scale == 1.0


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_gradient_that_is_not_finite(bad):
    with pytest.raises(NumericalError) as caught:
        DOMAINS["local"].directions(origin(3, lambda: np.array([1.0, bad, 0.0])))
    assert str(caught.value) == (
        "the full-batch gradient at the start point is not finite: use another scaling or seed"
    )


def test_gradient_of_length_zero():
    with pytest.raises(NumericalError) as caught:
        DOMAINS["local"].directions(origin(3, lambda: np.zeros(3)))
    assert str(caught.value) == (
        "the full-batch gradient at the start point is exactly zero (every unit is off), so there is no direction of "
        "steepest descent: use another seed, or the global domain"
    )
