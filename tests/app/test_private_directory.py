"""Private directories: whose they are, and who can write them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import private_directory
from app.jobs.cache import DiskCache

USER, STRANGER = 1001, 1002
LIMIT = 2**20


@pytest.fixture
def owned(monkeypatch: pytest.MonkeyPatch) -> dict[Path, int]:
    """Owners of paths, for the module; other paths belong to the user."""
    owners: dict[Path, int] = {}
    real = {"stat": Path.stat, "lstat": Path.lstat}

    def seen_by(name: str):
        def look(path: Path, **options: object) -> os.stat_result:
            about = real[name](path, **options)
            owner = owners.get(Path(os.path.realpath(path)) if name == "stat" else path, USER)
            return os.stat_result((*about[:4], owner, *about[5:]))

        return look

    monkeypatch.setattr(os, "geteuid", lambda: USER)
    for name in real:
        monkeypatch.setattr(Path, name, seen_by(name))
    return owners


def test_it_is_made_private(tmp_path: Path) -> None:
    private_directory.make(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(("before", "after"), [(0o777, 0o775), (0o775, 0o775), (0o700, 0o700), (0o1777, 0o1775)])
def test_others_cannot_write_it_any_more(tmp_path: Path, before: int, after: int) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own").chmod(before)
    private_directory.make(tmp_path / "own")
    assert (tmp_path / "own").stat().st_mode & 0o7777 == after


@pytest.mark.parametrize("mode", [0o777, 0o755])
def test_that_of_another_user_is_refused(tmp_path: Path, owned: dict[Path, int], mode: int) -> None:
    shared = tmp_path / "batchscape"
    shared.mkdir()
    shared.chmod(mode)
    owned[shared] = STRANGER
    message = (
        f"{shared} belongs to another user (uid {STRANGER}), who could replace it; "
        "set BATCHSCAPE_CACHE_DIR to a directory of your own"
    )
    with pytest.raises(PermissionError) as refused:
        private_directory.make(shared)
    assert refused.value.strerror == message
    with pytest.raises(OSError, match="cannot keep results in") as refused:
        DiskCache(shared, LIMIT)
    assert refused.value.strerror == f"cannot keep results in {shared / 'results'}: {message}"
    assert not list(shared.iterdir())


def test_a_folder_of_another_user_in_it_is_refused(tmp_path: Path, owned: dict[Path, int]) -> None:
    (tmp_path / "results").mkdir()
    owned[tmp_path / "results"] = STRANGER
    with pytest.raises(OSError, match=f"results belongs to another user .uid {STRANGER}."):
        DiskCache(tmp_path, LIMIT)


def test_a_link_of_another_user_is_refused(tmp_path: Path, owned: dict[Path, int]) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "own")
    private_directory.make(tmp_path / "link")
    owned[tmp_path / "link"] = STRANGER
    with pytest.raises(PermissionError, match=f"link belongs to another user .uid {STRANGER}."):
        private_directory.make(tmp_path / "link")


@pytest.mark.parametrize(("mode", "refused"), [(0o1777, False), (0o777, True), (0o755, False)])
def test_that_of_root_is_shared_only_where_nothing_can_be_replaced(
    tmp_path: Path, owned: dict[Path, int], mode: int, refused: bool
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(mode)
    owned[shared] = 0
    if refused:
        with pytest.raises(PermissionError, match=f"all users can replace files in {shared}; set BATCHSCAPE_CACHE_DIR"):
            private_directory.make(shared)
    else:
        private_directory.make(shared)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a directory away")
@pytest.mark.slow
def test_a_server_refuses_it_with_one_line(tmp_path: Path) -> None:
    shared = tmp_path / "batchscape"
    shared.mkdir()
    shared.chmod(0o777)
    os.chown(shared, STRANGER, STRANGER)
    done = subprocess.run(
        [sys.executable, "-m", "app", "serve", "--port", "0"],
        env={**os.environ, "BATCHSCAPE_CACHE_DIR": str(shared)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"batchscape: cannot keep results in {shared / 'results'}: {shared} belongs to another user")
