"""Tables in files: the same bits as in memory, and nothing that is left behind."""

import errno
import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from reference_results import assert_identical

from landscape_core import PROBLEMS, StudySpec, run
from landscape_core.problems.mlp import MLPProblem
from landscape_core.statistics import mapped_table, sample_table
from landscape_core.statistics.mapped_table import Mapped, Scratch, is_costly
from landscape_core.study.plane import Streamed
from landscape_core.study.run import evaluate, tabulate_landscape

OPEN_FILES = Path("/proc/self/fd")
SPEC = StudySpec(problem="wine", batch_size=7, range=2.0, resolution=9, line_points=9, draws=3)


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    """Room for any table, for any network, in a few blocks."""
    monkeypatch.setattr(mapped_table, "WORTH", 0)
    monkeypatch.setattr(sample_table, "BLOCK_VALUES", 178 * 50)
    return Scratch(tmp_path, 2**30)


def count_files():
    """Files that are open and have no name."""
    links = [link for link in OPEN_FILES.iterdir() if os.path.lexists(link)]  # that of the listing itself is gone
    return sum(os.readlink(link).endswith("(deleted)") for link in links)  # noqa: PTH115  a name that is no path


@pytest.mark.usefixtures("few_line_draws")
@pytest.mark.parametrize(
    "changes", [{}, {"table_dtype": "float32"}, {"dtype": "float32"}, {"sampling": "epoch-shuffle"}]
)
def test_all_three_ways_give_the_same_bits(scratch, changes):
    spec = SPEC.replace(**changes)
    whole = tabulate_landscape(spec, device="cpu")
    mapped = tabulate_landscape(spec, device="cpu", memory=0, scratch=scratch)
    streamed = tabulate_landscape(spec, device="cpu", memory=0, scratch=Scratch(scratch.folder, 0))
    assert (type(mapped.plane), type(mapped.lines)) == (Mapped, Mapped)
    assert (type(streamed.plane), type(streamed.lines)) == (Streamed, Streamed)
    assert (mapped.nbytes, streamed.nbytes) == (whole.nbytes, 0)
    results = [evaluate(spec, landscape) for landscape in (whole, mapped, streamed)]
    assert_identical(results[0], run(spec, device="cpu"))
    for other in results[1:]:
        assert_identical(other, results[0])
    one, other = (landscape.plane.part(range(50, 81)) for landscape in (mapped, whole))
    for ours, theirs in zip((one.loss, *one.slopes), (other.loss, *other.slopes), strict=True):
        assert torch.equal(ours, theirs)
        assert ours.dtype == getattr(torch, spec.dtype)
        assert ours.is_contiguous()


@pytest.mark.usefixtures("few_line_draws")
def test_the_network_is_asked_once_for_two_batch_sizes(scratch, monkeypatch):
    asked = []
    slopes = MLPProblem.loss_and_slopes
    monkeypatch.setattr(MLPProblem, "loss_and_slopes", lambda *given: (asked.append(len(given[1])), slopes(*given))[1])
    seen = []
    landscape = tabulate_landscape(
        SPEC, device="cpu", memory=0, scratch=scratch, progress=lambda done, _: seen.append(done)
    )
    evaluate(SPEC, landscape)
    evaluate(SPEC.replace(batch_size=20, batch_seed=3), landscape)
    assert sum(asked) == 9 * 9 + 4 * 9
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


@pytest.mark.skipif(not OPEN_FILES.exists(), reason="files without a name are looked for in /proc")
def test_files_have_no_name_and_go_with_the_table(scratch):
    before = count_files()
    landscape = tabulate_landscape(SPEC, device="cpu", memory=0, scratch=scratch)
    assert list(scratch.folder.iterdir()) == []
    assert count_files() == before + 2
    del landscape
    gc.collect()
    assert count_files() == before


@pytest.mark.skipif(sys.platform == "win32", reason="there a file is deleted when it is closed")
def test_a_process_that_ends_in_the_middle_leaves_no_file(tmp_path):
    code = f"""
import os
from pathlib import Path
from landscape_core import StudySpec
from landscape_core.statistics import mapped_table
from landscape_core.study.run import tabulate_landscape
mapped_table.WORTH = 0
def end(done, what):
    os._exit(9)
spec = StudySpec(problem="wine", batch_size=7, range=2.0, resolution=9, line_points=9, draws=3)
tabulate_landscape(spec, device="cpu", memory=0, scratch=mapped_table.Scratch(Path({str(tmp_path)!r}), 2**30), progress=end)
"""
    assert subprocess.run([sys.executable, "-c", code], timeout=240, check=False).returncode == 9
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("few_line_draws")
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EFBIG])
def test_a_disk_that_fills_leaves_the_table_to_be_made_again(scratch, monkeypatch, caplog, number):
    """The plane's file is written, and the lines' is not."""
    files, temporary = [], mapped_table.tempfile.TemporaryFile

    class Full:
        def write(self, _content):
            raise OSError(number, "no room")

        def close(self):
            files.append("closed")

    def open_next(**options):
        files.append(Full() if files else temporary(**options))
        return files[-1]

    monkeypatch.setattr(mapped_table.tempfile, "TemporaryFile", open_next)
    landscape = tabulate_landscape(SPEC, device="cpu", memory=0, scratch=scratch)
    assert type(landscape.plane) is type(landscape.lines) is Streamed
    assert files[0].closed
    assert files[2:] == ["closed"]
    assert caplog.messages == [f"no room for a sample table in {scratch.folder}: [Errno {number}] no room"]
    assert_identical(evaluate(SPEC, landscape), run(SPEC, device="cpu"))


def test_other_failures_close_the_file_and_are_raised(scratch, monkeypatch):
    files, temporary = [], mapped_table.tempfile.TemporaryFile
    monkeypatch.setattr(
        mapped_table.tempfile, "TemporaryFile", lambda **options: files.append(temporary(**options)) or files[-1]
    )

    def cancel(_done, _what):
        raise RuntimeError("cancelled")

    with pytest.raises(RuntimeError, match="cancelled"):
        tabulate_landscape(SPEC, device="cpu", memory=0, scratch=scratch, progress=cancel)
    assert [file.closed for file in files] == [True]


def test_a_folder_that_takes_no_file(scratch, monkeypatch, caplog):
    assert not Scratch(scratch.folder / "missing", 2**30).takes(1)
    monkeypatch.setattr(Scratch, "takes", lambda *_: True)
    nowhere = Scratch(scratch.folder / "missing", 2**30)
    assert type(tabulate_landscape(SPEC, device="cpu", memory=0, scratch=nowhere).plane) is Streamed
    assert caplog.messages[0].startswith(f"no file for a sample table in {nowhere.folder}: ")


def test_room_is_bounded_and_some_is_left_to_others(tmp_path, monkeypatch):
    free = mapped_table.DISK_LEFT + 1_000
    monkeypatch.setattr(mapped_table.shutil, "disk_usage", lambda _: type("Usage", (), {"free": free}))
    assert [Scratch(tmp_path, 2_000).takes(needed) for needed in (1_000, 1_001)] == [True, False]
    assert [Scratch(tmp_path, 900).takes(needed) for needed in (900, 901)] == [True, False]


def test_only_costly_networks_are_worth_a_file(tmp_path):
    """Counted, so that it is the same on a busy machine."""
    cheap, costly = (PROBLEMS[name].make(torch.float64, torch.device("cpu")) for name in ("digits-mlp", "digits-cnn"))
    assert [is_costly(problem, torch.float64) for problem in (cheap, costly)] == [False, True]
    spec = SPEC.replace(problem="wine")
    landscape = tabulate_landscape(spec, device="cpu", memory=0, scratch=Scratch(tmp_path, 2**30))
    assert type(landscape.plane) is Streamed


def test_within_the_memory_tables_stay_there(scratch):
    needed = tabulate_landscape(SPEC, device="cpu").nbytes
    held = tabulate_landscape(SPEC, device="cpu", memory=2 * needed, scratch=scratch)
    assert isinstance(held.plane, sample_table.SampleTable)
    assert held.nbytes == needed
