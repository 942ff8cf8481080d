"""Results compared bit for bit, and files of results to be tampered with."""

import io

import numpy as np
import pytest

from landscape_core import LandscapeError
from landscape_core.storage import KINDS, from_bytes, to_bytes


def assert_identical(one, other):
    """Equal in every bit, NaN and the signs of zeros included."""
    assert (one.spec, one.device, one.versions) == (other.spec, other.device, other.versions)
    for name in KINDS[type(one)].types:
        first, second = getattr(one, name), getattr(other, name)
        if first is None or second is None:
            assert first is second, name
        else:
            assert (first.dtype, first.shape, first.tobytes()) == (second.dtype, second.shape, second.tobytes()), name


def unpack(result):
    """What a file of a result holds."""
    with np.load(io.BytesIO(to_bytes(result))) as stored:
        return dict(stored)


def pack(arrays, **options):
    """The bytes of a file that holds these arrays."""
    buffer = io.BytesIO()
    np.savez(buffer, **options, **arrays)
    return buffer.getvalue()


def refusal(content, kind):
    """Why bytes are not a result of a kind."""
    with pytest.raises(LandscapeError) as caught:
        from_bytes(content, kind)
    assert type(caught.value) is LandscapeError
    before = f"the stored result is not {KINDS[kind].noun} saved by Batchscape ("
    text = str(caught.value)
    assert text.startswith(before)
    assert text.endswith(")")
    return text.removeprefix(before)[:-1]
