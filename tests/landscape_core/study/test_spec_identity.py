"""Studies as keys of caches and as JSON."""

import hashlib
import json
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reference_specs import ALLOWED, CHANGED, FIELDS, TRAINED, specs

from landscape_core import RaceReplicationSpec, RaceSpec, SpecError, StudySpec, TrainingSpec
from landscape_core.study.spec import FORMAT, RECIPE, TRAINING


def test_frozen_hashable_equal_and_picklable():
    spec = StudySpec(activation="elu")
    with pytest.raises(ValueError, match="frozen"):
        spec.seed = 1
    with pytest.raises(ValueError, match="frozen"):
        del spec.seed
    assert spec == StudySpec(activation="elu") != StudySpec()
    assert len({spec, StudySpec(activation="elu"), StudySpec()}) == 2
    assert pickle.loads(pickle.dumps(spec)) == spec


def test_key_is_pinned():
    """Links, caches and stored results of this format lean on it."""
    assert FORMAT == 3
    assert StudySpec().key() == "1ebd5ea1d8ca5b1f07860872aa2c79822fa4734a52f05569b35b08343a789007"


@pytest.mark.parametrize("field", CHANGED)
def test_key_changes_with_every_field(field):
    usual = TRAINED if field in TRAINING else StudySpec()
    changed = usual.replace(**{field: CHANGED[field]})
    assert getattr(changed, field) != getattr(usual, field)
    assert changed.key() != usual.key()
    assert changed.replace(**{field: getattr(usual, field)}).key() == usual.key()


def test_key_changes_with_the_format(monkeypatch):
    before = StudySpec().key()
    monkeypatch.setattr("landscape_core.study.spec.FORMAT", FORMAT + 1)
    assert StudySpec().key() != before


@pytest.mark.parametrize("field", CHANGED)
def test_table_key_ignores_exactly_what_comes_after_the_tables(field):
    usual = TRAINED if field in TRAINING else StudySpec()
    changed = usual.replace(**{field: CHANGED[field]})
    ignored = field in {"batch_size", "draws", "sampling", "slope_angle", "batch_seed"}
    assert (changed.table_key() == usual.table_key()) == ignored


# written by the version before unused fields were left out
OLDER = (
    '{"activation":"sigmoid","batch_seed":0,"batch_size":10,"dataset":"iris","domain":"global","draws":50,"dtype":"float64",'
    '"line_points":100,"loss":"mse","output_activation":"same","problem":"wine","range":20.0,"resolution":100,'
    '"scaling":"authors","seed":12735,"slope_angle":45.0}'
)


@pytest.mark.parametrize("kind", [StudySpec, RaceSpec, RaceReplicationSpec, TrainingSpec])
def test_another_problem_is_written_without_the_papers_recipe(kind):
    spec = kind(problem="wine")
    assert set(json.loads(spec.to_json())).isdisjoint(RECIPE)
    assert kind.from_json(spec.to_json()) == spec
    assert set(RECIPE) & set(json.loads(kind().to_json())) != set()


def test_older_descriptions_of_other_problems_are_read_and_their_keys_stay():
    spec = StudySpec(problem="wine")
    assert StudySpec.from_json(OLDER) == spec
    assert spec.key() == hashlib.sha256(f"{FORMAT}:{OLDER}".encode()).hexdigest()


@given(specs, specs)
def test_keys_are_equal_exactly_when_descriptions_are(one, other):
    assert (one.key() == other.key()) == (one == other)
    if one == other:
        assert hash(one) == hash(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"range": 20}, {"range": 20.0}),
        ({"range": None}, {}),
        ({"slope_angle": -0.0}, {"slope_angle": 0.0}),
        ({"slope_angle": 0}, {"slope_angle": 0.0}),
    ],
)
def test_equal_descriptions_written_differently(one, other):
    one, other = StudySpec(**one), StudySpec(**other)
    assert one == other
    assert one.to_json() == other.to_json()
    assert (one.key(), one.table_key(), hash(one)) == (other.key(), other.table_key(), hash(other))


@given(specs)
def test_json_round_trip(spec):
    text = spec.to_json()
    assert StudySpec.from_json(text) == spec
    assert StudySpec.from_json(text).to_json() == text
    assert StudySpec.from_json(text).key() == spec.key()
    usual = {"sampling": "without-replacement"}  # left unwritten: such studies keep the keys and files that they had
    written = spec.model_dump(mode="json")
    assert json.loads(text) == {name: value for name, value in written.items() if usual.get(name) != value}


def test_another_sampling_is_written():
    changed = StudySpec(sampling="epoch-shuffle")
    assert json.loads(changed.to_json())["sampling"] == "epoch-shuffle"
    assert StudySpec.from_json(changed.to_json()) == changed


def test_json_is_canonical():
    assert StudySpec().to_json() == (
        '{"activation":"sigmoid","batch_seed":0,"batch_size":10,"dataset":"iris","domain":"global","draws":50,'
        '"dtype":"float64","line_points":100,"loss":"mse","output_activation":"same","range":20.0,"resolution":100,'
        '"scaling":"authors","seed":12735,"slope_angle":45.0}'
    )
    assert StudySpec.from_json("{}") == StudySpec()
    assert StudySpec.from_json(' {"seed" : 1 }\n') == StudySpec(seed=1)


OBJECT = "a JSON object with the fields of a study"


@pytest.mark.parametrize(
    "text", ["", "{", "seed=1", "{'seed': 1}", '{"seed": 1}}', "\x00", "\ud800", '{"seed": ' + "9" * 5000 + "}"]
)
def test_text_that_is_not_json(text):
    with pytest.raises(SpecError) as caught:
        StudySpec.from_json(text)
    shown = repr(text) if len(repr(text)) <= 80 else repr(text)[:79] + "…"
    assert str(caught.value) == f"spec: got {shown}; allowed: {OBJECT}"


def test_deeply_nested_json():
    with pytest.raises(SpecError) as caught:
        StudySpec.from_json("[" * 100_000)
    assert str(caught.value) == "spec: got '" + "[" * 78 + f"…; allowed: {OBJECT}"


@pytest.mark.parametrize(
    ("text", "shown"), [("[]", "[]"), ("null", "None"), ("1", "1"), ('"seed"', "'seed'"), ("NaN", "nan")]
)
def test_json_that_is_no_object(text, shown):
    with pytest.raises(SpecError) as caught:
        StudySpec.from_json(text)
    assert str(caught.value) == f"spec: got {shown}; allowed: {OBJECT}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"seed": 1.0}', f"seed: got 1.0; allowed: {ALLOWED['seed']}"),
        ('{"seed": true}', f"seed: got True; allowed: {ALLOWED['seed']}"),
        ('{"range": NaN}', f"range: got nan; allowed: {ALLOWED['range']}"),
        ('{"range": -Infinity}', f"range: got -inf; allowed: {ALLOWED['range']}"),
        ('{"slope_angle": null}', f"slope_angle: got None; allowed: {ALLOWED['slope_angle']}"),
        ('{"self": 1}', f"self: got 1; allowed: {FIELDS}"),
        ('{"seed": {"seed": 1}}', f"seed: got {{'seed': 1}}; allowed: {ALLOWED['seed']}"),
    ],
)
def test_json_with_values_that_are_not_allowed(text, message):
    with pytest.raises(SpecError) as caught:
        StudySpec.from_json(text)
    assert str(caught.value) == message


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(list(ALLOWED)) | st.text(), json_values))
def test_any_json_object_is_a_description_or_a_spec_error(fields):
    try:
        found = StudySpec.from_json(json.dumps(fields))
    except SpecError as problem:
        found = problem
    if isinstance(found, SpecError):
        assert len(str(found)) < 500
    else:
        assert set(fields) <= set(ALLOWED)
        assert StudySpec.from_json(found.to_json()) == found


@given(st.text())
def test_any_text_is_a_description_or_a_spec_error(text):
    with pytest.raises(SpecError):
        StudySpec.from_json(text + "!")
