"""What is no result, or is damaged, is refused and never unpickled."""

import io
import json
import pickle
import random
import warnings
import zipfile

import numpy as np
import pytest
import reference_results
from reference_results import pack, unpack

from landscape_core import LandscapeError, StudyResult, StudySpec, load, run
from landscape_core.storage import KINDS, from_bytes, to_bytes

pytestmark = pytest.mark.usefixtures("few_line_draws")

ARRAY_FIELDS = tuple(
    name
    for name in KINDS[StudyResult].types
    if name not in ("line_nngpp_share", "axis_scale") and not name.startswith("path")
)

DISTANCES = {"line_minima_distances", "line_nngpp_distances"}
SAMPLED = {name for name in ARRAY_FIELDS if name.startswith(("sampled_", "plane_"))}


@pytest.fixture
def result(small):
    return run(small, device="cpu")


@pytest.fixture
def arrays(result):
    """What a file holds, to be tampered with."""
    return unpack(result)


def refusal(content):
    return reference_results.refusal(content, StudyResult)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        load(tmp_path / "study.npz")
    with pytest.raises(IsADirectoryError):
        load(tmp_path)


def test_the_file_is_named(tmp_path):
    path = tmp_path / "study.npz"
    path.write_bytes(b"")
    for kind in (path, str(path)):
        with pytest.raises(LandscapeError) as caught:
            load(kind)
        assert str(caught.value) == f"{path} is not a study saved by Batchscape (not a .npz file)"


def lone_array():
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3))
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content",
    [b"", b"not a study", b"PK\x03\x04", lone_array(), pickle.dumps({"spec": 1}), b"{}", b"\x93NUMPY"],
)
def test_what_is_no_archive(content):
    assert refusal(content) == "not a .npz file"


def test_an_archive_of_something_else():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert refusal(buffer.getvalue()) == "'spec is not a file in the archive'"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_truncated_files(result, share):
    content = to_bytes(result)
    assert refusal(content[: int(share * len(content))]) == "not a .npz file"


class Trap:
    """Sets a flag where it is unpickled."""

    sprung = False

    def __reduce__(self):
        return setattr, (Trap, "sprung", True)


@pytest.mark.parametrize("name", ["theta0", "full_loss", "spec", "device", "versions"])
def test_pickles_are_refused_and_never_opened(arrays, name):
    content = pack({**arrays, name: np.array([Trap()], dtype=object)}, allow_pickle=True)
    assert refusal(content) == "Object arrays cannot be loaded when allow_pickle=False"
    assert not Trap.sprung


@pytest.mark.parametrize("name", ["spec", "device", "versions"])
def test_missing_texts(arrays, name):
    del arrays[name]
    assert refusal(pack(arrays)) == f"'{name} is not a file in the archive'"


@pytest.mark.parametrize("name", sorted(set(ARRAY_FIELDS) - SAMPLED - DISTANCES))
def test_missing_arrays(arrays, name):
    del arrays[name]
    assert refusal(pack(arrays)) == f"missing or of the wrong shape or type: {name}"


@pytest.mark.parametrize("name", sorted(DISTANCES))
def test_distances_belong_together(arrays, name):
    """Files of earlier versions have neither."""
    del arrays[name]
    assert refusal(pack(arrays)) == "line_minima_distances and line_nngpp_distances belong together; one is missing"


def test_a_scale_belongs_to_planes_with_a_unit(arrays, small):
    told = "axis_scale is a length above 0, and belongs to domains with a unit of their own"
    assert refusal(pack({**arrays, "axis_scale": np.array(2.0)})) == told
    filtered = small.replace(domain="filter", range=None)
    arrays["spec"] = np.array(filtered.to_json())
    assert refusal(pack(arrays)) == told
    for wrong in (0.0, -1.0, np.nan, np.inf):
        assert refusal(pack({**arrays, "axis_scale": np.array(wrong)})) == told
    misfit = "missing or of the wrong shape or type: axis_scale"
    assert refusal(pack({**arrays, "axis_scale": np.array([2.0])})) == misfit


def test_a_path_belongs_to_a_trained_start_point(arrays, small):
    trained = run(small.replace(start_point="trained", train_steps=3))
    paths = {name: getattr(trained, name) for name in ("path", "path_steps", "path_loss", "path_distance")}
    told = "path, path_steps, path_loss and path_distance belong together, and to a start point that is trained"
    assert refusal(pack({**arrays, **paths})) == told
    arrays["spec"] = np.array(trained.spec.to_json())
    for left_out in paths:
        some = {name: path for name, path in paths.items() if name != left_out}
        assert refusal(pack({**arrays, **some})) == told


def test_sampled_moments_belong_to_draws(arrays, small, result):
    without = {name: array for name, array in arrays.items() if name not in SAMPLED}
    assert refusal(pack(without)) == "sampled statistics: 0 of 8, although draws is 4"
    del arrays["sampled_sd_loss"]
    assert refusal(pack(arrays)) == "sampled statistics: 7 of 8, although draws is 4"
    arrays["sampled_sd_loss"] = result.sampled_sd_loss
    arrays["spec"] = np.array(small.replace(draws=0).to_json())
    assert refusal(pack(arrays)) == "sampled statistics: 8 of 8, although draws is 0"


def test_counted_nngpps_belong_to_an_epochs_shuffle(arrays, small):
    words = "line_nngpp_share belongs to sampling epoch-shuffle alone; the description has "
    arrays["line_nngpp_share"] = arrays["line_positive"]
    assert refusal(pack(arrays)) == words + "without-replacement"
    del arrays["line_nngpp_share"]
    arrays["spec"] = np.array(small.replace(sampling="epoch-shuffle").to_json())
    assert refusal(pack(arrays)) == words + "epoch-shuffle"


def test_a_file_of_one_draw_with_the_sds_of_older_versions_has_none(arrays, small):
    for name in ("sampled_sd_loss", "sampled_sd_slope"):
        arrays[name] = np.full_like(arrays[name], np.nan)
    one = small.replace(draws=1)
    arrays["spec"] = np.array(one.to_json())
    found = from_bytes(pack(arrays), StudyResult)
    assert found.spec == one
    assert found.sampled_sd_loss is None
    assert found.sampled_sd_slope is None
    np.testing.assert_array_equal(found.sampled_mean_loss, arrays["sampled_mean_loss"])
    again = from_bytes(to_bytes(found), StudyResult)
    assert again.sampled_sd_slope is None


def test_a_file_of_a_plane_that_is_too_small_says_what_is_allowed(arrays, small):
    fields = {**json.loads(small.to_json()), "range": 1e-300}
    arrays["spec"] = np.array(json.dumps(fields))
    said = refusal(pack(arrays))
    assert said.startswith("range: got 1e-300")
    assert "a number from 1e-12 to 1,000,000" in said


@pytest.mark.parametrize(
    ("name", "array", "named"),
    [
        ("full_loss", np.zeros((5, 4)), "full_loss"),
        ("full_loss", np.zeros(25), "full_loss"),
        ("full_loss", np.zeros((5, 5), dtype=np.int64), "full_loss"),
        ("full_loss", np.zeros((5, 5), dtype=complex), "full_loss"),
        ("full_loss", np.full((5, 5), "text"), "full_loss"),
        ("line_full_loss", np.zeros((3, 9)), "line_full_loss"),
        ("directions", np.zeros((3, 83)), "directions"),
        ("theta0", np.zeros(82), "directions"),  # of two sizes for P the second is blamed
        ("line_minima_counts", np.zeros((20, 4)), "line_minima_counts"),
        (
            "line_minima_counts",
            np.zeros((19, 4), dtype=np.int32),
            "line_nngpp_counts, line_minima_distances, line_nngpp_distances",
        ),
        ("inputs", np.zeros((149, 4)), "targets"),
    ],
)
def test_arrays_of_the_wrong_shape_or_type(arrays, name, array, named):
    reason = refusal(pack({**arrays, name: array}))
    assert reason == f"missing or of the wrong shape or type: {named}"


def test_arrays_that_fit_each_other_but_not_the_description(arrays, small):
    arrays["spec"] = np.array(small.replace(resolution=6).to_json())
    assert refusal(pack(arrays)) == (
        "(5, 9, 150) points of the plane's side, of a line and samples; the description has (6, 9, 150)"
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "spec: got ''; allowed: a JSON object with the fields of a study"),
        ("[]", "spec: got []; allowed: a JSON object with the fields of a study"),
        ("[" * 50_000, "spec: got '" + "[" * 78 + "…; allowed: a JSON object with the fields of a study"),
        ('{"seed":-1}', "seed: got -1; allowed: a whole number from 0 to 9,007,199,254,740,991"),
        (
            '{"batch_size":1e400}',
            "batch_size: got inf; allowed: a whole number from 1 to the number of samples",
        ),
    ],
)
def test_absurd_descriptions_inside(arrays, text, reason):
    assert refusal(pack({**arrays, "spec": np.array(text)})) == reason


@pytest.mark.parametrize("text", ["", "[]", "{"])
def test_absurd_versions_inside(arrays, text):
    reason = refusal(pack({**arrays, "versions": np.array(text)}))
    assert reason == "versions is not an object" or reason.startswith("Expecting ")


def test_an_array_that_claims_to_be_huge(arrays):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (10**15, 5)})
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("theta0.npy", header.getvalue())
    assert refusal(buffer.getvalue())


def test_damaged_files_are_read_or_refused():
    """A few hundred files with some bytes changed: whatever zip, numpy or json stumble over is one kind of error."""
    content = to_bytes(run(StudySpec(resolution=2, line_points=3, draws=0), device="cpu"))
    chance = random.Random(0)
    outcomes = []
    for _ in range(400):
        damaged = bytearray(content)
        for _ in range(chance.choice([1, 1, 3, 30])):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # zipfile and numpy mention some damage before they refuse it
            try:
                outcomes.append(type(from_bytes(bytes(damaged), StudyResult)))
            except LandscapeError as problem:
                outcomes.append(type(problem.__cause__))
    assert zipfile.BadZipFile in outcomes
    assert NotImplementedError in outcomes
    assert outcomes.count(StudyResult) < 100
