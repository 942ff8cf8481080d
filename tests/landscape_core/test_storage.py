"""Results on disk."""

import json
import os
import stat
import threading
from dataclasses import replace

import numpy as np
import pytest
from reference_results import assert_identical

from landscape_core import StudyResult, StudySpec, load, run, save, storage
from landscape_core.storage import KINDS, from_bytes, to_bytes

pytestmark = pytest.mark.usefixtures("few_line_draws")

ARRAY_FIELDS = tuple(name for name in KINDS[StudyResult].types if name != "line_nngpp_share")

SAMPLED = {name for name in ARRAY_FIELDS if name.startswith(("sampled_", "plane_"))}


@pytest.fixture
def result(small):
    return run(small, device="cpu")


def names(folder):
    return [path.name for path in folder.iterdir()]


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"draws": 0},
        {"draws": 1},
        {"dtype": "float32"},
        {"domain": "local", "activation": "relu"},
        {"batch_size": 150},
        {"sampling": "with-replacement"},
        {"sampling": "epoch-shuffle"},
    ],
)
def test_round_trip(tmp_path, small, change):
    result = run(small.replace(**change), device="cpu")
    again = load(save(result, tmp_path / "study.npz"))
    assert_identical(again, result)
    assert again.summary() == result.summary()
    assert from_bytes(to_bytes(result), StudyResult).spec == result.spec
    for name in SAMPLED:
        least = 2 if name.startswith("sampled_sd_") else 1  # one draw has no SD
        assert (getattr(again, name) is None) == (result.spec.draws < least)


def test_holes_survive(result):
    plane = result.full_loss.copy()
    plane[1, 2] = np.nan
    again = from_bytes(to_bytes(replace(result, full_loss=plane)), StudyResult)
    np.testing.assert_array_equal(again.full_loss, plane)
    assert again.holes == 1


def test_equal_results_are_equal_bytes(small, result):
    assert to_bytes(run(small, device="cpu")) == to_bytes(result)
    assert to_bytes(from_bytes(to_bytes(result), StudyResult)) == to_bytes(result)


def test_files_and_bytes_are_the_same(tmp_path, result):
    assert save(result, tmp_path / "study.npz").read_bytes() == to_bytes(result)


def test_anyone_with_numpy_can_read_it(tmp_path, result):
    with np.load(save(result, tmp_path / "study.npz"), allow_pickle=False) as stored:
        assert set(stored) == {
            "spec",
            "device",
            "versions",
            *(name for name in ARRAY_FIELDS if getattr(result, name) is not None),
        }
        assert StudySpec(**json.loads(str(stored["spec"]))) == result.spec
        assert str(stored["device"]) == "cpu"
        assert json.loads(str(stored["versions"])) == result.versions
        np.testing.assert_array_equal(stored["full_loss"], result.full_loss)


@pytest.mark.parametrize(
    ("asked", "written"),
    [("a.npz", "a.npz"), ("a", "a.npz"), ("a.b", "a.b.npz"), ("a.npz.txt", "a.npz.txt.npz"), (".npz", ".npz.npz")],
)
@pytest.mark.parametrize("kind", [str, lambda path: path])
def test_the_ending_is_npz(tmp_path, result, asked, written, kind):
    path = save(result, kind(tmp_path / asked))
    assert path == tmp_path / written
    assert names(tmp_path) == [written]
    assert_identical(load(path), result)


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
