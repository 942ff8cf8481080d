import io
import json
import os
import pickle
import random
import stat
import threading
import warnings
import zipfile
from dataclasses import fields, replace

import numpy as np
import pytest

from landscape_core import LandscapeError, StudyResult, StudySpec, load, run, save, storage
from landscape_core.storage import from_bytes, to_bytes
from landscape_core.study import ARRAY_FIELDS

pytestmark = pytest.mark.usefixtures("few_line_draws")

SAMPLED = {name for name in ARRAY_FIELDS if name.startswith(("sampled_", "plane_"))}


@pytest.fixture
def result(small):
    return run(small, device="cpu")


@pytest.fixture
def arrays(result):
    """What a file holds, to be tampered with."""
    with np.load(io.BytesIO(to_bytes(result))) as stored:
        return dict(stored)


def packed(arrays, **options):
    buffer = io.BytesIO()
    np.savez(buffer, **options, **arrays)
    return buffer.getvalue()


def refusal(content):
    with pytest.raises(LandscapeError) as caught:
        from_bytes(content)
    assert type(caught.value) is LandscapeError
    text = str(caught.value)
    assert text.startswith("the stored result is not a study saved by Batchscape (")
    assert text.endswith(")")
    return text.removeprefix("the stored result is not a study saved by Batchscape (")[:-1]


def names(folder):
    return [path.name for path in folder.iterdir()]


def assert_equal(one, other):
    for field in fields(StudyResult):
        first, second = getattr(one, field.name), getattr(other, field.name)
        if isinstance(first, np.ndarray):
            assert (first.dtype, first.shape, first.tobytes()) == (second.dtype, second.shape, second.tobytes())
        else:
            assert first == second


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"draws": 0},
        {"draws": 1},
        {"dtype": "float32"},
        {"domain": "local", "activation": "relu"},
        {"batch_size": 150},
    ],
)
def test_round_trip(tmp_path, small, change):
    result = run(small.replace(**change), device="cpu")
    again = load(save(result, tmp_path / "study.npz"))
    assert_equal(again, result)
    assert again.summary() == result.summary()
    assert from_bytes(to_bytes(result)).spec == result.spec
    for name in SAMPLED:
        assert (getattr(again, name) is None) == (result.spec.draws == 0)


def test_holes_survive(result):
    plane = result.full_loss.copy()
    plane[1, 2] = np.nan
    again = from_bytes(to_bytes(replace(result, full_loss=plane)))
    np.testing.assert_array_equal(again.full_loss, plane)
    assert again.holes == 1


def test_equal_results_are_equal_bytes(small, result):
    assert to_bytes(run(small, device="cpu")) == to_bytes(result)
    assert to_bytes(from_bytes(to_bytes(result))) == to_bytes(result)


def test_files_and_bytes_are_the_same(tmp_path, result):
    assert save(result, tmp_path / "study.npz").read_bytes() == to_bytes(result)


def test_anyone_with_numpy_can_read_it(tmp_path, result):
    with np.load(save(result, tmp_path / "study.npz"), allow_pickle=False) as stored:
        assert set(stored) == {"spec", "device", "versions", *ARRAY_FIELDS}
        assert json.loads(str(stored["spec"])) == result.spec.model_dump()
        assert str(stored["device"]) == "cpu"
        assert json.loads(str(stored["versions"])) == result.versions
        np.testing.assert_array_equal(stored["full_loss"], result.full_loss)


# saving


@pytest.mark.parametrize(
    ("asked", "written"),
    [("a.npz", "a.npz"), ("a", "a.npz"), ("a.b", "a.b.npz"), ("a.npz.txt", "a.npz.txt.npz"), (".npz", ".npz.npz")],
)
@pytest.mark.parametrize("kind", [str, lambda path: path])
def test_the_ending_is_npz(tmp_path, result, asked, written, kind):
    path = save(result, kind(tmp_path / asked))
    assert path == tmp_path / written
    assert names(tmp_path) == [written]
    assert_equal(load(path), result)


def test_an_older_file_is_replaced_whole(tmp_path, small, result):
    path = save(result, tmp_path / "study.npz")
    other = run(small.replace(seed=1), device="cpu")
    assert save(other, path) == path
    assert load(path).spec.seed == 1
    assert names(tmp_path) == ["study.npz"]


def test_whoever_reads_the_older_file_still_reads_it_whole(tmp_path, small, result):
    path = save(result, tmp_path / "study.npz")
    before = path.read_bytes()
    with path.open("rb") as reader:
        start = reader.read(100)
        save(run(small.replace(seed=1), device="cpu"), path)
        assert start + reader.read() == before != path.read_bytes()


def test_a_failure_leaves_the_older_file_and_no_draft(monkeypatch, tmp_path, small, result):
    path = save(result, tmp_path / "study.npz")
    before = path.read_bytes()

    def half(file, **_):
        file.write(b"half a file")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(storage.np, "savez", half)
    with pytest.raises(OSError, match="No space left on device"):
        save(run(small.replace(seed=1), device="cpu"), path)
    assert path.read_bytes() == before
    assert names(tmp_path) == ["study.npz"]


def test_two_threads_may_save_to_one_place(monkeypatch, tmp_path, small, result):
    """Each writes its own draft: what is found afterwards is one of the two, whole."""
    other = run(small.replace(seed=1), device="cpu")
    whole = to_bytes(result), to_bytes(other)
    both_write = threading.Barrier(2, timeout=30)
    write = storage._write

    def slowly(one, file):
        both_write.wait()
        write(one, file)
        both_write.wait()

    monkeypatch.setattr(storage, "_write", slowly)
    faults = []

    def work(one):
        try:
            save(one, tmp_path / "study.npz")
        except BaseException as fault:  # told to the main thread
            faults.append(fault)

    threads = [threading.Thread(target=work, args=(one,)) for one in (result, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert names(tmp_path) == ["study.npz"]
    assert (tmp_path / "study.npz").read_bytes() in whole


def test_a_folder_that_is_not_there(tmp_path, result):
    with pytest.raises(FileNotFoundError):
        save(result, tmp_path / "nowhere" / "study.npz")
    assert names(tmp_path) == []


def test_a_folder_in_the_way(tmp_path, result):
    (tmp_path / "study.npz").mkdir()
    with pytest.raises(OSError, match=r"study\.npz"):
        save(result, tmp_path / "study.npz")
    assert names(tmp_path) == ["study.npz"]


@pytest.mark.parametrize("path", ["", ".", "/"])
def test_a_folder_instead_of_a_file(result, path):
    with pytest.raises(IsADirectoryError) as caught:
        save(result, path)
    assert str(caught.value) == f"[Errno 21] Is a directory: {path!r}"


def test_a_folder_that_may_not_be_written_to(tmp_path, result):
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    if os.access(folder, os.W_OK):
        # the superuser may write anywhere: a file in the place of the folder is refused to everybody
        folder.chmod(stat.S_IRWXU)
        folder.rmdir()
        folder.write_text("")
    with pytest.raises(OSError, match="locked"):
        save(result, folder / "study.npz")
    folder.chmod(stat.S_IRWXU)


# reading what is not a study


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
    content = packed({**arrays, name: np.array([Trap()], dtype=object)}, allow_pickle=True)
    assert refusal(content) == "Object arrays cannot be loaded when allow_pickle=False"
    assert not Trap.sprung


@pytest.mark.parametrize("name", ["spec", "device", "versions"])
def test_missing_texts(arrays, name):
    del arrays[name]
    assert refusal(packed(arrays)) == f"'{name} is not a file in the archive'"


@pytest.mark.parametrize("name", sorted(set(ARRAY_FIELDS) - SAMPLED))
def test_missing_arrays(arrays, name):
    del arrays[name]
    assert refusal(packed(arrays)) == f"missing or of the wrong shape or type: {name}"


def test_sampled_moments_belong_to_draws(arrays, small, result):
    without = {name: array for name, array in arrays.items() if name not in SAMPLED}
    assert refusal(packed(without)) == "sampled statistics: 0 of 8, although draws is 4"
    del arrays["sampled_sd_loss"]
    assert refusal(packed(arrays)) == "sampled statistics: 7 of 8, although draws is 4"
    arrays["sampled_sd_loss"] = result.sampled_sd_loss
    arrays["spec"] = np.array(small.replace(draws=0).to_json())
    assert refusal(packed(arrays)) == "sampled statistics: 8 of 8, although draws is 0"


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
        ("line_minima_counts", np.zeros((19, 4), dtype=np.int32), "line_nngpp_counts"),
        ("inputs", np.zeros((149, 4)), "targets"),
    ],
)
def test_arrays_of_the_wrong_shape_or_type(arrays, name, array, named):
    reason = refusal(packed({**arrays, name: array}))
    assert reason == f"missing or of the wrong shape or type: {named}"


def test_arrays_that_fit_each_other_but_not_the_description(arrays, small):
    arrays["spec"] = np.array(small.replace(resolution=6).to_json())
    assert refusal(packed(arrays)) == (
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
            "batch_size: got inf; allowed: a whole number from 1 to the number of samples (150 for iris)",
        ),
    ],
)
def test_absurd_descriptions_inside(arrays, text, reason):
    assert refusal(packed({**arrays, "spec": np.array(text)})) == reason


@pytest.mark.parametrize("text", ["", "[]", "{"])
def test_absurd_versions_inside(arrays, text):
    reason = refusal(packed({**arrays, "versions": np.array(text)}))
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
                outcomes.append(type(from_bytes(bytes(damaged))))
            except LandscapeError as problem:
                outcomes.append(type(problem.__cause__))
    assert zipfile.BadZipFile in outcomes
    assert NotImplementedError in outcomes
    assert outcomes.count(StudyResult) < 100
