"""The secret that signs what pages hold of their jobs."""

from __future__ import annotations

import threading

import pytest
from hostile import Page

from app import create_app, secret
from app.settings import Settings


def test_it_is_made_once_and_private(settings):
    made = secret.of(settings)
    path = settings.cache_dir / secret.NAME
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(made) == 64
    assert secret.of(settings) == made
    assert [file.name for file in settings.cache_dir.iterdir()] == [secret.NAME]


def test_what_is_told_is_taken_and_nothing_is_written(tmp_path):
    told = Settings(cache_dir=tmp_path / "cache", secret="correct horse battery staple")
    assert secret.of(told) == "correct horse battery staple"
    assert not (tmp_path / "cache").exists()
    assert "horse" not in repr(told)


def test_servers_that_start_together_have_the_same(settings):
    found: list[str] = []
    start = threading.Barrier(8)

    def ask() -> None:
        start.wait()
        found.append(secret.of(settings))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_a_file_that_others_can_read_is_made_private(settings):
    made = secret.of(settings)
    path = settings.cache_dir / secret.NAME
    path.chmod(0o644)
    assert secret.of(settings) == made
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_damaged_file_is_not_taken(settings):
    secret.of(settings)
    path = settings.cache_dir / secret.NAME
    path.write_text("short")
    with pytest.raises(OSError, match="damaged") as refusal:
        secret.of(settings)
    assert refusal.value.strerror == f"the secret in {path} is damaged: delete the file, or set BATCHSCAPE_SECRET"


def test_a_directory_that_cannot_be_used_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="secret") as refusal:
        secret.of(Settings(cache_dir=tmp_path / "file"))
    assert str(refusal.value.strerror).startswith(f"cannot keep a secret in {tmp_path / 'file' / 'secret'}: ")


def test_a_page_keeps_its_name_over_a_restart(settings, tmp_path):
    first, second = create_app(settings), create_app(settings)
    another = create_app(settings.model_copy(update={"cache_dir": tmp_path / "other"}))
    from app.guard import visitor

    name = Page(first).name
    for app, known in ((first, True), (second, True), (another, False)):
        with app.server.test_request_context("/", query_string={"endId": name}):
            assert (visitor(app) is not None) == known
