"""Results on disk and in caches: one `.npz` with arrays, description, device and versions. No pickle, either way."""

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
from typing import Any, TypeVar, cast, get_type_hints, overload

import numpy as np
from jaxtyping import jaxtyped

from landscape_core import claims
from landscape_core.errors import LandscapeError
from landscape_core.line_search.search import STATUSES
from landscape_core.race import RaceResult
from landscape_core.race_spec import RaceSpec
from landscape_core.spec import StudySpec
from landscape_core.study import StudyResult
from landscape_core.tiles import TileResult, TileSpec
from landscape_core.training import TrainingResult, TrainingSpec
from landscape_core.typical import TypicalResult
from landscape_core.typical_spec import TypicalSpec

Result = StudyResult | TypicalResult | RaceResult | TrainingResult | TileResult
Stored = TypeVar("Stored", StudyResult, TypicalResult, RaceResult, TrainingResult, TileResult)


@dataclass(frozen=True)
class Kind:
    """A kind of result that can be stored: a dataclass of arrays with `spec`, `device` and `versions`.

    Attributes:
        result: The dataclass; its annotations say what every array is checked against.
        noun: What a reader calls it.
        spec: The inverse of its description's `to_json`.
        check: (description, arrays) → nothing; raises ValueError where they disagree.
    """

    result: type
    noun: str
    spec: Callable[[str], Any]
    check: Callable[[Any, dict[str, Any]], None]

    @property
    def types(self) -> dict[str, Any]:
        """The declared shape and kind of every array."""
        hints = get_type_hints(self.result)
        names = (field.name for field in fields(self.result))
        return {name: hints[name] for name in names if name not in {"spec", "device", "versions"}}


def _draws_fit(kind: type, draws: int, arrays: dict[str, Any]) -> None:
    # the arrays that may be missing are those that only a study with draws has
    sampled = [arrays[field] is not None for field, type_ in KINDS[kind].types.items() if _optional(type_)]
    if sampled != [draws > 0] * len(sampled):
        raise ValueError(f"sampled statistics: {sum(sampled)} of {len(sampled)}, although draws is {draws}")


def _study_fits(spec: StudySpec, arrays: dict[str, Any]) -> None:
    _draws_fit(StudyResult, spec.draws, arrays)
    sizes = tuple(len(arrays[field]) for field in ("axis", "positions", "inputs"))
    asked = spec.resolution, spec.line_points, spec.samples
    if sizes != asked:
        raise ValueError(f"{sizes} points of the plane's side, of a line and samples; the description has {asked}")


def _tile_fits(spec: TileSpec, arrays: dict[str, Any]) -> None:
    _draws_fit(TileResult, spec.base.draws, arrays)
    size, asked = arrays["full_loss"].shape, (spec.rows, spec.base.resolution)
    if size != asked:
        raise ValueError(f"{size} rows and points of a row; the description has {asked}")


def _typical_fits(spec: TypicalSpec, arrays: dict[str, Any]) -> None:
    sizes = arrays["usable"].shape[0], arrays["holds"].shape[0]
    asked = spec.seeds, len(claims.of(spec.domain))
    if sizes != asked:
        raise ValueError(f"{sizes} start points and claims; the description has {asked}")
    if not all(arrays[field].shape[-1] for field in ("minima", "own_minima")):
        raise ValueError("no draws")
    if not all(np.isin(arrays[field], (-1, 0, 1)).all() for field in ("holds", "own_holds")):
        raise ValueError("verdicts other than −1, 0 and 1")


def _race_fits(spec: RaceSpec, arrays: dict[str, Any]) -> None:
    sizes, asked = arrays["stops"].shape, (len(spec.angles), len(spec.methods), spec.races)
    if sizes != asked:
        raise ValueError(f"{sizes} lines, methods and races; the description has {asked}")
    if not np.isin(arrays["statuses"], range(len(STATUSES))).all():
        raise ValueError("unknown reasons to stop")
    if not np.isin(arrays["optima_line"], range(len(spec.angles))).all():
        raise ValueError("optima of unknown lines")


def _training_fits(spec: TrainingSpec, arrays: dict[str, Any]) -> None:
    sizes, asked = arrays["loss"].shape, (len(spec.runs), spec.evaluations + 1)
    if sizes != asked:
        raise ValueError(f"{sizes} runs and points of a run; the description has {asked}")


def _optional(type_: object) -> bool:
    return isinstance(None, cast(type, type_))


KINDS: dict[type, Kind] = {
    kind.result: kind
    for kind in (
        Kind(StudyResult, "a study", StudySpec.from_json, _study_fits),
        Kind(TypicalResult, "a comparison of start points", TypicalSpec.from_json, _typical_fits),
        Kind(RaceResult, "a race", RaceSpec.from_json, _race_fits),
        Kind(TrainingResult, "a training", TrainingSpec.from_json, _training_fits),
        Kind(TileResult, "a tile of a study", TileSpec.from_json, _tile_fits),
    )
}


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


@overload
def load(path: str | os.PathLike[str]) -> StudyResult: ...


@overload
def load(path: str | os.PathLike[str], kind: type[Stored]) -> Stored: ...


def load(path: str | os.PathLike[str], kind: Any = StudyResult) -> Any:
    """Read a result back, equal in every number.

    Args:
        path: Of the file.
        kind: What is expected in it.

    Raises:
        LandscapeError: The file is not a result of that kind.
        OSError: The file cannot be read.
    """
    return _read(Path(path).read_bytes(), str(path), kind)


def to_bytes(result: Result) -> bytes:
    """A result as the bytes of its `.npz` file."""
    buffer = io.BytesIO()
    _write(result, buffer)
    return buffer.getvalue()


@overload
def from_bytes(content: bytes) -> StudyResult: ...


@overload
def from_bytes(content: bytes, kind: type[Stored]) -> Stored: ...


def from_bytes(content: bytes, kind: Any = StudyResult) -> Any:
    """The inverse of `to_bytes`.

    Raises:
        LandscapeError: The bytes are not a result of that kind.
    """
    return _read(content, "the stored result", kind)


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


def _read(content: bytes, name: str, kind: type[Stored]) -> Stored:
    try:
        return kind(**_parse(content, KINDS[kind]))
    except Exception as problem:  # what zipfile, zlib, numpy and json raise for hostile content is not documented
        raise LandscapeError(f"{name} is not {KINDS[kind].noun} saved by Batchscape ({problem})") from problem


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
