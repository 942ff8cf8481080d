import json
import math
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landscape_core import SpecError, StudySpec
from landscape_core.activations import ACTIVATIONS
from landscape_core.datasets import DATASETS, SCALINGS
from landscape_core.directions import DOMAINS
from landscape_core.losses import LOSSES
from landscape_core.spec import FORMAT, SAFE_INTEGER, allowed

LARGEST = 9007199254740991
ALLOWED = {
    "dataset": "one of iris",
    "scaling": "one of authors, min-max, standardised, raw",
    "loss": "one of mse",
    "activation": "one of sigmoid, tanh, softsign, relu, leaky_relu, elu",
    "output_activation": "same or linear",
    "domain": "one of global, local",
    "range": "a number above 0, at most 1,000,000; leave it out for the domain's own",
    "resolution": "a whole number from 2 to 10,000",
    "line_points": "a whole number from 3 to 1,000,000",
    "batch_size": "a whole number from 1 to the number of samples (150 for iris)",
    "draws": "a whole number from 0 to 10,000,000",
    "slope_angle": "a number of degrees from −360 to 360",
    "seed": f"a whole number from 0 to {LARGEST:,}",
    "batch_seed": f"a whole number from 0 to {LARGEST:,}",
    "dtype": "float64 or float32",
}
NAMES = ("dataset", "scaling", "loss", "activation", "output_activation", "domain", "dtype")
WHOLE = {
    "resolution": (2, 10_000),
    "line_points": (3, 1_000_000),
    "batch_size": (1, 150),
    "draws": (0, 10_000_000),
    "seed": (0, LARGEST),
    "batch_seed": (0, LARGEST),
}
REAL = ("range", "slope_angle")

specs = st.builds(
    StudySpec,
    dataset=st.sampled_from(list(DATASETS)),
    scaling=st.sampled_from(list(SCALINGS)),
    loss=st.sampled_from(list(LOSSES)),
    activation=st.sampled_from(list(ACTIVATIONS)),
    output_activation=st.sampled_from(["same", "linear"]),
    domain=st.sampled_from(list(DOMAINS)),
    range=st.floats(0, 1e6, exclude_min=True) | st.integers(1, 10**6) | st.none(),
    resolution=st.integers(*WHOLE["resolution"]),
    line_points=st.integers(*WHOLE["line_points"]),
    batch_size=st.integers(1, 150),
    draws=st.integers(*WHOLE["draws"]),
    slope_angle=st.floats(-360, 360) | st.integers(-360, 360),
    seed=st.integers(0, LARGEST),
    batch_seed=st.integers(0, LARGEST),
    dtype=st.sampled_from(["float64", "float32"]),
)

CHANGED = {
    "scaling": "raw",
    "activation": "elu",
    "output_activation": "linear",
    "domain": "local",
    "range": 19.0,
    "resolution": 99,
    "line_points": 99,
    "batch_size": 11,
    "draws": 49,
    "slope_angle": 44.0,
    "seed": 12734,
    "batch_seed": 1,
    "dtype": "float32",
}
SINGLE_VALUED = {"dataset", "loss"}  # one entry in their registries: nothing to change them to


def refusal(**fields):
    with pytest.raises(SpecError) as caught:
        StudySpec(**fields)
    return caught.value


def assert_refused(field, value, shown=None):
    problem = refusal(**{field: value})
    assert str(problem) == f"{field}: got {shown or repr(value)}; allowed: {ALLOWED[field]}"
    assert problem.field == field
    assert problem.value is value or problem.value == value or math.isnan(value)


def test_every_field_has_a_test_here():
    assert set(ALLOWED) == set(StudySpec.model_fields)
    assert {*NAMES, *WHOLE, *REAL} == set(StudySpec.model_fields)
    assert set(CHANGED) | SINGLE_VALUED == set(StudySpec.model_fields)
    assert {name: allowed(name) for name in ALLOWED} == ALLOWED
    assert SAFE_INTEGER == LARGEST


def test_defaults_are_the_papers_figure_3():
    assert StudySpec().model_dump() == {
        "dataset": "iris",
        "scaling": "authors",
        "loss": "mse",
        "activation": "sigmoid",
        "output_activation": "same",
        "domain": "global",
        "range": 20.0,
        "resolution": 100,
        "line_points": 100,
        "batch_size": 10,
        "draws": 50,
        "slope_angle": 45.0,
        "seed": 12735,
        "batch_seed": 0,
        "dtype": "float64",
    }
    assert StudySpec().samples == 150


@pytest.mark.parametrize("field", NAMES)
@pytest.mark.parametrize(
    "value", ["nothing", "", "Iris", "sigmoid ", "\ud800", "\x00", 1, 1.5, True, None, ["mse"], {"a": 1}, b"mse"]
)
def test_names(field, value):
    assert_refused(field, value)


@pytest.mark.parametrize("field", WHOLE)
@pytest.mark.parametrize("value", ["5", 5.0, 5.5, math.nan, math.inf, True, False, None, [5], 5j, b"5"])
def test_whole_numbers_must_be_whole_numbers(field, value):
    assert_refused(field, value)


@pytest.mark.parametrize("field", WHOLE)
def test_whole_numbers_out_of_range(field):
    least, most = WHOLE[field]
    assert getattr(StudySpec(**{field: least}), field) == least
    for value in (least - 1, -1, -LARGEST, -(10**30)):
        assert_refused(field, value)
    for value, shown in ((10**400, "1" + "0" * 78 + "…"), (10**5000, "a value too long to show")):
        if field != "batch_size":
            assert_refused(field, value, shown)
    if field != "batch_size":
        assert getattr(StudySpec(**{field: most}), field) == most
        assert_refused(field, most + 1)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param(151, "151", id="151"),
        pytest.param(10**400, "1" + "0" * 78 + "…", id="long"),
        pytest.param(10**5000, "a value too long to show", id="too long"),
    ],
)
def test_a_batch_holds_at_most_all_samples(value, shown):
    assert StudySpec(batch_size=150).batch_size == 150
    problem = refusal(batch_size=value)
    assert str(problem) == f"batch_size: got {shown}; allowed: a whole number from 1 to 150 (all samples)"
    assert problem.field == "batch_size"


@pytest.mark.parametrize("field", REAL)
@pytest.mark.parametrize(
    "value", ["5", math.nan, math.inf, -math.inf, True, False, [5.0], 5j, b"5", 1e300, -1e300, 10**30]
)
def test_real_numbers(field, value):
    assert_refused(field, value)


@pytest.mark.parametrize("field", REAL)
def test_huge_whole_numbers_for_real_ones(field):
    assert_refused(field, 10**400, "1" + "0" * 78 + "…")
    assert_refused(field, 10**5000, "a value too long to show")


@pytest.mark.parametrize(
    ("field", "inside", "outside"),
    [
        ("range", (5e-324, 1e-9, 1, 1e6), (0, 0.0, -0.0, -1.0, 1_000_000.1)),
        ("slope_angle", (-360, 0, 360.0), (-360.1, 361)),
    ],
)
def test_ends_of_real_ranges(field, inside, outside):
    for value in inside:
        found = getattr(StudySpec(**{field: value}), field)
        assert found == value
        assert type(found) is float
    for value in outside:
        assert_refused(field, value)


def test_no_slope_angle_is_not_allowed_but_no_range_is():
    assert_refused("slope_angle", None)
    assert StudySpec(range=None) == StudySpec()


def test_range_is_the_domains_unless_given():
    assert {name: StudySpec(domain=name).range for name in DOMAINS} == {"global": 20.0, "local": 2.0}
    assert StudySpec(domain="local", range=7).range == 7.0
    assert StudySpec(domain="local", range=None).range == 2.0
    assert StudySpec().replace(domain="local").range == 20.0
    assert StudySpec().replace(domain="local", range=None).range == 2.0


FIELDS = (
    "nothing: a study has the fields dataset, scaling, loss, activation, output_activation, domain, range, resolution, "
    "line_points, batch_size, draws, slope_angle, seed, batch_seed, dtype"
)


@pytest.mark.parametrize(
    ("field", "shown"),
    [
        ("seeds", "seeds"),
        ("self", "self"),
        ("fields", "fields"),
        ("", "''"),
        ("a b", "'a b'"),
        ("__class__", "__class__"),
    ],
)
def test_unknown_fields(field, shown):
    problem = refusal(**{field: 7})
    assert str(problem) == f"{shown}: got 7; allowed: {FIELDS}"
    assert problem.field == field


def test_the_first_of_several_faults_is_named():
    assert refusal(seed=-1, activation="gelu", nonsense=1).field == "activation"
    assert refusal(domain="nowhere").field == "domain"
    assert refusal(domain=["global"]).field == "domain"
    assert refusal(domain="nowhere", range=-1.0).field == "domain"


def test_replace_validates():
    with pytest.raises(SpecError, match=r"^batch_size: got 151; "):
        StudySpec().replace(batch_size=151)
    with pytest.raises(SpecError, match=r"^nonsense: got 1; "):
        StudySpec().replace(nonsense=1)
    spec = StudySpec()
    assert spec.replace(draws=3).draws == 3
    assert spec.draws == 50


def test_the_order_of_changes_does_not_matter():
    changes = list(CHANGED.items())
    forwards = backwards = StudySpec()
    for name, value in changes:
        forwards = forwards.replace(**{name: value})
    for name, value in reversed(changes):
        backwards = backwards.replace(**{name: value})
    at_once = StudySpec(**CHANGED)
    assert forwards == backwards == at_once == StudySpec(**dict(reversed(changes)))
    assert forwards.key() == backwards.key() == at_once.key()


def test_every_way_in_validates():
    with pytest.raises(SpecError, match=r"^seed: got -1; "):
        StudySpec.model_validate({"seed": -1})
    with pytest.raises(SpecError, match=r"^seed: got -1; "):
        StudySpec.from_json('{"seed": -1}')


# identity


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
    changed = StudySpec().replace(**{field: CHANGED[field]})
    assert getattr(changed, field) != getattr(StudySpec(), field)
    assert changed.key() != StudySpec().key()
    assert changed.replace(**{field: getattr(StudySpec(), field)}).key() == StudySpec().key()


def test_key_changes_with_the_format(monkeypatch):
    before = StudySpec().key()
    monkeypatch.setattr("landscape_core.spec.FORMAT", FORMAT + 1)
    assert StudySpec().key() != before


@pytest.mark.parametrize("field", CHANGED)
def test_table_key_ignores_exactly_what_comes_after_the_tables(field):
    changed = StudySpec().replace(**{field: CHANGED[field]})
    ignored = field in {"batch_size", "draws", "slope_angle", "batch_seed"}
    assert (changed.table_key() == StudySpec().table_key()) == ignored


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


# JSON


@given(specs)
def test_json_round_trip(spec):
    text = spec.to_json()
    assert StudySpec.from_json(text) == spec
    assert StudySpec.from_json(text).to_json() == text
    assert StudySpec.from_json(text).key() == spec.key()
    assert json.loads(text) == spec.model_dump()


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
        assert len(str(found)) < 400
    else:
        assert set(fields) <= set(ALLOWED)
        assert StudySpec.from_json(found.to_json()) == found


@given(st.text())
def test_any_text_is_a_description_or_a_spec_error(text):
    with pytest.raises(SpecError):
        StudySpec.from_json(text + "!")
