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
SEEDS: Final = "seeds"
THROUGH_D1: Final = "through_d1"
THROUGH_D2: Final = "through_d2"
ANGLE: Final = "angle"
FIELD: Final = "field"
STEP: Final = "step"
ORACLE: Final = "oracle"
REFERENCE: Final = "reference"
BUDGET: Final = "budget"
RACE: Final = "race"
RACE_AT_STEP: Final = "race_step"
RACERS: Final = "racers"
STAGE: Final = "stage"
SCORE: Final = "score"
FROM_ABOVE: Final = "from-above"
FROM_BELOW: Final = "from-below"
FROM_FRONT: Final = "from-front"
ALONG_D1: Final = "along-d1"
CAMERAS: Final = "cameras"
CAMERA_DONE: Final = "camera-done"
MOMENTS_BOX: Final = "moments-box"
SOURCE_BOX: Final = "source-box"
DRAWS_BOX: Final = "draws-box"
LINE_BOX: Final = "line-box"
POINT_BOX: Final = "point-box"
EXPLORE_BOX: Final = "explore-box"
RACE_BOX: Final = "race-box"
STEP_BOX: Final = "step-box"
ACTIVATION_BOX: Final = "activation-box"
PLANE_BOX: Final = "plane-box"
SIZE_BOX: Final = "size-box"
SLOPE_BOX: Final = "slope-box"
SEEDS_BOX: Final = "seeds-box"
BOXES: Final = "boxes"
ADDRESS: Final = "address"
FIGURE: Final = "figure"
HEARD: Final = "heard"
COMPASS: Final = "compass"
COMPASS_DONE: Final = "compass-done"
LISTEN: Final = "listen"
CONTROLS: Final = "controls"
CONTROLS_TOGGLE: Final = "controls-toggle"
TOUR: Final = "tour"
TOUR_HEARD: Final = "tour-heard"
TOUR_SHOWN: Final = "tour-shown"
TOUR_START: Final = "tour-start"
LINK: Final = "link"
LINK_DONE: Final = "link-done"
PROFILE: Final = "profile"
PROFILE_TOGGLE: Final = "profile-toggle"
UNDO: Final = "undo"
REDO: Final = "redo"
SHARE: Final = "share"
KEYS: Final = "keys"
KEYS_OPEN: Final = "keys-open"
KEYS_LIST: Final = "keys-list"
SINGLE_KEYS: Final = "single-keys"
THEME: Final = "theme"
THEME_TOGGLE: Final = "theme-toggle"
FIRST: Final = "first"
PROVIDER: Final = "provider"

# what can be taken away
EXPORT: Final = "export"
GLOSSARY: Final = "glossary"
DIALOG: Final = "dialog"
DIALOG_TITLE: Final = "dialog-title"
DIALOG_SAID: Final = "dialog-said"
DIALOG_BODY: Final = "dialog-body"
TAKE_MENU: Final = "take-menu"
PRINTED: Final = "printed"

# buttons
DRAW_AGAIN: Final = "draw-again"
RESET: Final = "reset"
CANCEL: Final = "cancel"
RETRY: Final = "retry"
BATCH_PRESET: Final = "batch-preset-{}"
LINE_PRESET: Final = "line-preset-{}"

RACE_BAR: Final = "race-bar"
RACE_AGAIN: Final = "race-again"
RACE_BACK: Final = "race-back"
RACE_STEP: Final = "race-step"
RACE_PLAY: Final = "race-play"
RACE_END: Final = "race-end"
RACE_NEXT: Final = "race-next"
RACE_AT: Final = "race-at"
RACE_DONE: Final = "race-done"

# what the callbacks tell each other
REQUEST: Final = "request"
PENDING: Final = "pending"
GLIMPSED: Final = "glimpsed"
COMPUTED: Final = "computed"
ARRIVED: Final = "arrived"
ARRIVED_DONE: Final = "arrived-done"

# the oracle's line, in the browser
ORACLE_DATA: Final = "oracle-data"
ORACLE_KEY: Final = "oracle-key"
ORACLE_ASKED: Final = "oracle-asked"
ORACLE_PACE: Final = "oracle-pace"
ORACLE_PLAY: Final = "oracle-play"
ORACLE_BACK: Final = "oracle-back"
ORACLE_STEP: Final = "oracle-step"
ORACLE_RESTART: Final = "oracle-restart"
ORACLE_FINISH: Final = "oracle-finish"
ORACLE_SAID: Final = "oracle-said"
ORACLE_HEARD: Final = "oracle-heard"
ORACLE_BALLS: Final = "oracle-balls"
ORACLE_LISTED: Final = "oracle-listed"
ORACLE_COUNTS: Final = "oracle-counts"

# what the visitor is told
READOUT: Final = "readout"
HOVERED: Final = "hovered"
DRAGGED: Final = "dragged"
SAID: Final = "said"
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


def picker(view: str) -> str:
    """The links to the paper's figures and tables above a view."""
    return f"{view}-picker"
