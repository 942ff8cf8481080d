"""Storage: a result as one `.npz` file with arrays, specification, device and versions. No pickle, either way."""

from __future__ import annotations

import errno
import io
import json
import os
import threading
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar, cast, get_type_hints

import numpy as np
from jaxtyping import jaxtyped

from landscape_core.errors import LandscapeError

Stored = TypeVar("Stored", bound="Result")
Check = Callable[[Any, dict[str, Any]], None]


@dataclass(frozen=True, eq=False)
class Result:
    """Base of what can be stored: arrays, and what they were computed from.

    Attributes:
        spec: The description.
        device: Where it was computed.
        versions: Versions of what computed it.
    """

    spec: Any
    device: str
    versions: dict[str, str]

    @property
    def nbytes(self) -> int:
        """Memory held by the arrays, in bytes."""
        return sum(value.nbytes for value in vars(self).values() if isinstance(value, np.ndarray))


@dataclass(frozen=True)
class Kind:
    """A kind of result that can be stored.

    Attributes:
        result: A subclass of `Result`; its annotations say what every array is checked against.
        noun: What a reader calls it.
        spec: The inverse of its description's `to_json`.
        check: (description, arrays) → nothing; raises ValueError where they disagree.
    """

    result: type[Result]
    noun: str
    spec: Callable[[str], Any]
    check: Check

    @property
    def types(self) -> dict[str, Any]:
        """The declared shape and kind of every array."""
        hints = get_type_hints(self.result)
        shared = {field.name for field in fields(Result)}
        return {field.name: hints[field.name] for field in fields(self.result) if field.name not in shared}

    @property
    def optional(self) -> list[str]:
        """Names of the arrays that may be missing."""
        return [name for name, type_ in self.types.items() if isinstance(None, cast(type, type_))]


KINDS: dict[type[Result], Kind] = {}
"""Every kind of result, by its class. A module that defines one registers it."""


def register_kind(noun: str, spec: Callable[[str], Any], check: Check) -> Callable[[type[Stored]], type[Stored]]:
    """Class decorator: results of this class can be stored.

    Args:
        noun: As in `Kind`; likewise the others.
        spec: The inverse of its description's `to_json`.
        check: Raises ValueError where a description and arrays disagree.
    """

    def register(result: type[Stored]) -> type[Stored]:
        KINDS[result] = Kind(result, noun, spec, check)
        return result

    return register


def check_sizes(what: str, sizes: tuple[int, ...], asked: tuple[int, ...]) -> None:
    """Refuse arrays whose sizes are not those that the description asks for.

    Raises:
        ValueError: They differ.
    """
    if sizes != asked:
        raise ValueError(f"{sizes} {what}; the description has {asked}")


def save(result: Result, path: str | os.PathLike[str]) -> Path:
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


def to_bytes(result: Result) -> bytes:
    """A result as the bytes of its `.npz` file."""
    buffer = io.BytesIO()
    _write(result, buffer)
    return buffer.getvalue()


def from_bytes(content: bytes, kind: type[Stored], name: str = "the stored result") -> Stored:
    """The inverse of `to_bytes`.

    Args:
        content: The bytes.
        kind: What is expected in them.
        name: What an error message calls them.

    Raises:
        LandscapeError: The bytes are not a result of that kind.
    """
    try:
        return kind(**_parse(content, KINDS[kind]))
    except Exception as error:  # what zipfile, zlib, numpy and json raise for hostile content is not documented
        raise LandscapeError(f"{name} is not {KINDS[kind].noun} saved by Batchscape ({error})") from error


def _write(result: Result, file: io.BufferedIOBase) -> None:
    arrays = {name: getattr(result, name) for name in KINDS[type(result)].types}
    np.savez(
        file,
        allow_pickle=False,
        spec=np.array(result.spec.to_json()),
        device=np.array(result.device),
        versions=np.array(json.dumps(result.versions, sort_keys=True)),
        **{name: array for name, array in arrays.items() if array is not None},
    )


def _parse(content: bytes, kind: Kind) -> dict[str, Any]:
    if not zipfile.is_zipfile(io.BytesIO(content)):  # numpy would also take a lone array
        raise ValueError("not a .npz file")
    with zipfile.ZipFile(io.BytesIO(content)) as members:  # so that nothing is larger in memory than it is in the file
        if any(member.compress_type != zipfile.ZIP_STORED for member in members.infolist()):
            raise ValueError("compressed, which Batchscape never writes")
    types = kind.types
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        arrays: dict[str, Any] = {field: stored.get(field) for field in types}
        spec = kind.spec(str(stored["spec"]))
        device, versions = str(stored["device"]), json.loads(str(stored["versions"]))
    with jaxtyped("context"):  # the same letter has the same size in all of them
        misfits = [field for field, array in arrays.items() if not isinstance(array, types[field])]
    if misfits:
        raise ValueError("missing or of the wrong shape or type: " + ", ".join(misfits))
    kind.check(spec, arrays)
    if not isinstance(versions, dict):
        raise ValueError("versions is not an object")
    return {"spec": spec, "device": device, "versions": versions, **arrays}
