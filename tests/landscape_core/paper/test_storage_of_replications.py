"""Replications on disk: as any result, with their own checks."""

from dataclasses import replace

import numpy as np
import pytest
import reference_results
from reference_results import assert_identical, pack, unpack

from landscape_core import StudyResult, StudySpec, load, storage
from landscape_core.paper.claims import claims_about
from landscape_core.paper.replication import ReplicationResult


def test_round_trip(tmp_path, replicated):
    for again in (
        storage.from_bytes(storage.to_bytes(replicated), ReplicationResult),
        load(storage.save(replicated, tmp_path / "typical"), ReplicationResult),
    ):
        assert_identical(again, replicated)
        assert again.rows() == replicated.rows()


@pytest.fixture
def arrays(replicated):
    return unpack(replicated)


def refusal(arrays, kind=ReplicationResult):
    return reference_results.refusal(pack(arrays), kind)


def test_one_kind_is_not_the_other(arrays):
    assert refusal(arrays, StudyResult) == (
        f"seeds: got 5; allowed: nothing: a study has the fields {', '.join(StudySpec.model_fields)}"
    )
    del arrays["spec"]
    assert refusal(arrays) == "'spec is not a file in the archive'"


@pytest.mark.parametrize("name", storage.KINDS[ReplicationResult].types)
def test_missing_arrays(arrays, name):
    del arrays[name]
    assert refusal(arrays) == f"missing or of the wrong shape or type: {name}"


@pytest.mark.parametrize(
    ("name", "array", "named"),
    [
        ("usable", np.ones((5, 6), dtype=np.int8), "usable"),
        ("usable", np.ones((4, 6), dtype=bool), "true_minima, true_nngpps, minima, nngpps, holds"),
        ("minima", np.zeros((5, 6, 3), dtype=np.int32), "nngpps"),
        ("nngpps", np.zeros((5, 6, 10)), "nngpps"),
        ("own_minima", np.zeros((5, 20), dtype=np.int32), "own_minima"),
        ("own_holds", np.zeros(3, dtype=np.int8), "own_holds"),
    ],
)
def test_arrays_of_the_wrong_shape_or_type(arrays, name, array, named):
    assert refusal({**arrays, name: array}) == f"missing or of the wrong shape or type: {named}"


def test_arrays_that_do_not_fit_the_description(arrays, replicated):
    arrays["spec"] = np.array(replicated.spec.replace(seeds=6).to_json())
    assert refusal(arrays) == "(5,) start points; the description has (6,)"
    arrays["spec"] = np.array(replicated.spec.to_json())
    for name in ("minima", "own_minima"):
        pair = {name: arrays[name][..., :0], name.replace("minima", "nngpps"): arrays[name][..., :0]}
        assert refusal({**arrays, **pair}) == "no draws"
    values = {**arrays, "holds": np.full_like(arrays["holds"], 2)}
    assert refusal(values) == "verdicts other than −1, 0 and 1"


def test_verdicts_of_another_list_of_claims_are_left_out(replicated):
    fewer = replace(replicated, holds=replicated.holds[1:], own_holds=replicated.own_holds[1:])
    assert storage.from_bytes(storage.to_bytes(fewer), ReplicationResult).verdicts() == ()
    assert fewer.rows() == replicated.rows()
    assert len(replicated.verdicts()) == len(claims_about(replicated.spec.domain))
