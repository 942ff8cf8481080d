"""Files that earlier versions wrote, one of each kind of result, are read back, byte for byte."""

from pathlib import Path

import pytest

from landscape_core import LandscapeError, RaceResult, StudyResult, TrainingResult, load, storage
from landscape_core.comparison.race_replication import RaceReplicationResult
from landscape_core.paper.replication import ReplicationResult
from landscape_core.study.tiles import TileResult

FILES = Path(__file__).parents[1] / "data"
KINDS = {
    "study": StudyResult,
    "tile": TileResult,
    "replication": ReplicationResult,
    "race": RaceResult,
    "race-replication": RaceReplicationResult,
    "training": TrainingResult,
}


@pytest.mark.parametrize(("name", "kind"), KINDS.items())
def test_a_file_of_before_is_read_and_written_again_as_it_was(name, kind):
    path = FILES / f"{name}.npz"
    result = load(path, kind)
    assert storage.to_bytes(result) == path.read_bytes()
    assert result.versions["batchscape"]


@pytest.mark.parametrize("name", [name for name in KINDS if name != "study"])
def test_what_is_read_is_a_study_unless_another_kind_is_asked_for(name):
    assert isinstance(load(FILES / "study.npz"), StudyResult)
    with pytest.raises(LandscapeError, match="not a study"):
        load(FILES / f"{name}.npz")


def test_every_kind_has_such_a_file():
    assert set(KINDS.values()) == {kind for kind in storage.KINDS if kind.__module__.startswith("landscape_core.")}
    assert {path.stem for path in FILES.glob("*.npz")} == set(KINDS)
