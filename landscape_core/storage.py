"""Results on disk and in caches: one `.npz` with arrays, description, device and versions. No pickle, either way."""

from __future__ import annotations

import io
import json
import os
import zipfile
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from landscape_core.errors import LandscapeError
from landscape_core.spec import StudySpec
from landscape_core.study import ARRAY_FIELDS, StudyResult


def save(result: StudyResult, path: str | os.PathLike[str]) -> Path:
    """Write a result to a `.npz` file, whole or not at all.

    Returns:
        Where it was written: `path`, with `.npz` appended if it had another ending.

    Raises:
        OSError: The file cannot be written.
    """
    target = Path(path)
    if target.suffix != ".npz":
        target = target.with_name(target.name + ".npz")
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with draft.open("wb") as file:
            _write(result, file)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return target


def load(path: str | os.PathLike[str]) -> StudyResult:
    """Read a result back, equal in every number.

    Raises:
        LandscapeError: The file is not a study.
        OSError: The file cannot be read.
    """
    with Path(path).open("rb") as file:
        return _read(file, str(path))


def to_bytes(result: StudyResult) -> bytes:
    """A result as the bytes of its `.npz` file."""
    buffer = io.BytesIO()
    _write(result, buffer)
    return buffer.getvalue()


def from_bytes(content: bytes) -> StudyResult:
    """The inverse of `to_bytes`.

    Raises:
        LandscapeError: The bytes are not a study.
    """
    return _read(io.BytesIO(content), "the stored bytes")


def _write(result: StudyResult, file: BinaryIO) -> None:
    arrays = {name: getattr(result, name) for name in ARRAY_FIELDS}
    np.savez(
        file,
        allow_pickle=False,
        spec=np.array(result.spec.to_json()),
        device=np.array(result.device),
        versions=np.array(json.dumps(result.versions, sort_keys=True)),
        **{name: array for name, array in arrays.items() if array is not None},
    )


def _read(file: BinaryIO, name: str) -> StudyResult:
    try:
        with np.load(file, allow_pickle=False) as stored:
            arrays: dict[str, Any] = {field: stored.get(field) for field in ARRAY_FIELDS}
            return StudyResult(
                spec=StudySpec.from_json(str(stored["spec"])),
                device=str(stored["device"]),
                versions=json.loads(str(stored["versions"])),
                **arrays,
            )
    except (KeyError, ValueError, EOFError, zipfile.BadZipFile) as problem:
        raise LandscapeError(f"{name} is not a study saved by Batchscape ({problem})") from problem
