"""Mini-batches of long urns without the urns, against a plain shuffle."""

import numpy as np
import pytest
import reference
import torch
from hypothesis import given
from hypothesis import strategies as st

from landscape_core.random_streams import Purpose
from landscape_core.sampling import minibatches
from landscape_core.sampling.long_urns import take_first
from landscape_core.sampling.minibatches import Batches, draw_shared, first_samples, shuffle_urns
from landscape_core.statistics.moments import sign_shares


@given(st.data(), st.integers(1, 12))
def test_first_places_of_any_shuffle(data, samples):
    size = data.draw(st.integers(1, samples))
    places = [data.draw(st.integers(step, samples - 1)) for step in range(size)]
    order = list(range(samples))
    for step, place in enumerate(places):
        order[step], order[place] = order[place], order[step]
    assert take_first(np.array([places, places])).tolist() == [order[:size]] * 2


@pytest.mark.parametrize("samples", [200, 300, 2**16, 2**31])
def test_places_of_every_width(samples):
    size, generator = 60, np.random.default_rng(samples)
    places = generator.integers(np.arange(size), np.minimum(samples, np.full((50, size), 120)))
    places[1::2] = np.maximum(places[1::2], places[1::2] * (samples // 120))  # far ones, too
    found = take_first(places.astype(np.min_scalar_type(samples - 1)))
    for swaps, row in zip(places.tolist(), found.tolist(), strict=True):
        moved: dict[int, int] = {}
        for step, place in enumerate(swaps):
            moved[step], moved[place] = moved.get(place, place), moved.get(step, step)
        assert row == [moved[step] for step in range(size)]


@pytest.mark.parametrize("sampling", ["without-replacement", "with-replacement"])
@pytest.mark.parametrize("size", [1, 5, 40])
def test_they_are_those_of_the_urns(sampling, size):
    batches = Batches(size, 3, Purpose.PLANE, sampling)
    whole = shuffle_urns(batches, [0, 4], 9, 170)[:, :size]
    assert np.array_equal(first_samples(batches, [0, 4], 9, 170), whole)
    part = first_samples(batches, [0, 4], 9, 170, range(3, 8))
    assert np.array_equal(part, whole.reshape(2, 9, size)[:, 3:8].reshape(-1, size))
    if sampling == "without-replacement":
        urns = reference.urns(3, int(Purpose.PLANE), 4, 9, 170, size)
        assert np.array_equal(whole[9:], [urn[:size] for urn in urns])


def test_shared_mini_batches_of_many_samples_are_sparse(monkeypatch):
    batches = Batches(6, 1, Purpose.SIGNS)
    dense = draw_shared(batches, 90, 600)
    monkeypatch.setattr(minibatches, "SPARSE_SAMPLES", 500)
    sparse = draw_shared(batches, 90, 600)
    assert sparse.layout == torch.sparse_csc
    assert torch.equal(sparse.to_dense(), dense)
    values = torch.from_numpy(np.random.default_rng(0).standard_normal((30, 600)))
    for one, other in zip(sign_shares(values, sparse), sign_shares(values, dense), strict=True):
        np.testing.assert_array_equal(one, other)
    assert draw_shared(Batches(599, 1, Purpose.SIGNS), 90, 600).layout == torch.strided
