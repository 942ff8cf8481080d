"""Boxes of controls, and who sees which."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.page import ids
from app.views import VIEWS

BOX_FIELDS: dict[str, tuple[str, ...]] = {
    "activation-box": (ids.ACTIVATION,),
    "plane-box": (ids.DOMAIN,),
    "size-box": (ids.RANGE,),
    "resolution-box": (ids.RESOLUTION,),
    "source-box": (ids.SOURCE,),
    "moments-box": (ids.MOMENTS,),
    "draws-box": (ids.DRAWS,),
    "scales-box": (ids.SCALES,),
    "sampling-box": (ids.SAMPLING,),
    "line-box": (ids.LINE,),
    "explore-box": (ids.FIELD, ids.ARROWS, ids.THROUGH_D1, ids.THROUGH_D2, ids.ANGLE),
    "point-box": (ids.AT_D1, ids.AT_D2),
    "step-box": (ids.STEP, ids.ORACLE, ids.REFERENCE),
    "race-box": (ids.BUDGET, ids.RACE, ids.RACE_AT_STEP, ids.RACERS),
    ids.RACE_BAR: (ids.STAGE, ids.SCORE),
    ids.CAMERAS: (),
    "play-box": (ids.PLAY,),
    "slope-box": (ids.SLOPE_ANGLE,),
    "seeds-box": (ids.SEEDS,),
}
"""Boxes of controls that only some views show, and their fields, or what else may do nothing; `View.controls` names them
without -box."""

COMMON_FIELDS: dict[str, tuple[str, ...]] = {
    "batch-box": (ids.BATCH_SIZE,),
    "draw-box": (ids.BATCH_SEED,),
    "seed-box": (ids.SEED,),
    "seed-note-box": (ids.SEED,),
    "batch-seed-box": (ids.BATCH_SEED,),
    "points-box": (ids.LINE_POINTS,),
    "conventions-box": (ids.SCALING, ids.OUTPUT_ACTIVATION),
}
"""Boxes that every view shows in which their fields change anything."""

PROBLEM_FIELDS: dict[str, tuple[str, ...]] = {
    "problem-box": (ids.PROBLEM,),
    "data-box": (ids.DATASET,),
    "layers-box": (ids.HIDDEN,),
    "loss-box": (ids.LOSS,),
    "start-box": (ids.START_POINT,),
    "training-box": (ids.TRAIN_STEPS, ids.TRAIN_OPTIMISER, ids.TRAIN_RATE),
}
"""Boxes that views show whose `View.controls` names the problem, and their fields."""

BOXES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    **{
        box: (tuple(view.name for view in VIEWS.values() if "problem" in view.controls), fields)
        for box, fields in PROBLEM_FIELDS.items()
    },
    **{
        box: (tuple(view.name for view in VIEWS.values() if box.removesuffix("-box") in view.controls), fields)
        for box, fields in BOX_FIELDS.items()
    },
    **{box: (tuple(VIEWS), fields) for box, fields in COMMON_FIELDS.items()},
}
"""Views and fields of each box."""


def list_hidden_fields(view: object, look: Mapping[str, Any] | None = None) -> frozenset[str]:
    """List the fields whose controls a view hides, whatever is looked at in it or with a certain look, of any values.

    Raises:
        SpecError: A figure or panel is named that there is not.
    """
    hidden = frozenset(name for views, names in BOXES.values() if view not in views for name in names)
    return hidden | (VIEWS[str(view)].inert(look) if look and str(view) in VIEWS else frozenset())


def list_views_of(name: str) -> list[str]:
    """List the views that show a control or a box."""
    return [view for view in VIEWS if name not in list_hidden_fields(view) and view in BOXES.get(name, (VIEWS,))[0]]
