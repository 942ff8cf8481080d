"""Where a plane is flat: the largest connected patch on which the slope is next to nothing.

For ReLU it is where the hidden units are off (Fig. 17): no sample has a gradient there, so that the slope is exactly 0
whatever the mini-batch. For leaky ReLU the slope is small there, but not 0.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray
from scipy import ndimage

LEVEL = 0.01
"""Next to nothing: this share of the largest slope on the plane, which is also leaky ReLU's slope when it is off."""


def flat_patch(slope: Float[ndarray, "S T"]) -> Bool[ndarray, "S T"]:
    """The largest connected set of points whose |slope| is at most `LEVEL` of the largest finite one.

    >>> flat_patch(np.array([[0.0, 0.0, 9.0], [0.001, 5.0, 0.0]])).tolist()
    [[True, True, False], [True, False, False]]
    """
    steepness = np.abs(slope)
    finite = np.isfinite(steepness)
    level = LEVEL * steepness.max(where=finite, initial=0.0)
    patches, count = ndimage.label(finite & (steepness <= level))
    if not count:
        return np.zeros(slope.shape, dtype=bool)
    sizes = np.bincount(patches.ravel())
    sizes[0] = 0
    return np.asarray(patches == sizes.argmax())


def bounding_box(patch: Bool[ndarray, "S T"]) -> tuple[slice, slice]:
    """The rows and columns that hold a patch; of one without points, everything.

    >>> bounding_box(np.array([[False, True, True], [False, False, True]]))
    (slice(0, 2, None), slice(1, 3, None))
    """
    box = ndimage.find_objects(patch.astype(int))
    return box[0] if box else (slice(0, patch.shape[0]), slice(0, patch.shape[1]))
