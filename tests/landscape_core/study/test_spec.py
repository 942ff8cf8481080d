"""What the fields of a study accept."""

import json
import math

import pytest
from reference_specs import ALLOWED, CHANGED, FIELDS, LARGEST, TRAINED, WHOLE, assert_spec_error

from landscape_core import RaceReplicationSpec, RaceSpec, SpecError, StudySpec
from landscape_core.geometry.directions import DOMAINS
from landscape_core.study.spec import RECIPE, SAFE_INTEGER, TRAINING

NAMES = ("dataset", "scaling", "loss", "activation", "output_activation", "domain", "sampling", "dtype")
NAMES += ("problem", "start_point", "train_optimiser", "table_dtype")

REAL = ("range", "slope_angle", "train_rate")

ELSEWHERE = {"hidden", "population", "max_samples"}  # tests of problems of your own

NOT_ALONE = {"dataset", "loss", "problem", "population"}  # they do not go with any change of the others


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
    assert {*NAMES, *WHOLE, *REAL, *ELSEWHERE} == set(StudySpec.model_fields)
    assert set(CHANGED) | NOT_ALONE == set(StudySpec.model_fields)
    assert {name: StudySpec.allowed(name) for name in ALLOWED} == ALLOWED
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
        "sampling": "without-replacement",
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
    base = {"start_point": "trained"} if field in TRAINING else {}
    assert getattr(StudySpec(**base, **{field: least}), field) == least
    for value in (least - 1, -1, -LARGEST, -(10**30)):
        assert_refused(field, value)
    for value, shown in ((10**400, "1" + "0" * 78 + "…"), (10**5000, "a value too long to show")):
        if field != "batch_size":
            assert_refused(field, value, shown)
    if field != "batch_size":
        assert getattr(StudySpec(**base, **{field: most}), field) == most
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
        ("range", (1e-12, 1e-9, 1, 1e6), (0, 0.0, -0.0, -1.0, 5e-324, 1e-300, 0.999e-12, 1_000_000.1)),
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
    ranges = {name: StudySpec(domain=name, start_point="trained").range for name in DOMAINS}
    assert ranges == {"global": 20.0, "local": 2.0, "filter": 1.0, "pca": 1.2}
    assert StudySpec(domain="local", range=7).range == 7.0
    assert StudySpec(domain="local", range=None).range == 2.0
    assert StudySpec().replace(domain="local").range == 20.0
    assert StudySpec().replace(domain="local", range=None).range == 2.0


@pytest.mark.parametrize("start", ["auto", "paper", "pytorch", "zero"])
@pytest.mark.parametrize("kind", [StudySpec, RaceSpec])
def test_a_plane_of_a_training_needs_a_start_point_that_is_trained(kind, start):
    assert_spec_error(
        kind,
        {"domain": "pca", "start_point": start},
        "domain: got 'pca'; allowed: one of global, local, filter, or else a start_point that is trained: pca shows the "
        "way to it",
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
    assert refusal(seed=-1, activation="sine", nonsense=1).field == "activation"
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
    forwards = backwards = TRAINED
    for name, value in changes:
        forwards = forwards.replace(**{name: value})
    for name, value in reversed(changes):
        backwards = backwards.replace(**{name: value})
    at_once = StudySpec(**CHANGED)
    assert forwards == backwards == at_once == StudySpec(**dict(reversed(changes)))
    assert forwards.key() == backwards.key() == at_once.key()


@pytest.mark.parametrize("field", TRAINING)
@pytest.mark.parametrize("start_point", ["auto", "zero"])
def test_a_start_point_that_is_not_trained_takes_no_training(field, start_point):
    usual, value = getattr(StudySpec(), field), CHANGED[field]
    with pytest.raises(SpecError) as caught:
        StudySpec(start_point=start_point, **{field: value})
    allowed = f"{usual}, unless start_point is trained: {start_point} takes no training"
    assert str(caught.value) == f"{field}: got {value!r}; allowed: {allowed}"
    assert StudySpec(start_point=start_point, **{field: usual}) == StudySpec(start_point=start_point)
    with pytest.raises(SpecError, match=f"^{field}: got "):
        RaceSpec(**{field: value})
    for kind in (StudySpec, RaceSpec):  # older files may hold it
        plain = kind(start_point=start_point)
        older = json.dumps({**json.loads(plain.to_json()), field: value})
        assert kind.from_json(older) == plain


def test_every_way_in_validates():
    with pytest.raises(SpecError, match=r"^seed: got -1; "):
        StudySpec.model_validate({"seed": -1})
    with pytest.raises(SpecError, match=r"^seed: got -1; "):
        StudySpec.from_json('{"seed": -1}')


def test_what_is_told_of_another_problem_names_no_network_of_the_paper():
    papers, other = StudySpec(dataset="wine"), StudySpec(problem="digits-mlp")
    assert papers.stated_fields() == papers.fields()
    assert papers.fields().keys() - other.stated_fields().keys() == set(RECIPE) & papers.fields().keys()
    assert other.stated_fields()["problem"] == "digits-mlp"
    races = [RaceSpec(problem="digits-mlp"), RaceReplicationSpec(problem="digits-mlp")]
    assert all(set(RECIPE).isdisjoint(spec.stated_fields()) for spec in races)
    assert RaceSpec(activation="relu").stated_fields()["activation"] == "relu"
