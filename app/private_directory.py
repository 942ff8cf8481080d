"""Private directories: only their owner can write or read files in them."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

ADVICE = "set BATCHSCAPE_CACHE_DIR to a directory of your own"


def make(directory: Path) -> None:
    """Make a directory with mode 0700, or check one that exists.

    A directory of this user that others can write loses that permission. One that belongs to root may be shared as /tmp is,
    where nobody can remove or rename what belongs to others (the sticky bit).

    Raises:
        OSError: It cannot be made, is no directory, or belongs to another user, or others can replace its files.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not hasattr(os, "geteuid"):  # Windows: what is made in a user's profile is private
        return
    user = os.geteuid()
    for found in (directory.lstat(), directory.stat()):  # a link and its target
        if found.st_uid not in {user, 0}:
            raise PermissionError(
                errno.EPERM, f"{directory} belongs to another user (uid {found.st_uid}), who could replace it; {ADVICE}"
            )
    mode = found.st_mode
    if not mode & stat.S_IWOTH:
        return
    if found.st_uid == user:
        directory.chmod(stat.S_IMODE(mode) & ~stat.S_IWOTH)
    elif not mode & stat.S_ISVTX:
        raise PermissionError(errno.EPERM, f"all users can replace files in {directory}; {ADVICE}")
