"""The secret that signs what pages hold of their jobs: it outlives the process, so that pages do too."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from app.settings import Settings

NAME = "secret"
LEAST = 32
"""Characters of a secret that was written by this module, at least."""


def of(settings: Settings) -> str:
    """The secret of a server: the one that it is told, or else one in its cache directory, made once.

    Raises:
        OSError: The file cannot be read or made.
    """
    if settings.secret is not None:
        return settings.secret.get_secret_value()
    path = settings.cache_dir / NAME
    try:
        settings.cache_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _make(path)
        found = path.read_text(encoding="ascii").strip()
        path.chmod(0o600)
    except (OSError, UnicodeError) as problem:
        raise OSError(0, f"cannot keep a secret in {path}: {problem}") from problem
    if len(found) < LEAST:
        raise OSError(0, f"the secret in {path} is damaged: delete the file, or set BATCHSCAPE_SECRET")
    return found


def _make(path: Path) -> None:
    """Write a new secret whole, unless somebody else is first."""
    own = path.with_name(f"{NAME}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(own, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        path.hardlink_to(own)
    except FileExistsError:
        pass
    finally:
        own.unlink(missing_ok=True)
