"""What a replication is made from."""

import importlib.util
import inspect
import json

import pytest
from reference_specs import assert_spec_error

from landscape_core import SpecError, StudySpec
from landscape_core.geometry.directions import DOMAINS
from landscape_core.paper import claims, likely_places, replication_spec
from landscape_core.paper import published as paper
from landscape_core.paper.claims import (
    claim,
    criteria,
    line_estimates,
    line_features,
    line_observations,
    observations,
    plane_features,
    repeated_claims,
    table_claims,
    text_criteria,
)
from landscape_core.paper.published import PAPER_ACTIVATIONS
from landscape_core.paper.replication_spec import ReplicationSpec


def test_the_default_is_the_papers():
    spec = ReplicationSpec()
    assert spec.fields() == {
        "seeds": 200,
        "domain": "global",
        "seed": paper.SELECTED_SEED,
        "batch_seed": 0,
        "line_points": 100,
        "batch_size": paper.BATCH_SIZE,
        "scaling": "authors",
        "output_activation": "same",
        "dtype": "float64",
    }
    assert (spec.domain, spec.seed) == ("global", paper.SELECTED_SEED)
    assert PAPER_ACTIVATIONS == ("sigmoid", "tanh", "softsign", "relu", "leaky_relu", "elu")


def test_fields_mean_what_they_mean_in_a_study():
    changes = {
        "domain": "local",
        "seed": 3,
        "batch_seed": 5,
        "line_points": 30,
        "batch_size": 20,
        "scaling": "raw",
        "output_activation": "linear",
        "dtype": "float32",
    }
    assert set(changes) == set(ReplicationSpec.STUDY_FIELDS)
    spec = ReplicationSpec(seeds=9, **changes)
    assert spec.study("elu") == StudySpec(activation="elu", **changes)
    assert spec.study("relu", 4) == StudySpec(activation="relu", **{**changes, "seed": 4, "batch_seed": 10})
    assert ReplicationSpec.from_json(spec.to_json()) == spec
    assert json.loads(spec.to_json()) == spec.fields()
    assert len({spec, ReplicationSpec(seeds=9, **changes), spec.replace(seeds=10)}) == 2


def test_mini_batches_are_nobody_elses():
    spec = ReplicationSpec(batch_seed=100)
    seeds = [spec.study("tanh", seed).batch_seed for seed in (None, *range(200))]
    assert seeds == list(range(100, 301))
    assert ReplicationSpec(batch_seed=2**53 - 1).study("tanh", 2).batch_seed == 2


def test_keys_follow_the_description():
    keys = {ReplicationSpec(**change).key() for change in ({}, {"seeds": 9}, {"domain": "local"}, {"batch_seed": 1})}
    assert len(keys) == 4
    assert ReplicationSpec().key() == ReplicationSpec(seeds=200).key()
    assert ReplicationSpec().key().startswith("typical-")


@pytest.mark.parametrize("index", range(12))
def test_a_key_changes_with_the_code_that_decides(monkeypatch, tmp_path, index):
    deciding = list(replication_spec.DECIDING)
    assert deciding == [
        *(
            line_estimates,
            likely_places,
            line_features,
            plane_features,
            criteria,
            text_criteria,
            claim,
            repeated_claims,
        ),
        *(table_claims, observations, line_observations, claims),
    ]
    source, before = inspect.getsource(deciding[index]), ReplicationSpec().key()
    for name, text, same in (
        ("copied", source, True),
        ("changed", source + "CHANGED = True\n", False),
    ):
        (tmp_path / f"{name}.py").write_text(text)
        found = importlib.util.spec_from_file_location(name, tmp_path / f"{name}.py")
        deciding[index] = importlib.util.module_from_spec(found)
        monkeypatch.setattr(replication_spec, "DECIDING", tuple(deciding))
        assert (ReplicationSpec().key() == before) == same


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seeds": 0}, "seeds: got 0; allowed: a whole number from 1 to 10,000"),
        ({"seeds": 10_001}, "seeds: got 10001; allowed: a whole number from 1 to 10,000"),
        ({"seeds": True}, "seeds: got True; allowed: a whole number from 1 to 10,000"),
        ({"seeds": "9"}, "seeds: got '9'; allowed: a whole number from 1 to 10,000"),
        ({"seed": -1}, "seed: got -1; allowed: a whole number from 0 to 9,007,199,254,740,991"),
        ({"domain": "polar"}, "domain: got 'polar'; allowed: one of global, local"),
        ({"batch_size": 151}, "batch_size: got 151; allowed: a whole number from 1 to 150 (all samples)"),
        (
            {"activation": "relu"},
            "activation: got 'relu'; allowed: nothing: a description of many start points has the fields seeds, domain, "
            "seed, batch_seed, line_points, batch_size, scaling, output_activation, dtype",
        ),
    ],
)
def test_fields_that_are_not_allowed(change, message):
    assert_spec_error(ReplicationSpec, change, message)


def test_a_domain_that_the_paper_has_not(monkeypatch):
    monkeypatch.setitem(DOMAINS, "polar", DOMAINS["global"])
    with pytest.raises(SpecError) as caught:
        ReplicationSpec(domain="polar")
    assert str(caught.value) == "domain: got 'polar'; allowed: one of global, local"


@pytest.mark.parametrize(("text", "shown"), [("[]", "[]"), ("{", "'{'"), ("[" * 50_000, "'" + "[" * 78 + "…")])
def test_texts_that_are_no_description(text, shown):
    with pytest.raises(SpecError) as caught:
        ReplicationSpec.from_json(text)
    assert str(caught.value) == (
        f"spec: got {shown}; allowed: a JSON object with the fields of a description of many start points"
    )
