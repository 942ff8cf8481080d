"""The key that signs job handles. It outlives the process, so that open pages survive a restart."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from pathlib import Path

from app import private_directory
from app.settings import Settings

FILE_NAME = "secret"

SHORTEST = 32
"""Fewest characters of a key that this module wrote."""

# not on Windows; without the second, opening a pipe would wait for a writer
FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


def load_or_create_key(settings: Settings) -> str:
    """Return the key of the settings, or else the one in the cache directory, which is created once.

    Raises:
        OSError: The file cannot be read or created, is a link, belongs to another user, or others can write it.
    """
    if settings.secret is not None:
        return settings.secret.get_secret_value()
    path = settings.cache_dir / FILE_NAME
    try:
        private_directory.make(settings.cache_dir)
        try:
            found = _read(path)
        except FileNotFoundError:
            _create(path)
            found = _read(path)
    except (OSError, UnicodeError) as error:
        reason = error.strerror or error if isinstance(error, OSError) else error
        raise OSError(0, f"cannot keep a secret in {path}: {reason}") from error
    if len(found) < SHORTEST:
        raise OSError(0, f"the secret in {path} is damaged: delete the file, or set BATCHSCAPE_SECRET")
    return found


def _read(path: Path) -> str:
    """Read a private file, and make it private if others can read it."""
    try:
        descriptor = os.open(path, FLAGS)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise _refusal("it is a symbolic link") from None
        raise
    with os.fdopen(descriptor, encoding="ascii") as file:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode):
            raise _refusal("it is not a file")
        if hasattr(os, "geteuid"):
            if about.st_uid != os.geteuid():
                raise _refusal(f"it belongs to another user (uid {about.st_uid})")
            if about.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                raise _refusal("other users can write it")
            os.fchmod(descriptor, 0o600)
        return file.read().strip()


def _refusal(reason: str) -> PermissionError:
    return PermissionError(errno.EPERM, f"{reason}; delete it, or set BATCHSCAPE_SECRET")


def _create(path: Path) -> None:
    """Write a new key whole, unless another process is first."""
    draft = path.with_name(f"{FILE_NAME}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink(missing_ok=True)
