"""The key that signs job handles."""

from __future__ import annotations

import os
import threading

import pytest
from hostile import Page

from app import create_app, private_directory
from app.http import signing_key
from app.settings import Settings


def test_it_is_made_once_and_private(settings):
    made = signing_key.load_or_create_key(settings)
    path = settings.cache_dir / signing_key.FILE_NAME
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(made) == 64
    assert signing_key.load_or_create_key(settings) == made
    assert [file.name for file in settings.cache_dir.iterdir()] == [signing_key.FILE_NAME]


def test_what_is_told_is_taken_and_nothing_is_written(tmp_path):
    told = Settings(cache_dir=tmp_path / "cache", secret="correct horse battery staple")
    assert signing_key.load_or_create_key(told) == "correct horse battery staple"
    assert not (tmp_path / "cache").exists()
    assert "horse" not in repr(told)


def test_servers_that_start_together_have_the_same(settings):
    found: list[str] = []
    start = threading.Barrier(8)

    def ask() -> None:
        start.wait()
        found.append(signing_key.load_or_create_key(settings))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_a_file_that_others_can_read_is_made_private(settings):
    made = signing_key.load_or_create_key(settings)
    path = settings.cache_dir / signing_key.FILE_NAME
    path.chmod(0o644)
    assert signing_key.load_or_create_key(settings) == made
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_damaged_file_is_not_taken(settings):
    signing_key.load_or_create_key(settings)
    path = settings.cache_dir / signing_key.FILE_NAME
    path.write_text("short")
    with pytest.raises(OSError, match="damaged") as refusal:
        signing_key.load_or_create_key(settings)
    assert refusal.value.strerror == f"the secret in {path} is damaged: delete the file, or set BATCHSCAPE_SECRET"


def test_a_directory_that_cannot_be_used_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="secret") as refusal:
        signing_key.load_or_create_key(Settings(cache_dir=tmp_path / "file"))
    assert str(refusal.value.strerror).startswith(f"cannot keep a secret in {tmp_path / 'file' / 'secret'}: ")


def test_a_page_keeps_its_name_over_a_restart(settings, tmp_path):
    first, second = create_app(settings), create_app(settings)
    another = create_app(settings.model_copy(update={"cache_dir": tmp_path / "other"}))
    from app.http.request_validation import identify_page

    name = Page(first).identity
    for app, known in ((first, True), (second, True), (another, False)):
        with app.server.test_request_context("/", query_string={"endId": name}):
            assert (identify_page(app) is not None) == known


def refusal(settings: Settings) -> str:
    with pytest.raises(OSError, match="secret") as refused:
        signing_key.load_or_create_key(settings)
    start, reason = (
        f"cannot keep a secret in {settings.cache_dir / signing_key.FILE_NAME}: ",
        str(refused.value.strerror),
    )
    assert reason.startswith(start)
    return reason.removeprefix(start)


@pytest.mark.parametrize("there", [True, False])
def test_a_link_is_not_followed(settings, tmp_path, there):
    target = tmp_path / "somebody's"
    if there:
        target.write_text("x" * 64)
        target.chmod(0o644)
    settings.cache_dir.mkdir()
    (settings.cache_dir / signing_key.FILE_NAME).symlink_to(target)
    assert refusal(settings) == "it is a symbolic link; delete it, or set BATCHSCAPE_SECRET"
    assert target.exists() == there
    if there:
        assert target.stat().st_mode & 0o777 == 0o644


def test_a_pipe_is_not_waited_for(settings):
    settings.cache_dir.mkdir()
    os.mkfifo(settings.cache_dir / signing_key.FILE_NAME)
    assert refusal(settings) == "it is not a file; delete it, or set BATCHSCAPE_SECRET"


def test_a_key_that_others_can_write_is_not_taken(settings):
    signing_key.load_or_create_key(settings)
    (settings.cache_dir / signing_key.FILE_NAME).chmod(0o660)
    assert refusal(settings) == "other users can write it; delete it, or set BATCHSCAPE_SECRET"


def test_a_key_of_another_user_is_not_taken(settings, monkeypatch):
    signing_key.load_or_create_key(settings)
    uid = os.geteuid()
    monkeypatch.setattr(private_directory, "make", lambda _: None)
    monkeypatch.setattr(os, "geteuid", lambda: uid + 1)
    assert refusal(settings) == f"it belongs to another user (uid {uid}); delete it, or set BATCHSCAPE_SECRET"
