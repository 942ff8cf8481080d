"""Packing of figures for the browser: grids compress to two thirds.

`frontend/src/wire/grids.ts` unpacks them. The filters are those of picture and columnar formats. Neighbours are
alike, so each value is sent as its difference from the mean of those to its left and above: of the bits of all, as
integers, which loses nothing. A zigzag makes small differences of either sign small, and a shuffle puts all lowest
bytes first, then all second ones: the last are mostly zero.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Any

import numpy as np

from app.plotting.plotly.style import Figure

GRID = {"dtype", "bdata", "shape"}


def pack_grids(figure: Figure) -> Figure:
    """The same figure; a grid becomes {"packed": base64, "shape": [rows, columns], "spare": how many lowest bits are 0}."""
    return {**figure, "data": [{name: _pack_grid(value) for name, value in trace.items()} for trace in figure["data"]]}


def _pack_grid(value: Any) -> Any:  # noqa: ANN401  anything that a trace holds
    if not (isinstance(value, dict) and set(value) == GRID and value["dtype"] == "f4"):
        return value
    bits = np.frombuffer(b64decode(value["bdata"]), dtype="<i4")
    used = int(np.bitwise_or.reduce(bits))
    spare = (used & -used).bit_length() - 1 if used else 0
    shape = [int(size) for size in value["shape"].split(",")]
    whole = bits.astype(np.int64).reshape(shape) >> spare
    expected = np.zeros_like(whole)
    expected[0, 1:] = whole[0, :-1]
    expected[1:, 0] = whole[:-1, 0]
    expected[1:, 1:] = (whole[1:, :-1] + whole[:-1, 1:]) // 2
    step = (whole - expected).astype(np.int32)  # of 32 bits: what leaves on one side comes back on the other
    zigzag = (step << 1) ^ (step >> 31)
    shuffled = zigzag.astype("<i4").reshape(-1, 1).view(np.uint8).T
    return {"packed": b64encode(shuffled.tobytes()).decode("ascii"), "shape": shape, "spare": spare}
