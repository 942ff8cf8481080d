"""Results on disk and in caches: one `.npz` with arrays, description, device and versions. No pickle, either way."""

from __future__ import annotations

import errno
import io
import json
import os
import threading
import zipfile
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np
from jaxtyping import jaxtyped

from landscape_core.errors import LandscapeError
from landscape_core.spec import StudySpec
from landscape_core.study import ARRAY_FIELDS, StudyResult

TYPES = get_type_hints(StudyResult)
"""The declared shape and kind of every array: what a stored one is checked against."""

SAMPLED = tuple(field for field in ARRAY_FIELDS if isinstance(None, TYPES[field]))
"""The arrays that only a study with draws has."""


def save(result: StudyResult, path: str | os.PathLike[str]) -> Path:
    """Write a result to a `.npz` file, whole or not at all.

    Returns:
        Where it was written: `path`, with `.npz` appended if it had another ending.

    Raises:
        OSError: The file cannot be written.
    """
    target = Path(path)
    if not target.name:  # "", "." and "/" name a folder
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if target.suffix != ".npz":
        target = target.with_name(target.name + ".npz")
    draft = target.with_name(f".{target.name}.{os.getpid()}.{threading.get_ident()}.part")
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
    return _read(Path(path).read_bytes(), str(path))


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
    return _read(content, "the stored result")


def _write(result: StudyResult, file: io.BufferedIOBase) -> None:
    arrays = {name: getattr(result, name) for name in ARRAY_FIELDS}
    np.savez(
        file,
        allow_pickle=False,
        spec=np.array(result.spec.to_json()),
        device=np.array(result.device),
        versions=np.array(json.dumps(result.versions, sort_keys=True)),
        **{name: array for name, array in arrays.items() if array is not None},
    )


def _read(content: bytes, name: str) -> StudyResult:
    try:
        return _parse(content)
    except Exception as problem:  # what zipfile, zlib, numpy and json raise for hostile content is not documented
        raise LandscapeError(f"{name} is not a study saved by Batchscape ({problem})") from problem


def _parse(content: bytes) -> StudyResult:
    if not zipfile.is_zipfile(io.BytesIO(content)):  # numpy would also take a lone array
        raise ValueError("not a .npz file")
    with zipfile.ZipFile(io.BytesIO(content)) as members:  # so that nothing is larger in memory than it is in the file
        if any(member.compress_type != zipfile.ZIP_STORED for member in members.infolist()):
            raise ValueError("compressed, which Batchscape never writes")
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        arrays: dict[str, Any] = {field: stored.get(field) for field in ARRAY_FIELDS}
        spec = StudySpec.from_json(str(stored["spec"]))
        device, versions = str(stored["device"]), json.loads(str(stored["versions"]))
    with jaxtyped("context"):  # the same letter has the same size in all of them
        misfits = [field for field, array in arrays.items() if not isinstance(array, TYPES[field])]
    if misfits:
        raise ValueError("missing or of the wrong shape or type: " + ", ".join(misfits))
    sampled = [arrays[field] is not None for field in SAMPLED]
    if sampled != [spec.draws > 0] * len(sampled):
        raise ValueError(f"sampled statistics: {sum(sampled)} of {len(sampled)}, although draws is {spec.draws}")
    sizes = tuple(len(arrays[field]) for field in ("axis", "positions", "inputs"))
    asked = spec.resolution, spec.line_points, spec.samples
    if sizes != asked:
        raise ValueError(f"{sizes} points of the plane's side, of a line and samples; the description has {asked}")
    if not isinstance(versions, dict):
        raise ValueError("versions is not an object")
    return StudyResult(spec=spec, device=device, versions=versions, **arrays)
