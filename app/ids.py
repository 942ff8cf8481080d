"""Names of the page's components; every callback and test takes them from here."""

from __future__ import annotations

from typing import Final

# what the visitor asks for: one control for each field of a study, named after it
ACTIVATION: Final = "activation"
DOMAIN: Final = "domain"
RANGE: Final = "range"
BATCH_SIZE: Final = "batch_size"
SLOPE_ANGLE: Final = "slope_angle"
RESOLUTION: Final = "resolution"
LINE_POINTS: Final = "line_points"
SEED: Final = "seed"
BATCH_SEED: Final = "batch_seed"
SCALING: Final = "scaling"
OUTPUT_ACTIVATION: Final = "output_activation"
DRAWS: Final = "draws"

# how the visitor looks at it
VIEW: Final = "view"
SOURCE: Final = "source"
LINE: Final = "line"
AT_D1: Final = "at_d1"
AT_D2: Final = "at_d2"
MOMENTS: Final = "moments"
FROM_ABOVE: Final = "from-above"
FROM_BELOW: Final = "from-below"
CAMERA_DONE: Final = "camera-done"
MOMENTS_BOX: Final = "moments-box"
SOURCE_BOX: Final = "source-box"
DRAWS_BOX: Final = "draws-box"
LINE_BOX: Final = "line-box"
POINT_BOX: Final = "point-box"
BOXES: Final = "boxes"
ADDRESS: Final = "address"
FIGURE: Final = "figure"
FIGURE_PICKER: Final = "figure-picker"
FIGURE_STRIP: Final = "figure-strip"
THEME: Final = "theme"
THEME_TOGGLE: Final = "theme-toggle"
PROVIDER: Final = "provider"

# buttons
DRAW_AGAIN: Final = "draw-again"
RESET: Final = "reset"
CANCEL: Final = "cancel"
RETRY: Final = "retry"
BATCH_PRESET: Final = "batch-preset-{}"

# what the callbacks tell each other
REQUEST: Final = "request"
PENDING: Final = "pending"
COMPUTED: Final = "computed"
ARRIVED: Final = "arrived"
ARRIVED_DONE: Final = "arrived-done"

# what the visitor is told
MESSAGE: Final = "message"
NOTICE: Final = "notice"
BUSY: Final = "busy"
MAIN: Final = "main"
BUSY_BAR: Final = "busy-bar"
BUSY_TEXT: Final = "busy-text"
BATCH_LABEL: Final = "batch-label"
ANGLE_LABEL: Final = "angle-label"


def panel(view: str, name: str) -> str:
    """The graph of a panel of a view."""
    return f"{view}-{name}"


def panel_title(view: str, name: str) -> str:
    """The heading of a panel."""
    return f"{view}-{name}-title"


def panel_note(view: str, name: str) -> str:
    """The sentence under the heading of a panel."""
    return f"{view}-{name}-note"


def panel_sentence(view: str, name: str) -> str:
    """The sentence that stands for a panel's picture."""
    return f"{view}-{name}-sentence"


def view_box(view: str) -> str:
    """The box around a whole view."""
    return f"view-{view}"
