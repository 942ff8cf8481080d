"""Ids of the components that callbacks, tests or several modules name; the others stand where the component is made."""

from __future__ import annotations

from typing import Final

# what the visitor asks for: one control for each field of a study, named after it
PROBLEM: Final = "problem"
DATASET: Final = "dataset"
HIDDEN: Final = "hidden"
LOSS: Final = "loss"
START_POINT: Final = "start_point"
TRAIN_STEPS: Final = "train_steps"
TRAIN_OPTIMISER: Final = "train_optimiser"
TRAIN_RATE: Final = "train_rate"
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
SAMPLING: Final = "sampling"

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
ARROWS: Final = "arrows"
STEP: Final = "step"
ORACLE: Final = "oracle"
REFERENCE: Final = "reference"
SCALES: Final = "scales"
BUDGET: Final = "budget"
RACE: Final = "race"
RACE_AT_STEP: Final = "race_step"
RACERS: Final = "racers"
STAGE: Final = "stage"
SCORE: Final = "score"
CAMERAS: Final = "cameras"
CAMERA_DONE: Final = "camera-done"
BOXES: Final = "boxes"
ADDRESS: Final = "address"
FIGURE: Final = "figure"
HEARD: Final = "heard"
INERT: Final = "inert"
COMPASS_DONE: Final = "compass-done"
LISTEN: Final = "listen"
CONTROLS: Final = "controls"
TOUR: Final = "tour"
TOUR_SHOWN: Final = "tour-shown"
MEASURED: Final = "measured"
INTRO_TOGGLE: Final = "intro-toggle"
INTRO_SHOWN: Final = "intro-shown"
LINK: Final = "link"
LINK_DONE: Final = "link-done"
PROFILE: Final = "profile"
PROFILE_TOGGLE: Final = "profile-toggle"
UNDO: Final = "undo"
REDO: Final = "redo"
SHARE: Final = "share"
KEYS: Final = "keys"
KEYS_DIALOG: Final = "keys-dialog"
KEYS_LIST: Final = "keys-list"
SINGLE_KEYS: Final = "single-keys"
THEME: Final = "theme"
THEME_TOGGLE: Final = "theme-toggle"
PROVIDER: Final = "provider"

# export
EXPORT: Final = "export"
GLOSSARY: Final = "glossary"
ABOUT: Final = "about"
DIALOG_TITLE: Final = "dialog-title"

# buttons
DRAW_AGAIN: Final = "draw-again"
PLAY: Final = "play"
RESET: Final = "reset"
CANCEL: Final = "cancel"
RETRY: Final = "retry"
OWN_DATA: Final = "own-data"
RESTORE: Final = "restore"
BATCH_PRESET: Final = "batch-preset-{}"
LINE_PRESET: Final = "line-preset-{}"

RACE_BAR: Final = "race-bar"
RACE_DONE: Final = "race-done"

# what the callbacks tell each other
REQUEST: Final = "request"
PENDING: Final = "pending"
AWAITING: Final = "awaiting"
COMPUTED: Final = "computed"
ARRIVED: Final = "arrived"
ARRIVED_DONE: Final = "arrived-done"

# the oracle's line, in the browser
ORACLE_DATA: Final = "oracle-data"
ORACLE_KEY: Final = "oracle-key"
ORACLE_ASKED: Final = "oracle-asked"
ORACLE_PACE: Final = "oracle-pace"

# what the visitor is told
READOUT: Final = "readout"
HOVERED: Final = "hovered"
DRAGGED: Final = "dragged"
MESSAGE: Final = "message"
NOTICE: Final = "notice"
BUSY: Final = "busy"
MAIN: Final = "main"
BUSY_BAR: Final = "busy-bar"
BUSY_TEXT: Final = "busy-text"
BATCH_LABEL: Final = "batch-label"
ANGLE_LABEL: Final = "angle-label"
LIVE_NOTE: Final = "live-note"


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


def intro_strip(view: str) -> str:
    """What is said above the pictures of a view."""
    return f"{view}-intro"


def intro(view: str, place: str) -> str:
    """Words above the pictures of a view."""
    return f"{view}-intro-{place}"


def picker(view: str) -> str:
    """The links to the paper's figures and tables above a view."""
    return f"{view}-picker"


def tables_asked(part: str) -> str:
    """Says that the browser needs sample tables."""
    return f"tables-{part}-asked"


def tables(part: str) -> str:
    """The sample tables that the browser has."""
    return f"tables-{part}"
